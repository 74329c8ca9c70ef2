/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kueue: kueue.x-k8s.io/v1beta2. A ResourceFlavor for each kind of node, and queues with the
 * fleet's own quotas, or where it has none one ClusterQueue with all there is.
 *
 *      order kueue         the quotas that the scenario was read with: queues, cohorts, LocalQueues
 *      order fifo          one ClusterQueue, StrictFIFO
 *      order fifo-skip,    one ClusterQueue, BestEffortFIFO (Kueue's own is by priority, then
 *      priority-skip       arrival)
 *      order priority      one ClusterQueue, StrictFIFO
 *
 * A flavor is the nodes that have its labels: each pool's instance type, zone, and the labels it
 * is given; where two pools were the same nodes by these, how they are bought, by Karpenter's
 * label. Fields: kueue.sigs.k8s.io/docs/concepts/resource_flavor, cluster_queue, cohort,
 * local_queue; kubernetes-sigs/kueue apis/kueue/v1beta2.
 */
#include <inttypes.h>
#include <string.h>

#include "models/scheduling/quota.h"
#include "tools/emit/emit_parts.h"

enum { LABELS_MAX = 64 };
#define API "apiVersion: kueue.x-k8s.io/v1beta2\n"

struct flavor {
    const char *name;
    uint64_t pools;
    int32_t label_n;
    struct node_label labels[LABELS_MAX];
};

struct flavors {
    int32_t n;
    struct flavor all[EMIT_POOLS_MAX];
};

static const char type_key[] = "node.kubernetes.io/instance-type";
static const char zone_key[] = "topology.kubernetes.io/zone";
static const char way_key[] = "karpenter.sh/capacity-type";

/* ---- flavors ---- */

static bool has_all(const struct pool_spec *pool, const struct flavor *f)
{
    for (int32_t i = 0; i < f->label_n; i++) {
        char text[LABEL_TEXT_MAX];
        const char *value = pool_label(pool, f->labels[i].key, text);
        if (!value || strcmp(value, f->labels[i].value) != 0) return false;
    }
    return true;
}

static uint64_t pools_of(const struct fleet_spec *fleet, const struct flavor *f)
{
    uint64_t pools = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (has_all(&fleet->pools[p], f)) pools |= UINT64_C(1) << p;
    return pools;
}

/* Adds the label where all pools of the mask have one value of it. */
static void add_label(const struct fleet_spec *fleet, struct flavor *f, uint64_t pools,
                      const char *key)
{
    const char *value = NULL;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        char text[LABEL_TEXT_MAX];
        const char *its = pools >> p & 1 ? pool_label(&fleet->pools[p], key, text) : value;
        if (pools >> p & 1 && (!its || (value && strcmp(its, value) != 0))) return;
        value = its;
    }
    if (value && f->label_n < LABELS_MAX)
        f->labels[f->label_n++] = (struct node_label){ key, value };
}

/* The labels that these pools have and no others; false: there are none such. */
static bool name_nodes(const struct fleet_spec *fleet, uint64_t pools, struct flavor *f)
{
    const struct node_marks *marks = &fleet->pools[__builtin_ctzll(pools)].marks;
    f->label_n = 0;
    add_label(fleet, f, pools, type_key);
    add_label(fleet, f, pools, zone_key);
    for (int32_t i = 0; i < marks->label_n; i++) add_label(fleet, f, pools, marks->labels[i].key);
    if (pools_of(fleet, f) != pools) add_label(fleet, f, pools, way_key);
    f->pools = pools_of(fleet, f);
    return f->pools == pools;
}

/* Pools that have all the same labels are one flavor. */
static uint64_t alike(const struct fleet_spec *fleet, int32_t p)
{
    struct flavor f = { .label_n = 0 };
    name_nodes(fleet, UINT64_C(1) << p, &f);
    return f.pools;
}

