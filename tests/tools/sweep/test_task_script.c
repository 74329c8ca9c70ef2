/* SPDX-License-Identifier: Apache-2.0 */
/* The script of a task, run as a cluster runs it: by its environment, killed, repeated, cancelled,
 * with names that would be commands. A small program stands for seatrial. */
#include "tools/sweep/task_script.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support.h"

/* Writes down what it was called with, then does as FOLDER/does says. */
static const char stand_in[] = "#!/bin/sh\n"
                               "for word; do printf '%s\\n' \"$word\"; done > called\n"
                               "echo x >> calls\n"
                               ". ./does\n";

static const char *folder; /* of the running test */

/* Paths that a shell would take apart or obey, were they not quoted. */
static const char hostile[] = "it's \"a\" $(touch pwned) `touch pwned`; touch pwned\n"
                              "#SBATCH --array=0-9\n\\ * \xc3\xa9 & | < > ' .yaml";

static void write_program(const char *path, const char *text)
{
    write_text(path, text);
    assert_int_equal(chmod(path, 0755), 0);
}

/* A folder with task.sh, whose seatrial does `does`; squeue says that the job is in `queue`. */
static void begin(const char *name, const char *scenario, const char *does, const char *queue)
{
    char path[600], text[200];
    folder = scratch_path(name);
    assert_int_equal(mkdir(folder, 0777), 0);
    snprintf(path, sizeof path, "%s/the $(touch pwned) program", folder);
    write_program(path, stand_in);
    const struct sweep_plan plan = { .id = "0123456789ab", .shards = 20, .seed = -1 };
    const struct task_places places = { path, scenario };
    char *script = task_script(&plan, &places);
    assert_non_null(script);
    snprintf(path, sizeof path, "%s/task.sh", folder);
    write_text(path, script);
    free(script);
    snprintf(path, sizeof path, "%s/does", folder);
    write_text(path, does);
    snprintf(path, sizeof path, "%s/bin", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/bin/squeue", folder);
    snprintf(text, sizeof text, "#!/bin/sh\necho '%s'\n", queue);
    write_program(path, text);
    snprintf(path, sizeof path, "%s/bin/scontrol", folder);
    write_program(path, "#!/bin/sh\necho \"$*\" >> scontrol\n");
}

static int run_task(const char *environment, const char *tail)
{
    char command[2000];
    snprintf(command, sizeof command,
             "cd '%s' && unset SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX SEATRIAL_SHARDS; "
             "export PATH=\"$PWD/bin:$PATH\"; %s sh task.sh 1 %s",
             folder, environment, tail);
    return run_command(command, NULL, NULL);
}

static char *file(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return read_file(path, NULL);
}

static bool is_there(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static void file_is(const char *name, const char *text)
{
    char *is = file(name);
    assert_string_equal(is, text);
    free(is);
}

static int lines_with(const char *name, const char *word)
{
    int n = 0;
    char *text = file(name);
    for (char *at = text; (at = strstr(at, word)) != NULL; at++) n++;
    free(text);
    return n;
}

#define SLURM "SLURM_ARRAY_TASK_ID=7 SLURM_JOB_ID=12 SLURM_ARRAY_JOB_ID=5 SLURMD_NODENAME=node3"

static void a_task_of_slurm_is_its_shard(void **state)
{
    (void)state;
    begin("slurm", "/s.yaml", "exit 0", "RUNNING");
    assert_int_equal(run_task(SLURM " SLURM_CPUS_PER_TASK=4 JOB_COMPLETION_INDEX=3", ""), 0);
    file_is("called", "sweep\n/s.yaml\n--shard\n7/20\n--id\n0123456789ab\n-q\n-j\n4\n-o\n"
                      "shards/00007.db\n");
    assert_int_equal(lines_with("attempts/00007", "1 begin 20"), 1);
    assert_int_equal(lines_with("attempts/00007", "Z job 5 on node3\n"), 1);
    assert_int_equal(lines_with("attempts/00007", "Z code 0\n"), 1);
    assert_false(is_there("scontrol"));
}

static void an_index_of_kubernetes_is_its_shard(void **state)
{
    (void)state;
    begin("index", "/s.yaml", "exit 0", "");
    assert_int_equal(run_task("JOB_COMPLETION_INDEX=11 SEATRIAL_THREADS=2", ""), 0);
    assert_int_equal(lines_with("called", "11/20\n"), 1);
    assert_int_equal(lines_with("called", "-j\n2\n"), 1);
    assert_int_equal(lines_with("called", "shards/00011.db\n"), 1);
}

static void a_resumed_job_maps_its_indices_by_a_list(void **state)
{
    (void)state;
    begin("list", "/s.yaml", "exit 0", "");
    assert_int_equal(run_task("SEATRIAL_SHARDS='3 5 17' JOB_COMPLETION_INDEX=2", ""), 0);
    assert_int_equal(lines_with("called", "17/20\n"), 1);
    assert_int_equal(run_task("SEATRIAL_SHARDS='3 5 17' JOB_COMPLETION_INDEX=0", ""), 0);
    assert_int_equal(lines_with("called", "3/20\n"), 1);
    /* Past the list: no shard is meant, and none is run. */
    assert_int_equal(run_task("SEATRIAL_SHARDS='3 5 17' JOB_COMPLETION_INDEX=3", ""), 2);
    file_is("calls", "x\nx\n");
    assert_int_not_equal(run_task("", ""), 0); /* no index at all */
    file_is("calls", "x\nx\n");
}

static void names_are_never_commands(void **state)
{
    (void)state;
    begin("$(touch pwned) 'n", hostile, "exit 0", "RUNNING");
    char *script = file("task.sh"), expected[700];
    /* Options for sbatch in comments count up to the first command; names stand below one. */
    char *command = strstr(script, "\nset -u\n"), *option = strstr(script, "#SBATCH");
    assert_true(command && option && command < option);
    free(script);
    char command_line[1200];
    snprintf(command_line, sizeof command_line, "cd \"%s\" && " SLURM " sh task.sh 1",
             "$(printf %s \"$FOLDER\")");
    assert_int_equal(setenv("FOLDER", folder, 1), 0);
    assert_int_equal(run_command(command_line, NULL, NULL), 0);
    snprintf(expected, sizeof expected,
             "sweep\n%s\n--shard\n7/20\n--id\n0123456789ab\n-q\n-j\n1\n-o\nshards/00007.db\n",
             hostile);
    file_is("called", expected);
    assert_false(is_there("pwned"));
    assert_int_not_equal(access("pwned", F_OK), 0);
}

static void bad_input_is_never_repeated(void **state)
{
    (void)state;
    begin("bad", "/s.yaml", "exit 2", "RUNNING");
    assert_int_equal(run_task(SLURM, ""), 2);
    assert_false(is_there("scontrol"));
}

static void what_may_pass_is_queued_again_three_times_in_all(void **state)
{
    (void)state;
    begin("again", "/s.yaml", "exit 3", "RUNNING");
    assert_int_equal(run_task(SLURM, ""), 3);
    file_is("scontrol", "requeue 12\n");
    assert_int_equal(run_task(SLURM, ""), 3);
    file_is("scontrol", "requeue 12\nrequeue 12\n");
    assert_int_equal(run_task(SLURM, ""), 3); /* the third is the last */
    file_is("scontrol", "requeue 12\nrequeue 12\n");
    assert_int_equal(run_task(SLURM, ""), 2); /* a node died, Slurm tries once more: refused */
    file_is("calls", "x\nx\nx\n");
    assert_int_equal(lines_with("attempts/00007", "1 refused 20"), 1);
    /* Another submission counts from the beginning. */
    char command[800];
    snprintf(command, sizeof command, "cd '%s' && " SLURM " PATH=\"$PWD/bin:$PATH\" sh task.sh 2",
             folder);
    assert_int_equal(run_command(command, NULL, NULL), 3);
    file_is("calls", "x\nx\nx\nx\n");
}

static void nothing_is_queued_again_that_somebody_ended(void **state)
{
    (void)state;
    begin("ended", "/s.yaml", "exit 3",
          "COMPLETING"); /* scancel, or preempted and queued already */
    assert_int_equal(run_task(SLURM, ""), 3);
    assert_false(is_there("scontrol"));
    begin("marked", "/s.yaml", "touch cancelled; exit 3", "RUNNING");
    assert_int_equal(run_task(SLURM, ""), 3);
    assert_false(is_there("scontrol"));
    assert_int_equal(run_task(SLURM, ""), 2); /* and while the mark is there nothing begins */
    file_is("calls", "x\n");
    assert_int_equal(lines_with("attempts/00007", "begin"), 1);
}

static void a_signal_reaches_the_program_and_is_waited_for(void **state)
{
    (void)state;
    begin("signal", "/s.yaml",
          "trap 'echo stopped > said; sleep 1; exit 3' TERM; touch ready; sleep 20 & wait", "");
    int code = run_task("JOB_COMPLETION_INDEX=4",
                        "& task=$!; until [ -e ready ]; do sleep 0.05; done; kill -TERM $task; "
                        "wait $task");
    assert_int_equal(code, 3);
    file_is("said", "stopped\n");
    assert_int_equal(lines_with("attempts/00004", "code 3\n"), 1);
}

static void a_killed_program_leaves_its_end(void **state)
{
    (void)state;
    begin("killed", "/s.yaml", "kill -KILL $$", "RUNNING");
    assert_int_equal(run_task(SLURM, ""), 137);
    assert_int_equal(lines_with("attempts/00007", "code 137\n"), 1);
    file_is("scontrol", "requeue 12\n"); /* Slurm itself calls that failed, and stops */
}

static void the_merge_takes_all_shards(void **state)
{
    (void)state;
    const struct task_places places = { "./it's", "/s.yaml" };
    char *script = merge_script(&places);
    assert_string_equal(script, "#!/bin/sh\n# Puts the shards of a sweep together. Written by "
                                "seatrial; the next submission writes it anew.\nset -u\n"
                                "program='./it'\\''s'\n"
                                "exec \"$program\" merge shards -o results.db\n");
    free(script);
}

/* dash and bash read the script without a word; shellcheck, where it is, too. */
static void the_script_is_plain_shell(void **state)
{
    char *said;
    (void)state;
    begin("plain", hostile, "exit 0", "");
    char command[1200];
    snprintf(
        command, sizeof command,
        "cd '%s' && sh -n task.sh && bash -n task.sh && { ! command -v shellcheck > /dev/null || "
        "shellcheck -e SC2086,SC2016,SC1003 task.sh; }",
        folder);
    int code = run_command(command, &said, NULL);
    if (code != 0) fail_msg("%s", said);
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_of_slurm_is_its_shard),
        cmocka_unit_test(an_index_of_kubernetes_is_its_shard),
        cmocka_unit_test(a_resumed_job_maps_its_indices_by_a_list),
        cmocka_unit_test(names_are_never_commands),
        cmocka_unit_test(bad_input_is_never_repeated),
        cmocka_unit_test(what_may_pass_is_queued_again_three_times_in_all),
        cmocka_unit_test(nothing_is_queued_again_that_somebody_ended),
        cmocka_unit_test(a_signal_reaches_the_program_and_is_waited_for),
        cmocka_unit_test(a_killed_program_leaves_its_end),
        cmocka_unit_test(the_merge_takes_all_shards),
        cmocka_unit_test(the_script_is_plain_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
