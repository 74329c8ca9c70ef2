/* SPDX-License-Identifier: Apache-2.0 */
/* Small logs, for each rule of repair and each refusal. */
#include <string.h>

#include "models/reliability/interruption_stats.h"
#include "scenarios/interruptions/logs.h"
#include "tests/support.h"

static struct interruption_stats stats_of(const struct series *s)
{
    struct interruption_stats t;
    struct error err;
    if (interruption_stats_of(s, &t, &err) != STATUS_OK) fail_msg("%s", err.message);
    return t;
}

/* ---- Rules, on small logs ---- */

static enum status read_text(const char *name, const char *text, const struct log_options *options,
                             struct interruptions *log, struct diagnostics *d, struct error *err)
{
    write_text(scratch_path(name), text);
    diagnostics_init(d);
    *err = (struct error){ STATUS_OK, "" };
    return log_read(scratch_path(name), NULL, options, log, d, err);
}

static void good_text(const char *name, const char *text, struct interruptions *log)
{
    struct log_options options = { 0 };
    struct diagnostics d;
    struct error err;
    if (read_text(name, text, &options, log, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stderr, 0, NULL);
        fail_msg("%s", err.message);
    }
    diagnostics_free(&d);
}

static void steps_are(const struct series *s, size_t n, const int64_t (*steps)[2])
{
    assert_int_equal(s->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(s->at_us[i] / 1000000, steps[i][0]);
        assert_int_equal(s->value[i], steps[i][1]);
    }
}

/* Runs strung together: the second begins a step of 60 s behind the first, and what is up is not
 * followed from one to the other. */
static void backwards_is_a_new_run(void **state)
{
    static const int64_t steps[][2] = { { 0, 2 }, { 60, 1 }, { 120, 1 }, { 180, 3 }, { 240, 2 } };
    struct interruptions log;
    (void)state;
    good_text("counts.txt",
              "2021-12-11, 10:00:00, 2\n2021-12-11, 10:01:00, 1\n2021-12-11, 10:02:00, 1\n"
              "2021-12-10, 07:00:00, 3\n2021-12-10, 07:01:00, 2\n",
              &log);
    const struct series *s = &log.series[0];
    steps_are(s, 5, steps);
    assert_true(s->cut_n == 1 && s->cut_us[0] == 180000000 && s->end_us == 300000000);
    assert_int_equal(s->repaired[REPAIR_BACKWARDS], 1);
    struct interruption_stats t = stats_of(s);
    assert_true(t.lost == 2 && t.moments == 2 && t.most == 3);
    /* Node 2 goes at 60 s and stays away until the cut; node 3 goes at 240 s until the end: two
     * down times that are cut off. All up times began unseen. */
    assert_true(t.up.ended == 0 && t.up.cut_off == 0);
    assert_true(t.down.ended == 0 && t.down.cut_off == 2);
    interruption_stats_free(&t);
    interruptions_free(&log);

    good_text("nodes.csv", "0,add,a\n60000,add,b\n90000,remove,a\n0,add,c\n50000,remove,c\n", &log);
    s = &log.series[0];
    static const int64_t named[][2] = { { 0, 1 }, { 60, 2 }, { 90, 1 }, { 120, 1 }, { 170, 0 } };
    steps_are(s, 5, named);
    assert_true(s->life_n == 3 && s->lives[1].end == LIFE_CUT && s->lives[1].to_us == 90000000);
    assert_true(s->lives[2].from_us == 120000000 && s->lives[2].end == LIFE_ENDED);
    interruptions_free(&log);
}

static void gaps_are_held_and_counted(void **state)
{
    struct interruptions log;
    int64_t value;
    (void)state;
    good_text("counts.txt",
              "2021-12-11, 10:00:00, 2\n2021-12-11, 10:01:00, 1\n2021-12-11, 10:02:00, 4\n"
              "2021-12-11, 10:12:00, 4\n2021-12-11, 10:22:01, 5\n",
              &log);
    const struct series *s = &log.series[0];
    assert_int_equal(s->step_us, 60000000);
    assert_int_equal(s->repaired[REPAIR_GAP], 1); /* ten steps are none, a second more is one */
    assert_int_equal(s->gap_us, 601000000);
    assert_true(series_value_at(s, 1000000000, &value) && value == 4);
    interruptions_free(&log);
}

