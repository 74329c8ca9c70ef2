/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slurm-backfill with limits, partitions, and a main loop that does not see everything at once:
 * against the same rules written plainly (slow_limits.c, slow_backfill.c), job by job, in random
 * worlds; and each rule in a case that is solved by hand.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/random_world.h"

/* ---- against the plain rules ---- */

enum { ENTRIES_MAX = 4 };

static const char *one_of(struct draw *d, int of)
{
    static const char *const names[] = { "a", "b", "c", "nobody" };
    return below(d, of) == 0 ? names[below(d, 4)] : NULL;
}

static void random_limits(struct draw *d, struct limit_options *o, struct limit_entry *entries)
{
    o->entries = entries;
    for (o->n = 0; o->n < (size_t)(1 + below(d, ENTRIES_MAX)); o->n++) {
        struct limit_entry *e = &entries[o->n];
        *e = (struct limit_entry){ one_of(d, 3), one_of(d, 4), one_of(d, 5), { 0 } };
        for (int k = 0; k < LIMIT_N; k++)
            if (below(d, 6) == 0) e->most[k] = 1 + below(d, k == LIMIT_WALL_PER_JOB ? 12 : 6);
        if (below(d, 3) == 0) e->most[LIMIT_JOBS_PER_USER] = 1 + below(d, 3);
        if (below(d, 3) == 0) e->most[LIMIT_GPUS_PER_USER] = 1 + below(d, 8);
    }
}

/* Queues that a pool is for: some, or all. */
static void random_queues(struct draw *d, struct name_list *list, const char **names)
{
    static const char *const all[] = { "", "a", "b", "c" };
    *list = (struct name_list){ 0, names };
    if (below(d, 3) == 0) return;
    for (int i = 0; i < 4; i++)
        if (below(d, 2)) names[list->n++] = all[i];
}

static void random_main_loop(struct draw *d, struct backfill_options *o)
{
    if (below(d, 2)) o->queue_depth = 1 + below(d, 6);
    if (below(d, 2)) o->sched_delay_us = 1 + below(d, 7);
    o->sched_interval_us = 1 + below(d, 20);
}

static void agrees_with_the_plain_rules(void **state)
{
    uint64_t seeds = seeds_or(3000);
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 31), 0 };
        struct limit_entry entries[ENTRIES_MAX];
        const char *queues[SIMULATE_POOLS_MAX][4];
        struct simulate_fleet fleet;
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        fleet.order = "slurm-backfill";
        if (below(&d, 2)) fleet.pools[1] = (struct simulate_pool){ 1 + below(&d, 3), 4 };
        if (fleet.pools[1].nodes && below(&d, 3) == 0)
            fleet.pools[2] = (struct simulate_pool){ 1 + below(&d, 2), 2 };
        int weighs = below(&d, 8) == 0; /* which the plain rules are slow at */
        random_workload(&d, 10 + below(&d, weighs ? 20 : 50), largest, (enum limits)below(&d, 4),
                        &w);
        random_limits(&d, &fleet.limits, entries);
        for (int p = 0; fleet.pools[1].nodes && p < 3; p++)
            random_queues(&d, &fleet.queues[p], queues[p]);
        fleet.backfill = (struct backfill_options){ .interval_us = 1 + below(&d, 12),
                                                    .window_us = 20 + below(&d, 40),
                                                    .resolution_us = 1 + below(&d, 3),
                                                    .max_job_test = 1 + below(&d, 12) };
        random_main_loop(&d, &fleet.backfill);
        if (weighs)
            fleet.share = (struct share_options){ .weight_age = below(&d, 20),
                                                  .weight_fairshare = 1 + below(&d, 20),
                                                  .weight_size = below(&d, 20),
                                                  .age_max_us = 1 + below(&d, 40),
                                                  .half_life_us = 1 + below(&d, 60),
                                                  .period_us = 1 + below(&d, 10) };
        fleet.timing.instant = (enum instant_rule)below(&d, 2);
        if (below(&d, 4) == 0) fleet.timing.cycle_us = 1 + below(&d, 6);
        else fleet.timing.events = (enum event_rule)below(&d, 2);
        agree(&w, &fleet, seed);
        workload_free(&w);
    }
}

/* ---- solved by hand: one node of 8 GPUs, times in seconds ---- */

struct job {
    const char *queue, *tenant, *user;
    double submit_s;
    int32_t gpus;
    int64_t run_s;
    double start_s; /* what comes out; -1: rejected */
};

