/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synthetic traces against the recipe they are made by, and fits against the traces they are made
 * of.
 *
 * Tolerances are not guessed. Where a mean over seeds is compared, the tolerance is FAR standard
 * errors, taken from the spread over these same seeds (and over the reference's, where it has
 * some): a right generator fails with a chance of some 1e-4 a comparison, once, when the seeds are
 * written down; from then on the test is deterministic.
 */
#include "tests/support.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/stats.h"
#include "models/workload/synth.h"
#include "models/workload/synth_preset.h"
#include "scenarios/traces/formats.h"
#include "sim/random.h"

#define FAR 4.5

static void make(const struct synth_preset *preset, int64_t jobs, double days, double load,
                 uint64_t seed, uint32_t replication, struct workload *w)
{
    struct error err = { STATUS_OK, "" };
    struct synth_options o = { preset, jobs, days, load, seed, replication };
    if (synth_make(&o, w, &err) != STATUS_OK) fail_msg("%s", err.message);
}

static void stats_of(const struct workload *w, struct workload_stats *s)
{
    struct error err = { STATUS_OK, "" };
    if (workload_stats_of(w, s, &err) != STATUS_OK) fail_msg("%s", err.message);
}

/* ---- means over seeds ---- */

struct sample {
    double n, sum, squares;
};

static void sample_add(struct sample *s, double x)
{
    s->n++;
    s->sum += x;
    s->squares += x * x;
}

static double mean(const struct sample *s) { return s->sum / s->n; }

static double error_of(const struct sample *s)
{
    double variance = (s->squares - s->sum * s->sum / s->n) / (s->n - 1);
    return sqrt(fmax(variance, 0) / s->n);
}

/* Standard errors between two means; `exact` where the reference has no spread. */
static double distance(const struct sample *a, const struct sample *b)
{
    return fabs(mean(a) - mean(b)) / hypot(error_of(a), error_of(b));
}

static void near(const char *what, const struct sample *s, double expected)
{
    double off = fabs(mean(s) - expected) / error_of(s);
    if (!(off <= FAR))
        fail_msg("%s: %.6g, expected %.6g: %.1f standard errors", what, mean(s), expected, off);
}

/* ---- burstiness ---- */

enum { GAP_CV, ZERO_GAPS, FANO, LAG1, BURST_N };
static const char *const burst_names[BURST_N] = { "gap CV", "zero gaps", "Fano", "lag 1" };

struct burst {
    struct sample of[BURST_N];
};

static void burst_add(struct burst *b, const struct workload *w)
{
    struct workload_stats s;
    stats_of(w, &s);
    sample_add(&b->of[GAP_CV], s.gap_cv);
    sample_add(&b->of[ZERO_GAPS], s.zero_gaps);
    sample_add(&b->of[FANO], s.hourly_fano);
    sample_add(&b->of[LAG1], s.hourly_lag1);
    workload_stats_free(&s);
}

static void burst_of(const struct synth_preset *preset, int64_t jobs, double days, int seeds,
                     struct burst *b)
{
    memset(b, 0, sizeof *b);
    for (int seed = 1; seed <= seeds; seed++) {
        struct workload w;
        make(preset, jobs, days, 0, (uint64_t)seed, 0, &w);
        burst_add(b, &w);
        workload_free(&w);
    }
}

/* As many arrivals, in whole seconds, at random. */
static void poisson_burst(int64_t jobs, double days, int seeds, struct burst *b)
{
    memset(b, 0, sizeof *b);
    for (int seed = 1; seed <= seeds; seed++) {
        struct workload w;
        struct random_key key = random_key((uint64_t)seed, 0);
        assert_int_equal(workload_init(&w, NULL), STATUS_OK);
        for (int64_t j = 0; j < jobs; j++) {
            struct job_row row;
            job_row_init(&row);
            row.submit_us = US_PER_S * (int64_t)random_below(key, RANDOM_TEST, (uint64_t)j, 0,
                                                             (uint64_t)(days * 86400));
            row.gpu_milli = 1000;
            assert_int_equal(workload_add(&w, &row, NULL), STATUS_OK);
        }
        assert_int_equal(workload_seal(&w, 0, NULL), STATUS_OK);
        burst_add(b, &w);
        workload_free(&w);
    }
}

/* What the recipe's author found, generating by it from the traces' own batch sizes and gaps, five
 * seeds each: ../shared/data/fits, compound_arrival_model.check. */
static const struct reference {
    const char *preset;
    int64_t jobs;
    double days;
    double seed[5][BURST_N];
} references[] = {
    { "philly",
      74174,
      70,
      { { 2.54247, 0.0839721, 121.177, 0.320767 },
        { 2.54477, 0.0861746, 117.991, 0.229954 },
        { 2.45714, 0.084196, 120.805, 0.231159 },
        { 2.65085, 0.0878934, 129.293, 0.27689 },
        { 2.42907, 0.0831709, 100.432, 0.173836 } } },
    { "itp",
      24144,
      1438 / 24.0,
      { { 3.02216, 0.192235, 35.1234, 0.0615896 },
        { 2.98399, 0.192881, 29.5947, 0.112184 },
        { 2.92956, 0.188348, 33.3788, 0.135956 },
        { 3.02347, 0.194728, 40.6677, 0.0915722 },
        { 3.03332, 0.192981, 33.9946, 0.109237 } } },
};

