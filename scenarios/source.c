/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/hash.h"

/* ---- Reports ---- */

static const char *line_text(const struct source *s, size_t line)
{
    return line && line <= s->line_n ? s->lines[line - 1] : NULL;
}

static const char *given(const char *text) { return text && text[0] ? text : NULL; }

/* The same words at the same place: of a pool that stands for several, say. */
static bool is_said(const struct diagnostics *list, const struct diagnostic *d)
{
    for (size_t i = 0; i < list->n && d->line > 0; i++) {
        const struct diagnostic *said = &list->items[i];
        if (said->line == d->line && said->column == d->column && said->severity == d->severity &&
            said->file && strcmp(said->file, d->file) == 0 &&
            strcmp(said->message, d->message) == 0)
            return true;
    }
    return false;
}

void source_vreport(const struct source *source, struct diagnostics *diagnostics,
                    enum severity severity, struct place at, const char *hint, const char *note,
                    const char *format, va_list args)
{
    char message[1024];
    vsnprintf(message, sizeof message, format, args);
    struct diagnostic d = { .severity = severity,
                            .file = source->path,
                            .line = at.line,
                            .column = at.column,
                            .width = at.width,
                            .message = message,
                            .source_line = (char *)line_text(source, at.line),
                            .hint = (char *)given(hint),
                            .note = (char *)given(note) };
    if (!is_said(diagnostics, &d)) diagnostics_add(diagnostics, &d);
}

void source_report(const struct source *source, struct diagnostics *diagnostics,
                   enum severity severity, struct place at, const char *hint, const char *note,
                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    source_vreport(source, diagnostics, severity, at, hint, note, format, args);
    va_end(args);
}

void source_report_twice(const struct source *source, struct diagnostics *diagnostics,
                         struct place at, size_t first_line, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct diagnostic d = { .severity = SEVERITY_ERROR,
                            .file = source->path,
                            .line = at.line,
                            .column = at.column,
                            .width = at.width,
                            .message = message,
                            .source_line = (char *)line_text(source, at.line),
                            .other_line = first_line,
                            .other_source_line = (char *)line_text(source, first_line) };
    diagnostics_add(diagnostics, &d);
}

/* ---- Lines ---- */

/* Bytes of the line end at s, 0 where there is none. */
static size_t line_end(const char *s)
{
    if (s[0] == '\r') return s[1] == '\n' ? 2 : 1;
    if (s[0] == '\n') return 1;
    if (s[0] == '\xc2' && s[1] == '\x85') return 2;
    if (s[0] == '\xe2' && s[1] == '\x80' && (s[2] == '\xa8' || s[2] == '\xa9')) return 3;
    return 0;
}

static enum status split(struct source *s, struct error *err)
{
    size_t lines = 1;
    for (size_t i = 0, end; i < s->n; i += end ? end : 1)
        if ((end = line_end(s->text + i))) lines++;
    s->shown = malloc(s->n + 1);
    s->lines = malloc(lines * sizeof *s->lines);
    if (!s->shown || !s->lines)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the lines of %s", s->path);
    memcpy(s->shown, s->text, s->n + 1);
    s->lines[s->line_n++] = s->shown;
    for (size_t i = 0, end; i < s->n; i += end ? end : 1)
        if ((end = line_end(s->text + i))) {
            s->shown[i] = '\0';
            s->lines[s->line_n++] = s->shown + i + end;
        }
    return STATUS_OK;
}

/* Text as it should be: UTF-8, no control characters. Stops at the first that is not. */
static int check_text(const struct source *s, struct diagnostics *diagnostics)
{
    size_t line = 1, column = 1;
    for (const char *at = s->text, *end = s->text + s->n; at < end; column++) {
        size_t ends = line_end(at);
        if (ends) {
            line++;
            column = 0;
            at += ends;
            continue;
        }
        unsigned byte = (unsigned char)*at;
        int32_t point = utf8_next(&at);
        struct place place = { line, column, 1 };
        if (point < 0) {
            source_report(s, diagnostics, SEVERITY_ERROR, place, NULL,
                          "the file must be UTF-8 text", "byte 0x%02x is not UTF-8", byte);
            return 0;
        }
        if (point != '\t' && (point < 0x20 || (point >= 0x7f && point < 0xa0))) {
            source_report(s, diagnostics, SEVERITY_ERROR, place, NULL, NULL,
                          "control character U+%04X is not allowed", (unsigned)point);
            return 0;
        }
    }
    return 1;
}

