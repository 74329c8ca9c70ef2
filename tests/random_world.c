/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/random_world.h"

#include <string.h>

#include "models/scheduling/quota.h"

int below(struct draw *d, int limit)
{
    return (int)random_below(d->key, RANDOM_TEST, d->n++, 0, (uint64_t)limit);
}

/* A draw that nothing else uses, so that worlds stay what they were. */
static int own_draw(const struct draw *d, size_t job, uint64_t draw, int limit)
{
    return (int)random_below(d->key, RANDOM_TEST, job, draw, (uint64_t)limit);
}

/* Names that few jobs share. */
static uint32_t random_name(const struct draw *d, size_t job, uint64_t draw, struct names *names)
{
    static const char *const text[] = { "", "a", "b", "c" };
    int i = own_draw(d, job, draw, 4);
    return names_add(names, text[i], i > 0);
}

void random_workload(struct draw *d, int jobs, int gpus_max, enum limits limits, struct workload *w)
{
    int64_t submit = 0;
    int horizon = 1 + below(d, 12);
    simulate_workload_init(w);
    for (int j = 0; j < jobs; j++) {
        if (below(d, 3)) submit += below(d, horizon);
        int gpus =
            below(d, 10) == 0 ? below(d, gpus_max + 3) : 1 + below(d, gpus_max < 4 ? gpus_max : 4);
        int64_t run = below(d, 8) == 0 ? 0 : 1 + below(d, 9), limit = -1;
        if (limits == LIMITS_EXACT) limit = run;
        if (limits == LIMITS_OVER) limit = run + below(d, 6);
        if (limits == LIMITS_ANY) limit = below(d, 12);
        simulate_add(w, submit, gpus, run, limit, -1);
    }
    simulate_seal(w);
    for (int j = 0; j < jobs; j++) {
        w->tenant[j] = random_name(d, (size_t)j, 1, &w->tenants);
        w->user[j] = random_name(d, (size_t)j, 2, &w->users);
        w->class_[j] = random_name(d, (size_t)j, 3, &w->classes);
        w->queue[j] = random_name(d, (size_t)j, 4, &w->queues);
        w->priority[j] = below(d, 3) - 1;
        w->deadline_us[j] = below(d, 4) ? w->submit_us[j] + below(d, 20) : -1;
    }
}

int random_fleet(struct draw *d, struct simulate_fleet *fleet)
{
    int largest = 0, pools = 1 + (below(d, 4) == 0);
    memset(fleet, 0, sizeof *fleet);
    for (int p = 0; p < pools; p++) {
        static const int shapes[] = { 1, 2, 3, 4, 8 };
        fleet->pools[p] = (struct simulate_pool){ 1 + below(d, 5), shapes[below(d, 5)] };
        int all = fleet->pools[p].nodes * fleet->pools[p].gpus;
        if (all > largest) largest = all;
    }
    fleet->gang = below(d, 2) ? GANG_ANYWHERE : GANG_FEWEST_NODES;
    if (fleet->gang == GANG_FEWEST_NODES && below(d, 3) == 0) {
        fleet->gang = below(d, 2) ? GANG_SPREAD_RACKS : GANG_FEWEST_RACKS;
        fleet->rack_nodes = 1 + below(d, 3);
    }
    fleet->remainder = (enum remainder_rule)own_draw(d, 0, 5, 5);
    return largest;
}

void three_spot_nodes(struct draw *d, struct outage log[SPOT_OUTAGES], struct supply_spec *supply)
{
    size_t n = 0;
    for (int node = 0; node < 3; node++)
        for (int i = 0, at = 0; i < 8; i++) {
            at += 4 + below(d, 40);
            log[n++] = (struct outage){ at, at + 10 + below(d, 30), node };
            at += 40;
        }
    *supply = (struct supply_spec){
        .takes_back = true, .notice_us = 1, .log = log, .log_n = n, .log_us = 1000
    };
}

void random_restart(struct draw *d, struct restart_options *restart)
{
    restart->checkpoint = (enum checkpoint_rule)below(d, 3);
    restart->interval_us = 1 + below(d, 4);
    restart->write = (struct gpu_costs){ .at = { { 0, below(d, 3) } }, .n = 1 };
    if (restart->interval_us % 2) { /* dearer for gangs of 3 and more */
        restart->write.at[1].from_gpus = 3;
        restart->write.at[1].us = restart->write.at[0].us + 1;
        restart->write.n = 2;
    }
    restart->cut_short = (enum restart_rule)below(d, 2);
    for (int32_t n = below(d, 3); restart->cost.n < n; restart->cost.n++) {
        restart->cost.at[restart->cost.n].from_gpus = 2 * restart->cost.n;
        restart->cost.at[restart->cost.n].us = below(d, 4);
    }
}

