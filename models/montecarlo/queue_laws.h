/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What arrives at a gang queue: laws of gaps, batches, sizes and runs, without a fleet, a load or a
 * tick. queue_fit.h finds them in a trace; tests and studies write them down:
 *
 *      queue_laws_init
 *      queue_laws_gap       between batches      queue_laws_spread    between jobs of a batch
 *      queue_laws_class     servers, chance, run; up to 16 times
 *      queue_laws_batches   classes and sizes    queue_laws_week      168 weights of the rate
 *
 * Gaps and a class are required; without batches each job is one, without a week the rate is
 * constant. Jobs arrive as a renewal process on a clock that runs faster in hours of more weight.
 *
 * Times are microseconds as doubles. The laws own all they hold; queue_laws_free takes any state
 * after init. Whoever makes a model of them (queue.h) only reads them.
 */
#ifndef MODELS_MONTECARLO_QUEUE_LAWS_H
#define MODELS_MONTECARLO_QUEUE_LAWS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/montecarlo/law.h"
#include "models/montecarlo/law_table.h"
#include "models/montecarlo/queue_model.h"

/* A law in one table that uses all of its 32 bits: a word of 2^32 would be top_us. */
struct queue_law {
    double mean_us, top_us;
};

struct queue_class {
    uint32_t servers;
    double chance; /* a weight, of jobs */
    struct queue_law run;
};

struct queue_laws {
    uint32_t class_n;
    struct queue_class classes[QUEUE_CLASSES_MAX];
    enum law_reach run_reach;
    uint32_t *run; /* tables of the classes, one after another */
    struct queue_law gap, spread;
    uint32_t gap_cells[2 * LAW_CELLS], spread_cells[2 * LAW_CELLS];
    bool weekly;
    uint32_t *batches; /* rows as the model's; NULL: all jobs come one by one */
    uint32_t batch_n;
    double alike;                  /* by queue_laws_batches */
    double week[QUEUE_WEEK_HOURS]; /* mean 1 */
};

/* run_reach: of the tables of runs. */
enum status queue_laws_init(struct queue_laws *laws, enum law_reach run_reach, struct error *err);
void queue_laws_free(struct queue_laws *laws);

/* The law in units of unit_us: of values that occurred, or by its quantile function. One of the two
 * is NULL. */
struct queue_law_source {
    double unit_us;
    law_quantile *quantile;
    const void *context;
    const int64_t *sorted;
    size_t n;
};

enum status queue_laws_gap(struct queue_laws *laws, struct queue_law_source from,
                           struct error *err);
enum status queue_laws_spread(struct queue_laws *laws, struct queue_law_source from,
                              struct error *err);
/* One batch; each of those given is as likely as the others. */
struct queue_batch_row {
    uint32_t class_, jobs; /* the class by its number, from 0; 1 .. QUEUE_BATCH_JOBS_MAX */
    double run_us;         /* that its jobs have in common; below 0: drawn by the class's law */
};
/* Copies n >= 1 rows; classes and their laws of runs are there already, and take their chances from
 * the rows. Jobs of a batch come at once until queue_laws_spread. alike, 0 .. 1: the chance that a
 * job's run is the one of its batch, not one drawn for itself; any two of a batch then correlate by
 * its square. */
enum status queue_laws_batches(struct queue_laws *laws, const struct queue_batch_row *rows,
                               uint32_t n, double alike, struct error *err);
/* Weights of the hours of the week from where replications count them; of any sum. Hours of less
 * than a thousandth of the mean count as 0. */
enum status queue_laws_week(struct queue_laws *laws, const double weights[QUEUE_WEEK_HOURS],
                            struct error *err);
enum status queue_laws_class(struct queue_laws *laws, uint32_t servers, double chance,
                             struct queue_law_source run, struct error *err);

/* Mean jobs of a batch; mean time between jobs, in microseconds; and servers that are busy on
 * average where none wait, of classes of at most servers_max: what is offered. */
double queue_laws_batch_mean(const struct queue_laws *laws);
double queue_laws_mean_gap_us(const struct queue_laws *laws);
double queue_laws_offered(const struct queue_laws *laws, uint32_t servers_max);

/* All tables and figures: the same hash, the same draws. */
uint64_t queue_laws_hash(const struct queue_laws *laws);

#endif
