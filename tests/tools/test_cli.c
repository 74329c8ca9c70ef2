/* SPDX-License-Identifier: Apache-2.0 */
/* The command as a person uses it: what it prints, where it stops, what it leaves behind. */
#include "tests/db_dump.h"
#include "tests/shell.h"
#include "tests/stopped.h"
#include "tests/support.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- check ---- */

/* A fleet that is asked for more than gangs can use of it is named before anything is run, in the
 * words that `run` has for it; one that is not is not; and nothing is drawn that would take long.
 */
static void too_small_is_said_before_a_run(void **state)
{
    static const char small[] = "  Too small: today (asked for 83% of its GPUs; gangs in this "
                                "order keep 79% busy at most). The queue grows";
    (void)state;
    says("$S check $R/scenarios/small.yaml", 0, small, NULL);
    says("$S run $R/scenarios/small.yaml -o c.db -q", 0, small, NULL);
    EXITS("$S check $R/scenarios/small.yaml | grep 'Too small' > a.txt; $S run "
          "$R/scenarios/small.yaml -o c.db -q | grep 'Too small' | cmp - a.txt",
          0);
    EXITS("test -z \"$($S check -q $R/scenarios/small.yaml)\"", 0);
    EXITS("sed 's/nodes: 6}/nodes: 7}/' $R/scenarios/small.yaml > seven.yaml; $S check seven.yaml "
          "| grep 'Too small'; test $? = 1",
          0);
    EXITS("sed 's/jobs: 1000,/jobs: 600000,/' $R/scenarios/small.yaml > many.yaml; $S check "
          "many.yaml > a.txt; grep -q 'not told  .*so many jobs' a.txt && ! "
          "grep -q 'Too small' a.txt",
          0);
}

/* ---- help ---- */

static void help_everywhere(void **state)
{
    static const char *const commands[] = {
        "",           "run",         "check",       "report", "compare",
        "import",     "trace stats", "trace synth", "list",   "trace interruptions",
        "check-focus"
    };
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char command[100];
        snprintf(command, sizeof command, "$S %s --help", commands[i]);
        says(command, 0, i ? "Examples:" : "seatrial run", NULL);
    }
    says("$S help --man", 0, ".TH SEATRIAL 1", NULL);
    says("$S trace --help", 0, "trace stats", NULL);
    says("$S help trace", 0, "trace synth", NULL);
    says("$S trace", 2, NULL, "trace stats");
    says("$S help --completion bash", 0, "complete", NULL);
    says("$S help --completion zsh", 0, "#compdef seatrial", NULL);
    says("$S help --completion fish", 0, "complete -c seatrial", NULL);
    says("$S --version", 0, "seatrial 0.", NULL);
    says("$S rnu x.yaml", 2, NULL, "Did you mean 'run'?");
    says("$S run --repots x", 2, NULL, "Did you mean '--report'?");
    says("$S list ordres", 2, NULL, "seatrial list");
}

/* What the bash script offers for the words behind `seatrial`, one a line, in order. */
static void bash_offers(const char *words, const char *expected)
{
    char command[2000], *out, *err;
    snprintf(command, sizeof command,
             "mkdir -p 'c f'; cd 'c f'; touch 'a b.yaml' r.db; "
             "cat > t.sh <<'X'\nsource ../c.bash\nCOMP_WORDS=(seatrial %s)\n"
             "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_seatrial\nprintf '%%s\\n' "
             "\"${COMPREPLY[@]}\" | sort\nX\nbash t.sh",
             words);
    if (sh(command, &out, &err) != 0) fail_msg("%s: %s", words, err);
    assert_string_equal(out, expected);
    free(out);
    free(err);
}

