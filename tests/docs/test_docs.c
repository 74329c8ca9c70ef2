/* SPDX-License-Identifier: Apache-2.0 */
/* The reference documents against the tables they describe: nothing is left out, nothing is made
 * up. */
#include "tests/support.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/pricing/bill.h"
#include "models/pricing/metering.h"
#include "models/reliability/duration.h"
#include "models/reliability/interruptions.h"
#include "models/scheduling/policy.h"
#include "models/workload/synth.h"
#include "models/world.h"
#include "reports/metrics.h"
#include "scenarios/interruptions/logs.h"
#include "scenarios/pricebook.h"
#include "scenarios/scenario.h"
#include "scenarios/schema.h"
#include "scenarios/traces/formats.h"
#include "scenarios/traces/trace_file.h"
#include "tests/markdown.h"

static void document(const char *name, struct markdown *m)
{
    char path[200];
    snprintf(path, sizeof path, "docs/%s", name);
    markdown_read(root_path(path), m);
}

/* Each row of the tables with this head, under headings that hold `heading`, is in `names`, and
 * each of them has a row. */
static void same_names(const struct markdown *m, const char *heading, const char *head,
                       const char *const *names, size_t n)
{
    size_t rows = 0;
    for (size_t i = 0; i < n; i++)
        if (!markdown_find(m, heading, head, names[i]))
            fail_msg("no row '%s' in the table '%s' of '%s'", names[i], head, heading);
    for (size_t r = 0; r < m->row_n; r++) {
        const struct markdown_row *row = &m->rows[r];
        char code[200];
        size_t i = 0;
        if (!row->head || strcmp(row->head, head) != 0 || !strstr(row->heading, heading)) continue;
        if (!markdown_code(row->cells[0], 0, code, sizeof code)) continue;
        while (i < n && strcmp(names[i], code) != 0) i++;
        if (i == n) fail_msg("there is no '%s', of which '%s' speaks", code, heading);
        rows++;
    }
    assert_int_equal(rows, n);
}

/* ---- Scenarios ---- */

/* The path of the keys in a table: "fleets.NAME.pools[]." under "### `fleets.NAME.pools[]`". */
static void path_of(const struct markdown_row *row, char *path, size_t size)
{
    char inside[100] = "", key[100];
    if (!markdown_code(row->cells[0], 0, key, sizeof key)) fail_msg("a key without code marks");
    markdown_code(row->heading, 0, inside, sizeof inside);
    snprintf(path, size, "%s%s%s", inside, *inside ? "." : "", key);
}

static bool is_key_row(const struct markdown_row *row)
{
    return row->head && strcmp(row->head, "Key") == 0;
}

static const struct markdown_row *key_row(const struct markdown *m, const char *path)
{
    char described[220];
    for (size_t i = 0; i < m->row_n; i++) {
        if (!is_key_row(&m->rows[i])) continue;
        path_of(&m->rows[i], described, sizeof described);
        if (strcmp(described, path) == 0) return &m->rows[i];
    }
    return NULL;
}

/* A text without its code marks. */
static void plain(const char *text, char *out, size_t size)
{
    char *end = out + size - 1;
    for (; *text && out < end; text++)
        if (*text != '`') *out++ = *text;
    *out = '\0';
}

static void check_key(const struct markdown_row *row, const struct schema_key *key)
{
    const struct field *f = key->field;
    char value[600], otherwise[400];
    assert_int_equal(row->n, 4);
    plain(row->cells[1], value, sizeof value);
    plain(row->cells[2], otherwise, sizeof otherwise);
    if (f->range && !strstr(value, f->range))
        fail_msg("%s: '%s' does not say '%s'", key->path, value, f->range);
    for (size_t i = 0; f->choice && f->choice(i); i++)
        if (!markdown_names(row->cells[1], f->choice(i)))
            fail_msg("%s: '%s' does not name '%s'", key->path, value, f->choice(i));
    const char *words = f->required ? "required" : f->otherwise;
    if (strncmp(words, "default: ", 9) == 0) words += 9;
    if (strcmp(otherwise, words) != 0)
        fail_msg("%s: default '%s', but the table of keys says '%s'", key->path, otherwise, words);
}

