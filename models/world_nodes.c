/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of a world that go and come back. */
#include <stdlib.h>

#include "models/world_state.h"

/* It leaves its nodes: it has failed, or one of them has, without notice, or is taken back, with
 * one. The scheduler is told while what it knows of the job's stay is still so. */
static void job_lose(struct world *w, uint32_t slot, enum stop_cause cause, int64_t notice_us)
{
    const struct running_job j = w->running.slots[slot];
    struct progress *progress = &w->progress[j.job];
    int64_t kept_us = progress_kept_warned_us(&w->fleet->scheduler.restart,
                                              w->demands.entries[j.demand].demand.gpus,
                                              progress->owed_us, w->now_us - j.start_us, notice_us);
    progress->cost_usd_micro += world_job_leave(w, slot);
    if (cause == STOP_FAILED) progress->failures++, w->result->job_failures++;
    else progress->reclaims++, w->result->job_reclaims++;
    scheduler_release_failed(&w->scheduler, slot, w->now_us);
    world_job_stopped(w, slot, kept_us, cause);
}

static bool is_on(const struct world *w, uint32_t slot, int32_t pool, int32_t node)
{
    const struct running_job *j = &w->running.slots[slot];
    const struct piece *pieces = running_pieces(&w->running, slot);
    for (int32_t i = 0; j->pool == pool && i < j->piece_n; i++)
        if (pieces[i].node == node) return true;
    return false;
}

static int compare_jobs(const void *a, const void *b)
{
    const struct hit_job *x = a, *y = b;
    return (x->job > y->job) - (x->job < y->job);
}

static bool hit_add(struct world *w, uint32_t slot)
{
    if (w->hit_n == w->hit_capacity) {
        size_t capacity = w->hit_capacity ? 2 * w->hit_capacity : 16;
        struct hit_job *hit = realloc(w->hit, capacity * sizeof *hit);
        if (!hit) return false;
        w->hit = hit;
        w->hit_capacity = capacity;
    }
    w->hit[w->hit_n++] = (struct hit_job){ w->running.slots[slot].job, slot };
    return true;
}

/* Those that run on the node, in order of arrival; false: no memory. */
static bool gather_hit(struct world *w, int32_t pool, int32_t node)
{
    for (uint32_t slot = 0; slot < w->running.used; slot++)
        if (events_time(&w->ends, slot) != EVENT_NONE && is_on(w, slot, pool, node) &&
            !hit_add(w, slot))
            return false;
    if (w->hit_n > 1) qsort(w->hit, w->hit_n, sizeof *w->hit, compare_jobs);
    return true;
}

void world_hit_wait_again(struct world *w)
{
    if (w->hit_n > 1) qsort(w->hit, w->hit_n, sizeof *w->hit, compare_jobs);
    for (size_t i = 0; i < w->hit_n; i++) { /* their demands are known: no memory is needed */
        uint32_t job = w->hit[i].job;
        scheduler_submit_again(&w->scheduler, job, world_demand_on_arrival(w, job), w->now_us);
    }
    w->hit_n = 0;
    if (w->scheduler.waiting_n > w->result->max_queue)
        w->result->max_queue = w->scheduler.waiting_n;
}

enum status world_job_fails(struct world *w, uint32_t slot, struct error *err)
{
    if (!hit_add(w, slot))
        return error_set(err, STATUS_NO_MEMORY, "no memory for jobs that failed");
    job_lose(w, slot, STOP_FAILED, 0);
    return STATUS_OK;
}

/* All that is on it is stopped before anybody waits again, so that nobody is put on a node that
 * goes. */
static enum status node_empties(struct world *w, int32_t pool, int32_t node, enum stop_cause cause,
                                int64_t notice_us, struct error *err)
{
    if (!gather_hit(w, pool, node))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the jobs of a node");
    for (size_t i = 0; i < w->hit_n; i++) job_lose(w, w->hit[i].slot, cause, notice_us);
    scheduler_node_leaves(&w->scheduler, pool, node, w->now_us);
    pool_take_down(&w->pools[pool], node);
    w->up_gpus -= w->pools[pool].gpus;
    return STATUS_OK;
}

static enum status node_goes(struct world *w, int32_t pool, int32_t node, struct error *err)
{
    enum status status = node_empties(w, pool, node, STOP_FAILED, 0, err);
    if (status != STATUS_OK) return status;
    if (w->elastic) lifecycle_fails(&w->elastic->nodes, pool, node);
    w->result->node_failures++;
    scheduler_node_changed(&w->scheduler, pool, -1, w->now_us);
    world_hit_wait_again(w);
    return STATUS_OK;
}

/* The jobs have a warning, and may save their work as before a preemption. */
bool world_node_drained(struct world *w, int32_t pool, int32_t node)
{
    if (!gather_hit(w, pool, node)) return false;
    for (size_t i = 0; i < w->hit_n; i++) world_job_preempt(w, w->hit[i].slot, true);
    elastic_remove(w, pool, node);
    world_hit_wait_again(w);
    return !w->scheduler.failed;
}

