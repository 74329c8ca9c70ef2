/* SPDX-License-Identifier: Apache-2.0 */
/* From what the runs left to the rows of a results file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/reliability/outages.h"
#include "reports/metrics.h"
#include "scenarios/option_values.h"
#include "sim/quantile.h"
#include "tools/command.h"
#include "tools/fleet_limits.h"
#include "tools/run_metrics.h"
#include "tools/runner.h"
#include "tools/stopping.h"

/* Calls that only go on while all is well. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        if (status == STATUS_OK) status = (call);                                                  \
    } while (0)

static double seconds(int64_t us) { return (double)us / US_PER_S; }

/* Pools first ... end - 1 are a group, or one pool: their types and zones, each once. */
static void write_kinds(const struct pool_spec *pools, int32_t first, int32_t end, FILE *out)
{
    for (int32_t p = first; p < end; p++) /* types before zones: the same stand together */
        if (p == first || strcmp(pools[p].type.name, pools[p - 1].type.name) != 0)
            fprintf(out, "%s%s", p > first ? " or " : "", pools[p].type.name);
    for (int32_t p = first; p < end && pools[p].zone; p++)
        if (strcmp(pools[p].type.name, pools[first].type.name) == 0)
            fprintf(out, "%s%s", p > first ? " or " : " in ", pools[p].zone);
}

/* "2 to 20 x p4d.24xlarge or p3.16xlarge in us-east-1a on-demand". */
static void write_pools(const struct fleet_spec *fleet, FILE *out)
{
    for (int32_t p = 0, end; p < fleet->pool_n; p = end) {
        const struct pool_spec *pool = &fleet->pools[p];
        const struct billing_rule *billing = pool->purchase.billing;
        char failures[400], supply[300];
        end = p + 1;
        while (end < fleet->pool_n && fleet_same_group(pool, &fleet->pools[end])) end++;
        fputs(p ? " + " : "", out);
        if (pool->elastic_nodes) fprintf(out, "%d to ", pool->nodes - pool->elastic_nodes);
        fprintf(out, "%d x ", pool->nodes);
        write_kinds(fleet->pools, p, end, out);
        failures_write(&pool->failures, failures, sizeof failures);
        supply_write(&pool->supply, supply, sizeof supply);
        fprintf(out, " %s%s%s", pool->purchase.option->name, supply, failures);
        if (pool->elastic_nodes && billing && billing->minimum_us == 0)
            fprintf(out, " billed %s", billing->summary);
        if (pool->provisioning.way) fprintf(out, " provided %s", pool->provisioning.way->name);
    }
}

char *fleet_summary(const struct fleet_spec *fleet)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    write_pools(fleet, out);
    if (fleet->autoscaler.kind && fleet->autoscaler.kind->pass)
        fprintf(out, " by %s", fleet->autoscaler.kind->name);
    if (fleet->fallback.rule != FALLBACK_NONE)
        fprintf(out, ", fallback %s", fallback_kinds[fleet->fallback.rule].name);
    for (int32_t c = 0; c < fleet->commitments.n; c++) {
        char words[200];
        fleet_commitment_text(&fleet->commitments.items[c], words, sizeof words);
        fprintf(out, "%s%s", c ? " + " : ", with ", words);
    }
    for (int32_t i = 0; i < fleet->services.n; i++)
        fprintf(out, "%s%s", i ? ", " : ", and ", fleet->services.items[i].name);
    fprintf(out, "; %s, %s", fleet->scheduler.order->name, fleet->scheduler.placement->name);
    struct option_value option;
    for (size_t i = 0; option_value_at(&fleet->scheduler, i, &option); i++)
        fprintf(out, ", %s %s", option.key, option.text);
    return fclose(out) == 0 ? text : NULL;
}