#define AWS(zone, price, time)                                                                     \
    "{\"AvailabilityZone\": \"" zone "\", \"InstanceType\": \"p4d\", \"ProductDescription\": "     \
    "\"Linux/UNIX\", \"SpotPrice\": \"" price "\", \"Timestamp\": \"" time "\"}"

static void prices_are_exact_and_by_time(void **state)
{
    static const int64_t steps[][2] = { { 0, 1067100000 }, { 3600, 1 } };
    struct interruptions log;
    (void)state;
    good_text(
        "p.json",
        "{\"SpotPriceHistory\": [" AWS("b", "0.000000001", "2020-02-20T01:00:00.000Z") "," AWS(
            "a", "7",
            "2020-02-20T00:30:00.000Z") "," AWS("b", "1.067100",
                                                "2020-02-20T00:00:00.000Z") "," AWS("b", "1.067100",
                                                                                    "2020-02-"
                                                                                    "20T00:"
                                                                                    "00:00."
                                                                                    "000Z") "]"
                                                                                            "}",
        &log);
    assert_int_equal(log.series_n, 2);
    assert_string_equal(log.series[0].zone, "a");
    steps_are(&log.series[1], 2, steps);
    assert_int_equal(log.series[1].repaired[REPAIR_TWICE], 1);
    assert_int_equal(log.series[0].at_us[0], 1800000000);
    interruptions_free(&log);
}

static void nodes_that_nobody_knows(void **state)
{
    struct interruptions log;
    (void)state;
    good_text("n.csv", "0,add,a\n1000,remove,b\n2000,add,a\n3000,remove,a\n4000,add,a\n", &log);
    const struct series *s = &log.series[0];
    assert_int_equal(s->repaired[REPAIR_STRANGER], 2);
    assert_true(s->life_n == 2 && s->lives[0].to_us == 3000000 && s->lives[0].end == LIFE_ENDED);
    assert_true(s->lives[1].from_us == 4000000 && s->lives[1].end == LIFE_CUT);
    interruptions_free(&log);
}

/* A log taken up in the middle: what runs was there before; what does not, nobody knows. */
static void instances_from_before_the_log(void **state)
{
    struct interruptions log;
    (void)state;
    good_text(
        "d.out",
        "[2020-03-15T10:00:00.000Z] Instance i-1 running in zone a\n"
        "[2020-03-15T10:00:01.000Z] Instance i-2 not running in zone a\n"
        "[2020-03-15T10:10:00.000Z] Instance i-1 not running in zone a\n"
        "[2020-03-15T10:10:01.000Z] Created instance i-1 with 8 GPU(s) of type k80 in zone b\n"
        "[2020-03-15T10:20:00.000Z] Instance i-1 running in zone b\n"
        "[2020-03-15T10:30:00.000Z] Created instance i-1 with 8 GPU(s) of type k80 in zone b\n",
        &log);
    assert_int_equal(log.series_n, 2);
    const struct series *a = &log.series[0], *b = &log.series[1];
    struct interruption_stats t = stats_of(a);
    assert_string_equal(a->zone, "a");
    assert_string_equal(a->type, "");
    assert_true(a->repaired[REPAIR_STRANGER] == 1 && a->life_n == 1 && !a->lives[0].start_known);
    assert_true(t.lost == 1 && t.up.ended == 0 && t.up.begun_unseen == 1);
    interruption_stats_free(&t);
    assert_string_equal(b->type, "k80 x8");
    assert_true(b->repaired[REPAIR_STRANGER] == 1 && b->life_n == 2);
    assert_true(b->lives[0].end == LIFE_CUT && b->lives[0].to_us == 1200000000);
    assert_true(b->lives[1].end == LIFE_CUT && b->lives[1].from_us == 1800000000);
    interruptions_free(&log);
}

#define LANL_HEAD                                                                                  \
    "System,nodenumz,Prob Started,Prob Fixed,Down Time,Facilities,Hardware,Human Error,Network,"   \
    "Undetermined,Software\n"

