/* SPDX-License-Identifier: Apache-2.0 */
#include "models/workload/workload.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/columns.h"

const char *job_status_name(enum job_status status)
{
    static const char *const names[JOB_STATUS_N] = { "unknown",   "completed",     "failed",
                                                     "cancelled", "never_started", "running_at_end",
                                                     "partial" };
    return names[status];
}

void job_row_init(struct job_row *row)
{
    *row = (struct job_row){ .id = "",
                             .tenant = "",
                             .user = "",
                             .queue = "",
                             .class_ = "",
                             .gpu_type = "",
                             .selector = "",
                             .toleration = "",
                             .limit_us = -1,
                             .start_us = -1,
                             .deadline_us = -1 };
}

enum status workload_init(struct workload *w, struct error *err)
{
    memset(w, 0, sizeof *w);
    w->t0_unix_us = INT64_MIN;
    w->id_at = calloc(1, sizeof *w->id_at);
    if (!w->id_at || names_init(&w->tenants) != STATUS_OK || names_init(&w->users) != STATUS_OK ||
        names_init(&w->queues) != STATUS_OK || names_init(&w->classes) != STATUS_OK ||
        names_init(&w->gpu_types) != STATUS_OK || names_init(&w->selectors) != STATUS_OK ||
        names_init(&w->tolerations) != STATUS_OK) {
        workload_free(w);
        return error_set(err, STATUS_NO_MEMORY, "no memory for a workload");
    }
    return STATUS_OK;
}

void workload_free(struct workload *w)
{
#define FREE(column) free(w->column);
    FOR_EACH_COLUMN(FREE)
#undef FREE
    free(w->id_at);
    free(w->id_text);
    names_free(&w->tenants);
    names_free(&w->users);
    names_free(&w->queues);
    names_free(&w->classes);
    names_free(&w->gpu_types);
    names_free(&w->selectors);
    names_free(&w->tolerations);
    memset(w, 0, sizeof *w);
}

/* New columns are zero and untouched: what no job ever gives costs no memory. */
static int grow(struct workload *w, size_t capacity)
{
#define GROW(column)                                                                               \
    {                                                                                              \
        void *grown = calloc(capacity, sizeof *w->column);                                         \
        if (!grown) return 0;                                                                      \
        if (w->job_n) memcpy(grown, w->column, w->job_n * sizeof *w->column);                      \
        free(w->column);                                                                           \
        w->column = grown;                                                                         \
    }
    FOR_EACH_COLUMN(GROW)
#undef GROW
    uint64_t *id_at = realloc(w->id_at, (capacity + 1) * sizeof *id_at);
    if (!id_at) return 0;
    w->id_at = id_at;
    w->capacity = capacity;
    return 1;
}

enum status workload_reserve(struct workload *w, size_t job_n, struct error *err)
{
    if (job_n <= w->capacity || grow(w, job_n)) return STATUS_OK;
    return error_set(err, STATUS_NO_MEMORY, "no memory for %zu jobs", job_n);
}

/* A time that may be of the wall clock until the trace is sealed. */
static int clock_ok(int64_t us) { return us >= -JOB_CLOCK_MAX_US && us <= JOB_CLOCK_MAX_US; }

/* What it asks for lies between; a part of a GPU counts as a whole one. */
static int sizes_ok(const struct job_row *r)
{
    int32_t gpus = (r->gpu_milli + 999) / 1000;
    if (r->min_gpus < 0 || r->min_gpus > gpus) return 0;
    return r->max_gpus == 0 || (r->max_gpus >= gpus && r->max_gpus <= JOB_GPU_MILLI_MAX / 1000);
}

static enum status check_row(const struct job_row *r, struct error *err)
{
    const char *what = NULL;
    /* A submit time may be a wall clock in microseconds of the epoch: any that fits is shifted
     * later. */
    if (r->submit_us < -4 * JOB_TIME_MAX_US || r->submit_us > 4 * JOB_TIME_MAX_US)
        what = "submit time";
    else if (r->run_us < 0 || r->run_us > JOB_TIME_MAX_US) what = "run time";
    else if (r->limit_us < -1 || r->limit_us > JOB_TIME_MAX_US) what = "time limit";
    else if (!clock_ok(r->start_us)) what = "recorded start";
    else if (!clock_ok(r->deadline_us)) what = "deadline";
    else if (r->gpu_milli < 0 || r->gpu_milli > JOB_GPU_MILLI_MAX) what = "GPU count";
    else if (r->cpu_milli < 0 || r->cpu_milli > JOB_CPU_MILLI_MAX) what = "core count";
    else if (r->mem_mib < 0 || r->mem_mib > JOB_MEM_MIB_MAX) what = "memory";
    else if (r->nodes < 0) what = "node count";
    else if (!sizes_ok(r)) what = "fewest or most GPUs";
    else if ((unsigned)r->status >= JOB_STATUS_N) what = "status";
    if (!what) return STATUS_OK;
    return error_set(err, STATUS_BAD_INPUT, "%s out of range", what);
}

