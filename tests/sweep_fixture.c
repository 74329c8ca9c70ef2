/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sweep_fixture.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "reports/metrics.h"
#include "reports/sweep_results.h"
#include "tests/support.h"

enum { R = SWEEP_FIXTURE_REPLICATIONS, POINTS = 12 };
static const char sha[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

void sweep_fixture_fill(struct sweep_fixture *f)
{
    for (int32_t row = 0; row < f->nodes * 2 * f->loads * f->fleets; row++) {
        int32_t fleet = row % f->fleets, load = row / f->fleets % f->loads,
                order = row / f->fleets / f->loads % 2, node = row / f->fleets / f->loads / 2;
        for (int r = 0; r < R; r++) {
            double side = r % 2 ? 1 : -1, hours = (6 - 2 * node) / (order ? 2.0 : 1.0);
            f->cost[row][r] = 100e3 * (2 + node) + 50e3 * fleet + 1000 * side;
            f->wait_s[row][r] = 3600 * hours * (load ? 1.5 : 1) + 60 * side;
        }
    }
}

void sweep_fixture_default(struct sweep_fixture *f)
{
    *f = (struct sweep_fixture){ .nodes = 3,
                                 .loads = 1,
                                 .fleets = 1,
                                 .target_s = 3.5 * 3600,
                                 .finished = -1,
                                 .state = "complete" };
    sweep_fixture_fill(f);
}

static void ok(enum status status, const struct error *err)
{
    if (status != STATUS_OK) fail_msg("%s", err->message);
}

/* What a text from outside becomes: itself, told apart by a number. */
static const char *named(const struct sweep_fixture *f, const char *plain, int number)
{
    static char texts[16][4096];
    static int turn;
    char *text = texts[turn++ % 16];
    if (!f->text) return plain;
    snprintf(text, sizeof texts[0], "%s%d", f->text, number);
    return text;
}

static void add_point(const struct sweep_fixture *f, struct sweep_results *out, int64_t id)
{
    static const char *const nodes[] = { "2", "3", "4" }, *const orders[] = { "fifo", "easy" },
                             *const loads[] = { "90 GPUs", "110 GPUs" };
    static const char *const metrics[] = { METRIC_COST_MONTH, METRIC_WAIT_P95, METRIC_UTILIZATION,
                                           METRIC_WAIT_MEAN, METRIC_JOBS_FINISHED };
    struct error err;
    char hash[65];
    int load = (int)(id % f->loads), order = (int)(id / f->loads % 2),
        node = (int)(id / f->loads / 2);
    double values[R * 2 * 5];
    snprintf(hash, sizeof hash, "%064d", (int)id);
    for (int r = 0; r < R; r++)
        for (int32_t fleet = 0; fleet < f->fleets; fleet++) {
            double *v = values + ((size_t)r * (size_t)f->fleets + (size_t)fleet) * 5;
            size_t row = (size_t)id * (size_t)f->fleets + (size_t)fleet;
            v[0] = f->cost[row][r];
            v[1] = f->wait_s[row][r];
            v[2] = 0.8 / (1 + 0.2 * node);
            v[3] = v[1] / 4;
            v[4] = isnan(v[1]) ? 0 : 3000;
        }
    const struct sweep_fleet fleets[2] = { { named(f, "today", 0), named(f, "8 x p4d.24xlarge", 0),
                                             "fifo", "pack", id == 0 ? f->tail : NULL, 8, 1, true },
                                           { named(f, "other", 1), named(f, "9 x p4d.24xlarge", 1),
                                             "easy", "pack", NULL, 9, 1, false } };
    const struct sweep_param params[3] = {
        { named(f, "fleets.*.pools.main.nodes", 0), named(f, nodes[node], node),
          f->text ? NAN : 2 + node },
        { named(f, "fleets.*.scheduler.order", 1), named(f, orders[order], order), NAN },
        { named(f, "workload.synth.load", 2), named(f, loads[load], load),
          f->text ? NAN : 90 + 20 * load }
    };
    const struct sweep_target target = { METRIC_WAIT_P95, named(f, "p95 wait at most 3.5 h", 0),
                                         f->target_s, true };
    const struct sweep_input input = { "price book", named(f, "prices.csv", 0), sha, 1234 };
    const struct sweep_point point = { .point_id = id,
                                       .sha256 = hash,
                                       .ended = "all",
                                       .workload = named(f, "synthetic, like itp", 0),
                                       .price_as_of = "2026-07-20",
                                       .jobs = 3000,
                                       .seed = f->own_seeds ? (uint64_t)id : 1,
                                       .antithetic = f->antithetic,
                                       .replications = R,
                                       .fleet_n = f->fleets,
                                       .fleets = fleets,
                                       .param_n = 3,
                                       .target_n = isnan(f->target_s) ? 0 : 1,
                                       .input_n = 1,
                                       .metric_n = 5,
                                       .params = params,
                                       .targets = &target,
                                       .inputs = &input,
                                       .metrics = metrics,
                                       .values = values };
    ok(sweep_results_add(out, &point, &err), &err);
}

void sweep_fixture_write(const struct sweep_fixture *f, const char *path)
{
    struct error err;
    struct sweep_results *out;
    char hashes[POINTS][65] = { "" };
    int32_t have[POINTS], n = f->nodes * 2 * f->loads;
    struct sweep_found found = { .replications = have };
    for (int i = 0; i < POINTS; i++) snprintf(hashes[i], sizeof hashes[i], "%064d", i);
    const struct sweep_head head = { .identity = sha,
                                     .scenario_name = named(f, "made", 0),
                                     .today_sha256 = f->today ? hashes[f->today - 1] : "",
                                     .scenario_text = named(f, "seatrial: 1", 0),
                                     .seed = "",
                                     .tool_version = "0.1.0",
                                     .rerun = named(f, "seatrial sweep made.yaml", 0),
                                     .points = n,
                                     .sha256 = (const char(*)[65])hashes };
    ok(sweep_results_open(path, NULL, &head, &out, &found, &err), &err);
    for (int32_t p = 0; p < (f->finished < 0 ? n : f->finished); p++) add_point(f, out, p);
    const struct sweep_execution row = { "2026-02-03T04:05:06Z",
                                         "seatrial sweep made.yaml",
                                         "gcc 12.2.0",
                                         named(f, "host", 0),
                                         2,
                                         n,
                                         1.5,
                                         2.5,
                                         51200 };
    ok(sweep_results_add_execution(out, &row, &err), &err);
    ok(sweep_results_close(out, f->state, &err), &err);
}

void sweep_fixture_read(const struct sweep_fixture *f, struct sweep_data *data)
{
    struct error err;
    const char *path = scratch_path("sweep.db"), *partial = scratch_path("sweep.db.partial");
    unlink(path);
    unlink(partial);
    sweep_fixture_write(f, path);
    ok(sweep_read(strcmp(f->state, "complete") == 0 ? path : partial, data, &err), &err);
}
