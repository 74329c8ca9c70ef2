/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm accounting: `sacct --parsable2 --allusers
 * --format=JobID,User,Account,Partition,Submit,Start,End,
 * ElapsedRaw,TimelimitRaw,State,AllocTRES,ReqTRES,AllocCPUS,ReqMem,NNodes,Priority`, in any order,
 * by header. Steps (123.batch) belong to their jobs and are passed over. Source:
 * slurm.schedmd.com/sacct.html.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "scenarios/traces/table.h"

/* "1-02:03:04", "02:03:04", "03:04" -> seconds; false for "UNLIMITED" and such. */
static bool elapsed(const struct field *f, int64_t *us)
{
    int64_t part[4] = { 0 }, days = 0;
    int n = 0;
    const char *p = f->text, *dash = strchr(p, '-');
    if (f->n == 0 || f->n > 20) return false;
    if (dash) {
        for (; p < dash; p++) {
            if (*p < '0' || *p > '9') return false;
            days = 10 * days + (*p - '0');
        }
        p++;
    }
    for (; *p && *p != '.'; p++) {
        if (*p == ':') {
            if (++n > 2) return false;
        } else if (*p >= '0' && *p <= '9') {
            part[n] = 10 * part[n] + (*p - '0');
        } else {
            return false;
        }
    }
    /* Slurm writes D-HH, D-HH:MM and D-HH:MM:SS after a day, MM:SS and HH:MM:SS before one. */
    int64_t s = dash     ? part[0] * 3600 + part[1] * 60 + part[2]
                : n == 2 ? part[0] * 3600 + part[1] * 60 + part[2]
                         : part[0] * 60 + part[1];
    if (days > 40000 || s > INT64_C(100000000)) return false;
    *us = (days * 86400 + s) * US_PER_S;
    return true;
}

/* The GPUs of a TRES list "billing=8,cpu=8,gres/gpu=4,gres/gpu:a100=4"; the model of a typed entry.
 */
static int64_t tres_gpus(const char *tres, char *model, size_t size)
{
    int64_t total = -1, typed = 0;
    for (const char *at = tres; *at;) {
        size_t n = strcspn(at, ",");
        const char *equals = memchr(at, '=', n);
        struct field count = { (char *)(equals ? equals + 1 : at),
                               equals ? n - (size_t)(equals + 1 - at) : 0 };
        char digits[24];
        int64_t value = 0;
        snprintf(digits, sizeof digits, "%.*s", (int)count.n, count.text);
        count.text = digits;
        if (equals && n > 8 && strncmp(at, "gres/gpu", 8) == 0 && field_scaled(&count, 1, &value)) {
            if (at[8] == '=') total = value;
            else if (at[8] == ':') {
                typed += value;
                snprintf(model, size, "%.*s", (int)(equals - at - 9), at + 9);
            }
        }
        at += n + (at[n] == ',');
    }
    return total >= 0 ? total : typed;
}

/* ReqMem "64G", "4000M", "2Gc" (a core), "64Gn" (a node) -> MiB of the job. */
static int64_t memory_mib(const struct field *f, int64_t cores, int64_t nodes)
{
    char number[32];
    size_t n = strspn(f->text, "0123456789.");
    int64_t kib, unit = 1024;
    if (n == 0 || n >= sizeof number) return 0;
    snprintf(number, sizeof number, "%.*s", (int)n, f->text);
    struct field digits = { number, n };
    const char *suffix = f->text + n;
    switch (*suffix) {
    case 'K': unit = 1; break;
    case 'G': unit = 1024 * 1024; break;
    case 'T': unit = INT64_C(1024) * 1024 * 1024; break;
    default: break;
    }
    if (*suffix) suffix++;
    if (!field_scaled(&digits, unit, &kib) || kib > INT64_C(1) << 50) return 0;
    int64_t times = *suffix == 'c' ? cores : *suffix == 'n' ? nodes : 1;
    return times > 0 && times < 1 << 20 ? kib / 1024 * times : kib / 1024;
}

