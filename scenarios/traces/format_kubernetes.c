/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes: a List of Pods and Jobs as `kubectl get pods,jobs -A -o json` prints it.
 *
 * A pod is a job of the trace; the pods of one Job with parallelism above 1 are one gang. GPUs are
 * nvidia.com/gpu and amd.com/gpu of the containers' limits (or requests); MIG slices are no GPUs,
 * and are said. Submitted at creationTimestamp; runs from the first container's start to the last
 * one's end. Source: kubernetes.io/docs/reference/kubernetes-api (v1 Pod, batch/v1 Job, resource
 * quantities).
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/traces/fields.h"
#include "scenarios/traces/formats.h"

enum { LIST_MAX = 1 << 30 };

/* How much of the text is the number of a quantity: "64" of "64Gi", "1e3" of "1e3", "1" of "1E". */
static size_t number_length(const char *text)
{
    size_t n = strspn(text, "0123456789.");
    if (text[n] != 'e' && text[n] != 'E') return n;
    size_t sign = n + 1 + (text[n + 1] == '+' || text[n + 1] == '-');
    size_t digits = strspn(text + sign, "0123456789");
    return digits > 0 ? sign + digits : n;
}

/* A resource quantity in units of 1 / scale: "500m", "2", "64Gi", "1e3"; 0 where it is none. */
static int64_t quantity(const json_t *value, int64_t scale)
{
    static const struct {
        const char *suffix;
        int64_t times, over;
    } suffixes[] = {
        { "n", 1, 1000000000 },
        { "u", 1, 1000000 },
        { "m", 1, 1000 },
        { "", 1, 1 },
        { "k", 1000, 1 },
        { "M", 1000000, 1 },
        { "G", 1000000000, 1 },
        { "T", INT64_C(1000000000000), 1 },
        { "P", INT64_C(1000000000000000), 1 },
        { "E", INT64_C(1000000000000000000), 1 },
        { "Ki", 1024, 1 },
        { "Mi", 1024 * 1024, 1 },
        { "Gi", 1024 * 1024 * 1024, 1 },
        { "Ti", INT64_C(1) << 40, 1 },
        { "Pi", INT64_C(1) << 50, 1 },
        { "Ei", INT64_C(1) << 60, 1 },
    };
    char text[40];
    if (json_is_integer(value))
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    else if (json_is_string(value) && json_string_length(value) < sizeof text)
        strcpy(text, json_string_value(value));
    else return 0;
    size_t n = number_length(text);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (strcmp(text + n, suffixes[i].suffix) != 0) continue;
        struct field f = { text, n };
        int64_t milli;
        text[n] = '\0';
        if (!field_scaled(&f, 1000, &milli) || milli > INT64_C(100000000000000000)) return 0;
        __int128 units = (__int128)milli * suffixes[i].times * scale / suffixes[i].over / 1000;
        return units < 0 || units > INT64_C(1) << 60 ? 0 : (int64_t)units;
    }
    return 0;
}

static bool clock_of(const json_t *object, const char *key, int64_t *us)
{
    const json_t *value = json_object_get(object, key);
    struct field f = { (char *)json_string_value(value), json_string_length(value) };
    return f.text && field_clock(&f, 0, us);
}

struct pod {
    int64_t gpu_milli, cpu_milli, mem_bytes, start_us, end_us;
    bool started, ended;
};

static void read_resources(struct import *import, const json_t *spec, struct pod *p)
{
    size_t i;
    const json_t *container;
    json_array_foreach(json_object_get(spec, "containers"), i, container)
    {
        const json_t *resources = json_object_get(container, "resources"),
                     *limits = json_object_get(resources, "limits"),
                     *requests = json_object_get(resources, "requests");
        static const char *const gpu_names[] = { "nvidia.com/gpu", "amd.com/gpu" };
        const char *key;
        json_t *value;
        for (int g = 0; g < 2; g++) {
            const json_t *n = json_object_get(limits, gpu_names[g]);
            p->gpu_milli += quantity(n ? n : json_object_get(requests, gpu_names[g]), 1000);
        }
        json_object_foreach((json_t *)(limits ? limits : requests), key,
                            value) if (strncmp(key, "nvidia.com/mig-", 15) == 0)
            import_count(import->report, false, "MIG slices are not counted as GPUs");
        const json_t *cpu = json_object_get(requests, "cpu"),
                     *memory = json_object_get(requests, "memory");
        p->cpu_milli += quantity(cpu ? cpu : json_object_get(limits, "cpu"), 1000);
        p->mem_bytes += quantity(memory ? memory : json_object_get(limits, "memory"), 1);
    }
}

