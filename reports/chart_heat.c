/* SPDX-License-Identifier: Apache-2.0 */
/* The week of the baseline fleet: mean share of its GPUs in use, by hour of the week. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "reports/chart.h"
#include "reports/format.h"

/* Seconds from Monday 00:00 to the workload's second 0; without a wall clock the trace starts the
 * week. */
static double week_offset(const struct report_data *d)
{
    if (isnan(d->t0_unix_s)) return 0;
    return fmod(fmod(d->t0_unix_s + 3 * 86400.0, 604800.0) + 604800.0,
                604800.0); /* the epoch was a Thursday */
}

void chart_heat(const struct report_data *d, struct canvas *c, struct chart *chart)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    const struct report_fleet *f = &d->fleets[d->baseline];
    double busy[168] = { 0 }, bought[168] = { 0 }, offset = week_offset(d), least = 1, most = 0;
    int filled = 0, top = 0, bottom = 0;
    bool clock = !isnan(d->t0_unix_s);
    for (int32_t i = 0; i < f->sample_n; i++) {
        double step = i ? f->samples[i].t_s - f->samples[i - 1].t_s : f->samples[0].t_s;
        /* A sample speaks of the time before it: its middle decides the hour. */
        int hour = (int)fmod((f->samples[i].t_s - step / 2 + offset) / 3600, 168);
        if (hour < 0 || hour >= 168) continue;
        busy[hour] += f->samples[i].busy_gpus;
        bought[hour] += f->samples[i].bought_gpus;
    }
    for (int h = 0; h < 168; h++) {
        if (!(bought[h] > 0)) continue;
        double share = busy[h] / bought[h];
        filled++;
        if (share < least) least = share, bottom = h;
        if (share > most) most = share, top = h;
    }
    if (filled < 168) {
        chart->skipped = chart_text("the run has no samples of a whole week");
        return;
    }
    fprintf(
        c->script,
        "set xrange [-0.5:23.5]\nset yrange [6.5:-0.5]\nset lmargin at screen 0.055\nset rmargin "
        "at screen 0.995\nset tmargin at screen 0.99\nset bmargin at screen 0.1\nunset grid\n");
    fputs("set xtics (", c->script);
    for (int h = 0; h < 24; h += 3) fprintf(c->script, "%s'%02d' %d", h ? ", " : "", h, h);
    fputs(")\nset ytics (", c->script);
    for (int day = 0; day < 7; day++) {
        if (clock) fprintf(c->script, "%s'%s' %d", day ? ", " : "", days[day], day);
        else fprintf(c->script, "%s'day %d' %d", day ? ", " : "", day + 1, day);
    }
    fputs(")\n", c->script);
    for (int h = 0; h < 168; h++) {
        double share = busy[h] / bought[h], x = h % 24, y = h / 24;
        char fill[16], ink[16];
        int level = (int)(share * 8);
        if (level > 7) level = 7;
        snprintf(fill, sizeof fill, "h%d", level);
        snprintf(ink, sizeof ink, "t%d", level);
        fprintf(c->script,
                "set object rectangle from %.3f,%.3f to %.3f,%.3f fc rgb %s fs solid 1 noborder\n",
                x - 0.47, y - 0.46, x + 0.47, y + 0.46, canvas_colour(c, fill));
        fprintf(c->script, "set label '%.0f' at %g,%g center tc rgb %s front\n", 100 * share, x, y,
                canvas_colour(c, ink));
    }
    fprintf(c->script, "plot '-' using 1:2 with points pt 0 ps 0 lc rgb %s notitle\n0\t0\ne\n",
            canvas_colour(c, "grid"));
    if (most - least < 0.1) chart->title = chart_text("%s is used evenly over the week", f->name);
    else if (clock)
        chart->title =
            chart_text("%s is fullest on %s around %02d:00 and emptiest on %s around %02d:00",
                       f->name, days[top / 24], top % 24, days[bottom / 24], bottom % 24);
    else
        chart->title = chart_text("%s is between %.0f%% and %.0f%% full, by hour of the week",
                                  f->name, 100 * least, 100 * most);
    chart->subtitle =
        chart_text("Share of %s's %lld GPUs held by jobs, percent, by hour of the week%s.", f->name,
                   (long long)f->gpus, clock ? " (UTC)" : "");
    chart->note = chart_text(
        "Mean over the accounting window of replication 0.%s",
        clock ? "" : " The trace has no wall clock: weeks count from its first arrival.");
    chart->alt =
        chart_text("Between %.0f and %.0f percent of the GPUs are held, by hour of the week.",
                   100 * least, 100 * most);
}
