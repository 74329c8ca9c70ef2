/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that come and go: whatever an autoscaler did, the same nodes with outages at those times
 * give the same schedule by the plain rules (tests/slow_scheduler.c), job by job, under every
 * order; and what was bought is what the stays say.
 */
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/fleet/lifecycle.h"
#include "tests/random_world.h"

enum { STEP_US = 8, OUTAGES_MAX = 4096, NODES_MAX = 8 };

/* Times apart, so that a node can go between two instants. */
static void stretch(struct workload *w)
{
    for (size_t j = 0; j < w->job_n; j++) {
        w->submit_us[j] *= STEP_US;
        w->run_us[j] *= STEP_US;
        if (w->limit_us[j] >= 0) w->limit_us[j] *= STEP_US;
        if (w->deadline_us[j] >= 0) w->deadline_us[j] *= STEP_US;
    }
}

static void add_outage(struct outage *log, size_t *n, int64_t from_us, int64_t to_us, int32_t node)
{
    if (from_us == to_us) return;
    assert_true(*n < OUTAGES_MAX);
    log[(*n)++] = (struct outage){ from_us, to_us, node };
}

/* When the nodes of a pool were not there: a node goes after the last pass of an instant. */
static size_t outages_of(const struct schedule *s, int32_t pool, int32_t base, int32_t nodes,
                         struct outage *log)
{
    size_t n = 0;
    for (int32_t node = 0; node < nodes; node++) {
        int64_t gone_us = 0;
        for (size_t i = 0; i < s->stay_n; i++) {
            const struct node_record *r = &s->stays[i];
            if (r->pool != pool || r->node != base + node || r->ready_us < 0) continue;
            add_outage(log, &n, gone_us, r->ready_us, node);
            gone_us = r->down_us == s->result.books_us ? INT64_MAX : r->down_us + 1;
        }
        add_outage(log, &n, gone_us, INT64_MAX, node);
    }
    return n;
}

static void random_autoscaler(struct draw *d, struct simulate_fleet *fleet, struct week_step *steps)
{
    struct error err;
    for (int p = 0; p < SIMULATE_POOLS_MAX && fleet->pools[p].nodes > 0; p++)
        fleet->coming[p] = 1 + below(d, fleet->pools[p].nodes);
    assert_int_equal(duration_constant(STEP_US * (1 + below(d, 4)), &fleet->boot, &err), STATUS_OK);
    fleet->autoscaler.kind = &autoscaler_as_needed;
    fleet->autoscaler.needed.one_at_a_time = below(d, 3) == 0;
    fleet->autoscaler.needed.idle.scale_us = STEP_US * below(d, 5);
    switch (below(d, 5)) {
    case 0: break;
    case 1:
        fleet->autoscaler.kind = &autoscaler_slurm_power_save;
        power_save_defaults(&fleet->autoscaler.power_save);
        fleet->autoscaler.power_save.interval_us = STEP_US;
        fleet->autoscaler.power_save.suspend_time_us = STEP_US * below(d, 5);
        return;
    case 2:
        fleet->autoscaler.kind = &autoscaler_cluster;
        cluster_autoscaler_defaults(&fleet->autoscaler.cluster);
        fleet->autoscaler.cluster.expander = (enum expander)below(d, 6);
        fleet->autoscaler.cluster.scan_us = STEP_US;
        fleet->autoscaler.cluster.unneeded_us = STEP_US * below(d, 5);
        fleet->autoscaler.cluster.after_add_us = STEP_US * below(d, 5);
        fleet->autoscaler.cluster.safe_to_evict = false; /* an outage is no drain */
        return;
    default: return;
    }
    /* From some instant on all that there are. */
    fleet->autoscaler.kind = &autoscaler_schedule;
    fleet->autoscaler.schedule = (struct schedule_options){ steps, 0 };
    for (int i = 0, at = 0; i < 8; i++, at += STEP_US * (1 + below(d, 6)))
        for (int p = 0; p < SIMULATE_POOLS_MAX && fleet->pools[p].nodes > 0; p++)
            steps[fleet->autoscaler.schedule.n++] = (struct week_step){
                at, p, i < 7 ? below(d, fleet->pools[p].nodes + 1) : fleet->pools[p].nodes
            };
}

