/* SPDX-License-Identifier: Apache-2.0 */
/* Fleets against a reference: by hand on small files, and what may not be said of them. */
#include "reports/contrast.h"

#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/contrast_words.h"
#include "reports/contrast_write.h"
#include "reports/metrics.h"
#include "sim/control.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

enum { BASE, SMALL, LARGE };

static void ok(enum status status, const struct error *err)
{
    if (status != STATUS_OK) fail_msg("%s", err->message);
}

/* The fixture as a file that says otherwise in one thing; sql may be NULL. */
static void read_changed(const struct fixture *f, const char *sql, struct report_data *data)
{
    struct error err;
    const char *path = scratch_path("changed.db");
    sqlite3 *db;
    unlink(path);
    fixture_write(f, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sql && sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
    ok(report_data_read(path, false, data, &err), &err);
}

/* Two files of which one fleet each is compared, or one file of which two are. */
struct stage {
    struct report_data file[2];
    struct contrast_side side[2];
    struct contrasts all;
};

/* With what the request says besides the sides. */
static void stage_compare(struct stage *s, const struct contrast_request *as)
{
    static const struct contrast_pair pair = { 0, 1 };
    struct contrast_request request = *as;
    struct error err;
    request.sides = s->side;
    request.pairs = &pair;
    request.pair_n = 1;
    ok(contrasts_make(&request, &s->all, &err), &err);
}

static void stage_set_both(struct stage *s, const char *old, const char *sql, int32_t fleet,
                           bool family)
{
    struct fixture f;
    fixture_default(&f);
    read_changed(&f, old, &s->file[0]);
    read_changed(&f, sql, &s->file[1]);
    s->side[0] = (struct contrast_side){ &s->file[0], BASE, "old.db", "base" };
    s->side[1] = (struct contrast_side){ &s->file[1], fleet, "new.db", "small" };
    stage_compare(s, &(struct contrast_request){ .all = true, .family = family });
}

static void stage_set(struct stage *s, const char *sql, int32_t fleet, bool family)
{
    stage_set_both(s, NULL, sql, fleet, family);
}

static void stage_clear(struct stage *s)
{
    contrasts_free(&s->all);
    report_data_free(&s->file[0]);
    report_data_free(&s->file[1]);
}

static const struct contrast_figure *figure(const struct stage *s, const char *metric)
{
    const struct contrast_figure *f = contrast_figure(&s->all, s->all.list, metric_index(metric));
    assert_non_null(f);
    return f;
}

static void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * fmax(1, fabs(b)))) fail_msg("%.15g is not %.15g", a, b);
}

/* 100, 110, 120 and 70, 78, 83 thousand: -33 thousand, by t with 2 degrees of freedom. */
static void by_hand(void **state)
{
    struct stage s;
    (void)state;
    stage_set(&s, NULL, SMALL, false);
    const struct contrast *c = &s.all.list[0];
    const struct contrast_figure *cost = figure(&s, METRIC_COST_MONTH);
    assert_true(c->paired && !c->tail && c->left_out == 0);
    near(cost->reference.mean, 110e3);
    near(cost->value.mean, 77e3);
    near(cost->difference.mean, -33e3);
    near(cost->difference.half, 4302.652729749464 * sqrt(13.0 / 3));
    near(cost->difference.relative, -0.3);
    assert_int_equal(cost->finding, CONTRAST_LESS);
    assert_int_equal(contrast_sign(cost), 1); /* cheaper */
    /* 120, 150, 110 and 500, 450, 480 s: +380, +300, +370 */
    const struct contrast_figure *wait = figure(&s, METRIC_WAIT_P95);
    near(wait->difference.mean, 350);
    assert_int_equal(wait->finding, CONTRAST_MORE);
    assert_int_equal(contrast_sign(wait), -1);
    assert_int_equal(figure(&s, METRIC_UTILIZATION)->finding, CONTRAST_SAME);
    assert_int_equal(figure(&s, METRIC_WAIT_P50)->finding, CONTRAST_SAME);
    assert_null(contrast_figure(&s.all, c, metric_index(METRIC_CO2_KG)));
    /* The first are those that a person needs. */
    assert_int_equal(s.all.metrics[0], metric_index(METRIC_COST_MONTH));
    assert_int_equal(s.all.shown_n, 7);
    assert_true(s.all.metric_n > 20);
    stage_clear(&s);
}

