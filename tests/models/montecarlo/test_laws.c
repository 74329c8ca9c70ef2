/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that the Monte Carlo models are made of: chance against published answers and against
 * Random123's own function, tables of laws against the laws, powers of two and buckets within what
 * they promise, and vectors of every width against plain C.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/alias.h"
#include "models/montecarlo/alias_table.h"
#include "models/montecarlo/exp2.h"
#include "models/montecarlo/law.h"
#include "models/montecarlo/law_table.h"
#include "models/montecarlo/log_bucket.h"
#include "models/montecarlo/philox.h"
#include "sim/random.h"
#include "tests/lanes.h"
#include "tests/support.h"

static uint64_t word(uint64_t i) { return random_u64(random_key(11, 0), RANDOM_TEST, i, 0); }

/* ---- chance ---- */

/* Known answers of philox4x32-10 from Random123's kat_vectors: counter, key, output. */
static void philox_known_answers(void **state)
{
    static const uint32_t kat[][10] = {
        { 0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 },
        { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
          0x41c83b0e, 0xa20bc7c6, 0x6d5451fd },
        { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
          0x94fdcceb, 0x5001e420, 0x24126ea1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof kat / sizeof *kat; i++) {
        const uint32_t *k = kat[i];
        struct mc_words w = mc_philox(k[0], k[1], k[2], k[3], k[4], k[5]);
        assert_memory_equal(w.x, k + 6, sizeof w.x);
    }
}

static void philox_is_that_of_random123(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300000; i++) {
        uint64_t a = word(3 * i), b = word(3 * i + 1), c = word(3 * i + 2);
        philox4x32_ctr_t counter = { { (uint32_t)a, (uint32_t)(a >> 32), (uint32_t)b,
                                       (uint32_t)(b >> 32) } };
        philox4x32_key_t key = { { (uint32_t)c, (uint32_t)(c >> 32) } };
        philox4x32_ctr_t out = philox4x32(counter, key);
        struct mc_words w =
            mc_philox(counter.v[0], counter.v[1], counter.v[2], counter.v[3], key.v[0], key.v[1]);
        assert_memory_equal(w.x, out.v, sizeof w.x);
    }
}

/* ---- tables ---- */

struct law_case {
    const char *name;
    enum law_reach reach;
    law_quantile *quantile;
    double sigma, scale;
    double moment[5], off[5]; /* what each should be, and may be off by, relative */
};

static const struct law_case law_cases[] = {
    { "exponential",
      LAW_SHORT,
      law_quantile_exponential,
      0,
      0x1p27,
      { 1, 1, 2, 6, 24 },
      { 1e-12, 1e-8, 1e-8, 5e-8, 1e-7 } },
    { "exponential, long",
      LAW_LONG,
      law_quantile_exponential,
      0,
      0x1p26,
      { 1, 1, 2, 6, 24 },
      { 1e-12, 1e-8, 1e-8, 5e-8, 1e-7 } },
    { "log-normal 1",
      LAW_SHORT,
      law_quantile_lognormal,
      1,
      0x1p22,
      { 1, 1, 2.718281828459045, 20.085536923187668, 403.4287934927351 },
      { 1e-12, 1e-8, 1e-6, 1e-4, 3e-3 } },
    { "log-normal 1.5, long",
      LAW_LONG,
      law_quantile_lognormal,
      1.5,
      0x1p13,
      { 1, 1, 9.487735836358526, 854.0587625261544, 729416.3698477013 },
      { 1e-12, 1e-5, 1e-6, 1e-6, 5e-4 } },
};

static void tables_have_the_moments_of_their_laws(void **state)
{
    static uint32_t cells[2 * LAW_LONG_CELLS];
    (void)state;
    for (size_t i = 0; i < sizeof law_cases / sizeof *law_cases; i++) {
        const struct law_case *l = &law_cases[i];
        double moment[5];
        assert_int_equal(law_table_make(cells, l->reach, l->quantile, &l->sigma, l->scale, NULL),
                         STATUS_OK);
        law_table_moments(cells, l->reach, l->scale, 0, moment);
        for (int k = 0; k < 5; k++)
            if (fabs(moment[k] / l->moment[k] - 1) > l->off[k])
                fail_msg("%s: moment %d is %.12g", l->name, k, moment[k]);
    }
    double moment[5];
    law_table_normal(cells);
    law_table_moments(cells, LAW_SHORT, 0x1p20, 8 + 0x1p-17, moment);
    static const double normal[] = { 1, 0, 1, 0, 3 };
    for (int k = 0; k < 5; k++)
        if (fabs(moment[k] - normal[k]) > 3e-7)
            fail_msg("normal: moment %d is %.12g", k, moment[k]);
}

