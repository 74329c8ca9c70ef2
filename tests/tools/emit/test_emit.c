/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests: as they were, read back, checked by what reads them elsewhere, and refused. */
#include "tests/kubernetes.h"
#include "tests/support.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "models/scheduling/quota.h"
#include "scenarios/scenario.h"
#include "sim/random.h"
#include "tools/emit/emit.h"
#include "tools/emit/emit_text.h"

/* ---- fleets ---- */

#define HEAD                                                                                       \
    "seatrial: 1\nworkload: {synth: {like: itp, jobs: 100, days: 5 days, load: 60 GPUs}, "         \
    "reference_gpu: V100-SXM2}\nprices: {as_of: 2026-07-20, region: us-east-1}\nfleets:\n"

static const char small[] = HEAD
    "  small:\n"
    "    scheduler: fifo-skip\n"
    "    autoscaler: cluster-autoscaler\n"
    "    pools:\n"
    "      - {name: Train A100, instance: p4d.24xlarge, buy: on-demand, nodes: 6, min_nodes: 2,\n"
    "         boot: 4 min, zone: us-east-1a, labels: {team: vision}}\n"
    "      - {name: burst, instance: p3.16xlarge, buy: on-demand, nodes: 4, min_nodes: 0,\n"
    "         boot: 4 min, taints: ['nvidia.com/gpu=true:NoSchedule', 'spare:PreferNoSchedule']}\n";

/* A trace that names tenants, users and queues. */
#define TRACE                                                                                      \
    "seatrial: 1\nworkload: {trace: named.csv, reference_gpu: V100-SXM2}\n"                        \
    "prices: {as_of: 2026-07-20, region: us-east-1}\nfleets:\n"
static const char named[] = "submit_s,run_s,gpus,limit_s,tenant,user,queue\n"
                            "0,600,8,900,x,u,gold\n60,600,8,900,x,u,lead\n"
                            "90,600,1,900,y,v,x State=DOWN\n";

static const char slurm[] = TRACE
    "  small:\n"
    "    scheduler: {order: slurm-backfill, weight_age: 1000, weight_size: 100, bf_interval: 1 min,"
    "\n                weight_partition: 7, partitions: {gold: 10}, placement: spread}\n"
    "    autoscaler: {name: slurm-power-save, suspend_time: 10 min, resume_timeout: 10 min}\n"
    "    pools:\n"
    "      - {name: Train A100, instance: p4d.24xlarge, buy: on-demand, nodes: 6, min_nodes: 2,\n"
    "         boot: 4 min}\n"
    "      - {name: gold, instance: p3.16xlarge, buy: on-demand, nodes: 4, min_nodes: 1,\n"
    "         boot: 4 min, queues: [gold, lead]}\n";

static const char plain[] =
    HEAD "  small:\n"
         "    scheduler: fifo\n"
         "    pools:\n"
         "      - {name: one, instance: p4d.24xlarge, buy: on-demand, nodes: 3}\n"
         "      - {name: two, instance: p3.16xlarge, buy: on-demand, nodes: 2}\n";

static void load(const char *text, struct scenario *s)
{
    struct diagnostics diagnostics;
    struct error err = { STATUS_OK, "" };
    write_text(scratch_path("emit.yaml"), text);
    write_text(scratch_path("named.csv"), named);
    diagnostics_init(&diagnostics);
    if (scenario_load(scratch_path("emit.yaml"), NULL, s, &diagnostics, &err)) {
        diagnostics_print(&diagnostics, stderr, 0, "");
        fail_msg("%s\n%s", err.message, text);
    }
    diagnostics_free(&diagnostics);
}

static const struct run_target target = { "p95_wait", 7200, true, "p95 wait at most 2 h" };

static enum status emit(const struct scenario *s, const char *kind, char **text, struct error *err)
{
    const struct emit_figures figures = { .command = "seatrial plan small.yaml --emit",
                                          .params = "nodes = 6",
                                          .replications = 5,
                                          .cost_usd_month = { 120000, 2500 },
                                          .wait_p95_s = { 3600, 120 },
                                          .utilization = { 0.71, 0.02 },
                                          .target_n = 1,
                                          .targets = &target };
    size_t size;
    FILE *out = open_memstream(text, &size);
    assert_non_null(out);
    enum status status = emit_write(emit_kind_find(kind), s, 0, &figures, out, err);
    assert_int_equal(fclose(out), 0);
    return status;
}

static char *emitted(const struct scenario *s, const char *kind)
{
    struct error err = { STATUS_OK, "" };
    char *text;
    if (emit(s, kind, &text, &err)) fail_msg("%s: %s", kind, err.message);
    return text;
}

static char *emitted_of(const char *scenario, const char *kind)
{
    struct scenario s;
    load(scenario, &s);
    char *text = emitted(&s, kind);
    scenario_free(&s);
    return text;
}

static void refuses(const char *scenario, const char *kind, const char *why)
{
    struct scenario s;
    struct error err = { STATUS_OK, "" };
    char *text;
    load(scenario, &s);
    assert_int_equal(emit(&s, kind, &text, &err), STATUS_BAD_INPUT);
    if (!strstr(err.message, why)) fail_msg("%s: no '%s' in '%s'", kind, why, err.message);
    assert_string_equal(text, "");
    free(text);
    scenario_free(&s);
}

static const char *fleet_for(const char *kind)
{
    return strcmp(kind, "slurm-conf") == 0 ? slurm : small;
}

/* ---- as they were ---- */

