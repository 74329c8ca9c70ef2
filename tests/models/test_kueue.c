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
        q->flavors[f] = (struct quota_flavor){ "flavor", UINT64_MAX, false };
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
    for (int32_t f = 0; f < flavor_n; f++) {
        q->flavors[f].by_node = below(d, 2);
        if (below(d, 2)) q->flavors[f].pools = 1 + (uint64_t)below(d, (1 << pools) - 1);
    }
    for (int32_t n = 0; n < q->spec.node_n; n++) {
        int32_t choices = n < queue_n ? cohort_n : n - queue_n; /* cohorts it may be below */
        if (choices > 0 && below(d, 8)) q->nodes[n].parent = queue_n + below(d, choices);
    }
    for (int32_t n = queue_n; n < q->spec.node_n; n++)
        for (int32_t f = 0; f < flavor_n; f++) {
            random_limits(d, q, n, f, QUOTA_GPU);
            random_limits(d, q, n, f, QUOTA_PODS);
        }
    /* Together they seldom come to an end: see ends(). */
    int together = below(d, 4) == 0, any = together || below(d, 2), borrow = together || !any;
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
        if (below(d, 4)) rules->reclaim = any && below(d, 3) ? PREEMPT_ANY : PREEMPT_LOWER;
        rules->borrow_within_cohort = borrow && rules->reclaim != PREEMPT_NEVER && below(d, 4);
        if (below(d, 2)) rules->threshold = below(d, 3) - 1;
        rules->stopped = below(d, 30) == 0;
    }
    /* "l" is a LocalQueue of two namespaces, "m" of one. */
    q->spec.local_n = 3;
    q->locals[0] = (struct quota_local){ .space = "a", .name = "l", .queue = below(d, queue_n) };
    q->locals[1] = (struct quota_local){ .space = "b", .name = "l", .queue = below(d, queue_n) };
    q->locals[2] = (struct quota_local){ .space = "c", .name = "m", .queue = below(d, queue_n) };
    for (uint64_t i = 0; i < 3; i++) /* by a draw of its own: worlds stay what they were */
        q->locals[i].stopped = random_below(d->key, RANDOM_TEST, i, 9, 6) == 0;
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
    o->write = (struct gpu_costs){ .at = { { 0, below(d, 3) } }, .n = 1 };
    o->cut_short = (enum restart_rule)below(d, 2);
    for (int32_t n = below(d, 3); o->cost.n < n; o->cost.n++) {
        o->cost.at[o->cost.n].from_gpus = 2 * o->cost.n;
        o->cost.at[o->cost.n].us = below(d, 4);
    }
}

/* With borrowWithinCohort a queue may borrow what another one reclaims at once with
 * reclaimWithinCohort: Any, and stop it again for that: a world that would never end. */
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
    uint64_t seeds = seeds_or(2000);
    uint64_t preempting = 0, reclaiming = 0, borrowing = 0, endless = 0;
    const struct slow_kueue_deeds *deeds = &slow_kueue_deeds;
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 17), 0 };
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
        if (below(&d, 4) == 0) fleet.timing.cycle_us = 1 + below(&d, 6);
        else fleet.timing.events = (enum event_rule)below(&d, 2);
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
    int64_t some = (int64_t)seeds / 25;
    assert_true(deeds->stopped_own > some && deeds->reclaimed > some);
    assert_true(deeds->reclaimed_nearer > some && deeds->reclaimed_borrower > some);
    assert_true(deeds->borrowed > some && deeds->kept_from_others > some);
    assert_true(deeds->held_back > some && deeds->second_flavors > some && deeds->passed > some);
}

/* ---- by hand ---- */

static void add_job(struct workload *w, const char *queue, int32_t priority, int64_t submit_us,
                    int32_t gpus, int64_t run_us)
{
    struct job_row row;
    struct error err = { STATUS_OK, "" };
    job_row_init(&row);
    row.queue = queue;
    row.queue_n = strlen(queue);
    row.priority = priority;
    row.submit_us = submit_us;
    row.gpu_milli = 1000 * gpus;
    row.run_us = run_us;
    if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
}

