/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes before they are asked for: a pool is to be as large as the demand that its own past
 * forecasts for the time until nodes asked for a period later could be there.
 *
 *      demand    GPUs of the pool that jobs hold + those that waiting jobs ask for, each job in
 *                the first pool that it may use; read once a minute, kept as the peak of a period
 *      forecast  by the hour of the week (hour_of_week.h) or by Holt-Winters (holt_winters.h),
 *                the most within the horizon, and some headroom
 *      nodes     come at the beginning of a period up to the forecast, and once a minute for what
 *                waits and has no room; idle ones go at the beginning of a period, down to the
 *                forecast, the longest idle first, where nobody waits who may use the pool
 *
 * What is known is what has happened: the periods that are over. Until warm_up is over, or while
 * the method has too little to go by, the forecast is that the peak of the last period stays.
 *
 * Predictive scaling of EC2 Auto Scaling is the model: at least a day of the past, an hourly
 * forecast as the least capacity, another policy for what comes beyond it, and no scale-in before
 * demand has dropped; how it forecasts is not published. The quantile and the headroom are the
 * defaults of the recommender of Kubernetes' Vertical Pod Autoscaler (target percentile 0.9, margin
 * 0.15).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/holt_winters.h"
#include "models/autoscaling/hour_of_week.h"
#include "models/autoscaling/needs.h"

#define POINT_US (60 * US_PER_S)
#define DAY_US   (24 * US_PER_HOUR)
#define WEEK_US  (7 * DAY_US)

/* A year is known at most; weights are those that were best for the last eight weeks. */
enum { PAST_WEEKS = 52, FIT_WEEKS = 8 };

/* What is known of a pool. */
struct known {
    struct past past; /* thousandths of GPUs */
    int64_t capacity;
    double demand, peak; /* at the last point; of the period that is not over */
    struct holt_winters smooth;
    bool fitted;
};

struct predictive {
    struct needs needs;
    struct hour_of_week rule;
    struct holt_winters_search search;
    struct known *known; /* by pool */
    double *scratch, *seasons;
    int64_t day, week; /* in periods */
    int64_t open;      /* the period that is not over; -1 before the first */
};

void predictive_defaults(struct predictive_options *o)
{
    *o = (struct predictive_options){ .method = PREDICT_HOUR_OF_WEEK,
                                      .period_us = 10 * 60 * US_PER_S,
                                      .warm_up_us = WEEK_US,
                                      .quantile_ppm = 900000,
                                      .headroom_ppm = 150000 };
}

static int64_t predictive_interval(const struct autoscaler_spec *spec)
{
    (void)spec;
    return POINT_US;
}

/* ---- memory ---- */

static int64_t horizon_us(const struct autoscaler_view *v)
{
    const struct predictive_options *o = &v->spec->predictive;
    double boot_us = 0;
    for (int32_t p = 0; p < v->pool_n; p++)
        if (v->fleet->pools[p].elastic_nodes > 0 && v->fleet->pools[p].boot.scale_us > boot_us)
            boot_us = v->fleet->pools[p].boot.scale_us;
    return o->horizon_us > 0 ? o->horizon_us : (int64_t)boot_us + o->period_us;
}

static void predictive_free(struct autoscaler_view *v)
{
    struct predictive *s = v->state;
    needs_free(&s->needs);
    holt_winters_search_free(&s->search);
    for (int32_t p = 0; s->known && p < v->pool_n; p++) free(s->known[p].past.y);
    free(s->known);
    free(s->scratch);
    free(s->seasons);
}

static bool predictive_init(struct autoscaler_view *v)
{
    struct predictive *s = v->state;
    const struct predictive_options *o = &v->spec->predictive;
    size_t pool_n = (size_t)v->pool_n;
    s->open = -1;
    s->day = DAY_US / o->period_us;
    s->week = WEEK_US / o->period_us;
    s->rule = (struct hour_of_week){ autoscaler_into_week_us(v), o->period_us,
                                     (horizon_us(v) + o->period_us - 1) / o->period_us,
                                     (double)o->quantile_ppm / 1e6 };
    s->known = calloc(pool_n, sizeof *s->known);
    if (!s->known) return false;
    if (o->method == PREDICT_HOUR_OF_WEEK) {
        size_t windows = (size_t)hour_of_week_windows(&s->rule, PAST_WEEKS * s->week);
        return (s->scratch = malloc(windows * sizeof *s->scratch)) != NULL;
    }
    s->seasons = malloc(pool_n * (size_t)s->week * sizeof *s->seasons);
    if (!s->seasons || !holt_winters_search_init(&s->search)) return false;
    for (int32_t p = 0; p < v->pool_n; p++) s->known[p].smooth.season = s->seasons + p * s->week;
    return true;
}

/* A period is over. False: no memory. */
static bool remember(const struct predictive *s, struct known *k)
{
    if (k->past.n == k->capacity) {
        int64_t capacity = k->capacity ? 2 * k->capacity : s->day, most = PAST_WEEKS * s->week;
        if (k->capacity == most) { /* the oldest week is forgotten */
            k->past.n -= s->week;
            k->past.first += s->week;
            memmove(k->past.y, k->past.y + s->week, (size_t)k->past.n * sizeof *k->past.y);
        } else {
            if (capacity > most) capacity = most;
            double *y = realloc(k->past.y, (size_t)capacity * sizeof *y);
            if (!y) return false;
            k->past.y = y;
            k->capacity = capacity;
        }
    }
    k->past.y[k->past.n++] = k->peak;
    if (k->fitted) holt_winters_add(&k->smooth, k->peak);
    return true;
}

