/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of Slurm, and what is made of its answers. Small programs stand for sbatch, squeue,
 * scancel and scontrol: they write down how they were called and answer from files. The real ones:
 * tests/slurm. */
#include "tools/sweep/slurm.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support.h"
#include "tests/sweep_shards.h"
#include "tools/sweep/subprocess.h"

static const char id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static char bin[600];

static void answer(const char *program, const char *text, int code)
{
    char path[700], script[8300];
    snprintf(path, sizeof path, "%s/%s", bin, program);
    snprintf(script, sizeof script,
             "#!/bin/sh\n{ echo \"= %s\"; for word; do printf '%%s\\n' \"$word\"; done; } >> "
             "'%s/calls'\n%s\nexit %d\n",
             program, bin, text, code);
    write_text(path, script);
    assert_int_equal(chmod(path, 0755), 0);
}

/* sbatch gives the numbers 100, 101, ... */
static int begin(void **state)
{
    char path[700], was[4000];
    (void)state;
    if (!*bin) {
        snprintf(bin, sizeof bin, "%s", scratch_path("bin"));
        assert_int_equal(mkdir(bin, 0777), 0);
        snprintf(was, sizeof was, "%s:%.3000s", bin, getenv("PATH"));
        assert_int_equal(setenv("PATH", was, 1), 0);
    }
    snprintf(path, sizeof path, "%s/calls", bin);
    unlink(path);
    snprintf(path, sizeof path, "%s/number", bin);
    write_text(path, "99");
    char sbatch[1400];
    snprintf(sbatch, sizeof sbatch,
             "n=$(cat '%s/number'); n=$((n + 1)); echo $n > '%s/number'; echo $n", bin, bin);
    answer("sbatch", sbatch, 0);
    answer("squeue", "", 0);
    answer("scancel", "", 0);
    answer("scontrol", "echo 'MaxArraySize            = 1001'", 0);
    return 0;
}

static char *calls(void)
{
    char path[700];
    snprintf(path, sizeof path, "%s/calls", bin);
    return access(path, F_OK) == 0 ? read_file(path, NULL) : strdup("");
}

static void open_folder(struct directory *d, const char *name, int32_t shards)
{
    struct error err = { STATUS_OK, "" };
    const struct sweep_plan plan = { id, "0.1.0", "/a/b.yaml", "/bin/seatrial", 2 * shards, 3,
                                     -1, shards,  30.0,        100 * 1024 };
    if (directory_create(d, scratch_path(name), &plan, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* `expected` with NAME and FOLDER in it put in. */
static void calls_are(const struct directory *d, const char *expected)
{
    char name[40], path[700];
    directory_job_name(d, name);
    char *is = calls(), *all = NULL;
    size_t n;
    FILE *out = open_memstream(&all, &n);
    for (const char *at = expected; *at;) {
        if (strncmp(at, "NAME", 4) == 0) fputs(name, out), at += 4;
        else if (strncmp(at, "FOLDER", 6) == 0) fputs(d->path, out), at += 6;
        else fputc(*at++, out);
    }
    fclose(out);
    assert_string_equal(is, all);
    free(all);
    free(is);
    snprintf(path, sizeof path, "%s/calls", bin);
    unlink(path);
}

/* A file with so many of a shard's two points; -1: a torn one. */
static void shard_holds(const struct directory *d, int32_t shard, int done)
{
    char *path = directory_shard(d, shard);
    if (done < 0) write_text(path, "SQLite format 3");
    else write_shard(path, d->plan.id, d->plan.points, shard, d->plan.shards, done);
    free(path);
}

static enum status submit(struct directory *d, const struct backend_options *options, char **said,
                          struct error *err)
{
    size_t n;
    FILE *say = open_memstream(said, &n);
    enum status status = backend_submit(d, options, say, err);
    fclose(say);
    return status;
}

#define LOOKED "= squeue\n--noheader\n--array\n--name=NAME\n--format=%F|%K|%T\n"

static void a_submission_is_an_array_and_a_merge(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    struct backend_options options;
    char *said;
    (void)state;
    open_folder(&d, "first, 'folder' $(x)", 20);
    backend_options_init(&options);
    static const char *const more[] = { "--qos=it's $(free)", "--time=5", NULL };
    options.most_at_once = 4;
    options.threads = 2;
    options.partition = "gpu;rm";
    options.account = "lab";
    options.more = more;
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    calls_are(&d, LOOKED "= scontrol\nshow\nconfig\n"
                         "= sbatch\n--parsable\n--job-name=NAME\n--array=0-19%4\n"
                         "--signal=B:TERM@60\n--time=10\n--mem=368M\n"
                         "--cpus-per-task=2\n--output=FOLDER/logs/"
                         "%A_%a.log\n--chdir=FOLDER\n--open-mode=append\n--requeue\n"
                         "--partition=gpu;rm\n--account=lab\n--qos=it's $(free)\n--time=5\n"
                         "FOLDER/task.sh\n1\n"
                         "= sbatch\n--parsable\n--job-name=NAME-merge\n"
                         "--dependency=afterany:100\n--time=60\n"
                         "--mem=1G\n--cpus-per-task=1\n--output=FOLDER/logs/"
                         "merge-%j.log\n--chdir=FOLDER\n--open-mode=append\n"
                         "--requeue\n--partition=gpu;rm\n--account=lab\n--qos=it's $(free)\n"
                         "--time=5\nFOLDER/merge.sh\n");
    assert_string_equal(said, "  Submitted job 100, and job 101 that merges\n"
                              "  20 of 20 shards submitted\n");
    free(said);
    struct backend_options_said last;
    assert_int_equal(backend_options_read(&d, &last, &err), STATUS_OK);
    assert_true(last.found);
    assert_int_equal(last.options.backend, BACKEND_SLURM);
    assert_int_equal(last.options.most_at_once, 4);
    assert_int_equal(last.options.threads, 2);
    assert_string_equal(last.options.partition, "gpu;rm");
    assert_string_equal(last.options.account, "lab");
    assert_null(last.options.image);
    assert_string_equal(last.options.more[0], more[0]);
    assert_string_equal(last.options.more[1], more[1]);
    assert_null(last.options.more[2]);
    backend_options_free(&last);
    json_t *lines;
    assert_int_equal(directory_records(&d, &lines, &err), STATUS_OK);
    assert_int_equal(json_array_size(lines), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 0), "event")),
                        "submitting");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 1), "job")), 100);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 1), "merge")), 101);
    json_decref(lines);
    directory_free(&d);
}

