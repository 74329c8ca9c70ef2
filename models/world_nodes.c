/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of a world that go and come back. */
#include <stdlib.h>

#include "models/world_state.h"

/* What a job that loses a node knew before. */
struct warning {
    int64_t us;   /* for so long; 0: nothing */
    bool runs_on; /* it is on its nodes all the time; else it leaves them now */
};

/* It leaves its nodes: it has failed, or one of them has, or is taken back. The scheduler is told
 * while what it knows of the job's stay is still so. */
static void job_lose(struct world *w, uint32_t slot, enum stop_cause cause, struct warning warning)
{
    const struct running_job j = w->running.slots[slot];
    const struct restart_options *restart = &w->fleet->scheduler.restart;
    struct progress *progress = &w->progress[j.job];
    int64_t gpus = w->demands.entries[j.demand].demand.gpus, held_us = w->now_us - j.start_us;
    int64_t kept_us =
        warning.runs_on
            ? progress_kept_running_us(restart, gpus, progress->owed_us, held_us, warning.us)
            : progress_kept_warned_us(restart, gpus, progress->owed_us, held_us, warning.us);
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
    job_lose(w, slot, STOP_FAILED, (struct warning){ 0 });
    return STATUS_OK;
}

static enum status jobs_lose(struct world *w, int32_t pool, int32_t node, enum stop_cause cause,
                             struct warning warning, struct error *err)
{
    if (!gather_hit(w, pool, node))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the jobs of a node");
    for (size_t i = 0; i < w->hit_n; i++) job_lose(w, w->hit[i].slot, cause, warning);
    return STATUS_OK;
}

/* Nobody is put on it any more. */
static void node_shuts(struct world *w, int32_t pool, int32_t node)
{
    scheduler_node_leaves(&w->scheduler, pool, node, w->now_us);
    pool_take_down(&w->pools[pool], node);
    w->up_gpus -= w->pools[pool].gpus;
}

/* All that is on it is stopped before anybody waits again, so that nobody is put on a node that
 * goes. */
static enum status node_empties(struct world *w, int32_t pool, int32_t node, enum stop_cause cause,
                                struct warning warning, struct error *err)
{
    enum status status = jobs_lose(w, pool, node, cause, warning, err);
    if (status == STATUS_OK) node_shuts(w, pool, node);
    return status;
}

/* It cannot fail any more. */
static void node_left(struct world *w, int32_t pool, int32_t node)
{
    if (w->clock.changes) outages_leave(&w->outages, (uint32_t)(w->pools[pool].base + node));
}

