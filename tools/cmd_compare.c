/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial compare`: two runs job by job. */
#include <string.h>

#include "reports/compare_jobs.h"
#include "tools/commands.h"

static enum status write_csv(const struct comparison *c, const char *path, struct error *err)
{
    struct output out;
    enum status status = output_open(&out, path, err);
    if (status != STATUS_OK) return status;
    comparison_csv(c, out.file);
    return output_commit(&out, err);
}

static int run_compare(const struct invocation *in)
{
    struct comparison c;
    struct error err = { STATUS_OK, "" };
    long long limit = 10;
    const char *csv = invocation_option(in, "csv"), *a = invocation_argument(in, 0),
               *b = invocation_argument_n(in) > 1 ? invocation_argument(in, 1) : a,
               *fleet_a = invocation_option_at(in, "fleet", 0),
               *fleet_b = invocation_option_at(in, "fleet", 1);
    bool json = invocation_flag(in, "json"), quiet = invocation_flag(in, "quiet");
    if (invocation_option_at(in, "fleet", 2))
        return command_usage("--fleet is given more than twice: there are two sides");
    if (csv && strcmp(csv, "-") == 0 && json)
        return command_usage("--csv - and --json both want standard output");
    if (invocation_argument_n(in) == 1 && !fleet_b)
        return command_usage("one file has two sides only with two fleets: --fleet A --fleet B");
    if (!option_int64(in, "limit", 0, 1000000, &limit)) return EXIT_INPUT;
    if (!fleet_b) fleet_b = fleet_a;
    enum status status = comparison_read(a, fleet_a, b, fleet_b, (size_t)limit, &c, &err);
    if (status != STATUS_OK) return command_fail(&err);
    if (csv) status = write_csv(&c, csv, &err);
    if (status == STATUS_OK && json) status = comparison_json(&c, stdout, &err);
    else if (status == STATUS_OK && !quiet && !(csv && strcmp(csv, "-") == 0))
        comparison_table(&c, stdout);
    bool same = c.same;
    comparison_free(&c);
    return status != STATUS_OK ? command_fail(&err) : same ? EXIT_YES : EXIT_NO;
}

static const struct option_spec compare_options[] = {
    { 0, "fleet", "NAME", true,
      "the fleet of both files; given twice, of the first and of the second", NULL },
    { 0, "limit", "N", false, "how many of the largest differences are shown (default 10)", NULL },
    { 0, "csv", "FILE.csv", false,
      "a row for each job, with its differences; - for standard output", NULL },
    { 0, "json", NULL, false, "the comparison as JSON on standard output", NULL },
    { 'q', "quiet", NULL, false, "no table: the exit code alone", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_compare = {
    "compare",
    "compare two runs job by job",
    "A.db [B.db]",
    1,
    2,
    compare_options,
    "  seatrial compare monday.db tuesday.db                       # one fleet each\n"
    "  seatrial compare runs/main.db --fleet fifo --fleet easy     # two fleets of one file\n"
    "  seatrial compare old.db new.db --fleet today --csv jobs.csv # a row for each job\n"
    "  seatrial compare old.db new.db -q && echo nothing moved\n",
    "Matches the jobs of two fleets by their ids and says how many start, end and wait otherwise, "
    "by how much, and which ones most; then the figures of both fleets. Jobs are those of the "
    "first replication. The mean can stay while hundreds of jobs move: this shows them. Exits with "
    "0 where no job differs, with 1 where one does.",
    run_compare,
};
