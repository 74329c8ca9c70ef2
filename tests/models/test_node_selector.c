/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What jobs say of nodes, and nodes of jobs: selectors and tolerations as Kubernetes documents
 * them, and whole runs against the same fleets told apart by queues.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/node_selector.h"
#include "tests/random_world.h"
#include "tests/simulate.h"

static const struct node_label given[] = { { "environment", "production" },
                                           { "tier", "frontend" },
                                           { "cores", "48" } };
static const struct node_taint marked[] = { { "dedicated", "ml", TAINT_NO_SCHEDULE },
                                            { "nvidia.com/gpu", "", TAINT_NO_EXECUTE },
                                            { "quiet", "", TAINT_PREFER_NO_SCHEDULE } };

static struct pool_spec a_pool(void)
{
    return (struct pool_spec){
        .name = "p",
        .type = { .name = "p4d.24xlarge", .gpu_model = "A100-SXM4", .gpus = 8, .cpu_milli = 96000 },
        .purchase = { .option = purchase_option_find("spot"), .price_region = "us-east-1" },
        .zone = "us-east-1b",
        .marks = { 3, 3, given, marked },
    };
}

/* kubernetes.io/docs/concepts/overview/working-with-objects/labels: equality- and set-based
 * requirements; != and notin also hold where there is no such key. */
static void selectors_as_documented(void **state)
{
    static const struct {
        const char *text;
        bool takes;
    } cases[] = {
        { "", true },
        { " ", true },
        { "environment = production", true },
        { "environment==production,tier!=frontend", false },
        { "tier != backend", true },
        { "missing!=x", true },
        { "environment in (production, qa)", true },
        { "environment in (qa),tier in (frontend)", false },
        { "tier notin (frontend, backend)", false },
        { "missing notin (x)", true },
        { "partition", false },
        { "tier", true },
        { "!partition", true },
        { "! tier", false },
        { "tier=", false },
        { "cores>47", true },
        { "cores > 48", false },
        { "cores<49", true },
        { "tier=backend || cores>40,tier=frontend", true },
        { "tier=backend||cores>50", false },
        { "in", false },
        { "node.kubernetes.io/instance-type=p4d.24xlarge", true },
        { "karpenter.sh/capacity-type in (reserved,spot)", true },
        { "topology.kubernetes.io/zone=us-east-1a", false },
        { "topology.kubernetes.io/zone=us-east-1b", true },
        { "karpenter.k8s.aws/instance-gpu-name=a100,karpenter.k8s.aws/instance-gpu-count>7", true },
    };
    struct pool_spec pool = a_pool();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct node_selector s;
        const char *why;
        if (!node_selector_read(cases[i].text, &s, &why)) fail_msg("%s: %s", cases[i].text, why);
        if (node_selector_takes(&s, &pool) != cases[i].takes) fail_msg("%s", cases[i].text);
        node_selector_free(&s);
    }
    /* Without a zone it is in all those of its region. */
    struct node_selector s;
    const char *why;
    pool.zone = NULL;
    assert_true(node_selector_read("topology.kubernetes.io/zone=us-east-1a", &s, &why));
    assert_true(node_selector_takes(&s, &pool));
    node_selector_free(&s);
    assert_true(node_selector_read("topology.kubernetes.io/zone=us-west-2a", &s, &why));
    assert_false(node_selector_takes(&s, &pool));
    node_selector_free(&s);
}

static void what_is_no_selector(void **state)
{
    static const char *const texts[] = {
        ",",      "a=b,",    "=b",         "a in",
        "a in b", "a in (b", "a in (b c)", "a b",
        "a=b c",  "!",       "a=b||",      "||a",
        "|",      "a>b",     "a<",         "a>99999999999999999999",
        "(a)",    "a=(b)",   "a|b",        "\xff",
        "a\tb",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *why = NULL;
        if (node_selector_is_good(texts[i], &why)) fail_msg("'%s' is taken", texts[i]);
        assert_non_null(why);
    }
}

/* kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration: every taint that does not
 * only prefer needs a toleration of its key, of its value or of any, of its effect or of all. */
