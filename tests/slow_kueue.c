/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Admission as Kueue does it, as plainly as it can be said. What is used and what is left is added
 * up from the running jobs each time it is asked for; "on paper" means that some of them are marked
 * as gone. Nothing is remembered but the flavors of running jobs, and who has stepped aside.
 *
 * The types of models/scheduling/quota.h are used, none of its functions.
 */
#include "tests/slow_kueue.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/quota.h"
#include "tests/slow_state.h"

struct slow_kueue_deeds slow_kueue_deeds;

enum mode { NO_FIT, NO_CANDIDATES, PREEMPT, RECLAIM, FIT }; /* from worst to best */
enum claim { NONE, NEARER, OTHERS, OWN };                   /* on whom; in this order */
enum aside { LOOKED_AT, UNTIL_TREE_RELEASES, UNTIL_ANY_RELEASES };

struct plan { /* for one job: the flavors it would have, and who must go for that */
    size_t job;
    int32_t queue;
    enum mode mode;
    int borrow; /* how far up the tree */
    int flavor[QUOTA_RESOURCES];
    unsigned need, pools; /* bits: resources that others are stopped for; where it may go */
    size_t *victims, victim_n;
    int64_t held_back[QUOTA_RESOURCES]; /* from others, to the end of the cycle */
    int lacks_room;                     /* nodes that others leave, whoever they are, may help it */
    int done, again; /* again: somebody was stopped since this was planned, who may help it, too */
};

struct view { /* of the state, really or on paper */
    struct slow *s;
    const struct quota_spec *spec;
    char *gone; /* by job: on paper it does not run */
    struct plan *plans;
    int plan_n;
    int nobody;      /* on paper nobody runs */
    int all_is_lent; /* on paper there are no lending limits */
};

static const struct quota_limits no_limits[QUOTA_RESOURCES] = {
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
};
static const int32_t only_flavor[] = { 0 };
static const struct quota_group only_group[] = { { 15, 1, only_flavor } };
static const struct quota_flavor anywhere[] = { { "any", UINT64_MAX } };
static const struct quota_queue only_queue[] = { { .group_n = 1, .groups = only_group } };
static const struct quota_node only_node[] = { { "any", -1, no_limits } };
static const struct quota_spec without_quotas = { .flavor_n = 1,
                                                  .queue_n = 1,
                                                  .node_n = 1,
                                                  .flavors = anywhere,
                                                  .queues = only_queue,
                                                  .nodes = only_node };

/* ---- a job ---- */

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
            return spec->locals[i].queue;
    for (int32_t i = 0; i < spec->queue_n && named == 0; i++)
        if (!strcmp(spec->nodes[i].name, name)) return i;
    return -1;
}

static unsigned pools_of(const struct slow *s, size_t j)
{
    unsigned pools = 0;
    for (int p = 0; p < s->pool_n; p++)
        if (slow_gpus(s, j) <= s->fleet->pools[p].nodes * s->fleet->pools[p].gpus) pools |= 1u << p;
    return pools;
}

static int64_t amount(const struct slow *s, size_t j, int resource)
{
    int gpus = slow_gpus(s, j);
    if (resource == QUOTA_GPU) return 1000 * (int64_t)gpus;
    if (resource != QUOTA_PODS) return 0;
    int first = 0, pods = 1;
    while (!(pools_of(s, j) >> first & 1)) first++;
    while (pods * s->fleet->pools[first].gpus < gpus) pods++;
    return 1000 * (int64_t)pods;
}

static int alike(const struct slow *s, size_t a, size_t b)
{
    return s->kueue[a].queue == s->kueue[b].queue && slow_gpus(s, a) == slow_gpus(s, b) &&
           s->w->priority[a] == s->w->priority[b];
}

/* ---- quotas, from scratch ---- */

static int32_t parent_of(const struct view *v, int32_t node) { return v->spec->nodes[node].parent; }

static int32_t top_of(const struct quota_spec *spec, int32_t node)
{
    while (spec->nodes[node].parent >= 0) node = spec->nodes[node].parent;
    return node;
}

static const struct quota_limits *limits_of(const struct view *v, int32_t node, int f, int r)
{
    return &v->spec->nodes[node].limits[f * QUOTA_RESOURCES + r];
}