static enum status write_metrics(struct results *out, int32_t fleet, int32_t replication,
                                 const struct world_result *r, struct error *err)
{
    struct run_metric metrics[RUN_METRICS_MAX];
    size_t n = run_metrics(r, metrics);
    enum status status = STATUS_OK;
    for (size_t m = 0; m < n; m++)
        if (!isnan(metrics[m].value))
            TRY(results_add_metric(out, fleet, replication, metrics[m].name, metrics[m].value,
                                   err));
    return status;
}

static enum status write_charges(struct results *out, int32_t fleet, int32_t replication,
                                 const struct world_result *r, struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t p = 0; p < r->pool_n; p++) {
        int64_t sum = 0;
        for (int k = 0; k < CHARGE_KIND_N; k++) {
            const struct charge_line *line = &r->pools[p].charge[k];
            sum += line->jobs_usd_micro + line->idle_usd_micro;
            if (line->jobs_usd_micro == 0 && line->idle_usd_micro == 0) continue;
            TRY(results_add_charge(out, fleet, replication, p,
                                   charge_kind_name((enum charge_kind)k), "jobs",
                                   line->jobs_usd_micro, err));
            TRY(results_add_charge(out, fleet, replication, p,
                                   charge_kind_name((enum charge_kind)k), "idle",
                                   line->idle_usd_micro, err));
        }
        if (sum != r->pools[p].cost_usd_micro)
            return error_set(err, STATUS_BUG,
                             "invariant broken: the sum of the bill's lines = the total");
    }
    return status;
}

static enum status write_service_charges(struct results *out, int32_t fleet, int32_t replication,
                                         const struct world_result *r, struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < r->service_n; i++) {
        const struct service_result *s = &r->services[i];
        const struct results_service_charge row = {
            fleet, replication, i, s->quantity, s->jobs_usd_micro, s->fleet_usd_micro
        };
        TRY(results_add_service_charge(out, &row, err));
    }
    return status;
}

static enum status write_idle(const struct scenario *s, const struct world_result *r, int32_t fleet,
                              struct results *out, struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t p = 0; p < r->pool_n; p++) {
        const struct pool_result *pool = &r->pools[p];
        const struct results_pool_idle row = {
            fleet, p, pool->booting_node_us * s->fleets[fleet].pools[p].type.gpus, pool->down_gpu_us
        };
        if (row.booting_gpu_us > 0 || row.down_gpu_us > 0)
            TRY(results_add_pool_idle(out, &row, err));
    }
    return status;
}

static enum status write_resources(const struct world_result *r, int32_t fleet, struct results *out,
                                   struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t p = 0; p < r->pool_n; p++)
        for (int k = 0; k < RESOURCE_N && r->pools[p].has_resources; k++) {
            const struct pool_result *pool = &r->pools[p];
            const struct results_pool_resource row = { fleet,
                                                       p,
                                                       resource_name((enum resource)k),
                                                       pool->bought_hours[k],
                                                       pool->held_hours[k],
                                                       pool->resource[k].jobs_usd_micro,
                                                       pool->resource[k].idle_usd_micro };
            if (pool->bought_hours[k] > 0) TRY(results_add_pool_resource(out, &row, err));
        }
    return status;
}

static enum status write_services(const struct fleet_spec *f, int32_t fleet, struct results *out,
                                  struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < f->services.n; i++) {
        const struct fleet_service *s = &f->services.items[i];
        char amount[200];
        fleet_service_text(s, amount, sizeof amount);
        const struct results_service row = {
            fleet,        i,           s->name,         s->kind->name,       amount,
            s->per->name, s->usd_nano, s->price_region, s->price_valid_from, s->price_source
        };
        TRY(results_add_service(out, &row, err));
    }
    return status;
}

