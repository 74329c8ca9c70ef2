/* SPDX-License-Identifier: Apache-2.0 */
/* Sweeps: every point as `seatrial run` has it, on any threads, in any shards, after anything. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/db_dump.h"
#include "tests/shell.h"
#include "tests/stopped.h"
#include "tests/support.h"

/* What a sweep comes to; table execution and the command lines are left out. */
static const char answer[] = "sweep,input,point,param,fleet,target,metric_def,metric";

static int prepare(void **state)
{
    (void)state;
    sh_prelude("export COLUMNS=100 LC_ALL=C.UTF-8 TMPDIR=\"$PWD\"");
    return 0;
}

/* Exits with the code; what it says on standard error holds the text (NULL: any). */
static void exits(const char *command, int code, const char *said)
{
    says(command, code, NULL, said);
}

static void same_answer(const char *a, const char *b)
{
    char one[65], other[65];
    db_digest(scratch_path(a), answer, one);
    db_digest(scratch_path(b), answer, other);
    if (strcmp(one, other) != 0) fail_msg("%s and %s differ", a, b);
}

static int number(const char *db, const char *query) { return (int)sql(scratch_path(db), query); }

/* Two loads x four fleets, 16 points with the two orders; 6 replications. */
static const char scenario[] =
    "cat > s.yaml <<E\n"
    "seatrial: 1\n"
    "name: of tests\n"
    "workload: {synth: {like: itp, jobs: 300, days: 4 days, load: 60 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "fleets:\n"
    "  one: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 12}]}\n"
    "  two: {scheduler: {order: easy}, pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, "
    "nodes: 12}]}\n"
    "run: {replications: 6}\n"
    "vary:\n"
    "  - workload.synth.load: [50 GPUs, 70 GPUs]\n"
    "  - fleets.*.pools.p.nodes: 9..15 by 2\n"
    "  - fleets.one.scheduler.order: [fifo, sjf]\n"
    "E\n"
    "sed -i 's/  one: {pools/  one: {scheduler: {}, pools/' s.yaml; rm -f *.db*\n";

static void made(void) { exits(scenario, 0, NULL); }

/* ---- The same as single runs ---- */

static void a_point_is_a_run(void **state)
{
    (void)state;
    made();
    exits("$S sweep s.yaml -o s.db -q", 0, NULL);
    assert_int_equal(number("s.db", "SELECT count(*) FROM point"), 16);
    assert_int_equal(number("s.db", "SELECT count(DISTINCT replication) FROM metric"), 6);
    /* Point 13: 70 GPUs, the third number of nodes, the second order. */
    exits("sed -e '/^vary/,$d' -e 's/load: 60/load: 70/; s/nodes: 12/nodes: 13/; s/scheduler: "
          "{}/scheduler: sjf/' s.yaml > one.yaml; $S run one.yaml -o one.db -q > /dev/null\n"
          "sqlite3 one.db \"SELECT fleet_id, replication, metric, printf('%.17g', value) FROM "
          "metric ORDER BY 1, 2, 3\" > run.txt\n"
          "sqlite3 s.db \"SELECT fleet_id, replication, metric, printf('%.17g', value) FROM metric "
          "JOIN metric_def USING (metric_id) WHERE point_id = 13 ORDER BY 1, 2, 3\" > point.txt\n"
          "test $(wc -l < run.txt) -gt 400 && cmp run.txt point.txt\n"
          "sqlite3 one.db 'SELECT name, summary, gpus, nodes FROM fleet' > run.txt\n"
          "sqlite3 s.db 'SELECT name, summary, gpus, nodes FROM fleet WHERE point_id = 13' | cmp - "
          "run.txt\n"
          "test \"$(sqlite3 s.db 'SELECT group_concat(value) FROM param WHERE point_id = 13')\" = "
          "'70 GPUs,13,sjf'",
          0, NULL);
}

/* ---- However it is run ---- */

