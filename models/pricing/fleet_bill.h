/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bill of a fleet with commitments: those of its pools that are on demand are the lines of
 * usage that commitments.h pours over, by clock hour.
 *
 *      ledgers of the pools --> usage lines --> pour --> charge lines of each pool
 *
 *      reserved            of reserved instances and capacity blocks, what its usage took
 *      savings plan        of plans, likewise
 *      on-demand           what no commitment covered, at the list price
 *      unused commitment   of commitments, what no usage took: in the first pool they may cover;
 *                          nobody's GPUs, so all of it is idle. Of a capacity reservation it is of
 *                          the commitment that pays for it, or of itself: at the price on demand
 *
 * Each is rounded once, to a micro-dollar; of the first three the part of the jobs is, in each
 * hour, the share of the pool's GPU time that they held, and the sum is rounded down. The sum over
 * hours, over lines and the bill's total are the same number before it is rounded, or the run
 * stops.
 */
#ifndef MODELS_PRICING_FLEET_BILL_H
#define MODELS_PRICING_FLEET_BILL_H

#include <stddef.h>
#include <stdint.h>

#include "models/pricing/bill.h"
#include "models/pricing/commitments.h"
#include "models/pricing/hours.h"

/* The kinds that a scenario can name, ended by an entry whose name is NULL. */
struct fleet_commitment_kind {
    const char *name; /* "reserved" */
    enum commitment_kind kind;
    const char *summary, *source;
};
extern const struct fleet_commitment_kind fleet_commitment_kinds[];

/* From second 0 on, and renewed for as long as the books go on; a capacity block for its time
 * alone. Strings borrowed. */
struct fleet_commitment {
    const struct fleet_commitment_kind *kind;
    struct commitment terms; /* to_us: its term */
    const char *price_market, *price_valid_from, *price_source;
};

struct fleet_commitments {
    int32_t n;
    const struct fleet_commitment *items;
};

/* "10 x p4d.24xlarge reserved in us-east-1a", "ec2-instance-savings-plan (3 years) p5 $100/h": with
 * a market of another name. */
void fleet_commitment_text(const struct fleet_commitment *c, char *text, size_t size);
/* What it costs an hour, all of it, with what is paid upfront. */
int64_t fleet_commitment_usd_micro_per_hour(const struct fleet_commitment *c);

/* A pool on demand. */
struct billed_pool {
    struct offering of;
    struct pool_usage usage;     /* of the books */
    const __int128 *node_us;     /* the same by clock hour */
    const __int128 *held_gpu_us; /* and this; NULL: evenly over node time */
    int32_t pool;                /* its number in the fleet, for the observer */
    struct charge_line *lines;   /* [CHARGE_KIND_N], set here */
};

/* What a pool of this type, in this zone (NULL: not said), bought so, is to commitments. */
struct offering fleet_offering(const char *provider, const char *instance, const char *zone,
                               const struct purchase *purchase);

/* Sets the lines of the pools. hours, into_hour_us, end_us: of the books (struct usage). The
 * observer (NULL: none) sees what each line grew by in an hour (models/pricing/hours.h), by
 * commitment. */
enum status fleet_bill(const struct fleet_commitments *commitments, const struct billed_pool *pools,
                       size_t pool_n, int32_t hours, int64_t into_hour_us, int64_t end_us,
                       const struct hour_observer *observer, struct error *err);

/* What commitments, but for capacity blocks, save on the mean of the list price of each pool's
 * node-hour while `nodes` of it are up, rounded up; below 0 where they cost more. */
enum status fleet_bill_saved(const struct fleet_commitments *commitments,
                             const struct offering *pools, const int32_t *nodes, size_t pool_n,
                             int64_t *saved_usd_nano_per_hour, struct error *err);

#endif