void random_scheduling(struct draw *d, struct simulate_fleet *fleet)
{
    static const char *const rules[] = { "first-fit", "pack", "spread" };
    fleet->placement = rules[below(d, 3)];
    fleet->ties = below(d, 2) ? TIES_ARRIVAL : TIES_WAITING;
    fleet->victims = (enum victim_rule)below(d, 2);
    fleet->predictor = (enum predictor_rule)below(d, 2);
    random_restart(d, &fleet->restart);
    fleet->timing.instant = (enum instant_rule)below(d, 2);
    if (below(d, 3) == 0) fleet->timing.cycle_us = 1 + below(d, 4);
    fleet->backfill.shadow = (enum shadow_rule)below(d, 2);
    fleet->backfill.scan = (enum scan_rule)below(d, 2);
    fleet->backfill.estimates = (enum estimate_rule)below(d, 2);
    fleet->backfill.interval_us = 1 + below(d, 6);
    fleet->backfill.window_us = 1 + below(d, 30);
    fleet->backfill.resolution_us = 1 + below(d, 4);
    fleet->rounds.round_us = 1 + below(d, 4);
    fleet->rounds.shares_us = 1 + below(d, 8);
    fleet->permit.timeout_us = 1 + below(d, 6);
    fleet->permit.backoff_us = 1 + below(d, 3);
    fleet->levels.threshold_n = 2;
    fleet->levels.threshold_us[0] = 1 + below(d, 5);
    fleet->levels.threshold_us[1] = fleet->levels.threshold_us[0] + 1 + below(d, 9);
}

static size_t random_ratios(struct draw *d, const int64_t ratios[3], struct named_number *numbers)
{
    int n = below(d, 6) ? 1 + below(d, 2) : 0, all_first = below(d, 3) > 0;
    for (int i = 0; i < n; i++) {
        numbers[i].name = (i == 0) == all_first ? "all" : "a";
        numbers[i].number = ratios[below(d, 3)];
    }
    return (size_t)n;
}

/* As the GPUs; less than they, by a power or by points; or with a bend upwards. */
static size_t random_curves(struct draw *d, struct speedup_curve *curves)
{
    static const struct speedup_curve shapes[] = {
        { .exponent_ppm = 1000000 },
        { .exponent_ppm = 500000 },
        { .exponent_ppm = 0 },
        { .point_n = 2, .point = { { 2, 1800000 }, { 4, 2500000 } } },
        { .point_n = 3, .point = { { 2, 1100000 }, { 4, 3900000 }, { 9, 4000000 } } },
    };
    int n = below(d, 4) ? 1 + below(d, 2) : 0;
    for (int i = 0; i < n; i++) {
        curves[i] = shapes[below(d, sizeof shapes / sizeof *shapes)];
        curves[i].name = i == 0 ? "all" : "a";
    }
    return (size_t)n;
}

void random_sizes(uint64_t seed, struct random_sizes *sizes, struct simulate_fleet *fleet)
{
    static const int64_t least[] = { 250000, 500000, 1000000 };
    static const int64_t most[] = { 1000000, 2000000, 4000000 };
    struct draw d = { random_key(seed, 5), 0 };
    struct elastic_options *o = &fleet->elastic;
    o->least = sizes->least;
    o->least_n = random_ratios(&d, least, sizes->least);
    o->most = sizes->most;
    o->most_n = random_ratios(&d, most, sizes->most);
    o->curves = sizes->curves;
    o->curve_n = random_curves(&d, sizes->curves);
    for (size_t i = 0; i < sizeof sizes->speed / sizeof *sizes->speed; i++)
        sizes->speed[i] = 0.5 * (1 + below(&d, 4));
    if (below(&d, 2)) fleet->speed = sizes->speed;
    if (below(&d, 5) == 0) fleet->gang = GANG_ONE_NODE;
    fleet->restart = (struct restart_options){ 0 };
    if (below(&d, 3)) random_restart(&d, &fleet->restart);
    fleet->timing.instant = (enum instant_rule)below(&d, 2);
    if (below(&d, 3) == 0) fleet->timing.cycle_us = 1 + below(&d, 6);
    else fleet->timing.events = (enum event_rule)below(&d, 2);
}

