/* SPDX-License-Identifier: Apache-2.0 */
/*
 * multifactor, fair-share and drf, written plainly: every account is a walk over all jobs, every
 * priority is worked out anew for each comparison.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "tests/slow_state.h"

static const char *order_of(const struct slow *s) { return s->fleet->order; }

static int by_user(const struct slow *s)
{
    return strcmp(order_of(s), "multifactor") == 0 || strcmp(order_of(s), "slurm-backfill") == 0;
}

static int same_account(const struct slow *s, size_t j, size_t k)
{
    const struct workload *w = s->w;
    return w->tenant[j] == w->tenant[k] && (!by_user(s) || w->user[j] == w->user[k]);
}

static size_t account(const struct slow *s, size_t j)
{
    size_t first = 0;
    while (!same_account(s, first, j)) first++;
    return first;
}

static double shares_of(const struct slow *s, uint32_t tenant)
{
    const struct share_options *o = &s->fleet->share;
    double shares = 1;
    for (size_t i = 0; i < o->share_n; i++)
        if (strcmp(o->shares[i].name, s->w->tenants.text[tenant]) == 0)
            shares = (double)o->shares[i].number / 1e6;
    return shares;
}

/* ---- usage ---- */

static int64_t period(const struct slow *s)
{
    int64_t us = s->fleet->share.period_us;
    return us ? us : SHARE_PERIOD_US;
}

/* What is left of a usage after a period. The same bits as the scheduler's, so that ties are; that
 * it is a half-life is test_share.c's to check. */
static double decay(const struct slow *s)
{
    int64_t half = s->fleet->share.half_life_us ? s->fleet->share.half_life_us : SHARE_HALF_LIFE_US;
    return random_exp(-0.6931471805599453 * ((double)period(s) / (double)half));
}

static int64_t overlap(const struct slow *s, size_t j, int64_t from, int64_t to)
{
    if (s->state[j] != RUNNING && s->state[j] != DONE) return 0;
    if (s->start[j] > from) from = s->start[j];
    if (s->end[j] < to) to = s->end[j];
    return to > from ? to - from : 0;
}

void slow_share_advance(struct slow *s)
{
    size_t n = s->w->job_n;
    for (; s->calc_at + period(s) <= s->now; s->calc_at += period(s))
        for (size_t a = 0; a < n; a++) {
            int64_t gpu_us = 0;
            if (account(s, a) != a) continue;
            for (size_t j = a; j < n; j++)
                if (same_account(s, a, j))
                    gpu_us += slow_gpus(s, j) * overlap(s, j, s->calc_at, s->calc_at + period(s));
            s->used[a] = s->used[a] * decay(s) + (double)gpu_us;
            if (s->used[a] < 1) s->used[a] = 0;
        }
}

int64_t slow_share_next_calc(const struct slow *s)
{
    size_t waiting = 0;
    for (size_t j = 0; j < s->w->job_n; j++) waiting += s->state[j] == WAITING;
    const struct share_options *o = &s->fleet->share;
    int changes =
        by_user(s) ? o->weight_age || o->weight_fairshare : strcmp(order_of(s), "drf") != 0;
    return waiting < 2 || !changes ? INT64_MAX : s->calc_at + period(s);
}

/* Sums over accounts, in the order of their first jobs. */
static double used_by_tenant(const struct slow *s, uint32_t tenant)
{
    double used = 0;
    for (size_t a = 0; a < s->w->job_n; a++)
        if (account(s, a) == a && s->w->tenant[a] == tenant) used += s->used[a];
    return used;
}

static int members(const struct slow *s, uint32_t tenant)
{
    int n = 0;
    for (size_t a = 0; a < s->w->job_n; a++) n += account(s, a) == a && s->w->tenant[a] == tenant;
    return n;
}

/* ---- multifactor ---- */

static int account_before(const struct slow *s, size_t a, size_t b)
{
    uint32_t s1 = s->w->tenant[a], s2 = s->w->tenant[b];
    double used1 = used_by_tenant(s, s1), used2 = used_by_tenant(s, s2);
    double level1 = used1 / shares_of(s, s1), level2 = used2 / shares_of(s, s2);
    if (level1 != level2) return level1 < level2;
    double own1 = used1 > 0 ? s->used[a] / used1 * members(s, s1) : 0;
    double own2 = used2 > 0 ? s->used[b] / used2 * members(s, s2) : 0;
    return own1 < own2;
}

