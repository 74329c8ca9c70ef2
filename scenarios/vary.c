/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/vary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"

enum { VALUES_MAX = 100000, DRAWN_MAX = 100000 };

struct reading {
    struct vary *vary;
    yaml_document_t *document;
    const struct source *source;
    struct diagnostics *diagnostics;
    struct error *err;
    bool no_memory;
};

static void complain(struct reading *r, const yaml_node_t *node, const char *hint, const char *note,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

static void complain(struct reading *r, const yaml_node_t *node, const char *hint, const char *note,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    source_vreport(r->source, r->diagnostics, SEVERITY_ERROR, yaml_place(node), hint, note, format,
                   args);
    va_end(args);
}

static yaml_node_t *node_of(const struct reading *r, int number)
{
    return yaml_document_get_node(r->document, number);
}

/* The value of a key of a mapping, 0: it is not there. */
static int value_of(const struct reading *r, const yaml_node_t *map, const char *key)
{
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
        if (strcmp(yaml_text(node_of(r, p->key)), key) == 0) return p->value;
    return 0;
}

/* ---- Dimensions ---- */

static void read_values(struct reading *r, struct vary_key *key)
{
    const yaml_node_t *node = node_of(r, key->value_node);
    struct unit_problem problem;
    if (node->type == YAML_SCALAR_NODE && vary_is_range(yaml_text(node))) {
        key->is_range = true;
        if (!vary_range_read(yaml_text(node), &key->range, &problem))
            complain(r, node, problem.hint, problem.note, "'%.100s' %s", key->path,
                     problem.message);
        else key->n = vary_range_n(&key->range);
        if (key->n > VALUES_MAX)
            complain(r, node, NULL, NULL, "'%.100s' has %zu values, more than %d", key->path,
                     key->n, VALUES_MAX);
        return;
    }
    bool single = node->type != YAML_SEQUENCE_NODE;
    size_t n =
        single ? 1 : (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    int *nodes = arena_zeroed(&r->vary->arena, n + 1, sizeof *nodes);
    if (!nodes) {
        r->no_memory = true;
        return;
    }
    if (n == 0) complain(r, node, NULL, NULL, "'%.100s' has no values", key->path);
    for (size_t i = 0; i < n; i++)
        nodes[i] = single ? key->value_node : node->data.sequence.items.start[i];
    key->n = n;
    key->nodes = nodes;
}

static bool is_named_before(struct reading *r, const struct vary_key *key, const yaml_node_t *node)
{
    for (size_t i = 0; i < r->vary->key_n; i++)
        if (strcmp(r->vary->keys[i].path, key->path) == 0) {
            source_report_twice(r->source, r->diagnostics, yaml_place(node),
                                r->vary->keys[i].at.line, "'%.100s' is varied twice", key->path);
            return true;
        }
    return false;
}

/* A mapping from paths to values: they go together. */
static void read_dimension(struct reading *r, const yaml_node_t *node)
{
    struct vary *v = r->vary;
    if (node->type != YAML_MAPPING_NODE) {
        complain(r, node, NULL, "as in - fleets.rented.pools.p4d.nodes: 10..40 by 2",
                 "each entry of 'vary' is a mapping from keys of this file to values");
        return;
    }
    struct vary_dimension d = { .first = v->key_n };
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
         p++) {
        const yaml_node_t *name = node_of(r, p->key);
        struct vary_key *key = &v->keys[v->key_n];
        if (v->key_n == VARY_KEYS_MAX) {
            complain(r, name, NULL, NULL, "more than %d keys are varied", VARY_KEYS_MAX);
            return;
        }
        *key = (struct vary_key){ .path = arena_text(&v->arena, yaml_text(name),
                                                     strlen(yaml_text(name))),
                                  .at = yaml_place(name),
                                  .node = p->key,
                                  .value_node = p->value };
        if (!key->path) {
            r->no_memory = true;
            return;
        }
        if (name->type != YAML_SCALAR_NODE || !*key->path) {
            complain(r, name, NULL, NULL, "a key of 'vary' is a path of keys, as in run.seed");
            continue;
        }
        if (is_named_before(r, key, name)) continue;
        size_t errors = r->diagnostics->errors;
        read_values(r, key);
        if (r->diagnostics->errors > errors) continue;
        if (d.key_n > 0 && key->n != d.n) {
            complain(r, node_of(r, p->value), NULL, "keys of one entry of 'vary' go together",
                     "'%.100s' has %zu values, and '%.100s' %" PRIu64, key->path, key->n,
                     v->keys[d.first].path, d.n);
            continue;
        }
        d.n = key->n;
        d.key_n++;
        v->key_n++;
    }
    if (d.key_n == 0) return;
    if (d.n == 0 && v->way == VARY_CROSSED) {
        const struct vary_key *key = &v->keys[d.first];
        complain(r, node_of(r, key->value_node), "say the step: 1.0..2.0 by 0.25", NULL,
                 "'%.100s' has any number of values between its ends", key->path);
    }
    v->dimensions[v->dimension_n++] = d;
}

static void read_dimensions(struct reading *r, const yaml_node_t *list)
{
    if (list->type != YAML_SEQUENCE_NODE) {
        complain(r, list, NULL, "as in - run.seed: [1, 2, 3]",
                 "'vary' is a list of keys with their values");
        return;
    }
    for (yaml_node_item_t *item = list->data.sequence.items.start;
         item < list->data.sequence.items.top; item++)
        read_dimension(r, node_of(r, *item));
    if (list->data.sequence.items.start == list->data.sequence.items.top)
        complain(r, list, NULL, NULL, "'vary' is empty");
}

/* The number of crossed points; UINT64_MAX: more than that, or any number. */
static uint64_t crossed(const struct vary *v)
{
    uint64_t n = 1;
    for (size_t d = 0; d < v->dimension_n; d++)
        if (v->dimensions[d].n == 0 || __builtin_mul_overflow(n, v->dimensions[d].n, &n))
            return UINT64_MAX;
    return n;
}

/* ---- Drawn points ---- */

static uint64_t index_of(uint64_t n, double share)
{
    uint64_t i = (uint64_t)(share * (double)n);
    return i < n ? i : n - 1;
}

/* Whether an earlier point has the same value in every dimension; ranges without steps never do. */
static bool is_drawn_before(const struct vary *v, const double *shares, uint64_t point)
{
    size_t m = v->dimension_n;
    for (uint64_t p = 0; p < point; p++) {
        size_t d = 0;
        while (d < m && v->dimensions[d].n > 0 &&
               index_of(v->dimensions[d].n, shares[p * m + d]) ==
                   index_of(v->dimensions[d].n, shares[point * m + d]))
            d++;
        if (d == m) return true;
    }
    return false;
}

/* Random points differ: each is drawn until it does, and there are more of them than are asked for.
 */
static void draw_random(const struct vary *v, double *shares)
{
    struct random_key key = random_key(v->seed, 0);
    size_t m = v->dimension_n;
    for (uint64_t p = 0, drawn = 0; p < v->point_n; drawn++) {
        for (size_t d = 0; d < m; d++)
            shares[p * m + d] = 1 - random_unit(key, RANDOM_VARY, drawn, d);
        if (crossed(v) == UINT64_MAX || !is_drawn_before(v, shares, p)) p++;
    }
}

/*
 * A Latin hypercube (McKay, Beckman and Conover, "A comparison of three methods for selecting
 * values of input variables", Technometrics 21(2), 1979): each dimension is cut into as many parts
 * as there are points, and each part is taken once, in an order of its own.
 */
static enum status draw_hypercube(const struct vary *v, double *shares, struct error *err)
{
    struct random_key key = random_key(v->seed, 0);
    size_t m = v->dimension_n;
    uint64_t n = v->point_n, *part = malloc(n * sizeof *part);
    if (!part) return error_set(err, STATUS_NO_MEMORY, "no memory for %" PRIu64 " points", n);
    for (size_t d = 0; d < m; d++) {
        for (uint64_t p = 0; p < n; p++) part[p] = p;
        for (uint64_t p = n - 1; p > 0; p--) {
            uint64_t with = random_below(key, RANDOM_VARY, p, 2 * d, p + 1), kept = part[p];
            part[p] = part[with];
            part[with] = kept;
        }
        for (uint64_t p = 0; p < n; p++)
            shares[p * m + d] =
                ((double)part[p] + 1 - random_unit(key, RANDOM_VARY, p, 2 * d + 1)) / (double)n;
    }
    free(part);
    return STATUS_OK;
}

static enum status draw(struct vary *v, struct error *err)
{
    double *shares = arena_zeroed(&v->arena, v->point_n * v->dimension_n, sizeof *shares);
    if (!shares)
        return error_set(err, STATUS_NO_MEMORY, "no memory for %" PRIu64 " points", v->point_n);
    v->shares = shares;
    if (v->way == VARY_LATIN_HYPERCUBE) return draw_hypercube(v, shares, err);
    draw_random(v, shares);
    return STATUS_OK;
}

/* ---- The section ---- */

static void read_way(struct reading *r, const yaml_node_t *node)
{
    static const char *const ways[] = { "random", "latin-hypercube" };
    char hint[HINT_MAX];
    for (size_t i = 0; i < 2; i++)
        if (strcmp(yaml_text(node), ways[i]) == 0) {
            r->vary->way = i ? VARY_LATIN_HYPERCUBE : VARY_RANDOM;
            return;
        }
    complain(r, node, did_you_mean(hint, yaml_text(node), ways, 2),
             "one of: random, latin-hypercube", "unknown sample '%.60s'", yaml_text(node));
}

static void read_count(struct reading *r, const yaml_node_t *node, const char *key, int64_t least,
                       int64_t most, uint64_t *count)
{
    struct unit_problem problem;
    int64_t n;
    if (node->type != YAML_SCALAR_NODE || !unit_count(yaml_text(node), &n, &problem) || n < least ||
        n > most)
        complain(r, node, NULL, NULL, "'%s' must be a whole number from %" PRId64 " to %" PRId64,
                 key, least, most);
    else *count = (uint64_t)n;
}

/* {sample, points, seed, of}: how points are drawn; the list of dimensions is `of`. */
static const yaml_node_t *read_sample(struct reading *r, const yaml_node_t *map)
{
    static const char *const known[] = { "of", "points", "sample", "seed" };
    char hint[HINT_MAX];
    size_t errors = r->diagnostics->errors;
    r->vary->way = VARY_RANDOM;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const yaml_node_t *key = node_of(r, p->key), *value = node_of(r, p->value);
        const char *name = yaml_text(key);
        if (value_of(r, map, name) != p->value)
            complain(r, key, NULL, NULL, "'%.60s' is set twice in vary", name);
        else if (strcmp(name, "sample") == 0) read_way(r, value);
        else if (strcmp(name, "points") == 0)
            read_count(r, value, name, 1, DRAWN_MAX, &r->vary->point_n);
        else if (strcmp(name, "seed") == 0)
            read_count(r, value, name, 0, INT64_MAX, &r->vary->seed);
        else if (strcmp(name, "of") != 0)
            complain(r, key, did_you_mean(hint, name, known, 4),
                     "known keys: of, points, sample, seed; or vary is a list",
                     "unknown key '%.100s' in vary", name);
    }
    int of = value_of(r, map, "of");
    if (r->diagnostics->errors > errors) return of ? node_of(r, of) : NULL;
    if (!of) complain(r, map, NULL, NULL, "'of' is missing in vary: the keys and their values");
    if (!value_of(r, map, "points"))
        complain(r, map, NULL, NULL, "'points' is missing in vary: how many are drawn");
    return of ? node_of(r, of) : NULL;
}

