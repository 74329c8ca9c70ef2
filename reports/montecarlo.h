/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The results file of `seatrial montecarlo` (montecarlo.sql), written and read.
 *
 *   candidate --+-- estimate      one mean a metric, with its interval and how it was made
 *               +-- distribution  quantiles over the futures, a row a share
 *               +-- fan           quantiles of the bill of each month
 *               +-- exceedance    P(a year's bill > usd)
 *               +-- risk          P(a target is missed), of each of risk_def
 *               +-- value_at_risk, regret
 *   run, input, enough, calibration: what was asked, read and how well it is known.
 *
 * No row is of one future, so that thousands of fleets under millions of futures stay a file of
 * some megabytes. Everything but table execution depends on the question alone: the same bytes of
 * rows whatever engine, device or number of threads made them. Money is US dollars, times are
 * seconds, shares are from 0 to 1.
 *
 * The writer grows `PATH.partial` and renames it when it is closed as 'complete'; otherwise it
 * takes the partial file away, as a study is minutes and is asked again from its start. Rows of a
 * candidate come after the candidate, in any order; those of one table are quickest in the order of
 * candidates. One thread at a time; strings and arrays are borrowed for the call. A number that is
 * not finite is refused as STATUS_BUG where the column is not said to take NAN.
 */
#ifndef REPORTS_MONTECARLO_H
#define REPORTS_MONTECARLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

enum { MONTECARLO_APPLICATION_ID = 0x53654d43 /* "SeMC" */, MONTECARLO_VERSION = 1 };

/* What the metrics of a study may be. */
#define MONTECARLO_COST_YEAR       "cost_usd_per_year" /* mean of the years of the span */
#define MONTECARLO_COST_MONTH      "cost_usd_per_month"
#define MONTECARLO_WAIT_P50        "wait_p50_s"
#define MONTECARLO_WAIT_P95        "wait_p95_s"
#define MONTECARLO_WAIT_P99        "wait_p99_s"
#define MONTECARLO_BACKLOG_END     "backlog_end_gpu_hours"
#define MONTECARLO_BACKLOG_MAX     "backlog_max_gpu_hours"
#define MONTECARLO_DEADLINE_MISSED "deadline_missed_share" /* of the hours */
#define MONTECARLO_UNSERVED        "unserved_gpu_hours"
#define MONTECARLO_UTILIZATION     "utilization"
enum { MONTECARLO_METRIC_N = 10 };

struct montecarlo_metric {
    const char *name, *unit /* as metrics.h: "USD/year", "s", "share", "GPU-hours" */;
    const char *better /* "lower", "higher", "neither" */, *title, *description;
};
extern const struct montecarlo_metric
    montecarlo_metrics[MONTECARLO_METRIC_N + 1]; /* ends by a NULL name */
int montecarlo_metric_index(const char *name);   /* -1: unknown */

/* The shares at which a distribution, a fan is usually given, rising. A reader needs of a
 * distribution 5, 50 and 95 %, of a fan 5, 25, 50, 75 and 95 %. */
enum { MONTECARLO_SHARE_N = 19, MONTECARLO_FAN_SHARE_N = 5, MONTECARLO_EXCEEDANCE_MAX = 400 };
extern const double montecarlo_shares[MONTECARLO_SHARE_N];
extern const double montecarlo_fan_shares[MONTECARLO_FAN_SHARE_N];

/* Whether a chance keeps within a tolerance. It meets it only with its whole interval, and misses
 * it only so; a tolerance of 0 is met where nothing was ever missed. */
enum montecarlo_verdict {
    MONTECARLO_NO_TARGET,
    MONTECARLO_MEETS,
    MONTECARLO_MISSES,
    MONTECARLO_UNCLEAR
};
enum montecarlo_verdict montecarlo_verdict(double probability, double low, double high,
                                           double tolerance);

/* ---- writing ---- */

struct montecarlo_file; /* one open file */

struct montecarlo_run {
    const char *scenario_name, *scenario_path, *scenario_sha256, *scenario_json;
    const char *workload;    /* one line */
    const char *model;       /* in words: what was computed, a sentence or three */
    const char *assumptions; /* what was uncertain and how far, one a line; "" */
    const char *notes;       /* what was repaired, one a line; "" */
    int64_t replications;
    int32_t years;
    uint64_t seed;
    bool antithetic;
    const char *first_month;                          /* "2026-03", NULL where time has no date */
    double budget_usd_per_year, budget_usd_per_month; /* NAN: none */
    double deadline_s, precision;                     /* NAN: none */
    const char *price_as_of, *tool_version, *rerun;
};
struct montecarlo_execution { /* what may differ between two runs of the same question */
    const char *created_at, *command_line, *compiler, *host;
    const char *engine; /* "cpu avx512", "cuda" */
    const char *device; /* its name, "" */
    int32_t threads;
    double wall_s, cpu_s;
    int64_t max_rss_kib, futures; /* futures: candidates x replications */
};
struct montecarlo_candidate {
    int32_t id;                         /* 0, 1, ... */
    const char *name, *fleet, *summary; /* fleet: of the scenario, that it is made from */
    int64_t gpus;
    bool is_baseline; /* of one candidate */
};
/* An event that nobody wants. Those with a tolerance are the targets that decide. That of a yearly
 * bill over budget_usd_per_year has this name, by which the charts know it. */
#define MONTECARLO_OVER_BUDGET "over budget"
struct montecarlo_risk_def {
    int32_t id;        /* 0, 1, ... as they are shown */
    const char *name;  /* a column's head: "over budget" */
    const char *label; /* after "the chance of": "a yearly bill over $4.20M" */
    double tolerance;  /* NAN: told, but not a target */
};
struct montecarlo_risk {
    int32_t candidate, risk;
    double probability, low, high; /* its 95 % interval */
    int64_t n;
    const char *method; /* "Wilson" */
};
struct montecarlo_estimate {
    int32_t candidate;
    const char *metric;
    double mean, half; /* half width of the 95 % interval; NAN: none */
    int64_t n;
    const char *method; /* "Student t", "control variates, n - 6 degrees of freedom" */
};
struct montecarlo_value_at_risk { /* of a year's bill */
    int32_t candidate;
    double share;                /* 0.95 */
    double usd, low, high, cvar; /* low, high: 95 % interval of usd, by order statistics */
};
/* What choosing this candidate costs more than the cheapest one of the same future, among those
 * that meet every target, or among all where none does (run.regret_among). */
struct montecarlo_regret {
    int32_t candidate;
    double mean, p95, worst;                  /* dollars a year */
    double cheapest_share;                    /* of the futures in which it is that cheapest one */
    double from_best, from_best_half;         /* paired, from the best mean of those; NAN: none */
    double from_baseline, from_baseline_half; /* paired; 0 of the baseline */
};
/* How sure the answer is with so many futures: half of the 95 % interval as a share of the value.
 */
struct montecarlo_enough {
    const char *metric; /* of the metrics, or "value_at_risk_95" */
    int64_t replications;
    double half_share;
    bool is_measured; /* else by 1 / sqrt(n) from what was */
};
struct montecarlo_calibration { /* the model against the simulation of each job */
    const char *fleet, *metric;
    double simulated, modelled, error; /* modelled / simulated - 1; NAN where simulated is 0 */
};

/* Refuses, as a run does, to replace what is not a file of this kind. */
enum status montecarlo_open(const char *path, const struct montecarlo_run *run,
                            struct montecarlo_file **out, struct error *err);
enum status montecarlo_add_input(struct montecarlo_file *out, const char *role, const char *path,
                                 const char *sha256, int64_t bytes, struct error *err);
enum status montecarlo_add_execution(struct montecarlo_file *out,
                                     const struct montecarlo_execution *e, struct error *err);
enum status montecarlo_add_risk_def(struct montecarlo_file *out,
                                    const struct montecarlo_risk_def *risk, struct error *err);
enum status montecarlo_add_candidate(struct montecarlo_file *out,
                                     const struct montecarlo_candidate *c, struct error *err);
enum status montecarlo_add_estimate(struct montecarlo_file *out,
                                    const struct montecarlo_estimate *e, struct error *err);
/* n quantiles: values[i] at shares[i], rising both. */
enum status montecarlo_add_distribution(struct montecarlo_file *out, int32_t candidate,
                                        const char *metric, const double *shares,
                                        const double *values, size_t n, struct error *err);
/* The bill of month 0, 1, ... of the span, not of all until then. */
enum status montecarlo_add_fan(struct montecarlo_file *out, int32_t candidate, int32_t month,
                               const double *shares, const double *usd, size_t n,
                               struct error *err);
/* usd rising, probability falling; at most MONTECARLO_EXCEEDANCE_MAX points of each candidate. */
enum status montecarlo_add_exceedance(struct montecarlo_file *out, int32_t candidate,
                                      const double *usd, const double *probability, size_t n,
                                      struct error *err);
enum status montecarlo_add_risk(struct montecarlo_file *out, const struct montecarlo_risk *risk,
                                struct error *err);
enum status montecarlo_add_value_at_risk(struct montecarlo_file *out,
                                         const struct montecarlo_value_at_risk *v,
                                         struct error *err);
enum status montecarlo_add_regret(struct montecarlo_file *out,
                                  const struct montecarlo_regret *regret, struct error *err);
enum status montecarlo_add_enough(struct montecarlo_file *out,
                                  const struct montecarlo_enough *enough, struct error *err);
enum status montecarlo_add_calibration(struct montecarlo_file *out,
                                       const struct montecarlo_calibration *c, struct error *err);
/* How many futures were drawn, where precision ended them early; known only after the run. */
enum status montecarlo_set_replications(struct montecarlo_file *out, int64_t replications,
                                        struct error *err);
/* Closes and frees whatever happens. complete: renamed to its name; else nothing is left. */
enum status montecarlo_close(struct montecarlo_file *out, bool complete, struct error *err);

#endif
