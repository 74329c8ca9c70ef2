/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas as Kueue has them: against the same rules written plainly (slow_kueue.c), job by job; and
 * what Kueue's documentation says of borrowing, lending, preemption, flavors and cohorts, solved by
 * hand.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/quota.h"
#include "tests/random_world.h"
#include "tests/slow_kueue.h"

enum { QUEUES = 4, COHORTS = 3, NODES = QUEUES + COHORTS, FLAVORS = 3 };

static const char *const names[NODES] = { "a", "b", "c", "d", "root", "lab", "team" };

/* A spec with room for all that it points to. */
struct quotas {
    struct quota_spec spec;
    struct quota_flavor flavors[FLAVORS];
    struct quota_queue queues[QUEUES];
    struct quota_group groups[QUEUES][2];
    int32_t listed[QUEUES][2][FLAVORS];
    struct quota_node nodes[NODES];
    struct quota_limits limits[NODES][FLAVORS * QUOTA_RESOURCES];
    struct quota_local locals[3];
};

/* Queues first, then cohorts; nobody has a parent, nor a quota. */
static void quotas_init(struct quotas *q, int32_t queue_n, int32_t cohort_n, int32_t flavor_n)
{
    memset(q, 0, sizeof *q);
    q->spec = (struct quota_spec){ .flavor_n = flavor_n,
                                   .queue_n = queue_n,
                                   .node_n = queue_n + cohort_n,
                                   .flavors = q->flavors,
                                   .queues = q->queues,
                                   .nodes = q->nodes,
                                   .locals = q->locals };
    for (int32_t f = 0; f < flavor_n; f++)
        q->flavors[f] = (struct quota_flavor){ "flavor", UINT64_MAX };
    for (int32_t n = 0; n < q->spec.node_n; n++) {
        const char *name = names[n < queue_n ? n : QUEUES + n - queue_n];
        q->nodes[n] = (struct quota_node){ name, -1, q->limits[n] };
        for (int c = 0; c < FLAVORS * QUOTA_RESOURCES; c++)
            q->limits[n][c] = (struct quota_limits){ 0, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT };
    }
    for (int32_t i = 0; i < queue_n; i++)
        q->queues[i] = (struct quota_queue){ .groups = q->groups[i], .threshold = INT64_MAX };
}

static struct quota_limits *limits_at(struct quotas *q, int32_t node, int32_t flavor, int resource)
{
    return &q->limits[node][quota_cell(flavor, resource)];
}

/* ---- against the plain rules ---- */

static void random_limits(struct draw *d, struct quotas *q, int32_t node, int32_t flavor,
                          int resource)
{
    int is_queue = node < q->spec.queue_n;
    struct quota_limits *l = limits_at(q, node, flavor, resource);
    if (is_queue || below(d, 3) == 0) l->nominal = 1000 * below(d, 7);
    if (q->nodes[node].parent < 0) return;
    if (below(d, 6) == 0) l->borrowing = 1000 * below(d, 5);
    if (below(d, 4) == 0) l->lending = 1000 * below(d, 5);
}

static void random_group(struct draw *d, struct quotas *q, int32_t queue, unsigned resources,
                         int from, int to)
{
    struct quota_queue *rules = &q->queues[queue];
    int32_t *listed = q->listed[queue][rules->group_n];
    struct quota_group *g = &q->groups[queue][rules->group_n++];
    *g = (struct quota_group){ (uint8_t)resources, 0, listed };
    int first = below(d, to - from), n = 1 + below(d, to - from);
    for (; g->flavor_n < n; g->flavor_n++) {
        int32_t flavor = from + (first + g->flavor_n) % (to - from);
        listed[g->flavor_n] = flavor;
        for (int r = 0; r < QUOTA_RESOURCES; r++)
            if (resources >> r & 1) random_limits(d, q, queue, flavor, r);
    }
}

static void random_quotas(struct draw *d, int pools, struct quotas *q)
{
    const unsigned gpu = 1 << QUOTA_GPU, pods = 1 << QUOTA_PODS;
    int32_t queue_n = below(d, 10) ? 2 + below(d, QUEUES - 1) : 1;
    int32_t cohort_n = below(d, 10) ? 1 + below(d, COHORTS) : 0, flavor_n = 1 + below(d, FLAVORS);
    quotas_init(q, queue_n, cohort_n, flavor_n);
    for (int32_t f = 0; f < flavor_n; f++)
        if (below(d, 2)) q->flavors[f].pools = 1 + (uint64_t)below(d, (1 << pools) - 1);
    for (int32_t n = 0; n < q->spec.node_n; n++) {
        int32_t choices = n < queue_n ? cohort_n : n - queue_n; /* cohorts it may be below */
        if (choices > 0 && below(d, 8)) q->nodes[n].parent = queue_n + below(d, choices);
    }
    for (int32_t n = queue_n; n < q->spec.node_n; n++)
        for (int32_t f = 0; f < flavor_n; f++) {
            random_limits(d, q, n, f, QUOTA_GPU);
            random_limits(d, q, n, f, QUOTA_PODS);
        }
    for (int32_t i = 0; i < queue_n; i++) {
        struct quota_queue *rules = &q->queues[i];
        int apart = flavor_n > 1 && below(d, 3) == 0;
        if (apart) { /* as in Kueue, no flavor is in two groups */
            int cut = 1 + below(d, flavor_n - 1);
            random_group(d, q, i, gpu, 0, cut);
            random_group(d, q, i, pods, cut, flavor_n);
        } else {
            random_group(d, q, i, below(d, 2) ? gpu | pods : gpu, 0, flavor_n);
        }
        rules->strategy = (enum quota_strategy)(below(d, 3) == 0);
        rules->when_can_borrow = (enum quota_fungible)below(d, 2);
        rules->when_can_preempt = (enum quota_fungible)below(d, 2);
        rules->preference = (enum quota_preference)below(d, 2);
        rules->within_queue = (enum quota_preempt)below(d, 3);
        static const enum quota_preempt reclaim[] = { PREEMPT_NEVER, PREEMPT_LOWER, PREEMPT_ANY,
                                                      PREEMPT_ANY };
        rules->reclaim = reclaim[below(d, 4)];
        rules->borrow_within_cohort = rules->reclaim != PREEMPT_NEVER && below(d, 2);
        if (below(d, 2)) rules->threshold = below(d, 3) - 1;
        rules->stopped = below(d, 30) == 0;
    }
    /* "l" is a LocalQueue of two namespaces, "m" of one. */
    q->spec.local_n = 3;
    q->locals[0] = (struct quota_local){ "a", "l", below(d, queue_n) };
    q->locals[1] = (struct quota_local){ "b", "l", below(d, queue_n) };
    q->locals[2] = (struct quota_local){ "c", "m", below(d, queue_n) };
}

