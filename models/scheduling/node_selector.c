/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/node_selector.h"

#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

struct cursor {
    char *at; /* in a copy of the text, in which ends are marked */
    const char **why;
};

static void skip_blanks(struct cursor *c)
{
    while (*c->at == ' ') c->at++;
}

/* Goes over a sign that may be there, and the blanks behind it. */
static bool take(struct cursor *c, const char *sign)
{
    size_t n = strlen(sign);
    if (strncmp(c->at, sign, n) != 0) return false;
    c->at += n;
    skip_blanks(c);
    return true;
}

/* The length of a key or a value that begins here: of what Kubernetes allows in them. */
static size_t word_length(const struct cursor *c)
{
    size_t n = 0;
    for (; c->at[n]; n++) {
        char x = c->at[n];
        bool good = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') ||
                    strchr("-_./", x);
        if (!good) break;
    }
    return n;
}

/* A word; what stands behind it is still to be read, so that its end is kept for later. */
struct word {
    char *text;
    size_t n;
};

static struct word take_word(struct cursor *c)
{
    struct word w = { c->at, word_length(c) };
    c->at += w.n;
    skip_blanks(c);
    return w;
}

static bool is_word(struct word w, const char *text)
{
    return strlen(text) == w.n && memcmp(w.text, text, w.n) == 0;
}

static bool refuse(const struct cursor *c, const char *why)
{
    *c->why = why;
    return false;
}

/* ---- selectors ---- */

/* Words are ended once all is read: the sign behind one may be the byte that its end takes. */
struct building {
    struct cursor c;
    struct label_requirement *next;
    const char **value;
    char **ends; /* of words */
    size_t end_n;
};

static const char *keep(struct building *b, struct word w)
{
    b->ends[b->end_n++] = w.text + w.n;
    return w.text;
}

static bool read_values(struct building *b, struct label_requirement *r)
{
    struct cursor *c = &b->c;
    if (!take(c, "(")) return refuse(c, "lacks a '(' behind 'in' or 'notin'");
    do {
        struct word w = take_word(c);
        *b->value++ = keep(b, w);
        r->n++;
    } while (take(c, ","));
    return take(c, ")") || refuse(c, "lacks a ')', or has something in a list that is no value");
}

static bool read_one_value(struct building *b, struct label_requirement *r)
{
    *b->value++ = keep(b, take_word(&b->c));
    r->n = 1;
    return true;
}

static bool is_number(struct word w)
{
    for (size_t i = 0; i < w.n; i++)
        if (w.text[i] < '0' || w.text[i] > '9') return false;
    return w.n > 0 && w.n < 19;
}

static bool read_bound(struct building *b, struct label_requirement *r)
{
    struct cursor ahead = b->c;
    if (!is_number(take_word(&ahead)))
        return refuse(&b->c, "compares with what is no whole number");
    return read_one_value(b, r);
}

/* What stands behind a key. */
static bool read_operator(struct building *b, struct label_requirement *r)
{
    struct cursor *c = &b->c;
    if (take(c, "!=")) {
        r->operator_ = LABEL_NOT_IN;
        return read_one_value(b, r);
    }
    if (take(c, "==") || take(c, "=")) {
        r->operator_ = LABEL_IN;
        return read_one_value(b, r);
    }
    if (take(c, ">")) {
        r->operator_ = LABEL_GT;
        return read_bound(b, r);
    }
    if (take(c, "<")) {
        r->operator_ = LABEL_LT;
        return read_bound(b, r);
    }
    if (!*c->at || *c->at == ',' || *c->at == '|') {
        r->operator_ = LABEL_EXISTS;
        return true;
    }
    struct word w = take_word(c);
    if (!is_word(w, "in") && !is_word(w, "notin"))
        return refuse(c, "has something behind a key that is no operator");
    r->operator_ = is_word(w, "in") ? LABEL_IN : LABEL_NOT_IN;
    return read_values(b, r);
}

static bool read_requirement(struct building *b)
{
    struct label_requirement *r = b->next++;
    *r = (struct label_requirement){ .values = b->value };
    bool absent = take(&b->c, "!");
    struct word key = take_word(&b->c);
    if (key.n == 0) return refuse(&b->c, "lacks a key");
    r->key = keep(b, key);
    if (!absent) return read_operator(b, r);
    r->operator_ = LABEL_DOES_NOT_EXIST;
    return true;
}

static bool read_terms(struct building *b, struct node_selector *s)
{
    struct cursor *c = &b->c;
    do {
        struct selector_term *term = &s->terms[s->n++];
        *term = (struct selector_term){ .requirements = b->next };
        do {
            if (!read_requirement(b)) return false;
            term->n++;
        } while (take(c, ","));
    } while (take(c, "||"));
    return !*c->at || refuse(c, "has something behind a requirement that is neither ',' nor '||'");
}

