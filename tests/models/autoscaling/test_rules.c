/* SPDX-License-Identifier: Apache-2.0 */
/* Autoscalers against cases worked by hand from the rules of their sources. */
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/autoscaling/expander.h"
#include "tests/simulate.h"

#define S INT64_C(1000000)
#define H (3600 * S)

static struct simulate_fleet fleet_of(int32_t nodes, int32_t coming, const struct autoscaler *kind,
                                      int64_t boot_us)
{
    struct simulate_fleet fleet = { .pools = { { nodes, 1 } },
                                    .coming = { coming },
                                    .autoscaler.kind = kind,
                                    .boot.scale_us = (double)boot_us };
    power_save_defaults(&fleet.autoscaler.power_save);
    tracking_defaults(&fleet.autoscaler.tracking);
    cluster_autoscaler_defaults(&fleet.autoscaler.cluster);
    return fleet;
}

/* Requested, ready, gone; in order of request. */
static void check_stays(const struct schedule *s, const int64_t (*stays)[3], size_t n)
{
    for (size_t i = 0; i < s->stay_n && i < n; i++)
        if (s->stays[i].up_us != stays[i][0] || s->stays[i].ready_us != stays[i][1] ||
            s->stays[i].down_us != stays[i][2])
            fail_msg("stay %zu is %.6f, %.6f .. %.6f", i, (double)s->stays[i].up_us / S,
                     (double)s->stays[i].ready_us / S, (double)s->stays[i].down_us / S);
    assert_int_equal(s->stay_n, n);
}

/* ---- as-needed ---- */

/* Three nodes of four GPUs; a job holds two of them until 105 s. One of six GPUs, on two nodes,
 * comes at 10 s: the third alone would be no use, so that nobody asks for it. */
static void no_node_for_half_a_gang(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(3, 3, &autoscaler_as_needed, 5 * S);
    fleet.pools[0].gpus = 4;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 8, 100 * S, -1, -1);
    simulate_add(&w, 10 * S, 6, 20 * S, -1, -1);
    simulate_once(&w, &fleet, &s);
    static const int64_t stays[][3] = { { 0, 5 * S, 125 * S }, { 0, 5 * S, 125 * S } };
    check_stays(&s, stays, 2);
    assert_int_equal(s.start_us[1], 105 * S);
    schedule_free(&s);
}

/* ---- slurm-power-save ---- */

static void suspends_after_suspend_time(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(4, 4, &autoscaler_slurm_power_save, 40 * S);
    fleet.autoscaler.power_save.suspend_time_us = 300 * S;
    fleet.books_us = 1000 * S;
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 1, 5 * S, 100 * S);
    simulate_once(&w, &fleet, &s);
    /* Idle from 145 s on, so at 450 s, when 445 s are over for the first time. */
    static const int64_t stays[][3] = { { 5 * S, 45 * S, 450 * S } };
    check_stays(&s, stays, 1);
    assert_int_equal(s.start_us[0], 45 * S);
    assert_int_equal(s.result.pools[0].bought_node_us, 445 * S);
    assert_int_equal(s.result.pools[0].booting_node_us, 40 * S);
    /* A dollar an hour for 445 s, rounded to a micro-dollar. */
    assert_int_equal(s.result.pools[0].cost_usd_micro, 123611);
    assert_int_equal(s.result.pools[0].nodes_started, 1);
    assert_int_equal(s.result.pools[0].most_nodes, 1);
    schedule_free(&s);
}

static void resumes_by_rate(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(4, 4, &autoscaler_slurm_power_save, 500 * S);
    fleet.autoscaler.power_save.resume_rate = 2;
    fleet.autoscaler.power_save.resume_timeout_us = 1000 * S;
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 4, 0, 100 * S);
    simulate_once(&w, &fleet, &s);
    /* Of 2, 2 x 5/6 = 1.67 are left after 10 s, which is 2; after 20 s 1.39, which is 1: one more.
     * Of 2.39 then 1.99, 1.66, 1.38. SuspendTime is INFINITE. */
    static const int64_t stays[][3] = { { 0, 500 * S, 650 * S },
                                        { 0, 500 * S, 650 * S },
                                        { 20 * S, 520 * S, 650 * S },
                                        { 50 * S, 550 * S, 650 * S } };
    check_stays(&s, stays, 4);
    schedule_free(&s);
}

