/* SPDX-License-Identifier: Apache-2.0 */
/* Files as shards of a sweep leave them, without running anything. */
#ifndef TESTS_SWEEP_SHARDS_H
#define TESTS_SWEEP_SHARDS_H

#include <stdint.h>

/* A file of shard `shard` of `shards` of a sweep of `points` points, with `done` of its own. */
void write_shard(const char *path, const char *identity, int64_t points, int64_t shard,
                 int64_t shards, int64_t done);

#endif
