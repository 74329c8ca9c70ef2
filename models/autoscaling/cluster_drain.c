/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/cluster_drain.h"

#include <stdlib.h>
#include <string.h>

struct drain_record {
    uint32_t stay;
    uint32_t look;      /* the latest in which it was a candidate, or is kept */
    uint32_t gather;    /* the latest in which its jobs were gathered */
    int64_t recheck_us; /* its jobs had no room: not tried again before */
};

struct drain_job {
    int32_t number; /* of the node, of the fleet */
    uint32_t slot, job;
};

#define PPM 1000000

/* ---- utilization ---- */

static bool is_below(int64_t used, int64_t all, int64_t threshold_ppm)
{
    return all <= 0 || (__int128)used * PPM < (__int128)threshold_ppm * all;
}

/* A node with GPUs is measured by them alone (simulator/utilization/info.go). */
static bool is_underused(const struct autoscaler_view *v, int32_t pool, int32_t node)
{
    const struct cluster_autoscaler_options *o = &v->spec->cluster;
    const struct pool *p = &v->pools[pool];
    if (p->gpus > 0) return is_below(p->gpus - p->free_gpu[node], p->gpus, o->gpu_threshold_ppm);
    return !p->free_cpu ||
           (is_below(p->cpu_milli - p->free_cpu[node], p->cpu_milli, o->threshold_ppm) &&
            is_below(p->mem_mib - p->free_mem[node], p->mem_mib, o->threshold_ppm));
}

/* ---- the whole ---- */

bool cluster_drain_init(struct cluster_drain *d, const struct autoscaler_view *v)
{
    d->on = v->can_drain;
    d->looked_us = d->gathered_us = -1;
    d->recheck_us = EVENT_NONE;
    if (!d->on) return true;
    for (int32_t p = 0; p < v->pool_n; p++) d->node_n += v->fleet->pools[p].nodes;
    size_t n = (size_t)d->node_n;
    d->unneeded = malloc(n * sizeof *d->unneeded);
    d->candidates = malloc(n * sizeof *d->candidates);
    d->records = calloc(n, sizeof *d->records);
    d->least_free = calloc((size_t)v->pool_n, sizeof *d->least_free);
    bool good = karpenter_fit_init(&d->fit, v, 1, d->node_n);
    good &= karpenter_fit_init(&d->trial, v, 1, d->node_n);
    if (!good || !d->unneeded || !d->candidates || !d->records || !d->least_free) return false;
    for (int32_t p = 0; p < v->pool_n; p++) {
        int32_t gpus = v->fleet->pools[p].type.gpus;
        while (gpus > 0 &&
               !is_below(gpus - d->least_free[p], gpus, v->spec->cluster.gpu_threshold_ppm))
            d->least_free[p]++;
    }
    return true;
}

void cluster_drain_free(struct cluster_drain *d)
{
    if (!d->on) return;
    karpenter_fit_free(&d->fit);
    karpenter_fit_free(&d->trial);
    free(d->unneeded);
    free(d->candidates);
    free(d->records);
    free(d->least_free);
    free(d->jobs);
    free(d->moved);
}

static struct drain_record *record_of(const struct cluster_drain *d,
                                      const struct autoscaler_view *v, int32_t pool, int32_t node)
{
    return &d->records[v->pools[pool].base + node];
}

static bool may_shrink(const struct autoscaler_view *v, int32_t pool)
{
    const struct lifecycle_pool *p = &v->nodes->pools[pool];
    return lifecycle_held(p) > p->least;
}

/* ---- candidates ---- */

static void add_candidate(struct cluster_drain *d, const struct autoscaler_view *v, int32_t pool,
                          int32_t node, int64_t since_us)
{
    struct drain_record *r = record_of(d, v, pool, node);
    uint32_t stay = lifecycle_node(v->nodes, pool, node)->stay;
    r->look = d->looks;
    r->stay = stay;
    d->candidates[d->candidate_n++] = (struct unneeded){ pool, node, stay, since_us };
}

static int64_t scan_from(const struct autoscaler_view *v, int64_t time_us)
{
    int64_t scan_us = v->spec->cluster.scan_us;
    return (time_us + scan_us - 1) / scan_us * scan_us;
}

/* A node that was empty at the scan before has been unneeded since it was. */
static int64_t unneeded_since(const struct cluster_drain *d, const struct autoscaler_view *v,
                              const struct lifecycle_node *n)
{
    int64_t from_us = scan_from(v, n->since_us);
    return n->busy_us > d->looked_us && n->busy_us > from_us ? from_us : v->now_us;
}

