/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preemptive orders against Tiresias (NSDI'19): first start, end, time in the queue and number of
 * preemptions of each of 60 and 3,000 Philly jobs, counts of GPUs, its rules in README.md beside
 * the files. 'sjf' there is fewest GPUs first.
 */
#include "tests/rows.h"
#include "tests/simulate.h"

#include <stdlib.h>

/* job_id,num_gpu,submit,duration,first_start,end,pending_total,preemptions */
static void tiresias(const char *file, const struct simulate_fleet *fleet, size_t jobs)
{
    char path[200];
    struct workload w;
    struct schedule s;
    int64_t preemptions = 0;
    snprintf(path, sizeof path, "oracles/peers/tiresias-philly/out/%s", file);
    struct rows r = read_rows(shared_or_skip(path));
    simulate_workload_init(&w);
    for (size_t i = 0; i < r.n; i++)
        simulate_add(&w, us(r.cell[i][2]), atoi(r.cell[i][1]), us(r.cell[i][3]), -1, -1);
    simulate_seal(&w);
    simulate(&w, fleet, &s);
    assert_int_equal(r.n, jobs);
    for (size_t i = 0; i < r.n; i++) {
        preemptions += atoi(r.cell[i][7]);
        if (s.start_us[i] != us(r.cell[i][4]) || s.end_us[i] != us(r.cell[i][5]) ||
            s.wait_us[i] != us(r.cell[i][6]) || s.preemptions[i] != (uint32_t)atoi(r.cell[i][7]))
            fail_msg("%s, job %s: %lld to %lld s, %u preemptions; peer %s to %s s, %s", file,
                     r.cell[i][0], (long long)(s.start_us[i] / US_PER_S),
                     (long long)(s.end_us[i] / US_PER_S), s.preemptions[i], r.cell[i][4],
                     r.cell[i][5], r.cell[i][7]);
    }
    assert_int_equal(s.result.preemptions, preemptions);
    assert_true(preemptions > 0);
    schedule_free(&s);
    workload_free(&w);
    rows_free(&r);
}

static void both(const char *policy, const char *order)
{
    char file[100];
    snprintf(file, sizeof file, "60_job.n4g4.count.%s.csv", policy);
    tiresias(
        file,
        &(struct simulate_fleet){
            .pools = { { 4, 4 } }, .order = order, .gang = GANG_ANYWHERE, .ties = TIES_PREVIOUS },
        60);
    snprintf(file, sizeof file, "philly_mix_3000.n8g8.count.%s.csv", policy);
    tiresias(
        file,
        &(struct simulate_fleet){ .pools = { { 1, 64 } }, .order = order, .ties = TIES_PREVIOUS },
        3000);
}

static void remaining_time(void **state)
{
    (void)state;
    both("shortest", "srtf");
}

static void remaining_service(void **state)
{
    (void)state;
    both("shortest-gpu", "srsf");
}

static void fewest_gpus(void **state)
{
    (void)state;
    both("sjf", "smallest-preempt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remaining_time),
        cmocka_unit_test(remaining_service),
        cmocka_unit_test(fewest_gpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
