/* SPDX-License-Identifier: Apache-2.0 */
/* Two runs job by job: by hand, and against the plainest way to match and count. */
#include "reports/compare_jobs.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/results.h"
#include "tests/random_world.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

struct row {
    const char *id;
    double submit, start, end, wait; /* start NAN: rejected */
};

static void ok(enum status status, const struct error *err)
{
    if (status != STATUS_OK) fail_msg("%s", err->message);
}

/* A results file of one fleet that holds these jobs; its path is one of two. */
static const char *written(int which, const struct row *rows, size_t n, const char *fleet)
{
    static char paths[2][600];
    struct results *r;
    struct error err;
    struct results_run run = {
        "s", "s.yaml", "0", "{}",         "by hand", (int64_t)n, 1,       NAN,           1,
        1,   1,        0,   "2026-01-01", "none",    "",         "0.1.0", "seatrial run"
    };
    struct results_fleet f = { 0, fleet, "1 x node", "fifo", "pack", "fewest-nodes", 8, 1 };
    snprintf(paths[which], sizeof paths[which], "%s", scratch_path(which ? "b.db" : "a.db"));
    unlink(paths[which]);
    ok(results_open(paths[which], &run, &r, NULL, &err), &err);
    ok(results_add_fleet(r, &f, &err), &err);
    for (size_t j = 0; j < n; j++) {
        bool ran = !isnan(rows[j].start);
        struct results_job job = { .job = (int64_t)j,
                                   .job_id = rows[j].id,
                                   .tenant = j % 2 ? "odd" : "even",
                                   .state = ran ? "finished" : "rejected",
                                   .gpus = 1,
                                   .submit_s = rows[j].submit,
                                   .start_s = rows[j].start,
                                   .end_s = ran ? rows[j].end : NAN,
                                   .wait_s = ran ? rows[j].wait : NAN,
                                   .pool_id = ran ? 0 : -1,
                                   .nodes = ran ? 1 : -1,
                                   .first_node = ran ? 0 : -1 };
        ok(results_add_job(r, 0, &job, &err), &err);
    }
    struct results_execution e = { "2026-01-02T03:04:05Z", "x", "gcc", "host", 1, 1, 1, 1, 1 };
    ok(results_add_execution(r, &e, &err), &err);
    ok(results_close(r, "complete", &err), &err);
    return paths[which];
}

static void compared(const struct row *a, size_t n, const struct row *b, size_t m, size_t limit,
                     struct comparison *c)
{
    struct error err;
    const char *path_a = written(0, a, n, "f"), *path_b = written(1, b, m, "g");
    ok(comparison_read(path_a, NULL, path_b, "g", limit, c, &err), &err);
}

#define N(rows) (sizeof(rows) / sizeof *(rows))

static void by_hand(void **state)
{
    static const struct row a[] = { { "one", 0, 0, 10, 0 },     { "two", 0, 5, 15, 5 },
                                    { "three", 1, NAN, 0, 0 },  { "x", 2, 15, 16, 13 },
                                    { "gone", 3, 16, 17, 13 },  { "x", 4, 17, 18, 13 },
                                    { "longer", 5, 20, 30, 15 } },
                            b[] = { { "two", 0, 0, 10, 0 },          { "one", 0, 10, 20, 10 },
                                    { "three", 1, 2, 3, 1 },         { "x", 2, 15, 16, 13 },
                                    { "x", 4, 17.25, 18.25, 13.25 }, { "new", 5, 19, 20, 14 },
                                    { "longer", 6, 20, 31, 14 } };
    struct comparison c;
    (void)state;
    compared(a, N(a), b, N(b), 3, &c);
    assert_false(c.same);
    assert_int_equal(c.pair_n, 6);
    assert_int_equal(c.only_n[0], 1);
    assert_string_equal(c.side[0].jobs[c.only[0][0]].id, "gone");
    assert_int_equal(c.only_n[1], 1);
    assert_string_equal(c.side[1].jobs[c.only[1][0]].id, "new");
    assert_int_equal(c.both_ran, 5);
    assert_int_equal(c.ran_in_a, 0);
    assert_int_equal(c.ran_in_b, 1); /* three */
    assert_int_equal(c.submit_differs, 1);
    /* Starts: +10, -5, 0, +0.25, 0; ends: +10, -5, 0, +0.25, +1; waits: +10, -5, 0, +0.25, -1. */
    const struct compared_figures *start = &c.figures[COMPARED_START],
                                  *end = &c.figures[COMPARED_END],
                                  *wait = &c.figures[COMPARED_WAIT];
    assert_int_equal(start->same, 2);
    assert_int_equal(start->earlier, 1);
    assert_int_equal(start->later, 2);
    assert_int_equal(end->same, 1);
    assert_int_equal(end->later, 3);
    assert_int_equal(wait->earlier, 2);
    assert_true(fabs(start->mean_s - 5.25 / 5) < 1e-12);
    assert_true(fabs(start->mean_size_s - 15.25 / 5) < 1e-12);
    static const double quantiles[] = { -5, -5, 0, 0, 0.25, 10, 10 };
    for (int q = 0; q < COMPARED_QUANTILE_N; q++) assert_true(start->quantile_s[q] == quantiles[q]);
    assert_int_equal(c.largest_n, 3);
    assert_string_equal(c.side[0].jobs[c.pairs[c.largest[0]].a].id, "one");
    assert_string_equal(c.side[0].jobs[c.pairs[c.largest[1]].a].id, "two");
    assert_string_equal(c.side[0].jobs[c.pairs[c.largest[2]].a].id, "longer");
    comparison_free(&c);
    compared(a, N(a), a, N(a), 10, &c);
    assert_true(c.same);
    assert_int_equal(c.pair_n, N(a));
    assert_int_equal(c.largest_n, 0);
    comparison_free(&c);
}

