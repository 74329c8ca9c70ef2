/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How busy gangs keep a fleet under fifo: the ceilings of multiserver jobs whose answer is known as
 * a Markov chain (Brill and Green 1984; Rumyantsev and Morozov 2017).
 */
#include "models/saturation.h"

#include <math.h>

#include "models/scheduling/policy.h"
#include "sim/random.h"
#include "tests/support.h"

struct model {
    int gpus;
    struct {
        int size;
        double chance, mu;
    } class_[4];
    double ceiling;
};

/* lambda* x mean of size / mu, over the GPUs. */
static const struct model models[] = {
    { 2, { { 1, 0.5, 1 }, { 2, 0.5, 1 } }, 0.857142857 },
    { 4, { { 1, 0.6, 1 }, { 4, 0.4, 1 } }, 0.711329540 },
    { 8, { { 1, 0.5, 1 }, { 2, 0.25, 1 }, { 4, 0.15, 1 }, { 8, 0.1, 1 } }, 0.711081326 },
    { 8, { { 1, 0.6, 1 }, { 8, 0.4, 0.8 } }, 0.663366854 },
};

/* Poisson arrivals at such a rate per hour. */
static void jobs_of(const struct model *m, double rate, size_t n, struct workload *w)
{
    struct random_key key = random_key(8, 0);
    struct error err;
    double at_h = 0;
    assert_int_equal(workload_init(w, &err), STATUS_OK);
    for (size_t j = 0; j < n; j++) {
        struct job_row row;
        double u = random_unit(key, RANDOM_TEST, j, 0);
        int c = 0;
        job_row_init(&row);
        while (c < 3 && m->class_[c + 1].size && u > m->class_[c].chance)
            u -= m->class_[c++].chance;
        at_h += random_exponential_of(random_unit(key, RANDOM_TEST, j, 1)) / rate;
        row.submit_us = (int64_t)(at_h * (double)US_PER_HOUR);
        row.run_us = (int64_t)(random_exponential_of(random_unit(key, RANDOM_TEST, j, 2)) /
                               m->class_[c].mu * (double)US_PER_HOUR);
        row.gpu_milli = 1000 * m->class_[c].size;
        assert_int_equal(workload_add(w, &row, &err), STATUS_OK);
    }
    assert_int_equal(workload_seal(w, 0, &err), STATUS_OK);
}

static void find(const struct workload *w, const char *order, int gpus, struct saturation *s)
{
    struct pool_spec pool = { .name = "p",
                              .type = { .name = "n", .gpu_model = "A100", .gpus = gpus },
                              .nodes = 1,
                              .purchase = { .option = purchase_option_find("on-demand") } };
    struct fleet_spec fleet = { .name = "f", .pool_n = 1, .pools = &pool };
    struct error err;
    fleet.scheduler.order = queue_order_find(order);
    fleet.scheduler.placement = placement_find("pack");
    if (saturation_find(w, &fleet, NULL, w->span_us, s, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* 20,000 jobs measure a ceiling to about 1%. */
static void ceilings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const struct model *m = &models[i];
        double work = 0;
        for (int c = 0; c < 4 && m->class_[c].size; c++)
            work += m->class_[c].chance * m->class_[c].size / m->class_[c].mu;
        struct workload w;
        struct saturation s;
        jobs_of(m, 0.9 * m->gpus / work, 30000, &w);
        find(&w, "fifo", m->gpus, &s);
        assert_true(fabs(s.offered - 0.9) < 0.03);
        assert_true(fabs(s.ceiling / m->ceiling - 1) < 0.02);
        assert_true(s.offered > s.ceiling);
        find(&w, "easy", m->gpus, &s); /* others pass: all GPUs are what it is held against */
        assert_true(s.ceiling == 1);
        workload_free(&w);
    }
}

/* Where it cannot matter nothing is measured: little load, jobs of one GPU, too few jobs. */
static void where_it_does_not_matter(void **state)
{
    const struct model *m = &models[1];
    struct model single = { 8, { { 1, 1, 1 } }, 1 };
    struct workload w;
    struct saturation s;
    (void)state;
    jobs_of(m, 0.3, 2000, &w);
    find(&w, "fifo", 16, &s);
    assert_true(s.offered < 0.1 && s.ceiling == 1);
    workload_free(&w);
    jobs_of(m, 2.5, 150, &w);
    find(&w, "fifo", 8, &s);
    assert_true(s.ceiling == 1);
    workload_free(&w);
    jobs_of(&single, 7, 20000, &w);
    find(&w, "fifo", 8, &s);
    assert_true(s.ceiling > 0.999);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ceilings),
        cmocka_unit_test(where_it_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
