/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/scheduler.h"

#include <stdlib.h>
#include <string.h>

static bool passes_others(const struct scheduler *s)
{
    return s->order->skips || s->order->backfills;
}

enum status scheduler_init(struct scheduler *s, const struct workload *workload,
                           const struct scheduler_spec *spec, const struct placing *placing,
                           struct pool *pools, int32_t pool_n, struct demand_table *demands,
                           struct running *running, scheduler_start_fn *start, void *world,
                           struct error *err)
{
    memset(s, 0, sizeof *s);
    s->workload = workload;
    s->order = spec->order;
    s->placing = *placing;
    s->pools = pools;
    s->pool_n = pool_n;
    s->demands = demands;
    s->running = running;
    s->start = start;
    s->world = world;
    s->blocked = WAITING_NONE;
    waiting_heap_init(&s->heap, spec->order->key == ORDER_KEY_SUBMIT);
    return s->order->backfills ? events_init(&s->expected, 64, err) : STATUS_OK;
}

void scheduler_free(struct scheduler *s)
{
    waiting_heap_free(&s->heap);
    for (uint32_t i = 0; i < s->line_n; i++) waiting_line_free(&s->lines[i].line);
    free(s->lines);
    free(s->active);
    free(s->fresh);
    free(s->pieces);
    free(s->reserved);
    free(s->leaving);
    free(s->walk);
    free(s->walk_end);
    events_free(&s->expected);
    memset(s, 0, sizeof *s);
}

/* Room for all pieces the demand can have in any pool. */
bool scheduler_pieces_room(struct scheduler *s, uint32_t demand)
{
    const struct demand *d = &s->demands->entries[demand].demand;
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
    const struct demand *d = &s->demands->entries[demand].demand;
    pools &= d->pools;
    for (int32_t p = 0; p < s->pool_n; p++)
        if (pools >> p & 1 && placing_find(&s->placing, &s->pools[p], d, 0, s->pieces) > 0)
            return true;
    return false;
}

bool scheduler_place_in(struct scheduler *s, uint32_t job, uint32_t demand, int32_t pool,
                        int64_t now_us)
{
    const struct demand_entry *d = &s->demands->entries[demand];
    int32_t n = placing_find(&s->placing, &s->pools[pool], &d->demand, job, s->pieces);
    if (n == 0) return false;
    uint32_t slot = s->start(s->world, job, demand, pool, s->pieces, n);
    if (slot == RUNNING_NONE) {
        s->failed = true;
        return true;
    }
    s->waiting_n--;
    if (s->order->backfills) {
        if (slot >= s->expected.slots && events_grow(&s->expected, 2 * slot, NULL) != STATUS_OK) {
            s->failed = true;
            return true;
        }
        events_set(&s->expected, slot, now_us + scaled_us(d, pool, estimate_us(s->workload, job)));
    }
    return true;
}

bool scheduler_try(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    uint64_t pools = s->demands->entries[demand].demand.pools;
    for (int32_t p = 0; p < s->pool_n; p++)
        if (pools >> p & 1 && scheduler_place_in(s, job, demand, p, now_us)) return true;
    return false;
}

static bool lines_room(struct scheduler *s, uint32_t demand)
{
    if (demand >= s->line_capacity) {
        uint32_t capacity = demand < 32 ? 64 : 2 * demand;
        struct demand_line *lines = realloc(s->lines, capacity * sizeof *lines);
        if (lines) s->lines = lines;
        uint32_t *active = realloc(s->active, capacity * sizeof *active);
        if (active) s->active = active;
        if (!lines || !active) return false;
        s->line_capacity = capacity;
    }
    for (; s->line_n <= demand; s->line_n++) {
        waiting_line_init(&s->lines[s->line_n].line);
        s->lines[s->line_n].active_at = UINT32_MAX;
    }
    return true;
}

static bool line_push(struct scheduler *s, uint32_t job, uint32_t demand)
{
    if (!lines_room(s, demand)) return false;
    struct demand_line *l = &s->lines[demand];
    if (!waiting_line_push(&l->line, job, estimate_us(s->workload, job))) return false;
    if (l->active_at == UINT32_MAX) {
        l->active_at = s->active_n;
        s->active[s->active_n++] = demand;
    }
    if (s->fresh_n == s->fresh_capacity) {
        uint32_t capacity = s->fresh_capacity ? 2 * s->fresh_capacity : 64;
        struct waiting_job *fresh = realloc(s->fresh, capacity * sizeof *fresh);
        if (!fresh) return false;
        s->fresh = fresh;
        s->fresh_capacity = capacity;
    }
    s->fresh[s->fresh_n++] = (struct waiting_job){ 0, job, demand };
    return true;
}

void scheduler_line_remove(struct scheduler *s, uint32_t demand, uint32_t position)
{
    struct demand_line *l = &s->lines[demand];
    waiting_line_remove(&l->line, position);
    if (l->line.live == 0) {
        uint32_t last = s->active[--s->active_n];
        s->active[l->active_at] = last;
        s->lines[last].active_at = l->active_at;
        l->active_at = UINT32_MAX;
    }
}

static int64_t order_key(const struct scheduler *s, uint32_t job, uint32_t demand)
{
    switch (s->order->key) {
    case ORDER_KEY_SUBMIT: return 0;
    case ORDER_KEY_RUN: return s->workload->run_us[job];
    case ORDER_KEY_GPUS: return s->demands->entries[demand].demand.gpus;
    }
    return 0;
}

void scheduler_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    bool ok = scheduler_pieces_room(s, demand);
    if (ok && passes_others(s)) ok = line_push(s, job, demand);
    else if (ok)
        ok = waiting_heap_push(&s->heap,
                               (struct waiting_job){ order_key(s, job, demand), job, demand });
    s->waiting_n++;
    if (!ok) s->failed = true;
}

void scheduler_release(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    s->released = true;
    if (!s->order->backfills) return;
    /* An end as expected is what the reservation counted on; an earlier or later one makes it void.
     */
    if (events_time(&s->expected, slot) != now_us) s->has_reservation = false;
    events_set(&s->expected, slot, EVENT_NONE);
}

/* Starts heads until one does not fit. */
static void pass_strict(struct scheduler *s, int64_t now_us)
{
    const struct waiting_job *head;
    while ((head = waiting_heap_head(&s->heap)) != NULL && !s->failed) {
        if (!s->released && head->job == s->blocked) return;
        if (!scheduler_try(s, head->job, head->demand, now_us)) {
            s->blocked = head->job;
            return;
        }
        waiting_heap_pop(&s->heap);
    }
    s->blocked = WAITING_NONE;
}

void scheduler_pass(struct scheduler *s, int64_t now_us)
{
    if (s->waiting_n > 0) {
        if (s->order->backfills) pass_easy(s, now_us);
        else if (s->order->skips) pass_skip(s, now_us);
        else pass_strict(s, now_us);
    }
    s->released = false;
    s->fresh_n = 0;
}
