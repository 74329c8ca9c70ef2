/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/kubernetes_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool kubernetes_files_same(const struct value_list *a, const struct value_list *b)
{
    const struct value *x = a->items, *y = b->items;
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) same = strcmp(x[i].text, y[i].text) == 0;
    return same;
}

struct reading {
    struct loading *l;
    struct kubernetes_files *files;
    const char *objects, *role;
    kubernetes_object_fn *fn;
    void *context;
};

static enum status no_memory(const struct reading *r)
{
    return error_set(r->l->err, STATUS_NO_MEMORY, "no memory for %s", r->objects);
}

static enum status read_source(const struct reading *r, struct source *source, const char *path)
{
    struct loading *l = r->l;
    struct yaml_trees trees;
    enum status status = source_load(source, path, l->diagnostics, l->err);
    if (status) return status;
    r->files->source_n++;
    status = yaml_trees_load(&trees, source, l->diagnostics, l->err);
    if (status) return status;
    status = kubernetes_objects(&trees, l->diagnostics, r->fn, r->context);
    yaml_trees_free(&trees);
    return status;
}

static enum status read_file(const struct reading *r, const struct value *file)
{
    struct loading *l = r->l;
    size_t before = r->files->source_n;
    struct source *source = &r->files->sources[before];
    if (strcmp(file->text, "-") == 0) {
        loading_complain(l, file->at, NULL, NULL, "%s cannot be standard input", r->objects);
        return STATUS_OK;
    }
    char *path = loading_path(l, file->text);
    enum status status = STATUS_OK;
    if (!path) return no_memory(r);
    if (loading_can_read(l, file->at, path)) status = read_source(r, source, path);
    free(path);
    if (status == STATUS_BAD_INPUT) status = STATUS_OK; /* and it is reported */
    if (!status && r->files->source_n > before)
        status = loading_input(l, r->role, file->text, source->sha256, source->bytes);
    return status;
}

static enum status name_files(const struct reading *r)
{
    struct kubernetes_files *files = r->files;
    struct arena *arena = &r->l->store->arena;
    const struct value *named = files->named->items;
    size_t names = 1, n = files->named->n;
    for (size_t i = 0; i < n; i++) names += strlen(named[i].text) + 2;
    char *text = arena_zeroed(arena, names, 1), *sha256 = arena_zeroed(arena, 65 * n + 1, 1);
    if (!text || !sha256) return no_memory(r);
    for (size_t i = 0, at = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, names - at, "%s%s", i ? ", " : "", named[i].text);
        memcpy(sha256 + 65 * i, files->sources[i].sha256, 64);
        if (i + 1 < n) sha256[65 * i + 64] = ' ';
    }
    files->names = text;
    files->sha256 = sha256;
    return STATUS_OK;
}

enum status kubernetes_files_read(struct loading *l, const struct value_list *named,
                                  const char *objects, const char *role,
                                  struct kubernetes_files *files, kubernetes_object_fn *fn,
                                  void *context)
{
    struct reading r = { l, files, objects, role, fn, context };
    const struct value *paths = named->items;
    enum status status = STATUS_OK;
    *files = (struct kubernetes_files){ .named = named,
                                        .sources = calloc(named->n + 1, sizeof *files->sources) };
    if (!files->sources) return no_memory(&r);
    for (size_t i = 0; !status && i < named->n; i++) status = read_file(&r, &paths[i]);
    return !status && files->source_n == named->n ? name_files(&r) : status;
}

void kubernetes_files_free(struct kubernetes_files *files)
{
    for (size_t i = 0; i < files->source_n; i++) source_free(&files->sources[i]);
    free(files->sources);
    *files = (struct kubernetes_files){ 0 };
}