static void gives_up_after_resume_timeout(void **state)
{
    struct workload w;
    struct schedule s;
    struct error err;
    size_t given_up = 0;
    struct simulate_fleet fleet = fleet_of(8, 8, &autoscaler_slurm_power_save, 0);
    (void)state;
    assert_int_equal(duration_lognormal(40 * S, 1, &fleet.boot, &err), STATUS_OK);
    fleet.autoscaler.power_save.suspend_time_us = 100 * S;
    simulate_workload_init(&w);
    for (int i = 0; i < 200; i++) simulate_add_singles(&w, 3, i * 1000 * S + 7 * S, 50 * S);
    simulate_once(&w, &fleet, &s);
    for (size_t i = 0; i < s.stay_n; i++) {
        const struct node_record *r = &s.stays[i];
        int64_t boot_us = (r->ready_us < 0 ? r->down_us : r->ready_us) - r->up_us;
        if (r->down_us == s.result.books_us) continue;
        given_up += r->ready_us < 0;
        /* At the first look after 60 s: the next multiple of 10 s, or a change before that. */
        assert_true(r->ready_us < 0 ? boot_us > 60 * S && boot_us <= 70 * S : boot_us <= 70 * S);
    }
    /* P(boot > 60 s) = 34%. */
    assert_true(given_up > s.stay_n / 5 && given_up < s.stay_n / 2);
    schedule_free(&s);
}

static void suspends_by_rate(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(3, 3, &autoscaler_slurm_power_save, 10 * S);
    fleet.autoscaler.power_save.suspend_time_us = 0;
    fleet.autoscaler.power_save.suspend_rate = 1;
    fleet.books_us = 1000 * S;
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 3, 0, 91 * S);
    simulate_once(&w, &fleet, &s);
    /* Idle at 101 s, not before it until 110 s. Then 1; 0.83, 0.69, 0.58 are 1; 0.48 is not, 40 s
     * later. Of 1.48 then 1.23 .. 0.71, 0.59 and 0.50 (five steps), 0.4956 at the sixth. */
    static const int64_t stays[][3] = { { 0, 10 * S, 110 * S },
                                        { 0, 10 * S, 150 * S },
                                        { 0, 10 * S, 210 * S } };
    check_stays(&s, stays, 3);
    schedule_free(&s);
}

/* ---- target-tracking ---- */

/* EC2 Auto Scaling user guide, "Scaling based on Amazon SQS": 10 nodes, 1,500 messages, 0.1 s each,
 * a latency of 10 s: 15 nodes. */
static void tracks_the_backlog(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(40, 30, &autoscaler_target_tracking, 0);
    fleet.autoscaler.tracking.measure = TRACK_QUEUE;
    fleet.autoscaler.tracking.wait_us = 10 * S;
    fleet.autoscaler.tracking.job_us = S / 10;
    fleet.books_us = 200 * S;
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 1510, 0, 1000 * S);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.result.pools[0].most_nodes, 15);
    assert_int_equal(s.stay_n, 15);
    for (size_t i = 10; i < 15; i++) assert_int_equal(s.stays[i].up_us, 120 * S);
    schedule_free(&s);
}

static void tracks_utilization(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(10, 8, &autoscaler_target_tracking, 0);
    fleet.autoscaler.tracking.target_ppm = 500000;
    fleet.books_us = 3000 * S;
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 1, 0, 1000 * S);
    simulate_add_singles(&w, 1, 0, 2900 * S);
    simulate_once(&w, &fleet, &s);
    /* All of 2 nodes is held: at the third point there are 4. One of 4 is held from 1,000 s on: 2
     * are enough, at the fifteenth point from 1,020 s on. */
    int64_t gone = 0;
    assert_int_equal(s.stay_n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(s.stays[i].up_us, i < 2 ? 0 : 120 * S);
        gone += s.stays[i].down_us == 1860 * S;
    }
    assert_int_equal(gone, 2);
    schedule_free(&s);
}

/* ---- cluster-autoscaler ---- */

/* expander/waste/waste_test.go, TestLeastWaste: a pod of half a core and 1,000 MiB; nodes of 16 of
 * both, with twice the memory, with half the cores. */
static void wastes_least(void **state)
{
    const struct expansion all[] = {
        { 0, 1, 1, 500, 1000, 16 * 500, 16 * 1000, 0, 0, 0 },
        { 1, 1, 1, 500, 1000, 16 * 500, 32 * 1000, 0, 0, 0 },
        { 2, 1, 1, 500, 1000, 8 * 500, 16 * 1000, 0, 0, 0 },
    };
    (void)state;
    assert_int_equal(expander_best(EXPANDER_LEAST_WASTE, all, 1, 7), 0);
    assert_int_equal(expander_best(EXPANDER_LEAST_WASTE, all, 2, 7), 0);
    assert_int_equal(expander_best(EXPANDER_LEAST_WASTE, all, 3, 7), 2);
}

