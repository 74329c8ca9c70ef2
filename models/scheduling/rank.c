/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preemption by rank. At each pass all jobs, waiting and running, are put in order of rank and
 * picked from the top: a job is picked where the GPUs that those before it left are enough, and
 * passed over where they are not. Running jobs that are not picked are preempted; waiting ones that
 * are picked start, in order of rank. Only GPUs are counted when jobs are picked: where a picked
 * job finds no place on the nodes it waits on, and keeps its claim. A job that runs stays in its
 * pool; one that waits is picked for the first of its pools that has room for it.
 * Source of the rule: the simulators of Tiresias (NSDI'19) and Helios (SC'21).
 *
 * The rule reads every job at every event; this does not. Jobs of one demand are alike but for
 * their rank, and jobs of one demand that run in one pool never change places, so that
 *
 *      line of a demand    waiting: heap, best rank first        only its head is looked at
 *                          running, by pool: heap, worst first   only its tail is looked at
 *
 * A waiting job is picked if its GPUs are at most the free ones and those of running jobs ranked
 * after it; room only shrinks down the order, so a line is out for the pass once its head is
 * refused. And a running job can lose its place only where little is left behind it: all that run
 * from it on hold fewer GPUs than the largest running job and the GPUs that are short. So a pass
 * costs O(demands) for each job it looks at, and looks at those that start, those that stop, and
 * such tails.
 *
 * Equal ranks are in order of arrival, but that with priorities those that run go first. With
 * TIES_PREVIOUS they keep the order they had before (Tiresias sorts its list of jobs anew at each
 * event, by a stable sort): a job that came into this pass goes last; one that waits goes before
 * one that runs and has come down to it; among those that run the one that started later goes
 * first, if it had waited; among those that wait the one preempted earlier or that came earlier
 * goes first. Where several passes are made at one instant, jobs that an earlier one of them
 * started or stopped count as having run or waited since.
 */
#include <stdlib.h>

#include "models/scheduling/engine.h"
#include "models/scheduling/ranked.h"

/* Smaller goes first, field by field. */
struct place_in_order {
    int64_t key;
    int64_t side; /* equal keys: 0 waited before this pass, 1 runs, 2 came into this pass */
    int64_t tag;  /* both wait */
    int64_t rate; /* both run, or did until one pass: whose key falls slower goes first */
    int64_t ran_tag;
};

struct rank_line {
    struct ranked_heap waiting;
    struct ranked_heap *running; /* by pool */
};

/* A running job taken from the tail of its line, to be decided on. */
struct tail_job {
    struct ranked item;
    struct place_in_order place;
    uint32_t demand;
    int64_t gpus;
    bool dropped;
};

struct tail {
    struct tail_job *jobs; /* worst rank first */
    uint32_t n, capacity;
    uint32_t undecided; /* jobs[0 .. undecided) */
    int64_t undecided_gpus;
    int64_t room; /* GPUs free if all picked so far run; negative while jobs must still go */
};

struct picked_job {
    struct ranked item;
    uint32_t demand;
    int32_t pool;
};

struct rank {
    struct rank_line *lines; /* by demand */
    uint32_t line_n, line_capacity;
    struct tail *tails; /* by pool */
    uint32_t *at;       /* by slot: index in the heap of its line and pool */
    uint32_t at_capacity;
    uint32_t *open; /* scratch: lines not refused yet in this pass; room for every line */
    struct picked_job *picked;
    uint32_t picked_n, picked_capacity;
    int64_t largest; /* GPUs of the largest demand met */
    /* Tags. Of waiting jobs they grow: one for those preempted at a pass, then those of the jobs
     * that came to it. Of running ones they grow at one end by jobs that had just come, and fall at
     * the other by jobs that had waited. */
    int64_t stopped_tag; /* of those the pass preempts; greater ones came to it */
    int64_t next_tag, late_tag, early_tag;
};

static bool rank_init(struct scheduler *s)
{
    struct rank *r = s->state;
    r->tails = calloc((size_t)s->pool_n, sizeof *r->tails);
    return r->tails != NULL;
}

static void rank_free(struct scheduler *s)
{
    struct rank *r = s->state;
    for (uint32_t d = 0; d < r->line_n; d++) {
        ranked_heap_free(&r->lines[d].waiting);
        for (int32_t p = 0; p < s->pool_n; p++) ranked_heap_free(&r->lines[d].running[p]);
        free(r->lines[d].running);
    }
    for (int32_t p = 0; r->tails && p < s->pool_n; p++) free(r->tails[p].jobs);
    free(r->lines);
    free(r->tails);
    free(r->at);
    free(r->open);
    free(r->picked);
}

