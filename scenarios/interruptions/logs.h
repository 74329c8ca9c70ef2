/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs of interruptions that are read: spot capacity, spot prices, failures, carbon. One table, one
 * file a family of formats; all give models/reliability/interruptions.h.
 *
 * A format is known by the first line (or the members of a JSON object), so that a file need not be
 * told what it is. Files are plain, .gz, .zst or .xz. What can be mended by a rule is mended and
 * counted; what cannot is refused with its place.
 */
#ifndef SCENARIOS_INTERRUPTIONS_LOGS_H
#define SCENARIOS_INTERRUPTIONS_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/reliability/interruptions.h"
#include "scenarios/diagnostics.h"
#include "sim/status.h"

struct log_reader;

struct log_options {
    int64_t gap_us; /* skypilot: time between samples, in place of the file's own; 0 = the file's */
    bool direct;    /* carbon: direct emissions instead of those of the life cycle (LCA) */
};

struct log_format {
    const char *name, *summary, *source;
    /* The first line of the file is one of this format's. */
    bool (*is)(const char *line, size_t n);
    enum status (*read)(struct log_reader *r);
};
/* Ended by a NULL name. */
extern const struct log_format log_formats[];
const struct log_format *log_format_find(const char *name);

/* Reads one file. format NULL: whichever it is. STATUS_BAD_INPUT: diagnostics or err say why;
 * nothing is left to free then. */
enum status log_read(const char *path, const struct log_format *format,
                     const struct log_options *options, struct interruptions *log,
                     struct diagnostics *diagnostics, struct error *err);

#endif
