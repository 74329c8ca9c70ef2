/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks with the real program, as a cluster runs them but without one: the index is set by hand,
 * and whatever may happen to a task happens. Small programs stand for sbatch, squeue, scancel. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/db_dump.h"
#include "tests/markdown.h"
#include "tests/support.h"
#include "tools/sweep/status.h"

/* "$S" is the program, "$T" a task of folder D: T INDEX runs it. In the scratch folder. */
static const char frame[] =
    "S='%s'; cd '%s'; export LC_ALL=C.UTF-8 TMPDIR=\"$PWD/tmp\" PATH=\"$PWD/bin:$PATH\"\n"
    "unset SLURM_ARRAY_TASK_ID SLURM_JOB_ID JOB_COMPLETION_INDEX SEATRIAL_SHARDS\n"
    "T() { (cd D && JOB_COMPLETION_INDEX=$1 exec sh task.sh 1); }\n"
    /* p: the program that a task's shell runs, once it does. */
    "program_of() {\n"
    "    p=\n"
    "    while [ -z \"$p\" ]; do\n"
    "        for c in $(cat /proc/$1/task/$1/children); do\n"
    "            tr '\\0' ' ' < /proc/$c/cmdline | grep -q -e --shard && p=$c\n"
    "        done\n"
    "    done 2> /dev/null\n"
    "}\n"
    "all() { for i in 0 1 2 3 4 5 6 7; do T $i || exit 1; done; }\n";

static const char setup[] =
    "mkdir -p bin tmp\n"
    "for p in squeue scancel scontrol; do printf '#!/bin/sh\\n' > bin/$p; done\n"
    "printf '#!/bin/sh\\necho 7\\n' > bin/sbatch; chmod +x bin/*\n"
    "cat > s.yaml <<E\n"
    "seatrial: 1\n"
    "name: of tests\n"
    "workload: {synth: {like: itp, jobs: 300, days: 4 days, load: 60 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "fleets:\n"
    "  one: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 12}]}\n"
    "run: {replications: 3}\n"
    "vary:\n"
    "  - workload.synth.load: [50 GPUs, 70 GPUs]\n"
    "  - fleets.one.pools.p.nodes: 9..17 by 1\n"
    "E\n"
    "\"$S\" sweep s.yaml -o local.db -q\n";

/* A fresh folder D of eight shards; 18 points. */
static const char submitted[] =
    "rm -rf D; \"$S\" sweep s.yaml --backend slurm --shards 8 -o D -q;\n";

static int sh(const char *command, char **out, char **err)
{
    char line[7000], *program = realpath(seatrial_path(), NULL);
    assert_non_null(program);
    int n = snprintf(line, sizeof line, frame, program, scratch_dir());
    snprintf(line + n, sizeof line - (size_t)n, "%s\n", command);
    free(program);
    return run_command(line, out, err);
}

/* Exits with the code; standard output, or else standard error, holds the text (NULL: any). */
static void exits(const char *command, int code, const char *said)
{
    char *out, *err;
    int status = sh(command, &out, &err);
    if (status != code || (said && !strstr(out, said) && !strstr(err, said)))
        fail_msg("%s: exit %d, not %d, or no '%s' in\n%s%s", command, status, code,
                 said ? said : "", out, err);
    free(out);
    free(err);
}

static void begin(const char *more)
{
    char command[1000];
    snprintf(command, sizeof command, "%s%s", submitted, more);
    exits(command, 0, NULL);
}

/* Merged, it is the local sweep; and nothing is left in any folder that should not be. */
static void is_as_local(void)
{
    char one[65], other[65];
    exits("\"$S\" sweep D --status", 0, "18 of 18 points, 8 of 8 shards whole");
    exits("rm -f D/results.db; cd D && sh merge.sh", 0, "18 of 18 points merged");
    db_digest(scratch_path("local.db"), NULL, one);
    db_digest(scratch_path("D/results.db"), NULL, other);
    assert_string_equal(one, other);
    exits("test $(ls D/shards | wc -l) -eq 8 && test -z \"$(ls D/shards | grep -v "
          "'^0000[0-7].db$')\"",
          0, NULL);
}

static int prepare(void **state)
{
    (void)state;
    exits(setup, 0, NULL);
    return 0;
}

static void every_index_by_hand_is_the_local_sweep(void **state)
{
    (void)state;
    begin("all");
    is_as_local();
    exits("test -z \"$(ls tmp)\"", 0, NULL); /* where tasks worked */
    /* Once more: each is whole already, at once, and the merge gives the same file. */
    begin("all; cp -r D E; all; for f in D/shards/*; do cmp $f E/shards/${f##*/} || exit 1; done; "
          "rm -r E");
    is_as_local();
}