static void logs_are_found_under_odd_folders(void **state)
{
    struct directory d = { .plan = { .id = id, .points = 4, .shards = 2 } };
    struct slurm_arguments to;
    struct error err = { STATUS_OK, "" };
    struct backend_options options;
    bool found = false;
    (void)state;
    backend_options_init(&options);
    d.path = "/at 100%/%j";
    assert_int_equal(slurm_arguments(&d, &options, 1, "0-1", &to, &err), STATUS_OK);
    for (size_t i = 0; i < to.n; i++)
        found = found || strcmp(to.at[i], "--output=/at 100%%/%%j/logs/%A_%a.log") == 0;
    assert_true(found);
    slurm_arguments_free(&to);
    d.path = "/back\\slash";
    assert_int_equal(slurm_arguments(&d, &options, 1, "0-1", &to, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "a backslash in its path"));
}

static void time_and_memory_follow_the_pilot(void **state)
{
    struct sweep_plan plan = { .points = 4000, .shards = 20, .pilot_s = 30.0, .pilot_kib = 102400 };
    (void)state;
    struct backend_ask ask = backend_ask_of(&plan, 1);
    assert_int_equal(ask.minutes, (2 * 200 * 30 + 60) / 60);
    assert_int_equal(ask.memory_mib, 224); /* 150 + 64 = 214, up to the next 16 */
    ask = backend_ask_of(&plan, 8);
    assert_int_equal(ask.minutes, (2 * 25 * 30 + 60) / 60);
    assert_int_equal(ask.memory_mib, 1264); /* 8 x 150 + 64, a multiple of 16 already */
    plan.pilot_s = 0.001;
    plan.pilot_kib = 0;
    ask = backend_ask_of(&plan, 1);
    assert_int_equal(ask.minutes, 10);
    assert_int_equal(ask.memory_mib, 64);
    plan.shards = 3; /* 1334 points, and not 1333 */
    plan.pilot_s = 60.0;
    assert_int_equal(backend_ask_of(&plan, 1).minutes, 2 * 1334 + 1);
}

