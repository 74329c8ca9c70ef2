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
 * refused. And the first running job to lose its place is the one behind which fewer GPUs are held
 * than are short: it needs what they cannot give. So a pass costs O(demands) for each job it looks
 * at, and looks at those that start, those that stop, and those that run behind the first of them.
 *
 * Picked jobs that found no place are kept beside their lines, as claims, to the next pass. Claims
 * and those that run have room beside each other in any order, or they would not have been left so
 * (GPUs are whole here: orders that preempt share none). So where no head of a line is picked
 * before them, they are picked again, and nobody stops.
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

#include "models/scheduling/rank_place.h"

static bool rank_init(struct scheduler *s)
{
    struct rank *r = s->state;
    r->ties = tie_mode_of(s);
    r->next_tag = 1;
    r->front_tag = -1;
    r->tails = calloc((size_t)s->pool_n, sizeof *r->tails);
    r->room_came = calloc((size_t)s->pool_n, sizeof *r->room_came);
    if (!r->tails || !r->room_came) return false;
    for (int32_t p = 0; p < s->pool_n; p++) r->room_came[p] = 1;
    return rank_levels_init(s);
}

static void rank_free(struct scheduler *s)
{
    struct rank *r = s->state;
    for (uint32_t d = 0; d < r->line_n; d++) {
        ranked_heap_free(&r->lines[d].waiting);
        for (int32_t p = 0; p < s->pool_n; p++) ranked_heap_free(&r->lines[d].running[p]);
        free(r->lines[d].running);
        free(r->lines[d].no_room);
    }
    for (int32_t p = 0; r->tails && p < s->pool_n; p++) free(r->tails[p].jobs);
    free(r->lines);
    free(r->tails);
    free(r->room_came);
    free(r->at);
    free(r->open);
    free(r->picked.jobs);
    free(r->claims.jobs);
    rank_levels_free(s);
}

static bool lines_room(struct scheduler *s, uint32_t demand)
{
    struct rank *r = s->state;
    if (demand >= r->line_capacity) {
        uint32_t capacity = demand < 32 ? 64 : 2 * demand;
        struct rank_line *lines = realloc(r->lines, capacity * sizeof *lines);
        if (lines) r->lines = lines;
        struct open_line *open = realloc(r->open, capacity * sizeof *open);
        if (open) r->open = open;
        if (!lines || !open) return false;
        r->line_capacity = capacity;
    }
    for (; r->line_n <= demand; r->line_n++) {
        struct rank_line line = { .running = calloc((size_t)s->pool_n, sizeof *line.running),
                                  .no_room = calloc((size_t)s->pool_n, sizeof *line.no_room) };
        r->lines[r->line_n] = line;
        if (!line.running || !line.no_room) {
            free(line.running);
            free(line.no_room);
            return false;
        }
    }
    return true;
}

/* ---- who comes and goes ---- */

static bool rank_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct rank *r = s->state;
    if (!lines_room(s, demand)) return false;
    struct ranked item = { rank_key(s, job, demand, left_of(s, job, demand)),
                           r->ties == BY_NUMBER ? (int64_t)job : r->next_tag++, 0, job, job };
    return ranked_heap_push(&r->lines[demand].waiting, SMALLEST_FIRST, r->levels.waiting_at, item);
}

/* As one that has just come, but for what it has attained. */
static bool rank_submit_again(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    struct rank *r = s->state;
    if (r->ties != BY_LEVEL) return rank_submit(s, job, demand);
    if (!lines_room(s, demand)) return false; /* it may have other pools than before */
    struct ranked item = { rank_levels_key(s, job, demand), r->next_tag++, 0, job, job };
    rank_waiting_push(s, demand, item);
    rank_levels_stopped(s, &item, demand, now_us);
    return !s->failed;
}

void rank_waiting_push(struct scheduler *s, uint32_t demand, struct ranked item)
{
    struct rank *r = s->state;
    item.slot = item.job;
    if (!ranked_heap_push(&r->lines[demand].waiting, SMALLEST_FIRST, r->levels.waiting_at, item))
        s->failed = true;
}

