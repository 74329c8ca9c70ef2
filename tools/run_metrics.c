/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/run_metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/metrics.h"

#define MONTH_US (INT64_C(730) * US_PER_HOUR)

/* By part. */
static const char *const part_metrics[SLO_PARTS_MAX] = { METRIC_PART(1), METRIC_PART(2),
                                                         METRIC_PART(3), METRIC_PART(4),
                                                         METRIC_PART(5), METRIC_PART(6),
                                                         METRIC_PART(7), METRIC_PART(8) };
_Static_assert((int)SLO_PARTS_MAX == (int)WORLD_PARTS_MAX, "each has its place in a result");

static double seconds(int64_t us) { return (double)us / US_PER_S; }

static double months_in(int64_t books_us)
{
    return books_us > 0 ? (double)MONTH_US / (double)books_us : 0;
}

double run_cost_month(int64_t cost_usd_micro, int64_t books_us)
{
    return (double)cost_usd_micro / 1e6 * months_in(books_us);
}

size_t run_metrics(const struct world_result *r, struct run_metric out[RUN_METRICS_MAX])
{
    int64_t cost = 0, idle = 0, bought = 0, busy = 0, down = 0, energy = 0;
    double co2_g = NAN;
    int64_t node_us = 0, booting_us = 0, started = 0, most = 0;
    for (int32_t p = 0; p < r->pool_n; p++) {
        cost += r->pools[p].cost_usd_micro;
        bought += r->pools[p].bought_gpu_us;
        busy += r->pools[p].busy_gpu_us;
        down += r->pools[p].down_gpu_us;
        energy += r->pools[p].energy_wh;
        if (r->pools[p].co2_g >= 0) co2_g = (isnan(co2_g) ? 0 : co2_g) + (double)r->pools[p].co2_g;
        node_us += r->pools[p].bought_node_us;
        booting_us += r->pools[p].booting_node_us;
        started += r->pools[p].nodes_started;
        most += r->pools[p].most_nodes;
        for (int k = 0; k < CHARGE_KIND_N; k++) idle += r->pools[p].charge[k].idle_usd_micro;
    }
    for (int32_t i = 0; i < r->service_n; i++)
        cost += r->services[i].jobs_usd_micro + r->services[i].fleet_usd_micro;
    double month = months_in(r->books_us);
    double usd = (double)cost / 1e6, utilization = bought > 0 ? (double)busy / (double)bought : 0;
    double busy_hours = (double)busy / (double)US_PER_HOUR;
    bool ran = r->finished > 0; /* nothing ran: there is no wait, and not one of zero */
    const struct run_metric metrics[] = {
        { METRIC_COST_MONTH, run_cost_month(cost, r->books_us) },
        { METRIC_COST_TOTAL, usd },
        { METRIC_COST_USEFUL_GPU_HOUR, busy_hours > 0 ? usd / busy_hours : NAN },
        { METRIC_COST_IDLE_MONTH, (double)idle / 1e6 * month },
        { METRIC_UTILIZATION, utilization },
        { METRIC_IDLE, 1 - utilization },
        { METRIC_BOUGHT_GPU_HOURS, (double)bought / (double)US_PER_HOUR },
        { METRIC_BUSY_GPU_HOURS, busy_hours },
        { METRIC_WAIT_MEAN, ran ? r->mean_wait_s : NAN },
        { METRIC_WAIT_P50, ran ? seconds(r->wait_p50_us) : NAN },
        { METRIC_WAIT_P90, ran ? seconds(r->wait_p90_us) : NAN },
        { METRIC_WAIT_P95, ran ? seconds(r->wait_p95_us) : NAN },
        { METRIC_WAIT_P99, ran ? seconds(r->wait_p99_us) : NAN },
        { METRIC_WAIT_MAX, ran ? seconds(r->wait_max_us) : NAN },
        { METRIC_JCT_MEAN, ran ? r->mean_jct_s : NAN },
        { METRIC_JCT_P50, ran ? seconds(r->jct_p50_us) : NAN },
        { METRIC_JCT_P95, ran ? seconds(r->jct_p95_us) : NAN },
        { METRIC_SLOWDOWN, ran ? r->mean_bounded_slowdown : NAN },
        { METRIC_SLOWDOWN_P95, ran ? r->slowdown_p95 : NAN },
        { METRIC_FAIRNESS, r->fairness > 0 ? r->fairness : NAN },
        { METRIC_IDLE_WAITING, (double)r->idle_while_waiting_gpu_us / (double)US_PER_HOUR },
        { METRIC_MAKESPAN, seconds(r->makespan_us) },
        { METRIC_QUEUE_MEAN, r->mean_queue },
        { METRIC_QUEUE_MAX, (double)r->max_queue },
        { METRIC_JOBS_FINISHED, (double)r->finished },
        { METRIC_JOBS_REJECTED, (double)r->rejected },
        { METRIC_BACKFILLED, (double)r->backfilled },
        { METRIC_SCATTERED, (double)r->scattered },
        { METRIC_OVER_RACKS, (double)r->over_racks },
        { METRIC_PREEMPTIONS, (double)r->preemptions },
        { METRIC_GPU_HOURS_SCATTERED, r->scattered_gpu_hours },
        { METRIC_GPU_HOURS_BESIDE, r->beside_gpu_hours },
        { METRIC_GANG_TIMEOUTS, (double)r->gang_timeouts },
        { METRIC_GPU_HOURS_HALF, r->half_placed_gpu_hours },
        { METRIC_GPU_HOURS_LOST, r->lost_gpu_hours },
        { METRIC_LOST_TO_PREEMPTION, r->lost_to_preemption },
        { METRIC_LOST_TO_FAILURE, r->lost_to_failure },
        { METRIC_LOST_TO_RECLAIM, r->lost_to_reclaim },
        { METRIC_GPU_HOURS_DOWN, (double)down / (double)US_PER_HOUR },
        { METRIC_NODE_FAILURES, (double)r->node_failures },
        { METRIC_JOB_FAILURES, (double)r->job_failures },
        { METRIC_NODE_RECLAIMS, (double)r->node_reclaims },
        { METRIC_JOB_RECLAIMS, (double)r->job_reclaims },
        { METRIC_EFFECTIVE,
          r->held_gpu_hours > 0 ? 1 - r->lost_gpu_hours / r->held_gpu_hours : NAN },
        { METRIC_NODES_MEAN, r->books_us > 0 ? (double)node_us / (double)r->books_us : 0 },
        { METRIC_NODES_MOST, (double)most },
        { METRIC_NODES_STARTED, (double)started },
        { METRIC_NODE_HOURS_BOOTING, (double)booting_us / (double)US_PER_HOUR },
        { METRIC_ENERGY_KWH, (double)energy / 1000 },
        { METRIC_CO2_KG, co2_g / 1000 },
        { METRIC_CO2_MONTH, co2_g / 1000 * month },
        { METRIC_DEADLINES,
          r->deadlines > 0 ? (double)r->deadlines_met / (double)r->deadlines : NAN },
    };
    const size_t n = sizeof metrics / sizeof *metrics;
    _Static_assert(sizeof metrics / sizeof *metrics + SLO_PARTS_MAX <= RUN_METRICS_MAX,
                   "there is room for all");
    memcpy(out, metrics, sizeof metrics);
    for (int32_t i = 0; i < SLO_PARTS_MAX; i++)
        out[n + (size_t)i] =
            (struct run_metric){ part_metrics[i], i < r->part_n ? r->part_s[i] : NAN };
    return n + SLO_PARTS_MAX;
}

