/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/index.h"

#include <search.h>
#include <string.h>

#include "tools/plan/plan.h"

static int by_place(const void *x, const void *y)
{
    const struct plan_candidate *a = x, *b = y;
    if (a->point != b->point) return a->point < b->point ? -1 : 1;
    return (a->fleet > b->fleet) - (a->fleet < b->fleet);
}

static int by_identity(const void *x, const void *y)
{
    const struct plan_candidate *a = x, *b = y;
    return strcmp(a->identity, b->identity);
}

static int by_usage(const void *x, const void *y)
{
    const struct plan_candidate *a = x, *b = y;
    return strcmp(a->usage, b->usage);
}

static struct plan_candidate *found(void *const *root, const struct plan_candidate *like,
                                    int (*compare)(const void *, const void *))
{
    struct plan_candidate **at = tfind(like, root, compare);
    return at ? *at : NULL;
}

enum status index_add(struct plan_index *index, struct plan_candidate *c)
{
    return tsearch(c, &index->place, by_place) ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status index_simulated(struct plan_index *index, struct plan_candidate *c)
{
    if (!tsearch(c, &index->identity, by_identity)) return STATUS_NO_MEMORY;
    if (!c->used) return STATUS_OK;
    struct plan_candidate **at = tsearch(c, &index->usage, by_usage);
    if (!at) return STATUS_NO_MEMORY;
    *at = c;
    return STATUS_OK;
}

struct plan_candidate *index_at(const struct plan_index *index, int64_t point, int32_t fleet)
{
    const struct plan_candidate like = { .point = point, .fleet = fleet };
    return found(&index->place, &like, by_place);
}

struct plan_candidate *index_of_identity(const struct plan_index *index, const char *identity)
{
    struct plan_candidate like = { 0 };
    memcpy(like.identity, identity, sizeof like.identity);
    return found(&index->identity, &like, by_identity);
}

struct plan_candidate *index_of_usage(const struct plan_index *index, const char *usage)
{
    struct plan_candidate like = { 0 };
    memcpy(like.usage, usage, sizeof like.usage);
    return found(&index->usage, &like, by_usage);
}

static void nothing(void *candidate) { (void)candidate; }

void index_free(struct plan_index *index)
{
    tdestroy(index->place, nothing);
    tdestroy(index->identity, nothing);
    tdestroy(index->usage, nothing);
    *index = (struct plan_index){ 0 };
}
