/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that are taken back: by hand; against the same nodes with outages, which have rules of
 * their own (tests/models/test_outages.c), job by job under every order; against exact answers.
 */
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/pricing/metering.h"
#include "models/scheduling/scheduler.h"
#include "tests/estimate.h"
#include "tests/random_world.h"
#include "tests/simulate.h"

#define S    INT64_C(1000000)
#define HOUR (3600 * S)
enum { OUTAGES_MAX = 64 };

static int64_t jobs_usd(const struct schedule *s, enum charge_kind kind)
{
    return s->result.pools[0].charge[kind].jobs_usd_micro;
}

static int64_t idle_usd(const struct schedule *s, enum charge_kind kind)
{
    return s->result.pools[0].charge[kind].idle_usd_micro;
}

/*
 * Two nodes of 4 GPUs at a dollar an hour; the first is taken at 5,000 s and again at 8,000 s, and
 * told 120 s before. A job of 10,000 s on 4 GPUs:
 *
 *      node 0   [0, 4880) job, [4880, 5000) notice      back at 6000: [6000, 7880), [7880, 8000)
 *      node 1   [4880, ...) job
 *
 * The first life was longer than an hour, the second was not, and costs nothing. The job saves all
 * it has done: it ends at 10,000 s.
 */
static void the_notice_saves_what_was_done(void **state)
{
    static const struct outage log[] = { { 5000 * S, 6000 * S, 0 }, { 8000 * S, 20000 * S, 0 } };
    struct simulate_fleet fleet = {
        .pools = { { 2, 4 } },
        .supply = { { .takes_back = true, .notice_us = 120 * S, .log = log, .log_n = 2 } }
    };
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 4, 10000 * S, -1, -1);
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    assert_int_equal(s.end_us[0], 10000 * S);
    assert_int_equal(s.first_node[0], 1);
    assert_int_equal(s.lost_us[0], 0);
    assert_int_equal(s.result.node_reclaims, 2);
    assert_int_equal(s.result.job_reclaims, 1);
    assert_int_equal(s.result.node_failures, 0);
    assert_int_equal(s.stay_n, 3);
    assert_int_equal(s.stays[0].down_us, 5000 * S);
    assert_int_equal(s.stays[1].down_us, 10000 * S); /* node 1 */
    assert_int_equal(s.stays[2].up_us, 6000 * S);
    assert_int_equal(s.stays[2].down_us, 8000 * S);
    assert_int_equal(s.stays[2].cost_usd_micro, 0);
    /* 5000 + 10000 + 2000 s bought, 10000 s held, 2000 s free: $1 an hour each. */
    assert_int_equal(s.result.pools[0].bought_node_us, 17000 * S);
    assert_int_equal(jobs_usd(&s, CHARGE_SPOT), 2777777);
    assert_int_equal(idle_usd(&s, CHARGE_SPOT), 4722222 - 2777777);
    assert_int_equal(idle_usd(&s, CHARGE_FREE), -555556);
    assert_int_equal(s.result.pools[0].cost_usd_micro, 4722222 - 555556);
    schedule_free(&s);

    /* A checkpoint of 121 s is not through in time: all is done again, on the other node. */
    fleet.restart.write = (struct gpu_costs){ .at = { { 0, 121 * S } }, .n = 1 };
    simulate(&w, &fleet, &s);
    assert_int_equal(s.end_us[0], 14880 * S);
    assert_int_equal(s.lost_us[0], 4880 * S);
    assert_true(s.result.lost_to_reclaim * 3600 > 4 * 4880 - 0.001 &&
                s.result.lost_to_reclaim * 3600 < 4 * 4880 + 0.001);
    schedule_free(&s);

    /* One each 1000 s, of 50 s: at 4880 s there were four, and 680 s more are done. With the last
     * one in the notice nothing of that is lost but the writing. */
    fleet.restart.checkpoint = CHECKPOINT_INTERVAL;
    fleet.restart.interval_us = 1000 * S;
    fleet.restart.write.at[0].us = 50 * S;
    simulate(&w, &fleet, &s);
    assert_int_equal(s.end_us[0], 4880 * S + (10000 - 4680) * S + 5 * 50 * S);
    assert_int_equal(s.lost_us[0], (4 + 5) * 50 * S);
    assert_true(s.result.lost_to_reclaim == 0);
    schedule_free(&s);
    workload_free(&w);
}

