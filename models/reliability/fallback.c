/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/fallback.h"

#include <stddef.h>

const struct fallback_kind fallback_kinds[] = {
    [FALLBACK_NONE] = { "none", "spot or not, whichever has room, in the order of the pools", "" },
    [FALLBACK_AFTER_RECLAIMS] = { "after-reclaims",
                                  "spot alone until a job was taken back so often, then none",
                                  "restarts with a most number of attempts: Duda 1983" },
    [FALLBACK_SAFETY_NET] = { "safety-net",
                              "spot alone until the deadline leaves time for the work, then none",
                              "Wu et al., Can't Be Late, NSDI'24: the greedy policy" },
    [FALLBACK_UNIFORM_PROGRESS] = { "uniform-progress",
                                    "spot, and others while work is behind the time; a safety net",
                                    "Wu et al., Can't Be Late, NSDI'24: section 5.2" },
    { NULL, NULL, NULL },
};
