/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator of Gavel (OSDI'20, at c4fa4003) by its rules, as plainly as they can be said, in
 * the floating point of its Python: fifo, fifo_perf and isolated. Shares no code with models/.
 *
 * Where it does otherwise than Seatrial it has a switch, so that a difference between the two can
 * be taken apart: with all of them it is Gavel, with none it is Seatrial.
 */
#ifndef TESTS_SLOW_GAVEL_H
#define TESTS_SLOW_GAVEL_H

#include <stddef.h>
#include <stdint.h>

enum { GAVEL_JOBS_MAX = 200, GAVEL_POOLS_MAX = 3 };

enum gavel_policy { GAVEL_FIFO, GAVEL_FIFO_PERF, GAVEL_ISOLATED };

enum {
    GAVEL_STEPS = 1 << 0,    /* a round of a job is int(360 x its steps a second) steps */
    GAVEL_BARRIER = 1 << 1,  /* a round ends when the last of its jobs ends, not after 360 s */
    GAVEL_PROMISES = 1 << 2, /* fifo gives a freed place away before it has counted who runs */
    GAVEL_SECOND_0 = 1 << 3, /* shares of second 0 count as none: the first change renews them */
    GAVEL_SKIPS = 1 << 4,    /* fifo_perf passes over a job that only finds pools it cannot use */
    GAVEL_FLOATS = 1 << 5,   /* what its floating point leaves apart is not equal; else what is
                                within a billionth is, and shares are whole millionths */
    GAVEL_AS_IT_IS = (1 << 6) - 1
};

struct gavel_job {
    double arrival_s;
    int gpus;
    int64_t steps;
    double steps_s[GAVEL_POOLS_MAX]; /* steps a second on each pool; 0 = cannot run there */
};

struct gavel_case {
    enum gavel_policy policy;
    size_t job_n;
    const struct gavel_job *jobs; /* in order of arrival */
    int pool_n, pool_gpus[GAVEL_POOLS_MAX];
    unsigned rules;
};

/* end_s: [job] out. Returns in how many computations of shares more GPUs were promised than there
 * are. */
int slow_gavel(const struct gavel_case *c, double *end_s);

#endif