static enum status find_flavors(struct emit *e, struct flavors *flavors)
{
    const struct quota_spec *quota = e->fleet->scheduler.quota;
    flavors->n = 0;
    for (int32_t i = 0; quota && i < quota->flavor_n; i++) {
        struct flavor *f = &flavors->all[flavors->n++];
        f->name = quota->flavors[i].name;
        if (!emit_is_dns_name(f->name))
            return emit_refuse(e, -1, "'%.100s' is no name of a flavor", f->name);
        if (quota->flavors[i].by_node)
            return emit_refuse(e, -1,
                               "flavor '%.100s' is topology-aware, and its Topology is in "
                               "no plan",
                               f->name);
        if (quota->flavors[i].pools == 0 || !name_nodes(e->fleet, quota->flavors[i].pools, f))
            return emit_refuse(e, -1,
                               "the pools of flavor '%.100s' have no labels that others "
                               "have not",
                               f->name);
    }
    for (int32_t p = 0; !quota && p < e->fleet->pool_n; p++) {
        uint64_t pools = alike(e->fleet, p);
        struct flavor *f = &flavors->all[flavors->n];
        if (__builtin_ctzll(pools) < p) continue;
        flavors->n++;
        f->name = e->slugs[p];
        for (int32_t q = 0; q < e->fleet->pool_n; q++)
            if (pools >> q & 1 &&
                (alike(e->fleet, q) != pools ||
                 !emit_same_marks(&e->fleet->pools[p].marks, &e->fleet->pools[q].marks)))
                return emit_refuse(e, p,
                                   "pool '%.80s' has its labels, and more or other taints: give it "
                                   "a label of its own",
                                   e->fleet->pools[q].name);
        name_nodes(e->fleet, pools, f);
    }
    return STATUS_OK;
}

/* ---- whether it can be said ---- */

static enum status check_quota(struct emit *e)
{
    const struct quota_spec *quota = e->fleet->scheduler.quota;
    for (int32_t i = 0; quota && i < quota->node_n; i++)
        if (!emit_is_dns_name(quota->nodes[i].name))
            return emit_refuse(e, -1, "'%.100s' is no name of a queue or cohort",
                               quota->nodes[i].name);
    for (int32_t i = 0; quota && i < quota->local_n; i++)
        if (!emit_is_dns_name(quota->locals[i].name) || !emit_is_dns_name(quota->locals[i].space))
            return emit_refuse(e, -1, "'%.100s' is no name of a LocalQueue", quota->locals[i].name);
    return STATUS_OK;
}

/* The resource of the fleet's GPUs; NVIDIA's where it has none. */
static const char *gpu_name(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const char *name = emit_gpu_resource(&fleet->pools[p]);
        if (name) return name;
    }
    return "nvidia.com/gpu";
}

static enum status check_pool(struct emit *e, int32_t p)
{
    const struct pool_spec *pool = &e->fleet->pools[p];
    if (pool->group > 0)
        return emit_refuse(e, p,
                           "its nodes are of whichever type there is: quotas of each type "
                           "would be more than there are nodes");
    if (pool->tenants.n > 0 || pool->queues.n > 0)
        return emit_refuse(e, p,
                           "it is for some tenants or queues alone: say that by ClusterQueues "
                           "and quotas, and the order kueue");
    if (pool->type.gpus > 0 && !emit_gpu_resource(pool))
        return emit_refuse(e, p, "%.60s is no GPU whose resource is known", pool->type.gpu_model);
    if (pool->type.gpus > 0 && strcmp(emit_gpu_resource(pool), gpu_name(e->fleet)) != 0)
        return emit_refuse(e, p, "its GPUs are another resource than those of the pools before it");
    if (!emit_is_label_value(pool->type.name) || (pool->zone && !emit_is_label_value(pool->zone)))
        return emit_refuse(e, p, "its instance type or zone is no value of a label");
    if (pool->marks.label_n > LABELS_MAX - 3)
        return emit_refuse(e, p, "it has more than %d labels", LABELS_MAX - 3);
    return emit_check_marks(e, p);
}

static enum status check(struct emit *e)
{
    static const char *const orders[] = { "kueue",    "fifo",          "fifo-skip",
                                          "priority", "priority-skip", NULL };
    struct flavors flavors;
    size_t o = 0;
    enum status status = emit_check_whole_gpus(e);
    while (orders[o] && strcmp(orders[o], e->fleet->scheduler.order->name) != 0) o++;
    if (!status && !orders[o])
        return emit_refuse(e, -1, "Kueue has no queue order like %s",
                           e->fleet->scheduler.order->name);
    for (int32_t p = 0; p < e->fleet->pool_n && !status; p++) status = check_pool(e, p);
    if (!status) status = check_quota(e);
    return status ? status : find_flavors(e, &flavors);
}

