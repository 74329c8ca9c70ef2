/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/diagnostics.h"

#include <stdlib.h>
#include <string.h>

enum {
    TEXT_MAX = 2000,    /* bytes kept of a message, hint or note */
    LINE_COLUMNS = 160, /* columns shown of a source line */
    LINE_BEFORE = 60,   /* characters kept before the marked place of a longer line */
    LINE_BYTES = 1000,  /* bytes kept of a source line */
    WORD_MAX = 64,
};

/* ---- Characters ---- */

int32_t utf8_next(const char **text)
{
    const unsigned char *s = (const unsigned char *)*text;
    int32_t point = -1;
    int more = 0;
    if (s[0] < 0x80) point = s[0];
    else if (s[0] >= 0xc2 && s[0] < 0xe0) {
        point = s[0] & 0x1f;
        more = 1;
    } else if (s[0] >= 0xe0 && s[0] < 0xf0) {
        point = s[0] & 0x0f;
        more = 2;
    } else if (s[0] >= 0xf0 && s[0] < 0xf5) {
        point = s[0] & 0x07;
        more = 3;
    }
    for (int i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80) { /* stops at the terminating zero too */
            point = -1;
            break;
        }
        point = point << 6 | (s[i] & 0x3f);
    }
    static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000) || point < least[more]) point = -1;
    *text += point < 0 ? 1 : 1 + more;
    return point;
}

int utf8_printable(int32_t p)
{
    if (p < 0x20 || (p >= 0x7f && p < 0xa0)) return 0;
    if (p == 0xad || p == 0x61c || p == 0xfeff || (p >= 0xfff9 && p <= 0xfffb)) return 0;
    if ((p >= 0x200b && p <= 0x200f) || (p >= 0x2028 && p <= 0x202e) ||
        (p >= 0x2060 && p <= 0x206f))
        return 0;
    return p < 0xe0000 || p > 0xe0fff;
}

/* Columns a terminal gives a printable character: 0 for marks that combine, 2 for wide East Asian
 * forms and emoji (Unicode 15, East Asian Width W and F, by block), 1 for the rest. */
static int point_columns(int32_t p)
{
    static const struct {
        int32_t first, last;
        int columns;
    } ranges[] = {
        { 0x300, 0x36f, 0 },     { 0x483, 0x489, 0 },     { 0x591, 0x5bd, 0 },
        { 0x610, 0x61a, 0 },     { 0x64b, 0x65f, 0 },     { 0x1100, 0x115f, 2 },
        { 0x1ab0, 0x1aff, 0 },   { 0x1dc0, 0x1dff, 0 },   { 0x20d0, 0x20ff, 0 },
        { 0x231a, 0x231b, 2 },   { 0x23e9, 0x23ec, 2 },   { 0x2614, 0x2615, 2 },
        { 0x26a1, 0x26a1, 2 },   { 0x2705, 0x2705, 2 },   { 0x274c, 0x274c, 2 },
        { 0x2e80, 0x303e, 2 },   { 0x3041, 0x33ff, 2 },   { 0x3400, 0x4dbf, 2 },
        { 0x4e00, 0x9fff, 2 },   { 0xa000, 0xa4cf, 2 },   { 0xa960, 0xa97f, 2 },
        { 0xac00, 0xd7a3, 2 },   { 0xf900, 0xfaff, 2 },   { 0xfe00, 0xfe0f, 0 },
        { 0xfe20, 0xfe2f, 0 },   { 0xfe30, 0xfe6f, 2 },   { 0xff00, 0xff60, 2 },
        { 0xffe0, 0xffe6, 2 },   { 0x1f300, 0x1f64f, 2 }, { 0x1f680, 0x1f6ff, 2 },
        { 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && ranges[i].first <= p; i++)
        if (p <= ranges[i].last) return ranges[i].columns;
    return 1;
}

/* Prints the character at *text, safely; returns its columns. out may be NULL: only measure. */
static int put_point(FILE *out, const char **text)
{
    const char *from = *text;
    int32_t point = utf8_next(text);
    char escape[16];
    if (point >= 0 && utf8_printable(point)) {
        if (out) fwrite(from, 1, (size_t)(*text - from), out);
        return point_columns(point);
    }
    if (point == '\n') strcpy(escape, "\\n");
    else if (point == '\t') strcpy(escape, "\\t");
    else if (point == '\r') strcpy(escape, "\\r");
    else if (point < 0x80) snprintf(escape, sizeof escape, "\\x%02x", (unsigned char)*from);
    else snprintf(escape, sizeof escape, "\\u%04x", (unsigned)point);
    if (out) fputs(escape, out);
    return (int)strlen(escape);
}

void print_safe(FILE *out, const char *text)
{
    while (*text) put_point(out, &text);
}

/* ---- The list ---- */

void diagnostics_init(struct diagnostics *list) { memset(list, 0, sizeof *list); }

static void diagnostic_free(struct diagnostic *d)
{
    free(d->file);
    free(d->source_line);
    free(d->message);
    free(d->hint);
    free(d->note);
    free(d->other_source_line);
}

void diagnostics_free(struct diagnostics *list)
{
    for (size_t i = 0; i < list->n; i++) diagnostic_free(&list->items[i]);
    free(list->items);
    diagnostics_init(list);
}

/* A copy of at most n bytes that does not end inside a character; *ok becomes 0 without memory. */
static char *copy(const char *text, size_t n, int *ok)
{
    if (!text) return NULL;
    size_t length = strnlen(text, n);
    if (length == n)
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
    char *made = strndup(text, length);
    if (!made) *ok = 0;
    return made;
}

void diagnostics_add(struct diagnostics *list, const struct diagnostic *d)
{
    if (d->severity == SEVERITY_ERROR) list->errors++;
    else list->warnings++;
    if (list->n >= DIAGNOSTICS_MAX) {
        list->dropped++;
        return;
    }
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct diagnostic *items = realloc(list->items, capacity * sizeof *items);
        if (!items) {
            list->dropped++;
            return;
        }
        list->items = items;
        list->capacity = capacity;
    }
    const char *line = d->source_line;
    size_t cut = 0;
    if (line && strnlen(line, LINE_BYTES + 1) > LINE_BYTES)
        for (; cut + LINE_BEFORE + 1 < d->column && *line; cut++) utf8_next(&line);
    int ok = 1;
    struct diagnostic made = *d;
    made.cut = cut;
    made.file = copy(d->file, TEXT_MAX, &ok);
    made.source_line = copy(line, LINE_BYTES, &ok);
    made.message = copy(d->message ? d->message : "", TEXT_MAX, &ok);
    made.hint = copy(d->hint, TEXT_MAX, &ok);
    made.note = copy(d->note, TEXT_MAX, &ok);
    made.other_source_line = copy(d->other_source_line, LINE_BYTES, &ok);
    if (!ok) {
        diagnostic_free(&made);
        list->dropped++;
        return;
    }
    list->items[list->n++] = made;
}

