/* SPDX-License-Identifier: Apache-2.0 */
/* Published traces that are CSV files with one job a row: ITP, Philly (Sia), Helios, Acme, openb.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/traces/table.h"

/* ---- Microsoft ITP: job_id, submission_time, duration, num_gpu; ElasticFlow's copy has a deadline
 * besides, absolute, which is kept also where it cannot be met. One file is one cluster. ---- */

static const char *read_itp_row(struct table *t, struct job_row *row)
{
    int64_t milli;
    if (!table_time(t, "submission_time", US_PER_S, INT64_MIN, &row->submit_us))
        return "submission_time is not a number";
    if (!table_time(t, "duration", US_PER_S, INT64_MIN, &row->run_us))
        return "duration is not a number";
    if (!table_number(t, "num_gpu", 1000, INT64_MIN, &milli)) return "num_gpu is not a number";
    if (!table_time(t, "deadline", US_PER_S, -1, &row->deadline_us))
        return "deadline is not a number";
    if (row->submit_us == INT64_MIN || row->run_us == INT64_MIN || milli == INT64_MIN)
        return "submission_time, duration or num_gpu is empty";
    row->gpu_milli = import_gpu_milli(milli);
    row_text(&row->id, &row->id_n, table_cell(t, "job_id"));
    row->tenant_n = import_stem(t->import->path, &row->tenant);
    return NULL;
}

enum status read_itp(struct import *import)
{
    static const char *const needed[] = { "job_id", "submission_time", "duration", "num_gpu",
                                          NULL };
    struct table t;
    enum status status = table_open(&t, import, ',', needed);
    return status == STATUS_OK ? table_each(&t, read_itp_row) : status;
}

/* Opens a file whose times are wall clocks. */
static enum status open_clocked(struct table *t, struct import *import, const char *const *needed)
{
    enum status status = table_open(t, import, ',', needed);
    return status == STATUS_OK ? import_epoch(import, 0) : status;
}

/* ---- Microsoft Philly as Sia has it; the raw JSON is read in format_philly.c. Jobs have no names:
 * they are numbered by row. ---- */

static const char *read_philly_row(struct table *t, struct job_row *row)
{
    struct import_report *report = t->import->report;
    int64_t milli, gpu_us;
    if (!table_clock(t, "timestamp", &row->submit_us))
        return "timestamp is not YYYY-MM-DD HH:MM:SS";
    if (!table_time(t, "duration", US_PER_S, INT64_MIN, &row->run_us))
        return "duration is not a number";
    if (!table_number(t, "num_gpus", 1000, INT64_MIN, &milli)) return "num_gpus is not a number";
    if (!table_number(t, "gpu_time", US_PER_S, -1, &gpu_us)) return "gpu_time is not a number";
    if (row->run_us == INT64_MIN || milli == INT64_MIN) return "duration or num_gpus is empty";
    if (gpu_us >= 0 && (__int128)gpu_us * 1000 != (__int128)row->run_us * milli)
        import_count(report, false, "gpu_time is not duration x num_gpus; duration is believed");
    row->gpu_milli = import_gpu_milli(milli);
    row->id = t->made;
    row->id_n = (size_t)snprintf(t->made, sizeof t->made, "%llu", (unsigned long long)report->rows);
    row_text(&row->tenant, &row->tenant_n, table_cell(t, "cluster"));
    return NULL;
}

enum status read_philly_csv(struct import *import);
enum status read_philly_csv(struct import *import)
{
    static const char *const needed[] = { "timestamp", "duration", "num_gpus", "cluster", NULL };
    struct table t;
    enum status status = open_clocked(&t, import, needed);
    return status == STATUS_OK ? table_each(&t, read_philly_row) : status;
}

/* ---- Helios and Acme ---- */

/* What both name alike: who, what became of it, when it was submitted and started, how large. */
static const char *read_common(struct table *t, struct job_row *row)
{
    int64_t milli, nodes;
    row_text(&row->id, &row->id_n, table_cell(t, "job_id"));
    row_text(&row->user, &row->user_n, table_cell(t, "user"));
    row->status = import_status(table_cell(t, "state").text);
    if (!table_clock(t, "submit_time", &row->submit_us)) return "submit_time is missing or no time";
    if (!table_clock(t, "start_time", &row->start_us)) row->start_us = -1;
    if (!table_number(t, "gpu_num", 1000, 0, &milli)) return "gpu_num is not a number";
    if (!table_number(t, "cpu_num", 1000, 0, &row->cpu_milli)) return "cpu_num is not a number";
    if (!table_number(t, "node_num", 1, 0, &nodes)) return "node_num is not a number";
    row->gpu_milli = import_gpu_milli(milli);
    row->nodes = import_nodes(t->import, nodes);
    return NULL;
}

static const char *read_helios_row(struct table *t, struct job_row *row)
{
    const char *reason = read_common(t, row);
    if (reason) return reason;
    if (!table_time(t, "duration", US_PER_S, 0, &row->run_us)) return "duration is not a number";
    row_text(&row->tenant, &row->tenant_n, table_cell(t, "vc"));
    return NULL;
}

enum status read_helios(struct import *import)
{
    static const char *const needed[] = {
        "job_id", "vc", "gpu_num", "submit_time", "duration", NULL
    };
    struct table t;
    enum status status = open_clocked(&t, import, needed);
    return status == STATUS_OK ? table_each(&t, read_helios_row) : status;
}

/* Kalos' own duration column counts the queue as well; start and end do not, and agree with the
 * duration of Seren. */
