/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Karpenter: a NodePool of karpenter.sh/v1 for each pool, and the EC2NodeClass they share.
 *
 *      nodes that come and go       a NodePool with a limit and a weight; one for each group of
 *                                   pools, or for each NodePool that the scenario was read with
 *      nodes that are always there  a static NodePool: replicas (feature gate StaticCapacity)
 *
 * Fields: karpenter.sh/docs/concepts/nodepools, /disruption and /nodeclasses;
 * kubernetes-sigs/karpenter pkg/apis/v1. Of several NodePools Karpenter takes the one of the
 * highest weight that will do: the fleet's order of pools, or where Karpenter was simulated without
 * NodePools, its own: spot first, then the cheapest.
 */
#include <inttypes.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "tools/emit/emit_parts.h"

enum { MOST_POOLS = 2 * EMIT_POOLS_MAX, MOST_WEIGHT = 100 };

struct node_pool {
    const char *name, *of; /* of: the words of the comment on where it comes from */
    struct emit_choice choice;
    struct karpenter_pool said; /* limits, disruption; of a static one nothing counts */
    int32_t nodes;              /* there are at most, or always */
    bool is_static;
};

static bool is_karpenter(const struct fleet_spec *fleet)
{
    return fleet->autoscaler.kind && strcmp(fleet->autoscaler.kind->name, "karpenter") == 0;
}

static bool has_node_pools(const struct fleet_spec *fleet)
{
    return is_karpenter(fleet) && fleet->autoscaler.karpenter.n > 0;
}

/* ---- cron: bits to text ---- */

/* A star, one with a step, or "0,30" of bits least to most; false: no such text has them. */
static bool put_cron_field(uint64_t bits, int least, int most, bool star, char *text, size_t size)
{
    uint64_t all = 0;
    size_t n = 0;
    for (int i = least; i <= most; i++) all |= UINT64_C(1) << i;
    *text = 0;
    if (bits == 0) return false;
    if (!star && bits != all) {
        for (int i = least; i <= most; i++)
            if (bits >> i & 1) n += (size_t)snprintf(text + n, size - n, "%s%d", n ? "," : "", i);
        return true;
    }
    if (!star) return snprintf(text, size, "%d-%d", least, most) > 0;
    for (int step = 1; step <= most - least + 1; step++) {
        uint64_t these = 0;
        for (int i = least; i <= most; i += step) these |= UINT64_C(1) << i;
        if (these == bits) {
            snprintf(text, size, step == 1 ? "*" : "*/%d", step);
            return true;
        }
    }
    return false;
}

static bool cron_text(const struct cron *c, struct emit_text *out)
{
    char f[5][200];
    uint64_t minutes = (UINT64_C(1) << 60) - 1;
    if (!put_cron_field(c->minutes, 0, 59, c->minutes == minutes, f[0], sizeof f[0]) ||
        !put_cron_field(c->hours, 0, 23, c->hours == 0xffffff, f[1], sizeof f[1]) ||
        !put_cron_field(c->days, 1, 31, c->any_day, f[2], sizeof f[2]) ||
        !put_cron_field(c->months, 1, 12, c->months == 0x1ffe, f[3], sizeof f[3]) ||
        !put_cron_field(c->weekdays, 0, 6, c->any_weekday, f[4], sizeof f[4]))
        return false;
    snprintf(out->s, sizeof out->s, "%s %s %s %s %s", f[0], f[1], f[2], f[3], f[4]);
    return true;
}

/* ---- which NodePools ---- */

static enum status add_static(struct emit *e, int32_t p, struct node_pool *n)
{
    const struct pool_spec *pool = &e->fleet->pools[p];
    *n = (struct node_pool){ .name = e->slugs[p],
                             .of = "nodes that are always there",
                             .nodes = emit_base_nodes(pool),
                             .is_static = true };
    if (pool->group > 0)
        return emit_refuse(e, p,
                           "its group has nodes that are always there, of whichever type "
                           "there is: a static NodePool has them of one");
    return emit_choose(e, UINT64_C(1) << p, &n->choice);
}

