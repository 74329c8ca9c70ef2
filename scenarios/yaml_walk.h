/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a YAML tree to plain structs, as tables say.
 *
 *     schema "pool" -- field "nodes"   scalar, unit_count, 1 to 1,000,000, required
 *                   |- field "buy"     one of a table of names
 *                   `- ...
 *
 * A schema describes one mapping; each field says its key, its kind and where in the caller's
 * struct its value goes. The walk goes over everything and reports everything: unknown, repeated
 * and missing keys, wrong kinds, bad units, values out of range. A misspelt key whose meaning is
 * clear does not count as missing too. Every value keeps its place, so that whoever resolves names
 * later can point at it.
 */
#ifndef SCENARIOS_YAML_WALK_H
#define SCENARIOS_YAML_WALK_H

#include "scenarios/arena.h"
#include "scenarios/units.h"
#include "scenarios/yaml_tree.h"

enum { NAME_BYTES_MAX = 64, CHOICE_ALL = -1 };

enum value_state { VALUE_ABSENT, VALUE_BAD, VALUE_GOOD }; /* bad: there, reported, not to be used */

struct value { /* what a scalar field fills */
    enum value_state state;
    struct place at;
    const char *text; /* in the arena */
    int64_t number;   /* as the field's reader gave it */
};
static inline bool is_there(const struct value *v) { return v->state != VALUE_ABSENT; }
static inline bool is_good(const struct value *v) { return v->state == VALUE_GOOD; }

struct value_list { /* FIELD_LIST, FIELD_NAMED: items of schema->size bytes; FIELD_TEXTS,
                       FIELD_NUMBERS: struct value; FIELD_CHOICES: struct value, of which an item
                       may be bad */
    enum value_state state;
    struct place at;
    size_t n;
    void *items;
};

enum field_kind {
    FIELD_SCALAR,  /* struct value, read by `read` */
    FIELD_TEXT,    /* struct value, any text */
    FIELD_NAME,    /* struct value, printable UTF-8, 1 to 64 bytes */
    FIELD_CHOICE,  /* struct value, a name that choice(0 ...) gives; number = which */
    FIELD_CHOICES, /* a struct value_list of such names, each once; one alone is a list of one, and
                      the word "all" alone is one value with the number CHOICE_ALL */
    FIELD_MAP,     /* a struct of `schema` in place, starting with a struct value (state, place) */
    FIELD_SHORT,   /* the same, or a value that stands for the schema's first field */
    FIELD_NAMED, /* a struct value_list of a mapping from names to `schema`s: each item starts with
                    its name, a struct value */
    FIELD_LIST,  /* a struct value_list of a sequence of `schema`s: each item starts with a struct
                    value (state, place) */
    FIELD_NUMBERS, /* a struct value_list of a mapping from names to scalars that `read` reads: the
                      text of each value is its name */
    FIELD_TEXTS,   /* a struct value_list of texts; one text alone is a list of one */
    FIELD_LABELS,  /* a struct value_list of a mapping from texts to texts: struct label */
    FIELD_ANY      /* a struct value; whatever it is, it is there */
};

struct label {
    struct value key, value;
};

/* In Kubernetes' manifests a key without a value is a key left out. */
enum yaml_dialect { YAML_STRICT, YAML_KUBERNETES };

struct schema;

struct field {
    const char *key;
    enum field_kind kind;
    size_t offset;
    bool required;
    bool (*read)(const char *text, int64_t *number, struct unit_problem *problem);
    int64_t least, most;             /* both 0: any number */
    const char *range;               /* "from 1 to 10000", where there are bounds */
    const char *(*choice)(size_t i); /* NULL past the end */
    const struct schema *schema;
    /* For people; the walk does not look at them. */
    const char *help;      /* what it is */
    const char *value;     /* what its value is, "a duration", where the kind alone does not say */
    const char *otherwise; /* "default: 1", what holds where it is left out; NULL: required */
};

struct schema {
    const char *what;           /* "pool": errors read "in pool 'base'" */
    const struct field *fields; /* ended by a NULL key */
    size_t size;
    const char *const (*also)[2]; /* {other people's word, our key}, ended by NULL; may be NULL */
    size_t most;                  /* items in a list of these */
};

/* Fills *target (zeroed, of schema->size bytes, starting with a struct value) from the tree's root.
 * Returns STATUS_OK also where errors were reported; STATUS_NO_MEMORY otherwise. */
enum status yaml_walk(const struct yaml_tree *tree, enum yaml_dialect dialect,
                      const struct schema *schema, void *target, struct arena *arena,
                      struct diagnostics *diagnostics, struct error *err);

#endif
