/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial sweep` for a cluster: what the command line says, asked of the backend. Each call
 * prints what it did, or what is wrong, and returns an exit code. */
#ifndef TOOLS_SWEEP_CLUSTER_H
#define TOOLS_SWEEP_CLUSTER_H

#include "tools/command.h"
#include "tools/sweep/sweep.h"

/* Whether the line asks for a cluster: --backend with another name than local. false and *code not
 * EXIT_YES: it asks for something that is none. */
bool cluster_is_asked(const struct invocation *in, int *code);

/* --backend NAME -o FOLDER: a pilot of one or two points, the folder, the submission. A folder that
 * holds this sweep is gone on with. */
int cluster_submit(const struct invocation *in, const struct sweep *sweep,
                   const volatile int *stop);

/* FOLDER --resume, --status, --cancel: the folder is the first argument. Status exits with 3 where
 * something is still to be done. */
int cluster_resume(const struct invocation *in);
int cluster_status(const struct invocation *in);
int cluster_cancel(const struct invocation *in);

/* Their options, for the table of the command. */
#define CLUSTER_OPTIONS                                                                            \
    { 0, "backend", "NAME", false, "local, slurm or kubernetes: who runs the points", NULL },      \
        { 0, "shards", "N", false, "so many tasks (default: some minutes of work each)", NULL },   \
        { 0, "at-once", "N", false, "at most so many tasks at a time", NULL },                     \
        { 0, "partition", "NAME", false, "Slurm's partition", NULL },                              \
        { 0, "account", "NAME", false, "Slurm's account", NULL },                                  \
        { 0, "sbatch-option", "--OPTION", true, "for sbatch, as it is", NULL },                    \
        { 0, "image", "IMAGE", false, "Kubernetes: the container image", NULL },                   \
        { 0, "volume-claim", "NAME", false, "Kubernetes: the claim of the shards' volume", NULL }, \
        { 0, "namespace", "NAME", false, "Kubernetes: of the Job", NULL },                         \
        { 0, "status", NULL, false, "say how far the sweep of a folder is", NULL },                \
        { 0, "resume", NULL, false, "submit what a folder lacks, as before", NULL },               \
        { 0, "cancel", NULL, false, "end the tasks of a folder; what is done stays", NULL },       \
    {                                                                                              \
        0, "json", NULL, false, "the status as JSON", NULL                                         \
    }

#endif
