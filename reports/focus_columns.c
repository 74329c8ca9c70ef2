/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/focus_columns.h"

#include <stddef.h>
#include <string.h>

const struct focus_column_def focus_columns[FOCUS_COLUMN_N] = {
#define FOCUS_DEF(name, type, null, mandatory, values) { #name, type, null, mandatory, values },
    FOCUS_COLUMNS(FOCUS_DEF)
#undef FOCUS_DEF
};

int focus_column_find(const char *name)
{
    for (int i = 0; i < FOCUS_COLUMN_N; i++)
        if (strcmp(focus_columns[i].name, name) == 0) return i;
    return -1;
}
