/* SPDX-License-Identifier: Apache-2.0 */
/* The results file of a Monte Carlo study: what is written is read, what is wrong is refused, and
 * the decision is the one that the figures say. */
#include "reports/montecarlo_data.h"

#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/montecarlo_fixture.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

static void expect_answer(const struct montecarlo_fixture *f, const char *expected)
{
    struct montecarlo_data d;
    montecarlo_fixture_read(f, &d);
    char *answer = montecarlo_answer(&d);
    assert_non_null(answer);
    assert_string_equal(answer, expected);
    free(answer);
    montecarlo_data_free(&d);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    struct montecarlo_data d;
    montecarlo_fixture_default(&f);
    montecarlo_fixture_read(&f, &d);
    assert_string_equal(d.scenario_name, "H100 research");
    assert_string_equal(d.seed, "7");
    assert_string_equal(d.first_month, "2026-03");
    assert_string_equal(d.engine, "cpu avx512");
    assert_int_equal(d.replications, 4096);
    assert_int_equal(d.plan_n, 4);
    assert_int_equal(d.baseline, 3);
    assert_int_equal(d.event_n, 2);
    assert_int_equal(d.target_n, 2);
    assert_string_equal(d.events[0].name, MONTECARLO_OVER_BUDGET);
    assert_float_equal(d.events[1].tolerance, 0.05, 0);
    assert_true(isnan(d.budget_usd_per_month));
    assert_float_equal(d.budget_usd_per_year, 4.2e6, 0);
    assert_string_equal(d.plans[2].name, "base-56");
    assert_int_equal(d.plans[2].gpus, 56);
    const struct estimate *cost = montecarlo_mean(&d.plans[2], MONTECARLO_COST_YEAR);
    assert_float_equal(cost->mean, 3.58e6, 1e-6);
    assert_int_equal(cost->n, 4096);
    int m = montecarlo_metric_index(MONTECARLO_WAIT_P95);
    assert_float_equal(d.plans[2].p50[m], 1800, 1e-9);
    assert_true(d.plans[2].p5[m] < 1800 && d.plans[2].p95[m] > 1800);
    assert_float_equal(d.plans[0].chances[1].probability, 0.21, 0);
    assert_float_equal(d.plans[0].regret.mean, 21e3, 0);
    assert_true(isnan(d.plans[0].regret.from_best));
    assert_true(d.plans[1].at_risk.low < d.plans[1].at_risk.usd);
    assert_int_equal(d.curves[0].plan, 1);
    assert_int_equal(d.curves[0].month_n, 12);
    assert_int_equal(d.curves[1].plan, 3);
    assert_int_equal(d.curves[1].point_n, 200);
    assert_true(d.curves[0].fan[11][0] < d.curves[0].fan[11][4]);
    assert_int_equal(d.check_n, 5);
    assert_int_equal(d.precision_n, 27);
    assert_int_equal(d.method_n, 2);
    /* What meets comes first, the cheapest of it before all; then what is nearest. */
    assert_int_equal(d.meet_n, 2);
    assert_int_equal(d.unclear_n, 0);
    assert_int_equal(d.pick, 1);
    assert_int_equal(d.rival_n, 0);
    const int32_t ranking[] = { 1, 2, 3, 0 };
    for (int i = 0; i < 4; i++) assert_int_equal(d.ranking[i], ranking[i]);
    montecarlo_data_free(&d);
}

static void test_verdicts(void **state)
{
    (void)state;
    assert_int_equal(montecarlo_verdict(0.01, 0.005, 0.02, NAN), MONTECARLO_NO_TARGET);
    assert_int_equal(montecarlo_verdict(0.01, 0.005, 0.02, 0.02), MONTECARLO_MEETS);
    assert_int_equal(montecarlo_verdict(0.01, 0.005, 0.02, 0.019), MONTECARLO_UNCLEAR);
    assert_int_equal(montecarlo_verdict(0.01, 0.005, 0.02, 0.005), MONTECARLO_UNCLEAR);
    assert_int_equal(montecarlo_verdict(0.01, 0.005, 0.02, 0.004), MONTECARLO_MISSES);
    assert_int_equal(montecarlo_verdict(0, 0, 0.001, 0), MONTECARLO_MEETS);
    assert_int_equal(montecarlo_verdict(1, 0.999, 1, 1), MONTECARLO_MEETS);
    assert_int_equal(montecarlo_verdict(1, 0.999, 1, 0), MONTECARLO_MISSES);
    static const struct {
        double p;
        const char *text;
    } chances[] = { { 0, "0%" },        { 1e-5, "under 0.1%" },   { 0.012, "1.2%" }, { 0.5, "50%" },
                    { 0.997, "99.7%" }, { 0.9999, "over 99.9%" }, { 1, "100%" } };
    for (size_t i = 0; i < sizeof chances / sizeof *chances; i++)
        assert_string_equal(montecarlo_chance_text(chances[i].p).s, chances[i].text);
}

