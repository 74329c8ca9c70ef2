/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/pareto.h"

#include <math.h>
#include <stdlib.h>

#include "reports/chart.h"
#include "reports/pareto_names.h"

/* More points say no more and make a page heavy; more lines and large dots hide all. */
enum { POINTS_MAX = 2000, SMALL_FROM = 400, BIG_PICKS = 6 };

/* Waits below a second are shown at a second: a log axis has no zero. */
static double x_of(double wait) { return fmax(wait, 1); }

int32_t pareto_count(const struct pareto *p, enum pareto_look look)
{
    int32_t n = 0;
    for (int32_t i = 0; i < p->n; i++) n += p->points[i].look == look;
    return n;
}

bool pareto_thins(int32_t n) { return n > POINTS_MAX; }

/* ---- Axes ---- */

struct frame {
    double low, high, bottom, top; /* of the axes */
};

static struct frame frame_of(const struct pareto *p)
{
    struct frame f = { INFINITY, 0, INFINITY, 0 };
    double least = INFINITY;
    for (int32_t i = 0; i < p->n; i++) {
        const struct pareto_point *at = &p->points[i];
        double wait = fmax(at->wait_half, 0), cost = fmax(at->cost_half, 0);
        least = fmin(least, x_of(at->wait_s));
        f.low = fmin(f.low, x_of(at->wait_s - wait));
        f.high = fmax(f.high, x_of(at->wait_s + wait));
        f.bottom = fmin(f.bottom, at->cost_usd - cost);
        f.top = fmax(f.top, at->cost_usd + cost);
    }
    if (!isnan(p->most_wait_s)) {
        least = fmin(least, x_of(p->most_wait_s));
        f.high = fmax(f.high, x_of(p->most_wait_s));
    }
    if (!isnan(p->most_usd)) {
        f.bottom = fmin(f.bottom, p->most_usd);
        f.top = fmax(f.top, p->most_usd);
    }
    f.low = fmin(f.low, least);
    f.low = fmax(f.low, least / 5); /* an interval that reaches to 0 has no end on a log axis */
    f.low = fmax(f.low / 1.6, 0.7);
    f.high = fmax(f.high * 1.8, 4 * f.low);
    return f;
}

static void write_axes(struct frame *f, struct canvas *c)
{
    fprintf(c->script,
            "set logscale x\nset xrange [%.9g:%.9g]\nset lmargin at screen %g\nset rmargin at "
            "screen %g\nset bmargin at screen %g\nset tmargin at screen %g\n",
            f->low, f->high, PARETO_LEFT, PARETO_RIGHT, PARETO_BOTTOM, PARETO_TOP);
    chart_time_tics(c->script, "x", f->low, f->high);
    chart_usd_axis(c->script, "y", &f->bottom, &f->top, 6);
    fprintf(c->script,
            "set label 'p95 wait (log scale)' at graph 1,-0.13 right tc rgb %s\nset label 'Cost "
            "per month' at graph -0.06,1.06 left tc rgb %s\n",
            canvas_colour(c, "mute"), canvas_colour(c, "mute"));
}

static void write_targets(const struct pareto *p, struct canvas *c)
{
    if (!isnan(p->most_wait_s)) {
        double x = x_of(p->most_wait_s);
        fprintf(c->script,
                "set object rectangle from %.9g,graph 0 to graph 1,graph 1 fc rgb %s fs solid 1 "
                "noborder behind\n",
                x, canvas_colour(c, "zone"));
        fprintf(c->script, "set arrow from %.9g,graph 0 to %.9g,graph 1 nohead lc rgb %s lw 1\n", x,
                x, canvas_colour(c, "mute"));
        fprintf(c->script,
                "set label 'beyond the target' at %.9g,graph 0.97 left offset 1,0 tc rgb %s\n", x,
                canvas_colour(c, "mute"));
    }
    if (!isnan(p->most_usd)) {
        fprintf(c->script,
                "set arrow from graph 0,first %.9g to graph 1,first %.9g nohead lc rgb %s lw 1\n",
                p->most_usd, p->most_usd, canvas_colour(c, "mute"));
        fprintf(c->script,
                "set label 'budget' at graph 0.01,first %.9g left offset 0,0.6 tc rgb %s\n",
                p->most_usd, canvas_colour(c, "mute"));
    }
}

/* ---- Bars, frontiers, points ---- */

