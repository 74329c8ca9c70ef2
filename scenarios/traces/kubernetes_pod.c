/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/traces/kubernetes_pod.h"

#include <stdio.h>
#include <string.h>

#include "scenarios/traces/fields.h"
#include "scenarios/traces/json_input.h"

#define AMOUNT_MAX (INT64_C(1) << 60)

/* ---- Quantities: "500m", "2", "64Gi", "1e3", 1.5; kubernetes.io, "Quantity" ---- */

/* number x 1000 x times / over; 0 where it is no number, negative or too large to be meant. */
static int64_t scaled_milli(const struct field *number, int64_t times, int64_t over)
{
    int64_t milli;
    if (!field_scaled(number, 1000, &milli) || milli < 0) return 0;
    __int128 amount = (__int128)milli * times / over;
    return amount > AMOUNT_MAX ? 0 : (int64_t)amount;
}

static int64_t text_milli(const char *text)
{
    static const struct {
        const char *suffix;
        int64_t times, over;
    } suffixes[] = {
        { "", 1, 1 },
        { "m", 1, 1000 },
        { "u", 1, 1000000 },
        { "n", 1, 1000000000 },
        { "k", 1000, 1 },
        { "M", 1000000, 1 },
        { "G", 1000000000, 1 },
        { "T", INT64_C(1000000000000), 1 },
        { "P", INT64_C(1000000000000000), 1 },
        { "Ki", INT64_C(1) << 10, 1 },
        { "Mi", INT64_C(1) << 20, 1 },
        { "Gi", INT64_C(1) << 30, 1 },
        { "Ti", INT64_C(1) << 40, 1 },
        { "Pi", INT64_C(1) << 50, 1 },
    };
    size_t n = strspn(text, "+0123456789."), length = strlen(text);
    /* 1e3 is an exponent, 1E an exabyte, which no node has. */
    if ((text[n] == 'e' || text[n] == 'E') && text[n + 1]) n = length;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(text + n, suffixes[i].suffix) == 0)
            return scaled_milli(&(struct field){ (char *)text, n }, suffixes[i].times,
                                suffixes[i].over);
    return 0;
}

static int64_t quantity_milli(const json_t *value)
{
    char text[40];
    if (json_is_string(value)) return text_milli(json_string_value(value));
    if (!json_is_number(value)) return 0;
    snprintf(text, sizeof text, "%.15g", json_number_value(value));
    return text_milli(text);
}

int64_t pod_amount_add(int64_t a, int64_t b) { return a > AMOUNT_MAX - b ? AMOUNT_MAX : a + b; }

static void add(struct pod_amounts *a, struct pod_amounts b)
{
    a->gpu = pod_amount_add(a->gpu, b.gpu);
    a->cpu = pod_amount_add(a->cpu, b.cpu);
    a->memory = pod_amount_add(a->memory, b.memory);
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* ---- What it asks for ---- */

static void read_resource(const char *name, const json_t *value, struct pod_amounts *a,
                          struct pod *pod)
{
    static const char *const gpus[] = { "nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915",
                                        "gpu.intel.com/xe", "habana.ai/gaudi" };
    static const char mig[] = "nvidia.com/mig-";
    for (size_t i = 0; i < sizeof gpus / sizeof *gpus; i++)
        if (strcmp(name, gpus[i]) == 0) a->gpu = pod_amount_add(a->gpu, quantity_milli(value));
    if (strncmp(name, mig, strlen(mig)) == 0) {
        int64_t count = quantity_milli(value) / 1000;
        int64_t each = import_mig_milli(name + strlen(mig), strlen(name + strlen(mig)));
        pod->slices = true;
        a->gpu = pod_amount_add(a->gpu, count > 1000000 ? 0 : count * each);
    }
    if (strcmp(name, "nvidia.com/gpu.shared") == 0) pod->shares = true;
    if (strcmp(name, "cpu") == 0) a->cpu = quantity_milli(value);
    if (strcmp(name, "memory") == 0) a->memory = quantity_milli(value);
}

/* Of one container, or of a pod as a whole. */
static struct pod_amounts asked_by(const json_t *container, struct pod *pod)
{
    const json_t *resources = json_object_get(container, "resources"),
                 *requests = json_object_get(resources, "requests"),
                 *limits = json_object_get(resources, "limits");
    struct pod_amounts a = { 0 };
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)requests, name, value) read_resource(name, value, &a, pod);
    json_object_foreach((json_t *)limits, name, value)
    {
        if (!json_object_get(requests, name)) read_resource(name, value, &a, pod);
    }
    return a;
}

static bool is_sidecar(const json_t *container)
{
    const char *policy = json_string_value(json_object_get(container, "restartPolicy"));
    return policy && strcmp(policy, "Always") == 0;
}

