/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/scenario_input.h"

#include <string.h>

#include "tools/report_files.h"

bool scenario_input(const struct invocation *in, const struct scenario_settings *settings,
                    struct scenario *s, int *code)
{
    return scenario_input_of(in, invocation_argument(in, 0), settings, s, code);
}

bool scenario_input_of(const struct invocation *in, const char *path,
                       const struct scenario_settings *settings, struct scenario *s, int *code)
{
    struct diagnostics diagnostics;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&diagnostics);
    enum status status = scenario_load(path, settings, s, &diagnostics, &err);
    if (diagnostics.n)
        diagnostics_print(&diagnostics, stderr, invocation_colour(in, stderr), "Nothing was run.");
    if (status != STATUS_OK) *code = diagnostics.errors ? EXIT_INPUT : command_fail(&err);
    diagnostics_free(&diagnostics);
    return status == STATUS_OK;
}

void scenario_notes(const char *notes)
{
    for (const char *line = notes, *end; (end = strchr(line, '\n')); line = end + 1)
        fprintf(stderr, "  note: %.*s\n", (int)(end - line), line);
}

int scenario_answered(const struct invocation *in, const char *results, bool met, int code)
{
    const char *report = invocation_option(in, "report");
    if (code == EXIT_YES && report) {
        struct report_request request = { .results = results, .html = report, .png = true };
        code = report_files_write(&request);
    }
    if (code == EXIT_YES && !invocation_flag(in, "quiet")) {
        fprintf(stderr, "  Saved %s\n", results);
        if (!report) fprintf(stderr, "  Next: seatrial report %s -o report.html\n", results);
    }
    return code == EXIT_YES && invocation_flag(in, "slo") && !met ? EXIT_NO : code;
}