static void failures_that_overlap(void **state)
{
    struct interruptions log;
    (void)state;
    good_text("f.csv",
              LANL_HEAD "2,0,1/1/2005 10:00,1/1/2005 11:00,60,,CPU,,,,\n"
                        "2,0,1/1/2005 10:30,1/1/2005 11:30,60,,,,,,x\n"
                        "2,0,1/1/2005 12:30,1/1/2005 12:40,10,,,,,,x\n"
                        "2,1,1/1/2005 12:30,1/1/2005 13:40,10,,,,,,\n",
              &log);
    const struct series *s = &log.series[0];
    struct interruption_stats t = stats_of(s);
    assert_true(s->repaired[REPAIR_OVERLAP] == 1 && s->repaired[REPAIR_DURATION] == 1);
    assert_true(t.lost == 4 && t.moments == 3 && t.most_at_once == 2);
    /* one up time, 11:30 to 12:30; both nodes are up when the log ends, which is then */
    assert_true(t.up.ended == 1 && t.up.mean_s == 3600 && t.up.begun_unseen == 2);
    assert_true(t.down.ended == 4 && t.down.mean_s == 35 * 60);
    interruption_stats_free(&t);
    interruptions_free(&log);
}

/* A GPU that moves goes on living; one that nothing happened to is cut off. */
static void moves_are_one_life(void **state)
{
    struct interruptions log;
    (void)state;
    good_text("t.csv",
              "SN,location,insert,remove,duration,out,event\n"
              "1,a,2014-01-01 00:00:00,2014-01-01 01:00:00,3600,FALSE,\n"
              "1,b,2014-01-02 00:00:00,2014-01-02 01:00:00,3600,FALSE,DBE\n"
              "1,b,2014-01-03 00:00:00,2014-01-03 02:00:00,3600,FALSE,\n"
              "2,c,,2014-01-02 00:00:00,,,OTB\n",
              &log);
    const struct series *s = &log.series[0];
    struct interruption_stats t = stats_of(s);
    assert_true(t.up.ended == 1 && t.up.mean_s == 7200 && t.up.cut_off == 1);
    assert_true(t.lost == 2 && t.up_hours == 3 && s->node_n == 2);
    assert_true(s->repaired[REPAIR_BARE] == 1 && s->repaired[REPAIR_DURATION] == 1);
    assert_true(s->lives[0].end == LIFE_MOVED && s->lives[2].end == LIFE_CUT);
    interruption_stats_free(&t);
    interruptions_free(&log);
}

static void counts_by_level(void **state)
{
    struct log_options options = { .gap_us = 5000000 };
    struct interruptions log;
    struct diagnostics d;
    struct error err;
    (void)state;
    /* The picture in interruption_stats.h: 1 1 2 3 2 2 1 1, and then a null. */
    assert_int_equal(read_text("z_t.json", "{\"data\": [1, 1, 2, 3, 2, 2, 1, null]}", &options,
                               &log, &d, &err),
                     STATUS_OK);
    const struct series *s = &log.series[0];
    struct interruption_stats t = stats_of(s);
    assert_int_equal(s->repaired[REPAIR_MISSING], 1);
    assert_int_equal(s->end_us, 40000000);
    assert_true(t.up.ended == 2 && t.up.ended_s[0] == 5 && t.up.ended_s[1] == 20);
    assert_true(t.up.begun_unseen == 1 && t.up.cut_off == 0);
    assert_true(t.down.ended == 0 && t.down.begun_unseen == 2 && t.down.cut_off == 2);
    assert_true(t.share_any == 1 && t.share_all == 0.125 && t.mean == 13.0 / 8);
    interruption_stats_free(&t);
    interruptions_free(&log);
    diagnostics_free(&d);
}

/* ---- Refusals, each with its place ---- */

