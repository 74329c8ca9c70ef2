/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/pricebook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/csv_table.h"
#include "scenarios/units.h"

enum { FACTORS_MAX = 5000, ROWS_MAX = 1000000 };

static const char *const file_names[PRICEBOOK_TABLES] = { "instances.csv", "prices.csv", "gpus.csv",
                                                          "performance.csv", "services.csv" };

/* One file being read. */
struct reading {
    struct pricebook *book;
    struct diagnostics *diagnostics;
    const struct source *source;
    int32_t file;
};

static void complain(const struct reading *r, const struct csv_cell *cell, const char *hint,
                     const char *what)
{
    source_report(r->source, r->diagnostics, SEVERITY_ERROR, cell->at, hint, NULL,
                  "%s, not '%.60s'", what, cell->text);
}

/* Room for one more row of the table; NULL without memory or beyond `most`. Zeroed. */
static void *row_new(struct pricebook *book, enum pricebook_table table, void **rows, size_t size,
                     size_t most, struct error *err)
{
    if (book->n[table] >= most) {
        error_set(err, STATUS_BAD_INPUT, "more than %zu rows in %s and the files beside it", most,
                  file_names[table]);
        return NULL;
    }
    if (book->n[table] == book->capacity[table]) {
        size_t capacity = book->capacity[table] ? 2 * book->capacity[table] : 128;
        void *more = realloc(*rows, capacity * size);
        if (!more) {
            error_set(err, STATUS_NO_MEMORY, "no memory for %s", file_names[table]);
            return NULL;
        }
        *rows = more;
        book->capacity[table] = capacity;
    }
    char *row = (char *)*rows + book->n[table]++ * size;
    memset(row, 0, size);
    return row;
}

/* A whole or decimal number times scale, at most `most`; an empty cell is 0. */
static bool cell_number(const struct reading *r, const struct csv_cell *cell, int64_t scale,
                        int64_t most, const char *what, int64_t *value)
{
    *value = 0;
    if (!cell->text[0]) return true;
    if (decimal_read(cell->text, strlen(cell->text), scale, value) && *value <= most) return true;
    complain(r, cell, NULL, what);
    return false;
}

/* A name that may become a pool's or a row's: not overlong. Control characters were refused by the
 * source. */
static bool cell_name(const struct reading *r, const struct csv_cell *cell)
{
    if (strlen(cell->text) <= 128) return true;
    complain(r, cell, NULL, "a name must not be longer than 128 bytes");
    return false;
}

/* ---- The kinds of row ---- */

enum { I_NAME, I_PROVIDER, I_GPU, I_GPUS, I_CPUS, I_MEMORY, I_WATTS, I_SOURCE, I_N };
static const struct csv_column instance_columns[I_N] = {
    { "instance", true }, { "provider", false },   { "gpu", false },   { "gpus", true },
    { "cpus", false },    { "memory_gib", false }, { "watts", false }, { "source", false },
};

static enum status instance_row(void *context, const struct csv_cell *cells, struct error *err)
{
    struct reading *r = context;
    int64_t gpus, cpu_milli, mem_mib, watts;
    bool good = cell_name(r, &cells[I_NAME]);
    good &= cell_number(r, &cells[I_GPUS], 1, 65535, "'gpus' must be a whole number up to 65535",
                        &gpus);
    good &= cell_number(r, &cells[I_CPUS], 1000, INT64_C(1000000000),
                        "'cpus' must be a number up to 1000000", &cpu_milli);
    good &= cell_number(r, &cells[I_MEMORY], 1024, INT64_C(1) << 40,
                        "'memory_gib' must be a number of GiB in whole MiB", &mem_mib);
    good &= cell_number(r, &cells[I_WATTS], 1, 1000000,
                        "'watts' must be a whole number up to 1000000", &watts);
    if (good && gpus > 0 && !cells[I_GPU].text[0]) {
        complain(r, &cells[I_GPU], NULL, "'gpu' must name the GPU model of an instance with GPUs");
        good = false;
    }
    if (!good) return STATUS_OK;
    struct instance_row *row = row_new(r->book, PRICEBOOK_INSTANCES, (void **)&r->book->instances,
                                       sizeof *row, ROWS_MAX, err);
    if (!row) return err->status;
    char summary[200];
    int n = snprintf(summary, sizeof summary, "%.40s, ",
                     cells[I_PROVIDER].text[0] ? cells[I_PROVIDER].text : "other");
    if (gpus)
        n += snprintf(summary + n, sizeof summary - (size_t)n, "%lld x %.40s", (long long)gpus,
                      cells[I_GPU].text);
    else n += snprintf(summary + n, sizeof summary - (size_t)n, "no GPU");
    if (cpu_milli)
        n += snprintf(summary + n, sizeof summary - (size_t)n, ", %g CPUs",
                      (double)cpu_milli / 1000);
    if (mem_mib)
        snprintf(summary + n, sizeof summary - (size_t)n, ", %g GiB", (double)mem_mib / 1024);
    row->type = (struct instance_type){ cells[I_NAME].text,
                                        cells[I_PROVIDER].text,
                                        gpus ? cells[I_GPU].text : "",
                                        (int32_t)gpus,
                                        cpu_milli,
                                        mem_mib,
                                        (int32_t)watts,
                                        cells[I_SOURCE].text };
    row->summary = arena_text(r->book->arena, summary, strlen(summary));
    row->file = r->file;
    row->at = cells[I_NAME].at;
    return row->summary ? STATUS_OK
                        : error_set(err, STATUS_NO_MEMORY, "no memory for instance types");
}

