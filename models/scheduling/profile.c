/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/profile.h"

#include <stdlib.h>
#include <string.h>

#define SPARE UINT32_MAX

/* A step: which block, and which of its steps. */
struct at {
    uint32_t block, step;
};

static struct profile_step *steps_of(const struct profile *p, uint32_t block)
{
    return p->store + (size_t)p->blocks[block].store * PROFILE_BLOCK;
}

static int64_t time_of(const struct profile *p, struct at at)
{
    return steps_of(p, at.block)[at.step].from_us;
}

static int64_t free_of(const struct profile *p, struct at at)
{
    return steps_of(p, at.block)[at.step].free + p->blocks[at.block].more;
}

static bool is_past(const struct profile *p, struct at at) { return at.block == p->block_n; }

static struct at next_of(const struct profile *p, struct at at)
{
    if (++at.step == p->blocks[at.block].n) at = (struct at){ at.block + 1, 0 };
    return at;
}

static bool is_first(struct at at) { return at.block == 0 && at.step == 0; }

static struct at before_of(const struct profile *p, struct at at)
{
    if (at.step == 0) return (struct at){ at.block - 1, p->blocks[at.block - 1].n - 1 };
    return (struct at){ at.block, at.step - 1 };
}

/* The block that holds at time_us, which is not before the first. Halving without a branch: which
 * half it is cannot be guessed. */
static uint32_t find_block(const struct profile *p, int64_t time_us)
{
    uint32_t block = 0;
    for (uint32_t n = p->block_n, half; n > 1; n -= half) {
        half = n / 2;
        block += p->blocks[block + half].from_us <= time_us ? half : 0;
    }
    return block;
}

/* Its step that does; likewise. */
static uint32_t find_in(const struct profile *p, uint32_t block, int64_t time_us)
{
    const struct profile_step *s = steps_of(p, block);
    uint32_t step = 0;
    for (uint32_t n = p->blocks[block].n, half; n > 1; n -= half) {
        half = n / 2;
        step += s[step + half].from_us <= time_us ? half : 0;
    }
    return step;
}

static struct at find_time(const struct profile *p, int64_t time_us)
{
    uint32_t block = find_block(p, time_us);
    return (struct at){ block, find_in(p, block, time_us) };
}

static void mark_set(const struct profile *p, struct at at, uint32_t *mark)
{
    *mark = p->blocks[at.block].store * PROFILE_BLOCK + at.step;
}

static int64_t block_end(const struct profile *p, uint32_t block)
{
    return block + 1 < p->block_n ? p->blocks[block + 1].from_us : INT64_MAX;
}

/* Whether the block holds at time_us, which is not before the first. */
static bool block_holds(const struct profile *p, uint32_t block, int64_t time_us)
{
    return block < p->block_n && p->blocks[block].from_us <= time_us &&
           block_end(p, block) > time_us;
}

/* The same where it lies in the block of the mark, but as its last step; else false. */
static inline bool find_near(const struct profile *p, int64_t time_us, uint32_t mark, struct at *at)
{
    uint32_t store = mark / PROFILE_BLOCK, step = mark % PROFILE_BLOCK;
    uint32_t block = store < p->store_n ? p->block_of[store] : SPARE;
    if (block == SPARE) return false;
    const struct profile_step *s = steps_of(p, block);
    uint32_t last = p->blocks[block].n - 1;
    if (step >= last || s[0].from_us > time_us) return false;
    while (s[step].from_us > time_us) step--;
    while (step < last && s[step + 1].from_us <= time_us) step++;
    *at = (struct at){ block, step };
    return step < last;
}

/* The same, looked for about where the mark says first, and in the blocks beside that; the mark is
 * then what was found. */
static struct at find_marked(const struct profile *p, int64_t time_us, uint32_t *mark)
{
    struct at at;
    if (find_near(p, time_us, *mark, &at)) {
        mark_set(p, at, mark);
        return at;
    }
    uint32_t store = *mark / PROFILE_BLOCK;
    uint32_t block = store < p->store_n ? p->block_of[store] : SPARE;
    if (block != SPARE && block > 0 && block_holds(p, block - 1, time_us)) block--;
    else if (block != SPARE && block_holds(p, block + 1, time_us)) block++;
    else block = find_block(p, time_us);
    at = (struct at){ block, find_in(p, block, time_us) };
    mark_set(p, at, mark);
    return at;
}

