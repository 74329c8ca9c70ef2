/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a CSV file keeps the rules of FOCUS 1.2 that a file alone can show: of names, types and
 * null values, of the values allowed, and of what cells of a row, or the rows of a commitment, must
 * be to each other.
 *
 *      bill.csv:17:203: list-cost: ListCost must be ListUnitPrice x PricingQuantity
 *
 * Sources: FOCUS specification 1.2, specification/columns/NAME.md and specification/attributes/ of
 * github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec; a rule of focus_rules names its page.
 * Money is compared to a micro-dollar; quantities and prices may be rounded to 9 decimals. Memory
 * is that of a row, and some bytes for each commitment, of which there may be
 * FOCUS_COMMITMENTS_MAX.
 */
#ifndef REPORTS_FOCUS_CHECK_H
#define REPORTS_FOCUS_CHECK_H

#include <stdint.h>
#include <stdio.h>

#include "sim/status.h"

enum { FOCUS_COMMITMENTS_MAX = 100000, FOCUS_SHOWN_MAX = 200 };

struct focus_rule {
    const char *name; /* "list-cost" */
    const char *text; /* what must hold */
    const char *page; /* "columns/listcost" */
};
/* All rules, ended by an entry whose name is NULL. */
extern const struct focus_rule focus_rules[];

struct focus_findings {
    int64_t rows, violations;
};

/* Reads `in` to its end and writes each violation to `out`, a line each, FOCUS_SHOWN_MAX at most;
 * all are counted. path: for the messages. */
enum status focus_check(const char *path, FILE *in, FILE *out, struct focus_findings *findings,
                        struct error *err);

#endif
