/* SPDX-License-Identifier: Apache-2.0 */
/* The first screen of a plan's page: the decision, what to run, verdicts, what to know first, four
 * figures against today. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/page_parts.h"
#include "reports/plan_parts.h"

/* The fleet that the page is about. */
static const struct planned_fleet *shown_of(const struct plan_data *d)
{
    return &d->fleets[d->pick >= 0 ? d->pick : d->today];
}

/* The target of the p95 wait; NAN: none. */
static double wait_target(const struct plan_data *d)
{
    for (int32_t t = 0; t < d->target_n; t++)
        if (strcmp(d->targets[t].metric, METRIC_WAIT_P95) == 0 && d->targets[t].at_most)
            return d->targets[t].target;
    return NAN;
}

static void write_lede(const struct plan_data *d, FILE *out)
{
    const struct planned_fleet *shown = shown_of(d), *today = &d->fleets[d->today];
    double target = wait_target(d);
    fputs(d->pick < 0 ? "Today\u2019s fleet is " : d->pick == d->today ? "Keep " : "Run ", out);
    escape_html(out, shown->summary);
    fprintf(out, ". 95%% of the jobs start within %s",
            format_duration_interval(shown->wait.mean, shown->wait.half).s);
    if (shown != today)
        fprintf(out, "; today it is %s",
                format_duration_interval(today->wait.mean, today->wait.half).s);
    if (!isnan(target))
        fprintf(out, "%s the target is %s", shown != today ? ", and" : ";",
                format_duration(target).s);
    fputs(".", out);
}

/* ---- Verdicts ---- */

static void today_chip(const struct plan_data *d, FILE *out)
{
    static const char *const words[] = { [VERDICT_NONE] = "",
                                         [VERDICT_MEETS] = "today\u2019s fleet meets every target",
                                         [VERDICT_MISSES] = "today\u2019s fleet misses a target",
                                         [VERDICT_UNCLEAR] =
                                             "today\u2019s fleet may miss a target" };
    const struct planned_fleet *today = &d->fleets[d->today];
    char after[200] = "";
    if (*today->missed) snprintf(after, sizeof after, ": %s", today->missed);
    char text[300];
    snprintf(text, sizeof text, "%s%s", words[today->verdict], after);
    page_chip(out, today->verdict == VERDICT_MEETS, "", text, "");
}

static void choice_chip(const struct plan_data *d, FILE *out)
{
    const char *worse = d->is_fastest ? "faster" : "cheaper";
    char text[160];
    if (d->next < 0) snprintf(text, sizeof text, "no other fleet surely meets the targets");
    else
        snprintf(text, sizeof text, "%s %s than the runner-up, at %g%% confidence",
                 d->is_clear ? "clearly" : "not clearly", worse, 100 * d->confidence);
    page_chip(out, d->next < 0 || d->is_clear, "", text, "");
}

static void write_chips(const struct plan_data *d, FILE *out)
{
    fputs("<ul class=\"chips\">\n", out);
    for (int32_t t = 0; t < d->target_n && d->pick >= 0; t++)
        page_chip(out, 1, "", d->targets[t].label, ": surely met");
    if (d->pick >= 0) choice_chip(d, out);
    if (d->pick != d->today) today_chip(d, out);
    fputs("</ul>\n", out);
}

/* ---- What to know first ---- */

static void write_warnings(const struct plan_data *d, FILE *out)
{
    int n = 0;
    if (d->pick >= 0 && d->nearest >= 0) {
        const struct planned_flip *flip = &d->flips[d->nearest];
        page_warning(out, &n);
        fputs("The nearest thing that would change the answer: ", out);
        escape_html(out, flip->lever);
        fputc(' ', out);
        escape_html(out, flip->at);
        fputs(", then ", out);
        escape_html(out, flip->then);
        fputs(". <a href=\"#flips\">What would change the answer</a>", out);
    }
    if (d->pick < 0) {
        page_warning(out, &n);
        fputs("Of the fleets that were looked at none is recommended: vary more, or ask for less.",
              out);
    }
    if (shown_of(d)->n == 1) {
        page_warning(out, &n);
        fputs("One replication: no figure here has an interval. More replications say how sure the "
              "answer is.",
              out);
    }
    if (n) fputs("</p></div>\n", out);
}

/* ---- Key figures ---- */

