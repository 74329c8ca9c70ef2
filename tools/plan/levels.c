/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels of commitments: of a fleet that is simulated once, those with the least bill.
 *
 * The more there is of a commitment, the less usage it still finds in each hour: bills are convex
 * in a level, and the least over the levels of others is so in turn. So each level is bisected for
 * the place where one more saves nothing, those of the others within it. Tests hold that against
 * trying all.
 */
#include <string.h>

#include "tools/plan/candidate.h"
#include "tools/plan/search_parts.h"

/* Whether all its keys are how much is committed to, and rise together. */
static bool is_of_levels(const struct vary *v, const struct vary_dimension *d)
{
    for (size_t k = d->first; k < d->first + d->key_n; k++)
        if (!v->keys[k].is_range || !strstr(v->keys[k].path, ".commitments.") ||
            !(search_ends_with(v->keys[k].path, ".count") ||
              search_ends_with(v->keys[k].path, ".usd_per_hour")))
            return false;
    return true;
}

void search_find_levels(struct search *s)
{
    const struct vary *v = &s->plan->sweep->vary;
    int64_t step = 1;
    for (size_t d = v->dimension_n; d-- > 0; step *= (int64_t)v->dimensions[d].n)
        if (is_of_levels(v, &v->dimensions[d]))
            s->levels[s->level_n++] =
                (struct level){ .step = step, .n = (int64_t)v->dimensions[d].n };
}

bool search_is_lowest(const struct search *s, int64_t point)
{
    for (int d = 0; d < s->level_n; d++)
        if (point / s->levels[d].step % s->levels[d].n != 0) return false;
    return true;
}

static double usd_of(const struct plan_candidate *c, enum level_by by)
{
    return by == LEVEL_BY_BOUND ? c->bound_usd : c->of[PLAN_COST].mean;
}

/* The least over levels d and those after it. */
static enum status least(struct search *s, const struct line *line, int64_t point, int d,
                         enum level_by by, struct plan_candidate **best)
{
    enum status status = STATUS_OK;
    if (d == s->level_n) {
        status = search_candidate(s, point, line->fleet, best);
        return status || by == LEVEL_BY_BOUND ? status : candidate_simulate(s->plan, *best, s->err);
    }
    int64_t step = s->levels[d].step, low = 0,
            high = line->levels >> d & 1 ? s->levels[d].n - 1 : 0;
    while (low < high && !status) {
        struct plan_candidate *at, *above;
        int64_t middle = low + (high - low) / 2;
        status = least(s, line, point + middle * step, d + 1, by, &at);
        if (!status) status = least(s, line, point + (middle + 1) * step, d + 1, by, &above);
        if (status) break;
        if (usd_of(above, by) < usd_of(at, by)) low = middle + 1;
        else high = middle;
    }
    return status ? status : least(s, line, point + low * step, d + 1, by, best);
}

enum status search_best_levels(struct search *s, const struct line *line, int64_t point,
                               enum level_by by, struct plan_candidate **best)
{
    return least(s, line, point, 0, by, best);
}
