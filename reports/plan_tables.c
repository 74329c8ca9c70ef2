/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a plan's page: its fleets, what to change, what would change the answer, how sure
 * it is. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/estimate.h"
#include "reports/format.h"
#include "reports/page_parts.h"
#include "reports/plan_parts.h"

enum { ALL_MAX = 200 };

static void cell(const struct mean_interval *m, const char *unit, FILE *out)
{
    if (!isfinite(m->mean)) {
        fputs("<td>n/a</td>", out);
        return;
    }
    struct format_text whole = format_metric(m->mean, m->half, unit);
    const char *half = strstr(whole.s, "\u00b1");
    fprintf(out, "<td data-v=\"%.9g\">%s", m->mean, format_metric(m->mean, NAN, unit).s);
    if (half) fprintf(out, "<small>%s</small>", half);
    fputs("</td>", out);
}

/* ---- Fleets ---- */

static void open_fleets(const char *id, const char *label, FILE *out)
{
    fprintf(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table "
        "class=\"sort wide\" id=\"%s\">\n<caption>Means over n replications; \u00b1 half the 95%% "
        "interval. Against today: paired, replication by replication. Select a column head to "
        "sort.</caption>\n<thead><tr><th scope=\"col\">Fleet</th><th scope=\"col\">Cost a "
        "month</th><th scope=\"col\">Against today</th><th scope=\"col\">p95 wait</th><th "
        "scope=\"col\">Targets</th><th scope=\"col\">Utilization</th><th "
        "scope=\"col\">Nodes</th><th scope=\"col\">GPUs</th><th "
        "scope=\"col\">n</th></tr></thead>\n<tbody>\n",
        label, id);
}

static void against_cell(const struct plan_data *d, int32_t fleet, FILE *out)
{
    const struct mean_interval *by = &d->fleets[fleet].against;
    double today = d->fleets[d->today].cost.mean;
    if (fleet == d->today) {
        fputs("<td data-v=\"0\">reference</td>", out);
        return;
    }
    if (!isfinite(by->mean) || !(today > 0)) {
        fputs("<td>n/a</td>", out);
        return;
    }
    fprintf(out, "<td data-v=\"%.9g\">%s<small>%s</small></td>", by->mean,
            format_signed_usd(by->mean, by->half).s, format_change(by->mean / today, NAN).s);
}

static void verdict_cell(const struct planned_fleet *f, FILE *out)
{
    fprintf(out, "<td><span class=\"tag %s\">%s</span>",
            f->verdict == VERDICT_MEETS ? "good" : "bad",
            f->verdict == VERDICT_NONE ? "no target" : verdict_word(f->verdict));
    if (*f->missed) {
        fputs("<small>", out);
        escape_html(out, f->missed);
        fputs("</small>", out);
    }
    fputs("</td>", out);
}

/* Fleets that vary have the name of today's and are told by what varies. */
static void name_of(const struct plan_data *d, const struct planned_fleet *f, FILE *out)
{
    bool is_named = !*f->params || strcmp(f->name, d->fleets[d->today].name) != 0;
    if (is_named) escape_html(out, f->name);
    if (is_named && *f->params) fputs(" with ", out);
    escape_html(out, f->params);
}

static void fleet_row(const struct plan_data *d, int32_t fleet, FILE *out)
{
    const struct planned_fleet *f = &d->fleets[fleet];
    const char *role = plan_role(d, fleet);
    fprintf(out, "<tr%s><th scope=\"row\">", fleet == d->pick ? " class=\"pick\"" : "");
    if (*role) fputs(role, out);
    else name_of(d, f, out);
    if (*role && (*f->params || strcmp(f->name, role) != 0)) {
        fputs("<small>", out);
        name_of(d, f, out);
        fputs("</small>", out);
    }
    fputs("<small>", out);
    escape_html(out, f->summary);
    fputs("</small></th>", out);
    cell(&f->cost, "USD/month", out);
    against_cell(d, fleet, out);
    cell(&f->wait, "s", out);
    verdict_cell(f, out);
    cell(&f->utilization, "share", out);
    fprintf(out, "<td data-v=\"%lld\">%s</td><td data-v=\"%lld\">%s</td><td>%d</td></tr>\n",
            (long long)f->nodes, format_count((double)f->nodes).s, (long long)f->gpus,
            format_count((double)f->gpus).s, (int)f->n);
}

void plan_page_fleets(const struct plan_data *d, FILE *out)
{
    open_fleets("plans", "Fleets compared", out);
    for (int32_t f = 0; f < d->fleet_n; f++)
        if (*plan_role(d, f)) fleet_row(d, f, out);
    fputs("</tbody></table></div>\n", out);
}

void plan_page_all(const struct plan_data *d, FILE *out)
{
    int32_t others = 0;
    for (int32_t f = 0; f < d->fleet_n; f++) others += !*plan_role(d, f);
    if (!others) return;
    fprintf(out, "<details%s><summary>%s more fleet%s that %s looked at%s</summary>\n",
            d->pick < 0 ? " open=\"open\"" : "", format_count(others).s, others == 1 ? "" : "s",
            others == 1 ? "was" : "were", others > ALL_MAX ? ": the first 200" : "");
    open_fleets("all", "All other fleets", out);
    for (int32_t f = 0, n = 0; f < d->fleet_n && n < ALL_MAX; f++)
        if (!*plan_role(d, f)) fleet_row(d, f, out), n++;
    fputs("</tbody></table></div>\n</details>\n", out);
}

/* ---- What to change ---- */

