/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/device.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/law_table.h"

enum status device_set_open(struct device_set *d, const char *path, struct error *err)
{
    char message[CUDA_MESSAGE] = "";
    *d = (struct device_set){ .library = NULL };
    d->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!d->library) return error_set(err, STATUS_BAD_INPUT, "%s", dlerror());
    d->calls = dlsym(d->library, CUDA_CALLS_SYMBOL);
    enum status status = STATUS_OK;
    if (!d->calls || d->calls->version != CUDA_CALLS_VERSION ||
        d->calls->queue_bytes != sizeof(struct queue_model) ||
        d->calls->result_bytes != sizeof(struct queue_result) ||
        d->calls->world_bytes != sizeof(struct fleet_year_world) ||
        d->calls->fleet_bytes != sizeof(struct fleet_year_fleet) ||
        d->calls->row_bytes != sizeof(struct fleet_year_row) ||
        d->calls->tally_bytes != sizeof(struct fleet_year_tally))
        status = error_set(err, STATUS_BAD_INPUT, "%s is of another build", path);
    else if ((d->n = d->calls->count(message)) < 0)
        status = error_set(err, STATUS_BAD_INPUT, "%s", message);
    else if (d->n == 0) status = error_set(err, STATUS_BAD_INPUT, "no CUDA device is here");
    else if (d->calls->name(0, d->name, message) != 0)
        status = error_set(err, STATUS_BAD_INPUT, "%s", message);
    if (status != STATUS_OK) device_set_close(d);
    return status;
}

void device_set_close(struct device_set *d)
{
    if (d->library) dlclose(d->library);
    *d = (struct device_set){ .library = NULL };
}

/* Of n replications, where those of device i of d begin; of device d: n. */
static uint32_t share(uint32_t n, int i, int d)
{
    return (uint32_t)((uint64_t)n * (uint64_t)i / (uint64_t)d);
}

/* There are as many classes as the bins and batches that they are drawn from name. */
static struct cuda_queue_tables tables_of(const struct queue_model *m)
{
    uint32_t classes = 0;
    for (uint32_t i = 0; i < 1u << QUEUE_CLASS_BITS; i++) {
        uint32_t values = m->class_bins[2 * i + 1], below = values & 0xffffu, above = values >> 16;
        if (below >= classes) classes = below + 1;
        if (above >= classes) classes = above + 1;
    }
    for (uint32_t i = 0; m->batches && i < m->batch_n; i++)
        if ((m->batches[2 * i] & 0xffffu) >= classes) classes = (m->batches[2 * i] & 0xffffu) + 1;
    return (struct cuda_queue_tables){
        .class_bins = 2u << QUEUE_CLASS_BITS,
        .classes = 2 * classes,
        .run = classes * (uint32_t)law_table_words(m->run_long ? LAW_LONG : LAW_SHORT),
        .gap = (uint32_t)law_table_words(LAW_SHORT),
        .batches = m->batches ? 2 * m->batch_n : 0,
        .spread = m->batches ? (uint32_t)law_table_words(LAW_SHORT) : 0,
        .week = m->hour_ticks ? 2 * QUEUE_WEEK_HOURS + 2 : 0,
    };
}

enum status device_queue_run(const struct device_set *d, const struct queue_model *m,
                             uint32_t first, uint32_t n, struct queue_result *results,
                             enum queue_counting counting, uint64_t *histogram, struct error *err)
{
    const struct cuda_queue_tables tables = tables_of(m);
    const bool each = counting == QUEUE_EACH && histogram;
    uint64_t(*counts)[LOG_BUCKET_N] = calloc((size_t)d->n, sizeof *counts);
    char(*messages)[CUDA_MESSAGE] = calloc((size_t)d->n, sizeof *messages);
    enum status status = STATUS_OK;
    if (!counts || !messages) {
        status = error_set(err, STATUS_NO_MEMORY, "no memory for the counts of a device");
        goto done;
    }
#pragma omp parallel for num_threads(d->n) schedule(static, 1)
    for (int i = 0; i < d->n; i++) {
        uint32_t from = share(n, i, d->n), to = share(n, i + 1, d->n);
        if (to > from &&
            d->calls->queue(i, m, &tables, first + from, to - from, results + from, each,
                            each ? histogram + (size_t)from * LOG_BUCKET_N : counts[i],
                            messages[i]) != 0 &&
            !*messages[i])
            memcpy(messages[i], "failed", sizeof "failed");
    }
    for (int i = 0; i < d->n && status == STATUS_OK; i++)
        if (*messages[i]) status = error_set(err, STATUS_IO, "CUDA device %d: %s", i, messages[i]);
    for (uint32_t i = 0; i < n && status == STATUS_OK; i++)
        if (results[i].beyond) status = queue_is_beyond(first + i, err);
    if (status != STATUS_OK || !histogram) goto done;
    for (int i = 0; i < d->n && !each; i++)
        for (uint32_t b = 0; b < LOG_BUCKET_N; b++) histogram[b] += counts[i][b];
    for (uint32_t i = 0; i < n; i++)
        histogram[each ? (size_t)i * LOG_BUCKET_N : 0] += results[i].jobs - results[i].waited;
done:
    free(counts);
    free(messages);
    return status;
}

