/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Same seed, same bytes, whatever the compiler, its flags or the machine: what the shipped
 * scenarios compute has the digests of tests/golden/digests.txt. This test runs in every build
 * there is (gcc -O3, sanitizers at -O1, clang). A change of the model changes them on purpose: look
 * at what changed, then SEATRIAL_GOLDEN=write make test-run writes the file anew.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/db_dump.h"
#include "tests/support.h"

static const char computed[] = "charge,job,metric,node,sample,tenant,wait_curve";

static const struct {
    const char *name, *line;
} runs[] = {
    { "small", "scenarios/small.yaml" },
    { "replay", "scenarios/replay.yaml" },
    { "main", "scenarios/main.yaml --replications 2" },
};

static char *path_of_digests(void) { return strdup(root_path("tests/golden/digests.txt")); }

static void the_shipped_scenarios(void **state)
{
    char *path = path_of_digests(), made[512] = "";
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        char command[2000], name[64], sha256[65], *program = realpath(seatrial_path(), NULL);
        snprintf(name, sizeof name, "%s.db", runs[i].name);
        snprintf(command, sizeof command, "cd '%s' && '%s' run %s -q -j 2 -o '%s' > /dev/null",
                 root_path("."), program, runs[i].line, scratch_path(name));
        assert_int_equal(run_command(command, NULL, NULL), 0);
        db_digest(scratch_path(name), computed, sha256);
        size_t n = strlen(made);
        snprintf(made + n, sizeof made - n, "%s %s\n", sha256, runs[i].name);
        free(program);
    }
    const char *mode = getenv("SEATRIAL_GOLDEN");
    if (mode && strcmp(mode, "write") == 0) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fputs(made, f);
        assert_int_equal(fclose(f), 0);
    }
    size_t n;
    char *golden = read_file(path, &n);
    assert_string_equal(made, golden);
    free(golden);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_shipped_scenarios) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
