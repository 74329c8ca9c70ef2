/* SPDX-License-Identifier: Apache-2.0 */
/* What the plain kueue (slow_kueue.c) has done since the program began, so that a test can say that
 * its worlds were not idle. */
#ifndef TESTS_SLOW_KUEUE_H
#define TESTS_SLOW_KUEUE_H

#include <stdint.h>

struct slow_kueue_deeds {
    int64_t borrowed;           /* starts beyond the nominal quota of the queue */
    int64_t stopped_own;        /* victims of the job's own queue */
    int64_t reclaimed;          /* victims of other queues */
    int64_t reclaimed_nearer;   /* of these, those that a nearer claim on quota was enough for */
    int64_t reclaimed_borrower; /* of these, for a job that borrows, with borrowWithinCohort */
    int64_t kept_from_others;   /* jobs without quota that would have it without lendingLimits */
    int64_t held_back;          /* jobs that kept quota from others for a cycle */
    int64_t second_flavors;     /* starts in another than the first flavor of a group */
    int64_t passed;             /* starts of a job while one before it in its queue waits */
};

extern struct slow_kueue_deeds slow_kueue_deeds;

#endif
