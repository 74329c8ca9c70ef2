/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes by state over time, fleet under fleet, each with its queue above it. */
#include <math.h>
#include <stdlib.h>

#include "reports/chart.h"
#include "reports/escape.h"
#include "reports/format.h"

/* So many fleets at most; a step is wider than a pixel's worth of them. */
enum { FLEETS_MAX = 8, STEPS = 240, STATES = 5 };

/* From the ground up: what is of use lies lowest, what is not bought on top. */
static const struct {
    const char *token, *word, *label;
} states[STATES] = {
    { "res", "busy", "busy: a job is on it" },
    { "idle", "idle", "idle" },
    { "od", "booting", "booting" },
    { "base", "down", "down, or in repair" },
    { "h0", "absent", "absent: not asked for" },
};

static double of(const struct report_nodes *n, int state)
{
    const double all[STATES] = { n->busy, n->idle, n->booting, n->down, n->absent };
    return all[state];
}

/* The shortest tidy length of which so much time has no more than STEPS. */
static double step_of(double end_s)
{
    static const double minutes[] = { 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880 };
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++)
        if (end_s <= 60 * minutes[i] * STEPS) return 60 * minutes[i];
    return end_s / STEPS;
}

/* One fleet in steps: means of the nodes in each state, the most jobs that wait. */
struct series {
    const struct report_fleet *fleet;
    int n;
    double nodes[STATES][STEPS], queue[STEPS];
    double mean[STATES]; /* over all samples */
};

static bool is_shown(const struct report_fleet *f)
{
    double not_there = 0;
    for (int32_t i = 0; i < f->state_n; i++)
        not_there = fmax(not_there, f->states[i].booting + f->states[i].down + f->states[i].absent);
    return not_there > 0;
}

int32_t chart_nodes_fleets(const struct report_data *d)
{
    int32_t n = 0;
    for (int32_t f = 0; f < d->fleet_n; f++) n += is_shown(&d->fleets[f]);
    return n < FLEETS_MAX ? n : FLEETS_MAX;
}

/* A step without a sample is as the one before it. */
static void gather(const struct report_fleet *f, double step_s, struct series *s)
{
    int count[STEPS] = { 0 };
    *s = (struct series){ .fleet = f };
    for (int32_t i = 0; i < f->state_n; i++) {
        const struct report_nodes *n = &f->states[i];
        int at = (int)fmin(fmax(ceil(n->t_s / step_s - 1e-9) - 1, 0), STEPS - 1);
        for (int k = 0; k < STATES; k++) {
            s->nodes[k][at] += of(n, k);
            s->mean[k] += of(n, k) / f->state_n;
        }
        s->queue[at] = fmax(s->queue[at], n->queued_jobs);
        count[at]++;
        s->n = at + 1;
    }
    for (int at = 0; at < s->n; at++)
        for (int k = 0; k < STATES; k++)
            s->nodes[k][at] = count[at] > 0 ? s->nodes[k][at] / count[at]
                              : at > 0      ? s->nodes[k][at - 1]
                                            : 0;
}

/* ---- drawing ---- */

enum { HEAD = 26, QUEUE = 38, GAP = 8, NODES = 84, PANEL = 188, TOP = 4 };

int chart_nodes_height(const struct report_data *d) { return TOP + PANEL * chart_nodes_fleets(d); }

/* A step is two corners; those that change nothing are left out. */
static void write_steps(FILE *out, const double *y, int n, double step_s)
{
    for (int at = 0; at < n; at++) {
        if (at > 0 && y[at] != y[at - 1])
            fprintf(out, "%.6g\t%.6g\n%.6g\t%.6g\n", at * step_s, y[at - 1], at * step_s, y[at]);
        else if (at == 0) fprintf(out, "0\t%.6g\n", y[0]);
    }
    fprintf(out, "%.6g\t%.6g\ne\n", n * step_s, y[n - 1]);
}

static void set_frame(struct canvas *c, int top, int height, double y_top)
{
    fprintf(c->script,
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\nset yrange [0:%.9g]\nunset "
            "label\n",
            1 - (double)top / c->height, 1 - (double)(top + height) / c->height, y_top);
}

