/* SPDX-License-Identifier: Apache-2.0 */
/* The command as a person uses it: what it prints, where it stops, what it leaves behind. */
#include "tests/db_dump.h"
#include "tests/stopped.h"
#include "tests/support.h"

#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "$S" is the program, "$D" a scratch folder; "$R" the root of the sources. */
static int sh(const char *command, char **out, char **err)
{
    char line[6000], *program = realpath(seatrial_path(), NULL),
                     *root = realpath(root_path("."), NULL);
    assert_non_null(program);
    snprintf(line, sizeof line,
             "S='%s' D='%s' R='%s'; cd \"$D\"; export COLUMNS=100 LC_ALL=C.UTF-8\n%s\n", program,
             scratch_dir(), root, command);
    int status = run_command(line, out, err);
    free(program);
    free(root);
    return status;
}

#define EXITS(command, code)                                                                       \
    do {                                                                                           \
        char *exits_out, *exits_err;                                                               \
        int exits_got = sh(command, &exits_out, &exits_err);                                       \
        if (exits_got != (code))                                                                   \
            fail_msg("%s: exit %d, not %d\n%s%s", command, exits_got, code, exits_out, exits_err); \
        free(exits_out);                                                                           \
        free(exits_err);                                                                           \
    } while (0)

static void says(const char *command, int code, const char *in_out, const char *in_err)
{
    char *out, *err;
    int got = sh(command, &out, &err);
    if (got != code || (in_out && !strstr(out, in_out)) || (in_err && !strstr(err, in_err)))
        fail_msg("%s: exit %d (expected %d)\n--- stdout\n%s--- stderr\n%s--- expected\n%s%s",
                 command, got, code, out, err, in_out ? in_out : "", in_err ? in_err : "");
    free(out);
    free(err);
}

static json_t *json_of(const char *command)
{
    char *out, *err;
    json_error_t where;
    if (sh(command, &out, &err) != 0) fail_msg("%s: %s", command, err);
    json_t *value = json_loads(out, 0, &where);
    if (!value) fail_msg("%s: %s\n%s", command, where.text, out);
    free(out);
    free(err);
    return value;
}

static sqlite3_int64 sql(const char *path, const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, query, -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    sqlite3_int64 value = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    return value;
}

/* Opened for writing, as sqlite3 does, so that what a killed run left in its journal is undone. */
static const char *sql_text(const char *path, const char *query)
{
    static char text[400];
    sqlite3 *db;
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, query, -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(q, 0));
    sqlite3_finalize(q);
    sqlite3_close(db);
    return text;
}

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
             "$S help --completion bash > c.bash; mkdir -p 'c f'; cd 'c f'; touch 'a b.yaml' r.db; "
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
        "sed 's/jobs: 1000,/jobs: 3000000,/' $R/scenarios/small.yaml > long.yaml; grep -q 3000000 "
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

/* ---- traces ---- */

