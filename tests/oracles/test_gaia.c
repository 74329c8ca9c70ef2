/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Money against GAIA (ASPLOS'24): 1,000 jobs of Alibaba's PAI on reserved CPUs while these last,
 * else on demand, or on spot where shorter than two hours; nobody waits. Start, kind of capacity
 * and dollars of each job. A CPU is a GPU here, a node has one, and each kind of capacity is a
 * pool of its price, reserved first.
 *
 * GAIA gives reserved CPUs back at the end of the tick of 5 s after the last: its jobs hold them a
 * tick longer than they run. Here a job runs a microsecond into that tick, which is enough.
 *
 * It bills reservations only to the last start. Here they are billed as long as they are held: to
 * the end of the last job.
 *
 * Not reproduced: its policy "cost", where a job waits for reserved CPUs for 6 or 24 h before it
 * takes others. Seatrial has no order that waits for a price.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rows.h"
#include "tests/simulate.h"

enum { JOBS = 1000, ELASTIC = 1024, TICK_S = 5 };

static const int64_t on_demand_nano = 62400000; /* dollars a CPU-hour, 1e-9 */

struct seen {
    int64_t start_us[JOBS], usd_micro[JOBS];
    int32_t pool[JOBS];
};

static void see(void *context, const struct job_record *record)
{
    struct seen *seen = context;
    seen->start_us[record->job] = record->start_us;
    seen->usd_micro[record->job] = record->cost_usd_micro;
    seen->pool[record->job] = record->pool;
}

static struct pool_spec capacity(const char *name, int32_t nodes, int64_t usd_nano_per_hour)
{
    return (struct pool_spec){
        .name = name,
        .type = { .name = "cpu", .provider = "test", .gpu_model = "", .gpus = 1, .source = "" },
        .nodes = nodes,
        .purchase = { .option = purchase_option_find("on-demand"),
                      .usd_nano_per_hour = usd_nano_per_hour }
    };
}

/* ID,arrival_time,length,cpus,length_class,resource_class,carbon_cost,dollar_cost,start_time,...;
 * times in ticks; the last row is the reservation. */
static struct rows gaia_rows(const char *file, struct workload *w, int64_t longer_us)
{
    char path[200];
    snprintf(path, sizeof path, "oracles/peers/gaia-cost/details-%s.csv", file);
    struct rows r = read_rows(shared_or_skip(path));
    assert_int_equal(r.n, JOBS + 1);
    simulate_workload_init(w);
    for (size_t i = 0; i < JOBS; i++) {
        struct job_row row;
        struct error err;
        job_row_init(&row);
        row.submit_us = us(r.cell[i][1]) * TICK_S;
        row.run_us = us(r.cell[i][2]) * TICK_S + longer_us;
        row.gpu_milli = 1000 * atoi(r.cell[i][3]);
        row.queue = row.run_us < 2 * US_PER_HOUR ? "short" : "long";
        row.queue_n = strlen(row.queue);
        if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
    }
    simulate_seal(w);
    return r;
}

/* Runs them on pools, the last of which is on demand. */
static void run(const struct workload *w, struct pool_spec *pools, int32_t pool_n,
                struct seen *seen, struct world_result *result)
{
    const struct fleet_spec fleet = { .name = "gaia",
                                      .pool_n = pool_n,
                                      .pools = pools,
                                      .scheduler = { .order = queue_order_find("fifo"),
                                                     .placement = placement_find("first-fit"),
                                                     .gang = GANG_ANYWHERE } };
    const struct observer observer = { .context = seen, .job = see };
    const struct world_options options = { .seed = 1 };
    struct error err;
    if (world_run(w, &fleet, &options, &observer, result, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(result->finished, JOBS);
}

/* How many jobs are not on the kind of capacity they are on there. All that are must start when
 * they do there, for as much; a reserved CPU costs a job nothing more there. */
static size_t elsewhere(const struct rows *r, const struct seen *seen, int reserved)
{
    size_t n = 0;
    for (size_t i = 0; i < JOBS; i++) {
        char *const *cell = r->cell[i];
        int is_reserved = reserved && seen->pool[i] == 0;
        assert_int_equal(seen->start_us[i], us(cell[8]) * TICK_S);
        if (is_reserved != (atof(cell[7]) <= 0)) n++;
        else if (!is_reserved && fabs((double)seen->usd_micro[i] - atof(cell[7]) * 1e6) > 1)
            fail_msg("job %s: %lld micro-dollars, peer $%s", cell[0], (long long)seen->usd_micro[i],
                     cell[7]);
    }
    return n;
}

static size_t reserved(const char *file, int32_t cpus, int64_t longer_us)
{
    struct pool_spec pools[] = { capacity("reserved", cpus, on_demand_nano * 4 / 10),
                                 capacity("on-demand", ELASTIC, on_demand_nano) };
    struct seen *seen = calloc(1, sizeof *seen);
    struct world_result result;
    struct workload w;
    double hour_usd = cpus * 0.4 * 0.0624, last_start_h = 0, last_end_h;
    struct rows r = gaia_rows(file, &w, longer_us);
    run(&w, pools, 2, seen, &result);
    size_t n = elsewhere(&r, seen, 1);
    for (size_t i = 0; i < JOBS; i++)
        last_start_h = fmax(last_start_h, (double)seen->start_us[i] / US_PER_HOUR);
    last_end_h = (double)result.makespan_us / US_PER_HOUR;
    /* Theirs, to the last start, and ours. */
    assert_float_equal(hour_usd * last_start_h, atof(r.cell[JOBS][7]), 1e-6);
    assert_float_equal(hour_usd * last_end_h, (double)result.pools[0].cost_usd_micro / 1e6, 2e-6);
    assert_true(last_end_h / last_start_h > 1.14);
    world_result_free(&result);
    free(seen);
    workload_free(&w);
    rows_free(&r);
    return n;
}

static void reserved_first(void **state)
{
    (void)state;
    assert_int_equal(reserved("carbon-7000-oracle-FLAT-9-0x0", 9, 1), 0);
    assert_int_equal(reserved("carbon-7000-oracle-FLAT-18-0x0", 18, 1), 0);
    /* Without the tick. */
    assert_int_equal(reserved("carbon-7000-oracle-FLAT-9-0x0", 9, 0), 32);
}

static void without_reservations(void **state)
{
    static const struct {
        const char *file;
        int64_t short_nano;
    } cases[] = { { "carbon-7000-oracle-FLAT-0-0x0", 62400000 },
                  { "carbon-spot-7000-oracle-FLAT-0-0x0", 12480000 } };
    (void)state;
    for (int k = 0; k < 2; k++) {
        static const char *const brief[] = { "short" };
        struct pool_spec pools[] = { capacity("spot", ELASTIC, cases[k].short_nano),
                                     capacity("on-demand", ELASTIC, on_demand_nano) };
        struct seen *seen = calloc(1, sizeof *seen);
        struct world_result result;
        struct workload w;
        struct rows r = gaia_rows(cases[k].file, &w, 0);
        pools[0].queues = (struct name_list){ 1, brief };
        run(&w, pools, 2, seen, &result);
        assert_int_equal(elsewhere(&r, seen, 0), 0);
        for (size_t i = 0; i < JOBS; i++)
            assert_int_equal(seen->pool[i], w.run_us[i] < 2 * US_PER_HOUR ? 0 : 1);
        world_result_free(&result);
        free(seen);
        workload_free(&w);
        rows_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserved_first),
        cmocka_unit_test(without_reservations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
