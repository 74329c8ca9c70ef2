/* SPDX-License-Identifier: Apache-2.0 */
/* The files that are merged: each looked at by itself, on threads, and what they have together. */
#ifndef TOOLS_SWEEP_MERGE_FILES_H
#define TOOLS_SWEEP_MERGE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

struct merge_head { /* of the sweep that a file is of */
    char *identity, *scenario_name, *scenario_text, *seed;
    int64_t replications, points, shards; /* 0: none */
};

struct merge_file {
    const char *path;
    struct merge_head head;
    size_t point_n;
    int64_t *points; /* that it has, rising */
};

struct merge_files {
    size_t n;
    struct merge_file *items;
    int32_t *owner; /* [points of the sweep]: the first file that has it; -1: none */
    int64_t twice;  /* points that several files have */
};

/* STATUS_BAD_INPUT: some file is damaged, is no sweep's, or of another one than the first; all that
 * is wrong is in *problems, a line each (malloc'd, NULL: nothing). Free whatever is returned. */
enum status merge_files_look(const char *const *paths, size_t n, const volatile int *stop,
                             struct merge_files *files, char **problems, struct error *err);
void merge_files_free(struct merge_files *files);

#endif
