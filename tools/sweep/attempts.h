/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tasks of a shard said of themselves: FOLDER/attempts/00007, a line an event.
 *
 *     1 begin 2026-11-30T10:00:00Z job 12 on node3
 *     1 end 2026-11-30T10:00:09Z code 137
 *     1 refused 2026-11-30T10:01:00Z after 3 attempts
 *
 * The first word is the submission. A task that was killed with its shell leaves no end. The lines
 * are a hint for people and a brake on repetition; whether a shard is done, its file says.
 */
#ifndef TOOLS_SWEEP_ATTEMPTS_H
#define TOOLS_SWEEP_ATTEMPTS_H

#include <stdbool.h>

#include "tools/sweep/directory.h"

struct attempts {
    int32_t begun;       /* in all submissions */
    int32_t submission;  /* of the last line; 0: there is none */
    bool ended, refused; /* that attempt; its task was not let begin */
    int code;            /* where ended */
    char where[160];     /* of the last that began: "job 12 on node3" */
};

/* Lines that are none of these are passed over; no file is no attempts. */
void attempts_read(const struct directory *d, int32_t shard, struct attempts *attempts);

#endif
