/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as its page shows it: the fleets that were simulated, which of them is chosen, what to
 * change for it, what would change the answer, and where all of it comes from.
 *
 *      fleets   today  plan  runner-up  fewer nodes  frontier ...  the others
 *                 |      |       |
 *                 +------+-------+--- paired differences, replication by replication
 *      changes  what to buy, give back and set, to get from today to the plan
 *      flips    what would change the answer, and to what
 *
 * Whoever plans fills it (tools/plan/plan_report.h); it owns nothing, and all of it is borrowed
 * until the page is written. Texts may hold names from outside: they are escaped here. Costs are US
 * dollars a month of 730 hours, waits seconds, utilization a share. Intervals are of 95 %; half is
 * NAN where there is none. Nothing in it hangs on the time or the machine, so that a page is the
 * same bytes for the same question.
 */
#ifndef REPORTS_PLAN_DATA_H
#define REPORTS_PLAN_DATA_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "reports/charts.h"
#include "reports/data.h"
#include "sim/interval.h"

struct planned_fleet {
    const char *name, *params, *summary; /* "hybrid"; "nodes=41, order=sjf" or ""; in words */
    int64_t nodes, gpus;                 /* at most */
    int32_t n;                           /* replications */
    struct mean_interval cost, wait, utilization;
    struct mean_interval against; /* cost less today's, paired; NAN: of today itself */
    enum verdict verdict;         /* of all targets together */
    const char *missed;           /* a target that it does not surely meet; "" */
    bool on_frontier; /* meets every target, and none that does is cheaper without waiting longer */
};

struct planned_target {
    const char *metric, *label; /* "p95_wait_s", "p95 wait at most 4 h" */
    double target;
    bool at_most;
};

/* b less a, paired over the first n replications of both; shares are of a's mean. */
struct planned_difference {
    struct mean_interval cost, wait, utilization, cost_share, wait_share;
    int32_t n;
};

struct planned_change {
    char sign;               /* '-', '+', '~' */
    const char *text, *note; /* note may be "" */
    double usd;              /* what a month grows by, by list prices; NAN: not known */
};

/* One thing that would change the answer, in words: a row of a table. */
struct planned_flip {
    const char *lever; /* "Demand", "Price of p4d.24xlarge" */
    const char *at;    /* "+7.2%", "in month 4" */
    const char *then;  /* "the plan does not surely meet its targets any more" */
    const char *other; /* what is best then, in words; "": not known */
};

/* Where a price comes from. */
struct planned_price {
    const char *fleet, *what; /* our word: "today"; "p4d.24xlarge on-demand" */
    double usd_per_hour;
    const char *where, *valid_from, *source; /* "us-east-1, on-demand" */
};

struct plan_data {
    const char *scenario_name;
    bool is_fastest; /* asked for the shortest wait within the budget, not for the least cost */
    int32_t fleet_n; /* 1 or more; the named ones first */
    const struct planned_fleet *fleets;
    int32_t today;             /* always there */
    int32_t pick, next, fewer; /* plan, runner-up, one step fewer nodes; -1: there is none. pick may
                                  be today */
    int32_t target_n;
    const struct planned_target *targets;
    bool is_clear; /* KN leaves the plan alone */
    double confidence, indifference;
    struct planned_difference from_today, to_next; /* plan less today; runner-up less plan */
    int32_t change_n;
    const struct planned_change *changes;
    const char *keys;        /* what the plan sets, by the scenario's paths; "" */
    bool flips_known;        /* they were looked for */
    int32_t flip_n, nearest; /* nearest: the flip that is least away from today; -1: none is */
    const struct planned_flip *flips;
    int64_t space, lines; /* fleets there are; lines of them that differ in nodes alone */
    int64_t simulated, replications; /* of these fleets; of all of them together */
    int64_t rebilled; /* fleets that differ from those in commitments alone, and were billed */
    bool antithetic;
    int32_t asked; /* replications a fleet, at most */
    const char *seed, *workload, *price_as_of, *tool_version, *compiler, *rerun;
    int32_t input_n, price_n;
    const struct report_input *inputs;
    const struct planned_price *prices;
    const char *json; /* the plan as `--json` prints it, in ASCII */
};

/* The decision in a sentence, plain text without a full stop; malloc'd, NULL without memory. */
char *plan_answer(const struct plan_data *data);

/* One self-contained page; charts may be NULL (tables only). */
enum status plan_page_write(const struct plan_data *data, struct charts *charts, FILE *out,
                            struct error *err);

struct plan_chart_kind {
    const char *name, *section;
};
extern const struct plan_chart_kind plan_chart_kinds[]; /* ended by a NULL name */
/* As chart_draw and chart_png. */
enum status plan_chart_draw(struct charts *charts, const struct plan_data *data, const char *kind,
                            struct chart *chart, struct error *err);
enum status plan_chart_png(struct charts *charts, const struct plan_data *data, const char *kind,
                           const char *path, int *drawn, struct error *err);

#endif