static void tolerations_as_documented(void **state)
{
    static const struct {
        const char *text;
        bool bears;
    } cases[] = {
        { "", false },
        { "*", true },
        { "dedicated=ml:NoSchedule", false },
        { "dedicated=ml:NoSchedule,nvidia.com/gpu", true },
        { "dedicated:NoSchedule, nvidia.com/gpu:NoExecute", true },
        { "dedicated=web:NoSchedule,nvidia.com/gpu", false },
        { "dedicated=ml,nvidia.com/gpu=present", false },
        { "dedicated=ml,nvidia.com/gpu=", true },
        { "dedicated:NoExecute,nvidia.com/gpu", false },
        { "*:NoSchedule,nvidia.com/gpu:NoExecute", true },
        { "*:NoSchedule", false },
    };
    static const char *const none[] = { ",",  "a=b:Nothing", "=b",  ":NoSchedule",
                                        "a,", "a b",         "a:b", "a=b=c" };
    const struct pool_spec pool = a_pool(), plain = { .name = "plain" };
    const char *why;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tolerations t;
        if (!tolerations_read(cases[i].text, &t, &why)) fail_msg("%s: %s", cases[i].text, why);
        if (tolerations_bear(&t, &pool) != cases[i].bears) fail_msg("%s", cases[i].text);
        assert_true(tolerations_bear(&t, &plain));
        tolerations_free(&t);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        why = NULL;
        if (tolerations_are_good(none[i], &why)) fail_msg("'%s' is taken", none[i]);
        assert_non_null(why);
    }
}

static void taints_as_kubectl_writes_them(void **state)
{
    static const char *const none[] = { "a",           "a=b",          "a:NoSchedules",
                                        ":NoSchedule", "*:NoSchedule", "" };
    struct node_taint taint;
    char text[64];
    const char *why;
    (void)state;
    assert_true(taint_read("dedicated=ml:NoSchedule", text, &taint, &why));
    assert_string_equal(taint.key, "dedicated");
    assert_string_equal(taint.value, "ml");
    assert_int_equal(taint.effect, TAINT_NO_SCHEDULE);
    assert_true(taint_read("nvidia.com/gpu:NoExecute", text, &taint, &why));
    assert_string_equal(taint.value, "");
    assert_int_equal(taint.effect, TAINT_NO_EXECUTE);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (taint_read(none[i], text, &taint, &why)) fail_msg("'%s' is taken", none[i]);
}

/* ---- whole runs ---- */

static void add(struct workload *w, int64_t submit_us, int32_t gpus, int64_t run_us,
                const char *selector, const char *toleration, const char *queue)
{
    struct job_row row;
    struct error err;
    job_row_init(&row);
    row.submit_us = submit_us;
    row.run_us = run_us;
    row.gpu_milli = gpus * 1000;
    row.selector = selector;
    row.selector_n = strlen(selector);
    row.toleration = toleration;
    row.toleration_n = strlen(toleration);
    row.queue = queue;
    row.queue_n = strlen(queue);
    assert_int_equal(workload_add(w, &row, &err), STATUS_OK);
}

/* Two pools of one node with eight GPUs, the second for who bears its taint. */
static void a_hand_solved_fleet(void **state)
{
    static const struct node_label fast[] = { { "disk", "nvme" } };
    static const struct node_taint taints[] = { { "dedicated", "ml", TAINT_NO_SCHEDULE } };
    struct pool_spec a = a_pool(), b = a_pool();
    struct simulate_fleet fleet = { .pools = { { 1, 8 }, { 1, 8 } }, .kinds = { &a, &b } };
    struct workload w;
    struct schedule s;
    (void)state;
    a.marks = (struct node_marks){ 1, 0, fast, NULL };
    b.marks = (struct node_marks){ 0, 1, NULL, taints };
    fleet.order = "fifo-skip";
    simulate_workload_init(&w);
    add(&w, 0, 8, 10, "", "", "");             /* a: it bears no taint */
    add(&w, 0, 8, 10, "", "dedicated", "");    /* b */
    add(&w, 1, 8, 10, "disk=nvme", "*", "");   /* a, at 10 */
    add(&w, 2, 8, 10, "", "dedicated=ml", ""); /* b, at 10: a has been taken */
    add(&w, 3, 8, 10, "!disk", "", "");        /* nowhere: b's taint */
    add(&w, 4, 8, 10, "disk=tape", "*", "");   /* nowhere: no such nodes */
    add(&w, 5, 8, 10, "disk,rack=r1", "", ""); /* a: no pool has a rack */
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    static const int64_t start_us[] = { 0, 0, 10, 10, -1, -1, 20 };
    for (size_t j = 0; j < 7; j++) assert_int_equal(s.start_us[j], start_us[j]);
    assert_int_equal(s.first_node[2], 0);
    assert_int_equal(s.first_node[3], 1);
    assert_int_equal(s.result.rejected, 2);
    assert_int_equal(s.result.rejected_by[REJECT_TAINT], 1);
    assert_int_equal(s.result.rejected_by[REJECT_SELECTOR], 1);
    schedule_free(&s);
    workload_free(&w);
}

