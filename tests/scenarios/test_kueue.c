/* SPDX-License-Identifier: Apache-2.0 */
/* Kueue's manifests, as its documentation has them, to quotas; quantities; and what a run makes of
 * them. */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/quota.h"
#include "models/world.h"
#include "scenarios/quantity.h"
#include "scenarios/scenario.h"
#include "tests/support.h"

static void quantities(void **state)
{
    static const struct {
        const char *text;
        int64_t per, of, value; /* -1: refused */
    } cases[] = {
        { "9", 1000, 1, 9000 },
        { "500m", 1000, 1, 500 },
        { "1.5", 1000, 1, 1500 },
        { "0.1234", 1000, 1, 124 }, /* rounded up, as Kubernetes rounds */
        { "36Gi", 1, 1024, INT64_C(36) << 20 },
        { "2Ti", 1, 1024, INT64_C(2) << 30 },
        { "1k", 1, 1, 1000 },
        { "3e3", 1, 1, 3000 },
        { "12E-1", 1, 1, 2 },
        { "1E", 1, 1, INT64_C(1000000000000000000) },
        { "7Ei", 1, 1024, INT64_C(7) << 50 },
        { "0", 1000, 1, 0 },
        { ".5", 1000, 1, 500 },
        { "5.", 1000, 1, 5000 },
        { "1n", 1000, 1, 1 },
        { "0.000000000000000000000000000000000000001", 1000, 1, 1 },
        { "1000000000000000000e-18", 1000, 1, -1 }, /* nineteen digits */
        { "10Ei", 1, 1, -1 },
        { "-1", 1, 1, -1 },
        { "", 1, 1, -1 },
        { ".", 1, 1, -1 },
        { "1 Gi", 1, 1, -1 },
        { "1gi", 1, 1, -1 },
        { "1e", 1, 1, -1 },
        { "1e99", 1, 1, -1 },
        { "1.2.3", 1, 1, -1 },
        { "0x10", 1, 1, -1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct unit_problem problem = { 0 };
        int64_t value = -1;
        bool good = quantity_read(cases[i].text, cases[i].per, cases[i].of, &value, &problem);
        if (good != (cases[i].value >= 0) || (good && value != cases[i].value))
            fail_msg("'%s': %lld", cases[i].text, good ? (long long)value : -1LL);
        assert_true(good || problem.message[0]);
    }
}

/* ---- scenarios ---- */

static const char flavor[] = "apiVersion: kueue.x-k8s.io/v1beta1\n"
                             "kind: ResourceFlavor\n"
                             "metadata:\n"
                             "  name: \"default-flavor\"\n";

/* The borrowing example of Kueue's page on ClusterQueues; %s: what is limited of team a. */
static const char teams[] = "---\n"
                            "apiVersion: kueue.x-k8s.io/%s\n"
                            "kind: ClusterQueue\n"
                            "metadata:\n"
                            "  name: \"team-a-cq\"\n"
                            "spec:\n"
                            "  namespaceSelector: {} # match all.\n"
                            "  %s: \"team-ab\"\n"
                            "  resourceGroups:\n"
                            "  - coveredResources: [\"cpu\", \"memory\"]\n"
                            "    flavors:\n"
                            "    - name: \"default-flavor\"\n"
                            "      resources:\n"
                            "      - name: \"cpu\"\n"
                            "        nominalQuota: 9\n"
                            "        borrowingLimit: %s\n"
                            "      - name: \"memory\"\n"
                            "        nominalQuota: 36Gi\n"
                            "---\n"
                            "apiVersion: kueue.x-k8s.io/%s\n"
                            "kind: ClusterQueue\n"
                            "metadata:\n"
                            "  name: \"team-b-cq\"\n"
                            "spec:\n"
                            "  namespaceSelector: {} # match all.\n"
                            "  %s: \"team-ab\"\n"
                            "  resourceGroups:\n"
                            "  - coveredResources: [\"cpu\", \"memory\"]\n"
                            "    flavors:\n"
                            "    - name: \"default-flavor\"\n"
                            "      resources:\n"
                            "      - name: \"cpu\"\n"
                            "        nominalQuota: 12\n"
                            "      - name: \"memory\"\n"
                            "        nominalQuota: 48Gi\n"
                            "---\n"
                            "apiVersion: kueue.x-k8s.io/%s\n"
                            "kind: LocalQueue\n"
                            "metadata: {namespace: team-a, name: user-queue}\n"
                            "spec: {clusterQueue: team-a-cq}\n";

/* Two pools in these racks. */
#define SCENARIO(one, two)                                                                         \
    "seatrial: 1\n"                                                                                \
    "workload: {trace: trace.csv}\n"                                                               \
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"                                             \
    "fleets:\n"                                                                                    \
    "  kueue:\n"                                                                                   \
    "    scheduler: {order: kueue, kueue: queues.yaml}\n"                                          \
    "    pools:\n"                                                                                 \
    "    - {name: one, instance: p4d.24xlarge, buy: on-demand, nodes: 1, labels: {rack: " one      \
    "}}\n"                                                                                         \
    "    - {name: two, instance: p4d.24xlarge, buy: on-demand, nodes: 1, labels: {rack: " two      \
    "}}\n"
static const char scenario[] = SCENARIO("r1", "r2");

static void load(struct scenario *s, size_t *warnings)
{
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&d);
    if (scenario_load(scratch_path("scenario.yaml"), NULL, s, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stderr, 0, NULL);
        fail_msg("%s", err.message);
    }
    if (warnings) *warnings = d.warnings;
    diagnostics_free(&d);
}

