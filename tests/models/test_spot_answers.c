/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done with spot nodes that are to go, at their signal and at their notice: by hand;
 * against the plain rules (tests/slow_spot.c) job by job, under every order; under every
 * autoscaler.
 */
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/autoscaling/karpenter.h"
#include "models/scheduling/scheduler.h"
#include "tests/random_world.h"

#define S    INT64_C(1000000)
#define HOUR (3600 * S)
enum { OUTAGES_MAX = 64 };

/* Two nodes of 4 GPUs at a dollar an hour; the first is told at 4,880 s, gone at 5,000 s, and back
 * at 6,000 s. */
static const struct outage once[] = { { 5000 * S, 6000 * S, 0 } };

static struct simulate_fleet fleet_of(enum supply_answer on_notice)
{
    return (struct simulate_fleet){ .pools = { { 2, 4 } },
                                    .supply = { { .takes_back = true,
                                                  .notice_us = 120 * S,
                                                  .on_notice = on_notice,
                                                  .log = once,
                                                  .log_n = 1 } } };
}

/* The same with a signal at 4,280 s. */
static struct simulate_fleet signals(enum supply_answer on_rebalance, enum supply_answer on_notice)
{
    struct simulate_fleet fleet = fleet_of(on_notice);
    fleet.supply[0].signals = true;
    fleet.supply[0].rebalance_us = 600 * S;
    fleet.supply[0].on_rebalance = on_rebalance;
    return fleet;
}

/* Jobs on all GPUs of a node each: submitted, run time. */
static void run(const struct simulate_fleet *fleet, const int64_t (*jobs)[2], size_t n,
                struct schedule *s)
{
    struct workload w;
    simulate_workload_init(&w);
    for (size_t i = 0; i < n; i++) simulate_add(&w, jobs[i][0] * S, 4, jobs[i][1] * S, -1, -1);
    simulate_seal(&w);
    simulate(&w, fleet, s);
    workload_free(&w);
}

/* ---- at the notice ---- */

/*
 *      node 0   [0, 4950) job 0      told at 4880, gone at 5000, back at 6000: job 2
 *      node 1   [0, 10000) job 1
 */
static void a_job_runs_on_and_is_done(void **state)
{
    static const int64_t jobs[][2] = { { 0, 4950 }, { 0, 10000 }, { 100, 10 } };
    struct simulate_fleet fleet = fleet_of(ANSWER_CORDON);
    struct schedule s;
    (void)state;
    run(&fleet, jobs, 3, &s);
    assert_int_equal(s.end_us[0], 4950 * S);
    assert_int_equal(s.lost_us[0], 0);
    assert_int_equal(s.start_us[2], 6000 * S); /* not at 4,950 s */
    assert_int_equal(s.first_node[2], 0);
    assert_int_equal(s.result.node_reclaims, 1);
    assert_int_equal(s.result.job_reclaims, 0);
    assert_int_equal(s.stays[0].down_us, 5000 * S);
    schedule_free(&s);

    /* To nobody who looks at nothing the node is one as any. */
    fleet.supply[0].on_notice = ANSWER_IGNORE;
    run(&fleet, jobs, 3, &s);
    assert_int_equal(s.start_us[2], 4950 * S);
    assert_int_equal(s.end_us[2], 4960 * S);
    assert_int_equal(s.result.node_reclaims, 1);
    assert_int_equal(s.stays[0].down_us, 5000 * S);
    schedule_free(&s);
}

/* It runs to 5,000 s, and goes on at 6,000 s. Who writes for 100 s began to at 4,900 s; 121 s are
 * too many. Of 1,000 s and 50 s in turn four were through at 4,200 s; at 4,950 s 4,750 s were done,
 * and a fifth is written then. */
