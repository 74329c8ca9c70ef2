/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/plan_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/json_values.h"
#include "tools/command.h"
#include "tools/plan/difference.h"

enum { PLAN_FORMAT = 1 };

static const char *const verdict_words[] = {
    [PLAN_MISSES] = "misses", [PLAN_UNCLEAR] = "unclear", [PLAN_MEETS] = "meets"
};

/* ---- For people ---- */

static void name(const struct plan_candidate *c, FILE *out)
{
    fputc('\'', out);
    print_safe(out, c->name);
    fputc('\'', out);
    if (!*c->short_params) return;
    fputs(" with ", out);
    print_safe(out, c->short_params);
}

static void figures(const char *title, const struct plan_candidate *c, FILE *out)
{
    fprintf(out, "  %-14s %14s %18s %12s %7" PRId64 " %5d   ", title,
            format_usd_interval(c->of[PLAN_COST].mean, c->of[PLAN_COST].half).s,
            format_duration_interval(c->of[PLAN_WAIT].mean, c->of[PLAN_WAIT].half).s,
            format_percent(c->of[PLAN_UTILIZATION].mean).s, c->nodes, c->replications);
}

static void row(const char *title, const struct plan_candidate *c, FILE *out)
{
    figures(title, c, out);
    fprintf(out, "%s\n", verdict_words[c->all]);
}

static void rows(const struct plan *p, FILE *out)
{
    fprintf(out, "\n  %-14s %14s %18s %12s %7s %5s   %s\n", "", "cost a month", "p95 wait",
            "utilization", "nodes", "n", "targets");
    if (p->best) row("plan", p->best, out);
    if (p->second) row("runner-up", p->second, out);
    if (p->fewer) row("fewer nodes", p->fewer, out);
    row("today", p->today, out);
    fputc('\n', out);
}

/* Where more money goes, where it was looked for. */
static void frontier(const struct plan *p, FILE *out)
{
    if (p->frontier_steps == 0 || p->frontier_n == 0) return;
    fprintf(out, "  %-14s %14s %18s %12s %7s %5s   %s\n", "frontier", "cost a month", "p95 wait",
            "utilization", "nodes", "n", "fleet");
    for (size_t i = 0; i < p->frontier_n; i++) {
        const struct plan_candidate *c = p->frontier[i];
        figures(i == 0 ? "cheapest" : i + 1 == p->frontier_n ? "fastest" : "", c, out);
        print_safe(out, *c->short_params ? c->short_params : c->name);
        fputc('\n', out);
    }
    fputc('\n', out);
}

static void savings(const struct plan *p, FILE *out)
{
    struct mean_interval d = plan_difference(p, p->best, p->today, PLAN_COST);
    double share = d.mean / p->today->of[PLAN_COST].mean;
    bool is_clear = fabs(d.mean) > (isnan(d.half) ? 0 : d.half);
    if (strcmp(p->best->identity, p->today->identity) == 0)
        fputs("  It is what there is today.\n", out);
    else if (!is_clear) fputs("  Its cost is not clearly different from today's.\n", out);
    else
        fprintf(out, "  It %s %s a month (%s) against today.\n", d.mean > 0 ? "saves" : "costs",
                format_usd_interval(fabs(d.mean), d.half).s, format_percent(fabs(share)).s);
}

static void runner_up(const struct plan *p, FILE *out)
{
    bool cheapest = p->goal == PLAN_CHEAPEST;
    if (!p->second) {
        fputs("  No other fleet surely meets the targets.\n", out);
        return;
    }
    struct mean_interval d =
        plan_difference(p, p->best, p->second, cheapest ? PLAN_COST : PLAN_WAIT);
    fputs("  The runner-up is ", out);
    name(p->second, out);
    if (p->best_is_clear)
        fprintf(out, ": %s by %s.\n", cheapest ? "dearer" : "slower",
                cheapest ? format_usd_interval(d.mean, d.half).s
                         : format_duration_interval(d.mean, d.half).s);
    else
        fprintf(out, ": not clearly %s, at %g%% confidence and an indifference of %g%%.\n",
                cheapest ? "dearer" : "slower", 100 * (1 - p->alpha), 100 * p->delta);
}

