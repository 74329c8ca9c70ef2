/* SPDX-License-Identifier: Apache-2.0 */
/* What `trace stats` says of a trace, for people and for programs. Names come from outside and are
 * escaped. */
#ifndef TOOLS_TRACE_SUMMARY_H
#define TOOLS_TRACE_SUMMARY_H

#include <stdbool.h>

#include "models/workload/stats.h"
#include "reports/format.h"

void trace_summary_text(const struct workload *w, const struct workload_stats *s);
/* false: standard output could not be written, or no memory. */
bool trace_summary_json(const struct workload *w, const struct workload_stats *s);

/* "2017-10-02 07:00" (or only the day) by the trace's clock in UTC; "12.3 days in" where it has
 * none. */
struct format_text trace_when(const struct workload *w, int64_t us, bool day_only);

#endif
