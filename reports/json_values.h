/* SPDX-License-Identifier: Apache-2.0 */
/* Values of JSON that every report writes in the same way. The caller owns what is returned. */
#ifndef REPORTS_JSON_VALUES_H
#define REPORTS_JSON_VALUES_H

#include <jansson.h>

/* Names that are not UTF-8 cannot stand in JSON: their place is said instead. */
json_t *text_json(const char *text);
/* null where it is not finite. */
json_t *real_json(double x);
/* [low, high]; null where one of them is not finite. */
json_t *interval_json(double low, double high);

#endif
