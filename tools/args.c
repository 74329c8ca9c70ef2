/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/args.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/diagnostics.h"
#include "tools/shell_word.h"

const struct option_spec common_options[] = {
    { 'h', "help", NULL, false, "show this help", NULL },
    { 0, "color", "WHEN", false, "colour on a terminal, where NO_COLOR is not set", "colours" },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command *args_find_command(int argc, char **argv, int *words)
{
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name, *space = strchr(name, ' ');
        size_t first = space ? (size_t)(space - name) : strlen(name);
        if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], name, first) != 0) continue;
        if (space && (argc < 2 || strcmp(argv[1], space + 1) != 0)) continue;
        *words = space ? 2 : 1;
        return commands[i];
    }
    return NULL;
}

bool args_is_group(const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; commands[i]; i++)
        if (strncmp(commands[i]->name, word, n) == 0 && commands[i]->name[n] == ' ') return true;
    return false;
}

void args_unknown(const char *kind, const char *text, const char *const *words, size_t n,
                  const char *help)
{
    const char *near = nearest_word(text, words, n);
    fprintf(stderr, "seatrial: error: unknown %s '", kind);
    for (const char *c = text; *c; c++)
        fputc((unsigned char)*c < 32 || *c == 127 ? '?' : *c, stderr);
    fputs("'", stderr);
    if (near) fprintf(stderr, ". Did you mean '%s'?", near);
    fprintf(stderr, "\n  see: %s\n", help);
}

static const struct option_spec *find_option(const struct command *command, const char *name,
                                             size_t n, char letter)
{
    const struct option_spec *tables[] = { command->options, common_options };
    for (int t = 0; t < 2; t++)
        for (const struct option_spec *o = tables[t]; o && o->name; o++)
            if (letter ? o->letter == letter
                       : strlen(o->name) == n && strncmp(o->name, name, n) == 0)
                return o;
    return NULL;
}

static void unknown_option(const struct command *command, const char *text)
{
    const char *names[128];
    char flags[128][48], help[128];
    size_t n = 0;
    const struct option_spec *tables[] = { command->options, common_options };
    for (int t = 0; t < 2; t++)
        for (const struct option_spec *o = tables[t]; o && o->name && n < 128; o++, n++) {
            snprintf(flags[n], sizeof flags[n], "--%s", o->name);
            names[n] = flags[n];
        }
    snprintf(help, sizeof help, "seatrial %s --help", command->name);
    args_unknown("option", text, names, n, help);
}

static char *command_line(const struct command *command, int argc, char **argv)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    fprintf(out, "seatrial %s", command->name);
    for (int i = 0; i < argc; i++) {
        fputc(' ', out);
        shell_word(out, argv[i]);
    }
    return fclose(out) == 0 ? text : NULL;
}

static bool take_option(struct invocation *in, const struct option_spec *option, const char *text,
                        const char *attached, int *i)
{
    const char *value = "";
    if (option->argument) {
        if (attached) value = attached;
        else if (*i + 1 < in->argc) value = in->argv[++*i];
        else {
            command_usage("option %s wants a value: --%s %s", text, option->name, option->argument);
            return false;
        }
    } else if (attached) {
        command_usage("option --%s takes no value", option->name);
        return false;
    }
    for (size_t g = 0; g < in->given_n; g++)
        if (in->given[g].option == option && option->argument && !option->many) {
            command_usage("option --%s is given twice", option->name);
            return false;
        }
    in->given[in->given_n].option = option;
    in->given[in->given_n++].value = value;
    return true;
}

