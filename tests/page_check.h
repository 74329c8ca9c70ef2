/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for the page of a plan, a sweep or a study, whatever it shows. */
#ifndef TESTS_PAGE_CHECK_H
#define TESTS_PAGE_CHECK_H

#include <stdbool.h>

/* Whether charts can be drawn here. */
bool have_gnuplot(void);
/* How often a word stands in a text. */
int count_of(const char *text, const char *word);
/* Well-formed, one heading, nothing fetched or run, no control bytes, no figure that is none; and
 * with so many charts where they can be drawn. charts -1: drawn without any. */
void check_page(const char *page, int charts);
/* Fails the test where the text is not on the page. */
void expect(const char *page, const char *text);

#endif
