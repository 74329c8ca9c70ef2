/* SPDX-License-Identifier: Apache-2.0 */
/* The page as a document: well-formed and self-contained whatever the names, the same bytes for the
 * same results file, and readable where there is little to show. */
#include "reports/page.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/charts.h"
#include "reports/gnuplot.h"
#include "reports/metrics.h"
#include "tests/page_check.h"
#include "tests/results_fixture.h"
#include "tests/support.h"
#include "tests/xml_check.h"

static void gnuplot_or_skip(void)
{
    if (have_gnuplot()) return;
    print_message("skipped: no gnuplot here\n");
    skip();
}

static char *page_of(const struct report_data *d)
{
    static char *text;
    static size_t n;
    struct charts *charts;
    struct error err;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    if (page_write(d, charts, out, &err) != STATUS_OK) fail_msg("%s", err.message);
    if (charts_failed(charts)) fail_msg("%s", charts_failed(charts));
    charts_close(charts);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(text), n);
    return text;
}

static char *drawn(const struct fixture *f)
{
    struct report_data d;
    fixture_read(f, &d);
    char *page = page_of(&d);
    report_data_free(&d);
    return page;
}

/* What stands between `from` and the next `to` after it, in a static buffer. */
static const char *between(const char *text, const char *from, const char *to)
{
    static char part[20000];
    const char *at = strstr(text, from);
    if (!at) fail_msg("no '%s'", from);
    at += strlen(from);
    const char *end = strstr(at, to);
    assert_non_null(end);
    snprintf(part, sizeof part, "%.*s", (int)(end - at), at);
    return part;
}

/* What the walk over all tags finds. */
struct seen {
    int csp, charts, titles, descriptions, images, scripts, styles, figures, tables;
    char trouble[400], element[32];
    bool is_csp;
};

static bool starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static void visit(void *arg, const char *element, const char *attribute, const char *value)
{
    static const char *const forbidden[] = { "img",   "iframe", "object", "embed",
                                             "link",  "base",   "form",   "foreignObject",
                                             "image", "audio",  "video" };
    struct seen *s = arg;
    if (!attribute) {
        s->titles += strcmp(element, "title") == 0;
        s->descriptions += strcmp(element, "desc") == 0;
        s->scripts += strcmp(element, "script") == 0;
        s->styles += strcmp(element, "style") == 0;
        s->figures += strcmp(element, "figure") == 0;
        s->tables += strcmp(element, "table") == 0;
        for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
            if (strcmp(element, forbidden[i]) == 0)
                snprintf(s->trouble, sizeof s->trouble, "an element <%s>", element);
        return;
    }
    /* Nothing is fetched: a reference is to this page, a namespace is no address. */
    bool address = strcmp(attribute, "href") == 0 || strcmp(attribute, "xlink:href") == 0 ||
                   strcmp(attribute, "src") == 0;
    if (address && *value != '#')
        snprintf(s->trouble, sizeof s->trouble, "%s of <%s> is '%.200s'", attribute, element,
                 value);
    if (starts(attribute, "on") || strcmp(attribute, "srcset") == 0 ||
        strcmp(attribute, "action") == 0)
        snprintf(s->trouble, sizeof s->trouble, "an attribute %s of <%s>", attribute, element);
    if (strcmp(attribute, "style") == 0 && (strstr(value, "url(") || strstr(value, "expression")))
        snprintf(s->trouble, sizeof s->trouble, "style '%.200s'", value);
    if (strstr(value, "url(") && !strstr(value, "url(#"))
        snprintf(s->trouble, sizeof s->trouble, "%s='%.200s'", attribute, value);
    if (!starts(attribute, "xmlns") && (strstr(value, "http:") || strstr(value, "https:")))
        snprintf(s->trouble, sizeof s->trouble, "%s='%.200s'", attribute, value);
    if (strcmp(element, "svg") == 0 && strcmp(attribute, "class") == 0)
        s->charts += strcmp(value, "chart") == 0;
    if (strcmp(attribute, "http-equiv") == 0)
        s->is_csp = strcmp(value, "Content-Security-Policy") == 0;
    if (s->is_csp && strcmp(attribute, "content") == 0)
        s->csp +=
            starts(value, "default-src &#39;none&#39;;") || starts(value, "default-src 'none';");
}

