/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/fair_factor.h"

#include <stdlib.h>

#include "sim/random.h"

static const double ln2 = 0.6931471805599453;

bool fair_factors_init(struct fair_factors *f, enum fairshare_rule rule, const struct accounts *a)
{
    *f = (struct fair_factors){ .rule = rule };
    f->places = calloc(a->n + 1, sizeof *f->places);
    for (uint32_t i = 0; f->places && i < a->n; i++) f->places[i].account = i;
    return f->places != NULL;
}

void fair_factors_free(struct fair_factors *f) { free(f->places); }

static void sum_up(struct accounts *a)
{
    for (uint32_t t = 0; t < a->tenant_n; t++) a->tenant_used[t] = 0;
    for (uint32_t i = 0; i < a->n; i++) a->tenant_used[a->tenant[i]] += a->used[i];
}

static bool goes_before(const struct fair_place *a, const struct fair_place *b)
{
    if (a->tenant != b->tenant) return a->tenant < b->tenant;
    if (a->user != b->user) return a->user < b->user;
    return a->account < b->account;
}

static int compare(const void *a, const void *b) { return goes_before(a, b) ? -1 : 1; }

/* Nearly in order as they are, as a rule. */
static void sort(struct fair_place *places, uint32_t n)
{
    uint64_t moves = 0, most = 32 * (uint64_t)n;
    for (uint32_t i = 1; i < n && moves < most; i++) {
        struct fair_place place = places[i];
        uint32_t k = i;
        for (; k > 0 && goes_before(&place, &places[k - 1]); k--, moves++)
            places[k] = places[k - 1];
        places[k] = place;
    }
    if (moves >= most) qsort(places, n, sizeof *places, compare);
}

/* The level fair share of Slurm is shares over usage, greater first; here usage over shares, so
 * that there is no infinity where nothing was used. */
static void rank(struct fair_factors *f, struct accounts *a, int64_t weight, int64_t *weighed)
{
    for (uint32_t i = 0; i < a->n; i++) {
        struct fair_place *p = &f->places[i];
        uint32_t t = a->tenant[p->account];
        double all = a->tenant_used[t];
        p->tenant = all / a->shares[t];
        p->user = all > 0 ? a->used[p->account] / all * a->members[t] : 0;
    }
    sort(f->places, a->n);
    for (uint32_t i = 0, first = 0; i < a->n; i++) {
        const struct fair_place *p = &f->places[i], *b = &f->places[first];
        if (p->tenant != b->tenant || p->user != b->user) first = i;
        weighed[p->account] = (int64_t)((__int128)weight * 1000000 * (a->n - first) / a->n);
    }
}

double fair_factor_classic(double used, double parent, double part, double share, double *effective)
{
    *effective = used + (parent - used) * part;
    double halvings = *effective / share;
    return halvings < 1000 ? random_exp(-ln2 * halvings) : 0;
}

static void classic(struct accounts *a, int64_t weight, int64_t *weighed)
{
    double all = 0, effective;
    for (uint32_t t = 0; t < a->tenant_n; t++) all += a->tenant_used[t];
    for (uint32_t i = 0; i < a->n; i++) {
        uint32_t t = a->tenant[i];
        double part = 1.0 / a->members[t], share = part * (a->shares[t] / a->shares_all);
        double used = all > 0 ? a->used[i] / all : 0,
               parent = all > 0 ? a->tenant_used[t] / all : 0;
        double factor = fair_factor_classic(used, parent, part, share, &effective);
        weighed[i] = (int64_t)((double)weight * 1e6 * factor + 0.5);
    }
}

void fair_factors_weigh(struct fair_factors *f, struct accounts *a, int64_t weight,
                        int64_t *weighed)
{
    sum_up(a);
    if (f->rule == FAIRSHARE_TREE) rank(f, a, weight, weighed);
    else classic(a, weight, weighed);
}