static void what_is_kept_of_a_job_that_runs_on(void **state)
{
    static const int64_t jobs[][2] = { { 0, 8000 }, { 0, 20000 } };
    static const struct {
        enum checkpoint_rule checkpoint;
        int64_t write_s, kept_s, later_s; /* later: what is written after 6,000 s */
    } cases[] = {
        { CHECKPOINT_AT_STOP, 0, 5000, 0 },      { CHECKPOINT_AT_STOP, 100, 4900, 0 },
        { CHECKPOINT_AT_STOP, 121, 0, 0 },       { CHECKPOINT_INTERVAL, 50, 4750, 3 * 50 },
        { CHECKPOINT_INTERVAL, 121, 4000, 363 }, { CHECKPOINT_NEVER, 0, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct simulate_fleet fleet = fleet_of(ANSWER_CORDON);
        struct schedule s;
        int64_t kept = cases[i].kept_s * S;
        fleet.restart.checkpoint = cases[i].checkpoint;
        fleet.restart.interval_us = 1000 * S;
        fleet.restart.write = (struct gpu_costs){ .at = { { 0, cases[i].write_s * S } }, .n = 1 };
        run(&fleet, jobs, 2, &s);
        assert_int_equal(s.end_us[0], 6000 * S + 8000 * S - kept + cases[i].later_s * S);
        assert_int_equal(s.lost_us[0], 5000 * S - kept + cases[i].later_s * S);
        assert_int_equal(s.reclaims[0], 1);
        schedule_free(&s);

        /* Nobody told it. */
        bool saves = cases[i].checkpoint == CHECKPOINT_INTERVAL;
        fleet.supply[0].on_notice = ANSWER_IGNORE;
        run(&fleet, jobs, 2, &s);
        kept = saves ? 4000 * S : 0;
        int64_t later = saves ? 3 * cases[i].write_s * S : 0;
        assert_int_equal(s.end_us[0], 6000 * S + 8000 * S - kept + later);
        schedule_free(&s);
    }
}

/* A node that fails while its last job is on it stops that without warning, and is not repaired. */
static void a_node_fails_while_it_leaves(void **state)
{
    static const int64_t jobs[][2] = { { 100, 4900 } };
    struct simulate_fleet fleet = fleet_of(ANSWER_CORDON);
    struct failure_spec failures = { .by_node = true };
    struct schedule s;
    struct error err;
    (void)state;
    assert_int_equal(duration_constant(4940 * S, &failures.node, &err), STATUS_OK);
    assert_int_equal(duration_constant(10 * S, &failures.repair, &err), STATUS_OK);
    fleet.failures = &failures;
    fleet.pools[0].nodes = 1;
    run(&fleet, jobs, 1, &s);
    assert_int_equal(s.result.node_failures, 1);
    assert_int_equal(s.result.job_failures, 1);
    assert_int_equal(s.result.job_reclaims, 0);
    assert_int_equal(s.end_us[0], (6000 + 4900) * S);
    assert_int_equal(s.stays[0].down_us, 5000 * S);
    assert_int_equal(s.stays[1].up_us, 6000 * S);
    schedule_free(&s);
}

/* ---- at the signal ---- */

/* The job leaves at 4,280 s and keeps all, though it writes for 200 s: there are 720 s to go. Then
 * the node is given back. */
static void a_signal_drains(void **state)
{
    static const int64_t jobs[][2] = { { 0, 10000 } };
    struct simulate_fleet fleet = signals(ANSWER_DRAIN, ANSWER_DRAIN);
    struct schedule s;
    (void)state;
    fleet.restart.write = (struct gpu_costs){ .at = { { 0, 200 * S } }, .n = 1 };
    run(&fleet, jobs, 1, &s);
    assert_int_equal(s.end_us[0], 10000 * S);
    assert_int_equal(s.first_node[0], 1);
    assert_int_equal(s.reclaims[0], 1);
    assert_int_equal(s.result.node_reclaims, 1);
    assert_int_equal(s.stays[0].down_us, 4480 * S);
    schedule_free(&s);

    /* 721 s are too many, and the node goes at once; 650 s are not through at 4,880 s, and from
     * then on it is paid until it is taken. */
    fleet.restart.write.at[0].us = 721 * S;
    run(&fleet, jobs, 1, &s);
    assert_int_equal(s.end_us[0], 14280 * S);
    assert_int_equal(s.stays[0].down_us, 4280 * S);
    schedule_free(&s);
    fleet.restart.write.at[0].us = 650 * S;
    run(&fleet, jobs, 1, &s);
    assert_int_equal(s.end_us[0], 10000 * S);
    assert_int_equal(s.stays[0].down_us, 5000 * S);
    schedule_free(&s);
}

/* Who runs there runs on, and nobody follows. A node without a job goes at once, any other with its
 * last; one that is told by then stays until it is taken. */
static void a_signal_cordons(void **state)
{
    static const int64_t ends_before[][2] = { { 0, 4600 }, { 0, 10000 }, { 100, 10 } };
    static const int64_t ends_after[][2] = { { 0, 4950 }, { 0, 10000 } };
    static const int64_t idle[][2] = { { 5100, 10 } };
    struct simulate_fleet fleet = signals(ANSWER_CORDON, ANSWER_CORDON);
    struct schedule s;
    (void)state;
    run(&fleet, ends_before, 3, &s);
    assert_int_equal(s.end_us[0], 4600 * S);
    assert_int_equal(s.start_us[2], 6000 * S);
    assert_int_equal(s.stays[0].down_us, 4600 * S);
    assert_int_equal(s.result.job_reclaims, 0);
    schedule_free(&s);

    run(&fleet, ends_after, 2, &s);
    assert_int_equal(s.end_us[0], 4950 * S);
    assert_int_equal(s.stays[0].down_us, 5000 * S);
    schedule_free(&s);

    run(&fleet, idle, 1, &s);
    assert_int_equal(s.first_node[0], 1);
    assert_int_equal(s.stays[0].down_us, 4280 * S);
    schedule_free(&s);

    /* Drained at the notice, it goes on on the other node when that is free. */
    fleet.supply[0].on_notice = ANSWER_DRAIN;
    run(&fleet, ends_after, 2, &s);
    assert_int_equal(s.end_us[0], 6070 * S);
    assert_int_equal(s.lost_us[0], 0);
    assert_int_equal(s.result.node_reclaims, 1);
    schedule_free(&s);
}

/* Signals that nobody looks at are none; with no time between, they come with the notice, and what
 * is done for them is done then. */
static void a_signal_comes_with_the_notice(void **state)
{
    static const int64_t jobs[][2] = { { 0, 4950 }, { 0, 10000 }, { 100, 10 } };
    struct simulate_fleet fleet = signals(ANSWER_IGNORE, ANSWER_IGNORE);
    struct schedule s;
    (void)state;
    run(&fleet, jobs, 3, &s);
    assert_int_equal(s.start_us[2], 4950 * S);
    schedule_free(&s);
    fleet.supply[0].on_rebalance = ANSWER_CORDON;
    fleet.supply[0].rebalance_us = 0;
    run(&fleet, jobs, 3, &s);
    assert_int_equal(s.end_us[0], 4950 * S);
    assert_int_equal(s.start_us[2], 6000 * S);
    assert_int_equal(s.stays[0].down_us, 5000 * S);
    schedule_free(&s);
}

/* A life of less than an hour is free where AWS ends it, and is not where its owner does. */
static void who_gives_back_pays(void **state)
{
    static const struct outage soon[] = { { 3000 * S, 6000 * S, 0 } };
    static const int64_t jobs[][2] = { { 0, 1000 } };
    (void)state;
    for (int drains = 0; drains <= 1; drains++) {
        struct simulate_fleet fleet = signals(drains ? ANSWER_DRAIN : ANSWER_IGNORE, ANSWER_DRAIN);
        struct schedule s;
        fleet.supply[0].log = soon;
        fleet.books_us = 3500 * S;
        run(&fleet, jobs, 1, &s);
        assert_int_equal(s.stays[0].down_us, (drains ? 2280 : 3000) * S);
        assert_int_equal(s.stays[0].cost_usd_micro, drains ? 2280 * S / 3600 : 0);
        schedule_free(&s);
    }
}

/* The pool holds two nodes, and asks for a third when one of them is no more counted on. */
static void another_node_comes_at_the_signal(void **state)
{
    static const int64_t jobs[][2] = { { 0, 4600 }, { 0, 10000 }, { 4300, 10 } };
    struct simulate_fleet fleet = signals(ANSWER_CORDON, ANSWER_DRAIN);
    struct schedule s;
    struct error err;
    (void)state;
    fleet.pools[0].nodes = 3;
    fleet.coming[0] = 1;
    fleet.autoscaler.kind = &autoscaler_as_needed;
    assert_int_equal(duration_constant(100 * S, &fleet.boot, &err), STATUS_OK);
    run(&fleet, jobs, 3, &s);
    assert_int_equal(s.stays[2].up_us, 4280 * S);
    assert_int_equal(s.start_us[2], 4380 * S);
    assert_int_equal(s.first_node[2], 2);
    assert_int_equal(s.result.pools[0].most_nodes, 3);
    schedule_free(&s);
}

/* ---- a node that is cordoned, and what orders count on ---- */

struct kind {
    const char *order;
    int64_t start_s[2];
};

/*
 * Two nodes of 4 GPUs. Node 0 is told at 4,880 s, and gone at 9,000 s: nothing on it comes free for
 * others. On node 0 a job to 5,000 s, on node 1 one to 6,000 s; at 4,900 s come one of 4 GPUs, and
 * one of 2 GPUs for 3,000 s. Who thinks that node 0 will be free at 5,000 s keeps nothing from the
 * second on node 1; nobody starts at 5,000 s.
 */
static void promises_do_not_count_on_it(void **state)
{
    static const struct outage later[] = { { 9000 * S, 20000 * S, 0 } };
    static const struct kind kinds[] = {
        { "fifo", { 6000, 6100 } },           { "fifo-skip", { 6000, 5900 } },
        { "easy", { 6000, 6100 } },           { "conservative", { 6000, 6100 } },
        { "slurm-backfill", { 6000, 6100 } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct simulate_fleet fleet = fleet_of(ANSWER_CORDON);
        struct workload w;
        struct schedule s;
        fleet.supply[0].log = later;
        fleet.supply[0].notice_us = 4120 * S;
        fleet.order = kinds[i].order;
        simulate_workload_init(&w);
        simulate_add(&w, 0, 4, 5000 * S, -1, -1);
        simulate_add(&w, 0, 2, 6000 * S, -1, -1);
        simulate_add(&w, 0, 2, 5900 * S, -1, -1);
        simulate_add(&w, 4900 * S, 4, 100 * S, -1, -1);
        simulate_add(&w, 4901 * S, 2, 3000 * S, -1, -1);
        simulate_seal(&w);
        simulate(&w, &fleet, &s);
        int64_t late = strcmp(fleet.order, "fifo-skip") == 0 ? 8900 : kinds[i].start_s[0];
        if (s.start_us[3] != late * S || s.start_us[4] != kinds[i].start_s[1] * S)
            fail_msg("%s: %lld and %lld", fleet.order, (long long)s.start_us[3],
                     (long long)s.start_us[4]);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* An urgent job of 4 GPUs stops nobody on a node that it could not have then: it takes node 1. */
static void nobody_is_stopped_on_it(void **state)
{
    static const char *const orders[] = { "priority-preempt", "priority-evict", "srtf" };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct simulate_fleet fleet = fleet_of(ANSWER_CORDON);
        struct workload w;
        struct schedule s;
        fleet.order = orders[i];
        simulate_workload_init(&w);
        simulate_add(&w, 0, 4, 6000 * S, -1, -1); /* the least urgent, on node 0 */
        simulate_add(&w, S, 4, 5499 * S, -1, -1);
        simulate_add(&w, 4900 * S, 4, 50 * S, -1, -1);
        simulate_seal(&w);
        w.priority[0] = 0;
        w.priority[1] = 1;
        w.priority[2] = 2;
        simulate(&w, &fleet, &s);
        if (s.preemptions[0] != 0 || s.preemptions[1] != 1)
            fail_msg("%s: %u and %u, %lld %lld %lld", orders[i], s.preemptions[0], s.preemptions[1],
                     (long long)s.end_us[0], (long long)s.end_us[1], (long long)s.end_us[2]);
        assert_int_equal(s.start_us[2], 4900 * S);
        assert_int_equal(s.first_node[2], 1);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* ---- against the plain rules ---- */

/* They go at even times and come at odd ones: of two nodes that change at one instant the one of
 * the lower number is first in the plain rules, and the one that goes is in the world. */
static void random_spot(struct draw *d, int nodes, struct outage *log, struct supply_spec *supply)
{
    size_t n = 0;
    *supply = (struct supply_spec){ .takes_back = true,
                                    .notice_us = 2 * below(d, 4),
                                    .on_notice = (enum supply_answer)below(d, 3),
                                    .signals = below(d, 3) > 0,
                                    .rebalance_us = 2 * below(d, 5),
                                    .on_rebalance = (enum supply_answer)below(d, 3),
                                    .log = log };
    if (!supply->signals) supply->rebalance_us = 0;
    for (int node = 0; node < nodes; node++)
        for (int i = below(d, 4), at = 0; i > 0 && n < OUTAGES_MAX; i--) {
            at += (int)(supply->notice_us + supply->rebalance_us) + 2 + 2 * below(d, 6);
            int until = at + 1 + 2 * below(d, 3);
            log[n++] = (struct outage){ at, until, node };
            at = until - 1;
        }
    supply->log_n = n;
}

static bool cordons(const struct simulate_fleet *fleet)
{
    for (int p = 0; p < SIMULATE_POOLS_MAX; p++)
        if (supply_cordons(&fleet->supply[p])) return true;
    return false;
}

static void agrees_with_the_plain_rules(void **state)
{
    static struct outage log[SIMULATE_POOLS_MAX][OUTAGES_MAX];
    uint64_t seeds = seeds_or(400);
    const char *only = getenv("SEATRIAL_ORDER");
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 25), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 30), largest, (enum limits)below(&d, 4), &w);
        random_scheduling(&d, &fleet);
        for (int p = 0; p < SIMULATE_POOLS_MAX && fleet.pools[p].nodes > 0; p++)
            random_spot(&d, fleet.pools[p].nodes, log[p], &fleet.supply[p]);
        if (below(&d, 3) == 0) { /* jobs fail, too */
            fleet.job_mtbf = (struct gpu_costs){ .at = { { 0, 20 } }, .n = 1 };
            fleet.seed = seed;
        }
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            if (only && strcmp(only, o->name) != 0) continue;
            if (o->rank > RANK_SHARES_ISOLATED) continue; /* linear programs */
            if (cordons(&fleet) && !scheduler_can_cordon(o)) continue;
            struct simulate_fleet one = fleet;
            one.order = o->name;
            if (rank_by_shares(o->rank)) one.restart = (struct restart_options){ 0 };
            agree(&w, &one, seed);
        }
        workload_free(&w);
    }
}

