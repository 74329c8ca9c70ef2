/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said above every wait: that a fleet is asked for more than it can do, or that its jobs
 * start over so often that they never end. In the same words before a run and of its results.
 */
#ifndef REPORTS_WARNINGS_H
#define REPORTS_WARNINGS_H

#include <stdint.h>

/* Of one fleet; strings are borrowed. */
struct fleet_warning {
    const char *fleet;
    double offered, ceiling; /* of its GPUs (models/saturation.h); 0, 1: not known */
    /* models/reliability/restart_tail.h: "mean" or "variance", NULL: neither is infinite. */
    const char *tail_moment;
    int64_t tail_gpus;
    double tail_failure_s, tail_excess_s;
};

/* Those that are offered more than they can run; malloc'd, NULL: none is. */
char *warning_overload(const struct fleet_warning *fleets, int32_t n);
/* Those of whose figures no interval means anything; malloc'd, NULL: there are none. */
char *warning_tails(const struct fleet_warning *fleets, int32_t n);

#endif
