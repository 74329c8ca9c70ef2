/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside on its way out. Each writes to a stream; bytes that are not UTF-8, control
 * characters, marks that reverse the direction of text and what XML forbids become U+FFFD, so that
 * no output is ever broken by a name.
 */
#ifndef REPORTS_ESCAPE_H
#define REPORTS_ESCAPE_H

#include <stdio.h>

/* For HTML and XML, in text and in quoted attributes. */
void escape_html(FILE *out, const char *text);
/* One CSV field, quoted where it must be. A field that a spreadsheet would read as a formula (it
 * begins with = + - @, also full-width, tab or return) gets a leading apostrophe. */
void escape_csv(FILE *out, const char *text);
/* A cell of a Markdown table. */
void escape_markdown(FILE *out, const char *text);
/* For a terminal: no control byte, no escape sequence. */
void escape_terminal(FILE *out, const char *text);

/* Bytes of the character at text[0] (text is not empty); 0: it is broken or one that is replaced.
 */
int escape_length(const char *text);
/* The most bytes of text, at most `most`, that do not end inside a character: for "%.*s". */
int escape_cut(const char *text, int most);
/* Columns a terminal needs for text after escape_terminal: one a character. */
int escape_width(const char *text);

#endif
