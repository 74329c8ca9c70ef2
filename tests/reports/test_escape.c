/* SPDX-License-Identifier: Apache-2.0 */
/* Names from outside in HTML, CSV, Markdown and on a terminal: nothing breaks out, nothing is lost
 * silently. */
#include "reports/escape.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

struct pair {
    const char *in, *out;
};

static void check(void (*escape)(FILE *, const char *), const struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        assert_non_null(out);
        escape(out, pairs[i].in);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(text, pairs[i].out);
        free(text);
    }
}
#define CHECK(escape, pairs) check(escape, pairs, sizeof pairs / sizeof *pairs)

static void test_html(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "", "" },
        { "plain a100_80gb", "plain a100_80gb" },
        { "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
        { "a & b &amp; \"c\" 'd'", "a &amp; b &amp;amp; &quot;c&quot; &#39;d&#39;" },
        { "\" onload=\"x", "&quot; onload=&quot;x" },
        { "]]><!--", "]]&gt;&lt;!--" },
        { "tab\tnew\nline\r\033[2J\x7f", "tab" BAD "new" BAD "line" BAD BAD "[2J" BAD },
        { "Zürich 東京 😀", "Zürich 東京 😀" },
    };
    CHECK(escape_html, pairs);
}

/* Unicode 15, table 3-7: overlong forms, surrogates, what lies beyond U+10FFFF, ends cut off; each
 * byte that cannot begin a character is replaced by itself. */
static void test_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "\xff"
          "a",
          BAD "a" },
        { "\x80", BAD },
        { "\xc0\xaf", BAD BAD },
        { "\xc3", BAD },
        { "\xe2\x82", BAD BAD },
        { "\xe0\x80\xaf", BAD BAD BAD },
        { "\xed\xa0\x80", BAD BAD BAD },
        { "\xf0\x80\x80\xaf", BAD BAD BAD BAD },
        { "\xf4\x90\x80\x80", BAD BAD BAD BAD },
        { "\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd" },
        { "\xf0\x9f\x98", BAD BAD BAD },
        { "\xc3<", BAD "&lt;" },
    };
    CHECK(escape_html, pairs);
}

static void test_characters_that_act(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "\xc2\x9b"
          "2J",
          BAD "2J" },               /* C1: CSI in one character */
        { "\xc2\x85", BAD },        /* NEL */
        { "\xc2\xa0", "\xc2\xa0" }, /* no-break space is text */
        { "abc\xe2\x80\xae"
          "fed",
          "abc" BAD "fed" },                                 /* right-to-left override */
        { "\xe2\x81\xa6x\xe2\x81\xa9", BAD "x" BAD },        /* isolates */
        { "\xe2\x80\x8f\xe2\x80\x8e\xd8\x9c", BAD BAD BAD }, /* direction marks */
        { "\xe2\x80\xa8\xe2\x80\xa9", BAD BAD },             /* line and paragraph separators */
        { "\xef\xbf\xbe\xef\xbf\xbf", BAD BAD },             /* not allowed in XML */
        { "\xef\xbf\xbc\xef\xbf\xbd", "\xef\xbf\xbc" BAD },
        { "\xe2\x80\x93", "\xe2\x80\x93" }, /* a dash is text */
    };
    CHECK(escape_html, pairs);
    CHECK(escape_terminal, pairs);
}

static void test_csv(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "", "" },
        { "base", "base" },
        { "two words", "two words" },
        { "a,b", "\"a,b\"" },
        { "a;b", "\"a;b\"" },
        { "say \"hi\"", "\"say \"\"hi\"\"\"" },
        { "=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"" },
        { "+1", "\"'+1\"" },
        { "-1", "\"'-1\"" },
        { "@SUM(A1)", "\"'@SUM(A1)\"" },
        { "\t=1", "\"'" BAD "=1\"" },
        { "\r=1", "\"'" BAD "=1\"" },
        { "\n=1", "\"'" BAD "=1\"" },
        { "\uff1d"
          "1",
          "\"'\uff1d"
          "1\"" },
        { "a=1", "a=1" },
        { "line\nbreak", "\"line" BAD "break\"" },
        { "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"" },
    };
    CHECK(escape_csv, pairs);
}

static void test_markdown(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "base", "base" },
        { "a|b", "a\\|b" },
        { "<img src=x>", "\\<img src=x\\>" },
        { "[x](http://y)", "\\[x\\]\\(http://y\\)" },
        { "**b** `c` a_b ~d~ &amp; $e$", "\\*\\*b\\*\\* \\`c\\` a\\_b \\~d\\~ \\&amp; \\$e\\$" },
        { "\\", "\\\\" },
        { "x\n| y", "x" BAD "\\| y" },
    };
    CHECK(escape_markdown, pairs);
}

static void test_terminal(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "base <b> & 'c'", "base <b> & 'c'" },
        { "\033]0;title\a", BAD "]0;title" BAD },
        { "\033[31mred", BAD "[31mred" },
        { "a\b\b\bx\r\n", "a" BAD BAD BAD "x" BAD BAD },
    };
    CHECK(escape_terminal, pairs);
}

/* A column is as wide as what escape_terminal writes has characters. */
static void test_width(void **state)
{
    (void)state;
    assert_int_equal(escape_width(""), 0);
    assert_int_equal(escape_width("base"), 4);
    assert_int_equal(escape_width("Zürich"), 6);
    assert_int_equal(escape_width("$1 \u00b1 2"), 6);
    assert_int_equal(escape_width("\033[2J"), 4);
    assert_int_equal(escape_width("\xff\xfe"), 2);
    assert_int_equal(escape_width("\xe2\x82"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_bytes_that_are_not_utf8),
        cmocka_unit_test(test_characters_that_act),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_terminal),
        cmocka_unit_test(test_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
