/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison for a terminal, for a spreadsheet and for a program. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/compare_jobs.h"
#include "reports/escape.h"
#include "reports/format.h"
#include "reports/json_values.h"
#include "reports/metrics.h"

/* The figures of a whole fleet that are set side by side. */
static const struct {
    const char *metric, *title;
} shown[] = {
    { METRIC_COST_MONTH, "cost per month" },   { METRIC_UTILIZATION, "utilization" },
    { METRIC_WAIT_MEAN, "mean wait" },         { METRIC_WAIT_P95, "p95 wait" },
    { METRIC_JCT_MEAN, "mean JCT" },           { METRIC_SLOWDOWN, "mean slowdown" },
    { METRIC_SLOWDOWN_P95, "p95 slowdown" },   { METRIC_FAIRNESS, "fairness" },
    { METRIC_IDLE_WAITING, "idle GPU-hours" }, { METRIC_PREEMPTIONS, "preemptions" },
    { METRIC_MAKESPAN, "makespan" },
};
enum { SHOWN_N = sizeof shown / sizeof *shown };

static const struct report_fleet *fleet_of(const struct comparison *c, int side)
{
    return &c->side[side].data.fleets[c->side[side].fleet];
}

/* ---- for a terminal ---- */

static void put_right(FILE *out, const char *text, int width)
{
    format_pad(out, width - escape_width(text));
    fputs(text, out);
}

/* A name in a column: cut where it is too long. */
static void put_left(FILE *out, const char *text, int width)
{
    char cut[200];
    int n = escape_cut(text, width < (int)sizeof cut ? width : (int)sizeof cut - 1);
    snprintf(cut, sizeof cut, "%.*s", n, text);
    escape_terminal(out, cut);
    format_pad(out, width - escape_width(cut));
}

static struct format_text signed_duration(double s)
{
    struct format_text t, plain = format_duration(s);
    snprintf(t.s, sizeof t.s, "%s%.60s", s > 0 ? "+" : "", plain.s);
    return t;
}

static void write_sides(const struct comparison *c, FILE *out)
{
    for (int s = 0; s < 2; s++) {
        fprintf(out, "  %c  ", "AB"[s]);
        escape_terminal(out, c->side[s].data.path);
        fputs(", ", out);
        escape_terminal(out, fleet_of(c, s)->name);
        fputs(": ", out);
        escape_terminal(out, fleet_of(c, s)->summary);
        fputc('\n', out);
    }
    fprintf(out, "\n  %s jobs are in both", format_count((double)c->pair_n).s);
    if (c->only_n[0] + c->only_n[1])
        fprintf(out, "; %s are in A alone, %s in B alone", format_count((double)c->only_n[0]).s,
                format_count((double)c->only_n[1]).s);
    fputs(".\n", out);
    if (c->ran_in_a + c->ran_in_b)
        fprintf(out, "  %s of them ran in A alone, %s in B alone; the other side rejected them.\n",
                format_count((double)c->ran_in_a).s, format_count((double)c->ran_in_b).s);
    if (c->submit_differs)
        fprintf(out, "  Not the same workload: %s are submitted at another time.\n",
                format_count((double)c->submit_differs).s);
    if (c->gpus_differ)
        fprintf(out, "  %s hold another number of GPUs.\n", format_count((double)c->gpus_differ).s);
}

static void write_counts(const struct comparison *c, FILE *out)
{
    static const char *const heads[] = { "same", "earlier in B", "later in B", "mean of B - A",
                                         "mean size" };
    fprintf(out, "\n  %-6s", "");
    for (int h = 0; h < 5; h++) put_right(out, heads[h], 14);
    fputc('\n', out);
    for (int t = 0; t < COMPARED_N; t++) {
        const struct compared_figures *f = &c->figures[t];
        fprintf(out, "  %-6s", compared_names[t]);
        put_right(out, format_count((double)f->same).s, 14);
        put_right(out, format_count((double)f->earlier).s, 14);
        put_right(out, format_count((double)f->later).s, 14);
        put_right(out, signed_duration(f->mean_s).s, 14);
        put_right(out, format_duration(f->mean_size_s).s, 14);
        fputc('\n', out);
    }
    fputs("  A wait that is shorter in B counts as earlier, one that is longer as later.\n", out);
}

static void write_distribution(const struct comparison *c, FILE *out)
{
    static const char *const heads[COMPARED_QUANTILE_N] = { "least", "5%",  "25%", "median",
                                                            "75%",   "95%", "most" };
    fputs("\n  B - A ", out);
    for (int q = 0; q < COMPARED_QUANTILE_N; q++) put_right(out, heads[q], 10);
    fputc('\n', out);
    for (int t = 0; t < COMPARED_N; t++) {
        fprintf(out, "  %-6s", compared_names[t]);
        for (int q = 0; q < COMPARED_QUANTILE_N; q++)
            put_right(out, signed_duration(c->figures[t].quantile_s[q]).s, 10);
        fputc('\n', out);
    }
}

