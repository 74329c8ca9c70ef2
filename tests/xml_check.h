/* SPDX-License-Identifier: Apache-2.0 */
/* Whether text is a well-formed XML document (as far as our pages and pictures use XML), in one
 * pass. */
#ifndef TESTS_XML_CHECK_H
#define TESTS_XML_CHECK_H

#include <stddef.h>

/* Called for every start tag (attribute NULL) and then for each of its attributes; values as
 * written. */
typedef void xml_visit(void *arg, const char *element, const char *attribute, const char *value);

/* NULL, or what is wrong and where, in a static buffer. Checked: nesting, one root, quoted unique
 * attributes, no `<` in values, known entities, UTF-8, no character that XML forbids, no id twice.
 */
const char *xml_trouble(const char *text, xml_visit *visit, void *arg);

#endif
