/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one pass knows of a demand: until when a profile has no hole for a job of a given length.
 *
 * A search that finds nothing before a time says so for all jobs of the demand that are as long or
 * longer. Kept by length, in quarters of an octave, and so never falling from one class to the
 * next: no hole for 2^(k/4) microseconds or more starts before until_us[k]. What is taken of the
 * profile leaves that true; what is freed must be said.
 */
#ifndef MODELS_SCHEDULING_NO_HOLE_H
#define MODELS_SCHEDULING_NO_HOLE_H

#include <stdbool.h>
#include <stdint.h>

enum { NO_HOLE_LENGTHS = 256 };

struct no_hole {
    uint64_t pass; /* in which this is known; no pass has number 0 */
    int64_t until_us[NO_HOLE_LENGTHS];
};

/* The largest k with 2^(k/4) <= length_us, or the one below it. */
static inline int no_hole_class(int64_t length_us)
{
    /* 2^(1/4), 2^(1/2), 2^(3/4) in units of 2^-16, rounded up: a class may only be too low. */
    static const uint64_t quarters[] = { 77936, 92682, 110218 };
    int octave = 63 - __builtin_clzll((uint64_t)length_us);
    uint64_t part =
        octave >= 16 ? (uint64_t)length_us >> (octave - 16) : (uint64_t)length_us << (16 - octave);
    return 4 * octave + (part >= quarters[0]) + (part >= quarters[1]) + (part >= quarters[2]);
}

/* Forgets what is not of this pass, before which there is nothing; true where that was so. */
static inline bool no_hole_begin(struct no_hole *h, uint64_t pass, int64_t now_us)
{
    if (h->pass == pass) return false;
    h->pass = pass;
    for (int k = 0; k < NO_HOLE_LENGTHS; k++) h->until_us[k] = now_us;
    return true;
}

static inline int64_t no_hole_until(const struct no_hole *h, int64_t length_us)
{
    return h->until_us[no_hole_class(length_us)];
}

/* No hole of length_us starts before until_us. */
static inline void no_hole_note(struct no_hole *h, int64_t length_us, int64_t until_us)
{
    for (int k = no_hole_class(length_us) + 1; k < NO_HOLE_LENGTHS && h->until_us[k] < until_us;
         k++)
        h->until_us[k] = until_us;
}

/* From from_us on there is more room. */
static inline void no_hole_freed(struct no_hole *h, int64_t from_us)
{
    for (int k = NO_HOLE_LENGTHS - 1; k >= 0 && h->until_us[k] > from_us; k--)
        h->until_us[k] = from_us;
}

#endif
