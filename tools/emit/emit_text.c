/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/emit/emit_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "scenarios/diagnostics.h"

/* Controls, line ends, marks of direction, what has no shape, what is not a character. */
static bool hides(int32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0xad || point == 0x61c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
           (point >= 0xfff0 && point <= 0xfffb) || (point & 0xfffe) == 0xfffe || point >= 0xe0000;
}

/* ---- values ---- */

static struct emit_text quote(const char *text, bool hcl)
{
    struct emit_text out;
    size_t n = 0;
    out.s[n++] = '"';
    while (*text) {
        const char *from = text;
        int32_t point = utf8_next(&text);
        if (point < 0 || n + 24 > sizeof out.s) return (struct emit_text){ "" };
        if (point == '"' || point == '\\') n += (size_t)sprintf(out.s + n, "\\%c", (int)point);
        else if (hides(point) && point > 0xffff)
            n += (size_t)sprintf(out.s + n, "\\U%08" PRIX32, (uint32_t)point);
        else if (hides(point)) n += (size_t)sprintf(out.s + n, "\\u%04" PRIX32, (uint32_t)point);
        else {
            if (hcl && (point == '$' || point == '%') && *text == '{') out.s[n++] = (char)point;
            memcpy(out.s + n, from, (size_t)(text - from));
            n += (size_t)(text - from);
        }
    }
    out.s[n++] = '"';
    out.s[n] = 0;
    return out;
}

struct emit_text emit_yaml(const char *text) { return quote(text, false); }
/* Of names made of letters, digits, hyphens and dots: words by yaml.org/type (null, bool, float),
 * and what begins as a number does. */
struct emit_text emit_name(const char *name)
{
    static const char *const words[] = {
        "null", "true", "false", "yes", "no", "on", "off", "y", "n"
    };
    struct emit_text out;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(name, words[i]) == 0) return emit_yaml(name);
    if (!isalpha((unsigned char)*name)) return emit_yaml(name);
    snprintf(out.s, sizeof out.s, "%s", name);
    return out;
}

struct emit_text emit_hcl(const char *text) { return quote(text, true); }

void emit_comment(const char *text, size_t most, char out[EMIT_COMMENT_MAX])
{
    size_t n = 0;
    while (*text) {
        const char *from = text;
        int32_t point = utf8_next(&text);
        bool bad = point < 0 || hides(point) || point == '\\';
        size_t bytes = bad ? 1 : (size_t)(text - from);
        if (n + bytes > most - 3) {
            memcpy(out + n, "...", 3);
            n += 3;
            break;
        }
        if (bad) out[n] = '?';
        else memcpy(out + n, from, bytes);
        n += bytes;
    }
    out[n] = 0;
}

/* ---- names ---- */

/* Whether they are the same without their hyphens. */
static bool alike(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == '-') a++;
        while (*b == '-') b++;
        if (*a != *b) return false;
        if (!*a) return true;
    }
}

static bool is_taken(const char *slug, const char (*before)[EMIT_SLUG_MAX], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (alike(slug, before[i])) return true;
    return false;
}

void emit_slug(const char *text, const char (*before)[EMIT_SLUG_MAX], size_t n,
               char out[EMIT_SLUG_MAX])
{
    enum { STEM = EMIT_SLUG_MAX - 12 };
    char stem[STEM + 1];
    size_t m = 0;
    for (; *text && m < STEM; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x80 && isalnum(c)) {
            if (m == 0 && isdigit(c)) m = (size_t)sprintf(stem, "n");
            stem[m++] = (char)tolower(c);
        } else if (m > 0 && stem[m - 1] != '-') {
            stem[m++] = '-';
        }
    }
    while (m > 0 && stem[m - 1] == '-') m--;
    if (m == 0) m = (size_t)sprintf(stem, "pool");
    stem[m] = 0;
    strcpy(out, stem);
    for (unsigned i = 2; is_taken(out, before, n); i++) sprintf(out, "%s-x%u", stem, i);
}

static bool is_label_part(const char *text, size_t n)
{
    if (n == 0 || n > 63) return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        bool letter = c < 0x80 && isalnum(c);
        if (!letter && (i == 0 || i + 1 == n || !c || !strchr("-_.", c))) return false;
    }
    return true;
}

static bool is_dns(const char *text, size_t n)
{
    if (n == 0 || n > 253) return false;
    for (size_t i = 0; i < n; i++) {
        bool edge = i == 0 || i + 1 == n || text[i - 1] == '.' || text[i + 1] == '.';
        bool letter = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9');
        if (!letter && (edge || (text[i] != '-' && text[i] != '.'))) return false;
    }
    return true;
}

bool emit_is_dns_name(const char *text) { return is_dns(text, strlen(text)); }

bool emit_is_label_key(const char *text)
{
    const char *slash = strchr(text, '/');
    if (!slash) return is_label_part(text, strlen(text));
    return is_dns(text, (size_t)(slash - text)) && is_label_part(slash + 1, strlen(slash + 1));
}

bool emit_is_label_value(const char *text) { return !*text || is_label_part(text, strlen(text)); }

bool emit_is_word(const char *text, size_t most)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80 || (!isalnum(c) && !strchr("-_.", c))) return false;
    }
    return n > 0 && n <= most;
}

struct emit_text emit_duration(int64_t us)
{
    struct emit_text out;
    int64_t s = us / 1000000;
    size_t n = 0;
    if (s >= 3600) n += (size_t)sprintf(out.s + n, "%" PRId64 "h", s / 3600);
    if (s % 3600 >= 60) n += (size_t)sprintf(out.s + n, "%" PRId64 "m", s % 3600 / 60);
    if (s % 60 || s == 0) sprintf(out.s + n, "%" PRId64 "s", s % 60);
    return out;
}
