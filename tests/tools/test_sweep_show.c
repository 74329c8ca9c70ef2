/* SPDX-License-Identifier: Apache-2.0 */
/* What `seatrial sweep` and `seatrial report` show of a finished sweep, and how they exit. */
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static const char scenario[] =
    "seatrial: 1\nname: shown\n"
    "workload: {synth: {like: itp, jobs: 120, days: 1 day, load: 40 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "slo: {p95_wait: %s}\n"
    "fleets:\n"
    "  today:\n"
    "    scheduler: {order: fifo}\n"
    "    pools: [{name: main, instance: p4d.24xlarge, buy: on-demand, nodes: 8}]\n"
    "run: {replications: 4, seed: 1}\n"
    "vary:\n"
    "  - fleets.today.pools.main.nodes: %s\n"
    "  - fleets.today.scheduler.order: [fifo, easy]\n";

/* Runs `seatrial ARGUMENTS` in the scratch folder. */
static int seatrial(const char *arguments, char **out, char **err)
{
    char command[2000], *program = realpath(seatrial_path(), NULL);
    assert_non_null(program);
    snprintf(command, sizeof command, "cd '%s' && '%s' %s", scratch_dir(), program, arguments);
    free(program);
    return run_command(command, out, err);
}

static void write_scenario(const char *name, const char *target, const char *nodes)
{
    char text[1000];
    snprintf(text, sizeof text, scenario, target, nodes);
    write_text(scratch_path(name), text);
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("no '%s' in\n%s", part, text);
}

static void test_again_is_the_same(void **state)
{
    (void)state;
    char *first, *again, *err;
    write_scenario("easy.yaml", "24 h", "[6, 30]");
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db", &first, &err), 0);
    expect(err, "4 points; 4 run");
    expect(first, "> 6       easy");
    expect(first, "is the cheapest that surely meets every target");
    free(err);
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db", &again, &err), 0);
    expect(err, "4 of them known before; 0 run");
    assert_string_equal(first, again);
    free(again);
    free(err);
    assert_int_equal(seatrial("report easy.db --format table", &again, &err), 0);
    assert_string_equal(first, again);
    free(again);
    free(err);
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db -q --top 1", &again, &err), 0);
    expect(again, "1 of 4 rows: --top N shows more, --format csv has all");
    assert_string_equal(err, "");
    free(again);
    free(err);
    free(first);
}

/* The point that is the scenario as it stands is marked wherever rows are shown, also of merged
 * shards; where none is, nothing is said. */
static void test_today(void **state)
{
    (void)state;
    char *out, *merged;
    write_scenario("now.yaml", "24 h", "[6, 8]");
    assert_int_equal(seatrial("sweep now.yaml -o now.db -q", &out, NULL), 0);
    expect(out, "= 8       fifo");
    expect(out, "=: Today it is nodes=8, order=fifo: $128k a month, p95 wait ");
    assert_int_equal(seatrial("sweep now.yaml --shard 0/2 -o n0.db -q", NULL, NULL), 0);
    assert_int_equal(seatrial("sweep now.yaml --shard 1/2 -o n1.db -q", NULL, NULL), 0);
    assert_int_equal(seatrial("merge n0.db n1.db -o n.db -q", NULL, NULL), 0);
    assert_int_equal(seatrial("report n.db --format table", &merged, NULL), 0);
    assert_string_equal(out, merged);
    free(out);
    free(merged);
    assert_int_equal(seatrial("report now.db --json | grep -c '\"today\": true'", &out, NULL), 0);
    assert_string_equal(out, "1\n");
    free(out);
    assert_int_equal(seatrial("report now.db -o now.html", NULL, NULL), 0);
    size_t n;
    char *page = read_file(scratch_path("now.html"), &n);
    expect(page, "<small>today; 8 x p4d.24xlarge");
    expect(page, "today (square)");
    free(page);
    write_scenario("easy.yaml", "24 h", "[6, 30]");
    assert_int_equal(seatrial("sweep easy.yaml -o other.db -q", &out, NULL), 0);
    assert_null(strstr(out, "Today"));
    free(out);
}

