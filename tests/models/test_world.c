/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world against the same rules written a second time (tests/slow_scheduler.c), job by job, on
 * thousands of small random traces full of ties; and what must hold on any trace: Little's law,
 * monotony, time without a scale.
 */
#include "tests/random_world.h"

#include <stdlib.h>
#include <string.h>

#include "tests/slow_elastic.h"

static void agrees_with_the_plain_rules(void **state)
{
    static const char *const rules[] = { "first-fit", "pack", "spread" };
    /* Each under all orders and placements; few under sanitizers. */
    uint64_t seeds = seeds_or(getenv("SEATRIAL_SLOW") ? 150 : 1500);
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 0), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        random_neighbours(&d, &fleet);
        random_workload(&d, 10 + below(&d, 40), largest, (enum limits)below(&d, 4), &w);
        random_own_sizes(seed, &w);
        fleet.ties = (enum tie_rule)(seed % 3);
        fleet.victims = (enum victim_rule)(seed / 3 % 2);
        fleet.predictor = (enum predictor_rule)(seed % 2);
        /* What was before is asked at each pass: one an instant, if every job takes some time. */
        for (size_t j = 0; fleet.ties == TIES_PREVIOUS && j < w.job_n; j++)
            if (w.run_us[j] == 0) w.run_us[j] = 1;
        if (below(&d, 4) == 0) fleet.levels.quantum_us = 1 + below(&d, 6);
        else
            for (int32_t n = below(&d, 4); fleet.levels.threshold_n < n;) {
                struct level_options *o = &fleet.levels;
                int64_t last = o->threshold_n ? o->threshold_us[o->threshold_n - 1] : 0;
                o->threshold_us[o->threshold_n++] = last + 1 + below(&d, 5);
            }
        random_restart(&d, &fleet.restart);
        if (below(&d, 2)) fleet.levels.promote_ppm = 1 + below(&d, 5) * 500000;
        /* Where jobs take turns, restarts may leave no time for work, for ever. */
        if (fleet.ties == TIES_PREVIOUS || fleet.levels.quantum_us || fleet.levels.promote_ppm)
            fleet.restart = (struct restart_options){ 0 };
        fleet.rounds.round_us = 1 + below(&d, 4);
        fleet.rounds.shares_us = 1 + below(&d, 8);
        for (const struct queue_order *o = queue_orders; o->name; o++)
            /* Shares by linear programs: tests/models/test_shares.c. */
            for (size_t p = 0; o->rank <= RANK_SHARES_ISOLATED && p < sizeof rules / sizeof *rules;
                 p++) {
                fleet.order = o->name;
                fleet.placement = rules[p];
                struct simulate_fleet one = fleet;
                struct random_sizes sizes;
                if (rank_by_size(o->rank)) random_sizes(seed, &sizes, &one);
                if (options_refusal(o, OPTION_ANTI_AFFINITY))
                    one.neighbours = (struct neighbour_options){ 0 };
                if (rank_by_shares(o->rank)) one.restart = (struct restart_options){ 0 };
                agree(&w, &one, seed);
            }
        workload_free(&w);
    }
    /* Orders that size jobs were not idle. */
    const struct slow_elastic_deeds *deeds = &slow_elastic_deeds;
    int64_t some = (int64_t)seeds / 10;
    if (seeds < 500) return;
    assert_true(deeds->grown > 10 * some && deeds->shrunk > 10 * some && deeds->evened > 10 * some);
    assert_true(deeds->stuck > 10 * some);
    assert_true(deeds->blocked > 10 * some && deeds->beside > some);
}

/* On nodes of one GPU with gangs anywhere only counts matter, so drawing nodes at random changes no
 * start. (EASY keeps named nodes for its head, and who is spared depends on them: left out.) */
