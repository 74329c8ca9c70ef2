/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distinct demands of a workload, numbered as they are met: whole GPUs, cores, memory, GPU
 * types and workload class; and whose they are, where that decides beside whom they may be. A trace
 * has few (Philly 10, openb some hundred), so what is decided for one job of a demand is decided
 * for all of them.
 *
 * The table owns its memory; demands keep their numbers and may move when one is added.
 */
#ifndef MODELS_SCHEDULING_DEMAND_H
#define MODELS_SCHEDULING_DEMAND_H

#include <stdint.h>

#include "models/fleet/pool.h"
#include "models/scheduling/access.h"
#include "models/scheduling/placing.h"
#include "models/scheduling/whose.h"
#include "models/workload/workload.h"
#include "sim/status.h"

enum reject_reason {
    REJECT_GPUS,
    REJECT_GPU_TYPE,
    REJECT_CPUS,
    REJECT_MEMORY,
    REJECT_NO_POOL,
    REJECT_SELECTOR,
    REJECT_TAINT,
    REJECT_NO_START,
    REJECT_NO_QUEUE,
    REJECT_LOCAL_STOPPED,
    REJECT_STOPPED,
    REJECT_QUOTA,
    REJECT_PODS,
    REJECT_LIMIT,
    REJECT_SUBMIT_LIMIT,
    REJECT_N
};

struct demand_entry {
    struct demand demand; /* demand.pools == 0: fits nowhere, see reason */
    enum reject_reason reason;
    uint32_t gpu_type, class_; /* numbers in the workload's tables */
    uint64_t access;           /* bit p: those who ask may use pool p */
    enum no_access none;       /* why they may use none, where that is so from the first */
    const double *speed;       /* by pool; NULL = 1 everywhere */
    bool fractional;           /* asked for a part of a GPU and holds the whole one */
};

struct demand_table {
    struct demand_entry *entries;
    uint32_t n, capacity;
    uint32_t *slot; /* open addressing, number + 1 */
    uint32_t slot_n;
    uint32_t by_gpus[256]; /* number + 1 of the plain demand of g GPUs, 0 = not met yet */
    /* What the pools are, to decide where a demand fits. Borrowed. */
    const struct workload *workload;
    const struct fleet_spec *fleet;
    const struct pool *pools;
    enum gang_rule gang;
    const double *speed;
    struct access access;
    enum sharing_rule share;
    int32_t replicas; /* of SHARING_TIME */
    struct neighbour_options neighbours;
    bool plain; /* no job asks for cores, memory, a type or a class, and all may use all pools,
                   beside whomever */
};

enum status demand_table_init(struct demand_table *t, const struct workload *workload,
                              const struct fleet_spec *fleet, const struct pool *pools,
                              enum gang_rule gang, const double *speed, enum sharing_rule share,
                              const struct neighbour_options *neighbours, struct error *err);
void demand_table_free(struct demand_table *t);
/* The number of job j's demand; UINT32_MAX on lack of memory. */
uint32_t demand_of_job(struct demand_table *t, size_t j);
/* The number of what so many of a demand's GPUs ask for, cores and memory in proportion; all of it
 * is the demand itself. UINT32_MAX on lack of memory. */
uint32_t demand_of_share(struct demand_table *t, uint32_t demand, int64_t gpus);

/* The same on those of the pools (bits) alone, which may be none. UINT32_MAX on lack of memory. */
uint32_t demand_of_pools(struct demand_table *t, uint32_t demand, uint64_t pools);

/* 1 where `model` is one of the '|'-separated types, letters of either case; "" is any type. */
bool gpu_type_allows(const char *types, const char *model);
/* 1 where some job asks for cores or memory. */
bool workload_asks_cpu_or_memory(const struct workload *w);

#endif
