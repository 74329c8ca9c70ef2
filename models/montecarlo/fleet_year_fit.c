/* SPDX-License-Identifier: Apache-2.0 */
/* What a workload and a fleet are to the fleet-year; simulator and model are in
 * fleet_year_measure.c. */
#include "models/montecarlo/fleet_year_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/fleet/lifecycle.h"
#include "sim/random.h"

enum { WEEKS_OF_DOUBT = 4, LAG = 24 };
#define HOUR      ((double)US_PER_HOUR)
#define KEEP_MOST 0.9995 /* correlations of longer than 2,000 hours are not seen in weeks */
#define NO_BID    2000.0 /* dollars: pays whatever spot costs */

/* ---- demand ---- */

/* A job's run time in hours on the fleet: at the mean speed of its pools, by GPUs. */
static double run_hours(const struct workload *w, size_t job, const struct fleet_spec *fleet,
                        const struct world_options *options)
{
    double speed = 0, gpus = 0;
    if (!options->speed) return (double)w->run_us[job] / HOUR;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        double n = (double)fleet->pools[p].nodes * fleet->pools[p].type.gpus;
        gpus += n;
        speed += n * options->speed[(size_t)w->class_[job] * (size_t)fleet->pool_n + (size_t)p];
    }
    return (double)w->run_us[job] / HOUR * (gpus > 0 ? gpus / speed : 1);
}

/* A whole GPU for each part of one, unless GPUs are shared. */
static double gpus_of(const struct workload *w, size_t job, const struct fleet_spec *fleet)
{
    double gpus = w->gpu_milli[job] / 1000.0;
    return fleet->scheduler.sharing == SHARING_NONE ? ceil(gpus) : gpus;
}

/* Adds g GPUs from `from` to `to`, in hours, to the hours of [0, n). */
static void add_span(double *by_hour, int32_t n, double g, double from, double to)
{
    if (to > n) to = n;
    for (int32_t h = (int32_t)floor(from); h < n && h < to; h++)
        by_hour[h] += g * (fmin(to, h + 1.0) - fmax(from, h));
}

/* GPUs in use by hour if nobody waited; hours that lie partly behind the books are left out. */
static double *demand_by_hour(const struct workload *w, const struct fleet_spec *fleet,
                              const struct world_options *options, int32_t n)
{
    double *by_hour = calloc((size_t)n, sizeof *by_hour);
    int64_t most = fleet_spec_most_gpus(fleet);
    for (size_t j = 0; by_hour && j < w->job_n; j++) {
        double g = gpus_of(w, j, fleet), at = (double)w->submit_us[j] / HOUR;
        if (g <= (double)most) add_span(by_hour, n, g, at, at + run_hours(w, j, fleet, options));
    }
    return by_hour;
}

/* ln(1 + the covariance) of what the week does not explain, a lag of hours apart: of a log-normal
 * of mean 1 that is the covariance of its logarithm. */
static double log_covariance(const double *x, int32_t n, int32_t lag)
{
    double sum = 0;
    for (int32_t i = 0; i + lag < n; i++) sum += (x[i] - 1) * (x[i + lag] - 1);
    return n > lag ? random_log(fmax(1 + sum / (n - lag), 0.5)) : 0;
}

static double spread_of(double log_variance) { return sqrt(random_exp(fmax(log_variance, 0)) - 1); }

/* x: demand over what the week says of it. Of an AR(1) process and noise of single hours the
 * covariances of the logarithm are s^2 + b^2, s^2 k, s^2 k^24: their ratios give k. */
static void fit_residue(const double *x, int32_t n, struct fleet_year_outlook *o)
{
    double all = log_covariance(x, n, 0), one = log_covariance(x, n, 1);
    double far = log_covariance(x, n, LAG), slow = 0;
    if (one > 0 && all > 0) {
        double keep = far > 0 ? pow(far / one, 1.0 / (LAG - 1)) : one / all;
        o->demand.keep = fmin(fmax(keep, fmin(one / all, 1)), KEEP_MOST);
        slow = fmin(one / o->demand.keep, all);
        o->demand.sd = spread_of(slow);
    }
    o->burst_sd = fmin(spread_of(all - slow), FLEET_YEAR_BURST_MAX);
}

