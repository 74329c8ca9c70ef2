/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods one by one, and gangs that hold nodes until all their pods have one: against the same rules
 * written plainly (slow_coscheduling.c), job by job; and small cases solved by hand.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/random_world.h"
#include "tests/slow_coscheduling.h"

/* ---- against the plain rules ---- */

/* Pods in turn can take each other's nodes for ever, where many gangs wait that need most of the
 * fleet: whoever gives up makes room for one pod of each. */
static int ends(const struct workload *w, const struct simulate_fleet *fleet)
{
    struct schedule s;
    struct error err = { STATUS_OK, "" };
    enum status status = simulate_status(w, fleet, &s, &err);
    if (status != STATUS_OK && !strstr(err.message, "again and again")) fail_msg("%s", err.message);
    if (status != STATUS_OK) assert_int_equal(fleet->permit.pods, PODS_IN_TURN);
    schedule_free(&s);
    return status == STATUS_OK;
}

static void random_nodes(struct draw *d, struct workload *w)
{
    for (size_t j = 0; j < w->job_n; j++) {
        int gpus = w->gpu_milli[j] / 1000;
        if (below(d, 2) == 0) continue;
        w->nodes[j] = 1 + below(d, gpus < 2 ? 3 : gpus + 1);
        /* Half of the time it divides the GPUs. */
        while (below(d, 2) && gpus > 0 && gpus % w->nodes[j] != 0) w->nodes[j] = 1 + below(d, gpus);
    }
}

static void random_permit(struct draw *d, struct permit_options *permit)
{
    permit->pods = (enum pods_rule)below(d, 2);
    permit->timeout_us = 1 + below(d, 20);
    permit->backoff_us = 1 + below(d, 5);
}

static void agrees_with_the_plain_rules(void **state)
{
    static const char *const rules[] = { "first-fit", "pack", "spread" };
    uint64_t seeds = seeds_or(1500);
    uint64_t giving_up = 0, endless = 0;
    const struct slow_coscheduling_deeds *deeds = &slow_coscheduling_deeds;
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 11), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        int64_t before = deeds->gave_up;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 40), largest, LIMITS_NONE, &w);
        random_nodes(&d, &w);
        random_permit(&d, &fleet.permit);
        fleet.timing.instant = (enum instant_rule)below(&d, 2);
        fleet.timing.events = (enum event_rule)below(&d, 2);
        if (fleet.timing.events == EVENTS_INSTANT && below(&d, 4) == 0)
            fleet.timing.cycle_us = 2 + below(&d, 4);
        fleet.order = "coscheduling";
        fleet.placement = rules[seed % 3];
        if (ends(&w, &fleet)) agree(&w, &fleet, seed);
        else endless++;
        giving_up += deeds->gave_up > before;
        workload_free(&w);
    }
    /* They were not idle. */
    if (seeds < 500) return;
    int64_t some = (int64_t)seeds / 10;
    assert_true(4 * giving_up > seeds && 100 * endless < 2 * seeds);
    assert_true(deeds->again > some && deeds->spared > some && deeds->waited > some);
    assert_true(deeds->passed > some && deeds->beside > some && deeds->remainder > some);
    assert_true(deeds->refused > some);
}

/* ---- by hand ---- */

/* A job of so many pods of equal size; 0: as many as it needs nodes. */
static void add(struct workload *w, int32_t priority, double submit_s, int32_t gpus, int32_t pods,
                double run_s)
{
    struct job_row row;
    struct error err = { STATUS_OK, "" };
    job_row_init(&row);
    row.priority = priority;
    row.submit_us = (int64_t)(submit_s * US_PER_S);
    row.gpu_milli = 1000 * gpus;
    row.nodes = pods;
    row.run_us = (int64_t)(run_s * US_PER_S);
    if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
}

/* The plain rules must agree with what is worked out here. */
static void run_on(struct workload *w, struct simulate_fleet fleet, struct schedule *out)
{
    fleet.order = "coscheduling";
    simulate_seal(w);
    agree(w, &fleet, 0);
    simulate(w, &fleet, out);
}

static void assert_start(const struct schedule *s, size_t job, double start_s)
{
    assert_int_equal(s->start_us[job], (int64_t)(start_s * US_PER_S));
}

