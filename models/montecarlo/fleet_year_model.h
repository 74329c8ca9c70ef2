/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet-year: what a fleet costs and how far it falls behind over one to five years, in steps
 * of an hour, as a model function of integers alone (lanes.h): C, vectors of 8 and 16 replications
 * and CUDA give the same bits.
 *
 *      the world (uncertain, the same for all candidates)        a candidate fleet
 *      demand: week x growth x AR(1) x bursts ---.               reserved, always there
 *      spot: price and capacity AR(1), by region  >-- hour --<-- spot, up to a bid
 *      reclaims, failures                      --'    |          on demand, scaled with a lag
 *                                                     v          savings plan
 *                         bill, unserved, backlog, hours too late
 *
 * In an hour, in this order: demand arrives; nodes fail and come back; the autoscaler says how many
 * GPUs it needs; spot is taken back, and filled up, region after region; on-demand nodes that were
 * asked for `lag_hours` ago come, others are asked for or given back; serving is served, and what
 * is left of the capacity works off the backlog of training; all of it is billed. The recursion is
 * written out in docs/models.md, "Monte Carlo: the fleet-year".
 *
 * Units: GPUs and GPU-hours in 1/256 (_q8), shares in 1/65536 (_q16), logarithms to base 2 in Q16
 * or Q22, money in micro-dollars and prices in micro-dollars of a GPU-hour (_usd).
 *
 * Chance is Philox (philox.h): hour h of replication r is counter (h, entity, r, MC_STREAM_HOUR),
 * entity 0 for what is common and 1 for what regions have of their own; what holds for all the
 * years is in MC_STREAM_YEAR. The fleet is in no counter: candidates meet the same world.
 *
 * No product, sum or counter wraps as long as fields are in the ranges said with them, which
 * fleet_year_world_check and fleet_year_fleet_check hold them to (fleet_year_setup.h). The largest:
 * a month's rented GPU-hours x price, 2^25 x 730 x 2^28 < 2^63; the bill of five years of four
 * kinds, 2^17 x 2^28 x 43,800 x 4 < 2^63; five years of backlog, each hour the most the law of
 * bursts has, 2^39 x 43,800 < 2^55, and its sum over hours, in whole GPU-hours, < 2^62.
 */
#ifndef MODELS_MONTECARLO_FLEET_YEAR_MODEL_H
#define MODELS_MONTECARLO_FLEET_YEAR_MODEL_H

#include "models/montecarlo/exp2.h"
#include "models/montecarlo/lanes.h"
#include "models/montecarlo/law.h"
#include "models/montecarlo/philox.h"

enum {
    FLEET_YEAR_REGIONS = 4, /* at most */
    FLEET_YEAR_WEEK = 168,
    FLEET_YEAR_HOURS = 8760,
    FLEET_YEAR_MONTH_HOURS = 730, /* twelve are a year */
    FLEET_YEAR_YEARS = 5,         /* at most */
    FLEET_YEAR_MONTHS = 12 * FLEET_YEAR_YEARS,
    FLEET_YEAR_HOURS_MAX = FLEET_YEAR_YEARS * FLEET_YEAR_HOURS,
    FLEET_YEAR_LAG_MAX = 24,
    FLEET_YEAR_GPU_Q8_MAX = 1 << 25,    /* 131,072 GPUs: of each kind in a fleet */
    FLEET_YEAR_DEMAND_Q8_MAX = 1 << 26, /* before growth and chance, which make it 32 x at most */
    FLEET_YEAR_USD_MAX = 1 << 26,       /* $67 for a GPU-hour; trend and chance: 4 x at most */
};

/* A logarithm that wanders about 0: tomorrow's = keep x today's + step x a standard normal. It
 * starts with its stationary spread. shift is added where it is used, so that the mean of its power
 * of two is 1. */
struct fleet_year_walk {
    int32_t keep_q16;  /* 0 to 65535 */
    int32_t step_q22;  /* 0 to 2^25; times 7 / (1 - keep) at most 2^30 */
    int32_t start_q22; /* 0 to 2^25: step / sqrt(1 - keep^2) */
    int32_t shift_q22; /* -2^26 to 2^26 */
};

