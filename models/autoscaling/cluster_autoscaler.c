/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Kubernetes Cluster Autoscaler. Every scan interval, from kubernetes/autoscaler
 * cluster-autoscaler/FAQ.md, core/, estimator/, expander/ (flags with their defaults in
 * cluster_autoscaler_defaults):
 *
 *      nodes that boot for longer than max-node-provision-time go; their pool is in back-off, as
 *      is one of which fewer nodes could be had than were asked for
 *      pods pending = those that wait, less those that fit what is free or boots
 *      some are:  of each pool an estimate: first fit decreasing by cores and memory
 *                 the expander takes one pool, which grows
 *      else:      nodes unneeded for scale-down-unneeded-time go, ten at once, of which jobs are
 *                 on one at most, but none within scale-down-delay-after-add of a growth
 *
 * A job is one pod, or a gang of pods as large as the nodes of the first pool that may serve it,
 * and one for what is left; a gang that does not fit whole is pending whole, since it would wait.
 * A node is unneeded from the first scan at which it is idle; one that is not, where jobs may be
 * stopped, as cluster_drain.h says.
 */
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/autoscaling/cluster_drain.h"
#include "models/autoscaling/expander.h"
#include "models/autoscaling/needs.h"

struct pods { /* that are alike */
    uint32_t demand;
    struct share share;
    int64_t n;
    double score;
};

struct backoff {
    int64_t until_us, failed_us, lasts_us; /* lasts_us 0: no failure that counts */
};

struct scan {
    struct needs needs; /* whole jobs, on what is there */
    struct packing packing;
    struct pods *pods;
    size_t pods_n, capacity;
    struct expansion *options;
    struct backoff *backoff; /* by pool */
    int64_t *spare;          /* by pool: idle nodes that nobody who waits would go to */
    int64_t *free_gpus;      /* by pool: that nobody who waits would take */
    int64_t added_us;        /* -1: never */
    uint64_t ties;           /* drawn so far */
    struct cluster_drain drain;
};

void cluster_autoscaler_defaults(struct cluster_autoscaler_options *o)
{
    const int64_t minute = 60000000;
    *o = (struct cluster_autoscaler_options){ .expander = EXPANDER_LEAST_WASTE,
                                              .scan_us = 10000000,
                                              .max_per_scaleup = 1000,
                                              .provision_us = 15 * minute,
                                              .backoff_us = 5 * minute,
                                              .backoff_most_us = 30 * minute,
                                              .backoff_reset_us = 180 * minute,
                                              .unneeded_us = 10 * minute,
                                              .after_add_us = 10 * minute,
                                              .parallel = 10,
                                              .safe_to_evict = true,
                                              .threshold_ppm = 500000,
                                              .gpu_threshold_ppm = 500000,
                                              .recheck_us = 5 * minute };
}

static int64_t scan_interval(const struct autoscaler_spec *spec) { return spec->cluster.scan_us; }

static bool scan_init(struct autoscaler_view *v)
{
    struct scan *s = v->state;
    size_t n = (size_t)v->pool_n;
    s->options = calloc(n, sizeof *s->options);
    s->backoff = calloc(n, sizeof *s->backoff);
    s->spare = calloc(n, sizeof *s->spare);
    s->free_gpus = calloc(n, sizeof *s->free_gpus);
    s->added_us = -1;
    return cluster_drain_init(&s->drain, v) && s->options && s->backoff && s->spare && s->free_gpus;
}

static void scan_free(struct autoscaler_view *v)
{
    struct scan *s = v->state;
    needs_free(&s->needs);
    packing_free(&s->packing);
    cluster_drain_free(&s->drain);
    free(s->pods);
    free(s->options);
    free(s->backoff);
    free(s->spare);
    free(s->free_gpus);
}

/* ---- nodes that do not come ---- */

static void back_off(struct autoscaler_view *v, struct backoff *b)
{
    const struct cluster_autoscaler_options *o = &v->spec->cluster;
    if (b->lasts_us > 0 && b->failed_us + o->backoff_reset_us < v->now_us) b->lasts_us = 0;
    if (b->lasts_us == 0) b->lasts_us = o->backoff_us;
    else if (b->until_us < v->now_us) b->lasts_us *= 2; /* failures together count once */
    if (b->lasts_us > o->backoff_most_us) b->lasts_us = o->backoff_most_us;
    b->failed_us = v->now_us;
    b->until_us = v->now_us + b->lasts_us;
}

static void give_up(struct autoscaler_view *v, int32_t pool)
{
    struct scan *s = v->state;
    const struct lifecycle_line *booting = &v->nodes->pools[pool].booting;
    bool failed = false;
    while (booting->n > 0) {
        int64_t until_us = lifecycle_node(v->nodes, pool, booting->first)->since_us +
                           v->spec->cluster.provision_us;
        if (until_us >= v->now_us) {
            autoscaler_wake(v, until_us + 1);
            break;
        }
        autoscaler_cancel(v, pool, booting->first);
        failed = true;
    }
    if (failed) back_off(v, &s->backoff[pool]);
}

/* ---- pods ---- */

