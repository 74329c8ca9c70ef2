/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a sweep by short names, and rows named by them. */
#include <stdlib.h>
#include <string.h>

#include "reports/reading.h"
#include "reports/sweep_data.h"

enum { PARTS_MAX = 24 };

/* The names between the dots of a path; a name in double quotes may hold dots. */
struct parts {
    int n;
    struct {
        const char *text;
        int length;
    } at[PARTS_MAX];
};

static struct parts parts_of(const char *path)
{
    struct parts parts = { 0 };
    while (*path && parts.n < PARTS_MAX) {
        bool quoted = *path == '"';
        size_t n = quoted ? strcspn(path + 1, "\"") : strcspn(path, ".");
        parts.at[parts.n].text = path + quoted;
        parts.at[parts.n++].length = (int)n;
        path += n + quoted;
        path += strcspn(path, ".");
        path += *path == '.';
    }
    return parts;
}

/* "nodes", or with another part before it: "today.nodes". */
static char *short_name(const struct parts *parts, int part)
{
    char *name = NULL;
    int last = parts->n - 1, n;
    if (part < 0 || part >= last)
        n = asprintf(&name, "%.*s", parts->at[last].length, parts->at[last].text);
    else
        n = asprintf(&name, "%.*s.%.*s", parts->at[part].length, parts->at[part].text,
                     parts->at[last].length, parts->at[last].text);
    return n < 0 ? NULL : name;
}

/* Whether no other key would be called so, were it shortened alike. */
static bool tells_apart(const struct sweep_data *d, int32_t key, int part, const char *name)
{
    for (int32_t k = 0; k < d->key_n; k++) {
        if (k == key) continue;
        struct parts other = parts_of(d->keys[k].path);
        for (int p = part < 0 ? -1 : 0; other.n > 0 && p < (part < 0 ? 0 : other.n - 1); p++) {
            char *same = short_name(&other, p);
            bool clash = !same || strcmp(same, name) == 0;
            free(same);
            if (clash) return false;
        }
    }
    return true;
}

static char *name_key(const struct sweep_data *d, int32_t key)
{
    struct parts parts = parts_of(d->keys[key].path);
    for (int p = parts.n; parts.n > 0 && p >= 0; p--) {
        int part = p == parts.n ? -1 : p;
        if (part >= parts.n - 1) continue;
        char *name = short_name(&parts, part);
        if (!name) return NULL;
        if (*name && tells_apart(d, key, part, name)) return name;
        free(name);
    }
    return strdup(d->keys[key].path);
}

void sweep_name_keys(struct reading *in)
{
    struct sweep_data *d = in->data;
    for (int32_t k = 0; k < d->key_n; k++) {
        struct sweep_key *key = &d->keys[k];
        size_t head = strcspn(key->path, ".");
        key->name = name_key(d, k);
        if (!key->name) reading_fail_memory(in);
        key->is_choice = head == 6 && strncmp(key->path, "fleets", 6) == 0;
        for (int32_t p = 1; p < d->point_n && !key->varies; p++)
            key->varies = strcmp(d->list[p].values[k], d->list[0].values[k]) != 0;
    }
}

char *sweep_row_text(const struct sweep_data *d, int32_t row, bool with_world)
{
    const struct swept_row *r = &d->rows[row];
    char *text = NULL;
    size_t n = 0;
    const char *separator = "";
    bool any = false;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    for (int32_t k = 0; k < d->key_n; k++)
        any |= d->keys[k].varies && (with_world || d->mixed || d->keys[k].is_choice);
    if (d->many_fleets || !any) {
        fputs(r->name, out);
        separator = ", ";
    }
    for (int32_t k = 0; k < d->key_n; k++) {
        const struct sweep_key *key = &d->keys[k];
        if (!key->varies || !(with_world || d->mixed || key->is_choice)) continue;
        fprintf(out, "%s%s=%s", separator, key->name, d->list[r->point].values[k]);
        separator = ", ";
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}
