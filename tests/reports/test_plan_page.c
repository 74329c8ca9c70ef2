/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a plan as a document: well-formed and self-contained whatever the names and figures,
 * the decision first, the same bytes for the same plan, and readable where there is little to show.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/metrics.h"
#include "reports/plan_data.h"
#include "tests/page_check.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

enum { FLEETS = 6 };

/* A plan by hand: 60 nodes today, 41 planned, 42 the runner-up, 40 unclear, 50 on the frontier, and
 * one that misses. A test changes what it is about. */
struct made {
    struct plan_data data;
    struct planned_fleet fleets[FLEETS];
    struct planned_target targets[2];
    struct planned_change changes[3];
    struct planned_flip flips[2];
    struct report_input input;
    struct planned_price price;
};

static struct planned_fleet fleet(const char *params, int64_t nodes, double wait_h,
                                  enum verdict verdict)
{
    return (struct planned_fleet){
        .name = "today",
        .params = params,
        .summary = "some x p4d.24xlarge on-demand; sjf, pack",
        .nodes = nodes,
        .gpus = 8 * nodes,
        .n = 20,
        .cost = { 16000.0 * (double)nodes, 900 },
        .wait = { 3600 * wait_h, 1800 },
        .utilization = { 13.0 / (double)nodes, 0.01 },
        .against = { 16000.0 * (double)(nodes - 60), 700 },
        .verdict = verdict,
        .missed = verdict == VERDICT_MEETS ? "" : "p95 wait at most 4 h",
        .on_frontier = verdict == VERDICT_MEETS,
    };
}

static void make(struct made *m)
{
    memset(m, 0, sizeof *m);
    m->fleets[0] = fleet("", 60, 4.1, VERDICT_UNCLEAR);
    m->fleets[1] = fleet("nodes=41", 41, 1.9, VERDICT_MEETS);
    m->fleets[2] = fleet("nodes=42", 42, 1.8, VERDICT_MEETS);
    m->fleets[3] = fleet("nodes=40", 40, 3.9, VERDICT_UNCLEAR);
    m->fleets[4] = fleet("nodes=50", 50, 0.9, VERDICT_MEETS);
    m->fleets[5] = fleet("nodes=20", 20, 30, VERDICT_MISSES);
    m->targets[0] =
        (struct planned_target){ METRIC_WAIT_P95, "p95 wait at most 4 h", 4 * 3600, true };
    m->targets[1] =
        (struct planned_target){ METRIC_COST_MONTH, "at most $1.2M a month", 1.2e6, true };
    m->changes[0] = (struct planned_change){ '-', "60 nodes p4d.24xlarge on-demand", "", -960000 };
    m->changes[1] = (struct planned_change){ '+', "41 nodes p4d.24xlarge on-demand",
                                             "commits $1.05M for 12 months", 656000 };
    m->changes[2] = (struct planned_change){ '~', "scheduler fifo -> sjf", "", NAN };
    m->flips[0] = (struct planned_flip){ "Demand", "+7.2%", "the plan does not surely do", "" };
    m->flips[1] = (struct planned_flip){ "Price of p4d.24xlarge", "+31%",
                                         "the runner-up costs no more", "nodes=42" };
    m->input = (struct report_input){ "scenario", "made.yaml", "9f86d081", 1234 };
    m->price =
        (struct planned_price){ "plan",  "p4d.24xlarge on-demand", 21.96, "us-east-1", "2025-06-04",
                                "a list" };
    m->data = (struct plan_data){
        .scenario_name = "a made plan",
        .fleet_n = FLEETS,
        .fleets = m->fleets,
        .today = 0,
        .pick = 1,
        .next = 2,
        .fewer = 3,
        .target_n = 2,
        .targets = m->targets,
        .is_clear = true,
        .confidence = 0.95,
        .indifference = 0.01,
        .from_today = { { -304000, 700 },
                        { -7920, 900 },
                        { 0.1, 0.02 },
                        { -0.317, 0.01 },
                        { -0.54, 0.06 },
                        20 },
        .to_next = { { 16000, 300 },
                     { -360, 90 },
                     { -0.01, 0.001 },
                     { 0.02, 0.001 },
                     { -0.05, 0.01 },
                     20 },
        .change_n = 3,
        .changes = m->changes,
        .keys = "fleets.today.pools.gpu.nodes = 41",
        .flips_known = true,
        .flip_n = 2,
        .nearest = 0,
        .flips = m->flips,
        .space = 486,
        .lines = 6,
        .simulated = 6,
        .replications = 690,
        .asked = 20,
        .seed = "7",
        .workload = "synthetic, like itp",
        .price_as_of = "2026-07-20",
        .tool_version = "0.1.0",
        .compiler = "a compiler",
        .rerun = "seatrial plan made.yaml --report plan.html",
        .input_n = 1,
        .inputs = &m->input,
        .price_n = 1,
        .prices = &m->price,
        .json = "{\"plan\": \"</script><b>&\"}\n",
    };
}

