/* SPDX-License-Identifier: Apache-2.0 */
/* A trace named on the command line; for the verbs of `trace`. */
#ifndef TOOLS_TRACE_INPUT_H
#define TOOLS_TRACE_INPUT_H

#include "models/workload/workload.h"
#include "tools/command.h"

/* Reads and seals the trace, printing what is wrong with it. false: nothing was read, *code says
 * how to exit. */
bool trace_input(const struct invocation *in, const char *path, struct workload *w, int *code);

#endif
