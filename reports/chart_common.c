/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/chart.h"
#include "reports/format.h"

char *chart_text(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) text = NULL;
    va_end(args);
    return text;
}

void chart_legend_add(struct chart *chart, const char *token, const char *label, int is_line,
                      const char *dash)
{
    struct chart_legend *grown =
        realloc(chart->legend, (size_t)(chart->legend_n + 1) * sizeof *grown);
    if (!grown) return;
    chart->legend = grown;
    grown[chart->legend_n] = (struct chart_legend){ token, strdup(label), is_line, dash };
    if (grown[chart->legend_n].label) chart->legend_n++;
}

double chart_step(double span, int parts)
{
    if (!(span > 0)) return 1;
    double raw = span / parts, power = pow(10, floor(log10(raw))), x = raw / power;
    return (x <= 1 ? 1 : x <= 2 ? 2 : x <= 5 ? 5 : 10) * power;
}

void chart_time_tics(FILE *script, const char *axis, double low, double high)
{
    /* The main ones always; those between where the axis is short. */
    static const struct {
        double s;
        const char *text;
        bool main;
    } tics[] = {
        { 1, "1 s", true },
        { 2, "2 s", false },
        { 5, "5 s", false },
        { 10, "10 s", true },
        { 30, "30 s", false },
        { 60, "1 min", true },
        { 120, "2 min", false },
        { 300, "5 min", true },
        { 600, "10 min", false },
        { 900, "15 min", true },
        { 1800, "30 min", false },
        { 3600, "1 h", true },
        { 2 * 3600, "2 h", false },
        { 4 * 3600, "4 h", true },
        { 8 * 3600, "8 h", false },
        { 16 * 3600, "16 h", false },
        { 86400, "1 day", true },
        { 2 * 86400, "2 days", false },
        { 3 * 86400, "3 days", true },
        { 7 * 86400, "1 week", true },
        { 14 * 86400, "2 weeks", false },
        { 30 * 86400, "30 days", true },
        { 90 * 86400, "90 days", false },
        { 365.0 * 86400, "1 year", true },
    };
    int main_n = 0;
    const char *separator = "";
    for (size_t i = 0; i < sizeof tics / sizeof *tics; i++)
        main_n += tics[i].main && tics[i].s >= low && tics[i].s <= high;
    fprintf(script, "set %stics (", axis);
    for (size_t i = 0; i < sizeof tics / sizeof *tics; i++) {
        if (tics[i].s < low || tics[i].s > high || (!tics[i].main && main_n >= 4)) continue;
        fprintf(script, "%s'%s' %.0f", separator, tics[i].text, tics[i].s);
        separator = ", ";
    }
    fputs(")\n", script);
}

void chart_usd_axis(FILE *script, const char *axis, double *low, double *high, int parts)
{
    double span = fmax(*high - *low, 0.1 * fmax(*high, 1));
    *low = fmax(0, *low - 0.12 * span);
    *high += 0.15 * span;
    double step = chart_step(*high - *low, parts);
    fprintf(script, "set %srange [%.9g:%.9g]\nset %stics (", axis, *low, *high, axis);
    const char *separator = "";
    for (int i = 0; i < 24; i++) {
        double at = (ceil(*low / step) + i) * step;
        if (at > *high * 1.0000001) break;
        fprintf(script, "%s'%s' %.9g", separator, format_usd(at).s, at);
        separator = ", ";
    }
    fputs(")\n", script);
}

const char *chart_series_token(int k)
{
    static const char *const tokens[] = { "res", "spot", "od", "sto" };
    return tokens[k % 4];
}

static int rank_of(const struct report_data *d, int32_t fleet)
{
    int rank = 0;
    for (int32_t f = 0; f < fleet; f++) rank += f != d->pick && f != d->baseline;
    return rank;
}

const char *chart_fleet_token(const struct report_data *d, int32_t fleet)
{
    if (fleet == d->pick) return "accent";
    return fleet == d->baseline ? "base" : chart_series_token(rank_of(d, fleet));
}

int chart_fleet_dash(const struct report_data *d, int32_t fleet)
{
    if (fleet == d->pick) return 1;
    return fleet == d->baseline ? 2 : 3 + rank_of(d, fleet) % 3;
}
