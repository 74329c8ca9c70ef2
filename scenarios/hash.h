/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4), for provenance: which bytes a result was made from. Not for secrets.
 * Feed any number of pieces, then take the digest as 64 hexadecimal digits and a zero.
 */
#ifndef SCENARIOS_HASH_H
#define SCENARIOS_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

struct sha256 {
    uint32_t state[8];
    uint64_t bytes;
    unsigned char block[64];
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *bytes, size_t n);
void sha256_end(struct sha256 *h, char hex[65]);

/* Of a whole file as it lies on disk; *bytes is its length. */
enum status sha256_file(const char *path, char hex[65], int64_t *bytes, struct error *err);

#endif