static int64_t own(const struct view *v, int32_t node, int f, int r);

/* What it and all below it have, but for what these keep. */
static int64_t quota_of(const struct view *v, int32_t node, int f, int r)
{
    int64_t all = limits_of(v, node, f, r)->nominal;
    for (int32_t child = 0; child < v->spec->node_n; child++)
        if (parent_of(v, child) == node) all += quota_of(v, child, f, r) - own(v, child, f, r);
    return all;
}

/* What it does not lend. */
static int64_t own(const struct view *v, int32_t node, int f, int r)
{
    int64_t lending = limits_of(v, node, f, r)->lending;
    if (lending == QUOTA_NO_LIMIT || v->all_is_lent) return 0;
    int64_t all = quota_of(v, node, f, r);
    return all > lending ? all - lending : 0;
}

static int64_t usage(const struct view *v, int32_t node, int f, int r)
{
    const struct slow *s = v->s;
    int64_t sum = 0;
    if (v->nobody) return 0;
    for (int32_t child = v->spec->queue_n > node ? v->spec->node_n : 0; child < v->spec->node_n;
         child++) {
        if (parent_of(v, child) != node) continue;
        int64_t beyond = usage(v, child, f, r) - own(v, child, f, r);
        if (beyond > 0) sum += beyond;
    }
    for (size_t j = 0; node < v->spec->queue_n && j < s->w->job_n; j++)
        if (s->state[j] == RUNNING && !v->gone[j] && s->kueue[j].queue == node &&
            s->kueue[j].flavor[r] == f)
            sum += amount(s, j, r);
    for (int i = 0; i < v->plan_n; i++)
        if (v->plans[i].queue == node && v->plans[i].flavor[r] == f)
            sum += v->plans[i].held_back[r];
    return sum;
}

static int64_t own_left(const struct view *v, int32_t node, int f, int r)
{
    int64_t left = own(v, node, f, r) - usage(v, node, f, r);
    return left > 0 ? left : 0;
}

static int64_t available(const struct view *v, int32_t node, int f, int r)
{
    if (parent_of(v, node) < 0) return quota_of(v, node, f, r) - usage(v, node, f, r);
    int64_t above = available(v, parent_of(v, node), f, r);
    int64_t borrowing = limits_of(v, node, f, r)->borrowing;
    if (borrowing != QUOTA_NO_LIMIT) {
        /* Of what it lends and borrows, that which is not used. */
        int64_t lent = quota_of(v, node, f, r) - own(v, node, f, r);
        int64_t beyond = usage(v, node, f, r) - own(v, node, f, r);
        int64_t most = lent + borrowing - (beyond > 0 ? beyond : 0);
        if (most < above) above = most;
    }
    return own_left(v, node, f, r) + above;
}

static int exceeds(const struct view *v, int32_t node, int f, int r, int64_t more)
{
    return usage(v, node, f, r) + more > quota_of(v, node, f, r);
}

static int height(const struct view *v, int32_t node)
{
    int most = 0;
    for (int32_t child = 0; child < v->spec->node_n; child++)
        if (parent_of(v, child) == node && height(v, child) + 1 > most) most = height(v, child) + 1;
    return most;
}

/* The lowest subtree above the queue that has so much more; the whole tree if none has. -1: the
 * queue has it, or stands alone. */
static int32_t lender(const struct view *v, int32_t queue, int f, int r, int64_t more)
{
    int32_t node = queue;
    if (parent_of(v, queue) < 0 || !exceeds(v, queue, f, r, more)) return -1;
    for (;;) {
        more -= own_left(v, node, f, r);
        node = parent_of(v, node);
        if (parent_of(v, node) < 0 || !exceeds(v, node, f, r, more)) return node;
    }
}

static int borrow_level(const struct view *v, int32_t queue, int f, int r, int64_t more)
{
    int32_t node = lender(v, queue, f, r, more);
    return node < 0 ? 0 : height(v, node);
}

static int has_quota(const struct view *v, const struct plan *p)
{
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (p->flavor[r] >= 0 && amount(v->s, p->job, r) > available(v, p->queue, p->flavor[r], r))
            return 0;
    return 1;
}

