/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a sweep and the image behind it: what stands in it, that nothing given can break
 * out of it, and that an API server would take it (tests/kubernetes/check.mjs). */
#include "tools/sweep/kubernetes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "tests/kubernetes.h"
#include "tests/support.h"
#include "tools/sweep/yaml_text.h"

static const char id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static const char scenario[] = "seatrial: 1\nname: \"it's\"\nvary:\n\n  - run.seed: [1, 2]\n";

/* ---- Manifests ---- */

struct asked {
    struct sweep_plan plan;
    struct backend_options options;
    bool wanted[KUBERNETES_SHARDS_MAX + 1];
    int32_t submission;
};

static struct asked *usual(int32_t shards)
{
    struct asked *a = calloc(1, sizeof *a);
    assert_non_null(a);
    a->plan = (struct sweep_plan){ id, "0.1.0", "/a/b.yaml", "/bin/seatrial", 4 * shards, 0,
                                   -1, shards,  30.0,        100 * 1024 };
    backend_options_init(&a->options);
    a->options.backend = BACKEND_KUBERNETES;
    a->options.image = "registry.example:5000/lab/seatrial:1";
    a->options.volume_claim = "sweeps";
    a->options.most_at_once = 4;
    a->submission = 1;
    for (int32_t i = 0; i < shards; i++) a->wanted[i] = true;
    return a;
}

static enum status try_manifest(const struct asked *a, const char *text, char **manifest,
                                struct error *err)
{
    const struct kubernetes_job job = { &a->plan, &a->options, text, a->wanted, a->submission };
    return kubernetes_manifest(&job, manifest, err);
}

static char *manifest_of(const struct asked *a, const char *text)
{
    struct error err = { STATUS_OK, "" };
    char *manifest;
    if (try_manifest(a, text, &manifest, &err) != STATUS_OK) fail_msg("%s", err.message);
    return manifest;
}

/* ---- Read back ---- */

struct parsed {
    yaml_document_t config, job;
};

static void parse(const char *manifest, struct parsed *p)
{
    yaml_parser_t parser;
    assert_true(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, (const unsigned char *)manifest, strlen(manifest));
    if (!yaml_parser_load(&parser, &p->config) || !yaml_parser_load(&parser, &p->job))
        fail_msg("%s at line %zu", parser.problem, parser.problem_mark.line + 1);
    yaml_document_t end;
    assert_true(yaml_parser_load(&parser, &end)); /* two documents, and no third */
    assert_null(yaml_document_get_root_node(&end));
    yaml_document_delete(&end);
    yaml_parser_delete(&parser);
}

static void parsed_free(struct parsed *p)
{
    yaml_document_delete(&p->config);
    yaml_document_delete(&p->job);
}

static yaml_node_t *child(yaml_document_t *doc, yaml_node_t *node, const char *key, size_t n)
{
    if (node->type == YAML_SEQUENCE_NODE)
        return yaml_document_get_node(doc, node->data.sequence.items.start[atoi(key)]);
    if (node->type != YAML_MAPPING_NODE) return NULL;
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
         p++) {
        yaml_node_t *name = yaml_document_get_node(doc, p->key);
        if (name->data.scalar.length == n && memcmp(name->data.scalar.value, key, n) == 0)
            return yaml_document_get_node(doc, p->value);
    }
    return NULL;
}

