/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/fleet_year_setup.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "models/montecarlo/law_table.h"
#include "sim/random.h"

#define LN2 0.69314718055994530942
enum { ONE_Q16 = 65536, LUMP_MAX = 1 << 22, RATE_MAX = 1 << 29, NORMAL_MOST = 7 };

void fleet_year_outlook_init(struct fleet_year_outlook *o)
{
    memset(o, 0, sizeof *o);
    o->hours = FLEET_YEAR_HOURS;
    o->reclaim_gpus = o->failure_gpus = 1;
    o->reclaim_hours = o->failure_hours = 1;
    o->seed = 1;
}

void fleet_year_offer_init(struct fleet_year_offer *o)
{
    memset(o, 0, sizeof *o);
    o->plan_usd = 1;
    o->spot_fill = o->drain_hours = o->headroom = o->usable = 1;
    o->deadline_hours = 24;
}

/* ---- from physical units ---- */

/* Rounded to the nearest; what does not fit, or is no number, becomes what no range allows. */
static int32_t fixed(double value, double scale)
{
    double v = floor(value * scale + 0.5);
    return v >= -2147483647.0 && v <= 2147483647.0 ? (int32_t)v : INT32_MIN;
}

static int32_t q8(double v) { return fixed(v, 256); }
static int32_t q16(double v) { return fixed(v, ONE_Q16); }
static int32_t usd(double v) { return fixed(v, 1e6); }

/* Of a log-normal of mean 1: the standard deviation of its logarithm to base 2. */
static double log2_sd(double sd) { return sqrt(random_log(1 + sd * sd)) / LN2; }

/* What log2 must be less, so that the mean of the power is 1: half the variance of ln, in log2. */
static double mean_shift(double sd_log2) { return sd_log2 * sd_log2 * LN2 / 2; }

static struct fleet_year_walk walk_of(const struct fleet_year_spread *s, double other_sd_log2)
{
    double sd = log2_sd(s->sd), q22 = 1 << 22;
    return (struct fleet_year_walk){ q16(s->keep), fixed(sd * sqrt(1 - s->keep * s->keep), q22),
                                     fixed(sd, q22),
                                     fixed(-mean_shift(sd) - mean_shift(other_sd_log2), q22) };
}

/* A year's growth as log2, and how much one standard deviation adds to that. */
static void growth_of(double growth, double sd, int32_t *mean_q16, int32_t *sd_q16)
{
    if (!(growth > -1) || !(sd >= 0)) {
        *mean_q16 = *sd_q16 = INT32_MIN;
        return;
    }
    *mean_q16 = q16(random_log(1 + growth) / LN2);
    *sd_q16 = q16(random_log((1 + growth + sd) / (1 + growth)) / LN2);
}

/* Of what goes for some hours: what it misses of its first hour, and how much of what is away comes
 * back in an hour, so that hours x chance are missing on the mean. */
static void absence_of(double hours, int32_t *away_q16, int32_t *back_q16)
{
    *away_q16 = q16(fmin(hours, 1));
    *back_q16 = q16(hours > 1 ? 1 / hours : 1);
}

static int32_t rate_of(double chance, double gpus) { return fixed(chance / gpus, 0x1p31); }