static void end_kpi(const struct plan_data *d, struct format_text was, const char *change,
                    FILE *out)
{
    if (shown_of(d) == &d->fleets[d->today]) fputs("today\u2019s fleet itself", out);
    else fprintf(out, "%s today, <b>%s</b>", was.s, change);
    fputs("</div></div>\n", out);
}

/* change: the paired difference from today as a share of it, of shares in points; by: in its unit,
 * where today is nothing. */
static void kpi(const struct plan_data *d, const char *title, const char *unit,
                const struct mean_interval *mine, const struct mean_interval *theirs,
                const struct mean_interval *change, const struct mean_interval *by, FILE *out)
{
    char text[120] = "no change";
    bool in_points = strcmp(unit, "share") == 0;
    struct format_text share = format_change(change->mean, change->half);
    if (!isfinite(by->mean)) snprintf(text, sizeof text, "n/a");
    else if (!isfinite(change->mean))
        snprintf(text, sizeof text, "%s%s", by->mean > 0 ? "+" : "",
                 format_metric(by->mean, by->half, unit).s);
    else if (in_points && fabs(change->mean) >= 0.005)
        snprintf(text, sizeof text, "%+.0f points%s", 100 * change->mean,
                 plan_is_clear(change) ? "" : ", not clear");
    else if (!in_points && change->mean != 0)
        snprintf(text, sizeof text, "%s%s", share.s, plan_is_clear(change) ? "" : ", not clear");
    page_kpi(title, format_metric(mine->mean, mine->half, unit), out);
    end_kpi(d, format_metric(theirs->mean, theirs->half, unit), text, out);
}

static void nodes_kpi(const struct plan_data *d, FILE *out)
{
    const struct planned_fleet *shown = shown_of(d), *today = &d->fleets[d->today];
    struct format_text value, was;
    char change[64];
    snprintf(value.s, sizeof value.s, "%.28s", format_count((double)shown->nodes).s);
    snprintf(was.s, sizeof was.s, "%.28s nodes", format_count((double)today->nodes).s);
    page_kpi("Nodes, at most", value, out);
    fprintf(out, "%s GPUs; ", format_count((double)shown->gpus).s);
    int64_t more = shown->nodes - today->nodes;
    snprintf(change, sizeof change, "%s%.40s", more > 0 ? "+" : "", format_count((double)more).s);
    end_kpi(d, was, more ? change : "no change", out);
}

static void write_n(const struct plan_data *d, FILE *out)
{
    const struct planned_fleet *shown = shown_of(d), *today = &d->fleets[d->today];
    const char *pairs = d->antithetic ? " in antithetic pairs" : "";
    if (shown->n == 1) {
        fputs("<p class=\"fine\">n = 1: no intervals.</p>\n", out);
        return;
    }
    fprintf(out,
            "<p class=\"fine\">\u00b1 is half the 95%% interval of the mean over n = %d "
            "replications%s (Student's t)",
            (int)shown->n, pairs);
    if (today->n != shown->n) fprintf(out, "; of today\u2019s fleet n = %d", (int)today->n);
    fputs(". Changes are paired, replication by replication. A month is 730 hours.</p>\n", out);
}

void plan_page_top(const struct plan_data *d, const char *answer, FILE *out)
{
    const struct planned_fleet *shown = shown_of(d), *today = &d->fleets[d->today];
    fprintf(out,
            "<div class=\"answer\">\n<p class=\"over\">%s fleet that surely meets %s</p>\n<h1>",
            d->is_fastest ? "Fastest" : "Cheapest",
            d->target_n == 1 ? "the target" : "every target");
    escape_html(out, answer);
    fputs("</h1>\n<p class=\"lede\">", out);
    write_lede(d, out);
    fputs("</p>\n", out);
    write_chips(d, out);
    write_warnings(d, out);
    fputs("</div>\n<div class=\"kpis\">\n", out);
    kpi(d, "Cost a month", "USD/month", &shown->cost, &today->cost, &d->from_today.cost_share,
        &d->from_today.cost, out);
    kpi(d, "p95 wait", "s", &shown->wait, &today->wait, &d->from_today.wait_share,
        &d->from_today.wait, out);
    kpi(d, "Utilization", "share", &shown->utilization, &today->utilization,
        &d->from_today.utilization, &d->from_today.utilization, out);
    nodes_kpi(d, out);
    fputs("</div>\n", out);
    write_n(d, out);
}
