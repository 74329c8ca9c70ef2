/* SPDX-License-Identifier: Apache-2.0 */
/* What the plain coscheduling (slow_coscheduling.c) has done since the program began, so that a
 * test can say that its worlds were not idle. */
#ifndef TESTS_SLOW_COSCHEDULING_H
#define TESTS_SLOW_COSCHEDULING_H

#include <stdint.h>

struct slow_coscheduling_deeds {
    int64_t gave_up;
    int64_t again;     /* of these, by gangs that had given up before */
    int64_t spared;    /* gangs whose time was up, and that could go on as another had given up */
    int64_t waited;    /* starts of gangs that had held nodes for some time */
    int64_t passed;    /* starts of a job while one before it holds nodes */
    int64_t beside;    /* starts of gangs with two pods on one node */
    int64_t remainder; /* starts of gangs whose last pod is smaller */
    int64_t refused;
};

extern struct slow_coscheduling_deeds slow_coscheduling_deeds;

#endif