static void traces_in_and_out(void **state)
{
    (void)state;
    EXITS("$S trace synth --like philly --jobs 2000 --seed 5 -o a.csv && $S trace synth --like "
          "philly --jobs 2000 --seed 5 -o b.csv.gz && gzip -dc b.csv.gz | cmp - a.csv",
          0);
    EXITS("$S trace synth --like philly --jobs 2000 --seed 6 -o c.csv && ! cmp -s a.csv c.csv", 0);
    EXITS("$S trace synth --like a.csv --jobs 500 --days 3 -o like.csv && test $(grep -vc '^#' "
          "like.csv) = 501",
          0);
    json_t *s = json_of("$S trace stats a.csv --json");
    assert_int_equal(json_integer_value(json_object_get(s, "jobs")), 2000);
    assert_true(json_number_value(json_object_get(s, "gpu_hours")) > 0);
    assert_true(json_number_value(json_object_get(s, "span_s")) > 86400);
    json_t *packed = json_of("$S trace stats b.csv.gz --json");
    assert_true(json_equal(json_object_get(s, "gpu_hours"), json_object_get(packed, "gpu_hours")));
    json_decref(s);
    json_decref(packed);
    /* Second 0 becomes the first submission; from then on nothing changes. */
    EXITS("$S import --from csv - -o d.csv < a.csv && $S import --from csv d.csv -o d2.csv && cmp "
          "d.csv d2.csv && test $(wc -l < a.csv) = $(wc -l < d.csv)",
          0);
    EXITS("printf 'when,mins,n\\n0,10,2\\n5,1.5,1\\n' > theirs.csv; $S import --from csv "
          "theirs.csv --map when=submit_s --map mins=run_s --map n=gpus --unit min -o ours.csv && "
          "grep -q '^300,90,1' ours.csv && grep -q '^0,600,2' ours.csv",
          0);
    EXITS(
        "printf 'at,from,to,n\n2026-01-02 03:04:05,2026-01-02 03:05:05,2026-01-02 04:05:05,4\n' > "
        "clock.csv; $S import --from csv clock.csv --map at=submit_s --map from=start_s --map "
        "to=end_s --map n=gpus -o ours.csv && grep -q '^# t0_unix_s=1767323045' ours.csv && grep "
        "-q '^0,3600,4,60' ours.csv",
        0);
    says(
        "$S import --from csv clock.csv --map at=submit_s --map at=start_s --map from=start_s -o x",
        2, "", "two columns for start_s: at and from");
    says("$S import --from csv clock.csv --map at=submit_s --map n=gpus --map len=run_s -o x", 2,
         "", "columns are missing: 'len'");
    says("$S import --from csv clock.csv --map at=submt_s -o x", 2, "", "Did you mean 'submit_s'?");
    says("printf 'submit_s,run_s,gpus,min_gpus,max_gpus\\n0,1,2,3,4\\n0,1,2,1,1\\n' > sizes.csv; "
         "$S trace stats sizes.csv",
         2, "", "sizes.csv:2:7: error: 'min_gpus' is more than 'gpus'");
    says("$S trace stats sizes.csv", 2, "", "sizes.csv:3:9: error: 'max_gpus' is less than 'gpus'");
    EXITS("command -v zstd >/dev/null || exit 0; zstd -q a.csv -o a.csv.zst && $S trace stats "
          "a.csv.zst --json > z.json && $S trace stats a.csv --json | cmp - z.json",
          0);
}