/* ---- writing ---- */

static void put_flavor(struct emit *e, const struct flavor *f)
{
    const struct node_marks *marks = &e->fleet->pools[__builtin_ctzll(f->pools)].marks;
    emit_put(e, "---\n");
    for (int32_t p = 0; p < e->fleet->pool_n; p++)
        if (f->pools >> p & 1) emit_remark(e, "%s", emit_pool_text(&e->fleet->pools[p]).s);
    emit_put(e, API "kind: ResourceFlavor\nmetadata:\n  name: %s\n", emit_name(f->name).s);
    emit_put(e, f->label_n + marks->taint_n > 0 ? "spec:\n" : "spec: {}\n");
    if (f->label_n > 0) emit_put(e, "  nodeLabels:\n");
    for (int32_t i = 0; i < f->label_n; i++) {
        emit_put(e, "    %s: %s", emit_yaml(f->labels[i].key).s, emit_yaml(f->labels[i].value).s);
        emit_note(e, "of the plan's pool%s",
                  f->labels[i].key == way_key ? "; nodes of Karpenter have it" : "");
    }
    if (marks->taint_n > 0) emit_put(e, "  nodeTaints:\n");
    for (int32_t i = 0; i < marks->taint_n; i++) {
        emit_put(e, "    - key: %s\n", emit_yaml(marks->taints[i].key).s);
        if (*marks->taints[i].value)
            emit_put(e, "      value: %s\n", emit_yaml(marks->taints[i].value).s);
        emit_put(e, "      effect: %s", taint_effects[marks->taints[i].effect]);
        emit_note(e, "of the plan's pool");
    }
}

/* Of a resource so much, in its own units: cores and GPUs in thousandths, memory in KiB. */
static struct emit_text quantity(int resource, int64_t amount)
{
    struct emit_text out;
    if (resource == QUOTA_MEMORY)
        snprintf(out.s, sizeof out.s, amount % 1024 ? "\"%" PRId64 "Ki\"" : "\"%" PRId64 "Mi\"",
                 amount % 1024 ? amount : amount / 1024);
    else if (amount % 1000) snprintf(out.s, sizeof out.s, "\"%" PRId64 "m\"", amount);
    else snprintf(out.s, sizeof out.s, "\"%" PRId64 "\"", amount / 1000);
    return out;
}

static void put_limits(struct emit *e, int resource, const char *name, const struct quota_limits *l,
                       const char *note)
{
    emit_put(e, "            - name: %s\n              nominalQuota: %s", name,
             quantity(resource, l->nominal).s);
    emit_note(e, "%s", note);
    if (l->borrowing != QUOTA_NO_LIMIT)
        emit_put(e, "              borrowingLimit: %s\n", quantity(resource, l->borrowing).s);
    if (l->lending != QUOTA_NO_LIMIT)
        emit_put(e, "              lendingLimit: %s\n", quantity(resource, l->lending).s);
}

static void put_covered(struct emit *e, unsigned resources, const char *gpu)
{
    const char *comma = "";
    emit_put(e, "    - coveredResources: [");
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (!(resources >> r & 1)) continue;
        emit_put(e, "%s%s", comma, r == QUOTA_GPU ? gpu : quota_resource_names[r]);
        comma = ", ";
    }
    emit_put(e, "]\n      flavors:\n");
}

/* ---- quotas as the scenario has them ---- */

static void put_groups(struct emit *e, int32_t node, const struct quota_group *groups, int32_t n)
{
    const struct quota_spec *quota = e->fleet->scheduler.quota;
    const char *gpu = gpu_name(e->fleet);
    if (n > 0) emit_put(e, "  resourceGroups:\n");
    for (int32_t g = 0; g < n; g++) {
        put_covered(e, groups[g].resources, gpu);
        for (int32_t f = 0; f < groups[g].flavor_n; f++) {
            int32_t flavor = groups[g].flavors[f];
            emit_put(e, "        - name: %s\n          resources:\n",
                     emit_name(quota->flavors[flavor].name).s);
            for (int r = 0; r < QUOTA_RESOURCES; r++)
                if (groups[g].resources >> r & 1)
                    put_limits(e, r, r == QUOTA_GPU ? gpu : quota_resource_names[r],
                               &quota->nodes[node].limits[quota_cell(flavor, r)],
                               "of the scenario's manifests");
        }
    }
}