/* A family's intervals are wider, by how many of them chance can move. */
static void a_family_is_wider(void **state)
{
    struct stage s, t;
    (void)state;
    stage_set(&s, NULL, SMALL, false);
    stage_set(&t, NULL, SMALL, true);
    assert_true(s.all.interval_n == t.all.interval_n && s.all.interval_n > 5 &&
                s.all.interval_n < s.all.metric_n);
    near(t.all.confidence, 1 - 0.05 / (double)t.all.interval_n);
    assert_true(figure(&t, METRIC_COST_MONTH)->difference.half >
                2 * figure(&s, METRIC_COST_MONTH)->difference.half);
    assert_true(figure(&t, METRIC_COST_MONTH)->reference.half >
                2 * figure(&s, METRIC_COST_MONTH)->reference.half);
    stage_clear(&s);
    stage_clear(&t);
}

/* What the file says decides whether replications are pairs. */
static void pairs_or_two_samples(void **state)
{
    static const struct {
        const char *sql, *why; /* NULL: paired */
    } cases[] = {
        { "UPDATE run SET scenario_sha256 = 'other', scenario_path = 'x.yaml', baseline = 1",
          NULL },
        { "UPDATE fleet SET summary = 'other nodes'", NULL },
        { "UPDATE run SET seed = '8'", "the seed differs (7 and 8)" },
        { "UPDATE run SET workload = 'other jobs'", "the workload differs" },
        { "UPDATE run SET jobs = 999", "the workload differs" },
        { "UPDATE run SET span_s = 1", "the workload differs" },
        { "UPDATE run SET scenario_json = '{\"workload\":{\"jobs\":1000}}'",
          "the workload differs" },
        { "UPDATE run SET tool_version = '0.0.9'", "two versions of Seatrial (0.1.0 and 0.0.9)" },
        { "UPDATE run SET scenario_json = '{\"uncertain\":{\"growth_ppm\":1}}'",
          "not the same is drawn" },
        { "UPDATE run SET scenario_json = 'no JSON at all'", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage s;
        stage_set(&s, cases[i].sql, SMALL, false);
        const struct contrast *c = &s.all.list[0];
        if (c->paired != !cases[i].why) fail_msg("%s: paired is %d", cases[i].sql, c->paired);
        if (cases[i].why && !strstr(c->why, cases[i].why))
            fail_msg("'%s' is not '%s'", c->why, cases[i].why);
        const struct contrast_figure *cost = figure(&s, METRIC_COST_MONTH);
        near(cost->difference.mean, -33e3);
        /* Apart the spread of both counts: variances 100 and 43, each of 3. */
        assert_true(c->paired ? cost->difference.half < 9e3 : cost->difference.half > 18e3);
        stage_clear(&s);
    }
}

/* Performance factors are the fleets' affair, the trace is not. */
static void what_a_workload_is(void **state)
{
    struct fixture f;
    struct report_data a, b;
    char why[WORLDS_WHY_MAX];
    static const char *const json[] = {
        "{\"workload\":{\"trace_sha256\":\"x\",\"performance_sha256\":[\"1\"]},\"fleets\":[1]}",
        "{\"workload\":{\"trace_sha256\":\"x\",\"performance_sha256\":[\"2\"]},\"fleets\":[2]}",
        "{\"workload\":{\"trace_sha256\":\"y\",\"performance_sha256\":[\"1\"]},\"fleets\":[1]}",
    };
    char sql[3][300];
    (void)state;
    fixture_default(&f);
    for (int i = 0; i < 3; i++)
        snprintf(sql[i], sizeof sql[i],
                 "UPDATE run SET scenario_json = '%s', workload = 'trace %d'", json[i], i);
    read_changed(&f, sql[0], &a);
    read_changed(&f, sql[1], &b);
    assert_true(worlds_same(&a, &b, why));
    assert_string_equal(why, "");
    report_data_free(&b);
    read_changed(&f, sql[2], &b);
    assert_false(worlds_same(&a, &b, why));
    assert_string_equal(why, "the workload differs");
    report_data_free(&a);
    report_data_free(&b);
}

/* Replications without a partner stay out. */
static void the_shorter_file_decides(void **state)
{
    struct stage s;
    (void)state;
    stage_set(&s,
              "DELETE FROM metric WHERE replication = 2; DELETE FROM wait_curve WHERE "
              "replication = 2; "
              "UPDATE run SET replications = 2",
              SMALL, false);
    const struct contrast_figure *cost = figure(&s, METRIC_COST_MONTH);
    assert_true(s.all.list[0].paired && s.all.list[0].left_out == 1);
    near(cost->reference.mean, 105e3);
    near(cost->difference.mean, -31e3); /* -30, -32 */
    assert_int_equal(cost->difference.n_a, 2);
    assert_non_null(strstr(contrast_method(&s.all.list[0]).s, "1 more have no partner"));
    stage_clear(&s);
}

/* Antithetic pairs count as their means. */
static void antithetic_pairs(void **state)
{
    static const char two[] =
        "DELETE FROM metric WHERE replication = 2; DELETE FROM wait_curve WHERE replication = "
        "2; "
        "UPDATE run SET replications = 2; INSERT INTO design VALUES (1, '', 1)";
    struct fixture f;
    struct report_data data;
    struct contrasts all;
    struct error err;
    (void)state;
    fixture_default(&f);
    read_changed(&f, two, &data);
    const struct contrast_side sides[] = { { &data, BASE, "x.db", "base" },
                                           { &data, SMALL, "x.db", "small" } };
    const struct contrast_pair pair = { 0, 1 };
    const struct contrast_request request = { .sides = sides, .pairs = &pair, .pair_n = 1 };
    ok(contrasts_make(&request, &all, &err), &err);
    const struct difference *d = &all.list[0].figures[0].difference;
    assert_int_equal(d->n_a, 1); /* one pair: no interval */
    near(d->mean, -31e3);
    assert_true(isnan(d->half));
    assert_int_equal(all.list[0].figures[0].finding, CONTRAST_NO_SPAN);
    assert_string_equal(contrast_method(&all.list[0]).s, "one antithetic pair each: no interval");
    contrasts_free(&all);
    report_data_free(&data);
    /* Against replications that are none. */
    struct stage s;
    stage_set(&s, two, SMALL, false);
    assert_false(s.all.list[0].paired);
    assert_int_equal(figure(&s, METRIC_COST_MONTH)->difference.n_a, 3);
    assert_int_equal(figure(&s, METRIC_COST_MONTH)->difference.n_b, 1);
    assert_string_equal(contrast_method(&s.all.list[0]).s,
                        "not paired, and one replication: no interval; one has antithetic pairs, "
                        "the other not");
    stage_clear(&s);
}

/* Beside the difference that with a control, where both files know the mean of it. */
static void a_control_stands_beside(void **state)
{
    static const char known[] =
        "INSERT INTO control VALUES (0, 1000, 1100), (1, 1150, 1100), (2, 1250, 1100)";
    static const double y[] = { -30e3, -32e3, -37e3 }, x[] = { 1000, 1150, 1250 };
    struct mean_interval expected = control_interval(y, x, 3, 1100);
    struct stage s;
    (void)state;
    stage_set_both(&s, known, known, SMALL, false);
    const struct contrast_figure *cost = figure(&s, METRIC_COST_MONTH);
    near(cost->difference.mean, -33e3); /* it decides nothing */
    near(cost->controlled.mean, expected.mean);
    near(cost->controlled.half, expected.half);
    assert_true(fabs(expected.mean + 33e3) > 100);
    stage_clear(&s);
    stage_set(&s, known, SMALL, false);
    assert_true(isnan(figure(&s, METRIC_COST_MONTH)->controlled.mean));
    stage_clear(&s);
}

static void one_replication_is_never_clear(void **state)
{
    struct stage s;
    (void)state;
    stage_set(&s,
              "DELETE FROM metric WHERE replication > 0; DELETE FROM wait_curve WHERE "
              "replication > 0; "
              "UPDATE run SET replications = 1",
              SMALL, false);
    for (size_t i = 0; i < s.all.metric_n; i++) {
        const struct contrast_figure *f = &s.all.list[0].figures[i];
        assert_true(f->finding == CONTRAST_SAME || f->finding == CONTRAST_NO_SPAN ||
                    f->finding == CONTRAST_ABSENT);
        assert_int_equal(contrast_sign(f), 0);
    }
    assert_int_equal(s.all.interval_n, 0);
    assert_non_null(strstr(contrast_method(&s.all.list[0]).s, "no interval"));
    assert_non_null(strstr(contrast_headline(&s.all, s.all.list).s,
                           "30% cheaper, -$30k a month, without an interval"));
    stage_clear(&s);
}

/* Jobs without a finite variance: what varies has no interval, what does not keeps it. */
static void tails_leave_no_interval(void **state)
{
    struct stage s;
    (void)state;
    stage_set(&s, "INSERT INTO tail VALUES (1, 'variance', 8, 3600, 7200)", SMALL, false);
    assert_true(s.all.list[0].tail);
    assert_int_equal(figure(&s, METRIC_COST_MONTH)->finding, CONTRAST_NO_SPAN);
    assert_true(isnan(figure(&s, METRIC_COST_MONTH)->difference.relative_low));
    assert_true(isnan(figure(&s, METRIC_COST_MONTH)->value.half));
    assert_int_equal(figure(&s, METRIC_UTILIZATION)->finding, CONTRAST_SAME);
    struct contrast_note note;
    bool said = false;
    for (size_t i = 0; contrast_note_at(&s.all, i, &note); i++)
        said |= strstr(note.s, "no finite variance") != NULL;
    assert_true(said);
    stage_clear(&s);
}

/* A mean difference of exactly 0 is not "the same" where replications differ. */
static void nothing_on_the_mean(void **state)
{
    static const char moved[] =
        "UPDATE metric SET value = CASE replication WHEN 0 THEN 101e3 WHEN 1 "
        "THEN 109e3 ELSE 120e3 END WHERE metric = 'cost_usd_per_month' AND "
        "fleet_id = 1";
    char sql[400];
    struct stage s;
    (void)state;
    stage_set(&s, moved, SMALL, false);
    assert_true(figure(&s, METRIC_COST_MONTH)->difference.mean == 0);
    assert_int_equal(figure(&s, METRIC_COST_MONTH)->finding, CONTRAST_UNCLEAR);
    stage_clear(&s);
    snprintf(sql, sizeof sql, "%s; INSERT INTO tail VALUES (1, 'mean', 8, 3600, 7200)", moved);
    stage_set(&s, sql, SMALL, false);
    assert_int_equal(figure(&s, METRIC_COST_MONTH)->finding, CONTRAST_NO_SPAN);
    stage_clear(&s);
}

/* ---- conditions ---- */

static enum condition_answer asked(const struct stage *s, const char *metric,
                                   enum condition_relation relation, enum condition_of of,
                                   double limit)
{
    const struct condition c = { "", metric_index(metric), relation, of, limit };
    return condition_ask(&c, &s->all, s->all.list).answer;
}

/* Cost: 77,000 ± 16,290, by -33,000 ± 8,957 and -30% (-32% to -27%) from the reference. */
static void a_table_of_truth(void **state)
{
    static const struct {
        enum condition_of of;
        double limit;
        enum condition_answer above, below; /* > and <; >= and <= are the same off the ends */
    } rows[] = {
        { CONDITION_RELATIVE, 0.05, CONDITION_DOES_NOT, CONDITION_HOLDS },
        { CONDITION_RELATIVE, -0.30, CONDITION_CANNOT_TELL, CONDITION_CANNOT_TELL },
        { CONDITION_RELATIVE, -0.50, CONDITION_HOLDS, CONDITION_DOES_NOT },
        { CONDITION_DIFFERENCE, -10e3, CONDITION_DOES_NOT, CONDITION_HOLDS },
        { CONDITION_DIFFERENCE, -40e3, CONDITION_CANNOT_TELL, CONDITION_CANNOT_TELL },
        { CONDITION_DIFFERENCE, -50e3, CONDITION_HOLDS, CONDITION_DOES_NOT },
        { CONDITION_VALUE, 94e3, CONDITION_DOES_NOT, CONDITION_HOLDS },
        { CONDITION_VALUE, 80e3, CONDITION_CANNOT_TELL, CONDITION_CANNOT_TELL },
        { CONDITION_VALUE, 60e3, CONDITION_HOLDS, CONDITION_DOES_NOT },
    };
    struct stage s;
    (void)state;
    stage_set(&s, NULL, SMALL, false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *m = METRIC_COST_MONTH;
        assert_int_equal(asked(&s, m, CONDITION_ABOVE, rows[i].of, rows[i].limit), rows[i].above);
        assert_int_equal(asked(&s, m, CONDITION_AT_LEAST, rows[i].of, rows[i].limit),
                         rows[i].above);
        assert_int_equal(asked(&s, m, CONDITION_BELOW, rows[i].of, rows[i].limit), rows[i].below);
        assert_int_equal(asked(&s, m, CONDITION_AT_MOST, rows[i].of, rows[i].limit), rows[i].below);
    }
    /* What is equal in each replication lies on the limit: > and >= differ. */
    const char *same = METRIC_UTILIZATION;
    assert_int_equal(asked(&s, same, CONDITION_ABOVE, CONDITION_RELATIVE, 0), CONDITION_DOES_NOT);
    assert_int_equal(asked(&s, same, CONDITION_AT_LEAST, CONDITION_RELATIVE, 0), CONDITION_HOLDS);
    assert_int_equal(asked(&s, same, CONDITION_BELOW, CONDITION_DIFFERENCE, 0), CONDITION_DOES_NOT);
    assert_int_equal(asked(&s, same, CONDITION_AT_MOST, CONDITION_DIFFERENCE, 0), CONDITION_HOLDS);
    assert_int_equal(asked(&s, METRIC_WAIT_P50, CONDITION_ABOVE, CONDITION_RELATIVE, 0.05),
                     CONDITION_DOES_NOT);
    const struct condition cost = { "", metric_index(METRIC_COST_MONTH), CONDITION_ABOVE,
                                    CONDITION_DIFFERENCE, -40e3 };
    const struct conditions lax = { 1, &cost, false }, strict = { 1, &cost, true };
    assert_false(conditions_fail(&lax, &s.all));
    assert_true(conditions_fail(&strict, &s.all));
    stage_clear(&s);
}

/* Of a reference of 0 anything is more than any share, where it is surely more than 0. */
static void a_reference_of_nothing(void **state)
{
    static const struct {
        const char *values; /* by replication */
        enum condition_answer answer;
    } cases[] = { { "60", CONDITION_HOLDS },
                  { "60 + replication", CONDITION_HOLDS },
                  { "60 * replication", CONDITION_CANNOT_TELL },
                  { "0", CONDITION_DOES_NOT } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage s;
        char sql[200];
        snprintf(sql, sizeof sql,
                 "UPDATE metric SET value = %s WHERE metric = 'p50_wait_s' AND fleet_id = 1",
                 cases[i].values);
        stage_set(&s, sql, SMALL, false);
        assert_int_equal(asked(&s, METRIC_WAIT_P50, CONDITION_ABOVE, CONDITION_RELATIVE, 5),
                         cases[i].answer);
        assert_string_equal(contrast_relative(figure(&s, METRIC_WAIT_P50)).s, "");
        stage_clear(&s);
    }
}

static void conditions_without_an_interval(void **state)
{
    struct stage s;
    (void)state;
    /* One replication: the figure decides. Without a variance nothing does. */
    stage_set(&s,
              "DELETE FROM metric WHERE replication > 0; DELETE FROM wait_curve WHERE "
              "replication > 0; "
              "UPDATE run SET replications = 1",
              SMALL, false);
    assert_int_equal(asked(&s, METRIC_COST_MONTH, CONDITION_ABOVE, CONDITION_RELATIVE, 0.05),
                     CONDITION_DOES_NOT);
    assert_int_equal(asked(&s, METRIC_COST_MONTH, CONDITION_BELOW, CONDITION_VALUE, 71e3),
                     CONDITION_HOLDS);
    stage_clear(&s);
    stage_set(&s, "INSERT INTO tail VALUES (1, 'variance', 8, 3600, 7200)", SMALL, false);
    assert_int_equal(asked(&s, METRIC_COST_MONTH, CONDITION_BELOW, CONDITION_RELATIVE, 0.05),
                     CONDITION_CANNOT_TELL);
    stage_clear(&s);
    /* A figure that one side does not have. */
    stage_set(&s, "DELETE FROM metric WHERE metric = 'p95_wait_s'", SMALL, false);
    const int wait = metric_index(METRIC_WAIT_P95);
    assert_null(contrast_figure(&s.all, s.all.list, wait));
    contrasts_free(&s.all);
    stage_compare(&s, &(struct contrast_request){ .also = &wait, .also_n = 1 });
    assert_int_equal(figure(&s, METRIC_WAIT_P95)->finding, CONTRAST_ABSENT);
    assert_int_equal(asked(&s, METRIC_WAIT_P95, CONDITION_ABOVE, CONDITION_VALUE, 1),
                     CONDITION_CANNOT_TELL);
    assert_int_equal(asked(&s, METRIC_WAIT_P95, CONDITION_ABOVE, CONDITION_RELATIVE, 1),
                     CONDITION_CANNOT_TELL);
    stage_clear(&s);
}

/* ---- what is written ---- */

static char *written(const struct stage *s, int how, const struct conditions *conditions)
{
    static char *text;
    static size_t n;
    struct error err;
    FILE *out = open_memstream(&text, &n);
    const struct contrast_style style = { 0, how == 4 ? 60 : 0, false };
    assert_non_null(out);
    if (how == 0 || how == 4) contrasts_table(&s->all, conditions, &style, out);
    else if (how == 1) contrasts_markdown(&s->all, conditions, out);
    else if (how == 2) contrasts_csv(&s->all, out);
    else ok(contrasts_json(&s->all, conditions, out, &err), &err);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* No name gets out of the table, Markdown, CSV or JSON. */
static void untrusted_names(void **state)
{
    (void)state;
    for (size_t i = 0; hostile_names[i]; i++) {
        struct stage s;
        json_error_t why;
        const char *name = hostile_names[i];
        stage_set(&s, NULL, SMALL, false);
        free(s.file[1].fleets[SMALL].name);
        s.file[1].fleets[SMALL].name = strdup(name);
        free(s.file[1].tool_version);
        s.file[1].tool_version = strdup(name);
        contrasts_free(&s.all);
        s.side[1].label = s.side[1].file = name;
        stage_compare(&s, &(struct contrast_request){ 0 });
        const struct condition c = { name, metric_index(METRIC_COST_MONTH), CONDITION_ABOVE,
                                     CONDITION_VALUE, 1 };
        const struct conditions conditions = { 1, &c, false };
        static const int tables[] = { 0, 4 };
        for (int t = 0; t < 2; t++) {
            char *table = written(&s, tables[t], &conditions);
            for (const char *at = table; *at; at++)
                assert_true((unsigned char)*at >= 32 || *at == '\n');
            free(table);
        }
        char *markdown = written(&s, 1, &conditions);
        for (const char *at = markdown; (at = strchr(at, '<')); at++)
            assert_true(at > markdown && at[-1] == '\\');
        size_t bars = 0; /* a row has its seven, whatever the name */
        for (const char *at = strstr(markdown, "| cost per month"); *at != '\n'; at++)
            bars += *at == '|';
        assert_int_equal(bars, 7);
        free(markdown);
        char *csv = written(&s, 2, &conditions);
        for (const char *at = csv; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
            assert_null(memchr("=+@-", *at, *at ? 4 : 0));
        assert_null(strstr(csv, ",=cmd"));
        free(csv);
        char *text = written(&s, 3, &conditions);
        json_t *o = json_loads(text, 0, &why);
        if (!o) fail_msg("%s", why.text);
        json_decref(o);
        free(text);
        stage_clear(&s);
    }
}

/* Shows both where they differ. */
static void is_text(char *text, const char *expected)
{
    if (strcmp(text, expected) != 0) fail_msg("expected\n%s\ngot\n%s", expected, text);
    free(text);
}

static void golden_texts(void **state)
{
    static const struct condition list[] = {
        { "cost > +5%", 0, CONDITION_ABOVE, CONDITION_RELATIVE, 0.05 },
        { "cost > $60k", 0, CONDITION_ABOVE, CONDITION_VALUE, 60e3 },
    };
    const struct conditions conditions = { 2, list, false }, none = { 0, NULL, false };
    struct stage s;
    (void)state;
    stage_set(&s, NULL, SMALL, false);
    contrasts_free(&s.all);
    stage_compare(&s, &(struct contrast_request){ 0 });
    is_text(
        written(&s, 0, &conditions),
        "  small against base: 30% (27% to 32%) cheaper, -$33k ± 9k a month; p95 wait 276% (137% "
        "to "
        "605%)\n"
        "  longer.\n"
        "\n"
        "                             base            small        difference                   "
        "change\n"
        "  cost per month      $110k ± 25k       $77k ± 16k        -$33k ± 9k      -30% (-32% to "
        "-27%)   better\n"
        "  utilization                 60%              60%              same                      "
        "      same\n"
        "  mean wait         31.7 s ± 12.9    2.0 min ± 0.3    +87.5 s ± 27.1   +276% (+137% to "
        "+605%)   worse\n"
        "  p50 wait                    0 s              0 s              same                      "
        "      same\n"
        "  p95 wait          2.1 min ± 0.9    7.9 min ± 1.0    +5.8 min ± 1.8   +276% (+137% to "
        "+605%)   worse\n"
        "  p99 wait          6.3 min ± 2.6   23.8 min ± 3.1   +17.5 min ± 5.4   +276% (+137% to "
        "+605%)   worse\n"
        "  mean JCT         60.5 min ± 0.2   62.0 min ± 0.3    +87.5 s ± 27.1              +2.4% ± "
        "0.8   worse\n"
        "  targets                   meets            meets\n"
        "  Paired replications, n = 3.\n"
        "  ± and ranges: the 95% interval, Student's t of paired differences; changes in percent "
        "are "
        "of\n"
        "  the ratio of means (Fieller).\n"
        "  5 intervals, each 95% by itself: where nothing differed 0.25 of them would still look "
        "clear;\n"
        "  --family holds all together.\n"
        "\n"
        "           condition                     fleet   found\n"
        "  passes   cost > +5%    does not hold   small   -30% (-32% to -27%)\n"
        "  FAILS    cost > $60k   holds           small   $77k ± 16k\n");
    is_text(
        written(&s, 1, &conditions),
        "**small against base: 30% (27% to 32%) cheaper, -$33k ± 9k a month; p95 wait 276% (137% "
        "to 605%) longer; fails 1 of 2 conditions.**\n"
        "\n"
        "| | base | small | difference | change | |\n"
        "|---|--:|--:|--:|--:|---|\n"
        "| cost per month | $110k ± 25k | $77k ± 16k | -$33k ± 9k | -30% (-32% to -27%) | better "
        "|\n"
        "| utilization | 60% | 60% | same |  | same |\n"
        "| mean wait | 31.7 s ± 12.9 | 2.0 min ± 0.3 | +87.5 s ± 27.1 | +276% (+137% to +605%) | "
        "worse |\n"
        "| p50 wait | 0 s | 0 s | same |  | same |\n"
        "| p95 wait | 2.1 min ± 0.9 | 7.9 min ± 1.0 | +5.8 min ± 1.8 | +276% (+137% to +605%) | "
        "worse |\n"
        "| p99 wait | 6.3 min ± 2.6 | 23.8 min ± 3.1 | +17.5 min ± 5.4 | +276% (+137% to +605%) | "
        "worse |\n"
        "| mean JCT | 60.5 min ± 0.2 | 62.0 min ± 0.3 | +87.5 s ± 27.1 | +2.4% ± 0.8 | worse |\n"
        "| targets | meets | meets | | | |\n"
        "\n"
        "- passes: cost \\> \\+5% does not hold: small -30% (-32% to -27%)\n"
        "- **fails:** cost \\> \\$60k holds: small $77k ± 16k\n"
        "\n"
        "Paired replications, n = 3.\n"
        "± and ranges: the 95% interval, Student's t of paired differences; changes in percent are "
        "of "
        "the ratio of means (Fieller).\n"
        "5 intervals, each 95% by itself: where nothing differed 0.25 of them would still look "
        "clear; "
        "--family holds all together.\n");
    char *narrow = written(&s, 4, &none);
    static const char begins[] = "  small against base: 30% (27% to 32%) cheaper, -$33k ± 9k a\n"
                                 "  month; p95 wait 276% (137% to 605%) longer.\n"
                                 "\n"
                                 "  cost per month\n"
                                 "    base    $110k\n"
                                 "    small   $77k\n"
                                 "    change  -30% (-32% to -27%)\n"
                                 "    better\n"
                                 "  utilization\n";
    if (strncmp(narrow, begins, sizeof begins - 1) != 0) fail_msg("%s", narrow);
    for (const char *at = narrow, *end; (end = strchr(at, '\n')); at = end + 1)
        assert_true(end - at <= 60 + 2); /* ± is two bytes */
    free(narrow);
    char *csv = written(&s, 2, &none);
    static const char rows[] =
        "reference_file,reference_fleet,file,fleet,metric,unit,better,reference,reference_half,"
        "value,"
        "value_half,difference,difference_low,difference_high,relative,relative_low,relative_high,"
        "confidence,n_reference,n,method,finding\n"
        "old.db,base,new.db,small,cost_usd_per_month,USD/month,lower,110000,24841.3771175,77000,"
        "16289.5803307,-33000,-41956.685895,-24043.314105,-0.3,-0.320650133498,-0.273975843428,0."
        "95,"
        "3,3,paired,better\n"
        "old.db,base,new.db,small,utilization,share,higher,0.6,0,0.6,0,0,0,0,0,0,0,0.95,3,3,paired,"
        "same\n";
    if (strncmp(csv, rows, sizeof rows - 1) != 0) fail_msg("%s", csv);
    free(csv);
    stage_clear(&s);
}

static void as_json(void **state)
{
    struct stage s;
    json_error_t why;
    (void)state;
    stage_set(&s, "UPDATE run SET seed = '8'", SMALL, false);
    const struct condition c = { "cost < +0%", metric_index(METRIC_COST_MONTH), CONDITION_BELOW,
                                 CONDITION_RELATIVE, 0 };
    const struct conditions conditions = { 1, &c, false };
    char *text = written(&s, 3, &conditions);
    json_t *o = json_loads(text, 0, &why), *one, *cost, *found;
    if (!o) fail_msg("%s", why.text);
    assert_string_equal(json_string_value(json_object_get(o, "format_version")), "1.0");
    assert_true(json_is_true(json_object_get(o, "fails")));
    one = json_array_get(json_object_get(o, "comparisons"), 0);
    assert_true(json_is_false(json_object_get(one, "paired")));
    assert_string_equal(json_string_value(json_object_get(one, "why_not_paired")),
                        "the seed differs (7 and 8)");
    cost = json_object_get(json_object_get(one, "figures"), METRIC_COST_MONTH);
    near(json_real_value(json_object_get(json_object_get(cost, "difference"), "mean")), -33e3);
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(cost, "relative"), "interval")), 2);
    assert_string_equal(json_string_value(json_object_get(cost, "finding")), "better");
    found = json_array_get(json_object_get(o, "conditions"), 0);
    assert_string_equal(json_string_value(json_object_get(found, "answer")), "holds");
    assert_string_equal(json_string_value(json_object_get(found, "of")), "relative");
    json_decref(o);
    /* Keys in order, so that two of them differ where figures do. */
    assert_true(strstr(text, "\"comparisons\"") < strstr(text, "\"conditions\"") &&
                strstr(text, "\"conditions\"") < strstr(text, "\"format_version\""));
    free(text);
    stage_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(a_family_is_wider),
        cmocka_unit_test(pairs_or_two_samples),
        cmocka_unit_test(what_a_workload_is),
        cmocka_unit_test(the_shorter_file_decides),
        cmocka_unit_test(antithetic_pairs),
        cmocka_unit_test(a_control_stands_beside),
        cmocka_unit_test(one_replication_is_never_clear),
        cmocka_unit_test(tails_leave_no_interval),
        cmocka_unit_test(nothing_on_the_mean),
        cmocka_unit_test(a_table_of_truth),
        cmocka_unit_test(a_reference_of_nothing),
        cmocka_unit_test(conditions_without_an_interval),
        cmocka_unit_test(untrusted_names),
        cmocka_unit_test(golden_texts),
        cmocka_unit_test(as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
