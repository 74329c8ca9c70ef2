/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run would have cost with other commitments, without running it again: commitments are
 * poured over what was used, after the run (models/pricing/commitments.h), and change nothing else.
 *
 *      run -- hours of its pools --> usage_log --+
 *                                                +--> rebill --> dollars
 *      the fleet with other commitments ---------+
 *
 * The dollars are those of a run of that fleet, to the micro-dollar.
 */
#ifndef MODELS_REBILL_H
#define MODELS_REBILL_H

#include "models/world.h"

struct usage_log {
    int64_t into_hour_us, books_us;
    int64_t other_usd_micro; /* what no commitment covers: pools not on demand, services */
    int32_t pool_n, hours;   /* with usage; 0: the run kept none, and cannot be billed anew */
    int64_t *node_us;        /* bought, [pool][hours] */
    size_t n, capacity;      /* of node_us */
    bool failed;             /* there was no memory */
};

/* An observer's `hour` (models/observer.h), with the log, which begins zeroed, as its context. */
void usage_log_hour(void *context, const struct hour_record *record);
/* After the run of the fleet. STATUS_NO_MEMORY where an hour was lost. */
enum status usage_log_end(struct usage_log *log, const struct fleet_spec *fleet,
                          const struct world_result *result, struct error *err);
void usage_log_free(struct usage_log *log);

/* Of a fleet that is the logged one but for its commitments, at fixed prices; only of a log with
 * hours. */
enum status rebill(const struct usage_log *log, const struct fleet_spec *fleet,
                   int64_t *cost_usd_micro, struct error *err);

#endif
