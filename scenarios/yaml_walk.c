/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/yaml_walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 64, KNOWN_MAX = 800 };

struct walk {
    const struct yaml_tree *tree;
    struct arena *arena;
    struct diagnostics *diagnostics;
    enum yaml_dialect dialect;
    bool no_memory;
};

static void complain(const struct walk *w, struct place at, const char *hint, const char *note,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

static void complain(const struct walk *w, struct place at, const char *hint, const char *note,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    source_vreport(w->tree->source, w->diagnostics, SEVERITY_ERROR, at, hint, note, format, args);
    va_end(args);
}

static yaml_node_t *node_of(const struct walk *w, int number)
{
    return yaml_document_get_node((yaml_document_t *)&w->tree->document, number);
}

static const char *node_text(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

static const char *kind_word(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE     ? "a single value"
           : node->type == YAML_SEQUENCE_NODE ? "a list"
                                              : "a mapping of keys";
}

static bool is_nothing(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    const char *text = node_text(node);
    return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

/* ---- Scalars ---- */

/* The scalar as text in the arena; NULL after reporting why it cannot be one. */
static const char *scalar_text(struct walk *w, const char *key, const yaml_node_t *node)
{
    struct place at = yaml_place(node);
    if (node->type != YAML_SCALAR_NODE) {
        complain(w, at, NULL, NULL, "'%s' must be a single value, not %s", key, kind_word(node));
        return NULL;
    }
    if (is_nothing(node)) {
        complain(w, at, NULL, NULL, "'%s' has no value", key);
        return NULL;
    }
    size_t n = node->data.scalar.length;
    for (const char *s = node_text(node);
         s < node_text(node) + n;) { /* "\0", "\e" in double quotes */
        int32_t point = utf8_next(&s);
        if (point >= 0x20 && utf8_printable(point)) continue;
        complain(w, at, NULL, NULL, "'%s' holds a control character", key);
        return NULL;
    }
    const char *text = arena_text(w->arena, node_text(node), n);
    if (!text) w->no_memory = true;
    return text;
}

static bool name_is_good(struct walk *w, const char *key, struct place at, const char *text)
{
    if (text[0] == '\0') complain(w, at, NULL, NULL, "%s must not be empty", key);
    else if (strlen(text) > NAME_BYTES_MAX)
        complain(w, at, NULL, NULL, "%s is longer than 64 bytes", key);
    else return true;
    return false;
}

static void list_choices(const struct field *f, char *note, size_t size)
{
    bool several = f->kind == FIELD_CHOICES;
    size_t n = (size_t)snprintf(note, size, several ? "all, or one or more of: " : "one of: ");
    for (size_t i = 0; f->choice(i) && n < size; i++)
        n += (size_t)snprintf(note + n, size - n, "%s%s", i ? ", " : "", f->choice(i));
}

static bool choice_is_good(struct walk *w, const struct field *f, struct value *v)
{
    const char *names[FIELDS_MAX + 1];
    size_t n = 0;
    if (f->kind == FIELD_CHOICES && strcmp(v->text, "all") == 0) {
        v->number = CHOICE_ALL;
        return true;
    }
    for (; n < FIELDS_MAX && f->choice(n); n++) {
        names[n] = f->choice(n);
        if (strcmp(names[n], v->text) == 0) {
            v->number = (int64_t)n;
            return true;
        }
    }
    char hint[HINT_MAX], note[KNOWN_MAX];
    did_you_mean(hint, v->text, names, n);
    list_choices(f, note, sizeof note);
    complain(w, v->at, hint, note, "'%.100s' is not a value of '%s'", v->text, f->key);
    return false;
}

static bool number_is_good(struct walk *w, const struct field *f, struct value *v)
{
    struct unit_problem problem;
    if (!f->read(v->text, &v->number, &problem)) {
        complain(w, v->at, problem.hint, problem.note, "'%s' %s", f->key, problem.message);
        return false;
    }
    if (!f->range || (v->number >= f->least && v->number <= f->most)) return true;
    complain(w, v->at, NULL, NULL, "'%s' must be %s, not '%.60s'", f->key, f->range, v->text);
    return false;
}

static void walk_scalar(struct walk *w, const struct field *f, const yaml_node_t *node,
                        struct value *v)
{
    v->state = VALUE_BAD;
    v->at = yaml_place(node);
    v->text = scalar_text(w, f->key, node);
    if (!v->text) return;
    bool good = true;
    char named[80];
    switch (f->kind) {
    case FIELD_SCALAR: good = number_is_good(w, f, v); break;
    case FIELD_CHOICE:
    case FIELD_CHOICES: good = choice_is_good(w, f, v); break;
    case FIELD_NAME:
        snprintf(named, sizeof named, "'%s'", f->key);
        good = name_is_good(w, named, v->at, v->text);
        break;
    default:
        good = v->text[0] != '\0';
        if (!good) complain(w, v->at, NULL, NULL, "'%s' must not be empty", f->key);
    }
    if (good) v->state = VALUE_GOOD;
}

/* ---- Mappings ---- */

static void walk_field(struct walk *w, const struct field *f, const yaml_node_t *node,
                       char *target);

static const struct field *field_find(const struct schema *schema, const char *key)
{
    for (const struct field *f = schema->fields; f->key; f++)
        if (strcmp(f->key, key) == 0) return f;
    return NULL;
}

/* The field a wrong key was meant for; NULL if none comes near. */
static const struct field *field_meant(const struct schema *schema, const char *key)
{
    const char *words[2 * FIELDS_MAX], *ours[2 * FIELDS_MAX];
    size_t n = 0;
    for (const struct field *f = schema->fields; f->key && n < FIELDS_MAX; f++)
        words[n] = ours[n] = f->key, n++;
    for (size_t i = 0; schema->also && schema->also[i][0] && n < 2 * FIELDS_MAX; i++, n++) {
        words[n] = schema->also[i][0];
        ours[n] = schema->also[i][1];
    }
    const char *near = nearest_word(key, words, n);
    for (size_t i = 0; near && i < n; i++)
        if (words[i] == near) return field_find(schema, ours[i]);
    return NULL;
}

static const struct field *unknown_key(struct walk *w, const struct schema *schema,
                                       const char *where, const yaml_node_t *key)
{
    char known[KNOWN_MAX], hint[120] = "";
    size_t n = (size_t)snprintf(known, sizeof known, "known keys: ");
    for (const struct field *f = schema->fields; f->key && n < sizeof known; f++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", f == schema->fields ? "" : ", ",
                              f->key);
    const struct field *meant = field_meant(schema, node_text(key));
    if (meant) snprintf(hint, sizeof hint, "did you mean '%s'?", meant->key);
    else if (strcmp(node_text(key), "<<") == 0)
        snprintf(hint, sizeof hint, "merge keys are not read");
    complain(w, yaml_place(key), hint, known, "unknown key '%.100s'%s", node_text(key), where);
    return meant;
}

/* Line on which an earlier pair of the mapping has the same key, 0 if none. */
static size_t set_before(const struct walk *w, const yaml_node_t *map, const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = node_of(w, pair->key);
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < pair; p++) {
        const yaml_node_t *other = node_of(w, p->key);
        if (other->type == YAML_SCALAR_NODE &&
            other->data.scalar.length == key->data.scalar.length &&
            memcmp(other->data.scalar.value, key->data.scalar.value, key->data.scalar.length) == 0)
            return other->start_mark.line + 1;
    }
    return 0;
}

static bool key_is_text(struct walk *w, const yaml_node_t *key, const char *where)
{
    bool good = key->type == YAML_SCALAR_NODE && strlen(node_text(key)) == key->data.scalar.length;
    if (!good) complain(w, yaml_place(key), NULL, NULL, "a key%s must be plain text", where);
    return good;
}

/* `where` is " in pool 'base'" or "". */
static void walk_map(struct walk *w, const struct schema *schema, const yaml_node_t *node,
                     const char *where, char *target)
{
    struct value *self = (struct value *)target;
    bool seen[FIELDS_MAX] = { false };
    self->state = VALUE_GOOD;
    self->at = yaml_place(node);
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = node_of(w, p->key);
        if (!key_is_text(w, key, where)) continue;
        size_t before = set_before(w, node, p);
        if (before) {
            source_report_twice(w->tree->source, w->diagnostics, yaml_place(key), before,
                                "'%.100s' is set twice%s", node_text(key), where);
            continue;
        }
        const struct field *f = field_find(schema, node_text(key));
        if (f && w->dialect == YAML_KUBERNETES && is_nothing(node_of(w, p->value))) continue;
        if (f) walk_field(w, f, node_of(w, p->value), target);
        else f = unknown_key(w, schema, where, key);
        if (f) seen[f - schema->fields] = true;
    }
    for (const struct field *f = schema->fields; f->key; f++)
        if (f->required && !seen[f - schema->fields])
            complain(w, self->at, NULL, NULL, "'%s' is missing%s", f->key, where);
}

static bool is_map(struct walk *w, const char *key, const yaml_node_t *node)
{
    if (node->type == YAML_MAPPING_NODE) return true;
    if (is_nothing(node)) complain(w, yaml_place(node), NULL, NULL, "'%s' has no value", key);
    else
        complain(w, yaml_place(node), NULL, NULL, "'%s' must be a mapping of keys, not %s", key,
                 kind_word(node));
    return false;
}

/* ---- Lists ---- */

static bool list_has_room(struct walk *w, const struct field *f, const yaml_node_t *node, size_t n,
                          size_t size, struct value_list *list)
{
    size_t most = f->schema ? f->schema->most : 1000;
    list->at = yaml_place(node);
    list->state = VALUE_BAD;
    if (n == 0 && w->dialect == YAML_KUBERNETES) list->state = VALUE_GOOD;
    else if (n == 0) complain(w, list->at, NULL, NULL, "'%s' is empty", f->key);
    else if (n > most)
        complain(w, list->at, NULL, NULL, "'%s' has %zu entries, more than %zu", f->key, n, most);
    else if (!(list->items = arena_zeroed(w->arena, n, size))) w->no_memory = true;
    else list->state = VALUE_GOOD;
    return list->state == VALUE_GOOD;
}

static void walk_list(struct walk *w, const struct field *f, const yaml_node_t *node,
                      struct value_list *list)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        list->state = VALUE_BAD;
        list->at = yaml_place(node);
        if (is_nothing(node)) complain(w, list->at, NULL, NULL, "'%s' has no value", f->key);
        else
            complain(w, list->at, NULL, NULL, "'%s' must be a list, not %s", f->key,
                     kind_word(node));
        return;
    }
    size_t n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (!list_has_room(w, f, node, n, f->schema->size, list)) return;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = node_of(w, node->data.sequence.items.start[i]);
        char where[120], name[NAME_BYTES_MAX + 1] = "";
        if (item->type != YAML_MAPPING_NODE) {
            complain(w, yaml_place(item), NULL, NULL, "%s %zu must be a mapping of keys, not %s",
                     f->schema->what, i + 1, is_nothing(item) ? "empty" : kind_word(item));
            list->state = VALUE_BAD;
            continue;
        }
        for (const yaml_node_pair_t *p = item->data.mapping.pairs.start;
             p < item->data.mapping.pairs.top; p++) {
            const yaml_node_t *key = node_of(w, p->key), *value = node_of(w, p->value);
            if (key->type == YAML_SCALAR_NODE && value->type == YAML_SCALAR_NODE &&
                strcmp(node_text(key), "name") == 0)
                snprintf(name, sizeof name, "%s", node_text(value));
        }
        if (name[0]) snprintf(where, sizeof where, " in %s '%s'", f->schema->what, name);
        else snprintf(where, sizeof where, " in %s %zu", f->schema->what, i + 1);
        walk_map(w, f->schema, item, where, (char *)list->items + i * f->schema->size);
        list->n = i + 1;
    }
    list->n = n;
}

