/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a log to the times at which each node of a pool cannot be had (supply_spec.h).
 *
 *      the log's nodes     |--------- a ---------x      |---- d ----
 *                          |--- b ---x|------ c --------x
 *      places              0: a . . . . . . . . .         d            a node that comes takes the
 *                          1: b . . . .                                lowest place that was free
 *                          2:           c . . . . . . .                before
 *
 * A log that names its nodes gives lives, and each place is had while a life is in it: where one
 * node goes and another comes at the same moment, a node goes. A log of counts gives place i while
 * more than i nodes are there. Node n of the pool is as place n / nodes_each. A price against a bid
 * gives all nodes at once: they are out from a notice after the price is above the bid until it is
 * not.
 *
 * What is known from `from_us` on becomes second 0; before its first value a log of counts is as it
 * is then. What the log is cut off from it does not know: a life that is cut ends there.
 */
#ifndef MODELS_RELIABILITY_AVAILABILITY_H
#define MODELS_RELIABILITY_AVAILABILITY_H

#include "models/reliability/failures.h"
#include "models/reliability/interruptions.h"

/* Outages of all nodes of a pool together. */
enum { AVAILABILITY_OUTAGES_MAX = 1 << 22 };

struct availability {
    struct outage *log; /* owned */
    size_t n;
    int64_t log_us; /* from from_us to the end */
    int64_t places; /* that are ever had */
};

/* Of a series of capacity; 0 <= from_us < its end. STATUS_BAD_INPUT: too many outages. */
enum status availability_of_capacity(const struct series *s, int64_t from_us, int32_t nodes,
                                     int64_t nodes_each, struct availability *a, struct error *err);
/* Of a series of prices. */
enum status availability_of_prices(const struct series *s, int64_t from_us, int32_t nodes,
                                   int64_t bid_usd_nano, int64_t notice_us, struct availability *a,
                                   struct error *err);
/* Of a series of failures, whose nodes are those of the pool, as first named: times at which they
 * were down, of those that overlap or touch their union. `places`: nodes the log has ever down. */
enum status availability_of_failures(const struct series *s, int64_t from_us, int32_t nodes,
                                     struct availability *a, struct error *err);
void availability_free(struct availability *a);

#endif
