/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/node_selector.h"
#include "scenarios/traces/fields.h"
#include "scenarios/traces/text_input.h"
#include "scenarios/traces/trace_file.h"

const struct trace_column trace_columns[] = {
    { "job_id", "name of the job; numbered from 0 where absent", false },
    { "submit_s", "submission, seconds from second 0", true },
    { "run_s", "run time on the reference GPU, seconds", true },
    { "gpus", "GPUs of the whole job, up to three decimals; 0 = CPU job", true },
    { "gpu_type", "GPU models it accepts, separated by |; empty = any", false },
    { "cpus", "cores of the whole job, up to three decimals", false },
    { "mem_mib", "memory of the whole job, MiB", false },
    { "nodes", "nodes asked for (recorded, not used for placement)", false },
    { "tenant", "team, account, virtual cluster or namespace", false },
    { "user", "user", false },
    { "queue", "queue or partition", false },
    { "class", "workload class, for performance factors", false },
    { "priority", "whole number, larger is more urgent", false },
    { "status", "what became of it: completed, failed, cancelled, ...", false },
    { "limit_s", "the user's wall time limit, seconds", false },
    { "start_s", "recorded start, seconds from second 0", false },
    { "deadline_s", "deadline, seconds from second 0", false },
    { "min_gpus", "the fewest GPUs it can run on, for orders that size jobs", false },
    { "max_gpus", "the most GPUs it can run on, for orders that size jobs", false },
    { "node_selector", "labels of the nodes it may be on, as in kubectl -l", false },
    { "tolerations", "taints it tolerates, such as dedicated=ml:NoSchedule", false },
    { NULL, NULL, false },
};

/* How a number of the file becomes one of the workload: value x scale, within least .. most. scale
 * 0: text. */
static const struct number_rule {
    int64_t scale, least, most, absent;
} rules[COLUMN_N] = {
    [COLUMN_SUBMIT] = { US_PER_S, 0, JOB_TIME_MAX_US, 0 },
    [COLUMN_RUN] = { US_PER_S, 0, JOB_TIME_MAX_US, 0 },
    [COLUMN_GPUS] = { 1000, 0, JOB_GPU_MILLI_MAX, 0 },
    [COLUMN_CPUS] = { 1000, 0, JOB_CPU_MILLI_MAX, 0 },
    [COLUMN_MEM] = { 1, 0, JOB_MEM_MIB_MAX, 0 },
    [COLUMN_NODES] = { 1, 0, INT32_MAX, 0 },
    [COLUMN_PRIORITY] = { 1, -INT32_MAX, INT32_MAX, 0 },
    [COLUMN_LIMIT] = { US_PER_S, 0, JOB_TIME_MAX_US, -1 },
    [COLUMN_START] = { US_PER_S, 0, 2 * JOB_TIME_MAX_US, -1 },
    [COLUMN_DEADLINE] = { US_PER_S, -JOB_TIME_MAX_US, 2 * JOB_TIME_MAX_US, -1 },
    [COLUMN_MIN_GPUS] = { 1, 0, JOB_GPU_MILLI_MAX / 1000, 0 },
    [COLUMN_MAX_GPUS] = { 1, 0, JOB_GPU_MILLI_MAX / 1000, 0 },
};

struct reader {
    struct text_input in;
    struct workload *w;
    struct diagnostics *diagnostics;
    int at[COLUMN_N];                  /* field of a column, -1 = absent */
    enum column column_of[FIELDS_MAX]; /* by field */
    size_t field_n;                    /* fields of the header */
    struct field fields[FIELDS_MAX];
    char *line;
    size_t line_n;
    char *quoted; /* the line as it was, where it holds quotes, which splitting takes away */
    uint64_t unordered;
    int64_t last_submit_us;
};

/* An error at a field of the current line. A line without quotes is put together again: its commas
 * are zeros by now. */
static void row_error(struct reader *r, const struct field *f, const char *hint, const char *format,
                      const char *what)
{
    char message[256], *source = malloc(r->line_n + 1);
    struct diagnostic d = { .severity = SEVERITY_ERROR,
                            .file = (char *)r->in.path,
                            .line = r->in.line,
                            .hint = (char *)hint };
    if (source) {
        const char *line = r->quoted ? r->quoted : r->line;
        for (size_t i = 0; i < r->line_n; i++) source[i] = line[i] ? line[i] : ',';
        source[r->line_n] = '\0';
        if (r->line_n > 200) source[200] = '\0';
    }
    snprintf(message, sizeof message, format, what);
    d.source_line = source;
    d.message = message;
    if (f) {
        d.column = (size_t)(f->text - r->line) + 1;
        d.width = f->n ? f->n : 1;
    }
    diagnostics_add(r->diagnostics, &d);
    free(source);
}

