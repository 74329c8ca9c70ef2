/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run: figures from what it left behind, and the invariants they must meet. */
#include <stdlib.h>
#include <string.h>

#include "models/fairness.h"
#include "models/world_state.h"
#include "sim/quantile.h"

enum status world_broken(const struct world *w, struct error *err, const char *what)
{
    return error_set(
        err, STATUS_BUG,
        "invariant broken: %s (fleet '%s', seed %llu, replication %u, time %lld us, event %lld)",
        what, w->fleet->name, (unsigned long long)w->options->seed, w->options->replication,
        (long long)w->now_us, (long long)w->result->events);
}

/* Bounded slowdown with a bound of 10 s: max(1, (wait + run) / max(run, 10 s)); Feitelson and
 * Rudolph 1998. */
static double bounded_slowdown(int64_t wait_us, int64_t run_us)
{
    const int64_t bound_us = 10 * (int64_t)US_PER_S;
    int64_t divisor = run_us > bound_us ? run_us : bound_us;
    double slowdown = (double)(wait_us + run_us) / (double)divisor;
    return slowdown > 1 ? slowdown : 1;
}

/* Of the time that a job held GPUs, what is delay: what preemption lost, or others on the same GPU
 * took. */
static int64_t delay_on_gpus(const struct world *w, size_t j)
{
    if (w->beside_us) return w->beside_us[j];
    return w->progress ? w->progress[j].lost_us : 0;
}

/* What the slowdowns say beside their mean. Finds waits in start_us and completion times in end_us,
 * and leaves in start_us how far slowdowns are above 1, in millionths. */
static enum status summarize_slowdowns(struct world *w, struct error *err)
{
    static const double q95[] = { 0.95 };
    const struct workload *load = w->workload;
    size_t tenants = load->tenants.n, n = 0;
    double *sum = calloc(tenants + 1, sizeof *sum);
    int64_t *count = calloc(tenants + 1, sizeof *count), excess;
    enum status status = STATUS_OK;
    if (!sum || !count) {
        status = error_set(err, STATUS_NO_MEMORY, "no memory for %zu tenants", tenants);
        goto done;
    }
    for (size_t j = 0; j < load->job_n; j++) {
        if (w->end_us[j] < 0) continue;
        int64_t delay = w->start_us[j] + delay_on_gpus(w, j);
        double slowdown = bounded_slowdown(delay, w->end_us[j] - delay);
        sum[load->tenant[j]] += slowdown;
        count[load->tenant[j]]++;
        w->start_us[j] = (int64_t)((slowdown - 1) * 1e6 + 0.5);
    }
    if ((status = quantiles_of(w->start_us, load->job_n, q95, 1, &excess, err)) != STATUS_OK)
        goto done;
    w->result->slowdown_p95 = 1 + (double)excess / 1e6;
    for (size_t t = 0; t < tenants; t++)
        if (count[t] > 0 && load->tenants.text[t][0] != '\0') sum[n++] = sum[t] / (double)count[t];
    if (n > 1) w->result->fairness = jain_index(sum, n);
done:
    free(sum);
    free(count);
    return status;
}

/* Means in job order, waits and completion times into the arrays of starts and ends. */
static enum status summarize_jobs(struct world *w, struct error *err)
{
    static const double wait_q[] = { 0.50, 0.90, 0.95, 0.99, 1.0 }, jct_q[] = { 0.50, 0.95 };
    struct world_result *r = w->result;
    unsigned __int128 wait_sum = 0, run_sum = 0;
    double slowdown = 0;
    int64_t out[5], finished = 0, last_end = 0;
    enum status status;