/* A node-hour costs 1 dollar in the first hour, 2 in the second, 3 after it. A job on 2 of 4 GPUs
 * from half an hour to two and a half holds half of 0.5 + 2 + 1.5 dollars of 6. */
static void prices_change_with_the_hour(void **state)
{
    static const struct outage never[] = { { 100 * HOUR, 101 * HOUR, 0 } };
    static const struct price_step steps[] = { { 0, 1000000000 },
                                               { HOUR, 2000000000 },
                                               { 2 * HOUR, 3000000000 } };
    struct price_trace prices;
    struct price_repairs repairs;
    struct error err;
    struct workload w;
    struct schedule s;
    (void)state;
    assert_int_equal(price_trace_init(&prices, steps, 3, &repairs, &err), STATUS_OK);
    struct simulate_fleet fleet = { .pools = { { 1, 4 } },
                                    .prices = &prices,
                                    .supply = { { .takes_back = true, .log = never, .log_n = 1 } },
                                    .books_us = 3 * HOUR };
    simulate_workload_init(&w);
    simulate_add(&w, HOUR / 2, 2, 2 * HOUR, -1, -1);
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    assert_int_equal(jobs_usd(&s, CHARGE_SPOT), 2000000);
    assert_int_equal(idle_usd(&s, CHARGE_SPOT), 4000000);
    assert_int_equal(s.result.jobs_usd_micro, 2000000);
    assert_int_equal(s.result.pools[0].cost_usd_micro, 6000000);
    assert_int_equal(s.stays[0].cost_usd_micro, 6000000);
    schedule_free(&s);
    workload_free(&w);
    price_trace_free(&prices);
}

/* A gang on three nodes loses all of them with one; what it had is free for others at once, but on
 * the node that goes nobody starts. */
static void a_gang_goes_with_any_of_its_nodes(void **state)
{
    static const struct outage log[] = { { 600 * S, 900 * S, 1 } };
    struct simulate_fleet fleet = {
        .pools = { { 3, 4 } },
        .supply = { { .takes_back = true, .notice_us = 100 * S, .log = log, .log_n = 1 } }
    };
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 12, 1000 * S, -1, -1);
    simulate_add(&w, 400 * S, 4, 100 * S, -1, -1); /* waits, and has node 0 at 500 s */
    simulate_seal(&w);
    fleet.order = "fifo-skip";
    assert_int_equal(duration_constant(50 * S, &fleet.boot, &(struct error){ 0 }), STATUS_OK);
    simulate(&w, &fleet, &s);
    assert_int_equal(s.start_us[1], 500 * S);
    assert_int_equal(s.first_node[1], 0);
    /* Node 1 is asked for again at 900 s, and ready at 950 s. */
    assert_int_equal(s.end_us[0], (950 + 500) * S);
    assert_int_equal(s.result.pools[0].booting_node_us, 50 * S);
    assert_int_equal(s.result.pools[0].most_nodes, 3);
    schedule_free(&s);
    workload_free(&w);
}

/* For one seed in three, where jobs that wait are lifted to the first level, and so may take turns:
 * restarts may leave no time for work then, for ever. */
static void random_promotion(uint64_t seed, struct simulate_fleet *fleet)
{
    struct draw d = { random_key(seed, 24), 0 };
    if (seed % 3 != 0) return;
    fleet->levels.quantum_us = 1 + below(&d, 4);
    fleet->levels.promote_ppm = 1 + below(&d, 5) * 500000;
    fleet->restart = (struct restart_options){ 0 };
}

/* Of each node none, one or several, apart: a pool that has its nodes as soon as they can be had,
 * and no boots, is one whose nodes fail and are repaired. They go at even times and come at odd
 * ones: of two nodes that change at one instant the one that goes is first here, and there the one
 * of the lower number, which reservations tell apart. */