/* A queue that has so many GPUs of each flavor, which it tries in order. */
static struct quota_queue *gpu_queue(struct quotas *q, int32_t queue, int32_t parent,
                                     const int64_t *gpus)
{
    int32_t *listed = q->listed[queue][0];
    for (int32_t f = 0; f < q->spec.flavor_n; f++) {
        limits_at(q, queue, f, QUOTA_GPU)->nominal = 1000 * gpus[f];
        listed[f] = f;
    }
    q->groups[queue][0] = (struct quota_group){ 1 << QUOTA_GPU, q->spec.flavor_n, listed };
    q->queues[queue].group_n = 1;
    q->nodes[queue].parent = parent;
    return &q->queues[queue];
}

/* Two pools, of nodes 0 to 31 and 32 to 63, with a GPU each. */
static void run_on(const struct workload *w, const struct quotas *q, struct schedule *out)
{
    struct simulate_fleet fleet = { .pools = { { 32, 1 }, { 32, 1 } },
                                    .order = "kueue",
                                    .gang = GANG_ANYWHERE,
                                    .restart = { .checkpoint = CHECKPOINT_AT_STOP },
                                    .quota = &q->spec };
    simulate(w, &fleet, out);
    struct schedule slow;
    slow_schedule(w, &fleet, &slow);
    assert_memory_equal(out->start_us, slow.start_us, w->job_n * sizeof *out->start_us);
    assert_memory_equal(out->end_us, slow.end_us, w->job_n * sizeof *out->end_us);
    schedule_free(&slow);
}

/* How many jobs of one GPU the queue can run at once, nobody else being there. */
static int most_of(const struct quotas *q, const char *queue)
{
    struct workload w;
    struct schedule s;
    int n = 0;
    simulate_workload_init(&w);
    for (int j = 0; j < 30; j++) add_job(&w, queue, 0, 0, 1, 10);
    simulate_seal(&w);
    run_on(&w, q, &s);
    for (int j = 0; j < 30; j++) n += s.start_us[j] == 0;
    schedule_free(&s);
    workload_free(&w);
    return n;
}

/* "ClusterQueue": team-a-cq has 9, team-b-cq 12, in a cohort. */
static void a_queue_uses_what_its_cohort_lends(void **state)
{
    struct quotas q;
    (void)state;
    quotas_init(&q, 2, 1, 1);
    gpu_queue(&q, 0, 2, (int64_t[]){ 9 });
    gpu_queue(&q, 1, 2, (int64_t[]){ 12 });
    assert_int_equal(most_of(&q, "a"), 21);
    limits_at(&q, 0, 0, QUOTA_GPU)->borrowing = 1000;
    assert_int_equal(most_of(&q, "a"), 10);
    assert_int_equal(most_of(&q, "b"), 21);
    limits_at(&q, 0, 0, QUOTA_GPU)->borrowing = QUOTA_NO_LIMIT;
    limits_at(&q, 1, 0, QUOTA_GPU)->lending = 5000;
    assert_int_equal(most_of(&q, "a"), 14);
    assert_int_equal(most_of(&q, "b"), 21);
    q.nodes[0].parent = -1;
    assert_int_equal(most_of(&q, "a"), 9);
}

/* root (4) over c (3) and lab, over a (2) and b (1). */
static void cohorts_are_trees(void **state)
{
    struct quotas q;
    const int32_t root = 3, lab = 4;
    (void)state;
    quotas_init(&q, 3, 2, 1);
    gpu_queue(&q, 0, lab, (int64_t[]){ 2 });
    gpu_queue(&q, 1, lab, (int64_t[]){ 1 });
    gpu_queue(&q, 2, root, (int64_t[]){ 3 });
    q.nodes[lab].parent = root;
    limits_at(&q, root, 0, QUOTA_GPU)->nominal = 4000;
    assert_int_equal(most_of(&q, "a"), 10);
    limits_at(&q, lab, 0, QUOTA_GPU)->borrowing = 2000;
    assert_int_equal(most_of(&q, "a"), 5); /* of lab's 3 and 2 more */
    assert_int_equal(most_of(&q, "c"), 10);
    limits_at(&q, lab, 0, QUOTA_GPU)->lending = 1000;
    assert_int_equal(most_of(&q, "c"), 8);
    limits_at(&q, lab, 0, QUOTA_GPU)->borrowing = QUOTA_NO_LIMIT;
    limits_at(&q, 1, 0, QUOTA_GPU)->lending = 0;
    assert_int_equal(most_of(&q, "a"), 9);
}