static enum status write_fleet(const struct scenario *s, int32_t index,
                               const struct world_result *r, struct results *out, struct error *err)
{
    const struct fleet_spec *f = &s->fleets[index];
    char *summary = fleet_summary(f);
    struct results_fleet row = { index,
                                 f->name,
                                 summary,
                                 f->scheduler.order->name,
                                 f->scheduler.placement->name,
                                 gangs[f->scheduler.gang].name,
                                 fleet_spec_most_gpus(f),
                                 fleet_spec_most_nodes(f) };
    enum status status = summary ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "out of memory");
    TRY(results_add_fleet(out, &row, err));
    for (int32_t p = 0; p < f->pool_n; p++) {
        const struct pool_spec *pool = &f->pools[p];
        double hours = (double)r->pools[p].bought_node_us / (double)US_PER_HOUR;
        struct results_pool row_pool = {
            index,
            p,
            pool->name,
            pool->type.name,
            pool->type.gpu_model,
            pool->purchase.option->name,
            pool->nodes,
            pool->type.gpus,
            hours > 0 ? (int64_t)((double)r->pools[p].cost_usd_micro / hours + 0.5) : 0,
            pool->purchase.price_region,
            pool->purchase.price_market,
            pool->purchase.price_valid_from,
            pool->purchase.price_source
        };
        TRY(results_add_pool(out, &row_pool, err));
        bool owned = strcmp(pool->purchase.option->name, "owned") == 0;
        const struct results_pool_price price = { index, p, owned ? "" : pool->type.provider,
                                                  owned || pool->purchase.prices ||
                                                          scenario_price_is_uncertain(s, index, p)
                                                      ? -1
                                                      : pool->purchase.usd_nano_per_hour };
        TRY(results_add_pool_price(out, &price, err));
    }
    for (int32_t c = 0; c < f->commitments.n; c++) {
        const struct fleet_commitment *commitment = &f->commitments.items[c];
        const struct results_commitment row_commitment = { index,
                                                           c,
                                                           commitment->kind->name,
                                                           commitment->terms.of.instance,
                                                           commitment->terms.count,
                                                           fleet_commitment_usd_micro_per_hour(
                                                               commitment),
                                                           commitment->terms.of.region,
                                                           commitment->price_market,
                                                           commitment->price_valid_from,
                                                           commitment->price_source };
        TRY(results_add_commitment(out, &row_commitment, err));
    }
    TRY(write_services(f, index, out, err));
    TRY(write_resources(r, index, out, err));
    TRY(write_idle(s, r, index, out, err));
    free(summary);
    return status;
}

struct tenant_job {
    uint32_t tenant, job;
};

static int compare_tenants(const void *a, const void *b)
{
    const struct tenant_job *x = a, *y = b;
    if (x->tenant != y->tenant) return x->tenant < y->tenant ? -1 : 1;
    return (x->job > y->job) - (x->job < y->job);
}

typedef enum status add_owner(struct results *out, int32_t fleet, const struct results_tenant *row,
                              struct error *err);

/* Whose jobs were how many, waited how long, and cost what: by tenant or by queue. */
static enum status write_owners(const struct runner *runner, int32_t fleet, const uint32_t *owner,
                                const struct names *names, add_owner *add, struct results *out,
                                struct error *err)
{
    static const double p95[] = { 0.95 };
    const struct workload *w = runner->first;
    const struct runner_job *jobs = runner->runs[fleet].jobs;
    struct tenant_job *order = malloc((w->job_n + 1) * sizeof *order);
    int64_t *wait = malloc((w->job_n + 1) * sizeof *wait);
    enum status status = STATUS_OK;
    if (!order || !wait)
        status =
            error_set(err, STATUS_NO_MEMORY, "no memory for the tenants of %zu jobs", w->job_n);
    for (size_t j = 0; status == STATUS_OK && j < w->job_n; j++)
        order[j] = (struct tenant_job){ owner[j], (uint32_t)j };
    if (status == STATUS_OK) qsort(order, w->job_n, sizeof *order, compare_tenants);
    for (size_t at = 0, end; status == STATUS_OK && at < w->job_n; at = end) {
        struct results_tenant row = { .tenant = names->text[order[at].tenant] };
        double wait_sum = 0, gpu_us = 0;
        size_t finished = 0;
        int64_t q95 = 0;
        for (end = at; end < w->job_n && order[end].tenant == order[at].tenant; end++) {
            const struct runner_job *j = &jobs[order[end].job];
            row.jobs++;
            row.usd_micro += j->cost_usd_micro;
            if (j->start_us < 0) continue;
            wait[finished] = j->wait_us;
            wait_sum += seconds(wait[finished++]);
            gpu_us += (double)j->held_us * ((double)j->gpu_milli / GPU_WHOLE);
        }
        TRY(quantiles_of(wait, finished, p95, 1, &q95, err));
        row.gpu_hours = gpu_us / (double)US_PER_HOUR;
        row.mean_wait_s = finished ? wait_sum / (double)finished : 0;
        row.p95_wait_s = seconds(q95);
        TRY(add(out, fleet, &row, err));
    }
    free(order);
    free(wait);
    return status;
}