struct fleet_year_world {
    int32_t hours;      /* 1 to FLEET_YEAR_HOURS_MAX */
    int32_t week_start; /* the hour of the week that hour 0 is, 0 to 167 */
    /* GPUs in use if there were enough, by hour of the week, 0 to FLEET_YEAR_DEMAND_Q8_MAX: serving
     * is lost where there are too few, training waits. */
    int32_t serving_q8[FLEET_YEAR_WEEK], training_q8[FLEET_YEAR_WEEK];
    int32_t growth_q16, growth_sd_q16; /* log2 a year, +- 3 x 65536; 0 to 2 x 65536 */
    int32_t level_sd_q16;            /* log2 of today's level, which is not known well; likewise */
    struct fleet_year_walk demand;   /* common to serving and training */
    struct fleet_year_walk price;    /* of spot, in all regions */
    int32_t trend_q16, trend_sd_q16; /* of prices on demand and spot, log2 a year, by month */
    int32_t region_n;                /* 0 to FLEET_YEAR_REGIONS */
    struct fleet_year_walk capacity; /* of spot, by region */
    int32_t common_q16, own_q16;     /* parts of a capacity's shock: squares add up to 1 */
    int32_t capacity_q8[FLEET_YEAR_REGIONS]; /* spot GPUs there are, 0 to FLEET_YEAR_GPU_Q8_MAX */
    /* Spot is taken back so many GPUs at once, so often in a GPU-hour (in 2^-31, up to 2^29); its
     * logarithm is not known well. A GPU that was taken cannot be had for a while: of its hour it
     * misses `away`, and of what is away `back` comes back in an hour. */
    int32_t reclaim_lump_q8; /* 1 to 2^22 */
    int32_t reclaim_q31, reclaim_sd_q16;
    int32_t reclaim_away_q16, reclaim_back_q16; /* 0 to 65536 */
    /* The same of failures of what is reserved and on demand, as often for all. */
    int32_t failure_lump_q8, failure_q31, failure_away_q16, failure_back_q16;
    int32_t redo_q16; /* hours of work lost with each GPU taken or failed, 0 to 2^26 */
    uint32_t seed[2];
    int32_t antithetic; /* 1: replications 2i and 2i + 1 have inverse words of chance */
};

struct fleet_year_fleet {
    int32_t reserved_q8, reserved_usd; /* paid used or not */
    int32_t reserved_busy_usd;         /* beside that, while busy: power; 0 to 2^22 */
    /* A savings plan: dollars an hour, used or not, that pay for so many GPUs on demand first. */
    int64_t plan_usd; /* micro-dollars an hour, 0 to 2^43 */
    int32_t plan_q8;  /* plan_usd / the plan's rate, rounded down */
    int32_t on_demand_least_q8, on_demand_most_q8, on_demand_usd;
    /* By region; a price above the bid loses all. All regions' most are at most
     * FLEET_YEAR_GPU_Q8_MAX. */
    int32_t spot_least_q8[FLEET_YEAR_REGIONS], spot_most_q8[FLEET_YEAR_REGIONS];
    int32_t spot_usd[FLEET_YEAR_REGIONS], bid_usd[FLEET_YEAR_REGIONS];
    int32_t spot_fill_q16; /* of the spot GPUs that are missing, what comes in an hour */
    /* The autoscaler needs (serving + drain x backlog) x headroom GPUs. */
    int32_t drain_q16;    /* 0 to 65536 */
    int32_t headroom_q16; /* 0 to 4 x 65536 */
    int32_t lag_hours;    /* of nodes on demand, 0 to FLEET_YEAR_LAG_MAX; 0: in the same hour */
    int32_t boot_q16;     /* of the hour in which they come, what passes first, 0 to 65536 */
    int32_t keep_q16;     /* of GPUs that are not needed, what stays for another hour, 0 to 65536 */
    int32_t usable_q16;   /* of GPUs that are there, what work can hold, 0 to 65536 */
    int32_t deadline_hours; /* 0 to 2^20: a backlog of more hours' capacity is too late */
};

/* Read by all lanes, at any index: on a GPU, in shared memory. */
struct fleet_year_tables {
    uint32_t normal[2 * LAW_CELLS]; /* law_table_normal */
    uint32_t burst[2 * LAW_CELLS];  /* of mean 1, in 2^-24: an hour's training */
};

