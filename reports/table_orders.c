/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of schedulers in 80 columns: one unit a column, so that the eye can compare; the best
 * of each marked.
 *
 *              mean    p95    mean  slow-  fair-   idle  make-
 *              wait   wait     JCT   down   ness  GPU-h   span
 *                 h      h       h                        days
 *     > sjf    2.68   11.5*   3.82   28.2  0.716   1.2k   15.1
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/orders.h"
#include "reports/page.h"
#include "reports/page_parts.h"
#include "sim/order.h"

enum { CELL = 5, NAME_LEAST = 8 };

/* A line of cells, without spaces at its end. */
struct line {
    FILE *out;
    int spaces; /* that stand before whatever comes next */
};

static void put(struct line *line, const char *text, int width)
{
    line->spaces += width - escape_width(text);
    for (; *text && line->spaces > 0; line->spaces--) fputc(' ', line->out);
    fputs(text, line->out);
}

struct unit {
    double s;
    const char *word;
};

/* The largest unit in which the median of a column of times is 1 or more. */
static struct unit unit_of(const struct report_data *d, const char *metric)
{
    static const struct unit units[] = {
        { 86400, "days" }, { 3600, "h" }, { 60, "min" }, { 1, "s" }
    };
    struct unit unit = { 1, "" };
    double *values = malloc(((size_t)d->fleet_n + 1) * sizeof *values), median;
    size_t n = 0;
    if (strcmp(metric_defs[metric_index(metric)].unit, "s") != 0 || !values) {
        free(values);
        return unit;
    }
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *e = report_metric(&d->fleets[f], metric);
        if (e->n) values[n++] = e->mean;
    }
    qsort(values, n, sizeof *values, order_reals);
    median = n ? values[n / 2] : 0;
    free(values);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (median >= units[i].s) return units[i];
    return units[3];
}

/* At most 5 characters: 0, 0.512, 28.2, 883, 1.22k, 12.3M. */
static struct format_text compact(double x)
{
    static const char suffix[] = { 'k', 'M', 'G', 'T' };
    struct format_text t;
    double a = fabs(x);
    if (a < 0.0005) snprintf(t.s, sizeof t.s, "0");
    else if (a < 0.9995) snprintf(t.s, sizeof t.s, "%.3f", x);
    else if (a < 999.5) snprintf(t.s, sizeof t.s, "%.*f", a < 9.995 ? 2 : a < 99.95 ? 1 : 0, x);
    else {
        int k = 0;
        for (x /= 1000; fabs(x) >= 999.5 && k < 3; k++) x /= 1000;
        a = fabs(x);
        snprintf(t.s, sizeof t.s, "%.*f%c", a < 9.995 ? 2 : a < 99.95 ? 1 : 0, x, suffix[k]);
    }
    return t;
}

static void write_heads(const struct report_data *d, int name_width, FILE *out)
{
    static const char *const targets[] = { "tar-", "gets", "" };
    for (int l = 0; l < 3; l++) {
        struct line line = { out, name_width + 2 };
        for (const struct order_column *c = order_columns; c->metric; c++) {
            if (!c->narrow || !order_has_column(d, c)) continue;
            put(&line, l < 2 ? c->head[l] : unit_of(d, c->metric).word, CELL + 1);
            put(&line, "", 1);
        }
        if (d->slo_n) put(&line, targets[l], CELL);
        fputc('\n', out);
    }
}

static void write_row(const struct report_data *d, int32_t f, int name_width, int colour, FILE *out)
{
    static const char *const words[] = { "", "met", "no", "?" }, *const marks[] = { "", "*", "~",
                                                                                    "" };
    const struct report_fleet *fleet = &d->fleets[f];
    const char *label = order_label(d, f);
    if (colour && f == d->pick) fputs("\033[1m", out);
    fputs(f == d->pick ? "> " : "  ", out);
    escape_terminal(out, label);
    struct line line = { out, name_width - escape_width(label) };
    for (const struct order_column *c = order_columns; c->metric; c++) {
        const struct estimate *e = report_metric(fleet, c->metric);
        const char *mark = marks[fleet->standing[metric_index(c->metric)]];
        if (!c->narrow || !order_has_column(d, c)) continue;
        put(&line, e->n ? compact(e->mean / unit_of(d, c->metric).s).s : "-", CELL + 1);
        put(&line, mark, escape_width(mark));
        put(&line, "", 1 - escape_width(mark));
    }
    if (d->slo_n) put(&line, words[fleet->overall], CELL);
    if (colour && f == d->pick) fputs("\033[0m", out);
    fputc('\n', out);
}

static void write_cost(const struct report_data *d, FILE *out)
{
    double least = INFINITY, most = 0;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        least = fmin(least, report_metric(&d->fleets[f], METRIC_COST_MONTH)->mean);
        most = fmax(most, report_metric(&d->fleets[f], METRIC_COST_MONTH)->mean);
    }
    struct format_text a = format_usd(least), b = format_usd(most);
    if (strcmp(a.s, b.s) == 0) fprintf(out, " Each costs %s a month.\n", a.s);
    else fprintf(out, " They cost %s to %s a month.\n", a.s, b.s);
}

void table_orders(const struct report_data *d, int colour, FILE *out)
{
    int name_width = NAME_LEAST;
    bool close = false, fairness = false;
    int32_t *ranking = order_ranking(d);
    char *answer = report_answer(d);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        int width = escape_width(order_label(d, f));
        if (width > name_width) name_width = width;
        fairness |= report_metric(&d->fleets[f], METRIC_FAIRNESS)->n > 0;
        for (const struct order_column *c = order_columns; c->metric; c++)
            close |= c->narrow && d->fleets[f].standing[metric_index(c->metric)] == STANDING_CLOSE;
    }
    fputs("  ", out);
    escape_terminal(out, answer ? answer : "");
    fputs(".\n\n", out);
    write_heads(d, name_width, out);
    for (int32_t i = 0; i < d->fleet_n; i++)
        write_row(d, ranking ? ranking[i] : i, name_width, colour, out);
    fputs("\n  *: best of its column.", out);
    if (close)
        fputs(" ~: not clearly different from it (95% interval of the paired\n  difference, "
              "Student's t).",
              out);
    fputc('\n', out);
    if (fairness)
        fputs("  Fairness: Jain's index of the tenants' slowdowns, 1 where all fare alike.\n", out);
    fputs("  Idle: GPU-hours free while waiting jobs asked for GPUs.\n", out);
    if (d->replications > 1) fprintf(out, "  Means of n = %d replications.", d->replications);
    else fputs("  One replication: these figures have no interval.", out);
    write_cost(d, out);
    for (int32_t s = 0; s < d->slo_n; s++) {
        fputs(s ? "; " : "  Targets: ", out);
        escape_terminal(out, d->slos[s].label);
    }
    if (d->slo_n) fputs(".\n", out);
    free(ranking);
    free(answer);
}