/* What is free elsewhere is at least what the jobs on a node of the pool hold: all of its GPUs are
 * either theirs, or free and not elsewhere. */
static bool may_fit(const struct cluster_drain *d, const struct autoscaler_view *v, int32_t pool)
{
    return v->pools[pool].gpus <= d->free_gpus;
}

static void consider(struct cluster_drain *d, const struct autoscaler_view *v, int32_t pool,
                     int32_t node)
{
    const struct lifecycle_node *n = lifecycle_node(v->nodes, pool, node);
    const struct drain_record *r = record_of(d, v, pool, node);
    if (n->jobs == 0 || r->look == d->looks) return;
    if (r->stay == n->stay && r->recheck_us > v->now_us) {
        if (may_fit(d, v, pool) && r->recheck_us < d->recheck_us) d->recheck_us = r->recheck_us;
        return;
    }
    add_candidate(d, v, pool, node, unneeded_since(d, v, n));
}

static void consider_level(struct cluster_drain *d, const struct autoscaler_view *v, int32_t pool,
                           int32_t free)
{
    const struct pool *p = &v->pools[pool];
    int64_t node = nodeset_first(&p->by_free[free]);
    for (; node >= 0;
         node = nodeset_next(&p->by_free[free], (uint64_t)node + 1, (uint64_t)p->node_n))
        if (free > 0 || is_underused(v, pool, (int32_t)node)) consider(d, v, pool, (int32_t)node);
}

static void consider_pool(struct cluster_drain *d, const struct autoscaler_view *v, int32_t pool)
{
    const struct pool *p = &v->pools[pool];
    int32_t from = d->candidate_n;
    for (int32_t free = d->least_free[pool]; free <= p->gpus; free++) {
        if (p->count[free] == 0) continue;
        /* Most of those that have all of their GPUs free are empty. */
        if (free == p->gpus && p->count[free] <= v->nodes->pools[pool].idle.n) continue;
        consider_level(d, v, pool, free);
    }
    /* By number, whatever is free. */
    for (int32_t i = from + 1; i < d->candidate_n; i++) {
        struct unneeded c = d->candidates[i];
        int32_t at = i;
        for (; at > from && d->candidates[at - 1].node > c.node; at--)
            d->candidates[at] = d->candidates[at - 1];
        d->candidates[at] = c;
    }
}

/* Those that were unneeded, but for those that are empty by now, which remain so; how many do. */
static int32_t consider_unneeded(struct cluster_drain *d, const struct autoscaler_view *v)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < d->unneeded_n; i++) {
        struct unneeded u = d->unneeded[i];
        const struct lifecycle_node *n = lifecycle_node(v->nodes, u.pool, u.node);
        if (n->state != NODE_READY || n->stay != u.stay ||
            !pool_node_is_up(&v->pools[u.pool], u.node) || !may_shrink(v, u.pool))
            continue;
        if (n->jobs == 0) {
            record_of(d, v, u.pool, u.node)->look = d->looks;
            d->unneeded[kept++] = u;
        } else if (is_underused(v, u.pool, u.node)) {
            add_candidate(d, v, u.pool, u.node, u.since_us);
        }
    }
    return kept;
}

/* ---- where their jobs would go ---- */

static int compare_jobs(const void *a, const void *b)
{
    const struct drain_job *x = a, *y = b;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return (x->job > y->job) - (x->job < y->job);
}

static bool add_job(struct cluster_drain *d, struct drain_job job)
{
    if (d->job_n == d->job_capacity) {
        size_t capacity = 2 * d->job_capacity + 16;
        struct drain_job *jobs = realloc(d->jobs, capacity * sizeof *jobs);
        if (!jobs) return false;
        d->jobs = jobs;
        d->job_capacity = capacity;
    }
    d->jobs[d->job_n++] = job;
    return true;
}