static void nodes_taken_back_are_nodes_with_outages(void **state)
{
    uint64_t seeds = seeds_or(300) / 2, stopped = 0;
    static struct outage log[SIMULATE_POOLS_MAX][OUTAGES_MAX];
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 21), 0 };
        struct simulate_fleet with_outages, spot;
        struct workload w;
        int largest = random_fleet(&d, &with_outages);
        random_workload(&d, 10 + below(&d, 30), largest, (enum limits)below(&d, 4), &w);
        random_restart(&d, &with_outages.restart);
        with_outages.permit.timeout_us = 1 + below(&d, 6);
        with_outages.permit.backoff_us = 1 + below(&d, 3);
        with_outages.books_us = 100 + below(&d, 100);
        random_promotion(seed, &with_outages);
        spot = with_outages;
        for (int p = 0; p < SIMULATE_POOLS_MAX && spot.pools[p].nodes > 0; p++) {
            size_t n = 0;
            for (int node = 0; node < spot.pools[p].nodes; node++)
                for (int i = below(&d, 4), at = 0; i > 0 && n < OUTAGES_MAX; i--) {
                    at += 2 + 2 * below(&d, 6);
                    int until = at + 1 + 2 * below(&d, 3);
                    log[p][n++] = (struct outage){ at, until, node };
                    at = until - 1;
                }
            with_outages.outages[p] = (struct simulate_outages){ log[p], n };
            spot.supply[p] = (struct supply_spec){ .takes_back = true, .log = log[p], .log_n = n };
        }
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            struct schedule a, b;
            if (o->rank > RANK_SHARES_ISOLATED) continue; /* linear programs */
            with_outages.order = spot.order = o->name;
            struct error ea, eb;
            enum status sa = simulate_status(&w, &with_outages, &a, &ea),
                        sb = simulate_status(&w, &spot, &b, &eb);
            assert_int_equal(sa, sb);
            for (size_t j = 0; sa == STATUS_OK && j < w.job_n; j++)
                if (a.start_us[j] != b.start_us[j] || a.end_us[j] != b.end_us[j] ||
                    a.first_node[j] != b.first_node[j] || a.lost_us[j] != b.lost_us[j])
                    fail_msg("seed %llu, %s: job %zu", (unsigned long long)seed, o->name, j);
            for (int p = 0; sa == STATUS_OK && p < b.result.pool_n; p++) {
                const struct pool_result *x = &a.result.pools[p], *y = &b.result.pools[p];
                assert_int_equal(x->bought_gpu_us - x->down_gpu_us, y->bought_gpu_us);
                assert_int_equal(x->busy_gpu_us, y->busy_gpu_us);
            }
            if (sa == STATUS_OK) {
                assert_int_equal(a.result.job_failures, b.result.job_reclaims);
                assert_true(a.result.lost_to_failure == b.result.lost_to_reclaim);
                stopped += (uint64_t)b.result.job_reclaims;
            }
            schedule_free(&a);
            schedule_free(&b);
        }
        workload_free(&w);
    }
    assert_true(stopped > 10 * seeds);
}

/* ---- fallback ---- */

/* A spot node is out from 10 s to 100 s, told at 8 s; an other one is free. A job of 50 s with a
 * deadline at 100 s, changeovers of 5 s:
 *
 *      spot       [0, 8)
 *      waits      [8, 48)      at 48 s 42 s of work and 10 s are left to 100 s
 *      other      [48, 90)
 */
static void deadlines_are_kept_from_the_safety_net(void **state)
{
    struct outage log[] = { { 10 * S, 100 * S, 0 } };
    struct simulate_fleet fleet = {
        .pools = { { 1, 1 }, { 1, 1 } },
        .supply = { { .takes_back = true, .notice_us = 2 * S, .log = log, .log_n = 1 } },
        .fallback = { .rule = FALLBACK_SAFETY_NET, .changeover_us = 5 * S },
    };
    static const char *const orders[] = { "fifo-skip", "sjf-skip" };
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, 50 * S, -1, -1);
    simulate_seal(&w);
    w.deadline_us[0] = 100 * S;
    for (int i = 0; i < 2; i++) {
        fleet.order = orders[i];
        log[0].up_us = 100 * S;
        simulate(&w, &fleet, &s);
        assert_int_equal(s.wait_us[0], 40 * S);
        assert_int_equal(s.end_us[0], 90 * S);
        assert_int_equal(s.first_node[0], 1);
        schedule_free(&s);

        /* Back in time, it is taken again. */
        log[0].up_us = 40 * S;
        simulate(&w, &fleet, &s);
        assert_int_equal(s.end_us[0], 82 * S);
        assert_int_equal(s.first_node[0], 0);
        schedule_free(&s);

        /* Too late from the beginning: 50 s and 10 s do not fit. */
        w.deadline_us[0] = 60 * S - 1;
        simulate(&w, &fleet, &s);
        assert_int_equal(s.end_us[0], 50 * S);
        assert_int_equal(s.first_node[0], 1);
        schedule_free(&s);
        w.deadline_us[0] = 100 * S;
    }

    /* Without a deadline nobody is late. */
    w.deadline_us[0] = -1;
    log[0].up_us = 100 * S;
    simulate(&w, &fleet, &s);
    assert_int_equal(s.end_us[0], 142 * S);
    schedule_free(&s);
    workload_free(&w);
}

