/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/alias_table.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Weights in bins: each time a value of less than one bin shares it with a value of more, which
 * gives away what is missing. What is left over in either list, to rounding, has a bin alone. */
enum status alias_table_make(uint32_t *bins, uint32_t bits, const uint32_t *values,
                             const double *weights, uint32_t n, struct error *err)
{
    uint32_t bin_n = UINT32_C(1) << bits, less_n = 0, more_n = 0;
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!(weights[i] >= 0 && weights[i] < INFINITY) || values[i] > 65535)
            return error_set(err, STATUS_BAD_INPUT, "value %u has the weight %g", values[i],
                             weights[i]);
        sum += weights[i];
    }
    if (n > bin_n || !(sum > 0 && sum < INFINITY))
        return error_set(err, STATUS_BAD_INPUT, "%u values with weights of %g for %u bins", n, sum,
                         bin_n);
    double *left = malloc(bin_n * sizeof *left);
    uint32_t *less = malloc(bin_n * sizeof *less), *more = malloc(bin_n * sizeof *more);
    if (!left || !less || !more) {
        free(left);
        free(less);
        free(more);
        return error_set(err, STATUS_NO_MEMORY, "no memory for %u bins", bin_n);
    }
    for (uint32_t i = 0; i < bin_n; i++) {
        left[i] = i < n ? weights[i] / sum * bin_n : 0;
        if (left[i] < 1) less[less_n++] = i;
        else more[more_n++] = i;
    }
    for (uint32_t bin = 0; bin < bin_n; bin++) {
        bool shared = less_n && more_n;
        uint32_t a = less_n ? less[--less_n] : more[--more_n], b = shared ? more[more_n - 1] : a;
        if (shared && (left[b] -= 1 - left[a]) < 1) {
            more_n--;
            less[less_n++] = b;
        }
        uint32_t cut = shared ? (uint32_t)floor(left[a] * 0x1p31 + 0.5) : 0;
        bins[2 * bin] = cut < UINT32_C(1) << 31 ? cut : INT32_MAX;
        bins[2 * bin + 1] = values[b < n ? b : n - 1] << 16 | values[a < n ? a : n - 1];
    }
    free(left);
    free(less);
    free(more);
    return STATUS_OK;
}
