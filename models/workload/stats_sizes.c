/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs, GPU-hours and run times by GPU count: jobs are sorted into one bucket a count (a hash
 * table finds it), then each bucket is looked at alone. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/stats_parts.h"
#include "sim/quantile.h"

struct bucket {
    int32_t gpu_milli;
    uint32_t at; /* its place in run_us: filled from `first` on */
    int64_t jobs;
};

struct buckets {
    struct bucket *all;
    uint32_t n, capacity;
    uint32_t *slot; /* open addressing: bucket + 1, 0 = empty */
    uint32_t slot_n;
};

static uint32_t *slot_of(struct buckets *b, int32_t gpu_milli)
{
    uint32_t mask = b->slot_n - 1, h = (uint32_t)gpu_milli * UINT32_C(0x9e3779b1);
    for (h ^= h >> 15; b->slot[h & mask] && b->all[b->slot[h & mask] - 1].gpu_milli != gpu_milli;)
        h++;
    return &b->slot[h & mask];
}

static bool buckets_grow(struct buckets *b)
{
    uint32_t capacity = b->capacity ? 2 * b->capacity : 64;
    struct bucket *all = realloc(b->all, capacity * sizeof *all);
    if (all) b->all = all;
    uint32_t *slot = calloc(2 * (size_t)capacity, sizeof *slot);
    if (!all || !slot) {
        free(slot);
        return false;
    }
    free(b->slot);
    b->slot = slot;
    b->slot_n = 2 * capacity;
    b->capacity = capacity;
    for (uint32_t i = 0; i < b->n; i++) *slot_of(b, b->all[i].gpu_milli) = i + 1;
    return true;
}

/* The bucket of a GPU count, which may be a new one; NULL without memory. */
static struct bucket *bucket_of(struct buckets *b, int32_t gpu_milli)
{
    if (b->n == b->capacity && !buckets_grow(b)) return NULL;
    uint32_t *slot = slot_of(b, gpu_milli);
    if (*slot == 0) {
        b->all[b->n] = (struct bucket){ gpu_milli, 0, 0 };
        *slot = ++b->n;
    }
    return &b->all[*slot - 1];
}

static int most_jobs_first(const void *a, const void *b)
{
    const struct bucket *x = a, *y = b;
    if (x->jobs != y->jobs) return x->jobs > y->jobs ? -1 : 1;
    return (x->gpu_milli > y->gpu_milli) - (x->gpu_milli < y->gpu_milli);
}

static int by_count(const void *a, const void *b)
{
    const struct bucket *x = a, *y = b;
    return (x->gpu_milli > y->gpu_milli) - (x->gpu_milli < y->gpu_milli);
}

static enum status runs_of(const int64_t *run_us, size_t n, __int128 gpu_milli_us,
                           struct stats_runs *runs, struct error *err)
{
    __int128 sum = 0;
    for (size_t i = 0; i < n; i++) sum += run_us[i];
    runs->jobs = (int64_t)n;
    runs->gpu_hours = gpu_hours_of(gpu_milli_us);
    runs->run_mean_s = n ? (double)sum / (double)n / US_PER_S : 0;
    return quantiles_of(run_us, n, stats_quantile_p, STATS_QUANTILE_N, runs->run_us, err);
}

/* Run times in order of GPU count: a GPU count and a class of them are each one piece. */
static enum status by_piece(struct buckets *b, const int64_t *run_us, struct workload_stats *s,
                            struct error *err)
{
    enum status status = STATUS_OK;
    __int128 class_gpu_us = 0, all_gpu_us = 0;
    size_t at = 0, class_at = 0;
    struct bucket *frequent = malloc((b->n + 1) * sizeof *frequent);
    if (!frequent) return error_set(err, STATUS_NO_MEMORY, "no memory for %u GPU counts", b->n);
    memcpy(frequent, b->all, b->n * sizeof *frequent);
    qsort(frequent, b->n, sizeof *frequent, most_jobs_first);
    for (uint32_t i = STATS_COUNT_MAX; i < b->n; i++) s->count_rest += frequent[i].jobs;
    uint32_t kept = b->n < STATS_COUNT_MAX ? b->n : STATS_COUNT_MAX;
    qsort(frequent, kept, sizeof *frequent, by_count);
    for (uint32_t i = 0; status == STATUS_OK && i < b->n; i++) {
        size_t n = (size_t)b->all[i].jobs;
        int32_t gpu_milli = b->all[i].gpu_milli;
        __int128 gpu_us = 0;
        for (size_t k = at; k < at + n; k++) gpu_us += (__int128)run_us[k] * gpu_milli;
        if (s->count_n < (int)kept && frequent[s->count_n].gpu_milli == gpu_milli) {
            struct stats_count *count = &s->counts[s->count_n++];
            count->gpu_milli = gpu_milli;
            status = runs_of(run_us + at, n, gpu_us, &count->of, err);
        }
        at += n;
        class_gpu_us += gpu_us;
        all_gpu_us += gpu_us;
        enum gpu_class c = gpu_class_of(gpu_milli);
        if (i + 1 < b->n && gpu_class_of(b->all[i + 1].gpu_milli) == c) continue;
        if (status == STATUS_OK)
            status = runs_of(run_us + class_at, at - class_at, class_gpu_us, &s->sizes[c], err);
        class_at = at;
        class_gpu_us = 0;
    }
    free(frequent);
    if (status == STATUS_OK) status = runs_of(run_us, at, all_gpu_us, &s->all, err);
    return status;
}

enum status stats_sizes(const struct workload *w, struct workload_stats *s, struct error *err)
{
    struct buckets b = { NULL, 0, 0, NULL, 0 };
    int64_t *run_us = malloc((w->job_n + 1) * sizeof *run_us);
    enum status status = STATUS_OK;
    bool room = run_us != NULL;
    for (size_t j = 0; room && j < w->job_n; j++) {
        struct bucket *bucket = bucket_of(&b, w->gpu_milli[j]);
        if (bucket) bucket->jobs++;
        else room = false;
    }
    if (room && b.n) {
        uint32_t at = 0;
        qsort(b.all, b.n, sizeof *b.all, by_count);
        memset(b.slot, 0, b.slot_n * sizeof *b.slot);
        for (uint32_t i = 0; i < b.n; i++) {
            *slot_of(&b, b.all[i].gpu_milli) = i + 1;
            b.all[i].at = at;
            at += (uint32_t)b.all[i].jobs;
        }
        for (size_t j = 0; j < w->job_n; j++)
            run_us[b.all[*slot_of(&b, w->gpu_milli[j]) - 1].at++] = w->run_us[j];
        status = by_piece(&b, run_us, s, err);
    }
    if (!room)
        status =
            error_set(err, STATUS_NO_MEMORY, "no memory for the statistics of %zu jobs", w->job_n);
    free(run_us);
    free(b.all);
    free(b.slot);
    return status;
}
