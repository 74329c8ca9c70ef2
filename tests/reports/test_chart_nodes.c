/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes by state over time: what is drawn is what the samples say; who has nothing to show has no
 * picture; a file that contradicts itself is refused, one from before there were states is not. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "reports/chart.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

static void has(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("no '%s' in\n%s", part, text);
}

/* Ten nodes, two minutes, a sample each half minute: two steps of a minute. */
static void test_steps(void **state)
{
    struct report_nodes states[] = {
        { .t_s = 30, .queued_jobs = 0, .busy = 2, .idle = 2, .booting = 1, .absent = 5 },
        { .t_s = 60, .queued_jobs = 3, .busy = 4, .idle = 2, .booting = 0, .absent = 4 },
        { .t_s = 90, .queued_jobs = 5, .busy = 6, .idle = 0, .booting = 0, .absent = 4 },
        { .t_s = 120, .queued_jobs = 1, .busy = 6, .idle = 2, .booting = 0, .absent = 2 },
    };
    struct report_fleet fleets[] = {
        { .name = (char *)"plain", .nodes = 10 },
        { .name = (char *)"elastic", .nodes = 10, .state_n = 4, .states = states },
    };
    struct report_data d = { .fleet_n = 2, .fleets = fleets };
    struct chart chart = { 0 };
    struct canvas c;
    struct error err;
    (void)state;
    assert_int_equal(chart_nodes_fleets(&d), 1);
    assert_int_equal(canvas_begin(&c, PICTURE_PNG, CHART_WIDTH, chart_nodes_height(&d), &err),
                     STATUS_OK);
    chart_nodes(&d, &c, &chart);
    assert_int_equal(fflush(c.script), 0);
    assert_null(chart.skipped);
    /* The queue at its most; then all nodes, those there or booting, those ready, the busy ones,
     * each on the mean of a step: 10; 5.5 and 7; 5 and 7; 3 and 6. */
    has(c.text, "notitle\n0\t3\n60\t3\n60\t5\n120\t5\ne\n");
    has(c.text, "notitle\n0\t10\n120\t10\ne\n0\t5.5\n60\t5.5\n60\t7\n120\t7\ne\n"
                "0\t5\n60\t5\n60\t7\n120\t7\ne\n0\t3\n60\t3\n60\t6\n120\t6\ne\n");
    has(c.text, "'elastic'");
    has(c.text, "'10 nodes' 10");
    has(c.text, "'5 jobs' 5");
    has(c.text, "'1 min' 60");
    assert_null(strstr(c.text, "plain"));
    assert_string_equal(chart.title,
                        "elastic keeps 6.25 of 10 nodes on average, 4.50 of them busy");
    has(chart.subtitle, "Replication 0");
    has(chart.subtitle, "step of 60.0 s");
    assert_string_equal(
        chart.alt, "Nodes by state over 2.0 min, for 1 of 2 fleets, each with its waiting jobs "
                   "above. elastic: On average 4.50 busy, 1.50 idle, 0.25 booting, 3.75 "
                   "absent.");
    assert_int_equal(chart.legend_n, 5); /* nothing is down */
    canvas_free(&c);
    chart_free(&chart);
}

static void test_who_is_shown(void **state)
{
    struct report_nodes whole = { .t_s = 60, .busy = 1, .idle = 1 };
    struct report_nodes down = { .t_s = 60, .busy = 1, .down = 1 };
    struct report_fleet fleets[12] = {
        { .name = (char *)"never sampled", .nodes = 2 },
        { .name = (char *)"always whole", .nodes = 2, .state_n = 1, .states = &whole },
    };
    struct report_data d = { .fleet_n = 2, .fleets = fleets };
    (void)state;
    assert_int_equal(chart_nodes_fleets(&d), 0);
    for (int f = 2; f < 12; f++)
        fleets[f] = (struct report_fleet){ .nodes = 2, .state_n = 1, .states = &down };
    d.fleet_n = 5;
    assert_int_equal(chart_nodes_fleets(&d), 3);
    d.fleet_n = 12; /* not more than can be read */
    assert_int_equal(chart_nodes_fleets(&d), 8);
}

static void write_fixture(const char *path, const char *sql)
{
    struct fixture f;
    sqlite3 *db;
    char *why = NULL;
    fixture_default(&f);
    f.states = true;
    f.days = 1;
    fixture_write(&f, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s", why);
    sqlite3_close(db);
}

static void test_files(void **state)
{
    static const struct {
        const char *sql, *says;
    } list[] = {
        { "UPDATE sample_nodes SET idle = idle + 1 WHERE t_s = 7200",
          "nodes by state are not the fleet's nodes" },
        { "UPDATE sample_nodes SET idle = idle + busy + 1, busy = -1 WHERE t_s = 7200",
          "a state has less than no nodes" },
        { "DROP TABLE sample_nodes", NULL },
        { "SELECT 1", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct report_data d;
        struct error err;
        char name[32];
        snprintf(name, sizeof name, "states-%zu.db", i);
        write_fixture(scratch_path(name), list[i].sql);
        enum status status = report_data_read(scratch_path(name), false, &d, &err);
        assert_int_equal(status, list[i].says ? STATUS_BAD_INPUT : STATUS_OK);
        if (list[i].says) has(err.message, list[i].says);
        if (list[i].says) continue;
        assert_int_equal(d.fleets[0].sample_n, 24);
        assert_int_equal(d.fleets[0].state_n, strncmp(list[i].sql, "DROP", 4) ? 24 : 0);
        report_data_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_who_is_shown),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
