/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page, from the same tables that parse the command line. */
#include <string.h>

#include "tools/args.h"

/* Text for roff: characters that would print as others, and lines that would begin with a request.
 */
static void roff(FILE *out, const char *text)
{
    static const struct {
        char c;
        const char *name;
    } named[] = { { '\\', "\\e" },  { '-', "\\-" },   { '\'', "\\(aq" },
                  { '`', "\\(ga" }, { '^', "\\(ha" }, { '~', "\\(ti" } };
    for (const char *c = text; *c; c++) {
        const char *name = NULL;
        if (*c == '.' && (c == text || c[-1] == '\n')) fputs("\\&", out);
        for (size_t i = 0; i < sizeof named / sizeof *named; i++)
            if (named[i].c == *c) name = named[i].name;
        if (name) fputs(name, out);
        else fputc(*c, out);
    }
}

static void roff_options(FILE *out, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++) {
        char text[1000];
        fputs(".TP\n.B ", out);
        if (o->letter) fprintf(out, "\\-%c, ", o->letter);
        fputs("\\-\\-", out);
        roff(out, o->name);
        if (o->argument) {
            fputs(" \\fI", out);
            roff(out, o->argument);
            fputs("\\fR", out);
        }
        fputc('\n', out);
        option_text(o, text, sizeof text);
        roff(out, text);
        fputs(".\n", out);
    }
}

static void roff_command(FILE *out, const struct command *c)
{
    fputs(".SS seatrial ", out);
    roff(out, c->name);
    if (*c->arguments) fputc(' ', out);
    roff(out, c->arguments);
    fputc('\n', out);
    roff(out, c->description);
    fputc('\n', out);
    roff_options(out, c->options);
    fputs(".PP\nExamples:\n.PP\n.nf\n", out);
    roff(out, c->examples);
    fputs(".fi\n", out);
}

/* Entries of a section: a word, and what it means. */
struct entry {
    const char *word, *text;
};

static void section(FILE *out, const char *title, const struct entry *entries)
{
    fprintf(out, ".SH %s\n", title);
    for (; entries->word; entries++) {
        fputs(".TP\n.B ", out);
        roff(out, entries->word);
        fputc('\n', out);
        roff(out, entries->text);
        fputc('\n', out);
    }
}

static const struct entry files[] = {
    { "SCENARIO.yaml", "What is asked: workload, prices, targets, fleets. Its keys: seatrial list "
                       "keys. A path in it is taken from the folder of the scenario." },
    { "TRACE.csv", "A canonical trace: one job a row, plain, gzip or zstd. Its columns: seatrial "
                   "list columns." },
    { "RESULTS.db", "The results of a run: one SQLite file that any SQLite reads. Where -o is not "
                    "given it is runs/NAME.db, NAME being the scenario's." },
    { "RESULTS.db.partial",
      "The same while it grows, and after an interrupted or failed run. It is "
      "renamed when it is whole; an interrupted run goes on from it." },
    { "report.html, report-*.png", "The report, which needs no other file, and its charts." },
    { "share/seatrial/prices/*.csv", "Instance types, prices, GPU models and performance factors "
                                     "that ship; beside the program's folder." },
    { "share/seatrial/*.yaml, share/seatrial/examples/", "Scenarios and traces to begin with." },
    { "share/doc/seatrial/*.md", "The formats and the models in full: scenario-format, "
                                 "trace-format, price-books, results-format, models." },
    { NULL, NULL },
};

static const struct entry exits[] = {
    { "0", "Done; the answer is yes." },
    { "1", "Done; the answer is no: run --slo found no fleet that surely meets every target." },
    { "2", "Bad input: a scenario, a trace, a price book, an option, a file that cannot be read or "
           "written. Standard error says what is wrong, all at once. Nothing was run." },
    { "3", "Interrupted. The same command line goes on after the replications that are whole." },
    { "70",
      "A mistake of Seatrial's own: an invariant of a run is broken. The message says where." },
    { NULL, NULL },
};

static const struct entry environment[] = {
    { "SEATRIAL_DATA", "The folder of the shipped tables, or the one above it that holds them in "
                       "prices/. Without it they are looked for beside the program." },
    { "NO_COLOR", "No colour where it is set to anything." },
    { "TERM", "No colour where it is dumb." },
    { "PATH", "Where gnuplot is looked for, which draws the charts. A report without it has no "
              "charts." },
    { NULL, NULL },
};

void manual_write(FILE *out)
{
    fputs(".TH SEATRIAL 1 \"\" \"seatrial " SEATRIAL_VERSION
          "\" \"User Commands\"\n.SH NAME\nseatrial \\- replay job traces on priced GPU fleets\n"
          ".SH SYNOPSIS\n.B seatrial\n.I COMMAND\n[options] [arguments]\n.br\n.B seatrial\n.I "
          "COMMAND\n.B \\-\\-help\n.SH DESCRIPTION\n"
          "Seatrial takes a GPU fleet to sea before anyone pays for it. It replays a job trace on "
          "modeled fleets under their schedulers, prices them, and says which is cheapest, how "
          "long people wait, and how sure that is.\n.PP\n"
          "Results go to standard output, all else to standard error. Where a file is read, \\- is "
          "standard input. The same scenario, seed and version give the same results on any "
          "machine and any number of threads.\n"
          ".SH COMMANDS\n",
          out);
    for (size_t i = 0; commands[i]; i++) roff_command(out, commands[i]);
    fputs(".SH COMMON OPTIONS\n", out);
    roff_options(out, common_options);
    section(out, "EXIT STATUS", exits);
    section(out, "FILES", files);
    section(out, "ENVIRONMENT", environment);
    fputs(".SH SEE ALSO\n.BR sacct (1),\n.BR kubectl (1),\n.BR sqlite3 (1),\n.BR gnuplot (1),\n.BR "
          "jq "
          "(1)\n",
          out);
}
