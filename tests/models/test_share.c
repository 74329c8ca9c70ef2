/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders that depend on whose a job is: against the same rules written plainly (slow_share.c), job
 * by job; Slurm's own worked example of the fair-share factor; the example of the paper on dominant
 * resource fairness; half-lives.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/accounts.h"
#include "models/scheduling/fair_factor.h"
#include "tests/random_world.h"

/* ---- against the plain rules ---- */

static void random_options(struct draw *d, struct share_options *o)
{
    static struct named_number shares[3], partitions[2];
    static const char *const names[] = { "a", "b", "c" };
    *o = (struct share_options){ 0 };
    for (int64_t *weight = &o->weight_age; weight <= &o->weight_qos; weight++)
        if (below(d, 3)) *weight = below(d, 30);
    o->fairshare = (enum fairshare_rule)below(d, 2);
    o->favor = (enum favor_rule)below(d, 2);
    o->age_max_us = 1 + below(d, 40);
    o->half_life_us = 1 + below(d, 60);
    o->period_us = 1 + below(d, 10);
    o->shares = shares;
    o->partitions = partitions;
    for (o->share_n = 0; o->share_n < 3 && below(d, 3); o->share_n++)
        shares[o->share_n] = (struct named_number){ names[o->share_n], 500000 * (1 + below(d, 4)) };
    for (o->partition_n = 0; o->partition_n < 2 && below(d, 3); o->partition_n++)
        partitions[o->partition_n] =
            (struct named_number){ names[o->partition_n], 1 + below(d, 4) };
}

static void agrees_with_the_plain_rules(void **state)
{
    static const char *const orders[] = { "multifactor", "fair-share", "fair-share-skip",
                                          "drf",         "drf-skip",   "slurm-backfill" };
    uint64_t seeds = seeds_or(getenv("SEATRIAL_SLOW") ? 90 : 300);
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 8), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 40), largest, (enum limits)below(&d, 4), &w);
        random_options(&d, &fleet.share);
        fleet.backfill = (struct backfill_options){ .interval_us = 1 + below(&d, 12),
                                                    .window_us = 20 + below(&d, 40),
                                                    .resolution_us = 1 + below(&d, 3),
                                                    .max_job_test = 1 + below(&d, 20) };
        fleet.timing.instant = (enum instant_rule)below(&d, 2);
        if (below(&d, 3) == 0) fleet.timing.cycle_us = 1 + below(&d, 6);
        else fleet.timing.events = (enum event_rule)below(&d, 2);
        for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
            fleet.order = orders[o];
            agree(&w, &fleet, seed);
        }
        workload_free(&w);
    }
}

/* ---- usage ---- */

static void named_job(struct workload *w, const char *tenant, const char *user, int64_t submit_us,
                      int32_t gpus, int64_t run_us)
{
    struct job_row row;
    struct error err = { STATUS_OK, "" };
    job_row_init(&row);
    row.tenant = tenant;
    row.tenant_n = strlen(tenant);
    row.user = user;
    row.user_n = strlen(user);
    row.submit_us = submit_us;
    row.gpu_milli = 1000 * gpus;
    row.run_us = run_us;
    if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
}

