/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "sim/random.h"

static const double ln2 = 0.6931471805599453;

/* ---- who there is ---- */

struct member {
    uint32_t tenant, user, account;
};

static uint32_t hash_of(uint32_t tenant, uint32_t user)
{
    uint64_t h = ((uint64_t)tenant << 32 | user) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 32);
}

/* Numbers the users of tenants in the order in which their first jobs come. */
static bool number_users(struct accounts *a, const struct workload *w)
{
    uint32_t size = 1024;
    struct member *table = calloc(size, sizeof *table); /* account + 1; 0 = empty */
    for (size_t j = 0; table && j < w->job_n; j++) {
        uint32_t at = hash_of(w->tenant[j], w->user[j]) & (size - 1);
        while (table[at].account > 0 &&
               (table[at].tenant != w->tenant[j] || table[at].user != w->user[j]))
            at = (at + 1) & (size - 1);
        if (table[at].account > 0) {
            a->of_job[j] = table[at].account - 1;
            continue;
        }
        table[at] = (struct member){ w->tenant[j], w->user[j], ++a->n };
        a->of_job[j] = a->n - 1;
        if (2 * a->n < size) continue;
        struct member *larger = calloc(2 * (size_t)size, sizeof *larger);
        for (uint32_t i = 0; larger && i < size; i++) {
            if (table[i].account == 0) continue;
            at = hash_of(table[i].tenant, table[i].user) & (2 * size - 1);
            while (larger[at].account > 0) at = (at + 1) & (2 * size - 1);
            larger[at] = table[i];
        }
        free(table);
        table = larger;
        size *= 2;
    }
    free(table);
    return table != NULL;
}

static void share_out(struct accounts *a, const struct workload *w,
                      const struct share_options *options)
{
    for (uint32_t t = 0; t < a->tenant_n; t++) a->shares[t] = 1;
    for (size_t i = 0; i < options->share_n; i++) {
        const struct named_number *share = &options->shares[i];
        uint32_t t = names_find(&w->tenants, share->name, strlen(share->name));
        if (t != UINT32_MAX) a->shares[t] = (double)share->number / 1e6;
    }
    for (uint32_t t = 0; t < a->tenant_n; t++)
        if (a->members[t] > 0) a->shares_all += a->shares[t];
}

bool accounts_init(struct accounts *a, const struct workload *workload,
                   const struct share_options *options, bool users)
{
    size_t jobs = workload->job_n;
    memset(a, 0, sizeof *a);
    a->tenant_n = workload->tenants.n;
    a->period_us = option_or(options->period_us, SHARE_PERIOD_US);
    int64_t half_life_us = option_or(options->half_life_us, SHARE_HALF_LIFE_US);
    double halvings = (double)a->period_us / (double)half_life_us;
    a->decay = halvings < 1000 ? random_exp(-ln2 * halvings) : 0;

    a->of_job = malloc((jobs + 1) * sizeof *a->of_job);
    a->members = calloc(a->tenant_n + 1, sizeof *a->members);
    a->shares = calloc(a->tenant_n + 1, sizeof *a->shares);
    a->tenant_used = calloc(a->tenant_n + 1, sizeof *a->tenant_used);
    if (!a->of_job || !a->members || !a->shares || !a->tenant_used) return false;
    if (users) {
        if (!number_users(a, workload)) return false;
    } else {
        a->n = a->tenant_n;
        memcpy(a->of_job, workload->tenant, jobs * sizeof *a->of_job);
    }
    a->tenant = calloc(a->n + 1, sizeof *a->tenant);
    a->used = calloc(a->n + 1, sizeof *a->used);
    a->held = calloc(a->n + 1, sizeof *a->held);
    a->recent_gpu_us = calloc(a->n + 1, sizeof *a->recent_gpu_us);
    a->since_us = calloc(a->n + 1, sizeof *a->since_us);
    if (!a->tenant || !a->used || !a->held || !a->recent_gpu_us || !a->since_us) return false;
    for (size_t j = 0; j < jobs; j++) a->tenant[a->of_job[j]] = workload->tenant[j];
    if (users)
        for (uint32_t i = 0; i < a->n; i++) a->members[a->tenant[i]]++;
    else
        for (size_t j = 0; j < jobs; j++) a->members[workload->tenant[j]] = 1;
    share_out(a, workload, options);
    return true;
}

void accounts_free(struct accounts *a)
{
    free(a->of_job);
    free(a->tenant);
    free(a->members);
    free(a->shares);
    free(a->used);
    free(a->held);
    free(a->recent_gpu_us);
    free(a->since_us);
    free(a->tenant_used);
}

/* ---- what they use ---- */

static void count_until(struct accounts *a, uint32_t account, int64_t time_us)
{
    a->recent_gpu_us[account] += a->held[account] * (time_us - a->since_us[account]);
    a->since_us[account] = time_us;
}

void accounts_hold(struct accounts *a, uint32_t account, int64_t gpus, int64_t now_us)
{
    accounts_advance(a, now_us);
    count_until(a, account, now_us);
    a->held[account] += gpus;
}

/* One account over so many periods. */
static void decay_over(struct accounts *a, uint32_t account, int64_t periods)
{
    double used = a->used[account], later;
    if (used == 0 && a->held[account] == 0 && a->recent_gpu_us[account] == 0) {
        a->since_us[account] = a->calc_us + periods * a->period_us;
        return;
    }
    count_until(a, account, a->calc_us + a->period_us);
    used = used * a->decay + (double)a->recent_gpu_us[account];
    if (used < 1) used = 0;
    for (int64_t i = 1; i < periods; i++, used = later) {
        later = used * a->decay + (double)(a->held[account] * a->period_us);
        if (later < 1) later = 0;
        if (later == used) break; /* and so for ever */
    }
    a->used[account] = used;
    a->recent_gpu_us[account] = 0;
    a->since_us[account] = a->calc_us + periods * a->period_us;
}

bool accounts_advance(struct accounts *a, int64_t now_us)
{
    int64_t periods = (now_us - a->calc_us) / a->period_us;
    if (periods == 0) return false;
    for (uint32_t i = 0; i < a->n; i++) decay_over(a, i, periods);
    a->calc_us += periods * a->period_us;
    return true;
}

double accounts_mean_gpus(const struct accounts *a, uint32_t account)
{
    return a->used[account] * (1 - a->decay) / (double)a->period_us;
}
