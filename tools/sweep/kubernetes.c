/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/kubernetes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/diagnostics.h"
#include "tools/command.h"
#include "tools/emit/emit_text.h"
#include "tools/sweep/image.h"
#include "tools/sweep/ranges.h"
#include "tools/sweep/task_script.h"
#include "tools/sweep/yaml_text.h"

/* A ConfigMap holds at most 1 MiB (kubernetes.io, "ConfigMaps"); task.sh takes a little of it. */
enum { SCENARIO_BYTES_MAX = 1000 * 1000, PARALLELISM_MAX = 10000, LABEL_MAX = 63 };

void kubernetes_job_name(const struct sweep_plan *plan, int32_t submission, char name[40])
{
    snprintf(name, 40, "seatrial-%.12s-%d", plan->id, submission);
}

/* ---- What Kubernetes takes ---- */

/* A name without dots (RFC 1123): at most 63. */
static bool is_dns_label(const char *text)
{
    return emit_is_dns_name(text) && !strchr(text, '.') && strlen(text) <= LABEL_MAX;
}

/* registry.example:5000/path/name:tag@sha256:... */
static bool is_image(const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n > 400 || !isalnum((unsigned char)*text)) return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("._-/:@", *text)) return false;
    return true;
}

static enum status look_at_names(const struct kubernetes_job *job, struct error *err)
{
    const struct backend_options *o = job->options;
    if (!o->image || !is_image(o->image))
        return error_set(err, STATUS_BAD_INPUT,
                         "--image %s: a container image such as registry.example/seatrial:1 is "
                         "needed",
                         o->image ? o->image : "is not given");
    if (!o->volume_claim || !emit_is_dns_name(o->volume_claim))
        return error_set(err, STATUS_BAD_INPUT,
                         "--volume-claim %s: the name of a PersistentVolumeClaim is needed (small "
                         "letters, digits, hyphens)",
                         o->volume_claim ? o->volume_claim : "is not given");
    if (o->k8s_namespace && !is_dns_label(o->k8s_namespace))
        return error_set(err, STATUS_BAD_INPUT,
                         "--namespace %s: a namespace is small letters, digits and hyphens, at "
                         "most 63",
                         o->k8s_namespace);
    if (!yaml_text_is_sayable(job->scenario))
        return error_set(err, STATUS_BAD_INPUT, "the scenario is not UTF-8");
    size_t n = strlen(job->scenario);
    if (n > SCENARIO_BYTES_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "the scenario has %zu bytes; a ConfigMap holds a million", n);
    return STATUS_OK;
}

static int32_t count(const struct kubernetes_job *job)
{
    int32_t n = 0;
    for (int32_t i = 0; i < job->plan->shards; i++) n += job->wanted[i];
    return n;
}

/* The rules that join fields of a Job; an API server refuses what breaks them. */
static enum status look_at_numbers(const struct kubernetes_job *job, int32_t completions,
                                   int32_t parallelism, struct error *err)
{
    char name[40], last[20];
    kubernetes_job_name(job->plan, job->submission, name);
    snprintf(last, sizeof last, "-%d", completions - 1);
    if (completions < 1 || completions > KUBERNETES_SHARDS_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "%d shards are too many for one Job; ask for at most %d, by --shards",
                         completions, KUBERNETES_SHARDS_MAX);
    if (parallelism < 1 || parallelism > PARALLELISM_MAX || !is_dns_label(name) ||
        strlen(name) + strlen(last) > LABEL_MAX)
        return error_set(err, STATUS_BUG, "a Job that Kubernetes would refuse");
    return STATUS_OK;
}

/* ---- The manifest ---- */

static void metadata(FILE *out, const struct kubernetes_job *job, const char *name)
{
    fprintf(out, "metadata:\n  name: %s\n", name);
    if (job->options->k8s_namespace)
        fprintf(out, "  namespace: \"%s\"\n", job->options->k8s_namespace);
    fputs("  labels:\n"
          "    app.kubernetes.io/name: seatrial\n"
          "    app.kubernetes.io/component: sweep\n"
          "  annotations:\n"
          "    seatrial-sweep: ",
          out);
    yaml_text_quoted(out, job->plan->id);
    fputs("\n    seatrial-version: ", out);
    yaml_text_quoted(out, job->plan->version);
    fputc('\n', out);
}

static bool config_map(FILE *out, const struct kubernetes_job *job, const char *name)
{
    const struct task_places places = { IMAGE_PROGRAM, IMAGE_SCENARIO "/scenario.yaml" };
    char *script = task_script(job->plan, &places);
    if (!script) return false;
    fputs("apiVersion: v1\nkind: ConfigMap\n", out);
    metadata(out, job, name);
    fputs("immutable: true\ndata:\n  scenario.yaml: ", out);
    yaml_text_block(out, 4, job->scenario);
    fputs("  task.sh: ", out);
    yaml_text_block(out, 4, script);
    free(script);
    return true;
}

