/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a sweep by short names, and rows named by them. */
#include <stdlib.h>
#include <string.h>

#include "reports/reading.h"
#include "reports/short_key.h"
#include "reports/sweep_data.h"

void sweep_name_keys(struct reading *in)
{
    struct sweep_data *d = in->data;
    const char **paths = malloc(((size_t)d->key_n + 1) * sizeof *paths);
    if (!paths) {
        reading_fail_memory(in);
        return;
    }
    for (int32_t k = 0; k < d->key_n; k++) paths[k] = d->keys[k].path;
    for (int32_t k = 0; k < d->key_n; k++) {
        struct sweep_key *key = &d->keys[k];
        size_t head = strcspn(key->path, ".");
        key->name = short_key(paths, (size_t)d->key_n, (size_t)k);
        if (!key->name) reading_fail_memory(in);
        key->is_choice = head == 6 && strncmp(key->path, "fleets", 6) == 0;
        for (int32_t p = 1; p < d->point_n && !key->varies; p++)
            key->varies = strcmp(d->list[p].values[k], d->list[0].values[k]) != 0;
    }
    free(paths);
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
