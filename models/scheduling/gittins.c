/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/gittins.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/levels.h"

struct services {
    int64_t *us;   /* rising */
    __int128 *sum; /* [i]: of the first i */
    size_t n;
};

struct ratio {
    int64_t ends; /* jobs */
    __int128 spent;
    int64_t level;
};

static int compare_us(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool services_init(struct services *s, const struct workload *w)
{
    s->n = 0;
    s->us = malloc((w->job_n + 1) * sizeof *s->us);
    s->sum = malloc((w->job_n + 1) * sizeof *s->sum);
    if (!s->us || !s->sum) return false;
    for (size_t j = 0; j < w->job_n; j++) {
        __int128 us = (__int128)w->run_us[j] * ((w->gpu_milli[j] + 999) / 1000);
        if (us > 0) s->us[s->n++] = us < INT64_MAX ? (int64_t)us : INT64_MAX;
    }
    qsort(s->us, s->n, sizeof *s->us, compare_us);
    s->sum[0] = 0;
    for (size_t i = 0; i < s->n; i++) s->sum[i + 1] = s->sum[i] + s->us[i];
    return true;
}

/* How many are at most us. */
static size_t up_to(const struct services *s, int64_t us)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->us[middle] <= us) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* a / b is more, where neither is 0 of 0. At most 2^32 jobs and 2^95 of time: 128 bits hold it. */
static bool is_more(const struct ratio *a, const struct ratio *b)
{
    return (__int128)a->ends * b->spent > (__int128)b->ends * a->spent;
}

static struct ratio index_of(const struct services *s, const struct level_options *options,
                             int64_t level, int64_t n)
{
    int64_t from = level > 0 ? levels_end(options, level - 1) : 0;
    size_t first = up_to(s, from);
    struct ratio best = { 0, 1, level };
    for (int64_t m = level; first < s->n && m < n; m++) {
        int64_t end = m < n - 1 ? levels_end(options, m) : INT64_MAX;
        size_t last = up_to(s, end);
        struct ratio r = { (int64_t)(last - first), s->sum[last] - s->sum[first], level };
        r.spent += (__int128)(s->n - last) * end - (__int128)(s->n - first) * from;
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
    struct services s = { NULL, NULL, 0 };
    struct ratio *ratios = NULL;
    bool good = services_init(&s, workload);
    int64_t most = good && s.n > 0 ? s.us[s.n - 1] : 0;
    o->n = 1;
    while (o->n < GITTINS_LEVELS_MAX && levels_end(options, o->n - 1) < most) o->n++;
    o->place = malloc((size_t)o->n * sizeof *o->place);
    o->level = malloc((size_t)o->n * sizeof *o->level);
    ratios = malloc((size_t)o->n * sizeof *ratios);
    good = good && o->place && o->level && ratios;
    for (int64_t k = 0; good && k < o->n; k++) ratios[k] = index_of(&s, options, k, o->n);
    if (good) qsort(ratios, (size_t)o->n, sizeof *ratios, compare_ratios);
    for (int64_t i = 0; good && i < o->n; i++) {
        o->level[i] = ratios[i].level;
        o->place[ratios[i].level] = i;
    }
    free(ratios);
    free(s.us);
    free(s.sum);
    return good;
}

void level_order_free(struct level_order *o)
{
    free(o->place);
    free(o->level);
    memset(o, 0, sizeof *o);
}
