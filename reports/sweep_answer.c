/* SPDX-License-Identifier: Apache-2.0 */
/* What a sweep says in words. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/estimate.h"
#include "reports/sweep_data.h"

enum { WORLDS_NAMED = 3 };

struct format_text sweep_mean_text(const struct swept_row *row, enum sweep_figure figure)
{
    const struct mean_interval *m = sweep_mean_of(row, figure);
    return format_metric(m->mean, m->half, sweep_figures[figure].unit);
}

const char *sweep_verdict(enum verdict verdict)
{
    return verdict == VERDICT_NONE ? "no target" : verdict_word(verdict);
}

static struct format_text cost_text(const struct sweep_data *d, int32_t row)
{
    return format_usd(sweep_mean_of(&d->rows[row], SWEEP_COST)->mean);
}

static struct format_text wait_text(const struct sweep_data *d, int32_t row)
{
    return format_duration(sweep_mean_of(&d->rows[row], SWEEP_WAIT)->mean);
}

static void write_row(const struct sweep_data *d, int32_t row, FILE *out)
{
    char *text = sweep_row_text(d, row, false);
    fputs(text ? text : "", out);
    free(text);
}

/* ---- The sentence ---- */

static void write_ends(const struct sweep_data *d, const struct sweep_world *w, FILE *out)
{
    if (w->pick == w->fastest) {
        write_row(d, w->pick, out);
        fprintf(out, "%s: %s a month, p95 wait %s",
                d->row_n > 1 ? " is the cheapest and waits least" : "", cost_text(d, w->pick).s,
                wait_text(d, w->pick).s);
        return;
    }
    write_row(d, w->pick, out);
    fprintf(out, " is the cheapest: %s a month, p95 wait %s; ", cost_text(d, w->pick).s,
            wait_text(d, w->pick).s);
    write_row(d, w->fastest, out);
    fprintf(out, " waits least: %s, %s", cost_text(d, w->fastest).s, wait_text(d, w->fastest).s);
}

static void write_none(const struct sweep_data *d, int32_t unclear, int32_t rows, FILE *out)
{
    if (unclear)
        fprintf(out, "Nothing surely meets every target: %s of %s %s too close to call",
                format_count(unclear).s, format_count(rows).s, unclear == 1 ? "is" : "are");
    else if (!d->has_targets) fputs("No job ran on any of these fleets", out);
    else fprintf(out, "None of %s meets every target", format_count(rows).s);
}

static void write_one_world(const struct sweep_data *d, FILE *out)
{
    const struct sweep_world *w = &d->worlds[0];
    if (w->pick < 0) write_none(d, w->unclear_n, w->row_n, out);
    else if (!d->has_targets) write_ends(d, w, out);
    else {
        write_row(d, w->pick, out);
        fprintf(out,
                d->row_n > 1 ? " is the cheapest that surely meets every target: %s a month"
                             : " surely meets every target and costs %s a month",
                cost_text(d, w->pick).s);
    }
}

static void write_few_worlds(const struct sweep_data *d, FILE *out)
{
    const char *separator =
        d->has_targets ? "Every target is surely met from " : "The cheapest costs ";
    for (int32_t i = 0; i < d->world_n; i++) {
        const struct sweep_world *w = &d->worlds[i];
        if (w->pick < 0) continue;
        fprintf(out, "%s%s a month (%s)", separator, cost_text(d, w->pick).s, w->text);
        separator = ", from ";
        if (!d->has_targets) separator = ", ";
    }
    separator = "; nothing meets every target at ";
    for (int32_t i = 0; i < d->world_n; i++)
        if (d->worlds[i].pick < 0) {
            fprintf(out, "%s%s", separator, d->worlds[i].text);
            separator = ", ";
        }
}

static void write_many_worlds(const struct sweep_data *d, int32_t met, FILE *out)
{
    const struct sweep_world *low = NULL, *high = NULL;
    for (int32_t i = 0; i < d->world_n; i++) {
        const struct sweep_world *w = &d->worlds[i];
        if (w->pick < 0) continue;
        double cost = sweep_mean_of(&d->rows[w->pick], SWEEP_COST)->mean;
        if (!low || cost < sweep_mean_of(&d->rows[low->pick], SWEEP_COST)->mean) low = w;
        if (!high || cost > sweep_mean_of(&d->rows[high->pick], SWEEP_COST)->mean) high = w;
    }
    fprintf(out,
            d->has_targets ? "In %s of %s worlds every target is surely met, "
                           : "In %s of %s worlds jobs ran, ",
            format_count(met).s, format_count(d->world_n).s);
    fprintf(out, "from %s a month (%s) to %s (%s)", cost_text(d, low->pick).s, low->text,
            cost_text(d, high->pick).s, high->text);
}