/* The nought of the upper axis would stand on the top of the lower one. */
static void set_tics(struct canvas *c, const char *nought, double most, const char *unit)
{
    fprintf(c->script, "set ytics ('%s' 0", nought);
    if (most > 0) fprintf(c->script, ", '%s %s' %.9g", format_count(most).s, unit, most);
    fputs(")\n", c->script);
}

/* "On average 16.0 busy, 0.07 idle"; malloc'd. */
static char *words_of(const struct series *s)
{
    char *words = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&words, &n);
    if (!out) return NULL;
    for (int k = 0, any = 0; k < STATES; k++)
        if (s->mean[k] > 0)
            fprintf(out, "%s%s %s", any++ ? ", " : "On average ", format_number(s->mean[k]).s,
                    states[k].word);
    return fclose(out) == 0 ? words : NULL;
}

static void draw_head(struct canvas *c, const struct series *s)
{
    const char *name = s->fleet->name;
    int cut = escape_cut(name, 48);
    char *title = chart_text("%.*s%s", cut, name, name[cut] ? "..." : ""), *words = words_of(s);
    if (title && words)
        fprintf(c->script,
                "set label 1 %s at graph 0,1.3 left tc rgb %s\nset label 2 %s at graph 1,1.3 right "
                "tc rgb %s\n",
                canvas_label(c, title), canvas_colour(c, "ink"), canvas_label(c, words),
                canvas_colour(c, "mute"));
    free(title);
    free(words);
}

static void set_time_tics(struct canvas *c, double end_s)
{
    bool by_day = end_s > 2 * 86400;
    double unit = by_day ? 86400 : end_s > 7200 ? 3600 : 60;
    double step = fmax(chart_step(end_s / unit, 8), 1);
    const char *word = unit == 60 ? "min" : "h", *separator = "";
    fputs("set xtics (", c->script);
    for (double at = 0; at < end_s / unit; at += step, separator = ", ") {
        if (by_day) fprintf(c->script, "%s'day %.0f' %.9g", separator, at + 1, at * unit);
        else fprintf(c->script, "%s'%.0f %s' %.9g", separator, at, word, at * unit);
    }
    fputs(")\n", c->script);
}

static void draw_fleet(struct canvas *c, const struct series *s, int top, double step_s,
                       double end_s, double most_queue)
{
    double sum[STEPS] = { 0 }, most = (double)s->fleet->nodes;
    fputs("set xtics ('' 0)\n", c->script);
    set_frame(c, top + HEAD, QUEUE, most_queue > 0 ? most_queue : 1);
    set_tics(c, "", most_queue, most_queue == 1 ? "job" : "jobs");
    draw_head(c, s);
    fprintf(c->script, "plot '-' using 1:2 with filledcurves y1=0 fc rgb %s notitle\n",
            canvas_colour(c, "accent"));
    write_steps(c->script, s->queue, s->n, step_s);
    set_frame(c, top + HEAD + QUEUE + GAP, NODES, most);
    set_tics(c, "0", most, most == 1 ? "node" : "nodes");
    set_time_tics(c, end_s);
    const char *separator = "plot";
    for (int k = STATES - 1; k >= 0; k--) { /* the highest first: the others lie on it */
        if (k > 0 && s->mean[k] == 0) continue;
        fprintf(c->script, "%s '-' using 1:2 with filledcurves y1=0 fc rgb %s notitle", separator,
                canvas_colour(c, states[k].token));
        separator = ",";
    }
    fputc('\n', c->script);
    for (int k = STATES - 1; k >= 0; k--) {
        if (k > 0 && s->mean[k] == 0) continue;
        for (int at = 0; at < s->n; at++) {
            sum[at] = 0;
            for (int below = 0; below <= k; below++) sum[at] += s->nodes[below][at];
        }
        write_steps(c->script, sum, s->n, step_s);
    }
}

/* ---- words ---- */

