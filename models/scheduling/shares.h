/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What share of its time each job should have on each pool: the policies of Gavel (Narayanan et
 * al., OSDI'20), section 4. For job m of g GPUs with share X[m][p] of pool p, speed s[m][p] and
 * W[p] GPUs in pool p, with speed(m, X) = sum over p of s[m][p] X[m][p]:
 *
 *      max-min         maximize the least g x speed(m, X) / speed(m, X equal), where X equal gives
 *                      each pool a time in proportion to its GPUs (section 4.1)
 *      any             the same with every speed 1: blind to the kind of GPU
 *      finish time     minimize the largest rho = (time in the system + work left / speed(m, X))
 *                      / (time in the system + work left / speed(m, X isolated)); section 4.2,
 *                      Themis (NSDI'20)
 *      makespan        minimize the largest work left / speed(m, X); section 4.2
 *      throughput      maximize the sum of g x speed(m, X)
 *      worth           maximize the sum of g x s[m][p] x X[m][p] / price of a GPU of pool p: the
 *                      throughput normalized by cost of Gavel's policies
 *      isolated        X isolated: each of n jobs has W[p] / n of every pool, over g; where that is
 *                      more than 1 of all pools, scaled down to 1
 *      fifo            in order of arrival the fastest pool with g GPUs left, wholly; the first
 *                      that finds none ends the list
 */
#ifndef MODELS_SCHEDULING_SHARES_H
#define MODELS_SCHEDULING_SHARES_H

#include <stddef.h>
#include <stdint.h>

#include "models/scheduling/policy.h"

/* A job that asks for at least one GPU. */
struct share_job {
    uint32_t demand; /* jobs of equal demand have equal GPUs and speeds */
    int64_t gpus;
    double left_us, in_system_us; /* work left, at speed 1; time since it came */
};

struct share_problem {
    size_t job_n;
    int32_t pool_n;
    const struct share_job *jobs; /* in order of arrival */
    const double *speed;          /* [job][pool]; 0 = cannot run there */
    const double *pool_gpu;       /* [pool] */
    const double *pool_price;     /* [pool], > 0, of a GPU, in any unit; only for worth */
    double *share;                /* [job][pool] out */
};

/* O(jobs x pools) for fifo and isolated; a linear program of one claim a demand for max-min,
 * throughput and worth, of one a job for makespan, some ten of these for finish time; on one pool
 * O(jobs x log jobs) in place of each program. STATUS_NO_MEMORY, or STATUS_BUG where no optimum was
 * found. */
enum status shares_find(enum rank_by rule, const struct share_problem *problem);

#endif
