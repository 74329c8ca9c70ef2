/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the plain kueue:
 *
 *      slow_quota.c        what is used of quotas and nodes, and what is left
 *      slow_kueue_plan.c   the flavors that a job would have, and whom it would stop
 *      slow_kueue.c        who waits, and cycles
 *
 * What is used and left is added up from the running jobs each time it is asked for; "on paper"
 * means that some of these are marked as gone. The types of models/scheduling/quota.h are used,
 * none of its functions. */
#ifndef TESTS_SLOW_QUOTA_H
#define TESTS_SLOW_QUOTA_H

#include "models/scheduling/quota.h"
#include "tests/slow_state.h"

enum slow_mode { NO_FIT, NO_CANDIDATES, PREEMPT, RECLAIM, FIT }; /* from worst to best */
enum slow_claim { NONE, NEARER, OTHERS, OWN };                   /* on whom; in this order */

struct slow_plan { /* for one job: the flavors it would have, and who must go for that */
    size_t job;
    int32_t queue;
    enum slow_mode mode;
    int borrow; /* how far up the tree */
    int flavor[QUOTA_RESOURCES];
    unsigned need, pools; /* bits: resources that others are stopped for; where it may go */
    size_t *victims, victim_n;
    int64_t held_back[QUOTA_RESOURCES]; /* from others, to the end of the cycle */
    int lacks_room;                     /* nodes that others leave, whoever they are, may help it */
    int done, again; /* again: somebody was stopped since this was planned, who may help it, too */
};

struct slow_view { /* of the state, really or on paper */
    struct slow *s;
    const struct quota_spec *spec;
    char *gone; /* by job: on paper it does not run */
    struct slow_plan *plans;
    int plan_n;
    int nobody;      /* on paper nobody runs */
    int all_is_lent; /* on paper there are no lending limits */
};

/* What holds where no quotas are given. */
extern const struct quota_spec slow_without_quotas;

/* ---- slow_quota.c; f, r: flavor, resource ---- */

/* Those that could serve the job if nobody ran, as bits. */
unsigned slow_kueue_pools(const struct slow *s, size_t j);
/* What it asks for, in thousandths. */
int64_t slow_kueue_amount(const struct slow *s, size_t j, int resource);
int32_t slow_quota_parent(const struct slow_view *v, int32_t node);
int32_t slow_quota_top(const struct quota_spec *spec, int32_t node);
const struct quota_limits *slow_quota_limits(const struct slow_view *v, int32_t node, int f, int r);
int64_t slow_quota_usage(const struct slow_view *v, int32_t node, int f, int r);
/* Of what it does not lend. */
int64_t slow_quota_own_left(const struct slow_view *v, int32_t node, int f, int r);
int64_t slow_quota_available(const struct slow_view *v, int32_t node, int f, int r);
/* Whether with so much more it would use more than it and those below have. */
int slow_quota_exceeds(const struct slow_view *v, int32_t node, int f, int r, int64_t more);
int slow_quota_height(const struct slow_view *v, int32_t node);
/* The lowest subtree above the queue that has so much more; the whole tree if none has. -1: the
 * queue has it, or stands alone. */
int32_t slow_quota_lender(const struct slow_view *v, int32_t queue, int f, int r, int64_t more);
int slow_kueue_has_quota(const struct slow_view *v, const struct slow_plan *p);
/* The first of the pools in which the job has room, -1: none; take[] is what it would hold. */
int slow_kueue_room(const struct slow_view *v, size_t job, unsigned pools, int *take);

/* ---- slow_kueue_plan.c ---- */

/* Victims are not looked for yet. */
struct slow_plan slow_kueue_plan(struct slow_view *v, size_t j);
/* Who must be stopped for the plan; 0: nobody's stop would do. Where room is asked for,
 * *lacks_room is set if that is all that is missing. */
size_t slow_kueue_victims(struct slow_view *v, const struct slow_plan *p, int *lacks_room,
                          size_t *victims);
enum slow_claim slow_kueue_claim(const struct slow_view *v, const struct slow_plan *p, size_t j);

#endif
