/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a sweep: whose it is, what is written into it and how, what is refused. */
#include "tools/sweep/directory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support.h"
#include "tools/sweep/attempts.h"
#include "tools/sweep/ranges.h"

static const char id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static struct sweep_plan plan_of(int32_t shards)
{
    return (struct sweep_plan){ .id = id,
                                .version = "0.1.0",
                                .scenario = "/somewhere/it's \"here\"\n.yaml",
                                .program = "/bin/true",
                                .points = 40,
                                .replications = 3,
                                .seed = -1,
                                .shards = shards,
                                .pilot_s = 0.25,
                                .pilot_kib = 4096 };
}

static void a_folder_is_made_and_opened_again(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    struct stat folder;
    const struct sweep_plan plan = plan_of(20);
    const char *path = scratch_path("made");
    (void)state;
    assert_int_equal(directory_create(&d, path, &plan, &err), STATUS_OK);
    directory_free(&d);
    assert_int_equal(directory_create(&d, path, &plan, &err), STATUS_OK); /* the same: opened */
    directory_free(&d);
    assert_int_equal(directory_open(&d, path, &err), STATUS_OK);
    assert_string_equal(d.plan.id, id);
    assert_string_equal(d.plan.scenario, plan.scenario);
    assert_string_equal(d.plan.program, "/bin/true");
    assert_string_equal(d.plan.version, "0.1.0");
    assert_int_equal(d.plan.points, 40);
    assert_int_equal(d.plan.replications, 3);
    assert_int_equal(d.plan.shards, 20);
    assert_true(d.plan.pilot_s == 0.25);
    assert_int_equal(d.plan.pilot_kib, 4096);
    static const char *const names[] = { "shards", "attempts", "logs" };
    for (int i = 0; i < 3; i++) {
        char *name = directory_path(&d, names[i]);
        assert_int_equal(stat(name, &folder), 0);
        assert_true(S_ISDIR(folder.st_mode));
        free(name);
    }
    char *shard = directory_shard(&d, 7);
    assert_string_equal(shard + strlen(d.path), "/shards/00007.db");
    free(shard);
    directory_free(&d);
}

static void sweep_json_is_canonical(void **state)
{
    struct directory d;
    struct error err;
    const struct sweep_plan plan = plan_of(20);
    (void)state;
    assert_int_equal(directory_create(&d, scratch_path("canonical"), &plan, &err), STATUS_OK);
    char *text = read_file(scratch_path("canonical/sweep.json"), NULL);
    assert_string_equal(
        text, "{\n  \"format\": 1,\n"
              "  \"id\": \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\n"
              "  \"pilot\": {\n    \"kib\": 4096,\n    \"seconds\": 0.25\n  },\n"
              "  \"points\": 40,\n  \"program\": \"/bin/true\",\n  \"replications\": 3,\n"
              "  \"scenario\": \"/somewhere/it's \\\"here\\\"\\n.yaml\",\n  \"seed\": -1,\n"
              "  \"shards\": 20,\n  \"version\": \"0.1.0\"\n}\n");
    free(text);
    directory_free(&d);
}

static void refused(const char *path, const struct sweep_plan *plan, const char *why)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    enum status status =
        plan ? directory_create(&d, path, plan, &err) : directory_open(&d, path, &err);
    assert_int_not_equal(status, STATUS_OK);
    if (!strstr(err.message, why)) fail_msg("'%s' does not say '%s'", err.message, why);
    assert_null(d.path);
    assert_null(d.json);
}

static void another_sweep_is_refused(void **state)
{
    struct directory d;
    struct error err;
    struct sweep_plan plan = plan_of(20);
    const char *path = scratch_path("other");
    (void)state;
    assert_int_equal(directory_create(&d, path, &plan, &err), STATUS_OK);
    directory_free(&d);
    plan.shards = 30;
    refused(path, &plan, "in 20 shards, not 30");
    plan = plan_of(20);
    plan.version = "0.2.0";
    refused(path, &plan, "planned by seatrial 0.1.0, not 0.2.0");
    plan = plan_of(20);
    plan.id = "ffffffffffffffff";
    refused(path, &plan, "another sweep (0123456789ab, of 40 points)");
    plan = plan_of(20);
    plan.replications = 4;
    refused(path, &plan, "another sweep");
    plan = plan_of(20);
    plan.pilot_s = 9.0; /* measured anew, elsewhere: no other sweep */
    assert_int_equal(directory_create(&d, path, &plan, &err), STATUS_OK);
    assert_true(d.plan.pilot_s == 0.25);
    directory_free(&d);
}