enum { P_INSTANCE, P_REGION, P_MARKET, P_FROM, P_USD, P_SOURCE, P_N };
static const struct csv_column price_columns[P_N] = {
    { "instance", true },   { "region", true },       { "market", true },
    { "valid_from", true }, { "usd_per_hour", true }, { "source", true },
};

static enum status price_row(void *context, const struct csv_cell *cells, struct error *err)
{
    struct reading *r = context;
    int64_t days = 0, usd = 0;
    bool good = cell_name(r, &cells[P_INSTANCE]) && cell_name(r, &cells[P_REGION]) &&
                cell_name(r, &cells[P_MARKET]);
    if (!date_read(cells[P_FROM].text, strlen(cells[P_FROM].text), &days)) {
        complain(r, &cells[P_FROM], NULL, "'valid_from' must be a date such as 2026-07-20");
        good = false;
    }
    good &=
        cell_number(r, &cells[P_USD], INT64_C(1000000000), INT64_C(1000000) * 1000000000,
                    "'usd_per_hour' must be a number of dollars with up to nine decimals", &usd);
    if (!good) return STATUS_OK;
    struct price_row *row =
        row_new(r->book, PRICEBOOK_PRICES, (void **)&r->book->prices, sizeof *row, ROWS_MAX, err);
    if (!row) return err->status;
    *row = (struct price_row){ cells[P_INSTANCE].text,
                               cells[P_REGION].text,
                               cells[P_MARKET].text,
                               cells[P_FROM].text,
                               cells[P_SOURCE].text,
                               days,
                               usd,
                               r->file,
                               cells[P_INSTANCE].at };
    return STATUS_OK;
}

enum { G_NAME, G_ALIASES, G_TDP, G_SOURCE, G_N };
static const struct csv_column gpu_columns[G_N] = {
    { "gpu", true }, { "aliases", false }, { "tdp_watts", false }, { "source", false }
};

static enum status gpu_row(void *context, const struct csv_cell *cells, struct error *err)
{
    struct reading *r = context;
    int64_t watts;
    if (!cell_name(r, &cells[G_NAME]) ||
        !cell_number(r, &cells[G_TDP], 1, 1000000, "'tdp_watts' must be a whole number", &watts))
        return STATUS_OK;
    struct gpu_row *row =
        row_new(r->book, PRICEBOOK_GPUS, (void **)&r->book->gpus, sizeof *row, 1000, err);
    if (!row) return err->status;
    char summary[400] = "", *to = summary;
    if (watts) to += snprintf(to, 40, "%lld W", (long long)watts);
    if (cells[G_ALIASES].text[0])
        snprintf(to, 350, "%salso %s", watts ? "; " : "", cells[G_ALIASES].text);
    for (; *to; to++)
        if (*to == '|') *to = '/';
    *row = (struct gpu_row){ cells[G_NAME].text, cells[G_ALIASES].text,
                             arena_text(r->book->arena, summary, strlen(summary)),
                             cells[G_SOURCE].text };
    return row->summary ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory for GPU models");
}