static void threads_and_shards_do_not_show(void **state)
{
    (void)state;
    made();
    exits("$S sweep s.yaml -o one.db -q -j 1; $S sweep s.yaml -o three.db -q -j 3", 0, NULL);
    same_answer("one.db", "three.db");
    exits(
        "mkdir -p sh; rm -f sh/*; for i in 0 1 2 3 4; do $S sweep s.yaml --shard $i/5 -o sh/$i.db "
        "-q || exit 1; done; test -z \"$(ls | grep seatrial-shard)\"; $S merge sh -o m.db",
        0, "16 of 16 points merged");
    same_answer("m.db", "one.db");
    exits("$S merge sh/4.db sh/2.db m.db sh/0.db -o again.db", 0, "the same in each");
    same_answer("again.db", "one.db");
    /* The contract of clusters: the shard's number is in the environment. */
    exits(
        "rm -f sh/*; for i in 0 1 2; do SLURM_ARRAY_TASK_ID=$i JOB_COMPLETION_INDEX=9 $S sweep "
        "s.yaml --shard env/3 -o sh/$i.db -q || exit 1; done; JOB_COMPLETION_INDEX=2 $S sweep "
        "s.yaml --shard env/3 -o sh/two.db -q; cmp sh/two.db sh/2.db || "
        "test $(sqlite3 sh/two.db 'SELECT count(*) FROM point') = 5; rm sh/two.db; $S merge sh -o "
        "e.db -q",
        0, NULL);
    same_answer("e.db", "one.db");
}

static void stopped_and_gone_on_with(void **state)
{
    (void)state;
    made();
    exits("sed -i 's/jobs: 300/jobs: 6000/' s.yaml; $S sweep s.yaml -o whole.db -q", 0, NULL);
    for (int tries = 0;; tries++) {
        exits("rm -f stop.db*; $S sweep s.yaml -o stop.db -q -j 1 & pid=$!\n"
              "while [ ! -s stop.db.partial ] && kill -0 $pid 2> /dev/null; do :; done\n"
              "n=0; while kill -0 $pid 2> /dev/null && [ $n -lt 20 ]; do sleep 0.01; n=$((n+1)); "
              "done\n"
              "kill -INT $pid; wait $pid; test $? = 3 -o -e stop.db",
              0, NULL);
        if (access(scratch_path("stop.db.partial"), R_OK) == 0) break;
        if (tries == 20) fail_msg("never stopped before its end");
    }
    assert_string_not_equal("", scratch_path("stop.db"));
    int before = number("stop.db.partial", "SELECT count(*) FROM point");
    assert_int_equal(number("stop.db.partial", "SELECT state = 'interrupted' FROM sweep"), 1);
    char said[60];
    snprintf(said, sizeof said, "%d of them known before", before);
    exits("$S sweep s.yaml -o stop.db", 0, before ? said : "16 points");
    same_answer("stop.db", "whole.db");
}

/* Killed at once, again and again: what is there is always good, and in the end it is all there. */
static void killed_it_goes_on(void **state)
{
    (void)state;
    made();
    exits("sed -i 's/jobs: 300/jobs: 6000/' s.yaml; $S sweep s.yaml -o whole.db -q\n"
          "for i in 1 2 3 4; do $S sweep s.yaml -o k.db -q & pid=$!; sleep 0.1; kill -9 $pid; wait "
          "$pid; done 2> /dev/null; $S sweep s.yaml -o k.db -q",
          0, NULL);
    same_answer("k.db", "whole.db");
    /* A file of another version is run again, and says so. */
    exits("sqlite3 k.db 'PRAGMA user_version = 1; DROP TABLE sweep'; $S sweep s.yaml -o k.db", 0,
          "are in a file of version 1, and are run again");
    same_answer("k.db", "whole.db");
    /* Killed while what was of no use had been cleared away, and nothing was there yet. */
    exits("rm k.db; sqlite3 k.db.partial 'CREATE TABLE t (x); DROP TABLE t'; test -s k.db.partial "
          "&& $S sweep s.yaml -o k.db -q",
          0, NULL);
    same_answer("k.db", "whole.db");
    exits("rm k.db; sqlite3 k.db.partial 'CREATE TABLE mine (x)'; $S sweep s.yaml -o k.db -q", 2,
          "left alone");
    exits("sqlite3 k.db.partial .tables | grep mine && rm k.db.partial", 0, NULL);
}

/* ---- Nothing twice ---- */