static void a_resumed_sweep_leaves_what_is_whole_or_live(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    struct backend_options options;
    char *said;
    (void)state;
    open_folder(&d, "resumed", 10);
    backend_options_init(&options);
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    free(said);
    shard_holds(&d, 0, 2);
    shard_holds(&d, 1, 2);
    shard_holds(&d, 2, 1);
    shard_holds(&d, 4, -1);
    answer("squeue",
           "echo '100|5|RUNNING'; echo '100|6|PENDING'; echo '93|6|RUNNING';"
           "echo '93|99|RUNNING'; echo '101|N/A|PENDING'; echo; echo 'what?'",
           0);
    calls_are(&d, LOOKED
              "= scontrol\nshow\nconfig\n= sbatch\n--parsable\n--job-name=NAME\n"
              "--array=0-9\n--signal=B:TERM@60\n--time=10\n"
              "--mem=224M\n--cpus-per-task=1\n--output=FOLDER/logs/"
              "%A_%a.log\n--chdir=FOLDER\n--open-mode=append\n"
              "--requeue\nFOLDER/task.sh\n1\n= sbatch\n--parsable\n"
              "--job-name=NAME-merge\n--dependency=afterany:100\n"
              "--time=60\n--mem=1G\n--cpus-per-task=1\n"
              "--output=FOLDER/logs/"
              "merge-%j.log\n--chdir=FOLDER\n--open-mode=append\n--requeue\nFOLDER/merge.sh\n");
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    assert_string_equal(said, "  Submitted job 102, and job 103 that merges\n  6 of 10 shards "
                              "submitted, 2 are whole, 2 are still in the queue\n");
    free(said);
    calls_are(&d, LOOKED "= scontrol\nshow\nconfig\n= scancel\n--name=NAME-merge\n"
                         "= sbatch\n--parsable\n--job-name=NAME\n--array=2-4,7-9\n"
                         "--signal=B:TERM@60\n--time=10\n--mem=224M\n"
                         "--cpus-per-task=1\n--output=FOLDER/logs/"
                         "%A_%a.log\n--chdir=FOLDER\n--open-mode=append\n--requeue\n"
                         "FOLDER/task.sh\n2\n= sbatch\n--parsable\n--job-name=NAME-merge\n"
                         "--dependency=afterany:102:100:93\n--time=60\n"
                         "--mem=1G\n--cpus-per-task=1\n--output=FOLDER/logs/"
                         "merge-%j.log\n--chdir=FOLDER\n--open-mode=append\n"
                         "--requeue\nFOLDER/merge.sh\n");
    /* All whole or live: nothing is submitted. */
    for (int32_t i = 0; i < 10; i++)
        if (i != 5) shard_holds(&d, i, 2);
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    assert_string_equal(said,
                        "  0 of 10 shards submitted, 9 are whole, 1 are still in the queue\n");
    free(said);
    calls_are(&d, LOOKED);
    shard_holds(&d, 5, 2);
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    assert_string_equal(said, "  All 10 shards are whole; `seatrial merge` puts them together\n");
    free(said);
    calls_are(&d, LOOKED);
    directory_free(&d);
}

static void submit_fails(struct directory *d, const struct backend_options *options,
                         const char *why)
{
    struct error err = { STATUS_OK, "" };
    char *said;
    assert_int_equal(submit(d, options, &said, &err), STATUS_BAD_INPUT);
    if (!strstr(err.message, why)) fail_msg("'%s' does not say '%s'", err.message, why);
    free(said);
    char *called = calls();
    assert_null(strstr(called, "FOLDER/merge.sh"));
    free(called);
}

static void a_queue_that_does_not_answer_is_not_taken_for_empty(void **state)
{
    struct directory d;
    struct backend_options options;
    (void)state;
    open_folder(&d, "silent", 10);
    backend_options_init(&options);
    answer("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2", 1);
    submit_fails(&d, &options, "squeue: slurm_load_jobs error: Unable to contact");
    calls_are(&d, LOOKED);
    struct sweep_status s;
    struct error err;
    assert_int_equal(status_look(&d, QUEUE_SLURM, &s, &err), STATUS_OK);
    assert_false(s.queue_known);
    assert_int_equal(s.fates[FATE_UNKNOWN], 10);
    assert_int_equal(s.fates[FATE_MISSING], 0);
    status_free(&s);
    directory_free(&d);
}

