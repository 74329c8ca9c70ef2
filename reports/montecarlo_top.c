/* SPDX-License-Identifier: Apache-2.0 */
/* The first screen of a study's page: the answer, its chances, what to know first, four figures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/montecarlo_parts.h"
#include "reports/page_parts.h"

static const struct montecarlo_plan *shown_of(const struct montecarlo_data *d)
{
    return &d->plans[d->shown];
}

static void write_lede(const struct montecarlo_data *d, FILE *out)
{
    const struct montecarlo_plan *p = shown_of(d);
    if (d->pick < 0) fputs("Nearest to the targets: ", out);
    escape_html(out, p->name);
    if (*p->summary) {
        fputs(" is ", out);
        escape_html(out, p->summary);
    }
    if (!isnan(p->at_risk.usd))
        fprintf(out, ". %s bills are below %s, and the others %s on average",
                "95 of 100 years\u2019", format_usd(p->at_risk.usd).s,
                format_usd(p->at_risk.cvar).s);
    if (montecarlo_mean(p, MONTECARLO_WAIT_P95)->n)
        fprintf(out, ". 95%% of the work starts within %s",
                format_duration(montecarlo_mean(p, MONTECARLO_WAIT_P95)->mean).s);
    fputs(".", out);
}

/* "1.2% of futures, may be 5.0%". */
static void chance_chip(const struct montecarlo_event *e, const struct montecarlo_chance *c,
                        FILE *out)
{
    char after[256];
    bool none = c->probability <= 0;
    snprintf(after, sizeof after, ": %s%s, may be %s%s",
             none ? "none" : montecarlo_chance_text(c->probability).s,
             none ? " of the futures" : " of futures", format_percent(e->tolerance).s,
             c->verdict == MONTECARLO_UNCLEAR ? ": too close to call" : "");
    page_chip(out, c->verdict == MONTECARLO_MEETS, "", e->label, after);
}

static void write_chips(const struct montecarlo_data *d, FILE *out)
{
    const struct montecarlo_plan *p = shown_of(d), *base = &d->plans[d->baseline];
    fputs("<ul class=\"chips\">\n", out);
    for (int32_t e = 0; e < d->event_n; e++)
        if (d->events[e].tolerance >= 0) chance_chip(&d->events[e], &p->chances[e], out);
    if (d->plan_n > 1 && d->pick >= 0 && !isnan(p->regret.cheapest_share)) {
        char text[96];
        snprintf(text, sizeof text, "cheapest in %s of futures",
                 montecarlo_chance_text(p->regret.cheapest_share).s);
        page_chip(out, p->regret.cheapest_share >= 0.5, "", text, "");
    }
    if (d->target_n && base != p)
        page_chip(out, base->overall == MONTECARLO_MEETS, "", base->name,
                  base->overall == MONTECARLO_MEETS     ? " meets every target too"
                  : base->overall == MONTECARLO_UNCLEAR ? " may miss a target"
                                                        : " misses a target");
    fputs("</ul>\n", out);
}

/* How far the model's cost is off where that was looked at, the furthest; 0: nowhere. */
static double cost_error(const struct montecarlo_data *d)
{
    double most = 0;
    for (int32_t i = 0; i < d->check_n; i++)
        if (strncmp(d->checks[i].metric, "cost_", 5) == 0 && !isnan(d->checks[i].error))
            most = fmax(most, fabs(d->checks[i].error));
    return most;
}