static void other_expanders(void **state)
{
    const struct expansion all[] = {
        { 0, 4, 8, 0, 0, 0, 0, 10, 40, 0 },
        { 1, 2, 8, 0, 0, 0, 0, 30, 40, 0 },
        { 2, 3, 9, 0, 0, 0, 0, 12, 40, 0 },
        { 3, 2, 1, 0, 0, 0, 0, 1, 40, 1 },
    };
    int seen = 0;
    (void)state;
    assert_int_equal(expander_best(EXPANDER_MOST_PODS, all, 4, 5), 2);
    assert_int_equal(expander_best(EXPANDER_PRIORITY, all + 1, 3, 5), 0);
    assert_int_equal(expander_best(EXPANDER_LEAST_NODES, all, 4, 2), 1); /* ties by the draw */
    assert_int_equal(expander_best(EXPANDER_LEAST_NODES, all, 4, 3), 3);
    /* $36 is less than $40 and $60; $2 is not, times 1000 less what tanh(1/15) takes off. */
    assert_int_equal(expander_best(EXPANDER_PRICE, all, 4, 5), 2);
    for (uint64_t draw = 0; draw < 4; draw++)
        seen |= 1 << expander_best(EXPANDER_RANDOM, all, 4, draw);
    assert_int_equal(seen, 15);
}

/* A job of 10 GPUs on nodes of 8 is two pods. Boots of 20 minutes are always given up: that is an
 * error, and no end. */
static void nodes_that_never_come(void **state)
{
    struct workload w;
    struct schedule s;
    struct error err;
    struct simulate_fleet fleet = fleet_of(2, 2, &autoscaler_cluster, 1200 * S);
    (void)state;
    fleet.pools[0].gpus = 8;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 10, 10 * S, -1, -1);
    simulate_seal(&w);
    assert_int_equal(simulate_status(&w, &fleet, &s, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "no job has started"));
    schedule_free(&s);
    workload_free(&w);
}

static void scans_and_shrinks(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(4, 4, &autoscaler_cluster, 180 * S);
    fleet.books_us = 4000 * S;
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 2, 5 * S, 100 * S);
    simulate_add_singles(&w, 1, 200 * S, 300 * S);
    simulate_once(&w, &fleet, &s);
    /* Seen at the scan at 10 s; the third at 200 s, though it is on a freed node at 290 s, until
     * 590 s. Unneeded from 590 s, 290 s and 380 s on, for 10 minutes. */
    static const int64_t stays[][3] = { { 10 * S, 190 * S, 1190 * S },
                                        { 10 * S, 190 * S, 890 * S },
                                        { 200 * S, 380 * S, 980 * S } };
    assert_int_equal(s.start_us[2], 290 * S);
    check_stays(&s, stays, 3);
    schedule_free(&s);
}

/* ---- schedule ---- */

static void keeps_to_the_week(void **state)
{
    static const struct week_step steps[] = { { 8 * H, 0, 3 }, { 20 * H, 0, 0 } };
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(4, 4, &autoscaler_schedule, 60 * S);
    fleet.autoscaler.schedule = (struct schedule_options){ steps, 2 };
    fleet.books_us = 8 * 24 * H;
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 1, H, 60 * S);
    simulate_add_singles(&w, 1, 19 * H, 2 * H);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.start_us[0], 8 * H + 60 * S);
    /* Busy nodes go when they are not; then a week later. */
    int64_t week = 7 * 24 * H;
    const int64_t stays[][3] = { { 8 * H, 8 * H + 60 * S, 21 * H },
                                 { 8 * H, 8 * H + 60 * S, 20 * H },
                                 { 8 * H, 8 * H + 60 * S, 20 * H },
                                 { week + 8 * H, week + 8 * H + 60 * S, week + 20 * H },
                                 { week + 8 * H, week + 8 * H + 60 * S, week + 20 * H },
                                 { week + 8 * H, week + 8 * H + 60 * S, week + 20 * H } };
    check_stays(&s, stays, 6);
    schedule_free(&s);
}

/* ---- the bill ---- */

/* A life of 10 s costs a minute; what is billed beyond the books is not in them. */
static void a_short_life_costs_a_minute(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(1, 1, &autoscaler_as_needed, 0);
    fleet.books_us = 1000 * S;
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 1, 5 * S, 10 * S);
    simulate_add_singles(&w, 1, 970 * S, 10 * S);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.result.pools[0].bought_node_us, 20 * S);
    assert_int_equal(s.result.pools[0].billed_node_us, (60 + 30) * S);
    assert_int_equal(s.result.pools[0].cost_usd_micro, 25000);
    schedule_free(&s);
}