/* by_hour becomes demand over what the week says of it. */
static void fit_demand(double *by_hour, int32_t n, struct fleet_year_fit *fit)
{
    struct fleet_year_outlook *o = &fit->outlook;
    double mean = 0, sum[FLEET_YEAR_WEEK] = { 0 }, shape[FLEET_YEAR_WEEK], total = 0;
    int32_t count[FLEET_YEAR_WEEK] = { 0 };
    for (int32_t h = 0; h < n; h++) {
        int32_t of_week = (h + o->week_start) % FLEET_YEAR_WEEK;
        mean += by_hour[h] / n;
        sum[of_week] += by_hour[h];
        count[of_week]++;
    }
    fit->work_gpu_hours = mean * n;
    double weeks = (double)n / FLEET_YEAR_WEEK, trust = weeks / (weeks + WEEKS_OF_DOUBT);
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        shape[h] = count[h] ? 1 + trust * (sum[h] / count[h] / mean - 1) : 1;
        total += shape[h] * count[h];
    }
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        shape[h] *= n / total;
        o->training_gpus[h] = mean * shape[h];
    }
    for (int32_t h = 0; h < n; h++)
        by_hour[h] /= o->training_gpus[(h + o->week_start) % FLEET_YEAR_WEEK];
    fit_residue(by_hour, n, o);
}

/* ---- the fleet ---- */

static bool is_spot(const struct pool_spec *p)
{
    return strcmp(p->purchase.option->name, "spot") == 0;
}
static bool is_owned(const struct pool_spec *p)
{
    return strcmp(p->purchase.option->name, "owned") == 0;
}

static void leave_out(struct fleet_year_fit *fit, bool is_there, const char *what)
{
    if (is_there && !fit->left_out) fit->left_out = what;
}

/* What of an hour's GPUs goes, and for how long: by a log, what it shows. */
struct going {
    double chance, gpus, hours; /* of a GPU; at once; until it is back */
};

static struct going going_by_log(const struct outage *log, size_t n, double window_us,
                                 const struct pool_spec *p)
{
    double away = 0;
    for (size_t i = 0; i < n; i++)
        away += fmin((double)log[i].up_us, window_us) - (double)log[i].down_us;
    double up_hours = fmax(p->nodes * window_us - away, 1) / HOUR;
    return (struct going){ fmin((double)n / up_hours, 1), p->type.gpus,
                           n ? fmax(away, 0) / (double)n / HOUR : 1 };
}

/* Chance of an exponential life of so many hours to end within an hour. */
static double chance_of(double mean_us) { return 1 - random_exp(-HOUR / fmax(mean_us, 1)); }

static struct going reclaims_of(const struct pool_spec *p, double window_us)
{
    const struct supply_spec *s = &p->supply;
    if (s->log_n > 0)
        return going_by_log(s->log, s->log_n, s->log_us > 0 ? (double)s->log_us : window_us, p);
    double batch = (double)s->batch_ppm / 1e6;
    if (s->by_node)
        return (struct going){ fmin(batch * chance_of(duration_mean(&s->up)), 1),
                               fmin(batch, p->nodes) * p->type.gpus,
                               duration_mean(&s->down) / HOUR };
    if (s->by_region)
        return (struct going){ chance_of(duration_mean(&s->region_up)),
                               (double)p->nodes * p->type.gpus, duration_mean(&s->down) / HOUR };
    return (struct going){ 0, p->type.gpus, 1 };
}

static struct going failures_of(const struct pool_spec *p, double window_us)
{
    const struct failure_spec *f = &p->failures;
    if (f->log_n > 0) return going_by_log(f->log, f->log_n, window_us, p);
    double rate = 0;
    if (f->by_node) rate += chance_of(duration_mean(&f->node));
    if (f->by_gpu) rate += chance_of(duration_mean(&f->gpus));
    return (struct going){ fmin(rate, 1), p->type.gpus,
                           rate > 0 ? duration_mean(&f->repair) / HOUR : 1 };
}

/* The mean of several pools', by their GPUs. */
struct going_sum {
    double gpus, chance, at_once, hours;
};

static void going_add(struct going_sum *s, struct going g, double gpus)
{
    s->gpus += gpus;
    s->chance += gpus * g.chance;
    s->at_once += gpus * g.gpus;
    s->hours += gpus * g.chance * g.hours;
}