static void reference_burst(const struct reference *r, struct burst *b)
{
    memset(b, 0, sizeof *b);
    for (int seed = 0; seed < 5; seed++)
        for (int k = 0; k < BURST_N; k++) sample_add(&b->of[k], r->seed[seed][k]);
}

enum { SEEDS = 12 };

static void arrivals_are_as_bursty_as_the_recipes(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct burst ours, theirs;
        burst_of(synth_preset_find(references[i].preset), references[i].jobs, references[i].days,
                 SEEDS, &ours);
        reference_burst(&references[i], &theirs);
        for (int k = 0; k < BURST_N; k++)
            if (distance(&ours.of[k], &theirs.of[k]) > FAR)
                fail_msg("%s: %s %.4g, the recipe's %.4g: %.1f standard errors",
                         references[i].preset, burst_names[k], mean(&ours.of[k]),
                         mean(&theirs.of[k]), distance(&ours.of[k], &theirs.of[k]));
    }
}

/* The same comparison with as many Poisson arrivals: nothing but the correlation could pass. */
static void poisson_arrivals_are_told_apart(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct burst ours, poisson, theirs;
        poisson_burst(references[i].jobs, references[i].days, 5, &poisson);
        burst_of(synth_preset_find(references[i].preset), references[i].jobs, references[i].days, 5,
                 &ours);
        reference_burst(&references[i], &theirs);
        for (int k = 0; k <= FANO; k++)
            assert_true(distance(&poisson.of[k], &theirs.of[k]) > 3 * FAR);
        assert_true(mean(&ours.of[FANO]) > 30 * mean(&poisson.of[FANO]));
        assert_true(mean(&ours.of[GAP_CV]) > 2 * mean(&poisson.of[GAP_CV]));
        near("Poisson gap CV", &poisson.of[GAP_CV], 1);
        /* Variance / mean of counts over 1,438 hours or more is 1 within sqrt(2 / hours). */
        assert_true(fabs(mean(&poisson.of[FANO]) - 1) < FAR * sqrt(2.0 / 1438 / 5));
    }
}

/* Four times the jobs on as many days, or on four times the days: still the same kind of trace. In
 * batches of the same sizes the Fano factor stays; what moves it is that hours differ more than
 * by chance, which counts for more where there are more batches an hour. */
static void more_jobs_and_more_days(void **state)
{
    (void)state;
    const struct synth_preset *itp = synth_preset_find("itp");
    struct burst base, dense, longer;
    burst_of(itp, 8000, 20, 8, &base);
    burst_of(itp, 32000, 20, 8, &dense);
    burst_of(itp, 32000, 80, 8, &longer);
    assert_true(distance(&base.of[ZERO_GAPS], &longer.of[ZERO_GAPS]) < FAR);
    assert_true(distance(&base.of[GAP_CV], &longer.of[GAP_CV]) < FAR);
    assert_true(distance(&base.of[FANO], &longer.of[FANO]) < FAR);
    /* Of an hour's count N = sum of B sizes S: var = E[B] E[S^2] + E[S]^2 (var B - E[B]), the last
     * grows with E[B]^2: Fano of the denser trace <= 4 x, >= 1 x. */
    assert_true(mean(&dense.of[FANO]) > mean(&base.of[FANO]));
    assert_true(mean(&dense.of[FANO]) < 4 * mean(&base.of[FANO]));
}

/* ---- shares and run times ---- */

static void gpu_counts_and_tenants_have_their_shares(void **state)
{
    (void)state;
    enum { RUNS = 20, JOBS = 20000 };
    for (int32_t i = 0; i < synth_preset_count(); i++) {
        const struct synth_preset *p = synth_preset_at(i);
        struct sample *gpus = calloc((size_t)p->gpu_n, sizeof *gpus),
                      *tenants = calloc((size_t)p->tenant_n, sizeof *tenants);
        assert_non_null(gpus);
        assert_non_null(tenants);
        for (uint32_t r = 0; r < RUNS; r++) {
            struct workload w;
            int64_t of_gpus[32] = { 0 }, of_tenant[32] = { 0 };
            make(p, JOBS, 30, 0, 77, r, &w);
            for (size_t j = 0; j < w.job_n; j++) {
                int g = 0;
                while (p->gpus[g].gpu_milli != w.gpu_milli[j]) g++;
                of_gpus[g]++;
                of_tenant[atoi(w.tenants.text[w.tenant[j]] + strlen("tenant-")) - 1]++;
            }
            for (int g = 0; g < p->gpu_n; g++) sample_add(&gpus[g], (double)of_gpus[g] / JOBS);
            for (int t = 0; t < p->tenant_n; t++)
                sample_add(&tenants[t], (double)of_tenant[t] / JOBS);
            workload_free(&w);
        }
        /* What is seen in too few batches has no spread to speak of. */
        const double batches = RUNS * JOBS / 4.0;
        for (int g = 0; g < p->gpu_n; g++)
            if (p->gpus[g].share * batches > 60)
                near("share of a GPU count", &gpus[g], p->gpus[g].share);
        for (int t = 0; t < p->tenant_n; t++)
            if (p->tenants[t] * batches > 60) near("share of a tenant", &tenants[t], p->tenants[t]);
        free(gpus);
        free(tenants);
    }
}

