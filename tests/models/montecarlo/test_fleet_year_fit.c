/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet-year against the simulator, on what ships: calibrated on one replication's jobs and
 * checked on another's. The bounds are what docs/models.md says was measured, with some room.
 */
#include "models/montecarlo/fleet_year_fit.h"
#include "scenarios/scenario.h"
#include "tests/models/montecarlo/years.h"
#include "tests/simulate.h"

#define HOUR US_PER_HOUR

struct loaded {
    struct scenario s;
    struct diagnostics d;
};

static void load(struct loaded *l, const char *path)
{
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&l->d);
    if (scenario_load(root_path(path), NULL, &l->s, &l->d, &err)) fail_msg("%s", err.message);
}

static void unload(struct loaded *l)
{
    scenario_free(&l->s);
    diagnostics_free(&l->d);
}

/* What the simulator has of a replication, and what the fleet-year takes from it. */
static void both(const struct scenario *s, int32_t fleet, uint32_t replication,
                 struct fleet_year_fit *fit, struct fleet_year_figures *simulated)
{
    struct error err = { STATUS_OK, "" };
    struct workload copy;
    const struct workload *w;
    bool owned;
    double *speed = NULL;
    if (scenario_workload(s, replication, &copy, &w, &owned, &err) ||
        scenario_speed(s, w, &s->fleets[fleet], &speed, &err))
        fail_msg("%s", err.message);
    const struct world_options options = { .seed = s->seed,
                                           .replication = replication,
                                           .books_us = w->submit_us[w->job_n - 1],
                                           .speed = speed };
    if (fleet_year_fit(w, &s->fleets[fleet], &options, fit, &err) ||
        fleet_year_simulate(w, &s->fleets[fleet], &options, simulated, &err))
        fail_msg("%s: %s", s->fleets[fleet].name, err.message);
    free(speed);
    if (owned) workload_free(&copy);
}

static struct fleet_year_errors errors_of(const struct scenario *s, int32_t fleet,
                                          struct fleet_year_fit *fit)
{
    struct error err = { STATUS_OK, "" };
    struct fleet_year_fit first;
    struct fleet_year_figures simulated;
    struct fleet_year_errors e;
    both(s, fleet, 0, &first, &simulated);
    if (fleet_year_calibrate(&first, &simulated, &err)) fail_msg("%s", err.message);
    both(s, fleet, 1, fit, &simulated);
    fit->offer.usable = first.offer.usable;
    fit->offer.headroom = first.offer.headroom;
    if (fleet_year_measure(fit, &simulated, &e, &err)) fail_msg("%s", err.message);
    return e;
}

/* At most, as shares; delay: of the simulator's, or 0: not looked at, since it is in minutes or
 * since a week's jobs are too few. */
struct bound {
    const char *path, *fleet; /* NULL: all of the file's */
    double usd, busy, delay;
};

static void close_to_the_simulator(void **state)
{
    static const struct bound bounds[] = {
        { "scenarios/main.yaml", NULL, 0.001, 0.005, 0.3 },
        { "scenarios/small.yaml", NULL, 0.001, 0.03, 0 },
        { "examples/autoscaling.yaml", "always there", 0.001, 0.01, 0 },
        { "examples/autoscaling.yaml", "as needed", 0.03, 0.01, 0.6 },
        { "examples/autoscaling.yaml", "cluster autoscaler", 0.03, 0.01, 0.6 },
        { "examples/autoscaling.yaml", "Slurm power saving", 0.04, 0.01, 0.6 },
        { "examples/autoscaling.yaml", "target tracking", 0.02, 0.01, 0.4 },
        { "examples/autoscaling.yaml", "predictive", 0.03, 0.01, 0.6 },
        { "examples/spot.yaml", "on demand", 0.001, 0.04, 0 },
        { "examples/spot.yaml", "spot, without a notice", 0.03, 0.1, 0 },
        { "examples/spot.yaml", "spot, saved in the notice", 0.03, 0.07, 0 },
        { "examples/purchase.yaml", "always there, 10 reserved", 0.001, 0.01, 0 },
        { "examples/purchase.yaml", "cluster-autoscaler, on demand", 0.03, 0.03, 0.5 },
        { "examples/purchase.yaml", "cluster-autoscaler, 10 reserved", 0.03, 0.03, 0.5 },
        { "examples/purchase.yaml", "cluster-autoscaler, spot first", 0.2, 0.03, 0.4 },
        { "examples/purchase.yaml", "karpenter, on demand", 0.03, 0.03, 0.5 },
        { "examples/purchase.yaml", "karpenter, 10 reserved", 0.03, 0.06, 0.4 },
        { "examples/purchase.yaml", "karpenter, spot first", 0.15, 0.05, 0.4 },
        { "examples/purchase.yaml", "predictive, on demand", 0.15, 0.01, 0.6 },
        { "examples/purchase.yaml", "predictive, 10 reserved", 0.15, 0.01, 0.6 },
        { "examples/purchase.yaml", "predictive, spot first", 0.08, 0.03, 0.4 },
    };
    struct loaded l = { 0 };
    const char *path = "";
    (void)state;
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        const struct bound *b = &bounds[i];
        int32_t seen = 0;
        if (strcmp(path, b->path) != 0) {
            if (*path) unload(&l);
            load(&l, path = b->path);
        }
        for (int32_t f = 0; f < l.s.fleet_n; f++) {
            if (b->fleet && strcmp(b->fleet, l.s.fleets[f].name) != 0) continue;
            struct fleet_year_fit fit;
            struct fleet_year_errors e = errors_of(&l.s, f, &fit);
            printf("%-32s cost %+6.2f %%  busy %+6.2f %%  delay %5.2f h, simulated %5.2f h\n",
                   l.s.fleets[f].name, 100 * e.usd, 100 * e.busy, e.modelled.delay_hours,
                   e.simulated.delay_hours);
            assert_true(fabs(e.usd) <= b->usd);
            assert_true(fabs(e.busy) <= b->busy);
            if (b->delay > 0)
                assert_true(fabs(e.delay_hours) <= b->delay * e.simulated.delay_hours);
            assert_null(fit.left_out);
            seen++;
        }
        assert_true(seen > 0);
    }
    unload(&l);
}