static bool lines_room(struct scheduler *s, uint32_t demand)
{
    struct rank *r = s->state;
    if (demand >= r->line_capacity) {
        uint32_t capacity = demand < 32 ? 64 : 2 * demand;
        struct rank_line *lines = realloc(r->lines, capacity * sizeof *lines);
        if (lines) r->lines = lines;
        uint32_t *open = realloc(r->open, capacity * sizeof *open);
        if (open) r->open = open;
        if (!lines || !open) return false;
        r->line_capacity = capacity;
    }
    for (; r->line_n <= demand; r->line_n++) {
        struct ranked_heap *running = calloc((size_t)s->pool_n, sizeof *running);
        if (!running) return false;
        r->lines[r->line_n] = (struct rank_line){ .running = running };
    }
    return true;
}

/* ---- ranks ---- */

static int64_t gpus_of(const struct scheduler *s, uint32_t demand)
{
    return scheduler_demand(s, demand)->gpus;
}

static int64_t times(int64_t us, int64_t gpus)
{
    __int128 product = (__int128)us * gpus;
    return product < INT64_MAX ? (int64_t)product : INT64_MAX;
}

/* The key of a job with so much work left. */
static int64_t rank_key(const struct scheduler *s, uint32_t job, uint32_t demand, int64_t left_us)
{
    switch (s->order->rank) {
    case RANK_WORK_LEFT: return left_us;
    case RANK_SERVICE_LEFT: return times(left_us, gpus_of(s, demand));
    case RANK_GPUS: return gpus_of(s, demand);
    case RANK_PRIORITY: return -(int64_t)s->workload->priority[job];
    case RANK_NONE: break;
    }
    return 0;
}

/* The key of a running job falls with time. */
static bool key_falls(const struct scheduler *s)
{
    return s->order->rank == RANK_WORK_LEFT || s->order->rank == RANK_SERVICE_LEFT;
}

/* Ties go by what was before, for which tags are kept; else by number. */
static bool keeps_tags(const struct scheduler *s)
{
    return key_falls(s) && s->ties == TIES_PREVIOUS;
}

static int64_t rate_of(const struct scheduler *s, uint32_t demand)
{
    return s->order->rank == RANK_SERVICE_LEFT && keeps_tags(s) ? gpus_of(s, demand) : 0;
}

static struct place_in_order place_waiting(const struct scheduler *s, const struct ranked *item,
                                           uint32_t demand)
{
    const struct rank *r = s->state;
    int64_t side = keeps_tags(s) && item->tag > r->stopped_tag ? 2 : 0;
    /* Who has the same priority as one that runs waits for it. */
    if (s->order->rank == RANK_PRIORITY) side = 2;
    return (struct place_in_order){ item->key, side, item->tag, rate_of(s, demand), item->ran_tag };
}

static struct place_in_order place_running(const struct scheduler *s, const struct ranked *item,
                                           uint32_t demand, int32_t pool, int64_t now_us)
{
    int64_t key = item->key;
    if (key_falls(s)) { /* in the heap it is the job's end */
        const double *speed = s->demands->entries[demand].speed;
        int64_t left_us = progress_work_us(item->key - now_us, speed ? speed[pool] : 1.0);
        key = rank_key(s, item->job, demand, left_us);
    }
    if (keeps_tags(s)) return (struct place_in_order){ key, 1, 0, rate_of(s, demand), item->tag };
    return (struct place_in_order){ key, s->order->rank == RANK_PRIORITY, item->tag, 0, 0 };
}

static bool is_before(const struct place_in_order *a, const struct place_in_order *b)
{
    if (a->key != b->key) return a->key < b->key;
    if (a->side != b->side) return a->side < b->side;
    if (a->tag != b->tag) return a->tag < b->tag;
    if (a->rate != b->rate) return a->rate < b->rate;
    return a->ran_tag < b->ran_tag;
}

/* ---- who comes and goes ---- */

static bool rank_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct rank *r = s->state;
    if (!lines_room(s, demand)) return false;
    if (gpus_of(s, demand) > r->largest) r->largest = gpus_of(s, demand);
    struct ranked item = { rank_key(s, job, demand, s->progress[job].left_us),
                           keeps_tags(s) ? r->next_tag++ : (int64_t)job, 0, job, RUNNING_NONE };
    return ranked_heap_push(&r->lines[demand].waiting, SMALLEST_FIRST, NULL, item);
}