static void an_enlarged_sweep_runs_what_is_new(void **state)
{
    (void)state;
    made();
    exits("$S sweep s.yaml -o s.db", 0, "16 points; 16 run, 96 replications");
    exits("$S sweep s.yaml -o s.db", 0,
          "16 points, 16 of them known before; 0 run, 0 replications");
    /* Another value in the first dimension moves all points. */
    exits(
        "sed -i 's/\\[50 GPUs, 70 GPUs\\]/[40 GPUs, 50 GPUs, 70 GPUs]/' s.yaml; $S sweep s.yaml -o "
        "s.db",
        0, "24 points; 24 run, 48 replications");
    exits("$S sweep s.yaml -o fresh.db -q", 0, NULL);
    same_answer("s.db", "fresh.db");
    /* More replications are added to those there are. */
    exits("sed -i 's/replications: 6/replications: 8/' s.yaml; $S sweep s.yaml -o s.db", 0,
          "24 points; 24 run, 48 replications");
    exits("rm fresh.db; $S sweep s.yaml -o fresh.db -q", 0, NULL);
    same_answer("s.db", "fresh.db");
    /* Points that are asked for no more are kept, behind the others. */
    exits("cp s.yaml large.yaml; sed -i 's/\\[40 GPUs, 50 GPUs, 70 GPUs\\]/70 GPUs/' s.yaml; $S "
          "sweep s.yaml -o s.db",
          0, "8 points; 8 run, 0 replications");
    assert_int_equal(number("s.db", "SELECT count(*) FROM point WHERE in_sweep"), 8);
    assert_int_equal(number("s.db", "SELECT count(*) FROM point WHERE NOT in_sweep"), 16);
    exits("$S sweep large.yaml -o s.db", 0, "24 points; 24 run, 0 replications");
    same_answer("s.db", "fresh.db");
}

/* What figures do not follow from is no reason to run anything. */
static void other_targets_and_names_run_nothing(void **state)
{
    (void)state;
    made();
    exits("$S sweep s.yaml -o s.db -q; sed -i 's/^name: .*/name: other/; s/^vary:/slo: {budget: "
          "$900k "
          "per month}\\nvary:/' s.yaml; $S sweep s.yaml -o s.db",
          0, "16 points; 16 run, 0 replications");
    assert_int_equal(number("s.db", "SELECT count(*) FROM target"), 16);
    exits("sed -i 's/as_of: 2026-07-20/as_of: 2025-01-20/' s.yaml; $S sweep s.yaml -o s.db", 0,
          "16 points; 16 run, 96 replications");
}

/* ---- Early ends ---- */

static void points_end_early(void **state)
{
    (void)state;
    made();
    exits(
        "sed -i 's/replications: 6/replications: 30/; s/^vary:/slo: {p95_wait: 20 h, budget: $190k "
        "per month}\\nvary:/' s.yaml; $S sweep s.yaml -o s.db",
        0, "ended early: none of their fleets can meet its targets");
    /* The budget is missed by all 13 nodes and more cost, whatever they wait. */
    assert_int_equal(number("s.db", "SELECT count(*) FROM point WHERE ended = 'misses' AND "
                                    "replications = 5 AND point_id % 8 >= 4"),
                     8);
    assert_int_equal(number("s.db", "SELECT count(*) FROM point WHERE ended = 'all' AND "
                                    "replications <> 30"),
                     0);
    exits(
        "sed -i '/^slo/d; s/replications: 30/precision: {cost: 1%, mean_wait: 60%, least: 4, most: "
        "40, batch: 3}/' s.yaml; rm s.db; $S sweep s.yaml -o s.db -q; $S run s.yaml -o r.db -q > "
        "/dev/null",
        0, NULL);
    assert_true(number("s.db",
                       "SELECT count(*) FROM point WHERE ended = 'precise' AND replications "
                       "< 40") > 0);
    /* As many as a single run of that point makes: 12 nodes are none of the sweep's, so one more.
     */
    exits("sed -i 's/9..15 by 2/[9, 12]/; s/\\[50 GPUs, 70 GPUs\\]/60 GPUs/; s/\\[fifo, "
          "sjf\\]/fifo/' "
          "s.yaml; rm s.db; $S sweep s.yaml -o s.db -q",
          0, NULL);
    assert_int_equal(number("s.db", "SELECT replications FROM point WHERE point_id = 1"),
                     number("r.db", "SELECT done FROM run"));
}

/* ---- What is refused ---- */

