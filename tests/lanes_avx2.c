/* SPDX-License-Identifier: Apache-2.0 */
#ifdef __x86_64__
#define MC_LANES 8
#endif
#include "models/montecarlo/queue.h"
#include "tests/lanes_body.h"

bool lanes_avx2(const struct lanes_tables *t, const uint32_t *words, uint32_t n,
                uint32_t *const out[LANES_ROW_N])
{
    if (!queue_engine_here(QUEUE_AVX2)) return false;
    lanes_rows(t, words, n, out);
    return true;
}
