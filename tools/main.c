/* SPDX-License-Identifier: Apache-2.0 */
/* seatrial: takes a GPU fleet to sea before anyone pays for it. */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tools/args.h"

/* The line names no verb: it is the first word of some (`seatrial trace`), or a mistake. */
static int no_verb(int argc, char **argv)
{
    const char *names[64];
    char two[256];
    size_t n = 0;
    for (; commands[n] && n < 64; n++) names[n] = commands[n]->name;
    bool first_word = args_is_group(argv[0]);
    if (first_word && (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        help_group(argv[0], argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_INPUT : EXIT_YES;
    }
    snprintf(two, sizeof two, "%s%s%s", argv[0], first_word && argc > 1 ? " " : "",
             first_word && argc > 1 ? argv[1] : "");
    args_unknown("command", two, names, n, "seatrial --help");
    return EXIT_INPUT;
}

int main(int argc, char **argv)
{
    int words = 0;
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGPIPE,
           SIG_IGN); /* a closed pipe is a failed write, with a message, not a silent death */
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help_overview(stdout);
        return argc < 2 ? EXIT_INPUT : EXIT_YES;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("seatrial %s\n", SEATRIAL_VERSION);
        return EXIT_YES;
    }
    const struct command *command = args_find_command(argc - 1, argv + 1, &words);
    if (!command) return no_verb(argc - 1, argv + 1);
    struct invocation in;
    int code = EXIT_INPUT;
    if (args_parse(&in, command, words, argc - 1, argv + 1)) {
        if (invocation_flag(&in, "help")) {
            help_command(command, stdout);
            code = EXIT_YES;
        } else {
            code = command->run(&in);
        }
    }
    args_free(&in);
    if ((code == EXIT_YES || code == EXIT_NO) && (fflush(stdout) != 0 || ferror(stdout)))
        code = command_usage("cannot write standard output");
    return code;
}