/* Nodes that are wanted at one instant are one change: they are asked for when its lead is over,
 * and bought from then on. Each change takes two hours of work at $90. */
static void people_take_their_time(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(4, 4, &autoscaler_as_needed, 40 * S);
    const struct service_kind *kind = service_kinds;
    const struct service_price_unit *per = service_price_units;
    struct error err;
    (void)state;
    while (kind->unit != SERVICE_PERSON_HOUR) kind++;
    while (per->unit != SERVICE_PERSON_HOUR) per++;
    const struct fleet_service people = { .kind = kind,
                                          .name = "people",
                                          .per = per,
                                          .usd_nano = INT64_C(90000000000),
                                          .amount = 2 * 3600 * S };
    fleet.services = (struct fleet_services){ 1, &people };
    fleet.provisioning.way = &provisioning_ways[0];
    duration_constant(100 * S, &fleet.provisioning.lead, &err);
    fleet.books_us = 1000 * S;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 2, 5 * S, 60 * S);   /* two nodes: up at 5 s, both down at 205 s */
    simulate_add_singles(&w, 1, 300 * S, 10 * S); /* up at 300 s, down at 450 s */
    simulate_add_singles(&w, 1, 980 * S,
                         10 * S); /* up at 980 s; what follows is not in the books */
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.start_us[0], 145 * S);
    assert_int_equal(s.start_us[1], 145 * S);
    assert_int_equal(s.start_us[2], 440 * S);
    static const int64_t stays[][3] = { { 105 * S, 145 * S, 205 * S },
                                        { 105 * S, 145 * S, 205 * S },
                                        { 400 * S, 440 * S, 450 * S } };
    check_stays(&s, stays, 3);
    assert_int_equal(s.result.pools[0].bought_node_us, (100 + 100 + 50) * S);
    assert_int_equal(s.result.pools[0].booting_node_us, 3 * 40 * S);
    assert_int_equal(s.result.service_n, 1);
    assert_int_equal(s.result.services[0].fleet_usd_micro, 5 * 180 * INT64_C(1000000));
    assert_int_equal(s.result.services[0].jobs_usd_micro, 0);
    assert_true(s.result.services[0].quantity > 9.999 && s.result.services[0].quantity < 10.001);
    schedule_free(&s);
}

/* Not wanted any more before they were asked for: nobody bills them. */
static void what_is_not_asked_for_is_not_billed(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(2, 1, &autoscaler_as_needed, 40 * S);
    struct error err;
    (void)state;
    fleet.provisioning.way = &provisioning_ways[1];
    duration_constant(100 * S, &fleet.provisioning.lead, &err);
    simulate_workload_init(&w);
    simulate_add_singles(&w, 1, 0, 60 * S);
    simulate_add_singles(&w, 1, 10 * S, 60 * S); /* waits for the node that is there until 60 s */
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.start_us[1], 60 * S);
    assert_int_equal(s.result.pools[0].nodes_started, 1);
    assert_int_equal(s.result.pools[0].bought_node_us, 120 * S);
    assert_int_equal(s.result.pools[0].booting_node_us, 0);
    schedule_free(&s);
}

/* Leads are drawn by pool and change; the same of two fleets. */
static void leads_are_drawn(void **state)
{
    struct schedule s[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct workload w;
        struct simulate_fleet fleet = fleet_of(4, 4, &autoscaler_as_needed, (40 + 100 * i) * S);
        struct error err;
        fleet.provisioning.way = &provisioning_ways[0];
        duration_lognormal(1000.0 * S, 0.5, &fleet.provisioning.lead, &err);
        simulate_workload_init(&w);
        simulate_add_singles(&w, 2, 0, 60 * S);
        simulate_add_singles(&w, 1, 1000000 * S, 60 * S);
        simulate_once(&w, &fleet, &s[i]);
        assert_int_equal(s[i].start_us[0], s[i].start_us[1]);
        assert_true(s[i].start_us[2] - 1000000 * S != s[i].start_us[0]);
    }
    for (int j = 0; j < 3; j++) assert_int_equal(s[1].start_us[j] - s[0].start_us[j], 100 * S);
    schedule_free(&s[0]);
    schedule_free(&s[1]);
}

