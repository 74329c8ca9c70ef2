/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An availability profile: how many GPUs of a pool will be free, over the time to come.
 *
 *      free  |        ____
 *            |   ____|    |_______          a step holds from its time until the next one's,
 *            |__|                           the last for ever
 *            +------------------------> time
 *
 * The steps lie in arrays, in order of time, so that a search and a change of a range go along them
 * many at once. Among them are steps that say nothing: they begin when the one before them does, or
 * have as many free.
 *
 *      from_us   0   4   4   7   9   9  12        a step that is to begin at 8 moves the 9 into the
 *      free      5   3   3   8   6   6   8        place of the second 9, and nothing else
 *
 * A new step takes the place of the nearest such one, and those between make way. Where there is
 * none about, all steps are laid out anew, with one after every fourth. So a step costs little
 * where the profile is long, and who comes back to one keeps an anchor: a number that is the step's
 * wherever it lies. A step with an anchor stays.
 *
 * A search or a change of a range goes over a sixteenth of the steps between, at most; a time is
 * found by halving. GPUs are counted in 32 bits: of a pool there are at most PROFILE_GPUS_MAX, and
 * as many may be promised twice.
 *
 * The profile owns its memory and allocates only to grow.
 */
#ifndef MODELS_SCHEDULING_PROFILE_H
#define MODELS_SCHEDULING_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROFILE_GPUS_MAX = 1 << 29, PROFILE_NO_ANCHOR = UINT32_MAX };

struct profile {
    /* By place: places first .. end - 1 hold the steps, the one before first a lack without end
     * that began long ago. */
    int64_t *from_us;
    int32_t *free;
    uint32_t *name;
    uint32_t first, end, capacity;
    uint64_t toil; /* places that were gone over for new steps since all were laid out */
    /* By name of a step, which is its anchor. */
    uint32_t *place; /* meaningless once it is past */
    uint32_t *kept;  /* by how many; of a step that is past, too, until they let go */
    uint32_t name_n, name_capacity, *spare, spare_n;
};

/* A change of a range: the places of its steps, until the next change; at no time were fewer free
 * before it, nor are more after it. */
struct change {
    uint32_t from, to;
    int32_t least_before, most_after;
};

/* All of `gpus` free for ever. false: no memory; free it then, too. */
bool profile_init(struct profile *p, int64_t gpus);
void profile_free(struct profile *p);

/* Makes p, which is initialised, what `from` is. false: no memory, p may only be freed or copied
 * to. */
bool profile_copy(struct profile *p, const struct profile *from);

/* Forgets what was before now_us. No call may name an earlier time from then on. */
void profile_advance(struct profile *p, int64_t now_us);
/* Adds gpus (negative: takes them) in [from_us, to_us), INT64_MAX: for ever. false: no memory, the
 * profile is as it was. */
bool profile_add(struct profile *p, int64_t from_us, int64_t to_us, int64_t gpus);

/* Takes gpus in [from_us, to_us), which is not empty, and keeps the steps that begin then. false:
 * no memory, the profile is as it was. */
bool profile_hold(struct profile *p, int64_t from_us, int64_t to_us, int64_t gpus, uint32_t *from,
                  uint32_t *to);

/* Keeps a step that begins at that time; its anchor, or PROFILE_NO_ANCHOR: no memory. */
uint32_t profile_keep(struct profile *p, int64_t time_us);
/* Not any more. */
void profile_let_go(struct profile *p, uint32_t anchor);

/* When the step begins. */
static inline int64_t profile_time(const struct profile *p, uint32_t anchor)
{
    return p->from_us[p->place[anchor]];
}
/* Whether so many are free just before the step, which is later than now. */
static inline bool profile_fits_before(const struct profile *p, uint32_t anchor, int32_t gpus)
{
    return p->free[p->place[anchor] - 1] >= gpus;
}
/* Takes gpus since when so many have been free up to the step. What was kept is the step of that
 * time then, which is the same where they are not; its anchor. */
uint32_t profile_take_back(struct profile *p, uint32_t anchor, int32_t gpus);
/* Adds gpus (negative: takes them) in [from_us, when the step begins). What was kept is the step
 * that begins at from_us then. false: no memory. */
bool profile_move_back(struct profile *p, uint32_t *anchor, int64_t from_us, int32_t gpus,
                       struct change *change);

/* How many are free at that time. */
int64_t profile_free_at(const struct profile *p, int64_t time_us);

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
    int64_t shortest_us; /* Of shorter ones nothing is asked; 0: than length_us. */
    int64_t longest_us;  /* Set: the longest hole that was too short is no longer. */
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

/* ---- by place, which a change makes worthless ---- */

/* Where a change of [from_us, to_us) lies, of which nothing else is known. */
struct change profile_change(const struct profile *p, int64_t from_us, int64_t to_us);
/* Since when gpus have been free up to the step at that place: when it begins where they are not
 * just before it. */
int64_t profile_since_at(const struct profile *p, uint32_t place, int64_t gpus);
/* Where gpus are free at some time within the change: since when the first such stretch has lasted,
 * and when there is a lack after the last, or before_us or later. false: nowhere. */
struct stretches {
    int64_t since_us, until_us;
};
bool profile_stretches(const struct profile *p, const struct change *change, int64_t gpus,
                       int64_t before_us, struct stretches *found);

#endif
