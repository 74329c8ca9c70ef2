/* SPDX-License-Identifier: Apache-2.0 */
/* Every public log there is against its totals in CHECKS.json and its fits, which another program
 * made from the same files. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/reliability/interruption_stats.h"
#include "scenarios/interruptions/logs.h"
#include "scenarios/traces/fields.h"
#include "tests/support.h"

/* ---- What others counted ---- */

static json_t *load(const char *file)
{
    json_error_t problem;
    char path[200];
    snprintf(path, sizeof path, "data/%s", file);
    json_t *all = json_load_file(shared_or_skip(path), 0, &problem);
    if (!all) fail_msg("%s: %s", file, problem.text);
    return all;
}

/* A number by its path, "up_run_s/n"; NAN where there is none. */
static double number(const json_t *o, const char *path)
{
    char key[100];
    for (const char *p = path; *p && o;) {
        size_t n = strcspn(p, "/");
        snprintf(key, sizeof key, "%.*s", (int)n, p);
        o = json_object_get(o, key);
        p += n + (p[n] == '/');
    }
    return json_is_number(o) ? json_number_value(o) : NAN;
}

static void same(const char *file, const char *what, double mine, double theirs, double relative)
{
    if (!(fabs(mine - theirs) <= relative * fabs(theirs)))
        fail_msg("%s: %s is %.15g, not %.15g", file, what, mine, theirs);
}

static void read_log(const char *file, bool direct, struct interruptions *log)
{
    struct log_options options = { .direct = direct };
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    char path[300];
    diagnostics_init(&d);
    snprintf(path, sizeof path, "data/%s", file);
    if (log_read(shared_or_skip(path), NULL, &options, log, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stderr, 0, NULL);
        fail_msg("%s: %s", file, err.message);
    }
    assert_int_equal(d.n, 0);
    diagnostics_free(&d);
}

static struct interruption_stats stats_of(const struct series *s)
{
    struct interruption_stats t;
    struct error err;
    if (interruption_stats_of(s, &t, &err) != STATUS_OK) fail_msg("%s", err.message);
    return t;
}

static uint64_t repairs(const struct series *s)
{
    uint64_t n = 0;
    for (int k = 0; k < REPAIR_N; k++) n += s->repaired[k];
    return n;
}

/* A fit of what ended alone, as the fits of ../shared are. */
static void same_fit(const char *file, const char *what, const struct spell_stats *s,
                     const json_t *fit)
{
    struct weibull_fit mine;
    struct error err;
    bool *ended = malloc(s->ended);
    memset(ended, 1, s->ended);
    assert_int_equal(weibull_fit(s->ended_s, ended, s->ended, &mine, &err), STATUS_OK);
    free(ended);
    same(file, what, mine.shape, number(fit, "shape"), 1e-4);
    same(file, what, mine.scale, number(fit, "scale"), 1e-4);
    /* What was cut off makes the scale longer, never shorter. */
    assert_true(s->fit.scale >= mine.scale * (1 - 1e-9));
    if (s->cut_off == 0) assert_true(fabs(s->fit.shape / mine.shape - 1) < 1e-9);
}

/* ---- skypilot ---- */

