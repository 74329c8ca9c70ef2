/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing a command line by the tables of command.h; for main.c and args.c. */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include "tools/command.h"

enum { INVOCATION_MAX = 4096 };

struct invocation {
    const struct command *command;
    int argc;
    char **argv;
    size_t argument_n;
    const char **arguments; /* [argc] */
    size_t given_n;
    struct {
        const struct option_spec *option;
        const char *value;
    } * given; /* [argc] */
    char *line;
};

/* Options every verb has: --help, --color. Ended by a NULL name. */
extern const struct option_spec common_options[];

/* The verb that argv names (one or two words; *words says how many), NULL where there is none. */
const struct command *args_find_command(int argc, char **argv, int *words);
/* true: word is the first of verbs of two words, as "trace" is. */
bool args_is_group(const char *word);
/* Parses what follows the verb. Prints what is wrong on stderr and returns false (EXIT_INPUT). The
 * caller frees with args_free in either case. */
bool args_parse(struct invocation *in, const struct command *command, int words, int argc,
                char **argv);
void args_free(struct invocation *in);
/* "seatrial: error: unknown KIND 'text'" with the nearest of words[0..n) and a pointer to help. */
void args_unknown(const char *kind, const char *text, const char *const *words, size_t n,
                  const char *help);

/* help.c */
void help_overview(FILE *out);
void help_command(const struct command *command, FILE *out);
void help_group(const char *word, FILE *out); /* the verbs that begin with this word */
/* An option's help with the names of its family. */
void option_text(const struct option_spec *option, char *text, size_t size);
/* manual.c: the man page in roff. */
void manual_write(FILE *out);
/* completion.c: a script for "bash", "zsh" or "fish"; false: another shell. */
bool completion_write(const char *shell, FILE *out);

#endif
