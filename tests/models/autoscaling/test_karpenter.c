/* SPDX-License-Identifier: Apache-2.0 */
/* Karpenter against cases worked by hand from its rules. Boots take 10 s. */
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/autoscaling/karpenter.h"
#include "tests/random_world.h"

#define S INT64_C(1000000)
#define H (3600 * S)

/* ---- small fleets ---- */

static const struct purchase_option reserved = { "reserved", "", "" }, spot = { "spot", "", "" };

/* An offering at so many dollars an hour; NULL: on demand. */
static struct pool_spec kind_of(const char *type, const struct purchase_option *option, double usd)
{
    return (struct pool_spec){
        .type = { .name = type, .provider = "test", .gpu_model = "", .source = "" },
        .purchase = { .option = option ? option : purchase_option_find("on-demand"),
                      .usd_nano_per_hour = (int64_t)(usd * 1e9) }
    };
}

static struct simulate_fleet fleet_of(struct simulate_pool pool)
{
    struct simulate_fleet fleet = { .pools = { pool },
                                    .coming = { pool.nodes },
                                    .autoscaler.kind = &autoscaler_karpenter,
                                    .boot.scale_us = 10 * S };
    karpenter_defaults(&fleet.autoscaler.karpenter);
    return fleet;
}

static void add_pool(struct simulate_fleet *fleet, int at, struct simulate_pool pool,
                     const struct pool_spec *kind)
{
    fleet->pools[at] = pool;
    fleet->coming[at] = pool.nodes;
    fleet->kinds[at] = kind;
}

static struct karpenter_pool nodepool(const char *name, uint64_t pools)
{
    struct karpenter_pool pool;
    karpenter_pool_defaults(&pool);
    pool.name = name;
    pool.pools = pools;
    return pool;
}

static void use(struct simulate_fleet *fleet, const struct karpenter_pool *pools, int32_t n)
{
    fleet->autoscaler.karpenter.pools = pools;
    fleet->autoscaler.karpenter.n = n;
}

static void job(struct workload *w, int64_t submit_us, int32_t gpus, int64_t run_us)
{
    simulate_add(w, submit_us, gpus, run_us, -1, -1);
}

/* Pool, requested, gone (-1: it stays to the end); in order of pool, then of request. */
static void check_stays(const struct schedule *s, const int64_t (*stays)[3], size_t n)
{
    for (size_t i = 0; i < s->stay_n && i < n; i++) {
        const struct node_record *r = &s->stays[i];
        int64_t gone_us = stays[i][2] < 0 ? s->result.books_us : stays[i][2];
        if (r->pool != stays[i][0] || r->up_us != stays[i][1] || r->down_us != gone_us)
            fail_msg("stay %zu is of pool %d, %.6f .. %.6f", i, r->pool, (double)r->up_us / S,
                     (double)r->down_us / S);
    }
    assert_int_equal(s->stay_n, n);
}

/* ---- batches ---- */

/* Pods at 0, 0.5 and 1.4 s: a second later there is none, so at 2.4 s. Then one every 0.8 s from
 * 100 s on: at 110 s the window has been open for ten seconds, 13 have come, the last at 109.6 s.
 * The seven from 110.4 to 115.2 s are a batch at 116.2 s. */
static void windows_close(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 40, 1 });
    size_t at[3] = { 0 };
    (void)state;
    simulate_workload_init(&w);
    job(&w, 0, 1, 1000 * S);
    job(&w, S / 2, 1, 1000 * S);
    job(&w, 14 * S / 10, 1, 1000 * S);
    for (int i = 0; i < 20; i++) job(&w, 100 * S + i * 8 * S / 10, 1, 1000 * S);
    simulate_once(&w, &fleet, &s);
    for (size_t i = 0; i < s.stay_n; i++) {
        at[0] += s.stays[i].up_us == 24 * S / 10;
        at[1] += s.stays[i].up_us == 110 * S;
        at[2] += s.stays[i].up_us == 1162 * S / 10;
    }
    assert_int_equal(at[0], 3);
    assert_int_equal(at[1], 13);
    assert_int_equal(at[2], 7);
    assert_int_equal(s.stay_n, 23);
    assert_int_equal(s.start_us[0], 124 * S / 10);
    schedule_free(&s);
}

/* Pods of 3, 3, 5 and 5 cores on nodes of 8: the larger first, 5 + 3 and 5 + 3. Of 3, 3, 5 and 5
 * GPUs, which are no key, on nodes of 8, as they come: 3 + 3, 5, 5. */
static void cores_are_a_key_and_gpus_are_not(void **state)
{
    static const int sizes[] = { 3, 3, 5, 5 };
    (void)state;
    for (int by_gpu = 0; by_gpu < 2; by_gpu++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 8, 8 });
        struct pool_spec kind = kind_of("box", NULL, 1);
        kind.type.cpu_milli = by_gpu ? 0 : 8000;
        fleet.kinds[0] = &kind;
        simulate_workload_init(&w);
        for (int i = 0; i < 4; i++) {
            job(&w, 0, by_gpu ? sizes[i] : 1, 100 * S);
            if (!by_gpu) w.cpu_milli[i] = sizes[i] * 1000;
        }
        simulate_once(&w, &fleet, &s);
        /* Where the scheduler, which is strict, places them otherwise, another comes later. */
        size_t first = 0;
        for (size_t i = 0; i < s.stay_n; i++) first += s.stays[i].up_us == S;
        assert_int_equal(first, by_gpu ? 3 : 2);
        schedule_free(&s);
    }
}