struct outcome {
    int64_t at_once, rejected;
    const char *reason;
};

static void see_job(void *context, const struct job_record *record)
{
    struct outcome *o = context;
    if (record->outcome == OUTCOME_REJECTED) {
        o->rejected++;
        o->reason = record->reason;
    } else if (record->start_us == 0) {
        o->at_once++;
    }
}

/* Thirty jobs of a core come at once to the queue, and one of `large` cores. */
static struct outcome outcome_of(const char *queue, const char *tenant, int large)
{
    struct scenario s;
    struct outcome o = { 0, 0, NULL };
    struct observer obs = { .context = &o, .job = see_job };
    struct world_options options = { .seed = 1 };
    struct world_result r;
    struct error err;
    FILE *trace = fopen(scratch_path("trace.csv"), "w");
    assert_non_null(trace);
    fputs("submit_s,run_s,gpus,cpus,mem_mib,tenant,queue\n", trace);
    for (int i = 0; i < 30; i++) fprintf(trace, "0,100,0,1,1,%s,%s\n", tenant, queue);
    fprintf(trace, "1,1,0,%d,1,%s,%s\n", large, tenant, queue);
    assert_int_equal(fclose(trace), 0);
    load(&s, NULL);
    assert_int_equal(world_run(&s.trace, &s.fleets[0], &options, &obs, &r, &err), STATUS_OK);
    assert_int_equal(r.rejected, o.rejected);
    world_result_free(&r);
    scenario_free(&s);
    return o;
}

static void write_teams(const char *version, const char *cohort, const char *limit)
{
    char text[4000];
    int n = snprintf(text, sizeof text, "%s", flavor);
    n += snprintf(text + n, sizeof text - (size_t)n, teams, version, cohort, limit, version, cohort,
                  version);
    assert_true(n < (int)sizeof text);
    write_text(scratch_path("queues.yaml"), text);
    write_text(scratch_path("scenario.yaml"), scenario);
}

/* "team-a-cq can admit Workloads with resources adding up to 12+9=21 CPUs", and "9+1=10 CPUs". */
static void documented_borrowing(void **state)
{
    static const char *const versions[2][2] = { { "v1beta1", "cohort" },
                                                { "v1beta2", "cohortName" } };
    (void)state;
    for (int v = 0; v < 2; v++) {
        write_teams(versions[v][0], versions[v][1], "");
        assert_int_equal(outcome_of("user-queue", "team-a", 1).at_once, 21);
        assert_int_equal(outcome_of("team-b-cq", "", 1).at_once, 21);
        write_teams(versions[v][0], versions[v][1], "1");
        assert_int_equal(outcome_of("user-queue", "team-a", 1).at_once, 10);
        assert_int_equal(outcome_of("team-b-cq", "", 1).at_once, 21);
    }
}

static void what_can_never_run_is_rejected(void **state)
{
    (void)state;
    write_teams("v1beta2", "cohortName", "1");
    struct outcome o = outcome_of("user-queue", "team-a", 11);
    assert_int_equal(o.rejected, 1);
    assert_string_equal(o.reason, "asks for more than its ClusterQueue can ever have");
    assert_int_equal(outcome_of("user-queue", "team-a", 10).rejected, 0);
    assert_int_equal(outcome_of("", "team-b-cq", 21).rejected, 0); /* its tenant's name */
    o = outcome_of("nobody", "team-a", 1);
    assert_int_equal(o.rejected, 31);
    assert_string_equal(o.reason, "names no queue of Kueue's manifests");
}

/* Hold and HoldAndDrain alike: a run begins with nothing admitted. The ClusterQueue goes on for
 * those who come to it by another name. */
static void a_stopped_local_queue(void **state)
{
    static const char *const policies[] = { "None", "Hold", "HoldAndDrain" };
    (void)state;
    for (int i = 0; i < 3; i++) {
        write_teams("v1beta2", "cohortName", "");
        FILE *queues = fopen(scratch_path("queues.yaml"), "a");
        assert_non_null(queues);
        fprintf(queues,
                "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: LocalQueue\n"
                "metadata: {namespace: team-c, name: user-queue}\n"
                "spec: {clusterQueue: team-a-cq, stopPolicy: %s}\n"
                "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: LocalQueue\n"
                "metadata: {namespace: team-c, name: other}\n"
                "spec: {clusterQueue: team-a-cq, stopPolicy: %s}\n",
                policies[i], policies[i]);
        assert_int_equal(fclose(queues), 0);
        for (int by_space = 0; by_space < 2; by_space++) { /* two are called user-queue */
            struct outcome o = outcome_of(by_space ? "user-queue" : "other", "team-c", 1);
            assert_int_equal(o.rejected, i ? 31 : 0);
            assert_int_equal(o.at_once, i ? 0 : 21);
            if (i) assert_string_equal(o.reason, "is of a LocalQueue that is stopped");
        }
        assert_int_equal(outcome_of("user-queue", "team-a", 1).at_once, 21);
        assert_int_equal(outcome_of("team-a-cq", "", 1).at_once, 21);
    }
}