static enum status write_jobs(const struct runner *runner, int32_t fleet, struct results *out,
                              struct error *err)
{
    const struct workload *w = runner->first;
    char id[256];
    enum status status = STATUS_OK;
    for (size_t j = 0; status == STATUS_OK && j < w->job_n; j++) {
        const struct runner_job *r = &runner->runs[fleet].jobs[j];
        struct results_job row = { (int64_t)j,
                                   workload_job_id(w, j, id, sizeof id),
                                   w->tenants.text[w->tenant[j]],
                                   r->start_us < 0 ? "rejected" : "finished",
                                   r->reason,
                                   (double)r->gpu_milli / GPU_WHOLE,
                                   seconds(w->submit_us[j]),
                                   r->start_us < 0 ? NAN : seconds(r->start_us),
                                   r->start_us < 0 ? NAN : seconds(r->end_us),
                                   r->start_us < 0 ? NAN : seconds(r->wait_us),
                                   r->preemptions,
                                   seconds(r->lost_us),
                                   r->pool,
                                   r->start_us < 0 ? -1 : r->nodes,
                                   r->first_node,
                                   r->cost_usd_micro };
        status = results_add_job(out, fleet, &row, err);
    }
    return status;
}

static enum status write_hours(const struct runner_run *run, int32_t fleet, struct results *out,
                               struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < run->hour_n; i++) {
        const struct hour_record *h = &run->hours[i];
        const struct results_hour row = { fleet,
                                          0,
                                          h->pool,
                                          h->hour,
                                          seconds(h->start_us),
                                          h->bought_node_us,
                                          h->bought_gpu_us,
                                          h->held_gpu_us,
                                          h->lost_preempted_gpu_us,
                                          h->lost_failed_gpu_us,
                                          h->lost_reclaimed_gpu_us,
                                          h->lost_checkpoints_gpu_us };
        status = results_add_hour(out, &row, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < run->hour_charge_n; i++) {
        const struct hour_charge_record *c = &run->hour_charges[i];
        const struct results_hour_charge row = { fleet,
                                                 0,
                                                 c->pool,
                                                 c->hour,
                                                 charge_kind_name((enum charge_kind)c->kind),
                                                 c->commitment,
                                                 c->node_us,
                                                 c->jobs_usd_micro,
                                                 c->idle_usd_micro };
        status = results_add_hour_charge(out, &row, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < run->service_hour_n; i++) {
        const struct service_hour_record *h = &run->service_hours[i];
        const struct results_service_hour row = {
            fleet, 0, h->service, h->hour, h->jobs_usd_micro, h->fleet_usd_micro
        };
        status = results_add_service_hour(out, &row, err);
    }
    return status;
}

/* Nodes by state, of a fleet in which they are not always all there. */
static enum status write_states(const struct runner *runner, int32_t fleet, struct results *out,
                                struct error *err)
{
    const struct runner_run *run = &runner->runs[fleet];
    const struct fleet_spec *spec = &runner->scenario->fleets[fleet];
    enum status status = STATUS_OK;
    if (!lifecycle_expected(spec) && !outages_expected(spec)) return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < run->sample_n; i++) {
        const struct node_counts *n = &run->samples[i].nodes;
        const struct results_node_state row = {
            seconds(run->samples[i].time_us), n->busy, n->idle, n->booting, n->down, n->absent
        };
        status = results_add_node_state(out, fleet, &row, err);
    }
    return status;
}