static enum status read_section(struct reading *r, const yaml_node_t *node)
{
    struct vary *v = r->vary;
    const yaml_node_t *list = node;
    size_t errors = r->diagnostics->errors;
    if (node->type == YAML_MAPPING_NODE) list = read_sample(r, node);
    if (list) read_dimensions(r, list);
    if (r->no_memory) return error_set(r->err, STATUS_NO_MEMORY, "no memory for a sweep's points");
    if (r->diagnostics->errors == errors) {
        uint64_t all = crossed(v);
        if (v->way == VARY_CROSSED) v->point_n = all;
        if (v->point_n > VARY_POINTS_MAX) {
            char count[32] = "more than 10^19";
            if (all != UINT64_MAX) snprintf(count, sizeof count, "%" PRIu64, all);
            complain(r, node, "draw some of them: {sample: latin-hypercube, points: 1000, of: ...}",
                     NULL, "'vary' has %s points, more than %" PRIu64, count, VARY_POINTS_MAX);
        } else if (v->way == VARY_RANDOM && all != UINT64_MAX && v->point_n > all) {
            complain(r, node, NULL, NULL, "there are %" PRIu64 " different points, not %" PRIu64,
                     all, v->point_n);
        }
    }
    if (r->diagnostics->errors > errors)
        return error_set(r->err, STATUS_BAD_INPUT, "%s has errors", r->source->path);
    return v->way == VARY_CROSSED ? STATUS_OK : draw(v, r->err);
}

