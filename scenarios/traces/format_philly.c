/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft Philly: the raw JSON log (msr-fiddle/philly-traces), or Sia's CSV where the file is no
 * JSON.
 *
 * Run time = the sum over attempts of end - start where both are there; GPUs = those of the first
 * attempt with details. A job without attempts never started; one whose last attempt has no end was
 * running when the log ended, and its time is counted to the last moment the log speaks of.
 */
#include <string.h>

#include "scenarios/traces/json_input.h"

enum status read_philly_csv(struct import *import);

static bool time_of(const struct import *import, const json_t *object, const char *key, int64_t *us)
{
    return json_clock(object, key, import->options->tz_us, us);
}

static int64_t last_moment(const struct import *import, const json_t *jobs)
{
    int64_t last = INT64_MIN, us;
    size_t i, k;
    const json_t *job, *attempt;
    json_array_foreach(jobs, i, job)
    {
        if (time_of(import, job, "submitted_time", &us) && us > last) last = us;
        json_array_foreach(json_object_get(job, "attempts"), k, attempt)
        {
            if (time_of(import, attempt, "start_time", &us) && us > last) last = us;
            if (time_of(import, attempt, "end_time", &us) && us > last) last = us;
        }
    }
    return last;
}

static int64_t attempt_gpus(const json_t *attempt)
{
    int64_t gpus = 0;
    size_t i;
    const json_t *host;
    json_array_foreach(json_object_get(attempt, "detail"), i, host) gpus +=
        (int64_t)json_array_size(json_object_get(host, "gpus"));
    return gpus;
}

/* Adds the time of one attempt to the row. */
static void add_attempt(struct import *import, const json_t *attempt, bool last, int64_t log_end_us,
                        struct job_row *row)
{
    int64_t start, end;
    bool started = time_of(import, attempt, "start_time", &start),
         ended = time_of(import, attempt, "end_time", &end);
    if (started && row->start_us == -1) row->start_us = start;
    if (started && !ended && last) {
        row->status = JOB_RUNNING_AT_END;
        end = log_end_us;
        ended = true;
        import_count(import->report, false, "still running: counted to the end of the log");
    }
    if (!started || !ended)
        import_count(import->report, false, "attempt without start or end passed over");
    else if (end < start)
        import_count(import->report, false, "attempt that ends before it starts passed over");
    else row->run_us += end - start;
}

static const char *read_job(struct import *import, const json_t *job, int64_t log_end_us,
                            struct job_row *row)
{
    const json_t *attempts = json_object_get(job, "attempts"), *attempt;
    const char *word = json_string_value(json_object_get(job, "status"));
    int64_t gpus = 0;
    size_t i, n = json_array_size(attempts);
    if (!time_of(import, job, "submitted_time", &row->submit_us)) return "no submitted_time";
    json_text(job, "jobid", &row->id, &row->id_n);
    json_text(job, "vc", &row->tenant, &row->tenant_n);
    json_text(job, "user", &row->user, &row->user_n);
    row->status = word ? import_status(word) : JOB_UNKNOWN;
    json_array_foreach(attempts, i, attempt)
    {
        if (gpus == 0) gpus = attempt_gpus(attempt);
        add_attempt(import, attempt, i + 1 == n, log_end_us, row);
    }
    if (n == 0) row->status = JOB_NEVER_STARTED;
    row->gpu_milli = import_gpu_milli(gpus * 1000);
    return NULL;
}

enum status read_philly(struct import *import)
{
    struct text_input *in = import->in;
    json_t *jobs;
    const json_t *job;
    size_t i;
    /* The first bytes decide; they are looked at, not taken. */
    enum status status = text_peek(in, import->err);
    if (status != STATUS_OK) return status;
    size_t at = in->at;
    while (at < in->n && strchr(" \t\r\n\xef\xbb\xbf", in->buffer[at]) && in->buffer[at]) at++;
    if (at >= in->n || in->buffer[at] != '[') return read_philly_csv(import);
    if ((status = json_rest(import, &jobs)) != STATUS_OK) return status;
    int64_t log_end_us = last_moment(import, jobs);
    status = import_epoch(import, 0);
    json_array_foreach(jobs, i, job)
    {
        struct job_row row;
        if (status != STATUS_OK) break;
        job_row_init(&row);
        import->report->rows++;
        const char *reason = read_job(import, job, log_end_us, &row);
        status = reason ? import_drop(import, reason) : import_add(import, &row);
    }
    json_decref(jobs);
    return status;
}
