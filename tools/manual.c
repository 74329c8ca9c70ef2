/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page and shell completion, from the same tables that parse the command line. */
#include <string.h>

#include "tools/args.h"

/* Text for roff: backslashes, hyphens, and lines that would begin with a request. */
static void roff(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        bool first = c == text || c[-1] == '\n';
        if (first && (*c == '.' || *c == '\'')) fputs("\\&", out);
        if (*c == '\\') fputs("\\e", out);
        else if (*c == '-') fputs("\\-", out);
        else fputc(*c, out);
    }
}

static void roff_options(FILE *out, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++) {
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
        roff(out, o->help);
        fputs(".\n", out);
    }
}

void manual_write(FILE *out)
{
    fputs(".TH SEATRIAL 1 \"\" \"seatrial " SEATRIAL_VERSION
          "\" \"User Commands\"\n.SH NAME\nseatrial \\- replay job traces on priced GPU fleets\n"
          ".SH SYNOPSIS\n.B seatrial\n.I COMMAND\n[options] [arguments]\n.SH DESCRIPTION\n"
          "Seatrial replays a job trace on modeled GPU fleets under a scheduler, prices them, and "
          "compares cost, wait and utilization.\n"
          ".SH COMMANDS\n",
          out);
    for (size_t i = 0; commands[i]; i++) {
        const struct command *c = commands[i];
        fputs(".SS seatrial ", out);
        roff(out, c->name);
        fputc(' ', out);
        roff(out, c->arguments);
        fputc('\n', out);
        roff(out, c->description);
        fputs("\n", out);
        roff_options(out, c->options);
        fputs(".PP\nExamples:\n.nf\n", out);
        roff(out, c->examples);
        fputs(".fi\n", out);
    }
    fputs(".SH COMMON OPTIONS\n", out);
    roff_options(out, common_options);
    fputs(".SH EXIT STATUS\n0 yes; 1 the answer is no; 2 bad input; 3 interrupted; 70 a bug of "
          "Seatrial.\n"
          ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nNo colour where it is not empty.\n.TP\n.B "
          "SEATRIAL_DATA\nWhere the price books are.\n",
          out);
}

/* The first words of verbs, each once. */
static void first_words(FILE *out)
{
    for (size_t i = 0; commands[i]; i++) {
        size_t n = strcspn(commands[i]->name, " ");
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen |= strncmp(commands[k]->name, commands[i]->name, n) == 0 &&
                    strcspn(commands[k]->name, " ") == n;
        if (!seen) fprintf(out, "%s%.*s", i ? " " : "", (int)n, commands[i]->name);
    }
}

static void flags(FILE *out, const struct command *c)
{
    for (const struct option_spec *o = c->options; o && o->name; o++)
        fprintf(out, " --%s", o->name);
    for (const struct option_spec *o = common_options; o->name; o++) fprintf(out, " --%s", o->name);
}

static void completion_bash(FILE *out)
{
    fputs("_seatrial() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words=\n  if [ \"$COMP_CWORD\" -eq "
          "1 ]; then\n    words=\"",
          out);
    first_words(out);
    fputs("\"\n  else\n    case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n", out);
    for (size_t i = 0; commands[i]; i++) {
        fprintf(out, "      \"%s%s\"*) words=\"", commands[i]->name,
                strchr(commands[i]->name, ' ') ? "" : " ");
        flags(out, commands[i]);
        fputs("\";;\n", out);
    }
    fputs("    esac\n  fi\n  case \"$cur\" in -*) ;; *) [ \"$COMP_CWORD\" -gt 1 ] && { "
          "COMPREPLY=($(compgen -f -- \"$cur\")); return; };; esac\n"
          "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o filenames -F "
          "_seatrial seatrial\n",
          out);
}

static void quoted_fish(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void completion_fish(FILE *out)
{
    for (size_t i = 0; commands[i]; i++) {
        size_t n = strcspn(commands[i]->name, " ");
        fprintf(out, "complete -c seatrial -n __fish_use_subcommand -a %.*s -d ", (int)n,
                commands[i]->name);
        quoted_fish(out, commands[i]->summary);
        fputc('\n', out);
        for (const struct option_spec *o = commands[i]->options; o && o->name; o++) {
            fprintf(out, "complete -c seatrial -n '__fish_seen_subcommand_from %.*s' -l %s%s -d ",
                    (int)n, commands[i]->name, o->name, o->argument ? " -r" : "");
            quoted_fish(out, o->help);
            fputc('\n', out);
        }
    }
}

bool completion_write(const char *shell, FILE *out)
{
    if (strcmp(shell, "fish") == 0) completion_fish(out);
    else if (strcmp(shell, "bash") == 0) completion_bash(out);
    else if (strcmp(shell, "zsh") == 0) {
        fputs("autoload -U +X bashcompinit && bashcompinit\n", out);
        completion_bash(out);
    } else return false;
    return true;
}
