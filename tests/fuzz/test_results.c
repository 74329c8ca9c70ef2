/* SPDX-License-Identifier: Apache-2.0 */
/* Results files that are damaged, or that another program wrote with anything in them: they are
 * refused, or every report drawn from them is whole. */
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/contrast_write.h"
#include "reports/data.h"
#include "reports/page.h"
#include "scenarios/diagnostics.h"
#include "tests/mutation.h"
#include "tests/results_fixture.h"
#include "tests/support.h"
#include "tests/xml_check.h"

static struct seeds seeds;
static uint64_t drawn, pages; /* results that were read, pages that were made of them */

/* ---- Reports ---- */

static bool turns_text_around(int32_t p)
{
    return p == 0x61c || p == 0x200e || p == 0x200f || (p >= 0x202a && p <= 0x202e) ||
           (p >= 0x2066 && p <= 0x2069);
}

/* No character in a text for people that does something to a terminal or ends it early. */
static void check_text(const char *what, const char *text, size_t n)
{
    assert_int_equal(strlen(text), n);
    for (const char *c = text; *c;) {
        const char *from = c;
        int32_t p = utf8_next(&c);
        bool control = p < 0x20 || (p >= 0x7f && p < 0xa0);
        if ((control && p != '\n') || turns_text_around(p))
            fail_msg("%s: raw byte 0x%02x: %.60s", what, (unsigned char)*from, from);
    }
}

struct memory {
    char *text;
    size_t n;
    FILE *out;
};

static void memory_open(struct memory *m)
{
    *m = (struct memory){ NULL, 0, NULL };
    m->out = open_memstream(&m->text, &m->n);
    assert_non_null(m->out);
}

static void draw_tables(const struct report_data *d)
{
    static const char *const formats[] = { "table", "md", "csv" };
    for (int i = 0; i < 3; i++) {
        struct memory m;
        struct error err;
        memory_open(&m);
        assert_int_equal(report_table_write(d, formats[i], 0, m.out, &err), STATUS_OK);
        fclose(m.out);
        assert_true(m.n > 0);
        if (i == 0) check_text("table", m.text, m.n);
        free(m.text);
    }
}

static void draw_json(const struct report_data *d)
{
    struct memory m;
    struct error err;
    json_error_t problem;
    memory_open(&m);
    assert_int_equal(report_json_write(d, m.out, &err), STATUS_OK);
    fclose(m.out);
    json_t *json = json_loads(m.text, 0, &problem);
    if (!json) fail_msg("%s", problem.text);
    json_decref(json);
    free(m.text);
}

static void draw_page(const struct report_data *d)
{
    struct memory m;
    struct error err;
    memory_open(&m);
    enum status status = page_write(d, NULL, m.out, &err);
    fclose(m.out);
    check_outcome(status, &err, NULL);
    assert_int_equal(strlen(m.text), m.n);
    const char *wrong = status == STATUS_OK ? xml_trouble(m.text, NULL, NULL) : NULL;
    if (wrong) fail_msg("%s", wrong);
    pages += status == STATUS_OK;
    free(m.text);
}

/* The last fleet against the first. */
static void draw_contrast(const struct report_data *d)
{
    const struct contrast_side sides[] = { { d, 0, d->path, d->fleets[0].name },
                                           { d, d->fleet_n - 1, d->path,
                                             d->fleets[d->fleet_n - 1].name } };
    static const struct contrast_pair pair = { 0, 1 };
    const struct contrast_request request = {
        .sides = sides, .pairs = &pair, .pair_n = 1, .all = true, .family = true
    };
    const struct conditions none = { 0, NULL, false };
    const struct contrast_style style = { 0, 0, true };
    struct contrasts all;
    struct error err = { STATUS_OK, "" };
    struct memory m;
    json_error_t problem;
    assert_int_equal(contrasts_make(&request, &all, &err), STATUS_OK);
    memory_open(&m);
    contrasts_table(&all, &none, &style, m.out);
    fclose(m.out);
    check_text("contrast", m.text, m.n);
    free(m.text);
    memory_open(&m);
    assert_int_equal(contrasts_json(&all, &none, m.out, &err), STATUS_OK);
    fclose(m.out);
    json_t *json = json_loads(m.text, 0, &problem);
    if (!json) fail_msg("%s", problem.text);
    json_decref(json);
    free(m.text);
    contrasts_free(&all);
}

static void read_results(const char *path)
{
    struct report_data d;
    struct error err = { STATUS_OK, "" };
    enum status status = report_data_read(path, true, &d, &err);
    check_outcome(status, &err, NULL);
    if (status != STATUS_OK) return;
    drawn++;
    draw_tables(&d);
    draw_json(&d);
    draw_page(&d);
    draw_contrast(&d);
    report_data_free(&d);
}

/* ---- Files whose bytes are damaged ---- */

