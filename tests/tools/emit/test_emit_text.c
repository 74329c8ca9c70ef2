/* SPDX-License-Identifier: Apache-2.0 */
/* Names that nobody has looked at, in values, names and comments. */
#include "tests/support.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "sim/random.h"
#include "tools/emit/emit_text.h"

static void comment_is(const char *text, const char *expected)
{
    char out[EMIT_COMMENT_MAX];
    emit_comment(text, 100, out);
    assert_string_equal(out, expected);
}

static void test_comments(void **state)
{
    (void)state;
    comment_is("Höhe 高さ #1", "Höhe 高さ #1");
    comment_is("a\nb\rc\td", "a?b?c?d");
    comment_is("a\xc2\x85"
               "b\xe2\x80\xa8"
               "c\xe2\x80\xa9"
               "d\xe2\x80\xae"
               "e",
               "a?b?c?d?e");
    comment_is("ends in \\", "ends in ?");
    comment_is("\xff\xc0\x80\xed\xa0\x80", "??????");
    char longer[400], out[EMIT_COMMENT_MAX];
    memset(longer, 'x', sizeof longer);
    longer[399] = 0;
    emit_comment(longer, 100, out);
    assert_int_equal(strlen(out), 100);
    assert_string_equal(out + 97, "...");
}

static void test_quoted(void **state)
{
    (void)state;
    assert_string_equal(emit_yaml("a\"b\\c\nd: # e").s, "\"a\\\"b\\\\c\\u000Ad: # e\"");
    assert_string_equal(emit_yaml("\xe2\x80\xa8").s, "\"\\u2028\"");
    assert_string_equal(emit_yaml("\xff").s, "");
    assert_string_equal(emit_yaml("").s, "\"\"");
    assert_string_equal(emit_hcl("${file(\"x\")} %{ if } $${a} 5% $").s,
                        "\"$${file(\\\"x\\\")} %%{ if } $$${a} 5% $\"");
}

/* What libyaml reads is what was written; a line is one line. */
static void test_yaml_comes_back(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "a",  "\"", "\\",       "\n",           "\t",   ": ", " #",
        "- ", "%",  "\xc3\xbc", "\xe2\x80\xa9", "\x7f", "{",  "'"
    };
    struct random_key key = random_key(7, 0);
    for (uint64_t i = 0; i < 20000; i++) {
        char text[100] = "";
        for (uint64_t k = 0; k < 12; k++)
            strcat(text, parts[random_u64(key, RANDOM_TEST, i, (uint32_t)k) %
                               (sizeof parts / sizeof *parts)]);
        struct emit_text quoted = emit_yaml(text);
        yaml_parser_t parser;
        yaml_event_t event;
        bool found = false;
        assert_null(strchr(quoted.s, '\n'));
        assert_true(yaml_parser_initialize(&parser));
        yaml_parser_set_input_string(&parser, (const unsigned char *)quoted.s, strlen(quoted.s));
        for (bool end = false; !end;) {
            assert_true(yaml_parser_parse(&parser, &event));
            end = event.type == YAML_STREAM_END_EVENT;
            if (event.type == YAML_SCALAR_EVENT) {
                assert_string_equal((const char *)event.data.scalar.value, text);
                found = true;
            }
            yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
        assert_true(found);
    }
}

static bool is_slug(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n < EMIT_SLUG_MAX && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n &&
           s[0] >= 'a' && s[n - 1] != '-' && !strstr(s, "--");
}

static void test_slugs(void **state)
{
    (void)state;
    static const char *const names[] = { "a-b",
                                         "ab",
                                         "A B",
                                         "a--b",
                                         "",
                                         "\xff",
                                         "9",
                                         "n9",
                                         "ab-x2",
                                         "高さ",
                                         "-",
                                         "pool",
                                         "a-x2-b",
                                         "averyveryveryveryveryveryveryveryveryverylongname",
                                         "averyveryveryveryveryveryveryveryveryverylongname2" };
    enum { N = sizeof names / sizeof *names };
    char slugs[N][EMIT_SLUG_MAX];
    for (size_t i = 0; i < N; i++) {
        emit_slug(names[i], (const char(*)[EMIT_SLUG_MAX])slugs, i, slugs[i]);
        assert_true(is_slug(slugs[i]));
        for (size_t k = 0; k < i; k++) assert_string_not_equal(slugs[i], slugs[k]);
    }
    assert_string_equal(slugs[0], "a-b");
    assert_string_equal(slugs[1], "ab-x2");
    assert_string_equal(slugs[6], "n9");
}

static void test_names(void **state)
{
    (void)state;
    assert_true(emit_is_dns_name("a.b-c.9"));
    assert_false(emit_is_dns_name("a..b"));
    assert_false(emit_is_dns_name("-a"));
    assert_false(emit_is_dns_name("A"));
    assert_false(emit_is_dns_name("a\nb"));
    assert_true(emit_is_label_key("nvidia.com/gpu_x"));
    assert_false(emit_is_label_key("/a"));
    assert_false(emit_is_label_key("a/b/c"));
    assert_false(emit_is_label_key("a: b"));
    assert_true(emit_is_label_value(""));
    assert_true(emit_is_label_value("a.b_c-9"));
    assert_false(emit_is_label_value("a\""));
    assert_false(emit_is_label_value("a-"));
    assert_true(emit_is_word("p4d.24xlarge", 60));
    assert_false(emit_is_word("p4d 24xlarge", 60));
    assert_false(emit_is_word("aaa", 2));
}

static void test_durations(void **state)
{
    (void)state;
    assert_string_equal(emit_duration(0).s, "0s");
    assert_string_equal(emit_duration(INT64_C(2592000000000)).s, "720h");
    assert_string_equal(emit_duration(INT64_C(5400000000)).s, "1h30m");
    assert_string_equal(emit_duration(INT64_C(90000000)).s, "1m30s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comments),        cmocka_unit_test(test_quoted),
        cmocka_unit_test(test_yaml_comes_back), cmocka_unit_test(test_slugs),
        cmocka_unit_test(test_names),           cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
