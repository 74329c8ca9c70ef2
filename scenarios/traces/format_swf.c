/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard Workload Format: 18 numbers a line between blanks, -1 = unknown, comments behind
 * semicolons. Fields (from 1): 1 id, 2 submit, 3 wait, 4 run, 5 used processors, 7 used memory (KB
 * a processor), 8 requested processors, 9 requested time, 10 requested memory, 11 status, 12 user,
 * 13 group, 15 queue. Source: cs.huji.ac.il/labs/parallel/workload/swf.html.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/traces/fields.h"
#include "scenarios/traces/formats.h"

enum { SWF_FIELDS = 18, SWF_FIELDS_MAX = 32 };

static size_t split_blank(char *line, struct field *fields)
{
    size_t n = 0;
    for (char *at = line; n < SWF_FIELDS_MAX;) {
        at += strspn(at, " \t");
        size_t length = strcspn(at, " \t");
        if (length == 0) break;
        fields[n++] = (struct field){ at, length };
        if (at[length] == '\0') break;
        at[length] = '\0';
        at += length + 1;
    }
    return n;
}

static enum status read_job(struct import *import, struct field *f)
{
    const struct import_options *o = import->options;
    static const enum job_status statuses[] = { JOB_FAILED,  JOB_COMPLETED, JOB_PARTIAL,
                                                JOB_PARTIAL, JOB_PARTIAL,   JOB_CANCELLED };
    int64_t value[SWF_FIELDS];
    struct job_row row;
    char user[24], group[24], queue[24];
    job_row_init(&row);
    for (int i = 0; i < SWF_FIELDS; i++) {
        /* Times in microseconds, the rest whole; some archives write whole numbers as floats. */
        bool time = i == 1 || i == 2 || i == 3 || i == 8;
        if (!field_scaled(&f[i], time ? US_PER_S : 1, &value[i]))
            return import_drop(import, "a field is not a number");
    }
    row.id = f[0].text;
    row.id_n = f[0].n;
    row.submit_us = value[1];
    row.run_us = value[3];
    if (value[2] >= 0) row.start_us = value[1] + value[2];
    int64_t procs = o->requested_procs ? (value[7] > 0 ? value[7] : value[4])
                                       : (value[4] > 0 ? value[4] : value[7]);
    if (procs <= 0) return import_drop(import, "no processors, neither used nor requested");
    if (value[4] > 0 && value[7] > 0 && value[4] != value[7])
        import_count(import->report, false,
                     o->requested_procs ? "used processors differ: the requested ones are taken"
                                        : "requested processors differ: the used ones are taken");
    int64_t per_gpu = o->procs_per_gpu > 0 ? o->procs_per_gpu : 1,
            gpus = (procs + per_gpu - 1) / per_gpu;
    row.gpu_milli = gpus > JOB_GPU_MILLI_MAX / 1000 ? INT32_MAX : (int32_t)(gpus * 1000);
    if (value[8] > 0 && value[8] <= JOB_TIME_MAX_US) row.limit_us = value[8];
    if (row.limit_us >= 0 && row.run_us > row.limit_us)
        import_count(import->report, false, "ran longer than its requested time: kept");
    row.status = value[10] >= 0 && value[10] <= 5 ? statuses[value[10]] : JOB_UNKNOWN;
    if (row.run_us == -US_PER_S) return import_drop(import, "run time unknown (-1)");
    row.user = user;
    row.tenant = group;
    row.queue = queue;
    row.user_n =
        value[11] >= 0 ? (size_t)snprintf(user, sizeof user, "u%lld", (long long)value[11]) : 0;
    row.tenant_n =
        value[12] >= 0 ? (size_t)snprintf(group, sizeof group, "g%lld", (long long)value[12]) : 0;
    row.queue_n =
        value[14] >= 0 ? (size_t)snprintf(queue, sizeof queue, "q%lld", (long long)value[14]) : 0;
    return import_add(import, &row);
}

enum status read_swf(struct import *import)
{
    char *line;
    size_t n;
    for (;;) {
        struct field fields[SWF_FIELDS_MAX];
        enum status status = text_line(import->in, &line, &n, import->err);
        if (status != STATUS_OK || !line) return status;
        const char *start = line + strspn(line, " \t");
        if (*start == ';') {
            const char *key = strstr(start, "UnixStartTime:");
            struct field f = { NULL, 0 };
            if (key)
                f.text = (char *)key + 14 + strspn(key + 14, " \t"), f.n = strcspn(f.text, " \t;");
            int64_t t0;
            if (key && field_scaled(&f, US_PER_S, &t0) && t0 > 0 &&
                import->w->t0_unix_us == INT64_MIN)
                import->w->t0_unix_us = t0;
            continue;
        }
        if (*start == '\0') continue;
        import->report->rows++;
        if (split_blank(line, fields) < SWF_FIELDS) import_drop(import, "fewer than 18 fields");
        else if ((status = read_job(import, fields)) != STATUS_OK) return status;
    }
}
