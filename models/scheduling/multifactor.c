/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/multifactor.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/engine.h"

enum { MILLION = 1000000 };

bool multifactor_init(struct multifactor *m, const struct scheduler *s, struct accounts *a)
{
    const struct share_options *o = s->share;
    const struct workload *w = s->workload;
    *m = (struct multifactor){
        .age_rate = (__int128)o->weight_age * MILLION,
        .age_max_us = option_or(o->age_max_us, SHARE_AGE_MAX_US),
        .size_weight = o->weight_size * MILLION,
        .partition_weight = o->weight_partition * MILLION,
        .qos_weight = o->weight_qos * MILLION,
        .favor_small = o->favor == FAVOR_SMALL,
        .fairshare_weight = o->weight_fairshare,
        .partition_most = 1,
        .qos_most = 1,
    };
    for (int32_t k = 0; k < s->pool_n; k++) {
        m->nodes += s->pools[k].node_n;
        m->gpus += (int64_t)s->pools[k].node_n * s->pools[k].gpus;
    }
    m->partition = calloc(w->queues.n + 1, sizeof *m->partition);
    m->fairshare = calloc(a->n + 1, sizeof *m->fairshare);
    if (!fair_factors_init(&m->factors, o->fairshare, a) || !m->partition || !m->fairshare)
        return false;
    for (uint32_t i = 0; i < w->queues.n; i++) m->partition[i] = 1;
    for (size_t i = 0; i < o->partition_n; i++) {
        const struct named_number *p = &o->partitions[i];
        uint32_t queue = names_find(&w->queues, p->name, strlen(p->name));
        if (queue != UINT32_MAX) m->partition[queue] = p->number;
        if (p->number > m->partition_most) m->partition_most = p->number;
    }
    for (size_t j = 0; j < w->job_n; j++)
        if (w->priority[j] > m->qos_most) m->qos_most = w->priority[j];
    multifactor_weigh(m, a);
    return true;
}

void multifactor_free(struct multifactor *m)
{
    fair_factors_free(&m->factors);
    free(m->partition);
    free(m->fairshare);
}

void multifactor_weigh(struct multifactor *m, struct accounts *a)
{
    if (m->fairshare_weight > 0)
        fair_factors_weigh(&m->factors, a, m->fairshare_weight, m->fairshare);
}

/* The fewest nodes that hold so many GPUs, in the first pool that may. */
static int64_t fewest_nodes(const struct scheduler *s, const struct demand *d)
{
    for (int32_t k = 0; k < s->pool_n; k++)
        if (d->pools >> k & 1 && s->pools[k].gpus > 0 && d->gpus > 0)
            return (d->gpus + s->pools[k].gpus - 1) / s->pools[k].gpus;
    return 1;
}

static int64_t of_size(const struct multifactor *m, const struct scheduler *s,
                       const struct demand *d)
{
    int64_t nodes = fewest_nodes(s, d), gpus = d->gpus;
    if (m->favor_small) {
        nodes = m->nodes - nodes;
        gpus = m->gpus - gpus;
    }
    if (m->gpus == 0) return (int64_t)((__int128)m->size_weight * nodes / m->nodes);
    __int128 parts = (__int128)nodes * m->gpus + (__int128)gpus * m->nodes;
    return (int64_t)(m->size_weight * parts / (2 * (__int128)m->nodes * m->gpus));
}

int64_t multifactor_fixed(const struct multifactor *m, const struct scheduler *s, uint32_t job,
                          uint32_t demand)
{
    int64_t priority = s->workload->priority[job];
    int64_t partition = m->partition[s->workload->queue[job]];
    int64_t fixed = of_size(m, s, scheduler_demand(s, demand));
    fixed += (int64_t)((__int128)m->partition_weight * partition / m->partition_most);
    if (priority > 0) return fixed + (int64_t)((__int128)m->qos_weight * priority / m->qos_most);
    return fixed + priority * MILLION;
}
