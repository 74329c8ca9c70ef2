/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/interruptions/logs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/interruptions/log_reader.h"

const struct log_format log_formats[] = {
    { "skypilot", "counts of spot nodes at even steps, JSON", "skypilot-org/spot-traces; NSDI '24",
      is_skypilot, read_skypilot },
    { "aws-price", "aws ec2 describe-spot-price-history, JSON", "AWS CLI", is_aws_price,
      read_aws_price },
    { "bamboo", "spot nodes by name as they come and go, CSV", "uclasystem/bamboo; NSDI '23",
      is_bamboo, read_bamboo },
    { "bamboo-counts", "date, time, count of spot nodes", "uclasystem/bamboo; NSDI '23",
      is_bamboo_counts, read_bamboo_counts },
    { "dime", "a log of instances polled every ten minutes",
      "stanford-futuredata/training_on_a_dime; DISPA '20", is_dime, read_dime },
    { "azure-price", "a day a row, a size a column, CSV",
      "stanford-futuredata/training_on_a_dime; DISPA '20", is_azure_price, read_azure_price },
    { "lanl", "failures of LANL's clusters, CSV", "LA-UR-05-7318; Schroeder and Gibson, DSN '06",
      is_lanl, read_lanl },
    { "titan", "lives of the GPUs of Titan, CSV", "olcf/TitanGPULife; Ostrouchov et al., SC '20",
      is_titan, read_titan },
    { "carbon", "hourly carbon intensity, CSV", "Electricity Maps; HewlettPackard/green-dcc",
      is_carbon, read_carbon },
    { "power-price", "hourly price of electricity, CSV", "HewlettPackard/green-dcc", is_power_price,
      read_power_price },
    { NULL, NULL, NULL, NULL, NULL },
};

const struct log_format *log_format_find(const char *name)
{
    for (const struct log_format *f = log_formats; f->name; f++)
        if (strcmp(f->name, name) == 0) return f;
    return NULL;
}

enum status log_line(struct log_reader *r, bool *more)
{
    do {
        enum status status = text_line(&r->in, &r->line, &r->n, r->err);
        if (status != STATUS_OK) return status;
    } while (r->line && r->line[strspn(r->line, " \t")] == '\0');
    *more = r->line != NULL;
    if (*more) memcpy(r->copy, r->line, r->n + 1);
    return STATUS_OK;
}

enum status log_row(struct log_reader *r, char delimiter, bool *more)
{
    enum status status = log_line(r, more);
    if (status == STATUS_OK && *more) {
        r->field_n = fields_split(r->line, r->n, delimiter, r->fields);
        if (r->field_n > FIELDS_MAX)
            return error_set(r->err, STATUS_BAD_INPUT, "%s:%llu: more than %d columns", r->in.path,
                             (unsigned long long)r->in.line, FIELDS_MAX);
    }
    return status;
}

/* Columns are shown from one where a line is short enough to show. */
enum { SHOWN_MAX = 200 };

enum status log_error(struct log_reader *r, const struct field *f, const char *format, ...)
{
    char message[256], shown[SHOWN_MAX + 1];
    va_list ap;
    va_start(ap, format);
    vsnprintf(message, sizeof message, format, ap);
    va_end(ap);
    snprintf(shown, sizeof shown, "%s", r->copy);
    diagnostics_add(r->diagnostics, &(struct diagnostic){
                                        .severity = SEVERITY_ERROR,
                                        .file = (char *)r->in.path,
                                        .line = r->in.line,
                                        .column = f ? (size_t)(f->text - r->line) + 1 : 0,
                                        .width = f && f->n ? f->n : 1,
                                        .source_line = shown,
                                        .message = message,
                                    });
    return STATUS_OK;
}

enum status log_error_at(struct log_reader *r, const char *text, const char *at, size_t width,
                         const char *format, ...)
{
    char message[256], *shown = NULL;
    struct diagnostic d = {
        .severity = SEVERITY_ERROR, .file = (char *)r->in.path, .width = width, .message = message
    };
    va_list ap;
    va_start(ap, format);
    vsnprintf(message, sizeof message, format, ap);
    va_end(ap);
    if (at) {
        const char *start = text;
        d.line = 1;
        for (const char *p = text; p < at; p++)
            if (*p == '\n') start = p + 1, d.line++;
        d.column = (size_t)(at - start) + 1;
        size_t n = strcspn(start, "\n");
        shown = strndup(start, n < 100000 ? n : 100000);
        d.source_line = shown;
    }
    diagnostics_add(r->diagnostics, &d);
    free(shown);
    return STATUS_OK;
}

