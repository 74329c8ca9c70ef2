/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/warnings.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/format.h"

char *warning_overload(const struct fleet_warning *fleets, int32_t n)
{
    char *text = NULL;
    size_t size = 0;
    bool any = false;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    for (int32_t f = 0; f < n; f++) {
        const struct fleet_warning *fleet = &fleets[f];
        if (!(fleet->offered > fleet->ceiling)) continue;
        fprintf(out, "%s%s (asked for %s of its GPUs", any ? ", " : "Too small: ", fleet->fleet,
                format_percent(fleet->offered).s);
        if (fleet->ceiling < 1)
            fprintf(out, "; gangs in this order keep %s busy at most",
                    format_percent(fleet->ceiling).s);
        fputs(")", out);
        any = true;
    }
    if (any) fputs(". The queue grows as long as jobs come, and waits with it.", out);
    if (fclose(out) == 0 && any) return text;
    free(text);
    return NULL;
}

char *warning_tails(const struct fleet_warning *fleets, int32_t n)
{
    char *text = NULL;
    size_t size = 0;
    bool any = false;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    for (int32_t f = 0; f < n; f++) {
        const struct fleet_warning *fleet = &fleets[f];
        if (!fleet->tail_moment) continue;
        fprintf(out,
                "%s%s: jobs of %lld GPU%s or more fail every %s and start over, and the longest of "
                "their run times fall off by %s: the %s of their time to finish is infinite, "
                "and no figure has an interval.",
                any ? " " : "", fleet->fleet, (long long)fleet->tail_gpus,
                fleet->tail_gpus == 1 ? "" : "s", format_duration(fleet->tail_failure_s).s,
                format_duration(fleet->tail_excess_s).s, fleet->tail_moment);
        any = true;
    }
    if (any) fputs(" Checkpoints at an interval would help.", out);
    if (fclose(out) == 0 && any) return text;
    free(text);
    return NULL;
}
