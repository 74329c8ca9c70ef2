/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm accounting: `sacct --parsable2 --allusers --format=JobID,User,Account,Partition,Submit,
 * Start,End,ElapsedRaw,TimelimitRaw,State,AllocTRES,ReqTRES,AllocCPUS,ReqMem,NNodes,Priority`, its
 * columns found by the header, in any order. Needed are JobID (or JobIDRaw), Submit, State, and
 * AllocTRES or ReqTRES.
 *
 *   12.batch       a step: belongs to its job, passed over
 *   12_4           a task of an array: a job
 *   12_[5-9%2]     tasks of an array that still wait: one job that never started
 *   12+0, 12+1     the components of a heterogeneous job, which start together: one job, their
 *                  processors, memory, nodes and GPUs added up
 *   12 and 12      a job that was requeued has a row for each time (sacct --duplicates): each is a
 *                  job, submitted when it was requeued
 *
 * GPUs are gres/gpu of what was allocated, or asked for where nothing was; a model is that of typed
 * entries (gres/gpu:h100=8), a MIG profile counts by its slices. A job without a start, or that
 * held nothing for no time (cancelled in the queue), never started. Times of day may also be
 * seconds of the Unix epoch (SLURM_TIME_FORMAT=%s). Source: slurm.schedmd.com/sacct.html and
 * heterogeneous_jobs.html.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/traces/table.h"

/* ---- TRES lists: "billing=8,cpu=8,gres/gpu=4,gres/gpu:a100=4,mem=64G" ---- */

struct tres {
    int64_t total;       /* gres/gpu=, -1 where it does not stand */
    int64_t typed;       /* gres/gpu:MODEL= together */
    int64_t slices;      /* of typed: MIG slices */
    int64_t slice_milli; /* what they are in thousandths of a GPU */
    bool shares;         /* shards or MPS of GPUs are among it */
    char models[128];    /* with bars between them */
};

static void add_typed(struct tres *tres, const char *model, size_t n, int64_t count)
{
    int32_t milli = import_mig_milli(model, n);
    tres->typed += count;
    if (milli) {
        tres->slices += count;
        tres->slice_milli += count * milli;
        return;
    }
    size_t used = strlen(tres->models);
    if (used + n + 2 < sizeof tres->models)
        sprintf(tres->models + used, "%s%.*s", used ? "|" : "", (int)n, model);
}

static void add_entry(struct tres *tres, const char *entry, size_t n)
{
    const char *equals = memchr(entry, '=', n), gpu[] = "gres/gpu";
    size_t name_n = equals ? (size_t)(equals - entry) : n;
    struct field count = { (char *)entry + name_n + 1, equals ? n - name_n - 1 : 0 };
    int64_t value;
    if (n > 10 && strncmp(entry, "gres/shard", 10) == 0) tres->shares = true;
    if (n > 8 && strncmp(entry, "gres/mps", 8) == 0) tres->shares = true;
    if (name_n < strlen(gpu) || memcmp(entry, gpu, strlen(gpu)) != 0) return;
    if (!field_scaled(&count, 1, &value) || value < 0 || value > INT32_MAX) return;
    if (name_n == strlen(gpu)) tres->total = value;
    else if (entry[strlen(gpu)] == ':')
        add_typed(tres, entry + strlen(gpu) + 1, name_n - strlen(gpu) - 1, value);
}

static struct tres read_tres(const struct table *t, const char *column)
{
    struct tres tres = { .total = -1 };
    struct field list = table_cell(t, column);
    for (const char *at = list.text; *at;) {
        size_t n = strcspn(at, ",");
        add_entry(&tres, at, n);
        at += n + (at[n] == ',');
    }
    return tres;
}

static int32_t tres_gpu_milli(const struct tres *tres)
{
    int64_t gpus = tres->total >= 0 ? tres->total : tres->typed;
    int64_t whole = gpus > tres->slices ? gpus - tres->slices : 0;
    return import_gpu_milli(whole * 1000 + tres->slice_milli);
}

static void read_gpus(struct table *t, struct job_row *row)
{
    struct import *import = t->import;
    struct tres tres = read_tres(t, "AllocTRES"), asked = read_tres(t, "ReqTRES");
    asked.shares |= tres.shares;
    if (tres_gpu_milli(&tres) == 0) tres = asked;
    row->gpu_milli = tres_gpu_milli(&tres);
    row->gpu_type = t->made;
    row->gpu_type_n = import_type_set(import, tres.models, strlen(tres.models), t->made);
    if (tres.slices) import_count(import->report, false, "MIG slices counted as sevenths of a GPU");
    if (tres.shares)
        import_count(import->report, false, "GPU shares (shards, MPS) are not counted as GPUs");
    if (strchr(t->made, '|'))
        import_count(import->report, false, "GPUs of several models: any of them is taken");
}

/* ---- The other columns ---- */

