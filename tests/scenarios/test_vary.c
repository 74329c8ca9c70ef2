/* SPDX-License-Identifier: Apache-2.0 */
/* The section `vary`: ranges, points, paths, and what points share. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "scenarios/vary.h"
#include "tests/support.h"

/* A scenario whose fleets are as `fleets` says, with a section vary. */
static void source_of(struct source *source, const char *fleets, const char *vary)
{
    char text[4000];
    struct diagnostics diagnostics;
    struct error err;
    snprintf(text, sizeof text,
             "seatrial: 1\n"
             "workload: {synth: {like: itp, jobs: 50, days: 1 days, load: 20 GPUs}}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1}\n"
             "fleets:\n%svary: %s\n",
             fleets, vary);
    diagnostics_init(&diagnostics);
    if (source_from_memory(source, "s.yaml", text, strlen(text), &diagnostics, &err))
        fail_msg("%s", err.message);
    diagnostics_free(&diagnostics);
}

static const char two[] =
    "  a: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 3}, "
    "{name: q, instance: p4d.24xlarge, buy: on-demand, nodes: 4}]}\n"
    "  \"b.c\": {scheduler: easy, pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: "
    "5}]}\n";

struct loaded {
    struct source source;
    struct vary vary;
    struct diagnostics diagnostics;
    struct error err;
};

static void load(struct loaded *l, const char *fleets, const char *vary)
{
    source_of(&l->source, fleets, vary);
    diagnostics_init(&l->diagnostics);
    if (vary_read(&l->vary, &l->source, &l->diagnostics, &l->err)) {
        diagnostics_print(&l->diagnostics, stderr, 0, "");
        fail_msg("%s", l->err.message);
    }
}

static void unload(struct loaded *l)
{
    vary_free(&l->vary);
    diagnostics_free(&l->diagnostics);
    source_free(&l->source);
}

/* The values of a point, between blanks. */
static const char *point(const struct loaded *l, uint64_t p)
{
    static char text[1000];
    size_t used = 0;
    for (size_t k = 0; k < l->vary.key_n; k++) {
        char value[VARY_TEXT_MAX];
        vary_text(&l->vary, p, k, value);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", k ? " " : "", value);
    }
    return text;
}

static void load_point(struct loaded *l, uint64_t p, struct scenario_cache *cache,
                       struct scenario *s)
{
    if (scenario_load_point(&l->source, &l->vary, p, NULL, cache, s, &l->diagnostics, &l->err)) {
        diagnostics_print(&l->diagnostics, stderr, 0, "");
        fail_msg("%s", l->err.message);
    }
}

/* ---- Ranges ---- */

static void range_is(const char *text, uint64_t n, const char *first, const char *last)
{
    struct vary_range r;
    struct unit_problem problem;
    char value[100];
    if (!vary_range_read(text, &r, &problem)) fail_msg("%s %s", text, problem.message);
    assert_int_equal(vary_range_n(&r), n);
    vary_range_at(&r, 0, value, sizeof value);
    assert_string_equal(value, first);
    vary_range_at(&r, n - 1, value, sizeof value);
    assert_string_equal(value, last);
}

static void draw_is(const char *text, double share, const char *expected)
{
    struct vary_range r;
    struct unit_problem problem;
    char value[100];
    assert_true(vary_range_read(text, &r, &problem));
    vary_range_draw(&r, share, value, sizeof value);
    assert_string_equal(value, expected);
}

static void ranges(void **state)
{
    struct vary_range r;
    struct unit_problem problem;
    (void)state;
    range_is("10..40 by 2", 16, "10", "40");
    range_is("10..41 by 2", 16, "10", "40"); /* the last step that is not beyond the end */
    range_is("7..7", 1, "7", "7");
    range_is("2..5", 4, "2", "5");
    range_is("200 GPUs..300 GPUs by 20 GPUs", 6, "200 GPUs", "300 GPUs");
    range_is("200..300 GPUs by 20", 6, "200 GPUs", "300 GPUs");
    range_is("$5..$7 by $0.50", 5, "$5", "$7");
    range_is("$0.05 per hour..$0.20 per hour by $0.05 per hour", 4, "$0.05 per hour",
             "$0.2 per hour");
    range_is("0.9..1.1 by 0.1", 3, "0.9", "1.1");
    range_is("10%..50% by 10%", 5, "10%", "50%");
    draw_is("1..4", 0, "1");
    draw_is("1..4", 0.999999, "4");
    draw_is("1..4", 0.25, "2");
    draw_is("1.0..2.0", 0.5, "1.5");
    draw_is("1.0..2.0", 0.1234, "1.1234");
    draw_is("$1.00..$2.00", 0.0001234, "$1.00012");
    static const char *const bad[] = { "10",
                                       "..",
                                       "1..",
                                       "..3",
                                       "a..b",
                                       "3..1",
                                       "1..3 by 0",
                                       "1 GPU..3 d",
                                       "1..3 by",
                                       "1.5.2..3",
                                       "1..3 by 1 d and more" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bool good = vary_range_read(bad[i], &r, &problem);
        if (good && i + 1 < sizeof bad / sizeof *bad) fail_msg("'%s' was read", bad[i]);
    }
    assert_false(vary_range_read("99999999999999999999..1", &r, &problem));
}

