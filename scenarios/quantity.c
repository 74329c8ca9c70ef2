/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/quantity.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 18, EXPONENT_MAX = 18 };

/* What a suffix multiplies by: tens to the exponent, or 1024 to it. */
struct suffix {
    const char *text;
    int tens, binary;
};

static const struct suffix suffixes[] = {
    { "", 0, 0 },   { "n", -9, 0 }, { "u", -6, 0 }, { "m", -3, 0 }, { "k", 3, 0 },  { "M", 6, 0 },
    { "G", 9, 0 },  { "T", 12, 0 }, { "P", 15, 0 }, { "E", 18, 0 }, { "Ki", 0, 1 }, { "Mi", 0, 2 },
    { "Gi", 0, 3 }, { "Ti", 0, 4 }, { "Pi", 0, 5 }, { "Ei", 0, 6 },
};

static bool refuse(struct unit_problem *problem, const char *why)
{
    *problem = (struct unit_problem){ .note = "a quantity such as 8, 500m, 1.5 or 36Gi" };
    snprintf(problem->message, sizeof problem->message, "%s", why);
    return false;
}

/* "e3", "E-2": an exponent of ten. */
static bool exponent_read(const char *at, int *tens)
{
    int sign = 1, n = 0;
    if (*at != 'e' && *at != 'E') return false;
    at++;
    if (*at == '+' || *at == '-') sign = *at++ == '-' ? -1 : 1;
    if (!*at) return false;
    for (; *at >= '0' && *at <= '9' && n <= EXPONENT_MAX; at++) n = 10 * n + (*at - '0');
    *tens = sign * n;
    return !*at && n <= EXPONENT_MAX;
}

static bool suffix_read(const char *at, int *tens, int *binary)
{
    *tens = *binary = 0;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (strcmp(at, suffixes[i].text) == 0) {
            *tens = suffixes[i].tens;
            *binary = suffixes[i].binary;
            return true;
        }
    return exponent_read(at, tens);
}

bool quantity_read(const char *text, int64_t per, int64_t of, int64_t *value,
                   struct unit_problem *problem)
{
    int64_t digits = 0;
    int n = 0, after = 0, tens, binary;
    bool point = false;
    const char *at = text;
    if (*at == '-') return refuse(problem, "must not be negative");
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        if ((digits > 0 || *at != '0') && ++n > DIGITS_MAX)
            return refuse(problem, "has too many digits");
        digits = 10 * digits + (*at - '0');
        after += point;
    }
    bool any = at > text && !(point && at == text + 1);
    if (!any || !suffix_read(at, &tens, &binary))
        return refuse(problem, "is not a Kubernetes quantity");
    __int128 top = (__int128)digits * per, bottom = of;
    for (tens -= after; tens > 0 && top <= INT64_MAX; tens--) top *= 10;
    for (; binary > 0 && top <= INT64_MAX; binary--) top *= 1024;
    /* Beyond that all that is not 0 is less than 1. */
    for (; tens < 0 && bottom <= (__int128)INT64_MAX << 50; tens++) bottom *= 10;
    if (tens > 0 || binary > 0) top = digits ? (__int128)INT64_MAX * INT64_MAX : 0;
    __int128 whole = (top + bottom - 1) / bottom;
    if (whole > INT64_MAX) return refuse(problem, "is too large");
    *value = (int64_t)whole;
    return true;
}

bool quantity_check(const char *text, int64_t *value, struct unit_problem *problem)
{
    bool good = quantity_read(text, 1, 1024, value, problem);
    *value = 0;
    return good;
}
