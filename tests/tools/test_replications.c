/* SPDX-License-Identifier: Apache-2.0 */
/* How many replications a run makes: as many as its intervals need, on any number of threads and
 * after any interruption. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/interval.h"
#include "tests/db_dump.h"
#include "tests/stopped.h"
#include "tests/support.h"

/* "$S" is the program; in the scratch folder. */
static char *sh(const char *command)
{
    char line[6000], *out, *err, *program = realpath(seatrial_path(), NULL),
                                 *root = realpath(root_path("."), NULL);
    assert_non_null(program);
    snprintf(line, sizeof line, "S='%s'; R='%s'; cd '%s'; export COLUMNS=100 LC_ALL=C.UTF-8\n%s\n",
             program, root, scratch_dir(), command);
    int status = run_command(line, &out, &err);
    if (status != 0) fail_msg("%s: exit %d\n%s%s", command, status, out, err);
    free(program);
    free(root);
    free(err);
    return out;
}

static void run(const char *command) { free(sh(command)); }

static void holds(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("'%s' is not in\n%s", part, text);
}

static int number(const char *command)
{
    char *out = sh(command);
    int n = atoi(out);
    free(out);
    return n;
}

static const char scenario[] =
    "cat > p.yaml <<E\n"
    "seatrial: 1\n"
    "workload: {synth: {like: itp, jobs: 500, days: 7 days, load: 60 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "fleets:\n"
    "  small: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 12}]}\n"
    "  large: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 14}]}\n"
    "run: {precision: {cost: 1%, mean_wait: 45%, least: 4, most: 90, batch: 3}}\n"
    "E\n";

/* The widest interval of the fleets' mean waits over the first n replications, as a share. */
static double widest(const char *db, int n)
{
    double share = 0;
    for (int f = 0; f < 2; f++) {
        char command[300], *out, *at;
        double values[100];
        snprintf(command, sizeof command,
                 "sqlite3 %s \"SELECT value FROM metric WHERE metric = 'mean_wait_s' AND fleet_id "
                 "= %d AND replication < %d ORDER BY replication\"",
                 db, f, n);
        out = at = sh(command);
        for (int i = 0; i < n; i++) values[i] = strtod(at, &at);
        struct mean_interval of = interval_of_mean(values, (size_t)n);
        share = fmax(share, of.half / of.mean);
        free(out);
    }
    return share;
}

/* It ends at the first look at which they are narrow, and looks every batch. */
static void as_many_as_it_takes(void **state)
{
    char one[65], other[65];
    (void)state;
    run(scenario);
    char *out = sh("$S run p.yaml -o one.db -j 1 2> /dev/null");
    int n = number("sqlite3 one.db 'SELECT replications FROM run'");
    assert_true(n > 4 && n < 90 && (n - 4) % 3 == 0);
    assert_int_equal(number("sqlite3 one.db 'SELECT done FROM run'"), n);
    assert_int_equal(number("sqlite3 one.db 'SELECT count(DISTINCT replication) FROM metric'"), n);
    for (int before = 4; before < n; before += 3) assert_true(widest("one.db", before) > 0.45);
    assert_true(widest("one.db", n) <= 0.45);
    holds(out, "replications were enough for the precision asked for: cost of ");
    holds(out, "(wanted 45%)");
    free(out);
    db_digest(scratch_path("one.db"), NULL, one);
    run("$S run p.yaml -o three.db -j 3 -q > /dev/null");
    db_digest(scratch_path("three.db"), NULL, other);
    assert_string_equal(other, one);
}

/* Stopped anywhere, it goes on to the same bytes. */
static void stopped_and_gone_on_with(void **state)
{
    char one[65], other[65];
    (void)state;
    run(scenario);
    run("sed -i 's/jobs: 500/jobs: 8000/; s/45%/30%/' p.yaml; $S run p.yaml -o one.db -q > "
        "/dev/null");
    db_digest(scratch_path("one.db"), NULL, one);
    stopped_between("run p.yaml -q -j 1", "stop.db");
    char *out = sh("$S run p.yaml -o stop.db 2>&1");
    holds(out, "Going on after");
    holds(out, "of at most 90 replications");
    free(out);
    db_digest(scratch_path("stop.db"), NULL, other);
    assert_string_equal(other, one);
}

