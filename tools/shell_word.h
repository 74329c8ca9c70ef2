/* SPDX-License-Identifier: Apache-2.0 */
/* Names as words of a POSIX shell's command line. */
#ifndef TOOLS_SHELL_WORD_H
#define TOOLS_SHELL_WORD_H

#include <stdio.h>

/* In single quotes, whatever it holds. */
void shell_quote(FILE *out, const char *text);
/* Bare where it is harmless, else in single quotes. */
void shell_word(FILE *out, const char *text);
/* The same for people to read and paste: what could do harm on a terminal is escaped. */
void shell_word_shown(FILE *out, const char *text);

#endif