static void test_golden(void **state)
{
    (void)state;
    const char *mode = getenv("SEATRIAL_GOLDEN");
    for (size_t k = 0; emit_kinds[k]; k++) {
        struct scenario s;
        char name[100], path[] = "small.yaml";
        size_t n;
        load(fleet_for(emit_kinds[k]->name), &s);
        s.path = path;
        strcpy(s.sha256, "0123456789abcdef");
        char *made = emitted(&s, emit_kinds[k]->name);
        snprintf(name, sizeof name, "tests/golden/emit/%s.txt", emit_kinds[k]->name);
        if (mode && strcmp(mode, "write") == 0) write_text(root_path(name), made);
        char *golden = read_file(root_path(name), &n);
        assert_string_equal(made, golden);
        free(made);
        free(golden);
        scenario_free(&s);
    }
}

/* Each line that says something has a comment, or belongs to the frame. */
static void test_values_have_comments(void **state)
{
    (void)state;
    static const char *const keys[] = { "limits",   "cpu:",    "nvidia.com/gpu: ", "replicas:",
                                        "weight:",  "values:", "expireAfter",      "nominalQuota",
                                        "MinSize",  "MaxSize", "CapacityType",     "NodeName=",
                                        "Priority", "Suspend", "Resume",           "Scheduler",
                                        NULL };
    for (size_t k = 0; emit_kinds[k]; k++) {
        char *text = emitted_of(fleet_for(emit_kinds[k]->name), emit_kinds[k]->name), *save;
        int n = 0;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
            for (size_t i = 0; keys[i]; i++) {
                if (line[0] == '#' || !strstr(line, keys[i]) || strcmp(line, "  limits:") == 0)
                    continue;
                n++;
                if (!strstr(line, "  # "))
                    fail_msg("%s: no comment: %s", emit_kinds[k]->name, line);
            }
        assert_true(n > 0 || strcmp(emit_kinds[k]->name, "eks-terraform") == 0);
        free(text);
    }
}

/* ---- hostile names ---- */

/* A line without its comment, with the slug of the pool replaced by a word. */
static void put_line(char *line, const char *slug, char *out)
{
    char *at = line;
    size_t n = strlen(slug);
    char *note = strstr(line, "  # ");
    if (note) *note = 0;
    if (line[strspn(line, " ")] == '#') return;
    out += strlen(out);
    while (*at) {
        size_t k = 0; /* CamelCase and snake_case of a slug of one word are the slug */
        while (k < n && (at[k] | 0x20) == slug[k]) k++;
        if (k == n) {
            *out++ = '@';
            at += n;
        } else *out++ = *at++;
    }
    *out++ = '\n';
    *out = 0;
}

static char *skeleton(const char *kind, struct scenario *s, const char *name)
{
    char slug[EMIT_SLUG_MAX], *save;
    struct fleet_spec *fleet = &s->fleets[0];
    fleet->name = fleet->pools[0].name = name;
    emit_slug(name, NULL, 0, slug);
    char *text = emitted(s, kind), *out = calloc(2, strlen(text) + 2);
    assert_non_null(out);
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        put_line(line, slug, out);
    free(text);
    return out;
}

/* Whatever pools and fleets are called, the manifest says the same. */
static void test_hostile_names(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "\n",    "\r",   "\xe2\x80\xa8", "\xc2\x85", "\\",  "#",    "\"", "'", "${",
        "%{",    "}",    ": ",           "---",      "- ",  "\xff", "*",  "&", "!!",
        "\x1b[", "\x07", "\xe2\x80\xae", "{{",       "`$(", " = "
    };
    struct random_key key = random_key(3, 0);
    for (size_t k = 0; emit_kinds[k]; k++) {
        const char *kind = emit_kinds[k]->name;
        struct scenario s;
        load(fleet_for(kind), &s);
        const char *was = s.fleets[0].name, *pool = s.fleets[0].pools[0].name;
        char *tame = skeleton(kind, &s, "zzzz");
        for (uint64_t i = 0; i < 300; i++) {
            char name[200] = "";
            for (uint64_t d = 0; d < 9; d++) {
                if (d == 4) strcat(name, "qqqq");
                strcat(name, parts[random_u64(key, RANDOM_TEST, i, (uint32_t)d) %
                                   (sizeof parts / sizeof *parts)]);
            }
            char *wild = skeleton(kind, &s, name);
            assert_string_equal(wild, tame);
            free(wild);
        }
        free(tame);
        s.fleets[0].name = was;
        s.fleets[0].pools[0].name = pool;
        scenario_free(&s);
    }
}

