/* SPDX-License-Identifier: Apache-2.0 */
/* GPU counts in nine classes, for tables that must stay short and for run times that are alike
 * within one: statistics and the synthetic generator share them. */
#ifndef MODELS_WORKLOAD_GPU_CLASS_H
#define MODELS_WORKLOAD_GPU_CLASS_H

#include <stdint.h>

enum gpu_class {
    CLASS_CPU,
    CLASS_FRACTION,
    CLASS_1,
    CLASS_2_3,
    CLASS_4_7,
    CLASS_8,
    CLASS_9_16,
    CLASS_17_64,
    CLASS_OVER_64,
    CLASS_N
};

/* gpu_milli: thousandths of a GPU, >= 0. A job of 1.5 GPUs is in the class of 1. */
enum gpu_class gpu_class_of(int32_t gpu_milli);
/* "0", "below 1", "1", "2-3" ... "over 64". */
const char *gpu_class_name(enum gpu_class class_);

#endif