/* The running job may be the one of the worst rank. */
static void worst_add(struct scheduler *s, uint32_t demand, int32_t pool, const struct ranked *item)
{
    struct tail *t = &((struct rank *)s->state)->tails[pool];
    if (t->worst_is == WORST_UNKNOWN || gpus_of(s, demand) == 0 || key_falls(s)) return;
    struct place_in_order place = place_running(s, item, demand, pool, 0);
    if (t->worst_is == WORST_KNOWN && !is_before(&t->worst, &place)) return;
    t->worst_is = WORST_KNOWN;
    t->worst = place;
    t->worst_demand = demand;
}

/* It is no longer what it was, if it was. */
static void worst_forget(struct scheduler *s, uint32_t demand, int32_t pool, uint32_t slot)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    if (r->at[slot] == 0 && t->worst_demand == demand) t->worst_is = WORST_UNKNOWN;
}

void rank_running_push(struct scheduler *s, uint32_t demand, int32_t pool, struct ranked item)
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
        if (!rank_levels_slots(s, capacity)) {
            s->failed = true;
            return;
        }
    }
    if (!ranked_heap_push(&r->lines[demand].running[pool], LARGEST_FIRST, r->at, item))
        s->failed = true;
    worst_add(s, demand, pool, &item);
}

void rank_running_remove(struct scheduler *s, uint32_t demand, int32_t pool, uint32_t slot)
{
    struct rank *r = s->state;
    worst_forget(s, demand, pool, slot);
    ranked_heap_remove(&r->lines[demand].running[pool], LARGEST_FIRST, r->at, r->at[slot]);
}

void rank_running_raise(struct scheduler *s, uint32_t demand, int32_t pool, struct ranked item)
{
    struct rank *r = s->state;
    ranked_heap_raise(&r->lines[demand].running[pool], LARGEST_FIRST, r->at, r->at[item.slot],
                      item);
    worst_add(s, demand, pool, &item);
}

void rank_running_retag(struct scheduler *s, uint32_t demand, int32_t pool, uint32_t slot,
                        int64_t tag)
{
    struct rank *r = s->state;
    r->lines[demand].running[pool].items[r->at[slot]].tag = tag;
    worst_forget(s, demand, pool, slot);
}

static void rank_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct rank *r = s->state;
    if (!s->progress) return; /* a recorded schedule is replayed: nobody is preempted */
    const struct running_job *j = &s->running->slots[slot];
    const struct ranked *waited = &r->picked.jobs[r->picked.n].item;
    struct ranked item = { .key = waited->key, .tag = waited->tag, .job = j->job, .slot = slot };
    if (key_falls(s))
        item.key = now_us + stretch_us(&s->demands->entries[j->demand], j->pool,
                                       &s->progress[j->job], s->restart);
    if (r->ties == BY_LEVEL || r->ties == BY_WAITING) item.tag = r->late_tag++;
    if (r->ties == BY_PREVIOUS)
        item.tag = waited->tag > r->stopped_tag ? r->late_tag++ : r->early_tag++;
    rank_running_push(s, j->demand, j->pool, item);
    if (!s->failed) rank_levels_started(s, slot, item.key);
}

static void rank_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    (void)now_us;
    struct rank *r = s->state;
    if (!s->progress) return;
    const struct running_job *j = &s->running->slots[slot];
    r->room_came[j->pool]++;
    rank_running_remove(s, j->demand, j->pool, slot);
    rank_levels_left(s, slot);
}

static void rank_node_changed(struct scheduler *s, int32_t pool, int sign, int64_t now_us)
{
    (void)now_us;
    struct rank *r = s->state;
    r->room_came[pool] += sign > 0;
    r->claims_move = true;
}

/* ---- picking ---- */

/* Looks for the running job of the worst rank; it stays the same until it is taken. */
static void find_worst(struct scheduler *s, int32_t pool, int64_t now_us)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    t->worst_is = WORST_NONE;
    for (uint32_t d = 0; d < r->line_n; d++) {
        const struct ranked_heap *h = &r->lines[d].running[pool];
        if (h->n == 0 || gpus_of(s, d) == 0) continue;
        struct place_in_order place = place_running(s, &h->items[0], d, pool, now_us);
        if (t->worst_is == WORST_KNOWN && !is_before(&t->worst, &place)) continue;
        t->worst_is = WORST_KNOWN;
        t->worst = place;
        t->worst_demand = d;
    }
}

