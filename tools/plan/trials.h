/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan and its rivals in worlds that are other: each simulated there once.
 *
 *      trials_init                the plan, and the fleets that come next to it today
 *      trials_begin(lever)        worlds that are other in one thing
 *      trials_at(who, factor)     its figures where that is so many times as much
 *
 * Rivals are fleets of the search that surely meet the targets, in the order of the goal. Where a
 * world does not touch a fleet its figures are those it has, and nothing is simulated.
 */
#ifndef TOOLS_PLAN_TRIALS_H
#define TOOLS_PLAN_TRIALS_H

#include "tools/plan/candidate.h"

/* The plan and six rivals: up to three of other mixes of instance types, then those that come next
 * to it. What is further away wins later than they do, unless it is of another kind than all of
 * them.
 */
enum { TRIALS_MAX = 7 };

struct trial {
    size_t who;
    double factor;
    struct plan_candidate *as;
};

struct trials {
    struct plan *plan;
    size_t n; /* 0: the plan's best, then its rivals */
    const struct plan_candidate *of[TRIALS_MAX];
    struct scenario scenarios[TRIALS_MAX]; /* loaded as they are */
    enum plan_lever lever;
    const char *subject;
    size_t made_n, capacity; /* since trials_begin */
    struct trial *made;
};

/* Of a plan that has a best. Free it whatever is returned. */
enum status trials_init(struct trials *trials, struct plan *plan, struct error *err);
void trials_free(struct trials *trials);
/* subject: borrowed until the next. */
void trials_begin(struct trials *trials, enum plan_lever lever, const char *subject);
const struct fleet_spec *trials_fleet(const struct trials *trials, size_t who);
/* Whether the lever touches it. */
bool trials_touches(const struct trials *trials, size_t who);
/* *as: its values and verdicts, until the next trials_begin. */
enum status trials_at(struct trials *trials, size_t who, double factor,
                      const struct plan_candidate **as, struct error *err);

#endif
