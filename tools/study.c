/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/study.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/interval.h"
#include "sim/order.h"
#include "tools/runner.h"

/* Futures between two looks at whether they are enough. */
enum { BATCH = 4096, WAIT_JOBS_MOST = 10000, WAITS_LEAST = 128, LEVEL_REPLICATIONS = 8 };

static void tell(const struct study_watch *watch, const char *what, double share)
{
    if (watch && watch->progress) watch->progress(watch->context, what, share);
}

/* ---- values ---- */

static enum status make_room(struct study *st, uint32_t futures, struct error *err)
{
    size_t n = st->candidates.n;
    if ((uint64_t)n * futures > STUDY_VALUES_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "%zu fleets in %" PRIu32 " futures are more than %d values", n, futures,
                         STUDY_VALUES_MAX);
    bool good = (st->values = calloc(n, sizeof *st->values)) != NULL;
    for (size_t c = 0; c < n && good; c++) {
        struct study_values *v = &st->values[c];
        good = (v->cost_usd_micro = malloc(futures * sizeof *v->cost_usd_micro)) &&
               (v->late = malloc(futures * sizeof *v->late)) &&
               (v->backlog_gpu_h = malloc(futures * sizeof *v->backlog_gpu_h)) &&
               (v->delay_s = malloc(futures * sizeof *v->delay_s)) &&
               (v->unserved_gpu_h = malloc(futures * sizeof *v->unserved_gpu_h)) &&
               (v->utilization = malloc(futures * sizeof *v->utilization));
    }
    for (int i = 0; i < STUDY_CONTROL_N && good; i++)
        good = (st->control[i] = malloc(futures * sizeof *st->control[i])) != NULL;
    return good ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory for %zu fleets", n);
}

/* What rows of one scenario's fleet are taken into. */
struct taking {
    struct study *study;
    size_t first; /* candidate of the block's fleet 0 */
};

static float share_of(int64_t part, int64_t whole)
{
    return whole > 0 ? (float)((double)part / (double)whole) : 0;
}

static void take(void *context, const struct fleet_year_block *b)
{
    struct taking *t = context;
    struct study *st = t->study;
    size_t c = t->first + b->fleet;
    const struct study_values *v = &st->values[c];
    const struct fleet_year_world *world = &st->worlds[st->candidates.items[c].of];
    const struct fleet_year_fleet *fleet = &st->fleets[c];
    const double q8 = 1.0 / 256, years = (double)world->hours / FLEET_YEAR_HOURS;
    for (uint32_t i = 0; i < b->n; i++) {
        const int64_t *f = b->rows[i].field;
        uint32_t at = b->first + i;
        int64_t bought = (int64_t)fleet->reserved_q8 * world->hours + f[FLEET_YEAR_ON_DEMAND] +
                         f[FLEET_YEAR_SPOT];
        v->cost_usd_micro[at] = (int64_t)((double)f[FLEET_YEAR_COST] / years);
        v->late[at] = share_of(f[FLEET_YEAR_LATE], world->hours);
        v->backlog_gpu_h[at] = (float)((double)f[FLEET_YEAR_BACKLOG] * q8);
        v->delay_s[at] = 3600 * share_of(f[FLEET_YEAR_BACKLOG_HOURS], f[FLEET_YEAR_TRAINED] >> 8);
        v->unserved_gpu_h[at] = (float)((double)f[FLEET_YEAR_UNSERVED] * q8 / years);
        v->utilization[at] = share_of(f[FLEET_YEAR_SERVED] + f[FLEET_YEAR_TRAINED], bought);
        if (c > 0) continue;
        for (int k = 0; k < STUDY_CONTROL_N; k++) st->control[k][at] = f[FLEET_YEAR_Z_GROWTH + k];
    }
}

/* ---- the fleets, as the model knows them ---- */

/* The jobs of a replication, and how fast each of the scenario's fleets runs them. */
struct jobs {
    struct workload copy;
    const struct workload *workload;
    bool owned;
};

static enum status take_jobs(const struct scenario *s, uint32_t replication, struct jobs *j,
                             struct error *err)
{
    return scenario_workload(s, replication, &j->copy, &j->workload, &j->owned, err);
}

static void give_jobs(struct jobs *j)
{
    if (j->owned) workload_free(&j->copy);
}

/* What a fleet comes to with the jobs of replication r: by the model's fit, and simulated (NULL:
 * not asked). */
