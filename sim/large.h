/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for arrays that are walked at random: aligned to cache lines, and from a few megabytes on
 * in huge pages where the system grants them, which saves a page-table walk at every other access.
 * Given back with free().
 */
#ifndef SIM_LARGE_H
#define SIM_LARGE_H

#include <stddef.h>

/* At least size bytes, not zeroed; NULL on lack of memory. */
void *large_alloc(size_t size);

#endif
