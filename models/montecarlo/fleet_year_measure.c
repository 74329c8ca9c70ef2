/* SPDX-License-Identifier: Apache-2.0 */
/* Simulator and fleet-year side by side: fleet_year_fit.h. */
#include <math.h>
#include <stdlib.h>

#include "models/montecarlo/fleet_year.h"
#include "models/montecarlo/fleet_year_fit.h"

#define HOUR ((double)US_PER_HOUR)

/* ---- the simulator ---- */

struct area {
    const struct workload *workload;
    double books, gpu_hours_hours; /* hours; the area between work that came and work done */
};

/* What of a ramp of an hour an hour, from 0 to `run`, lies below it until x. */
static double below_ramp(double x, double run)
{
    if (x <= 0) return 0;
    return x < run ? x * x / 2 : run * run / 2 + run * (x - run);
}

static void area_add(void *context, const struct job_record *job)
{
    struct area *a = context;
    if (job->outcome != OUTCOME_FINISHED || job->gpu_milli == 0) return;
    double submit = (double)a->workload->submit_us[job->job] / HOUR;
    double run = (double)(job->held_us - job->lost_us) / HOUR;
    double delay = ((double)job->end_us / HOUR - submit) - run, left = a->books - submit;
    a->gpu_hours_hours +=
        (double)job->gpu_milli / 1000 * (below_ramp(left, run) - below_ramp(left - delay, run));
}

enum status fleet_year_simulate(const struct workload *workload, const struct fleet_spec *fleet,
                                const struct world_options *options,
                                struct fleet_year_figures *figures, struct error *err)
{
    struct world_options o = *options;
    if (o.books_us == 0 && workload->job_n > 0)
        o.books_us = workload->submit_us[workload->job_n - 1];
    struct area area = { workload, (double)o.books_us / HOUR, 0 };
    const struct observer observer = { .context = &area, .job = area_add };
    struct world_result result;
    enum status status = world_run(workload, fleet, &o, &observer, &result, err);
    if (status) return status;
    *figures = (struct fleet_year_figures){ .hours = area.books };
    for (int32_t p = 0; p < result.pool_n; p++) {
        figures->usd += (double)result.pools[p].cost_usd_micro * 1e-6;
        figures->bought_gpu_hours += (double)result.pools[p].bought_gpu_us / HOUR;
        figures->busy_gpu_hours += (double)result.pools[p].busy_gpu_us / HOUR;
    }
    if (figures->busy_gpu_hours > 0)
        figures->delay_hours = area.gpu_hours_hours / figures->busy_gpu_hours;
    world_result_free(&result);
    return STATUS_OK;
}

/* ---- the model ---- */

enum status fleet_year_model(const struct fleet_year_fit *fit, struct fleet_year_figures *figures,
                             struct error *err)
{
    enum { N = FLEET_YEAR_FIT_REPLICATIONS };
    struct {
        struct fleet_year_world world;
        struct fleet_year_tables tables;
        struct fleet_year_fleet fleet;
        struct fleet_year_row rows[N];
    } *m = malloc(sizeof *m);
    if (!m) return error_set(err, STATUS_NO_MEMORY, "no memory for fleet-years");
    enum status status = fleet_year_world_set(&m->world, &m->tables, &fit->outlook, err);
    if (status == STATUS_OK) status = fleet_year_fleet_set(&m->fleet, &fit->offer, err);
    if (status) {
        free(m);
        return status;
    }
    const struct fleet_year_case c = { &m->world, &m->tables };
    double mean[FLEET_YEAR_FIELDS] = { 0 };
    fleet_year_rows(&c, &m->fleet, fleet_year_way_best(), 0, N, m->rows);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < FLEET_YEAR_FIELDS; k++) mean[k] += (double)m->rows[i].field[k] / N;
    figures->hours = m->world.hours;
    figures->usd = mean[FLEET_YEAR_COST] * 1e-6;
    figures->busy_gpu_hours = (mean[FLEET_YEAR_SERVED] + mean[FLEET_YEAR_TRAINED]) / 256;
    figures->bought_gpu_hours = (double)m->fleet.reserved_q8 / 256 * m->world.hours +
                                (mean[FLEET_YEAR_ON_DEMAND] + mean[FLEET_YEAR_SPOT]) / 256;
    figures->delay_hours =
        figures->busy_gpu_hours > 0 ? mean[FLEET_YEAR_BACKLOG_HOURS] / figures->busy_gpu_hours : 0;
    free(m);
    return STATUS_OK;
}

/* ---- calibration ---- */

enum { HALVINGS = 16 };
#define USABLE_LEAST   0.3
#define HEADROOM_LEAST 0.25
#define HEADROOM_MOST  4.0

enum status fleet_year_calibrate(struct fleet_year_fit *fit,
                                 const struct fleet_year_figures *simulated, struct error *err)
{
    double *knob = fit->is_elastic ? &fit->offer.headroom : &fit->offer.usable;
    double low = fit->is_elastic ? HEADROOM_LEAST : USABLE_LEAST;
    double high = fit->is_elastic ? HEADROOM_MOST : 1;
    for (int i = 0; i < HALVINGS; i++) {
        struct fleet_year_figures f;
        *knob = (low + high) / 2;
        enum status status = fleet_year_model(fit, &f, err);
        if (status) return status;
        bool more = fit->is_elastic ? f.bought_gpu_hours / f.hours <
                                          simulated->bought_gpu_hours / simulated->hours
                                    : f.delay_hours > simulated->delay_hours;
        if (more) low = *knob;
        else high = *knob;
    }
    /* Up to the end of the range: all GPUs, where even then work waits longer. */
    *knob = high;
    return STATUS_OK;
}

/* By how much an hour's mean is more. */
static double more_by(double modelled, double simulated, const struct fleet_year_errors *e)
{
    if (simulated == 0) return modelled != 0;
    return modelled / e->modelled.hours / (simulated / e->simulated.hours) - 1;
}

enum status fleet_year_measure(const struct fleet_year_fit *fit,
                               const struct fleet_year_figures *simulated,
                               struct fleet_year_errors *errors, struct error *err)
{
    enum status status = fleet_year_model(fit, &errors->modelled, err);
    if (status) return status;
    const struct fleet_year_figures *m = &errors->modelled, *s = simulated;
    errors->simulated = *s;
    errors->usd = more_by(m->usd, s->usd, errors);
    errors->bought = more_by(m->bought_gpu_hours, s->bought_gpu_hours, errors);
    errors->busy = more_by(m->busy_gpu_hours, s->busy_gpu_hours, errors);
    errors->delay_hours = m->delay_hours - s->delay_hours;
    return STATUS_OK;
}
