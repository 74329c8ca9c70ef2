/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/gittins.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/levels.h"

/* By level: where it ends, how many jobs have their service in it, and what they have in all;
 * [level]: of those up to it. */
struct services {
    int64_t *end_us, *jobs;
    __int128 *sum;
    int64_t n;
};

struct ratio {
    int64_t ends; /* jobs */
    __int128 spent;
    int64_t level;
};

/* 0 for CPU jobs, which have none. */
static int64_t service_us(const struct workload *w, size_t job)
{
    __int128 us = (__int128)w->run_us[job] * ((w->gpu_milli[job] + 999) / 1000);
    return us < INT64_MAX ? (int64_t)us : INT64_MAX;
}

static int64_t most_service(const struct workload *w)
{
    int64_t most = 0;
    for (size_t j = 0; j < w->job_n; j++)
        if (service_us(w, j) > most) most = service_us(w, j);
    return most;
}

/* The level whose end is the first that is at least us. */
static int64_t level_with(const struct services *s, int64_t us)
{
    int64_t low = 0, high = s->n - 1;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (s->end_us[middle] < us) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bool services_init(struct services *s, const struct level_options *options, int64_t n,
                          const struct workload *w)
{
    s->n = n;
    s->end_us = malloc((size_t)n * sizeof *s->end_us);
    s->jobs = calloc((size_t)n, sizeof *s->jobs);
    s->sum = calloc((size_t)n, sizeof *s->sum);
    if (!s->end_us || !s->jobs || !s->sum) return false;
    for (int64_t k = 0; k < n; k++) s->end_us[k] = k < n - 1 ? levels_end(options, k) : INT64_MAX;
    for (size_t j = 0; j < w->job_n; j++) {
        int64_t us = service_us(w, j), level = level_with(s, us);
        s->jobs[level] += us > 0;
        s->sum[level] += us;
    }
    for (int64_t k = 1; k < n; k++) {
        s->jobs[k] += s->jobs[k - 1];
        s->sum[k] += s->sum[k - 1];
    }
    return true;
}

static void services_free(struct services *s)
{
    free(s->end_us);
    free(s->jobs);
    free(s->sum);
}

/* a / b is more, where neither is 0 of 0. At most 2^32 jobs and 2^95 of time: 128 bits hold it. */
static bool is_more(const struct ratio *a, const struct ratio *b)
{
    return (__int128)a->ends * b->spent > (__int128)b->ends * a->spent;
}

static struct ratio index_of(const struct services *s, int64_t level)
{
    int64_t from = level > 0 ? s->end_us[level - 1] : 0, all = s->jobs[s->n - 1];
    int64_t jobs_before = level > 0 ? s->jobs[level - 1] : 0;
    __int128 sum_before = level > 0 ? s->sum[level - 1] : 0;
    struct ratio best = { 0, 1, level };
    for (int64_t m = level; jobs_before < all && m < s->n; m++) {
        struct ratio r = { s->jobs[m] - jobs_before, s->sum[m] - sum_before, level };
        r.spent +=
            (__int128)(all - s->jobs[m]) * s->end_us[m] - (__int128)(all - jobs_before) * from;
        if (is_more(&r, &best)) best = r;
    }
    return best;
}

static int compare_ratios(const void *a, const void *b)
{
    const struct ratio *x = a, *y = b;
    if (is_more(x, y)) return -1;
    if (is_more(y, x)) return 1;
    return (x->level > y->level) - (x->level < y->level);
}

bool level_order_init(struct level_order *o, const struct level_options *options,
                      const struct workload *workload)
{
    struct services s;
    int64_t most = most_service(workload);
    o->n = 1;
    while (o->n < GITTINS_LEVELS_MAX && levels_end(options, o->n - 1) < most) o->n++;
    bool good = services_init(&s, options, o->n, workload);
    o->place = malloc((size_t)o->n * sizeof *o->place);
    o->level = malloc((size_t)o->n * sizeof *o->level);
    struct ratio *ratios = malloc((size_t)o->n * sizeof *ratios);
    good = good && o->place && o->level && ratios;
    for (int64_t k = 0; good && k < o->n; k++) ratios[k] = index_of(&s, k);
    if (good) qsort(ratios, (size_t)o->n, sizeof *ratios, compare_ratios);
    for (int64_t i = 0; good && i < o->n; i++) {
        o->level[i] = ratios[i].level;
        o->place[ratios[i].level] = i;
    }
    free(ratios);
    services_free(&s);
    return good;
}

void level_order_free(struct level_order *o)
{
    free(o->place);
    free(o->level);
    memset(o, 0, sizeof *o);
}