/* The text at "spec/template/spec/containers/0/name"; NULL where there is none. */
static const char *at(yaml_document_t *doc, const char *path)
{
    yaml_node_t *node = yaml_document_get_root_node(doc);
    while (node && *path) {
        size_t n = strcspn(path, "/");
        node = child(doc, node, path, n);
        path += n + (path[n] == '/');
    }
    return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static void is(yaml_document_t *doc, const char *path, const char *text)
{
    const char *found = at(doc, path);
    if (!found) fail_msg("there is no %s", path);
    assert_string_equal(found, text);
}

/* ---- What stands in it ---- */

static void the_manifest_is_the_golden_one(void **state)
{
    struct asked *a = usual(20);
    (void)state;
    char *manifest = manifest_of(a, scenario);
    char *golden = read_file(root_path("tests/golden/sweep-job.yaml"), NULL);
    if (strcmp(manifest, golden) != 0) {
        write_text("build/sweep-job.yaml", manifest);
        fail_msg("the manifest is not tests/golden/sweep-job.yaml but build/sweep-job.yaml");
    }
    free(golden);
    free(manifest);
    free(a);
}

/* Each rule that an API server has for such Jobs, asked of what was written. */
static void rules_hold(struct parsed *p, int completions)
{
    char number[20];
    yaml_document_t *job = &p->job;
    const char *name = at(job, "metadata/name");
    is(job, "spec/completionMode", "Indexed");
    snprintf(number, sizeof number, "%d", completions);
    is(job, "spec/completions", number);
    is(job, "spec/template/spec/restartPolicy", "Never");
    is(job, "spec/podReplacementPolicy", "Failed");
    is(job, "spec/backoffLimitPerIndex", "2");
    assert_true(atoi(at(job, "spec/maxFailedIndexes")) <= completions);
    assert_true(atoi(at(job, "spec/parallelism")) <= 10000);
    assert_true(atoi(at(job, "spec/parallelism")) <= completions);
    is(job, "spec/podFailurePolicy/rules/0/action", "Ignore");
    is(job, "spec/podFailurePolicy/rules/1/action", "FailIndex");
    is(job, "spec/podFailurePolicy/rules/1/onExitCodes/operator", "In");
    is(job, "spec/podFailurePolicy/rules/1/onExitCodes/values/0", "2");
    is(job, "spec/podFailurePolicy/rules/1/onExitCodes/containerName",
       at(job, "spec/template/spec/containers/0/name"));
    assert_true(strlen(name) + 1 + strlen(number) <= 63);
    assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
    is(&p->config, "metadata/name", name);
    is(job, "spec/template/spec/volumes/1/configMap/name", name);
}

static void rules_of_the_server_hold(void **state)
{
    static const int shards[] = { 1, 2, 20, 999, 10000 };
    (void)state;
    for (size_t i = 0; i < sizeof shards / sizeof *shards; i++) {
        struct asked *a = usual(shards[i]);
        struct parsed p;
        a->options.most_at_once = i % 2 ? 0 : 7;
        a->submission = 2147483647;
        char *manifest = manifest_of(a, scenario);
        parse(manifest, &p);
        rules_hold(&p, shards[i]);
        parsed_free(&p);
        free(manifest);
        free(a);
    }
}

static void time_memory_and_threads_are_asked_for(void **state)
{
    struct asked *a = usual(20);
    struct parsed p;
    (void)state;
    a->options.threads = 2;
    a->options.k8s_namespace = "lab";
    char *manifest = manifest_of(a, scenario);
    parse(manifest, &p);
    is(&p.job, "spec/template/spec/activeDeadlineSeconds", "600");
    is(&p.job, "spec/template/spec/containers/0/resources/requests/cpu", "2");
    is(&p.job, "spec/template/spec/containers/0/resources/requests/memory", "368Mi");
    is(&p.job, "spec/template/spec/containers/0/resources/limits/memory", "368Mi");
    is(&p.job, "spec/template/spec/containers/0/env/1/name", "SEATRIAL_THREADS");
    is(&p.job, "spec/template/spec/containers/0/env/1/value", "2");
    is(&p.job, "metadata/namespace", "lab");
    is(&p.config, "metadata/namespace", "lab");
    is(&p.job, "spec/template/spec/volumes/0/persistentVolumeClaim/claimName", "sweeps");
    parsed_free(&p);
    free(manifest);
    free(a);
}

static void a_resumed_job_has_only_what_is_missing(void **state)
{
    struct asked *a = usual(20);
    struct parsed p;
    (void)state;
    memset(a->wanted, 0, sizeof a->wanted);
    a->wanted[3] = a->wanted[5] = a->wanted[17] = true;
    a->submission = 2;
    char *manifest = manifest_of(a, scenario);
    parse(manifest, &p);
    rules_hold(&p, 3);
    is(&p.job, "metadata/name", "seatrial-0123456789ab-2");
    is(&p.job, "spec/template/spec/containers/0/env/2/name", "SEATRIAL_SHARDS");
    is(&p.job, "spec/template/spec/containers/0/env/2/value", "3 5 17");
    is(&p.job, "spec/template/spec/containers/0/command/2", "2");
    parsed_free(&p);
    free(manifest);
    memset(a->wanted, 0, sizeof a->wanted);
    a->wanted[19] = true; /* one alone, which is not index 19 of its Job */
    manifest = manifest_of(a, scenario);
    parse(manifest, &p);
    rules_hold(&p, 1);
    is(&p.job, "spec/template/spec/containers/0/env/2/value", "19");
    parsed_free(&p);
    free(manifest);
    free(a);
}

static const char *const texts[] = {
    "a: 1\n",
    "a: 1", /* no end */
    "a: 1\n\n\n",
    "  a: 1\n", /* would be the block's indentation */
    "\ta\n",
    "\n\na: 1\n",
    "a: |\n  b  \n\n  c\t\n",
    "---\nkind: Secret\n...\n",
    "%YAML 1.1\n--- !!x\n",
    "a\r\nb\r\n",
    "\"}]\n'{[\n$(touch x) `y` ${HOME} $(JOB_COMPLETION_INDEX)\n",
    "caf\xc3\xa9 \xf0\x9f\x9a\xa2 \xe4\xb8\xad\n",
    "nel \xc2\x85 ls \xe2\x80\xa8 ps \xe2\x80\xa9 bom \xef\xbb\xbf end\n",
    "esc \x1b[31m bell \x07 del \x7f\n",
    "\xef\xbb\xbfseatrial: 1\n",
    " \n",
    "\n",
    "#\n",
};

static void any_scenario_is_read_back_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct asked *a = usual(2);
        struct parsed p;
        char *manifest = manifest_of(a, texts[i]);
        parse(manifest, &p);
        is(&p.config, "data/scenario.yaml", texts[i]);
        rules_hold(&p, 2);
        parsed_free(&p);
        free(manifest);
        free(a);
    }
}