static enum status look_at(const struct scenario *s, const struct fleet_spec *fleet, uint32_t r,
                           const struct jobs *jobs, struct fleet_year_fit *fit,
                           struct fleet_year_figures *simulated, struct error *err)
{
    double *speed = NULL;
    struct world_options options = { .seed = s->seed, .replication = r };
    enum status status = scenario_speed(s, jobs->workload, fleet, &speed, err);
    options.books_us = runner_books_us(s, jobs->workload);
    options.speed = speed;
    if (status == STATUS_OK) status = fleet_year_fit(jobs->workload, fleet, &options, fit, err);
    if (status == STATUS_OK && simulated)
        status = fleet_year_simulate(jobs->workload, fleet, &options, simulated, err);
    free(speed);
    return status;
}

static double mean_gpus(const struct fleet_year_outlook *o)
{
    double sum = 0;
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) sum += o->serving_gpus[h] + o->training_gpus[h];
    return sum / FLEET_YEAR_WEEK;
}

static void take_calibration(struct fleet_year_fit *fit, const struct fleet_year_fit *calibrated)
{
    fit->offer.usable = calibrated->offer.usable;
    fit->offer.headroom = calibrated->offer.headroom;
}

/* The model of fleet f, calibrated on the jobs of replication 0. How far it is off is asked of
 * replication 1: the demand that its jobs show, and the number that was found on the others. */
static enum status fit_fleet(struct study *st, int32_t f, const struct jobs *jobs, uint32_t n,
                             struct error *err)
{
    const struct scenario *s = st->scenario;
    const struct fleet_spec *fleet = &s->fleets[f];
    struct fleet_year_fit *fit = &st->fits[f], other;
    struct fleet_year_figures simulated;
    enum status status = look_at(s, fleet, 0, &jobs[0], fit, &simulated, err);
    if (status == STATUS_OK) status = fleet_year_calibrate(fit, &simulated, err);
    if (status == STATUS_OK && n == 1)
        status = fleet_year_measure(fit, &simulated, &st->errors[f], err);
    double gpus = status == STATUS_OK ? mean_gpus(&fit->outlook) / n : 0;
    for (uint32_t r = 1; r < n && status == STATUS_OK; r++) {
        status = look_at(s, fleet, r, &jobs[r], &other, r == 1 ? &simulated : NULL, err);
        if (status != STATUS_OK) break;
        gpus += mean_gpus(&other.outlook) / n;
        if (r > 1) continue;
        take_calibration(&other, fit);
        status = fleet_year_measure(&other, &simulated, &st->errors[f], err);
    }
    if (status != STATUS_OK) return status;
    /* Jobs of one month are many or few by chance: the level is that of all replications. */
    double scale = gpus / mean_gpus(&fit->outlook);
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        fit->outlook.serving_gpus[h] *= scale;
        fit->outlook.training_gpus[h] *= scale;
    }
    return STATUS_OK;
}

/* The world of fleet f's jobs, over the years, with what the scenario says is not known. */
static enum status make_world(struct study *st, int32_t f, struct error *err)
{
    const struct montecarlo_spec *m = &st->scenario->montecarlo;
    const struct uncertain *u = &st->scenario->uncertain;
    struct fleet_year_outlook o = st->fits[f].outlook;
    o.hours = m->years * FLEET_YEAR_HOURS;
    o.growth = (double)m->growth_ppm / 1e6;
    o.growth_sd = (double)m->growth_sd_ppm / 1e6;
    o.level_sd = (double)u->growth_ppm / 1e6;
    o.spot_price.sd = (double)u->spot_prices_ppm / 1e6;
    if (u->spot_half_life_us > 0)
        o.spot_price.keep = fmin(exp2(-3600e6 / (double)u->spot_half_life_us), 0.9999);
    o.seed = st->scenario->seed;
    o.antithetic = st->scenario->antithetic;
    return fleet_year_world_set(&st->worlds[f], &st->tables[f], &o, err);
}

/* A candidate is its fleet's model with other pools. */
static enum status make_fleet(struct study *st, size_t c, const struct jobs *jobs,
                              struct error *err)
{
    const struct scenario *s = st->scenario;
    const struct candidate *of = &st->candidates.items[c];
    struct fleet_year_fit fit;
    enum status status = look_at(s, &of->fleet, 0, jobs, &fit, NULL, err);
    if (status != STATUS_OK) return status;
    take_calibration(&fit, &st->fits[of->of]);
    fit.offer.deadline_hours = (double)s->montecarlo.deadline_us / 3600e6;
    return fleet_year_fleet_set(&st->fleets[c], &fit.offer, err);
}

