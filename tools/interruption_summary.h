/* SPDX-License-Identifier: Apache-2.0 */
/* What `trace interruptions` says of a log, for people and for programs. Names come from outside
 * and are escaped. */
#ifndef TOOLS_INTERRUPTION_SUMMARY_H
#define TOOLS_INTERRUPTION_SUMMARY_H

#include <jansson.h>

#include "models/reliability/interruption_stats.h"

/* stats: of each series of the log. */
void interruption_summary_text(const char *path, const struct interruptions *log,
                               const struct interruption_stats *stats);
/* A new object; NULL without memory. */
json_t *interruption_summary_json(const char *path, const struct interruptions *log,
                                  const struct interruption_stats *stats);

#endif
