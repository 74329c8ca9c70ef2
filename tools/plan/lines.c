/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that a plan is looked for along. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "tools/plan/candidate.h"
#include "tools/plan/search_parts.h"

bool search_ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Whether all its keys are numbers of nodes that rise together. */
static bool is_of_nodes(const struct vary *v, const struct vary_dimension *d)
{
    for (size_t k = d->first; k < d->first + d->key_n; k++)
        if (!v->keys[k].is_range || !search_ends_with(v->keys[k].path, ".nodes")) return false;
    return true;
}

/* The dimension that lines go along: that of nodes with the most values; -1: none. *step: between
 * points that differ in it alone. */
static int line_dimension(const struct vary *v, int64_t *step)
{
    int along = -1;
    for (size_t d = 0; d < v->dimension_n; d++)
        if (is_of_nodes(v, &v->dimensions[d]) &&
            (along < 0 || v->dimensions[d].n > v->dimensions[along].n))
            along = (int)d;
    *step = 1;
    for (size_t d = v->dimension_n; along >= 0 && d-- > (size_t)along + 1;)
        *step *= (int64_t)v->dimensions[d].n;
    return along;
}

static enum status add_line(struct search *s, struct line line)
{
    if (s->line_n == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        struct line *more = realloc(s->lines, capacity * sizeof *more);
        if (!more) return error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's lines");
        s->lines = more;
        s->capacity = capacity;
    }
    s->lines[s->line_n++] = line;
    return STATUS_OK;
}

/* Two lines of as many candidates with the same first and last are one. */
struct line_key {
    int64_t n;
    char first_id[65], last_id[65];
};

static int compare_keys(const void *x, const void *y)
{
    const struct line_key *a = x, *b = y;
    if (a->n != b->n) return a->n < b->n ? -1 : 1;
    int order = strcmp(a->first_id, b->first_id);
    return order ? order : strcmp(a->last_id, b->last_id);
}

/* Adds a line that is none of those before it. */
static enum status add_new_line(struct search *s, const struct line *line)
{
    struct line_key *key = malloc(sizeof *key);
    if (!key) return error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's lines");
    key->n = line->n;
    memcpy(key->first_id, line->first_id, sizeof key->first_id);
    memcpy(key->last_id, line->last_id, sizeof key->last_id);
    struct line_key **at = tsearch(key, &s->known, compare_keys);
    if (at && *at == key) return add_line(s, *line);
    free(key);
    return at ? STATUS_OK : error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's lines");
}

static enum status identity_of(struct search *s, const struct scenario *scenario, int32_t fleet,
                               char hex[65])
{
    return scenario_fleet_identity(scenario, fleet, hex) == STATUS_OK
               ? STATUS_OK
               : error_set(s->err, STATUS_NO_MEMORY, "out of memory");
}

static enum status identity_at(struct search *s, int64_t point, int32_t fleet, char hex[65])
{
    struct scenario scenario;
    enum status status = search_load(s, point, &scenario);
    if (status) return status;
    status = identity_of(s, &scenario, fleet, hex);
    scenario_free(&scenario);
    return status;
}

/* The point with the most of all levels, where fleets differ that differ at all. */
static int64_t highest(const struct search *s, int64_t point)
{
    for (int d = 0; d < s->level_n; d++) point += (s->levels[d].n - 1) * s->levels[d].step;
    return point;
}

/* Which levels are of the line's fleet. */
static enum status set_levels(struct search *s, struct line *line)
{
    enum status status = STATUS_OK;
    char least[65], most[65];
    if (s->level_n > 0) status = identity_at(s, line->first, line->fleet, least);
    for (int d = 0; d < s->level_n && !status; d++) {
        int64_t n = s->levels[d].n;
        status = identity_at(s, line->first + (n - 1) * s->levels[d].step, line->fleet, most);
        if (!status && strcmp(least, most) != 0) line->levels |= UINT32_C(1) << d;
    }
    return status;
}