/* The first of the pools in which the job has room, -1: none; take[] is what it would hold. */
static int room_in(const struct view *v, size_t job, unsigned pools, int *take)
{
    struct slow *s = v->s;
    int saved[4096], found = -1;
    memcpy(saved, s->room, sizeof saved);
    for (size_t j = 0; j < s->w->job_n; j++)
        for (int k = 0; v->gone[j] && k < s->node_n; k++)
            if (s->held[j][k] > 0) s->room[k] += s->held[j][k];
    for (int p = 0; p < s->pool_n && found < 0; p++)
        if (pools >> p & 1 && slow_room(s, job, p, take)) found = p;
    memcpy(s->room, saved, sizeof saved);
    return found;
}

/* ---- victims ---- */

struct search {
    struct view *v;
    const struct plan *p;
    const struct quota_queue *rules;
    int rooms, may_borrow;
    int lacks_room;    /* without those who are gone there is quota, but no room */
    enum claim *claim; /* by job */
};

static int needs(const struct plan *p, int r) { return p->need >> r & 1; }

static int is_under(const struct view *v, int32_t node, int32_t top)
{
    while (node >= 0 && node != top) node = parent_of(v, node);
    return node == top;
}

/* The smallest subtree that both are in, -1: none. */
static int32_t common(const struct view *v, int32_t a, int32_t b)
{
    int32_t node = a;
    while (node >= 0 && !is_under(v, b, node)) node = parent_of(v, node);
    return node;
}

/* Whether the queue and all cohorts between it and `top` use more of what is needed than they
 * have. */
static int borrows(const struct search *f, int32_t queue, int32_t top)
{
    for (int32_t node = queue; node != top; node = parent_of(f->v, node)) {
        int more = 0;
        for (int r = 0; r < QUOTA_RESOURCES; r++)
            more |= needs(f->p, r) && exceeds(f->v, node, f->p->flavor[r], r, 0);
        if (!more) return 0;
    }
    return 1;
}

/* Whether a subtree below `top` would have quota for all of the job. */
static int is_nearer(const struct search *f, int32_t top)
{
    int64_t left[QUOTA_RESOURCES];
    for (int r = 0; r < QUOTA_RESOURCES; r++) left[r] = amount(f->v->s, f->p->job, r);
    for (int32_t node = f->p->queue; node != top; node = parent_of(f->v, node)) {
        int fits = 1;
        for (int r = 0; r < QUOTA_RESOURCES; r++) {
            int flavor = f->p->flavor[r];
            if (flavor < 0) continue;
            if (exceeds(f->v, node, flavor, r, left[r])) fits = 0;
            left[r] -= own_left(f->v, node, flavor, r);
            if (left[r] < 0) left[r] = 0;
        }
        if (fits) return 1;
    }
    return 0;
}

static int allows(const struct search *f, enum quota_preempt policy, size_t j)
{
    const struct workload *w = f->v->s->w;
    size_t job = f->p->job;
    if (policy == PREEMPT_ANY) return 1;
    if (policy == PREEMPT_NEVER) return 0;
    if (w->priority[j] < w->priority[job]) return 1;
    return policy == PREEMPT_LOWER_OR_NEWER && w->priority[j] == w->priority[job] &&
           w->submit_us[j] > w->submit_us[job];
}

static enum claim claim_on(const struct search *f, size_t j)
{
    const struct slow *s = f->v->s;
    int32_t queue = s->kueue[j].queue;
    int holds = 0;
    if (s->state[j] != RUNNING) return NONE;
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        holds |= needs(f->p, r) && s->kueue[j].flavor[r] == f->p->flavor[r];
    if (!holds) return NONE;
    if (queue == f->p->queue) return allows(f, f->rules->within_queue, j) ? OWN : NONE;
    int32_t top = common(f->v, f->p->queue, queue);
    if (top < 0 || !allows(f, f->rules->reclaim, j) || !borrows(f, queue, top)) return NONE;
    return is_nearer(f, top) ? NEARER : OTHERS;
}