static bool add_pods(struct scan *s, uint32_t demand, struct share share, int64_t n)
{
    if (n == 0) return true;
    if (s->pods_n == s->capacity) {
        size_t capacity = 2 * s->capacity + 16;
        struct pods *pods = realloc(s->pods, capacity * sizeof *pods);
        if (!pods) return false;
        s->pods = pods;
        s->capacity = capacity;
    }
    s->pods[s->pods_n++] = (struct pods){ demand, share, n, 0 };
    return true;
}

/* Of the jobs that found no room. */
static bool gather(struct autoscaler_view *v)
{
    struct scan *s = v->state;
    s->pods_n = 0;
    for (size_t i = 0; i < s->needs.n; i++) {
        uint32_t demand = s->needs.order[i];
        const struct demand *d = &v->demands->entries[demand].demand;
        int64_t jobs = s->needs.left[i];
        int32_t gpus = v->pools[__builtin_ctzll(d->pools)].gpus;
        bool wide = gpus > 0 && d->gpus > gpus;
        int64_t rest = wide ? d->gpus % gpus : d->gpus;
        if (wide && !add_pods(s, demand, demand_share(d, gpus), jobs * (d->gpus / gpus)))
            return false;
        if ((!wide || rest > 0) && !add_pods(s, demand, demand_share(d, rest), jobs)) return false;
    }
    return true;
}

static bool may_use(const struct autoscaler_view *v, const struct pods *pods, int32_t pool)
{
    return pods->n > 0 && v->demands->entries[pods->demand].demand.pools >> pool & 1;
}

/* Jobs that fit what is free, or boots, have no pods pending. */
static void leave_out_schedulable(struct autoscaler_view *v, int32_t pool)
{
    struct scan *s = v->state;
    const struct lifecycle_pool *p = &v->nodes->pools[pool];
    const struct packing *packing = &s->needs.packing;
    s->spare[pool] = p->idle.n;
    s->free_gpus[pool] = v->pools[pool].free_gpus;
    if (s->needs.n == 0) return;
    needs_of_pool(&s->needs, v, pool, p->booting.n, 0);
    int64_t empty = 0, free_gpus = 0;
    for (size_t i = 0; i < packing->bin_n; i++) {
        free_gpus += packing->bins[i].n * packing->bins[i].gpus;
        if (packing->bins[i].gpus == packing->empty.gpus &&
            packing->bins[i].cpu_milli == packing->empty.cpu_milli &&
            packing->bins[i].mem_mib == packing->empty.mem_mib)
            empty += packing->bins[i].n;
    }
    int64_t boots = p->booting.n < empty ? p->booting.n : empty; /* they are filled last */
    empty -= boots;
    s->free_gpus[pool] = free_gpus - boots * packing->empty.gpus;
    if (empty < s->spare[pool]) s->spare[pool] = empty;
}

/* ---- growing ---- */

static double share_of(int64_t asked, int64_t there)
{
    return there > 0 ? (double)asked / (double)there : 0;
}

/* estimator/decreasing_pod_orderer.go: cores and memory; with gpu_aware GPUs, too. */
static double score_of(const struct autoscaler_view *v, const struct share *s, int32_t pool)
{
    const struct instance_type *type = &v->fleet->pools[pool].type;
    double score = share_of(s->cpu_milli, type->cpu_milli) + share_of(s->mem_mib, type->mem_mib);
    double milli = (double)s->gpus * GPU_WHOLE + s->part_milli;
    if (v->spec->cluster.gpu_aware && type->gpus > 0)
        score += milli / ((double)type->gpus * GPU_WHOLE);
    return score;
}

static int compare_scores(const void *a, const void *b)
{
    const struct pods *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    if (x->demand != y->demand) return x->demand < y->demand ? -1 : 1;
    return (x->share.gpus < y->share.gpus) - (x->share.gpus > y->share.gpus);
}

static double node_usd(const struct autoscaler_view *v, int32_t pool)
{
    return (double)v->fleet->pools[pool].purchase.usd_nano_per_hour / 1e9;
}

/* A pod is worth its largest share of a node of the first pool that may serve it. */
static double pod_usd(const struct autoscaler_view *v, const struct pods *pods)
{
    int32_t pool = __builtin_ctzll(v->demands->entries[pods->demand].demand.pools);
    const struct instance_type *type = &v->fleet->pools[pool].type;
    double gpus = (double)pods->share.gpus + pods->share.part_milli / (double)GPU_WHOLE;
    double share = type->gpus > 0 ? gpus / type->gpus : 0;
    double cpu = share_of(pods->share.cpu_milli, type->cpu_milli);
    double mem = share_of(pods->share.mem_mib, type->mem_mib);
    if (cpu > share) share = cpu;
    if (mem > share) share = mem;
    return share * node_usd(v, pool);
}

