/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/cron.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/calendar.h"

#define MINUTE_US   INT64_C(60000000)
#define DAY_MINUTES 1440
enum { FIELDS = 5, DAYS_AHEAD = 5 * 366 };

/* ---- reading ---- */

struct range {
    int least, most;
    const char *const *names; /* of least, least + 1 ...; NULL = none */
};

static const char *const month_names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul",
                                           "aug", "sep", "oct", "nov", "dec", NULL };
static const char *const day_names[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL };
static const struct range ranges[FIELDS] = {
    { 0, 59, NULL }, { 0, 23, NULL }, { 1, 31, NULL }, { 1, 12, month_names }, { 0, 6, day_names }
};

/* A number or a name at *at, which moves behind it; -1: neither, or out of range. */
static int value_read(const char **at, const struct range *r)
{
    for (int i = 0; r->names && r->names[i]; i++)
        if (strncasecmp(*at, r->names[i], 3) == 0) {
            *at += 3;
            return r->least + i;
        }
    int value = 0, n = 0;
    for (; **at >= '0' && **at <= '9' && n < 4; (*at)++, n++) value = 10 * value + (**at - '0');
    return n > 0 && value >= r->least && value <= r->most ? value : -1;
}

/* "*", "5", "1-5", each with "/2" behind it, as bits. */
static bool item_read(const char **at, const struct range *r, uint64_t *bits, bool *any)
{
    int from = r->least, to = r->most, step = 1;
    bool star = **at == '*' || **at == '?';
    if (star) {
        (*at)++;
    } else {
        if ((from = value_read(at, r)) < 0) return false;
        to = from;
        if (**at == '-') {
            (*at)++;
            if ((to = value_read(at, r)) < from) return false;
        } else if (**at == '/') {
            to = r->most;
        }
    }
    if (**at == '/') {
        static const struct range steps = { 1, 999, NULL };
        (*at)++;
        if ((step = value_read(at, &steps)) < 0) return false;
    }
    *any |= star && step == 1;
    for (int i = from; i <= to; i += step) *bits |= UINT64_C(1) << i;
    return true;
}

static bool field_read(const char *text, const struct range *r, uint64_t *bits, bool *any)
{
    *bits = 0;
    *any = false;
    while (item_read(&text, r, bits, any)) {
        if (!*text) return true;
        if (*text++ != ',') return false;
    }
    return false;
}

static const char *spelt_out(const char *text)
{
    static const char *const words[][2] = {
        { "@yearly", "0 0 1 1 *" }, { "@annually", "0 0 1 1 *" }, { "@monthly", "0 0 1 * *" },
        { "@weekly", "0 0 * * 0" }, { "@daily", "0 0 * * *" },    { "@midnight", "0 0 * * *" },
        { "@hourly", "0 * * * *" },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(text, words[i][0]) == 0) return words[i][1];
    return text;
}

bool cron_read(const char *text, struct cron *cron, int *part)
{
    uint64_t bits[FIELDS];
    bool any[FIELDS];
    char copy[256], *save = NULL;
    text = spelt_out(text);
    *part = FIELDS;
    if (strlen(text) >= sizeof copy) return false;
    strcpy(copy, text);
    int n = 0;
    for (char *word = strtok_r(copy, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
        if (n == FIELDS) return false;
        if (!field_read(word, &ranges[n], &bits[n], &any[n])) {
            *part = n;
            return false;
        }
        n++;
    }
    if (n < FIELDS) return false;
    *cron = (struct cron){ .minutes = bits[0],
                           .hours = (uint32_t)bits[1],
                           .days = (uint32_t)bits[2],
                           .months = (uint32_t)bits[3],
                           .weekdays = (uint32_t)bits[4],
                           .any_day = any[2],
                           .any_weekday = any[4] };
    return true;
}

/* ---- times ---- */

static bool is_day(const struct cron *c, int64_t day)
{
    struct date date = calendar_date(day);
    bool by_day = c->days >> date.day & 1, by_weekday = c->weekdays >> calendar_weekday(day) & 1;
    if (!(c->months >> date.month & 1)) return false;
    return c->any_day || c->any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

/* The first minute of a day that is named, from one on; -1: none is. */
static int minute_of_day(const struct cron *c, int from)
{
    for (int m = from; m < DAY_MINUTES; m++)
        if (!(c->hours >> (m / 60) & 1)) m += 59 - m % 60;
        else if (c->minutes >> (m % 60) & 1) return m;
    return -1;
}

int64_t cron_next_us(const struct cron *cron, int64_t unix_us)
{
    int64_t minute = unix_us / MINUTE_US - (unix_us % MINUTE_US < 0) + 1;
    int64_t day = minute / DAY_MINUTES - (minute % DAY_MINUTES < 0);
    int from = (int)(minute - day * DAY_MINUTES);
    for (int i = 0; i < DAYS_AHEAD; i++, from = 0) {
        if (!is_day(cron, day + i)) continue;
        int at = minute_of_day(cron, from);
        if (at >= 0) return ((day + i) * DAY_MINUTES + at) * MINUTE_US;
    }
    return INT64_MAX;
}
