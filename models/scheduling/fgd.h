/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fragmentation gradient descent: Weng et al., Beware of fragmentation (ATC'23), and its simulator.
 *
 *      typical requests   the most frequent (cores, GPUs, types of GPU) of the workload, as many as
 *                         make up 95 % of its jobs, with their frequencies
 *      F(node)            GPU thousandths that are free there and of no use to a request drawn from
 *                         these: all of them if it wants no GPU or another type, or finds too few
 *                         cores or too few GPUs that have enough free; else those of GPUs with too
 *                         little
 *      score              100 x sigmoid((F before - F after) / 1000), cut to a whole number; for a
 *                         part of a GPU, of the GPU with which it is highest, the lowest of equals
 *
 * So it knows what is asked for in the whole trace, though not when. Memory plays no part in it.
 */
#ifndef MODELS_SCHEDULING_FGD_H
#define MODELS_SCHEDULING_FGD_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/fleet_spec.h"
#include "models/workload/workload.h"

struct node_view;

struct typical {
    int64_t cpu_milli;
    int32_t milli, gpus; /* of each of so many GPUs; 0 of 0 = a CPU job */
    int32_t size;        /* which of fgd.sizes, -1 = none */
    double frequency;    /* of all typical ones */
    uint64_t pools;      /* bit p: pool p has GPUs of a type it asks for */
};

enum { FGD_SIZES_MAX = 64 };

struct fgd {
    struct typical *typical;
    int32_t typical_n;
    int32_t sizes[FGD_SIZES_MAX], size_n; /* distinct milli of typical ones */
    double *before;                       /* by node of the fleet: F, negative = to be worked out */
};

/* Where the fleet's scheduler shares GPUs by parts these are held as such; else every part is a
 * whole GPU. NULL: no memory. */
struct fgd *fgd_new(const struct workload *workload, const struct fleet_spec *fleet,
                    int64_t node_n);
void fgd_free(struct fgd *f);
/* The node has changed. */
static inline void fgd_forget(struct fgd *f, uint32_t node) { f->before[node] = -1; }
/* F of a node of a pool with so much left; more than FGD_SIZES_MAX sizes: the rest count as the
 * last. */
double fgd_fragments(const struct fgd *f, int32_t pool, int64_t cpu_free,
                     const uint16_t *free_milli, int32_t gpus);
int32_t score_fgd(const struct node_view *v, int *gpu);

#endif
