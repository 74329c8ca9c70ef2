/* SPDX-License-Identifier: Apache-2.0 */
/* Karpenter's batches of pods, and the nodes that are launched for them. */
#include "models/autoscaling/karpenter.h"

#include <stdlib.h>
#include <string.h>

/* How often a pod that still waits asks again (provisioning/controller.go). */
#define ASK_AGAIN_US INT64_C(10000000)

/* ---- the whole ---- */

/* NodePools by weight, the highest first, then by name. */
static void sort_pools(struct karpenter *k)
{
    for (int32_t i = 0; i < k->n; i++) {
        int32_t at = i;
        for (; at > 0; at--) {
            const struct karpenter_pool *a = &k->pools[k->order[at - 1]], *b = &k->pools[i];
            if (a->weight > b->weight || (a->weight == b->weight && strcmp(a->name, b->name) <= 0))
                break;
            k->order[at] = k->order[at - 1];
        }
        k->order[at] = i;
    }
}

/* What is the same in all passes. */
static void look_at_pools(const struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    for (int32_t i = 0; i < k->n; i++) {
        const struct karpenter_pool *p = &k->pools[i];
        const struct karpenter_limits *l = &p->limits;
        k->offered |= p->pools;
        k->limited |= l->cpu_milli >= 0 || l->mem_mib >= 0 || l->gpus >= 0 || l->nodes >= 0;
        k->waits |= p->after_us > 0;
        k->moves_jobs |= p->after_us >= 0 && p->policy != KARPENTER_WHEN_EMPTY;
        for (int32_t b = 0; b < p->budget_n; b++) k->scheduled |= p->budgets[b].scheduled;
    }
    k->moves_jobs &= v->can_drain && !k->options->do_not_disrupt;
    for (int32_t p = 0; p < v->pool_n; p++)
        while (strcmp(v->fleet->pools[k->type[p]].type.name, v->fleet->pools[p].type.name) != 0)
            k->type[p]++;
}

static bool karpenter_init(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    k->options = &v->spec->karpenter;
    karpenter_pool_defaults(&k->standard);
    k->pools = k->options->n > 0 ? k->options->pools : &k->standard;
    k->n = k->options->n > 0 ? k->options->n : 1;
    k->opened_us = k->latest_us = k->batched_us = -1;
    k->poll_us = k->expires_us = EVENT_NONE;
    for (int32_t p = 0; p < v->pool_n; p++) k->node_n += v->fleet->pools[p].nodes;
    size_t nodes = (size_t)k->node_n, n = (size_t)k->n;
    k->order = calloc(n, sizeof *k->order);
    k->owner = malloc(nodes * sizeof *k->owner);
    k->going = calloc(nodes, sizeof *k->going);
    k->nodes = malloc(nodes * sizeof *k->nodes);
    k->chosen = malloc(nodes * sizeof *k->chosen);
    k->most_free = calloc((size_t)v->pool_n, sizeof *k->most_free);
    k->unavailable_us = calloc((size_t)v->pool_n, sizeof *k->unavailable_us);
    k->type = calloc((size_t)v->pool_n, sizeof *k->type);
    k->tallies = calloc(n, sizeof *k->tallies);
    k->allowed = calloc(n, sizeof *k->allowed);
    bool good = karpenter_fit_init(&k->fit, v, k->n, k->node_n);
    good &= karpenter_fit_init(&k->trial, v, k->n, k->node_n);
    if (!good || !k->order || !k->owner || !k->going || !k->nodes || !k->chosen || !k->most_free ||
        !k->unavailable_us || !k->type || !k->tallies || !k->allowed)
        return false;
    for (size_t i = 0; i < nodes; i++) k->owner[i] = -1;
    for (size_t j = 0; j < v->workload->job_n; j++) k->priorities |= v->workload->priority[j] != 0;
    sort_pools(k);
    look_at_pools(v);
    return true;
}

static void karpenter_free(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    karpenter_disrupt_free(k);
    karpenter_fit_free(&k->fit);
    karpenter_fit_free(&k->trial);
    free(k->order);
    free(k->owner);
    free(k->going);
    free(k->unavailable_us);
    free(k->tallies);
    free(k->most_free);
    free(k->allowed);
    free(k->type);
    free(k->keys);
    free(k->hopeless);
    free(k->group);
    free(k->demands);
}

/* ---- what there is to place pods on ---- */

uint64_t karpenter_usable(const struct autoscaler_view *v)
{
    const struct karpenter *k = v->state;
    uint64_t usable = 0;
    for (int32_t p = 0; p < v->pool_n; p++)
        if (k->unavailable_us[p] <= v->now_us) usable |= UINT64_C(1) << p;
    return usable;
}

