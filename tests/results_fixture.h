/* SPDX-License-Identifier: Apache-2.0 */
/* Results files made by hand, through reports/results.h, for tests of what is drawn from them. */
#ifndef TESTS_RESULTS_FIXTURE_H
#define TESTS_RESULTS_FIXTURE_H

#include <stdint.h>

#include "reports/data.h"

enum { FIXTURE_FLEETS = 4, FIXTURE_REPLICATIONS = 3 };

/* fixture_default fills every field; a test then changes what it is about. */
struct fixture {
    const char *scenario_name, *scenario_path, *workload, *notes, *rerun;
    const char *fleet[FIXTURE_FLEETS]; /* names */
    const char *text;      /* stands as summary, instance, region, source, input path, tenant; NULL:
                              plain words */
    const char *slo_label; /* of "p95 wait at most 15 min"; NULL: no target */
    int32_t fleets, replications;
    double cost[FIXTURE_FLEETS][FIXTURE_REPLICATIONS]; /* dollars a month */
    double p95_s[FIXTURE_FLEETS][FIXTURE_REPLICATIONS];
    double t0_unix_s;   /* NAN: no wall clock */
    int64_t jobs;       /* 0: nothing ran, every metric is zero or absent */
    int32_t idle_fleet; /* on which no job fits; -1: none */
    int32_t days;       /* of hourly samples */
    bool states;        /* nodes come, go and fail */
    const char *state;  /* "complete", or as what the file is closed */
};

void fixture_default(struct fixture *f);
/* Writes the results file to `path` (or PATH.partial, as results_close does). Fails the test on any
 * error. */
void fixture_write(const struct fixture *f, const char *path);

/* Writes it to a scratch file and reads it back; the data are the caller's to free. */
void fixture_read(const struct fixture *f, struct report_data *data);

/* Names that try to get out of HTML, gnuplot, a shell, a spreadsheet, a terminal; each tries to
 * make a file "pwned" where it can run a command. Ended by NULL. */
extern const char *const hostile_names[];

#endif
