/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any CSV with a header, one job a row, its columns named as in the canonical trace or by --map.
 *
 * Times (submit_s, start_s, end_s, deadline_s) are all of one kind, which the first submission
 * decides: wall clocks ("2026-01-02 03:04:05", see fields.h), or numbers of --unit. Numbers from
 * 1,000,000,000 seconds on (2001-09-09) count from the Unix epoch, so that their wall clock is
 * known; smaller ones count from a second 0 of the file's own. Durations (run_s, limit_s) are
 * numbers of --unit, or written 1-02:03:04 or 02:03:04.
 *
 * Where run_s is absent or empty, the run time is end_s - start_s. A job with a start and no end
 * was running when the log ended, one without a start never started: both are kept as instants.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/traces/table.h"

const struct trace_column import_columns[] = {
    { "end_s", "end; with start_s it gives run_s", false },
    { NULL, NULL, false },
};

struct csv {
    struct table t;
    bool decided, wall; /* whether submit times are wall clocks; known from the first of them on */
};

static const char *theirs_of(const struct import_options *o, const char *ours)
{
    for (size_t i = 0; i < o->map_n; i++)
        if (strcmp(o->map[i].ours, ours) == 0) return o->map[i].theirs;
    return ours;
}

static const char *theirs(const struct csv *c, const char *ours)
{
    return theirs_of(c->t.import->options, ours);
}

static struct field cell(const struct csv *c, const char *ours)
{
    return table_cell(&c->t, theirs(c, ours));
}

static bool has(const struct csv *c, const char *ours)
{
    return table_column(&c->t, theirs(c, ours)) >= 0;
}

/* ---- Times ---- */

static enum status decide_kind(struct csv *c)
{
    struct import *import = c->t.import;
    struct field f = cell(c, "submit_s");
    int64_t us;
    if (c->decided || field_missing(&f)) return STATUS_OK;
    c->wall = field_clock(&f, import->options->tz_us, &us);
    c->decided = c->wall || field_time(&f, import->options->time_unit_us, &us);
    bool epoch = c->wall || (c->decided && us >= FIELD_EPOCH_US);
    return epoch ? import_epoch(import, 0) : STATUS_OK;
}

/* A point in time; INT64_MIN where there is none. false: the cell is something else. */
static bool read_time(const struct csv *c, const char *ours, int64_t *us)
{
    const struct import_options *o = c->t.import->options;
    struct field f = cell(c, ours);
    *us = INT64_MIN;
    if (field_missing(&f)) return true;
    return c->wall ? field_clock(&f, o->tz_us, us) : field_time(&f, o->time_unit_us, us);
}

/* A duration; INT64_MIN where there is none. */
static bool read_duration(const struct csv *c, const char *ours, int64_t *us)
{
    struct field f = cell(c, ours);
    *us = INT64_MIN;
    return field_missing(&f) || field_time(&f, c->t.import->options->time_unit_us, us) ||
           field_elapsed(&f, us);
}

static void left_out(const struct csv *c, int64_t *us, bool good, const char *reason)
{
    if (!good) import_count(c->t.import->report, false, reason);
    if (!good || *us == INT64_MIN) *us = -1;
}

static const char *run_from_end(struct csv *c, struct job_row *row)
{
    struct import_report *report = c->t.import->report;
    int64_t end_us;
    if (!has(c, "end_s")) return "run_s is missing";
    if (!read_time(c, "end_s", &end_us)) return "end_s is no time";
    if (row->start_us == -1) {
        import_count(report, false, "no start_s: kept as never started");
        row->status = JOB_NEVER_STARTED;
    } else if (end_us == INT64_MIN) {
        import_count(report, false, "no end_s: kept with a run time of 0");
        row->status = JOB_RUNNING_AT_END;
    } else {
        row->run_us = end_us - row->start_us;
    }
    return NULL;
}

static const char *read_times(struct csv *c, struct job_row *row)
{
    if (!read_time(c, "submit_s", &row->submit_us)) return "submit_s is no time";
    if (row->submit_us == INT64_MIN) return "submit_s is missing";
    bool start = read_time(c, "start_s", &row->start_us),
         deadline = read_time(c, "deadline_s", &row->deadline_us),
         limit = read_duration(c, "limit_s", &row->limit_us);
    left_out(c, &row->start_us, start, "start_s is no time: left out");
    left_out(c, &row->deadline_us, deadline, "deadline_s is no time: left out");
    left_out(c, &row->limit_us, limit, "limit_s is no duration: left out");
    if (!read_duration(c, "run_s", &row->run_us)) return "run_s is no duration";
    if (row->run_us != INT64_MIN) return NULL;
    row->run_us = 0;
    return run_from_end(c, row);
}

