/* SPDX-License-Identifier: Apache-2.0 */
/* Text inside a YAML document, so that a reader gets back these very bytes and nothing else. */
#ifndef TOOLS_SWEEP_YAML_TEXT_H
#define TOOLS_SWEEP_YAML_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/* Whether YAML can say it at all: UTF-8 without a zero byte. */
bool yaml_text_is_sayable(const char *text);
/* "a \"word\"": between double quotes; what does not print, or could end a line, is escaped. */
void yaml_text_quoted(FILE *out, const char *text);
/* The same behind "key: ", ended by a line end: as a block of lines for people, `indent` columns
 * in, where a block says it unchanged; else quoted. */
void yaml_text_block(FILE *out, int indent, const char *text);

#endif