static enum status add_said(struct emit *e, const struct karpenter_pool *said, struct node_pool *n)
{
    uint64_t pools = 0;
    *n =
        (struct node_pool){ .name = said->name, .of = "of the scenario's NodePool", .said = *said };
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        if (!(said->pools >> p & 1) || e->fleet->pools[p].elastic_nodes == 0) continue;
        pools |= UINT64_C(1) << p;
        n->nodes += e->fleet->pools[p].elastic_nodes;
    }
    if (!emit_is_dns_name(said->name))
        return emit_refuse(e, -1, "'%.100s' is no name of a NodePool", said->name);
    for (int32_t b = 0; b < said->budget_n; b++) {
        struct emit_text text;
        const struct karpenter_budget *budget = &said->budgets[b];
        if (!budget->scheduled) continue;
        if (!cron_text(&budget->schedule, &text))
            return emit_refuse(e, -1,
                               "the schedule of a budget of '%.100s' comes at no time that "
                               "cron can say",
                               said->name);
        if (budget->duration_us <= 0 || budget->duration_us % 60000000)
            return emit_refuse(e, -1, "a budget of '%.100s' is for no whole number of minutes",
                               said->name);
    }
    return emit_choose(e, pools, &n->choice);
}

/* Reserved nodes there are none; of spot and on-demand spot comes first, then the cheapest. */
static bool is_before(const struct fleet_spec *fleet, int32_t a, int32_t b)
{
    const struct purchase *x = &fleet->pools[a].purchase, *y = &fleet->pools[b].purchase;
    bool spot = strcmp(x->option->name, "spot") == 0, other = strcmp(y->option->name, "spot") == 0;
    if (spot != other) return spot;
    return x->usd_nano_per_hour != y->usd_nano_per_hour
               ? x->usd_nano_per_hour < y->usd_nano_per_hour
               : a < b;
}

/* The place of p's NodePool among those of groups, from 0 on. */
static int64_t place_of(const struct fleet_spec *fleet, int32_t p)
{
    int64_t before = 0;
    for (int32_t q = 0; q < fleet->pool_n; q++) {
        if (fleet->pools[q].elastic_nodes == 0 || !emit_group(fleet, q)) continue;
        before += is_karpenter(fleet) ? is_before(fleet, q, p) : q < p;
    }
    return before;
}

static enum status add_pool(struct emit *e, int32_t p, struct node_pool *n)
{
    const struct pool_spec *pool = &e->fleet->pools[p];
    *n = (struct node_pool){ .name = e->slugs[p],
                             .of = "Karpenter's default: the scenario has no NodePools",
                             .nodes = pool->elastic_nodes };
    karpenter_pool_defaults(&n->said);
    n->said.weight = MOST_WEIGHT - place_of(e->fleet, p);
    return emit_choose(e, emit_group(e->fleet, p), &n->choice);
}

/* All of them, at most MOST_POOLS. */
static enum status find_node_pools(struct emit *e, struct node_pool *all, int32_t *n)
{
    const struct fleet_spec *fleet = e->fleet;
    const struct karpenter_options *said = &fleet->autoscaler.karpenter;
    enum status status = STATUS_OK;
    *n = 0;
    for (int32_t p = 0; p < fleet->pool_n && !status; p++)
        if (emit_base_nodes(&fleet->pools[p]) > 0) status = add_static(e, p, &all[(*n)++]);
    if (has_node_pools(fleet)) {
        for (int32_t k = 0; k < said->n && !status; k++) {
            bool used = false;
            for (int32_t p = 0; p < fleet->pool_n; p++)
                used |= said->pools[k].pools >> p & 1 && fleet->pools[p].elastic_nodes > 0;
            if (*n == MOST_POOLS)
                return emit_refuse(e, -1, "it has more than %d NodePools", MOST_POOLS);
            if (used) status = add_said(e, &said->pools[k], &all[(*n)++]);
        }
        return status;
    }
    for (int32_t p = 0; p < fleet->pool_n && !status; p++)
        if (fleet->pools[p].elastic_nodes > 0 && emit_group(fleet, p))
            status = add_pool(e, p, &all[(*n)++]);
    return status;
}

static const char *suffix_of(const struct node_pool *n) { return n->is_static ? "-static" : ""; }