/* What only replication 0 leaves: hours, samples, nodes, tenants, jobs. */
static enum status write_first(const struct runner *runner, int32_t fleet, struct results *out,
                               struct error *err)
{
    const struct runner_run *run = &runner->runs[fleet];
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < run->sample_n; i++) {
        const struct sample_record *s = &run->samples[i];
        double step = (double)runner->scenario->sample_us;
        struct results_sample row = { seconds(s->time_us),
                                      s->queued_jobs,
                                      s->queued_gpus,
                                      s->running_jobs,
                                      (double)s->busy_gpu_us / step,
                                      (double)s->bought_gpu_us / step };
        status = results_add_sample(out, fleet, &row, err);
    }
    if (status == STATUS_OK) status = write_states(runner, fleet, out, err);
    for (size_t i = 0; status == STATUS_OK && i < run->node_n; i++) {
        const struct node_record *n = &run->nodes[i];
        struct results_node row = { n->node,
                                    n->pool,
                                    seconds(n->up_us),
                                    seconds(n->down_us),
                                    (double)n->busy_gpu_us / (double)US_PER_HOUR,
                                    n->cost_usd_micro };
        status = results_add_node(out, fleet, &row, err);
    }
    if (!run->hours_over) TRY(write_hours(run, fleet, out, err));
    TRY(results_check_hours(out, fleet, 0, err));
    const struct workload *w = runner->first;
    TRY(write_owners(runner, fleet, w->tenant, &w->tenants, results_add_tenant, out, err));
    if (w->queues.n > 1) /* the first is that of none */
        TRY(write_owners(runner, fleet, w->queue, &w->queues, results_add_queue, out, err));
    if (runner->scenario->keep_jobs) TRY(write_jobs(runner, fleet, out, err));
    return status;
}

static enum status write_slo(const struct scenario *s, struct results *out, struct error *err)
{
    struct run_target targets[RUN_TARGETS_MAX];
    size_t n = run_targets(s, targets);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < n; i++)
        TRY(results_add_slo(out, targets[i].metric, targets[i].target,
                            targets[i].at_most ? "at most" : "at least", targets[i].label, err));
    return status;
}

/* What the backfill of this scenario believed about run times. */
static const char *estimates_word(const struct scenario *s, const struct workload *w)
{
    bool asks_user = false, is_told = false;
    size_t limits = 0;
    for (int32_t f = 0; f < s->fleet_n; f++) {
        const struct scheduler_spec *spec = &s->fleets[f].scheduler;
        if (!spec->order->backfills) continue;
        is_told |= spec->backfill.estimates == ESTIMATES_PERFECT;
        asks_user |= spec->backfill.estimates == ESTIMATES_LIMITS;
    }
    for (size_t j = 0; j < w->job_n; j++) limits += w->limit_us[j] >= 0;
    if (!asks_user) return is_told ? "true run time" : "none";
    return limits == 0 ? "true run time" : limits == w->job_n && !is_told ? "user limit" : "mixed";
}