static void refused(void **state)
{
    static const struct {
        const char *name, *text, *said;
        size_t line, column; /* 0: an error without a place */
    } cases[] = {
        { "a", "", "is empty", 0, 0 },
        { "a", "\n\n  \n", "is empty", 0, 0 },
        { "a", "hello\n", "is none of the logs", 0, 0 },
        { "a", "submit_s,run_s,gpus\n0,1,1\n", "is none of the logs", 0, 0 },
        { "a", "{\"gap_seconds\": 3}", "no 'gap_seconds' in 'metadata'", 1, 17 },
        { "a", "{\"metadata\": {}, \"data\": [1]}", "--gap says it", 0, 0 },
        { "a", "{\"metadata\": {\"gap_seconds\": 0}, \"data\": [1]}", "not a number of seconds", 1,
          30 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3},\n \"data\": 7}", "'data' is not a list", 2,
          10 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3},\n \"data\": [1, 0,\n -4]}",
          "element 3 of 'data' is negative", 3, 2 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3},\n \"data\": [1, \"x\"]}", "is not a number", 2,
          14 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3},\n \"data\": [1, 0.5]}", "no whole number", 2,
          14 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3}, \"data\": [70000]}", "beyond all reason", 1,
          43 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3}, \"data\": [1], \"prices\": [1, 2]}",
          "2 prices for 1 counts", 1, 57 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3}, \"data\": [1], \"prices\": [-1]}",
          "element 1 of 'prices' is negative", 1, 58 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3}, \"data\": []}", "holds no sample", 0, 0 },
        { "a", "{\"metadata\": {\"gap_seconds\": 3},\n \"data\": [1,,2]}", "unexpected token", 2,
          13 },
        { "a", "{\"SpotPriceHistory\": 1}", "'SpotPriceHistory' is not a list", 1, 22 },
        { "a", "{\"SpotPriceHistory\": []}", "holds no sample", 0, 0 },
        { "a", "{\"SpotPriceHistory\": [{}]}", "no 'AvailabilityZone' in record 1", 0, 0 },
        { "a",
          "{\"SpotPriceHistory\": [" AWS("a", "1", "2020-02-20T00:00:00Z") ",\n" AWS(
              "a", "-1", "2020-02-20T00:00:00Z") "]}",
          "'-1' is not a price", 2, 99 },
        { "a",
          "{\"SpotPriceHistory\": [" AWS("a", "1", "2020-02-20T00:00:00Z") ",\n" AWS(
              "a", "0.0000000001", "2020-02-20T00:00:00Z") "]}",
          "'0.0000000001' is not a price", 2, 99 },
        { "a",
          "{\"SpotPriceHistory\": [" AWS("a", "1", "2020-02-20T00:00:00Z") ",\n" AWS(
              "a", "2", "yesterday") "]}",
          "'yesterday' is not a time", 2, 117 },
        { "a",
          "{\"SpotPriceHistory\": [" AWS("a", "1", "2020-02-20T00:00:00Z") ",\n" AWS(
              "a", "2", "2020-02-20T00:00:00Z") "]}",
          "a p4d has two values at one moment, 2020-02-20T00:00:00Z", 0, 0 },
        { "a", "0,add,a\n1,explode,b\n", "'explode' is neither add nor remove", 2, 3 },
        { "a", "0,add,a\n-1,add,b\n", "'-1' is not a time in milliseconds", 2, 1 },
        { "a", "0,add,a\n1,add\n", "2 fields, not time", 2, 0 },
        { "a", "0,add,a\n1,add,\n", "the node has no name", 2, 7 },
        { "a", "2021-12-11, 11:11:30, 55\n2021-12-11, 11:12:30, many\n",
          "'many' is not a count of nodes", 2, 23 },
        { "a", "2021-12-11, 11:11:30, 55\n2021-13-11, 11:12:30, 5\n", "is not a date and a time", 2,
          1 },
        { "a", "[2020-03-15T10:07:33.000Z] Created a monster\n", "no line of such a log", 1, 0 },
        { "a",
          "[2020-03-15T10:07:33.000Z] Created instance i with 1 GPU(s) of type v100 in zone z\n"
          "hello\n",
          "does not begin with a [time]", 2, 0 },
        { "a", "Date,NC6,NC6\n", "column 'NC6' stands twice", 1, 10 },
        { "a", "Date,NC6\n2/30/2020,$1\n", "'2/30/2020' is not a date", 2, 1 },
        { "a", "Date,NC6\n2/3/2020,$-1\n", "'$-1' is not a price", 2, 10 },
        { "a", "Date,NC6\n2/3/2020,$1,$2\n", "3 fields, not 2", 2, 0 },
        { "a", "Date,NC6\n2/3/2020,$1\n2/3/2020,$2\n", "two values at one moment", 0, 0 },
        { "a", "System,Prob Started\n", "there is no column 'nodenumz'", 1, 0 },
        { "a", LANL_HEAD "2,0,1/1/2005 24:00,x,60,,,,,,\n", "'1/1/2005 24:00' is not a time", 2,
          5 },
        { "a", LANL_HEAD "2,0,1/1/2005 10:00,x,-60,,,,,,\n", "'-60' is not a time in minutes", 2,
          22 },
        { "a", "SN,location,insert,remove,duration,out,event\n1,a,x,2014-01-01 00:00:00,1,,\n",
          "'x' is not a time", 2, 5 },
        { "a", "Datetime (UTC),Carbon\n", "there is no column 'Carbon...(LCA)'", 1, 0 },
        { "a", "Datetime (UTC),Carbon (LCA)\n2024-01-01 00:00:00,-3\n",
          "'-3' is not a carbon intensity", 2, 21 },
        { "a", "Datetime (UTC),Price (USD/MWh)\n2024-01-01 00:00:00,dear\n",
          "'dear' is not a price in dollars per MWh", 2, 21 },
        { "a",
          "Datetime (UTC),Zone Id,Carbon (LCA)\n2024-01-01 00:00:00,A,1\n2024-01-01 "
          "01:00:00,B,1\n",
          "zone 'B' in the log of zone 'A'", 3, 21 },
    };
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct log_options options = { 0 };
        struct interruptions log;
        struct diagnostics d;
        struct error err;
        enum status status = read_text(cases[i].name, cases[i].text, &options, &log, &d, &err);
        assert_int_equal(status, STATUS_BAD_INPUT);
        const char *message = d.n ? d.items[0].message : err.message;
        if (!strstr(message, cases[i].said))
            fail_msg("case %zu: '%s', not '%s'", i, message, cases[i].said);
        size_t line = d.n ? d.items[0].line : 0, column = d.n ? d.items[0].column : 0;
        if (line != cases[i].line || column != cases[i].column) {
            print_message("'%s': at %zu:%zu, not %zu:%zu\n", message, line, column, cases[i].line,
                          cases[i].column);
            wrong++;
        }
        diagnostics_free(&d);
    }
    assert_int_equal(wrong, 0);
}

