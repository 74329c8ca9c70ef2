/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The examples of the documents are run, and print what they are said to print.
 *
 *     ```console    lines "$ command", each with its output; a line "..." stands for any lines
 *     ```sql        a query on the results of scenarios/small.yaml; the ```text that follows is its
 *                   output, as sqlite3 -header prints it
 *
 * A block under <!-- file: NAME --> becomes a file of the folder in which the document's commands
 * run, with the repository's scenarios/ in it. Scenarios among these files are good ones, but for
 * those called typo*.
 */
#include "tests/support.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/markdown.h"

static const char *const documents[] = { "models.md", "price-books.md", "results-format.md",
                                         "scenario-format.md", "trace-format.md" };
enum { DOCUMENT_N = sizeof documents / sizeof *documents };

/* A folder for one document's commands, until the next: "docs/trace-format.md" ->
 * ".../trace-format.md.d". */
static const char *workshop(const char *name)
{
    static char path[1200];
    char command[8000], *program = realpath(seatrial_path(), NULL),
                        *root = realpath(root_path("."), NULL);
    assert_true(program && root);
    snprintf(path, sizeof path, "%s.d", scratch_path(name));
    snprintf(command, sizeof command,
             "mkdir -p '%s/bin' && ln -sfn '%s/scenarios' '%s/scenarios' && ln -sfn '%s/examples' "
             "'%s/examples' && ln -sf '%s' '%s/bin/seatrial'",
             path, root, path, root, path, program, path);
    assert_int_equal(run_command(command, NULL, NULL), 0);
    free(program);
    free(root);
    return path;
}

/* Runs a command there; both streams in one. */
static int run_in(const char *folder, const char *command, char **out)
{
    char script[6000];
    snprintf(script, sizeof script,
             "cd '%s' && export PATH=\"$PWD/bin:$PATH\" LC_ALL=C.UTF-8 && unset NO_COLOR COLUMNS "
             "SEATRIAL_DATA && exec 2>&1\n%s\n",
             folder, command);
    return run_command(script, out, NULL);
}

/* Whether lines of text match those of pattern, in which "..." is any number of lines. */
static bool lines_match(const char *pattern, const char *text)
{
    while (*pattern) {
        size_t n = strcspn(pattern, "\n");
        const char *rest = pattern + n + (pattern[n] == '\n');
        if (n == 3 && strncmp(pattern, "...", 3) == 0) {
            for (;; text += strcspn(text, "\n"), text += *text == '\n') {
                if (lines_match(rest, text)) return true;
                if (!*text) return false;
            }
        }
        if (strncmp(pattern, text, n) != 0 || (text[n] && text[n] != '\n')) return false;
        text += n + (text[n] == '\n');
        pattern = rest;
    }
    return *text == '\0';
}

/* The length of the command at `text`: a line, and further ones after a backslash. */
static size_t command_length(const char *text)
{
    size_t n = strcspn(text, "\n");
    while (n > 0 && text[n] == '\n' && text[n - 1] == '\\') n += 1 + strcspn(text + n + 1, "\n");
    return n;
}

static int run_console(const char *document, const char *folder, const struct markdown_block *b)
{
    int n = 0;
    for (const char *at = b->text; *at; n++) {
        char command[3000], expected[6000], *out;
        if (strncmp(at, "$ ", 2) != 0)
            fail_msg("%s:%zu: a command begins with '$ ': %.60s", document, b->line, at);
        size_t length = command_length(at);
        snprintf(command, sizeof command, "%.*s", (int)length - 2, at + 2);
        at += length + (at[length] == '\n');
        const char *end = strncmp(at, "$ ", 2) == 0 ? at : strstr(at, "\n$ ");
        if (end && end != at) end++;
        if (!end) end = at + strlen(at);
        snprintf(expected, sizeof expected, "%.*s", (int)(end - at), at);
        at = end;
        int status = run_in(folder, command, &out);
        if (status != 0 || !lines_match(expected, out))
            fail_msg("%s:%zu: $ %s\nexit %d\n--- prints\n%s--- should print\n%s", document, b->line,
                     command, status, out, expected);
        free(out);
    }
    return n;
}

static void write_block(const char *document, const char *folder, const struct markdown_block *b)
{
    char path[900], command[1200], *out;
    size_t n = strlen(b->file);
    snprintf(path, sizeof path, "%s/%s", folder, b->file);
    write_text(path, b->text);
    if (n < 5 || strcmp(b->file + n - 5, ".yaml") != 0 || strncmp(b->file, "typo", 4) == 0) return;
    snprintf(command, sizeof command, "seatrial check -q %s", b->file);
    if (run_in(folder, command, &out) != 0)
        fail_msg("%s:%zu: %s is not good\n%s", document, b->line, b->file, out);
    assert_string_equal(out, "");
    free(out);
}

static void every_command_prints_what_is_shown(void **state)
{
    int commands = 0, scenarios = 0;
    (void)state;
    for (size_t d = 0; d < DOCUMENT_N; d++) {
        struct markdown m;
        char path[200];
        const char *folder = workshop(documents[d]);
        snprintf(path, sizeof path, "docs/%s", documents[d]);
        markdown_read(root_path(path), &m);
        for (size_t i = 0; i < m.block_n; i++) {
            const struct markdown_block *b = &m.blocks[i];
            if (*b->file) write_block(documents[d], folder, b);
            else if (strcmp(b->language, "console") == 0)
                commands += run_console(documents[d], folder, b);
            else if (strcmp(b->language, "yaml") == 0)
                fail_msg("%s:%zu: a scenario that nothing checks", documents[d], b->line);
            scenarios += strcmp(b->language, "yaml") == 0;
        }
        markdown_free(&m);
    }
    assert_true(commands >= 20);
    assert_true(scenarios >= 4);
}

/* The README's, too; what it shows of long outputs is in indented blocks, which are not run. */
static void the_readme_prints_what_is_shown(void **state)
{
    struct markdown m;
    int commands = 0;
    (void)state;
    const char *folder = workshop("README.md");
    markdown_read(root_path("README.md"), &m);
    for (size_t i = 0; i < m.block_n; i++)
        if (strcmp(m.blocks[i].language, "console") == 0)
            commands += run_console("README.md", folder, &m.blocks[i]);
    markdown_free(&m);
    assert_true(commands >= 2);
}

/* ---- SQL ---- */

/* The rows as sqlite3 -header prints them; malloc'd. */
static char *query_text(sqlite3 *db, const char *query)
{
    char *text = NULL;
    size_t n = 0;
    sqlite3_stmt *q;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    if (sqlite3_prepare_v2(db, query, -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query, sqlite3_errmsg(db));
    int columns = sqlite3_column_count(q);
    for (int c = 0; c < columns; c++)
        fprintf(out, "%s%s", sqlite3_column_name(q, c), c + 1 < columns ? "|" : "\n");
    while (sqlite3_step(q) == SQLITE_ROW)
        for (int c = 0; c < columns; c++) {
            const char *cell = (const char *)sqlite3_column_text(q, c);
            fprintf(out, "%s%s", cell ? cell : "", c + 1 < columns ? "|" : "\n");
        }
    assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void every_query_prints_what_is_shown(void **state)
{
    struct markdown m;
    sqlite3 *db;
    char command[1000];
    int queries = 0;
    (void)state;
    snprintf(command, sizeof command, "%s run %s -o %s -q", seatrial_path(),
             root_path("scenarios/small.yaml"), scratch_path("small.db"));
    assert_int_equal(run_command(command, NULL, NULL), 0);
    assert_int_equal(sqlite3_open_v2(scratch_path("small.db"), &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    markdown_read(root_path("docs/results-format.md"), &m);
    for (size_t i = 0; i < m.block_n; i++) {
        if (strcmp(m.blocks[i].language, "sql") != 0) continue;
        assert_true(i + 1 < m.block_n && strcmp(m.blocks[i + 1].language, "text") == 0);
        char *text = query_text(db, m.blocks[i].text);
        if (strcmp(text, m.blocks[i + 1].text) != 0)
            fail_msg("results-format.md:%zu prints\n%sand should print\n%s", m.blocks[i].line, text,
                     m.blocks[i + 1].text);
        free(text);
        queries++;
    }
    assert_int_equal(queries, 11);
    sqlite3_close(db);
    markdown_free(&m);
}

/* ---- JSON ---- */

/* Every key inside a value is named in the document, but for those under `metrics` and `status`,
 * which are names of metrics and statuses. */
static void keys_are_named(const char *document, const char *text, const json_t *value)
{
    const char *key;
    json_t *inside;
    size_t i;
    json_array_foreach((json_t *)value, i, inside) keys_are_named(document, text, inside);
    json_object_foreach((json_t *)value, key, inside)
    {
        if (!markdown_names(text, key)) fail_msg("%s does not describe the key %s", document, key);
        if (strcmp(key, "metrics") == 0)
            keys_are_named(document, text, json_object_iter_value(json_object_iter(inside)));
        else if (strcmp(key, "status") != 0) keys_are_named(document, text, inside);
    }
}

static void json_of(const char *document, const char *command)
{
    struct markdown m;
    char path[200], *out;
    json_error_t where;
    snprintf(path, sizeof path, "docs/%s", document);
    markdown_read(root_path(path), &m);
    if (run_in(workshop("json"), command, &out) != 0) fail_msg("%s: %s", command, out);
    json_t *value = json_loads(out, 0, &where);
    if (!value) fail_msg("%s: %s", command, where.text);
    keys_are_named(document, m.text, value);
    json_decref(value);
    free(out);
    markdown_free(&m);
}

static void every_key_of_json_is_described(void **state)
{
    (void)state;
    json_of("results-format.md", "seatrial run scenarios/small.yaml -o small.db -q --json");
    json_of("results-format.md", "seatrial list orders --json");
    json_of("trace-format.md", "seatrial trace stats scenarios/examples/itp-like.csv.gz --json");
    json_of("trace-format.md",
            "printf 'submit_s,run_s,gpus\\n5,0,1\\n3,2,1\\n' > j.csv; seatrial import --from csv "
            "j.csv -o k.csv --json");
}

/* ---- Links and options ---- */

/* GitHub's name of a heading: small letters, digits, hyphens for spaces. */
static void anchor_of(const char *heading, char *anchor, size_t size)
{
    char *to = anchor, *end = anchor + size - 1;
    for (heading += strspn(heading, "# "); *heading && to < end; heading++) {
        unsigned char c = (unsigned char)*heading;
        if (c >= 'A' && c <= 'Z') *to++ = (char)(c + 'a' - 'A');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
            *to++ = (char)c;
        else if (c == ' ') *to++ = '-';
    }
    *to = '\0';
}

static bool has_anchor(const char *path, const char *anchor)
{
    struct markdown m;
    char name[MARKDOWN_HEADING_SIZE];
    bool found = false;
    markdown_read(path, &m);
    for (size_t h = 0; h < m.heading_n; h++) {
        anchor_of(m.headings[h], name, sizeof name);
        found |= strcmp(name, anchor) == 0;
    }
    markdown_free(&m);
    return found;
}

static int check_links(const char *document, const char *text)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, "](")); n++) {
        char target[200], path[300];
        at += 2;
        snprintf(target, sizeof target, "%.*s", (int)strcspn(at, ")"), at);
        if (strncmp(target, "http", 4) == 0) continue;
        char *hash = strchr(target, '#');
        if (hash) *hash = '\0';
        snprintf(path, sizeof path, "docs/%s", *target ? target : document);
        if (access(root_path(path), R_OK) != 0) fail_msg("%s: there is no %s", document, path);
        if (hash && !has_anchor(root_path(path), hash + 1))
            fail_msg("%s: %s has no section '%s'", document, path, hash + 1);
    }
    return n;
}

static bool in_option(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Options the documents speak of, `--like this`, are options of some command; the manual writes
 * their hyphens with backslashes. */
static int check_options(const char *document, const char *text, const char *manual)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, "`--")); n++) {
        char option[100] = "", *to = option;
        for (at++; in_option(*at) && to < option + sizeof option - 3; at++) {
            if (*at == '-') *to++ = '\\';
            *to++ = *at;
        }
        *to = '\0';
        const char *found = strstr(manual, option);
        while (found && (in_option(found[strlen(option)]) || found[strlen(option)] == '\\'))
            found = strstr(found + 1, option);
        if (!found) fail_msg("%s: no command has %s", document, option);
    }
    return n;
}

static void links_lead_somewhere_and_options_are_real(void **state)
{
    int links = 0, options = 0;
    char *manual, command[600];
    (void)state;
    snprintf(command, sizeof command, "%s help --man", seatrial_path());
    assert_int_equal(run_command(command, &manual, NULL), 0);
    for (size_t d = 0; d < DOCUMENT_N; d++) {
        char path[200];
        size_t bytes;
        snprintf(path, sizeof path, "docs/%s", documents[d]);
        char *text = read_file(root_path(path), &bytes);
        links += check_links(documents[d], text);
        options += check_options(documents[d], text, manual);
        free(text);
    }
    assert_true(links > 50);
    assert_true(options > 20);
    free(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_prints_what_is_shown),
        cmocka_unit_test(the_readme_prints_what_is_shown),
        cmocka_unit_test(every_query_prints_what_is_shown),
        cmocka_unit_test(every_key_of_json_is_described),
        cmocka_unit_test(links_lead_somewhere_and_options_are_real),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
