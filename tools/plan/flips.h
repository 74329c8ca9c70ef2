/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What would change a plan: of each thing of the world, how far it must go until the plan breaks,
 * or another fleet that was simulated is better than it.
 *
 *      demand       1/4 ...... today ...... 4 times      by simulations, to 1 %
 *      reclaims     1/4 ...... today ..... 16 times      likewise; of spot pools with chances
 *      prices      1/10 ...... today ..... 10 times      from bills alone, exactly; by simulations
 *                                                        where commitments or an autoscaler that
 *                                                        looks at prices stand between
 *
 * By halving: a plan that breaks is taken to stay broken further on, and a rival that has won to go
 * on winning. Where that is not so, what is found is one of the places where it changes. Rivals are
 * compared by their means (trials.h), on the same replications.
 */
#ifndef TOOLS_PLAN_FLIPS_H
#define TOOLS_PLAN_FLIPS_H

#include "tools/plan/trials.h"

/* Finds plan->change. plan_find has succeeded. */
enum status plan_find_changes(struct plan *plan, struct error *err);

/* flip_price.c: of the lever that trials have begun, a price. *is_exact: bills are straight lines
 * in it, and what changes the plan was added; else nothing was. */
enum status flips_of_price(struct trials *trials, bool *is_exact, struct error *err);
#define FLIP_PRICE_MOST 10.0
/* Adds one of the lever that trials have begun; beyond PLAN_FLIPS it is dropped. other: NULL where
 * there is none; missed: "" of what does not break. */
void flips_add(struct trials *trials, double factor, enum plan_then then,
               const struct plan_candidate *other, const char *missed);

#endif
