/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/traces/table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum status table_open(struct table *t, struct import *import, char delimiter,
                       const char *const *needed)
{
    char *line, missing[300] = "";
    size_t n;
    t->import = import;
    t->delimiter = delimiter;
    do {
        struct field f;
        int64_t t0_us;
        bool good;
        enum status status = text_line(import->in, &line, &n, import->err);
        if (status != STATUS_OK) return status;
        if (line && *line == '#' && field_t0(line, &f, &t0_us, &good) && good &&
            (status = import_epoch(import, t0_us)) != STATUS_OK)
            return status;
    } while (line && (n == 0 || *line == '#'));
    if (!line) return error_set(import->err, STATUS_BAD_INPUT, "%s is empty", import->in->path);
    t->column_n = fields_split(line, n, delimiter, t->fields);
    if (t->column_n > FIELDS_MAX)
        return error_set(import->err, STATUS_BAD_INPUT, "%s has more than %d columns",
                         import->in->path, FIELDS_MAX);
    for (size_t i = 0; i < t->column_n; i++) {
        const char *name = t->fields[i].text + strspn(t->fields[i].text, " ");
        size_t length = strlen(name);
        while (length > 0 && name[length - 1] == ' ') length--;
        snprintf(t->names[i], sizeof t->names[i], "%.*s", (int)length, name);
    }
    for (; *needed; needed++)
        if (table_column(t, *needed) < 0) {
            size_t used = strlen(missing);
            snprintf(missing + used, sizeof missing - used, "%s'%s'", used ? ", " : "", *needed);
        }
    if (*missing)
        return error_set(import->err, STATUS_BAD_INPUT, "%s:1: columns are missing: %s",
                         import->in->path, missing);
    return STATUS_OK;
}

enum status table_row(struct table *t, bool *more)
{
    char *line;
    size_t n;
    for (;;) {
        enum status status = text_line(t->import->in, &line, &n, t->import->err);
        *more = status == STATUS_OK && line;
        if (!*more) return status;
        if (n == 0) continue;
        t->import->report->rows++;
        if (fields_split(line, n, t->delimiter, t->fields) == t->column_n) return STATUS_OK;
        import_drop(t->import, "another number of fields than the header");
    }
}

enum status table_each(struct table *t, const char *(*read)(struct table *t, struct job_row *row))
{
    bool more;
    enum status status;
    while ((status = table_row(t, &more)) == STATUS_OK && more) {
        struct job_row row;
        job_row_init(&row);
        const char *reason = read(t, &row);
        status = reason ? import_drop(t->import, reason) : import_add(t->import, &row);
        if (status != STATUS_OK) return status;
    }
    return status;
}

int table_column(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->column_n; i++)
        if (strcasecmp(t->names[i], name) == 0) return (int)i;
    return -1;
}

struct field table_cell(const struct table *t, const char *name)
{
    static char empty[1];
    int column = table_column(t, name);
    return column < 0 ? (struct field){ empty, 0 } : t->fields[column];
}

bool table_number(const struct table *t, const char *name, int64_t scale, int64_t absent,
                  int64_t *value)
{
    struct field f = table_cell(t, name);
    *value = absent;
    return field_missing(&f) || field_scaled(&f, scale, value);
}

bool table_time(const struct table *t, const char *name, int64_t unit_us, int64_t absent,
                int64_t *us)
{
    struct field f = table_cell(t, name);
    *us = absent;
    return field_missing(&f) || field_time(&f, unit_us, us);
}

bool table_clock(const struct table *t, const char *name, int64_t *unix_us)
{
    struct field f = table_cell(t, name);
    return !field_missing(&f) && field_clock(&f, t->import->options->tz_us, unix_us);
}
