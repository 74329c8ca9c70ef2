/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jobs that wait, in the two shapes that queue orders need.
 *
 * struct waiting_heap: one queue in order of (key, job), for orders in which a head that does not
 * fit blocks. A ring where the key is the order of arrival, a binary heap otherwise.
 *
 * struct waiting_line: the jobs of one demand in order of arrival, for orders in which jobs pass
 * each other. Jobs leave from anywhere; "the first with a time limit of at most L" is found by
 * minima over 64 and 4,096 neighbours instead of a scan:
 *
 *      min4096  [      . . .       ][ ...
 *      min64    [ ][ ][ ] ...               minimum of limit over 64 jobs
 *      limit    l l l l l l l ...           WAITING_GONE where the job has left
 *
 * Jobs come in order of arrival, but for those that have run and come back: these go where they
 * stood, at a cost of O(jobs between there and the nearer end of a ring, or behind them in a line).
 *
 * Both own their memory and only allocate when they grow beyond anything before.
 */
#ifndef MODELS_SCHEDULING_WAITING_H
#define MODELS_SCHEDULING_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAITING_GONE INT64_MAX
enum { WAITING_NONE = UINT32_MAX };

struct waiting_job {
    int64_t key;
    uint32_t job, demand;
};

/* The order of every queue: by key, ties in order of arrival. */
static inline bool waiting_before(const struct waiting_job *a, const struct waiting_job *b)
{
    return a->key != b->key ? a->key < b->key : a->job < b->job;
}

struct waiting_heap {
    struct waiting_job *jobs;
    size_t n, first, capacity; /* first: start of the ring; always 0 in a heap */
    bool ring;
};

void waiting_heap_init(struct waiting_heap *h, bool ring);
void waiting_heap_free(struct waiting_heap *h);
/* false on lack of memory. */
bool waiting_heap_push(struct waiting_heap *h, struct waiting_job job);
void waiting_heap_pop(struct waiting_heap *h);
/* A job that is in it leaves from anywhere, at a cost of O(n). */
void waiting_heap_remove(struct waiting_heap *h, uint32_t job);
static inline const struct waiting_job *waiting_heap_head(const struct waiting_heap *h)
{
    return h->n ? &h->jobs[h->first] : NULL;
}

struct waiting_line {
    uint32_t *job;
    int64_t *limit, *min64, *min4096;
    uint32_t n, head, live, capacity; /* used positions; all before head are gone; waiting; room */
};

void waiting_line_init(struct waiting_line *l);
void waiting_line_free(struct waiting_line *l);
bool waiting_line_push(struct waiting_line *l, uint32_t job, int64_t limit_us);
/* The first position at or after `from` whose limit is at most `most`; WAITING_NONE where there is
 * none. */
uint32_t waiting_line_find(const struct waiting_line *l, uint32_t from, int64_t most);
/* The position of the least limit, the first of several; WAITING_NONE where the line is empty. A
 * look at each 4,096 jobs, then at 64 blocks and 64 jobs. */
uint32_t waiting_line_least(const struct waiting_line *l);
void waiting_line_remove(struct waiting_line *l, uint32_t position);

#endif