static void write_largest(const struct comparison *c, FILE *out)
{
    if (c->largest_n == 0) return;
    fputs("\n  The largest differences; times in seconds of the workload:\n"
          "  job            tenant       GPUs     start A     start B  start B-A    end B-A\n",
          out);
    for (size_t i = 0; i < c->largest_n; i++) {
        struct compared_pair p = c->pairs[c->largest[i]];
        const struct compared_job *a = &c->side[0].jobs[p.a], *b = &c->side[1].jobs[p.b];
        fputs("  ", out);
        put_left(out, a->id, 14);
        fputc(' ', out);
        put_left(out, *a->tenant ? a->tenant : "-", 10);
        fprintf(out, " %6.6g %11.10g %11.10g ", a->gpus, a->start_s, b->start_s);
        put_right(out, signed_duration(compared_difference_s(c, c->largest[i], COMPARED_START)).s,
                  10);
        fputc(' ', out);
        put_right(out, signed_duration(compared_difference_s(c, c->largest[i], COMPARED_END)).s,
                  10);
        fputc('\n', out);
    }
}

static struct format_text change_of(const struct estimate *a, const struct estimate *b,
                                    const char *unit)
{
    struct format_text t;
    double x = b->mean - a->mean;
    if (x == 0) {
        snprintf(t.s, sizeof t.s, "same");
        return t;
    }
    if (strcmp(unit, "share") == 0) {
        snprintf(t.s, sizeof t.s, "%+.1f points", 100 * x);
        return t;
    }
    struct format_text size = format_metric(x, NAN, unit);
    snprintf(t.s, sizeof t.s, "%s%.30s", x > 0 ? "+" : "", size.s);
    if (a->mean > 0) {
        size_t n = strlen(t.s);
        snprintf(t.s + n, sizeof t.s - n, " (%.20s)", format_change(x / a->mean, NAN).s);
    }
    return t;
}

static void write_summary(const struct comparison *c, FILE *out)
{
    fprintf(out, "\n  %-16s%20s%20s%22s\n", "", "A", "B", "B - A");
    for (int i = 0; i < SHOWN_N; i++) {
        const struct estimate *a = report_metric(fleet_of(c, 0), shown[i].metric),
                              *b = report_metric(fleet_of(c, 1), shown[i].metric);
        const char *unit = metric_defs[metric_index(shown[i].metric)].unit;
        if (!a->n && !b->n) continue;
        fprintf(out, "  %-16s", shown[i].title);
        put_right(out, a->n ? format_metric(a->mean, a->half, unit).s : "n/a", 20);
        put_right(out, b->n ? format_metric(b->mean, b->half, unit).s : "n/a", 20);
        put_right(out, a->n && b->n ? change_of(a, b, unit).s : "n/a", 22);
        fputc('\n', out);
    }
    int32_t n = c->side[0].data.replications, m = c->side[1].data.replications;
    if (n > 1 || m > 1)
        fprintf(
            out,
            "  \u00b1: half the 95%% interval of the mean, n = %d and %d. Jobs: replication 0.\n",
            n, m);
}

void comparison_table(const struct comparison *c, FILE *out)
{
    write_sides(c, out);
    if (c->same) {
        fputs("  No job differs: each starts and ends at the same time.\n", out);
        return;
    }
    write_counts(c, out);
    write_distribution(c, out);
    write_largest(c, out);
    write_summary(c, out);
}

/* ---- for a spreadsheet ---- */

static void put_time(FILE *out, double s)
{
    if (isfinite(s)) fprintf(out, ",%.15g", s);
    else fputc(',', out);
}

/* a or b is NULL where the job is on one side alone. */
static void csv_row(const struct compared_job *a, const struct compared_job *b, FILE *out)
{
    const struct compared_job *one = a ? a : b;
    escape_csv(out, one->id);
    fputc(',', out);
    escape_csv(out, one->tenant);
    fprintf(out, ",%.10g,%s", one->gpus, a && b ? "both" : a ? "A" : "B");
    const double times[4][2] = {
        { a ? a->submit_s : NAN, b ? b->submit_s : NAN },
        { a && a->ran ? a->start_s : NAN, b && b->ran ? b->start_s : NAN },
        { a && a->ran ? a->end_s : NAN, b && b->ran ? b->end_s : NAN },
        { a && a->ran ? a->wait_s : NAN, b && b->ran ? b->wait_s : NAN },
    };
    for (int t = 0; t < 4; t++) {
        put_time(out, times[t][0]);
        put_time(out, times[t][1]);
        put_time(out, round((times[t][1] - times[t][0]) * 1e6) / 1e6);
    }
    fputc('\n', out);
}

void comparison_csv(const struct comparison *c, FILE *out)
{
    fputs("job_id,tenant,gpus,in,submit_a_s,submit_b_s,submit_difference_s,start_a_s,start_b_s,"
          "start_difference_s,end_a_s,end_b_s,end_difference_s,wait_a_s,wait_b_s,"
          "wait_difference_s\n",
          out);
    size_t pair = 0, only = 0;
    for (size_t j = 0; j < c->side[0].job_n; j++) {
        bool alone = only < c->only_n[0] && c->only[0][only] == j;
        csv_row(&c->side[0].jobs[j], alone ? NULL : &c->side[1].jobs[c->pairs[pair].b], out);
        if (alone) only++;
        else pair++;
    }
    for (size_t i = 0; i < c->only_n[1]; i++) csv_row(NULL, &c->side[1].jobs[c->only[1][i]], out);
}

