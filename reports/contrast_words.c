/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/contrast_words.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "reports/estimate.h"
#include "reports/metrics.h"

static const struct {
    const char *metric, *title;
} titles[] = {
    { METRIC_COST_MONTH, "cost per month" }, { METRIC_UTILIZATION, "utilization" },
    { METRIC_WAIT_MEAN, "mean wait" },       { METRIC_WAIT_P50, "p50 wait" },
    { METRIC_WAIT_P90, "p90 wait" },         { METRIC_WAIT_P95, "p95 wait" },
    { METRIC_WAIT_P99, "p99 wait" },         { METRIC_WAIT_MAX, "longest wait" },
    { METRIC_JCT_MEAN, "mean JCT" },         { METRIC_JCT_P50, "p50 JCT" },
    { METRIC_JCT_P95, "p95 JCT" },           { METRIC_SLOWDOWN, "mean slowdown" },
    { METRIC_SLOWDOWN_P95, "p95 slowdown" }, { METRIC_FAIRNESS, "fairness" },
    { METRIC_IDLE, "idle share" },           { METRIC_MAKESPAN, "makespan" },
    { METRIC_PREEMPTIONS, "preemptions" },   { METRIC_COST_IDLE_MONTH, "idle cost per month" },
};

const char *contrast_title(int metric)
{
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(titles[i].metric, metric_defs[metric].name) == 0) return titles[i].title;
    return metric_defs[metric].name;
}

static struct contrast_text text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static struct contrast_text text_of(const char *format, ...)
{
    struct contrast_text t;
    va_list args;
    va_start(args, format);
    vsnprintf(t.s, sizeof t.s, format, args);
    va_end(args);
    return t;
}

static bool is_share(int metric) { return strcmp(metric_defs[metric].unit, "share") == 0; }

struct contrast_text contrast_cell(const struct mean_interval *of, int metric)
{
    return text_of("%s", format_metric(of->mean, of->half, metric_defs[metric].unit).s);
}

static const char *plus(double x, const char *text)
{
    return x > 0 && strpbrk(text, "123456789") ? "+" : "";
}

static struct format_text bare(double x)
{
    struct format_text t = format_percent(x);
    t.s[strcspn(t.s, "%")] = '\0';
    return t;
}

/* An interval wider than its middle is said in its own unit: "+12 s ± 2.0 h". */
static struct contrast_text distance(double mean, double half, int metric)
{
    const char *unit = metric_defs[metric].unit;
    if (is_share(metric)) {
        struct format_text points = bare(mean), around = bare(half);
        if (!(half > 0)) return text_of("%s%s points", plus(mean, points.s), points.s);
        return text_of("%s%s points \u00b1 %s", plus(mean, points.s), points.s, around.s);
    }
    if (half > fabs(mean))
        return text_of("%s%s \u00b1 %s", plus(mean, format_metric(mean, NAN, unit).s),
                       format_metric(mean, NAN, unit).s, format_metric(half, NAN, unit).s);
    struct format_text both = format_metric(mean, half, unit);
    return text_of("%s%s", plus(mean, both.s), both.s);
}

struct contrast_text contrast_absolute(const struct contrast_figure *f)
{
    if (f->finding == CONTRAST_ABSENT) return text_of("n/a");
    if (f->finding == CONTRAST_SAME) return text_of("same");
    return distance(f->difference.mean, f->difference.half, f->metric);
}

/* A share with its interval; `sign` -1 turns it round. */
static struct contrast_text share(double x, double low, double high, bool is_signed, double sign)
{
    double a = sign < 0 ? -high : low, b = sign < 0 ? -low : high, below, above;
    x *= sign;
    below = x - a;
    above = b - x;
    struct format_text plain = format_percent(x);
    const char *mark = is_signed ? plus(x, plain.s) : "";
    if (isnan(a) || isinf(x)) return text_of("%s%s", mark, isinf(x) ? "beyond any share" : plain.s);
    if (fmax(below, above) > 1.2 * fmin(below, above) &&
        strcmp(format_percent(below).s, format_percent(above).s) != 0) {
        struct format_text from = format_percent(a), to = format_percent(b);
        return text_of("%s%s (%s%s to %s%s)", mark, plain.s, is_signed ? plus(a, from.s) : "",
                       from.s, is_signed ? plus(b, to.s) : "", to.s);
    }
    return text_of("%s%s", mark, format_percent_interval(x, fmax(below, above)).s);
}

