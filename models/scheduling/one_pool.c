/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/one_pool.h"

#include <stdlib.h>

struct worth {
    double for_a_gpu;
    int32_t claim;
};

static int compare_worth(const void *x, const void *y)
{
    const struct worth *a = x, *b = y;
    if (a->for_a_gpu != b->for_a_gpu) return a->for_a_gpu > b->for_a_gpu ? -1 : 1;
    return (a->claim > b->claim) - (a->claim < b->claim);
}

static double largest_t(const struct lp *lp)
{
    double t = INFINITY, asked = 0;
    for (int32_t c = 0; c < lp->claim_n; c++) {
        double alone = lp->speed[c] / lp->claims[c].need;
        if (alone <= 0) return 0;
        if (alone < t) t = alone;
        asked += (double)lp->claims[c].gpus * (double)lp->claims[c].count / alone;
    }
    return lp->pool_gpu[0] / asked < t ? lp->pool_gpu[0] / asked : t;
}

enum status one_pool_solve(const struct lp *lp, double *least, const double *value)
{
    double left = lp->pool_gpu[0], t = value ? 0 : largest_t(lp);
    struct worth *order = malloc((size_t)lp->claim_n * sizeof *order);
    if (!order) return STATUS_NO_MEMORY;
    for (int32_t c = 0; c < lp->claim_n; c++) {
        const struct claim *claim = &lp->claims[c];
        double worth = value ? value[c] / (double)claim->gpus : lp->speed[c];
        order[c] = (struct worth){ worth * lp_preference(lp, c, 0), c };
        /* y until all have theirs */
        lp->share[c] =
            t > 0 ? t * (1 - LP_SLACK) * claim->need * (double)claim->count / lp->speed[c] : 0;
        left -= lp->share[c] * (double)claim->gpus;
    }
    qsort(order, (size_t)lp->claim_n, sizeof *order, compare_worth);
    for (int32_t i = 0; i < lp->claim_n; i++) {
        int32_t c = order[i].claim;
        const struct claim *claim = &lp->claims[c];
        double more = (double)claim->count - lp->share[c];
        if (more * (double)claim->gpus > left) more = left / (double)claim->gpus;
        if (more > 0 && lp->speed[c] > 0) {
            lp->share[c] += more;
            left -= more * (double)claim->gpus;
        }
        lp->share[c] = lp_rounded(lp->share[c] / (double)claim->count);
    }
    free(order);
    if (least) *least = t;
    return STATUS_OK;
}