static void check_skypilot(const char *file, const json_t *check, const json_t *fit)
{
    struct interruptions log;
    read_log(file, false, &log);
    const struct series *s = &log.series[0];
    double sum = 0, drops = 0, rises = 0, lost = 0;
    assert_string_equal(log.format, "skypilot");
    assert_true(s->kind == SERIES_CAPACITY && log.t0_unix_us == INT64_MIN);
    assert_int_equal(repairs(s), 0);
    for (size_t i = 0; i < s->n; i++) {
        sum += (double)s->value[i];
        if (i == 0) continue;
        drops += s->value[i] < s->value[i - 1];
        rises += s->value[i] > s->value[i - 1];
        if (s->value[i] < s->value[i - 1]) lost += (double)(s->value[i - 1] - s->value[i]);
    }
    same(file, "points", (double)s->n, number(check, "points"), 0);
    same(file, "gap", (double)s->step_us / 1e6, number(check, "gap"), 0);
    same(file, "end", (double)s->end_us / 1e6, number(check, "gap") * number(check, "points"), 0);
    same(file, "sum", sum, number(check, "sum"), 0);
    same(file, "drops", drops, number(check, "drops"), 0);
    same(file, "rises", rises, number(check, "rises"), 0);
    same(file, "instances_lost", lost, number(check, "instances_lost"), 0);
    same(file, "starts_with", (double)s->value[0], number(check, "starts_with"), 0);
    same(file, "ends_with", (double)s->value[s->n - 1], number(check, "ends_with"), 0);
    bool prices = json_is_number(json_object_get(check, "sum_prices"));
    assert_int_equal(log.series_n, prices ? 2 : 1);
    if (prices) {
        const struct series *p = &log.series[1];
        int64_t total = 0;
        for (size_t i = 0; i < p->n; i++) total += p->value[i];
        assert_true(p->kind == SERIES_PRICE && p->n == s->n);
        assert_int_equal(total, llround(number(check, "sum_prices") * 1e9));
    }
    struct interruption_stats t = stats_of(s);
    same(file, "max", (double)t.most, number(check, "max"), 0);
    same(file, "lost", (double)t.lost, number(check, "instances_lost"), 0);
    same(file, "moments", (double)t.moments, number(check, "drops"), 0);
    same(file, "mean", t.mean, number(fit, "mean"), 1e-5);
    same(file, "all", t.share_all, number(fit, "frac_full"), 1e-5);
    same(file, "none", 1 - t.share_any, number(fit, "frac_zero"), 1e-5);
    if (t.most > 1) {
        const json_t *pmf = json_object_get(fit, "loss_step_size_pmf");
        same(file, "instance-hours", t.up_hours, number(fit, "instance_hours"), 1e-5);
        same(file, "rate", (double)t.lost / t.up_hours, number(fit, "loss_per_instance_hour"),
             1e-5);
        for (int k = 1; k <= 16; k++) {
            char key[16];
            snprintf(key, sizeof key, "%d", k);
            double share = number(pmf, key);
            same(file, "at once", (double)t.at_once[k - 1] / (double)t.moments,
                 isnan(share) ? 0 : share, 1e-4);
        }
    } else {
        same(file, "hazard", (double)t.lost / t.up_hours, number(fit, "hazard_per_up_hour"), 1e-5);
        same(file, "up runs", (double)t.up.ended, number(fit, "up_run_s/n"), 0);
        same(file, "mean up", t.up.mean_s, number(fit, "up_run_s/mean"), 1e-5);
        same(file, "down runs", (double)t.down.ended, number(fit, "down_run_s/n"), 0);
        same(file, "mean down", t.down.mean_s, number(fit, "down_run_s/mean"), 1e-5);
        same_fit(file, "up fit", &t.up, json_object_get(fit, "up_weibull"));
        same_fit(file, "down fit", &t.down, json_object_get(fit, "down_weibull"));
    }
    interruption_stats_free(&t);
    interruptions_free(&log);
}

static void skypilot(void **state)
{
    json_t *checks = load("CHECKS.json"), *fits = load("fits/spot_skypilot.json"), *check;
    const char *file;
    int n = 0;
    (void)state;
    json_object_foreach(checks, file, check)
    {
        if (strncmp(file, "spot/skypilot/", 14) != 0) continue;
        const json_t *fit = json_object_get(json_object_get(fits, "files"), file + 14);
        if (!fit) fail_msg("%s has no fit", file);
        check_skypilot(file, check, fit);
        n++;
    }
    assert_int_equal(n, 16);
    json_decref(checks);
    json_decref(fits);
}