static void read_header(struct reader *r)
{
    const char *names[COLUMN_N];
    r->field_n = fields_split(r->line, r->line_n, ',', r->fields);
    for (int c = 0; c < COLUMN_N; c++) {
        names[c] = trace_columns[c].name;
        r->at[c] = -1;
    }
    if (r->field_n > FIELDS_MAX) {
        row_error(r, NULL, NULL, "more than %s columns", "256");
        return;
    }
    for (size_t i = 0; i < r->field_n; i++) {
        int c = 0;
        while (c < COLUMN_N && strcmp(names[c], r->fields[i].text) != 0) c++;
        if (c == COLUMN_N) {
            char hint[HINT_MAX];
            const char *near = did_you_mean(hint, r->fields[i].text, names, COLUMN_N);
            row_error(r, &r->fields[i],
                      near ? hint
                           : "use seatrial import --from csv --map theirs=ours for other columns",
                      "unknown column '%s'", r->fields[i].text);
        } else if (r->at[c] >= 0) {
            row_error(r, &r->fields[i], NULL, "column '%s' stands twice", names[c]);
        } else {
            r->at[c] = (int)i;
            r->column_of[i] = (enum column)c;
        }
    }
    for (int c = 0; c < COLUMN_N; c++)
        if (trace_columns[c].needed && r->at[c] < 0 && r->diagnostics->errors == 0)
            row_error(r, NULL, NULL, "there is no column '%s'", names[c]);
}

/* Any number a person may write; absent or empty cells give the rule's value for that. */
static bool number(struct reader *r, enum column c, int64_t *value)
{
    const struct number_rule *rule = &rules[c];
    *value = rule->absent;
    if (r->at[c] < 0) return true;
    const struct field *f = &r->fields[r->at[c]];
    if (f->n == 0 && !trace_columns[c].needed) return true;
    if (!field_scaled(f, rule->scale, value)) {
        row_error(r, f, NULL, f->n ? "'%s' is not a number" : "'%s' is missing",
                  f->n ? f->text : trace_columns[c].name);
        return false;
    }
    if (*value < rule->least || *value > rule->most) {
        row_error(r, f, NULL, *value < 0 ? "'%s' is negative" : "'%s' is beyond all reason",
                  trace_columns[c].name);
        return false;
    }
    return true;
}

static void text(const struct reader *r, enum column c, const char **to, size_t *n)
{
    if (r->at[c] < 0) return;
    *to = r->fields[r->at[c]].text;
    *n = r->fields[r->at[c]].n;
}

static bool status_of(const struct field *f, enum job_status *status)
{
    *status = JOB_UNKNOWN;
    for (int s = 0; s < JOB_STATUS_N && f->n > 0; s++) {
        const char *name = job_status_name((enum job_status)s);
        if (strlen(name) != f->n || memcmp(name, f->text, f->n) != 0) continue;
        *status = (enum job_status)s;
        return true;
    }
    return f->n == 0;
}

static bool read_status(struct reader *r, enum job_status *status)
{
    if (r->at[COLUMN_STATUS] < 0) return true;
    const struct field *f = &r->fields[r->at[COLUMN_STATUS]];
    if (status_of(f, status)) return true;
    const char *names[JOB_STATUS_N];
    for (int s = 0; s < JOB_STATUS_N; s++) names[s] = job_status_name((enum job_status)s);
    char hint[HINT_MAX];
    const char *near = did_you_mean(hint, f->text, names, JOB_STATUS_N);
    row_error(r, f, near ? hint : NULL, "'%s' is not a status", f->text);
    return false;
}

/* Digits and at most as many decimals as the scale has, up to the delimiter; NULL where it is
 * anything else. */
static char *plain_number(char *p, const char *end, const struct number_rule *rule, int64_t *value)
{
    uint64_t whole = 0, part = 0;
    int64_t unit = rule->scale;
    const char *start = p;
    unsigned digit;
    for (; (digit = (unsigned)(unsigned char)*p - '0') < 10; p++) whole = 10 * whole + digit;
    if (p == start || p - start > 12) return NULL;
    if (*p == '.') {
        for (p++; (digit = (unsigned)(unsigned char)*p - '0') < 10 && unit % 10 == 0; p++)
            part += digit * (uint64_t)(unit /= 10);
        if (digit < 10) return NULL;
    }
    *value = (int64_t)(whole * (uint64_t)rule->scale + part);
    return (p == end || *p == ',') && *value >= rule->least && *value <= rule->most ? p : NULL;
}

