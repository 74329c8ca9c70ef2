/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/random.h"

#include <math.h>
#include <string.h>

static uint64_t bits_of(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static double double_of(uint64_t b)
{
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

/*
 * x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); log(1 + f) by the series in s = f / (2 + f):
 * log(1 + f) = 2s + s R(s^2), the minimax coefficients and the order of summation of fdlibm's
 * e_log.c (Sun Microsystems 1993), error below 1 ulp.
 */
double random_log(double x)
{
    static const double ln2_hi = 6.93147180369123816490e-01, ln2_lo = 1.90821492927058770002e-10;
    static const double c[] = { 6.666666666666735130e-01, 3.999999999940941908e-01,
                                2.857142874366239149e-01, 2.222219843214978396e-01,
                                1.818357216161805012e-01, 1.531383769920937332e-01,
                                1.479819860511658591e-01 };
    int64_t k = 0;
    uint64_t b = bits_of(x);
    if (b < UINT64_C(1) << 52) { /* subnormal */
        b = bits_of(x * 0x1p54);
        k = -54;
    }
    /* Shift the exponent so that the mantissa falls around 1. */
    uint64_t shifted = b - UINT64_C(0x3fe6a09e667f3bcd);
    k += (int64_t)shifted >> 52;
    double m = double_of(b - (shifted & UINT64_C(0xfff0000000000000)));
    double f = m - 1.0, s = f / (2.0 + f), z = s * s, w = z * z;
    double even = w * (c[1] + w * (c[3] + w * c[5]));
    double odd = z * (c[0] + w * (c[2] + w * (c[4] + w * c[6])));
    double half = 0.5 * f * f, dk = (double)k;
    return dk * ln2_hi - ((half - (s * (half + (even + odd)) + dk * ln2_lo)) - f);
}

/*
 * x = k ln 2 + r, |r| <= ln 2 / 2; exp(r) = 1 + 2r / (2 - R(r)) with the Remes coefficients of
 * fdlibm's e_exp.c (Sun Microsystems 1993).
 */
double random_exp(double x)
{
    static const double ln2_hi = 6.93147180369123816490e-01, ln2_lo = 1.90821492927058770002e-10;
    static const double inv_ln2 = 1.44269504088896338700e+00;
    static const double c[] = { 1.66666666666666019037e-01, -2.77777777770155933842e-03,
                                6.61375632143793436117e-05, -1.65339022054652515390e-06,
                                4.13813679705723846039e-08 };
    double scaled = x * inv_ln2;
    int64_t k = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
    double hi = x - (double)k * ln2_hi, lo = (double)k * ln2_lo, r = hi - lo, z = r * r;
    double t = r - z * (c[0] + z * (c[1] + z * (c[2] + z * (c[3] + z * c[4]))));
    double y = 1.0 - ((lo - r * t / (2.0 - t)) - hi);
    return y * double_of((uint64_t)(k + 1023) << 52);
}

static double horner(const double *c, int n, double x)
{
    double y = c[n - 1];
    for (int i = n - 2; i >= 0; i--) y = y * x + c[i];
    return y;
}

/* AS 241, routine PPND16: rational minimax approximations on three ranges. Test value: u = 0.25
 * gives -0.6744897501960817. */
double random_normal_quantile(double u)
{
    static const double a[] = { 3.3871328727963666080e0,  1.3314166789178437745e+2,
                                1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                3.3430575583588128105e+4, 2.5090809287301226727e+3 };
    static const double b[] = { 1.0,
                                4.2313330701600911252e+1,
                                6.8718700749205790830e+2,
                                5.3941960214247511077e+3,
                                2.1213794301586595867e+4,
                                3.9307895800092710610e+4,
                                2.8729085735721942674e+4,
                                5.2264952788528545610e+3 };
    static const double c[] = { 1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4 };
    static const double d[] = { 1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9 };
    static const double e[] = { 6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7 };
    static const double f[] = { 1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15 };
    double q = u - 0.5;
    if (q >= -0.425 && q <= 0.425) {
        double r = 0.180625 - q * q;
        return q * horner(a, 8, r) / horner(b, 8, r);
    }
    double r = sqrt(-random_log(q < 0 ? u : 1.0 - u));
    double x = r <= 5.0 ? horner(c, 8, r - 1.6) / horner(d, 8, r - 1.6)
                        : horner(e, 8, r - 5.0) / horner(f, 8, r - 5.0);
    return q < 0 ? -x : x;
}

double random_lognormal_of(double unit, double deviation)
{
    double variance = random_log(1 + deviation * deviation);
    double z = random_normal_quantile(unit < 1 ? unit : 1 - 0x1p-53);
    return random_exp(sqrt(variance) * z - variance / 2);
}

/* A unit draw strictly inside (0, 1). */
static double open_unit(struct random_key key, enum random_purpose purpose, uint64_t entity,
                        uint64_t draw)
{
    return ((double)(random_u64(key, purpose, entity, draw) >> 12) + 0.5) * 0x1p-52;
}

double random_gamma(struct random_key key, enum random_purpose purpose, uint64_t entity,
                    uint64_t draw, double shape, double mean)
{
    double boost = 1.0, a = shape;
    if (a < 1.0) { /* Gamma(a) = Gamma(a + 1) U^(1/a) */
        boost = random_exp(random_log(open_unit(key, purpose, entity, draw++)) / a);
        a += 1.0;
    }
    double d = a - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (int try = 0; try < 1 << 14; try++) {
        double x = random_normal_quantile(open_unit(key, purpose, entity, draw++));
        double u = random_unit(key, purpose, entity, draw++), v = 1.0 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (random_log(u) < 0.5 * x * x + d - d * v + d * random_log(v))
            return d * v * boost / shape * mean;
    }
    return mean; /* not reached: each try fails with a chance below one in twenty */
}

/* Large means are split in halves until each is below 500, where exp(-mean) is far from underflow;
 * each part is inverted by walking the distribution up from zero. */
int64_t random_poisson(struct random_key key, enum random_purpose purpose, uint64_t entity,
                       uint64_t draw, double mean)
{
    int64_t total = 0;
    uint64_t parts = 1;
    while (mean / (double)parts > 500.0) parts *= 2;
    double part = mean / (double)parts, zero = random_exp(-part);
    for (uint64_t i = 0; i < parts; i++) {
        double u = open_unit(key, purpose, entity, draw + i), p = zero, sum = zero;
        int64_t n = 0;
        while (u > sum && n < 2000) {
            n++;
            p = p * part / (double)n;
            sum += p;
        }
        total += n;
    }
    return total;
}