enum status fleet_year_world_set(struct fleet_year_world *w, struct fleet_year_tables *t,
                                 const struct fleet_year_outlook *o, struct error *err)
{
    double level = log2_sd(o->level_sd), burst = log2_sd(o->burst_sd) * LN2;
    memset(w, 0, sizeof *w);
    w->hours = o->hours;
    w->week_start = o->week_start;
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        w->serving_q8[h] = q8(o->serving_gpus[h]);
        w->training_q8[h] = q8(o->training_gpus[h]);
    }
    growth_of(o->growth, o->growth_sd, &w->growth_q16, &w->growth_sd_q16);
    w->level_sd_q16 = q16(level);
    w->demand = walk_of(&o->demand, level);
    w->price = walk_of(&o->spot_price, 0);
    growth_of(o->price_trend, o->price_trend_sd, &w->trend_q16, &w->trend_sd_q16);
    w->region_n = o->region_n;
    w->capacity = walk_of(&o->spot_capacity, 0);
    w->common_q16 = q16(sqrt(o->region_correlation));
    w->own_q16 = q16(sqrt(1 - o->region_correlation));
    for (int r = 0; r < FLEET_YEAR_REGIONS; r++) w->capacity_q8[r] = q8(o->spot_gpus[r]);
    w->reclaim_lump_q8 = q8(o->reclaim_gpus);
    w->reclaim_q31 = rate_of(o->reclaim_chance, o->reclaim_gpus);
    w->reclaim_sd_q16 = q16(log2_sd(o->reclaim_sd));
    absence_of(o->reclaim_hours, &w->reclaim_away_q16, &w->reclaim_back_q16);
    w->failure_lump_q8 = q8(o->failure_gpus);
    w->failure_q31 = rate_of(o->failure_chance, o->failure_gpus);
    absence_of(o->failure_hours, &w->failure_away_q16, &w->failure_back_q16);
    w->redo_q16 = q16(o->redo_hours);
    w->seed[0] = (uint32_t)o->seed;
    w->seed[1] = (uint32_t)(o->seed >> 32);
    w->antithetic = o->antithetic;
    enum status status = fleet_year_world_check(w, err);
    if (status) return status;
    if (!(o->burst_sd >= 0 && o->burst_sd <= FLEET_YEAR_BURST_MAX))
        return error_set(err, STATUS_BAD_INPUT, "the spread of bursts must be 0 to %.6g",
                         FLEET_YEAR_BURST_MAX);
    law_table_normal(t->normal);
    return law_table_make(t->burst, LAW_SHORT, law_quantile_lognormal, &burst, 0x1p24, err);
}

enum status fleet_year_fleet_set(struct fleet_year_fleet *f, const struct fleet_year_offer *o,
                                 struct error *err)
{
    memset(f, 0, sizeof *f);
    f->reserved_q8 = q8(o->reserved_gpus);
    f->reserved_usd = usd(o->reserved_usd);
    f->reserved_busy_usd = usd(o->reserved_busy_usd);
    double plan = floor(o->plan_usd_per_hour * 1e6 + 0.5), rate = floor(o->plan_usd * 1e6 + 0.5);
    f->plan_usd = plan >= 0 && plan < 0x1p44 ? (int64_t)plan : -1;
    f->plan_q8 = fixed(floor(plan * 256 / rate), 1);
    f->on_demand_least_q8 = q8(o->on_demand_least_gpus);
    f->on_demand_most_q8 = q8(o->on_demand_most_gpus);
    f->on_demand_usd = usd(o->on_demand_usd);
    for (int r = 0; r < FLEET_YEAR_REGIONS; r++) {
        f->spot_least_q8[r] = q8(o->spot_least_gpus[r]);
        f->spot_most_q8[r] = q8(o->spot_most_gpus[r]);
        f->spot_usd[r] = usd(o->spot_usd[r]);
        f->bid_usd[r] = usd(o->bid_usd[r]);
    }
    f->spot_fill_q16 = q16(o->spot_fill);
    f->drain_q16 = q16(1 / o->drain_hours);
    f->headroom_q16 = q16(o->headroom);
    double lag = floor(o->lag_hours);
    f->lag_hours = fixed(lag, 1);
    f->boot_q16 = q16(o->lag_hours - lag);
    f->keep_q16 = q16(o->idle_hours / (1 + o->idle_hours));
    f->usable_q16 = q16(o->usable);
    f->deadline_hours = fixed(o->deadline_hours, 1);
    return fleet_year_fleet_check(f, err);
}

/* ---- ranges ---- */

struct range {
    const char *name; /* in a person's words, with the unit */
    size_t at;
    int32_t n; /* so many of them in a row */
    double least, most, unit;
};

