/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lanes_body.h"

void lanes_plain(const struct lanes_tables *t, const uint32_t *words, uint32_t n,
                 uint32_t *const out[LANES_ROW_N])
{
    lanes_rows(t, words, n, out);
}
