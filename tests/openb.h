/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fleets of many kinds of nodes, and pods that come one by one and never leave: what the FGD
 * simulator (ATC'23) runs, as a fleet and a workload of ours.
 */
#ifndef TESTS_OPENB_H
#define TESTS_OPENB_H

#include "models/world.h"
#include "tests/rows.h"
#include "tests/support.h"

enum { OPENB_KINDS_MAX = 64 };

/* Nodes of one kind are one pool; each knows its place among all. */
struct openb_fleet {
    struct fleet_spec spec;
    struct pool_spec pools[OPENB_KINDS_MAX];
    int32_t *rank[OPENB_KINDS_MAX]; /* [node of the pool] */
    size_t node_n;
};

/* Columns of cores (thousandths), memory (MiB), GPUs and model in rows that are in order of rank.
 */
void openb_fleet_of(const struct rows *r, int cpu, int mem, int gpus, int model,
                    struct openb_fleet *fleet);
void openb_fleet_free(struct openb_fleet *fleet);

/* Where each pod went: node by rank, -1 = nowhere before the last had come; its GPUs as bits. */
struct openb_places {
    size_t n;
    int32_t *node;
    uint16_t *mask;
};

/* One pod a second, none of which leaves while others come. */
void openb_workload_init(struct workload *w);
void openb_add(struct workload *w, int64_t cpu_milli, int64_t mem_mib, int32_t gpu_milli,
               const char *gpu_type);
void openb_run(const struct openb_fleet *fleet, const struct workload *w, const char *placement,
               uint64_t seed, struct openb_places *out);
void openb_places_free(struct openb_places *places);

#endif
