/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a demand: until when a profile has no hole for a job of a given length.
 *
 * A search that finds nothing before a time says so for all jobs of the demand that are as long or
 * longer. Kept as a staircase, of which each step says more than those below it:
 *
 *      until |            ____________
 *            |      _____|                  no hole for length or more starts before until
 *            |_____|
 *            +------------------------> length
 *
 * What is taken of the profile leaves that true; what is freed must be said. A step's time is one
 * just before which the demand does not fit, so that no hole reaches beyond it from before.
 */
#ifndef MODELS_SCHEDULING_NO_HOLE_H
#define MODELS_SCHEDULING_NO_HOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { NO_HOLE_STEPS = 31 };

struct no_hole_step {
    int64_t length_us, until_us;
};

struct no_hole {
    uint64_t pass;   /* in which this is known; no pass has number 0 */
    int64_t from_us; /* before which there is nothing */
    uint32_t n;
    struct no_hole_step steps[NO_HOLE_STEPS]; /* rising in both */
};

/* Forgets what is not of this pass, before which there is nothing; true where that was so. */
static inline bool no_hole_begin(struct no_hole *h, uint64_t pass, int64_t now_us)
{
    if (h->pass == pass) return false;
    h->pass = pass;
    h->from_us = now_us;
    h->n = 0;
    return true;
}

/* What is known of a length: the step of the longest that is no longer. */
static inline struct no_hole_step no_hole_of(const struct no_hole *h, int64_t length_us)
{
    for (uint32_t i = h->n; i-- > 0;)
        if (h->steps[i].length_us <= length_us) return h->steps[i];
    return (struct no_hole_step){ 0, h->from_us };
}

static inline int64_t no_hole_until(const struct no_hole *h, int64_t length_us)
{
    return no_hole_of(h, length_us).until_us;
}

/* No hole of length_us starts before until_us. Where there is no room for one more step, the lowest
 * is forgotten. */
static inline void no_hole_note(struct no_hole *h, int64_t length_us, int64_t until_us)
{
    struct no_hole_step *s = h->steps;
    if (no_hole_until(h, length_us) >= until_us) return;
    uint32_t first = h->n, past;
    while (first > 0 && s[first - 1].length_us >= length_us) first--;
    for (past = first; past < h->n && s[past].until_us <= until_us;) past++;
    if (past == first && h->n == NO_HOLE_STEPS) {
        if (first == 0) return;
        memmove(s, s + 1, --first * sizeof *s);
    } else if (past != first + 1) {
        memmove(s + first + 1, s + past, (h->n - past) * sizeof *s);
        h->n += first + 1 - past;
    }
    s[first] = (struct no_hole_step){ length_us, until_us };
}

#endif
