/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All ways of computing the gang queue give the same bytes: sorted vector, ring, both widths of
 * vectors, any number of threads and any cut into ranges; and what they count is what a count over
 * the jobs of the path gives.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/gang_queues.h"
#include "tests/support.h"

enum { REPLICATIONS = 9 };

struct outcome {
    struct queue_result results[REPLICATIONS];
    uint64_t histogram[LOG_BUCKET_N];
};

static void run(const struct queue_plan *plan, enum queue_engine engine, struct outcome *out)
{
    struct error err;
    memset(out, 0, sizeof *out);
    if (queue_run(&plan->model, engine, 0, REPLICATIONS, out->results, out->histogram, &err))
        fail_msg("%s: %s", queue_engine_name(engine), err.message);
}

/* Counts over the jobs of a replication, one at a time. */
static void count(const struct queue_model *m, const struct queue_path *path,
                  struct queue_result *r, uint64_t *histogram)
{
    memset(r, 0, sizeof *r);
    for (uint32_t j = 0; j < m->jobs; j++) {
        uint32_t wait = path->start[j] - path->arrival[j], end = path->start[j] + path->run[j];
        if (path->servers[j] && end > r->end) r->end = end;
        if (j < m->warm_up) continue;
        if (path->servers[j] == 0) {
            r->rejected++;
            continue;
        }
        if (r->jobs++ == 0) {
            r->first_arrival = path->arrival[j];
            r->first_start = path->start[j];
        }
        r->last_arrival = path->arrival[j];
        r->last_start = path->start[j];
        r->wait_sum += wait;
        r->run_sum += path->run[j];
        r->busy += (uint64_t)path->run[j] * path->servers[j];
        r->waited += wait > 0;
        r->late += wait > m->late_after;
        if (wait > r->wait_max) r->wait_max = wait;
        histogram[log_bucket_of(wait)]++;
    }
}

static void all_engines_count_what_the_path_says(void **state)
{
    static struct outcome path_says, engine_says;
    static struct queue_laws laws;
    static struct queue_plan plan;
    uint64_t late = 0, rejected = 0;
    (void)state;
    for (int i = 0; i < GANG_QUEUE_N; i++) {
        const struct gang_queue *q = &gang_queues[i];
        struct queue_path path;
        gang_queue_plan(q, 77, &laws, &plan);
        gang_path_init(&path, GANG_QUEUE_JOBS);
        memset(&path_says, 0, sizeof path_says);
        for (uint32_t r = 0; r < REPLICATIONS; r++) {
            assert_true(queue_trace(&plan.model, r, &path));
            count(&plan.model, &path, &path_says.results[r], path_says.histogram);
            late += path_says.results[r].late;
            rejected += path_says.results[r].rejected;
        }
        for (enum queue_engine e = QUEUE_AUTO; e < QUEUE_ENGINE_N; e++) {
            if (!queue_engine_here(e)) continue;
            run(&plan, e, &engine_says);
            for (uint32_t r = 0; r < REPLICATIONS; r++)
                if (memcmp(&path_says.results[r], &engine_says.results[r],
                           sizeof *path_says.results) != 0)
                    fail_msg("%s by %s: replication %u waits %llu, not %llu", q->name,
                             queue_engine_name(e), r,
                             (unsigned long long)engine_says.results[r].wait_sum,
                             (unsigned long long)path_says.results[r].wait_sum);
            assert_memory_equal(path_says.histogram, engine_says.histogram,
                                sizeof path_says.histogram);
        }
        gang_path_free(&path);
        queue_laws_free(&laws);
    }
    assert_true(late > 1000 && rejected > 1000);
}

static uint64_t hash_of(const void *bytes, size_t n)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Tables and outputs to the byte, on any machine of little-endian words, by any compiler and at any
 * level of optimisation. A change of the model changes them, and says so. */
static void bytes_are_the_same_everywhere(void **state)
{
    static const struct {
        int queue;
        uint64_t laws, outcome;
    } golden[] = {
        { 3, UINT64_C(0xc2add3f29580165f), UINT64_C(0x9525aeeb9532f656) },
        { 10, UINT64_C(0xb5ccf37d9c15660d), UINT64_C(0xe9a472c3a1427223) },
    };
    static struct outcome whole;
    static struct queue_laws laws;
    static struct queue_plan plan;
    (void)state;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        gang_queue_plan(&gang_queues[golden[i].queue], 1, &laws, &plan);
        run(&plan, QUEUE_RING, &whole);
        uint64_t of_laws = queue_laws_hash(&laws), of_outcome = hash_of(&whole, sizeof whole);
        if (of_laws != golden[i].laws || of_outcome != golden[i].outcome)
            fail_msg("queue %d: laws %#llx, outcome %#llx", golden[i].queue,
                     (unsigned long long)of_laws, (unsigned long long)of_outcome);
        queue_laws_free(&laws);
    }
}

