/* SPDX-License-Identifier: Apache-2.0 */
/* Inside engine_rank: where a job stands in the order, and who goes first of equals. Inline, for a
 * pass asks it of every line. */
#ifndef MODELS_SCHEDULING_RANK_PLACE_H
#define MODELS_SCHEDULING_RANK_PLACE_H

#include "models/scheduling/rank.h"

/* The key of a running job falls with time: in its heap it is kept as the job's end. */
static inline bool key_falls(const struct scheduler *s)
{
    return s->order->rank == RANK_WORK_LEFT || s->order->rank == RANK_SERVICE_LEFT;
}

static inline enum tie_mode tie_mode_of(const struct scheduler *s)
{
    if (rank_by_level(s->order->rank)) return BY_LEVEL;
    if (!key_falls(s) || s->ties == TIES_ARRIVAL) return BY_NUMBER;
    return s->ties == TIES_PREVIOUS ? BY_PREVIOUS : BY_WAITING;
}

/* What a waiting job has left: with its restart and its checkpoints, on the reference GPU. */
static inline int64_t left_of(const struct scheduler *s, uint32_t job, uint32_t demand)
{
    const struct progress *p = &s->progress[job];
    return p->owed_us + p->left_us + progress_writes_us(s->restart, gpus_of(s, demand), p->left_us);
}

static inline int64_t times(int64_t us, int64_t gpus)
{
    __int128 product = (__int128)us * gpus;
    return product < INT64_MAX ? (int64_t)product : INT64_MAX;
}

/* The key of a job with so much left to do; of level 0 where the order is by levels. */
static inline int64_t rank_key(const struct scheduler *s, uint32_t job, uint32_t demand,
                               int64_t left_us)
{
    switch (s->order->rank) {
    case RANK_WORK_LEFT: return left_us;
    case RANK_SERVICE_LEFT: return times(left_us, gpus_of(s, demand));
    case RANK_WORK: return s->workload->run_us[job];
    case RANK_GPUS: return gpus_of(s, demand);
    case RANK_PRIORITY: return -(int64_t)s->workload->priority[job];
    case RANK_ATTAINED:
    case RANK_ATTAINED_SERVICE:
    case RANK_GITTINS: return place_of_level(&((const struct rank *)s->state)->levels.order, 0);
    case RANK_EVICT:
    case RANK_SIZE_FIFO:
    case RANK_SIZE_MAX_MIN:
    case RANK_SIZE_MARGINAL:
    case RANK_NONE: /* and orders by shares: rounds.c */
    case RANK_SHARES_FIFO:
    case RANK_SHARES_ISOLATED:
    case RANK_SHARES_ANY:
    case RANK_SHARES_MAX_MIN:
    case RANK_SHARES_FINISH_TIME:
    case RANK_SHARES_MAKESPAN:
    case RANK_SHARES_THROUGHPUT:
    case RANK_SHARES_WORTH: break;
    }
    return 0;
}

static inline int64_t rate_of(const struct scheduler *s, uint32_t demand)
{
    return s->order->rank == RANK_SERVICE_LEFT ? gpus_of(s, demand) : 0;
}

static inline struct place_in_order place_waiting(const struct scheduler *s,
                                                  const struct ranked *item, uint32_t demand)
{
    const struct rank *r = s->state;
    bool new = item->tag > r->stopped_tag;
    switch (r->ties) {
    case BY_PREVIOUS:
        return (struct place_in_order){ item->key, new ? 2 : 0, item->tag, rate_of(s, demand),
                                        item->ran_tag };
    case BY_WAITING: return (struct place_in_order){ item->key, 0, item->tag, 0, item->ran_tag };
    case BY_LEVEL:
        return (struct place_in_order){ item->key, new ? 2 : 1, item->tag, 0, item->ran_tag };
    case BY_NUMBER: break;
    }
    /* Who has the same priority as one that runs waits for it. */
    return (struct place_in_order){ item->key, s->order->rank == RANK_PRIORITY ? 2 : 0, item->tag,
                                    0, 0 };
}

static inline struct place_in_order place_running(const struct scheduler *s,
                                                  const struct ranked *item, uint32_t demand,
                                                  int32_t pool, int64_t now_us)
{
    const struct rank *r = s->state;
    int64_t key = item->key;
    if (key_falls(s)) {
        const double *speed = s->demands->entries[demand].speed;
        int64_t left_us = progress_work_us(item->key - now_us, speed ? speed[pool] : 1.0);
        key = rank_key(s, item->job, demand, left_us);
    }
    switch (r->ties) {
    case BY_PREVIOUS: return (struct place_in_order){ key, 1, 0, rate_of(s, demand), item->tag };
    case BY_WAITING: return (struct place_in_order){ key, 1, item->tag, 0, 0 };
    case BY_LEVEL:
        return (struct place_in_order){ key, item->tag >= MOVED_TAG ? 2 : 0, item->tag, 0, 0 };
    case BY_NUMBER: break;
    }
    return (struct place_in_order){ key, s->order->rank == RANK_PRIORITY ? 1 : 0, item->tag, 0, 0 };
}

static inline bool is_before(const struct place_in_order *a, const struct place_in_order *b)
{
    if (a->key != b->key) return a->key < b->key;
    if (a->side != b->side) return a->side < b->side;
    if (a->tag != b->tag) return a->tag < b->tag;
    if (a->rate != b->rate) return a->rate < b->rate;
    return a->ran_tag < b->ran_tag;
}

#endif
