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
 * alike added up. Optima are many; which one is taken is written below. Shares are rounded to
 * millionths, which hides most last bits of floating point but not all: where the numbers given
 * differ in their last bits, the shares may.
 */
#ifndef MODELS_SCHEDULING_LP_H
#define MODELS_SCHEDULING_LP_H

#include <stdbool.h>
#include <stdint.h>

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

/* The largest t for which every job's speed can be t x its need; of such shares those of the most
 * work. *least gets t. false: no memory, or GLPK found no optimum. */
bool lp_max_min(const struct lp *lp, double *least);
/* The most work: the sum of value[claim][pool] x the time of all its jobs there. */
bool lp_max_sum(const struct lp *lp, const double *value);

#endif
