/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/quantile.h"
#include "sim/order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FRACTION_BITS = 6, CELLS = 64 << FRACTION_BITS };

/* Small values have a cell each; above, 64 cells an octave. Rising with the value. */
static uint32_t cell_of(int64_t value)
{
    uint64_t v = (uint64_t)value;
    if (v < 1u << FRACTION_BITS) return (uint32_t)v;
    uint32_t exponent = 63 - (uint32_t)__builtin_clzll(v);
    uint32_t fraction = (uint32_t)(v >> (exponent - FRACTION_BITS)) & ((1u << FRACTION_BITS) - 1);
    return ((exponent - FRACTION_BITS + 1) << FRACTION_BITS) + fraction;
}

/* The cells of 0 .. 63 hold one value each: there is nothing to sort. */
static bool one_value(uint32_t cell) { return cell < 1u << FRACTION_BITS; }

size_t quantile_rank(double q, size_t n)
{
    /* 0.95 x 20 is 19.000000000000004 in some roundings: a whole number of ranks stays whole. */
    double exact = q * (double)n;
    size_t rank = (size_t)exact;
    if (exact - (double)rank > 1e-9 * (double)n) rank++;
    return rank < 1 ? 1 : rank > n ? n : rank;
}

double quantile_sorted(const double *sorted, size_t n, double q)
{
    return sorted[quantile_rank(q, n) - 1];
}

enum status quantiles_of(const int64_t *values, size_t n, const double *q, size_t q_n, int64_t *out,
                         struct error *err)
{
    uint64_t *count = calloc(CELLS, sizeof *count);
    uint32_t wanted[QUANTILES_MAX];
    uint64_t below[QUANTILES_MAX];
    int64_t *kept = NULL;
    size_t total = 0, kept_n = 0;
    enum status status = STATUS_OK;

    memset(out, 0, q_n * sizeof *out);
    if (!count) goto no_memory;
    for (size_t i = 0; i < n; i++)
        if (values[i] >= 0) count[cell_of(values[i])]++;
    for (uint32_t c = 0; c < CELLS; c++) total += count[c];
    if (total == 0) goto done;

    /* Where each rank falls; then `count` is made a mark of the cells to keep. */
    uint64_t before = 0;
    uint32_t cell = 0;
    size_t k = 0;
    for (; k < q_n; k++) {
        size_t rank = quantile_rank(q[k], total);
        while (before + count[cell] < rank) before += count[cell++];
        wanted[k] = cell;
        below[k] = before;
        if (!one_value(cell) && (k == 0 || wanted[k] != wanted[k - 1])) kept_n += count[cell];
    }
    kept = malloc((kept_n + 1) * sizeof *kept);
    if (!kept) goto no_memory;
    bool *mark = calloc(CELLS, sizeof *mark);
    if (!mark) goto no_memory;
    for (k = 0; k < q_n; k++) mark[wanted[k]] = !one_value(wanted[k]);
    size_t at = 0;
    for (size_t i = 0; kept_n > 0 && i < n; i++)
        if (values[i] >= 0 && mark[cell_of(values[i])]) kept[at++] = values[i];
    free(mark);
    qsort(kept, kept_n, sizeof *kept, order_integers);
    size_t offset = 0;
    for (k = 0; k < q_n; k++) {
        if (k > 0 && wanted[k] != wanted[k - 1] && !one_value(wanted[k - 1]))
            offset += count[wanted[k - 1]];
        out[k] = one_value(wanted[k]) ? (int64_t)wanted[k]
                                      : kept[offset + quantile_rank(q[k], total) - below[k] - 1];
    }
    goto done;

no_memory:
    status = error_set(err, STATUS_NO_MEMORY, "no memory for the quantiles of %zu values", n);
done:
    free(count);
    free(kept);
    return status;
}

struct weighted {
    int64_t value, weight;
};

static int compare_weighted(const void *a, const void *b)
{
    return order_integers(&((const struct weighted *)a)->value,
                          &((const struct weighted *)b)->value);
}

enum status quantiles_weighted(const int64_t *values, const int64_t *weights, size_t n,
                               const double *q, size_t q_n, int64_t *out, struct error *err)
{
    uint64_t *weight = calloc(CELLS, sizeof *weight), total = 0, before = 0;
    size_t *count = calloc(CELLS, sizeof *count), most = 0, at;
    struct weighted *kept = NULL;
    uint32_t cell = 0, sorted = CELLS;
    enum status status = STATUS_OK;

    memset(out, 0, q_n * sizeof *out);
    if (!weight || !count) goto no_memory;
    for (size_t i = 0; i < n; i++) {
        if (values[i] < 0) continue;
        weight[cell_of(values[i])] += (uint64_t)weights[i];
        count[cell_of(values[i])]++;
    }
    for (uint32_t c = 0; c < CELLS; c++) {
        total += weight[c];
        if (count[c] > most) most = count[c];
    }
    kept = malloc((most + 1) * sizeof *kept);
    if (!kept) goto no_memory;
    for (size_t k = 0; k < q_n && total > 0; k++) {
        uint64_t rank = quantile_rank(q[k], total);
        while (before + weight[cell] < rank) before += weight[cell++];
        if (one_value(cell)) {
            out[k] = cell;
            continue;
        }
        if (cell != sorted) {
            at = 0;
            for (size_t i = 0; i < n; i++)
                if (values[i] >= 0 && cell_of(values[i]) == cell)
                    kept[at++] = (struct weighted){ values[i], weights[i] };
            qsort(kept, at, sizeof *kept, compare_weighted);
            sorted = cell;
        }
        uint64_t sum = before;
        at = 0;
        while ((sum += (uint64_t)kept[at].weight) < rank) at++;
        out[k] = kept[at].value;
    }
    goto done;

no_memory:
    status = error_set(err, STATUS_NO_MEMORY, "no memory for the quantiles of %zu values", n);
done:
    free(weight);
    free(count);
    free(kept);
    return status;
}
