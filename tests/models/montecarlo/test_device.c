/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices compute what processors compute. On a machine with a GPU: the same bytes of every kernel,
 * in several shapes (SEATRIAL_GPU=required: a failure where there is none, not a skip). Anywhere:
 * how work is shared among devices, and that one that fails costs nothing, with devices that are
 * processors in disguise.
 */
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/engine.h"
#include "models/montecarlo/fleet_year_setup.h"
#include "tests/gang_queues.h"
#include "tests/support.h"

enum { REPLICATIONS = 300, FLEETS = 3 };

/* ---- what is computed ---- */

struct queue_outcome {
    struct queue_result results[REPLICATIONS];
    uint64_t histogram[LOG_BUCKET_N], each[REPLICATIONS][LOG_BUCKET_N];
};

static void year_case(int32_t regions, bool antithetic, struct fleet_year_world *world,
                      struct fleet_year_tables *tables, struct fleet_year_fleet *fleets)
{
    struct fleet_year_outlook o;
    struct error err;
    fleet_year_outlook_init(&o);
    o.hours = 2000;
    o.week_start = 9;
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        o.serving_gpus[h] = 100 + h % 24;
        o.training_gpus[h] = 250;
    }
    o.growth = 0.3;
    o.growth_sd = 0.2;
    o.level_sd = 0.1;
    o.demand = (struct fleet_year_spread){ 0.2, 0.95 };
    o.burst_sd = 0.6;
    o.price_trend_sd = 0.1;
    o.spot_price = (struct fleet_year_spread){ 0.3, 0.99 };
    o.region_n = regions;
    for (int r = 0; r < regions; r++) o.spot_gpus[r] = 60;
    o.spot_capacity = (struct fleet_year_spread){ 0.5, 0.97 };
    o.region_correlation = 0.4;
    o.reclaim_gpus = o.failure_gpus = 8;
    o.reclaim_chance = 0.02;
    o.reclaim_sd = 0.5;
    o.reclaim_hours = 3;
    o.failure_chance = 0.0005;
    o.failure_hours = 20;
    o.redo_hours = 1;
    o.seed = 42;
    o.antithetic = antithetic;
    if (fleet_year_world_set(world, tables, &o, &err)) fail_msg("%s", err.message);
    for (int i = 0; i < FLEETS; i++) {
        struct fleet_year_offer f;
        fleet_year_offer_init(&f);
        f.reserved_gpus = 150 + 100 * i;
        f.reserved_usd = 2;
        f.on_demand_most_gpus = 200;
        f.on_demand_usd = 4;
        f.lag_hours = 2;
        f.plan_usd_per_hour = i == 1 ? 100 : 0;
        f.plan_usd = 3;
        for (int r = 0; r < regions; r++) {
            f.spot_most_gpus[r] = 40;
            f.spot_usd[r] = 1.5;
            f.bid_usd[r] = 2.5;
        }
        if (fleet_year_fleet_set(&fleets[i], &f, &err)) fail_msg("%s", err.message);
    }
}

/* ---- processors in disguise ---- */

static int calls_of[4];

static int fake_queue(int device, const struct queue_model *m,
                      const struct cuda_queue_tables *tables, uint32_t first, uint32_t n,
                      struct queue_result *results, int each, uint64_t *histogram, char *message)
{
    struct error err;
    assert_true(tables->class_bins && tables->classes && tables->run && tables->gap);
    assert_true((tables->batches > 0) == (m->batches != NULL));
    assert_true((tables->week > 0) == (m->hour_ticks > 0));
    calls_of[device]++;
    memset(histogram, 0, (each ? n : 1) * LOG_BUCKET_N * sizeof *histogram);
    (void)message;
    for (uint32_t i = 0; i < n; i++) { /* one that goes beyond says so itself, and is no failure */
        uint64_t *counts = histogram + (each ? (size_t)i * LOG_BUCKET_N : 0);
        queue_run(m, QUEUE_RING, first + i, 1, &results[i], counts, &err);
        counts[0] = 0; /* a device does not count waits of nothing */
    }
    return 0;
}

static int fake_year(int device, const struct fleet_year_case *what,
                     const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                     uint32_t n, struct fleet_year_row *rows, char *message)
{
    (void)message;
    calls_of[device]++;
    for (uint32_t f = 0; f < fleet_n; f++)
        fleet_year_rows(what, &fleets[f], FLEET_YEAR_SCALAR, first, n, rows + (size_t)f * n);
    return 0;
}

static int fake_tally(int device, const struct fleet_year_case *what,
                      const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                      uint32_t n, struct fleet_year_tally *tallies, char *message)
{
    struct error err;
    (void)message;
    calls_of[device]++;
    return fleet_year_tally_run(what, fleets, fleet_n, FLEET_YEAR_SCALAR, first, n, 1, NULL,
                                tallies, &err);
}