static void put_preemption(struct emit *e, const struct quota_queue *q)
{
    static const char *const words[] = { [PREEMPT_NEVER] = "Never",
                                         [PREEMPT_LOWER] = "LowerPriority",
                                         [PREEMPT_LOWER_OR_NEWER] = "LowerOrNewerEqualPriority",
                                         [PREEMPT_ANY] = "Any" };
    static const char *const search[] = {
        [MAY_STOP_SEARCH] = "MayStopSearch", [TRY_NEXT_FLAVOR] = "TryNextFlavor"
    };
    emit_put(e,
             "  queueingStrategy: %s\n  flavorFungibility:\n    whenCanBorrow: %s\n"
             "    whenCanPreempt: %s\n",
             q->strategy == STRICT_FIFO ? "StrictFIFO" : "BestEffortFIFO",
             search[q->when_can_borrow], search[q->when_can_preempt]);
    if (q->preference == PREEMPTION_OVER_BORROWING)
        emit_put(e, "    preference: PreemptionOverBorrowing\n");
    emit_put(e, "  preemption:\n    withinClusterQueue: %s\n    reclaimWithinCohort: %s\n",
             words[q->within_queue], words[q->reclaim]);
    if (q->borrow_within_cohort) {
        emit_put(e, "    borrowWithinCohort:\n      policy: LowerPriority\n");
        if (q->threshold != INT64_MAX)
            emit_put(e, "      maxPriorityThreshold: %" PRId64 "\n", q->threshold);
    }
    emit_put(e, "  stopPolicy: %s", q->stopped ? "Hold" : "None");
    emit_note(e, "this and all above: of the scenario's manifests");
}

/* What a cohort has of its own: every resource that some flavor has a quota or a limit of. */
static void put_cohort(struct emit *e, int32_t node)
{
    const struct quota_spec *quota = e->fleet->scheduler.quota;
    const struct quota_node *n = &quota->nodes[node];
    int32_t all[QUOTA_FLAVORS_MAX];
    struct quota_group group = { 0, 0, all };
    for (int32_t f = 0; f < quota->flavor_n; f++)
        for (int r = 0; r < QUOTA_RESOURCES; r++) {
            const struct quota_limits *l = &n->limits[quota_cell(f, r)];
            bool said =
                l->nominal > 0 || l->borrowing != QUOTA_NO_LIMIT || l->lending != QUOTA_NO_LIMIT;
            if (!said) continue;
            group.resources |= (uint8_t)(1u << r);
            if (group.flavor_n == 0 || all[group.flavor_n - 1] != f) all[group.flavor_n++] = f;
        }
    emit_put(e, "---\n" API "kind: Cohort\nmetadata:\n  name: %s", emit_name(n->name).s);
    emit_note(e, "of the scenario's manifests");
    emit_put(e, n->parent >= 0 || group.flavor_n > 0 ? "spec:\n" : "spec: {}\n");
    if (n->parent >= 0)
        emit_put(e, "  parentName: %s\n", emit_name(quota->nodes[n->parent].name).s);
    put_groups(e, node, &group, group.flavor_n > 0);
}

static void put_quota(struct emit *e)
{
    const struct quota_spec *quota = e->fleet->scheduler.quota;
    for (int32_t i = quota->queue_n; i < quota->node_n; i++) put_cohort(e, i);
    for (int32_t i = 0; i < quota->queue_n; i++) {
        emit_put(e,
                 "---\n" API "kind: ClusterQueue\nmetadata:\n  name: %s\nspec:\n"
                 "  namespaceSelector: {}\n",
                 emit_name(quota->nodes[i].name).s);
        if (quota->nodes[i].parent >= 0)
            emit_put(e, "  cohortName: %s\n",
                     emit_name(quota->nodes[quota->nodes[i].parent].name).s);
        put_groups(e, i, quota->queues[i].groups, quota->queues[i].group_n);
        put_preemption(e, &quota->queues[i]);
    }
    for (int32_t i = 0; i < quota->local_n; i++) {
        const struct quota_local *l = &quota->locals[i];
        emit_put(e,
                 "---\n" API "kind: LocalQueue\nmetadata:\n  name: %s\n  namespace: %s\nspec:\n"
                 "  clusterQueue: %s\n  stopPolicy: %s",
                 emit_name(l->name).s, emit_name(l->space).s,
                 emit_name(quota->nodes[l->queue].name).s, l->stopped ? "Hold" : "None");
        emit_note(e, "of the scenario's manifests");
    }
}