/* Names that YAML 1.1 takes for something else stay names. */
static void test_names_that_are_words(void **state)
{
    static const char words[] = HEAD "  \"no\":\n    scheduler: fifo\n    pools:\n      - {name: "
                                     "\"null\", instance: p4d.24xlarge, nodes: 3, "
                                     "buy: on-demand}\n";
    static const struct {
        const char *kind, *quoted;
    } cases[] = {
        { "karpenter", "  name: \"no\"\n" },
        { "kueue", "  name: \"null\"\n" },
        { "kueue", "  name: \"no\"\n" },
        { "eks-cloudformation", "  \"Null\":\n" },
        { "eks-cloudformation", "NodegroupName: \"null\"" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scenario s;
        struct error err = { STATUS_OK, "" };
        char *text;
        load(words, &s);
        assert_int_equal(emit(&s, cases[i].kind, &text, &err), STATUS_OK);
        if (!strstr(text, cases[i].quoted)) fail_msg("no '%s' in\n%s", cases[i].quoted, text);
        assert_null(strstr(text, "ame: no\n"));
        assert_null(strstr(text, "ame: null\n"));
        free(text);
        scenario_free(&s);
    }
}

/* Labels, taints and instance types are refused where they are none. */
static void test_hostile_values(void **state)
{
    (void)state;
    static const char *const kinds[] = { "karpenter", "eks-cloudformation", "eks-terraform",
                                         "kueue" };
    static const struct node_label labels[] = { { "a: b", "x" },
                                                { "team", "x\"}, evil: {\"" },
                                                { "team\n", "x" },
                                                { "team", "${x}" },
                                                { "node.kubernetes.io/instance-type", "p5" } };
    struct error err = { STATUS_OK, "" };
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < 5; i++) {
            struct scenario s;
            char *text;
            load(plain, &s);
            s.fleets[0].pools[1].marks = (struct node_marks){ .label_n = 1, .labels = &labels[i] };
            assert_int_equal(emit(&s, kinds[k], &text, &err), STATUS_BAD_INPUT);
            assert_string_equal(text, "");
            free(text);
            const struct node_taint taint = { labels[i].key, labels[i].value, TAINT_NO_SCHEDULE };
            s.fleets[0].pools[1].marks = (struct node_marks){ .taint_n = 1, .taints = &taint };
            if (i < 4) assert_int_equal(emit(&s, kinds[k], &text, &err), STATUS_BAD_INPUT);
            if (i < 4) free(text);
            s.fleets[0].pools[1].marks = (struct node_marks){ 0 };
            s.fleets[0].pools[1].type.name = "p5.x\nkind: Secret";
            assert_int_equal(emit(&s, kinds[k], &text, &err), STATUS_BAD_INPUT);
            free(text);
            scenario_free(&s);
        }
    refuses(TRACE
            "  a:\n    scheduler: fifo\n    pools:\n      - {name: a, instance: p4d.24xlarge, "
            "buy: on-demand, nodes: 3, queues: ['x State=DOWN']}\n",
            "slurm-conf", "is no name of a partition");
}

/* ---- what is another fleet there is refused ---- */

#define ONE_OF(head, options, pool)                                                                \
    head "  a:\n" options "    pools:\n      - {name: a, instance: p4d.24xlarge, nodes: 3" pool    \
         "}\n"
#define ONE(options, pool) ONE_OF(HEAD, options, pool)
#define ON_DEMAND          ", buy: on-demand"
#define FIFO               "    scheduler: fifo\n"

static void test_refused(void **state)
{
    (void)state;
    static const char owned[] =
        ONE(FIFO, ", buy: owned, capex: $200k, life: 4 years, power: $0.1 per kWh, pue: 1.3, "
                  "busy_watts: 6000 W, idle_watts: 2000 W, space_and_staff: $1 per hour");
    static const char mig[] = ONE("    scheduler: {order: fifo, gpu_sharing: mig}\n", ON_DEMAND);
    static const char karpenter[] = ONE("    scheduler: fifo-skip\n    autoscaler: karpenter\n",
                                        ON_DEMAND ", min_nodes: 0, boot: 4 min");
    static const char twice[] = HEAD
        "  a:\n" FIFO "    pools:\n"
        "      - {name: a, instance: p4d.24xlarge, nodes: 3, buy: on-demand}\n"
        "      - {name: b, instance: p4d.24xlarge, nodes: 3, buy: on-demand, labels: {x: y}}\n";
    static const char group[] =
        HEAD "  a:\n    scheduler: fifo\n    autoscaler: as-needed\n    pools:\n"
             "      - {name: a, instance: [p4d.24xlarge, p3.16xlarge], nodes: 3, min_nodes: 0,\n"
             "         boot: 4 min, buy: on-demand}\n";
    refuses(owned, "karpenter", "owned, not rented of AWS");
    refuses(owned, "eks-cloudformation", "owned, not rented of AWS");
    refuses(mig, "karpenter", "cut into MIG instances");
    refuses(mig, "kueue", "cut into MIG instances");
    refuses(mig, "slurm-conf", "cut into MIG instances");
    refuses(karpenter, "eks-terraform", "does not change node groups");
    refuses(karpenter, "slurm-conf", "Slurm");
    refuses(twice, "kueue", "give it a label of its own");
    refuses(group, "kueue", "of whichever type there is");
    refuses(group, "slurm-conf", "of whichever type there is");
    refuses(ONE("    scheduler: srtf\n", ON_DEMAND), "slurm-conf", "no queue order like srtf");
    refuses(ONE("    scheduler: las\n", ON_DEMAND), "kueue", "no queue order like las");
    refuses(ONE_OF(TRACE, FIFO, ON_DEMAND ", tenants: [x]"), "slurm-conf",
            "for some tenants alone");
    refuses(ONE_OF(TRACE, FIFO, ON_DEMAND ", tenants: [x]"), "kueue", "tenants or queues alone");
    refuses(ONE(FIFO, ON_DEMAND ", taints: ['a=b:NoExecute']"), "slurm-conf", "has taints");
    refuses(ONE("    scheduler: {order: slurm-backfill, bf_window: 90 s}\n", ON_DEMAND),
            "slurm-conf", "in whole minutes");
    refuses(ONE("    scheduler: fifo\n    autoscaler: as-needed\n",
                ON_DEMAND ", min_nodes: 0, boot: 4 min"),
            "slurm-conf", "come and go by as-needed");
    refuses(ONE_OF(TRACE, "    scheduler: {order: fifo, anti_affinity: tenant}\n", ON_DEMAND),
            "slurm-conf", "keeps users and jobs apart");
    char *text = emitted_of(group, "karpenter");
    assert_non_null(strstr(text, "values: [\"p4d.24xlarge\", \"p3.16xlarge\"]"));
    assert_non_null(strstr(text, "nvidia.com/gpu: \"24\""));
    free(text);
    text = emitted_of(group, "eks-cloudformation");
    assert_non_null(strstr(text, "MaxSize: 3"));
    assert_null(strstr(text, "MaxSize: 6"));
    free(text);
}

/* ---- read back ---- */