static void going_mean(const struct going_sum *s, double *chance, double *at_once, double *hours)
{
    if (s->gpus <= 0) return;
    *chance = s->chance / s->gpus;
    *at_once = fmax(s->at_once / s->gpus, 1);
    if (s->chance > 0) *hours = s->hours / s->chance;
}

static void add_mean(double *mean, double *weight, double value, double by)
{
    if (by <= 0) return;
    *mean = (*mean * *weight + value * by) / (*weight + by);
    *weight += by;
}

/* Dollars an hour of an owned node that nothing runs on. */
static double owned_usd(const struct owned_terms *o)
{
    double power = (double)o->power_usd_nano_per_kwh * 1e-9 * (double)o->pue_ppm * 1e-6 / 1000;
    return (double)(o->capex_usd_micro - o->salvage_usd_micro) * 1e-6 /
               ((double)o->life_us / HOUR) +
           (double)o->idle_watts * power + (double)o->space_staff_usd_nano_per_hour * 1e-9;
}

static double owned_busy_usd(const struct owned_terms *o)
{
    return (double)o->power_usd_nano_per_kwh * 1e-9 * (double)o->pue_ppm * 1e-6 / 1000 *
           (double)(o->busy_watts - o->idle_watts);
}

struct weights {
    double reserved, on_demand, plan, boot;
};

static void add_pool(struct fleet_year_fit *fit, const struct pool_spec *p, double window_us,
                     struct weights *weights, struct going_sum *reclaims,
                     struct going_sum *failures)
{
    struct fleet_year_offer *o = &fit->offer;
    struct fleet_year_outlook *out = &fit->outlook;
    double each = p->type.gpus, most = p->nodes * each;
    double least = (double)lifecycle_least(p) * each;
    double usd = (double)p->purchase.usd_nano_per_hour * 1e-9;
    if (each <= 0) {
        leave_out(fit, p->nodes > 0, "a pool without GPUs");
        return;
    }
    if (p->elastic_nodes > 0) {
        fit->is_elastic = true;
        double wait = duration_mean(&p->boot) + duration_mean(&p->provisioning.lead);
        add_mean(&o->lag_hours, &weights->boot, wait / HOUR, most);
    }
    if (is_spot(p)) {
        int r = out->region_n < FLEET_YEAR_REGIONS ? out->region_n++ : FLEET_YEAR_REGIONS - 1;
        double had = o->spot_most_gpus[r];
        add_mean(&o->spot_usd[r], &had, usd / each, most);
        o->spot_most_gpus[r] += most;
        o->spot_least_gpus[r] += least;
        out->spot_gpus[r] += most;
        o->bid_usd[r] = NO_BID;
        going_add(reclaims, reclaims_of(p, window_us), most);
        return;
    }
    going_add(failures, failures_of(p, window_us), most);
    leave_out(fit, supply_is_limited(&p->supply), "a limited supply of what is not spot");
    if (is_owned(p)) {
        leave_out(fit, p->elastic_nodes > 0, "owned nodes that are switched off");
        double weight = weights->reserved;
        add_mean(&o->reserved_busy_usd, &weight, owned_busy_usd(&p->purchase.owned) / each, most);
        add_mean(&o->reserved_usd, &weights->reserved, owned_usd(&p->purchase.owned) / each, most);
        o->reserved_gpus += most;
        return;
    }
    add_mean(&o->on_demand_usd, &weights->on_demand, usd / each, most);
    o->on_demand_least_gpus += least;
    o->on_demand_most_gpus += most;
}

/* The first pool on demand that a commitment may cover; NULL: none. */
static const struct pool_spec *pool_under(const struct commitment *c,
                                          const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        struct offering of =
            fleet_offering(pool->type.provider, pool->type.name, pool->zone, &pool->purchase);
        if (!is_spot(pool) && !is_owned(pool) && commitment_covers(c, &of)) return pool;
    }
    return NULL;
}

