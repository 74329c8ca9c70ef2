/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario named on the command line, and what the verbs that answer it say at their end. */
#ifndef TOOLS_SCENARIO_INPUT_H
#define TOOLS_SCENARIO_INPUT_H

#include "scenarios/scenario.h"
#include "tools/command.h"

/* Loads the first argument, printing what is wrong with it. false: nothing was loaded, *code says
 * how to exit. settings may be NULL. */
bool scenario_input(const struct invocation *in, const struct scenario_settings *settings,
                    struct scenario *s, int *code);

/* The same of a scenario that stands elsewhere: path, "-" for standard input. */
bool scenario_input_of(const struct invocation *in, const char *path,
                       const struct scenario_settings *settings, struct scenario *s, int *code);

/* Notes of a results file, one a line, on standard error. */
void scenario_notes(const char *notes);
/* Draws --report where it is asked for, and says where the results are. code: EXIT_YES so far, else
 * nothing is done. Returns how to exit, with --slo where no fleet met its targets: EXIT_NO. */
int scenario_answered(const struct invocation *in, const char *results, bool met, int code);

#endif