/* ---- Points ---- */

static void crossed_and_together(void **state)
{
    struct loaded l;
    (void)state;
    load(&l, two,
         "\n  - run.seed: 1..3\n"
         "  - {fleets.a.pools.p.nodes: [1, 2], fleets.a.pools.q.nodes: 8..9}\n");
    assert_int_equal(l.vary.point_n, 6);
    static const char *const expected[] = { "1 1 8", "1 2 9", "2 1 8", "2 2 9", "3 1 8", "3 2 9" };
    for (int p = 0; p < 6; p++) assert_string_equal(point(&l, (uint64_t)p), expected[p]);
    unload(&l);
    load(&l, two, "\n  - workload.synth.load: 20 GPUs\n  - run: [{seed: 4, sample: 1 min}]\n");
    assert_int_equal(l.vary.point_n, 1);
    assert_string_equal(point(&l, 0), "20 GPUs {seed: 4, sample: 1 min}");
    unload(&l);
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Random points are different ones; all of them, where as many are asked for as there are. */
static void drawn_at_random(void **state)
{
    struct loaded l;
    char *texts[24];
    (void)state;
    load(&l, two, "{sample: random, points: 24, of: [run.seed: 1..6, run.replications: 1..4]}");
    assert_int_equal(l.vary.point_n, 24);
    for (int p = 0; p < 24; p++) texts[p] = strdup(point(&l, (uint64_t)p));
    bool in_order = true;
    for (int p = 1; p < 24; p++) in_order &= strcmp(texts[p - 1], texts[p]) < 0;
    assert_false(in_order);
    qsort(texts, 24, sizeof *texts, by_text);
    for (int p = 1; p < 24; p++) assert_string_not_equal(texts[p - 1], texts[p]);
    for (int p = 0; p < 24; p++) free(texts[p]);
    unload(&l);
}

/* Each of as many parts of a dimension as there are points has one point; another seed, others. */
static void drawn_as_a_hypercube(void **state)
{
    struct loaded l;
    char *first[2];
    (void)state;
    for (int seed = 1; seed <= 2; seed++) {
        char vary[200];
        bool taken[40] = { false }, part[40] = { false };
        snprintf(vary, sizeof vary,
                 "{sample: latin-hypercube, points: 40, seed: %d, of: [run.seed: 1..40, "
                 "workload.scale_load: 1.0..2.0]}",
                 seed);
        load(&l, two, vary);
        for (int p = 0; p < 40; p++) {
            int i;
            double x;
            assert_int_equal(sscanf(point(&l, (uint64_t)p), "%d %lf", &i, &x), 2);
            assert_true(i >= 1 && i <= 40 && x >= 1 && x < 2);
            taken[i - 1] = true;
            part[(int)((x - 1) * 40 + 1e-9)] = true;
        }
        for (int i = 0; i < 40; i++) assert_true(taken[i]);
        int parts =
            0; /* a value is written to four digits, so that one may fall into its neighbour */
        for (int i = 0; i < 40; i++) parts += part[i];
        assert_true(parts >= 39);
        first[seed - 1] = strdup(point(&l, 0));
        unload(&l);
    }
    assert_string_not_equal(first[0], first[1]);
    free(first[0]);
    free(first[1]);
}

/* ---- Paths ---- */

static int nodes(const struct scenario *s, int fleet, int pool)
{
    return (int)s->fleets[fleet].pools[pool].nodes;
}

static void paths_lead_to_values(void **state)
{
    struct loaded l;
    struct scenario s;
    (void)state;
    load(&l, two,
         "\n  - fleets.*.pools.p.nodes: [7]\n"
         "  - fleets.a.pools.1.nodes: [8]\n"
         "  - fleets.\"b.c\".scheduler: [ljf]\n"
         "  - uncertain.growth: 10%\n");
    load_point(&l, 0, NULL, &s);
    assert_int_equal(nodes(&s, 0, 0), 7);
    assert_int_equal(nodes(&s, 0, 1), 8);
    assert_int_equal(nodes(&s, 1, 0), 7);
    assert_string_equal(s.fleets[0].scheduler.order->name, "fifo");
    assert_string_equal(s.fleets[1].scheduler.order->name, "ljf");
    assert_int_equal(s.uncertain.growth_ppm, 100000);
    scenario_free(&s);
    unload(&l);
}

/* What an alias stands for elsewhere stays as it was. */
static void aliases_are_left_alone(void **state)
{
    struct loaded l;
    struct scenario s;
    (void)state;
    load(&l,
         "  a: &a {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 3}]}\n"
         "  b: *a\n",
         "\n  - fleets.b.pools.p.nodes: [9]\n");
    load_point(&l, 0, NULL, &s);
    assert_int_equal(nodes(&s, 0, 0), 3);
    assert_int_equal(nodes(&s, 1, 0), 9);
    scenario_free(&s);
    unload(&l);
}

/* An error in a value is found where the value stands. */
static void errors_point_at_the_values(void **state)
{
    struct loaded l;
    struct scenario s;
    char *text = NULL;
    size_t size;
    (void)state;
    load(&l, two, "\n  - fleets.a.pools.p.nodes: [4, none]\n  - fleets.b.c.pools.p.nodez: 1..3\n");
    assert_int_equal(scenario_load_point(&l.source, &l.vary, 3, NULL, NULL, &s, &l.diagnostics,
                                         &l.err),
                     STATUS_BAD_INPUT);
    FILE *out = open_memstream(&text, &size);
    diagnostics_print(&l.diagnostics, out, 0, "");
    fclose(out);
    assert_non_null(strstr(text, "s.yaml:9:5: error: there is no 'b' in 'fleets'"));
    free(text);
    unload(&l);
    load(&l, two, "\n  - fleets.a.pools.p.nodes: [4, none]\n  - fleets.a.pools.p.nodez: 1..3\n");
    assert_int_equal(scenario_load_point(&l.source, &l.vary, 3, NULL, NULL, &s, &l.diagnostics,
                                         &l.err),
                     STATUS_BAD_INPUT);
    out = open_memstream(&text, &size);
    diagnostics_print(&l.diagnostics, out, 0, "");
    fclose(out);
    if (!strstr(text, "s.yaml:8:33: error: 'nodes' ") ||
        !strstr(text, "s.yaml:9:5: error: unknown key 'nodez' in pool 'p'"))
        fail_msg("%s", text);
    free(text);
    unload(&l);
}

/* ---- What determines a point ---- */

static void one_point_one_hash(void **state)
{
    struct loaded l;
    struct scenario s[4];
    (void)state;
    load(&l, two,
         "\n  - {fleets.a.pools.p.nodes: [3, 3, 4, 3], run: [{}, {replications: 9}, {}, {seed: "
         "2}]}\n");
    for (uint64_t p = 0; p < 4; p++) load_point(&l, p, NULL, &s[p]);
    assert_string_equal(s[0].figures_sha256, s[1].figures_sha256);
    assert_string_not_equal(s[0].sha256, s[1].sha256);
    assert_string_not_equal(s[0].figures_sha256, s[2].figures_sha256);
    assert_string_not_equal(s[0].figures_sha256, s[3].figures_sha256);
    for (int p = 0; p < 4; p++) scenario_free(&s[p]);
    unload(&l);
}

/* A trace and the price books are read once for all points, and give the same as when read anew. */
static void what_points_share_is_read_once(void **state)
{
    struct loaded l;
    struct scenario alone, first, second;
    struct diagnostics diagnostics;
    struct error err;
    char text[2000], *trace = strdup(scratch_path("t.csv"));
    (void)state;
    write_text(trace, "job_id,submit_s,run_s,gpus\na,0,100,8\nb,50,100,4\nc,5000,10,1\n");
    snprintf(
        text, sizeof text,
        "seatrial: 1\nworkload: {trace: %s}\nprices: {as_of: 2026-07-20, region: us-east-1}\n"
        "fleets:\n%svary:\n  - {fleets.a.pools.p.nodes: [3, 5, 7], workload.scale_load: [100%%, "
        "200%%, 100%%], run: [{}, {}, {seed: 2}]}\n",
        trace, two);
    diagnostics_init(&l.diagnostics);
    diagnostics_init(&diagnostics);
    assert_int_equal(
        source_from_memory(&l.source, "s.yaml", text, strlen(text), &diagnostics, &err), STATUS_OK);
    assert_int_equal(vary_read(&l.vary, &l.source, &diagnostics, &err), STATUS_OK);
    struct scenario_cache *cache = scenario_cache_new();
    load_point(&l, 1, NULL, &alone);
    load_point(&l, 0, cache, &first);
    write_text(trace, "no trace at all");
    load_point(&l, 1, cache, &second);
    assert_string_equal(alone.sha256, second.sha256);
    assert_int_equal(alone.input_n, second.input_n);
    for (int32_t i = 0; i < alone.input_n; i++) {
        assert_string_equal(alone.inputs[i].path, second.inputs[i].path);
        assert_string_equal(alone.inputs[i].sha256, second.inputs[i].sha256);
    }
    assert_ptr_equal(first.trace.submit_us, second.trace.submit_us);
    assert_ptr_not_equal(alone.trace.submit_us, second.trace.submit_us);
    scenario_free(&alone);
    scenario_free(&first);
    scenario_free(&second);
    scenario_cache_free(cache);
    diagnostics_free(&diagnostics);
    free(trace);
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges),
        cmocka_unit_test(crossed_and_together),
        cmocka_unit_test(drawn_at_random),
        cmocka_unit_test(drawn_as_a_hypercube),
        cmocka_unit_test(paths_lead_to_values),
        cmocka_unit_test(aliases_are_left_alone),
        cmocka_unit_test(errors_point_at_the_values),
        cmocka_unit_test(one_point_one_hash),
        cmocka_unit_test(what_points_share_is_read_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
