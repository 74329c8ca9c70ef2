/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/escape.h"

#include <stdint.h>
#include <string.h>

/* Length in bytes of the well-formed UTF-8 character at p (Unicode 15, table 3-7), 0 where there is
 * none. */
static int utf8_length(const unsigned char *p)
{
    if (p[0] < 0x80) return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) return (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (p[0] >= 0xe0 && p[0] <= 0xef) {
        unsigned char low = p[0] == 0xe0 ? 0xa0 : 0x80, high = p[0] == 0xed ? 0x9f : 0xbf;
        return p[1] >= low && p[1] <= high && (p[2] & 0xc0) == 0x80 ? 3 : 0;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        unsigned char low = p[0] == 0xf0 ? 0x90 : 0x80, high = p[0] == 0xf4 ? 0x8f : 0xbf;
        return p[1] >= low && p[1] <= high && (p[2] & 0xc0) == 0x80 && (p[3] & 0xc0) == 0x80 ? 4
                                                                                             : 0;
    }
    return 0;
}

/* C0, DEL and C1 controls, the marks that turn the direction of text around, and the two characters
 * that no XML document may hold (U+FFFE, U+FFFF). */
static int is_control(const unsigned char *p, int n)
{
    if (n == 1) return p[0] < 0x20 || p[0] == 0x7f;
    if (n == 2) return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
    if (n != 3) return 0;
    if (p[0] == 0xef) return p[1] == 0xbf && p[2] >= 0xbe;
    return p[0] == 0xe2 &&
           ((p[1] == 0x80 && ((p[2] >= 0xa8 && p[2] <= 0xae) || p[2] == 0x8e || p[2] == 0x8f)) ||
            (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

/* Calls `put` for each character; what is broken or a control is U+FFFD. */
static void each_character(FILE *out, const char *text,
                           void (*put)(FILE *, const unsigned char *, int))
{
    static const unsigned char replacement[] = "\xef\xbf\xbd";
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        int n = utf8_length(p);
        if (n == 0 || is_control(p, n)) put(out, replacement, 3);
        else put(out, p, n);
        p += n ? n : 1;
    }
}

static void put_raw(FILE *out, const unsigned char *c, int n) { fwrite(c, 1, (size_t)n, out); }

static void put_html(FILE *out, const unsigned char *c, int n)
{
    switch (n == 1 ? *c : 0) {
    case '&': fputs("&amp;", out); return;
    case '<': fputs("&lt;", out); return;
    case '>': fputs("&gt;", out); return;
    case '"': fputs("&quot;", out); return;
    case '\'': fputs("&#39;", out); return;
    default: put_raw(out, c, n);
    }
}

static void put_csv(FILE *out, const unsigned char *c, int n)
{
    if (n == 1 && *c == '"') fputc('"', out);
    put_raw(out, c, n);
}

static void put_markdown(FILE *out, const unsigned char *c, int n)
{
    if (n == 1 && strchr("\\`*_{}[]<>()#+!|~$&", *c)) fputc('\\', out);
    put_raw(out, c, n);
}

void escape_html(FILE *out, const char *text) { each_character(out, text, put_html); }
void escape_markdown(FILE *out, const char *text) { each_character(out, text, put_markdown); }
void escape_terminal(FILE *out, const char *text) { each_character(out, text, put_raw); }

void escape_csv(FILE *out, const char *text)
{
    static const char *const wide[] = { "\uff1d", "\uff0b", "\uff0d",
                                        "\uff20" }; /* = + - @ of CJK keyboards */
    int formula = *text && strchr("=+-@\t\r\n", *text) != NULL;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        formula |= strncmp(text, wide[i], 3) == 0;
    int quote = formula || strpbrk(text, ",;\"\r\n") != NULL;
    if (quote) fputc('"', out);
    if (formula) fputc('\'', out);
    each_character(out, text, put_csv);
    if (quote) fputc('"', out);
}

int escape_length(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    int n = utf8_length(p);
    return n && is_control(p, n) ? 0 : n;
}

int escape_cut(const char *text, int most)
{
    int at = 0;
    while (text[at]) {
        int n = utf8_length((const unsigned char *)text + at);
        if (at + (n ? n : 1) > most) break;
        at += n ? n : 1;
    }
    return at;
}

int escape_width(const char *text)
{
    int width = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; width++) {
        int n = utf8_length(p);
        p += n ? n : 1;
    }
    return width;
}
