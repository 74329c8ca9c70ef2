/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gang queue on the host: a model made of laws, a fleet and a load, checked; its replications
 * on processors; and how much of the fleet gangs can use at all.
 *
 *      laws + options --> queue_plan_make --> plan.model --> queue_run          processors
 *                                                       '--> a device's kernel, with the same bits
 *
 * Two plans of one seed that differ in servers, speed or lateness alone see the same jobs; where
 * the demand differs, the same but closer. Replication r is the same on any engine, thread and
 * machine. Utilisation of a replication: its busy over servers x (last_start - first_start); load:
 * plan.offered over servers, to be held against the ceiling.
 *
 * Ticks: the finest of 1, 2, 5, 10, ... microseconds with which eight times the time that a
 * replication should take, and twice the longest run, stay below 2^32 ticks. Runs and gaps are
 * rounded to ticks. A replication that goes on for longer all the same fails the run, and says so.
 */
#ifndef MODELS_MONTECARLO_QUEUE_H
#define MODELS_MONTECARLO_QUEUE_H

#include "models/montecarlo/queue_laws.h"
#include "models/montecarlo/queue_model.h"

enum { QUEUE_JOBS_MAX = 1 << 24 };

struct queue_options {
    uint32_t servers;       /* 1 .. QUEUE_SERVERS_MAX */
    uint32_t jobs, warm_up; /* of a replication; warm_up < jobs <= QUEUE_JOBS_MAX */
    double demand;          /* arrivals, in multiples of the laws': 1 */
    double speed;           /* of runs: 1; 2 = in half the time */
    double late_us;         /* a longer wait is late; 1 hour */
    uint64_t seed;
    uint32_t first_hour; /* of the week, where the laws have one: 0 .. 167 */
    bool antithetic;     /* pairs of mirrored replications; errors are then of means of pairs */
    bool backlog;        /* all jobs are there at 0 */
};
void queue_options_init(struct queue_options *options, uint32_t servers);

/* The model points into the plan and into the laws, which outlive it: a plan stays where it is. */
struct queue_plan {
    struct queue_model model;
    int64_t tick_us;
    double offered;  /* servers that the jobs that fit would keep busy */
    double rejected; /* chance that a job asks for more servers than there are */
    uint32_t class_bins[2 << QUEUE_CLASS_BITS], classes[2 * QUEUE_CLASSES_MAX];
    uint32_t week[2 * QUEUE_WEEK_HOURS + 2];
};

/* Refuses laws without gaps or classes, options out of their ranges, fleets that no job fits, and
 * replications that ticks of 32 bits are too few for, saying the limit. */
enum status queue_plan_make(struct queue_plan *plan, const struct queue_laws *laws,
                            const struct queue_options *options, struct error *err);

/* How replications are computed: all give the same bits. QUEUE_AUTO: what is fastest here. */
enum queue_engine {
    QUEUE_AUTO,
    QUEUE_SORTED,
    QUEUE_RING,
    QUEUE_AVX2,
    QUEUE_AVX512,
    QUEUE_ENGINE_N
};

const char *queue_engine_name(enum queue_engine engine);
/* Whether this processor can. */
bool queue_engine_here(enum queue_engine engine);
/* What QUEUE_AUTO is for a model of so many servers; others are themselves. */
enum queue_engine queue_engine_for(enum queue_engine engine, uint32_t servers);

/* Replications first .. first + n - 1: results[i] of replication first + i; counts of waits are
 * added to histogram[LOG_BUCKET_N] (NULL: not wanted). On this thread; takes its memory and gives
 * it back. */
enum status queue_run(const struct queue_model *model, enum queue_engine engine, uint32_t first,
                      uint32_t n, struct queue_result *results, uint64_t *histogram,
                      struct error *err);

/* Whose waits are counted together: those of all replications, added to histogram[LOG_BUCKET_N]; or
 * each one's own, written to histogram[n][LOG_BUCKET_N], 15 KB a replication. */
enum queue_counting { QUEUE_TOGETHER, QUEUE_EACH };

/* The same on so many threads (0: as OpenMP has), with the same bytes for any number. Where it
 * fails, own counts mean nothing. */
enum status queue_run_threads(const struct queue_model *model, enum queue_engine engine,
                              uint32_t first, uint32_t n, int threads, struct queue_result *results,
                              enum queue_counting counting, uint64_t *histogram, struct error *err);

/* What a run fails with where a replication has gone beyond 32 bits. */
enum status queue_is_beyond(uint32_t replication, struct error *err);

/* One replication job by job, of model->jobs entries each; servers 0: rejected, it never starts.
 * By the ring. false: no memory, or a time beyond 32 bits. */
struct queue_path {
    uint32_t *arrival, *start, *run, *servers;
};
bool queue_trace(const struct queue_model *model, uint32_t replication, struct queue_path *path);

/*
 * The share of the servers that first come, first served keeps busy while jobs always wait: beyond
 * it queues grow without end, however many servers look idle (Rumyantsev and Morozov 2017). By 32
 * backlogged replications of `jobs` jobs, of which the first tenth is not counted.
 */
struct queue_ceiling {
    double utilisation, error; /* mean and its standard error */
};
enum status queue_ceiling_of(const struct queue_laws *laws, uint32_t servers, uint32_t jobs,
                             uint64_t seed, struct queue_ceiling *out, struct error *err);

#endif
