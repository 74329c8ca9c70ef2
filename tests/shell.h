/* SPDX-License-Identifier: Apache-2.0 */
/* Commands as a person types them, and what they leave behind. In each, "$S" is the program, "$R"
 * the root of the sources and "$D" the scratch folder, in which it runs.
 */
#ifndef TESTS_SHELL_H
#define TESTS_SHELL_H

#include <jansson.h>
#include <sqlite3.h>

/* Lines that stand before every command from now on; a terminal of 100 columns where nothing is
 * said. Not copied. */
void sh_prelude(const char *lines);
/* The exit status; out, err: what was printed, malloc'd, may be NULL. */
int sh(const char *command, char **out, char **err);

/* Fails the test where the command exits otherwise, or does not print what it is to (NULL: any). */
void says(const char *command, int code, const char *in_out, const char *in_err);
#define EXITS(command, code) says(command, code, NULL, NULL)
/* What a command prints; the caller's. Fails the test where it exits with another code than 0. */
json_t *json_of(const char *command);

/* The first cell of a query's first row. */
sqlite3_int64 sql(const char *path, const char *query);
/* The same as text, in a static buffer. Opened for writing, as sqlite3 does, so that what a killed
 * run left in its journal is undone. */
const char *sql_text(const char *path, const char *query);

#endif
