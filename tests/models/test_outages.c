/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that fail and come back: the world against the plain rules (tests/slow_scheduler.c), job by
 * job, on random traces and outages full of ties, under every order that takes jobs back.
 */
#include <stdlib.h>
#include <string.h>

#include "models/reliability/outages.h"
#include "tests/random_world.h"

enum { OUTAGES_MAX = 64 };

/* Of each node none, one, or several, near each other. */
static size_t random_outages(struct draw *d, int nodes, struct outage *log)
{
    size_t n = 0;
    for (int node = 0; node < nodes; node++) {
        int64_t at = 0;
        for (int i = below(d, 4); i > 0 && n < OUTAGES_MAX; i--) {
            at += 1 + below(d, 12);
            int64_t until = at + 1 + below(d, 6);
            log[n++] = (struct outage){ at, until, node };
            at = until;
        }
    }
    return n;
}

static void agrees_with_the_plain_rules(void **state)
{
    uint64_t seeds = seeds_or(800);
    const char *only = getenv("SEATRIAL_ORDER");
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 7), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct outage log[SIMULATE_POOLS_MAX][OUTAGES_MAX];
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 30), largest, (enum limits)below(&d, 4), &w);
        random_scheduling(&d, &fleet);
        for (int p = 0; p < SIMULATE_POOLS_MAX && fleet.pools[p].nodes > 0; p++)
            fleet.outages[p] =
                (struct simulate_outages){ log[p],
                                           random_outages(&d, fleet.pools[p].nodes, log[p]) };
        if (below(&d, 3) == 0) { /* jobs fail, too; the large ones more often */
            fleet.job_mtbf.at[0].us = below(&d, 2) ? 20 : 0;
            fleet.job_mtbf.at[1].from_gpus = 2;
            fleet.job_mtbf.at[1].us = 6 + below(&d, 20);
            fleet.job_mtbf.n = 2;
            fleet.seed = seed;
        }
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            if (only && strcmp(only, o->name) != 0) continue;
            if (o->rank > RANK_SHARES_ISOLATED) continue; /* linear programs */
            fleet.order = o->name;
            struct simulate_fleet one = fleet;
            if (rank_by_shares(o->rank)) one.restart = (struct restart_options){ 0 };
            agree(&w, &one, seed);
        }
        workload_free(&w);
    }
}

/* A fleet of two parts, of which one has long nothing to do: what is down, and how often, is that
 * of the logs up to the last end of all. */
static void what_is_down_is_counted(void **state)
{
    static const char *const first[] = { "a" }, *const second[] = { "b", "c", "" };
    (void)state;
    int64_t counted = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct draw d = { random_key(seed, 8), 0 };
        struct simulate_fleet fleet = { .pools = { { 3, 4 }, { 4, 4 } } };
        struct outage log[2][OUTAGES_MAX];
        struct workload w;
        struct schedule s;
        random_workload(&d, 20, 8, LIMITS_NONE, &w);
        if (seed % 2) {
            fleet.queues[0] = (struct name_list){ 1, first };
            fleet.queues[1] = (struct name_list){ 3, second };
        }
        for (int p = 0; p < 2; p++)
            fleet.outages[p] =
                (struct simulate_outages){ log[p],
                                           random_outages(&d, fleet.pools[p].nodes, log[p]) };
        simulate(&w, &fleet, &s);
        int64_t failures = 0, end = s.result.makespan_us;
        for (int p = 0; p < 2; p++) {
            int64_t down = 0;
            for (size_t i = 0; i < fleet.outages[p].n; i++) {
                const struct outage *o = &log[p][i];
                if (o->down_us >= end) continue;
                /* An end at that instant is before it, and nothing comes after the last end. */
                failures++;
                down += 4 * ((o->up_us < end ? o->up_us : end) - o->down_us);
            }
            assert_int_equal(s.result.pools[p].down_gpu_us, down);
            counted += down;
        }
        assert_int_equal(s.result.node_failures, failures);
        schedule_free(&s);
        workload_free(&w);
    }
    assert_true(counted > 1000);
}

/* With books that end later than the last job, nodes fail on until then. */
static void nodes_fail_until_the_books_end(void **state)
{
    (void)state;
    struct outage log[] = { { 5, 8, 0 }, { 90, 120, 0 }, { 2, INT64_MAX, 1 } };
    struct workload w;
    struct world_result result;
    struct error err;
    struct pool_spec pool = { .name = "a",
                              .type = { .gpus = 2, .gpu_model = "" },
                              .nodes = 2,
                              .purchase = { .option = purchase_option_find("on-demand") },
                              .failures = { .log = log, .log_n = 3 } };
    struct fleet_spec spec = { .name = "test", .pool_n = 1, .pools = &pool };
    spec.scheduler.order = queue_order_find("fifo");
    spec.scheduler.placement = placement_find("first-fit");
    simulate_workload_init(&w);
    simulate_add(&w, 0, 2, 20, -1, -1);
    simulate_seal(&w);
    struct world_options options = { .seed = 1, .books_us = 100 };
    assert_int_equal(world_run(&w, &spec, &options, NULL, &result, &err), STATUS_OK);
    assert_int_equal(result.pools[0].down_gpu_us, 2 * (3 + 10 + 98));
    assert_int_equal(result.node_failures, 3);
    assert_int_equal(result.job_failures, 1);
    assert_int_equal(result.makespan_us, 28); /* from 8 on, all anew */
    world_result_free(&result);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_rules),
        cmocka_unit_test(what_is_down_is_counted),
        cmocka_unit_test(nodes_fail_until_the_books_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
