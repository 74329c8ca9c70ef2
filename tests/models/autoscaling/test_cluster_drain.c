/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that the Cluster Autoscaler drains, against cases worked by hand. Nodes have 8 GPUs unless
 * said, and boot for 60 s. */

#include "models/autoscaling/autoscaler.h"
#include "tests/random_world.h"

#define S INT64_C(1000000)
#define H (3600 * S)

static struct simulate_fleet fleet_of(int32_t nodes)
{
    struct simulate_fleet fleet = { .pools = { { nodes, 8 } },
                                    .coming = { nodes },
                                    .autoscaler.kind = &autoscaler_cluster,
                                    .boot.scale_us = 60.0 * S };
    cluster_autoscaler_defaults(&fleet.autoscaler.cluster);
    return fleet;
}

static void job(struct workload *w, int64_t submit_us, int32_t gpus, int64_t run_us)
{
    simulate_add(w, submit_us, gpus, run_us, -1, -1);
}

/* When each node went; in order of request. */
static void check_gone(const struct schedule *s, const int64_t *gone_us, size_t n)
{
    for (size_t i = 0; i < s->stay_n && i < n; i++)
        if (s->stays[i].down_us != gone_us[i])
            fail_msg("node %zu has gone at %.6f", i, (double)s->stays[i].down_us / S);
    assert_int_equal(s->stay_n, n);
}

/* From 60 s on 5 + 3 GPUs on node 0, of which the 3 are free from 1,060 s on, and `gpus` on node 1,
 * for as long as the run. */
static void two_nodes(struct workload *w, int32_t gpus)
{
    simulate_workload_init(w);
    job(w, 0, 8 - gpus, 20000 * S);
    job(w, 0, gpus, 1000 * S);
    job(w, 0, gpus, 20000 * S);
}

/* The last job ends, and the books with it, at 20,060 s. */
enum { END_S = 20060 };

/* Unneeded from 1,060 s on, so drained at 1,660 s; the job goes on at once, and ends as if it had
 * not been moved. */
static void drains_what_fits_elsewhere(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(2);
    (void)state;
    two_nodes(&w, 3);
    simulate_once(&w, &fleet, &s);
    static const int64_t gone[] = { END_S * S, 1660 * S };
    check_gone(&s, gone, 2);
    assert_int_equal(s.result.preemptions, 1);
    assert_int_equal(s.preemptions[2], 1);
    assert_int_equal(s.end_us[2], END_S * S);
    assert_int_equal(s.first_node[2], 0);
    schedule_free(&s);
}

/* 4 of 8 GPUs are 50 %, which is not below 50 %; 3 of 8 are 37.5 %. */
static void thresholds_are_strict(void **state)
{
    static const struct {
        int32_t gpus;
        int64_t threshold_ppm;
        bool drained;
    } cases[] = { { 4, 500000, false }, { 4, 500001, true },  { 3, 375000, false },
                  { 3, 375001, true },  { 3, 370000, false }, { 4, 1000000, true } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of(2);
        fleet.autoscaler.cluster.gpu_threshold_ppm = cases[i].threshold_ppm;
        fleet.autoscaler.cluster.threshold_ppm = 10000; /* says nothing of nodes with GPUs */
        two_nodes(&w, cases[i].gpus);
        simulate_once(&w, &fleet, &s);
        assert_int_equal(s.result.preemptions, cases[i].drained);
        schedule_free(&s);
    }
}

/* A node without GPUs is measured by what is more of it, cores or memory: of 16 cores and 64 GiB a
 * job asks for 7 and 31, or for 8 of one of them. */
static void cores_and_memory(void **state)
{
    static const struct {
        int64_t cores, gib;
        bool drained;
    } cases[] = { { 7, 31, true }, { 8, 31, false }, { 7, 32, false } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of(2);
        struct pool_spec kind = { .type = { .name = "cpu",
                                            .provider = "test",
                                            .gpu_model = "",
                                            .source = "",
                                            .cpu_milli = 16000,
                                            .mem_mib = 64 * 1024 },
                                  .purchase = { .option = purchase_option_find("on-demand"),
                                                .usd_nano_per_hour = 1 } };
        fleet.pools[0].gpus = 0;
        fleet.kinds[0] = &kind;
        simulate_workload_init(&w);
        job(&w, 0, 0, 20000 * S); /* 8 cores and 32 GiB, on node 0 with the next */
        job(&w, 0, 0, 1000 * S);
        job(&w, 0, 0, 20000 * S); /* on node 1 */
        for (size_t j = 0; j < 3; j++) {
            w.cpu_milli[j] = j < 2 ? 8000 : cases[i].cores * 1000;
            w.mem_mib[j] = j < 2 ? 32 * 1024 : cases[i].gib * 1024;
        }
        simulate_once(&w, &fleet, &s);
        assert_int_equal(s.stay_n, 2);
        assert_int_equal(s.result.preemptions, cases[i].drained);
        schedule_free(&s);
    }
}

