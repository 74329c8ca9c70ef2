/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial compare` as a person, and as a job of CI, uses it: which sides it takes, what it exits
 * with, what it refuses. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/shell.h"
#include "tests/support.h"

/* A folder of its own for temporary files, which is to be empty whenever a command has ended. */
static const char own_tmp[] =
    "mkdir -p tmp; export TMPDIR=\"$PWD/tmp\" LC_ALL=C.UTF-8; unset COLUMNS\n"
    "trap 'rc=$?; test -z \"$(ls -A tmp)\" || { ls tmp >&2; rc=99; }; exit $rc' EXIT";

/* "side against reference" of the i-th comparison; "" past the last. */
static const char *pair_of(const json_t *o, size_t i)
{
    static char text[300];
    const json_t *c = json_array_get(json_object_get(o, "comparisons"), i);
    if (!c) return "";
    snprintf(text, sizeof text, "%s against %s",
             json_string_value(json_object_get(json_object_get(c, "side"), "label")),
             json_string_value(json_object_get(json_object_get(c, "reference"), "label")));
    return text;
}

/* The pairs that a command compares, each a line. */
static void pairs(const char *arguments, const char *expected)
{
    char command[600], got[1000] = "";
    snprintf(command, sizeof command, "$S compare %s --json", arguments);
    json_t *o = json_of(command);
    size_t n = 0;
    for (size_t i = 0; *pair_of(o, i) && n < sizeof got; i++)
        n += (size_t)snprintf(got + n, sizeof got - n, "%s\n", pair_of(o, i));
    if (strcmp(got, expected) != 0) fail_msg("%s:\n%snot\n%s", arguments, got, expected);
    json_decref(o);
}

/* Three fleets; the same with one dearer, one renamed; one fleet alone, of each. */
static int make_files(void **state)
{
    (void)state;
    sh_prelude(own_tmp);
    EXITS("cat > old.yaml <<E\n"
          "seatrial: 1\n"
          "name: guarded\n"
          "workload: {synth: {like: itp, jobs: 400, days: 7 days, load: 60 GPUs}}\n"
          "prices: {as_of: 2026-07-20, region: us-east-1}\n"
          "fleets:\n"
          "  today: {scheduler: fifo, pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, "
          "nodes: 10}]}\n"
          "  easy: {scheduler: easy, pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, "
          "nodes: 10}]}\n"
          "  large: {scheduler: fifo, pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, "
          "nodes: 14}]}\n"
          "run: {replications: 6, baseline: easy}\n"
          "E\n"
          "sed 's/nodes: 14/nodes: 15/; s/  easy:/  backfill:/; s/baseline: easy/baseline: "
          "backfill/' old.yaml > new.yaml\n"
          "sed '/easy:/d; /large:/d; s/, baseline: easy//' old.yaml > one.yaml\n"
          "sed 's/today:/hybrid:/; s/nodes: 10/nodes: 8/' one.yaml > other.yaml\n"
          "for f in old new one other; do $S run $f.yaml -o $f.db -q > /dev/null || exit 98; done",
          0);
    return 0;
}

static void the_rules_of_sides(void **state)
{
    (void)state;
    /* One file: the run's baseline, --reference, or the first --fleet. */
    pairs("old.db", "today against easy\nlarge against easy\n");
    pairs("old.db --reference large", "today against large\neasy against large\n");
    pairs("old.db --fleet today --fleet large", "large against today\n");
    pairs("old.db --fleet today --fleet large --reference large", "today against large\n");
    pairs("old.db --fleet today --reference easy", "today against easy\n");
    /* Several: name by name, each with the first; those that one does not have are left out. */
    pairs("old.db new.db", "today (new.db) against today (old.db)\n"
                           "large (new.db) against large (old.db)\n");
    pairs("old.db new.db --fleet large", "new.db against old.db\n");
    pairs("one.db old.db new.db --fleet today", "old.db against one.db\nnew.db against one.db\n");
    says("$S compare old.db new.db", 0, NULL,
         "note: fleet 'easy' of old.db is left out: new.db has none of that name");
    says("$S compare old.db new.db", 0, NULL, "note: fleet 'backfill' of new.db is left out");
    says("$S compare old.db new.db -q 2>&1 | wc -c", 0, "0\n", NULL);
    /* Of one fleet each: these. */
    pairs("one.db other.db", "hybrid against today\n");
    /* A reference for all. */
    pairs("one.db other.db --reference today", "hybrid against today\n");
    pairs("old.db new.db --reference easy", "today (old.db) against easy (old.db)\n"
                                            "large (old.db) against easy (old.db)\n"
                                            "today (new.db) against easy (old.db)\n"
                                            "backfill (new.db) against easy (old.db)\n"
                                            "large (new.db) against easy (old.db)\n");
    pairs("old.db new.db --reference easy --fleet backfill", "backfill against easy\n");
    pairs("old.db old.db --fleet today", "today (old.db) against today (old.db)\n");
}

static void what_cannot_be_compared(void **state)
{
    (void)state;
    says("$S compare one.db", 2, NULL, "nothing to compare with fleet 'today'");
    says("$S compare old.db --fleet large --fleet larg", 2, NULL,
         "old.db has no fleet 'larg' (did you mean 'large'?); it has: today, easy, large");
    says("$S compare old.db --reference tody", 2, NULL, "did you mean 'today'?");
    says("$S compare old.db new.db --fleet easy", 2, NULL, "new.db has no fleet 'easy'");
    says("$S compare other.db old.db", 2, NULL, "have no fleet of one name");
    says("$S compare none.db old.db", 2, NULL, "none.db");
    says("$S compare none.yaml old.db", 2, NULL, "none.yaml");
    says("$S compare - - < old.yaml", 2, NULL, "standard input can be read only once");
    says("echo 'seatrial: 2' | $S compare old.db -", 2, NULL, "Nothing was run.");
    says("cp old.db v9.db; sqlite3 v9.db 'PRAGMA user_version = 9'; $S compare old.db v9.db", 2,
         NULL, "version 9");
    says("cp old.db part.db; sqlite3 part.db \"UPDATE run SET state = 'interrupted'\"; $S compare "
         "old.db part.db",
         2, NULL, "incomplete");
    says("$S compare old.db --seed 3", 2, NULL, "--seed is for scenarios");
    says("$S compare old.db new.db -o x.db", 2, NULL, "there are 1 for 0 scenarios");
    says("$S compare old.yaml old.db --replications 0", 2, NULL, "--replications wants");
    says("$S compare old.db --format html", 2, NULL, "--format is table, markdown or md");
    says("$S compare old.db --csv - --json", 2, NULL, "both want standard output");
    says("$S compare old.db --limit 3", 2, NULL, "wants --jobs");
    says("$S compare --jobs old.db --fleet today --fleet easy --family", 2, NULL,
         "--family is of figures");
    says("$S compare old.db > /dev/full", 2, NULL, "standard output");
    says("$S compare old.db --csv /nonexistent/x.csv", 2, NULL, "/nonexistent");
}

/* A scenario is simulated as `run` does, in pairs with what was run before, on any threads. */
static void scenarios_are_run(void **state)
{
    (void)state;
    json_t *files = json_of("$S compare old.db new.db --json 2> /dev/null"),
           *scenarios = json_of("$S compare old.yaml new.yaml -j 2 --json 2> /dev/null"),
           *mixed = json_of("$S compare old.db - -j 1 --json < new.yaml 2> /dev/null");
    for (size_t i = 0; i < 2; i++) {
        const json_t *a = json_array_get(json_object_get(files, "comparisons"), i),
                     *b = json_array_get(json_object_get(scenarios, "comparisons"), i),
                     *c = json_array_get(json_object_get(mixed, "comparisons"), i);
        assert_true(json_equal(json_object_get(a, "figures"), json_object_get(b, "figures")));
        assert_true(json_equal(json_object_get(a, "figures"), json_object_get(c, "figures")));
        assert_true(json_is_true(json_object_get(c, "paired")));
    }
    assert_string_equal(pair_of(mixed, 1), "large (standard input) against large (old.db)");
    json_decref(files);
    json_decref(scenarios);
    json_decref(mixed);
    EXITS("rm -f kept.db; $S compare old.db new.yaml -o kept.db -q && test \"$(sqlite3 kept.db "
          "'SELECT group_concat(value) FROM metric')\" = \"$(sqlite3 new.db 'SELECT "
          "group_concat(value) FROM metric')\"",
          0);
    says("$S compare old.yaml new.yaml -o k1.db -o k2.db && test -s k1.db && test -s k2.db", 0,
         NULL, "Saved k2.db");
    says("$S compare old.yaml new.yaml --replications 2 --seed 5", 0, "Paired replications, n = 2.",
         NULL);
    says("$S compare old.db old.yaml --seed 5 --fleet large", 0,
         "Two samples, n = 6 and 6: the seed differs (1 and 5).", NULL);
    says("$S compare old.db old.yaml --replications 3 --fleet large", 0,
         "Paired replications, n = 3; 3 more have no partner.", NULL);
    says("$S compare one.yaml other.yaml --replications 1", 0, "One replication each: no interval.",
         NULL);
    says("sed 's/jobs: 400/jobs: 410/' old.yaml > more.yaml; $S compare old.db more.yaml --fleet "
         "large",
         0, "Two samples, n = 6 and 6: the workload differs.", NULL);
}

/* An interrupted simulation keeps nothing of its own, and what was to be kept goes on. */
static void interrupted(void **state)
{
    static const char begin[] =
        "sed 's/jobs: 400,/jobs: 300000,/; s/replications: 6/replications: 50/' old.yaml > "
        "long.yaml; rm -f long.db*\n";
    char command[800];
    (void)state;
    snprintf(command, sizeof command,
             "%s$S compare old.db long.yaml -q 2> said.txt & pid=$!\n"
             "while ! ls tmp/*/results.db.partial > /dev/null 2>&1 && kill -0 $pid; do :; done\n"
             "kill -TERM $pid; wait $pid; rc=$?; cat said.txt >&2; (exit $rc)",
             begin);
    says(command, 3, NULL, "Nothing was kept; with -o FILE.db the same line would go on.");
    snprintf(command, sizeof command,
             "%s$S compare old.db long.yaml -o long.db -q & pid=$!\n"
             "while [ ! -s long.db.partial ] && kill -0 $pid; do :; done\n"
             "kill -TERM $pid; wait $pid",
             begin);
    says(command, 3, NULL, "long.db.partial keeps them");
    EXITS("rm long.db.partial", 0);
}

static void conditions(void **state)
{
    (void)state;
    /* The large fleet of new.yaml has a node more of 14: +7.1%. */
    says("$S compare old.db new.db --fleet large --fail-if 'cost > +5%'", 1,
         "  FAILS   cost > +5%   holds   new.db   +7.1%\n", NULL);
    says("$S compare old.db new.db --fleet large --fail-if 'cost > +8%'", 0,
         "  passes   cost > +8%   does not hold   new.db   +7.1%\n", NULL);
    says("$S compare old.db new.db --fleet large --fail-if 'cost>+8%' --fail-if 'cost > +$10k per "
         "month'",
         1, "holds", NULL);
    says("$S compare old.db new.db --fleet large --fail-if 'cost > +$30k'", 0, "does not hold",
         NULL);
    EXITS("$S compare old.db new.db --fleet large --fail-if 'cost > $200k' -q > q.txt; test $? = 1 "
          "&& test ! -s q.txt",
          0);
    EXITS("$S compare old.db new.db --fleet large --fail-if 'cost_usd_per_month <= $400k per "
          "month' -q",
          1);
    EXITS("$S compare old.db new.db --fleet large --fail-if 'utilization < -1 points' -q", 1);
    EXITS("$S compare old.db new.db --fleet large --fail-if 'utilization < -50 points' -q", 0);
    EXITS("$S compare old.db new.db --fleet large --fail-if 'utilization < 2%' -q", 0);
    EXITS("$S compare old.db new.db --fleet large --fail-if 'p95_wait > +1000 h' -q", 0);
    EXITS("$S compare old.db new.db --fleet large --fail-if 'jobs_rejected > 0' -q", 0);
    EXITS("$S compare old.db new.db --fleet large --fail-if 'nodes_most >= 15' -q", 1);
    /* What cannot be told fails where it is to be sure. */
    says("$S compare old.db --fleet today --fleet large --fail-if 'mean_wait > 3 h'", 0,
         "cannot tell", NULL);
    says("$S compare old.db --fleet today --fleet large --fail-if 'mean_wait > 3 h' "
         "--fail-unless-sure",
         1, "FAILS", NULL);
    /* Each fleet is asked. */
    says("$S compare old.db --fail-if 'cost > +30%' | grep -c 'FAILS\\|passes'", 0, "2\n", NULL);
    says("$S compare old.db new.db --fleet large --csv - --fail-if 'cost > +5%' > c.csv; rc=$?; "
         "head -1 c.csv; exit $rc",
         1, "reference_file,", "FAILS");
    says("$S compare old.db new.db --fleet large --json --fail-if 'cost > +5%'", 1,
         "\"fails\": true", NULL);
    says("$S compare old.db new.db --fleet large --format markdown --fail-if 'cost > +5%'", 1,
         "\n- **fails:** cost \\> \\+5% holds: new.db +7.1%\n", NULL);
}

static void conditions_that_are_none(void **state)
{
    static const struct {
        const char *condition, *said;
    } bad[] = {
        { "csot > +5%", "--fail-if:1:1: error: unknown metric 'csot'\n    1 | csot > +5%\n      | "
                        "^^^^ did you mean 'cost'?" },
        { "p95_wiat > 1 h", "did you mean 'p95_wait'?" },
        { "cost", "1:5: error: behind the metric stands >, >=, < or <=" },
        { "cost => 5", "1:6: error: behind the metric stands" },
        { "cost >", "1:7: error: the limit is missing" },
        { "", "1:1: error: a condition begins with a metric" },
        { "cost > 5%", "1:8: error: the limit is of the figure itself, which is no percentage\n    "
                       "1 | cost > 5%\n      |        ^^ did you mean '+5%', of the reference?" },
        { "p95_wait > 5", "the limit has no unit" },
        { "p95_wait > +5", "the limit has no unit" },
        { "cost > 700k", "1:8: error: the limit must be" },
        { "utilization < -3 pints", "1:15: error: the limit" },
        { "preemptions > 3 times", "the limit must be a plain number" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char command[300];
        snprintf(command, sizeof command, "$S compare old.db --fail-if '%s'", bad[i].condition);
        says(command, 2, NULL, bad[i].said);
    }
    /* All at once, before anything is simulated. */
    says("$S compare old.yaml new.yaml --fail-if 'cots > 1' --fail-if 'cost > 1 h' -o never.db; "
         "rc=$?; test ! -e never.db || exit 97; exit $rc",
         2, NULL, "2 errors in --fail-if. Nothing was compared.");
}

static void what_is_shown(void **state)
{
    (void)state;
    says("$S compare old.db --reference large --color always", 0, "\033[32m", NULL);
    EXITS("$S compare old.db > plain.txt; ! grep -q $'\\033' plain.txt", 0);
    says("$S compare old.db", 0, "  Against easy:\n", NULL);
    says("$S compare old.db --all", 0, "large against easy: ", NULL);
    EXITS("$S compare old.db --all | grep -q '^  jobs_rejected ' && ! $S compare old.db | grep -q "
          "jobs_rejected",
          0);
    EXITS("for c in 50 60 80 100; do COLUMNS=$c $S compare old.db --fleet easy --fleet large "
          "--fail-if 'cost > +5%' | sed 's/±/+/g' | awk -v c=$c 'length($0) > c { print; bad = 1 } "
          "END { exit bad "
          "}' > wide.txt; test -s wide.txt && exit 1; done; true",
          0);
    says("$S compare old.db --family", 0, "intervals hold together with 95% (Bonferroni).", NULL);
    says("$S compare old.db --format md", 0,
         "**2 fleets against easy: cost: 1 costlier, 1 the same", NULL);
    says("$S compare old.db --format markdown | grep -c '^<details>'", 0, "2\n", NULL);
    says("$S compare old.db --fleet easy --fleet large --format markdown --all", 0,
         "<details><summary>every other figure</summary>", NULL);
    says("$S compare old.db --csv - | wc -l", 0, "15\n", NULL); /* two fleets, seven figures */
    says("$S compare old.db --fleet easy --fleet large --csv f.csv && head -2 f.csv", 0,
         "old.db,easy,old.db,large,cost_usd_per_month", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_of_sides), cmocka_unit_test(what_cannot_be_compared),
        cmocka_unit_test(scenarios_are_run),  cmocka_unit_test(interrupted),
        cmocka_unit_test(conditions),         cmocka_unit_test(conditions_that_are_none),
        cmocka_unit_test(what_is_shown),
    };
    return cmocka_run_group_tests(tests, make_files, NULL);
}