/* Pools told apart by a label, or by a taint, run as those told apart by queues. */
static void labels_and_taints_are_as_queues(void **state)
{
    static const char *const queues[] = { "x", "y", "z" };
    static const char *const selectors[] = { "pool=x", "pool in (y)", "pool notin (x,y)" };
    static const char *const tolerations[] = { "only=x", "only=y:NoSchedule", "only=z" };
    static const struct node_label labels[] = { { "pool", "x" }, { "pool", "y" }, { "pool", "z" } };
    static const struct node_taint taints[] = { { "only", "x", TAINT_NO_SCHEDULE },
                                                { "only", "y", TAINT_NO_SCHEDULE },
                                                { "only", "z", TAINT_NO_EXECUTE } };
    static const char *const orders[] = { "fifo", "easy", "srtf", "conservative" };
    (void)state;
    for (uint64_t seed = 1; seed <= seeds_or(200); seed++) {
        struct draw d = { random_key(seed, 77), 0 };
        struct workload w[3];
        struct schedule s[3];
        struct pool_spec kinds[3];
        size_t ran = 0;
        for (int k = 0; k < 3; k++) simulate_workload_init(&w[k]);
        for (int64_t j = 0, at = 0; j < 40; j++) {
            size_t q = below(&d, 3);
            int32_t gpus = 1 + (int32_t)below(&d, 12);
            int64_t run_us = 1 + (int64_t)below(&d, 50);
            at += (int64_t)below(&d, 8);
            add(&w[0], at, gpus, run_us, "", "", queues[q]);
            add(&w[1], at, gpus, run_us, selectors[q], "", "");
            add(&w[2], at, gpus, run_us, "", tolerations[q], "");
        }
        for (int k = 0; k < 3; k++) {
            struct simulate_fleet fleet = { .order = orders[seed % 4] };
            for (int p = 0; p < 3; p++) {
                kinds[p] = a_pool();
                kinds[p].marks = (struct node_marks){ k == 1, k == 2, &labels[p], &taints[p] };
                fleet.pools[p] = (struct simulate_pool){ 1 + p, 4 };
                fleet.kinds[p] = &kinds[p];
                if (k == 0) fleet.queues[p] = (struct name_list){ 1, &queues[p] };
            }
            simulate_seal(&w[k]);
            simulate(&w[k], &fleet, &s[k]);
        }
        for (int k = 1; k < 3; k++)
            for (size_t j = 0; j < w[0].job_n; j++) {
                assert_int_equal(s[0].start_us[j], s[k].start_us[j]);
                assert_int_equal(s[0].first_node[j], s[k].first_node[j]);
                ran += s[k].start_us[j] >= 0;
            }
        assert_true(ran > 0);
        for (int k = 0; k < 3; k++) {
            schedule_free(&s[k]);
            workload_free(&w[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selectors_as_documented),
        cmocka_unit_test(what_is_no_selector),
        cmocka_unit_test(tolerations_as_documented),
        cmocka_unit_test(taints_as_kubectl_writes_them),
        cmocka_unit_test(a_hand_solved_fleet),
        cmocka_unit_test(labels_and_taints_are_as_queues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
