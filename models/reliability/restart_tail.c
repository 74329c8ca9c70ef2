/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/restart_tail.h"

#include <stdlib.h>

enum { JOBS_LEAST = 200 };

struct timed {
    double rate; /* failures a microsecond */
    int64_t run_us;
    int32_t gpus;
};

static int compare(const void *a, const void *b)
{
    const struct timed *x = a, *y = b;
    if (x->rate != y->rate) return x->rate < y->rate ? -1 : 1;
    if (x->run_us != y->run_us) return x->run_us < y->run_us ? -1 : 1;
    return (x->gpus > y->gpus) - (x->gpus < y->gpus);
}

/* Of a job of so many GPUs where it fails least; 0: it does not. */
static double rate_of(const struct fleet_spec *fleet, int32_t gpus)
{
    double least = -1;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        const struct failure_spec *f = &pool->failures;
        if (pool->type.gpus == 0 || (int64_t)pool->type.gpus * pool->nodes < gpus) continue;
        double nodes = (double)((gpus + pool->type.gpus - 1) / pool->type.gpus), rate = 0;
        int64_t own_us = gpu_cost_us(&f->job_mtbf, gpus);
        if (f->by_node) rate += nodes / duration_mean(&f->node);
        if (f->by_gpu) rate += nodes / duration_mean(&f->gpus);
        if (own_us > 0) rate += 1 / (double)own_us;
        if (least < 0 || rate < least) least = rate;
    }
    return least > 0 ? least : 0;
}

/* n jobs of one rate, by run time. */
static void look(const struct timed *jobs, size_t n, struct restart_tail *tail)
{
    size_t from = n - n / 10;
    double excess = 0;
    int32_t gpus = jobs[0].gpus;
    if (n < JOBS_LEAST || jobs[0].rate == 0) return;
    for (size_t i = from; i < n; i++) excess += (double)(jobs[i].run_us - jobs[from - 1].run_us);
    excess /= (double)(n - from);
    for (size_t i = 0; i < n; i++)
        if (jobs[i].gpus < gpus) gpus = jobs[i].gpus;
    double weight = jobs[0].rate * excess;
    enum tail_moment moment = weight >= 1     ? TAIL_NO_MEAN
                              : weight >= 0.5 ? TAIL_NO_VARIANCE
                                              : TAIL_FINITE;
    if (moment == TAIL_FINITE ||
        (moment <= tail->worst && weight <= tail->excess_us / tail->failure_us))
        return;
    *tail = (struct restart_tail){ moment, gpus, 1 / jobs[0].rate, excess };
}

enum status restart_tail_find(const struct workload *w, const struct fleet_spec *fleet,
                              struct restart_tail *tail, struct error *err)
{
    bool fails = false;
    *tail = (struct restart_tail){ TAIL_FINITE, 0, 1, 0 };
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct failure_spec *f = &fleet->pools[p].failures;
        fails |= f->by_node || f->by_gpu || f->job_mtbf.n > 0;
    }
    if (!fails || fleet->scheduler.restart.checkpoint == CHECKPOINT_INTERVAL) return STATUS_OK;
    struct timed *jobs = malloc((w->job_n + 1) * sizeof *jobs);
    if (!jobs) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu jobs", w->job_n);
    for (size_t j = 0; j < w->job_n; j++) {
        int32_t gpus = (w->gpu_milli[j] + 999) / 1000;
        jobs[j] = (struct timed){ rate_of(fleet, gpus > 0 ? gpus : 1), w->run_us[j], gpus };
    }
    qsort(jobs, w->job_n, sizeof *jobs, compare);
    for (size_t at = 0, end; at < w->job_n; at = end) {
        for (end = at; end < w->job_n && jobs[end].rate == jobs[at].rate;) end++;
        look(jobs + at, end - at, tail);
    }
    free(jobs);
    return STATUS_OK;
}
