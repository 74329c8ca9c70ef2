/* SPDX-License-Identifier: Apache-2.0 */
/* Who the jobs belong to and what they ask for by name. */
#include <stdlib.h>

#include "models/workload/stats_parts.h"

struct sum {
    __int128 gpu_milli_us;
    int64_t jobs;
    uint32_t name;
};

static int most_gpu_time_first(const void *a, const void *b)
{
    const struct sum *x = a, *y = b;
    if (x->gpu_milli_us != y->gpu_milli_us) return x->gpu_milli_us > y->gpu_milli_us ? -1 : 1;
    if (x->jobs != y->jobs) return x->jobs > y->jobs ? -1 : 1;
    return (x->name > y->name) - (x->name < y->name);
}

static enum status count_names(const struct workload *w, const struct names *names,
                               const uint32_t *column, struct stats_names *out, struct error *err)
{
    struct sum *all = calloc(names->n, sizeof *all);
    if (!all) return error_set(err, STATUS_NO_MEMORY, "no memory for %u names", names->n);
    for (uint32_t i = 0; i < names->n; i++) all[i].name = i;
    for (size_t j = 0; j < w->job_n; j++) {
        struct sum *sum = &all[column[j]];
        sum->jobs++;
        sum->gpu_milli_us += (__int128)w->run_us[j] * w->gpu_milli[j];
    }
    qsort(all, names->n, sizeof *all, most_gpu_time_first);
    for (uint32_t i = 0; i < names->n; i++) {
        if (all[i].jobs == 0) continue;
        out->n++;
        if (out->top_n < STATS_TOP_MAX)
            out->top[out->top_n++] =
                (struct stats_name){ all[i].name, all[i].jobs, gpu_hours_of(all[i].gpu_milli_us) };
    }
    free(all);
    return STATUS_OK;
}

enum status stats_names_of(const struct workload *w, struct workload_stats *s, struct error *err)
{
    enum status status = count_names(w, &w->tenants, w->tenant, &s->tenants, err);
    if (status == STATUS_OK) status = count_names(w, &w->users, w->user, &s->users, err);
    if (status == STATUS_OK) status = count_names(w, &w->queues, w->queue, &s->queues, err);
    if (status == STATUS_OK) status = count_names(w, &w->classes, w->class_, &s->classes, err);
    if (status == STATUS_OK)
        status = count_names(w, &w->gpu_types, w->gpu_type, &s->gpu_types, err);
    return status;
}
