/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sweep read for people: its file in plain structs, and what it decides.
 *
 *      point ---- params, one of each key          fleets.*.nodes   scheduler.order   workload.load
 *        |                                           \________ choice ________/          world
 *        +------- rows, one a fleet of the point
 *
 * A key below `fleets` is a choice, any other (the workload, a seed, a target) is the world that a
 * choice has to live in. Rows are compared within one world: each has a decision and a frontier of
 * its own. Where worlds have a point or two, as in drawn samples, they are one world, and `mixed`
 * says so.
 *
 * The decision of a world: of the rows that surely meet every target of theirs (the whole 95 %
 * interval does), the one that costs least a month; where nothing has targets, the row of least
 * cost. A fleet on which no job ran is no answer. Costs are US dollars a month of 730 hours, times
 * seconds, shares from 0 to 1. All is owned by the sweep_data.
 */
#ifndef REPORTS_SWEEP_DATA_H
#define REPORTS_SWEEP_DATA_H

#include <stdio.h>

#include "reports/charts.h"
#include "reports/data.h"
#include "reports/format.h"
#include "sim/interval.h"

enum { SWEEP_KEYS_MAX = 32, SWEEP_LEVELS_MAX = 12, SWEEP_ROWS_PAGE = 200 };

/* What a report draws of every row. */
enum sweep_figure { SWEEP_COST, SWEEP_WAIT, SWEEP_USE, SWEEP_MEAN_WAIT, SWEEP_FIGURE_N };
extern const struct sweep_figure_kind {
    const char *metric, *title, *unit; /* of metrics.h */
} sweep_figures[SWEEP_FIGURE_N];

struct sweep_key {
    char *path, *name; /* name: as much of the path's end as tells it from the others */
    bool is_choice, varies;
};

struct swept_target {
    int metric; /* of metric_defs */
    double target;
    bool at_most;
    char *label;
};

struct swept_point {
    int64_t id, jobs;
    char *ended, *workload, *seed, *price_as_of;
    char **values; /* [key_n] */
    double *numbers;
    int32_t replications, row_n, first_row, world;
    bool antithetic, is_today; /* today: it is the scenario as it stands */
    int32_t target_n;
    struct swept_target *targets;
};

struct swept_row { /* a fleet at a point */
    int32_t point, fleet;
    char *name, *summary, *queue_order, *placement, *tail; /* tail: "" where it is finite */
    int64_t gpus, nodes;
    bool is_baseline, is_answer; /* is_answer: jobs ran on it, and its cost and wait are known */
    bool on_frontier;
    int32_t n;                     /* independent observations: replications, or pairs of them */
    struct mean_interval *metrics; /* by metric_defs */
    struct mean_interval figures[SWEEP_FIGURE_N]; /* of those */
    enum verdict overall;                         /* NONE: without targets */
    double excess; /* how far it is beyond its targets, at most, as a share of them */
};

/* A cost more than B's, in dollars a month. */
struct sweep_difference {
    double mean, half; /* half NAN: one replication */
    int32_t n;         /* pairs; 0: not paired */
    bool is_paired;    /* by replication: same seed. Otherwise Welch's interval */
};

struct sweep_world {
    char *text;                                   /* "load=90 GPUs"; "" where there is one */
    int32_t row_n, meet_n, unclear_n, frontier_n; /* of its rows */
    int32_t pick, next;                           /* -1 */
    int32_t nearest;                              /* shown where nothing is picked; -1 */
    int32_t fastest;                              /* of the frontier; -1 */
    struct sweep_difference dearer;               /* next - pick */
};

/* A level of a dimension: all rows that have it, whatever else they have. */
struct sweep_level {
    char *label;
    int32_t row_n;                             /* rows with a value */
    int32_t meet_n;                            /* of them: surely meet every target of theirs */
    struct mean_interval mean[SWEEP_FIGURE_N]; /* of the rows' means; half: never too narrow */
    double least[SWEEP_FIGURE_N], most[SWEEP_FIGURE_N]; /* of the rows' means */
};
/* A key that varies, keys of one entry that vary together, or the fleets of a point. */
struct sweep_dimension {
    char *name;
    int32_t level_n;
    struct sweep_level levels[SWEEP_LEVELS_MAX];
    int32_t *level; /* [row_n] */
};

