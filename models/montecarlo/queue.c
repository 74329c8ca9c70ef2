/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/queue.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/queue_block.h"
#include "models/montecarlo/queue_engines.h"

enum { ALIGNED = 64, CEILING_REPLICATIONS = 32 };

static const char *const engine_names[QUEUE_ENGINE_N] = {
    [QUEUE_AUTO] = "auto", [QUEUE_SORTED] = "sorted", [QUEUE_RING] = "ring",
    [QUEUE_AVX2] = "avx2", [QUEUE_AVX512] = "avx512",
};

const char *queue_engine_name(enum queue_engine engine) { return engine_names[engine]; }

bool queue_engine_here(enum queue_engine engine)
{
#ifdef __x86_64__
    if (engine == QUEUE_AVX2) return __builtin_cpu_supports("avx2");
    if (engine == QUEUE_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl");
#endif
    return engine != QUEUE_AVX2 && engine != QUEUE_AVX512;
}

enum queue_engine queue_engine_for(enum queue_engine engine, uint32_t servers)
{
    if (engine != QUEUE_AUTO) return engine;
    if (queue_engine_here(QUEUE_AVX512)) return QUEUE_AVX512;
    if (queue_engine_here(QUEUE_AVX2)) return QUEUE_AVX2;
    return servers <= 8 ? QUEUE_SORTED : QUEUE_RING;
}

/* What a thread runs replications with. */
struct workspace {
    enum queue_engine engine;
    struct queue_store store; /* of the models that run one job after another */
    uint32_t *words;          /* of vectors */
};

static void workspace_free(struct workspace *w)
{
    free(w->store.sorted);
    free(w->store.ring);
    free(w->words);
}

static bool workspace_init(struct workspace *w, enum queue_engine engine,
                           const struct queue_model *m)
{
    *w = (struct workspace){ .engine = engine, .store.stride = 1 };
    if (engine == QUEUE_SORTED) {
        w->store.sorted = malloc(m->servers * sizeof *w->store.sorted);
        return w->store.sorted;
    }
    if (engine == QUEUE_RING) {
        uint32_t n = 1;
        while (n < m->running_max) n *= 2;
        w->store.mask = n - 1;
        w->store.ring = malloc(n * sizeof *w->store.ring);
        return w->store.ring;
    }
    size_t bytes = queue_block_words(m->servers) * sizeof *w->words;
    w->words = aligned_alloc(ALIGNED, (bytes + ALIGNED - 1) / ALIGNED * ALIGNED);
    return w->words;
}

static void run_one(const struct queue_model *m, const struct workspace *w, uint32_t replication,
                    uint64_t *histogram, struct queue_result *out)
{
#ifdef __x86_64__
    if (w->engine == QUEUE_AVX512)
        queue_replication_avx512(m, replication, w->words, histogram, out);
    else if (w->engine == QUEUE_AVX2)
        queue_replication_avx2(m, replication, w->words, histogram, out);
    else
#endif
        queue_replication(m, replication, &w->store, histogram, out);
    histogram[0] += out->jobs - out->waited;
}

enum status queue_is_beyond(uint32_t replication, struct error *err)
{
    return error_set(err, STATUS_BAD_INPUT,
                     "replication %u goes on for more than 2^32 ticks: the queue grows without "
                     "end, or the load is far from what it should be",
                     replication);
}

enum status queue_run(const struct queue_model *m, enum queue_engine engine, uint32_t first,
                      uint32_t n, struct queue_result *results, uint64_t *histogram,
                      struct error *err)
{
    uint64_t counts[LOG_BUCKET_N] = { 0 };
    struct workspace w;
    enum status status = STATUS_OK;
    engine = queue_engine_for(engine, m->servers);
    if (!queue_engine_here(engine))
        return error_set(err, STATUS_BAD_INPUT, "this processor has no %s",
                         queue_engine_name(engine));
    if (!workspace_init(&w, engine, m))
        return error_set(err, STATUS_NO_MEMORY, "no memory for a queue of %u servers", m->servers);
    for (uint32_t i = 0; i < n && status == STATUS_OK; i++) {
        run_one(m, &w, first + i, counts, &results[i]);
        if (results[i].beyond) status = queue_is_beyond(first + i, err);
    }
    workspace_free(&w);
    if (status == STATUS_OK && histogram)
        for (uint32_t i = 0; i < LOG_BUCKET_N; i++) histogram[i] += counts[i];
    return status;
}

enum status queue_run_threads(const struct queue_model *m, enum queue_engine engine, uint32_t first,
                              uint32_t n, int threads, struct queue_result *results,
                              enum queue_counting counting, uint64_t *histogram, struct error *err)
{
    /* So long that merging counts is nothing beside it. */
    const bool each = counting == QUEUE_EACH && histogram;
    const uint32_t range = each ? 1 : 1 + (UINT32_C(1) << 16) / m->jobs;
    enum status status = STATUS_OK;
    int64_t failed = INT64_MAX; /* the first range that did, whichever ends first */
    if (threads <= 0) threads = omp_get_max_threads();
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t at = 0; at < (int64_t)n; at += range) {
        uint64_t counts[LOG_BUCKET_N] = { 0 };
        struct error own = { STATUS_OK, "" };
        uint32_t left = n - (uint32_t)at;
        enum status s = queue_run(m, engine, first + (uint32_t)at, left < range ? left : range,
                                  results + at, counts, &own);
#pragma omp critical(queue_run_threads)
        {
            if (s != STATUS_OK && at < failed) {
                failed = at;
                status = error_set(err, s, "%s", own.message);
            }
            for (uint32_t i = 0; histogram && !each && i < LOG_BUCKET_N; i++)
                histogram[i] += counts[i];
        }
        if (each) memcpy(histogram + (size_t)at * LOG_BUCKET_N, counts, sizeof counts);
    }
    return status;
}

