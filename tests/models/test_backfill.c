/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may pass a blocked head, and when decisions are made: every option of every order against the
 * same rules written a second time (tests/slow_scheduler.c, tests/slow_backfill.c), job by job, on
 * random traces full of ties; and what conservative backfill promises.
 */
#include <stdlib.h>
#include <string.h>

#include "models/reliability/outages.h"
#include "tests/random_world.h"

/* Options of microseconds, as the traces are. */
static void random_options(struct draw *d, struct simulate_fleet *f)
{
    static const int64_t factors[] = { 0, 500000, 1500000, 3000000 };
    f->backfill = (struct backfill_options){
        .shadow = (enum shadow_rule)below(d, 2),
        .extra = (enum extra_rule)below(d, 2),
        .scan = (enum scan_rule)below(d, 2),
        .estimates = (enum estimate_rule)(below(d, 3) == 0),
        .estimate_ppm = factors[below(d, 4)],
        .interval_us = 1 + below(d, 8),
        .window_us = 4 + below(d, 40),
        .resolution_us = 1 + below(d, 4),
        .max_job_test = 1 + below(d, 12),
    };
    f->timing = (struct timing_options){ .events = (enum event_rule)below(d, 2),
                                         .instant = (enum instant_rule)below(d, 2) };
    if (f->timing.events == EVENTS_INSTANT && below(d, 2)) f->timing.cycle_us = 1 + below(d, 9);
}

static void every_option_of(const char *order)
{
    static const char *const rules[] = { "first-fit", "pack", "spread" };
    for (uint64_t seed = 1, seeds = seeds_or(1500); seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 20), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 40), largest, (enum limits)below(&d, 4), &w);
        random_options(&d, &fleet);
        fleet.placement = rules[below(&d, 3)];
        fleet.order = order;
        agree(&w, &fleet, seed);
        workload_free(&w);
    }
}

static void easy_options(void **state)
{
    (void)state;
    every_option_of("easy");
}

static void conservative_options(void **state)
{
    (void)state;
    every_option_of("conservative");
}

/* Jobs of all lengths that wait long, and end long before their limits, so that promises move often
 * and by little, and jobs that are short pass many others. */
static void random_long_queue(struct draw *d, int jobs, int gpus_max, struct workload *w)
{
    int64_t submit = 0;
    simulate_workload_init(w);
    for (int j = 0; j < jobs; j++) {
        int64_t run = 1 + below(d, below(d, 3) ? 200 : 8);
        submit += below(d, 12);
        simulate_add(w, submit, 1 + below(d, below(d, 4) ? 3 : gpus_max), run,
                     run + below(d, 3 * (int)run), -1);
    }
    simulate_seal(w);
}

/* One pool, or two, of which one may be too small for some jobs; with a node that fails now and
 * then. */
static void random_pools(struct draw *d, struct simulate_fleet *fleet, struct outage *log)
{
    memset(fleet, 0, sizeof *fleet);
    for (int p = 0, pools = 1 + (below(d, 3) == 0); p < pools; p++)
        fleet->pools[p] = (struct simulate_pool){ 1 + below(d, 2), 4 + below(d, 3) };
    if (below(d, 3) == 0) {
        int64_t down = 1 + below(d, 400);
        *log = (struct outage){ down, down + 1 + below(d, 90), 0 };
        fleet->outages[0] = (struct simulate_outages){ log, 1 };
    }
    fleet->gang = GANG_ANYWHERE;
    if (below(d, 5) == 0) fleet->timing.cycle_us = 1 + below(d, 5);
    if (below(d, 5) == 0) fleet->backfill.estimate_ppm = 500000;
    fleet->order = "conservative";
}

static void conservative_with_early_ends(void **state)
{
    (void)state;
    for (uint64_t seed = 1, seeds = seeds_or(200); seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 24), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct outage log;
        random_pools(&d, &fleet, &log);
        random_long_queue(&d, 40 + below(&d, 40), fleet.pools[0].nodes * fleet.pools[0].gpus, &w);
        agree(&w, &fleet, seed);
        workload_free(&w);
    }
}

