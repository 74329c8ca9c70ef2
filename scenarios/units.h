/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values with units, as people write them: `15 min`, `60%`, `$500k per month`, `6.5 kW`,
 * `2026-07-20`.
 *
 * Every quantity must carry its unit: a bare 15 is refused, never guessed. Decimal digits become
 * integers exactly (no floating point in between); a value finer than the integer can hold, or too
 * large for it, is refused. `7..0` is not read as 7. No leading zeros, exponents, signs or digit
 * groups: each has bitten somebody (octal, 1e3, 1_000).
 *
 * Every reader returns true and sets *value, or returns false and says why in `problem`, in words
 * that follow the quoted name of the key: "'p95_wait' " + "has no unit".
 */
#ifndef SCENARIOS_UNITS_H
#define SCENARIOS_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unit_problem {
    char message[200]; /* "has no unit" */
    char hint[80];     /* "did you mean '15 min'?", "" = none */
    char note[120];    /* "one of: ...", "" = none */
};

/* Microseconds. Units: us, ms, s, min, h, d, weeks, months (730 h), years (365 days), in full or
 * plural. */
bool unit_duration(const char *text, int64_t *us, struct unit_problem *problem);
/* Parts per million of `60%`. */
bool unit_percent(const char *text, int64_t *ppm, struct unit_problem *problem);
/* Parts per million of a plain factor such as 1.4. */
bool unit_factor(const char *text, int64_t *ppm, struct unit_problem *problem);
/* A whole number without a unit. */
bool unit_count(const char *text, int64_t *count, struct unit_problem *problem);
/* Micro-dollars of `$250k` (k, M, B). */
bool unit_money(const char *text, int64_t *usd_micro, struct unit_problem *problem);
/* Micro-dollars per month of 730 h, of `$500k per month` (per hour, day, week, month, year);
 * rounded half up. */
bool unit_money_per_month(const char *text, int64_t *usd_micro, struct unit_problem *problem);
/* Nano-dollars per hour, of `$1.20 per hour` (the same periods); rounded half up. */
bool unit_money_per_hour(const char *text, int64_t *usd_nano, struct unit_problem *problem);
/* Nano-dollars per kilowatt-hour, of `$0.12 per kWh` (or MWh). */
bool unit_money_per_kwh(const char *text, int64_t *usd_nano, struct unit_problem *problem);
/* Bytes of `20 TB`, `1.2 TiB` (B, kB, MB, GB, TB, PB; KiB, MiB, GiB, TiB, PiB). */
bool unit_size(const char *text, int64_t *bytes, struct unit_problem *problem);
/* Nano-dollars of `$0.09 per GB`, or GiB, TB, TiB: *per is that word of the text. */
bool unit_money_per_size(const char *text, int64_t *usd_nano, const char **per,
                         struct unit_problem *problem);
/* The same of `$0.08 per GB-month`. */
bool unit_money_per_size_month(const char *text, int64_t *usd_nano, const char **per,
                               struct unit_problem *problem);
/* Grams per month of 730 h, of `20 t per month` (kg, t; per month, year); rounded half up. */
bool unit_mass_per_month(const char *text, int64_t *grams, struct unit_problem *problem);
/* Watts of `700 W`, `6.5 kW`, `1 MW`. */
bool unit_watts(const char *text, int64_t *watts, struct unit_problem *problem);
/* Thousandths of a GPU of `400 GPUs`. */
bool unit_gpus(const char *text, int64_t *gpu_milli, struct unit_problem *problem);
/* yes, no, true, false. */
bool unit_yes(const char *text, int64_t *yes, struct unit_problem *problem);
/* Days since 1970-01-01 of `2026-07-20` (years 1970 to 9999). */
bool unit_date(const char *text, int64_t *days, struct unit_problem *problem);
/* The same for the first n characters of text: exactly YYYY-MM-DD, a date that exists. */
bool date_read(const char *text, size_t n, int64_t *days);
/* `2026-02-01 .. 2026-03-01`, end not included: days since 1970-01-01. *is_range false: text holds
 * no "..". */
bool unit_date_range(const char *text, bool *is_range, int64_t *from, int64_t *to,
                     struct unit_problem *problem);

/* The exact value of an unsigned decimal number times `scale`; false where text[0..n) is not one,
 * or the product is no whole number or beyond INT64_MAX. For CSV cells. */
bool decimal_read(const char *text, size_t n, int64_t scale, int64_t *value);

/* A duration, a power, money, as the readers above take them back, for hints and summaries: the
 * largest unit that divides it. */
void duration_write(int64_t us, char *text, size_t size);

#endif