/* Everything that must hold for every page. */
static void check_document(const char *page, struct seen *s)
{
    *s = (struct seen){ 0 };
    const char *wrong = xml_trouble(page, visit, s);
    if (wrong) fail_msg("%s", wrong);
    if (*s->trouble) fail_msg("%s", s->trouble);
    assert_true(starts(page, "<!DOCTYPE html>\n<html lang=\"en\">"));
    assert_int_equal(s->csp, 1);
    assert_int_equal(s->scripts, 1); /* our own; the policy cannot tell it from another */
    assert_int_equal(s->styles, 1);
    assert_int_equal(s->titles, 1 + s->charts);
    assert_int_equal(s->descriptions, s->charts);
    assert_int_equal(s->figures, 5);
    assert_int_equal(s->charts + count_of(page, "No chart here: "), 5);
    assert_null(strstr(page, "@import"));
    assert_null(strstr(page, "fetch("));
    assert_null(strstr(page, "XMLHttpRequest"));
    assert_int_equal(count_of(page, "<h1>"), 1);
}

/* No "nan" and no "inf" that is not part of a word. */
static void check_numbers(const char *page)
{
    for (const char *at = page; (at = strpbrk(at + 1, "ni")) != NULL;)
        if ((starts(at, "nan") || starts(at, "inf")) && !isalpha((unsigned char)at[3]) &&
            !isalpha((unsigned char)at[-1]))
            fail_msg("%.80s", at - 20);
}

