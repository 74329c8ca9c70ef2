/* SPDX-License-Identifier: Apache-2.0 */
/* Files of sweeps made by hand, through reports/sweep_results.h. */
#ifndef TESTS_SWEEP_FIXTURE_H
#define TESTS_SWEEP_FIXTURE_H

#include "reports/sweep_data.h"

enum { SWEEP_FIXTURE_ROWS = 24, SWEEP_FIXTURE_REPLICATIONS = 4 };

/*
 * Two, three and four nodes, each with fifo and easy, at one load or two, with a fleet or two. A
 * node costs $100k a month; 2, 3, 4 nodes wait 6, 4, 2 hours with fifo, and half as long with easy;
 * half as long again at the second load. The second fleet costs $50k more. Replications lie $1,000
 * and 60 s to both sides. Row ((node * 2 + order) * loads + load) * fleets + fleet has the figures
 * of that place in cost and wait_s; a test changes what it is about.
 */
struct sweep_fixture {
    int32_t nodes, loads, fleets;
    const char *text; /* in the place of every name and text from outside; NULL: plain */
    double target_s;  /* of the p95 wait, at most; NAN: none */
    bool antithetic, own_seeds /* each point has another */;
    const char *tail;  /* of the first fleet at point 0; NULL */
    int32_t finished;  /* points that are in the file; -1: all */
    int32_t today;     /* which point is the scenario as it stands, from 1; 0: none */
    const char *state; /* as what it is closed: "complete" or not */
    double cost[SWEEP_FIXTURE_ROWS][SWEEP_FIXTURE_REPLICATIONS];
    double wait_s[SWEEP_FIXTURE_ROWS][SWEEP_FIXTURE_REPLICATIONS];
};

/* One load, one fleet, p95 wait at most 3.5 h: easy on two nodes is the pick. */
void sweep_fixture_default(struct sweep_fixture *f);
/* After another number of loads or fleets: the figures of the comment above. */
void sweep_fixture_fill(struct sweep_fixture *f);
/* To path, or to PATH.partial where it is not closed as complete. */
void sweep_fixture_write(const struct sweep_fixture *f, const char *path);
/* Writes it to a scratch file and reads it back; the data are the caller's to free. */
void sweep_fixture_read(const struct sweep_fixture *f, struct sweep_data *data);

#endif