struct contrast_text contrast_relative(const struct contrast_figure *f)
{
    const struct difference *d = &f->difference;
    if (f->finding == CONTRAST_ABSENT || isnan(d->relative)) return text_of("%s", "");
    if (f->finding == CONTRAST_SAME) return text_of("same");
    return share(d->relative, d->relative_low, d->relative_high, true, 1);
}

struct contrast_text contrast_change(const struct contrast_figure *f)
{
    const struct difference *d = &f->difference;
    bool has_span = !isnan(d->half), has_ratio = !isnan(d->relative_low);
    if (is_share(f->metric) || isnan(d->relative) || has_span != has_ratio)
        return contrast_absolute(f);
    return contrast_relative(f);
}

const char *contrast_finding_word(const struct contrast_figure *f)
{
    static const char *const words[] = { "n/a",   "same",  "no interval", "not clearly different",
                                         "lower", "higher" };
    int sign = contrast_sign(f);
    return sign > 0 ? "better" : sign < 0 ? "worse" : words[f->finding];
}

/* "cheaper" or "costlier". */
static const char *direction(int metric, bool less)
{
    const char *unit = metric_defs[metric].unit;
    if (strncmp(unit, "USD", 3) == 0) return less ? "cheaper" : "costlier";
    if (strcmp(unit, "s") == 0) return less ? "shorter" : "longer";
    return less ? "lower" : "higher";
}

struct contrast_text contrast_phrase(const struct contrast_figure *f)
{
    const struct difference *d = &f->difference;
    bool cost = strcmp(metric_defs[f->metric].name, METRIC_COST_MONTH) == 0, less = d->mean < 0;
    const char *title = cost ? "cost" : contrast_title(f->metric);
    double sign = less ? -1 : 1;
    if (f->finding == CONTRAST_ABSENT) return text_of("%s n/a", title);
    if (f->finding == CONTRAST_SAME) return text_of("the same %s", title);
    if (f->finding == CONTRAST_UNCLEAR)
        return text_of("%s not clearly different (%s)", title, contrast_change(f).s);
    bool ratio =
        !is_share(f->metric) && !isnan(d->relative) && !isnan(d->half) == !isnan(d->relative_low);
    struct contrast_text size =
        ratio ? share(d->relative, d->relative_low, d->relative_high, false, sign)
              : distance(fabs(d->mean), d->half, f->metric);
    const char *none = f->finding == CONTRAST_NO_SPAN ? ", without an interval" : "";
    if (cost)
        return text_of("%.90s %s, %.90s a month%s", size.s + (size.s[0] == '+'),
                       direction(f->metric, less), contrast_absolute(f).s, none);
    return text_of("%s %.90s %s%s", title, size.s + (size.s[0] == '+'), direction(f->metric, less),
                   none);
}

static enum verdict verdict_of(const struct contrast_side *s)
{
    return s->data->fleets[s->fleet].overall;
}

const char *contrast_targets(const struct contrast_side *s) { return verdict_word(verdict_of(s)); }

int contrast_targets_sign(const struct contrast *c)
{
    static const int rank[] = { 0, 3, 1, 2 }; /* by verdict: meets before unclear before misses */
    int before = rank[verdict_of(c->reference)], now = rank[verdict_of(c->side)];
    return before == 0 || now == 0 ? 0 : (now > before) - (now < before);
}

