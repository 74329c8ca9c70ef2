/* SPDX-License-Identifier: Apache-2.0 */
/* The words and cells that tables of contrasts share, by value. Only contrast_method holds text of
 * the files, which is to be escaped like any other. */
#ifndef REPORTS_CONTRAST_WORDS_H
#define REPORTS_CONTRAST_WORDS_H

#include "reports/condition.h"
#include "reports/format.h"

struct contrast_text {
    char s[320];
};

/* "cost per month", "p95 wait"; where it has no title the metric's name. */
const char *contrast_title(int metric);
/* A figure by itself: "$577k ± 3k"; "n/a". */
struct contrast_text contrast_cell(const struct mean_interval *of, int metric);
/* "-$281k ± 3k", "+3.1 points ± 0.5", "same", "n/a". */
struct contrast_text contrast_absolute(const struct contrast_figure *figure);
/* "-33% ± 0.4", or "-33% (-41% to -20%)" where the sides of the interval differ by more than a
 * fifth; "" where the reference is 0. */
struct contrast_text contrast_relative(const struct contrast_figure *figure);
/* The same, the absolute where there is no relative; of shares always points. */
struct contrast_text contrast_change(const struct contrast_figure *figure);
/* "better", "worse", "higher", "lower", "same", "not clearly different", "no interval", "n/a". */
const char *contrast_finding_word(const struct contrast_figure *figure);
/* "33% ± 0.4 cheaper, -$281k ± 3k a month", "p95 wait not clearly different (-29% ± 40)": what a
 * sentence says of it. */
struct contrast_text contrast_phrase(const struct contrast_figure *figure);

/* One line on a contrast, without its names: "33% cheaper, -$281k a month; p95 wait 56% ± 3
 * shorter; targets: misses, now meets". */
struct contrast_text contrast_headline(const struct contrasts *of, const struct contrast *c);
/* How both were set side by side: "paired replications, n = 10"; "two samples, n = 10 and 20: the
 * seed differs (1 and 2)". */
struct contrast_text contrast_method(const struct contrast *c);
/* "", "meets", "misses", "unclear" */
const char *contrast_targets(const struct contrast_side *side);
/* +1: it does better by them than the reference, -1: worse, 0: alike, or there are none. */
int contrast_targets_sign(const struct contrast *c);

/* The i-th sentence on what the ± is and how many intervals there are; false past the last. */
struct contrast_note {
    char s[320];
};
bool contrast_note_at(const struct contrasts *of, size_t i, struct contrast_note *note);

/* What a condition found: "+33% ± 0.4", "24.0 h ± 1.2", "+12 s, without an interval", "n/a". */
struct contrast_text condition_figure(const struct condition *c,
                                      const struct condition_finding *found);

#endif