/* Which strategy decides what comes behind a head that does not fit. */
static void a_head_blocks_or_steps_aside(void **state)
{
    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        struct quotas q;
        struct workload w;
        struct schedule s;
        quotas_init(&q, 1, 0, 1);
        gpu_queue(&q, 0, -1, (int64_t[]){ 4 })->strategy = strict ? STRICT_FIFO : BEST_EFFORT_FIFO;
        simulate_workload_init(&w);
        add_job(&w, "a", 0, 0, 3, 10);
        add_job(&w, "a", 0, 1, 2, 10);
        add_job(&w, "a", 0, 2, 1, 5);
        add_job(&w, "nobody's", 0, 2, 1, 5);
        add_job(&w, "a", 0, 2, 5, 5); /* more than it will ever have */
        simulate_seal(&w);
        run_on(&w, &q, &s);
        assert_int_equal(s.start_us[1], 10);
        assert_int_equal(s.start_us[2], strict ? 10 : 2);
        assert_int_equal(s.start_us[3], -1);
        assert_int_equal(s.start_us[4], -1);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* b borrows all of a's 4 GPUs; a wants them back. Returns whom it stops, as bits. */
static unsigned reclaimed_by(enum quota_preempt reclaim, int32_t priority, int jobs)
{
    struct quotas q;
    struct workload w;
    struct schedule s;
    unsigned stopped = 0;
    quotas_init(&q, 2, 1, 1);
    gpu_queue(&q, 0, 2, (int64_t[]){ 4 })->reclaim = reclaim;
    gpu_queue(&q, 1, 2, (int64_t[]){ 4 });
    simulate_workload_init(&w);
    add_job(&w, "b", 1, 0, 2, 100);
    add_job(&w, "b", 0, 1, 2, 100);
    add_job(&w, "b", 0, 2, 2, 100);
    add_job(&w, "b", 1, 3, 2, 100);
    for (int j = 0; j < jobs; j++) add_job(&w, "a", priority, 10 + j, 2, 100);
    simulate_seal(&w);
    run_on(&w, &q, &s);
    for (int j = 0; j < 4; j++) stopped |= (unsigned)(s.preemptions[j] > 0) << j;
    for (int j = 0; j < jobs; j++)
        assert_true((s.start_us[4 + j] == 10 + j) == (stopped && (j == 0 || stopped != 4)));
    schedule_free(&s);
    workload_free(&w);
    return stopped;
}

static void quota_is_reclaimed(void **state)
{
    (void)state;
    assert_int_equal(reclaimed_by(PREEMPT_ANY, 0, 1), 1 << 2);
    assert_int_equal(reclaimed_by(PREEMPT_ANY, 0, 2), 1 << 2 | 1 << 1);
    assert_int_equal(reclaimed_by(PREEMPT_LOWER, 1, 1), 1 << 2);
    assert_int_equal(reclaimed_by(PREEMPT_LOWER, 1, 2), 1 << 2 | 1 << 1);
    assert_int_equal(reclaimed_by(PREEMPT_LOWER, 0, 2), 0);
    assert_int_equal(reclaimed_by(PREEMPT_NEVER, 9, 2), 0);
}

static void priority_counts_within_a_queue(void **state)
{
    static const int64_t starts[][2] = { { 30, 22 }, { 20, 22 }, { 20, 10 } }; /* of jobs 2, 4 */
    (void)state;
    for (int policy = PREEMPT_NEVER; policy <= PREEMPT_LOWER_OR_NEWER; policy++) {
        struct quotas q;
        struct workload w;
        struct schedule s;
        quotas_init(&q, 2, 0, 1);
        for (int i = 0; i < 2; i++)
            gpu_queue(&q, i, -1, (int64_t[]){ 4 })->within_queue = (enum quota_preempt)policy;
        /* In queue a one is stopped for another that is more urgent. In b one waits for 3 of 4
         * GPUs, is passed, and may take its place back at 10. */
        simulate_workload_init(&w);
        add_job(&w, "a", 0, 0, 4, 30);
        add_job(&w, "b", 0, 0, 2, 10);
        add_job(&w, "b", 0, 1, 3, 5);
        add_job(&w, "b", 0, 2, 2, 20);
        add_job(&w, "a", 1, 20, 4, 10);
        simulate_seal(&w);
        run_on(&w, &q, &s);
        assert_int_equal(s.start_us[3], 2);
        assert_int_equal(s.start_us[4], starts[policy][0]);
        assert_int_equal(s.start_us[2], starts[policy][1]);
        assert_int_equal(s.preemptions[0], policy != PREEMPT_NEVER);
        assert_int_equal(s.preemptions[3], policy == PREEMPT_LOWER_OR_NEWER);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* Where the last job of queue a lies: 's' on spot nodes, 'd' on those on demand; in capitals where
 * it has stopped the job before it. */
static char last_of(const struct quotas *q, int jobs, const int32_t *priority)
{
    struct workload w;
    struct schedule s;
    simulate_workload_init(&w);
    for (int j = 0; j < jobs; j++) add_job(&w, "a", priority[j], j, 1, 100);
    simulate_seal(&w);
    run_on(&w, q, &s);
    assert_int_equal(s.start_us[jobs - 1], jobs - 1);
    int is_spot = s.first_node[jobs - 1]<32, stops = jobs> 1 && s.preemptions[jobs - 2];
    schedule_free(&s);
    workload_free(&w);
    return stops ? (is_spot ? 'S' : 'D') : (is_spot ? 's' : 'd');
}

static void flavors_are_tried_in_order(void **state)
{
    struct quotas q;
    const int32_t equal[] = { 0, 0, 0 }, rising[] = { 0, 1, 2 };
    (void)state;
    quotas_init(&q, 2, 1, 2);
    q.flavors[0] = (struct quota_flavor){ "spot", 1, false };
    q.flavors[1] = (struct quota_flavor){ "on-demand", 2, false };
    struct quota_queue *a = gpu_queue(&q, 0, 2, (int64_t[]){ 1, 1 });
    assert_int_equal(last_of(&q, 1, equal), 's');
    assert_int_equal(last_of(&q, 2, equal), 'd');

    /* b has spot quota to lend. */
    gpu_queue(&q, 1, 2, (int64_t[]){ 1, 0 });
    a->when_can_borrow = TRY_NEXT_FLAVOR;
    assert_int_equal(last_of(&q, 2, equal), 'd');
    assert_int_equal(last_of(&q, 3, equal), 's'); /* there is no nominal quota left */
    a->when_can_borrow = MAY_STOP_SEARCH;
    assert_int_equal(last_of(&q, 2, equal), 's');

    /* Nobody lends; the second job could stop the first. */
    q.nodes[0].parent = -1;
    a->within_queue = PREEMPT_LOWER;
    a->when_can_preempt = TRY_NEXT_FLAVOR;
    assert_int_equal(last_of(&q, 2, rising), 'd');
    a->when_can_preempt = MAY_STOP_SEARCH;
    assert_int_equal(last_of(&q, 2, rising), 'S');
    assert_int_equal(last_of(&q, 2, equal), 'd');

    /* On demand it would have to borrow. */
    q.nodes[0].parent = 2;
    a->when_can_preempt = a->when_can_borrow = TRY_NEXT_FLAVOR;
    gpu_queue(&q, 0, 2, (int64_t[]){ 1, 0 });
    gpu_queue(&q, 1, 2, (int64_t[]){ 0, 1 });
    assert_int_equal(last_of(&q, 2, rising), 'd');
    a->preference = PREEMPTION_OVER_BORROWING;
    assert_int_equal(last_of(&q, 2, rising), 'S');
}

/* Quota without a node is none: two nodes of 4 GPUs, quota for more. Where the flavor is
 * topology-aware, of two less urgent jobs that is stopped without whom the gang has a node for
 * itself; else nobody is. */
static void jobs_are_stopped_for_nodes(void **state)
{
    (void)state;
    for (int by_node = 0; by_node < 2; by_node++) {
        struct quotas q;
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = { .pools = { { 2, 4 } }, .order = "kueue", .quota = &q.spec };
        quotas_init(&q, 2, 0, 1);
        q.flavors[0].by_node = by_node;
        gpu_queue(&q, 0, -1, (int64_t[]){ 20 })->within_queue = PREEMPT_LOWER;
        gpu_queue(&q, 1, -1, (int64_t[]){ 20 });
        simulate_workload_init(&w);
        add_job(&w, "b", 0, 0, 3, 100);
        add_job(&w, "a", 0, 1, 3, 100);
        add_job(&w, "a", 0, 2, 1, 100); /* beside the first */
        add_job(&w, "a", 1, 3, 4, 50);
        add_job(&w, "b", 1, 4, 4, 50); /* may stop nobody */
        simulate_seal(&w);
        simulate(&w, &fleet, &s);
        assert_int_equal(s.preemptions[1], by_node);
        assert_int_equal(s.preemptions[0] + s.preemptions[2], 0);
        assert_int_equal(s.start_us[3], by_node ? 3 : 101);
        assert_int_equal(s.first_node[3], 1);
        assert_int_equal(s.start_us[4], by_node ? 53 : 102);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* What one search for nodes has found out is true of the next ones of its pass, and of no others:
 * with c gone, a node has 2 GPUs, which is too few for d and e.
 *
 *      node 0  bbbb        node 1  bbcc        c alone is less urgent than d (4), e (3), f (2)
 */
static void searches_in_vain_say_how_much_there_is(void **state)
{
    struct quotas q;
    struct workload w;
    struct schedule s, slow;
    struct simulate_fleet fleet = { .pools = { { 2, 4 } }, .order = "kueue", .quota = &q.spec };
    (void)state;
    quotas_init(&q, 2, 0, 1);
    q.flavors[0].by_node = true;
    gpu_queue(&q, 0, -1, (int64_t[]){ 20 })->within_queue = PREEMPT_LOWER;
    gpu_queue(&q, 1, -1, (int64_t[]){ 20 });
    simulate_workload_init(&w);
    add_job(&w, "b", 0, 0, 4, 100);
    add_job(&w, "b", 0, 0, 2, 100);
    add_job(&w, "a", 0, 1, 2, 100);
    for (int32_t gpus = 4; gpus > 1; gpus--) add_job(&w, "a", 1, 5, gpus, 50);
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    slow_schedule(&w, &fleet, &slow);
    assert_memory_equal(s.start_us, slow.start_us, w.job_n * sizeof *s.start_us);
    assert_int_equal(s.start_us[3], 100);
    assert_int_equal(s.start_us[4], 100); /* c is stopped once more for it */
    assert_int_equal(s.start_us[5], 5);
    assert_int_equal(s.preemptions[2], 2);
    schedule_free(&s);
    schedule_free(&slow);
    workload_free(&w);
}

/* root over c (1) and lab, over a (4) and b (0): lab's quota is nearer to b than to c, who borrows
 * it. Were all three in one cohort, b could not reclaim what it would have to borrow itself, but
 * from lower priorities with borrowWithinCohort. */
static int b_starts_at_once(int flat, int borrows_too, int64_t threshold, int32_t priority)
{
    struct quotas q;
    struct workload w;
    struct schedule s;
    const int32_t root = 3, lab = 4;
    quotas_init(&q, 3, 2, 1);
    gpu_queue(&q, 0, flat ? root : lab, (int64_t[]){ 4 });
    struct quota_queue *b = gpu_queue(&q, 1, flat ? root : lab, (int64_t[]){ 0 });
    gpu_queue(&q, 2, root, (int64_t[]){ 1 });
    q.nodes[lab].parent = root;
    b->reclaim = PREEMPT_ANY;
    b->borrow_within_cohort = borrows_too;
    b->threshold = threshold;
    simulate_workload_init(&w);
    for (int j = 0; j < 5; j++) add_job(&w, "c", 2, 0, 1, 100);
    add_job(&w, "b", priority, 10, 2, 10);
    simulate_seal(&w);
    run_on(&w, &q, &s);
    int at_once = s.start_us[5] == 10;
    assert_true(at_once || s.start_us[5] == 100);
    for (int j = 0; j < 5; j++) assert_int_equal(s.preemptions[j], at_once && j > 2);
    schedule_free(&s);
    workload_free(&w);
    return at_once;
}

static void nearer_quota_is_reclaimed_first(void **state)
{
    (void)state;
    assert_true(b_starts_at_once(0, 0, INT64_MAX, 0));
    assert_false(b_starts_at_once(1, 0, INT64_MAX, 9));
    assert_false(b_starts_at_once(1, 1, INT64_MAX, 2));
    assert_true(b_starts_at_once(1, 1, INT64_MAX, 3));
    assert_false(b_starts_at_once(1, 1, 1, 3));
    assert_true(b_starts_at_once(1, 1, 2, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_rules),
        cmocka_unit_test(a_queue_uses_what_its_cohort_lends),
        cmocka_unit_test(cohorts_are_trees),
        cmocka_unit_test(a_head_blocks_or_steps_aside),
        cmocka_unit_test(quota_is_reclaimed),
        cmocka_unit_test(priority_counts_within_a_queue),
        cmocka_unit_test(flavors_are_tried_in_order),
        cmocka_unit_test(jobs_are_stopped_for_nodes),
        cmocka_unit_test(searches_in_vain_say_how_much_there_is),
        cmocka_unit_test(nearer_quota_is_reclaimed_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