static int64_t fairshare(const struct slow *s, size_t j)
{
    const struct share_options *o = &s->fleet->share;
    size_t me = account(s, j);
    uint32_t tenant = s->w->tenant[j];
    if (o->fairshare == FAIRSHARE_TREE) {
        int64_t all = 0, before = 0;
        for (size_t a = 0; a < s->w->job_n; a++) {
            if (account(s, a) != a) continue;
            all++;
            before += account_before(s, a, me);
        }
        return o->weight_fairshare * 1000000 * (all - before) / all;
    }
    double used = 0, shares = 0;
    for (uint32_t t = 0; t < s->w->tenants.n; t++) {
        used += used_by_tenant(s, t);
        if (members(s, t)) shares += shares_of(s, t);
    }
    double own = used > 0 ? s->used[me] / used : 0,
           all = used > 0 ? used_by_tenant(s, tenant) / used : 0;
    double part = 1.0 / members(s, tenant), effective = own + (all - own) * part;
    double factor = exp2(-effective / (part * (shares_of(s, tenant) / shares)));
    return (int64_t)((double)o->weight_fairshare * 1e6 * factor + 0.5);
}

static int64_t size_points(const struct slow *s, size_t j)
{
    const struct share_options *o = &s->fleet->share;
    int64_t nodes = 1, gpus = slow_gpus(s, j), all_nodes = 0, all_gpus = 0;
    for (int p = 0; p < s->pool_n; p++) {
        all_nodes += s->fleet->pools[p].nodes;
        all_gpus += s->fleet->pools[p].nodes * s->fleet->pools[p].gpus;
    }
    for (int p = s->pool_n; p-- > 0;) {
        int64_t per_node = s->fleet->pools[p].gpus;
        if (slow_may_use(s, j, p) && gpus > 0 && gpus <= per_node * s->fleet->pools[p].nodes)
            nodes = (gpus + per_node - 1) / per_node;
    }
    if (o->favor == FAVOR_SMALL) {
        nodes = all_nodes - nodes;
        gpus = all_gpus - gpus;
    }
    return o->weight_size * 1000000 * (nodes * all_gpus + gpus * all_nodes) /
           (2 * all_nodes * all_gpus);
}

static int64_t partition_points(const struct slow *s, size_t j)
{
    const struct share_options *o = &s->fleet->share;
    int64_t mine = 1, most = 1;
    for (size_t i = 0; i < o->partition_n; i++) {
        if (strcmp(o->partitions[i].name, s->w->queues.text[s->w->queue[j]]) == 0)
            mine = o->partitions[i].number;
        if (o->partitions[i].number > most) most = o->partitions[i].number;
    }
    return o->weight_partition * 1000000 * mine / most;
}

static int64_t qos_points(const struct slow *s, size_t j)
{
    int64_t most = 1, mine = s->w->priority[j];
    for (size_t k = 0; k < s->w->job_n; k++)
        if (s->w->priority[k] > most) most = s->w->priority[k];
    return mine > 0 ? s->fleet->share.weight_qos * 1000000 * mine / most : mine * 1000000;
}

/* In millionths of a point times the age at which age counts no more. */
static __int128 priority(const struct slow *s, size_t j)
{
    const struct share_options *o = &s->fleet->share;
    int64_t age_max = o->age_max_us ? o->age_max_us : SHARE_AGE_MAX_US;
    int64_t age = s->calc_at - s->w->submit_us[j];
    if (age < 0) age = 0;
    if (age > age_max) age = age_max;
    int64_t rest = fairshare(s, j) + size_points(s, j) + partition_points(s, j) + qos_points(s, j);
    return (__int128)age_max * rest + (__int128)o->weight_age * 1000000 * age;
}

/* ---- shares ---- */

static double score(const struct slow *s, size_t j)
{
    int64_t held = 0, all = 0;
    for (size_t k = 0; k < s->w->job_n; k++)
        if (s->state[k] == RUNNING && same_account(s, j, k)) held += slow_gpus(s, k);
    for (int p = 0; p < s->pool_n; p++) all += s->fleet->pools[p].nodes * s->fleet->pools[p].gpus;
    double share = (double)held / (double)all;
    if (strncmp(order_of(s), "fair-share", 10) == 0)
        share = s->used[account(s, j)] * (1 - decay(s)) / (double)period(s) + (double)held;
    return share / shares_of(s, s->w->tenant[j]);
}

static int before(const struct slow *s, size_t a, size_t b)
{
    if (by_user(s)) return priority(s, a) > priority(s, b);
    return score(s, a) < score(s, b);
}

size_t slow_share_next(const struct slow *s, const char *but)
{
    size_t best = s->w->job_n;
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && !(but && but[j]) &&
            (best == s->w->job_n || before(s, j, best)))
            best = j;
    return best;
}

void slow_share_pass(struct slow *s)
{
    size_t n = s->w->job_n, head;
    int skips = strstr(order_of(s), "-skip") != NULL;
    char *tried = calloc(n + 1, 1);
    slow_share_advance(s);
    while ((head = slow_share_next(s, tried)) < n && (slow_try(s, head) || skips)) tried[head] = 1;
    if (!skips && head < n) s->wake = slow_share_next_calc(s);
    free(tried);
}