/* A scenario whose fleet has these pools and this before them. */
static void load_with(const char *before, const char *pools, struct scenario *s)
{
    char text[4000];
    snprintf(text, sizeof text, HEAD "  small:\n%s    pools:\n%s", before, pools);
    load(text, s);
}

static const char two_pools[] = "      - {name: a, instance: p4d.24xlarge, buy: on-demand, nodes: "
                                "6, min_nodes: 0, boot: 4 min}\n"
                                "      - {name: b, instance: p3.16xlarge, buy: on-demand, nodes: "
                                "4, min_nodes: 0, boot: 4 min,\n"
                                "         zone: us-east-1b}\n";

static void test_karpenter_comes_back(void **state)
{
    (void)state;
    static const char given[] =
        "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: big}\nspec:\n  weight: 7\n"
        "  template:\n    spec:\n      expireAfter: 100h\n      terminationGracePeriod: 2h30m\n"
        "      requirements:\n"
        "        - {key: node.kubernetes.io/instance-type, operator: In, values: [p4d.24xlarge]}\n"
        "  disruption:\n    consolidationPolicy: WhenEmpty\n    consolidateAfter: 90s\n    "
        "budgets:\n"
        "      - {nodes: 20%}\n"
        "      - {nodes: '3', schedule: '*/15 9-17 1,15 * mon-fri', duration: 8h, reasons: "
        "[Empty]}\n"
        "  limits: {nvidia.com/gpu: 16, cpu: '100', memory: 3Ti}\n"
        "---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: rest}\nspec:\n"
        "  template:\n    spec:\n      expireAfter: Never\n      requirements:\n"
        "        - {key: node.kubernetes.io/instance-type, operator: In, values: [p3.16xlarge]}\n"
        "  disruption: {consolidateAfter: Never, budgets: [{nodes: '0'}]}\n";
    struct scenario first, again;
    write_text(scratch_path("given.yaml"), given);
    load_with(
        "    scheduler: fifo-skip\n    autoscaler: {name: karpenter, nodepools: given.yaml}\n",
        two_pools, &first);
    char *text = emitted(&first, "karpenter");
    write_text(scratch_path("again.yaml"), text);
    load_with(
        "    scheduler: fifo-skip\n    autoscaler: {name: karpenter, nodepools: again.yaml}\n",
        two_pools, &again);
    const struct karpenter_options *a = &first.fleets[0].autoscaler.karpenter,
                                   *b = &again.fleets[0].autoscaler.karpenter;
    assert_int_equal(a->n, 2);
    assert_int_equal(b->n, 2);
    for (int i = 0; i < 2; i++) {
        const struct karpenter_pool *x = &a->pools[i], *y = &b->pools[i];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->pools, y->pools);
        assert_int_equal(x->weight, y->weight);
        assert_int_equal(x->expire_us, y->expire_us);
        assert_int_equal(x->grace_us, y->grace_us);
        assert_int_equal(x->policy, y->policy);
        assert_int_equal(x->after_us, y->after_us);
        assert_int_equal(x->budget_n, y->budget_n);
        for (int k = 0; k < x->budget_n; k++) {
            const struct karpenter_budget *m = &x->budgets[k], *n = &y->budgets[k];
            assert_int_equal(m->nodes, n->nodes);
            assert_int_equal(m->percent, n->percent);
            assert_int_equal(m->reasons, n->reasons);
            assert_int_equal(m->scheduled, n->scheduled);
            assert_int_equal(m->duration_us, n->duration_us);
            assert_memory_equal(&m->schedule, &n->schedule, sizeof m->schedule);
        }
    }
    assert_int_equal(b->pools[0].limits.gpus, 16);
    assert_int_equal(b->pools[0].limits.cpu_milli, 100000);
    assert_int_equal(b->pools[0].limits.mem_mib, 3 * 1024 * 1024);
    assert_int_equal(b->pools[0].limits.nodes, 6); /* of the fleet: there are no more */
    assert_int_equal(b->pools[1].limits.gpus, 4 * 8);
    free(text);
    scenario_free(&first);
    scenario_free(&again);
}

/* Without NodePools: one a pool, the cheapest first. */
static void test_karpenter_of_pools(void **state)
{
    (void)state;
    struct scenario first, again;
    load_with("    scheduler: fifo-skip\n    autoscaler: karpenter\n", two_pools, &first);
    char *text = emitted(&first, "karpenter");
    write_text(scratch_path("again.yaml"), text);
    load_with(
        "    scheduler: fifo-skip\n    autoscaler: {name: karpenter, nodepools: again.yaml}\n",
        two_pools, &again);
    const struct karpenter_options *b = &again.fleets[0].autoscaler.karpenter;
    const struct pool_spec *pools = first.fleets[0].pools;
    assert_int_equal(b->n, 2);
    assert_int_equal(b->pools[0].pools, 1);
    assert_int_equal(b->pools[1].pools, 2);
    assert_int_equal(b->pools[0].limits.gpus, 48);
    assert_int_equal(b->pools[1].limits.gpus, 32);
    assert_int_equal(b->pools[0].expire_us, INT64_C(720) * 3600 * 1000000);
    assert_int_equal(b->pools[0].weight > b->pools[1].weight,
                     pools[0].purchase.usd_nano_per_hour <= pools[1].purchase.usd_nano_per_hour);
    free(text);
    scenario_free(&first);
    scenario_free(&again);
}

