/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alibaba PAI 2020: pai_task_table.csv, which has no header line:
 *   job_name,task_name,inst_num,status,start_time,end_time,plan_cpu,plan_mem,plan_gpu,gpu_type
 * Processors and GPUs are in percent an instance, memory in GB an instance. The table knows no
 * submission: a task is submitted when it starts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/traces/fields.h"
#include "scenarios/traces/formats.h"

enum { TASK_FIELDS = 10 };

/* inst_num x percent / 100, in thousandths; false where one is not a number. */
static bool planned(const struct field *instances, const struct field *each, int64_t scale,
                    int64_t *value)
{
    int64_t n = 1000, amount = 0;
    if (!field_missing(instances) && !field_scaled(instances, 1000, &n)) return false;
    if (!field_missing(each) && !field_scaled(each, scale, &amount)) return false;
    __int128 product = (__int128)n * amount / 1000;
    *value = product > INT64_MAX / 4 || product < 0 ? INT64_MAX / 4 : (int64_t)product;
    return true;
}

static enum status read_task(struct import *import, struct field *f)
{
    struct job_row row;
    char id[256];
    int64_t gpu, start, end;
    job_row_init(&row);
    if (field_missing(&f[4]) || !field_scaled(&f[4], US_PER_S, &start))
        return import_drop(import, "no start_time");
    row.submit_us = start;
    row.start_us = start;
    row.status = import_status(f[3].text);
    if (field_missing(&f[5])) {
        import_count(import->report, false, "no end_time: kept with a run time of 0");
    } else if (!field_scaled(&f[5], US_PER_S, &end)) {
        return import_drop(import, "end_time is not a number");
    } else {
        row.run_us = end - start;
    }
    if (!planned(&f[2], &f[8], 10, &gpu) || !planned(&f[2], &f[6], 10, &row.cpu_milli) ||
        !planned(&f[2], &f[7], 1024, &row.mem_mib))
        return import_drop(import, "inst_num or a plan is not a number");
    row.gpu_milli = gpu > JOB_GPU_MILLI_MAX ? INT32_MAX : (int32_t)gpu;
    row.id = id;
    row.id_n = (size_t)snprintf(id, sizeof id, "%.120s/%.120s", f[0].text, f[1].text);
    if (!field_missing(&f[9]) && strcmp(f[9].text, "MISC") != 0) {
        row.gpu_type = f[9].text;
        row.gpu_type_n = f[9].n;
    }
    return import_add(import, &row);
}

enum status read_pai2020(struct import *import)
{
    char *line;
    size_t n;
    for (;;) {
        struct field f[FIELDS_MAX];
        enum status status = text_line(import->in, &line, &n, import->err);
        if (status != STATUS_OK || !line) return status;
        if (n == 0) continue;
        import->report->rows++;
        size_t fields = fields_split(line, n, ',', f);
        if (fields != TASK_FIELDS) import_drop(import, "not the ten fields of pai_task_table");
        else if ((status = read_task(import, f)) != STATUS_OK) return status;
    }
}