/* Two stays of 61 s within an hour, and one of 90 min that the books cut after 30 min. */
static void stays_are_rounded_up_each(void **state)
{
    static const struct {
        const char *rule;
        int64_t billed_us;
    } rules[] = {
        { "ec2", (61 + 61 + 1800) * S },
        { "gce", (61 + 61 + 1800) * S },
        { "minute", (120 + 120 + 1800) * S },
        { "hour", (3600 + 3600 + 1800) * S },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of(1, 1, &autoscaler_as_needed, 0);
        fleet.books_us = 4 * 3600 * S;
        fleet.billing = billing_rule_find(rules[i].rule);
        assert_non_null(fleet.billing);
        simulate_workload_init(&w);
        simulate_add_singles(&w, 1, 5 * S, 61 * S);
        simulate_add_singles(&w, 1, 1000 * S, 61 * S);
        simulate_add_singles(&w, 1, (4 * 3600 - 1800) * S, 5400 * S);
        simulate_once(&w, &fleet, &s);
        assert_int_equal(s.result.pools[0].bought_node_us, (61 + 61 + 1800) * S);
        assert_int_equal(s.result.pools[0].billed_node_us, rules[i].billed_us);
        assert_int_equal(s.result.pools[0].cost_usd_micro, (rules[i].billed_us + 1800) / 3600);
        assert_int_equal(s.result.pools[0].charge[CHARGE_ON_DEMAND].jobs_usd_micro,
                         (61 + 61 + 1800) * S / 3600);
        schedule_free(&s);
    }
}

/* Nodes that come and go, and fail while they are there: each failure is of a node that was ready,
 * and a node that is down is not sent away. */
static void nodes_that_fail(void **state)
{
    struct workload w;
    struct schedule s;
    struct error err;
    struct failure_spec failures = { .by_node = true };
    struct simulate_fleet fleet = fleet_of(8, 8, &autoscaler_cluster, 60 * S);
    int64_t there_us = 0;
    (void)state;
    fleet.failures = &failures;
    fleet.autoscaler.cluster.unneeded_us = 60 * S;
    fleet.autoscaler.cluster.after_add_us = 0;
    assert_int_equal(duration_exponential(3000 * S, &failures.node, &err), STATUS_OK);
    assert_int_equal(duration_constant(500 * S, &failures.repair, &err), STATUS_OK);
    simulate_workload_init(&w);
    for (int i = 0; i < 400; i++) simulate_add_singles(&w, i % 7, i * 1000 * S, 400 * S);
    simulate_once(&w, &fleet, &s);
    const struct pool_result *p = &s.result.pools[0];
    for (size_t i = 0; i < s.stay_n; i++)
        if (s.stays[i].ready_us >= 0) there_us += s.stays[i].down_us - s.stays[i].ready_us;
    /* Up for 3,000 s, down for 500 s; within five standard errors of a Poisson count. */
    double expected = (double)(there_us - p->down_gpu_us) / (3000.0 * S);
    double apart = (double)s.result.node_failures - expected;
    assert_true(expected > 100 && apart * apart < 25 * expected);
    assert_true(p->down_gpu_us > s.result.node_failures * 500 * S * 9 / 10);
    assert_int_equal(s.result.finished, 57 * 21 /* 0 + 1 + .. + 6 in each 7 */);
    schedule_free(&s);
}

/* Who asks for nothing leaves jobs waiting for ever: an error, and no end. */
static void waiting_for_ever_is_an_error(void **state)
{
    struct workload w;
    struct schedule s;
    struct error err;
    struct simulate_fleet fleet = fleet_of(1, 1, &autoscaler_schedule, 0);
    (void)state;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 2, 0, 10 * S);
    simulate_seal(&w);
    assert_int_equal(simulate_status(&w, &fleet, &s, &err), STATUS_BAD_INPUT);
    assert_string_equal(
        err.message, "2 jobs wait for nodes for ever: the autoscaler 'schedule' asks for no more");
    workload_free(&w);
    schedule_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_node_for_half_a_gang),
        cmocka_unit_test(suspends_after_suspend_time),
        cmocka_unit_test(resumes_by_rate),
        cmocka_unit_test(suspends_by_rate),
        cmocka_unit_test(gives_up_after_resume_timeout),
        cmocka_unit_test(tracks_the_backlog),
        cmocka_unit_test(tracks_utilization),
        cmocka_unit_test(wastes_least),
        cmocka_unit_test(other_expanders),
        cmocka_unit_test(scans_and_shrinks),
        cmocka_unit_test(nodes_that_never_come),
        cmocka_unit_test(keeps_to_the_week),
        cmocka_unit_test(a_short_life_costs_a_minute),
        cmocka_unit_test(people_take_their_time),
        cmocka_unit_test(what_is_not_asked_for_is_not_billed),
        cmocka_unit_test(leads_are_drawn),
        cmocka_unit_test(stays_are_rounded_up_each),
        cmocka_unit_test(nodes_that_fail),
        cmocka_unit_test(waiting_for_ever_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