/* P(run time <= x) by the recipe: one draw a batch by the table, times log-normal noise in batches
 * of two and more; x is met by what rounds to it. */
static double run_below(const struct synth_preset *p, enum gpu_class c, double x)
{
    enum { POINTS = 20000 };
    double size = 0, below = 0;
    for (int k = 1; k < SYNTH_SIZE_N; k++) size += k * p->size_share[k - 1];
    double tail = 0;
    for (int i = 0; i < POINTS; i++)
        tail += floor(synth_quantile(p->tail_size, (i + 0.5) / POINTS) + 0.5) / POINTS;
    size += p->size_share[SYNTH_SIZE_N - 1] * tail;
    double alone = p->size_share[0] / size; /* share of the jobs in batches of one */
    for (int i = 0; i < POINTS; i++) {
        double q = log(synth_quantile(p->duration_s[c], (i + 0.5) / POINTS)), at = log(x + 0.5);
        double noisy = p->noise_sd > 0 ? 0.5 * erfc((q - at) / p->noise_sd / sqrt(2)) : q <= at;
        below += (alone * (q <= at) + (1 - alone) * noisy) / POINTS;
    }
    return below;
}

/* Jobs at or below the fit's p50, p90 and p99, less as many as there should be: 0 in the mean. */
static void run_times_have_the_fits_quantiles(void **state)
{
    (void)state;
    enum { RUNS = 30, JOBS = 30000 };
    static const int at_quantile[] = { 4, 6, 8 }; /* p50, p90, p99 */
    for (int32_t i = 0; i < synth_preset_count(); i++) {
        const struct synth_preset *p = synth_preset_at(i);
        struct sample surplus[CLASS_N][3];
        double batches[CLASS_N] = { 0 }, expected[CLASS_N][3] = { { 0 } };
        memset(surplus, 0, sizeof surplus);
        for (int g = 0; g < p->gpu_n; g++)
            batches[gpu_class_of(p->gpus[g].gpu_milli)] += p->gpus[g].share * RUNS * JOBS / 4;
        for (int c = 0; c < CLASS_N; c++)
            for (int k = 0; k < 3 && batches[c] > 1000; k++) {
                double x = p->duration_s[c][at_quantile[k]];
                expected[c][k] = run_below(p, (enum gpu_class)c, x);
                /* The noise moves a quantile of the fit by little; by most where, in the midst of
                 * Philly's jobs of 2-3 GPUs, the quarter from 16 to 21 s ends. */
                assert_true(fabs(expected[c][k] - synth_quantile_p[at_quantile[k]]) < 0.05);
            }
        for (uint32_t r = 0; r < RUNS; r++) {
            struct workload w;
            double more[CLASS_N][3] = { { 0 } };
            make(p, JOBS, 30, 0, 5, r, &w);
            for (size_t j = 0; j < w.job_n; j++) {
                enum gpu_class c = gpu_class_of(w.gpu_milli[j]);
                for (int k = 0; k < 3; k++) {
                    double x = p->duration_s[c][at_quantile[k]] + 0.5;
                    more[c][k] += ((double)w.run_us[j] / 1e6 <= x) - expected[c][k];
                }
            }
            for (int c = 0; c < CLASS_N; c++)
                for (int k = 0; k < 3; k++) sample_add(&surplus[c][k], more[c][k]);
            workload_free(&w);
        }
        for (int c = 0; c < CLASS_N; c++)
            for (int k = 0; k < 3 && batches[c] > 1000; k++)
                near(gpu_class_name((enum gpu_class)c), &surplus[c][k], 0);
    }
}

/* ---- what is promised of a trace ---- */

static void jobs_and_days_are_as_asked(void **state)
{
    (void)state;
    static const int64_t jobs[] = { 1, 2, 19, 1000, 30000 };
    static const double days[] = { 0.01, 0.5, 1.3, 7, 400 };
    for (int32_t p = 0; p < synth_preset_count(); p++)
        for (size_t i = 0; i < 5; i++)
            for (size_t k = 0; k < 5; k++) {
                struct workload w;
                const struct synth_preset *preset = synth_preset_at(p);
                make(preset, jobs[i], days[k], 0, 3, (uint32_t)i, &w);
                assert_int_equal(w.job_n, jobs[i]);
                int64_t end_us = (int64_t)(days[k] * 86400) * US_PER_S;
                /* Only the last batch runs over, by less than its own length. */
                int64_t over_us = (int64_t)preset->tail_size[SYNTH_QUANTILE_N - 1] * 60 * US_PER_S;
                assert_true(w.submit_us[0] >= 0 && w.submit_us[0] < end_us);
                assert_true(w.submit_us[w.job_n - 1] < end_us + over_us);
                assert_int_equal(w.t0_unix_us, INT64_C(1767571200) * US_PER_S);
                if (jobs[i] >= 30000) { /* the first and the last thirtieth are not empty */
                    assert_true(w.submit_us[0] < end_us / 30);
                    assert_true(w.submit_us[w.job_n - 1] > end_us - end_us / 30);
                }
                for (size_t j = 0; j < w.job_n; j++) {
                    assert_true(w.run_us[j] >= US_PER_S);
                    assert_int_equal(w.run_us[j] % US_PER_S, 0);
                    assert_int_equal(w.submit_us[j] % US_PER_S, 0);
                }
                workload_free(&w);
            }
}

