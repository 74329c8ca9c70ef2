/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of hours that are not the bill are refused, whatever is damaged. */
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "reports/results.h"
#include "tests/support.h"

enum { NOTHING, A_CHARGE, A_HOUR_MORE, AN_IDLE_PART, A_SERVICE_HOUR, A_SERVICE, NO_HOURS, DAMAGES };

static void ok(enum status status, const struct error *err)
{
    if (status != STATUS_OK) fail_msg("%s", err->message);
}

/* A fleet of $3.000000 of nodes and $0.500000 of a service over two hours, a credit in the second;
 * one micro-dollar of one row is wrong. Beside it are a second fleet and replication. */
static enum status check(int damage, struct error *err)
{
    const char *path = scratch_path("hours.db");
    char partial[600];
    struct results *r;
    const struct results_run run = { "s",
                                     "s.yaml",
                                     "00",
                                     "{}",
                                     "w",
                                     1,
                                     7200,
                                     NAN,
                                     7200,
                                     7,
                                     2,
                                     0,
                                     "2024-06-01",
                                     "none",
                                     "",
                                     "0.1.0",
                                     "seatrial run s.yaml" };
    snprintf(partial, sizeof partial, "%s.partial", path);
    unlink(partial);
    ok(results_open(path, &run, &r, NULL, err), err);
    for (int32_t f = 0; f < 2; f++) {
        const struct results_fleet fleet = {
            f, f ? "b" : "a", "", "fifo", "pack", "anywhere", 8, 1
        };
        const struct results_pool pool = { f, 0, "p", "i",    "g",          "spot", 1,
                                           8, 0, "r", "spot", "2024-01-01", "test" };
        const struct results_service service = { f,    0, "s", "egress",     "",
                                                 "GB", 1, "r", "2024-01-01", "test" };
        ok(results_add_fleet(r, &fleet, err), err);
        ok(results_add_pool(r, &pool, err), err);
        ok(results_add_service(r, &service, err), err);
        ok(results_add_charge(r, f, 0, 0, "spot", "jobs", 2000000 + (damage == A_CHARGE), err),
           err);
        ok(results_add_charge(r, f, 0, 0, "spot", "idle", 1250000, err), err);
        ok(results_add_charge(r, f, 0, 0, "first hours free", "idle", -250000, err), err);
        ok(results_add_charge(r, f, 1, 0, "spot", "jobs", 77, err), err);
        const struct results_service_charge egress = {
            f, 0, 0, 1, 500000 - (damage == A_SERVICE), 0
        };
        ok(results_add_service_charge(r, &egress, err), err);
        for (int32_t h = 0; h < 2; h++) {
            const struct results_hour hour = { f, 0, 0, h, h * 3600.0, 1, 8, 4, 0, 0, 0, 0 };
            const struct results_hour_charge charge = {
                f, 0, 0, h, "spot", -1, 1, 1000000, h ? 625000 - (damage == AN_IDLE_PART) : 625000
            };
            const struct results_service_hour of = {
                f, 0, 0, h, 250000 + (h && damage == A_SERVICE_HOUR), 0
            };
            if (damage != NO_HOURS) ok(results_add_hour(r, &hour, err), err);
            if (damage != NO_HOURS) ok(results_add_hour_charge(r, &charge, err), err);
            if (damage != NO_HOURS) ok(results_add_service_hour(r, &of, err), err);
        }
        const struct results_hour_charge credit = { f,  0, 0, 1,      "first hours free",
                                                    -1, 1, 0, -250000 };
        const struct results_hour_charge more = { f, 0, 0, 2, "spot", -1, 1, 0, 1 };
        if (damage != NO_HOURS) ok(results_add_hour_charge(r, &credit, err), err);
        if (damage == A_HOUR_MORE) ok(results_add_hour_charge(r, &more, err), err);
    }
    struct error first;
    enum status status = results_check_hours(r, 0, 0, &first);
    assert_int_equal(results_check_hours(r, 1, 0, err), status);
    assert_int_equal(results_check_hours(r, 0, 1, err), STATUS_OK); /* which keeps none */
    struct error ignored;
    results_close(r, "failed", &ignored);
    *err = first;
    return status;
}

static void a_damaged_sum_is_refused(void **state)
{
    struct error err;
    (void)state;
    for (int damage = 0; damage < DAMAGES; damage++) {
        enum status status = check(damage, &err);
        bool good = damage == NOTHING || damage == NO_HOURS;
        assert_int_equal(status, good ? STATUS_OK : STATUS_BUG);
        if (!good) assert_non_null(strstr(err.message, "of which FOCUS rows are made = the total"));
    }
    check(A_CHARGE, &err);
    assert_non_null(strstr(err.message, "3500000, not 3500001 micro-dollars"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_damaged_sum_is_refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