/* Whether the rules let the job borrow and stop this one, too. */
static int is_low(const struct search *f, size_t j)
{
    const int32_t *priority = f->v->s->w->priority;
    return f->rules->borrow_within_cohort && priority[j] < priority[f->p->job] &&
           priority[j] <= f->rules->threshold;
}

static int may_go(const struct search *f, size_t j)
{
    int32_t queue = f->v->s->kueue[j].queue;
    if (f->claim[j] == OWN) return 1;
    if (f->claim[j] == OTHERS && f->may_borrow && !is_low(f, j)) return 0;
    return borrows(f, queue, common(f->v, f->p->queue, queue));
}

static int is_enough(struct search *f)
{
    int take[4096];
    for (int r = 0; r < QUOTA_RESOURCES && !f->may_borrow; r++)
        if (f->p->flavor[r] >= 0 &&
            exceeds(f->v, f->p->queue, f->p->flavor[r], r, amount(f->v->s, f->p->job, r)))
            return 0;
    if (!has_quota(f->v, f->p)) return 0;
    if (!f->rooms || room_in(f->v, f->p->job, f->p->pools, take) >= 0) return 1;
    f->lacks_room = 1;
    return 0;
}

static int goes_before(const struct search *f, size_t a, size_t b)
{
    const struct slow *s = f->v->s;
    if (f->claim[a] != f->claim[b]) return f->claim[a] < f->claim[b];
    if (s->w->priority[a] != s->w->priority[b]) return s->w->priority[a] < s->w->priority[b];
    return s->turn[a] > s->turn[b]; /* who was admitted last */
}

static size_t choose(struct search *f, size_t *victims)
{
    size_t n = f->v->s->w->job_n, chosen = 0, next;
    char *tried = calloc(n + 1, 1), *gone = f->v->gone;
    int enough = 0;
    do {
        next = n;
        for (size_t j = 0; j < n; j++)
            if (f->claim[j] != NONE && !tried[j] && (next == n || goes_before(f, j, next)))
                next = j;
        if (next == n) break;
        tried[next] = 1;
        if (!may_go(f, next)) continue;
        gone[next] = 1;
        victims[chosen++] = next;
        enough = is_enough(f);
    } while (!enough);
    /* Those without whom it is enough are kept, the last but one first. */
    for (size_t i = chosen; enough && i-- > 0;) {
        if (i + 1 == chosen) continue;
        gone[victims[i]] = 0;
        if (!is_enough(f)) gone[victims[i]] = 1;
    }
    size_t kept = 0;
    for (size_t i = 0; enough && i < chosen; i++)
        if (gone[victims[i]]) victims[kept++] = victims[i];
    memset(gone, 0, n);
    free(tried);
    return kept;
}

/* Who must be stopped for the plan; 0: nobody's stop would do. Where room is asked for,
 * *lacks_room is set if that is all that is missing. */
static size_t find_victims(struct view *v, const struct plan *p, int *lacks_room, size_t *victims)
{
    size_t n = v->s->w->job_n, found = 0, others = 0, nearer = 0;
    struct search f = {
        .v = v, .p = p, .rules = &v->spec->queues[p->queue], .rooms = lacks_room != NULL
    };
    int under = 1;
    f.claim = calloc(n + 1, sizeof *f.claim);
    for (size_t j = 0; j < n; j++) {
        f.claim[j] = claim_on(&f, j);
        others += f.claim[j] == NEARER || f.claim[j] == OTHERS;
        nearer += f.claim[j] == NEARER;
    }
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (needs(p, r) && exceeds(v, p->queue, p->flavor[r], r, 1)) under = 0;
    int forbidden = !f.rules->borrow_within_cohort;
    if (others == 0 || (forbidden && !under)) {
        f.may_borrow = 1;
        found = choose(&f, victims);
    } else {
        f.may_borrow = !forbidden || nearer > 0;
        found = choose(&f, victims);
        f.may_borrow = !f.may_borrow;
        if (found == 0) found = choose(&f, victims);
    }
    if (lacks_room) *lacks_room |= found == 0 && f.lacks_room;
    free(f.claim);
    return found;
}

/* ---- flavors ---- */

struct served {
    enum mode mode;
    int borrow;
};