static void read_run(const json_t *status, struct pod *p)
{
    size_t i;
    const json_t *container;
    p->started = clock_of(status, "startTime", &p->start_us);
    json_array_foreach(json_object_get(status, "containerStatuses"), i, container)
    {
        const json_t *state = json_object_get(container, "state"),
                     *done = json_object_get(state, "terminated"),
                     *running = json_object_get(state, "running");
        int64_t start, end;
        if (clock_of(done ? done : running, "startedAt", &start) &&
            (i == 0 || start < p->start_us)) {
            p->start_us = start;
            p->started = true;
        }
        if (clock_of(done, "finishedAt", &end) && (!p->ended || end > p->end_us)) {
            p->end_us = end;
            p->ended = true;
        }
    }
}

static const json_t *owner_job(const json_t *metadata)
{
    size_t i;
    const json_t *owner;
    json_array_foreach(json_object_get(metadata, "ownerReferences"), i, owner)
    {
        const char *kind = json_string_value(json_object_get(owner, "kind"));
        if (kind && strcmp(kind, "Job") == 0) return json_object_get(owner, "name");
    }
    return NULL;
}

/* The last pod start or end that the list speaks of: where it was still running, its time so far.
 */
static int64_t last_moment(const json_t *items)
{
    int64_t last = 0;
    size_t i;
    const json_t *item;
    json_array_foreach(items, i, item)
    {
        struct pod p = { 0 };
        int64_t us;
        if (clock_of(json_object_get(item, "metadata"), "creationTimestamp", &us) && us > last)
            last = us;
        read_run(json_object_get(item, "status"), &p);
        if (p.started && p.start_us > last) last = p.start_us;
        if (p.ended && p.end_us > last) last = p.end_us;
    }
    return last;
}

static void text_of(const json_t *value, const char **text, size_t *n)
{
    if (!json_is_string(value)) return;
    *text = json_string_value(value);
    *n = json_string_length(value);
}