static void random_placement_on_single_gpus(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct draw d = { random_key(seed, 1), 0 };
        struct workload w;
        struct schedule a, b;
        int gpus = 2 + below(&d, 8);
        random_workload(&d, 60, gpus, (enum limits)below(&d, 4), &w);
        for (size_t j = 0; j < w.job_n; j++) w.nodes[j] = w.gpu_milli[j] / 1000; /* equal pods */
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            if (o->backfills || o->rank == RANK_EVICT) continue;
            simulate(&w,
                     &(struct simulate_fleet){ .pools = { { gpus, 1 } },
                                               .order = o->name,
                                               .placement = "random",
                                               .gang = GANG_ANYWHERE },
                     &a);
            simulate(&w, &(struct simulate_fleet){ .pools = { { 1, gpus } }, .order = o->name },
                     &b);
            assert_memory_equal(a.start_us, b.start_us, w.job_n * sizeof *a.start_us);
            schedule_free(&a);
            schedule_free(&b);
        }
        workload_free(&w);
    }
}

/* The mean queue that the world integrates over time is the sum of waits over the makespan, and the
 * quantiles are those of the sorted waits. */
static int compare_times(const void *a, const void *b)
{
    return (*(const int64_t *)a > *(const int64_t *)b) -
           (*(const int64_t *)a < *(const int64_t *)b);
}

static void summary_is_that_of_the_jobs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct draw d = { random_key(seed, 2), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct schedule s;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 1 + below(&d, 80), largest, LIMITS_NONE, &w);
        simulate(&w, &fleet, &s);
        int64_t waits[100], sum = 0, last = 0, n = 0;
        for (size_t j = 0; j < w.job_n; j++) {
            if (s.start_us[j] < 0) continue;
            waits[n] = s.start_us[j] - w.submit_us[j];
            assert_true(waits[n] >= 0);
            assert_int_equal(s.end_us[j], s.start_us[j] + w.run_us[j]);
            sum += waits[n++];
            if (s.end_us[j] > last) last = s.end_us[j];
        }
        assert_int_equal(s.result.finished, n);
        assert_int_equal(s.result.finished + s.result.rejected, (int64_t)w.job_n);
        if (n > 0) {
            qsort(waits, (size_t)n, sizeof *waits, compare_times);
            assert_int_equal(s.result.wait_p50_us, waits[(n + 1) / 2 - 1]);
            assert_int_equal(s.result.wait_p95_us, waits[(95 * n + 99) / 100 - 1]);
            assert_int_equal(s.result.wait_max_us, waits[n - 1]);
            double mean = (double)sum / (double)n / 1e6;
            assert_true(s.result.mean_wait_s > mean - 1e-12 && s.result.mean_wait_s < mean + 1e-12);
            if (s.result.makespan_us > 0) {
                double queue = (double)sum / (double)s.result.makespan_us;
                assert_true(s.result.mean_queue > queue - 1e-9 &&
                            s.result.mean_queue < queue + 1e-9);
            }
        }
        schedule_free(&s);
        workload_free(&w);
    }
}

/* FCFS gangs are monotone (arXiv:2601.20653): a longer run never makes any job start earlier. EASY
 * is not, so the same check must be able to fail: it does on EASY. */
static uint64_t earlier_starts_when_a_run_grows(const char *order)
{
    uint64_t anomalies = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct draw d = { random_key(seed, 3), 0 };
        struct workload w;
        struct schedule before, after;
        struct simulate_fleet fleet = { .pools = { { 1, 6 } }, .order = order };
        random_workload(&d, 40, 6, LIMITS_NONE, &w);
        simulate(&w, &fleet, &before);
        w.run_us[below(&d, 40)] += 1 + below(&d, 5);
        simulate(&w, &fleet, &after);
        int worse = 0;
        for (size_t j = 0; j < w.job_n; j++) worse |= after.start_us[j] < before.start_us[j];
        anomalies += (uint64_t)worse;
        schedule_free(&before);
        schedule_free(&after);
        workload_free(&w);
    }
    return anomalies;
}

static void fifo_is_monotone(void **state)
{
    (void)state;
    assert_int_equal(earlier_starts_when_a_run_grows("fifo"), 0);
    assert_true(earlier_starts_when_a_run_grows("easy") > 0);
}

static uint32_t copy_name(const struct names *from, uint32_t i, struct names *to)
{
    return names_add(to, from->text[i], strlen(from->text[i]));
}