static void add_job(struct workload *w, const struct job *j)
{
    struct job_row row;
    struct error err = { STATUS_OK, "" };
    job_row_init(&row);
    row.queue = j->queue;
    row.queue_n = strlen(j->queue);
    row.tenant = j->tenant;
    row.tenant_n = strlen(j->tenant);
    row.user = j->user;
    row.user_n = strlen(j->user);
    row.gpu_milli = 1000 * j->gpus;
    row.submit_us = (int64_t)(j->submit_s * 1e6);
    row.run_us = row.limit_us = j->run_s * (int64_t)US_PER_S;
    if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
}

/* How many were rejected for the reason is returned; the plain rules come to the same. */
static int64_t comes_to(const struct job *jobs, size_t n, const struct simulate_fleet *fleet,
                        enum reject_reason reason)
{
    struct workload w;
    struct schedule s;
    simulate_workload_init(&w);
    for (size_t j = 0; j < n; j++) add_job(&w, &jobs[j]);
    simulate_seal(&w);
    simulate(&w, fleet, &s);
    for (size_t j = 0; j < n; j++) {
        double start_s = s.start_us[j] < 0 ? -1 : (double)s.start_us[j] / 1e6;
        if (start_s != jobs[j].start_s)
            fail_msg("job %zu starts at %g s, not at %g s", j, start_s, jobs[j].start_s);
    }
    agree(&w, fleet, 0);
    int64_t rejected = s.result.rejected_by[reason];
    assert_int_equal(s.result.rejected, rejected);
    schedule_free(&s);
    workload_free(&w);
    return rejected;
}

#define COMES_TO(jobs, fleet, reason) comes_to(jobs, sizeof(jobs) / sizeof *(jobs), fleet, reason)

static struct simulate_fleet one_node(struct limit_entry *entries, size_t n)
{
    return (struct simulate_fleet){ .pools = { { 1, 8 } },
                                    .order = "slurm-backfill",
                                    .limits = { entries, n } };
}

/* The first job takes up all that a limit allows. The second is of the same queue, tenant and user:
 * it is held until the first ends. The third, of others, needs all that is left, and passes it. */
static void what_runs_is_limited(void **state)
{
    static const struct {
        enum limit limit;
        int64_t most;
    } limits[] = { { LIMIT_GPUS, 4 },
                   { LIMIT_JOBS, 1 },
                   { LIMIT_GPUS_PER_USER, 4 },
                   { LIMIT_JOBS_PER_USER, 1 },
                   { LIMIT_GPUS_PER_TENANT, 4 },
                   { LIMIT_JOBS_PER_TENANT, 1 } };
    static const struct limit_entry whose[] = { { "batch", NULL, NULL, { 0 } },
                                                { NULL, "ml", NULL, { 0 } },
                                                { NULL, NULL, "ann", { 0 } },
                                                { "batch", "ml", "ann", { 0 } },
                                                { NULL, NULL, NULL, { 0 } } };
    static const struct job jobs[] = { { "batch", "ml", "ann", 0, 4, 100, 0 },
                                       { "batch", "ml", "ann", 1, 1, 10, 100 },
                                       { "other", "bio", "bob", 2, 4, 10, 2 } };
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        for (size_t k = 0; k < sizeof whose / sizeof *whose; k++) {
            struct limit_entry e = whose[k];
            bool of_all = limits[i].limit < LIMIT_COUNTS;
            if (of_all && !e.queue && !e.tenant && !e.user) continue; /* the third, too */
            e.most[limits[i].limit] = limits[i].most;
            struct simulate_fleet fleet = one_node(&e, 1);
            COMES_TO(jobs, &fleet, REJECT_LIMIT);
        }
}

/* All limits hold at once: of two entries, and of two limits of one. */
static void all_hold_at_once(void **state)
{
    static const struct job jobs[] = { { "batch", "ml", "ann", 0, 2, 100, 0 },
                                       { "batch", "ml", "bob", 1, 2, 50, 1 },
                                       { "batch", "ml", "bob", 2, 1, 10, 51 }, /* two of ml run */
                                       { "batch", "bio", "cid", 3, 3, 10,
                                         61 }, /* 5 GPUs of batch */
                                       { "other", "bio", "cid", 4, 4, 10, 4 } };
    struct limit_entry entries[] = { { "batch", NULL, NULL, { [LIMIT_GPUS] = 5 } },
                                     { NULL, "ml", NULL, { [LIMIT_JOBS] = 2 } } };
    struct simulate_fleet fleet = one_node(entries, 2);
    (void)state;
    COMES_TO(jobs, &fleet, REJECT_LIMIT);
    struct limit_entry both = {
        "batch", NULL, NULL, { [LIMIT_GPUS] = 5, [LIMIT_JOBS_PER_TENANT] = 2 }
    };
    fleet.limits.entries = &both;
    fleet.limits.n = 1;
    COMES_TO(jobs, &fleet, REJECT_LIMIT);
}

