/* SPDX-License-Identifier: Apache-2.0 */
/* What `seatrial sweep` shows of a finished file: the table and the answer, JSON, CSV; and whether
 * anything meets its targets. */
#ifndef TOOLS_SWEEP_SHOW_H
#define TOOLS_SWEEP_SHOW_H

#include "tools/command.h"

/* Its options, for the table of the verb. */
#define SWEEP_SHOW_OPTIONS                                                                         \
    { 0, "top", "N", false, "rows of the table (default 20)", NULL },                              \
        { 0,                                                                                       \
          "csv",                                                                                   \
          "FILE",                                                                                  \
          false,                                                                                   \
          "every point and fleet with every figure, its interval and n; - for standard output",    \
          NULL },                                                                                  \
        { 0, "slo", NULL, false, "exit with 1 where nothing surely meets every target", NULL },    \
        { 0, "json", NULL, false, "the summary as JSON on standard output", NULL },                \
    {                                                                                              \
        0, "format", "FORMAT", false, "how the table is printed", "table formats"                  \
    }

/* Looks at these options before anything is run: EXIT_YES, or EXIT_INPUT after saying what is
 * wrong. is_part: of a shard there is nothing to be shown. */
int sweep_show_check(const struct invocation *in, bool is_part);
/* Shows the file; returns an exit code. */
int sweep_show(const struct invocation *in, const char *path);

#endif
