/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shell completion, from the same tables that parse the command line: verbs, options, the names of
 * families behind options that take them, and files of the right kind behind the rest.
 */
#include <string.h>

#include "tools/args.h"

/* What may stand in a place, as told by the word that help shows there: "FILE.db", "[FAMILY]". */
enum wanted { WANT_NOTHING, WANT_FILE, WANT_FOLDER, WANT_FAMILY, WANT_COMMAND };

/* *suffix is the ending of the files, ".db", or "" for any; it holds until the next call. Of "A.db
 * [B.db]" the first word speaks for all. */
static enum wanted wanted_of(const char *words, const char **suffix)
{
    static char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(words, " "), words);
    const char *dot = strchr(word, '.');
    *suffix = "";
    if (strcmp(word, "DIR") == 0) return WANT_FOLDER;
    if (strcmp(word, "[FAMILY]") == 0) return WANT_FAMILY;
    if (strcmp(word, "[COMMAND]") == 0) return WANT_COMMAND;
    if (dot && strcmp(dot, "...") != 0) *suffix = dot;
    return dot || strcmp(word, "FILE") == 0 || strcmp(word, "PATH") == 0 ? WANT_FILE : WANT_NOTHING;
}

/* The first word of a verb, its second word or NULL. */
static const char *second_word(const char *name)
{
    const char *space = strchr(name, ' ');
    return space ? space + 1 : NULL;
}

static int first_length(const char *name) { return (int)strcspn(name, " "); }

/* 1 where no verb before has the same first word. */
static bool is_first(size_t i)
{
    int n = first_length(commands[i]->name);
    for (size_t k = 0; k < i; k++)
        if (first_length(commands[k]->name) == n &&
            strncmp(commands[k]->name, commands[i]->name, (size_t)n) == 0)
            return false;
    return true;
}

static void put_first_words(FILE *out, const char *between)
{
    for (size_t i = 0; commands[i]; i++)
        if (is_first(i))
            fprintf(out, "%s%.*s", i ? between : "", first_length(commands[i]->name),
                    commands[i]->name);
}

static void put_family(FILE *out, const char *family)
{
    struct family_entry e;
    for (size_t i = 0; family_at(family, i, &e); i++) fprintf(out, "%s%s", i ? " " : "", e.name);
}

static void put_families(FILE *out)
{
    struct family_entry e;
    for (size_t i = 0; families_at(i, &e); i++) fprintf(out, "%s%s", i ? " " : "", e.name);
}

/* A preset may be imitated, and so may a trace. */
static bool takes_file_too(const struct option_spec *o)
{
    return o->family && strcmp(o->family, "synth-presets") == 0;
}

/* ---- bash ---- */

static void bash_wanted(FILE *out, const char *word)
{
    const char *suffix;
    switch (wanted_of(word, &suffix)) {
    case WANT_NOTHING: fputs(":", out); break;
    case WANT_FOLDER: fputs("_seatrial_files /", out); break;
    case WANT_FILE: fprintf(out, "_seatrial_files '%s'", suffix); break;
    case WANT_FAMILY:
        fputs("words='", out);
        put_families(out);
        fputs("'", out);
        break;
    case WANT_COMMAND:
        fputs("words='", out);
        put_first_words(out, " ");
        fputs("'", out);
        break;
    }
}

static void bash_options(FILE *out, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++) {
        if (!o->argument) continue;
        fprintf(out, "        --%s", o->name);
        if (o->letter) fprintf(out, "|-%c", o->letter);
        fputs(") ", out);
        if (o->family) {
            fputs("words='", out);
            put_family(out, o->family);
            fputs(takes_file_too(o) ? "'; _seatrial_files ''" : "'", out);
        } else {
            bash_wanted(out, o->argument);
        }
        fputs(" ;;\n", out);
    }
}

static void bash_flags(FILE *out, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++) fprintf(out, " --%s", o->name);
}

static void bash_command(FILE *out, const struct command *c)
{
    fprintf(out, "    '%s'%s)\n      case $prev in\n", c->name, second_word(c->name) ? "" : "' '*");
    bash_options(out, c->options);
    bash_options(out, common_options);
    fputs("        *) if [[ $cur == -* ]]; then words='", out);
    bash_flags(out, c->options);
    bash_flags(out, common_options);
    fputs("'; else ", out);
    bash_wanted(out, c->arguments);
    fputs("; fi ;;\n      esac ;;\n", out);
}

