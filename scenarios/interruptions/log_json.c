/* SPDX-License-Identifier: Apache-2.0 */
/* JSON whose mistakes have places: jansson forgets where a value stood, the text has not. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/interruptions/log_reader.h"

enum { JSON_BYTES_MAX = 16 << 20 };

enum status log_json(struct log_reader *r, char **text, json_t **json)
{
    json_error_t problem;
    size_t n;
    *json = NULL;
    *text = NULL;
    enum status status = text_rest(&r->in, JSON_BYTES_MAX, text, &n, r->err);
    if (status != STATUS_OK) return status;
    *json = json_loadb(*text, n, JSON_REJECT_DUPLICATES, &problem);
    if (json_is_object(*json)) return STATUS_OK;
    if (*json) {
        json_decref(*json);
        *json = NULL;
        return log_error_at(r, *text, *text, 1, "this is no JSON object");
    }
    size_t at = problem.position > 0 ? (size_t)problem.position - 1 : 0;
    return log_error_at(r, *text, *text + (at < n ? at : n), 1, "%s", problem.text);
}

static const char *blanks(const char *p) { return p + strspn(p, " \t\r\n"); }

const char *log_json_value(const char *text, const char *key, size_t k)
{
    size_t n = strlen(key);
    for (const char *p = text; (p = strstr(p, key)) != NULL; p += n) {
        if (p == text || p[-1] != '"' || p[n] != '"') continue;
        const char *colon = blanks(p + n + 1);
        if (*colon == ':' && k-- == 0) return blanks(colon + 1);
    }
    return NULL;
}

const char *log_json_element(const char *text, const char *key, size_t i)
{
    const char *p = log_json_value(text, key, 0);
    if (!p || *p != '[') return NULL;
    for (p = blanks(p + 1); i > 0 && *p && *p != ']'; p++)
        if (*p == ',') i--;
    return *p && i == 0 ? blanks(p) : NULL;
}