static bool read_times(const struct table *t, struct job_row *row)
{
    struct field raw = table_cell(t, "ElapsedRaw"), plain = table_cell(t, "Elapsed");
    int64_t end_us;
    if (!table_clock(t, "Start", &row->start_us)) row->start_us = -1;
    bool ended = table_clock(t, "End", &end_us);
    if (!field_missing(&raw) && field_scaled(&raw, US_PER_S, &row->run_us)) return true;
    if (elapsed(&plain, &row->run_us)) return true;
    if (row->start_us >= 0 && ended) {
        row->run_us = end_us - row->start_us;
        return true;
    }
    return row->start_us == -1; /* it never ran */
}

enum status read_slurm(struct import *import)
{
    static const char *const needed[] = { "JobID", "Submit", "State", NULL };
    struct table t;
    bool more;
    enum status status = table_open(&t, import, '|', needed);
    if (status == STATUS_OK && table_column(&t, "AllocTRES") < 0 && table_column(&t, "ReqTRES") < 0)
        return error_set(import->err, STATUS_BAD_INPUT,
                         "%s:1: neither AllocTRES nor ReqTRES: without one no job's GPUs are known",
                         import->in->path);
    if (import->w->t0_unix_us == INT64_MIN) import->w->t0_unix_us = 0;
    while (status == STATUS_OK && (status = table_row(&t, &more)) == STATUS_OK && more) {
        struct field id = table_cell(&t, "JobID"), limit = table_cell(&t, "TimelimitRaw"),
                     plain = table_cell(&t, "Timelimit"), memory = table_cell(&t, "ReqMem");
        struct job_row row;
        char model[64] = "";
        int64_t cores = 0, nodes = 0, priority = 0;
        job_row_init(&row);
        if (memchr(id.text, '.', id.n)) {
            import_drop(import, "job step (belongs to its job)");
            continue;
        }
        if (!table_clock(&t, "Submit", &row.submit_us)) {
            import_drop(import, "Submit is missing or no time");
            continue;
        }
        row.status = import_status(table_cell(&t, "State").text);
        if (!read_times(&t, &row)) {
            import_drop(import, "no Elapsed, ElapsedRaw, or Start and End");
            continue;
        }
        if (row.start_us == -1) { /* cancelled in the queue, or waiting still */
            if (import->options->drop_never_started) {
                import_drop(import, "never started (--drop-never-started)");
                continue;
            }
            if (row.status != JOB_CANCELLED) row.status = JOB_NEVER_STARTED;
        }
        int64_t gpus = tres_gpus(table_cell(&t, "AllocTRES").text, model, sizeof model);
        if (gpus == 0) gpus = tres_gpus(table_cell(&t, "ReqTRES").text, model, sizeof model);
        if (!table_number(&t, "AllocCPUS", 1, 0, &cores) ||
            !table_number(&t, "NNodes", 1, 0, &nodes) ||
            !table_number(&t, "Priority", 1, 0, &priority)) {
            import_drop(import, "AllocCPUS, NNodes or Priority is not a number");
            continue;
        }
        /* TimelimitRaw is in minutes; Partition_Limit and UNLIMITED are no limits. */
        if (!field_missing(&limit) && !field_scaled(&limit, 60 * (int64_t)US_PER_S, &row.limit_us))
            row.limit_us = -1;
        if (row.limit_us < 0 && !elapsed(&plain, &row.limit_us)) row.limit_us = -1;
        if (row.limit_us > JOB_TIME_MAX_US) row.limit_us = -1;
        row.gpu_milli = gpus < 0                          ? -1
                        : gpus > JOB_GPU_MILLI_MAX / 1000 ? INT32_MAX
                                                          : (int32_t)(gpus * 1000);
        row.cpu_milli = cores > 0 && cores < INT64_C(1) << 30 ? cores * 1000 : 0;
        row.nodes = nodes < 0 || nodes > 1000000 ? 0 : (int32_t)nodes;
        row.mem_mib = memory_mib(&memory, cores, nodes);
        row.priority = priority > INT32_MAX ? INT32_MAX : priority < 0 ? 0 : (int32_t)priority;
        row.id = id.text;
        row.id_n = id.n;
        row_text(&row.user, &row.user_n, table_cell(&t, "User"));
        row_text(&row.tenant, &row.tenant_n, table_cell(&t, "Account"));
        row_text(&row.queue, &row.queue_n, table_cell(&t, "Partition"));
        row.gpu_type = model;
        row.gpu_type_n = strlen(model);
        status = import_add(import, &row);
    }
    return status;
}
