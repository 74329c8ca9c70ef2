/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/yaml_text.h"

#include <stdint.h>
#include <string.h>

#include "scenarios/diagnostics.h"

/* YAML 1.2, 5.1, less what a reader of YAML 1.1 takes for the end of a line (NEL, LS, PS). */
static bool prints(int32_t c)
{
    if (c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xfeff) return false;
    return (c >= 0x20 && c <= 0x7e) || (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
           c >= 0x10000;
}

bool yaml_text_is_sayable(const char *text)
{
    while (*text)
        if (utf8_next(&text) < 0) return false;
    return true;
}

void yaml_text_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text) {
        const char *from = text;
        int32_t c = utf8_next(&text);
        if (c < 0) break; /* the caller looked */
        if (c == '"' || c == '\\') fprintf(out, "\\%c", (char)c);
        else if (c == '\n') fputs("\\n", out);
        else if (c == '\t') fputs("\\t", out);
        else if (prints(c)) fwrite(from, 1, (size_t)(text - from), out);
        else fprintf(out, c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
    }
    fputc('"', out);
}

static bool is_block(const char *text)
{
    size_t n = strlen(text);
    /* A block's first line says how far in it stands; its last is told from none by its end. */
    if (n < 2 || text[n - 1] != '\n' || text[n - 2] == '\n' || strchr(" \t\n", *text)) return false;
    while (*text) {
        int32_t c = utf8_next(&text);
        if (c != '\n' && c != '\t' && !prints(c)) return false;
    }
    return true;
}

void yaml_text_block(FILE *out, int indent, const char *text)
{
    if (!is_block(text)) {
        yaml_text_quoted(out, text);
        fputc('\n', out);
        return;
    }
    fputs("|\n", out);
    for (const char *end; *text; text = end + 1) {
        end = strchr(text, '\n');
        if (end > text) fprintf(out, "%*s%.*s", indent, "", (int)(end - text), text);
        fputc('\n', out);
    }
}