static void slurm_options(void **state)
{
    (void)state;
    every_option_of("slurm-backfill");
}

static void orders_that_do_not_backfill(void **state)
{
    (void)state;
    every_option_of("fifo");
    every_option_of("sjf-skip");
}

/* ---- what is promised ---- */

/* How many traces have a job that starts later than under fifo; only GPUs are counted, and
 * estimates are exact. */
static int later_than_fifo(const char *order)
{
    int traces = 0;
    for (uint64_t seed = 1, seeds = seeds_or(3000); seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 21), 0 };
        struct workload w;
        struct schedule fifo, other;
        int gpus = 2 + below(&d, 9), later = 0;
        struct simulate_fleet fleet = { .pools = { { 1, gpus } }, .order = "fifo" };
        random_workload(&d, 10 + below(&d, 50), gpus, LIMITS_EXACT, &w);
        /* A profile knows nothing shorter than a microsecond. */
        for (size_t j = 0; j < w.job_n; j++)
            if (w.run_us[j] == 0) w.run_us[j] = w.limit_us[j] = 1;
        simulate(&w, &fleet, &fifo);
        fleet.order = order;
        simulate(&w, &fleet, &other);
        for (size_t j = 0; j < w.job_n; j++) later |= other.start_us[j] > fifo.start_us[j];
        traces += later;
        schedule_free(&fifo);
        schedule_free(&other);
        workload_free(&w);
    }
    return traces;
}

/* The relation holds for conservative backfill and not for EASY, whose check must be able to fail.
 */
static void conservative_is_never_later_than_fifo(void **state)
{
    (void)state;
    assert_int_equal(later_than_fifo("conservative"), 0);
    assert_true(later_than_fifo("easy") > 0);
}

/* A cycle of a microsecond, on traces of whole microseconds, is no cycle; a longer one starts jobs
 * at its multiples alone. */
static void cycles(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct draw d = { random_key(seed, 22), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct schedule a, b;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 40, largest, LIMITS_OVER, &w);
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            fleet.order = o->name;
            fleet.timing.cycle_us = 0;
            simulate(&w, &fleet, &a);
            fleet.timing.cycle_us = 1;
            simulate(&w, &fleet, &b);
            assert_memory_equal(a.start_us, b.start_us, w.job_n * sizeof *a.start_us);
            schedule_free(&b);
            fleet.timing.cycle_us = 7;
            simulate(&w, &fleet, &b);
            for (size_t j = 0; j < w.job_n; j++)
                if (b.start_us[j] >= 0) assert_int_equal(b.start_us[j] % 7, 0);
            schedule_free(&a);
            schedule_free(&b);
        }
        workload_free(&w);
    }
}

/* Jobs years apart: neither a cycle nor Slurm's timer makes passes while nobody waits, and a
 * job that waits for a year is looked at when something has happened, not each time. (The second
 * job is the shorter: who goes by that does not let it wait, and levels of attained service let it
 * wait for the end of the first.) */
static void idle_time_costs_nothing(void **state)
{
    const int64_t year = INT64_C(365) * 86400 * US_PER_S;
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, year, -1, -1);
    simulate_add(&w, 1, 1, 10, -1, -1);
    simulate_add(&w, 3 * year, 1, 10, -1, -1);
    simulate_seal(&w);
    for (const struct queue_order *o = queue_orders; o->name; o++)
        for (int cycle = 0; cycle < 2; cycle++) {
            simulate(&w,
                     &(struct simulate_fleet){ .pools = { { 1, 1 } },
                                               .order = o->name,
                                               .timing = { .cycle_us = cycle * US_PER_S } },
                     &s);
            int64_t start = year;
            if (o->rank == RANK_WORK_LEFT || o->rank == RANK_SERVICE_LEFT || o->rank == RANK_WORK)
                start = 1;
            if (rank_by_level(o->rank)) start = INT64_C(3250) * US_PER_S;
            if (rank_by_shares(o->rank)) { /* while jobs wait there are rounds */
                assert_true(s.result.passes <= year / ROUND_US + 8);
                schedule_free(&s);
                continue;
            }
            assert_true(s.result.passes <= 8);
            assert_true(s.start_us[1] >= start && s.start_us[1] <= start + US_PER_S);
            schedule_free(&s);
        }
    workload_free(&w);
}

