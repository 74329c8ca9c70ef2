/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contrasts for a pull request: a line that says it, then a table, as GitHub shows it.
 *
 *      **backfill against today: the same cost; p95 wait 29% shorter.**
 *
 *      | | today | backfill | difference | change | |
 *
 * Of several contrasts there is a row each, and the figures of each lie folded under it.
 */
#include <string.h>

#include "reports/contrast_words.h"
#include "reports/contrast_write.h"
#include "reports/escape.h"
#include "reports/metrics.h"

static void write_figure(const struct contrast_figure *f, FILE *out)
{
    struct contrast_text relative = contrast_relative(f);
    bool same = f->finding == CONTRAST_SAME;
    fprintf(out, "| %s | %s | %s | %s | %s | %s |\n", contrast_title(f->metric),
            contrast_cell(&f->reference, f->metric).s, contrast_cell(&f->value, f->metric).s,
            contrast_absolute(f).s, same ? "" : relative.s, contrast_finding_word(f));
}

static const char *targets_word(const struct contrast *c)
{
    int sign = contrast_targets_sign(c);
    return sign > 0 ? " better" : sign < 0 ? " worse" : "";
}

/* Figures from .. to - 1 of a contrast, with the targets where it begins with the first. */
static void write_figures(const struct contrast *c, size_t from, size_t to, FILE *out)
{
    fputs("| | ", out);
    escape_markdown(out, c->reference->label);
    fputs(" | ", out);
    escape_markdown(out, c->side->label);
    fputs(" | difference | change | |\n|---|--:|--:|--:|--:|---|\n", out);
    for (size_t i = from; i < to; i++) write_figure(&c->figures[i], out);
    if (from == 0 && (*contrast_targets(c->reference) || *contrast_targets(c->side)))
        fprintf(out, "| targets | %s | %s | | |%s |\n", contrast_targets(c->reference),
                contrast_targets(c->side), targets_word(c));
}

static void write_names(const struct contrast *c, FILE *out)
{
    escape_markdown(out, c->side->label);
    fputs(" against ", out);
    escape_markdown(out, c->reference->label);
}

static void write_method(const struct contrast *c, FILE *out)
{
    struct contrast_text method = contrast_method(c);
    if (method.s[0] >= 'a' && method.s[0] <= 'z') method.s[0] += 'A' - 'a';
    escape_markdown(out, method.s);
    fputs(".\n", out);
}

/* "2 cheaper, 1 not clearly different": how many of all findings of a figure are what. */
static void write_counts(const struct contrasts *all, const char *metric, FILE *out)
{
    static const struct {
        enum contrast_finding finding;
        const char *words[2]; /* of a cost, of a time */
    } kinds[] = {
        { CONTRAST_LESS, { "cheaper", "shorter" } },
        { CONTRAST_MORE, { "costlier", "longer" } },
        { CONTRAST_SAME, { "the same", "the same" } },
        { CONTRAST_UNCLEAR, { "not clearly different", "not clearly different" } },
        { CONTRAST_NO_SPAN, { "without an interval", "without an interval" } },
    };
    bool cost = strcmp(metric, METRIC_COST_MONTH) == 0, any = false;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        size_t n = 0;
        for (size_t c = 0; c < all->n; c++) {
            const struct contrast_figure *f =
                contrast_figure(all, &all->list[c], metric_index(metric));
            n += f && f->finding == kinds[k].finding;
        }
        if (n) fprintf(out, "%s%zu %s", any ? ", " : "", n, kinds[k].words[!cost]);
        any |= n > 0;
    }
    if (!any) fputs("n/a", out);
}