static enum status make_models(struct study *st, const struct study_watch *watch, struct error *err)
{
    const struct scenario *s = st->scenario;
    struct jobs jobs[LEVEL_REPLICATIONS] = { { .owned = false } };
    uint32_t n = s->is_synth || s->bootstrap != BOOTSTRAP_NONE ? LEVEL_REPLICATIONS : 1;
    enum status status = STATUS_OK;
    for (uint32_t r = 0; r < n && status == STATUS_OK; r++) status = take_jobs(s, r, &jobs[r], err);
    for (int32_t f = 0; f < s->fleet_n && status == STATUS_OK; f++) {
        tell(watch, "simulating the fleets once", (double)f / s->fleet_n);
        if (watch && watch->stop && *watch->stop)
            status = error_set(err, STATUS_INTERRUPTED, "interrupted");
        else status = fit_fleet(st, f, jobs, n, err);
        if (status == STATUS_OK) status = make_world(st, f, err);
    }
    for (size_t c = 0; c < st->candidates.n && status == STATUS_OK; c++)
        status = make_fleet(st, c, &jobs[0], err);
    for (uint32_t r = 0; r < n; r++) give_jobs(&jobs[r]);
    return status;
}

/* ---- waits ---- */

/* GPU time of all jobs over what it takes on the fleet. */
static enum status speed_of(const struct scenario *s, const struct workload *w,
                            const struct fleet_spec *fleet, double *mean, struct error *err)
{
    double *speed = NULL, asked = 0, taken = 0;
    enum status status = scenario_speed(s, w, fleet, &speed, err);
    for (size_t j = 0; speed && j < w->job_n; j++) {
        double gpu_us = (double)w->gpu_milli[j] * (double)w->run_us[j];
        asked += gpu_us;
        taken += gpu_us / speed[(size_t)w->class_[j] * (size_t)fleet->pool_n];
    }
    *mean = taken > 0 ? asked / taken : 1;
    free(speed);
    return status;
}

static enum status run_waits(struct study *st, struct engine *engine,
                             const struct study_watch *watch, struct error *err)
{
    const struct scenario *s = st->scenario;
    struct jobs jobs = { .owned = false };
    struct queue_laws laws;
    struct queue_fit_options options = { .server_gpus = 1 };
    struct error why;
    size_t some = 0;
    for (size_t c = 0; c < st->candidates.n; c++)
        some += study_waits_hold(&st->candidates.items[c].fleet);
    if (some == 0) return STATUS_OK;
    enum status status = take_jobs(s, 0, &jobs, err);
    if (status != STATUS_OK) return status;
    /* Jobs of which no queue can be made are not the study's end. */
    status = queue_fit(jobs.workload, &options, &laws, NULL, &why);
    if (status != STATUS_OK) {
        give_jobs(&jobs);
        return status == STATUS_BAD_INPUT ? STATUS_OK : error_set(err, status, "%s", why.message);
    }
    size_t most = jobs.workload->job_n;
    uint32_t n = most < WAIT_JOBS_MOST ? (uint32_t)most : WAIT_JOBS_MOST;
    uint32_t futures = some > 64 ? WAITS_LEAST : STUDY_WAITS_MOST;
    for (size_t c = 0; c < st->candidates.n && status == STATUS_OK; c++) {
        const struct candidate *of = &st->candidates.items[c];
        double speed = 1;
        tell(watch, "waits", (double)c / (double)st->candidates.n);
        if (watch && watch->stop && *watch->stop) {
            status = error_set(err, STATUS_INTERRUPTED, "interrupted");
            break;
        }
        if (!study_waits_hold(&of->fleet)) continue;
        status = speed_of(s, jobs.workload, &of->fleet, &speed, err);
        if (status == STATUS_OK)
            status = study_waits_run(&laws, &of->fleet, speed, n, futures, s->seed, engine,
                                     &st->waits[c], err);
    }
    queue_laws_free(&laws);
    give_jobs(&jobs);
    return status;
}

/* ---- futures ---- */

/* Candidates of one fleet of the scenario stand side by side, and share its world. */
static enum status run_futures(struct study *st, struct engine *engine, uint32_t first, uint32_t n,
                               const struct study_watch *watch, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t c = 0, next; c < st->candidates.n && status == STATUS_OK; c = next) {
        int32_t f = st->candidates.items[c].of;
        const struct fleet_year_case what = { &st->worlds[f], &st->tables[f] };
        struct taking taking = { st, c };
        for (next = c; next < st->candidates.n && st->candidates.items[next].of == f;) next++;
        status = engine_year(engine, &what, &st->fleets[c], (uint32_t)(next - c), first, n,
                             watch ? watch->stop : NULL, take, &taking, err);
    }
    return status;
}

