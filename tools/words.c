/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/words.h"

#include <stdbool.h>
#include <string.h>

size_t words_put(FILE *out, const char *text, size_t at, size_t left, size_t width)
{
    bool first = at == left;
    for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
        size_t n = strcspn(text, " \n");
        if (!first && at + 1 + n > width) {
            fprintf(out, "\n%*s", (int)left, "");
            at = left;
            first = true;
        }
        fprintf(out, "%s%.*s", first ? "" : " ", (int)n, text);
        at += n + !first;
        first = false;
        text += n;
    }
    return at;
}