/* Under every order that can: where there are other nodes enough, no job is late that could be in
 * time by itself. */
static void queues_let_jobs_go(void **state)
{
    int64_t moved = 0, worlds = 0;
    (void)state;
    for (uint64_t seed = 1, seeds = seeds_or(300); seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 22), 0 };
        struct outage log[SPOT_OUTAGES];
        struct simulate_fleet fleet = { .pools = { { 3, 2 }, { 200, 2 } },
                                        .fallback = { .rule = FALLBACK_SAFETY_NET } };
        struct workload w;
        three_spot_nodes(&d, log, &fleet.supply[0]);
        random_workload(&d, 30, 2, LIMITS_NONE, &w);
        for (size_t j = 0; j < w.job_n; j++)
            w.deadline_us[j] = w.submit_us[j] + w.run_us[j] + 1 + below(&d, 60);
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            struct schedule s;
            if (!scheduler_can_fall_back(o, FALLBACK_SAFETY_NET)) continue;
            fleet.order = o->name;
            simulate(&w, &fleet, &s);
            for (size_t j = 0; j < w.job_n; j++) {
                if (s.end_us[j] > w.deadline_us[j])
                    fail_msg("seed %llu, %s: job %zu is late", (unsigned long long)seed, o->name,
                             j);
                moved += s.first_node[j] >= 3;
            }
            worlds++;
            schedule_free(&s);
        }
        workload_free(&w);
    }
    assert_true(moved > worlds); /* and many were not */
    assert_true(moved < 29 * worlds);
}

/* Under every order that can, among other stops: who was taken back twice ends on another node. */
static void two_reclaims_are_enough(void **state)
{
    uint64_t seeds = seeds_or(300) / 2, moved = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 23), 0 };
        struct outage log[40];
        struct simulate_fleet fleet = { .pools = { { 3, 4 }, { 2, 4 } },
                                        .fallback = { .rule = FALLBACK_AFTER_RECLAIMS,
                                                      .reclaims = 2 } };
        struct workload w;
        size_t n = 0;
        for (int node = 0; node < 3; node++)
            for (int i = 0, at = 0; i < 8; i++) {
                at += 1 + below(&d, 10);
                log[n++] = (struct outage){ at, at + 1 + below(&d, 5), node };
                at += 6;
            }
        fleet.supply[0] =
            (struct supply_spec){ .takes_back = true, .log = log, .log_n = n, .log_us = 200 };
        random_workload(&d, 10 + below(&d, 30), 8, (enum limits)below(&d, 4), &w);
        random_restart(&d, &fleet.restart);
        fleet.permit.timeout_us = 1 + below(&d, 6);
        fleet.permit.backoff_us = 1 + below(&d, 3);
        random_promotion(seed, &fleet);
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            struct schedule s;
            if (!scheduler_can_fall_back(o, FALLBACK_AFTER_RECLAIMS)) continue;
            fleet.order = o->name;
            simulate(&w, &fleet, &s);
            for (size_t j = 0; j < w.job_n; j++) {
                bool other = s.first_node[j] >= 3, fits = w.gpu_milli[j] <= 8000;
                if (other != (fits && s.reclaims[j] >= 2))
                    fail_msg("seed %llu, %s: job %zu ends on node %d after %u reclaims",
                             (unsigned long long)seed, o->name, j, s.first_node[j], s.reclaims[j]);
                moved += other;
            }
            schedule_free(&s);
        }
        workload_free(&w);
    }
    assert_true(moved > seeds);
}

