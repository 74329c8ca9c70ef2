/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a sweep as a document: well-formed and self-contained whatever the names and figures,
 * the same bytes for the same file, and readable where there is little to show. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/page_check.h"
#include "tests/results_fixture.h"
#include "tests/support.h"
#include "tests/sweep_fixture.h"

static char *page_of(const struct sweep_data *d, bool with_charts)
{
    char *text = NULL;
    size_t n = 0;
    struct charts *charts = NULL;
    struct error err;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    if (with_charts) assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    if (sweep_page_write(d, charts, out, &err) != STATUS_OK) fail_msg("%s", err.message);
    if (charts && charts_failed(charts)) fail_msg("%s", charts_failed(charts));
    charts_close(charts);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *drawn(const struct sweep_fixture *f, bool with_charts)
{
    struct sweep_data d;
    sweep_fixture_read(f, &d);
    char *page = page_of(&d, with_charts);
    sweep_data_free(&d);
    return page;
}

static void test_plain(void **state)
{
    (void)state;
    struct sweep_fixture f;
    sweep_fixture_default(&f);
    char *page = drawn(&f, true);
    check_page(page, 4); /* two keys: the grid of them, too */
    expect(page, "<h1>nodes=2, order=easy is the cheapest that surely meets every target: $200k a "
                 "month</h1>");
    expect(page, "Next: nodes=3, order=easy, +$100k a month: clearly dearer, paired over n = 4.");
    expect(page, "p95 wait at most 3.5 h: 3.0 h");
    expect(page, "over n = 4 replications (Student's t)");
    expect(page, "prices.csv, 1,234 bytes, SHA-256 9f86d081");
    expect(page, "<dt>Prices as of</dt><dd>2026-07-20</dd>");
    expect(page, "seatrial sweep made.yaml");
    if (have_gnuplot()) {
        expect(page, "4 of 6 surely meet every target");
        expect(page, "nodes moves both cost and wait most");
        expect(page, "nodes against order");
    }
    /* The decision comes before all else, what it rests on behind it. */
    const char *const order[] = { "<h1>",
                                  "class=\"chips\"",
                                  "class=\"kpis\"",
                                  "id=\"compare\"",
                                  "id=\"f-pareto\"",
                                  "id=\"f-levels\"",
                                  "id=\"f-tornado\"",
                                  "id=\"f-grid\"",
                                  "id=\"effects\"",
                                  "id=\"plans\"",
                                  "id=\"method\"" };
    const char *at = page;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        if (!at) fail_msg("'%s' is not there, or not in its place", order[i]);
    }
    free(page);
}

static void test_worlds_and_fleets(void **state)
{
    (void)state;
    struct sweep_fixture f;
    sweep_fixture_default(&f);
    f.loads = f.fleets = 2;
    sweep_fixture_fill(&f);
    char *page = drawn(&f, true);
    check_page(page, 3);
    expect(page, "load=110 GPUs: 6 of 12 surely meet");
    expect(page, "<small>baseline; ");
    expect(page, "id=\"worlds\"");
    free(page);
}

/* Little to show, and figures that are alike. */
static void test_bounds(void **state)
{
    (void)state;
    struct sweep_fixture f;
    sweep_fixture_default(&f);
    f.target_s = NAN;
    char *page = drawn(&f, true);
    check_page(page, 4);
    expect(page, "On the frontier");
    free(page);
    f.finished = 1;
    f.state = "interrupted";
    page = drawn(&f, true);
    check_page(page, 0);
    expect(page, "1 of 6 points are finished");
    expect(page, "Nothing varies");
    expect(page, "fewer than two rows have both a cost and a wait");
    free(page);
    sweep_fixture_default(&f);
    memset(f.cost, 0, sizeof f.cost);
    memset(f.wait_s, 0, sizeof f.wait_s);
    page = drawn(&f, true);
    check_page(page, 4);
    expect(page, "No key moves cost or wait");
    free(page);
    f.target_s = 60;
    sweep_fixture_fill(&f);
    page = drawn(&f, true);
    check_page(page, 4);
    expect(page, "<h1>None of 6 meets every target</h1>");
    free(page);
    /* Nothing ran anywhere. */
    for (int i = 0; i < 6; i++)
        for (int r = 0; r < 4; r++) f.wait_s[i][r] = NAN;
    page = drawn(&f, true);
    check_page(page, 3);
    free(page);
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct sweep_fixture f;
    sweep_fixture_default(&f);
    char *one = drawn(&f, true), *two = drawn(&f, true);
    assert_string_equal(one, two);
    free(one);
    free(two);
}

/* Names from outside, in every place that takes one. */
static void test_hostile_names(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(scratch_dir()), 0);
    for (int i = 0; hostile_names[i]; i++) {
        struct sweep_fixture f;
        bool with_charts = i % 4 == 0; /* which take a while; the tables for all */
        sweep_fixture_default(&f);
        f.text = hostile_names[i];
        char *page = drawn(&f, with_charts);
        check_page(page, with_charts ? 4 : -1);
        assert_null(strstr(page, "<script>alert"));
        assert_null(strstr(page, "<img"));
        assert_int_not_equal(access("pwned", F_OK), 0);
        free(page);
    }
    assert_int_equal(chdir(before), 0);
}

static void test_pictures(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    struct charts *charts;
    struct error err;
    struct chart chart;
    if (!have_gnuplot()) skip();
    sweep_fixture_default(&f);
    f.text = "'; system('touch pwned'); print '";
    sweep_fixture_read(&f, &d);
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    for (const struct sweep_chart_kind *k = sweep_chart_kinds; k->name; k++) {
        int drawn_n = 0;
        size_t n;
        const char *path = scratch_path("chart.png");
        unlink(path);
        assert_int_equal(sweep_chart_png(charts, &d, k->name, path, &drawn_n, &err), STATUS_OK);
        assert_int_equal(drawn_n, 1);
        char *bytes = read_file(path, &n);
        assert_true(n > 1000 && memcmp(bytes + 1, "PNG", 3) == 0);
        free(bytes);
    }
    assert_int_not_equal(access("pwned", F_OK), 0);
    assert_int_equal(sweep_chart_draw(charts, &d, "pie", &chart, &err), STATUS_BUG);
    charts_close(charts);
    sweep_data_free(&d);
}

static void test_full_disk(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    struct error err;
    sweep_fixture_default(&f);
    sweep_fixture_read(&f, &d);
    FILE *out = fopen("/dev/full", "w");
    assert_non_null(out);
    assert_int_equal(sweep_page_write(&d, NULL, out, &err), STATUS_IO);
    fclose(out);
    sweep_data_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_worlds_and_fleets),
        cmocka_unit_test(test_bounds),    cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_pictures),  cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