/* What moves, and how far: "price of p5.48xlarge -31%". */
static void moves(const struct plan_flip *f, FILE *out)
{
    static const char *const words[] = { [LEVER_DEMAND] = "demand",
                                         [LEVER_PRICE] = "price of ",
                                         [LEVER_SPOT_PRICE] = "spot price of ",
                                         [LEVER_RECLAIM] = "reclaims" };
    fputs(words[f->lever], out);
    print_safe(out, f->subject);
    const char *up_to = f->then == THEN_STAYS ? " up to" : "";
    if (f->lever == LEVER_RECLAIM) fprintf(out, "%s %.3g times as often", up_to, f->factor);
    else if (f->factor >= 2) fprintf(out, "%s %.3g times", up_to, f->factor);
    else fprintf(out, " %s%s", f->factor >= 1 ? "+" : "-", format_percent(fabs(f->factor - 1)).s);
}

/* What comes of it. */
static void then(const struct plan *p, const struct plan_flip *f, FILE *out)
{
    const struct plan_candidate *c = f->other;
    switch (f->then) {
    case THEN_STAYS: fputs("it is still the plan\n", out); return;
    case THEN_FEWER_DO:
        fprintf(out, "%" PRId64 " node%s enough\n", c->nodes, c->nodes == 1 ? " is" : "s are");
        return;
    case THEN_BREAKS: fprintf(out, "it does not surely meet '%s'", f->missed); break;
    case THEN_OTHER_WINS: name(c, out); break;
    }
    if (f->then == THEN_OTHER_WINS)
        fprintf(out, " is %s\n", p->goal == PLAN_CHEAPEST ? "cheaper" : "faster");
    else if (c) {
        fputs(";\n      ", out);
        name(c, out);
        fputs(" does\n", out);
    } else fputc('\n', out);
}

/* What would change the answer. That nothing does is said of what can harm the plan alone. */
static void changes(const struct plan *p, FILE *out)
{
    if (!p->change.found) return;
    fputs("\n  What would change it\n", out);
    for (size_t i = 0; i < p->change.flip_n; i++) {
        const struct plan_flip *f = &p->change.flips[i];
        if (f->then == THEN_STAYS && f->factor < 1) continue;
        fputs("    ", out);
        moves(f, out);
        fputs(": ", out);
        then(p, f, out);
    }
    if (isfinite(p->change.months))
        fprintf(out, "    growth of %s a year: in month %.0f it breaks\n",
                format_percent(p->change.growth).s, ceil(p->change.months));
}

/* What to buy, give back and set. */
static void change_list(const struct plan *p, const struct change_list *list, FILE *out)
{
    int wide = 0;
    if (strcmp(p->best->identity, p->today->identity) == 0) return;
    for (size_t i = 0; i < list->n; i++) {
        int n = list->rows[i].sign == '~' ? 0 : escape_width(list->rows[i].text);
        if (n > wide) wide = n;
    }
    fputs("\n  What to change\n", out);
    for (size_t i = 0; i < list->n; i++) {
        const struct change_row *row = &list->rows[i];
        fprintf(out, "  %c ", row->sign);
        print_safe(out, row->text);
        if (isfinite(row->usd))
            fprintf(out, "%*s %8s a month", wide - escape_width(row->text), "",
                    format_signed_usd(row->usd, NAN).s);
        if (*row->note) fprintf(out, ", %s", row->note);
        fputc('\n', out);
    }
    struct mean_interval by = plan_difference(p, p->today, p->best, PLAN_COST);
    fprintf(out, "  = %s a month in the simulated bill\n", format_signed_usd(by.mean, by.half).s);
    if (*p->best->params) {
        fputs("  In the scenario: ", out);
        print_safe(out, p->best->params);
        fputc('\n', out);
    }
    fputs("  Seatrial changes nothing itself: it never talks to a cloud account.\n", out);
}