/* Not enough is said, and is no failure; --replications stands above it. */
static void the_most_and_no_more(void **state)
{
    (void)state;
    run(scenario);
    run("sed -i 's/45%/0.5%/; s/most: 90/most: 8/' p.yaml");
    char *out = sh("$S run p.yaml -o one.db -q");
    holds(out, "8 replications, the most allowed, were not enough for the precision asked for");
    holds(out, "(wanted 0.5%, not reached)");
    free(out);
    out = sh("$S run p.yaml -o one.db -q --json");
    holds(out, "\"most\": 8");
    free(out);
    run("$S report one.db -o one.html > /dev/null && grep -q 'were not enough for the precision' "
        "one.html");
    out = sh("$S run p.yaml -o two.db -q --replications 5");
    holds(out, "n = 5 replications");
    assert_null(strstr(out, "precision"));
    free(out);
    out = sh("$S check p.yaml");
    holds(out, "2 fleets x 4 to 8 replications, seed 1");
    free(out);
}

static const char redrawn[] =
    "cat > u.yaml <<E\n"
    "seatrial: 1\n"
    "workload: {trace: $R/scenarios/examples/itp-like.csv.gz, bootstrap: day}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "uncertain: {run_times: 30%, all_run_times: 10%, growth: 20%, prices: 5%, spot_prices: 30%}\n"
    "fleets:\n"
    "  base: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 30}]}\n"
    "  spot:\n"
    "    pools:\n"
    "    - {name: p, instance: p4d.24xlarge, buy: spot, spot_price: \\$10 per hour, nodes: 30,\n"
    "       supply: {up: 2 days, down: 2 h}}\n"
    "  owned: {pools: [{name: o, instance: dgx-a100, buy: owned, nodes: 30, capex: \\$200k,\n"
    "     life: 4 years, power: \\$0.1 per kWh, idle_watts: 2 kW}]}\n"
    "run: {replications: 60, keep_jobs: no, antithetic: yes}\n"
    "E\n";

/* Of the means of pairs: the mean, and its standard error. */
static double mean_of(const char *db, const char *metric, int fleet, double *error)
{
    char command[600];
    snprintf(command, sizeof command,
             "sqlite3 %s \"WITH p AS (SELECT avg(value) v FROM metric WHERE metric = '%s' AND "
             "fleet_id = %d GROUP BY replication / 2) SELECT avg(v), sqrt((avg(v * v) - avg(v) * "
             "avg(v)) / (count(*) - 1)) FROM p\" | tr '|' ' '",
             db, metric, fleet);
    char *out = sh(command), *end;
    double mean = strtod(out, &end);
    *error = strtod(end, NULL);
    free(out);
    return mean;
}

/* What is drawn has the mean it is said to have; fleets see the same draws; owned nodes have no
 * price that is drawn; and none of it depends on threads. */
static void what_is_redrawn(void **state)
{
    char one[65], other[65];
    double error, jobs, cost;
    (void)state;
    run(redrawn);
    run("$S run u.yaml -o u.db -j 1 -q > /dev/null; $S run u.yaml -o v.db -j 3 -q > /dev/null");
    db_digest(scratch_path("u.db"), NULL, one);
    db_digest(scratch_path("v.db"), NULL, other);
    assert_string_equal(other, one);
    jobs = mean_of("u.db", "jobs_finished", 0, &error); /* the trace has 8,000 in 14 days */
    assert_true(fabs(jobs - 8000) < 4 * error && error < 150);
    cost = mean_of("u.db", "cost_usd_per_month", 0, &error);
    assert_true(fabs(cost - 30 * 730 * 21.957642) < 4 * error && error > 0);
    cost = mean_of("u.db", "cost_usd_per_month", 1, &error);
    assert_true(fabs(cost - 30 * 730 * 10 * (48.0 / 50)) < 4 * error + 2500 && error > 0);
    assert_int_equal(number("sqlite3 u.db \"SELECT count(*) FROM (SELECT replication FROM metric "
                            "WHERE metric = 'jobs_finished' GROUP BY replication HAVING "
                            "count(DISTINCT value) > 1)\""),
                     0);
    assert_int_equal(number("sqlite3 u.db \"SELECT count(DISTINCT value) FROM metric WHERE metric "
                            "= 'jobs_finished'\""),
                     60);
    assert_int_equal(number("sqlite3 u.db \"SELECT count(DISTINCT usd) FROM (SELECT "
                            "sum(usd_micro) AS usd FROM charge WHERE fleet_id = 2 AND kind = "
                            "'amortisation' GROUP BY replication)\""),
                     1);
    char *out = sh("$S check u.yaml");
    holds(out, "drawn anew   days of the trace, the number of jobs ±20%, each run time ±30%");
    holds(out, "60 replications in antithetic pairs");
    free(out);
}