/* Random text of the bytes that YAML minds. */
static void random_scenarios_too(void **state)
{
    static const char *const pieces[] = {
        "\n", "\n", " ",        "  ",           "\t", "a", "- ", ": ", "#", "'", "\"", "\\",
        "|",  ">",  "\xc2\x85", "\xe2\x80\xa8", "{",  "]", "&x", "*x", "!", "%", "\r", "---"
    };
    uint64_t random = 7;
    (void)state;
    for (uint64_t seed = 0; seed < seeds_or(600); seed++) {
        char text[200] = "";
        struct asked *a = usual(2);
        struct parsed p;
        for (int i = 0; i < 24; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            strcat(text, pieces[(random >> 33) % 24]);
        }
        char *manifest = manifest_of(a, text);
        parse(manifest, &p);
        is(&p.config, "data/scenario.yaml", text);
        parsed_free(&p);
        free(manifest);
        free(a);
    }
}

static void refused(struct asked *a, const char *text, const char *why)
{
    struct error err = { STATUS_OK, "" };
    char *manifest;
    assert_int_equal(try_manifest(a, text, &manifest, &err), STATUS_BAD_INPUT);
    assert_null(manifest);
    if (!strstr(err.message, why)) fail_msg("'%s' does not say '%s'", err.message, why);
    free(a);
}

#define LABEL_OF_64 "a23456789012345678901234567890123456789012345678901234567890abcd"

static void names_that_kubernetes_does_not_take_are_refused(void **state)
{
    static const char *const images[] = { NULL, "",      "a b",     "a\"\n  evil: x",
                                          "-a", "a$(x)", "\xc3\xa9" };
    static const char *const claims[] = { NULL, "",     "Upper", "a_b", "-a",
                                          "a-", "a\nb", "a..b",  "a\"" };
    static const char *const spaces[] = { "", "Upper", "a.b", "a\nb", LABEL_OF_64 };
    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        struct asked *a = usual(2);
        a->options.image = images[i];
        refused(a, scenario, "--image");
    }
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct asked *a = usual(2);
        a->options.volume_claim = claims[i];
        refused(a, scenario, "--volume-claim");
    }
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        struct asked *a = usual(2);
        a->options.k8s_namespace = spaces[i];
        refused(a, scenario, "--namespace");
    }
    refused(usual(2), "caf\xe9\n", "the scenario is not UTF-8");
    refused(usual(2), "\xed\xa0\x80\n", "the scenario is not UTF-8");
    refused(usual(10001), scenario, "10001 shards are too many for one Job; ask for at most 10000");
    char *big = malloc(1000003);
    assert_non_null(big);
    memset(big, 'a', 1000002);
    big[1000002] = '\0';
    refused(usual(2), big, "a ConfigMap holds a million");
    free(big);
}