static void what_is_missing_goes_by_a_list(void **state)
{
    (void)state;
    begin(
        "for i in 0 1 2 4 6 7; do T $i || exit 1; done; export SEATRIAL_SHARDS='3 5'; T 0 && T 1");
    is_as_local();
}

static void settings_go_with_the_tasks(void **state)
{
    (void)state;
    exits("rm -rf D; \"$S\" sweep s.yaml --backend slurm --shards 8 -o D -q --replications 2 "
          "--seed 9; "
          "all; cd D && sh merge.sh && \"$S\" sweep ../s.yaml --replications 2 --seed 9 -o "
          "../nine.db",
          0, NULL);
    char one[65], other[65];
    db_digest(scratch_path("nine.db"), NULL, one);
    db_digest(scratch_path("D/results.db"), NULL, other);
    assert_string_equal(one, other);
}

static void two_tasks_with_the_same_index_count_once(void **state)
{
    (void)state;
    begin("for i in 0 1 2 3 4 5 6 7; do T $i & a=$!; T $i & b=$!; wait $a && wait $b || exit 1; "
          "done");
    is_as_local();
}

static void a_task_that_is_killed_is_run_again(void **state)
{
    (void)state;
    /* Long enough to be seen at work. */
    exits("rm -rf D; \"$S\" sweep s.yaml --backend slurm --shards 8 -o D -q --replications 400\n"
          "(cd D && JOB_COMPLETION_INDEX=2 exec sh task.sh 1) & t=$!\n"
          "program_of $t; kill -KILL $p; wait $t; test $? -eq 137",
          0, NULL);
    exits("\"$S\" sweep D --status", 3, "00002    failed      0/2        1  exit code 137");
}

static void a_task_that_is_told_to_stop_is_gone_on_with(void **state)
{
    char one[65], other[65];
    (void)state;
    exits("rm -rf D; \"$S\" sweep s.yaml --backend slurm --shards 8 -o D -q --replications 400\n"
          "(cd D && JOB_COMPLETION_INDEX=0 exec sh task.sh 1) & t=$!\n"
          "program_of $t; until grep -q 'SigCgt:.*4..[0-9a-f]$' /proc/$p/status; do :; done\n"
          "kill -TERM $t; wait $t; test $? -eq 3",
          0, NULL);
    exits("\"$S\" sweep D --status", 3, "exit code 3, interrupted");
    exits("T 0 && \"$S\" sweep s.yaml --shard 0/8 --replications 400 -o whole.db -q", 0, NULL);
    db_digest(scratch_path("D/shards/00000.db"), NULL, one);
    db_digest(scratch_path("whole.db"), NULL, other);
    assert_string_equal(one, other);
}

static void a_truncated_shard_is_seen_and_made_anew(void **state)
{
    (void)state;
    begin("all; head -c 9000 D/shards/00003.db > x && mv x D/shards/00003.db");
    exits("\"$S\" sweep D --status", 3, "16 of 18 points, 7 of 8 shards whole");
    exits("\"$S\" sweep D --status", 3, "; its file: ");
    exits("cd D && sh merge.sh", 2, "00003.db");
    exits("\"$S\" sweep D --resume", 0, "1 of 8 shards submitted, 7 are whole");
    exits("T 3", 0, NULL);
    is_as_local();
}

static void a_shard_of_another_scenario_is_seen_and_made_anew(void **state)
{
    (void)state;
    begin("all; sed 's/70 GPUs/71 GPUs/' s.yaml > other.yaml; rm D/shards/00004.db\n"
          "\"$S\" sweep other.yaml --shard 4/8 -o D/shards/00004.db -q");
    exits("\"$S\" sweep D --status", 3, "it is of another scenario");
    exits("\"$S\" sweep D --status --json | grep -A3 '\"shard\": 4'", 0, "\"file\": \"foreign\"");
    exits("cd D && sh merge.sh", 2, "00004.db");
    exits("T 4", 0, NULL);
    is_as_local();
}

static void an_edited_scenario_never_mixes(void **state)
{
    (void)state;
    begin("T 0; cp s.yaml kept; sed -i 's/70 GPUs/71 GPUs/' s.yaml");
    exits("T 1", 2, "this is not the sweep ");
    exits("\"$S\" sweep D --status", 3,
          "00001    failed      0/3        1  exit code 2, bad input");
    exits("\"$S\" sweep s.yaml --backend slurm --shards 8 -o D", 2, "holds another sweep");
    exits("mv kept s.yaml; all", 0, NULL);
    is_as_local();
}