/* ---- one queue with all there is ---- */

static int64_t amount_of(const struct pool_spec *pool, int resource)
{
    int64_t each = resource == QUOTA_GPU   ? (int64_t)pool->type.gpus * 1000
                   : resource == QUOTA_CPU ? pool->type.cpu_milli
                                           : pool->type.mem_mib * 1024;
    return each * pool->nodes;
}

static void put_one_queue(struct emit *e, const struct flavors *flavors)
{
    const char *order = e->fleet->scheduler.order->name, *gpu = gpu_name(e->fleet);
    unsigned known = 1u << QUOTA_GPU | 1u << QUOTA_CPU | 1u << QUOTA_MEMORY;
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        if (e->fleet->pools[p].type.cpu_milli == 0) known &= ~(1u << QUOTA_CPU);
        if (e->fleet->pools[p].type.mem_mib == 0) known &= ~(1u << QUOTA_MEMORY);
    }
    emit_put(e,
             "---\n" API "kind: ClusterQueue\nmetadata:\n  name: %s\nspec:\n"
             "  namespaceSelector: {}\n  queueingStrategy: %s",
             emit_name(e->fleet_slug).s, strstr(order, "-skip") ? "BestEffortFIFO" : "StrictFIFO");
    emit_note(e, "the order %s", order);
    emit_put(e, "  resourceGroups:\n");
    put_covered(e, known, gpu);
    for (int32_t i = 0; i < flavors->n; i++) {
        const struct flavor *f = &flavors->all[i];
        emit_put(e, "        - name: %s\n          resources:\n", emit_name(f->name).s);
        for (int r = 0; r < QUOTA_RESOURCES; r++) {
            struct quota_limits l = { 0, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT };
            int64_t nodes = 0;
            if (!(known >> r & 1)) continue;
            for (int32_t p = 0; p < e->fleet->pool_n; p++)
                if (f->pools >> p & 1) {
                    l.nominal += amount_of(&e->fleet->pools[p], r);
                    nodes += e->fleet->pools[p].nodes;
                }
            struct emit_text note;
            snprintf(note.s, sizeof note.s, "all of the plan's %" PRId64 " nodes", nodes);
            put_limits(e, r, r == QUOTA_GPU ? gpu : quota_resource_names[r], &l, note.s);
        }
    }
    emit_remark(e, "a queue of a namespace, for instance:");
    emit_remark(e, "---");
    emit_remark(e, "apiVersion: kueue.x-k8s.io/v1beta2");
    emit_remark(e, "kind: LocalQueue");
    emit_remark(e, "metadata: {name: %s, namespace: default}", emit_name(e->fleet_slug).s);
    emit_remark(e, "spec: {clusterQueue: %s}", emit_name(e->fleet_slug).s);
}

static void write(struct emit *e)
{
    struct flavors flavors;
    emit_heading(e, "Kueue's flavors and queues");
    emit_remark(e, "left out: the placement %s is kube-scheduler's to keep",
                e->fleet->scheduler.placement->name);
    if (emit_is_elastic(e->fleet))
        emit_remark(e, "left out: nodes that come and go; quotas count all of them");
    if (find_flavors(e, &flavors)) return;
    for (int32_t i = 0; i < flavors.n; i++) put_flavor(e, &flavors.all[i]);
    if (e->fleet->scheduler.quota) put_quota(e);
    else put_one_queue(e, &flavors);
}

const struct emit_kind emit_kueue = {
    "kueue",
    "ResourceFlavors, ClusterQueues with quotas, cohorts of Kueue",
    "kueue.sigs.k8s.io/docs/concepts/cluster_queue",
    check,
    write,
};
