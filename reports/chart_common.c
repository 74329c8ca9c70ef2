/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "reports/chart.h"

char *chart_text(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) text = NULL;
    va_end(args);
    return text;
}

void chart_legend_add(struct chart *chart, const char *token, const char *label, int is_line, const char *dash)
{
    struct chart_legend *grown = realloc(chart->legend, (size_t)(chart->legend_n + 1) * sizeof *grown);
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
    static const struct { double s; const char *text; } tics[] = {
        { 1, "1 s" }, { 10, "10 s" }, { 60, "1 min" }, { 300, "5 min" }, { 900, "15 min" }, { 3600, "1 h" }, { 4 * 3600, "4 h" },
        { 86400, "1 day" }, { 3 * 86400, "3 days" }, { 7 * 86400, "1 week" }, { 30 * 86400, "30 days" }, { 365.0 * 86400, "1 year" },
    };
    const char *separator = "";
    fprintf(script, "set %stics (", axis);
    for (size_t i = 0; i < sizeof tics / sizeof *tics; i++) {
        if (tics[i].s < low || tics[i].s > high) continue;
        fprintf(script, "%s'%s' %.0f", separator, tics[i].text, tics[i].s);
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
