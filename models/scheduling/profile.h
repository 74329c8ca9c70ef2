/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An availability profile: how many GPUs of a pool will be free, over the time to come.
 *
 *      free  |        ____
 *            |   ____|    |_______          a step holds from its time until the next one's,
 *            |__|                           the last for ever
 *            +------------------------> time
 *
 * The steps lie in blocks of up to 32, and each block knows its least and its most, so that a
 * search passes over blocks in which nothing, or everything, fits, and a change of a long range is
 * one addition a block. With n steps a search or a change costs O(32 + n / 32). A step may be what
 * the one before it is; a block that is full is rid of those.
 *
 * Who comes back to a time, or to one close by, keeps a mark: about where it lay in the store. A
 * mark saves the search for the time where it is still about right, and costs little where it is
 * not.
 *
 * The profile owns its memory and allocates only to grow.
 */
#ifndef MODELS_SCHEDULING_PROFILE_H
#define MODELS_SCHEDULING_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROFILE_BLOCK = 32 };

struct profile_step {
    int64_t from_us, free; /* free: without the block's `more` */
};

struct profile_block {
    int64_t from_us;     /* of its first step */
    int64_t least, most; /* of its steps; loose: bounds of them */
    int64_t more;        /* included in these, and to be added to every step */
    bool is_least_loose, is_most_loose;
    uint32_t n, store; /* steps; which PROFILE_BLOCK of the store they lie in */
};

struct profile {
    struct profile_block *blocks; /* in order of time, none empty */
    uint32_t block_n, block_capacity;
    struct profile_step *store;
    uint32_t *spare;    /* free blocks of the store */
    uint32_t *block_of; /* by block of the store; UINT32_MAX = spare */
    uint32_t spare_n, store_n, store_capacity;
};

/* All of `gpus` free for ever. false: no memory; free it then, too. */
bool profile_init(struct profile *p, int64_t gpus);
void profile_free(struct profile *p);

/* Makes p, which is initialised, what `from` is. false: no memory, p may only be freed or copied
 * to. */
bool profile_copy(struct profile *p, const struct profile *from);

/* Forgets what was before now_us. No call may name an earlier time from then on. */
void profile_advance(struct profile *p, int64_t now_us);
/* Adds gpus (negative: takes them) in [from_us, to_us). false: no memory, the profile is as it was.
 */
bool profile_add(struct profile *p, int64_t from_us, int64_t to_us, int64_t gpus);
/* The same with a mark of from_us. */
bool profile_add_at(struct profile *p, int64_t from_us, int64_t to_us, int64_t gpus,
                    uint32_t *mark);

/* Takes gpus since when so many have been free up to to_us, and says since when: to_us where they
 * are not. What was kept of to_us is kept of that time then. INT64_MIN: no memory, as above. */
int64_t profile_take_back(struct profile *p, int64_t to_us, int64_t gpus, uint32_t *mark);

/* How many are free at that time. */
int64_t profile_free_at(const struct profile *p, int64_t time_us);

/* Since when at least `gpus` have been free up to time_us: time_us where they are not just before
 * it, and not before what has been forgotten. */
int64_t profile_since(const struct profile *p, int64_t time_us, int64_t gpus);
/* The same with a mark of time_us. */
int64_t profile_since_at(const struct profile *p, int64_t time_us, int64_t gpus, uint32_t *mark);

/* A bound of how many are free at any time in [from_us, to_us): no more are; with a mark of
 * from_us.
 */
int64_t profile_most(const struct profile *p, int64_t from_us, int64_t to_us, uint32_t *mark);

/* Whether the mark, or the steps behind it, show at once that fewer than gpus are free just before
 * time_us; false: look. */
static inline bool profile_shows_lack(const struct profile *p, int64_t time_us, int64_t gpus,
                                      uint32_t *mark)
{
    uint32_t store = *mark / PROFILE_BLOCK, step = *mark % PROFILE_BLOCK;
    uint32_t block = store < p->store_n ? p->block_of[store] : UINT32_MAX;
    if (block >= p->block_n) return false;
    const struct profile_block *b = &p->blocks[block];
    const struct profile_step *s = p->store + (size_t)store * PROFILE_BLOCK;
    while (step + 1 < b->n && s[step + 1].from_us < time_us) step++;
    if (step + 1 >= b->n || s[step].from_us >= time_us) return false;
    *mark = store * PROFILE_BLOCK + step;
    return s[step].free + b->more < gpus;
}

/* The first time in [time_us, before_us) at which fewer than `gpus` are free, before_us where there
 * is none. */
int64_t profile_until(const struct profile *p, int64_t time_us, int64_t gpus, int64_t before_us);

/* The first time at or after from_us at which fewer than 0 are free, INT64_MAX where there is none;
 * *until_us is when that step ends. */
int64_t profile_lack(const struct profile *p, int64_t from_us, int64_t *until_us);

/* A hole that is looked for. */
struct hole {
    int64_t gpus, length_us;
    int64_t from_us, before_us; /* it starts in [from, before) */
    int64_t grid_us;            /* at a multiple of this; 0 = anywhere */
    /* Whoever asks holds as much from here on, for as long, and would give it back: a hole may run
     * into that. 0 = nothing. */
    int64_t own_us;
    int64_t longest_us; /* Set: the longest hole that was too short is no longer. */
};
/* The first multiple of grid_us (0 = any time) that is not before time_us. */
static inline int64_t profile_on_grid(int64_t time_us, int64_t grid_us)
{
    int64_t late = grid_us > 0 ? time_us % grid_us : 0;
    if (late == 0) return time_us;
    return time_us - late < INT64_MAX - grid_us ? time_us - late + grid_us : INT64_MAX;
}
/* The earliest start of such a hole; before_us where there is none. */
int64_t profile_find(const struct profile *p, struct hole *hole);

#endif
