/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pools for some tenants and queues alone: who runs where, and that pools which share no job are
 * worlds of their own, whose sum is the same on any number of threads.
 */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "models/parts.h"
#include "tests/random_world.h"
#include "tests/simulate.h"

enum { POOLS_MAX = 8, NAMES = 4, JOBS_MAX = 80 };

static const char *const all_names[NAMES] = { "a", "b", "c", "d" };

/* A fleet of pools, each for a set of tenants and of queues, as bits; 0 = for all. */
struct plan {
    int pool_n, nodes[POOLS_MAX], gpus[POOLS_MAX];
    unsigned tenants[POOLS_MAX], queues[POOLS_MAX];
    const char *text[POOLS_MAX][2][NAMES];
    struct pool_spec pools[POOLS_MAX];
    struct fleet_spec fleet;
};

static struct name_list list_of(unsigned bits, const char **text)
{
    struct name_list list = { 0, text };
    for (int i = 0; i < NAMES; i++)
        if (bits >> i & 1) text[list.n++] = all_names[i];
    return list;
}

static void make_fleet(struct plan *plan, const char *order, const char *placement)
{
    for (int p = 0; p < plan->pool_n; p++)
        plan->pools[p] = (struct pool_spec){
            .name = "pool",
            .type = { .name = "node",
                      .provider = "test",
                      .gpu_model = "",
                      .gpus = plan->gpus[p],
                      .source = "" },
            .nodes = plan->nodes[p],
            .purchase = { .option = purchase_option_find("on-demand"),
                          .usd_nano_per_hour = 1000000000 + p },
            .tenants = list_of(plan->tenants[p], plan->text[p][0]),
            .queues = list_of(plan->queues[p], plan->text[p][1]),
        };
    plan->fleet = (struct fleet_spec){ .name = "fleet",
                                       .pool_n = plan->pool_n,
                                       .pools = plan->pools,
                                       .scheduler = { .order = queue_order_find(order),
                                                      .placement = placement_find(placement) } };
}

/* Everything a run says, byte by byte. */
struct told {
    struct job_record jobs[JOBS_MAX];
    struct sample_record samples[4096];
    struct node_record nodes[512];
    size_t job_n, sample_n, node_n;
    struct world_result result;
    struct pool_result pools[POOLS_MAX];
};

static void tell_job(void *context, const struct job_record *record)
{
    struct told *told = context;
    assert_true(told->job_n < JOBS_MAX);
    struct job_record *to = &told->jobs[told->job_n++]; /* without what lies between members */
    to->job = record->job;
    to->outcome = record->outcome;
    to->reason = record->reason;
    to->start_us = record->start_us;
    to->end_us = record->end_us;
    to->held_us = record->held_us;
    to->lost_us = record->lost_us;
    to->gpu_milli = record->gpu_milli;
    to->cost_usd_micro = record->cost_usd_micro;
    to->preemptions = record->preemptions;
    to->pool = record->pool;
    to->nodes = record->nodes;
    to->first_node = record->first_node;
    to->first_mask = record->first_mask;
}

static void tell_node(void *context, const struct node_record *record)
{
    struct told *told = context;
    assert_true(told->node_n < 512);
    told->nodes[told->node_n++] = *record;
}

static void tell_sample(void *context, const struct sample_record *record)
{
    struct told *told = context;
    if (told->sample_n < 4096) told->samples[told->sample_n++] = *record;
}