/* What a replication gives: 64-bit integers, in this order. */
enum fleet_year_field {
    FLEET_YEAR_COST, /* micro-dollars: the sum of the next five */
    FLEET_YEAR_COST_RESERVED,
    FLEET_YEAR_COST_POWER, /* of reserved GPUs, while busy */
    FLEET_YEAR_COST_PLAN,
    FLEET_YEAR_COST_ON_DEMAND, /* beyond the plan */
    FLEET_YEAR_COST_SPOT,
    FLEET_YEAR_SERVED, /* GPU-hours, Q8 */
    FLEET_YEAR_UNSERVED,
    FLEET_YEAR_TRAINED, /* with work done again */
    FLEET_YEAR_RESERVED_BUSY,
    FLEET_YEAR_ON_DEMAND,     /* bought */
    FLEET_YEAR_COVERED,       /* of that, by the plan */
    FLEET_YEAR_SPOT,          /* bought */
    FLEET_YEAR_INTERRUPTED,   /* GPUs taken back or failed, Q8 */
    FLEET_YEAR_BACKLOG,       /* at the end, Q8 */
    FLEET_YEAR_BACKLOG_HOURS, /* whole GPU-hours of backlog, summed over hours */
    FLEET_YEAR_LATE,          /* hours with a backlog beyond the deadline */
    FLEET_YEAR_Z_GROWTH,      /* standard normals in Q16, whose means are 0: control variates */
    FLEET_YEAR_Z_LEVEL,
    FLEET_YEAR_Z_RECLAIM,
    FLEET_YEAR_Z_TREND,
    FLEET_YEAR_DEMAND, /* log2 of demand's walk, Q16, summed over hours; mean 0 */
    FLEET_YEAR_FIELDS
};

/* A replication on its way. Between two months a caller may look at its bill so far:
 * sum[FLEET_YEAR_COST]. */
struct fleet_year_state {
    mc_u32 replication, flip; /* flip: all ones where words are inverted */
    mc_i32 growth_q16, level_q22, trend_q16, reclaim_q31;
    mc_i32 demand_q22, price_q22, capacity_q22[FLEET_YEAR_REGIONS];
    mc_i32 spot_q8[FLEET_YEAR_REGIONS], away_q8[FLEET_YEAR_REGIONS];
    mc_i32 on_demand_q8, coming_q8, down_q8;
    mc_i64 backlog_q8;
    mc_i64 on_demand_usd_q8, spot_usd_q8; /* below a micro-dollar, between months */
    mc_i64 sum[FLEET_YEAR_FIELDS];
};

/* ---- inside ---- */

MC_FN mc_i32 fleet_year_walk_on(const struct fleet_year_walk *walk, mc_i32 at, mc_i32 normal)
{
    return mc_scale_two(mc_all_i32(walk->keep_q16), at, mc_all_i32(walk->step_q22), normal);
}

/* 2^exponent in Q16, where the exponent (Q16) is cut to below `most`. */
MC_FN mc_i32 fleet_year_power(mc_i32 exponent, int32_t most)
{
    return mc_exp2(mc_min(exponent, mc_all_i32(most * 65536 - 1)));
}

/* So many lumps of GPUs out of `gpus`, whole ones, the fraction by chance: 24 bits. rate: in 2^-31
 * of a GPU-hour. Not more than there are. */
MC_FN mc_i32 fleet_year_lumps(mc_i32 gpus_q8, mc_i32 rate_q31, int32_t lump_q8, mc_u32 chance)
{
    mc_i64 expected = mc_right_64(mc_product(gpus_q8, rate_q31), 15);
    mc_i64 events = mc_right_64(expected + mc_wide((mc_i32)chance), 24);
    return mc_narrow(
        mc_min_64(mc_product(mc_narrow(events), mc_all_i32(lump_q8)), mc_wide(gpus_q8)));
}

/* The low twelve bits of two words, which hardly move the laws drawn by them. */
MC_FN mc_u32 fleet_year_low_bits(mc_u32 a, mc_u32 b)
{
    return (a & mc_all_u32(0xFFFu)) << 12 | (b & mc_all_u32(0xFFFu));
}

MC_FN struct mc_words fleet_year_words(const struct fleet_year_state *s,
                                       const struct fleet_year_world *w, uint32_t draw,
                                       uint32_t entity, uint32_t stream)
{
    struct mc_words u = mc_philox(mc_all_u32(draw), mc_all_u32(entity), s->replication,
                                  mc_all_u32(stream), w->seed[0], w->seed[1]);
    for (int i = 0; i < 4; i++) u.x[i] ^= s->flip;
    return u;
}