static void test_plain(void **state)
{
    (void)state;
    gnuplot_or_skip();
    struct fixture f;
    struct seen s;
    fixture_default(&f);
    char *page = drawn(&f);
    check_document(page, &s);
    assert_int_equal(s.charts, 5);
    assert_string_equal(between(page, "<h1>", "</h1>"),
                        "small saves 30% \u00b1 2.2%: $77k a month instead of $110k");
    assert_string_equal(between(page, "<title>", "</title>"),
                        "small saves 30% \u00b1 2.2%: $77k a month instead of $110k | Seatrial");
    /* The decision comes before all else, the charts before the method. */
    const char *const order[] = { "<h1>",
                                  "class=\"chips\"",
                                  "class=\"kpis\"",
                                  "id=\"plans\"",
                                  "id=\"f-cost-wait\"",
                                  "id=\"f-money\"",
                                  "id=\"f-heat\"",
                                  "id=\"f-waits\"",
                                  "id=\"f-week\"",
                                  "id=\"sure\"",
                                  "id=\"change\"",
                                  "id=\"method\"",
                                  "seatrial run plain.yaml" };
    const char *at = page;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *next = strstr(at, order[i]);
        if (!next) fail_msg("'%s' is not there, or not in its place", order[i]);
        at = next;
    }
    /* Provenance: what was read, with its sum, and the line that does it again. */
    assert_non_null(
        strstr(page, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"));
    assert_non_null(strstr(page, "price list"));
    assert_non_null(strstr(page, "3, seed 7"));
    free(page);
}

/* Every drawing says what it shows to who cannot see it; titles and descriptions are tied to it. */
static void test_text_alternatives(void **state)
{
    (void)state;
    gnuplot_or_skip();
    for (int same = 0; same < 2; same++) { /* fleets of several nodes; schedulers on the same */
        struct fixture f;
        fixture_default(&f);
        f.states = true;
        for (int i = 0; same && i < FIXTURE_FLEETS; i++)
            memcpy(f.cost[i], f.cost[0], sizeof f.cost[0]);
        char *page = drawn(&f), find[200];
        int left_out = 0;
        for (const struct chart_kind *k = chart_kinds; k->name; k++) {
            bool drawn_here = strcmp(k->name, same ? "cost-wait" : "orders") != 0;
            snprintf(find, sizeof find, "role=\"img\" aria-labelledby=\"%s-t %s-d\"", k->name,
                     k->name);
            assert_int_equal(count_of(page, find), drawn_here);
            left_out += !drawn_here;
            if (!drawn_here) continue;
            snprintf(find, sizeof find, "<title id=\"%s-t\">", k->name);
            assert_true(strlen(between(page, find, "</title>")) > 15);
            snprintf(find, sizeof find, "<desc id=\"%s-d\">", k->name);
            assert_true(strlen(between(page, find, "</desc>")) > 30);
        }
        assert_int_equal(left_out, 1);
        assert_null(strstr(page, "<title>Gnuplot</title>"));
        assert_null(strstr(page, ">Gnuplot<"));
        free(page);
    }
}

/* No figure without its unit: key figures, cells of the plan table, axes of the charts. */
static void test_units(void **state)
{
    (void)state;
    gnuplot_or_skip();
    struct fixture f;
    fixture_default(&f);
    f.states = true;
    char *page = drawn(&f);
    int kpis = 0, cells = 0;
    for (const char *at = page; (at = strstr(at, "<div class=\"v\">")) != NULL; kpis++, at++) {
        const char *text = between(at, "<div class=\"v\">", "</div>");
        if (!strpbrk(text, "$%") && !strstr(text, " s") && !strstr(text, " min") &&
            !strstr(text, " h") && !strstr(text, " days"))
            fail_msg("no unit: %s", text);
    }
    assert_int_equal(kpis, 4);
    char *plans = strdup(between(page, "id=\"plans\">", "</table>"));
    assert_non_null(plans);
    for (const char *at = plans; (at = strstr(at, "<td data-v=")) != NULL; at++) {
        const char *text = between(at, "\">", "</td>");
        bool ratio = ++cells % 8 == 6; /* slowdown is a ratio: its head says what of */
        if (!ratio && !strpbrk(text, "$%") && !strstr(text, " s") && !strstr(text, " min") &&
            !strstr(text, " h") && strcmp(text, "reference") != 0)
            fail_msg("no unit in cell %d: %s", cells, text);
    }
    assert_int_equal(cells, 3 * 8);
    free(plans);
    static const struct {
        const char *figure, *units[3];
    } axes[] = {
        { "cost-wait", { "Cost per month", "p95 queue wait", "$" } },
        { "money", { "per month", "$", NULL } },
        { "heat", { "percent", "hour of the week", NULL } },
        { "waits", { "Queue wait", "Share of jobs", "%" } },
        { "week", { "GPUs", "Jobs waiting", NULL } },
        { "nodes", { "8 nodes", "jobs", "day 1" } },
    };
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        char find[60];
        snprintf(find, sizeof find, "<figure id=\"f-%s\">", axes[i].figure);
        const char *at = strstr(page, find), *end = at ? strstr(at, "</figure>") : NULL;
        assert_non_null(end);
        for (int k = 0; k < 3 && axes[i].units[k]; k++) {
            const char *unit = strstr(at, axes[i].units[k]);
            if (!unit || unit > end)
                fail_msg("%s does not say '%s'", axes[i].figure, axes[i].units[k]);
        }
    }
    free(page);
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct fixture f;
    struct report_data d;
    fixture_default(&f);
    fixture_read(&f, &d);
    char *one = page_of(&d), *two = page_of(&d);
    report_data_free(&d);
    assert_string_equal(one, two);
    free(two);
    two = drawn(&f); /* also from a file written again */
    assert_string_equal(one, two);
    free(one);
    free(two);
}