static void same_quota(const struct quota_spec *a, const struct quota_spec *b)
{
    assert_int_equal(a->flavor_n, b->flavor_n);
    assert_int_equal(a->queue_n, b->queue_n);
    assert_int_equal(a->node_n, b->node_n);
    assert_int_equal(a->local_n, b->local_n);
    for (int f = 0; f < a->flavor_n; f++) {
        assert_string_equal(a->flavors[f].name, b->flavors[f].name);
        assert_int_equal(a->flavors[f].pools, b->flavors[f].pools);
    }
    for (int i = 0; i < a->node_n; i++) {
        assert_string_equal(a->nodes[i].name, b->nodes[i].name);
        assert_int_equal(a->nodes[i].parent, b->nodes[i].parent);
        for (int c = 0; c < a->flavor_n * QUOTA_RESOURCES; c++) {
            assert_int_equal(a->nodes[i].limits[c].nominal, b->nodes[i].limits[c].nominal);
            assert_int_equal(a->nodes[i].limits[c].borrowing, b->nodes[i].limits[c].borrowing);
            assert_int_equal(a->nodes[i].limits[c].lending, b->nodes[i].limits[c].lending);
        }
    }
    for (int i = 0; i < a->queue_n; i++) {
        const struct quota_queue *x = &a->queues[i], *y = &b->queues[i];
        assert_int_equal(x->group_n, y->group_n);
        assert_int_equal(x->strategy, y->strategy);
        assert_int_equal(x->when_can_borrow, y->when_can_borrow);
        assert_int_equal(x->when_can_preempt, y->when_can_preempt);
        assert_int_equal(x->preference, y->preference);
        assert_int_equal(x->within_queue, y->within_queue);
        assert_int_equal(x->reclaim, y->reclaim);
        assert_int_equal(x->borrow_within_cohort, y->borrow_within_cohort);
        assert_int_equal(x->threshold, y->threshold);
        assert_int_equal(x->stopped, y->stopped);
        for (int g = 0; g < x->group_n; g++) {
            assert_int_equal(x->groups[g].resources, y->groups[g].resources);
            assert_int_equal(x->groups[g].flavor_n, y->groups[g].flavor_n);
            for (int f = 0; f < x->groups[g].flavor_n; f++)
                assert_int_equal(x->groups[g].flavors[f], y->groups[g].flavors[f]);
        }
    }
    for (int i = 0; i < a->local_n; i++) {
        assert_string_equal(a->locals[i].space, b->locals[i].space);
        assert_string_equal(a->locals[i].name, b->locals[i].name);
        assert_int_equal(a->locals[i].queue, b->locals[i].queue);
        assert_int_equal(a->locals[i].stopped, b->locals[i].stopped);
    }
}

static void test_kueue_comes_back(void **state)
{
    (void)state;
    static const char given[] =
        "apiVersion: kueue.x-k8s.io/v1beta2\nkind: ResourceFlavor\nmetadata: {name: a100}\n"
        "spec: {nodeLabels: {node.kubernetes.io/instance-type: p4d.24xlarge}}\n"
        "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: ResourceFlavor\nmetadata: {name: v100}\n"
        "spec: {nodeLabels: {topology.kubernetes.io/zone: us-east-1b}}\n"
        "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: ResourceFlavor\nmetadata: {name: all}\n"
        "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: Cohort\nmetadata: {name: lab}\n"
        "spec:\n  parentName: root\n  resourceGroups:\n  - coveredResources: [nvidia.com/gpu]\n"
        "    flavors: [{name: a100, resources: [{name: nvidia.com/gpu, nominalQuota: 4}]}]\n"
        "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: ClusterQueue\nmetadata: {name: q1}\nspec:\n"
        "  cohortName: lab\n  queueingStrategy: StrictFIFO\n"
        "  flavorFungibility: {whenCanBorrow: TryNextFlavor, whenCanPreempt: MayStopSearch}\n"
        "  preemption: {withinClusterQueue: LowerOrNewerEqualPriority, reclaimWithinCohort: Any,\n"
        "    borrowWithinCohort: {policy: LowerPriority, maxPriorityThreshold: 100}}\n"
        "  resourceGroups:\n  - coveredResources: [nvidia.com/gpu, cpu]\n    flavors:\n"
        "    - name: a100\n      resources:\n"
        "      - {name: nvidia.com/gpu, nominalQuota: 9, borrowingLimit: 1, lendingLimit: 3}\n"
        "      - {name: cpu, nominalQuota: 2500m}\n"
        "    - name: v100\n      resources:\n"
        "      - {name: nvidia.com/gpu, nominalQuota: 8}\n      - {name: cpu, nominalQuota: 5}\n"
        "  - coveredResources: [memory]\n    flavors:\n"
        "    - {name: all, resources: [{name: memory, nominalQuota: 10Ki}]}\n"
        "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: ClusterQueue\nmetadata: {name: q2}\nspec:\n"
        "  stopPolicy: Hold\n  resourceGroups:\n  - coveredResources: [nvidia.com/gpu]\n    "
        "flavors:\n"
        "    - {name: a100, resources: [{name: nvidia.com/gpu, nominalQuota: 12}]}\n"
        "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: LocalQueue\n"
        "metadata: {name: users, namespace: team}\nspec: {clusterQueue: q1, stopPolicy: Hold}\n";
    struct scenario first, again;
    const char *pools = "      - {name: a, instance: p4d.24xlarge, buy: on-demand, nodes: 6}\n"
                        "      - {name: b, instance: p3.16xlarge, buy: on-demand, nodes: 4, zone: "
                        "us-east-1b}\n";
    write_text(scratch_path("quotas.yaml"), given);
    load_with("    scheduler: {order: kueue, kueue: quotas.yaml}\n", pools, &first);
    char *text = emitted(&first, "kueue");
    write_text(scratch_path("again.yaml"), text);
    load_with("    scheduler: {order: kueue, kueue: again.yaml}\n", pools, &again);
    same_quota(first.fleets[0].scheduler.quota, again.fleets[0].scheduler.quota);
    free(text);
    scenario_free(&first);
    scenario_free(&again);
}