/* What the run assumed or could not do, one a line; malloc'd. */
static char *notes_of(const struct runner *runner)
{
    const struct scenario *s = runner->scenario;
    const char *estimates = estimates_word(s, runner->first);
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    size_t limits = 0;
    for (size_t j = 0; j < runner->first->job_n; j++) limits += runner->first->limit_us[j] >= 0;
    if (strcmp(estimates, "true run time") == 0 && limits == 0)
        fputs("The trace has no time limits: backfill knows each job's true run time, which is "
              "better than any user's guess.\n",
              out);
    if (strcmp(estimates, "mixed") == 0 && limits < runner->first->job_n)
        fputs("Some jobs have no time limit: backfill knows the true run time of those.\n", out);
    for (int32_t f = 0; f < s->fleet_n; f++)
        if (s->fleets[f].scheduler.backfill.estimates == ESTIMATES_PERFECT)
            fprintf(out,
                    "%s: backfill is told each job's true run time, which no scheduler knows.\n",
                    s->fleets[f].name);
    for (int32_t f = 0; f < s->fleet_n; f++) {
        const struct world_result *r = &runner->runs[f].result;
        for (int k = 0; k < REJECT_N; k++)
            if (r->rejected_by[k])
                fprintf(out, "%s: %lld of %lld jobs rejected: each %s.\n", s->fleets[f].name,
                        (long long)r->rejected_by[k], (long long)r->submitted,
                        reject_reason_text((enum reject_reason)k));
    }
    for (int32_t f = 0; f < s->fleet_n; f++)
        if (runner->runs[f].hours_over)
            fprintf(out, "%s: more than %d hours of pools: none of them is in the results.\n",
                    s->fleets[f].name, RUNNER_HOURS_MAX);
    int knowing = 0;
    for (const struct queue_order *o = queue_orders; o->name; o++) {
        bool knows = false;
        for (int32_t f = 0; f < s->fleet_n; f++)
            knows |= s->fleets[f].scheduler.order == o &&
                     scheduler_knows_run_times(&s->fleets[f].scheduler);
        if (!knows) continue;
        fprintf(out, "%s%s",
                knowing++ ? ", "
                          : "Orders that know each job's true run time, which no scheduler does: ",
                o->name);
    }
    if (knowing) fputs(".\n", out);
    bool predicts = false, users = false;
    for (int32_t f = 0; f < s->fleet_n; f++)
        predicts |= scheduler_predicts_run_times(&s->fleets[f].scheduler);
    for (size_t j = 0; j < runner->first->job_n; j++) users |= runner->first->user[j] != 0;
    if (predicts)
        fprintf(
            out,
            "qssf guesses run times from jobs that had ended before: of the same %s where there "
            "are any.\n",
            users ? "user" : "tenant, as no users are known,");
    bool orders = false; /* is there an order to choose? */
    for (int32_t f = 1; f < s->fleet_n; f++)
        orders |= s->fleets[f].scheduler.order != s->fleets[0].scheduler.order;
    if (orders && runner->runs[0].result.finished && runner->runs[0].result.fairness == 0)
        fputs("The jobs are not of two tenants or more: there is no fairness between tenants.\n",
              out);
    int64_t most = 0;
    int32_t whole = 0;
    for (int32_t f = 0; f < s->fleet_n; f++) {
        whole += runner->runs[f].result.fractional > 0;
        if (runner->runs[f].result.fractional > most) most = runner->runs[f].result.fractional;
    }
    if (most > 0)
        fprintf(out,
                "%lld jobs ask for a fraction of a GPU and hold a whole one%s; with gpu_sharing: "
                "fractional they hold their part.\n",
                (long long)most, whole < s->fleet_n ? " where GPUs are not shared" : "");
    return fclose(out) == 0 ? text : NULL;
}

static enum status write_limits(const struct runner *runner, int32_t fleet, struct results *out,
                                struct error *err)
{
    const struct scenario *s = runner->scenario;
    struct fleet_limits limits;
    enum status status = fleet_limits_find(s, runner->first, fleet, &limits, err);
    const char *moment = status == STATUS_OK ? fleet_limits_moment(&limits) : NULL;
    const struct results_tail row = { fleet, moment, limits.tail.gpus,
                                      limits.tail.failure_us / US_PER_S,
                                      limits.tail.excess_us / US_PER_S };
    if (!s->replay_recorded)
        TRY(results_add_saturation(out, fleet, limits.saturation.offered, limits.saturation.ceiling,
                                   err));
    if (moment) TRY(results_add_tail(out, &row, err));
    return status;
}

