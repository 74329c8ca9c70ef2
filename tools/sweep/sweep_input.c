/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/sweep_input.h"

#include <inttypes.h>
#include <stdlib.h>

bool sweep_input(const struct invocation *in, const struct scenario_settings *settings,
                 const struct sweep_points *points, const char *closing, struct sweep *sweep,
                 int *code)
{
    struct diagnostics diagnostics;
    struct error err = { STATUS_OK, "" };
    char *text = NULL;
    int64_t worst = -1;
    diagnostics_init(&diagnostics);
    enum status status =
        sweep_open(invocation_argument(in, 0), settings, sweep, &diagnostics, &err);
    if (!status && !points->none) {
        status = sweep_look(sweep, points->shard, points->shards, points->threads, points->stop,
                            &worst, &diagnostics, &err);
        if (status && worst >= 0) text = sweep_point_text(sweep, worst);
        if (status) sweep_free(sweep);
    }
    if (diagnostics.errors) {
        diagnostics_print(&diagnostics, stderr, invocation_colour(in, stderr), closing);
        if (text) {
            fprintf(stderr, "  at point %" PRId64 ": ", worst);
            print_safe(stderr, text);
            fputc('\n', stderr);
        }
    }
    if (status) *code = diagnostics.errors ? EXIT_INPUT : command_fail(&err);
    free(text);
    diagnostics_free(&diagnostics);
    return !status;
}
