/* SPDX-License-Identifier: Apache-2.0 */
/* The values of one point put into a tree, along their paths. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/vary.h"

/* A tree with the values of a point in it may be larger than a file's, for * puts a value in many
 * places. */
enum { SEGMENTS_MAX = 16, SEGMENT_BYTES = 100, NAMES_MAX = 200, NODES_MAX = 10 * YAML_NODES_MAX };

struct segment {
    char name[SEGMENT_BYTES];
    bool every; /* * */
};

struct setting {
    yaml_document_t *document;
    const struct source *source;
    struct diagnostics *diagnostics;
    const struct vary_key *key;
    struct segment path[SEGMENTS_MAX];
    int n;
    int value; /* node */
    bool no_memory;
};

static void complain(struct setting *s, const char *hint, const char *note, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void complain(struct setting *s, const char *hint, const char *note, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    source_vreport(s->source, s->diagnostics, SEVERITY_ERROR, s->key->at, hint, note, format, args);
    va_end(args);
}

static yaml_node_t *node_of(struct setting *s, int number)
{
    return yaml_document_get_node(s->document, number);
}

/* ---- Paths ---- */

/* a."b.c".*.d in its parts. */
static bool split(struct setting *s)
{
    const char *at = s->key->path;
    for (s->n = 0;; at++) {
        if (s->n == SEGMENTS_MAX) break;
        struct segment *segment = &s->path[s->n++];
        bool quoted = *at == '"';
        size_t n = 0;
        for (at += quoted; *at && (quoted ? *at != '"' : *at != '.'); at++) {
            if (n == SEGMENT_BYTES - 1) goto bad;
            segment->name[n++] = *at;
        }
        segment->name[n] = '\0';
        segment->every = !quoted && strcmp(segment->name, "*") == 0;
        if (quoted && *at++ != '"') break;
        if (n == 0) break;
        if (*at == '.') continue;
        if (*at) break;
        if (strcmp(s->path[0].name, "vary") != 0 && strcmp(s->path[0].name, "seatrial") != 0)
            return true;
        complain(s, NULL, NULL, "'%s' cannot be varied", s->path[0].name);
        return false;
    }
bad:
    complain(s, NULL, "keys between dots, as in fleets.today.pools.0.nodes",
             "'%.100s' is no path of keys", s->key->path);
    return false;
}

/* The first `n` segments, for messages. */
static const char *so_far(const struct setting *s, int n, char text[300])
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < n && used < 280; i++)
        used += (size_t)snprintf(text + used, 300 - used, "%s%s", i ? "." : "", s->path[i].name);
    return n ? text : "the file";
}

/* ---- The tree ----
 *
 * Whatever lies on the path is copied before it is changed: an alias elsewhere keeps what it stood
 * for. Nodes go by number, since the document may move them. */

static void place_as(struct setting *s, int node, int like)
{
    yaml_node_t *to = node_of(s, node), *from = node_of(s, like);
    to->start_mark = from->start_mark;
    to->end_mark = from->end_mark;
}

/* A mapping or list of the same children; 0 without memory. */
static int copy_of(struct setting *s, int number)
{
    yaml_node_t *node = node_of(s, number);
    bool map = node->type == YAML_MAPPING_NODE;
    int copy = map ? yaml_document_add_mapping(s->document, NULL, YAML_ANY_MAPPING_STYLE)
                   : yaml_document_add_sequence(s->document, NULL, YAML_ANY_SEQUENCE_STYLE);
    if (!copy) return 0;
    place_as(s, copy, number);
    node = node_of(s, number);
    if (map) {
        for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
             p++)
            if (!yaml_document_append_mapping_pair(s->document, copy, p->key, p->value)) return 0;
    } else {
        for (yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top; i++)
            if (!yaml_document_append_sequence_item(s->document, copy, *i)) return 0;
    }
    return copy;
}

static int new_scalar(struct setting *s, const char *text, int like)
{
    int node = yaml_document_add_scalar(s->document, NULL, (const yaml_char_t *)text, -1,
                                        YAML_PLAIN_SCALAR_STYLE);
    if (node) place_as(s, node, like);
    else s->no_memory = true;
    return node;
}

