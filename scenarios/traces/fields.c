/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/traces/fields.h"

#include <string.h>
#include <strings.h>

#include "models/workload/workload.h"
#include "sim/calendar.h"

size_t fields_split(char *line, size_t n, char delimiter, struct field *fields)
{
    char *at = line, *end = line + n;
    size_t count = 0;
    for (;;) {
        struct field f = { at, 0 };
        char *stop;
        if (at < end && *at == '"') {
            char *to = at, *from = at + 1;
            while (from < end) {
                if (*from == '"' && from + 1 < end && from[1] == '"') from++;
                else if (*from == '"') break;
                *to++ = *from++;
            }
            stop = from < end ? from + 1 : end;
            while (stop < end && *stop != delimiter)
                *to++ = *stop++; /* text after a closing quote is kept */
            f.n = (size_t)(to - f.text);
        } else {
            stop = memchr(at, delimiter, (size_t)(end - at));
            if (!stop) stop = end;
            f.n = (size_t)(stop - at);
        }
        if (count < FIELDS_MAX) {
            fields[count] = f;
            f.text[f.n] = '\0'; /* the delimiter's place, or the line's own zero */
        }
        count++;
        if (stop >= end) return count;
        at = stop + 1;
    }
}

bool field_missing(const struct field *f)
{
    static const char *const words[] = {
        "nan", "null", "none", "na", "-", "n/a", "unknown", "\\n"
    };
    if (f->n == 0) return true;
    if (f->n > 7) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(f->text, words[i]) == 0) return true;
    return false;
}

/* The usual cell, digits and at most six decimals, without 128-bit arithmetic: scale 1, 1,000 or
 * 1,000,000. */
static bool plain_scaled(const char *p, const char *end, int64_t scale, int64_t *value)
{
    int64_t whole = 0, part = 0, unit = scale;
    const char *start = p;
    if (end - p > 12) return false;
    for (; p < end && (unsigned)(*p - '0') < 10; p++) whole = 10 * whole + (*p - '0');
    if (p == start || whole > INT64_C(1000000000000)) return false;
    if (p < end && *p == '.')
        for (p++; p < end && (unsigned)(*p - '0') < 10 && unit % 10 == 0; p++)
            part += (*p - '0') * (unit /= 10);
    if (p != end) return false;
    *value = whole * scale + part;
    return true;
}