static void wrong_points_are_refused(void **state)
{
    (void)state;
    made();
    exits("sed -i 's/\\[fifo, sjf\\]/[fifo, sjff]/' s.yaml; $S sweep s.yaml -o s.db", 2,
          "at point 1: workload.synth.load = 50 GPUs, fleets.*.pools.p.nodes = 9, "
          "fleets.one.scheduler.order = sjff");
    exits("$S check s.yaml", 2, "did you mean 'sjf'?");
    exits("test ! -e s.db -a ! -e s.db.partial", 0, NULL);
    exits("$S sweep s.yaml -o s.db", 2, "did you mean 'sjf'?");
    exits("sed -i 's/9..15 by 2/1..100000/; s/sjff/sjf/; s/\\[50 GPUs, 70 GPUs\\]/1..20 GPUs/' "
          "s.yaml; timeout 5 $S sweep s.yaml -o s.db",
          2, "'vary' has 4000000 points");
    exits("sed 's/^run: .*/run: {replications: none}/; s/9..15 by 2/15..9/' s.yaml > t.yaml; $S "
          "sweep "
          "t.yaml -o t.db",
          2, "2 errors in t.yaml");
    exits("echo no results > s.db; sed -i 's/1..100000/9/' s.yaml; $S sweep s.yaml -o s.db", 2,
          "left alone");
    exits("$S sweep s.yaml --shard 3/3 -o x.db", 2, "they count from 0");
    exits("$S sweep s.yaml --shard 3 -o x.db", 2, "--shard wants");
    exits("$S sweep s.yaml --shard env/3 -o x.db", 2, "is set");
    exits("SLURM_ARRAY_TASK_ID=x $S sweep s.yaml --shard env/3 -o x.db", 2, "'x' is no shard");
    exits("$S sweep s.yaml --shard 0/3", 2, "-o FILE.db");
    exits("$S sweep s.yaml --shard 0/3 -o x.db --id 0123", 2, "this is not the sweep 0123");
    exits("$S sweep nothing.yaml -o x.db", 2, "nothing.yaml");
    exits("echo mine > notes.txt; $S sweep s.yaml --shard 0/3 -o notes.txt", 2, "left alone");
    exits("grep -qx mine notes.txt", 0, NULL);
}

/* ---- Shards that went wrong ---- */

static void shards(void)
{
    made();
    exits(
        "mkdir -p sh; rm -f sh/*; for i in 0 1 2 3; do $S sweep s.yaml --shard $i/4 -o sh/$i.db -q "
        "|| exit 1; done; $S sweep s.yaml -o whole.db -q",
        0, NULL);
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    shards();
    exits("rm sh/1.db sh/2.db; $S merge sh -o m.db", 3, "8 points are missing: shards 1, 2");
    exits("test ! -e m.db", 0, NULL);
    exits("$S merge sh -o m.db --partial", 3, "8 points are missing: shards 1, 2");
    assert_int_equal(number("m.db", "SELECT state = 'interrupted' FROM sweep"), 1);
    exits("$S merge m.db -o n.db", 3, "points 1, 2, 5, 6, 9, 10, 13, 14");
    /* It is gone on with here. */
    exits("$S sweep s.yaml -o m.db", 0, "8 of them known before; 8 run");
    same_answer("m.db", "whole.db");
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    shards();
    exits("cp sh/1.db good; head -c 20000 sh/1.db > t; mv t sh/1.db; $S merge sh -o m.db", 2,
          "sh/1.db: ");
    exits("cp good sh/1.db; sed 's/jobs: 300/jobs: 301/' s.yaml > o.yaml; $S sweep o.yaml --shard "
          "2/4 "
          "-o sh/2.db -q; $S merge sh -o m.db",
          2, "sh/2.db: it is of another scenario, or of other settings, than sh/0.db");
    exits("$S sweep s.yaml --shard 2/4 -o sh/2.db -q; $S merge sh -o m.db", 0, NULL);
    same_answer("m.db", "whole.db");
    exits("sqlite3 sh/2.db \"UPDATE sweep SET tool_version = '9'\"; $S merge sh -o m.db", 2,
          "it is of version 9 of the program");
    exits(
        "rm sh/2.db; $S sweep s.yaml --shard 2/4 -o sh/2.db -q; cp sh/2.db sh/4.db; sqlite3 "
        "sh/4.db "
        "'UPDATE metric SET value = value + 1 WHERE point_id = 6 AND metric_id = 3 AND replication "
        "= 2'; $S merge sh -o m.db",
        2, "sh/4.db holds other figures of point 6 than sh/2.db");
    exits("rm sh/4.db; sqlite3 sh/3.db \"UPDATE input SET sha256 = 'x' WHERE path LIKE "
          "'%prices.csv'\"; $S merge sh -o m.db",
          2, "was made from another shipped/prices.csv");
    exits("echo hello > sh/3.db; cp s.yaml sh/5.db; $S merge sh -o m.db", 2,
          "2 of 5 files cannot be merged");
    exits("$S merge nothing.db -o m.db", 2, "nothing.db");
    same_answer("m.db", "whole.db"); /* what was there is untouched */
    exits("echo mine > mine.db; $S merge whole.db -o mine.db", 2, "left alone");
}

