/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may not be beside whom on a node: solved by hand, and held against every placement and every
 * order that knows it. Job by job against plain rules: test_world.c and test_placements.c.
 */
#include "models/scheduling/placing.h"
#include "tests/random_world.h"

#include <string.h>

static uint32_t name_in(struct names *names, const char *text)
{
    return names_add(names, text, strlen(text));
}

static void add(struct workload *w, int64_t submit, int32_t gpus, int64_t run)
{
    simulate_add(w, submit, gpus, run, -1, -1);
}

static void whose(struct workload *w, size_t job, const char *tenant, const char *user)
{
    w->tenant[job] = name_in(&w->tenants, tenant);
    w->user[job] = name_in(&w->users, user);
}

static struct simulate_fleet two_nodes(const char *order)
{
    return (struct simulate_fleet){ .pools = { { 2, 8 } }, .order = order, .placement = "pack" };
}

#define STARTS(s, ...)                                                                             \
    do {                                                                                           \
        const int64_t wanted_[] = { __VA_ARGS__ };                                                 \
        assert_int_equal((s).n, sizeof wanted_ / sizeof *wanted_);                                 \
        for (size_t j_ = 0; j_ < (s).n; j_++) assert_int_equal((s).start_us[j_], wanted_[j_]);     \
    } while (0)

/* Of a GPU: three of user a and one of b, both of tenant t, and two that name nobody. */
static void six_jobs(struct workload *w)
{
    simulate_workload_init(w);
    for (int j = 0; j < 6; j++) add(w, j, 1, 10);
    simulate_seal(w);
    for (size_t j = 0; j < 3; j++) whose(w, j, "t", "a");
    whose(w, 3, "t", "b");
}

/* The third of user a waits for the first to leave; b and the unnamed are beside anybody. */
static void apart_by_user(void **state)
{
    struct workload w;
    struct schedule s;
    (void)state;
    six_jobs(&w);
    struct simulate_fleet fleet = two_nodes("fifo-skip");
    fleet.neighbours.apart = APART_USER;
    simulate(&w, &fleet, &s);
    STARTS(s, 0, 1, 10, 3, 4, 5);
    assert_int_equal(s.first_node[0], 0);
    assert_int_equal(s.first_node[1], 1);
    assert_int_equal(s.first_node[2], 0);
    assert_int_equal(s.first_node[3], 0); /* of two nodes as full the first */
    assert_int_equal(s.first_node[4], 0);
    assert_int_equal(s.first_node[5], 0);
    schedule_free(&s);
    fleet.order = "fifo"; /* who waits for a node of its own makes all wait */
    simulate(&w, &fleet, &s);
    STARTS(s, 0, 1, 10, 10, 10, 10);
    schedule_free(&s);
    fleet.neighbours.apart = APART_TENANT; /* b is of t, too */
    simulate(&w, &fleet, &s);
    STARTS(s, 0, 1, 10, 11, 11, 11);
    schedule_free(&s);
    workload_free(&w);
}

/* Each tenant has the node it is on; the unnamed are one more. By user a and b are strangers. */
static void nodes_of_one(void **state)
{
    struct workload w;
    struct schedule s;
    (void)state;
    six_jobs(&w);
    struct simulate_fleet fleet = two_nodes("fifo-skip");
    fleet.neighbours.exclusive = EXCLUSIVE_TENANT;
    simulate(&w, &fleet, &s);
    STARTS(s, 0, 1, 2, 3, 4, 5);
    for (int j = 0; j < 6; j++) assert_int_equal(s.first_node[j], j > 3);
    schedule_free(&s);
    fleet.neighbours.exclusive = EXCLUSIVE_USER; /* the unnamed wait until a has left */
    simulate(&w, &fleet, &s);
    STARTS(s, 0, 1, 2, 3, 12, 12);
    assert_int_equal(s.first_node[3], 1);
    assert_int_equal(s.first_node[4], 0);
    schedule_free(&s);
    fleet.neighbours.exclusive = EXCLUSIVE_JOB;
    simulate(&w, &fleet, &s);
    STARTS(s, 0, 1, 10, 11, 20, 21);
    schedule_free(&s);
    fleet.neighbours =
        (struct neighbour_options){ .apart = APART_USER, .exclusive = EXCLUSIVE_TENANT };
    simulate(&w, &fleet, &s); /* node 0 is t's, and so is node 1 until a has left it */
    STARTS(s, 0, 1, 10, 3, 11, 11);
    schedule_free(&s);
    workload_free(&w);
}