static struct expansion estimate(struct autoscaler_view *v, int32_t pool)
{
    struct scan *s = v->state;
    const struct instance_type *type = &v->fleet->pools[pool].type;
    struct expansion e = { .pool = pool,
                           .node_cpu_milli = type->cpu_milli,
                           .node_mem_mib = type->mem_mib,
                           .node_usd = node_usd(v, pool),
                           .unfit = type->gpus > 0 };
    for (size_t i = 0; i < s->pods_n; i++) s->pods[i].score = score_of(v, &s->pods[i].share, pool);
    qsort(s->pods, s->pods_n, sizeof *s->pods, compare_scores);
    packing_begin_empty(&s->packing, &v->pools[pool], v->spec->cluster.max_per_scaleup);
    for (size_t i = 0; i < s->pods_n; i++) {
        const struct pods *pods = &s->pods[i];
        if (!may_use(v, pods, pool)) continue;
        int64_t n = packing_place(&s->packing, &pods->share, pods->n);
        e.pods += n;
        e.cpu_milli += n * pods->share.cpu_milli;
        e.mem_mib += n * pods->share.mem_mib;
        e.pods_usd += (double)n * pod_usd(v, pods);
        if (n > 0 && (pods->share.gpus > 0 || pods->share.part_milli > 0)) e.unfit = 0;
    }
    e.nodes = s->packing.opened;
    return e;
}

/* Whether nodes were asked for. */
static bool grow(struct autoscaler_view *v)
{
    struct scan *s = v->state;
    int32_t n = 0;
    if (s->pods_n == 0) return false;
    for (int32_t p = 0; p < v->pool_n; p++) {
        if (lifecycle_room(&v->nodes->pools[p]) <= 0) continue;
        if (s->backoff[p].lasts_us > 0 && s->backoff[p].until_us > v->now_us) {
            autoscaler_wake(v, s->backoff[p].until_us);
            continue;
        }
        s->options[n] = estimate(v, p);
        n += s->options[n].nodes > 0;
    }
    if (n == 0) return false;
    uint64_t draw = random_u64(v->key, RANDOM_AUTOSCALER, UINT64_MAX, s->ties++);
    const struct expansion *best =
        &s->options[expander_best(v->spec->cluster.expander, s->options, n, draw)];
    int32_t room = lifecycle_room(&v->nodes->pools[best->pool]);
    int32_t nodes = best->nodes < room ? (int32_t)best->nodes : room;
    int32_t added = autoscaler_add(v, best->pool, nodes);
    if (added < nodes) back_off(v, &s->backoff[best->pool]); /* the cloud has no more */
    if (added > 0) s->added_us = v->now_us;
    autoscaler_wake(v, v->now_us + 1);
    return true;
}

/* ---- shrinking ---- */

static int64_t scan_from(const struct autoscaler_view *v, int64_t time_us)
{
    int64_t scan_us = v->spec->cluster.scan_us;
    return (time_us + scan_us - 1) / scan_us * scan_us;
}

static void shrink(struct autoscaler_view *v)
{
    struct scan *s = v->state;
    const struct cluster_autoscaler_options *o = &v->spec->cluster;
    int64_t left = o->parallel;
    int64_t from_us = s->added_us < 0 ? 0 : s->added_us + o->after_add_us;
    cluster_drain_look(&s->drain, v, &s->needs, s->spare, s->free_gpus);
    cluster_drain_shrink(&s->drain, v, from_us, &left, s->spare);
    for (int32_t p = 0; p < v->pool_n; p++) {
        const struct lifecycle_pool *pool = &v->nodes->pools[p];
        for (int32_t node = pool->idle.first, after; node >= 0 && s->spare[p] > 0; node = after) {
            const struct lifecycle_node *n = lifecycle_node(v->nodes, p, node);
            int64_t due_us = scan_from(v, n->since_us) + o->unneeded_us;
            after = n->after;
            if (lifecycle_held(pool) <= pool->least) break;
            if (due_us < from_us) due_us = from_us;
            if (due_us > v->now_us || left == 0) {
                autoscaler_wake(v, due_us > v->now_us ? due_us : v->now_us + 1);
                break;
            }
            bool gone = autoscaler_remove(v, p, node);
            left -= gone;
            s->spare[p] -= gone;
        }
    }
}

static void scan_pass(struct autoscaler_view *v)
{
    struct scan *s = v->state;
    s->drain.stale |= v->changed;
    for (int32_t p = 0; p < v->pool_n; p++) give_up(v, p);
    if (!needs_gather(&s->needs, v)) {
        v->failed = true;
        return;
    }
    for (int32_t p = 0; p < v->pool_n; p++) leave_out_schedulable(v, p);
    v->failed |= !gather(v);
    if (!v->failed && !grow(v)) shrink(v);
    v->failed |= s->packing.failed || s->needs.failed;
}

const struct autoscaler autoscaler_cluster = {
    .name = "cluster-autoscaler",
    .summary = "Kubernetes Cluster Autoscaler: scans, first fit decreasing, an expander, unneeded "
               "nodes are drained",
    .source = "kubernetes/autoscaler f7bb0c3, FAQ and core, 2026-07-31",
    .interval_us = scan_interval,
    .state_size = sizeof(struct scan),
    .init = scan_init,
    .free = scan_free,
    .pass = scan_pass,
    .drains = true,
};