static void the_load_is_met(void **state)
{
    (void)state;
    static const double loads[] = { 3, 60, 400, 20000 };
    for (int32_t p = 0; p < synth_preset_count(); p++)
        for (size_t i = 0; i < 4; i++) {
            struct workload w;
            __int128 gpu_milli_us = 0;
            double gpus = 0;
            make(synth_preset_at(p), 5000, 7, loads[i], 9, 0, &w);
            for (size_t j = 0; j < w.job_n; j++) {
                gpu_milli_us += (__int128)w.run_us[j] * w.gpu_milli[j];
                gpus += w.gpu_milli[j] / 1000.0;
            }
            double got = (double)gpu_milli_us / 1e9 / (7 * 86400);
            assert_true(fabs(got / loads[i] - 1) <= SYNTH_LOAD_TOLERANCE);
            /* Rounding a run time moves it by at most half a second. */
            if (loads[i] >= 60) assert_true(fabs(got - loads[i]) <= 0.5 * gpus / (7 * 86400));
            workload_free(&w);
        }
    /* Many jobs are as short as may be: the others make up for them. */
    struct workload w;
    make(synth_preset_find("philly"), 300000, 7, 4, 1, 0, &w);
    double gpu_s = 0, least = 0;
    for (size_t j = 0; j < w.job_n; j++) {
        gpu_s += (double)w.run_us[j] / 1e6 * w.gpu_milli[j] / 1000;
        least += w.run_us[j] == US_PER_S;
    }
    assert_true(least > 200000);
    assert_true(fabs(gpu_s / (4 * 7 * 86400) - 1) <= SYNTH_LOAD_TOLERANCE);
    workload_free(&w);
    /* 10,000 jobs of a second and more keep more GPUs busy than this; and who has no GPU none. */
    struct error err = { STATUS_OK, "" };
    struct synth_options o = { synth_preset_find("philly"), 10000, 1, 0.05, 1, 0 };
    assert_int_equal(synth_make(&o, &w, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "cannot be met"));
    struct synth_preset idle = *synth_preset_find("philly");
    static const struct synth_share none[] = { { 0, 1 } };
    idle.gpus = none;
    idle.gpu_n = 1;
    o.preset = &idle;
    o.load_gpus = 10;
    assert_int_equal(synth_make(&o, &w, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "no load to scale"));
    o.load_gpus = 0;
    assert_int_equal(synth_make(&o, &w, &err), STATUS_OK);
    workload_free(&w);
}

static bool same_jobs(const struct workload *a, const struct workload *b)
{
    return a->job_n == b->job_n && memcmp(a->submit_us, b->submit_us, a->job_n * 8) == 0 &&
           memcmp(a->run_us, b->run_us, a->job_n * 8) == 0 &&
           memcmp(a->gpu_milli, b->gpu_milli, a->job_n * 4) == 0 &&
           memcmp(a->tenant, b->tenant, a->job_n * 4) == 0 &&
           memcmp(a->cpu_milli, b->cpu_milli, a->job_n * 8) == 0;
}

static void a_seed_is_a_trace(void **state)
{
    (void)state;
    for (int32_t p = 0; p < synth_preset_count(); p++) {
        struct workload a, b, seed, replication;
        make(synth_preset_at(p), 3000, 10, 50, 4, 1, &a);
        make(synth_preset_at(p), 3000, 10, 50, 4, 1, &b);
        make(synth_preset_at(p), 3000, 10, 50, 5, 1, &seed);
        make(synth_preset_at(p), 3000, 10, 50, 4, 2, &replication);
        assert_true(same_jobs(&a, &b));
        assert_false(same_jobs(&a, &seed));
        assert_false(same_jobs(&a, &replication));
        workload_free(&a);
        workload_free(&b);
        workload_free(&seed);
        workload_free(&replication);
    }
}

static int by_draws(const void *a, const void *b) { return memcmp(a, b, 3 * sizeof(int64_t)); }

/* More batches in an hour than 20 bits can number: no two are drawn alike. openb's cores, memory
 * and run times are continuous, so that equal triples are rare: 300 in a million by chance. */