/* ReqMem "64G", "4000M", "2Gc" (a core), "64Gn" (a node) -> MiB of the job. */
static int64_t memory_mib(const struct field *f, int64_t cores, int64_t nodes)
{
    size_t n = strspn(f->text, "0123456789.");
    struct field number = { f->text, n };
    const char *suffix = f->text + n;
    int64_t kib, unit = 1024;
    switch (*suffix) {
    case 'K': unit = 1; break;
    case 'G': unit = 1024 * 1024; break;
    case 'T': unit = INT64_C(1024) * 1024 * 1024; break;
    case 'P': unit = INT64_C(1024) * 1024 * 1024 * 1024; break;
    default: break;
    }
    if (*suffix && strchr("KMGTP", *suffix)) suffix++;
    if (n == 0 || !field_scaled(&number, unit, &kib) || kib > INT64_C(1) << 50) return 0;
    int64_t times = *suffix == 'c' ? cores : *suffix == 'n' ? nodes : 1;
    return times > 0 && times < 1 << 20 ? kib / 1024 * times : kib / 1024;
}

static bool read_clock(const struct table *t, const char *name, int64_t *unix_us)
{
    struct field f = table_cell(t, name);
    return table_clock(t, name, unix_us) ||
           (!field_missing(&f) && field_time(&f, US_PER_S, unix_us));
}

static const char *read_times(const struct table *t, struct job_row *row)
{
    struct field plain = table_cell(t, "Elapsed"), allocated = table_cell(t, "AllocTRES");
    int64_t end_us;
    if (!read_clock(t, "Submit", &row->submit_us)) return "Submit is missing or no time";
    if (!read_clock(t, "Start", &row->start_us)) row->start_us = -1;
    bool ended = read_clock(t, "End", &end_us);
    if (!table_time(t, "ElapsedRaw", US_PER_S, INT64_MIN, &row->run_us))
        return "ElapsedRaw is not a number";
    if (row->run_us == INT64_MIN && !field_elapsed(&plain, &row->run_us)) {
        if (row->start_us != -1 && !ended) return "no ElapsedRaw, Elapsed or End";
        row->run_us = row->start_us == -1 ? 0 : end_us - row->start_us;
    }
    if (row->run_us == 0 && table_column(t, "AllocTRES") >= 0 && field_missing(&allocated))
        row->start_us = -1;
    if (row->start_us == -1 && row->run_us == 0 && row->status != JOB_CANCELLED)
        row->status = JOB_NEVER_STARTED;
    return NULL;
}

/* TimelimitRaw is in minutes, Timelimit in days and hours; UNLIMITED and Partition_Limit are none.
 */
static void read_limit(const struct table *t, struct job_row *row)
{
    struct field raw = table_cell(t, "TimelimitRaw"), plain = table_cell(t, "Timelimit");
    if (!field_missing(&raw) && field_time(&raw, 60 * (int64_t)US_PER_S, &row->limit_us)) return;
    if (!field_elapsed(&plain, &row->limit_us)) row->limit_us = -1;
}

static const char *read_size(struct table *t, struct job_row *row)
{
    struct field memory = table_cell(t, "ReqMem");
    int64_t cores, nodes, priority, asked;
    if (!table_number(t, "AllocCPUS", 1, 0, &cores) || !table_number(t, "ReqCPUS", 1, 0, &asked) ||
        !table_number(t, "NNodes", 1, 0, &nodes) || !table_number(t, "Priority", 1, 0, &priority))
        return "AllocCPUS, ReqCPUS, NNodes or Priority is not a number";
    if (cores == 0) cores = asked;
    if (cores < 0 || cores > INT64_C(1) << 30) return "core count out of range";
    row->cpu_milli = cores * 1000;
    row->nodes = import_nodes(t->import, nodes);
    row->priority = import_priority(t->import, priority);
    row->mem_mib = memory_mib(&memory, cores, row->nodes);
    read_gpus(t, row);
    return NULL;
}

static const char *id_column(const struct table *t)
{
    return table_column(t, "JobID") >= 0 ? "JobID" : "JobIDRaw";
}

static const char *read_row(struct table *t, struct job_row *row)
{
    const char *state = table_cell(t, "State").text;
    row_text(&row->id, &row->id_n, table_cell(t, id_column(t)));
    if (memchr(row->id, '.', row->id_n)) return "job step (belongs to its job)";
    if (strncmp(state, "REVOKED", 7) == 0) return "revoked: a sibling ran on another cluster";
    row->status = import_status(state);
    const char *reason = read_times(t, row);
    if (reason || (reason = read_size(t, row))) return reason;
    read_limit(t, row);
    row_text(&row->user, &row->user_n, table_cell(t, "User"));
    row_text(&row->tenant, &row->tenant_n, table_cell(t, "Account"));
    row_text(&row->queue, &row->queue_n, table_cell(t, "Partition"));
    if (memchr(row->id, '[', row->id_n))
        import_count(t->import->report, false, "waiting tasks of an array: kept as one job");
    if (strncmp(state, "REQUEUED", 8) == 0)
        import_count(t->import->report, false, "requeued: each run is a job of its own");
    return NULL;
}

