/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When replications are enough.
 *
 *      0 ... least    look    ... least + batch    look    ...    most
 *
 * Where a scenario asks for a precision, its replications run in batches, and after each the 95 %
 * intervals are looked at: of every fleet and every figure that is named. A look sees all
 * replications so far, in their order, as the results file holds them, and nothing else; so that
 * their number is the same on any number of threads, and for a run that was interrupted and goes
 * on. Sequential intervals of fixed relative width: Chow and Robbins 1965; Law, Simulation Modeling
 * and Analysis, 9.4.1.
 */
#ifndef TOOLS_STOPPING_H
#define TOOLS_STOPPING_H

#include "reports/results.h"
#include "scenarios/scenario.h"
#include "sim/interval.h"

/* How many replications there are at the first look at `done` of them or more; where no precision
 * is asked, all of them. */
int32_t stopping_next(const struct scenario *s, int32_t done);
/* Looks at the first n replications, all of which are in the results. *enough is true where there
 * are no more to be had. */
enum status stopping_look(const struct scenario *s, struct results *results, int32_t n,
                          bool *enough, struct error *err);
/* Of one figure (by precision_names) and one fleet: whether its interval is as narrow as asked;
 * true where nothing is asked of the figure. */
bool stopping_is_narrow(const struct scenario *s, int figure, const double *values, size_t n);
/* The metric of a figure: its name in metrics.h. */
const char *stopping_metric(int figure);
/* The interval of the mean of replications, by pairs where they are. */
struct mean_interval stopping_interval(const struct scenario *s, const double *values, size_t n);
/* What was asked, for the results file: said once. */
enum status stopping_write(const struct scenario *s, struct results *results, struct error *err);

#endif
