/* SPDX-License-Identifier: Apache-2.0 */
/* Contrasts and what came of the conditions: for a terminal, a pull request, a spreadsheet, a
 * program. One contrast has a row for each figure; several have a row each, and with `all` their
 * figures, too. Names are made harmless for where they stand. */
#ifndef REPORTS_CONTRAST_WRITE_H
#define REPORTS_CONTRAST_WRITE_H

#include <stdio.h>

#include "reports/condition.h"

struct contrast_style {
    int colour;  /* 1: ANSI colours */
    int columns; /* of the terminal; 0: lines may be of any length */
    bool all;    /* the figures of each contrast also where there are several */
};

void contrasts_table(const struct contrasts *of, const struct conditions *conditions,
                     const struct contrast_style *style, FILE *out);
/* A line for each condition and contrast: what it came to, and the figures. */
void conditions_lines(const struct contrasts *of, const struct conditions *conditions,
                      const struct contrast_style *style, FILE *out);
/* For GitHub: a line that says it, a table; the rest folded where it is long. */
void contrasts_markdown(const struct contrasts *of, const struct conditions *conditions, FILE *out);
/* A row for each contrast and figure; cells of what there is not are empty. */
void contrasts_csv(const struct contrasts *of, FILE *out);
/* With "format_version"; keys sorted. */
enum status contrasts_json(const struct contrasts *of, const struct conditions *conditions,
                           FILE *out, struct error *err);

/* What a table of several contrasts shows of each; ended by a NULL. */
extern const char *const contrast_columns[];
/* Whether all are against one reference. */
bool contrasts_share_reference(const struct contrasts *of);

#endif
