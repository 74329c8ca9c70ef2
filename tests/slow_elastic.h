/* SPDX-License-Identifier: Apache-2.0 */
/* What the slow elastic orders have done since the test began: that they were not idle. */
#ifndef TESTS_SLOW_ELASTIC_H
#define TESTS_SLOW_ELASTIC_H

#include <stdint.h>

struct slow_elastic_deeds {
    int64_t grown, shrunk; /* sizes that changed */
    int64_t beside;  /* a job was moved though its size stayed: others had its nodes by then */
    int64_t evened;  /* GPUs went from one to another */
    int64_t stuck;   /* no nodes for one more, while GPUs were free */
    int64_t blocked; /* a head had GPUs by the counts, and no nodes */
};
extern struct slow_elastic_deeds slow_elastic_deeds;

#endif