/* A gang of 12 lies on two nodes and is in nobody's way but of its user's next one; a job of no
 * GPUs is a neighbour as well. */
static void gangs_and_jobs_without_gpus(void **state)
{
    static const enum gang_rule rules[] = { GANG_FEWEST_NODES, GANG_ANYWHERE, GANG_FEWEST_RACKS,
                                            GANG_SPREAD_RACKS };
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = { .pools = { { 4, 8 } },
                                        .order = "fifo-skip",
                                        .placement = "first-fit",
                                        .gang = rules[i],
                                        .rack_nodes = 2,
                                        .neighbours.apart = APART_USER };
        simulate_workload_init(&w);
        add(&w, 0, 12, 10); /* nodes 0 and 1; over racks, 0 and 2 */
        add(&w, 1, 0, 20);  /* of the same, on the first node of the others */
        add(&w, 2, 12, 10); /* of the same: one node is left to it */
        add(&w, 3, 4, 10);  /* of another, beside the gang */
        simulate_seal(&w);
        for (size_t j = 0; j < 3; j++) whose(&w, j, "", "a");
        whose(&w, 3, "", "b");
        simulate(&w, &fleet, &s);
        STARTS(s, 0, 1, 10, 3);
        assert_int_equal(s.nodes[0], 2);
        assert_int_equal(s.first_node[1], rules[i] == GANG_SPREAD_RACKS ? 1 : 2);
        assert_int_equal(s.first_node[3], 1);
        schedule_free(&s);
        workload_free(&w);
    }
}

static bool may_meet(const struct workload *w, const struct neighbour_options *o, size_t a,
                     size_t b)
{
    if (o->apart == APART_TENANT && w->tenant[a] && w->tenant[a] == w->tenant[b]) return false;
    if (o->apart == APART_USER && w->user[a] && w->user[a] == w->user[b]) return false;
    if (o->apart == APART_CLASS && w->class_[a] && w->class_[a] == w->class_[b]) return false;
    if (o->apart == APART_QUEUE && w->queue[a] && w->queue[a] == w->queue[b]) return false;
    if (o->exclusive == EXCLUSIVE_TENANT && w->tenant[a] != w->tenant[b]) return false;
    if (o->exclusive == EXCLUSIVE_USER && w->user[a] != w->user[b]) return false;
    return o->exclusive != EXCLUSIVE_JOB;
}

/* How many pairs of jobs were on one node at one time that may not be. */
static int64_t meetings(const struct workload *w, const struct neighbour_options *o,
                        const struct schedule *s)
{
    int64_t n = 0;
    for (size_t a = 0; a < w->job_n; a++)
        for (size_t b = 0; b < a; b++) {
            bool meet = s->first_node[a] == s->first_node[b] && s->start_us[a] < s->end_us[b] &&
                        s->start_us[b] < s->end_us[a];
            if (s->start_us[a] >= 0 && meet && !may_meet(w, o, a, b)) n++;
        }
    return n;
}

/* No placement and no order puts two on one node that may not be, and all run in the end; without
 * the rule they do meet. */
static void none_meet(void **state)
{
    int64_t met[5][4] = { { 0 } };
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct draw d = { random_key(seed, 41), 0 };
        struct simulate_fleet fleet = { .pools = { { 3, 8 }, { 2, 4 } }, .gang = GANG_ONE_NODE };
        struct workload w;
        struct schedule free, kept;
        random_workload(&d, 60, 8, LIMITS_NONE, &w);
        struct neighbour_options rule = { (enum apart_rule)below(&d, 5), EXCLUSIVE_NONE };
        if (rule.apart == APART_NONE || below(&d, 4) == 0)
            rule.exclusive = (enum exclusive_rule)(1 + below(&d, 3));
        for (const struct queue_order *o = queue_orders; o->name; o++)
            for (const struct placement *p = placements; p->name; p++) {
                if (options_refusal(o, OPTION_EXCLUSIVE)) continue;
                fleet.order = o->name;
                fleet.placement = p->name;
                fleet.neighbours = (struct neighbour_options){ 0 };
                simulate(&w, &fleet, &free);
                fleet.neighbours = rule;
                simulate(&w, &fleet, &kept);
                if (meetings(&w, &rule, &kept) > 0)
                    fail_msg("seed %d, %s, %s: %s apart, %s exclusive", (int)seed, o->name, p->name,
                             apart_rules[rule.apart].name, exclusive_rules[rule.exclusive].name);
                met[rule.apart][rule.exclusive] += meetings(&w, &rule, &free);
                assert_int_equal(kept.result.finished, free.result.finished);
                schedule_free(&free);
                schedule_free(&kept);
            }
        workload_free(&w);
    }
    for (int i = 1; i < 5; i++) assert_true(met[i][EXCLUSIVE_NONE] > 1000);
    for (int i = 1; i < 4; i++) assert_true(met[APART_NONE][i] > 1000);
}

