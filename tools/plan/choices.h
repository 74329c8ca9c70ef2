/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a planner chooses, and what the world is: a plan must not win by an easier world.
 *
 *      a choice      fleets.*, prices.region: what is bought, where, and how it is used
 *      the world's   all else at the top of the file (demand, targets, prices, how it is
 * simulated), and of a fleet what its provider and its jobs make so: spot prices, reclaims,
 *                    failures, how long things take
 *
 * What a provider makes so may go with a choice in one entry of `vary`: another zone, and the
 * price and reclaims of it.
 */
#ifndef TOOLS_PLAN_CHOICES_H
#define TOOLS_PLAN_CHOICES_H

#include "tools/sweep/sweep.h"

/* Whether all varied keys are choices; what is not is said in diagnostics, each with its place. */
bool plan_choices_check(const struct sweep *sweep, struct diagnostics *diagnostics);

#endif
