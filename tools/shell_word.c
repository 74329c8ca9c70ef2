/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/shell_word.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/diagnostics.h"

/* 'it'\''s' */
void shell_quote(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'') fputs("'\\''", out);
        else fputc(*text, out);
    }
    fputc('\'', out);
}

void shell_word(FILE *out, const char *text)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    if (*text && text[strspn(text, safe)] == '\0') fputs(text, out);
    else shell_quote(out, text);
}

void shell_word_shown(FILE *out, const char *text)
{
    char *word = NULL;
    size_t n;
    FILE *to = open_memstream(&word, &n);
    if (!to) return;
    shell_word(to, text);
    if (fclose(to) == 0) print_safe(out, word);
    free(word);
}