/* ---- under every autoscaler ---- */

static void default_autoscalers(struct autoscaler_spec *a, struct karpenter_pool *all)
{
    power_save_defaults(&a->power_save);
    tracking_defaults(&a->tracking);
    cluster_autoscaler_defaults(&a->cluster);
    predictive_defaults(&a->predictive);
    karpenter_defaults(&a->karpenter);
    karpenter_pool_defaults(all);
    all->name = "all";
    all->pools = UINT64_MAX;
    a->karpenter.pools = all;
    a->karpenter.n = 1;
}

/* Nodes come and go, fail, and are taken back by chance, several at once: all that a world checks
 * of itself holds, and the states of nodes are all the nodes there are. */
static void every_autoscaler_bears_it(void **state)
{
    uint64_t seeds = seeds_or(60);
    int64_t reclaims = 0, stopped = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 26), 0 };
        struct failure_spec failures = { .by_node = true };
        struct simulate_fleet fleet = { .pools = { { 6, 4 }, { 8, 2 } },
                                        .coming = { below(&d, 7), 8 },
                                        .boot.scale_us = 3.0 * S,
                                        .sample_us = 7 * S,
                                        .seed = seed };
        struct karpenter_pool all;
        struct workload w;
        struct error err;
        default_autoscalers(&fleet.autoscaler, &all);
        random_workload(&d, 60, 8, LIMITS_NONE, &w);
        for (size_t j = 0; j < w.job_n; j++) {
            w.submit_us[j] *= 4 * S;
            w.run_us[j] *= 9 * S;
        }
        random_scheduling(&d, &fleet);
        fleet.timing = (struct timing_options){ 0 };
        fleet.permit.timeout_us *= S;
        fleet.permit.backoff_us *= S;
        fleet.rounds = (struct round_options){ 0 };
        for (int p = 0; p < 2; p++) {
            struct supply_spec *supply = &fleet.supply[p];
            random_spot(&d, 0, NULL, supply);
            supply->notice_us *= S;
            supply->rebalance_us *= 3 * S;
            supply->by_node = true;
            supply->batch_ppm = below(&d, 2) ? 1000000 : 2000000;
            assert_int_equal(duration_exponential(100.0 * S, &supply->up, &err), STATUS_OK);
            assert_int_equal(duration_exponential(20.0 * S, &supply->down, &err), STATUS_OK);
        }
        assert_int_equal(duration_exponential(300.0 * S, &failures.node, &err), STATUS_OK);
        assert_int_equal(duration_constant(9 * S, &failures.repair, &err), STATUS_OK);
        if (below(&d, 2)) fleet.failures = &failures;
        for (size_t a = 1; autoscalers[a]; a++) {
            const struct queue_order *o = &queue_orders[below(&d, 20)];
            struct schedule s;
            if (autoscalers[a] == &autoscaler_schedule || rank_by_shares(o->rank)) continue;
            if (cordons(&fleet) && !scheduler_can_cordon(o)) continue;
            fleet.autoscaler.kind = autoscalers[a];
            fleet.order = o->name;
            simulate(&w, &fleet, &s);
            assert_int_equal(s.result.finished + s.result.rejected, s.result.submitted);
            reclaims += s.result.node_reclaims;
            stopped += s.result.job_reclaims;
            for (size_t i = 0; i < s.sample_n; i++) {
                const struct node_counts *n = &s.samples[i].nodes;
                assert_true(n->busy >= 0 && n->idle >= 0 && n->absent >= 0 && n->down >= 0);
                assert_int_equal(n->busy + n->idle + n->booting + n->down + n->absent, 14);
                assert_int_equal(n->busy > 0, s.samples[i].running_jobs > 0);
            }
            schedule_free(&s);
        }
        workload_free(&w);
    }
    assert_true(reclaims > 10 * (int64_t)seeds);
    assert_true(stopped > (int64_t)seeds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_runs_on_and_is_done),
        cmocka_unit_test(what_is_kept_of_a_job_that_runs_on),
        cmocka_unit_test(a_node_fails_while_it_leaves),
        cmocka_unit_test(a_signal_drains),
        cmocka_unit_test(a_signal_cordons),
        cmocka_unit_test(a_signal_comes_with_the_notice),
        cmocka_unit_test(who_gives_back_pays),
        cmocka_unit_test(another_node_comes_at_the_signal),
        cmocka_unit_test(promises_do_not_count_on_it),
        cmocka_unit_test(nobody_is_stopped_on_it),
        cmocka_unit_test(agrees_with_the_plain_rules),
        cmocka_unit_test(every_autoscaler_bears_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