void karpenter_begin(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    karpenter_fit_begin(&k->fit, v, k->node_n);
    for (int32_t i = 0; i < k->n; i++) k->fit.left[i] = karpenter_limits_whole(&k->pools[i].limits);
    k->fit.usable = karpenter_usable(v);
    for (int32_t p = 0; p < v->pool_n && k->limited; p++) {
        const struct instance_type *t = &v->fleet->pools[p].type;
        for (int32_t n = 0; n < v->pools[p].node_n; n++) {
            int32_t owner = k->owner[v->pools[p].base + n];
            if (owner < 0 || lifecycle_node(v->nodes, p, n)->state == NODE_ABSENT) continue;
            karpenter_limits_add(&k->fit.left[owner], t, -1);
        }
    }
}

/* ---- demands ---- */

static bool grow_by_demand(struct karpenter *k, uint32_t n)
{
    if (n <= k->by_demand) return true;
    size_t room = 2 * (size_t)n;
    struct karpenter_key *keys = realloc(k->keys, room * sizeof *keys);
    if (keys) k->keys = keys;
    uint8_t *hopeless = realloc(k->hopeless, room);
    if (hopeless) k->hopeless = hopeless;
    uint32_t *group = realloc(k->group, room * sizeof *group);
    if (group) k->group = group;
    uint32_t *demands = realloc(k->demands, room * sizeof *demands);
    if (demands) k->demands = demands;
    if (!keys || !hopeless || !group || !demands) return false;
    k->by_demand = (uint32_t)room;
    return true;
}

/* Keys of the demands that have come. */
static void learn_demands(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    if (k->key_n == v->demands->n) return;
    if (!grow_by_demand(k, v->demands->n)) {
        v->failed = true;
        return;
    }
    for (; k->key_n < v->demands->n; k->key_n++) {
        if (v->demands->entries[k->key_n].demand.pools) {
            struct share s = karpenter_pod(v, k->key_n);
            k->keys[k->key_n] = (struct karpenter_key){ s.cpu_milli, s.mem_mib };
        } else k->keys[k->key_n] = (struct karpenter_key){ 0 };
    }
}

int karpenter_compare_pods(const struct autoscaler_view *v, uint32_t x, uint32_t y)
{
    const struct karpenter *k = v->state;
    const struct karpenter_key *a = &k->keys[x], *b = &k->keys[y];
    if (a->cpu_milli != b->cpu_milli) return a->cpu_milli > b->cpu_milli ? -1 : 1;
    return (a->mem_mib < b->mem_mib) - (a->mem_mib > b->mem_mib);
}

/* ---- pods in their order ---- */

static int compare_demands(const void *a, const void *b, void *view)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = karpenter_compare_pods(view, x, y);
    return order ? order : (x > y) - (x < y);
}

struct placing_pods {
    struct autoscaler_view *v;
    struct karpenter_how how;
    uint32_t n;        /* demands that wait */
    uint32_t hopeless; /* of these: how many have no room any more */
    bool all;
};

/* What once found no room finds none in this batch. */
static void place_job(struct placing_pods *p, uint32_t demand)
{
    struct karpenter *k = p->v->state;
    if (k->hopeless[demand]) return;
    if (karpenter_fit_place(&k->fit, p->v, &p->how, demand)) return;
    k->hopeless[demand] = 1;
    p->hopeless++;
    p->all = false;
}

/* Of demands whose pods ask for the same, the one that waits longer goes first, job by job; `until`
 * so many are hopeless. */
static void place_by_arrival(struct placing_pods *p, uint32_t group, uint32_t until)
{
    const struct karpenter *k = p->v->state;
    const struct pending *line = p->v->pending;
    for (uint32_t job = line->first; job != PENDING_NONE && p->hopeless < until && !k->fit.failed;
         job = line->jobs[job].after)
        if (k->group[line->jobs[job].demand] == group) place_job(p, line->jobs[job].demand);
}

static void place_alike(struct placing_pods *p, uint32_t demand)
{
    const struct karpenter *k = p->v->state;
    for (int64_t i = 0; i < p->v->waiting[demand] && !k->hopeless[demand] && !k->fit.failed; i++)
        place_job(p, demand);
}