/* What can never run, and one more than may wait and run, is refused: each limit by itself. */
static void what_is_refused(void **state)
{
    static const struct {
        enum limit limit;
        int64_t most;
    } never[] = { { LIMIT_GPUS, 3 },
                  { LIMIT_GPUS_PER_USER, 3 },
                  { LIMIT_GPUS_PER_TENANT, 3 },
                  { LIMIT_GPUS_PER_JOB, 3 },
                  { LIMIT_WALL_PER_JOB, 99 * (int64_t)US_PER_S } };
    static const enum limit submits[] = { LIMIT_SUBMIT, LIMIT_SUBMIT_PER_USER,
                                          LIMIT_SUBMIT_PER_TENANT };
    static const struct job large[] = { { "batch", "ml", "ann", 0, 4, 100, -1 },
                                        { "batch", "ml", "ann", 1, 3, 99, 1 } };
    /* Two are submitted until the first ends, at 100 s; one that comes then is the second again. */
    static const struct job many[] = {
        { "batch", "ml", "ann", 0, 8, 100, 0 },    { "batch", "ml", "ann", 1, 8, 50, 100 },
        { "batch", "ml", "ann", 2, 1, 10, -1 },    { "other", "bio", "bob", 3, 8, 10, 150 },
        { "batch", "ml", "ann", 100, 8, 10, 160 }, { "batch", "ml", "ann", 101, 1, 10, -1 }
    };
    (void)state;
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        struct limit_entry e = { "batch", NULL, NULL, { 0 } };
        e.most[never[i].limit] = never[i].most;
        struct simulate_fleet fleet = one_node(&e, 1);
        assert_int_equal(COMES_TO(large, &fleet, REJECT_LIMIT), 1);
    }
    for (size_t i = 0; i < sizeof submits / sizeof *submits; i++) {
        struct limit_entry e = { NULL, "ml", NULL, { 0 } };
        e.most[submits[i]] = 2;
        struct simulate_fleet fleet = one_node(&e, 1);
        assert_int_equal(COMES_TO(many, &fleet, REJECT_SUBMIT_LIMIT), 2);
    }
    assert_string_equal(reject_reason_text(REJECT_LIMIT), "asks for more than a limit ever allows");
    assert_string_equal(reject_reason_text(REJECT_SUBMIT_LIMIT),
                        "comes while as many are submitted as a limit allows");
}

/* bf_max_job_test is 2. The second job is held; the third asks for all GPUs and closes the main
 * loop. If what holds the second is how many jobs run, it is not counted: the fourth is the second
 * that is tried, at 30 s, and passes. If it is GPUs, the fourth is not seen. */
static void what_a_backfill_pass_counts(void **state)
{
    static const struct job seen[] = { { "q", "t", "ann", 0, 4, 100, 0 },
                                       { "q", "t", "ann", 1, 4, 10, 100 },
                                       { "q", "t", "bob", 2, 8, 10, 110 },
                                       { "q", "t", "cid", 3, 4, 10, 30 } };
    static const struct job unseen[] = { { "q", "t", "ann", 0, 4, 100, 0 },
                                         { "q", "t", "ann", 1, 4, 10, 100 },
                                         { "q", "t", "bob", 2, 8, 10, 110 },
                                         { "q", "t", "cid", 3, 4, 10, 120 } };
    struct limit_entry e = { NULL, NULL, "ann", { [LIMIT_JOBS] = 1 } };
    struct simulate_fleet fleet = one_node(&e, 1);
    (void)state;
    fleet.backfill.max_job_test = 2;
    COMES_TO(seen, &fleet, REJECT_LIMIT);
    e = (struct limit_entry){ NULL, NULL, "ann", { [LIMIT_GPUS] = 4 } };
    COMES_TO(unseen, &fleet, REJECT_LIMIT);
    fleet.backfill.max_job_test = 3;
    COMES_TO(seen, &fleet, REJECT_LIMIT);
}

/* Two nodes. A job of a waits for 8 GPUs on the first, and one of b is the last to come. Where the
 * second node is b's alone, b's starts at once. Where a may use it, too, it is closed to the main
 * loop, though it has room; the backfill loop starts what delays no plan. */
