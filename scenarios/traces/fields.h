/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of delimited text as fields, and fields as numbers: by hand, because these run once a cell
 * of a ten-million-row trace.
 *
 * Quoted fields follow RFC 4180 (one line each); they are unquoted in place.
 */
#ifndef SCENARIOS_TRACES_FIELDS_H
#define SCENARIOS_TRACES_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIELDS_MAX = 256 };

/* Times from here on (2001-09-09) are taken for seconds of the Unix epoch, where a log does not say
 * what they count from: no trace is thirty years long. */
#define FIELD_EPOCH_US (INT64_C(1000000000) * 1000000)

struct field {
    char *text;
    size_t n;
};

/* Splits line[0..n) (written to: quotes, zero after each field). Fields beyond FIELDS_MAX are
 * dropped; the number there were is returned. */
size_t fields_split(char *line, size_t n, char delimiter, struct field *fields);

/* Empty, or one of nan, NULL, None, NA, -, N/A, Unknown (letters of either case). */
bool field_missing(const struct field *f);

/* A decimal: digits, one point, an exponent, a sign. *value = number x scale, exact, rounded half
 * away from zero to a whole number. false: not a number, or beyond int64. */
bool field_scaled(const struct field *f, int64_t scale, int64_t *value);

/* A time or duration in units of unit_us microseconds, refused where it is beyond eight centuries:
 * sums and differences of a few such times fit 64 bits. */
bool field_time(const struct field *f, int64_t unit_us, int64_t *us);

/* A comment of the canonical trace, "# t0_unix_s=1509494400": the wall clock of second 0. false
 * where the line says nothing of it; *good is false where it does and is not a number. */
bool field_t0(const char *line, struct field *f, int64_t *unix_us, bool *good);

/* "YYYY-MM-DD HH:MM:SS", with T or a space, fractions of a second or no seconds at all, and Z, UTC
 * or an offset (+08:00); without one tz_us (microseconds east of UTC) applies. Microseconds of the
 * Unix epoch. */
bool field_clock(const struct field *f, int64_t tz_us, int64_t *unix_us);

/* "1-02:03:04", "02:03:04", "03:04" (minutes and seconds), as Slurm writes durations. */
bool field_elapsed(const struct field *f, int64_t *us);

#endif