/* Reserved instances are there all the time; a plan pays for what is on demand. */
static void add_commitment(struct fleet_year_fit *fit, const struct fleet_commitment *c,
                           const struct fleet_spec *fleet, struct weights *weights)
{
    struct fleet_year_offer *o = &fit->offer;
    double usd = (double)fleet_commitment_usd_micro_per_hour(c) * 1e-6;
    const struct pool_spec *pool = pool_under(&c->terms, fleet);
    bool is_plan = commitment_kind_is_plan(c->terms.kind);
    leave_out(fit, !pool || pool->type.gpus <= 0, "a commitment that covers no GPUs");
    leave_out(fit,
              c->terms.kind == COMMITMENT_CAPACITY_BLOCK ||
                  c->terms.kind == COMMITMENT_CAPACITY_RESERVATION,
              "capacity reservations and blocks");
    if (!pool || pool->type.gpus <= 0) return;
    if (is_plan) {
        int64_t rate = c->terms.kind == COMMITMENT_EC2_PLAN
                           ? pool->purchase.ec2_plan_usd_nano_per_hour
                           : pool->purchase.compute_plan_usd_nano_per_hour;
        o->plan_usd_per_hour += usd;
        add_mean(&o->plan_usd, &weights->plan, (double)rate * 1e-9 / pool->type.gpus, usd);
        return;
    }
    double gpus = (double)c->terms.count * pool->type.gpus;
    add_mean(&o->reserved_usd, &weights->reserved, usd / gpus, gpus);
    o->reserved_gpus += gpus;
    o->on_demand_least_gpus = fmax(o->on_demand_least_gpus - gpus, 0);
    o->on_demand_most_gpus = fmax(o->on_demand_most_gpus - gpus, 0);
}

/* How long a node stays that nothing runs on, and how much more than needed there is. */
static void add_autoscaler(struct fleet_year_fit *fit, const struct autoscaler_spec *spec)
{
    const struct autoscaler *kind = spec->kind;
    struct fleet_year_offer *o = &fit->offer;
    if (!kind || !fit->is_elastic) return;
    if (kind->interval_us) o->lag_hours += (double)kind->interval_us(spec) / 2 / HOUR;
    if (kind == &autoscaler_as_needed) o->idle_hours = duration_mean(&spec->needed.idle) / HOUR;
    if (kind == &autoscaler_slurm_power_save)
        o->idle_hours = fmax((double)spec->power_save.suspend_time_us, 0) / HOUR;
    if (kind == &autoscaler_cluster) o->idle_hours = (double)spec->cluster.unneeded_us / HOUR;
    if (kind == &autoscaler_target_tracking) {
        o->idle_hours = (double)spec->tracking.period_us * spec->tracking.in_periods / HOUR;
        if (spec->tracking.measure == TRACK_UTILIZATION)
            o->headroom = 1e6 / (double)spec->tracking.target_ppm;
    }
    if (kind == &autoscaler_predictive)
        o->headroom = 1 + (double)spec->predictive.headroom_ppm / 1e6;
}

/* Hours that are worked again with each GPU that goes: since the last checkpoint, or since the
 * start, and the restart; nothing but that where there is time to save. Of the GPUs, those count
 * that work. */
static double redo_hours(const struct fleet_spec *fleet, double run, double busy)
{
    const struct restart_options *r = &fleet->scheduler.restart;
    double lost = 0;
    int64_t notice = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (is_spot(&fleet->pools[p])) notice = fleet->pools[p].supply.notice_us;
    bool saves = notice > 0 && gpu_cost_us(&r->write, 1) <= notice;
    if (r->checkpoint == CHECKPOINT_NEVER) lost = run;
    if (r->checkpoint == CHECKPOINT_INTERVAL && !saves)
        lost = fmin((double)r->interval_us / 2 / HOUR, run);
    return (lost + (double)gpu_cost_us(&r->cost, 1) / HOUR) * busy;
}

/* Half of a run that a GPU finds itself in, by GPU-hours. */
static double half_run(const struct workload *w, const struct fleet_spec *fleet,
                       const struct world_options *options)
{
    double hours = 0, squares = 0;
    for (size_t j = 0; j < w->job_n; j++) {
        double g = gpus_of(w, j, fleet), run = run_hours(w, j, fleet, options);
        hours += g * run;
        squares += g * run * run;
    }
    return hours > 0 ? squares / hours / 2 : 0;
}

