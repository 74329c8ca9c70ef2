/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/money.h"

#include <math.h>
#include <string.h>

const struct money_layer_def money_layers[MONEY_LAYERS] = {
    [MONEY_BOUGHT] = { "bought", "Bought" },
    [MONEY_HELD] = { "held", "Held by jobs" },
    [MONEY_USEFUL] = { "useful", "Useful" },
    [MONEY_LOST_PREEMPTED] = { "lost_to_preemptions", "Lost to preemptions" },
    [MONEY_LOST_FAILED] = { "lost_to_failures", "Lost to failures" },
    [MONEY_LOST_RECLAIMED] = { "lost_to_reclaims", "Lost to reclaims" },
    [MONEY_LOST_CHECKPOINTS] = { "checkpoints", "Writing checkpoints" },
    [MONEY_IDLE] = { "idle", "Idle" },
    [MONEY_BOOTING] = { "idle_booting", "Booting" },
    [MONEY_DOWN] = { "idle_down", "Failed, until repaired" },
    [MONEY_WAITED] = { "idle_while_waiting", "Free while jobs waited" },
    [MONEY_UNUSED] = { "unused_commitments", "Unused commitments" },
    [MONEY_FREE] = { "first_hours_free", "First hours free" },
    [MONEY_SERVICES] = { "services", "Besides nodes" },
};

/* So many of the idle GPU-hours, and what they cost. */
static void of_idle(struct money *m, enum money_layer layer, double gpu_hours)
{
    m->gpu_hours[layer] = gpu_hours;
    if (m->gpu_hours[MONEY_IDLE] > 0)
        m->usd[layer] = m->usd[MONEY_IDLE] * (gpu_hours / m->gpu_hours[MONEY_IDLE]);
}

struct money money_of_pool(const struct report_use *use)
{
    struct money m = { .usd = { 0 } };
    m.gpu_hours[MONEY_BOUGHT] = use->bought;
    m.gpu_hours[MONEY_HELD] = use->held;
    m.gpu_hours[MONEY_IDLE] = use->bought - use->held;
    m.gpu_hours[MONEY_LOST_PREEMPTED] = use->lost_preempted;
    m.gpu_hours[MONEY_LOST_FAILED] = use->lost_failed;
    m.gpu_hours[MONEY_LOST_RECLAIMED] = use->lost_reclaimed;
    m.gpu_hours[MONEY_LOST_CHECKPOINTS] = use->lost_checkpoints;
    m.usd[MONEY_BOUGHT] = use->jobs_usd + use->idle_usd + use->unused_usd + use->free_usd;
    m.usd[MONEY_HELD] = use->jobs_usd;
    m.usd[MONEY_IDLE] = use->idle_usd;
    m.usd[MONEY_UNUSED] = use->unused_usd;
    m.usd[MONEY_FREE] = use->free_usd;
    of_idle(&m, MONEY_BOOTING, use->booting);
    of_idle(&m, MONEY_DOWN, use->down);
    m.gpu_hours[MONEY_USEFUL] = m.gpu_hours[MONEY_HELD];
    m.usd[MONEY_USEFUL] = m.usd[MONEY_HELD];
    for (int l = MONEY_LOST_PREEMPTED; l <= MONEY_LOST_CHECKPOINTS; l++) {
        if (use->held > 0) m.usd[l] = use->jobs_usd * (m.gpu_hours[l] / use->held);
        m.usd[MONEY_USEFUL] -= m.usd[l];
        m.gpu_hours[MONEY_USEFUL] -= m.gpu_hours[l];
    }
    return m;
}

struct money money_of_fleet(const struct report_fleet *fleet)
{
    struct money sum = { .usd = { 0 } };
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        struct money m = money_of_pool(&fleet->pools[p].use);
        for (int l = 0; l < MONEY_LAYERS; l++) {
            sum.usd[l] += m.usd[l];
            sum.gpu_hours[l] += m.gpu_hours[l];
        }
    }
    of_idle(&sum, MONEY_WAITED, fleet->idle_while_waiting);
    for (int32_t i = 0; i < fleet->service_n; i++)
        sum.usd[MONEY_SERVICES] += fleet->services[i].jobs_usd + fleet->services[i].fleet_usd;
    sum.usd[MONEY_BOUGHT] += sum.usd[MONEY_SERVICES];
    return sum;
}

bool money_has(const struct report_data *data, enum money_layer layer)
{
    if (layer < MONEY_LOST_PREEMPTED || layer == MONEY_IDLE) return true;
    for (int32_t f = 0; f < data->fleet_n; f++) {
        struct money m = money_of_fleet(&data->fleets[f]);
        if (fabs(m.usd[layer]) > 0 || m.gpu_hours[layer] > 0) return true;
    }
    return false;
}

struct report_tenant money_rest(const struct report_tenant *owners, int32_t n, int32_t most)
{
    struct report_tenant rest = { .tenant = NULL };
    for (int32_t i = most; i < n; i++) {
        rest.jobs += owners[i].jobs;
        rest.gpu_hours += owners[i].gpu_hours;
        rest.usd += owners[i].usd;
    }
    return rest;
}

const char *money_resource_title(const char *resource)
{
    static const char *const titles[][2] = { { "gpu", "GPUs" },
                                             { "cpu", "Cores" },
                                             { "memory", "Memory, GiB" } };
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(titles[i][0], resource) == 0) return titles[i][1];
    return resource;
}