static enum status ranges_check(const void *s, const struct range *ranges, size_t n,
                                struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct range *r = &ranges[i];
        for (int32_t k = 0; k < r->n; k++) {
            int32_t v;
            memcpy(&v, (const char *)s + r->at + (size_t)k * sizeof v, sizeof v);
            if (v < r->least || v > r->most)
                return error_set(err, STATUS_BAD_INPUT, "%s must be %.6g to %.6g", r->name,
                                 r->least / r->unit, r->most / r->unit);
        }
    }
    return STATUS_OK;
}

static enum status walk_check(const char *name, const struct fleet_year_walk *walk,
                              struct error *err)
{
    const double most = 1 << 26;
    if (walk->keep_q16 < 0 || walk->keep_q16 >= ONE_Q16)
        return error_set(err, STATUS_BAD_INPUT, "what %s keeps in an hour must be 0 to 0.99998",
                         name);
    if (walk->step_q22 < 0 || walk->step_q22 > 1 << 25 || walk->start_q22 < 0 ||
        walk->start_q22 > 1 << 25 || walk->shift_q22 < -most || walk->shift_q22 > most ||
        (double)walk->step_q22 * NORMAL_MOST * ONE_Q16 / (ONE_Q16 - walk->keep_q16) > 0x1p30)
        return error_set(err, STATUS_BAD_INPUT,
                         "the spread of %s must be smaller, or what it keeps in an hour", name);
    return STATUS_OK;
}

#define WORLD(field) offsetof(struct fleet_year_world, field)
#define FLEET(field) offsetof(struct fleet_year_fleet, field)
#define COUNT(a)     (sizeof(a) / sizeof(a)[0])
#define GPU_MOST     FLEET_YEAR_GPU_Q8_MAX
#define USD_MOST     FLEET_YEAR_USD_MAX
#define DEMAND_MOST  FLEET_YEAR_DEMAND_Q8_MAX
#define REGIONS      FLEET_YEAR_REGIONS