static void test_answers(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    montecarlo_fixture_default(&f);
    expect_answer(&f, "base-48 saves 13% \u00b1 0.2%: $3.34M a year instead of $3.82M");
    f.chance = 0.2; /* all are late */
    expect_answer(&f, "None of the 4 fleets keeps every risk within tolerance");
    f.chance_first = f.chance = 0.05; /* at the tolerance itself; the baseline is over budget */
    expect_answer(&f, "No fleet surely keeps every risk within tolerance: 3 of 4 are too close to "
                      "call");
    montecarlo_fixture_default(&f);
    f.chance_first = 0.01;
    expect_answer(&f, "base-40 saves 19% \u00b1 0.2%: $3.10M a year instead of $3.82M");
    f.plans = 2; /* the baseline is the second, and the only one that meets */
    f.chance_first = 0.3;
    expect_answer(&f, "Keep base-48: at $3.34M a year no other fleet that keeps every risk within "
                      "tolerance is cheaper");
    f.plans = 1;
    expect_answer(&f, "base-40 does not keep every risk within tolerance");
    f.chance_first = 0.01;
    expect_answer(&f, "base-40 costs $3.10M a year and keeps every risk within tolerance");
    f.tolerance = NAN;
    expect_answer(&f, "base-40 costs $3.10M a year");
    f.plans = 4;
    f.chance_first = 1; /* told, but no target */
    expect_answer(&f, "base-40 saves 19% \u00b1 0.2%: $3.10M a year instead of $3.82M");
    montecarlo_fixture_default(&f);
    f.budget_usd_per_year = NAN;
    f.plans = 1;
    expect_answer(&f, "base-40 does not keep its risk within tolerance");
    f.plans = 3;
    f.regrets = false;
    expect_answer(&f, "base-48 is the cheapest fleet: $3.34M a year");
}

/* A baseline that is cheaper and misses, and one that costs about the same. */
static void test_changes(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    struct montecarlo_data d;
    montecarlo_fixture_default(&f);
    f.baseline = 0;
    expect_answer(&f,
                  "base-48 is the cheapest fleet that keeps every risk within tolerance: $3.34M "
                  "a year, 7.7% more than base-40");
    f.baseline = 1;
    expect_answer(&f, "Keep base-48: at $3.34M a year no other fleet that keeps every risk within "
                      "tolerance is cheaper");
    f.baseline = 2;
    montecarlo_fixture_read(&f, &d);
    d.plans[1].regret.from_baseline_half = 300e3;
    char *answer = montecarlo_answer(&d);
    assert_string_equal(answer, "base-48 and base-56 are not clearly different in cost: $3.34M and "
                                "$3.58M a year");
    free(answer);
    montecarlo_data_free(&d);
}

static void test_calibration(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    struct montecarlo_data d;
    montecarlo_fixture_default(&f);
    montecarlo_fixture_read(&f, &d);
    char *line = montecarlo_calibration(&d);
    assert_string_equal(line, "Against the simulation of each job the model is off by +0.4% in "
                              "cost per month, +12% in p95 wait, +1.0% in utilization (the "
                              "furthest of 2 fleets)");
    free(line);
    montecarlo_data_free(&d);
    f.checks = false;
    montecarlo_fixture_read(&f, &d);
    line = montecarlo_calibration(&d);
    assert_string_equal(line, "The model was not checked against a simulation of each job");
    free(line);
    montecarlo_data_free(&d);
}