enum status vary_read(struct vary *vary, const struct source *source,
                      struct diagnostics *diagnostics, struct error *err)
{
    memset(vary, 0, sizeof *vary);
    vary->point_n = vary->seed = 1;
    enum status status = yaml_tree_load(&vary->tree, source, diagnostics, err);
    if (status) return status;
    struct reading r = { .vary = vary,
                         .document = &vary->tree.document,
                         .source = source,
                         .diagnostics = diagnostics,
                         .err = err };
    arena_init(&vary->arena);
    int section = value_of(&r, vary->tree.root, "vary");
    if (section) status = read_section(&r, node_of(&r, section));
    if (status) vary_free(vary);
    return status;
}

void vary_free(struct vary *vary)
{
    yaml_tree_free(&vary->tree);
    arena_free(&vary->arena);
    memset(vary, 0, sizeof *vary);
}

struct vary_choice vary_choice_of(const struct vary *v, uint64_t point, size_t key)
{
    size_t d = 0;
    while (key >= v->dimensions[d].first + v->dimensions[d].key_n) d++;
    if (v->shares) {
        double share = v->shares[point * v->dimension_n + d];
        uint64_t n = v->dimensions[d].n;
        return (struct vary_choice){ n ? index_of(n, share) : 0, share };
    }
    for (size_t later = v->dimension_n - 1; later > d; later--) point /= v->dimensions[later].n;
    return (struct vary_choice){ point % v->dimensions[d].n, 0 };
}
