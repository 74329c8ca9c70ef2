/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/purchase.h"

#include <stddef.h>
#include <string.h>

const struct purchase_option purchase_options[] = {
    { "on-demand", "list price for every hour a node is up", "provider price lists" },
    { "spot", "the market's price for nodes that may be taken back",
      "EC2 user guide (June 2023), spot instances" },
    { "owned", "capex over its life, power times PUE, space and staff",
      "straight-line amortisation" },
    { NULL, NULL, NULL },
};

const struct purchase_option *purchase_option_find(const char *name)
{
    for (const struct purchase_option *o = purchase_options; o->name; o++)
        if (strcmp(o->name, name) == 0) return o;
    return NULL;
}

int64_t charge_usd_micro(int64_t usd_nano_per_hour, int64_t time_us)
{
    const __int128 divisor = (__int128)3600 * 1000000 * 1000;
    __int128 usd = ((__int128)usd_nano_per_hour * time_us + divisor / 2) / divisor;
    return usd > INT64_MAX ? INT64_MAX : (int64_t)usd;
}