/* What the scenario's text does not say is part of what it is: here its trace. */
static void an_edited_trace_never_mixes(void **state)
{
    (void)state;
    exits("rm -rf D; printf 'submit_s,run_s,gpus\\n0,60,8\\n9,60,8\\n' > t.csv; cp t.csv kept\n"
          "sed 's/{synth.*/{trace: t.csv}/; /synth.load/d' s.yaml > t.yaml\n"
          "\"$S\" sweep t.yaml --backend slurm --shards 2 -o D -q && T 0",
          0, NULL);
    exits("sed -i 's/^9,60/9,61/' t.csv; T 1", 2, "this is not the sweep ");
    exits("\"$S\" sweep t.yaml --backend slurm --shards 2 -o D", 2, "holds another sweep");
    exits("mv kept t.csv; T 1 && \"$S\" sweep D --status", 0, "9 of 9 points, 2 of 2 shards whole");
}

static void a_full_disk_costs_an_attempt(void **state)
{
    (void)state;
    if (sh("unshare -m true", NULL, NULL) != 0) {
        print_message("skipped: no mounts of one's own here\n");
        skip();
    }
    begin("for i in 0 1 2 3 4 5 7; do T $i || exit 1; done");
    exits("unshare -m sh -c 'cd D && mount -t tmpfs -o size=32k none shards && "
          "JOB_COMPLETION_INDEX=6 sh task.sh 1; code=$?; ls shards; exit $code'",
          2, "cannot write");
    exits("\"$S\" sweep D --status", 3, "00006    failed      0/2        1  exit code 2");
    /* And where the task works: */
    exits("unshare -m sh -c 'mount -t tmpfs -o size=32k none tmp && cd D && JOB_COMPLETION_INDEX=6 "
          "sh task.sh 1'",
          2, NULL);
    exits("T 6", 0, NULL);
    is_as_local();
}

static void the_status_is_also_json(void **state)
{
    char *out;
    json_error_t wrong;
    (void)state;
    begin("T 0; T 5");
    assert_int_equal(sh("\"$S\" sweep D --status --json", &out, NULL), 3);
    json_t *json = json_loads(out, 0, &wrong);
    assert_non_null(json);
    assert_int_equal(json_integer_value(json_object_get(json, "points")), 18);
    assert_int_equal(json_integer_value(json_object_get(json, "points_done")), 5);
    assert_int_equal(json_integer_value(json_object_get(json, "shards")), 8);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "fates"), "whole")),
                     2);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "fates"), "missing")),
                     6);
    assert_int_equal(json_array_size(json_object_get(json, "unfinished")), 6);
    assert_true(json_is_true(json_object_get(json, "queue_known")));
    assert_true(json_is_false(json_object_get(json, "merged")));
    json_decref(json);
    free(out);
}

static void what_the_queue_holds_is_running_or_waiting(void **state)
{
    (void)state;
    begin("printf '#!/bin/sh\\necho \"7|1|RUNNING\"; echo \"7|2|PENDING\"\\n' > bin/squeue; T 0");
    exits("\"$S\" sweep D --status", 3,
          "  whole         1   the file is there and checked\n"
          "  running       1   a task is at it\n"
          "  waiting       1   in the queue\n"
          "  missing       5   no task of it has begun, and none is in the queue\n");
    exits("\"$S\" sweep D --resume --backend kubernetes --image a/b:1 --volume-claim c", 2,
          "an image wants the scenario's files");
    exits("\"$S\" sweep D --resume", 0, "5 of 8 shards submitted, 1 are whole, 2 are still in the");
    exits("printf '#!/bin/sh\\necho no controller >&2; exit 1\\n' > bin/squeue; "
          "\"$S\" sweep D --status",
          3, "  What is in the queue is not known: squeue: no controller\n");
    exits("\"$S\" sweep D --resume", 2, "squeue: no controller");
    exits("printf '#!/bin/sh\\n' > bin/squeue; rm bin/sbatch; PATH=\"$PWD/bin:/usr/bin:/bin\"\n"
          "command -v sbatch || \"$S\" sweep D --resume",
          access("/usr/bin/sbatch", F_OK) == 0 ? 0 : 2,
          access("/usr/bin/sbatch", F_OK) == 0 ? "sbatch" : "cannot run sbatch: No such file");
    exits("printf '#!/bin/sh\\necho 7\\n' > bin/sbatch; chmod +x bin/sbatch", 0, NULL);
}

static void mistakes_on_the_line_are_said(void **state)
{
    (void)state;
    exits("\"$S\" sweep s.yaml --backend pbs -o D", 2,
          "--backend is local, slurm or kubernetes, not 'pbs'");
    exits("\"$S\" sweep s.yaml --backend slurm", 2,
          "a cluster's sweep wants its folder: -o FOLDER");
    exits("\"$S\" sweep s.yaml --backend slurm -o D --shards 19", 2,
          "there are only 18 points for 19 shards");
    exits("\"$S\" sweep - --backend slurm -o N --shards 2 < s.yaml", 2, "it must be a file");
    exits("\"$S\" sweep s.yaml --backend slurm -o bin", 2,
          "bin holds other files and no sweep.json");
    exits("\"$S\" sweep tmp --status", 2, "tmp is not the folder of a sweep");
    exits("\"$S\" sweep nowhere --resume", 2, "cannot open nowhere");
    exits("\"$S\" sweep s.yaml --backend kubernetes -o K", 2, "--image is not given");
    exits("\"$S\" sweep s.yaml --backend kubernetes -o K --image a/b:1", 2,
          "--volume-claim is not given");
    exits("\"$S\" sweep K --cancel", 2, "was never submitted");
}