static int breaks(int device, char *message)
{
    if (device != 1) return 0;
    snprintf(message, CUDA_MESSAGE, "an illegal memory access was encountered");
    return -1;
}

static int broken_queue(int device, const struct queue_model *m,
                        const struct cuda_queue_tables *tables, uint32_t first, uint32_t n,
                        struct queue_result *results, int each, uint64_t *histogram, char *message)
{
    int code = fake_queue(device, m, tables, first, n, results, each, histogram, message);
    return breaks(device, message) ? -1 : code;
}

static int broken_year(int device, const struct fleet_year_case *what,
                       const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                       uint32_t n, struct fleet_year_row *rows, char *message)
{
    int code = fake_year(device, what, fleets, fleet_n, first, n, rows, message);
    return breaks(device, message) ? -1 : code;
}

static int broken_tally(int device, const struct fleet_year_case *what,
                        const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                        uint32_t n, struct fleet_year_tally *tallies, char *message)
{
    int code = fake_tally(device, what, fleets, fleet_n, first, n, tallies, message);
    return breaks(device, message) ? -1 : code;
}

static const struct cuda_calls fake = { .queue = fake_queue,
                                        .fleet_year = fake_year,
                                        .fleet_year_tally = fake_tally };
static const struct cuda_calls broken = { .queue = broken_queue,
                                          .fleet_year = broken_year,
                                          .fleet_year_tally = broken_tally };

static struct engine engine_of(const struct cuda_calls *calls, int devices)
{
    memset(calls_of, 0, sizeof calls_of);
    return (struct engine){ .threads = 2, .devices = { .calls = calls, .n = devices } };
}

/* ---- comparisons ---- */

/* What the processor says of each queue, asked once: all engines are held against it. */
static const struct queue_outcome *host_outcome(int queue, const struct queue_model *m)
{
    static struct queue_outcome outcomes[GANG_QUEUE_N];
    static struct queue_result again[REPLICATIONS];
    static bool known[GANG_QUEUE_N];
    struct queue_outcome *o = &outcomes[queue];
    struct error err;
    if (known[queue]) return o;
    if (queue_run(m, QUEUE_RING, 3, REPLICATIONS, o->results, o->histogram, &err) ||
        queue_run_threads(m, QUEUE_RING, 3, REPLICATIONS, 2, again, QUEUE_EACH, o->each[0], &err))
        fail_msg("queue %d: %s", queue, err.message);
    assert_memory_equal(again, o->results, sizeof again);
    known[queue] = true;
    return o;
}

static void queues_are_equal(struct engine *e)
{
    static struct queue_laws laws;
    static struct queue_plan plan;
    static struct queue_outcome device;
    struct error err;
    for (int i = 0; i < GANG_QUEUE_N; i++) {
        gang_queue_plan(&gang_queues[i], 5, &laws, &plan);
        const struct queue_outcome *host = host_outcome(i, &plan.model);
        memset(&device, 0, sizeof device);
        if (engine_queue(e, &plan.model, 3, REPLICATIONS, device.results, QUEUE_TOGETHER,
                         device.histogram, &err))
            fail_msg("queue %d: %s", i, err.message);
        if (memcmp(host->results, device.results, sizeof device.results) != 0)
            fail_msg("queue %d: other results", i);
        memset(device.results, 0, sizeof device.results);
        memset(device.each, 0x5a, sizeof device.each);
        if (engine_queue(e, &plan.model, 3, REPLICATIONS, device.results, QUEUE_EACH,
                         device.each[0], &err))
            fail_msg("queue %d: %s", i, err.message);
        if (memcmp(host->results, device.results, sizeof device.results) != 0 ||
            memcmp(host->each, device.each, sizeof device.each) != 0)
            fail_msg("queue %d: other results or counts of each replication", i);
        if (memcmp(host->histogram, device.histogram, sizeof device.histogram) != 0)
            fail_msg("queue %d: other counts", i);
        queue_laws_free(&laws);
    }
}

struct years {
    uint64_t hash, seen;
};

static void take_block(void *context, const struct fleet_year_block *b)
{
    struct years *y = context;
    for (uint32_t i = 0; i < b->n; i++) {
        y->hash += fleet_year_row_hash(&b->rows[i], b->fleet, b->first + i);
        y->seen++;
    }
}