static void every_key_is_described(void **state)
{
    struct markdown m;
    struct schema_key key;
    size_t n = 0, rows = 0;
    (void)state;
    document("scenario-format.md", &m);
    for (; schema_key_at(n, &key); n++) {
        const struct markdown_row *row = key_row(&m, key.path);
        if (!row) fail_msg("%s is not described", key.path);
        check_key(row, &key);
        assert_non_null(key.field->help);
        assert_true(key.field->required || key.field->otherwise);
    }
    for (size_t i = 0; i < m.row_n; i++) rows += is_key_row(&m.rows[i]);
    assert_int_equal(rows, n); /* so that none is made up */
    assert_true(n > 50);
    markdown_free(&m);
}

/* What the tables of keys say of defaults is so. */
static void defaults_are_as_told(void **state)
{
    static const char text[] =
        "seatrial: 1\nworkload: {synth: {like: itp, jobs: 100, days: 1 day}}\nprices: {region: "
        "us-east-1}\nfleets:\n  f: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, "
        "nodes: "
        "2}, {name: d, instance: dgx-a100, buy: owned, nodes: 1, capex: $1k, life: 1 year, power: "
        "$1 "
        "per kWh, idle_watts: 1 W}]}\n  g: {pools: [{name: p, instance: p4d.24xlarge, buy: "
        "on-demand, nodes: 2}]}\n";
    struct scenario s;
    struct diagnostics d;
    struct error err;
    (void)state;
    write_text(scratch_path("a name.yaml"), text);
    diagnostics_init(&d);
    if (scenario_load(scratch_path("a name.yaml"), NULL, &s, &d, &err) != STATUS_OK)
        fail_msg("%s", d.n ? d.items[0].message : err.message);
    const struct fleet_spec *f = &s.fleets[0];
    const struct owned_terms *o = &f->pools[1].purchase.owned;
    assert_string_equal(s.name, "a name");
    assert_string_equal(f->scheduler.order->name, "fifo");
    assert_string_equal(f->scheduler.placement->name, "pack");
    assert_string_equal(gangs[f->scheduler.gang].name, "fewest-nodes");
    assert_int_equal(s.baseline, 0);
    assert_int_equal(s.replications, 5);
    assert_int_equal(s.seed, 1);
    assert_int_equal(s.sample_us, 60 * (int64_t)US_PER_S);
    assert_int_equal(s.scale_jobs_ppm, 1000000);
    assert_int_equal(s.scale_load_ppm, 1000000);
    assert_true(s.keep_jobs && s.keep_hours && !s.books_drained && !s.replay_recorded);
    assert_null(s.reference_gpu);
    assert_int_equal(o->busy_watts, 6500); /* the instance type's */
    assert_int_equal(o->salvage_usd_micro, 0);
    assert_int_equal(o->pue_ppm, 1000000);
    assert_int_equal(o->space_staff_usd_nano_per_hour, 0);
    assert_int_equal(s.slo.budget_usd_micro_per_month, -1);
    scenario_free(&s);
    diagnostics_free(&d);
}

/* ---- Traces ---- */

static void every_column_of_a_trace_is_described(void **state)
{
    struct markdown m;
    const char *names[64];
    size_t n = 0;
    (void)state;
    document("trace-format.md", &m);
    for (; trace_columns[n].name; n++) {
        names[n] = trace_columns[n].name;
        const struct markdown_row *row = markdown_find(&m, "### Columns", "Column", names[n]);
        if (!row) fail_msg("%s is not described", names[n]);
        assert_int_equal(row->n, 6);
        assert_int_equal(strcmp(row->cells[3], "needed") == 0, trace_columns[n].needed);
    }
    same_names(&m, "### Columns", "Column", names, n);
    for (int s = 0; s < JOB_STATUS_N; s++)
        assert_true(markdown_names(m.text, job_status_name((enum job_status)s)));
    markdown_free(&m);
}

