/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from a sweep's file and decided, against figures worked out by hand; its table, CSV
 * and JSON; files that are damaged, unfinished, or none of a sweep. */
#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/metrics.h"
#include "tests/results_fixture.h"
#include "tests/support.h"
#include "tests/sweep_fixture.h"

/* Student's t at 97.5 % with 3 and with 6 degrees of freedom, from a printed table. */
#define T3 3.182446
#define T6 2.446912

static void near(double x, double y)
{
    if (!(fabs(x - y) <= 1e-6 * fmax(fabs(y), 1))) fail_msg("%.9g is not %.9g", x, y);
}

/* Rows: nodes * 2 + order (0 fifo, 1 easy). */
enum { FIFO2, EASY2, FIFO3, EASY3, FIFO4, EASY4 };

static void test_estimates(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    sweep_fixture_default(&f);
    sweep_fixture_read(&f, &d);
    assert_int_equal(d.point_n, 6);
    assert_int_equal(d.row_n, 6);
    assert_string_equal(d.keys[0].name, "nodes");
    assert_string_equal(d.keys[1].name, "order");
    assert_true(d.keys[0].is_choice && d.keys[0].varies && !d.keys[2].varies);
    near(d.rows[EASY3].figures[SWEEP_COST].mean, 300e3);
    /* Four values a thousand to both sides: variance 4e6 / 3. */
    near(d.rows[EASY3].figures[SWEEP_COST].half, T3 * sqrt(4e6 / 3 / 4));
    near(d.rows[EASY3].figures[SWEEP_WAIT].mean, 7200);
    near(d.rows[EASY3].figures[SWEEP_WAIT].half, T3 * sqrt(4 * 3600.0 / 3 / 4));
    assert_int_equal(d.rows[EASY3].n, 4);
    sweep_data_free(&d);
    /* Of antithetic pairs the means are all the same. */
    f.antithetic = true;
    sweep_fixture_read(&f, &d);
    near(d.rows[EASY3].figures[SWEEP_COST].mean, 300e3);
    near(d.rows[EASY3].figures[SWEEP_COST].half, 0);
    assert_int_equal(d.rows[EASY3].n, 2);
    sweep_data_free(&d);
}

static void test_frontier_and_decision(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    static const int32_t best_first[] = { EASY2, EASY3, EASY4, FIFO4, FIFO2, FIFO3 };
    sweep_fixture_default(&f);
    sweep_fixture_read(&f, &d);
    for (int32_t i = 0; i < 6; i++) {
        assert_int_equal(d.rows[i].on_frontier, i == EASY2 || i == EASY3 || i == EASY4);
        assert_int_equal(d.ranking[i], best_first[i]);
    }
    assert_int_equal(d.world_n, 1);
    assert_int_equal(d.worlds[0].pick, EASY2);
    assert_int_equal(d.worlds[0].next, EASY3);
    assert_int_equal(d.worlds[0].fastest, EASY4);
    assert_int_equal(d.meet_n, 4);
    /* The same chances to both: the difference is the same in each replication. */
    assert_true(d.worlds[0].dearer.is_paired);
    near(d.worlds[0].dearer.mean, 100e3);
    near(d.worlds[0].dearer.half, 0);
    assert_int_equal(d.worlds[0].dearer.n, 4);
    sweep_data_free(&d);
    f.own_seeds = true;
    sweep_fixture_read(&f, &d);
    assert_false(d.worlds[0].dearer.is_paired);
    near(d.worlds[0].dearer.half, T6 * sqrt(2 * 4e6 / 3 / 4));
    sweep_data_free(&d);
    /* Twice the spread: half of it is left in each difference. */
    f.own_seeds = false;
    for (int r = 0; r < 4; r++) f.cost[EASY3][r] = 300e3 + (r % 2 ? 2000 : -2000);
    sweep_fixture_read(&f, &d);
    near(d.worlds[0].dearer.half, T3 * sqrt(4e6 / 3 / 4));
    sweep_data_free(&d);
    /* As dear, and as fast: both are on the frontier; the first is picked. */
    sweep_fixture_fill(&f);
    memcpy(f.cost[FIFO2], f.cost[EASY2], sizeof f.cost[0]);
    memcpy(f.wait_s[FIFO2], f.wait_s[EASY2], sizeof f.wait_s[0]);
    sweep_fixture_read(&f, &d);
    assert_true(d.rows[FIFO2].on_frontier && d.rows[EASY2].on_frontier);
    assert_int_equal(d.worlds[0].pick, FIFO2);
    assert_int_equal(d.worlds[0].next, EASY2);
    sweep_data_free(&d);
}