/* Index I of the Job is the I-th wanted shard; where all are wanted, it is the shard itself. */
static void shard_list(FILE *out, const struct kubernetes_job *job, int32_t completions)
{
    const char *between = "";
    if (completions == job->plan->shards) return;
    fputs("            - name: SEATRIAL_SHARDS\n              value: \"", out);
    for (int32_t i = 0; i < job->plan->shards; i++) {
        if (!job->wanted[i]) continue;
        fprintf(out, "%s%d", between, i);
        between = " ";
    }
    fputs("\"\n", out);
}

static void job_spec(FILE *out, int32_t completions, int32_t parallelism)
{
    fprintf(out,
            "spec:\n"
            "  completionMode: Indexed\n"
            "  completions: %d\n"
            "  parallelism: %d\n"
            "  backoffLimitPerIndex: %d\n"
            "  # One shard that fails stops no other.\n"
            "  maxFailedIndexes: %d\n"
            "  podReplacementPolicy: Failed\n"
            "  podFailurePolicy:\n"
            "    rules:\n"
            "      # An evicted pod is no failure of the shard.\n"
            "      - action: Ignore\n"
            "        onPodConditions:\n"
            "          - type: DisruptionTarget\n"
            "            status: \"True\"\n"
            "      # Bad input stays bad.\n"
            "      - action: FailIndex\n"
            "        onExitCodes:\n"
            "          containerName: shard\n"
            "          operator: In\n"
            "          values: [2]\n",
            completions, parallelism, TASK_ATTEMPTS - 1, completions);
}

static void pod(FILE *out, const struct kubernetes_job *job, int32_t completions, const char *name)
{
    const struct backend_options *o = job->options;
    struct backend_ask ask = backend_ask_of(job->plan, o->threads);
    fprintf(out,
            "  template:\n"
            "    metadata:\n"
            "      labels:\n"
            "        app.kubernetes.io/name: seatrial\n"
            "        app.kubernetes.io/component: sweep\n"
            "    spec:\n"
            "      restartPolicy: Never\n"
            "      activeDeadlineSeconds: %lld\n"
            "      # A pod that is told to stop publishes what it has, and exits with 3.\n"
            "      terminationGracePeriodSeconds: 60\n"
            "      automountServiceAccountToken: false\n"
            "      enableServiceLinks: false\n"
            "      securityContext:\n"
            "        runAsNonRoot: true\n"
            "        runAsUser: %d\n"
            "        runAsGroup: %d\n"
            "        fsGroup: %d\n"
            "        seccompProfile:\n"
            "          type: RuntimeDefault\n"
            "      containers:\n"
            "        - name: shard\n"
            "          image: \"%s\"\n"
            "          command: [/bin/sh, /etc/seatrial/task.sh, \"%d\"]\n"
            "          workingDir: /sweep\n"
            "          env:\n"
            "            - name: TMPDIR\n"
            "              value: /tmp\n"
            "            - name: SEATRIAL_THREADS\n"
            "              value: \"%d\"\n",
            (long long)ask.minutes * 60, IMAGE_USER, IMAGE_USER, IMAGE_USER, o->image,
            job->submission, o->threads);
    shard_list(out, job, completions);
    fprintf(out,
            "          resources:\n"
            "            requests:\n"
            "              cpu: \"%d\"\n"
            "              memory: %lldMi\n"
            "            limits:\n"
            "              memory: %lldMi\n"
            "          securityContext:\n"
            "            allowPrivilegeEscalation: false\n"
            "            readOnlyRootFilesystem: true\n"
            "            capabilities:\n"
            "              drop: [ALL]\n"
            "          volumeMounts:\n"
            "            - name: sweep\n"
            "              mountPath: /sweep\n"
            "            - name: given\n"
            "              mountPath: /etc/seatrial\n"
            "            # Beside the files of the image that it names.\n"
            "            - name: given\n"
            "              mountPath: " IMAGE_SCENARIO "/scenario.yaml\n"
            "              subPath: scenario.yaml\n"
            "            # A shard grows here, on the node, and is published whole.\n"
            "            - name: scratch\n"
            "              mountPath: /tmp\n"
            "      volumes:\n"
            "        - name: sweep\n"
            "          persistentVolumeClaim:\n"
            "            claimName: \"%s\"\n"
            "        - name: given\n"
            "          configMap:\n"
            "            name: %s\n"
            "        - name: scratch\n"
            "          emptyDir: {}\n",
            o->threads, (long long)ask.memory_mib, (long long)ask.memory_mib, o->volume_claim,
            name);
}