/* A draw of the word u is the quantile in the middle of what u stands for, to a hundredth of the
 * cell's width and a unit; beyond the last few words, where a cell keeps a mean, to a factor. */
static void draws_are_quantiles(void **state)
{
    static uint32_t cells[2 * LAW_LONG_CELLS];
    (void)state;
    for (size_t i = 0; i < sizeof law_cases / sizeof *law_cases; i++) {
        const struct law_case *l = &law_cases[i];
        assert_int_equal(law_table_make(cells, l->reach, l->quantile, &l->sigma, l->scale, NULL),
                         STATUS_OK);
        for (uint64_t n = 0; n < 400000; n++) {
            /* All octaves as often. */
            uint64_t u = word(n) >> word(n + 1000000) % 64;
            if (n % 2) u = ~u;
            uint32_t high = (uint32_t)(u >> 32), low = (uint32_t)u;
            double p, q, got;
            if (l->reach == LAW_LONG) {
                p = ldexp((double)u + 0.5, -64);
                q = ldexp((double)~u + 0.5, -64);
                got = law_draw_long(cells, high, low);
            } else {
                p = ldexp((double)high + 0.5, -32);
                q = ldexp((double)~high + 0.5, -32);
                got = law_draw(cells, high);
            }
            double d = fmin(p, q), exact = l->quantile(p, q, &l->sigma) * l->scale;
            double ends = fabs(l->quantile(p < q ? d * 17 / 16 : 1 - d * 17 / 16,
                                           p < q ? 1 - d * 17 / 16 : d * 17 / 16, &l->sigma) *
                                   l->scale -
                               exact);
            double last = l->reach == LAW_LONG ? 0x1p-60 : 0x1p-28;
            double room = d < last ? 0.5 * exact + 1 : 0.05 * ends + 1.5;
            if (fabs(got - exact) > room)
                fail_msg("%s at p = %g, q = %g: %g, not %g", l->name, p, q, got, exact);
        }
    }
}

static void normals_are_rounded_quantiles(void **state)
{
    static uint32_t cells[2 * LAW_CELLS];
    double sum = 0;
    enum { N = 1 << 20 };
    (void)state;
    law_table_normal(cells);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t u = i << 12 | 1u << 11;
        double z = law_draw_normal(cells, u) * 0x1p-16, d = ldexp((double)u + 0.5, -32);
        sum += z;
        assert_true(fabs(z - random_normal_quantile(d)) < 2e-4);
    }
    assert_true(fabs(sum / N) < 2e-6);
    assert_true(law_draw_normal(cells, 0) < -6 * 65536);
    assert_true(law_draw_normal(cells, UINT32_MAX) > 6 * 65536);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Of 1, 2, 7, 1,000 and 20,003 values of a law that spans seven decades: the mean to a unit, draws
 * between the least and the greatest, and the same share of them below each decade. */
static void samples_keep_their_mean_and_their_ends(void **state)
{
    static const size_t sizes[] = { 1, 2, 7, 1000, 20003 };
    static uint32_t cells[2 * LAW_LONG_CELLS];
    static int64_t values[20003];
    (void)state;
    for (size_t s = 0; s < 2 * sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s / 2];
        enum law_reach reach = s % 2 ? LAW_LONG : LAW_SHORT;
        double mean = 0, moment[5], least = INFINITY, greatest = 0;
        for (size_t i = 0; i < n; i++) {
            values[i] = (int64_t)exp((double)(word(i) >> 11) * 0x1p-53 * 16.0);
            if (i % 5 == 0) values[i] = 60; /* many are alike */
            mean += (double)values[i] / (double)n;
        }
        qsort(values, n, sizeof *values, by_value);
        assert_int_equal(law_table_sample(cells, reach, values, n, 64, NULL), STATUS_OK);
        law_table_moments(cells, reach, 64, 0, moment);
        assert_true(fabs(moment[1] - mean) < 1.0 / 64);
        enum { DRAWS = 1 << 18 };
        double below = 0, share = 0;
        for (uint32_t i = 0; i < DRAWS; i++) {
            uint32_t u = i << 14 | 1u << 13;
            double x = reach == LAW_LONG ? law_draw_long(cells, u, 0) : law_draw(cells, u);
            least = fmin(least, x / 64);
            greatest = fmax(greatest, x / 64);
            below += x / 64 < 1000.5;
        }
        for (size_t i = 0; i < n; i++) share += values[i] <= 1000;
        assert_true(least >= (double)values[0] - 0.02);
        assert_true(greatest <= (double)values[n - 1] + 0.02);
        /* Within a cell of the middle, the widest, where a step may fall. */
        assert_true(fabs(below / DRAWS - share / (double)n) <= 1.0 / 64);
    }
}

