/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes by state at each sample: worlds worked by hand; and in any world the states are all the
 * nodes there are, and as many nodes are busy as jobs lie on. */
#include "models/autoscaling/autoscaler.h"
#include "models/reliability/outages.h"
#include "tests/simulate.h"

#define S INT64_C(1000000)

/* Seconds; then busy, idle, booting, down, absent. */
static void check_states(const struct schedule *s, const int64_t (*states)[6], size_t n)
{
    assert_int_equal(s->sample_n, n);
    for (size_t i = 0; i < n; i++) {
        const struct node_counts *c = &s->samples[i].nodes;
        assert_int_equal(s->samples[i].time_us, states[i][0] * S);
        if (c->busy != states[i][1] || c->idle != states[i][2] || c->booting != states[i][3] ||
            c->down != states[i][4] || c->absent != states[i][5])
            fail_msg("at %d s: %d busy, %d idle, %d booting, %d down, %d absent", (int)states[i][0],
                     (int)c->busy, (int)c->idle, (int)c->booting, (int)c->down, (int)c->absent);
    }
}

/* Four nodes of 2 GPUs, one at least there; a minute to boot, 100 s idle before they go. A job on
 * the first node from 10 s to 110 s, which goes at 210 s; one on two more, which boot from 20 s on,
 * from 80 s to 180 s, of which one goes at 280 s. A sample sees what is after all else of its
 * instant. */
static void nodes_that_come_and_go(void **state)
{
    static const int64_t states[][6] = {
        { 30, 1, 0, 2, 0, 1 },  { 60, 1, 0, 2, 0, 1 },  { 90, 3, 0, 0, 0, 1 },
        { 120, 2, 1, 0, 0, 1 }, { 150, 2, 1, 0, 0, 1 }, { 180, 0, 3, 0, 0, 1 },
        { 210, 0, 2, 0, 0, 2 }, { 240, 0, 2, 0, 0, 2 }, { 270, 0, 2, 0, 0, 2 },
        { 300, 0, 1, 0, 0, 3 },
    };
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = { .pools = { { 4, 2 } },
                                    .coming = { 3 },
                                    .autoscaler = { .kind = &autoscaler_as_needed,
                                                    .needed.idle.scale_us = 100.0 * S },
                                    .boot.scale_us = 60.0 * S,
                                    .books_us = 310 * S,
                                    .sample_us = 30 * S };
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 10 * S, 2, 100 * S, -1, -1);
    simulate_add(&w, 20 * S, 4, 100 * S, -1, -1);
    simulate_once(&w, &fleet, &s);
    check_states(&s, states, 10);
    schedule_free(&s);
}

/* Three nodes of one GPU in a pool, one in another. The second is down from 50 s to 200 s: its job
 * begins again on the third, and ends at 150 s. */
static void nodes_that_fail(void **state)
{
    static const struct outage log[] = { { 50 * S, 200 * S, 1 } };
    static const int64_t states[][6] = {
        { 40, 2, 2, 0, 0, 0 },  { 80, 2, 1, 0, 1, 0 },  { 120, 1, 2, 0, 1, 0 },
        { 160, 0, 3, 0, 1, 0 }, { 200, 0, 4, 0, 0, 0 },
    };
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = { .pools = { { 3, 1 }, { 1, 1 } },
                                    .outages = { { log, 1 } },
                                    .books_us = 210 * S,
                                    .sample_us = 40 * S };
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, 100 * S, -1, -1);
    simulate_add(&w, 0, 1, 100 * S, -1, -1);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.first_node[1], 2);
    assert_int_equal(s.end_us[1], 150 * S);
    check_states(&s, states, 5);
    schedule_free(&s);
}

/* Two jobs on one node are one busy node; a job of no GPU is a job. */
static void a_busy_node_has_any_job(void **state)
{
    static const int64_t states[][6] = {
        { 10, 1, 1, 0, 0, 0 }, { 20, 1, 1, 0, 0, 0 }, { 30, 1, 1, 0, 0, 0 }, { 40, 0, 2, 0, 0, 0 }
    };
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = { .pools = { { 2, 2 } },
                                    .books_us = 40 * S,
                                    .sample_us = 10 * S };
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, 15 * S, -1, -1);
    simulate_add(&w, 0, 1, 25 * S, -1, -1);
    simulate_add(&w, 0, 0, 35 * S, -1, -1);
    simulate_once(&w, &fleet, &s);
    check_states(&s, states, 3);
    schedule_free(&s);
}

/* Whole nodes are asked for, of eight GPUs: where no job is ever stopped, busy nodes are those that
 * jobs lie on. */
static void states_are_all_nodes(void **state)
{
    static const char *const orders[] = { "fifo", "srtf", "easy", "las" };
    struct error err;
    struct failure_spec failures = { .by_node = true };
    int64_t seen[5] = { 0 };
    (void)state;
    assert_int_equal(duration_exponential(20000 * S, &failures.node, &err), STATUS_OK);
    assert_int_equal(duration_constant(3000 * S, &failures.repair, &err), STATUS_OK);
    for (uint64_t seed = 0; seed < 24; seed++) {
        struct workload w;
        struct schedule s;
        struct random_key key = random_key(seed, 3);
        bool fails = seed / 4 % 2, stops = false;
        struct simulate_fleet fleet = { .pools = { { 6, 8 }, { 5, 8 } },
                                        .coming = { seed % 3 ? 5 : 0, seed % 3 == 2 ? 5 : 0 },
                                        .failures = fails ? &failures : NULL,
                                        .order = orders[seed % 4],
                                        .autoscaler.kind = &autoscaler_cluster,
                                        .boot.scale_us = 240.0 * S,
                                        .sample_us = 97 * S };
        cluster_autoscaler_defaults(&fleet.autoscaler.cluster);
        simulate_workload_init(&w);
        for (uint64_t i = 0; i < 150; i++)
            simulate_add(&w, (int64_t)(random_unit(key, RANDOM_TEST, 1, i) * 200000) * S,
                         8 * (1 + (int)(random_unit(key, RANDOM_TEST, 2, i) * 3)),
                         (int64_t)(random_unit(key, RANDOM_TEST, 3, i) * 8000) * S, -1, -1);
        simulate_once(&w, &fleet, &s);
        assert_true(s.sample_n > 1000);
        for (size_t j = 0; j < s.n; j++) stops |= s.preemptions[j] > 0;
        for (size_t i = 0; i < s.sample_n; i++) {
            const struct node_counts *n = &s.samples[i].nodes;
            const int64_t all[5] = { n->busy, n->idle, n->booting, n->down, n->absent };
            int64_t sum = 0, held = 0;
            for (int k = 0; k < 5; k++) {
                assert_true(all[k] >= 0);
                sum += all[k];
                seen[k] += all[k];
            }
            assert_int_equal(sum, 11);
            assert_int_equal(n->busy > 0, s.samples[i].running_jobs > 0);
            for (size_t j = 0; j < s.n; j++)
                if (s.start_us[j] <= s.samples[i].time_us && s.samples[i].time_us < s.end_us[j])
                    held += s.nodes[j];
            if (!fails && !stops) assert_int_equal(n->busy, held);
        }
        schedule_free(&s);
    }
    for (int k = 0; k < 5; k++) assert_true(seen[k] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_that_come_and_go),
        cmocka_unit_test(nodes_that_fail),
        cmocka_unit_test(a_busy_node_has_any_job),
        cmocka_unit_test(states_are_all_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
