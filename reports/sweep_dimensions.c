/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What varies, one dimension at a time, and its main effects.
 *
 *      keys of one entry go together     nodes + order: "12, fifo", "14, easy"
 *      numbers of many values            groups of about as many points: "200 to 231"
 *      fleets of the points              by name, where a point has several
 *
 * The mean of a level is over the rows that have it, whatever else they have; half of its interval
 * is the mean of theirs, which is wide enough however they depend on each other: rows of one seed
 * do.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/reading.h"
#include "reports/sweep_data.h"

enum { BINS = 8 };

/* A key's values, each once, in their order: numbers rising, words as they first appear. */
struct value_set {
    int32_t n;
    int32_t *first; /* [n]: a point that has it */
    int32_t *of;    /* [point]: its value */
    bool is_number;
};

static void free_set(struct value_set *s)
{
    free(s->first);
    free(s->of);
}

/* What follows the digits: "GPUs" of "200 GPUs". */
static const char *unit_of(const char *text)
{
    if (*text == '$') text++;
    return text + strspn(text, "0123456789.");
}

struct by_key {
    const struct sweep_data *d;
    int32_t key;
    bool is_number;
};

static int by_text(const void *x, const void *y, void *arg)
{
    const struct by_key *k = arg;
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    int order = strcmp(k->d->list[a].values[k->key], k->d->list[b].values[k->key]);
    return order ? order : a < b ? -1 : a > b;
}

static int by_number(const void *x, const void *y, void *arg)
{
    const struct by_key *k = arg;
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    double u = k->d->list[a].numbers[k->key], v = k->d->list[b].numbers[k->key];
    if (k->is_number && u != v) return u < v ? -1 : 1;
    return a < b ? -1 : a > b;
}

static bool find_values(const struct sweep_data *d, int32_t key, struct value_set *s)
{
    struct by_key k = { d, key, true };
    *s = (struct value_set){ 0, malloc((size_t)d->point_n * sizeof *s->first),
                             malloc((size_t)d->point_n * sizeof *s->of), true };
    int32_t *order = malloc((size_t)d->point_n * sizeof *order);
    if (!s->first || !s->of || !order) {
        free(order);
        free_set(s);
        return false;
    }
    for (int32_t p = 0; p < d->point_n; p++) {
        order[p] = p;
        s->is_number &=
            isfinite(d->list[p].numbers[key]) &&
            strcmp(unit_of(d->list[p].values[key]), unit_of(d->list[0].values[key])) == 0;
    }
    k.is_number = s->is_number;
    qsort_r(order, (size_t)d->point_n, sizeof *order, by_text, &k);
    for (int32_t i = 0; i < d->point_n; i++)
        if (i == 0 || strcmp(d->list[order[i]].values[key], d->list[order[i - 1]].values[key]) != 0)
            s->first[s->n++] = order[i];
    for (int32_t i = 0, leader = -1; i < d->point_n; i++) {
        if (i == 0 || strcmp(d->list[order[i]].values[key], d->list[order[i - 1]].values[key]) != 0)
            leader = order[i];
        s->of[order[i]] = leader;
    }
    qsort_r(s->first, (size_t)s->n, sizeof *s->first, by_number, &k);
    for (int32_t v = 0; v < s->n; v++) order[s->first[v]] = v; /* of a leader its number */
    for (int32_t p = 0; p < d->point_n; p++) s->of[p] = order[s->of[p]];
    free(order);
    return true;
}

/* Whether each value of one goes with one value of the other: keys of one entry. */
static bool go_together(const struct sweep_data *d, const struct value_set *a,
                        const struct value_set *b)
{
    if (a->n != b->n) return false;
    for (int32_t p = 0; p < d->point_n; p++)
        if (b->of[p] != b->of[a->first[a->of[p]]] || a->of[p] != a->of[b->first[b->of[p]]])
            return false;
    return true;
}

/* ---- Levels ---- */

static struct sweep_dimension *add_dimension(struct reading *in, int32_t level_n)
{
    struct sweep_data *d = in->data;
    struct sweep_dimension *dim =
        reading_more(in, (void **)&d->dimensions, &d->dimension_n, sizeof *d->dimensions);
    if (!dim) return NULL;
    dim->level_n = level_n;
    dim->level = malloc((size_t)d->row_n * sizeof *dim->level);
    if (!dim->level) {
        reading_fail_memory(in);
        return NULL;
    }
    return dim;
}

/* Adds to a text that is malloc'd, or NULL yet. */
static void append(struct reading *in, char **text, const char *separator, const char *more)
{
    char *grown = NULL;
    int n =
        *text ? asprintf(&grown, "%s%s%s", *text, separator, more) : asprintf(&grown, "%s", more);
    if (n < 0) {
        reading_fail_memory(in);
        return;
    }
    free(*text);
    *text = grown;
}

