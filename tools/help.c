/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/args.h"
#include "tools/commands.h"
#include "tools/words.h"

enum { LINE = 90, OPTION_COLUMN = 31 };

void help_overview(FILE *out)
{
    fputs("Seatrial takes a GPU fleet to sea before anyone pays for it: it replays a job trace on "
          "modeled fleets,\n"
          "prices them, and says which is cheapest, how long people wait, and how sure that is.\n\n"
          "  seatrial run scenario.yaml --report report.html    # simulate, compare, draw\n"
          "  seatrial import --from slurm jobs.txt -o trace.csv # bring your own trace\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; commands[i]; i++)
        fprintf(out, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nseatrial COMMAND --help shows its options and examples; seatrial list shows the "
          "families of names.\n"
          "Exit codes: 0 yes, 1 the answer is no, 2 bad input, 3 interrupted, 70 a bug of ours.\n",
          out);
}

void help_group(const char *word, FILE *out)
{
    fprintf(out, "Usage: seatrial %s COMMAND [options]\n\n", word);
    for (size_t i = 0; commands[i]; i++)
        if (strncmp(commands[i]->name, word, strlen(word)) == 0 &&
            commands[i]->name[strlen(word)] == ' ')
            fprintf(out, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\nseatrial %s COMMAND --help shows its options and examples.\n", word);
}

void option_text(const struct option_spec *o, char *text, size_t size)
{
    struct family_entry entry;
    size_t n = (size_t)snprintf(text, size, "%s", o->help);
    for (size_t i = 0; o->family && n < size && family_at(o->family, i, &entry); i++)
        n += (size_t)snprintf(text + n, size - n, "%s%s", i ? ", " : ": ", entry.name);
    if (o->many && n < size) snprintf(text + n, size - n, " (may be repeated)");
}

static void options_write(const struct option_spec *options, FILE *out)
{
    for (const struct option_spec *o = options; o && o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
                 o->argument ? " " : "", o->argument ? o->argument : "");
        char text[1000];
        option_text(o, text, sizeof text);
        fprintf(out, "  %-28s ", left);
        words_put(out, text, OPTION_COLUMN, OPTION_COLUMN, LINE);
        fputc('\n', out);
    }
}

void help_command(const struct command *command, FILE *out)
{
    fprintf(out, "seatrial %s: %s\n\nExamples:\n%s\nUsage: seatrial %s %s%s[options]\n\n",
            command->name, command->summary, command->examples, command->name, command->arguments,
            *command->arguments ? " " : "");
    words_put(out, command->description, 0, 0, LINE);
    fputs("\n\nOptions:\n", out);
    options_write(command->options, out);
    options_write(common_options, out);
}

static const struct option_spec help_options[] = {
    { 0, "man", NULL, false, "print the manual page (roff): seatrial help --man | man -l -", NULL },
    { 0, "completion", "SHELL", false, "print a completion script", "shells" },
    { 0, NULL, NULL, false, NULL, NULL },
};

static int run_help(const struct invocation *in)
{
    const char *shell = invocation_option(in, "completion");
    if (invocation_flag(in, "man")) {
        manual_write(stdout);
        return EXIT_YES;
    }
    if (shell)
        return completion_write(shell, stdout)
                   ? EXIT_YES
                   : command_usage("no completion for '%s': there is one for bash, zsh and fish",
                                   shell);
    if (invocation_argument_n(in) == 0) {
        help_overview(stdout);
        return EXIT_YES;
    }
    int words;
    char *verb[] = { (char *)invocation_argument(in, 0),
                     in->argument_n > 1 ? (char *)invocation_argument(in, 1) : NULL };
    const struct command *command = args_find_command((int)in->argument_n, verb, &words);
    if (!command && in->argument_n == 1 && args_is_group(verb[0])) {
        help_group(verb[0], stdout);
        return EXIT_YES;
    }
    if (!command) {
        const char *names[64];
        size_t n = 0;
        for (; commands[n] && n < 64; n++) names[n] = commands[n]->name;
        args_unknown("command", verb[0], names, n, "seatrial --help");
        return EXIT_INPUT;
    }
    help_command(command, stdout);
    return EXIT_YES;
}

const struct command cmd_help = {
    "help",
    "help on a command, the manual page, shell completion",
    "[COMMAND]",
    0,
    2,
    help_options,
    "  seatrial help run\n"
    "  seatrial help --man | man -l -\n"
    "  source <(seatrial help --completion bash)           # bash, for this session\n"
    "  seatrial help --completion zsh > ~/.zfunc/_seatrial # zsh: a folder of $fpath\n"
    "  seatrial help --completion fish > ~/.config/fish/completions/seatrial.fish\n",
    "Prints what a command does, with its options and examples; the manual page; or a script that "
    "completes commands, options and names in your shell.",
    run_help,
};
