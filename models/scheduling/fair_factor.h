/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm's fair-share factor of each account, from 0 to 1, from shares and decayed usage.
 *
 *      Fair Tree   a user stands where its tenant stands, then where it stands in its tenant;
 *                  factor = rank / users                                    fair_tree.html
 *      classic     2^(-U_E / S), U_E the effective usage, S the normalised share
 *                                                                  classic_fair_share.html
 *
 * Users of a tenant have equal shares. One call costs O(accounts), Fair Tree O(accounts) more for
 * each that has passed another since the last call.
 */
#ifndef MODELS_SCHEDULING_FAIR_FACTOR_H
#define MODELS_SCHEDULING_FAIR_FACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "models/scheduling/accounts.h"

struct fair_place {
    double tenant, user; /* smaller goes first */
    uint32_t account;
};

struct fair_factors {
    enum fairshare_rule rule;
    struct fair_place *places; /* Fair Tree: as they were sorted last */
};

bool fair_factors_init(struct fair_factors *f, enum fairshare_rule rule, const struct accounts *a);
void fair_factors_free(struct fair_factors *f);
/* Millionths of `weight` for each account: factor x weight x 1,000,000, rounded. a->tenant_used is
 * set to each tenant's usage. */
void fair_factors_weigh(struct fair_factors *f, struct accounts *a, int64_t weight,
                        int64_t *weighed);
/* The classic factor of a member of an account that has used `used` of what everybody used, its
 * share of its account being `part` and of everything `share`; `parent`: the account's effective
 * usage. *effective is its own. */
double fair_factor_classic(double used, double parent, double part, double share,
                           double *effective);

#endif