static void tables_refuse_what_they_cannot_hold(void **state)
{
    static uint32_t cells[2 * LAW_CELLS];
    int64_t values[] = { -1, 5 };
    struct error err;
    (void)state;
    assert_int_equal(law_table_make(cells, LAW_SHORT, law_quantile_exponential, NULL, 0x1p28, &err),
                     STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "beyond the 16 that its table holds"));
    assert_int_equal(law_table_sample(cells, LAW_SHORT, values, 2, 1, &err), STATUS_BAD_INPUT);
    assert_int_equal(law_table_sample(cells, LAW_SHORT, values, 0, 1, &err), STATUS_BAD_INPUT);
}

static void hashes_tell_tables_apart(void **state)
{
    static uint32_t cells[2 * LAW_CELLS];
    (void)state;
    assert_true(law_table_hash(cells, LAW_SHORT, 0) != 0);
    law_table_normal(cells);
    uint64_t hash = law_table_hash(cells, LAW_SHORT, 0);
    cells[2 * LAW_CELLS - 1] ^= 1;
    assert_true(hash != law_table_hash(cells, LAW_SHORT, 0));
    assert_true(law_table_hash(cells, LAW_SHORT, 1) != law_table_hash(cells, LAW_SHORT, 2));
}

/* Exact counts of all words of chance: weights to 2^-31 of a bin. */
static void aliases_have_their_weights(void **state)
{
    static const uint32_t values[] = { 7, 1, 40000, 2, 9 };
    static const double weights[] = { 0.5, 3, 0.25, 0, 1.25 };
    uint32_t bins[2 << 3];
    (void)state;
    assert_int_equal(alias_table_make(bins, 3, values, weights, 5, NULL), STATUS_OK);
    for (int v = 0; v < 5; v++) {
        double chance = 0;
        for (uint32_t bin = 0; bin < 8; bin++) {
            double cut = bins[2 * bin] * 0x1p-31;
            if ((bins[2 * bin + 1] & 0xffff) == values[v]) chance += cut / 8;
            if (bins[2 * bin + 1] >> 16 == values[v]) chance += (1 - cut) / 8;
        }
        assert_true(fabs(chance - weights[v] / 5) < 1e-9);
    }
    double seen = 0;
    enum { N = 1 << 20 };
    for (uint32_t i = 0; i < N; i++) seen += alias_draw(bins, 3, i << 12) == 1;
    assert_true(fabs(seen / N - 0.6) < 1e-5);
    struct error err;
    assert_int_equal(alias_table_make(bins, 1, values, weights, 5, &err), STATUS_BAD_INPUT);
    assert_int_equal(alias_table_make(bins, 3, values, weights + 3, 1, &err), STATUS_BAD_INPUT);
    uint32_t large = 65536;
    assert_int_equal(alias_table_make(bins, 3, &large, weights, 1, &err), STATUS_BAD_INPUT);
}

/* ---- powers and buckets ---- */

static void powers_of_two_are_as_near_as_they_say(void **state)
{
    (void)state;
    for (int32_t q = -40 * 65536; q < 15 * 65536; q += 3) {
        double exact = exp2(q / 65536.0) * 65536;
        assert_true(fabs(mc_exp2(q) - exact) <= 3.6e-6 * exact + 1);
    }
    assert_int_equal(mc_exp2(0), 65536);
    assert_int_equal(mc_exp2(14 * 65536), 1 << 30);
    assert_int_equal(mc_exp2(-16 * 65536), 1);
    assert_int_equal(mc_exp2(-17 * 65536), 0);
    assert_int_equal(mc_exp2(INT32_MIN), 0);
    assert_int_equal(mc_exp2(INT32_MAX), mc_exp2(15 * 65536 - 1));
}

