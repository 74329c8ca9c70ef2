/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other simulators' schedules of real traces, job by job to the second:
 *
 *   Tiresias (NSDI'19)        fifo, fit-first          60 and 3,000 Philly jobs; counts and nodes
 *   Helios (SC'21)            fifo, sjf, qssf          68,503 Philly jobs in 11 pools; nodes too
 *   pyss (Feitelson's lab)    fcfs, EASY               3,145 HPC2N jobs on 128 processors
 *
 * pyss makes a pass after each single event, arrivals before ends; we make one pass an instant,
 * ends before arrivals. So its EASY is first reproduced by the plain rules run its way, and then
 * the world is held to the same plain rules run our way: what is left between the two is that order
 * of events and nothing else.
 */
#include "tests/rows.h"
#include "tests/slow_scheduler.h"

#include <stdlib.h>
#include <string.h>

/* ---- Tiresias ---- */

/* job_id,num_gpu,submit,duration,first_start,end,... */
static void tiresias(const char *file, const struct simulate_fleet *fleet)
{
    char path[200];
    struct workload w;
    struct schedule s;
    snprintf(path, sizeof path, "oracles/peers/tiresias-philly/out/%s", file);
    struct rows r = read_rows(shared_or_skip(path));
    simulate_workload_init(&w);
    for (size_t i = 0; i < r.n; i++)
        simulate_add(&w, us(r.cell[i][2]), atoi(r.cell[i][1]), us(r.cell[i][3]), -1, -1);
    simulate_seal(&w);
    simulate(&w, fleet, &s);
    assert_true(r.n == 60 || r.n == 3000);
    for (size_t i = 0; i < r.n; i++) {
        if (i)
            assert_true(us(r.cell[i][2]) >=
                        us(r.cell[i - 1][2])); /* so that the workload kept the order of rows */
        if (s.start_us[i] != us(r.cell[i][4]) || s.end_us[i] != us(r.cell[i][5]))
            fail_msg("%s, job %s: %lld, peer %s s", file, r.cell[i][0],
                     (long long)(s.start_us[i] / US_PER_S), r.cell[i][4]);
    }
    schedule_free(&s);
    workload_free(&w);
    rows_free(&r);
}

static void tiresias_counts(void **state)
{
    (void)state;
    tiresias("60_job.n4g4.count.fifo.csv",
             &(struct simulate_fleet){ .pools = { { 1, 16 } }, .order = "fifo" });
    tiresias("60_job.n4g4.count.fjf.csv", &(struct simulate_fleet){ .pools = { { 4, 4 } },
                                                                    .order = "fifo-skip",
                                                                    .gang = GANG_ANYWHERE });
    tiresias(
        "philly_mix_3000.n8g8.count.fifo.csv",
        &(struct simulate_fleet){ .pools = { { 8, 8 } }, .order = "fifo", .gang = GANG_ANYWHERE });
    tiresias("philly_mix_3000.n8g8.count.fjf.csv",
             &(struct simulate_fleet){ .pools = { { 1, 64 } }, .order = "fifo-skip" });
}

static void tiresias_nodes(void **state)
{
    (void)state;
    tiresias("60_job.n4g4.yarn.fifo.csv",
             &(struct simulate_fleet){ .pools = { { 4, 4 } }, .order = "fifo" });
    tiresias("60_job.n4g4.yarn.fjf.csv",
             &(struct simulate_fleet){ .pools = { { 4, 4 } }, .order = "fifo-skip" });
    tiresias("philly_mix_3000.n8g8.yarn.fifo.csv",
             &(struct simulate_fleet){ .pools = { { 8, 8 } }, .order = "fifo" });
    tiresias("philly_mix_3000.n8g8.yarn.fjf.csv",
             &(struct simulate_fleet){ .pools = { { 8, 8 } }, .order = "fifo-skip" });
}

/* ---- Helios ---- */

static const struct {
    const char *tenant;
    int32_t nodes;
} helios_pools[] = { { "6214e9", 64 }, { "7f04ca", 32 }, { "11cb48", 16 }, { "b436b2", 64 },
                     { "ee9e8c", 64 }, { "e13805", 16 }, { "6c71a0", 32 }, { "2869ce", 16 },
                     { "ed69ec", 8 },  { "103959", 8 },  { "0e4a51", 32 } };

enum { HELIOS_POOLS = sizeof helios_pools / sizeof *helios_pools };

struct helios_seen {
    int64_t *start_us, *end_us;
    int32_t *node; /* in its pool */
};

static void helios_see(void *context, const struct job_record *record)
{
    const struct helios_seen *seen = context;
    int32_t node = record->first_node;
    for (int32_t p = 0; p < record->pool; p++) node -= helios_pools[p].nodes;
    seen->start_us[record->job] = record->start_us;
    seen->end_us[record->job] = record->end_us;
    seen->node[record->job] = node;
}

static int compare_rows(const void *a, const void *b, void *rows)
{
    const struct rows *r = rows;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int64_t s = us(r->cell[x][4]), t = us(r->cell[y][4]);
    return s != t ? (s < t ? -1 : 1) : (x > y) - (x < y);
}

/* All virtual clusters at once, as one fleet: each is a pool for one tenant.
 * job,vc,order_in_vc,gpus,submit,duration,start,end,queue_s,preemptions,nodes(id:gpus) */
static void helios(const char *file, const char *order)
{
    struct rows r = read_rows(shared_or_skip(file));
    struct pool_spec pools[HELIOS_POOLS];
    struct workload w;
    size_t *row = malloc((r.n + 1) * sizeof *row);
    struct helios_seen seen = { calloc(r.n, sizeof(int64_t)), calloc(r.n, sizeof(int64_t)),
                                calloc(r.n, sizeof(int32_t)) };
    assert_int_equal(r.n, 68503);
    for (size_t i = 0; i < r.n; i++) row[i] = i;
    qsort_r(row, r.n, sizeof *row, compare_rows, &r);
    simulate_workload_init(&w);
    for (size_t i = 0; i < r.n; i++)
        simulate_add(&w, us(r.cell[row[i]][4]), atoi(r.cell[row[i]][3]), us(r.cell[row[i]][5]), -1,
                     -1);
    simulate_seal(&w);
    for (size_t i = 0; i < r.n; i++)
        w.tenant[i] = names_add(&w.tenants, r.cell[row[i]][1], strlen(r.cell[row[i]][1]));
    for (size_t p = 0; p < HELIOS_POOLS; p++)
        pools[p] = (struct pool_spec){
            .name = helios_pools[p].tenant,
            .type = { .name = "dgx", .provider = "test", .gpu_model = "", .gpus = 8, .source = "" },
            .nodes = helios_pools[p].nodes,
            .purchase = { .option = purchase_option_find("on-demand") },
            .tenants = { 1, &helios_pools[p].tenant },
        };
    const struct fleet_spec fleet = { .name = "philly",
                                      .pool_n = HELIOS_POOLS,
                                      .pools = pools,
                                      .scheduler = { .order = queue_order_find(order),
                                                     .placement = placement_find("pack"),
                                                     .remainder = REMAINDER_SPREAD,
                                                     .predictor = PREDICTOR_PERFECT } };
    struct observer observer = { .context = &seen, .job = helios_see };
    struct world_options options = { .seed = 1 };
    struct world_result result;
    struct error err;
    if (world_run(&w, &fleet, &options, &observer, &result, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(result.finished, r.n);
    for (size_t i = 0; i < r.n; i++) {
        char *const *cell = r.cell[row[i]];
        if (seen.start_us[i] != us(cell[6]) || seen.end_us[i] != us(cell[7]))
            fail_msg("%s %s, job %s: %lld, peer %s s", cell[1], order, cell[0],
                     (long long)(seen.start_us[i] / US_PER_S), cell[6]);
        if (seen.node[i] != atoi(cell[10]))
            fail_msg("%s %s, job %s: node %d, peer %s", cell[1], order, cell[0], seen.node[i],
                     cell[10]);
    }
    world_result_free(&result);
    free(seen.start_us);
    free(seen.end_us);
    free(seen.node);
    free(row);
    workload_free(&w);
    rows_free(&r);
}

static void helios_fifo(void **state)
{
    (void)state;
    helios("oracles/peers/helios-philly/fifo.csv.gz", "fifo");
}

static void helios_sjf(void **state)
{
    (void)state;
    helios("oracles/peers/helios-philly/sjf.csv.gz", "sjf");
}

static void helios_qssf(void **state)
{
    (void)state;
    helios("oracles/peers/helios-philly/qssf.csv.gz", "qssf");
}

/* ---- pyss ---- */

/* job_id,submit,procs,runtime,estimate,start,finish,wait */
static struct rows pyss_rows(const char *file, struct workload *w)
{
    struct rows r = read_rows(shared_or_skip(file));
    simulate_workload_init(w);
    for (size_t i = 0; i < r.n; i++)
        simulate_add(w, us(r.cell[i][1]), atoi(r.cell[i][2]), us(r.cell[i][3]), us(r.cell[i][4]),
                     -1);
    simulate_seal(w);
    return r;
}

static void pyss_same(const struct rows *r, const struct schedule *s)
{
    double waits = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (s->start_us[i] != us(r->cell[i][5]) || s->end_us[i] != us(r->cell[i][6]))
            fail_msg("job %s: %lld, peer %s s", r->cell[i][0],
                     (long long)(s->start_us[i] / US_PER_S), r->cell[i][5]);
        waits += (double)us(r->cell[i][7]);
    }
    assert_true(waits > 0);
}

static void pyss_fcfs(void **state)
{
    struct workload w;
    struct schedule s;
    (void)state;
    struct rows r = pyss_rows("oracles/peers/pyss-backfill/hpc2n_seth_3145.fcfs.csv", &w);
    simulate(&w, &(struct simulate_fleet){ .pools = { { 1, 128 } }, .order = "fifo" }, &s);
    pyss_same(&r, &s);
    schedule_free(&s);
    workload_free(&w);
    rows_free(&r);
}

static void pyss_easy(void **state)
{
    static const struct simulate_fleet fleet = { .pools = { { 1, 128 } }, .order = "easy" };
    struct workload w;
    struct schedule peer, plain, world;
    size_t differ = 0;
    (void)state;
    struct rows r = pyss_rows("oracles/peers/pyss-backfill/hpc2n_seth_3145.easy.csv", &w);
    struct simulate_fleet its_way = fleet;
    its_way.timing =
        (struct timing_options){ .events = EVENTS_SINGLE, .instant = INSTANT_SUBMISSIONS_FIRST };
    slow_schedule(&w, &its_way, &peer);
    pyss_same(&r, &peer);
    slow_schedule(&w, &fleet, &plain);
    simulate(&w, &fleet, &world);
    assert_memory_equal(world.start_us, plain.start_us, w.job_n * sizeof *world.start_us);
    for (size_t j = 0; j < w.job_n; j++) differ += world.start_us[j] != peer.start_us[j];

    assert_int_equal(differ,
                     334); /* as many as pyss itself changes when it is given one pass an instant */
    schedule_free(&peer);
    schedule_free(&plain);
    schedule_free(&world);
    workload_free(&w);
    rows_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiresias_counts), cmocka_unit_test(tiresias_nodes),
        cmocka_unit_test(helios_fifo),     cmocka_unit_test(helios_sjf),
        cmocka_unit_test(helios_qssf),     cmocka_unit_test(pyss_fcfs),
        cmocka_unit_test(pyss_easy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
