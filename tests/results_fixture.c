/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/results_fixture.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "reports/metrics.h"
#include "reports/results.h"
#include "tests/support.h"

const char *const hostile_names[] = {
    "`touch pwned`",
    "$(touch pwned)",
    "'; touch pwned; '",
    "\"; system(\"touch pwned\"); \"",
    "'; system('touch pwned'); print '",
    "x\nsystem(\"touch pwned\")\n!touch pwned\n",
    "e\ne\n!touch pwned\n",
    "EOD\n$d << EOD",
    "@pwn @system",
    "%s%n%1$s 100% %%",
    "# a comment",
    "\\\"; system(\"touch pwned\"); \\\"",
    "\\",
    "a100_80gb^{2} {/:Bold x} &{y} ~a{.8-}",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></svg></text><script>alert(1)</script>",
    "]]><script>alert(1)</script><!--",
    "&lt;script&gt; & &#x3c;",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "\033[2J\033]0;owned\a\x9b"
    "31m",
    "\xe2\x80\xae"
    "evil"
    "\xef\xbf\xbe",
    "\xff\xfe not UTF-8 \xc3",
    "Label0Q Label1Q gpPt5 url(#x) id='y' rgb(1, 1, 3)",
    "Zürich 東京 😀",
    "| a | b |",
    "an extraordinarily long name that goes on and on, far beyond what any axis, any legend or any "
    "table of ours was ever laid out for, and then "
    "on again \xe6\x9d\xb1\xe4\xba\xac \xe6\x9d\xb1\xe4\xba\xac \xe6\x9d\xb1\xe4\xba\xac until "
    "nobody reads it any more, because it is only here to see whether something is cut in the "
    "middle",
    " ",
    NULL,
};

void fixture_default(struct fixture *f)
{
    *f = (struct fixture){
        .scenario_name = "plain",
        .scenario_path = "plain.yaml",
        .workload = "made by hand, 1,000 jobs",
        .notes = "",
        .rerun = "seatrial run plain.yaml",
        .fleet = { "base", "small", "large", "fast" },
        .slo_label = "p95 wait at most 15 min",
        .fleets = 3,
        .replications = 3,
        .cost = { { 100e3, 110e3, 120e3 },
                  { 70e3, 78e3, 83e3 },
                  { 150e3, 160e3, 171e3 },
                  { 200e3, 201e3, 202e3 } },
        .p95_s = { { 120, 150, 110 }, { 500, 450, 480 }, { 5, 7, 6 }, { 1, 1, 1 } },
        .t0_unix_s = 1700000000,
        .jobs = 1000,
        .idle_fleet = -1,
        .days = 15,
        .state = "complete",
    };
}

static void ok(enum status status, const struct error *err)
{
    if (status != STATUS_OK) fail_msg("%s", err->message);
}

