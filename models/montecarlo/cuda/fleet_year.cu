// SPDX-License-Identifier: Apache-2.0
// The fleet-year on a device: one replication of one candidate to a thread, all of it in registers
// but what was asked for in the last hours. Candidates are rows of the grid; within one, threads of
// a warp are replications, which go the same way through the hours.
#include "models/montecarlo/cuda/calls.h"
#include "models/montecarlo/cuda/guard.h"
#include "models/montecarlo/cuda/kernels.h"

namespace
{

enum { THREADS = 128 };

template <int REGIONS>
__global__ void __launch_bounds__(THREADS)
    year_kernel(const struct fleet_year_world *worlds, const struct fleet_year_tables *tables,
                const struct fleet_year_fleet *fleets, uint32_t first, uint32_t n,
                struct fleet_year_row *rows)
{
    __shared__ struct fleet_year_tables near;
    __shared__ struct fleet_year_world world;
    __shared__ struct fleet_year_fleet fleet;
    for (uint32_t i = threadIdx.x; i < 2 * LAW_CELLS; i += THREADS) {
        near.normal[i] = tables->normal[i];
        near.burst[i] = tables->burst[i];
    }
    if (threadIdx.x == 0) {
        world = *worlds;
        fleet = fleets[blockIdx.y];
    }
    __syncthreads();
    const uint32_t i = blockIdx.x * THREADS + threadIdx.x;
    if (i >= n) return;
    struct fleet_year_state state;
    mc_i32 ring[FLEET_YEAR_LAG_MAX];
    struct fleet_year_row *row = &rows[(size_t)blockIdx.y * n + i];
    const int32_t months = fleet_year_month_n(&world);
    fleet_year_begin(&state, ring, &world, &fleet, &near, first + i, REGIONS);
    for (int32_t month = 0; month < months; month++) {
        fleet_year_month(&state, ring, &world, &fleet, &near, month, REGIONS);
        row->month_usd[month] = state.sum[FLEET_YEAR_COST];
    }
    for (int32_t month = months; month < FLEET_YEAR_MONTHS; month++) row->month_usd[month] = 0;
    for (int f = 0; f < FLEET_YEAR_FIELDS; f++) row->field[f] = state.sum[f];
}

typedef void year_kernel_of(const struct fleet_year_world *, const struct fleet_year_tables *,
                            const struct fleet_year_fleet *, uint32_t, uint32_t,
                            struct fleet_year_row *);

year_kernel_of *const kernels[FLEET_YEAR_REGIONS + 1] = { year_kernel<0>, year_kernel<1>,
                                                          year_kernel<2>, year_kernel<3>,
                                                          year_kernel<4> };

} // namespace

int cuda_fleet_year(int device, const struct fleet_year_case *what,
                    const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                    uint32_t n, struct fleet_year_row *rows, char *message)
{
    device_memory<struct fleet_year_world> world;
    device_memory<struct fleet_year_tables> tables;
    device_memory<struct fleet_year_fleet> candidates;
    device_memory<struct fleet_year_row> out;
    const size_t all = (size_t)fleet_n * n;
    CUDA_TRY(cudaSetDevice(device));
    CUDA_TRY(world.take(1));
    CUDA_TRY(world.fill(what->world, 1));
    CUDA_TRY(tables.take(1));
    CUDA_TRY(tables.fill(what->tables, 1));
    CUDA_TRY(candidates.take(fleet_n));
    CUDA_TRY(candidates.fill(fleets, fleet_n));
    CUDA_TRY(out.take(all));
    const dim3 grid((n + THREADS - 1) / THREADS, fleet_n);
    kernels[what->world->region_n]<<<grid, THREADS>>>(world.at, tables.at, candidates.at, first, n,
                                                      out.at);
    CUDA_TRY(cudaGetLastError());
    CUDA_TRY(cudaDeviceSynchronize());
    CUDA_TRY(out.give(rows, all));
    return 0;
}