/* The GPU-hours that days ask for have a known mean, that of the trace: with them as a control the
 * busy GPU-hours are known ten times as well, the waits a little better. */
static void a_control(void **state)
{
    static const char width[] = "sqlite3 :memory: \"SELECT (c ->> '$.ci95[1]' - (c ->> "
                                "'$.ci95[0]')) / (m ->> '$.ci95[1]' - "
                                "(m ->> '$.ci95[0]')) FROM (SELECT f -> ('$.controlled.' || k) c, "
                                "f -> ('$.metrics.' || k) m "
                                "FROM (SELECT readfile('c.json') -> '$.fleets[0]' f, '%s' k))\"";
    char command[600], *out;
    (void)state;
    run(redrawn);
    run("sed 's/, antithetic: yes//; /uncertain/d' u.yaml > c.yaml; $S run c.yaml -o c.db -q "
        "--json > "
        "c.json");
    out = sh("sqlite3 c.db 'SELECT round(min(known)), round(max(known)), count(*) FROM control'");
    assert_string_equal(out, "40320.0|40320.0|60\n");
    free(out);
    snprintf(command, sizeof command, width, "busy_gpu_hours");
    out = sh(command);
    assert_true(strtod(out, NULL) > 0.001 && strtod(out, NULL) < 0.2);
    free(out);
    snprintf(command, sizeof command, width, "p95_wait_s");
    out = sh(command);
    assert_true(strtod(out, NULL) > 0.1 && strtod(out, NULL) < 0.95);
    free(out);
    run("$S report c.db -o c.html > /dev/null && grep -q 'The mean of the work is known' c.html && "
        "grep -q 'median, 95% interval' c.html");
    run("$S run p.yaml -o p.db -q --replications 3 --json > p.json; ! grep -q controlled p.json");
}

/* Growth moves pairs against each other: their jobs vary less than those of two replications. The
 * report's interval is that of the pairs. */
static void antithetic_pairs(void **state)
{
    double mean, pairs, singles;
    (void)state;
    run(redrawn);
    run("$S run u.yaml -o pairs.db -q --json > pairs.json; sed 's/, antithetic: yes//' u.yaml > "
        "s.yaml; $S run s.yaml -o singles.db -q > /dev/null");
    mean = mean_of("pairs.db", "jobs_finished", 0, &pairs);
    mean_of("singles.db", "jobs_finished", 0, &singles);
    assert_true(pairs < singles / 2);
    char *half =
             sh("sqlite3 :memory: \"SELECT (m ->> '$.ci95[1]' - (m ->> '$.ci95[0]')) / 2, m ->> "
                "'$.n' FROM (SELECT readfile('pairs.json') -> "
                "'$.fleets[0].metrics.jobs_finished' AS m)\" | tr '|' ' '"),
         *end;
    assert_true(fabs(strtod(half, &end) / (2.045230 * pairs) - 1) < 1e-5); /* t(0.975; 29) */
    assert_int_equal(atoi(end), 30);
    assert_true(mean > 0);
    free(half);
    char *out = sh("$S run u.yaml -o odd.db -q --replications 7 2>&1; test $? = 2");
    holds(out, "replications must be an even number");
    free(out);
}

/* The waits of a run without its first two days are those of the jobs after them; money is of all
 * of them. Of an overloaded queue MSER-5 finds no end, and says so. */