/* The record itself: 100 nodes, so that marks take more than a word. */
static void a_record_of_nodes(void **state)
{
    struct neighbours *n = neighbours_new(100, 2, 8);
    const struct whose a = { 1, 7 }, b = { 2, 7 }, c = { 1, 8 }, alone = { 0, OWNER_ALONE };
    (void)state;
    assert_non_null(n);
    neighbours_shift(n, 70, a, -1);
    assert_false(neighbours_allow(n, 70, a));
    assert_true(neighbours_allow(n, 6, a)); /* the same bit of another word */
    assert_true(neighbours_allow(n, 70, b));
    assert_false(neighbours_allow(n, 70, c));
    assert_false(neighbours_allow(n, 70, alone));
    neighbours_shift(n, 70, b, -1);
    neighbours_shift(n, 70, a, +1);
    assert_false(neighbours_allow(n, 70, c)); /* b is still there */
    assert_true(neighbours_allow(n, 70, a));
    neighbours_shift(n, 70, b, +1);
    assert_true(neighbours_allow(n, 70, c));
    neighbours_shift(n, 70, alone, -1);
    assert_false(neighbours_allow(n, 70, alone));
    assert_false(neighbours_allow(n, 70, c));
    neighbours_shift(n, 70, alone, +1);
    assert_true(neighbours_allow(n, 70, alone));
    neighbours_free(n);
}

/* Nodes beyond the first word of a set: the lowest that is open, from any node on. */
static void a_wide_pool(void **state)
{
    enum { NODES = 150 };
    struct pool_spec spec = { .name = "p", .nodes = NODES, .type = { .gpus = 4 } };
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct draw d = { random_key(seed, 42), 0 };
        struct pool p;
        struct error err;
        bool is_shut[NODES] = { false };
        assert_int_equal(pool_init(&p, &spec, 0, false, false, false, &err), STATUS_OK);
        p.neighbours = neighbours_new(NODES, 2, 3);
        assert_non_null(p.neighbours);
        for (int i = 0; i < 300; i++) {
            struct share share = { .gpus = below(&d, 2),
                                   .whose = { (uint32_t)below(&d, 3),
                                              1 + (uint32_t)below(&d, 3) } };
            int64_t node = below(&d, NODES);
            if (!pool_node_fits(&p, node, &share)) continue;
            pool_shift(&p, node, &share, -1);
            is_shut[node] |= share.whose.apart == 1 || share.whose.owner != 2;
        }
        for (int32_t gpus = 0; gpus <= 4; gpus++) {
            const struct share share = { .gpus = gpus, .whose = { 1, 2 } };
            for (int64_t from = 0; from <= NODES; from++) {
                int64_t node = from;
                while (node < NODES && (is_shut[node] || p.free_gpu[node] < gpus)) node++;
                assert_int_equal(placing_first(&p, &share, from), node < NODES ? node : -1);
            }
        }
        pool_free(&p);
    }
}

/* Whether a gang can ever fit does not depend on who is there now: half on each node. */
static void possible_is_of_the_empty_pool(void **state)
{
    struct pool_spec spec = { .name = "p", .nodes = 2, .type = { .gpus = 8, .cpu_milli = 8000 } };
    const struct demand d = { .gpus = 8, .cpu_milli = 16000, .whose = { 0, 2 } };
    const struct share other = { .gpus = 1, .whose = { 0, 1 } };
    struct pool p;
    struct error err;
    int failed;
    (void)state;
    assert_int_equal(pool_init(&p, &spec, 0, true, false, false, &err), STATUS_OK);
    p.neighbours = neighbours_new(2, 0, 2);
    assert_non_null(p.neighbours);
    pool_shift(&p, 0, &other, -1);
    assert_true(placing_possible(GANG_ANYWHERE, &p, &d, &failed));
    assert_false(placing_possible(GANG_FEWEST_NODES, &p, &d, &failed));
    pool_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apart_by_user),
        cmocka_unit_test(nodes_of_one),
        cmocka_unit_test(gangs_and_jobs_without_gpus),
        cmocka_unit_test(none_meet),
        cmocka_unit_test(a_record_of_nodes),
        cmocka_unit_test(a_wide_pool),
        cmocka_unit_test(possible_is_of_the_empty_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