static void bash_completes(void **state)
{
    (void)state;
    if (sh("command -v bash", NULL, NULL) != 0) skip();
    EXITS("$S help --completion bash > c.bash", 0);
    bash_offers("tr", "trace\n");
    bash_offers("trace s", "stats\nsynth\n");
    bash_offers("import --from s", "slurm\nswf\n");
    bash_offers("import --from = k", "kubernetes\n"); /* bash splits --from=k so */
    bash_offers("import --drop-c", "--drop-cpu\n");
    bash_offers("list ke", "keys\n");
    bash_offers("help rep", "report\n");
    bash_offers("run ''", "a b.yaml\n");
    bash_offers("report ''", "r.db\n");
    bash_offers("comp", "compare\n");
    bash_offers("compare ''", "a b.yaml\nr.db\nt.sh\n");
    bash_offers("compare r.db ''", "a b.yaml\nr.db\nt.sh\n");
    bash_offers("compare r.db --fl", "--fleet\n");
    bash_offers("compare r.db --format ''", "markdown\nmd\ntable\n");
    bash_offers("run x --color ''", "always\nauto\nnever\n");
    bash_offers("run x -j ''", "\n");
}

static void other_shells_complete(void **state)
{
    (void)state;
    bool fish = sh("command -v fish", NULL, NULL) == 0, zsh = sh("command -v zsh", NULL, NULL) == 0;
    if (fish) {
        says("$S help --completion fish > c.fish; fish -c \"source c.fish; complete -C'seatrial "
             "import --from sl'\"",
             0, "slurm", NULL);
        says("fish -c \"source c.fish; complete -C'seatrial trace '\"", 0, "synth", NULL);
    }
    if (zsh) EXITS("$S help --completion zsh > c.zsh; zsh -n c.zsh", 0);
    if (!fish && !zsh) skip();
}

static void the_manual_has_no_warnings(void **state)
{
    char *out, *err;
    (void)state;
    if (sh("command -v groff", NULL, NULL) != 0) skip();
    assert_int_equal(
        sh("$S help --man | groff -man -Tascii -P-cbou -ww -rLL=78n > man.txt", &out, &err), 0);
    assert_string_equal(err, "");
    free(out);
    free(err);
    EXITS("for s in 'EXIT STATUS' FILES ENVIRONMENT 'SEE ALSO'; do grep -q \"$s\" man.txt || exit "
          "1; done",
          0);
}

static void every_table_is_listed(void **state)
{
    static const char *const tables[] = { "autoscalers", "columns",          "commitments",
                                          "durations",   "formats",          "gangs",
                                          "gpus",        "instances",        "interruption-logs",
                                          "keys",        "metrics",          "orders",
                                          "placements",  "purchase-options", "synth-presets" };
    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char command[100];
        snprintf(command, sizeof command, "$S list %s", tables[i]);
        EXITS(command, 0);
        snprintf(command, sizeof command, "$S list %s --json", tables[i]);
        json_t *rows = json_of(command);
        json_t *list = json_object_get(rows, "entries");
        assert_true(json_array_size(list) >= 2);
        assert_true(json_is_string(json_object_get(json_array_get(list, 0), "name")));
        json_decref(rows);
    }
    says("$S list instances", 0, "p5.48xlarge", NULL);
    says("$S list gpus", 0, "H100-SXM5", NULL);
    says("$S list keys", 0, "\nfleets.NAME.pools[].nodes ", NULL);
    says("$S list shells", 2, NULL, "unknown family");
    /* Every summary of a family begins in the same column, however long a name is. */
    EXITS("$S list instances | cut -c33-34 | sort -u > gap.txt && test \"$(cat gap.txt)\" = '  '",
          0);
}

/* ---- run ---- */

