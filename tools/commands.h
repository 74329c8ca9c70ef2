/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs there are; each is in the file of its name. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "tools/command.h"

extern const struct command cmd_run, cmd_check, cmd_montecarlo, cmd_sweep, cmd_merge, cmd_plan,
    cmd_report, cmd_check_focus, cmd_compare, cmd_import, cmd_trace_stats, cmd_trace_synth,
    cmd_trace_interruptions, cmd_list, cmd_help;

#endif
