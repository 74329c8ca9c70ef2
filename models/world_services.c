/* SPDX-License-Identifier: Apache-2.0 */
/* What the fleet of a world pays besides its nodes, by clock hour. */
#include <stdlib.h>

#include "models/pricing/money.h"
#include "models/world_state.h"

enum status world_services_open(struct world *w, struct error *err)
{
    const struct fleet_services *services = &w->fleet->services;
    int64_t into_us = w->ledgers[0].into_hour_us;
    if (!services_are_metered(services)) return STATUS_OK;
    w->meters = calloc((size_t)services->n, sizeof *w->meters);
    if (!w->meters)
        return error_set(err, STATUS_NO_MEMORY, "no memory for %d services", services->n);
    for (int32_t i = 0; i < services->n; i++)
        service_meter_init(&w->meters[i], into_us, w->workload->t0_unix_us);
    return STATUS_OK;
}

void world_services_close(struct world *w)
{
    for (int32_t i = 0; w->meters && i < w->fleet->services.n; i++)
        service_meter_free(&w->meters[i]);
    free(w->meters);
    w->meters = NULL;
}

/* $2.3 trillion: what else a job costs can be added to it. Above it a line soon is too much, and
 * the run ends with a message. */
#define JOB_USD_MICRO_MAX (INT64_MAX / 4)

int64_t world_services_job(struct world *w, __int128 held_milli_us)
{
    int64_t cost = 0;
    if (w->now_us > w->books_us) return 0;
    for (int32_t i = 0; i < w->fleet->services.n; i++) {
        const struct fleet_service *s = &w->fleet->services.items[i];
        struct error err;
        __int128 paid;
        if (s->kind->unit != SERVICE_SIZE) continue;
        enum status status =
            service_meter_job(&w->meters[i], s, w->now_us, held_milli_us, &paid, &err);
        if (status != STATUS_OK) w->meters_failed = status;
        int64_t usd = service_usd_micro_of(s, paid, true);
        cost = usd < JOB_USD_MICRO_MAX - cost ? cost + usd : JOB_USD_MICRO_MAX;
    }
    if (w->obs && w->obs->job) w->jobs_usd_micro += cost;
    return cost;
}

void world_services_change(struct world *w, int32_t pool)
{
    for (int32_t i = 0; w->meters && w->now_us < w->books_us && i < w->fleet->services.n; i++) {
        const struct fleet_service *s = &w->fleet->services.items[i];
        struct error err;
        if (s->kind->unit != SERVICE_PERSON_HOUR || s->pool != pool) continue;
        enum status status = service_meter_change(&w->meters[i], s, w->now_us, &err);
        if (status != STATUS_OK) w->meters_failed = status;
    }
}

/* What it cost up to the end of an hour. */
static int64_t until_hour(const struct world *w, int32_t index, int64_t hour, __int128 *paid)
{
    const struct fleet_service *s = &w->fleet->services.items[index];
    if (service_is_metered(s)) {
        const struct service_meter *m = &w->meters[index];
        if (hour < m->hours) *paid += m->hour[hour];
        return service_usd_micro_of(s, *paid, false);
    }
    int64_t end_us = (hour + 1) * HOUR_US - w->ledgers[0].into_hour_us;
    return service_usd_micro_until(s, end_us < w->result->books_us ? end_us : w->result->books_us);
}

/* The hours are the line, or the run stops. */
static enum status bill_hours(const struct world *w, int32_t index, int64_t line, struct error *err)
{
    bool jobs = w->fleet->services.items[index].kind->unit == SERVICE_SIZE;
    int64_t before = 0, now = 0,
            hours = (w->result->books_us + w->ledgers[0].into_hour_us + HOUR_US - 1) / HOUR_US;
    __int128 paid = 0, sum = 0;
    for (int64_t h = 0; h < hours; h++) {
        now = until_hour(w, index, h, &paid);
        int64_t usd = now - before;
        before = now;
        sum += usd;
        if (usd == 0 || !w->obs || !w->obs->service_hour) continue;
        const struct service_hour_record record = { index, (int32_t)h, jobs ? usd : 0,
                                                    jobs ? 0 : usd };
        w->obs->service_hour(w->obs->context, &record);
    }
    if (sum != line) return world_broken(w, err, "dollars of a service by hour = its line");
    return STATUS_OK;
}

static enum status bill_service(struct world *w, int32_t index, struct error *err)
{
    const struct fleet_service *s = &w->fleet->services.items[index];
    struct service_result *r = &w->result->services[index];
    bool metered = service_is_metered(s);
    __int128 paid = metered ? w->meters[index].paid : 0;
    int64_t line = metered ? service_usd_micro_of(s, paid, false)
                           : service_usd_micro_until(s, w->result->books_us);
    if (line == INT64_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "service '%s' costs more than can be counted ($9 trillion)", s->name);
    r->quantity = service_quantity(s, w->result->books_us, paid);
    if (s->kind->unit == SERVICE_SIZE) r->jobs_usd_micro = line;
    else r->fleet_usd_micro = line;
    /* Where there are too many hours of pools, there are none of services. */
    if (!w->ledgers || (metered && w->meters[index].hours_over)) return STATUS_OK;
    return bill_hours(w, index, line, err);
}

enum status world_services_bill(struct world *w, struct error *err)
{
    int32_t n = w->fleet->services.n;
    if (w->meters_failed)
        return error_set(err, w->meters_failed, "no memory for the hours of %d services", n);
    if (n == 0) return STATUS_OK;
    w->result->services = calloc((size_t)n, sizeof *w->result->services);
    if (!w->result->services) return error_set(err, STATUS_NO_MEMORY, "no memory for services");
    w->result->service_n = n;
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < n && status == STATUS_OK; i++) status = bill_service(w, i, err);
    return status;
}
