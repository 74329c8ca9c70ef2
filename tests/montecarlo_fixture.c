/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/montecarlo_fixture.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "tests/support.h"

enum { N = 4096 };
static const char sha[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

void montecarlo_fixture_default(struct montecarlo_fixture *f)
{
    *f = (struct montecarlo_fixture){ .plans = 4,
                                      .baseline = -1,
                                      .budget_usd_per_year = 4.2e6,
                                      .tolerance = 0.05,
                                      .chance_first = 0.21,
                                      .chance = 0.011,
                                      .years = 1,
                                      .months = 12,
                                      .curves = true,
                                      .checks = true,
                                      .enough = true,
                                      .regrets = true };
}

static void ok(enum status status, const struct error *err)
{
    if (status != STATUS_OK) fail_msg("%s", err->message);
}

/* Dollars a year, in the mean. */
static double cost_of(int32_t plan) { return 3.1e6 + 240e3 * plan / (plan > 50 ? 20 : 1); }
/* Of the standard deviation of the logarithm of a bill. */
static double spread_of(int32_t plan) { return 0.06 + 0.02 / (1 + plan); }

/* Bills are log-normal about the mean: the z of a share from the logistic approximation, which is
 * near enough for a picture and the same everywhere. */
static double z_of(double share) { return log(share / (1 - share)) / 1.702; }
static double chance_above(double usd, int32_t plan)
{
    return 1 / (1 + exp(1.702 * log(usd / cost_of(plan)) / spread_of(plan)));
}

static void add_metric(struct montecarlo_file *out, int32_t plan, const char *metric, double mean,
                       double spread)
{
    struct error err;
    double values[MONTECARLO_SHARE_N];
    struct montecarlo_estimate e = {
        plan, metric, mean, 2 * mean * spread / sqrt(N), N, "Student t"
    };
    if (strncmp(metric, "cost", 4) == 0) e.method = "control variates, n - 6 degrees of freedom";
    ok(montecarlo_add_estimate(out, &e, &err), &err);
    for (int i = 0; i < MONTECARLO_SHARE_N; i++)
        values[i] = mean * exp(spread * z_of(montecarlo_shares[i]));
    if (strcmp(metric, MONTECARLO_UTILIZATION) == 0)
        for (int i = 0; i < MONTECARLO_SHARE_N; i++) values[i] = fmin(values[i], 1);
    ok(montecarlo_add_distribution(out, plan, metric, montecarlo_shares, values, MONTECARLO_SHARE_N,
                                   &err),
       &err);
}

static void add_risk(struct montecarlo_file *out, int32_t plan, int32_t risk, double p)
{
    struct error err;
    double z = 1.96, n = N, middle = (p + z * z / (2 * n)) / (1 + z * z / n),
           half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    struct montecarlo_risk row = {
        plan, risk, p, fmax(0, fmin(p, middle - half)), fmin(1, fmax(p, middle + half)), N, "Wilson"
    };
    ok(montecarlo_add_risk(out, &row, &err), &err);
}

static void add_curves(const struct montecarlo_fixture *f, struct montecarlo_file *out,
                       int32_t plan)
{
    struct error err;
    enum { POINTS = 200 };
    double usd[POINTS], chance[POINTS], mean = cost_of(plan), spread = spread_of(plan);
    for (int32_t m = 0; m < f->months; m++) {
        double bill[MONTECARLO_FAN_SHARE_N], grown = mean / 12 * (0.9 + 0.2 * m / f->months);
        for (int i = 0; i < MONTECARLO_FAN_SHARE_N; i++)
            bill[i] =
                grown * exp(spread * (0.6 + 0.9 * m / f->months) * z_of(montecarlo_fan_shares[i]));
        ok(montecarlo_add_fan(out, plan, m, montecarlo_fan_shares, bill, MONTECARLO_FAN_SHARE_N,
                              &err),
           &err);
    }
    for (int i = 0; i < POINTS; i++) {
        usd[i] = mean * exp(spread * (-4 + 9.0 * i / POINTS));
        chance[i] = chance_above(usd[i], plan);
    }
    if (f->curves) ok(montecarlo_add_exceedance(out, plan, usd, chance, POINTS, &err), &err);
}

static int32_t baseline_of(const struct montecarlo_fixture *f)
{
    return f->baseline < 0 ? f->plans - 1 : f->baseline;
}

static void add_plan(const struct montecarlo_fixture *f, struct montecarlo_file *out, int32_t plan)
{
    struct error err;
    char name[8192], summary[200];
    double mean = cost_of(plan), spread = spread_of(plan),
           of = f->plans > 1 ? cost_of(1) : cost_of(0), base = cost_of(baseline_of(f)),
           p95 = mean * exp(spread * z_of(0.95));
    snprintf(name, sizeof name, "%s-%d", f->text ? f->text : "base", 40 + 8 * plan);
    snprintf(summary, sizeof summary, "%d x p5.48xlarge reserved, the rest on spot", 5 + plan);
    struct montecarlo_candidate c = { plan,
                                      name,
                                      f->text ? f->text : "base",
                                      f->text ? f->text : summary,
                                      40 + 8 * plan,
                                      plan == baseline_of(f) };
    ok(montecarlo_add_candidate(out, &c, &err), &err);
    add_metric(out, plan, MONTECARLO_COST_YEAR, mean, spread);
    add_metric(out, plan, MONTECARLO_COST_MONTH, mean / 12, spread);
    add_metric(out, plan, MONTECARLO_WAIT_P50, 40.0 / (1 + plan), 0.3);
    add_metric(out, plan, MONTECARLO_WAIT_P95, 5400.0 / (1 + plan), 0.3);
    add_metric(out, plan, MONTECARLO_WAIT_P99, 16000.0 / (1 + plan), 0.3);
    add_metric(out, plan, MONTECARLO_BACKLOG_END, 0, 0);
    add_metric(out, plan, MONTECARLO_BACKLOG_MAX, 900.0 / (1 + plan), 0.4);
    add_metric(out, plan, MONTECARLO_DEADLINE_MISSED, 0.02 / (1 + plan), 0.4);
    add_metric(out, plan, MONTECARLO_UNSERVED, 0, 0);
    add_metric(out, plan, MONTECARLO_UTILIZATION, 0.9 / (1 + 0.1 * plan), 0.04);
    int32_t risk = 0;
    if (!isnan(f->budget_usd_per_year))
        add_risk(out, plan, risk++, chance_above(f->budget_usd_per_year, plan));
    add_risk(out, plan, risk, plan ? f->chance : f->chance_first);
    struct montecarlo_value_at_risk v = { plan, 0.95, p95, p95 * 0.997, p95 * 1.004, p95 * 1.03 };
    ok(montecarlo_add_value_at_risk(out, &v, &err), &err);
    if (f->regrets) {
        struct montecarlo_regret r = { plan,
                                       fmax(0, mean - of) + 21e3,
                                       fmax(0, mean - of) + 94e3,
                                       fmax(0, mean - of) + 410e3,
                                       plan == 0   ? 0
                                       : plan == 1 ? 0.73
                                                   : 0.27 / (plan * plan + 1.0),
                                       plan == 0 ? NAN : mean - of,
                                       plan == 0   ? NAN
                                       : plan == 1 ? 0
                                                   : 6100,
                                       mean - base,
                                       plan == baseline_of(f) ? 0 : 7300 };
        ok(montecarlo_add_regret(out, &r, &err), &err);
    }
    if (plan < 4 || plan == baseline_of(f)) add_curves(f, out, plan);
}

static void add_checks(const struct montecarlo_fixture *f, struct montecarlo_file *out)
{
    struct error err;
    const char *fleet = f->text ? f->text : "base";
    const struct montecarlo_calibration checks[] = {
        { fleet, MONTECARLO_COST_MONTH, 280e3, 278.9e3, 278.9 / 280 - 1 },
        { fleet, MONTECARLO_WAIT_P95, 1300, 1456, 0.12 },
        { fleet, MONTECARLO_UTILIZATION, 0.8, 0.808, 0.01 },
        { "spot first", MONTECARLO_COST_MONTH, 250e3, 251e3, 0.004 },
        { "spot first", MONTECARLO_WAIT_P95, 0, 4, NAN },
    };
    for (size_t i = 0; f->checks && i < sizeof checks / sizeof *checks; i++)
        ok(montecarlo_add_calibration(out, &checks[i], &err), &err);
    static const char *const metrics[] = { MONTECARLO_COST_YEAR, "value_at_risk_95",
                                           MONTECARLO_WAIT_P95 };
    for (int m = 0; f->enough && m < 3; m++)
        for (int64_t n = 256; n <= 65536; n *= 2) {
            struct montecarlo_enough e = { metrics[m], n, 0.08 * (1 + m) / sqrt((double)n),
                                           n <= N };
            ok(montecarlo_add_enough(out, &e, &err), &err);
        }
}

void montecarlo_fixture_write(const struct montecarlo_fixture *f, const char *path)
{
    struct montecarlo_file *out;
    struct error err;
    const char *text = f->text;
    struct montecarlo_run run = {
        .scenario_name = text ? text : "H100 research",
        .scenario_path = text ? text : "h100.yaml",
        .scenario_sha256 = sha,
        .scenario_json = "{}",
        .workload = text ? text : "trace.csv.gz, 20,400 jobs of 28 days",
        .model = text ? text : "A queue of the whole fleet, hour by hour.",
        .assumptions =
            text ? text : "demand grows 20% a year, give or take 10%\nspot prices wander",
        .notes = text ? text : "",
        .replications = 1,
        .years = f->years,
        .seed = 7,
        .first_month = text ? NULL : "2026-03",
        .budget_usd_per_year = f->budget_usd_per_year,
        .budget_usd_per_month = NAN,
        .deadline_s = 86400,
        .precision = NAN,
        .price_as_of = "2026-02-01",
        .tool_version = "0.1.0",
        .rerun = text ? text : "seatrial montecarlo h100.yaml",
    };
    ok(montecarlo_open(path, &run, &out, &err), &err);
    ok(montecarlo_add_input(out, "scenario", text ? text : "h100.yaml", sha, 1234, &err), &err);
    int32_t risk = 0;
    struct montecarlo_risk_def budget = { 0, MONTECARLO_OVER_BUDGET, "a yearly bill over $4.20M",
                                          f->tolerance },
                               late = { 1, text ? text : "late",
                                        text ? text : "a year with work later than 24 h",
                                        f->tolerance };
    if (!isnan(f->budget_usd_per_year))
        ok(montecarlo_add_risk_def(out, &budget, &err), &err), risk++;
    late.id = risk;
    ok(montecarlo_add_risk_def(out, &late, &err), &err);
    for (int32_t i = 0; i < f->plans; i++) add_plan(f, out, i);
    add_checks(f, out);
    struct montecarlo_execution e = { .created_at = "2026-02-03T04:05:06Z",
                                      .command_line = text ? text : "seatrial montecarlo h100.yaml",
                                      .compiler = "gcc 12.2.0",
                                      .host = text ? text : "host",
                                      .engine = "cpu avx512",
                                      .device = text ? text : "",
                                      .threads = 2,
                                      .wall_s = 1.5,
                                      .cpu_s = 2.5,
                                      .max_rss_kib = 51200,
                                      .futures = (int64_t)N * f->plans };
    ok(montecarlo_add_execution(out, &e, &err), &err);
    ok(montecarlo_set_replications(out, N, &err), &err);
    ok(montecarlo_close(out, true, &err), &err);
}

void montecarlo_fixture_read(const struct montecarlo_fixture *f, struct montecarlo_data *data)
{
    struct error err;
    const char *path = scratch_path("study.db");
    unlink(path);
    montecarlo_fixture_write(f, path);
    ok(montecarlo_read(path, data, &err), &err);
}