static void completion_bash(FILE *out)
{
    fputs("# bash completion for seatrial: source this file\n"
          "_seatrial_add() {\n"
          "  mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen \"$@\" -- \"$cur\")\n"
          "}\n"
          "_seatrial_files() { # an ending of file names, or / for folders alone\n"
          "  local IFS=$'\\n'\n"
          "  compopt -o filenames 2>/dev/null\n"
          "  [[ $1 != / ]] && _seatrial_add -f -X \"!*$1\"\n"
          "  [[ -n $1 ]] && _seatrial_add -d\n"
          "}\n"
          "_seatrial() {\n"
          "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
          "  COMPREPLY=()\n"
          "  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]} # --option=value\n"
          "  [[ $cur == = ]] && cur=\n"
          "  case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n",
          out);
    for (size_t i = 0; commands[i]; i++)
        if (second_word(commands[i]->name)) bash_command(out, commands[i]);
    for (size_t i = 0; commands[i]; i++)
        if (!second_word(commands[i]->name)) bash_command(out, commands[i]);
    fputs("  esac\n  if [[ $COMP_CWORD == 1 ]]; then\n    COMPREPLY=() words='", out);
    put_first_words(out, " ");
    fputs(" --help --version'\n  fi\n", out);
    for (size_t i = 0; commands[i]; i++) {
        if (!second_word(commands[i]->name) || !is_first(i)) continue;
        int n = first_length(commands[i]->name);
        fprintf(out,
                "  if [[ $COMP_CWORD == 2 && ${COMP_WORDS[1]} == %.*s ]]; then\n"
                "    COMPREPLY=() words='",
                n, commands[i]->name);
        for (size_t k = i; commands[k]; k++)
            if (strncmp(commands[k]->name, commands[i]->name, (size_t)n + 1) == 0)
                fprintf(out, "%s%s", k > i ? " " : "", second_word(commands[k]->name));
        fputs(" --help'\n  fi\n", out);
    }
    fputs("  _seatrial_add -W \"$words\"\n}\n"
          "complete -F _seatrial seatrial\n",
          out);
}

/* ---- zsh ---- */

/* Text inside an _arguments specification in single quotes. */
static void zsh_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') fputs("'\\''", out);
        else if (strchr("[]:\\", *text)) fprintf(out, "\\%c", *text);
        else fputc(*text, out);
    }
}

static void zsh_wanted(FILE *out, const char *word)
{
    const char *suffix;
    switch (wanted_of(word, &suffix)) {
    case WANT_NOTHING: fputs(" ", out); break;
    case WANT_FOLDER: fputs("_files -/", out); break;
    case WANT_FILE:
        if (*suffix) fprintf(out, "_files -g \"*%s\"", suffix);
        else fputs("_files", out);
        break;
    case WANT_FAMILY:
        fputs("(", out);
        put_families(out);
        fputs(")", out);
        break;
    case WANT_COMMAND:
        fputs("(", out);
        put_first_words(out, " ");
        fputs(")", out);
        break;
    }
}

static void zsh_options(FILE *out, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++) {
        fputs(" \\\n        ", out);
        if (o->letter)
            fprintf(out, "'(-%c --%s)'{-%c,--%s}'", o->letter, o->name, o->letter, o->name);
        else fprintf(out, "'%s--%s", o->many ? "*" : "", o->name);
        if (o->argument && !o->letter) fputc('=', out);
        fputc('[', out);
        zsh_text(out, o->help);
        fputc(']', out);
        if (o->argument) {
            fputc(':', out);
            zsh_text(out, o->argument);
            fputc(':', out);
            if (takes_file_too(o)) {
                fputs("_files", out);
            } else if (o->family) {
                fputc('(', out);
                put_family(out, o->family);
                fputc(')', out);
            } else {
                zsh_wanted(out, o->argument);
            }
        }
        fputc('\'', out);
    }
}

static void zsh_arguments(FILE *out, const struct command *c)
{
    fputs("      _arguments -s", out);
    zsh_options(out, c->options);
    zsh_options(out, common_options);
    if (*c->arguments) {
        fprintf(out, " \\\n        '%s", c->most > 1 ? "*:" : "1:");
        zsh_text(out, c->arguments);
        fputc(':', out);
        zsh_wanted(out, c->arguments);
        fputc('\'', out);
    }
    fputs(" ;;\n", out);
}

/* Verbs as an array for _describe: of one word, or the second words of a group. */
static void zsh_verbs(FILE *out, const char *group)
{
    size_t n = group ? strcspn(group, " ") + 1 : 0;
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name;
        if (group ? strncmp(name, group, n) != 0 : !is_first(i)) continue;
        fprintf(out, " '%.*s:", first_length(name + n), name + n);
        zsh_text(out, !group && second_word(name) ? "what is in a trace, or a new one"
                                                  : commands[i]->summary);
        fputc('\'', out);
    }
}