bool args_parse(struct invocation *in, const struct command *command, int words, int argc,
                char **argv)
{
    bool ok = true, plain = false;
    memset(in, 0, sizeof *in);
    in->command = command;
    in->argc = argc - words;
    in->argv = argv + words;
    in->arguments = calloc((size_t)argc + 1, sizeof *in->arguments);
    in->given = calloc((size_t)argc * 16 + 1, sizeof *in->given);
    in->line = command_line(command, in->argc, in->argv);
    if (!in->arguments || !in->given || !in->line) {
        struct error err;
        error_set(&err, STATUS_NO_MEMORY, "out of memory");
        command_fail(&err);
        return false;
    }
    for (int i = 0; i < in->argc; i++) {
        const char *text = in->argv[i];
        if (plain || text[0] != '-' || text[1] == '\0') {
            in->arguments[in->argument_n++] = text;
        } else if (strcmp(text, "--") == 0) {
            plain = true;
        } else if (text[1] == '-') {
            const char *equals = strchr(text, '=');
            size_t n = equals ? (size_t)(equals - text - 2) : strlen(text + 2);
            const struct option_spec *option = find_option(command, text + 2, n, 0);
            if (!option) {
                char bare[256];
                snprintf(bare, sizeof bare, "%.*s", (int)n + 2, text);
                unknown_option(command, bare);
                ok = false;
            } else {
                ok &= take_option(in, option, text, equals ? equals + 1 : NULL, &i);
            }
        } else {
            /* -abc: flags together; -oFILE: the rest is the value. */
            for (int k = 1; text[k]; k++) {
                char bare[3] = { '-', text[k], '\0' };
                const struct option_spec *option = find_option(command, NULL, 0, text[k]);
                if (!option) {
                    unknown_option(command, bare);
                    ok = false;
                    break;
                }
                bool rest = option->argument && text[k + 1];
                ok &= take_option(in, option, bare, rest ? text + k + 1 : NULL, &i);
                if (option->argument) break;
            }
        }
    }
    if (!ok || invocation_flag(in, "help")) return ok;
    const char *colour = invocation_option(in, "color");
    if (colour && strcmp(colour, "auto") != 0 && strcmp(colour, "always") != 0 &&
        strcmp(colour, "never") != 0) {
        command_usage("--color is auto, always or never, not '%s'", colour);
        return false;
    }
    if (in->argument_n < command->least || in->argument_n > command->most) {
        command_usage("%s: usage: seatrial %s %s",
                      in->argument_n < command->least ? "an argument is missing"
                                                      : "too many arguments",
                      command->name, command->arguments);
        return false;
    }
    return true;
}

void args_free(struct invocation *in)
{
    free(in->arguments);
    free(in->given);
    free(in->line);
}

const char *invocation_option_at(const struct invocation *in, const char *name, size_t i)
{
    for (size_t g = 0; g < in->given_n; g++)
        if (strcmp(in->given[g].option->name, name) == 0 && i-- == 0) return in->given[g].value;
    return NULL;
}

const char *invocation_option(const struct invocation *in, const char *name)
{
    const char *value = NULL;
    for (size_t g = 0; g < in->given_n; g++)
        if (strcmp(in->given[g].option->name, name) == 0) value = in->given[g].value;
    return value;
}

bool invocation_flag(const struct invocation *in, const char *name)
{
    return invocation_option(in, name) != NULL;
}
size_t invocation_argument_n(const struct invocation *in) { return in->argument_n; }
const char *invocation_argument(const struct invocation *in, size_t i) { return in->arguments[i]; }
const char *invocation_line(const struct invocation *in) { return in->line; }

int invocation_colour(const struct invocation *in, FILE *stream)
{
    const char *when = invocation_option(in, "color"), *none = getenv("NO_COLOR"),
               *term = getenv("TERM");
    if (when && strcmp(when, "always") == 0) return 1;
    if (when && strcmp(when, "never") == 0) return 0;
    return isatty(fileno(stream)) && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}

bool option_int64(const struct invocation *in, const char *name, long long least, long long most,
                  long long *value)
{
    const char *text = invocation_option(in, name);
    char *end;
    if (!text) return true;
    errno = 0;
    long long x = strtoll(text, &end, 10);
    if (errno || end == text || *end || x < least || x > most) {
        command_usage("--%s wants a whole number from %lld to %lld, not '%s'", name, least, most,
                      text);
        return false;
    }
    *value = x;
    return true;
}

bool option_double(const struct invocation *in, const char *name, double least, double most,
                   double *value)
{
    const char *text = invocation_option(in, name);
    char *end;
    if (!text) return true;
    errno = 0;
    double x = strtod(text, &end);
    if (errno || end == text || *end || !isfinite(x) || x < least || x > most) {
        command_usage("--%s wants a number from %g to %g, not '%s'", name, least, most, text);
        return false;
    }
    *value = x;
    return true;
}
