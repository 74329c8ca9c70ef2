/* SPDX-License-Identifier: Apache-2.0 */
#include "models/workload/synth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/synth_preset.h"
#include "sim/random.h"

/* Second 0 of a synthetic trace: Monday 2026-01-05 00:00 UTC, so that hours of the week mean what
 * they say. */
#define SYNTH_T0_UNIX_US (INT64_C(1767571200) * US_PER_S)

const double synth_quantile_p[SYNTH_QUANTILE_N] = { 0.01, 0.05, 0.10, 0.25, 0.50,
                                                    0.75, 0.90, 0.95, 0.99, 0.999 };

void synth_options_init(struct synth_options *options)
{
    *options = (struct synth_options){ .preset = synth_preset_at(0), .jobs = 10000, .days = 7 };
}

int32_t synth_tenant_count(const struct synth_preset *preset) { return preset->tenant_n; }

const char *synth_tenant_name(int32_t i, char text[SYNTH_TENANT_SIZE])
{
    snprintf(text, SYNTH_TENANT_SIZE, "tenant-%02d", i + 1);
    return text;
}

enum synth_class synth_class_of(int32_t gpu_milli)
{
    static const struct {
        int32_t most;
        enum synth_class class_;
    } classes[] = {
        { 0, CLASS_CPU },    { 999, CLASS_FRACTION }, { 1999, CLASS_1 },     { 3999, CLASS_2_3 },
        { 7999, CLASS_4_7 }, { 8000, CLASS_8 },       { 16999, CLASS_9_16 }, { 64999, CLASS_17_64 },
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (gpu_milli <= classes[i].most) return classes[i].class_;
    return CLASS_OVER_64;
}

double synth_quantile(const double table[SYNTH_QUANTILE_N], double u, bool log)
{
    int k = 0;
    if (u <= synth_quantile_p[0]) return table[0];
    if (u >= synth_quantile_p[SYNTH_QUANTILE_N - 1]) return table[SYNTH_QUANTILE_N - 1];
    while (u > synth_quantile_p[k + 1]) k++;
    double share = (u - synth_quantile_p[k]) / (synth_quantile_p[k + 1] - synth_quantile_p[k]);
    if (!log || table[k] <= 0 || table[k] == table[k + 1])
        return table[k] + share * (table[k + 1] - table[k]);
    double low = random_log(table[k]);
    return random_exp(low + share * (random_log(table[k + 1]) - low));
}

struct batch {
    int64_t start_s;
    int64_t size;
    uint64_t number; /* in order of drawing: its name for every other draw */
    double keep;     /* batches of the smallest draws are kept until there are enough jobs */
};

struct batches {
    struct batch *at;
    size_t n, capacity;
    int64_t jobs;
};

/* Draws of a batch, by number. */
enum { DRAW_SIZE, DRAW_START, DRAW_KEEP, DRAW_GPUS, DRAW_TENANT, DRAW_DURATION };
/* Draws of a job inside a batch: entity is batch number x 2^20 + place. */
enum { DRAW_GAP, DRAW_NOISE, DRAW_CPU, DRAW_MEMORY };

static int64_t batch_size(const struct synth_preset *p, double u)
{
    double below = 0;
    for (int size = 1; size < SYNTH_SIZE_N; size++) {
        below += p->size_share[size - 1];
        if (u <= below) return size;
    }
    /* The tail: a Pareto distribution cut off at the largest batch seen, by inversion. */
    double tail = 1 - below, v = tail > 0 ? (u - below) / tail : 0;
    if (p->size_most <= SYNTH_SIZE_N) return SYNTH_SIZE_N;
    double cut = random_exp(p->tail_alpha * random_log(SYNTH_SIZE_N / p->size_most));
    return (int64_t)(SYNTH_SIZE_N * random_exp(-random_log(1 - v * (1 - cut)) / p->tail_alpha));
}

/* The mean size, by the same inversion at 4,096 equally likely points. */
static double mean_size(const struct synth_preset *p)
{
    double sum = 0;
    for (int i = 0; i < 4096; i++) sum += (double)batch_size(p, (i + 0.5) / 4096);
    return sum / 4096;
}

static bool batch_push(struct batches *b, struct batch batch)
{
    if (b->n == b->capacity) {
        size_t capacity = b->capacity ? 2 * b->capacity : 1024;
        struct batch *grown = realloc(b->at, capacity * sizeof *grown);
        if (!grown) return false;
        b->at = grown;
        b->capacity = capacity;
    }
    b->at[b->n++] = batch;
    b->jobs += batch.size;
    return true;
}

/* Every hour its number of batches, at `surplus` times the rate that should give the jobs asked
 * for. */
static bool draw_batches(const struct synth_options *o, struct random_key key, double surplus,
                         struct batches *b)
{
    const struct synth_preset *p = o->preset;
    int64_t end_s = (int64_t)(o->days * 86400), hours = (end_s + 3599) / 3600;
    double weight = 0;
    b->n = 0;
    b->jobs = 0;
    for (int64_t h = 0; h < hours; h++) weight += p->week[h % SYNTH_WEEK_HOURS];
    double rate = surplus * (double)o->jobs / mean_size(p) / weight;
    for (int64_t h = 0; h < hours; h++) {
        double mean = random_gamma(key, RANDOM_SYNTH_RATE, (uint64_t)h, 0, p->rate_k,
                                   rate * p->week[h % SYNTH_WEEK_HOURS]);
        int64_t n = random_poisson(key, RANDOM_SYNTH_RATE, (uint64_t)h, UINT64_C(1) << 20, mean);
        for (int64_t i = 0; i < n; i++) {
            uint64_t number = (uint64_t)h << 20 | (uint64_t)i;
            int64_t start_s =
                3600 * h + (int64_t)random_below(key, RANDOM_SYNTH_BATCH, number, DRAW_START, 3600);
            if (start_s >= end_s) continue;
            struct batch batch = {
                start_s, batch_size(p, random_unit(key, RANDOM_SYNTH_BATCH, number, DRAW_SIZE)),
                number, random_unit(key, RANDOM_SYNTH_BATCH, number, DRAW_KEEP)
            };
            if (!batch_push(b, batch)) return false;
        }
    }
    return true;
}

static int compare_keep(const void *a, const void *b)
{
    const struct batch *x = a, *y = b;
    if (x->keep != y->keep) return x->keep < y->keep ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int compare_start(const void *a, const void *b)
{
    const struct batch *x = a, *y = b;
    if (x->start_s != y->start_s) return x->start_s < y->start_s ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Whole batches are left out, each as likely, until the jobs are as many as asked; the last one
 * kept gives up its last jobs. Batches stay as large as they are drawn. */
static void keep_exactly(struct batches *b, int64_t jobs)
{
    int64_t kept = 0;
    size_t n = 0;
    qsort(b->at, b->n, sizeof *b->at, compare_keep);
    while (kept < jobs) {
        struct batch *batch = &b->at[n++];
        if (batch->size > jobs - kept) batch->size = jobs - kept;
        kept += batch->size;
    }
    b->n = n;
    b->jobs = kept;
    qsort(b->at, b->n, sizeof *b->at, compare_start);
}

static double to_unit(double x) { return x > 1 ? 1 : x; }

static enum status make_batch(const struct synth_options *o, struct random_key key,
                              const struct batch *b, struct workload *w, struct error *err)
{
    const struct synth_preset *p = o->preset;
    struct job_row row;
    char tenant[SYNTH_TENANT_SIZE];
    double u = random_unit(key, RANDOM_SYNTH_BATCH, b->number, DRAW_GPUS);
    int32_t g = 0, t = 0;
    while (g + 1 < p->gpu_n && u > p->gpus[g].share) u -= p->gpus[g++].share;
    u = random_unit(key, RANDOM_SYNTH_BATCH, b->number, DRAW_TENANT);
    while (t + 1 < p->tenant_n && u > p->tenants[t]) u -= p->tenants[t++];
    job_row_init(&row);
    row.gpu_milli = p->gpus[g].gpu_milli;
    row.tenant = synth_tenant_name(t, tenant);
    row.tenant_n = strlen(tenant);
    double base_s =
        synth_quantile(p->duration_s[synth_class_of(row.gpu_milli)],
                       random_unit(key, RANDOM_SYNTH_BATCH, b->number, DRAW_DURATION), true);
    int64_t submit_s = b->start_s;
    for (int64_t i = 0; i < b->size; i++) {
        uint64_t name = b->number << 20 | (uint64_t)i;
        double run_s = base_s;
        if (i > 0)
            submit_s += (int64_t)synth_quantile(
                p->gap_s, random_unit(key, RANDOM_SYNTH_JOB, name, DRAW_GAP), false);
        if (b->size > 1 && p->noise_sd > 0) {
            double v = to_unit(random_unit(key, RANDOM_SYNTH_JOB, name, DRAW_NOISE));
            run_s *= random_exp(p->noise_sd * random_normal_quantile(v < 1 ? v : 1 - 0x1p-53));
        }
        row.submit_us = submit_s * US_PER_S;
        row.run_us = (int64_t)(run_s + 0.5) * US_PER_S;
        if (row.run_us < US_PER_S) row.run_us = US_PER_S;
        row.cpu_milli =
            (int64_t)(1000 * synth_quantile(p->cpu_cores,
                                            random_unit(key, RANDOM_SYNTH_JOB, name, DRAW_CPU),
                                            true));
        row.mem_mib =
            (int64_t)(1024 * synth_quantile(p->mem_gib,
                                            random_unit(key, RANDOM_SYNTH_JOB, name, DRAW_MEMORY),
                                            true));
        enum status status = workload_add(w, &row, err);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* Run times times one factor, in whole seconds, so that GPU time / span is the load asked for. */
static void scale_load(const struct synth_options *o, struct workload *w)
{
    double gpu_s = 0;
    for (size_t j = 0; j < w->job_n; j++)
        gpu_s += (double)w->run_us[j] / US_PER_S * ((w->gpu_milli[j] + 999) / 1000);
    if (o->load_gpus <= 0 || gpu_s <= 0) return;
    double factor = o->load_gpus * o->days * 86400 / gpu_s;
    for (size_t j = 0; j < w->job_n; j++) {
        double run_s = (double)w->run_us[j] / US_PER_S * factor + 0.5;
        double most_s = (double)(JOB_TIME_MAX_US / US_PER_S);
        w->run_us[j] = (int64_t)(run_s < 1 ? 1 : run_s > most_s ? most_s : run_s) * US_PER_S;
    }
}

enum status synth_make(const struct synth_options *o, struct workload *w, struct error *err)
{
    struct random_key key = random_key(o->seed, o->replication);
    struct batches b = { NULL, 0, 0, 0 };
    double surplus = 1.05;
    enum status status;
    if (o->jobs < 1 || o->jobs > 100000000 || !(o->days > 0) || !(o->days <= 3660))
        return error_set(err, STATUS_BAD_INPUT,
                         "a synthetic trace has 1 to 100,000,000 jobs over 0 to 3,660 days");
    if (!(o->load_gpus >= 0) || o->load_gpus > 1e9)
        return error_set(err, STATUS_BAD_INPUT, "a load of %g GPUs is out of range", o->load_gpus);
    if ((status = workload_init(w, err)) != STATUS_OK) return status;
    do {
        if (!draw_batches(o, key, surplus, &b))
            status =
                error_set(err, STATUS_NO_MEMORY, "no memory for %lld jobs", (long long)o->jobs);
        surplus *= 1.25;
    } while (status == STATUS_OK && b.jobs < o->jobs);
    if (status == STATUS_OK) keep_exactly(&b, o->jobs);
    for (size_t i = 0; status == STATUS_OK && i < b.n; i++)
        status = make_batch(o, key, &b.at[i], w, err);
    free(b.at);
    if (status == STATUS_OK) {
        scale_load(o, w);
        w->t0_unix_us = SYNTH_T0_UNIX_US;
        status = workload_seal(w, 0, err);
    }
    if (status != STATUS_OK) workload_free(w);
    return status;
}
