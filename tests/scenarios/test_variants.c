/* SPDX-License-Identifier: Apache-2.0 */
/* A fleet that names several orders or placements is as many fleets, by name and in order. */
#include "tests/support.h"

#include <string.h>

#include "scenarios/scenario.h"

#define HEAD                                                                                       \
    "seatrial: 1\nworkload: {synth: {like: itp, jobs: 10, days: 1 day}}\nprices: {region: "        \
    "us-east-1}\nfleets:\n  a:\n    pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, "    \
    "nodes: 2}]\n"

static void load(const char *rest, struct scenario *s)
{
    char text[2000];
    struct diagnostics d;
    struct error err;
    snprintf(text, sizeof text, HEAD "%s", rest);
    write_text(scratch_path("variants.yaml"), text);
    diagnostics_init(&d);
    if (scenario_load(scratch_path("variants.yaml"), NULL, s, &d, &err) != STATUS_OK)
        fail_msg("%s: %s", rest, d.n ? d.items[0].message : err.message);
    diagnostics_free(&d);
}

/* "name order placement, ..." of all fleets. */
static void expect(const char *rest, const char *expected)
{
    struct scenario s;
    char got[4000] = "";
    size_t n = 0;
    load(rest, &s);
    for (int32_t f = 0; f < s.fleet_n; f++)
        n += (size_t)snprintf(got + n, sizeof got - n, "%s%s: %s %s", f ? ", " : "",
                              s.fleets[f].name, s.fleets[f].scheduler.order->name,
                              s.fleets[f].scheduler.placement->name);
    assert_string_equal(got, expected);
    for (int32_t f = 1; f < s.fleet_n; f++) {
        assert_int_equal(s.fleets[f].pool_n, s.fleets[0].pool_n);
        assert_int_equal(s.fleets[f].pools[0].purchase.usd_nano_per_hour,
                         s.fleets[0].pools[0].purchase.usd_nano_per_hour);
    }
    scenario_free(&s);
}

static void lists_become_fleets(void **state)
{
    (void)state;
    expect("    scheduler: [easy]\n", "a: easy pack");
    expect("    scheduler: [sjf, fifo]\n", "a / sjf: sjf pack, a / fifo: fifo pack");
    expect("    scheduler: {order: [sjf, fifo]}\n", "a / sjf: sjf pack, a / fifo: fifo pack");
    expect("    placement: [spread, pack]\n", "a / spread: fifo spread, a / pack: fifo pack");
    expect("    scheduler: {order: [sjf, fifo], placement: [pack, random]}\n",
           "a / sjf / pack: sjf pack, a / sjf / random: sjf random, "
           "a / fifo / pack: fifo pack, a / fifo / random: fifo random");
    expect("    scheduler: {placement: all, gang: anywhere}\n",
           "a / first-fit: fifo first-fit, a / pack: fifo pack, a / spread: fifo spread, "
           "a / random: fifo random");
    expect("    placement: all\n",
           "a / first-fit: fifo first-fit, a / pack: fifo pack, a / spread: fifo spread, "
           "a / random: fifo random, a / best-fit: fifo best-fit, a / dot-product: fifo "
           "dot-product, a / gpu-packing: fifo gpu-packing, a / gpu-clustering: fifo "
           "gpu-clustering, a / fgd: fifo fgd, a / least-allocated: fifo least-allocated, "
           "a / most-allocated: fifo most-allocated, a / requested-to-capacity: fifo "
           "requested-to-capacity");
}

/* Every order there is, or every one that knows the options given. */
static void all_is_what_the_options_allow(void **state)
{
    struct scenario s;
    (void)state;
    for (int weighs = 0; weighs < 2; weighs++) { /* without weights multifactor has nothing to add
                                                    up, without manifests kueue no queues, without
                                                    ranges elastic orders no sizes */
        int32_t n = 0;
        load(weighs ? "    scheduler: {order: all, weight_age: 1}\n" : "    scheduler: all\n", &s);
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            if (weighs
                    ? strcmp(o->name, "multifactor") != 0 && strcmp(o->name, "slurm-backfill") != 0
                    : strcmp(o->name, "multifactor") == 0 || strcmp(o->name, "kueue") == 0 ||
                          rank_by_size(o->rank))
                continue;
            assert_true(n < s.fleet_n);
            assert_ptr_equal(s.fleets[n++].scheduler.order, o);
        }
        assert_int_equal(s.fleet_n, n);
        scenario_free(&s);
    }
    expect("    scheduler: {order: all, estimate_factor: 2}\n",
           "a / easy: easy pack, a / conservative: conservative pack, "
           "a / slurm-backfill: slurm-backfill pack");
    expect("    scheduler: {order: all, elastic_max: {all: 2}}\n",
           "a / elastic-fifo: elastic-fifo pack, a / elastic-max-min: elastic-max-min pack, "
           "a / optimus: optimus pack");
    expect("    scheduler: {order: all, scan: shortest-estimate}\n", "a: easy pack");
}

/* By its own name, or by that of the fleet: then the first of its fleets. */
static void a_baseline_by_name(void **state)
{
    struct scenario s;
    (void)state;
    load("    scheduler: [fifo, sjf]\n  b:\n    scheduler: [easy, ljf]\n    pools: [{name: p, "
         "instance: p4d.24xlarge, buy: on-demand, nodes: 2}]\nrun: {baseline: b}\n",
         &s);
    assert_string_equal(s.fleets[s.baseline].name, "b / easy");
    scenario_free(&s);
    load("    scheduler: [fifo, shortest-service]\nrun: {baseline: a / shortest-service}\n", &s);
    assert_string_equal(s.fleets[s.baseline].name, "a / shortest-service");
    scenario_free(&s);
}

/* The same fleets, written out: the same question, but for the names. */
static void a_list_means_what_it_stands_for(void **state)
{
    struct scenario s, written;
    (void)state;
    load("    scheduler: {order: [fifo, easy], placement: spread}\n", &s);
    write_text(
        scratch_path("variants.yaml"),
        "seatrial: 1\nname: variants\nworkload: {synth: {like: itp, jobs: 10, days: 1 day}}\n"
        "prices: {region: us-east-1}\nfleets:\n"
        "  a / fifo: {placement: spread, pools: &p [{name: p, instance: p4d.24xlarge, buy: "
        "on-demand, nodes: 2}]}\n"
        "  a / easy: {scheduler: easy, placement: spread, pools: *p}\n");
    struct diagnostics d;
    struct error err;
    diagnostics_init(&d);
    if (scenario_load(scratch_path("variants.yaml"), NULL, &written, &d, &err) != STATUS_OK)
        fail_msg("%s", d.n ? d.items[0].message : err.message);
    assert_string_equal(written.sha256, s.sha256);
    diagnostics_free(&d);
    scenario_free(&s);
    scenario_free(&written);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lists_become_fleets),
                                        cmocka_unit_test(all_is_what_the_options_allow),
                                        cmocka_unit_test(a_baseline_by_name),
                                        cmocka_unit_test(a_list_means_what_it_stands_for) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
