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

/* "+7.2%" of a factor of 1.072. */
static const char *more(struct filling *f, double factor)
{
    return text(f, "%s", format_change(factor - 1, NAN).s);
}

/* A flip where something is so many times as much as today. */
static void add(struct filling *f, const char *lever, double factor, const char *then,
                const char *other)
{
    double far = fabs(log(factor));
    f->flips[f->n] = (struct planned_flip){ lever, more(f, factor), then, other };
    if (far < f->least) f->least = far, f->nearest = f->n;
    f->n++;
}

/* A candidate, in words. */
static const char *words_of(struct filling *f, const struct plan_candidate *c)
{
    return text(f, "%s%s%s, %" PRId64 " nodes, %s a month", c->name,
                *c->short_params ? " with " : "", c->short_params, c->nodes,
                format_usd(c->of[PLAN_COST].mean).s);
}

enum status plan_report_flips(const struct plan *p, struct arena *arena, struct plan_data *data,
                              struct error *err)
{
    struct filling f = { .arena = arena, .nearest = -1, .least = INFINITY };
    data->flips_known = p->change.found;
    data->nearest = -1;
    if (!p->best || !p->change.found) return STATUS_OK;
    f.flips = arena_zeroed(arena, p->change.price_n + 3, sizeof *f.flips);
    if (!f.flips) return error_set(err, STATUS_NO_MEMORY, "no memory for a plan's page");
    if (isinf(p->change.breaks_at))
        f.flips[f.n++] =
            (struct planned_flip){ "Demand", "up to +300%", "nothing changes", "the plan" };
    else if (!isnan(p->change.breaks_at))
        add(&f, "Demand", p->change.breaks_at, "the plan does not surely meet its targets any more",
            "");
    if (!isnan(p->change.fewer_at) && p->fewer)
        add(&f, "Demand", p->change.fewer_at,
            text(&f, "%" PRId64 " nodes are enough", p->fewer->nodes), words_of(&f, p->fewer));
    if (isfinite(p->change.months))
        f.flips[f.n++] = (struct planned_flip){
            text(&f, "Growth of %s a year", format_percent(p->change.growth).s),
            text(&f, "in month %.0f", ceil(p->change.months)),
            "demand is where the plan does not surely meet its targets any more", ""
        };
    for (size_t i = 0; i < p->change.price_n && p->second; i++)
        add(&f, text(&f, "Price of %s", p->change.prices[i].instance), p->change.prices[i].usd,
            "the runner-up costs no more", words_of(&f, p->second));
    data->flips = f.flips;
    data->flip_n = f.n;
    data->nearest = f.nearest;
    return f.failed ? error_set(err, STATUS_NO_MEMORY, "no memory for a plan's page") : STATUS_OK;
}
