/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pools of a group, which have together no more nodes than each alone might have: never more at
 * once, under any autoscaler; another type where the first cannot be had; and where it always can,
 * the same as the one pool.
 */
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "tests/random_world.h"

#define S INT64_C(1000000)

static struct pool_spec a_kind(int32_t group, const char *type, int64_t usd_nano)
{
    return (struct pool_spec){
        .type = { .name = type, .provider = "test", .gpu_model = "", .source = "" },
        .purchase = { .option = purchase_option_find("on-demand"), .usd_nano_per_hour = usd_nano },
        .group = group,
    };
}

/* The first type cannot be had until 100 s: the job of 10 s gets the second one. So does the next,
 * which needs both nodes that there may be: the other one is asked for when the first job has ended
 * and it fits whole. The last comes when nothing is there, and gets the first. Boots take 5 s. */
static void the_next_where_the_first_cannot_be_had(void **state)
{
    static const struct outage out[] = { { 0, 100 * S, 0 }, { 0, 100 * S, 1 } };
    static const int64_t start_us[] = { 15 * S, 45 * S, 205 * S };
    static const int32_t first_node[] = { 2, 2, 0 };
    struct pool_spec a = a_kind(1, "a", 2000000000), b = a_kind(1, "b", 1000000000);
    struct simulate_fleet fleet = { .pools = { { 2, 8 }, { 2, 8 } },
                                    .coming = { 2, 2 },
                                    .kinds = { &a, &b },
                                    .supply = { { .log = out, .log_n = 2, .log_us = INT64_MAX } },
                                    .autoscaler.kind = &autoscaler_as_needed,
                                    .boot.scale_us = 5.0 * S };
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 10 * S, 8, 25 * S, -1, -1);
    simulate_add(&w, 20 * S, 16, 30 * S, -1, -1);
    simulate_add(&w, 200 * S, 8, 10 * S, -1, -1);
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    for (size_t j = 0; j < 3; j++) {
        assert_int_equal(s.start_us[j], start_us[j]);
        assert_int_equal(s.first_node[j], first_node[j]);
    }
    assert_int_equal(s.result.pools[0].nodes_started, 1);
    assert_int_equal(s.result.pools[1].nodes_started, 2);
    schedule_free(&s);
    workload_free(&w);
}

static void choose_autoscaler(struct draw *d, struct autoscaler_spec *a, bool simple)
{
    static const struct autoscaler *const kinds[] = { &autoscaler_as_needed,
                                                      &autoscaler_slurm_power_save,
                                                      &autoscaler_predictive, &autoscaler_cluster };
    a->kind = kinds[below(d, simple ? 2 : 4)];
    a->needed.idle.scale_us = 3.0 * S * below(d, 4);
    power_save_defaults(&a->power_save);
    a->power_save.suspend_time_us = 20 * S;
    cluster_autoscaler_defaults(&a->cluster);
    a->cluster.expander = (enum expander)below(d, 6);
    a->cluster.unneeded_us = 30 * S;
    a->cluster.after_add_us = 10 * S;
    predictive_defaults(&a->predictive);
}

static void random_jobs(struct draw *d, int gpus_most, struct workload *w)
{
    simulate_workload_init(w);
    for (int64_t j = 0, at_us = 0; j < 40; j++) {
        at_us += S * below(d, 30);
        simulate_add(w, at_us, 1 + below(d, gpus_most), S * (1 + below(d, 90)), -1, -1);
    }
    simulate_seal(w);
}

/* The most that were asked for and not gone at one moment. */
static int64_t most_at_once(const struct schedule *s)
{
    int64_t most = 0;
    for (size_t i = 0; i < s->stay_n; i++) {
        int64_t n = 0, at_us = s->stays[i].up_us;
        for (size_t k = 0; k < s->stay_n; k++)
            n += s->stays[k].up_us <= at_us && at_us < s->stays[k].down_us;
        if (n > most) most = n;
    }
    return most;
}