void random_own_sizes(uint64_t seed, struct workload *w)
{
    struct draw d = { random_key(seed, 6), 0 };
    for (size_t j = 0; j < w->job_n; j++) {
        int gpus = w->gpu_milli[j] / 1000;
        if (gpus > 0 && below(&d, 6) == 0) w->min_gpus[j] = 1 + below(&d, gpus);
        if (gpus > 0 && below(&d, 6) == 0) w->max_gpus[j] = gpus + below(&d, 6);
    }
}

void random_neighbours(const struct draw *d, struct simulate_fleet *fleet)
{
    int rules = own_draw(d, 0, 6, 3);
    fleet->neighbours = (struct neighbour_options){ 0 };
    if (rules > 0) fleet->neighbours.apart = (enum apart_rule)own_draw(d, 0, 7, 5);
    if (rules == 2 || fleet->neighbours.apart == APART_NONE)
        fleet->neighbours.exclusive = (enum exclusive_rule)(rules ? own_draw(d, 0, 8, 4) : 0);
}

static void print_amount(int64_t amount, const char *end)
{
    if (amount == QUOTA_NO_LIMIT) print_message("-%s", end);
    else print_message("%lld%s", (long long)amount, end);
}

static void print_quotas(const struct quota_spec *q)
{
    for (int32_t f = 0; f < q->flavor_n; f++)
        print_message("  flavor %d: pools %llx\n", (int)f, (unsigned long long)q->flavors[f].pools);
    for (int32_t i = 0; i < q->node_n; i++) {
        print_message("  %s %d '%s' in %d\n", i < q->queue_n ? "queue" : "cohort", (int)i,
                      q->nodes[i].name, (int)q->nodes[i].parent);
        for (int32_t c = 0; c < q->flavor_n * QUOTA_RESOURCES; c++) {
            const struct quota_limits *l = &q->nodes[i].limits[c];
            if (!l->nominal && l->borrowing == QUOTA_NO_LIMIT && l->lending == QUOTA_NO_LIMIT)
                continue;
            print_message("    %s of flavor %d: ", quota_resource_names[c % QUOTA_RESOURCES],
                          (int)c / QUOTA_RESOURCES);
            print_amount(l->nominal, " nominal, ");
            print_amount(l->borrowing, " borrowing, ");
            print_amount(l->lending, " lending\n");
        }
    }
    for (int32_t i = 0; i < q->queue_n; i++) {
        const struct quota_queue *r = &q->queues[i];
        print_message("  queue %d: strategy %d, can borrow %d, can preempt %d, preference %d, "
                      "within %d, reclaim %d, borrow within cohort %d to %lld, stopped %d;",
                      (int)i, (int)r->strategy, (int)r->when_can_borrow, (int)r->when_can_preempt,
                      (int)r->preference, (int)r->within_queue, (int)r->reclaim,
                      (int)r->borrow_within_cohort, (long long)r->threshold, (int)r->stopped);
        for (int32_t g = 0; g < r->group_n; g++) {
            print_message(" resources %x of", (unsigned)r->groups[g].resources);
            for (int32_t f = 0; f < r->groups[g].flavor_n; f++)
                print_message(" %d", (int)r->groups[g].flavors[f]);
        }
        print_message("\n");
    }
}

static void print_limits(const struct limit_options *limits)
{
    for (size_t i = 0; i < limits->n; i++) {
        const struct limit_entry *e = &limits->entries[i];
        print_message("  limit: queue '%s', tenant '%s', user '%s':", e->queue ? e->queue : "any",
                      e->tenant ? e->tenant : "any", e->user ? e->user : "any");
        for (int k = 0; k < LIMIT_N; k++)
            if (e->most[k]) print_message(" %s %lld", limit_names[k], (long long)e->most[k]);
        print_message("\n");
    }
}

static void print_pools(const struct simulate_fleet *fleet)
{
    for (int p = 0; p < SIMULATE_POOLS_MAX && fleet->pools[p].nodes; p++) {
        print_message("  pool of %d nodes x %d", fleet->pools[p].nodes, fleet->pools[p].gpus);
        for (int32_t i = 0; i < fleet->queues[p].n; i++)
            print_message("%s'%s'", i ? ", " : " for ", fleet->queues[p].text[i]);
        print_message("\n");
        for (size_t i = 0; i < fleet->outages[p].n; i++)
            print_message("    node %d is down from %lld to %lld\n", fleet->outages[p].log[i].node,
                          (long long)fleet->outages[p].log[i].down_us,
                          (long long)fleet->outages[p].log[i].up_us);
    }
}