static void a_run_from_scenario_to_report(void **state)
{
    (void)state;
    says("$S run $R/scenarios/small.yaml -o small.db", 0, "backfill",
         "Next: seatrial report small.db");
    const char *db = scratch_path("small.db");
    assert_string_equal(sql_text(db, "PRAGMA integrity_check"), "ok");
    assert_int_equal(sql(db, "SELECT count(*) FROM fleet"), 2);
    assert_int_equal(
        sql(db,
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%STRICT%'"),
        0);
    assert_true(sql(db, "PRAGMA application_id") != 0);
    assert_true(sql(db, "PRAGMA user_version") > 0);
    assert_string_equal(sql_text(db, "SELECT state FROM run"), "complete");
    says("$S report small.db -o small.html", 0, NULL, "small.html: one file");
    size_t n;
    char *html = read_file(scratch_path("small.html"), &n);
    assert_non_null(strstr(html, "default-src 'none'"));
    assert_non_null(strstr(html, "<svg"));
    free(html);
    assert_int_equal(access(scratch_path("small-waits.png"), R_OK), 0);
}

static void the_summary_as_json(void **state)
{
    (void)state;
    json_t *summary = json_of("$S run $R/scenarios/small.yaml -o json.db --json -q");
    assert_string_equal(json_string_value(json_object_get(summary, "format_version")), "1.1");
    assert_int_equal(json_array_size(json_object_get(summary, "fleets")), 2);
    json_decref(summary);
    says("$S run $R/scenarios/small.yaml -o md.db --format md -q", 0, "|---|", NULL);
    says("$S run $R/scenarios/small.yaml -o csv.db --format csv -q", 0, ",", NULL);
    says("$S run $R/scenarios/small.yaml -o x.db --format pdf -q", 2, NULL, "--format");
}

/* The same bytes on 1, 2 and 8 threads; others with another seed. */
static void threads_change_nothing(void **state)
{
    char one[65], other[65];
    (void)state;
    EXITS("$S run $R/scenarios/small.yaml -o one.db -j 1 -q --replications 7 --json > one.json", 0);
    db_digest(scratch_path("one.db"), NULL, one);
    EXITS("$S run $R/scenarios/small.yaml -o two.db -j 2 -q --replications 7 --json > two.json && "
          "grep -q cost two.json && cmp one.json two.json",
          0);
    db_digest(scratch_path("two.db"), NULL, other);
    assert_string_equal(other, one);
    EXITS("$S run $R/scenarios/small.yaml -o eight.db -j 8 -q --replications 7", 0);
    db_digest(scratch_path("eight.db"), NULL, other);
    assert_string_equal(other, one);
    EXITS("$S run $R/scenarios/small.yaml -o seed.db -q --replications 7 --seed 2 --json > "
          "three.json; ! cmp -s one.json three.json",
          0);
    db_digest(scratch_path("seed.db"), NULL, other);
    assert_string_not_equal(other, one);
}

static void the_answer_as_an_exit_code(void **state)
{
    (void)state;
    EXITS("sed 's/p95_wait: .*/p95_wait: 1000 h/; s/budget: .*/budget: $100M per month/' "
          "$R/scenarios/small.yaml > easy.yaml && $S run easy.yaml -o e.db -q --slo",
          0);
    EXITS("sed 's/budget: .*/budget: $1 per month/' $R/scenarios/small.yaml > hard.yaml && $S run "
          "hard.yaml -o h.db -q --slo",
          1);
    EXITS("$S run hard.yaml -o h.db -q", 0);
}

/* ---- compare ---- */

static void two_runs_job_by_job(void **state)
{
    (void)state;
    EXITS("$S run $R/scenarios/small.yaml -o a.db -q && $S run $R/scenarios/small.yaml -o b.db -q",
          0);
    /* The same run again: nothing differs. Two schedulers: much does. */
    says("$S compare --jobs a.db b.db --fleet today", 0, "No job differs", NULL);
    says("$S compare --jobs a.db b.db --fleet today -q", 0, NULL, NULL);
    says("$S compare --jobs a.db --fleet today --fleet backfill", 1, "1,000 jobs are in both.",
         NULL);
    EXITS("$S compare --jobs a.db --fleet today --fleet backfill -q > quiet.txt; test $? = 1 && "
          "test ! -s "
          "quiet.txt",
          0);
    EXITS("$S compare --jobs a.db b.db --fleet today --fleet backfill --json > c.json; test $? = 1",
          0);
    json_t *c = json_of("cat c.json");
    json_t *start = json_object_get(json_object_get(c, "differences"), "start");
    const char *db = scratch_path("a.db");
    static const char moved[] =
        "SELECT count(*) FROM job a JOIN job b USING (job) WHERE a.fleet_id = "
        "0 AND b.fleet_id = 1 AND b.start_s ";
    char query[300];
    snprintf(query, sizeof query, "%s < a.start_s", moved);
    assert_int_equal(json_integer_value(json_object_get(start, "earlier")), sql(db, query));
    snprintf(query, sizeof query, "%s > a.start_s", moved);
    assert_int_equal(json_integer_value(json_object_get(start, "later")), sql(db, query));
    snprintf(query, sizeof query, "%s = a.start_s", moved);
    assert_int_equal(json_integer_value(json_object_get(start, "same")), sql(db, query));
    assert_int_equal(json_array_size(json_object_get(c, "largest")), 10);
    json_decref(c);
    EXITS(
        "$S compare --jobs a.db --fleet today --fleet backfill --csv - > jobs.csv; test $(wc -l < "
        "jobs.csv) = 1001 && test $(cut -d, -f10 jobs.csv | sed 1d | grep -c '^-') -gt 100",
        0);
    EXITS("$S compare --jobs a.db --fleet today --fleet backfill --limit 2 | grep -c 'tenant-..  "
          "*[0-9]' > "
          "n.txt; test $(cat n.txt) = 2",
          0);
    says("$S compare --jobs a.db", 2, NULL, "--fleet A --fleet B");
    says("$S compare --jobs a.db b.db", 2, NULL,
         "has 2 fleets: name one with --fleet: today, backfill");
    says("$S compare --jobs a.db b.db --fleet tody", 2, NULL, "has no fleet 'tody'");
    says("$S compare --jobs a.db none.db --fleet today", 2, NULL, "none.db");
    says("$S compare --jobs a.db b.db --fleet a --fleet b --fleet c", 2, NULL, "two sides");
    says("$S compare --jobs a.db b.db --fleet today --limit -1", 2, NULL, "--limit wants");
    says("$S compare --jobs a.db b.db --fleet today --csv /nonexistent/x.csv", 2, NULL,
         "/nonexistent");
    says("$S compare --jobs a.db --fleet today --fleet backfill > /dev/full", 2, NULL,
         "standard output");
    EXITS("sed 's/replications: 3/keep_jobs: no/' $R/scenarios/small.yaml > nojobs.yaml; grep -q "
          "keep_jobs nojobs.yaml && $S run nojobs.yaml -o nojobs.db -q",
          0);
    says("$S compare --jobs nojobs.db --fleet today --fleet backfill", 2, NULL, "keeps no jobs");
}

/* ---- interruptions and full disks ---- */

/* Signalled so many seconds after the file is there. */
static void interrupted(const char *signal, double seconds, int code)
{
    char command[800];
    snprintf(
        command, sizeof command,
        "sed 's/jobs: 1000,/jobs: 300000,/' $R/scenarios/small.yaml > long.yaml; grep -q 300000 "
        "long.yaml || exit 99\n"
        "rm -f long.db*; $S run long.yaml -o long.db -q --replications 50 & pid=$!\n"
        "while [ ! -s long.db.partial ] && kill -0 $pid; do :; done\n"
        "sleep %g; kill -%s $pid; wait $pid; rc=$?; test ! -e long.db || exit 98; exit $rc",
        seconds, signal);
    EXITS(command, code);
    const char *partial = scratch_path("long.db.partial");
    assert_string_equal(sql_text(partial, "PRAGMA integrity_check"), "ok");
    assert_string_not_equal(sql_text(partial, "SELECT state FROM run"), "complete");
}

static void ctrl_c_leaves_a_file_that_says_so(void **state)
{
    (void)state;
    interrupted("INT", 0, 3); /* caught from the first moment on */
    assert_string_equal(sql_text(scratch_path("long.db.partial"), "SELECT state FROM run"),
                        "interrupted");
    interrupted("TERM", 0.1, 3);
    interrupted("KILL", 0.3, 137); /* earlier it may be in its first commit */
    says("$S report long.db.partial -o l.html", 2, NULL, "incomplete");
}

/* Stopped after some replications, the same line goes on from there, to the same bytes as a run
 * that was never stopped. A partial file of another question is not gone on with. */
static void an_interrupted_run_goes_on(void **state)
{
    char whole[65], resumed[65];
    (void)state;
    EXITS("sed 's/jobs: 1000,/jobs: 10000,/' $R/scenarios/small.yaml > stop.yaml; "
          "$S run stop.yaml -o whole.db -q --replications 40",
          0);
    db_digest(scratch_path("whole.db"), NULL, whole);
    stopped_between("run stop.yaml -q --replications 40 -j 1", "stop.db");
    EXITS("cp stop.db.partial other.db.partial", 0);
    says("$S run stop.yaml -o stop.db --replications 40", 0, NULL, "Going on after");
    db_digest(scratch_path("stop.db"), NULL, resumed);
    assert_string_equal(resumed, whole);
    EXITS("test ! -e stop.db.partial", 0);
    EXITS("$S run stop.yaml -o other.db --replications 40 --seed 9 2> other.txt; ! grep -q 'Going "
          "on' "
          "other.txt",
          0);
}

/* Two runs never write one file. */
static void one_writer_at_a_time(void **state)
{
    (void)state;
    EXITS("sed 's/jobs: 1000,/jobs: 300000,/' $R/scenarios/small.yaml > busy.yaml; rm -f busy.db*\n"
          "$S run busy.yaml -o busy.db -q --replications 50 & pid=$!\n"
          "n=0; while [ ! -s busy.db.partial ] && [ $n -lt 300 ]; do sleep 0.02; n=$((n+1)); done\n"
          "sleep 0.1; $S run busy.yaml -o busy.db -q 2> second.txt; second=$?\n"
          "kill -INT $pid; wait $pid; test $? = 3 && test $second = 2 && grep -q 'another run' "
          "second.txt && test -e busy.db.partial",
          0);
}

/* Completion, deadlines and CO2 are targets as waits are: by hand, three jobs on one GPU node. */
static void targets_of_all_kinds(void **state)
{
    (void)state;
    EXITS("printf 'job_id,submit_s,run_s,gpus,deadline_s\\na,0,3600,8,3600\\nb,0,3600,8,7000\\nc,0,"
          "3600,8,\\nd,7200,1800,8,99999\\n' > d.csv; cat > d.yaml <<E\n"
          "seatrial: 1\nworkload: {trace: d.csv}\nprices: {as_of: 2026-07-20, region: us-east-1}\n"
          "slo: {SLO}\n"
          "fleets: {f: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 1, "
          "busy_watts: 1 kW, idle_watts: 1 kW, pue: 1.0, grid_carbon: 1000}]}}\nE\n",
          0);
    /* a ends at 3600, b at 7200 (its deadline is 7000), c at 10800, d waits an hour. */
    EXITS("sed 's/SLO/deadlines: 66%/' d.yaml > e.yaml; $S run e.yaml -o e.db -q --slo > /dev/null",
          0);
    assert_float_equal(atof(sql_text(scratch_path("e.db"),
                                     "SELECT value FROM metric WHERE metric = 'deadlines_met'")),
                       2.0 / 3, 1e-12);
    EXITS("sed 's/SLO/deadlines: 67%/' d.yaml > e.yaml; $S run e.yaml -o e.db -q --slo > /dev/null",
          1);
    EXITS(
        "sed 's/SLO/p50_jct: 89 min/' d.yaml > e.yaml; $S run e.yaml -o e.db -q --slo > /dev/null",
        1);
    EXITS("sed 's/SLO/p50_jct: 90 min, p95_jct: 3 h/' d.yaml > e.yaml; $S run e.yaml -o e.db -q "
          "--slo > "
          "/dev/null",
          0);
    /* 1 kW of 1,000 g/kWh all the time: 730 kg a month. */
    EXITS("sed 's/SLO/co2: 731 kg per month/' d.yaml > e.yaml; $S run e.yaml -o e.db -q --slo > "
          "/dev/null",
          0);
    EXITS("sed 's/SLO/co2: 0.729 t per month/' d.yaml > e.yaml; $S run e.yaml -o e.db -q --slo > "
          "/dev/null",
          1);
    says("sed 's/SLO/co2: 3 t/' d.yaml > e.yaml; $S check e.yaml", 2, NULL,
         "kg per month, t per month");
}

static void nothing_half_written(void **state)
{
    (void)state;
    says("$S run $R/scenarios/small.yaml -o /nonexistent/x.db", 2, NULL, "/nonexistent/x.db");
    says("$S trace synth --like itp --jobs 1000 -o /nonexistent/x.csv", 2, NULL, "/nonexistent");
    says("$S trace synth --like itp --jobs 100000 -o - > /dev/full", 2, NULL, "o space left");
    says("$S run $R/scenarios/small.yaml -o f.db --json > /dev/full", 2, NULL,
         "cannot write the JSON summary");
    says("$S list orders > /dev/full", 2, NULL, "standard output");
    EXITS("ulimit -f 20; trap '' XFSZ; $S trace synth --like philly --jobs 100000 -o limited.csv; "
          "test $? = 2 && test ! -e limited.csv && test -z \"$(ls | grep limited)\"",
          0);
    /* A file of ours is replaced whole; a file of somebody else's is not touched. */
    EXITS("printf 'precious' > mine.db; $S run $R/scenarios/small.yaml -o mine.db -q; test $? = 2 "
          "&& test \"$(cat mine.db)\" = precious",
          0);
}

static void results_of_another_version(void **state)
{
    (void)state;
    EXITS("$S run $R/scenarios/small.yaml -o v.db -q", 0);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(scratch_path("v.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    says("$S report v.db -o v.html", 2, NULL, "99");
    says("echo text > t.db; $S report t.db -o t.html", 2, NULL, "t.db");
    says("$S report none.db -o n.html", 2, NULL, "none.db");
    EXITS("test ! -e v.html && test ! -e t.html && test ! -e n.html", 0);
}

/* ---- names that want to be code ---- */

static void hostile_names(void **state)
{
    char *out, *err;
    (void)state;
    EXITS("cat > evil.yaml <<'Y'\nseatrial: 1\nname: \"<script>alert(1)</script> `touch pwned` "
          "$(touch pwned) \\\" '\"\nworkload:\n  synth: {like: philly, jobs: 500, days: 3 days, "
          "load: 10 GPUs}\n"
          "prices: {as_of: 2026-07-20, region: us-east-1}\nfleets:\n  \"=cmd|' /C calc'!A0\": "
          "{pools: [{name: '`touch pwned`', instance: p4d.24xlarge, buy: on-demand, nodes: 2}]}\n"
          "  \"<img src=x onerror=alert(1)>' . system('touch pwned') . '\": {pools: [{name: "
          "'b\"b', instance: p4d.24xlarge, buy: on-demand, nodes: 3}]}\nY\n"
          "$S run evil.yaml -o evil.db --report evil.html",
          0);
    EXITS("test ! -e pwned", 0);
    size_t n;
    char *html = read_file(scratch_path("evil.html"), &n);
    assert_null(strstr(html, "<script>alert"));
    assert_null(strstr(html, "<img src=x"));
    assert_non_null(strstr(html, "&lt;img src=x"));
    free(html);
    assert_int_equal(sh("$S run evil.yaml -o evil2.db --format csv -q", &out, &err), 0);
    for (const char *line = out; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        assert_true(*line != '=' && strncmp(line, "\"=", 2) != 0);
    free(out);
    free(err);
    assert_int_equal(
        sh("printf 'seatrial: 1\\nname: \"a\\\\e[31mb\\\\nc\"\\n' > esc.yaml; $S check esc.yaml",
           &out, &err),
        2);
    assert_null(strchr(err, '\033'));
    free(out);
    free(err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_small_is_said_before_a_run),
        cmocka_unit_test(help_everywhere),
        cmocka_unit_test(bash_completes),
        cmocka_unit_test(other_shells_complete),
        cmocka_unit_test(the_manual_has_no_warnings),
        cmocka_unit_test(every_table_is_listed),
        cmocka_unit_test(a_run_from_scenario_to_report),
        cmocka_unit_test(the_summary_as_json),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(the_answer_as_an_exit_code),
        cmocka_unit_test(two_runs_job_by_job),
        cmocka_unit_test(ctrl_c_leaves_a_file_that_says_so),
        cmocka_unit_test(an_interrupted_run_goes_on),
        cmocka_unit_test(one_writer_at_a_time),
        cmocka_unit_test(targets_of_all_kinds),
        cmocka_unit_test(nothing_half_written),
        cmocka_unit_test(results_of_another_version),
        cmocka_unit_test(hostile_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
