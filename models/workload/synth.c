/* SPDX-License-Identifier: Apache-2.0 */
#include "models/workload/synth.h"

#include <math.h>
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

double synth_quantile(const double table[SYNTH_QUANTILE_N], double u)
{
    int k = 0;
    if (u <= synth_quantile_p[0]) return table[0];
    if (u >= synth_quantile_p[SYNTH_QUANTILE_N - 1]) return table[SYNTH_QUANTILE_N - 1];
    while (u > synth_quantile_p[k + 1]) k++;
    double share = (u - synth_quantile_p[k]) / (synth_quantile_p[k + 1] - synth_quantile_p[k]);
    if (table[k] <= 0 || table[k] == table[k + 1])
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
/* Draws of a job inside a batch, by the batch's number x 2^20 + its place. */
enum { DRAW_GAP, DRAW_NOISE, DRAW_CPU, DRAW_MEMORY };

/* The i-th batch of hour h: 17 bits of hour and up to 27 of i, so that with 20 bits of place every
 * job of the largest trace has a name of its own in 64 bits. */
static uint64_t batch_number(int64_t h, int64_t i)
{
    return (uint64_t)(i >> 20) << 37 | (uint64_t)h << 20 | (uint64_t)(i & 0xfffff);
}

static int64_t batch_size(const struct synth_preset *p, double u)
{
    double below = 0;
    for (int size = 1; size < SYNTH_SIZE_N; size++) {
        below += p->size_share[size - 1];
        if (u <= below) return size;
    }
    double v = below < 1 ? (u - below) / (1 - below) : 0;
    return (int64_t)(synth_quantile(p->tail_size, v) + 0.5);
}

static int64_t gap_s(const struct synth_preset *p, double u)
{
    int gap = 0;
    while (gap + 1 < SYNTH_GAP_N && u > p->gap_share[gap]) u -= p->gap_share[gap++];
    return gap;
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

/* Seconds of hour h before end_s: the last hour may be a broken one. */
static int64_t width_s(int64_t h, int64_t end_s)
{
    return end_s - 3600 * h < 3600 ? end_s - 3600 * h : 3600;
}

/* The batches of all hours weigh so much together; the weights of full hours have the mean 1. */
static double week_weight(const struct synth_preset *p, int64_t end_s)
{
    double weight = 0;
    for (int64_t h = 0; 3600 * h < end_s; h++)
        weight += p->week[h % SYNTH_WEEK_HOURS] * (double)width_s(h, end_s) / 3600;
    return weight;
}

/* Every hour its number of batches; `rate` of them in an hour of weight 1. */
static bool draw_batches(const struct synth_preset *p, struct random_key key, int64_t end_s,
                         double rate, struct batches *b)
{
    b->n = 0;
    b->jobs = 0;
    for (int64_t h = 0; 3600 * h < end_s; h++) {
        uint64_t width = (uint64_t)width_s(h, end_s);
        double mean = rate * p->week[h % SYNTH_WEEK_HOURS] * (double)width / 3600;
        if (mean <= 0) continue;
        mean = random_gamma(key, RANDOM_SYNTH_RATE, (uint64_t)h, 0, p->rate_k, mean);
        int64_t n = random_poisson(key, RANDOM_SYNTH_RATE, (uint64_t)h, UINT64_C(1) << 20, mean);
        for (int64_t i = 0; i < n; i++) {
            uint64_t number = batch_number(h, i);
            struct batch batch = {
                3600 * h +
                    (int64_t)random_below(key, RANDOM_SYNTH_BATCH, number, DRAW_START, width),
                batch_size(p, random_unit(key, RANDOM_SYNTH_BATCH, number, DRAW_SIZE)), number,
                random_unit(key, RANDOM_SYNTH_BATCH, number, DRAW_KEEP)
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

/* A run time: 0 stays 0, else at least a second and at most what a job may carry. */
static int64_t whole_seconds(double run_s)
{
    const double most_s = (double)(JOB_TIME_MAX_US / US_PER_S);
    if (run_s <= 0) return 0;
    return run_s < 1 ? 1 : run_s > most_s ? (int64_t)most_s : (int64_t)(run_s + 0.5);
}

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
    double base_s = synth_quantile(p->duration_s[gpu_class_of(row.gpu_milli)],
                                   random_unit(key, RANDOM_SYNTH_BATCH, b->number, DRAW_DURATION));
    int64_t submit_s = b->start_s;
    for (int64_t i = 0; i < b->size; i++) {
        uint64_t name = b->number << 20 | (uint64_t)i;
        double run_s = base_s;
        if (i > 0) submit_s += gap_s(p, random_unit(key, RANDOM_SYNTH_JOB, name, DRAW_GAP));
        if (b->size > 1 && p->noise_sd > 0) {
            double v = random_unit(key, RANDOM_SYNTH_JOB, name, DRAW_NOISE);
            run_s *= random_exp(p->noise_sd * random_normal_quantile(v < 1 ? v : 1 - 0x1p-53));
        }
        row.submit_us = submit_s * US_PER_S;
        row.run_us = whole_seconds(run_s) * US_PER_S;
        row.cpu_milli =
            (int64_t)(1000 * synth_quantile(p->cpu_cores,
                                            random_unit(key, RANDOM_SYNTH_JOB, name, DRAW_CPU)));
        row.mem_mib = (int64_t)(1024 * synth_quantile(p->mem_gib, random_unit(key, RANDOM_SYNTH_JOB,
                                                                              name, DRAW_MEMORY)));
        enum status status = workload_add(w, &row, err);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* GPU-seconds of all jobs if run times were `factor` times as long, in whole seconds. */
static double gpu_seconds(const struct workload *w, double factor)
{
    __int128 gpu_milli_s = 0;
    for (size_t j = 0; j < w->job_n; j++)
        gpu_milli_s +=
            (__int128)whole_seconds((double)w->run_us[j] / US_PER_S * factor) * w->gpu_milli[j];
    return (double)gpu_milli_s / 1e3;
}

/* Run times times one factor, in whole seconds, so that GPU time / span is the load asked for. */
static enum status scale_load(const struct synth_options *o, struct workload *w, struct error *err)
{
    double wanted_s = o->load_gpus * o->days * 86400, got_s = gpu_seconds(w, 1), factor = 1;
    if (o->load_gpus <= 0) return STATUS_OK;
    if (got_s <= 0)
        return error_set(err, STATUS_BAD_INPUT,
                         "no job holds a GPU for any time: there is no load to scale");
    /* Once is enough, but where many jobs are held up by the least of one second. */
    for (int try = 0; try < 100; try++) {
        factor *= wanted_s / got_s;
        got_s = gpu_seconds(w, factor);
        if (fabs(got_s / wanted_s - 1) <= SYNTH_LOAD_TOLERANCE) break;
    }
    if (fabs(got_s / wanted_s - 1) > SYNTH_LOAD_TOLERANCE)
        return error_set(err, STATUS_BAD_INPUT,
                         "a load of %g GPUs cannot be met: with run times from 1 s to a century "
                         "these %lld jobs over %g days keep %.4g GPUs busy",
                         o->load_gpus, (long long)o->jobs, o->days, got_s / (o->days * 86400));
    for (size_t j = 0; j < w->job_n; j++)
        w->run_us[j] = whole_seconds((double)w->run_us[j] / US_PER_S * factor) * US_PER_S;
    return STATUS_OK;
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
    int64_t end_s = (int64_t)(o->days * 86400);
    double weight = week_weight(o->preset, end_s);
    if (!(weight > 0))
        return error_set(err, STATUS_BAD_INPUT,
                         "%g days from a Monday 00:00 hold no hour in which jobs come: ask for "
                         "more days",
                         o->days);
    if ((status = workload_init(w, err)) != STATUS_OK) return status;
    /* A little more than asked for, and more again while the draws fall short. */
    do {
        double rate = surplus * (double)o->jobs / mean_size(o->preset) / weight;
        if (!draw_batches(o->preset, key, end_s, rate, &b))
            status =
                error_set(err, STATUS_NO_MEMORY, "no memory for %lld jobs", (long long)o->jobs);
        surplus *= 1.25;
    } while (status == STATUS_OK && b.jobs < o->jobs);
    if (status == STATUS_OK) keep_exactly(&b, o->jobs);
    for (size_t i = 0; status == STATUS_OK && i < b.n; i++)
        status = make_batch(o, key, &b.at[i], w, err);
    free(b.at);
    if (status == STATUS_OK) status = scale_load(o, w, err);
    if (status == STATUS_OK) {
        w->t0_unix_us = SYNTH_T0_UNIX_US;
        status = workload_seal(w, 0, err);
    }
    if (status != STATUS_OK) workload_free(w);
    return status;
}
