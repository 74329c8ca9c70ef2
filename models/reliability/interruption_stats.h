/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A series in figures that a scenario can take: how long nodes are up and down, how many go at
 * once, Weibull fits of both, prices.
 *
 * Up and down times. Where a log names its nodes, up times are their lives. Where it only counts
 * them, node k is up while at least k nodes are there (the last to come is the first to go):
 *
 *      3 |        ___             node 3: one up time
 *      2 |    ___|   |__          node 2: one, longer
 *      1 |___|          |____     node 1: up all the time, cut off at both ends
 *
 * Of a log of failures, down times are its repairs, and up times run from the end of one to the
 * next failure of that node. A time whose beginning was not seen is left out and counted; one whose
 * end was not seen is cut off, which a fit takes into account and a mean or a quantile does not.
 */
#ifndef MODELS_RELIABILITY_INTERRUPTION_STATS_H
#define MODELS_RELIABILITY_INTERRUPTION_STATS_H

#include "models/reliability/interruptions.h"
#include "models/reliability/weibull_fit.h"

enum { AT_ONCE_N = 17 }; /* 1 .. 16, and more */

struct spell_stats {
    size_t ended, cut_off, begun_unseen;
    double mean_s; /* of those that ended; 0 where none did */
    int64_t median_us, p90_us;
    struct weibull_fit fit; /* in seconds */
    double *ended_s;        /* [ended], rising: for `empirical` */
};

struct interruption_stats {
    int64_t from_us, to_us;      /* first and last moment observed */
    int64_t most;                /* nodes at once; 0 where nodes are not counted */
    double mean;                 /* nodes over time */
    double share_any, share_all; /* of the time: at least one node, all of `most` */
    double up_hours;             /* node-hours */
    uint64_t lost;               /* nodes that were interrupted */
    uint64_t moments;            /* distinct moments they went at */
    uint64_t at_once[AT_ONCE_N]; /* moments at which 1, 2, ... nodes went */
    uint64_t most_at_once;
    struct spell_stats up, down;
    int64_t price_least, price_median, price_most; /* values of a series that is no capacity */
    double price_mean;                             /* all over time */
};

/* Fills stats, to be freed; of a series that is sealed. */
enum status interruption_stats_of(const struct series *s, struct interruption_stats *stats,
                                  struct error *err);
void interruption_stats_free(struct interruption_stats *stats);

#endif
