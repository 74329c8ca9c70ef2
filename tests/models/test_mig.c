/* SPDX-License-Identifier: Apache-2.0 */
/* MIG instances: which a request gets, where they lie, and that no two lie on one slot. */
#include <string.h>

#include "models/fleet/mig.h"
#include "tests/random_world.h"
#include "tests/simulate.h"

static void profiles_by_hand(void **state)
{
    static const struct {
        int milli, profile;
    } asked[] = { { 1, 0 },   { 142, 0 }, { 143, 1 }, { 285, 1 }, { 286, 2 },
                  { 428, 2 }, { 429, 3 }, { 571, 3 }, { 572, -1 } };
    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        assert_int_equal(mig_profile_for(asked[i].milli), asked[i].profile);
    /* Seven 1g fill what 1g can have; three 2g, two 3g, one 4g likewise. */
    static const int most[MIG_PROFILES] = { 7, 3, 2, 1 };
    for (int k = 0; k < MIG_PROFILES; k++) {
        uint8_t used = 0;
        int n = 0;
        for (int at; (at = mig_start(&mig_profiles[k], used)) >= 0; n++)
            used |= mig_slots_at(&mig_profiles[k], at);
        assert_int_equal(n, most[k]);
    }
    /* A 4g and a 3g are all of a GPU; beside a 3g at 0 and a 2g there is room for 1g alone. */
    assert_int_equal(mig_start(&mig_profiles[2], 0x0f), 4);
    assert_int_equal(mig_start(&mig_profiles[3], 0xf0), 0);
    assert_int_equal(mig_start(&mig_profiles[1], 0x0f | 0x30), -1);
    assert_int_equal(mig_start(&mig_profiles[0], 0x0f | 0x30), 6);
    assert_true(mig_has("H100-SXM5") && mig_has("A100-PCIe") && !mig_has("V100-SXM2"));
}

struct held {
    int64_t start_us, end_us;
    int32_t node;
    unsigned mask, slots;
    bool ran;
};

static void see_job(void *context, const struct job_record *r)
{
    struct held *held = context;
    held[r->job] = (struct held){ r->start_us,   r->end_us,      r->first_node,
                                  r->first_mask, r->first_slots, r->outcome == OUTCOME_FINISHED };
}

static struct world_result run(const struct workload *w, int nodes, int gpus, const char *placement,
                               enum sharing_rule sharing, struct held *held)
{
    struct pool_spec pool = { .name = "pool",
                              .type = { .name = "node",
                                        .provider = "test",
                                        .gpu_model = "A100-SXM4",
                                        .gpus = gpus,
                                        .source = "" },
                              .nodes = nodes,
                              .purchase = { .option = purchase_option_find("on-demand"),
                                            .usd_nano_per_hour = INT64_C(8000000000) } };
    const struct fleet_spec fleet = { .name = "fleet",
                                      .pool_n = 1,
                                      .pools = &pool,
                                      .scheduler = { .order = queue_order_find("fifo-skip"),
                                                     .placement = placement_find(placement),
                                                     .sharing = sharing } };
    struct observer observer = { .context = held, .job = see_job };
    struct world_options options = { .seed = 3 };
    struct world_result result;
    struct error err;
    if (world_run(w, &fleet, &options, &observer, &result, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    world_result_free(&result);
    return result;
}

static void add(struct workload *w, int64_t submit_us, int milli, int64_t run_us)
{
    struct job_row row;
    struct error err;
    job_row_init(&row);
    row.submit_us = submit_us;
    row.run_us = run_us;
    row.gpu_milli = milli;
    assert_int_equal(workload_add(w, &row, &err), STATUS_OK);
}

/* Five 1g at slots 0 to 4. Those at 1, 2 and 3 end: six slots are free, 0 and 4 are not, and a 3g
 * can only begin at one of these. It waits for the first of them to end; in thousandths it would
 * have been there at once. */
static void waits_for_slots_alone(void **state)
{
    struct held held[6];
    struct workload w;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 140, 100);
    for (int j = 1; j < 4; j++) add(&w, 0, 140, 10);
    add(&w, 0, 140, 200);
    add(&w, 20, 400, 30);
    simulate_seal(&w);
    run(&w, 1, 1, "pack", SHARING_MIG, held);
    for (int j = 0; j < 5; j++) assert_int_equal(held[j].slots, 1u << j);
    assert_int_equal(held[5].start_us, 100);
    assert_int_equal(held[5].slots, 0x0f);
    run(&w, 1, 1, "pack", SHARING_FRACTIONAL, held);
    assert_int_equal(held[5].start_us, 20);
    workload_free(&w);
}

static void no_slot_is_held_twice(void **state)
{
    static const char *const rules[] = { "first-fit", "pack", "spread", "random", "gpu-packing" };
    int64_t instances = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct draw d = { random_key(seed, 51), 0 };
        struct held held[80];
        struct workload w;
        int64_t at = 0;
        simulate_workload_init(&w);
        for (int j = 0; j < 80; j++) {
            static const int milli[] = { 50, 140, 200, 280, 300, 420, 500, 570, 600, 1000, 2000 };
            at += below(&d, 4);
            add(&w, at, milli[below(&d, 11)], 1 + below(&d, 30));
        }
        simulate_seal(&w);
        run(&w, 1 + below(&d, 4), 2 + below(&d, 3), rules[seed % 5], SHARING_MIG, held);
        for (size_t a = 0; a < w.job_n; a++) {
            int profile = w.gpu_milli[a] < 1000 ? mig_profile_for(w.gpu_milli[a]) : -1;
            if (!held[a].ran) continue;
            instances += profile >= 0;
            assert_int_equal(__builtin_popcount(held[a].slots),
                             profile >= 0 ? mig_profiles[profile].slots : 0);
            if (profile >= 0)
                assert_true(mig_profiles[profile].starts >> __builtin_ctz(held[a].slots) & 1);
            for (size_t b = 0; b < a; b++) {
                bool together = held[b].ran && held[a].node == held[b].node &&
                                held[a].start_us < held[b].end_us &&
                                held[b].start_us < held[a].end_us && (held[a].mask & held[b].mask);
                if (!together) continue;
                assert_true(held[a].slots && held[b].slots); /* a whole GPU is nobody else's */
                assert_int_equal(held[a].slots & held[b].slots, 0);
            }
        }
        workload_free(&w);
    }
    assert_true(instances > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles_by_hand),
        cmocka_unit_test(waits_for_slots_alone),
        cmocka_unit_test(no_slot_is_held_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