enum status workload_add(struct workload *w, const struct job_row *row, struct error *err)
{
    enum status status = check_row(row, err);
    if (status != STATUS_OK) return status;
    if (w->job_n == w->capacity && !grow(w, w->capacity ? 2 * w->capacity : 1024)) goto no_memory;
    size_t j = w->job_n, end = w->id_at[j] + row->id_n;
    if (end > w->id_capacity) {
        size_t capacity = end + end / 2 + 4096;
        char *text = realloc(w->id_text, capacity);
        if (!text) goto no_memory;
        w->id_text = text;
        w->id_capacity = capacity;
    }
    w->submit_us[j] = row->submit_us;
    w->run_us[j] = row->run_us;
    w->limit_us[j] = row->limit_us;
    w->start_us[j] = row->start_us;
    w->deadline_us[j] = row->deadline_us;
    w->gpu_milli[j] = row->gpu_milli;
    if (row->nodes) w->nodes[j] = row->nodes;
    if (row->priority) w->priority[j] = row->priority;
    if (row->min_gpus) w->min_gpus[j] = row->min_gpus;
    if (row->max_gpus) w->max_gpus[j] = row->max_gpus;
    if (row->cpu_milli) w->cpu_milli[j] = row->cpu_milli;
    if (row->mem_mib) w->mem_mib[j] = row->mem_mib;
    if (row->status) w->status[j] = (uint8_t)row->status;
    bool named = true;
#define NAME(column, table, length)                                                                \
    if (row->length) {                                                                             \
        w->column[j] = names_add(&w->table, row->column, row->length);                             \
        named &= w->column[j] != UINT32_MAX;                                                       \
    }
    NAME(tenant, tenants, tenant_n)
    NAME(user, users, user_n)
    NAME(queue, queues, queue_n)
    NAME(class_, classes, class_n)
    NAME(gpu_type, gpu_types, gpu_type_n)
    NAME(selector, selectors, selector_n)
    NAME(toleration, tolerations, toleration_n)
#undef NAME
    if (!named) goto no_memory;
    if (row->id_n) memcpy(w->id_text + w->id_at[j], row->id, row->id_n);
    w->id_at[j + 1] = end;
    w->has_limit |= row->limit_us >= 0;
    w->has_start |= row->start_us != -1;
    w->has_size |= row->min_gpus != 0 || row->max_gpus != 0;
    w->job_n++;
    return STATUS_OK;

no_memory:
    return error_set(err, STATUS_NO_MEMORY, "no memory after %zu jobs", w->job_n);
}

static void borrow_name(const struct names *names, uint32_t number, const char **text, size_t *n)
{
    *text = names->text[number];
    *n = strlen(*text);
}

void workload_row(const struct workload *w, size_t j, struct job_row *row)
{
    job_row_init(row);
    row->id = w->id_text ? w->id_text + w->id_at[j] : "";
    row->id_n = w->id_at[j + 1] - w->id_at[j];
    borrow_name(&w->tenants, w->tenant[j], &row->tenant, &row->tenant_n);
    borrow_name(&w->users, w->user[j], &row->user, &row->user_n);
    borrow_name(&w->queues, w->queue[j], &row->queue, &row->queue_n);
    borrow_name(&w->classes, w->class_[j], &row->class_, &row->class_n);
    borrow_name(&w->gpu_types, w->gpu_type[j], &row->gpu_type, &row->gpu_type_n);
    borrow_name(&w->selectors, w->selector[j], &row->selector, &row->selector_n);
    borrow_name(&w->tolerations, w->toleration[j], &row->toleration, &row->toleration_n);
    row->submit_us = w->submit_us[j];
    row->run_us = w->run_us[j];
    row->limit_us = w->limit_us[j];
    row->start_us = w->start_us[j];
    row->deadline_us = w->deadline_us[j];
    row->gpu_milli = w->gpu_milli[j];
    row->cpu_milli = w->cpu_milli[j];
    row->mem_mib = w->mem_mib[j];
    row->nodes = w->nodes[j];
    row->priority = w->priority[j];
    row->min_gpus = w->min_gpus[j];
    row->max_gpus = w->max_gpus[j];
    row->status = (enum job_status)w->status[j];
}

