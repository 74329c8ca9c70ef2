/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hardware is and costs: five tables of dated facts with their sources, as CSV files.
 *
 *     instances.csv    instance type -> GPUs, CPUs, memory
 *     prices.csv       (instance, region, market, valid from) -> $ per hour
 *     gpus.csv         GPU model -> the other names it goes by
 *     performance.csv  (workload class, GPU, baseline GPU) -> how many times as fast
 *     services.csv     (service, region, valid from) -> $ for a cluster-hour, a GB-month, a GB
 *
 * The tables that ship are read first, then the user's, whose rows replace those of the same key. A
 * price holds from its date until the next one of the same key; a price without a date is refused.
 * A folder of shipped tables that has no services.csv is good, too.
 * Everything lives in the arena given to pricebook_init, which must outlive the book's rows.
 */
#ifndef SCENARIOS_PRICEBOOK_H
#define SCENARIOS_PRICEBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/fleet_spec.h"
#include "models/workload/workload.h"
#include "scenarios/arena.h"
#include "scenarios/source.h"

enum pricebook_table {
    PRICEBOOK_INSTANCES,
    PRICEBOOK_PRICES,
    PRICEBOOK_GPUS,
    PRICEBOOK_PERFORMANCE,
    PRICEBOOK_SERVICES,
    PRICEBOOK_TABLES
};

struct price_row {
    const char *instance, *region, *market, *valid_from, *source;
    int64_t valid_from_days; /* since 1970-01-01 */
    int64_t usd_nano_per_hour;
    int32_t file;
    struct place at;
};

struct instance_row {
    struct instance_type type;
    const char *summary;
    int32_t file;
    struct place at;
};

struct gpu_row {
    const char *name;
    const char *aliases; /* separated by | */
    const char *summary, *source;
};

struct factor_row {
    const char *class_, *gpu, *baseline;
    double factor; /* speed of gpu over speed of baseline */
    int32_t gpus;  /* measured on this many */
    int32_t file;
    uint32_t node[2]; /* gpu and baseline, as numbers of the graph's models */
};

struct service_row {
    const char *service, *region, *valid_from, *source;
    const struct service_price_unit *per;
    int64_t valid_from_days;
    int64_t usd_nano; /* for one of `per` */
    int32_t file;
    struct place at;
};

/* The factors by GPU model, for chains of pairs; made by pricebook_settle. See performance.c. */
struct factor_graph {
    struct names models;
    uint32_t *first, *next;
};

struct pricebook {
    struct arena *arena;
    struct instance_row *instances;
    struct price_row *prices;
    struct gpu_row *gpus;
    struct factor_row *factors;
    struct service_row *services;
    size_t n[PRICEBOOK_TABLES], capacity[PRICEBOOK_TABLES];
    struct source *sources; /* every file read, for reports and provenance */
    size_t source_n, source_capacity;
    size_t shipped_n; /* of the sources: the first ones */
    char *folder;     /* where the shipped tables are */
    struct factor_graph graph;
};

/* The folder of the shipped tables, in `folder`: $SEATRIAL_DATA, else share/seatrial or scenarios
 * beside or above the program, else ./scenarios. false: they are nowhere. */
bool pricebook_folder(char *folder, size_t size);

/* Reads the shipped tables. */
enum status pricebook_init(struct pricebook *book, struct arena *arena,
                           struct diagnostics *diagnostics, struct error *err);
void pricebook_free(struct pricebook *book);
/* Adds a file of the user's. STATUS_BAD_INPUT only where it cannot be read at all (reported). */
enum status pricebook_add(struct pricebook *book, enum pricebook_table table, const char *path,
                          struct diagnostics *diagnostics, struct error *err);
/* After the last file: sorts, lets later files win, reports keys that one file sets twice. */
enum status pricebook_settle(struct pricebook *book, struct diagnostics *diagnostics,
                             struct error *err);

/* All below: after pricebook_settle. */
const struct instance_type *pricebook_instance(const struct pricebook *book, const char *name);
/* The newest row of the key with valid_from <= as_of; NULL if there is none. */
const struct price_row *pricebook_price(const struct pricebook *book, const char *instance,
                                        const char *region, const char *market, int64_t as_of_days);
/* The same of a service. */
const struct service_row *pricebook_service(const struct pricebook *book, const char *service,
                                            const char *region, int64_t as_of_days);
/* Days of the newest price of an instance; INT64_MIN in an empty book. */
int64_t pricebook_newest(const struct pricebook *book, const char **date);
/* The GPU model that goes by this name (the first in the table), NULL if none. */
const char *pricebook_gpu(const struct pricebook *book, const char *name);
/* The i-th model that goes by this name; NULL past the last. "V100" is an SXM2 and a PCIe one. */
const char *pricebook_gpu_at(const struct pricebook *book, const char *name, size_t i);
/* How many times as fast as `baseline` `gpu` runs work of this class, chained over the fewest
 * measured pairs. For each pair: the rows of the class, else those of "all", else of every class;
 * of these the rows of the last file that has any, measured on the fewest GPUs; of several their
 * geometric mean. false: no chain of pairs leads from one to the other. */
bool pricebook_speed(const struct pricebook *book, const char *class_, const char *gpu,
                     const char *baseline, double *speed);

/* For pricebook.c only. */
enum status factor_graph_build(struct pricebook *book, struct error *err);
void factor_graph_free(struct factor_graph *graph);

/* For `seatrial list`: entry i of PRICEBOOK_INSTANCES or PRICEBOOK_GPUS as it ships. false past the
 * end. The texts stay until the program ends. One thread only. */
bool pricebook_entry(size_t i, enum pricebook_table table, const char **name, const char **summary,
                     const char **source);

#endif