static char *drawn(const struct plan_data *d, bool with_charts)
{
    char *text = NULL;
    size_t n = 0;
    struct charts *charts = NULL;
    struct error err;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    if (with_charts) assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    if (plan_page_write(d, charts, out, &err) != STATUS_OK) fail_msg("%s", err.message);
    if (charts && charts_failed(charts)) fail_msg("%s", charts_failed(charts));
    charts_close(charts);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_plain(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    char *page = drawn(&m.data, true);
    check_page(page, 1);
    expect(page, "<h1>The plan saves 32% \u00b1 1.0: $656k a month instead of $960k</h1>");
    expect(page, "Run some x p4d.24xlarge on-demand; sjf, pack. 95% of the jobs start within 1.9 h "
                 "\u00b1 0.5; today it is 4.1 h \u00b1 0.5, and the target is 4.0 h.");
    expect(page, "p95 wait at most 4 h: surely met");
    expect(page, "clearly cheaper than the runner-up, at 95% confidence");
    expect(page, "today\u2019s fleet may miss a target: p95 wait at most 4 h");
    expect(page, "The nearest thing that would change the answer: Demand +7.2%, then the plan does "
                 "not surely do. <a href=\"#flips\">");
    expect(page, "over n = 20 replications (Student's t)");
    expect(page, "<b>-54% \u00b1 6.0</b>");
    expect(page, "<li class=\"minus\">\u2212 60 nodes p4d.24xlarge on-demand: -$960k a month</li>");
    expect(page, "+$656k a month, commits $1.05M for 12 months</li>");
    expect(page, "<li>= -$304k \u00b1 1k a month in the simulated bill, n = 20</li>");
    expect(page, "never talks to a cloud account");
    expect(page, "made.yaml, 1,234 bytes, SHA-256 9f86d081");
    expect(page, "6 of 486 that there are, on 6 lines of nodes; 690 replications in all");
    expect(page, "seatrial plan made.yaml --report plan.html");
    if (have_gnuplot())
        expect(page, "3 of 6 fleets looked at surely meet every target, and none of them is "
                     "cheaper than the plan");
    /* The decision comes before all else, what it rests on behind it. */
    const char *const order[] = {
        "<h1>",          "class=\"chips\"", "Read this first", "class=\"kpis\"",  "id=\"compare\"",
        "id=\"plans\"",  "id=\"f-pareto\"", "id=\"all\"",      "id=\"change\"",   "id=\"flips\"",
        "id=\"levers\"", "id=\"sure\"",     "id=\"method\"",   "id=\"plan-json\""
    };
    const char *at = page;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (!have_gnuplot() && strstr(order[i], "f-pareto")) continue;
        at = strstr(at, order[i]);
        if (!at) fail_msg("'%s' is not there, or not in its place", order[i]);
    }
    free(page);
}

/* What does not carry a finding is said to be so. */
static void test_not_clear(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    m.data.is_clear = false;
    m.data.from_today.cost_share = (struct mean_interval){ -0.02, 0.03 };
    m.data.from_today.wait_share = (struct mean_interval){ -0.4, 0.7 };
    char *page = drawn(&m.data, true);
    check_page(page, 1);
    expect(page,
           "<h1>The plan costs $656k a month, not clearly other than today\u2019s $960k</h1>");
    expect(page, "not clearly cheaper than the runner-up");
    expect(page, "<b>-40% \u00b1 70, not clear</b>");
    if (have_gnuplot()) expect(page, "Cost against wait of the 6 fleets looked at");
    free(page);
}

/* A dearer plan, a fast one, today's own, none at all. */
static void test_answers(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    m.fleets[1].name = "hybrid";
    m.data.from_today.cost_share = (struct mean_interval){ 0.2, 0.01 };
    char *answer = plan_answer(&m.data);
    assert_string_equal(
        answer, "hybrid costs 20% \u00b1 1.0 more than today: $656k a month instead of $960k");
    free(answer);
    m.data.is_fastest = true;
    answer = plan_answer(&m.data);
    assert_string_equal(answer,
                        "hybrid has a p95 wait of 1.9 h instead of 4.1 h, at $656k a month");
    free(answer);
    m.data.pick = 0;
    m.data.is_fastest = false;
    char *page = drawn(&m.data, false);
    check_page(page, -1);
    expect(page, "<h1>Today\u2019s fleet is the cheapest that surely meets every target: $960k a "
                 "month</h1>");
    expect(page, "Nothing: the plan is what there is today.");
    free(page);
    m.data.pick = m.data.next = m.data.fewer = m.data.nearest = -1;
    page = drawn(&m.data, true);
    check_page(page, 1);
    expect(page, "<h1>None of 486 fleets surely meets every target</h1>");
    expect(page, "none is recommended");
    expect(page, "There is no answer to change");
    free(page);
}

