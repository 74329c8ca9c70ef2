/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "scenarios/scenario.h"
#include "tools/commands.h"
#include "tools/runner.h"

static int run_check(const struct invocation *in)
{
    struct scenario s;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&d);
    enum status status = scenario_load(invocation_argument(in, 0), &s, &d, &err);
    if (d.n) diagnostics_print(&d, stderr, invocation_colour(in, stderr), "Nothing was run.");
    int code = status == STATUS_OK ? EXIT_YES : d.errors ? EXIT_INPUT : command_fail(&err);
    diagnostics_free(&d);
    if (status != STATUS_OK) return code;
    printf("%s: %d fleet%s, %d replication%s, prices as of %s\n", s.name, s.fleet_n, s.fleet_n == 1 ? "" : "s", s.replications, s.replications == 1 ? "" : "s", s.price_as_of);
    for (int32_t f = 0; f < s.fleet_n; f++) {
        char *summary = fleet_summary(&s.fleets[f]);
        printf("  %c %-20s %s\n", f == s.baseline ? '*' : ' ', s.fleets[f].name, summary ? summary : "");
        free(summary);
    }
    scenario_free(&s);
    return EXIT_YES;
}

static const struct option_spec check_options[] = { { 0, NULL, NULL, false, NULL, NULL } };

const struct command cmd_check = {
    "check", "find every mistake in a scenario, run nothing", "SCENARIO.yaml", 1, 1, check_options,
    "  seatrial check today.yaml && echo ready\n",
    "Reads the scenario, its price books and its trace and prints every error at once, with its place. Exit code 2 where there is one.", run_check,
};