static void test_verdicts(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    double half = T3 * sqrt(4 * 3600.0 / 3 / 4);
    sweep_fixture_default(&f);
    const struct {
        double target_s;
        enum verdict easy2; /* which waits 3 h */
    } cases[] = { { 10800 + half + 1, VERDICT_MEETS },
                  { 10800 + half - 1, VERDICT_UNCLEAR },
                  { 10800 - half + 1, VERDICT_UNCLEAR },
                  { 10800 - half - 1, VERDICT_MISSES } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.target_s = cases[i].target_s;
        sweep_fixture_read(&f, &d);
        assert_int_equal(d.rows[EASY2].overall, cases[i].easy2);
        assert_int_equal(d.worlds[0].pick, cases[i].easy2 == VERDICT_MEETS ? EASY2 : EASY3);
        sweep_data_free(&d);
    }
    /* Nothing meets: the nearest is said. */
    f.target_s = 60;
    sweep_fixture_read(&f, &d);
    assert_int_equal(d.worlds[0].pick, -1);
    assert_int_equal(d.worlds[0].nearest, EASY4);
    char *answer = sweep_answer(&d), *world = sweep_world_answer(&d, 0);
    assert_string_equal(answer, "None of 6 meets every target");
    assert_string_equal(world, "Nearest: nodes=4, order=easy, $400k a month, p95 wait 60.0 min");
    free(answer);
    free(world);
    sweep_data_free(&d);
    /* An infinite variance: no interval, and no sure verdict. */
    sweep_fixture_default(&f);
    for (int r = 0; r < 4; r++) f.wait_s[FIFO2][r] = 60 + r;
    f.tail = "variance";
    sweep_fixture_read(&f, &d);
    assert_true(isnan(d.rows[FIFO2].figures[SWEEP_WAIT].half));
    assert_int_equal(d.rows[FIFO2].overall, VERDICT_UNCLEAR);
    sweep_data_free(&d);
    /* An infinite mean, or no job that ran: no answer, and not on the frontier. */
    f.tail = "mean";
    sweep_fixture_read(&f, &d);
    assert_false(d.rows[FIFO2].is_answer || d.rows[FIFO2].on_frontier);
    sweep_data_free(&d);
    f.tail = NULL;
    for (int r = 0; r < 4; r++) f.wait_s[EASY2][r] = NAN;
    sweep_fixture_read(&f, &d);
    assert_false(d.rows[EASY2].is_answer);
    assert_int_equal(d.worlds[0].pick, FIFO2);
    sweep_data_free(&d);
}

static void test_main_effects(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    sweep_fixture_default(&f);
    f.loads = f.fleets = 2;
    sweep_fixture_fill(&f);
    sweep_fixture_read(&f, &d);
    assert_int_equal(d.dimension_n, 4);
    const struct sweep_dimension *nodes = &d.dimensions[0], *order = &d.dimensions[1],
                                 *load = &d.dimensions[2], *fleet = &d.dimensions[3];
    assert_string_equal(nodes->name, "nodes");
    assert_string_equal(fleet->name, "fleet");
    assert_string_equal(nodes->levels[2].label, "4");
    assert_string_equal(order->levels[0].label, "fifo"); /* as vary has it, not by the alphabet */
    assert_string_equal(load->levels[1].label, "110 GPUs");
    assert_string_equal(fleet->levels[1].label, "other");
    assert_int_equal(nodes->levels[0].row_n, 8);
    assert_int_equal(nodes->levels[0].meet_n, 2); /* easy at the first load, on both fleets */
    near(nodes->levels[0].mean[SWEEP_COST].mean, 225e3);             /* $200k and $250k */
    near(nodes->levels[0].mean[SWEEP_WAIT].mean, 4.5 * 1.25 * 3600); /* 6 and 3 h, and half more */
    near(order->levels[1].mean[SWEEP_WAIT].mean, 2 * 1.25 * 3600);
    near(load->levels[0].mean[SWEEP_WAIT].mean, 3 * 3600);
    near(fleet->levels[1].mean[SWEEP_COST].mean, 350e3);
    near(nodes->levels[0].least[SWEEP_WAIT], 3 * 3600);
    near(nodes->levels[0].most[SWEEP_WAIT], 9 * 3600);
    near(nodes->levels[0].mean[SWEEP_COST].half, T3 * sqrt(4e6 / 3 / 4));
    sweep_data_free(&d);
}