/* ---- The checks of a server ---- */

static const struct {
    const char *from, *to, *why;
} mutations[] = {
    { "  completions: 20\n", "", "completions are required" },
    { "restartPolicy: Never", "restartPolicy: OnFailure", "restartPolicy must be Never" },
    { "maxFailedIndexes: 20", "maxFailedIndexes: 21", "maxFailedIndexes is at most completions" },
    { "podReplacementPolicy: Failed", "podReplacementPolicy: TerminatingOrFailed",
      "podReplacementPolicy must be Failed" },
    { "values: [2]", "values: [0, 2]", "exit code 0 cannot be In" },
    { "name: seatrial-0123456789ab-1\n", "name: Seatrial_1\n", "the name is a DNS label" },
    { "name: seatrial-0123456789ab-1\n",
      "name: seatrial-0123456789ab-0123456789ab-0123456789ab-0123456789ab-1\n", "at most 63" },
    { "completionMode: Indexed", "completionMode: Indexd", "/spec/completionMode" },
    { "  parallelism: 4\n", "  paralelism: 4\n", "additional properties paralelism" },
    { "  backoffLimitPerIndex: 2\n", "", "needs backoffLimitPerIndex" },
    { "  backoffLimitPerIndex: 2\n", "  backoffLimitPerIndex: two\n",
      "backoffLimitPerIndex must be integer" },
    { "containerName: shard", "containerName: sim", "onExitCodes names a container" },
    { "action: FailIndex", "action: FailShard", "/spec/podFailurePolicy/rules/1/action" },
    { "claimName: \"sweeps\"", "claim: \"sweeps\"", "additional properties claim" },
    { "- name: scratch\n          emptyDir", "- name: scratches\n          emptyDir",
      "a mount names a volume" },
    { "mountPath: /tmp", "mountPath: /sweep", "each once" },
    { "memory: 224Mi\n            limits", "memory: 224 MB\n            limits",
      "must match pattern" },
    { "value: \"1\"", "value: 1", "must be string" },
    { "immutable: true", "immutable: yes please", "must be boolean" },
    { "  scenario.yaml: |", "  my scenario.yaml: |", "a key is letters" },
    { "kind: Job", "kind: Jobs", "no such kind" },
    { "  parallelism: 4\n", "  parallelism: 4\n  parallelism: 5\n", "duplicated mapping key" },
};

static char *mutated(const char *text, const char *from, const char *to)
{
    char *all = NULL;
    size_t n;
    FILE *out = open_memstream(&all, &n);
    bool hit = false;
    for (const char *found; (found = strstr(text, from)) != NULL; text = found + strlen(from)) {
        fprintf(out, "%.*s%s", (int)(found - text), text, to);
        hit = true;
    }
    fputs(text, out);
    fclose(out);
    if (!hit) fail_msg("the manifest has no '%s'", from);
    return all;
}

/* The command up to the manifests. */
static const char *checker_or_skip(void)
{
    static char command[3000];
    const char *schema =
        shared_or_skip("reference/cluster/kubernetes/fixtures/openapi-v3-batch-v1.json");
    snprintf(command, sizeof command, "node '%s'/check.mjs '%s'", kubernetes_checkers_or_skip(),
             schema);
    return command;
}

/* Lines that begin so and hold the word. */
static int lines_with(const char *text, const char *begin, const char *word)
{
    int n = 0;
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        char line[1500];
        length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        n += strncmp(line, begin, strlen(begin)) == 0 && strstr(line, word);
    }
    return n;
}

