/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a Monte Carlo study as a document: well-formed and self-contained whatever the names
 * and figures, the same bytes for the same study, and readable where there is little to show. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/montecarlo_fixture.h"
#include "tests/page_check.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

static char *page_of(const struct montecarlo_data *d, bool with_charts)
{
    char *text = NULL;
    size_t n = 0;
    struct charts *charts = NULL;
    struct error err;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    if (with_charts) assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    if (montecarlo_page_write(d, charts, out, &err) != STATUS_OK) fail_msg("%s", err.message);
    if (charts && charts_failed(charts)) fail_msg("%s", charts_failed(charts));
    charts_close(charts);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *drawn(const struct montecarlo_fixture *f)
{
    struct montecarlo_data d;
    montecarlo_fixture_read(f, &d);
    char *page = page_of(&d, true);
    montecarlo_data_free(&d);
    return page;
}

/* With four figures, or none. */
static void check_study(const char *page, int charts)
{
    check_page(page, charts);
    assert_int_equal(count_of(page, "<figure "), charts < 0 ? 0 : 4);
}

static void test_plain(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    montecarlo_fixture_default(&f);
    char *page = drawn(&f);
    check_study(page, 4);
    expect(page, "<h1>base-48 saves 13% \u00b1 0.2%: $3.34M a year instead of $3.82M</h1>");
    expect(page, "a yearly bill over $4.20M: 0.4% of futures, may be 5.0%");
    expect(page, "base-64 misses a target");
    expect(page, "cheapest in 73% of futures");
    expect(page, "the model is off by +0.4% in cost per month");
    expect(page, "4,096 (this study)");
    expect(page, "0.031%*");
    expect(page, "<li>spot prices wander</li>");
    expect(page, "Student t; control variates, n - 6 degrees of freedom");
    expect(page, "seatrial montecarlo h100.yaml");
    if (have_gnuplot()) {
        expect(page, "By Feb 2027 a bad month of base-48 is over a twelfth of the yearly budget");
        expect(page, "base-48 breaks the budget of $4.20M in 0.4% of futures, base-64 in 7.7%");
        expect(page, "2 of 4 fleets meet every target, none cheaper than base-48");
        expect(page, "base-48 is the cheapest in 73% of futures");
    }
    /* The decision comes before all else, what it rests on behind it. */
    const char *const order[] = {
        "<h1>",         "class=\"chips\"", "class=\"kpis\"", "id=\"plans\"", "id=\"f-plans\"",
        "id=\"f-fan\"", "id=\"f-regret\"", "id=\"sure\"",    "id=\"method\""
    };
    const char *at = page;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        if (!at) fail_msg("'%s' is not there, or not in its place", order[i]);
    }
    free(page);
}

/* Little to show, and chances of 0 and 1. */
static void test_bounds(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    montecarlo_fixture_default(&f);
    f.months = 0;
    f.curves = f.checks = f.enough = f.regrets = false;
    char *page = drawn(&f);
    check_study(page, 1);
    expect(page, "No chart here: the study kept no bills by month");
    expect(page, "The model was not checked against a simulation of each job.");
    free(page);
    montecarlo_fixture_default(&f);
    f.plans = 1;
    page = drawn(&f);
    check_study(page, 2);
    expect(page, "the baseline itself");
    expect(page, "No chart here: there is one fleet");
    free(page);
    montecarlo_fixture_default(&f);
    f.chance_first = 1;
    f.chance = 0;
    page = drawn(&f);
    check_study(page, 4);
    expect(page, "a year with work later than 24 h: none of the futures, may be 5.0%");
    expect(page, ">100%<");
    free(page);
    f.chance = 1;
    f.tolerance = 0;
    f.budget_usd_per_year = NAN;
    page = drawn(&f);
    check_study(page, 4);
    expect(page, "<h1>None of the 4 fleets keeps its risk within tolerance</h1>");
    free(page);
}

static void test_many(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    montecarlo_fixture_default(&f);
    f.plans = 2000;
    char *page = drawn(&f);
    check_study(page, 4);
    expect(page, "21 of 2,000 fleets; --format csv has them all");
    assert_true(strlen(page) < 1000000);
    free(page);
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    montecarlo_fixture_default(&f);
    char *one = drawn(&f), *two = drawn(&f);
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
        struct montecarlo_fixture f;
        struct montecarlo_data d;
        bool with_charts = i % 4 == 0; /* which take a while; the tables for all */
        montecarlo_fixture_default(&f);
        f.text = hostile_names[i];
        f.plans = 3;
        montecarlo_fixture_read(&f, &d);
        char *page = page_of(&d, with_charts);
        montecarlo_data_free(&d);
        check_study(page, with_charts ? 4 : -1);
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
    struct montecarlo_fixture f;
    struct montecarlo_data d;
    struct charts *charts;
    struct error err;
    if (!have_gnuplot()) skip();
    montecarlo_fixture_default(&f);
    f.text = "'; system('touch pwned'); print '";
    montecarlo_fixture_read(&f, &d);
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    for (const struct montecarlo_chart_kind *k = montecarlo_chart_kinds; k->name; k++) {
        int drawn = 0;
        size_t n;
        const char *path = scratch_path("chart.png");
        unlink(path);
        assert_int_equal(montecarlo_chart_png(charts, &d, k->name, path, &drawn, &err), STATUS_OK);
        assert_int_equal(drawn, 1);
        char *bytes = read_file(path, &n);
        assert_true(n > 1000 && memcmp(bytes + 1, "PNG", 3) == 0);
        free(bytes);
    }
    struct chart chart;
    assert_int_equal(montecarlo_chart_draw(charts, &d, "pie", &chart, &err), STATUS_BUG);
    charts_close(charts);
    montecarlo_data_free(&d);
}

static void test_full_disk(void **state)
{
    (void)state;
    struct montecarlo_fixture f;
    struct montecarlo_data d;
    struct error err;
    montecarlo_fixture_default(&f);
    montecarlo_fixture_read(&f, &d);
    FILE *out = fopen("/dev/full", "w");
    assert_non_null(out);
    assert_int_equal(montecarlo_page_write(&d, NULL, out, &err), STATUS_IO);
    fclose(out);
    montecarlo_data_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),         cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_many),          cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