/* Who runs on candidates. */
static bool gather_jobs(struct cluster_drain *d, const struct autoscaler_view *v)
{
    d->job_n = 0;
    d->gathers++;
    d->gathered_us = v->now_us;
    for (int32_t i = 0; i < d->candidate_n; i++)
        record_of(d, v, d->candidates[i].pool, d->candidates[i].node)->gather = d->gathers;
    for (uint32_t s = 0; s < v->running->used; s++) {
        const struct running_job *j = &v->running->slots[s];
        if (events_time(v->ends, s) == EVENT_NONE) continue;
        const struct piece *pieces = running_pieces(v->running, s);
        for (int32_t i = 0; i < j->piece_n; i++) {
            int32_t number = v->pools[j->pool].base + pieces[i].node;
            if (d->records[number].gather == d->gathers &&
                !add_job(d, (struct drain_job){ number, s, j->job }))
                return false;
        }
    }
    if (d->job_n > 1) qsort(d->jobs, d->job_n, sizeof *d->jobs, compare_jobs);
    if (v->running->used > d->moved_capacity) {
        size_t capacity = 2 * (size_t)v->running->used;
        uint32_t *moved = realloc(d->moved, capacity * sizeof *moved);
        if (!moved) return false;
        memset(moved + d->moved_capacity, 0, (capacity - d->moved_capacity) * sizeof *moved);
        d->moved = moved;
        d->moved_capacity = capacity;
    }
    return true;
}

/* What is free after the jobs that wait, without the empty nodes that are to go. */
static bool prepare(struct cluster_drain *d, const struct autoscaler_view *v,
                    const struct needs *needs)
{
    static const struct karpenter_how anywhere = { .ready_only = false };
    struct karpenter_fit *f = &d->fit;
    d->prepared = true;
    karpenter_fit_begin(f, v, d->node_n);
    f->nominates = true;
    for (size_t i = 0; i < needs->n; i++)
        for (int64_t n = v->waiting[needs->order[i]];
             n > 0 && karpenter_fit_place(f, v, &anywhere, needs->order[i]); n--)
            continue;
    for (int32_t p = 0; p < v->pool_n; p++) {
        if (!may_shrink(v, p)) continue;
        int32_t node = v->nodes->pools[p].idle.first;
        for (; node >= 0; node = lifecycle_node(v->nodes, p, node)->after) {
            int32_t bin = f->bin_of[v->pools[p].base + node];
            if (bin >= 0) f->bins[bin].shut = !f->bins[bin].nominated;
        }
    }
    return !f->failed;
}

/* Whether they are known as they are now: none has come or gone since. */
static bool has_jobs_of(const struct cluster_drain *d, const struct autoscaler_view *v,
                        const struct unneeded *c)
{
    return record_of(d, v, c->pool, c->node)->gather == d->gathers && d->gathers > 0 &&
           lifecycle_node(v->nodes, c->pool, c->node)->touched_us < d->gathered_us;
}

