/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleets that a Monte Carlo study compares: each fleet of the scenario, and where `mc.nodes`
 * says ranges, that fleet with each number of nodes of each such pool.
 *
 *      fleet "rented", mc: {nodes: {p4d: 40..48 by 8, p5: 2..3}}
 *          -> "rented, 40 p4d, 2 p5", "rented, 40 p4d, 3 p5", "rented, 48 p4d, 2 p5", ...
 */
#ifndef TOOLS_CANDIDATES_H
#define TOOLS_CANDIDATES_H

#include "scenarios/scenario.h"

struct candidate {
    char *name;              /* unique */
    int32_t of;              /* the scenario's fleet */
    bool is_own;             /* with the numbers of nodes that the scenario has */
    struct fleet_spec fleet; /* pools are the candidate's, all that they point to the scenario's */
};

struct candidates {
    struct candidate *items;
    size_t n;        /* at most MONTECARLO_CANDIDATES_MAX + the scenario's fleets */
    size_t baseline; /* the scenario's baseline; where its numbers are not in the ranges it is one
                        more */
};

/* In the order of the scenario's fleets, the first range outermost. The scenario outlives them. */
enum status candidates_make(const struct scenario *scenario, struct candidates *candidates,
                            struct error *err);
void candidates_free(struct candidates *candidates);

#endif
