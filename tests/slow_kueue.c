/* SPDX-License-Identifier: Apache-2.0 */
/* Admission as Kueue does it, as plainly as it can be said: who waits, and cycles of one job of
 * each queue. Nothing is remembered but the flavors of running jobs, and who has stepped aside. */
#include "tests/slow_kueue.h"

#include <stdlib.h>
#include <string.h>

#include "tests/slow_quota.h"

struct slow_kueue_deeds slow_kueue_deeds;

enum aside { LOOKED_AT, UNTIL_TREE_RELEASES, UNTIL_ANY_RELEASES };

/* ---- who waits ---- */

static int32_t queue_of(const struct slow *s, size_t j)
{
    const struct quota_spec *spec = s->fleet->quota;
    const struct workload *w = s->w;
    if (!spec) return 0;
    const char *tenant = w->tenants.text[w->tenant[j]];
    const char *name = w->queue[j] ? w->queues.text[w->queue[j]] : tenant;
    int named = 0;
    for (int32_t i = 0; i < spec->local_n; i++) named += !strcmp(spec->locals[i].name, name);
    for (int32_t i = 0; i < spec->local_n; i++)
        if (!strcmp(spec->locals[i].name, name) &&
            (named == 1 || !strcmp(spec->locals[i].space, tenant)))
            return spec->locals[i].stopped ? -1 : spec->locals[i].queue;
    for (int32_t i = 0; i < spec->queue_n && named == 0; i++)
        if (!strcmp(spec->nodes[i].name, name)) return i;
    return -1;
}

static int alike(const struct slow *s, size_t a, size_t b)
{
    return s->kueue[a].queue == s->kueue[b].queue && slow_gpus(s, a) == slow_gpus(s, b) &&
           s->w->priority[a] == s->w->priority[b];
}

static void open_alike(struct slow *s, size_t job)
{
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && alike(s, j, job)) s->kueue[j].aside = LOOKED_AT;
}

void slow_kueue_left(struct slow *s, size_t job)
{
    const struct quota_spec *spec = s->fleet->quota ? s->fleet->quota : &slow_without_quotas;
    for (size_t j = 0; j < s->w->job_n; j++) {
        struct slow_kueue_job *k = &s->kueue[j];
        if (s->state[j] != WAITING) continue;
        if (k->aside == UNTIL_ANY_RELEASES ||
            (k->aside == UNTIL_TREE_RELEASES &&
             slow_quota_top(spec, k->queue) == slow_quota_top(spec, s->kueue[job].queue)))
            k->aside = LOOKED_AT;
    }
}

void slow_kueue_failed(struct slow *s, size_t j)
{
    slow_kueue_left(s, j);
    open_alike(s, j);
}

void slow_kueue_node_came(struct slow *s)
{
    for (size_t j = 0; j < s->w->job_n; j++) s->kueue[j].aside = LOOKED_AT;
}

int slow_kueue_arrive(struct slow *s, size_t j)
{
    struct slow_view v = { .s = s,
                           .spec = s->fleet->quota ? s->fleet->quota : &slow_without_quotas };
    int32_t queue = s->kueue[j].queue = queue_of(s, j);
    if (queue < 0 || v.spec->queues[queue].stopped) return 0;
    v.gone = calloc(s->w->job_n + 1, 1);
    v.nobody = 1;
    int fits = slow_kueue_plan(&v, j).mode == FIT;
    free(v.gone);
    if (fits) open_alike(s, j);
    return fits;
}

/* ---- a cycle ---- */

static size_t head_of(const struct slow *s, int32_t queue)
{
    size_t n = s->w->job_n, best = n;
    for (size_t j = 0; j < n; j++)
        if (s->state[j] == WAITING && s->kueue[j].queue == queue && !s->kueue[j].aside &&
            (best == n || s->w->priority[j] > s->w->priority[best]))
            best = j;
    return best;
}

static int is_first_of_its_like(const struct slow *s, size_t job)
{
    for (size_t j = 0; j < job; j++)
        if (s->state[j] == WAITING && alike(s, j, job)) return 0;
    return 1;
}

static void nominate(struct slow_view *v)
{
    size_t n = v->s->w->job_n;
    int found = 0;
    for (int32_t q = 0; q < v->spec->queue_n; q++) {
        size_t j = head_of(v->s, q);
        if (j == n) continue;
        struct slow_plan p = slow_kueue_plan(v, j);
        p.victims = malloc((n + 1) * sizeof *p.victims);
        if (p.mode != NO_FIT && p.mode != FIT) {
            int may = !slow_kueue_has_quota(v, &p);
            for (int r = 0; r < QUOTA_RESOURCES; r++)
                may |= p.flavor[r] >= 0 && v->spec->flavors[p.flavor[r]].by_node;
            if (may) p.victim_n = slow_kueue_victims(v, &p, &p.lacks_room, p.victims);
            p.mode = p.victim_n > 0 ? PREEMPT : NO_CANDIDATES;
        }
        v->plans[found++] = p;
    }
    v->plan_n = found;
}

static struct slow_plan *next_plan(struct slow_view *v)
{
    const int32_t *priority = v->s->w->priority;
    struct slow_plan *best = NULL;
    for (int i = 0; i < v->plan_n; i++) {
        struct slow_plan *p = &v->plans[i];
        if (p->done) continue;
        if (!best || p->borrow < best->borrow ||
            (p->borrow == best->borrow &&
             (priority[p->job] > priority[best->job] ||
              (priority[p->job] == priority[best->job] && p->job < best->job))))
            best = p;
    }
    return best;
}