static void run(const struct workload *w, const struct fleet_spec *fleet, int64_t sample_us,
                uint32_t part, struct told *told)
{
    memset(told, 0, sizeof *told);
    struct observer observer = { told, tell_job, tell_node, tell_sample, NULL, NULL, NULL };
    struct world_options options = { .seed = 5, .sample_us = sample_us, .part = part };
    struct world_result result;
    struct error err;
    if (world_run(w, fleet, &options, &observer, &result, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    memcpy(told->pools, result.pools, (size_t)result.pool_n * sizeof *result.pools);
    told->result = result;
    told->result.pools = NULL;
    world_result_free(&result);
}

static uint32_t name_of(struct names *names, int i) { return names_add(names, all_names[i], 1); }

/* One node a team: b's job starts at once, though a's first has blocked a's second and third. */
static void a_head_blocks_its_own_part(void **state)
{
    static struct told told;
    struct plan plan = { .pool_n = 2, .nodes = { 1, 1 }, .gpus = { 2, 2 }, .tenants = { 1, 2 } };
    struct workload w;
    static const struct {
        int tenant, gpus, submit, run, start;
    } jobs[] = { { 0, 1, 0, 10, 0 }, { 0, 2, 1, 10, 10 }, { 0, 1, 2, 10, 20 },
                 { 1, 1, 3, 10, 3 }, { 1, 2, 4, 5, 13 },  { 2, 1, 5, 5, -1 } };
    (void)state;
    simulate_workload_init(&w);
    for (size_t j = 0; j < sizeof jobs / sizeof *jobs; j++)
        simulate_add(&w, jobs[j].submit, jobs[j].gpus, jobs[j].run, -1, -1);
    simulate_seal(&w);
    for (size_t j = 0; j < w.job_n; j++) w.tenant[j] = name_of(&w.tenants, jobs[j].tenant);
    make_fleet(&plan, "fifo", "first-fit");
    run(&w, &plan.fleet, 0, 0, &told);
    assert_int_equal(told.job_n, w.job_n);
    for (size_t i = 0; i < told.job_n; i++) {
        const struct job_record *r = &told.jobs[i];
        assert_int_equal(r->start_us, jobs[r->job].start);
        assert_int_equal(r->pool, r->start_us < 0 ? -1 : jobs[r->job].tenant);
        assert_int_equal(r->first_node, r->start_us < 0 ? -1 : jobs[r->job].tenant);
        if (r->start_us < 0)
            assert_string_equal(r->reason, "is of a tenant or a queue that no pool is for");
    }
    workload_free(&w);
}

static void random_plan(struct draw *d, struct plan *plan)
{
    memset(plan, 0, sizeof *plan);
    plan->pool_n = 1 + below(d, POOLS_MAX);
    for (int p = 0; p < plan->pool_n; p++) {
        plan->nodes[p] = 1 + below(d, 4);
        plan->gpus[p] = 1 << below(d, 4);
        plan->tenants[p] = below(d, 5) ? 1u << below(d, NAMES) : (unsigned)below(d, 16);
        plan->queues[p] = below(d, 3) ? 0 : (unsigned)below(d, 16);
    }
}

static bool may_use(const struct plan *plan, int p, int tenant, int queue)
{
    bool as_tenant = plan->tenants[p] == 0 || (tenant >= 0 && plan->tenants[p] >> tenant & 1);
    return as_tenant && (plan->queues[p] == 0 || (queue >= 0 && plan->queues[p] >> queue & 1));
}

static int number_of(const struct names *names, uint32_t i)
{
    for (int k = 0; k < NAMES; k++)
        if (strcmp(names->text[i], all_names[k]) == 0) return k;
    return -1;
}

/* Pools that a job can use both are of one part, and what follows from that. */
static int parts_plainly(const struct plan *plan, const struct workload *w, int *part)
{
    int n = 0;
    for (int p = 0; p < plan->pool_n; p++) part[p] = p;
    for (int round = 0; round < plan->pool_n; round++)
        for (size_t j = 0; j < w->job_n; j++)
            for (int p = 0; p < plan->pool_n; p++)
                for (int q = 0; q < plan->pool_n; q++) {
                    int t = number_of(&w->tenants, w->tenant[j]),
                        u = number_of(&w->queues, w->queue[j]);
                    if (may_use(plan, p, t, u) && may_use(plan, q, t, u) && part[q] < part[p])
                        part[p] = part[q];
                }
    for (int p = 0; p < plan->pool_n; p++) n += part[p] == p;
    return n;
}

/* Every job and every pool of one part, alone, as a fleet that has no other. */
static void run_part(const struct plan *plan, const struct workload *w, const int *part, int k,
                     uint32_t number, const char *order, const char *placement,
                     const struct told *whole, size_t *jobs_seen)
{
    static struct told told;
    struct plan alone = { 0 };
    struct workload some;
    uint32_t jobs[JOBS_MAX];
    size_t n = 0;
    int pool_of[POOLS_MAX];
    for (int p = 0; p < plan->pool_n; p++) {
        if (part[p] != k) continue;
        int to = alone.pool_n++;
        pool_of[to] = p;
        alone.nodes[to] = plan->nodes[p];
        alone.gpus[to] = plan->gpus[p];
        alone.tenants[to] = plan->tenants[p];
        alone.queues[to] = plan->queues[p];
    }
    for (size_t j = 0; j < w->job_n; j++) {
        int first = -1;
        for (int p = plan->pool_n; p-- > 0;)
            if (may_use(plan, p, number_of(&w->tenants, w->tenant[j]),
                        number_of(&w->queues, w->queue[j])))
                first = p;
        /* Those that no pool is for are rejected in the first. */
        if (first < 0 ? number == 0 : part[first] == k) jobs[n++] = (uint32_t)j;
    }
    assert_true(workload_part(w, jobs, n, false, &some));
    make_fleet(&alone, order, placement);
    run(&some, &alone.fleet, 0, number, &told);
    for (size_t i = 0; i < told.job_n; i++) {
        const struct job_record *a = &told.jobs[i], *b = NULL;
        for (size_t r = 0; r < whole->job_n; r++)
            if (whole->jobs[r].job == jobs[a->job]) b = &whole->jobs[r];
        assert_non_null(b);
        assert_int_equal(a->start_us, b->start_us);
        assert_int_equal(a->end_us, b->end_us);
        assert_int_equal(a->held_us, b->held_us);
        assert_int_equal(a->nodes, b->nodes);
        assert_int_equal(a->gpu_milli, b->gpu_milli);
        if (a->pool >= 0) assert_int_equal(pool_of[a->pool], b->pool);
        if (a->pool >= 0) {
            int first = 0;
            for (int p = 0; p < b->pool; p++) first += plan->nodes[p];
            for (int p = 0; p < a->pool; p++) first -= alone.nodes[p];
            assert_int_equal(a->first_node + first, b->first_node);
        }
    }
    for (int p = 0; p < alone.pool_n; p++)
        assert_int_equal(told.pools[p].busy_gpu_us, whole->pools[pool_of[p]].busy_gpu_us);
    *jobs_seen += n;
    workload_part_free(&some);
}

/* Of all that wait, over time: after the arrivals of an instant, before its starts. */
static int64_t longest_queue_plainly(const struct workload *w, const struct told *told)
{
    int64_t most = 0;
    for (size_t i = 0; i < w->job_n; i++) {
        int64_t at = w->submit_us[i], n = 0;
        for (size_t r = 0; r < told->job_n; r++) {
            const struct job_record *job = &told->jobs[r];
            n += job->start_us >= 0 && w->submit_us[job->job] <= at && job->start_us >= at;
        }
        if (n > most) most = n;
    }
    return most;
}

static void parts_are_worlds(void **state)
{
    static struct told whole, again;
    int many = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        static const char *const orders[] = { "fifo", "fifo-skip", "easy", "fair-share", "srtf" };
        static const char *const places[] = { "pack", "random", "fgd" };
        const char *order = orders[seed % 5], *placement = places[seed / 5 % 3];
        struct draw d = { random_key(seed, 31), 0 };
        struct plan plan;
        struct workload w;
        int part[POOLS_MAX];
        random_plan(&d, &plan);
        random_workload(&d, 10 + below(&d, 60), 8, LIMITS_ANY, &w);
        for (int k = 0; k < NAMES; k++) name_of(&w.tenants, k);
        make_fleet(&plan, order, placement);
        int parts = parts_plainly(&plan, &w, part);
        many += parts > 1;
        run(&w, &plan.fleet, 7, 0, &whole);
        assert_int_equal(whole.job_n, w.job_n);
        assert_int_equal(whole.result.submitted, w.job_n);
        if (strcmp(order, "srtf") != 0)
            assert_int_equal(whole.result.max_queue, longest_queue_plainly(&w, &whole));
        for (int threads = 2; threads <= 4; threads += 2) {
#pragma omp parallel num_threads(threads)
#pragma omp single
            run(&w, &plan.fleet, 7, 0, &again);
            assert_memory_equal(&again, &whole, sizeof whole);
        }
        size_t seen = 0;
        uint32_t number = 0;
        for (int k = 0; parts > 1 && k < plan.pool_n; k++)
            if (part[k] == k)
                run_part(&plan, &w, part, k, number++, order, placement, &whole, &seen);
        if (parts > 1) assert_int_equal(seen, w.job_n);
        int64_t busy = 0, sampled = 0;
        for (int p = 0; p < plan.pool_n; p++) busy += whole.pools[p].busy_gpu_us;
        for (size_t i = 0; i < whole.sample_n; i++) sampled += whole.samples[i].busy_gpu_us;
        assert_true(sampled <= busy && busy - sampled <= 7 * fleet_spec_gpus(&plan.fleet));
        int64_t nodes = 0;
        for (int p = 0; p < plan.pool_n; p++) nodes += plan.fleet.pools[p].nodes;
        for (size_t i = 0; i < whole.sample_n; i++) {
            const struct node_counts *n = &whole.samples[i].nodes;
            assert_int_equal(n->busy + n->idle + n->booting + n->down + n->absent, nodes);
            assert_int_equal(n->busy > 0, whole.samples[i].running_jobs > 0);
        }
        workload_free(&w);
    }
    assert_true(many > 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_blocks_its_own_part),
        cmocka_unit_test(parts_are_worlds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
