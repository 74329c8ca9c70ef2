/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of the house: floors, headers, what the models may touch.
 *
 *     tools
 *     scenarios      reports        an include points down or stays; reports knows sim alone
 *     models
 *     sim
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support.h"

/* folder -> folders it may include. */
static const struct {
    const char *floor, *below;
} floors[] = {
    { "sim", "sim" },
    { "models", "sim models" },
    { "scenarios", "sim models scenarios" },
    { "reports", "sim reports" },
    { "tools", "sim models scenarios reports tools" },
};

static int may_include(const char *below, const char *floor)
{
    size_t n = strlen(floor);
    for (const char *at = below; *at; at += strcspn(at, " "), at += *at == ' ')
        if (strncmp(at, floor, n) == 0 && (at[n] == ' ' || at[n] == '\0')) return 1;
    return 0;
}

/* Calls look for each file of a floor, two folders deep. */
static int each_file(const char *floor, const char *suffix, void (*look)(const char *, void *),
                     void *context)
{
    static const char *const depths[] = { "*", "*/*" };
    int n = 0;
    for (int d = 0; d < 2; d++) {
        char pattern[400];
        glob_t found;
        snprintf(pattern, sizeof pattern, "%s/%s%s", root_path(floor), depths[d], suffix);
        if (glob(pattern, 0, NULL, &found) != 0) continue;
        for (size_t i = 0; i < found.gl_pathc; i++) look(found.gl_pathv[i], context);
        n += (int)found.gl_pathc;
        globfree(&found);
    }
    return n;
}

struct floor_check {
    const char *below;
    int quiet, wrong, includes;
};

static void look_at_includes(const char *path, void *context)
{
    struct floor_check *c = context;
    size_t n;
    char *text = read_file(path, &n);
    for (char *at = text; (at = strstr(at, "#include \"")) != NULL;) {
        char floor[64];
        at += strlen("#include \"");
        snprintf(floor, sizeof floor, "%.*s", (int)strcspn(at, "/\""), at);
        c->includes++;
        if (may_include(c->below, floor)) continue;
        if (!c->quiet) print_message("%s includes \"%.*s\"\n", path, (int)strcspn(at, "\""), at);
        c->wrong++;
    }
    free(text);
}

static void includes_point_down(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t f = 0; f < sizeof floors / sizeof *floors; f++) {
        struct floor_check c = { floors[f].below, 0, 0, 0 };
        assert_true(each_file(floors[f].floor, ".[ch]", look_at_includes, &c) >= 5);
        assert_true(c.includes > 5);
        wrong += c.wrong;
    }
    assert_int_equal(wrong, 0);
    /* The check can fail: seen from sim, the models point up. */
    struct floor_check c = { "sim", 1, 0, 0 };
    each_file("models", ".h", look_at_includes, &c);
    assert_true(c.wrong > 0);
}

static void look_at_licence(const char *path, void *context)
{
    size_t n;
    char *text = read_file(path, &n);
    if (strncmp(text, "/* SPDX-License-Identifier: Apache-2.0 */\n", 42) != 0) {
        print_message("%s does not begin with its licence\n", path);
        ++*(int *)context;
    }
    free(text);
}

static void files_name_their_licence(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t f = 0; f < sizeof floors / sizeof *floors; f++)
        each_file(floors[f].floor, ".[ch]", look_at_licence, &wrong);
    assert_int_equal(wrong, 0);
}

/* Whether the file of the same name includes a header before anything else: the build has compiled
 * it alone then. */
static int is_first_of_its_own(const char *header)
{
    char path[1024], first[1100];
    size_t n = strlen(header), root = strlen(root_path(""));
    snprintf(path, sizeof path, "%.*s.c", (int)(n - 2), header);
    if (access(path, R_OK) != 0) return 0;
    snprintf(first, sizeof first, "#include \"%s\"\n", header + root);
    char *text = read_file(path, &n), *include = strstr(text, "#include");
    int is = include && strncmp(include, first, strlen(first)) == 0;
    free(text);
    return is;
}

static void compile_alone(const char *path, void *context)
{
    char command[1200], *err;
    if (is_first_of_its_own(path)) return;
    snprintf(command, sizeof command,
             "echo '#include \"%s\"' | ${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror "
             "-fsyntax-only -I'%s' -x c -",
             path, root_path("."));
    if (run_command(command, NULL, &err) != 0) {
        print_message("%s\n", err);
        ++*(int *)context;
    }
    free(err);
}

static void headers_compile_alone(void **state)
{
    int wrong = 0, headers = 0;
    (void)state;
    if (getenv("SEATRIAL_SLOW")) skip(); /* what they are does not depend on the build */
    for (size_t f = 0; f < sizeof floors / sizeof *floors; f++)
        headers += each_file(floors[f].floor, ".h", compile_alone, &wrong);
    assert_true(headers > 50);
    assert_int_equal(wrong, 0);
}

/* What a shell line prints about the object files of sim/ and models/ in this build: nothing. nvcc
 * puts kernels' names into globals of its own. */
static void says_nothing(const char *what)
{
    char command[1600], *out, *build = strdup(seatrial_path()), *slash = strrchr(build, '/');
    if (slash) *slash = '\0';
    snprintf(
        command, sizeof command,
        "cd '%s' && test -s sim/events.o && find sim models -name '*.o' ! -name '*.cu.o' | xargs "
        "%s",
        build, what);
    assert_int_equal(run_command(command, &out, NULL), 0);
    if (*out) fail_msg("%s", out);
    free(out);
    free(build);
}

static void models_keep_no_globals(void **state)
{
    (void)state;
    if (getenv("SEATRIAL_SLOW")) skip(); /* sanitizers keep data of their own */
    says_nothing(
        "size -A | awk '$2 == \":\" { o = $1 } ($1 == \".data\" || $1 == \".bss\") && $2 > 0 { "
        "print o, $1, $2 }'");
}

static void models_never_print_or_exit(void **state)
{
    (void)state;
    says_nothing(
        "nm -u -A | awk '$3 ~ /^(printf|puts|putchar|fprintf|vprintf|perror|stdout|stderr|exit|"
        "abort|fopen|open|getenv|time|rand|srand)$/ { print $1, $3 }'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(includes_point_down),        cmocka_unit_test(files_name_their_licence),
        cmocka_unit_test(headers_compile_alone),      cmocka_unit_test(models_keep_no_globals),
        cmocka_unit_test(models_never_print_or_exit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
