/* SPDX-License-Identifier: Apache-2.0 */
#include "models/workload/gpu_class.h"

static const struct {
    int32_t most; /* thousandths */
    const char *name;
} classes[CLASS_N] = {
    [CLASS_CPU] = { 0, "0" },
    [CLASS_FRACTION] = { 999, "below 1" },
    [CLASS_1] = { 1999, "1" },
    [CLASS_2_3] = { 3999, "2-3" },
    [CLASS_4_7] = { 7999, "4-7" },
    [CLASS_8] = { 8999, "8" },
    [CLASS_9_16] = { 16999, "9-16" },
    [CLASS_17_64] = { 64999, "17-64" },
    [CLASS_OVER_64] = { INT32_MAX, "over 64" },
};

enum gpu_class gpu_class_of(int32_t gpu_milli)
{
    int c = 0;
    while (gpu_milli > classes[c].most) c++;
    return (enum gpu_class)c;
}

const char *gpu_class_name(enum gpu_class class_) { return classes[class_].name; }