static void test_worlds(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    sweep_fixture_default(&f);
    f.loads = 2;
    sweep_fixture_fill(&f);
    sweep_fixture_read(&f, &d);
    assert_int_equal(d.world_n, 2);
    assert_string_equal(d.worlds[1].text, "load=110 GPUs");
    assert_int_equal(d.rows[d.worlds[0].pick].point, EASY2 * 2);
    assert_int_equal(d.rows[d.worlds[1].pick].point, EASY3 * 2 + 1); /* 4.5 h are too long */
    char *answer = sweep_answer(&d);
    assert_string_equal(answer,
                        "Every target is surely met from $200k a month (load=90 GPUs), from "
                        "$300k a month (load=110 GPUs)");
    free(answer);
    sweep_data_free(&d);
    /* Without targets the ends of the frontier are the answer. */
    f.loads = 1;
    f.target_s = NAN;
    sweep_fixture_fill(&f);
    sweep_fixture_read(&f, &d);
    answer = sweep_answer(&d);
    assert_string_equal(answer, "nodes=2, order=easy is the cheapest: $200k a month, p95 wait 3.0 "
                                "h; nodes=4, order=easy waits least: $400k, 60.0 min");
    free(answer);
    sweep_data_free(&d);
}

/* ---- What is written ---- */

static char *written(const struct sweep_data *d, const char *format, int32_t top, int colour)
{
    char *text = NULL;
    size_t n = 0;
    struct error err;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    enum status status = strcmp(format, "json") == 0
                             ? sweep_json_write(d, out, &err)
                             : sweep_table_write(d, format, top, colour, out, &err);
    if (status) fail_msg("%s", err.message);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *table_of(const struct sweep_fixture *f, const char *format, int32_t top)
{
    struct sweep_data d;
    sweep_fixture_read(f, &d);
    char *text = written(&d, format, top, 0);
    sweep_data_free(&d);
    return text;
}

static void test_table(void **state)
{
    (void)state;
    struct sweep_fixture f;
    sweep_fixture_default(&f);
    char *text = table_of(&f, "table", 4);
    assert_string_equal(
        text,
        "  nodes   order   cost per month         p95 wait   utilization   n   targets   frontier\n"
        "> 2       easy        $200k \u00b1 2k            3.0 h           80%   4     meets        "
        "  *\n"
        "  3       easy        $300k \u00b1 2k            2.0 h           67%   4     meets        "
        "  *\n"
        "  4       easy        $400k \u00b1 2k   60.0 min \u00b1 1.8           57%   4     meets   "
        "       *\n"
        "  4       fifo        $400k \u00b1 2k            2.0 h           57%   4     meets\n"
        "\n"
        "  nodes=2, order=easy is the cheapest that surely meets every target: $200k a month.\n"
        "  nodes=2, order=easy: $200k \u00b1 2k a month, p95 wait 3.0 h.\n"
        "    next: nodes=3, order=easy, +$100k a month: clearly dearer, paired over n = 4.\n"
        "  \u00b1: half the 95% interval of the mean over n replications (Student's t).\n"
        "  *: on the frontier, as nothing costs less and waits no longer.\n"
        "  Targets: p95 wait at most 3.5 h. One is met where the whole interval meets it.\n"
        "  4 of 6 rows: --top N shows more, --format csv has all, with every figure.\n");
    free(text);
    text = table_of(&f, "md", 1);
    assert_non_null(strstr(text, "**nodes=2, order=easy is the cheapest that surely meets every "
                                 "target: \\$200k a month.**\n\n| nodes | order |"));
    assert_non_null(strstr(text, "\n| **2** | easy | \\$200k \u00b1 2k |"));
    free(text);
}

static void test_csv_and_json(void **state)
{
    (void)state;
    struct sweep_fixture f;
    sweep_fixture_default(&f);
    char *text = table_of(&f, "csv", 1);
    int lines = 0;
    for (const char *c = text; *c; c++) lines += *c == '\n';
    assert_int_equal(lines, 7); /* a head, and every row whatever top is */
    assert_int_equal(strncmp(text,
                             "rank,point,fleets.*.pools.main.nodes,fleets.*.scheduler.order,"
                             "workload.synth.load,fleet,summary,gpus,",
                             100),
                     0);
    assert_non_null(strstr(text,
                           "\n1,1,2,easy,90 GPUs,today,8 x p4d.24xlarge,8,1,fifo,pack,1,0,meets,"
                           "1,all,1,4,200000,"));
    free(text);
    text = table_of(&f, "json", 1);
    json_t *json = json_loads(text, 0, NULL), *world;
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "format_version")), "1.0");
    assert_int_equal(json_array_size(json_object_get(json, "results")), 6);
    world = json_array_get(json_object_get(json, "worlds"), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(world, "pick"), "point")),
                     EASY2);
    near(json_real_value(
             json_object_get(json_object_get(world, "next_dearer_by"), "mean_usd_per_month")),
         100e3);
    json_decref(json);
    char *again = table_of(&f, "json", 1);
    assert_string_equal(text, again);
    free(again);
    free(text);
}

