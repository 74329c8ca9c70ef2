/* SPDX-License-Identifier: Apache-2.0 */
/* The carbon of a pool's grid by the hour. */
#include "scenarios/loading.h"

/* A log has milligrams for a kWh. */
enum { UG_PER_MG = 1000 };

enum status resolve_carbon(struct loading *l, const struct raw_pool *raw, struct purchase *purchase)
{
    static const struct value none = { VALUE_ABSENT, { 0 }, NULL, 0 };
    const struct raw_carbon_log *c = &raw->carbon_log;
    const struct log_part part = { &c->log, &c->zone, &none, &c->from, NULL };
    enum status status = STATUS_OK;
    int64_t from_us, mean;
    if (c->self.state != VALUE_ABSENT && raw->grid_carbon.state != VALUE_ABSENT)
        loading_complain(l, c->self.at, "leave out one of them", NULL,
                         "'grid_carbon' and 'carbon_log' both say what a kWh emits");
    if (c->self.state != VALUE_GOOD || c->log.state != VALUE_GOOD) return STATUS_OK;
    const struct interruptions *log = loading_log(l, &c->log, &status);
    const struct series *s = log ? loading_series(l, log, SERIES_CARBON, &part, "") : NULL;
    if (s && loading_begin(l, &part, s, &from_us))
        status = loading_hours(l, &part, s, from_us, UG_PER_MG, &purchase->carbon, &mean);
    return status;
}