/* together: the keys of the dimension, as bits. */
static void add_keys(struct reading *in, const struct value_set *sets, int32_t key,
                     uint32_t together)
{
    struct sweep_data *d = in->data;
    const struct value_set *s = &sets[key];
    bool binned = s->n > SWEEP_LEVELS_MAX;
    if (binned && !s->is_number) {
        d->left_out++;
        return;
    }
    int32_t levels = binned ? BINS : s->n;
    struct sweep_dimension *dim = add_dimension(in, levels);
    if (!dim) return;
    for (int32_t k = 0; k < d->key_n; k++)
        if (together >> k & 1) append(in, &dim->name, " + ", d->keys[k].name);
    for (int32_t i = 0; i < d->row_n; i++)
        dim->level[i] = (int32_t)((int64_t)s->of[d->rows[i].point] * levels / s->n);
    for (int32_t l = 0; l < levels; l++) {
        int32_t low = (int32_t)(((int64_t)l * s->n + levels - 1) / levels),
                high = (int32_t)(((int64_t)(l + 1) * s->n + levels - 1) / levels) - 1;
        if (binned) { /* "60 to 67 GPUs" */
            const char *first = d->list[s->first[low]].values[key];
            char number[64];
            snprintf(number, sizeof number, "%.*s", (int)(unit_of(first) - first), first);
            append(in, &dim->levels[l].label, "", number);
            append(in, &dim->levels[l].label, " to ", d->list[s->first[high]].values[key]);
        }
        for (int32_t k = 0; k < d->key_n && !binned; k++)
            if (together >> k & 1)
                append(in, &dim->levels[l].label, ", ", d->list[s->first[low]].values[k]);
    }
}

static void add_fleets(struct reading *in)
{
    struct sweep_data *d = in->data;
    int32_t first[SWEEP_LEVELS_MAX], n = 0, most = 0;
    for (int32_t p = 0; p < d->point_n; p++)
        most = d->list[p].row_n > most ? d->list[p].row_n : most;
    if (!d->many_fleets || most < 2) return;
    struct sweep_dimension *dim = add_dimension(in, 0);
    for (int32_t i = 0; dim && i < d->row_n; i++) {
        int32_t l = 0;
        while (l < n && strcmp(d->rows[first[l]].name, d->rows[i].name) != 0) l++;
        if (l == n && n == SWEEP_LEVELS_MAX) { /* too many to be shown */
            free(dim->level);
            d->dimension_n--;
            d->left_out++;
            return;
        }
        if (l == n) first[n++] = i;
        dim->level[i] = l;
    }
    if (!dim) return;
    append(in, &dim->name, "", "fleet");
    dim->level_n = n;
    for (int32_t l = 0; l < n; l++) append(in, &dim->levels[l].label, "", d->rows[first[l]].name);
}

/* ---- Main effects ---- */

static void find_means(const struct sweep_data *d, struct sweep_dimension *dim, int figure)
{
    double sum[SWEEP_LEVELS_MAX] = { 0 }, half[SWEEP_LEVELS_MAX] = { 0 };
    int32_t n[SWEEP_LEVELS_MAX] = { 0 };
    for (int32_t l = 0; l < dim->level_n; l++) {
        dim->levels[l].least[figure] = INFINITY;
        dim->levels[l].most[figure] = -INFINITY;
    }
    for (int32_t i = 0; i < d->row_n; i++) {
        const struct mean_interval *m = sweep_mean_of(&d->rows[i], (enum sweep_figure)figure);
        int32_t l = dim->level[i];
        struct sweep_level *level = &dim->levels[l];
        if (isnan(m->mean)) continue;
        if (figure == SWEEP_COST)
            level->meet_n += d->rows[i].is_answer && d->rows[i].overall == VERDICT_MEETS;
        sum[l] += m->mean;
        half[l] += m->half;
        level->least[figure] = fmin(level->least[figure], m->mean);
        level->most[figure] = fmax(level->most[figure], m->mean);
        n[l]++;
    }
    for (int32_t l = 0; l < dim->level_n; l++) {
        struct sweep_level *level = &dim->levels[l];
        level->mean[figure] = n[l] ? (struct mean_interval){ sum[l] / n[l], half[l] / n[l] }
                                   : (struct mean_interval){ NAN, NAN };
        if (figure == SWEEP_COST) level->row_n = n[l];
    }
}

void sweep_find_dimensions(struct reading *in)
{
    struct sweep_data *d = in->data;
    struct value_set sets[SWEEP_KEYS_MAX] = { { 0 } };
    uint32_t done = 0;
    for (int32_t k = 0; k < d->key_n && !in->status; k++)
        if (!find_values(d, k, &sets[k])) {
            sets[k] = (struct value_set){ 0 };
            reading_fail_memory(in);
        }
    for (int32_t k = 0; k < d->key_n && !in->status; k++) {
        if (done >> k & 1 || !d->keys[k].varies) continue;
        uint32_t together = 1u << k;
        for (int32_t o = k + 1; o < d->key_n; o++)
            if (d->keys[o].varies && sets[k].n <= SWEEP_LEVELS_MAX &&
                go_together(d, &sets[k], &sets[o]))
                together |= 1u << o;
        done |= together;
        add_keys(in, sets, k, together);
    }
    if (!in->status) add_fleets(in);
    for (int32_t i = 0; i < d->dimension_n && !in->status; i++)
        for (int f = 0; f < SWEEP_FIGURE_N; f++) find_means(d, &d->dimensions[i], f);
    for (int32_t k = 0; k < d->key_n; k++) free_set(&sets[k]);
}

void sweep_dimensions_free(struct sweep_data *d)
{
    for (int32_t i = 0; i < d->dimension_n; i++) {
        free(d->dimensions[i].name);
        free(d->dimensions[i].level);
        for (int32_t l = 0; l < SWEEP_LEVELS_MAX; l++) free(d->dimensions[i].levels[l].label);
    }
    free(d->dimensions);
}
