/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario draws for each replication, in words. */
#include <stdio.h>

#include "scenarios/loading.h"

static const char *const blocks[] = { "", "days of the trace",
                                      "days of the trace by day of the week",
                                      "weeks of the trace" };

static void add(char *text, size_t size, size_t *n, const char *what, int64_t ppm)
{
    if (*n < size) *n += (size_t)snprintf(text + *n, size - *n, "%s%s", *n ? ", " : "", what);
    if (ppm > 0 && *n < size)
        *n += (size_t)snprintf(text + *n, size - *n, " \u00b1%g%%", (double)ppm / 1e4);
}

bool scenario_redraws(const struct scenario *s, char *text, size_t size)
{
    const struct uncertain *u = &s->uncertain;
    size_t n = 0;
    if (size > 0) *text = '\0';
    if (!is_uncertain(s)) return false;
    if (s->is_synth) add(text, size, &n, "the jobs", 0);
    if (s->bootstrap) add(text, size, &n, blocks[s->bootstrap], 0);
    if (u->growth_ppm) add(text, size, &n, "the number of jobs", u->growth_ppm);
    if (u->run_times_ppm) add(text, size, &n, "each run time", u->run_times_ppm);
    if (u->all_run_times_ppm) add(text, size, &n, "all run times together", u->all_run_times_ppm);
    if (u->prices_ppm) add(text, size, &n, "all prices together", u->prices_ppm);
    if (u->spot_prices_ppm) add(text, size, &n, "spot prices by the hour", u->spot_prices_ppm);
    return true;
}
