/* SPDX-License-Identifier: Apache-2.0 */
/* The replay of a recorded schedule: HPC2N's log carries waits, so each job must start when it did.
 */
#include "tests/simulate.h"

#include <math.h>
#include <string.h>

#include "scenarios/traces/formats.h"

/* Starts and ends as +1 and -1, the most at once by sorting. */
static int64_t peak_of(const struct schedule *s, const struct workload *w)
{
    int64_t peak = 0;
    for (size_t i = 0; i < s->n; i++) {
        int64_t held = 0;
        for (size_t j = 0; j < s->n; j++)
            if (s->start_us[j] <= s->start_us[i] && s->end_us[j] > s->start_us[i])
                held += w->gpu_milli[j] / 1000;
        if (held > peak) peak = held;
    }
    return peak;
}

static void load_hpc2n(struct workload *w)
{
    struct import_options o;
    struct import_report report;
    struct error err = { STATUS_OK, "" };
    const char *path = shared_or_skip("data/swf/hpc2n.swf.gz");
    import_options_init(&o);
    if (import_files(trace_format_find("swf"), &o, &path, 1, INT64_MIN, w, &report, &err) !=
        STATUS_OK)
        fail_msg("%s", err.message);
}

static void hpc2n_as_it_was(void **state)
{
    struct workload w;
    struct schedule s;
    double waits = 0;
    (void)state;
    load_hpc2n(&w);
    simulate(&w,
             &(struct simulate_fleet){
                 .pools = { { 240, 1 } }, .gang = GANG_ANYWHERE, .replay_recorded = 1 },
             &s);
    for (size_t j = 0; j < w.job_n; j++) {
        assert_int_equal(s.start_us[j], w.start_us[j]);
        assert_int_equal(s.end_us[j], w.start_us[j] + w.run_us[j]);
        waits += (double)(w.start_us[j] - w.submit_us[j]) / 1e6;
    }
    assert_int_equal(s.result.finished, 3145);
    assert_true(fabs(s.result.mean_wait_s - waits / 3145) < 1e-6);
    assert_true(fabs(s.result.mean_wait_s - 17285) < 1);
    assert_int_equal(peak_of(&s, &w), 224);
    schedule_free(&s);
    workload_free(&w);
}

/* On fewer processors than were in use the record cannot be replayed, and the message says where.
 */
static void too_small_a_machine_is_refused(void **state)
{
    struct workload w;
    struct schedule s;
    struct error err = { STATUS_OK, "" };
    (void)state;
    load_hpc2n(&w);
    struct simulate_fleet fleet = { .pools = { { 223, 1 } },
                                    .gang = GANG_ANYWHERE,
                                    .replay_recorded = 1 };
    assert_int_equal(simulate_status(&w, &fleet, &s, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "recorded schedule: job"));
    fleet.pools[0].nodes = 224;
    schedule_free(&s);
    simulate(&w, &fleet, &s);
    schedule_free(&s);
    workload_free(&w);
}

/* A recorded schedule without gaps: replayed, it is the one the scheduler makes. */
static void fifo_replayed_is_fifo(void **state)
{
    struct workload w, recorded;
    struct schedule a, b;
    (void)state;
    simulate_workload_init(&w);
    for (int j = 0; j < 200; j++) simulate_add(&w, j * 3, 1 + j % 4, 1 + j * j % 23, -1, -1);
    simulate_seal(&w);
    simulate(&w, &(struct simulate_fleet){ .pools = { { 2, 4 } } }, &a);
    simulate_workload_init(&recorded);
    for (int j = 0; j < 200; j++)
        simulate_add(&recorded, j * 3, 1 + j % 4, 1 + j * j % 23, -1, a.start_us[j]);
    simulate_seal(&recorded);
    simulate(
        &recorded,
        &(struct simulate_fleet){ .pools = { { 2, 4 } }, .order = "sjf", .replay_recorded = 1 },
        &b);
    assert_memory_equal(a.start_us, b.start_us, 200 * sizeof *a.start_us);
    assert_true(a.result.wait_p95_us == b.result.wait_p95_us &&
                a.result.mean_wait_s == b.result.mean_wait_s);
    schedule_free(&a);
    schedule_free(&b);
    workload_free(&w);
    workload_free(&recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(hpc2n_as_it_was),
                                        cmocka_unit_test(too_small_a_machine_is_refused),
                                        cmocka_unit_test(fifo_replayed_is_fifo) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
