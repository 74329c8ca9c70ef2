/* SPDX-License-Identifier: Apache-2.0 */
/* Targets of a part of the jobs: slo.by_class, by_tenant, by_queue. Whether there are such jobs is
 * asked where the names of the workload are known (resolve.c). */
#include "scenarios/loading.h"

const char *const slo_part_names[SLO_PART_KINDS] = { "class", "tenant", "queue" };
const char *const slo_measure_names[SLO_MEASURES] = { "p50_wait", "p90_wait", "p95_wait",
                                                      "p99_wait", "p50_jct",  "p95_jct" };

static void take_part(struct loading *l, enum slo_part_of of, const struct raw_slo_part *raw)
{
    struct slo *slo = &l->scenario->slo;
    bool any = false;
    for (int m = 0; m < SLO_MEASURES; m++) {
        const struct value *most = m < 4 ? &raw->wait[m] : &raw->jct[m - 4];
        any |= is_there(most);
        if (!is_good(most)) continue;
        if (slo->part_n == SLO_PARTS_MAX)
            loading_complain(l, most->at, NULL, NULL,
                             "there are more than %d targets by class, tenant or queue",
                             SLO_PARTS_MAX);
        else slo->parts[slo->part_n++] = (struct slo_part){ of, raw->self.text, m, most->number };
    }
    if (!any && is_good(&raw->self))
        loading_complain(l, raw->self.at, "such as {p95_wait: 1 h}", NULL,
                         "%s '%.64s' has no target here", slo_part_names[of], raw->self.text);
}

void resolve_slo_parts(struct loading *l)
{
    for (int of = 0; of < SLO_PART_KINDS; of++) {
        const struct value_list *list = &l->raw.slo.part[of];
        const struct raw_slo_part *parts = list->items;
        for (size_t i = 0; i < list->n; i++) take_part(l, (enum slo_part_of)of, &parts[i]);
    }
}