/* One replication, one fleet, no wait, no charts. */
static void test_bounds(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    for (int i = 0; i < FLEETS; i++) {
        m.fleets[i].n = 1;
        m.fleets[i].cost.half = m.fleets[i].wait.half = m.fleets[i].utilization.half = NAN;
        m.fleets[i].against.half = NAN;
    }
    char *page = drawn(&m.data, true);
    check_page(page, 1);
    expect(page, "One replication: no figure here has an interval");
    expect(page, "n = 1: no intervals.");
    free(page);
    for (int i = 0; i < FLEETS; i++) m.fleets[i].wait.mean = NAN;
    page = drawn(&m.data, true);
    check_page(page, 0);
    expect(page, "fewer than two fleets have both a cost and a wait");
    free(page);
    make(&m);
    m.data.fleet_n = 1;
    m.data.pick = 0;
    m.data.next = m.data.fewer = m.data.nearest = -1;
    m.data.flip_n = m.data.change_n = m.data.price_n = m.data.input_n = 0;
    page = drawn(&m.data, false);
    check_page(page, -1);
    expect(page, "no other fleet surely meets the targets");
    free(page);
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    char *one = drawn(&m.data, true), *two = drawn(&m.data, true);
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
        struct made m;
        bool with_charts = i % 4 == 0; /* which take a while; the tables for all */
        const char *name = hostile_names[i];
        make(&m);
        for (int f = 0; f < FLEETS; f++)
            m.fleets[f].name = m.fleets[f].params = m.fleets[f].summary = m.fleets[f].missed = name;
        m.targets[0].label = m.targets[1].label = name;
        for (int c = 0; c < 3; c++) m.changes[c].text = m.changes[c].note = name;
        for (int c = 0; c < 2; c++) m.flips[c] = (struct planned_flip){ name, name, name, name };
        m.price.what = m.price.where = m.price.valid_from = m.price.source = name;
        m.input = (struct report_input){ (char *)name, (char *)name, (char *)name, 1 };
        m.data.scenario_name = m.data.keys = m.data.seed = m.data.workload = m.data.price_as_of =
            m.data.tool_version = m.data.compiler = m.data.rerun = name;
        char *page = drawn(&m.data, with_charts);
        check_page(page, with_charts ? 1 : -1);
        assert_null(strstr(page, "<script>alert"));
        assert_null(strstr(page, "<img"));
        assert_int_not_equal(access("pwned", F_OK), 0);
        free(page);
    }
    assert_int_equal(chdir(before), 0);
}

static void test_picture(void **state)
{
    (void)state;
    struct made m;
    struct charts *charts;
    struct error err;
    struct chart chart;
    int drawn_n = 0;
    size_t n;
    const char *path = scratch_path("chart.png");
    if (!have_gnuplot()) skip();
    make(&m);
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    assert_int_equal(plan_chart_png(charts, &m.data, "pareto", path, &drawn_n, &err), STATUS_OK);
    assert_int_equal(drawn_n, 1);
    char *bytes = read_file(path, &n);
    assert_true(n > 1000 && memcmp(bytes + 1, "PNG", 3) == 0);
    free(bytes);
    assert_int_equal(plan_chart_draw(charts, &m.data, "pie", &chart, &err), STATUS_BUG);
    charts_close(charts);
}

/* Without gnuplot there are tables, and the reason in the place of the picture. */
static void test_no_gnuplot(void **state)
{
    (void)state;
    struct made m;
    struct charts *charts;
    struct error err;
    char *text = NULL;
    size_t n = 0;
    make(&m);
    assert_int_equal(charts_open("/nowhere/gnuplot", &charts, &err), STATUS_OK);
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    assert_int_equal(plan_page_write(&m.data, charts, out, &err), STATUS_OK);
    fclose(out);
    charts_close(charts);
    check_page(text, 0);
    expect(text, "No chart here: gnuplot not found");
    expect(text, "id=\"plans\"");
    free(text);
}

static void test_full_disk(void **state)
{
    (void)state;
    struct made m;
    struct error err;
    make(&m);
    FILE *out = fopen("/dev/full", "w");
    assert_non_null(out);
    assert_int_equal(plan_page_write(&m.data, NULL, out, &err), STATUS_IO);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),      cmocka_unit_test(test_not_clear),
        cmocka_unit_test(test_answers),    cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_picture),    cmocka_unit_test(test_no_gnuplot),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
