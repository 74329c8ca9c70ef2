/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of interruptions that a scenario names. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/reliability/availability.h"
#include "scenarios/hash.h"
#include "scenarios/interruptions/logs.h"
#include "scenarios/loading.h"
#include "scenarios/units.h"

/* A log that was read, and whether what was mended in a series of it is said. */
struct log_known {
    struct log_known *next;
    const char *path;
    bool is_good, *said;
    struct interruptions log;
};

/* Reads it; what is wrong with it is said. */
static enum status read_log(struct loading *l, const struct value *file, const char *path,
                            struct log_known *known)
{
    static const struct log_options none = { 0 };
    char sha256[65];
    int64_t bytes;
    size_t errors = l->diagnostics->errors;
    if (!loading_can_read(l, file->at, path)) return STATUS_OK;
    enum status status = log_read(path, NULL, &none, &known->log, l->diagnostics, l->err);
    if (status == STATUS_NO_MEMORY) return status;
    if (status != STATUS_OK) {
        if (l->diagnostics->errors == errors)
            loading_complain(l, file->at, NULL, NULL, "the log cannot be read: %s",
                             l->err->message);
        return STATUS_OK;
    }
    known->is_good = true;
    known->said = arena_zeroed(&l->store->arena, known->log.series_n + 1, sizeof *known->said);
    if (!known->said) return error_set(l->err, STATUS_NO_MEMORY, "no memory for a log");
    if ((status = sha256_file(path, sha256, &bytes, l->err))) return status;
    return loading_input(l, "interruption log", file->text, sha256, bytes);
}

const struct interruptions *loading_log(struct loading *l, const struct value *file,
                                        enum status *status)
{
    char *path = loading_path(l, file->text);
    struct log_known *known = l->logs;
    *status = path ? STATUS_OK : error_set(l->err, STATUS_NO_MEMORY, "no memory for a path");
    while (path && known && strcmp(known->path, path) != 0) known = known->next;
    if (path && !known) {
        known = arena_zeroed(&l->store->arena, 1, sizeof *known);
        if (known) known->path = arena_text(&l->store->arena, path, strlen(path));
        if (known && known->path) {
            known->next = l->logs;
            l->logs = known;
            *status = read_log(l, file, path, known);
        } else {
            *status = error_set(l->err, STATUS_NO_MEMORY, "no memory for a log");
        }
    }
    free(path);
    return *status == STATUS_OK && known->is_good ? &known->log : NULL;
}

void loading_logs_free(struct loading *l)
{
    for (struct log_known *known = l->logs; known; known = known->next)
        if (known->is_good) interruptions_free(&known->log);
    l->logs = NULL;
}

/* Once for each series of a log. */
static void warn_of_repairs(struct loading *l, const struct value *file,
                            const struct interruptions *log, const struct series *s)
{
    const struct log_known *known = l->logs;
    while (&known->log != log) known = known->next;
    if (known->said[s - log->series]) return;
    known->said[s - log->series] = true;
    for (int r = 0; r < REPAIR_N; r++)
        if (s->repaired[r] > 0)
            loading_warn(l, file->at, NULL, "%" PRIu64 " times in '%.100s' %s", s->repaired[r],
                         file->text, repair_rules[r].rule);
}

/* The zone that is meant, NULL: any. */
static const char *zone_of(const struct interruptions *log, enum series_kind kind,
                           const struct log_part *part)
{
    if (is_good(part->zone)) return part->zone->text;
    for (size_t i = 0; i < log->series_n && part->own_zone; i++)
        if (log->series[i].kind == kind && strcmp(log->series[i].zone, part->own_zone) == 0)
            return part->own_zone;
    return NULL;
}

const struct series *loading_series(struct loading *l, const struct interruptions *log,
                                    enum series_kind kind, const struct log_part *part,
                                    const char *instance)
{
    const struct series *found = NULL;
    char note[400] = "there are: ";
    size_t of_kind = 0, of_type = 0, fits = 0, n = strlen(note);
    const char *type = part->type->state == VALUE_GOOD ? part->type->text : NULL;
    for (size_t i = 0; i < log->series_n && !type; i++)
        if (log->series[i].kind == kind && strcmp(log->series[i].type, instance) == 0) of_type++;
    if (of_type > 0) type = instance;
    const char *zone = zone_of(log, kind, part);
    for (size_t i = 0; i < log->series_n; i++) {
        const struct series *s = &log->series[i];
        if (s->kind != kind) continue;
        n += n < sizeof note
                 ? (size_t)snprintf(note + n, sizeof note - n, "%s%s%s%s", of_kind ? ", " : "",
                                    s->zone, *s->zone && *s->type ? " " : "", s->type)
                 : 0;
        of_kind++;
        if (zone && strcmp(s->zone, zone) != 0) continue;
        if (type && strcmp(s->type, type) != 0) continue;
        found = s;
        fits++;
    }
    if (fits == 1) {
        warn_of_repairs(l, part->file, log, found);
        return found;
    }
    struct place at = is_there(part->zone)   ? part->zone->at
                      : is_there(part->type) ? part->type->at
                                             : part->file->at;
    if (of_kind == 0)
        loading_complain(l, part->file->at, NULL, NULL, "'%.100s' is no log of %s: %s has none",
                         part->file->text, series_kind_names[kind], log->format);
    else
        loading_complain(l, fits ? part->file->at : at, fits ? "say 'zone' and 'type'" : NULL, note,
                         fits ? "'%.100s' is of several zones or types"
                              : "'%.100s' knows no such zone and type",
                         part->file->text);
    return NULL;
}

bool loading_begin(struct loading *l, const struct log_part *part, const struct series *s,
                   int64_t *from_us)
{
    char length[40];
    *from_us = value_or(part->from, 0);
    if (*from_us < s->end_us) return true;
    duration_write(s->end_us, length, sizeof length);
    loading_complain(l, is_there(part->from) ? part->from->at : part->file->at, NULL, NULL,
                     "'from' is beyond the log, which ends after %s", length);
    return false;
}

static enum status keep_outages(struct loading *l, const struct availability *a,
                                const struct outage **log, size_t *n)
{
    struct outage *kept = NULL;
    if ((l->outage_n += a->n) <= LOADING_OUTAGES_MAX)
        kept = arena_zeroed(&l->store->arena, a->n + 1, sizeof *kept);
    else
        return error_set(l->err, STATUS_BAD_INPUT,
                         "the logs of all pools together say more than %d times that a node is out",
                         LOADING_OUTAGES_MAX);
    if (!kept) return error_set(l->err, STATUS_NO_MEMORY, "no memory for %zu outages", a->n);
    memcpy(kept, a->log, a->n * sizeof *kept);
    *log = kept;
    *n = a->n;
    return STATUS_OK;
}

enum status loading_outages(struct loading *l, const struct value *file, enum status status,
                            struct availability *a, const struct outage **log, size_t *n)
{
    if (status == STATUS_OK) status = keep_outages(l, a, log, n);
    availability_free(a);
    if (status != STATUS_BAD_INPUT) return status;
    loading_complain(l, file->at, NULL, NULL, "%s", l->err->message);
    return STATUS_OK;
}