/* Most jobs come to a queue that there is. */
static void random_queues(struct draw *d, int32_t queue_n, struct workload *w)
{
    static const char *const others[] = { "l", "m", "nobody's" };
    for (size_t j = 0; j < w->job_n; j++) {
        const char *name = below(d, 8) ? names[below(d, queue_n)] : others[below(d, 3)];
        if (below(d, 12)) w->queue[j] = names_add(&w->queues, name, strlen(name));
    }
}

static void random_restarts(struct draw *d, struct restart_options *o)
{
    o->checkpoint = (enum checkpoint_rule)below(d, 3);
    o->interval_us = 1 + below(d, 4);
    o->write_us = below(d, 3);
    o->cut_short = (enum restart_rule)below(d, 2);
    for (int32_t n = below(d, 3); o->cost_n < n; o->cost_n++) {
        o->cost[o->cost_n].from_gpus = 2 * o->cost_n;
        o->cost[o->cost_n].us = below(d, 4);
    }
}

/* With borrowWithinCohort a queue may borrow what another one reclaims at once, with
 * reclaimWithinCohort: Any: a world that would never end. */
static int ends(const struct workload *w, const struct simulate_fleet *fleet)
{
    struct schedule s;
    struct error err = { STATUS_OK, "" };
    enum status status = simulate_status(w, fleet, &s, &err);
    if (status != STATUS_OK && !strstr(err.message, "preemptions one after another"))
        fail_msg("%s", err.message);
    schedule_free(&s);
    return status == STATUS_OK;
}

static void agrees_with_the_plain_rules(void **state)
{
    static const char *const rules[] = { "first-fit", "pack", "spread" };
    uint64_t seeds = getenv("SEATRIAL_SEEDS") ? strtoull(getenv("SEATRIAL_SEEDS"), NULL, 10) : 500;
    uint64_t preempting = 0, reclaiming = 0, borrowing = 0, endless = 0;
    const struct slow_kueue_deeds *deeds = &slow_kueue_deeds;
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 10), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct quotas q;
        struct slow_kueue_deeds before = *deeds;
        int largest = random_fleet(&d, &fleet);
        if (!fleet.pools[1].nodes && below(&d, 2))
            fleet.pools[1] = (struct simulate_pool){ 1 + below(&d, 3), 1 + below(&d, 4) };
        for (int p = 0, times = 1 + below(&d, 3); p < 2; p++) fleet.pools[p].nodes *= times;
        random_workload(&d, 10 + below(&d, 40), largest, LIMITS_NONE, &w);
        random_quotas(&d, fleet.pools[1].nodes ? 2 : 1, &q);
        random_queues(&d, q.spec.queue_n, &w);
        random_restarts(&d, &fleet.restart);
        fleet.timing.instant = (enum instant_rule)below(&d, 2);
        fleet.timing.events = (enum event_rule)below(&d, 2);
        fleet.order = "kueue";
        fleet.placement = rules[seed % 3];
        fleet.quota = &q.spec;
        if (ends(&w, &fleet)) agree(&w, &fleet, seed);
        else endless++;
        workload_free(&w);
        preempting += deeds->stopped_own + deeds->reclaimed > before.stopped_own + before.reclaimed;
        reclaiming += deeds->reclaimed > before.reclaimed;
        borrowing += deeds->borrowed > before.borrowed;
    }
    /* They were not idle. */
    if (seeds < 500) return;
    assert_true(3 * preempting > seeds && 10 * reclaiming > seeds && 2 * borrowing > seeds);
    assert_true(100 * endless <= seeds);
    int64_t some = (int64_t)seeds / 20;
    assert_true(deeds->stopped_own > some && deeds->reclaimed > some);
    assert_true(deeds->reclaimed_nearer > some && deeds->reclaimed_borrower > some);
    assert_true(deeds->borrowed > some && deeds->kept_from_others > some);
    assert_true(deeds->held_back > some && deeds->second_flavors > some && deeds->passed > some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