bool field_scaled(const struct field *f, int64_t scale, int64_t *value)
{
    const unsigned __int128 many = (unsigned __int128)1 << 96;
    const char *p = f->text, *end = p + f->n;
    bool negative = false, point = false, digits = false;
    unsigned __int128 number = 0;
    int exponent = 0;
    if (scale <= 1000000 && plain_scaled(p, end, scale, value)) return true;
    while (p < end && *p == ' ') p++;
    while (end > p && end[-1] == ' ') end--;
    if (p < end && (*p == '-' || *p == '+')) negative = *p++ == '-';
    for (; p < end; p++) {
        if (*p >= '0' && *p <= '9') {
            digits = true;
            if (number < many) { /* digits beyond the thirtieth do not matter, their places do */
                number = number * 10 + (unsigned)(*p - '0');
                exponent -= point;
            } else if (!point && exponent < 10000) {
                exponent++;
            }
        } else if (*p == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    if (!digits) return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        int sign = 1, e = 0;
        if (++p < end && (*p == '-' || *p == '+')) sign = *p++ == '-' ? -1 : 1;
        if (p >= end) return false;
        for (; p < end && *p >= '0' && *p <= '9'; p++)
            if (e < 10000) e = 10 * e + (*p - '0');
        exponent += sign * e;
    }
    if (p != end) return false;
    if (number != 0) {
        for (; exponent < 0 && scale % 10 == 0; exponent++) scale /= 10;
        while (number >= many && exponent < 0) { /* make room for the scale */
            number /= 10;
            exponent++;
        }
        if (number > (~(unsigned __int128)0 >> 1) / (uint64_t)scale) return false;
        number *= (uint64_t)scale;
        for (; exponent > 0; exponent--) {
            if (number > (uint64_t)INT64_MAX) return false;
            number *= 10;
        }
        if (exponent < 0) {
            unsigned __int128 divisor = 1;
            while (exponent < 0 && divisor < (unsigned __int128)1 << 122) {
                divisor *= 10;
                exponent++;
            }
            number = exponent < 0 ? 0 : (number + divisor / 2) / divisor;
        }
        if (number > (uint64_t)INT64_MAX) return false;
    }
    *value = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

bool field_time(const struct field *f, int64_t unit_us, int64_t *us)
{
    return field_scaled(f, unit_us, us) && *us >= -JOB_CLOCK_MAX_US && *us <= JOB_CLOCK_MAX_US;
}

bool field_t0(const char *line, struct field *f, int64_t *unix_us, bool *good)
{
    static const char key[] = "t0_unix_s=";
    const char *at = strstr(line, key);
    if (!at) return false;
    f->text = (char *)at + strlen(key);
    f->n = strcspn(f->text, " \t,;");
    *good = f->n > 0 && field_time(f, US_PER_S, unix_us);
    return true;
}

/* n digits as a number; -1 where they are not. */
static int digits_at(const char *p, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9') return -1;
        value = 10 * value + (p[i] - '0');
    }
    return value;
}

static int days_in(int year, int month)
{
    struct date next =
        month < 12 ? (struct date){ year, month + 1, 1 } : (struct date){ year + 1, 1, 1 };
    return (int)(calendar_day(next) - calendar_day((struct date){ year, month, 1 }));
}

/* ":SS" with decimals, or nothing; leaves *at behind it. */
static bool seconds_at(const char **at, const char *end, int64_t *us)
{
    const char *p = *at;
    int64_t unit = 100000;
    *us = 0;
    if (p == end || *p != ':') return true;
    int second = end - p >= 3 ? digits_at(p + 1, 2) : -1;
    if (second < 0 || second > 60) return false; /* 60: a leap second */
    *us = second * (int64_t)US_PER_S;
    p += 3;
    if (p < end && *p == '.')
        for (p++; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10) *us += (*p - '0') * unit;
    *at = p;
    return true;
}

/* Z, UTC, +08:00, +0800, +08 or nothing up to the end, a blank before it. */
static bool zone_at(const char *p, const char *end, int64_t *tz_us)
{
    if (p < end && *p == ' ') p++;
    if (p == end) return true;
    if ((end - p == 1 && (*p == 'Z' || *p == 'z')) || (end - p == 3 && memcmp(p, "UTC", 3) == 0)) {
        *tz_us = 0;
        return true;
    }
    if (*p != '+' && *p != '-') return false;
    bool colon = end - p == 6 && p[3] == ':';
    int h = end - p >= 3 ? digits_at(p + 1, 2) : -1, m = 0;
    if (colon || end - p == 5) m = digits_at(p + 3 + colon, 2);
    else if (end - p != 3) return false;
    if (h < 0 || h > 14 || m < 0 || m > 59) return false;
    *tz_us = (*p == '-' ? -1 : 1) * (int64_t)(h * 60 + m) * 60 * US_PER_S;
    return true;
}

bool field_clock(const struct field *f, int64_t tz_us, int64_t *unix_us)
{
    const char *p = f->text, *end = p + f->n;
    int64_t us;
    if (f->n < 16 || p[4] != '-' || p[7] != '-' || (p[10] != ' ' && p[10] != 'T') || p[13] != ':')
        return false;
    int year = digits_at(p, 4), month = digits_at(p + 5, 2), day = digits_at(p + 8, 2);
    int hour = digits_at(p + 11, 2), minute = digits_at(p + 14, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59)
        return false;
    p += 16;
    if (!seconds_at(&p, end, &us) || !zone_at(p, end, &tz_us)) return false;
    int64_t days = calendar_day((struct date){ year, month, day });
    *unix_us = ((days * 24 + hour) * 60 + minute) * 60 * US_PER_S + us - tz_us;
    return true;
}

bool field_elapsed(const struct field *f, int64_t *us)
{
    int64_t part[3] = { 0 }, days = 0;
    int n = 0;
    const char *p = f->text, *end = p + f->n, *dash = memchr(p, '-', f->n);
    if (f->n == 0 || dash == p) return false;
    for (; dash && p < dash; p++) {
        if (*p < '0' || *p > '9' || days > 40000) return false;
        days = 10 * days + (*p - '0');
    }
    for (p += dash != NULL; p < end && *p != '.'; p++) {
        if (*p == ':' && ++n > 2) return false;
        if (*p != ':' && (*p < '0' || *p > '9' || part[n] > 10000000)) return false;
        if (*p != ':') part[n] = 10 * part[n] + (*p - '0');
    }
    if (!dash && n == 0) return false;
    /* D-HH, D-HH:MM and D-HH:MM:SS after a day; MM:SS and HH:MM:SS before one. */
    int64_t s = dash || n == 2 ? part[0] * 3600 + part[1] * 60 + part[2] : part[0] * 60 + part[1];
    *us = (days * 86400 + s) * US_PER_S;
    return *us <= JOB_TIME_MAX_US;
}