void plan_table(const struct plan *p, const struct change_list *list, FILE *out)
{
    if (p->best) {
        fprintf(out, "  The %s fleet that surely meets the targets is ",
                p->goal == PLAN_CHEAPEST ? "cheapest" : "fastest");
        name(p->best, out);
        fputs(".\n  ", out);
        print_safe(out, p->best->summary);
        fputc('\n', out);
        savings(p, out);
    } else {
        fputs("  No fleet surely meets the targets.\n", out);
    }
    rows(p, out);
    frontier(p, out);
    if (p->best) runner_up(p, out);
    if (p->fewer && p->fewer->missed[0])
        fprintf(out, "  With %" PRId64 " nodes it %s: %s.\n", p->fewer->nodes,
                p->fewer->all == PLAN_MISSES ? "misses a target" : "does not surely meet a target",
                p->fewer->missed);
    if (p->best) change_list(p, list, out);
    changes(p, out);
    fputs("\n  Targets: ", out);
    for (size_t t = 0; t < p->target_n; t++)
        fprintf(out, "%s%s", t ? "; " : "", p->targets[t].label);
    fprintf(out, ".\n  Simulated %" PRId64 " of %" PRId64 " fleets", p->simulated, p->space);
    if (p->for_frontier > 0 && p->for_changes > 0)
        fprintf(out, " (%" PRId64 " for the frontier, %" PRId64 " to see what would change it)",
                p->for_frontier, p->for_changes);
    else if (p->for_frontier > 0) fprintf(out, " (%" PRId64 " for the frontier)", p->for_frontier);
    else if (p->for_changes > 0)
        fprintf(out, " (%" PRId64 " to see what would change it)", p->for_changes);
    fprintf(out, ", %" PRId64 " replications", p->replications);
    if (p->rebilled > 0)
        fprintf(out,
                "; %" PRId64 " more differ in commitments alone: their bills follow from these",
                p->rebilled);
    fputs(".\n", out);
    if (p->best && p->best->replications == 1)
        fputs("  One replication: these figures have no interval.\n", out);
}

/* ---- For programs ---- */

static json_t *real(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *flip_json(const struct plan_flip *f)
{
    static const char *const levers[] = { [LEVER_DEMAND] = "demand",
                                          [LEVER_PRICE] = "price",
                                          [LEVER_SPOT_PRICE] = "spot price",
                                          [LEVER_RECLAIM] = "reclaims" };
    static const char *const thens[] = { [THEN_STAYS] = "stays",
                                         [THEN_BREAKS] = "breaks",
                                         [THEN_FEWER_DO] = "fewer nodes do",
                                         [THEN_OTHER_WINS] = "another wins" };
    const struct plan_candidate *c = f->other;
    json_t *other = json_null();
    if (c)
        other = json_pack("{s:s, s:s, s:s, s:I, s:I}", "fleet", c->name, "summary", c->summary,
                          "params", c->params, "point", (json_int_t)c->point, "nodes",
                          (json_int_t)c->nodes);
    return json_pack("{s:s, s:s, s:o, s:s, s:o, s:s}", "lever", levers[f->lever], "subject",
                     f->subject, "factor", real(f->factor), "then", thens[f->then], "other", other,
                     "not_met", f->missed);
}

static json_t *changes_json(const struct plan *p)
{
    if (!p->change.found) return json_null();
    json_t *prices = json_object(), *flips = json_array();
    for (size_t i = 0; i < p->change.flip_n; i++) {
        const struct plan_flip *f = &p->change.flips[i];
        json_array_append_new(flips, flip_json(f));
        if (f->lever == LEVER_PRICE && f->then == THEN_OTHER_WINS && f->factor >= 1)
            json_object_set_new(prices, f->subject, real(f->factor));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "demand_holds_at",
                     real(p->change.holds_at), "demand_breaks_at", real(p->change.breaks_at),
                     "demand_fewer_nodes_at", real(p->change.fewer_at), "growth_per_year",
                     real(p->change.growth), "months_until_it_breaks", real(p->change.months),
                     "price_runner_up_wins_at", prices, "flips", flips);
}

static json_t *candidate_json(const struct plan_candidate *c)
{
    if (!c) return json_null();
    json_t *metrics = json_object();
    for (int i = 0; i < PLAN_FIGURE_N; i++)
        json_object_set_new(metrics, plan_metrics[i],
                            json_pack("{s:o, s:o}", "mean", real(c->of[i].mean), "half",
                                      real(c->of[i].half)));
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:i, s:s, s:s, s:o}", "fleet", c->name,
                     "summary", c->summary, "params", c->params, "point", (json_int_t)c->point,
                     "nodes", (json_int_t)c->nodes, "gpus", (json_int_t)c->gpus, "n",
                     (int)c->replications, "targets", verdict_words[c->all], "not_met", c->missed,
                     "metrics", metrics);
}

