/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series of logs as means of clock hours: prices, and the carbon of a grid. Clock hours are known
 * once second 0 is, which is after the fleets; until then a series is kept as its log has it.
 */
#include <stdlib.h>
#include <string.h>

#include "models/pricing/metering.h"
#include "models/pricing/money.h"
#include "scenarios/loading.h"

/* So far ahead it is said: ten years. */
enum { HOURS_AHEAD = 87600, HOURLY_MAX = 256 };

struct hourly {
    struct hourly *next;
    const struct price_trace **to;
    struct price_trace trace; /* owned until its hours are known */
    int64_t from_us, round_us;
};

enum status loading_hours(struct loading *l, const struct log_part *part, const struct series *s,
                          int64_t from_us, int64_t scale, const struct price_trace **to,
                          int64_t *mean)
{
    struct price_repairs none;
    *mean = -1;
    if (++l->hourly_n > HOURLY_MAX) {
        loading_complain(l, part->file->at, NULL, NULL,
                         "more than %d pools have prices or carbon by a log", HOURLY_MAX);
        return STATUS_OK;
    }
    struct hourly *h = arena_zeroed(&l->store->arena, 1, sizeof *h);
    struct price_step *steps = malloc((s->n + 1) * sizeof *steps);
    enum status status =
        h && steps ? STATUS_OK : error_set(l->err, STATUS_NO_MEMORY, "no memory for a log");
    for (size_t i = 0; status == STATUS_OK && i < s->n; i++)
        steps[i] = (struct price_step){ s->at_us[i], s->value[i] * scale };
    if (status == STATUS_OK) status = price_trace_init(&h->trace, steps, s->n, &none, l->err);
    free(steps);
    if (status == STATUS_BAD_INPUT) {
        loading_complain(l, part->file->at, NULL, NULL, "%s", l->err->message);
        return STATUS_OK;
    }
    if (status != STATUS_OK) return status;
    h->to = to;
    h->from_us = from_us;
    h->round_us = s->end_us - from_us;
    h->next = l->hourly;
    l->hourly = h;
    *mean = (int64_t)(price_trace_cost(&h->trace, from_us, s->end_us) / h->round_us);
    return STATUS_OK;
}

/* In the arena; NULL without memory. */
static const struct price_trace *keep(struct arena *arena, const struct price_trace *hours)
{
    struct price_trace *kept = arena_zeroed(arena, 1, sizeof *kept);
    struct price_step *step = arena_zeroed(arena, hours->n, sizeof *step);
    __int128 *until = arena_zeroed(arena, hours->n, sizeof *until);
    if (!kept || !step || !until) return NULL;
    memcpy(step, hours->step, hours->n * sizeof *step);
    memcpy(until, hours->until, hours->n * sizeof *until);
    *kept = (struct price_trace){ step, until, hours->n };
    return kept;
}

enum status resolve_hours(struct loading *l)
{
    const struct scenario *s = l->scenario;
    int64_t t0_us = s->is_synth ? INT64_MIN : s->trace.t0_unix_us;
    int64_t into_us = t0_us == INT64_MIN ? 0 : ((t0_us % HOUR_US) + HOUR_US) % HOUR_US;
    enum status status = STATUS_OK;
    for (struct hourly *h = l->hourly; h && status == STATUS_OK; h = h->next) {
        const struct price_part part = { h->from_us, h->round_us, into_us, HOURS_AHEAD };
        struct price_trace hours;
        if ((status = price_trace_by_hour(&h->trace, &part, &hours, l->err))) break;
        if (!(*h->to = keep(&l->store->arena, &hours)))
            status = error_set(l->err, STATUS_NO_MEMORY, "no memory for the hours of a log");
        price_trace_free(&hours);
    }
    return status;
}

void free_hours(struct loading *l)
{
    for (struct hourly *h = l->hourly; h; h = h->next) price_trace_free(&h->trace);
    l->hourly = NULL;
}