static void crowded_hours_repeat_nothing(void **state)
{
    (void)state;
    if (getenv("SEATRIAL_SLOW")) skip(); /* it takes millions of jobs */
    enum { JOBS = 2600000 };
    struct workload w;
    make(synth_preset_find("openb"), JOBS, 2 / 24.0, 0, 1, 0, &w);
    int64_t(*draws)[3] = malloc(JOBS * sizeof *draws);
    assert_non_null(draws);
    for (size_t j = 0; j < JOBS; j++) {
        draws[j][0] = w.submit_us[j];
        draws[j][1] = w.run_us[j] / US_PER_S << 32 | w.gpu_milli[j];
        draws[j][2] = w.cpu_milli[j] << 32 | w.mem_mib[j];
    }
    qsort(draws, JOBS, sizeof *draws, by_draws);
    int64_t equal = 0;
    for (size_t j = 1; j < JOBS; j++) equal += by_draws(draws[j], draws[j - 1]) == 0;
    assert_true(equal < JOBS / 1000);
    free(draws);
    workload_free(&w);
}

/* ---- presets and fits against the traces ---- */

static json_t *json_of(const char *relative)
{
    json_error_t where;
    const char *path = shared_or_skip(relative);
    json_t *value = json_load_file(path, 0, &where);
    if (!value) fail_msg("%s: %s", path, where.text);
    return value;
}

static const json_t *down(const json_t *o, const char *const *keys)
{
    for (; *keys; keys++) {
        o = json_object_get(o, *keys);
        if (!o) fail_msg("no '%s'", *keys);
    }
    return o;
}
#define DOWN(o, ...) down(o, (const char *const[]){ __VA_ARGS__, NULL })

/* The i-th value of an array, or of an object in the order it is written. */
static double at(const json_t *list, size_t i)
{
    if (json_is_array(list)) return json_number_value(json_array_get(list, i));
    void *it = json_object_iter((json_t *)list);
    while (i-- > 0) it = json_object_iter_next((json_t *)list, it);
    return json_number_value(json_object_iter_value(it));
}

static void same_table(const char *what, const double *ours, size_t n, const json_t *fit)
{
    size_t size = json_is_array(fit) ? json_array_size(fit) : json_object_size(fit);
    if (size != n) fail_msg("%s: %zu values, not %zu", what, size, n);
    for (size_t i = 0; i < n; i++)
        if (ours[i] != at(fit, i))
            fail_msg("%s %zu: %.9g, expected %.9g", what, i, ours[i], at(fit, i));
}

static const char *const class_keys[CLASS_N] = { "0", "frac", "1",     "2-3", "4-7",
                                                 "8", "9-16", "17-64", ">64" };

/* Every constant of a preset that the fits have. */
static void presets_are_the_fits(void **state)
{
    (void)state;
    for (int32_t i = 0; i < synth_preset_count(); i++) {
        const struct synth_preset *p = synth_preset_at(i);
        char path[60];
        snprintf(path, sizeof path, "data/fits/%s.json", p->name);
        json_t *fit = json_of(path);
        const json_t *batches = json_object_get(fit, "compound_arrival_model");
        if (batches) {
            const json_t *starts = DOWN(batches, "batch_start_hourly");
            same_table("week", p->week, 168, DOWN(starts, "hour_of_week_weight"));
            assert_true(p->rate_k == json_number_value(DOWN(starts, "negbin_k_given_how")));
            same_table("batch size", p->size_share, SYNTH_SIZE_N, DOWN(batches, "batch_size_pmf"));
            assert_true(p->tail_size[9] == json_number_value(DOWN(batches, "batch_size", "max")));
            assert_true(
                p->noise_sd ==
                json_number_value(DOWN(batches, "within_batch_sd_log_duration_ge5", "q", "50")));
        } else {
            const json_t *a = DOWN(fit, "arrival");
            same_table("week", p->week, 168, DOWN(a, "hour_of_week_weight"));
            assert_true(p->rate_k == json_number_value(DOWN(a, "negbin_k_given_hour_of_week")));
        }
        for (int c = 0; c < CLASS_N; c++) {
            const json_t *of = json_object_get(DOWN(fit, "by_class"), class_keys[c]);
            assert_int_equal(of != NULL, p->duration_s[c][9] > 0);
            if (of)
                same_table(class_keys[c], p->duration_s[c], SYNTH_QUANTILE_N,
                           DOWN(of, "duration_s", "q"));
        }
        same_table("tenants", p->tenants, (size_t)p->tenant_n,
                   DOWN(fit, "tenants", "by_jobs", "share_sorted"));
        const json_t *pmf = DOWN(fit, "gpu_count_pmf");
        assert_int_equal(json_object_size(pmf), p->gpu_n);
        for (int g = 0; g < p->gpu_n; g++) {
            char key[24];
            snprintf(key, sizeof key, "%g", p->gpus[g].gpu_milli / 1000.0);
            assert_true(p->gpus[g].share == json_number_value(DOWN(pmf, key)));
        }
        json_decref(fit);
    }
}