static size_t first_job(const struct cluster_drain *d, int32_t number)
{
    size_t low = 0, high = d->job_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (d->jobs[middle].number < number) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Whether all that is on the candidate fits elsewhere; it has moved there then. */
static bool try_out(struct cluster_drain *d, struct autoscaler_view *v, int32_t candidate)
{
    static const struct karpenter_how ready = { .ready_only = true };
    const struct unneeded *c = &d->candidates[candidate];
    struct karpenter_fit *f = &d->trial;
    int32_t number = v->pools[c->pool].base + c->node, bin = d->fit.bin_of[number];
    if (!has_jobs_of(d, v, c)) v->failed |= !gather_jobs(d, v);
    karpenter_fit_copy(f, &d->fit, v, 1, d->node_n);
    v->failed |= f->failed;
    if (v->failed) return false;
    size_t first = first_job(d, number), last = first;
    f->nominates = true;
    f->bins[bin].shut = true;
    for (; last < d->job_n && d->jobs[last].number == number; last++)
        if (d->moved[d->jobs[last].slot] != d->looks)
            karpenter_fit_give_back(f, v, d->jobs[last].slot);
    for (size_t i = first; i < last; i++) {
        uint32_t slot = d->jobs[i].slot;
        if (d->moved[slot] == d->looks) continue;
        bool placed = karpenter_fit_place(f, v, &ready, v->running->slots[slot].demand);
        v->failed |= f->failed;
        if (!placed) return false;
    }
    for (size_t i = first; i < last; i++) d->moved[d->jobs[i].slot] = d->looks;
    struct karpenter_fit tried = d->trial;
    d->trial = d->fit;
    d->fit = tried;
    return true;
}

/* Whether the candidate is unneeded. */
static bool is_unneeded(struct cluster_drain *d, struct autoscaler_view *v,
                        const struct needs *needs, int32_t candidate)
{
    const struct unneeded *c = &d->candidates[candidate];
    const struct pool *p = &v->pools[c->pool];
    struct drain_record *r = record_of(d, v, c->pool, c->node);
    bool unneeded = may_fit(d, v, c->pool);
    if (unneeded) {
        if (!d->prepared) v->failed |= !prepare(d, v, needs);
        if (v->failed || d->fit.bins[d->fit.bin_of[p->base + c->node]].nominated) return false;
        unneeded = try_out(d, v, candidate);
    }
    if (unneeded) d->free_gpus -= p->gpus;
    else r->recheck_us = v->now_us + v->spec->cluster.recheck_us;
    return unneeded;
}

/* core/scaledown/planner/planner.go, unneededNodesLimit: no more are worth knowing. */
static int64_t most_unneeded(const struct autoscaler_view *v, int64_t before, int64_t empty)
{
    const struct cluster_autoscaler_options *o = &v->spec->cluster;
    int64_t rounds = o->unneeded_us > o->scan_us ? o->unneeded_us / o->scan_us : 1;
    int64_t most = o->parallel * rounds + o->parallel - empty;
    return before + 2 * o->parallel < most ? before + 2 * o->parallel : most;
}

static void look(struct cluster_drain *d, struct autoscaler_view *v, const struct needs *needs,
                 const int64_t *spare, const int64_t *free_gpus)
{
    int64_t empty = 0;
    int32_t before = d->unneeded_n;
    d->prepared = false;
    d->candidate_n = 0;
    d->free_gpus = 0;
    d->looks++;
    d->unneeded_n = consider_unneeded(d, v);
    for (int32_t p = 0; p < v->pool_n; p++) {
        d->free_gpus += free_gpus[p];
        if (!may_shrink(v, p)) continue;
        empty += spare[p];
        d->free_gpus -= spare[p] * v->pools[p].gpus;
    }
    for (int32_t p = 0; p < v->pool_n; p++)
        if (may_shrink(v, p)) consider_pool(d, v, p);
    int64_t most = d->candidate_n > 0 ? most_unneeded(v, before, empty) : 0;
    for (int32_t i = 0; i < d->candidate_n && !v->failed; i++) {
        if (d->unneeded_n >= most) {
            d->stale = d->unneeded_n > before; /* more are worth it at the next scan */
            break;
        }
        if (is_unneeded(d, v, needs, i)) d->unneeded[d->unneeded_n++] = d->candidates[i];
    }
}

void cluster_drain_look(struct cluster_drain *d, struct autoscaler_view *v,
                        const struct needs *needs, const int64_t *spare, const int64_t *free_gpus)
{
    if (!d->on) return;
    if (d->stale || d->recheck_us <= v->now_us) {
        d->stale = false;
        d->recheck_us = EVENT_NONE;
        look(d, v, needs, spare, free_gpus);
        d->looked_us = v->now_us;
        if (d->stale) autoscaler_wake(v, v->now_us + 1);
    }
    autoscaler_wake(v, d->recheck_us);
}

/* ---- what is due ---- */

void cluster_drain_shrink(struct cluster_drain *d, struct autoscaler_view *v, int64_t from_us,
                          int64_t *left, int64_t *spare)
{
    bool drained = false;
    int32_t kept = 0;
    for (int32_t i = 0; i < d->unneeded_n; i++) {
        struct unneeded u = d->unneeded[i];
        const struct lifecycle_node *n = lifecycle_node(v->nodes, u.pool, u.node);
        int64_t due_us = u.since_us + v->spec->cluster.unneeded_us;
        bool empty = n->jobs == 0, gone = false;
        if (due_us < from_us) due_us = from_us;
        d->unneeded[kept++] = u;
        if (v->failed || !may_shrink(v, u.pool) || (empty && spare[u.pool] == 0)) continue;
        if (due_us > v->now_us || *left == 0 || (drained && !empty)) {
            autoscaler_wake(v, due_us > v->now_us ? due_us : v->now_us + 1);
            continue;
        }
        gone = empty ? autoscaler_remove(v, u.pool, u.node) : autoscaler_drain(v, u.pool, u.node);
        if (!gone) continue;
        kept--;
        --*left;
        if (empty) spare[u.pool]--;
        drained |= !empty;
    }
    d->unneeded_n = kept;
    if (!drained) return;
    d->stale = true; /* what was on it waits */
    autoscaler_wake(v, v->now_us + 1);
}