/* The NodePool of weight 10 first, though its nodes are dearer; it may have two, then 16 GPUs. */
static void weights_and_limits(void **state)
{
    struct pool_spec dear = kind_of("dear", NULL, 2), cheap = kind_of("cheap", NULL, 1);
    struct karpenter_pool pools[] = { nodepool("a", 2), nodepool("b", 1) };
    (void)state;
    pools[1].weight = 10;
    for (int by_gpu = 0; by_gpu < 2; by_gpu++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
        fleet.kinds[0] = &dear;
        add_pool(&fleet, 1, (struct simulate_pool){ 4, 8 }, &cheap);
        pools[1].limits = (struct karpenter_limits){ -1, -1, by_gpu ? 23 : -1, by_gpu ? -1 : 2 };
        use(&fleet, pools, 2);
        simulate_workload_init(&w);
        for (int i = 0; i < 3; i++) job(&w, 0, 8, 100 * S);
        simulate_once(&w, &fleet, &s);
        static const int64_t stays[][3] = { { 0, S, -1 }, { 0, S, -1 }, { 1, S, -1 } };
        check_stays(&s, stays, 3);
        schedule_free(&s);
    }
}

/* Reserved, then spot, then on demand, whatever they cost. The second and third claim find no
 * reserved node at 1 s, the third no spot node at 2 s: a second later each is seen again. */
static void capacity_types_in_order(void **state)
{
    struct workload w;
    struct schedule s;
    struct pool_spec kinds[] = { kind_of("box", NULL, 1), kind_of("box", &spot, 5),
                                 kind_of("box", &reserved, 9) };
    struct karpenter_pool pool = nodepool("all", 7);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
    (void)state;
    pool.after_us = -1;
    use(&fleet, &pool, 1);
    fleet.kinds[0] = &kinds[0];
    add_pool(&fleet, 1, (struct simulate_pool){ 1, 8 }, &kinds[1]);
    add_pool(&fleet, 2, (struct simulate_pool){ 1, 8 }, &kinds[2]);
    simulate_workload_init(&w);
    for (int i = 0; i < 3; i++) job(&w, 0, 8, 60 * S);
    simulate_once(&w, &fleet, &s);
    static const int64_t stays[][3] = { { 0, 3 * S, -1 }, { 1, 2 * S, -1 }, { 2, S, -1 } };
    check_stays(&s, stays, 3);
    schedule_free(&s);
}

/* The reserved node is taken at 21 s, so that its offering is not asked again before 201 s: the
 * third job has a node on demand at 101 s, though the reserved one is free from 75 s on (idle at
 * 51 s, seen at 60 s, validated 15 s later); the fourth has it at 251 s. */
static void no_capacity_for_three_minutes(void **state)
{
    struct workload w;
    struct schedule s;
    struct pool_spec kinds[] = { kind_of("box", NULL, 1), kind_of("box", &reserved, 1) };
    struct karpenter_pool pool = nodepool("all", 3);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
    (void)state;
    fleet.kinds[0] = &kinds[0];
    add_pool(&fleet, 1, (struct simulate_pool){ 1, 8 }, &kinds[1]);
    pool.policy = KARPENTER_WHEN_EMPTY;
    use(&fleet, &pool, 1);
    simulate_workload_init(&w);
    job(&w, 0, 8, 40 * S);
    job(&w, 20 * S, 8, 5000 * S);
    job(&w, 100 * S, 8, 4920 * S);
    job(&w, 250 * S, 8, 4770 * S);
    simulate_once(&w, &fleet, &s);
    static const int64_t stays[][3] = {
        { 0, 22 * S, -1 }, { 0, 101 * S, -1 }, { 1, S, 75 * S }, { 1, 251 * S, -1 }
    };
    check_stays(&s, stays, 4);
    schedule_free(&s);
}

/* 16 GPUs are two nodes of 8. A gang of four nodes brings none while one of the four is held. */
static void gangs_come_whole(void **state)
{
    struct workload w;
    struct schedule s;
    struct karpenter_pool pool = nodepool("all", 1);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
    (void)state;
    pool.after_us = -1;
    use(&fleet, &pool, 1);
    fleet.order = "fifo-skip";
    simulate_workload_init(&w);
    job(&w, 0, 16, 100 * S);
    job(&w, 200 * S, 5, 500 * S);
    job(&w, 300 * S, 32, 100 * S);
    simulate_once(&w, &fleet, &s);
    /* From 700 s on all four may be its: two are there, two are asked for in the batch of what has
     * changed then. */
    static const int64_t stays[][3] = {
        { 0, S, -1 }, { 0, S, -1 }, { 0, 701 * S, -1 }, { 0, 701 * S, -1 }
    };
    check_stays(&s, stays, 4);
    assert_int_equal(s.start_us[2], 711 * S);
    schedule_free(&s);
}

/* Nodes of a gang that wait for each other are its own, and are not taken for empty. */
static void nodes_that_jobs_wait_for_stay(void **state)
{
    struct workload w;
    struct schedule s;
    struct error err;
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 8, 8 });
    (void)state;
    assert_int_equal(duration_lognormal(200 * S, 1, &fleet.boot, &err), STATUS_OK);
    simulate_workload_init(&w);
    job(&w, 0, 40, 100 * S);
    simulate_once(&w, &fleet, &s);
    int64_t first_us = INT64_MAX, last_us = 0;
    for (size_t i = 0; i < s.stay_n; i++) {
        if (s.stays[i].ready_us < first_us) first_us = s.stays[i].ready_us;
        if (s.stays[i].ready_us > last_us) last_us = s.stays[i].ready_us;
    }
    assert_int_equal(s.stay_n, 5);
    assert_true(last_us - first_us > 60 * S);
    assert_int_equal(s.start_us[0], last_us);
    schedule_free(&s);
}

/* Boots of 20 minutes are given up after 15. */
static void nodes_that_do_not_register(void **state)
{
    struct workload w;
    struct schedule s;
    struct error err;
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 2, 8 });
    (void)state;
    fleet.boot.scale_us = 1200 * S;
    simulate_workload_init(&w);
    job(&w, 0, 8, 10 * S);
    simulate_seal(&w);
    assert_int_equal(simulate_status(&w, &fleet, &s, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "no job has started"));
    schedule_free(&s);
    workload_free(&w);
}

