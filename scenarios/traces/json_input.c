/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/traces/json_input.h"

#include <stdlib.h>

#include "scenarios/traces/fields.h"

enum { JSON_BYTES_MAX = 1 << 30 };

enum status json_rest(struct import *import, json_t **json)
{
    json_error_t problem;
    char *text;
    size_t n;
    enum status status = text_rest(import->in, JSON_BYTES_MAX, &text, &n, import->err);
    *json = NULL;
    if (status != STATUS_OK) return status;
    *json = json_loadb(text, n, 0, &problem);
    free(text);
    if (*json) return STATUS_OK;
    return error_set(import->err, STATUS_BAD_INPUT, "%s:%d:%d: %s", import->in->path, problem.line,
                     problem.column, problem.text);
}

void json_text(const json_t *object, const char *key, const char **text, size_t *n)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) return;
    *text = json_string_value(value);
    *n = json_string_length(value);
}

const char *json_text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

bool json_clock(const json_t *object, const char *key, int64_t tz_us, int64_t *unix_us)
{
    const char *text = NULL;
    size_t n = 0;
    json_text(object, key, &text, &n);
    struct field f = { (char *)text, n };
    return text && !field_missing(&f) && field_clock(&f, tz_us, unix_us);
}
