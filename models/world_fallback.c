/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that have spot nodes alone, or none: models/reliability/fallback.h. */
#include <stdlib.h>
#include <string.h>

#include "models/world_state.h"

enum { ANY, SPOT, NO_SPOT }; /* pools that a job may have now */

struct fallback {
    uint64_t spot;      /* pools */
    uint8_t *only;      /* by job */
    struct events nets; /* by job that waits for spot nodes: when it has waited long enough */
};

enum status world_fallback_init(struct world *w, struct error *err)
{
    size_t n = w->workload->job_n ? w->workload->job_n : 1;
    if (w->fleet->fallback.rule == FALLBACK_NONE || w->options->replay_recorded) return STATUS_OK;
    struct fallback *f = w->fallback = calloc(1, sizeof *f);
    if (f) f->only = calloc(n, sizeof *f->only);
    if (!f || !f->only || events_init(&f->nets, (uint32_t)n, NULL) != STATUS_OK)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the fallbacks of %zu jobs", n);
    for (int32_t p = 0; p < w->fleet->pool_n; p++)
        if (strcmp(w->fleet->pools[p].purchase.option->name, "spot") == 0)
            f->spot |= UINT64_C(1) << p;
    return STATUS_OK;
}

void world_fallback_free(struct fallback *f)
{
    if (!f) return;
    events_free(&f->nets);
    free(f->only);
    free(f);
}

struct events *world_fallback_nets(struct fallback *f) { return f ? &f->nets : NULL; }

uint32_t world_fallback_demand(struct world *w, uint32_t job, uint32_t demand)
{
    const struct fallback *f = w->fallback;
    if (demand == UINT32_MAX || f->only[job] == ANY) return demand;
    return demand_of_pools(&w->demands, demand, f->only[job] == SPOT ? f->spot : ~f->spot);
}

/* When its work and two changeovers fill the time to its deadline, on other nodes. */
static int64_t net_us(struct world *w, uint32_t job, const struct demand_entry *d)
{
    uint64_t others = d->demand.pools & ~w->fallback->spot;
    int64_t deadline_us = w->workload->deadline_us[job];
    if (deadline_us < 0 || others == 0) return EVENT_NONE;
    struct progress progress = w->progress[job];
    progress.pace = 1;
    int64_t need_us =
        stretch_us(d, __builtin_ctzll(others), &progress, &w->fleet->scheduler.restart);
    need_us += 2 * w->fleet->fallback.changeover_us;
    return deadline_us > need_us ? deadline_us - need_us : 0;
}

static void decide(struct world *w, uint32_t job, uint32_t demand)
{
    struct fallback *f = w->fallback;
    const struct fallback_spec *spec = &w->fleet->fallback;
    const struct demand_entry *d = &w->demands.entries[demand];
    bool any_spot = (d->demand.pools & f->spot) != 0, any_other = (d->demand.pools & ~f->spot) != 0;
    if (f->only[job] == NO_SPOT || !any_spot || !any_other) return;
    if (spec->rule == FALLBACK_AFTER_RECLAIMS) {
        f->only[job] = w->progress[job].reclaims >= (uint32_t)spec->reclaims ? NO_SPOT : SPOT;
        return;
    }
    int64_t at_us = net_us(w, job, d);
    f->only[job] = at_us <= w->now_us ? NO_SPOT : SPOT;
    events_set(&f->nets, job, f->only[job] == SPOT ? at_us : EVENT_NONE);
}

bool world_fallback_waits(struct world *w, uint32_t job)
{
    struct fallback *f = w->fallback;
    uint8_t was = f->only[job];
    f->only[job] = ANY; /* its whole demand */
    uint32_t whole = world_demand_on_arrival(w, job);
    f->only[job] = was;
    if (whole == UINT32_MAX) return false;
    decide(w, job, whole);
    return world_demand_on_arrival(w, job) != UINT32_MAX;
}

void world_fallback_starts(struct fallback *f, uint32_t job)
{
    events_set(&f->nets, job, EVENT_NONE);
}

enum status world_fallback_net(struct world *w, struct error *err)
{
    struct fallback *f = w->fallback;
    uint32_t job = events_next_slot(&f->nets), demand = world_demand_on_arrival(w, job);
    events_set(&f->nets, job, EVENT_NONE);
    scheduler_withdraw(&w->scheduler, job, demand);
    if (w->elastic) elastic_waits(w, job, demand, -1);
    f->only[job] = NO_SPOT;
    demand = world_demand_on_arrival(w, job);
    bool good = demand != UINT32_MAX && (!w->elastic || elastic_waits(w, job, demand, +1));
    if (!good) return error_set(err, STATUS_NO_MEMORY, "no memory for the demands that wait");
    scheduler_submit_again(&w->scheduler, job, demand, w->now_us);
    return w->scheduler.failed ? error_set(err, STATUS_NO_MEMORY, "no memory for jobs that wait")
                               : STATUS_OK;
}
