/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/interruption_summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "scenarios/interruptions/logs.h"

static double seconds(int64_t us) { return (double)us / US_PER_S; }

static void label(const char *name) { printf("    %-12s ", name); }

/* A moment of the log, UTC; "1.2 days in" where it has no clock. */
static struct format_text when(const struct interruptions *log, int64_t us, bool json)
{
    struct format_text text;
    struct tm tm;
    if (log->t0_unix_us == INT64_MIN) {
        text = format_duration(seconds(us));
        return text;
    }
    int64_t unix_us = log->t0_unix_us + us;
    time_t t = (time_t)(unix_us / US_PER_S - (unix_us % US_PER_S < 0));
    if (!gmtime_r(&t, &tm) ||
        strftime(text.s, sizeof text.s, json ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%d %H:%M", &tm) == 0)
        strcpy(text.s, "beyond the calendar");
    return text;
}

/* Nano-units as a decimal without trailing zeros, at least two places: "$0.3611", "-$31.51624". */
static struct format_text money(int64_t nano)
{
    struct format_text text;
    unsigned long long size = nano < 0 ? 0 - (unsigned long long)nano : (unsigned long long)nano;
    int n = snprintf(text.s, sizeof text.s, "%s$%llu.%09llu", nano < 0 ? "-" : "",
                     size / 1000000000, size % 1000000000);
    char *point = strchr(text.s, '.');
    while (text.s[n - 1] == '0' && text.s + n > point + 3) text.s[--n] = '\0';
    return text;
}

/* A value of a series that is no capacity, in the unit people use. */
static struct format_text value_text(enum series_kind kind, double value)
{
    struct format_text text;
    if (kind == SERIES_PRICE) /* a mean has many digits: a millionth of a dollar will do */
        return money(llround(value / 1e3) * 1000);
    if (kind == SERIES_POWER_PRICE) return money(llround(value / 10) * 10000); /* per MWh */
    snprintf(text.s, sizeof text.s, "%.2f g", value / 1000);
    return text;
}

static const char *value_unit(enum series_kind kind)
{
    return kind == SERIES_PRICE ? "per hour" : kind == SERIES_CARBON ? "CO2e per kWh" : "per MWh";
}

/* ---- For people ---- */

static void print_spells(const char *name, const struct spell_stats *s)
{
    if (s->ended + s->cut_off == 0) return;
    label(name);
    printf("%s", format_count((double)s->ended).s);
    if (s->cut_off) printf(" and %s cut off", format_count((double)s->cut_off).s);
    if (s->begun_unseen)
        printf(", %s left out (begun before the log)", format_count((double)s->begun_unseen).s);
    if (s->ended)
        printf(": mean %s, p50 %s, p90 %s", format_duration(s->mean_s).s,
               format_duration(seconds(s->median_us)).s, format_duration(seconds(s->p90_us)).s);
    putchar('\n');
    label("");
    if (!s->fit.fitted) {
        puts("too few or all alike: no fit");
        return;
    }
    printf("weibull: shape %.3g (%.3g to %.3g), scale %s (%s to %s), mean %s; n %s\n", s->fit.shape,
           s->fit.shape_low, s->fit.shape_high, format_duration(s->fit.scale).s,
           format_duration(s->fit.scale_low).s, format_duration(s->fit.scale_high).s,
           format_duration(s->fit.mean).s, format_count((double)(s->fit.ended + s->fit.cut_off)).s);
}

static void print_capacity(const struct series *s, const struct interruption_stats *t)
{
    if (s->kind != SERIES_CAPACITY) return;
    label("available");
    if (t->most <= 1) printf("%s of the time\n", format_percent(t->share_any).s);
    else
        printf("a node %s of the time, all %s %s of it, %s on average\n",
               format_percent(t->share_any).s, format_count((double)t->most).s,
               format_percent(t->share_all).s, format_number(t->mean).s);
}

static void print_losses(const struct series *s, const struct interruption_stats *t)
{
    if (s->kind != SERIES_CAPACITY && s->kind != SERIES_FAILURES) return;
    label("interrupted");
    if (t->lost == 0) {
        puts("never");
        return;
    }
    printf("%s nodes at %s moments", format_count((double)t->lost).s,
           format_count((double)t->moments).s);
    if (t->up_hours > 0)
        printf("; one per %s of a node's time",
               format_duration(t->up_hours * 3600 / (double)t->lost).s);
    putchar('\n');
    if (t->most_at_once < 2) return;
    label("at once");
    for (int k = 0, shown = 0; k < AT_ONCE_N; k++) {
        if (t->at_once[k] == 0) continue;
        printf("%s%d%s: %s", shown++ ? ", " : "", k + 1, k == AT_ONCE_N - 1 ? " or more" : "",
               format_percent((double)t->at_once[k] / (double)t->moments).s);
    }
    printf("; most %s\n", format_count((double)t->most_at_once).s);
}

static void print_values(const struct series *s, const struct interruption_stats *t)
{
    if (s->kind == SERIES_CAPACITY || s->kind == SERIES_FAILURES) return;
    label(s->kind == SERIES_CARBON ? "carbon" : "price");
    printf("min %s, median %s, mean %s, max %s %s\n", value_text(s->kind, (double)t->price_least).s,
           value_text(s->kind, (double)t->price_median).s, value_text(s->kind, t->price_mean).s,
           value_text(s->kind, (double)t->price_most).s, value_unit(s->kind));
}

static void print_series(const struct interruptions *log, const struct series *s,
                         const struct interruption_stats *t)
{
    fputs("  ", stdout);
    escape_terminal(stdout, s->zone);
    if (*s->zone && *s->type) putchar(' ');
    escape_terminal(stdout, s->type);
    printf("%s%s\n", *s->zone || *s->type ? ", " : "", series_kind_names[s->kind]);
    label("observed");
    printf("%s", format_duration(seconds(t->to_us - t->from_us)).s);
    if (log->t0_unix_us != INT64_MIN) printf(" from %s", when(log, t->from_us, false).s);
    if (s->n) {
        printf(", %s samples", format_count((double)s->n).s);
        if (s->step_us) printf(", usual step %s", format_duration(seconds(s->step_us)).s);
    }
    if (s->node_n) printf(", %s nodes", format_count((double)s->node_n).s);
    putchar('\n');
    print_capacity(s, t);
    print_losses(s, t);
    print_spells("up", &t->up);
    print_spells("down", &t->down);
    print_values(s, t);
    for (int k = 0; k < REPAIR_N; k++) {
        if (s->repaired[k] == 0) continue;
        label("repaired");
        printf("%s: %s", format_count((double)s->repaired[k]).s, repair_rules[k].rule);
        if (k == REPAIR_GAP) printf(" (%s in all)", format_duration(seconds(s->gap_us)).s);
        putchar('\n');
    }
}

void interruption_summary_text(const char *path, const struct interruptions *log,
                               const struct interruption_stats *stats)
{
    escape_terminal(stdout, strcmp(path, "-") == 0 ? "<stdin>" : path);
    printf("\n  %s: %s\n", log->format, log_format_find(log->format)->summary);
    for (size_t i = 0; i < log->series_n; i++) print_series(log, &log->series[i], &stats[i]);
}

/* ---- For programs ---- */

static void set_count(json_t *o, const char *key, uint64_t n)
{
    json_object_set_new(o, key, json_integer((json_int_t)n));
}

/* A name from outside, which JSON can only hold as UTF-8. */
static void set_name(json_t *o, const char *key, const char *text)
{
    json_t *name = json_string(text);
    json_object_set_new(o, key, name ? name : json_string("(a name that is not UTF-8)"));
}

/* Figures that are not finite are left out: JSON has none. */
static void set_real(json_t *o, const char *key, double x)
{
    if (isfinite(x)) json_object_set_new(o, key, json_real(x));
}

static json_t *spells_json(const struct spell_stats *s)
{
    json_t *o = json_object();
    set_count(o, "ended", s->ended);
    set_count(o, "cut_off", s->cut_off);
    set_count(o, "begun_unseen", s->begun_unseen);
    if (s->ended) {
        set_real(o, "mean_s", s->mean_s);
        set_real(o, "p50_s", seconds(s->median_us));
        set_real(o, "p90_s", seconds(s->p90_us));
    }
    if (s->fit.fitted) {
        json_t *fit = json_object();
        set_count(fit, "n", s->fit.ended + s->fit.cut_off);
        set_count(fit, "cut_off", s->fit.cut_off);
        set_real(fit, "shape", s->fit.shape);
        set_real(fit, "shape_low", s->fit.shape_low);
        set_real(fit, "shape_high", s->fit.shape_high);
        set_real(fit, "scale_s", s->fit.scale);
        set_real(fit, "scale_low_s", s->fit.scale_low);
        set_real(fit, "scale_high_s", s->fit.scale_high);
        set_real(fit, "mean_s", s->fit.mean);
        json_object_set_new(o, "weibull", fit);
    }
    return o;
}

static json_t *capacity_json(const struct interruption_stats *t)
{
    json_t *o = json_object();
    set_count(o, "max", (uint64_t)t->most);
    set_real(o, "mean", t->mean);
    set_real(o, "any_share", t->share_any);
    set_real(o, "all_share", t->share_all);
    return o;
}

/* Prices in dollars per hour, per MWh, grams per kWh. */
static json_t *values_json(const struct series *s, const struct interruption_stats *t)
{
    double unit = s->kind == SERIES_PRICE ? 1e9 : s->kind == SERIES_CARBON ? 1e3 : 1e6;
    json_t *o = json_object();
    json_object_set_new(o, "unit",
                        json_string(s->kind == SERIES_PRICE    ? "USD per hour"
                                    : s->kind == SERIES_CARBON ? "gCO2eq per kWh"
                                                               : "USD per MWh"));
    set_real(o, "min", (double)t->price_least / unit);
    set_real(o, "median", (double)t->price_median / unit);
    set_real(o, "mean", t->price_mean / unit);
    set_real(o, "max", (double)t->price_most / unit);
    return o;
}

static json_t *series_json(const struct series *s, const struct interruption_stats *t)
{
    json_t *o = json_object(), *repaired = json_object();
    bool nodes = s->kind == SERIES_CAPACITY || s->kind == SERIES_FAILURES;
    json_object_set_new(o, "kind", json_string(series_kind_names[s->kind]));
    set_name(o, "zone", s->zone);
    set_name(o, "type", s->type);
    set_real(o, "from_s", seconds(t->from_us));
    set_real(o, "to_s", seconds(t->to_us));
    set_count(o, "samples", s->n);
    if (s->step_us) set_real(o, "step_s", seconds(s->step_us));
    for (int k = 0; k < REPAIR_N; k++)
        if (s->repaired[k]) set_count(repaired, repair_rules[k].name, s->repaired[k]);
    if (s->gap_us) set_real(repaired, "gap_s", seconds(s->gap_us));
    json_object_set_new(o, "repaired", repaired);
    if (s->kind == SERIES_CAPACITY) json_object_set_new(o, "nodes", capacity_json(t));
    if (!nodes) {
        json_object_set_new(o, "values", values_json(s, t));
        return o;
    }
    json_t *at_once = json_array();
    for (int k = 0; k < AT_ONCE_N; k++)
        json_array_append_new(at_once, json_integer((json_int_t)t->at_once[k]));
    set_count(o, "interrupted", t->lost);
    set_count(o, "moments", t->moments);
    set_count(o, "most_at_once", t->most_at_once);
    json_object_set_new(o, "at_once", at_once);
    if (t->up_hours > 0) set_real(o, "up_node_hours", t->up_hours);
    json_object_set_new(o, "up", spells_json(&t->up));
    json_object_set_new(o, "down", spells_json(&t->down));
    return o;
}

json_t *interruption_summary_json(const char *path, const struct interruptions *log,
                                  const struct interruption_stats *stats)
{
    json_t *o = json_object(), *series = json_array();
    if (!o || !series) return NULL;
    set_name(o, "file", path);
    json_object_set_new(o, "format", json_string(log->format));
    if (log->t0_unix_us != INT64_MIN)
        json_object_set_new(o, "t0", json_string(when(log, 0, true).s));
    for (size_t i = 0; i < log->series_n; i++)
        json_array_append_new(series, series_json(&log->series[i], &stats[i]));
    json_object_set_new(o, "series", series);
    return o;
}
