/* SPDX-License-Identifier: Apache-2.0 */
/* What is paid besides nodes: worked out by hand, and of whole worlds, hour by hour. */
#include <stdlib.h>
#include <string.h>

#include "tests/random_world.h"
#include "tests/simulate.h"

#include "models/pricing/money.h"
#include "models/pricing/services.h"

#define USD      INT64_C(1000000)
#define USD_NANO INT64_C(1000000000)
#define GB       INT64_C(1000000000)
#define DAY_US   (24 * HOUR_US)
/* 2026-01-31T23:00:00Z. */
#define JANUARY_31_US (INT64_C(1769900400) * 1000000)

static const struct service_kind *kind(const char *name)
{
    const struct service_kind *k = service_kinds;
    while (k->name && strcmp(k->name, name) != 0) k++;
    assert_non_null(k->name);
    return k;
}

static struct fleet_service service(const char *of, const char *per, int64_t usd_nano,
                                    int64_t amount)
{
    const struct service_price_unit *u = service_price_units;
    while (u->name && strcmp(u->name, per) != 0) u++;
    assert_non_null(u->name);
    assert_int_equal(u->unit, kind(of)->unit);
    return (struct fleet_service){ .kind = kind(of),
                                   .name = of,
                                   .per = u,
                                   .usd_nano = usd_nano,
                                   .amount = amount,
                                   .price_region = "r",
                                   .price_valid_from = "2026-01-01",
                                   .price_source = "a test" };
}

static void is_about(double x, double expected)
{
    double off = x - expected;
    if (off > 1e-9 * expected || off < -1e-9 * expected) fail_msg("%.12g, not %.12g", x, expected);
}

/* EKS: $0.10 a cluster-hour, $73 a month of 730 hours. */
static void a_control_plane(void **state)
{
    const struct fleet_service one = service("control-plane", "cluster-hour", USD_NANO / 10, 1),
                               three = service("control-plane", "cluster-hour", USD_NANO / 10, 3);
    (void)state;
    assert_int_equal(service_usd_nano_per_hour(&one), USD_NANO / 10);
    assert_int_equal(service_usd_micro_until(&one, HOUR_US), USD / 10);
    assert_int_equal(service_usd_micro_until(&one, 730 * HOUR_US), 73 * USD);
    assert_int_equal(service_usd_micro_until(&three, 730 * HOUR_US / 2), 3 * 73 * USD / 2);
    assert_int_equal(service_usd_micro_until(&one, HOUR_US / 3), 33333);
    is_about(service_quantity(&three, 10 * HOUR_US, 0), 30);
    assert_false(service_is_metered(&one));
}

/* gp3: $0.08 a GB-month. 1.2 TB of Lustre at $0.145 are $174 a month (semantics.md, 5.2: c3x.dev).
 */
static void storage(void **state)
{
    const struct fleet_service gp3 = service("block-storage", "GB-month", 8 * USD_NANO / 100,
                                             500 * GB),
                               lustre =
                                   service("lustre", "GB-month", 145 * USD_NANO / 1000, 1200 * GB),
                               by_tb = service("lustre", "TB-month", 145 * USD_NANO, 1200 * GB),
                               by_gib = service("object-storage", "GiB-month", 23 * USD_NANO / 1000,
                                                INT64_C(1) << 40);
    (void)state;
    /* 500 x 0.08 / 730 = $0.054794520548 an hour */
    assert_int_equal(service_usd_nano_per_hour(&gp3), 54794521);
    assert_int_equal(service_usd_micro_until(&gp3, 730 * HOUR_US), 40 * USD);
    assert_int_equal(service_usd_micro_until(&gp3, HOUR_US), 54795);
    assert_int_equal(service_usd_micro_until(&lustre, 730 * HOUR_US), 174 * USD);
    assert_int_equal(service_usd_nano_per_hour(&by_tb), service_usd_nano_per_hour(&lustre));
    assert_int_equal(service_usd_micro_until(&by_gib, 730 * HOUR_US), 23552 * USD / 1000);
    is_about(service_quantity(&gp3, 365 * HOUR_US, 0), 250);
}

static int64_t paid(struct service_meter *m, const struct fleet_service *s, int64_t end_us,
                    int64_t gpu_hours)
{
    struct error err;
    __int128 bytes;
    assert_int_equal(service_meter_job(m, s, end_us, (__int128)gpu_hours * 1000 * HOUR_US, &bytes,
                                       &err),
                     STATUS_OK);
    return (int64_t)bytes;
}