/* Half of it is left after a half-life, whatever the period; a constant use comes to itself. */
static void usage_halves(void **state)
{
    static const int64_t periods_us[] = { INT64_C(60000000), SHARE_PERIOD_US,
                                          INT64_C(86400000000) };
    (void)state;
    for (size_t p = 0; p < sizeof periods_us / sizeof *periods_us; p++) {
        struct share_options options = { .period_us = periods_us[p] };
        struct workload w;
        struct accounts a;
        const int64_t week = SHARE_HALF_LIFE_US;
        simulate_workload_init(&w);
        named_job(&w, "t", "", 0, 1, 1);
        named_job(&w, "u", "", 0, 1, 1);
        simulate_seal(&w);
        assert_true(accounts_init(&a, &w, &options, false));
        uint32_t t = w.tenant[0], u = w.tenant[1];
        accounts_hold(&a, t, 4, 0);
        accounts_hold(&a, t, -4, week);
        double used = a.used[t];
        /* The integral of 4 GPUs over a week that decays all the time is x / (1 - e^-x) times less,
         * x ln 2 times the period in half-lives. */
        double exact = 4.0 * (double)week / log(2) * (1 - 0.5);
        double x = log(2) * (double)periods_us[p] / (double)week;
        assert_true(fabs(used / exact / (x / -expm1(-x)) - 1) < 1e-9);
        assert_true(accounts_advance(&a, 2 * week));
        assert_true(fabs(a.used[t] / used - 0.5) < 1e-12);
        assert_true(accounts_advance(&a, 11 * week));
        assert_true(fabs(a.used[t] / used - 0x1p-10) < 1e-14);
        accounts_hold(&a, u, 3, 11 * week);
        assert_true(accounts_advance(&a, 200 * week));
        assert_true(fabs(accounts_mean_gpus(&a, u) - 3) < 1e-9);
        assert_true(a.used[t] == 0); /* less than a GPU-microsecond */
        accounts_free(&a);
        workload_free(&w);
    }
}

/* Looked at once a period or once in the end, it is the same to the last bit. */
static void usage_does_not_depend_on_who_looks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct draw d = { random_key(seed, 9), 0 };
        struct share_options options = { .period_us = 10, .half_life_us = 1 + below(&d, 200) };
        struct workload w;
        struct accounts often, seldom;
        simulate_workload_init(&w);
        named_job(&w, "t", "", 0, 1, 1);
        simulate_seal(&w);
        assert_true(accounts_init(&often, &w, &options, true));
        assert_true(accounts_init(&seldom, &w, &options, true));
        int64_t now = 0;
        for (int i = 0; i < 20; i++) {
            int64_t gpus = below(&d, 3) ? below(&d, 5) : -often.held[0], until = now;
            for (int k = below(&d, 40); k > 0; k--) accounts_advance(&often, until += below(&d, 9));
            now = until;
            accounts_hold(&often, 0, gpus, now);
            accounts_hold(&seldom, 0, gpus, now);
            assert_true(often.used[0] == seldom.used[0]);
            if (below(&d, 5) == 0) now += 100000;
        }
        accounts_free(&often);
        accounts_free(&seldom);
        workload_free(&w);
    }
}

/* ---- Slurm's fair-share factor ---- */

/* The example of classic_fair_share.html: accounts A (40 shares) over B (30) and C (10), D (60)
 * over E (25) and F (35); users 1 in B, 2 and 3 in C, 4 in E, 5 in F. */
static void slurms_classic_example(void **state)
{
    double b, c, e, f, user;
    (void)state;
    fair_factor_classic(0.2, 0.45, 30.0 / 40, 1, &b);
    fair_factor_classic(0.25, 0.45, 10.0 / 40, 1, &c);
    fair_factor_classic(0.25, 0.25, 25.0 / 60, 1, &e);
    fair_factor_classic(0, 0.25, 35.0 / 60, 1, &f);
    assert_true(fabs(b - 0.3875) < 1e-12 && fabs(c - 0.3) < 1e-12 && fabs(e - 0.25) < 1e-12);
    assert_true(fabs(f - 0.1458) < 5e-5);
    assert_true(fabs(fair_factor_classic(0.2, b, 1, 0.3, &user) - 0.408479) < 5e-7);
    assert_true(fabs(user - 0.3875) < 1e-12);
    assert_true(fabs(fair_factor_classic(0.25, c, 0.5, 0.05, &user) - 0.022097) < 5e-7);
    assert_true(fabs(user - 0.275) < 1e-12);
    assert_true(fabs(fair_factor_classic(0, c, 0.5, 0.05, &user) - 0.125) < 5e-7);
    assert_true(fabs(fair_factor_classic(0.25, e, 1, 0.25, &user) - 0.5) < 5e-7);
    assert_true(fabs(fair_factor_classic(0, f, 1, 0.35, &user) - 0.749154) < 5e-7);
    assert_true(fair_factor_classic(1, 1, 1, 1e-6, &user) == 0); /* 2^-1000000 */
}

