/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/json_values.h"

#include <math.h>

json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    return value ? value : json_string("(not UTF-8)");
}

json_t *real_json(double x) { return isfinite(x) ? json_real(x) : json_null(); }

json_t *interval_json(double low, double high)
{
    if (!isfinite(low) || !isfinite(high)) return json_null();
    json_t *interval = json_array();
    json_array_append_new(interval, json_real(low));
    json_array_append_new(interval, json_real(high));
    return interval;
}