static void load_itp(struct workload *w)
{
    struct import_options o;
    struct import_report report;
    const char *paths[] = { shared_or_skip("data/training/itp/raw/cluster02.csv.gz"),
                            shared_or_skip("data/training/itp/raw/cluster03.csv.gz"),
                            shared_or_skip("data/training/itp/raw/cluster06.csv.gz"),
                            shared_or_skip("data/training/itp/raw/cluster07.csv.gz"),
                            shared_or_skip("data/training/itp/raw/cluster10.csv.gz") };
    import_options_init(&o);
    assert_int_equal(import_files(trace_format_find("itp"), &o, paths, 5, 0, w, &report, NULL),
                     STATUS_OK);
    w->t0_unix_us = INT64_C(1614816000) * US_PER_S; /* as the fit assumes: Thursday 2021-03-04 */
}

/* The dense part that the fit is of: 2017-10-02 .. 12-10. */
static void load_philly(struct workload *w)
{
    struct import_options o;
    struct import_report report;
    struct workload all;
    const char *path = shared_or_skip("data/training/philly/philly.csv.gz");
    const int64_t from_us = INT64_C(1506902400) * US_PER_S, days_us = 70 * 24 * US_PER_HOUR;
    import_options_init(&o);
    assert_int_equal(import_files(trace_format_find("philly"), &o, &path, 1, INT64_MIN, &all,
                                  &report, NULL),
                     STATUS_OK);
    assert_int_equal(workload_init(w, NULL), STATUS_OK);
    for (size_t j = 0; j < all.job_n; j++) {
        struct job_row row;
        job_row_init(&row);
        row.submit_us = all.t0_unix_us + all.submit_us[j] - from_us;
        if (row.submit_us < 0 || row.submit_us >= days_us) continue;
        row.run_us = all.run_us[j];
        row.gpu_milli = all.gpu_milli[j];
        row.tenant = all.tenants.text[all.tenant[j]];
        row.tenant_n = strlen(row.tenant);
        assert_int_equal(workload_add(w, &row, NULL), STATUS_OK);
    }
    w->t0_unix_us = from_us;
    assert_int_equal(workload_seal(w, 0, NULL), STATUS_OK);
    workload_free(&all);
}

static void close_table(const char *what, const double *ours, size_t n, const json_t *fit)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(ours[i] - at(fit, i)) > 5.1e-6 * fabs(at(fit, i)))
            fail_msg("%s %zu: %.9g, expected %.9g", what, i, ours[i], at(fit, i));
}

/* A fit of our own to the traces that the presets were fitted to, by another program. */
static void a_fit_finds_what_the_fits_found(void **state)
{
    (void)state;
    static void (*const readers[])(struct workload *) = { load_philly, load_itp };
    static const char *const names[] = { "philly", "itp" };
    static const double jobs[] = { 74174, 24144 }, gaps[] = { 53836, 16009 };
    for (int i = 0; i < 2; i++) {
        struct workload w;
        struct synth_preset *p;
        struct error err = { STATUS_OK, "" };
        char path[60];
        snprintf(path, sizeof path, "data/fits/%s.json", names[i]);
        json_t *fit = json_of(path);
        const json_t *batches = DOWN(fit, "compound_arrival_model");
        readers[i](&w);
        assert_int_equal(w.job_n, jobs[i]);
        if (synth_preset_fit(&w, &p, &err) != STATUS_OK) fail_msg("%s", err.message);
        close_table("batch size", p->size_share, SYNTH_SIZE_N, DOWN(batches, "batch_size_pmf"));
        close_table("week", p->week, 168,
                    DOWN(batches, "batch_start_hourly", "hour_of_week_weight"));
        double k_fit = json_number_value(DOWN(batches, "batch_start_hourly", "negbin_k_given_how"));
        assert_true(fabs(p->rate_k / k_fit - 1) < 5.1e-6);
        const struct synth_preset *preset = synth_preset_find(names[i]);
        for (int k = 0; k < SYNTH_QUANTILE_N; k++)
            assert_true(p->tail_size[k] == preset->tail_size[k]);
        double mean_gap = 0;
        for (int g = 0; g < SYNTH_GAP_N; g++) {
            assert_true(fabs(p->gap_share[g] - preset->gap_share[g]) < 6e-6 * preset->gap_share[g]);
            mean_gap += g * p->gap_share[g];
        }
        double expected = json_number_value(DOWN(batches, "intra_batch_gap_s", "mean"));
        assert_true(fabs(mean_gap / expected - 1) < 1e-5);
        assert_true(fabs(p->gap_share[0] * gaps[i] - round(p->gap_share[0] * gaps[i])) < 1e-6);
        /* The median of an even number of batches: the lower neighbour. */
        assert_true(fabs(p->noise_sd / preset->noise_sd - 1) < 0.01);
        synth_preset_free(p);
        workload_free(&w);
        json_decref(fit);
    }
}

/* ---- like a given trace ---- */

/* `seeds` traces by a fit of w, as many jobs over as many days; tables are the fit's. */
static void burst_like(const struct workload *w, int seeds, struct burst *b, double *gpu_hours)
{
    struct synth_preset *p;
    struct error err = { STATUS_OK, "" };
    if (synth_preset_fit(w, &p, &err) != STATUS_OK) fail_msg("%s", err.message);
    memset(b, 0, sizeof *b);
    for (int seed = 1; seed <= seeds; seed++) {
        struct workload made;
        struct workload_stats s;
        make(p, (int64_t)w->job_n, (double)w->span_us / 8.64e10, 0, (uint64_t)seed, 1, &made);
        burst_add(b, &made);
        stats_of(&made, &s);
        *gpu_hours += s.all.gpu_hours / seeds;
        workload_stats_free(&s);
        workload_free(&made);
    }
    synth_preset_free(p);
}

