/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders by attained service. A running job comes to the end of its level at a time that is known
 * when it starts: it goes to the tail of the next level at that microsecond, for which the engine
 * asks to be woken while others wait. (Tiresias' simulator, by GPU time, wakes too late: it divides
 * the whole rest of the level by the GPUs and forgets that the time run so far has to be multiplied
 * by them.) Those that come to their end at the same time keep their order.
 *
 * With promotion, a job that was stopped and has since waited for k times what it had attained is
 * taken to have attained nothing, and goes to the tail of level 0 (Tiresias, PROMOTEKNOB). Of
 * several at the same time the one that came first goes first.
 *
 * A change costs O(log n); one that is due while nobody waits is made in the next pass.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/levels.h"
#include "models/scheduling/rank_place.h"

static bool is_by_level(const struct scheduler *s)
{
    return ((const struct rank *)s->state)->ties == BY_LEVEL;
}

static bool promotes(const struct scheduler *s) { return s->levels->promote_ppm > 0; }

bool rank_levels_init(struct scheduler *s)
{
    struct rank_levels *l = &((struct rank *)s->state)->levels;
    struct error err;
    if (!is_by_level(s)) return true;
    if (s->order->rank == RANK_GITTINS && !level_order_init(&l->order, s->levels, s->workload))
        return false;
    if (events_init(&l->due, 64, &err) != STATUS_OK) return false;
    if (!promotes(s)) return true;
    size_t n = s->workload->job_n ? s->workload->job_n : 1;
    l->waiting_at = malloc(n * sizeof *l->waiting_at);
    l->forgiven_us = calloc(n, sizeof *l->forgiven_us);
    if (!l->waiting_at || !l->forgiven_us) return false;
    memset(l->waiting_at, 0xff, n * sizeof *l->waiting_at);
    return true;
}

void rank_levels_free(struct scheduler *s)
{
    struct rank_levels *l = &((struct rank *)s->state)->levels;
    level_order_free(&l->order);
    events_free(&l->due);
    ranked_heap_free(&l->starving);
    free(l->moved);
    free(l->waiting_at);
    free(l->forgiven_us);
}

bool rank_levels_slots(struct scheduler *s, uint32_t slots)
{
    struct rank_levels *l = &((struct rank *)s->state)->levels;
    return !is_by_level(s) || slots <= l->due.slots ||
           events_grow(&l->due, slots, NULL) == STATUS_OK;
}

/* Time on GPUs that counts, up to the job's last stop. */
static int64_t counted_us(const struct scheduler *s, uint32_t job)
{
    const struct rank_levels *l = &((const struct rank *)s->state)->levels;
    return s->progress[job].held_us - (l->forgiven_us ? l->forgiven_us[job] : 0);
}

/* When the job on the slot will have attained all of the level that its key stands for. */
static int64_t level_ends_us(const struct scheduler *s, uint32_t slot, int64_t key)
{
    const struct rank_levels *l = &((const struct rank *)s->state)->levels;
    const struct running_job *j = &s->running->slots[slot];
    int64_t end = levels_end(s->levels, level_of_place(&l->order, key)),
            gpus = gpus_of(s, j->demand);
    if (end == INT64_MAX) return EVENT_NONE;
    if (s->order->rank != RANK_ATTAINED) {
        if (gpus == 0) return EVENT_NONE;
        end = end / gpus + (end % gpus > 0);
    }
    __int128 time = (__int128)j->start_us + end - counted_us(s, j->job);
    return time < EVENT_NONE ? (int64_t)time : EVENT_NONE;
}

int64_t rank_levels_key(const struct scheduler *s, uint32_t job, uint32_t demand)
{
    const struct rank_levels *l = &((const struct rank *)s->state)->levels;
    int64_t attained = counted_us(s, job), gpus = gpus_of(s, demand);
    if (s->order->rank != RANK_ATTAINED) attained = times(attained, gpus);
    return place_of_level(&l->order, levels_of(s->levels, attained));
}

/* In the last level nothing is due. */
static void set_due(struct rank_levels *l, uint32_t slot, int64_t time_us)
{
    if (events_time(&l->due, slot) != time_us) events_set(&l->due, slot, time_us);
}

void rank_levels_started(struct scheduler *s, uint32_t slot, int64_t key)
{
    struct rank_levels *l = &((struct rank *)s->state)->levels;
    if (is_by_level(s)) set_due(l, slot, level_ends_us(s, slot, key));
}

void rank_levels_left(struct scheduler *s, uint32_t slot)
{
    if (is_by_level(s)) set_due(&((struct rank *)s->state)->levels, slot, EVENT_NONE);
}

void rank_levels_stopped(struct scheduler *s, const struct ranked *item, uint32_t demand,
                         int64_t now_us)
{
    struct rank_levels *l = &((struct rank *)s->state)->levels;
    if (!is_by_level(s) || !promotes(s) || level_of_place(&l->order, item->key) == 0) return;
    __int128 time = now_us + (__int128)counted_us(s, item->job) * s->levels->promote_ppm / 1000000;
    if (time >= EVENT_NONE) return;
    struct ranked starving = { .key = (int64_t)time,
                               .tag = item->job,
                               .ran_tag = progress_stops(&s->progress[item->job]),
                               .job = item->job,
                               .slot = demand };
    if (!ranked_heap_push(&l->starving, SMALLEST_FIRST, NULL, starving)) s->failed = true;
}

/* ---- down ---- */

struct mover {
    struct ranked item; /* as it was */
    uint32_t demand;
    int32_t pool;
    int64_t key, due_us; /* of its next level */
};