struct contrast_text contrast_headline(const struct contrasts *all, const struct contrast *c)
{
    static const char *const spoken[] = { METRIC_COST_MONTH, METRIC_WAIT_P95 };
    struct contrast_text t = { "" };
    size_t n = 0;
    for (int i = 0; i < 2; i++) {
        const struct contrast_figure *f = contrast_figure(all, c, metric_index(spoken[i]));
        if (!f || f->finding == CONTRAST_ABSENT || n >= sizeof t.s) continue;
        n += (size_t)snprintf(t.s + n, sizeof t.s - n, "%s%s", n ? "; " : "", contrast_phrase(f).s);
    }
    const char *before = contrast_targets(c->reference), *now = contrast_targets(c->side);
    if (strcmp(before, now) != 0 && *before && *now && n < sizeof t.s)
        n += (size_t)snprintf(t.s + n, sizeof t.s - n, "%stargets: %s, was %s", n ? "; " : "", now,
                              before);
    return n ? t : text_of("nothing that both have");
}

/* Observations: replications, or antithetic pairs of them. */
static int32_t observations(const struct contrast_side *s)
{
    return s->data->replications / (s->data->antithetic ? 2 : 1);
}

struct contrast_text contrast_method(const struct contrast *c)
{
    int32_t n = observations(c->reference), m = observations(c->side), least = n < m ? n : m;
    bool pairs = c->reference->data->antithetic;
    if (!c->paired && least == 1)
        return text_of("not paired, and one replication: no interval; %s", c->why);
    if (!c->paired) return text_of("two samples, n = %d and %d: %s", n, m, c->why);
    if (least == 1)
        return text_of("one %s each: no interval", pairs ? "antithetic pair" : "replication");
    struct contrast_text left = text_of("%s", "");
    if (c->left_out) left = text_of("; %d more have no partner", c->left_out);
    return text_of("paired replications, n = %d%s%.60s", least, pairs ? " antithetic pairs" : "",
                   left.s);
}

bool contrast_note_at(const struct contrasts *all, size_t i, struct contrast_note *note)
{
    bool paired = false, apart = false, tail = false;
    for (size_t c = 0; c < all->n; c++) {
        paired |= all->list[c].paired;
        apart |= !all->list[c].paired;
        tail |= all->list[c].tail;
    }
    double percent = 100 * all->confidence;
    if (all->interval_n > 0 && i-- == 0) {
        snprintf(
            note->s, sizeof note->s,
            "\u00b1 and ranges: the %.4g%% interval%s%s%s; changes in percent are of the ratio "
            "of means (Fieller).",
            percent, paired ? ", Student's t of paired differences" : "",
            paired && apart ? " or"
            : apart         ? ","
                            : "",
            apart ? " Welch's t of two samples" : "");
        return true;
    }
    if (all->interval_n > 1 && i-- == 0) {
        if (all->family)
            snprintf(note->s, sizeof note->s,
                     "All %zu intervals hold together with 95%% (Bonferroni).", all->interval_n);
        else
            snprintf(
                note->s, sizeof note->s,
                "%zu intervals, each 95%% by itself: where nothing differed %.2g of them would "
                "still look clear; --family holds all together.",
                all->interval_n, 0.05 * (double)all->interval_n);
        return true;
    }
    if (tail && i-- == 0) {
        snprintf(note->s, sizeof note->s,
                 "Some jobs start over so often that their time to finish has no finite variance: "
                 "figures that vary have no interval there.");
        return true;
    }
    return false;
}

struct contrast_text condition_figure(const struct condition *c, const struct condition_finding *f)
{
    if (isnan(f->value)) return text_of("n/a");
    bool none = isnan(f->low);
    double half = none ? NAN : (f->high - f->low) / 2;
    struct contrast_text t;
    if (c->of == CONDITION_RELATIVE) t = share(f->value, f->low, f->high, true, 1);
    else if (c->of == CONDITION_DIFFERENCE) t = distance(f->value, half, c->metric);
    else t = contrast_cell(&(struct mean_interval){ f->value, half }, c->metric);
    size_t n = strlen(t.s);
    if (none) snprintf(t.s + n, sizeof t.s - n, ", without an interval");
    return t;
}
