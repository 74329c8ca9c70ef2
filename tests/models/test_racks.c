/* SPDX-License-Identifier: Apache-2.0 */
/* In which racks gangs lie, and what it costs, solved by hand. Two racks of four nodes of 8 GPUs.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/racks.h"
#include "tests/simulate.h"

static struct named_number half[] = { { "all", 500000 } };

static struct simulate_fleet racks(enum gang_rule gang)
{
    return (struct simulate_fleet){ .pools = { { 8, 8 } },
                                    .placement = "pack",
                                    .gang = gang,
                                    .rack_nodes = 4,
                                    .cross_rack = { half, 1 } };
}

/* 3 GPUs on node 0 and 16 on nodes 1 and 2: then 24 would begin on node 3, or have rack 1. */
static void a_rack_of_its_own(void **state)
{
    (void)state;
    for (int in_racks = 0; in_racks < 2; in_racks++) {
        struct simulate_fleet fleet = racks(in_racks ? GANG_FEWEST_RACKS : GANG_FEWEST_NODES);
        struct workload w;
        struct schedule s;
        simulate_workload_init(&w);
        simulate_add(&w, 0, 3, 100, -1, -1);
        simulate_add(&w, 1, 16, 100, -1, -1);
        simulate_add(&w, 2, 24, 100, -1, -1);
        simulate_seal(&w);
        simulate(&w, &fleet, &s);
        assert_int_equal(s.first_node[0], 0);
        assert_int_equal(s.first_node[1], 1);
        assert_int_equal(s.first_node[2], in_racks ? 4 : 3);
        assert_int_equal(s.nodes[2], 3);
        assert_int_equal(s.end_us[1], 101);
        assert_int_equal(s.end_us[2], in_racks ? 102 : 202);
        assert_int_equal(s.result.over_racks, !in_racks);
        assert_int_equal(s.result.scattered, 0);
        double lost = in_racks ? 0 : 100 * 24 / 3600e6;
        assert_float_equal(s.result.scattered_gpu_hours, lost, 1e-12);
        schedule_free(&s);
        workload_free(&w);
    }
}

typedef int32_t find_fn(const struct pool *pool, const struct demand *d, struct piece *pieces);

static int32_t find_by(find_fn *rule, const struct pool *p, int64_t gpus, int64_t cpu_milli,
                       int32_t *nodes)
{
    struct piece pieces[16];
    struct demand d = { .gpus = gpus, .cpu_milli = cpu_milli };
    int32_t n = rule(p, &d, pieces);
    for (int32_t i = 0; i < n; i++) nodes[i] = pieces[i].node;
    return n;
}

static int32_t find(const struct pool *p, int64_t gpus, int64_t cpu_milli, int32_t *nodes)
{
    return find_by(racks_fewest_find, p, gpus, cpu_milli, nodes);
}

static int32_t spread(const struct pool *p, int64_t gpus, int64_t cpu_milli, int32_t *nodes)
{
    return find_by(racks_spread_find, p, gpus, cpu_milli, nodes);
}

static void take(struct pool *p, int64_t node, int32_t gpus, int64_t cpu_milli)
{
    struct share share = { .gpus = gpus, .cpu_milli = cpu_milli };
    pool_shift(p, node, &share, -1);
}

#define NODES(n, ...)                                                                              \
    do {                                                                                           \
        const int32_t wanted_[] = { __VA_ARGS__ };                                                 \
        assert_int_equal(n, sizeof wanted_ / sizeof *wanted_);                                     \
        assert_memory_equal(nodes, wanted_, sizeof wanted_);                                       \
    } while (0)

/* Three racks of four. */
static void three_racks(struct pool *p)
{
    struct pool_spec spec = { .name = "p", .nodes = 12, .rack_nodes = 4 };
    struct error err;
    spec.type.gpus = 8;
    spec.type.cpu_milli = 64000;
    assert_int_equal(pool_init(p, &spec, 0, true, false, false, &err), STATUS_OK);
}

static void which_rack(void **state)
{
    struct pool p;
    int32_t nodes[16];
    (void)state;
    three_racks(&p);
    NODES(find(&p, 32, 0, nodes), 0, 1, 2, 3);
    take(&p, 5, 5, 0);                      /* rack 1: three empty nodes and one with 3 GPUs */
    NODES(find(&p, 24, 0, nodes), 4, 6, 7); /* the fullest that will do */
    NODES(find(&p, 27, 0, nodes), 4, 6, 7, 5);
    NODES(find(&p, 28, 0, nodes), 0, 1, 2, 3); /* no room for the remainder there */
    NODES(find(&p, 40, 0, nodes), 0, 1, 2, 3, 4);
    NODES(find(&p, 64, 0, nodes), 0, 1, 2, 3, 8, 9, 10, 11);
    NODES(find(&p, 67, 0, nodes), 0, 1, 2, 3, 8, 9, 10, 11, 5); /* none left in these racks */
    take(&p, 0, 0, 60000); /* its GPUs are free, its cores are not */
    NODES(find(&p, 32, 256000, nodes), 8, 9, 10, 11);
    NODES(find(&p, 24, 192000, nodes), 1, 2, 3);
    assert_int_equal(find(&p, 96, 0, nodes), 0);
    assert_int_equal(find(&p, 88, 704000, nodes), 0);
    struct piece two[] = { { 3, 8, 0 }, { 4, 8, 0 }, { 7, 8, 0 } };
    assert_int_equal(racks_of(&p, two, 3), 2);
    assert_int_equal(racks_fewest(&p, 4), 1);
    assert_int_equal(racks_fewest(&p, 5), 2);
    pool_free(&p);
}

static void over_racks(void **state)
{
    struct pool p;
    int32_t nodes[16];
    (void)state;
    three_racks(&p);
    NODES(spread(&p, 24, 0, nodes), 0, 4, 8);
    NODES(spread(&p, 32, 0, nodes), 0, 1, 4, 8);
    NODES(spread(&p, 27, 0, nodes), 0, 4, 8, 1);
    NODES(spread(&p, 12, 0, nodes), 0, 4); /* the remainder is a part like the others */
    take(&p, 1, 5, 0);
    NODES(spread(&p, 16, 0, nodes), 4, 8); /* rack 0 has fewer idle nodes */
    NODES(spread(&p, 32, 0, nodes), 0, 4, 5, 8);
    NODES(spread(&p, 27, 0, nodes), 0, 4, 8, 1);
    NODES(spread(&p, 19, 0, nodes), 4, 8, 1);
    NODES(spread(&p, 88, 0, nodes), 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    NODES(spread(&p, 91, 0, nodes), 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1);
    assert_int_equal(spread(&p, 92, 0, nodes), 0);
    take(&p, 2, 8, 0);
    take(&p, 3, 8, 0);
    NODES(spread(&p, 56, 0, nodes), 0, 4, 5, 6, 8, 9, 10); /* rack 0 has one to give */
    NODES(spread(&p, 64, 0, nodes), 0, 4, 5, 6, 7, 8, 9, 10);
    take(&p, 4, 0, 60000); /* its GPUs are free, its cores are not */
    NODES(spread(&p, 24, 192000, nodes), 0, 5, 8);
    assert_int_equal(spread(&p, 72, 576000, nodes), 0);
    pool_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rack_of_its_own),
        cmocka_unit_test(which_rack),
        cmocka_unit_test(over_racks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
