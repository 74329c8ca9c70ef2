/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical trace: a CSV with a header, one job a row. docs/trace-format.md describes it for
 * people.
 *
 *   # t0_unix_s=1509494400
 *   job_id,submit_s,run_s,gpus,tenant,...
 *   application_14199,0,193256,8,ee9e8c,...
 *
 * submit_s, run_s and gpus are needed, the rest is optional and in any order; a column that is not
 * known is an error with a suggestion. Times are seconds with up to six decimals from second 0 of
 * the trace, which may lie before its first job. What trace_write writes, trace_read reads back to
 * the same workload.
 */
#ifndef SCENARIOS_TRACES_TRACE_FILE_H
#define SCENARIOS_TRACES_TRACE_FILE_H

#include <stdbool.h>

#include "models/workload/workload.h"
#include "scenarios/diagnostics.h"
#include "sim/status.h"

struct trace_column {
    const char *name, *summary;
    bool needed;
};
enum column {
    COLUMN_JOB_ID,
    COLUMN_SUBMIT,
    COLUMN_RUN,
    COLUMN_GPUS,
    COLUMN_GPU_TYPE,
    COLUMN_CPUS,
    COLUMN_MEM,
    COLUMN_NODES,
    COLUMN_TENANT,
    COLUMN_USER,
    COLUMN_QUEUE,
    COLUMN_CLASS,
    COLUMN_PRIORITY,
    COLUMN_STATUS,
    COLUMN_LIMIT,
    COLUMN_START,
    COLUMN_DEADLINE,
    COLUMN_MIN_GPUS,
    COLUMN_MAX_GPUS,
    COLUMN_SELECTOR,
    COLUMN_TOLERATIONS,
    COLUMN_N
};

/* By enum column, ended by a NULL name; the order of trace_write. */
extern const struct trace_column trace_columns[];

/* Reads path ("-" = standard input; gzip and zstd by content) and seals the workload.
 * STATUS_BAD_INPUT with errors in `diagnostics` where rows are wrong: then nothing is left to free.
 * Rows out of order are sorted and warned of. */
enum status trace_read(const char *path, struct workload *w, struct diagnostics *diagnostics,
                       struct error *err);

/* Writes path whole or not at all ("-" = standard output; packed where it ends in .gz). Columns
 * that no job uses are left out. */
enum status trace_write(const struct workload *w, const char *path, struct error *err);

#endif