/* Limits of a century, believed a thousandfold: more than time can hold. Each job runs for a
 * second, so they follow each other all the same. */
static void estimates_beyond_all_time(void **state)
{
    static const char *const orders[] = { "easy", "conservative", "slurm-backfill" };
    enum { JOBS = 60 };
    (void)state;
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        struct workload w;
        struct schedule s;
        simulate_workload_init(&w);
        for (int j = 0; j < JOBS; j++) simulate_add(&w, 0, 3, US_PER_S, JOB_TIME_MAX_US, -1);
        simulate_seal(&w);
        simulate(&w,
                 &(struct simulate_fleet){ .pools = { { 1, 4 } },
                                           .order = orders[o],
                                           .backfill = { .estimate_ppm = 1000000000 } },
                 &s);
        for (int j = 0; j < JOBS; j++) assert_int_equal(s.start_us[j], (int64_t)j * US_PER_S);
        schedule_free(&s);
        workload_free(&w);
    }
}

static void see_start(void *context, const struct job_record *record)
{
    ((int64_t *)context)[record->job] = record->start_us;
}

/* One node of 8 GPUs, 16 cores and 16 GiB. The head needs 12 cores and waits for the first job's 10
 * until second 10; then 4 are left. The third asks for these 4 for long, and starts: it delays
 * nobody. For the fourth there is a core now, and none then: it waits, too. Memory likewise. */
static void easy_leaves_cores_and_memory(void **state)
{
    static const struct {
        int64_t submit, run, cores;
    } jobs[] = { { 0, 10, 10 }, { 1, 10, 12 }, { 2, 100, 4 }, { 3, 100, 1 } };
    static const int64_t starts[] = { 0, 10, 2, 20 };
    (void)state;
    for (int memory = 0; memory < 2; memory++) {
        struct pool_spec pool = { .name = "pool",
                                  .type = { .name = "node",
                                            .provider = "test",
                                            .gpu_model = "",
                                            .gpus = 8,
                                            .cpu_milli = 16000,
                                            .mem_mib = 16 * 1024,
                                            .source = "" },
                                  .nodes = 1,
                                  .purchase = { .option = purchase_option_find("on-demand") } };
        const struct fleet_spec fleet = { .name = "fleet",
                                          .pool_n = 1,
                                          .pools = &pool,
                                          .scheduler = { .order = queue_order_find("easy"),
                                                         .placement = placement_find("pack") } };
        int64_t seen[4];
        struct observer observer = { .context = seen, .job = see_start };
        struct world_options options = { .seed = 1 };
        struct world_result result;
        struct workload w;
        struct error err;
        simulate_workload_init(&w);
        for (int j = 0; j < 4; j++)
            simulate_add(&w, jobs[j].submit, 1, jobs[j].run, jobs[j].run, -1);
        simulate_seal(&w);
        for (int j = 0; j < 4; j++) {
            if (memory) w.mem_mib[j] = 1024 * jobs[j].cores;
            else w.cpu_milli[j] = 1000 * jobs[j].cores;
        }
        if (world_run(&w, &fleet, &options, &observer, &result, &err) != STATUS_OK)
            fail_msg("%s", err.message);
        for (int j = 0; j < 4; j++) assert_int_equal(seen[j], starts[j]);
        world_result_free(&result);
        workload_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(easy_options),
        cmocka_unit_test(conservative_options),
        cmocka_unit_test(conservative_with_early_ends),
        cmocka_unit_test(slurm_options),
        cmocka_unit_test(orders_that_do_not_backfill),
        cmocka_unit_test(conservative_is_never_later_than_fifo),
        cmocka_unit_test(cycles),
        cmocka_unit_test(idle_time_costs_nothing),
        cmocka_unit_test(easy_leaves_cores_and_memory),
        cmocka_unit_test(estimates_beyond_all_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
