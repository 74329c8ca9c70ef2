/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes: a List of Pods and Jobs as `kubectl get pods,jobs -A -o json` prints it. What a pod
 * asks for and when it held it: see kubernetes_pod.h.
 *
 * A pod is a job of the trace, its namespace the tenant, unless its labels (or annotations) say
 * that it starts together with others. Those are one gang and one job:
 *
 *   jobset.sigs.k8s.io/jobset-name, restart-attempt      a JobSet, each attempt anew
 *   training.kubeflow.org/job-name                       PyTorchJob, TFJob, MPIJob, ...
 *   scheduling.x-k8s.io/pod-group                        scheduler-plugins
 *   scheduling.k8s.io/group-name, volcano.sh/job-name    Volcano
 *   kueue.x-k8s.io/pod-group-name                        Kueue
 *   leaderworkerset.sigs.k8s.io/name, group-index        a group of a LeaderWorkerSet
 *   the owner is an Indexed Job of the list whose        pods that know their index and all run at
 *   parallelism equals its completions, above 1          once may speak to each other
 *
 * The pods of any other Job are jobs of their own: with more completions than parallelism they run
 * in waves, and without an index none waits for another. A gang is submitted with its first pod,
 * starts with the first that is scheduled, ends with the last, and asks for what its pods ask
 * together; a pod that replaced a failed one of the same index adds time, not size.
 *
 * Where a pod has not ended it is counted to the last moment that the list speaks of. Pods of
 * DaemonSets and of nodes themselves (static pods) come with the nodes and are no jobs. The queue
 * is kueue.x-k8s.io/queue-name or volcano.sh/queue-name, or the priority class. Source:
 * kubernetes.io API reference (v1 Pod, batch/v1 Job) and the projects named above.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/traces/json_input.h"
#include "scenarios/traces/kubernetes_pod.h"

struct gang {
    const json_t *first; /* the pod that its other properties are read from */
    const char *name;
    struct pod sum;
};

struct kubernetes {
    struct import *import;
    const json_t *items;
    int64_t last_us;      /* the last moment the list speaks of */
    struct names indexed; /* Indexed Jobs that are gangs: "namespace/name" */
    struct names keys;    /* of gangs, by their number + 1; key 0 is "" */
    struct names members; /* pods of gangs, by what tells them apart */
    struct gang *gangs;
    uint32_t gang_room;
};

/* ---- What the list says as a whole ---- */

static void note_moment(struct kubernetes *k, bool known, int64_t us)
{
    if (known && us > k->last_us) k->last_us = us;
}

static void find_last_moment(struct kubernetes *k)
{
    size_t i;
    const json_t *item;
    json_array_foreach(k->items, i, item)
    {
        const json_t *status = json_object_get(item, "status");
        struct pod p;
        int64_t us;
        bool dated = pod_read(item, &p);
        note_moment(k, dated, p.created_us);
        note_moment(k, dated && p.started, p.start_us);
        note_moment(k, dated && p.ended, p.end_us);
        note_moment(k, json_clock(status, "completionTime", 0, &us), us);
    }
}

static const char *namespace_of(const json_t *item)
{
    return json_text_of(json_object_get(item, "metadata"), "namespace");
}

/* Parts with '/' between them, which no name of Kubernetes holds. */
static uint32_t add_key(struct names *names, const char *a, const char *b, const char *c)
{
    char key[1024];
    int n = snprintf(key, sizeof key, "%.300s/%.300s/%.300s", a, b, c);
    return names_add(names, key, (size_t)n);
}

static bool find_indexed_jobs(struct kubernetes *k)
{
    size_t i;
    const json_t *item;
    json_array_foreach(k->items, i, item)
    {
        const json_t *spec = json_object_get(item, "spec");
        int64_t pods = json_integer_value(json_object_get(spec, "parallelism"));
        if (strcmp(json_text_of(item, "kind"), "Job") != 0 ||
            strcmp(json_text_of(spec, "completionMode"), "Indexed") != 0 || pods < 2 ||
            json_integer_value(json_object_get(spec, "completions")) != pods)
            continue;
        const char *name = json_text_of(json_object_get(item, "metadata"), "name");
        if (add_key(&k->indexed, namespace_of(item), name, "") == UINT32_MAX) return false;
    }
    return true;
}

/* ---- Who belongs together ---- */

static const json_t *owner_of(const json_t *item, const char *kind)
{
    const json_t *owners = json_object_get(json_object_get(item, "metadata"), "ownerReferences"),
                 *owner;
    size_t i;
    json_array_foreach(owners, i,
                       owner) if (strcmp(json_text_of(owner, "kind"), kind) == 0) return owner;
    return NULL;
}