enum status kubernetes_manifest(const struct kubernetes_job *job, char **text, struct error *err)
{
    char name[40];
    size_t n;
    int32_t completions = count(job), most = job->options->most_at_once;
    int32_t parallelism = most > 0 && most < completions ? most : completions;
    *text = NULL;
    enum status status = look_at_names(job, err);
    if (status == STATUS_OK) status = look_at_numbers(job, completions, parallelism, err);
    if (status != STATUS_OK) return status;
    FILE *out = open_memstream(text, &n);
    if (!out) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    kubernetes_job_name(job->plan, job->submission, name);
    fprintf(out,
            "# A sweep of Seatrial's, submission %d. Written by seatrial; apply it with kubectl "
            "apply -f.\n",
            job->submission);
    bool ok = config_map(out, job, name);
    fputs("---\napiVersion: batch/v1\nkind: Job\n", out);
    metadata(out, job, name);
    job_spec(out, completions, parallelism);
    pod(out, job, completions, name);
    ok = !ferror(out) && ok;
    if (fclose(out) == 0 && ok) return STATUS_OK;
    free(*text);
    *text = NULL;
    return error_set(err, STATUS_NO_MEMORY, "out of memory");
}

/* ---- Into the folder ---- */

static enum status read_scenario(const char *path, char **text, struct error *err)
{
    size_t n = 0, room = 0;
    FILE *file = fopen(path, "re");
    *text = NULL;
    /* Up to the first zero byte, which no scenario that was loaded has. */
    bool ok = file && getdelim(text, &room, '\0', file) >= 0;
    if (ok) n = strlen(*text);
    if (file) fclose(file);
    if (ok && n > 0) return STATUS_OK;
    free(*text);
    return error_set(err, STATUS_IO, "cannot read %s", path);
}

static enum status write_manifest(const struct directory *d, const struct backend_options *options,
                                  const bool *wanted, int32_t number, struct error *err)
{
    char *scenario, *text = NULL;
    enum status status = read_scenario(d->plan.scenario, &scenario, err);
    if (status != STATUS_OK) return status;
    const struct kubernetes_job job = { &d->plan, options, scenario, wanted, number };
    status = kubernetes_manifest(&job, &text, err);
    if (status == STATUS_OK) status = image_write(d, options->inputs, scenario, err);
    if (status == STATUS_OK) status = directory_write(d, "job.yaml", text, strlen(text), err);
    free(text);
    free(scenario);
    return status;
}

static void say_next(const struct directory *d, const struct backend_options *options,
                     const char *name, FILE *say)
{
    fprintf(say, "  Wrote job.yaml (Job %s) and image/Containerfile in ", name);
    print_safe(say, d->path);
    fprintf(say, "; then:\n    podman build -t %s", options->image);
    directory_say(d, " ", "/image", say);
    fprintf(say, " && podman push %s\n", options->image);
    directory_say(d, "    kubectl apply -f ", "/job.yaml", say);
    fprintf(say, "\n  Its shards appear in the volume %s; --status reads them from ",
            options->volume_claim);
    print_safe(say, d->path);
    fputs("/shards.\n", say);
}

enum status kubernetes_submit(const struct directory *d, const struct backend_options *options,
                              const bool *wanted, int32_t number, int32_t *taken, FILE *say,
                              struct error *err)
{
    char name[40], *shards;
    enum status status = write_manifest(d, options, wanted, number, err);
    if (status != STATUS_OK) return status;
    kubernetes_job_name(&d->plan, number, name);
    *taken = ranges_write(wanted, d->plan.shards, 8 * KUBERNETES_SHARDS_MAX, &shards);
    if (!shards) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    status = directory_record(d,
                              json_pack("{s:s, s:s, s:i, s:s, s:s, s:o}", "event", "submitted",
                                        "backend", "kubernetes", "number", number, "shards", shards,
                                        "job_name", name, "options", backend_options_json(options)),
                              err);
    free(shards);
    if (status == STATUS_OK && say) say_next(d, options, name, say);
    return status;
}

enum status kubernetes_cancel(const struct directory *d, FILE *say, struct error *err)
{
    json_t *lines;
    enum status status = directory_records(d, &lines, err);
    if (status != STATUS_OK) return status;
    int32_t submissions = directory_submissions(lines);
    json_decref(lines);
    for (int32_t i = 1; i <= submissions && say; i++) {
        char name[40];
        kubernetes_job_name(&d->plan, i, name);
        fprintf(say, "  To end its pods: kubectl delete job,configmap %s --ignore-not-found\n",
                name);
    }
    return STATUS_OK;
}