/* ---- exact answers ---- */

#define UNIT_US 1e6

/* Of ../shared/oracles: work that starts anew where its only node is taken (Duda 1983; Asmussen et
 * al. 2008), and what is billed of it: every running hour. */
static void work_on_spot_takes_as_long_as_theory_says(void **state)
{
    static const struct {
        const char *name;
        double work, shape, scale, delay, mean_time, mean_billed;
    } works[] = {
        { "spot-01", 4, 1, 10, 0.25, 5.041203150823021, 4.9182469764127035 },
        { "spot-02", 10, 1, 20, 0.1, 13.039297541072576, 12.974425414002562 },
        { "spot-05", 5, 0.7, 10, 0.5, 6.955844597264583, 6.530486953128664 },
        { "spot-07", 8, 1.5, 12, 0.2, 11.38018908472482, 11.235498065084853 },
    };
    int64_t worlds = getenv("SEATRIAL_SLOW") ? 3000 : 40000;
    (void)state;
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        struct simulate_fleet fleet = {
            .pools = { { 1, 1 } },
            .supply = { { .takes_back = true, .by_node = true, .batch_ppm = 1000000 } },
            .restart = { .checkpoint = CHECKPOINT_NEVER }
        };
        struct estimate time = { 0 }, billed = { 0 };
        struct workload w;
        struct error err;
        simulate_workload_init(&w);
        simulate_add(&w, 0, 1, (int64_t)(works[i].work * UNIT_US), -1, -1);
        simulate_seal(&w);
        assert_int_equal(duration_weibull(works[i].shape, works[i].scale * UNIT_US,
                                          &fleet.supply[0].up, &err),
                         STATUS_OK);
        assert_int_equal(duration_constant((int64_t)(works[i].delay * UNIT_US),
                                           &fleet.supply[0].down, &err),
                         STATUS_OK);
        for (int64_t k = 1; k <= worlds; k++) {
            struct schedule s;
            fleet.seed = (uint64_t)k;
            simulate(&w, &fleet, &s);
            estimate_add(&time, (double)s.end_us[0] / UNIT_US);
            estimate_add(&billed, (double)s.result.pools[0].bought_node_us / UNIT_US);
            schedule_free(&s);
        }
        estimate_agrees(works[i].name, "the time", &time, works[i].mean_time,
                        works[i].mean_time * 1.05);
        estimate_agrees(works[i].name, "billed", &billed, works[i].mean_billed,
                        works[i].mean_billed * 1.05);
        workload_free(&w);
    }
}

/* spot-04: after three reclaims on another node. A delay is a boot, on either; spot nodes can be
 * had at once. */
static void three_attempts_and_then_on_demand(void **state)
{
    int64_t worlds = getenv("SEATRIAL_SLOW") ? 4000 : 60000;
    struct simulate_fleet fleet = {
        .pools = { { 1, 1 }, { 1, 1 } },
        .coming = { 0, 1 },
        .autoscaler = { .kind = &autoscaler_as_needed },
        .supply = { { .takes_back = true, .by_node = true, .batch_ppm = 1000000 } },
        .fallback = { .rule = FALLBACK_AFTER_RECLAIMS, .reclaims = 3 },
        .restart = { .checkpoint = CHECKPOINT_NEVER },
    };
    struct estimate time = { 0 }, fell = { 0 }, spot = { 0 }, cost = { 0 };
    struct workload w;
    struct error err;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, 6 * 1000000, -1, -1);
    simulate_seal(&w);
    assert_int_equal(duration_exponential(5 * UNIT_US, &fleet.supply[0].up, &err), STATUS_OK);
    assert_int_equal(duration_constant(1, &fleet.supply[0].down, &err), STATUS_OK);
    assert_int_equal(duration_constant(100000 - 1, &fleet.boot, &err), STATUS_OK);
    for (int64_t k = 1; k <= worlds; k++) {
        struct schedule s;
        fleet.seed = (uint64_t)k;
        simulate(&w, &fleet, &s);
        bool fell_back = s.first_node[0] == 1;
        double on_spot = (double)(s.result.pools[0].busy_gpu_us) / UNIT_US;
        estimate_add(&time, (double)s.end_us[0] / UNIT_US);
        estimate_add(&fell, fell_back);
        estimate_add(&spot, on_spot);
        estimate_add(&cost, on_spot + 2.8 * (double)s.result.pools[1].busy_gpu_us / UNIT_US);
        schedule_free(&s);
    }
    estimate_agrees("spot-04", "fallbacks", &fell, 0.34124750168433865, 0.38);
    estimate_agrees("spot-04", "time on spot", &spot, 7.641914096185724, 8);
    estimate_agrees("spot-04", "cost", &cost, 13.374872124482614, 13.8);
    estimate_agrees("spot-04", "the time", &time, 9.842237388215471, 10.3);
    workload_free(&w);
}