static void years_are_equal(struct engine *e)
{
    static struct fleet_year_world world;
    static struct fleet_year_tables tables;
    struct fleet_year_fleet fleets[FLEETS];
    struct error err;
    for (int32_t regions = 0; regions <= FLEET_YEAR_REGIONS; regions++) {
        struct years host = { 0 }, device = { 0 };
        const struct fleet_year_case what = { &world, &tables };
        year_case(regions, regions % 2 == 1, &world, &tables, fleets);
        if (fleet_year_run(&what, fleets, FLEETS, FLEET_YEAR_SCALAR, 2, REPLICATIONS, 1, NULL,
                           take_block, &host, &err) ||
            engine_year(e, &what, fleets, FLEETS, 2, REPLICATIONS, NULL, take_block, &device, &err))
            fail_msg("%d regions: %s", regions, err.message);
        assert_int_equal(host.seen, FLEETS * REPLICATIONS);
        assert_int_equal(device.seen, host.seen);
        if (device.hash != host.hash) fail_msg("%d regions: other rows", regions);
    }
}

/* What rows add up to by hand, one after another. */
struct sums {
    struct fleet_year_tally tallies[FLEETS];
    bool antithetic;
};

static void sum_block(void *context, const struct fleet_year_block *b)
{
    struct sums *s = context;
    fleet_year_tally_add(&s->tallies[b->fleet], b->rows, b->n, s->antithetic);
}

static bool tallies_equal(const struct fleet_year_tally *a, const struct fleet_year_tally *b)
{
    return a->bill.n == b->bill.n && a->bill.least == b->bill.least &&
           a->bill.most == b->bill.most && a->over_budget == b->over_budget &&
           a->too_late == b->too_late && a->controls.n == b->controls.n &&
           a->controls.cost_cost == b->controls.cost_cost &&
           memcmp(a->controls.sum, b->controls.sum, sizeof a->controls.sum) == 0 &&
           memcmp(a->bill.count, b->bill.count, sizeof a->bill.count) == 0;
}

/* The axis is of few replications, so that some lie beyond it; budget and deadline are missed by
 * some. In one call, and in two. */
static void tallies_are_equal(struct engine *e)
{
    static struct fleet_year_world world;
    static struct fleet_year_tables tables;
    static struct sums host, whole, parts;
    struct fleet_year_fleet fleets[FLEETS];
    struct fleet_year_row pilot[4];
    struct error err;
    for (int32_t regions = 0; regions <= FLEET_YEAR_REGIONS; regions++) {
        const struct fleet_year_case what = { &world, &tables };
        year_case(regions, regions % 2 == 1, &world, &tables, fleets);
        for (int f = 0; f < FLEETS; f++) {
            int64_t bills[4];
            fleet_year_rows(&what, &fleets[f], FLEET_YEAR_SCALAR, 0, 4, pilot);
            for (int i = 0; i < 4; i++) bills[i] = pilot[i].field[FLEET_YEAR_COST];
            fleet_year_tally_init(&host.tallies[f], fleet_year_axis_of(bills, 4), world.hours,
                                  bills[0], pilot[0].field[FLEET_YEAR_LATE]);
        }
        host.antithetic = world.antithetic;
        whole = parts = host;
        if (fleet_year_run(&what, fleets, FLEETS, FLEET_YEAR_SCALAR, 2, REPLICATIONS, 1, NULL,
                           sum_block, &host, &err) ||
            engine_year_tally(e, &what, fleets, FLEETS, 2, REPLICATIONS, NULL, whole.tallies,
                              &err) ||
            engine_year_tally(e, &what, fleets, FLEETS, 100, REPLICATIONS - 98, NULL, parts.tallies,
                              &err) ||
            engine_year_tally(e, &what, fleets, FLEETS, 2, 98, NULL, parts.tallies, &err))
            fail_msg("%d regions: %s", regions, err.message);
        for (int f = 0; f < FLEETS; f++) {
            assert_int_equal(host.tallies[f].bill.n, REPLICATIONS);
            if (!tallies_equal(&host.tallies[f], &whole.tallies[f]) ||
                !tallies_equal(&host.tallies[f], &parts.tallies[f]))
                fail_msg("%d regions, fleet %d: other sums", regions, f);
        }
    }
}

/* ---- tests ---- */

static void work_is_shared(void **state)
{
    (void)state;
    for (int n = 1; n <= 3; n++) {
        struct engine e = engine_of(&fake, n);
        queues_are_equal(&e);
        years_are_equal(&e);
        tallies_are_equal(&e);
        assert_string_equal(e.left, "");
        for (int d = 0; d < n; d++)
            assert_int_equal(calls_of[d], 2 * GANG_QUEUE_N + 4 * (FLEET_YEAR_REGIONS + 1));
    }
}

