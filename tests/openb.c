/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/openb.h"

/* Longer than it takes for all pods to come. */
#define OPENB_RUN_US (INT64_C(30) * 86400 * US_PER_S)

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

void openb_fleet_of(const struct rows *r, int cpu, int mem, int gpus, int model,
                    struct openb_fleet *fleet)
{
    memset(fleet, 0, sizeof *fleet);
    fleet->spec = (struct fleet_spec){ .name = "openb",
                                       .pools = fleet->pools,
                                       .scheduler = { .order = queue_order_find("fifo-skip"),
                                                      .gang = GANG_ONE_NODE,
                                                      .sharing = SHARING_FRACTIONAL } };
    fleet->node_n = r->n;
    for (size_t i = 0; i < r->n; i++) {
        int64_t cores = atoll(r->cell[i][cpu]), memory = atoll(r->cell[i][mem]);
        int32_t k = 0, n = atoi(r->cell[i][gpus]);
        for (; k < fleet->spec.pool_n; k++) {
            const struct instance_type *t = &fleet->pools[k].type;
            if (t->cpu_milli == cores && t->mem_mib == memory && t->gpus == n &&
                strcmp(t->gpu_model, r->cell[i][model]) == 0)
                break;
        }
        assert_true(k < OPENB_KINDS_MAX);
        struct pool_spec *p = &fleet->pools[k];
        if (k == fleet->spec.pool_n) {
            fleet->spec.pool_n++;
            *p = (struct pool_spec){ .name = "kind",
                                     .type = { .name = "kind",
                                               .provider = "openb",
                                               .gpu_model = r->cell[i][model],
                                               .gpus = n,
                                               .cpu_milli = cores,
                                               .mem_mib = memory,
                                               .source = "" },
                                     .purchase = { .option = purchase_option_find("on-demand") } };
            fleet->rank[k] = calloc(r->n, sizeof **fleet->rank);
            assert_non_null(fleet->rank[k]);
            p->rank = fleet->rank[k];
        }
        fleet->rank[k][p->nodes++] = (int32_t)i;
    }
}

void openb_fleet_free(struct openb_fleet *fleet)
{
    for (int32_t k = 0; k < fleet->spec.pool_n; k++) free(fleet->rank[k]);
}

void openb_workload_init(struct workload *w)
{
    struct error err;
    assert_int_equal(workload_init(w, &err), STATUS_OK);
}

void openb_add(struct workload *w, int64_t cpu_milli, int64_t mem_mib, int32_t gpu_milli,
               const char *gpu_type)
{
    struct job_row row;
    struct error err;
    job_row_init(&row);
    row.submit_us = (int64_t)w->job_n * US_PER_S;
    row.run_us = OPENB_RUN_US;
    row.cpu_milli = cpu_milli;
    row.mem_mib = mem_mib;
    row.gpu_milli = gpu_milli;
    row.gpu_type = gpu_type;
    row.gpu_type_n = strlen(gpu_type);
    assert_int_equal(workload_add(w, &row, &err), STATUS_OK);
}

struct watch {
    const struct openb_fleet *fleet;
    const struct workload *w;
    struct openb_places *out;
};

static void see_job(void *context, const struct job_record *record)
{
    const struct watch *watch = context;
    int64_t came_us = watch->w->submit_us[record->job];
    bool placed = record->outcome == OUTCOME_FINISHED && record->start_us == came_us;
    watch->out->node[record->job] = -1;
    watch->out->mask[record->job] = 0;
    if (!placed) {
        /* Nobody leaves while pods come: who finds no place at once finds none. */
        assert_true(record->start_us < 0 || record->start_us >= OPENB_RUN_US);
        return;
    }
    int32_t node = record->first_node;
    const int32_t *rank = watch->fleet->rank[record->pool];
    for (int32_t p = 0; p < record->pool; p++) node -= watch->fleet->pools[p].nodes;
    watch->out->node[record->job] = rank[node];
    watch->out->mask[record->job] = record->first_mask;
}

void openb_run(const struct openb_fleet *fleet, const struct workload *w, const char *placement,
               uint64_t seed, struct openb_places *out)
{
    struct fleet_spec spec = fleet->spec;
    struct watch watch = { fleet, w, out };
    struct observer observer = { .context = &watch, .job = see_job };
    struct world_options options = { .seed = seed };
    struct world_result result;
    struct error err;
    spec.scheduler.placement = placement_find(placement);
    assert_non_null(spec.scheduler.placement);
    out->n = w->job_n;
    out->node = calloc(w->job_n + 1, sizeof *out->node);
    out->mask = calloc(w->job_n + 1, sizeof *out->mask);
    assert_true(out->node && out->mask);
    if (world_run(w, &spec, &options, &observer, &result, &err) != STATUS_OK)
        fail_msg("%s: %s", placement, err.message);
    world_result_free(&result);
}

void openb_places_free(struct openb_places *places)
{
    free(places->node);
    free(places->mask);
}