static void buckets_hold_what_lies_between_their_ends(void **state)
{
    (void)state;
    for (uint32_t b = 0; b + 1 < LOG_BUCKET_N; b++) {
        uint64_t least = log_bucket_least(b), next = log_bucket_least(b + 1);
        assert_true(least < next);
        assert_int_equal(log_bucket_of(least), b);
        assert_int_equal(log_bucket_of(next - 1), b);
        if (b < 64) assert_int_equal(least, b);
        assert_true(next - least == 1 || (double)(next - least) <= (double)least / 32);
    }
    assert_int_equal(log_bucket_of(UINT64_MAX), LOG_BUCKET_N - 1);
}

static void shares_are_rounded_to_the_nearest(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        uint32_t a = (uint32_t)word(2 * i), b = (uint32_t)word(2 * i + 1) >> i % 32;
        assert_int_equal(mc_share(a, b), ((uint64_t)a * b + (UINT64_C(1) << 31)) >> 32);
    }
    assert_int_equal(mc_share(UINT32_MAX, UINT32_MAX), UINT32_MAX - 1);
    assert_int_equal(mc_share(UINT32_MAX, 7), 7);
}

/* ---- widths ---- */

static void vectors_give_the_same_bits(void **state)
{
    enum { N = 1 << 18 };
    static uint32_t laws[4 * LAW_CELLS], long_laws[4 * LAW_LONG_CELLS], normal[2 * LAW_CELLS];
    static uint32_t bins[2 << LANES_ALIAS_BITS], words[N];
    static const uint32_t values[] = { 3, 500, 65535 };
    static const double weights[] = { 1, 2, 4 }, sigma = 1.5;
    struct lanes_tables t = { laws, long_laws, normal, bins };
    uint32_t *plain[LANES_ROW_N], *wide[LANES_ROW_N];
    int widths = 0;
    (void)state;
    law_table_make(laws, LAW_SHORT, law_quantile_exponential, NULL, 0x1p27, NULL);
    law_table_normal(laws + 2 * LAW_CELLS);
    law_table_make(long_laws, LAW_LONG, law_quantile_exponential, NULL, 0x1p26, NULL);
    law_table_make(long_laws + 2 * LAW_LONG_CELLS, LAW_LONG, law_quantile_lognormal, &sigma, 0x1p13,
                   NULL);
    law_table_normal(normal);
    alias_table_make(bins, LANES_ALIAS_BITS, values, weights, 3, NULL);
    /* Words of all sizes, and their complements: every octave of a table. */
    for (uint32_t i = 0; i < N; i++)
        words[i] = (uint32_t)(word(i) >> (32 + i % 32)) ^ (i / 32 % 2 ? UINT32_MAX : 0);
    for (int r = 0; r < LANES_ROW_N; r++) {
        plain[r] = malloc(N * sizeof **plain);
        wide[r] = malloc(N * sizeof **wide);
    }
    lanes_plain(&t, words, N, plain);
    for (int width = 0; width < 2; width++) {
        for (int r = 0; r < LANES_ROW_N; r++) memset(wide[r], 0, N * sizeof **wide);
        if (!(width ? lanes_avx512 : lanes_avx2)(&t, words, N, wide)) continue;
        widths++;
        for (int r = 0; r < LANES_ROW_N; r++)
            for (uint32_t i = 0; i < N; i++)
                if (plain[r][i] != wide[r][i])
                    fail_msg("row %d of %#x by %s: %#x, not %#x", r, words[i],
                             width ? "avx512" : "avx2", wide[r][i], plain[r][i]);
    }
    for (int r = 0; r < LANES_ROW_N; r++) {
        free(plain[r]);
        free(wide[r]);
    }
    if (widths == 0) skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answers),
        cmocka_unit_test(philox_is_that_of_random123),
        cmocka_unit_test(tables_have_the_moments_of_their_laws),
        cmocka_unit_test(draws_are_quantiles),
        cmocka_unit_test(normals_are_rounded_quantiles),
        cmocka_unit_test(samples_keep_their_mean_and_their_ends),
        cmocka_unit_test(tables_refuse_what_they_cannot_hold),
        cmocka_unit_test(hashes_tell_tables_apart),
        cmocka_unit_test(aliases_have_their_weights),
        cmocka_unit_test(powers_of_two_are_as_near_as_they_say),
        cmocka_unit_test(buckets_hold_what_lies_between_their_ends),
        cmocka_unit_test(shares_are_rounded_to_the_nearest),
        cmocka_unit_test(vectors_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