static void zone_and_type_stand_in_the_name(void **state)
{
    struct interruptions log;
    (void)state;
    read_log("spot/skypilot/availability/1-node/aws-02-15-2023/us-west-2b_v100_1.json", false,
             &log);
    assert_string_equal(log.series[0].zone, "us-west-2b");
    assert_string_equal(log.series[0].type, "v100_1");
    interruptions_free(&log);
}

/* ---- bamboo ---- */

static void bamboo(void **state)
{
    const char *file = "spot/bamboo/p3-trace.csv";
    json_t *checks = load("CHECKS.json"), *fits = load("fits/spot_bamboo.json");
    const json_t *check = json_object_get(checks, file),
                 *fit = json_object_get(json_object_get(fits, "files"), "p3-trace.csv");
    struct interruptions log;
    (void)state;
    read_log(file, false, &log);
    const struct series *s = &log.series[0];
    struct interruption_stats t = stats_of(s);
    int64_t first;
    assert_int_equal(repairs(s), 0);
    same(file, "adds", (double)s->life_n, number(check, "adds"), 0);
    same(file, "removes", (double)t.lost, number(check, "removes"), 0);
    same(file, "last", (double)s->end_us / 1e3, number(check, "last_ms"), 0);
    same(file, "most", (double)t.most, number(check, "max_nodes"), 0);
    same(file, "final", (double)s->value[s->n - 1], number(check, "final"), 0);
    same(file, "node-ms", t.up_hours * 3.6e6, number(check, "node_ms"), 1e-12);
    assert_true(series_value_at(s, 0, &first) && first == (int64_t)number(fit, "initial_nodes"));
    assert_false(series_value_at(s, s->end_us, &first));
    same(file, "rate", (double)t.lost / t.up_hours, number(fit, "preempt_per_instance_hour"), 1e-5);
    same(file, "moments", (double)t.moments, number(fit, "remove_events"), 0);
    for (int k = 1; k <= 6; k++) {
        char key[40];
        snprintf(key, sizeof key, "remove_batch_pmf/%d", k);
        same(file, key, (double)t.at_once[k - 1] / (double)t.moments, number(fit, key), 1e-5);
    }
    same(file, "lives", (double)t.up.ended, number(fit, "lifetime_s_of_removed/n"), 0);
    same(file, "mean life", t.up.mean_s, number(fit, "lifetime_s_of_removed/mean"), 1e-5);
    same(file, "median life", (double)t.up.median_us / 1e6,
         number(fit, "lifetime_s_of_removed/q/50"), 0);
    assert_int_equal(t.up.cut_off, 10);
    interruption_stats_free(&t);
    interruptions_free(&log);
    json_decref(checks);
    json_decref(fits);
}

static void bamboo_counts(void **state)
{
    const char *file = "spot/bamboo/gcloud/a100x1-east1b.txt";
    json_t *checks = load("CHECKS.json"), *fits = load("fits/spot_bamboo.json");
    const json_t *check = json_object_get(checks, file),
                 *fit = json_object_get(json_object_get(fits, "files"), "gcloud/a100x1-east1b.txt");
    struct interruptions log;
    double sum = 0, least = 1e9, changes = 0;
    (void)state;
    read_log(file, false, &log);
    const struct series *s = &log.series[0];
    struct interruption_stats t = stats_of(s);
    for (size_t i = 0; i < s->n; i++) {
        sum += (double)s->value[i];
        least = fmin(least, (double)s->value[i]);
        changes += i && s->value[i] != s->value[i - 1];
    }
    same(file, "rows", (double)s->n, number(check, "rows"), 0);
    same(file, "sum", sum, number(check, "sum_n"), 0);
    same(file, "min", least, number(check, "min"), 0);
    same(file, "max", (double)t.most, number(check, "max"), 0);
    same(file, "changes", changes, number(fit, "changes"), 0);
    assert_int_equal(log.t0_unix_us / 1000000, 1639221090); /* 2021-12-11 11:11:30 */
    assert_int_equal((s->end_us - s->step_us) / 1000000, 97266);
    assert_true(s->step_us == 100000000 && s->repaired[REPAIR_GAP] == 20);
    assert_int_equal(s->repaired[REPAIR_BACKWARDS], (uint64_t)number(fit, "time_goes_back"));
    interruption_stats_free(&t);
    interruptions_free(&log);
    json_decref(checks);
    json_decref(fits);
}

