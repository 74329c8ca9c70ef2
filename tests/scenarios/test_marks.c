/* SPDX-License-Identifier: Apache-2.0 */
/* Labels, taints and zones of pools: what is said of them, what NodePools add, what jobs make of
 * them. */
#include <string.h>

#include "scenarios/scenario.h"
#include "tests/support.h"

static const char trace[] = "submit_s,run_s,gpus,node_selector,tolerations\n"
                            "0,60,1,\"disk=nvme,rack in (r1,r2)\",dedicated\n"
                            "1,60,1,,\n";
static const char plain[] = "submit_s,run_s,gpus\n0,60,1\n1,60,1\n";

/* The fleet's pools, in YAML's flow form. */
static void load(const char *jobs, const char *scheduler, const char *pools, struct scenario *s,
                 struct diagnostics *d)
{
    struct error err = { STATUS_OK, "" };
    char text[4000];
    snprintf(text, sizeof text,
             "seatrial: 1\n"
             "workload: {trace: trace.csv}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1}\n"
             "fleets:\n"
             "  f: {%s pools: [%s]}\n",
             scheduler, pools);
    write_text(scratch_path("marks.yaml"), text);
    write_text(scratch_path("trace.csv"), jobs);
    diagnostics_init(d);
    if (scenario_load(scratch_path("marks.yaml"), NULL, s, d, &err) != STATUS_OK) {
        diagnostics_print(d, stderr, 0, "");
        fail_msg("%s", err.message);
    }
}

static size_t said(const struct diagnostics *d, const char *what)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) n += strstr(d->items[i].message, what) != NULL;
    return n;
}

#define POOL(name, more) "{name: " name ", instance: p3.16xlarge, buy: on-demand, nodes: 2" more "}"

static void a_pool_says_its_marks(void **state)
{
    struct scenario s;
    struct diagnostics d;
    (void)state;
    load(trace, "",
         POOL("a", ", zone: us-east-1b, labels: {disk: nvme, team: ml}, taints: [dedicated=ml:"
                   "NoSchedule, 'quiet:PreferNoSchedule', 'gpu:NoExecute']"),
         &s, &d);
    const struct pool_spec *p = &s.fleets[0].pools[0];
    assert_string_equal(p->zone, "us-east-1b");
    assert_int_equal(p->marks.label_n, 2);
    assert_string_equal(p->marks.labels[1].key, "team");
    assert_int_equal(p->marks.taint_n, 2);
    assert_string_equal(p->marks.taints[0].value, "ml");
    assert_int_equal(p->marks.taints[1].effect, TAINT_NO_EXECUTE);
    assert_int_equal(said(&d, "'quiet:PreferNoSchedule' decides nothing here"), 1);
    assert_int_equal(said(&d, "no job tolerates the taints of pool 'a'"), 1);
    assert_int_equal(said(&d, "by the label 'rack', which no pool of fleet 'f' has"), 1);
    assert_int_equal(said(&d, "by the label 'disk'"), 0);
    diagnostics_free(&d);
    scenario_free(&s);
    load(trace, "", POOL("a", ", taints: [dedicated=ml:NoSchedule]"), &s, &d);
    assert_int_equal(said(&d, "no job tolerates"), 0);
    diagnostics_free(&d);
    scenario_free(&s);
}

/* Labels are of a scenario's identity where jobs select by them, taints and zones always. */
static void marks_are_of_the_identity(void **state)
{
    static const struct {
        const char *jobs, *pool, *other;
        bool same;
    } cases[] = {
        { plain, POOL("a", ""), POOL("a", ", labels: {disk: nvme}"), true },
        { trace, POOL("a", ""), POOL("a", ", labels: {disk: nvme}"), false },
        { plain, POOL("a", ""), POOL("a", ", taints: 'x:NoSchedule'"), false },
        { plain, POOL("a", ", taints: 'x:NoExecute'"), POOL("a", ", taints: 'x:NoSchedule'"),
          false },
        { plain, POOL("a", ""), POOL("a", ", zone: us-east-1a"), false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scenario a, b;
        struct diagnostics d;
        load(cases[i].jobs, "", cases[i].pool, &a, &d);
        diagnostics_free(&d);
        load(cases[i].jobs, "", cases[i].other, &b, &d);
        diagnostics_free(&d);
        if ((strcmp(a.sha256, b.sha256) == 0) != cases[i].same) fail_msg("case %zu", i);
        scenario_free(&a);
        scenario_free(&b);
    }
}

#define KARPENTER                                                                                  \
    "scheduler: {order: fifo, restart_cost: 1 min}, autoscaler: {name: karpenter, nodepools: "     \
    "nodepools.yaml},"
#define NODEPOOL(name, metadata, taints, pool)                                                     \
    "apiVersion: karpenter.sh/v1\n"                                                                \
    "kind: NodePool\n"                                                                             \
    "metadata: {name: " name "}\n"                                                                 \
    "spec: {template: {metadata: {" metadata "}, spec: {taints: [" taints "], requirements: "      \
    "[{key: pool, operator: In, values: [" pool "]}]}}}\n"                                         \
    "---\n"

/* A NodePool's labels and taints are those of its pools, where they are no other's too. */
static void nodepools_mark_their_pools(void **state)
{
    static const char pools[] = POOL("a", ", min_nodes: 0, labels: {pool: a, team: web}") ", " POOL(
        "b", ", min_nodes: 0, labels: {pool: b}, taints: 'own:NoSchedule'");
    static const char apart[] = NODEPOOL("one", "labels: {team: ml, disk: nvme}", "", "a")
        NODEPOOL("two", "", "{key: dedicated, value: ml, effect: NoSchedule}", "b");
    static const char shared[] = NODEPOOL("one", "labels: {team: ml}", "", "'a','b'")
        NODEPOOL("two", "", "{key: dedicated, value: ml, effect: NoSchedule}", "b");
    struct scenario s;
    struct diagnostics d;
    char text[LABEL_TEXT_MAX];
    (void)state;
    write_text(scratch_path("nodepools.yaml"), apart);
    load(trace, KARPENTER, pools, &s, &d);
    const struct pool_spec *p = s.fleets[0].pools;
    assert_string_equal(pool_label(&p[0], "disk", text), "nvme");
    assert_string_equal(pool_label(&p[0], "team", text), "web"); /* the pool's own goes before */
    assert_int_equal(p[0].marks.taint_n, 0);
    assert_int_equal(p[1].marks.taint_n, 2);
    assert_string_equal(p[1].marks.taints[0].key, "own");
    assert_string_equal(p[1].marks.taints[1].key, "dedicated");
    assert_int_equal(said(&d, "are passed over: it shares pools"), 0);
    diagnostics_free(&d);
    scenario_free(&s);
    write_text(scratch_path("nodepools.yaml"), shared);
    load(trace, KARPENTER, pools, &s, &d);
    p = s.fleets[0].pools;
    assert_null(pool_label(&p[0], "disk", text));
    assert_int_equal(p[1].marks.taint_n, 1);
    assert_int_equal(said(&d, "are passed over: it shares pools of fleet 'f' with 'two'"), 1);
    assert_int_equal(said(&d, "are passed over: it shares pools of fleet 'f' with 'one'"), 1);
    diagnostics_free(&d);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_says_its_marks),
        cmocka_unit_test(marks_are_of_the_identity),
        cmocka_unit_test(nodepools_mark_their_pools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