static void test_kueue_of_pools(void **state)
{
    (void)state;
    struct scenario again;
    char *text = emitted_of(plain, "kueue");
    write_text(scratch_path("again.yaml"), text);
    load_with("    scheduler: {order: kueue, kueue: again.yaml}\n",
              strstr(plain, "      - {name: one"), &again);
    const struct quota_spec *q = again.fleets[0].scheduler.quota;
    assert_int_equal(q->queue_n, 1);
    assert_int_equal(q->flavor_n, 2);
    assert_int_equal(q->queues[0].strategy, STRICT_FIFO);
    assert_int_equal(q->flavors[0].pools, 1);
    assert_int_equal(q->flavors[1].pools, 2);
    assert_int_equal(q->nodes[0].limits[quota_cell(0, QUOTA_GPU)].nominal, 3 * 8 * 1000);
    assert_int_equal(q->nodes[0].limits[quota_cell(1, QUOTA_GPU)].nominal, 2 * 8 * 1000);
    assert_int_equal(q->nodes[0].limits[quota_cell(0, QUOTA_CPU)].nominal, 3 * 96 * 1000);
    assert_int_equal(q->nodes[0].limits[quota_cell(1, QUOTA_MEMORY)].nominal,
                     INT64_C(2) * 488 * 1024 * 1024);
    free(text);
    scenario_free(&again);
}

/* ---- what reads them elsewhere ---- */

/* Runs a checker that is installed, or skips. */
static void passes(const char *program, const char *command)
{
    char line[4000], *out, *err;
    snprintf(line, sizeof line, "command -v %s", program);
    if (run_command(line, NULL, NULL) != 0) {
        print_message("skipped: there is no %s\n", program);
        skip();
    }
    if (run_command(command, &out, &err) != 0) fail_msg("%s\n%s%s", command, out, err);
    free(out);
    free(err);
}

static void write_emitted(const char *scenario, const char *kind, const char *file)
{
    char *text = emitted_of(scenario, kind);
    write_text(scratch_path(file), text);
    free(text);
}

static void test_crd(void **state)
{
    (void)state;
    char line[4000], *out, *err;
    const char *crd =
        shared_or_skip("reference/cluster/kubernetes/crd/karpenter.sh_nodepools.yaml");
    const char *folder = kubernetes_checkers_or_skip();
    write_emitted(small, "karpenter", "k.yaml");
    snprintf(line, sizeof line, "node '%s'/crd_check.mjs '%s' '%s'", folder, crd,
             scratch_path("k.yaml"));
    if (run_command(line, &out, &err) != 0) fail_msg("%s%s", out, err);
    assert_non_null(strstr(out, "ok NodePool/train-a100-static\n"));
    assert_non_null(strstr(out, "ok NodePool/train-a100\n"));
    assert_non_null(strstr(out, "ok NodePool/burst\n"));
    free(out);
    free(err);
    /* The check checks: each of these is refused. */
    static const char *const wrong[] = { "s/weight: 100/weight: 101/",
                                         "s/operator: In/operator: On/",
                                         "s/expireAfter: 720h/expireAfter: 30d/",
                                         "s/  replicas: 2/  replicas: 2\\n  weight: 3/",
                                         "s/values: \\[\"p3.16xlarge\"\\]/values: []/",
                                         "s/consolidateAfter/consolidatedAfter/" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(line, sizeof line, "sed '%s' '%s' > '%s' && node '%s'/crd_check.mjs '%s' '%s'",
                 wrong[i], scratch_path("k.yaml"), scratch_path("w.yaml"), folder, crd,
                 scratch_path("w.yaml"));
        if (run_command(line, NULL, NULL) != 1) fail_msg("passes: %s", wrong[i]);
    }
}

static void test_cfn_lint(void **state)
{
    (void)state;
    char line[600];
    write_emitted(small, "eks-cloudformation", "cf.yaml");
    snprintf(line, sizeof line, "cfn-lint '%s'", scratch_path("cf.yaml"));
    passes("cfn-lint", line);
}

static void test_terraform_fmt(void **state)
{
    (void)state;
    char line[600];
    write_emitted(small, "eks-terraform", "main.tf");
    snprintf(line, sizeof line, "TF_CLI_CONFIG_FILE=/dev/null terraform fmt -check -diff '%s'",
             scratch_path("main.tf"));
    passes("terraform", line);
}

