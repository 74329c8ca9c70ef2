/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where Monte Carlo models are computed: on the processors, or on the CUDA devices where there are
 * any. The answer is the same to the bit, so nobody has to care.
 *
 *      --engine auto   devices where there are some, else processors
 *               cuda   the same, but says why where it must be processors
 *               cpu    processors: threads, by the widest vectors they have
 *
 * A device that fails is left for good: what it was to compute is computed by processors, and
 * `left` says why, once.
 */
#ifndef MODELS_MONTECARLO_ENGINE_H
#define MODELS_MONTECARLO_ENGINE_H

#include "models/montecarlo/device.h"
#include "models/montecarlo/fleet_year_tally.h"
#include "models/montecarlo/queue.h"

enum engine_kind { ENGINE_AUTO, ENGINE_CUDA, ENGINE_CPU };
/* "auto", "cuda", "cpu", NULL. */
extern const char *const engine_kinds[];

struct engine {
    int threads;
    struct device_set devices; /* n = 0: none is used */
    char left[512];            /* why devices that were asked for are not; "" */
};

/* library: the path of libseatrial_cuda.so. threads >= 1. Cannot fail: processors are always there.
 */
void engine_open(struct engine *engine, enum engine_kind kind, const char *library, int threads);
void engine_close(struct engine *engine);
/* "cpu, avx512, 2 threads", "cuda, NVIDIA H200". */
void engine_describe(const struct engine *engine, char *text, size_t size);

/* As queue_run_threads. */
enum status engine_queue(struct engine *engine, const struct queue_model *model, uint32_t first,
                         uint32_t n, struct queue_result *results, enum queue_counting counting,
                         uint64_t *histogram, struct error *err);

/* As fleet_year_run: the same blocks, in order. */
enum status engine_year(struct engine *engine, const struct fleet_year_case *what,
                        const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                        uint32_t n, const volatile int *stop, fleet_year_sink *sink, void *context,
                        struct error *err);

/* As fleet_year_tally_run: replications are added up where they are made, and no row is kept. */
enum status engine_year_tally(struct engine *engine, const struct fleet_year_case *what,
                              const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                              uint32_t first, uint32_t n, const volatile int *stop,
                              struct fleet_year_tally *tallies, struct error *err);

#endif