/* Which mix of instance types it is: one of those before, or another. */
static enum status set_mix(struct search *s, const struct fleet_spec *fleet, struct line *line)
{
    char *mix = candidate_mix(fleet);
    for (line->mix = 0; mix && line->mix < s->mix_n; line->mix++)
        if (strcmp(s->mixes[line->mix], mix) == 0) {
            free(mix);
            return STATUS_OK;
        }
    char **more = mix ? realloc(s->mixes, ((size_t)s->mix_n + 1) * sizeof *more) : NULL;
    if (!more) {
        free(mix);
        return error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's lines");
    }
    s->mixes = more;
    s->mixes[s->mix_n++] = mix;
    return STATUS_OK;
}

static enum status set_bound(struct search *s, struct line *line)
{
    struct plan_candidate *c;
    enum status status = search_best_levels(s, line, line->first, LEVEL_BY_BOUND, &c);
    line->bound_usd = status ? 0 : c->bound_usd;
    return status;
}

/* Candidates whose nodes come and go are lines by themselves. */
static enum status add_singles(struct search *s, const struct line *line)
{
    enum status status = STATUS_OK;
    for (int64_t i = 0; i < line->n && !status; i++) {
        struct line one = *line;
        one.first = line->first + i * line->step;
        one.n = 1;
        status = identity_at(s, highest(s, one.first), line->fleet, one.first_id);
        memcpy(one.last_id, one.first_id, sizeof one.last_id);
        if (!status) status = set_bound(s, &one);
        if (!status) status = add_new_line(s, &one);
    }
    return status;
}

/* Lines through the points that begin at `point`, one a fleet; of a fleet that the dimension does
 * not change, one candidate. A fleet that is like one before is no other candidate. */
static enum status add_lines(struct search *s, int64_t point, int64_t step, int64_t n)
{
    struct scenario first, last;
    enum status status = search_load(s, point, &first);
    if (status) return status;
    if ((status = search_load(s, highest(s, point) + (n - 1) * step, &last))) {
        scenario_free(&first);
        return status;
    }
    for (int32_t f = 0; f < first.fleet_n && !status; f++) {
        struct line line = { .first = point, .step = step, .n = n, .fleet = f };
        status = identity_of(s, &first, f, line.first_id);
        if (!status) status = identity_of(s, &last, f, line.last_id);
        if (!status) status = set_levels(s, &line);
        if (!status) status = set_mix(s, &first.fleets[f], &line);
        if (status) break;
        if (strcmp(line.first_id, line.last_id) == 0) line.n = 1;
        if (line.n > 1 && !candidate_is_static(&last, f)) {
            status = add_singles(s, &line);
        } else {
            status = set_bound(s, &line);
            if (!status) status = add_new_line(s, &line);
        }
    }
    scenario_free(&first);
    scenario_free(&last);
    return status;
}

static int by_bound(const void *x, const void *y)
{
    const struct line *a = x, *b = y;
    if (a->bound_usd != b->bound_usd) return a->bound_usd < b->bound_usd ? -1 : 1;
    return a->first != b->first ? (a->first < b->first ? -1 : 1) : a->fleet - b->fleet;
}

enum status search_find_lines(struct search *s)
{
    const struct vary *v = &s->plan->sweep->vary;
    int64_t step, points = s->plan->sweep->point_n;
    int along = line_dimension(v, &step);
    int64_t n = along < 0 ? 1 : (int64_t)v->dimensions[along].n;
    enum status status = STATUS_OK;
    for (int64_t p = 0; p < points && !status; p++)
        if (search_is_lowest(s, p) && (along < 0 || p / step % n == 0)) {
            if (*s->plan->stop) return error_set(s->err, STATUS_INTERRUPTED, "interrupted");
            status = add_lines(s, p, step, n);
        }
    s->plan->lines = (int64_t)s->line_n;
    for (size_t l = 0; l < s->line_n; l++) {
        int64_t each = s->lines[l].n;
        for (int d = 0; d < s->level_n; d++)
            if (s->lines[l].levels >> d & 1) each *= s->levels[d].n;
        s->plan->space += each;
    }
    if (s->line_n > 0) qsort(s->lines, s->line_n, sizeof *s->lines, by_bound);
    return status;
}