/* The real slurmctld starts with it and has these nodes; the real slurmd finds these GPUs. */
static void test_slurm(void **state)
{
    (void)state;
    char line[4000];
    write_emitted(slurm, "slurm-conf", "both.conf");
    snprintf(
        line, sizeof line,
        "set -e; cd '%s'; mkdir -p state spool; for i in 0 1 2 3 4 5 6 7; do "
        "ln -sf /dev/null nvidia$i; done\n"
        "port=$((20000 + $$ %% 20000)); cat > slurm.conf <<E\n"
        "ClusterName=t\nSlurmctldHost=localhost\nSlurmctldPort=$port\n"
        "SlurmdPort=$((port + 1))\nStateSaveLocation=$PWD/state\nSlurmdSpoolDir=$PWD/spool\n"
        "SlurmctldPidFile=$PWD/c.pid\nSlurmUser=$(id -un)\nAuthType=auth/none\n"
        "CredType=cred/none\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nE\n"
        "sed '/==== gres.conf/,$d; s/ CPUs=/ NodeAddr=127.0.0.1 CPUs=/' both.conf >> slurm.conf\n"
        "sed -n '/==== gres.conf/,$p' both.conf | sed \"s|/dev/nvidia|$PWD/nvidia|\" > gres.conf\n"
        "export SLURM_CONF=$PWD/slurm.conf\n"
        "timeout 20 slurmd -f slurm.conf -N train-a100-1 -G 2>&1 | grep 'Type=a100-sxm4 Count=8'\n"
        "timeout 20 slurmd -f slurm.conf -N gold-4 -G 2>&1 | grep 'Type=v100-sxm2 Count=8'\n"
        "timeout -k 1 60 slurmctld -D -c -f slurm.conf > ctld.log 2>&1 & ctld=$!\n"
        "trap 'kill $ctld; wait $ctld || :' EXIT\n"
        "for i in $(seq 40); do timeout 5 scontrol ping | grep -q UP && break; sleep 0.5; done\n"
        "timeout 5 scontrol show partition > parts; timeout 5 scontrol show config > config\n"
        "grep -c ^PartitionName= parts | grep -x 3; grep -c TotalNodes=6 parts | grep -x 1\n"
        "grep -c TotalNodes=10 parts | grep -x 2; grep -c PriorityJobFactor=10 parts | grep -x 1\n"
        "grep 'TotalCPUs=576' parts\n"
        "grep -E 'SchedulerParameters += bf_interval=60,bf_window=1440' config\n"
        "grep -E 'SuspendTime += 600 sec' config; grep -E 'PriorityWeightJobSize += 100' config\n"
        "grep -E 'SelectTypeParameters += CR_CPU_MEMORY,CR_LLN|CR_LLN' config\n"
        "grep 'fatal' ctld.log && exit 1; exit 0\n",
        scratch_dir());
    passes("slurmctld", line);
}

/* Strict orders: sched/builtin; jobs or users that have nodes to themselves. */
static void test_slurm_orders(void **state)
{
    (void)state;
    char *text = emitted_of(
        ONE_OF(TRACE, "    scheduler: {order: multifactor, weight_qos: 5, exclusive: user}\n",
               ON_DEMAND),
        "slurm-conf");
    assert_non_null(strstr(text, "\nSchedulerType=sched/builtin "));
    assert_non_null(strstr(text, "\nPriorityWeightQOS=5 "));
    assert_non_null(strstr(text, " ExclusiveUser=YES "));
    free(text);
    text =
        emitted_of(ONE("    scheduler: {order: fifo, exclusive: job}\n", ON_DEMAND), "slurm-conf");
    assert_non_null(strstr(text, "\nPriorityType=priority/basic "));
    assert_non_null(strstr(text, " OverSubscribe=EXCLUSIVE "));
    assert_null(strstr(text, "Suspend"));
    free(text);
    text = emitted_of(ONE("    scheduler: easy\n", ON_DEMAND), "slurm-conf");
    assert_non_null(strstr(text, "\nSchedulerType=sched/backfill "));
    assert_non_null(strstr(text, "note: the plan simulated easy"));
    free(text);
}

/* ---- CloudFormation: the fields it has, and their types ---- */

static void test_cloudformation_fields(void **state)
{
    (void)state;
    /* AWS::EKS::Nodegroup: s text, n number, r reference, m map, l list */
    static const struct {
        const char *key;
        char type;
    } fields[] = { { "ClusterName", 's' },   { "NodeRole", 's' }, { "NodegroupName", 's' },
                   { "CapacityType", 's' },  { "AmiType", 's' },  { "Subnets", 'a' },
                   { "InstanceTypes", 'l' }, { "Labels", 'm' },   { "Taints", 'l' },
                   { "ScalingConfig", 'm' } };
    char *text = emitted_of(small, "eks-cloudformation");
    yaml_parser_t parser;
    yaml_document_t document;
    int groups = 0;
    assert_true(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    assert_true(yaml_parser_load(&parser, &document));
    for (yaml_node_t *n = document.nodes.start; n < document.nodes.top; n++) {
        if (n->type != YAML_MAPPING_NODE) continue;
        for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
             p++) {
            yaml_node_t *key = yaml_document_get_node(&document, p->key);
            yaml_node_t *of = yaml_document_get_node(&document, p->value);
            if (strcmp((char *)key->data.scalar.value, "Properties") != 0) continue;
            groups++;
            for (yaml_node_pair_t *q = of->data.mapping.pairs.start; q < of->data.mapping.pairs.top;
                 q++) {
                yaml_node_t *name = yaml_document_get_node(&document, q->key);
                yaml_node_t *value = yaml_document_get_node(&document, q->value);
                size_t f = 0;
                while (f < sizeof fields / sizeof *fields &&
                       strcmp(fields[f].key, (char *)name->data.scalar.value) != 0)
                    f++;
                assert_true(f < sizeof fields / sizeof *fields);
                assert_true(fields[f].type == 'a' ||
                            (fields[f].type == 's' && value->type == YAML_SCALAR_NODE) ||
                            (fields[f].type == 'l' && value->type == YAML_SEQUENCE_NODE) ||
                            (fields[f].type == 'm' && value->type == YAML_MAPPING_NODE));
            }
        }
    }
    assert_int_equal(groups, 2);
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
    free(text);
}

/* ---- Terraform: a subset of HCL, strictly ---- */

static bool is_identifier(const char *s, size_t n)
{
    return n > 0 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") >= n &&
           !(s[0] >= '0' && s[0] <= '9');
}