/* A trace made by a preset, fitted, made again: statistics do not drift. Each seed makes a trace,
 * and that trace's fit one of its own. */
static void a_round_trip_keeps_the_statistics(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct burst first, second, one;
        memset(&first, 0, sizeof first);
        memset(&second, 0, sizeof second);
        for (uint64_t seed = 1; seed <= 8; seed++) {
            struct workload w;
            double gpu_hours = 0;
            make(synth_preset_find(references[i].preset), references[i].jobs, references[i].days, 0,
                 seed, 0, &w);
            burst_add(&first, &w);
            burst_like(&w, 1, &one, &gpu_hours);
            for (int k = 0; k < BURST_N; k++) sample_add(&second.of[k], mean(&one.of[k]));
            workload_free(&w);
        }
        for (int k = 0; k < BURST_N; k++)
            if (distance(&first.of[k], &second.of[k]) > FAR)
                fail_msg("%s: %s %.4g, again %.4g", references[i].preset, burst_names[k],
                         mean(&first.of[k]), mean(&second.of[k]));
    }
}

/* The real traces against their imitations. The model is coarser than a cluster: it takes one hour
 * for as good as the next, so that it cannot know silences and campaigns of days. So far off were
 * the recipe's own figures too: gap CV -15 % (itp) and +14 % (philly), Fano -20 % and -26 %. */
static void imitations_of_real_traces(void **state)
{
    (void)state;
    static void (*const readers[])(struct workload *) = { load_philly, load_itp };
    for (int i = 0; i < 2; i++) {
        struct workload w;
        struct workload_stats s;
        struct burst b;
        double gpu_hours = 0;
        readers[i](&w);
        stats_of(&w, &s);
        burst_like(&w, 6, &b, &gpu_hours);
        assert_true(fabs(mean(&b.of[GAP_CV]) / s.gap_cv - 1) < 0.20);
        assert_true(fabs(mean(&b.of[ZERO_GAPS]) / s.zero_gaps - 1) < 0.05);
        assert_true(fabs(mean(&b.of[FANO]) / s.hourly_fano - 1) < 0.33);
        assert_true(mean(&b.of[LAG1]) > 0.3 * s.hourly_lag1 && mean(&b.of[LAG1]) < s.hourly_lag1);
        assert_true(fabs(gpu_hours / s.all.gpu_hours - 1) < 0.25);
        workload_stats_free(&s);
        workload_free(&w);
    }
}

struct shape {
    int64_t jobs, every_us, run_us;
    int tenants;
    int32_t gpu_milli;
};

static void regular(const struct shape *shape, struct workload *w)
{
    assert_int_equal(workload_init(w, NULL), STATUS_OK);
    for (int64_t j = 0; j < shape->jobs; j++) {
        struct job_row row;
        char tenant[24];
        job_row_init(&row);
        row.submit_us = j * shape->every_us;
        row.run_us = shape->run_us;
        row.gpu_milli = shape->gpu_milli;
        row.tenant = tenant;
        row.tenant_n = (size_t)snprintf(tenant, sizeof tenant, "t%d", (int)(j % shape->tenants));
        assert_int_equal(workload_add(w, &row, NULL), STATUS_OK);
    }
    assert_int_equal(workload_seal(w, INT64_MIN, NULL), STATUS_OK);
}

static void odd_traces_are_imitated_or_refused(void **state)
{
    (void)state;
    static const struct {
        struct shape shape;
        bool fits;
    } all[] = {
        { { 1, 0, 60000000, 1, 1000 }, false },
        { { 99, 60000000, 60000000, 1, 1000 }, false },
        { { 1000, 0, 60000000, 1, 1000 }, false },         /* all at once */
        { { 1000, 3000000, 60000000, 1, 1000 }, false },   /* within an hour */
        { { 1000, 60000000, 60000000, 1, 1000 }, true },   /* one a minute: no batch */
        { { 5000, 1000000, 60000000, 1, 1000 }, true },    /* one a second */
        { { 5000, 1000000, 60000000, 5000, 8000 }, true }, /* a tenant each */
        { { 2000, 600000000, 0, 3, 1000 }, true },         /* no run time */
        { { 2000, 600000000, 400000, 3, 1000 }, true },    /* less than a second */
        { { 2000, 600000000, 60000000, 3, 0 }, true },     /* no GPU */
        { { 2000, 600000000, 60000000, 3, 250 }, true },   /* a part of one */
        { { 2000, 600000000, JOB_TIME_MAX_US, 3, 1000000000 }, true },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct workload w, made;
        struct workload_stats s;
        struct synth_preset *p;
        struct error err = { STATUS_OK, "" };
        regular(&all[i].shape, &w);
        enum status status = synth_preset_fit(&w, &p, &err);
        if (!all[i].fits) {
            assert_int_equal(status, STATUS_BAD_INPUT);
            assert_non_null(strstr(err.message, "100 jobs"));
            workload_free(&w);
            continue;
        }
        if (status != STATUS_OK) fail_msg("%zu: %s", i, err.message);
        make(p, 1000, 3, 0, 1, 0, &made);
        assert_int_equal(made.job_n, 1000);
        for (size_t j = 0; j < made.job_n; j++) {
            int64_t run_us = all[i].shape.run_us;
            if (run_us > 0 && run_us < US_PER_S) run_us = US_PER_S;
            assert_int_equal(made.run_us[j], run_us / US_PER_S * US_PER_S);
            assert_int_equal(made.gpu_milli[j], all[i].shape.gpu_milli);
        }
        /* A steady stream is no batch, however dense it is. */
        stats_of(&made, &s);
        assert_true(s.hourly_fano < 2);
        workload_stats_free(&s);
        workload_free(&made);
        synth_preset_free(p);
        workload_free(&w);
    }
}

