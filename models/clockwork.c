/* SPDX-License-Identifier: Apache-2.0 */
#include "models/clockwork.h"

#include <stdlib.h>
#include <string.h>

void clockwork_init(struct clockwork *c, const struct timing_options *options,
                    const struct workload *workload, struct events *ends, struct events *changes,
                    const struct running *running)
{
    memset(c, 0, sizeof *c);
    c->submit_us = workload->submit_us;
    c->job_n = workload->job_n;
    c->ends = ends;
    c->changes = changes;
    c->running = running;
    c->single = options->events == EVENTS_SINGLE && options->cycle_us == 0;
    c->arrivals_first = options->instant == INSTANT_SUBMISSIONS_FIRST;
    c->cycle_us = options->cycle_us;
    c->pass_us = c->tick_us = EVENT_NONE;
}

void clockwork_free(struct clockwork *c)
{
    free(c->endings);
    free(c->due);
}

static int compare_endings(const void *a, const void *b)
{
    const struct ending *x = a, *y = b;
    if (x->start_us != y->start_us) return x->start_us < y->start_us ? -1 : 1;
    return (x->job > y->job) - (x->job < y->job);
}

/* Looks up all that ends at the earliest time, once for as long as that lasts. */
static bool gather(struct clockwork *c)
{
    uint32_t n = events_due(c->ends, c->due, (uint32_t)c->ending_capacity);
    if (n > c->ending_capacity) {
        size_t capacity = 2 * (size_t)n;
        struct ending *endings = realloc(c->endings, capacity * sizeof *endings);
        if (endings) c->endings = endings;
        uint32_t *due = realloc(c->due, capacity * sizeof *due);
        if (due) c->due = due;
        if (!endings || !due) return false;
        c->ending_capacity = capacity;
        n = events_due(c->ends, c->due, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct running_job *j = &c->running->slots[c->due[i]];
        c->endings[i] = (struct ending){ j->start_us, j->job, c->due[i] };
    }
    qsort(c->endings, n, sizeof *c->endings, compare_endings);
    c->ending_n = n;
    c->ending_at = 0;
    return true;
}

uint32_t clockwork_next_ending(struct clockwork *c)
{
    for (;;) {
        /* Those that have left are passed over; those that came since, and those that came back,
         * are found when these are through. */
        while (c->ending_at < c->ending_n) {
            uint32_t slot = c->endings[c->ending_at++].slot;
            if (slot != EVENT_NO_SLOT) return slot;
        }
        if (!gather(c)) return EVENT_NO_SLOT;
    }
}

void clockwork_left(struct clockwork *c, uint32_t slot)
{
    for (size_t i = c->ending_at; i < c->ending_n; i++)
        if (c->endings[i].slot == slot) c->endings[i].slot = EVENT_NO_SLOT;
}
