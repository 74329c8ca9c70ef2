/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cheapest fleet that surely meets the targets of a scenario, out of all that its section
 * `vary` names, or the fastest within its budget.
 *
 *      vary, fleets -- lines -- each searched along its nodes -- feasible ones -- KN -- the answer
 *
 * A line is a fleet with all its varied keys but the number of nodes of pools: along it waits fall
 * and the bill of nodes that are always there rises, so that the fewest nodes that meet the targets
 * are found by halving, not by trying all (tests hold that against trying all). Of pools that come
 * and go, or that cannot always be had, each number of nodes is a line of its own. A candidate that
 * by its list prices alone costs more than the budget, or than two that are known to meet the
 * targets, is not simulated.
 *
 * What a fleet has committed to changes its bill alone: candidates that differ in nothing else are
 * simulated once, and their bills made from that (models/rebill.h).
 *
 * A candidate is simulated with the scenario's replications under common random numbers; one that
 * surely misses a target ends early (tools/sweep/point.h). It is feasible where the whole 95 %
 * interval of each target lies on its right side. Of the feasible ones that are left the least is
 * chosen by sim/select.h, in the metric that is asked for.
 */
#ifndef TOOLS_PLAN_PLAN_H
#define TOOLS_PLAN_PLAN_H

#include "sim/interval.h"
#include "tools/plan/index.h"
#include "tools/run_metrics.h"
#include "tools/sweep/sweep.h"

enum plan_goal { PLAN_CHEAPEST, PLAN_FASTEST };

enum plan_verdict { PLAN_MISSES, PLAN_UNCLEAR, PLAN_MEETS };

/* Figures that are shown of a candidate. */
enum plan_figure { PLAN_COST, PLAN_WAIT, PLAN_UTILIZATION, PLAN_FIGURE_N };
extern const char *const plan_metrics[PLAN_FIGURE_N]; /* names of metrics.h */

enum { PLAN_PARTS = 16, PLAN_FLIPS = 64 };
struct plan_part { /* of a candidate's bill */
    char instance[64];
    double usd; /* a month, by list prices */
};

struct plan_candidate {
    int64_t point; /* of the sweep; -1: the scenario as it stands */
    int32_t fleet;
    char *name, *summary;
    char *mix; /* "p4d.24xlarge p5.48xlarge": its pools' instance types, in their order */
    char *params,
        *short_params; /* what vary says, with whole paths and short; "" where it says nothing */
    int64_t nodes, gpus;
    char identity[65]; /* of what its figures follow from */
    char usage[65];    /* and of what its figures but its bill follow from */
    double bound_usd;  /* a month costs this or more, by list prices; 0: not known */
    int32_t part_n;    /* 0 also where there are more than PLAN_PARTS */
    struct plan_part parts[PLAN_PARTS];
    bool is_simulated;
    int32_t replications;
    struct usage_log *used;        /* [replications]: what bills are made from; NULL: not kept */
    bool is_rebilled;              /* its bill was made from another one's usage */
    const char *ended;             /* as struct point_run has it */
    double *values[PLAN_FIGURE_N]; /* by replication */
    struct mean_interval of[PLAN_FIGURE_N];
    bool has_intervals;
    enum plan_verdict of_target[RUN_TARGETS_MAX];
    enum plan_verdict rising;  /* targets that more nodes help: waits */
    enum plan_verdict falling; /* that they harm: budget, utilization, CO2 */
    enum plan_verdict all;
    char missed[160]; /* the label of a target that it does not surely meet; "" */
};

/* What of the world may be other than it is. */
enum plan_lever {
    LEVER_DEMAND,     /* arrivals so many times as fast */
    LEVER_PRICE,      /* an instance's price on demand */
    LEVER_SPOT_PRICE, /* its price on spot markets */
    LEVER_RECLAIM     /* how often spot nodes are taken back, of all spot pools together */
};
enum plan_then {
    THEN_STAYS,     /* nothing changes, as far as was looked */
    THEN_BREAKS,    /* the plan does not surely meet its targets any more */
    THEN_FEWER_DO,  /* the next fewer nodes of its line surely meet them */
    THEN_OTHER_WINS /* it meets them, but another one that does is better */
};
/* One answer to "what would change the plan?". Of a lever, a subject and a direction the first that
 * comes: below it, seen from today, the plan stays. */
struct plan_flip {
    enum plan_lever lever;
    char subject[64]; /* the instance whose price it is; "" */
    double factor;    /* of what it is today, above or below 1; THEN_STAYS: looked so far */
    enum plan_then then;
    /* Then the best that is known to meet the targets, of the fleets that were simulated: NULL
     * where none is, and of THEN_STAYS. The plan owns it. */
    const struct plan_candidate *other;
    char missed[160]; /* THEN_BREAKS: the label of a target that the plan does not surely meet */
};

struct plan {
    struct sweep *sweep;
    enum plan_goal goal;
    double alpha,
        delta; /* of KN: 1 - chance of the right choice; indifference, share of the value */
    int threads;
    const volatile int *stop;
    struct diagnostics *diagnostics; /* what is wrong with a point goes there */
    bool antithetic;                 /* replications are pairs, as the scenario has it */
    bool rebills;                    /* commitments vary, and prices are the same in all runs */
    int frontier_steps;              /* 0: none is looked for */
    bool wants_changes;              /* what would change it will be asked */
    size_t target_n;
    struct run_target targets[RUN_TARGETS_MAX]; /* of the scenario as it stands */

    size_t n, capacity; /* candidates that were looked at, in order */
    struct plan_candidate **seen;
    struct plan_index index;
    struct plan_candidate *today;         /* the baseline of the scenario as it stands */
    struct plan_candidate *best, *second; /* NULL: there is none */
    bool best_is_clear;                   /* KN leaves it alone */
    struct plan_candidate *fewer;         /* the next fewer nodes on the line of the best; NULL */
    /* Of all that meet the targets and were looked at, those that no other one betters in both cost
     * and p95 wait: from the cheapest to the fastest. With frontier_steps the cheapest for each of
     * so many waits that shrink evenly in between, and no others. */
    size_t frontier_n;
    struct plan_candidate **frontier;
    /* By plan_find_changes; NAN: not found, or it is not known. */
    struct {
        bool found;
        double breaks_at; /* demand, share of today's, from which the best is not sure to do */
        double holds_at;  /* the highest at which it surely does */
        double fewer_at;  /* at which the next fewer nodes surely do */
        double growth;    /* of demand in a year: mc.growth */
        double months;    /* until it is at breaks_at; INFINITY: never */
        size_t flip_n;    /* what changes the plan first: by lever, subject, then down before up */
        struct plan_flip flips[PLAN_FLIPS];
    } change;
    int64_t space, simulated, replications; /* candidates there are; that were simulated; runs */
    int64_t rebilled;     /* candidates whose bill was made from another's usage */
    int64_t for_frontier; /* of those simulated, for the frontier alone */
    int64_t for_changes;  /* and to see what would change it */
    int64_t lines;        /* that those there are lie on */
};

/* Searches. STATUS_BAD_INPUT where the scenario has no targets, or its points are drawn. Free it
 * whatever is returned. */
enum status plan_find(struct plan *plan, struct error *err);
void plan_free(struct plan *plan);

#endif
