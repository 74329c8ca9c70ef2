/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/svg_post.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/palette.h"

static int starts(const char *at, const char *end, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(end - at) >= n && memcmp(at, word, n) == 0;
}

/* "rgb(  1,   1,  14)" -> the palette entry; bytes read, 0 where it is another colour. */
static size_t sentinel(const char *at, const char *end, int *index)
{
    int red, green, blue, used = 0;
    char text[32];
    size_t n = (size_t)(end - at) < sizeof text - 1 ? (size_t)(end - at) : sizeof text - 1;
    memcpy(text, at, n);
    text[n] = '\0';
    if (sscanf(text, "rgb(%d,%d,%d)%n", &red, &green, &blue, &used) != 3 || used == 0 || red != 1 ||
        green != 1)
        return 0;
    *index = blue - 1;
    for (int i = 0; i <= *index; i++)
        if (!palette[i].token) return 0;
    return *index >= 0 ? (size_t)used : 0;
}

/* "Label12Q" -> its number; bytes read. */
static size_t label(const char *at, const char *end, int *index)
{
    const char *p = at + 5;
    long n = 0;
    while (p < end && isdigit((unsigned char)*p) && n < 100000) n = 10 * n + (*p++ - '0');
    if (p == at + 5 || p >= end || *p != 'Q') return 0;
    *index = (int)n;
    return (size_t)(p + 1 - at);
}

static const char *skip_element(const char *at, const char *end, const char *close)
{
    const char *found = memmem(at, (size_t)(end - at), close, strlen(close));
    return found ? found + strlen(close) : end;
}

/* A colour: a variable of the page, or itself where there is no page to say what it is. */
static void colour(FILE *out, const struct svg_post *p, int index)
{
    if (p->alone) fputs(palette[index].light, out);
    else fprintf(out, "var(--%s)", palette[index].token);
}

static void head(FILE *out, const struct svg_post *p)
{
    fprintf(out,
            "<svg viewBox=\"0 0 %d %d\" class=\"chart\" role=\"img\" aria-labelledby=\"%s-t %s-d\" "
            "xmlns=\"http://www.w3.org/2000/svg\" "
            "xmlns:xlink=\"http://www.w3.org/1999/xlink\"",
            p->width, p->height, p->id, p->id);
    if (p->alone) {
        fprintf(out, " width=\"%d\" height=\"%d\" font-family=\"sans-serif\" color=\"", p->width,
                p->height);
        colour(out, p, palette_index("ink"));
        fputc('"', out);
    }
    fprintf(out, ">\n<title id=\"%s-t\">", p->id);
    escape_html(out, p->title);
    fprintf(out, "</title><desc id=\"%s-d\">", p->id);
    escape_html(out, p->description);
    fputs("</desc>\n", out);
    if (!p->alone) return;
    fprintf(out, "<rect width=\"%d\" height=\"%d\" fill=\"", p->width, p->height);
    colour(out, p, palette_index("paper"));
    fputs("\"/>\n", out);
}

static void body(FILE *out, const char *at, const char *end, const struct svg_post *p)
{
    static const struct {
        const char *from, *to;
    } plain[] = {
        { " font-family=\":Bold\"", " font-weight=\"600\"" },
        { " font-family=\"sans-serif\"", "" },
        { " font-family=\"sans-serif:Bold\"", " font-weight=\"600\"" },
        { " color=\"black\"", "" },
        { "stroke=\"black\"",
          "stroke=\"currentColor\"" }, /* what asks for no colour has that of the page's text */
        { "stroke='black'", "stroke='currentColor'" },
        { " color=\"white\"", "" },
        { " class=\"gridline\"", "" },
    };
    while (at < end) {
        int index;
        size_t n;
        if (starts(at, end, "<title>")) at = skip_element(at, end, "</title>");
        else if (starts(at, end, "<desc>")) at = skip_element(at, end, "</desc>");
        else if (starts(at, end, "<filter "))
            at = skip_element(at, end, "</filter>"); /* text boxes, not used */
        else if (starts(at, end, "rgb(") && (n = sentinel(at, end, &index)) > 0) {
            colour(out, p, index);
            at += n;
        } else if (starts(at, end, "Label") && (n = label(at, end, &index)) > 0 &&
                   index < p->label_n) {
            escape_html(out, p->labels[index]);
            at += n;
        } else if (starts(at, end, " id='") || starts(at, end, " id=\"")) {
            fprintf(out, "%.5s%s-", at, p->id);
            at += 5;
        } else if (starts(at, end, "='#")) {
            fprintf(out, "='#%s-", p->id);
            at += 3;
        } else if (starts(at, end, "url(#")) {
            fprintf(out, "url(#%s-", p->id);
            at += 5;
        } else {
            size_t k = 0, kinds = sizeof plain / sizeof *plain;
            while (k < kinds && !starts(at, end, plain[k].from)) k++;
            if (k < kinds) {
                fputs(plain[k].to, out);
                at += strlen(plain[k].from);
            } else {
                fputc(*at++, out);
            }
        }
    }
}

enum status svg_rewrite(const char *svg, size_t n, const struct svg_post *post, char **out,
                        size_t *out_n, struct error *err)
{
    const char *end = svg + n, *root = memmem(svg, n, "<svg", 4),
               *inside = root ? memchr(root, '>', (size_t)(end - root)) : NULL;
    *out = NULL;
    FILE *stream = open_memstream(out, out_n);
    if (!stream) return error_set(err, STATUS_NO_MEMORY, "no memory for a chart");
    if (!inside) {
        fclose(stream);
        free(*out);
        *out = NULL;
        return error_set(err, STATUS_IO, "gnuplot's SVG has no root element");
    }
    head(stream, post);
    body(stream, inside + 1, end, post);
    if (fclose(stream) == 0) return STATUS_OK;
    free(*out);
    *out = NULL;
    return error_set(err, STATUS_NO_MEMORY, "no memory for a chart");
}
