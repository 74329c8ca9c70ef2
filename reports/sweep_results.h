/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the results file of a sweep (sweep.sql), of a shard of one, or of shards merged.
 *
 *      open PATH -- points of an earlier run that are known by their hash -- kept, never run again
 *           |
 *      add_point, one transaction a second -- PATH.partial
 *           |
 *      close 'complete' -- PATH
 *
 * The file grows as PATH.partial, which is locked, and takes the name PATH when it is whole; an
 * interrupted one keeps its name and is gone on with. Where PATH is there already, its points are
 * kept: an enlarged sweep runs what is new. A writer serves one thread at a time.
 */
#ifndef REPORTS_SWEEP_RESULTS_H
#define REPORTS_SWEEP_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

enum { SWEEP_APPLICATION_ID = 0x53656177 /* "Seaw" */, SWEEP_VERSION = 2 };

struct sweep_head {
    const char *identity, *today_sha256; /* today: of a point that is the scenario as it stands */
    const char *scenario_name, *scenario_text, *seed, *tool_version, *rerun;
    int32_t replications;     /* 0: the scenario's */
    int64_t points;           /* of the whole sweep */
    int64_t shard, shards;    /* shards 0: all points */
    const char (*sha256)[65]; /* [points]; of a shard those of its points are set, others "" */
};

struct sweep_fleet {
    const char *name, *summary, *queue_order, *placement, *tail /* NULL */;
    int64_t gpus, nodes;
    bool is_baseline;
};
struct sweep_param {
    const char *key, *value;
    double number; /* NAN */
};
struct sweep_target {
    const char *metric, *label;
    double target;
    bool at_most;
};
struct sweep_input {
    const char *role, *path, *sha256;
    int64_t bytes;
};
struct sweep_point {
    int64_t point_id;
    const char *sha256, *ended, *workload, *price_as_of;
    int64_t jobs;
    uint64_t seed;
    bool antithetic;
    int32_t replications, fleet_n;
    const struct sweep_fleet *fleets;
    size_t param_n, target_n, input_n, metric_n;
    const struct sweep_param *params;
    const struct sweep_target *targets;
    const struct sweep_input *inputs;
    const char *const *metrics; /* [metric_n], names of metrics.h */
    const double *values; /* [(replication * fleet_n + fleet) * metric_n + metric]; NAN: none */
};
struct sweep_execution {
    const char *created_at, *command_line, *compiler, *host;
    int32_t threads;
    int64_t points; /* that were run */
    double wall_s, cpu_s;
    int64_t max_rss_kib;
};

struct sweep_results;

/* What was found in the file. */
struct sweep_found {
    int32_t *replications; /* [points], the caller's: of those that are there already; others 0 */
    bool is_same;          /* they are of this very sweep: each is whole */
    char note[300];        /* what was found and is of no use, in words; "" */
};
/* from: the file that points are taken over from where PATH.partial is not there; NULL: PATH. */
enum status sweep_results_open(const char *path, const char *from, const struct sweep_head *head,
                               struct sweep_results **results, struct sweep_found *found,
                               struct error *err);
/* What replications a point has: values as in sweep_point, of [replications][fleet_n][metric_n]. */
enum status sweep_results_values(struct sweep_results *results, int64_t point, int32_t fleet_n,
                                 size_t metric_n, const char *const *metrics, int32_t replications,
                                 double *values, struct error *err);
/* Adds a point, or puts it in the place of what there was of it. */
enum status sweep_results_add(struct sweep_results *results, const struct sweep_point *point,
                              struct error *err);
enum status sweep_results_add_execution(struct sweep_results *results,
                                        const struct sweep_execution *execution, struct error *err);
/* Writes what is in the file, in this state, to a file of its own beside `to`, and renames it into
 * place: for those who wait for a shard. */
enum status sweep_results_publish(struct sweep_results *results, const char *to, const char *state,
                                  struct error *err);
/* "complete": the file takes its name; "interrupted" or "failed": it stays PATH.partial. Frees. */
enum status sweep_results_close(struct sweep_results *results, const char *state,
                                struct error *err);
/*
 * For merging: an empty database with the schema at a name of its own beside `path`, in a
 * transaction; without a journal, since nobody knows it before sweep_results_name has given it its
 * name. *temporary is malloc'd; on failure nothing is left.
 */
struct sqlite3;
enum status sweep_results_new(const char *path, char **temporary, struct sqlite3 **db,
                              struct error *err);
/* Synced and renamed. */
enum status sweep_results_name(const char *temporary, const char *path, struct error *err);

/* Removes PATH.partial: what is in it was published. Frees. */
void sweep_results_discard(struct sweep_results *results);

#endif
