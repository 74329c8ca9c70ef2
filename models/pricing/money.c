/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/money.h"

int64_t rated_usd_micro(__int128 rated)
{
    __int128 usd = rated / RATED_USD_MICRO + (rated % RATED_USD_MICRO >= RATED_USD_MICRO / 2);
    return usd > INT64_MAX ? INT64_MAX : (int64_t)usd;
}

__int128 rated_share(__int128 amount, __int128 part, __int128 whole)
{
    __int128 each = amount / whole, rest = amount % whole; /* rest x part < whole^2 < 2^128 */
    return each * part +
           (__int128)((unsigned __int128)rest * (unsigned __int128)part / (unsigned __int128)whole);
}