static void write_bars(const struct pareto *p, double low, struct canvas *c)
{
    static const char *const tokens[PARETO_LOOKS] = { "dim", "od", "res", "base", "accent" };
    for (int32_t i = p->n - 1; i >= 0; i--) {
        const struct pareto_point *at = &p->points[i];
        const char *token = tokens[at->look];
        if (at->wait_half > 0)
            fprintf(c->script, "set arrow from %.9g,%.9g to %.9g,%.9g nohead lc rgb %s lw 1.4\n",
                    fmax(x_of(at->wait_s - at->wait_half), low), at->cost_usd,
                    x_of(at->wait_s + at->wait_half), at->cost_usd, canvas_colour(c, token));
        if (at->cost_half > 0)
            fprintf(c->script, "set arrow from %.9g,%.9g to %.9g,%.9g nohead lc rgb %s lw 1.4\n",
                    x_of(at->wait_s), at->cost_usd - at->cost_half, x_of(at->wait_s),
                    at->cost_usd + at->cost_half, canvas_colour(c, token));
    }
}

/* Shortest wait first. */
static int by_wait(const void *x, const void *y)
{
    const struct pareto_point *a = x, *b = y;
    if (a->wait_s != b->wait_s) return a->wait_s < b->wait_s ? -1 : 1;
    return a->cost_usd < b->cost_usd ? 1 : a->cost_usd > b->cost_usd ? -1 : 0;
}

static bool has_line(const struct pareto *p, int32_t line)
{
    for (int32_t i = 0; i < p->n; i++)
        if (p->points[i].line == line) return true;
    return false;
}

static void write_line(const struct pareto *p, int32_t line, FILE *out)
{
    struct pareto_point *on = malloc((size_t)p->n * sizeof *on);
    int32_t n = 0;
    for (int32_t i = 0; on && i < p->n; i++)
        if (p->points[i].line == line) on[n++] = p->points[i];
    if (on) qsort(on, (size_t)n, sizeof *on, by_wait);
    for (int32_t i = 0; i < n; i++)
        fprintf(out, "%.9g\t%.9g\n", x_of(on[i].wait_s), on[i].cost_usd);
    free(on);
    fputs("e\n", out);
}

static void write_points(const struct pareto *p, enum pareto_look look, FILE *out)
{
    int32_t step = pareto_count(p, look) / POINTS_MAX + 1, n = 0;
    for (int32_t i = 0; i < p->n; i++)
        if (p->points[i].look == look && n++ % step == 0)
            fprintf(out, "%.9g\t%.9g\n", x_of(p->points[i].wait_s), p->points[i].cost_usd);
    fputs("e\n", out);
}

static void write_plot(const struct pareto *p, struct canvas *c)
{
    static const struct {
        const char *token;
        int symbol;
    } looks[PARETO_LOOKS] = {
        { "sto", 6 }, { "od", 6 }, { "res", 7 }, { "base", 5 }, { "accent", 7 }
    };
    const char *separator = "plot ";
    for (int32_t l = 0; l < p->line_n; l++) {
        if (!has_line(p, l)) continue;
        fprintf(c->script, "%s'-' using 1:2 with lines lw 1.6 lc rgb %s notitle", separator,
                canvas_colour(c, "mute"));
        separator = ", ";
    }
    for (int k = 0; k < PARETO_LOOKS; k++) {
        int32_t n = pareto_count(p, (enum pareto_look)k);
        const char *size = p->n > SMALL_FROM ? "0.55" : "0.95";
        if (!n) continue;
        if (k == PARETO_PICK) size = n > BIG_PICKS ? "0.7" : "1.5";
        fprintf(c->script, "%s'-' using 1:2 with points pt %d ps %s lc rgb %s notitle", separator,
                looks[k].symbol, size, canvas_colour(c, looks[k].token));
        separator = ", ";
    }
    fputc('\n', c->script);
    for (int32_t l = 0; l < p->line_n; l++)
        if (has_line(p, l)) write_line(p, l, c->script);
    for (int k = 0; k < PARETO_LOOKS; k++)
        if (pareto_count(p, (enum pareto_look)k)) write_points(p, (enum pareto_look)k, c->script);
}

void pareto_draw(const struct pareto *p, struct canvas *c)
{
    struct frame f = frame_of(p);
    write_axes(&f, c);
    write_targets(p, c);
    write_bars(p, f.low, c);
    pareto_names_write(p, f.low, f.high, f.bottom, f.top, c);
    write_plot(p, c);
}