/* ---- Printing ---- */

struct colours {
    const char *place, *error, *warning, *gutter, *mark, *end;
};

static const struct colours no_colours = { "", "", "", "", "", "" };
static const struct colours ansi_colours = { "\033[1m",  "\033[1;31m", "\033[1;35m",
                                             "\033[34m", "\033[1;32m", "\033[0m" };

static const char *shown_file(const struct diagnostic *d)
{
    if (!d->file || !d->file[0]) return "<input>";
    return strcmp(d->file, "-") == 0 ? "<stdin>" : d->file;
}

/* Prints as much of a source line as fits; returns whether it was cut short. */
static void print_source(FILE *out, const char *line, size_t cut)
{
    int columns = 0;
    if (cut) fputs("...", out);
    while (*line && *line != '\n' && *line != '\r') {
        const char *next = line;
        columns += put_point(NULL, &next);
        if (columns > LINE_COLUMNS) {
            fputs("...", out);
            return;
        }
        put_point(out, &line);
    }
}

static void print_marks(FILE *out, const struct diagnostic *d)
{
    const char *line = d->source_line;
    int columns = d->cut ? 3 : 0, marks = 0;
    for (size_t i = d->cut + 1; i < d->column;
         i++) /* one column a character beyond the line's end */
        columns += *line && columns < LINE_COLUMNS ? put_point(NULL, &line) : *line ? 0 : 1;
    for (size_t i = 0; i < d->width && *line && columns + marks < LINE_COLUMNS; i++)
        marks += put_point(NULL, &line);
    for (int i = 0; i < columns && i < 2 * LINE_COLUMNS; i++) putc(' ', out);
    for (int i = 0; i < marks || i == 0; i++) putc('^', out);
}

