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

/* Three significant digits, at least none and at most `most` after the point. */
static int places(double x, int most)
{
    double a = fabs(x);
    int n = a < 9.995 ? 2 : a < 99.95 ? 1 : 0;
    return n < most ? n : most;
}

struct scale { double divisor; const char *suffix; };

static struct scale usd_scale(double usd)
{
    double a = fabs(usd);
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
    struct format_text t;
    double x = usd / unit.divisor;
    if (!isfinite(usd)) return text_of("n/a");
    int digits = unit.divisor > 1 ? places(x, unit.divisor >= 1e6 ? 2 : 0) : (fabs(x) < 99.995 ? 2 : 0);
    if (unit.divisor == 1 && fabs(x) >= 999.5) {
        t = format_count(fabs(x));
        struct format_text signed_text;
        snprintf(signed_text.s, sizeof signed_text.s, "%s%s%.30s", x < 0 ? "-" : "", dollar, t.s);
        return signed_text;
    }
    snprintf(t.s, sizeof t.s, "%s%s%.*f%s", x < 0 && x > -INFINITY ? "-" : "", dollar, digits, fabs(x), unit.suffix);
    return t;
}

struct format_text format_usd(double usd) { return usd_in(usd, usd_scale(usd), "$"); }

static int duration_places(double x, double divisor) { return x == 0 ? 0 : divisor == 1 ? places(x, 1) : places(x, 1); }

struct format_text format_duration(double s)
{
    struct format_text t;
    struct scale unit = duration_scale(s);
    if (!isfinite(s)) return text_of("n/a");
    snprintf(t.s, sizeof t.s, "%.*f%s", duration_places(s / unit.divisor, unit.divisor), s / unit.divisor, unit.suffix);
    return t;
}

static int percent_places(double percent) { return percent != 0 && fabs(percent) < 9.95 ? 1 : 0; }

struct format_text format_percent(double share)
{
    struct format_text t;
    if (!isfinite(share)) return text_of("n/a");
    snprintf(t.s, sizeof t.s, "%.*f%%", percent_places(100 * share), 100 * share);
    return t;
}

struct format_text format_count(double n)
{
    struct format_text t;
    char digits[32];
    size_t length, out = 0;
    if (!isfinite(n)) return text_of("n/a");
    snprintf(digits, sizeof digits, "%.0f", fabs(n));
    length = strlen(digits);
    if (n < 0 && strcmp(digits, "0") != 0) t.s[out++] = '-';
    for (size_t i = 0; i < length && out + 2 < sizeof t.s; i++) {
        if (i > 0 && (length - i) % 3 == 0) t.s[out++] = ',';
        t.s[out++] = digits[i];
    }
    t.s[out] = '\0';
    return t;
}

struct format_text format_number(double x)
{
    struct format_text t;
    if (!isfinite(x)) return text_of("n/a");
    if (fabs(x) >= 999.5) return format_count(x);
    snprintf(t.s, sizeof t.s, "%.*f", x == 0 ? 0 : places(x, 2), x);
    return t;
}

static struct format_text with_half(struct format_text mean, struct format_text half, double half_value)
{
    struct format_text t;
    if (isnan(half_value)) return mean;
    snprintf(t.s, sizeof t.s, "%.18s \u00b1 %.14s", mean.s, half.s);
    return t;
}

struct format_text format_usd_interval(double mean, double half)
{
    struct scale unit = usd_scale(mean);
    return with_half(format_usd(mean), usd_in(half, unit, ""), half);
}

struct format_text format_duration_interval(double mean, double half)
{
    struct scale unit = duration_scale(mean);
    struct format_text h;
    snprintf(h.s, sizeof h.s, "%.*f", duration_places(half / unit.divisor, unit.divisor), half / unit.divisor);
    return with_half(format_duration(mean), h, half);
}

struct format_text format_percent_interval(double mean, double half)
{
    struct format_text h;
    snprintf(h.s, sizeof h.s, "%.*f", percent_places(100 * half), 100 * half);
    return with_half(format_percent(mean), h, half);
}

struct format_text format_change(double mean, double half)
{
    struct format_text t, plain = format_percent_interval(mean, half);
    if (!isfinite(mean)) return plain;
    snprintf(t.s, sizeof t.s, "%s%.36s", mean > 0 ? "+" : "", plain.s);
    return t;
}

struct format_text format_metric(double mean, double half, const char *unit)
{
    if (strncmp(unit, "USD", 3) == 0) return format_usd_interval(mean, half);
    if (strcmp(unit, "s") == 0) return format_duration_interval(mean, half);
    if (strcmp(unit, "share") == 0) return format_percent_interval(mean, half);
    return with_half(format_number(mean), format_number(half), half);
}
