/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rows.h"

#include <stdlib.h>
#include <string.h>

#include "models/workload/workload.h"
#include "tests/support.h"

struct rows read_rows(const char *path)
{
    struct rows r = { .cell = calloc(ROWS_MAX, sizeof *r.cell) };
    char command[1200];
    snprintf(command, sizeof command, "gzip -dcf '%s'", path);
    char *err;
    assert_int_equal(run_command(command, &r.text, &err), 0);
    free(err);
    int first = 1;
    for (char *save = NULL, *line = strtok_r(r.text, "\r\n", &save); line;
         line = strtok_r(NULL, "\r\n", &save)) {
        if (first) {
            first = 0;
            continue;
        }
        assert_true(r.n < ROWS_MAX);
        int f = 0;
        for (char *cell; f < ROW_FIELDS && (cell = strsep(&line, ",")) != NULL; f++)
            r.cell[r.n][f] = cell;
        r.n++;
    }
    return r;
}

void rows_free(struct rows *r)
{
    free(r->cell);
    free(r->text);
}

int64_t us(const char *seconds) { return strtoll(seconds, NULL, 10) * US_PER_S; }