/* ---- dime ---- */

static void dime(void **state)
{
    const char *file = "spot/dime/aws_availability_persistent_2020-03-15.out.gz";
    json_t *checks = load("CHECKS.json"), *fits = load("fits/spot_dime_availability.json"), *of;
    const json_t *check = json_object_get(checks, file),
                 *types = json_object_get(
                     json_object_get(json_object_get(fits, "files"),
                                     "logs/aws/availability/persistent_2020-03-15.out"),
                     "by_type");
    const char *type;
    struct interruptions log;
    double created = 0, gone = 0;
    (void)state;
    read_log(file, false, &log);
    json_object_foreach((json_t *)types, type, of)
    {
        double lives = 0, ended = 0, sum = 0;
        for (size_t i = 0; i < log.series_n; i++) {
            if (strcmp(log.series[i].type, type) != 0) continue;
            struct interruption_stats t = stats_of(&log.series[i]);
            lives += (double)log.series[i].life_n;
            ended += (double)t.up.ended;
            sum += t.up.mean_s * (double)t.up.ended;
            assert_int_equal(repairs(&log.series[i]), 0);
            interruption_stats_free(&t);
        }
        same(type, "created", lives, number(of, "created"), 0);
        same(type, "preempted", ended, number(of, "preempted"), 0);
        if (ended > 0) same(type, "mean life", sum / ended, number(of, "lifetime_s/mean"), 1e-5);
        created += lives;
        gone += ended;
    }
    same(file, "created", created, number(check, "created"), 0);
    same(file, "not running", gone, number(check, "not_running"), 0);
    interruptions_free(&log);
    json_decref(checks);
    json_decref(fits);
}

/* ---- Prices ---- */

static int64_t unix_us(const char *text)
{
    char copy[64];
    int64_t us = 0;
    snprintf(copy, sizeof copy, "%s", text);
    assert_true(field_clock(&(struct field){ copy, strlen(copy) }, 0, &us));
    return us;
}

static void aws_price(void **state)
{
    json_t *checks = load("CHECKS.json"), *fits = load("fits/spot_price_aws2020.json"), *check,
           *zone;
    const char *file, *name;
    int files = 0;
    (void)state;
    json_object_foreach(checks, file, check)
    {
        struct interruptions log;
        size_t zones = 0, records = 0;
        if (strncmp(file, "spot/price/aws/", 15) != 0) continue;
        read_log(file, false, &log);
        json_object_foreach(json_object_get(check, "zones"), name, zone)
        {
            const struct series *s = &log.series[zones++]; /* both by name */
            struct interruption_stats t = stats_of(s);
            char key[100];
            assert_string_equal(s->zone, name);
            same(name, "records", (double)s->n, number(zone, "n"), 0);
            assert_int_equal(log.t0_unix_us + s->at_us[0],
                             unix_us(json_string_value(json_object_get(zone, "first"))));
            assert_int_equal(log.t0_unix_us + s->end_us,
                             unix_us(json_string_value(json_object_get(zone, "last"))));
            assert_int_equal(t.price_least, llround(number(zone, "min") * 1e9));
            assert_int_equal(t.price_most, llround(number(zone, "max") * 1e9));
            same(name, "mean", t.price_mean / 1e9, number(zone, "time_weighted_mean"), 1e-11);
            assert_int_equal(repairs(s), 0);
            int64_t value; /* unknown before the first record */
            assert_true(s->at_us[0] == 0 || !series_value_at(s, s->at_us[0] - 1, &value));
            assert_true(series_value_at(s, s->at_us[0], &value) && value == s->value[0]);
            snprintf(key, sizeof key, "%s/%s", name, s->type);
            const json_t *fit = json_object_get(json_object_get(fits, "series"), key);
            same(key, "points", (double)s->n, number(fit, "points"), 0);
            same(key, "max", (double)t.price_most / 1e9, number(fit, "max"), 1e-9);
            records += s->n;
            interruption_stats_free(&t);
        }
        assert_int_equal(zones, log.series_n);
        same(file, "records", (double)records, number(check, "records"), 0);
        interruptions_free(&log);
        files++;
    }
    assert_int_equal(files, 4);
    json_decref(checks);
    json_decref(fits);
}