/* What is said once. What replication 0 was charged for a node-hour stands for all. */
static enum status write_once(const struct runner *runner, struct results *out, struct error *err)
{
    const struct scenario *s = runner->scenario;
    char *notes = notes_of(runner), redrawn[400];
    scenario_redraws(s, redrawn, sizeof redrawn);
    enum status status = notes ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "out of memory");
    TRY(results_set_notes(out, notes, err));
    free(notes);
    for (int32_t i = 0; i < s->input_n; i++)
        TRY(results_add_input(out, s->inputs[i].role, s->inputs[i].path, s->inputs[i].sha256,
                              s->inputs[i].bytes, err));
    TRY(write_slo(s, out, err));
    TRY(stopping_write(s, out, err));
    TRY(results_add_design(out, redrawn, s->antithetic, err));
    for (int32_t f = 0; f < s->fleet_n; f++)
        TRY(write_fleet(s, f, &runner->runs[f].result, out, err));
    for (int32_t f = 0; f < s->fleet_n; f++) TRY(write_limits(runner, f, out, err));
    return status;
}

enum status runner_write(void *results, const struct runner *runner, int32_t replication,
                         struct error *err)
{
    const struct scenario *s = runner->scenario;
    struct results *out = results;
    enum status status = replication == 0 ? write_once(runner, out, err) : STATUS_OK;
    for (int32_t f = 0; f < s->fleet_n; f++) {
        const struct runner_run *run = &runner->runs[(int64_t)replication * s->fleet_n + f];
        TRY(write_metrics(out, f, replication, &run->result, err));
        TRY(write_charges(out, f, replication, &run->result, err));
        if (s->warm_up_us != 0)
            TRY(results_add_warm_up(out, f, replication, run->warm_up.jobs,
                                    seconds(run->warm_up.until_us), err));
        TRY(write_service_charges(out, f, replication, &run->result, err));
        for (int i = 0; i < RUNNER_SHARE_N; i++)
            TRY(results_add_wait(out, f, replication, runner_shares[i], seconds(run->wait_us[i]),
                                 err));
        if (replication == 0) TRY(write_first(runner, f, out, err));
    }
    if (s->bootstrap)
        TRY(results_add_control(out, replication,
                                runner->runs[(int64_t)replication * s->fleet_n].gpu_hours,
                                scenario_mean_gpu_hours(s), err));
    TRY(results_mark(out, replication + 1, err));
    return status;
}

void runner_describe(const struct scenario *s, const struct workload *first, int64_t books_us,
                     const char *rerun, struct results_run *run, char **text)
{
    size_t n = 0;
    FILE *out = open_memstream(text, &n);
    *run = (struct results_run){ s->name,
                                 s->path,
                                 s->sha256,
                                 s->json,
                                 "",
                                 (int64_t)first->job_n,
                                 seconds(first->span_us),
                                 first->t0_unix_us == INT64_MIN ? NAN : seconds(first->t0_unix_us),
                                 seconds(books_us),
                                 s->seed,
                                 s->replications,
                                 s->baseline,
                                 s->price_as_of,
                                 estimates_word(s, first),
                                 "",
                                 SEATRIAL_VERSION,
                                 rerun };
    char drawn[400];
    if (!out) return;
    if (s->is_synth) {
        fprintf(out, "synthetic, like %s: %lld jobs over %g days",
                synth_preset_name(s->synth.preset), (long long)s->synth.jobs, s->synth.days);
        if (s->synth.load_gpus > 0) fprintf(out, ", %g GPUs of load", s->synth.load_gpus);
        if (s->replications > 1 && !scenario_redraws(s, drawn, sizeof drawn))
            fprintf(out, "; drawn anew for each replication");
    } else {
        fprintf(out, "%s", s->trace_path);
    }
    if (scenario_redraws(s, drawn, sizeof drawn))
        fprintf(out, "; drawn anew for each replication: %s", drawn);
    if (s->scale_jobs_ppm != 1000000)
        fprintf(out, "; %g%% of the jobs", (double)s->scale_jobs_ppm / 1e4);
    if (s->scale_load_ppm != 1000000)
        fprintf(out, "; arrivals at %g%% of their rate", (double)s->scale_load_ppm / 1e4);
    if (fclose(out) == 0) run->workload = *text;
}
