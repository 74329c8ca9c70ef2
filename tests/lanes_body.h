/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of lanes.h, for the width that MC_LANES says. */
#ifndef TESTS_LANES_BODY_H
#define TESTS_LANES_BODY_H

#include <string.h>

#include "models/montecarlo/alias.h"
#include "models/montecarlo/exp2.h"
#include "models/montecarlo/law.h"
#include "models/montecarlo/philox.h"
#include "tests/lanes.h"

static inline void lanes_put(uint32_t *at, mc_u32 v) { memcpy(at, &v, sizeof v); }

static inline void lanes_rows(const struct lanes_tables *t, const uint32_t *words, uint32_t n,
                              uint32_t *const out[LANES_ROW_N])
{
    for (uint32_t i = 0; i < n; i += sizeof(mc_u32) / 4) {
        mc_u32 u;
        memcpy(&u, words + i, sizeof u);
        struct mc_words w =
            mc_philox(u, u ^ mc_all_u32(5), u * 3u, u >> 7, 0x12345678u, 0x9abcdef0u);
        mc_u32 other = w.x[0], law = w.x[1] >> 31;
        lanes_put(out[LANES_PHILOX] + i, w.x[0]);
        lanes_put(out[LANES_PHILOX_LAST] + i, w.x[3]);
        lanes_put(out[LANES_DRAW] + i, law_draw(t->laws, u));
        lanes_put(out[LANES_DRAW_OF] + i, law_draw_of(t->laws, law, u));
        lanes_put(out[LANES_DRAW_LONG] + i, law_draw_long(t->long_laws, u, other));
        lanes_put(out[LANES_DRAW_LONG_OF] + i, law_draw_long_of(t->long_laws, law, u >> 20, u));
        lanes_put(out[LANES_NORMAL] + i, (mc_u32)law_draw_normal(t->normal, u));
        lanes_put(out[LANES_EXP2] + i, (mc_u32)mc_exp2((mc_i32)u >> 11));
        lanes_put(out[LANES_ALIAS] + i, alias_draw(t->bins, LANES_ALIAS_BITS, u));
        lanes_put(out[LANES_SHARE] + i, mc_share(u, other));
        lanes_put(out[LANES_SCALE] + i, (mc_u32)mc_scale((mc_i32)u, (mc_i32)other));
        lanes_put(out[LANES_LEAST] + i, mc_least(u, other));
        lanes_put(out[LANES_MOST] + i, mc_most(u, other));
    }
}

#endif
