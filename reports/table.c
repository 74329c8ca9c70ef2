/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison of fleets as a table: for a terminal, for a pull request, for a spreadsheet. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/estimate.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/money.h"
#include "reports/orders.h"
#include "reports/page.h"
#include "reports/page_parts.h"

static struct format_text metric_text(const struct report_fleet *f, const char *metric)
{
    const struct estimate *e = report_metric(f, metric);
    return format_metric(e->mean, e->half, metric_defs[metric_index(metric)].unit);
}

static struct format_text change_text(const struct report_data *d, int32_t f)
{
    struct format_text t = { "reference" };
    if (f == d->baseline) return t;
    return format_change(d->fleets[f].cost_change.mean, d->fleets[f].cost_change.half);
}

enum { COLUMNS = 6 };
static const char *const heads[COLUMNS] = { "cost per month", "against",     "p95 wait",
                                            "mean JCT",       "utilization", "targets" };

static void cells_of(const struct report_data *d, int32_t f, struct format_text cell[COLUMNS])
{
    const struct report_fleet *fleet = &d->fleets[f];
    cell[0] = metric_text(fleet, METRIC_COST_MONTH);
    cell[1] = change_text(d, f);
    cell[2] = metric_text(fleet, METRIC_WAIT_P95);
    cell[3] = metric_text(fleet, METRIC_JCT_MEAN);
    cell[4] = metric_text(fleet, METRIC_UTILIZATION);
    snprintf(cell[5].s, sizeof cell[5].s, "%s", verdict_word(fleet->overall));
}

/* How replications were made, a sentence a line. */
static void write_design(const struct report_data *d, FILE *out)
{
    char *texts[] = { report_precision(d), report_warm_up(d) };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]) {
            fputs("  ", out);
            escape_terminal(out, texts[i]);
            fputc('\n', out);
        }
        free(texts[i]);
    }
}

/* Before anyone reads a wait. */
static void write_overload(const struct report_data *d, FILE *out)
{
    char *texts[] = { report_overload(d), report_tails(d) };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]) {
            fputs("  ", out);
            escape_terminal(out, texts[i]);
            fputs("\n\n", out);
        }
        free(texts[i]);
    }
}

static void write_terminal(const struct report_data *d, int colour, FILE *out)
{
    struct format_text cell[COLUMNS];
    int width[COLUMNS], name_width = 8, columns = d->slo_n > 0 ? COLUMNS : COLUMNS - 1;
    for (int c = 0; c < COLUMNS; c++) width[c] = escape_width(heads[c]);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        cells_of(d, f, cell);
        for (int c = 0; c < COLUMNS; c++)
            if (escape_width(cell[c].s) > width[c]) width[c] = escape_width(cell[c].s);
        if (escape_width(d->fleets[f].name) > name_width)
            name_width = escape_width(d->fleets[f].name);
    }
    format_pad(out, name_width + 2);
    for (int c = 0; c < columns; c++) {
        fputs("   ", out);
        format_pad(out, width[c] - escape_width(heads[c]));
        fputs(heads[c], out);
    }
    fputc('\n', out);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        bool picked = f == d->pick;
        cells_of(d, f, cell);
        if (colour && picked) fputs("\033[1m", out);
        fputs(picked ? "> " : "  ", out);
        escape_terminal(out, d->fleets[f].name);
        format_pad(out, name_width - escape_width(d->fleets[f].name));
        for (int c = 0; c < columns; c++) {
            bool bad = c == COLUMNS - 1 && d->fleets[f].overall == VERDICT_MISSES;
            fputs("   ", out);
            format_pad(out, width[c] - escape_width(cell[c].s));
            if (colour && bad) fputs("\033[33m", out);
            fputs(cell[c].s, out);
            if (colour && bad) fputs(picked ? "\033[0;1m" : "\033[0m", out);
        }
        if (colour && picked) fputs("\033[0m", out);
        fputc('\n', out);
    }
    char *answer = report_answer(d);
    fputs("\n  ", out);
    escape_terminal(out, answer ? answer : "");
    free(answer);
    if (d->replications > 1)
        fprintf(out,
                ".\n  \u00b1: half the 95%% interval of the mean, n = %d replications%s, Student's "
                "t.\n",
                d->replications, d->antithetic ? " in antithetic pairs" : "");
    else fputs(".\n  One replication: these figures have no interval.\n", out);
    write_design(d, out);
    for (int32_t s = 0; s < d->slo_n; s++) {
        fputs(s ? "; " : "  Targets: ", out);
        escape_terminal(out, d->slos[s].label);
    }
    if (d->slo_n) fputs(".\n", out);
}