/* ---- consolidation ---- */

/* At 111 s one node has 2 of 8 GPUs held, the other 6. */
static void half_empty(struct workload *w)
{
    simulate_workload_init(w);
    job(w, 0, 6, 100 * S);
    job(w, 0, 6, 5000 * S);
    job(w, 12 * S, 2, 5000 * S);
}

/* One node of 8 GPUs would hold all, but is not cheaper than one of the same type. So one goes,
 * which costs as much and is as cheap to disrupt as the other, but comes first: seen at 120 s,
 * validated at 135 s. Its job goes on beside that of 6 at once, with what it had done. */
static void deletes_a_node(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
    (void)state;
    half_empty(&w);
    simulate_once(&w, &fleet, &s);
    static const int64_t stays[][3] = { { 0, S, 135 * S }, { 0, S, -1 } };
    check_stays(&s, stays, 2);
    assert_int_equal(s.result.preemptions, 1);
    assert_int_equal(s.preemptions[2], 1);
    assert_int_equal(s.end_us[2], 5012 * S);
    schedule_free(&s);
}

/* WhenEmpty, do-not-disrupt, consolidateAfter: Never, and a scheduler whose jobs share the time of
 * GPUs leave it; none of them moves a job. */
static void who_does_not_move_jobs(void **state)
{
    (void)state;
    for (int why = 0; why < 4; why++) {
        struct workload w;
        struct schedule s;
        struct karpenter_pool pool = nodepool("all", 1);
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
        if (why == 0) pool.policy = KARPENTER_WHEN_EMPTY;
        if (why == 1) pool.after_us = -1;
        fleet.autoscaler.karpenter.do_not_disrupt = why == 2;
        if (why == 3) {
            fleet.sharing = SHARING_TIME;
            fleet.replicas = 2;
        }
        use(&fleet, &pool, 1);
        half_empty(&w);
        simulate_once(&w, &fleet, &s);
        static const int64_t stays[][3] = { { 0, S, -1 }, { 0, S, -1 } };
        check_stays(&s, stays, 2);
        assert_int_equal(s.result.preemptions, 0);
        schedule_free(&s);
    }
}

/* From 111 s on a node of 8 GPUs at $8 an hour holds one: at 135 s one of 2 GPUs at $usd is
 * launched, at 145 s it is ready and the job goes to it. */
static void one_node(const struct karpenter_pool *pool, double usd, struct schedule *s)
{
    struct workload w;
    struct pool_spec big = kind_of("big", NULL, 8), small = kind_of("small", NULL, usd);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
    fleet.kinds[0] = &big;
    add_pool(&fleet, 1, (struct simulate_pool){ 4, 2 }, &small);
    use(&fleet, pool, 1);
    simulate_workload_init(&w);
    job(&w, 0, 6, 100 * S);
    job(&w, 0, 1, 5000 * S);
    simulate_once(&w, &fleet, s);
}

static const int64_t replaced[][3] = { { 0, S, 145 * S }, { 1, 135 * S, -1 } };

static void replaces_a_node(void **state)
{
    struct schedule s;
    struct karpenter_pool pool = nodepool("all", 3);
    (void)state;
    one_node(&pool, 7.9, &s);
    check_stays(&s, replaced, 2);
    assert_int_equal(s.preemptions[1], 1);
    assert_int_equal(s.start_us[1], 11 * S);
    assert_int_equal(s.end_us[1], 5011 * S);
    schedule_free(&s);
    one_node(&pool, 8, &s); /* no cheaper */
    static const int64_t stays[][3] = { { 0, S, -1 } };
    check_stays(&s, stays, 1);
    schedule_free(&s);
}

/* Of 8 GPUs at most the replacement and what it replaces are 10 for a while, from 135 to 145 s: a
 * job of 8 that comes meanwhile has no node until the limit has room for all of it: at 5,011 s the
 * small node is free, and three more make 8 GPUs. */
static void limits_hold_beside_a_replacement(void **state)
{
    struct workload w;
    struct schedule s;
    struct pool_spec big = kind_of("big", NULL, 8), small = kind_of("small", NULL, 2);
    struct karpenter_pool pool = nodepool("all", 3);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
    (void)state;
    pool.limits.gpus = 8;
    fleet.kinds[0] = &big;
    add_pool(&fleet, 1, (struct simulate_pool){ 4, 2 }, &small);
    use(&fleet, &pool, 1);
    simulate_workload_init(&w);
    job(&w, 0, 6, 100 * S);
    job(&w, 0, 1, 5000 * S);
    job(&w, 136 * S, 8, 100 * S);
    simulate_once(&w, &fleet, &s);
    static const int64_t stays[][3] = { { 0, S, 145 * S },
                                        { 1, 135 * S, -1 },
                                        { 1, 5012 * S, -1 },
                                        { 1, 5012 * S, -1 },
                                        { 1, 5012 * S, -1 } };
    check_stays(&s, stays, 5);
    assert_int_equal(s.start_us[2], 5022 * S);
    schedule_free(&s);
}

/* All that the NodePool has is disrupted, so that at least half of its price is to be saved. */
static void balances(void **state)
{
    struct schedule s;
    struct karpenter_pool pool = nodepool("all", 3);
    (void)state;
    pool.policy = KARPENTER_BALANCED;
    one_node(&pool, 4, &s);
    check_stays(&s, replaced, 2);
    schedule_free(&s);
    one_node(&pool, 4.1, &s);
    assert_int_equal(s.stay_n, 1);
    schedule_free(&s);
}

/* Three nodes of 4 GPUs at $4, a job of one on each: all three for one of 3 GPUs at $3, where the
 * budget lets three go at once; with the default of a tenth of three, rounded up, one at a time:
 * the first goes at 135 s, the second, whose two jobs the third has room for, at 150 s; then the
 * one that is left for that at $3. */
