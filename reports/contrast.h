/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fleets against a reference, figure by figure: what differs, by how much, and how sure that is.
 *
 *      sides        contrasts (a reference and a side)      figures of each contrast
 *      today   <--- backfill against today             ---  cost, waits, utilization, ...
 *          ^------- A100 against today                 ---  the same figures
 *
 * Where both are of one world (worlds.h) replications are paired; else they are two samples
 * (sim/difference.h), and the contrast says why. Antithetic replications count as the means of
 * their pairs. Jobs whose time to finish has no finite variance leave no interval, nor does one
 * replication: the difference is said, and never called clear.
 *
 * Sides and their data are the caller's and stay where they are; the rest is owned by struct
 * contrasts and freed by contrasts_free.
 */
#ifndef REPORTS_CONTRAST_H
#define REPORTS_CONTRAST_H

#include <stdio.h>

#include "reports/data.h"
#include "reports/worlds.h"
#include "sim/difference.h"

struct contrast_side {
    const struct report_data *data;
    int32_t fleet;
    const char *file;  /* as the command line has it */
    const char *label; /* tells it from the others: a fleet, a file, or both */
};

/* What a figure's difference is. LESS and MORE: its whole interval lies on one side of 0. */
enum contrast_finding {
    CONTRAST_ABSENT,  /* one of them, or both, do not have the figure */
    CONTRAST_SAME,    /* equal in each replication */
    CONTRAST_NO_SPAN, /* it differs, and there is no interval */
    CONTRAST_UNCLEAR, /* the interval holds 0: not clearly different */
    CONTRAST_LESS,
    CONTRAST_MORE
};

struct contrast_figure {
    int metric;                            /* position in metric_defs */
    struct mean_interval reference, value; /* each by itself */
    struct difference difference;          /* value - reference */
    enum contrast_finding finding;
    /* The difference with the GPU-hours that jobs ask for as a control (sim/control.h); NAN: not
     * paired, or that has no known mean. */
    struct mean_interval controlled;
};

struct contrast {
    const struct contrast_side *reference, *side;
    bool paired;
    bool tail;                       /* of one of them: no interval means anything */
    char why[WORLDS_WHY_MAX];        /* not paired: why */
    int32_t left_out;                /* replications that the other file has no partner for */
    struct contrast_figure *figures; /* by position in contrasts.metrics */
};

struct contrasts {
    size_t n;
    struct contrast *list;
    size_t metric_n, shown_n; /* the first shown_n are what a person needs */
    int *metrics;
    bool family;       /* the intervals hold together */
    double confidence; /* of each: 0.95, more in a family */
    size_t interval_n; /* of differences and values that vary */
};

struct contrast_request {
    const struct contrast_side *sides;
    struct contrast_pair {
        size_t reference, side; /* positions in sides */
    } const *pairs;
    size_t pair_n;
    bool all;        /* every metric, not only those that a person needs */
    const int *also; /* metrics to show besides; may be NULL */
    size_t also_n;
    bool family;       /* 95 % for all intervals together (Bonferroni) */
    const int *values; /* metrics whose values are judged, too, and count in the family */
    size_t value_n;
};

enum status contrasts_make(const struct contrast_request *request, struct contrasts *contrasts,
                           struct error *err);
void contrasts_free(struct contrasts *contrasts);

/* The figure of that metric; NULL where it is not among contrasts->metrics. */
const struct contrast_figure *contrast_figure(const struct contrasts *of, const struct contrast *c,
                                              int metric);
/* +1: it differs clearly for the better, -1: for the worse, 0: neither. */
int contrast_sign(const struct contrast_figure *figure);

#endif
