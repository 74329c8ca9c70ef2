/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes (1.29 and later, for backoffLimitPerIndex): a manifest of an Indexed Job, one pod a
 * shard, and what a container image for it is made of. Seatrial writes them; `kubectl apply` is the
 * user's, with the user's rights.
 *
 *     FOLDER/job.yaml              a ConfigMap (the scenario, task.sh) and a Job
 *     FOLDER/image/Containerfile   podman build -t IMAGE FOLDER/image
 *     FOLDER/image/...             the program, its price tables, what the scenario reads
 *
 * An Indexed Job takes no list of indices: a resumed sweep is a new Job with as many completions as
 * shards are missing, and a list in which index I finds its shard. The volume claim is the FOLDER
 * of the pods: they work in it as tasks of Slurm do in theirs.
 */
#ifndef TOOLS_SWEEP_KUBERNETES_H
#define TOOLS_SWEEP_KUBERNETES_H

#include "tools/sweep/backend.h"

/* A list of so many numbers stays far below what an environment variable, and a Job, may hold. */
enum { KUBERNETES_SHARDS_MAX = 10000 };

/* What job.yaml is made of: nothing here is trusted. */
struct kubernetes_job {
    const struct sweep_plan *plan;
    const struct backend_options *options;
    const char *scenario; /* the text */
    const bool *wanted;   /* by shard */
    int32_t submission;
};

/* "seatrial-0123456789ab-2". */
void kubernetes_job_name(const struct sweep_plan *plan, int32_t submission, char name[40]);
/* The manifest, malloc'd. STATUS_BAD_INPUT: a rule of Kubernetes' forbids what is asked for. */
enum status kubernetes_manifest(const struct kubernetes_job *job, char **text, struct error *err);

enum status kubernetes_submit(const struct directory *d, const struct backend_options *options,
                              const bool *wanted, int32_t number, int32_t *taken, FILE *say,
                              struct error *err);
/* Says which Job to delete. */
enum status kubernetes_cancel(const struct directory *d, FILE *say, struct error *err);

#endif
