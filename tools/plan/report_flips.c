/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/report_flips.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "reports/format.h"

struct filling {
    struct arena *arena;
    struct planned_flip *flips;
    int32_t n, nearest;
    double least; /* how far the nearest is away, as |log factor| */
    bool failed;
};

static const char *text(struct filling *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *text(struct filling *f, const char *format, ...)
{
    char room[400];
    va_list args;
    va_start(args, format);
    vsnprintf(room, sizeof room, format, args);
    va_end(args);
    const char *kept = arena_text(f->arena, room, strlen(room));
    f->failed |= !kept;
    return kept;
}

/* A candidate, in words. */
static const char *words_of(struct filling *f, const struct plan_candidate *c)
{
    return text(f, "%s%s%s, %" PRId64 " nodes, %s a month", c->name,
                *c->short_params ? " with " : "", c->short_params, c->nodes,
                format_usd(c->of[PLAN_COST].mean).s);
}

static const char *lever_of(struct filling *f, const struct plan_flip *flip)
{
    switch (flip->lever) {
    case LEVER_PRICE: return text(f, "Price of %s", flip->subject);
    case LEVER_SPOT_PRICE: return text(f, "Spot price of %s", flip->subject);
    case LEVER_RECLAIM: return "Reclaims of spot nodes";
    default: return "Demand";
    }
}

static const char *then_of(struct filling *f, const struct plan *p, const struct plan_flip *flip)
{
    switch (flip->then) {
    case THEN_BREAKS:
        return text(f, "the plan does not surely meet a target any more: %s", flip->missed);
    case THEN_FEWER_DO: return text(f, "%" PRId64 " nodes are enough", flip->other->nodes);
    case THEN_OTHER_WINS:
        return p->goal == PLAN_CHEAPEST ? "another fleet that meets the targets is cheaper"
                                        : "another fleet that meets the targets is faster";
    default: return "nothing changes";
    }
}

static const char *how_far(struct filling *f, const struct plan_flip *flip)
{
    const char *up_to = flip->then == THEN_STAYS ? "up to " : "";
    if (flip->lever == LEVER_RECLAIM) return text(f, "%s%.3g times as often", up_to, flip->factor);
    if (flip->factor >= 2) return text(f, "%s%.3g times", up_to, flip->factor);
    return text(f, "%s%s", up_to, format_change(flip->factor - 1, NAN).s);
}

/* That nothing changes is said of what can harm the plan alone. */
static void add(struct filling *f, const struct plan *p, const struct plan_flip *flip)
{
    double far = fabs(log(flip->factor));
    if (flip->then == THEN_STAYS && flip->factor < 1) return;
    f->flips[f->n] =
        (struct planned_flip){ lever_of(f, flip), how_far(f, flip), then_of(f, p, flip),
                               flip->other                ? words_of(f, flip->other)
                               : flip->then == THEN_STAYS ? "the plan"
                                                          : "" };
    if (flip->then != THEN_STAYS && far < f->least) f->least = far, f->nearest = f->n;
    f->n++;
}

enum status plan_report_flips(const struct plan *p, struct arena *arena, struct plan_data *data,
                              struct error *err)
{
    struct filling f = { .arena = arena, .nearest = -1, .least = INFINITY };
    data->flips_known = p->change.found;
    data->nearest = -1;
    if (!p->best || !p->change.found) return STATUS_OK;
    f.flips = arena_zeroed(arena, p->change.flip_n + 1, sizeof *f.flips);
    if (!f.flips) return error_set(err, STATUS_NO_MEMORY, "no memory for a plan's page");
    for (size_t i = 0; i < p->change.flip_n; i++) add(&f, p, &p->change.flips[i]);
    if (isfinite(p->change.months))
        f.flips[f.n++] = (struct planned_flip){
            text(&f, "Growth of %s a year", format_percent(p->change.growth).s),
            text(&f, "in month %.0f", ceil(p->change.months)),
            "demand is where the plan does not surely meet its targets any more", ""
        };
    data->flips = f.flips;
    data->flip_n = f.n;
    data->nearest = f.nearest;
    return f.failed ? error_set(err, STATUS_NO_MEMORY, "no memory for a plan's page") : STATUS_OK;
}