/* The usual row in one walk: plain numbers, no quotes. Changes nothing; false where the careful way
 * is needed, which then reads the row again and knows what to say of it. */
static bool read_plain(struct reader *r, int64_t *values, enum job_status *status)
{
    char *p = r->line, *end = r->line + r->line_n;
    for (size_t i = 0; i < r->field_n; i++) {
        enum column c = r->column_of[i];
        struct field *f = &r->fields[i];
        f->text = p;
        if (rules[c].scale == 0) {
            if (*p == '"') return false;
            p = memchr(p, ',', (size_t)(end - p));
            if (!p) p = end;
        } else if (*p == ',' && !trace_columns[c].needed) {
            values[c] = rules[c].absent;
        } else {
            p = plain_number(p, end, &rules[c], &values[c]);
            if (!p) return false;
        }
        f->n = (size_t)(p - f->text);
        if (c == COLUMN_STATUS && !status_of(f, status)) return false;
        if (i + 1 < r->field_n && p++ == end) return false;
    }
    return p == end;
}

/* Any row. Errors are noted; *good says whether there was none. */
static enum status read_any(struct reader *r, int64_t *values, enum job_status *status, bool *good)
{
    if (memchr(r->line, '"', r->line_n) && (r->quoted = malloc(r->line_n + 1)))
        memcpy(r->quoted, r->line, r->line_n);
    size_t n = fields_split(r->line, r->line_n, ',', r->fields);
    *good = n == r->field_n;
    if (!*good) {
        char counts[64];
        snprintf(counts, sizeof counts, "%zu fields, the header has %zu", n, r->field_n);
        row_error(r, NULL, NULL, "the row has %s", counts);
        return STATUS_OK;
    }
    for (int c = 0; c < COLUMN_N; c++)
        if (rules[c].scale) *good &= number(r, (enum column)c, &values[c]);
    *good &= read_status(r, status);
    return STATUS_OK;
}

/* What a job asks for lies between its fewest and its most GPUs. */
static bool sizes_are_good(struct reader *r, const struct job_row *row)
{
    int32_t gpus = (row->gpu_milli + 999) / 1000;
    if (row->min_gpus > gpus)
        row_error(r, &r->fields[r->at[COLUMN_MIN_GPUS]], NULL, "'%s' is more than 'gpus'",
                  trace_columns[COLUMN_MIN_GPUS].name);
    if (row->max_gpus && row->max_gpus < gpus)
        row_error(r, &r->fields[r->at[COLUMN_MAX_GPUS]], NULL, "'%s' is less than 'gpus'",
                  trace_columns[COLUMN_MAX_GPUS].name);
    return row->min_gpus <= gpus && (!row->max_gpus || row->max_gpus >= gpus);
}

/* Each text that says something of nodes is looked at once: the last one of its table. */
static enum status check_text(struct reader *r, enum column c, const struct names *all,
                              bool (*is_good)(const char *text, const char **why),
                              struct error *err)
{
    const char *why;
    char message[256];
    if (is_good(all->text[all->n - 1], &why)) return STATUS_OK;
    if (!why) return error_set(err, STATUS_NO_MEMORY, "no memory for what jobs say of nodes");
    snprintf(message, sizeof message, "'%s' %s", trace_columns[c].name, why);
    row_error(r, &r->fields[r->at[c]], NULL, "%s", message);
    return STATUS_OK;
}

