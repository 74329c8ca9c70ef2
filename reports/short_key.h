/* SPDX-License-Identifier: Apache-2.0 */
/* A key that varies by as few names of its path as tell it from the others: "nodes", "today.nodes".
 */
#ifndef REPORTS_SHORT_KEY_H
#define REPORTS_SHORT_KEY_H

#include <stddef.h>

/* Of the key-th of n paths, whose names have dots between (vary.h); malloc'd, NULL without memory.
 */
char *short_key(const char *const *paths, size_t n, size_t key);

#endif