static void many_for_one(void **state)
{
    static const struct karpenter_budget all = { .nodes = 100,
                                                 .percent = true,
                                                 .reasons = KARPENTER_REASONS };
    struct pool_spec four = kind_of("four", NULL, 4), three = kind_of("three", NULL, 3);
    (void)state;
    for (int tenth = 0; tenth < 2; tenth++) {
        struct workload w;
        struct schedule s;
        struct karpenter_pool pool = nodepool("all", 3);
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 4 });
        fleet.kinds[0] = &four;
        add_pool(&fleet, 1, (struct simulate_pool){ 4, 3 }, &three);
        if (!tenth) pool.budgets = &all;
        use(&fleet, &pool, 1);
        simulate_workload_init(&w);
        for (int i = 0; i < 3; i++) job(&w, 0, 3, 100 * S);
        for (int i = 0; i < 3; i++) job(&w, 0, 1, 5000 * S);
        simulate_once(&w, &fleet, &s);
        static const int64_t at_once[][3] = {
            { 0, S, 145 * S }, { 0, S, 145 * S }, { 0, S, 145 * S }, { 1, 135 * S, -1 }
        };
        static const int64_t in_turn[][3] = {
            { 0, S, 135 * S }, { 0, S, 175 * S }, { 0, S, 150 * S }, { 1, 165 * S, -1 }
        };
        check_stays(&s, tenth ? in_turn : at_once, 4);
        assert_int_equal(s.result.preemptions, tenth ? 1 + 1 + 3 : 3);
        schedule_free(&s);
    }
}

/* A spot node at $20 is replaced by a cheaper one on spot, at 135 s and the cheapest of them, where
 * the gate is open and there are 15 cheaper types (consolidation.go, MinInstanceTypesForSpotToSpot
 * Consolidation): not where it is shut, nor where one of the 15 costs as much, or is of a type that
 * is there already. */
static void spot_for_spot(void **state)
{
    enum { TYPES = 15 };
    static const char *const names[TYPES] = { "a", "b", "c", "d", "e", "f", "g", "h",
                                              "i", "j", "k", "l", "m", "n", "o" };
    static const int64_t replaced_at[][3] = { { 0, S, 145 * S }, { 7, 135 * S, -1 } };
    enum { REPLACED, GATE_SHUT, ONE_IS_AS_DEAR, TWO_ARE_ALIKE, CASES };
    (void)state;
    for (int why = 0; why < CASES; why++) {
        struct workload w;
        struct schedule s;
        struct pool_spec big = kind_of("big", &spot, 20), small[TYPES];
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
        fleet.kinds[0] = &big;
        for (int i = 0; i < TYPES; i++) {
            small[i] = kind_of(names[i], &spot, i == 6 ? 4 : 5 + i);
            add_pool(&fleet, 1 + i, (struct simulate_pool){ 4, 2 }, &small[i]);
        }
        if (why == ONE_IS_AS_DEAR) small[TYPES - 1].purchase.usd_nano_per_hour = 20000000000;
        if (why == TWO_ARE_ALIKE) small[TYPES - 1].type.name = names[0];
        fleet.autoscaler.karpenter.spot_to_spot = why != GATE_SHUT;
        simulate_workload_init(&w);
        job(&w, 0, 6, 100 * S);
        job(&w, 0, 1, 5000 * S);
        simulate_once(&w, &fleet, &s);
        if (why == REPLACED) check_stays(&s, replaced_at, 2);
        else assert_int_equal(s.stay_n, 1);
        schedule_free(&s);
    }
}

/* Three spot nodes of 4 GPUs at $4, a job of one on each, and one of 3 GPUs at $3 on spot: with the
 * gate open the three go for that one, whatever other types there are; else two of them go, whose
 * jobs the third has room for. */
static void many_spot_for_one(void **state)
{
    static const struct karpenter_budget all = { .nodes = 3, .reasons = KARPENTER_REASONS };
    struct pool_spec four = kind_of("four", &spot, 4), three = kind_of("three", &spot, 3);
    (void)state;
    for (int gate = 0; gate < 2; gate++) {
        struct workload w;
        struct schedule s;
        struct karpenter_pool pool = nodepool("all", 3);
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 4 });
        fleet.kinds[0] = &four;
        add_pool(&fleet, 1, (struct simulate_pool){ 4, 3 }, &three);
        fleet.autoscaler.karpenter.spot_to_spot = gate;
        pool.budgets = &all;
        use(&fleet, &pool, 1);
        simulate_workload_init(&w);
        for (int i = 0; i < 3; i++) job(&w, 0, 3, 100 * S);
        for (int i = 0; i < 3; i++) job(&w, 0, 1, 5000 * S);
        simulate_once(&w, &fleet, &s);
        static const int64_t shut[][3] = { { 0, S, 135 * S }, { 0, S, 135 * S }, { 0, S, -1 } };
        static const int64_t open[][3] = {
            { 0, S, 145 * S }, { 0, S, 145 * S }, { 0, S, 145 * S }, { 1, 135 * S, -1 }
        };
        check_stays(&s, gate ? open : shut, gate ? 4 : 3);
        assert_int_equal(s.result.preemptions, gate ? 3 : 2);
        schedule_free(&s);
    }
}

/* A node on demand at $8 may be replaced by one on demand at $1 or on spot at $2: it is by the spot
 * node. Where there is none, because a job of two GPUs that came at 12 s has it, its replacement is
 * not launched at 135 s; it stays until its job ends at 311 s, and goes at 335 s. */