static void an_api_server_would_take_it_and_no_mutation_of_it(void **state)
{
    enum { N = sizeof mutations / sizeof *mutations };
    char command[8000], name[40], *said;
    struct asked *a = usual(20);
    (void)state;
    int n = snprintf(command, sizeof command, "%s", checker_or_skip());
    char *good = manifest_of(a, scenario);
    write_text(scratch_path("good.yaml"), good);
    n += snprintf(command + n, sizeof command - (size_t)n, " '%s'", scratch_path("good.yaml"));
    a->wanted[4] = a->wanted[9] = false;
    a->options.k8s_namespace = "lab";
    char *resumed = manifest_of(a, texts[12]);
    write_text(scratch_path("resumed.yaml"), resumed);
    n += snprintf(command + n, sizeof command - (size_t)n, " '%s'", scratch_path("resumed.yaml"));
    for (size_t i = 0; i < N; i++) {
        char *bad = mutated(good, mutations[i].from, mutations[i].to);
        snprintf(name, sizeof name, "bad-%02zu.yaml", i);
        write_text(scratch_path(name), bad);
        n += snprintf(command + n, sizeof command - (size_t)n, " '%s'", scratch_path(name));
        free(bad);
    }
    int code = run_command(command, &said, NULL);
    assert_int_equal(code, 1);
    if (lines_with(said, "ok ", "/good.yaml") != 2 || lines_with(said, "ok ", "/resumed.yaml") != 2)
        fail_msg("%.2000s", said);
    for (size_t i = 0; i < N; i++) {
        bool found = false;
        snprintf(name, sizeof name, "bad-%02zu.yaml", i);
        for (const char *line = said; (line = strstr(line, "BAD ")) != NULL; line++) {
            char one[1500];
            snprintf(one, sizeof one, "%.*s", (int)strcspn(line, "\n"), line);
            found = found || (strstr(one, name) && strstr(one, mutations[i].why));
        }
        if (!found)
            fail_msg("'%s' for '%s' was not refused by '%s':\n%s", mutations[i].to,
                     mutations[i].from, mutations[i].why, said);
    }
    free(said);
    free(good);
    free(resumed);
    free(a);
}

/* ---- The image ---- */

