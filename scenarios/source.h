/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One input file in memory with its lines, so that whatever is wrong in it can be pointed at.
 *
 * The text is UTF-8 without a byte order mark and without control characters other than tab and
 * line ends; what is not is refused here, with its place. Lines end as YAML 1.1 ends them (LF, CR,
 * CR LF, NEL, LS, PS), so that libyaml's line numbers hold. The source owns its text.
 */
#ifndef SCENARIOS_SOURCE_H
#define SCENARIOS_SOURCE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/diagnostics.h"
#include "sim/status.h"

enum { SOURCE_BYTES_MAX = 10 * 1024 * 1024 };

struct place {
    size_t line, column, width; /* from 1; line 0 = the file as a whole */
};

struct source {
    char *path; /* as given; "-" = stdin */
    char *text; /* terminated */
    size_t n;
    char *shown; /* the text once more, cut into terminated lines */
    char **lines;
    size_t line_n;
    char sha256[65]; /* of the bytes as they were read */
    int64_t bytes;
};

/* STATUS_BAD_INPUT: diagnostics say why. Nothing is left to free on failure. */
enum status source_load(struct source *source, const char *path, struct diagnostics *diagnostics,
                        struct error *err);
/* The same for text already in memory; path is only a name for it. */
enum status source_from_memory(struct source *source, const char *path, const void *bytes, size_t n,
                               struct diagnostics *diagnostics, struct error *err);
void source_free(struct source *source);

/* Adds a diagnostic with its source line, unless the same was said of the same place. hint and note
 * may be NULL or "". */
void source_report(const struct source *source, struct diagnostics *diagnostics,
                   enum severity severity, struct place at, const char *hint, const char *note,
                   const char *format, ...) __attribute__((format(printf, 7, 8)));
void source_vreport(const struct source *source, struct diagnostics *diagnostics,
                    enum severity severity, struct place at, const char *hint, const char *note,
                    const char *format, va_list args) __attribute__((format(printf, 7, 0)));
/* The same with the line where it was set first. */
void source_report_twice(const struct source *source, struct diagnostics *diagnostics,
                         struct place at, size_t first_line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
