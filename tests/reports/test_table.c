/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison as terminal table, Markdown, CSV and JSON, and the sentence it opens with. */
#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/metrics.h"
#include "reports/page.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

/* format "json" is report_json_write. */
static char *written(const struct fixture *f, const char *format, int colour)
{
    static char *text; /* static: gcc 12 takes the stream's buffer for a dangling local */
    static size_t n;
    struct report_data d;
    struct error err;
    fixture_read(f, &d);
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    assert_int_equal(strcmp(format, "json") == 0
                         ? report_json_write(&d, out, &err)
                         : report_table_write(&d, format, colour, out, &err),
                     STATUS_OK);
    assert_int_equal(fclose(out), 0);
    report_data_free(&d);
    return text;
}

static void check_written(const struct fixture *f, const char *format, int colour,
                          const char *expected)
{
    char *text = written(f, format, colour);
    assert_string_equal(text, expected);
    free(text);
}

static void test_terminal(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    check_written(&f, "table", 0,
                  "             cost per month      against        p95 wait         mean JCT   "
                  "utilization   targets\n"
                  "  base          $110k \u00b1 25k    reference   2.1 min \u00b1 0.9   60.5 min "
                  "\u00b1 0.2           60%     meets\n"
                  "> small          $77k \u00b1 16k   -30% \u00b1 2.2   7.9 min \u00b1 1.0   62.0 "
                  "min \u00b1 0.3           60%     meets\n"
                  "  large         $160k \u00b1 26k   +46% \u00b1 9.4     6.0 s \u00b1 2.5         "
                  "60.0 min           60%     meets\n"
                  "\n"
                  "  small saves 30% \u00b1 2.2%: $77k a month instead of $110k.\n"
                  "  \u00b1: half the 95% interval of the mean, n = 3 replications, Student's t.\n"
                  "  Targets: p95 wait at most 15 min.\n");
}

static void test_terminal_without_intervals_and_targets(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    f.replications = 1;
    f.fleets = 2;
    f.slo_label = NULL;
    check_written(&f, "table", 0,
                  "             cost per month     against   p95 wait   mean JCT   utilization\n"
                  "  base                $100k   reference    2.0 min   60.5 min           60%\n"
                  "> small                $70k        -30%    8.3 min   62.1 min           60%\n"
                  "\n"
                  "  small saves 30%: $70k a month instead of $100k.\n"
                  "  One replication: these figures have no interval.\n");
}

/* Of the same nodes: what schedulers are chosen by, shortest p95 wait first, the best marked. The
 * paired differences of `small` and `large` in p95 wait: 380, 300, 370 and -115, -143, -104 s. */
static void test_terminal_of_schedulers(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    for (int i = 1; i < FIXTURE_FLEETS; i++) memcpy(f.cost[i], f.cost[0], sizeof f.cost[0]);
    f.fleet[0] = "today / fifo";
    f.fleet[1] = "today / sjf";
    f.fleet[2] = "today / easy";
    f.p95_s[0][0] = 7; /* 7, 150, 110 against 5, 7, 6: not clearly longer */
    check_written(
        &f, "table", 0,
        "  easy and fifo are not clearly different in p95 wait: 6.0 s and 89.0 s.\n\n"
        "            mean    p95   mean  slow-  fair-   idle  make-  tar-\n"
        "            wait   wait    JCT   down   ness  GPU-h   span  gets\n"
        "               s    min      h                        days\n"
        "> easy      1.50* 0.100*  1.00*  1.06* 0.994* 2.34k*  15.0*  met\n"
        "  fifo      22.2~  1.48~  1.01~  1.89~ 0.921~ 2.34k*  15.0*  met\n"
        "  sjf        119   7.94   1.03   5.77  0.677  2.34k*  15.0*  met\n"
        "\n"
        "  *: best of its column. ~: not clearly different from it (95% interval of the paired\n"
        "  difference, Student's t).\n"
        "  Fairness: Jain's index of the tenants' slowdowns, 1 where all fare alike.\n"
        "  Idle: GPU-hours free while waiting jobs asked for GPUs.\n"
        "  Means of n = 3 replications. Each costs $110k a month.\n"
        "  Targets: p95 wait at most 15 min.\n");
}