static void add_metrics(const struct fixture *f, struct results *r, int32_t fleet, int32_t rep)
{
    struct error err;
    double usd = f->cost[fleet][rep], p95 = f->p95_s[fleet][rep],
           any = f->jobs > 0 && fleet != f->idle_fleet, busy = any * 0.6;
    const struct {
        const char *name;
        double value;
    } list[] = {
        { METRIC_COST_MONTH, usd },            { METRIC_COST_TOTAL, usd / 2 },        { METRIC_COST_IDLE_MONTH, usd * (1 - busy) },
        { METRIC_UTILIZATION, busy },            { METRIC_IDLE, 1 - busy },            { METRIC_BOUGHT_GPU_HOURS, 46720 },
        { METRIC_BUSY_GPU_HOURS, 46720 * busy }, { METRIC_MAKESPAN, 1300000 * any },   { METRIC_QUEUE_MEAN, p95 / 100 * any },
        { METRIC_QUEUE_MAX, 20 * any },          { METRIC_JOBS_FINISHED, (double)f->jobs * any }, { METRIC_JOBS_REJECTED, (double)f->jobs * (1 - any) },
        { METRIC_BACKFILLED, 0 },                { METRIC_SCATTERED, 3 * any },        { METRIC_ENERGY_KWH, 0 },
        { METRIC_IDLE_WAITING, 46720 * (1 - busy) / 8 },
    }, ran[] = { /* where nothing ran there is none of these */
        { METRIC_WAIT_MEAN, p95 / 4 },  { METRIC_WAIT_P50, 0 },         { METRIC_WAIT_P90, p95 / 2 },         { METRIC_WAIT_P95, p95 },
        { METRIC_WAIT_P99, p95 * 3 },   { METRIC_WAIT_MAX, p95 * 9 },   { METRIC_JCT_MEAN, p95 / 4 + 3600 },  { METRIC_JCT_P50, 900 },
        { METRIC_JCT_P95, p95 + 7200 }, { METRIC_SLOWDOWN, 1 + p95 / 100 }, { METRIC_SLOWDOWN_P95, 1 + p95 / 10 }, { METRIC_FAIRNESS, 1 / (1 + p95 / 1000) }, { METRIC_COST_USEFUL_GPU_HOUR, usd / 2 / (46720 * 0.6) },
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        ok(results_add_metric(r, fleet, rep, list[i].name, list[i].value, &err), &err);
    for (size_t i = 0; any && i < sizeof ran / sizeof *ran; i++)
        ok(results_add_metric(r, fleet, rep, ran[i].name, ran[i].value, &err), &err);
    int64_t micro = (int64_t)(usd / 2 * 1e6 + 0.5), held = (int64_t)((double)micro * busy);
    if (micro) {
        ok(results_add_charge(r, fleet, rep, 0, "on-demand", "jobs", held, &err), &err);
        ok(results_add_charge(r, fleet, rep, 0, "on-demand", "idle", micro - held, &err), &err);
    }
    static const double shares[] = { 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1 },
                        times[] = { 0, 0, 0.2, 0.5, 1, 3, 6, 9 };
    for (size_t i = 0; any && i < sizeof shares / sizeof *shares; i++)
        ok(results_add_wait(r, fleet, rep, shares[i], p95 * times[i], &err), &err);
}

static void add_fleet(const struct fixture *f, struct results *r, int32_t fleet)
{
    struct error err;
    const char *text = f->text;
    struct results_fleet row = { fleet,
                                 f->fleet[fleet],
                                 text ? text : "8 x node.8x on-demand; fifo, pack",
                                 text ? text : "fifo",
                                 text ? text : "pack",
                                 "fewest-nodes",
                                 64,
                                 8 };
    struct results_pool pool = { fleet,
                                 0,
                                 text ? text : "all",
                                 text ? text : "node.8x",
                                 text ? text : "A100",
                                 text ? text : "on-demand",
                                 8,
                                 8,
                                 32770000,
                                 text ? text : "us-east-1",
                                 text ? text : "on-demand",
                                 text ? text : "2024-01-01",
                                 text ? text : "price list" };
    ok(results_add_fleet(r, &row, &err), &err);
    ok(results_add_pool(r, &pool, &err), &err);
    for (int32_t rep = 0; rep < f->replications; rep++) add_metrics(f, r, fleet, rep);
    for (int32_t h = 1; f->jobs > 0 && h <= 24 * f->days; h++) {
        /* A day's swell, higher on working days; a queue in the afternoon. */
        double busy = 30 + 20 * sin(h % 24 * 3.14159265 / 24) * (h / 24 % 7 < 5 ? 1 : 0.3);
        struct results_sample s = { h * 3600.0,
                                    h % 24 == 14 ? 5 + fleet : 0,
                                    h % 24 == 14 ? 16 : 0,
                                    (int64_t)busy / 4,
                                    busy,
                                    64 };
        ok(results_add_sample(r, fleet, &s, &err), &err);
        struct results_node_state n = { h * 3600.0,   (int64_t)busy / 10, 0,
                                        h % 24 == 14, h % 50 == 7,        fleet > 0 };
        n.idle = 8 - n.busy - n.booting - n.down - n.absent;
        if (f->states) ok(results_add_node_state(r, fleet, &n, &err), &err);
    }
    struct results_tenant a = { text ? text : "vision", 600, 20000, 60, 300, 30000000000 },
                          b = { "speech", 400, 8032, 30, 200, 10000000000 };
    if (f->jobs > 0) {
        ok(results_add_tenant(r, fleet, &a, &err), &err);
        ok(results_add_tenant(r, fleet, &b, &err), &err);
    }
}

void fixture_write(const struct fixture *f, const char *path)
{
    static const char sha[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    struct results *r;
    struct error err;
    struct results_run run = {
        f->scenario_name, f->scenario_path, sha,      "{}",    f->workload,     f->jobs,
        1209600,          f->t0_unix_s,     1314000,  7,       f->replications, 0,
        "2024-06-01",     "none",           f->notes, "0.1.0", f->rerun
    };
    ok(results_open(path, &run, &r, NULL, &err), &err);
    ok(results_add_input(r, "scenario", f->scenario_path, sha, 1234, &err), &err);
    ok(results_add_input(r, "trace", f->text ? f->text : "trace.csv", sha, 56789, &err), &err);
    if (f->slo_label)
        ok(results_add_slo(r, METRIC_WAIT_P95, 900, "at most", f->slo_label, &err), &err);
    for (int32_t fleet = 0; fleet < f->fleets; fleet++) add_fleet(f, r, fleet);
    struct results_execution e = { "2026-01-02T03:04:05Z",
                                   f->rerun,
                                   "gcc 12.2.0",
                                   f->text ? f->text : "host",
                                   2,
                                   1.5,
                                   2.5,
                                   51200,
                                   123456 };
    if (strcmp(f->state, "complete") == 0) ok(results_add_execution(r, &e, &err), &err);
    ok(results_close(r, f->state, &err), &err);
}

void fixture_read(const struct fixture *f, struct report_data *data)
{
    struct error err;
    char partial[600];
    const char *path = scratch_path("fixture.db");
    bool whole = strcmp(f->state, "complete") == 0;
    snprintf(partial, sizeof partial, "%s.partial", path);
    unlink(path);
    fixture_write(f, path);
    ok(report_data_read(whole ? path : partial, true, data, &err), &err);
}