static void add_words(const struct report_data *d, const struct series *all, int32_t n,
                      double step_s, double end_s, struct chart *chart)
{
    int32_t few = 0, many = 0, shown = 0;
    double seen[STATES] = { 0 };
    const double *first = all[0].mean;
    for (int32_t i = 0; i < n; i++) {
        if (all[i].mean[4] > all[few].mean[4]) few = i;
        if (all[i].mean[4] < all[many].mean[4]) many = i;
        for (int k = 0; k < STATES; k++) seen[k] += all[i].mean[k];
    }
    for (int32_t f = 0; f < d->fleet_n; f++) shown += is_shown(&d->fleets[f]);
    double nodes = (double)all[few].fleet->nodes;
    if (seen[4] > 0 && few != many && nodes == (double)all[many].fleet->nodes)
        chart->title =
            chart_text("%s keeps %s of %s nodes on average, %s keeps %s", all[few].fleet->name,
                       format_number(nodes - all[few].mean[4]).s, format_count(nodes).s,
                       all[many].fleet->name, format_number(nodes - all[many].mean[4]).s);
    else if (seen[4] > 0)
        chart->title =
            chart_text("%s keeps %s of %s nodes on average, %s of them busy", all[0].fleet->name,
                       format_number((double)all[0].fleet->nodes - first[4]).s,
                       format_count((double)all[0].fleet->nodes).s, format_number(first[0]).s);
    else
        chart->title =
            chart_text("%s: %s of %s nodes are down on average", all[0].fleet->name,
                       format_number(first[3]).s, format_count((double)all[0].fleet->nodes).s);
    chart->subtitle = chart_text("Replication 0, by fleet: jobs waiting, the most in each step of "
                                 "%s; below, nodes by state, means of the step.",
                                 format_duration(step_s).s);
    chart->note = chart_text(
        "A node is busy where any job is on it, however few of its GPUs are held.%s",
        shown > n ? " More fleets have nodes that come, go or fail; the first are shown." : "");
    char *alt = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&alt, &length);
    if (!out) return;
    fprintf(out, "Nodes by state over %s, for %d of %d fleets, each with its waiting jobs above.",
            format_duration(end_s).s, (int)n, (int)d->fleet_n);
    for (int32_t i = 0; i < n; i++) {
        char *words = words_of(&all[i]);
        fprintf(out, " %s: %s.", all[i].fleet->name, words ? words : "");
        free(words);
    }
    if (fclose(out) == 0) chart->alt = alt;
    chart_legend_add(chart, "accent", "jobs waiting", 0, "");
    for (int k = 0; k < STATES; k++)
        if (seen[k] > 0) chart_legend_add(chart, states[k].token, states[k].label, 0, "");
}

void chart_nodes(const struct report_data *d, struct canvas *c, struct chart *chart)
{
    double end_s = 0, most_queue = 0;
    int32_t n = 0, most = chart_nodes_fleets(d);
    struct series *all = calloc((size_t)most + 1, sizeof *all);
    for (int32_t f = 0; f < d->fleet_n; f++)
        if (is_shown(&d->fleets[f]))
            end_s = fmax(end_s, d->fleets[f].states[d->fleets[f].state_n - 1].t_s);
    if (most == 0 || !(end_s > 0) || end_s > 1e12 || !all) {
        chart->skipped = chart_text("the nodes of every fleet are there all the time");
        free(all);
        return;
    }
    double step_s = step_of(end_s);
    for (int32_t f = 0; f < d->fleet_n && n < most; f++)
        if (is_shown(&d->fleets[f])) gather(&d->fleets[f], step_s, &all[n++]);
    for (int32_t i = 0; i < n; i++)
        for (int at = 0; at < all[i].n; at++) most_queue = fmax(most_queue, all[i].queue[at]);
    fprintf(c->script,
            "set multiplot\nset lmargin at screen 0.085\nset rmargin at screen 0.985\nset xrange "
            "[0:%.9g]\n",
            end_s);
    for (int32_t i = 0; i < n; i++)
        draw_fleet(c, &all[i], TOP + PANEL * i, step_s, end_s, most_queue);
    fputs("unset multiplot\n", c->script);
    add_words(d, all, n, step_s, end_s, chart);
    free(all);
}