static void set_in(struct setting *s, int node, int depth);

/* What stands in a place on the path, with the rest of the path set in it. */
static int changed(struct setting *s, int old, int depth)
{
    if (depth == s->n) return s->value;
    if (node_of(s, old)->type == YAML_SCALAR_NODE) {
        char text[300];
        complain(s, NULL, "write it with its keys there, and vary one of them",
                 "'%.200s' is a single value, and has no '%.60s'", so_far(s, depth, text),
                 s->path[depth].name);
        return old;
    }
    if (s->document->nodes.top - s->document->nodes.start > NODES_MAX) {
        complain(s, NULL, NULL, "'%.100s' leads to more places than can be set", s->key->path);
        return old;
    }
    int copy = copy_of(s, old);
    if (!copy) {
        s->no_memory = true;
        return old;
    }
    set_in(s, copy, depth);
    return copy;
}

/* The name that an item of a list goes by: its `name`; "". */
static const char *name_of(struct setting *s, int item)
{
    const yaml_node_t *node = node_of(s, item);
    if (node->type != YAML_MAPPING_NODE) return "";
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
         p++)
        if (strcmp(yaml_text(node_of(s, p->key)), "name") == 0)
            return yaml_text(node_of(s, p->value));
    return "";
}

static void not_there(struct setting *s, int depth, const char *const *names, size_t n)
{
    char hint[HINT_MAX], text[300];
    complain(s, did_you_mean(hint, s->path[depth].name, names, n), NULL,
             "there is no '%.60s' in '%.200s'", s->path[depth].name, so_far(s, depth, text));
}

/* Which item a segment means: that of the name, else that of the number; -1: none. */
static long item_of(struct setting *s, int list, const struct segment *segment, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(segment->name, name_of(s, node_of(s, list)->data.sequence.items.start[i])) == 0)
            return (long)i;
    char number[24];
    for (size_t i = 0; i < n; i++) {
        snprintf(number, sizeof number, "%zu", i);
        if (strcmp(segment->name, number) == 0) return (long)i;
    }
    return -1;
}

static void set_in_list(struct setting *s, int list, int depth)
{
    const char *names[NAMES_MAX];
    const struct segment *segment = &s->path[depth];
    size_t n = (size_t)(node_of(s, list)->data.sequence.items.top -
                        node_of(s, list)->data.sequence.items.start),
           named = 0;
    long meant = segment->every ? -1 : item_of(s, list, segment, n);
    for (size_t i = 0; i < n; i++) {
        int item = node_of(s, list)->data.sequence.items.start[i];
        const char *name = name_of(s, item);
        if (named < NAMES_MAX && *name) names[named++] = name;
        if (!segment->every && (long)i != meant) continue;
        int with = changed(s, item, depth + 1);
        node_of(s, list)->data.sequence.items.start[i] = with;
    }
    if (n == 0 || (!segment->every && meant < 0)) not_there(s, depth, names, named);
}

/* A key that the file leaves out: it is written where the last key of the path, or a section on the
 * way, is missing. A fleet, say, is not made up. */
static void add_key(struct setting *s, int map, int depth, const char *const *names, size_t n)
{
    if (depth > 0 && depth + 1 < s->n && strcmp(s->path[depth - 1].name, "fleets") == 0) {
        not_there(s, depth, names, n);
        return;
    }
    int key = new_scalar(s, s->path[depth].name, s->key->node), value = s->value;
    if (depth + 1 < s->n) {
        value = yaml_document_add_mapping(s->document, NULL, YAML_ANY_MAPPING_STYLE);
        if (value) {
            place_as(s, value, s->key->node);
            set_in(s, value, depth + 1);
        }
    }
    if (!key || !value || !yaml_document_append_mapping_pair(s->document, map, key, value))
        s->no_memory = true;
}

