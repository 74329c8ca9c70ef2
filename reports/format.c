/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct format_text text_of(const char *s)
{
    struct format_text t;
    snprintf(t.s, sizeof t.s, "%s", s);
    return t;
}

static struct format_text joined(const char *before, const char *number, const char *after)
{
    struct format_text t;
    snprintf(t.s, sizeof t.s, "%.8s%.24s%.8s", before, number, after);
    return t;
}

/* |x| with `digits` after the point, at most 16 characters. */
static struct format_text magnitude(double x, int digits)
{
    struct format_text t;
    double a = fabs(x);
    if (!isfinite(a)) return text_of("n/a");
    if (a < 999999999999999.5) snprintf(t.s, sizeof t.s, "%.*f", a < 1e12 ? digits : 0, a);
    else snprintf(t.s, sizeof t.s, "%.3g", a);
    return t;
}

/* The sign of x where its text shows more than zero. */
static const char *sign(double x, const char *text)
{
    return x < 0 && strpbrk(text, "123456789") ? "-" : "";
}

static struct format_text number_text(double x, int digits, const char *unit)
{
    struct format_text t = magnitude(x, digits);
    return isfinite(x) ? joined(sign(x, t.s), t.s, unit) : t;
}

/* Three significant digits, at least none and at most `most` after the point. */
static int places(double x, int most)
{
    double a = fabs(x);
    int n = a < 9.995 ? 2 : a < 99.95 ? 1 : 0;
    return n < most ? n : most;
}

struct scale {
    double divisor;
    const char *suffix;
};

static struct scale usd_scale(double usd)
{
    double a = fabs(usd);
    if (a >= 999.5e9) return (struct scale){ 1e12, "T" };
    if (a >= 999.5e6) return (struct scale){ 1e9, "B" };
    if (a >= 999.5e3) return (struct scale){ 1e6, "M" };
    if (a >= 9999.5) return (struct scale){ 1e3, "k" };
    return (struct scale){ 1, "" };
}

static struct scale duration_scale(double s)
{
    double a = fabs(s);
    if (a >= 2 * 86400) return (struct scale){ 86400, " days" };
    if (a >= 5400) return (struct scale){ 3600, " h" };
    if (a >= 90) return (struct scale){ 60, " min" };
    return (struct scale){ 1, " s" };
}

static struct format_text usd_in(double usd, struct scale unit, const char *dollar)
{
    char before[8];
    double x = usd / unit.divisor;
    if (!isfinite(usd)) return text_of("n/a");
    int digits =
        unit.divisor > 1 ? places(x, unit.divisor >= 1e6 ? 2 : 0) : (fabs(x) < 99.995 ? 2 : 0);
    struct format_text t =
        unit.divisor == 1 && fabs(x) >= 999.5 ? format_count(fabs(x)) : magnitude(x, digits);
    snprintf(before, sizeof before, "%s%.2s", sign(x, t.s), dollar);
    return joined(before, t.s, unit.suffix);
}

struct format_text format_usd(double usd) { return usd_in(usd, usd_scale(usd), "$"); }

static int duration_places(double x) { return x == 0 ? 0 : places(x, 1); }

struct format_text format_duration(double s)
{
    struct scale unit = duration_scale(s);
    return number_text(s / unit.divisor, duration_places(s / unit.divisor), unit.suffix);
}

static int percent_places(double percent) { return percent != 0 && fabs(percent) < 9.95 ? 1 : 0; }

struct format_text format_percent(double share)
{
    return number_text(100 * share, percent_places(100 * share), "%");
}

struct format_text format_count(double n)
{
    struct format_text t, plain = magnitude(n, 0);
    size_t length = strlen(plain.s), out = 0;
    if (strspn(plain.s, "0123456789") != length) return number_text(n, 0, "");
    if (*sign(n, plain.s)) t.s[out++] = '-';
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) t.s[out++] = ',';
        t.s[out++] = plain.s[i];
    }
    t.s[out] = '\0';
    return t;
}

struct format_text format_number(double x)
{
    if (fabs(x) >= 999.5) return format_count(x);
    return number_text(x, x == 0 ? 0 : places(x, 2), "");
}

static struct format_text with_half(struct format_text mean, struct format_text half,
                                    double half_value)
{
    struct format_text t;
    /* A half that rounds to nothing says no more than the mean's own digits do. */
    if (isnan(half_value) || half.s[strspn(half.s, "0.kMBT")] == '\0') return mean;
    snprintf(t.s, sizeof t.s, "%.28s \u00b1 %.28s", mean.s, half.s);
    return t;
}

struct format_text format_usd_interval(double mean, double half)
{
    return with_half(format_usd(mean), usd_in(half, usd_scale(mean), ""), half);
}

struct format_text format_duration_interval(double mean, double half)
{
    double x = half / duration_scale(mean).divisor;
    return with_half(format_duration(mean), number_text(x, duration_places(x), ""), half);
}

struct format_text format_percent_interval(double mean, double half)
{
    return with_half(format_percent(mean), number_text(100 * half, percent_places(100 * half), ""),
                     half);
}

struct format_text format_change(double mean, double half)
{
    struct format_text t, plain = format_percent_interval(mean, half);
    if (!isfinite(mean)) return plain;
    snprintf(t.s, sizeof t.s, "%s%.60s", mean > 0 ? "+" : "", plain.s);
    return t;
}

struct format_text format_signed_usd(double mean, double half)
{
    struct format_text t, plain = format_usd_interval(mean, half);
    snprintf(t.s, sizeof t.s, "%s%.60s", mean > 0 ? "+" : "", plain.s);
    return t;
}

struct format_text format_metric(double mean, double half, const char *unit)
{
    if (strncmp(unit, "USD", 3) == 0) return format_usd_interval(mean, half);
    if (strcmp(unit, "s") == 0) return format_duration_interval(mean, half);
    if (strcmp(unit, "share") == 0) return format_percent_interval(mean, half);
    return with_half(format_number(mean), format_number(half), half);
}

void format_pad(FILE *out, int n)
{
    while (n-- > 0) fputc(' ', out);
}