static void every_trace_format_has_a_section(void **state)
{
    struct markdown m;
    const char *names[64];
    size_t n = 0;
    (void)state;
    document("trace-format.md", &m);
    for (; trace_formats[n].name; n++) {
        char heading[80], command[120];
        size_t h = 0;
        names[n] = trace_formats[n].name;
        snprintf(heading, sizeof heading, "### `%s`", names[n]);
        while (h < m.heading_n && strcmp(m.headings[h], heading) != 0) h++;
        if (h == m.heading_n) fail_msg("no section '%s'", heading);
        snprintf(command, sizeof command, "import --from %s ", names[n]);
        if (!strstr(m.text, command)) fail_msg("no example of import --from %s", names[n]);
    }
    same_names(&m, "## Importing", "Format", names, n);
    markdown_free(&m);
}

static void every_log_of_interruptions_is_described(void **state)
{
    struct markdown m;
    const char *names[64];
    size_t n;
    (void)state;
    document("trace-format.md", &m);
    for (n = 0; log_formats[n].name; n++) names[n] = log_formats[n].name;
    same_names(&m, "## Logs of interruptions", "Log", names, n);
    for (n = 0; repair_rules[n].name; n++) names[n] = repair_rules[n].name;
    same_names(&m, "## Logs of interruptions", "Rule", names, n);
    markdown_free(&m);
}

/* ---- Models ---- */

static void every_family_is_described(void **state)
{
    struct markdown m;
    const char *names[64];
    size_t n;
    (void)state;
    document("models.md", &m);
    for (n = 0; queue_orders[n].name; n++) names[n] = queue_orders[n].name;
    same_names(&m, "## Queue orders", "Order", names, n);
    for (n = 0; placements[n].name; n++) names[n] = placements[n].name;
    same_names(&m, "## Placements", "Placement", names, n);
    for (n = 0; gangs[n].name; n++) names[n] = gangs[n].name;
    same_names(&m, "## Gangs", "Rule", names, n);
    for (n = 0; duration_families[n].name; n++) names[n] = duration_families[n].name;
    same_names(&m, "### Durations", "Family", names, n);
    for (n = 0; autoscalers[n]; n++) names[n] = autoscalers[n]->name;
    same_names(&m, "## Autoscaling", "Autoscaler", names, n);
    for (n = 0; n < CHARGE_KIND_N; n++) names[n] = charge_kind_name((enum charge_kind)n);
    same_names(&m, "## The bill", "Line", names, n);
    for (n = 0; billing_rules[n].name; n++) names[n] = billing_rules[n].name;
    same_names(&m, "### A node's life", "Rule", names, n);
    for (n = 0; n < (size_t)synth_preset_count(); n++)
        names[n] = synth_preset_name(synth_preset_at((int32_t)n));
    same_names(&m, "## Synthetic workloads", "Preset", names, n);
    for (n = 0; purchase_options[n].name; n++)
        if (!markdown_names(m.text, purchase_options[n].name))
            fail_msg("%s is not described", purchase_options[n].name);
    for (int r = 0; r < REJECT_N; r++) {
        const char *text = reject_reason_text((enum reject_reason)r);
        if (!strstr(m.text, text)) fail_msg("no job is rejected because it %s", text);
    }
    markdown_free(&m);
}

static void every_metric_is_described(void **state)
{
    struct markdown m;
    const char *names[64];
    size_t n = 0;
    (void)state;
    document("models.md", &m);
    for (; metric_defs[n].name; n++) {
        names[n] = metric_defs[n].name;
        const struct markdown_row *row = markdown_find(&m, "## Metrics", "Metric", names[n]);
        if (!row) fail_msg("%s is not described", names[n]);
        assert_string_equal(row->cells[1], metric_defs[n].unit);
        assert_string_equal(row->cells[2], metric_defs[n].better);
    }
    same_names(&m, "## Metrics", "Metric", names, n);
    markdown_free(&m);
}

