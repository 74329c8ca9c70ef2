/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a page: `--report FILE.html`, with a PNG of its picture beside it.
 *
 *      struct plan, change list, scenario -- filled in --> struct plan_data -- reports/ --> page
 *
 * The page is written to a file beside FILE that takes its name when it is whole. It hangs on the
 * question alone: how many threads searched, and when, is not in it.
 */
#ifndef TOOLS_PLAN_PLAN_REPORT_H
#define TOOLS_PLAN_PLAN_REPORT_H

#include "tools/command.h"
#include "tools/plan/change_list.h"
#include "tools/plan/plan.h"

/* Prints what it made on stderr, unless quiet; returns an exit code. A plan without a best
 * candidate has a page, too: it says so. changes: to the best one, empty where there is none.
 * rerun: the command line that makes it again. */
int plan_report_write(const struct plan *plan, const struct change_list *changes, const char *path,
                      const char *rerun, bool quiet);

#endif