static void assert_half_placed(const struct schedule *s, int64_t timeouts, double gpu_s)
{
    double held = 3600 * s->result.half_placed_gpu_hours;
    assert_int_equal(s->result.gang_timeouts, timeouts);
    if (held < gpu_s - 1e-9 || held > gpu_s + 1e-9) fail_msg("%.9f, not %.9f", held, gpu_s);
}

/* Gangs of 4 pods on nodes that have room for one gang. Two in turn: A B | A B, and A gives up at
 * 60 s. Three: A B | C A; A gives up, and B and C have two pods each; B gives up, too, and C goes
 * on. */
static void gangs_hold_what_others_need(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 2, 8 } } };
    (void)state;
    for (int n = 2; n <= 3; n++)
        for (int in_turn = 0; in_turn < 2; in_turn++) {
            struct workload w;
            struct schedule s;
            simulate_workload_init(&w);
            for (int j = 0; j < n; j++) add(&w, 0, 0, 16, 4, 100);
            fleet.permit.pods = in_turn ? PODS_IN_TURN : PODS_TOGETHER;
            run_on(&w, fleet, &s);
            if (!in_turn) {
                for (size_t j = 0; j < w.job_n; j++) assert_start(&s, j, 100. * (double)j);
                assert_half_placed(&s, 0, 0);
            } else if (n == 2) {
                assert_start(&s, 1, 60);
                assert_start(&s, 0, 160);
                assert_half_placed(&s, 1, 60 * 16);
            } else {
                assert_start(&s, 2, 60);
                assert_start(&s, 1, 220); /* A and B hold half again from 160 s on */
                assert_start(&s, 0, 320);
                assert_half_placed(&s, 3, 60 * 16 + 60 * 16);
            }
            schedule_free(&s);
            workload_free(&w);
        }
}