/* ---- blocks ---- */

static void block_measure(const struct profile *p, uint32_t block)
{
    struct profile_block *b = &p->blocks[block];
    const struct profile_step *s = steps_of(p, block);
    int64_t least = s[0].free, most = s[0].free;
    for (uint32_t i = 1; i < b->n; i++) {
        if (s[i].free < least) least = s[i].free;
        if (s[i].free > most) most = s[i].free;
    }
    b->from_us = s[0].from_us;
    b->least = least + b->more;
    b->most = most + b->more;
    b->is_least_loose = b->is_most_loose = false;
}

/* The blocks from `block` on lie where they lie. */
static void blocks_number(struct profile *p, uint32_t block)
{
    for (; block < p->block_n; block++) p->block_of[p->blocks[block].store] = block;
}

/* Room for `more` blocks beyond those there are. */
static bool blocks_room(struct profile *p, uint32_t more)
{
    if (p->block_n + more > p->block_capacity) {
        uint32_t capacity = 2 * (p->block_n + more) + 8;
        struct profile_block *blocks = realloc(p->blocks, capacity * sizeof *blocks);
        if (!blocks) return false;
        p->blocks = blocks;
        p->block_capacity = capacity;
    }
    if (p->spare_n + (p->store_capacity - p->store_n) >= more) return true;
    uint32_t capacity = 2 * (p->store_n + more) + 8;
    struct profile_step *store =
        realloc(p->store, (size_t)capacity * PROFILE_BLOCK * sizeof *store);
    if (store) p->store = store;
    uint32_t *spare = realloc(p->spare, capacity * sizeof *spare);
    if (spare) p->spare = spare;
    uint32_t *block_of = realloc(p->block_of, capacity * sizeof *block_of);
    if (block_of) p->block_of = block_of;
    if (!store || !spare || !block_of) return false;
    p->store_capacity = capacity;
    return true;
}

/* An empty block in front of `block`; there is room. */
static void block_insert(struct profile *p, uint32_t block)
{
    memmove(p->blocks + block + 1, p->blocks + block, (p->block_n - block) * sizeof *p->blocks);
    p->block_n++;
    uint32_t store = p->spare_n ? p->spare[--p->spare_n] : p->store_n++;
    p->blocks[block] = (struct profile_block){ .store = store };
    blocks_number(p, block);
}

static void blocks_remove(struct profile *p, uint32_t block, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t store = p->blocks[block + i].store;
        p->spare[p->spare_n++] = store;
        p->block_of[store] = SPARE;
    }
    p->block_n -= n;
    memmove(p->blocks + block, p->blocks + block + n, (p->block_n - block) * sizeof *p->blocks);
    blocks_number(p, block);
}

/* Makes one step of neighbours that are equal; where that step is then. */
static struct at block_tidy(struct profile *p, struct at at)
{
    struct profile_block *b = &p->blocks[at.block];
    struct profile_step *s = steps_of(p, at.block);
    uint32_t n = 1, step = 0;
    for (uint32_t i = 1; i < b->n; i++) {
        if (s[i].free != s[n - 1].free) s[n++] = s[i];
        if (i == at.step) step = n - 1;
    }
    b->n = n;
    return (struct at){ at.block, step };
}

/* Gives a half of the steps to a new block; where that step is then. */
static struct at block_split(struct profile *p, struct at at)
{
    uint32_t block = at.block;
    block_insert(p, block + 1);
    struct profile_block *a = &p->blocks[block], *b = a + 1;
    uint32_t keep = a->n / 2;
    b->n = a->n - keep;
    b->more = a->more;
    memcpy(steps_of(p, block + 1), steps_of(p, block) + keep, b->n * sizeof *p->store);
    a->n = keep;
    block_measure(p, block);
    block_measure(p, block + 1);
    return at.step < keep ? at : (struct at){ block + 1, at.step - keep };
}

/* Takes the next block into this one where both are small. */
static void block_join(struct profile *p, uint32_t block)
{
    if (p->blocks[block].n >= PROFILE_BLOCK / 4 || block + 1 == p->block_n) return;
    struct profile_block *a = &p->blocks[block], *b = a + 1;
    if (a->n + b->n > PROFILE_BLOCK / 2) return;
    struct profile_step *to = steps_of(p, block), *from = steps_of(p, block + 1);
    for (uint32_t i = 0; i < b->n; i++)
        to[a->n + i] = (struct profile_step){ from[i].from_us, from[i].free + b->more - a->more };
    a->n += b->n;
    blocks_remove(p, block + 1, 1);
    block_measure(p, block);
}

