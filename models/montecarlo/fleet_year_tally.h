/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What replications of fleet-years add up to, where they are made: sums of integers, so that no
 * order of threads, ranges or devices can show; and the answers that are read from them.
 *
 *      pilot rows --> axis --.
 *                             >--> histogram --> quantiles, VaR, CVaR
 *      replications ----------+--> controls ---> mean cost, its interval, what the variates save
 *                             '--> counts -----> chances of breaking the budget, of being late
 *
 * A histogram has 4,096 bins of one width, a power of two, over the range of a pilot and half of it
 * to either side; what lies beyond is counted in two more, which reach to the least and the
 * greatest value seen. Within a bin values are taken to lie evenly: a quantile is off by less than
 * a bin, about 1/2,000 of the range. A tally is 33 KB however many replications it holds; rows are
 * 656 bytes each. Whoever wants exact quantiles, or pairs of fleets, takes rows.
 *
 * All structs are plain and owned by the caller; nothing allocates.
 */
#ifndef MODELS_MONTECARLO_FLEET_YEAR_TALLY_H
#define MODELS_MONTECARLO_FLEET_YEAR_TALLY_H

#include "models/montecarlo/fleet_year.h"

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

/* Of a histogram that has counted something. share: 0 to 1. */
double fleet_year_quantile(const struct fleet_year_histogram *h, double share);
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
 * Engineering", 2004, 4.1). Antithetic replications count as pairs, whose quantities are the sums
 * of the two.
 *
 * All that it needs are the sums of products of any two of 1, the bill and the controls.
 */
enum {
    FLEET_YEAR_CONTROLS = 5,
    FLEET_YEAR_QUANTITIES = 2 + FLEET_YEAR_CONTROLS, /* 1, the bill, the controls */
    FLEET_YEAR_PRODUCTS = FLEET_YEAR_QUANTITIES * (FLEET_YEAR_QUANTITIES + 1) / 2,
};

struct fleet_year_controls {
    int64_t origin; /* of bills: about the mean, so that squares stay small */
    uint32_t shift; /* bills less the origin count in 2^shift micro-dollars */
    int32_t hours;
    uint64_t n; /* replications; of units, which are pairs or replications, there are sum[0] */
    __int128 cost_cost;                /* squares of replications' bills */
    __int128 sum[FLEET_YEAR_PRODUCTS]; /* of units: product i, j <= i at fleet_year_product(i, j) */
};

MC_FN int fleet_year_product(int i, int j) { return i * (i + 1) / 2 + j; }

/* What a tally knows of a replication. */
struct fleet_year_point {
    int64_t bill, late; /* micro-dollars; hours */
    int64_t control[FLEET_YEAR_CONTROLS];
};

MC_FN void fleet_year_point_of(const int64_t *fields, int32_t hours, struct fleet_year_point *p)
{
    p->bill = fields[FLEET_YEAR_COST];
    p->late = fields[FLEET_YEAR_LATE];
    for (int i = 0; i < FLEET_YEAR_CONTROLS - 1; i++)
        p->control[i] = fields[FLEET_YEAR_Z_GROWTH + i];
    p->control[FLEET_YEAR_CONTROLS - 1] = fields[FLEET_YEAR_DEMAND] / hours;
}

/* With bills of up to 2^50 units squares stay below 2^102, and 2^24 sums of them below 2^126. */
enum { FLEET_YEAR_BILL_BITS = 50 };

MC_FN int64_t fleet_year_bill_of(const struct fleet_year_controls *c, int64_t bill)
{
    const int64_t units = (bill - c->origin) >> c->shift;
    const int64_t most = (int64_t)1 << FLEET_YEAR_BILL_BITS;
    return units > most ? most : units < -most ? -most : units;
}

/* Quantity i of a unit; second: of a pair, else NULL. */
MC_FN int64_t fleet_year_quantity(const struct fleet_year_controls *c,
                                  const struct fleet_year_point *first,
                                  const struct fleet_year_point *second, int i)
{
    if (i == 0) return 1;
    if (i == 1)
        return fleet_year_bill_of(c, first->bill) +
               (second ? fleet_year_bill_of(c, second->bill) : 0);
    return first->control[i - 2] + (second ? second->control[i - 2] : 0);
}

/* axis: of the bills. */
void fleet_year_controls_init(struct fleet_year_controls *c, struct fleet_year_axis axis,
                              int32_t hours);
/* One replication's fields; second: of its antithetic, NULL where there is none. Of one tally all
 * have one, or none. */
void fleet_year_controls_add(struct fleet_year_controls *c, const int64_t *first,
                             const int64_t *second);

struct fleet_year_mean {
    double plain, plain_error; /* micro-dollars: mean of the replications, and its standard error as
                                  if they were independent */
    double mean, error;        /* with control variates, and pairs */
    double variance_ratio;     /* plain_error^2 / error^2: as if there were so many times more */
};
/* Of two units or more. */
struct fleet_year_mean fleet_year_mean_of(const struct fleet_year_controls *c);

/* ---- all of it ---- */

struct fleet_year_tally {
    struct fleet_year_histogram bill;
    struct fleet_year_controls controls;
    int64_t budget, late_hours;     /* a replication whose bill, or late hours, are more misses */
    uint64_t over_budget, too_late; /* replications that do */
};

/* axis: of the bills. budget: micro-dollars of all the hours; INT64_MAX: none. */
void fleet_year_tally_init(struct fleet_year_tally *t, struct fleet_year_axis axis, int32_t hours,
                           int64_t budget, int64_t late_hours);
/* Rows of n replications; antithetic: by pairs, so n is even. */
void fleet_year_tally_add(struct fleet_year_tally *t, const struct fleet_year_row *rows, uint32_t n,
                          bool antithetic);
/* Adds what `from` has counted; both began alike. */
void fleet_year_tally_merge(struct fleet_year_tally *t, const struct fleet_year_tally *from);

/*
 * Replications first to first + n - 1 of each fleet, added to tallies[fleet], on `threads` threads;
 * memory is one tally and a few rows a thread. Where the world is antithetic first and n are even.
 * STATUS_INTERRUPTED where *stop (may be NULL) became non-zero: then, as after any other failure,
 * the tallies mean nothing.
 */
enum status fleet_year_tally_run(const struct fleet_year_case *c,
                                 const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                                 enum fleet_year_way way, uint32_t first, uint32_t n, int threads,
                                 const volatile int *stop, struct fleet_year_tally *tallies,
                                 struct error *err);

#endif