static void open_folder(struct directory *d, const char *name, const char *of)
{
    struct error err = { STATUS_OK, "" };
    static char program[4200];
    char *real = realpath(seatrial_path(), NULL);
    assert_non_null(real);
    snprintf(program, sizeof program, "%s", real);
    free(real);
    const struct sweep_plan plan = { id, "0.1.0", of, program, 40, 0, -1, 20, 0.1, 1024 };
    if (directory_create(d, scratch_path(name), &plan, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static bool is_there(const char *folder, const char *name)
{
    char path[4300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, R_OK) == 0;
}

static enum status submit(struct directory *d, const char *const *inputs, char **said,
                          struct error *err)
{
    struct backend_options options;
    size_t n;
    backend_options_init(&options);
    options.backend = BACKEND_KUBERNETES;
    options.image = "registry.example/seatrial:1";
    options.volume_claim = "sweeps";
    options.inputs = inputs;
    FILE *say = open_memstream(said, &n);
    enum status status = backend_submit(d, &options, say, err);
    fclose(say);
    return status;
}

static void the_image_holds_what_a_task_needs(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    char *said, command[9000];
    (void)state;
    assert_int_equal(mkdir(scratch_path("given"), 0777), 0);
    assert_int_equal(mkdir(scratch_path("given/traces"), 0777), 0);
    write_text(scratch_path("given/today.yaml"), "workload: {trace: traces/a b.csv}\n");
    write_text(scratch_path("given/traces/a b.csv"), "x");
    const char *const inputs[] = { scratch_path("given/today.yaml"), "shipped/prices.csv",
                                   scratch_path("given/traces/a b.csv"), NULL };
    open_folder(&d, "imaged", scratch_path("given/today.yaml"));
    if (submit(&d, inputs, &said, &err) != STATUS_OK) fail_msg("%s", err.message);
    if (!strstr(said, "kubectl apply -f ")) fail_msg("%s", said);
    free(said);
    static const char *const files[] = { "job.yaml", "image/seatrial", "image/prices/prices.csv",
                                         "image/scenario/traces/a b.csv",
                                         "image/scenario/scenario.yaml" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!is_there(d.path, files[i])) fail_msg("there is no %s", files[i]);
    /* All that the Containerfile copies is there, and the program runs from there. */
    snprintf(command, sizeof command,
             "cd '%s/image' && for f in $(sed -n 's/^COPY \\(--[^ ]* \\)*\\([^ ]*\\) .*/\\2/p' "
             "Containerfile); do [ -e \"$f\" ] || exit 1; done && SEATRIAL_DATA=. ./seatrial "
             "list instances > /dev/null",
             d.path);
    assert_int_equal(run_command(command, NULL, NULL), 0);
    directory_free(&d);
}

static void every_library_is_of_a_package_that_the_image_installs(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    char *said, *missing, command[9000];
    (void)state;
    if (run_command("command -v dpkg-query && command -v ldd && grep -q bookworm /etc/os-release",
                    NULL, NULL) != 0) {
        print_message("skipped: not the Debian that the image is of\n");
        skip();
    }
    write_text(scratch_path("plain.yaml"), "seatrial: 1\n");
    open_folder(&d, "libraries", scratch_path("plain.yaml"));
    assert_int_equal(submit(&d, NULL, &said, &err), STATUS_OK);
    free(said);
    /* Sanitizers' are of the tests' own builds. */
    snprintf(command, sizeof command,
             "cd '%s/image' && readelf -d seatrial | sed -n 's/.*(NEEDED).*\\[\\(.*\\)\\]/\\1/p' | "
             "grep -v -e '^lib[cm]\\.so' -e '^lib[a-z]*san' -e '^libgcc' -e '^ld-' | while read -r "
             "name; do p=$(dpkg-query -S \"*/$name\" | sed 's/:.*//' | sort -u | head -n 1); "
             "grep -qw -e \"$p\" Containerfile || echo \"$name $p\"; done",
             d.path);
    assert_int_equal(run_command(command, &missing, NULL), 0);
    assert_string_equal(missing, "");
    free(missing);
    directory_free(&d);
}

static void files_that_a_container_would_not_find_are_refused(void **state)
{
    struct directory d;
    struct error err = { STATUS_OK, "" };
    char text[1200], *said;
    (void)state;
    assert_int_equal(mkdir(scratch_path("deep"), 0777), 0);
    write_text(scratch_path("above.csv"), "x");
    write_text(scratch_path("deep/own.csv"), "x");
    write_text(scratch_path("deep/scenario.yaml"), "x");
    snprintf(text, sizeof text, "workload: {trace: '%s'}\n", scratch_path("deep/own.csv"));
    write_text(scratch_path("deep/absolute.yaml"), text);
    write_text(scratch_path("deep/today.yaml"), "workload: {trace: ../above.csv}\n");
    const char *const above[] = { scratch_path("above.csv"), NULL };
    const char *const own[] = { scratch_path("deep/own.csv"), NULL };
    const char *const same[] = { scratch_path("deep/scenario.yaml"), NULL };
    const char *const gone[] = { scratch_path("deep/gone.csv"), NULL };
    open_folder(&d, "above", scratch_path("deep/today.yaml"));
    assert_int_equal(submit(&d, above, &said, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "beneath the scenario's own folder"));
    free(said);
    assert_int_equal(submit(&d, same, &said, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "has the name that the scenario itself has"));
    free(said);
    assert_int_equal(submit(&d, gone, &said, &err), STATUS_IO);
    free(said);
    assert_false(is_there(d.path, "job.yaml"));
    directory_free(&d);
    open_folder(&d, "absolute", scratch_path("deep/absolute.yaml"));
    assert_int_equal(submit(&d, own, &said, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "a container has no "));
    free(said);
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_manifest_is_the_golden_one),
        cmocka_unit_test(rules_of_the_server_hold),
        cmocka_unit_test(time_memory_and_threads_are_asked_for),
        cmocka_unit_test(a_resumed_job_has_only_what_is_missing),
        cmocka_unit_test(any_scenario_is_read_back_as_it_was),
        cmocka_unit_test(random_scenarios_too),
        cmocka_unit_test(names_that_kubernetes_does_not_take_are_refused),
        cmocka_unit_test(an_api_server_would_take_it_and_no_mutation_of_it),
        cmocka_unit_test(the_image_holds_what_a_task_needs),
        cmocka_unit_test(every_library_is_of_a_package_that_the_image_installs),
        cmocka_unit_test(files_that_a_container_would_not_find_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
