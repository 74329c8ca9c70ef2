/* SPDX-License-Identifier: Apache-2.0 */
/* CSV formats with one job a row: ITP, Philly (Sia), Helios, Acme, openb, and any other by a map.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/traces/table.h"
#include "scenarios/traces/trace_file.h"

#define TRY_NUMBER(t, name, scale, absent, value, reason)                                          \
    if (!table_number(t, name, scale, absent, value)) {                                            \
        import_drop((t)->import, reason);                                                          \
        continue;                                                                                  \
    }

static void clock_time(struct import *import)
{
    if (import->w->t0_unix_us == INT64_MIN)
        import->w->t0_unix_us = 0; /* times are of the epoch until sealed */
}

enum status read_itp(struct import *import)
{
    static const char *const needed[] = { "job_id", "submission_time", "duration", "num_gpu",
                                          NULL };
    struct table t;
    bool more;
    const char *stem;
    size_t stem_n = import_stem(import->path, &stem);
    enum status status = table_open(&t, import, ',', needed);
    while (status == STATUS_OK && (status = table_row(&t, &more)) == STATUS_OK && more) {
        struct job_row row;
        int64_t milli;
        job_row_init(&row);
        TRY_NUMBER(&t, "submission_time", US_PER_S, INT64_MIN, &row.submit_us,
                   "submission_time is not a number");
        TRY_NUMBER(&t, "duration", US_PER_S, INT64_MIN, &row.run_us, "duration is not a number");
        TRY_NUMBER(&t, "num_gpu", 1000, INT64_MIN, &milli, "num_gpu is not a number");
        TRY_NUMBER(&t, "deadline", US_PER_S, -1, &row.deadline_us,
                   "deadline is not a number"); /* absolute; infeasible ones are kept */
        if (row.submit_us == INT64_MIN || row.run_us == INT64_MIN || milli == INT64_MIN) {
            import_drop(import, "submission_time, duration or num_gpu is empty");
            continue;
        }
        row.gpu_milli = milli > JOB_GPU_MILLI_MAX ? INT32_MAX : milli < 0 ? -1 : (int32_t)milli;
        row_text(&row.id, &row.id_n, table_cell(&t, "job_id"));
        row.tenant = stem;
        row.tenant_n = stem_n;
        status = import_add(import, &row);
    }
    return status;
}

/* Sia's CSV; the raw JSON begins with a bracket and is read in format_philly.c. */
enum status read_philly_csv(struct import *import);
enum status read_philly_csv(struct import *import)
{
    static const char *const needed[] = { "timestamp", "duration", "num_gpus", "cluster", NULL };
    struct table t;
    bool more;
    enum status status = table_open(&t, import, ',', needed);
    clock_time(import);
    while (status == STATUS_OK && (status = table_row(&t, &more)) == STATUS_OK && more) {
        struct job_row row;
        int64_t milli, gpu_s;
        char id[24];
        job_row_init(&row);
        if (!table_clock(&t, "timestamp", &row.submit_us)) {
            import_drop(import, "timestamp is not YYYY-MM-DD HH:MM:SS");
            continue;
        }
        TRY_NUMBER(&t, "duration", US_PER_S, -1, &row.run_us, "duration is not a number");
        TRY_NUMBER(&t, "num_gpus", 1000, -1, &milli, "num_gpus is not a number");
        TRY_NUMBER(&t, "gpu_time", US_PER_S, -1, &gpu_s, "gpu_time is not a number");
        if (gpu_s >= 0 && milli >= 0 && row.run_us >= 0 &&
            (__int128)gpu_s * 1000 != (__int128)row.run_us * milli)
            import_count(import->report, false,
                         "gpu_time is not duration x num_gpus; duration is believed");
        row.gpu_milli = milli > JOB_GPU_MILLI_MAX ? INT32_MAX : (int32_t)milli;
        row.id = id;
        row.id_n =
            (size_t)snprintf(id, sizeof id, "%llu", (unsigned long long)import->report->rows);
        row_text(&row.tenant, &row.tenant_n, table_cell(&t, "cluster"));
        status = import_add(import, &row);
    }
    return status;
}