/* ---- steps ---- */

/* After a change of steps that had least to most free, by gpus. Where what was the block's least or
 * most may be gone its bounds are loose from then on: whoever looks at all its steps next measures
 * it. */
static void block_widen(struct profile_block *b, int64_t least, int64_t most, int64_t gpus)
{
    least += b->more;
    most += b->more;
    if (gpus > 0) b->is_least_loose |= least == b->least;
    else b->is_most_loose |= most == b->most;
    if (least + gpus < b->least) b->least = least + gpus;
    if (most + gpus > b->most) b->most = most + gpus;
}

/* A step of a block that begins at from_us, in front of the step i, if there is one; there is room.
 */
static void step_insert(struct profile_block *b, struct profile_step *s, uint32_t i,
                        int64_t from_us, int64_t free)
{
    memmove(s + i + 1, s + i, (b->n - i) * sizeof *s);
    s[i] = (struct profile_step){ from_us, free };
    b->n++;
}

/* A change of what lies in [from_us, to_us) of a block; `at` holds at from_us; is_cut: to_us lies
 * within the block. There is room for two steps. A step that says what the one before it says is
 * moved to where one is wanted, so that most changes move nothing else. */
static void add_within(const struct profile *p, struct at at, int64_t from_us, int64_t to_us,
                       bool is_cut, int64_t gpus)
{
    struct profile_block *b = &p->blocks[at.block];
    struct profile_step *s = steps_of(p, at.block);
    uint32_t i = at.step;
    if (s[i].from_us < from_us) {
        if (i > 0 && s[i].free == s[i - 1].free) s[i].from_us = from_us;
        else step_insert(b, s, ++i, from_us, s[at.step].free);
    }
    int64_t then = s[i].free, least = then, most = then;
    for (; i < b->n && s[i].from_us < to_us; i++) {
        then = s[i].free;
        if (then < least) least = then;
        if (then > most) most = then;
        s[i].free += gpus;
    }
    if (is_cut && (i == b->n || s[i].from_us > to_us)) {
        if (i < b->n && s[i].free == then) s[i].from_us = to_us;
        else step_insert(b, s, i, to_us, then);
    }
    block_widen(b, least, most, gpus);
}

bool profile_add_at(struct profile *p, int64_t from_us, int64_t to_us, int64_t gpus, uint32_t *mark)
{
    if (from_us >= to_us || gpus == 0) return true;
    if (!blocks_room(p, 2)) return false;
    struct at at = find_marked(p, from_us, mark);
    uint32_t first = at.block;
    for (;; at = (struct at){ at.block + 1, 0 }) {
        struct profile_block *b = &p->blocks[at.block];
        int64_t end = block_end(p, at.block);
        if (b->from_us >= from_us && end <= to_us) {
            b->more += gpus;
            b->least += gpus;
            b->most += gpus;
        } else {
            if (b->n + 2 > PROFILE_BLOCK) at = block_tidy(p, at);
            if (b->n + 2 > PROFILE_BLOCK) {
                at = block_split(p, at);
                end = block_end(p, at.block);
            }
            add_within(p, at, from_us, to_us, to_us < end, gpus);
        }
        if (to_us <= end) break;
    }
    block_join(p, at.block);
    if (first != at.block) block_join(p, first);
    return true;
}

bool profile_add(struct profile *p, int64_t from_us, int64_t to_us, int64_t gpus)
{
    uint32_t mark = UINT32_MAX;
    return profile_add_at(p, from_us, to_us, gpus, &mark);
}

/* Takes gpus of the steps of a block from `step` back to where they are not free; returns the
 * earliest it took them of, or step + 1. */
static uint32_t take_in_block(const struct profile *p, uint32_t block, uint32_t step, int64_t gpus)
{
    struct profile_block *b = &p->blocks[block];
    struct profile_step *s = steps_of(p, block);
    int64_t want = gpus - b->more, most = INT64_MIN, least = INT64_MAX;
    uint32_t i = step + 1;
    for (; i > 0 && s[i - 1].free >= want; i--) {
        int64_t free = s[i - 1].free;
        if (free > most) most = free;
        if (free < least) least = free;
        s[i - 1].free = free - gpus;
    }
    if (i <= step) block_widen(b, least, most, -gpus);
    return i;
}