/* What an hour brings, whichever fleet is there to meet it. All of it is drawn before any of it is
 * met: one replication at a time is a long chain of steps that wait for each other, and a processor
 * finds these beside it. */
struct fleet_year_hour {
    mc_i64 training_q8; /* that arrives */
    mc_i32 serving_q8;
    mc_u32 failure; /* chance, 24 bits */
    /* Of spot: the factor of its prices, and by region what there is, and chance. */
    mc_i32 price_q16, there_q8[FLEET_YEAR_REGIONS];
    mc_u32 reclaim[FLEET_YEAR_REGIONS];
};

/* The next hour of the world. */
MC_FN void fleet_year_draw(struct fleet_year_state *s, const struct fleet_year_world *w,
                           const struct fleet_year_tables *t, uint32_t hour, mc_i32 trend,
                           int regions, struct fleet_year_hour *out)
{
    const uint32_t of_week = (hour + (uint32_t)w->week_start) % FLEET_YEAR_WEEK;
    struct mc_words u = fleet_year_words(s, w, hour, 0, MC_STREAM_HOUR), own = u;
    s->demand_q22 =
        fleet_year_walk_on(&w->demand, s->demand_q22, law_draw_normal(t->normal, u.x[0]));
    s->sum[FLEET_YEAR_DEMAND] += mc_wide(s->demand_q22 >> 6);
    mc_i32 since = mc_scale(s->growth_q16, mc_all_i32((int32_t)((hour << 16) / FLEET_YEAR_HOURS)));
    mc_i32 level = fleet_year_power(((s->demand_q22 + s->level_q22) >> 6) + since, 5);
    mc_i32 training = mc_scale(mc_all_i32(w->training_q8[of_week]), level);
    mc_i32 burst = (mc_i32)(law_draw(t->burst, u.x[3]) >> 8);
    out->serving_q8 = mc_scale(mc_all_i32(w->serving_q8[of_week]), level);
    out->training_q8 = mc_right_64(mc_product(training, burst), 16);
    out->failure = fleet_year_low_bits(u.x[0], u.x[1]);
    if (regions == 0) return;
    mc_i32 common = law_draw_normal(t->normal, u.x[2]);
    s->price_q22 = fleet_year_walk_on(&w->price, s->price_q22, law_draw_normal(t->normal, u.x[1]));
    out->price_q16 = fleet_year_power(((s->price_q22 + w->price.shift_q22) >> 6) + trend, 2);
    if (regions > 1) own = fleet_year_words(s, w, hour, 1, MC_STREAM_HOUR);
#ifdef __CUDA_ARCH__
#pragma unroll
#endif
    for (int r = 0; r < regions; r++) {
        mc_i32 shock = common;
        out->reclaim[r] = fleet_year_low_bits(u.x[2], u.x[3]);
        if (regions > 1) {
            shock = mc_scale(common, mc_all_i32(w->common_q16)) +
                    mc_scale(law_draw_normal(t->normal, own.x[r]), mc_all_i32(w->own_q16));
            out->reclaim[r] = fleet_year_low_bits(own.x[r], own.x[(r + 1) & 3]);
        }
        s->capacity_q22[r] = fleet_year_walk_on(&w->capacity, s->capacity_q22[r], shock);
        mc_i32 exponent = (s->capacity_q22[r] + w->capacity.shift_q22) >> 6;
        out->there_q8[r] = mc_scale(mc_all_i32(w->capacity_q8[r]), fleet_year_power(exponent, 5));
    }
}

/* One hour of spot in one region: what is held of it then, and what was lost of it. `left` is
 * what the autoscaler needs beyond what comes before. */