/* "| power | $2,869.776000 | ... |" */
static void bill_row(const struct markdown *m, const char *name, int64_t jobs, int64_t idle)
{
    const int64_t values[] = { jobs, idle, jobs + idle };
    char row[300];
    size_t n = (size_t)snprintf(row, sizeof row, "| %s |", name);
    for (int i = 0; i < 3; i++) {
        long long usd = values[i] / 1000000, micro = values[i] % 1000000;
        if (usd >= 1000)
            n += (size_t)snprintf(row + n, sizeof row - n, " $%lld,%03lld.%06lld |", usd / 1000,
                                  usd % 1000, micro);
        else n += (size_t)snprintf(row + n, sizeof row - n, " $%lld.%06lld |", usd, micro);
    }
    if (!strstr(m->text, row)) fail_msg("the worked example should say %s", row);
}

static void the_worked_bill_is_right(void **state)
{
    const __int128 hour_us = (__int128)3600 * 1000000;
    struct markdown m;
    struct charge_line l[CHARGE_KIND_N], sum = { 0, 0 };
    struct purchase rented = { .option = purchase_option_find("on-demand"),
                               .usd_nano_per_hour = INT64_C(21957642000) };
    struct pool_usage use = { .gpus_per_node = 8,
                              .node_us = 16 * 336 * hour_us,
                              .busy_gpu_us = 258048 * hour_us / 10 };
    struct purchase owned = { .option = purchase_option_find("owned"),
                              .owned = { .capex_usd_micro = INT64_C(250000000000),
                                         .salvage_usd_micro = INT64_C(25000000000),
                                         .life_us = (int64_t)(4 * 8760 * hour_us),
                                         .power_usd_nano_per_kwh = 120000000,
                                         .pue_ppm = 1400000,
                                         .busy_watts = 6500,
                                         .idle_watts = 2000,
                                         .space_staff_usd_nano_per_hour = 1200000000 } };
    struct pool_usage month = { .gpus_per_node = 8,
                                .node_us = 6 * 730 * hour_us,
                                .busy_gpu_us = 21024 * hour_us };
    (void)state;
    document("models.md", &m);
    bill_pool(&rented, &use, l);
    bill_row(&m, "on-demand", l[CHARGE_ON_DEMAND].jobs_usd_micro,
             l[CHARGE_ON_DEMAND].idle_usd_micro);
    bill_pool(&owned, &month, l);
    for (int k = CHARGE_AMORTISATION; k <= CHARGE_SPACE_STAFF; k++) {
        bill_row(&m, charge_kind_name((enum charge_kind)k), l[k].jobs_usd_micro,
                 l[k].idle_usd_micro);
        sum.jobs_usd_micro += l[k].jobs_usd_micro;
        sum.idle_usd_micro += l[k].idle_usd_micro;
    }
    bill_row(&m, "together", sum.jobs_usd_micro, sum.idle_usd_micro);
    assert_int_equal(bill_energy_wh(&owned, &month), 28820400);
    assert_non_null(strstr(m.text, "28,820.4 kWh"));
    markdown_free(&m);
}

/* ---- Price books ---- */

/* The columns of a shipped table are those of its section. */
static void check_table_columns(const struct markdown *m, const char *file)
{
    char path[200], heading[80], *names[32];
    size_t n = 0, bytes;
    snprintf(path, sizeof path, "scenarios/prices/%s", file);
    snprintf(heading, sizeof heading, "## %s", file);
    char *text = read_file(root_path(path), &bytes);
    text[strcspn(text, "\n")] = '\0';
    for (char *rest, *word = strtok_r(text, ",", &rest); word && n < 32;
         word = strtok_r(NULL, ",", &rest))
        names[n++] = word;
    same_names(m, heading, "Column", (const char *const *)names, n);
    free(text);
}

static void price_books(void **state)
{
    static const char *const tables[] = { "instances.csv", "prices.csv", "gpus.csv",
                                          "performance.csv", "services.csv" };
    struct markdown m;
    (void)state;
    document("price-books.md", &m);
    for (size_t t = 0; t < 5; t++) check_table_columns(&m, tables[t]);
    markdown_free(&m);
}