static void on_demand_becomes_spot(void **state)
{
    struct pool_spec kinds[] = { kind_of("big", NULL, 8), kind_of("small", NULL, 1),
                                 kind_of("small", &spot, 2) };
    struct karpenter_pool pool = nodepool("all", 7);
    (void)state;
    for (int taken = 0; taken < 2; taken++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 1, 8 });
        fleet.kinds[0] = &kinds[0];
        add_pool(&fleet, 1, (struct simulate_pool){ 4, 2 }, &kinds[1]);
        add_pool(&fleet, 2, (struct simulate_pool){ 1, 2 }, &kinds[2]);
        use(&fleet, &pool, 1);
        simulate_workload_init(&w);
        job(&w, 0, 7, 100 * S);
        job(&w, 0, 1, 300 * S);
        if (taken) job(&w, 12 * S, 2, 400 * S);
        simulate_once(&w, &fleet, &s);
        static const int64_t moves[][3] = { { 0, S, 145 * S }, { 2, 135 * S, -1 } };
        static const int64_t stays[][3] = { { 0, S, 335 * S }, { 2, 13 * S, -1 } };
        check_stays(&s, taken ? stays : moves, 2);
        assert_int_equal(s.result.preemptions, taken ? 0 : 1);
        schedule_free(&s);
    }
}

/* Idle at 111 s: with consolidateAfter 5 min at 411 s, so at 420 s, validated at 435 s. */
static void consolidates_after(void **state)
{
    (void)state;
    for (int minutes = 0; minutes < 10; minutes += 5) {
        struct workload w;
        struct schedule s;
        struct karpenter_pool pool = nodepool("all", 1);
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
        fleet.books_us = 1000 * S;
        pool.after_us = minutes * 60 * S;
        use(&fleet, &pool, 1);
        simulate_workload_init(&w);
        job(&w, 0, 8, 100 * S);
        simulate_once(&w, &fleet, &s);
        const int64_t stays[][3] = { { 0, S, minutes ? 435 * S : 135 * S } };
        check_stays(&s, stays, 1);
        schedule_free(&s);
    }
}

/* ---- budgets ---- */

/* "19 nodes x 20 % -> 4": karpenter.sh, Disruption, budgets; less those that go or are down. */
static void budgets_round_up(void **state)
{
    static const struct karpenter_budget budgets[] = {
        { .nodes = 20, .percent = true, .reasons = KARPENTER_REASONS },
        { .nodes = 5, .reasons = KARPENTER_REASONS },
        { .nodes = 0, .reasons = KARPENTER_DRIFTED | KARPENTER_UNDERUTILIZED },
    };
    struct karpenter_pool pool = nodepool("all", 1);
    int64_t changes_us;
    (void)state;
    pool.budgets = budgets;
    pool.budget_n = 3;
    assert_int_equal(karpenter_allowed(&pool, KARPENTER_EMPTY, 19, 0, 0, 0, &changes_us), 4);
    assert_int_equal(karpenter_allowed(&pool, KARPENTER_EMPTY, 19, 2, 1, 0, &changes_us), 1);
    assert_int_equal(karpenter_allowed(&pool, KARPENTER_EMPTY, 19, 4, 3, 0, &changes_us), 0);
    assert_int_equal(karpenter_allowed(&pool, KARPENTER_EMPTY, 100, 0, 0, 0, &changes_us), 5);
    assert_int_equal(karpenter_allowed(&pool, KARPENTER_UNDERUTILIZED, 19, 0, 0, 0, &changes_us),
                     0);
    pool.budget_n = 0;
    assert_true(karpenter_allowed(&pool, KARPENTER_EMPTY, 19, 9, 0, 0, &changes_us) == INT64_MAX);
}

/* 19 nodes are empty at 111 s: 20 % of 19, 15, 12, 9, 7, 5, 4, 3, 2 and 1, rounded up, every 15 s
 * from 135 s on. */
static void empty_nodes_go_within_budgets(void **state)
{
    static const struct karpenter_budget fifth = { .nodes = 20,
                                                   .percent = true,
                                                   .reasons = KARPENTER_REASONS };
    static const size_t expected[] = { 4, 3, 3, 2, 2, 1, 1, 1, 1, 1 };
    struct workload w;
    struct schedule s;
    struct karpenter_pool pool = nodepool("all", 1);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 20, 8 });
    size_t gone[10] = { 0 };
    (void)state;
    fleet.books_us = 1000 * S;
    pool.budgets = &fifth;
    use(&fleet, &pool, 1);
    simulate_workload_init(&w);
    for (int i = 0; i < 19; i++) job(&w, 0, 8, 100 * S);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.stay_n, 19);
    for (size_t i = 0; i < 19; i++) {
        int64_t step = (s.stays[i].down_us / S - 135) / 15;
        assert_true(s.stays[i].down_us % S == 0 && step >= 0 && step < 10);
        gone[step]++;
    }
    for (size_t i = 0; i < 10; i++) assert_int_equal(gone[i], expected[i]);
    schedule_free(&s);
}

/* Nobody goes from 9:00 to 17:00 on weekdays; second 0 is a Monday. A node that is empty at 10:00
 * is found at 17:00. */
static void budgets_by_the_clock(void **state)
{
    struct karpenter_budget day = { .reasons = KARPENTER_REASONS,
                                    .scheduled = true,
                                    .duration_us = 8 * H };
    struct workload w;
    struct schedule s;
    struct karpenter_pool pool = nodepool("all", 1);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
    int part;
    (void)state;
    assert_true(cron_read("0 9 * * mon-fri", &day.schedule, &part));
    fleet.books_us = 48 * H;
    pool.budgets = &day;
    use(&fleet, &pool, 1);
    simulate_workload_init(&w);
    job(&w, 10 * H - 111 * S, 8, 100 * S);
    simulate_once(&w, &fleet, &s);
    const int64_t stays[][3] = { { 0, 10 * H - 110 * S, 17 * H + 15 * S } };
    check_stays(&s, stays, 1);
    schedule_free(&s);
}

/* ---- expireAfter ---- */