MC_FN mc_i32 fleet_year_spot(struct fleet_year_state *s, const struct fleet_year_world *w,
                             const struct fleet_year_fleet *f, const struct fleet_year_hour *h,
                             int r, mc_i32 price, mc_i32 left, mc_i32 *lost)
{
    const mc_i32 none = mc_all_i32(0), most = mc_all_i32(f->spot_most_q8[r]);
    mc_i32 dear = mc_less(mc_all_i32(f->bid_usd[r]), price);
    mc_i32 there = mc_pick(dear, none, mc_min(h->there_q8[r], most));
    mc_i32 squeezed = mc_max(s->spot_q8[r] - there, none), had = s->spot_q8[r] - squeezed;
    mc_i32 taken = fleet_year_lumps(had, s->reclaim_q31, w->reclaim_lump_q8, h->reclaim[r]);
    had -= taken;
    mc_i32 away = s->away_q8[r] + mc_scale(taken, mc_all_i32(w->reclaim_away_q16)) -
                  mc_scale(s->away_q8[r], mc_all_i32(w->reclaim_back_q16));
    s->away_q8[r] = mc_min(away, most);
    mc_i32 want =
        mc_min(mc_max(left, mc_all_i32(f->spot_least_q8[r])), mc_max(there - s->away_q8[r], none));
    mc_i32 missing = mc_max(want - had, none), over = mc_max(had - want, none);
    had += mc_scale(missing, mc_all_i32(f->spot_fill_q16)) - over +
           mc_scale(over, mc_all_i32(f->keep_q16));
    s->spot_q8[r] = had;
    *lost += squeezed + taken;
    return had;
}

/* Nodes on demand for an hour, towards `left` GPUs; what of them came in this hour. The ring holds
 * what was asked for in each of the last `lag_hours` hours. */
MC_FN mc_i32 fleet_year_scale(struct fleet_year_state *s, mc_i32 *ring,
                              const struct fleet_year_fleet *f, uint32_t hour, mc_i32 left)
{
    mc_i32 target =
        mc_min(mc_max(left, mc_all_i32(f->on_demand_least_q8)), mc_all_i32(f->on_demand_most_q8));
    mc_i32 came;
    if (f->lag_hours > 0) {
        uint32_t slot = hour % (uint32_t)f->lag_hours;
        came = ring[slot];
        s->on_demand_q8 += came;
        s->coming_q8 -= came;
        mc_i32 asked = mc_max(target - s->on_demand_q8 - s->coming_q8, mc_all_i32(0));
        ring[slot] = asked;
        s->coming_q8 += asked;
    } else {
        came = mc_max(target - s->on_demand_q8, mc_all_i32(0));
        s->on_demand_q8 += came;
    }
    mc_i32 over = mc_max(s->on_demand_q8 - target, mc_all_i32(0));
    s->on_demand_q8 += mc_scale(over, mc_all_i32(f->keep_q16)) - over;
    return came;
}