static void demands_gather(struct placing_pods *p)
{
    struct autoscaler_view *v = p->v;
    struct karpenter *k = v->state;
    if (v->demand_n > 0) memset(k->hopeless, 0, v->demand_n);
    for (uint32_t d = 0; d < v->demand_n; d++)
        if (v->waiting[d] > 0) k->demands[p->n++] = d;
    if (p->n > 1) qsort_r(k->demands, p->n, sizeof *k->demands, compare_demands, v);
    for (uint32_t i = 0; i < p->n; i++)
        k->group[k->demands[i]] =
            i > 0 && karpenter_compare_pods(v, k->demands[i - 1], k->demands[i]) == 0
                ? k->group[k->demands[i - 1]]
                : i;
}

static void place_in_order(struct placing_pods *p)
{
    struct autoscaler_view *v = p->v;
    const struct karpenter *k = v->state;
    for (uint32_t i = 0, next; i < p->n && !v->failed; i = next) {
        for (next = i + 1; next < p->n && k->group[k->demands[next]] == i; next++) continue;
        if (next - i > 1) place_by_arrival(p, i, p->hopeless + (next - i));
        else place_alike(p, k->demands[i]);
    }
}

static int compare_sizes(const void *a, const void *b, void *view)
{
    const struct autoscaler_view *v = view;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int64_t m = demand_milli(&v->demands->entries[x].demand);
    int64_t n = demand_milli(&v->demands->entries[y].demand);
    return m != n ? (m > n ? -1 : 1) : (x > y) - (x < y);
}

/* All that wait are placed; whether all of them found room, or a claim. A scheduler may hold them
 * all back for one, which has no room for those that are seen before it, and upstream would hold
 * none: where nothing runs, the largest are seen first then. */
static bool place_waiting(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    struct placing_pods p = { .v = v, .how = { k->pools, k->order, k->n, false }, .all = true };
    learn_demands(v); /* of jobs that were drained in this pass, too */
    if (v->failed) return false;
    k->fit.nominates = true;
    if (v->waiting_n > 0) demands_gather(&p);
    place_in_order(&p);
    if (!p.all && v->running->n == 0 && !v->failed) {
        karpenter_begin(v);
        memset(k->hopeless, 0, v->demand_n);
        p.hopeless = 0;
        qsort_r(k->demands, p.n, sizeof *k->demands, compare_sizes, v);
        for (uint32_t i = 0; i < p.n && !v->failed; i++) place_alike(&p, k->demands[i]);
    }
    k->fit.nominates = false;
    v->failed |= k->fit.failed;
    return p.all;
}

bool karpenter_settle(struct autoscaler_view *v)
{
    const struct karpenter *k = v->state;
    karpenter_begin(v);
    place_waiting(v);
    return k->fit.claim_n == 0;
}

/* ---- launching ---- */

static int32_t cheapest(const struct autoscaler_view *v, uint64_t offerings)
{
    int32_t best = -1;
    for (; offerings; offerings &= offerings - 1) {
        int32_t p = __builtin_ctzll(offerings);
        if (best < 0 || karpenter_capacity_rank(v, p) < karpenter_capacity_rank(v, best) ||
            (karpenter_capacity_rank(v, p) == karpenter_capacity_rank(v, best) &&
             karpenter_price(v, p) < karpenter_price(v, best)))
            best = p;
    }
    return best;
}

struct karpenter_node karpenter_launch(struct autoscaler_view *v, int32_t nodepool,
                                       uint64_t offerings)
{
    struct karpenter *k = v->state;
    int32_t pool = cheapest(v, offerings), rank = pool < 0 ? 0 : karpenter_capacity_rank(v, pool);
    for (; pool >= 0 && karpenter_capacity_rank(v, pool) == rank && !v->failed;
         pool = cheapest(v, offerings)) {
        if (autoscaler_add(v, pool, 1) == 1) {
            int32_t node = v->nodes->pools[pool].booting.last;
            int64_t expire_us = k->pools[nodepool].expire_us;
            k->owner[v->pools[pool].base + node] = nodepool;
            k->going[v->pools[pool].base + node] = false;
            if (expire_us >= 0 && v->now_us + expire_us < k->expires_us)
                k->expires_us = v->now_us + expire_us;
            return (struct karpenter_node){ .pool = pool,
                                            .node = node,
                                            .nodepool = nodepool,
                                            .stay = lifecycle_node(v->nodes, pool, node)->stay };
        }
        k->unavailable_us[pool] = v->now_us + k->options->unavailable_us;
        offerings &= ~(UINT64_C(1) << pool);
    }
    return (struct karpenter_node){ .node = -1 };
}

static void open_window(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    if (k->opened_us < 0) k->opened_us = v->now_us;
    k->latest_us = v->now_us;
}

