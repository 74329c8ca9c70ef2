/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/resources.h"

const char *resource_name(enum resource r)
{
    static const char *const names[RESOURCE_N] = { "gpu", "cpu", "memory" };
    return names[r];
}

/* OpenCost at 5f65333 (2024-10-24), configs/aws.json: GPU 0.95, CPU 0.031611, RAM 0.004237. */
const int64_t resource_list_usd_nano[RESOURCE_N] = { 950000000, 31611000, 4237000 };

void resource_list_costs(const struct resource_amounts *node, __int128 list[RESOURCE_N])
{
    /* In nano-dollars an hour / 1,024,000: thousandths of GPUs and cores, MiB. */
    list[RESOURCE_GPU] = (__int128)node->gpu_milli * resource_list_usd_nano[RESOURCE_GPU] * 1024;
    list[RESOURCE_CPU] = (__int128)node->cpu_milli * resource_list_usd_nano[RESOURCE_CPU] * 1024;
    list[RESOURCE_MEMORY] =
        (__int128)node->mem_mib * resource_list_usd_nano[RESOURCE_MEMORY] * 1000;
}

void resource_split(int64_t usd, const __int128 list[RESOURCE_N], int64_t part[RESOURCE_N])
{
    __int128 sum = list[RESOURCE_GPU] + list[RESOURCE_CPU] + list[RESOURCE_MEMORY], upto = 0;
    int shift = 0;
    int64_t before = 0;
    while (sum >> shift >= (__int128)1 << 62) shift++;
    sum >>= shift;
    for (int r = 0; r < RESOURCE_N; r++) {
        upto += list[r];
        int64_t now = sum > 0 ? (int64_t)(usd * (upto >> shift) / sum) : usd;
        part[r] = now - before;
        before = now;
    }
}

struct charge_line resource_held(int64_t part_usd_micro, __int128 held, __int128 bought)
{
    /* Shares of 2^40 and less lose less than a micro-dollar of a million dollars. */
    while (bought >= (__int128)1 << 62) {
        bought >>= 1;
        held >>= 1;
    }
    int64_t jobs = bought > 0 ? (int64_t)(part_usd_micro * held / bought) : 0;
    return (struct charge_line){ jobs, part_usd_micro - jobs };
}