/* The name of the pod's gang, and what tells gangs of one name apart; NULL where it has none. */
static const char *gang_of(const struct kubernetes *k, const json_t *item, const char **part)
{
    static const struct {
        const char *name, *part;
    } labels[] = {
        { "jobset.sigs.k8s.io/jobset-name", "jobset.sigs.k8s.io/restart-attempt" },
        { "training.kubeflow.org/job-name", "" },
        { "scheduling.x-k8s.io/pod-group", "" },
        { "scheduling.k8s.io/group-name", "" },
        { "volcano.sh/job-name", "" },
        { "kueue.x-k8s.io/pod-group-name", "" },
        { "leaderworkerset.sigs.k8s.io/name", "leaderworkerset.sigs.k8s.io/group-index" },
    };
    char key[1024];
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const char *name = pod_label(item, labels[i].name),
                   *which = pod_label(item, labels[i].part);
        *part = which ? which : "";
        if (name && *name) return name;
    }
    *part = "";
    const json_t *job = owner_of(item, "Job");
    if (!job) return NULL;
    int n =
        snprintf(key, sizeof key, "%.300s/%.300s/", namespace_of(item), json_text_of(job, "name"));
    return names_find(&k->indexed, key, (size_t)n) != UINT32_MAX ? json_text_of(job, "name") : NULL;
}

/* What a pod is within its gang: its index, where it has one, so that a pod that replaced another
 * is known; else itself. */
static bool add_member(struct kubernetes *k, const json_t *item, uint32_t gang, bool *new)
{
    static const char *const indexes[] = { "training.kubeflow.org/replica-index",
                                           "batch.kubernetes.io/job-completion-index",
                                           "leaderworkerset.sigs.k8s.io/worker-index",
                                           "volcano.sh/task-index" };
    const char *index = NULL, *role = pod_label(item, "training.kubeflow.org/replica-type");
    char number[16];
    if (!role) role = pod_label(item, "batch.kubernetes.io/job-name");
    if (!role) role = pod_label(item, "volcano.sh/task-spec");
    for (size_t i = 0; !index && i < sizeof indexes / sizeof *indexes; i++)
        index = pod_label(item, indexes[i]);
    if (!index) index = json_text_of(json_object_get(item, "metadata"), "name");
    snprintf(number, sizeof number, "%u", gang);
    uint32_t before = k->members.n;
    uint32_t at = add_key(&k->members, number, role ? role : "", index);
    *new = at == before;
    return at != UINT32_MAX;
}

/* ---- Rows ---- */

static void count_repairs(struct import *import, const struct pod *p)
{
    if (p->slices) import_count(import->report, false, "MIG slices counted as sevenths of a GPU");
    if (p->shares)
        import_count(import->report, false, "shared GPUs (nvidia.com/gpu.shared) are not counted");
    if (p->started && !p->over)
        import_count(import->report, false,
                     "still running: counted to the last moment of the list");
    if (p->started && p->over && !p->ended)
        import_count(import->report, false, "ended, nobody knows when: run time of 0");
}

static const char *queue_of(const json_t *item)
{
    static const char *const labels[] = { "kueue.x-k8s.io/queue-name", "volcano.sh/queue-name",
                                          "scheduling.volcano.sh/queue-name" };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (pod_label(item, labels[i])) return pod_label(item, labels[i]);
    return json_text_of(json_object_get(item, "spec"), "priorityClassName");
}

static enum status add_job(struct import *import, const json_t *item, const char *name,
                           const struct pod *p)
{
    struct job_row row;
    char types[IMPORT_TYPES_MAX], set[IMPORT_TYPES_MAX];
    char selector[POD_TEXT_MAX], tolerations[POD_TEXT_MAX];
    job_row_init(&row);
    row.submit_us = p->created_us;
    row.status = p->status;
    if (p->started) {
        row.start_us = p->start_us;
        row.run_us = p->end_us - p->start_us;
    }
    row.gpu_milli = import_gpu_milli(p->asks.gpu);
    row.cpu_milli = p->asks.cpu;
    row.mem_mib = p->asks.memory / 1000 / (1024 * 1024);
    row.priority = import_priority(
        import, json_integer_value(json_object_get(json_object_get(item, "spec"), "priority")));
    row.id = name;
    row.id_n = strlen(name);
    row.tenant = namespace_of(item);
    row.tenant_n = strlen(row.tenant);
    row.queue = queue_of(item);
    row.queue_n = strlen(row.queue);
    pod_gpu_types(item, types);
    row.gpu_type = set;
    row.gpu_type_n = import_type_set(import, types, strlen(types), set);
    bool fits = pod_node_selector(item, selector);
    if (!pod_tolerations(item, tolerations) || !fits)
        import_count(import->report, false, "node selector or tolerations too long: left out");
    row.selector = selector;
    row.selector_n = strlen(selector);
    row.toleration = tolerations;
    row.toleration_n = strlen(tolerations);
    return import_add(import, &row);
}

/* ---- Gangs ---- */

static int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

/* What became of both: the one that ended last says it, and one that still runs runs on. */
static enum job_status status_of(const struct pod *a, const struct pod *b)
{
    if (!a->started || !b->started) return a->started ? a->status : b->status;
    if (a->status == JOB_RUNNING_AT_END || b->status == JOB_RUNNING_AT_END)
        return JOB_RUNNING_AT_END;
    return b->end_us >= a->end_us ? b->status : a->status;
}

