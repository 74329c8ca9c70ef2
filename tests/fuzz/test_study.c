/* SPDX-License-Identifier: Apache-2.0 */
/* Files of Monte Carlo studies that are damaged, or that another program wrote with anything in
 * them: they are refused, or every answer drawn from them is whole. */
#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/montecarlo_fixture.h"
#include "tests/mutation.h"
#include "tests/results_fixture.h"
#include "tests/support.h"
#include "tests/xml_check.h"

static struct seeds seeds;
static uint64_t drawn; /* studies that were read, and drawn whole */

/* ---- Answers ---- */

static void check_lines(const char *what, const char *text, size_t n)
{
    assert_int_equal(strlen(text), n);
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\n') || text[i] == 0x7f)
            fail_msg("%s: raw byte 0x%02x: %.60s", what, (unsigned char)text[i], text + i);
}

/* What one of the writers leaves; its status where that is not NULL, else it is well. */
static char *written(const struct montecarlo_data *d, const char *format, enum status *status,
                     struct error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    enum status got;
    assert_non_null(out);
    if (strcmp(format, "html") == 0) got = montecarlo_page_write(d, NULL, out, err);
    else if (strcmp(format, "json") == 0) got = montecarlo_json_write(d, out, err);
    else got = montecarlo_table_write(d, format, 0, out, err);
    fclose(out);
    assert_int_equal(strlen(text), n);
    if (strcmp(format, "table") == 0) check_lines(format, text, n);
    if (status) *status = got;
    else assert_int_equal(got, STATUS_OK);
    return text;
}

static void read_study(const char *path)
{
    static const char *const tables[] = { "table", "md", "csv" };
    struct montecarlo_data d;
    struct error err = { STATUS_OK, "" };
    json_error_t problem;
    enum status status = montecarlo_read(path, &d, &err);
    check_outcome(status, &err, NULL);
    if (status != STATUS_OK) return;
    for (int i = 0; i < 3; i++) free(written(&d, tables[i], NULL, &err));
    char *text = written(&d, "json", NULL, &err);
    json_t *json = json_loads(text, 0, &problem);
    if (!json) fail_msg("%s", problem.text);
    json_decref(json);
    free(text);
    text = written(&d, "html", &status, &err);
    check_outcome(status, &err, NULL);
    const char *wrong = status == STATUS_OK ? xml_trouble(text, NULL, NULL) : NULL;
    if (wrong) fail_msg("%s", wrong);
    drawn += status == STATUS_OK;
    free(text);
    montecarlo_data_free(&d);
}

/* ---- Files whose bytes are damaged ---- */

static void one_of_bytes(uint64_t input)
{
    size_t n;
    char *bytes = mutated(601, input, &seeds, NULL, &n);
    write_file(scratch_path("damaged.db"), bytes, n);
    free(bytes);
    read_study(scratch_path("damaged.db"));
}

/* ---- Files whose contents are anything ---- */

static void sql(sqlite3 *db, const char *text)
{
    char *why = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", text, why);
}

enum { NAMES = 400 };

