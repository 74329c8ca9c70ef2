/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gang_queues.h"

#include <stdlib.h>

#include "tests/support.h"

const struct gang_queue gang_queues[GANG_QUEUE_N] = {
    { .name = "one server", .servers = 1, .load = 0.8, .sizes = { 1 } },
    { .name = "eight servers, singles", .servers = 8, .load = 0.9, .sizes = { 1 } },
    { .name = "gangs, calm", .servers = 8, .load = 0.4, .sizes = { 1, 2, 4, 8 } },
    { .name = "gangs, near the ceiling", .servers = 8, .load = 0.68, .sizes = { 1, 2, 4, 8 } },
    { .name = "gangs, beyond it", .servers = 8, .load = 1.5, .sizes = { 1, 2, 4, 8 } },
    { .name = "heavy tails",
      .servers = 64,
      .load = 0.6,
      .sigma = 1.5,
      .sizes = { 1, 2, 4, 8, 32 } },
    { .name = "an odd fleet",
      .servers = 100,
      .load = 0.7,
      .sigma = 1,
      .sizes = { 1, 3, 7, 31, 100 } },
    { .name = "batches at once",
      .servers = 64,
      .load = 0.7,
      .sigma = 1,
      .sizes = { 1, 8, 16 },
      .batches = { 1, 1, 20 } },
    { .name = "batches spread",
      .servers = 64,
      .load = 0.7,
      .sizes = { 1, 8, 16 },
      .batches = { 1, 2, 40 },
      .spread = 0.01 },
    { .name = "days and nights",
      .servers = 64,
      .load = 0.6,
      .sigma = 1,
      .sizes = { 1, 4, 8 },
      .weekly = true },
    { .name = "batches by day",
      .servers = 70,
      .load = 0.6,
      .sigma = 1.5,
      .sizes = { 1, 4, 8, 64 },
      .batches = { 1, 5, 9 },
      .spread = 0.001,
      .weekly = true },
    { .name = "some too large", .servers = 16, .load = 0.6, .sizes = { 1, 4, 17, 40 } },
    { .name = "runs of nothing",
      .servers = 16,
      .load = 0.8,
      .sizes = { 1, 4, 16 },
      .batches = { 1, 10 },
      .instant = true },
    { .name = "three hundred servers",
      .servers = 300,
      .load = 0.8,
      .sigma = 1,
      .sizes = { 1, 2, 8, 64, 128 } },
    { .name = "no small gangs", .servers = 50, .load = 0.7, .sizes = { 7, 9, 20 } },
    { .name = "a few ticks", .servers = 16, .load = 0.75, .sizes = { 1, 2, 8 }, .coarse = true },
    { .name = "a few ticks, many servers",
      .servers = 600,
      .load = 0.9,
      .sizes = { 1, 30, 64 },
      .batches = { 1, 3 },
      .coarse = true },
};

static double no_time(double p, double q, const void *context)
{
    (void)p, (void)q, (void)context;
    return 0;
}

void gang_queue_plan(const struct gang_queue *q, uint64_t seed, struct queue_laws *laws,
                     struct queue_plan *plan)
{
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
    /* Of each class, but single jobs of the second; every other batch has a run of its own. */
    struct queue_batch_row rows[24];
    uint32_t row_n = 0;
    for (uint32_t i = 0; i < batch_n; i++)
        for (uint32_t c = 0; c < laws->class_n; c++, row_n++)
            rows[row_n] = (struct queue_batch_row){ c, c == 1 ? 1 : q->batches[i],
                                                    row_n % 2 ? run_us / 2 : -1 };
    if (status == STATUS_OK && row_n) status = queue_laws_batches(laws, rows, row_n, 0.6, &err);
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
    options.jobs = GANG_QUEUE_JOBS;
    options.warm_up = GANG_QUEUE_JOBS / 7;
    options.late_us = run_us / 2;
    options.seed = seed;
    options.first_hour = 30;
    /* Gaps of a second first, to learn the work of a job; then those of the load. */
    double work_us = queue_laws_offered(laws, q->servers) * queue_laws_mean_gap_us(laws);
    gap.unit_us = work_us / (q->load * q->servers) * queue_laws_batch_mean(laws) -
                  (queue_laws_batch_mean(laws) - 1) * laws->spread.mean_us;
    if (status == STATUS_OK) status = queue_laws_gap(laws, gap, &err);
    if (status == STATUS_OK) status = queue_plan_make(plan, laws, &options, &err);
    if (status) fail_msg("%s: %s", q->name, err.message);
    if (!q->coarse) return;
    /* A mean run of twelve ticks. */
    double twelfth = (double)plan->tick_us * 12 / run_us;
    plan->model.gap_scale = (uint32_t)(plan->model.gap_scale * twelfth + 0.5);
    for (uint32_t c = 0; c < laws->class_n; c++)
        plan->classes[2 * c + 1] = (uint32_t)(plan->classes[2 * c + 1] * twelfth + 0.5);
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