/* The hour on which the world and the fleet meet. */
MC_FN void fleet_year_meet(struct fleet_year_state *s, mc_i32 *ring,
                           const struct fleet_year_world *w, const struct fleet_year_fleet *f,
                           const struct fleet_year_hour *h, uint32_t hour, int regions)
{
    const mc_i32 none = mc_all_i32(0), reserved = mc_all_i32(f->reserved_q8);
    const mc_i32 serving = h->serving_q8;
    s->backlog_q8 += h->training_q8;

    /* Failures. */
    mc_i32 up = mc_max(reserved + s->on_demand_q8 - s->down_q8, none);
    mc_i32 lost = fleet_year_lumps(up, mc_all_i32(w->failure_q31), w->failure_lump_q8, h->failure);
    s->down_q8 += mc_scale(lost, mc_all_i32(w->failure_away_q16)) -
                  mc_scale(s->down_q8, mc_all_i32(w->failure_back_q16));

    /* What the autoscaler needs beyond what is reserved. */
    const mc_i32 enough = mc_all_i32(1 << 27);
    mc_i32 behind = mc_narrow(mc_min_64(s->backlog_q8, mc_all_i64(1 << 30)));
    mc_i32 need =
        mc_min(serving, enough) + mc_min(mc_scale(behind, mc_all_i32(f->drain_q16)), enough);
    mc_i32 left = mc_scale(need, mc_all_i32(f->headroom_q16)) - mc_max(reserved - s->down_q8, none);

    /* Spot. */
    mc_i32 spot = none;
#ifdef __CUDA_ARCH__
#pragma unroll
#endif
    for (int r = 0; r < regions; r++) {
        mc_i32 price = mc_scale(mc_all_i32(f->spot_usd[r]), h->price_q16);
        mc_i32 had = fleet_year_spot(s, w, f, h, r, price, left, &lost);
        s->spot_usd_q8 += mc_product(had, price);
        left -= had;
        spot += had;
    }

    /* On demand, and what there is in all. */
    mc_i32 came = fleet_year_scale(s, ring, f, hour, left);
    mc_i32 owned_up = mc_max(reserved - s->down_q8, none);
    mc_i32 there = mc_max(reserved + s->on_demand_q8 - s->down_q8, none) + spot -
                   mc_scale(came, mc_all_i32(f->boot_q16));
    there = mc_scale(mc_max(there, none), mc_all_i32(f->usable_q16));
    mc_i32 served = mc_min(serving, there), room = there - served;
    mc_i32 trained = mc_narrow(mc_min_64(s->backlog_q8, mc_wide(room)));
    s->backlog_q8 += mc_right_64(mc_product(lost, mc_all_i32(w->redo_q16)), 16) - mc_wide(trained);

    /* The books. */
    mc_i64 soon = mc_product(mc_max(room, mc_all_i32(256)), mc_all_i32(f->deadline_hours));
    s->sum[FLEET_YEAR_SERVED] += mc_wide(served);
    s->sum[FLEET_YEAR_UNSERVED] += mc_wide(serving - served);
    s->sum[FLEET_YEAR_TRAINED] += mc_wide(trained);
    s->sum[FLEET_YEAR_RESERVED_BUSY] += mc_wide(mc_min(served + trained, owned_up));
    s->sum[FLEET_YEAR_ON_DEMAND] += mc_wide(s->on_demand_q8);
    s->sum[FLEET_YEAR_COVERED] += mc_wide(mc_min(s->on_demand_q8, mc_all_i32(f->plan_q8)));
    s->sum[FLEET_YEAR_SPOT] += mc_wide(spot);
    s->sum[FLEET_YEAR_INTERRUPTED] += mc_wide(lost);
    s->sum[FLEET_YEAR_BACKLOG_HOURS] += mc_right_64(s->backlog_q8, 8);
    s->sum[FLEET_YEAR_LATE] -= mc_less_64(soon, s->backlog_q8);
}

/* ---- the model ---- */

/* The first of a replication. regions: the world's region_n, as a constant where registers matter;
 * ring: FLEET_YEAR_LAG_MAX words, which the caller owns until the end. */
MC_FN void fleet_year_begin(struct fleet_year_state *s, mc_i32 *ring,
                            const struct fleet_year_world *w, const struct fleet_year_fleet *f,
                            const struct fleet_year_tables *t, mc_u32 replication, int regions)
{
    const mc_i32 none = mc_all_i32(0);
    s->replication = w->antithetic ? replication >> 1 : replication;
    s->flip = w->antithetic ? mc_all_u32(0) - (replication & 1u) : mc_all_u32(0);
    struct mc_words u = fleet_year_words(s, w, 0, 0, MC_STREAM_YEAR);
    struct mc_words start = fleet_year_words(s, w, 0, 1, MC_STREAM_YEAR);
    struct mc_words own = fleet_year_words(s, w, 0, 2, MC_STREAM_YEAR);
    mc_i32 z[4];
    for (int i = 0; i < 4; i++) z[i] = law_draw_normal(t->normal, u.x[i]);
    for (int i = 0; i < FLEET_YEAR_FIELDS; i++) s->sum[i] = mc_all_i64(0);
    s->growth_q16 = mc_all_i32(w->growth_q16) + mc_scale(z[0], mc_all_i32(w->growth_sd_q16));
    s->level_q22 =
        mc_scale(z[1], mc_all_i32(w->level_sd_q16 << 6)) + mc_all_i32(w->demand.shift_q22);
    mc_i32 often = fleet_year_power(mc_scale(z[2], mc_all_i32(w->reclaim_sd_q16)), 2);
    s->reclaim_q31 = mc_scale(mc_all_i32(w->reclaim_q31), often);
    s->trend_q16 = mc_all_i32(w->trend_q16) + mc_scale(z[3], mc_all_i32(w->trend_sd_q16));
    for (int i = 0; i < 4; i++) s->sum[FLEET_YEAR_Z_GROWTH + i] = mc_wide(z[i]);

    s->demand_q22 =
        mc_scale(law_draw_normal(t->normal, start.x[0]), mc_all_i32(w->demand.start_q22));
    s->price_q22 = mc_scale(law_draw_normal(t->normal, start.x[1]), mc_all_i32(w->price.start_q22));
    mc_i32 common = law_draw_normal(t->normal, start.x[2]);
#ifdef __CUDA_ARCH__
#pragma unroll
#endif
    for (int r = 0; r < FLEET_YEAR_REGIONS; r++) {
        mc_i32 shock = common;
        if (regions > 1)
            shock = mc_scale(common, mc_all_i32(w->common_q16)) +
                    mc_scale(law_draw_normal(t->normal, own.x[r]), mc_all_i32(w->own_q16));
        s->capacity_q22[r] = mc_scale(shock, mc_all_i32(w->capacity.start_q22));
        s->spot_q8[r] = r < regions ? mc_all_i32(f->spot_least_q8[r]) : none;
        s->away_q8[r] = none;
    }
    s->on_demand_q8 = mc_all_i32(f->on_demand_least_q8);
    s->coming_q8 = s->down_q8 = none;
    s->backlog_q8 = s->on_demand_usd_q8 = s->spot_usd_q8 = mc_all_i64(0);
    for (int i = 0; i < FLEET_YEAR_LAG_MAX; i++) ring[i] = none;
}

