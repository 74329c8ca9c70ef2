/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of a trace, drawn with replacement: whole, at their hours, each as likely. */
#include "models/workload/bootstrap.h"

#include <math.h>
#include <string.h>

#include "tests/support.h"

#define HOUR (INT64_C(3600) * US_PER_S)
#define DAY  (24 * HOUR)

/* Day d has d + 1 jobs, at 1 h, 2 h, ... into it, called d0 ... of d GPUs and run times to know
 * them by. */
static void trace_of(int days, struct workload *w)
{
    struct error err;
    assert_int_equal(workload_init(w, &err), STATUS_OK);
    for (int d = 0; d < days; d++)
        for (int i = 0; i <= d % 10; i++) {
            struct job_row row;
            char id[20];
            job_row_init(&row);
            row.id_n = (size_t)snprintf(id, sizeof id, "d%d.%d", d, i);
            row.id = id;
            row.submit_us = d * DAY + (i + 1) * HOUR;
            row.deadline_us = row.submit_us + 5 * HOUR;
            row.run_us = (d + 1) * US_PER_S;
            row.gpu_milli = 1000 * (i + 1);
            assert_int_equal(workload_add(w, &row, &err), STATUS_OK);
        }
    assert_int_equal(workload_seal(w, 0, &err), STATUS_OK);
}

static void draw(const struct workload *w, const struct bootstrap *b, uint32_t replication,
                 struct workload *out)
{
    struct error err;
    if (bootstrap_draw(w, b, random_key(3, replication), out, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* Which day stands in place k: its jobs say so; -1 where it has none, which no day here has. */
static int day_in(const struct workload *w, int k, int *jobs)
{
    int day = -1;
    *jobs = 0;
    for (size_t j = 0; j < w->job_n; j++) {
        if (w->submit_us[j] / DAY != k) continue;
        int of = (int)(w->run_us[j] / US_PER_S) - 1;
        assert_true(day == -1 || day == of);
        day = of;
        ++*jobs;
        assert_int_equal(w->submit_us[j] % DAY, w->gpu_milli[j] / 1000 * HOUR);
        assert_int_equal(w->deadline_us[j], w->submit_us[j] + 5 * HOUR);
    }
    return day;
}

/* Every day of a replication is a day of the trace, whole, at its hours; the last, of half a day,
 * is cut, and never drawn. */
static void whole_days(void **state)
{
    struct workload w, out;
    const struct bootstrap b = { DAY, 1, 10 * DAY + 3 * HOUR };
    int often[10] = { 0 }, jobs;
    (void)state;
    trace_of(11, &w);
    assert_int_equal(bootstrap_blocks(&b), 10);
    for (uint32_t r = 0; r < 2000; r++) {
        draw(&w, &b, r, &out);
        for (int k = 0; k <= 10; k++) {
            int day = day_in(&out, k, &jobs);
            assert_in_range(day, 0, 9);
            assert_int_equal(jobs, k < 10 || day < 3 ? day + 1 : 3);
            if (k < 10) often[day]++;
        }
        workload_free(&out);
    }
    /* 20,000 places, each day 2,000 times, give or take four standard deviations of 42. */
    for (int d = 0; d < 10; d++) assert_in_range(often[d], 2000 - 170, 2000 + 170);
    workload_free(&w);
}

/* Blocks of the same day of the week; weeks. */
static void weeks(void **state)
{
    struct workload w, out;
    const struct bootstrap days = { DAY, 7, 21 * DAY - 1 }, whole = { 7 * DAY, 1, 28 * DAY - 1 };
    int jobs;
    (void)state;
    trace_of(28, &w);
    for (uint32_t r = 0; r < 50; r++) {
        draw(&w, &days, r, &out);
        for (int k = 0; k < 21; k++) assert_int_equal(day_in(&out, k, &jobs) % 7, k % 7);
        workload_free(&out);
        draw(&w, &whole, r, &out);
        for (int k = 0; k < 28; k++)
            assert_int_equal(day_in(&out, k, &jobs) - k % 7, day_in(&out, k / 7 * 7, &jobs));
        workload_free(&out);
    }
    workload_free(&w);
}

/* The mean of the GPU-hours over draws, with a last block that is cut, and by the day of the week.
 */
static void what_draws_ask_for(void **state)
{
    enum { N = 4000 };
    struct workload w, out;
    const struct bootstrap list[] = { { DAY, 1, 10 * DAY + 3 * HOUR },
                                      { DAY, 7, 18 * DAY + HOUR } };
    (void)state;
    trace_of(20, &w);
    for (size_t i = 0; i < 2; i++) {
        double known = bootstrap_mean_gpu_hours(&w, &list[i]), sum = 0, squares = 0;
        for (uint32_t r = 0; r < N; r++) {
            draw(&w, &list[i], r, &out);
            double x = workload_gpu_hours(&out) - known;
            sum += x;
            squares += x * x;
            workload_free(&out);
        }
        double error = sqrt((squares - sum * sum / N) / N / (N - 1));
        assert_true(fabs(sum / N) < 4 * error && error < 0.01 * known);
    }
    workload_free(&w);
}

static int count_id(const struct workload *w, const char *id)
{
    char text[40];
    int n = 0;
    for (size_t j = 0; j < w->job_n; j++)
        n += strcmp(workload_job_id(w, j, text, sizeof text), id) == 0;
    return n;
}

/* No id stands there twice; the second time it is another. A mirrored draw takes the day as far
 * from the other end. */
static void ids_and_mirrors(void **state)
{
    struct workload w, out, mirror;
    const struct bootstrap b = { DAY, 1, 10 * DAY - 1 };
    char id[40];
    int jobs, twice = 0;
    (void)state;
    trace_of(10, &w);
    for (uint32_t r = 0; r < 20; r++) {
        draw(&w, &b, r, &out);
        draw(&w, &b, r | RANDOM_MIRRORED, &mirror);
        for (int k = 0; k < 10; k++)
            assert_int_equal(day_in(&out, k, &jobs) + day_in(&mirror, k, &jobs), 9);
        for (size_t j = 0; j < out.job_n; j++)
            assert_int_equal(count_id(&out, workload_job_id(&out, j, id, sizeof id)), 1);
        twice += count_id(&out, "d4.0~2");
        workload_free(&out);
        workload_free(&mirror);
    }
    assert_true(twice > 0);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_days),
        cmocka_unit_test(weeks),
        cmocka_unit_test(what_draws_ask_for),
        cmocka_unit_test(ids_and_mirrors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