/* ---- dominant resources ---- */

static void count_first(void *context, const struct job_record *r)
{
    int *running = context;
    running[r->job % 2] += r->start_us == 0;
}

/* Ghodsi et al., NSDI'11, section 4.1: 9 CPUs and 18 GB; tasks of 1 CPU and 4 GB, and of 3 CPUs and
 * 1 GB. The first user gets three of them, the second two. */
static void the_papers_example(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++)
        for (int skips = 0; skips < 2; skips++) {
            struct pool_spec pool = {
                .name = "p",
                .type = { .name = "n", .gpu_model = "", .cpu_milli = 9000, .mem_mib = 18 * 1024 },
                .nodes = 1,
                .purchase = { .option = purchase_option_find("on-demand") }
            };
            struct fleet_spec fleet = { .name = "f", .pools = &pool, .pool_n = 1 };
            fleet.scheduler.order = queue_order_find(skips ? "drf-skip" : "drf");
            fleet.scheduler.placement = placement_find("pack");
            struct world_options options = { .seed = 1 };
            struct error err = { STATUS_OK, "" };
            struct world_result result;
            struct workload w;
            int running[2] = { 0, 0 };
            struct observer obs = { .context = running, .job = count_first };
            simulate_workload_init(&w);
            for (int j = 0; j < 20; j++) named_job(&w, (j + first) % 2 ? "B" : "A", "", 0, 0, 100);
            simulate_seal(&w);
            for (int j = 0; j < 20; j++) {
                w.cpu_milli[j] = (j + first) % 2 ? 3000 : 1000;
                w.mem_mib[j] = (j + first) % 2 ? 1024 : 4096;
            }
            if (world_run(&w, &fleet, &options, &obs, &result, &err) != STATUS_OK)
                fail_msg("%s", err.message);
            assert_int_equal(running[first], 3); /* of tenant A */
            assert_int_equal(running[1 - first], 2);
            world_result_free(&result);
            workload_free(&w);
        }
}

/* ---- shares ---- */

/* Two tenants with more to do than there is: what each holds comes to be as its shares are. */
static void tenants_get_their_shares(void **state)
{
    static const char *const orders[] = { "fair-share", "fair-share-skip", "drf", "drf-skip",
                                          "multifactor" };
    (void)state;
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        struct named_number shares[] = { { "a", 3000000 } };
        struct workload w;
        struct schedule s;
        double got[2] = { 0, 0 };
        const int64_t hour = US_PER_HOUR, day = 24 * hour;
        simulate_workload_init(&w);
        for (int j = 0; j < 40000; j++) named_job(&w, j % 2 ? "b" : "a", "", 0, 1, hour);
        simulate_seal(&w);
        simulate(&w,
                 &(struct simulate_fleet){
                     .pools = { { 4, 8 } },
                     .order = orders[o],
                     .share = { .shares = shares, .share_n = 1, .weight_fairshare = 1 } },
                 &s);
        for (size_t j = 0; j < w.job_n; j++)
            if (s.end_us[j] <= 20 * day) got[j % 2] += (double)w.run_us[j];
        if (fabs(got[0] / got[1] - 3) > 0.05) fail_msg("%s: %.3f", orders[o], got[0] / got[1]);
        schedule_free(&s);
        workload_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_rules),
        cmocka_unit_test(usage_halves),
        cmocka_unit_test(usage_does_not_depend_on_who_looks),
        cmocka_unit_test(slurms_classic_example),
        cmocka_unit_test(the_papers_example),
        cmocka_unit_test(tenants_get_their_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