bool node_selector_read(const char *text, struct node_selector *s, const char **why)
{
    size_t length = strlen(text), words = 1;
    *s = (struct node_selector){ 0 };
    *why = NULL;
    for (size_t i = 0; i < length; i++) words += strchr(",|(=<>!", text[i]) != NULL;
    /* No more terms, requirements, values or ends than words; in this order they are aligned. */
    size_t each = sizeof *s->terms + sizeof(struct label_requirement) + 3 * sizeof(char *);
    char *memory = s->memory = calloc(1, 2 * words * each + length + 1);
    if (!memory) return false;
    s->terms = (void *)memory;
    struct building b = { .next = (void *)(s->terms + words) };
    b.value = (void *)(b.next + words);
    b.ends = (void *)(b.value + words);
    char *copy = (char *)(b.ends + 2 * words);
    memcpy(copy, text, length + 1);
    b.c = (struct cursor){ copy, why };
    skip_blanks(&b.c);
    bool good = !*b.c.at || read_terms(&b, s);
    for (size_t i = 0; i < b.end_n; i++) *b.ends[i] = 0;
    if (!good) node_selector_free(s);
    return good;
}

void node_selector_free(struct node_selector *s)
{
    free(s->memory);
    *s = (struct node_selector){ 0 };
}

bool node_selector_is_good(const char *text, const char **why)
{
    struct node_selector s;
    bool good = node_selector_read(text, &s, why);
    if (good) node_selector_free(&s);
    return good;
}

bool node_selector_takes(const struct node_selector *s, const struct pool_spec *pool)
{
    for (int32_t t = 0; t < s->n; t++) {
        int32_t met = 0;
        while (met < s->terms[t].n && pool_meets(pool, &s->terms[t].requirements[met])) met++;
        if (met == s->terms[t].n) return true;
    }
    return s->n == 0;
}

/* ---- taints ---- */

static int32_t effect_of(const char *text)
{
    for (int32_t e = 0; e < TAINT_EFFECT_N; e++)
        if (strcmp(text, taint_effects[e]) == 0) return e;
    return -1;
}

/* Cuts key[=value][:Effect] at its signs; false: a key, value or effect is none. */
static bool cut_taint(char *text, char **value, char **effect, const char **why)
{
    struct cursor c = { text, why };
    *value = *effect = NULL;
    size_t n = word_length(&c);
    if (n == 0 && *text == '*') n = 1;
    if (n == 0) return refuse(&c, "lacks a key");
    c.at += n;
    if (*c.at == '=') {
        *c.at++ = 0;
        *value = c.at;
        c.at += word_length(&c);
    }
    if (*c.at == ':') {
        *c.at++ = 0;
        *effect = c.at;
        if (effect_of(c.at) < 0)
            return refuse(&c,
                          "has an effect that is not NoSchedule, PreferNoSchedule or NoExecute");
        return true;
    }
    return !*c.at || refuse(&c, "is not key=value:Effect");
}

bool taint_read(const char *written, char *text, struct node_taint *taint, const char **why)
{
    char *value, *effect;
    memcpy(text, written, strlen(written) + 1);
    if (!cut_taint(text, &value, &effect, why)) return false;
    if (!effect || *text == '*') {
        *why = effect ? "lacks a key" : "lacks its effect, such as :NoSchedule";
        return false;
    }
    *taint = (struct node_taint){ text, value ? value : "", (enum taint_effect)effect_of(effect) };
    return true;
}

bool tolerations_read(const char *text, struct tolerations *t, const char **why)
{
    size_t length = strlen(text), n = 1;
    *t = (struct tolerations){ 0 };
    *why = NULL;
    for (size_t i = 0; i < length; i++) n += text[i] == ',';
    t->memory = calloc(1, n * sizeof *t->items + length + 1);
    if (!t->memory) return false;
    t->items = t->memory;
    char *at = (char *)(t->items + n);
    memcpy(at, text, length + 1);
    while (length > 0 && at) {
        char *value, *effect, *comma = strchr(at, ',');
        if (comma) *comma = 0;
        at += strspn(at, " ");
        if (!cut_taint(at, &value, &effect, why)) {
            tolerations_free(t);
            return false;
        }
        t->items[t->n++] = (struct toleration){ strcmp(at, "*") == 0 ? NULL : at, value,
                                                effect ? effect_of(effect) : -1 };
        at = comma ? comma + 1 : NULL;
    }
    return true;
}

void tolerations_free(struct tolerations *t)
{
    free(t->memory);
    *t = (struct tolerations){ 0 };
}

bool tolerations_are_good(const char *text, const char **why)
{
    struct tolerations t;
    bool good = tolerations_read(text, &t, why);
    if (good) tolerations_free(&t);
    return good;
}

static bool tolerates(const struct toleration *t, const struct node_taint *taint)
{
    return (!t->key || strcmp(t->key, taint->key) == 0) &&
           (!t->value || strcmp(t->value, taint->value) == 0) &&
           (t->effect < 0 || t->effect == (int32_t)taint->effect);
}

bool tolerations_bear(const struct tolerations *t, const struct pool_spec *pool)
{
    for (int32_t i = 0; i < pool->marks.taint_n; i++) {
        const struct node_taint *taint = &pool->marks.taints[i];
        int32_t k = 0;
        if (taint->effect == TAINT_PREFER_NO_SCHEDULE) continue;
        while (k < t->n && !tolerates(&t->items[k], taint)) k++;
        if (k == t->n) return false;
    }
    return true;
}
