/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/trace_input.h"

#include "scenarios/diagnostics.h"
#include "scenarios/traces/trace_file.h"

bool trace_input(const struct invocation *in, const char *path, struct workload *w, int *code)
{
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&d);
    enum status status = trace_read(path, w, &d, &err);
    if (d.n) diagnostics_print(&d, stderr, invocation_colour(in, stderr), "Nothing was read.");
    *code = status == STATUS_OK ? EXIT_YES : d.errors ? EXIT_INPUT : command_fail(&err);
    diagnostics_free(&d);
    return status == STATUS_OK;
}