static void what_slurm_refuses_is_said(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    struct backend_options options;
    char *said;
    (void)state;
    open_folder(&d, "refused", 10);
    backend_options_init(&options);
    answer("sbatch", "echo 'sbatch: error: invalid partition specified: x' >&2", 1);
    submit_fails(&d, &options, "sbatch: sbatch: error: invalid partition specified: x");
    answer("sbatch", "echo 'Submitted batch job 12'", 0);
    submit_fails(&d, &options, "sbatch --parsable said 'Submitted batch job 12' and no job");
    answer("sbatch", "echo '17;cluster'", 0); /* as in a federation */
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    assert_non_null(strstr(said, "Submitted job 17, "));
    free(said);
    /* A merge that is refused is no failure of the array. */
    answer("sbatch", "case $* in *merge.sh) echo 'sbatch: error: no' >&2; exit 1;; esac; echo 18",
           0);
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    assert_non_null(strstr(said, "No job merges the shards (sbatch: sbatch: error: no)"));
    assert_non_null(strstr(said, "Submitted job 18\n"));
    free(said);
    directory_free(&d);
}

static void more_shards_than_an_array_takes_are_refused(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    struct backend_options options;
    char *said;
    (void)state;
    open_folder(&d, "many", 1002);
    backend_options_init(&options);
    submit_fails(&d, &options, "at most 1001 tasks in an array (MaxArraySize)");
    directory_free(&d);
    open_folder(&d, "enough", 1001);
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    free(said);
    directory_free(&d);
}

static void options_that_would_break_the_sweep_are_refused(void **state)
{
    static const struct {
        const char *option, *why;
    } bad[] = {
        { "task.sh", "is no long option" },
        { "-a 0-3", "is no long option" },
        { "--", "is no long option" },
        { "--array=0-3", "--array is Seatrial's" },
        { "--arr=0-3", "--array is Seatrial's" },
        { "--wrap=id", "--wrap is Seatrial's" },
        { "--chdir=/", "--chdir is Seatrial's" },
        { "--dep=after:1", "--dependency is Seatrial's" },
        { "--wait", "--wait is Seatrial's" },
        { "--no-requeue", "--no-requeue is Seatrial's" },
    };
    struct directory d;
    struct backend_options options;
    (void)state;
    open_folder(&d, "options", 10);
    backend_options_init(&options);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const more[] = { "--qos=high", bad[i].option, NULL };
        options.more = more;
        submit_fails(&d, &options, bad[i].why);
    }
    char *called = calls();
    assert_null(strstr(called, "= sbatch"));
    free(called);
    directory_free(&d);
}

static void a_cancelled_sweep_is_marked_first_and_can_be_resumed(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    struct backend_options options;
    char *said, looks[700];
    (void)state;
    open_folder(&d, "cancelled", 10);
    backend_options_init(&options);
    /* At the moment of scancel the mark is there. */
    snprintf(looks, sizeof looks, "test -e '%s/cancelled'", d.path);
    answer("scancel", looks, 0);
    assert_int_equal(backend_cancel(&d, BACKEND_SLURM, NULL, &err), STATUS_OK);
    calls_are(&d, "= scancel\n--name=NAME-merge\n= scancel\n--name=NAME\n");
    struct sweep_status s;
    assert_int_equal(status_look(&d, QUEUE_SLURM, &s, &err), STATUS_OK);
    assert_true(s.cancelled);
    status_free(&s);
    assert_int_equal(submit(&d, &options, &said, &err), STATUS_OK);
    free(said);
    assert_int_equal(status_look(&d, QUEUE_SLURM, &s, &err), STATUS_OK);
    assert_false(s.cancelled);
    assert_int_equal(s.submissions, 1);
    status_free(&s);
    answer("scancel", "echo 'scancel: error: no controller' >&2", 1);
    assert_int_equal(backend_cancel(&d, BACKEND_SLURM, NULL, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "scancel: scancel: error: no controller"));
    directory_free(&d);
}

