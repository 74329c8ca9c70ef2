/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers for people, one place: $349k, 21.6 min, 38%, 41,208. Each returns its text by value, so
 * that it can stand in an argument list. Values that are not finite become "n/a"; what rounds to
 * zero has no sign; what would need more than 15 digits is a power ("1e+21"), so that no text is
 * ever cut.
 */
#ifndef REPORTS_FORMAT_H
#define REPORTS_FORMAT_H

#include <stddef.h>
#include <stdio.h>

enum { FORMAT_SIZE = 64 };

struct format_text {
    char s[FORMAT_SIZE];
};

struct format_text format_usd(double usd);       /* $0.42, $5.20, $349k, $2.47M, $1.20T */
struct format_text format_duration(double s);    /* 0 s, 8.2 s, 11.8 min, 2.9 h, 4.1 days */
struct format_text format_percent(double share); /* 38%, 6.4%: one digit below ten */
struct format_text format_count(double n);       /* 41,208 */
struct format_text format_number(double x);      /* three significant digits */

/* value ± half in one unit: "$349k ± 16k", "11.8 min ± 0.9", "38% ± 3.0"; without the ± where half
 * is NAN or too small to show. */
struct format_text format_usd_interval(double mean, double half);
struct format_text format_duration_interval(double mean, double half);
struct format_text format_percent_interval(double mean, double half);
/* A change with its sign: "-38% ± 12", "+4.0%"; "+$12k ± 3", "-$305k". */
struct format_text format_change(double mean, double half);
struct format_text format_signed_usd(double mean, double half);

/* By the unit of metric_defs: "USD/month", "USD", "s", "share", ... */
struct format_text format_metric(double mean, double half, const char *unit);

/* So many spaces; none for n <= 0. */
void format_pad(FILE *out, int n);

#endif