static void partitions(void **state)
{
    static const char *const a[] = { "a" }, *const b[] = { "b" }, *const both[] = { "a", "b" };
    static const struct job apart[] = { { "a", "", "", 0, 4, 100, 0 },
                                        { "b", "", "", 0, 4, 200, 0 },
                                        { "a", "", "", 1, 8, 10, 100 },
                                        { "a", "", "", 2, 1, 300, 110 },
                                        { "b", "", "", 3, 4, 10, 3 } };
    static const struct job shared[] = { { "a", "", "", 0, 4, 100, 0 },
                                         { "b", "", "", 0, 4, 200, 0 },
                                         { "a", "", "", 1, 8, 10, 100 },
                                         { "a", "", "", 2, 1, 300, 30 },
                                         { "b", "", "", 3, 3, 10, 30 } };
    struct limit_entry e = { NULL, NULL, NULL, { [LIMIT_GPUS_PER_JOB] = 8 } };
    struct simulate_fleet fleet = { .pools = { { 1, 8 }, { 1, 8 } },
                                    .queues = { { 1, (const char **)a }, { 1, (const char **)b } },
                                    .order = "slurm-backfill",
                                    .limits = { &e, 1 } };
    (void)state;
    COMES_TO(apart, &fleet, REJECT_LIMIT);
    fleet.queues[1] = (struct name_list){ 2, (const char **)both };
    COMES_TO(shared, &fleet, REJECT_LIMIT);
}

/* With a depth of 1 two jobs are looked at, held ones among them; the third starts in the full pass
 * at 60 s. The backfill loop would start it at 30 s, but comes once in 10 min here. */
static void depth_of_the_main_loop(void **state)
{
    static const struct job jobs[] = { { "q", "t", "ann", 0, 4, 300, 0 },
                                       { "q", "t", "ann", 1, 1, 10, 300 },
                                       { "q", "t", "ann", 2, 1, 10, 300 },
                                       { "q", "t", "bob", 3, 1, 10, 60 } };
    static const struct job deeper[] = { { "q", "t", "ann", 0, 4, 300, 0 },
                                         { "q", "t", "ann", 1, 1, 10, 300 },
                                         { "q", "t", "ann", 2, 1, 10, 300 },
                                         { "q", "t", "bob", 3, 1, 10, 3 } };
    struct limit_entry e = { NULL, NULL, "ann", { [LIMIT_GPUS] = 4 } };
    struct simulate_fleet fleet = one_node(&e, 1);
    (void)state;
    fleet.backfill.interval_us = INT64_C(600) * US_PER_S;
    fleet.backfill.queue_depth = 1;
    COMES_TO(jobs, &fleet, REJECT_LIMIT);
    fleet.backfill.queue_depth = 2;
    COMES_TO(deeper, &fleet, REJECT_LIMIT);
}

/* The main loop at 0 s, then not before 3 s. A job that comes between starts at once where it is
 * first; behind one that waits it does not, nor does one whose GPUs were left. */
static void delay_of_the_main_loop(void **state)
{
    static const struct job first[] = { { "q", "t", "ann", 0, 4, 100, 0 },
                                        { "q", "t", "ann", 1, 4, 100, 1 } };
    static const struct job behind[] = { { "q", "t", "ann", 0, 8, 1, 0 },
                                         { "q", "t", "ann", 0.5, 4, 100, 3 },
                                         { "q", "t", "bob", 2, 1, 100, 3 } };
    static const struct job later[] = { { "q", "t", "ann", 0, 8, 10, 0 },
                                        { "q", "t", "ann", 1, 8, 1, 10 },    /* 3 s, 10 s */
                                        { "q", "t", "ann", 2, 8, 10, 13 } }; /* not at 11 s */
    struct simulate_fleet fleet = one_node(NULL, 0);
    (void)state;
    fleet.backfill.sched_delay_us = INT64_C(3) * US_PER_S;
    COMES_TO(first, &fleet, REJECT_LIMIT);
    COMES_TO(behind, &fleet, REJECT_LIMIT);
    COMES_TO(later, &fleet, REJECT_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_rules),
        cmocka_unit_test(what_runs_is_limited),
        cmocka_unit_test(all_hold_at_once),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(what_a_backfill_pass_counts),
        cmocka_unit_test(partitions),
        cmocka_unit_test(depth_of_the_main_loop),
        cmocka_unit_test(delay_of_the_main_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