/* From 1,060 s on each of four nodes has 2 GPUs busy. The jobs of nodes 0, 2 and 3 fit on node 1,
 * which stays for that: one goes at each scan from 1,660 s on. */
static void one_at_a_time(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(4);
    (void)state;
    simulate_workload_init(&w);
    for (int i = 0; i < 4; i++) {
        job(&w, 0, 2, 20000 * S);
        job(&w, 0, 6, 1000 * S);
    }
    simulate_once(&w, &fleet, &s);
    static const int64_t gone[] = { 1660 * S, END_S * S, 1670 * S, 1680 * S };
    check_gone(&s, gone, 4);
    assert_int_equal(s.result.preemptions, 3);
    for (size_t j = 0; j < 8; j += 2) assert_int_equal(s.end_us[j], END_S * S);
    schedule_free(&s);
}

/* A gang of 10 GPUs lies on nodes 0 and 1, and node 2 has 5 or 7 busy. Node 1 is at 25 % from 1,060
 * s on, and the gang fits whole on nodes 0 and 2 where 3 GPUs are free there, not where one is. */
static void gangs_move_whole(void **state)
{
    (void)state;
    for (int32_t busy = 5; busy <= 7; busy += 2) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of(3);
        simulate_workload_init(&w);
        job(&w, 0, 10, 20000 * S);
        job(&w, 0, 6, 1000 * S);
        job(&w, 0, busy, 20000 * S);
        simulate_once(&w, &fleet, &s);
        const int64_t gone[] = { END_S * S, busy == 5 ? 1660 * S : END_S * S, END_S * S };
        check_gone(&s, gone, 3);
        assert_int_equal(s.preemptions[0], busy == 5);
        assert_int_equal(s.nodes[0], 2);
        schedule_free(&s);
    }
}

/* Only empty nodes go. */
static void not_safe_to_evict(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(2);
    (void)state;
    fleet.autoscaler.cluster.safe_to_evict = false;
    two_nodes(&w, 3);
    simulate_once(&w, &fleet, &s);
    static const int64_t gone[] = { END_S * S, END_S * S };
    check_gone(&s, gone, 2);
    assert_int_equal(s.result.preemptions, 0);
    schedule_free(&s);
}

/* A third node is asked for at 1,500 s: none goes for 10 minutes. */
static void cools_down_after_a_growth(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(3);
    (void)state;
    two_nodes(&w, 3);
    job(&w, 1500 * S, 8, 18000 * S);
    simulate_once(&w, &fleet, &s);
    static const int64_t gone[] = { END_S * S, 2100 * S, END_S * S };
    check_gone(&s, gone, 3);
    schedule_free(&s);
}

/* The room on node 0 is taken at 1,300 s: node 1 is needed, and not tried again before 1,600 s,
 * though there is room from 1,400 s on. Unneeded from then on, so drained at 2,200 s. */
static void needed_in_between(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(2);
    (void)state;
    two_nodes(&w, 3);
    job(&w, 1300 * S, 3, 100 * S);
    simulate_once(&w, &fleet, &s);
    static const int64_t gone[] = { END_S * S, 2200 * S };
    check_gone(&s, gone, 2);
    schedule_free(&s);
}

/* A node that was empty before a job came is unneeded since then: node 1 from 1,060 s on, though 3
 * GPUs of it are busy from 1,300 s on, which fit on node 2. */
static void empty_before(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(3);
    (void)state;
    simulate_workload_init(&w);
    job(&w, 0, 8, 20000 * S);
    job(&w, 0, 8, 1000 * S);
    job(&w, 0, 5, 20000 * S);
    job(&w, 1300 * S, 3, 18760 * S);
    simulate_once(&w, &fleet, &s);
    static const int64_t gone[] = { END_S * S, 1660 * S, END_S * S };
    check_gone(&s, gone, 3);
    assert_int_equal(s.preemptions[3], 1);
    assert_int_equal(s.first_node[3], 2);
    schedule_free(&s);
}

/* And one whose job ends stays unneeded: from 1,060 s on, though it is empty only from 1,360 s on.
 */
static void empty_after(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(2);
    (void)state;
    simulate_workload_init(&w);
    job(&w, 0, 5, 20000 * S);
    job(&w, 0, 3, 1000 * S);
    job(&w, 0, 3, 1300 * S);
    simulate_once(&w, &fleet, &s);
    static const int64_t gone[] = { END_S * S, 1660 * S };
    check_gone(&s, gone, 2);
    assert_int_equal(s.result.preemptions, 0);
    schedule_free(&s);
}

