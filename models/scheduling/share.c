/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders that depend on whose a job is: multifactor, fair-share, drf. Strict ones have one line,
 * whose head blocks where it does not fit; the others have a line a demand, as skip.c, and a demand
 * that did not fit once is out for the rest of the pass. What goes before what, and at what cost:
 * share_queue.h.
 *
 * Where several wait in a strict order that changes by itself, a pass is made at each period:
 * another head may fit.
 */
#include <stdlib.h>

#include "models/scheduling/share_queue.h"

struct share_state {
    struct share_queue queue;
    uint32_t blocked; /* strict: the head that did not fit, UINT32_MAX */
    bool *is_fresh;   /* by line: a job came since the last pass */
    uint32_t *fresh;  /* passing over: those lines */
    uint32_t fresh_n;
    uint32_t *tried; /* scratch of a pass: lines whose heads may fit */
    uint32_t room;   /* of the three */
};

static bool share_init(struct scheduler *s)
{
    struct share_state *q = s->state;
    q->blocked = UINT32_MAX;
    return share_queue_init(&q->queue, s, s->engine->share);
}

static void share_free(struct scheduler *s)
{
    struct share_state *q = s->state;
    share_queue_free(&q->queue);
    free(q->is_fresh);
    free(q->fresh);
    free(q->tried);
}

static bool fresh_room(struct share_state *q, uint32_t line)
{
    if (line < q->room) return true;
    uint32_t room = 2 * line + 64;
    bool *is_fresh = realloc(q->is_fresh, room * sizeof *is_fresh);
    if (is_fresh) q->is_fresh = is_fresh;
    uint32_t *fresh = realloc(q->fresh, room * sizeof *fresh);
    if (fresh) q->fresh = fresh;
    uint32_t *tried = realloc(q->tried, room * sizeof *tried);
    if (tried) q->tried = tried;
    if (!is_fresh || !fresh || !tried) return false;
    for (uint32_t i = q->room; i < room; i++) is_fresh[i] = false;
    q->room = room;
    return true;
}

static bool share_submit_again(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    struct share_state *q = s->state;
    uint32_t line = s->engine->passes_over ? demand : 0;
    if (!fresh_room(q, line)) return false;
    if (!q->is_fresh[line] && s->engine->passes_over) {
        q->fresh[q->fresh_n++] = line;
        q->is_fresh[line] = true;
    }
    return share_queue_advance(&q->queue, s, now_us) &&
           share_queue_push(&q->queue, s, line, job, demand);
}

static bool share_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    return share_submit_again(s, job, demand, s->workload->submit_us[job]);
}

static void strict_pass(struct scheduler *s, int64_t now_us)
{
    struct share_state *q = s->state;
    struct share_cell *first;
    while ((first = share_queue_first(&q->queue, 0)) != NULL && !s->failed) {
        const struct share_item head = first->head;
        if (!s->released && head.job == q->blocked) break;
        q->blocked = head.job;
        if (!scheduler_try(s, head.job, head.demand, now_us)) break;
        if (!share_queue_take(&q->queue, s, first)) s->failed = true;
    }
    if (first && s->waiting_n > 1) s->wake_us = share_queue_next_us(&q->queue);
}

static bool line_before(struct share_queue *q, uint32_t a, uint32_t b)
{
    const struct share_item *x = &share_queue_first(q, a)->head,
                            *y = &share_queue_first(q, b)->head;
    return x->key != y->key ? x->key < y->key : x->job < y->job;
}

static void skip_pass(struct scheduler *s, int64_t now_us)
{
    struct share_state *q = s->state;
    uint32_t n = 0;
    if (s->released) {
        for (uint32_t l = 0; l < q->queue.line_n; l++)
            if (share_queue_first(&q->queue, l)) q->tried[n++] = l;
    } else {
        for (; n < q->fresh_n; n++) q->tried[n] = q->fresh[n];
    }
    while (q->fresh_n > 0) q->is_fresh[q->fresh[--q->fresh_n]] = false;
    while (n > 0 && !s->failed) {
        uint32_t best = 0;
        for (uint32_t i = 1; i < n; i++)
            if (line_before(&q->queue, q->tried[i], q->tried[best])) best = i;
        uint32_t line = q->tried[best];
        struct share_cell *first = share_queue_first(&q->queue, line);
        const struct share_item head = first->head;
        bool fits = scheduler_try(s, head.job, head.demand, now_us);
        if (fits && !share_queue_take(&q->queue, s, first)) s->failed = true;
        if (!fits || !share_queue_first(&q->queue, line)) q->tried[best] = q->tried[--n];
    }
}

static void share_pass(struct scheduler *s, int64_t now_us)
{
    struct share_state *q = s->state;
    if (!share_queue_advance(&q->queue, s, now_us)) s->failed = true;
    if (s->engine->passes_over) skip_pass(s, now_us);
    else strict_pass(s, now_us);
}

static void hold(struct scheduler *s, uint32_t slot, int sign, int64_t now_us)
{
    struct share_state *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    if (!share_queue_hold(&q->queue, s, j->job, j->demand, sign, now_us)) s->failed = true;
}

static void share_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    hold(s, slot, +1, now_us);
}

static void share_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    hold(s, slot, -1, now_us);
}

#define SHARE_ENGINE(by, skips)                                                                    \
    {                                                                                              \
        .state_size = sizeof(struct share_state), .init = share_init, .free = share_free,          \
        .submit = share_submit, .submit_again = share_submit_again, .pass = share_pass,            \
        .started = share_started, .released = share_released, .share = by, .passes_over = skips    \
    }

const struct scheduler_engine engine_multifactor = SHARE_ENGINE(SHARE_MULTIFACTOR, false);
const struct scheduler_engine engine_fair_share = SHARE_ENGINE(SHARE_FAIR, false);
const struct scheduler_engine engine_fair_share_skip = SHARE_ENGINE(SHARE_FAIR, true);
const struct scheduler_engine engine_drf = SHARE_ENGINE(SHARE_DRF, false);
const struct scheduler_engine engine_drf_skip = SHARE_ENGINE(SHARE_DRF, true);
