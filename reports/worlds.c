/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/worlds.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static bool says(char why[WORLDS_WHY_MAX], const char *what)
{
    snprintf(why, WORLDS_WHY_MAX, "%s", what);
    return false;
}

/* What the resolved scenario says of its workload, without the tables of performance factors, which
 * are the fleets' affair; NULL where it says nothing. The caller's. */
static json_t *workload_of(const struct report_data *d, json_t **all)
{
    json_error_t error;
    *all = json_loads(d->scenario_json, 0, &error);
    json_t *workload = *all ? json_object_get(*all, "workload") : NULL;
    if (workload) json_object_del(workload, "performance_sha256");
    return workload;
}

static bool same_json(const json_t *a, const json_t *b)
{
    return (!a && !b) || (a && b && json_equal((json_t *)a, (json_t *)b));
}

bool worlds_same(const struct report_data *a, const struct report_data *b, char why[WORLDS_WHY_MAX])
{
    why[0] = '\0';
    if (a == b) return true;
    json_t *all_a, *all_b, *of_a = workload_of(a, &all_a), *of_b = workload_of(b, &all_b);
    bool same = true,
         workload = of_a || of_b ? same_json(of_a, of_b) : strcmp(a->workload, b->workload) == 0;
    if (strcmp(a->seed, b->seed) != 0) {
        snprintf(why, WORLDS_WHY_MAX, "the seed differs (%.24s and %.24s)", a->seed, b->seed);
        same = false;
    } else if (!workload || a->jobs != b->jobs || a->span_s != b->span_s) {
        same = says(why, "the workload differs");
    } else if (!same_json(json_object_get(all_a, "uncertain"),
                          json_object_get(all_b, "uncertain")) ||
               (a->redrawn && b->redrawn && strcmp(a->redrawn, b->redrawn) != 0)) {
        same = says(why, "not the same is drawn for each replication");
    } else if (a->antithetic != b->antithetic) {
        same = says(why, "one has antithetic pairs, the other not");
    } else if (strcmp(a->tool_version, b->tool_version) != 0) {
        snprintf(why, WORLDS_WHY_MAX, "they are of two versions of Seatrial (%.24s and %.24s)",
                 a->tool_version, b->tool_version);
        same = false;
    }
    json_decref(all_a);
    json_decref(all_b);
    return same;
}