static void write_rows(const struct contrasts *all, FILE *out)
{
    bool against = !contrasts_share_reference(all);
    fprintf(out, "| fleet |%s", against ? " against |" : "");
    for (size_t i = 0; contrast_columns[i]; i++)
        fprintf(out, " %s |", contrast_title(metric_index(contrast_columns[i])));
    fprintf(out, " targets |\n|---|%s", against ? "---|" : "");
    for (size_t i = 0; contrast_columns[i]; i++) fputs("--:|", out);
    fputs("---|\n", out);
    for (size_t c = 0; c < all->n; c++) {
        const struct contrast *one = &all->list[c];
        fputs("| ", out);
        escape_markdown(out, one->side->label);
        fputs(" |", out);
        if (against) {
            fputc(' ', out);
            escape_markdown(out, one->reference->label);
            fputs(" |", out);
        }
        for (size_t i = 0; contrast_columns[i]; i++) {
            const struct contrast_figure *f =
                contrast_figure(all, one, metric_index(contrast_columns[i]));
            bool unclear = f && f->finding == CONTRAST_UNCLEAR;
            fprintf(out, " %s%s |", f ? contrast_change(f).s : "n/a", unclear ? " \\~" : "");
        }
        fprintf(out, " %s |\n", contrast_targets(one->side));
    }
}

/* How many answers fail, behind the line that says it all; nothing where none does. */
static void write_failed(const struct contrasts *all, const struct conditions *conditions,
                         FILE *out)
{
    size_t fails = 0, n = conditions->n * all->n;
    for (size_t i = 0; i < conditions->n; i++)
        for (size_t c = 0; c < all->n; c++) {
            struct condition_finding found =
                condition_ask(&conditions->list[i], all, &all->list[c]);
            fails += condition_fails(conditions, &found);
        }
    if (fails) fprintf(out, "; fails %zu of %zu condition%s", fails, n, n == 1 ? "" : "s");
    fputs(".**\n\n", out);
}

static void write_conditions(const struct contrasts *all, const struct conditions *conditions,
                             FILE *out)
{
    if (conditions->n) fputc('\n', out);
    for (size_t i = 0; i < conditions->n; i++)
        for (size_t c = 0; c < all->n; c++) {
            struct condition_finding found =
                condition_ask(&conditions->list[i], all, &all->list[c]);
            fputs(condition_fails(conditions, &found) ? "- **fails:** " : "- passes: ", out);
            escape_markdown(out, conditions->list[i].text);
            fprintf(out, " %s: ", condition_answers[found.answer]);
            escape_markdown(out, all->list[c].side->label);
            fprintf(out, " %s\n", condition_figure(&conditions->list[i], &found).s);
        }
}

static void open_fold(const struct contrast *c, FILE *out)
{
    fputs("\n<details><summary>", out);
    escape_html(out, c->side->label);
    fputs(" against ", out);
    escape_html(out, c->reference->label);
    fputs("</summary>\n\n", out);
}

void contrasts_markdown(const struct contrasts *all, const struct conditions *conditions, FILE *out)
{
    const struct contrast *first = &all->list[0];
    struct contrast_note note;
    fputs("**", out);
    if (all->n == 1) {
        write_names(first, out);
        fprintf(out, ": %s", contrast_headline(all, first).s);
        write_failed(all, conditions, out);
        write_figures(first, 0, all->shown_n, out);
        write_conditions(all, conditions, out);
        if (all->metric_n > all->shown_n) {
            fputs("\n<details><summary>every other figure</summary>\n\n", out);
            write_figures(first, all->shown_n, all->metric_n, out);
            fputs("\n</details>\n", out);
        }
        fputc('\n', out);
        write_method(first, out);
    } else {
        if (contrasts_share_reference(all)) {
            fprintf(out, "%zu fleets against ", all->n);
            escape_markdown(out, first->reference->label);
        } else {
            fprintf(out, "%zu fleets, each against its reference", all->n);
        }
        fputs(": cost: ", out);
        write_counts(all, METRIC_COST_MONTH, out);
        fputs("; p95 wait: ", out);
        write_counts(all, METRIC_WAIT_P95, out);
        write_failed(all, conditions, out);
        write_rows(all, out);
        fputs("\n\\~: not clearly different.\n", out);
        write_conditions(all, conditions, out);
        for (size_t c = 0; c < all->n; c++) {
            open_fold(&all->list[c], out);
            write_figures(&all->list[c], 0, all->metric_n, out);
            fputc('\n', out);
            write_method(&all->list[c], out);
            fputs("\n</details>\n", out);
        }
        fputc('\n', out);
    }
    for (size_t i = 0; contrast_note_at(all, i, &note); i++) fprintf(out, "%s\n", note.s);
}
