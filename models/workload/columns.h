/* SPDX-License-Identifier: Apache-2.0 */
/* For the files of workload/ that do one thing to all columns of a workload alike. */
#ifndef MODELS_WORKLOAD_COLUMNS_H
#define MODELS_WORKLOAD_COLUMNS_H

/* clang-format off */
#define FOR_EACH_COLUMN(DO) \
    DO(submit_us) DO(run_us) DO(limit_us) DO(start_us) \
    DO(deadline_us) DO(gpu_milli) DO(nodes) DO(priority) \
    DO(min_gpus) DO(max_gpus) \
    DO(cpu_milli) DO(mem_mib) DO(tenant) DO(user) \
    DO(queue) DO(class_) DO(gpu_type) DO(status) \
    DO(selector) DO(toleration)
/* clang-format on */

#endif