static void azure_price(void **state)
{
    const char *file = "spot/price/azure/us_east.csv";
    json_t *checks = load("CHECKS.json");
    const json_t *check = json_object_get(checks, file),
                 *columns = json_object_get(check, "columns");
    struct interruptions log;
    int64_t sum = 0;
    (void)state;
    read_log(file, false, &log);
    assert_int_equal(log.series_n, json_array_size(columns) - 1);
    for (size_t i = 0; i < log.series_n; i++) {
        const struct series *s = &log.series[i];
        bool found = false;
        for (size_t c = 1; c < json_array_size(columns); c++)
            found |= strcmp(s->type, json_string_value(json_array_get(columns, c))) == 0;
        assert_true(found);
        assert_string_equal(s->zone, "us_east");
        same(file, "days", (double)s->n, number(check, "days"), 0);
        assert_int_equal(repairs(s), 0);
        if (strcmp(s->type, "NC24s v3") != 0) continue;
        for (size_t k = 0; k < s->n; k++) sum += s->value[k];
    }
    assert_int_equal(sum, llround(number(check, "sum_NC24s_v3") * 1e9));
    assert_int_equal(log.t0_unix_us, unix_us("2020-02-24 00:00:00"));
    assert_int_equal(log.series[0].end_us / 86400000000, 29);
    interruptions_free(&log);
    json_decref(checks);
}

static void carbon(void **state)
{
    static const struct {
        const char *file, *mean, *least, *most;
        bool direct;
        enum series_kind kind;
        double unit;
    } cases[] = {
        { "carbon/US-CAL-CISO_2024_hourly.csv.gz", "lca_mean", "lca_min", NULL, false,
          SERIES_CARBON, 1e3 },
        { "carbon/US-CAL-CISO_2024_hourly.csv.gz", "direct_mean", NULL, NULL, true, SERIES_CARBON,
          1e3 },
        { "carbon/US-CAL-CISO_electricity_prices_2024.csv.gz", "mean", "min", "max", false,
          SERIES_POWER_PRICE, 1e6 },
    };
    json_t *checks = load("CHECKS.json");
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct interruptions log;
        const json_t *check = json_object_get(checks, cases[i].file);
        read_log(cases[i].file, cases[i].direct, &log);
        const struct series *s = &log.series[0];
        struct interruption_stats t = stats_of(s);
        double negative = 0;
        for (size_t k = 0; k < s->n; k++) negative += s->value[k] < 0;
        assert_true(log.series_n == 1 && s->kind == cases[i].kind);
        assert_int_equal(repairs(s), 0);
        same(cases[i].file, "rows", (double)s->n, number(check, "rows"), 0);
        same(cases[i].file, "mean", t.price_mean / cases[i].unit, number(check, cases[i].mean),
             1e-11);
        if (cases[i].least)
            same(cases[i].file, "min", (double)t.price_least / cases[i].unit,
                 number(check, cases[i].least), 1e-15);
        if (cases[i].most)
            same(cases[i].file, "max", (double)t.price_most / cases[i].unit,
                 number(check, cases[i].most), 1e-15);
        if (s->kind == SERIES_POWER_PRICE)
            same(cases[i].file, "negative", negative, number(check, "negative"), 0);
        assert_int_equal(s->step_us, 3600000000);
        assert_int_equal(s->end_us, 8784 * INT64_C(3600000000));
        interruption_stats_free(&t);
        interruptions_free(&log);
    }
    json_decref(checks);
}

