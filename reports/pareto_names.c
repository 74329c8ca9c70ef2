/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/pareto_names.h"

#include <math.h>
#include <string.h>

#include "reports/escape.h"

/* Of the font of canvas.c, in pixels: a letter is this wide on the mean and a line that high. */
#define LETTER 7.4
#define LINE   18.0
enum { TEXT_MAX = 90, RINGS = 6, SIDES = 8, FRONTIER_MAX = 64 };

struct box {
    double x0, y0, x1, y1; /* pixels from the bottom left */
};

/* A place for a name: its box, and where its text is anchored. */
struct spot {
    struct box box;
    double x, y; /* the anchor, at half the height */
    int align;   /* -1: the text ends there; 0: is centred; 1: begins */
    int ring;    /* how far away, from 0 */
};

struct line { /* from a point to its name, or to the next of a frontier */
    double x0, y0, x1, y1;
};

struct placing {
    const struct pareto *p;
    double low, high, bottom, top;
    int width, height;
    int32_t n, line_n, frontier_n;
    struct box taken[PARETO_NAMES_MAX + 1];
    struct line lines[PARETO_NAMES_MAX], frontier[FRONTIER_MAX];
};

static double pixel_x(const struct placing *at, double wait)
{
    double share = log(fmax(wait, 1) / at->low) / log(at->high / at->low);
    return at->width * (PARETO_LEFT + fmin(fmax(share, 0), 1) * (PARETO_RIGHT - PARETO_LEFT));
}

static double pixel_y(const struct placing *at, double usd)
{
    double share = (usd - at->bottom) / (at->top - at->bottom);
    return at->height * (PARETO_BOTTOM + share * (PARETO_TOP - PARETO_BOTTOM));
}

static bool overlap(const struct box *a, const struct box *b)
{
    return a->x0 < b->x1 && b->x0 < a->x1 && a->y0 < b->y1 && b->y0 < a->y1;
}

/* Side 0 is left below the point, where nothing better can be; then on round it. */
static struct spot spot_at(const struct placing *at, const struct pareto_point *point, double wide,
                           int side, int ring)
{
    static const struct {
        int x, y;
    } sides[SIDES] = { { -1, -1 }, { 1, -1 }, { -1, 0 }, { 1, 0 },
                       { 1, 1 },   { -1, 1 }, { 0, -1 }, { 0, 1 } };
    double far = 12 + 24 * ring, rise = LINE * (sides[side].y && sides[side].x ? 0.8 : 1.1);
    struct spot s = { .align = sides[side].x, .ring = ring };
    s.x = pixel_x(at, point->wait_s) + sides[side].x * far;
    s.y = pixel_y(at, point->cost_usd) + sides[side].y * (rise + 20 * ring);
    double left = s.align > 0 ? s.x : s.align < 0 ? s.x - wide : s.x - wide / 2;
    s.box = (struct box){ left, s.y - LINE / 2, left + wide, s.y + LINE / 2 };
    return s;
}

/* To the nearest end of the name: none where it stands right beside its point. */
static struct line line_to(const struct placing *at, const struct pareto_point *point,
                           const struct spot *s)
{
    double x = pixel_x(at, point->wait_s), y = pixel_y(at, point->cost_usd),
           end = s->y + (y > s->y + LINE / 2   ? LINE / 2
                         : y < s->y - LINE / 2 ? -LINE / 2
                                               : 0);
    if (s->ring == 0) return (struct line){ x, y, x, y };
    return (struct line){ x, y, s->x, end };
}

static bool crosses(const struct line *l, const struct box *box)
{
    enum { STEPS = 24 };
    for (int i = 1; i <= STEPS; i++) {
        double x = l->x0 + (l->x1 - l->x0) * i / STEPS, y = l->y0 + (l->y1 - l->y0) * i / STEPS;
        if (box->x0 < x && x < box->x1 && box->y0 < y && y < box->y1) return true;
    }
    return false;
}

static bool crosses_bars(const struct placing *at, const struct pareto_point *q,
                         const struct box *box)
{
    double x = pixel_x(at, q->wait_s), y = pixel_y(at, q->cost_usd);
    struct box wide = { pixel_x(at, q->wait_s - q->wait_half), y - 1,
                        pixel_x(at, q->wait_s + q->wait_half), y + 1 },
               high = { x - 1, pixel_y(at, q->cost_usd - q->cost_half), x + 1,
                        pixel_y(at, q->cost_usd + q->cost_half) };
    return (q->wait_half > 0 && overlap(box, &wide)) || (q->cost_half > 0 && overlap(box, &high));
}

/* How bad a place is: outside of the picture, over another name, over points, over
 * lines and bars, across the target, far. */
