/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A range of values with their unit, as `vary` has it: "10..40 by 2", "200 GPUs..300 GPUs by 20
 * GPUs", "$5..$7 by $0.50", "1.0..2.0". What stands before and behind the numbers is the same of
 * all of them, or said once; numbers are exact decimals.
 */
#ifndef SCENARIOS_VARY_RANGE_H
#define SCENARIOS_VARY_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/units.h"

struct vary_range {
    int64_t least, most, step;  /* in 10^-digits; step 0: none is said, and every value is meant */
    int digits;                 /* 0 to 9 */
    char before[40], after[40]; /* "$", " GPUs" */
};

/* Whether text is meant as a range at all: it holds "..". */
bool vary_is_range(const char *text);
/* false: it is none; problem says why, as the readers of units.h do. */
bool vary_range_read(const char *text, struct vary_range *range, struct unit_problem *problem);
/* How many values it has; 0: any number of them, which can only be drawn. Whole numbers without a
 * step go by 1. */
uint64_t vary_range_n(const struct vary_range *range);
/* Value i of vary_range_n, as it would be written. */
void vary_range_at(const struct vary_range *range, uint64_t i, char *text, size_t size);
/* The value at a share of the way, 0 <= share < 1: of those with steps each as likely as the
 * others, of the others any, to three digits more than the range is written with. */
void vary_range_draw(const struct vary_range *range, double share, char *text, size_t size);

#endif
