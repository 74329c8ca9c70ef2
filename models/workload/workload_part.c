/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "models/workload/columns.h"
#include "models/workload/workload.h"

/* A job without an id is known by its number in the whole. */
static bool gather_ids(const struct workload *whole, const uint32_t *jobs, size_t n,
                       struct workload *part)
{
    char id[256];
    size_t size = 0, at = 0;
    for (size_t i = 0; i < n; i++) size += strlen(workload_job_id(whole, jobs[i], id, sizeof id));
    part->id_at = malloc((n + 1) * sizeof *part->id_at);
    part->id_text = malloc(size + 1);
    if (!part->id_at || !part->id_text) return false;
    for (size_t i = 0; i < n; i++) {
        part->id_at[i] = at;
        workload_job_id(whole, jobs[i], id, sizeof id);
        size_t length = strlen(id);
        memcpy(part->id_text + at, id, length);
        at += length;
    }
    part->id_at[n] = at;
    return true;
}

bool workload_part(const struct workload *whole, const uint32_t *jobs, size_t n, bool ids,
                   struct workload *part)
{
    bool good = true;
    *part = *whole;
    part->job_n = part->capacity = n;
    part->id_at = NULL;
    part->id_text = NULL;
#define GATHER(column)                                                                             \
    {                                                                                              \
        part->column = malloc((n + 1) * sizeof *part->column);                                     \
        good &= part->column != NULL;                                                              \
        for (size_t i = 0; part->column && i < n; i++) part->column[i] = whole->column[jobs[i]];   \
    }
    FOR_EACH_COLUMN(GATHER)
#undef GATHER
    good = good && (!ids || gather_ids(whole, jobs, n, part));
    if (!good) workload_part_free(part);
    return good;
}

void workload_part_free(struct workload *part)
{
#define FREE(column) free(part->column);
    FOR_EACH_COLUMN(FREE)
#undef FREE
    free(part->id_at);
    free(part->id_text);
}