static void run_batch(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    struct karpenter_batch known;
    bool launched = true;
    k->opened_us = k->latest_us = -1;
    k->batched_us = v->now_us;
    k->stale = false;
    if (!k->options->plain && karpenter_know_batch(v, &known)) {
        k->short_of_nodes = !known.all;
        k->unsettled |= known.claims;
        if (known.claims) {
            k->unavailable_us[known.pool] = v->now_us + k->options->unavailable_us;
            open_window(v);
        }
        return;
    }
    karpenter_begin(v);
    k->short_of_nodes = !place_waiting(v);
    for (size_t i = 0; i < k->fit.claim_n && !v->failed; i++) {
        const struct karpenter_claim *c = &k->fit.claims[i];
        launched &= karpenter_launch(v, c->nodepool, c->pools).node >= 0;
    }
    k->unsettled |= k->fit.claim_n > 0;
    if (!launched) open_window(v); /* the pods of a claim that failed are seen anew */
}

/* ---- windows ---- */

static int64_t closes_us(const struct karpenter *k)
{
    int64_t idle_us = k->latest_us + k->options->batch_idle_us;
    int64_t most_us = k->opened_us + k->options->batch_most_us;
    return idle_us < most_us ? idle_us : most_us;
}

/* An offering that is known to be out of nodes is asked again when the time for that is over, and
 * it may have some. */
static int64_t available_us(const struct autoscaler_view *v)
{
    const struct karpenter *k = v->state;
    int64_t at_us = EVENT_NONE;
    for (int32_t p = 0; p < v->pool_n; p++)
        if (k->unavailable_us[p] > v->now_us && k->unavailable_us[p] < at_us &&
            lifecycle_can_come(&v->nodes->pools[p]) > 0)
            at_us = k->unavailable_us[p];
    return at_us;
}

static bool became_available(const struct autoscaler_view *v)
{
    const struct karpenter *k = v->state;
    for (int32_t p = 0; p < v->pool_n; p++)
        if (k->unavailable_us[p] > k->batched_us && k->unavailable_us[p] <= v->now_us) return true;
    return false;
}

static void provision(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    const struct pending *line = v->pending;
    if (v->waiting_n == 0 || line->last == PENDING_NONE) {
        k->opened_us = k->latest_us = -1;
        return;
    }
    uint64_t newest = line->jobs[line->last].number;
    if (newest > k->seen) open_window(v);
    k->seen = line->come_n;
    int64_t again_us = k->batched_us < 0 ? 0 : k->batched_us + ASK_AGAIN_US;
    bool retry = k->short_of_nodes && became_available(v);
    if (k->opened_us < 0 && ((k->stale && again_us <= v->now_us) || retry)) open_window(v);
    if (k->opened_us >= 0 && closes_us(k) <= v->now_us) run_batch(v);
    if (k->opened_us >= 0) autoscaler_wake(v, closes_us(k));
    else if (k->stale) autoscaler_wake(v, again_us);
    if (k->short_of_nodes) autoscaler_wake(v, available_us(v));
}

/* When the node of the pool that boots for longest is given up. */
static int64_t registers_until_us(const struct autoscaler_view *v, int32_t pool)
{
    const struct karpenter *k = v->state;
    const struct lifecycle_line *booting = &v->nodes->pools[pool].booting;
    if (booting->n == 0) return EVENT_NONE;
    return lifecycle_node(v->nodes, pool, booting->first)->since_us + k->options->registration_us;
}

/* Nodes that have not come go. */
static void give_up(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    for (int32_t p = 0; p < v->pool_n; p++)
        while (registers_until_us(v, p) <= v->now_us) {
            autoscaler_cancel(v, p, v->nodes->pools[p].booting.first);
            k->stale = k->unsettled = true;
        }
}

static void karpenter_pass(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    k->stale |= v->changed;
    k->unsettled |= v->changed;
    learn_demands(v);
    if (v->failed) return;
    give_up(v);
    karpenter_disrupt(v); /* first, so that the pods of a node that is drained are seen at once */
    if (!v->failed) provision(v);
    for (int32_t p = 0; p < v->pool_n; p++) autoscaler_wake(v, registers_until_us(v, p));
}

const struct autoscaler autoscaler_karpenter = {
    .name = "karpenter",
    .summary = "Karpenter: batches, the cheapest instance type that fits, consolidation",
    .source = "kubernetes-sigs/karpenter 2266468, 2026-08-20; provider for AWS 1d92708",
    .state_size = sizeof(struct karpenter),
    .init = karpenter_init,
    .free = karpenter_free,
    .pass = karpenter_pass,
    .by_job = true,
    .drains = true,
};
