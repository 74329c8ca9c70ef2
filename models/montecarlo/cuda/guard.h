/* SPDX-License-Identifier: Apache-2.0 */
/* CUDA code: every call is checked, and memory of a device is given back on every way out. */
#ifndef MODELS_MONTECARLO_CUDA_GUARD_H
#define MODELS_MONTECARLO_CUDA_GUARD_H

#include <cuda_runtime.h>
#include <stdio.h>

/* Where `call` fails, the message says so, and the function returns -1. */
#define CUDA_TRY(call)                                                                             \
    do {                                                                                           \
        cudaError_t error_ = (call);                                                               \
        if (error_ != cudaSuccess) {                                                               \
            snprintf(message, CUDA_MESSAGE, "%s (%.60s)", cudaGetErrorString(error_), #call);      \
            cudaGetLastError();                                                                    \
            return -1;                                                                             \
        }                                                                                          \
    } while (0)

/* Memory of the current device, plainly allocated; freed with its scope. */
template <typename T> struct device_memory {
    T *at = nullptr;
    ~device_memory() { cudaFree(at); }
    cudaError_t take(size_t n) { return cudaMalloc(&at, n * sizeof(T) + 16); }
    cudaError_t fill(const T *from, size_t n)
    {
        return cudaMemcpy(at, from, n * sizeof(T), cudaMemcpyHostToDevice);
    }
    cudaError_t clear(size_t n) { return cudaMemset(at, 0, n * sizeof(T)); }
    cudaError_t give(T *to, size_t n) const
    {
        return cudaMemcpy(to, at, n * sizeof(T), cudaMemcpyDeviceToHost);
    }
};

#endif
