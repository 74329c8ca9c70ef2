/* SPDX-License-Identifier: Apache-2.0 */
/* Karpenter's NodePools, as its documentation has them, to what the autoscaler goes by. */
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "scenarios/scenario.h"
#include "tests/db_dump.h"
#include "tests/support.h"

/* Five pools: 0 on demand in zone a, 1 the same without a zone, 2 owned, 3 smaller, 4 another
 * family. */
static const char scenario[] =
    "seatrial: 1\n"
    "workload: {synth: {like: itp, jobs: 200, days: 2 days, load: 20 GPUs}, reference_gpu: "
    "V100-SXM2}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "fleets:\n"
    "  k:\n"
    "    scheduler: {order: fifo, restart_cost: 1 min}\n"
    "    autoscaler: {name: karpenter, nodepools: nodepools.yaml, batch_idle: 2 s, spot_to_spot: "
    "yes}\n"
    "    pools:\n"
    "    - {name: a, instance: p3.16xlarge, buy: on-demand, nodes: 4, min_nodes: 0, labels: "
    "{topology.kubernetes.io/zone: us-east-1a, team: vision}}\n"
    "    - {name: b, instance: p3.16xlarge, buy: on-demand, nodes: 4, min_nodes: 0}\n"
    "    - {name: c, instance: dgx-a100, buy: owned, nodes: 2, capex: $200k, life: 4 years, power: "
    "$0.12 per kWh, pue: 1.4, busy_watts: 6.5 kW, idle_watts: 2 kW}\n"
    "    - {name: d, instance: p3.2xlarge, buy: on-demand, nodes: 4, min_nodes: 0}\n"
    "    - {name: e, instance: g6e.48xlarge, buy: on-demand, nodes: 4, min_nodes: 0}\n";

static void load(const char *nodepools, struct scenario *s, struct diagnostics *d)
{
    struct error err = { STATUS_OK, "" };
    write_text(scratch_path("scenario.yaml"), scenario);
    write_text(scratch_path("nodepools.yaml"), nodepools);
    diagnostics_init(d);
    if (scenario_load(scratch_path("scenario.yaml"), NULL, s, d, &err) != STATUS_OK) {
        diagnostics_print(d, stderr, 0, "");
        fail_msg("%s", err.message);
    }
}

#define HEAD                                                                                       \
    "apiVersion: karpenter.sh/v1\n"                                                                \
    "kind: NodePool\n"

