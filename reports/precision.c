/* SPDX-License-Identifier: Apache-2.0 */
/* What to know of a run's figures, in a sentence each: how well they are known that were to be
 * known so well, what waits leave out, and of which fleets no wait means much. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/page.h"
#include "reports/warnings.h"
#include "sim/interval.h"

static const char *words_of(const char *metric)
{
    static const struct {
        const char *metric, *words;
    } list[] = { { METRIC_COST_MONTH, "cost" },     { METRIC_UTILIZATION, "utilization" },
                 { METRIC_WAIT_MEAN, "mean wait" }, { METRIC_WAIT_P50, "p50 wait" },
                 { METRIC_WAIT_P90, "p90 wait" },   { METRIC_WAIT_P95, "p95 wait" },
                 { METRIC_WAIT_P99, "p99 wait" } };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(list[i].metric, metric) == 0) return list[i].words;
    return metric;
}

/* The fleet that has it least well: half / mean, infinite where there is no interval. */
static double worst(const struct report_data *d, const struct report_precision *p, int32_t *fleet,
                    bool *within)
{
    double most = -1;
    *within = true;
    *fleet = 0;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *e = report_metric(&d->fleets[f], p->metric);
        bool reached = interval_is_within((struct mean_interval){ e->mean, e->half }, p->share);
        double share = e->half == 0 ? 0 : e->half / fabs(e->mean);
        if (isnan(share)) share = INFINITY;
        if (share > most || (*within && !reached)) {
            most = share;
            *fleet = f;
        }
        *within = *within && reached;
    }
    return most;
}

static void write_figure(const struct report_data *d, const struct report_precision *p, FILE *out)
{
    int32_t fleet;
    bool within;
    double share = worst(d, p, &fleet, &within);
    fputs(words_of(p->metric), out);
    if (d->fleet_n > 1) fprintf(out, " of %s", d->fleets[fleet].name);
    if (isinf(share)) fputs(": no interval", out);
    else fprintf(out, " \u00b1%.2g%%", 100 * share);
    fprintf(out, " (wanted %.3g%%%s)", 100 * p->share, within ? "" : ", not reached");
}

char *report_precision(const struct report_data *d)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = d->precision_n ? open_memstream(&text, &n) : NULL;
    bool all = true;
    if (!out) return NULL;
    for (int32_t i = 0; i < d->precision_n; i++) {
        int32_t fleet;
        bool within;
        worst(d, &d->precisions[i], &fleet, &within);
        all = all && within;
    }
    if (all) fprintf(out, "%d replications were enough", d->replications);
    else
        fprintf(out, "%d replications%s were not enough", d->replications,
                d->replications == d->replications_most ? ", the most allowed," : "");
    fputs(" for the precision asked for: ", out);
    for (int32_t i = 0; i < d->precision_n; i++) {
        if (i) fputs("; ", out);
        write_figure(d, &d->precisions[i], out);
    }
    fputs(".", out);
    return fclose(out) == 0 ? text : NULL;
}

char *report_warm_up(const struct report_data *d)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = d->warm_up_runs ? open_memstream(&text, &n) : NULL;
    if (!out) return NULL;
    fprintf(out, "Waits leave out the first jobs of each run, %s on the mean and %s at most",
            format_count(d->warm_up_jobs).s, format_count(d->warm_up_most).s);
    if (d->warm_up_lost)
        fprintf(out, "; in %d of %d runs no end of the warm-up was found, and none is left out",
                d->warm_up_lost, d->warm_up_runs);
    fputs(".", out);
    return fclose(out) == 0 ? text : NULL;
}

static char *with_warnings(const struct report_data *d,
                           char *words(const struct fleet_warning *fleets, int32_t n))
{
    struct fleet_warning *of = calloc((size_t)d->fleet_n, sizeof *of);
    for (int32_t f = 0; of && f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        of[f] =
            (struct fleet_warning){ fleet->name,         fleet->offered,   fleet->ceiling,
                                    fleet->tail_moment,  fleet->tail_gpus, fleet->tail_failure_s,
                                    fleet->tail_excess_s };
    }
    char *text = of ? words(of, d->fleet_n) : NULL;
    free(of);
    return text;
}

char *report_overload(const struct report_data *d) { return with_warnings(d, warning_overload); }

char *report_tails(const struct report_data *d) { return with_warnings(d, warning_tails); }