static const char *read_acme_row(struct table *t, struct job_row *row)
{
    int64_t end_us, memory_gib;
    const char *reason = read_common(t, row);
    if (reason) return reason;
    if (row->start_us == -1) {
        row->status = JOB_NEVER_STARTED;
    } else if (table_clock(t, "end_time", &end_us)) {
        row->run_us = end_us - row->start_us;
    } else {
        if (!table_time(t, "duration", US_PER_S, 0, &row->run_us))
            return "duration is not a number";
        row->status = JOB_RUNNING_AT_END;
        import_count(t->import->report, false, "no end_time: its duration so far is taken");
    }
    if (!table_number(t, "mem_per_pod_GB", 1, 0, &memory_gib))
        return "mem_per_pod_GB is not a number";
    if (memory_gib < 0 || memory_gib > INT64_C(1) << 30) return "memory out of range";
    row->mem_mib = memory_gib * 1024 * (row->nodes ? row->nodes : 1);
    row_text(&row->class_, &row->class_n, table_cell(t, "type"));
    return NULL;
}

enum status read_acme(struct import *import)
{
    static const char *const needed[] = { "job_id",     "user",     "gpu_num", "submit_time",
                                          "start_time", "end_time", NULL };
    struct table t;
    enum status status = open_clocked(&t, import, needed);
    return status == STATUS_OK ? table_each(&t, read_acme_row) : status;
}

/* ---- Alibaba openb. The list without times is read with --static: all pods arrive at 0 in the
 * order of the file and never leave. The class of service is the queue, and a guess at the
 * priority. ---- */

static int32_t priority_of(const char *qos)
{
    static const char *const rising[] = { "BE", "Burstable", "LS", "Guaranteed" };
    for (int32_t i = 0; i < 4; i++)
        if (strcmp(rising[i], qos) == 0) return i;
    return 0;
}

/* A part of one GPU may be asked for in thousandths; several are whole. */
static int32_t gpus_of(int64_t gpus, int64_t milli)
{
    if (gpus == 1) return import_gpu_milli(milli);
    return import_gpu_milli(gpus > 1000000 ? INT64_MAX : gpus < 0 ? -1 : gpus * 1000);
}

static const char *read_openb_size(struct table *t, struct job_row *row)
{
    int64_t gpus, milli;
    struct field spec = table_cell(t, "gpu_spec");
    if (!table_number(t, "cpu_milli", 1, 0, &row->cpu_milli)) return "cpu_milli is not a number";
    if (!table_number(t, "memory_mib", 1, 0, &row->mem_mib)) return "memory_mib is not a number";
    if (!table_number(t, "num_gpu", 1, 0, &gpus)) return "num_gpu is not a number";
    if (!table_number(t, "gpu_milli", 1, 0, &milli)) return "gpu_milli is not a number";
    row->gpu_milli = gpus_of(gpus, milli);
    row->gpu_type = t->made;
    row->gpu_type_n =
        import_type_set(t->import, spec.text, field_missing(&spec) ? 0 : spec.n, t->made);
    return NULL;
}

static const char *read_openb_times(struct table *t, struct job_row *row)
{
    int64_t deleted, scheduled;
    if (!table_time(t, "creation_time", US_PER_S, INT64_MIN, &row->submit_us))
        return "creation_time is not a number";
    if (!table_time(t, "deletion_time", US_PER_S, INT64_MIN, &deleted))
        return "deletion_time is not a number";
    if (!table_time(t, "scheduled_time", US_PER_S, INT64_MIN, &scheduled))
        return "scheduled_time is not a number";
    if (row->submit_us == INT64_MIN) return "creation_time is empty";
    if (scheduled == INT64_MIN) {
        row->status = JOB_NEVER_STARTED;
        import_count(t->import->report, false, "never scheduled: kept with a run time of 0");
        return NULL;
    }
    if (deleted == INT64_MIN) return "deletion_time is empty";
    row->start_us = scheduled;
    row->run_us = deleted - scheduled;
    return NULL;
}

static const char *read_openb_row(struct table *t, struct job_row *row)
{
    const char *reason = read_openb_size(t, row);
    if (reason) return reason;
    row_text(&row->id, &row->id_n, table_cell(t, "name"));
    row_text(&row->queue, &row->queue_n, table_cell(t, "qos"));
    row->priority = priority_of(table_cell(t, "qos").text);
    row->status = import_status(table_cell(t, "pod_phase").text);
    if (row->status == JOB_RUNNING_AT_END)
        row->status = JOB_UNKNOWN; /* it has a deletion time all the same: it ended */
    if (!t->import->options->is_static) return read_openb_times(t, row);
    row->run_us = JOB_TIME_MAX_US;
    return NULL;
}

enum status read_openb(struct import *import)
{
    static const char *const needed[] = { "name",    "cpu_milli", "memory_mib",
                                          "num_gpu", "gpu_milli", NULL };
    static const char *const times[] = { "creation_time", "deletion_time", "scheduled_time" };
    struct table t;
    enum status status = table_open(&t, import, ',', needed);
    for (int i = 0; status == STATUS_OK && !import->options->is_static && i < 3; i++)
        if (table_column(&t, times[i]) < 0)
            return error_set(import->err, STATUS_BAD_INPUT,
                             "%s has no %s: with --static all pods arrive at 0 in file order and "
                             "never leave",
                             import->in->path, times[i]);
    return status == STATUS_OK ? table_each(&t, read_openb_row) : status;
}