/* The first column of what a query finds; returns how many. */
static int names_of(sqlite3 *db, const char *query, char names[NAMES][80])
{
    sqlite3_stmt *statement;
    int n = 0;
    assert_int_equal(sqlite3_prepare_v2(db, query, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW && n < NAMES)
        snprintf(names[n++], 80, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return n;
}

static const char all_tables[] = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1";
static const char all_columns[] = "SELECT 'UPDATE ' || m.name || ' SET ' || c.name FROM "
                                  "sqlite_master m, pragma_table_info(m.name) "
                                  "c WHERE m.type = 'table' ORDER BY 1";

/* The same tables without types, checks and keys: what follows may put anything anywhere. */
static void loosen(sqlite3 *db)
{
    static char names[NAMES][80];
    char text[400];
    int n = names_of(db, all_tables, names);
    assert_true(n >= 14);
    for (int i = 0; i < n; i++) {
        snprintf(
            text, sizeof text,
            "CREATE TABLE loose AS SELECT * FROM %.79s; DROP TABLE %.79s; ALTER TABLE loose RENAME "
            "TO %.79s",
            names[i], names[i], names[i]);
        sql(db, text);
    }
}

static void bind_anything(struct mutator *m, sqlite3_stmt *statement)
{
    static const double reals[] = { 0, -0.0, -1, 0.5, 1, 1e308, -1e308, 1e-308, 4e18, 1e15 };
    static const int64_t wholes[] = { 0, 1, -1, 2, 3, 1000000, INT32_MAX, INT64_MAX, INT64_MIN };
    size_t hostile = 0;
    while (hostile_names[hostile]) hostile++;
    switch (mutator_below(m, 6)) {
    case 0: sqlite3_bind_null(statement, 1); break;
    case 1: sqlite3_bind_double(statement, 1, reals[mutator_below(m, 10)]); break;
    case 2: sqlite3_bind_int64(statement, 1, wholes[mutator_below(m, 9)]); break;
    case 3: sqlite3_bind_text(statement, 1, interesting_word(m), -1, SQLITE_STATIC); break;
    case 4:
        sqlite3_bind_text(statement, 1, hostile_names[mutator_below(m, hostile)], -1,
                          SQLITE_STATIC);
        break;
    default: sqlite3_bind_blob(statement, 1, "\0\xff\x01", 3, SQLITE_STATIC); break;
    }
}

/* A value in a column: of one row in one, two or three. */
static void change(struct mutator *m, sqlite3 *db)
{
    static char updates[NAMES][80];
    char text[300];
    sqlite3_stmt *statement;
    int n = names_of(db, all_columns, updates);
    snprintf(text, sizeof text, "%s = ?1 WHERE rowid %% %d = 0",
             updates[mutator_below(m, (uint64_t)n)], 1 + (int)mutator_below(m, 3));
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
    bind_anything(m, statement);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
}

static void add_or_drop(struct mutator *m, sqlite3 *db)
{
    static char names[NAMES][80];
    char text[300];
    const char *name = names[mutator_below(m, (uint64_t)names_of(db, all_tables, names))];
    if (mutator_below(m, 2))
        snprintf(text, sizeof text, "DELETE FROM %s WHERE rowid %% %d = 0", name,
                 1 + (int)mutator_below(m, 3));
    else
        snprintf(text, sizeof text, "INSERT INTO %s SELECT * FROM %s LIMIT %d", name, name,
                 1 + (int)mutator_below(m, 40));
    sql(db, text);
}

static void one_of_contents(uint64_t input)
{
    struct mutator m = { 602, input, 0 };
    const char *path = scratch_path("anything.db");
    sqlite3 *db;
    size_t s = mutator_below(&m, seeds.count);
    write_file(path, seeds.bytes[s], seeds.n[s]);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sql(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    for (uint64_t left = 1 + mutator_below(&m, 3); left > 0; left--) {
        if (mutator_below(&m, 4)) change(&m, db);
        else add_or_drop(&m, db);
    }
    sql(db, "COMMIT");
    sqlite3_close(db);
    read_study(path);
}

/* ---- Seeds ---- */

static void add_seed(const struct montecarlo_fixture *f)
{
    const char *path = scratch_path("seed.db");
    size_t n;
    sqlite3 *db;
    remove(path);
    montecarlo_fixture_write(f, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    loosen(db);
    sql(db, "VACUUM");
    sqlite3_close(db);
    char *bytes = read_file(path, &n);
    seeds_add(&seeds, bytes, n);
    free(bytes);
}

static int start(void **state)
{
    struct montecarlo_fixture f;
    (void)state;
    montecarlo_fixture_default(&f);
    add_seed(&f);
    f.plans = 1;
    f.baseline = 0;
    f.budget_usd_per_year = f.tolerance = NAN;
    f.months = 0;
    f.curves = f.checks = f.enough = f.regrets = false;
    add_seed(&f);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    seeds_free(&seeds);
    return 0;
}

/* ---- What once went wrong ---- */

/* It was written before the first month. */
static void a_month_before_the_first(void **state)
{
    const char *path = scratch_path("regression.db");
    struct montecarlo_data d;
    struct error err = { STATUS_OK, "" };
    sqlite3 *db;
    (void)state;
    write_file(path, seeds.bytes[0], seeds.n[0]);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sql(db, "UPDATE fan SET month = -1");
    sqlite3_close(db);
    assert_int_equal(montecarlo_read(path, &d, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "a month of a fan is missing"));
}

/* ---- Tests ---- */

static void seeds_are_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < seeds.count; i++) {
        uint64_t before = drawn;
        write_file(scratch_path("seed"), seeds.bytes[i], seeds.n[i]);
        read_study(scratch_path("seed"));
        assert_int_equal(drawn, before + 1);
    }
}

static void damaged_bytes(void **state)
{
    (void)state;
    fuzz("study bytes", 2000, one_of_bytes);
}

static void any_contents(void **state)
{
    uint64_t before = drawn;
    (void)state;
    fuzz("study contents", 1000, one_of_contents);
    assert_true(drawn > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_good),
        cmocka_unit_test(a_month_before_the_first),
        cmocka_unit_test(damaged_bytes),
        cmocka_unit_test(any_contents),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
