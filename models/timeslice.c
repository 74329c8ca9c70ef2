/* SPDX-License-Identifier: Apache-2.0 */
#include "models/timeslice.h"

#include <stdlib.h>

#define TRILLION INT64_C(1000000000000)

enum { NOBODY = UINT32_MAX };

struct sharer {       /* by running slot */
    __int128 left;    /* trillionths of a microsecond of work, at since_us */
    int64_t since_us; /* when the rate was set */
    int64_t rate;     /* trillionths; 0 = nobody is here */
    int32_t asks_milli;
    uint32_t gpu, next; /* of those on the GPU the next one, who asks for no less; NOBODY */
};

struct timeslice {
    int64_t *base;   /* [pool] number of its first GPU */
    int32_t *gpus;   /* [pool] GPUs a node */
    uint32_t *first; /* [GPU of the fleet] who asks for least, NOBODY */
    struct sharer *sharers;
    uint32_t capacity;
};

struct timeslice *timeslice_new(const struct pool *pools, int32_t pool_n)
{
    struct timeslice *t = calloc(1, sizeof *t);
    int64_t n = 0;
    if (!t) return NULL;
    t->base = malloc((size_t)pool_n * sizeof *t->base);
    t->gpus = malloc((size_t)pool_n * sizeof *t->gpus);
    for (int32_t k = 0; t->base && t->gpus && k < pool_n; k++) {
        t->base[k] = n;
        t->gpus[k] = pools[k].gpus;
        n += (int64_t)pools[k].node_n * pools[k].gpus;
    }
    t->first = malloc((size_t)(n + 1) * sizeof *t->first);
    if (!t->base || !t->gpus || !t->first) {
        timeslice_free(t);
        return NULL;
    }
    for (int64_t i = 0; i < n; i++) t->first[i] = NOBODY;
    return t;
}

void timeslice_free(struct timeslice *t)
{
    if (!t) return;
    free(t->base);
    free(t->gpus);
    free(t->first);
    free(t->sharers);
    free(t);
}

/* The work that is done by now is done. */
static void catch_up(struct sharer *s, int64_t now_us)
{
    s->left -= (__int128)(now_us - s->since_us) * s->rate;
    if (s->left < 0) s->left = 0; /* an end is up to a microsecond late */
    s->since_us = now_us;
}

static int64_t end_of(const struct sharer *s)
{
    __int128 end = s->since_us + (s->left + s->rate - 1) / s->rate;
    return end < INT64_MAX ? (int64_t)end : INT64_MAX;
}

/* Rates and ends of all on the GPU; the latest. Who asks for no more than an equal part of what is
 * left has it; the others have equal parts. */
static int64_t share_out(struct timeslice *t, uint32_t gpu, int64_t now_us, struct events *ends)
{
    int64_t left_milli = 1000, n = 0, latest_us = now_us;
    bool equal = false;
    for (uint32_t i = t->first[gpu]; i != NOBODY; i = t->sharers[i].next) n++;
    for (uint32_t i = t->first[gpu]; i != NOBODY; i = t->sharers[i].next) {
        struct sharer *s = &t->sharers[i];
        catch_up(s, now_us);
        equal = equal || s->asks_milli * n > left_milli;
        if (equal) {
            s->rate = left_milli * TRILLION / (n * s->asks_milli);
        } else {
            s->rate = TRILLION;
            left_milli -= s->asks_milli;
            n--;
        }
        int64_t end_us = end_of(s);
        events_set(ends, i, end_us);
        if (end_us > latest_us) latest_us = end_us;
    }
    return latest_us;
}

static bool room_for(struct timeslice *t, uint32_t slot)
{
    if (slot < t->capacity) return true;
    uint32_t capacity = slot < 32 ? 64 : 2 * slot;
    struct sharer *sharers = realloc(t->sharers, capacity * sizeof *sharers);
    if (!sharers) return false;
    for (uint32_t i = t->capacity; i < capacity; i++) sharers[i].rate = 0;
    t->sharers = sharers;
    t->capacity = capacity;
    return true;
}

int64_t timeslice_join(struct timeslice *t, uint32_t slot, struct timeslice_gpu at,
                       int32_t asks_milli, int64_t run_us, int64_t now_us, struct events *ends)
{
    uint32_t gpu = (uint32_t)(t->base[at.pool] + at.node * t->gpus[at.pool] + at.gpu);
    if (!room_for(t, slot)) return INT64_MAX;
    uint32_t *link = &t->first[gpu];
    while (*link != NOBODY && t->sharers[*link].asks_milli <= asks_milli)
        link = &t->sharers[*link].next;
    t->sharers[slot] = (struct sharer){ .left = (__int128)run_us * TRILLION,
                                        .since_us = now_us,
                                        .rate = TRILLION,
                                        .asks_milli = asks_milli,
                                        .gpu = gpu,
                                        .next = *link };
    *link = slot;
    return share_out(t, gpu, now_us, ends);
}

void timeslice_leave(struct timeslice *t, uint32_t slot, int64_t now_us, struct events *ends)
{
    if (slot >= t->capacity || t->sharers[slot].rate == 0) return;
    uint32_t gpu = t->sharers[slot].gpu, *link = &t->first[gpu];
    while (*link != slot) link = &t->sharers[*link].next;
    *link = t->sharers[slot].next;
    t->sharers[slot].rate = 0;
    share_out(t, gpu, now_us, ends);
}
