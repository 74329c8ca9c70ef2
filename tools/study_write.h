/* SPDX-License-Identifier: Apache-2.0 */
/* What a study found, into a results file of reports/montecarlo.h: quantiles, chances, values at
 * risk, regrets, with their intervals. Futures are rows of a sample: independent, or by antithetic
 * pairs, whose means are. */
#ifndef TOOLS_STUDY_WRITE_H
#define TOOLS_STUDY_WRITE_H

#include "reports/montecarlo.h"
#include "tools/study.h"

/* All tables but run, input and execution. engine: for the bills by month, of the candidates that
 * are cheapest and of the baseline. */
enum status study_write(struct montecarlo_file *out, const struct study *study,
                        struct engine *engine, struct error *err);

#endif