/* The fleets that are of the same nodes, by what schedulers are chosen by; best first. */
static void write_markdown_orders(const struct report_data *d, FILE *out)
{
    int32_t *ranking = order_ranking(d);
    fputs("| fleet |", out);
    for (const struct order_column *c = order_columns; c->metric; c++)
        if (order_has_column(d, c)) fprintf(out, " %s |", c->title);
    fputs(d->slo_n ? " targets |\n|---|" : "\n|---|", out);
    for (const struct order_column *c = order_columns; c->metric; c++)
        if (order_has_column(d, c)) fputs("--:|", out);
    fputs(d->slo_n ? "--:|\n" : "\n", out);
    for (int32_t i = 0; i < d->fleet_n; i++) {
        const struct report_fleet *f = &d->fleets[ranking ? ranking[i] : i];
        fputs("| ", out);
        escape_markdown(out, f->name);
        fputs(" |", out);
        for (const struct order_column *c = order_columns; c->metric; c++) {
            bool best = f->standing[metric_index(c->metric)] == STANDING_BEST;
            if (order_has_column(d, c))
                fprintf(out, best ? " **%s** |" : " %s |", metric_text(f, c->metric).s);
        }
        if (d->slo_n) fprintf(out, " %s |", verdict_word(f->overall));
        fputc('\n', out);
    }
    free(ranking);
}

static void write_markdown_costs(const struct report_data *d, FILE *out)
{
    struct format_text cell[COLUMNS];
    fputs("| fleet |", out);
    for (int c = 0; c < COLUMNS; c++) fprintf(out, " %s |", heads[c]);
    fputs("\n|---|", out);
    for (int c = 0; c < COLUMNS; c++) fputs("--:|", out);
    fputc('\n', out);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        cells_of(d, f, cell);
        fputs("| ", out);
        escape_markdown(out, d->fleets[f].name);
        fputs(" |", out);
        for (int c = 0; c < COLUMNS; c++) fprintf(out, " %s |", cell[c].s);
        fputc('\n', out);
    }
}

static void write_markdown(const struct report_data *d, FILE *out)
{
    char *answer = report_answer(d);
    fputs("**", out);
    escape_markdown(out, answer ? answer : "");
    fputs(".**\n\n", out);
    free(answer);
    if (d->same_nodes) write_markdown_orders(d, out);
    else write_markdown_costs(d, out);
    if (d->replications > 1)
        fprintf(out, "\n\u00b1 is half the 95%% interval of the mean, n = %d.\n", d->replications);
    else fputs("\nOne replication: no interval.\n", out);
    char *texts[] = { report_precision(d), report_warm_up(d) };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]) {
            fputc('\n', out);
            escape_markdown(out, texts[i]);
            fputc('\n', out);
        }
        free(texts[i]);
    }
}

static void write_csv(const struct report_data *d, FILE *out)
{
    fputs("fleet,summary,gpus,targets", out);
    for (const struct metric_def *m = metric_defs; m->name; m++)
        fprintf(out, ",%s,%s_ci95_half", m->name, m->name);
    fputs(",replications\n", out);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        escape_csv(out, fleet->name);
        fputc(',', out);
        escape_csv(out, fleet->summary);
        fprintf(out, ",%lld,%s", (long long)fleet->gpus, verdict_word(fleet->overall));
        for (int m = 0; metric_defs[m].name; m++) {
            const struct estimate *e = &fleet->metric[m];
            if (e->n) fprintf(out, ",%.12g,", e->mean);
            else fputs(",,", out);
            if (e->n > 1 && isfinite(e->half)) fprintf(out, "%.12g", e->half);
        }
        fprintf(out, ",%d\n", d->replications);
    }
}

enum status report_table_write(const struct report_data *d, const char *format, int colour,
                               FILE *out, struct error *err)
{
    if (strcmp(format, "table") == 0) write_overload(d, out);
    if (strcmp(format, "table") == 0 && d->same_nodes) {
        table_orders(d, colour, out);
        write_design(d, out);
    } else if (strcmp(format, "table") == 0) write_terminal(d, colour, out);
    else if (strcmp(format, "money") == 0) table_money(d, out);
    else if (strcmp(format, "md") == 0) write_markdown(d, out);
    else if (strcmp(format, "csv") == 0) write_csv(d, out);
    else
        return error_set(err, STATUS_BAD_INPUT, "unknown format '%s': table, money, md, csv",
                         format);
    return ferror(out) ? error_set(err, STATUS_IO, "cannot write the table") : STATUS_OK;
}
