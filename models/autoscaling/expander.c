/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/expander.h"

#include <math.h>

/* A pod of half a core and half a gibibyte at GCE's prices: expander/price/price.go. */
#define STABILIZATION_USD 0.0188

static double wasted(int64_t nodes, int64_t of_node, int64_t asked)
{
    if (of_node == 0) return 0;
    double there = (double)nodes * (double)of_node;
    return (there - (double)asked) / there;
}

static double price_score(const struct expansion *e)
{
    double unfit = e->unfit ? 1000 : 1;
    double suppressed = (unfit - 1) * (1 - tanh((double)(e->nodes - 1) / 15)) + 1;
    return suppressed * (e->node_usd * (double)e->nodes + STABILIZATION_USD) /
           (e->pods_usd + STABILIZATION_USD);
}

double expander_score(enum expander expander, const struct expansion *e)
{
    switch (expander) {
    case EXPANDER_MOST_PODS: return -(double)e->pods;
    case EXPANDER_LEAST_NODES: return (double)e->nodes;
    case EXPANDER_LEAST_WASTE:
        return wasted(e->nodes, e->node_cpu_milli, e->cpu_milli) +
               wasted(e->nodes, e->node_mem_mib, e->mem_mib);
    case EXPANDER_PRICE: return price_score(e);
    case EXPANDER_PRIORITY: return e->pool;
    case EXPANDER_RANDOM: break;
    }
    return 0;
}

int32_t expander_best(enum expander expander, const struct expansion *all, int32_t n, uint64_t draw)
{
    double best = INFINITY;
    int32_t ties = 0;
    for (int32_t i = 0; i < n; i++) {
        double score = expander_score(expander, &all[i]);
        ties = score < best ? 1 : ties + (score == best);
        if (score < best) best = score;
    }
    int32_t which = (int32_t)(draw % (uint64_t)ties), at = 0;
    while (expander_score(expander, &all[at]) != best || which-- > 0) at++;
    return at;
}