/* Takes it out of its line, onto the tail, if it comes after `after`. */
static bool tail_extend(struct scheduler *s, int32_t pool, const struct place_in_order *after,
                        int64_t now_us)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    if (t->worst_is == WORST_UNKNOWN) find_worst(s, pool, now_us);
    if (t->worst_is == WORST_NONE || !is_before(after, &t->worst)) return false;
    uint32_t from = t->worst_demand;
    t->worst_is = WORST_UNKNOWN;
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
    int64_t gpus = gpus_left_by(s, h->items[0].slot);
    t->jobs[t->n++] = (struct tail_job){ h->items[0], t->worst, from, gpus, false };
    ranked_heap_remove(h, LARGEST_FIRST, r->at, 0);
    t->undecided++;
    t->undecided_gpus += gpus;
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

/* Gathers the running jobs after a picked one that may have to go for it. */
static void gather_tail(struct scheduler *s, int32_t pool, const struct place_in_order *place,
                        int64_t now_us)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    while (t->undecided_gpus < -t->room && t->undecided == t->n && !s->failed)
        if (!tail_extend(s, pool, place, now_us)) break;
}

static void pick_for(struct scheduler *s, struct picked_job job)
{
    struct rank *r = s->state;
    struct picked_jobs *p = &r->picked;
    if (p->n == p->capacity) {
        uint32_t capacity = p->capacity ? 2 * p->capacity : 64;
        struct picked_job *jobs = realloc(p->jobs, capacity * sizeof *jobs);
        if (!jobs) {
            s->failed = true;
            return;
        }
        p->jobs = jobs;
        p->capacity = capacity;
    }
    p->jobs[p->n++] = job;
    r->tails[job.pool].room -= gpus_of(s, job.demand);
}

/* Whether the head of a line is ranked before a job that runs where it could. */
static bool may_preempt(struct scheduler *s, const struct open_line *line, int64_t now_us)
{
    struct rank *r = s->state;
    uint64_t pools = scheduler_demand(s, line->demand)->pools;
    for (int32_t p = 0; p < s->pool_n; p++) {
        struct tail *t = &r->tails[p];
        if (!(pools >> p & 1)) continue;
        if (t->worst_is == WORST_UNKNOWN) find_worst(s, p, now_us);
        if (t->worst_is == WORST_KNOWN && is_before(&line->place, &t->worst)) return true;
    }
    return false;
}

/* Whether what is free in a pool is enough for the head of a line; but for the claims before it. */
static bool fits_what_is_free(const struct scheduler *s, const struct open_line *line,
                              bool after_claims)
{
    const struct rank *r = s->state;
    const struct demand *d = scheduler_demand(s, line->demand);
    for (int32_t p = 0; p < s->pool_n; p++) {
        int64_t room = s->pools[p].free_gpus;
        if (!(d->pools >> p & 1)) continue;
        for (uint32_t i = 0; after_claims && i < r->claims.n && room >= d->gpus; i++) {
            const struct picked_job *claim = &r->claims.jobs[i];
            struct place_in_order place = place_waiting(s, &claim->item, claim->demand);
            if (!is_before(&place, &line->place)) break;
            if (claim->pool == p) room -= gpus_of(s, claim->demand);
        }
        if (room >= d->gpus) return true;
    }
    return false;
}

/* The lines with a head that may be picked. Where none of them preempts, and no claim moves,
 * nothing becomes free but what is; and the first to be picked is one that the claims before it
 * leave enough of that. (Where one preempts, there may be GPUs over, for jobs of any rank.) */
