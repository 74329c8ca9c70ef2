/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of a study's page; for montecarlo_page.c only. Each writes well-formed markup and
 * escapes what it shows. */
#ifndef REPORTS_MONTECARLO_PARTS_H
#define REPORTS_MONTECARLO_PARTS_H

#include "reports/montecarlo_data.h"

void montecarlo_page_top(const struct montecarlo_data *d, const char *answer, FILE *out);
void montecarlo_page_plans(const struct montecarlo_data *d, FILE *out);
void montecarlo_page_risks(const struct montecarlo_data *d, FILE *out);
void montecarlo_page_sure(const struct montecarlo_data *d, FILE *out);
void montecarlo_page_method(const struct montecarlo_data *d, FILE *out);

#endif