static void set_in(struct setting *s, int node, int depth)
{
    const char *names[NAMES_MAX];
    const struct segment *segment = &s->path[depth];
    if (node_of(s, node)->type == YAML_SEQUENCE_NODE) {
        set_in_list(s, node, depth);
        return;
    }
    size_t n = (size_t)(node_of(s, node)->data.mapping.pairs.top -
                        node_of(s, node)->data.mapping.pairs.start),
           named = 0;
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        yaml_node_pair_t *pair = node_of(s, node)->data.mapping.pairs.start + i;
        const char *name = yaml_text(node_of(s, pair->key));
        if (named < NAMES_MAX) names[named++] = name;
        if (!segment->every && strcmp(segment->name, name) != 0) continue;
        found = true;
        int with = changed(s, pair->value, depth + 1);
        node_of(s, node)->data.mapping.pairs.start[i].value = with;
    }
    if (!found && segment->every) not_there(s, depth, names, named);
    else if (!found) add_key(s, node, depth, names, named);
}

/* ---- Values ---- */

static void range_text(const struct vary *v, uint64_t point, size_t key, char *text, size_t size)
{
    const struct vary_key *k = &v->keys[key];
    struct vary_choice choice = vary_choice_of(v, point, key);
    if (k->n) vary_range_at(&k->range, choice.i, text, size);
    else vary_range_draw(&k->range, choice.share, text, size);
}

enum status vary_set(const struct vary *vary, uint64_t point, struct yaml_tree *tree,
                     struct diagnostics *diagnostics, struct error *err)
{
    size_t errors = diagnostics->errors;
    for (size_t k = 0; k < vary->key_n; k++) {
        const struct vary_key *key = &vary->keys[k];
        struct setting s = { .document = &tree->document,
                             .source = tree->source,
                             .diagnostics = diagnostics,
                             .key = key };
        char text[VARY_TEXT_MAX];
        if (!split(&s)) continue;
        if (key->is_range) {
            range_text(vary, point, k, text, sizeof text);
            s.value = new_scalar(&s, text, key->value_node);
        } else {
            s.value = key->nodes[vary_choice_of(vary, point, k).i];
        }
        int root = 1; /* as libyaml numbers it */
        if (!s.no_memory) set_in(&s, root, 0);
        tree->root = yaml_document_get_root_node(&tree->document);
        if (s.no_memory) return error_set(err, STATUS_NO_MEMORY, "no memory for a sweep's point");
    }
    if (diagnostics->errors > errors)
        return error_set(err, STATUS_BAD_INPUT, "%s has errors", tree->source->path);
    return STATUS_OK;
}

/* A node on one line; what does not fit is left out. */
static void write_node(yaml_document_t *document, const yaml_node_t *node, char *text, size_t size,
                       size_t *used)
{
#define PUT(...)                                                                                   \
    do {                                                                                           \
        if (*used < size) *used += (size_t)snprintf(text + *used, size - *used, __VA_ARGS__);      \
    } while (0)
    if (node->type == YAML_SCALAR_NODE) PUT("%s", yaml_text(node));
    if (node->type == YAML_SEQUENCE_NODE) {
        PUT("[");
        for (yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top && *used < size; i++) {
            if (i > node->data.sequence.items.start) PUT(", ");
            write_node(document, yaml_document_get_node(document, *i), text, size, used);
        }
        PUT("]");
    }
    if (node->type == YAML_MAPPING_NODE) {
        PUT("{");
        for (yaml_node_pair_t *p = node->data.mapping.pairs.start;
             p < node->data.mapping.pairs.top && *used < size; p++) {
            if (p > node->data.mapping.pairs.start) PUT(", ");
            write_node(document, yaml_document_get_node(document, p->key), text, size, used);
            PUT(": ");
            write_node(document, yaml_document_get_node(document, p->value), text, size, used);
        }
        PUT("}");
    }
#undef PUT
}

void vary_text(const struct vary *vary, uint64_t point, size_t key, char text[VARY_TEXT_MAX])
{
    const struct vary_key *k = &vary->keys[key];
    yaml_document_t *document = (yaml_document_t *)&vary->tree.document;
    size_t used = 0;
    text[0] = '\0';
    if (k->is_range) range_text(vary, point, key, text, VARY_TEXT_MAX);
    else
        write_node(document,
                   yaml_document_get_node(document, k->nodes[vary_choice_of(vary, point, key).i]),
                   text, VARY_TEXT_MAX, &used);
}