static void node_comes(struct world *w, int32_t pool, int32_t node)
{
    pool_bring_up(&w->pools[pool], node);
    if (w->elastic) lifecycle_is_repaired(&w->elastic->nodes, pool, node, w->now_us);
    w->up_gpus += w->pools[pool].gpus;
    scheduler_node_changed(&w->scheduler, pool, +1, w->now_us);
}

enum status world_node_change(struct world *w, struct error *err)
{
    struct node_change change = outages_take(&w->outages);
    enum status status = STATUS_OK;
    if (change.goes_down) status = node_goes(w, change.pool, change.node, err);
    else node_comes(w, change.pool, change.node);
    if (w->elastic) elastic_changed(w);
    if (++w->changes_in_row > CHANGES_MAX || w->scheduler.failed) w->scheduler.failed = true;
    return status;
}

/* ---- what can be had ---- */

/* It cannot be had any more. Where it is there, and taken back for that, those on it have the
 * notice to save what they have done. */
static enum status node_notice(struct world *w, int32_t pool, int32_t node, struct error *err)
{
    struct lifecycle *nodes = &w->elastic->nodes;
    const struct supply_spec *spec = &w->fleet->pools[pool].supply;
    uint8_t state = lifecycle_node(nodes, pool, node)->state;
    lifecycle_close(nodes, pool, node);
    if (!spec->takes_back || state == NODE_ABSENT) return STATUS_OK;
    bool up = state == NODE_READY && w->pools[pool].free_gpu[node] >= 0; /* else it has failed */
    enum status status =
        up ? node_empties(w, pool, node, STOP_RECLAIMED, spec->notice_us, err) : STATUS_OK;
    if (status != STATUS_OK) return status;
    if (w->clock.changes && state == NODE_READY)
        outages_leave(&w->outages, (uint32_t)(w->pools[pool].base + node));
    lifecycle_drain(nodes, pool, node, w->now_us);
    w->result->node_reclaims++;
    if (up) scheduler_node_changed(&w->scheduler, pool, -1, w->now_us);
    world_hit_wait_again(w);
    return STATUS_OK;
}

enum status world_supply_change(struct world *w, struct error *err)
{
    struct supply_change change = supply_take(&w->supply);
    struct lifecycle *nodes = &w->elastic->nodes;
    enum status status = STATUS_OK;
    switch (change.kind) {
    case SUPPLY_NOTHING: return STATUS_OK;
    case SUPPLY_NOTICE: status = node_notice(w, change.pool, change.node, err); break;
    case SUPPLY_GONE:
        if (lifecycle_node(nodes, change.pool, change.node)->state == NODE_DRAINING)
            elastic_gone(w, change.pool, change.node);
        return STATUS_OK;
    case SUPPLY_BACK: lifecycle_open(nodes, change.pool, change.node); break;
    }
    if (status != STATUS_OK) return status;
    if (!elastic_keep_least(w, change.pool))
        return error_set(err, STATUS_NO_MEMORY, "no memory for a node's stay");
    elastic_changed(w);
    if (++w->changes_in_row > CHANGES_MAX) w->scheduler.failed = true;
    return STATUS_OK;
}

/* ---- after the last job ---- */

static int64_t next_us(struct events *events)
{
    return events ? events_next_time(events) : EVENT_NONE;
}

/* The next of what happens to an empty world, before until_us; false: nothing does. */
static bool next_when_empty(struct world *w, int64_t until_us, enum status *status,
                            struct error *err)
{
    int64_t change_us = next_us(w->clock.changes), supply_us = next_us(w->clock.supply);
    int64_t boot_us = next_us(w->clock.boots), at_us = w->clock.tick_us;
    if (change_us < at_us) at_us = change_us;
    if (supply_us < at_us) at_us = supply_us;
    if (boot_us < at_us) at_us = boot_us;
    if (at_us >= until_us || w->scheduler.failed || *status != STATUS_OK) return false;
    if (at_us > w->now_us) world_clock_advance(w, at_us);
    if (at_us == change_us) *status = world_node_change(w, err);
    else if (at_us == supply_us) *status = world_supply_change(w, err);
    else if (at_us == boot_us) elastic_boot(w);
    else w->scheduler.failed |= !elastic_tick(w);
    if (at_us == change_us || at_us == supply_us || at_us == boot_us) w->result->events++;
    return true;
}

enum status world_stay_empty(struct world *w, int64_t until_us, struct error *err)
{
    enum status status = STATUS_OK;
    bool none = !w->clock.changes && !w->elastic;
    if (none || w->now_us >= until_us) return STATUS_OK;
    while (next_when_empty(w, until_us, &status, err)) continue;
    if (status == STATUS_OK) world_clock_advance(w, until_us);
    return status;
}