static void fit_fleet(const struct workload *w, const struct fleet_spec *fleet,
                      const struct world_options *options, double window_us,
                      struct fleet_year_fit *fit)
{
    struct fleet_year_outlook *out = &fit->outlook;
    struct fleet_year_offer *o = &fit->offer;
    struct weights weights = { 0 };
    struct going_sum reclaims = { 0 }, failures = { 0 };
    for (int32_t p = 0; p < fleet->pool_n; p++)
        add_pool(fit, &fleet->pools[p], window_us, &weights, &reclaims, &failures);
    for (int32_t i = 0; i < fleet->commitments.n; i++)
        add_commitment(fit, &fleet->commitments.items[i], fleet, &weights);
    add_autoscaler(fit, &fleet->autoscaler);
    going_mean(&reclaims, &out->reclaim_chance, &out->reclaim_gpus, &out->reclaim_hours);
    going_mean(&failures, &out->failure_chance, &out->failure_gpus, &out->failure_hours);
    leave_out(fit, fleet->fallback.rule != FALLBACK_NONE, "jobs that fall back from spot");
    leave_out(fit, fleet->services.n > 0, "services");
    leave_out(fit, fleet->autoscaler.kind == &autoscaler_schedule, "a schedule of nodes");
    double gpus = o->reserved_gpus + o->on_demand_most_gpus;
    for (int r = 0; r < FLEET_YEAR_REGIONS; r++) gpus += o->spot_most_gpus[r];
    double busy = gpus > 0 ? fmin(fit->work_gpu_hours / out->hours / gpus, 1) : 0;
    if (fit->is_elastic) busy = 1;
    out->redo_hours = fmin(redo_hours(fleet, half_run(w, fleet, options), busy), 1000);
    o->lag_hours = fmin(o->lag_hours, FLEET_YEAR_LAG_MAX);
    o->deadline_hours = 24;
}

/* The hour of the week, from Monday 00:00 UTC on, that second 0 lies in; 0 where no wall clock is
 * known. 1970-01-01 was a Thursday. */
static int32_t week_start(const struct workload *w)
{
    if (w->t0_unix_us == INT64_MIN) return 0;
    int64_t hour = w->t0_unix_us / US_PER_HOUR - (w->t0_unix_us % US_PER_HOUR < 0);
    return (int32_t)(((hour + 72) % FLEET_YEAR_WEEK + FLEET_YEAR_WEEK) % FLEET_YEAR_WEEK);
}

enum status fleet_year_fit(const struct workload *workload, const struct fleet_spec *fleet,
                           const struct world_options *options, struct fleet_year_fit *fit,
                           struct error *err)
{
    memset(fit, 0, sizeof *fit);
    fleet_year_outlook_init(&fit->outlook);
    fleet_year_offer_init(&fit->offer);
    int64_t books = options->books_us;
    if (books == 0 && workload->job_n > 0) books = workload->submit_us[workload->job_n - 1];
    int64_t hours = books / US_PER_HOUR;
    if (hours < 1 || hours > FLEET_YEAR_HOURS_MAX)
        return error_set(err, STATUS_BAD_INPUT, "jobs of %lld hours, which must be 1 to %d",
                         (long long)hours, FLEET_YEAR_HOURS_MAX);
    fit->outlook.hours = (int32_t)hours;
    fit->outlook.week_start = week_start(workload);
    fit->outlook.seed = options->seed;
    double *by_hour = demand_by_hour(workload, fleet, options, (int32_t)hours);
    if (!by_hour) return error_set(err, STATUS_NO_MEMORY, "no memory for the hours of a workload");
    double work = 0;
    for (int32_t h = 0; h < hours; h++) work += by_hour[h];
    if (work > 0) fit_demand(by_hour, (int32_t)hours, fit);
    free(by_hour);
    if (work <= 0) return error_set(err, STATUS_BAD_INPUT, "no job has GPUs for any time");
    fit_fleet(workload, fleet, options, (double)books, fit);
    struct fleet_year_world world;
    struct fleet_year_fleet candidate;
    struct fleet_year_tables *tables = malloc(sizeof *tables);
    if (!tables) return error_set(err, STATUS_NO_MEMORY, "no memory for laws");
    enum status status = fleet_year_world_set(&world, tables, &fit->outlook, err);
    if (status == STATUS_OK) status = fleet_year_fleet_set(&candidate, &fit->offer, err);
    free(tables);
    return status;
}