static void write_warnings(const struct montecarlo_data *d, FILE *out)
{
    const struct montecarlo_plan *p = shown_of(d);
    int n = 0;
    double base = montecarlo_mean(&d->plans[d->baseline], MONTECARLO_COST_YEAR)->mean,
           saved = fabs(p->regret.from_baseline) / base, off = cost_error(d);
    if (d->check_n == 0) {
        page_warning(out, &n);
        fputs("The model was not checked against a simulation of each job.", out);
    } else if (d->shown != d->baseline && off > saved) {
        page_warning(out, &n);
        fprintf(out,
                "The model\u2019s cost is off by up to %s against the simulation of each job: more "
                "than the two fleets differ by. Run both with seatrial run before you decide.",
                format_percent(off).s);
    }
    if (d->rival_n > 0) {
        page_warning(out, &n);
        fprintf(out, "%s other %s not clearly dearer than ", format_count(d->rival_n).s,
                d->rival_n == 1 ? "fleet is" : "fleets are");
        escape_html(out, p->name);
        fputs(": the interval of the difference includes zero.", out);
    }
    if (d->unclear_n > 0 && d->pick < 0) {
        page_warning(out, &n);
        fputs("More replications may decide what is too close to call.", out);
    }
    for (int32_t i = 0; i < d->precision_n; i++) {
        const struct montecarlo_precision *of = &d->precisions[i];
        if (strcmp(of->metric, "value_at_risk_95") != 0 || !of->is_measured ||
            of->replications != d->replications || !(of->half_share > d->precision))
            continue;
        page_warning(out, &n);
        fprintf(out, "Asked for the p95 of a year\u2019s bill to %s, it is known to %s.",
                format_percent(d->precision).s, format_percent(of->half_share).s);
    }
    if (n) fputs("</p></div>\n", out);
}

/* On the baseline, and how far that is away. */
static void end_kpi(const struct montecarlo_data *d, double mine, double theirs, const char *unit,
                    FILE *out)
{
    if (d->shown == d->baseline) fputs("the baseline itself", out);
    else if (isfinite(theirs)) {
        fprintf(out, "%s on ", format_metric(theirs, NAN, unit).s);
        escape_html(out, d->plans[d->baseline].name);
        if (strcmp(unit, "share") == 0)
            fprintf(out,
                    fabs(mine - theirs) < 0.005 ? ", <b>no change</b>" : ", <b>%+.0f points</b>",
                    100 * (mine - theirs));
        else if (theirs > 0) fprintf(out, ", <b>%s</b>", format_change(mine / theirs - 1, NAN).s);
    }
    fputs("</div></div>\n", out);
}

static void kpi(const struct montecarlo_data *d, const char *title, const char *metric, FILE *out)
{
    const struct estimate *mine = montecarlo_mean(shown_of(d), metric),
                          *theirs = montecarlo_mean(&d->plans[d->baseline], metric);
    page_kpi(title, montecarlo_mean_text(shown_of(d), metric), out);
    end_kpi(d, mine->mean, theirs->mean, montecarlo_metrics[montecarlo_metric_index(metric)].unit,
            out);
}

void montecarlo_page_top(const struct montecarlo_data *d, const char *answer, FILE *out)
{
    char *calibration = montecarlo_calibration(d);
    const struct montecarlo_value_at_risk *mine = &shown_of(d)->at_risk,
                                          *theirs = &d->plans[d->baseline].at_risk;
    fprintf(out, "<div class=\"answer\">\n<p class=\"over\">%s</p>\n<h1>",
            d->target_n == 1  ? "Cheapest fleet that keeps its risk within tolerance"
            : d->target_n > 1 ? "Cheapest fleet that keeps every risk within tolerance"
                              : "Cheapest fleet");
    escape_html(out, answer);
    fputs("</h1>\n<p class=\"lede\">", out);
    write_lede(d, out);
    fputs("</p>\n", out);
    write_chips(d, out);
    write_warnings(d, out);
    fputs("</div>\n<div class=\"kpis\">\n", out);
    kpi(d, "Cost per year", MONTECARLO_COST_YEAR, out);
    page_kpi("Value at risk, 95%",
             format_usd_interval(mine->usd, fmax(mine->high - mine->usd, mine->usd - mine->low)),
             out);
    end_kpi(d, mine->usd, theirs->usd, "USD/year", out);
    kpi(d, "p95 wait", MONTECARLO_WAIT_P95, out);
    kpi(d, "Utilization", MONTECARLO_UTILIZATION, out);
    fprintf(out,
            "</div>\n<p class=\"fine\">\u00b1 is half the 95%% interval over n = %s futures of %d "
            "%s. ",
            format_count((double)d->replications).s, d->years, d->years == 1 ? "year" : "years");
    escape_html(out, calibration ? calibration : "");
    fputs(".</p>\n", out);
    free(calibration);
}