static void threads_and_ranges_do_not_matter(void **state)
{
    static struct outcome whole, other;
    static struct queue_laws laws;
    static struct queue_plan plan;
    struct error err;
    (void)state;
    gang_queue_plan(&gang_queues[10], 5, &laws, &plan);
    run(&plan, QUEUE_AUTO, &whole);
    for (int threads = 0; threads <= 8; threads += threads ? threads : 1) {
        memset(&other, 0, sizeof other);
        assert_int_equal(queue_run_threads(&plan.model, QUEUE_AUTO, 0, REPLICATIONS, threads,
                                           other.results, QUEUE_TOGETHER, other.histogram, &err),
                         STATUS_OK);
        assert_memory_equal(&whole, &other, sizeof whole);
    }
    /* Each for itself, they add up to the same; and the last is what it is alone. */
    static uint64_t own[REPLICATIONS][LOG_BUCKET_N], alone[LOG_BUCKET_N];
    for (int threads = 1; threads <= 4; threads++) {
        struct queue_result last;
        memset(own, 0xa5, sizeof own);
        assert_int_equal(queue_run_threads(&plan.model, QUEUE_AUTO, 0, REPLICATIONS, threads,
                                           other.results, QUEUE_EACH, own[0], &err),
                         STATUS_OK);
        assert_memory_equal(whole.results, other.results, sizeof whole.results);
        for (int b = 0; b < LOG_BUCKET_N; b++) {
            uint64_t sum = 0;
            for (int r = 0; r < REPLICATIONS; r++) sum += own[r][b];
            assert_int_equal(sum, whole.histogram[b]);
        }
        memset(alone, 0, sizeof alone);
        assert_int_equal(
            queue_run(&plan.model, QUEUE_RING, REPLICATIONS - 1, 1, &last, alone, &err), STATUS_OK);
        assert_memory_equal(own[REPLICATIONS - 1], alone, sizeof alone);
    }
    /* 5 .. 8, then 0 .. 4, the counts of both together. */
    memset(&other, 0, sizeof other);
    assert_int_equal(queue_run(&plan.model, QUEUE_RING, 5, REPLICATIONS - 5, other.results + 5,
                               other.histogram, &err),
                     STATUS_OK);
    assert_int_equal(queue_run(&plan.model, QUEUE_SORTED, 0, 5, other.results, other.histogram,
                               &err),
                     STATUS_OK);
    assert_memory_equal(&whole, &other, sizeof whole);
    queue_laws_free(&laws);
}

/* Jobs are the seed's and the replication's, whatever serves them. */
static void fleets_see_the_same_jobs(void **state)
{
    static struct queue_laws laws;
    static struct queue_plan plan, fast, large, next;
    struct queue_path a, b;
    struct queue_options options;
    struct error err;
    uint32_t jobs = GANG_QUEUE_JOBS, same = 0;
    (void)state;
    gang_queue_plan(&gang_queues[6], 5, &laws, &plan);
    gang_path_init(&a, jobs);
    gang_path_init(&b, jobs);
    assert_true(queue_trace(&plan.model, 3, &a));
    queue_options_init(&options, 5000);
    options.jobs = jobs;
    options.seed = 5;
    assert_int_equal(queue_plan_make(&large, &laws, &options, &err), STATUS_OK);
    assert_int_equal(large.tick_us, plan.tick_us);
    assert_true(queue_trace(&large.model, 3, &b));
    for (uint32_t j = 0; j < jobs; j++)
        assert_true(a.arrival[j] == b.arrival[j] && a.run[j] == b.run[j] &&
                    a.servers[j] == b.servers[j]);
    /* Twice as fast: half of each run, to a tick. */
    options.speed = 2;
    assert_int_equal(queue_plan_make(&fast, &laws, &options, &err), STATUS_OK);
    assert_int_equal(fast.tick_us, plan.tick_us);
    assert_true(queue_trace(&fast.model, 3, &b));
    for (uint32_t j = 0; j < jobs; j++) {
        assert_int_equal(a.arrival[j], b.arrival[j]);
        assert_true(llabs((int64_t)a.run[j] - 2 * (int64_t)b.run[j]) <= 2);
    }
    options.seed = 6;
    assert_int_equal(queue_plan_make(&next, &laws, &options, &err), STATUS_OK);
    assert_true(queue_trace(&next.model, 3, &b));
    for (uint32_t j = 0; j < jobs; j++) same += a.arrival[j] == b.arrival[j];
    assert_true(same < 3);
    gang_path_free(&a);
    gang_path_free(&b);
    queue_laws_free(&laws);
}

/* Mirrored: what is a long run in one is a short one in the other, and pairs stand for
 * replications of half the number. */
static void pairs_are_mirrored(void **state)
{
    static struct queue_laws laws;
    static struct queue_plan plan;
    struct queue_path even, odd;
    uint32_t jobs = GANG_QUEUE_JOBS;
    double even_mean = 0, odd_mean = 0, product = 0;
    (void)state;
    gang_queue_plan(&gang_queues[1], 5, &laws, &plan);
    gang_path_init(&even, jobs);
    gang_path_init(&odd, jobs);
    assert_true(queue_trace(&plan.model, 4, &odd));
    plan.model.antithetic = 1;
    assert_true(queue_trace(&plan.model, 8, &even));
    assert_memory_equal(even.run, odd.run, jobs * sizeof *odd.run);
    assert_memory_equal(even.start, odd.start, jobs * sizeof *odd.start);
    assert_true(queue_trace(&plan.model, 9, &odd));
    for (uint32_t j = 0; j < jobs; j++) {
        even_mean += (double)even.run[j] / jobs;
        odd_mean += (double)odd.run[j] / jobs;
        product += (double)even.run[j] * odd.run[j] / jobs;
    }
    /* Of -log u and -log (1 - u): correlation 1 - pi^2 / 6. */
    double correlation = product / (even_mean * odd_mean) - 1;
    assert_true(correlation > -0.70 && correlation < -0.59);
    gang_path_free(&even);
    gang_path_free(&odd);
    queue_laws_free(&laws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_engines_count_what_the_path_says),
        cmocka_unit_test(bytes_are_the_same_everywhere),
        cmocka_unit_test(threads_and_ranges_do_not_matter),
        cmocka_unit_test(fleets_see_the_same_jobs),
        cmocka_unit_test(pairs_are_mirrored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