static void a_warm_up(void **state)
{
    char *out;
    (void)state;
    run(scenario);
    run("sed 's/precision.*/replications: 2, warm_up: 2 days}/' p.yaml > w.yaml; $S run w.yaml -o "
        "w.db "
        "-q > w.txt; sed 's/, warm_up: 2 days//' w.yaml > n.yaml; $S run n.yaml -o n.db -q > "
        "n.txt");
    out = sh(
        "sqlite3 w.db \"SELECT abs(avg(j.wait_s) - m.value) < 1e-6 * m.value, count(*) + w.jobs = "
        "500, w.until_s, min(j.submit_s) >= 172800 FROM job j, metric m, warm_up w WHERE "
        "j.fleet_id = 0 AND submit_s >= 172800 AND m.fleet_id = 0 AND m.replication = 0 AND "
        "m.metric = 'mean_wait_s' AND w.fleet_id = 0 AND w.replication = 0\"");
    assert_string_equal(out, "1|1|172800.0|1\n");
    free(out);
    out = sh(
        "sqlite3 n.db \"ATTACH 'w.db' AS w; SELECT metric, count(*) FROM metric a JOIN w.metric b "
        "USING (fleet_id, replication, metric) WHERE a.value <> b.value AND metric NOT LIKE "
        "'%_wait_s' GROUP BY metric\"");
    assert_string_equal(out, "");
    free(out);
    out = sh("cat w.txt n.txt");
    holds(out, "Waits leave out the first jobs of each run, ");
    free(out);
    out =
        sh("sed 's/2 days/mser5/; s/nodes: 1[24]/nodes: 5/' w.yaml > o.yaml; $S run o.yaml -o o.db "
           "-q --format md");
    holds(out, "no end of the warm-up was found, and none is left out");
    free(out);
}

/* Long gangs whose nodes fail all the time, without checkpoints: it is said before the table, no
 * figure that varies has an interval, no target is called met or missed. With checkpoints all is as
 * usual. */
static void jobs_that_never_end(void **state)
{
    char *out;
    (void)state;
    run("cat > t.yaml <<E\n"
        "seatrial: 1\n"
        "workload: {synth: {like: itp, jobs: 1000, days: 14 days, load: 30 GPUs}}\n"
        "prices: {as_of: 2026-07-20, region: us-east-1}\n"
        "slo: {p95_wait: 100 d}\n"
        "fleets:\n"
        "  again: {scheduler: {order: fifo, checkpoint: never}, pools: &p [{name: p, instance: "
        "p4d.24xlarge, buy: on-demand, nodes: 30, mtbf: 10 h, repair: 1 min}]}\n"
        "  saved: {scheduler: {order: fifo, checkpoint: 1 h}, pools: [{name: p, instance: "
        "p4d.24xlarge, buy: on-demand, nodes: 30, mtbf: 10 h, repair: 1 min}]}\n"
        "run: {replications: 4, keep_jobs: no}\n"
        "E\n"
        "sed -i 's/&p //' t.yaml; $S run t.yaml -o t.db -q --json > t.json");
    out = sh("sqlite3 t.db 'SELECT fleet_id, moment IN (\"variance\", \"mean\") FROM tail'");
    assert_string_equal(out, "0|1\n");
    free(out);
    out = sh("sqlite3 :memory: \"SELECT f ->> '$[0].metrics.p95_wait_s.ci95', f ->> "
             "'$[0].targets', f ->> "
             "'$[1].metrics.p95_wait_s.ci95' IS NOT NULL FROM (SELECT readfile('t.json') -> "
             "'$.fleets' f)\"");
    assert_string_equal(out, "|unclear|1\n");
    free(out);
    out = sh("$S check t.yaml");
    holds(out, "  again: jobs of ");
    holds(out, "of their time to finish is infinite, and no figure has an interval");
    if (strstr(out, "  saved: jobs of ")) fail_msg("%s", out);
    free(out);
    out = sh("$S report t.db -o t.html > /dev/null; $S run t.yaml -o t.db -q");
    holds(out, "of their time to finish is infinite, and no figure has an interval");
    free(out);
    run("grep -q 'no figure has an interval' t.html");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_it_takes),  cmocka_unit_test(stopped_and_gone_on_with),
        cmocka_unit_test(the_most_and_no_more), cmocka_unit_test(what_is_redrawn),
        cmocka_unit_test(antithetic_pairs),     cmocka_unit_test(a_control),
        cmocka_unit_test(jobs_that_never_end),  cmocka_unit_test(a_warm_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
