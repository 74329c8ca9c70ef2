/* SPDX-License-Identifier: Apache-2.0 */
/* A Monte Carlo study as a table: for a terminal, for a pull request, for a spreadsheet. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/montecarlo_data.h"

/* The first few risks have a column each; a table for people has no room for more. */
enum { RISKS_MAX = 3, COLUMNS_MAX = 8 + RISKS_MAX };

struct column {
    const char *head;
    struct format_text (*cell)(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                               int32_t risk);
    int32_t risk;
};

static struct format_text cost(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                               int32_t risk)
{
    (void)d, (void)risk;
    return montecarlo_mean_text(p, MONTECARLO_COST_YEAR);
}

static struct format_text spread(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                                 int32_t risk)
{
    (void)d, (void)risk;
    struct format_text t;
    int m = montecarlo_metric_index(MONTECARLO_COST_YEAR);
    snprintf(t.s, sizeof t.s, "%.28s to %.28s", format_usd(p->p5[m]).s, format_usd(p->p95[m]).s);
    return t;
}

static struct format_text at_risk(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                                  int32_t risk)
{
    (void)d, (void)risk;
    return format_usd(p->at_risk.usd);
}

static struct format_text cvar(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                               int32_t risk)
{
    (void)d, (void)risk;
    return format_usd(p->at_risk.cvar);
}

static struct format_text chance(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                                 int32_t risk)
{
    (void)d;
    return montecarlo_chance_text(p->chances[risk].probability);
}

static struct format_text wait(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                               int32_t risk)
{
    (void)d, (void)risk;
    return montecarlo_mean_text(p, MONTECARLO_WAIT_P95);
}

static struct format_text use(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                              int32_t risk)
{
    (void)d, (void)risk;
    return format_percent(montecarlo_mean(p, MONTECARLO_UTILIZATION)->mean);
}

static struct format_text regret(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                                 int32_t risk)
{
    (void)d, (void)risk;
    return format_usd(p->regret.mean);
}

static struct format_text verdict(const struct montecarlo_data *d, const struct montecarlo_plan *p,
                                  int32_t risk)
{
    (void)d, (void)risk;
    static const char *const words[] = { "no target", "meets", "misses", "unclear" };
    struct format_text t;
    snprintf(t.s, sizeof t.s, "%s", words[p->overall]);
    return t;
}

static int columns_of(const struct montecarlo_data *d, struct column all[COLUMNS_MAX])
{
    int n = 0;
    all[n++] = (struct column){ "cost per year", cost, -1 };
    all[n++] = (struct column){ "P5 to P95", spread, -1 };
    all[n++] = (struct column){ "VaR 95%", at_risk, -1 };
    all[n++] = (struct column){ "CVaR 95%", cvar, -1 };
    for (int32_t e = 0; e < d->event_n && e < RISKS_MAX; e++)
        all[n++] = (struct column){ d->events[e].name, chance, e };
    all[n++] = (struct column){ "p95 wait", wait, -1 };
    all[n++] = (struct column){ "utilization", use, -1 };
    all[n++] = (struct column){ "regret", regret, -1 };
    if (d->target_n) all[n++] = (struct column){ "targets", verdict, -1 };
    return n;
}

static void sentence(FILE *out, char *text, const char *before,
                     void (*escape)(FILE *, const char *))
{
    fputs(before, out);
    escape(out, text ? text : "");
    free(text);
}

/* What the columns are and how sure they are, a line each. */
static void write_foot(const struct montecarlo_data *d, const char *indent, FILE *out,
                       void (*escape)(FILE *, const char *))
{
    fprintf(out,
            "%sOver %s futures of %d %s, the same ones for each fleet; \u00b1: half the 95%% "
            "interval of the mean.\n"
            "%sVaR: 95 of 100 years' bills are below it; CVaR: the mean of the others. Regret: "
            "what a fleet costs\n%smore a year than the cheapest of the same future%s.\n",
            indent, format_count((double)d->replications).s, d->years,
            d->years == 1 ? "year" : "years", indent, indent,
            d->target_n && d->meet_n ? ", of those that meet every target" : "");
    for (int32_t e = 0; e < d->event_n; e++) {
        const struct montecarlo_event *event = &d->events[e];
        fputs(indent, out);
        escape(out, event->name);
        fputs(": ", out);
        escape(out, event->label);
        if (event->tolerance >= 0)
            fprintf(out, "; in at most %s of futures", format_percent(event->tolerance).s);
        fputs(".\n", out);
    }
    sentence(out, montecarlo_calibration(d), indent, escape);
    fputs(".\n", out);
}

