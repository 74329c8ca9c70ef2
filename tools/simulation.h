/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario simulated into a results file: what `run` does, for any verb that needs one. */
#ifndef TOOLS_SIMULATION_H
#define TOOLS_SIMULATION_H

#include "scenarios/scenario.h"

struct simulation {
    const struct scenario *scenario;
    const char *path; /* the results file; an interrupted one of the same scenario goes on */
    const char *line; /* the command line that makes it again */
    int threads;
    bool quiet;     /* says nothing of going on */
    bool is_kept;   /* what an interrupt leaves is of use: it says how to go on */
    int64_t events; /* filled in, as is the next */
    double wall_s;
};

/* Returns EXIT_YES; EXIT_RESUMABLE after SIGINT or SIGTERM; else as command_fail does, after saying
 * why. */
int simulation_run(struct simulation *simulation);

#endif
