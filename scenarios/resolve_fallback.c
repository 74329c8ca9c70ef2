/* SPDX-License-Identifier: Apache-2.0 */
/* When jobs leave spot pools for others. */
#include <string.h>

#include "models/scheduling/scheduler.h"
#include "scenarios/loading.h"

#define LEAST_CHANGEOVER_US INT64_C(1000000)

void resolve_fallback(struct loading *l, const struct raw_fleet *raw, struct fleet_spec *fleet)
{
    const struct raw_fallback *f = &raw->fallback;
    struct fallback_spec *spec = &fleet->fallback;
    int32_t spot = 0;
    if (f->name.state != VALUE_GOOD) return;
    spec->rule = (enum fallback_rule)f->name.number;
    spec->reclaims = (int32_t)value_or(&f->reclaims, 1);
    spec->changeover_us = value_or(&f->changeover, 0);
    if (spec->rule != FALLBACK_AFTER_RECLAIMS && is_there(&f->reclaims))
        loading_complain(l, f->reclaims.at, NULL, NULL,
                         "'reclaims' is an option of the fallback 'after-reclaims', not of '%s'",
                         f->name.text);
    if (!fallback_by_deadlines(spec->rule) && is_there(&f->changeover))
        loading_complain(l, f->changeover.at, NULL, NULL,
                         "'changeover' is an option of the fallbacks 'safety-net' and "
                         "'uniform-progress', not of '%s'",
                         f->name.text);
    if (spec->rule == FALLBACK_UNIFORM_PROGRESS && spec->changeover_us < LEAST_CHANGEOVER_US)
        loading_complain(l, is_there(&f->changeover) ? f->changeover.at : f->name.at,
                         "such as {name: uniform-progress, changeover: 10 min}", NULL,
                         "'uniform-progress' takes a changeover of at least 1 s: it says how often "
                         "jobs leave nodes and come back");
    if (spec->rule == FALLBACK_AFTER_RECLAIMS && !is_there(&f->reclaims))
        loading_complain(l, f->name.at, "such as {name: after-reclaims, reclaims: 3}", NULL,
                         "'reclaims' is missing: how often a job is taken back before");
    if (spec->rule == FALLBACK_NONE) return;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        if (!fleet->pools[p].purchase.option) return; /* it is complained of */
        spot += strcmp(fleet->pools[p].purchase.option->name, "spot") == 0;
    }
    if (spot == 0 || spot == fleet->pool_n)
        loading_complain(l, f->name.at, NULL, NULL,
                         "the fallback '%s' needs a pool of spot nodes, and one of others",
                         f->name.text);
    if (fallback_by_deadlines(spec->rule) && l->scenario->is_synth)
        loading_complain(l, f->name.at, "a trace may have them in its column deadline_s", NULL,
                         "'%s' goes by deadlines, and jobs that are drawn have none", f->name.text);
}

void check_fallback(struct loading *l, const struct raw_fleet *raw, const struct fleet_spec *fleet,
                    const struct queue_order *order)
{
    if (scheduler_can_fall_back(order, fleet->fallback.rule)) return;
    loading_complain(l, raw->fallback.name.at,
                     fallback_by_deadlines(fleet->fallback.rule)
                         ? "orders that pass over jobs can: fifo-skip, sjf-skip, priority-skip"
                         : "orders that neither size jobs nor share pools out can",
                     NULL, "under the order '%s' no job can leave its pools", order->name);
}
