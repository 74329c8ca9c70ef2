/* SPDX-License-Identifier: Apache-2.0 */
/* From bought to useful, worked out by hand, and as a page and a terminal show it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/results_fixture.h"
#include "tests/support.h"
#include "tests/xml_check.h"

#include "reports/money.h"
#include "reports/page_parts.h"

/* 100 GPU-hours of $1,000, of which jobs held 80 of $800: 8 for a preemption, 4 for a failure, 4
 * for checkpoints; and a commitment of $50 that nothing used. */
static const struct report_use use = { .bought = 100,
                                       .held = 80,
                                       .lost_preempted = 8,
                                       .lost_failed = 4,
                                       .lost_checkpoints = 4,
                                       .jobs_usd = 800,
                                       .idle_usd = 200,
                                       .unused_usd = 50 };

static void expect(const struct money *m, enum money_layer layer, double usd, double gpu_hours)
{
    if (fabs(m->usd[layer] - usd) > 1e-9 || fabs(m->gpu_hours[layer] - gpu_hours) > 1e-9)
        fail_msg("%s: $%g, %g GPU-hours", money_layers[layer].key, m->usd[layer],
                 m->gpu_hours[layer]);
}

static void by_hand(void **state)
{
    struct money m = money_of_pool(&use);
    (void)state;
    expect(&m, MONEY_BOUGHT, 1050, 100);
    expect(&m, MONEY_HELD, 800, 80);
    expect(&m, MONEY_LOST_PREEMPTED, 80, 8);
    expect(&m, MONEY_LOST_FAILED, 40, 4);
    expect(&m, MONEY_LOST_CHECKPOINTS, 40, 4);
    expect(&m, MONEY_USEFUL, 640, 64);
    expect(&m, MONEY_IDLE, 200, 20);
    expect(&m, MONEY_UNUSED, 50, 0);
    /* Of 20 GPU-hours that were idle, of $200, nodes booted for 3 and were down for 5. */
    struct report_use parts = use;
    parts.booting = 3;
    parts.down = 5;
    m = money_of_pool(&parts);
    expect(&m, MONEY_BOOTING, 30, 3);
    expect(&m, MONEY_DOWN, 50, 5);
    expect(&m, MONEY_IDLE, 200, 20);
    static const struct report_use idle = { .bought = 3, .idle_usd = 9 }; /* nothing ran */
    m = money_of_pool(&idle);
    expect(&m, MONEY_BOUGHT, 9, 3);
    expect(&m, MONEY_USEFUL, 0, 0);
    expect(&m, MONEY_LOST_FAILED, 0, 0);
}

/* The losses of a dear pool count as dear: a fleet is the sum of its pools, not one pool. */
static void a_fleet_is_its_pools(void **state)
{
    struct report_pool pools[2] = { { .use = use }, { .use = use } };
    const struct report_fleet fleet = { .pool_n = 2, .pools = pools, .idle_while_waiting = 10 };
    (void)state;
    pools[1].use.jobs_usd = 8000;
    pools[1].use.lost_failed = 0;
    struct money m = money_of_fleet(&fleet);
    expect(&m, MONEY_BOUGHT, 1050 + 8250, 200);
    expect(&m, MONEY_WAITED, 400 * 10 / 40.0, 10); /* of 40 that were idle, of $400 */
    expect(&m, MONEY_LOST_PREEMPTED, 80 + 800, 16);
    expect(&m, MONEY_LOST_FAILED, 40, 4);
    expect(&m, MONEY_USEFUL, 640 + 8000 - 800 - 400, 64 + 68);
}

static void the_rest_is_one(void **state)
{
    const struct report_tenant owners[] = { { .jobs = 5, .gpu_hours = 50, .usd = 500 },
                                            { .jobs = 3, .gpu_hours = 30, .usd = 300 },
                                            { .jobs = 1, .gpu_hours = 10, .usd = 100 } };
    (void)state;
    struct report_tenant rest = money_rest(owners, 3, 1);
    assert_int_equal(rest.jobs, 4);
    assert_true(fabs(rest.gpu_hours - 40) < 1e-9 && fabs(rest.usd - 400) < 1e-9);
}

/* A fleet of two pools with hostile names, and `n` tenants. */
static void show(int32_t n, const char *pool, char **page, char **table)
{
    char hostile[] = "<b>&\"", free_text[] = "";
    struct report_tenant *tenants = calloc((size_t)n + 1, sizeof *tenants);
    struct report_pool pools[2] = { { .use = use, .name = (char *)(uintptr_t)pool },
                                    { .use = use, .name = hostile } };
    struct estimate metrics[64] = { { .n = 0 } }; /* no energy */
    struct report_fleet fleet = { .name = hostile,
                                  .metric = metrics,
                                  .pool_n = 2,
                                  .pools = pools,
                                  .tenant_n = n,
                                  .tenants = tenants,
                                  .has_hours = true,
                                  .ran = 21 };
    const struct report_data data = { .fleet_n = 1, .fleets = &fleet, .pick = -1 };
    size_t size;
    for (int32_t i = 0; i < n; i++)
        tenants[i] = (struct report_tenant){
            .tenant = i ? hostile : free_text, .jobs = 1, .gpu_hours = 1, .usd = 7
        };
    FILE *out = open_memstream(page, &size);
    assert_non_null(out);
    fputs("<div>", out);
    page_money(&data, out);
    fputs("</div>", out);
    assert_int_equal(fclose(out), 0);
    out = open_memstream(table, &size);
    assert_non_null(out);
    table_money(&data, out);
    assert_int_equal(fclose(out), 0);
    free(tenants);
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("no '%s' in\n%s", part, text);
}

static void what_is_shown(void **state)
{
    char *page, *table;
    (void)state;
    show(40, "\033[2Jp\xff", &page, &table);
    if (xml_trouble(page, NULL, NULL)) fail_msg("%s\n%s", xml_trouble(page, NULL, NULL), page);
    /* Twice the pool: $2,100 for 21 jobs and 128 useful GPU-hours. */
    has(page, ">$100</td>");
    has(page, ">$16.41</td>");
    has(page, ">$160<small>7.6%</small><small>16 GPU-h</small></td>");
    has(page, "&lt;b&gt;&amp;");
    has(page, "<th scope=\"row\">28 others</th>");
    has(table, "      Useful                      $1,280      61%            128\n");
    has(table, "      Lost to failures            $80.00     3.8%              8\n");
    has(table, "    Unused commitments              $100     4.8%\n");
    has(table, "  Per finished job                  $100\n");
    has(table, "  (30 others)                       $210       30             30\n");
    assert_null(strchr(table, '\033'));
    free(page);
    free(table);
}

/* A file of before there were hours. */
static void no_hours(void **state)
{
    struct fixture f;
    struct report_data data;
    char *text;
    size_t n;
    (void)state;
    fixture_default(&f);
    fixture_read(&f, &data);
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    page_money(&data, out);
    assert_int_equal(ftell(out), 0);
    table_money(&data, out);
    assert_int_equal(fclose(out), 0);
    has(text, "These results keep no hours");
    free(text);
    report_data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),         cmocka_unit_test(a_fleet_is_its_pools),
        cmocka_unit_test(the_rest_is_one), cmocka_unit_test(what_is_shown),
        cmocka_unit_test(no_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
