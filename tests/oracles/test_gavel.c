/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rows.h"
#include "tests/simulate.h"

static const char *const gpu_names[] = { "v100", "p100", "k80" };

static double throughput(const json_t *all, const char *gpu, const char *type, int gpus)
{
    char key[200];
    snprintf(key, sizeof key, "('%s', %d)", type, gpus);
    json_t *at = json_object_get(json_object_get(json_object_get(all, gpu), key), "null");
    return json_number_value(at);
}

struct peer {
    struct workload w;
    double speed[1000 * 3]; /* [class][pool] */
    double jct_s, makespan_s;
    size_t n;
    double done_s[200];
};

static void peer_read(struct peer *peer, const char *file, int32_t pools)
{
    char path[200];
    json_error_t bad;
    struct error err = { STATUS_OK, "" };
    snprintf(path, sizeof path, "oracles/peers/gavel-rounds/%s.csv", file);
    struct rows r = read_rows(shared_or_skip(path));
    json_t *all = json_load_file(
        shared_or_skip("oracles/peers/gavel-rounds/simulation_throughputs.json"), 0, &bad);
    assert_non_null(all);
    memset(peer, 0, sizeof *peer);
    simulate_workload_init(&peer->w);
    peer->n = r.n;
    for (int32_t p = 0; p < pools; p++) peer->speed[p] = 1; /* no class */
    for (size_t i = 0; i < r.n; i++) {
        struct job_row row;
        char class_[200];
        int gpus = atoi(r.cell[i][2]);
        double on_v100 = throughput(all, "v100", r.cell[i][3], gpus);
        job_row_init(&row);
        row.class_ = class_;
        row.class_n = (size_t)snprintf(class_, sizeof class_, "%s x%d", r.cell[i][3], gpus);
        row.gpu_milli = 1000 * gpus;
        row.submit_us = llround(atof(r.cell[i][1]) * 1e6);
        row.run_us = llround(atof(r.cell[i][4]) / on_v100 * 1e6);
        if (workload_add(&peer->w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
        uint32_t c = peer->w.class_[i];
        for (int32_t p = 0; p < pools; p++)
            peer->speed[c * (uint32_t)pools + (uint32_t)p] =
                throughput(all, gpu_names[p], r.cell[i][3], gpus) / on_v100;
        peer->done_s[i] = atof(r.cell[i][7]);
        double submit_s = atof(r.cell[i][1]);
        peer->jct_s += peer->done_s[i] / (double)r.n;
        if (submit_s + peer->done_s[i] > peer->makespan_s) peer->makespan_s = submit_s + peer->done_s[i];
    }
    simulate_seal(&peer->w);
    json_decref(all);
    rows_free(&r);
}

static void compare(const char *file, struct simulate_fleet fleet, int32_t pools)
{
    struct peer *peer = calloc(1, sizeof *peer);
    struct schedule s;
    double jct = 0, makespan = 0;
    peer_read(peer, file, pools);
    fleet.speed = peer->speed;
    fleet.gang = GANG_ANYWHERE;
    simulate(&peer->w, &fleet, &s);
    for (size_t i = 0; i < peer->n; i++) {
        jct += (double)(s.end_us[i] - peer->w.submit_us[i]) / 1e6 / (double)peer->n;
        if ((double)s.end_us[i] / 1e6 > makespan) makespan = (double)s.end_us[i] / 1e6;
    }
    print_message("%-45s %-28s JCT %9.1f peer %9.1f %+6.2f %%, makespan %9.1f peer %9.1f %+6.2f %%\n", file, fleet.order,
                  jct, peer->jct_s, 100 * (jct / peer->jct_s - 1), makespan, peer->makespan_s,
                  100 * (makespan / peer->makespan_s - 1));
    schedule_free(&s);
    workload_free(&peer->w);
    free(peer);
}

static void all(void **state)
{
    (void)state;
    struct simulate_fleet one = { .pools = { { 16, 1 } } }, three = { .pools = { { 6, 1 }, { 6, 1 }, { 6, 1 } } };
    one.order = "gavel-isolated";
    compare("max_min_fairness.isolated.16_0_0.g1", one, 1);
    compare("minimize_makespan.isolated.16_0_0.g1", one, 1);
    one.order = "gavel-fifo";
    compare("max_min_fairness.fifo.16_0_0.g1", one, 1);
    compare("minimize_makespan.fifo.16_0_0.g1", one, 1);
    three.order = "gavel-fifo";
    compare("max_min_fairness.fifo_perf.6_6_6.g1", three, 3);
    compare("minimize_makespan.fifo_perf.6_6_6.g1", three, 3);
    const char *const lps[] = { "gavel-max-min-agnostic", "gavel-max-min", "gavel-min-makespan", "gavel-max-throughput", "gavel-finish-time-fairness" };
    for (int k = 0; k < 5; k++) {
        one.order = three.order = lps[k];
        compare("max_min_fairness.fifo_perf.6_6_6.g1", three, 3);
        compare("minimize_makespan.fifo_perf.6_6_6.g1", three, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
