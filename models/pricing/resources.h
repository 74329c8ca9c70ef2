/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a node's price is its GPUs', its cores' and its memory's: OpenCost's split. A node has
 * one price; each resource has of it what it would have of the node at list rates.
 *
 *      node $35 a month; at list rates GPU $30, CPU $30, RAM $10: $70
 *                        its parts       $15      $15      $5
 *
 * Source: opencost-specv01, appendix A, whose example this is. What is allocated of a resource is
 * what jobs ask for (they tell no usage), of its part of the price in the same share; the rest is
 * idle.
 */
#ifndef MODELS_PRICING_RESOURCES_H
#define MODELS_PRICING_RESOURCES_H

#include <stdint.h>

#include "models/pricing/bill.h"

enum resource { RESOURCE_GPU, RESOURCE_CPU, RESOURCE_MEMORY, RESOURCE_N };
/* "gpu", "cpu", "memory". */
const char *resource_name(enum resource r);

/* Nano-dollars of a GPU-hour, a core-hour, a GiB-hour: OpenCost's defaults, whatever the model. */
extern const int64_t resource_list_usd_nano[RESOURCE_N];

/* Of a node; 0 of what is not known of it, which has no part then. */
struct resource_amounts {
    int64_t gpu_milli, cpu_milli, mem_mib;
};
/* What they cost at list rates, all in one unit of money. */
void resource_list_costs(const struct resource_amounts *node, __int128 list[RESOURCE_N]);

/* usd >= 0 in parts that add up to it, each within one of its share (to the 62 leading bits of
 * their sum). Of a node that has nothing at list rates all is the GPUs'. list >= 0, each below
 * 2^125. */
void resource_split(int64_t usd, const __int128 list[RESOURCE_N], int64_t part[RESOURCE_N]);

/* Of a part of the price: what is held of what was bought, rounded down, and the rest. */
struct charge_line resource_held(int64_t part_usd_micro, __int128 held, __int128 bought);

#endif