static void running_push(struct scheduler *s, uint32_t demand, int32_t pool, struct ranked item)
{
    struct rank *r = s->state;
    if (item.slot >= r->at_capacity) {
        uint32_t capacity = item.slot < 32 ? 64 : 2 * item.slot;
        uint32_t *at = realloc(r->at, capacity * sizeof *at);
        if (!at) {
            s->failed = true;
            return;
        }
        r->at = at;
        r->at_capacity = capacity;
    }
    if (!ranked_heap_push(&r->lines[demand].running[pool], LARGEST_FIRST, r->at, item))
        s->failed = true;
}

static void rank_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct rank *r = s->state;
    if (!s->progress) return; /* a recorded schedule is replayed: nobody is preempted */
    const struct running_job *j = &s->running->slots[slot];
    const struct ranked *waited = &r->picked[r->picked_n].item;
    int64_t left_us = s->progress[j->job].left_us;
    struct ranked item = { waited->key, waited->tag, 0, j->job, slot };
    if (key_falls(s))
        item.key = now_us + scaled_us(&s->demands->entries[j->demand], j->pool, left_us);
    if (keeps_tags(s)) item.tag = waited->tag > r->stopped_tag ? r->late_tag++ : r->early_tag++;
    running_push(s, j->demand, j->pool, item);
}

static void rank_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    (void)now_us;
    struct rank *r = s->state;
    if (!s->progress) return;
    const struct running_job *j = &s->running->slots[slot];
    ranked_heap_remove(&r->lines[j->demand].running[j->pool], LARGEST_FIRST, r->at, r->at[slot]);
}

/* ---- picking ---- */

/* Takes the running job of the worst rank out of its line, onto the tail, if it comes after
 * `after`. */
static bool tail_extend(struct scheduler *s, int32_t pool, const struct place_in_order *after,
                        int64_t now_us)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    struct place_in_order worst = { 0 };
    uint32_t from = UINT32_MAX;
    for (uint32_t d = 0; d < r->line_n; d++) {
        const struct ranked_heap *h = &r->lines[d].running[pool];
        if (h->n == 0 || gpus_of(s, d) == 0) continue;
        struct place_in_order place = place_running(s, &h->items[0], d, pool, now_us);
        if (from == UINT32_MAX || is_before(&worst, &place)) {
            worst = place;
            from = d;
        }
    }
    if (from == UINT32_MAX || !is_before(after, &worst)) return false;
    if (t->n == t->capacity) {
        uint32_t capacity = t->capacity ? 2 * t->capacity : 64;
        struct tail_job *jobs = realloc(t->jobs, capacity * sizeof *jobs);
        if (!jobs) {
            s->failed = true;
            return false;
        }
        t->jobs = jobs;
        t->capacity = capacity;
    }
    struct ranked_heap *h = &r->lines[from].running[pool];
    t->jobs[t->n++] = (struct tail_job){ h->items[0], worst, from, gpus_of(s, from), false };
    ranked_heap_remove(h, LARGEST_FIRST, r->at, 0);
    t->undecided++;
    t->undecided_gpus += gpus_of(s, from);
    return true;
}

/* Decides on the running jobs ranked before `until` (NULL: on all whose place is in doubt). */
static void tail_decide(struct tail *t, const struct place_in_order *until)
{
    while (t->undecided > 0) {
        struct tail_job *j = &t->jobs[t->undecided - 1];
        if (until ? !is_before(&j->place, until) : t->room >= 0) return;
        if (j->gpus > t->room + t->undecided_gpus) {
            j->dropped = true;
            t->room += j->gpus;
        }
        t->undecided_gpus -= j->gpus;
        t->undecided--;
    }
}

/* Whether the pool has room for g GPUs at that place in the order. */
static bool has_room(struct scheduler *s, int32_t pool, int64_t g,
                     const struct place_in_order *place, int64_t now_us)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    if (g <= t->room || g == 0) return true;
    tail_decide(t, place);
    while (g > t->room + t->undecided_gpus && t->undecided == t->n && !s->failed)
        if (!tail_extend(s, pool, place, now_us)) break;
    return g <= t->room + t->undecided_gpus;
}