static void read_asks(const json_t *spec, struct pod *pod)
{
    struct pod_amounts sidecars = { 0 }, most = { 0 }, sum = { 0 };
    size_t i;
    const json_t *container;
    json_array_foreach(json_object_get(spec, "initContainers"), i, container)
    {
        struct pod_amounts a = asked_by(container, pod);
        add(&a, sidecars);
        if (is_sidecar(container)) sidecars = a;
        most.gpu = larger(most.gpu, a.gpu);
        most.cpu = larger(most.cpu, a.cpu);
        most.memory = larger(most.memory, a.memory);
    }
    json_array_foreach(json_object_get(spec, "containers"), i, container)
        add(&sum, asked_by(container, pod));
    add(&sum, sidecars);
    struct pod_amounts whole = asked_by(spec, pod), overhead = { 0 };
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(spec, "overhead"), name, value)
        read_resource(name, value, &overhead, pod);
    pod->asks.gpu = larger(sum.gpu, most.gpu);
    pod->asks.cpu = whole.cpu ? whole.cpu : larger(sum.cpu, most.cpu);
    pod->asks.memory = whole.memory ? whole.memory : larger(sum.memory, most.memory);
    add(&pod->asks, overhead);
}

/* ---- When it held it ---- */

/* The condition's transition where it is true; the last of all conditions into *last_us. */
static bool scheduled_at(const json_t *status, int64_t *us, int64_t *last_us)
{
    bool scheduled = false;
    size_t i;
    const json_t *condition;
    *last_us = INT64_MIN;
    json_array_foreach(json_object_get(status, "conditions"), i, condition)
    {
        const char *type = json_string_value(json_object_get(condition, "type")),
                   *is = json_string_value(json_object_get(condition, "status"));
        int64_t at;
        if (!json_clock(condition, "lastTransitionTime", 0, &at)) continue;
        if (at > *last_us) *last_us = at;
        if (!type || !is || strcmp(type, "PodScheduled") != 0 || strcmp(is, "True") != 0) continue;
        *us = at;
        scheduled = true;
    }
    return scheduled;
}

/* First start and last end of the containers of one list of statuses, restarts included. */
static void container_times(const json_t *statuses, int64_t *first_us, int64_t *last_us)
{
    static const char *const states[] = { "state", "lastState" };
    static const char *const kinds[] = { "terminated", "running" };
    size_t i;
    const json_t *container;
    json_array_foreach(statuses, i, container)
    {
        for (int k = 0; k < 4; k++) {
            const json_t *state =
                json_object_get(json_object_get(container, states[k / 2]), kinds[k % 2]);
            int64_t us;
            if (json_clock(state, "startedAt", 0, &us) && us < *first_us) *first_us = us;
            if (json_clock(state, "finishedAt", 0, &us) && us > *last_us) *last_us = us;
        }
    }
}

static void read_times(const json_t *status, struct pod *pod)
{
    int64_t first = INT64_MAX, last = INT64_MIN, changed;
    const char *phase = json_string_value(json_object_get(status, "phase"));
    container_times(json_object_get(status, "initContainerStatuses"), &first, &last);
    container_times(json_object_get(status, "containerStatuses"), &first, &last);
    pod->started = scheduled_at(status, &pod->start_us, &changed) ||
                   json_clock(status, "startTime", 0, &pod->start_us);
    if (!pod->started && first != INT64_MAX) {
        pod->start_us = first;
        pod->started = true;
    }
    pod->over = phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0);
    pod->ended = pod->over && (last != INT64_MIN || changed != INT64_MIN);
    pod->end_us = last != INT64_MIN ? last : changed;
    pod->status = !pod->started ? JOB_NEVER_STARTED
                  : !pod->over  ? JOB_RUNNING_AT_END
                                : import_status(phase);
}

bool pod_read(const json_t *item, struct pod *pod)
{
    memset(pod, 0, sizeof *pod);
    if (!json_clock(json_object_get(item, "metadata"), "creationTimestamp", 0, &pod->created_us))
        return false;
    read_asks(json_object_get(item, "spec"), pod);
    read_times(json_object_get(item, "status"), pod);
    return true;
}

/* ---- Labels and models ---- */

const char *pod_label(const json_t *item, const char *key)
{
    const json_t *metadata = json_object_get(item, "metadata");
    const char *label =
        json_string_value(json_object_get(json_object_get(metadata, "labels"), key));
    return label
               ? label
               : json_string_value(json_object_get(json_object_get(metadata, "annotations"), key));
}

/* Labels of nodes that name their GPUs: the GPU feature discoveries, and the clouds' own. */
static bool names_a_gpu(const char *label)
{
    static const char *const labels[] = { "nvidia.com/gpu.product", "amd.com/gpu.product-name",
                                          "cloud.google.com/gke-accelerator",
                                          "k8s.amazonaws.com/accelerator",
                                          "karpenter.k8s.aws/instance-gpu-name" };
    for (size_t i = 0; label && i < sizeof labels / sizeof *labels; i++)
        if (strcmp(label, labels[i]) == 0) return true;
    return false;
}

static void add_type(char types[IMPORT_TYPES_MAX], const char *model)
{
    size_t used = strlen(types);
    if (model && used + strlen(model) + 2 < IMPORT_TYPES_MAX)
        sprintf(types + used, "%s%s", used ? "|" : "", model);
}

/* ---- what it says of nodes ---- */

struct text {
    char *at;
    size_t n, size; /* n beyond size: too long */
};

