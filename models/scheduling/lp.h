/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shares of GPU pools by linear programming, through GLPK.
 *
 *      y[c][p]   GPUs' time of pool p that goes to claim c: jobs that are alike, `count` of them
 *
 *      sum over p of y[c][p]          <= count of c       a job runs on one pool at a time
 *      sum over c of gpus of c y[c][p] <= GPUs of pool p
 *      y >= 0, and 0 where speed is 0
 *
 * The constraints are those of Gavel (Narayanan et al., OSDI'20), section 3.1, with jobs that are
 * alike added up. Optima are many. Of these one that prefers earlier claims and earlier pools is
 * taken, by a weight that falls by 1e-4 from the first to the last: who loses by less than that may
 * do so to one before it, and equals that remain are settled by the pivoting, which is the same
 * everywhere. Shares are rounded to millionths, which hides most last bits of floating point but
 * not all: where the numbers given differ in their last bits, the shares may.
 *
 * One pool needs no program: one_pool.h.
 */
#ifndef MODELS_SCHEDULING_LP_H
#define MODELS_SCHEDULING_LP_H

#include <math.h>
#include <stdint.h>

#include "sim/status.h"

/* What floating point may be wrong by, relative to 1. */
#define LP_SLACK 1e-9

struct claim {
    int64_t count, gpus;
    double need; /* > 0: speed of a job is counted in multiples of it */
};

struct lp {
    int32_t claim_n, pool_n;
    const struct claim *claims;
    const double *speed;    /* [claim][pool] of one job; 0 = cannot run there */
    const double *pool_gpu; /* [pool] */
    double *share;          /* [claim][pool] out: of the time of one job */
};

static inline double lp_preference(const struct lp *lp, int32_t claim, int32_t pool)
{
    double rank = (double)claim * lp->pool_n + pool, n = (double)lp->claim_n * lp->pool_n;
    return 1 - 1e-4 * rank / n;
}

static inline double lp_rounded(double share)
{
    return share > 0 ? floor(share * 1e6 + 0.5) / 1e6 : 0;
}

/* All return STATUS_OK, STATUS_NO_MEMORY, or STATUS_BUG: GLPK found no optimum, though there is
 * one. */

/* The largest t for which every job's speed can be t x its need. *least gets t. */
enum status lp_max_min(const struct lp *lp, double *least);
/* The same; of such shares those of the most work. */
enum status lp_max_min_most_work(const struct lp *lp, double *least);
/* The most work: the sum of value[claim][pool] x the time of all its jobs there. */
enum status lp_max_sum(const struct lp *lp, const double *value);

#endif
