/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/scheduler.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/engine.h"
#include "models/scheduling/scored.h"

enum status scheduler_init(struct scheduler *s, const struct workload *workload,
                           const struct scheduler_spec *spec, const struct placing *placing,
                           struct pool *pools, int32_t pool_n, struct demand_table *demands,
                           struct running *running, scheduler_start_fn *start,
                           scheduler_preempt_fn *preempt, const struct progress *progress,
                           const struct elasticity *elasticity, void *world, struct error *err)
{
    memset(s, 0, sizeof *s);
    s->workload = workload;
    s->order = spec->order;
    s->backfill = &spec->backfill;
    s->timing = &spec->timing;
    s->predictor = spec->predictor;
    s->share = &spec->share;
    s->ties = spec->ties;
    s->victims = spec->victims;
    s->levels = &spec->levels;
    s->restart = &spec->restart;
    s->rounds = &spec->rounds;
    s->quota = spec->quota;
    s->permit = &spec->permit;
    s->elasticity = elasticity;
    s->limits = &spec->limits;
    s->placing = *placing;
    s->pools = pools;
    s->pool_n = pool_n;
    s->demands = demands;
    s->running = running;
    s->start = start;
    s->preempt = preempt;
    s->progress = progress;
    s->world = world;
    s->wake_us = EVENT_NONE;
    s->engine = spec->order->engine;
    s->state = calloc(1, s->engine->state_size);
    if (!s->state || !s->engine->init(s))
        return error_set(err, STATUS_NO_MEMORY, "no memory for a scheduler");
    return STATUS_OK;
}

void scheduler_free(struct scheduler *s)
{
    if (s->state) s->engine->free(s);
    free(s->state);
    free(s->pieces);
    memset(s, 0, sizeof *s);
}

bool scheduler_pieces_room(struct scheduler *s, uint32_t demand)
{
    const struct demand *d = scheduler_demand(s, demand);
    size_t most = 1;
    for (int32_t p = 0; p < s->pool_n; p++) {
        size_t n = (size_t)placing_pieces_max(&s->placing, &s->pools[p], d);
        if (d->pools >> p & 1 && n > most) most = n;
    }
    if (most <= s->piece_capacity) return true;
    struct piece *pieces = realloc(s->pieces, most * sizeof *pieces);
    if (!pieces) return false;
    s->pieces = pieces;
    s->piece_capacity = most;
    return true;
}

bool scheduler_fits(struct scheduler *s, uint32_t demand, uint64_t pools)
{
    const struct demand *d = scheduler_demand(s, demand);
    pools &= d->pools;
    for (int32_t p = 0; p < s->pool_n; p++)
        if (pools >> p & 1 && placing_find(&s->placing, &s->pools[p], d, 0, s->pieces) > 0)
            return true;
    return false;
}

void scheduler_start_on(struct scheduler *s, uint32_t job, uint32_t demand, int32_t pool,
                        const struct piece *pieces, int32_t n, int64_t now_us)
{
    uint32_t slot = s->start(s->world, job, demand, pool, pieces, n);
    if (slot == RUNNING_NONE) {
        s->failed = true;
        return;
    }
    s->waiting_n--;
    s->timeouts_in_row = 0;
    if (s->engine->started) s->engine->started(s, slot, now_us);
}

bool scheduler_place_in(struct scheduler *s, uint32_t job, uint32_t demand, int32_t pool,
                        int64_t now_us)
{
    int32_t n =
        placing_find(&s->placing, &s->pools[pool], scheduler_demand(s, demand), job, s->pieces);
    if (n == 0) return false;
    scheduler_start_on(s, job, demand, pool, s->pieces, n, now_us);
    return true;
}

static bool try_on(struct scheduler *s, uint32_t job, uint32_t demand, uint64_t pools,
                   int64_t now_us)
{
    if (s->placing.scored) {
        struct piece piece;
        struct demand d = *scheduler_demand(s, demand);
        d.pools = pools;
        int32_t pool = scored_find_in_fleet(s->placing.scored, &d, job, &piece);
        s->failed |= s->placing.scored->failed;
        if (pool >= 0) scheduler_start_on(s, job, demand, pool, &piece, 1, now_us);
        if (pool >= 0 || s->failed) return true;
    }
    for (int32_t p = 0; p < s->pool_n; p++)
        if (pools >> p & 1 && scheduler_place_in(s, job, demand, p, now_us)) return true;
    return false;
}

bool scheduler_try(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    uint64_t pools = scheduler_demand(s, demand)->pools, first = pools & s->placing.first;
    if (first && first != pools && try_on(s, job, demand, first, now_us)) return true;
    return try_on(s, job, demand, pools, now_us);
}

void scheduler_give_back(struct scheduler *s, uint32_t slot, int sign)
{
    const struct running_job *j = &s->running->slots[slot];
    const struct piece *pieces = running_pieces(s->running, slot);
    for (int32_t i = 0; i < j->piece_n; i++) {
        struct share share = demand_share(scheduler_demand(s, j->demand), pieces[i].gpus);
        pool_shift(&s->pools[j->pool], pieces[i].node, &share, sign);
    }
}

enum reject_reason scheduler_refuse(struct scheduler *s, uint32_t job, uint32_t demand)
{
    return s->engine->refuse ? s->engine->refuse(s, job, demand) : REJECT_N;
}

void scheduler_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    s->waiting_n++;
    s->timeouts_in_row = 0;
    if (!scheduler_pieces_room(s, demand) || !s->engine->submit(s, job, demand)) s->failed = true;
}

void scheduler_submit_again(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    s->waiting_n++;
    bool good = s->engine->submit_again ? s->engine->submit_again(s, job, demand, now_us)
                                        : s->engine->submit(s, job, demand);
    if (!good) s->failed = true;
}

bool scheduler_can_fall_back(const struct queue_order *order, enum fallback_rule rule)
{
    if (fallback_by_deadlines(rule)) return order->engine->withdraw != NULL;
    return rule == FALLBACK_NONE || (!rank_by_size(order->rank) && !rank_by_shares(order->rank) &&
                                     order->engine != &engine_kueue);
}

bool scheduler_can_cordon(const struct queue_order *order) { return !rank_by_size(order->rank); }

void scheduler_runs_on(struct scheduler *s, uint32_t slot, int64_t gpus, int64_t now_us)
{
    if (s->engine->runs_on) s->engine->runs_on(s, slot, gpus, now_us);
}

void scheduler_withdraw(struct scheduler *s, uint32_t job, uint32_t demand)
{
    s->waiting_n--;
    s->released = true; /* who is behind it may start */
    s->engine->withdraw(s, job, demand);
}

void scheduler_node_leaves(struct scheduler *s, int32_t pool, int32_t node, int64_t now_us)
{
    if (s->engine->node_leaves) s->engine->node_leaves(s, pool, node, now_us);
}

void scheduler_node_changed(struct scheduler *s, int32_t pool, int sign, int64_t now_us)
{
    s->released = true;
    if (s->engine->node_changed) s->engine->node_changed(s, pool, sign, now_us);
}

void scheduler_release(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    s->released = true;
    s->timeouts_in_row = 0;
    if (s->engine->released) s->engine->released(s, slot, now_us);
}

void scheduler_release_failed(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    s->job_fails = true;
    scheduler_release(s, slot, now_us);
    s->job_fails = false;
}

void scheduler_pass(struct scheduler *s, int64_t now_us)
{
    s->wake_us = EVENT_NONE;
    if (s->waiting_n > 0 || s->engine->moves_running) s->engine->pass(s, now_us);
    s->released = false;
}
