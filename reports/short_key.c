/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/short_key.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static bool tells_apart(const char *const *paths, size_t n, size_t key, int part, const char *name)
{
    for (size_t k = 0; k < n; k++) {
        if (k == key) continue;
        struct parts other = parts_of(paths[k]);
        for (int p = part < 0 ? -1 : 0; other.n > 0 && p < (part < 0 ? 0 : other.n - 1); p++) {
            char *same = short_name(&other, p);
            bool clash = !same || strcmp(same, name) == 0;
            free(same);
            if (clash) return false;
        }
    }
    return true;
}

char *short_key(const char *const *paths, size_t n, size_t key)
{
    struct parts parts = parts_of(paths[key]);
    for (int p = parts.n; parts.n > 0 && p >= 0; p--) {
        int part = p == parts.n ? -1 : p;
        if (part >= parts.n - 1) continue;
        char *name = short_name(&parts, part);
        if (!name) return NULL;
        if (*name && tells_apart(paths, n, key, part, name)) return name;
        free(name);
    }
    return strdup(paths[key]);
}