static void test_targets_and_exit(void **state)
{
    (void)state;
    char *out;
    write_scenario("easy.yaml", "24 h", "[6, 30]");
    write_scenario("hard.yaml", "1 s", "[6, 30]");
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db -q --slo", NULL, NULL), 0);
    /* On 30 nodes nobody waits; on 5 or 6 somebody does. */
    assert_int_equal(seatrial("sweep hard.yaml -o hard.db -q --slo", NULL, NULL), 0);
    write_scenario("none.yaml", "1 s", "[5, 6]");
    assert_int_equal(seatrial("sweep none.yaml -o none.db -q --slo", &out, NULL), 1);
    expect(out, "meets every target");
    expect(out, "Nearest: ");
    free(out);
}

static void test_for_programs(void **state)
{
    (void)state;
    char *out, *csv;
    size_t n;
    write_scenario("easy.yaml", "24 h", "[6, 30]");
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db -q --json --csv all.csv", &out, NULL), 0);
    assert_int_equal(*out, '{');
    expect(out, "\"format_version\": \"1.0\"");
    free(out);
    csv = read_file(scratch_path("all.csv"), &n);
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db -q --csv -", &out, NULL), 0);
    assert_string_equal(out, csv);
    free(out);
    assert_int_equal(seatrial("report easy.db --format csv", &out, NULL), 0);
    assert_string_equal(out, csv);
    free(out);
    free(csv);
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db -q --format markdown", &out, NULL), 0);
    assert_int_equal(strncmp(out, "**nodes=6", 9), 0);
    free(out);
}

/* Of many numbers eight groups are made. */
static void test_many_values(void **state)
{
    (void)state;
    char *out;
    write_scenario("many.yaml", "24 h", "6..29");
    assert_int_equal(seatrial("sweep many.yaml -o many.db -q --json", &out, NULL), 0);
    expect(out, "\"level\": \"6 to 8\"");
    expect(out, "\"level\": \"27 to 29\"");
    free(out);
}

static void test_one_replication(void **state)
{
    (void)state;
    char *out, *page;
    size_t n;
    write_scenario("easy.yaml", "24 h", "[6, 30]");
    assert_int_equal(seatrial("sweep easy.yaml -o single.db -q --replications 1 --slo", &out, NULL),
                     0);
    expect(out, "One replication: these figures have no interval.");
    expect(out, "a month: one replication, no interval.");
    free(out);
    assert_int_equal(seatrial("report single.db -o single.html --no-png", NULL, NULL), 0);
    page = read_file(scratch_path("single.html"), &n);
    expect(page, "One replication a point: no figure here has an interval.");
    expect(page, "n = 1: no intervals.");
    free(page);
}

static void test_page(void **state)
{
    (void)state;
    char *err, *page;
    size_t n;
    write_scenario("easy.yaml", "24 h", "[6, 30]");
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db -q", NULL, NULL), 0);
    assert_int_equal(seatrial("report easy.db -o easy.html", NULL, &err), 0);
    expect(err, "easy.html: one file");
    free(err);
    page = read_file(scratch_path("easy.html"), &n);
    expect(page, "Cheapest that surely meets every target");
    free(page);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *line, *why;
    } cases[] = {
        { "sweep easy.yaml -o easy.db --format money", "--format is table, md or csv" },
        { "sweep easy.yaml -o easy.db --format md --json", "one of them" },
        { "sweep easy.yaml -o easy.db --csv - --json", "takes standard output" },
        { "sweep easy.yaml -o easy.db --top 0", "--top" },
        { "sweep easy.yaml -o part.db --shard 0/2 --slo", "--shard makes a part" },
        { "sweep easy.yaml -o easy.db --csv /nowhere/x.csv", "cannot write /nowhere/x.csv" },
        { "report easy.db --format money", "is a sweep" },
        { "report easy.db --format table --top x", "--top" },
    };
    write_scenario("easy.yaml", "24 h", "[6, 30]");
    assert_int_equal(seatrial("sweep easy.yaml -o easy.db -q", NULL, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *err;
        if (seatrial(cases[i].line, NULL, &err) != 2) fail_msg("%s: not refused", cases[i].line);
        expect(err, cases[i].why);
        free(err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again_is_the_same),
        cmocka_unit_test(test_targets_and_exit),
        cmocka_unit_test(test_today),
        cmocka_unit_test(test_for_programs),
        cmocka_unit_test(test_many_values),
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_one_replication),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
