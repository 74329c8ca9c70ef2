/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of other simulators: small CSV files without quotes, a header line first. */
#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

#include <stddef.h>
#include <stdint.h>

enum { ROW_FIELDS = 12, ROWS_MAX = 70000 };

struct rows {
    char *text;
    char *(*cell)[ROW_FIELDS];
    size_t n;
};

/* Plain or .gz. The caller frees it with rows_free. */
struct rows read_rows(const char *path);
void rows_free(struct rows *r);

/* Microseconds of a cell in whole seconds. */
int64_t us(const char *seconds);

#endif
