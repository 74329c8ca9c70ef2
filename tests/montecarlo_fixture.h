/* SPDX-License-Identifier: Apache-2.0 */
/* Files of Monte Carlo studies made by hand, through reports/montecarlo.h. */
#ifndef TESTS_MONTECARLO_FIXTURE_H
#define TESTS_MONTECARLO_FIXTURE_H

#include "reports/montecarlo_data.h"

/* Candidate i has 40 + 8 i GPUs. More of them cost more and wait less: the first is often late, the
 * later ones break the budget. */
struct montecarlo_fixture {
    int32_t plans, baseline;     /* -1: the last one */
    const char *text;            /* in the place of every name and text from outside; NULL: plain */
    double budget_usd_per_year;  /* NAN: none, and no risk of it */
    double tolerance;            /* NAN: no targets */
    double chance_first, chance; /* of being late: of the first plan, of the others */
    int32_t years, months;       /* months 0: no fan */
    bool curves, checks, enough, regrets;
};

void montecarlo_fixture_default(struct montecarlo_fixture *f); /* 4 plans; the second is the pick */
void montecarlo_fixture_write(const struct montecarlo_fixture *f, const char *path);
/* Writes it to a scratch file and reads it back; the data are the caller's to free. */
void montecarlo_fixture_read(const struct montecarlo_fixture *f, struct montecarlo_data *data);

#endif