/* ---- The rest ---- */

static const char *read_numbers(struct csv *c, struct job_row *row)
{
    const struct table *t = &c->t;
    int64_t milli, nodes, priority, least, most;
    if (!table_number(t, theirs(c, "gpus"), 1000, 0, &milli)) return "gpus is not a number";
    if (!table_number(t, theirs(c, "cpus"), 1000, 0, &row->cpu_milli))
        return "cpus is not a number";
    if (!table_number(t, theirs(c, "mem_mib"), 1, 0, &row->mem_mib))
        return "mem_mib is not a number";
    if (!table_number(t, theirs(c, "nodes"), 1, 0, &nodes)) return "nodes is not a number";
    if (!table_number(t, theirs(c, "priority"), 1, 0, &priority)) return "priority is not a number";
    if (!table_number(t, theirs(c, "min_gpus"), 1, 0, &least)) return "min_gpus is not a number";
    if (!table_number(t, theirs(c, "max_gpus"), 1, 0, &most)) return "max_gpus is not a number";
    row->gpu_milli = import_gpu_milli(milli);
    import_sizes(t->import, least, most, row);
    row->nodes = import_nodes(t->import, nodes);
    row->priority = import_priority(t->import, priority);
    return NULL;
}

static const char *read_row(struct csv *c, struct job_row *row)
{
    struct field types = cell(c, "gpu_type");
    row->status = import_status(cell(c, "status").text);
    const char *reason = read_times(c, row);
    if (!reason) reason = read_numbers(c, row);
    row_text(&row->id, &row->id_n, cell(c, "job_id"));
    row_text(&row->tenant, &row->tenant_n, cell(c, "tenant"));
    row_text(&row->user, &row->user_n, cell(c, "user"));
    row_text(&row->queue, &row->queue_n, cell(c, "queue"));
    row_text(&row->class_, &row->class_n, cell(c, "class"));
    row_text(&row->selector, &row->selector_n, cell(c, "node_selector"));
    row_text(&row->toleration, &row->toleration_n, cell(c, "tolerations"));
    row->gpu_type = c->t.made;
    row->gpu_type_n =
        import_type_set(c->t.import, types.text, field_missing(&types) ? 0 : types.n, c->t.made);
    return reason;
}

static bool is_mapped(const struct import_options *o, const char *ours)
{
    for (size_t i = 0; i < o->map_n; i++)
        if (strcmp(o->map[i].ours, ours) == 0) return true;
    return false;
}

/* Every column that --map names must be there: one that is not is a slip of the pen. */
static enum status open_csv(struct csv *c, struct import *import)
{
    const struct import_options *o = import->options;
    const char *needed[IMPORT_MAP_MAX + 3];
    size_t n = 0;
    for (; n < o->map_n; n++) needed[n] = o->map[n].theirs;
    if (!is_mapped(o, "submit_s")) needed[n++] = "submit_s";
    if (!is_mapped(o, "gpus")) needed[n++] = "gpus";
    needed[n] = NULL;
    enum status status = table_open(&c->t, import, o->delimiter, needed);
    if (status != STATUS_OK || has(c, "run_s") || (has(c, "start_s") && has(c, "end_s")))
        return status;
    return error_set(import->err, STATUS_BAD_INPUT,
                     "%s:1: columns are missing: '%s' (or '%s' and '%s' in its place)",
                     import->in->path, theirs(c, "run_s"), theirs(c, "start_s"),
                     theirs(c, "end_s"));
}

enum status read_csv(struct import *import)
{
    struct csv c = { .decided = false };
    bool more;
    enum status status = open_csv(&c, import);
    while (status == STATUS_OK && (status = table_row(&c.t, &more)) == STATUS_OK && more) {
        struct job_row row;
        job_row_init(&row);
        if ((status = decide_kind(&c)) != STATUS_OK) break;
        const char *reason = read_row(&c, &row);
        status = reason ? import_drop(import, reason) : import_add(import, &row);
    }
    return status;
}
