/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial compare`: fleets figure by figure; with --jobs two of them job by job. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "reports/compare_jobs.h"
#include "reports/contrast_write.h"
#include "tools/commands.h"
#include "tools/condition_input.h"
#include "tools/sides.h"

/* ---- job by job ---- */

static enum status write_jobs_csv(const struct comparison *c, const char *path, struct error *err)
{
    struct output out;
    enum status status = output_open(&out, path, err);
    if (status != STATUS_OK) return status;
    comparison_csv(c, out.file);
    return output_commit(&out, err);
}

static int compare_jobs(const struct invocation *in)
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
        return command_usage("--fleet is given more than twice: with --jobs there are two sides");
    if (invocation_argument_n(in) > 2)
        return command_usage("--jobs compares two sides: one file or two");
    if (invocation_argument_n(in) == 1 && !fleet_b)
        return command_usage("one file has two sides only with two fleets: --fleet A --fleet B");
    if (!option_int64(in, "limit", 0, 1000000, &limit)) return EXIT_INPUT;
    if (!fleet_b) fleet_b = fleet_a;
    enum status status = comparison_read(a, fleet_a, b, fleet_b, (size_t)limit, &c, &err);
    if (status != STATUS_OK) return command_fail(&err);
    if (csv) status = write_jobs_csv(&c, csv, &err);
    if (status == STATUS_OK && json) status = comparison_json(&c, stdout, &err);
    else if (status == STATUS_OK && !quiet && !(csv && strcmp(csv, "-") == 0))
        comparison_table(&c, stdout);
    bool same = c.same;
    comparison_free(&c);
    return status != STATUS_OK ? command_fail(&err) : same ? EXIT_YES : EXIT_NO;
}

/* ---- figure by figure ---- */

/* All of --fail-if; malloc'd, NULL where one is wrong, after saying so. */
static struct condition *read_conditions(const struct invocation *in, size_t *n)
{
    struct diagnostics problems;
    const char *text;
    *n = 0;
    while (invocation_option_at(in, "fail-if", *n)) ++*n;
    struct condition *list = calloc(*n + 1, sizeof *list);
    diagnostics_init(&problems);
    for (size_t i = 0; list && (text = invocation_option_at(in, "fail-if", i)); i++)
        condition_read(text, i, &list[i], &problems);
    if (problems.n) {
        diagnostics_print(&problems, stderr, invocation_colour(in, stderr),
                          "Nothing was compared.");
        free(list);
        list = NULL;
    } else if (!list) {
        command_usage("out of memory");
    }
    diagnostics_free(&problems);
    return list;
}

/* Columns to stay within: COLUMNS, or the terminal's; 0: any. */
static int columns(void)
{
    struct winsize size;
    const char *said = getenv("COLUMNS");
    int n = said ? atoi(said) : 0;
    if (n > 0) return n;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static enum status write_csv(const struct contrasts *c, const char *path, struct error *err)
{
    struct output out;
    enum status status = output_open(&out, path, err);
    if (status != STATUS_OK) return status;
    contrasts_csv(c, out.file);
    return output_commit(&out, err);
}

static int put_out(const struct invocation *in, const struct contrasts *c,
                   const struct conditions *conditions)
{
    struct error err = { STATUS_OK, "" };
    const char *csv = invocation_option(in, "csv"), *format = invocation_option(in, "format");
    bool quiet = invocation_flag(in, "quiet"), spreadsheet = csv && strcmp(csv, "-") == 0;
    const struct contrast_style style = { invocation_colour(in, stdout), columns(),
                                          invocation_flag(in, "all") },
                                to_stderr = { invocation_colour(in, stderr), 0, false };
    enum status status = csv ? write_csv(c, csv, &err) : STATUS_OK;
    if (status == STATUS_OK && invocation_flag(in, "json"))
        status = contrasts_json(c, conditions, stdout, &err);
    else if (status == STATUS_OK && spreadsheet && !quiet)
        conditions_lines(c, conditions, &to_stderr, stderr);
    else if (status == STATUS_OK && !quiet && format && *format == 'm')
        contrasts_markdown(c, conditions, stdout);
    else if (status == STATUS_OK && !quiet && !spreadsheet)
        contrasts_table(c, conditions, &style, stdout);
    if (status != STATUS_OK) return command_fail(&err);
    return conditions_fail(conditions, c) ? EXIT_NO : EXIT_YES;
}

/* metrics: room for two of each condition. */
static int contrast_sides(const struct invocation *in, const struct sides *sides,
                          const struct conditions *conditions, int *metrics)
{
    struct contrasts contrasts;
    struct error err = { STATUS_OK, "" };
    struct contrast_request request = { .sides = sides->sides,
                                        .pairs = sides->pairs,
                                        .pair_n = sides->pair_n,
                                        .all = invocation_flag(in, "all"),
                                        .also = metrics,
                                        .values = metrics + conditions->n,
                                        .family = invocation_flag(in, "family") };
    for (size_t i = 0; i < conditions->n; i++) {
        const struct condition *c = &conditions->list[i];
        if (c->of == CONDITION_VALUE) metrics[conditions->n + request.value_n++] = c->metric;
        else metrics[request.also_n++] = c->metric;
    }
    if (contrasts_make(&request, &contrasts, &err) != STATUS_OK) return command_fail(&err);
    int code = put_out(in, &contrasts, conditions);
    contrasts_free(&contrasts);
    return code;
}

static int compare_figures(const struct invocation *in)
{
    struct sides sides;
    size_t n;
    struct condition *list = read_conditions(in, &n);
    int *metrics = calloc(2 * n + 1, sizeof *metrics), code = EXIT_INPUT;
    const struct conditions conditions = { n, list, invocation_flag(in, "fail-unless-sure") };
    if (list && !metrics) code = command_usage("out of memory");
    if (list && metrics) {
        code = sides_open(in, &sides);
        if (code == EXIT_YES) code = contrast_sides(in, &sides, &conditions, metrics);
        sides_free(&sides);
    }
    free(metrics);
    free(list);
    return code;
}

static int run_compare(const struct invocation *in)
{
    static const char *const of_figures[] = { "all",      "fail-if",      "fail-unless-sure",
                                              "family",   "format",       "output",
                                              "seed",     "replications", "threads",
                                              "reference" };
    const char *csv = invocation_option(in, "csv"), *format = invocation_option(in, "format");
    bool jobs = invocation_flag(in, "jobs"), json = invocation_flag(in, "json");
    if (csv && strcmp(csv, "-") == 0 && json)
        return command_usage("--csv - and --json both want standard output");
    if (format && json) return command_usage("--format and --json both want standard output");
    if (format && strcmp(format, "table") != 0 && strcmp(format, "markdown") != 0 &&
        strcmp(format, "md") != 0)
        return command_usage("--format is table, markdown or md, not '%s'", format);
    for (size_t i = 0; jobs && i < sizeof of_figures / sizeof *of_figures; i++)
        if (invocation_option(in, of_figures[i]))
            return command_usage("--%s is of figures, and has no meaning with --jobs",
                                 of_figures[i]);
    if (!jobs && invocation_option(in, "limit"))
        return command_usage("--limit is how many jobs are shown: it wants --jobs");
    return jobs ? compare_jobs(in) : compare_figures(in);
}

static const struct option_spec compare_options[] = {
    { 0, "fleet", "NAME", true, "only this fleet; with --jobs twice: of A and of B", NULL },
    { 0, "reference", "NAME", false,
      "the fleet of the first file that all others are compared with", NULL },
    { 0, "fail-if", "CONDITION", true,
      "exit with 1 where it surely holds: 'cost > +5%', 'p95_wait > 2 h'", NULL },
    { 0, "fail-unless-sure", NULL, false, "and where that cannot be told", NULL },
    { 0, "all", NULL, false, "every metric, and of several fleets the figures of each", NULL },
    { 0, "family", NULL, false, "intervals that hold all together with 95% (Bonferroni)", NULL },
    { 0, "format", "FORMAT", false, "how it is printed", "comparison formats" },
    { 0, "csv", "FILE.csv", false,
      "a row for each fleet and figure, with --jobs for each job; - for standard output", NULL },
    { 0, "json", NULL, false, "the comparison as JSON on standard output", NULL },
    { 'q', "quiet", NULL, false, "no table and no notes: the exit code alone", NULL },
    { 'o', "output", "FILE.db", true, "keep the results of a scenario; of several, in their order",
      NULL },
    { 'j', "threads", "N", false, "for scenarios: threads (default: all processors)", NULL },
    { 0, "replications", "N", false, "for scenarios: so many, instead of their own", NULL },
    { 0, "seed", "N", false, "for scenarios: this one, instead of their own", NULL },
    { 0, "jobs", NULL, false, "job by job; exit with 1 where one differs", NULL },
    { 0, "limit", "N", false, "with --jobs: how many of the largest differences (default 10)",
      NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_compare = {
    "compare",
    "compare fleets figure by figure, or job by job",
    "FILE...",
    1,
    64,
    compare_options,
    "  seatrial compare runs/main.db                               # its fleets with its baseline\n"
    "  seatrial compare old.yaml new.yaml --format markdown        # what a pull request changes\n"
    "  seatrial compare main.db new.yaml --fail-if 'cost > +5%' --fail-if 'p95_wait > 2 h'\n"
    "  seatrial compare old.db new.db --all --csv figures.csv\n"
    "  seatrial compare --jobs main.db --fleet fifo --fleet easy   # which jobs moved\n",
    "Sets fleets against a reference and says of each figure by how much it differs, with a 95% "
    "interval, or that it does not clearly. A FILE is a results file or a scenario, which is "
    "simulated first. Of one file its fleets are compared with the run's baseline (--reference, "
    "or the first --fleet); of several files the fleets of one name, each file with the first. "
    "Replications of one world (same seed, workload and draws) are compared in pairs; where they "
    "are not, the output says so. A condition of --fail-if is METRIC, then >, >=, < or <=, then a "
    "limit: with a sign it limits the difference from the reference, +5% or +10 min, else the "
    "figure itself. It holds where the whole interval is beyond the limit. Exits with 0, or with 1 "
    "where a condition holds. With --jobs the jobs of two fleets are matched by their ids, those "
    "of the first replication: a mean can stay while hundreds of jobs move.",
    run_compare,
};