/* 100 GB of a month are free; January has an hour left. */
static void egress(void **state)
{
    struct fleet_service s = service("egress", "GB", 9 * USD_NANO / 100, 0);
    struct service_meter m;
    (void)state;
    s.bytes_per_job = 30 * GB;
    s.bytes_per_gpu_hour = GB / 2;
    s.free_bytes = 100 * GB;
    assert_true(service_is_metered(&s));
    assert_int_equal(service_usd_nano_per_hour(&s), 0);
    service_meter_init(&m, 0, JANUARY_31_US);
    assert_int_equal(paid(&m, &s, HOUR_US / 2, 40), 0);        /* 50: free */
    assert_int_equal(paid(&m, &s, HOUR_US / 2, 60), 10 * GB);  /* 60: 50 are free */
    assert_int_equal(paid(&m, &s, HOUR_US, 0), 30 * GB);       /* its last moment is January's */
    assert_int_equal(paid(&m, &s, HOUR_US + 1, 0), 0);         /* February */
    assert_int_equal(paid(&m, &s, 27 * DAY_US, 180), 50 * GB); /* 30 + 120 = 150 */
    assert_int_equal(paid(&m, &s, 28 * DAY_US, 0), 30 * GB);   /* February 28, 23:00 */
    assert_int_equal(paid(&m, &s, 28 * DAY_US + HOUR_US, 0), 30 * GB);
    assert_int_equal(paid(&m, &s, 28 * DAY_US + HOUR_US + 1, 0), 0); /* March */
    assert_true(m.paid == (__int128)150 * GB && m.hour[0] == (__int128)40 * GB && m.hour[1] == 0);
    assert_int_equal(service_usd_micro_of(&s, m.paid, false), 1350 * USD / 100);
    assert_int_equal(service_usd_micro_of(&s, 5556, false), 1); /* $0.00000050004 */
    assert_int_equal(service_usd_micro_of(&s, 5556, true), 0);
    is_about(service_quantity(&s, DAY_US, m.paid), 150);
    service_meter_free(&m);

    service_meter_init(&m, 0, INT64_MIN); /* months of 730 hours */
    assert_int_equal(paid(&m, &s, 730 * HOUR_US, 180), 20 * GB);
    assert_int_equal(paid(&m, &s, 730 * HOUR_US + 1, 180), 20 * GB);
    service_meter_free(&m);

    service_meter_init(&m, HOUR_US / 2, -DAY_US * 31 - HOUR_US / 2); /* December 1969 begins */
    assert_int_equal(paid(&m, &s, 31 * DAY_US + HOUR_US / 2, 180), 20 * GB);
    assert_int_equal(paid(&m, &s, 31 * DAY_US + HOUR_US / 2 + 1, 180), 20 * GB);
    service_meter_free(&m);
}

static void too_much(void **state)
{
    struct fleet_service s = service("egress", "GB", SERVICE_NANO_MAX, 0);
    struct service_meter m;
    struct error err;
    __int128 bytes;
    (void)state;
    s.bytes_per_gpu_hour = SERVICE_BYTES_MAX;
    service_meter_init(&m, 0, INT64_MIN);
    assert_int_equal(service_meter_job(&m, &s, HOUR_US, (__int128)1 << 100, &bytes, &err),
                     STATUS_OK);
    assert_true(service_usd_micro_of(&s, m.paid, false) == INT64_MAX);
    assert_int_equal(service_meter_job(&m, &s, HOUR_US << 20, 0, &bytes, &err), STATUS_OK);
    assert_true(m.hours_over); /* beyond 59 years there are totals alone */
    service_meter_free(&m);
    const struct fleet_service most =
        service("lustre", "GB-month", SERVICE_NANO_MAX, SERVICE_BYTES_MAX);
    assert_true(service_usd_nano_per_hour(&most) == INT64_MAX);
}

/* ---- whole worlds ---- */

enum { HOURS_MAX = 4096, SERVICES = 3 };

struct seen {
    const struct workload *w;
    int64_t jobs[SERVICES][HOURS_MAX], fleet[SERVICES][HOURS_MAX];
    __int128 bytes[HOURS_MAX]; /* from the jobs */
    int64_t into_us, books_us, jobs_usd_micro, bytes_per_job, bytes_per_gpu_hour;
};