static void a_kubernetes_folder_is_resumed_with_what_it_was_asked(void **state)
{
    (void)state;
    exits("rm -rf K; \"$S\" sweep s.yaml --backend kubernetes -o K --shards 8 --image a/b:1 "
          "--volume-claim c --at-once 3 && grep -q 'parallelism: 3' K/job.yaml && "
          "grep -q 'completions: 8' K/job.yaml",
          0, "kubectl apply -f ");
    exits("\"$S\" sweep s.yaml --shard 2/8 -o K/shards/00002.db -q && \"$S\" sweep K --resume && "
          "grep -q 'completions: 7' K/job.yaml && grep -q 'image: \"a/b:1\"' K/job.yaml && "
          "grep -q 'value: \"0 1 3 4 5 6 7\"' K/job.yaml",
          0, "  7 of 8 shards are in it, 1 are whole\n");
    exits("\"$S\" sweep K --status", 3, "last as kubernetes job seatrial-");
    exits("\"$S\" sweep K --status", 3,
          "  unknown       7   nobody knows whether a task is at it\n");
    exits("\"$S\" sweep K --status", 3, "not known: kubectl get pods knows which shards run\n");
    exits("\"$S\" sweep K --cancel", 0, "kubectl delete job,configmap seatrial-");
    exits("test -e K/cancelled", 0, NULL);
    /* What is to be pasted runs nothing that a folder is called. */
    exits("rm -rf 'K $(touch x)'; mv K 'K $(touch x)'; \"$S\" sweep 'K $(touch x)' --resume", 0,
          "kubectl apply -f '");
    exits("mv 'K $(touch x)' K; test ! -e x", 0, NULL);
}

/* Each file that the document names is there after a sweep, and none that it does not name. */
static void the_document_names_every_file(void **state)
{
    struct markdown m;
    char code[200], path[300];
    int n = 0;
    (void)state;
    begin("printf x > D/logs/JOB_7.log; all; cd D && sh merge.sh && \"$S\" sweep . --cancel -q");
    exits("\"$S\" sweep s.yaml --shard 2/8 -o K/shards/00002.db -q; cp -r K/job.yaml K/image D", 0,
          NULL);
    markdown_read(root_path("docs/sweep-clusters.md"), &m);
    for (size_t r = 0; r < m.row_n; r++) {
        if (!strstr(m.rows[r].heading, "The folder") || !m.rows[r].head) continue;
        if (strcmp(m.rows[r].head, "File") != 0) continue;
        assert_true(markdown_code(m.rows[r].cells[0], 0, code, sizeof code));
        snprintf(path, sizeof path, "D/%s", code);
        if (access(scratch_path(path), F_OK) != 0) fail_msg("there is no %s", code);
        n++;
    }
    assert_int_equal(n, 11);
    for (int f = 0; f < FATE_N; f++)
        if (!markdown_find(&m, "The folder", "State", shard_fates[f]))
            fail_msg("nothing is said of '%s'", shard_fates[f]);
    markdown_free(&m);
    exits("test $(ls D | wc -l) -eq 11", 0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_by_hand_is_the_local_sweep),
        cmocka_unit_test(what_is_missing_goes_by_a_list),
        cmocka_unit_test(settings_go_with_the_tasks),
        cmocka_unit_test(two_tasks_with_the_same_index_count_once),
        cmocka_unit_test(a_task_that_is_killed_is_run_again),
        cmocka_unit_test(a_task_that_is_told_to_stop_is_gone_on_with),
        cmocka_unit_test(a_truncated_shard_is_seen_and_made_anew),
        cmocka_unit_test(a_shard_of_another_scenario_is_seen_and_made_anew),
        cmocka_unit_test(an_edited_scenario_never_mixes),
        cmocka_unit_test(an_edited_trace_never_mixes),
        cmocka_unit_test(a_full_disk_costs_an_attempt),
        cmocka_unit_test(the_status_is_also_json),
        cmocka_unit_test(what_the_queue_holds_is_running_or_waiting),
        cmocka_unit_test(mistakes_on_the_line_are_said),
        cmocka_unit_test(a_kubernetes_folder_is_resumed_with_what_it_was_asked),
        cmocka_unit_test(the_document_names_every_file),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
