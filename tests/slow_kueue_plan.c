/* SPDX-License-Identifier: Apache-2.0 */
/* Which flavors a job would have, and whom it would stop: see slow_quota.h. */
#include <stdlib.h>
#include <string.h>

#include "tests/slow_quota.h"

/* ---- victims ---- */

struct search {
    const struct slow_view *v;
    const struct slow_plan *p;
    const struct quota_queue *rules;
    int rooms, may_borrow;
    int lacks_room;         /* without those who are gone there is quota, but no room */
    enum slow_claim *claim; /* by job */
};

static int needs(const struct slow_plan *p, int r) { return p->need >> r & 1; }

static int is_under(const struct slow_view *v, int32_t node, int32_t top)
{
    while (node >= 0 && node != top) node = slow_quota_parent(v, node);
    return node == top;
}

/* The smallest subtree that both are in, -1: none. */
static int32_t common(const struct slow_view *v, int32_t a, int32_t b)
{
    int32_t node = a;
    while (node >= 0 && !is_under(v, b, node)) node = slow_quota_parent(v, node);
    return node;
}

/* Whether the queue and all cohorts between it and `top` use more of what is needed than they
 * have. */
static int borrows(const struct search *f, int32_t queue, int32_t top)
{
    for (int32_t node = queue; node != top; node = slow_quota_parent(f->v, node)) {
        int more = 0;
        for (int r = 0; r < QUOTA_RESOURCES; r++)
            more |= needs(f->p, r) && slow_quota_exceeds(f->v, node, f->p->flavor[r], r, 0);
        if (!more) return 0;
    }
    return 1;
}

/* Whether a subtree below `top` would have quota for all of the job. */
static int is_nearer(const struct search *f, int32_t top)
{
    int64_t left[QUOTA_RESOURCES];
    for (int r = 0; r < QUOTA_RESOURCES; r++) left[r] = slow_kueue_amount(f->v->s, f->p->job, r);
    for (int32_t node = f->p->queue; node != top; node = slow_quota_parent(f->v, node)) {
        int fits = 1;
        for (int r = 0; r < QUOTA_RESOURCES; r++) {
            int flavor = f->p->flavor[r];
            if (flavor < 0) continue;
            if (slow_quota_exceeds(f->v, node, flavor, r, left[r])) fits = 0;
            left[r] -= slow_quota_own_left(f->v, node, flavor, r);
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

static enum slow_claim claim_on(const struct search *f, size_t j)
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

enum slow_claim slow_kueue_claim(const struct slow_view *v, const struct slow_plan *p, size_t j)
{
    struct search f = { .v = v, .p = p, .rules = &v->spec->queues[p->queue] };
    return claim_on(&f, j);
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
        if (f->p->flavor[r] >= 0 && slow_quota_exceeds(f->v, f->p->queue, f->p->flavor[r], r,
                                                       slow_kueue_amount(f->v->s, f->p->job, r)))
            return 0;
    if (!slow_kueue_has_quota(f->v, f->p)) return 0;
    if (!f->rooms || slow_kueue_room(f->v, f->p->job, f->p->pools, take) >= 0) return 1;
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

size_t slow_kueue_victims(struct slow_view *v, const struct slow_plan *p, int *lacks_room,
                          size_t *victims)
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
        if (needs(p, r) && slow_quota_exceeds(v, p->queue, p->flavor[r], r, 1)) under = 0;
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
    enum slow_mode mode;
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

static int borrow_level(const struct slow_view *v, int32_t queue, int f, int r, int64_t more)
{
    int32_t node = slow_quota_lender(v, queue, f, r, more);
    return node < 0 ? 0 : slow_quota_height(v, node);
}

/* How one flavor could serve one resource. */
static struct served serve(struct slow_view *v, const struct slow_plan *of, int flavor, int r)
{
    const struct quota_queue *rules = &v->spec->queues[of->queue];
    int64_t asked = slow_kueue_amount(v->s, of->job, r);
    struct served served = { NO_FIT, 0 };
    struct slow_view empty = *v;
    empty.nobody = 1;
    if (asked > slow_quota_available(&empty, of->queue, flavor, r)) return served;
    int32_t from = slow_quota_lender(v, of->queue, flavor, r, asked);
    served.borrow = from < 0 ? 0 : slow_quota_height(v, from);
    if (asked <= slow_quota_available(v, of->queue, flavor, r)) {
        served.mode = FIT;
        return served;
    }
    int somebody_above = slow_quota_parent(v, from < 0 ? of->queue : from) >= 0;
    if (asked > slow_quota_limits(v, of->queue, flavor, r)->nominal && !somebody_above &&
        !rules->borrow_within_cohort)
        return served;
    struct slow_plan alone = *of;
    size_t *victims = malloc((v->s->w->job_n + 1) * sizeof *victims);
    for (int i = 0; i < QUOTA_RESOURCES; i++) alone.flavor[i] = i == r ? flavor : -1;
    alone.need = 1u << r;
    size_t n = slow_kueue_victims(v, &alone, NULL, victims);
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

static struct offer offer_of(struct slow_view *v, struct slow_plan *p, unsigned asked, int flavor)
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
    if (o.worst.mode == FIT && !v->nobody && slow_kueue_room(v, p->job, pools, take) < 0) {
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

static void choose_flavor(struct slow_view *v, struct slow_plan *p, const struct quota_group *group)
{
    const struct quota_queue *rules = &v->spec->queues[p->queue];
    struct offer best = { { NO_FIT, 0 }, 0, 0 };
    int flavor = -1, further = 1;
    unsigned asked = 0;
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (group->resources >> r & 1 && slow_kueue_amount(v->s, p->job, r) > 0) asked |= 1u << r;
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

struct slow_plan slow_kueue_plan(struct slow_view *v, size_t j)
{
    const struct slow *s = v->s;
    struct slow_plan p = { .job = j,
                           .queue = s->kueue[j].queue,
                           .mode = FIT,
                           .flavor = { -1, -1, -1, -1 },
                           .pools = slow_kueue_pools(s, j) };
    const struct quota_queue *rules = &v->spec->queues[p.queue];
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        int covered = r == QUOTA_PODS; /* counted only where it is limited */
        for (int g = 0; g < rules->group_n; g++) covered |= rules->groups[g].resources >> r & 1;
        if (!covered && slow_kueue_amount(s, j, r) > 0) p.mode = NO_FIT;
    }
    for (int g = 0; g < rules->group_n && p.mode != NO_FIT; g++)
        choose_flavor(v, &p, &rules->groups[g]);
    return p;
}
