/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether replication i of one results file is the same world as replication i of another: the same
 * jobs at the same times, the same draws, so that what differs is what their fleets made of it.
 *
 * Draws go by name (seed, replication, purpose), so two files are of one world where they say the
 * same seed and the same workload, draw the same anew and in the same pairs, and are of one version
 * of Seatrial. Fleets, prices and targets may differ: they are what is compared. How many
 * replications there are may, too.
 */
#ifndef REPORTS_WORLDS_H
#define REPORTS_WORLDS_H

#include <stdbool.h>

#include "reports/data.h"

enum { WORLDS_WHY_MAX = 160 };

/* false: why says what differs, "the seed differs (1 and 2)"; true: it is "". */
bool worlds_same(const struct report_data *a, const struct report_data *b,
                 char why[WORLDS_WHY_MAX]);

#endif