static void never_more_than_one_pool_has(void **state)
{
    uint64_t full = 0, mixed = 0, seeds = seeds_or(300);
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 51), 0 };
        struct pool_spec kinds[3];
        struct simulate_fleet fleet = { .order = below(&d, 2) ? "easy" : "fifo-skip",
                                        .seed = seed,
                                        .boot.scale_us = 5.0 * S * below(&d, 3),
                                        .sample_us = 7 * S };
        struct workload w;
        struct schedule s;
        int32_t nodes = 2 + below(&d, 6), pools = 2 + below(&d, 2);
        static const char *const types[] = { "a", "b", "c" };
        for (int32_t p = 0; p < pools; p++) {
            struct supply_spec *supply = &fleet.supply[p];
            struct error err;
            kinds[p] = a_kind(1, types[p], (1 + below(&d, 3)) * INT64_C(1000000000));
            fleet.kinds[p] = &kinds[p];
            fleet.pools[p] = (struct simulate_pool){ nodes, 4 };
            fleet.coming[p] = p == 0 ? nodes - below(&d, 2) : nodes;
            if (below(&d, 2)) continue;
            *supply = (struct supply_spec){ .takes_back = true, .by_node = true, .notice_us = S };
            supply->batch_ppm = 1000000;
            assert_int_equal(duration_exponential(200.0 * S, &supply->up, &err), STATUS_OK);
            assert_int_equal(duration_exponential(60.0 * S, &supply->down, &err), STATUS_OK);
        }
        choose_autoscaler(&d, &fleet.autoscaler, false);
        /* The Cluster Autoscaler knows no gangs: its nodes may be of several pools, and no use. */
        random_jobs(&d, fleet.autoscaler.kind == &autoscaler_cluster ? 4 : 8, &w);
        simulate(&w, &fleet, &s);
        assert_int_equal(s.result.finished, w.job_n);
        assert_true(most_at_once(&s) <= nodes);
        for (size_t i = 0; i < s.sample_n; i++) {
            const struct node_counts *c = &s.samples[i].nodes;
            assert_int_equal(c->busy + c->idle + c->booting + c->down + c->absent, nodes);
            assert_true(c->absent >= 0);
        }
        full += most_at_once(&s) == nodes;
        mixed += s.result.pools[0].nodes_started > 0 && s.result.pools[1].nodes_started > 0;
        schedule_free(&s);
        workload_free(&w);
    }
    assert_true(full > seeds / 2 && mixed > seeds / 4);
}

/* Where the first can always be had, nobody asks for another. */
static void the_first_alone_is_the_one_pool(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seeds_or(200); seed++) {
        struct draw d = { random_key(seed, 52), 0 };
        struct pool_spec kind = a_kind(0, "a", 1000000000), grouped = kind;
        struct simulate_fleet one = { .order = below(&d, 2) ? "easy" : "fifo", .seed = seed };
        struct simulate_fleet group;
        struct workload w;
        struct schedule a, b;
        int32_t nodes = 2 + below(&d, 6);
        grouped.group = 1;
        one.boot.scale_us = 5.0 * S * below(&d, 3);
        one.pools[0] = (struct simulate_pool){ nodes, 4 };
        one.coming[0] = nodes - below(&d, 2);
        one.kinds[0] = &kind;
        choose_autoscaler(&d, &one.autoscaler, true);
        group = one;
        group.pools[1] = one.pools[0];
        group.coming[1] = nodes;
        group.kinds[0] = group.kinds[1] = &grouped;
        random_jobs(&d, 4 * nodes, &w);
        simulate(&w, &one, &a);
        simulate(&w, &group, &b);
        for (size_t j = 0; j < w.job_n; j++) {
            assert_int_equal(a.start_us[j], b.start_us[j]);
            assert_int_equal(a.first_node[j], b.first_node[j]);
        }
        assert_int_equal(a.stay_n, b.stay_n);
        assert_int_equal(b.result.pools[1].nodes_started, 0);
        schedule_free(&a);
        schedule_free(&b);
        workload_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_where_the_first_cannot_be_had),
        cmocka_unit_test(never_more_than_one_pool_has),
        cmocka_unit_test(the_first_alone_is_the_one_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