static char *table_of(const struct montecarlo_data *d, const char *format, int colour)
{
    struct error err;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    enum status status = strcmp(format, "json") == 0
                             ? montecarlo_json_write(d, out, &err)
                             : montecarlo_table_write(d, format, colour, out, &err);
    if (status != STATUS_OK) fail_msg("%s", err.message);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_tables(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    struct montecarlo_data d;
    struct error err;
    montecarlo_fixture_default(&f);
    f.plans = 30;
    montecarlo_fixture_read(&f, &d);
    char *text = table_of(&d, "table", 0);
    assert_non_null(strstr(text, "\n> base-48 "));
    assert_non_null(strstr(text, "\n= base-272 "));
    assert_non_null(strstr(text, "17 more fleets; =: the baseline"));
    assert_non_null(strstr(text, "the model is off by +0.4% in cost per month"));
    assert_non_null(strstr(text, "         4,096           0.12%"));
    assert_non_null(strstr(text, "        65,536         0.031%*"));
    assert_null(strchr(text, '\033'));
    free(text);
    text = table_of(&d, "md", 0);
    assert_non_null(strstr(text, "\n| **base-48** |"));
    free(text);
    text = table_of(&d, "csv", 0);
    int lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++) lines++;
    assert_int_equal(lines, 31); /* all of them */
    assert_non_null(strstr(text, "\n1,base-48,base,"));
    free(text);
    assert_int_equal(montecarlo_table_write(&d, "pdf", 0, stdout, &err), STATUS_BAD_INPUT);
    text = table_of(&d, "json", 0);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "format_version")), "1.0");
    assert_string_equal(json_string_value(json_object_get(json, "pick")), "base-48");
    json_t *plans = json_object_get(json, "candidates");
    assert_int_equal(json_array_size(plans), 30);
    json_t *first = json_array_get(plans, 0);
    assert_string_equal(json_string_value(json_object_get(first, "targets")), "meets");
    assert_float_equal(
        json_real_value(json_object_get(json_object_get(first, "value_at_risk_95"), "usd")),
        d.plans[1].at_risk.usd, 1e-3);
    assert_null(strstr(text, "avx512")); /* the same on any engine */
    json_decref(json);
    free(text);
    montecarlo_data_free(&d);
}

/* Names from outside in a terminal, a spreadsheet, JSON. */
static void test_hostile_tables(void **state)
{
    (void)state;
    for (int i = 0; hostile_names[i]; i++) {
        struct montecarlo_fixture f;
        struct montecarlo_data d;
        montecarlo_fixture_default(&f);
        f.text = hostile_names[i];
        montecarlo_fixture_read(&f, &d);
        char *text = table_of(&d, "table", 0);
        assert_null(strchr(text, '\033'));
        free(text);
        text = table_of(&d, "csv", 0);
        if (strchr("=+-@", *f.text)) assert_null(strstr(text, ",=cmd"));
        free(text);
        free(table_of(&d, "md", 0));
        text = table_of(&d, "json", 0);
        json_t *json = json_loads(text, 0, NULL);
        assert_non_null(json);
        json_decref(json);
        free(text);
        montecarlo_data_free(&d);
    }
}

static struct montecarlo_run plain_run(void)
{
    return (struct montecarlo_run){ .scenario_name = "s",
                                    .scenario_path = "s.yaml",
                                    .scenario_sha256 = "0",
                                    .scenario_json = "{}",
                                    .workload = "w",
                                    .model = "m",
                                    .assumptions = "",
                                    .notes = "",
                                    .replications = 64,
                                    .years = 1,
                                    .budget_usd_per_year = NAN,
                                    .budget_usd_per_month = NAN,
                                    .deadline_s = NAN,
                                    .precision = NAN,
                                    .price_as_of = "2026-01-01",
                                    .tool_version = "0",
                                    .rerun = "again" };
}

