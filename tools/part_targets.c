/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/part_targets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/quantile.h"

/* By slo_measure_names. */
static const double shares[SLO_MEASURES] = { 0.5, 0.9, 0.95, 0.99, 0.5, 0.95 };
enum { FIRST_JCT = 4 };

/* The number of its class, tenant or queue in the workload, and the column that has it. */
static uint32_t number_of(const struct workload *w, const struct slo_part *part,
                          const uint32_t **column)
{
    const struct names *const names[SLO_PART_KINDS] = { &w->classes, &w->tenants, &w->queues };
    const uint32_t *const columns[SLO_PART_KINDS] = { w->class_, w->tenant, w->queue };
    *column = columns[part->of];
    return names_find(names[part->of], part->name, strlen(part->name));
}

enum status part_targets_find(const struct scenario *s, const struct workload *w,
                              const int64_t *wait_us, const int64_t *jct_us,
                              struct world_result *result, struct error *err)
{
    enum status status = STATUS_OK;
    if (s->slo.part_n == 0) return STATUS_OK;
    int64_t *values = malloc((w->job_n + 1) * sizeof *values);
    if (!values) return error_set(err, STATUS_NO_MEMORY, "no memory for targets of parts");
    result->part_n = s->slo.part_n;
    for (int32_t i = 0; i < s->slo.part_n && !status; i++) {
        const struct slo_part *part = &s->slo.parts[i];
        const int64_t *all = part->measure < FIRST_JCT ? wait_us : jct_us;
        const uint32_t *column, number = number_of(w, part, &column);
        int64_t us;
        size_t n = 0;
        for (size_t j = 0; j < w->job_n; j++)
            if (column[j] == number && all[j] >= 0) values[n++] = all[j];
        status = quantiles_of(values, n, &shares[part->measure], 1, &us, err);
        result->part_s[i] = n > 0 ? (double)us / US_PER_S : NAN;
    }
    free(values);
    return status;
}