/* One thing that differs is enough. */
static void each_difference_counts(void **state)
{
    static const struct row a[] = { { "j", 0, 1, 2, 1 }, { "k", 0, 1, 2, 1 } };
    static const struct row others[][2] = {
        { { "j", 0, 1.000001, 2, 1 }, { "k", 0, 1, 2, 1 } },
        { { "j", 0, 1, 2.000001, 1 }, { "k", 0, 1, 2, 1 } },
        { { "j", 0, 1, 2, 1.000001 }, { "k", 0, 1, 2, 1 } },
        { { "j", 0.000001, 1, 2, 1 }, { "k", 0, 1, 2, 1 } },
        { { "j", 0, 1, 2, 1 }, { "l", 0, 1, 2, 1 } },
        { { "j", 0, 1, 2, 1 }, { "k", 0, NAN, 2, 1 } },
    };
    (void)state;
    for (size_t i = 0; i < N(others); i++) {
        struct comparison c;
        compared(a, 2, others[i], 2, 10, &c);
        assert_false(c.same);
        comparison_free(&c);
    }
    struct comparison c;
    compared(a, 2, a, 1, 10, &c);
    assert_false(c.same);
    comparison_free(&c);
}

/* Random ids with many of one name: matched one after another, and counted, in the plainest way. */
static void against_the_plain_way(void **state)
{
    enum { MOST = 40 };
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        static char names[2][MOST][8];
        struct row rows[2][MOST];
        size_t n[2], pairs = 0, earlier = 0, later = 0, lone = 0;
        bool taken[MOST] = { false };
        struct comparison c;
        struct draw d = { random_key(seed, 0), 0 };
        for (int s = 0; s < 2; s++) {
            n[s] = 1 + (size_t)below(&d, MOST - 1);
            for (size_t j = 0; j < n[s]; j++) {
                snprintf(names[s][j], sizeof names[s][j], "j%d", below(&d, 12));
                double start = below(&d, 4);
                rows[s][j] = (struct row){ names[s][j], 0, start, start + 1, start };
            }
        }
        for (size_t j = 0; j < n[0]; j++) {
            size_t i = 0;
            while (i < n[1] && (taken[i] || strcmp(rows[1][i].id, rows[0][j].id) != 0)) i++;
            if (i == n[1]) {
                lone++;
                continue;
            }
            taken[i] = true;
            pairs++;
            earlier += rows[1][i].start < rows[0][j].start;
            later += rows[1][i].start > rows[0][j].start;
        }
        compared(rows[0], n[0], rows[1], n[1], 5, &c);
        assert_int_equal(c.pair_n, pairs);
        assert_int_equal(c.only_n[0], lone);
        assert_int_equal(c.only_n[1], n[1] - pairs);
        assert_int_equal(c.figures[COMPARED_START].earlier, earlier);
        assert_int_equal(c.figures[COMPARED_START].later, later);
        assert_int_equal(c.figures[COMPARED_START].same, pairs - earlier - later);
        for (size_t p = 1; p < c.pair_n; p++) assert_true(c.pairs[p].a > c.pairs[p - 1].a);
        comparison_free(&c);
    }
}