struct sweep_data {
    char *path, *state, *scenario_name, *identity, *tool_version, *rerun;
    char *created_at, *compiler, *host;
    double wall_s, cpu_s;
    int32_t runs;                  /* executions */
    int64_t points, shard, shards; /* of the whole sweep; shards 0: all of them */
    int32_t key_n;
    struct sweep_key *keys;
    int32_t point_n;
    struct swept_point *list;
    int32_t row_n;
    struct swept_row *rows;
    bool has_targets, many_fleets, mixed; /* many_fleets: rows have more than one name */
    int32_t world_n;
    struct sweep_world *worlds;
    int32_t *ranking; /* [row_n]: those that meet, cheapest first, unclear ones, the others */
    int32_t meet_n, unclear_n, frontier_n, early_n; /* of all rows; points that ended early */
    int32_t dimension_n;
    struct sweep_dimension *dimensions;
    int32_t left_out; /* keys of more levels than can be shown, and no numbers */
    int32_t input_n;
    struct report_input *inputs;
};

bool sweep_is(const char *path);
/* STATUS_BAD_INPUT: it is no sweep's file, is damaged, or has no finished point. An unfinished file
 * is read: point_n < points. */
enum status sweep_read(const char *path, struct sweep_data *data, struct error *err);
void sweep_data_free(struct sweep_data *data);

const struct mean_interval *sweep_mean_of(const struct swept_row *row, enum sweep_figure figure);
/* As people read it: "$278k ± 2k". */
struct format_text sweep_mean_text(const struct swept_row *row, enum sweep_figure figure);
const char *sweep_verdict(enum verdict verdict); /* "meets", "misses", "unclear", "no target" */

/* "today, nodes=14, order=srsf": what tells a row from the others of its world, or of all;
 * malloc'd, NULL without memory. */
char *sweep_row_text(const struct sweep_data *data, int32_t row, bool with_world);

/* The answer in one sentence, without a full stop; malloc'd. */
char *sweep_answer(const struct sweep_data *data);
/* "today it is nodes=36: $577k a month, p95 wait 84.7 min \u00b1 57.0, meets"; "" where no point
 * is. */
char *sweep_today(const struct sweep_data *data);
/* Whether a row is the baseline of the scenario as it stands. */
bool sweep_is_today(const struct sweep_data *data, int32_t row);
/* Of one world: the pick and its figures, or what is nearest to the targets; malloc'd, may be "".
 */
char *sweep_world_answer(const struct sweep_data *data, int32_t world);
/* Of one world: the runner-up, and whether it is clearly dearer; malloc'd, "" where there is none.
 */
char *sweep_world_next(const struct sweep_data *data, int32_t world);
/* "12 of 30 points are finished ..."; malloc'd, "" where all are. */
char *sweep_unfinished(const struct sweep_data *data);

/* Rows of a table that are shown unless another number is asked for. */
enum { SWEEP_TOP = 20 };
/* The first `top` rows of the ranking, and the answers. format: "table", "md" or "markdown", or
 * "csv", which is sweep_csv_write. */
enum status sweep_table_write(const struct sweep_data *data, const char *format, int32_t top,
                              int colour, FILE *out, struct error *err);
/* Every row with every metric: mean, half width, n. */
enum status sweep_csv_write(const struct sweep_data *data, FILE *out, struct error *err);
/* Keys sorted, byte-identical for the same question. */
enum status sweep_json_write(const struct sweep_data *data, FILE *out, struct error *err);
/* One self-contained page; charts may be NULL (tables only). */
enum status sweep_page_write(const struct sweep_data *data, struct charts *charts, FILE *out,
                             struct error *err);

struct sweep_chart_kind {
    const char *name, *section;
};
extern const struct sweep_chart_kind sweep_chart_kinds[]; /* ended by a NULL name */
bool sweep_chart_applies(const struct sweep_data *data, const char *kind);
/* As chart_draw and chart_png. */
enum status sweep_chart_draw(struct charts *charts, const struct sweep_data *data, const char *kind,
                             struct chart *chart, struct error *err);
enum status sweep_chart_png(struct charts *charts, const struct sweep_data *data, const char *kind,
                            const char *path, int *drawn, struct error *err);

/* ---- for sweep_read.c ---- */

struct reading;
/* Verdicts, worlds, frontiers, the ranking, decisions; reads values of the rows it compares. */
void sweep_decide(struct reading *in);
/* Names of keys, dimensions, levels and their means. */
void sweep_name_keys(struct reading *in);
void sweep_find_dimensions(struct reading *in);
void sweep_dimensions_free(struct sweep_data *data);

#endif