/* ---- Loading ---- */

void source_free(struct source *source)
{
    free(source->path);
    free(source->text);
    free(source->shown);
    free(source->lines);
    memset(source, 0, sizeof *source);
}

static enum status settle(struct source *s, struct diagnostics *diagnostics, struct error *err)
{
    struct sha256 h;
    sha256_init(&h);
    sha256_add(&h, s->text, s->n);
    sha256_end(&h, s->sha256);
    s->bytes = (int64_t)s->n;
    const unsigned char *t = (const unsigned char *)s->text;
    if (s->n >= 2 && ((t[0] == 0xff && t[1] == 0xfe) || (t[0] == 0xfe && t[1] == 0xff))) {
        source_report(s, diagnostics, SEVERITY_ERROR, (struct place){ 0, 0, 0 }, "save it as UTF-8",
                      NULL, "the file is UTF-16, not UTF-8");
        return error_set(err, STATUS_BAD_INPUT, "%s is not UTF-8", s->path);
    }
    if (s->n >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0) {
        s->n -= 3;
        memmove(s->text, s->text + 3, s->n + 1);
    }
    enum status status = split(s, err);
    if (status) return status;
    return check_text(s, diagnostics)
               ? STATUS_OK
               : error_set(err, STATUS_BAD_INPUT, "%s is not plain text", s->path);
}

enum status source_from_memory(struct source *source, const char *path, const void *bytes, size_t n,
                               struct diagnostics *diagnostics, struct error *err)
{
    memset(source, 0, sizeof *source);
    source->path = strdup(path);
    source->text = malloc(n + 1);
    enum status status = STATUS_OK;
    if (!source->path || !source->text)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for %s", path);
    if (!status) {
        memcpy(source->text, bytes, n);
        source->text[n] = '\0';
        source->n = n;
        status = settle(source, diagnostics, err);
    }
    if (status) source_free(source);
    return status;
}

static void report_whole(const char *path, struct diagnostics *diagnostics, const char *what,
                         const char *why)
{
    struct source named = { .path = (char *)path };
    source_report(&named, diagnostics, SEVERITY_ERROR, (struct place){ 0, 0, 0 }, NULL, NULL,
                  "%s%s", what, why);
}

enum status source_load(struct source *source, const char *path, struct diagnostics *diagnostics,
                        struct error *err)
{
    memset(source, 0, sizeof *source);
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!f) {
        report_whole(path, diagnostics, "cannot be opened: ", strerror(errno));
        return error_set(err, STATUS_BAD_INPUT, "cannot open %s", path);
    }
    enum status status = STATUS_OK;
    size_t n = 0, capacity = 65536;
    char *text = malloc(capacity);
    for (size_t got; text && (got = fread(text + n, 1, capacity - n, f)) > 0;) {
        n += got;
        if (n > SOURCE_BYTES_MAX) break;
        if (n < capacity) continue;
        char *more = realloc(text, capacity *= 2);
        if (!more) free(text);
        text = more;
    }
    if (!text) {
        status = error_set(err, STATUS_NO_MEMORY, "no memory to read %s", path);
    } else if (ferror(f)) {
        report_whole(path, diagnostics, "cannot be read: ", strerror(errno));
        status = error_set(err, STATUS_BAD_INPUT, "cannot read %s", path);
    } else if (n > SOURCE_BYTES_MAX) {
        report_whole(path, diagnostics, "is larger than 10 MiB", "");
        status = error_set(err, STATUS_BAD_INPUT, "%s is too large", path);
    }
    if (f != stdin) fclose(f);
    if (!status) status = source_from_memory(source, path, text, n, diagnostics, err);
    free(text);
    return status;
}
