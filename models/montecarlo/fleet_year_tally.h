/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What replications of fleet-years add up to: sums of integers, so that no order of threads, ranges
 * or devices can show; and the answers that are read from them.
 *
 *      pilot rows --> axis --.
 *                             >--> histogram --> quantiles, P(cost > budget), VaR, CVaR
 *      rows ------------------+--> controls ---> mean cost, its interval, what the variates save
 *                             '--> regrets ----> cost of not having the cheapest, by replication
 *
 * A histogram has 4,096 bins of one width, a power of two, over the range of a pilot and half of it
 * to either side; what lies beyond is counted in two more, which reach to the least and the
 * greatest value seen. Within a bin values are taken to lie evenly: a quantile is off by less than
 * a bin, about 1/2,000 of the range. Any 64-bit value may be counted: bills, or the bill up to a
 * month, one histogram a month for a fan chart.
 *
 * All structs are plain, and empty when they are zero but for their axis or origin.
 */
#ifndef MODELS_MONTECARLO_FLEET_YEAR_TALLY_H
#define MODELS_MONTECARLO_FLEET_YEAR_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "models/montecarlo/fleet_year_model.h"

/* ---- histograms ---- */

enum { FLEET_YEAR_BINS = 4096 };

struct fleet_year_axis {
    int64_t least;  /* where bin 1 begins */
    uint32_t shift; /* a bin is 2^shift wide; up to 50 */
};

/* 0: below; 1 to FLEET_YEAR_BINS; then above. */
MC_FN uint32_t fleet_year_bin(const struct fleet_year_axis *axis, int64_t value)
{
    if (value < axis->least) return 0;
    uint64_t bin = ((uint64_t)value - (uint64_t)axis->least) >> axis->shift;
    return bin < FLEET_YEAR_BINS ? (uint32_t)bin + 1 : FLEET_YEAR_BINS + 1;
}

/* Of n > 0 values, which lie between 0 and 2^61. */
struct fleet_year_axis fleet_year_axis_of(const int64_t *values, size_t n);

struct fleet_year_histogram {
    struct fleet_year_axis axis;
    uint64_t n;
    int64_t least, most;
    uint64_t count[FLEET_YEAR_BINS + 2];
};

void fleet_year_histogram_init(struct fleet_year_histogram *h, struct fleet_year_axis axis);
void fleet_year_histogram_add(struct fleet_year_histogram *h, int64_t value);
/* Adds what `from` has counted; both have the same axis. */
void fleet_year_histogram_merge(struct fleet_year_histogram *h,
                                const struct fleet_year_histogram *from);

/* Of a histogram that has counted something. share: 0 to 1. */
double fleet_year_quantile(const struct fleet_year_histogram *h, double share);
/* The share above a value: P(cost > budget). */
double fleet_year_exceedance(const struct fleet_year_histogram *h, double value);
/*
 * Expected shortfall, or CVaR: the mean of the worst 1 - share, which is VaR + E[(X - VaR)+] / (1 -
 * share) with VaR the quantile (Rockafellar and Uryasev, "Optimization of conditional
 * value-at-risk", Journal of Risk 2(3), 2000). share below 1. Of a normal and 0.95: mean + 2.0627
 * standard deviations.
 */
double fleet_year_shortfall(const struct fleet_year_histogram *h, double share);

/* ---- means ---- */

/*
 * The mean of the bill, and the same with control variates: five quantities of each replication
 * whose means are known to be 0 (the normals of growth, level, reclaims and trend; the mean of
 * demand's walk). A regression of the bill on them takes off what their chance has put on it; the
 * estimate is consistent, with a bias of order 1/n (Glasserman, "Monte Carlo Methods in Financial
 * Engineering", 2004, 4.1). Antithetic replications count as pairs.
 */
enum { FLEET_YEAR_CONTROLS = 5 };

struct fleet_year_controls {
    int64_t origin; /* of bills: about the mean, so that squares stay small */
    uint32_t shift; /* bills less the origin count in 2^shift micro-dollars */
    int32_t hours;
    uint64_t n, units;        /* replications; pairs, or replications */
    __int128 cost, cost_cost; /* of replications */
    __int128 unit_unit;       /* of units: sums of one or two bills */
    __int128 z[FLEET_YEAR_CONTROLS], z_cost[FLEET_YEAR_CONTROLS];
    __int128 z_z[FLEET_YEAR_CONTROLS][FLEET_YEAR_CONTROLS]; /* j <= i */
};

/* axis: of the bills. */
void fleet_year_controls_init(struct fleet_year_controls *c, struct fleet_year_axis axis,
                              int32_t hours);
/* One replication's fields; second: of its antithetic, NULL where there is none. Of one tally all
 * have one, or none. */
void fleet_year_controls_add(struct fleet_year_controls *c, const int64_t *first,
                             const int64_t *second);
void fleet_year_controls_merge(struct fleet_year_controls *c,
                               const struct fleet_year_controls *from);

struct fleet_year_mean {
    double plain, plain_error; /* micro-dollars: mean of the replications, and its standard error as
                                  if they were independent */
    double mean, error;        /* with control variates, and pairs */
    double variance_ratio;     /* plain_error^2 / error^2: as if there were so many times more */
};
/* Of two units or more. */
struct fleet_year_mean fleet_year_mean_of(const struct fleet_year_controls *c);

/* ---- candidates, under common random numbers ---- */

struct fleet_year_regret {
    uint64_t n, cheapest; /* replications; of these, where it was, the first of equals */
    __int128 sum;         /* micro-dollars more than the cheapest had */
    int64_t most;
    __int128 over, over_over; /* more than the baseline had; and squares, in 2^10 micro-dollars */
};

/* cost[fleet x n + i]: bills of n replications of all fleets. */
void fleet_year_regret_add(struct fleet_year_regret *regrets, uint32_t fleet_n, uint32_t baseline,
                           const int64_t *cost, uint32_t n);

#endif
