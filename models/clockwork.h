/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens next: the order of a world's events, and when passes are made between them.
 *
 *      arrivals (cursor) --.
 *      ends (tournament) --+--> clockwork_next --> end | node | arrival | pass | tick | over
 *      changes of nodes ---|
 *      changes of supply --|
 *      the engine's wish --|
 *      the autoscaler's ---'
 *
 * By default all events of an instant come first, ends before changes of nodes (failures, then
 * supply, then boots) before arrivals, and then one pass; the autoscaler is asked after that. Nodes
 * change as long as jobs are there or to come. Options (models/scheduling/options.h): arrivals
 * before all; a pass after each event, where ends of one instant come in order of start, then of
 * arrival, and jobs that are put on GPUs meanwhile, for no run time or with none left, end after
 * those; passes only at multiples of a cycle, each after all events up to it. A pass is due only
 * where something has happened since the last one, or the engine asked for it: idle time costs
 * nothing, whatever the cycle.
 *
 * A turn costs O(1) and the event queue's O(log n); with single events a preemption costs the ends
 * of this instant that are still to come. Only single events allocate, for these;
 * clockwork_free gives that back.
 */
#ifndef MODELS_CLOCKWORK_H
#define MODELS_CLOCKWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/scheduling/options.h"
#include "models/scheduling/running.h"
#include "models/workload/workload.h"
#include "sim/events.h"

struct ending {
    int64_t start_us;
    uint32_t job, slot;
};

struct clockwork {
    const int64_t *submit_us; /* borrowed, as are the next two */
    struct events *ends;      /* by running slot */
    struct events *changes;   /* of nodes; never any where none is expected */
    struct events *boots;     /* of nodes that come and go; NULL = none do */
    struct events *supply;    /* of what can be had; NULL = always all */
    struct events *nets; /* by job: it has waited long enough for spot nodes, or leaves others; NULL
                            = none does */
    int64_t tick_us;     /* when the autoscaler is asked; EVENT_NONE = it is not */
    const struct running *running;
    size_t next, job_n; /* the next job to arrive */
    bool single, arrivals_first;
    int64_t cycle_us;
    int64_t pass_us; /* when the pass for what has happened is due, EVENT_NONE = nothing has */
    struct ending *endings; /* single events: ends of this instant, in order of start */
    uint32_t *due;          /* scratch, as large */
    size_t ending_n, ending_at, ending_capacity;
};

enum turn_kind {
    TURN_OVER,
    TURN_ARRIVAL,
    TURN_END,
    TURN_NODE,
    TURN_SUPPLY,
    TURN_NET,
    TURN_BOOT,
    TURN_PASS,
    TURN_TICK,
    TURN_FAILED
};

struct turn {
    enum turn_kind kind;
    uint32_t which; /* the job that arrives, or the running slot that ends */
    int64_t time_us;
};

/* changes: NULL = none. */
void clockwork_init(struct clockwork *c, const struct timing_options *options,
                    const struct workload *workload, struct events *ends, struct events *changes,
                    const struct running *running);
void clockwork_free(struct clockwork *c);

/* The first instant at or after time_us at which a pass may be made. */
static inline int64_t clockwork_tick(const struct clockwork *c, int64_t time_us)
{
    if (c->cycle_us == 0) return time_us;
    int64_t late = time_us % c->cycle_us;
    return late && time_us <= INT64_MAX - c->cycle_us ? time_us - late + c->cycle_us : time_us;
}

/* The slot of the next end among those of the earliest time, for single events; EVENT_NO_SLOT on
 * lack of memory. */
uint32_t clockwork_next_ending(struct clockwork *c);

/* The job in the slot was taken off its nodes: if it was to end now, it does not. */
void clockwork_left(struct clockwork *c, uint32_t slot);

/* What is next, given when the engine asks for a pass (EVENT_NONE: it does not; never in the past)
 * and whether jobs wait. The caller does it before it asks again: an end leaves the queue of ends,
 * a change that of changes or boots, a pass is made, tick_us is set anew. TURN_FAILED: out of
 * memory. */
static inline struct turn clockwork_next(struct clockwork *c, int64_t wake_us, bool jobs_wait)
{
    int64_t arrival = c->next < c->job_n ? c->submit_us[c->next] : EVENT_NONE;
    int64_t end = events_next_time(c->ends), event = arrival < end ? arrival : end;
    int64_t pass = wake_us == EVENT_NONE ? c->pass_us : clockwork_tick(c, wake_us);
    int64_t change = c->changes ? events_next_time(c->changes) : EVENT_NONE;
    int64_t boot = c->boots ? events_next_time(c->boots) : EVENT_NONE;
    int64_t supply = c->supply ? events_next_time(c->supply) : EVENT_NONE;
    int64_t node = change < boot ? change : boot;
    int64_t net = c->nets ? events_next_time(c->nets) : EVENT_NONE;
    if (supply < node) node = supply;
    if (net < node) node = net;
    bool goes_on = event != EVENT_NONE || jobs_wait;
    if (node < event && goes_on) event = node;
    if (c->pass_us < pass) pass = c->pass_us;
    if (c->tick_us < event && c->tick_us < pass && goes_on)
        return (struct turn){ TURN_TICK, 0, c->tick_us };
    if (pass < event || (c->single && c->pass_us != EVENT_NONE)) {
        c->pass_us = EVENT_NONE;
        return (struct turn){ TURN_PASS, 0, pass };
    }
    if (event == EVENT_NONE) return (struct turn){ TURN_OVER, 0, event };
    if (c->pass_us == EVENT_NONE) c->pass_us = clockwork_tick(c, event);
    if (arrival == event && (c->arrivals_first || (arrival < end && arrival < node)))
        return (struct turn){ TURN_ARRIVAL, (uint32_t)c->next++, arrival };
    if (end != event) {
        if (change == event) return (struct turn){ TURN_NODE, 0, change };
        if (supply == event) return (struct turn){ TURN_SUPPLY, 0, event };
        return (struct turn){ net == event ? TURN_NET : TURN_BOOT, 0, event };
    }
    uint32_t slot = c->single ? clockwork_next_ending(c) : events_next_slot(c->ends);
    return (struct turn){ slot == EVENT_NO_SLOT ? TURN_FAILED : TURN_END, slot, end };
}

#endif