/* Whether the p95 of each candidate's yearly bill is known to the share that is asked for. */
static enum status are_enough(const struct study *st, uint32_t n, bool *enough, struct error *err)
{
    double share = (double)st->scenario->montecarlo.precision_ppm / 1e6;
    double *sorted = malloc(n * sizeof *sorted);
    if (!sorted) return error_set(err, STATUS_NO_MEMORY, "no memory for bills");
    *enough = true;
    for (size_t c = 0; c < st->candidates.n && *enough; c++) {
        for (uint32_t i = 0; i < n; i++) sorted[i] = (double)st->values[c].cost_usd_micro[i];
        qsort(sorted, n, sizeof *sorted, order_reals);
        struct quantile_interval q = interval_of_quantile(sorted, n, 0.95);
        *enough = (q.high - q.low) / 2 <= share * q.value;
    }
    free(sorted);
    return STATUS_OK;
}

enum status study_run(const struct scenario *s, struct engine *engine,
                      const struct study_watch *watch, struct study *st, struct error *err)
{
    const struct montecarlo_spec *m = &s->montecarlo;
    uint32_t most = (uint32_t)m->replications;
    *st = (struct study){ .scenario = s };
    enum status status = candidates_make(s, &st->candidates, err);
    if (status == STATUS_OK) status = make_room(st, most, err);
    if (status == STATUS_OK) {
        st->fits = calloc((size_t)s->fleet_n, sizeof *st->fits);
        st->errors = calloc((size_t)s->fleet_n, sizeof *st->errors);
        st->worlds = calloc((size_t)s->fleet_n, sizeof *st->worlds);
        st->tables = calloc((size_t)s->fleet_n, sizeof *st->tables);
        st->fleets = calloc(st->candidates.n, sizeof *st->fleets);
        st->waits = calloc(st->candidates.n, sizeof *st->waits);
        if (!st->fits || !st->errors || !st->worlds || !st->tables || !st->fleets || !st->waits)
            status = error_set(err, STATUS_NO_MEMORY, "no memory for models");
    }
    if (status == STATUS_OK) status = make_models(st, watch, err);
    if (status == STATUS_OK) status = run_waits(st, engine, watch, err);
    bool enough = false;
    while (status == STATUS_OK && st->futures < most && !enough) {
        uint32_t left = most - st->futures, batch = left < BATCH ? left : BATCH;
        tell(watch, "futures", (double)st->futures / most);
        status = run_futures(st, engine, st->futures, batch, watch, err);
        st->futures += batch;
        if (status == STATUS_OK && m->precision_ppm > 0 && st->futures >= 4 * BATCH)
            status = are_enough(st, st->futures, &enough, err);
    }
    tell(watch, "futures", 1);
    if (status != STATUS_OK) study_free(st);
    return status;
}

/* ---- by month ---- */

struct months {
    uint32_t n;
    int32_t months;
    int64_t *usd_micro;
};

static void take_months(void *context, const struct fleet_year_block *b)
{
    struct months *m = context;
    for (uint32_t i = 0; i < b->n; i++)
        for (int32_t k = 0; k < m->months; k++)
            m->usd_micro[(size_t)k * m->n + b->first + i] =
                b->rows[i].month_usd[k] - (k ? b->rows[i].month_usd[k - 1] : 0);
}

enum status study_months(const struct study *st, struct engine *engine, size_t candidate,
                         uint32_t n, int64_t *usd_micro, struct error *err)
{
    int32_t f = st->candidates.items[candidate].of;
    const struct fleet_year_case what = { &st->worlds[f], &st->tables[f] };
    struct months m = { n, fleet_year_month_n(&st->worlds[f]), usd_micro };
    return engine_year(engine, &what, &st->fleets[candidate], 1, 0, n, NULL, take_months, &m, err);
}

void study_free(struct study *st)
{
    for (size_t c = 0; c < st->candidates.n; c++) {
        struct study_values *v = st->values ? &st->values[c] : NULL;
        if (v) {
            free(v->cost_usd_micro);
            free(v->late);
            free(v->backlog_gpu_h);
            free(v->delay_s);
            free(v->unserved_gpu_h);
            free(v->utilization);
        }
        if (st->waits) study_waits_free(&st->waits[c]);
    }
    for (int i = 0; i < STUDY_CONTROL_N; i++) free(st->control[i]);
    free(st->values);
    free(st->waits);
    free(st->fits);
    free(st->errors);
    free(st->worlds);
    free(st->tables);
    free(st->fleets);
    candidates_free(&st->candidates);
    *st = (struct study){ 0 };
}
