/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/units.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef unsigned __int128 wide;

static bool refuse(struct unit_problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(struct unit_problem *problem, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(problem->message, sizeof problem->message, format, args);
    va_end(args);
    return false;
}

static void suggest(struct unit_problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void suggest(struct unit_problem *problem, const char *format, ...)
{
    char inside[60];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(inside, sizeof inside, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < sizeof inside)
        snprintf(problem->hint, sizeof problem->hint, "did you mean '%s'?", inside);
}

static void forget(struct unit_problem *problem)
{
    problem->message[0] = problem->hint[0] = problem->note[0] = '\0';
}

/* ---- Numbers ---- */

enum { DIGITS_MAX = 18 };

struct decimal { /* digits / 10^scale */
    uint64_t digits;
    int scale;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Reads an unsigned decimal at *at and moves behind it. */
static bool decimal_take(const char **at, const char *end, struct decimal *d)
{
    const char *s = *at;
    int digits = 0;
    d->digits = 0;
    d->scale = 0;
    if (s == end || !is_digit(*s)) return false;
    if (*s == '0' && s + 1 < end && is_digit(s[1]))
        return false; /* 012: octal to some, ten to others */
    for (; s < end && is_digit(*s); s++, digits++) {
        if (digits == DIGITS_MAX) return false;
        d->digits = d->digits * 10 + (uint64_t)(*s - '0');
    }
    if (s + 1 < end && *s == '.' && is_digit(s[1])) { /* not the dots of a range */
        for (s++; s < end && is_digit(*s); s++, digits++) {
            if (digits == DIGITS_MAX) return false;
            d->digits = d->digits * 10 + (uint64_t)(*s - '0');
            d->scale++;
        }
    }
    *at = s;
    return true;
}

static wide power_of_ten(int n)
{
    wide p = 1;
    while (n-- > 0) p *= 10;
    return p;
}

/* d x numerator / denominator as an integer; exact, or rounded half up where `rounds`. */
enum fit { FIT_YES, FIT_TOO_LARGE, FIT_TOO_FINE };

static enum fit scaled(struct decimal d, int64_t numerator, int64_t denominator, bool rounds,
                       int64_t *value)
{
    wide product = (wide)d.digits * (wide)numerator; /* < 10^18 x 2^63 < 2^123 */
    wide divisor = power_of_ten(d.scale) * (wide)denominator;
    if (product % divisor != 0 && !rounds) return FIT_TOO_FINE;
    wide quotient = (product + (rounds ? divisor / 2 : 0)) / divisor;
    if (quotient > INT64_MAX) return FIT_TOO_LARGE;
    *value = (int64_t)quotient;
    return FIT_YES;
}

bool decimal_read(const char *text, size_t n, int64_t scale, int64_t *value)
{
    struct decimal d;
    const char *at = text;
    return decimal_take(&at, text + n, &d) && at == text + n &&
           scaled(d, scale, 1, false, value) == FIT_YES;
}

/* ---- A number and a unit ---- */

struct unit {
    const char *name;
    int64_t times, over; /* value of one unit: times / over in the target's integers */
};

struct quantity {
    const char *wanted; /* "a duration such as '15 min'" */
    const char *known;  /* "us, ms, s, ..." */
    const char *usual;  /* the unit a hint supplies, with what stands before it: " min" */
    const char *finest; /* "a microsecond" */
    const struct unit *units;
    bool rounds;
};

#define HOURS INT64_C(3600000000)

static const struct unit durations[] = {
    { "min", 60000000, 1 },
    { "h", HOURS, 1 },
    { "s", 1000000, 1 },
    { "d", 24 * HOURS, 1 },
    { "day", 24 * HOURS, 1 },
    { "days", 24 * HOURS, 1 },
    { "hour", HOURS, 1 },
    { "hours", HOURS, 1 },
    { "minute", 60000000, 1 },
    { "minutes", 60000000, 1 },
    { "mins", 60000000, 1 },
    { "sec", 1000000, 1 },
    { "second", 1000000, 1 },
    { "seconds", 1000000, 1 },
    { "ms", 1000, 1 },
    { "us", 1, 1 },
    { "week", 168 * HOURS, 1 },
    { "weeks", 168 * HOURS, 1 },
    { "month", 730 * HOURS, 1 },
    { "months", 730 * HOURS, 1 },
    { "year", 8760 * HOURS, 1 },
    { "years", 8760 * HOURS, 1 },
    { NULL, 0, 0 },
};
static const struct quantity duration = { "a duration such as '15 min'",
                                          "us, ms, s, min, h, days, weeks, months, years",
                                          " min",
                                          "a microsecond",
                                          durations,
                                          false };

static const struct unit percents[] = { { "%", 10000, 1 }, { NULL, 0, 0 } };
static const struct quantity percent = {
    "a percentage such as '60%'", "%", "%", "0.0001%", percents, false
};

static const struct unit powers[] = {
    { "W", 1, 1 }, { "kW", 1000, 1 }, { "MW", 1000000, 1 }, { NULL, 0, 0 }
};
static const struct quantity power = {
    "a power such as '700 W'", "W, kW, MW", " W", "a watt", powers, false
};

static const struct unit masses[] = { { "kg per month", 1000, 1 },
                                      { "t per month", 1000000, 1 },
                                      { "kg per year", 1000, 12 },
                                      { "t per year", 1000000, 12 },
                                      { NULL, 0, 0 } };
static const struct quantity mass_monthly = { "a mass over time such as '20 t per month'",
                                              "kg per month, t per month, kg per year, t per year",
                                              " t per month",
                                              "a gram",
                                              masses,
                                              true };

static const struct unit gpu_counts[] = {
    { "GPUs", 1000, 1 }, { "GPU", 1000, 1 }, { "gpus", 1000, 1 }, { "gpu", 1000, 1 }, { NULL, 0, 0 }
};
static const struct quantity gpu_count = { "a number of GPUs such as '400 GPUs'",
                                           "GPUs",
                                           " GPUs",
                                           "a thousandth of a GPU",
                                           gpu_counts,
                                           false };

static const struct unit monthly[] = {
    { "month", 1000000, 1 },
    { "year", 1000000, 12 },
    { "hour", 730 * INT64_C(1000000), 1 },
    { "h", 730 * INT64_C(1000000), 1 },
    { "day", 730 * INT64_C(1000000), 24 },
    { "week", 730 * INT64_C(1000000), 168 },
    { NULL, 0, 0 },
};
static const struct quantity money_monthly = { "money over time such as '$500k per month'",
                                               "per hour, day, week, month, year",
                                               " per month",
                                               "a micro-dollar",
                                               monthly,
                                               true };
static const struct unit hourly[] = {
    { "hour", 1000000000, 1 },
    { "h", 1000000000, 1 },
    { "day", 1000000000, 24 },
    { "week", 1000000000, 168 },
    { "month", 1000000000, 730 },
    { "year", 1000000000, 8760 },
    { NULL, 0, 0 },
};
static const struct quantity money_hourly = { "money over time such as '$1.20 per hour'",
                                              "per hour, day, week, month, year",
                                              " per hour",
                                              "a nano-dollar",
                                              hourly,
                                              true };
static const struct unit energies[] = { { "kWh", 1000000000, 1 },
                                        { "MWh", 1000000, 1 },
                                        { NULL, 0, 0 } };
static const struct quantity money_energy = {
    "a price such as '$0.12 per kWh'", "per kWh, MWh", " per kWh", "a nano-dollar", energies, false
};

static const struct unit byte_counts[] = {
    { "GB", INT64_C(1000000000), 1 },
    { "GiB", INT64_C(1) << 30, 1 },
    { "TB", INT64_C(1000000000000), 1 },
    { "TiB", INT64_C(1) << 40, 1 },
    { "PB", INT64_C(1000000000000000), 1 },
    { "PiB", INT64_C(1) << 50, 1 },
    { "MB", 1000000, 1 },
    { "MiB", 1 << 20, 1 },
    { "kB", 1000, 1 },
    { "KiB", 1024, 1 },
    { "B", 1, 1 },
    { NULL, 0, 0 },
};
static const struct quantity byte_count = { "a size such as '20 TB'",
                                            "B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB",
                                            " GB",
                                            "a byte",
                                            byte_counts,
                                            false };
static const struct unit sizes[] = { { "GB", 1000000000, 1 },
                                     { "GiB", 1000000000, 1 },
                                     { "TB", 1000000000, 1 },
                                     { "TiB", 1000000000, 1 },
                                     { NULL, 0, 0 } };
static const struct quantity money_size = { "a price such as '$0.09 per GB'",
                                            "per GB, GiB, TB, TiB",
                                            " per GB",
                                            "a nano-dollar",
                                            sizes,
                                            false };
static const struct unit size_months[] = { { "GB-month", 1000000000, 1 },
                                           { "GiB-month", 1000000000, 1 },
                                           { "TB-month", 1000000000, 1 },
                                           { "TiB-month", 1000000000, 1 },
                                           { NULL, 0, 0 } };
static const struct quantity money_size_month = { "a price such as '$0.08 per GB-month'",
                                                  "per GB-month, GiB-month, TB-month, TiB-month",
                                                  " per GB-month",
                                                  "a nano-dollar",
                                                  size_months,
                                                  false };

static const char *skip_spaces(const char *s)
{
    while (*s == ' ') s++;
    return s;
}

/* Why the text at `number`, where a number should stand, is none. `before` is what stood in front.
 */
static bool not_a_number(const struct quantity *q, const char *before, const char *number,
                         const char *text, struct unit_problem *problem)
{
    if (*number == '-') return refuse(problem, "must not be negative: '%.60s'", text);
    char plain[40];
    size_t n = 0, digits = 0;
    const char *s = number;
    for (; (is_digit(*s) || *s == ',' || *s == '_') && n + 1 < sizeof plain; s++)
        if (is_digit(*s) && (n > 0 || *s != '0' || !is_digit(s[1]))) {
            plain[n++] = *s;
            digits++;
        }
    plain[n] = '\0';
    if (digits > DIGITS_MAX) return refuse(problem, "is too large: '%.60s'", text);
    bool cleaned = n > 0 && n < (size_t)(s - number);
    if (cleaned && *s != '.') suggest(problem, "%s%s%.30s", before, plain, s);
    return refuse(problem, "must be %s, not '%.60s'", q->wanted, text);
}

static bool unit_find(const struct quantity *q, const char *name, const struct unit **unit)
{
    for (*unit = q->units; (*unit)->name; ++*unit)
        if (strcmp((*unit)->name, name) == 0) return true;
    return false;
}

static bool finish(const struct quantity *q, struct decimal d, int64_t times,
                   const struct unit *unit, const char *text, int64_t *value,
                   struct unit_problem *problem)
{
    struct decimal grown = d;
    for (; times > 1 && grown.scale > 0; times /= 10) grown.scale--;
    int64_t factor;
    enum fit fit = __builtin_mul_overflow(unit->times, times, &factor)
                       ? FIT_TOO_LARGE
                       : scaled(grown, factor, unit->over, q->rounds, value);
    if (fit == FIT_TOO_LARGE) return refuse(problem, "is too large: '%.60s'", text);
    if (fit == FIT_TOO_FINE) return refuse(problem, "is finer than %s: '%.60s'", q->finest, text);
    return true;
}

/* `15 min`: number, unit. */
static bool quantity_read(const struct quantity *q, const char *text, int64_t *value,
                          struct unit_problem *problem)
{
    forget(problem);
    struct decimal d;
    const char *at = text;
    if (!decimal_take(&at, text + strlen(text), &d))
        return not_a_number(q, "", text, text, problem);
    const char *number_end = at;
    at = skip_spaces(at);
    if (*at == '\0') {
        if (q == &percent && d.digits &&
            d.digits < power_of_ten(d.scale)) { /* 0.5 is a share: 50% */
            int64_t hundredths;
            if (scaled(d, 100, 1, false, &hundredths) == FIT_YES)
                suggest(problem, "%" PRId64 "%%", hundredths);
            return refuse(problem, "must be a percentage, not '%.60s'", text);
        }
        suggest(problem, "%.*s%s", (int)(number_end - text), text, q->usual);
        return refuse(problem, "has no unit");
    }
    const struct unit *unit;
    if (unit_find(q, at, &unit)) return finish(q, d, 1, unit, text, value, problem);
    if (*at == '.' || *at == ',' || *at == '_' || is_digit(*at))
        return not_a_number(q, "", text, text, problem);
    if (q == &duration && strcmp(at, "m") == 0)
        suggest(problem, "%.*s min", (int)(number_end - text), text);
    snprintf(problem->note, sizeof problem->note, "known units: %s", q->known);
    return refuse(problem, "has an unknown unit '%.40s'", at);
}

/* `$500k`: leaves *at behind the amount; *times is the k, M or B. */
static bool dollars_take(const struct quantity *q, const char *text, const char **at,
                         struct decimal *d, int64_t *times, struct unit_problem *problem)
{
    forget(problem);
    const char *s = text, *end = text + strlen(text);
    if (*s == '-') return refuse(problem, "must not be negative: '%.60s'", text);
    if (*s != '$') {
        bool amount = decimal_take(&s, end, d);
        s += strspn(s, "kMB");
        if (amount && (*s == '\0' || strncmp(s, " per ", 5) == 0)) suggest(problem, "$%.50s", text);
        return refuse(problem, "must be %s, not '%.60s'", q->wanted, text);
    }
    s++;
    if (!decimal_take(&s, end, d)) return not_a_number(q, "$", s, text, problem);
    if (*s == ',' || *s == '_' || *s == '.' || is_digit(*s))
        return not_a_number(q, "$", text + 1, text, problem);
    *times = *s == 'k' ? 1000 : *s == 'M' ? 1000000 : *s == 'B' ? 1000000000 : 1;
    *at = s + (*times > 1);
    return true;
}

static bool money_rate_read(const struct quantity *q, const char *text, int64_t *value,
                            struct unit_problem *problem)
{
    struct decimal d;
    const char *at = text;
    int64_t times = 1;
    if (!dollars_take(q, text, &at, &d, &times, problem)) return false;
    const char *amount_end = at;
    at = skip_spaces(at);
    const char *unit_text = *at == '/'                    ? skip_spaces(at + 1)
                            : strncmp(at, "per ", 4) == 0 ? skip_spaces(at + 4)
                                                          : NULL;
    if (*at == '\0') {
        suggest(problem, "%.*s%s", (int)(amount_end - text), text, q->usual);
        return refuse(problem, "does not say per what");
    }
    const struct unit *unit = NULL;
    if (unit_text && unit_find(q, unit_text, &unit))
        return finish(q, d, times, unit, text, value, problem);
    snprintf(problem->note, sizeof problem->note, "known: %s", q->known);
    return refuse(problem, "has an unknown unit '%.40s'", at);
}

bool unit_duration(const char *text, int64_t *us, struct unit_problem *p)
{
    return quantity_read(&duration, text, us, p);
}
bool unit_percent(const char *text, int64_t *ppm, struct unit_problem *p)
{
    return quantity_read(&percent, text, ppm, p);
}
bool unit_watts(const char *text, int64_t *watts, struct unit_problem *p)
{
    return quantity_read(&power, text, watts, p);
}
bool unit_mass_per_month(const char *text, int64_t *grams, struct unit_problem *p)
{
    return quantity_read(&mass_monthly, text, grams, p);
}
bool unit_gpus(const char *text, int64_t *milli, struct unit_problem *p)
{
    return quantity_read(&gpu_count, text, milli, p);
}

bool unit_money_per_month(const char *text, int64_t *usd_micro, struct unit_problem *problem)
{
    return money_rate_read(&money_monthly, text, usd_micro, problem);
}

bool unit_money_per_hour(const char *text, int64_t *usd_nano, struct unit_problem *problem)
{
    return money_rate_read(&money_hourly, text, usd_nano, problem);
}

bool unit_money_per_kwh(const char *text, int64_t *usd_nano, struct unit_problem *problem)
{
    return money_rate_read(&money_energy, text, usd_nano, problem);
}

bool unit_size(const char *text, int64_t *bytes, struct unit_problem *p)
{
    return quantity_read(&byte_count, text, bytes, p);
}

/* The unit is the last word of a price that was read. */
static bool money_per_read(const struct quantity *q, const char *text, int64_t *usd_nano,
                           const char **per, struct unit_problem *problem)
{
    if (!money_rate_read(q, text, usd_nano, problem)) return false;
    const char *last = strrchr(text, ' '), *slash = strrchr(text, '/');
    *per = (last && last > slash ? last : slash) + 1;
    return true;
}

bool unit_money_per_size(const char *text, int64_t *usd_nano, const char **per,
                         struct unit_problem *problem)
{
    return money_per_read(&money_size, text, usd_nano, per, problem);
}

bool unit_money_per_size_month(const char *text, int64_t *usd_nano, const char **per,
                               struct unit_problem *problem)
{
    return money_per_read(&money_size_month, text, usd_nano, per, problem);
}

bool unit_money(const char *text, int64_t *usd_micro, struct unit_problem *problem)
{
    static const struct quantity money = {
        "an amount such as '$250k'", "", "", "a micro-dollar", NULL, false
    };
    static const struct unit dollar = { "", 1000000, 1 };
    struct decimal d;
    const char *at = text;
    int64_t times = 1;
    if (!dollars_take(&money, text, &at, &d, &times, problem)) return false;
    if (*at == '\0') return finish(&money, d, times, &dollar, text, usd_micro, problem);
    suggest(problem, "%.*s", (int)(at - text), text);
    return refuse(problem, "must be %s, not '%.60s'", money.wanted, text);
}

bool unit_factor(const char *text, int64_t *ppm, struct unit_problem *problem)
{
    static const struct quantity factor = {
        "a plain number such as '1.4'", "", "", "a millionth", NULL, false
    };
    static const struct unit one = { "", 1000000, 1 };
    forget(problem);
    struct decimal d;
    const char *at = text;
    if (!decimal_take(&at, text + strlen(text), &d) || *at)
        return not_a_number(&factor, "", text, text, problem);
    return finish(&factor, d, 1, &one, text, ppm, problem);
}

bool unit_count(const char *text, int64_t *count, struct unit_problem *problem)
{
    static const struct quantity whole = { "a whole number", "", "", "one", NULL, false };
    forget(problem);
    const char *s = text;
    while (is_digit(*s)) s++;
    if (*s == '\0' && s != text && (s == text + 1 || text[0] != '0')) {
        if (s - text > DIGITS_MAX) return refuse(problem, "is too large: '%.60s'", text);
        return decimal_read(text, (size_t)(s - text), 1, count);
    }
    if (*s == 'k' || *s == 'M') {
        if (s[1] == '\0' && s > text && s - text < 10)
            suggest(problem, "%.*s%s", (int)(s - text), text, *s == 'k' ? "000" : "000000");
        return refuse(problem, "must be a whole number, not '%.60s'", text);
    }
    bool plain = *s == '\0' || *s == ',' || *s == '_';
    if (plain || *text == '-') return not_a_number(&whole, "", text, text, problem);
    return refuse(problem, "must be a whole number, not '%.60s'", text);
}

bool unit_yes(const char *text, int64_t *yes, struct unit_problem *problem)
{
    forget(problem);
    if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0) *yes = 1;
    else if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0) *yes = 0;
    else return refuse(problem, "must be yes or no, not '%.60s'", text);
    return true;
}

/* ---- Dates ---- */

bool date_read(const char *text, size_t n, int64_t *days)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (n != 10 || text[4] != '-' || text[7] != '-') return false;
    for (int i = 0; i < 10; i++)
        if (i != 4 && i != 7 && !is_digit(text[i])) return false;
    int year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
    int month = (text[5] - '0') * 10 + text[6] - '0', day = (text[8] - '0') * 10 + text[9] - '0';
    if (year < 1970 || month < 1 || month > 12) return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day < 1 || day > lengths[month - 1] + (month == 2 && leap)) return false;
    int64_t before = year - 1; /* whole years gone since year 1 */
    int64_t total = before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int m = 1; m < month; m++) total += lengths[m - 1] + (m == 2 && leap);
    *days = total + day - 1;
    return true;
}

