/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/diagnostics.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static char *printed(const struct diagnostics *list, int colour, const char *closing)
{
    static char *text; /* static: gcc 12 takes the stream's buffer for a dangling local */
    static size_t n;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    diagnostics_print(list, out, colour, closing);
    fclose(out);
    return text;
}

static void check_print(const struct diagnostic *items, size_t n, const char *expected)
{
    struct diagnostics list;
    diagnostics_init(&list);
    for (size_t i = 0; i < n; i++) diagnostics_add(&list, &items[i]);
    char *text = printed(&list, 0, "Nothing was run.");
    assert_string_equal(text, expected);
    free(text);
    diagnostics_free(&list);
}

static void test_layout_order_and_closing(void **state)
{
    (void)state;
    struct diagnostic items[] = {
        { .file = "b.yaml",
          .line = 53,
          .column = 3,
          .width = 6,
          .source_line = "  warmup: 12 h",
          .message = "'warmup' is set twice in run",
          .other_line = 51,
          .other_source_line = "  warmup: 24 h" },
        { .file = "b.yaml",
          .line = 12,
          .column = 13,
          .width = 2,
          .source_line = "  p95_wait: 15",
          .message = "'p95_wait' has no unit",
          .hint = "did you mean '15 min'?" },
        { .file = "b.yaml",
          .line = 32,
          .column = 9,
          .width = 5,
          .source_line = "        coutn: 8",
          .message = "unknown key 'coutn'",
          .note = "known keys: a, b" },
    };
    check_print(items, 3,
                "b.yaml:12:13: error: 'p95_wait' has no unit\n"
                "   12 |   p95_wait: 15\n"
                "      |             ^^ did you mean '15 min'?\n"
                "\n"
                "b.yaml:32:9: error: unknown key 'coutn'\n"
                "   32 |         coutn: 8\n"
                "      |         ^^^^^\n"
                "      = known keys: a, b\n"
                "\n"
                "b.yaml:53:3: error: 'warmup' is set twice in run\n"
                "   53 |   warmup: 12 h\n"
                "      |   ^^^^^^\n"
                "   51 |   warmup: 24 h   <- first set here\n"
                "\n"
                "3 errors in b.yaml. Nothing was run.\n");
}

static void test_files_and_warnings(void **state)
{
    (void)state;
    struct diagnostic items[] = {
        { .file = "z.yaml", .message = "one" },
        { .file = "a.csv", .message = "two" },
        { .severity = SEVERITY_WARNING,
          .file = "z.yaml",
          .line = 4,
          .message = "three",
          .hint = "so" },
    };
    check_print(
        items, 3,
        "z.yaml: error: one\n\nz.yaml:4: warning: three\n      = so\n\na.csv: error: two\n\n"
        "2 errors in 2 files. Nothing was run.\n");
    struct diagnostic input = { .file = "-", .line = 1, .column = 1, .width = 1, .message = "odd" };
    check_print(&input, 1, "<stdin>:1:1: error: odd\n\n1 error in <stdin>. Nothing was run.\n");
    input.severity = SEVERITY_WARNING;
    check_print(&input, 1, "<stdin>:1:1: warning: odd\n\n");
}

static void test_hostile_text(void **state)
{
    (void)state;
    struct diagnostic d = { .file = "x\033[2J.yaml",
                            .line = 1,
                            .column = 6,
                            .width = 3,
                            .source_line = "a\tb\033c\x80"
                                           "d\xe2\x80\xae!",
                            .message = "new\nline \xc2\x9b",
                            .hint = "\r" };
    check_print(&d, 1,
                "x\\x1b[2J.yaml:1:6: error: new\\nline \\u009b\n"
                "    1 | a\\tb\\x1bc\\x80d\\u202e!\n"
                "      |          ^^^^^^^^^^^ \\r\n\n"
                "1 error in x\\x1b[2J.yaml. Nothing was run.\n");
}

