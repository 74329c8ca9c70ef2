/* SPDX-License-Identifier: Apache-2.0 */
/* The first screen: the answer, its verdicts, what to know first, four figures against the
 * baseline. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/page.h"
#include "reports/page_parts.h"

static void write_warnings(const struct report_data *d, FILE *out)
{
    const struct report_fleet *shown = &d->fleets[d->pick >= 0 ? d->pick : d->baseline];
    int n = 0;
    if (strcmp(d->state, "complete") != 0) {
        page_warning(out, &n);
        fputs("The run was not finished: figures are of what there is.", out);
    }
    char *texts[] = { report_overload(d), report_tails(d) };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]) {
            page_warning(out, &n);
            escape_html(out, texts[i]);
        }
        free(texts[i]);
    }
    if (d->replications == 1) {
        page_warning(out, &n);
        fputs("One replay of one trace: no figure here has an interval. More replications say how "
              "sure the answer is.",
              out);
    }
    if (d->pick >= 0 && d->pick != d->baseline && !d->pick_is_clear) {
        page_warning(out, &n);
        escape_html(out, shown->name);
        fprintf(out, " %s, but not clearly: an interval of the difference includes zero.",
                d->same_nodes ? "has the shortest p95 wait"
                              : "is the cheapest that meets every target");
    }
    double rejected = report_metric(shown, METRIC_JOBS_REJECTED)->mean;
    if (rejected > 0) {
        page_warning(out, &n);
        fputs("Rejected on ", out);
        escape_html(out, shown->name);
        fprintf(out,
                ": %s of %s jobs. Cost and waits are of the others; reasons stand under Method.",
                format_count(rejected).s, format_count((double)d->jobs).s);
    }
    double drain = report_metric(shown, METRIC_MAKESPAN)->mean;
    if (d->books_s > 0 && report_metric(shown, METRIC_QUEUE_MAX)->mean > 0.1 * (double)d->jobs &&
        drain > 1.2 * d->books_s) {
        page_warning(out, &n);
        fputs("The queue of ", out);
        escape_html(out, shown->name);
        fputs(" grows over the trace: the fleet is too small for it, and waits depend on when the "
              "trace ends.",
              out);
    }
    if (n) fputs("</p></div>\n", out);
}

void page_answer(const struct report_data *d, const char *answer, FILE *out)
{
    const struct report_fleet *base = &d->fleets[d->baseline],
                              *pick = d->pick >= 0 ? &d->fleets[d->pick] : NULL;
    fprintf(out, "<div class=\"answer\">\n<p class=\"over\">%s</p>\n<h1>",
            d->same_nodes ? d->slo_n ? "Shortest p95 wait of the schedulers that meet every target"
                                     : "Shortest p95 wait"
            : d->slo_n    ? "Cheapest fleet that meets every target"
                          : "Cheapest fleet");
    escape_html(out, answer);
    fputs("</h1>\n<p class=\"lede\">", out);
    const struct report_fleet *shown = pick ? pick : base;
    escape_html(out, shown->name);
    fputs(" is ", out);
    escape_html(out, shown->summary);
    fprintf(out, ". 95%% of jobs start within %s",
            format_duration(report_metric(shown, METRIC_WAIT_P95)->mean).s);
    if (shown != base) {
        fputs("; on ", out);
        escape_html(out, base->name);
        fprintf(out, " it is %s", format_duration(report_metric(base, METRIC_WAIT_P95)->mean).s);
    }
    fputs(".</p>\n<ul class=\"chips\">\n", out);
    for (int32_t s = 0; s < d->slo_n; s++) {
        enum verdict v = shown->verdict[s];
        page_chip(out, v == VERDICT_MEETS, "", d->slos[s].label,
                  v == VERDICT_MEETS     ? ": met"
                  : v == VERDICT_UNCLEAR ? ": too close to call"
                                         : ": missed");
    }
    if (d->slo_n && d->replications > 1) {
        char text[256];
        int used = snprintf(text, sizeof text, "all targets met in %d of %d replications",
                            shown->meets_in, d->replications);
        struct range_interval chance =
            interval_of_proportion((size_t)shown->meets_in, (size_t)d->replications);
        if (!d->antithetic) /* those of a pair depend on each other */
            snprintf(text + used, sizeof text - (size_t)used, ": a chance of %s to %s",
                     format_percent(chance.low).s, format_percent(chance.high).s);
        page_chip(out, shown->meets_in == d->replications, "", text, "");
    }
    if (pick && d->slo_n && base != pick)
        page_chip(out, base->overall == VERDICT_MEETS, "", base->name,
                  base->overall == VERDICT_MEETS     ? " meets every target too"
                  : base->overall == VERDICT_UNCLEAR ? " may miss a target"
                                                     : " misses a target");
    fputs("</ul>\n", out);
    write_warnings(d, out);
    fputs("</div>\n", out);
}

static void kpi(const struct report_data *d, const char *title, const char *metric, FILE *out)
{
    const struct report_fleet *base = &d->fleets[d->baseline],
                              *shown = &d->fleets[d->pick >= 0 ? d->pick : d->baseline];
    const struct estimate *e = report_metric(shown, metric), *b = report_metric(base, metric);
    const char *unit = metric_defs[metric_index(metric)].unit;
    page_kpi(title, e->n ? format_metric(e->mean, e->half, unit) : format_number(NAN), out);
    if (shown == base) fputs("the baseline itself", out);
    else if (b->n) {
        fprintf(out, "%s on ", format_metric(b->mean, NAN, unit).s);
        escape_html(out, base->name);
        if (strcmp(unit, "share") == 0)
            fprintf(out,
                    fabs(e->mean - b->mean) < 0.005 ? ", <b>no change</b>"
                                                    : ", <b>%+.0f points</b>",
                    100 * (e->mean - b->mean));
        else if (b->mean > 0)
            fprintf(out, ", <b>%s</b>", format_change(e->mean / b->mean - 1, NAN).s);
    }
    fputs("</div></div>\n", out);
}

void page_kpis(const struct report_data *d, FILE *out)
{
    fputs("<div class=\"kpis\">\n", out);
    if (d->same_nodes) {
        kpi(d, "p95 queue wait", METRIC_WAIT_P95, out);
        kpi(d, "Mean queue wait", METRIC_WAIT_MEAN, out);
        kpi(d, "Fairness by tenant", METRIC_FAIRNESS, out);
        kpi(d, "GPU-hours idle while jobs wait", METRIC_IDLE_WAITING, out);
    } else {
        kpi(d, "Cost per month", METRIC_COST_MONTH, out);
        kpi(d, "p95 queue wait", METRIC_WAIT_P95, out);
        kpi(d, "Cost per useful GPU-hour", METRIC_COST_USEFUL_GPU_HOUR, out);
        kpi(d, "GPUs paid for but idle", METRIC_IDLE, out);
    }
    fputs("</div>\n", out);
    if (d->replications > 1)
        fprintf(out,
                "<p class=\"fine\">\u00b1 is half the 95%% interval of the mean over n = %d "
                "replications%s (Student's t).</p>\n",
                d->replications, d->antithetic ? " in antithetic pairs" : "");
    else fputs("<p class=\"fine\">n = 1: no intervals.</p>\n", out);
    char *texts[] = { report_precision(d), report_warm_up(d) };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]) {
            fputs("<p class=\"fine\">", out);
            escape_html(out, texts[i]);
            fputs("</p>\n", out);
        }
        free(texts[i]);
    }
}
