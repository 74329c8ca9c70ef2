/* SPDX-License-Identifier: Apache-2.0 */
/* Files of sweeps that are damaged, or that another program wrote with anything in them: they are
 * refused, or every report drawn from them is whole. */
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/sweep_data.h"
#include "tests/mutation.h"
#include "tests/results_fixture.h"
#include "tests/support.h"
#include "tests/sweep_fixture.h"
#include "tests/xml_check.h"

static struct seeds seeds;
static uint64_t drawn; /* files that were read */

/* ---- Reports ---- */

enum kind { TABLE, MARKDOWN, CSV, JSON, PAGE, KIND_N };

static void draw(const struct sweep_data *d, enum kind kind)
{
    static const char *const formats[] = { "table", "md", "csv" };
    char *text = NULL;
    size_t n = 0;
    struct error err;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    enum status status = kind == JSON   ? sweep_json_write(d, out, &err)
                         : kind == PAGE ? sweep_page_write(d, NULL, out, &err)
                                        : sweep_table_write(d, formats[kind], 7, 0, out, &err);
    fclose(out);
    if (status) fail_msg("%s", err.message);
    assert_int_equal(strlen(text), n);
    assert_true(n > 0);
    for (const unsigned char *c = (const unsigned char *)text; kind == TABLE && *c; c++)
        assert_true(*c >= ' ' || *c == '\n');
    const char *wrong = kind == PAGE ? xml_trouble(text, NULL, NULL) : NULL;
    if (wrong) fail_msg("%s", wrong);
    json_t *json = kind == JSON ? json_loads(text, 0, NULL) : NULL;
    assert_true(kind != JSON || json);
    json_decref(json);
    free(text);
}

static void read_results(const char *path)
{
    struct sweep_data d;
    struct error err = { STATUS_OK, "" };
    enum status status = sweep_read(path, &d, &err);
    check_outcome(status, &err, NULL);
    if (status != STATUS_OK) return;
    drawn++;
    for (int k = 0; k < KIND_N; k++) draw(&d, (enum kind)k);
    sweep_data_free(&d);
}

/* ---- Files whose bytes are damaged ---- */

static void one_of_bytes(uint64_t input)
{
    size_t n;
    char *bytes = mutated(511, input, &seeds, NULL, &n);
    write_file(scratch_path("damaged.db"), bytes, n);
    free(bytes);
    read_results(scratch_path("damaged.db"));
}

/* ---- Files whose contents are anything ---- */

static void sql(sqlite3 *db, const char *text)
{
    char *why = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", text, why);
}

/* The same tables without types, checks and keys: what follows may put anything anywhere. */
static void loosen(sqlite3 *db)
{
    static const char *const tables[] = { "sweep", "execution", "input",      "point", "param",
                                          "fleet", "target",    "metric_def", "metric" };
    char text[400];
    sql(db, "DROP VIEW result");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        snprintf(text, sizeof text,
                 "CREATE TABLE loose AS SELECT * FROM %s; DROP TABLE %s; ALTER TABLE loose RENAME "
                 "TO %s",
                 tables[i], tables[i], tables[i]);
        sql(db, text);
    }
}

static const char *const columns[][2] = {
    { "sweep", "state" },       { "sweep", "scenario_name" },  { "sweep", "seed" },
    { "sweep", "points" },      { "sweep", "shard" },          { "sweep", "shards" },
    { "sweep", "identity" },    { "sweep", "rerun" },          { "execution", "created_at" },
    { "execution", "host" },    { "execution", "threads" },    { "execution", "wall_s" },
    { "input", "role" },        { "input", "path" },           { "input", "bytes" },
    { "point", "point_id" },    { "point", "in_sweep" },       { "point", "replications" },
    { "point", "ended" },       { "point", "jobs" },           { "point", "workload" },
    { "point", "seed" },        { "point", "antithetic" },     { "point", "price_as_of" },
    { "param", "point_id" },    { "param", "place" },          { "param", "key" },
    { "param", "value" },       { "param", "number" },         { "fleet", "point_id" },
    { "fleet", "fleet_id" },    { "fleet", "name" },           { "fleet", "summary" },
    { "fleet", "gpus" },        { "fleet", "nodes" },          { "fleet", "queue_order" },
    { "fleet", "is_baseline" }, { "fleet", "tail" },           { "target", "point_id" },
    { "target", "metric_id" },  { "target", "target" },        { "target", "sense" },
    { "target", "label" },      { "metric_def", "metric_id" }, { "metric_def", "metric" },
    { "metric", "point_id" },   { "metric", "fleet_id" },      { "metric", "replication" },
    { "metric", "metric_id" },  { "metric", "value" },
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

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

/* A value in a column: of one row, or of all. */
static void change(struct mutator *m, sqlite3 *db)
{
    const char *const *column = columns[mutator_below(m, COLUMN_COUNT)];
    char text[300];
    sqlite3_stmt *statement;
    snprintf(text, sizeof text, "UPDATE %s SET %s = ?1 WHERE rowid %% %d = 0", column[0], column[1],
             1 + (int)mutator_below(m, 3));
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
    bind_anything(m, statement);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
}

static void add_or_drop(struct mutator *m, sqlite3 *db)
{
    const char *name = columns[mutator_below(m, COLUMN_COUNT)][0];
    char text[300];
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
    struct mutator m = { 512, input, 0 };
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
    read_results(path);
}

/* ---- Seeds ---- */

static void add_seed(const struct sweep_fixture *f)
{
    char partial[600];
    const char *path = scratch_path("seed.db");
    size_t n;
    snprintf(partial, sizeof partial, "%s.partial", path);
    unlink(path);
    unlink(partial);
    sweep_fixture_write(f, path);
    if (strcmp(f->state, "complete") != 0) assert_int_equal(rename(partial, path), 0);
    sqlite3 *db;
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
    struct sweep_fixture f;
    (void)state;
    sweep_fixture_default(&f);
    add_seed(&f);
    f.loads = f.fleets = 2;
    f.own_seeds = true;
    f.tail = "variance";
    sweep_fixture_fill(&f);
    add_seed(&f);
    f.antithetic = true;
    f.finished = 5;
    f.target_s = 0.0 / 0.0;
    f.state = "interrupted";
    add_seed(&f);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    seeds_free(&seeds);
    return 0;
}

static void seeds_are_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < seeds.count; i++) {
        uint64_t before = drawn;
        write_file(scratch_path("seed"), seeds.bytes[i], seeds.n[i]);
        read_results(scratch_path("seed"));
        assert_int_equal(drawn, before + 1);
    }
}

static void damaged_bytes(void **state)
{
    (void)state;
    fuzz("sweep-bytes", 1000, one_of_bytes);
}

static void any_contents(void **state)
{
    (void)state;
    uint64_t before = drawn;
    fuzz("sweep-contents", 1000, one_of_contents);
    assert_true(drawn > before); /* some are read all the same, and drawn */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_good),
        cmocka_unit_test(damaged_bytes),
        cmocka_unit_test(any_contents),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
