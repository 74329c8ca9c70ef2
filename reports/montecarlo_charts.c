/* SPDX-License-Identifier: Apache-2.0 */
/* The charts of a Monte Carlo study by name, and what they share. */
#include <string.h>

#include "reports/montecarlo_chart.h"

const struct montecarlo_chart_kind montecarlo_chart_kinds[] = {
    { "plans", "compare" }, { "fan", "bill" }, { "exceedance", "bill" },
    { "regret", "regret" }, { NULL, NULL },
};

struct format_text chart_month(const struct montecarlo_data *d, int32_t month)
{
    static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct format_text t;
    int year = 0, first = 0;
    if (sscanf(d->first_month, "%4d-%2d", &year, &first) == 2 && first >= 1 && first <= 12) {
        int at = first - 1 + month;
        snprintf(t.s, sizeof t.s, "%s %d", names[at % 12], year + at / 12);
    } else {
        snprintf(t.s, sizeof t.s, "month %d", (int)month + 1);
    }
    return t;
}

typedef void draw_fn(const struct montecarlo_data *d, struct canvas *c, struct chart *chart);
struct of_study {
    draw_fn *draw;
    const struct montecarlo_data *data;
};

static void draw_of_study(const void *arg, struct canvas *c, struct chart *chart)
{
    const struct of_study *of = arg;
    of->draw(of->data, c, chart);
}

static enum status drawing_of(const char *kind, const struct montecarlo_data *d,
                              struct of_study *of, struct chart_drawing *drawing, struct error *err)
{
    static const struct {
        const char *kind;
        draw_fn *draw;
        int height;
    } all[] = { { "plans", chart_plans, 470 },
                { "fan", chart_fan, 400 },
                { "exceedance", chart_exceedance, 420 },
                { "regret", chart_regret, 0 } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].kind, kind) != 0) continue;
        int height = all[i].height ? all[i].height : chart_regret_height(d);
        *of = (struct of_study){ all[i].draw, d };
        *drawing = (struct chart_drawing){ all[i].kind, draw_of_study, of, height };
        return STATUS_OK;
    }
    return error_set(err, STATUS_BUG, "no chart '%s'", kind);
}

enum status montecarlo_chart_draw(struct charts *charts, const struct montecarlo_data *data,
                                  const char *kind, struct chart *chart, struct error *err)
{
    struct of_study of;
    struct chart_drawing drawing;
    enum status status = drawing_of(kind, data, &of, &drawing, err);
    return status == STATUS_OK ? chart_paint(charts, &drawing, chart, err) : status;
}

enum status montecarlo_chart_png(struct charts *charts, const struct montecarlo_data *data,
                                 const char *kind, const char *path, int *drawn, struct error *err)
{
    struct of_study of;
    struct chart_drawing drawing;
    *drawn = 0;
    enum status status = drawing_of(kind, data, &of, &drawing, err);
    return status == STATUS_OK ? chart_paint_png(charts, &drawing, path, drawn, err) : status;
}
