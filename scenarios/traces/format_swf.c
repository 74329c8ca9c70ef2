/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard Workload Format: 18 numbers a line between blanks, -1 = unknown, comments behind
 * semicolons. Fields (from 1): 1 id, 2 submit, 3 wait, 4 run, 5 used processors, 7 used memory (KB
 * a processor), 8 requested processors, 9 requested time, 10 requested memory (KB a processor), 11
 * status, 12 user, 13 group, 15 queue, 16 partition. Lines may have more fields, and floats where
 * whole numbers belong. Source: cs.huji.ac.il/labs/parallel/workload/swf.html.
 *
 * Submit times count from UnixStartTime of the header, where there is one; without one, from the
 * Unix epoch where they are that large. A job that was swapped out has a line as a whole (status 0
 * or 1) and one for each burst (2, 3, 4) under the same number: bursts right behind their whole
 * would count its work twice, and are dropped.
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

struct swf {
    struct import *import;
    bool decided;     /* whether the times' wall clock was looked for */
    int64_t whole;    /* id of the job last read as a whole */
    char text[3][24]; /* names of the current job */
};

/* Field numbers from 1, as the format's description has them. */
enum {
    SUBMIT = 2,
    WAIT,
    RUN,
    USED_PROCS,
    USED_MEMORY = 7,
    ASKED_PROCS,
    ASKED_TIME,
    ASKED_MEMORY,
    STATUS,
    USER,
    GROUP,
    QUEUE = 15,
    PARTITION
};

static bool read_values(struct field *f, int64_t *value)
{
    for (int i = 1; i <= SWF_FIELDS; i++) {
        bool time = i == SUBMIT || i == WAIT || i == RUN || i == ASKED_TIME;
        if (time ? !field_time(&f[i - 1], US_PER_S, &value[i])
                 : !field_scaled(&f[i - 1], 1, &value[i]))
            return false;
    }
    return true;
}

/* What was used, or what was asked for: the other where one is not known. */
static int64_t one_of(const struct import_options *o, int64_t used, int64_t asked)
{
    return o->requested_procs ? (asked > 0 ? asked : used) : used > 0 ? used : asked;
}

/* Processors as GPUs; false where nothing says how many. */
static bool read_size(struct swf *s, const int64_t *value, struct job_row *row)
{
    const struct import_options *o = s->import->options;
    int64_t used = value[USED_PROCS], asked = value[ASKED_PROCS],
            per_gpu = o->procs_per_gpu > 0 ? o->procs_per_gpu : 1;
    int64_t procs = one_of(o, used, asked),
            kib = one_of(o, value[USED_MEMORY], value[ASKED_MEMORY]);
    if (procs <= 0) return false;
    if (used > 0 && asked > 0 && used != asked)
        import_count(s->import->report, false,
                     o->requested_procs ? "used processors differ: the requested ones are taken"
                                        : "requested processors differ: the used ones are taken");
    int64_t gpus = procs / per_gpu + (procs % per_gpu > 0);
    row->gpu_milli = import_gpu_milli(gpus > 1000000 ? INT64_MAX : gpus * 1000);
    if (kib > 0 && kib < INT64_C(1) << 32 && procs < INT64_C(1) << 30)
        row->mem_mib = (kib * procs + 1023) / 1024;
    return true;
}

static size_t put_name(char text[24], char letter, int64_t number)
{
    return number < 0 ? 0 : (size_t)snprintf(text, 24, "%c%lld", letter, (long long)number);
}

static void read_names(struct swf *s, const int64_t *value, struct job_row *row)
{
    row->user = s->text[0];
    row->tenant = s->text[1];
    row->queue = s->text[2];
    row->user_n = put_name(s->text[0], 'u', value[USER]);
    row->tenant_n = put_name(s->text[1], 'g', value[GROUP]);
    row->queue_n = value[QUEUE] >= 0 ? put_name(s->text[2], 'q', value[QUEUE])
                                     : put_name(s->text[2], 'p', value[PARTITION]);
}

static const char *read_job(struct swf *s, struct field *f, struct job_row *row)
{
    static const enum job_status statuses[] = { JOB_FAILED,  JOB_COMPLETED, JOB_PARTIAL,
                                                JOB_PARTIAL, JOB_PARTIAL,   JOB_CANCELLED };
    int64_t value[SWF_FIELDS + 1];
    if (!read_values(f, value)) return "a field is not a number";
    bool known = value[STATUS] >= 0 && value[STATUS] <= 5;
    row->status = known ? statuses[value[STATUS]] : JOB_UNKNOWN;
    if (row->status == JOB_PARTIAL && value[1] == s->whole)
        return "burst of a job that stands before it as a whole";
    if (row->status == JOB_COMPLETED || row->status == JOB_FAILED) s->whole = value[1];
    row->id = f[0].text;
    row->id_n = f[0].n;
    row->submit_us = value[SUBMIT];
    row->run_us = value[RUN];
    if (value[RUN] == -US_PER_S) return "run time unknown (-1)";
    if (value[WAIT] >= 0) row->start_us = value[SUBMIT] + value[WAIT];
    if (!read_size(s, value, row)) return "no processors, neither used nor requested";
    if (value[ASKED_TIME] > 0) row->limit_us = value[ASKED_TIME];
    if (row->limit_us >= 0 && row->run_us > row->limit_us)
        import_count(s->import->report, false, "ran longer than its requested time: kept");
    read_names(s, value, row);
    return NULL;
}

static enum status read_header(struct swf *s, const char *comment)
{
    static const char key[] = "UnixStartTime:";
    const char *at = strstr(comment, key);
    int64_t unix_us;
    if (!at || s->decided) return STATUS_OK;
    at += strlen(key);
    at += strspn(at, " \t");
    struct field f = { (char *)at, strcspn(at, " \t;") };
    if (!field_time(&f, US_PER_S, &unix_us) || unix_us <= 0) return STATUS_OK;
    s->decided = true;
    return import_epoch(s->import, unix_us);
}

/* Without a header, submit times as large as today's are of the Unix epoch. */
static enum status decide_epoch(struct swf *s, const struct field *submit)
{
    int64_t us;
    if (s->decided || !field_time(submit, US_PER_S, &us)) return STATUS_OK;
    s->decided = true;
    return us >= FIELD_EPOCH_US ? import_epoch(s->import, 0) : STATUS_OK;
}

static enum status read_line(struct swf *s, char *line)
{
    struct field fields[SWF_FIELDS_MAX];
    struct job_row row;
    const char *start = line + strspn(line, " \t");
    if (*start == ';') return read_header(s, start);
    if (*start == '\0') return STATUS_OK;
    s->import->report->rows++;
    if (split_blank(line, fields) < SWF_FIELDS)
        return import_drop(s->import, "fewer than 18 fields");
    enum status status = decide_epoch(s, &fields[SUBMIT - 1]);
    if (status != STATUS_OK) return status;
    job_row_init(&row);
    const char *reason = read_job(s, fields, &row);
    return reason ? import_drop(s->import, reason) : import_add(s->import, &row);
}

enum status read_swf(struct import *import)
{
    struct swf s = { .import = import, .whole = INT64_MIN };
    char *line;
    size_t n;
    for (;;) {
        enum status status = text_line(import->in, &line, &n, import->err);
        if (status != STATUS_OK || !line) return status;
        if ((status = read_line(&s, line)) != STATUS_OK) return status;
    }
}