static uint32_t open_lines(struct scheduler *s, int64_t now_us)
{
    struct rank *r = s->state;
    uint32_t n = 0, kept = 0;
    bool preempts = r->claims_move, starts = false;
    for (uint32_t d = 0; d < r->line_n; d++) {
        const struct ranked_heap *waiting = &r->lines[d].waiting;
        if (waiting->n == 0) continue;
        r->open[n] = (struct open_line){ place_waiting(s, &waiting->items[0], d), d };
        preempts = preempts || may_preempt(s, &r->open[n], now_us);
        n++;
    }
    if (preempts) return n;
    for (uint32_t i = 0; i < n; i++) {
        if (!fits_what_is_free(s, &r->open[i], false)) continue;
        starts = starts || fits_what_is_free(s, &r->open[i], true);
        r->open[kept++] = r->open[i];
    }
    return starts ? kept : 0;
}

/* The one whose head goes first, NULL where none is open. */
static struct open_line *first_open(const struct rank *r, uint32_t open_n)
{
    struct open_line *first = open_n > 0 ? &r->open[0] : NULL;
    for (uint32_t i = 1; i < open_n; i++)
        if (is_before(&r->open[i].place, &first->place)) first = &r->open[i];
    return first;
}

/* Picks the job, which is next in order, where there is room for it. */
static bool pick_job(struct scheduler *s, const struct ranked *item, uint32_t demand,
                     const struct place_in_order *place, int64_t now_us)
{
    uint64_t pools = scheduler_demand(s, demand)->pools;
    int64_t g = gpus_of(s, demand);
    for (int32_t pool = 0; pool < s->pool_n; pool++) {
        if (!(pools >> pool & 1) || !has_room(s, pool, g, place, now_us)) continue;
        pick_for(s, (struct picked_job){ *item, demand, pool });
        gather_tail(s, pool, place, now_us);
        return true;
    }
    return false;
}

/* From the claims, and the open lines. Until another is picked, claims are picked as they were. */
static void pick(struct scheduler *s, uint32_t open_n, int64_t now_us)
{
    struct rank *r = s->state;
    bool as_before = !r->claims_move;
    struct open_line *line = first_open(r, open_n);
    uint32_t next = 0, refused = 0;
    while ((line || next < r->claims.n) && !s->failed) {
        if (next < r->claims.n) {
            struct picked_job claim = r->claims.jobs[next];
            struct place_in_order place = place_waiting(s, &claim.item, claim.demand);
            if (!line || is_before(&place, &line->place)) {
                next++;
                if (as_before) pick_for(s, claim);
                else if (!pick_job(s, &claim.item, claim.demand, &place, now_us))
                    r->claims.jobs[refused++] = claim;
                continue;
            }
        }
        struct ranked_heap *waiting = &r->lines[line->demand].waiting;
        bool good = pick_job(s, &waiting->items[0], line->demand, &line->place, now_us);
        if (good) ranked_heap_remove(waiting, SMALLEST_FIRST, r->levels.waiting_at, 0);
        if (good) as_before = false;
        if (!good || waiting->n == 0) *line = r->open[--open_n];
        else line->place = place_waiting(s, &waiting->items[0], line->demand);
        line = first_open(r, open_n);
    }
    for (uint32_t i = 0; i < refused && !s->failed; i++)
        rank_waiting_push(s, r->claims.jobs[i].demand, r->claims.jobs[i].item);
    r->claims.n = 0;
}

/* How a job waits that is stopped now. */
static struct ranked stopped(struct scheduler *s, struct ranked item, uint32_t demand)
{
    struct rank *r = s->state;
    if (key_falls(s)) item.key = rank_key(s, item.job, demand, left_of(s, item.job, demand));
    if (r->ties == BY_NUMBER) return item;
    bool moved = r->ties == BY_LEVEL && item.tag >= MOVED_TAG;
    if (moved) r->levels.moved[item.tag - MOVED_TAG] = RUNNING_NONE;
    item.ran_tag = item.tag;
    switch (r->ties) {
    case BY_LEVEL: item.tag = moved ? r->levels.moved_tag : r->front_tag; break;
    case BY_WAITING: item.tag = r->last_tag; break;
    default: item.tag = r->stopped_tag;
    }
    return item;
}

