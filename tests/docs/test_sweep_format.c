/* SPDX-License-Identifier: Apache-2.0 */
/* docs/sweep-format.md says what a sweep's file and its JSON hold, all of it and no more; its
 * queries, run on a sweep made by hand, give what they are said to. */
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "reports/sweep_results.h"
#include "tests/markdown.h"
#include "tests/support.h"
#include "tests/sweep_fixture.h"

static sqlite3 *sweep(void)
{
    static sqlite3 *db;
    struct sweep_fixture f;
    if (db) return db;
    sweep_fixture_default(&f);
    sweep_fixture_write(&f, scratch_path("documented.db"));
    assert_int_equal(
        sqlite3_open_v2(scratch_path("documented.db"), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return db;
}

static void every_column_is_described(void **state)
{
    (void)state;
    struct markdown m;
    sqlite3_stmt *q;
    size_t columns = 0, rows = 0;
    markdown_read(root_path("docs/sweep-format.md"), &m);
    assert_int_equal(
        sqlite3_prepare_v2(sweep(),
                           "SELECT s.name, c.name, c.type FROM sqlite_schema s, "
                           "pragma_table_info(s.name) c WHERE s.type = 'table' AND s.name NOT LIKE "
                           "'sqlite_%'",
                           -1, &q, NULL),
        SQLITE_OK);
    for (; sqlite3_step(q) == SQLITE_ROW; columns++) {
        char heading[100];
        const char *table = (const char *)sqlite3_column_text(q, 0),
                   *column = (const char *)sqlite3_column_text(q, 1);
        snprintf(heading, sizeof heading, "### `%s`", table);
        const struct markdown_row *row = markdown_find(&m, heading, "Column", column);
        if (!row) fail_msg("%s.%s is not described", table, column);
        assert_string_equal(row->cells[1], (const char *)sqlite3_column_text(q, 2));
    }
    sqlite3_finalize(q);
    for (size_t r = 0; r < m.row_n; r++)
        rows += m.rows[r].head && !strcmp(m.rows[r].head, "Column");
    assert_int_equal(rows, columns);
    char id[24];
    snprintf(id, sizeof id, "%d", SWEEP_APPLICATION_ID);
    assert_non_null(strstr(m.text, id));
    markdown_free(&m);
}

/* The rows as sqlite3 -header prints them; malloc'd. */
static char *query_text(const char *query)
{
    char *text = NULL;
    size_t n = 0;
    sqlite3_stmt *q;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    if (sqlite3_prepare_v2(sweep(), query, -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query, sqlite3_errmsg(sweep()));
    int columns = sqlite3_column_count(q);
    for (int c = 0; c < columns; c++)
        fprintf(out, "%s%s", sqlite3_column_name(q, c), c + 1 < columns ? "|" : "\n");
    while (sqlite3_step(q) == SQLITE_ROW)
        for (int c = 0; c < columns; c++) {
            const char *cell = (const char *)sqlite3_column_text(q, c);
            fprintf(out, "%s%s", cell ? cell : "", c + 1 < columns ? "|" : "\n");
        }
    assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void every_query_prints_what_is_shown(void **state)
{
    (void)state;
    struct markdown m;
    int queries = 0;
    markdown_read(root_path("docs/sweep-format.md"), &m);
    for (size_t i = 0; i + 1 < m.block_n; i++) {
        if (strcmp(m.blocks[i].language, "sql") != 0) continue;
        char *text = query_text(m.blocks[i].text);
        if (strcmp(text, m.blocks[i + 1].text) != 0)
            fail_msg("sweep-format.md:%zu prints\n%sand should print\n%s", m.blocks[i].line, text,
                     m.blocks[i + 1].text);
        free(text);
        queries++;
    }
    assert_int_equal(queries, 3);
    markdown_free(&m);
}

/* Keys under `metrics` are names of metrics. */
static void keys_are_named(const char *text, const json_t *value)
{
    const char *key;
    json_t *inside;
    size_t i;
    json_array_foreach((json_t *)value, i, inside) keys_are_named(text, inside);
    json_object_foreach((json_t *)value, key, inside)
    {
        if (!markdown_names(text, key)) fail_msg("the key %s is not described", key);
        keys_are_named(text, inside);
    }
}

static void every_key_of_json_is_described(void **state)
{
    (void)state;
    struct sweep_fixture f;
    struct sweep_data d;
    struct markdown m;
    struct error err;
    char *text = NULL;
    size_t n = 0;
    sweep_fixture_default(&f);
    sweep_fixture_read(&f, &d);
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    assert_int_equal(sweep_json_write(&d, out, &err), STATUS_OK);
    assert_int_equal(fclose(out), 0);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    markdown_read(root_path("docs/sweep-format.md"), &m);
    keys_are_named(m.text, json);
    markdown_free(&m);
    json_decref(json);
    free(text);
    sweep_data_free(&d);
}

static int close_sweep(void **state)
{
    (void)state;
    return sqlite3_close(sweep());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_is_described),
        cmocka_unit_test(every_query_prints_what_is_shown),
        cmocka_unit_test(every_key_of_json_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, close_sweep);
}