/* What waits has the room first: the 3 GPUs that are free on node 0 from 1,060 s on are seen to be
 * taken by a job of 3 GPUs, though it waits behind one of all GPUs until all else has ended, and
 * 100 s more. Two more nodes, with 2 of their GPUs free each, are of no use to either; without them
 * GPUs would not suffice for a trial. */
static void who_waits_goes_first(void **state)
{
    (void)state;
    for (int32_t more = 0; more <= 2; more += 2) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of(2 + more);
        two_nodes(&w, 3);
        for (int32_t i = 0; i < more; i++) job(&w, 0, 6, 20000 * S);
        job(&w, 1050 * S, 8 * (2 + more), 100 * S);
        job(&w, 1055 * S, 3, 19000 * S);
        simulate_once(&w, &fleet, &s);
        assert_int_equal(s.stay_n, 2 + more);
        assert_int_equal(s.result.preemptions, 0);
        assert_int_equal(s.start_us[3 + more], END_S * S);
        assert_int_equal(s.start_us[4 + more], (END_S + 100) * S);
        schedule_free(&s);
    }
}

/* The least of a pool stays, whatever is on it. */
static void keeps_the_least(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(3);
    (void)state;
    fleet.coming[0] = 1;
    two_nodes(&w, 3);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.result.preemptions, 0);
    schedule_free(&s);
}

/* A thousand nodes with 5 of 8 GPUs busy for a year, all below a threshold of 100 %, and none of
 * which fits elsewhere: they are tried once, not three million times. */
static void nothing_new_costs_nothing(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(1000);
    (void)state;
    fleet.autoscaler.cluster.gpu_threshold_ppm = 1000000;
    simulate_workload_init(&w);
    for (int i = 0; i < 1000; i++) job(&w, 0, 5, 8760 * H);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.stay_n, 1000);
    assert_int_equal(s.result.events, 3000);
    assert_true(s.result.passes < 10);
    assert_int_equal(s.result.preemptions, 0);
    schedule_free(&s);
}

/* Small worlds under every order: whatever is drained, the invariants of a world hold, which it
 * checks itself, all jobs end, and nobody does more work than its own. */
static void every_order_bears_drains(void **state)
{
    uint64_t drained = 0, seeds = seeds_or(40);
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 37), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct error err;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 30), largest, (enum limits)below(&d, 4), &w);
        for (size_t j = 0; j < w.job_n; j++) {
            w.run_us[j] *= 8;
            if (w.gpu_milli[j] == 0) w.gpu_milli[j] = 1000;
        }
        fleet.autoscaler.kind = &autoscaler_cluster;
        struct cluster_autoscaler_options *o = &fleet.autoscaler.cluster;
        cluster_autoscaler_defaults(o);
        o->scan_us = 1 + below(&d, 2);
        o->unneeded_us = below(&d, 6);
        o->after_add_us = below(&d, 6);
        o->recheck_us = below(&d, 4);
        o->gpu_threshold_ppm = below(&d, 2) ? 500000 : 1000000;
        for (int p = 0; p < SIMULATE_POOLS_MAX && fleet.pools[p].nodes > 0; p++)
            fleet.coming[p] = fleet.pools[p].nodes - below(&d, 2) * (fleet.pools[p].nodes > 1);
        assert_int_equal(duration_constant(1 + below(&d, 8), &fleet.boot, &err), STATUS_OK);
        for (const struct queue_order *order = queue_orders; order->name; order++) {
            /* Not drained; and they may give a job to a pool that never has the nodes. */
            if (rank_by_shares(order->rank)) continue;
            struct schedule s;
            fleet.order = order->name;
            enum status status = simulate_status(&w, &fleet, &s, &err);
            if (status != STATUS_OK)
                fail_msg("seed %llu, %s: %s", (unsigned long long)seed, order->name, err.message);
            assert_int_equal(s.result.finished + s.result.rejected, s.result.submitted);
            if (order->rank == RANK_NONE) drained += (uint64_t)s.result.preemptions;
            schedule_free(&s);
        }
        workload_free(&w);
    }
    assert_true(drained > seeds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drains_what_fits_elsewhere),
        cmocka_unit_test(thresholds_are_strict),
        cmocka_unit_test(cores_and_memory),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(gangs_move_whole),
        cmocka_unit_test(not_safe_to_evict),
        cmocka_unit_test(cools_down_after_a_growth),
        cmocka_unit_test(needed_in_between),
        cmocka_unit_test(empty_before),
        cmocka_unit_test(empty_after),
        cmocka_unit_test(who_waits_goes_first),
        cmocka_unit_test(keeps_the_least),
        cmocka_unit_test(nothing_new_costs_nothing),
        cmocka_unit_test(every_order_bears_drains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
