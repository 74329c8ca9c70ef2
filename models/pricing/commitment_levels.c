/* SPDX-License-Identifier: Apache-2.0 */
/* Many levels of one commitment on the same usage, without pouring each. */
#include <stdlib.h>

#include "models/pricing/money.h"
#include "models/pricing/pouring.h"

struct sums { /* of the first lines of the varied pipe, in an hour */
    __int128 burns, saves;
};

/* Takes what each level saves in an hour off its total. all_from[i]: what levels from i on save. */
static void levels_of_hour(const struct pouring *p, const struct pipe *pipe, int64_t time,
                           struct sums *sums, const int64_t *levels, size_t n, __int128 *total,
                           __int128 *all_from)
{
    size_t k = 0, i = 0;
    for (; k < pipe->n; k++) {
        const struct poured *left = &p->left[pipe->line[k]];
        sums[k + 1].burns = sums[k].burns + left->used_us * pipe->burn[k];
        sums[k + 1].saves = sums[k].saves + left->rated;
    }
    for (k = 0; i < n; i++) {
        __int128 budget = (__int128)levels[i] * pipe->unit * time;
        while (k < pipe->n && sums[k + 1].burns <= budget) k++;
        if (k == pipe->n) break;
        total[i] -=
            sums[k].saves + poured_saves(&p->left[pipe->line[k]], budget - sums[k].burns,
                                         pipe->burn[k], p->of[pipe->line[k]]->usd_nano_per_hour);
    }
    all_from[i] += sums[pipe->n].saves;
}

static enum status check_levels(const struct usage *usage, const struct commitment *others,
                                size_t n, const struct commitment *varied, const int64_t *levels,
                                size_t level_n, struct error *err)
{
    int64_t most = is_plan(varied) ? INT64_C(1) << 50 : POUR_COUNT_MAX;
    if (varied->kind == COMMITMENT_CAPACITY_RESERVATION)
        return error_set(err, STATUS_BAD_INPUT, "a capacity reservation has no levels");
    for (size_t i = 0; i < n; i++)
        if (others[i].kind > varied->kind)
            return error_set(err, STATUS_BAD_INPUT, "a commitment (%s) comes after one (%s) %s",
                             commitment_kind_name(others[i].kind),
                             commitment_kind_name(varied->kind), "whose level varies");
    for (size_t i = 0; i < level_n; i++)
        if (levels[i] < (i > 0 ? levels[i - 1] : 0) || levels[i] > most)
            return error_set(err, STATUS_BAD_INPUT, "level %zu of a commitment is out of order",
                             i + 1);
    if (level_n == 0 || commitment_books_cost(usage, varied, levels[level_n - 1]) <= POUR_RATED_MAX)
        return STATUS_OK;
    return error_set(err, STATUS_BAD_INPUT,
                     "a commitment costs more than can be counted ($9 trillion)");
}

enum status commitments_levels(const struct usage *usage, const struct commitment *others, size_t n,
                               const struct commitment *varied, const int64_t *levels,
                               size_t level_n, __int128 *total, struct error *err)
{
    struct pouring p;
    enum status status = pouring_init(&p, usage, others, n, varied, err);
    if (status != STATUS_OK) return status;
    const struct pipe *pipe = &p.pipes[n];
    struct sums *sums = calloc(pipe->n + 1, sizeof *sums);
    __int128 *all_from = calloc(level_n + 1, sizeof *all_from), base = 0;
    struct bill bill = { .line_n = p.line_n, .commitment_n = n };
    bill.covered =
        calloc(p.line_n * n + 1, sizeof *bill.covered); /* of the others: not looked at */
    bill.unused = calloc(n + 1, sizeof *bill.unused);
    if (!sums || !all_from || !bill.covered || !bill.unused)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for %zu levels", level_n);
    if (status == STATUS_OK) status = check_levels(usage, others, n, varied, levels, level_n, err);
    if (status != STATUS_OK) goto done;

    for (size_t i = 0; i < n; i++)
        base += commitment_books_cost(usage, p.pipes[i].commitment, p.pipes[i].level);
    for (size_t i = 0; i < level_n; i++) total[i] = commitment_books_cost(usage, varied, levels[i]);
    for (int32_t h = 0; h < usage->hours; h++) {
        pouring_hour(&p, n, h, NULL, &bill);
        for (size_t l = 0; l < p.line_n; l++) base += p.left[l].rated;
        levels_of_hour(&p, pipe, commitment_active_us(usage, varied, h), sums, levels, level_n,
                       total, all_from);
    }
    for (size_t i = 0; i < level_n; i++) {
        if (i > 0) all_from[i] += all_from[i - 1];
        total[i] += base - all_from[i];
    }
done:
    free(sums);
    free(all_from);
    bill_free(&bill);
    pouring_free(&p);
    return status;
}