enum { LABEL = sizeof((struct run_target *)0)->label };

static void add(struct run_target *out, size_t *n, const char *metric, double target, bool at_most)
{
    out[(*n)++] = (struct run_target){ .metric = metric, .target = target, .at_most = at_most };
}

/* "p95 wait at most 2 h". */
static void add_time(struct run_target *out, size_t *n, const char *metric, const char *words,
                     int64_t most_us)
{
    double x = seconds(most_us);
    if (most_us < 0) return;
    add(out, n, metric, x, true);
    char *label = out[*n - 1].label;
    if (x < 60) snprintf(label, LABEL, "%s at most %.3g s", words, x);
    else if (x < 7200) snprintf(label, LABEL, "%s at most %.3g min", words, x / 60);
    else snprintf(label, LABEL, "%s at most %.3g h", words, x / 3600);
}

size_t run_targets(const struct scenario *s, struct run_target out[RUN_TARGETS_MAX])
{
    static const char *const waits[4] = { METRIC_WAIT_P50, METRIC_WAIT_P90, METRIC_WAIT_P95,
                                          METRIC_WAIT_P99 };
    static const char *const words[4] = { "p50 wait", "p90 wait", "p95 wait", "p99 wait" };
    size_t n = 0;
    for (int i = 0; i < 4; i++) add_time(out, &n, waits[i], words[i], s->slo.wait_us[i]);
    add_time(out, &n, METRIC_JCT_P50, "p50 completion", s->slo.jct_us[0]);
    add_time(out, &n, METRIC_JCT_P95, "p95 completion", s->slo.jct_us[1]);
    for (int32_t i = 0; i < s->slo.part_n; i++) {
        static const char *const measures[SLO_MEASURES] = { "p50 wait",       "p90 wait",
                                                            "p95 wait",       "p99 wait",
                                                            "p50 completion", "p95 completion" };
        const struct slo_part *part = &s->slo.parts[i];
        char of[110];
        snprintf(of, sizeof of, "%s of %s %s", measures[part->measure], slo_part_names[part->of],
                 part->name);
        add_time(out, &n, part_metrics[i], of, part->most_us);
    }
    if (s->slo.deadlines_ppm >= 0) {
        add(out, &n, METRIC_DEADLINES, (double)s->slo.deadlines_ppm / 1e6, false);
        snprintf(out[n - 1].label, LABEL, "deadlines met at least %.4g%%",
                 (double)s->slo.deadlines_ppm / 1e4);
    }
    if (s->slo.budget_usd_micro_per_month >= 0) {
        double usd = (double)s->slo.budget_usd_micro_per_month / 1e6;
        double unit = usd >= 1e6 ? 1e6 : usd >= 1e4 ? 1e3 : 1;
        add(out, &n, METRIC_COST_MONTH, usd, true);
        snprintf(out[n - 1].label, LABEL, "at most $%.6g%s a month", usd / unit,
                 unit == 1e6   ? "M"
                 : unit == 1e3 ? "k"
                               : "");
    }
    if (s->slo.utilization_ppm >= 0) {
        add(out, &n, METRIC_UTILIZATION, (double)s->slo.utilization_ppm / 1e6, false);
        snprintf(out[n - 1].label, LABEL, "utilization at least %.3g%%",
                 (double)s->slo.utilization_ppm / 1e4);
    }
    if (s->slo.co2_g_per_month >= 0) {
        double kg = (double)s->slo.co2_g_per_month / 1e3;
        add(out, &n, METRIC_CO2_MONTH, kg, true);
        snprintf(out[n - 1].label, LABEL, "at most %.6g %s of CO2 a month",
                 kg < 1e4 ? kg : kg / 1e3, kg < 1e4 ? "kg" : "t");
    }
    return n;
}
