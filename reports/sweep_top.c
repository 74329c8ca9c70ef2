/* SPDX-License-Identifier: Apache-2.0 */
/* The first screen of a sweep's page: the answer, its targets, what to know first, key figures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/metrics.h"
#include "reports/page_parts.h"
#include "reports/sweep_parts.h"

enum { CARDS_MAX = 4, CHIPS_MAX = 6 };

/* The row that the page is about: the pick of the one world, or what is nearest to it; -1: of many
 * worlds there is none. */
static int32_t shown_of(const struct sweep_data *d)
{
    const struct sweep_world *w = &d->worlds[0];
    if (d->world_n > 1) return -1;
    return w->pick >= 0 ? w->pick : w->nearest;
}

static void owned(char *text, const char *before, const char *after, FILE *out)
{
    if (text && *text) {
        fputs(before, out);
        escape_html(out, text);
        fputs(after, out);
    }
    free(text);
}

static void write_lede(const struct sweep_data *d, FILE *out)
{
    int32_t row = shown_of(d);
    if (row >= 0) {
        owned(sweep_row_text(d, row, true), d->worlds[0].pick < 0 ? "Nearest: " : "", "", out);
        fputs(" is ", out);
        escape_html(out, d->rows[row].summary);
        fputs(". ", out);
        owned(sweep_world_next(d, 0), "Next: ", ". ", out);
    }
    fprintf(out, "%s point%s simulated", format_count(d->point_n).s,
            d->point_n == 1 ? " was" : "s were");
    if (d->row_n > d->point_n) fprintf(out, ", %s rows of fleets", format_count(d->row_n).s);
    if (d->world_n > 1)
        fprintf(out, ", in %s worlds with a decision each", format_count(d->world_n).s);
    fputs(".", out);
}

static void target_chips(const struct sweep_data *d, int32_t row, FILE *out)
{
    const struct swept_row *r = &d->rows[row];
    const struct swept_point *p = &d->list[r->point];
    for (int32_t t = 0; t < p->target_n; t++) {
        const struct swept_target *target = &p->targets[t];
        const struct mean_interval *m = &r->metrics[target->metric];
        double half = isnan(m->half) ? 0 : m->half;
        bool good =
            !(r->n > 1 && isnan(m->half)) &&
            (target->at_most ? m->mean + half <= target->target : m->mean - half >= target->target);
        char after[120];
        snprintf(after, sizeof after, ": %s",
                 format_metric(m->mean, m->half, metric_defs[target->metric].unit).s);
        page_chip(out, good, "", target->label, after);
    }
}

static void world_chips(const struct sweep_data *d, FILE *out)
{
    for (int32_t i = 0; i < d->world_n && i < CHIPS_MAX; i++) {
        const struct sweep_world *w = &d->worlds[i];
        char after[160];
        if (w->pick < 0) snprintf(after, sizeof after, ": nothing surely meets every target");
        else
            snprintf(after, sizeof after, ": %s of %s surely meet", format_count(w->meet_n).s,
                     format_count(w->row_n).s);
        page_chip(out, w->pick >= 0, "", w->text, after);
    }
    if (d->world_n > CHIPS_MAX)
        fprintf(out, "<li class=\"chip\"><span>%s more worlds below</span></li>\n",
                format_count(d->world_n - CHIPS_MAX).s);
}

static void write_chips(const struct sweep_data *d, FILE *out)
{
    int32_t row = shown_of(d);
    if (!d->has_targets || (row < 0 && d->world_n == 1)) return;
    fputs("<ul class=\"chips\">\n", out);
    if (row >= 0) target_chips(d, row, out);
    else world_chips(d, out);
    fputs("</ul>\n", out);
}

static void write_warnings(const struct sweep_data *d, FILE *out)
{
    int n = 0;
    bool single = true;
    int32_t infinite = 0, close = 0;
    char *unfinished = sweep_unfinished(d);
    for (int32_t i = 0; i < d->row_n; i++) {
        single &= d->rows[i].n == 1;
        infinite += *d->rows[i].tail != '\0';
    }
    for (int32_t w = 0; w < d->world_n; w++) {
        const struct sweep_world *world = &d->worlds[w];
        close += d->has_targets && world->next >= 0 &&
                 !(world->dearer.mean - world->dearer.half > 0) &&
                 !(world->dearer.mean == 0 && world->dearer.half == 0);
    }
    if (unfinished && *unfinished) {
        page_warning(out, &n);
        fputs(unfinished, out);
        fputs(".", out);
    }
    free(unfinished);
    if (d->mixed) {
        page_warning(out, &n);
        fputs("The workload varies with the fleets: a row may be cheap because its load is.", out);
    }
    if (single) {
        page_warning(out, &n);
        fputs("One replication a point: no figure here has an interval.", out);
    } else if (close > 0) {
        page_warning(out, &n);
        if (d->world_n == 1)
            fputs("The next best is not clearly dearer: its difference from the "
                  "cheapest has an interval that includes zero.",
                  out);
        else
            fprintf(out, "In %s of the worlds the next best is not clearly dearer.",
                    format_count(close).s);
    }
    if (infinite) {
        page_warning(out, &n);
        fprintf(out,
                "%s of %s rows have times to finish of infinite %s: no interval of theirs means "
                "anything, and none of them surely meets a target.",
                format_count(infinite).s, format_count(d->row_n).s, "variance or mean");
    }
    if (n) fputs("</p></div>\n", out);
}

