/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/interruption_stats.h"
#include "sim/order.h"

#include <stdlib.h>
#include <string.h>

#include "sim/quantile.h"

/* Up or down times as they are found. */
struct spells {
    double *t_s;
    bool *ended;
    size_t n, capacity, begun_unseen;
};

struct counting {
    struct spells up, down;
    bool no_memory, too_many;
};

enum { SPELLS_MAX = 1 << 22 };

static void add(struct counting *c, bool up, int64_t us, bool ended, bool start_known)
{
    struct spells *s = up ? &c->up : &c->down;
    if (!start_known) {
        s->begun_unseen++;
        return;
    }
    c->too_many |= s->n == SPELLS_MAX;
    if (s->n == s->capacity && !c->too_many) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        double *t = realloc(s->t_s, capacity * sizeof *t);
        if (t) s->t_s = t;
        bool *ends = realloc(s->ended, capacity * sizeof *ends);
        if (ends) s->ended = ends;
        if (t && ends) s->capacity = capacity;
        else c->no_memory = true;
    }
    if (c->too_many || c->no_memory) return;
    s->t_s[s->n] = (double)us / US_PER_S;
    s->ended[s->n++] = ended;
}

static void lose(struct interruption_stats *stats, uint64_t n)
{
    stats->lost += n;
    stats->moments++;
    stats->at_once[(n < AT_ONCE_N ? n : AT_ONCE_N) - 1]++;
    if (n > stats->most_at_once) stats->most_at_once = n;
}

/* ---- Counts ---- */

struct level {
    int64_t since_us;
    bool start_known;
};

static void cut_levels(struct counting *c, struct level *levels, int64_t most, int64_t up,
                       int64_t at_us)
{
    for (int64_t k = 0; k < most; k++) {
        add(c, k < up, at_us - levels[k].since_us, false, levels[k].start_known);
        levels[k] = (struct level){ at_us, false };
    }
}

static enum status count_levels(const struct series *s, struct counting *c,
                                struct interruption_stats *stats, bool losses, struct error *err)
{
    size_t cut = 0;
    int64_t up = s->value[0];
    struct level *levels = calloc((size_t)stats->most + 1, sizeof *levels);
    if (!levels)
        return error_set(err, STATUS_NO_MEMORY, "no memory for %lld nodes", (long long)stats->most);
    for (int64_t k = 0; k < stats->most; k++) levels[k].since_us = s->at_us[0];
    for (size_t i = 1; i < s->n && !c->too_many && !c->no_memory; i++) {
        int64_t at_us = s->at_us[i], value = s->value[i];
        if (cut < s->cut_n && s->cut_us[cut] <= at_us) {
            cut_levels(c, levels, stats->most, up, at_us);
            up = value;
            cut++;
            continue;
        }
        for (int64_t k = value < up ? value : up; k < (value < up ? up : value); k++) {
            add(c, value < up, at_us - levels[k].since_us, true, levels[k].start_known);
            levels[k] = (struct level){ at_us, true };
        }
        if (value < up && losses) lose(stats, (uint64_t)(up - value));
        up = value;
    }
    cut_levels(c, levels, stats->most, up, s->end_us);
    free(levels);
    return STATUS_OK;
}

static void weigh_counts(const struct series *s, struct interruption_stats *stats)
{
    double node_us = 0, any_us = 0, all_us = 0, span_us = (double)(s->end_us - s->at_us[0]);
    for (size_t i = 0; i < s->n; i++)
        if (s->value[i] > stats->most) stats->most = s->value[i];
    for (size_t i = 0; i < s->n; i++) {
        double us = (double)((i + 1 < s->n ? s->at_us[i + 1] : s->end_us) - s->at_us[i]);
        node_us += us * (double)s->value[i];
        if (s->value[i] > 0) any_us += us;
        if (s->value[i] == stats->most) all_us += us;
    }
    stats->up_hours = node_us / (double)US_PER_HOUR;
    if (span_us <= 0) return;
    stats->mean = node_us / span_us;
    stats->share_any = any_us / span_us;
    stats->share_all = stats->most ? all_us / span_us : 0;
}

/* ---- Lives ---- */

/* Moments at which nodes went, and how many at each. */
static enum status count_moments(const struct series *s, struct interruption_stats *stats,
                                 struct error *err)
{
    size_t n = 0;
    int64_t *at = malloc((s->life_n + 1) * sizeof *at);
    if (!at) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu lives", s->life_n);
    for (size_t i = 0; i < s->life_n; i++) {
        const struct life *l = &s->lives[i];
        if (l->up && l->end == LIFE_ENDED) at[n++] = l->to_us;
        if (!l->up) at[n++] = l->from_us;
    }
    qsort(at, n, sizeof *at, order_integers);
    for (size_t i = 0; i < n;) {
        size_t next = i;
        while (next < n && at[next] == at[i]) next++;
        lose(stats, next - i);
        i = next;
    }
    free(at);
    return STATUS_OK;
}

/* Up times are lives, one behind another where a node only moved. A bare event is a moment of which
 * nothing is known but that it was. */
static void add_up_lives(const struct series *s, struct counting *c,
                         struct interruption_stats *stats, bool hours)
{
    int64_t so_far = 0;
    bool open = false; /* so_far is of a time that has not ended */
    for (size_t i = 0; i < s->life_n; i++) {
        const struct life *l = &s->lives[i];
        bool bare = !l->start_known && l->from_us == l->to_us;
        if (open && l->node != s->lives[i - 1].node) {
            add(c, true, so_far, false, true);
            open = false;
        }
        if (bare) continue;
        so_far = (open ? so_far : 0) + l->to_us - l->from_us;
        if (hours) stats->up_hours += (double)(l->to_us - l->from_us) / (double)US_PER_HOUR;
        open = l->end == LIFE_MOVED;
        if (!open) add(c, true, so_far, l->end == LIFE_ENDED, l->start_known);
    }
    if (open) add(c, true, so_far, false, true);
}