static void write_enough_terminal(const struct montecarlo_data *d, FILE *out)
{
    const char *metrics[MONTECARLO_ENOUGH_METRICS];
    int64_t numbers[MONTECARLO_ENOUGH_NUMBERS];
    int metric_n = montecarlo_enough_metrics(d, metrics), n = montecarlo_enough_numbers(d, numbers);
    fputs("\n  How many replications are enough: half the 95% interval, as a share of the value\n"
          "  replications",
          out);
    for (int m = 0; m < metric_n; m++) {
        fputs("   ", out);
        escape_terminal(out, montecarlo_precision_title(metrics[m]));
    }
    fputc('\n', out);
    for (int i = 0; i < n; i++) {
        fprintf(out, "  %12s", format_count((double)numbers[i]).s);
        for (int m = 0; m < metric_n; m++) {
            const struct montecarlo_precision *p = montecarlo_enough_at(d, metrics[m], numbers[i]);
            struct format_text cell = { "" };
            if (p) cell = montecarlo_enough_text(p);
            format_pad(out, 3 + escape_width(montecarlo_precision_title(metrics[m])) -
                                escape_width(cell.s));
            fputs(cell.s, out);
        }
        fputc('\n', out);
    }
    fputs("  * not measured: by 1/\u221an from what was\n", out);
}

static void write_enough_markdown(const struct montecarlo_data *d, FILE *out)
{
    const char *metrics[MONTECARLO_ENOUGH_METRICS];
    int64_t numbers[MONTECARLO_ENOUGH_NUMBERS];
    int metric_n = montecarlo_enough_metrics(d, metrics), n = montecarlo_enough_numbers(d, numbers);
    fputs("\nHow many replications are enough, half the 95% interval as a share of the value (\\* "
          "not "
          "measured: by 1/\u221an):\n\n| replications |",
          out);
    for (int m = 0; m < metric_n; m++) {
        fputc(' ', out);
        escape_markdown(out, montecarlo_precision_title(metrics[m]));
        fputs(" |", out);
    }
    fputs("\n|--:|", out);
    for (int m = 0; m < metric_n; m++) fputs("--:|", out);
    fputc('\n', out);
    for (int i = 0; i < n; i++) {
        fprintf(out, "| %s |", format_count((double)numbers[i]).s);
        for (int m = 0; m < metric_n; m++) {
            const struct montecarlo_precision *p = montecarlo_enough_at(d, metrics[m], numbers[i]);
            fputc(' ', out);
            if (p) escape_markdown(out, montecarlo_enough_text(p).s);
            fputs(" |", out);
        }
        fputc('\n', out);
    }
}

static void write_terminal(const struct montecarlo_data *d, int colour, FILE *out)
{
    struct column columns[COLUMNS_MAX];
    int32_t shown[MONTECARLO_SHOWN_PAGE + 1];
    int width[COLUMNS_MAX], n = columns_of(d, columns), name_width = 8;
    int32_t rows = montecarlo_shown(d, MONTECARLO_SHOWN, shown);
    for (int c = 0; c < n; c++) width[c] = escape_width(columns[c].head);
    for (int32_t i = 0; i < rows; i++) {
        const struct montecarlo_plan *p = &d->plans[shown[i]];
        if (escape_width(p->name) > name_width) name_width = escape_width(p->name);
        for (int c = 0; c < n; c++) {
            int w = escape_width(columns[c].cell(d, p, columns[c].risk).s);
            if (w > width[c]) width[c] = w;
        }
    }
    format_pad(out, name_width + 2);
    for (int c = 0; c < n; c++) {
        format_pad(out, 3 + width[c] - escape_width(columns[c].head));
        escape_terminal(out, columns[c].head);
    }
    fputc('\n', out);
    for (int32_t i = 0; i < rows; i++) {
        const struct montecarlo_plan *p = &d->plans[shown[i]];
        bool picked = shown[i] == d->pick;
        if (colour && picked) fputs("\033[1m", out);
        fputs(picked ? "> " : shown[i] == d->baseline ? "= " : "  ", out);
        escape_terminal(out, p->name);
        format_pad(out, name_width - escape_width(p->name));
        for (int c = 0; c < n; c++) {
            struct format_text cell = columns[c].cell(d, p, columns[c].risk);
            bool bad = columns[c].cell == verdict && p->overall == MONTECARLO_MISSES;
            format_pad(out, 3 + width[c] - escape_width(cell.s));
            fprintf(out, "%s%s%s", colour && bad ? "\033[33m" : "", cell.s,
                    colour && bad ? "\033[0m" : "");
        }
        if (colour && picked) fputs("\033[0m", out);
        fputc('\n', out);
    }
    if (rows < d->plan_n)
        fprintf(out, "  %s more fleets; =: the baseline\n",
                format_count((double)d->plan_n - rows).s);
    sentence(out, montecarlo_answer(d), "\n  ", escape_terminal);
    fputs(".\n", out);
    write_foot(d, "  ", out, escape_terminal);
    if (d->precision_n) write_enough_terminal(d, out);
}