static int compare_movers(const void *a, const void *b)
{
    const struct ranked *x = &((const struct mover *)a)->item,
                        *y = &((const struct mover *)b)->item;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

static void move_down(struct scheduler *s, const struct mover *m)
{
    struct rank *r = s->state;
    struct rank_levels *l = &r->levels;
    struct ranked item = m->item;
    if (l->moved_n == l->moved_capacity) {
        uint32_t capacity = l->moved_capacity ? 2 * l->moved_capacity : 64;
        uint32_t *moved = realloc(l->moved, capacity * sizeof *moved);
        if (!moved) {
            s->failed = true;
            return;
        }
        l->moved = moved;
        l->moved_capacity = capacity;
    }
    item.key = m->key;
    item.tag = MOVED_TAG + l->moved_n;
    l->moved[l->moved_n++] = item.slot;
    if (item.key > m->item.key) {
        rank_running_raise(s, m->demand, m->pool, item);
    } else { /* the next level stands before its own */
        rank_running_remove(s, m->demand, m->pool, item.slot);
        rank_running_push(s, m->demand, m->pool, item);
    }
    set_due(l, item.slot, m->due_us);
}

/* All whose levels end at the earliest of these times. */
static void move_next(struct scheduler *s)
{
    struct rank *r = s->state;
    struct rank_levels *l = &r->levels;
    int64_t time = events_next_time(&l->due);
    struct mover few[16], *movers = few;
    size_t n = 0, capacity = sizeof few / sizeof *few;
    while (events_next_time(&l->due) == time && !s->failed) {
        uint32_t slot = events_next_slot(&l->due);
        const struct running_job *j = &s->running->slots[slot];
        struct ranked_heap *h = &r->lines[j->demand].running[j->pool];
        if (n == capacity) {
            struct mover *more = malloc(2 * capacity * sizeof *more);
            if (!more) {
                s->failed = true;
                break;
            }
            memcpy(more, movers, n * sizeof *more);
            if (movers != few) free(movers);
            movers = more;
            capacity *= 2;
        }
        struct mover *m = &movers[n++];
        *m = (struct mover){ .item = h->items[r->at[slot]], .demand = j->demand, .pool = j->pool };
        m->key = place_of_level(&l->order, level_of_place(&l->order, m->item.key) + 1);
        m->due_us = level_ends_us(s, slot, m->key);
        if (m->item.tag >= MOVED_TAG) l->moved[m->item.tag - MOVED_TAG] = RUNNING_NONE;
        /* Where levels are shorter than a microsecond the next one is due after all of these. */
        events_set(&l->due, slot, m->due_us > time ? m->due_us : EVENT_NONE);
    }
    if (n > 1) qsort(movers, n, sizeof *movers, compare_movers);
    for (size_t i = 0; i < n && !s->failed; i++) move_down(s, &movers[i]);
    if (movers != few) free(movers);
}

/* ---- up ---- */

/* Those that have started since. */
static void drop_stale(struct scheduler *s)
{
    struct rank_levels *l = &((struct rank *)s->state)->levels;
    while (l->starving.n > 0) {
        const struct ranked *first = &l->starving.items[0];
        if (l->waiting_at[first->job] != UINT32_MAX &&
            progress_stops(&s->progress[first->job]) == first->ran_tag)
            return;
        ranked_heap_remove(&l->starving, SMALLEST_FIRST, NULL, 0);
    }
}

static void move_up(struct scheduler *s, int64_t now_us)
{
    struct rank *r = s->state;
    struct ranked_heap *starving = &r->levels.starving;
    for (drop_stale(s); starving->n > 0 && starving->items[0].key <= now_us; drop_stale(s)) {
        struct ranked promoted = starving->items[0];
        uint32_t demand = promoted.slot;
        struct ranked_heap *h = &r->lines[demand].waiting;
        uint32_t at = r->levels.waiting_at[promoted.job];
        struct ranked item = h->items[at];
        ranked_heap_remove(h, SMALLEST_FIRST, r->levels.waiting_at, at);
        r->levels.forgiven_us[promoted.job] = s->progress[promoted.job].held_us;
        item.key = place_of_level(&r->levels.order, 0);
        item.tag = r->next_tag++;
        rank_waiting_push(s, demand, item);
        ranked_heap_remove(starving, SMALLEST_FIRST, NULL, 0);
    }
}

/* ---- a pass ---- */

void rank_levels_change(struct scheduler *s, int64_t now_us)
{
    struct rank_levels *l = &((struct rank *)s->state)->levels;
    if (!is_by_level(s)) return;
    l->moved_n = 0;
    while (events_next_time(&l->due) <= now_us && !s->failed) move_next(s);
    if (promotes(s)) move_up(s, now_us);
    l->moved_tag = ((struct rank *)s->state)->next_tag++;
}

void rank_levels_settle(struct scheduler *s)
{
    struct rank *r = s->state;
    struct rank_levels *l = &r->levels;
    if (!is_by_level(s)) return;
    for (uint32_t i = 0; i < l->moved_n && !s->failed; i++) {
        uint32_t slot = l->moved[i];
        if (slot == RUNNING_NONE) continue;
        /* The last of its level before and after: its place in the heap is the same. */
        const struct running_job *j = &s->running->slots[slot];
        rank_running_retag(s, j->demand, j->pool, slot, r->late_tag++);
    }
    if (s->waiting_n == 0) return;
    s->wake_us = events_next_time(&l->due);
    if (promotes(s)) drop_stale(s);
    if (l->starving.n > 0 && l->starving.items[0].key < s->wake_us)
        s->wake_us = l->starving.items[0].key;
}