/* A node too many ends the reading: what follows would be, too. */
static void more_nodes_than_there_can_be(void **state)
{
    struct log_options options = { 0 };
    struct interruptions log;
    struct diagnostics d;
    struct error err;
    const char *path = scratch_path("many.csv");
    FILE *f = fopen(path, "w");
    (void)state;
    assert_non_null(f);
    for (int i = 0; i < SERIES_NODES_MAX + 2; i++) fprintf(f, "%d,add,n%d\n", i, i);
    fclose(f);
    diagnostics_init(&d);
    assert_int_equal(log_read(path, NULL, &options, &log, &d, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "many.csv:65537: more than 65536 nodes at once"));
    assert_int_equal(d.n, 0);
    diagnostics_free(&d);
}

/* All that is wrong in a file of lines is said at once. */
static void all_errors_at_once(void **state)
{
    struct log_options options = { 0 };
    struct interruptions log;
    struct diagnostics d;
    struct error err;
    (void)state;
    assert_int_equal(read_text("a", "0,add,a\nx,add,b\n1,sub,c\n2,add\n", &options, &log, &d, &err),
                     STATUS_BAD_INPUT);
    assert_int_equal(d.errors, 3);
    diagnostics_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backwards_is_a_new_run),
        cmocka_unit_test(gaps_are_held_and_counted),
        cmocka_unit_test(prices_are_exact_and_by_time),
        cmocka_unit_test(nodes_that_nobody_knows),
        cmocka_unit_test(instances_from_before_the_log),
        cmocka_unit_test(failures_that_overlap),
        cmocka_unit_test(moves_are_one_life),
        cmocka_unit_test(counts_by_level),
        cmocka_unit_test(refused),
        cmocka_unit_test(more_nodes_than_there_can_be),
        cmocka_unit_test(all_errors_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