static enum status check(struct emit *e)
{
    struct node_pool all[MOST_POOLS];
    int32_t n = 0;
    enum status status = emit_check_aws(e);
    if (!status) status = emit_check_whole_gpus(e);
    for (int32_t p = 0; p < e->fleet->pool_n && !status; p++) {
        const struct node_marks *marks = &e->fleet->pools[p].marks;
        status = emit_check_marks(e, p);
        for (int32_t i = 0; i < marks->label_n && !status; i++) {
            const char *slash = strchr(marks->labels[i].key, '/');
            if (slash && slash - marks->labels[i].key >= 12 &&
                !strncmp(slash - 12, "karpenter.sh", 12))
                status =
                    emit_refuse(e, p, "the label %.100s is Karpenter's own", marks->labels[i].key);
        }
    }
    if (!status) status = find_node_pools(e, all, &n);
    for (int32_t i = 0; i < n && !status; i++) {
        char a[300], b[300];
        snprintf(a, sizeof a, "%s%s", all[i].name, suffix_of(&all[i]));
        for (int32_t k = 0; k < i && !status; k++) {
            snprintf(b, sizeof b, "%s%s", all[k].name, suffix_of(&all[k]));
            if (strcmp(a, b) == 0)
                status = emit_refuse(e, -1, "two NodePools would be called '%.100s'", a);
        }
    }
    return status;
}

/* ---- writing ---- */

static void put_list(struct emit *e, const char *key, int32_t n, const char *const *values,
                     const char *note)
{
    emit_put(e, "        - key: %s\n          operator: In\n          values: [", key);
    for (int32_t i = 0; i < n; i++) emit_put(e, "%s%s", i ? ", " : "", emit_yaml(values[i]).s);
    emit_put(e, "]");
    emit_note(e, "%s", note);
}

static void put_template(struct emit *e, const struct node_pool *n)
{
    const struct pool_spec *first = &e->fleet->pools[n->choice.pools[0]];
    emit_put(e, "  template:\n");
    if (first->marks.label_n > 0) emit_put(e, "    metadata:\n      labels:\n");
    for (int32_t i = 0; i < first->marks.label_n; i++) {
        emit_put(e, "        %s: %s", emit_yaml(first->marks.labels[i].key).s,
                 emit_yaml(first->marks.labels[i].value).s);
        emit_note(e, "pool '%s': labels", first->name);
    }
    emit_put(e,
             "    spec:\n      nodeClassRef:\n        group: karpenter.k8s.aws\n"
             "        kind: EC2NodeClass\n        name: %s\n",
             emit_name(e->fleet_slug).s);
    if (first->marks.taint_n > 0) emit_put(e, "      taints:\n");
    for (int32_t i = 0; i < first->marks.taint_n; i++) {
        const struct node_taint *t = &first->marks.taints[i];
        emit_put(e, "        - key: %s\n", emit_yaml(t->key).s);
        if (*t->value) emit_put(e, "          value: %s\n", emit_yaml(t->value).s);
        emit_put(e, "          effect: %s", taint_effects[t->effect]);
        emit_note(e, "pool '%s': taints", first->name);
    }
    emit_put(e, "      expireAfter: %s",
             n->is_static || n->said.expire_us < 0 ? "Never" : emit_duration(n->said.expire_us).s);
    emit_note(e, "%s", n->of);
    if (!n->is_static && n->said.grace_us >= 0) {
        emit_put(e, "      terminationGracePeriod: %s", emit_duration(n->said.grace_us).s);
        emit_note(e, "%s", n->of);
    }
    emit_put(e, "      requirements:\n");
    put_list(e, "node.kubernetes.io/instance-type", n->choice.type_n, n->choice.types,
             "instance of the plan's pools");
    put_list(e, "karpenter.sh/capacity-type", n->choice.way_n, n->choice.ways,
             "how the plan buys them");
    if (n->choice.zone_n > 0)
        put_list(e, "topology.kubernetes.io/zone", n->choice.zone_n, n->choice.zones,
                 "zones of the plan's pools");
    const char *const region[] = { first->purchase.price_region };
    put_list(e, "topology.kubernetes.io/region", 1, region, "the region that the prices are of");
}