static void walk_named(struct walk *w, const struct field *f, const yaml_node_t *node,
                       struct value_list *list)
{
    list->state = VALUE_BAD;
    list->at = yaml_place(node);
    if (!is_map(w, f->key, node)) return;
    size_t n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start), kept = 0;
    if (!list_has_room(w, f, node, n, f->schema->size, list)) return;
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = node_of(w, p->key), *value = node_of(w, p->value);
        char where[160], what[40];
        snprintf(where, sizeof where, " in %s", f->key);
        snprintf(what, sizeof what, "the name of a %s", f->schema->what);
        if (!key_is_text(w, key, where)) continue;
        const char *name = scalar_text(w, what, key);
        if (!name || !name_is_good(w, what, yaml_place(key), name)) continue;
        size_t before = set_before(w, node, p);
        if (before) {
            source_report_twice(w->tree->source, w->diagnostics, yaml_place(key), before,
                                "'%s' is set twice%s", name, where);
            continue;
        }
        if (!is_map(w, name, value)) continue;
        char *item = (char *)list->items + kept++ * f->schema->size;
        snprintf(where, sizeof where, " in %s '%s'", f->schema->what, name);
        walk_map(w, f->schema, value, where, item);
        struct value *self = (struct value *)item;
        self->text = name;
        self->at = yaml_place(key);
    }
    list->n = kept;
    if (kept < n) list->state = VALUE_BAD;
}

