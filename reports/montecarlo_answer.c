/* SPDX-License-Identifier: Apache-2.0 */
/* What a Monte Carlo study says in words: the answer, and how far its model is to be believed. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/montecarlo_data.h"

const struct estimate *montecarlo_mean(const struct montecarlo_plan *plan, const char *metric)
{
    return &plan->metric[montecarlo_metric_index(metric)];
}

struct format_text montecarlo_mean_text(const struct montecarlo_plan *plan, const char *metric)
{
    const struct estimate *e = montecarlo_mean(plan, metric);
    return format_metric(e->mean, e->half,
                         montecarlo_metrics[montecarlo_metric_index(metric)].unit);
}

struct format_text montecarlo_chance_text(double p)
{
    struct format_text t;
    if (p <= 0 || p >= 1 || (p >= 0.0005 && p < 0.995) || isnan(p))
        return p == 0 ? (struct format_text){ "0%" } : format_percent(p);
    if (p < 0.0005) snprintf(t.s, sizeof t.s, "under 0.1%%");
    else if (p > 0.9995) snprintf(t.s, sizeof t.s, "over 99.9%%");
    else snprintf(t.s, sizeof t.s, "%.1f%%", 100 * p);
    return t;
}

static struct format_text usd_year(const struct montecarlo_plan *p)
{
    return format_usd(montecarlo_mean(p, MONTECARLO_COST_YEAR)->mean);
}

static const char *keeps(const struct montecarlo_data *d)
{
    return d->target_n == 1 ? "keeps its risk within tolerance"
                            : "keeps every risk within tolerance";
}

static void write_none(const struct montecarlo_data *d, FILE *out)
{
    if (d->plan_n == 1)
        fprintf(out, d->unclear_n ? "%s may not %s: too close to call" : "%s does not %s",
                d->plans[0].name,
                d->target_n == 1 ? "keep its risk within tolerance"
                                 : "keep every risk within tolerance");
    else if (d->unclear_n)
        fprintf(out, "No fleet surely %s: %s of %s %s too close to call", keeps(d),
                format_count(d->unclear_n).s, format_count(d->plan_n).s,
                d->unclear_n == 1 ? "is" : "are");
    else fprintf(out, "None of the %s fleets %s", format_count(d->plan_n).s, keeps(d));
}

/* Another than the baseline: what it saves, or what keeping the risks costs. */
static void write_change(const struct montecarlo_data *d, FILE *out)
{
    const struct montecarlo_plan *base = &d->plans[d->baseline], *pick = &d->plans[d->pick];
    double of = montecarlo_mean(base, MONTECARLO_COST_YEAR)->mean,
           change = pick->regret.from_baseline / of, half = pick->regret.from_baseline_half / of,
           sure = isnan(half) ? 0 : half;
    if (of > 0 && change + sure < 0) {
        struct format_text saved = format_percent_interval(-change, half);
        fprintf(out, "%s saves %s%s: %s a year instead of %s", pick->name, saved.s,
                strstr(saved.s, "\u00b1") ? "%" : "", usd_year(pick).s, usd_year(base).s);
    } else if (of > 0 && change - sure > 0) {
        fprintf(out, "%s is the cheapest fleet that %s: %s a year, %s more than %s", pick->name,
                keeps(d), usd_year(pick).s, format_percent(change).s, base->name);
    } else if (of > 0 && !isnan(change)) {
        fprintf(out, "%s and %s are not clearly different in cost: %s and %s a year", pick->name,
                base->name, usd_year(pick).s, usd_year(base).s);
    } else {
        fprintf(out, "%s is the cheapest fleet: %s a year", pick->name, usd_year(pick).s);
    }
}

char *montecarlo_answer(const struct montecarlo_data *d)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    if (d->pick < 0) {
        write_none(d, out);
    } else if (d->plan_n == 1) {
        fprintf(out, "%s costs %s a year", d->plans[0].name, usd_year(&d->plans[0]).s);
        if (d->target_n) fprintf(out, " and %s", keeps(d));
    } else if (d->pick == d->baseline) {
        fprintf(out, "Keep %s: at %s a year no other fleet", d->plans[d->pick].name,
                usd_year(&d->plans[d->pick]).s);
        if (d->target_n) fprintf(out, " that %s", keeps(d));
        fputs(" is cheaper", out);
    } else {
        write_change(d, out);
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

/* The check of a metric that is furthest off; NULL: none. */
static const struct montecarlo_check *worst_of(const struct montecarlo_data *d, const char *metric)
{
    const struct montecarlo_check *worst = NULL;
    for (int32_t i = 0; i < d->check_n; i++) {
        const struct montecarlo_check *c = &d->checks[i];
        if (strcmp(c->metric, metric) != 0 || isnan(c->error)) continue;
        if (!worst || fabs(c->error) > fabs(worst->error)) worst = c;
    }
    return worst;
}

char *montecarlo_calibration(const struct montecarlo_data *d)
{
    char *text = NULL;
    size_t n = 0;
    int named = 0;
    int32_t fleets = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    for (int32_t i = 0; i < d->check_n; i++)
        fleets += i == 0 || strcmp(d->checks[i].fleet, d->checks[i - 1].fleet) != 0;
    for (const struct montecarlo_metric *m = montecarlo_metrics; m->name; m++) {
        const struct montecarlo_check *c = worst_of(d, m->name);
        if (!c) continue;
        fputs(named++ ? ", " : "Against the simulation of each job the model is off by ", out);
        fprintf(out, "%s in %c%s", format_change(c->error, NAN).s, tolower(m->title[0]),
                m->title + 1);
    }
    if (named && fleets > 1) fprintf(out, " (the furthest of %d fleets)", fleets);
    if (!named) fputs("The model was not checked against a simulation of each job", out);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

int32_t montecarlo_shown(const struct montecarlo_data *d, int32_t most,
                         int32_t shown[MONTECARLO_SHOWN_PAGE + 1])
{
    int32_t n = 0;
    bool baseline = false;
    for (int32_t i = 0; i < d->plan_n && i < most && i < MONTECARLO_SHOWN_PAGE; i++) {
        baseline |= d->ranking[i] == d->baseline;
        shown[n++] = d->ranking[i];
    }
    if (!baseline) shown[n++] = d->baseline;
    return n;
}
