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
 * rule)
 *
 * The safety net lies under jobs that wait: one that runs on spot nodes stays there, since while it
 * runs its work gets less as its time does. A job without a deadline is never late. It takes an
 * order in which jobs pass each other: one that goes to other nodes must not stand behind one that
 * waits for spot nodes.
 */
#ifndef MODELS_RELIABILITY_FALLBACK_H
#define MODELS_RELIABILITY_FALLBACK_H

#include <stdint.h>

enum fallback_rule { FALLBACK_NONE, FALLBACK_AFTER_RECLAIMS, FALLBACK_SAFETY_NET };

struct fallback_kind {
    const char *name, *summary, *source;
};
extern const struct fallback_kind fallback_kinds[]; /* by rule, ended by a NULL name */

struct fallback_spec {
    enum fallback_rule rule;
    int32_t reclaims;      /* after-reclaims: >= 1 */
    int64_t changeover_us; /* safety-net: from a node that goes to work on another one */
};

#endif
