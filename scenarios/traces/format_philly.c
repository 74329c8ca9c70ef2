/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft Philly: the raw JSON log (msr-fiddle/philly-traces), or Sia's CSV where the file is no
 * JSON.
 *
 * Run time = the sum over attempts of end - start where both are there; GPUs = those of the first
 * attempt with details. A job without attempts never started; one whose last attempt has no end was
 * running when the log ended, and its time is counted to the last moment the log speaks of.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/traces/fields.h"
#include "scenarios/traces/formats.h"

enum { LOG_MAX = 1 << 30 };

enum status read_philly_csv(struct import *import);

static bool time_of(const struct import *import, const json_t *attempt, const char *key,
                    int64_t *us)
{
    const json_t *value = json_object_get(attempt, key);
    struct field f = { (char *)json_string_value(value), json_string_length(value) };
    return f.text && !field_missing(&f) && field_clock(&f, import->options->tz_us, us);
}

static int64_t last_moment(const struct import *import, const json_t *jobs)
{
    int64_t last = INT64_MIN, us;
    size_t i, k;
    const json_t *job, *attempt;
    json_array_foreach(jobs, i, job)
    {
        struct field f = { (char *)json_string_value(json_object_get(job, "submitted_time")), 0 };
        if (f.text) f.n = strlen(f.text);
        if (f.text && field_clock(&f, import->options->tz_us, &us) && us > last) last = us;
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

static void set_text(const json_t *job, const char *key, const char **text, size_t *n)
{
    const json_t *value = json_object_get(job, key);
    if (!json_is_string(value)) return;
    *text = json_string_value(value);
    *n = json_string_length(value);
}

static enum status read_job(struct import *import, const json_t *job, int64_t log_end_us)
{
    const json_t *attempts = json_object_get(job, "attempts"), *attempt;
    struct job_row row;
    struct field submitted = { (char *)json_string_value(json_object_get(job, "submitted_time")),
                               0 };
    int64_t gpus = 0;
    size_t i;
    const char *status_word = json_string_value(json_object_get(job, "status"));
    job_row_init(&row);
    if (submitted.text) submitted.n = strlen(submitted.text);
    if (!submitted.text || !field_clock(&submitted, import->options->tz_us, &row.submit_us))
        return import_drop(import, "no submitted_time");
    set_text(job, "jobid", &row.id, &row.id_n);
    set_text(job, "vc", &row.tenant, &row.tenant_n);
    set_text(job, "user", &row.user, &row.user_n);
    row.status = status_word ? import_status(status_word) : JOB_UNKNOWN;
    json_array_foreach(attempts, i, attempt)
    {
        int64_t start, end;
        bool started = time_of(import, attempt, "start_time", &start),
             ended = time_of(import, attempt, "end_time", &end);
        if (gpus == 0) gpus = attempt_gpus(attempt);
        if (started && row.start_us == -1) row.start_us = start;
        if (started && !ended && i + 1 == json_array_size(attempts)) {
            row.status = JOB_RUNNING_AT_END;
            end = log_end_us;
            ended = true;
            import_count(import->report, false, "still running: counted to the end of the log");
        }
        if (started && ended && end >= start) row.run_us += end - start;
        else import_count(import->report, false, "attempt without start or end passed over");
    }
    if (json_array_size(attempts) == 0) row.status = JOB_NEVER_STARTED;
    row.gpu_milli = gpus > JOB_GPU_MILLI_MAX / 1000 ? INT32_MAX : (int32_t)(gpus * 1000);
    return import_add(import, &row);
}

enum status read_philly(struct import *import)
{
    struct text_input *in = import->in;
    char *text;
    size_t n, i;
    json_error_t problem;
    const json_t *job;
    /* The first bytes decide; they are looked at, not taken. */
    enum status status = text_peek(in, import->err);
    if (status != STATUS_OK) return status;
    size_t at = in->at;
    while (at < in->n && strchr(" \t\r\n\xef\xbb\xbf", in->buffer[at]) && in->buffer[at]) at++;
    if (at >= in->n || in->buffer[at] != '[') return read_philly_csv(import);
    status = text_rest(in, LOG_MAX, &text, &n, import->err);
    if (status != STATUS_OK) return status;
    json_t *jobs = json_loadb(text, n, 0, &problem);
    free(text);
    if (!json_is_array(jobs)) {
        json_decref(jobs);
        return error_set(import->err, STATUS_BAD_INPUT, "%s:%d:%d: %s", in->path, problem.line,
                         problem.column, jobs ? "not a list of jobs" : problem.text);
    }
    if (import->w->t0_unix_us == INT64_MIN) import->w->t0_unix_us = 0;
    int64_t log_end_us = last_moment(import, jobs);
    json_array_foreach(jobs, i, job)
    {
        import->report->rows++;
        if ((status = read_job(import, job, log_end_us)) != STATUS_OK) break;
    }
    json_decref(jobs);
    return status;
}