static void the_same_from_a_list(void **state)
{
    static const char list[] =
        "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ''}\nitems:\n"
        "- apiVersion: kueue.x-k8s.io/v1beta2\n"
        "  kind: ResourceFlavor\n"
        "  metadata: {name: r1, creationTimestamp: '2026-01-01T00:00:00Z', uid: x, labels: {a: "
        "b}}\n"
        "  spec: {topologyName: racks, nodeLabels: {rack: r1, node.kubernetes.io/instance-type: "
        "p4d.24xlarge}}\n"
        "- apiVersion: kueue.x-k8s.io/v1beta2\n"
        "  kind: ClusterQueue\n"
        "  metadata: {name: q}\n"
        "  spec:\n"
        "    cohortName:\n"
        "    stopPolicy: None\n"
        "    queueingStrategy: StrictFIFO\n"
        "    flavorFungibility: {whenCanBorrow: TryNextFlavor, whenCanPreempt: MayStopSearch}\n"
        "    preemption:\n"
        "      reclaimWithinCohort: LowerPriority\n"
        "      borrowWithinCohort: {policy: LowerPriority, maxPriorityThreshold: -100}\n"
        "      withinClusterQueue: LowerOrNewerEqualPriority\n"
        "    resourceGroups:\n"
        "    - coveredResources: [nvidia.com/gpu, example.com/license]\n"
        "      flavors:\n"
        "      - name: r1\n"
        "        resources:\n"
        "        - {name: nvidia.com/gpu, nominalQuota: '8'}\n"
        "        - {name: example.com/license, nominalQuota: 3}\n"
        "  status: {pendingWorkloads: 3}\n"
        "---\n"
        "---\n"
        "apiVersion: kueue.x-k8s.io/v1beta2\n"
        "kind: WorkloadPriorityClass\n"
        "metadata: {name: high}\n"
        "value: 1000\n";
    struct scenario s;
    size_t warnings;
    (void)state;
    write_text(scratch_path("queues.yaml"), list);
    write_text(scratch_path("scenario.yaml"), scenario);
    write_text(scratch_path("trace.csv"), "submit_s,run_s,gpus\n0,1,1\n");
    load(&s, &warnings);
    assert_int_equal(warnings, 2); /* the licence, the class of priorities */
    const struct quota_spec *q = s.fleets[0].scheduler.quota;
    assert_int_equal(q->flavor_n, 1);
    assert_int_equal(q->flavors[0].pools, 1);
    assert_true(q->flavors[0].by_node);
    assert_int_equal(q->node_n, 1);
    assert_int_equal(q->nodes[0].parent, -1);
    assert_int_equal(q->nodes[0].limits[quota_cell(0, QUOTA_GPU)].nominal, 8000);
    assert_int_equal(q->queues[0].groups[0].resources, 1 << QUOTA_GPU);
    assert_int_equal(q->queues[0].strategy, STRICT_FIFO);
    assert_int_equal(q->queues[0].when_can_borrow, TRY_NEXT_FLAVOR);
    assert_int_equal(q->queues[0].when_can_preempt, MAY_STOP_SEARCH);
    assert_int_equal(q->queues[0].within_queue, PREEMPT_LOWER_OR_NEWER);
    assert_int_equal(q->queues[0].reclaim, PREEMPT_LOWER);
    assert_true(q->queues[0].borrow_within_cohort && !q->queues[0].stopped);
    assert_int_equal(q->queues[0].threshold, -100);
    scenario_free(&s);
}

/* The identity is that of what the manifests say and of the pools their labels mean. */
static void the_identity_knows_them(void **state)
{
    struct scenario s;
    char first[65];
    (void)state;
    the_same_from_a_list(state);
    load(&s, NULL);
    strcpy(first, s.sha256);
    scenario_free(&s);
    write_text(scratch_path("scenario.yaml"), SCENARIO("r2", "r1"));
    load(&s, NULL);
    assert_int_equal(s.fleets[0].scheduler.quota->flavors[0].pools, 2);
    assert_string_not_equal(s.sha256, first);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities),
        cmocka_unit_test(documented_borrowing),
        cmocka_unit_test(what_can_never_run_is_rejected),
        cmocka_unit_test(a_stopped_local_queue),
        cmocka_unit_test(the_same_from_a_list),
        cmocka_unit_test(the_identity_knows_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
