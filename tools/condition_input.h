/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as they are written: METRIC OPERATOR LIMIT.
 *
 *      cost > +5%              5 % of the reference above it
 *      p95_wait > +10 min      ten minutes longer than the reference
 *      p95_wait >= 2 h         the figure itself
 *      utilization < -3 points a share, three percentage points below the reference
 *
 * A metric is one of `seatrial list metrics`, with or without the unit at its end; `cost` is the
 * cost per month. A sign makes the limit one of the difference from the reference. Units are those
 * of scenarios (scenarios/units.h).
 */
#ifndef TOOLS_CONDITION_INPUT_H
#define TOOLS_CONDITION_INPUT_H

#include <stdbool.h>

#include "reports/condition.h"
#include "scenarios/diagnostics.h"

/* Reads the i-th condition of a line of them; text stays the caller's and is borrowed by the
 * condition. false: `problems` has what is wrong, with its place. */
bool condition_read(const char *text, size_t i, struct condition *condition,
                    struct diagnostics *problems);

#endif