static char *text_of(const struct comparison *c, void (*write)(const struct comparison *, FILE *))
{
    static char *text;
    static size_t n;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    write(c, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void as_csv(void **state)
{
    static const struct row a[] = { { "=1+1", 0, 1.5, 2, 1.5 }, { "only a", 0, 1, 2, 1 } },
                            b[] = { { "=1+1", 0, 1.25, 2, 1.25 }, { "r", 3, NAN, 0, 0 } };
    struct comparison c;
    (void)state;
    compared(a, 2, b, 2, 10, &c);
    char *text = text_of(&c, comparison_csv);
    assert_string_equal(
        text, "job_id,tenant,gpus,in,submit_a_s,submit_b_s,submit_difference_s,start_a_s,start_b_s,"
              "start_difference_s,end_a_s,end_b_s,end_difference_s,wait_a_s,wait_b_s,"
              "wait_difference_s\n"
              "\"'=1+1\",even,1,both,0,0,0,1.5,1.25,-0.25,2,2,0,1.5,1.25,-0.25\n"
              "only a,odd,1,A,0,,,1,,,2,,,1,,\n"
              "r,odd,1,B,,3,,,,,,,,,,\n");
    free(text);
    comparison_free(&c);
}

/* No name gets out of the table, the CSV or the JSON. */
static void hostile_ids(void **state)
{
    struct row a[64], b[64];
    struct comparison c;
    size_t n = 0;
    (void)state;
    for (; hostile_names[n]; n++) {
        a[n] = (struct row){ hostile_names[n], 0, 1, 2, 1 };
        b[n] = (struct row){ hostile_names[n], 0, 2 + (double)n, 3 + (double)n, 2 };
    }
    compared(a, n, b, n, 100, &c);
    assert_int_equal(c.largest_n, n);
    char *table = text_of(&c, comparison_table);
    for (const char *at = table; *at; at++) assert_true((unsigned char)*at >= 32 || *at == '\n');
    free(table);
    char *csv = text_of(&c, comparison_csv);
    for (const char *at = csv; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        assert_null(memchr("=+@", *at, *at ? 3 : 0));
    free(csv);
    char *text = NULL;
    size_t size = 0;
    struct error err;
    json_error_t why;
    FILE *out = open_memstream(&text, &size);
    ok(comparison_json(&c, out, &err), &err);
    assert_int_equal(fclose(out), 0);
    json_t *o = json_loads(text, 0, &why);
    if (!o) fail_msg("%s", why.text);
    assert_int_equal(json_array_size(json_object_get(o, "largest")), n);
    json_decref(o);
    free(text);
    comparison_free(&c);
}

static void refused(const char *a, const char *fleet_a, const char *b, const char *fleet_b,
                    const char *words)
{
    struct comparison c;
    struct error err;
    assert_int_not_equal(comparison_read(a, fleet_a, b, fleet_b, 10, &c, &err), STATUS_OK);
    if (!strstr(err.message, words)) fail_msg("'%s' does not say '%s'", err.message, words);
}

static void what_cannot_be_compared(void **state)
{
    static const struct row a[] = { { "j", 0, 1, 2, 1 } };
    struct fixture f;
    (void)state;
    const char *path = written(0, a, 1, "f"), *none = written(1, a, 0, "f");
    char several[600];
    fixture_default(&f);
    snprintf(several, sizeof several, "%s", scratch_path("several.db"));
    unlink(several);
    fixture_write(&f, several);
    refused(path, "g", path, "f", "has no fleet 'g'; it has: f");
    refused(path, NULL, none, NULL, "keeps no jobs");
    refused(path, NULL, several, NULL, "has 3 fleets: name one with --fleet: base, small, large");
    refused(path, NULL, scratch_path("missing.db"), NULL, "missing.db");
    f.state = "interrupted";
    fixture_write(&f, several);
    refused(scratch_path("several.db.partial"), "base", path, NULL, "incomplete");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(each_difference_counts),
        cmocka_unit_test(against_the_plain_way),
        cmocka_unit_test(as_csv),
        cmocka_unit_test(hostile_ids),
        cmocka_unit_test(what_cannot_be_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