/* Names from outside, in every place that takes one. */
static void test_hostile_names(void **state)
{
    (void)state;
    struct fixture f;
    struct seen s;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(scratch_dir()), 0);
    for (int i = 0; hostile_names[i]; i++) {
        const char *name = hostile_names[i];
        fixture_default(&f);
        f.fleets = 2;
        f.replications = 2;
        f.days = i % 4 ? 2 : 9; /* all charts for some, which takes a while; the tables for all */
        f.fleet[i % 2] = f.text = f.slo_label = f.scenario_name = f.scenario_path = f.workload =
            f.notes = f.rerun = name;
        if (i % 3 == 0) memcpy(f.cost[1], f.cost[0], sizeof f.cost[0]); /* schedulers compared */
        char *page = drawn(&f);
        check_document(page, &s);
        assert_null(strstr(page, "<script>alert"));
        assert_null(strstr(page, "<img"));
        for (const unsigned char *c = (const unsigned char *)page; *c; c++)
            assert_true(*c >= ' ' || *c == '\n' || *c == '\t');
        assert_int_not_equal(access("pwned", F_OK), 0);
        free(page);
    }
    assert_int_equal(chdir(before), 0);
}

/* A name goes out as it came in, but for what HTML needs. */
static void test_names_survive(void **state)
{
    (void)state;
    struct fixture f;
    fixture_default(&f);
    f.fleet[1] = "a <b> & \"c\" 'd' `e` a100_80gb^{2} Zürich 東京";
    char *page = drawn(&f);
    assert_true(
        count_of(page,
                 "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; `e` a100_80gb^{2} Zürich 東京") > 5);
    free(page);
}

/* xmllint, where it is, is asked as well: our own check could be wrong. */
static void test_second_opinion(void **state)
{
    (void)state;
    struct fixture f;
    char command[700], *err;
    if (run_command("xmllint --version", NULL, NULL) != 0) {
        print_message("skipped: no xmllint here\n");
        skip();
    }
    for (int i = 0; i < 2; i++) {
        fixture_default(&f);
        if (i)
            f.fleet[0] = f.text = f.scenario_name = f.notes =
                "</title>]]>\" onload='x' <script>\xff\xef\xbf\xbf\033[2J & `";
        char *page = drawn(&f);
        write_text(scratch_path("page.html"), page);
        snprintf(command, sizeof command, "xmllint --noout --nonet '%s'",
                 scratch_path("page.html"));
        int code = run_command(command, NULL, &err);
        if (code != 0) fail_msg("%s", err);
        free(err);
        free(page);
    }
}

static void test_no_jobs(void **state)
{
    (void)state;
    struct fixture f;
    struct seen s;
    fixture_default(&f);
    f.jobs = 0;
    char *page = drawn(&f);
    check_document(page, &s);
    check_numbers(page);
    assert_non_null(strstr(page, "No chart here: no job waits"));
    free(page);
    memset(f.cost, 0, sizeof f.cost);
    page = drawn(&f);
    check_document(page, &s);
    assert_int_equal(s.charts, 0);
    check_numbers(page);
    free(page);
}

static void test_one_fleet(void **state)
{
    (void)state;
    struct fixture f;
    struct seen s;
    fixture_default(&f);
    f.fleets = 1;
    char *page = drawn(&f);
    check_document(page, &s);
    assert_string_equal(between(page, "<h1>", "</h1>"),
                        "base costs $110k a month and meets every target");
    assert_non_null(strstr(page, "the baseline itself"));
    assert_non_null(strstr(page, "Nothing: the baseline is the choice"));
    free(page);
    f.replications = 1;
    f.slo_label = NULL;
    page = drawn(&f);
    check_document(page, &s);
    assert_string_equal(between(page, "<h1>", "</h1>"), "base costs $100k a month");
    assert_null(strstr(page, "\u00b1"));
    assert_non_null(strstr(page, "no figure here has an interval"));
    check_numbers(page);
    free(page);
}