/* Two tasks of one number, one after the other and at once, and one that finds a broken file. */
static void a_task_runs_twice(void **state)
{
    (void)state;
    shards();
    exits("cp sh/1.db before; $S sweep s.yaml --shard 1/4 -o sh/1.db && cmp before sh/1.db", 0,
          NULL);
    exits("rm sh/1.db; $S sweep s.yaml --shard 1/4 -o sh/1.db -q & $S sweep s.yaml --shard 1/4 -o "
          "sh/1.db -q && wait $! && $S merge sh -o m.db -q && ls sh | wc -l | grep -qx 4",
          0, NULL);
    same_answer("m.db", "whole.db");
    exits("head -c 9000 sh/1.db > t; mv t sh/1.db; $S sweep s.yaml --shard 1/4 -o sh/1.db -q && $S "
          "merge sh -o m.db -q",
          0, NULL);
    same_answer("m.db", "whole.db");
}

/* A task that is told to end publishes what it has; the next one goes on from there. */
static void a_task_is_told_to_end(void **state)
{
    (void)state;
    made();
    exits("sed -i 's/jobs: 300/jobs: 6000/' s.yaml; mkdir -p sh; rm -f sh/*; $S sweep s.yaml -o "
          "whole.db -q",
          0, NULL);
    for (int tries = 0;; tries++) {
        exits(
            "rm -f sh/*; $S sweep s.yaml --shard 0/2 -o sh/0.db -q -j 1 2> said & pid=$!\n"
            "while ! ls seatrial-shard-*/*.partial > /dev/null 2>&1 && kill -0 $pid 2> /dev/null; "
            "do :; done; sleep 0.1; kill -TERM $pid; wait $pid; c=$?; test $c = 3 || test $c = 0",
            0, NULL);
        if (number("sh/0.db", "SELECT state = 'interrupted' FROM sweep")) break;
        if (tries == 20) fail_msg("never told to end before its end");
    }
    exits("grep -q 'sh/0.db keeps them' said; $S sweep s.yaml --shard 0/2 -o sh/0.db -q; $S sweep "
          "s.yaml --shard 1/2 -o sh/1.db -q; $S merge sh -o m.db -q; ls -d seatrial-shard-* 2> "
          "/dev/null; test $? = 2",
          0, NULL);
    same_answer("m.db", "whole.db");
}

static void a_full_disk(void **state)
{
    (void)state;
    made();
    exits("ulimit -f 100; trap '' XFSZ; $S sweep s.yaml -o s.db -q", 2, "cannot write s.db");
    exits("$S sweep s.yaml -o s.db -q && $S sweep s.yaml -o whole.db -q", 0, NULL);
    same_answer("s.db", "whole.db");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_is_a_run),
        cmocka_unit_test(threads_and_shards_do_not_show),
        cmocka_unit_test(stopped_and_gone_on_with),
        cmocka_unit_test(killed_it_goes_on),
        cmocka_unit_test(an_enlarged_sweep_runs_what_is_new),
        cmocka_unit_test(other_targets_and_names_run_nothing),
        cmocka_unit_test(points_end_early),
        cmocka_unit_test(wrong_points_are_refused),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(a_task_runs_twice),
        cmocka_unit_test(a_task_is_told_to_end),
        cmocka_unit_test(a_full_disk),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
