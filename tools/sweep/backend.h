/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who runs the shards of a sweep's folder. Seatrial writes what a cluster needs and asks it to run
 * that; which task runs when and where is the cluster's business.
 */
#ifndef TOOLS_SWEEP_BACKEND_H
#define TOOLS_SWEEP_BACKEND_H

#include "tools/sweep/directory.h"
#include "tools/sweep/status.h"

enum backend { BACKEND_SLURM, BACKEND_KUBERNETES, BACKEND_N };
extern const char *const backend_names[BACKEND_N]; /* "slurm", "kubernetes" */
bool backend_named(const char *name, enum backend *backend);

struct backend_options {
    enum backend backend;
    int32_t most_at_once; /* tasks; 0 = as many as the cluster gives */
    int32_t threads;      /* of a task, at least 1 */

    /* Slurm. NULL: its default. more: options of sbatch, passed on as they are, ended by NULL. */
    const char *partition, *account;
    const char *const *more;

    /* Kubernetes. */
    const char *image;         /* "registry/name:tag" */
    const char *volume_claim;  /* of a PersistentVolumeClaim that all pods may write */
    const char *k8s_namespace; /* NULL: kubectl's */
    const char *const *inputs; /* files that the scenario reads, ended by NULL */
};
void backend_options_init(struct backend_options *options);
/* For the line of a submission; "inputs" are left out: the image has them by then. */
json_t *backend_options_json(const struct backend_options *options);

/* Those of the folder's last submission, from its line; the strings are borrowed from `lines`. */
struct backend_options_said {
    bool found; /* else the options are the usual ones */
    struct backend_options options;
    json_t *lines;
    const char **more;
};
enum status backend_options_read(const struct directory *d, struct backend_options_said *said,
                                 struct error *err);
void backend_options_free(struct backend_options_said *said);

/* What one task asks for, from what a point took in the pilot (see backend.c for the margins). */
struct backend_ask {
    int64_t minutes, memory_mib;
};
struct backend_ask backend_ask_of(const struct sweep_plan *plan, int32_t threads);

/*
 * Submits every shard that is neither whole nor live, with a merge after them, and says on `say`
 * (NULL: nowhere) what was submitted and what was left. Files that other programs may hold are
 * never touched. A folder that was cancelled is so no longer. Where all shards are whole, nothing
 * is submitted. STATUS_BAD_INPUT: the cluster refused it, or does not say what it runs.
 */
enum status backend_submit(struct directory *d, const struct backend_options *options, FILE *say,
                           struct error *err);

/* From now on no task begins; those that the cluster has are ended there. What is done stays. */
enum status backend_cancel(struct directory *d, enum backend backend, FILE *say, struct error *err);

#endif
