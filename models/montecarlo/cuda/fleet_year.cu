// SPDX-License-Identifier: Apache-2.0
// The fleet-year on a device: one replication of one candidate to a thread, all of it in registers
// but what was asked for in the last hours. Candidates are rows of the grid; within one, threads of
// a warp are replications, which go the same way through the hours.
//
// Either rows are written, each to its place; or a block's replications are added up where they are,
// in integers: each bill atomically to its bin, all other sums by a thread each over what the block
// left in shared memory, and once a block atomically to the fleet's.
#include "models/montecarlo/cuda/calls.h"
#include "models/montecarlo/cuda/guard.h"
#include "models/montecarlo/cuda/kernels.h"

namespace
{

enum { THREADS = 128 };

// Adds to a sum of 128 bits, the low word first; in whatever order, nothing of it is lost.
__device__ void add_128(__int128 *sum, __int128 more)
{
    auto *word = (unsigned long long *)sum;
    const auto low = (unsigned long long)more;
    const unsigned long long before = atomicAdd(word, low);
    atomicAdd(word + 1, (unsigned long long)(more >> 64) + (before + low < before));
}

__device__ void add_64(uint64_t *sum, uint64_t more)
{
    atomicAdd((unsigned long long *)sum, (unsigned long long)more);
}

// What thread `t` of a block adds to a tally of n replications: one product of two quantities, or one
// of the counts.
__device__ void add_sum(struct fleet_year_tally *tally, const struct fleet_year_point *points,
                        uint32_t n, bool antithetic, uint32_t t)
{
    const uint32_t step = antithetic ? 2 : 1;
    const struct fleet_year_controls *c = &tally->controls;
    if (t < FLEET_YEAR_PRODUCTS) {
        int i = 0, j = (int)t;
        while (j > i) j -= ++i;
        __int128 sum = 0;
        for (uint32_t p = 0; p < n; p += step) {
            const struct fleet_year_point *first = points + p,
                                          *second = antithetic ? first + 1 : nullptr;
            sum += (__int128)fleet_year_quantity(c, first, second, i) *
                   fleet_year_quantity(c, first, second, j);
        }
        add_128(&tally->controls.sum[t], sum);
    } else if (t == FLEET_YEAR_PRODUCTS) {
        __int128 sum = 0;
        for (uint32_t p = 0; p < n; p++) {
            const int64_t bill = fleet_year_bill_of(c, points[p].bill);
            sum += (__int128)bill * bill;
        }
        add_128(&tally->controls.cost_cost, sum);
    } else if (t == FLEET_YEAR_PRODUCTS + 1) {
        long long least = points[0].bill, most = least;
        uint64_t over_budget = 0, too_late = 0;
        for (uint32_t p = 0; p < n; p++) {
            if (points[p].bill < least) least = points[p].bill;
            if (points[p].bill > most) most = points[p].bill;
            over_budget += points[p].bill > tally->budget;
            too_late += points[p].late > tally->late_hours;
        }
        atomicMin((long long *)&tally->bill.least, least);
        atomicMax((long long *)&tally->bill.most, most);
        add_64(&tally->bill.n, n);
        add_64(&tally->controls.n, n);
        add_64(&tally->over_budget, over_budget);
        add_64(&tally->too_late, too_late);
    }
}

static_assert(FLEET_YEAR_PRODUCTS + 2 <= THREADS && THREADS % 2 == 0, "a thread for each sum");

// ROWS: rows are written; else tallies are added to.
template <int REGIONS, bool ROWS>
__global__ void __launch_bounds__(THREADS)
    year_kernel(const struct fleet_year_world *worlds, const struct fleet_year_tables *tables,
                const struct fleet_year_fleet *fleets, uint32_t first, uint32_t n,
                struct fleet_year_row *rows, struct fleet_year_tally *tallies)
{
    __shared__ struct fleet_year_tables near;
    __shared__ struct fleet_year_world world;
    __shared__ struct fleet_year_fleet fleet;
    __shared__ struct fleet_year_point points[ROWS ? 1 : THREADS];
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
    if (i < n) {
        struct fleet_year_state state;
        mc_i32 ring[FLEET_YEAR_LAG_MAX];
        struct fleet_year_row *row = ROWS ? &rows[(size_t)blockIdx.y * n + i] : nullptr;
        const int32_t months = fleet_year_month_n(&world);
        fleet_year_begin(&state, ring, &world, &fleet, &near, first + i, REGIONS);
        for (int32_t month = 0; month < months; month++) {
            fleet_year_month(&state, ring, &world, &fleet, &near, month, REGIONS);
            if (ROWS) row->month_usd[month] = state.sum[FLEET_YEAR_COST];
        }
        if (ROWS) {
            for (int32_t month = months; month < FLEET_YEAR_MONTHS; month++)
                row->month_usd[month] = 0;
            for (int f = 0; f < FLEET_YEAR_FIELDS; f++) row->field[f] = state.sum[f];
        } else {
            struct fleet_year_tally *tally = &tallies[blockIdx.y];
            fleet_year_point_of(state.sum, world.hours, &points[threadIdx.x]);
            add_64(&tally->bill.count[fleet_year_bin(&tally->bill.axis, state.sum[FLEET_YEAR_COST])],
                   1);
        }
    }
    if (ROWS) return;
    __syncthreads();
    const uint32_t left = n - blockIdx.x * THREADS;
    add_sum(&tallies[blockIdx.y], points, left < THREADS ? left : (uint32_t)THREADS,
            world.antithetic != 0, threadIdx.x);
}

typedef void year_kernel_of(const struct fleet_year_world *, const struct fleet_year_tables *,
                            const struct fleet_year_fleet *, uint32_t, uint32_t,
                            struct fleet_year_row *, struct fleet_year_tally *);

year_kernel_of *const row_kernels[FLEET_YEAR_REGIONS + 1] = {
    year_kernel<0, true>, year_kernel<1, true>, year_kernel<2, true>, year_kernel<3, true>,
    year_kernel<4, true>,
};
year_kernel_of *const tally_kernels[FLEET_YEAR_REGIONS + 1] = {
    year_kernel<0, false>, year_kernel<1, false>, year_kernel<2, false>, year_kernel<3, false>,
    year_kernel<4, false>,
};

// One of rows and tallies is given; both lie on the host.
int run_years(int device, const struct fleet_year_case *what, const struct fleet_year_fleet *fleets,
              uint32_t fleet_n, uint32_t first, uint32_t n, struct fleet_year_row *rows,
              struct fleet_year_tally *tallies, char *message)
{
    device_memory<struct fleet_year_world> world;
    device_memory<struct fleet_year_tables> tables;
    device_memory<struct fleet_year_fleet> candidates;
    device_memory<struct fleet_year_row> out;
    device_memory<struct fleet_year_tally> sums;
    const size_t all = (size_t)fleet_n * n;
    CUDA_TRY(cudaSetDevice(device));
    CUDA_TRY(world.take(1));
    CUDA_TRY(world.fill(what->world, 1));
    CUDA_TRY(tables.take(1));
    CUDA_TRY(tables.fill(what->tables, 1));
    CUDA_TRY(candidates.take(fleet_n));
    CUDA_TRY(candidates.fill(fleets, fleet_n));
    if (rows) CUDA_TRY(out.take(all));
    if (tallies) {
        CUDA_TRY(sums.take(fleet_n));
        CUDA_TRY(sums.fill(tallies, fleet_n));
    }
    const dim3 grid((n + THREADS - 1) / THREADS, fleet_n);
    const auto kernel = (rows ? row_kernels : tally_kernels)[what->world->region_n];
    kernel<<<grid, THREADS>>>(world.at, tables.at, candidates.at, first, n, out.at, sums.at);
    CUDA_TRY(cudaGetLastError());
    CUDA_TRY(cudaDeviceSynchronize());
    if (rows) CUDA_TRY(out.give(rows, all));
    if (tallies) CUDA_TRY(sums.give(tallies, fleet_n));
    return 0;
}

} // namespace

int cuda_fleet_year(int device, const struct fleet_year_case *what,
                    const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                    uint32_t n, struct fleet_year_row *rows, char *message)
{
    return run_years(device, what, fleets, fleet_n, first, n, rows, nullptr, message);
}

int cuda_fleet_year_tally(int device, const struct fleet_year_case *what,
                          const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                          uint32_t n, struct fleet_year_tally *tallies, char *message)
{
    return run_years(device, what, fleets, fleet_n, first, n, nullptr, tallies, message);
}
