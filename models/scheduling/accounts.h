/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has used how much: GPU time by account, halved with each half-life.
 *
 *      root -- tenant "ml"   shares 3 -- user "ann"      used, held
 *           |                         `- user "bob"
 *           `- tenant "bio"  shares 1 -- user ""
 *
 * An account is a user of a tenant, or, where users are not told apart, a tenant. Usage is worked
 * out at multiples of a period, as Slurm's decay thread does (priority_multifactor.html,
 * classic_fair_share.html; PriorityCalcPeriod, PriorityDecayHalfLife):
 *
 *      used = D used + GPU time held in the period,   D = 2^(-period / half-life)
 *
 * What is less than a GPU-microsecond is nothing. In doubles, each step rounded once, so that it is
 * the same on every machine. The accounts are those of the workload, known before anything runs; of
 * jobs only those that have started are looked at.
 *
 * Owns its memory, and allocates nothing after accounts_init. A start or an end costs O(1); each
 * period that has passed costs O(accounts), when somebody asks.
 */
#ifndef MODELS_SCHEDULING_ACCOUNTS_H
#define MODELS_SCHEDULING_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/scheduling/options.h"
#include "models/workload/workload.h"

struct accounts {
    uint32_t n, tenant_n;
    uint32_t *of_job;       /* by job: its account */
    uint32_t *tenant;       /* by account */
    uint32_t *members;      /* by tenant: accounts of it */
    double *shares;         /* by tenant, 1 where nothing is said */
    double shares_all;      /* of the tenants that have jobs */
    double *used;           /* by account: GPU-microseconds, decayed, at calc_us */
    int64_t *held;          /* by account: GPUs now */
    int64_t *recent_gpu_us; /* by account: since calc_us, up to since_us */
    int64_t *since_us;
    double *tenant_used; /* scratch for who sums up */
    int64_t calc_us, period_us;
    double decay; /* of one period */
};

/* users: told apart in a tenant. false: no memory; free it then, too. */
bool accounts_init(struct accounts *a, const struct workload *workload,
                   const struct share_options *options, bool users);
void accounts_free(struct accounts *a);

/* The account holds so many GPUs more from now on, or less. */
void accounts_hold(struct accounts *a, uint32_t account, int64_t gpus, int64_t now_us);
/* Works out the usage at the last multiple of the period; true where it is later than before. */
bool accounts_advance(struct accounts *a, int64_t now_us);
/* The GPUs held on average, recent ones counting more: what a constant use comes to in the end. */
double accounts_mean_gpus(const struct accounts *a, uint32_t account);

#endif