static void put_budget(struct emit *e, const struct karpenter_budget *b)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } reasons[] = { { KARPENTER_EMPTY, "Empty" },
                    { KARPENTER_UNDERUTILIZED, "Underutilized" },
                    { KARPENTER_DRIFTED, "Drifted" } };
    struct emit_text when;
    const char *comma = "";
    emit_put(e, "      - nodes: \"%" PRId64 "%s\"\n", b->nodes, b->percent ? "%" : "");
    if (b->scheduled && cron_text(&b->schedule, &when))
        emit_put(e, "        schedule: \"%s\"\n        duration: %s\n", when.s,
                 emit_duration(b->duration_us).s);
    if ((b->reasons & KARPENTER_REASONS) == KARPENTER_REASONS) return;
    emit_put(e, "        reasons: [");
    for (size_t r = 0; r < 3; r++)
        if (b->reasons & reasons[r].bit) {
            emit_put(e, "%s%s", comma, reasons[r].name);
            comma = ", ";
        }
    emit_put(e, "]\n");
}

static void put_disruption(struct emit *e, const struct node_pool *n)
{
    static const char *const policies[] = { [KARPENTER_WHEN_EMPTY] = "WhenEmpty",
                                            [KARPENTER_WHEN_UNDERUTILIZED] =
                                                "WhenEmptyOrUnderutilized",
                                            [KARPENTER_BALANCED] = "Balanced" };
    emit_put(e, "  disruption:\n    consolidationPolicy: %s", policies[n->said.policy]);
    emit_note(e, "%s", n->of);
    emit_put(e, "    consolidateAfter: %s",
             n->said.after_us < 0 ? "Never" : emit_duration(n->said.after_us).s);
    emit_note(e, "%s", n->of);
    emit_put(e, n->said.budget_n > 0 ? "    budgets:" : "    budgets: []");
    emit_note(e, "%s", n->of);
    for (int32_t b = 0; b < n->said.budget_n; b++) put_budget(e, &n->said.budgets[b]);
}

/* The nodes of the plan, where all are alike by their GPUs, or by their cores. */
static void put_plan_limit(struct emit *e, const struct node_pool *n)
{
    const struct pool_spec *first = &e->fleet->pools[n->choice.pools[0]];
    const char *gpu = emit_gpu_resource(first);
    bool gpus = gpu != NULL;
    for (int32_t i = 1; i < n->choice.n; i++) {
        const struct pool_spec *other = &e->fleet->pools[n->choice.pools[i]];
        gpus &= other->type.gpus == first->type.gpus && emit_gpu_resource(other) == gpu;
    }
    if (gpus) emit_put(e, "    %s: \"%" PRId64 "\"", gpu, (int64_t)n->nodes * first->type.gpus);
    else if (n->choice.type_n == 1 && first->type.cpu_milli > 0)
        emit_put(e, "    cpu: \"%" PRId64 "m\"", (int64_t)n->nodes * first->type.cpu_milli);
    else emit_put(e, "    nodes: \"%d\"", (int)n->nodes);
    emit_note(e, "%d nodes of the plan that come and go, each with %d GPUs, %" PRId64 "m cores",
              (int)n->nodes, (int)first->type.gpus, first->type.cpu_milli);
}

static void put_limits(struct emit *e, const struct node_pool *n)
{
    const struct karpenter_limits *l = &n->said.limits;
    emit_put(e, "  limits:\n");
    if (l->cpu_milli < 0 && l->mem_mib < 0 && l->gpus < 0 && l->nodes < 0) {
        put_plan_limit(e, n);
        return;
    }
    if (l->cpu_milli >= 0) emit_put(e, "    cpu: \"%" PRId64 "m\"\n", l->cpu_milli);
    if (l->mem_mib >= 0) emit_put(e, "    memory: \"%" PRId64 "Mi\"\n", l->mem_mib);
    if (l->gpus >= 0) emit_put(e, "    nvidia.com/gpu: \"%" PRId64 "\"\n", l->gpus);
    emit_put(e, "    nodes: \"%" PRId64 "\"",
             l->nodes >= 0 && l->nodes < n->nodes ? l->nodes : (int64_t)n->nodes);
    emit_note(e, "the limits above %s; nodes: %d of the plan that come and go", n->of,
              (int)n->nodes);
}

