/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of a sweep's page; for sweep_page.c only. Each writes well-formed markup and escapes
 * what it shows. */
#ifndef REPORTS_SWEEP_PARTS_H
#define REPORTS_SWEEP_PARTS_H

#include "reports/sweep_data.h"

void sweep_page_top(const struct sweep_data *d, const char *answer, FILE *out);
void sweep_page_worlds(const struct sweep_data *d, FILE *out); /* nothing where there is one */
void sweep_page_rows(const struct sweep_data *d, FILE *out);
void sweep_page_effects(const struct sweep_data *d, FILE *out);
void sweep_page_method(const struct sweep_data *d, FILE *out);

#endif