static enum status node_goes(struct world *w, int32_t pool, int32_t node, struct error *err)
{
    const struct lifecycle_node *n =
        w->elastic ? lifecycle_node(&w->elastic->nodes, pool, node) : NULL;
    bool drains = n && n->state == NODE_DRAINING; /* it was shut then, and is not repaired */
    const struct warning none = { 0 };
    enum status status = drains ? jobs_lose(w, pool, node, STOP_FAILED, none, err)
                                : node_empties(w, pool, node, STOP_FAILED, none, err);
    if (status != STATUS_OK) return status;
    if (n && !drains) lifecycle_fails(&w->elastic->nodes, pool, node);
    w->result->node_failures++;
    if (!drains) scheduler_node_changed(&w->scheduler, pool, -1, w->now_us);
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

static struct lifecycle_node *node_of(struct world *w, int32_t pool, int32_t node)
{
    return lifecycle_node(&w->elastic->nodes, pool, node);
}

static int64_t gpus_on(const struct world *w, uint32_t slot, int32_t node)
{
    const struct piece *pieces = running_pieces(&w->running, slot);
    for (int32_t i = 0; i < w->running.slots[slot].piece_n; i++)
        if (pieces[i].node == node) return pieces[i].gpus;
    return 0;
}

/* Its jobs run on, and what they have there nobody has after them. */
static enum status node_cordoned(struct world *w, int32_t pool, int32_t node, struct error *err)
{
    if (!gather_hit(w, pool, node))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the jobs of a node");
    for (size_t i = 0; i < w->hit_n; i++) {
        uint32_t slot = w->hit[i].slot;
        const struct demand *d = &w->demands.entries[w->running.slots[slot].demand].demand;
        int64_t gpus = d->gpus > 0 ? gpus_on(w, slot, node) : 0;
        scheduler_runs_on(&w->scheduler, slot, gpus, w->now_us);
        world_leaving(w, pool, gpus * GPU_WHOLE + d->part_milli);
    }
    w->hit_n = 0;
    node_shuts(w, pool, node);
    return STATUS_OK;
}

/* How long those that run on the node write, if they leave it so long before it is gone. */
static int64_t longest_write_us(const struct world *w, int32_t pool, int32_t node, int64_t left_us)
{
    const struct restart_options *restart = &w->fleet->scheduler.restart;
    int64_t longest = 0;
    for (uint32_t slot = 0; slot < w->running.used; slot++) {
        if (events_time(&w->ends, slot) == EVENT_NONE || !is_on(w, slot, pool, node)) continue;
        int64_t gpus = w->demands.entries[w->running.slots[slot].demand].demand.gpus;
        int64_t us = gpu_cost_us(&restart->write, gpus);
        if (us <= left_us && us > longest) longest = us;
    }
    return restart->checkpoint == CHECKPOINT_NEVER ? 0 : longest;
}

/* A node that is there takes no more jobs; it is down already where it has failed. */
static enum status node_answers(struct world *w, const struct supply_change *c,
                                enum supply_answer answer, struct error *err)
{
    struct lifecycle_node *n = node_of(w, c->pool, c->node);
    struct warning warning = { .us = c->gone_us - w->now_us };
    bool up = n->state == NODE_READY && pool_node_is_up(&w->pools[c->pool], c->node);
    enum status status = STATUS_OK;
    if (up && answer == ANSWER_CORDON) status = node_cordoned(w, c->pool, c->node, err);
    else if (up) status = node_empties(w, c->pool, c->node, STOP_RECLAIMED, warning, err);
    if (status != STATUS_OK) return status;
    if (n->state == NODE_READY && n->jobs == 0) node_left(w, c->pool, c->node);
    lifecycle_drain(&w->elastic->nodes, c->pool, c->node, w->now_us);
    w->result->node_reclaims++;
    if (up) scheduler_node_changed(&w->scheduler, c->pool, -1, w->now_us);
    world_hit_wait_again(w);
    return STATUS_OK;
}

/* It may be gone soon. Who acts on that gives it back: once nobody is on it, and what those who
 * left write there is written. */
static enum status node_signaled(struct world *w, const struct supply_change *c, struct error *err)
{
    struct lifecycle *nodes = &w->elastic->nodes;
    enum supply_answer answer = w->fleet->pools[c->pool].supply.on_rebalance;
    int64_t write_us =
        answer == ANSWER_DRAIN ? longest_write_us(w, c->pool, c->node, c->gone_us - w->now_us) : 0;
    lifecycle_close(nodes, c->pool, c->node);
    enum status status = node_answers(w, c, answer, err);
    if (status != STATUS_OK || node_of(w, c->pool, c->node)->jobs > 0) return status;
    if (write_us > 0) lifecycle_give_back(nodes, c->pool, c->node, w->now_us + write_us);
    else elastic_gone(w, c->pool, c->node);
    return STATUS_OK;
}

/* Its jobs ran on until now, and are to leave at once. */
static enum status node_drains_at_last(struct world *w, const struct supply_change *c,
                                       struct error *err)
{
    struct warning warning = { .us = c->gone_us - w->now_us };
    enum status status = jobs_lose(w, c->pool, c->node, STOP_RECLAIMED, warning, err);
    world_hit_wait_again(w);
    return status;
}

/* It cannot be had any more, and is taken back where it is there, if it is of that kind. */
static enum status node_told(struct world *w, const struct supply_change *c, struct error *err)
{
    struct lifecycle *nodes = &w->elastic->nodes;
    const struct supply_spec *spec = &w->fleet->pools[c->pool].supply;
    enum supply_answer answer = supply_answer_to_notice(spec);
    enum status status = STATUS_OK;
    uint8_t state = node_of(w, c->pool, c->node)->state;
    lifecycle_close(nodes, c->pool, c->node);
    if (!spec->takes_back || state == NODE_ABSENT) return STATUS_OK;
    if (state != NODE_DRAINING && answer == ANSWER_IGNORE) return STATUS_OK;
    if (state != NODE_DRAINING) status = node_answers(w, c, answer, err);
    lifecycle_is_told(nodes, c->pool, c->node, w->now_us);
    if (state == NODE_DRAINING && answer == ANSWER_DRAIN) status = node_drains_at_last(w, c, err);
    return status;
}

/* Who is on it still has had its warning, where somebody looked at that. */
static enum status node_gone(struct world *w, const struct supply_change *c, struct error *err)
{
    struct lifecycle *nodes = &w->elastic->nodes;
    const struct lifecycle_node *n = node_of(w, c->pool, c->node);
    struct warning warning = { .us = w->now_us - n->since_us, .runs_on = true };
    enum status status = STATUS_OK;
    if (n->state == NODE_DRAINING) {
        status = jobs_lose(w, c->pool, c->node, STOP_RECLAIMED, warning, err);
        world_hit_wait_again(w);
    } else {
        status = node_answers(w, c, ANSWER_DRAIN, err);
        lifecycle_is_told(nodes, c->pool, c->node, w->now_us);
    }
    elastic_gone(w, c->pool, c->node);
    return status;
}

/* Whether a change is of no node that anybody has, or acts on. */
static bool is_nothing(struct world *w, const struct supply_change *c)
{
    if (c->kind == SUPPLY_NOTHING) return true;
    bool absent = node_of(w, c->pool, c->node)->state == NODE_ABSENT;
    if (c->kind == SUPPLY_SIGNAL) return absent;
    return c->kind == SUPPLY_GONE && (absent || !w->fleet->pools[c->pool].supply.takes_back);
}

enum status world_supply_change(struct world *w, struct error *err)
{
    struct supply_change change = supply_take(&w->supply);
    enum status status = STATUS_OK;
    if (is_nothing(w, &change)) return STATUS_OK;
    const struct lifecycle_node *node = node_of(w, change.pool, change.node);
    if (change.kind == SUPPLY_GONE && node->state == NODE_DRAINING && node->jobs == 0) {
        elastic_gone(w, change.pool, change.node); /* which changes nothing for others */
        return STATUS_OK;
    }
    switch (change.kind) {
    case SUPPLY_NOTHING: break;
    case SUPPLY_SIGNAL: status = node_signaled(w, &change, err); break;
    case SUPPLY_NOTICE: status = node_told(w, &change, err); break;
    case SUPPLY_GONE: status = node_gone(w, &change, err); break;
    case SUPPLY_BACK: lifecycle_open(&w->elastic->nodes, change.pool, change.node); break;
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