static void see_service(void *context, const struct service_hour_record *r)
{
    struct seen *s = context;
    assert_true(r->service >= 0 && r->service < SERVICES && r->hour >= 0 && r->hour < HOURS_MAX);
    s->jobs[r->service][r->hour] += r->jobs_usd_micro;
    s->fleet[r->service][r->hour] += r->fleet_usd_micro;
}

static void see_job(void *context, const struct job_record *r)
{
    struct seen *s = context;
    s->jobs_usd_micro += r->cost_usd_micro;
    if (r->end_us < 0 || (s->books_us > 0 && r->end_us > s->books_us)) return;
    int64_t hour = (r->end_us - 1 + s->into_us) / HOUR_US;
    __int128 gpu_us = (__int128)r->held_us * r->gpu_milli / 1000;
    s->bytes[hour] += s->bytes_per_job + (gpu_us * s->bytes_per_gpu_hour + HOUR_US / 2) / HOUR_US;
}

static void run(uint64_t round, const char *order, bool books)
{
    static struct seen seen;
    struct draw d = { random_key(round + 1, 12), 0 };
    struct workload w;
    struct pool_spec pools[2];
    struct fleet_service items[SERVICES] = {
        service("control-plane", "cluster-hour", USD_NANO / 10, 1 + below(&d, 3)),
        service("egress", "GB", 90000001, 0),
        service("lustre", "GiB-month", 145000007, (1 + below(&d, 9)) * INT64_C(1234567890123)),
    };
    struct world_result result;
    struct error err;
    items[1].bytes_per_job = below(&d, 3) * INT64_C(1234567891);
    items[1].bytes_per_gpu_hour = below(&d, 3) * INT64_C(7654321);
    for (int p = 0; p < 2; p++)
        pools[p] = (struct pool_spec){
            .name = p ? "b" : "a",
            .type = { .name = "n", .provider = "", .gpu_model = "X", .gpus = 8, .source = "" },
            .nodes = 1 + below(&d, 3),
            .purchase = { .option = purchase_option_find("on-demand"),
                          .usd_nano_per_hour = 21957642001 }
        };
    const struct fleet_spec fleet = { .name = "f",
                                      .pool_n = 2,
                                      .pools = pools,
                                      .scheduler = { .order = queue_order_find(order),
                                                     .placement = placement_find("pack") },
                                      .services = { SERVICES, items } };
    memset(&seen, 0, sizeof seen);
    if (books) seen.books_us = (1 + below(&d, 100000)) * INT64_C(2000001);
    random_workload(&d, 20 + below(&d, 60), 8, LIMITS_NONE, &w);
    for (size_t j = 0; j < w.job_n; j++) {
        w.submit_us[j] *= 360000011;
        w.run_us[j] *= 370000003;
    }
    w.t0_unix_us = (int64_t)below(&d, 1000000) * 7777777;
    seen.w = &w;
    seen.into_us = w.t0_unix_us % HOUR_US;
    seen.bytes_per_job = items[1].bytes_per_job;
    seen.bytes_per_gpu_hour = items[1].bytes_per_gpu_hour;
    const struct observer observer = { .context = &seen,
                                       .job = see_job,
                                       .service_hour = see_service };
    const struct world_options options = { .seed = 1, .books_us = seen.books_us };
    if (world_run(&w, &fleet, &options, &observer, &result, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(result.service_n, SERVICES);
    for (int i = 0; i < SERVICES; i++) {
        int64_t jobs = 0, rest = 0;
        __int128 bytes = 0;
        for (int h = 0; h < HOURS_MAX; h++) {
            bytes += seen.bytes[h];
            jobs += seen.jobs[i][h];
            rest += seen.fleet[i][h];
            if (i == 1 && jobs != service_usd_micro_of(&items[1], bytes, false))
                fail_msg("round %d, hour %d", (int)round, h);
        }
        assert_int_equal(jobs, result.services[i].jobs_usd_micro);
        assert_int_equal(rest, result.services[i].fleet_usd_micro);
        assert_int_equal(i == 1 ? rest : jobs, 0);
        if (i != 1) assert_int_equal(rest, service_usd_micro_until(&items[i], result.books_us));
    }
    assert_int_equal(seen.jobs_usd_micro, result.jobs_usd_micro);
    world_result_free(&result);
    workload_free(&w);
}

static void worlds_are_their_hours(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 100; round++) {
        run(round, "fifo", round % 2);
        run(round, "srtf", round % 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_control_plane),
        cmocka_unit_test(storage),
        cmocka_unit_test(egress),
        cmocka_unit_test(too_much),
        cmocka_unit_test(worlds_are_their_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
