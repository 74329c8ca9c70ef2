/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/fleet/gpu_table.h"
#include "models/pricing/ledger.h"
#include "models/pricing/money.h"
#include "models/pricing/purchase.h"
#include "sim/calendar.h"

const struct service_kind service_kinds[] = {
    { "control-plane", SERVICE_CLUSTER_HOUR, "managed Kubernetes, by the cluster-hour",
      "AWS containers blog, Cost optimization for Kubernetes on AWS: $0.10 an hour (EKS)" },
    { "object-storage", SERVICE_SIZE_MONTH, "stored size, by the GB-month",
      "Amazon S3 pricing, Standard" },
    { "block-storage", SERVICE_SIZE_MONTH, "provisioned size of volumes, by the GB-month",
      "Amazon EBS pricing, gp3" },
    { "lustre", SERVICE_SIZE_MONTH, "provisioned size of a parallel file system, by the GB-month",
      "Amazon FSx for Lustre pricing: usage is prorated by the second" },
    { "egress", SERVICE_SIZE, "what jobs send to the internet, by the GB",
      "AWS Global Network FAQs, data transfer out" },
    /* The last: it comes from pools, and is no choice of a scenario. */
    { "people", SERVICE_PERSON_HOUR,
      "work for each change of a pool's size, by pools' provisioning", "the scenario" },
    { NULL, SERVICE_UNITS, NULL, NULL },
};

const struct service_price_unit service_price_units[] = {
    { "cluster-hour", SERVICE_CLUSTER_HOUR, 1 },
    { "GB-month", SERVICE_SIZE_MONTH, INT64_C(1000000000) },
    { "GiB-month", SERVICE_SIZE_MONTH, INT64_C(1) << 30 },
    { "TB-month", SERVICE_SIZE_MONTH, INT64_C(1000000000000) },
    { "TiB-month", SERVICE_SIZE_MONTH, INT64_C(1) << 40 },
    { "GB", SERVICE_SIZE, INT64_C(1000000000) },
    { "GiB", SERVICE_SIZE, INT64_C(1) << 30 },
    { "TB", SERVICE_SIZE, INT64_C(1000000000000) },
    { "TiB", SERVICE_SIZE, INT64_C(1) << 40 },
    { "person-hour", SERVICE_PERSON_HOUR, HOUR_US },
    { NULL, SERVICE_UNITS, 0 },
};

bool services_are_metered(const struct fleet_services *services)
{
    for (int32_t i = 0; i < services->n; i++)
        if (service_is_metered(&services->items[i])) return true;
    return false;
}

/* The largest unit that divides it: "1200 GB". */
static void size_text(int64_t bytes, char *text, size_t size)
{
    static const struct {
        const char *name;
        int64_t bytes;
    } units[] = {
        { "TB", INT64_C(1000000000000) }, { "TiB", INT64_C(1) << 40 },
        { "GB", INT64_C(1000000000) },    { "GiB", INT64_C(1) << 30 },
        { "MB", INT64_C(1000000) },       { "B", 1 },
    };
    size_t i = 0;
    while (bytes % units[i].bytes != 0) i++;
    snprintf(text, size, "%lld %s", (long long)(bytes / units[i].bytes), units[i].name);
}

void fleet_service_text(const struct fleet_service *s, char *text, size_t size)
{
    char job[40], hour[40], none[40];
    if (s->kind->unit == SERVICE_CLUSTER_HOUR) {
        snprintf(text, size, "%lld cluster%s", (long long)s->amount, s->amount == 1 ? "" : "s");
        return;
    }
    if (s->kind->unit == SERVICE_SIZE_MONTH) {
        size_text(s->amount, text, size);
        return;
    }
    if (s->kind->unit == SERVICE_PERSON_HOUR) {
        snprintf(text, size, "%.6g hours a change", (double)s->amount / (double)HOUR_US);
        return;
    }
    size_text(s->bytes_per_job, job, sizeof job);
    size_text(s->bytes_per_gpu_hour, hour, sizeof hour);
    size_text(s->free_bytes, none, sizeof none);
    snprintf(text, size, "%s%s%s%s%s%s%s%s", s->bytes_per_job ? job : "",
             s->bytes_per_job ? " a job" : "",
             s->bytes_per_job && s->bytes_per_gpu_hour ? " + " : "",
             s->bytes_per_gpu_hour ? hour : "", s->bytes_per_gpu_hour ? " a GPU-hour" : "",
             s->free_bytes ? ", " : "", s->free_bytes ? none : "",
             s->free_bytes ? " a month free" : "");
}

int64_t service_usd_nano_per_hour(const struct fleet_service *s)
{
    if (service_is_metered(s)) return 0;
    __int128 over =
        s->kind->unit == SERVICE_SIZE_MONTH ? (__int128)s->per->bytes * SERVICE_MONTH_HOURS : 1;
    __int128 rate = ((__int128)s->usd_nano * s->amount + over / 2) / over;
    return rate > INT64_MAX ? INT64_MAX : (int64_t)rate;
}

