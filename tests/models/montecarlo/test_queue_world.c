/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gang queue of the Monte Carlo model against the full simulator's fifo on the same jobs: each
 * job starts at the same microsecond, whether a pool is one node of all servers, a node for each
 * (so that gangs spread over nodes), or nodes that gangs take whole.
 */
#include "tests/gang_queues.h"
#include "tests/simulate.h"

enum { NODE_GPUS = 8, SEEDS = 2 };

/* Which jobs wait, so that a comparison of schedules in which nobody does is not one. */
struct compared {
    int jobs, waited, rejected;
};

static void compare(const struct gang_queue *q, const struct queue_plan *plan,
                    const struct queue_path *path, int32_t nodes, int32_t gpus, int32_t each,
                    struct compared *seen)
{
    struct workload w;
    struct schedule s;
    int64_t tick = plan->tick_us;
    simulate_workload_init(&w);
    /* A job of no servers asks for one more than there are. */
    for (uint32_t j = 0; j < GANG_QUEUE_JOBS; j++)
        simulate_add(&w, path->arrival[j] * tick,
                     path->servers[j] ? (int32_t)path->servers[j] * each : nodes * gpus + 1,
                     path->run[j] * tick, -1, -1);
    simulate_seal(&w);
    simulate(&w,
             &(struct simulate_fleet){ .pools = { { nodes, gpus } },
                                       .order = "fifo",
                                       .placement = "pack",
                                       .gang = GANG_ANYWHERE },
             &s);
    for (uint32_t j = 0; j < GANG_QUEUE_JOBS; j++) {
        int64_t start = path->servers[j] ? path->start[j] * tick : -1;
        if (s.start_us[j] != start)
            fail_msg("%s, %d nodes of %d: job %u starts at %lld, not %lld", q->name, nodes, gpus, j,
                     (long long)start, (long long)s.start_us[j]);
        seen->jobs++;
        seen->waited += path->servers[j] && path->start[j] > path->arrival[j];
        seen->rejected += path->servers[j] == 0;
    }
    schedule_free(&s);
    workload_free(&w);
}

static void starts_are_those_of_the_full_simulator(void **state)
{
    struct compared seen = { 0, 0, 0 };
    (void)state;
    for (int i = 0; i < GANG_QUEUE_N; i++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            const struct gang_queue *q = &gang_queues[i];
            static struct queue_laws laws;
            static struct queue_plan plan;
            struct queue_path path;
            int32_t servers = (int32_t)q->servers;
            gang_queue_plan(q, seed, &laws, &plan);
            gang_path_init(&path, GANG_QUEUE_JOBS);
            assert_true(queue_trace(&plan.model, (uint32_t)seed, &path));
            compare(q, &plan, &path, 1, servers, 1, &seen);
            compare(q, &plan, &path, servers, 1, 1, &seen);
            compare(q, &plan, &path, servers, NODE_GPUS, NODE_GPUS, &seen);
            gang_path_free(&path);
            queue_laws_free(&laws);
        }
    assert_true(seen.jobs > 300000);
    assert_true(seen.waited > seen.jobs / 3 && seen.waited < seen.jobs * 9 / 10);
    assert_true(seen.rejected > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_are_those_of_the_full_simulator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
