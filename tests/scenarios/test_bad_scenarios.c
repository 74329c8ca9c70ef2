/* SPDX-License-Identifier: Apache-2.0 */
/* Each bad scenario of tests/scenarios/bad against the words it must get: every error at once, exit
 * 2, nothing run. */
#include "tests/support.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *name)
{
    char command[2000], expected_path[300], *out, *err, *program = realpath(seatrial_path(), NULL);
    size_t n;
    assert_non_null(program);
    snprintf(command, sizeof command, "cd '%s' && timeout 20 '%s' check %s.yaml",
             root_path("tests/scenarios/bad"), program, name);
    int status = run_command(command, &out, &err);
    snprintf(expected_path, sizeof expected_path, "tests/scenarios/bad/%s.out", name);
    char *expected = read_file(root_path(expected_path), &n);
    if (status != 2 || strcmp(err, expected) != 0 || *out)
        fail_msg("%s: exit %d\n--- got\n%s--- expected\n%s", name, status, err, expected);
    assert_true(n > 40 && strstr(expected, "Nothing was run."));
    assert_null(strchr(err, '\033'));
    free(expected);
    free(out);
    free(err);
    free(program);
}

static void every_bad_scenario(void **state)
{
    int n = 0;
    (void)state;
    DIR *folder = opendir(root_path("tests/scenarios/bad"));
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[200];
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".yaml") != 0) continue;
        snprintf(name, sizeof name, "%.*s", (int)(length - 5), entry->d_name);
        check(name);
        n++;
    }
    closedir(folder);
    assert_int_equal(n, 50);
}

/* What ships is right. */
static void shipped_scenarios_are_good(void **state)
{
    char command[600], *out, *err;
    (void)state;
    snprintf(command, sizeof command,
             "cd '%s' && for f in scenarios/*.yaml examples/*.yaml; do %s check $f || exit 1; done",
             root_path("."), seatrial_path());
    if (run_command(command, &out, &err) != 0) fail_msg("%s", err);
    assert_string_equal(err, "");
    free(out);
    free(err);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_bad_scenario),
                                        cmocka_unit_test(shipped_scenarios_are_good) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