static void completion_zsh(FILE *out)
{
    fputs("#compdef seatrial\n_seatrial() {\n  local -a verbs\n  if (( CURRENT == 2 )); then\n    "
          "verbs=(",
          out);
    zsh_verbs(out, NULL);
    fputs(" )\n    _describe -t commands command verbs\n    return\n  fi\n  shift words\n  (( "
          "CURRENT-- ))\n",
          out);
    for (size_t i = 0; commands[i]; i++) {
        if (!second_word(commands[i]->name) || !is_first(i)) continue;
        fprintf(
            out,
            "  if [[ $words[1] == %.*s ]]; then\n    if (( CURRENT == 2 )); then\n      verbs=(",
            first_length(commands[i]->name), commands[i]->name);
        zsh_verbs(out, commands[i]->name);
        fputs(" )\n      _describe -t commands command verbs\n      return\n    fi\n"
              "    words[2]=\"$words[1] $words[2]\"\n    shift words\n    (( CURRENT-- ))\n  fi\n",
              out);
    }
    fputs("  case $words[1] in\n", out);
    for (size_t i = 0; commands[i]; i++) {
        fprintf(out, "    '%s')\n", commands[i]->name);
        zsh_arguments(out, commands[i]);
    }
    /* Works as a file of $fpath, and by eval. */
    fputs("  esac\n}\nif [[ $funcstack[1] == _seatrial ]]; then _seatrial \"$@\"; else compdef "
          "_seatrial "
          "seatrial; fi\n",
          out);
}

/* ---- fish ---- */

static void fish_text(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

/* "complete" up to the condition that this verb is being typed. */
static void fish_begin(FILE *out, const struct command *c)
{
    int n = first_length(c->name);
    fprintf(out, "complete -c seatrial -n '__fish_seen_subcommand_from %.*s", n, c->name);
    if (second_word(c->name))
        fprintf(out, "; and __fish_seen_subcommand_from %s", second_word(c->name));
    fputc('\'', out);
}

static void fish_wanted(FILE *out, const char *word, bool option)
{
    const char *suffix;
    switch (wanted_of(word, &suffix)) {
    case WANT_NOTHING: fputs(option ? " -x" : " -f", out); break;
    case WANT_FOLDER: fputs(" -x -a '(__fish_complete_directories)'", out); break;
    case WANT_FILE:
        if (*suffix)
            fprintf(out, " -k%s -a '(__fish_complete_suffix %s)'", option ? " -x" : " -f", suffix);
        else fputs(option ? " -r -F" : " -F", out);
        break;
    case WANT_FAMILY:
        fputs(" -f -a '", out);
        put_families(out);
        fputc('\'', out);
        break;
    case WANT_COMMAND:
        fputs(" -f -a '", out);
        put_first_words(out, " ");
        fputc('\'', out);
        break;
    }
}

static void fish_options(FILE *out, const struct command *c, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++) {
        fish_begin(out, c);
        if (o->letter) fprintf(out, " -s %c", o->letter);
        fprintf(out, " -l %s", o->name);
        if (o->family) {
            fputs(takes_file_too(o) ? " -r -F -a '" : " -x -a '", out);
            put_family(out, o->family);
            fputc('\'', out);
        } else if (o->argument) {
            fish_wanted(out, o->argument, true);
        }
        fputs(" -d ", out);
        fish_text(out, o->help);
        fputc('\n', out);
    }
}

static void completion_fish(FILE *out)
{
    fputs("# fish completion for seatrial\n"
          "complete -c seatrial -f\n"
          "complete -c seatrial -n __fish_use_subcommand -l help -d 'what there is'\n"
          "complete -c seatrial -n __fish_use_subcommand -l version -d 'the version'\n",
          out);
    for (size_t i = 0; commands[i]; i++) {
        const struct command *c = commands[i];
        const char *second = second_word(c->name);
        if (is_first(i)) {
            fprintf(out, "complete -c seatrial -n __fish_use_subcommand -a %.*s -d ",
                    first_length(c->name), c->name);
            fish_text(out, second ? "what is in a trace, or a new one" : c->summary);
            fputc('\n', out);
        }
        if (second) {
            fprintf(out,
                    "complete -c seatrial -n '__fish_seen_subcommand_from %.*s; and not "
                    "__fish_seen_subcommand_from",
                    first_length(c->name), c->name);
            for (size_t k = 0; commands[k]; k++)
                if (second_word(commands[k]->name) &&
                    strncmp(commands[k]->name, c->name, (size_t)first_length(c->name) + 1) == 0)
                    fprintf(out, " %s", second_word(commands[k]->name));
            fprintf(out, "' -a %s -d ", second);
            fish_text(out, c->summary);
            fputc('\n', out);
        }
        fish_options(out, c, c->options);
        fish_options(out, c, common_options);
        if (!*c->arguments) continue;
        fish_begin(out, c);
        fish_wanted(out, c->arguments, false);
        fputc('\n', out);
    }
}

bool completion_write(const char *shell, FILE *out)
{
    if (strcmp(shell, "fish") == 0) completion_fish(out);
    else if (strcmp(shell, "bash") == 0) completion_bash(out);
    else if (strcmp(shell, "zsh") == 0) completion_zsh(out);
    else return false;
    return true;
}