static void a_device_that_fails_is_left(void **state)
{
    (void)state;
    struct engine e = engine_of(&broken, 2);
    queues_are_equal(&e);
    assert_string_equal(e.left, "CUDA device 1: an illegal memory access was encountered");
    assert_int_equal(e.devices.n, 0);
    assert_int_equal(calls_of[1], 1);
    e = engine_of(&broken, 2);
    years_are_equal(&e);
    assert_int_equal(e.devices.n, 0);
    e = engine_of(&broken, 2);
    tallies_are_equal(&e);
    assert_int_equal(e.devices.n, 0);
    assert_int_equal(calls_of[1], 1);
    e = engine_of(&broken, 1); /* device 0 is well */
    years_are_equal(&e);
    tallies_are_equal(&e);
    assert_int_equal(e.devices.n, 1);
}

/* A queue that grows without end fails on a device as it does on a processor, which is not the
 * device's fault. */
static void beyond_is_no_fault_of_a_device(void **state)
{
    static struct queue_laws laws;
    static struct queue_plan plan;
    static struct queue_outcome out;
    struct error one, other;
    struct engine e = engine_of(&fake, 1);
    (void)state;
    gang_queue_plan(&gang_queues[0], 5, &laws, &plan);
    plan.model.gap_scale = UINT32_MAX;
    plan.model.spread_scale = UINT32_MAX;
    assert_int_equal(queue_run(&plan.model, QUEUE_RING, 0, 9, out.results, out.histogram, &one),
                     STATUS_BAD_INPUT);
    assert_int_equal(engine_queue(&e, &plan.model, 0, 9, out.results, QUEUE_TOGETHER, out.histogram,
                                  &other),
                     STATUS_BAD_INPUT);
    queue_laws_free(&laws);
}

/* Who asked to stop is told so, on devices and on processors. */
static void tallies_stop(void **state)
{
    static struct fleet_year_world world;
    static struct fleet_year_tables tables;
    static struct fleet_year_tally tally;
    struct fleet_year_fleet fleets[FLEETS];
    const struct fleet_year_case what = { &world, &tables };
    const volatile int stop = 1;
    struct error err;
    (void)state;
    year_case(1, false, &world, &tables, fleets);
    for (int devices = 0; devices <= 1; devices++) {
        struct engine e = engine_of(&fake, devices);
        assert_int_equal(engine_year_tally(&e, &what, fleets, 1, 0, 9, &stop, &tally, &err),
                         STATUS_INTERRUPTED);
    }
    assert_int_equal(fleet_year_tally_run(&what, fleets, 1, FLEET_YEAR_SCALAR, 0, 9, 1, &stop,
                                          &tally, &err),
                     STATUS_INTERRUPTED);
}

static void without_devices_there_are_processors(void **state)
{
    struct engine e;
    char text[200];
    (void)state;
    engine_open(&e, ENGINE_CUDA, "/nowhere/libseatrial_cuda.so", 2);
    assert_non_null(strstr(e.left, "/nowhere/libseatrial_cuda.so"));
    engine_describe(&e, text, sizeof text);
    assert_int_equal(strncmp(text, "cpu, ", 5), 0);
    assert_non_null(strstr(text, ", 2 threads"));
    queues_are_equal(&e);
    tallies_are_equal(&e);
    engine_close(&e);
    engine_open(&e, ENGINE_AUTO, "/nowhere/libseatrial_cuda.so", 1);
    assert_string_equal(e.left, "");
    engine_close(&e);
}

/* The one that says that the CUDA code is right. */
static void a_gpu_gives_the_same_bytes(void **state)
{
    struct engine e;
    char path[4200], text[200];
    const char *library = getenv("SEATRIAL_CUDA");
    (void)state;
    snprintf(path, sizeof path, "%s", seatrial_path());
    char *slash = strrchr(path, '/');
    snprintf(slash ? slash + 1 : path, 32, "libseatrial_cuda.so");
    engine_open(&e, ENGINE_CUDA, library ? library : path, 1);
    if (*e.left) {
        const char *wanted = getenv("SEATRIAL_GPU");
        if (wanted && strcmp(wanted, "required") == 0) fail_msg("%s", e.left);
        print_message("skipped: %s\n", e.left);
        skip();
    }
    engine_describe(&e, text, sizeof text);
    print_message("on %s\n", text);
    queues_are_equal(&e);
    years_are_equal(&e);
    tallies_are_equal(&e);
    if (*e.left) fail_msg("%s", e.left);
    engine_close(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_shared),
        cmocka_unit_test(a_device_that_fails_is_left),
        cmocka_unit_test(beyond_is_no_fault_of_a_device),
        cmocka_unit_test(tallies_stop),
        cmocka_unit_test(without_devices_there_are_processors),
        cmocka_unit_test(a_gpu_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