/* Stable merge sort of job numbers by submit time; `spare` has room for n. */
static void sort_order(const int64_t *submit_us, uint32_t *order, uint32_t *spare, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t middle = low + width < n ? low + width : n,
                   high = middle + width < n ? middle + width : n;
            for (size_t a = low, b = middle, to = low; to < high; to++)
                spare[to] = a < middle && (b >= high || submit_us[order[a]] <= submit_us[order[b]])
                                ? order[a++]
                                : order[b++];
        }
        memcpy(order, spare, n * sizeof *order);
    }
}

/* Puts every column into `order`; scratch has room for one column and the ids. */
static enum status reorder(struct workload *w, const uint32_t *order, struct error *err)
{
    size_t n = w->job_n, ids = w->id_at[n];
    void *scratch = malloc(n * sizeof(uint64_t) + 8);
    char *text = malloc(ids + 1);
    uint64_t *id_at = malloc((w->capacity + 1) * sizeof *id_at);
    if (!scratch || !text || !id_at) {
        free(scratch);
        free(text);
        free(id_at);
        return error_set(err, STATUS_NO_MEMORY, "no memory to sort %zu jobs", n);
    }
#define REORDER(column)                                                                            \
    {                                                                                              \
        __typeof__(w->column) to = scratch;                                                        \
        for (size_t i = 0; i < n; i++) to[i] = w->column[order[i]];                                \
        memcpy(w->column, to, n * sizeof *to);                                                     \
    }
    FOR_EACH_COLUMN(REORDER)
#undef REORDER
    id_at[0] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t length = w->id_at[order[i] + 1] - w->id_at[order[i]];
        if (length) memcpy(text + id_at[i], w->id_text + w->id_at[order[i]], length);
        id_at[i + 1] = id_at[i] + length;
    }
    free(scratch);
    free(w->id_text);
    free(w->id_at);
    w->id_text = text;
    w->id_capacity = ids + 1;
    w->id_at = id_at;
    return STATUS_OK;
}

enum status workload_seal(struct workload *w, int64_t origin_us, struct error *err)
{
    size_t n = w->job_n, inversions = 0;
    if (n >= UINT32_MAX) return error_set(err, STATUS_BAD_INPUT, "more than 4,294,967,294 jobs");
    for (size_t j = 1; j < n; j++) inversions += w->submit_us[j] < w->submit_us[j - 1];
    if (inversions) {
        uint32_t *order = malloc(n * sizeof *order), *spare = malloc(n * sizeof *spare);
        enum status status = STATUS_OK;
        if (!order || !spare)
            status = error_set(err, STATUS_NO_MEMORY, "no memory to sort %zu jobs", n);
        for (size_t j = 0; status == STATUS_OK && j < n; j++) order[j] = (uint32_t)j;
        if (status == STATUS_OK) {
            sort_order(w->submit_us, order, spare, n);
            status = reorder(w, order, err);
        }
        free(order);
        free(spare);
        if (status != STATUS_OK) return status;
    }
    if (n == 0) return STATUS_OK;
    if (origin_us == INT64_MIN) origin_us = w->submit_us[0];
    w->span_us = w->submit_us[n - 1] - w->submit_us[0];
    if (w->submit_us[0] < origin_us || (__int128)w->submit_us[n - 1] - origin_us > JOB_TIME_MAX_US)
        return error_set(err, STATUS_BAD_INPUT,
                         "submit times lie before the origin or more than a century after");
    if (w->t0_unix_us != INT64_MIN && !clock_ok(w->t0_unix_us + origin_us))
        return error_set(err, STATUS_BAD_INPUT,
                         "the wall clock of second 0 is beyond all calendars");
    for (size_t j = 0; j < n; j++) {
        w->submit_us[j] -= origin_us;
        if (w->start_us[j] != -1) w->start_us[j] -= origin_us;
        if (w->deadline_us[j] != -1) w->deadline_us[j] -= origin_us;
    }
    if (w->t0_unix_us != INT64_MIN) w->t0_unix_us += origin_us;
    return STATUS_OK;
}

const char *workload_job_id(const struct workload *w, size_t j, char *text, size_t size)
{
    size_t length = w->id_at[j + 1] - w->id_at[j];
    if (length == 0) snprintf(text, size, "%zu", j);
    else
        snprintf(text, size, "%.*s", (int)(length < size ? length : size),
                 w->id_text + w->id_at[j]);
    return text;
}

double workload_gpu_hours(const struct workload *w)
{
    __int128 sum = 0;
    for (size_t j = 0; j < w->job_n; j++) sum += (__int128)w->run_us[j] * w->gpu_milli[j];
    return gpu_hours_of(sum);
}