/* Nodes live for 100 s, of which the job has 90: launched at 1 s, they expire at 101 s, the job
 * waits, the next is launched a second later. After five of them 50 s of 500 are left, from 516 s
 * on. With do-not-disrupt it ends on the first node, unless a terminationGracePeriod of 200 s ends
 * that at 301 s; what of 500 is left, 210 s, runs from 312 s to 522 s, before that expires. */
static void nodes_expire(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct workload w;
        struct schedule s;
        struct karpenter_pool pool = nodepool("all", 1);
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 4, 8 });
        pool.expire_us = 100 * S;
        if (kind == 2) pool.grace_us = 200 * S;
        fleet.autoscaler.karpenter.do_not_disrupt = kind > 0;
        fleet.books_us = 2000 * S;
        use(&fleet, &pool, 1);
        simulate_workload_init(&w);
        job(&w, 0, 8, 500 * S);
        simulate_once(&w, &fleet, &s);
        static const int64_t lives[][3] = { { 0, 1 * S, 101 * S },   { 0, 102 * S, 202 * S },
                                            { 0, 203 * S, 303 * S }, { 0, 304 * S, 404 * S },
                                            { 0, 405 * S, 505 * S }, { 0, 506 * S, 585 * S } };
        static const int64_t whole[][3] = { { 0, S, 511 * S } };
        static const int64_t graced[][3] = { { 0, S, 301 * S }, { 0, 302 * S, 522 * S } };
        static const int64_t ends_us[] = { 566 * S, 511 * S, 522 * S };
        check_stays(&s,
                    kind == 0   ? lives
                    : kind == 1 ? whole
                                : graced,
                    (size_t[]){ 6, 1, 2 }[kind]);
        assert_int_equal(s.end_us[0], ends_us[kind]);
        schedule_free(&s);
    }
}

/* ---- cron ---- */

static void cron_times(void **state)
{
    /* 2026-11-29 is a Sunday, 20,786 days after 1970-01-01. */
    const int64_t sunday = 20786 * 24 * H;
    const struct {
        const char *text;
        int64_t next_us; /* after Sunday 00:00; -1: never */
    } cases[] = {
        { "* * * * *", sunday + 60 * S },
        { "0 9 * * mon-fri", sunday + 33 * H },
        { "0 0 * * 0", sunday + 168 * H },
        { "*/15 8-17 * * *", sunday + 8 * H },
        { "30,45 0 * * *", sunday + H / 2 },
        { "5/20 * * * *", sunday + 300 * S },
        { "0 12 1 * *", sunday + (2 * 24 + 12) * H },       /* the first of December */
        { "0 0 1 1 *", sunday + 33 * 24 * H },              /* New Year's Day */
        { "0 0 2 * MON", sunday + 24 * H },                 /* the second, or a Monday */
        { "0 0 */2 * mon", sunday + 24 * H },               /* an odd day, or a Monday */
        { "0 0 29 feb *", sunday + INT64_C(457) * 24 * H }, /* 2028-02-29 */
        { "0 0 30 2 *", -1 },
        { "@daily", sunday + 24 * H },
        { "@hourly", sunday + H },
        { "@monthly", sunday + 48 * H },
    };
    static const char *const bad[] = {
        "",          "* * * *",      "* * * * * *", "60 * * * *",   "* 24 * * *",
        "* * 0 * *", "* * * 13 *",   "* * * * 7",   "5-1 * * * *",  "*/0 * * * *",
        "a * * * *", "1,,2 * * * *", "@every 1h",   "1-2-3 * * * *"
    };
    struct cron cron;
    int part;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(cron_read(cases[i].text, &cron, &part));
        int64_t next_us = cron_next_us(&cron, sunday);
        if (next_us != (cases[i].next_us < 0 ? INT64_MAX : cases[i].next_us))
            fail_msg("'%s': %.4f hours later", cases[i].text, (double)(next_us - sunday) / H);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (cron_read(bad[i], &cron, &part)) fail_msg("'%s' is taken", bad[i]);
    assert_false(cron_read("0 0 * * noday", &cron, &part));
    assert_int_equal(part, 4);
}

/* ---- shortcuts ---- */

/* Two nodes of 4 GPUs at $4 with 3 held on each, and one of 8 at $7, dearer than each of them, that
 * holds all six: two GPUs are free, and no node could go alone. */
static void two_for_a_larger_one(void **state)
{
    struct workload w;
    struct schedule s;
    struct pool_spec four = kind_of("four", NULL, 4), eight = kind_of("eight", NULL, 7);
    struct karpenter_pool pool = nodepool("all", 3);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 2, 4 });
    (void)state;
    fleet.kinds[0] = &four;
    add_pool(&fleet, 1, (struct simulate_pool){ 1, 8 }, &eight);
    pool.budget_n = 0;
    use(&fleet, &pool, 1);
    simulate_workload_init(&w);
    job(&w, 0, 3, 5000 * S);
    job(&w, 5 * S, 3, 5000 * S);
    simulate_once(&w, &fleet, &s);
    static const int64_t stays[][3] = { { 0, S, 45 * S }, { 0, 6 * S, 45 * S }, { 1, 35 * S, -1 } };
    check_stays(&s, stays, 3);
    schedule_free(&s);
}

static const struct karpenter_budget any = { .nodes = 1000, .reasons = KARPENTER_REASONS };

/* One NodePool or two, with what each may ask for. */
static int32_t random_nodepools(struct draw *d, struct karpenter_pool pools[2])
{
    int32_t n = 1 + below(d, 2);
    for (int32_t i = 0; i < n; i++) {
        pools[i] = nodepool(i ? "b" : "a", n == 1 ? UINT64_MAX : (uint64_t)1 + below(d, 3));
        pools[i].weight = below(d, 2);
        pools[i].policy =
            below(d, 6) ? KARPENTER_WHEN_UNDERUTILIZED : (enum karpenter_policy)below(d, 3);
        pools[i].expire_us = -1;
        if (below(d, 6) == 0) pools[i].after_us = below(d, 20) - 1;
        if (below(d, 6) == 0) pools[i].limits.nodes = below(d, 4);
        if (below(d, 6) == 0) pools[i].limits.gpus = below(d, 20);
        if (below(d, 3)) pools[i].budgets = &any;
    }
    return n;
}