static void print_case(const struct workload *w, const struct simulate_fleet *fleet,
                       const struct schedule *fast, const struct schedule *slow)
{
    print_message("%s, %s, %s, remainder: %s, apart: %s, exclusive: %s\n", fleet->order,
                  fleet->placement, gangs[fleet->gang].name, remainder_rules[fleet->remainder].name,
                  apart_rules[fleet->neighbours.apart].name,
                  exclusive_rules[fleet->neighbours.exclusive].name);
    const struct backfill_options *b = &fleet->backfill;
    print_message(
        "  shadow %d, extra %d, scan %d, estimates %d x %lld ppm; interval %lld, window %lld, "
        "resolution %lld, %lld tests; events %d, instant %d, cycle %lld\n",
        (int)b->shadow, (int)b->extra, (int)b->scan, (int)b->estimates, (long long)b->estimate_ppm,
        (long long)b->interval_us, (long long)b->window_us, (long long)b->resolution_us,
        (long long)b->max_job_test, (int)fleet->timing.events, (int)fleet->timing.instant,
        (long long)fleet->timing.cycle_us);
    const struct permit_options *permit = &fleet->permit;
    print_message(
        "  pods %d, timeout %lld, backoff %lld; gave up %lld times, slow %lld; half-placed "
        "%.17g GPU-hours, slow %.17g\n",
        (int)permit->pods, (long long)permit->timeout_us, (long long)permit->backoff_us,
        (long long)fast->result.gang_timeouts, (long long)slow->result.gang_timeouts,
        fast->result.half_placed_gpu_hours, slow->result.half_placed_gpu_hours);
    print_message("  depth %lld, full every %lld, delay %lld; %s\n", (long long)b->queue_depth,
                  (long long)b->sched_interval_us, (long long)b->sched_delay_us,
                  share_options_weigh(&fleet->share) ? "weighed" : "own priorities");
    print_pools(fleet);
    print_limits(&fleet->limits);
    if (fleet->quota) print_quotas(fleet->quota);
    for (size_t j = 0; j < w->job_n; j++)
        print_message(
            "  job %zu: at %lld, %d GPUs on %d nodes, runs %lld, limit %lld, queue '%s', tenant "
            "'%s', user '%s', priority %d: %lld to %lld on %d (%d), stopped %u; slow %lld to %lld "
            "on %d (%d), stopped %u\n",
            j, (long long)w->submit_us[j], w->gpu_milli[j] / 1000, w->nodes[j],
            (long long)w->run_us[j], (long long)w->limit_us[j], w->queues.text[w->queue[j]],
            w->tenants.text[w->tenant[j]], w->users.text[w->user[j]], w->priority[j],
            (long long)fast->start_us[j], (long long)fast->end_us[j], fast->first_node[j],
            fast->nodes[j], fast->preemptions[j], (long long)slow->start_us[j],
            (long long)slow->end_us[j], slow->first_node[j], slow->nodes[j], slow->preemptions[j]);
}

void agree(const struct workload *w, const struct simulate_fleet *fleet, uint64_t seed)
{
    struct schedule fast, slow;
    simulate(w, fleet, &fast);
    slow_schedule(w, fleet, &slow);
    for (size_t j = 0; j < w->job_n; j++)
        if (fast.start_us[j] != slow.start_us[j] || fast.end_us[j] != slow.end_us[j] ||
            fast.first_node[j] != slow.first_node[j] || fast.nodes[j] != slow.nodes[j] ||
            fast.preemptions[j] != slow.preemptions[j] || fast.lost_us[j] != slow.lost_us[j] ||
            fast.wait_us[j] != slow.wait_us[j] || fast.gpu_milli[j] != slow.gpu_milli[j]) {
            print_case(w, fleet, &fast, &slow);
            fail_msg("seed %llu: job %zu", (unsigned long long)seed, j);
        }
    double held = slow.result.half_placed_gpu_hours;
    double apart = fast.result.half_placed_gpu_hours - held;
    if (fast.result.gang_timeouts != slow.result.gang_timeouts || apart < -1e-12 * held ||
        apart > 1e-12 * held) {
        print_case(w, fleet, &fast, &slow);
        fail_msg("seed %llu: half-placed gangs", (unsigned long long)seed);
    }
    schedule_free(&fast);
    schedule_free(&slow);
}