/* A fleet that fits no job beside others: named, not chosen, no figure made up. */
static void test_idle_fleet(void **state)
{
    (void)state;
    struct fixture f;
    struct seen s;
    for (int idle = 0; idle < 2; idle++) {
        fixture_default(&f);
        f.idle_fleet = idle;
        char *page = drawn(&f);
        check_document(page, &s);
        check_numbers(page);
        assert_int_equal(strstr(between(page, "<h1>", "</h1>"), "small") != NULL, idle == 0);
        assert_non_null(strstr(page, "n/a"));
        free(page);
    }
}

static void test_unfinished(void **state)
{
    (void)state;
    struct fixture f;
    struct seen s;
    struct report_data d;
    struct error err;
    fixture_default(&f);
    f.state = "interrupted";
    char *page = drawn(&f);
    check_document(page, &s);
    assert_non_null(strstr(page, "The run was not finished"));
    check_numbers(page);
    free(page);
    /* Unless it is asked for, there is no report of half a run. */
    fixture_write(&f, scratch_path("half.db"));
    assert_int_equal(report_data_read(scratch_path("half.db.partial"), false, &d, &err),
                     STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "is incomplete (its run is 'interrupted')"));
}

/* Figures that contradict each other are no report. */
static void test_contradictions(void **state)
{
    (void)state;
    struct fixture f;
    struct report_data d;
    struct error err;
    static const struct {
        const char *metric;
        double value;
    } list[] = { { METRIC_UTILIZATION, 1.2 },
                 { METRIC_UTILIZATION, -0.1 },
                 { METRIC_COST_IDLE_MONTH, 1e9 },
                 { METRIC_COST_MONTH, -5 } };
    fixture_default(&f);
    f.replications = 1;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        char *text = NULL;
        size_t n = 0;
        fixture_read(&f, &d);
        struct estimate *e = &d.fleets[1].metric[metric_index(list[i].metric)];
        e->mean = e->least = e->most = list[i].value;
        FILE *out = open_memstream(&text, &n);
        assert_non_null(out);
        assert_int_equal(page_write(&d, NULL, out, &err), STATUS_BAD_INPUT);
        assert_non_null(strstr(err.message, "fleet 1"));
        fclose(out);
        assert_int_equal(n, 0);
        free(text);
        report_data_free(&d);
    }
}

static void test_full_disk(void **state)
{
    (void)state;
    struct fixture f;
    struct report_data d;
    struct error err;
    fixture_default(&f);
    fixture_read(&f, &d);
    FILE *out = fopen("/dev/full", "w");
    assert_non_null(out);
    assert_int_equal(page_write(&d, NULL, out, &err), STATUS_IO);
    assert_non_null(strstr(err.message, "No space left on device"));
    fclose(out);
    report_data_free(&d);
}

/* The palette: no colour of a drawing is fixed, so that dark and print can change them all. */
static void test_colours_are_themed(void **state)
{
    (void)state;
    gnuplot_or_skip();
    struct fixture f;
    fixture_default(&f);
    char *page = drawn(&f);
    for (const char *at = page; (at = strstr(at, "<svg viewBox=\"0 0 1080")) != NULL;) {
        const char *end = strstr(at, "</svg>");
        assert_non_null(end);
        for (; at < end; at++) {
            if (starts(at, "rgb(") || starts(at, "#0101") || starts(at, "\"black\"") ||
                starts(at, "'black'"))
                fail_msg("%.80s", at);
        }
    }
    assert_non_null(strstr(page, "prefers-color-scheme:dark"));
    assert_non_null(strstr(page, "@media print"));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),          cmocka_unit_test(test_text_alternatives),
        cmocka_unit_test(test_units),          cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_hostile_names),  cmocka_unit_test(test_names_survive),
        cmocka_unit_test(test_second_opinion), cmocka_unit_test(test_no_jobs),
        cmocka_unit_test(test_one_fleet),      cmocka_unit_test(test_idle_fleet),
        cmocka_unit_test(test_unfinished),     cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_full_disk),      cmocka_unit_test(test_colours_are_themed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
