/* SPDX-License-Identifier: Apache-2.0 */
/* What the charts of a Monte Carlo study share; for their files only. */
#ifndef REPORTS_MONTECARLO_CHART_H
#define REPORTS_MONTECARLO_CHART_H

#include "reports/chart.h"
#include "reports/montecarlo_data.h"

/* As chart.h says of draw. */
void chart_plans(const struct montecarlo_data *d, struct canvas *c, struct chart *chart);
void chart_fan(const struct montecarlo_data *d, struct canvas *c, struct chart *chart);
void chart_exceedance(const struct montecarlo_data *d, struct canvas *c, struct chart *chart);
void chart_regret(const struct montecarlo_data *d, struct canvas *c, struct chart *chart);
/* How high that one is. */
int chart_regret_height(const struct montecarlo_data *d);

/* "Mar 2026", or "month 3" where time has no date. */
struct format_text chart_month(const struct montecarlo_data *d, int32_t month);

#endif
