/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/ranges.h"

#include <stdio.h>
#include <stdlib.h>

int32_t ranges_write(const bool *wanted, int32_t n, int32_t most, char **text)
{
    int32_t taken = 0, used = 0;
    if (!(*text = malloc((size_t)most + 1))) return 0;
    **text = '\0';
    for (int32_t i = 0, end; i < n; i = end) {
        char range[40];
        for (end = i + 1; wanted[i] && end < n && wanted[end];) end++;
        if (!wanted[i]) continue;
        int length = snprintf(range, sizeof range, end - i > 1 ? "%s%d-%d" : "%s%d",
                              used ? "," : "", i, end - 1);
        if (used + length > most) break;
        used += sprintf(*text + used, "%s", range);
        taken += end - i;
    }
    return taken;
}
