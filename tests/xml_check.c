/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/xml_check.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEP = 100, NAME = 64, IDS = 20000 };

struct scan {
    const char *text, *at;
    char open[DEEP][NAME];
    int depth;
    char **ids;
    int id_n;
    xml_visit *visit;
    void *arg;
};

static const char *trouble(const struct scan *s, const char *what)
{
    static char message[400];
    int line = 1;
    for (const char *c = s->text; c < s->at; c++) line += *c == '\n';
    snprintf(message, sizeof message, "line %d: %s, at '%.60s'", line, what, s->at);
    return message;
}

/* Bytes of one character that XML 1.0 allows (production 2), 0 otherwise. */
static int character(const unsigned char *p)
{
    unsigned long c = *p, least;
    int n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (n == 0) return 0;
    if (n == 1) return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
    least = n == 2 ? 0x80 : n == 3 ? 0x800 : 0x10000;
    c &= 0x7fu >> n;
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    return c >= least && c <= 0x10ffff && !(c >= 0xd800 && c < 0xe000) && c != 0xfffe && c != 0xffff
               ? n
               : 0;
}

static int entity(const char *at)
{
    static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
    for (int i = 0; i < 5; i++)
        if (strncmp(at, known[i], strlen(known[i])) == 0) return (int)strlen(known[i]);
    if (at[1] != '#') return 0;
    const char *end = at + 2 + (at[2] == 'x');
    size_t n = strspn(end, at[2] == 'x' ? "0123456789abcdefABCDEF" : "0123456789");
    return n > 0 && end[n] == ';' ? (int)(end + n + 1 - at) : 0;
}

/* Goes over text up to one of the bytes in `until`. */
static const char *pass_text(struct scan *s, const char *until)
{
    while (*s->at && !strchr(until, *s->at)) {
        int n = *s->at == '&'   ? entity(s->at)
                : *s->at == '<' ? 0
                                : character((const unsigned char *)s->at);
        if (n == 0) return trouble(s, "a character that may not stand here");
        s->at += n;
    }
    return NULL;
}

static const char *pass_name(struct scan *s, char name[NAME])
{
    size_t n = 0;
    while (isalnum((unsigned char)s->at[n]) || (s->at[n] && strchr("_:-.", s->at[n]))) n++;
    if (n == 0 || n >= NAME || !(isalpha((unsigned char)*s->at) || *s->at == '_'))
        return trouble(s, "no name");
    memcpy(name, s->at, n);
    name[n] = '\0';
    s->at += n;
    return NULL;
}

static void skip_space(struct scan *s) { s->at += strspn(s->at, " \t\r\n"); }

static const char *pass_attributes(struct scan *s, const char *element)
{
    char seen[40][NAME];
    for (int n = 0;; n++) {
        const char *before = s->at, *wrong;
        skip_space(s);
        if (*s->at == '>' || *s->at == '/') return NULL;
        if (before == s->at) return trouble(s, "no space before an attribute");
        if (n == 40) return trouble(s, "more attributes than we look at");
        if ((wrong = pass_name(s, seen[n])) != NULL) return wrong;
        for (int i = 0; i < n; i++)
            if (strcmp(seen[i], seen[n]) == 0) return trouble(s, "an attribute twice");
        skip_space(s);
        if (*s->at++ != '=') return trouble(s, "an attribute without a value");
        skip_space(s);
        if (*s->at != '"' && *s->at != '\'') return trouble(s, "a value without quotes");
        char quote[2] = { *s->at, '\0' };
        const char *value = ++s->at;
        if ((wrong = pass_text(s, quote)) != NULL) return wrong;
        if (!*s->at) return trouble(s, "an attribute that does not end");
        char *copy = strndup(value, (size_t)(s->at++ - value));
        if (!copy) abort();
        if (s->visit) s->visit(s->arg, element, seen[n], copy);
        if (strcmp(seen[n], "id") != 0) {
            free(copy);
            continue;
        }
        for (int i = 0; i < s->id_n; i++)
            if (strcmp(s->ids[i], copy) == 0) wrong = trouble(s, "an id twice");
        if (s->id_n == IDS) abort();
        s->ids[s->id_n++] = copy;
        if (wrong) return wrong;
    }
}

static const char *pass_tag(struct scan *s)
{
    char name[NAME];
    const char *wrong, *end;
    static const struct {
        const char *open, *close;
    } asides[] = {
        { "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" }, { "<!DOCTYPE ", ">" }
    };
    for (int i = 0; i < 4; i++) {
        if (strncmp(s->at, asides[i].open, strlen(asides[i].open)) != 0) continue;
        if (!(end = strstr(s->at, asides[i].close))) return trouble(s, "no end");
        for (; s->at < end; s->at += character((const unsigned char *)s->at))
            if (!character((const unsigned char *)s->at))
                return trouble(s, "a character that may not stand here");
        s->at = end + strlen(asides[i].close);
        return NULL;
    }
    bool closes = s->at[1] == '/';
    s->at += closes ? 2 : 1;
    if ((wrong = pass_name(s, name)) != NULL) return wrong;
    if (closes) {
        skip_space(s);
        if (*s->at != '>') return trouble(s, "an end tag that does not end");
        if (s->depth == 0 || strcmp(s->open[s->depth - 1], name) != 0)
            return trouble(s, "an end tag without its start");
        s->depth--;
        s->at++;
        return NULL;
    }
    if (s->visit) s->visit(s->arg, name, NULL, NULL);
    if ((wrong = pass_attributes(s, name)) != NULL) return wrong;
    bool empty = *s->at == '/';
    s->at += empty;
    if (*s->at != '>') return trouble(s, "a tag that does not end");
    s->at++;
    if (empty) return NULL;
    if (s->depth == DEEP) return trouble(s, "too deep");
    snprintf(s->open[s->depth++], NAME, "%s", name);
    return NULL;
}

const char *xml_trouble(const char *text, xml_visit *visit, void *arg)
{
    static struct scan s;
    const char *wrong = NULL;
    int roots = 0;
    s = (struct scan){
        .text = text, .at = text, .visit = visit, .arg = arg, .ids = calloc(IDS, sizeof *s.ids)
    };
    if (!s.ids) abort();
    while (!wrong && *s.at) {
        if (*s.at == '<') {
            roots += s.depth == 0 && isalpha((unsigned char)s.at[1]);
            wrong = pass_tag(&s);
        } else if (s.depth == 0 && !isspace((unsigned char)*s.at)) {
            wrong = trouble(&s, "text outside of the root");
        } else {
            wrong = pass_text(&s, "<");
        }
    }
    if (!wrong && s.depth > 0) wrong = trouble(&s, "elements are left open");
    if (!wrong && roots != 1) wrong = trouble(&s, "not one root");
    for (int i = 0; i < s.id_n; i++) free(s.ids[i]);
    free(s.ids);
    return wrong;
}
