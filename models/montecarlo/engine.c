/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/engine.h"

#include <stdio.h>
#include <stdlib.h>

/* Rows that are kept at once of what a device computes: 400 MB. Replications, and fleets, that it
 * adds up between two looks at whether to stop: even numbers. */
enum { ROWS_MOST = 600000, TALLY_REPLICATIONS = 1 << 18, TALLY_FLEETS = 1 << 10 };

const char *const engine_kinds[] = { "auto", "cuda", "cpu", NULL };

void engine_open(struct engine *e, enum engine_kind kind, const char *library, int threads)
{
    struct error err = { STATUS_OK, "" };
    *e = (struct engine){ .threads = threads };
    if (kind == ENGINE_CPU) return;
    if (device_set_open(&e->devices, library, &err) != STATUS_OK && kind == ENGINE_CUDA)
        snprintf(e->left, sizeof e->left, "%s", err.message);
}

void engine_close(struct engine *e) { device_set_close(&e->devices); }

void engine_describe(const struct engine *e, char *text, size_t size)
{
    if (e->devices.n > 1) snprintf(text, size, "cuda, %d x %s", e->devices.n, e->devices.name);
    else if (e->devices.n == 1) snprintf(text, size, "cuda, %s", e->devices.name);
    else
        snprintf(text, size, "cpu, %s, %d thread%s", fleet_year_way_names[fleet_year_way_best()],
                 e->threads, e->threads == 1 ? "" : "s");
}

static void leave_devices(struct engine *e, const struct error *why)
{
    snprintf(e->left, sizeof e->left, "%s", why->message);
    device_set_close(&e->devices);
}

enum status engine_queue(struct engine *e, const struct queue_model *m, uint32_t first, uint32_t n,
                         struct queue_result *results, enum queue_counting counting,
                         uint64_t *histogram, struct error *err)
{
    if (e->devices.n > 0) {
        struct error own = { STATUS_OK, "" };
        enum status status =
            device_queue_run(&e->devices, m, first, n, results, counting, histogram, &own);
        if (status != STATUS_IO)
            return status == STATUS_OK ? status : error_set(err, own.status, "%s", own.message);
        leave_devices(e, &own);
    }
    return queue_run_threads(m, QUEUE_AUTO, first, n, e->threads, results, counting, histogram,
                             err);
}

/* Blocks of rows as fleet_year_run gives them. */
static void give_blocks(const struct fleet_year_row *rows, uint32_t fleet_n, uint32_t first,
                        uint32_t n, fleet_year_sink *sink, void *context)
{
    for (uint32_t at = 0; at < n; at += FLEET_YEAR_BLOCK) {
        uint32_t some = n - at < FLEET_YEAR_BLOCK ? n - at : FLEET_YEAR_BLOCK;
        for (uint32_t f = 0; f < fleet_n; f++) {
            const struct fleet_year_row *of = rows + (size_t)f * n + at;
            sink(context, &(struct fleet_year_block){ f, first + at, some, of });
        }
    }
}

static enum status year_by_devices(const struct engine *e, const struct fleet_year_case *what,
                                   const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                                   uint32_t first, uint32_t n, const volatile int *stop,
                                   fleet_year_sink *sink, void *context, uint32_t *done,
                                   struct error *err)
{
    uint32_t blocks = ROWS_MOST / fleet_n / FLEET_YEAR_BLOCK;
    uint32_t chunk = (blocks ? blocks : 1) * FLEET_YEAR_BLOCK;
    struct fleet_year_row *rows = malloc((size_t)fleet_n * chunk * sizeof *rows);
    enum status status = STATUS_OK;
    if (!rows) status = error_set(err, STATUS_NO_MEMORY, "no memory for rows");
    for (*done = 0; *done < n && status == STATUS_OK; *done += chunk) {
        uint32_t some = n - *done < chunk ? n - *done : chunk;
        if (stop && *stop) status = error_set(err, STATUS_INTERRUPTED, "interrupted");
        if (status == STATUS_OK)
            status = device_year_rows(&e->devices, what, fleets, fleet_n, first + *done, some, rows,
                                      err);
        if (status != STATUS_OK) break;
        give_blocks(rows, fleet_n, first + *done, some, sink, context);
    }
    free(rows);
    return status;
}

enum status engine_year(struct engine *e, const struct fleet_year_case *what,
                        const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                        uint32_t n, const volatile int *stop, fleet_year_sink *sink, void *context,
                        struct error *err)
{
    uint32_t done = 0;
    if (e->devices.n > 0) {
        struct error own = { STATUS_OK, "" };
        enum status status =
            year_by_devices(e, what, fleets, fleet_n, first, n, stop, sink, context, &done, &own);
        if (status != STATUS_IO)
            return status == STATUS_OK ? status : error_set(err, own.status, "%s", own.message);
        leave_devices(e, &own); /* what is given is as good as what follows */
    }
    return fleet_year_run(what, fleets, fleet_n, fleet_year_way_best(), first + done, n - done,
                          e->threads, stop, sink, context, err);
}

/* On the devices, or else on the processors: what a device did not end has added nothing. */
static enum status tally_some(struct engine *e, const struct fleet_year_case *what,
                              const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                              uint32_t first, uint32_t n, const volatile int *stop,
                              struct fleet_year_tally *tallies, struct error *err)
{
    if (stop && *stop) return error_set(err, STATUS_INTERRUPTED, "interrupted");
    if (e->devices.n > 0) {
        struct error own = { STATUS_OK, "" };
        enum status status =
            device_year_tally(&e->devices, what, fleets, fleet_n, first, n, tallies, &own);
        if (status != STATUS_IO)
            return status == STATUS_OK ? status : error_set(err, own.status, "%s", own.message);
        leave_devices(e, &own);
    }
    return fleet_year_tally_run(what, fleets, fleet_n, fleet_year_way_best(), first, n, e->threads,
                                stop, tallies, err);
}

enum status engine_year_tally(struct engine *e, const struct fleet_year_case *what,
                              const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                              uint32_t first, uint32_t n, const volatile int *stop,
                              struct fleet_year_tally *tallies, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t f = 0; f < fleet_n && status == STATUS_OK; f += TALLY_FLEETS) {
        uint32_t fleets_now = fleet_n - f < TALLY_FLEETS ? fleet_n - f : TALLY_FLEETS;
        for (uint32_t at = 0; at < n && status == STATUS_OK; at += TALLY_REPLICATIONS) {
            uint32_t now = n - at < TALLY_REPLICATIONS ? n - at : TALLY_REPLICATIONS;
            status = tally_some(e, what, fleets + f, fleets_now, first + at, now, stop, tallies + f,
                                err);
        }
    }
    return status;
}
