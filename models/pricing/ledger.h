/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pool used, by clock hour: node time bought, GPU time held by jobs, and what of that was
 * lost, by cause; the rest of what was held is useful. Intervals come in any order, and each costs
 * the same however long it is: only the hours of its two ends are touched. What is used in all
 * hours from there on is a difference array.
 *
 *      hour        0        1        2        3        4
 *                  |--------|--------|--------|--------|----
 *      interval       [...........................]
 *      part           +++++++                      ------   (x weight: of the hour itself)
 *      after       +1                         -1            (x weight: of all hours after it)
 *
 * Clock hours are the provider's: second 0 of the workload lies into_hour_us after the hour's
 * start, and hour 0 is the one it lies in. Nothing after end_us is counted. Sums are exact, in 128
 * bits, and the hours of a kind add up to its total, which is kept apart. The ledger owns its
 * arrays, which grow with the last hour used of a kind, to LEDGER_HOURS_MAX.
 */
#ifndef MODELS_PRICING_LEDGER_H
#define MODELS_PRICING_LEDGER_H

#include <stdint.h>

#include "sim/status.h"

enum ledger_kind {
    LEDGER_BOUGHT,           /* nodes x us */
    LEDGER_HELD,             /* thousandths of GPUs x us */
    LEDGER_LOST_PREEMPTED,   /* of that: work done again, and restarts, after preemptions */
    LEDGER_LOST_FAILED,      /* the same after failures */
    LEDGER_LOST_RECLAIMED,   /* and after nodes were taken back */
    LEDGER_LOST_CHECKPOINTS, /* writing checkpoints */
    LEDGER_ON,               /* nodes x us, of owned nodes that come and go */
    LEDGER_FREE,             /* nodes x us, of those bought, what is not paid */
    LEDGER_N
};

/* 59 years; a weight of at most 2^44 (a million nodes of 65,535 GPUs, in thousandths, is 2^36). */
enum { LEDGER_HOURS_MAX = 1 << 19 };
#define LEDGER_WEIGHT_MAX (INT64_C(1) << 44)

struct ledger_hour {
    __int128 part;  /* weight x us in this hour; of an interval's last hour what it lacks */
    __int128 after; /* weights that all hours after this one have more than it */
};

struct ledger {
    int64_t into_hour_us, end_us;
    struct ledger_hour *hour[LEDGER_N];
    int32_t capacity[LEDGER_N];
    int32_t hours; /* of all kinds */
    __int128 total[LEDGER_N];
};

/* 0 <= into_hour_us < an hour; end_us > 0, INT64_MAX where there is no end. */
void ledger_init(struct ledger *ledger, int64_t into_hour_us, int64_t end_us);
void ledger_free(struct ledger *ledger);

/* weight for each microsecond of [from, to), 0 <= from <= to. What lies beyond the end is left out.
 * STATUS_BAD_INPUT beyond LEDGER_HOURS_MAX, or for a weight outside 0 .. LEDGER_WEIGHT_MAX; then
 * nothing is added. */
enum status ledger_add(struct ledger *ledger, enum ledger_kind kind, int64_t from_us, int64_t to_us,
                       int64_t weight, struct error *err);

/* Clock hours that books of so long touch, of which second 0 lies into_hour_us after an hour's
 * start. Both >= 0; at most INT32_MAX hours. */
int32_t ledger_hours_of(int64_t into_hour_us, int64_t books_us);
/* Clock hours from 0 to the last one with anything in it. */
int32_t ledger_hours(const struct ledger *ledger);
/* What was used in each hour, by[ledger_hours]. STATUS_BUG where the hours are not the total. */
enum status ledger_read(const struct ledger *ledger, enum ledger_kind kind, __int128 *by,
                        struct error *err);

#endif
