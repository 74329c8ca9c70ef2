/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Monte Carlo study read for people: its file in plain structs, and what it decides.
 *
 * The decision: of the candidates that keep every chance with a tolerance within it, with its whole
 * interval, the one of the least mean cost per year. All is owned by the montecarlo_data.
 */
#ifndef REPORTS_MONTECARLO_DATA_H
#define REPORTS_MONTECARLO_DATA_H

#include <stdio.h>

#include "reports/charts.h"
#include "reports/data.h"
#include "reports/format.h"
#include "reports/montecarlo.h"

struct montecarlo_chance {
    double probability, low, high;
    enum montecarlo_verdict verdict;
};

struct montecarlo_plan { /* a candidate */
    char *name, *fleet, *summary;
    int64_t gpus;
    struct estimate metric[MONTECARLO_METRIC_N]; /* n = 0: absent; half may be NAN */
    double p5[MONTECARLO_METRIC_N], p50[MONTECARLO_METRIC_N], p95[MONTECARLO_METRIC_N]; /* or NAN */
    struct montecarlo_chance *chances; /* by risk */
    enum montecarlo_verdict overall;   /* of those with a tolerance */
    double excess; /* the most that a chance is over its tolerance; below 0: under it */
    struct montecarlo_value_at_risk at_risk; /* 95 %; all NAN where absent */
    struct montecarlo_regret regret;         /* all NAN where absent */
};

struct montecarlo_event { /* a risk_def */
    char *name, *label;
    double tolerance; /* NAN: none */
};

/* Of one plan: its bill by month, and how likely a year's is more than so much. */
struct montecarlo_curves {
    int32_t plan, month_n, point_n;        /* plan -1: none */
    double (*fan)[MONTECARLO_FAN_SHARE_N]; /* by month; NAN where absent */
    struct montecarlo_point {
        double usd, probability;
    } * points;
};

struct montecarlo_precision {
    char *metric;
    int64_t replications;
    double half_share;
    bool is_measured;
};
struct montecarlo_check {
    char *fleet, *metric;
    double simulated, modelled, error;
};

struct montecarlo_data {
    char *path, *scenario_name, *scenario_path, *scenario_sha256, *workload, *model, *assumptions;
    char *notes, *seed, *first_month, *price_as_of, *tool_version,
        *rerun; /* first_month may be "" */
    char *created_at, *compiler, *host, *engine, *device;
    double budget_usd_per_year, budget_usd_per_month, deadline_s, precision; /* NAN: none */
    double wall_s, futures;
    int64_t replications;
    int32_t years, threads;
    bool antithetic;
    int32_t event_n, target_n; /* targets: events with a tolerance */
    struct montecarlo_event *events;
    int32_t plan_n, baseline;
    struct montecarlo_plan *plans;
    /* Of the plans: those that meet, cheapest first; the unclear ones, then those that miss, each
     * nearest to the tolerances first. */
    int32_t *ranking;
    int32_t meet_n, unclear_n;          /* of all plans; without targets all meet */
    int32_t pick;                       /* ranking[0] where it meets; -1 */
    int32_t shown;                      /* the pick, or the first of the ranking */
    int32_t rival_n;                    /* that meet, and are not clearly dearer than the pick */
    struct montecarlo_curves curves[2]; /* of the plan that is shown, of the baseline */
    int32_t precision_n;
    struct montecarlo_precision *precisions; /* by metric, replications rising */
    int32_t check_n;
    struct montecarlo_check *checks;
    int32_t method_n;
    char **methods; /* of the means, each once */
    int32_t input_n;
    struct report_input *inputs;
};

/* Whether there is a database of this kind at path. */
bool montecarlo_is(const char *path);
enum status montecarlo_read(const char *path, struct montecarlo_data *data, struct error *err);
void montecarlo_data_free(struct montecarlo_data *data);

const struct estimate *montecarlo_mean(const struct montecarlo_plan *plan, const char *metric);
/* Mean and half width as people read them, by the metric's unit. */
struct format_text montecarlo_mean_text(const struct montecarlo_plan *plan, const char *metric);

/* A chance as people read it: "0%", "under 0.1%", "1.2%", "99.7%", "over 99.9%", "100%". What is
 * not surely 0 or 1 never reads as if it were. */
struct format_text montecarlo_chance_text(double probability);

/* The answer in one sentence, without a full stop; malloc'd. */
char *montecarlo_answer(const struct montecarlo_data *data);
/* How far the model is off the simulation of each job; malloc'd, one line. */
char *montecarlo_calibration(const struct montecarlo_data *data);
/* How many replications are enough: the figures and the numbers (the largest ones, rising) that the
 * study has a precision of; the pair, NULL where it has none; as "0.12%", "0.03%*" where not
 * measured. */
enum { MONTECARLO_ENOUGH_METRICS = 6, MONTECARLO_ENOUGH_NUMBERS = 12 };
int montecarlo_enough_metrics(const struct montecarlo_data *data,
                              const char *metrics[MONTECARLO_ENOUGH_METRICS]);
int montecarlo_enough_numbers(const struct montecarlo_data *data,
                              int64_t numbers[MONTECARLO_ENOUGH_NUMBERS]);
const struct montecarlo_precision *montecarlo_enough_at(const struct montecarlo_data *data,
                                                        const char *metric, int64_t replications);
struct format_text montecarlo_enough_text(const struct montecarlo_precision *precision);
/* A metric's title, "Value at risk, 95%". */
const char *montecarlo_precision_title(const char *metric);

/* How many plans a terminal and a page show, the baseline besides. */
enum { MONTECARLO_SHOWN = 12, MONTECARLO_SHOWN_PAGE = 20 };
/* The plans to show: the first `most` of the ranking (at most MONTECARLO_SHOWN_PAGE), the baseline
 * last where it is not among them; their number. */
int32_t montecarlo_shown(const struct montecarlo_data *data, int32_t most,
                         int32_t shown[MONTECARLO_SHOWN_PAGE + 1]);

/* format: "table", "md", "csv"; csv is of all candidates. */
enum status montecarlo_table_write(const struct montecarlo_data *data, const char *format,
                                   int colour, FILE *out, struct error *err);
/* As JSON with "format_version", keys sorted; all candidates; what may differ between two runs of
 * the same question left out. */
enum status montecarlo_json_write(const struct montecarlo_data *data, FILE *out, struct error *err);
/* The page; charts may be NULL. */
enum status montecarlo_page_write(const struct montecarlo_data *data, struct charts *charts,
                                  FILE *out, struct error *err);

/* The charts of a study, as charts.h has those of a run; ended by a NULL name. */
struct montecarlo_chart_kind {
    const char *name, *section;
};
extern const struct montecarlo_chart_kind montecarlo_chart_kinds[];
enum status montecarlo_chart_draw(struct charts *charts, const struct montecarlo_data *data,
                                  const char *kind, struct chart *chart, struct error *err);
enum status montecarlo_chart_png(struct charts *charts, const struct montecarlo_data *data,
                                 const char *kind, const char *path, int *drawn, struct error *err);

#endif