static json_t *frontier_json(const struct plan *p)
{
    json_t *all = json_array();
    for (size_t i = 0; i < p->frontier_n; i++)
        json_array_append_new(all, candidate_json(p->frontier[i]));
    return all;
}

static json_t *change_list_json(const struct change_list *list)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < list->n; i++) {
        const struct change_row *row = &list->rows[i];
        const char sign[] = { row->sign, '\0' };
        json_array_append_new(rows, json_pack("{s:s, s:o, s:o, s:o}", "sign", sign, "text",
                                              text_json(row->text), "note", text_json(row->note),
                                              "usd_per_month", real(row->usd)));
    }
    return rows;
}

static json_t *whole_json(const struct plan *p, const struct change_list *list)
{
    json_t *targets = json_array();
    for (size_t t = 0; t < p->target_n; t++)
        json_array_append_new(targets,
                              json_pack("{s:s, s:o, s:s, s:s}", "metric", p->targets[t].metric,
                                        "target", real(p->targets[t].target), "sense",
                                        p->targets[t].at_most ? "at most" : "at least", "label",
                                        p->targets[t].label));
    json_t *saves = json_null();
    if (p->best) {
        struct mean_interval d = plan_difference(p, p->best, p->today, PLAN_COST);
        saves = json_pack("{s:o, s:o}", "mean", real(d.mean), "half", real(d.half));
    }
    return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, "
                     "s:{s:I, s:I, s:I, "
                     "s:I, s:I, s:I}}",
                     "format_version", PLAN_FORMAT, "tool_version", SEATRIAL_VERSION, "goal",
                     p->goal == PLAN_CHEAPEST ? "cheapest" : "fastest", "targets", targets, "plan",
                     candidate_json(p->best), "runner_up", candidate_json(p->second), "fewer_nodes",
                     candidate_json(p->fewer), "today", candidate_json(p->today), "frontier",
                     frontier_json(p), "saves_usd_per_month", saves, "changes", changes_json(p),
                     "change_list", change_list_json(list), "is_clear", (int)p->best_is_clear,
                     "confidence", real(1 - p->alpha), "indifference", real(p->delta), "searched",
                     "fleets", (json_int_t)p->space, "simulated", (json_int_t)p->simulated,
                     "rebilled", (json_int_t)p->rebilled, "for_frontier",
                     (json_int_t)p->for_frontier, "for_changes", (json_int_t)p->for_changes,
                     "replications", (json_int_t)p->replications);
}

enum status plan_json(const struct plan *p, const struct change_list *list, FILE *out,
                      struct error *err)
{
    json_t *all = whole_json(p, list);
    if (!all || json_dumpf(all, out, JSON_INDENT(2) | JSON_SORT_KEYS) != 0) {
        json_decref(all);
        return error_set(err, STATUS_IO, "cannot write the plan");
    }
    fputc('\n', out);
    json_decref(all);
    return STATUS_OK;
}

char *plan_json_text(const struct plan *p, const struct change_list *list)
{
    json_t *all = whole_json(p, list);
    char *text = all ? json_dumps(all, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENSURE_ASCII) : NULL;
    json_decref(all);
    return text;
}