/* A number, a text without interpolation, var.x, a list of these, or a type. */
static bool is_value(const char *v)
{
    size_t n = strlen(v);
    if (strspn(v, "0123456789") == n && n > 0) return true;
    if (v[0] == '[') {
        char copy[1000], *save;
        if (v[n - 1] != ']' || n >= sizeof copy) return false;
        snprintf(copy, sizeof copy, "%.*s", (int)n - 2, v + 1);
        for (char *one = strtok_r(copy, ",", &save); one; one = strtok_r(NULL, ",", &save))
            if (!is_value(one + strspn(one, " "))) return false;
        return true;
    }
    if (v[0] == '"')
        return n >= 2 && v[n - 1] == '"' && !strstr(v, "${") && !strstr(v, "%{") &&
               strcspn(v + 1, "\"") == n - 2;
    if (strncmp(v, "var.", 4) == 0) return is_identifier(v + 4, n - 4);
    return strcmp(v, "string") == 0 || strcmp(v, "list(string)") == 0 ||
           strcmp(v, "scaling_config[0].desired_size") == 0;
}

static void test_terraform_subset(void **state)
{
    (void)state;
    char *text = emitted_of(small, "eks-terraform"), *save;
    int depth = 0, blocks = 0;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *at = line + strspn(line, " "), *equals = strstr(at, "= ");
        size_t n = strlen(at);
        if (*at == '#') continue;
        assert_int_equal(at - line, 2 * (depth - (*at == '}')));
        if (strcmp(at, "}") == 0) depth--;
        else if (at[n - 1] == '{') {
            depth++;
            blocks += strncmp(at, "resource \"aws_eks_node_group\" \"", 31) == 0;
        } else {
            if (!equals || !is_value(equals + 2)) fail_msg("no attribute: %s", line);
            size_t key = strcspn(at, " ");
            assert_true(is_identifier(at, key) || (at[0] == '"' && at[key - 1] == '"'));
        }
    }
    assert_int_equal(depth, 0);
    assert_int_equal(blocks, 2);
    free(text);
}

/* ---- the command line ---- */

static int sh(const char *command, char **out, char **err)
{
    char line[6000], *program = realpath(seatrial_path(), NULL);
    assert_non_null(program);
    snprintf(line, sizeof line, "S='%s'; cd '%s'; export LC_ALL=C.UTF-8\n%s\n", program,
             scratch_dir(), command);
    int status = run_command(line, out, err);
    free(program);
    return status;
}

static void exits(const char *command, int code, const char *in_out, const char *in_err)
{
    char *out, *err;
    int status = sh(command, &out, &err);
    if (status != code || !strstr(out, in_out) || !strstr(err, in_err))
        fail_msg("%s: exit %d, not %d, or no '%s', '%s' in\n%s--\n%s", command, status, code,
                 in_out, in_err, out, err);
    free(out);
    free(err);
}

static void test_command_line(void **state)
{
    (void)state;
    char text[3000];
    snprintf(text, sizeof text, "%sslo: {p95_wait: 300 days}\nrun: {replications: 2}\n", plain);
    write_text(scratch_path("plan.yaml"), text);
    snprintf(text, sizeof text, "%sslo: {budget: $1 per month}\nrun: {replications: 2}\n", plain);
    write_text(scratch_path("none.yaml"), text);
    exits("$S plan plan.yaml --no-changes --emit kueue | head -1", 0, "# Kueue's flavors",
          "The cheapest fleet");
    exits("$S plan plan.yaml --no-changes --emit kueue -q | grep -c 'The cheapest'", 1, "0", "");
    exits("$S plan plan.yaml --no-changes --emit karpenter --emit slurm-conf --emit-file k.yaml "
          "--emit-file s.conf && grep -h '^# by: seatrial plan plan.yaml --no-changes' k.yaml "
          "s.conf | wc -l",
          0, "2\n", "");
    exits("$S plan plan.yaml --no-changes --emit kueue --emit-file k2.yaml --json", 0,
          "\"format_version\"", "");
    exits("$S plan none.yaml --no-changes --emit kueue --emit-file none.out; echo $?; ls", 0, "1\n",
          "");
    exits("ls none.out", 2, "", "none.out");
    exits("$S plan plan.yaml --emit helm", 2, "", "helm");
    exits("$S plan plan.yaml --emit kueue --emit karpenter", 2, "", "standard output");
    exits("$S plan plan.yaml --emit kueue --emit-file a --emit-file b", 2, "", "more --emit-file");
    exits("$S plan plan.yaml --emit kueue --json", 2, "", "JSON");
    exits("$S plan plan.yaml --emit kueue --emit karpenter --emit-file a --emit-file a", 2, "",
          "in one file");
    exits("$S plan plan.yaml --no-changes -q --emit kueue --emit-file no/such/file", 2, "",
          "cannot write no/such/file");
    exits("$S list manifests", 0, "eks-terraform", "");
    /* What one format refuses keeps the others from being written. */
    write_text(scratch_path("mig.yaml"), ONE("    scheduler: {order: fifo, gpu_sharing: mig}\n",
                                             ON_DEMAND) "slo: {p95_wait: 300 days}\n");
    exits("$S plan mig.yaml --no-changes -q --emit eks-terraform --emit kueue --emit-file m.tf "
          "--emit-file m.yaml; echo $?; ls",
          0, "2\n", "kueue cannot say this fleet");
    exits("ls m.tf", 2, "", "m.tf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_values_have_comments),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_names_that_are_words),
        cmocka_unit_test(test_hostile_values),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_karpenter_comes_back),
        cmocka_unit_test(test_karpenter_of_pools),
        cmocka_unit_test(test_kueue_comes_back),
        cmocka_unit_test(test_kueue_of_pools),
        cmocka_unit_test(test_crd),
        cmocka_unit_test(test_cfn_lint),
        cmocka_unit_test(test_terraform_fmt),
        cmocka_unit_test(test_slurm),
        cmocka_unit_test(test_slurm_orders),
        cmocka_unit_test(test_cloudformation_fields),
        cmocka_unit_test(test_terraform_subset),
        cmocka_unit_test(test_command_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
