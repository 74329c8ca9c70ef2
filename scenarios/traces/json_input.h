/* SPDX-License-Identifier: Apache-2.0 */
/* A log that is one JSON text, for the formats that are; and what they ask of its objects. Members
 * that are absent or of another kind are as good as not given. */
#ifndef SCENARIOS_TRACES_JSON_INPUT_H
#define SCENARIOS_TRACES_JSON_INPUT_H

#include <jansson.h>

#include "scenarios/traces/formats.h"

/* Reads and parses what is left of the file, at most 1 GiB. The caller json_decrefs it. */
enum status json_rest(struct import *import, json_t **json);
/* A text member, borrowed from the object; *text and *n stay as they are where there is none. */
void json_text(const json_t *object, const char *key, const char **text, size_t *n);
/* The same, "" where there is none. */
const char *json_text_of(const json_t *object, const char *key);
/* A wall clock member; without a zone of its own in tz_us. */
bool json_clock(const json_t *object, const char *key, int64_t tz_us, int64_t *unix_us);

#endif