static int is_better(const struct quota_queue *rules, struct served a, struct served b)
{
    if (a.mode <= NO_CANDIDATES || b.mode <= NO_CANDIDATES) {
        if (a.mode != b.mode) return a.mode > b.mode;
        return a.mode == NO_CANDIDATES && a.borrow < b.borrow;
    }
    if (rules->preference == PREEMPTION_OVER_BORROWING && a.borrow != b.borrow)
        return a.borrow < b.borrow;
    if (a.mode != b.mode) return a.mode > b.mode;
    return a.borrow < b.borrow;
}

/* How one flavor could serve one resource. */
static struct served serve(struct view *v, const struct plan *of, int flavor, int r)
{
    const struct quota_queue *rules = &v->spec->queues[of->queue];
    int64_t asked = amount(v->s, of->job, r);
    struct served served = { NO_FIT, 0 };
    struct view empty = *v;
    empty.nobody = 1;
    if (asked > available(&empty, of->queue, flavor, r)) return served;
    int32_t from = lender(v, of->queue, flavor, r, asked);
    served.borrow = from < 0 ? 0 : height(v, from);
    if (asked <= available(v, of->queue, flavor, r)) {
        served.mode = FIT;
        return served;
    }
    int somebody_above = parent_of(v, from < 0 ? of->queue : from) >= 0;
    if (asked > limits_of(v, of->queue, flavor, r)->nominal && !somebody_above &&
        !rules->borrow_within_cohort)
        return served;
    struct plan alone = *of;
    size_t *victims = malloc((v->s->w->job_n + 1) * sizeof *victims);
    for (int i = 0; i < QUOTA_RESOURCES; i++) alone.flavor[i] = i == r ? flavor : -1;
    alone.need = 1u << r;
    size_t n = find_victims(v, &alone, NULL, victims);
    served.mode = n > 0 ? RECLAIM : NO_CANDIDATES;
    for (size_t i = 0; i < n; i++) {
        if (v->s->kueue[victims[i]].queue == of->queue) served.mode = PREEMPT;
        v->gone[victims[i]] = 1;
    }
    served.borrow = borrow_level(v, of->queue, flavor, r, asked);
    memset(v->gone, 0, v->s->w->job_n);
    free(victims);
    return served;
}

/* How one flavor could serve what the job asks for of a group: as the worst of it. */
struct offer {
    struct served worst;
    int borrow; /* the most of any */
    unsigned need;
};

static struct offer offer_of(struct view *v, struct plan *p, unsigned asked, int flavor)
{
    const struct quota_queue *rules = &v->spec->queues[p->queue];
    struct offer o = { { FIT, 0 }, 0, 0 };
    int take[4096];
    for (int r = 0; r < QUOTA_RESOURCES && o.worst.mode != NO_FIT; r++) {
        if (!(asked >> r & 1)) continue;
        struct served one = serve(v, p, flavor, r);
        if (one.mode != FIT) o.need |= 1u << r;
        if (one.borrow > o.borrow) o.borrow = one.borrow;
        if (is_better(rules, o.worst, one)) o.worst = one;
    }
    unsigned pools = p->pools & (unsigned)v->spec->flavors[flavor].pools;
    if (o.worst.mode == FIT && !v->nobody && room_in(v, p->job, pools, take) < 0) {
        o.worst.mode = NO_CANDIDATES; /* quota without a node is none */
        o.need = asked;
        p->lacks_room = 1;
    }
    return o;
}

static int looks_further(const struct quota_queue *rules, struct served s)
{
    if (s.mode == NO_FIT || s.mode == NO_CANDIDATES) return 1;
    if (s.mode != FIT && rules->when_can_preempt == TRY_NEXT_FLAVOR) return 1;
    return s.borrow > 0 && rules->when_can_borrow == TRY_NEXT_FLAVOR;
}