/* The NodePool of concepts/nodepools.md, shortened to what holds here; and one of defaults. */
static void a_whole_nodepool(void **state)
{
    static const char text[] =
        HEAD "metadata: {name: default, annotations: {a: b}}\n"
             "spec:\n"
             "  template:\n"
             "    metadata: {labels: {billing-team: my-team}}\n"
             "    spec:\n"
             "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"
             "      startupTaints: [{key: example.com/another-taint, effect: NoSchedule}]\n"
             "      expireAfter: 1h30m\n"
             "      terminationGracePeriod: 48h\n"
             "      requirements:\n"
             "      - {key: karpenter.k8s.aws/instance-category, operator: In, values: [p, g]}\n"
             "  disruption:\n"
             "    consolidationPolicy: WhenEmpty\n"
             "    consolidateAfter: 1m\n"
             "    budgets:\n"
             "    - nodes: 20%\n"
             "    - {nodes: \"5\", reasons: [Drifted, Empty]}\n"
             "    - {schedule: \"@daily\", duration: 10m, nodes: \"0\"}\n"
             "  limits: {cpu: \"1000\", memory: 1000Gi, nvidia.com/gpu: 24, nodes: 3}\n"
             "  weight: 10\n"
             "status: {conditions: []}\n"
             "---\n"
             "apiVersion: karpenter.k8s.aws/v1\n"
             "kind: EC2NodeClass\n"
             "metadata: {name: default}\n"
             "---\n" HEAD "metadata: {name: plain}\n"
             "spec: {template: {spec: {requirements: []}}}\n";
    struct scenario s;
    struct diagnostics d;
    (void)state;
    load(text, &s, &d);
    assert_int_equal(d.n, 1); /* of labels, since both may use the same pools */
    assert_non_null(strstr(d.items[0].message, "labels and taints of NodePool 'default'"));
    const struct karpenter_options *o = &s.fleets[0].autoscaler.karpenter;
    assert_int_equal(o->n, 2);
    assert_int_equal(o->batch_idle_us, 2000000);
    assert_int_equal(o->batch_most_us, 10000000);
    assert_true(o->spot_to_spot && !o->do_not_disrupt);
    const struct karpenter_pool *p = &o->pools[0];
    assert_string_equal(p->name, "default");
    assert_int_equal(p->weight, 10);
    assert_int_equal(p->expire_us, INT64_C(5400) * 1000000);
    assert_int_equal(p->grace_us, INT64_C(48) * 3600 * 1000000);
    assert_int_equal(p->policy, KARPENTER_WHEN_EMPTY);
    assert_int_equal(p->after_us, 60000000);
    assert_int_equal(p->limits.cpu_milli, 1000000);
    assert_int_equal(p->limits.mem_mib, 1024000);
    assert_int_equal(p->limits.gpus, 24);
    assert_int_equal(p->limits.nodes, 3);
    assert_int_equal(p->budget_n, 3);
    assert_true(p->budgets[0].percent && p->budgets[0].nodes == 20 && !p->budgets[0].scheduled);
    assert_int_equal(p->budgets[0].reasons, KARPENTER_REASONS);
    assert_true(!p->budgets[1].percent && p->budgets[1].nodes == 5);
    assert_int_equal(p->budgets[1].reasons, KARPENTER_DRIFTED | KARPENTER_EMPTY);
    assert_true(p->budgets[2].scheduled && p->budgets[2].duration_us == INT64_C(600) * 1000000);
    assert_int_equal(cron_next_us(&p->budgets[2].schedule, 0), INT64_C(86400) * 1000000);
    /* Upstream's defaults. */
    p = &o->pools[1];
    assert_int_equal(p->weight, 0);
    assert_int_equal(p->expire_us, INT64_C(720) * 3600 * 1000000);
    assert_int_equal(p->policy, KARPENTER_WHEN_UNDERUTILIZED);
    assert_int_equal(p->after_us, 0);
    assert_int_equal(p->limits.gpus, -1);
    assert_true(p->budget_n == 1 && p->budgets[0].percent && p->budgets[0].nodes == 10);
    scenario_free(&s);
    diagnostics_free(&d);
}

