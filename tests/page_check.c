/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/page_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reports/gnuplot.h"
#include "tests/support.h"
#include "tests/xml_check.h"

bool have_gnuplot(void)
{
    static int known = -1;
    if (known < 0) {
        char *path = gnuplot_find(NULL);
        known = path != NULL;
        free(path);
    }
    return known;
}

int count_of(const char *text, const char *word)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) n++;
    return n;
}

static void visit(void *arg, const char *element, const char *attribute, const char *value)
{
    char *trouble = arg;
    if (!attribute) {
        if (strcmp(element, "img") == 0 || strcmp(element, "iframe") == 0 ||
            strcmp(element, "link") == 0)
            snprintf(trouble, 100, "an element <%.40s>", element);
        return;
    }
    bool address = strcmp(attribute, "href") == 0 || strcmp(attribute, "xlink:href") == 0 ||
                   strcmp(attribute, "src") == 0;
    if ((address && *value != '#') || strncmp(attribute, "on", 2) == 0)
        snprintf(trouble, 100, "%.30s='%.50s'", attribute, value);
}

void check_page(const char *page, int charts)
{
    char trouble[100] = "";
    const char *wrong = xml_trouble(page, visit, trouble);
    if (wrong) fail_msg("%s", wrong);
    if (*trouble) fail_msg("%s", trouble);
    assert_int_equal(count_of(page, "<h1>"), 1);
    if (have_gnuplot() && charts >= 0) assert_int_equal(count_of(page, "class=\"chart\""), charts);
    assert_null(strstr(page, "@import"));
    assert_null(strstr(page, "url(h"));
    for (const unsigned char *c = (const unsigned char *)page; *c; c++)
        assert_true(*c >= ' ' || *c == '\n' || *c == '\t');
    /* No "nan" and no "inf" that is not part of a word. */
    for (const char *at = page; (at = strpbrk(at + 1, "ni")) != NULL;)
        if ((strncmp(at, "nan", 3) == 0 || strncmp(at, "inf", 3) == 0) &&
            !isalpha((unsigned char)at[3]) && !isalpha((unsigned char)at[-1]))
            fail_msg("%.80s", at - 20);
}

void expect(const char *page, const char *text)
{
    if (!strstr(page, text)) fail_msg("no '%s'", text);
}