/* Our mistakes are said, and nothing is left of the file. */
static void test_refused_rows(void **state)
{
    (void)state;
    struct montecarlo_run run = plain_run();
    struct montecarlo_file *out;
    struct error err;
    const char *path = scratch_path("refused.db");
    const double shares[] = { 0.05, 0.95 }, falling[] = { 2, 1 }, rising[] = { 0.1, 0.2 },
                 usd[] = { 1, 2 };
    struct montecarlo_candidate c = { 0, "a", "a", "", 8, false };
    struct montecarlo_estimate e = { 0, MONTECARLO_COST_YEAR, NAN, 1, 64, "Student t" };
    struct montecarlo_risk risk = { 0, 0, 0.5, 0.6, 0.7, 64, "Wilson" };
    assert_int_equal(montecarlo_open(path, &run, &out, &err), STATUS_OK);
    assert_int_equal(montecarlo_add_candidate(out, &c, &err), STATUS_OK);
    assert_int_equal(montecarlo_add_estimate(out, &e, &err), STATUS_BUG);
    e.mean = 1;
    e.metric = "joy";
    assert_int_equal(montecarlo_add_estimate(out, &e, &err), STATUS_BUG);
    assert_non_null(strstr(err.message, "joy"));
    assert_int_equal(montecarlo_add_distribution(out, 0, MONTECARLO_COST_YEAR, shares, falling, 2,
                                                 &err),
                     STATUS_BUG);
    assert_int_equal(montecarlo_add_exceedance(out, 0, usd, rising, 2, &err), STATUS_BUG);
    assert_int_equal(montecarlo_add_risk(out, &risk, &err), STATUS_IO); /* low > probability */
    assert_int_equal(montecarlo_close(out, true, &err), STATUS_BUG);
    assert_non_null(strstr(err.message, "not one baseline"));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(scratch_path("refused.db.partial"), F_OK), 0);

    assert_int_equal(montecarlo_open(path, &run, &out, &err), STATUS_OK);
    c.is_baseline = true;
    assert_int_equal(montecarlo_add_candidate(out, &c, &err), STATUS_OK);
    struct montecarlo_candidate second = { 1, "b", "a", "", 8, true };
    assert_int_equal(montecarlo_add_candidate(out, &second, &err), STATUS_IO);
    assert_int_equal(montecarlo_close(out, true, &err), STATUS_BUG);
    assert_non_null(strstr(err.message, "a candidate without its cost"));
    /* An interrupted study leaves nothing. */
    assert_int_equal(montecarlo_open(path, &run, &out, &err), STATUS_OK);
    assert_int_equal(montecarlo_close(out, false, &err), STATUS_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(scratch_path("refused.db.partial"), F_OK), 0);
}

/* Two kinds of files: neither is read as, or written over, the other. */
static void test_kinds(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    struct montecarlo_data d;
    struct report_data run_data;
    struct fixture run;
    struct montecarlo_run question = plain_run();
    struct montecarlo_file *out;
    struct error err;
    const char *study = scratch_path("kind-study.db"), *of_run = scratch_path("kind-run.db"),
               *text = scratch_path("kind.txt");
    montecarlo_fixture_default(&f);
    montecarlo_fixture_write(&f, study);
    fixture_default(&run);
    fixture_write(&run, of_run);
    write_text(text, "a text that is no database, and long enough to hold a header of one, were it "
                     "one, which it is not\n");
    assert_true(montecarlo_is(study));
    assert_false(montecarlo_is(of_run));
    assert_false(montecarlo_is(text));
    assert_false(montecarlo_is(scratch_path("none.db")));
    assert_int_equal(montecarlo_read(of_run, &d, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "is not the results file of a Monte Carlo study"));
    assert_int_equal(montecarlo_read(text, &d, &err), STATUS_BAD_INPUT);
    assert_int_equal(report_data_read(study, false, &run_data, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "of a Monte Carlo study, not of a run"));
    assert_int_equal(montecarlo_open(of_run, &question, &out, &err), STATUS_BAD_INPUT);
    assert_int_equal(montecarlo_open(text, &question, &out, &err), STATUS_BAD_INPUT);
    assert_int_equal(montecarlo_open(scratch_path("no/such/folder.db"), &question, &out, &err),
                     STATUS_IO);
    /* The same study again replaces its file, also over what a killed one has left. */
    write_text(scratch_path("kind-study.db.partial"), "");
    montecarlo_fixture_write(&f, study);
    assert_int_not_equal(access(scratch_path("kind-study.db.partial"), F_OK), 0);
    /* While one is being written, no other is. */
    struct montecarlo_file *other;
    assert_int_equal(montecarlo_open(study, &question, &out, &err), STATUS_OK);
    assert_int_equal(montecarlo_open(study, &question, &other, &err), STATUS_IO);
    assert_non_null(strstr(err.message, "another run is writing it"));
    assert_int_equal(montecarlo_close(out, false, &err), STATUS_OK);
    assert_true(montecarlo_is(study));
}

