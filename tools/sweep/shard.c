/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/shard.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/reading.h"
#include "reports/sweep_results.h"
#include "tools/command.h"

int64_t shard_points(int64_t point_n, int64_t shard, int64_t shards)
{
    return shard < point_n ? (point_n - 1 - shard) / shards + 1 : 0;
}

static void conclude(struct shard_look *look, enum shard_state state, const char *why)
{
    look->state = state;
    snprintf(look->why, sizeof look->why, "%s", why);
}

/* One number of a query; -1 where there is none. */
static int64_t number(struct reading *in, const char *sql)
{
    int64_t value = -1;
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) value = sqlite3_column_int64(q, 0);
    return value;
}

/* Whether the file is of this sweep and this shard; else it says why not. */
static bool is_ours(struct reading *in, const char *identity, int64_t shard, int64_t shards,
                    struct shard_look *look)
{
    int64_t application, version, is_shard = 0, rows = 0;
    bool same = false, same_program = false;
    reading_kind(in, &application, &version);
    if (in->status) return false;
    if (application != SWEEP_APPLICATION_ID) {
        conclude(look, SHARD_FOREIGN, "it is no results file of a sweep");
        return false;
    }
    if (version != SWEEP_VERSION) {
        conclude(look, SHARD_FOREIGN, "it is of another version of the format");
        return false;
    }
    sqlite3_stmt *q = reading_query(in, "SELECT identity, tool_version, shard, shards FROM sweep");
    while (reading_next(in, q)) {
        rows++;
        same = reading_is(q, 0, identity);
        same_program = reading_is(q, 1, SEATRIAL_VERSION);
        is_shard = sqlite3_column_int64(q, 2) == shard && sqlite3_column_int64(q, 3) == shards;
    }
    if (in->status) return false;
    if (rows == 1 && same && is_shard) return true;
    conclude(look, SHARD_FOREIGN,
             rows != 1       ? "it says nothing of its sweep"
             : !same_program ? "it is of another version of the program"
             : !same         ? "it is of another scenario, or of other settings"
                             : "it is another shard's");
    return false;
}

static void count_points(struct reading *in, int64_t point_n, int64_t shard, int64_t shards,
                         struct shard_look *look)
{
    char sql[240], why[100];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM point WHERE in_sweep AND point_id >= 0 AND point_id < %" PRId64
             " AND point_id %% %" PRId64 " = %" PRId64,
             point_n, shards, shard);
    look->done = number(in, sql);
    int64_t all = number(in, "SELECT count(*) FROM point WHERE in_sweep");
    if (in->status) return;
    look->points = shard_points(point_n, shard, shards);
    if (all != look->done || look->done > look->points) {
        look->points = look->done = 0;
        conclude(look, SHARD_BROKEN, "it has points that are not this shard's");
        return;
    }
    snprintf(why, sizeof why, "%" PRId64 " of %" PRId64 " points", look->done, look->points);
    conclude(look, look->done < look->points ? SHARD_PART : SHARD_WHOLE, why);
}

static bool is_sound(struct reading *in)
{
    bool good = false;
    sqlite3_stmt *q = reading_query(in, "PRAGMA integrity_check(1)");
    while (reading_next(in, q)) good = reading_is(q, 0, "ok");
    return good && !in->status;
}

void shard_look(const char *path, const char *identity, int64_t point_n, int64_t shard,
                int64_t shards, int thorough, struct shard_look *look)
{
    struct reading in;
    struct error err = { STATUS_OK, "" };
    *look = (struct shard_look){ 0 };
    if (access(path, F_OK) != 0) {
        conclude(look, errno == ENOENT || errno == ENOTDIR ? SHARD_ABSENT : SHARD_BROKEN,
                 errno == ENOENT || errno == ENOTDIR ? "there is no file" : strerror(errno));
        return;
    }
    reading_open(&in, path, NULL, &err);
    if (thorough && !in.status && !is_sound(&in))
        conclude(look, SHARD_BROKEN, "it is damaged: SQLite's integrity check fails");
    else if (!in.status && is_ours(&in, identity, shard, shards, look))
        count_points(&in, point_n, shard, shards, look);
    if (in.status) {
        *look = (struct shard_look){ 0 };
        conclude(look, SHARD_BROKEN, err.message);
    }
    reading_close(&in);
}

static bool whole_number(const char *text, char end, int64_t *value, const char **behind)
{
    char *stop;
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    *value = strtoll(text, &stop, 10);
    *behind = stop;
    return errno == 0 && *stop == end;
}

enum status shard_named(const char *text, int64_t *shard, int64_t *shards, struct error *err)
{
    const char *slash = strchr(text, '/'), *behind, *index = getenv("SLURM_ARRAY_TASK_ID");
    if (!index) index = getenv("JOB_COMPLETION_INDEX");
    if (!slash || !whole_number(slash + 1, '\0', shards, &behind) || *shards < 1 ||
        *shards > 1000000)
        return error_set(err, STATUS_BAD_INPUT,
                         "--shard wants a shard and how many there are, as 3/20 or env/20, not "
                         "'%.60s'",
                         text);
    bool by_env = strncmp(text, "env/", 4) == 0;
    if (by_env && !index)
        return error_set(err, STATUS_BAD_INPUT,
                         "--shard env/%" PRId64
                         ": neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set",
                         *shards);
    if (by_env ? !whole_number(index, '\0', shard, &behind)
               : !whole_number(text, '/', shard, &behind))
        return error_set(err, STATUS_BAD_INPUT, "'%.60s' is no shard of %" PRId64,
                         by_env ? index : text, *shards);
    if (*shard >= *shards)
        return error_set(err, STATUS_BAD_INPUT,
                         "there is no shard %" PRId64 " of %" PRId64 ": they count from 0", *shard,
                         *shards);
    return STATUS_OK;
}