    for (size_t j = 0; j < w->workload->job_n; j++) {
        int64_t deadline = w->workload->deadline_us[j];
        r->deadlines += deadline >= 0;
        r->deadlines_met += deadline >= 0 && w->end_us[j] >= 0 && w->end_us[j] <= deadline;
        if (w->end_us[j] < 0) continue;
        int64_t jct = w->end_us[j] - w->workload->submit_us[j],
                run = w->progress ? w->progress[j].held_us : w->end_us[j] - w->start_us[j],
                wait = jct - run;
        if (wait < 0 || w->start_us[j] < w->workload->submit_us[j])
            return world_broken(w, err, "a job started before it was submitted");
        if (w->end_us[j] > last_end) last_end = w->end_us[j];
        finished++;
        wait_sum += (uint64_t)wait;
        run_sum += (uint64_t)run;
        int64_t delay = delay_on_gpus(w, j);
        slowdown += bounded_slowdown(wait + delay, run - delay);
        w->start_us[j] = wait;
        w->end_us[j] = jct;
    }
    if (finished != r->finished || r->submitted != r->finished + r->rejected)
        return world_broken(w, err, "submitted = finished + rejected");
    /* Little's law on the sample path: the area under the queue is the sum of the waits, exactly.
     */
    if (wait_sum != w->queue_area) return world_broken(w, err, "Little's law on the queue");
    r->makespan_us = last_end;
    if (finished == 0) return STATUS_OK;
    r->mean_wait_s = (double)wait_sum / US_PER_S / (double)finished;
    r->mean_run_s = (double)run_sum / US_PER_S / (double)finished;
    r->mean_jct_s = (double)(wait_sum + run_sum) / US_PER_S / (double)finished;
    r->mean_bounded_slowdown = slowdown / (double)finished;
    r->mean_queue = last_end > 0 ? (double)w->queue_area / (double)last_end : 0;
    if ((status = quantiles_of(w->start_us, w->workload->job_n, wait_q, 5, out, err)) != STATUS_OK)
        return status;
    r->wait_p50_us = out[0];
    r->wait_p90_us = out[1];
    r->wait_p95_us = out[2];
    r->wait_p99_us = out[3];
    r->wait_max_us = out[4];
    if ((status = quantiles_of(w->end_us, w->workload->job_n, jct_q, 2, out, err)) != STATUS_OK)
        return status;
    r->jct_p50_us = out[0];
    r->jct_p95_us = out[1];
    return summarize_slowdowns(w, err);
}

/* Node time of a pool. */
static struct pool_time world_pool_time(const struct world *w, int32_t pool)
{
    if (w->elastic) return elastic_time(w, pool);
    __int128 all_us = (__int128)w->pools[pool].node_n * w->result->books_us;
    return (struct pool_time){ .bought_us = all_us, .billed_us = all_us };
}

/* The observer is told of each node, which was there all the time. */
static void tell_nodes(const struct world *w, int32_t pool)
{
    const struct pool *p = &w->pools[pool];
    for (int32_t node = 0; node < p->node_n; node++) {
        struct pool_usage one = { .gpus_per_node = p->gpus,
                                  .node_us = w->result->books_us,
                                  .busy_gpu_us = p->node_busy_milli_us[node] / GPU_WHOLE };
        struct charge_line lines[CHARGE_KIND_N];
        struct node_record record = { .node = p->base + node,
                                      .pool = pool,
                                      .up_us = 0,
                                      .down_us = w->result->books_us,
                                      .busy_gpu_us = (int64_t)one.busy_gpu_us };
        bill_rate_life(&w->fleet->pools[pool].purchase, 0, &one);
        bill_pool(&w->fleet->pools[pool].purchase, &one, lines);
        for (int k = 0; k < CHARGE_KIND_N; k++)
            record.cost_usd_micro += lines[k].jobs_usd_micro + lines[k].idle_usd_micro;
        w->obs->node(w->obs->context, &record);
    }
}

static enum status summarize_pool(struct world *w, int32_t index, struct error *err)
{
    const struct pool *p = &w->pools[index];
    const struct pool_spec *spec = &w->fleet->pools[index];
    struct pool_result *r = &w->result->pools[index];
    struct pool_time t = world_pool_time(w, index);
    struct pool_usage usage = { .gpus_per_node = p->gpus,
                                .node_us = t.billed_us,
                                .busy_gpu_us = w->pool_busy_milli_us[index] / GPU_WHOLE,
                                .off_us = t.off_us,
                                .free_us = t.free_us };
    __int128 bought = t.bought_us * p->gpus, by_nodes = 0, cost = 0;