static void put(struct text *t, const char *a, const char *b, const char *c)
{
    int n = snprintf(t->n < t->size ? t->at + t->n : NULL, t->n < t->size ? t->size - t->n : 0,
                     "%s%s%s", a, b, c);
    t->n += n > 0 ? (size_t)n : 0;
}

/* Whether all of it is there; else it is made empty. */
static bool is_whole(const struct text *t)
{
    if (t->n >= t->size) t->at[0] = 0;
    return t->n < t->size;
}

/* One of a node affinity's matchExpressions. */
static void put_expression(struct text *t, const char *before, const json_t *rule)
{
    static const struct {
        const char *operator_, *sign;
    } signs[] = { { "Gt", ">" }, { "Lt", "<" }, { "In", " in (" }, { "NotIn", " notin (" } };
    const char *operator_ = json_text_of(rule, "operator"), *key = json_text_of(rule, "key");
    const json_t *values = json_object_get(rule, "values"), *value;
    size_t v;
    if (strcmp(operator_, "Exists") == 0) put(t, before, key, "");
    if (strcmp(operator_, "DoesNotExist") == 0) put(t, before, "!", key);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (strcmp(operator_, signs[i].operator_) != 0) continue;
        put(t, before, key, signs[i].sign);
        json_array_foreach(values, v, value)
        {
            const char *text = json_string_value(value);
            put(t, v ? "," : "", text ? text : "", "");
        }
        put(t, i < 2 ? "" : ")", "", "");
    }
}

/* nodeSelector, which holds with each of the affinity's terms. */
static const char *put_selector(struct text *t, const json_t *selector, const char *before)
{
    const char *label;
    json_t *value;
    json_object_foreach((json_t *)selector, label, value)
    {
        const char *text = json_string_value(value);
        if (names_a_gpu(label)) continue;
        put(t, before, label, "=");
        put(t, text ? text : "", "", "");
        before = ",";
    }
    return before;
}

bool pod_node_selector(const json_t *item, char text[POD_TEXT_MAX])
{
    const json_t *spec = json_object_get(item, "spec"), *term, *rule,
                 *selector = json_object_get(spec, "nodeSelector");
    const json_t *affinity = json_object_get(json_object_get(spec, "affinity"), "nodeAffinity"),
                 *required =
                     json_object_get(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
    const json_t *terms = json_object_get(required, "nodeSelectorTerms");
    struct text t = { .at = text, .size = POD_TEXT_MAX };
    size_t k, r;
    text[0] = '\0';
    if (json_array_size(terms) == 0) put_selector(&t, selector, "");
    json_array_foreach(terms, k, term)
    {
        size_t begun = t.n;
        const char *before = put_selector(&t, selector, k ? "||" : "");
        json_array_foreach(json_object_get(term, "matchExpressions"), r, rule)
        {
            if (names_a_gpu(json_string_value(json_object_get(rule, "key")))) continue;
            put_expression(&t, before, rule);
            before = ",";
        }
        if (t.n > begun) continue;
        text[0] = '\0'; /* a term that asks for nothing else: any node will do */
        return true;
    }
    return is_whole(&t);
}

bool pod_tolerations(const json_t *item, char text[POD_TEXT_MAX])
{
    static const char own[] = "node.kubernetes.io/";
    const json_t *all = json_object_get(json_object_get(item, "spec"), "tolerations"), *one;
    struct text t = { .at = text, .size = POD_TEXT_MAX };
    size_t i;
    text[0] = '\0';
    json_array_foreach(all, i, one)
    {
        const char *key = json_text_of(one, "key"), *effect = json_text_of(one, "effect");
        if (strncmp(key, own, strlen(own)) == 0) continue;
        put(&t, t.n ? "," : "", *key ? key : "*", "");
        if (strcmp(json_text_of(one, "operator"), "Exists") != 0)
            put(&t, "=", json_text_of(one, "value"), "");
        put(&t, *effect ? ":" : "", effect, "");
    }
    return is_whole(&t);
}

void pod_gpu_types(const json_t *item, char types[IMPORT_TYPES_MAX])
{
    const json_t *spec = json_object_get(item, "spec"), *term, *rule, *value;
    const json_t *affinity = json_object_get(json_object_get(spec, "affinity"), "nodeAffinity"),
                 *required =
                     json_object_get(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
    const char *label;
    json_t *model;
    size_t t, r, v;
    types[0] = '\0';
    json_object_foreach(json_object_get(spec, "nodeSelector"), label, model)
    {
        if (names_a_gpu(label)) add_type(types, json_string_value(model));
    }
    json_array_foreach(json_object_get(required, "nodeSelectorTerms"), t, term)
        json_array_foreach(json_object_get(term, "matchExpressions"), r, rule)
    {
        const char *operator= json_string_value(json_object_get(rule, "operator"));
        if (!names_a_gpu(json_string_value(json_object_get(rule, "key"))) ||
            !operator|| strcmp(operator, "In") != 0)
            continue;
        json_array_foreach(json_object_get(rule, "values"), v, value)
            add_type(types, json_string_value(value));
    }
}
