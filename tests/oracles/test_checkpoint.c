/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints, restarts and availability against ../shared/oracles: closed forms that others
 * derived, and simulations of others. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "models/reliability/checkpoint_interval.h"
#include "models/reliability/duration.h"
#include "tests/support.h"

static json_t *oracles(void)
{
    json_error_t problem;
    json_t *all = json_load_file(shared_or_skip("oracles/oracles.json"), 0, &problem);
    if (!all) fail_msg("oracles.json: %s", problem.text);
    return all;
}

static double number(const json_t *one, const char *part, const char *key)
{
    const json_t *value = json_object_get(json_object_get(one, part), key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool is_family(const json_t *one, const char *family)
{
    return strcmp(json_string_value(json_object_get(one, "family")), family) == 0;
}

static void expect(const json_t *one, const char *key, double got, double relative)
{
    double want = number(one, "expected", key);
    if (isnan(want)) return; /* not every oracle has every figure */
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%s: %s is %.15g, not %.15g", json_string_value(json_object_get(one, "id")), key,
                 got, want);
}

static void intervals(void **state)
{
    json_t *all = oracles(), *one;
    size_t i;
    int n = 0;
    (void)state;
    json_array_foreach(all, i, one)
    {
        if (!is_family(one, "ckptopt")) continue;
        double write = number(one, "parameters", "ckpt_cost"),
               rate = number(one, "parameters", "fail_rate"), mtbf = 1 / rate;
        double tau[] = { checkpoint_optimum(write, mtbf), checkpoint_young(write, mtbf),
                         checkpoint_daly(write, mtbf) };
        static const char *const names[][2] = { { "tau_exact", "slowdown_at_exact" },
                                                { "tau_young", "slowdown_at_young" },
                                                { "tau_daly", "slowdown_at_daly" } };
        for (int k = 0; k < 3; k++) {
            struct checkpointing c = { .work = tau[k],
                                       .interval = tau[k],
                                       .write = write,
                                       .rate = rate,
                                       .last_is_written = true };
            expect(one, names[k][0], tau[k], 1e-9);
            expect(one, names[k][1], checkpoint_completion(&c).mean / tau[k], 1e-9);
        }
        n++;
    }
    assert_int_equal(n, 4);
    json_decref(all);
}

/* The optimum is one: a little more or less loses; and where it is taken from Daly's expansion it
 * joins the exact one. */
static void optimum_is_least(void **state)
{
    (void)state;
    for (double write = 1e-9; write < 50; write *= 3) {
        double best = checkpoint_optimum(write, 1), loss[3];
        for (int k = 0; k < 3; k++) {
            struct checkpointing c = {
                .work = 1, .interval = 1, .write = write, .rate = 1, .last_is_written = true
            };
            c.work = c.interval = best * (k == 0 ? 0.9 : k == 1 ? 1 : 1.1);
            loss[k] = checkpoint_completion(&c).mean / c.work;
        }
        assert_true(loss[1] < loss[0] && loss[1] < loss[2]);
    }
    double below = checkpoint_optimum(0.999999e-6, 1), above = checkpoint_optimum(1.000001e-6, 1);
    assert_true(fabs(below / above - sqrt(0.999999 / 1.000001)) < 1e-9);
    assert_true(checkpoint_optimum(0, 5) == 0 && checkpoint_young(0, 5) == 0);
    assert_true(checkpoint_daly(2, 1) == 1 && checkpoint_daly(7, 1) == 1); /* write >= 2 mtbf */
    assert_true(checkpoint_daly(1.9999, 1) > 0.8 && checkpoint_daly(1.9999, 1) < 1);
}

static void completion(void **state)
{
    json_t *all = oracles(), *one;
    size_t i;
    int n = 0;
    (void)state;
    json_array_foreach(all, i, one)
    {
        const json_t *p = json_object_get(one, "parameters");
        if (!is_family(one, "ckpt")) continue;
        struct checkpointing c = {
            .work = number(one, "parameters", "work"),
            .interval = number(one, "parameters", "tau"),
            .write = number(one, "parameters", "ckpt_cost"),
            .downtime = number(one, "parameters", "downtime"),
            .recovery = number(one, "parameters", "recovery"),
            .rate = number(one, "parameters", "fail_rate"),
            .fails_in_recovery = json_is_true(json_object_get(p, "failures_in_recovery")),
            .last_is_written = json_is_true(json_object_get(p, "ckpt_after_last")),
        };
        struct completion t = checkpoint_completion(&c);
        expect(one, "ET", t.mean, 1e-9);
        expect(one, "sd_T", t.sd, 1e-9);
        expect(one, "E_T2", t.mean * t.mean + t.sd * t.sd, 1e-9);
        expect(one, "E_failures", t.failures, 1e-9);
        n++;
    }
    assert_int_equal(n, 6);
    json_decref(all);
}

/* inv-fail-0: without failures nothing is added; with free checkpoints all the time, E[T] goes to
 * W (1 + rate (downtime + recovery)). */
static void limits(void **state)
{
    struct checkpointing c = { .work = 100,
                               .interval = 7,
                               .write = 0.5,
                               .downtime = 1,
                               .recovery = 2,
                               .last_is_written = true };
    (void)state;
    struct completion t = checkpoint_completion(&c);
    assert_true(t.mean == 100 + 15 * 0.5 && t.sd == 0 && t.failures == 0);
    c.rate = 1e-12;
    t = checkpoint_completion(&c);
    assert_true(fabs(t.mean / 107.5 - 1) < 1e-9 && t.sd < 1e-3);
    c = (struct checkpointing){
        .work = 100, .interval = 1e-4, .downtime = 1, .recovery = 2, .rate = 0.01
    };
    t = checkpoint_completion(&c);
    assert_true(fabs(t.mean / (100 * (1 + 0.01 * 3)) - 1) < 1e-6);
    assert_true(fabs(t.failures - 1) < 1e-5);
    c = (struct checkpointing){ .work = 1e6, .interval = 1e6, .rate = 1 };
    t = checkpoint_completion(&c);
    assert_true(isinf(t.mean) && isinf(t.sd) && isinf(t.failures));
}

/* ---- The laws themselves, drawn ---- */

static struct duration law(const json_t *spec)
{
    struct duration d = { 0 };
    struct error err;
    const char *type = json_string_value(json_object_get(spec, "type"));
    const json_t *args = json_object_get(spec, "args");
    double a = json_number_value(json_array_get(args, 0)),
           b = json_number_value(json_array_get(args, 1));
    const double unit = 3.6e9; /* an hour */
    enum status status = STATUS_BUG;
    if (strncmp(type, "deterministic", 13) == 0)
        status = duration_constant((int64_t)(a * unit), &d, &err);
    else if (strncmp(type, "exponential", 11) == 0)
        status = duration_exponential(unit / a, &d, &err);
    else if (strncmp(type, "weibull", 7) == 0) status = duration_weibull(a, b * unit, &d, &err);
    else if (strncmp(type, "lognormal", 9) == 0)
        status = duration_lognormal(exp(a) * unit, b, &d, &err);
    if (status != STATUS_OK) fail_msg("%s(%g, %g)", type, a, b);
    return d;
}

static void availability(void **state)
{
    json_t *all = oracles(), *one;
    size_t i;
    int n = 0;
    (void)state;
    json_array_foreach(all, i, one)
    {
        const json_t *p = json_object_get(one, "parameters");
        if (!is_family(one, "avail")) continue;
        struct duration fail = law(json_object_get(p, "fail")),
                        repair = law(json_object_get(p, "repair"));
        double up = duration_mean(&fail), share = up / (up + duration_mean(&repair));
        unsigned units = (unsigned)number(one, "parameters", "N"),
                 k = (unsigned)number(one, "parameters", "k");
        expect(one, "availability", share, 1e-9);
        expect(one, "P_running_ge_k", gsl_cdf_binomial_Q(k - 1, share, units), 1e-9);
        n++;
    }
    assert_int_equal(n, 2);
    json_decref(all);
}

static double survival(double t, void *d) { return 1 - duration_cdf(d, t); }

/* A job that starts anew after each interruption, and goes on demand after so many. Hours. */
struct restart {
    struct duration length, interruption;
    double delay, attempts, factor; /* attempts: INFINITY = no fallback */
};

struct restart_figures {
    double total, billed, cost, fallback;
};

static struct restart_figures one_job(const struct restart *r, struct random_key key, uint64_t job)
{
    const double hour = 3.6e9;
    struct restart_figures f = { 0 };
    double l = (double)duration_draw(&r->length, key, RANDOM_TEST, job, 0) / hour;
    for (uint64_t attempt = 1; (double)attempt <= r->attempts; attempt++) {
        double up = (double)duration_draw(&r->interruption, key, RANDOM_TEST, job, attempt) / hour;
        f.total += fmin(up, l);
        f.billed += fmin(up, l);
        f.cost = f.billed;
        if (up > l) return f;
        f.total += r->delay;
    }
    f.total += l;
    f.cost += r->factor * l;
    f.fallback = 1;
    return f;
}

/* The mean of a figure over jobs, and four standard errors. */
static void mean_is(const json_t *one, const char *key, double n, double sum, double squares)
{
    double want = number(one, "expected", key), mean = sum / n,
           se = sqrt((squares / n - mean * mean) / n);
    if (isnan(want)) return;
    if (!(fabs(mean - want) <= 4 * se))
        fail_msg("%s: %s is %g +- %g, not %g", json_string_value(json_object_get(one, "id")), key,
                 mean, se, want);
}

static void check_restart(const json_t *one, const struct restart *r, gsl_integration_workspace *w)
{
    enum { JOBS = 40000, FIGURES = 4 };
    static const char *const keys[FIGURES] = { "ET", "E_spot_billed", "E_cost", "P_fallback" };
    double sum[FIGURES] = { 0 }, squares[FIGURES] = { 0 };
    const double hour = 3.6e9;
    /* (int_0^L S + D F(L)) / S(L), by quadrature of the distribution function */
    if (r->length.kind == DURATION_CONSTANT && isinf(r->attempts)) {
        double l = r->length.scale_us, integral, error, f = duration_cdf(&r->interruption, l);
        gsl_function s = { survival, (void *)&r->interruption };
        gsl_integration_qags(&s, 0, l, 0, 1e-12, 1000, w, &integral, &error);
        expect(one, "E_spot_billed", integral / (1 - f) / hour, 1e-9);
        expect(one, "ET", (integral / hour + r->delay * f) / (1 - f), 1e-9);
    }
    for (uint64_t job = 0; job < JOBS; job++) {
        struct restart_figures f = one_job(r, random_key(77, 1), job);
        const double of[FIGURES] = { f.total, f.billed, f.cost, f.fallback };
        for (int k = 0; k < FIGURES; k++) {
            sum[k] += of[k];
            squares[k] += of[k] * of[k];
        }
    }
    for (int k = 0; k < FIGURES; k++) mean_is(one, keys[k], JOBS, sum[k], squares[k]);
}

static void restarts(void **state)
{
    json_t *all = oracles(), *one;
    size_t i;
    int n = 0;
    (void)state;
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(1000);
    json_array_foreach(all, i, one)
    {
        const json_t *p = json_object_get(one, "parameters");
        if (!is_family(one, "spot")) continue;
        double attempts = number(one, "parameters", "max_spot_attempts");
        struct restart r = { law(json_object_get(p, "length")),
                             law(json_object_get(p, "interruption")),
                             number(one, "parameters", "restart_delay"),
                             isnan(attempts) ? INFINITY : attempts,
                             number(one, "parameters", "ondemand_price_factor") };
        check_restart(one, &r, space);
        n++;
    }
    assert_int_equal(n, 6);
    gsl_integration_workspace_free(space);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals),    cmocka_unit_test(optimum_is_least),
        cmocka_unit_test(completion),   cmocka_unit_test(limits),
        cmocka_unit_test(availability), cmocka_unit_test(restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