enum status fleet_year_world_check(const struct fleet_year_world *w, struct error *err)
{
    static const struct range ranges[] = {
        { "hours", WORLD(hours), 1, 1, FLEET_YEAR_HOURS_MAX, 1 },
        { "the first hour of the week", WORLD(week_start), 1, 0, FLEET_YEAR_WEEK - 1, 1 },
        { "GPUs of serving", WORLD(serving_q8), FLEET_YEAR_WEEK, 0, DEMAND_MOST, 256 },
        { "GPUs of training", WORLD(training_q8), FLEET_YEAR_WEEK, 0, DEMAND_MOST, 256 },
        { "log2 of a year's growth", WORLD(growth_q16), 1, -3 * ONE_Q16, 3 * ONE_Q16, ONE_Q16 },
        { "the spread of growth, in log2", WORLD(growth_sd_q16), 1, 0, 2 * ONE_Q16, ONE_Q16 },
        { "the spread of today's level, in log2", WORLD(level_sd_q16), 1, 0, 2 * ONE_Q16, ONE_Q16 },
        { "log2 of a year's trend of prices", WORLD(trend_q16), 1, -3 * ONE_Q16, 3 * ONE_Q16,
          ONE_Q16 },
        { "the spread of that trend, in log2", WORLD(trend_sd_q16), 1, 0, 2 * ONE_Q16, ONE_Q16 },
        { "regions", WORLD(region_n), 1, 0, REGIONS, 1 },
        { "the common part of regions", WORLD(common_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "regions' own part", WORLD(own_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "spot GPUs of a region", WORLD(capacity_q8), REGIONS, 0, GPU_MOST, 256 },
        { "GPUs that are taken back at once", WORLD(reclaim_lump_q8), 1, 1, LUMP_MAX, 256 },
        { "reclaims in a GPU-hour", WORLD(reclaim_q31), 1, 0, RATE_MAX, 0x1p31 },
        { "the spread of reclaims, in log2", WORLD(reclaim_sd_q16), 1, 0, 2 * ONE_Q16, ONE_Q16 },
        { "hours that a reclaim takes away", WORLD(reclaim_away_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "what comes back in an hour", WORLD(reclaim_back_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "GPUs that fail at once", WORLD(failure_lump_q8), 1, 1, LUMP_MAX, 256 },
        { "failures in a GPU-hour", WORLD(failure_q31), 1, 0, RATE_MAX, 0x1p31 },
        { "hours that a failure takes away", WORLD(failure_away_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "what is repaired in an hour", WORLD(failure_back_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "hours of work done again", WORLD(redo_q16), 1, 0, 1 << 26, ONE_Q16 },
    };
    enum status status = ranges_check(w, ranges, COUNT(ranges), err);
    if (status == STATUS_OK) status = walk_check("demand", &w->demand, err);
    if (status == STATUS_OK) status = walk_check("the spot price", &w->price, err);
    if (status == STATUS_OK) status = walk_check("spot capacity", &w->capacity, err);
    return status;
}

enum status fleet_year_fleet_check(const struct fleet_year_fleet *f, struct error *err)
{
    static const struct range ranges[] = {
        { "reserved GPUs", FLEET(reserved_q8), 1, 0, GPU_MOST, 256 },
        { "dollars of a reserved GPU-hour", FLEET(reserved_usd), 1, 0, USD_MOST, 1e6 },
        { "dollars of a busy GPU-hour's power", FLEET(reserved_busy_usd), 1, 0, 1 << 22, 1e6 },
        { "GPUs that a savings plan covers", FLEET(plan_q8), 1, 0, INT32_MAX, 256 },
        { "GPUs on demand at least", FLEET(on_demand_least_q8), 1, 0, GPU_MOST, 256 },
        { "GPUs on demand at most", FLEET(on_demand_most_q8), 1, 0, GPU_MOST, 256 },
        { "dollars of a GPU-hour on demand", FLEET(on_demand_usd), 1, 0, USD_MOST, 1e6 },
        { "spot GPUs at least", FLEET(spot_least_q8), REGIONS, 0, GPU_MOST, 256 },
        { "spot GPUs at most", FLEET(spot_most_q8), REGIONS, 0, GPU_MOST, 256 },
        { "dollars of a spot GPU-hour", FLEET(spot_usd), REGIONS, 0, USD_MOST, 1e6 },
        { "dollars that spot may cost", FLEET(bid_usd), REGIONS, 0, INT32_MAX, 1e6 },
        { "the share of missing spot that comes in an hour", FLEET(spot_fill_q16), 1, 0, ONE_Q16,
          ONE_Q16 },
        { "the share of a backlog to be gone in an hour", FLEET(drain_q16), 1, 0, ONE_Q16,
          ONE_Q16 },
        { "headroom", FLEET(headroom_q16), 1, 0, 4 * ONE_Q16, ONE_Q16 },
        { "hours of lag", FLEET(lag_hours), 1, 0, FLEET_YEAR_LAG_MAX, 1 },
        { "the part of an hour that a boot takes", FLEET(boot_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "the share of idle GPUs that stays", FLEET(keep_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "the usable share of GPUs", FLEET(usable_q16), 1, 0, ONE_Q16, ONE_Q16 },
        { "hours of the deadline", FLEET(deadline_hours), 1, 0, 1 << 20, 1 },
    };
    enum status status = ranges_check(f, ranges, COUNT(ranges), err);
    if (status) return status;
    if (f->plan_usd < 0 || f->plan_usd > INT64_C(1) << 43)
        return error_set(err, STATUS_BAD_INPUT, "a savings plan must be 0 to %.6g dollars an hour",
                         0x1p43 / 1e6);
    if (f->on_demand_least_q8 > f->on_demand_most_q8)
        return error_set(err, STATUS_BAD_INPUT, "more GPUs on demand at least than at most");
    int64_t spot = 0;
    for (int r = 0; r < REGIONS; r++) {
        spot += f->spot_most_q8[r];
        if (f->spot_least_q8[r] > f->spot_most_q8[r])
            return error_set(err, STATUS_BAD_INPUT, "more spot GPUs at least than at most");
    }
    if (spot > GPU_MOST)
        return error_set(err, STATUS_BAD_INPUT, "spot GPUs of all regions must be 0 to %d",
                         GPU_MOST / 256);
    return STATUS_OK;
}
