/* SPDX-License-Identifier: Apache-2.0 */
/* Targets by class, tenant and queue: by hand, and wherever targets are judged. */
#include <stdlib.h>
#include <string.h>

#include "tests/shell.h"
#include "tests/support.h"

static void prints(const char *command, int code, const char *what)
{
    char *out, *err;
    int status = sh(command, &out, &err);
    if (status != code || !(strstr(out, what) || strstr(err, what)))
        fail_msg("%s: exit %d, not %d, or no '%s' in\n%s%s", command, status, code, what, out, err);
    free(out);
    free(err);
}

static json_t *json_at_any_exit(const char *command)
{
    char *out;
    json_error_t where;
    sh(command, &out, NULL);
    json_t *all = json_loads(out, 0, &where);
    if (!all) fail_msg("%s: %s\n%s", command, where.text, out);
    free(out);
    return all;
}

/*
 * One node, first come, first served. Job 0 runs from 0 to 100, job 1 from 100 to 150, job 2 from
 * 150 to 180, job 3 from 180 to 250: they wait 0, 90, 130 and 150 s, and end 100, 140, 160 and 220
 * s after they came. On two nodes they wait 0, 0, 40 and 60 s.
 */
static void write_scenario(const char *slo)
{
    char command[2000];
    snprintf(command, sizeof command,
             "cat > jobs.csv <<E\n"
             "job_id,submit_s,run_s,gpus,class,tenant,queue\n"
             "0,0,100,8,vision,a,q1\n"
             "1,10,50,8,language-model,b,q1\n"
             "2,20,30,8,vision,a,q2\n"
             "3,30,70,8,language-model,b,q2\n"
             "E\n"
             "cat > s.yaml <<E\n"
             "seatrial: 1\n"
             "workload: {trace: jobs.csv}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1}\n"
             "slo:\n"
             "%s"
             "fleets:\n"
             "  f: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 1}]}\n"
             "E\n",
             slo);
    assert_int_equal(sh(command, NULL, NULL), 0);
}

static const char all_parts[] = "  by_class:\n"
                                "    vision: {p95_wait: 2 min, p50_jct: 100 s}\n"
                                "    language-model: {p90_wait: 150 s, p95_jct: 219 s}\n"
                                "  by_tenant: {b: {p50_wait: 89 s}}\n"
                                "  by_queue: {q2: {p99_wait: 3 min}, q1: {p50_jct: 1 h}}\n";

static void by_hand(void **state)
{
    static const struct {
        const char *metric, *label, *verdict;
        double seconds;
    } parts[] = {
        { "slo_part_1_s", "p95 wait of class vision at most 2 min", "misses", 130 },
        { "slo_part_2_s", "p50 completion of class vision at most 1.67 min", "meets", 100 },
        { "slo_part_3_s", "p90 wait of class language-model at most 2.5 min", "meets", 150 },
        { "slo_part_4_s", "p95 completion of class language-model at most 3.65 min", "misses",
          220 },
        { "slo_part_5_s", "p50 wait of tenant b at most 1.48 min", "misses", 90 },
        { "slo_part_6_s", "p99 wait of queue q2 at most 3 min", "meets", 150 },
        { "slo_part_7_s", "p50 completion of queue q1 at most 60 min", "meets", 100 },
    };
    (void)state;
    write_scenario(all_parts);
    json_t *run = json_at_any_exit("$S run s.yaml -o s.db -q --json"),
           *fleet = json_array_get(json_object_get(run, "fleets"), 0),
           *verdicts = json_object_get(fleet, "verdicts");
    assert_int_equal(json_array_size(verdicts), sizeof parts / sizeof *parts);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *of = json_array_get(verdicts, i),
                     *metric = json_object_get(json_object_get(fleet, "metrics"), parts[i].metric);
        assert_string_equal(json_string_value(json_object_get(of, "metric")), parts[i].metric);
        assert_string_equal(json_string_value(json_object_get(of, "label")), parts[i].label);
        assert_string_equal(json_string_value(json_object_get(of, "verdict")), parts[i].verdict);
        assert_float_equal(json_number_value(json_object_get(metric, "mean")), parts[i].seconds,
                           1e-9);
    }
    json_decref(run);
    prints("$S report s.db -o s.html > /dev/null; grep -o 'p95 wait of class vision[^/]*' s.html",
           0, "missed");
}

/* run, sweep, plan and compare judge by them; jobs that do not count while a run warms up do not
 * count here. */
