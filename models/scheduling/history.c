/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/history.h"

#include <stdlib.h>
#include <string.h>

/* Finest first. */
enum level { OF_CLASS, OF_USER_GPUS, OF_USER, OF_GPUS, OF_ALL, LEVEL_N };

struct history_entry {
    uint32_t level, tenant, user, class_; /* what the level does not tell apart is 0 */
    int32_t gpu_milli;
    int64_t n;      /* jobs; 0: the place is free */
    __int128 us;    /* of all together */
    int64_t recent; /* OF_CLASS: newer ones count more */
};

void history_init(struct history *h, const struct workload *workload)
{
    *h = (struct history){ .workload = workload };
}

void history_free(struct history *h) { free(h->entries); }

static struct history_entry named(const struct workload *w, uint32_t job, enum level level)
{
    bool of_user = level <= OF_USER;
    return (struct history_entry){
        .level = level,
        .tenant = of_user ? w->tenant[job] : 0,
        .user = of_user ? w->user[job] : 0,
        .class_ = level == OF_CLASS ? w->class_[job] : 0,
        .gpu_milli = level == OF_USER || level == OF_ALL ? 0 : w->gpu_milli[job],
    };
}

static bool same(const struct history_entry *a, const struct history_entry *b)
{
    return a->level == b->level && a->tenant == b->tenant && a->user == b->user &&
           a->class_ == b->class_ && a->gpu_milli == b->gpu_milli;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

/* Its place, or the free one where it would be. The table is never full. */
static struct history_entry *find(const struct history *h, const struct history_entry *name)
{
    uint64_t at = mix(mix((uint64_t)name->level << 32 | name->tenant,
                          (uint64_t)name->user << 32 | name->class_),
                      (uint64_t)(uint32_t)name->gpu_milli);
    struct history_entry *e;
    do e = &h->entries[at++ & (h->capacity - 1)];
    while (e->n > 0 && !same(e, name));
    return e;
}

/* Room for what one job may add, the places at most half full. */
static bool grow(struct history *h)
{
    if (2 * (h->n + LEVEL_N) <= h->capacity) return true;
    struct history old = *h;
    h->capacity = old.capacity ? 2 * old.capacity : 256;
    h->entries = calloc(h->capacity, sizeof *h->entries);
    if (!h->entries) {
        *h = old;
        return false;
    }
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.entries[i].n > 0) *find(h, &old.entries[i]) = old.entries[i];
    free(old.entries);
    return true;
}

bool history_learn(struct history *h, uint32_t job)
{
    int64_t us = h->workload->run_us[job];
    if (!grow(h)) return false;
    for (int level = 0; level < LEVEL_N; level++) {
        struct history_entry name = named(h->workload, job, (enum level)level);
        struct history_entry *e = find(h, &name);
        if (e->n == 0) {
            *e = name;
            h->n++;
        }
        e->recent = e->n == 0 ? us : (e->recent + us) / 2;
        e->us += us;
        e->n++;
    }
    return true;
}

int64_t history_predict_us(const struct history *h, uint32_t job)
{
    if (h->n == 0) return 0;
    for (int level = 0; level < LEVEL_N; level++) {
        struct history_entry name = named(h->workload, job, (enum level)level);
        const struct history_entry *e = find(h, &name);
        if (e->n > 0) return level == OF_CLASS ? e->recent : (int64_t)(e->us / e->n);
    }
    return 0;
}