/* Stops those that were not picked; the rest of the tail goes back to its lines. */
static void preempt(struct scheduler *s, int32_t pool, int64_t now_us)
{
    struct rank *r = s->state;
    struct tail *t = &r->tails[pool];
    tail_decide(t, NULL);
    for (uint32_t i = t->n; i-- > 0 && !s->failed;) {
        const struct tail_job *j = &t->jobs[i];
        if (!j->dropped) {
            rank_running_push(s, j->demand, pool, j->item);
            continue;
        }
        rank_levels_left(s, j->item.slot);
        s->preempt(s->world, j->item.slot);
        r->room_came[pool]++;
        s->waiting_n++;
        struct ranked item = stopped(s, j->item, j->demand);
        rank_waiting_push(s, j->demand, item);
        rank_levels_stopped(s, &item, j->demand, now_us);
    }
    t->n = t->undecided = 0;
    t->undecided_gpus = 0;
}

/* Starts a picked job, if its pool has not been found too scattered since room last came to it. */
static bool start(struct scheduler *s, const struct picked_job *j, int64_t now_us)
{
    struct rank *r = s->state;
    uint64_t *no_room = &r->lines[j->demand].no_room[j->pool];
    if (*no_room == r->room_came[j->pool]) return false;
    if (scheduler_place_in(s, j->item.job, j->demand, j->pool, now_us)) return true;
    *no_room = r->room_came[j->pool];
    return false;
}

/* Starts the picked jobs, first the first. Those that find no place are the claims of the next
 * pass; where each waiting job has to be found in its line, they go back to that. */
static void start_picked(struct scheduler *s, int64_t now_us)
{
    struct rank *r = s->state;
    struct picked_jobs picked = r->picked;
    uint32_t n = picked.n, left = 0;
    bool move = false;
    int64_t first_early = r->early_tag - n; /* those who waited go before all who run */
    r->early_tag = first_early;
    for (uint32_t i = 0; i < n && !s->failed; i++) {
        r->picked.n = i; /* whom rank_started is told of */
        if (start(s, &picked.jobs[i], now_us)) continue;
        picked.jobs[left++] = picked.jobs[i];
        uint64_t before = (UINT64_C(1) << picked.jobs[i].pool) - 1;
        move |= (scheduler_demand(s, picked.jobs[i].demand)->pools & before) != 0;
    }
    r->early_tag = first_early;
    picked.n = left;
    r->picked = r->claims;
    r->claims = picked;
    r->claims_move = move && !r->levels.waiting_at;
    for (; r->levels.waiting_at && r->claims.n > 0 && !s->failed; r->claims.n--) {
        const struct picked_job *j = &r->claims.jobs[r->claims.n - 1];
        rank_waiting_push(s, j->demand, j->item);
    }
}

static void rank_pass(struct scheduler *s, int64_t now_us)
{
    struct rank *r = s->state;
    rank_levels_change(s, now_us);
    r->last_tag = r->next_tag++;
    for (int32_t p = 0; p < s->pool_n; p++) {
        r->tails[p].room = s->pools[p].free_gpus;
        if (key_falls(s)) r->tails[p].worst_is = WORST_UNKNOWN;
    }
    uint32_t open_n = open_lines(s, now_us);
    if (open_n > 0 || r->claims_move) {
        pick(s, open_n, now_us);
        for (int32_t p = 0; p < s->pool_n && !s->failed; p++) preempt(s, p, now_us);
    } else { /* the claims alone */
        struct picked_jobs none = r->picked;
        r->picked = r->claims;
        r->claims = none;
    }
    if (!s->failed) start_picked(s, now_us);
    rank_levels_settle(s);
    r->stopped_tag = r->next_tag++; /* of the next pass: before the jobs that come to it */
    r->front_tag--;
}

const struct scheduler_engine engine_rank = {
    .state_size = sizeof(struct rank),
    .init = rank_init,
    .free = rank_free,
    .submit = rank_submit,
    .submit_again = rank_submit_again,
    .pass = rank_pass,
    .started = rank_started,
    .released = rank_released,
    .node_changed = rank_node_changed,
};