enum { F_CLASS, F_GPU, F_BASELINE, F_GPUS, F_FACTOR, F_N };
static const struct csv_column factor_columns[F_N] = {
    { "class", true }, { "gpu", true },    { "baseline_gpu", true },
    { "gpus", false }, { "factor", true },
};

static enum status factor_row(void *context, const struct csv_cell *cells, struct error *err)
{
    struct reading *r = context;
    int64_t gpus, ppm;
    bool good = cell_name(r, &cells[F_CLASS]) && cell_name(r, &cells[F_GPU]) &&
                cell_name(r, &cells[F_BASELINE]);
    good &= cell_number(r, &cells[F_GPUS], 1, 1000000, "'gpus' must be a whole number", &gpus);
    good &= cell_number(r, &cells[F_FACTOR], 1000000, INT64_C(10000) * 1000000,
                        "'factor' must be a number from 0.0001 to 10000", &ppm);
    if (good && ppm < 100) {
        complain(r, &cells[F_FACTOR], NULL, "'factor' must be a number from 0.0001 to 10000");
        good = false;
    }
    if (!good) return STATUS_OK;
    struct factor_row *row = row_new(r->book, PRICEBOOK_PERFORMANCE, (void **)&r->book->factors,
                                     sizeof *row, FACTORS_MAX, err);
    if (!row) return err->status;
    *row = (struct factor_row){ .class_ = cells[F_CLASS].text,
                                .gpu = cells[F_GPU].text,
                                .baseline = cells[F_BASELINE].text,
                                .factor = (double)ppm / 1e6,
                                .gpus = (int32_t)gpus,
                                .file = r->file };
    return STATUS_OK;
}

enum { S_SERVICE, S_REGION, S_FROM, S_USD, S_PER, S_SOURCE, S_N };
static const struct csv_column service_columns[S_N] = {
    { "service", true }, { "region", true }, { "valid_from", true },
    { "usd", true },     { "per", true },    { "source", true },
};

static enum status service_row(void *context, const struct csv_cell *cells, struct error *err)
{
    struct reading *r = context;
    const struct service_price_unit *per = service_price_units;
    int64_t days = 0, usd = 0;
    bool good = cell_name(r, &cells[S_SERVICE]) && cell_name(r, &cells[S_REGION]);
    if (!date_read(cells[S_FROM].text, strlen(cells[S_FROM].text), &days)) {
        complain(r, &cells[S_FROM], NULL, "'valid_from' must be a date such as 2026-07-20");
        good = false;
    }
    good &= cell_number(r, &cells[S_USD], INT64_C(1000000000), SERVICE_NANO_MAX,
                        "'usd' must be a number of dollars with up to nine decimals", &usd);
    while (per->name && strcmp(per->name, cells[S_PER].text) != 0) per++;
    if (!per->name) {
        complain(r, &cells[S_PER], NULL,
                 "'per' must be cluster-hour, GB-month, GB, or GiB, TB, TiB in place of GB");
        good = false;
    }
    if (!good) return STATUS_OK;
    struct service_row *row = row_new(r->book, PRICEBOOK_SERVICES, (void **)&r->book->services,
                                      sizeof *row, ROWS_MAX, err);
    if (!row) return err->status;
    *row = (struct service_row){ cells[S_SERVICE].text,
                                 cells[S_REGION].text,
                                 cells[S_FROM].text,
                                 cells[S_SOURCE].text,
                                 per,
                                 days,
                                 usd,
                                 r->file,
                                 cells[S_SERVICE].at };
    return STATUS_OK;
}

static const struct {
    const struct csv_column *columns;
    size_t n;
    enum status (*row)(void *, const struct csv_cell *, struct error *);
} kinds[PRICEBOOK_TABLES] = {
    { instance_columns, I_N, instance_row }, { price_columns, P_N, price_row },
    { gpu_columns, G_N, gpu_row },           { factor_columns, F_N, factor_row },
    { service_columns, S_N, service_row },
};

/* ---- Files ---- */