/* What it does not know it says. */
static void what_is_left_out(void **state)
{
    struct loaded l;
    struct fleet_year_fit fit;
    struct fleet_year_figures simulated;
    (void)state;
    load(&l, "examples/spot.yaml");
    both(&l.s, l.s.fleet_n - 1, 0, &fit, &simulated);
    assert_string_equal(fit.left_out, "jobs that fall back from spot");
    unload(&l);
}

/* Two GPUs all the time, and three more from 09:00 to 17:30 of each of 28 days. */
static void demand_of_jobs(void **state)
{
    struct workload w;
    struct error err = { STATUS_OK, "" };
    struct fleet_year_fit fit;
    struct loaded l;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 2, 28 * 24 * HOUR, -1, -1);
    for (int day = 0; day < 28; day++)
        simulate_add(&w, (24 * day + 9) * HOUR, 3, 8 * HOUR + HOUR / 2, -1, -1);
    simulate_add(&w, 28 * 24 * HOUR, 1, HOUR, -1, -1);
    simulate_seal(&w);
    load(&l, "scenarios/small.yaml");
    const struct world_options options = { .seed = 1 };
    if (fleet_year_fit(&w, &l.s.fleets[0], &options, &fit, &err)) fail_msg("%s", err.message);
    assert_int_equal(fit.outlook.hours, 28 * 24);
    const double mean = 2 + 3 * 8.5 / 24;
    assert_true(fabs(fit.work_gpu_hours - mean * 28 * 24) < 1e-6);
    /* Four weeks count for half. */
    double sum = 0;
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        int of_day = h % 24;
        double gpus = of_day < 9 || of_day > 17 ? 2 : of_day == 17 ? 3.5 : 5;
        assert_true(fabs(fit.outlook.training_gpus[h] - (gpus + mean) / 2) < 1e-9);
        sum += fit.outlook.training_gpus[h];
    }
    assert_true(fabs(sum / FLEET_YEAR_WEEK - mean) < 1e-9);
    assert_true(fit.outlook.demand.sd > 0.1 && fit.outlook.demand.keep > 0.5);
    workload_free(&w);

    /* Always the same: nothing is left to chance, and no job is an error. */
    simulate_workload_init(&w);
    simulate_add(&w, 0, 2, 400 * HOUR, -1, -1);
    simulate_add(&w, 336 * HOUR, 0, HOUR, -1, -1);
    simulate_seal(&w);
    if (fleet_year_fit(&w, &l.s.fleets[0], &options, &fit, &err)) fail_msg("%s", err.message);
    assert_true(fit.outlook.demand.sd == 0 && fit.outlook.burst_sd == 0);
    workload_free(&w);
    simulate_workload_init(&w);
    simulate_add(&w, 10 * HOUR, 0, HOUR, -1, -1);
    simulate_seal(&w);
    assert_int_equal(fleet_year_fit(&w, &l.s.fleets[0], &options, &fit, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "no job has GPUs for any time");
    workload_free(&w);
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demand_of_jobs),
        cmocka_unit_test(what_is_left_out),
        cmocka_unit_test(close_to_the_simulator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