MC_FN int32_t fleet_year_month_n(const struct fleet_year_world *w)
{
    return (w->hours + FLEET_YEAR_MONTH_HOURS - 1) / FLEET_YEAR_MONTH_HOURS;
}

/* Month by month, from 0 on; the last may be short. */
MC_FN void fleet_year_month(struct fleet_year_state *s, mc_i32 *ring,
                            const struct fleet_year_world *w, const struct fleet_year_fleet *f,
                            const struct fleet_year_tables *t, int32_t month, int regions)
{
    int32_t from = month * FLEET_YEAR_MONTH_HOURS, to = from + FLEET_YEAR_MONTH_HOURS;
    if (to > w->hours) to = w->hours;
    mc_i32 trend =
        mc_scale(s->trend_q16, mc_all_i32((int32_t)(((uint32_t)from << 16) / FLEET_YEAR_HOURS)));
    mc_i32 price = mc_scale(mc_all_i32(f->on_demand_usd), fleet_year_power(trend, 2));
    mc_i64 before = s->sum[FLEET_YEAR_ON_DEMAND] - s->sum[FLEET_YEAR_COVERED];
    for (int32_t hour = from; hour < to; hour++) {
        struct fleet_year_hour h;
        fleet_year_draw(s, w, t, (uint32_t)hour, trend, regions, &h);
        fleet_year_meet(s, ring, w, f, &h, (uint32_t)hour, regions);
    }
    mc_i64 rented = s->sum[FLEET_YEAR_ON_DEMAND] - s->sum[FLEET_YEAR_COVERED] - before;
    s->on_demand_usd_q8 += rented * mc_wide(price);
    s->sum[FLEET_YEAR_COST_ON_DEMAND] += s->on_demand_usd_q8 >> 8;
    s->sum[FLEET_YEAR_COST_SPOT] += s->spot_usd_q8 >> 8;
    s->on_demand_usd_q8 &= mc_all_i64(255);
    s->spot_usd_q8 &= mc_all_i64(255);
    /* What is reserved costs the same in all lanes. */
    s->sum[FLEET_YEAR_COST_RESERVED] =
        mc_all_i64((int64_t)f->reserved_q8 * f->reserved_usd / 256 * to +
                   (int64_t)f->reserved_q8 * f->reserved_usd % 256 * to / 256);
    s->sum[FLEET_YEAR_COST_POWER] =
        s->sum[FLEET_YEAR_RESERVED_BUSY] * mc_all_i64(f->reserved_busy_usd) >> 8;
    s->sum[FLEET_YEAR_COST_PLAN] = mc_all_i64(f->plan_usd * to);
    s->sum[FLEET_YEAR_COST] = s->sum[FLEET_YEAR_COST_RESERVED] + s->sum[FLEET_YEAR_COST_POWER] +
                              s->sum[FLEET_YEAR_COST_PLAN] + s->sum[FLEET_YEAR_COST_ON_DEMAND] +
                              s->sum[FLEET_YEAR_COST_SPOT];
    s->sum[FLEET_YEAR_BACKLOG] = s->backlog_q8;
}

#endif