static void one_of_bytes(uint64_t input)
{
    size_t n;
    char *bytes = mutated(501, input, &seeds, NULL, &n);
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
    static const char *const tables[] = { "run",        "execution", "input",  "fleet",
                                          "pool",       "slo",       "metric", "charge",
                                          "wait_curve", "sample",    "tenant", "sample_nodes" };
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
    { "run", "state" },
    { "run", "scenario_name" },
    { "run", "workload" },
    { "run", "jobs" },
    { "run", "span_s" },
    { "run", "t0_unix_s" },
    { "run", "books_s" },
    { "run", "seed" },
    { "run", "replications" },
    { "run", "baseline" },
    { "run", "estimates" },
    { "run", "notes" },
    { "run", "rerun" },
    { "execution", "threads" },
    { "execution", "wall_s" },
    { "execution", "host" },
    { "execution", "created_at" },
    { "input", "path" },
    { "input", "bytes" },
    { "fleet", "fleet_id" },
    { "fleet", "name" },
    { "fleet", "summary" },
    { "fleet", "gpus" },
    { "fleet", "nodes" },
    { "fleet", "queue_order" },
    { "pool", "fleet_id" },
    { "pool", "name" },
    { "pool", "nodes" },
    { "pool", "usd_micro_per_node_hour" },
    { "pool", "price_region" },
    { "slo", "metric" },
    { "slo", "target" },
    { "slo", "sense" },
    { "slo", "label" },
    { "metric", "fleet_id" },
    { "metric", "replication" },
    { "metric", "metric" },
    { "metric", "value" },
    { "charge", "kind" },
    { "charge", "use" },
    { "charge", "usd_micro" },
    { "wait_curve", "share" },
    { "wait_curve", "wait_s" },
    { "wait_curve", "replication" },
    { "sample", "t_s" },
    { "sample", "busy_gpus" },
    { "sample", "queued_jobs" },
    { "sample_nodes", "t_s" },
    { "sample_nodes", "busy" },
    { "sample_nodes", "absent" },
    { "tenant", "tenant" },
    { "tenant", "gpu_hours" },
    { "tenant", "p95_wait_s" },
    { "tenant", "usd_micro" },
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
    struct mutator m = { 502, input, 0 };
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

static void add_seed(struct fixture *f)
{
    char partial[600];
    const char *path = scratch_path("seed.db");
    bool whole = strcmp(f->state, "complete") == 0;
    size_t n;
    snprintf(partial, sizeof partial, "%s.partial", path);
    unlink(path);
    unlink(partial);
    fixture_write(f, path);
    if (!whole) assert_int_equal(rename(partial, path), 0);
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
    struct fixture f;
    (void)state;
    fixture_default(&f);
    f.days = 1;
    f.states = true;
    add_seed(&f);
    f.fleets = 1;
    f.replications = 1;
    f.slo_label = NULL;
    f.t0_unix_s = 0.0 / 0.0;
    add_seed(&f);
    f.state = "interrupted";
    f.fleets = 2;
    f.replications = 2;
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
        uint64_t before = pages;
        write_file(scratch_path("seed"), seeds.bytes[i], seeds.n[i]);
        read_results(scratch_path("seed"));
        assert_int_equal(pages, before + 1);
    }
}

/* ---- What once went wrong ---- */

static enum status status_with(const char *change_sql, char message[512])
{
    const char *path = scratch_path("regression.db");
    struct report_data d;
    struct error err = { STATUS_OK, "" };
    sqlite3 *db;
    write_file(path, seeds.bytes[0], seeds.n[0]);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sql(db, change_sql);
    sqlite3_close(db);
    enum status status = report_data_read(path, false, &d, &err);
    if (status == STATUS_OK) {
        FILE *out = fopen("/dev/null", "w");
        status = page_write(&d, NULL, out, &err);
        fclose(out);
        report_data_free(&d);
    }
    snprintf(message, 512, "%s", err.message);
    return status;
}

/* The file stayed open and locked, by a statement that was left half read. */
static void a_second_row_in_run(void **state)
{
    char message[512];
    sqlite3 *db;
    (void)state;
    assert_int_equal(status_with("INSERT INTO run SELECT * FROM run", message), STATUS_BAD_INPUT);
    assert_non_null(strstr(message, "one row in table run"));
    assert_int_equal(sqlite3_open(scratch_path("regression.db"), &db), SQLITE_OK);
    sql(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
    sqlite3_close(db);
}

/* Eight bytes of memory were taken for each value that the file said it had. */
static void more_replications_than_it_holds(void **state)
{
    char message[512];
    (void)state;
    assert_int_equal(status_with("UPDATE run SET replications = 1000000", message),
                     STATUS_BAD_INPUT);
    assert_non_null(strstr(message, "too small for the replications"));
}

/* Figures that contradict each other were called a bug of ours. */
static void figures_that_contradict(void **state)
{
    char message[512];
    (void)state;
    assert_int_equal(status_with("UPDATE metric SET value = 2", message), STATUS_BAD_INPUT);
    assert_non_null(strstr(message, "is damaged"));
}

/* The message was of several lines, the file's own among them. */
static void a_schema_in_the_message(void **state)
{
    char message[512];
    (void)state;
    assert_int_equal(status_with("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = "
                                 "'CREATE TABLE run (\n\"' WHERE name = 'run'",
                                 message),
                     STATUS_BAD_INPUT);
    assert_null(strchr(message, '\n'));
}

/* ---- Tests ---- */

static void damaged_bytes(void **state)
{
    (void)state;
    fuzz("results bytes", 2000, one_of_bytes);
}

static void any_contents(void **state)
{
    uint64_t before = drawn, pages_before = pages;
    (void)state;
    fuzz("results contents", 1000, one_of_contents);
    assert_true(drawn > before && (pages > pages_before || drawn < before + 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_good),
        cmocka_unit_test(a_second_row_in_run),
        cmocka_unit_test(more_replications_than_it_holds),
        cmocka_unit_test(figures_that_contradict),
        cmocka_unit_test(a_schema_in_the_message),
        cmocka_unit_test(damaged_bytes),
        cmocka_unit_test(any_contents),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