static void job_common(const struct table *t, struct job_row *row)
{
    row_text(&row->id, &row->id_n, table_cell(t, "job_id"));
    row_text(&row->user, &row->user_n, table_cell(t, "user"));
    row->status = import_status(table_cell(t, "state").text);
}

enum status read_helios(struct import *import)
{
    static const char *const needed[] = {
        "job_id", "vc", "gpu_num", "submit_time", "duration", NULL
    };
    struct table t;
    bool more;
    enum status status = table_open(&t, import, ',', needed);
    clock_time(import);
    while (status == STATUS_OK && (status = table_row(&t, &more)) == STATUS_OK && more) {
        struct job_row row;
        int64_t milli, nodes;
        job_row_init(&row);
        job_common(&t, &row);
        if (!table_clock(&t, "submit_time", &row.submit_us)) {
            import_drop(import, "submit_time is missing or no time");
            continue;
        }
        if (!table_clock(&t, "start_time", &row.start_us)) row.start_us = -1;
        TRY_NUMBER(&t, "duration", US_PER_S, 0, &row.run_us, "duration is not a number");
        TRY_NUMBER(&t, "gpu_num", 1000, 0, &milli, "gpu_num is not a number");
        TRY_NUMBER(&t, "cpu_num", 1000, 0, &row.cpu_milli, "cpu_num is not a number");
        TRY_NUMBER(&t, "node_num", 1, 0, &nodes, "node_num is not a number");
        row.gpu_milli = milli > JOB_GPU_MILLI_MAX ? INT32_MAX : (int32_t)milli;
        row.nodes = nodes < 0 || nodes > INT32_MAX ? 0 : (int32_t)nodes;
        row_text(&row.tenant, &row.tenant_n, table_cell(&t, "vc"));
        status = import_add(import, &row);
    }
    return status;
}

enum status read_acme(struct import *import)
{
    static const char *const needed[] = { "job_id",     "user",     "gpu_num", "submit_time",
                                          "start_time", "end_time", NULL };
    struct table t;
    bool more;
    enum status status = table_open(&t, import, ',', needed);
    clock_time(import);
    while (status == STATUS_OK && (status = table_row(&t, &more)) == STATUS_OK && more) {
        struct job_row row;
        int64_t milli, nodes, memory, end_us;
        job_row_init(&row);
        job_common(&t, &row);
        if (!table_clock(&t, "submit_time", &row.submit_us)) {
            import_drop(import, "submit_time is missing or no time");
            continue;
        }
        bool started = table_clock(&t, "start_time", &row.start_us),
             ended = table_clock(&t, "end_time", &end_us);
        if (!started) row.start_us = -1;
        /* Kalos' own duration column counts the queue as well; the times do not. Both agree in
         * Seren. */
        if (started && ended) row.run_us = end_us - row.start_us;
        else if (!started) row.status = JOB_NEVER_STARTED;
        else {
            TRY_NUMBER(&t, "duration", US_PER_S, 0, &row.run_us, "duration is not a number");
            row.status = JOB_RUNNING_AT_END;
        }
        TRY_NUMBER(&t, "gpu_num", 1000, 0, &milli, "gpu_num is not a number");
        TRY_NUMBER(&t, "cpu_num", 1000, 0, &row.cpu_milli, "cpu_num is not a number");
        TRY_NUMBER(&t, "node_num", 1, 0, &nodes, "node_num is not a number");
        TRY_NUMBER(&t, "mem_per_pod_GB", 1024, 0, &memory, "mem_per_pod_GB is not a number");
        row.gpu_milli = milli > JOB_GPU_MILLI_MAX ? INT32_MAX : (int32_t)milli;
        row.nodes = nodes < 0 || nodes > 1000000 ? 0 : (int32_t)nodes;
        row.mem_mib =
            memory > 0 && memory < INT64_C(1) << 40 ? memory * (row.nodes ? row.nodes : 1) : 0;
        row_text(&row.class_, &row.class_n, table_cell(&t, "type"));
        status = import_add(import, &row);
    }
    return status;
}