static void wherever_targets_are(void **state)
{
    (void)state;
    write_scenario("  by_class: {vision: {p95_wait: 1 min}}\n");
    prints("$S run s.yaml -o s.db -q --slo", 1, "misses");
    prints("sed 's/1 min/130 s/' s.yaml > t.yaml; $S run t.yaml -o t.db -q --slo", 0, "meets");
    prints("sed '$ a run: {warm_up: 15 s}' s.yaml > t.yaml; $S run t.yaml -o w.db --json -q", 0,
           "\"mean\": 130.0");
    prints(
        "sed 's/1 min/130 s/; $ a run: {warm_up: 25 s}' s.yaml > t.yaml; $S run t.yaml -o x.db -q "
        "--slo",
        1, "unclear");
    prints("sed 's/nodes: 1/nodes: 2/' s.yaml > t.yaml; $S compare s.yaml t.yaml", 0,
           "targets: meets, was misses");
    prints("echo 'vary: [fleets.f.pools.p.nodes: 1..4]' >> s.yaml; $S plan s.yaml", 0,
           "With 1 nodes it misses a target: p95 wait of class vision at most 1 min.");
    prints("$S sweep s.yaml -o sweep.db -q", 0,
           "nodes=2 is the cheapest that surely meets every target");
    prints("$S sweep s.yaml -o sweep.db -q --json", 0,
           "\"target\": \"p95 wait of class vision at most 1 min\"");
}

/* What a target limits is a figure like others: points of other limits are taken as they are, those
 * of another class are run again. */
static void points_are_taken_again(void **state)
{
    (void)state;
    write_scenario("  by_class: {vision: {p95_wait: 1 min}}\n");
    prints("echo 'vary: [fleets.f.pools.p.nodes: 1..2]' >> s.yaml; $S sweep s.yaml -o again.db", 0,
           "2 run, 2 replications");
    prints("sed 's/1 min/2 min/' s.yaml > t.yaml; $S sweep t.yaml -o again.db", 0,
           " 0 replications");
    prints("sed 's/vision/language-model/' s.yaml > t.yaml; $S sweep t.yaml -o again.db", 0,
           "2 run, 2 replications");
}

static void errors(void **state)
{
    (void)state;
    write_scenario("  by_class: {vison: {p95_wait: 1 min}, all: {p50_wait: 1 h}}\n"
                   "  by_tenant: {c: {p50_wait: 1 h}}\n"
                   "  by_queue: {q3: {p50_wait: 1 h}}\n");
    static const char *const said[] = {
        "s.yaml:5:14: error: the trace has no class 'vison'",
        "did you mean 'vision'?",
        "the trace has no class 'all'",
        "s.yaml:6:15: error: the trace has no tenant 'c'",
        "s.yaml:7:14: error: the trace has no queue 'q3'",
        "4 errors",
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) prints("$S check s.yaml", 2, said[i]);
    write_scenario("  by_class: {vision: {}, language-model: {p95_wit: 1 h}}\n");
    prints("$S check s.yaml", 2, "class 'vision' has no target here");
    prints("$S check s.yaml", 2, "did you mean 'p95_wait'?");
    write_scenario("  by_class:\n"
                   "    vision: {p50_wait: 1 h, p90_wait: 1 h, p95_wait: 1 h, p99_wait: 1 h}\n"
                   "  by_tenant:\n"
                   "    a: {p50_wait: 1 h, p90_wait: 1 h, p95_wait: 1 h, p99_wait: 1 h, p50_jct: 1 "
                   "h}\n");
    prints("$S check s.yaml", 2, "there are more than 8 targets by class, tenant or queue");
    /* Synthetic jobs have tenants alone. */
    write_scenario("  by_class: {vision: {p95_wait: 1 h}}\n");
    prints(
        "sed 's/{trace: jobs.csv}/{synth: {like: itp, jobs: 100, days: 1 day}}/' s.yaml > t.yaml; "
        "$S check t.yaml",
        2, "no class 'vision'");
    prints(
        "sed 's/by_class: {vision/by_tenant: {tenant-01/' t.yaml > u.yaml; $S run u.yaml -o u.db "
        "-q --json",
        0, "p95 wait of tenant tenant-01 at most 60 min");
}

int main(void)
{
    sh_prelude("export COLUMNS=200 LC_ALL=C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(wherever_targets_are),
        cmocka_unit_test(points_are_taken_again),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
