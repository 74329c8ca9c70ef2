/* SPDX-License-Identifier: Apache-2.0 */
/* The answer in one sentence. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/orders.h"
#include "reports/page.h"

static double cost(const struct report_fleet *f)
{
    return report_metric(f, METRIC_COST_MONTH)->mean;
}

/* Of fleets of the same nodes: who waits least, not what is cheap. */
static void write_wait(const struct report_data *d, FILE *out)
{
    const struct report_fleet *base = &d->fleets[d->baseline], *pick = &d->fleets[d->pick];
    const char *name = order_label(d, d->pick), *base_name = order_label(d, d->baseline);
    const struct estimate *mine = report_metric(pick, METRIC_WAIT_P95),
                          *theirs = report_metric(base, METRIC_WAIT_P95),
                          *difference = &pick->difference[metric_index(METRIC_WAIT_P95)];
    double half = isnan(difference->half) ? 0 : difference->half;
    const char *that_meets = d->slo_n ? " that meets every target" : "";
    if (d->pick == d->baseline)
        fprintf(out, "Keep %s: no other scheduler%s has a shorter p95 wait than its %s", base_name,
                that_meets, format_duration(mine->mean).s);
    else if (theirs->n > 0 && difference->mean + half < 0)
        fprintf(out, "%s waits least%s: its p95 wait is %s instead of %s with %s", name,
                d->slo_n ? " of those that meet every target" : "", format_duration(mine->mean).s,
                format_duration(theirs->mean).s, base_name);
    else if (theirs->n > 0 && (d->slo_n == 0 || base->overall == VERDICT_MEETS))
        fprintf(out, "%s and %s are not clearly different in p95 wait: %s and %s", name, base_name,
                format_duration(mine->mean).s, format_duration(theirs->mean).s);
    else
        fprintf(out, "%s waits least%s: its p95 wait is %s", name,
                d->slo_n ? " of those that meet every target" : "", format_duration(mine->mean).s);
}

char *report_answer(const struct report_data *d)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    const struct report_fleet *base = &d->fleets[d->baseline],
                              *pick = d->pick >= 0 ? &d->fleets[d->pick] : NULL;
    if (!pick) {
        int unclear = 0;
        for (int32_t f = 0; f < d->fleet_n; f++) unclear += d->fleets[f].overall == VERDICT_UNCLEAR;
        if (unclear)
            fprintf(out, "No fleet surely meets every target: %d of %d %s too close to call",
                    unclear, d->fleet_n, unclear == 1 ? "is" : "are");
        else if (d->fleet_n == 1) fprintf(out, "%s misses its targets", base->name);
        else fprintf(out, "None of the %d fleets meets every target", d->fleet_n);
    } else if (d->same_nodes) {
        write_wait(d, out);
    } else if (d->fleet_n == 1) {
        fprintf(out, "%s costs %s a month%s", pick->name, format_usd(cost(pick)).s,
                d->slo_n ? " and meets every target" : "");
    } else if (d->pick == d->baseline) {
        fprintf(out, "Keep %s: at %s a month no other fleet%s is cheaper", pick->name,
                format_usd(cost(pick)).s, d->slo_n ? " that meets every target" : "");
    } else {
        const struct estimate *change = &pick->cost_change;
        double half = isnan(change->half) ? 0 : change->half;
        if (change->n > 0 && change->mean + half < 0) {
            struct format_text saved = format_percent_interval(-change->mean, change->half);
            fprintf(out, "%s saves %s%s: %s a month instead of %s", pick->name, saved.s,
                    strstr(saved.s, "\u00b1") ? "%" : "", format_usd(cost(pick)).s,
                    format_usd(cost(base)).s);
        } else if (change->n > 0 && change->mean - half > 0) {
            fprintf(out,
                    "%s is the cheapest fleet that meets every target: %s a month, %s more than %s",
                    pick->name, format_usd(cost(pick)).s, format_percent(change->mean).s,
                    base->name);
        } else {
            fprintf(out, "%s and %s are not clearly different in cost: %s and %s a month",
                    pick->name, base->name, format_usd(cost(pick)).s, format_usd(cost(base)).s);
        }
    }
    return fclose(out) == 0 ? text : NULL;
}
