/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to change to get from one fleet to another: what is given back, what is bought, what is set
 * otherwise.
 *
 *      -  60 nodes p4d.24xlarge on-demand in us-east-1      -$962k a month
 *      +  41 nodes p4d.24xlarge on-demand in us-east-1      +$657k a month
 *      +  8 x p5.48xlarge reserved                          +$206k a month, commits $2.47M for 12
 * ... ~  scheduler fifo -> sjf
 *
 * Purchases are compared, not pools: nodes of the same instance, option and place are added up
 * whatever their pools are called, those that come and go apart from those that are always there,
 * and what both fleets have as much of is no row. Dollars stand where they follow from list prices
 * alone: nodes that are always there and that no commitment is poured over, commitments, services
 * by time. All else has NAN: only the simulated bill knows it. What only the scenario's own keys
 * can say (options of an autoscaler, failures) is no row: a plan names those keys beside the list.
 *
 * A pure comparison of two loaded fleets. Texts hold names from outside as they are: whoever shows
 * them escapes them. The caller frees the list.
 */
#ifndef TOOLS_PLAN_CHANGE_LIST_H
#define TOOLS_PLAN_CHANGE_LIST_H

#include <stddef.h>

#include "models/fleet/fleet_spec.h"

struct change_row {
    char sign;      /* '-' given back, '+' bought, '~' set otherwise */
    char text[400]; /* "60 nodes p4d.24xlarge on-demand in us-east-1" */
    char note[120]; /* "commits $2.47M for 12 months"; "" */
    double usd;     /* what a month's bill grows by, of 730 hours; NAN: no list price says it */
};

struct change_list {
    size_t n, capacity;
    struct change_row *rows;
};

/* First what goes, then what comes, then what is set; each in the order of its fleet. On failure
 * (STATUS_NO_MEMORY) nothing is left to free. */
enum status change_list_make(const struct fleet_spec *from, const struct fleet_spec *to,
                             struct change_list *list, struct error *err);
void change_list_free(struct change_list *list);

#endif
