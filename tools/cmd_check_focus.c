/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial check-focus`: whether a bill keeps the rules of FOCUS. */
#include <errno.h>
#include <string.h>

#include "reports/focus_check.h"
#include "tools/commands.h"

static int print_rules(void)
{
    for (const struct focus_rule *r = focus_rules; r->name; r++)
        printf("%-19s %s (%s)\n", r->name, r->text, r->page);
    return EXIT_YES;
}

static int run_check_focus(const struct invocation *in)
{
    struct focus_findings findings;
    struct error err;
    if (invocation_flag(in, "rules")) return print_rules();
    if (invocation_argument_n(in) == 0) return command_usage("check-focus needs a FILE.csv");
    const char *path = invocation_argument(in, 0);
    bool input = strcmp(path, "-") == 0;
    FILE *file = input ? stdin : fopen(path, "rb");
    if (!file) return command_usage("cannot open %s: %s", path, strerror(errno));
    enum status status = focus_check(input ? "<stdin>" : path, file, stdout, &findings, &err);
    if (!input) fclose(file);
    if (status != STATUS_OK) return command_fail(&err);
    fflush(stdout); /* what is wrong stands before how much of it there is */
    fprintf(stderr, "  %lld rows: ", (long long)findings.rows);
    if (findings.violations == 0) fputs("they keep the rules of FOCUS 1.2\n", stderr);
    else
        fprintf(stderr, "the rules of FOCUS 1.2 are broken %lld times\n",
                (long long)findings.violations);
    return findings.violations == 0 ? EXIT_YES : EXIT_NO;
}

static const struct option_spec check_focus_options[] = {
    { 0, "rules", NULL, false, "the rules that are checked, with where they stand", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_check_focus = {
    "check-focus",
    "check a bill in FOCUS 1.2",
    "FILE.csv",
    0,
    1,
    check_focus_options,
    "  seatrial report runs/main.db --focus bill.csv && seatrial check-focus bill.csv\n"
    "  seatrial check-focus --rules\n",
    "Reads a CSV file, of a provider or of `seatrial report --focus`, and prints each broken rule "
    "as file:line:column with the rule's name. - stands for standard input. Exits with 0 where all "
    "rules are kept, with 1 where one is broken.",
    run_check_focus,
};