/* Counts a picked job, and gathers the running jobs after it that may have to go. */
static void take_room(struct scheduler *s, int32_t pool, int64_t g,
                      const struct place_in_order *place, int64_t now_us)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    t->room -= g;
    while (t->room < 0 && t->undecided_gpus < r->largest - t->room && t->undecided == t->n &&
           !s->failed)
        if (!tail_extend(s, pool, place, now_us)) break;
}

static bool picked_add(struct rank *r, struct picked_job job)
{
    if (r->picked_n == r->picked_capacity) {
        uint32_t capacity = r->picked_capacity ? 2 * r->picked_capacity : 64;
        struct picked_job *picked = realloc(r->picked, capacity * sizeof *picked);
        if (!picked) return false;
        r->picked = picked;
        r->picked_capacity = capacity;
    }
    r->picked[r->picked_n++] = job;
    return true;
}

static void pick(struct scheduler *s, int64_t now_us)
{
    struct rank *r = s->state;
    uint32_t open_n = 0;
    r->picked_n = 0;
    for (uint32_t d = 0; d < r->line_n; d++)
        if (r->lines[d].waiting.n) r->open[open_n++] = d;
    while (open_n > 0 && !s->failed) {
        uint32_t best = 0;
        struct place_in_order place = { 0 };
        for (uint32_t i = 0; i < open_n; i++) {
            const struct ranked *head = &r->lines[r->open[i]].waiting.items[0];
            struct place_in_order one = place_waiting(s, head, r->open[i]);
            if (i == 0 || is_before(&one, &place)) {
                place = one;
                best = i;
            }
        }
        uint32_t d = r->open[best];
        const struct demand *demand = scheduler_demand(s, d);
        int32_t pool = 0;
        while (pool < s->pool_n &&
               !((demand->pools >> pool & 1) && has_room(s, pool, demand->gpus, &place, now_us)))
            pool++;
        if (pool < s->pool_n) {
            struct ranked_heap *h = &r->lines[d].waiting;
            if (!picked_add(r, (struct picked_job){ h->items[0], d, pool })) s->failed = true;
            ranked_heap_remove(h, SMALLEST_FIRST, NULL, 0);
            take_room(s, pool, demand->gpus, &place, now_us);
        }
        if (pool == s->pool_n || r->lines[d].waiting.n == 0) r->open[best] = r->open[--open_n];
    }
}

/* Stops those that were not picked; the rest of the tail goes back to its lines. */
static void preempt(struct scheduler *s, int32_t pool)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    tail_decide(t, NULL);
    for (uint32_t i = t->n; i-- > 0 && !s->failed;) {
        const struct tail_job *j = &t->jobs[i];
        if (!j->dropped) {
            running_push(s, j->demand, pool, j->item);
            continue;
        }
        s->preempt(s->world, j->item.slot);
        s->waiting_n++;
        struct ranked item = j->item;
        if (key_falls(s))
            item.key = rank_key(s, item.job, j->demand, s->progress[item.job].left_us);
        if (keeps_tags(s)) {
            item.ran_tag = item.tag;
            item.tag = r->stopped_tag;
        }
        if (!ranked_heap_push(&r->lines[j->demand].waiting, SMALLEST_FIRST, NULL, item))
            s->failed = true;
    }
    t->n = t->undecided = 0;
    t->undecided_gpus = 0;
}

static void rank_pass(struct scheduler *s, int64_t now_us)
{
    struct rank *r = s->state;
    for (int32_t p = 0; p < s->pool_n; p++) r->tails[p].room = s->pools[p].free_gpus;
    pick(s, now_us);
    for (int32_t p = 0; p < s->pool_n && !s->failed; p++) preempt(s, p);
    uint32_t n = r->picked_n;
    int64_t first_early = r->early_tag - n; /* those who waited go before all who run */
    r->early_tag = first_early;
    for (uint32_t i = 0; i < n && !s->failed; i++) {
        const struct picked_job *j = &r->picked[i];
        r->picked_n = i; /* whom rank_started is told of */
        if (!scheduler_place_in(s, j->item.job, j->demand, j->pool, now_us) &&
            !ranked_heap_push(&r->lines[j->demand].waiting, SMALLEST_FIRST, NULL, j->item))
            s->failed = true;
    }
    r->early_tag = first_early;
    r->stopped_tag = r->next_tag++; /* of the next pass: before the jobs that come to it */
}

const struct scheduler_engine engine_rank = {
    .state_size = sizeof(struct rank),
    .init = rank_init,
    .free = rank_free,
    .submit = rank_submit,
    .pass = rank_pass,
    .started = rank_started,
    .released = rank_released,
};
