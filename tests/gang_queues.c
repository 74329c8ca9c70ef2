/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gang_queues.h"

#include <stdlib.h>

#include "tests/support.h"

const struct gang_queue gang_queues[GANG_QUEUE_N] = {
    { "one server", 1, 2000, 0.8, 0, { 1 }, { 0 }, 0, false, false },
    { "eight servers, singles", 8, 4000, 0.9, 0, { 1 }, { 0 }, 0, false, false },
    { "gangs, calm", 8, 4000, 0.4, 0, { 1, 2, 4, 8 }, { 0 }, 0, false, false },
    { "gangs, near the ceiling", 8, 4000, 0.68, 0, { 1, 2, 4, 8 }, { 0 }, 0, false, false },
    { "gangs, beyond it", 8, 4000, 1.5, 0, { 1, 2, 4, 8 }, { 0 }, 0, false, false },
    { "heavy tails", 64, 4000, 0.6, 1.5, { 1, 2, 4, 8, 32 }, { 0 }, 0, false, false },
    { "an odd fleet", 100, 4000, 0.7, 1, { 1, 3, 7, 31, 100 }, { 0 }, 0, false, false },
    { "batches at once", 64, 4000, 0.7, 1, { 1, 8, 16 }, { 1, 1, 20 }, 0, false, false },
    { "batches spread", 64, 4000, 0.7, 0, { 1, 8, 16 }, { 1, 2, 40 }, 0.01, false, false },
    { "days and nights", 64, 4000, 0.6, 1, { 1, 4, 8 }, { 0 }, 0, true, false },
    { "batches by day", 70, 4000, 0.6, 1.5, { 1, 4, 8, 64 }, { 1, 5, 9 }, 0.001, true, false },
    { "some too large", 16, 4000, 0.6, 0, { 1, 4, 17, 40 }, { 0 }, 0, false, false },
    { "runs of nothing", 16, 4000, 0.8, 0, { 1, 4, 16 }, { 1, 10 }, 0, false, true },
    { "three hundred servers", 300, 4000, 0.8, 1, { 1, 2, 8, 64, 128 }, { 0 }, 0, false, false },
};

static double no_time(double p, double q, const void *context)
{
    (void)p, (void)q, (void)context;
    return 0;
}

void gang_queue_plan(const struct gang_queue *q, uint64_t seed, struct queue_laws *laws,
                     struct queue_plan *plan)
{
    static const double equal[] = { 1, 1, 1, 1, 1, 1 };
    double run_us = q->weekly ? 7200e6 : 3600e6, week[QUEUE_WEEK_HOURS];
    struct queue_law_source run = { run_us, law_quantile_exponential, NULL, NULL, 0 };
    struct queue_law_source gap = { 1e6, law_quantile_exponential, NULL, NULL, 0 };
    struct queue_options options;
    struct error err = { STATUS_OK, "" };
    enum status status = queue_laws_init(laws, q->sigma > 0 ? LAW_LONG : LAW_SHORT, &err);
    if (q->sigma > 0)
        run = (struct queue_law_source){ run_us, law_quantile_lognormal, &q->sigma, NULL, 0 };
    for (int c = 0; status == STATUS_OK && q->sizes[c]; c++) {
        bool instant = q->instant && c % 2;
        status =
            queue_laws_class(laws, q->sizes[c], 1,
                             instant ? (struct queue_law_source){ 1, no_time, NULL, NULL, 0 } : run,
                             &err);
    }
    uint32_t batch_n = 0;
    while (q->batches[batch_n]) batch_n++;
    if (status == STATUS_OK && batch_n)
        status = queue_laws_batches(laws, q->batches, equal, batch_n, &err);
    if (status == STATUS_OK && q->spread > 0)
        status =
            queue_laws_spread(laws,
                              (struct queue_law_source){ q->spread * run_us,
                                                         law_quantile_exponential, NULL, NULL, 0 },
                              &err);
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++)
        week[h] = h % 24 == 3 ? 0 : h % 24 < 8 ? 0.2 : h < 120 ? 2 : 0.7;
    if (status == STATUS_OK && q->weekly) status = queue_laws_week(laws, week, &err);
    if (status == STATUS_OK) status = queue_laws_gap(laws, gap, &err);
    queue_options_init(&options, q->servers);
    options.jobs = q->jobs;
    options.warm_up = q->jobs / 7;
    options.late_us = run_us / 2;
    options.seed = seed;
    options.first_hour = 30;
    /* Gaps of a second first, to learn the work of a job; then those of the load. */
    double work_us = queue_laws_offered(laws, q->servers) * queue_laws_mean_gap_us(laws);
    gap.unit_us = work_us / (q->load * q->servers) * laws->batch_mean -
                  (laws->batch_mean - 1) * laws->spread.mean_us;
    if (status == STATUS_OK) status = queue_laws_gap(laws, gap, &err);
    if (status == STATUS_OK) status = queue_plan_make(plan, laws, &options, &err);
    if (status) fail_msg("%s: %s", q->name, err.message);
}

void gang_path_init(struct queue_path *path, uint32_t jobs)
{
    path->arrival = malloc(jobs * sizeof *path->arrival);
    path->start = malloc(jobs * sizeof *path->start);
    path->run = malloc(jobs * sizeof *path->run);
    path->servers = malloc(jobs * sizeof *path->servers);
}

void gang_path_free(struct queue_path *path)
{
    free(path->arrival);
    free(path->start);
    free(path->run);
    free(path->servers);
}
