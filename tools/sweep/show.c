/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/show.h"

#include <string.h>

#include "reports/sweep_data.h"

enum { TOP_MAX = 1000000 };

int sweep_show_check(const struct invocation *in, bool is_part)
{
    const char *format = invocation_option(in, "format"), *csv = invocation_option(in, "csv");
    bool json = invocation_flag(in, "json");
    long long top = SWEEP_TOP;
    if (!option_int64(in, "top", 1, TOP_MAX, &top)) return EXIT_INPUT;
    if (format && strcmp(format, "table") != 0 && strcmp(format, "md") != 0 &&
        strcmp(format, "markdown") != 0 && strcmp(format, "csv") != 0)
        return command_usage("--format is table, md or csv, not '%s'", format);
    if (format && json) return command_usage("--format and --json: one of them");
    if (csv && strcmp(csv, "-") == 0 && (json || format))
        return command_usage("--csv - takes standard output: neither --json nor --format goes with "
                             "it");
    if (is_part && (format || csv || json || invocation_flag(in, "slo")))
        return command_usage("--shard makes a part: --format, --csv, --json and --slo go with the "
                             "whole sweep");
    return EXIT_YES;
}

static enum status write_csv(const struct sweep_data *data, const char *path, struct error *err)
{
    struct output out;
    enum status status = output_open(&out, path, err);
    if (status) return status;
    status = sweep_csv_write(data, out.file, err);
    if (!status) return output_commit(&out, err);
    output_abandon(&out);
    return status;
}

/* Whether in every world something surely meets every target. */
static bool meets(const struct sweep_data *data)
{
    for (int32_t w = 0; w < data->world_n; w++)
        if (data->worlds[w].pick < 0) return false;
    return true;
}

int sweep_show(const struct invocation *in, const char *path)
{
    struct sweep_data data;
    struct error err;
    const char *format = invocation_option(in, "format"), *csv = invocation_option(in, "csv");
    bool csv_is_all = csv && strcmp(csv, "-") == 0;
    long long top = SWEEP_TOP;
    option_int64(in, "top", 1, TOP_MAX, &top);
    enum status status = sweep_read(path, &data, &err);
    if (status) return command_fail(&err);
    if (csv) status = write_csv(&data, csv, &err);
    if (!status && invocation_flag(in, "json")) status = sweep_json_write(&data, stdout, &err);
    else if (!status && !csv_is_all)
        status = sweep_table_write(&data, format ? format : "table", (int32_t)top,
                                   invocation_colour(in, stdout), stdout, &err);
    bool good = meets(&data) || !invocation_flag(in, "slo");
    sweep_data_free(&data);
    if (status) return command_fail(&err);
    return good ? EXIT_YES : EXIT_NO;
}