/* "V100M32|V100M16|V100M32" -> "V100M16|V100M32": sorted, each once. */
static size_t type_set(const char *text, char *out, size_t size)
{
    const char *models[16];
    size_t lengths[16], n = 0, used = 0;
    for (const char *at = text; *at && n < 16;) {
        size_t length = strcspn(at, "|"), k = 0;
        int order = 1;
        while (k < n &&
               (order = strncmp(models[k], at, length > lengths[k] ? length : lengths[k])) < 0)
            k++;
        if (length && !(k < n && order == 0)) {
            memmove(models + k + 1, models + k, (n - k) * sizeof *models);
            memmove(lengths + k + 1, lengths + k, (n - k) * sizeof *lengths);
            models[k] = at;
            lengths[k] = length;
            n++;
        }
        at += length + (at[length] == '|');
    }
    for (size_t i = 0; i < n && used + lengths[i] + 2 < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", i ? "|" : "", (int)lengths[i],
                                 models[i]);
    out[used] = '\0';
    return used;
}

enum status read_openb(struct import *import)
{
    static const char *const needed[] = { "name",    "cpu_milli", "memory_mib",
                                          "num_gpu", "gpu_milli", NULL };
    struct table t;
    bool more;
    enum status status = table_open(&t, import, ',', needed);
    if (status == STATUS_OK && table_column(&t, "creation_time") < 0 && !import->options->is_static)
        return error_set(
            import->err, STATUS_BAD_INPUT,
            "%s has no times: with --static all pods arrive at 0 in file order and never leave",
            import->in->path);
    while (status == STATUS_OK && (status = table_row(&t, &more)) == STATUS_OK && more) {
        struct job_row row;
        int64_t gpus, milli, deleted, scheduled;
        char types[256];
        job_row_init(&row);
        TRY_NUMBER(&t, "cpu_milli", 1, 0, &row.cpu_milli, "cpu_milli is not a number");
        TRY_NUMBER(&t, "memory_mib", 1, 0, &row.mem_mib, "memory_mib is not a number");
        TRY_NUMBER(&t, "num_gpu", 1, 0, &gpus, "num_gpu is not a number");
        TRY_NUMBER(&t, "gpu_milli", 1, 0, &milli, "gpu_milli is not a number");
        TRY_NUMBER(&t, "creation_time", US_PER_S, 0, &row.submit_us,
                   "creation_time is not a number");
        TRY_NUMBER(&t, "deletion_time", US_PER_S, -1, &deleted, "deletion_time is not a number");
        TRY_NUMBER(&t, "scheduled_time", US_PER_S, -1, &scheduled,
                   "scheduled_time is not a number");
        row_text(&row.id, &row.id_n, table_cell(&t, "name"));
        row_text(&row.queue, &row.queue_n, table_cell(&t, "qos"));
        /* One GPU may be asked for in thousandths; several are whole. */
        int64_t request = gpus == 1 ? milli : gpus * 1000;
        row.gpu_milli =
            gpus > 1000000 || request > JOB_GPU_MILLI_MAX ? INT32_MAX : (int32_t)request;
        row.gpu_type = types;
        row.gpu_type_n = type_set(table_cell(&t, "gpu_spec").text, types, sizeof types);
        row.status = import_status(table_cell(&t, "pod_phase").text);
        if (row.status == JOB_RUNNING_AT_END)
            row.status = JOB_UNKNOWN; /* openb gives every pod a deletion time */
        if (import->options->is_static) {
            row.submit_us = 0;
            row.run_us = JOB_TIME_MAX_US;
        } else if (scheduled < 0) {
            row.status = JOB_NEVER_STARTED;
            import_count(import->report, false, "never scheduled: kept with a run time of 0");
        } else {
            row.start_us = scheduled;
            row.run_us = deleted - scheduled;
        }
        status = import_add(import, &row);
    }
    return status;
}

