/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the points of a sweep have in common, read once: price books by the files they are made of,
 * traces by their path and the book whose GPU names they bear. Scenarios hold shallow copies.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/loading.h"

/* A file that was read for an entry, which whoever takes it notes as its input. */
struct noted {
    char *role, *path, sha256[65];
    int64_t bytes;
};

struct cached_book {
    char *key;
    struct arena arena;
    struct pricebook book;
    size_t noted_n;
    struct noted *noted;
    struct cached_book *next;
};

struct cached_trace {
    char *path;
    const struct cached_book *book;
    struct workload trace;
    char sha256[65];
    int64_t bytes;
    struct cached_trace *next;
};

struct scenario_cache {
    pthread_mutex_t lock; /* held while one reads, so that nobody reads the same */
    struct cached_book *books;
    struct cached_trace *traces;
};

struct scenario_cache *scenario_cache_new(void)
{
    struct scenario_cache *cache = calloc(1, sizeof *cache);
    if (cache) pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void free_book(struct cached_book *entry)
{
    for (size_t i = 0; i < entry->noted_n; i++) {
        free(entry->noted[i].role);
        free(entry->noted[i].path);
    }
    pricebook_free(&entry->book);
    arena_free(&entry->arena);
    free(entry->noted);
    free(entry->key);
    free(entry);
}

void scenario_cache_free(struct scenario_cache *cache)
{
    if (!cache) return;
    for (struct cached_book *b = cache->books, *next; b; b = next) {
        next = b->next;
        free_book(b);
    }
    for (struct cached_trace *t = cache->traces, *next; t; t = next) {
        next = t->next;
        workload_free(&t->trace);
        free(t->path);
        free(t);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* ---- Books ---- */

/* The lists of files, a line each; malloc'd. */
static char *book_key(const struct raw_prices *raw)
{
    const struct value_list *lists[] = { &raw->instances, &raw->book, &raw->performance,
                                         &raw->services };
    char *key = NULL;
    size_t size;
    FILE *out = open_memstream(&key, &size);
    if (!out) return NULL;
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const struct value *files = lists[k]->items;
        for (size_t i = 0; i < lists[k]->n; i++)
            fprintf(out, "%zu %s\n", k, is_good(&files[i]) ? files[i].text : "");
    }
    return fclose(out) == 0 ? key : NULL;
}

/* Inputs of the scenario from `from` on were read for the entry. */
static enum status note_inputs(struct loading *l, struct cached_book *entry, int32_t from)
{
    const struct scenario *s = l->scenario;
    entry->noted = calloc((size_t)(s->input_n - from) + 1, sizeof *entry->noted);
    if (!entry->noted) return error_set(l->err, STATUS_NO_MEMORY, "no memory for a price book");
    for (int32_t i = from; i < s->input_n; i++) {
        struct noted *n = &entry->noted[entry->noted_n++];
        n->role = strdup(s->inputs[i].role);
        n->path = strdup(s->inputs[i].path);
        n->bytes = s->inputs[i].bytes;
        memcpy(n->sha256, s->inputs[i].sha256, sizeof n->sha256);
        if (!n->role || !n->path)
            return error_set(l->err, STATUS_NO_MEMORY, "no memory for a price book");
    }
    return STATUS_OK;
}

static enum status read_book(struct loading *l, const char *key, struct cached_book **to)
{
    size_t errors = l->diagnostics->errors;
    int32_t from = l->scenario->input_n;
    struct cached_book *entry = calloc(1, sizeof *entry);
    if (!entry || !(entry->key = strdup(key))) {
        free(entry);
        return error_set(l->err, STATUS_NO_MEMORY, "no memory for a price book");
    }
    arena_init(&entry->arena);
    enum status status = loading_tables(l, &entry->book, &entry->arena);
    if (!status) status = note_inputs(l, entry, from);
    if (!status && l->diagnostics->errors > errors)
        status = error_set(l->err, STATUS_BAD_INPUT, "%s has errors", l->source->path);
    if (status) free_book(entry);
    else *to = entry;
    return status;
}

/* Inputs that are noted already, by whoever read the entry, are not noted twice. */
static enum status take_book(struct loading *l, const struct cached_book *entry)
{
    enum status status = STATUS_OK;
    l->store->book = entry->book;
    l->book = entry;
    for (size_t i = 0; i < entry->noted_n && !status; i++)
        status = loading_input(l, entry->noted[i].role, entry->noted[i].path,
                               entry->noted[i].sha256, entry->noted[i].bytes);
    return status;
}

enum status loading_book(struct loading *l)
{
    struct scenario_cache *cache = l->cache;
    if (!cache) {
        enum status status = loading_tables(l, &l->store->book, &l->store->arena);
        l->store->has_book = status == STATUS_OK;
        return status;
    }
    char *key = book_key(&l->raw.prices);
    if (!key) return error_set(l->err, STATUS_NO_MEMORY, "no memory for a price book");
    enum status status = STATUS_OK;
    pthread_mutex_lock(&cache->lock);
    struct cached_book *entry = cache->books;
    while (entry && strcmp(entry->key, key) != 0) entry = entry->next;
    if (!entry && !(status = read_book(l, key, &entry))) {
        entry->next = cache->books;
        cache->books = entry;
    }
    pthread_mutex_unlock(&cache->lock);
    free(key);
    return status ? status : take_book(l, entry);
}

/* ---- Traces ---- */

static enum status read_trace(struct loading *l, const char *path, struct cached_trace **to,
                              bool *read)
{
    struct cached_trace *entry = calloc(1, sizeof *entry);
    if (!entry || !(entry->path = strdup(path))) {
        free(entry);
        return error_set(l->err, STATUS_NO_MEMORY, "no memory for a trace");
    }
    enum status status = loading_read_trace(l, path, entry->sha256, &entry->bytes, read);
    if (status || !*read) { /* what was read of it is the scenario's */
        free(entry->path);
        free(entry);
        return status;
    }
    entry->book = l->book;
    entry->trace = l->scenario->trace;
    *to = entry;
    return STATUS_OK;
}

enum status loading_trace(struct loading *l, const char *path, bool *read)
{
    struct scenario *s = l->scenario;
    struct scenario_cache *cache = l->cache;
    if (!cache) {
        char sha256[65];
        int64_t bytes = 0;
        enum status status = loading_read_trace(l, path, sha256, &bytes, read);
        if (status || !*read) return status;
        return loading_input(l, "trace", s->trace_path, sha256, bytes);
    }
    enum status status = STATUS_OK;
    *read = true;
    pthread_mutex_lock(&cache->lock);
    struct cached_trace *entry = cache->traces;
    while (entry && (entry->book != l->book || strcmp(entry->path, path) != 0)) entry = entry->next;
    if (!entry && !(status = read_trace(l, path, &entry, read)) && *read) {
        entry->next = cache->traces;
        cache->traces = entry;
    }
    pthread_mutex_unlock(&cache->lock);
    if (status || !*read) return status;
    s->trace = entry->trace;
    s->trace_is_shared = true;
    return loading_input(l, "trace", s->trace_path, entry->sha256, entry->bytes);
}
