/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fleet pays for besides its nodes. One table of named kinds; to add one, add its line.
 *
 *      by time      control plane: clusters x time x price of a cluster-hour
 *                   storage: provisioned size x time x price of a GB-month; a month is 730 hours
 *      as it comes  egress: what jobs send out x price of a GB, when each ends; so much of a month
 *                   is free; people: hours of work for each change of a pool's size x price of
 *                   an hour
 *
 * A service is a charge of the fleet and of no pool. Egress is its jobs' own; of the others no job
 * has a part. A line is rounded once, to a micro-dollar; an hour's part of it is what the line
 * grows by in that hour (models/pricing/hours.h has the same rule), so that hours add up to the
 * line.
 *
 * What is paid by time has one rate for all of it, rounded once to a nano-dollar an hour: that is
 * less than half a micro-dollar a month off. It is billed exactly for the accounting window.
 */
#ifndef MODELS_PRICING_SERVICES_H
#define MODELS_PRICING_SERVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

enum service_unit {
    SERVICE_CLUSTER_HOUR,
    SERVICE_SIZE_MONTH, /* of provisioned bytes */
    SERVICE_SIZE,       /* of bytes that jobs send */
    SERVICE_PERSON_HOUR,
    SERVICE_UNITS
};

struct service_kind {
    const char *name; /* "control-plane"; its prices go by it, too */
    enum service_unit unit;
    const char *summary, *source;
};
/* All kinds, ended by an entry whose name is NULL. */
extern const struct service_kind service_kinds[];

/* Bytes at most that a scenario may say, and nano-dollars of a unit: with these nothing but the
 * sum of all jobs' egress can leave 128 bits, and that is looked at. */
#define SERVICE_BYTES_MAX (INT64_C(1000000000000000000))
#define SERVICE_NANO_MAX  (INT64_C(1000000) * 1000000000)
enum { SERVICE_MONTH_HOURS = 730 };

/* A unit that prices are for: "GB-month". */
struct service_price_unit {
    const char *name;
    enum service_unit unit;
    int64_t bytes; /* of which the price is; 1 of a cluster-hour; microseconds of a person-hour */
};
/* Ended by an entry whose name is NULL. */
extern const struct service_price_unit service_price_units[];

/* Strings borrowed. */
struct fleet_service {
    const struct service_kind *kind;
    const char *name;                     /* once in a fleet */
    const struct service_price_unit *per; /* of the kind's unit */
    int64_t usd_nano;                     /* for one of those */
    int64_t
        amount;   /* clusters; bytes provisioned; 0 of egress; microseconds of work for a change */
    int32_t pool; /* people: whose changes */
    int64_t bytes_per_job, bytes_per_gpu_hour, free_bytes; /* egress; free: of each month */
    const char *price_region, *price_valid_from, *price_source;
};

struct fleet_services {
    int32_t n;
    const struct fleet_service *items;
};

/* Whether it is paid as it comes, and not by time. */
static inline bool service_is_metered(const struct fleet_service *s)
{
    return s->kind->unit == SERVICE_SIZE || s->kind->unit == SERVICE_PERSON_HOUR;
}
/* Whether any is. */
bool services_are_metered(const struct fleet_services *services);

/* "2 clusters", "20 TB", "5 GB a job, 100 GB a month free". */
void fleet_service_text(const struct fleet_service *s, char *text, size_t size);
/* Nano-dollars an hour of all of it, rounded half up, INT64_MAX at most; 0 of what is metered. */
int64_t service_usd_nano_per_hour(const struct fleet_service *s);
/* What it costs until us after the start of the books. us >= 0. */
int64_t service_usd_micro_until(const struct fleet_service *s, int64_t us);
/* What so much of what is metered (bytes, or microseconds of work) costs, rounded half up, or down;
 * INT64_MAX: too much. */
int64_t service_usd_micro_of(const struct fleet_service *s, __int128 bytes, bool down);
/* How much there was of it, in units of its price, for a report. us: of the books; bytes: of what
 * is metered and paid. */
double service_quantity(const struct fleet_service *s, int64_t us, __int128 bytes);

/* ---- what comes, in order of time ---- */

/*
 * What was booked of a metered service, by clock hour. Clock hours are those of the ledger
 * (models/pricing/ledger.h). A month is the calendar month, UTC, that the hour lies in; where no
 * wall clock is known, 730 hours from second 0 on. So much of each month is free, first come first
 * served, in a month of which the books have only a part, too. Owns its array.
 */
struct service_meter {
    int64_t into_hour_us, t0_unix_us; /* INT64_MIN: no wall clock */
    int64_t month;
    __int128 in_month; /* booked in it, free or paid */
    __int128 paid;     /* in all */
    __int128 *hour;    /* [capacity] paid, by hour */
    int32_t hours, capacity;
    bool hours_over; /* beyond LEDGER_HOURS_MAX: there are no hours */
};

void service_meter_init(struct service_meter *m, int64_t into_hour_us, int64_t t0_unix_us);
void service_meter_free(struct service_meter *m);
/* A job has ended at end_us, no earlier than the one before, having held so many thousandths of
 * GPUs x microseconds. It is booked in the hour of its last microsecond. *paid: how many of its
 * bytes are paid. STATUS_NO_MEMORY for the hours. */
enum status service_meter_job(struct service_meter *m, const struct fleet_service *s,
                              int64_t end_us, __int128 held_milli_us, __int128 *paid,
                              struct error *err);
/* A pool changes now: its people work, in the hour in which it does. */
enum status service_meter_change(struct service_meter *m, const struct fleet_service *s,
                                 int64_t now_us, struct error *err);

#endif
