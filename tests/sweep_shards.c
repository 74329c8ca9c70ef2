/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sweep_shards.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/sweep_results.h"
#include "tests/support.h"
#include "tools/command.h"

static void run_sql(sqlite3 *db, char *sql)
{
    assert_non_null(sql);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_free(sql);
}

void write_shard(const char *path, const char *identity, int64_t points, int64_t shard,
                 int64_t shards, int64_t done)
{
    sqlite3 *db;
    char *schema = read_file(root_path("reports/sweep.sql"), NULL);
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    run_sql(db, sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN; %s",
                                SWEEP_APPLICATION_ID, SWEEP_VERSION, schema));
    run_sql(db, sqlite3_mprintf(
                    "INSERT INTO sweep VALUES (1, 'complete', %Q, '', 'test', '', '', NULL, "
                    "%lld, %lld, %lld, %Q, '')",
                    identity, (long long)points, (long long)shard, (long long)shards,
                    SEATRIAL_VERSION));
    for (int64_t i = 0; i < done; i++)
        run_sql(
            db,
            sqlite3_mprintf(
                "INSERT INTO point VALUES (%lld, 1, 'x', 1, 'all', 1, '', '1', 0, '2026-07-20')",
                (long long)(shard + i * shards)));
    run_sql(db, sqlite3_mprintf("COMMIT"));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    free(schema);
}