static void share_card(const struct sweep_data *d, FILE *out)
{
    struct format_text share;
    snprintf(share.s, sizeof share.s, "%.28s of %.28s",
             format_count(d->has_targets ? d->meet_n : d->frontier_n).s, format_count(d->row_n).s);
    page_kpi(d->has_targets ? "Surely meet every target" : "On the frontier", share, out);
    if (d->has_targets)
        fprintf(out, "%s more too close to call</div></div>\n", format_count(d->unclear_n).s);
    else fputs("nothing is better in both cost and wait</div></div>\n", out);
}

static void world_card(const struct sweep_data *d, const struct sweep_world *w, FILE *out)
{
    struct format_text none = { "none" };
    page_kpi(w->text, w->pick >= 0 ? sweep_mean_text(&d->rows[w->pick], SWEEP_COST) : none, out);
    if (w->pick >= 0) {
        owned(sweep_row_text(d, w->pick, false), "a month: ", "", out);
        fprintf(out, ", p95 wait %s", sweep_mean_text(&d->rows[w->pick], SWEEP_WAIT).s);
    } else {
        fputs("nothing surely meets every target", out);
    }
    fputs("</div></div>\n", out);
}

/* Of few worlds each has a card, of many the first and the last. */
static void world_cards(const struct sweep_data *d, FILE *out)
{
    for (int32_t i = 0; i < d->world_n; i++)
        if (d->world_n <= CARDS_MAX || i == 0 || i == d->world_n - 1)
            world_card(d, &d->worlds[i], out);
    if (d->world_n != CARDS_MAX) share_card(d, out);
}

static void row_cards(const struct sweep_data *d, int32_t row, FILE *out)
{
    const struct swept_row *r = &d->rows[row];
    page_kpi("Cost per month", sweep_mean_text(r, SWEEP_COST), out);
    fputs("US dollars, 730 hours</div></div>\n", out);
    page_kpi("p95 wait", sweep_mean_text(r, SWEEP_WAIT), out);
    fputs("95% of the jobs start within it</div></div>\n", out);
    page_kpi("Utilization", sweep_mean_text(r, SWEEP_USE), out);
    fprintf(out, "of %s GPUs</div></div>\n", format_count((double)r->gpus).s);
    share_card(d, out);
}

void sweep_page_top(const struct sweep_data *d, const char *answer, FILE *out)
{
    int32_t row = shown_of(d), least = INT32_MAX, most = 0;
    fprintf(out, "<div class=\"answer\">\n<p class=\"over\">%s</p>\n<h1>",
            d->has_targets ? "Cheapest that surely meets every target"
                           : "What costs least, and what waits least");
    escape_html(out, answer);
    fputs("</h1>\n<p class=\"lede\">", out);
    write_lede(d, out);
    fputs("</p>\n", out);
    write_chips(d, out);
    write_warnings(d, out);
    fputs("</div>\n", out);
    if (row >= 0 || d->world_n > 1) {
        fputs("<div class=\"kpis\">\n", out);
        if (row >= 0) row_cards(d, row, out);
        else world_cards(d, out);
        fputs("</div>\n", out);
    }
    for (int32_t i = 0; i < d->row_n; i++) {
        if (d->rows[i].n < least) least = d->rows[i].n;
        if (d->rows[i].n > most) most = d->rows[i].n;
    }
    if (most == 1) {
        fputs("<p class=\"fine\">n = 1: no intervals.</p>\n", out);
        return;
    }
    fprintf(out, "<p class=\"fine\">\u00b1 is half the 95%% interval of the mean over n = %d",
            (int)least);
    if (most > least) fprintf(out, " to %d", (int)most);
    fputs(" replications (Student's t).</p>\n", out);
}
