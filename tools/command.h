/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verb of the command line, described once: parsing, --help, the man page, shell completion and
 * "did you mean" all read this table.
 *
 * Results go to stdout, all else to stderr. A verb returns an exit code (enum exit_code).
 */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/status.h"

enum exit_code { EXIT_YES = 0, EXIT_NO = 1, EXIT_INPUT = 2, EXIT_RESUMABLE = 3, EXIT_BUG = 70 };

struct option_spec {
    char letter;          /* 'o' for -o, 0 = none */
    const char *name;     /* "output" for --output */
    const char *argument; /* "FILE" where it takes one, NULL for a flag */
    bool many;            /* may be given several times */
    const char *help;     /* one line, no full stop */
    const char *family;   /* values are the names of this family (list.c), NULL */
};

struct invocation;

struct command {
    const char *name;      /* "run", or "trace stats" for a verb of two words */
    const char *summary;   /* one line, no full stop */
    const char *arguments; /* "SCENARIO.yaml", "FILE...", "" */
    size_t least, most;    /* how many positional arguments */
    const struct option_spec
        *options; /* ended by a NULL name; --help, --color and --json-less extras are common */
    const char *examples;    /* lines of "  seatrial ...   # what it does" */
    const char *description; /* paragraphs for the man page and --help */
    int (*run)(const struct invocation *in);
};

/* All verbs, ended by NULL: one line each in commands.c. */
extern const struct command *const commands[];

/* The parsed line. All strings are argv's. */
const char *invocation_option(const struct invocation *in,
                              const char *name); /* last value; NULL = not given */
bool invocation_flag(const struct invocation *in, const char *name);
/* The i-th value of a repeatable option; NULL past the last. */
const char *invocation_option_at(const struct invocation *in, const char *name, size_t i);
size_t invocation_argument_n(const struct invocation *in);
const char *invocation_argument(const struct invocation *in, size_t i);
/* The whole command line, quoted for a shell, for provenance. */
const char *invocation_line(const struct invocation *in);
/* 1 where this stream wants colour: --color, NO_COLOR, TERM, isatty. */
int invocation_colour(const struct invocation *in, FILE *stream);

/* Whole numbers and such from options: false after printing what is wrong (caller returns
 * EXIT_INPUT). */
bool option_int64(const struct invocation *in, const char *name, long long least, long long most,
                  long long *value);
bool option_double(const struct invocation *in, const char *name, double least, double most,
                   double *value);

/* "seatrial: error: MESSAGE" on stderr; returns the exit code that belongs to err->status. */
int command_fail(const struct error *err);
/* The same for a usage mistake; returns EXIT_INPUT. */
int command_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens PATH's temporary sibling for writing ("-" = stdout); output_commit renames it into place,
 * both check every write (a full disk is an error); output_abandon removes it. */
struct output {
    FILE *file;
    char *path, *temporary;
};
enum status output_open(struct output *out, const char *path, struct error *err);
enum status output_commit(struct output *out, struct error *err);
void output_abandon(struct output *out);

/* Progress on stderr: only on a terminal, after one second, at most ten times a second. */
void progress_begin(const char *what, double total);
void progress_set(double done); /* any thread */
void progress_end(void);

/* Families for `seatrial list` and for option values: one line each in list.c. */
struct family_entry {
    const char *name, *summary, *source;
};
/* Fills entry i of the family; false past the end or for an unknown family. Its texts hold until
 * the next call. */
bool family_at(const char *family, size_t i, struct family_entry *entry);
/* The i-th family that `seatrial list` shows; false past the end. */
bool families_at(size_t i, struct family_entry *entry);

#define SEATRIAL_VERSION "0.1.0"

#endif