enum status pricebook_add(struct pricebook *book, enum pricebook_table table, const char *path,
                          struct diagnostics *diagnostics, struct error *err)
{
    struct source source;
    enum status status = source_load(&source, path, diagnostics, err);
    if (status) return status;
    if (book->source_n == book->source_capacity) {
        size_t capacity = book->source_capacity ? 2 * book->source_capacity : 8;
        struct source *more = realloc(book->sources, capacity * sizeof *more);
        if (!more) {
            source_free(&source);
            return error_set(err, STATUS_NO_MEMORY, "no memory for price books");
        }
        book->sources = more;
        book->source_capacity = capacity;
    }
    book->sources[book->source_n++] = source;
    struct reading reading = { book, diagnostics, &book->sources[book->source_n - 1],
                               (int32_t)book->source_n - 1 };
    struct csv_table csv = { kinds[table].columns, kinds[table].n, &reading, kinds[table].row };
    status = csv_table_read(&csv, reading.source, book->arena, diagnostics, err);
    if (status != STATUS_BAD_INPUT) return status;
    source_report(reading.source, diagnostics, SEVERITY_ERROR, (struct place){ 0, 0, 0 }, NULL,
                  NULL, "%s", err->message);
    return status;
}

static bool has_tables(const char *folder)
{
    for (int t = 0; t < PRICEBOOK_SERVICES; t++) {
        char path[4300];
        snprintf(path, sizeof path, "%s/%s", folder, file_names[t]);
        if (access(path, R_OK) != 0) return false;
    }
    return true;
}

bool pricebook_folder(char *folder, size_t size)
{
    const char *data = getenv("SEATRIAL_DATA");
    if (data && data[0]) {
        snprintf(folder, size, "%s/prices", data);
        if (has_tables(folder)) return true;
        snprintf(folder, size, "%s", data);
        return has_tables(folder);
    }
    char program[4096];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    for (int up = 0; n > 0 && up < 5; up++) {
        while (n > 0 && program[n - 1] != '/') n--;
        if (n > 0) n--;
        static const char *const places[] = { "share/seatrial/prices", "scenarios/prices" };
        for (size_t i = 0; i < 2; i++) {
            snprintf(folder, size, "%.*s/%s", (int)n, program, places[i]);
            if (has_tables(folder)) return true;
        }
    }
    snprintf(folder, size, "scenarios/prices");
    return has_tables(folder);
}

enum status pricebook_init(struct pricebook *book, struct arena *arena,
                           struct diagnostics *diagnostics, struct error *err)
{
    char folder[4200], path[4300];
    memset(book, 0, sizeof *book);
    book->arena = arena;
    if (!pricebook_folder(folder, sizeof folder)) {
        struct diagnostic d = { .file = getenv("SEATRIAL_DATA") ? getenv("SEATRIAL_DATA")
                                                                : "price books",
                                .message = "the tables that ship with seatrial are not here: "
                                           "instances.csv, prices.csv, gpus.csv, performance.csv",
                                .hint = "set SEATRIAL_DATA to the folder that holds them" };
        diagnostics_add(diagnostics, &d);
        return error_set(err, STATUS_BAD_INPUT, "no price books");
    }
    if (!(book->folder = strdup(folder)))
        return error_set(err, STATUS_NO_MEMORY, "no memory for price books");
    for (int t = 0; t < PRICEBOOK_TABLES; t++) {
        snprintf(path, sizeof path, "%s/%s", folder, file_names[t]);
        if (t == PRICEBOOK_SERVICES && access(path, R_OK) != 0) break; /* a folder of before */
        enum status status = pricebook_add(book, (enum pricebook_table)t, path, diagnostics, err);
        if (status) {
            pricebook_free(book);
            return status;
        }
    }
    book->shipped_n = book->source_n;
    return STATUS_OK;
}

void pricebook_free(struct pricebook *book)
{
    for (size_t i = 0; i < book->source_n; i++) source_free(&book->sources[i]);
    free(book->sources);
    free(book->instances);
    free(book->prices);
    free(book->gpus);
    free(book->factors);
    free(book->services);
    factor_graph_free(&book->graph);
    free(book->folder);
    memset(book, 0, sizeof *book);
}

/* ---- Settling: sorted, one row a key ---- */

static int price_key(const struct price_row *a, const struct price_row *b)
{
    int order = strcmp(a->instance, b->instance);
    if (!order) order = strcmp(a->region, b->region);
    if (!order) order = strcmp(a->market, b->market);
    if (order) return order;
    return (a->valid_from_days > b->valid_from_days) - (a->valid_from_days < b->valid_from_days);
}