enum status log_full(struct log_reader *r)
{
    for (size_t i = 0; i < r->log->series_n; i++)
        if (r->log->series[i].n >= SERIES_SAMPLES_MAX ||
            r->log->series[i].life_n >= SERIES_SAMPLES_MAX)
            return error_set(r->err, STATUS_BAD_INPUT, "%s holds more than %llu samples",
                             r->in.path, (unsigned long long)SERIES_SAMPLES_MAX);
    if (r->log->series_n >= SERIES_MAX)
        return error_set(r->err, STATUS_BAD_INPUT, "%s holds more than %d zones and types",
                         r->in.path, SERIES_MAX);
    return error_set(r->err, STATUS_NO_MEMORY, "no memory for %s", r->in.path);
}

/* Runs laid end to end may be longer than a clock is: refused far below where sums would wrap. */
#define CLOCK_MAX_US (INT64_C(1) << 59)

int64_t log_clock(struct log_reader *r, int64_t us, bool *cut)
{
    *cut = r->ticking && us + r->shift_us < r->last_us;
    if (*cut) r->shift_us = r->last_us + r->step_us - us;
    us += r->shift_us;
    if (us > CLOCK_MAX_US) {
        log_error(r, NULL, "the runs of this log are longer together than 18,000 years");
        us = r->shift_us = 0;
    }
    if (r->ticking && !*cut && us > r->last_us) r->step_us = us - r->last_us;
    r->last_us = us;
    r->ticking = true;
    return us;
}

size_t log_stem(const struct log_reader *r, const char **stem)
{
    const char *slash = strrchr(r->path, '/');
    *stem = slash ? slash + 1 : r->path;
    return strcspn(*stem, ".");
}

int log_column(const struct log_reader *r, const char *name)
{
    for (size_t i = 0; i < r->field_n; i++)
        if (strcmp(r->fields[i].text, name) == 0) return (int)i;
    return -1;
}

/* Which format it is, by its first line that is not empty; nothing is taken. */
static enum status recognise(struct log_reader *r, const struct log_format **format)
{
    enum status status = text_peek(&r->in, r->err);
    if (status != STATUS_OK) return status;
    const char *text = r->in.buffer + r->in.at, *end = r->in.buffer + r->in.n;
    if (end - text >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) text += 3;
    while (text < end && (*text == '\n' || *text == '\r' || *text == ' ' || *text == '\t')) text++;
    if (text == end) return error_set(r->err, STATUS_BAD_INPUT, "%s is empty", r->in.path);
    if (*format) return STATUS_OK;
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    size_t n = (size_t)((stop ? stop : end) - text);
    if (*text == '{') n = (size_t)(end - text); /* a JSON object may be of one line or of many */
    if (n > TEXT_LINE_MAX) n = TEXT_LINE_MAX;
    memcpy(r->copy, text, n);
    if (n && r->copy[n - 1] == '\r') n--;
    r->copy[n] = '\0';
    for (const struct log_format *f = log_formats; f->name && !*format; f++)
        if (f->is(r->copy, n)) *format = f;
    if (*format) return STATUS_OK;
    return error_set(r->err, STATUS_BAD_INPUT,
                     "%s is none of the logs of interruptions: seatrial list interruption-logs",
                     r->in.path);
}

static enum status read_all(struct log_reader *r, const struct log_format *format)
{
    size_t errors = r->diagnostics->errors;
    enum status status = format->read(r);
    if (status == STATUS_OK && r->diagnostics->errors > errors)
        status = error_set(r->err, STATUS_BAD_INPUT, "%s cannot be read", r->in.path);
    bool last_wins = format->read == read_bamboo || format->read == read_dime;
    if (status == STATUS_OK) {
        struct error why;
        status = interruptions_seal(r->log, last_wins, &why);
        if (status != STATUS_OK) error_set(r->err, status, "%s: %.400s", r->in.path, why.message);
    }
    for (size_t i = 0; status == STATUS_OK && i <= r->log->series_n; i++) {
        if (i == r->log->series_n)
            return error_set(r->err, STATUS_BAD_INPUT, "%s holds no sample", r->in.path);
        if (r->log->series[i].n || r->log->series[i].life_n) break;
    }
    return status;
}

enum status log_read(const char *path, const struct log_format *format,
                     const struct log_options *options, struct interruptions *log,
                     struct diagnostics *diagnostics, struct error *err)
{
    struct log_reader r = {
        .path = path, .options = options, .log = log, .diagnostics = diagnostics, .err = err
    };
    enum status status = text_open(&r.in, path, err);
    if (status != STATUS_OK) return status;
    r.copy = malloc(TEXT_LINE_MAX + 1);
    status = r.copy ? recognise(&r, &format)
                    : error_set(err, STATUS_NO_MEMORY, "no memory to read %s", r.in.path);
    if (status == STATUS_OK) {
        status = interruptions_init(log, format->name);
        if (status == STATUS_OK) status = read_all(&r, format);
        else error_set(err, status, "no memory to read %s", r.in.path);
        if (status != STATUS_OK) interruptions_free(log);
    }
    free(r.copy);
    text_close(&r.in);
    return status;
}
