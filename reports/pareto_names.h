/* SPDX-License-Identifier: Apache-2.0 */
/* Where the names in the picture of pareto.h stand; for pareto.c only. */
#ifndef REPORTS_PARETO_NAMES_H
#define REPORTS_PARETO_NAMES_H

#include "reports/pareto.h"

/* Where the axes lie, as shares of the canvas from the bottom left. */
#define PARETO_LEFT   0.075
#define PARETO_RIGHT  0.985
#define PARETO_BOTTOM 0.14
#define PARETO_TOP    0.92

/* Writes the labels, each in the place that costs least of some near its point: none covers another
 * name or leaves the picture if there is a place where it does not. The axes go from low to high
 * (waits, log) and from bottom to top (dollars). */
void pareto_names_write(const struct pareto *p, double low, double high, double bottom, double top,
                        struct canvas *c);

#endif
