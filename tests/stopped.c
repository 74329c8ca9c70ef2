/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/stopped.h"

#include "tests/support.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* -1 where the file is not there or not yet a run. */
static int replications_in(const char *path)
{
    int done = -1;
    sqlite3 *db;
    sqlite3_stmt *query = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT done FROM run", -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        done = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return done;
}

int stopped_between(const char *arguments, const char *db)
{
    /* A shell's background job ignores Ctrl-C until the program says otherwise, which it does
     * before it opens the file: waiting for that, not for a time, cannot be too early. */
    static const char script[] =
        "cd '%s' || exit 9; rm -f %s*; '%s' %s -o %s > /dev/null 2>&1 & pid=$!\n"
        "while [ ! -s %s.partial ] && kill -0 $pid; do :; done\n"
        "sleep %g; kill -INT $pid; wait $pid; true";
    char *program = realpath(seatrial_path(), NULL), whole[512], partial[512];
    double seconds = 0.05;
    int done = -1;
    snprintf(whole, sizeof whole, "%s/%s", scratch_dir(), db);
    snprintf(partial, sizeof partial, "%s/%s.partial", scratch_dir(), db);
    for (int tries = 0; done < 1 && tries < 60; tries++) {
        char command[4096], *out, *err;
        snprintf(command, sizeof command, script, scratch_dir(), db, program, arguments, db, db,
                 seconds);
        int status = run_command(command, &out, &err);
        if (status != 0) fail_msg("%s: exit %d\n%s%s", command, status, out, err);
        free(out);
        free(err);
        bool ended = access(whole, R_OK) == 0;
        if (!ended) done = replications_in(partial);
        seconds *= ended ? 0.6 : 1.4;
    }
    free(program);
    if (done < 1) fail_msg("never stopped between a replication and the end: %s", arguments);
    return done;
}