static void test_colour(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    f.fleets = 2;
    for (int r = 0; r < 3; r++) f.p95_s[0][r] = 5000;
    char *plain = written(&f, "table", 0), *coloured = written(&f, "table", 1), *to = coloured;
    assert_null(strchr(plain, '\033'));
    assert_non_null(strstr(coloured, "\033[1m> small"));
    assert_non_null(strstr(coloured, "\033[33mmisses\033[0m"));
    for (const char *from = coloured; *from; from++) { /* without its colours it is the plain one */
        if (*from == '\033') from = strchr(from, 'm');
        else *to++ = *from;
    }
    *to = '\0';
    assert_string_equal(coloured, plain);
    free(plain);
    free(coloured);
}

static void test_markdown(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    f.fleets = 2;
    f.fleet[1] = "a|b <i>";
    check_written(
        &f, "md", 0,
        "**a\\|b \\<i\\> saves 30% \u00b1 2.2%: \\$77k a month instead of \\$110k.**\n"
        "\n"
        "| fleet | cost per month | against | p95 wait | mean JCT | utilization | targets |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n"
        "| base | $110k \u00b1 25k | reference | 2.1 min \u00b1 0.9 | 60.5 min \u00b1 0.2 | 60% | "
        "meets |\n"
        "| a\\|b \\<i\\> | $77k \u00b1 16k | -30% \u00b1 2.2 | 7.9 min \u00b1 1.0 | 62.0 min "
        "\u00b1 0.3 | 60% | meets |\n"
        "\n"
        "\u00b1 is half the 95% interval of the mean, n = 3.\n");
}

/* Splits one CSV record (RFC 4180) in place; returns the start of the next. */
static char *csv_record(char *at, char *field[], int *n)
{
    *n = 0;
    for (;;) {
        char *to = at;
        field[(*n)++] = to;
        if (*at == '"') {
            for (at++; *at && !(*at == '"' && at[1] != '"'); at++) {
                if (*at == '"') at++;
                *to++ = *at;
            }
            assert_int_equal(*at, '"');
            at++;
        } else {
            while (*at != ',' && *at != '\n') *to++ = *at++;
        }
        char end = *at++;
        *to = '\0';
        assert_true(end == ',' || end == '\n');
        if (end == '\n') return at;
    }
}

static void test_csv(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    f.fleet[1] = "=cmd|' /C calc'!A0";
    f.fleet[2] = "say \"hi\", twice";
    char *text = written(&f, "csv", 0), *head[200], *row[200];
    int columns, n;
    char *at = csv_record(text, head, &columns);
    static const char *const names[] = { "base", "'=cmd|' /C calc'!A0", "say \"hi\", twice" };
    assert_string_equal(head[0], "fleet");
    assert_string_equal(head[4], METRIC_COST_MONTH);
    assert_string_equal(head[columns - 1], "replications");
    for (int i = 0; i < 3; i++) {
        at = csv_record(at, row, &n);
        assert_int_equal(n, columns);
        assert_string_equal(row[0], names[i]);
        assert_string_equal(row[3], "meets");
        assert_string_equal(row[n - 1], "3");
        if (i == 0)
            assert_true(strtod(row[4], NULL) == 110000 &&
                        fabs(strtod(row[5], NULL) - 24841.3771) < 1e-3);
    }
    assert_int_equal(*at, '\0');
    free(text);
}