static void hold_back(struct slow_view *v, struct slow_plan *p)
{
    int64_t most[QUOTA_RESOURCES] = { 0 };
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (p->flavor[r] < 0) continue;
        const struct quota_limits *l = slow_quota_limits(v, p->queue, p->flavor[r], r);
        int64_t limit = l->nominal - slow_quota_usage(v, p->queue, p->flavor[r], r);
        most[r] = slow_kueue_amount(v->s, p->job, r);
        if (p->borrow > 0 && l->borrowing == QUOTA_NO_LIMIT) continue;
        if (p->borrow > 0) limit += l->borrowing;
        if (limit < most[r]) most[r] = limit > 0 ? limit : 0;
    }
    memcpy(p->held_back, most, sizeof most);
    slow_kueue_deeds.held_back++;
}

/* Whether its queue goes on without it. */
static int step_aside(struct slow_view *v, struct slow_plan *p)
{
    struct slow *s = v->s;
    const struct quota_queue *rules = &v->spec->queues[p->queue];
    int quota = p->mode == NO_CANDIDATES && slow_kueue_has_quota(v, p);
    if (p->mode == NO_CANDIDATES && !quota) {
        struct slow_view lent = *v;
        lent.all_is_lent = 1;
        slow_kueue_deeds.kept_from_others += slow_kueue_has_quota(&lent, p);
        if (rules->reclaim != PREEMPT_ANY) hold_back(v, p);
    }
    if (rules->strategy == STRICT_FIFO) return 0;
    if (p->again) return 1;
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && alike(s, j, p->job))
            s->kueue[j].aside = p->lacks_room ? UNTIL_ANY_RELEASES : UNTIL_TREE_RELEASES;
    return 1;
}

static void count_deeds(struct slow_view *v, const struct slow_plan *p)
{
    struct slow *s = v->s;
    const struct quota_queue *rules = &v->spec->queues[p->queue];
    int borrows_more = 0, second = 0;
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (p->flavor[r] < 0) continue;
        for (size_t i = 0; i < p->victim_n; i++) v->gone[p->victims[i]] = 1;
        borrows_more |=
            slow_quota_exceeds(v, p->queue, p->flavor[r], r, slow_kueue_amount(s, p->job, r));
        memset(v->gone, 0, s->w->job_n);
        for (int g = 0; g < rules->group_n; g++)
            second |=
                rules->groups[g].resources >> r & 1 && rules->groups[g].flavors[0] != p->flavor[r];
    }
    slow_kueue_deeds.borrowed += borrows_more;
    slow_kueue_deeds.second_flavors += second;
    for (size_t i = 0; i < p->victim_n; i++) {
        enum slow_claim claim = slow_kueue_claim(v, p, p->victims[i]);
        slow_kueue_deeds.stopped_own += claim == OWN;
        slow_kueue_deeds.reclaimed += claim != OWN;
        slow_kueue_deeds.reclaimed_nearer += claim == NEARER;
        slow_kueue_deeds.reclaimed_borrower +=
            claim == OTHERS && borrows_more && rules->borrow_within_cohort;
    }
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && s->kueue[j].queue == p->queue &&
            (s->w->priority[j] > s->w->priority[p->job] ||
             (s->w->priority[j] == s->w->priority[p->job] && j < p->job))) {
            slow_kueue_deeds.passed++;
            break;
        }
}

/* If what was found still holds. */
static int try_start(struct slow_view *v, const struct slow_plan *p)
{
    struct slow *s = v->s;
    int take[4096], holds = is_first_of_its_like(s, p->job);
    for (size_t i = 0; i < p->victim_n; i++) holds &= s->state[p->victims[i]] == RUNNING;
    if (!holds) return 0;
    for (size_t i = 0; i < p->victim_n; i++) v->gone[p->victims[i]] = 1;
    holds = slow_kueue_has_quota(v, p) && slow_kueue_room(v, p->job, p->pools, take) >= 0;
    memset(v->gone, 0, s->w->job_n);
    if (!holds) return 0;
    count_deeds(v, p);
    for (size_t i = 0; i < p->victim_n; i++) {
        slow_stop(s, p->victims[i]);
        slow_kueue_left(s, p->victims[i]);
        open_alike(s, p->victims[i]);
    }
    for (int i = 0; p->victim_n > 0 && i < v->plan_n; i++)
        if (v->plans[i].lacks_room ||
            slow_quota_top(v->spec, v->plans[i].queue) == slow_quota_top(v->spec, p->queue))
            v->plans[i].again = 1;
    int pool = slow_kueue_room(v, p->job, p->pools, take);
    slow_go_on(s, p->job, pool, take);
    memcpy(s->kueue[p->job].flavor, p->flavor, sizeof p->flavor);
    return 1;
}

static int cycle(struct slow_view *v)
{
    int changed = 0;
    nominate(v);
    for (struct slow_plan *p; (p = next_plan(v));) {
        p->done = 1;
        if (p->mode <= NO_CANDIDATES) changed |= step_aside(v, p);
        else changed |= try_start(v, p);
    }
    for (int i = 0; i < v->plan_n; i++) free(v->plans[i].victims);
    v->plan_n = 0;
    return changed;
}

void slow_kueue_pass(struct slow *s)
{
    struct slow_view v = { .s = s,
                           .spec = s->fleet->quota ? s->fleet->quota : &slow_without_quotas };
    v.gone = calloc(s->w->job_n + 1, 1);
    v.plans = calloc((size_t)v.spec->queue_n + 1, sizeof *v.plans);
    while (cycle(&v)) continue;
    free(v.gone);
    free(v.plans);
}
