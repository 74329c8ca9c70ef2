/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/vary_range.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 9, DRAWN_DIGITS = 3, NUMBER_MAX = 15 };

/* One number of a range with what stands around it. */
struct quantity_text {
    int64_t number; /* in 10^-digits */
    int digits;
    char before[40], after[40];
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool refuse(struct unit_problem *problem, const char *message, const char *note)
{
    snprintf(problem->message, sizeof problem->message, "%s", message);
    snprintf(problem->note, sizeof problem->note, "%s", note);
    problem->hint[0] = '\0';
    return false;
}

bool vary_is_range(const char *text) { return strstr(text, "..") != NULL; }

/* text[0..n), without blanks around it. */
static bool quantity_of(const char *text, size_t n, struct quantity_text *q)
{
    size_t from = 0, i;
    while (n > 0 && text[n - 1] == ' ') n--;
    while (from < n && text[from] == ' ') from++;
    for (i = from; i < n && !is_digit(text[i]);) i++;
    if (i == n || i - from >= sizeof q->before) return false;
    *q = (struct quantity_text){ 0 };
    memcpy(q->before, text + from, i - from);
    size_t first = i, point = 0;
    for (; i < n && (is_digit(text[i]) || (text[i] == '.' && !point)); i++) {
        if (text[i] == '.') point = i + 1;
        else q->number = q->number * 10 + (text[i] - '0');
        if (i - first > NUMBER_MAX) return false;
    }
    q->digits = point ? (int)(i - point) : 0;
    if ((point && point == i) || q->digits > DIGITS_MAX || n - i >= sizeof q->after ||
        (i < n && text[i] == '.'))
        return false;
    memcpy(q->after, text + i, n - i);
    return true;
}

/* The words of one are those of both, where only one has some. */
static bool same_words(char a[40], const char b[40])
{
    if (!a[0]) memcpy(a, b, 40);
    return !b[0] || strcmp(a, b) == 0;
}

static bool to_digits(struct quantity_text *q, int digits)
{
    for (; q->digits < digits; q->digits++)
        if (__builtin_mul_overflow(q->number, 10, &q->number)) return false;
    return true;
}

bool vary_range_read(const char *text, struct vary_range *r, struct unit_problem *problem)
{
    static const char form[] = "as in 10..40 by 2, or 200 GPUs..300 GPUs by 20 GPUs";
    const char *dots = strstr(text, ".."), *by = dots ? strstr(dots, " by ") : NULL;
    struct quantity_text least, most, step = { 0 };
    size_t n = strlen(text);
    if (!dots || (n >= 3 && strcmp(text + n - 3, " by") == 0) ||
        !quantity_of(text, (size_t)(dots - text), &least) ||
        !quantity_of(dots + 2, by ? (size_t)(by - dots - 2) : strlen(dots + 2), &most) ||
        (by && !quantity_of(by + 4, strlen(by + 4), &step)))
        return refuse(problem, "is no range of values", form);
    if (!same_words(most.before, least.before) || !same_words(most.after, least.after) ||
        !same_words(most.before, step.before) || !same_words(most.after, step.after))
        return refuse(problem, "has different units in one range", form);
    int digits = least.digits;
    if (most.digits > digits) digits = most.digits;
    if (step.digits > digits) digits = step.digits;
    if (!to_digits(&least, digits) || !to_digits(&most, digits) || !to_digits(&step, digits))
        return refuse(problem, "has numbers of too many digits", "");
    if (most.number < least.number) return refuse(problem, "ends before it begins", form);
    if (by && step.number == 0) return refuse(problem, "has steps of 0", form);
    *r = (struct vary_range){ .least = least.number,
                              .most = most.number,
                              .step = by       ? step.number
                                      : digits ? 0
                                               : 1,
                              .digits = digits };
    memcpy(r->before, most.before, sizeof r->before);
    memcpy(r->after, most.after, sizeof r->after);
    return true;
}

uint64_t vary_range_n(const struct vary_range *r)
{
    return r->step ? (uint64_t)(r->most - r->least) / (uint64_t)r->step + 1 : 0;
}

/* With no more zeros behind the point than it takes. */
static void write_number(const struct vary_range *r, int64_t number, int digits, char *text,
                         size_t size)
{
    int64_t unit = 1;
    while (digits > 0 && number % 10 == 0) {
        number /= 10;
        digits--;
    }
    for (int i = 0; i < digits; i++) unit *= 10;
    if (digits == 0) {
        snprintf(text, size, "%s%" PRId64 "%s", r->before, number, r->after);
        return;
    }
    char fraction[24]; /* with its leading zeros: one more in front, which is left out */
    snprintf(fraction, sizeof fraction, "%" PRId64, unit + number % unit);
    snprintf(text, size, "%s%" PRId64 ".%s%s", r->before, number / unit, fraction + 1, r->after);
}

void vary_range_at(const struct vary_range *r, uint64_t i, char *text, size_t size)
{
    write_number(r, r->least + (int64_t)i * r->step, r->digits, text, size);
}

void vary_range_draw(const struct vary_range *r, double share, char *text, size_t size)
{
    uint64_t n = vary_range_n(r);
    if (n > 0) {
        uint64_t i = (uint64_t)(share * (double)n);
        vary_range_at(r, i < n ? i : n - 1, text, size);
        return;
    }
    __int128 finer = 1;
    for (int i = 0; i < DRAWN_DIGITS; i++) finer *= 10;
    double width = (double)(r->most - r->least) * (double)finer;
    write_number(r, (int64_t)(r->least * finer) + (int64_t)(share * width),
                 r->digits + DRAWN_DIGITS, text, size);
}