static void compare_schedules(const struct schedule *a, const struct schedule *b, uint64_t seed,
                              const char *order)
{
    for (size_t j = 0; j < a->n; j++)
        if (a->start_us[j] != b->start_us[j] || a->end_us[j] != b->end_us[j] ||
            a->preemptions[j] != b->preemptions[j] || a->first_node[j] != b->first_node[j])
            fail_msg("seed %llu, %s: job %zu", (unsigned long long)seed, order, j);
    if (a->stay_n != b->stay_n)
        fail_msg("seed %llu, %s: %zu stays, %zu", (unsigned long long)seed, order, a->stay_n,
                 b->stay_n);
    for (size_t i = 0; i < a->stay_n; i++)
        if (a->stays[i].pool != b->stays[i].pool || a->stays[i].up_us != b->stays[i].up_us ||
            a->stays[i].down_us != b->stays[i].down_us)
            fail_msg("seed %llu, %s: stay %zu", (unsigned long long)seed, order, i);
}

/* What bounds spare is what a simulation of each batch and each look would have found: whole worlds
 * are the same to the instant, and as many passes. */
static void shortcuts_decide_as_simulations(void **state)
{
    static const char *const orders[] = { "fifo", "fifo-skip", "sjf", "easy" };
    uint64_t moved = 0, seeds = seeds_or(400);
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 37), 0 };
        struct simulate_fleet fleet;
        struct schedule s[2];
        struct workload w;
        struct error err;
        struct karpenter_pool pools[2];
        const char *second = below(&d, 3) ? "b" : "a";
        struct pool_spec kinds[] = { kind_of("a", NULL, 1 + below(&d, 4)),
                                     kind_of(second, below(&d, 4) ? NULL : &spot,
                                             1 + below(&d, 4)) };
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 50), largest, (enum limits)below(&d, 4), &w);
        bool cores = below(&d, 3) == 0, ranks = below(&d, 4) == 0;
        for (size_t j = 0; j < w.job_n; j++) {
            w.run_us[j] *= 1 + below(&d, 20);
            if (w.gpu_milli[j] == 0) w.gpu_milli[j] = 1000;
            if (cores) w.cpu_milli[j] = 1000 * below(&d, 4);
            if (ranks) w.priority[j] = (1 << 24) * below(&d, 4);
        }
        for (int i = 0; i < 2; i++) kinds[i].type.cpu_milli = cores ? 1000 * (3 + below(&d, 8)) : 0;
        fleet.autoscaler.kind = &autoscaler_karpenter;
        struct karpenter_options *o = &fleet.autoscaler.karpenter;
        karpenter_defaults(o);
        o->batch_idle_us = 1;
        o->batch_most_us = 1 + below(&d, 4);
        o->poll_us = 1 + below(&d, 3);
        o->validate_us = 1 + below(&d, 3);
        o->unavailable_us = 1 + below(&d, 40);
        o->spot_to_spot = below(&d, 2);
        use(&fleet, pools, random_nodepools(&d, pools));
        for (int p = 0; p < SIMULATE_POOLS_MAX && fleet.pools[p].nodes > 0; p++) {
            fleet.coming[p] = fleet.pools[p].nodes - below(&d, 2) * (fleet.pools[p].nodes > 1);
            fleet.kinds[p] = &kinds[p % 2];
        }
        assert_int_equal(duration_constant(1 + below(&d, 8), &fleet.boot, &err), STATUS_OK);
        fleet.order = orders[below(&d, 4)];
        enum status status[2];
        for (int plain = 0; plain < 2; plain++) {
            o->plain = plain;
            status[plain] = simulate_status(&w, &fleet, &s[plain], &err);
        }
        assert_int_equal(status[0], status[1]);
        if (status[0] == STATUS_OK) {
            compare_schedules(&s[0], &s[1], seed, fleet.order);
            assert_int_equal(s[0].result.passes, s[1].result.passes);
            assert_int_equal(s[0].result.events, s[1].result.events);
            moved += (uint64_t)s[0].result.preemptions;
        }
        for (int i = 0; i < 2; i++) schedule_free(&s[i]);
        workload_free(&w);
    }
    assert_true(moved > seeds / 4);
}

/* ---- whole worlds ---- */

/* Small worlds under every order: whatever is drained, the invariants of a world hold, which it
 * checks itself, all jobs end, and nobody does more work than its own. */
