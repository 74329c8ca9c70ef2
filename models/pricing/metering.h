/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a provider bills of one node's life.
 *
 *      starts running                       ends
 *           |------------ used --------------|
 *           |------------ billed ---------------|    rounded up to the granularity, at least
 *                                                    the minimum; nothing where it is free
 *
 * One table of named rules. A node is billed while it runs: what it takes to start and to stop is
 * free (EC2 user guide, instance lifecycle). A price is constant, or a step function of time; a
 * charge is the exact integral of it over what is billed (models/pricing/money.h), and is rounded
 * once, by the caller, with rated_usd_micro.
 */
#ifndef MODELS_PRICING_METERING_H
#define MODELS_PRICING_METERING_H

#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

struct billing_rule {
    const char *name;       /* "ec2-spot" */
    const char *summary;    /* one line for a person */
    int64_t granularity_us; /* what is started of it counts whole; > 0 */
    int64_t minimum_us;     /* billed of each life, however short */
    int64_t free_us;        /* a life that the provider ends before this costs nothing; 0 = never */
    const char *source;
    const char *provider; /* who bills so unless a scenario says else; NULL: nobody does */
};

/* All rules, ended by an entry whose name is NULL. */
extern const struct billing_rule billing_rules[];
const struct billing_rule *billing_rule_find(const char *name); /* NULL if unknown */
/* What a provider bills by, as the price book has its name; of one that no rule names, ec2's. */
const struct billing_rule *billing_rule_of(const char *provider);

enum ended_by { ENDED_BY_USER, ENDED_BY_PROVIDER };

/* Running in [from, to), from <= to. */
struct node_life {
    int64_t from_us, to_us;
    enum ended_by ended_by;
};

/* How long is billed, from life->from_us on. */
int64_t meter_billed_us(const struct billing_rule *rule, const struct node_life *life);

/* From at_us on, a node-hour costs this. */
struct price_step {
    int64_t at_us, usd_nano_per_hour;
};

/*
 * A price over time. The first price holds before its step, the last after it; each holds until the
 * next, however far away: a trace of changes has no gaps. Owns its arrays.
 */
struct price_trace {
    struct price_step *step;
    __int128 *until; /* from step 0 to step i, what a node running all the time costs */
    size_t n;
};

/* What was not as it should be, and is repaired. */
struct price_repairs {
    int64_t backwards; /* steps that came after a later one: sorted */
    int64_t twice;     /* steps at an instant that has one already: the last one holds */
};

/* From steps in any order, n > 0; they are copied. STATUS_BAD_INPUT for a price that is negative or
 * above $1M an hour, and for a time outside +- 2^60 us. */
enum status price_trace_init(struct price_trace *trace, const struct price_step *steps, size_t n,
                             struct price_repairs *repairs, struct error *err);
/* The part of a trace from from_us on as prices of clock hours, each the mean over that hour,
 * rounded to a nano-dollar. Second 0 lies into_hour_us after the start of hour 0; what the trace
 * says for round_us > 0 is said again and again, for so many hours, at most LEDGER_HOURS_MAX. */
struct price_part {
    int64_t from_us, round_us, into_hour_us;
    int32_t hours;
};
enum status price_trace_by_hour(const struct price_trace *trace, const struct price_part *part,
                                struct price_trace *hourly, struct error *err);
void price_trace_free(struct price_trace *trace);

/* What [from, to) costs, exactly: a rated time. O(log n). from <= to. */
__int128 price_trace_cost(const struct price_trace *trace, int64_t from_us, int64_t to_us);

/* A life's charge before it is rounded. */
__int128 meter_cost(const struct billing_rule *rule, const struct node_life *life,
                    const struct price_trace *trace);
__int128 meter_cost_constant(const struct billing_rule *rule, const struct node_life *life,
                             int64_t usd_nano_per_hour);

#endif
