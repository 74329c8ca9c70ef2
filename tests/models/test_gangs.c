/* SPDX-License-Identifier: Apache-2.0 */
/* Which node has what is left of a gang beyond its whole nodes, solved by hand. */
#include <string.h>

#include "models/scheduling/placing.h"
#include "tests/simulate.h"

/* Nodes of 8 GPUs with so many free. */
static void nodes_with(struct pool *p, const int *free, int32_t n)
{
    struct pool_spec spec = { .name = "p", .nodes = n, .type = { .gpus = 8 } };
    struct error err;
    assert_int_equal(pool_init(p, &spec, 0, false, false, false, &err), STATUS_OK);
    for (int32_t k = 0; k < n; k++) {
        struct share share = { .gpus = 8 - free[k] };
        pool_shift(p, k, &share, -1);
    }
}

/* 11 GPUs are 8 and 3; the node of the 3, where the 8 are on `whole`. */
static int32_t rest_by(struct pool *p, enum placement_rule rule, enum remainder_rule remainder,
                       int32_t whole)
{
    struct placing how = { .rule = rule, .gang = GANG_FEWEST_NODES, .remainder = remainder };
    struct demand d = { .gpus = 11 };
    struct piece pieces[2];
    int64_t free = p->free_gpus;
    assert_int_equal(placing_find(&how, p, &d, 0, pieces), 2);
    assert_int_equal(pieces[0].node, whole);
    assert_int_equal(pieces[1].gpus, 3);
    assert_int_equal(p->free_gpus, free); /* nothing is taken */
    return pieces[1].node;
}

static void the_rest_of_eleven(void **state)
{
    static const enum placement_rule rules[] = { PLACE_FIRST_FIT, PLACE_PACK, PLACE_SPREAD };
    static const int32_t by_placement[] = { 0, 4, 6 };
    struct pool p;
    (void)state;
    nodes_with(&p, (const int[]){ 4, 2, 8, 5, 3, 7, 8 }, 7);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rest_by(&p, rules[i], REMAINDER_PLACEMENT, 2), by_placement[i]);
        assert_int_equal(rest_by(&p, rules[i], REMAINDER_FIRST_FIT, 2), 0);
        assert_int_equal(rest_by(&p, rules[i], REMAINDER_PACK, 2), 4);
        assert_int_equal(rest_by(&p, rules[i], REMAINDER_SPREAD, 2), 6);
        assert_int_equal(rest_by(&p, rules[i], REMAINDER_NEAR, 2), 3);
    }
    pool_free(&p);
    nodes_with(&p, (const int[]){ 2, 5, 4, 8, 1 }, 5); /* none behind node 3 has room */
    assert_int_equal(rest_by(&p, PLACE_PACK, REMAINDER_NEAR, 3), 1);
    pool_free(&p);
    nodes_with(&p, (const int[]){ 2, 5, 4, 8, 6 }, 5); /* no other is idle */
    assert_int_equal(rest_by(&p, PLACE_PACK, REMAINDER_SPREAD, 3), 4);
    pool_free(&p);
}

/* Whole nodes in random order: the next is that after the highest of them. */
static void near_what_was_drawn(void **state)
{
    static const int idle[] = { 8, 8, 8, 8, 8, 8, 8, 8 };
    const struct placing how = { .rule = PLACE_RANDOM,
                                 .gang = GANG_FEWEST_NODES,
                                 .remainder = REMAINDER_NEAR };
    const struct demand d = { .gpus = 19 };
    struct pool p;
    int falling = 0;
    (void)state;
    nodes_with(&p, idle, 8);
    for (uint32_t job = 0; job < 200; job++) {
        struct piece at[3];
        assert_int_equal(placing_find(&how, &p, &d, job, at), 3);
        int32_t last = at[0].node > at[1].node ? at[0].node : at[1].node, next = last + 1;
        if (next == 8)
            for (next = 0; next == at[0].node || next == at[1].node;) next++;
        assert_int_equal(at[2].node, next);
        falling += at[0].node > at[1].node;
    }
    assert_true(falling > 50);
    pool_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_of_eleven),
        cmocka_unit_test(near_what_was_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