/* Down times are lives; up times lie between their unions, node by node. */
static void add_down_lives(const struct series *s, struct counting *c)
{
    int64_t until = 0;
    for (size_t i = 0; i < s->life_n; i++) {
        const struct life *l = &s->lives[i];
        bool first = i == 0 || s->lives[i - 1].node != l->node;
        bool last = i + 1 == s->life_n || s->lives[i + 1].node != l->node;
        if (l->up) continue;
        add(c, false, l->to_us - l->from_us, l->end == LIFE_ENDED, l->start_known);
        if (first) add(c, true, 0, false, false);
        else if (l->from_us > until) add(c, true, l->from_us - until, true, true);
        if (first || l->to_us > until) until = l->to_us;
        if (last && until < s->end_us) add(c, true, s->end_us - until, false, true);
    }
}

/* ---- Prices ---- */

static enum status weigh_prices(const struct series *s, struct interruption_stats *stats,
                                struct error *err)
{
    static const double half = 0.5;
    double sum = 0, span = 0;
    int64_t *above = malloc(s->n * sizeof *above), *us = malloc(s->n * sizeof *us), median = 0;
    enum status status =
        above && us ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory for prices");
    stats->price_least = stats->price_most = s->value[0];
    for (size_t i = 0; i < s->n; i++) {
        if (s->value[i] < stats->price_least) stats->price_least = s->value[i];
        if (s->value[i] > stats->price_most) stats->price_most = s->value[i];
    }
    for (size_t i = 0; status == STATUS_OK && i < s->n; i++) {
        us[i] = (i + 1 < s->n ? s->at_us[i + 1] : s->end_us) - s->at_us[i];
        above[i] = s->value[i] - stats->price_least; /* quantiles want no value below 0 */
        sum += (double)us[i] * (double)s->value[i];
        span += (double)us[i];
    }
    if (status == STATUS_OK) status = quantiles_weighted(above, us, s->n, &half, 1, &median, err);
    stats->price_median = stats->price_least + median;
    stats->price_mean = span > 0 ? sum / span : (double)s->value[0];
    free(above);
    free(us);
    return status;
}

/* ---- All ---- */

static enum status sum_up(struct spells *s, struct spell_stats *stats, struct error *err)
{
    enum status status = weibull_fit(s->t_s, s->ended, s->n, &stats->fit, err);
    double sum = 0;
    size_t n = 0;
    stats->begun_unseen = s->begun_unseen;
    for (size_t i = 0; i < s->n; i++) {
        if (!s->ended[i]) continue;
        s->t_s[n++] = s->t_s[i];
        sum += s->t_s[i];
    }
    stats->ended = n;
    stats->cut_off = s->n - n;
    if (n == 0) return status;
    qsort(s->t_s, n, sizeof *s->t_s, order_reals);
    stats->mean_s = sum / (double)n;
    stats->median_us = (int64_t)(quantile_sorted(s->t_s, n, 0.5) * US_PER_S + 0.5);
    stats->p90_us = (int64_t)(quantile_sorted(s->t_s, n, 0.9) * US_PER_S + 0.5);
    stats->ended_s = s->t_s; /* theirs from here on */
    s->t_s = NULL;
    return status;
}

static bool has_down_lives(const struct series *s)
{
    for (size_t i = 0; i < s->life_n; i++)
        if (!s->lives[i].up) return true;
    return false;
}

enum status interruption_stats_of(const struct series *s, struct interruption_stats *stats,
                                  struct error *err)
{
    struct counting c = { 0 };
    enum status status = STATUS_OK;
    memset(stats, 0, sizeof *stats);
    bool counts = s->n && s->kind == SERIES_CAPACITY, by_life = s->life_n > 0;
    stats->from_us = s->n ? s->at_us[0] : by_life ? INT64_MAX : 0;
    for (size_t i = 0; i < s->life_n; i++)
        if (s->lives[i].from_us < stats->from_us) stats->from_us = s->lives[i].from_us;
    stats->to_us = s->end_us;
    if (counts) {
        weigh_counts(s, stats);
        status = count_levels(s, &c, stats, !by_life, err);
        if (by_life) { /* the lives themselves are known */
            free(c.up.t_s);
            free(c.up.ended);
            c.up = (struct spells){ 0 };
        }
    } else if (s->n) {
        status = weigh_prices(s, stats, err);
    }
    if (status == STATUS_OK && by_life) {
        if (has_down_lives(s)) add_down_lives(s, &c);
        else add_up_lives(s, &c, stats, !counts);
        status = count_moments(s, stats, err);
    }
    if (status == STATUS_OK && c.no_memory)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for so many up and down times");
    if (status == STATUS_OK && c.too_many)
        status = error_set(err, STATUS_BAD_INPUT, "%s%s%s has more than %d up or down times",
                           s->zone, *s->zone && *s->type ? " " : "", s->type, SPELLS_MAX);
    if (status == STATUS_OK) status = sum_up(&c.up, &stats->up, err);
    if (status == STATUS_OK) status = sum_up(&c.down, &stats->down, err);
    free(c.up.t_s);
    free(c.up.ended);
    free(c.down.t_s);
    free(c.down.ended);
    if (status != STATUS_OK) interruption_stats_free(stats);
    return status;
}

void interruption_stats_free(struct interruption_stats *stats)
{
    free(stats->up.ended_s);
    free(stats->down.ended_s);
    stats->up.ended_s = stats->down.ended_s = NULL;
}
