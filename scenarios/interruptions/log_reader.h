/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of scenarios/interruptions share: lines, places of errors, and a clock that is
 * laid end to end where it runs backwards. */
#ifndef SCENARIOS_INTERRUPTIONS_LOG_READER_H
#define SCENARIOS_INTERRUPTIONS_LOG_READER_H

#include <jansson.h>

#include "scenarios/interruptions/logs.h"
#include "scenarios/traces/fields.h"
#include "scenarios/traces/text_input.h"

struct log_reader {
    struct text_input in;
    const char *path; /* as given: zones stand in names of files */
    const struct log_options *options;
    struct interruptions *log;
    struct diagnostics *diagnostics;
    struct error *err;
    char *line; /* the current one, cut into fields */
    char *copy; /* as it was, for messages; TEXT_LINE_MAX + 1 */
    size_t n, field_n;
    struct field fields[FIELDS_MAX];
    /* The clock: what is added to the log's times, the last time, and the step before it. */
    int64_t shift_us, last_us, step_us;
    bool ticking;
};

/* The next line that is not empty; *more false at the end. */
enum status log_line(struct log_reader *r, bool *more);
/* The next such line as fields. */
enum status log_row(struct log_reader *r, char delimiter, bool *more);
/* An error at field f of the current line (NULL: at the line), with printf's words. Returns
 * STATUS_OK: the reader goes on, so that all errors are found, and log_read fails at the end. */
enum status log_error(struct log_reader *r, const struct field *f, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* An error at a place of a text that was read as a whole. */
enum status log_error_at(struct log_reader *r, const char *text, const char *at, size_t width,
                         const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The rest of the file as one JSON object, at most 16 MiB, and its text; the caller frees both. A
 * mistake of syntax is an error at its place, STATUS_OK and *json NULL. */
enum status log_json(struct log_reader *r, char **text, json_t **json);
/* Where member `key` stands for the k-th time in a JSON text (k from 0): its value, or the i-th
 * element of the list of numbers it is. NULL: not found. Every object before has it once. */
const char *log_json_value(const char *text, const char *key, size_t k);
const char *log_json_element(const char *text, const char *key, size_t i);

/* STATUS_NO_MEMORY or, where the log holds more than there is room for, STATUS_BAD_INPUT. */
enum status log_full(struct log_reader *r);

/*
 * A time of the log on the clock of the series. Where it is before the one before, a new run
 * begins: *cut is true, and the run is laid behind the last, one step (the last one that was not
 * zero) after its last moment.
 */
int64_t log_clock(struct log_reader *r, int64_t us, bool *cut);

/* The file's name without folders and endings: "a/us-east-1a_v100_1.json" -> "us-east-1a_v100_1".
 */
size_t log_stem(const struct log_reader *r, const char **stem);

/* Column of a header by its name, -1 where there is none. */
int log_column(const struct log_reader *r, const char *name);

bool is_skypilot(const char *line, size_t n);
bool is_aws_price(const char *line, size_t n);
bool is_bamboo(const char *line, size_t n);
bool is_bamboo_counts(const char *line, size_t n);
bool is_dime(const char *line, size_t n);
bool is_azure_price(const char *line, size_t n);
bool is_carbon(const char *line, size_t n);
bool is_power_price(const char *line, size_t n);
bool is_lanl(const char *line, size_t n);
bool is_titan(const char *line, size_t n);

enum status read_skypilot(struct log_reader *r);
enum status read_bamboo(struct log_reader *r);
enum status read_bamboo_counts(struct log_reader *r);
enum status read_dime(struct log_reader *r);
enum status read_aws_price(struct log_reader *r);
enum status read_azure_price(struct log_reader *r);
enum status read_carbon(struct log_reader *r);
enum status read_power_price(struct log_reader *r);
enum status read_lanl(struct log_reader *r);
enum status read_titan(struct log_reader *r);

#endif