/* ---- any CSV ---- */

static const char *theirs_of(const struct import_options *o, const char *ours)
{
    for (size_t i = 0; i < o->map_n; i++)
        if (strcmp(o->map[i].ours, ours) == 0) return o->map[i].theirs;
    return ours;
}

/* A time cell: a number of --unit, or a wall clock. */
static bool time_cell(const struct table *t, const char *ours, int64_t absent, int64_t *us)
{
    const char *name = theirs_of(t->import->options, ours);
    if (table_number(t, name, t->import->options->time_unit_us, absent, us)) return true;
    return table_clock(t, name, us);
}

enum status read_csv(struct import *import)
{
    const struct import_options *o = import->options;
    const char *const needed[] = { theirs_of(o, "submit_s"), theirs_of(o, "run_s"),
                                   theirs_of(o, "gpus"), NULL };
    struct table t;
    bool more;
    enum status status = table_open(&t, import, o->delimiter, needed);
    bool wall = false;
    while (status == STATUS_OK && (status = table_row(&t, &more)) == STATUS_OK && more) {
        struct job_row row;
        int64_t milli, nodes, priority;
        struct field submit = table_cell(&t, needed[0]);
        char types[256];
        job_row_init(&row);
        wall |= import->report->rows == 1 && field_clock(&submit, o->tz_us, &row.submit_us);
        if (wall) clock_time(import);
        if (!time_cell(&t, "submit_s", INT64_MIN, &row.submit_us) || row.submit_us == INT64_MIN) {
            import_drop(import, "submit_s is missing or no time");
            continue;
        }
        if (!time_cell(&t, "run_s", INT64_MIN, &row.run_us) || row.run_us == INT64_MIN) {
            import_drop(import, "run_s is missing or no number");
            continue;
        }
        if (!time_cell(&t, "limit_s", -1, &row.limit_us)) row.limit_us = -1;
        if (!time_cell(&t, "start_s", -1, &row.start_us)) row.start_us = -1;
        if (!time_cell(&t, "deadline_s", -1, &row.deadline_us)) row.deadline_us = -1;
        TRY_NUMBER(&t, theirs_of(o, "gpus"), 1000, 0, &milli, "gpus is not a number");
        TRY_NUMBER(&t, theirs_of(o, "cpus"), 1000, 0, &row.cpu_milli, "cpus is not a number");
        TRY_NUMBER(&t, theirs_of(o, "mem_mib"), 1, 0, &row.mem_mib, "mem_mib is not a number");
        TRY_NUMBER(&t, theirs_of(o, "nodes"), 1, 0, &nodes, "nodes is not a number");
        TRY_NUMBER(&t, theirs_of(o, "priority"), 1, 0, &priority, "priority is not a number");
        row.gpu_milli = milli > JOB_GPU_MILLI_MAX ? INT32_MAX : milli < 0 ? -1 : (int32_t)milli;
        row.nodes = nodes < 0 || nodes > INT32_MAX ? 0 : (int32_t)nodes;
        row.priority = priority < -INT32_MAX  ? -INT32_MAX
                       : priority > INT32_MAX ? INT32_MAX
                                              : (int32_t)priority;
        row_text(&row.id, &row.id_n, table_cell(&t, theirs_of(o, "job_id")));
        row_text(&row.tenant, &row.tenant_n, table_cell(&t, theirs_of(o, "tenant")));
        row_text(&row.user, &row.user_n, table_cell(&t, theirs_of(o, "user")));
        row_text(&row.queue, &row.queue_n, table_cell(&t, theirs_of(o, "queue")));
        row_text(&row.class_, &row.class_n, table_cell(&t, theirs_of(o, "class")));
        row.gpu_type = types;
        row.gpu_type_n =
            type_set(table_cell(&t, theirs_of(o, "gpu_type")).text, types, sizeof types);
        row.status = import_status(table_cell(&t, theirs_of(o, "status")).text);
        status = import_add(import, &row);
    }
    return status;
}