int64_t profile_take_back(struct profile *p, int64_t to_us, int64_t gpus, uint32_t *mark)
{
    struct at at = find_marked(p, to_us - 1, mark), end = next_of(p, at);
    if (free_of(p, at) < gpus) return to_us;
    if (is_past(p, end) || time_of(p, end) != to_us) {
        int64_t from_us = profile_since_at(p, to_us, gpus, mark);
        uint32_t at_from = *mark;
        return profile_add_at(p, from_us, to_us, -gpus, &at_from) ? from_us : INT64_MIN;
    }
    for (;;) {
        uint32_t first = take_in_block(p, at.block, at.step, gpus);
        if (first > 0 || at.block == 0) {
            mark_set(p, (struct at){ at.block, first > 0 ? first - 1 : 0 }, mark);
            if (first < p->blocks[at.block].n) return steps_of(p, at.block)[first].from_us;
            return p->blocks[at.block + 1].from_us;
        }
        at = (struct at){ at.block - 1, p->blocks[at.block - 1].n - 1 };
    }
}

/* The first step at or after `at` that has `gpus` free, or, enough = false, that has not; past the
 * end where there is none in a block that begins before before_us. */
static struct at find_step(const struct profile *p, struct at at, int64_t gpus, bool enough,
                           int64_t before_us)
{
    for (; at.block < p->block_n; at = (struct at){ at.block + 1, 0 }) {
        const struct profile_block *b = &p->blocks[at.block];
        if (b->from_us >= before_us) return (struct at){ p->block_n, 0 };
        if (enough ? b->most < gpus : b->least >= gpus) continue;
        if (enough ? b->is_most_loose : b->is_least_loose) {
            block_measure(p, at.block);
            if (enough ? b->most < gpus : b->least >= gpus) continue;
        }
        const struct profile_step *s = steps_of(p, at.block);
        int64_t want = gpus - b->more;
        for (; at.step < b->n; at.step++)
            if ((s[at.step].free >= want) == enough) return at;
    }
    return at;
}

/* Passes over blocks in which no hole can begin, because it would last beyond the next block, where
 * there is a lack; `at` is the first step that may be the hole's. */
static struct at pass_over(const struct profile *p, struct at at, struct hole *h)
{
    for (; at.block + 1 < p->block_n; at = (struct at){ at.block + 1, 0 }) {
        const struct profile_block *next = &p->blocks[at.block + 1];
        int64_t from = time_of(p, at), end = block_end(p, at.block + 1);
        if (from < h->from_us) from = h->from_us;
        if (next->least >= h->gpus || end - from > h->length_us || from >= h->before_us) break;
        if (h->own_us > 0 && h->own_us < end) break;
        if (next->is_least_loose) {
            block_measure(p, at.block + 1);
            if (next->least >= h->gpus) break;
        }
        if (end - from > h->longest_us) h->longest_us = end - from;
    }
    if (h->longest_us >= h->length_us) h->longest_us = h->length_us - 1;
    return at;
}

int64_t profile_find(const struct profile *p, struct hole *h)
{
    h->longest_us = 0;
    if (h->from_us >= h->before_us) return h->before_us;
    struct at at = find_time(p, h->from_us);
    for (;;) {
        at = find_step(p, pass_over(p, at, h), h->gpus, true, h->before_us);
        if (is_past(p, at)) return h->before_us;
        int64_t start = time_of(p, at) > h->from_us ? time_of(p, at) : h->from_us;
        start = profile_on_grid(start, h->grid_us);
        if (start >= h->before_us) return h->before_us;
        int64_t end = start < INT64_MAX - h->length_us ? start + h->length_us : INT64_MAX;
        if (h->own_us > 0 && h->own_us < end) end = h->own_us;
        at = find_step(p, next_of(p, at), h->gpus, false, end);
        if (is_past(p, at) || time_of(p, at) >= end) return start;
        if (time_of(p, at) - start > h->longest_us) h->longest_us = time_of(p, at) - start;
    }
}

int64_t profile_free_at(const struct profile *p, int64_t time_us)
{
    return free_of(p, find_time(p, time_us));
}