    if (p->busy_milli != 0 || p->free_gpus != (int64_t)p->up_n * p->gpus)
        return world_broken(w, err, "every GPU is free when all jobs have ended");
    if (usage.busy_gpu_us > bought - w->down_gpu_us[index] - (t.off_us + t.booting_us) * p->gpus)
        return world_broken(w, err, "busy <= bought, less what was down, off or booting");
    if (bought > INT64_MAX || t.bought_us > INT64_MAX || t.billed_us > INT64_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "pool '%s' has more %s time than can be counted (292,000 %s-years)",
                         spec->name, bought > INT64_MAX ? "GPU" : "node",
                         bought > INT64_MAX ? "GPU" : "node");
    r->bought_gpu_us = (int64_t)bought;
    r->bought_node_us = (int64_t)t.bought_us;
    r->billed_node_us = (int64_t)t.billed_us;
    r->booting_node_us = (int64_t)t.booting_us;
    r->nodes_started = t.started;
    r->most_nodes = w->elastic ? w->elastic->most[index] : p->node_n;
    r->busy_gpu_us = (int64_t)usage.busy_gpu_us;
    r->down_gpu_us = (int64_t)w->down_gpu_us[index];
    r->energy_wh = bill_energy_wh(&spec->purchase, &usage);
    r->co2_g = spec->purchase.owned.carbon_ug_per_kwh < 0
                   ? -1
                   : bill_co2_g(&spec->purchase, r->energy_wh); /* until the hours are known */
    bill_pool(&spec->purchase, &usage, r->charge);
    for (int k = 0; k < CHARGE_KIND_N; k++)
        cost += (__int128)r->charge[k].jobs_usd_micro + r->charge[k].idle_usd_micro;
    if (cost >= INT64_MAX) /* where a line stops, too */
        return error_set(err, STATUS_BAD_INPUT,
                         "pool '%s' costs more than can be counted ($9 trillion)", spec->name);
    r->cost_usd_micro = (int64_t)cost;
    for (int32_t node = 0; node < p->node_n; node++) by_nodes += p->node_busy_milli_us[node];
    if (by_nodes != w->pool_busy_milli_us[index])
        return world_broken(w, err, "sum of the jobs' GPU time = sum of the nodes' GPU time");
    if (!w->obs || !w->obs->node) return STATUS_OK;
    if (w->elastic) return elastic_tell_nodes(w, index, err);
    tell_nodes(w, index);
    return STATUS_OK;
}

/* What of a pool's cost is whose resource's; once its cost is known. */
static enum status split_resources(const struct world *w, int32_t index, struct error *err)
{
    const struct pool *p = &w->pools[index];
    const struct instance_type *type = &w->fleet->pools[index].type;
    struct pool_result *r = &w->result->pools[index];
    const struct resource_amounts node = { type->gpus * INT64_C(1000), type->cpu_milli,
                                           type->mem_mib };
    const int64_t amount[RESOURCE_N] = { node.gpu_milli, node.cpu_milli, node.mem_mib };
    const __int128 held[RESOURCE_N] = { w->pool_busy_milli_us[index], p->held_cpu_milli_us,
                                        p->held_mem_mib_us };
    static const double per_unit[RESOURCE_N] = { 1000, 1000, 1024 };
    int64_t part[RESOURCE_N];
    __int128 list[RESOURCE_N];
    if (!p->free_cpu) return STATUS_OK; /* jobs ask for GPUs alone */
    r->has_resources = true;
    resource_list_costs(&node, list);
    resource_split(r->cost_usd_micro - r->charge[CHARGE_UNUSED].idle_usd_micro, list, part);
    for (int k = 0; k < RESOURCE_N; k++) {
        __int128 bought = (__int128)amount[k] * r->bought_node_us;
        if (amount[k] == 0) continue; /* not known, and never a limit */
        if (held[k] > bought) return world_broken(w, err, "GPUs, cores and memory held <= bought");
        r->resource[k] = resource_held(part[k], held[k], bought);
        r->bought_hours[k] = (double)bought / per_unit[k] / (double)US_PER_HOUR;
        r->held_hours[k] = (double)held[k] / per_unit[k] / (double)US_PER_HOUR;
    }
    return STATUS_OK;
}