static void change_row(const struct planned_change *c, FILE *out)
{
    const char *class_ = c->sign == '+' ? "plus" : c->sign == '-' ? "minus" : "set";
    fprintf(out, "<li class=\"%s\">%s ", class_,
            c->sign == '-'   ? "\u2212"
            : c->sign == '+' ? "+"
                             : "~");
    escape_html(out, c->text);
    if (isfinite(c->usd)) fprintf(out, ": %s a month", format_signed_usd(c->usd, NAN).s);
    if (*c->note) {
        fputs(", ", out);
        escape_html(out, c->note);
    }
    fputs("</li>\n", out);
}

void plan_page_change(const struct plan_data *d, FILE *out)
{
    if (d->pick < 0) {
        fputs("<p>Nothing can be recommended: no fleet that was looked at surely meets the "
              "targets.</p>\n",
              out);
    } else if (d->pick == d->today) {
        fputs("<p>Nothing: the plan is what there is today.</p>\n", out);
    } else {
        fputs("<p>From today\u2019s fleet to the plan. Dollars are list prices of what is always "
              "there; what comes and goes, and what commitments are poured over, is in the "
              "simulated bill alone.</p>\n<ul class=\"change\">\n",
              out);
        for (int32_t i = 0; i < d->change_n; i++) change_row(&d->changes[i], out);
        if (!d->change_n) fputs("<li>~ only the keys below</li>\n", out);
        const struct mean_interval *by = &d->from_today.cost;
        fprintf(out, "<li>= %s a month in the simulated bill, n = %d</li>\n</ul>\n",
                format_signed_usd(by->mean, by->half).s, (int)d->from_today.n);
        if (*d->keys) {
            fputs("<p class=\"fine\">In the scenario: <code>", out);
            escape_html(out, d->keys);
            fputs("</code>.</p>\n", out);
        }
    }
    fputs("<p class=\"fine\">Seatrial changes nothing itself: it never talks to a cloud "
          "account.</p>\n",
          out);
}

/* ---- What would change the answer ---- */

void plan_page_flips(const struct plan_data *d, FILE *out)
{
    if (d->pick < 0 || !d->flips_known) {
        fputs(d->pick < 0 ? "<p>There is no answer to change.</p>\n"
                          : "<p>It was not looked for.</p>\n",
              out);
        return;
    }
    if (!d->flip_n) {
        fputs("<p>Nothing that was looked at changes it.</p>\n", out);
        return;
    }
    fputs("<p>One thing at a time, all else as it is. Up to there the plan stays.</p>\n<div "
          "class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"What would change the "
          "answer\"><table id=\"levers\">\n<thead><tr><th scope=\"col\">If</th><th "
          "scope=\"col\">is at</th><th scope=\"col\" class=\"l\">then</th><th scope=\"col\" "
          "class=\"l\">and best is</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t i = 0; i < d->flip_n; i++) {
        const struct planned_flip *flip = &d->flips[i];
        fprintf(out, "<tr%s><th scope=\"row\">", i == d->nearest ? " class=\"pick\"" : "");
        escape_html(out, flip->lever);
        fputs("</th><td>", out);
        escape_html(out, flip->at);
        fputs("</td><td class=\"l wrap\">", out);
        escape_html(out, flip->then);
        fputs("</td><td class=\"l wrap\">", out);
        escape_html(out, *flip->other ? flip->other : "not known");
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

/* ---- How sure ---- */

static void difference_row(const char *title, const struct planned_difference *by, FILE *out)
{
    fprintf(out, "<tr><th scope=\"row\">%s</th>", title);
    cell(&by->cost, "USD/month", out);
    cell(&by->wait, "s", out);
    fprintf(out, "<td>%d</td></tr>\n", (int)by->n);
}

void plan_page_sure(const struct plan_data *d, FILE *out)
{
    fputs("<p>A fleet <b>surely meets</b> a target where the whole 95% interval of its mean over "
          "replications lies on the right side of it, <b>misses</b> it where the whole interval "
          "lies on the other, and is <b>unclear</b> else. All fleets meet the same draws (common "
          "random numbers).</p>\n",
          out);
    if (d->pick >= 0 && d->next >= 0)
        fprintf(
            out,
            "<p>The choice among those that meet is by Kim and Nelson\u2019s procedure KN: the "
            "fleet named is the %s with a confidence of %g%%, where the others are worse by %g%% "
            "or more. It %s.</p>\n",
            d->is_fastest ? "fastest" : "cheapest", 100 * d->confidence, 100 * d->indifference,
            d->is_clear ? "leaves the plan alone"
                        : "does not leave the plan alone after these replications: others may "
                          "be as good");
    if (d->fleets[d->today].n == 1)
        fputs("<p>With one replication the figure itself decides, and nothing has an "
              "interval.</p>\n",
              out);
    if (d->pick < 0 || (d->pick == d->today && d->next < 0)) return;
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Paired "
          "differences\"><table>\n<caption>Paired differences, replication by replication; \u00b1 "
          "half the 95% interval.</caption>\n<thead><tr><th scope=\"col\">Difference</th><th "
          "scope=\"col\">Cost a month</th><th scope=\"col\">p95 wait</th><th "
          "scope=\"col\">n</th></tr></thead>\n<tbody>\n",
          out);
    if (d->pick != d->today) difference_row("plan \u2212 today", &d->from_today, out);
    if (d->next >= 0) difference_row("runner-up \u2212 plan", &d->to_next, out);
    fputs("</tbody></table></div>\n", out);
}
