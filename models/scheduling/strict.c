/* SPDX-License-Identifier: Apache-2.0 */
/* One queue in order of the key: heads start until one does not fit, which blocks everybody behind
 * it. */
#include "models/scheduling/engine.h"
#include "models/scheduling/waiting.h"

struct strict {
    struct waiting_heap heap;
    uint32_t blocked; /* the head that did not fit, WAITING_NONE */
};

static bool strict_init(struct scheduler *s)
{
    struct strict *q = s->state;
    q->blocked = WAITING_NONE;
    waiting_heap_init(&q->heap, !s->order->key);
    return true;
}

static void strict_free(struct scheduler *s)
{
    struct strict *q = s->state;
    waiting_heap_free(&q->heap);
}

static bool strict_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct strict *q = s->state;
    return waiting_heap_push(&q->heap, (struct waiting_job){ order_key(s, job), job, demand });
}

static void strict_pass(struct scheduler *s, int64_t now_us)
{
    struct strict *q = s->state;
    const struct waiting_job *head;
    while ((head = waiting_heap_head(&q->heap)) != NULL && !s->failed) {
        if (!s->released && head->job == q->blocked) return;
        if (!scheduler_try(s, head->job, head->demand, now_us)) {
            q->blocked = head->job;
            return;
        }
        waiting_heap_pop(&q->heap);
    }
    q->blocked = WAITING_NONE;
}

const struct scheduler_engine engine_strict = {
    .state_size = sizeof(struct strict),
    .init = strict_init,
    .free = strict_free,
    .submit = strict_submit,
    .pass = strict_pass,
};