/* An alternating renewal process: nodes are there up / (up + down) of the time (Ross, Stochastic
 * Processes, theorem 3.4.4), whatever the notice and the batches, where a boot takes no time. */
static void nodes_are_there_as_often_as_theory_says(void **state)
{
    (void)state;
    for (int batch = 1; batch <= 3; batch += 2) {
        struct simulate_fleet fleet = { .pools = { { 40, 1 } },
                                        .supply = { { .takes_back = true,
                                                      .notice_us = 120 * S,
                                                      .by_node = true,
                                                      .batch_ppm = batch * 1000000 } },
                                        .books_us = 2000 * HOUR };
        struct estimate share = { 0 };
        struct workload w;
        struct error err;
        simulate_workload_init(&w);
        simulate_add(&w, 0, 1, HOUR, -1, -1);
        simulate_seal(&w);
        assert_int_equal(
            duration_exponential(9.0 * (double)HOUR * batch, &fleet.supply[0].up, &err), STATUS_OK);
        assert_int_equal(duration_exponential(1.0 * (double)HOUR, &fleet.supply[0].down, &err),
                         STATUS_OK);
        for (uint64_t seed = 1, seeds = seeds_or(60); seed <= seeds; seed++) {
            struct schedule s;
            fleet.seed = seed;
            simulate(&w, &fleet, &s);
            estimate_add(&share, (double)s.result.pools[0].bought_node_us /
                                     (40.0 * (double)fleet.books_us));
            schedule_free(&s);
        }
        estimate_agrees("spot", batch == 1 ? "the share of time" : "the share of time, by threes",
                        &share, 0.9, 0.905);
        workload_free(&w);
    }
}

/* A request fails with chance p and can be made again after r: a node comes after a boot and
 * r p / (1 - p) more on the mean. */
static void requests_that_fail_are_made_again(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 1, 1 } },
                                    .coming = { 1 },
                                    .supply = { { .refused_ppm = 400000, .retry_us = 180 * S } },
                                    .autoscaler = { .kind = &autoscaler_as_needed } };
    struct estimate wait = { 0 };
    struct workload w;
    struct error err;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, HOUR, -1, -1);
    simulate_seal(&w);
    assert_int_equal(duration_constant(240 * S, &fleet.boot, &err), STATUS_OK);
    for (uint64_t seed = 1, seeds = seeds_or(20000); seed <= seeds; seed++) {
        struct schedule s;
        fleet.seed = seed;
        simulate(&w, &fleet, &s);
        estimate_add(&wait, (double)s.wait_us[0] / 1e6);
        schedule_free(&s);
    }
    estimate_agrees("refused", "the wait", &wait, 240 + 180 * 0.4 / 0.6, 378);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_notice_saves_what_was_done),
        cmocka_unit_test(prices_change_with_the_hour),
        cmocka_unit_test(a_gang_goes_with_any_of_its_nodes),
        cmocka_unit_test(nodes_taken_back_are_nodes_with_outages),
        cmocka_unit_test(deadlines_are_kept_from_the_safety_net),
        cmocka_unit_test(queues_let_jobs_go),
        cmocka_unit_test(two_reclaims_are_enough),
        cmocka_unit_test(three_attempts_and_then_on_demand),
        cmocka_unit_test(work_on_spot_takes_as_long_as_theory_says),
        cmocka_unit_test(nodes_are_there_as_often_as_theory_says),
        cmocka_unit_test(requests_that_fail_are_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
