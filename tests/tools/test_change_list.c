/* SPDX-License-Identifier: Apache-2.0 */
/* What to change, by hand: fleets of one scenario against each other. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "tests/support.h"
#include "tools/plan/change_list.h"

static const char head[] =
    "seatrial: 1\n"
    "workload: {synth: {like: itp, jobs: 100, days: 5 days, load: 8 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1, book: book.csv}\n"
    "fleets:\n"
    "  from:\n"
    "    scheduler: {order: fifo}\n"
    "    pools: [{name: gpu, instance: p4d.24xlarge, buy: on-demand, nodes: 60}]\n";

/* The list from the fleet `from` above to another, or back. */
static struct change_list list_of(const char *to_yaml, bool back)
{
    char text[4000];
    struct scenario s;
    struct diagnostics diagnostics;
    struct error err;
    struct change_list list;
    const struct fleet_spec *from = NULL, *to = NULL;
    write_text(scratch_path("book.csv"),
               "instance,region,market,valid_from,usd_per_hour,source\n"
               "p4d.24xlarge,us-east-1,reserved,2026-01-01,12,a contract\n"
               "p4d.24xlarge,us-east-1,reserved-3y,2026-01-01,8,a contract\n"
               "p4d.24xlarge,us-east-1,compute-savings-plan,2026-01-01,15,a contract\n");
    snprintf(text, sizeof text, "%s  to:\n%s", head, to_yaml);
    write_text(scratch_path("fleets.yaml"), text);
    diagnostics_init(&diagnostics);
    if (scenario_load(scratch_path("fleets.yaml"), NULL, &s, &diagnostics, &err) != STATUS_OK) {
        diagnostics_print(&diagnostics, stderr, 0, "");
        fail_msg("%s", err.message);
    }
    for (int32_t f = 0; f < s.fleet_n; f++)
        *(strcmp(s.fleets[f].name, "from") == 0 ? &from : &to) = &s.fleets[f];
    assert_int_equal(change_list_make(back ? to : from, back ? from : to, &list, &err), STATUS_OK);
    scenario_free(&s);
    diagnostics_free(&diagnostics);
    return list;
}

/* usd: to the dollar; NAN: none. */
static void expect(const struct change_list *list, size_t i, char sign, const char *text,
                   double usd, const char *note)
{
    if (i >= list->n) fail_msg("no row %zu: '%s'", i, text);
    const struct change_row *row = &list->rows[i];
    if (row->sign != sign || strcmp(row->text, text) != 0 || strcmp(row->note, note) != 0)
        fail_msg("row %zu is %c '%s' '%s', not %c '%s' '%s'", i, row->sign, row->text, row->note,
                 sign, text, note);
    if (isnan(usd) != isnan(row->usd) || fabs(row->usd - usd) > 1)
        fail_msg("'%s': %.2f, not %.2f dollars", text, row->usd, usd);
}

/* $21.957642 an hour on demand (scenarios/prices). */
static double month_of(int nodes) { return nodes * 21.957642 * 730; }

static void test_nodes_and_scheduler(void **state)
{
    (void)state;
    const char *to = "    scheduler: {order: sjf, placement: spread}\n"
                     "    pools: [{name: other, instance: p4d.24xlarge, buy: on-demand, nodes: "
                     "41}]\n";
    struct change_list list = list_of(to, false);
    assert_int_equal(list.n, 4);
    expect(&list, 0, '-', "60 nodes p4d.24xlarge on-demand in us-east-1", -month_of(60), "");
    expect(&list, 1, '+', "41 nodes p4d.24xlarge on-demand in us-east-1", month_of(41), "");
    expect(&list, 2, '~', "scheduler fifo -> sjf", NAN, "");
    expect(&list, 3, '~', "placement pack -> spread", NAN, "");
    change_list_free(&list);
    list = list_of(to, true);
    assert_int_equal(list.n, 4);
    expect(&list, 0, '-', "41 nodes p4d.24xlarge on-demand in us-east-1", -month_of(41), "");
    expect(&list, 2, '~', "scheduler sjf -> fifo", NAN, "");
    change_list_free(&list);
}

/* Pools are no purchases: two of 30 are one of 60, whatever they are called. */
static void test_the_same(void **state)
{
    (void)state;
    struct change_list list =
        list_of("    pools:\n"
                "      - {name: a, instance: p4d.24xlarge, buy: on-demand, nodes: 30}\n"
                "      - {name: b, instance: p4d.24xlarge, buy: on-demand, nodes: 30}\n",
                false);
    assert_int_equal(list.n, 0);
    change_list_free(&list);
}