static void factors_are_as_told(void **state)
{
    static const char *const classes[] = { "all", "language-model", "vision-classification" };
    struct markdown m;
    struct pricebook book;
    struct arena arena;
    struct diagnostics d;
    struct error err;
    size_t rows = 0;
    (void)state;
    document("price-books.md", &m);
    diagnostics_init(&d);
    arena_init(&arena);
    assert_int_equal(pricebook_init(&book, &arena, &d, &err), STATUS_OK);
    assert_int_equal(pricebook_settle(&book, &d, &err), STATUS_OK);
    for (size_t i = 0; i < m.row_n; i++) {
        const struct markdown_row *row = &m.rows[i];
        char gpu[80], told[40];
        if (!row->head || strcmp(row->head, "GPU") != 0) continue;
        assert_true(markdown_code(row->cells[0], 0, gpu, sizeof gpu));
        for (size_t c = 0; c < 3; c++) {
            double speed;
            assert_true(pricebook_speed(&book, classes[c], gpu, "V100-SXM2", &speed));
            snprintf(told, sizeof told, "%.4f", speed);
            assert_string_equal(row->cells[1 + c], told);
        }
        rows++;
    }
    assert_int_equal(rows, 5);
    for (size_t i = 0; i < book.n[PRICEBOOK_PERFORMANCE]; i++)
        if (!markdown_names(m.text, book.factors[i].class_))
            fail_msg("the class '%s' is not named", book.factors[i].class_);
    pricebook_free(&book);
    arena_free(&arena);
    diagnostics_free(&d);
    markdown_free(&m);
}

/* ---- Results ---- */

/* The columns of one table of a results file, with their types, and no others. */
static void check_columns(const struct markdown *m, sqlite3 *db, const char *table, bool view)
{
    char query[200], heading[100], names[64][64];
    const char *list[64];
    size_t n = 0;
    sqlite3_stmt *q;
    snprintf(heading, sizeof heading, "### `%s`", table);
    snprintf(query, sizeof query, "SELECT name, type FROM pragma_table_info('%s')", table);
    assert_int_equal(sqlite3_prepare_v2(db, query, -1, &q, NULL), SQLITE_OK);
    for (; sqlite3_step(q) == SQLITE_ROW; n++) {
        snprintf(names[n], sizeof names[n], "%s", (const char *)sqlite3_column_text(q, 0));
        list[n] = names[n];
        const struct markdown_row *row = markdown_find(m, heading, "Column", names[n]);
        if (!row) fail_msg("%s.%s is not described", table, names[n]);
        if (!view) assert_string_equal(row->cells[1], (const char *)sqlite3_column_text(q, 1));
    }
    sqlite3_finalize(q);
    same_names(m, heading, "Column", list, n);
}

static void every_table_of_the_results_is_described(void **state)
{
    char command[600];
    struct markdown m;
    sqlite3 *db;
    sqlite3_stmt *q;
    int tables = 0;
    (void)state;
    snprintf(command, sizeof command, "%s run %s -o %s -q", seatrial_path(),
             root_path("scenarios/small.yaml"), scratch_path("small.db"));
    assert_int_equal(run_command(command, NULL, NULL), 0);
    document("results-format.md", &m);
    assert_int_equal(sqlite3_open(scratch_path("small.db"), &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT name, type = 'view' FROM sqlite_schema WHERE type IN "
                           "('table', 'view') AND name NOT LIKE 'sqlite_%'",
                           -1, &q, NULL),
        SQLITE_OK);
    for (; sqlite3_step(q) == SQLITE_ROW; tables++)
        check_columns(&m, db, (const char *)sqlite3_column_text(q, 0), sqlite3_column_int(q, 1));
    sqlite3_finalize(q);
    assert_int_equal(tables, 32);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA application_id", -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    assert_non_null(strstr(m.text, (const char *)sqlite3_column_text(q, 0)));
    sqlite3_finalize(q);
    sqlite3_close(db);
    markdown_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_described),
        cmocka_unit_test(defaults_are_as_told),
        cmocka_unit_test(every_column_of_a_trace_is_described),
        cmocka_unit_test(every_trace_format_has_a_section),
        cmocka_unit_test(every_log_of_interruptions_is_described),
        cmocka_unit_test(every_family_is_described),
        cmocka_unit_test(every_metric_is_described),
        cmocka_unit_test(the_worked_bill_is_right),
        cmocka_unit_test(price_books),
        cmocka_unit_test(factors_are_as_told),
        cmocka_unit_test(every_table_of_the_results_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
