/* SPDX-License-Identifier: Apache-2.0 */
/* CUDA code: the kernels' host sides, one a file; struct cuda_calls says what they do. */
#ifndef MODELS_MONTECARLO_CUDA_KERNELS_H
#define MODELS_MONTECARLO_CUDA_KERNELS_H

#include "models/montecarlo/cuda/calls.h"

int cuda_queue(int device, const struct queue_model *model, const struct cuda_queue_tables *tables,
               uint32_t first, uint32_t n, struct queue_result *results, int each,
               uint64_t *histogram, char *message);

int cuda_fleet_year(int device, const struct fleet_year_case *what,
                    const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                    uint32_t n, struct fleet_year_row *rows, char *message);
int cuda_fleet_year_tally(int device, const struct fleet_year_case *what,
                          const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                          uint32_t n, struct fleet_year_tally *tallies, char *message);

#endif
