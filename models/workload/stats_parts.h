/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of workload_stats_of, for models/workload/stats*.c only. Each fills its fields of s,
 * which came zeroed; on failure what it owns is freed by workload_stats_free. */
#ifndef MODELS_WORKLOAD_STATS_PARTS_H
#define MODELS_WORKLOAD_STATS_PARTS_H

#include "models/workload/stats.h"

/* Jobs and run times, of all and by GPU count and class. */
enum status stats_sizes(const struct workload *w, struct workload_stats *s, struct error *err);
/* Tenants, users, queues, workload classes, GPU types. */
enum status stats_names_of(const struct workload *w, struct workload_stats *s, struct error *err);
enum status stats_arrivals(const struct workload *w, struct workload_stats *s, struct error *err);
enum status stats_load(const struct workload *w, struct workload_stats *s, struct error *err);

#endif