/* What is summed over the pools of a fleet fits 63 bits as well. */
static enum status check_totals(const struct world *w, struct error *err)
{
    __int128 cost = 0, bought = 0, energy = 0, idle = 0;
    for (int32_t p = 0; p < w->result->pool_n; p++) {
        cost += w->result->pools[p].cost_usd_micro;
        bought += w->result->pools[p].bought_gpu_us;
        energy += w->result->pools[p].energy_wh;
        idle += w->result->pools[p].bought_gpu_us - w->result->pools[p].busy_gpu_us;
    }
    for (int32_t i = 0; i < w->result->service_n; i++)
        cost += (__int128)w->result->services[i].jobs_usd_micro +
                w->result->services[i].fleet_usd_micro;
    if (w->idle_area / GPU_WHOLE > (unsigned __int128)idle)
        return world_broken(w, err, "what is idle while jobs wait is idle");
    const char *what = cost > INT64_MAX     ? "costs more than can be counted ($9 trillion)"
                       : bought > INT64_MAX ? "has more GPU time than can be counted (292,000 "
                                              "GPU-years)"
                       : energy > INT64_MAX ? "takes more energy than can be counted"
                                            : NULL;
    if (!what) return STATUS_OK;
    return error_set(err, STATUS_BAD_INPUT, "fleet '%s' %s", w->fleet->name, what);
}

enum status world_summarize(struct world *w, struct error *err)
{
    struct world_result *r = w->result;
    r->submitted = (int64_t)w->workload->job_n;
    r->backfilled = w->scheduler.backfilled;
    r->gang_timeouts = w->scheduler.gang_timeouts;
    r->half_placed_gpu_hours = gpu_hours_of(w->scheduler.half_milli_us);
    if (w->scheduler.waiting_n != 0 || w->running.n != 0)
        return world_broken(w, err, "nobody waits or runs when there is no event left");
    if (w->job_milli_us != w->busy_area)
        return world_broken(w, err, "the area under busy GPUs = the sum of the jobs' GPU time");
    if (w->lost_milli_us < 0 || (unsigned __int128)w->lost_milli_us > w->job_milli_us)
        return world_broken(w, err, "what is lost was held");
    __int128 stops = 0;
    for (int c = 0; c < STOP_CAUSES; c++) stops += w->lost_by[c];
    if (stops > w->lost_milli_us) return world_broken(w, err, "what stops lost is lost");
    r->scattered_gpu_hours = (double)(w->scatter_milli_us / GPU_WHOLE) / US_PER_HOUR;
    r->beside_gpu_hours = (double)(w->beside_milli_us / GPU_WHOLE) / US_PER_HOUR;
    r->held_gpu_hours = gpu_hours_of((__int128)w->job_milli_us);
    r->lost_gpu_hours = gpu_hours_of(w->lost_milli_us);
    r->lost_to_preemption = gpu_hours_of(w->lost_by[STOP_PREEMPTED]);
    r->lost_to_failure = gpu_hours_of(w->lost_by[STOP_FAILED]);
    r->lost_to_reclaim = gpu_hours_of(w->lost_by[STOP_RECLAIMED]);
    enum status status = summarize_jobs(w, err);
    if (status != STATUS_OK) return status;
    r->books_us = w->books_us == INT64_MAX ? r->makespan_us : w->books_us;
    int64_t cost = 0;
    for (int32_t p = 0; p < r->pool_n; p++)
        if ((status = summarize_pool(w, p, err)) != STATUS_OK) return status;
    if ((status = world_bill_hours(w, err)) != STATUS_OK) return status;
    for (int32_t p = 0; p < r->pool_n; p++)
        if ((status = split_resources(w, p, err)) != STATUS_OK) return status;
    if ((status = world_services_bill(w, err)) != STATUS_OK) return status;
    if ((status = check_totals(w, err)) != STATUS_OK) return status;
    for (int32_t p = 0; p < r->pool_n; p++)
        for (int k = 0; k < CHARGE_KIND_N; k++) cost += r->pools[p].charge[k].jobs_usd_micro;
    for (int32_t i = 0; i < r->service_n; i++) cost += r->services[i].jobs_usd_micro;
    /* Each job's cost is rounded down, so together they never exceed the jobs' part of the bill by
     * more than the pools' own roundings. With commitments a job's price is a mean, of all nodes up
     * (models/pricing/purchase.h): where nodes come and go there is less to it. */
    if (w->fleet->commitments.n == 0 &&
        w->jobs_usd_micro > (__int128)cost + (int64_t)CHARGE_KIND_N * r->pool_n + r->service_n)
        return world_broken(w, err, "the jobs' costs are within the bill");
    r->jobs_usd_micro = (int64_t)w->jobs_usd_micro;
    r->idle_while_waiting_gpu_us =
        (int64_t)(w->idle_area / GPU_WHOLE); /* at most what was bought */
    return STATUS_OK;
}