int64_t profile_since_at(const struct profile *p, int64_t time_us, int64_t gpus, uint32_t *mark)
{
    struct at at = find_marked(p, time_us - 1, mark), since;
    const struct profile_step *s = steps_of(p, at.block);
    int64_t want = gpus - p->blocks[at.block].more;
    if (s[at.step].free < want) return time_us;
    while (at.step > 0 && s[at.step - 1].free >= want) at.step--;
    for (;;) {
        since = at;
        if (is_first(at)) break;
        at = before_of(p, at);
        if (free_of(p, at) < gpus) break;
        if (p->blocks[at.block].least >= gpus) at.step = 0;
    }
    mark_set(p, at, mark);
    return time_of(p, since);
}

int64_t profile_since(const struct profile *p, int64_t time_us, int64_t gpus)
{
    uint32_t mark = UINT32_MAX;
    return profile_since_at(p, time_us, gpus, &mark);
}

int64_t profile_most(const struct profile *p, int64_t from_us, int64_t to_us, uint32_t *mark)
{
    struct at at = find_marked(p, from_us, mark);
    int64_t most = free_of(p, at);
    while (block_end(p, at.block) > to_us) {
        at = next_of(p, at);
        if (is_past(p, at) || time_of(p, at) >= to_us) return most;
        if (free_of(p, at) > most) most = free_of(p, at);
    }
    for (; at.block < p->block_n && p->blocks[at.block].from_us < to_us; at.block++)
        if (p->blocks[at.block].most > most) most = p->blocks[at.block].most;
    return most;
}

int64_t profile_until(const struct profile *p, int64_t time_us, int64_t gpus, int64_t before_us)
{
    struct at at = find_step(p, find_time(p, time_us), gpus, false, before_us);
    if (is_past(p, at) || time_of(p, at) >= before_us) return before_us;
    return time_of(p, at) > time_us ? time_of(p, at) : time_us;
}

int64_t profile_lack(const struct profile *p, int64_t from_us, int64_t *until_us)
{
    struct at at = find_step(p, find_time(p, from_us), 0, false, INT64_MAX);
    if (is_past(p, at)) return INT64_MAX;
    struct at next = next_of(p, at);
    while (!is_past(p, next) && free_of(p, next) == free_of(p, at)) next = next_of(p, next);
    *until_us = is_past(p, next) ? INT64_MAX : time_of(p, next);
    return time_of(p, at) > from_us ? time_of(p, at) : from_us;
}

void profile_advance(struct profile *p, int64_t now_us)
{
    struct at at = find_time(p, now_us);
    if (at.block > 0) blocks_remove(p, 0, at.block);
    struct profile_block *b = &p->blocks[0];
    struct profile_step *s = steps_of(p, 0);
    if (at.step > 0) {
        b->n -= at.step;
        memmove(s, s + at.step, b->n * sizeof *s);
        b->is_least_loose = b->is_most_loose = true;
    }
    b->from_us = s[0].from_us = now_us;
}

/* ---- life ---- */

bool profile_init(struct profile *p, int64_t gpus)
{
    memset(p, 0, sizeof *p);
    if (!blocks_room(p, 1)) return false;
    block_insert(p, 0);
    p->blocks[0].n = 1;
    steps_of(p, 0)[0] = (struct profile_step){ INT64_MIN, gpus };
    block_measure(p, 0);
    return true;
}

bool profile_copy(struct profile *p, const struct profile *from)
{
    p->block_n = p->store_n = p->spare_n = 0;
    if (!blocks_room(p, from->block_n > from->store_n ? from->block_n : from->store_n))
        return false;
    memcpy(p->blocks, from->blocks, from->block_n * sizeof *p->blocks);
    memcpy(p->store, from->store, (size_t)from->store_n * PROFILE_BLOCK * sizeof *p->store);
    memcpy(p->spare, from->spare, from->spare_n * sizeof *p->spare);
    p->block_n = from->block_n;
    p->store_n = from->store_n;
    p->spare_n = from->spare_n;
    memcpy(p->block_of, from->block_of, from->store_n * sizeof *p->block_of);
    return true;
}

void profile_free(struct profile *p)
{
    free(p->blocks);
    free(p->store);
    free(p->spare);
    free(p->block_of);
    memset(p, 0, sizeof *p);
}