static int by_file(int32_t af, size_t al, int32_t bf, size_t bl)
{
    if (af != bf) return af < bf ? -1 : 1;
    return al < bl ? -1 : al > bl;
}

static int price_compare(const void *x, const void *y)
{
    const struct price_row *a = x, *b = y;
    int order = price_key(a, b);
    return order ? order : by_file(a->file, a->at.line, b->file, b->at.line);
}

static int instance_compare(const void *x, const void *y)
{
    const struct instance_row *a = x, *b = y;
    int order = strcmp(a->type.name, b->type.name);
    return order ? order : by_file(a->file, a->at.line, b->file, b->at.line);
}

static void settle_instances(struct pricebook *book, struct diagnostics *diagnostics)
{
    struct instance_row *rows = book->instances;
    size_t n = book->n[PRICEBOOK_INSTANCES], kept = 0;
    if (n) qsort(rows, n, sizeof *rows, instance_compare);
    for (size_t i = 0; i < n; i++) {
        if (kept && strcmp(rows[kept - 1].type.name, rows[i].type.name) == 0) {
            if (rows[kept - 1].file == rows[i].file)
                source_report_twice(&book->sources[rows[i].file], diagnostics, rows[i].at,
                                    rows[kept - 1].at.line, "instance '%s' is set twice",
                                    rows[i].type.name);
            kept--;
        }
        const char *gpu = pricebook_gpu(book, rows[i].type.gpu_model);
        if (gpu) rows[i].type.gpu_model = gpu;
        rows[kept++] = rows[i];
    }
    book->n[PRICEBOOK_INSTANCES] = kept;
}

static void settle_prices(struct pricebook *book, struct diagnostics *diagnostics)
{
    struct price_row *rows = book->prices;
    size_t n = book->n[PRICEBOOK_PRICES], kept = 0;
    if (n) qsort(rows, n, sizeof *rows, price_compare);
    for (size_t i = 0; i < n; i++) {
        if (kept && price_key(&rows[kept - 1], &rows[i]) == 0) {
            if (rows[kept - 1].file == rows[i].file)
                source_report_twice(&book->sources[rows[i].file], diagnostics, rows[i].at,
                                    rows[kept - 1].at.line,
                                    "the %s price of '%s' in %s from %s is set twice",
                                    rows[i].market, rows[i].instance, rows[i].region,
                                    rows[i].valid_from);
            kept--;
        }
        rows[kept++] = rows[i];
    }
    book->n[PRICEBOOK_PRICES] = kept;
}

static int service_key(const struct service_row *a, const struct service_row *b)
{
    int order = strcmp(a->service, b->service);
    if (!order) order = strcmp(a->region, b->region);
    if (order) return order;
    return (a->valid_from_days > b->valid_from_days) - (a->valid_from_days < b->valid_from_days);
}

static int service_compare(const void *x, const void *y)
{
    const struct service_row *a = x, *b = y;
    int order = service_key(a, b);
    return order ? order : by_file(a->file, a->at.line, b->file, b->at.line);
}

static void settle_services(struct pricebook *book, struct diagnostics *diagnostics)
{
    struct service_row *rows = book->services;
    size_t n = book->n[PRICEBOOK_SERVICES], kept = 0;
    if (n) qsort(rows, n, sizeof *rows, service_compare);
    for (size_t i = 0; i < n; i++) {
        if (kept && service_key(&rows[kept - 1], &rows[i]) == 0) {
            if (rows[kept - 1].file == rows[i].file)
                source_report_twice(&book->sources[rows[i].file], diagnostics, rows[i].at,
                                    rows[kept - 1].at.line,
                                    "the price of '%s' in %s from %s is set twice", rows[i].service,
                                    rows[i].region, rows[i].valid_from);
            kept--;
        }
        rows[kept++] = rows[i];
    }
    book->n[PRICEBOOK_SERVICES] = kept;
}

enum status pricebook_settle(struct pricebook *book, struct diagnostics *diagnostics,
                             struct error *err)
{
    settle_instances(book, diagnostics);
    settle_prices(book, diagnostics);
    settle_services(book, diagnostics);
    for (size_t i = 0; i < book->n[PRICEBOOK_PERFORMANCE]; i++) {
        struct factor_row *f = &book->factors[i];
        const char *gpu = pricebook_gpu(book, f->gpu), *baseline = pricebook_gpu(book, f->baseline);
        if (gpu) f->gpu = gpu;
        if (baseline) f->baseline = baseline;
    }
    return factor_graph_build(book, err);
}