static void what_stats_says(void **state)
{
    (void)state;
    /* Friday 2026-01-09 12:00 UTC; an escape sequence for a tenant. */
    EXITS("printf '# t0_unix_s=1767960000\\nsubmit_s,run_s,gpus,tenant,start_s,status\\n"
          "0,3600,8,research,60,completed\\n1800,7200,1,\\033[31mred,1800,failed\\n"
          "7200,0,0,,,completed\\n' > s.csv",
          0);
    static const char *const lines[] = {
        "  jobs        3, 1 of them without a GPU\n",
        "  GPU-hours   10.0\n",
        "  submitted   2026-01-09 12:00 to 2026-01-09 14:00 UTC, over 2.0 h\n",
        "  run times   p50 60.0 min, mean 60.0 min, p95 2.0 h, p99 2.0 h, longest 2.0 h\n",
        "  load        5.00 GPUs offered (GPU time / time of submissions)\n",
        "mean 4.00, p50 1.00, p95 9.00, peak 9.00 (2026-01-09 12:30)\n",
        "  arrivals    1.00 jobs an hour, most 2 (2026-01-09 12:00), none in 33% of the hours\n",
        "  waits       as recorded for 67% of the jobs: p50 0 s, mean 30.0 s, p95 60.0 s",
        "  outcome     67% completed, 33% failed\n",
        "  tenants     3, by GPU-hours: research 80%, \ufffd[31mred 20%, (none) 0%\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        says("$S trace stats s.csv", 0, lines[i], NULL);
    EXITS("! $S trace stats s.csv | grep -q 'limit\\|;$\\|[[:cntrl:]]'", 0);
    json_t *s = json_of("$S trace stats s.csv --json");
    assert_true(json_real_value(json_object_get(s, "gpu_hours")) == 10);
    assert_string_equal(json_string_value(json_object_get(s, "first_submit")),
                        "2026-01-09T12:00:00Z");
    assert_int_equal(json_integer_value(json_object_get(s, "wait_jobs")), 2);
    assert_true(json_real_value(json_object_get(s, "load_peak_at_s")) == 1800);
    json_decref(s);
    says("$S import --from csv s.csv -o - | sed 1d | $S trace stats -", 0,
         "the trace gives no date", NULL);
    /* 72602.894 GPU-hours are 261370420 GPU-seconds / 3600 to the last digit printed. */
    says(
        "{ echo submit_s,run_s,gpus; for i in 1 2 3 4 5 6 7; do echo $i,0.1,1; done; } > t.csv; $S "
        "trace stats t.csv --json",
        0, "\"gpu_hours\": 0.000194444444444444,", NULL);
}

static void pictures_of_traces(void **state)
{
    (void)state;
    says("$S trace stats s.csv --picture s.pdf", 2, NULL, ".png or a .svg, not 's.pdf'");
    says("mkdir -p empty; PATH=$D/empty $S trace stats s.csv --picture none.png", 2, NULL,
         "gnuplot not found in PATH: install it");
    says("mkdir -p fake; printf '#!/bin/sh\\nexit 3\\n' > fake/gnuplot; chmod +x fake/gnuplot; "
         "PATH=$D/fake:$PATH $S trace stats s.csv --picture none.png",
         2, NULL, "gnuplot gave no whole picture");
    EXITS("test -z \"$(ls | grep none)\"", 0);
    if (sh("command -v gnuplot", NULL, NULL) != 0) skip();
    EXITS("$S trace stats s.csv --picture s.png && test \"$(head -c 4 s.png | tail -c 3)\" = PNG",
          0);
    EXITS("$S trace stats s.csv --picture s.svg && tail -n 2 s.svg | grep -q '</svg>' && grep -q "
          "'s.csv keeps 4.00 GPUs busy' s.svg",
          0);
    EXITS(
        "cp s.csv '$(touch pwned)`touch pwned`<b>.csv'; $S trace stats *'<b>.csv' --picture h.svg "
        "&& $S trace stats *'<b>.csv' --picture h.png && test ! -e pwned && grep -q '&lt;b&gt;' "
        "h.svg",
        0);
    says("$S trace stats s.csv --picture /nonexistent/x.png", 2, NULL, "/nonexistent/x.png");
}

/* The example traces are what `make traces` makes. */
static void shipped_traces_are_made_here(void **state)
{
    (void)state;
    EXITS("$S trace synth --like itp --jobs 8000 --days 14 --load 120 --seed 1 -o itp.csv && gzip "
          "-dc $R/scenarios/examples/itp-like.csv.gz | cmp - itp.csv",
          0);
    EXITS("$S trace synth --like philly --jobs 8000 --days 14 --load 60 --seed 1 -o philly.csv && "
          "gzip -dc $R/scenarios/examples/philly-like.csv.gz | cmp - philly.csv",
          0);
}

/* Fifty lines of C do what the command does. */
static void the_library_example(void **state)
{
    (void)state;
    says("$(dirname $S)/examples/replay $R/scenarios/examples/itp-like.csv.gz 20", 0,
         "8000 jobs: mean wait", NULL);
}

static void damaged_traces(void **state)
{
    (void)state;
    EXITS("$S trace synth --like philly --jobs 20000 -o whole.csv.gz", 0);
    says("head -c 5000 whole.csv.gz > cut.csv.gz; $S trace stats cut.csv.gz", 2, NULL,
         "ends early");
    says("printf 'submit_s,run_s\\n0,1\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "no column 'gpus'");
    says("printf 'submit_s,run_s,gpu\\n0,1,1\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "did you mean 'gpus'?");
    says("printf 'submit_s,run_s,gpus\\n0,1e30,1\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "m.csv:2:3");
    says("printf 'submit_s,run_s,gpus\\n0,10,2147483648\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "m.csv:2:6");
    says("printf 'submit_s,run_s,gpus\\n0,-10,1\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "negative");
    says("printf 'submit_s,run_s,gpus\\n0,10,1,7\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "4 fields");
    says("printf 'submit_s,run_s,gpus\\n9,10,1\\n1,10,1\\n' > m.csv; $S trace stats m.csv", 0, NULL,
         "out of order");
    says(": > m.csv; $S trace stats m.csv", 2, NULL, "empty");
    says("head -c 2000000 /dev/zero | tr '\\0' x > m.csv; $S trace stats m.csv", 2, NULL, "1 MiB");
    says("head -c 300000 /dev/urandom > m.csv; $S trace stats m.csv", 2, NULL, "m.csv");
    EXITS("printf '\\357\\273\\277submit_s,run_s,gpus\\r\\n0,10,1\\r\\n' > m.csv; $S trace stats "
          "m.csv",
          0);
    /* A terminal escape in a file is shown, not obeyed. */
    char *out, *err;
    assert_int_equal(
        sh("printf 'submit_s,run_s,gpus\\n0,\\033[31mred,1\\n' > esc.csv; $S trace stats esc.csv",
           &out, &err),
        2);
    assert_null(strchr(err, '\033'));
    free(out);
    free(err);
}

/* ---- jobs that never fit, prices by date ---- */

static void rejected_jobs_are_reported(void **state)
{
    (void)state;
    says("printf 'submit_s,run_s,gpus\\n0,3600,8\\n10,3600,100000\\n20,60,1\\n' > big.csv\n"
         "cat > big.yaml <<Y\nseatrial: 1\nworkload: {trace: big.csv}\nprices: {as_of: 2026-07-20, "
         "region: us-east-1}\nfleets:\n  f: {pools: [{name: p, instance: p4d.24xlarge, buy: "
         "on-demand, nodes: 2}]}\nY\n"
         "$S run big.yaml -o big.db",
         0, NULL, "asks for more GPUs than any pool has");
    assert_int_equal(
        sql(scratch_path("big.db"), "SELECT count(*) FROM job WHERE reason IS NOT NULL"), 1);
    assert_int_equal(sql(scratch_path("big.db"), "SELECT count(*) FROM job WHERE reason IS NULL"),
                     2);
}

/* The books run to the last submission, though the first one comes long after second 0. */
static void a_slice_that_starts_late(void **state)
{
    (void)state;
    EXITS(
        "printf 'submit_s,run_s,gpus,tenant\\n0,100,1,a\\n360000,3600,8,b\\n720000,3600,8,b\\n' > "
        "late.csv\n"
        "cat > late.yaml <<Y\nseatrial: 1\nworkload: {trace: late.csv, tenants: b}\nprices: "
        "{as_of: 2026-07-20, region: us-east-1}\nfleets:\n  f: {pools: [{name: p, instance: "
        "p3.16xlarge, buy: on-demand, nodes: 1}]}\nY\n"
        "$S run late.yaml -o late.db -q",
        0);
    const char *db = scratch_path("late.db");
    assert_int_equal(sql(db, "SELECT books_s FROM run"), 720000);
    assert_int_equal(sql(db, "SELECT sum(usd_micro) FROM charge"), 200 * INT64_C(24480000));
    assert_int_equal(sql(db, "SELECT value FROM metric WHERE metric = 'busy_gpu_hours'"), 8);
}

static void a_seed_on_the_command_line_is_part_of_the_identity(void **state)
{
    (void)state;
    EXITS("$S run $R/scenarios/small.yaml -o s1.db -q && $S run $R/scenarios/small.yaml -o s7.db "
          "-q --seed 7 --replications 2",
          0);
    const char *db = scratch_path("s7.db");
    assert_int_equal(sql(db, "SELECT json_extract(scenario_json, '$.run.seed') FROM run"), 7);
    assert_int_equal(sql(db, "SELECT json_extract(scenario_json, '$.run.replications') FROM run"),
                     2);
    char first[80];
    snprintf(first, sizeof first, "%s",
             sql_text(scratch_path("s1.db"), "SELECT scenario_sha256 FROM run"));
    assert_string_not_equal(sql_text(db, "SELECT scenario_sha256 FROM run"), first);
}

/* Chance in how long people take is chance, too. */
static void people_who_provide_nodes(void **state)
{
    (void)state;
    EXITS(
        "printf 'job_id,submit_s,run_s,gpus\\n1,0,60,1\\n' > one.csv; printf '%s\\n' 'seatrial: 1' "
        "'workload: {trace: one.csv}' 'prices: {as_of: 2026-07-20, region: us-east-1}' 'run: "
        "{replications: 2}' 'fleets:' '  a:' '    autoscaler: as-needed' '    pools: [{name: p, "
        "instance: p3.16xlarge, buy: on-demand, nodes: 2, min_nodes: 1, provisioning: {how: "
        "by-hand, lead: 1 h, lead_sigma: 0.5, person_hours: 1, usd_per_hour: $90 per hour}}]' > "
        "people.yaml",
        0);
    says("$S check people.yaml 2>&1", 0,
         "    people, p, 1 hours a change, $90 per person-hour (from 2026-07-20)\n", NULL);
    EXITS("$S check people.yaml 2>&1 | grep random; test $? = 1", 0);
    says("sed 's/lead_sigma: 0.5, //' people.yaml > steady.yaml; $S check steady.yaml", 0, NULL,
         "all 2 replications are the same: nothing in this scenario is random");
}

static void prices_of_two_years(void **state)
{
    (void)state;
    EXITS("sed 's/p3.16xlarge/p4d.24xlarge/; s/as_of: 2026-07-20/as_of: 2020-12-01/' "
          "$R/scenarios/small.yaml > old.yaml; sed 's/p3.16xlarge/p4d.24xlarge/' "
          "$R/scenarios/small.yaml > new.yaml; "
          "$S run old.yaml -o old.db -q && $S run new.yaml -o new.db -q",
          0);
    const char *cost = "SELECT cast(total(usd_micro) AS INTEGER) FROM charge";
    sqlite3_int64 old = sql(scratch_path("old.db"), cost), now = sql(scratch_path("new.db"), cost);
    assert_true(
        old > now + now / 5); /* p4d was 32.77 dollars an hour in 2020, and 21.96 after June 2025 */
    says("$S report old.db -o old.html && grep -o '2020-1[0-9]-[0-9]*' old.html | sort -u", 0,
         "2020-1", NULL);
}

/* 12 h of 10 p4d at $21.957642, of which 6 reserved at $12.50 and 2 in a plan of $30 at $15; a
 * second plan for p5, whose two take 2 x 33 of its $80 an hour. */
/* Dollars and GPU time by hour, by pool, by jobs and idle. */
static void hours_are_the_bill(const char *db)
{
    assert_true(sql(db, "SELECT count(*) FROM hour_charge") > 0);
    assert_int_equal(
        sql(db, "SELECT count(*) FROM (SELECT pool_id FROM hour_charge GROUP BY fleet_id, pool_id, "
                "kind HAVING sum(jobs_usd_micro) <> (SELECT usd_micro FROM charge c WHERE "
                "c.fleet_id = hour_charge.fleet_id AND c.pool_id = hour_charge.pool_id AND "
                "replication = 0 AND c.kind = hour_charge.kind AND use = 'jobs') OR "
                "sum(idle_usd_micro) <> (SELECT usd_micro FROM charge c WHERE c.fleet_id = "
                "hour_charge.fleet_id AND c.pool_id = hour_charge.pool_id AND replication = 0 AND "
                "c.kind = hour_charge.kind AND use = 'idle'))"),
        0);
    assert_int_equal(sql(db, "SELECT sum(jobs_usd_micro + idle_usd_micro) FROM hour_charge"),
                     sql(db,
                         "SELECT round(sum(value) * 1e6) FROM metric WHERE metric = 'cost_usd' AND "
                         "replication = 0"));
    assert_int_equal(
        sql(db, "SELECT count(*) FROM (SELECT sum(held_gpu_us) / 3.6e9 AS held, sum(bought_gpu_us) "
                "/ 3.6e9 AS bought, fleet_id FROM hour GROUP BY fleet_id) h WHERE abs(held - "
                "(SELECT value FROM metric m WHERE m.fleet_id = h.fleet_id AND replication = 0 AND "
                "metric = 'busy_gpu_hours')) > 1e-6 OR abs(bought - (SELECT value FROM metric m "
                "WHERE m.fleet_id = h.fleet_id AND replication = 0 AND metric = "
                "'bought_gpu_hours')) > 1e-6"),
        0);
    /* Each job's cost is rounded down: together they are the jobs' part, less a micro-dollar each.
     */
    assert_true(llabs(sql(db, "SELECT (SELECT sum(usd_micro) FROM charge WHERE use = 'jobs' AND "
                              "replication = 0) - (SELECT sum(usd_micro) FROM job)")) <=
                3 * sql(db, "SELECT count(*) FROM job"));
}

static double money(json_t *fleet, const char *layer, const char *unit)
{
    return json_number_value(
        json_object_get(json_object_get(json_object_get(fleet, "money"), layer), unit));
}

/* From bought to useful: what the summary says is what the tables hold. */
static void where_the_money_went(void **state)
{
    const char *db = scratch_path("went.db");
    (void)state;
    EXITS("sed -e 's/scheduler: easy/scheduler: {order: las-2d, restart_cost: 5 min, checkpoint: 1 "
          "h, checkpoint_cost: 30 s}/' -e '/placement/d' -e 's/replications: 3/replications: 1/' "
          "$R/scenarios/small.yaml > went.yaml; $S run went.yaml -o went.db -q",
          0);
    json_t *all = json_of("$S report went.db --json"),
           *fleet = json_array_get(json_object_get(all, "fleets"), 1);
    double lost =
        money(fleet, "lost_to_preemptions", "gpu_hours") + money(fleet, "checkpoints", "gpu_hours");
    assert_true(lost > 1);
    assert_true(fabs(money(fleet, "held", "gpu_hours") - lost -
                     money(fleet, "useful", "gpu_hours")) < 1e-6);
    assert_true(fabs(money(fleet, "bought", "usd") - money(fleet, "idle", "usd") -
                     money(fleet, "held", "usd")) < 1e-6);
    assert_int_equal(llround(money(fleet, "bought", "usd") * 1e6),
                     sql(db, "SELECT sum(usd_micro) FROM charge WHERE fleet_id = 1"));
    /* Inside the window; the metric goes on to the last end. */
    assert_true(lost * 1e3 <= (double)sql(db, "SELECT 1e3 * value FROM metric WHERE fleet_id = 1 "
                                              "AND metric = 'gpu_hours_lost'") +
                                  2);
    json_decref(all);
    says("$S report went.db --format money", 0, "Lost to preemptions", NULL);
    EXITS("$S report went.db -o went.html --no-png && grep -q 'From bought to useful' went.html",
          0);
    /* So it is of a file from before nodes were reclaimed. */
    EXITS("cp went.db unspot.db; sqlite3 unspot.db 'ALTER TABLE hour DROP COLUMN "
          "lost_reclaimed_gpu_us' && $S report unspot.db --format money > unspot.txt && $S report "
          "went.db --format money > went.txt && cmp unspot.txt went.txt",
          0);
}

static void co2_of_what_is_known(void **state)
{
    const char *db = scratch_path("co2.db");
    (void)state;
    EXITS(
        "sed -e 's/nodes: 6}/nodes: 6, busy_watts: 6 kW, idle_watts: 2 kW, pue: 1.2, grid_carbon: "
        "400}/;s/replications: 3/replications: 1/' $R/scenarios/small.yaml > co2.yaml; $S run "
        "co2.yaml -o co2.db -q",
        0);
    assert_int_equal(
        sql(db, "SELECT count(*) FROM metric a JOIN metric b USING (fleet_id) WHERE a.metric = "
                "'energy_kwh' AND b.metric = 'co2_kg' AND abs(b.value - 0.4 * a.value) < 0.001 AND "
                "b.value > 100"),
        2);
    /* 6 nodes for a week: 2 kW, and 4 more with all GPUs held. */
    assert_int_equal(
        sql(db,
            "SELECT count(*) FROM metric e JOIN metric u USING (fleet_id) WHERE e.metric = "
            "'energy_kwh' AND u.metric = 'utilization' AND abs(e.value - 1.2 * 6 * 168 * (2 + 4 "
            "* u.value)) < 0.01"),
        2);
    says("$S report co2.db --format money", 0, "CO2 of it", NULL);
    EXITS("$S report co2.db -o co2.html --no-png && grep -q 'Energy and CO' co2.html", 0);
    EXITS("$S run $R/scenarios/small.yaml -o plain.db -q", 0);
    assert_int_equal(sql(scratch_path("plain.db"),
                         "SELECT count(*) FROM metric WHERE metric = 'co2_kg' OR (metric = "
                         "'energy_kwh' AND value > 0)"),
                     0);
    says(
        "sed 's/nodes: 6}/nodes: 6, grid_carbon: 400}/' $R/scenarios/small.yaml > x.yaml; $S check "
        "x.yaml",
        2, NULL, "'idle_watts' is missing in pool 'main': energy of nodes needs it");
}

static void hours_by_pool(void **state)
{
    (void)state;
    EXITS("$S run $R/scenarios/small.yaml -o hours.db -q", 0);
    hours_are_the_bill(scratch_path("hours.db"));
    EXITS("sed 's/replications: 3/keep_hours: no/' $R/scenarios/small.yaml > nohours.yaml; "
          "$S run nohours.yaml -o nohours.db -q",
          0);
    assert_int_equal(sql(scratch_path("nohours.db"), "SELECT count(*) FROM hour"), 0);
    assert_int_equal(sql(scratch_path("nohours.db"), "SELECT count(*) FROM hour_charge"), 0);
}

static void commitments_are_billed(void **state)
{
    const char *db = scratch_path("committed.db");
    (void)state;
    EXITS("printf '%s\\n' instance,region,market,valid_from,usd_per_hour,source "
          "p4d.24xlarge,us-east-1,reserved,2026-07-01,12.50,test "
          "p4d.24xlarge,us-east-1,compute-savings-plan,2026-07-01,15,test "
          "p5.48xlarge,us-east-1,compute-savings-plan,2026-07-01,37,test "
          "p5.48xlarge,us-east-1,ec2-instance-savings-plan,2026-07-01,33,test > plans.csv; "
          "printf '%s\\n' 'seatrial: 1' 'workload: {synth: {like: itp, jobs: 50, days: 12 h}}' "
          "'prices: {as_of: 2026-07-20, region: us-east-1, book: plans.csv}' "
          "'run: {replications: 1}' 'fleets:' '  a:' '    pools:' "
          "'      - {name: p4, instance: p4d.24xlarge, buy: on-demand, nodes: 10}' "
          "'      - {name: p5, instance: p5.48xlarge, buy: on-demand, nodes: 2}' "
          "'    commitments:' "
          "'      - {kind: reserved, instance: p4d.24xlarge, count: 6}' "
          "'      - {kind: ec2-instance-savings-plan, instance: p5.48xlarge, usd_per_hour: $80 per "
          "hour}' "
          "'      - {kind: compute-savings-plan, usd_per_hour: $30 per hour}' > committed.yaml; "
          "$S run committed.yaml -o committed.db -q && $S report committed.db -o committed.html",
          0);
    const struct {
        const char *where;
        sqlite3_int64 usd_micro;
    } lines[] = {
        { "kind = 'reserved' AND pool_id = 0", 6 * 12500000LL * 12 },
        { "kind = 'savings plan' AND pool_id = 0", 30 * 1000000LL * 12 },
        { "kind = 'on-demand' AND pool_id = 0", 2 * 21957642LL * 12 },
        { "kind = 'savings plan' AND pool_id = 1", 66 * 1000000LL * 12 },
        { "kind = 'unused commitment' AND pool_id = 1 AND use = 'idle'", 14 * 1000000LL * 12 },
        { "kind = 'on-demand' AND pool_id = 1", 0 },
        { "1", (6 * 12500000LL + 110 * 1000000LL + 2 * 21957642LL) * 12 },
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char query[200];
        snprintf(query, sizeof query, "SELECT coalesce(sum(usd_micro), 0) FROM charge WHERE %s",
                 lines[i].where);
        if (sql(db, query) != lines[i].usd_micro)
            fail_msg("%s: %lld", query, (long long)sql(db, query));
    }
    assert_int_equal(sql(db, "SELECT round(value * 1e6) FROM metric WHERE metric = 'cost_usd'"),
                     lines[6].usd_micro);
    assert_int_equal(sql(db, "SELECT count(*) FROM commitment"), 3);
    hours_are_the_bill(db);
    /* An hour of 10 and 2 nodes, with a plan of $80. */
    assert_int_equal(sql(db, "SELECT sum(node_us) FROM hour_charge WHERE pool_id = 0 AND hour = 3"),
                     10 * 3600000000LL);
    assert_int_equal(sql(db, "SELECT sum(jobs_usd_micro + idle_usd_micro) FROM hour_charge WHERE "
                             "hour = 3 AND commitment_id = 1"),
                     80 * 1000000LL);
    says("grep -o '6 x p4d.24xlarge, reserved</td><td>$75.* an hour' committed.html", 0, "$75",
         NULL);
    /* Files of before there were any are read as ever. */
    EXITS("cp committed.db before.db && sqlite3 before.db 'DROP TABLE commitment' && $S report "
          "before.db -o before.html",
          0);
    says("$S check committed.yaml", 0,
         "    6 x p4d.24xlarge reserved, $75 per hour (reserved, from "
         "2026-07-01)\n",
         NULL);
}

/* Two pools of three nodes for 12 h, in zones a and b: what is reserved in a zone is of its pool,
 * what is reserved in the region of the first; a capacity reservation in a zone that one pool
 * has not filled is unused there. */
static void zonal_commitments(void **state)
{
    const char *db = scratch_path("zonal.db");
    (void)state;
    EXITS("printf '%s\n' instance,region,market,valid_from,usd_per_hour,source "
          "p4d.24xlarge,us-east-1,reserved,2026-07-01,12.50,test > zonal.csv; "
          "printf '%s\n' 'seatrial: 1' 'workload: {synth: {like: itp, jobs: 50, days: 12 h}}' "
          "'prices: {as_of: 2026-07-20, region: us-east-1, book: zonal.csv}' "
          "'run: {replications: 1}' 'fleets:' > zonal.yaml; "
          "for c in 'zonal reserved us-east-1b' 'regional reserved' "
          "'held capacity-reservation us-east-1b'; do set -- $c; printf '%s\n' \"  $1:\" "
          "'    pools:' "
          "'      - {name: a, instance: p4d.24xlarge, zone: us-east-1a, buy: on-demand, nodes: 3}' "
          "'      - {name: b, instance: p4d.24xlarge, zone: us-east-1b, buy: on-demand, nodes: 3}' "
          "'    commitments:' "
          "\"      - {kind: $2, instance: p4d.24xlarge, count: 4${3:+, zone: $3}}\" >> zonal.yaml; "
          "done; $S run zonal.yaml -o zonal.db -q",
          0);
    const struct {
        const char *where;
        sqlite3_int64 usd_micro;
    } lines[] = {
        { "name = 'zonal' AND kind = 'reserved' AND pool_id = 0", 0 },
        { "name = 'zonal' AND kind = 'reserved' AND pool_id = 1", 3 * 12500000LL * 12 },
        { "name = 'zonal' AND kind = 'unused commitment' AND pool_id = 1", 12500000LL * 12 },
        { "name = 'zonal' AND kind = 'on-demand' AND pool_id = 0", 3 * 21957642LL * 12 },
        { "name = 'regional' AND kind = 'reserved' AND pool_id = 0", 3 * 12500000LL * 12 },
        { "name = 'regional' AND kind = 'reserved' AND pool_id = 1", 12500000LL * 12 },
        { "name = 'regional' AND kind = 'unused commitment'", 0 },
        { "name = 'held' AND kind = 'on-demand'", 6 * 21957642LL * 12 },
        { "name = 'held' AND kind = 'unused commitment' AND pool_id = 1", 21957642LL * 12 },
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char query[200];
        snprintf(query, sizeof query,
                 "SELECT coalesce(sum(usd_micro), 0) FROM charge JOIN fleet USING (fleet_id) WHERE "
                 "%s",
                 lines[i].where);
        if (sql(db, query) != lines[i].usd_micro)
            fail_msg("%s: %lld", query, (long long)sql(db, query));
    }
    hours_are_the_bill(db);
    says("$S check zonal.yaml", 0, "    4 x p4d.24xlarge reserved in us-east-1b, $50 per hour",
         NULL);
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
        cmocka_unit_test(traces_in_and_out),
        cmocka_unit_test(what_stats_says),
        cmocka_unit_test(pictures_of_traces),
        cmocka_unit_test(shipped_traces_are_made_here),
        cmocka_unit_test(the_library_example),
        cmocka_unit_test(damaged_traces),
        cmocka_unit_test(rejected_jobs_are_reported),
        cmocka_unit_test(a_slice_that_starts_late),
        cmocka_unit_test(a_seed_on_the_command_line_is_part_of_the_identity),
        cmocka_unit_test(people_who_provide_nodes),
        cmocka_unit_test(prices_of_two_years),
        cmocka_unit_test(co2_of_what_is_known),
        cmocka_unit_test(hours_by_pool),
        cmocka_unit_test(where_the_money_went),
        cmocka_unit_test(commitments_are_billed),
        cmocka_unit_test(zonal_commitments),
        cmocka_unit_test(hostile_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
