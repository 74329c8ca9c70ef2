/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commitments poured over hourly usage, after the run, in AWS's order. In each clock hour:
 *
 *      usage by line            1 capacity blocks                 prepaid, of the exact type
 *      (instance type,     -->  2 capacity reservations           the unused part becomes usage
 *       region, zone)           3 zonal reserved instances        exact type and zone
 *                               4 regional reserved instances     smallest size of the family first
 *                               5 EC2 Instance Savings Plans  \   highest saving first, of equals
 *                               6 Compute Savings Plans       /   the lowest rate
 *                               7 the rest                        on demand
 *
 * What a commitment does not find usage for in an hour is lost: its unused cost. Of one kind they
 * are poured in the order in which they are given. A Savings Plan's commitment is burnt at the
 * plan's rate; of the line where it ends the rest is on demand.
 *
 * Sources: EC2 user guide, "How Reserved Instance discounts are applied" (apply_ri.html: zonal
 * before regional, size flexibility, normalization factors, smallest to largest), "On-Demand
 * Capacity Reservations" and "Capacity Blocks for ML"; Savings Plans user guide, "Understanding how
 * Savings Plans apply to your AWS usage" (sp-applying.html).
 *
 * Usage is in instance-microseconds, cost in rated time (models/pricing/money.h). Both are exact:
 * in each hour, and so in all, the sum over lines and commitments of what is covered, on demand and
 * unused is what the commitments cost and the rest on demand. Only where a commitment ends within a
 * line are two numbers rounded: the time it covers there, down to a microsecond, and the price on
 * demand that it saves, down to 1 / 3.6e18 dollar.
 *
 * What a commitment costs is spread evenly over its term, what is paid upfront included (FOCUS'
 * effective cost); a term that ends within an hour gives that hour its part of it. The order within
 * a kind moves cost between lines, never the total.
 */
#ifndef MODELS_PRICING_COMMITMENTS_H
#define MODELS_PRICING_COMMITMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

/* What is bought, as a provider sells it; strings borrowed, never NULL, "" where there is none. */
struct offering {
    const char *provider, *region, *zone;
    const char *instance; /* "p4d.24xlarge"; or "Fargate vCPU": another thing sold by the hour */
    int64_t usd_nano_per_hour;              /* on demand */
    int64_t ec2_plan_usd_nano_per_hour;     /* with an EC2 Instance Savings Plan; 0 = not in it */
    int64_t compute_plan_usd_nano_per_hour; /* with a Compute Savings Plan; 0 = not in it */
};

struct usage_line {
    struct offering of;
    const __int128 *used_us; /* by hour, instance-microseconds; borrowed */
};

/* Hours of a ledger (models/pricing/ledger.h): hour 0 is the clock hour of second 0, which lies
 * into_hour_us after its start; the books are these hours, from second 0 to end_us. */
struct usage {
    int32_t hours;
    int64_t into_hour_us, end_us;
    size_t line_n;
    const struct usage_line *lines;
};

enum commitment_kind { /* in the order in which they are poured */
                       COMMITMENT_CAPACITY_BLOCK,
                       COMMITMENT_CAPACITY_RESERVATION,
                       COMMITMENT_RESERVED_ZONAL,
                       COMMITMENT_RESERVED_REGIONAL,
                       COMMITMENT_EC2_PLAN,
                       COMMITMENT_COMPUTE_PLAN,
                       COMMITMENT_KINDS
};
/* "reserved, zonal", "EC2 Instance Savings Plan" ... */
const char *commitment_kind_name(enum commitment_kind kind);
/* Whether it is a Savings Plan: dollars an hour and no instances. */
int commitment_kind_is_plan(enum commitment_kind kind);

struct commitment {
    enum commitment_kind kind;
    struct offering of; /* provider, and where they say anything: region, zone, instance (of an EC2
                           plan any size of its family); a capacity reservation's rates, too */
    int64_t count;      /* instances; of plans 1 */
    int64_t usd_nano_per_hour; /* of one instance, or the plan's commitment: used or not; not of
                                  capacity reservations and blocks */
    int64_t
        upfront_usd_micro;  /* beside that, of one instance for the whole term: of blocks and
                               reserved instances. A plan paid upfront has it in its commitment */
    int64_t from_us, to_us; /* its term, from < to; it may lie around the books */
};

/* What is covered of a line by a commitment, or is left of it: time and its cost. */
struct poured {
    __int128 used_us, rated;
};

/* Called for each hour with what is not 0; any may be NULL. line counts the usage's lines, and from
 * line_n on the unused parts of capacity reservations, in their order. */
struct pour_observer {
    void *context;
    void (*covered)(void *context, int32_t hour, size_t line, size_t commitment,
                    const struct poured *what);
    void (*on_demand)(void *context, int32_t hour, size_t line, const struct poured *what);
    void (*unused)(void *context, int32_t hour, size_t commitment, __int128 rated);
};

struct bill {
    size_t line_n, commitment_n; /* lines of the usage and of capacity reservations' unused parts */
    struct poured *covered;      /* [line_n][commitment_n] */
    struct poured *on_demand;    /* [line_n] */
    __int128 *unused;            /* [commitment_n] */
    __int128 total;              /* of all of these, exactly, and of all hours */
    /* Each of the above is a charge line, rounded once; this is the sum of the rounded. */
    int64_t total_usd_micro;
};

enum { POUR_LINES_MAX = 1024, POUR_COMMITMENTS_MAX = 1024, POUR_COUNT_MAX = 1 << 20 };

/* Bounds: usage of a line in an hour 2^52, a price 2^50 nano-dollars an hour, what is paid upfront
 * 2^53 micro-dollars, LEDGER_HOURS_MAX hours, all of it $9 trillion. STATUS_BAD_INPUT beyond, and
 * for a plan's rate above the rate on demand. On success the caller frees the bill. */
enum status commitments_pour(const struct usage *usage, const struct commitment *commitments,
                             size_t n, const struct pour_observer *observer, struct bill *bill,
                             struct error *err);
void bill_free(struct bill *bill);

/* Whether a line is such that the commitment may cover it. */
int commitment_covers(const struct commitment *c, const struct offering *line);

/*
 * What many levels of one commitment cost on the same usage: its usd_nano_per_hour (of a plan) or
 * count (of reserved instances) is levels[i] >= 0 in turn, not falling. The others are poured once,
 * before it: so none of them may come after it in the order of kinds. total[i] is bill.total of
 * that level, to the last digit. Lines are sorted once, and summed up once an hour: that is
 * (lines + levels) an hour, after one pour of the others.
 */
enum status commitments_levels(const struct usage *usage, const struct commitment *others, size_t n,
                               const struct commitment *varied, const int64_t *levels,
                               size_t level_n, __int128 *total, struct error *err);

/* Four times the normalization factor of a size ("xlarge": 32, "nano": 1), so that it is whole; 0
 * for a size that has none ("metal" has that of another size). */
int64_t size_normalization(const char *size);
/* Whether regional reserved instances of the type cover other sizes of its family: AWS' sizes with
 * a factor, and not the families that are exempt. */
int size_is_flexible(const struct offering *of);

#endif