static void choose_flavor(struct view *v, struct plan *p, const struct quota_group *group)
{
    const struct quota_queue *rules = &v->spec->queues[p->queue];
    struct offer best = { { NO_FIT, 0 }, 0, 0 };
    int flavor = -1, further = 1;
    unsigned asked = 0;
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (group->resources >> r & 1 && amount(v->s, p->job, r) > 0) asked |= 1u << r;
    if (!asked) return;
    for (int i = 0; i < group->flavor_n && further; i++) {
        if (!(p->pools & v->spec->flavors[group->flavors[i]].pools)) continue;
        struct offer o = offer_of(v, p, asked, group->flavors[i]);
        further = looks_further(rules, o.worst);
        if (further && !is_better(rules, o.worst, best.worst)) continue;
        best = o;
        flavor = group->flavors[i];
    }
    if (best.worst.mode < p->mode) p->mode = best.worst.mode;
    if (best.worst.mode == NO_FIT) return;
    if (best.borrow > p->borrow) p->borrow = best.borrow;
    p->need |= best.need;
    p->pools &= (unsigned)v->spec->flavors[flavor].pools;
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (asked >> r & 1) p->flavor[r] = flavor;
}

static struct plan plan_for(struct view *v, size_t j)
{
    const struct slow *s = v->s;
    struct plan p = { .job = j,
                      .queue = s->kueue[j].queue,
                      .mode = FIT,
                      .flavor = { -1, -1, -1, -1 },
                      .pools = pools_of(s, j) };
    const struct quota_queue *rules = &v->spec->queues[p.queue];
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        int covered = r == QUOTA_PODS; /* counted only where it is limited */
        for (int g = 0; g < rules->group_n; g++) covered |= rules->groups[g].resources >> r & 1;
        if (!covered && amount(s, j, r) > 0) p.mode = NO_FIT;
    }
    for (int g = 0; g < rules->group_n && p.mode != NO_FIT; g++)
        choose_flavor(v, &p, &rules->groups[g]);
    return p;
}

/* ---- who waits ---- */

static void open_alike(struct slow *s, size_t job)
{
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && alike(s, j, job)) s->kueue[j].aside = LOOKED_AT;
}

void slow_kueue_left(struct slow *s, size_t job)
{
    const struct quota_spec *spec = s->fleet->quota ? s->fleet->quota : &without_quotas;
    for (size_t j = 0; j < s->w->job_n; j++) {
        struct slow_kueue_job *k = &s->kueue[j];
        if (s->state[j] != WAITING) continue;
        if (k->aside == UNTIL_ANY_RELEASES ||
            (k->aside == UNTIL_TREE_RELEASES &&
             top_of(spec, k->queue) == top_of(spec, s->kueue[job].queue)))
            k->aside = LOOKED_AT;
    }
}

int slow_kueue_arrive(struct slow *s, size_t j)
{
    struct view v = { .s = s, .spec = s->fleet->quota ? s->fleet->quota : &without_quotas };
    int32_t queue = s->kueue[j].queue = queue_of(s, j);
    if (queue < 0 || v.spec->queues[queue].stopped) return 0;
    v.gone = calloc(s->w->job_n + 1, 1);
    v.nobody = 1;
    int fits = plan_for(&v, j).mode == FIT;
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

static void nominate(struct view *v)
{
    size_t n = v->s->w->job_n;
    int found = 0;
    for (int32_t q = 0; q < v->spec->queue_n; q++) {
        size_t j = head_of(v->s, q);
        if (j == n) continue;
        struct plan p = plan_for(v, j);
        p.victims = malloc((n + 1) * sizeof *p.victims);
        if (p.mode != NO_FIT && p.mode != FIT) {
            p.victim_n = find_victims(v, &p, &p.lacks_room, p.victims);
            p.mode = p.victim_n > 0 ? PREEMPT : NO_CANDIDATES;
        }
        v->plans[found++] = p;
    }
    v->plan_n = found;
}

static struct plan *next_plan(struct view *v)
{
    const int32_t *priority = v->s->w->priority;
    struct plan *best = NULL;
    for (int i = 0; i < v->plan_n; i++) {
        struct plan *p = &v->plans[i];
        if (p->done) continue;
        if (!best || p->borrow < best->borrow ||
            (p->borrow == best->borrow &&
             (priority[p->job] > priority[best->job] ||
              (priority[p->job] == priority[best->job] && p->job < best->job))))
            best = p;
    }
    return best;
}

static void hold_back(struct view *v, struct plan *p)
{
    int64_t most[QUOTA_RESOURCES] = { 0 };
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (p->flavor[r] < 0) continue;
        const struct quota_limits *l = limits_of(v, p->queue, p->flavor[r], r);
        int64_t limit = l->nominal - usage(v, p->queue, p->flavor[r], r);
        most[r] = amount(v->s, p->job, r);
        if (p->borrow > 0 && l->borrowing == QUOTA_NO_LIMIT) continue;
        if (p->borrow > 0) limit += l->borrowing;
        if (limit < most[r]) most[r] = limit > 0 ? limit : 0;
    }
    memcpy(p->held_back, most, sizeof most);
    slow_kueue_deeds.held_back++;
}