/* ---- Heterogeneous jobs ---- */

/* The job under way, and room for its texts: the line they stood in is gone by the time its last
 * component comes. */
struct het {
    struct job_row row;
    char text[5][256];
    bool open;
};

static void keep_text(char room[256], const char **text, size_t *n)
{
    if (*n > 255) *n = 255;
    memcpy(room, *text, *n);
    *text = room;
}

static void het_start(struct het *h, const struct job_row *row, size_t id_n)
{
    h->row = *row;
    h->row.id_n = id_n;
    h->open = true;
    keep_text(h->text[0], &h->row.id, &h->row.id_n);
    keep_text(h->text[1], &h->row.user, &h->row.user_n);
    keep_text(h->text[2], &h->row.tenant, &h->row.tenant_n);
    keep_text(h->text[3], &h->row.queue, &h->row.queue_n);
    keep_text(h->text[4], &h->row.gpu_type, &h->row.gpu_type_n);
}

static bool same_text(const char *a, size_t a_n, const char *b, size_t b_n)
{
    return a_n == b_n && memcmp(a, b, a_n) == 0;
}

/* Sums that no file can drive beyond 64 bits. */
static int64_t add_up_to(int64_t a, int64_t b)
{
    const int64_t most = INT64_C(1) << 60;
    return a > most - b ? most : a + b;
}

static void het_join(struct het *h, struct import *import, const struct job_row *row)
{
    struct job_row *all = &h->row;
    /* A model of one component says nothing of the others; one without GPUs has none. */
    if (all->gpu_milli == 0) {
        all->gpu_type = row->gpu_type;
        all->gpu_type_n = row->gpu_type_n;
        keep_text(h->text[4], &all->gpu_type, &all->gpu_type_n);
    } else if (row->gpu_milli != 0 &&
               !same_text(all->gpu_type, all->gpu_type_n, row->gpu_type, row->gpu_type_n)) {
        all->gpu_type_n = 0;
    }
    all->gpu_milli = import_gpu_milli((int64_t)all->gpu_milli + row->gpu_milli);
    all->nodes = import_nodes(import, (int64_t)all->nodes + row->nodes);
    all->cpu_milli = add_up_to(all->cpu_milli, row->cpu_milli);
    all->mem_mib = add_up_to(all->mem_mib, row->mem_mib);
    if (row->run_us > all->run_us) all->run_us = row->run_us;
}

static enum status het_end(struct het *h, struct import *import)
{
    if (!h->open) return STATUS_OK;
    h->open = false;
    return import_add(import, &h->row);
}

/* Adds a row, or its part of a heterogeneous job, whose components stand behind one another. */
static enum status add_row(struct het *h, struct import *import, struct job_row *row)
{
    const char *plus = memchr(row->id, '+', row->id_n);
    size_t id_n = plus ? (size_t)(plus - row->id) : row->id_n;
    if (plus && h->open && same_text(h->row.id, h->row.id_n, row->id, id_n) &&
        h->row.submit_us == row->submit_us) {
        import_count(import->report, false, "component of a heterogeneous job joined to the first");
        het_join(h, import, row);
        return STATUS_OK;
    }
    enum status status = het_end(h, import);
    if (status != STATUS_OK) return status;
    if (!plus) return import_add(import, row);
    het_start(h, row, id_n);
    return STATUS_OK;
}

/* ---- The file ---- */

static enum status open_log(struct table *t, struct import *import)
{
    static const char *const needed[] = { "Submit", "State", NULL };
    enum status status = table_open(t, import, '|', needed);
    if (status != STATUS_OK) return status;
    if (table_column(t, "JobID") < 0 && table_column(t, "JobIDRaw") < 0)
        return error_set(import->err, STATUS_BAD_INPUT, "%s:1: there is no JobID",
                         import->in->path);
    if (table_column(t, "AllocTRES") < 0 && table_column(t, "ReqTRES") < 0)
        return error_set(import->err, STATUS_BAD_INPUT,
                         "%s:1: neither AllocTRES nor ReqTRES: without one no job's GPUs are known",
                         import->in->path);
    return import_epoch(import, 0);
}

enum status read_slurm(struct import *import)
{
    struct table t;
    struct het het = { .open = false };
    bool more;
    enum status status = open_log(&t, import);
    while (status == STATUS_OK && (status = table_row(&t, &more)) == STATUS_OK && more) {
        struct job_row row;
        job_row_init(&row);
        const char *reason = read_row(&t, &row);
        status = reason ? import_drop(import, reason) : add_row(&het, import, &row);
    }
    return status == STATUS_OK ? het_end(&het, import) : status;
}
