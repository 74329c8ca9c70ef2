/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of two of fractions, in integers. */
#ifndef MODELS_MONTECARLO_EXP2_H
#define MODELS_MONTECARLO_EXP2_H

#include "models/montecarlo/lanes.h"

/*
 * 2^(q / 65536) x 65536, rounded down; q from -40 x 65536 to less than 15 x 65536 (beyond: the
 * ends'). The fraction is a polynomial of degree 4 in Horner's form, which is off by at most 3.5e-6
 * (relative; coefficients by least squares on Chebyshev nodes with both ends kept); what rounding
 * to 1/65536 adds is more where the power is small.
 */
MC_FN mc_i32 mc_exp2(mc_i32 q)
{
    q = mc_min(mc_max(q, mc_all_i32(-40 * 65536)), mc_all_i32(15 * 65536 - 1));
    mc_u32 fraction = (mc_u32)q << 16;
    mc_u32 p = mc_all_u32(0x0377843Cu);
    p = 0x0D5376EBu + mc_high(p, fraction);
    p = 0x3DCA6910u + mc_high(p, fraction);
    p = 0xB16A9BC8u + mc_high(p, fraction);
    /* 1.f in 31 bits, then to where the whole part says: 2^14.99 x 65536 has 31 bits. */
    mc_u32 one = mc_all_u32(0x40000000u) + (mc_high(p, fraction) >> 2);
    mc_u32 right = (mc_u32)(14 - (q >> 16));
    mc_u32 far = (mc_u32)mc_less(mc_all_i32(31), (mc_i32)right);
    return (mc_i32)(one >> (right & 31u) & ~far);
}

#endif