/* Whether its queue goes on without it. */
static int step_aside(struct view *v, struct plan *p)
{
    struct slow *s = v->s;
    const struct quota_queue *rules = &v->spec->queues[p->queue];
    int quota = p->mode == NO_CANDIDATES && has_quota(v, p);
    if (p->mode == NO_CANDIDATES && !quota) {
        struct view lent = *v;
        lent.all_is_lent = 1;
        slow_kueue_deeds.kept_from_others += has_quota(&lent, p);
        if (rules->reclaim != PREEMPT_ANY) hold_back(v, p);
    }
    if (rules->strategy == STRICT_FIFO) return 0;
    if (p->again) return 1;
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && alike(s, j, p->job))
            s->kueue[j].aside = p->lacks_room ? UNTIL_ANY_RELEASES : UNTIL_TREE_RELEASES;
    return 1;
}

static void count_deeds(struct view *v, const struct plan *p)
{
    struct slow *s = v->s;
    struct search f = { .v = v, .p = p, .rules = &v->spec->queues[p->queue] };
    int borrows_more = 0, second = 0;
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (p->flavor[r] < 0) continue;
        for (size_t i = 0; i < p->victim_n; i++) v->gone[p->victims[i]] = 1;
        borrows_more |= exceeds(v, p->queue, p->flavor[r], r, amount(s, p->job, r));
        memset(v->gone, 0, s->w->job_n);
        for (int g = 0; g < f.rules->group_n; g++)
            second |= f.rules->groups[g].resources >> r & 1 &&
                      f.rules->groups[g].flavors[0] != p->flavor[r];
    }
    slow_kueue_deeds.borrowed += borrows_more;
    slow_kueue_deeds.second_flavors += second;
    for (size_t i = 0; i < p->victim_n; i++) {
        enum claim claim = claim_on(&f, p->victims[i]);
        slow_kueue_deeds.stopped_own += claim == OWN;
        slow_kueue_deeds.reclaimed += claim != OWN;
        slow_kueue_deeds.reclaimed_nearer += claim == NEARER;
        slow_kueue_deeds.reclaimed_borrower +=
            claim == OTHERS && borrows_more && f.rules->borrow_within_cohort;
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
static int try_start(struct view *v, const struct plan *p)
{
    struct slow *s = v->s;
    int take[4096], holds = is_first_of_its_like(s, p->job);
    for (size_t i = 0; i < p->victim_n; i++) holds &= s->state[p->victims[i]] == RUNNING;
    if (!holds) return 0;
    for (size_t i = 0; i < p->victim_n; i++) v->gone[p->victims[i]] = 1;
    holds = has_quota(v, p) && room_in(v, p->job, p->pools, take) >= 0;
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
            top_of(v->spec, v->plans[i].queue) == top_of(v->spec, p->queue))
            v->plans[i].again = 1;
    int pool = room_in(v, p->job, p->pools, take);
    slow_go_on(s, p->job, pool, take);
    memcpy(s->kueue[p->job].flavor, p->flavor, sizeof p->flavor);
    return 1;
}

static int cycle(struct view *v)
{
    int changed = 0;
    nominate(v);
    for (struct plan *p; (p = next_plan(v));) {
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
    struct view v = { .s = s, .spec = s->fleet->quota ? s->fleet->quota : &without_quotas };
    v.gone = calloc(s->w->job_n + 1, 1);
    v.plans = calloc((size_t)v.spec->queue_n + 1, sizeof *v.plans);
    while (cycle(&v)) continue;
    free(v.gone);
    free(v.plans);
}
