/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guessed run times: what is looked at before what, by hand; that nobody looks ahead; and qssf
 * against its rules written plainly, whenever passes are made.
 */
#include "models/scheduling/history.h"

#include <string.h>

#include "tests/random_world.h"

/* ---- the guess ---- */

static void job_of(struct workload *w, const char *tenant, const char *user, const char *class_,
                   int32_t gpus, int64_t run_us)
{
    struct job_row row;
    struct error err = { STATUS_OK, "" };
    job_row_init(&row);
    row.tenant = tenant;
    row.tenant_n = strlen(tenant);
    row.user = user;
    row.user_n = strlen(user);
    row.class_ = class_;
    row.class_n = strlen(class_);
    row.gpu_milli = 1000 * gpus;
    row.run_us = run_us;
    row.submit_us = (int64_t)w->job_n;
    if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
}

static void the_finest_history_there_is(void **state)
{
    struct workload w;
    struct history h;
    (void)state;
    simulate_workload_init(&w);
    job_of(&w, "t", "ann", "vision", 1, 100);
    job_of(&w, "t", "ann", "vision", 1, 200);
    job_of(&w, "t", "ann", "vision", 1, 400);
    job_of(&w, "t", "ann", "speech", 1, 1000);
    job_of(&w, "t", "ann", "vision", 8, 5000);
    job_of(&w, "t", "bob", "vision", 8, 7000);
    simulate_seal(&w);
    history_init(&h, &w);
    for (uint32_t j = 0; j < 6; j++) assert_int_equal(history_predict_us(&h, j), 0);

    assert_true(history_learn(&h, 0));
    for (uint32_t j = 0; j < 6; j++) assert_int_equal(history_predict_us(&h, j), 100);
    assert_true(history_learn(&h, 1) && history_learn(&h, 2));
    assert_int_equal(history_predict_us(&h, 0), 275);     /* newer ones count more */
    assert_int_equal(history_predict_us(&h, 3), 700 / 3); /* another class: of as many GPUs */
    assert_int_equal(history_predict_us(&h, 4), 700 / 3); /* other GPUs: of the user */
    assert_int_equal(history_predict_us(&h, 5), 700 / 3); /* nobody's user: of all */
    assert_true(history_learn(&h, 4));
    assert_int_equal(history_predict_us(&h, 5), 5000); /* of as many GPUs */
    assert_int_equal(history_predict_us(&h, 3), 700 / 3);
    assert_true(history_learn(&h, 3));
    assert_int_equal(history_predict_us(&h, 3), 1000);
    assert_int_equal(history_predict_us(&h, 0), 275); /* of its class alone */
    history_free(&h);
    workload_free(&w);
}

/* Users of one name in two tenants are two. */
static void a_user_is_of_a_tenant(void **state)
{
    struct workload w;
    struct history h;
    (void)state;
    simulate_workload_init(&w);
    job_of(&w, "t", "ann", "", 1, 100);
    job_of(&w, "u", "ann", "", 1, 300);
    job_of(&w, "u", "ann", "", 1, 0);
    simulate_seal(&w);
    history_init(&h, &w);
    assert_true(history_learn(&h, 0) && history_learn(&h, 1));
    assert_int_equal(history_predict_us(&h, 2), 300);
    history_free(&h);
    workload_free(&w);
}

/* Thousands of users: the table grows, and nothing of it is lost. */
static void many_users(void **state)
{
    struct workload w;
    struct history h;
    (void)state;
    simulate_workload_init(&w);
    for (int i = 0; i < 5000; i++) {
        char user[16];
        snprintf(user, sizeof user, "u%d", i);
        job_of(&w, "", user, "", 1 + i % 8, 1000 + i);
    }
    simulate_seal(&w);
    history_init(&h, &w);
    for (uint32_t j = 0; j < 5000; j++) assert_true(history_learn(&h, j));
    for (uint32_t j = 0; j < 5000; j++) assert_int_equal(history_predict_us(&h, j), 1000 + j);
    history_free(&h);
    workload_free(&w);
}

/* ---- the order ---- */

/* In how many worlds something starts at another time before a change of a job's run time can be
 * known: before it would have ended, with its old run time or its new one. */
static int worlds_that_look_ahead(enum predictor_rule predictor)
{
    int n = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct draw d = { random_key(seed, 5), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct schedule before, after;
        int largest = random_fleet(&d, &fleet), looks = 0;
        fleet.order = "qssf";
        fleet.predictor = predictor;
        random_workload(&d, 60, largest, LIMITS_NONE, &w);
        simulate(&w, &fleet, &before);
        size_t changed = (size_t)below(&d, 60);
        w.run_us[changed] += 1 + below(&d, 20);
        simulate(&w, &fleet, &after);
        for (size_t j = 0; j < w.job_n; j++)
            looks |= before.start_us[j] != after.start_us[j] &&
                     (before.start_us[j] < before.end_us[changed] ||
                      after.start_us[j] < before.end_us[changed]);
        n += looks;
        schedule_free(&before);
        schedule_free(&after);
        workload_free(&w);
    }
    return n;
}

static void the_future_is_not_read(void **state)
{
    (void)state;
    assert_int_equal(worlds_that_look_ahead(PREDICTOR_HISTORY), 0);
    assert_true(worlds_that_look_ahead(PREDICTOR_PERFECT) > 0); /* so that it could be seen */
}

static void whenever_passes_are_made(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        struct draw d = { random_key(seed, 6), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 40), largest, LIMITS_NONE, &w);
        fleet.order = "qssf";
        fleet.predictor = (enum predictor_rule)below(&d, 2);
        fleet.timing.instant = (enum instant_rule)below(&d, 2);
        if (below(&d, 3) == 0) fleet.timing.cycle_us = 1 + below(&d, 6);
        else fleet.timing.events = (enum event_rule)below(&d, 2);
        agree(&w, &fleet, seed);
        workload_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_finest_history_there_is),
        cmocka_unit_test(a_user_is_of_a_tenant),
        cmocka_unit_test(many_users),
        cmocka_unit_test(the_future_is_not_read),
        cmocka_unit_test(whenever_passes_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
