/* SPDX-License-Identifier: Apache-2.0 */
/* A sweep read for a command, with every error of it said on standard error. */
#ifndef TOOLS_SWEEP_SWEEP_INPUT_H
#define TOOLS_SWEEP_SWEEP_INPUT_H

#include "tools/command.h"
#include "tools/sweep/sweep.h"

/* Which points are resolved at once, so that what is wrong with one is found before anything runs.
 */
struct sweep_points {
    bool none;
    int64_t shard, shards; /* shards 0: all points */
    int threads;
    const volatile int *stop;
};

/* Of the scenario that the first argument names. settings may be NULL. false: nothing is left to
 * free, and *code says how to exit. closing: as of diagnostics_print. */
bool sweep_input(const struct invocation *in, const struct scenario_settings *settings,
                 const struct sweep_points *points, const char *closing, struct sweep *sweep,
                 int *code);

#endif