/* ---- Looking up ---- */

const struct instance_type *pricebook_instance(const struct pricebook *book, const char *name)
{
    size_t low = 0, high = book->n[PRICEBOOK_INSTANCES];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(book->instances[middle].type.name, name);
        if (order == 0) return &book->instances[middle].type;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return NULL;
}

const struct price_row *pricebook_price(const struct pricebook *book, const char *instance,
                                        const char *region, const char *market, int64_t as_of_days)
{
    struct price_row key = {
        .instance = instance, .region = region, .market = market, .valid_from_days = as_of_days
    };
    size_t low = 0, high = book->n[PRICEBOOK_PRICES]; /* the first row beyond the key */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (price_key(&book->prices[middle], &key) <= 0) low = middle + 1;
        else high = middle;
    }
    if (low == 0) return NULL;
    const struct price_row *row = &book->prices[low - 1];
    key.valid_from_days = row->valid_from_days;
    return price_key(row, &key) == 0 ? row : NULL;
}

const struct service_row *pricebook_service(const struct pricebook *book, const char *service,
                                            const char *region, int64_t as_of_days)
{
    const struct service_row *found = NULL;
    for (size_t i = 0; i < book->n[PRICEBOOK_SERVICES]; i++) { /* sorted: the last one holds */
        const struct service_row *row = &book->services[i];
        if (strcmp(row->service, service) == 0 && strcmp(row->region, region) == 0 &&
            row->valid_from_days <= as_of_days)
            found = row;
    }
    return found;
}

int64_t pricebook_newest(const struct pricebook *book, const char **date)
{
    int64_t newest = INT64_MIN;
    for (size_t i = 0; i < book->n[PRICEBOOK_PRICES]; i++)
        if (book->prices[i].valid_from_days > newest) {
            newest = book->prices[i].valid_from_days;
            *date = book->prices[i].valid_from;
        }
    return newest;
}

static bool goes_by(const struct gpu_row *gpu, const char *name)
{
    if (strcasecmp(gpu->name, name) == 0) return true;
    size_t n = strlen(name);
    for (const char *a = gpu->aliases; *a;) {
        size_t length = strcspn(a, "|");
        if (length == n && n > 0 && strncasecmp(a, name, n) == 0) return true;
        a += length + (a[length] == '|');
    }
    return false;
}

const char *pricebook_gpu_at(const struct pricebook *book, const char *name, size_t i)
{
    for (size_t g = 0; g < book->n[PRICEBOOK_GPUS]; g++)
        if (goes_by(&book->gpus[g], name) && i-- == 0) return book->gpus[g].name;
    return NULL;
}

const char *pricebook_gpu(const struct pricebook *book, const char *name)
{
    for (size_t g = 0; g < book->n[PRICEBOOK_GPUS]; g++)
        if (strcasecmp(book->gpus[g].name, name) == 0) return book->gpus[g].name;
    return pricebook_gpu_at(book, name, 0);
}

bool pricebook_entry(size_t i, enum pricebook_table table, const char **name, const char **summary,
                     const char **source)
{
    static struct arena arena; /* the shipped tables, kept for as long as the program lists names */
    static struct pricebook book;
    static int loaded;
    if (!loaded) {
        struct diagnostics diagnostics;
        diagnostics_init(&diagnostics);
        arena_init(&arena);
        bool good = pricebook_init(&book, &arena, &diagnostics, NULL) == STATUS_OK &&
                    pricebook_settle(&book, &diagnostics, NULL) == STATUS_OK;
        loaded = good ? 1 : -1;
        diagnostics_free(&diagnostics);
    }
    if (loaded < 0 || i >= book.n[table] ||
        (table != PRICEBOOK_INSTANCES && table != PRICEBOOK_GPUS))
        return false;
    bool instances = table == PRICEBOOK_INSTANCES;
    *name = instances ? book.instances[i].type.name : book.gpus[i].name;
    *summary = instances ? book.instances[i].summary : book.gpus[i].summary;
    *source = instances ? book.instances[i].type.source : book.gpus[i].source;
    return true;
}