static void walk_numbers(struct walk *w, const struct field *f, const yaml_node_t *node,
                         struct value_list *list)
{
    list->state = VALUE_BAD;
    list->at = yaml_place(node);
    if (!is_map(w, f->key, node)) return;
    size_t n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    if (!list_has_room(w, f, node, n, sizeof(struct value), list)) return;
    struct value *values = list->items;
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = node_of(w, p->key);
        struct value *v = &values[list->n++], number = { .at = yaml_place(node_of(w, p->value)) };
        char where[80], what[80];
        snprintf(where, sizeof where, " in %s", f->key);
        snprintf(what, sizeof what, "a name in '%s'", f->key);
        v->state = VALUE_BAD;
        v->at = yaml_place(key);
        if (!key_is_text(w, key, where) || !(v->text = scalar_text(w, what, key)) ||
            !name_is_good(w, what, v->at, v->text))
            continue;
        size_t before = set_before(w, node, p);
        if (before) {
            source_report_twice(w->tree->source, w->diagnostics, v->at, before,
                                "'%s' is set twice%s", v->text, where);
            continue;
        }
        number.text = scalar_text(w, f->key, node_of(w, p->value));
        if (!number.text || !number_is_good(w, f, &number)) continue;
        v->number = number.number;
        v->state = VALUE_GOOD;
    }
    for (size_t i = 0; i < n; i++)
        if (values[i].state != VALUE_GOOD) list->state = VALUE_BAD;
}

