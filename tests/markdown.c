/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/markdown.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static void *more(void *items, size_t n, size_t size)
{
    if (n & (n - 1)) return items; /* room grows by doubling */
    void *grown = realloc(items, (n ? 2 * n : 1) * size);
    assert_non_null(grown);
    return grown;
}

/* The next cell of a row at *at, which is behind a bar; false at the end of the line. */
static bool next_cell(const char **at, char **cell)
{
    const char *p = *at, *end = p;
    while (*end && *end != '\n' && !(*end == '|' && end[-1] != '\\')) end++;
    if (*end != '|') return false;
    char *to = *cell = malloc((size_t)(end - p) + 1);
    assert_non_null(to);
    while (*p == ' ') p++;
    for (; p < end; p++)
        if (!(*p == '\\' && p[1] == '|')) *to++ = *p;
    while (to > *cell && to[-1] == ' ') to--;
    *to = '\0';
    *at = end + 1;
    return true;
}

static void take_row(struct markdown *m, const char *line, const char *heading, const char *head)
{
    m->rows = more(m->rows, m->row_n, sizeof *m->rows);
    struct markdown_row *row = &m->rows[m->row_n++];
    *row = (struct markdown_row){ .heading = heading, .head = head };
    for (line++; row->n < MARKDOWN_CELLS_MAX && next_cell(&line, &row->cells[row->n]); row->n++) {}
}

static void take_heading(struct markdown *m, const char *line)
{
    size_t n = strcspn(line, "\n");
    if (n >= MARKDOWN_HEADING_SIZE) fail_msg("a heading is too long: %.60s", line);
    memcpy(m->headings[m->heading_n], line, n);
    m->headings[m->heading_n++][n] = '\0';
}

/* From a fence to the line behind its end. */
static const char *take_block(struct markdown *m, const char *fence, size_t line, const char *file)
{
    const char *text = strchr(fence, '\n') + 1, *end = strstr(text - 1, "\n```\n");
    if (!end) fail_msg("the block at line %zu has no end", line);
    m->blocks = more(m->blocks, m->block_n, sizeof *m->blocks);
    struct markdown_block *b = &m->blocks[m->block_n++];
    *b = (struct markdown_block){ .line = line };
    snprintf(b->language, sizeof b->language, "%.*s", (int)strcspn(fence + 3, "\n"), fence + 3);
    snprintf(b->file, sizeof b->file, "%s", file);
    size_t n = end >= text ? (size_t)(end + 1 - text) : 0;
    b->text = malloc(n + 1);
    assert_non_null(b->text);
    memcpy(b->text, text, n);
    b->text[n] = '\0';
    return end + 5;
}

void markdown_read(const char *path, struct markdown *m)
{
    static const char mark[] = "<!-- file: ";
    char file[120] = "";
    const char *heading = "", *head = NULL, *before = NULL;
    size_t line = 1, headings = 0, n;
    memset(m, 0, sizeof *m);
    m->text = read_file(path, &n);
    for (const char *p = m->text; (p = strchr(p, '\n')); p++) headings += p[1] == '#';
    m->headings = calloc(headings + 2, sizeof *m->headings);
    assert_non_null(m->headings);
    for (const char *p = m->text; *p; line++) {
        size_t length = strcspn(p, "\n");
        const char *next = p[length] ? p + length + 1 : p + length;
        if (strncmp(p, "```", 3) == 0) {
            next = take_block(m, p, line, file);
            for (const char *c = p; c + 1 < next; c++) line += *c == '\n';
        } else if (*p == '#') {
            take_heading(m, p);
            heading = m->headings[m->heading_n - 1];
        } else if (*p == '|' && before && *before == '|') {
            if (!head) { /* the head is known once the line of dashes comes */
                take_row(m, before, heading, "");
                head = m->rows[m->row_n - 1].cells[0];
                m->rows[m->row_n - 1].head = NULL;
            } else {
                take_row(m, p, heading, head);
            }
        }
        if (*p != '|') head = NULL;
        if (strncmp(p, mark, sizeof mark - 1) == 0)
            snprintf(file, sizeof file, "%.*s", (int)strcspn(p + sizeof mark - 1, " "),
                     p + sizeof mark - 1);
        else if (length > 0) *file = '\0';
        before = p;
        p = next;
    }
}

void markdown_free(struct markdown *m)
{
    for (size_t i = 0; i < m->row_n; i++)
        for (size_t c = 0; c < m->rows[i].n; c++) free(m->rows[i].cells[c]);
    for (size_t i = 0; i < m->block_n; i++) free(m->blocks[i].text);
    free(m->rows);
    free(m->blocks);
    free(m->headings);
    free(m->text);
}

bool markdown_code(const char *text, size_t i, char *code, size_t size)
{
    for (;; i--) {
        const char *from = strchr(text, '`'), *to = from ? strchr(from + 1, '`') : NULL;
        if (!to) return false;
        if (i == 0) {
            snprintf(code, size, "%.*s", (int)(to - from - 1), from + 1);
            return true;
        }
        text = to + 1;
    }
}

bool markdown_names(const char *text, const char *word)
{
    char marked[200];
    snprintf(marked, sizeof marked, "`%s`", word);
    return strstr(text, marked) != NULL;
}

const struct markdown_row *markdown_find(const struct markdown *m, const char *heading,
                                         const char *head, const char *name)
{
    char code[200];
    for (size_t i = 0; i < m->row_n; i++) {
        const struct markdown_row *row = &m->rows[i];
        if (!row->head || strcmp(row->head, head) != 0) continue;
        if (heading && !strstr(row->heading, heading)) continue;
        if (row->n && markdown_code(row->cells[0], 0, code, sizeof code) && strcmp(code, name) == 0)
            return row;
    }
    return NULL;
}