static void write_markdown(const struct montecarlo_data *d, FILE *out)
{
    struct column columns[COLUMNS_MAX];
    int32_t shown[MONTECARLO_SHOWN_PAGE + 1];
    int n = columns_of(d, columns);
    int32_t rows = montecarlo_shown(d, MONTECARLO_SHOWN, shown);
    sentence(out, montecarlo_answer(d), "**", escape_markdown);
    fputs(".**\n\n| fleet |", out);
    for (int c = 0; c < n; c++) {
        fputc(' ', out);
        escape_markdown(out, columns[c].head);
        fputs(" |", out);
    }
    fputs("\n|---|", out);
    for (int c = 0; c < n; c++) fputs("--:|", out);
    fputc('\n', out);
    for (int32_t i = 0; i < rows; i++) {
        const char *mark = shown[i] == d->pick ? "**" : "";
        fprintf(out, "| %s", mark);
        escape_markdown(out, d->plans[shown[i]].name);
        fprintf(out, "%s%s |", mark, shown[i] == d->baseline ? " (baseline)" : "");
        for (int c = 0; c < n; c++)
            fprintf(out, " %s |", columns[c].cell(d, &d->plans[shown[i]], columns[c].risk).s);
        fputc('\n', out);
    }
    fputc('\n', out);
    if (rows < d->plan_n)
        fprintf(out, "%s more fleets.\n", format_count((double)d->plan_n - rows).s);
    write_foot(d, "", out, escape_markdown);
    if (d->precision_n) write_enough_markdown(d, out);
}

static void number(FILE *out, double x)
{
    if (isfinite(x)) fprintf(out, ",%.12g", x);
    else fputc(',', out);
}

static void write_csv(const struct montecarlo_data *d, FILE *out)
{
    fputs("rank,candidate,fleet,summary,gpus,baseline,targets", out);
    for (const struct montecarlo_metric *m = montecarlo_metrics; m->name; m++)
        fprintf(out, ",%s,%s_ci95_half,%s_p5,%s_p50,%s_p95", m->name, m->name, m->name, m->name,
                m->name);
    for (int32_t e = 0; e < d->event_n; e++) {
        static const char *const parts[] = { "", " ci95 low", " ci95 high" };
        for (int k = 0; k < 3; k++) {
            char head[200];
            const char *name = d->events[e].name;
            snprintf(head, sizeof head, "chance of %.*s%s", escape_cut(name, 150), name, parts[k]);
            fputc(',', out);
            escape_csv(out, head);
        }
    }
    fputs(",value_at_risk_95_usd,cvar_95_usd,regret_mean_usd,regret_p95_usd,regret_worst_usd,"
          "cheapest_share,from_baseline_usd,from_baseline_ci95_half,replications\n",
          out);
    for (int32_t i = 0; i < d->plan_n; i++) {
        const struct montecarlo_plan *p = &d->plans[d->ranking[i]];
        fprintf(out, "%d,", i + 1);
        escape_csv(out, p->name);
        fputc(',', out);
        escape_csv(out, p->fleet);
        fputc(',', out);
        escape_csv(out, p->summary);
        fprintf(out, ",%lld,%d,%s", (long long)p->gpus, d->ranking[i] == d->baseline,
                verdict(d, p, -1).s);
        for (int m = 0; m < MONTECARLO_METRIC_N; m++) {
            number(out, p->metric[m].n ? p->metric[m].mean : NAN);
            number(out, p->metric[m].half);
            number(out, p->p5[m]);
            number(out, p->p50[m]);
            number(out, p->p95[m]);
        }
        for (int32_t e = 0; e < d->event_n; e++) {
            number(out, p->chances[e].probability);
            number(out, p->chances[e].low);
            number(out, p->chances[e].high);
        }
        const double rest[] = { p->at_risk.usd,          p->at_risk.cvar,
                                p->regret.mean,          p->regret.p95,
                                p->regret.worst,         p->regret.cheapest_share,
                                p->regret.from_baseline, p->regret.from_baseline_half };
        for (size_t k = 0; k < sizeof rest / sizeof *rest; k++) number(out, rest[k]);
        fprintf(out, ",%lld\n", (long long)d->replications);
    }
}

enum status montecarlo_table_write(const struct montecarlo_data *d, const char *format, int colour,
                                   FILE *out, struct error *err)
{
    if (strcmp(format, "table") == 0) write_terminal(d, colour, out);
    else if (strcmp(format, "md") == 0) write_markdown(d, out);
    else if (strcmp(format, "csv") == 0) write_csv(d, out);
    else return error_set(err, STATUS_BAD_INPUT, "unknown format '%s': table, md, csv", format);
    return ferror(out) ? error_set(err, STATUS_IO, "cannot write the table") : STATUS_OK;
}
