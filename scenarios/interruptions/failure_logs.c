/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of failures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/interruptions/log_reader.h"
#include "scenarios/units.h"

/* The cell of a column of the current row. */
static struct field *cell(struct log_reader *r, int column) { return &r->fields[column]; }

/* ---- lanl ---- */

enum lanl_column { SYSTEM, NODE, STARTED, FIXED, DOWN, CAUSE };
enum { CAUSE_N = 6, LANL_N = CAUSE + CAUSE_N };
static const char *const lanl_names[LANL_N] = { "System",       "nodenumz",    "Prob Started",
                                                "Prob Fixed",   "Down Time",   "Facilities",
                                                "Hardware",     "Human Error", "Network",
                                                "Undetermined", "Software" };

bool is_lanl(const char *line, size_t n)
{
    (void)n;
    return strncmp(line, "System,", 7) == 0 && strstr(line, "Prob Started");
}

/* "6/21/2005 10:54": local time without a zone, taken for UTC. */
static bool lanl_clock(const struct field *f, int64_t *us)
{
    int month, day, year, hour, minute, end = 0;
    char iso[16];
    int64_t days;
    if (sscanf(f->text, "%2d/%2d/%4d %2d:%2d%n", &month, &day, &year, &hour, &minute, &end) != 5 ||
        (size_t)end != f->n || month < 1 || day < 1 || year < 1970 || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59)
        return false;
    snprintf(iso, sizeof iso, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
    if (!date_read(iso, 10, &days)) return false;
    *us = ((days * 24 + hour) * 60 + minute) * 60 * US_PER_S;
    return true;
}

static enum status lanl_row(struct log_reader *r, const int *at, struct names *nodes)
{
    char name[300];
    int64_t started, fixed, down;
    uint32_t cause = 0;
    const struct field *system = cell(r, at[SYSTEM]), *node = cell(r, at[NODE]);
    if (!lanl_clock(cell(r, at[STARTED]), &started))
        return log_error(r, cell(r, at[STARTED]), "'%s' is not a time, month/day/year hour:minute",
                         cell(r, at[STARTED])->text);
    if (!field_time(cell(r, at[DOWN]), 60 * INT64_C(1000000), &down) || down < 0)
        return log_error(r, cell(r, at[DOWN]), "'%s' is not a time in minutes",
                         cell(r, at[DOWN])->text);
    if (system->n == 0 || system->n > 100 || node->n > 100)
        return log_error(r, system, "the system has no name, or one too long");
    for (int c = 0; c < CAUSE_N; c++)
        if (cell(r, at[CAUSE + c])->n)
            cause =
                names_add(&r->log->causes, lanl_names[CAUSE + c], strlen(lanl_names[CAUSE + c]));
    int type_n = snprintf(name, sizeof name, "system %s", system->text);
    struct series *s = interruptions_series(r->log, SERIES_FAILURES, "", 0, name, (size_t)type_n);
    if (!s || cause == UINT32_MAX) return log_full(r);
    int name_n = snprintf(name, sizeof name, "%s/%s", system->text, node->text);
    uint32_t number = names_add(nodes, name, (size_t)name_n);
    if (number == UINT32_MAX) return log_full(r);
    if (!lanl_clock(cell(r, at[FIXED]), &fixed) || fixed - started != down)
        s->repaired[REPAIR_DURATION]++;
    return series_add_life(s, &(struct life){ .from_us = started,
                                              .to_us = started + down,
                                              .node = number,
                                              .cause = cause,
                                              .start_known = true,
                                              .end = LIFE_ENDED })
               ? STATUS_OK
               : log_full(r);
}

static enum status need_columns(struct log_reader *r, const char *const *names, int n, int *at)
{
    for (int c = 0; c < n; c++) {
        at[c] = log_column(r, names[c]);
        if (at[c] < 0) log_error(r, NULL, "there is no column '%s'", names[c]);
    }
    return STATUS_OK;
}

/* A log with a header: `row` for each of its rows. */
static enum status each_row(struct log_reader *r, const char *const *names, int n, int *at,
                            struct names *nodes,
                            enum status (*row)(struct log_reader *r, const int *at,
                                               struct names *nodes))
{
    bool more;
    size_t errors = r->diagnostics->errors;
    enum status status = log_row(r, ',', &more);
    if (status == STATUS_OK) status = need_columns(r, names, n, at);
    if (status != STATUS_OK || r->diagnostics->errors > errors) return status;
    size_t columns = r->field_n;
    if (names_init(nodes) != STATUS_OK) return log_full(r);
    r->log->t0_unix_us = 0;
    while (status == STATUS_OK && (status = log_row(r, ',', &more)) == STATUS_OK && more)
        status = r->field_n == columns
                     ? row(r, at, nodes)
                     : log_error(r, NULL, "%zu fields, not %zu", r->field_n, columns);
    return status;
}

enum status read_lanl(struct log_reader *r)
{
    int at[LANL_N];
    struct names nodes = { 0 };
    enum status status = each_row(r, lanl_names, LANL_N, at, &nodes, lanl_row);
    names_free(&nodes);
    return status;
}

/* ---- titan ---- */

enum titan_column { SERIAL, INSERT, REMOVE, DURATION, EVENT, TITAN_N };
static const char *const titan_names[TITAN_N] = { "SN", "insert", "remove", "duration", "event" };

bool is_titan(const char *line, size_t n)
{
    (void)n;
    return strncmp(line, "SN,location,insert,remove,", 26) == 0;
}

static enum status titan_row(struct log_reader *r, const int *at, struct names *nodes)
{
    struct field *insert = cell(r, at[INSERT]), *remove = cell(r, at[REMOVE]),
                 *length = cell(r, at[DURATION]), *event = cell(r, at[EVENT]);
    int64_t inserted, removed, us = 0;
    bool bare = field_missing(insert);
    uint32_t cause = names_add(&r->log->causes, event->text, field_missing(event) ? 0 : event->n),
             number = names_add(nodes, cell(r, at[SERIAL])->text, cell(r, at[SERIAL])->n);
    struct series *s = interruptions_series(r->log, SERIES_FAILURES, "", 0, "GPU", 3);
    if (!s || cause == UINT32_MAX || number == UINT32_MAX) return log_full(r);
    if (!field_clock(remove, 0, &removed))
        return log_error(r, remove, "'%s' is not a time", remove->text);
    if (bare) {
        s->repaired[REPAIR_BARE]++;
    } else {
        if (!field_clock(insert, 0, &inserted))
            return log_error(r, insert, "'%s' is not a time", insert->text);
        if (!field_time(length, US_PER_S, &us) || us < 0)
            return log_error(r, length, "'%s' is not a time in seconds", length->text);
        s->repaired[REPAIR_DURATION] += removed - inserted != us;
    }
    return series_add_life(s, &(struct life){ .from_us = removed - us,
                                              .to_us = removed,
                                              .node = number,
                                              .cause = cause,
                                              .up = true,
                                              .start_known = !bare,
                                              .end = cause ? LIFE_ENDED : LIFE_MOVED })
               ? STATUS_OK
               : log_full(r);
}

enum status read_titan(struct log_reader *r)
{
    int at[TITAN_N];
    struct names nodes = { 0 };
    enum status status = each_row(r, titan_names, TITAN_N, at, &nodes, titan_row);
    names_free(&nodes);
    return status;
}
