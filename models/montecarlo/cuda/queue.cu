// SPDX-License-Identifier: Apache-2.0
// The gang queue on a device: one replication to a thread, by the ring of running jobs.
//
//     tables      one copy in device memory, read through the caches
//     ring        of a thread: in shared memory, entry i of thread t at [i x threads + t], where a
//                 block of 32 threads or more fits; else the same way in device memory
//     histogram   of a block in shared memory, added to the device's when the block ends; or, where
//                 each replication has its own, that in device memory, which nobody else adds to
//
// Counts are integers and added atomically, so their order cannot matter; results[i] has its own place.
#include "models/montecarlo/cuda/calls.h"
#include "models/montecarlo/cuda/guard.h"
#include "models/montecarlo/cuda/kernels.h"

namespace
{

// At most 128 threads of 2^24 jobs each count into a block's histogram: 2^31, which 32 bits hold.
enum { THREADS_MAX = 128, THREADS_LEAST = 32 };
// Counts of 32 bits that are copied at once to where counts have 64.
const size_t COPIED = 8 * LOG_BUCKET_N;

// Four blocks at once: with more of them the compiler spills. EACH: not `histogram`, but `each` counts.
template <bool EACH>
__global__ void __launch_bounds__(THREADS_MAX, 4)
    queue_kernel(struct queue_model model, uint32_t first, uint32_t n, uint32_t mask,
                 uint64_t *far_rings, struct queue_result *results, uint32_t *each,
                 unsigned long long *histogram)
{
    extern __shared__ uint64_t near_rings[];
    __shared__ uint32_t counts[LOG_BUCKET_N];
    for (uint32_t b = threadIdx.x; b < LOG_BUCKET_N; b += blockDim.x) counts[b] = 0;
    __syncthreads();
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        struct queue_store store;
        struct queue_result result;
        store.sorted = nullptr;
        store.mask = mask;
        store.stride = far_rings ? gridDim.x * blockDim.x : blockDim.x;
        store.ring = far_rings ? far_rings + i : near_rings + threadIdx.x;
        queue_replication(&model, first + i, &store,
                          EACH ? each + (size_t)i * LOG_BUCKET_N : counts, &result);
        results[i] = result;
    }
    if (EACH) return;
    __syncthreads();
    for (uint32_t b = threadIdx.x; b < LOG_BUCKET_N; b += blockDim.x)
        if (counts[b]) atomicAdd(&histogram[b], (unsigned long long)counts[b]);
}

// Where in the one copy of all tables a table lies; *at goes on behind it, on an even word: pairs are
// read at once.
const uint32_t *place(const uint32_t *base, uint32_t *at, uint32_t words)
{
    const uint32_t *here = words ? base + *at : nullptr;
    *at += (words + 1u) & ~1u;
    return here;
}

} // namespace

int cuda_queue(int device, const struct queue_model *host, const struct cuda_queue_tables *t,
               uint32_t first, uint32_t n, struct queue_result *results, int each,
               uint64_t *histogram, char *message)
{
    using table_of = const uint32_t *queue_model::*;
    const struct {
        const uint32_t *from;
        uint32_t words;
        table_of to;
    } tables[] = {
        { host->class_bins, t->class_bins, &queue_model::class_bins },
        { host->classes, t->classes, &queue_model::classes },
        { host->run, t->run, &queue_model::run },
        { host->gap, t->gap, &queue_model::gap },
        { host->batches, t->batches, &queue_model::batches },
        { host->spread, t->spread, &queue_model::spread },
        { host->week, t->week, &queue_model::week },
    };
    struct queue_model model = *host;
    device_memory<uint32_t> words;
    device_memory<uint64_t> rings;
    device_memory<struct queue_result> out;
    device_memory<unsigned long long> counts;
    device_memory<uint32_t> own;
    const size_t own_n = each ? (size_t)n * LOG_BUCKET_N : 0;
    const auto kernel = each ? queue_kernel<true> : queue_kernel<false>;
    uint32_t all = 0;
    int shared_most = 0;
    CUDA_TRY(cudaSetDevice(device));
    for (const auto &table : tables) place(nullptr, &all, table.words);
    CUDA_TRY(words.take(all));
    all = 0;
    for (const auto &table : tables) {
        const uint32_t at = all;
        model.*table.to = place(words.at, &all, table.words);
        if (table.words)
            CUDA_TRY(cudaMemcpy(words.at + at, table.from, table.words * sizeof(uint32_t),
                                cudaMemcpyHostToDevice));
    }
    CUDA_TRY(out.take(n));
    CUDA_TRY(counts.take(LOG_BUCKET_N));
    CUDA_TRY(counts.clear(LOG_BUCKET_N));
    if (each) {
        CUDA_TRY(own.take(own_n));
        CUDA_TRY(own.clear(own_n));
    }

    uint32_t entries = 1, threads = THREADS_MAX;
    while (entries < host->running_max) entries *= 2;
    CUDA_TRY(cudaDeviceGetAttribute(&shared_most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
    const size_t ring = entries * sizeof(uint64_t);
    const size_t room = (size_t)shared_most - LOG_BUCKET_N * sizeof(uint32_t) - 1024;
    while (threads > THREADS_LEAST && threads * ring > room) threads /= 2;
    const bool near = threads * ring <= room;
    if (!near) threads = THREADS_MAX;
    const uint32_t blocks = (n + threads - 1) / threads;
    if (near)
        CUDA_TRY(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                      (int)(threads * ring)));
    else CUDA_TRY(rings.take((size_t)blocks * threads * entries));
    kernel<<<blocks, threads, near ? threads * ring : 0>>>(model, first, n, entries - 1, rings.at,
                                                           out.at, own.at, counts.at);
    CUDA_TRY(cudaGetLastError());
    CUDA_TRY(cudaDeviceSynchronize());
    CUDA_TRY(out.give(results, n));
    for (size_t at = 0; at < own_n; at += COPIED) {
        uint32_t some[COPIED];
        const size_t left = own_n - at < COPIED ? own_n - at : COPIED;
        CUDA_TRY(cudaMemcpy(some, own.at + at, left * sizeof *some, cudaMemcpyDeviceToHost));
        for (size_t b = 0; b < left; b++) histogram[at + b] = some[b];
    }
    if (each) return 0;
    unsigned long long sums[LOG_BUCKET_N];
    CUDA_TRY(counts.give(sums, LOG_BUCKET_N));
    for (uint32_t b = 0; b < LOG_BUCKET_N; b++) histogram[b] = sums[b];
    return 0;
}
