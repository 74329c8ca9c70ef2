/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quasi shortest service first: Helios (Hu et al., SC'21). A head that does not fit blocks.
 *
 *      arrivals since the last pass --> fresh --> heap of (predicted time x GPUs, GPUs, arrival)
 *
 * Its simulator sorts the queue by GPUs, and then, if it holds more than what came at this instant,
 * by predicted time x GPUs, both times keeping the order of equals. So jobs that come to an empty
 * queue go by GPUs, then by arrival; whoever of them is left after the pass has a place in the heap
 * like everybody else. What is predicted of a job is fixed when it comes.
 *
 * Jobs that ended are learned from, in order of their end, their start and their arrival, before
 * the next prediction. A job costs O(log n).
 */
#include <stdlib.h>

#include "models/scheduling/engine.h"
#include "models/scheduling/history.h"
#include "models/scheduling/ranked.h"

struct ended_job {
    int64_t end_us, start_us;
    uint32_t job;
};

struct qssf {
    struct ranked_heap heap; /* key: service; tag: GPUs; ran_tag: arrival; slot: demand */
    struct ranked *fresh;    /* came since the last pass, in order of arrival */
    size_t fresh_n, fresh_capacity;
    uint32_t blocked; /* the head that did not fit, UINT32_MAX */
    struct history history;
    struct ended_job *ended; /* not yet learned from */
    size_t ended_n, ended_capacity;
};

static bool qssf_init(struct scheduler *s)
{
    struct qssf *q = s->state;
    q->blocked = UINT32_MAX;
    history_init(&q->history, s->workload);
    return true;
}

static void qssf_free(struct scheduler *s)
{
    struct qssf *q = s->state;
    ranked_heap_free(&q->heap);
    history_free(&q->history);
    free(q->fresh);
    free(q->ended);
}

static void qssf_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct qssf *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    /* Nothing is learned from a job that has failed: how long it would have run is not known. */
    if (s->predictor != PREDICTOR_HISTORY || s->job_fails) return;
    if (q->ended_n == q->ended_capacity) {
        size_t capacity = q->ended_capacity ? 2 * q->ended_capacity : 64;
        struct ended_job *ended = realloc(q->ended, capacity * sizeof *ended);
        if (!ended) {
            s->failed = true;
            return;
        }
        q->ended = ended;
        q->ended_capacity = capacity;
    }
    q->ended[q->ended_n++] = (struct ended_job){ now_us, j->start_us, j->job };
}

static int compare_ended(const void *a, const void *b)
{
    const struct ended_job *x = a, *y = b;
    if (x->end_us != y->end_us) return x->end_us < y->end_us ? -1 : 1;
    if (x->start_us != y->start_us) return x->start_us < y->start_us ? -1 : 1;
    return (x->job > y->job) - (x->job < y->job);
}

static bool learn(struct qssf *q)
{
    if (q->ended_n > 1) qsort(q->ended, q->ended_n, sizeof *q->ended, compare_ended);
    for (size_t i = 0; i < q->ended_n; i++)
        if (!history_learn(&q->history, q->ended[i].job)) return false;
    q->ended_n = 0;
    return true;
}

static int64_t predicted_us(const struct scheduler *s, uint32_t job)
{
    const struct qssf *q = s->state;
    return s->predictor == PREDICTOR_PERFECT ? s->workload->run_us[job]
                                             : history_predict_us(&q->history, job);
}

static bool qssf_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct qssf *q = s->state;
    if (!learn(q)) return false;
    if (q->fresh_n == q->fresh_capacity) {
        size_t capacity = q->fresh_capacity ? 2 * q->fresh_capacity : 64;
        struct ranked *fresh = realloc(q->fresh, capacity * sizeof *fresh);
        if (!fresh) return false;
        q->fresh = fresh;
        q->fresh_capacity = capacity;
    }
    int64_t gpu_milli = s->workload->gpu_milli[job];
    q->fresh[q->fresh_n++] = (struct ranked){ .key = service_of(predicted_us(s, job), gpu_milli),
                                              .tag = gpu_milli,
                                              .ran_tag = job,
                                              .job = job,
                                              .slot = demand };
    return true;
}

static int compare_gpus(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->tag != y->tag) return x->tag < y->tag ? -1 : 1;
    return (x->job > y->job) - (x->job < y->job);
}

/* Nobody waited: those that have come, by GPUs. Leaves in fresh whoever did not start. */
static void pass_fresh(struct scheduler *s, int64_t now_us)
{
    struct qssf *q = s->state;
    size_t started = 0;
    if (q->fresh_n > 1) qsort(q->fresh, q->fresh_n, sizeof *q->fresh, compare_gpus);
    while (started < q->fresh_n && !s->failed &&
           scheduler_try(s, q->fresh[started].job, q->fresh[started].slot, now_us))
        started++;
    q->fresh_n -= started;
    for (size_t i = 0; i < q->fresh_n; i++) q->fresh[i] = q->fresh[started + i];
}

/* The rest joins the queue. */
static void join(struct scheduler *s)
{
    struct qssf *q = s->state;
    for (size_t i = 0; i < q->fresh_n; i++)
        if (!ranked_heap_push(&q->heap, SMALLEST_FIRST, NULL, q->fresh[i])) s->failed = true;
    q->fresh_n = 0;
}

static void qssf_pass(struct scheduler *s, int64_t now_us)
{
    struct qssf *q = s->state;
    if (q->heap.n == 0) {
        pass_fresh(s, now_us);
        join(s);
        q->blocked = UINT32_MAX; /* by another rule */
        return;
    }
    join(s);
    while (q->heap.n > 0 && !s->failed) {
        const struct ranked head = q->heap.items[0];
        if (!s->released && head.job == q->blocked) return;
        if (!scheduler_try(s, head.job, head.slot, now_us)) {
            q->blocked = head.job;
            return;
        }
        ranked_heap_remove(&q->heap, SMALLEST_FIRST, NULL, 0);
    }
    q->blocked = UINT32_MAX;
}

const struct scheduler_engine engine_qssf = {
    .state_size = sizeof(struct qssf),
    .init = qssf_init,
    .free = qssf_free,
    .submit = qssf_submit,
    .pass = qssf_pass,
    .released = qssf_released,
};