static void bought_is_what_stays_say(const struct simulate_fleet *fleet, const struct schedule *s)
{
    __int128 bought[SIMULATE_POOLS_MAX] = { 0 }, booting[SIMULATE_POOLS_MAX] = { 0 };
    __int128 busy[SIMULATE_POOLS_MAX] = { 0 };
    for (size_t i = 0; i < s->stay_n; i++) {
        const struct node_record *r = &s->stays[i];
        int64_t ready_us = r->ready_us < 0 ? r->down_us : r->ready_us;
        assert_true(r->up_us <= ready_us && ready_us <= r->down_us);
        assert_true(r->busy_gpu_us <= (r->down_us - ready_us) * fleet->pools[r->pool].gpus);
        bought[r->pool] += r->down_us - r->up_us;
        booting[r->pool] += ready_us - r->up_us;
        busy[r->pool] += r->busy_gpu_us;
    }
    for (int p = 0; p < s->result.pool_n; p++) {
        assert_true(bought[p] == s->result.pools[p].bought_node_us);
        assert_true(booting[p] == s->result.pools[p].booting_node_us);
        assert_true(busy[p] == s->result.pools[p].busy_gpu_us);
    }
}

/* The first job that is not the same; the number of jobs where there is none. */
static size_t first_other(const struct schedule *a, const struct schedule *b)
{
    size_t j = 0;
    while (j < a->n && a->start_us[j] == b->start_us[j] && a->end_us[j] == b->end_us[j] &&
           a->first_node[j] == b->first_node[j] && a->nodes[j] == b->nodes[j])
        j++;
    return j;
}

/* By the plain rules the pass after a node has gone is a moment later than here. Where jobs are
 * stopped, or started ahead of others by when they end, that moment may make another world of it,
 * now and then. */
static void outages_at_those_times_are_the_same(void **state)
{
    uint64_t seeds = seeds_or(600), started = 0, worlds = 0, others = 0;
    const char *only = getenv("SEATRIAL_ORDER");
    static struct outage log[SIMULATE_POOLS_MAX][OUTAGES_MAX];
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 9), 0 };
        struct simulate_fleet fleet;
        struct week_step steps[8 * SIMULATE_POOLS_MAX];
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 30), largest, (enum limits)below(&d, 4), &w);
        stretch(&w);
        random_autoscaler(&d, &fleet, steps);
        fleet.permit.timeout_us = STEP_US * (1 + below(&d, 6));
        fleet.permit.backoff_us = STEP_US * (1 + below(&d, 3));
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            if (only && strcmp(only, o->name) != 0) continue;
            if (o->rank > RANK_SHARES_ISOLATED) continue; /* linear programs */
            /* Nodes that half a gang holds are not what it waits for: they come and are sent back.
             */
            if (fleet.autoscaler.kind != &autoscaler_schedule &&
                strcmp(o->name, "coscheduling") == 0)
                continue;
            struct schedule with, plain;
            fleet.order = o->name;
            simulate(&w, &fleet, &with);
            bought_is_what_stays_say(&fleet, &with);
            struct simulate_fleet out = fleet;
            memset(out.coming, 0, sizeof out.coming);
            for (int32_t p = 0, base = 0; p < with.result.pool_n; base += fleet.pools[p++].nodes) {
                size_t n = outages_of(&with, p, base, fleet.pools[p].nodes, log[p]);
                out.outages[p] = (struct simulate_outages){ log[p], n };
                started += (uint64_t)with.result.pools[p].nodes_started;
            }
            slow_schedule(&w, &out, &plain);
            size_t other = first_other(&with, &plain);
            worlds++;
            others += other < w.job_n;
            if (other < w.job_n && o->backfills == BACKFILL_NONE && o->rank == RANK_NONE)
                fail_msg("seed %llu, %s: job %zu starts at %lld on node %d, by the plain rules at "
                         "%lld on node %d",
                         (unsigned long long)seed, o->name, other, (long long)with.start_us[other],
                         with.first_node[other], (long long)plain.start_us[other],
                         plain.first_node[other]);
            schedule_free(&with);
            schedule_free(&plain);
        }
        workload_free(&w);
    }
    assert_true(started > seeds);
    assert_true(others * 50 < worlds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outages_at_those_times_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
