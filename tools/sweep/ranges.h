/* SPDX-License-Identifier: Apache-2.0 */
/* A set of shards in few words: "0-4,7,9-12", as Slurm's arrays and Kubernetes write them. */
#ifndef TOOLS_SWEEP_RANGES_H
#define TOOLS_SWEEP_RANGES_H

#include <stdbool.h>
#include <stdint.h>

/* Writes the true ones of wanted[0 .. n) from the first on, as many as fit into `most` bytes, into
 * *text (malloc'd; NULL: no memory). Returns how many are in it. */
int32_t ranges_write(const bool *wanted, int32_t n, int32_t most, char **text);

#endif
