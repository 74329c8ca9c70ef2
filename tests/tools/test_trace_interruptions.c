/* SPDX-License-Identifier: Apache-2.0 */
/* The command: its JSON against figures worked by hand, what it refuses, and that no name from a
 * file harms a terminal. What it prints for people is in docs/trace-format.md, which is run. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static int run(const char *arguments, char **out, char **err)
{
    char command[3000], *program = realpath(seatrial_path(), NULL);
    snprintf(command, sizeof command, "cd '%s' && '%s' trace interruptions %s", scratch_dir(),
             program, arguments);
    free(program);
    return run_command(command, out, err);
}

static void says(const char *arguments, int code, const char *in_out, const char *in_err)
{
    char *out, *err;
    int got = run(arguments, &out, &err);
    if (got != code || !strstr(out, in_out) || !strstr(err, in_err))
        fail_msg("%s: exit %d, not %d\n%s%s", arguments, got, code, out, err);
    free(out);
    free(err);
}

static json_t *json_of(const char *arguments)
{
    char *out, *err;
    json_error_t problem;
    if (run(arguments, &out, &err) != 0) fail_msg("%s: %s", arguments, err);
    json_t *o = json_loads(out, 0, &problem);
    if (!o) fail_msg("%s: %s\n%s", arguments, problem.text, out);
    free(out);
    free(err);
    return o;
}

/* Member by path: names of objects, numbers of lists. */
static const json_t *at(const json_t *o, const char *path)
{
    char key[100];
    for (const char *p = path; *p; p += *p == '/') {
        size_t n = strcspn(p, "/");
        snprintf(key, sizeof key, "%.*s", (int)n, p);
        o = json_is_array(o) ? json_array_get(o, (size_t)atoi(key)) : json_object_get(o, key);
        if (!o) fail_msg("no %s", path);
        p += n;
    }
    return o;
}

static void number_is(const json_t *o, const char *path, double expected)
{
    double got = json_number_value(at(o, path));
    if (!(fabs(got - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%s is %.12g, not %.12g", path, got, expected);
}

/* 1 1 0 1 1 1 0 0 1 every ten seconds: up 20 (unseen beginning), 30, 10 (cut off); down 10, 20. */
static void figures(void **state)
{
    (void)state;
    write_text(scratch_path("z_t.json"),
               "{\"metadata\": {\"gap_seconds\": 10}, \"data\": [1,1,0,1,1,"
               "1,0,0,1], \"prices\": [1,1,1,1,2.5,2.5,2.5,2.5,2.5]}");
    json_t *o = json_of("z_t.json z_t.json --json");
    assert_string_equal(json_string_value(at(o, "format_version")), "1.0");
    assert_int_equal(json_array_size(at(o, "files")), 2);
    const json_t *file = at(o, "files/1"), *s = at(file, "series/0"), *p = at(file, "series/1");
    assert_string_equal(json_string_value(at(file, "file")), "z_t.json");
    assert_string_equal(json_string_value(at(file, "format")), "skypilot");
    assert_string_equal(json_string_value(at(s, "kind")), "capacity");
    assert_string_equal(json_string_value(at(s, "zone")), "z");
    assert_string_equal(json_string_value(at(s, "type")), "t");
    number_is(s, "step_s", 10);
    number_is(s, "to_s", 90);
    number_is(s, "samples", 9);
    number_is(s, "nodes/any_share", 6.0 / 9);
    number_is(s, "nodes/mean", 6.0 / 9);
    number_is(s, "interrupted", 2);
    number_is(s, "at_once/0", 2);
    number_is(s, "up_node_hours", 60.0 / 3600);
    number_is(s, "up/ended", 1);
    number_is(s, "up/begun_unseen", 1);
    number_is(s, "up/cut_off", 1);
    number_is(s, "up/mean_s", 30);
    number_is(s, "down/mean_s", 15);
    number_is(s, "down/p50_s", 10);
    number_is(s, "down/p90_s", 20);
    number_is(s, "down/weibull/n", 2);
    assert_null(json_object_get(at(s, "up"), "weibull")); /* one that ended is too few */
    number_is(p, "values/min", 1);
    number_is(p, "values/max", 2.5);
    number_is(p, "values/median", 2.5);
    number_is(p, "values/mean", (4 * 1 + 5 * 2.5) / 9);
    json_decref(o);
    o = json_of("z_t.json --gap '1 min' --json");
    number_is(o, "files/0/series/0/down/mean_s", 90);
    json_decref(o);
}

static void clocks_and_repairs(void **state)
{
    (void)state;
    write_text(scratch_path("c.txt"), "2021-12-11, 10:00:00, 2\n2021-12-11, 10:01:00, 1\n"
                                      "2021-12-10, 07:00:00, 3\n2021-12-10, 07:01:00, 2\n");
    json_t *o = json_of("--from bamboo-counts - --json < c.txt");
    assert_string_equal(json_string_value(at(o, "files/0/t0")), "2021-12-11T10:00:00Z");
    number_is(o, "files/0/series/0/repaired/backwards", 1);
    json_decref(o);
    says("c.txt", 0, "repaired     1: time ran backwards", "");
    says("- < c.txt", 0, "<stdin>", "");
}

static void refusals(void **state)
{
    (void)state;
    write_text(scratch_path("odd.csv"), "submit_s,run_s,gpus\n0,1,1\n");
    says("odd.csv", 2, "", "none of the logs of interruptions: seatrial list interruption-logs");
    says("nothing.csv", 2, "", "cannot open nothing.csv");
    says("", 2, "", "FILE");
    says("odd.csv --from bambo", 2, "", "bamboo");
    says("odd.csv --gap 600", 2, "", "--gap is a time such as '600 s'");
    says("odd.csv --gap '0 s'", 2, "", "--gap is a time");
    says("z_t.json odd.csv --json", 2, "", "odd.csv"); /* and no half of a JSON */
    says("odd.csv --from bamboo", 2, "", "odd.csv:1:1: error: 'submit_s' is not a time");
    says("z_t.json > /dev/full", 2, "", "standard output");
    says("z_t.json --json > /dev/full", 2, "", "standard output");
}

static void names_are_safe(void **state)
{
    char *out, *err;
    (void)state;
    write_text(scratch_path("d.csv"), "Date,\x1b[31mred\n2/24/2020,$1\n2/25/2020,$x\x1b[0m\n");
    assert_int_equal(run("d.csv", &out, &err), 2);
    assert_null(strchr(err, '\x1b'));
    free(out);
    free(err);
    write_text(scratch_path("d.csv"), "Date,\x1b[31mred\n2/24/2020,$1\n");
    assert_int_equal(run("d.csv", &out, &err), 0);
    assert_null(strchr(out, '\x1b'));
    assert_non_null(strstr(out, "[31mred, price"));
    free(out);
    free(err);
    json_t *o = json_of("d.csv --json");
    assert_string_equal(json_string_value(at(o, "files/0/series/0/type")), "\x1b[31mred");
    json_decref(o);
    write_text(scratch_path("d.csv"), "Date,\xff\xfe\n2/24/2020,$1\n"); /* no UTF-8, no JSON text */
    o = json_of("d.csv --json");
    assert_string_equal(json_string_value(at(o, "files/0/series/0/type")),
                        "(a name that is not UTF-8)");
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures),
        cmocka_unit_test(clocks_and_repairs),
        cmocka_unit_test(refusals),
        cmocka_unit_test(names_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