static void put_node_pool(struct emit *e, const struct node_pool *n)
{
    char name[EMIT_SLUG_MAX + 16];
    emit_put(e, "---\n");
    for (int32_t i = 0; i < n->choice.n; i++)
        emit_remark(e, "%s", emit_pool_text(&e->fleet->pools[n->choice.pools[i]]).s);
    snprintf(name, sizeof name, "%s%s", n->name, suffix_of(n));
    emit_put(e, "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata:\n  name: %s\nspec:\n",
             emit_name(name).s);
    if (n->is_static) {
        emit_put(e, "  replicas: %d", (int)n->nodes);
        emit_note(e, "nodes of the plan that are always there; alpha, needs the feature gate "
                     "StaticCapacity");
        put_template(e, n);
        emit_put(e, "  disruption:\n    budgets:\n      - nodes: \"0\"");
        emit_note(e, "they are always there: none is disrupted");
        emit_put(e, "    consolidateAfter: Never");
        emit_note(e, "%s", n->of);
        emit_put(e, "  limits:\n    nodes: \"%d\"", (int)n->nodes);
        emit_note(e, "as many as replicas");
        return;
    }
    if (n->said.weight > 0) {
        emit_put(e, "  weight: %" PRId64, n->said.weight);
        emit_note(e, "%s",
                  has_node_pools(e->fleet) ? n->of
                  : is_karpenter(e->fleet) ? "spot first, then the cheapest, as one NodePool would"
                                           : "the order of the fleet's pools");
    }
    put_template(e, n);
    put_disruption(e, n);
    put_limits(e, n);
}

static void put_node_class(struct emit *e)
{
    emit_put(e,
             "---\napiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata:\n  name: %s\n"
             "spec:\n  amiSelectorTerms:\n    - alias: al2023@latest",
             emit_name(e->fleet_slug).s);
    emit_note(e, "not of the plan: pin a version");
    emit_put(e, "  role: \"KarpenterNodeRole-${CLUSTER_NAME}\"");
    emit_note(e, "not of the plan: as in Karpenter's getting started");
    emit_put(e, "  subnetSelectorTerms:\n    - tags:\n"
                "        karpenter.sh/discovery: \"${CLUSTER_NAME}\"");
    emit_note(e, "not of the plan");
    emit_put(e, "  securityGroupSelectorTerms:\n    - tags:\n"
                "        karpenter.sh/discovery: \"${CLUSTER_NAME}\"");
    emit_note(e, "not of the plan");
}

static void put_settings(struct emit *e)
{
    const struct karpenter_options *k = &e->fleet->autoscaler.karpenter;
    if (!is_karpenter(e->fleet)) {
        if (emit_is_elastic(e->fleet))
            emit_remark(e,
                        "note: the plan simulated the autoscaler %s; Karpenter decides by rules "
                        "of its own",
                        e->fleet->autoscaler.kind->name);
        return;
    }
    emit_remark(e,
                "Karpenter's own settings in the plan: BATCH_IDLE_DURATION %s, "
                "BATCH_MAX_DURATION %s%s",
                emit_duration(k->batch_idle_us).s, emit_duration(k->batch_most_us).s,
                k->spot_to_spot ? ", feature gate SpotToSpotConsolidation" : "");
    if (k->do_not_disrupt)
        emit_remark(e, "left out: every pod is annotated karpenter.sh/do-not-disrupt: \"true\"");
}

static void write(struct emit *e)
{
    struct node_pool all[MOST_POOLS];
    int32_t n;
    emit_heading(e, "Karpenter NodePools");
    put_settings(e);
    emit_remark_order(e);
    emit_remark(e, "CLUSTER_NAME=... envsubst '$CLUSTER_NAME' < this-file | kubectl apply -f -");
    if (find_node_pools(e, all, &n)) return;
    put_node_class(e);
    for (int32_t i = 0; i < n; i++) put_node_pool(e, &all[i]);
}

const struct emit_kind emit_karpenter = {
    "karpenter",
    "NodePools and an EC2NodeClass for Karpenter on AWS",
    "karpenter.sh/docs/concepts/nodepools",
    check,
    write,
};
