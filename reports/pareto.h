/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture of many fleets: cost per month against p95 wait, a point a fleet.
 *
 *      cost |  o o                     filled: good; hollow: not; square: the baseline
 *           |    x--x-- o   | beyond   bars: 95 % intervals; a line through each frontier
 *           |        \__x   | the
 *           |      chosen   | target   names stand beside their points, where there is room
 *           +--------------------------- wait, log scale
 *
 * Names are put where they cover neither each other nor the points that have names: near their
 * point if that is possible, else at the end of a thin line. Everything is borrowed.
 */
#ifndef REPORTS_PARETO_H
#define REPORTS_PARETO_H

#include <stdbool.h>
#include <stdint.h>

#include "reports/canvas.h"

/* Later ones are drawn over earlier ones. */
enum pareto_look {
    PARETO_OTHER,
    PARETO_CLOSE,
    PARETO_GOOD,
    PARETO_BASE,
    PARETO_PICK,
    PARETO_LOOKS
};

struct pareto_point {
    double wait_s, cost_usd;     /* means, finite */
    double wait_half, cost_half; /* of their bars; NAN or 0: none */
    enum pareto_look look;
    int32_t line; /* the frontier that goes through it; -1: none */
};

struct pareto_name {
    int32_t point;
    const char *text; /* any text */
    bool bold;
};

struct pareto {
    int32_t n;                         /* 2 or more */
    const struct pareto_point *points; /* what is to be on top first */
    int32_t line_n;                    /* frontiers: 0 <= line < line_n */
    int32_t name_n;
    const struct pareto_name *names; /* what matters most first: it has the best place */
    double most_wait_s, most_usd;    /* targets, drawn as lines; NAN: none */
};

enum { PARETO_HEIGHT = 500, PARETO_NAMES_MAX = 16 };

/* On a canvas of CHART_WIDTH x PARETO_HEIGHT. Of more points than can be told apart of a look some
 * are left out: pareto_thins. Names beyond PARETO_NAMES_MAX are left out, too. */
void pareto_draw(const struct pareto *p, struct canvas *c);
int32_t pareto_count(const struct pareto *p, enum pareto_look look);
bool pareto_thins(int32_t n);

#endif