/* All times a thousand times as long: every start too. */
static void time_has_no_scale(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct draw d = { random_key(seed, 4), 0 };
        struct simulate_fleet fleet;
        struct workload w, scaled;
        struct schedule a, b;
        int largest = random_fleet(&d, &fleet);
        fleet.predictor = PREDICTOR_PERFECT; /* means are rounded to a microsecond */
        random_workload(&d, 60, largest, LIMITS_ANY, &w);
        simulate_workload_init(&scaled);
        for (size_t j = 0; j < w.job_n; j++)
            simulate_add(&scaled, 1000 * w.submit_us[j], w.gpu_milli[j] / 1000, 1000 * w.run_us[j],
                         1000 * w.limit_us[j], -1);
        simulate_seal(&scaled);
        for (size_t j = 0; j < w.job_n; j++) {
            scaled.priority[j] = w.priority[j];
            scaled.deadline_us[j] = w.deadline_us[j] < 0 ? -1 : 1000 * w.deadline_us[j];
            scaled.tenant[j] = copy_name(&w.tenants, w.tenant[j], &scaled.tenants);
            scaled.user[j] = copy_name(&w.users, w.user[j], &scaled.users);
            scaled.class_[j] = copy_name(&w.classes, w.class_[j], &scaled.classes);
            scaled.queue[j] = copy_name(&w.queues, w.queue[j], &scaled.queues);
        }
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            /* A profile knows nothing shorter than a microsecond, and Slurm's grid is of seconds.
             */
            if (o->backfills > BACKFILL_EASY) continue;
            /* For the makespan no work counts as a microsecond of it; the needs of a finish time
             * are quotients whose last bits change with the scale, and can change who is equal. */
            if (o->rank == RANK_SHARES_FINISH_TIME || o->rank == RANK_SHARES_MAKESPAN) continue;
            fleet.order = o->name;
            fleet.rounds = (struct round_options){ 3, 9 };
            fleet.permit = (struct permit_options){ PODS_TOGETHER, 5, 2 };
            simulate(&w, &fleet, &a);
            fleet.rounds = (struct round_options){ 3000, 9000 };
            fleet.permit = (struct permit_options){ PODS_TOGETHER, 5000, 2000 };
            simulate(&scaled, &fleet, &b);
            for (size_t j = 0; j < w.job_n; j++)
                assert_int_equal(b.start_us[j], a.start_us[j] < 0 ? -1 : 1000 * a.start_us[j]);
            schedule_free(&a);
            schedule_free(&b);
        }
        workload_free(&w);
        workload_free(&scaled);
    }
}

static void count_sample(void *context, const struct sample_record *record)
{
    (void)record;
    ++*(int64_t *)context;
}

/* A job of a century, sampled every second: memory has an end. */
static void samples_have_an_end(void **state)
{
    struct pool_spec pool = { .name = "p",
                              .type = { .name = "n", .gpu_model = "", .gpus = 1 },
                              .nodes = 1,
                              .purchase = { .option = purchase_option_find("on-demand") } };
    struct fleet_spec fleet = { .name = "f", .pools = &pool, .pool_n = 1 };
    struct world_options options = { .sample_us = US_PER_S };
    struct workload w;
    struct world_result r;
    struct error err = { STATUS_OK, "" };
    int64_t n = 0;
    struct observer obs = { .context = &n, .sample = count_sample };
    (void)state;
    fleet.scheduler = (struct scheduler_spec){ .order = queue_order_find("fifo"),
                                               .placement = placement_find("pack") };
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, JOB_TIME_MAX_US, -1, -1);
    simulate_seal(&w);
    if (world_run(&w, &fleet, &options, &obs, &r, &err) != STATUS_OK) fail_msg("%s", err.message);
    assert_int_equal(n, WORLD_SAMPLES_MAX);
    world_result_free(&r);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_rules),
        cmocka_unit_test(random_placement_on_single_gpus),
        cmocka_unit_test(summary_is_that_of_the_jobs),
        cmocka_unit_test(fifo_is_monotone),
        cmocka_unit_test(time_has_no_scale),
        cmocka_unit_test(samples_have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