static void what_is_no_sweep_is_refused(void **state)
{
    const struct sweep_plan plan = plan_of(20);
    (void)state;
    refused(scratch_path("nowhere"), NULL, "cannot open");
    assert_int_equal(mkdir(scratch_path("full"), 0777), 0);
    refused(scratch_path("full"), NULL, "has no sweep.json");
    write_text(scratch_path("full/thesis.tex"), "years of work");
    refused(scratch_path("full"), &plan, "holds other files and no sweep.json");
    write_text(scratch_path("file"), "");
    refused(scratch_path("file"), &plan, "cannot make the folder");
    assert_int_equal(mkdir(scratch_path("odd"), 0777), 0);
    static const struct {
        const char *text, *why;
    } odd[] = {
        { "", "is not the plan of a sweep" },
        { "{\"format\": 1", "is not the plan of a sweep" },
        { "[]", "is not the plan of a sweep" },
        { "{\"format\": 2}", "has format 2; this program reads format 1" },
        { "{\"format\": 1, \"id\": \"../../x\", \"version\": \"1\", \"scenario\": \"/a\", "
          "\"program\": \"/b\", \"points\": 4, \"replications\": 1, \"seed\": 7, \"shards\": 2, "
          "\"pilot\": {\"seconds\": 1, \"kib\": 1}}",
          "its id" },
        { "{\"format\": 1, \"id\": \"0123456789abcdef\", \"version\": \"1\", \"scenario\": \"/a\", "
          "\"program\": \"/b\", \"points\": 4, \"replications\": 1, \"seed\": 7, \"shards\": 0, "
          "\"pilot\": {\"seconds\": 1, \"kib\": 1}}",
          "its numbers" },
        { "{\"format\": 1, \"id\": \"0123456789abcdef\", \"version\": \"1\", \"scenario\": \"/a\", "
          "\"program\": \"/b\", \"points\": 4, \"replications\": 1, \"seed\": 7, \"shards\": 2, "
          "\"more\": 1, "
          "\"pilot\": {\"seconds\": 1, \"kib\": 1}}",
          "is not the plan of a sweep" },
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        write_text(scratch_path("odd/sweep.json"), odd[i].text);
        refused(scratch_path("odd"), NULL, odd[i].why);
    }
}

static void a_plan_that_json_cannot_say_is_refused(void **state)
{
    struct sweep_plan plan = plan_of(20);
    (void)state;
    plan.scenario = "/latin/caf\xe9.yaml";
    refused(scratch_path("latin"), &plan, "not UTF-8");
}

static void a_killed_creation_is_gone_on_with(void **state)
{
    struct directory d;
    struct error err;
    const struct sweep_plan plan = plan_of(20);
    (void)state;
    assert_int_equal(mkdir(scratch_path("killed"), 0777), 0);
    assert_int_equal(mkdir(scratch_path("killed/shards"), 0777), 0);
    write_text(scratch_path("killed/sweep.json.tmp-abcdef"), "{\"for");
    assert_int_equal(directory_create(&d, scratch_path("killed"), &plan, &err), STATUS_OK);
    directory_free(&d);
}

static void submissions_survive_a_torn_line(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    json_t *lines;
    const struct sweep_plan plan = plan_of(20);
    (void)state;
    assert_int_equal(directory_create(&d, scratch_path("torn"), &plan, &err), STATUS_OK);
    assert_int_equal(directory_records(&d, &lines, &err), STATUS_OK);
    assert_int_equal(json_array_size(lines), 0);
    json_decref(lines);
    assert_int_equal(directory_record(&d, json_pack("{s:i}", "number", 1), &err), STATUS_OK);
    char *text = read_file(scratch_path("torn/submissions.jsonl"), NULL), torn[300];
    snprintf(torn, sizeof torn, "%s{\"number\": 5, \"ev", text);
    free(text);
    write_text(scratch_path("torn/submissions.jsonl"), torn);
    assert_int_equal(directory_record(&d, json_pack("{s:i}", "number", 2), &err), STATUS_OK);
    assert_int_equal(directory_records(&d, &lines, &err), STATUS_OK);
    assert_int_equal(json_array_size(lines), 2);
    assert_int_equal(directory_submissions(lines), 2);
    assert_non_null(json_string_value(json_object_get(json_array_get(lines, 1), "at")));
    json_decref(lines);
    directory_free(&d);
}