/* ---- what is known ---- */

static double demand_of(const struct autoscaler_view *v, const struct needs *n, int32_t pool)
{
    int64_t milli = v->pools[pool].busy_milli;
    for (size_t i = 0; i < n->n; i++) {
        const struct demand *d = &v->demands->entries[n->order[i]].demand;
        if (__builtin_ctzll(d->pools) == pool) milli += v->waiting[n->order[i]] * demand_milli(d);
    }
    return (double)milli;
}

/* What is in demand now; periods that are over by now are remembered. Where nobody was asked,
 * nothing had changed. */
static bool observe(struct autoscaler_view *v, int32_t pool, int64_t period)
{
    struct predictive *s = v->state;
    struct known *k = &s->known[pool];
    double now = demand_of(v, &s->needs, pool);
    for (int64_t p = s->open; p >= 0 && p < period; p++) {
        if (!remember(s, k)) return false;
        k->peak = k->demand;
    }
    bool begins = v->now_us == period * v->spec->predictive.period_us;
    k->peak = begins || now > k->peak ? now : k->peak;
    k->demand = now;
    return true;
}

/* ---- what is forecast ---- */

/* Weights are found once a day; where two weeks are known, and a day more changes little, once a
 * week. */
static bool is_due(const struct predictive *s, const struct known *k)
{
    int64_t every = k->past.n < 2 * s->week ? s->day : s->week;
    return !k->fitted || (k->past.first + k->past.n) % every == 0;
}

/* The season is a week where two are known, else a day. */
static double smoothed(struct predictive *s, struct known *k)
{
    if (is_due(s, k)) {
        int64_t n = k->past.n < FIT_WEEKS * s->week ? k->past.n : FIT_WEEKS * s->week;
        k->smooth.season_n = k->past.n >= 2 * s->week ? s->week : s->day;
        holt_winters_fit(&k->smooth, k->past.y + (k->past.n - n), n, &s->search);
        k->fitted = true;
    }
    return holt_winters_peak(&k->smooth, s->rule.horizon);
}

/* The most in demand within the horizon, in thousandths of GPUs. */
static double ahead(const struct autoscaler_view *v, int32_t pool)
{
    struct predictive *s = v->state;
    struct known *k = &s->known[pool];
    const struct predictive_options *o = &v->spec->predictive;
    double known = -1;
    if (v->now_us >= o->warm_up_us && o->method == PREDICT_HOUR_OF_WEEK)
        known = hour_of_week_ahead(&s->rule, &k->past, s->scratch);
    else if (v->now_us >= o->warm_up_us && k->past.n >= 2 * s->day) {
        known = smoothed(s, k);
        if (known < 0) known = 0;
    }
    if (known < 0) known = k->past.n > 0 ? k->past.y[k->past.n - 1] : 0;
    return known;
}

static int64_t wanted(const struct autoscaler_view *v, int32_t pool)
{
    const struct lifecycle_pool *p = &v->nodes->pools[pool];
    double node = GPU_WHOLE * (double)(v->pools[pool].gpus > 0 ? v->pools[pool].gpus : 1);
    double milli = ahead(v, pool) * (1 + (double)v->spec->predictive.headroom_ppm / 1e6);
    double nodes = ceil(milli / node - 1e-6); /* no node for what was rounded */
    return nodes < p->least ? p->least : nodes > p->node_n ? p->node_n : (int64_t)nodes;
}

/* ---- what is done ---- */

static void predictive_pass(struct autoscaler_view *v)
{
    struct predictive *s = v->state;
    int64_t period_us = v->spec->predictive.period_us, period = v->now_us / period_us;
    bool begins = period > s->open;
    v->failed |= !needs_gather(&s->needs, v);
    for (int32_t p = 0; p < v->pool_n && !v->failed; p++) v->failed |= !observe(v, p, period);
    if (v->failed) return;
    s->open = period;
    for (int32_t p = 0; p < v->pool_n; p++) {
        const struct lifecycle_pool *pool = &v->nodes->pools[p];
        int64_t nodes = begins ? wanted(v, p) : 0;
        if (nodes > lifecycle_held(pool))
            autoscaler_add(v, p, (int32_t)(nodes - lifecycle_held(pool)));
        autoscaler_add(v, p,
                       (int32_t)needs_of_pool(&s->needs, v, p, pool->booting.n,
                                              lifecycle_can_come(pool)));
        if (begins && !needs_want(&s->needs, v, p)) autoscaler_shrink(v, p, nodes);
    }
    v->failed |= s->needs.failed;
    autoscaler_wake(v, (period + 1) * period_us);
}

const struct autoscaler autoscaler_predictive = {
    .name = "predictive",
    .summary =
        "nodes for the demand that the past forecasts: by hour of the week, or by Holt-Winters",
    .source = "EC2 Auto Scaling user guide, predictive scaling; Winters 1960",
    .interval_us = predictive_interval,
    .state_size = sizeof(struct predictive),
    .init = predictive_init,
    .free = predictive_free,
    .pass = predictive_pass,
};
