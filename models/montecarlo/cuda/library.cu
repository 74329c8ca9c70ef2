// SPDX-License-Identifier: Apache-2.0
// What the library is found by: its devices, and the table of calls.
#include "models/montecarlo/cuda/calls.h"
#include "models/montecarlo/cuda/guard.h"
#include "models/montecarlo/cuda/kernels.h"

namespace
{

int cuda_count(char *message)
{
    int n = 0;
    CUDA_TRY(cudaGetDeviceCount(&n));
    return n;
}

int cuda_name(int device, char *name, char *message)
{
    cudaDeviceProp properties;
    CUDA_TRY(cudaGetDeviceProperties(&properties, device));
    snprintf(name, CUDA_NAME, "%.79s", properties.name);
    return 0;
}

} // namespace

extern "C" __attribute__((visibility("default"))) const struct cuda_calls seatrial_cuda_calls = {
    CUDA_CALLS_VERSION, sizeof(struct queue_model), sizeof(struct queue_result),
    sizeof(struct fleet_year_world), sizeof(struct fleet_year_fleet), sizeof(struct fleet_year_row),
    sizeof(struct fleet_year_tally), cuda_count, cuda_name, cuda_queue, cuda_fleet_year,
    cuda_fleet_year_tally,
};