/* ---- for a program ---- */

static json_t *count_json(size_t n) { return json_integer((json_int_t)n); }

static json_t *side_json(const struct comparison *c, int side)
{
    const struct report_data *d = &c->side[side].data;
    json_t *o = json_object();
    json_object_set_new(o, "path", text_json(d->path));
    json_object_set_new(o, "fleet", text_json(fleet_of(c, side)->name));
    json_object_set_new(o, "summary", text_json(fleet_of(c, side)->summary));
    json_object_set_new(o, "scenario_sha256", text_json(d->scenario_sha256));
    json_object_set_new(o, "jobs", count_json(c->side[side].job_n));
    json_object_set_new(o, "jobs_alone", count_json(c->only_n[side]));
    json_object_set_new(o, "ran_alone", count_json(side ? c->ran_in_b : c->ran_in_a));
    return o;
}

static json_t *figures_json(const struct compared_figures *f)
{
    json_t *o = json_object(), *quantiles = json_object();
    json_object_set_new(o, "same", count_json(f->same));
    json_object_set_new(o, "earlier", count_json(f->earlier));
    json_object_set_new(o, "later", count_json(f->later));
    json_object_set_new(o, "mean_s", real_json(f->mean_s));
    json_object_set_new(o, "mean_size_s", real_json(f->mean_size_s));
    for (int q = 0; q < COMPARED_QUANTILE_N; q++) {
        char name[16];
        snprintf(name, sizeof name, "%g", compared_quantiles[q]);
        json_object_set_new(quantiles, name, real_json(f->quantile_s[q]));
    }
    json_object_set_new(o, "quantiles_s", quantiles);
    return o;
}

static json_t *largest_json(const struct comparison *c, size_t pair)
{
    const struct compared_job *a = &c->side[0].jobs[c->pairs[pair].a],
                              *b = &c->side[1].jobs[c->pairs[pair].b];
    json_t *o = json_object();
    json_object_set_new(o, "job_id", text_json(a->id));
    json_object_set_new(o, "tenant", text_json(a->tenant));
    json_object_set_new(o, "gpus",
                        a->gpus == floor(a->gpus) ? json_integer((json_int_t)a->gpus)
                                                  : json_real(a->gpus));
    json_object_set_new(o, "start_a_s", real_json(a->start_s));
    json_object_set_new(o, "start_b_s", real_json(b->start_s));
    json_object_set_new(o, "end_a_s", real_json(a->end_s));
    json_object_set_new(o, "end_b_s", real_json(b->end_s));
    return o;
}

static json_t *metrics_json(const struct comparison *c)
{
    json_t *o = json_object();
    for (int m = 0; metric_defs[m].name; m++) {
        const struct estimate *a = &fleet_of(c, 0)->metric[m], *b = &fleet_of(c, 1)->metric[m];
        if (!a->n && !b->n) continue;
        json_t *metric = json_object();
        json_object_set_new(metric, "a", real_json(a->mean));
        json_object_set_new(metric, "b", real_json(b->mean));
        json_object_set_new(metric, "change", real_json(b->mean - a->mean));
        json_object_set_new(metric, "unit", json_string(metric_defs[m].unit));
        json_object_set_new(o, metric_defs[m].name, metric);
    }
    return o;
}

enum status comparison_json(const struct comparison *c, FILE *out, struct error *err)
{
    json_t *o = json_object(), *differences = json_object(), *largest = json_array();
    json_object_set_new(o, "format_version", json_string("1.0"));
    json_object_set_new(o, "same", json_boolean(c->same));
    json_object_set_new(o, "a", side_json(c, 0));
    json_object_set_new(o, "b", side_json(c, 1));
    json_object_set_new(o, "jobs_in_both", count_json(c->pair_n));
    json_object_set_new(o, "ran_in_both", count_json(c->both_ran));
    json_object_set_new(o, "submissions_differ", count_json(c->submit_differs));
    json_object_set_new(o, "gpus_differ", count_json(c->gpus_differ));
    for (int t = 0; t < COMPARED_N; t++)
        json_object_set_new(differences, compared_names[t], figures_json(&c->figures[t]));
    json_object_set_new(o, "differences", differences);
    for (size_t i = 0; i < c->largest_n; i++)
        json_array_append_new(largest, largest_json(c, c->largest[i]));
    json_object_set_new(o, "largest", largest);
    json_object_set_new(o, "metrics", metrics_json(c));
    bool failed = !o ||
                  json_dumpf(o, out,
                             JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENSURE_ASCII |
                                 JSON_REAL_PRECISION(15)) != 0 ||
                  fputc('\n', out) == EOF;
    json_decref(o);
    return failed ? error_set(err, STATUS_IO, "cannot write the JSON comparison") : STATUS_OK;
}