static void print_one(const struct diagnostic *d, FILE *out, const struct colours *c)
{
    fputs(c->place, out);
    print_safe(out, shown_file(d));
    if (d->line) fprintf(out, ":%zu", d->line);
    if (d->line && d->column) fprintf(out, ":%zu", d->column);
    int error = d->severity == SEVERITY_ERROR;
    fprintf(out, ":%s %s%s:%s ", c->end, error ? c->error : c->warning, error ? "error" : "warning",
            c->end);
    print_safe(out, d->message);
    putc('\n', out);
    int hinted = 0;
    if (d->source_line && d->line) {
        fprintf(out, "%s%5zu |%s ", c->gutter, d->line, c->end);
        print_source(out, d->source_line, d->cut);
        putc('\n', out);
        if (d->column) {
            fprintf(out, "%s      |%s %s", c->gutter, c->end, c->mark);
            print_marks(out, d);
            if (d->hint) {
                putc(' ', out);
                print_safe(out, d->hint);
                hinted = 1;
            }
            fprintf(out, "%s\n", c->end);
        }
    }
    if (d->other_source_line && d->other_line) {
        fprintf(out, "%s%5zu |%s ", c->gutter, d->other_line, c->end);
        print_source(out, d->other_source_line, 0);
        fputs("   <- first set here\n", out);
    }
    if (d->hint && !hinted) {
        fprintf(out, "%s      =%s %s", c->gutter, c->end, c->mark);
        print_safe(out, d->hint);
        fprintf(out, "%s\n", c->end);
    }
    if (d->note) {
        fprintf(out, "%s      =%s ", c->gutter, c->end);
        print_safe(out, d->note);
        putc('\n', out);
    }
    putc('\n', out);
}

struct ranked {
    size_t file, index;
    const struct diagnostic *d;
};

static int ranked_compare(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    if (a->file != b->file) return a->file < b->file ? -1 : 1;
    if (a->d->line != b->d->line) return a->d->line < b->d->line ? -1 : 1;
    if (a->d->column != b->d->column) return a->d->column < b->d->column ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void diagnostics_print(const struct diagnostics *list, FILE *out, int colour, const char *closing)
{
    const struct colours *c = colour ? &ansi_colours : &no_colours;
    struct ranked order[DIAGNOSTICS_MAX];
    size_t files_with_errors = 0;
    const char *file = NULL;
    for (size_t i = 0; i < list->n; i++) {
        const struct diagnostic *d = &list->items[i];
        size_t first = 0, first_error = i;
        while (strcmp(shown_file(&list->items[first]), shown_file(d)) != 0) first++;
        order[i] = (struct ranked){ first, i, d };
        if (d->severity != SEVERITY_ERROR) continue;
        for (size_t k = i; k-- > first;)
            if (list->items[k].severity == SEVERITY_ERROR && order[k].file == first)
                first_error = k;
        if (first_error == i) {
            files_with_errors++;
            file = shown_file(d);
        }
    }
    qsort(order, list->n, sizeof order[0], ranked_compare);
    for (size_t i = 0; i < list->n; i++) print_one(order[i].d, out, c);
    if (list->dropped)
        fprintf(out, "%zu more %s not shown\n\n", list->dropped,
                list->dropped == 1 ? "message is" : "messages are");
    if (!list->errors) return;
    fprintf(out, "%zu %s in ", list->errors, list->errors == 1 ? "error" : "errors");
    if (files_with_errors == 1) print_safe(out, file);
    else if (files_with_errors) fprintf(out, "%zu files", files_with_errors);
    else fputs("the input", out);
    putc('.', out);
    if (closing && closing[0]) fprintf(out, " %s", closing);
    putc('\n', out);
}

/* ---- Did you mean ---- */

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Edits (insert, delete, replace, swap of neighbours, no substring edited twice) between two texts
 * of at most WORD_MAX bytes. Value to check: "ca" and "abc" are 3 apart (2 in the unrestricted
 * distance). */
static size_t alignment_distance(const char *a, size_t an, const char *b, size_t bn)
{
    unsigned char row[3][WORD_MAX + 1]; /* rows i - 2, i - 1, i by turns */
    for (size_t j = 0; j <= bn; j++) row[0][j] = (unsigned char)j;
    for (size_t i = 1; i <= an; i++) {
        unsigned char *now = row[i % 3], *last = row[(i - 1) % 3], *before = row[(i + 1) % 3];
        now[0] = (unsigned char)i;
        for (size_t j = 1; j <= bn; j++) {
            int best = last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            if (last[j] + 1 < best) best = last[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]) && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = (unsigned char)best;
        }
    }
    return row[an % 3][bn];
}

const char *nearest_word(const char *text, const char *const *words, size_t n)
{
    size_t length = strnlen(text, WORD_MAX + 1);
    if (length == 0 || length > WORD_MAX) return NULL;
    size_t within = length / 3 ? length / 3 : 1, best = 0;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t word = strnlen(words[i], WORD_MAX + 1);
        if (word > WORD_MAX || word > length + within || length > word + within) continue;
        size_t distance = alignment_distance(text, length, words[i], word);
        if (distance <= within && distance < length && (!nearest || distance < best)) {
            nearest = words[i];
            best = distance;
        }
    }
    return nearest;
}

const char *did_you_mean(char hint[HINT_MAX], const char *text, const char *const *words, size_t n)
{
    const char *near = nearest_word(text, words, n);
    hint[0] = '\0';
    if (near) snprintf(hint, HINT_MAX, "did you mean '%s'?", near);
    return near;
}
