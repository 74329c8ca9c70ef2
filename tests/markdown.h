/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of Markdown as the documents need to be checked: headings, rows of tables, fenced blocks.
 *
 *     ### `run`                         heading "### `run`"
 *     | Column | Type |                 row: under that heading, of a table whose head begins
 * "Column"
 *     |---|---|
 *     | `state` | TEXT |
 *     <!-- file: a.yaml -->             the block that follows is the file a.yaml
 *     ```yaml
 */
#ifndef TESTS_MARKDOWN_H
#define TESTS_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

enum { MARKDOWN_CELLS_MAX = 8, MARKDOWN_HEADING_SIZE = 160 };

struct markdown_row {
    const char *heading; /* the one above it, with its hashes */
    const char *head;    /* first cell of the table's head */
    size_t n;
    char *cells[MARKDOWN_CELLS_MAX]; /* trimmed; \| is | */
};

struct markdown_block {
    char language[16];
    char file[120]; /* "" where it is none */
    size_t line;    /* of its fence, from 1 */
    char *text;
};

struct markdown {
    char *text;
    struct markdown_row *rows;
    size_t row_n;
    struct markdown_block *blocks;
    size_t block_n;
    char (*headings)[MARKDOWN_HEADING_SIZE];
    size_t heading_n;
};

/* Fails the test where the file cannot be read. */
void markdown_read(const char *path, struct markdown *m);
void markdown_free(struct markdown *m);
/* The i-th `code` of a text; false where there are fewer. */
bool markdown_code(const char *text, size_t i, char *code, size_t size);
/* Whether the text holds `word` in code marks. */
bool markdown_names(const char *text, const char *word);
/* The row of a table with this head, under a heading that holds `heading` (NULL: any), whose first
 * code is `name`; NULL where there is none. */
const struct markdown_row *markdown_find(const struct markdown *m, const char *heading,
                                         const char *head, const char *name);

#endif