static double cost_of(const struct placing *at, const struct pareto_point *point,
                      const struct spot *s, int side)
{
    struct line mine = line_to(at, point, s);
    const struct pareto *p = at->p;
    double cost = side * 0.1 + s->ring * 4;
    if (s->box.x0 < at->width * PARETO_LEFT + 2 || s->box.x1 > at->width * PARETO_RIGHT ||
        s->box.y0 < at->height * PARETO_BOTTOM + 2 || s->box.y1 > at->height * PARETO_TOP)
        cost += 5000;
    if (!isnan(p->most_wait_s)) {
        double x = pixel_x(at, p->most_wait_s);
        if (s->box.x0 < x && x < s->box.x1) cost += 6;
    }
    for (int32_t i = 0; i < at->n; i++)
        cost += overlap(&s->box, &at->taken[i]) ? 1000 : crosses(&mine, &at->taken[i]) ? 60 : 0;
    for (int32_t i = 0; i < at->line_n; i++)
        if (crosses(&at->lines[i], &s->box)) cost += 60;
    for (int32_t i = 0; i < at->frontier_n; i++)
        if (crosses(&at->frontier[i], &s->box)) cost += 12;
    for (int32_t i = 0; i < p->n; i++) {
        double x = pixel_x(at, p->points[i].wait_s), y = pixel_y(at, p->points[i].cost_usd);
        struct box dot = { x - 5, y - 5, x + 5, y + 5 };
        if (overlap(&s->box, &dot)) cost += 8;
        if (crosses_bars(at, &p->points[i], &s->box)) cost += 3;
    }
    for (int32_t i = 0; i < p->name_n; i++) {
        const struct pareto_point *q = &p->points[p->names[i].point];
        double x = pixel_x(at, q->wait_s), y = pixel_y(at, q->cost_usd);
        struct box dot = { x - 7, y - 7, x + 7, y + 7 };
        if (overlap(&s->box, &dot)) cost += 200;
        if (q != point && crosses(&mine, &dot)) cost += 60;
    }
    return cost;
}

/* The next of the same frontier: with the least longer wait; -1: there is none. */
static int32_t next_on_line(const struct pareto *p, int32_t from)
{
    int32_t next = -1;
    for (int32_t i = 0; i < p->n; i++)
        if (p->points[i].line == p->points[from].line &&
            p->points[i].wait_s > p->points[from].wait_s &&
            (next < 0 || p->points[i].wait_s < p->points[next].wait_s))
            next = i;
    return next;
}

static void find_frontiers(struct placing *at)
{
    const struct pareto *p = at->p;
    for (int32_t i = 0; i < p->n && at->frontier_n < FRONTIER_MAX; i++) {
        int32_t next = p->points[i].line < 0 ? -1 : next_on_line(p, i);
        if (next < 0) continue;
        at->frontier[at->frontier_n++] =
            (struct line){ pixel_x(at, p->points[i].wait_s), pixel_y(at, p->points[i].cost_usd),
                           pixel_x(at, p->points[next].wait_s),
                           pixel_y(at, p->points[next].cost_usd) };
    }
}

static struct spot best_spot(const struct placing *at, const struct pareto_point *point,
                             double wide)
{
    struct spot best = { .ring = -1 };
    double least = INFINITY;
    for (int ring = 0; ring < RINGS; ring++)
        for (int side = 0; side < SIDES; side++) {
            struct spot s = spot_at(at, point, wide, side, ring);
            double cost = cost_of(at, point, &s, side);
            if (cost >= least) continue;
            least = cost;
            best = s;
        }
    return best;
}

static void write_one(struct placing *at, const struct pareto_name *name, struct canvas *c)
{
    static const char *const aligned[] = { "right", "center", "left" };
    const struct pareto_point *point = &at->p->points[name->point];
    char text[TEXT_MAX + 8];
    int cut = escape_cut(name->text, TEXT_MAX);
    snprintf(text, sizeof text, "%.*s%s", cut, name->text, name->text[cut] ? "..." : "");
    struct spot s = best_spot(at, point, LETTER * escape_width(text));
    at->taken[at->n++] = s.box;
    if (s.ring > 0) {
        struct line to = line_to(at, point, &s);
        at->lines[at->line_n++] = to;
        fprintf(c->script, "set arrow from %.9g,%.9g to screen %.5f,%.5f nohead lc rgb %s lw 0.8\n",
                fmax(point->wait_s, 1), point->cost_usd, to.x1 / at->width, to.y1 / at->height,
                canvas_colour(c, "mute"));
    }
    fprintf(c->script, "set label %s at screen %.5f,%.5f %s tc rgb %s%s front\n",
            canvas_label(c, text), s.x / at->width, s.y / at->height, aligned[s.align + 1],
            canvas_colour(c, name->bold ? "ink" : "mute"),
            name->bold && c->picture == PICTURE_SVG ? " font ':Bold'" : "");
}

void pareto_names_write(const struct pareto *p, double low, double high, double bottom, double top,
                        struct canvas *c)
{
    struct placing at = { .p = p,
                          .low = low,
                          .high = high,
                          .bottom = bottom,
                          .top = top,
                          .width = c->width,
                          .height = c->height };
    find_frontiers(&at);
    if (!isnan(p->most_wait_s)) { /* "beyond the target" stands there */
        double x = pixel_x(&at, p->most_wait_s);
        at.taken[at.n++] =
            (struct box){ x, at.height * (PARETO_TOP - 0.05), x + 140, at.height * PARETO_TOP };
    }
    for (int32_t i = 0; i < p->name_n && i < PARETO_NAMES_MAX; i++) write_one(&at, &p->names[i], c);
}