/* Which pools a requirement leaves; bit 0 is pool a. */
static void requirements_choose_pools(void **state)
{
    static const struct {
        const char *requirement;
        uint64_t pools;
    } cases[] = {
        { "key: node.kubernetes.io/instance-type, operator: In, values: [p3.16xlarge]", 3 },
        { "key: node.kubernetes.io/instance-type, operator: NotIn, values: [p3.16xlarge]", 28 },
        { "key: karpenter.sh/capacity-type, operator: In, values: [reserved]", 4 },
        { "key: karpenter.sh/capacity-type, operator: In, values: [spot, on-demand]", 27 },
        { "key: topology.kubernetes.io/region, operator: In, values: [us-east-1]", 27 },
        { "key: topology.kubernetes.io/zone, operator: In, values: [us-east-1a]", 27 },
        { "key: topology.kubernetes.io/zone, operator: In, values: [us-east-1b]", 26 },
        { "key: topology.kubernetes.io/zone, operator: In, values: [us-west-2a]", 0 },
        { "key: topology.kubernetes.io/zone, operator: NotIn, values: [us-east-1a]", 30 },
        { "key: karpenter.k8s.aws/instance-family, operator: In, values: [p3, p4d]", 11 },
        { "key: karpenter.k8s.aws/instance-size, operator: In, values: [2xlarge, 48xlarge]", 24 },
        { "key: karpenter.k8s.aws/instance-category, operator: In, values: [g]", 16 },
        { "key: karpenter.k8s.aws/instance-generation, operator: Gt, values: [\"3\"]", 16 },
        { "key: karpenter.k8s.aws/instance-gpu-count, operator: Gt, values: [\"1\"]", 23 },
        { "key: karpenter.k8s.aws/instance-gpu-count, operator: Lt, values: [\"8\"]", 8 },
        { "key: karpenter.k8s.aws/instance-gpu-count, operator: Lte, values: [\"8\"]", 31 },
        { "key: karpenter.k8s.aws/instance-gpu-count, operator: Gte, values: [\"8\"]", 23 },
        { "key: karpenter.k8s.aws/instance-gpu-name, operator: In, values: [a100, v100]", 15 },
        { "key: karpenter.k8s.aws/instance-gpu-manufacturer, operator: Exists", 31 },
        { "key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: [\"64\"]", 20 },
        { "key: karpenter.k8s.aws/instance-memory, operator: Lt, values: [\"65536\"]", 8 },
        { "key: kubernetes.io/arch, operator: In, values: [arm64]", 0 },
        { "key: kubernetes.io/os, operator: In, values: [linux]", 31 },
        { "key: team, operator: In, values: [vision]", 1 },
        { "key: team, operator: NotIn, values: [vision]", 30 },
        { "key: team, operator: Exists", 1 },
        { "key: team, operator: DoesNotExist", 30 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1000];
        struct scenario s;
        struct diagnostics d;
        snprintf(text, sizeof text,
                 HEAD "metadata: {name: one}\n"
                      "spec: {template: {spec: {requirements: [{%s}]}}}\n",
                 cases[i].requirement);
        load(text, &s, &d);
        uint64_t pools = s.fleets[0].autoscaler.karpenter.pools[0].pools;
        if (pools != cases[i].pools)
            fail_msg("{%s} leaves %llu", cases[i].requirement, (unsigned long long)pools);
        scenario_free(&s);
        diagnostics_free(&d);
    }
}

/* What a NodePool says is part of what a scenario is. */
static void nodepools_are_of_the_identity(void **state)
{
    static const char one[] = HEAD "metadata: {name: one}\n"
                                   "spec: {template: {spec: {requirements: []}}}\n";
    static const char heavy[] = HEAD "metadata: {name: one}\n"
                                     "spec: {weight: 2, template: {spec: {requirements: []}}}\n";
    struct scenario a, b;
    struct diagnostics d;
    (void)state;
    load(one, &a, &d);
    diagnostics_free(&d);
    load(heavy, &b, &d);
    diagnostics_free(&d);
    assert_string_not_equal(a.sha256, b.sha256);
    scenario_free(&a);
    scenario_free(&b);
}

/* The example's results on one thread and on two: the same jobs, nodes and dollars. */
static void the_same_on_two_threads(void **state)
{
    char command[1200], path[2][40], sha256[2][65], *program = realpath(seatrial_path(), NULL);
    (void)state;
    for (int t = 0; t < 2; t++) {
        snprintf(path[t], sizeof path[t], "threads-%d.db", t + 1);
        snprintf(command, sizeof command,
                 "cd '%s' && '%s' run examples/karpenter.yaml --replications 3 -j %d -q -o '%s' > "
                 "/dev/null",
                 root_path("."), program, t + 1, scratch_path(path[t]));
        assert_int_equal(run_command(command, NULL, NULL), 0);
        db_digest(scratch_path(path[t]), NULL, sha256[t]);
    }
    assert_string_equal(sha256[0], sha256[1]);
    free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_nodepool),
        cmocka_unit_test(requirements_choose_pools),
        cmocka_unit_test(nodepools_are_of_the_identity),
        cmocka_unit_test(the_same_on_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
