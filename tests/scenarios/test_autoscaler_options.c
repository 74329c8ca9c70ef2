/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario says of an autoscaler is what the world is given; what it does not
 * say are the defaults; and 'period' is that of the autoscaler it stands with. */
#include "models/autoscaling/autoscaler.h"
#include "scenarios/scenario.h"
#include "tests/support.h"

#define MIN (INT64_C(60) * 1000000)

static struct autoscaler_spec spec_of(const char *autoscaler)
{
    struct scenario s;
    struct diagnostics d;
    struct error err;
    char text[1000];
    snprintf(text, sizeof text,
             "seatrial: 1\nworkload: {synth: {like: itp, jobs: 10, days: 1 day}}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1}\nfleets:\n  a:\n    autoscaler: %s\n"
             "    pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 2, min_nodes: "
             "1}]\n",
             autoscaler);
    write_text(scratch_path("options.yaml"), text);
    diagnostics_init(&d);
    if (scenario_load(scratch_path("options.yaml"), NULL, &s, &d, &err) != STATUS_OK)
        fail_msg("%s: %s", autoscaler, d.n ? d.items[0].message : err.message);
    struct autoscaler_spec spec = s.fleets[0].autoscaler;
    diagnostics_free(&d);
    scenario_free(&s);
    return spec;
}

static void check(const char *autoscaler, struct predictive_options expected)
{
    struct autoscaler_spec spec = spec_of(autoscaler);
    const struct predictive_options *o = &spec.predictive;
    assert_string_equal(spec.kind->name, "predictive");
    assert_int_equal(o->method, expected.method);
    assert_int_equal(o->period_us, expected.period_us);
    assert_int_equal(o->horizon_us, expected.horizon_us);
    assert_int_equal(o->warm_up_us, expected.warm_up_us);
    assert_int_equal(o->quantile_ppm, expected.quantile_ppm);
    assert_int_equal(o->headroom_ppm, expected.headroom_ppm);
}

static void options_of_predictive(void **state)
{
    (void)state;
    check("predictive", (struct predictive_options){ PREDICT_HOUR_OF_WEEK, 10 * MIN, 0, 10080 * MIN,
                                                     900000, 150000 });
    check("{name: predictive, method: hour-of-week, period: 1 h, quantile: 75%, horizon: 90 min, "
          "headroom: 0%, warm_up: 0 s}",
          (struct predictive_options){ PREDICT_HOUR_OF_WEEK, 60 * MIN, 90 * MIN, 0, 750000, 0 });
    check(
        "{name: predictive, method: holt-winters, period: 5 min, headroom: 120%, warm_up: 3 days}",
        (struct predictive_options){ PREDICT_HOLT_WINTERS, 5 * MIN, 0, 4320 * MIN, 900000,
                                     1200000 });
}

static void options_of_drains(void **state)
{
    static const struct {
        const char *text;
        bool evicts;
        int64_t threshold_ppm, gpu_threshold_ppm;
    } cases[] = {
        { "cluster-autoscaler", true, 500000, 500000 },
        { "{name: cluster-autoscaler, safe_to_evict: no}", false, 500000, 500000 },
        { "{name: cluster-autoscaler, safe_to_evict: yes, scale_down_utilization_threshold: 65%, "
          "scale_down_gpu_utilization_threshold: 100%}",
          true, 650000, 1000000 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct autoscaler_spec spec = spec_of(cases[i].text);
        assert_int_equal(spec.cluster.safe_to_evict, cases[i].evicts);
        assert_int_equal(spec.cluster.threshold_ppm, cases[i].threshold_ppm);
        assert_int_equal(spec.cluster.gpu_threshold_ppm, cases[i].gpu_threshold_ppm);
    }
}

static void the_period_of_each(void **state)
{
    (void)state;
    struct autoscaler_spec tracking = spec_of("{name: target-tracking, period: 7 min}"),
                           predictive = spec_of("{name: predictive, period: 30 min}");
    assert_int_equal(tracking.tracking.period_us, 7 * MIN);
    assert_int_equal(tracking.predictive.period_us, 10 * MIN);
    assert_int_equal(predictive.predictive.period_us, 30 * MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(options_of_predictive),
                                        cmocka_unit_test(options_of_drains),
                                        cmocka_unit_test(the_period_of_each) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