/* Poisson arrivals so dense that a gap of a minute is no sign of a batch. */
static void a_dense_trace_is_not_one_batch(void **state)
{
    (void)state;
    struct workload w;
    struct burst b;
    double gpu_hours = 0, at_s = 0;
    struct random_key key = random_key(3, 0);
    assert_int_equal(workload_init(&w, NULL), STATUS_OK);
    for (uint64_t j = 0; j < 160000; j++) {
        struct job_row row;
        job_row_init(&row);
        at_s += 30 * random_exponential_of(random_unit(key, RANDOM_TEST, j, 0));
        row.submit_us = (int64_t)(at_s * 1e6);
        row.run_us = 600 * US_PER_S;
        row.gpu_milli = 1000;
        assert_int_equal(workload_add(&w, &row, NULL), STATUS_OK);
    }
    assert_int_equal(workload_seal(&w, 0, NULL), STATUS_OK);
    burst_like(&w, 4, &b, &gpu_hours);
    /* Gaps below half the mean, 39 % of them, are taken for batches of two and more, by 1/0.61 in
     * the mean: (2 - p) / p = 2.3 were the Fano factor of batches at once; theirs last a while. */
    assert_true(mean(&b.of[FANO]) < 2.5);
    assert_true(mean(&b.of[GAP_CV]) < 1.5);
    assert_true(fabs(gpu_hours / (160000 / 6.0) - 1) < 1e-9);
    workload_free(&w);
}

/* A trace in which jobs come at 12:00 only, imitated for an hour from Monday 00:00. */
static void hours_without_jobs_are_refused(void **state)
{
    (void)state;
    struct workload w;
    struct synth_preset *p;
    struct error err = { STATUS_OK, "" };
    assert_int_equal(workload_init(&w, NULL), STATUS_OK);
    for (int64_t j = 0; j < 200; j++) {
        struct job_row row;
        job_row_init(&row);
        row.submit_us = j * 24 * US_PER_HOUR;
        row.run_us = US_PER_HOUR;
        row.gpu_milli = 1000;
        assert_int_equal(workload_add(&w, &row, NULL), STATUS_OK);
    }
    w.t0_unix_us = (INT64_C(1767571200) + 12 * 3600) * US_PER_S; /* Monday 2026-01-05 12:00 */
    assert_int_equal(workload_seal(&w, 0, NULL), STATUS_OK);
    assert_int_equal(synth_preset_fit(&w, &p, &err), STATUS_OK);
    struct synth_options o = { p, 50, 0.04, 0, 1, 0 };
    struct workload made;
    assert_int_equal(synth_make(&o, &made, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "more days"));
    o.days = 0.5001; /* the first nine seconds of noon */
    assert_int_equal(synth_make(&o, &made, &err), STATUS_OK);
    assert_int_equal(made.job_n, 50);
    for (size_t j = 0; j < 50; j++)
        assert_in_range(made.submit_us[j] / US_PER_S, 12 * 3600, 12 * 3600 + 8);
    workload_free(&made);
    synth_preset_free(p);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_are_as_bursty_as_the_recipes),
        cmocka_unit_test(poisson_arrivals_are_told_apart),
        cmocka_unit_test(more_jobs_and_more_days),
        cmocka_unit_test(gpu_counts_and_tenants_have_their_shares),
        cmocka_unit_test(run_times_have_the_fits_quantiles),
        cmocka_unit_test(jobs_and_days_are_as_asked),
        cmocka_unit_test(the_load_is_met),
        cmocka_unit_test(a_seed_is_a_trace),
        cmocka_unit_test(crowded_hours_repeat_nothing),
        cmocka_unit_test(presets_are_the_fits),
        cmocka_unit_test(a_fit_finds_what_the_fits_found),
        cmocka_unit_test(a_round_trip_keeps_the_statistics),
        cmocka_unit_test(imitations_of_real_traces),
        cmocka_unit_test(odd_traces_are_imitated_or_refused),
        cmocka_unit_test(a_dense_trace_is_not_one_batch),
        cmocka_unit_test(hours_without_jobs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
