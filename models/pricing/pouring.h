/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside commitments.c and commitment_levels.c: usage and commitments made ready to be poured, and
 * one hour of it.
 *
 * A commitment has a budget an hour, and each line it covers burns so much of it for a microsecond:
 *
 *                                budget                        burn
 *      Savings Plan              commitment x time             the line's rate with the plan
 *      reserved, size-flexible   instances x time x factor     the line's normalization factor
 *      reserved, block           instances x time              1
 */
#ifndef MODELS_PRICING_POURING_H
#define MODELS_PRICING_POURING_H

#include "models/pricing/commitments.h"

struct pipe { /* what one commitment covers */
    const struct commitment *commitment;
    int64_t unit;  /* budget = level x unit x time */
    int64_t level; /* count, or the plan's commitment */
    size_t n;
    size_t *line;  /* in the order in which they are covered */
    int64_t *burn; /* of each of these */
};

struct pouring {
    const struct usage *usage;
    size_t line_n;              /* with capacity reservations' unused parts */
    const struct offering **of; /* [line_n] */
    size_t pipe_n;
    struct pipe *pipes;   /* in the order in which they are poured */
    size_t *number;       /* [pipe_n]: which of the given commitments */
    size_t *idle_line;    /* [pipe_n]: of a capacity reservation, its line */
    struct poured *left;  /* [line_n]: of the hour, not yet covered */
    __int128 *unreserved; /* [line_n]: of the hour, in no capacity reservation */
};

/* Checks everything and makes it ready. `varied` is a commitment that is not among them, or NULL:
 * its pipe comes last, and levels do not matter to the checks. */
enum status pouring_init(struct pouring *p, const struct usage *usage,
                         const struct commitment *commitments, size_t n,
                         const struct commitment *varied, struct error *err);
void pouring_free(struct pouring *p);

/* Pours pipes 0 .. pipe_n - 1 into an hour, and leaves what is on demand in `left`. bill's sums
 * grow by what was covered and unused. */
void pouring_hour(struct pouring *p, size_t pipe_n, int32_t hour,
                  const struct pour_observer *observer, struct bill *bill);

/* The part of an hour that lies in the books and the commitment's term. */
int64_t commitment_active_us(const struct usage *usage, const struct commitment *c, int32_t hour);
/* What `level` of it costs in the books. */
__int128 commitment_books_cost(const struct usage *usage, const struct commitment *c,
                               int64_t level);
int is_plan(const struct commitment *c);
/* What `burnt` of the budget saves of the price on demand: at most what is left of it. */
__int128 poured_saves(const struct poured *left, __int128 burnt, int64_t burn,
                      int64_t usd_nano_per_hour);
/* Above this a sum is no longer a bill: $9 trillion. */
#define POUR_RATED_MAX ((__int128)INT64_MAX * RATED_USD_MICRO)

#endif
