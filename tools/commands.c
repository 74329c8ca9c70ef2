/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/commands.h"

const struct command *const commands[] = {
    &cmd_run,
    &cmd_check,
    &cmd_montecarlo,
    &cmd_sweep,
    &cmd_merge,
    &cmd_plan,
    &cmd_report,
    &cmd_compare,
    &cmd_check_focus,
    &cmd_import,
    &cmd_trace_stats,
    &cmd_trace_synth,
    &cmd_trace_interruptions,
    &cmd_list,
    &cmd_help,
    NULL,
};