static void one_program_submits_at_a_time(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    int first, second;
    const struct sweep_plan plan = plan_of(20);
    (void)state;
    assert_int_equal(directory_create(&d, scratch_path("locked"), &plan, &err), STATUS_OK);
    assert_int_equal(directory_lock(&d, &first, &err), STATUS_OK);
    assert_int_equal(directory_lock(&d, &second, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "another program"));
    directory_unlock(first);
    assert_int_equal(directory_lock(&d, &second, &err), STATUS_OK);
    directory_unlock(second);
    directory_free(&d);
}

static void job_names_tell_folders_apart(void **state)
{
    struct directory a, b;
    struct error err;
    char first[40], second[40];
    const struct sweep_plan plan = plan_of(20);
    (void)state;
    assert_int_equal(directory_create(&a, scratch_path("name, $(a)"), &plan, &err), STATUS_OK);
    assert_int_equal(directory_create(&b, scratch_path("name, $(b)"), &plan, &err), STATUS_OK);
    directory_job_name(&a, first);
    directory_job_name(&b, second);
    assert_string_not_equal(first, second);
    assert_int_equal(strncmp(first, "seatrial-0123456789ab-", 22), 0);
    assert_int_equal(strspn(first, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(first));
    directory_free(&a);
    directory_free(&b);
}

static void attempts_are_read_line_by_line(void **state)
{
    struct directory d;
    struct error err;
    struct attempts a;
    const struct sweep_plan plan = plan_of(20);
    (void)state;
    assert_int_equal(directory_create(&d, scratch_path("tries"), &plan, &err), STATUS_OK);
    attempts_read(&d, 3, &a);
    assert_int_equal(a.begun, 0);
    write_text(scratch_path("tries/attempts/00003"),
               "1 begin 2026-11-30T10:00:00Z job 12 on node3\n"
               "nonsense\n\xff\xff\n-4 begin x y\n"
               "1 end 2026-11-30T10:00:09Z code 137\n"
               "2 begin 2026-11-30T10:00:00Z job 15 on node1\n");
    attempts_read(&d, 3, &a);
    assert_int_equal(a.begun, 2);
    assert_int_equal(a.submission, 2);
    assert_false(a.ended);
    assert_string_equal(a.where, "job 15 on node1");
    write_text(scratch_path("tries/attempts/00003"),
               "1 begin 2026-11-30T10:00:00Z job 12 on node3\n"
               "1 end 2026-11-30T10:00:09Z code 137\n");
    attempts_read(&d, 3, &a);
    assert_true(a.ended);
    assert_int_equal(a.code, 137);
    directory_free(&d);
}

static void ranges_are_short_and_whole(void **state)
{
    static const char marks[] = "xxxx...x.xx.....xxxxxx";
    bool wanted[22];
    char *text;
    (void)state;
    for (int i = 0; i < 22; i++) wanted[i] = marks[i] == 'x';
    assert_int_equal(ranges_write(wanted, 22, 1000, &text), 13);
    assert_string_equal(text, "0-3,7,9-10,16-21");
    free(text);
    assert_int_equal(ranges_write(wanted, 22, 10, &text), 7); /* "0-3,7,9-10" */
    assert_string_equal(text, "0-3,7,9-10");
    free(text);
    assert_int_equal(ranges_write(wanted, 22, 9, &text), 5);
    assert_string_equal(text, "0-3,7");
    free(text);
    assert_int_equal(ranges_write(wanted, 0, 9, &text), 0);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_made_and_opened_again),
        cmocka_unit_test(sweep_json_is_canonical),
        cmocka_unit_test(another_sweep_is_refused),
        cmocka_unit_test(what_is_no_sweep_is_refused),
        cmocka_unit_test(a_plan_that_json_cannot_say_is_refused),
        cmocka_unit_test(a_killed_creation_is_gone_on_with),
        cmocka_unit_test(submissions_survive_a_torn_line),
        cmocka_unit_test(one_program_submits_at_a_time),
        cmocka_unit_test(job_names_tell_folders_apart),
        cmocka_unit_test(attempts_are_read_line_by_line),
        cmocka_unit_test(ranges_are_short_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
