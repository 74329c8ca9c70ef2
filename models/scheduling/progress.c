/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/progress.h"

#include "models/reliability/checkpoint_interval.h"

int64_t progress_best_interval_us(const struct restart_options *options, int64_t gpus)
{
    int64_t per_node = options->node_gpus > 0 ? options->node_gpus : 1;
    int64_t nodes = gpus > per_node ? (gpus + per_node - 1) / per_node : 1;
    double write = (double)gpu_cost_us(&options->write, gpus);
    double mtbf = options->node_mtbf_us / (double)nodes;
    double us = options->interval == INTERVAL_YOUNG ? checkpoint_young(write, mtbf)
                                                    : checkpoint_daly(write, mtbf);
    if (us < INTERVAL_LEAST_US) return INTERVAL_LEAST_US;
    return us < (double)(INT64_MAX / 8) ? (int64_t)(us + 0.5) : INT64_MAX / 8;
}
