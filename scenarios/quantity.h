/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes quantities: 9, 500m, 36Gi, 1.5, 2e3. No sign: quotas are never negative.
 * (k8s.io/apimachinery, pkg/api/resource.)
 */
#ifndef SCENARIOS_QUANTITY_H
#define SCENARIOS_QUANTITY_H

#include "scenarios/units.h"

/* text x per / of, rounded up to a whole number as Kubernetes rounds: thousandths of cores with
 * per = 1000, of = 1. false and why where text is no quantity, or beyond INT64_MAX. */
bool quantity_read(const char *text, int64_t per, int64_t of, int64_t *value,
                   struct unit_problem *problem);
/* Whether it is one, for a field of a schema; *value is 0. */
bool quantity_check(const char *text, int64_t *value, struct unit_problem *problem);

#endif