static void one_pod_is_never_half_placed(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 2, 8 } } };
    (void)state;
    for (int in_turn = 0; in_turn < 2; in_turn++) {
        struct workload w;
        struct schedule s;
        simulate_workload_init(&w);
        add(&w, 0, 0, 4, 1, 10);
        add(&w, 0, 0, 16, 2, 20); /* holds the other node until the first job ends */
        add(&w, 0, 1, 4, 0, 5);   /* passes it */
        add(&w, 0, 2, 8, 1, 5);   /* waits, and holds nothing */
        add(&w, 0, 2, 0, 3, 5);   /* has no GPU: on any node, at once */
        fleet.permit.pods = in_turn ? PODS_IN_TURN : PODS_TOGETHER;
        run_on(&w, fleet, &s);
        assert_start(&s, 2, 1);
        assert_int_equal(s.first_node[2], 0);
        assert_start(&s, 1, 10);
        assert_int_equal(s.first_node[1], 1);
        assert_start(&s, 3, 30);
        assert_start(&s, 4, 2);
        assert_half_placed(&s, 0, 10 * 8);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* One pod of the gang has a node, the other one has none until a job ends there. */
static void backoff_doubles(void **state)
{
    static const struct {
        struct permit_options permit;
        double ends_s, start_s;
        int64_t timeouts;
        double held_s;
    } cases[] = {
        { { 0 }, 30, 30, 0, 30 },
        { { 0 }, 60, 60, 0, 60 }, /* what becomes free in time is tried first */
        { { 0 }, 60.5, 61, 1, 60 },
        { { 0 }, 122, 123, 2, 120 },
        { { 0 }, 186, 187, 3, 180 },
        { { 0 }, 250, 255, 4, 240 },
        { { 0 }, 320, 325, 5, 300 },
        { { 0 }, 390, 395, 6, 360 },
        { { 0 }, 400, 400, 6, 365 },
        { { .timeout_us = 7000000, .backoff_us = 3000000 }, 112, 112, 5, 37 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct workload w;
        struct schedule s;
        simulate_workload_init(&w);
        add(&w, 0, 0, 8, 1, cases[i].ends_s);
        add(&w, 0, 0, 16, 2, 10);
        run_on(&w, (struct simulate_fleet){ .pools = { { 2, 8 } }, .permit = cases[i].permit }, &s);
        assert_start(&s, 1, cases[i].start_s);
        assert_half_placed(&s, cases[i].timeouts, 8 * cases[i].held_s);
        schedule_free(&s);
        workload_free(&w);
    }
}

static void pods_on_one_node_are_one_piece(void **state)
{
    static const char *const rules[] = { "first-fit", "pack", "spread" };
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct workload w;
        struct schedule s;
        int nodes = i == 2 ? 2 : 1;
        simulate_workload_init(&w);
        add(&w, 0, 0, 8, 4, 10);
        run_on(&w, (struct simulate_fleet){ .pools = { { 2, 8 } }, .placement = rules[i] }, &s);
        assert_int_equal(s.nodes[0], nodes);
        assert_int_equal(s.first_node[0], 0);
        assert_int_equal(s.result.scattered, nodes - 1);
        schedule_free(&s);
        workload_free(&w);
    }
}

static void pods_that_no_pool_holds_are_refused(void **state)
{
    static const struct {
        int32_t pods;
        int nodes; /* that it lies on; 0 = refused */
    } cases[] = { { 0, 2 }, { 1, 0 }, { 2, 2 }, { 3, 0 }, { 4, 2 }, { 5, 2 }, { 6, 2 }, { 12, 2 } };
    struct simulate_fleet fleet = { .pools = { { 2, 6 } } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct workload w;
        struct schedule s;
        simulate_workload_init(&w);
        add(&w, 0, 0, 12, cases[i].pods, 10);
        run_on(&w, fleet, &s);
        assert_int_equal(s.nodes[0], cases[i].nodes);
        assert_int_equal(s.result.rejected_by[REJECT_PODS], cases[i].nodes == 0);
        assert_int_equal(s.result.rejected, cases[i].nodes == 0);
        schedule_free(&s);
        workload_free(&w);
    }
    assert_string_equal(reject_reason_text(REJECT_PODS), "has pods that no pool has room for");
}

static void urgent_gangs_go_first(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 1, 8 } } };
    (void)state;
    for (int in_turn = 0; in_turn < 2; in_turn++) {
        struct workload w;
        struct schedule s;
        simulate_workload_init(&w);
        add(&w, 0, 0, 8, 1, 10);
        add(&w, 0, 1, 8, 0, 10);
        add(&w, 2, 2, 8, 0, 10);
        add(&w, 1, 3, 8, 0, 10);
        fleet.permit.pods = in_turn ? PODS_IN_TURN : PODS_TOGETHER;
        run_on(&w, fleet, &s);
        assert_start(&s, 2, 10);
        assert_start(&s, 3, 20);
        assert_start(&s, 1, 30);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* The gang of no priority holds node 1 from the start; the urgent one gets node 0 when it is free,
 * and has to wait for the other's time to be up all the same. */
static void priority_takes_nothing_from_who_holds_it(void **state)
{
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 0, 8, 1, 10);
    add(&w, 0, 0, 16, 2, 10);
    add(&w, 1, 1, 16, 2, 10);
    run_on(&w, (struct simulate_fleet){ .pools = { { 2, 8 } } }, &s);
    assert_start(&s, 2, 60);
    assert_start(&s, 1, 70);
    assert_half_placed(&s, 1, 8 * 60 + 8 * 50);
    schedule_free(&s);
    workload_free(&w);
}

static void gangs_lie_in_one_pool(void **state)
{
    struct workload w;
    struct schedule s;
    (void)state;
    /* The second pod waits for the pool of the first, though the other pool is empty. */
    simulate_workload_init(&w);
    add(&w, 0, 0, 4, 1, 30);
    add(&w, 0, 1, 8, 2, 10);
    run_on(&w, (struct simulate_fleet){ .pools = { { 2, 4 }, { 2, 4 } } }, &s);
    assert_start(&s, 1, 30);
    assert_int_equal(s.first_node[1], 1);
    assert_half_placed(&s, 0, 29 * 4);
    schedule_free(&s);
    workload_free(&w);

    /* A pool that has GPUs enough, and no room for all pods, is not tried. */
    simulate_workload_init(&w);
    add(&w, 0, 0, 12, 3, 30);
    run_on(&w, (struct simulate_fleet){ .pools = { { 2, 6 }, { 2, 8 } } }, &s);
    assert_start(&s, 0, 0);
    assert_int_equal(s.first_node[0], 2);
    schedule_free(&s);
    workload_free(&w);

    /* Pods of 3 GPUs and of 1, as the nodes of the first pool are: beside each other on the one
     * node of the second. */
    simulate_workload_init(&w);
    add(&w, 0, 0, 6, 2, 30);
    add(&w, 0, 1, 4, 0, 10);
    run_on(&w, (struct simulate_fleet){ .pools = { { 2, 3 }, { 1, 4 } } }, &s);
    assert_start(&s, 1, 1);
    assert_int_equal(s.first_node[1], 2);
    assert_int_equal(s.nodes[1], 1);
    schedule_free(&s);
    workload_free(&w);
}

