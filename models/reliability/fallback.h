/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When jobs leave spot nodes for others that are not taken back, as data. A fleet has spot pools
 * and others; by default a job takes whichever has room, in the order of the pools. Else it has
 * spot nodes alone, if it fits any, and none
 *
 *      after-reclaims  once it was taken back so often
 *      safety-net      once its deadline leaves time for its work and two changeovers (Wu et al.,
 *                      "Can't Be Late: Optimizing Spot Instance Savings under Deadlines", NSDI'24:
 *                      the greedy policy with the thrifty, the safety net and the exploitation
 *                      rule)
 *
 * The safety net lies under jobs that wait: one that runs on spot nodes stays there, since while it
 * runs its work gets less as its time does. A job without a deadline is never late. It takes an
 * order in which jobs pass each other: one that goes to other nodes must not stand behind one that
 * waits for spot nodes.
 *
 *      uniform-progress  the same, and in time: its work should be on the line from nothing at its
 *                        submission to all of it at its deadline (their section 5.2)
 *
 *      waits      for spot nodes alone, until it is below the line; from then on for any, and spot
 *                 nodes are tried first; from the safety net on for others alone
 *      on spot    it stays until they are taken back, below the line or not
 *      on others  it stays until it is where the line is two changeovers later; then it is stopped,
 *                 and waits
 *
 * What counts is work that a stop would leave it: with checkpoints at an interval what is in them,
 * and none without any, so that such a job stays where it is. Nor does it leave other nodes where
 * the safety net would take it back to them at once.
 */
#ifndef MODELS_RELIABILITY_FALLBACK_H
#define MODELS_RELIABILITY_FALLBACK_H

#include <stdbool.h>
#include <stdint.h>

enum fallback_rule {
    FALLBACK_NONE,
    FALLBACK_AFTER_RECLAIMS,
    FALLBACK_SAFETY_NET,
    FALLBACK_UNIFORM_PROGRESS
};

/* Whether it asks when jobs are to be done. */
static inline bool fallback_by_deadlines(enum fallback_rule rule)
{
    return rule == FALLBACK_SAFETY_NET || rule == FALLBACK_UNIFORM_PROGRESS;
}

struct fallback_kind {
    const char *name, *summary, *source;
};
extern const struct fallback_kind fallback_kinds[]; /* by rule, ended by a NULL name */

struct fallback_spec {
    enum fallback_rule rule;
    int32_t reclaims; /* after-reclaims: >= 1 */
    /* By deadlines: from a node that goes to work on another one. With uniform-progress > 0: jobs
     * that leave nodes and come back do so once in two of them. */
    int64_t changeover_us;
};

#endif