/* From attempts and logs, whose bytes are anybody's. */
static void what_happened_to_a_shard_is_said(void **state)
{
    static const struct {
        const char *attempts, *log, *said;
    } cases[] = {
        { "1 begin t job 12 on node3\n1 end t code 2\n",
          "seatrial: error: first\nnoise\nseatrial: error: no \x1b[31mspace\nnoise\n",
          "  00003    failed      0/2        1  exit code 2, no \\x1b[31mspace\n" },
        { "1 begin t job 12 on node3\n1 end t code 3\n", "", "exit code 3, interrupted\n" },
        { "1 begin t job 12 on node3\n1 end t code 70\n", "",
          "a mistake of Seatrial's, or no memory\n" },
        { "1 begin t job 12 on node3\n1 end t code 127\n", "", "the program could not be run\n" },
        { "1 begin t job 12 on node3\n1 end t code 139\n", "", "ended by a signal\n" },
        { "1 begin t job 12 on node3\n", "",
          "  00003    lost        0/2        1  killed: job 12 on node3\n" },
        { "1 begin t job 1 on n\n1 begin t job 1 on n\n1 begin t job 1 on n\n1 refused t after 3\n",
          "",
          "  00003    failed      0/2        3  3 attempts of submission 1 did not make it "
          "whole\n" },
        { "", "", "  00003    missing     0/2        0  no task of it has begun" },
    };
    struct directory d;
    (void)state;
    open_folder(&d, "happened", 5);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sweep_status s;
        struct error err;
        char *said = NULL;
        size_t n;
        write_text(scratch_path("happened/attempts/00003"), cases[i].attempts);
        write_text(scratch_path("happened/logs/12_3.log"), cases[i].log);
        assert_int_equal(status_look(&d, QUEUE_SLURM, &s, &err), STATUS_OK);
        FILE *out = open_memstream(&said, &n);
        status_table(&d, &s, 0, out);
        fclose(out);
        if (!strstr(said, cases[i].said)) fail_msg("no '%s' in\n%s", cases[i].said, said);
        free(said);
        status_free(&s);
    }
    directory_free(&d);
}

/* A file by its own word: not all that is there is whole. */
static void files_are_called_what_they_are(void **state)
{
    static const char *const words[] = { "part", "broken", "no file" };
    struct directory d;
    struct sweep_status s;
    struct error err;
    char *said = NULL;
    size_t n;
    (void)state;
    open_folder(&d, "words", 5);
    shard_holds(&d, 0, 1);
    shard_holds(&d, 1, -1);
    for (int32_t i = 3; i < 5; i++) shard_holds(&d, i, 2);
    assert_int_equal(status_look(&d, QUEUE_SLURM, &s, &err), STATUS_OK);
    FILE *out = open_memstream(&said, &n);
    assert_int_equal(status_json(&d, &s, out, &err), STATUS_OK);
    fclose(out);
    json_t *json = json_loads(said, 0, NULL), *unfinished = json_object_get(json, "unfinished");
    assert_int_equal(json_array_size(unfinished), 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(
            json_string_value(json_object_get(json_array_get(unfinished, i), "file")), words[i]);
    json_decref(json);
    free(said);
    status_free(&s);
    directory_free(&d);
}

static void programs_that_are_not_there_are_said(void **state)
{
    static const char *const argv[] = { "there-is-no-such-program", NULL };
    struct error err = { STATUS_OK, "" };
    char *out, *said;
    int code;
    (void)state;
    assert_int_equal(subprocess_run(argv, &code, &out, &said, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message,
                        "cannot run there-is-no-such-program: No such file or directory");
    static const char *const both[] = { "sh", "-c", "seq 100000; echo why >&2; kill -9 $$", NULL };
    assert_int_equal(subprocess_run(both, &code, &out, &said, &err), STATUS_OK);
    assert_int_equal(code, 128 + 9);
    assert_int_equal(strlen(out), 588895);
    assert_string_equal(subprocess_line(said), "why");
    free(out);
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_submission_is_an_array_and_a_merge, begin),
        cmocka_unit_test_setup(logs_are_found_under_odd_folders, begin),
        cmocka_unit_test_setup(time_and_memory_follow_the_pilot, begin),
        cmocka_unit_test_setup(a_resumed_sweep_leaves_what_is_whole_or_live, begin),
        cmocka_unit_test_setup(a_queue_that_does_not_answer_is_not_taken_for_empty, begin),
        cmocka_unit_test_setup(what_slurm_refuses_is_said, begin),
        cmocka_unit_test_setup(more_shards_than_an_array_takes_are_refused, begin),
        cmocka_unit_test_setup(options_that_would_break_the_sweep_are_refused, begin),
        cmocka_unit_test_setup(a_cancelled_sweep_is_marked_first_and_can_be_resumed, begin),
        cmocka_unit_test_setup(what_happened_to_a_shard_is_said, begin),
        cmocka_unit_test_setup(files_are_called_what_they_are, begin),
        cmocka_unit_test_setup(programs_that_are_not_there_are_said, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
