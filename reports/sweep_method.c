/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a sweep's page: how it was made, from what. */
#include <string.h>

#include "reports/escape.h"
#include "reports/page_parts.h"
#include "reports/sweep_parts.h"

/* What all points have, or the first of them, said to be so. */
static void common_item(const struct sweep_data *d, const char *name,
                        char *(*of)(struct swept_point *), FILE *out)
{
    bool same = true;
    for (int32_t p = 1; p < d->point_n; p++) same &= strcmp(of(&d->list[p]), of(&d->list[0])) == 0;
    fprintf(out, "<dt>%s</dt><dd>", name);
    escape_html(out, of(&d->list[0]));
    fputs(same ? "</dd>\n" : " at the first point; it varies</dd>\n", out);
}

static char *workload_of(struct swept_point *p) { return p->workload; }
static char *seed_of(struct swept_point *p) { return p->seed; }
static char *prices_of(struct swept_point *p) { return p->price_as_of; }

static void write_keys(const struct sweep_data *d, FILE *out)
{
    fputs("<dt>Keys that vary</dt><dd>", out);
    const char *separator = "";
    for (int32_t k = 0; k < d->key_n; k++) {
        if (!d->keys[k].varies) continue;
        fputs(separator, out);
        escape_html(out, d->keys[k].path);
        if (!d->keys[k].is_choice) fputs(" (world)", out);
        separator = ", ";
    }
    fputs(*separator ? "</dd>\n" : "none</dd>\n", out);
}

static void write_ends(const struct sweep_data *d, FILE *out)
{
    int32_t precise = 0, misses = 0, least = d->list[0].replications, most = least;
    for (int32_t p = 0; p < d->point_n; p++) {
        int32_t n = d->list[p].replications;
        precise += strcmp(d->list[p].ended, "precise") == 0;
        misses += strcmp(d->list[p].ended, "misses") == 0;
        if (n < least) least = n;
        if (n > most) most = n;
    }
    fprintf(out, "<dt>Replications</dt><dd>%d", (int)least);
    if (most > least) fprintf(out, " to %d", (int)most);
    fputs(" a point", out);
    if (misses)
        fprintf(out, "; %s ended early as every fleet surely misses a target",
                format_count(misses).s);
    if (precise)
        fprintf(out, "; %s ended early as the intervals are as narrow as asked",
                format_count(precise).s);
    fputs("</dd>\n", out);
}

void sweep_page_method(const struct sweep_data *d, FILE *out)
{
    char text[320];
    fputs("<p>Each point is the scenario with other values of some keys, simulated job by job. A "
          "mean has the 95% interval of Student's t over its replications (of pairs, where they "
          "are antithetic). A target is met only where the whole interval meets it. The frontier "
          "is by means: nothing in the same world costs less and waits no longer. The next best is "
          "compared replication by replication where both have the same seed, so that both meet "
          "the same chances, and by Welch's interval where not.</p>\n<dl>\n",
          out);
    snprintf(text, sizeof text, "%s of %s finished, %s rows (one a point and fleet)",
             format_count(d->point_n).s, format_count((double)d->points).s,
             format_count(d->row_n).s);
    page_item(out, "Points", text);
    write_keys(d, out);
    write_ends(d, out);
    common_item(d, "Workload", workload_of, out);
    common_item(d, "Seed", seed_of, out);
    common_item(d, "Prices as of", prices_of, out);
    page_inputs(d->inputs, d->input_n, out);
    page_item(out, "Identity of the sweep", d->identity);
    snprintf(text, sizeof text, "seatrial %.20s, %.60s, %.40s", d->tool_version, d->compiler,
             d->host);
    page_item(out, "Made with", text);
    snprintf(text, sizeof text, "%.1f s, %.1f s of processors, in %d run%s", d->wall_s, d->cpu_s,
             (int)d->runs, d->runs == 1 ? "" : "s");
    page_item(out, "It took", text);
    fputs("</dl>\n<h3>Run it again</h3>\n<pre>", out);
    escape_html(out, d->rerun);
    fputs("</pre>\n", out);
}