static void keep_nodes(void *context, const struct job_record *r)
{
    ((int32_t *)context)[r->job] = r->nodes;
}

/* Nodes of 8 GPUs and 16 cores: 4 pods of 2 GPUs and 10 cores need one each. nodes[j]: how many job
 * j lay on. */
static void run_with_cores(int32_t node_n, const struct workload *w, struct world_result *r,
                           int32_t *nodes)
{
    struct pool_spec pool = {
        .name = "p",
        .type = { .name = "n", .gpu_model = "", .gpus = 8, .cpu_milli = 16000 },
        .nodes = node_n,
        .purchase = { .option = purchase_option_find("on-demand") }
    };
    struct fleet_spec fleet = { .name = "f", .pools = &pool, .pool_n = 1 };
    struct world_options options = { .seed = 1 };
    struct observer obs = { .context = nodes, .job = keep_nodes };
    struct error err = { STATUS_OK, "" };
    fleet.scheduler = (struct scheduler_spec){ .order = queue_order_find("coscheduling"),
                                               .placement = placement_find("pack") };
    if (world_run(w, &fleet, &options, &obs, r, &err) != STATUS_OK) fail_msg("%s", err.message);
}

static void pods_have_their_part_of_the_cores(void **state)
{
    struct workload w;
    struct world_result r;
    int32_t nodes[2];
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 0, 8, 4, 10);
    add(&w, 0, 20, 0, 4, 10); /* no GPU to be divided */
    simulate_seal(&w);
    w.cpu_milli[0] = 40000;
    w.cpu_milli[1] = 16000;
    run_with_cores(4, &w, &r, nodes);
    assert_int_equal(nodes[0], 4);
    assert_int_equal(nodes[1], 1);
    world_result_free(&r);
    run_with_cores(3, &w, &r, nodes);
    assert_int_equal(r.rejected_by[REJECT_PODS], 1);
    assert_int_equal(r.finished, 1);
    world_result_free(&r);
    w.cpu_milli[0] = 32000; /* two on each node */
    run_with_cores(2, &w, &r, nodes);
    assert_int_equal(nodes[0], 2);
    world_result_free(&r);
    workload_free(&w);
}

/* Gangs of three pods on three nodes, in turn. Of four the last goes on at 60 s: A gives up its
 * node for B, B two for C and D, C two for D. Of five C leaves two to D and one to E; at 120 s
 * these leave all to A (two) and B (one); at 180 s these to C and D; and so on. */
static void five_gangs_in_turn_never_start(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 3, 1 } }, .order = "coscheduling" };
    (void)state;
    for (int n = 4; n <= 5; n++)
        for (int in_turn = 0; in_turn < 2; in_turn++) {
            struct workload w;
            struct schedule s;
            struct error err = { STATUS_OK, "" };
            simulate_workload_init(&w);
            for (int j = 0; j < n; j++) add(&w, 0, 0, 3, 3, 10);
            simulate_seal(&w);
            fleet.permit.pods = in_turn ? PODS_IN_TURN : PODS_TOGETHER;
            enum status status = simulate_status(&w, &fleet, &s, &err);
            if (in_turn && n == 5) {
                assert_int_equal(status, STATUS_BAD_INPUT);
                assert_string_equal(err.message,
                                    "gangs gave up 1000000 times one after another, and none has "
                                    "started: they hold what the others need, again and again");
            } else {
                assert_int_equal(status, STATUS_OK);
                if (in_turn) assert_start(&s, 3, 60);
                agree(&w, &fleet, 0);
            }
            schedule_free(&s);
            workload_free(&w);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_rules),
        cmocka_unit_test(gangs_hold_what_others_need),
        cmocka_unit_test(one_pod_is_never_half_placed),
        cmocka_unit_test(backoff_doubles),
        cmocka_unit_test(pods_on_one_node_are_one_piece),
        cmocka_unit_test(pods_that_no_pool_holds_are_refused),
        cmocka_unit_test(urgent_gangs_go_first),
        cmocka_unit_test(priority_takes_nothing_from_who_holds_it),
        cmocka_unit_test(gangs_lie_in_one_pool),
        cmocka_unit_test(pods_have_their_part_of_the_cores),
        cmocka_unit_test(five_gangs_in_turn_never_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