static void walk_labels(struct walk *w, const struct field *f, const yaml_node_t *node,
                        struct value_list *list)
{
    struct field text = *f;
    text.kind = FIELD_TEXT;
    list->state = VALUE_BAD;
    list->at = yaml_place(node);
    if (!is_map(w, f->key, node)) return;
    size_t n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    if (!list_has_room(w, f, node, n, sizeof(struct label), list)) return;
    struct label *labels = list->items;
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++) {
        struct label *label = &labels[list->n++];
        size_t before = set_before(w, node, p);
        walk_scalar(w, &text, node_of(w, p->key), &label->key);
        walk_scalar(w, &text, node_of(w, p->value), &label->value);
        if (before && label->key.state == VALUE_GOOD) {
            source_report_twice(w->tree->source, w->diagnostics, label->key.at, before,
                                "'%s' is set twice in '%s'", label->key.text, f->key);
            label->key.state = VALUE_BAD;
        }
        if (label->key.state != VALUE_GOOD || label->value.state != VALUE_GOOD)
            list->state = VALUE_BAD;
    }
}

static void walk_texts(struct walk *w, const struct field *f, const yaml_node_t *node,
                       struct value_list *list)
{
    struct field one = *f;
    one.kind = FIELD_TEXT;
    bool single = node->type != YAML_SEQUENCE_NODE;
    size_t n =
        single ? 1 : (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (!list_has_room(w, f, node, n, sizeof(struct value), list)) return;
    struct value *values = list->items;
    list->n = n;
    for (size_t i = 0; i < n; i++) {
        walk_scalar(w, &one, single ? node : node_of(w, node->data.sequence.items.start[i]),
                    &values[i]);
        if (values[i].state != VALUE_GOOD) list->state = VALUE_BAD;
    }
}

/* The names of a list, or one name; a name that is there twice, or "all" among others, is bad. */
static void walk_choices(struct walk *w, const struct field *f, const yaml_node_t *node,
                         struct value_list *list)
{
    bool single = node->type == YAML_SCALAR_NODE;
    list->at = yaml_place(node);
    list->state = VALUE_BAD;
    if (node->type == YAML_MAPPING_NODE) {
        complain(w, list->at, NULL, NULL, "'%s' must be a name or a list of names, not %s", f->key,
                 kind_word(node));
        return;
    }
    size_t n =
        single ? 1 : (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (!list_has_room(w, f, node, n, sizeof(struct value), list)) return;
    struct value *values = list->items;
    list->n = n;
    for (size_t i = 0; i < n; i++) {
        struct value *v = &values[i];
        walk_scalar(w, f, single ? node : node_of(w, node->data.sequence.items.start[i]), v);
        if (v->state == VALUE_GOOD && v->number == CHOICE_ALL && n > 1) {
            complain(w, v->at, NULL, NULL, "'all' is not one of several values of '%s'", f->key);
            v->state = VALUE_BAD;
        }
        for (size_t k = 0; k < i && v->state == VALUE_GOOD; k++)
            if (values[k].state == VALUE_GOOD && values[k].number == v->number) {
                source_report_twice(w->tree->source, w->diagnostics, v->at, values[k].at.line,
                                    "'%s' is named twice in '%s'", v->text, f->key);
                v->state = VALUE_BAD;
            }
        if (v->state != VALUE_GOOD) list->state = VALUE_BAD;
    }
}

static void walk_field(struct walk *w, const struct field *f, const yaml_node_t *node, char *target)
{
    char where[80];
    char *place = target + f->offset;
    switch (f->kind) {
    case FIELD_SHORT:
        if (node->type != YAML_MAPPING_NODE && !is_nothing(node)) {
            struct value *self = (struct value *)place;
            self->state = VALUE_GOOD;
            self->at = yaml_place(node);
            walk_field(w, &f->schema->fields[0], node, place);
            break;
        }
        /* fall through */
    case FIELD_MAP:
        snprintf(where, sizeof where, " in %s", f->schema->what);
        ((struct value *)place)->state = VALUE_BAD;
        ((struct value *)place)->at = yaml_place(node);
        if (is_map(w, f->key, node)) walk_map(w, f->schema, node, where, place);
        break;
    case FIELD_LIST: walk_list(w, f, node, (struct value_list *)place); break;
    case FIELD_NAMED: walk_named(w, f, node, (struct value_list *)place); break;
    case FIELD_CHOICES: walk_choices(w, f, node, (struct value_list *)place); break;
    case FIELD_NUMBERS: walk_numbers(w, f, node, (struct value_list *)place); break;
    case FIELD_TEXTS: walk_texts(w, f, node, (struct value_list *)place); break;
    case FIELD_LABELS: walk_labels(w, f, node, (struct value_list *)place); break;
    case FIELD_ANY:
        *(struct value *)place = (struct value){ VALUE_GOOD, yaml_place(node), "", 0 };
        break;
    default: walk_scalar(w, f, node, (struct value *)place); break;
    }
}

enum status yaml_walk(const struct yaml_tree *tree, enum yaml_dialect dialect,
                      const struct schema *schema, void *target, struct arena *arena,
                      struct diagnostics *diagnostics, struct error *err)
{
    struct walk w = { tree, arena, diagnostics, dialect, false };
    walk_map(&w, schema, tree->root, "", target);
    return w.no_memory ? error_set(err, STATUS_NO_MEMORY, "no memory for the values of %s",
                                   tree->source->path)
                       : STATUS_OK;
}
