/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `compare` sets side by side, from its arguments and --fleet, --reference.
 *
 * An argument is a results file, or a scenario, which is simulated first as `run` does. Then
 *
 *      one file         its fleets; the reference is --reference, or the first --fleet, or the
 *                       run's baseline
 *      several files    the fleets of one name, file by file; the first file is the reference.
 *                       Files of one fleet each: these, whatever their names
 *      --reference F    with several files: fleet F of the first is the reference of all others
 *
 * --fleet leaves only the fleets that it names. All is owned by struct sides and freed by
 * sides_free; sides borrow from the files in it.
 */
#ifndef TOOLS_SIDES_H
#define TOOLS_SIDES_H

#include "reports/contrast.h"
#include "tools/command.h"

struct sides {
    size_t file_n;
    struct report_data *files;
    const char **names; /* by file, as messages and tables have it */
    size_t side_n;
    struct contrast_side *sides;
    char **labels; /* by side */
    size_t pair_n;
    struct contrast_pair *pairs;
};

/* Simulates, reads and pairs. Returns EXIT_YES; else how to exit, after saying why. Free it
 * whatever is returned. */
int sides_open(const struct invocation *in, struct sides *sides);
void sides_free(struct sides *sides);

#endif
