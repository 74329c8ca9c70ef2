/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every job that fits starts, in order of the key: a queue a demand, and the heads of the queues
 * are tried. Free room only shrinks during a pass, so a demand that did not fit once is out for the
 * rest of it; and where nothing was released, only the demands of arrivals can have become
 * possible.
 */
#include <stdlib.h>

#include "models/scheduling/engine.h"
#include "models/scheduling/waiting.h"

struct skip_line {
    struct waiting_heap heap;
    bool fresh; /* a job of it arrived since the last pass */
};

struct skip {
    struct skip_line *lines; /* by demand */
    uint32_t line_n, line_capacity;
    uint32_t *fresh; /* demands with arrivals since the last pass; room for every line */
    uint32_t fresh_n;
    uint32_t *tried; /* scratch of a pass: demands whose heads may fit; room for every line */
};

static bool skip_init(struct scheduler *s)
{
    (void)s;
    return true;
}

static void skip_free(struct scheduler *s)
{
    struct skip *q = s->state;
    for (uint32_t i = 0; i < q->line_n; i++) waiting_heap_free(&q->lines[i].heap);
    free(q->lines);
    free(q->fresh);
    free(q->tried);
}

static bool lines_room(struct scheduler *s, uint32_t demand)
{
    struct skip *q = s->state;
    if (demand >= q->line_capacity) {
        uint32_t capacity = demand < 32 ? 64 : 2 * demand;
        struct skip_line *lines = realloc(q->lines, capacity * sizeof *lines);
        if (lines) q->lines = lines;
        uint32_t *fresh = realloc(q->fresh, capacity * sizeof *fresh);
        if (fresh) q->fresh = fresh;
        uint32_t *tried = realloc(q->tried, capacity * sizeof *tried);
        if (tried) q->tried = tried;
        if (!lines || !fresh || !tried) return false;
        q->line_capacity = capacity;
    }
    for (; q->line_n <= demand; q->line_n++) {
        q->lines[q->line_n].fresh = false;
        waiting_heap_init(&q->lines[q->line_n].heap, !s->order->key);
    }
    return true;
}

static bool skip_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct skip *q = s->state;
    if (!lines_room(s, demand)) return false;
    struct skip_line *l = &q->lines[demand];
    if (!l->fresh) q->fresh[q->fresh_n++] = demand;
    l->fresh = true;
    return waiting_heap_push(&l->heap, (struct waiting_job){ order_key(s, job), job, demand });
}

static void skip_withdraw(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct skip *q = s->state;
    waiting_heap_remove(&q->lines[demand].heap, job);
}

/* tried[0 .. n) is a heap by the heads of the lines, but for its entry i, which sinks to its place.
 */
static void sink(struct skip *q, uint32_t n, uint32_t i)
{
    uint32_t line = q->tried[i];
    for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
        const struct waiting_job *head = waiting_heap_head(&q->lines[q->tried[child]].heap);
        if (child + 1 < n) {
            const struct waiting_job *other =
                waiting_heap_head(&q->lines[q->tried[child + 1]].heap);
            if (waiting_before(other, head)) {
                head = other;
                child++;
            }
        }
        if (!waiting_before(head, waiting_heap_head(&q->lines[line].heap))) break;
        q->tried[i] = q->tried[child];
    }
    q->tried[i] = line;
}

static void skip_pass(struct scheduler *s, int64_t now_us)
{
    struct skip *q = s->state;
    uint32_t n = 0;
    if (s->released) {
        for (uint32_t d = 0; d < q->line_n; d++)
            if (q->lines[d].heap.n) q->tried[n++] = d;
    } else {
        for (; n < q->fresh_n; n++) q->tried[n] = q->fresh[n];
    }
    for (uint32_t i = n / 2; i-- > 0;) sink(q, n, i);
    while (n > 0 && !s->failed) {
        struct waiting_heap *heap = &q->lines[q->tried[0]].heap;
        const struct waiting_job *head = waiting_heap_head(heap);
        bool fits = scheduler_try(s, head->job, head->demand, now_us);
        if (fits) waiting_heap_pop(heap);
        if (!fits || heap->n == 0) q->tried[0] = q->tried[--n];
        if (n > 1) sink(q, n, 0);
    }
    while (q->fresh_n > 0) q->lines[q->fresh[--q->fresh_n]].fresh = false;
}

const struct scheduler_engine engine_skip = {
    .state_size = sizeof(struct skip),
    .init = skip_init,
    .free = skip_free,
    .submit = skip_submit,
    .withdraw = skip_withdraw,
    .pass = skip_pass,
};