int64_t service_usd_micro_until(const struct fleet_service *s, int64_t us)
{
    return charge_usd_micro(service_usd_nano_per_hour(s), us);
}

int64_t service_usd_micro_of(const struct fleet_service *s, __int128 bytes, bool down)
{
    __int128 over = (__int128)s->per->bytes * 1000, cost; /* nano to micro */
    if (__builtin_mul_overflow(bytes, (__int128)s->usd_nano, &cost) ||
        __builtin_add_overflow(cost, down ? 0 : over / 2, &cost) || cost / over > INT64_MAX)
        return INT64_MAX;
    return (int64_t)(cost / over);
}

double service_quantity(const struct fleet_service *s, int64_t us, __int128 bytes)
{
    double per = (double)s->per->bytes, hours = (double)us / (double)HOUR_US;
    switch (s->kind->unit) {
    case SERVICE_CLUSTER_HOUR: return (double)s->amount * hours;
    case SERVICE_SIZE_MONTH: return (double)s->amount / per * hours / SERVICE_MONTH_HOURS;
    case SERVICE_SIZE:
    case SERVICE_PERSON_HOUR:
    case SERVICE_UNITS: break;
    }
    return (double)bytes / per;
}

/* ---- what comes ---- */

void service_meter_init(struct service_meter *m, int64_t into_hour_us, int64_t t0_unix_us)
{
    *m = (struct service_meter){ .into_hour_us = into_hour_us,
                                 .t0_unix_us = t0_unix_us,
                                 .month = INT64_MIN };
}

void service_meter_free(struct service_meter *m)
{
    free(m->hour);
    m->hour = NULL;
}

/* Calendar months are counted from year 0. */
static int64_t month_of(const struct service_meter *m, int64_t hour)
{
    if (m->t0_unix_us == INT64_MIN) return hour / SERVICE_MONTH_HOURS;
    int64_t start = (m->t0_unix_us - m->into_hour_us) / HOUR_US + hour; /* exact: on the hour */
    struct date date = calendar_date(start >= 0 ? start / 24 : (start - 23) / 24);
    return date.year * 12 + date.month;
}

static enum status reach(struct service_meter *m, int64_t hour, struct error *err)
{
    m->hours_over |= hour >= LEDGER_HOURS_MAX;
    if (m->hours_over) return STATUS_OK;
    if (hour >= m->capacity) {
        int32_t wider = m->capacity ? m->capacity : 512;
        while (wider <= hour) wider *= 2;
        __int128 *more = realloc(m->hour, (size_t)wider * sizeof *more);
        if (!more) return error_set(err, STATUS_NO_MEMORY, "no memory for %d hours to bill", wider);
        memset(more + m->capacity, 0, (size_t)(wider - m->capacity) * sizeof *more);
        m->hour = more;
        m->capacity = wider;
    }
    if (hour >= m->hours) m->hours = (int32_t)hour + 1;
    return STATUS_OK;
}

/* Above any bill: no sum of jobs of it leaves 128 bits. */
#define BYTES_MOST ((__int128)1 << 90)

/* What a job sends, rounded half up to a byte. */
static __int128 bytes_of(const struct fleet_service *s, __int128 held_milli_us)
{
    const __int128 gpu_hour = (__int128)GPU_WHOLE * HOUR_US;
    __int128 bytes;
    if (__builtin_mul_overflow(held_milli_us, (__int128)s->bytes_per_gpu_hour, &bytes))
        return BYTES_MOST;
    bytes = (bytes + gpu_hour / 2) / gpu_hour + s->bytes_per_job;
    return bytes < BYTES_MOST ? bytes : BYTES_MOST;
}

enum status service_meter_job(struct service_meter *m, const struct fleet_service *s,
                              int64_t end_us, __int128 held_milli_us, __int128 *paid,
                              struct error *err)
{
    int64_t hour = (end_us - (end_us > 0) + m->into_hour_us) / HOUR_US;
    __int128 bytes = bytes_of(s, held_milli_us);
    enum status status = reach(m, hour, err);
    *paid = 0;
    if (status != STATUS_OK) return status;
    int64_t month = month_of(m, hour);
    if (month != m->month) m->in_month = 0;
    m->month = month;
    __int128 left = m->in_month < s->free_bytes ? s->free_bytes - m->in_month : 0;
    *paid = bytes > left ? bytes - left : 0;
    m->in_month += bytes;
    m->paid += *paid;
    if (!m->hours_over) m->hour[hour] += *paid;
    return STATUS_OK;
}

enum status service_meter_change(struct service_meter *m, const struct fleet_service *s,
                                 int64_t now_us, struct error *err)
{
    int64_t hour = (now_us + m->into_hour_us) / HOUR_US;
    enum status status = reach(m, hour, err);
    if (status != STATUS_OK) return status;
    m->paid += s->amount;
    if (!m->hours_over) m->hour[hour] += s->amount;
    return STATUS_OK;
}