char *sweep_answer(const struct sweep_data *d)
{
    char *text = NULL;
    size_t n = 0;
    int32_t met = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    for (int32_t w = 0; w < d->world_n; w++) met += d->worlds[w].pick >= 0;
    if (d->world_n == 1) write_one_world(d, out);
    else if (met == 0) write_none(d, d->unclear_n, d->row_n, out);
    else if (d->world_n <= WORLDS_NAMED) write_few_worlds(d, out);
    else write_many_worlds(d, met, out);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

bool sweep_is_today(const struct sweep_data *d, int32_t row)
{
    return d->rows[row].is_baseline && d->list[d->rows[row].point].is_today;
}

char *sweep_today(const struct sweep_data *d)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    for (int32_t row = 0; row < d->row_n; row++) {
        if (!sweep_is_today(d, row) || !d->rows[row].is_answer) continue;
        fputs("Today it is ", out);
        char *name = sweep_row_text(d, row, true);
        fprintf(out, "%s: %s a month, p95 wait %s", name ? name : "",
                sweep_mean_text(&d->rows[row], SWEEP_COST).s,
                sweep_mean_text(&d->rows[row], SWEEP_WAIT).s);
        if (d->has_targets) fprintf(out, ", %s", sweep_verdict(d->rows[row].overall));
        free(name);
        break;
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

/* ---- One world ---- */

char *sweep_world_next(const struct sweep_data *d, int32_t world)
{
    const struct sweep_world *w = &d->worlds[world];
    const struct sweep_difference *by = &w->dearer;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    if (w->next >= 0 && d->has_targets) {
        write_row(d, w->next, out);
        if (by->mean == 0 && by->half == 0) {
            bool longer = sweep_mean_of(&d->rows[w->next], SWEEP_WAIT)->mean >
                          sweep_mean_of(&d->rows[w->pick], SWEEP_WAIT)->mean;
            fputs(longer ? ", which costs the same and waits longer" : ", which is as good", out);
        } else {
            fprintf(out, ", %s%s a month: ", by->mean > 0 ? "+" : "",
                    format_usd_interval(by->mean, by->half).s);
            if (isnan(by->half))
                fputs(d->rows[w->pick].n > 1 ? "no interval" : "one replication, no interval", out);
            else fputs(by->mean - by->half > 0 ? "clearly dearer" : "not clearly dearer", out);
            if (!isnan(by->half) && by->is_paired) fprintf(out, ", paired over n = %d", (int)by->n);
            else if (!isnan(by->half)) fputs(", unpaired (Welch)", out);
        }
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

char *sweep_world_answer(const struct sweep_data *d, int32_t world)
{
    const struct sweep_world *w = &d->worlds[world];
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    if (w->pick < 0) {
        if (d->world_n > 1) { /* of one, the sentence has said it */
            write_none(d, w->unclear_n, w->row_n, out);
            if (w->nearest >= 0 && d->has_targets) fputs(". ", out);
        }
        if (w->nearest >= 0 && d->has_targets) {
            fputs("Nearest: ", out);
            write_row(d, w->nearest, out);
            fprintf(out, ", %s a month, p95 wait %s", cost_text(d, w->nearest).s,
                    wait_text(d, w->nearest).s);
        }
    } else if (!d->has_targets) {
        write_ends(d, w, out);
        fprintf(out, "; %s on the frontier", format_count(w->frontier_n).s);
    } else {
        write_row(d, w->pick, out);
        fprintf(out, ": %s a month, p95 wait %s", sweep_mean_text(&d->rows[w->pick], SWEEP_COST).s,
                sweep_mean_text(&d->rows[w->pick], SWEEP_WAIT).s);
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

char *sweep_unfinished(const struct sweep_data *d)
{
    char *text = NULL;
    int n = 0;
    if (d->point_n == d->points) return strdup("");
    if (d->shards > 0)
        n = asprintf(&text,
                     "Shard %lld of %lld: %s of %s points. Merge the shards (seatrial merge) for "
                     "the whole answer",
                     (long long)d->shard, (long long)d->shards, format_count(d->point_n).s,
                     format_count((double)d->points).s);
    else
        n = asprintf(&text,
                     "%s of %s points are finished: those that are missing may change the answer",
                     format_count(d->point_n).s, format_count((double)d->points).s);
    return n < 0 ? NULL : text;
}