/* Nothing of a name reaches a terminal but characters, whatever the format; nothing adds a line. */
/* The tables of fleets of several nodes, and of schedulers on the same. */
static void check_hostile_names(bool same_nodes)
{
    struct fixture f;
    fixture_default(&f);
    for (int i = 1; same_nodes && i < FIXTURE_FLEETS; i++)
        memcpy(f.cost[i], f.cost[0], sizeof f.cost[0]);
    char *plain = written(&f, "table", 0), *plain_md = written(&f, "md", 0);
    for (int i = 0; hostile_names[i]; i++) {
        static const char *const formats[] = { "table", "md", "csv", "json" };
        f.fleet[1] = f.text = f.scenario_name = f.workload = f.slo_label = f.rerun =
            hostile_names[i];
        for (int k = 0; k < 4; k++) {
            char *text = written(&f, formats[k], 0);
            int lines = 0, expected = 0;
            for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
                lines += *c == '\n';
                assert_true(*c >= ' ' || *c == '\n');
                assert_int_not_equal(*c, 0x7f);
                assert_false(*c == 0xc2 && c[1] < 0xa0);
                assert_memory_not_equal(c, "\xe2\x80\xae", 3);
            }
            for (const char *c = k == 0 ? plain : plain_md; *c; c++) expected += *c == '\n';
            if (k < 2) assert_int_equal(lines, expected);
            if (k == 2) assert_int_equal(lines, 4);
            free(text);
        }
    }
    free(plain);
    free(plain_md);
}

static void test_hostile_names(void **state)
{
    (void)state;
    check_hostile_names(false);
    check_hostile_names(true);
}

static void test_json(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    f.fleet[2] = "\xff not UTF-8";
    char *text = written(&f, "json", 0), *again = written(&f, "json", 0);
    assert_string_equal(text, again);
    json_error_t why;
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (!o) fail_msg("%s", why.text);
    assert_string_equal(json_string_value(json_object_get(o, "format_version")), "1.1");
    assert_string_equal(json_string_value(json_object_get(o, "answer")),
                        "small saves 30% \u00b1 2.2%: $77k a month instead of $110k");
    assert_string_equal(json_string_value(json_object_get(o, "pick")), "small");
    assert_string_equal(json_string_value(json_object_get(o, "seed")), "7");
    json_t *fleets = json_object_get(o, "fleets"), *small = json_array_get(fleets, 1),
           *base = json_array_get(fleets, 0);
    assert_int_equal(json_array_size(fleets), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(fleets, 2), "name")),
                        "(not UTF-8)");
    assert_null(json_object_get(base, "cost_change"));
    json_t *cost = json_object_get(json_object_get(base, "metrics"), METRIC_COST_MONTH),
           *interval = json_object_get(cost, "ci95");
    assert_true(json_real_value(json_object_get(cost, "mean")) == 110000);
    assert_string_equal(json_string_value(json_object_get(cost, "unit")), "USD/month");
    assert_true(fabs(json_real_value(json_array_get(interval, 0)) - (110000 - 24841.3771)) < 1e-3);
    assert_true(fabs(json_real_value(json_array_get(interval, 1)) - (110000 + 24841.3771)) < 1e-3);
    assert_true(
        fabs(json_real_value(json_object_get(json_object_get(small, "cost_change"), "mean")) +
             0.3) < 0.01);
    assert_string_equal(json_string_value(json_object_get(small, "targets")), "meets");
    json_decref(o);
    free(text);
    free(again);
    f.replications = 1;
    f.slo_label = NULL;
    text = written(&f, "json", 0);
    o = json_loads(text, 0, NULL);
    base = json_array_get(json_object_get(o, "fleets"), 0);
    assert_true(json_is_null(json_object_get(
        json_object_get(json_object_get(base, "metrics"), METRIC_COST_MONTH), "ci95")));
    assert_true(json_is_null(json_object_get(base, "targets")));
    json_decref(o);
    free(text);
}

static void check_answer(const struct fixture *f, const char *expected)
{
    struct report_data d;
    fixture_read(f, &d);
    char *text = report_answer(&d);
    assert_string_equal(text, expected);
    free(text);
    report_data_free(&d);
}

static void set(double row[FIXTURE_REPLICATIONS], double a, double b, double c)
{
    row[0] = a, row[1] = b, row[2] = c;
}