static enum status read_pod(struct import *import, const json_t *item, const json_t *gangs,
                            int64_t now_us)
{
    const json_t *metadata = json_object_get(item, "metadata"),
                 *spec = json_object_get(item, "spec"), *status = json_object_get(item, "status");
    const json_t *owner = owner_job(metadata), *selector = json_object_get(spec, "nodeSelector");
    struct pod p = { 0 };
    struct job_row row;
    char key[600];
    int64_t pods = 1;
    job_row_init(&row);
    if (!clock_of(metadata, "creationTimestamp", &row.submit_us))
        return import_drop(import, "pod without creationTimestamp");
    const char *space = json_string_value(json_object_get(metadata, "namespace"));
    text_of(json_object_get(metadata, "name"), &row.id, &row.id_n);
    if (owner) {
        snprintf(key, sizeof key, "%.200s/%.200s", space ? space : "",
                 json_string_value(owner) ? json_string_value(owner) : "");
        json_t *gang = json_object_get(gangs, key);
        if (gang) {
            pods = json_integer_value(json_object_get(gang, "pods"));
            if (json_object_get(gang, "seen")) {
                import_count(import->report, true, "pod of a gang that is one job");
                return STATUS_OK;
            }
            json_object_set_new(gang, "seen", json_true());
            text_of(owner, &row.id, &row.id_n);
        }
    }
    read_resources(import, spec, &p);
    read_run(status, &p);
    const char *phase = json_string_value(json_object_get(status, "phase"));
    row.status = phase ? import_status(phase) : JOB_UNKNOWN;
    if (!p.started) row.status = JOB_NEVER_STARTED;
    else {
        row.start_us = p.start_us;
        row.run_us = (p.ended ? p.end_us : now_us) - p.start_us;
        if (!p.ended)
            import_count(import->report, false,
                         "still running: counted to the last moment of the list");
    }
    if (pods < 1 || pods > 1000000) pods = 1;
    __int128 gpu = (__int128)p.gpu_milli * pods;
    row.gpu_milli = gpu > JOB_GPU_MILLI_MAX ? INT32_MAX : (int32_t)gpu;
    row.cpu_milli = p.cpu_milli < INT64_C(1) << 40 ? p.cpu_milli * pods : 0;
    row.mem_mib =
        p.mem_bytes / (1024 * 1024) < INT64_C(1) << 40 ? p.mem_bytes / (1024 * 1024) * pods : 0;
    text_of(json_object_get(metadata, "namespace"), &row.tenant, &row.tenant_n);
    text_of(json_object_get(spec, "priorityClassName"), &row.queue, &row.queue_n);
    int64_t priority = json_integer_value(json_object_get(spec, "priority"));
    row.priority = priority > INT32_MAX    ? INT32_MAX
                   : priority < -INT32_MAX ? -INT32_MAX
                                           : (int32_t)priority;
    text_of(json_object_get(selector, "nvidia.com/gpu.product"), &row.gpu_type, &row.gpu_type_n);
    return import_add(import, &row);
}

/* Jobs with several pods at once: "namespace/name" -> how many. */
static json_t *find_gangs(const json_t *items)
{
    json_t *gangs = json_object();
    size_t i;
    const json_t *item;
    json_array_foreach(items, i, item)
    {
        const char *kind = json_string_value(json_object_get(item, "kind"));
        const json_t *metadata = json_object_get(item, "metadata");
        const char *space = json_string_value(json_object_get(metadata, "namespace")),
                   *name = json_string_value(json_object_get(metadata, "name"));
        int64_t pods =
            json_integer_value(json_object_get(json_object_get(item, "spec"), "parallelism"));
        char key[600];
        if (!kind || strcmp(kind, "Job") != 0 || pods < 2 || !name) continue;
        snprintf(key, sizeof key, "%.200s/%.200s", space ? space : "", name);
        json_object_set_new(gangs, key, json_pack("{s:I}", "pods", (json_int_t)pods));
    }
    return gangs;
}

enum status read_kubernetes(struct import *import)
{
    char *text;
    size_t n, i;
    json_error_t problem;
    const json_t *item;
    enum status status = text_rest(import->in, LIST_MAX, &text, &n, import->err);
    if (status != STATUS_OK) return status;
    json_t *list = json_loadb(text, n, 0, &problem);
    free(text);
    if (!list)
        return error_set(import->err, STATUS_BAD_INPUT, "%s:%d:%d: %s", import->in->path,
                         problem.line, problem.column, problem.text);
    const json_t *items = json_object_get(list, "items");
    if (!json_is_array(items)) {
        json_decref(list);
        return error_set(
            import->err, STATUS_BAD_INPUT,
            "%s has no items: it should be the output of kubectl get pods,jobs -A -o json",
            import->in->path);
    }
    json_t *gangs = find_gangs(items);
    int64_t now_us = last_moment(items);
    if (import->w->t0_unix_us == INT64_MIN) import->w->t0_unix_us = 0;
    json_array_foreach(items, i, item)
    {
        const char *kind = json_string_value(json_object_get(item, "kind"));
        import->report->rows++;
        if (kind && strcmp(kind, "Job") == 0)
            import_count(import->report, true, "Job object (its pods are the jobs)");
        else if (!kind || strcmp(kind, "Pod") != 0)
            import_count(import->report, true, "object that is neither a Pod nor a Job");
        else if ((status = read_pod(import, item, gangs, now_us)) != STATUS_OK) break;
    }
    json_decref(gangs);
    json_decref(list);
    return status;
}
