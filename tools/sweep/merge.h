/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shards of one sweep into one file, which is byte for byte (but for who worked on it) that of a
 * run on one machine.
 *
 *      files -- each sound? of one sweep? -- points in their order, each once -- PATH
 *
 * Merging again gives the same: a file that is itself merged may be among the files. Nothing is
 * written unless every file is good; what is missing is counted, by shard.
 */
#ifndef TOOLS_SWEEP_MERGE_H
#define TOOLS_SWEEP_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

struct merge_request {
    const char *const *files;
    size_t n;
    const char *output, *rerun;
    bool partial; /* write the file also where points are missing */
    const volatile int *stop;
};

struct merge_report {
    char identity[65];
    int64_t points, merged, missing, twice; /* twice: in several files, the same in each */
    int64_t shards;                         /* of the sweep, as the files say; 0 */
    char *missing_text;                     /* "shards 3, 7 to 9"; "" */
    char *problems;                         /* what is wrong with files, a line each; "" */
    bool written;
};

/* STATUS_BAD_INPUT: a file is damaged, is no sweep's, or is of another than the first; or two files
 * hold other figures of one point. Free the report whatever is returned. */
enum status sweep_merge(const struct merge_request *request, struct merge_report *report,
                        struct error *err);
void merge_report_free(struct merge_report *report);

#endif