/* Another zone is another purchase, one node is no "nodes", and what comes and goes has a range and
 * no dollars. */
static void test_places_and_ranges(void **state)
{
    (void)state;
    struct change_list list = list_of(
        "    autoscaler: {name: as-needed}\n"
        "    pools:\n"
        "      - {name: a, instance: p4d.24xlarge, buy: on-demand, nodes: 1, zone: us-east-1a}\n"
        "      - {name: b, instance: p4d.24xlarge, buy: on-demand, nodes: 6, min_nodes: 2}\n"
        "      - {name: c, instance: p4d.24xlarge, buy: on-demand, nodes: 8}\n",
        false);
    assert_int_equal(list.n, 5);
    expect(&list, 0, '-', "60 nodes p4d.24xlarge on-demand in us-east-1", -month_of(60), "");
    expect(&list, 1, '+', "1 node p4d.24xlarge on-demand in us-east-1a", month_of(1), "");
    expect(&list, 2, '+', "2..6 nodes p4d.24xlarge on-demand in us-east-1", NAN, "");
    expect(&list, 3, '+', "8 nodes p4d.24xlarge on-demand in us-east-1", month_of(8), "");
    expect(&list, 4, '~', "autoscaler static -> as-needed", NAN, "");
    change_list_free(&list);
}

/* A term is named where there is one; nodes under commitments have no price of their own. */
static void test_commitments(void **state)
{
    (void)state;
    const char *to = "    pools: [{name: gpu, instance: p4d.24xlarge, buy: on-demand, nodes: 50}]\n"
                     "    commitments:\n"
                     "      - {kind: reserved, instance: p4d.24xlarge, count: 10}\n"
                     "      - {kind: compute-savings-plan, usd_per_hour: $30 per hour}\n";
    struct change_list list = list_of(to, false);
    assert_int_equal(list.n, 4);
    expect(&list, 0, '-', "60 nodes p4d.24xlarge on-demand in us-east-1", -month_of(60), "");
    expect(&list, 1, '+', "50 nodes p4d.24xlarge on-demand in us-east-1", NAN, "");
    expect(&list, 2, '+', "10 x p4d.24xlarge reserved in us-east-1", 10 * 12 * 730.0,
           "commits $1.05M for 12 months");
    expect(&list, 3, '+', "compute-savings-plan $30/h", 30 * 730.0, "");
    change_list_free(&list);
    list = list_of(to, true);
    assert_int_equal(list.n, 4);
    expect(&list, 1, '-', "10 x p4d.24xlarge reserved in us-east-1", -10 * 12 * 730.0,
           "not before its term of 12 months ends");
    change_list_free(&list);
}

/* A market of its own may be of another term than a year. */
static void test_terms(void **state)
{
    (void)state;
    const char *to =
        "    pools: [{name: gpu, instance: p4d.24xlarge, buy: on-demand, nodes: 60}]\n"
        "    commitments:\n"
        "      - {kind: reserved, instance: p4d.24xlarge, count: 1, market: reserved-3y}\n"
        "      - {kind: reserved, instance: p4d.24xlarge, count: 2, market: reserved-3y, term: "
        "1095 "
        "d}\n";
    struct change_list list = list_of(to, false);
    assert_int_equal(list.n, 2);
    assert_string_equal(list.rows[0].note, "for its term, used or not");
    assert_string_equal(list.rows[1].note, "commits $420k for 36 months");
    change_list_free(&list);
    list = list_of(to, true);
    assert_string_equal(list.rows[0].note, "not before its term ends");
    change_list_free(&list);
}

/* What is paid by time has its price; what is paid as it comes has none. */
static void test_services_and_options(void **state)
{
    (void)state;
    struct change_list list =
        list_of("    scheduler: {order: easy, gang: anywhere, cycle: 30 s}\n"
                "    pools: [{name: gpu, instance: p4d.24xlarge, buy: on-demand, nodes: 60}]\n"
                "    services:\n"
                "      - {name: k8s, kind: control-plane, clusters: 2, price: $0.10 per hour, "
                "valid_from: 2026-01-01, source: a list}\n",
                false);
    expect(&list, 0, '+', "k8s: 2 clusters of control-plane", 146, "");
    expect(&list, 1, '~', "scheduler fifo -> easy", NAN, "");
    expect(&list, 2, '~', "gang fewest-nodes -> anywhere", NAN, "");
    expect(&list, 3, '~', "scheduler's cycle the default -> 30 s", NAN, "");
    change_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes_and_scheduler),
        cmocka_unit_test(test_the_same),
        cmocka_unit_test(test_places_and_ranges),
        cmocka_unit_test(test_commitments),
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_services_and_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