/* ---- Failures ---- */

static int by_length(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* Times between failures of a node, start to start, and those of the whole system; as the fits
 * have them, without those of no length. */
static void check_lanl_system(const struct series *s, const json_t *fit)
{
    double *t = malloc(s->life_n * sizeof *t), *start = malloc(s->life_n * sizeof *start);
    bool *ended = malloc(s->life_n);
    struct weibull_fit mine;
    struct error err;
    size_t n = 0;
    memset(ended, 1, s->life_n);
    for (size_t i = 0; i < s->life_n; i++) {
        start[i] = (double)s->lives[i].from_us / 3.6e9;
        if (i && s->lives[i].node == s->lives[i - 1].node)
            t[n++] = (double)(s->lives[i].from_us - s->lives[i - 1].from_us) / 3.6e9;
    }
    assert_int_equal(weibull_fit(t, ended, n, &mine, &err), STATUS_OK);
    if (json_is_object(json_object_get(fit, "node_tbf_weibull"))) {
        same(s->type, "node shape", mine.shape, number(fit, "node_tbf_weibull/shape"), 1e-4);
        same(s->type, "node scale", mine.scale, number(fit, "node_tbf_weibull/scale"), 1e-4);
    }
    qsort(start, s->life_n, sizeof *start, by_length);
    for (size_t i = 1; i < s->life_n; i++) t[i - 1] = start[i] - start[i - 1];
    assert_int_equal(weibull_fit(t, ended, s->life_n - 1, &mine, &err), STATUS_OK);
    same(s->type, "tbf n", (double)(s->life_n - 1), number(fit, "system_tbf_h/n"), 0);
    same(s->type, "shape", mine.shape, number(fit, "system_tbf_weibull/shape"), 1e-4);
    same(s->type, "scale", mine.scale, number(fit, "system_tbf_weibull/scale"), 1e-4);
    free(t);
    free(start);
    free(ended);
}

static void lanl(void **state)
{
    const char *file = "failures/LA-UR-05-7318-failure-data-1996-2005.csv.xz", *cause;
    json_t *checks = load("CHECKS.json"), *fits = load("fits/failures.json"), *share;
    const json_t *check = json_object_get(checks, file), *fit = json_object_get(fits, "lanl");
    struct interruptions log;
    double rows = 0, minutes = 0, logs = 0, squares = 0, zero = 0, without = 0, n = 0;
    uint64_t mismatched = 0;
    (void)state;
    read_log(file, false, &log);
    same(file, "systems", (double)log.series_n, number(check, "systems"), 0);
    for (size_t i = 0; i < log.series_n; i++) {
        const struct series *s = &log.series[i];
        char key[40];
        snprintf(key, sizeof key, "%s", s->type + strlen("system "));
        check_lanl_system(s, json_object_get(json_object_get(fit, "systems"), key));
        rows += (double)s->life_n;
        mismatched += s->repaired[REPAIR_DURATION];
        if (strcmp(key, "17") == 0) /* of which no node is known */
            same(file, "rows of 17", (double)s->life_n, number(check, "na_meta_rows"), 0);
        for (size_t k = 0; k < s->life_n; k++) {
            double m = (double)(s->lives[k].to_us - s->lives[k].from_us) / 6e7;
            minutes += m;
            zero += m == 0;
            without += s->lives[k].cause == 0;
            if (m == 0) continue;
            n++;
            logs += log2(m) * M_LN2;
            squares += pow(log2(m) * M_LN2, 2);
        }
        if (strcmp(key, "2") == 0) {
            struct interruption_stats t = stats_of(s);
            same(file, "failures of 2", (double)t.lost, number(fit, "systems/2/failures"), 0);
            same(file, "nodes of 2", (double)s->node_n, number(fit, "systems/2/nodes"), 0);
            assert_true(t.down.ended == s->life_n && t.up.begun_unseen == s->node_n);
            interruption_stats_free(&t);
        }
    }
    same(file, "rows", rows, number(check, "rows"), 0);
    same(file, "minutes", minutes, number(check, "sum_downtime_min"), 0);
    same(file, "zero", zero, number(fit, "repair_zero"), 0);
    same(file, "without a cause", without / rows, number(fit, "no_cause"), 1e-5);
    same(file, "mu", logs / n, number(fit, "repair_lognormal/mu"), 1e-5);
    same(file, "sigma", sqrt(squares / n - logs / n * (logs / n)),
         number(fit, "repair_lognormal/sigma"), 1e-4);
    json_object_foreach(json_object_get(check, "by_cause"), cause, share)
    {
        uint32_t number_of = names_find(&log.causes, cause, strlen(cause));
        uint64_t count = 0;
        for (size_t i = 0; i < log.series_n; i++)
            for (size_t k = 0; k < log.series[i].life_n; k++)
                count += log.series[i].lives[k].cause == number_of;
        assert_int_equal(count, json_integer_value(share));
    }
    assert_int_equal(mismatched, 423); /* 399 of them by an hour: summer time */
    interruptions_free(&log);
    json_decref(checks);
    json_decref(fits);
}

static void titan(void **state)
{
    const char *file = "failures/titan_gc_full.csv.gz";
    json_t *checks = load("CHECKS.json"), *fits = load("fits/failures.json");
    const json_t *check = json_object_get(checks, file), *fit = json_object_get(fits, "titan");
    struct interruptions log;
    double seconds = 0, bare = 0, causes[3] = { 0 };
    (void)state;
    read_log(file, false, &log);
    const struct series *s = &log.series[0];
    uint32_t dbe = names_find(&log.causes, "DBE", 3), otb = names_find(&log.causes, "OTB", 3);
    for (size_t k = 0; k < s->life_n; k++) {
        seconds += (double)((s->lives[k].to_us - s->lives[k].from_us) / 1000000);
        bare += !s->lives[k].start_known;
        causes[s->lives[k].cause == dbe ? 1 : s->lives[k].cause == otb ? 2 : 0]++;
    }
    same(file, "rows", (double)s->life_n, number(check, "rows"), 0);
    same(file, "duration", seconds, number(check, "sum_duration_s"), 2e-12); /* it has 12 digits */
    same(file, "DBE", causes[1], number(check, "dbe"), 0);
    same(file, "OTB", causes[2], number(check, "otb"), 0);
    same(file, "bare", bare, number(check, "no_insert"), 0);
    same(file, "serials", (double)s->node_n, number(check, "serials"), 0);
    assert_int_equal(s->repaired[REPAIR_BARE], (uint64_t)number(check, "no_insert"));
    struct interruption_stats t = stats_of(s);
    same(file, "hours an event", t.up_hours / (double)t.lost, number(fit, "mtbf_gpu_hours"), 1e-5);
    /* Every hour is in an up time; each event that says how long it took ends one. */
    assert_true(t.up.ended == t.lost - (uint64_t)bare && t.up.begun_unseen == 0);
    interruption_stats_free(&t);
    interruptions_free(&log);
    json_decref(checks);
    json_decref(fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skypilot),    cmocka_unit_test(zone_and_type_stand_in_the_name),
        cmocka_unit_test(bamboo),      cmocka_unit_test(bamboo_counts),
        cmocka_unit_test(dime),        cmocka_unit_test(aws_price),
        cmocka_unit_test(azure_price), cmocka_unit_test(carbon),
        cmocka_unit_test(lanl),        cmocka_unit_test(titan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
