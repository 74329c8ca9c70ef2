/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers that must be set up against exact answers: M/M/c/setup, one set-up at a time (Gandhi and
 * Harchol-Balter 2009), and with delayed-off (Gandhi, Doroudi, Harchol-Balter, Scheller-Wolf 2013;
 * Phung-Duc 2014). Each within four standard errors of the simulated mean, where an answer a little
 * beside it is not.
 */
#include <math.h>
#include <stdlib.h>

#include "models/autoscaling/autoscaler.h"
#include "tests/estimate.h"
#include "tests/simulate.h"

#define UNIT_US 1e6 /* a unit of time of the oracles */

static int64_t us(double units) { return (int64_t)llround(units * UNIT_US); }

struct setup_oracle {
    const char *name;
    int servers;
    double arrivals, service, setup; /* rates */
    bool staggered;
    double off; /* rate of delayed-off, 0 = at once */
    double mean_stay, in_setup, idle;
};

static const struct setup_oracle oracles[] = {
    { "setup-01", 1, 0.5, 1, 0.1, false, 0, 12, 0.41666666666666635, 0 },
    { "setup-02", 2, 1.2, 1, 0.2, false, 0, 4.719616367893796, 0.6064739344320618, 0 },
    { "setup-04", 10, 6, 1, 0.1, false, 0, 2.8118826186557864, 3.1926648361834973, 0 },
    { "setup-05", 4, 2, 1, 0.2, true, 0, 6.0869565217391, 0.7509881422924879, 0 },
    { "setup-07", 4, 2, 1, 0.2, false, 0.1, 1.5806677398911455, 0.4253547587754579,
      0.850709517550917 },
    { "setup-08", 10, 5, 1, 0.1, false, 0.2, 1.5954222688224144, 1.6792673491541739,
      0.8396336745770917 },
    { "setup-10", 5, 3.5, 1, 0.25, false, 0, 2.7342983038228295, 1.1178073602411989, 0 },
    { "setup-11", 3, 1.5, 0.8, 0.1, false, 0.3, 4.419665468865521, 0.6449672279365535,
      0.21498907597885145 },
};
enum { JOBS = 20000, WARM_UP = 2000 };

static void one_path(const struct setup_oracle *o, uint64_t seed, struct estimate *stay,
                     struct estimate *in_setup, struct estimate *idle)
{
    struct random_key key = random_key(seed, 3);
    struct error err;
    struct workload w;
    struct schedule s;
    double at = 0, sum = 0;
    struct simulate_fleet fleet = { .pools = { { o->servers, 1 } },
                                    .coming = { o->servers },
                                    .seed = seed,
                                    .autoscaler = { .kind = &autoscaler_as_needed,
                                                    .needed.one_at_a_time = o->staggered } };
    assert_int_equal(duration_exponential(UNIT_US / o->setup, &fleet.boot, &err), STATUS_OK);
    if (o->off > 0)
        assert_int_equal(
            duration_exponential(UNIT_US / o->off, &fleet.autoscaler.needed.idle, &err), STATUS_OK);
    simulate_workload_init(&w);
    for (uint64_t j = 0; j < JOBS; j++) {
        at += random_exponential_of(random_unit(key, RANDOM_TEST, j, 0)) / o->arrivals;
        simulate_add(&w, us(at), 1,
                     us(random_exponential_of(random_unit(key, RANDOM_TEST, j, 1)) / o->service),
                     -1, -1);
    }
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    for (size_t j = WARM_UP; j < JOBS; j++) sum += (double)(s.end_us[j] - w.submit_us[j]) / UNIT_US;
    const struct pool_result *pool = &s.result.pools[0];
    double books = (double)s.result.books_us;
    estimate_add(stay, sum / (JOBS - WARM_UP));
    estimate_add(in_setup, (double)pool->booting_node_us / books);
    estimate_add(idle, (double)(pool->bought_node_us - pool->booting_node_us - pool->busy_gpu_us) /
                           books);
    schedule_free(&s);
    workload_free(&w);
}

static void servers_that_are_set_up(void **state)
{
    uint64_t paths = getenv("SEATRIAL_SLOW") ? 8 : 40;
    (void)state;
    for (size_t i = 0; i < sizeof oracles / sizeof *oracles; i++) {
        const struct setup_oracle *o = &oracles[i];
        struct estimate stay = { 0 }, in_setup = { 0 }, idle = { 0 };
        for (uint64_t r = 1; r <= paths; r++) one_path(o, r, &stay, &in_setup, &idle);
        estimate_agrees(o->name, "the stay", &stay, o->mean_stay, o->mean_stay * 1.15);
        estimate_agrees(o->name, "set-up", &in_setup, o->in_setup, o->in_setup * 1.1);
        if (o->off > 0) estimate_agrees(o->name, "idle", &idle, o->idle, o->idle * 1.1);
        else assert_true(idle.sum == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_that_are_set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
