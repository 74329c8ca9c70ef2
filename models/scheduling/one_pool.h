/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linear programs of lp.h where there is one pool: solved by sorting.
 *
 *      max-min   t = min(least speed / need, GPUs / sum of gpus x need / speed); each claim gets
 *                what t asks for, and the rest is dealt out as below
 *      max-sum   claims in order of value for a GPU get as much as they can hold, until none is
 *                left: a fractional knapsack (Dantzig, 1957)
 *
 * O(claims x log claims).
 */
#ifndef MODELS_SCHEDULING_ONE_POOL_H
#define MODELS_SCHEDULING_ONE_POOL_H

#include "models/scheduling/lp.h"

/* As the functions of lp.h, of a problem with one pool. value NULL: max-min, and *least gets t. */
enum status one_pool_solve(const struct lp *lp, double *least, const double *value);

#endif
