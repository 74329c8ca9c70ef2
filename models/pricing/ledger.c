/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "models/pricing/money.h"

void ledger_init(struct ledger *ledger, int64_t into_hour_us, int64_t end_us)
{
    *ledger = (struct ledger){ .into_hour_us = into_hour_us, .end_us = end_us };
}

void ledger_free(struct ledger *ledger)
{
    for (int k = 0; k < LEDGER_N; k++) free(ledger->hour[k]);
    ledger_init(ledger, ledger->into_hour_us, ledger->end_us);
}

/* Hours 0 .. n - 1 of a kind are there. */
static enum status reach(struct ledger *ledger, enum ledger_kind kind, int64_t n, struct error *err)
{
    int32_t capacity = ledger->capacity[kind];
    if (n > LEDGER_HOURS_MAX)
        return error_set(err, STATUS_BAD_INPUT, "more than %d hours (59 years) to bill",
                         LEDGER_HOURS_MAX);
    if (n > capacity) {
        int32_t wider = capacity ? capacity : 512;
        while (wider < n) wider *= 2;
        struct ledger_hour *more = realloc(ledger->hour[kind], (size_t)wider * sizeof *more);
        if (!more) return error_set(err, STATUS_NO_MEMORY, "no memory for %d hours to bill", wider);
        memset(more + capacity, 0, (size_t)(wider - capacity) * sizeof *more);
        ledger->hour[kind] = more;
        ledger->capacity[kind] = wider;
    }
    if (n > ledger->hours) ledger->hours = (int32_t)n;
    return STATUS_OK;
}

enum status ledger_add(struct ledger *ledger, enum ledger_kind kind, int64_t from_us, int64_t to_us,
                       int64_t weight, struct error *err)
{
    if (weight < 0 || weight > LEDGER_WEIGHT_MAX)
        return error_set(err, STATUS_BAD_INPUT, "more is used at once than can be counted");
    if (to_us > ledger->end_us) to_us = ledger->end_us;
    if (from_us >= to_us || weight == 0) return STATUS_OK;
    if (to_us > (int64_t)LEDGER_HOURS_MAX * HOUR_US)
        return error_set(err, STATUS_BAD_INPUT, "more than %d hours (59 years) to bill",
                         LEDGER_HOURS_MAX);
    from_us += ledger->into_hour_us; /* from the start of hour 0 */
    to_us += ledger->into_hour_us;
    int64_t first = from_us / HOUR_US, last = (to_us - 1) / HOUR_US;
    enum status status = reach(ledger, kind, last + 1, err);
    if (status != STATUS_OK) return status;
    struct ledger_hour *hour = ledger->hour[kind];
    ledger->total[kind] += (__int128)weight * (to_us - from_us);
    if (first == last) {
        hour[first].part += (__int128)weight * (to_us - from_us);
        return STATUS_OK;
    }
    hour[first].part += (__int128)weight * ((first + 1) * HOUR_US - from_us);
    hour[first].after += weight;
    hour[last].part -= (__int128)weight * ((last + 1) * HOUR_US - to_us);
    hour[last].after -= weight;
    return STATUS_OK;
}

int32_t ledger_hours_of(int64_t into_hour_us, int64_t books_us)
{
    int64_t us = into_hour_us + books_us;
    return (int32_t)(us / HOUR_US + (us % HOUR_US != 0));
}

int32_t ledger_hours(const struct ledger *ledger) { return ledger->hours; }

enum status ledger_read(const struct ledger *ledger, enum ledger_kind kind, __int128 *by,
                        struct error *err)
{
    __int128 whole = 0, sum = 0;
    for (int32_t h = 0; h < ledger->hours; h++) {
        static const struct ledger_hour none = { 0, 0 };
        const struct ledger_hour *hour =
            h < ledger->capacity[kind] ? &ledger->hour[kind][h] : &none;
        by[h] = hour->part + whole * HOUR_US;
        sum += by[h];
        whole += hour->after;
    }
    if (sum != ledger->total[kind])
        return error_set(err, STATUS_BUG, "invariant broken: the hours' usage = the total");
    return STATUS_OK;
}
