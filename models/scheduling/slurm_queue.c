/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/slurm_queue.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = UINT32_MAX };

/* ---- lines ---- */

static struct slurm_line line_for(const struct slurm_queue *q, const struct scheduler *s,
                                  uint32_t job, uint32_t demand)
{
    struct slurm_line line = { .pools = s->demands->entries[demand].access, .blocked = NONE };
    if (!q->limited) return line;
    line.who = limits_who(&q->limits, job);
    if (q->limits.of_gpus) line.gpus = gpus_of(s, demand);
    return line;
}

static bool is_same(const struct slurm_line *a, const struct slurm_line *b)
{
    return a->pools == b->pools && a->gpus == b->gpus && a->who.queue == b->who.queue &&
           a->who.tenant == b->who.tenant && a->who.user == b->who.user;
}

static uint32_t hash_of(const struct slurm_line *line)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t h = line->pools * odd;
    h = (h ^ h >> 32 ^ (uint64_t)line->gpus) * odd;
    h = (h ^ h >> 32 ^ ((uint64_t)line->who.queue << 32 | line->who.tenant)) * odd;
    h = (h ^ h >> 32 ^ line->who.user) * odd;
    return (uint32_t)(h >> 32);
}

static uint32_t find_slot(const struct slurm_queue *q, const struct slurm_line *line)
{
    uint32_t at = hash_of(line) & (q->slot_n - 1);
    while (q->slot[at] && !is_same(&q->lines[q->slot[at] - 1], line))
        at = (at + 1) & (q->slot_n - 1);
    return at;
}

/* Room for one more line, the slots at most half full. */
static bool lines_room(struct slurm_queue *q)
{
    if (q->line_n < q->line_capacity) return true;
    uint32_t capacity = q->line_capacity ? 2 * q->line_capacity : 16;
    struct slurm_line *lines = realloc(q->lines, capacity * sizeof *lines);
    if (lines) q->lines = lines;
    struct slurm_head *front = realloc(q->front, capacity * sizeof *front);
    if (front) q->front = front;
    uint32_t *live = realloc(q->live, capacity * sizeof *live);
    if (live) q->live = live;
    uint32_t *slot = calloc(2 * (size_t)capacity, sizeof *slot);
    if (!lines || !front || !live || !slot) {
        free(slot);
        return false;
    }
    free(q->slot);
    q->slot = slot;
    q->slot_n = 2 * capacity;
    q->line_capacity = capacity;
    for (uint32_t i = 0; i < q->line_n; i++) q->slot[find_slot(q, &q->lines[i])] = i + 1;
    return true;
}

/* The number of the line, NONE on lack of memory. */
static uint32_t line_of(struct slurm_queue *q, const struct scheduler *s, uint32_t job,
                        uint32_t demand)
{
    struct slurm_line line = line_for(q, s, job, demand);
    if (q->last < q->line_n && is_same(&q->lines[q->last], &line)) return q->last;
    if (!lines_room(q)) return NONE;
    uint32_t at = find_slot(q, &line);
    if (!q->slot[at]) {
        waiting_heap_init(&line.jobs, false);
        q->lines[q->line_n++] = line;
        q->slot[at] = q->line_n;
    }
    return q->last = q->slot[at] - 1;
}

/* ---- jobs ---- */

bool slurm_queue_init(struct slurm_queue *q, const struct scheduler *s)
{
    memset(q, 0, sizeof *q);
    q->limited = s->limits->n > 0;
    if (q->limited && !limits_init(&q->limits, s->workload, s->limits)) return false;
    q->weighs = share_options_weigh(s->share);
    return !q->weighs || share_queue_init(&q->shares, s, SHARE_MULTIFACTOR);
}

void slurm_queue_free(struct slurm_queue *q)
{
    if (q->limited) limits_free(&q->limits);
    if (q->weighs) share_queue_free(&q->shares);
    for (uint32_t i = 0; i < q->line_n; i++) waiting_heap_free(&q->lines[i].jobs);
    free(q->lines);
    free(q->live);
    free(q->slot);
    free(q->front);
    free(q->waiting);
}

