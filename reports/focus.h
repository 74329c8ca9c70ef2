/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bill of a fleet as FOCUS 1.2 (FinOps Open Cost and Usage Specification), one CSV file, which
 * FinOps tools read as they read a provider's.
 *
 *      pool, kind of charge, commitment, charge period          one row each
 *
 *      Usage      on demand, owned                BilledCost = EffectiveCost
 *                 covered by a commitment: Used   BilledCost 0, EffectiveCost its part of the fee
 *                 Unused                          BilledCost 0, EffectiveCost what was lost
 *      Purchase   of a commitment, by the day     BilledCost the fee, EffectiveCost 0
 *
 * A charge period is a run of clock hours of one day (UTC) in which the node time of an hour does
 * not change; where it does, in each hour, there are rows by the hour. A partly covered hour is two
 * rows. What is paid upfront is billed as it is used up: the window is a part of the term, and the
 * rule that a commitment's usage costs what its purchases did would not hold otherwise.
 *
 * EffectiveCost and BilledCost are in micro-dollars, of which each sum is the fleet's cost in
 * replication 0, exactly; list and contracted costs are in nano-dollars. Second 0 of a trace
 * without a calendar is midnight of the day of its prices. Null is an empty cell. Own columns:
 * x_ChargeKind, x_JobsCost and x_IdleCost (what of EffectiveCost jobs held, and the rest).
 */
#ifndef REPORTS_FOCUS_H
#define REPORTS_FOCUS_H

#include <stdio.h>

#include "reports/data.h"

/* fleet: index. STATUS_BAD_INPUT where the file keeps no hours. */
enum status focus_write(const struct report_data *data, int32_t fleet, FILE *out,
                        struct error *err);

#endif