/* `seatrial report` tells the kinds apart. */
static void test_command(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    char command[2000], *out, *err;
    const char *study = scratch_path("command.db");
    montecarlo_fixture_default(&f);
    montecarlo_fixture_write(&f, study);
    snprintf(command, sizeof command, "%s report '%s' --format table", seatrial_path(), study);
    assert_int_equal(run_command(command, &out, NULL), 0);
    assert_non_null(strstr(out, "base-48 saves 13%"));
    free(out);
    snprintf(command, sizeof command, "%s report '%s' --json", seatrial_path(), study);
    assert_int_equal(run_command(command, &out, NULL), 0);
    assert_non_null(strstr(out, "\"kind\": \"montecarlo\""));
    free(out);
    snprintf(command, sizeof command, "%s report '%s' --focus -", seatrial_path(), study);
    assert_int_equal(run_command(command, NULL, &err), 2);
    assert_non_null(strstr(err, "of a Monte Carlo study, not of a run"));
    free(err);
    snprintf(command, sizeof command, "%s report '%s' -o '%s'", seatrial_path(), study,
             scratch_path("command.html"));
    assert_int_equal(run_command(command, NULL, NULL), 0);
    assert_int_equal(access(scratch_path("command.html"), F_OK), 0);
    bool drawn = access(scratch_path("command-fan.png"), F_OK) == 0;
    assert_int_equal(drawn, run_command("gnuplot --version", NULL, NULL) == 0);
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    size_t n, m;
    montecarlo_fixture_default(&f);
    montecarlo_fixture_write(&f, scratch_path("one.db"));
    montecarlo_fixture_write(&f, scratch_path("two.db"));
    char *one = read_file(scratch_path("one.db"), &n), *two = read_file(scratch_path("two.db"), &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    free(one);
    free(two);
}

/* A file that was changed by hand is refused with a reason, or read; never worse. */
static void test_damaged(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "DELETE FROM run",
        "DELETE FROM execution",
        "DELETE FROM candidate",
        "DELETE FROM estimate WHERE candidate = 2",
        "DELETE FROM fan WHERE month = 3",
        "DROP TABLE regret",
        "UPDATE run SET state = 'running'",
        "UPDATE candidate SET candidate = 9 WHERE candidate = 2",
        "UPDATE candidate SET is_baseline = 0",
        "UPDATE regret SET candidate = -4 WHERE candidate = 0",
        "PRAGMA user_version = 7",
    };
    struct montecarlo_fixture f;
    montecarlo_fixture_default(&f);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct montecarlo_data d;
        struct error err;
        sqlite3 *db;
        const char *path = scratch_path("damaged.db");
        unlink(path);
        montecarlo_fixture_write(&f, path);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        if (montecarlo_read(path, &d, &err) != STATUS_BAD_INPUT) fail_msg("read: %s", changes[i]);
        assert_true(strlen(err.message) > 20);
    }
}

/* A chance that is not known of a candidate: it does not surely meet the target, and another is
 * picked. */
static void test_unknown_chances(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    struct montecarlo_data d;
    struct error err;
    sqlite3 *db;
    const char *path = scratch_path("unknown.db");
    montecarlo_fixture_default(&f);
    unlink(path);
    montecarlo_fixture_write(&f, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM risk WHERE candidate = 1", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(montecarlo_read(path, &d, &err), STATUS_OK);
    assert_true(isnan(d.plans[1].chances[0].probability));
    assert_int_equal(d.plans[1].overall, MONTECARLO_UNCLEAR);
    assert_int_equal(d.plans[2].overall, MONTECARLO_MEETS);
    assert_int_equal(d.pick, 2);
    montecarlo_data_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),      cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_answers),         cmocka_unit_test(test_changes),
        cmocka_unit_test(test_calibration),     cmocka_unit_test(test_tables),
        cmocka_unit_test(test_hostile_tables),  cmocka_unit_test(test_refused_rows),
        cmocka_unit_test(test_kinds),           cmocka_unit_test(test_command),
        cmocka_unit_test(test_unknown_chances), cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
