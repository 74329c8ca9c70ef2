/* SPDX-License-Identifier: Apache-2.0 */
/* Text set in lines. */
#ifndef TOOLS_WORDS_H
#define TOOLS_WORDS_H

#include <stdio.h>

/* Writes the words of text from column `at` on, in lines of at most `width` columns where they fit,
 * each further line beginning at column `left`; returns the column behind the last word. */
size_t words_put(FILE *out, const char *text, size_t at, size_t left, size_t width);

#endif