bool queue_trace(const struct queue_model *m, uint32_t replication, struct queue_path *path)
{
    struct queue_ring ring = { 0, 0, m->servers, 0 };
    struct queue_source source;
    struct workspace w;
    bool good = workspace_init(&w, QUEUE_RING, m);
    queue_source_init(m, replication, &source);
    for (uint32_t j = 0; good && j < m->jobs; j++) {
        struct queue_job job = queue_source_next(m, &source, j, &path->arrival[j]);
        path->servers[j] = job.servers;
        path->run[j] = job.run;
        path->start[j] = path->arrival[j];
        good = !source.clock.wrapped;
        if (job.servers)
            good &= queue_start_ring(w.store.ring, w.store.mask, 1, &ring, path->arrival[j],
                                     job.servers, job.run, &path->start[j]) >= path->start[j];
    }
    workspace_free(&w);
    return good;
}

enum status queue_ceiling_of(const struct queue_laws *laws, uint32_t servers, uint32_t jobs,
                             uint64_t seed, struct queue_ceiling *out, struct error *err)
{
    struct queue_result results[CEILING_REPLICATIONS];
    struct queue_options options;
    struct queue_plan plan;
    double sum = 0, squares = 0;
    queue_options_init(&options, servers);
    options.jobs = jobs;
    options.warm_up = jobs / 10;
    options.seed = seed;
    options.backlog = true;
    enum status status = queue_plan_make(&plan, laws, &options, err);
    if (status == STATUS_OK)
        status = queue_run(&plan.model, QUEUE_AUTO, 0, CEILING_REPLICATIONS, results, NULL, err);
    if (status) return status;
    for (int i = 0; i < CEILING_REPLICATIONS; i++) {
        double span = (double)(results[i].last_start - results[i].first_start) * servers;
        double x = span > 0 ? fmin((double)results[i].busy / span, 1) : 0;
        sum += x;
        squares += x * x;
    }
    out->utilisation = sum / CEILING_REPLICATIONS;
    out->error =
        sqrt(fmax(squares / CEILING_REPLICATIONS - out->utilisation * out->utilisation, 0) /
             (CEILING_REPLICATIONS - 1));
    return STATUS_OK;
}