static bool demands_room(struct slurm_queue *q, uint32_t demand)
{
    if (demand < q->demand_n) return true;
    uint32_t demand_n = 2 * demand + 64;
    uint32_t *waiting = realloc(q->waiting, demand_n * sizeof *waiting);
    if (!waiting) return false;
    for (uint32_t d = q->demand_n; d < demand_n; d++) waiting[d] = 0;
    q->waiting = waiting;
    q->demand_n = demand_n;
    return true;
}

static bool join(struct slurm_queue *q, const struct scheduler *s, uint32_t number,
                 struct waiting_job job)
{
    struct slurm_line *line = &q->lines[number];
    q->n++;
    q->waiting[job.demand]++;
    if (line->n++ == 0) {
        line->at = q->live_n;
        q->live[q->live_n++] = number;
    }
    return q->weighs ? share_queue_push(&q->shares, s, number, job.job, job.demand)
                     : waiting_heap_push(&line->jobs, job);
}

bool slurm_queue_push(struct slurm_queue *q, const struct scheduler *s, uint32_t job,
                      uint32_t demand)
{
    if (!demands_room(q, demand)) return false;
    uint32_t number = line_of(q, s, job, demand);
    if (number == NONE) return false;
    return join(q, s, number, (struct waiting_job){ order_key(s, job), job, demand });
}

bool slurm_queue_return(struct slurm_queue *q, const struct scheduler *s,
                        const struct slurm_head *head)
{
    const struct share_item *i = &head->item;
    return join(q, s, head->line, (struct waiting_job){ (int64_t)i->key, i->job, i->demand });
}

/* ---- the front ---- */

static bool head_before(const struct slurm_head *a, const struct slurm_head *b)
{
    return a->item.key != b->item.key ? a->item.key < b->item.key : a->item.job < b->item.job;
}

/* Of a line with jobs. */
static struct slurm_head head_of(struct slurm_queue *q, uint32_t number)
{
    if (q->weighs)
        return (struct slurm_head){ share_queue_first(&q->shares, number)->head, number };
    const struct waiting_job *j = waiting_heap_head(&q->lines[number].jobs);
    return (struct slurm_head){ { j->key, j->job, j->demand }, number };
}

/* The head belongs at i, or below it. */
static void sink(struct slurm_queue *q, uint32_t i, struct slurm_head head)
{
    for (uint32_t child; (child = 2 * i + 1) < q->front_n; i = child) {
        if (child + 1 < q->front_n && head_before(&q->front[child + 1], &q->front[child])) child++;
        if (!head_before(&q->front[child], &head)) break;
        q->front[i] = q->front[child];
    }
    q->front[i] = head;
}

void slurm_queue_begin(struct slurm_queue *q)
{
    q->front_n = q->live_n;
    for (uint32_t i = 0; i < q->live_n; i++) q->front[i] = head_of(q, q->live[i]);
    for (uint32_t i = q->front_n / 2; i-- > 0;) sink(q, i, q->front[i]);
}

void slurm_queue_pass(struct slurm_queue *q)
{
    if (--q->front_n > 0) sink(q, 0, q->front[q->front_n]);
}

bool slurm_queue_take(struct slurm_queue *q, const struct scheduler *s)
{
    struct slurm_head head = q->front[0];
    struct slurm_line *line = &q->lines[head.line];
    q->n--;
    q->waiting[head.item.demand]--;
    line->n--;
    if (!q->weighs) waiting_heap_pop(&line->jobs);
    else if (!share_queue_take(&q->shares, s, share_queue_first(&q->shares, head.line)))
        return false;
    if (line->n > 0) {
        sink(q, 0, head_of(q, head.line));
        return true;
    }
    uint32_t last = q->live[--q->live_n];
    q->live[line->at] = last;
    q->lines[last].at = line->at;
    slurm_queue_pass(q);
    return true;
}
