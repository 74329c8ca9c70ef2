/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/merge_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/reading.h"
#include "reports/sweep_results.h"
#include "tools/command.h"

enum { WHY_MAX = 300 };

/* ---- One file ---- */

static int64_t number(struct reading *in, const char *sql)
{
    int64_t value = 0;
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) value = sqlite3_column_int64(q, 0);
    return value;
}

static void read_head(struct reading *in, struct merge_head *head, char **program, int64_t *rows)
{
    sqlite3_stmt *q = reading_query(in, "SELECT identity, scenario_name, scenario_text, seed, "
                                        "tool_version, coalesce(replications, 0), points, "
                                        "coalesce(shards, 0) FROM sweep LIMIT 2");
    while (reading_next(in, q)) {
        if ((*rows)++) continue;
        head->identity = reading_text(in, q, 0);
        head->scenario_name = reading_text(in, q, 1);
        head->scenario_text = reading_text(in, q, 2);
        head->seed = reading_text(in, q, 3);
        *program = reading_text(in, q, 4);
        head->replications = sqlite3_column_int64(q, 5);
        head->points = sqlite3_column_int64(q, 6);
        head->shards = sqlite3_column_int64(q, 7);
    }
}

static void read_points(struct reading *in, struct merge_file *f)
{
    int64_t n = number(in, "SELECT count(*) FROM point WHERE in_sweep");
    if (in->status) return;
    f->points = malloc((size_t)(n + 1) * sizeof *f->points);
    if (!f->points) {
        reading_fail_memory(in);
        return;
    }
    sqlite3_stmt *q =
        reading_query(in, "SELECT point_id FROM point WHERE in_sweep ORDER BY point_id");
    while (reading_next(in, q))
        if ((int64_t)f->point_n < n) f->points[f->point_n++] = sqlite3_column_int64(q, 0);
}

/* A message that begins with the file's name, without it: whoever prints it says that before. */
static const char *without_name(const char *message, const char *path)
{
    size_t n = strlen(path);
    return strncmp(message, path, n) == 0 && message[n] == ' ' ? message + n + 1 : message;
}

/* Why the file is of no use; "": it is. */
static void look_at(struct merge_file *f, char why[WHY_MAX])
{
    struct reading in;
    struct error err = { STATUS_OK, "" };
    int64_t application = 0, version = 0, rows = 0;
    bool sound = false;
    char *program = NULL;
    why[0] = '\0';
    reading_open(&in, f->path, NULL, &err);
    reading_kind(&in, &application, &version);
    if (!in.status && application != SWEEP_APPLICATION_ID) {
        snprintf(why, WHY_MAX, "it is no results file of a sweep");
    } else if (!in.status && version != SWEEP_VERSION) {
        snprintf(why, WHY_MAX, "it is of another version of the format");
    } else {
        sqlite3_stmt *q = reading_query(&in, "PRAGMA integrity_check(1)");
        while (reading_next(&in, q)) sound = reading_is(q, 0, "ok");
        read_head(&in, &f->head, &program, &rows);
        read_points(&in, f);
        if (in.status) snprintf(why, WHY_MAX, "%.250s", without_name(err.message, f->path));
        else if (!sound) snprintf(why, WHY_MAX, "it is damaged: SQLite's integrity check fails");
        else if (rows != 1) snprintf(why, WHY_MAX, "it says nothing of its sweep");
        else if (strcmp(program, SEATRIAL_VERSION) != 0)
            snprintf(why, WHY_MAX, "it is of version %.40s of the program, and this is %s", program,
                     SEATRIAL_VERSION);
        else if (f->point_n && (f->points[0] < 0 || f->points[f->point_n - 1] >= f->head.points))
            snprintf(why, WHY_MAX, "it has points that its sweep does not have");
    }
    if (in.status && !*why) snprintf(why, WHY_MAX, "%.250s", without_name(err.message, f->path));
    free(program);
    reading_close(&in);
}

/* ---- Together ---- */

static bool same_head(const struct merge_head *a, const struct merge_head *b)
{
    return strcmp(a->identity, b->identity) == 0 &&
           strcmp(a->scenario_name, b->scenario_name) == 0 &&
           strcmp(a->scenario_text, b->scenario_text) == 0 && strcmp(a->seed, b->seed) == 0 &&
           a->replications == b->replications && a->points == b->points;
}

static enum status find_owners(struct merge_files *files, struct error *err)
{
    int64_t points = files->items[0].head.points;
    if (points < 0 || points > (INT64_C(1) << 32) ||
        !(files->owner = malloc((size_t)(points + 1) * sizeof *files->owner)))
        return error_set(err, STATUS_NO_MEMORY, "no memory for %" PRId64 " points", points);
    for (int64_t p = 0; p < points; p++) files->owner[p] = -1;
    for (size_t i = 0; i < files->n; i++)
        for (size_t k = 0; k < files->items[i].point_n; k++) {
            int32_t *owner = &files->owner[files->items[i].points[k]];
            if (*owner < 0) *owner = (int32_t)i;
            else files->twice++;
        }
    return STATUS_OK;
}

enum status merge_files_look(const char *const *paths, size_t n, const volatile int *stop,
                             struct merge_files *files, char **problems, struct error *err)
{
    size_t size, bad = 0;
    char(*why)[WHY_MAX] = calloc(n, sizeof *why);
    *problems = NULL;
    *files = (struct merge_files){ .items = calloc(n, sizeof *files->items) };
    FILE *out = open_memstream(problems, &size);
    if (!why || !files->items || !out) {
        if (out) fclose(out);
        free(why);
        return error_set(err, STATUS_NO_MEMORY, "no memory for %zu files", n);
    }
    files->n = n;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < n; i++) {
        files->items[i].path = paths[i];
        if (!*stop) look_at(&files->items[i], why[i]);
    }
    size_t first = 0; /* of those that are good by themselves */
    while (first < n && why[first][0]) first++;
    for (size_t i = 0; i < n && !*stop; i++) {
        if (!why[i][0] && !same_head(&files->items[i].head, &files->items[first].head))
            snprintf(why[i], WHY_MAX,
                     "it is of another scenario, or of other settings, than %.150s", paths[first]);
        if (!why[i][0]) continue;
        fprintf(out, "%s: %s\n", paths[i], why[i]);
        bad++;
    }
    fclose(out);
    free(why);
    if (*stop) return error_set(err, STATUS_INTERRUPTED, "interrupted");
    if (bad) return error_set(err, STATUS_BAD_INPUT, "%zu of %zu files cannot be merged", bad, n);
    return find_owners(files, err);
}

void merge_files_free(struct merge_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        free(files->items[i].head.identity);
        free(files->items[i].head.scenario_name);
        free(files->items[i].head.scenario_text);
        free(files->items[i].head.seed);
        free(files->items[i].points);
    }
    free(files->items);
    free(files->owner);
    *files = (struct merge_files){ 0 };
}