static void test_wide_characters_line_up(void **state)
{
    (void)state;
    /* n a-umlaut, two wide ideographs, a combining acute: columns 1, 1, 2, 2, 0, then the mark. */
    struct diagnostic d = { .file = "w",
                            .line = 7,
                            .column = 6,
                            .width = 2,
                            .source_line = "n\xc3\xa4\xe6\xbc\xa2\xe5\xad\x97\xcc\x81XY",
                            .message = "m" };
    check_print(&d, 1,
                "w:7:6: error: m\n"
                "    7 | n\xc3\xa4\xe6\xbc\xa2\xe5\xad\x97\xcc\x81XY\n"
                "      |       ^^\n\n"
                "1 error in w. Nothing was run.\n");
}

static void test_long_line_is_cut_around_the_mark(void **state)
{
    (void)state;
    char *line = malloc(5000001);
    assert_non_null(line);
    memset(line, 'a', 5000000);
    line[5000000] = '\0';
    memcpy(line + 3000000, "BAD", 3);
    struct diagnostic d = {
        .file = "l", .line = 1, .column = 3000001, .width = 3, .source_line = line, .message = "m"
    };
    struct diagnostics list;
    diagnostics_init(&list);
    for (int i = 0; i < 300; i++) diagnostics_add(&list, &d);
    assert_int_equal(list.n, DIAGNOSTICS_MAX);
    assert_int_equal(list.errors, 300);
    assert_int_equal(list.dropped, 100);
    assert_true(strlen(list.items[0].source_line) <= 1000);
    char *text = printed(&list, 0, NULL);
    char *mark = strstr(text, "^^^"), *bad = strstr(text, "BAD"), *start = strchr(text, '\n') + 1;
    assert_non_null(mark);
    char *second = strchr(start, '\n') + 1;
    assert_int_equal(bad - start, mark - second);
    assert_true(bad - start < 100);
    assert_non_null(strstr(text, "\n100 more messages are not shown\n"));
    free(text);
    free(line);
    diagnostics_free(&list);
}

static void test_colour(void **state)
{
    (void)state;
    struct diagnostics list;
    diagnostics_init(&list);
    diagnostics_add(
        &list,
        &(struct diagnostic){
            .file = "c", .line = 1, .column = 1, .width = 1, .source_line = "k", .message = "m" });
    char *text = printed(&list, 1, NULL);
    assert_string_equal(
        text,
        "\033[1mc:1:1:\033[0m \033[1;31merror:\033[0m m\n"
        "\033[34m    1 |\033[0m k\n\033[34m      |\033[0m \033[1;32m^\033[0m\n\n1 error in c.\n");
    free(text);
    diagnostics_free(&list);
}

static void test_nearest_word(void **state)
{
    (void)state;
    static const char *const words[] = { "scheduler", "placement", "spot", "nodes", "abc", "fifo" };
    assert_string_equal(nearest_word("sheduler", words, 6), "scheduler");
    assert_string_equal(nearest_word("schedluer", words, 6), "scheduler");
    assert_string_equal(nearest_word("spots", words, 6), "spot");
    assert_string_equal(nearest_word("FIFO", words, 6), "fifo");
    assert_string_equal(nearest_word("ndoes", words, 6), "nodes");
    assert_null(nearest_word("coutn", words, 6)); /* 5 letters allow one edit */
    assert_null(nearest_word("ca", words, 6));    /* distance 3 by optimal string alignment */
    assert_null(nearest_word("", words, 6));
    assert_null(nearest_word("x", words, 6));
    assert_null(nearest_word("anything", words, 0));
    char huge[200];
    memset(huge, 'a', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_null(nearest_word(huge, words, 6));
}

static void test_utf8(void **state)
{
    (void)state;
    const char *good = "\xf0\x9f\x98\x80";
    assert_int_equal(utf8_next(&good), 0x1f600);
    assert_int_equal(*good, 0);
    static const char *const bad[] = { "\xc0\x80",     "\xe0\x80\x80",
                                       "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                       "\xf0\x9f\x98", "\x80",
                                       "\xff" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *at = bad[i];
        assert_int_equal(utf8_next(&at), -1);
        assert_ptr_equal(at, bad[i] + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_order_and_closing),
        cmocka_unit_test(test_files_and_warnings),
        cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_wide_characters_line_up),
        cmocka_unit_test(test_long_line_is_cut_around_the_mark),
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_nearest_word),
        cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