/* The share of one device, fleet by fleet to where all shares' rows lie side by side. */
static void year_share(const struct device_set *d, int device, const struct fleet_year_case *what,
                       const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                       uint32_t n, struct fleet_year_row *rows, char *message)
{
    uint32_t from = share(n, device, d->n), own = share(n, device + 1, d->n) - from;
    struct fleet_year_row *part = own < n ? malloc((size_t)fleet_n * own * sizeof *part) : rows;
    if (own == 0 || !part) {
        free(own < n ? part : NULL);
        if (own == 0) return;
        snprintf(message, CUDA_MESSAGE, "no memory for its rows");
        return;
    }
    if (d->calls->fleet_year(device, what, fleets, fleet_n, first + from, own, part, message) !=
            0 &&
        !*message)
        snprintf(message, CUDA_MESSAGE, "failed");
    if (part == rows) return;
    for (uint32_t f = 0; f < fleet_n; f++)
        memcpy(rows + (size_t)f * n + from, part + (size_t)f * own, own * sizeof *rows);
    free(part);
}

enum status device_year_rows(const struct device_set *d, const struct fleet_year_case *what,
                             const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                             uint32_t first, uint32_t n, struct fleet_year_row *rows,
                             struct error *err)
{
    char(*messages)[CUDA_MESSAGE] = calloc((size_t)d->n, sizeof *messages);
    enum status status = STATUS_OK;
    if (!messages) return error_set(err, STATUS_NO_MEMORY, "no memory for what devices say");
    for (uint32_t f = 0; f < fleet_n && status == STATUS_OK; f += CUDA_FLEETS) {
        uint32_t some = fleet_n - f < CUDA_FLEETS ? fleet_n - f : CUDA_FLEETS;
#pragma omp parallel for num_threads(d->n) schedule(static, 1)
        for (int i = 0; i < d->n; i++)
            year_share(d, i, what, fleets + f, some, first, n, rows + (size_t)f * n, messages[i]);
        for (int i = 0; i < d->n && status == STATUS_OK; i++)
            if (*messages[i])
                status = error_set(err, STATUS_IO, "CUDA device %d: %s", i, messages[i]);
    }
    free(messages);
    return status;
}

/* Pairs of antithetic replications stay on one device. */
static uint32_t share_of_pairs(uint32_t n, int i, int d, bool antithetic)
{
    return antithetic ? 2 * share(n / 2, i, d) : share(n, i, d);
}

enum status device_year_tally(const struct device_set *d, const struct fleet_year_case *what,
                              const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                              uint32_t first, uint32_t n, struct fleet_year_tally *tallies,
                              struct error *err)
{
    const size_t all = (size_t)d->n * fleet_n;
    struct fleet_year_tally *own = malloc(all * sizeof *own);
    char(*messages)[CUDA_MESSAGE] = calloc((size_t)d->n, sizeof *messages);
    enum status status = STATUS_OK;
    if (!own || !messages) {
        status = error_set(err, STATUS_NO_MEMORY, "no memory for the tallies of a device");
        goto done;
    }
    for (size_t i = 0; i < all; i++) {
        const struct fleet_year_tally *like = &tallies[i % fleet_n];
        fleet_year_tally_init(&own[i], like->bill.axis, what->world->hours, like->budget,
                              like->late_hours);
    }
#pragma omp parallel for num_threads(d->n) schedule(static, 1)
    for (int i = 0; i < d->n; i++) {
        uint32_t from = share_of_pairs(n, i, d->n, what->world->antithetic),
                 to = share_of_pairs(n, i + 1, d->n, what->world->antithetic);
        if (to > from &&
            d->calls->fleet_year_tally(i, what, fleets, fleet_n, first + from, to - from,
                                       own + (size_t)i * fleet_n, messages[i]) != 0 &&
            !*messages[i])
            memcpy(messages[i], "failed", sizeof "failed");
    }
    for (int i = 0; i < d->n && status == STATUS_OK; i++)
        if (*messages[i]) status = error_set(err, STATUS_IO, "CUDA device %d: %s", i, messages[i]);
    for (size_t i = 0; i < all && status == STATUS_OK; i++)
        fleet_year_tally_merge(&tallies[i % fleet_n], &own[i]);
done:
    free(own);
    free(messages);
    return status;
}