static enum status read_row(struct reader *r, struct error *err)
{
    int64_t values[COLUMN_N];
    struct job_row row;
    bool good = true;
    job_row_init(&row);
    for (int c = 0; c < COLUMN_N; c++) values[c] = rules[c].absent;
    if (!read_plain(r, values, &row.status)) {
        enum status status = read_any(r, values, &row.status, &good);
        if (status != STATUS_OK || !good) return status;
    }
    row.submit_us = values[COLUMN_SUBMIT];
    row.run_us = values[COLUMN_RUN];
    row.gpu_milli = (int32_t)values[COLUMN_GPUS];
    row.cpu_milli = values[COLUMN_CPUS];
    row.mem_mib = values[COLUMN_MEM];
    row.nodes = (int32_t)values[COLUMN_NODES];
    row.priority = (int32_t)values[COLUMN_PRIORITY];
    row.limit_us = values[COLUMN_LIMIT];
    row.start_us = values[COLUMN_START];
    row.deadline_us = values[COLUMN_DEADLINE];
    row.min_gpus = (int32_t)values[COLUMN_MIN_GPUS];
    row.max_gpus = (int32_t)values[COLUMN_MAX_GPUS];
    if (!sizes_are_good(r, &row)) return STATUS_OK;
    text(r, COLUMN_JOB_ID, &row.id, &row.id_n);
    text(r, COLUMN_GPU_TYPE, &row.gpu_type, &row.gpu_type_n);
    text(r, COLUMN_TENANT, &row.tenant, &row.tenant_n);
    text(r, COLUMN_USER, &row.user, &row.user_n);
    text(r, COLUMN_QUEUE, &row.queue, &row.queue_n);
    text(r, COLUMN_CLASS, &row.class_, &row.class_n);
    text(r, COLUMN_SELECTOR, &row.selector, &row.selector_n);
    text(r, COLUMN_TOLERATIONS, &row.toleration, &row.toleration_n);
    r->unordered += row.submit_us < r->last_submit_us;
    r->last_submit_us = row.submit_us;
    /* The first rows say how many there will be: room for all of them once. Where it is not to be
     * had, the rest grows as it comes. */
    if (r->w->job_n == 1000)
        (void)workload_reserve(
            r->w, (size_t)((double)text_size(&r->in) / (double)text_position(&r->in) * 1050), NULL);
    uint32_t selectors = r->w->selectors.n, tolerations = r->w->tolerations.n;
    enum status status = workload_add(r->w, &row, err);
    if (status == STATUS_OK && r->w->selectors.n > selectors)
        status = check_text(r, COLUMN_SELECTOR, &r->w->selectors, node_selector_is_good, err);
    if (status == STATUS_OK && r->w->tolerations.n > tolerations)
        status = check_text(r, COLUMN_TOLERATIONS, &r->w->tolerations, tolerations_are_good, err);
    return status;
}

static void read_comment(struct reader *r)
{
    struct field f;
    int64_t t0_us;
    bool good;
    if (!field_t0(r->line, &f, &t0_us, &good)) return;
    if (good) r->w->t0_unix_us = t0_us;
    else row_error(r, &f, NULL, "'%s' is not a number of seconds", "t0_unix_s");
}

static enum status read_all(struct reader *r, struct error *err)
{
    bool header = false;
    for (;;) {
        enum status status = text_line(&r->in, &r->line, &r->line_n, err);
        if (status != STATUS_OK) return status;
        if (!r->line) break;
        if (r->line_n == 0) continue;
        if (r->line[0] == '#' && !header) {
            read_comment(r);
        } else if (!header) {
            read_header(r);
            header = true;
            if (r->diagnostics->errors) return STATUS_BAD_INPUT;
        } else {
            status = read_row(r, err);
            free(r->quoted);
            r->quoted = NULL;
            if (status != STATUS_OK) return status;
        }
    }
    if (!header)
        return error_set(err, STATUS_BAD_INPUT, "%s is empty: a trace begins with a header line",
                         r->in.path);
    if (r->diagnostics->errors) return STATUS_BAD_INPUT;
    if (r->w->job_n == 0) return error_set(err, STATUS_BAD_INPUT, "%s has no jobs", r->in.path);
    return STATUS_OK;
}

enum status trace_read(const char *path, struct workload *w, struct diagnostics *diagnostics,
                       struct error *err)
{
    struct reader r = { .w = w, .diagnostics = diagnostics };
    size_t before = diagnostics->errors;
    struct error why = { STATUS_OK, "" };
    enum status status = workload_init(w, err);
    if (status != STATUS_OK) return status;
    status = text_open(&r.in, path, &why);
    if (status == STATUS_OK) status = read_all(&r, &why);
    if (status == STATUS_OK && r.unordered) {
        char message[96];
        snprintf(message, sizeof message,
                 "%llu rows are out of order; they were sorted by submit_s",
                 (unsigned long long)r.unordered);
        struct diagnostic d = { .severity = SEVERITY_WARNING,
                                .file = (char *)r.in.path,
                                .message = message };
        diagnostics_add(diagnostics, &d);
    }
    if (status == STATUS_OK) status = workload_seal(w, 0, &why);
    if (status != STATUS_OK) {
        /* What is wrong with the file as a whole is one diagnostic more. */
        if (status != STATUS_NO_MEMORY && diagnostics->errors == before) {
            struct diagnostic d = { .severity = SEVERITY_ERROR,
                                    .file = (char *)path,
                                    .message = why.message };
            diagnostics_add(diagnostics, &d);
            status = STATUS_BAD_INPUT;
        }
        if (err) *err = why;
        workload_free(w);
    }
    text_close(&r.in);
    return status;
}
