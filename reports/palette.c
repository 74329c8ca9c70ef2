/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/palette.h"

#include <stddef.h>
#include <string.h>

const struct palette_entry palette[] = {
    { "ink", "#1b2330", "#e8ebf0" },
    { "mute", "#5b6675", "#9aa5b4" },
    { "grid", "#e3e7ec", "#2a323d" },
    { "res", "#0b62a0", "#2f8fd6" },
    { "spot", "#2fb894", "#6fe0bf" },
    { "od", "#eba40a", "#f5b93f" },
    { "idle", "#ccd3da", "#46515e" },
    { "sto", "#7a8694", "#9aa5b2" },
    { "accent", "#d55e00", "#f26a2a" },
    { "base", "#3d4855", "#c3ccd6" },
    { "dim", "#b4bcc7", "#556170" },
    { "zone", "#f6f1e7", "#1d222a" },
    { "paper", "#ffffff", "#12171e" },
    { "h0", "#eef4f9", "#17222e" },
    { "h1", "#d6e6f2", "#1b3247" },
    { "h2", "#b5d3e8", "#1f4563" },
    { "h3", "#8bbbdb", "#245a82" },
    { "h4", "#5b9fca", "#2b6c9b" },
    { "h5", "#2c79ae", "#4b9ace" },
    { "h6", "#17629a", "#76b7e2" },
    { "h7", "#0b4370", "#b0dbf5" },
    { "t0", "#5b6675", "#9aa5b4" },
    { "t1", "#48535f", "#a9b5c4" },
    { "t2", "#2c3846", "#c9d3de" },
    { "t3", "#1b2733", "#e6edf5" },
    { "t4", "#0d1720", "#ffffff" },
    { "t5", "#ffffff", "#07121c" },
    { "t6", "#ffffff", "#07121c" },
    { "t7", "#ffffff", "#07121c" },
    { "onbar", "#1b2330", "#12171e" }, /* words on an amber, green or grey bar */
    { NULL, NULL, NULL },
};

int palette_index(const char *token)
{
    for (int i = 0; palette[i].token; i++)
        if (strcmp(palette[i].token, token) == 0) return i;
    return -1;
}
