/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/pool.h"

#include <stdlib.h>
#include <string.h>

/* The level sets of a pool may take half a gibibyte; beyond that the nodes are absurdly large. */
#define POOL_WORDS_MAX (UINT64_C(1) << 26)

enum status pool_init(struct pool *pool, const struct pool_spec *spec, int32_t base, bool track,
                      bool by_gpu, bool mig, struct error *err)
{
    const struct instance_type *type = &spec->type;
    uint64_t n = (uint64_t)spec->nodes, levels = (uint64_t)type->gpus + 1;
    uint64_t words = nodeset_words(n) * levels + nodeset_words(levels);
    bool limits = track && (type->cpu_milli > 0 || type->mem_mib > 0);

    memset(pool, 0, sizeof *pool);
    if (words > POOL_WORDS_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "pool '%s': %d nodes of %d GPUs are more than can be indexed", spec->name,
                         spec->nodes, type->gpus);
    size_t size = words * sizeof(uint64_t) + levels * (sizeof(struct nodeset) + sizeof(int32_t)) +
                  n * (sizeof(__int128) + 2 * sizeof(int32_t)) +
                  (limits ? 2 * n * sizeof(int64_t) : 0) + 64;
    char *at = calloc(1, size);
    if (!at)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the %d nodes of pool '%s'",
                         spec->nodes, spec->name);
    pool->memory = at;
    pool->node_n = pool->up_n = spec->nodes;
    pool->base = base;
    pool->rank = spec->rank;
    pool->gpus = type->gpus;
    pool->rack_nodes = spec->rack_nodes;
    pool->node_busy_milli_us = (__int128 *)at; /* widest alignment first */
    at += n * sizeof(__int128);
    pool->by_free = (struct nodeset *)at;
    at += levels * sizeof(struct nodeset);
    uint64_t *word = (uint64_t *)at;
    for (uint64_t k = 0; k < levels; k++) word = nodeset_lay(&pool->by_free[k], n, word);
    at = (char *)nodeset_lay(&pool->occupied, levels, word);
    if (limits) {
        pool->free_cpu = (int64_t *)at;
        pool->free_mem = pool->free_cpu + n;
        at = (char *)(pool->free_mem + n);
        pool->cpu_milli = type->cpu_milli > 0 ? type->cpu_milli : INT64_MAX / 4;
        pool->mem_mib = type->mem_mib > 0 ? type->mem_mib : INT64_MAX / 4;
    }
    pool->free_gpu = (int32_t *)at;
    pool->in_rack = pool->free_gpu + n;
    pool->count = pool->in_rack + n;
    for (uint32_t i = 0; i < n; i++) {
        nodeset_add(&pool->by_free[type->gpus], i);
        pool->free_gpu[i] = type->gpus;
        if (limits) {
            pool->free_cpu[i] = pool->cpu_milli;
            pool->free_mem[i] = pool->mem_mib;
        }
    }
    pool->count[type->gpus] = spec->nodes;
    nodeset_add(&pool->occupied, (uint32_t)type->gpus);
    pool->free_gpus = (int64_t)spec->nodes * type->gpus;
    if (by_gpu && !(pool->table = gpu_table_new(spec->nodes, type->gpus, mig)))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the GPUs of pool '%s'", spec->name);
    return STATUS_OK;
}

void pool_take_down(struct pool *p, int64_t node)
{
    int32_t free = p->free_gpu[node];
    nodeset_remove(&p->by_free[free], (uint32_t)node);
    if (--p->count[free] == 0) nodeset_remove(&p->occupied, (uint32_t)free);
    p->free_gpu[node] = -1;
    p->free_gpus -= free;
    p->up_n--;
    if (p->table) gpu_table_note(p->table, node);
}

void pool_bring_up(struct pool *p, int64_t node)
{
    nodeset_add(&p->by_free[p->gpus], (uint32_t)node);
    if (p->count[p->gpus]++ == 0) nodeset_add(&p->occupied, (uint32_t)p->gpus);
    p->free_gpu[node] = p->gpus;
    p->free_gpus += p->gpus;
    p->up_n++;
    if (p->table) gpu_table_note(p->table, node);
}

void pool_free(struct pool *pool)
{
    gpu_table_free(pool->table);
    neighbours_free(pool->neighbours);
    free(pool->memory);
    memset(pool, 0, sizeof *pool);
}