static void test_answers(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    check_answer(&f, "small saves 30% \u00b1 2.2%: $77k a month instead of $110k");
    set(f.p95_s[1], 5000, 5000, 5000);
    check_answer(&f,
                 "Keep base: at $110k a month no other fleet that meets every target is cheaper");
    set(f.p95_s[0], 5000, 5000, 5000);
    check_answer(
        &f,
        "large is the cheapest fleet that meets every target: $160k a month, 46% more than base");
    set(f.p95_s[2], 100, 900, 1500);
    check_answer(&f, "No fleet surely meets every target: 1 of 3 is too close to call");
    set(f.p95_s[2], 5000, 5000, 5000);
    check_answer(&f, "None of the 3 fleets meets every target");
    f.fleets = 1;
    check_answer(&f, "base misses its targets");
    f.slo_label = NULL;
    check_answer(&f, "base costs $110k a month");
    fixture_default(&f);
    f.fleets = 2;
    set(f.cost[1], 150e3, 90e3, 80e3); /* a little cheaper on average; the pairs do not agree */
    check_answer(&f, "small and base are not clearly different in cost: $107k and $110k a month");
}

/* A file of ours that somebody has edited: refused, with the reason, whatever stands in it. */
static void test_damaged_files(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *says;
    } list[] = {
        { "UPDATE metric SET value = 9e999", "a metric is not a finite number" },
        { "UPDATE run SET replications = 0", "no replication" },
        { "UPDATE run SET replications = 2000000", "more than a million replications" },
        { "UPDATE run SET baseline = 9", "no baseline" },
        { "DELETE FROM run", "one row in table run" },
        { "DELETE FROM fleet", "no fleet" },
        { "UPDATE fleet SET fleet_id = 7 WHERE fleet_id = 2", "not numbered from 0" },
        { "UPDATE pool SET fleet_id = -1 WHERE fleet_id = 2", "a fleet there is not" },
        { "UPDATE metric SET replication = 5 WHERE replication = 2", "a replication there is not" },
        { "UPDATE slo SET metric = 'speed'", "unknown metric" },
        { "PRAGMA user_version = 99", "version 99" },
        { "PRAGMA application_id = 1", "not a Seatrial results file" },
        { "DROP TABLE wait_curve", "cannot be read" },
        /* NULL where our schema forbids it: read as empty or refused, never dereferenced */
        { "DROP VIEW result; ALTER TABLE metric RENAME TO m; CREATE TABLE metric (fleet_id, "
          "replication, metric, value); INSERT INTO metric VALUES (0, 0, NULL, 1)",
          NULL },
        { "DROP VIEW result; DROP TABLE slo; CREATE TABLE slo (metric, target, sense, label); "
          "INSERT INTO slo VALUES ('p95_wait_s', 900, NULL, NULL)",
          NULL },
        { "DROP VIEW result; DROP TABLE input; CREATE TABLE input (role, path, sha256, bytes); "
          "INSERT INTO input VALUES (NULL, NULL, NULL, NULL)",
          NULL },
        { "CREATE TABLE t (x); DROP VIEW result; DROP TABLE tenant; CREATE VIEW tenant AS WITH "
          "RECURSIVE n(i) AS (SELECT 1) SELECT 0 AS fleet_id, 'x' AS tenant, 1 AS jobs, 2 AS "
          "gpu_hours,"
          " NULL AS mean_wait_s, NULL AS p95_wait_s, NULL AS usd_micro FROM n",
          NULL },
    };
    struct fixture f;
    struct report_data d;
    struct error err;
    const char *path = scratch_path("table.db");
    fixture_default(&f);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        sqlite3 *db;
        unlink(path);
        fixture_write(&f, path);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        if (sqlite3_exec(db, list[i].sql, NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("%s: %s", list[i].sql, sqlite3_errmsg(db));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        enum status status = report_data_read(path, true, &d, &err);
        if (list[i].says) {
            assert_int_equal(status, STATUS_BAD_INPUT);
            if (!strstr(err.message, list[i].says))
                fail_msg("'%s' instead of '%s'", err.message, list[i].says);
        } else if (status == STATUS_OK) {
            char *text = report_answer(&d);
            assert_non_null(text);
            free(text);
            report_data_free(&d);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terminal),
        cmocka_unit_test(test_terminal_without_intervals_and_targets),
        cmocka_unit_test(test_terminal_of_schedulers),
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_damaged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