static void join(struct pod *all, const struct pod *p, bool new_member)
{
    all->status = status_of(all, p);
    all->created_us = sooner(all->created_us, p->created_us);
    if (p->started) {
        all->start_us = all->started ? sooner(all->start_us, p->start_us) : p->start_us;
        all->end_us = all->started ? later(all->end_us, p->end_us) : p->end_us;
        all->started = true;
    }
    if (!new_member) return;
    all->asks.gpu = pod_amount_add(all->asks.gpu, p->asks.gpu);
    all->asks.cpu = pod_amount_add(all->asks.cpu, p->asks.cpu);
    all->asks.memory = pod_amount_add(all->asks.memory, p->asks.memory);
}

/* The gang of a key, NULL without memory; *new where it has no pod yet. */
static struct gang *gang_at(struct kubernetes *k, uint32_t number)
{
    if (number >= k->gang_room) {
        uint32_t room = 2 * number + 64;
        struct gang *grown = realloc(k->gangs, room * sizeof *grown);
        if (!grown) return NULL;
        memset(grown + k->gang_room, 0, (room - k->gang_room) * sizeof *grown);
        k->gangs = grown;
        k->gang_room = room;
    }
    return &k->gangs[number];
}

static enum status no_memory(struct kubernetes *k)
{
    return error_set(k->import->err, STATUS_NO_MEMORY, "no memory for the gangs of %s",
                     k->import->in->path);
}

static enum status add_to_gang(struct kubernetes *k, const json_t *item, const struct pod *p,
                               const char *name, const char *part)
{
    bool new_member;
    uint32_t key = add_key(&k->keys, namespace_of(item), name, part);
    struct gang *gang = key == UINT32_MAX ? NULL : gang_at(k, key);
    if (!gang || !add_member(k, item, key, &new_member)) return no_memory(k);
    if (!gang->first) {
        *gang = (struct gang){ item, name, *p };
        return STATUS_OK;
    }
    import_count(k->import->report, false,
                 new_member ? "pod joined to its gang"
                            : "pod that replaced one of its gang: joined");
    join(&gang->sum, p, new_member);
    return STATUS_OK;
}

static enum status add_gangs(struct kubernetes *k)
{
    for (uint32_t i = 1; i < k->keys.n; i++) {
        const struct gang *g = &k->gangs[i];
        enum status status = add_job(k->import, g->first, g->name, &g->sum);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* ---- The list ---- */

static enum status read_pod(struct kubernetes *k, const json_t *item)
{
    struct import *import = k->import;
    struct pod p;
    const char *part, *gang;
    if (!pod_read(item, &p)) return import_drop(import, "pod without creationTimestamp");
    if (owner_of(item, "DaemonSet") || owner_of(item, "Node"))
        return import_drop(import, "pod that comes with its node (DaemonSet or static)");
    count_repairs(import, &p);
    if (p.started && !p.ended) p.end_us = p.over ? p.start_us : k->last_us;
    if ((gang = gang_of(k, item, &part))) return add_to_gang(k, item, &p, gang, part);
    return add_job(import, item, json_text_of(json_object_get(item, "metadata"), "name"), &p);
}

static enum status read_items(struct kubernetes *k)
{
    struct import *import = k->import;
    enum status status = STATUS_OK;
    size_t i;
    const json_t *item;
    find_last_moment(k);
    if (!find_indexed_jobs(k)) return no_memory(k);
    json_array_foreach(k->items, i, item)
    {
        const char *kind = json_text_of(item, "kind");
        import->report->rows++;
        if (strcmp(kind, "Job") == 0)
            import_count(import->report, true, "Job object (its pods are the jobs)");
        else if (strcmp(kind, "Pod") != 0)
            import_count(import->report, true, "object that is neither a Pod nor a Job");
        else if ((status = read_pod(k, item)) != STATUS_OK) return status;
    }
    return add_gangs(k);
}

static enum status read_list(struct import *import, const json_t *items)
{
    struct kubernetes k = { .import = import, .items = items };
    enum status status = import_epoch(import, 0);
    bool memory = names_init(&k.indexed) == STATUS_OK && names_init(&k.keys) == STATUS_OK &&
                  names_init(&k.members) == STATUS_OK;
    if (status == STATUS_OK) status = memory ? read_items(&k) : no_memory(&k);
    names_free(&k.indexed);
    names_free(&k.keys);
    names_free(&k.members);
    free(k.gangs);
    return status;
}

enum status read_kubernetes(struct import *import)
{
    json_t *list;
    enum status status = json_rest(import, &list);
    if (status != STATUS_OK) return status;
    const json_t *items = json_object_get(list, "items");
    status = json_is_array(items)
                 ? read_list(import, items)
                 : error_set(import->err, STATUS_BAD_INPUT,
                             "%s has no items: it should be the output of kubectl get pods,jobs -A "
                             "-o json",
                             import->in->path);
    json_decref(list);
    return status;
}
