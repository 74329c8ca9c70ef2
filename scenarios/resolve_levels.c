/* SPDX-License-Identifier: Apache-2.0 */
/* The levels of attained service. */
#include "scenarios/loading.h"
#include "scenarios/units.h"

static void resolve_thresholds(struct loading *l, const struct value_list *list,
                               struct level_options *levels)
{
    const struct value *values = list->items;
    if (list->n > LEVEL_THRESHOLDS_MAX) {
        loading_complain(l, list->at, NULL, NULL,
                         "'las_thresholds' has %zu thresholds; 1 to %d are possible", list->n,
                         LEVEL_THRESHOLDS_MAX);
        return;
    }
    int64_t last = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct unit_problem problem;
        int64_t us;
        if (values[i].state != VALUE_GOOD) continue;
        if (!unit_duration(values[i].text, &us, &problem)) {
            loading_complain(l, values[i].at, problem.hint[0] ? problem.hint : NULL,
                             problem.note[0] ? problem.note : NULL, "'las_thresholds' %s",
                             problem.message);
        } else if (us <= last) {
            loading_complain(l, values[i].at, NULL, NULL,
                             last ? "'las_thresholds' must grow from one to the next"
                                  : "'las_thresholds' must be more than 0");
        } else {
            levels->threshold_us[levels->threshold_n++] = last = us;
        }
    }
}

void resolve_levels(struct loading *l, const struct raw_scheduler *raw,
                    struct level_options *levels)
{
    *levels = (struct level_options){ .quantum_us = value_or(&raw->las_quantum, 0),
                                      .promote_ppm = value_or(&raw->las_promote, 0) };
    if (raw->las_thresholds.state == VALUE_GOOD)
        resolve_thresholds(l, &raw->las_thresholds, levels);
    if (raw->las_thresholds.state != VALUE_ABSENT && raw->las_quantum.state != VALUE_ABSENT)
        loading_complain(l, raw->las_quantum.at, NULL,
                         "leave out one of them: with a quantum there is a level for each multiple",
                         "'las_quantum' and 'las_thresholds' contradict each other");
}