static void test_hostile_names(void **state)
{
    (void)state;
    for (int i = 0; hostile_names[i]; i++) {
        struct sweep_fixture f;
        struct sweep_data d;
        sweep_fixture_default(&f);
        f.loads = f.fleets = 2;
        f.text = hostile_names[i];
        sweep_fixture_fill(&f);
        sweep_fixture_read(&f, &d);
        char *table = written(&d, "table", 20, 1), *csv = written(&d, "csv", 20, 0),
             *json = written(&d, "json", 20, 0), *md = written(&d, "md", 20, 0);
        for (const unsigned char *c = (const unsigned char *)table; *c; c++)
            if (*c < ' ' && *c != '\n' && !(*c == '\033' && c[1] == '[' && strchr("0123", c[2])))
                fail_msg("a control character in the table of %d", i);
        assert_null(strstr(table, "\033[2J"));
        assert_null(strstr(csv, ",=cmd"));
        assert_null(strstr(csv, "\n=cmd"));
        assert_null(strstr(md, "<script>"));
        json_t *value = json_loads(json, 0, NULL);
        assert_non_null(value);
        json_decref(value);
        free(table);
        free(csv);
        free(json);
        free(md);
        sweep_data_free(&d);
    }
}

/* ---- Files ---- */

static void refuses(const char *path, const char *why)
{
    struct sweep_data d;
    struct error err;
    assert_int_equal(sweep_read(path, &d, &err), STATUS_BAD_INPUT);
    if (!strstr(err.message, why)) fail_msg("'%s' does not say '%s'", err.message, why);
}

static void test_unfinished(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    sweep_fixture_default(&f);
    f.finished = 3;
    f.state = "interrupted";
    sweep_fixture_read(&f, &d);
    assert_int_equal(d.point_n, 3);
    assert_int_equal(d.points, 6);
    char *text = written(&d, "table", 20, 0);
    assert_non_null(strstr(text, "3 of 6 points are finished: those that are missing may change "
                                 "the answer"));
    free(text);
    sweep_data_free(&d);
    /* Two of three points have a world of their own, and other fleets: they are one world. */
    f.loads = 2;
    sweep_fixture_fill(&f);
    sweep_fixture_read(&f, &d);
    assert_true(d.mixed);
    assert_int_equal(d.world_n, 1);
    text = written(&d, "table", 20, 0);
    assert_non_null(strstr(text, "a row may be cheap because its load is"));
    assert_non_null(strstr(text, "order=easy, load=90 GPUs"));
    free(text);
    sweep_data_free(&d);
    f.finished = 0;
    unlink(scratch_path("none.db.partial"));
    sweep_fixture_write(&f, scratch_path("none.db"));
    refuses(scratch_path("none.db.partial"), "no finished point yet");
}

/* A good file after a line of SQL. */
static void damaged(const char *sql, const char *why)
{
    struct sweep_fixture f;
    sqlite3 *db;
    const char *path = scratch_path("damaged.db");
    unlink(path);
    sweep_fixture_default(&f);
    sweep_fixture_write(&f, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
    refuses(path, why);
}

static void test_damaged(void **state)
{
    (void)state;
    struct fixture run;
    damaged("DELETE FROM sweep", "does not describe one sweep");
    damaged("DROP TABLE metric", "cannot be read");
    damaged("DELETE FROM param WHERE point_id = 3 AND place = 1", "lacks a key");
    damaged("UPDATE param SET key = 'x' WHERE point_id = 2", "other keys");
    damaged("DELETE FROM fleet WHERE point_id = 2", "no fleet");
    damaged("UPDATE fleet SET fleet_id = 7 WHERE point_id = 2", "not numbered");
    damaged("UPDATE metric SET replication = 99 WHERE point_id = 0 AND replication = 0",
            "no fleet or replication");
    damaged("UPDATE metric SET value = 9e999 WHERE point_id = 0 AND replication = 0", "or is none");
    damaged("UPDATE metric SET value = -5", "contradict");
    damaged("DELETE FROM metric WHERE point_id = 4", "has no cost");
    damaged("UPDATE point SET replications = 0 WHERE point_id = 1", "no replications");
    damaged("UPDATE point SET point_id = 66 WHERE point_id = 5", "no such number");
    damaged("DELETE FROM metric_def", "a metric that there is not");
    damaged("PRAGMA user_version = 9", "of version 9");
    fixture_default(&run);
    unlink(scratch_path("run.db"));
    fixture_write(&run, scratch_path("run.db"));
    assert_false(sweep_is(scratch_path("run.db")));
    refuses(scratch_path("run.db"), "not the results file of a sweep");
    write_text(scratch_path("text.db"), "this is no database, whatever its name says, but text");
    assert_false(sweep_is(scratch_path("text.db")));
    refuses(scratch_path("text.db"), "cannot be read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_estimates),    cmocka_unit_test(test_frontier_and_decision),
        cmocka_unit_test(test_verdicts),     cmocka_unit_test(test_main_effects),
        cmocka_unit_test(test_worlds),       cmocka_unit_test(test_table),
        cmocka_unit_test(test_csv_and_json), cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_unfinished),   cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