static void every_order_bears_drains(void **state)
{
    uint64_t drained = 0, seeds = seeds_or(40);
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 31), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct error err;
        struct karpenter_pool pool = nodepool("all", UINT64_MAX);
        struct pool_spec kinds[] = { kind_of("a", NULL, 1 + below(&d, 8)),
                                     kind_of("b", NULL, 1 + below(&d, 8)) };
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 30), largest, (enum limits)below(&d, 4), &w);
        for (size_t j = 0; j < w.job_n; j++) {
            w.run_us[j] *= 8;
            /* An order by rank gives one without GPUs to the first pool, be it empty. */
            if (w.gpu_milli[j] == 0) w.gpu_milli[j] = 1000;
        }
        fleet.autoscaler.kind = &autoscaler_karpenter;
        struct karpenter_options *o = &fleet.autoscaler.karpenter;
        karpenter_defaults(o);
        o->batch_idle_us = 1;
        o->batch_most_us = 4;
        o->poll_us = 2;
        o->validate_us = 1;
        o->unavailable_us = 10;
        pool.budgets = &any;
        pool.expire_us = below(&d, 2) ? 200 : -1;
        use(&fleet, &pool, 1);
        for (int p = 0; p < SIMULATE_POOLS_MAX && fleet.pools[p].nodes > 0; p++) {
            fleet.coming[p] = fleet.pools[p].nodes - below(&d, 2) * (fleet.pools[p].nodes > 1);
            fleet.kinds[p] = &kinds[p % 2];
        }
        assert_int_equal(duration_constant(1 + below(&d, 8), &fleet.boot, &err), STATUS_OK);
        for (const struct queue_order *order = queue_orders; order->name; order++) {
            /* Those give a job to a pool that may have no nodes; half a gang holds nodes that the
             * rest of it then waits for. */
            if (rank_by_shares(order->rank) || strcmp(order->name, "coscheduling") == 0) continue;
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

/* The same where nodes are taken back and drained, and jobs have deadlines for which they leave
 * spot nodes: a drained job may wait for a demand that nobody has had before. */
static void drained_jobs_fall_back(void **state)
{
    static const char *const orders[] = { "fifo-skip", "sjf-skip" };
    uint64_t drained = 0, seeds = seeds_or(150);
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 32), 0 };
        struct karpenter_pool pool = nodepool("all", UINT64_MAX);
        struct pool_spec kinds[] = { kind_of("a", &spot, 4), kind_of("b", NULL, 7),
                                     kind_of("c", &spot, 2) };
        struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 6, 8 });
        struct workload w;
        struct schedule s;
        struct error err;
        random_workload(&d, 60, 8, LIMITS_NONE, &w);
        for (size_t j = 0; j < w.job_n; j++) {
            w.run_us[j] = (1 + w.run_us[j]) * 8;
            w.gpu_milli[j] = 1000 * (1 + below(&d, 8));
            w.cpu_milli[j] = 1000 * below(&d, 30);
            w.deadline_us[j] = w.submit_us[j] + w.run_us[j] + below(&d, 400);
        }
        for (int i = 0; i < 3; i++) kinds[i].type.cpu_milli = 64000;
        fleet.kinds[0] = &kinds[0];
        add_pool(&fleet, 1, (struct simulate_pool){ 60, 8 }, &kinds[1]);
        add_pool(&fleet, 2, (struct simulate_pool){ 6, 8 }, &kinds[2]);
        for (int p = 0; p < 3; p += 2) {
            struct supply_spec *supply = &fleet.supply[p];
            *supply = (struct supply_spec){ .takes_back = true, .by_node = true };
            supply->batch_ppm = 1000000;
            assert_int_equal(duration_exponential(150, &supply->up, &err), STATUS_OK);
            assert_int_equal(duration_exponential(20, &supply->down, &err), STATUS_OK);
        }
        struct karpenter_options *o = &fleet.autoscaler.karpenter;
        o->batch_idle_us = 1;
        o->batch_most_us = 4;
        o->poll_us = 2;
        o->validate_us = 1;
        o->unavailable_us = 10;
        pool.budgets = &any;
        use(&fleet, &pool, 1);
        fleet.boot.scale_us = 3;
        fleet.fallback.rule = seed % 4 < 2 ? FALLBACK_SAFETY_NET : FALLBACK_UNIFORM_PROGRESS;
        fleet.fallback.changeover_us = seed % 4 < 2 ? 0 : 1;
        fleet.order = orders[seed % 2];
        fleet.seed = seed;
        simulate(&w, &fleet, &s);
        assert_int_equal(s.result.finished, w.job_n);
        drained += (uint64_t)s.result.preemptions;
        schedule_free(&s);
        workload_free(&w);
    }
    assert_true(drained > seeds);
}

/* 10,000 nodes are asked for, and are idle for a year: two events for each job, one for each boot.
 * With expireAfter: 720h they go after 30 days. */
static void an_idle_year_costs_nothing(void **state)
{
    struct workload w;
    struct schedule s;
    struct karpenter_pool pool = nodepool("all", 1);
    struct simulate_fleet fleet = fleet_of((struct simulate_pool){ 10000, 1 });
    (void)state;
    pool.after_us = -1;
    use(&fleet, &pool, 1);
    simulate_workload_init(&w);
    for (int i = 0; i < 10000; i++) job(&w, 0, 1, 100 * S);
    job(&w, 8760 * H, 1, 100 * S);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.stay_n, 10001);
    assert_int_equal(s.stays[0].down_us, 720 * H + S);
    assert_int_equal(s.result.events, 3 * 10001);
    assert_true(s.result.passes < 10);
    schedule_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_close),
        cmocka_unit_test(cores_are_a_key_and_gpus_are_not),
        cmocka_unit_test(weights_and_limits),
        cmocka_unit_test(capacity_types_in_order),
        cmocka_unit_test(no_capacity_for_three_minutes),
        cmocka_unit_test(gangs_come_whole),
        cmocka_unit_test(nodes_that_jobs_wait_for_stay),
        cmocka_unit_test(nodes_that_do_not_register),
        cmocka_unit_test(deletes_a_node),
        cmocka_unit_test(who_does_not_move_jobs),
        cmocka_unit_test(replaces_a_node),
        cmocka_unit_test(limits_hold_beside_a_replacement),
        cmocka_unit_test(balances),
        cmocka_unit_test(many_for_one),
        cmocka_unit_test(spot_for_spot),
        cmocka_unit_test(many_spot_for_one),
        cmocka_unit_test(on_demand_becomes_spot),
        cmocka_unit_test(consolidates_after),
        cmocka_unit_test(budgets_round_up),
        cmocka_unit_test(empty_nodes_go_within_budgets),
        cmocka_unit_test(budgets_by_the_clock),
        cmocka_unit_test(nodes_expire),
        cmocka_unit_test(cron_times),
        cmocka_unit_test(two_for_a_larger_one),
        cmocka_unit_test(shortcuts_decide_as_simulations),
        cmocka_unit_test(every_order_bears_drains),
        cmocka_unit_test(drained_jobs_fall_back),
        cmocka_unit_test(an_idle_year_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
