/* SPDX-License-Identifier: Apache-2.0 */
/* One week of one fleet, hour by hour: GPUs held of those bought, and the queue below. */
#include <math.h>
#include <stdlib.h>

#include "reports/chart.h"
#include "reports/format.h"

enum { HOURS = 168 };

/* Where the busiest whole week begins, in hours from the first; -1 where there is none. */
static int busiest_week(const double *busy, int hours)
{
    double sum = 0, best = -1;
    int at = -1;
    for (int h = 0; h < hours; h++) {
        sum += busy[h] - (h >= HOURS ? busy[h - HOURS] : 0);
        if (h >= HOURS - 1 && (h - HOURS + 1) % 24 == 0 && sum > best) {
            best = sum;
            at = h - HOURS + 1;
        }
    }
    return at;
}

void chart_week(const struct report_data *d, struct canvas *c, struct chart *chart)
{
    const struct report_fleet *f = &d->fleets[d->pick >= 0 ? d->pick : d->baseline];
    int hours = f->sample_n ? (int)(f->samples[f->sample_n - 1].t_s / 3600) : 0;
    if (hours < HOURS || hours > 24 * 366 * 20) {
        chart->skipped = chart_text("the run has no samples of a whole week");
        return;
    }
    double *busy = calloc((size_t)hours + 1, sizeof *busy),
           *queue = calloc((size_t)hours + 1, sizeof *queue),
           *count = calloc((size_t)hours + 1, sizeof *count);
    double bought = 0, most_queue = 0, mean = 0;
    int full = 0, start = -1;
    for (int32_t i = 0; busy && queue && count && i < f->sample_n; i++) {
        int h = (int)((f->samples[i].t_s - 1e-6) / 3600);
        if (h < 0 || h >= hours) continue;
        busy[h] += f->samples[i].busy_gpus;
        queue[h] = fmax(queue[h], f->samples[i].queued_jobs);
        count[h] += 1;
        bought = fmax(bought, f->samples[i].bought_gpus);
    }
    for (int h = 0; busy && queue && count && h < hours; h++)
        busy[h] /= count[h] > 0 ? count[h] : 1;
    if (busy && queue && count) start = busiest_week(busy, hours);
    if (start < 0 || !(bought > 0)) {
        chart->skipped = chart_text("the run has no samples of a whole week");
        free(busy), free(queue), free(count);
        return;
    }
    for (int h = start; h < start + HOURS; h++) {
        most_queue = fmax(most_queue, queue[h]);
        mean += busy[h] / HOURS;
        full += busy[h] > 0.98 * bought;
    }
    double step = chart_step(bought, 4), queue_top = most_queue > 0 ? most_queue * 1.1 : 1,
           queue_step = chart_step(queue_top, 2);
    fprintf(c->script,
            "set multiplot\nset lmargin at screen 0.06\nset rmargin at screen 0.985\nset tmargin "
            "at screen 0.94\nset bmargin at screen 0.36\nset xrange [0:%d]\nset yrange "
            "[0:%.9g]\nset xtics (",
            HOURS, bought * 1.08);
    for (int day = 0; day <= 7; day++) fprintf(c->script, "%s'' %d", day ? ", " : "", 24 * day);
    fputs(")\nset ytics (", c->script);
    for (double y = 0, n = 0; y <= bought * 1.08 && n < 12; y += step, n++)
        fprintf(c->script, "%s'%s' %.9g", n ? ", " : "", format_count(y).s, y);
    fprintf(c->script, ")\nset label 1 'GPUs' at graph -0.045,1.07 left tc rgb %s\n",
            canvas_colour(c, "mute"));
    fprintf(c->script, "set arrow 1 from 0,%.9g to %d,%.9g nohead lc rgb %s lw 1.5\n", bought,
            HOURS, bought, canvas_colour(c, "ink"));
    fprintf(c->script,
            "plot '-' using 1:2:3 with filledcurves fc rgb %s notitle, '-' using 1:2:3 with "
            "filledcurves fc rgb %s notitle\n",
            canvas_colour(c, "res"), canvas_colour(c, "idle"));
    for (int series = 0; series < 2; series++) {
        for (int h = 0; h < HOURS; h++)
            for (int edge = 0; edge < 2; edge++) /* explicit corners: a step is two points */
                fprintf(c->script, "%d\t%.6g\t%.6g\n", h + edge, series ? busy[start + h] : 0,
                        series ? bought : busy[start + h]);
        fputs("e\n", c->script);
    }
    fprintf(c->script,
            "set tmargin at screen 0.27\nset bmargin at screen 0.1\nset yrange [0:%.9g]\nunset "
            "arrow 1\nset label 1 'Jobs waiting' at graph -0.045,1.2 left tc rgb %s\nset xtics (",
            queue_top, canvas_colour(c, "mute"));
    for (int day = 0; day < 7; day++)
        fprintf(c->script, "%s'day %d' %d", day ? ", " : "", start / 24 + day + 1, 24 * day + 12);
    fputs(")\nset ytics (", c->script);
    for (double y = 0, n = 0; y <= queue_top && n < 6; y += queue_step, n++)
        fprintf(c->script, "%s'%s' %.9g", n ? ", " : "", format_count(y).s, y);
    fprintf(c->script, ")\nplot '-' using 1:2 with filledcurves y1=0 fc rgb %s notitle\n",
            canvas_colour(c, "accent"));
    for (int h = 0; h < HOURS; h++)
        for (int edge = 0; edge < 2; edge++)
            fprintf(c->script, "%d\t%.6g\n", h + edge, queue[start + h]);
    fputs("e\nunset multiplot\n", c->script);
    chart->title =
        full > 0 ? chart_text("In its busiest week %s is full for %d of 168 hours", f->name, full)
                 : chart_text("Even in its busiest week %s is never full", f->name);
    chart->subtitle = chart_text("%s, replication 0, days %d to %d: GPUs held by jobs, hourly "
                                 "means, and the most jobs waiting in each hour.",
                                 f->name, start / 24 + 1, start / 24 + 7);
    chart->note = chart_text(
        "One replication, not a mean, so that single events stay visible. Mean %s of %s GPUs.",
        format_count(mean).s, format_count(bought).s);
    chart->alt = chart_text(
        "GPUs held by jobs over a week, %s on average of %s bought; at most %s jobs wait.",
        format_count(mean).s, format_count(bought).s, format_count(most_queue).s);
    chart_legend_add(chart, "res", "held by jobs", 0, "");
    chart_legend_add(chart, "idle", "idle", 0, "");
    chart_legend_add(chart, "accent", "jobs waiting", 0, "");
    free(busy), free(queue), free(count);
}
