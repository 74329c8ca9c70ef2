/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a scenario as a list of paths, read from the tables of schema.c. */
#include <stdio.h>
#include <string.h>

#include "scenarios/schema.h"

/* What stands between a key and those inside it. */
static const char *joint(enum field_kind kind)
{
    return kind == FIELD_NAMED ? ".NAME." : kind == FIELD_LIST ? "[]." : ".";
}

/* Goes over the keys of a schema until *left of them are passed. */
static bool find(const struct schema *schema, const char *before, size_t *left,
                 struct schema_key *key)
{
    for (const struct field *f = schema->fields; f->key; f++) {
        if ((*left)-- == 0) {
            snprintf(key->path, sizeof key->path, "%s%s", before, f->key);
            key->field = f;
            return true;
        }
        char inside[sizeof key->path];
        snprintf(inside, sizeof inside, "%s%s%s", before, f->key, joint(f->kind));
        if (f->schema && find(f->schema, inside, left, key)) return true;
    }
    return false;
}

static void value_words(const struct field *f, char *text, size_t size)
{
    static const char *const kinds[] = {
        [FIELD_NAME] = "a name",
        [FIELD_MAP] = "a mapping",
        [FIELD_NAMED] = "a mapping of names",
        [FIELD_LIST] = "a list of mappings",
    };
    size_t n = 0;
    if (f->value) n = (size_t)snprintf(text, size, "%s", f->value);
    else if (f->kind == FIELD_CHOICE) n = (size_t)snprintf(text, size, "one of:");
    else if (f->kind == FIELD_CHOICES) n = (size_t)snprintf(text, size, "all, or one or more of:");
    else n = (size_t)snprintf(text, size, "%s", kinds[f->kind]);
    if (f->range && n < size) snprintf(text + n, size - n, ", %s", f->range);
    for (size_t i = 0; f->choice && f->choice(i) && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s %s", i ? "," : "", f->choice(i));
}

bool schema_key_at(size_t i, struct schema_key *key)
{
    memset(key, 0, sizeof *key);
    if (!find(&scenario_schema, "", &i, key)) return false;
    value_words(key->field, key->value, sizeof key->value);
    return true;
}