bool unit_date(const char *text, int64_t *days, struct unit_problem *problem)
{
    forget(problem);
    if (date_read(text, strlen(text), days)) return true;
    return refuse(problem, "must be a date such as '2026-07-20', not '%.60s'", text);
}

bool unit_date_range(const char *text, bool *is_range, int64_t *from, int64_t *to,
                     struct unit_problem *problem)
{
    forget(problem);
    const char *dots = strstr(text, "..");
    *is_range = dots != NULL;
    if (!dots) return true;
    size_t n = (size_t)(dots - text);
    while (n > 0 && text[n - 1] == ' ') n--;
    const char *second = skip_spaces(dots + 2);
    if (!date_read(text, n, from) || !date_read(second, strlen(second), to))
        return refuse(
            problem,
            "must be a duration or two dates such as '2026-02-01 .. 2026-03-01', not '%.60s'",
            text);
    if (*from < *to) return true;
    if (*from > *to) suggest(problem, "%s .. %.*s", second, (int)n, text);
    return refuse(problem, "is an empty range: '%.60s'", text);
}

void duration_write(int64_t us, char *text, size_t size)
{
    static const struct {
        const char *one, *many;
        int64_t us;
    } parts[] = {
        { "day", "days", 24 * HOURS }, { "h", "h", HOURS },  { "min", "min", 60000000 },
        { "s", "s", 1000000 },         { "ms", "ms", 1000 }, { "us", "us", 1 },
    };
    size_t i = 0;
    while (us % parts[i].us != 0) i++;
    if (us == 0) i = 3;
    int64_t n = us / parts[i].us;
    snprintf(text, size, "%" PRId64 " %s", n, n == 1 ? parts[i].one : parts[i].many);
}
