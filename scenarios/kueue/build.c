/* SPDX-License-Identifier: Apache-2.0 */
/* From the objects of manifests to quotas: names become numbers, quantities amounts, and what
 * Kueue's own validation refuses is refused. */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/kueue/kueue_set.h"
#include "scenarios/quantity.h"

struct build {
    struct loading *l;
    struct kueue_set *set;
    const struct raw_object **of[MANIFEST_KINDS]; /* objects with a name, each name once */
    int32_t n[MANIFEST_KINDS];
    struct quota_limits **limits; /* by node */
    const char **cohorts;         /* names: those that are declared, then those only referred to */
    int32_t cohort_n;
};

void manifest_complain(const struct loading *l, const struct raw_object *o, struct place at,
                       const char *hint, const char *note, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    source_vreport(o->source, l->diagnostics, SEVERITY_ERROR, at, hint, note, format, args);
    va_end(args);
}

static enum status no_memory(struct loading *l)
{
    return error_set(l->err, STATUS_NO_MEMORY, "no memory for quotas");
}

static const char *name_of(const struct raw_object *o) { return o->metadata.name.text; }
/* ---- names ---- */

/* Names are said in reports. */
static bool name_is_fit(struct build *b, const struct raw_object *o)
{
    const struct value *name = &o->metadata.name;
    if (!is_good(name)) return false;
    if (strlen(name->text) <= 253) return true;
    manifest_complain(b->l, o, name->at, NULL, NULL, "a name is longer than 253 bytes");
    return false;
}

static bool same_place(const struct raw_object *a, const struct raw_object *b)
{
    const char *x = is_good(&a->metadata.space) ? a->metadata.space.text : "default";
    const char *y = is_good(&b->metadata.space) ? b->metadata.space.text : "default";
    return a->kind != LOCAL_QUEUE || strcmp(x, y) == 0;
}

/* Objects by kind; a name that is there twice is an error. */
static enum status sort_objects(struct build *b)
{
    struct manifests *m = &b->set->manifests;
    for (int k = 0; k < MANIFEST_KINDS; k++)
        if (!(b->of[k] = arena_zeroed(&b->l->store->arena, m->n + 1, sizeof *b->of[k])))
            return no_memory(b->l);
    for (size_t i = 0; i < m->n; i++) {
        const struct raw_object *o = &m->objects[i], *twin = NULL;
        if (!name_is_fit(b, o)) continue;
        for (int32_t k = 0; k < b->n[o->kind] && !twin; k++)
            if (strcmp(name_of(b->of[o->kind][k]), name_of(o)) == 0 &&
                same_place(b->of[o->kind][k], o))
                twin = b->of[o->kind][k];
        if (twin)
            source_report_twice(o->source, b->l->diagnostics, o->metadata.name.at,
                                twin->source == o->source ? twin->metadata.name.at.line : 0,
                                "two objects of kind %s are called '%s'",
                                manifest_kind_names[o->kind], name_of(o));
        else b->of[o->kind][b->n[o->kind]++] = o;
    }
    return STATUS_OK;
}

/* The number of an object by name; -1, with an error that names those there are. */
static int32_t object_find(struct build *b, enum manifest_kind kind, const struct raw_object *o,
                           const struct value *v)
{
    const char *names[1000];
    char hint[HINT_MAX], note[400];
    size_t n = 0, used;
    for (int32_t i = 0; i < b->n[kind]; i++) {
        if (strcmp(name_of(b->of[kind][i]), v->text) == 0) return i;
        if (n < 1000) names[n++] = name_of(b->of[kind][i]);
    }
    used = (size_t)snprintf(note, sizeof note, n ? "there are: " : "there is none");
    for (size_t i = 0; i < n && used < sizeof note; i++)
        used += (size_t)snprintf(note + used, sizeof note - used, "%s%s", i ? ", " : "", names[i]);
    did_you_mean(hint, v->text, names, n);
    manifest_complain(b->l, o, v->at, hint, note, "no %s '%.100s' in these manifests",
                      manifest_kind_names[kind], v->text);
    return -1;
}

/* A cohort exists from being named. */
static int32_t cohort_number(struct build *b, const char *name)
{
    int32_t i = 0;
    while (i < b->cohort_n && strcmp(b->cohorts[i], name) != 0) i++;
    if (i == b->cohort_n) b->cohorts[b->cohort_n++] = name;
    return b->n[CLUSTER_QUEUE] + i;
}

/* ---- quotas ---- */

static const struct {
    const char *name;
    int resource;
    int64_t per, of; /* amounts: quota.h */
} resources[] = {
    { "cpu", QUOTA_CPU, 1000, 1 },
    { "memory", QUOTA_MEMORY, 1, 1024 },
    { "nvidia.com/gpu", QUOTA_GPU, 1000, 1 },
    { "amd.com/gpu", QUOTA_GPU, 1000, 1 },
    { "gpu", QUOTA_GPU, 1000, 1 },
    { "pods", QUOTA_PODS, 1000, 1 },
};
enum { KNOWN_RESOURCES = sizeof resources / sizeof resources[0] };

/* Which of them it is, -1: none that a job of a trace asks for. */
static int resource_find(const char *name)
{
    for (int i = 0; i < KNOWN_RESOURCES; i++)
        if (strcmp(resources[i].name, name) == 0) return i;
    return -1;
}

static int64_t amount_of(struct build *b, const struct raw_object *o, const struct value *v,
                         int known, int64_t otherwise)
{
    struct unit_problem problem;
    int64_t amount;
    if (!is_good(v)) return otherwise;
    if (!quantity_read(v->text, resources[known].per, resources[known].of, &amount, &problem) ||
        amount > QUOTA_MOST) {
        manifest_complain(b->l, o, v->at, NULL, NULL, "'%.60s' of %s is more than can be counted",
                          v->text, resources[known].name);
        return otherwise;
    }
    return amount;
}

static void read_limits(struct build *b, const struct raw_object *o, const struct raw_quota *q,
                        int known, struct quota_limits *limits)
{
    bool has_parent = o->spec.parent.state != VALUE_ABSENT;
    limits->nominal = amount_of(b, o, &q->nominal, known, 0);
    limits->borrowing = amount_of(b, o, &q->borrowing, known, QUOTA_NO_LIMIT);
    limits->lending = amount_of(b, o, &q->lending, known, QUOTA_NO_LIMIT);
    const struct value *limit = is_good(&q->borrowing) ? &q->borrowing : &q->lending;
    if (!has_parent && is_good(limit))
        manifest_complain(b->l, o, limit->at, NULL, NULL,
                          "a limit of borrowing or lending means nothing without a cohort");
    if (is_good(&q->lending) && limits->lending > limits->nominal && o->kind == CLUSTER_QUEUE)
        manifest_complain(b->l, o, q->lending.at, NULL, NULL,
                          "'lendingLimit' must not be more than 'nominalQuota'");
}

/* Whether it stands among those before it. */
static bool is_before(const struct value *texts, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (is_good(&texts[k]) && strcmp(texts[k].text, texts[i].text) == 0) return true;
    return false;
}

/* Which quota of the flavor is of that covered resource; NULL where it lacks it. */
static const struct raw_quota *quota_find(const struct raw_flavor_quotas *f, const char *resource)
{
    const struct raw_quota *quotas = f->resources.items;
    for (size_t i = 0; i < f->resources.n; i++)
        if (is_good(&quotas[i].name) && strcmp(quotas[i].name.text, resource) == 0)
            return &quotas[i];
    return NULL;
}

/* Every resource of the flavor is covered by its group. */
static void check_covered(struct build *b, const struct raw_object *o, const struct raw_group *g,
                          const struct raw_flavor_quotas *f)
{
    const struct value *covered = g->covered.items;
    const struct raw_quota *quotas = f->resources.items;
    for (size_t i = 0; i < f->resources.n; i++) {
        size_t k = 0;
        if (!is_good(&quotas[i].name)) continue;
        while (k < g->covered.n && is_good(&covered[k]) &&
               strcmp(covered[k].text, quotas[i].name.text) != 0)
            k++;
        if (k == g->covered.n)
            manifest_complain(b->l, o, quotas[i].name.at, NULL, NULL,
                              "'%.100s' is not among the coveredResources of its group",
                              quotas[i].name.text);
    }
}

static void read_flavor(struct build *b, const struct raw_object *o, const struct raw_group *g,
                        const struct raw_flavor_quotas *f, int32_t flavor,
                        struct quota_limits *limits)
{
    const struct value *covered = g->covered.items;
    check_covered(b, o, g, f);
    for (size_t i = 0; i < g->covered.n; i++) {
        if (!is_good(&covered[i]) || is_before(covered, i)) continue;
        int known = resource_find(covered[i].text);
        const struct raw_quota *q = quota_find(f, covered[i].text);
        if (!q)
            manifest_complain(b->l, o, f->self.at, NULL, NULL,
                              "flavor '%.100s' has no quota of '%.100s', which its group covers",
                              f->name.text, covered[i].text);
        else if (known >= 0)
            read_limits(b, o, q, known, &limits[quota_cell(flavor, resources[known].resource)]);
    }
}

/* The resources a group covers, as bits; of those of groups before none may be among them. */
static uint8_t covered_of(struct build *b, const struct raw_object *o, const struct raw_group *g,
                          uint8_t before)
{
    const struct value *covered = g->covered.items;
    uint8_t bits = 0;
    for (size_t i = 0; i < g->covered.n; i++) {
        if (!is_good(&covered[i])) continue;
        int known = resource_find(covered[i].text);
        if (known < 0) {
            source_report(o->source, b->l->diagnostics, SEVERITY_WARNING, covered[i].at, NULL, NULL,
                          "no job of a trace asks for '%.100s': its quota limits nothing",
                          covered[i].text);
            continue;
        }
        uint8_t bit = (uint8_t)(1 << resources[known].resource);
        if ((bits | before) & bit)
            manifest_complain(b->l, o, covered[i].at, NULL, NULL, "%s is covered twice in '%.100s'",
                              quota_resource_names[resources[known].resource], name_of(o));
        bits |= bit;
    }
    return bits;
}

/* Groups of a queue or a cohort; a cohort's serve only to hold quotas. */
static enum status read_groups(struct build *b, const struct raw_object *o,
                               struct quota_limits *limits, struct quota_queue *queue)
{
    const struct raw_group *raw = o->spec.groups.items;
    size_t n = o->spec.groups.state == VALUE_GOOD ? o->spec.groups.n : 0;
    struct quota_group *groups = arena_zeroed(&b->l->store->arena, n + 1, sizeof *groups);
    uint64_t flavors_seen = 0;
    uint8_t resources_seen = 0;
    if (!groups) return no_memory(b->l);
    for (size_t g = 0; g < n; g++) {
        const struct raw_flavor_quotas *f = raw[g].flavors.items;
        int32_t *numbers = arena_zeroed(&b->l->store->arena, raw[g].flavors.n + 1, sizeof *numbers);
        if (!numbers) return no_memory(b->l);
        groups[g].resources = covered_of(b, o, &raw[g], resources_seen);
        groups[g].flavors = numbers;
        resources_seen |= groups[g].resources;
        for (size_t i = 0; i < raw[g].flavors.n; i++) {
            if (!is_good(&f[i].name)) continue;
            int32_t flavor = object_find(b, RESOURCE_FLAVOR, o, &f[i].name);
            if (flavor < 0 || flavor >= QUOTA_FLAVORS_MAX) continue;
            if (flavors_seen >> flavor & 1)
                manifest_complain(b->l, o, f[i].name.at, NULL, NULL,
                                  "flavor '%.100s' is there twice in '%.100s'", f[i].name.text,
                                  name_of(o));
            flavors_seen |= UINT64_C(1) << flavor;
            numbers[groups[g].flavor_n++] = flavor;
            read_flavor(b, o, &raw[g], &f[i], flavor, limits);
        }
    }
    if (queue) {
        queue->groups = groups;
        queue->group_n = (int32_t)n;
    }
    return STATUS_OK;
}

/* ---- queues ---- */

static int64_t number_or(const struct value *v, int64_t otherwise)
{
    return is_good(v) ? v->number : otherwise;
}

static enum quota_fungible fungible(const struct value *v, enum quota_fungible otherwise)
{
    if (!is_good(v)) return otherwise;
    return v->number == RAW_NEXT_FLAVOR ? TRY_NEXT_FLAVOR : MAY_STOP_SEARCH;
}

static void read_preemption(struct build *b, const struct raw_object *o, struct quota_queue *q)
{
    static const enum quota_preempt within[] = { [RAW_WITHIN_NEVER] = PREEMPT_NEVER,
                                                 [RAW_WITHIN_LOWER] = PREEMPT_LOWER,
                                                 [RAW_WITHIN_LOWER_OR_NEWER] =
                                                     PREEMPT_LOWER_OR_NEWER };
    static const enum quota_preempt reclaim[] = { [RAW_RECLAIM_NEVER] = PREEMPT_NEVER,
                                                  [RAW_RECLAIM_LOWER] = PREEMPT_LOWER,
                                                  [RAW_RECLAIM_ANY] = PREEMPT_ANY };
    const struct raw_preemption *p = &o->spec.preemption;
    q->within_queue = within[number_or(&p->within, RAW_WITHIN_NEVER)];
    q->reclaim = reclaim[number_or(&p->reclaim, RAW_RECLAIM_NEVER)];
    q->borrow_within_cohort = number_or(&p->borrow.policy, RAW_POLICY_NEVER) == RAW_POLICY_LOWER;
    q->threshold = number_or(&p->borrow.threshold, INT64_MAX);
    if (q->borrow_within_cohort && q->reclaim == PREEMPT_NEVER && p->reclaim.state != VALUE_BAD)
        manifest_complain(b->l, o, p->borrow.self.at, NULL, NULL,
                          "'borrowWithinCohort' needs a 'reclaimWithinCohort' that is not Never");
}

static enum status read_queue(struct build *b, int32_t i, struct quota_queue *q)
{
    const struct raw_object *o = b->of[CLUSTER_QUEUE][i];
    const struct raw_fungibility *f = &o->spec.fungibility;
    *q = (struct quota_queue){
        .strategy = number_or(&o->spec.strategy, RAW_BEST_EFFORT) == RAW_STRICT ? STRICT_FIFO
                                                                                : BEST_EFFORT_FIFO,
        .when_can_borrow = fungible(&f->when_can_borrow, MAY_STOP_SEARCH),
        .when_can_preempt = fungible(&f->when_can_preempt, TRY_NEXT_FLAVOR),
        .preference = number_or(&f->preference, RAW_BORROWING_FIRST) == RAW_BORROWING_FIRST
                          ? BORROWING_OVER_PREEMPTION
                          : PREEMPTION_OVER_BORROWING,
        .stopped = number_or(&o->spec.stop, RAW_STOP_NONE) != RAW_STOP_NONE,
    };
    read_preemption(b, o, q);
    return read_groups(b, o, b->limits[i], q);
}

/* ---- the tree ---- */

/* What stands above itself. */
static void check_circles(struct build *b, const struct quota_node *nodes)
{
    int32_t queue_n = b->n[CLUSTER_QUEUE], node_n = queue_n + b->cohort_n;
    for (int32_t i = queue_n; i < node_n; i++) {
        int32_t at = nodes[i].parent, steps = 0;
        while (at >= 0 && at != i && steps++ < node_n) at = nodes[at].parent;
        if (at != i) continue;
        const struct raw_object *o = b->of[COHORT][i - queue_n];
        manifest_complain(b->l, o, o->spec.parent.at, NULL, NULL, "cohort '%.100s' is above itself",
                          name_of(o));
    }
}

static enum status read_tree(struct build *b)
{
    struct arena *arena = &b->l->store->arena;
    struct quota_spec *spec = &b->set->spec;
    int32_t queue_n = b->n[CLUSTER_QUEUE], declared = b->n[COHORT];
    size_t most = (size_t)queue_n + 2 * (size_t)declared + (size_t)queue_n + 1;
    struct quota_node *nodes = arena_zeroed(arena, most, sizeof *nodes);
    b->cohorts = arena_zeroed(arena, most, sizeof *b->cohorts);
    b->limits = arena_zeroed(arena, most, sizeof *b->limits);
    if (!nodes || !b->cohorts || !b->limits) return no_memory(b->l);
    for (int32_t i = 0; i < declared; i++) b->cohorts[b->cohort_n++] = name_of(b->of[COHORT][i]);
    for (int32_t i = 0; i < queue_n + declared; i++) {
        const struct raw_object *o =
            i < queue_n ? b->of[CLUSTER_QUEUE][i] : b->of[COHORT][i - queue_n];
        const struct value *parent = &o->spec.parent;
        nodes[i].parent = is_good(parent) ? cohort_number(b, parent->text) : -1;
    }
    int32_t node_n = queue_n + b->cohort_n;
    for (int32_t i = 0; i < node_n; i++) {
        size_t cells = (size_t)spec->flavor_n * QUOTA_RESOURCES;
        if (i >= queue_n + declared) nodes[i].parent = -1;
        nodes[i].name = i < queue_n ? name_of(b->of[CLUSTER_QUEUE][i]) : b->cohorts[i - queue_n];
        b->limits[i] = arena_zeroed(arena, cells + 1, sizeof *b->limits[i]);
        if (!b->limits[i]) return no_memory(b->l);
        for (size_t c = 0; c < cells; c++)
            b->limits[i][c].borrowing = b->limits[i][c].lending = QUOTA_NO_LIMIT;
        nodes[i].limits = b->limits[i];
    }
    check_circles(b, nodes);
    spec->nodes = nodes;
    spec->queue_n = queue_n;
    spec->node_n = node_n;
    return STATUS_OK;
}

static enum status read_locals(struct build *b)
{
    int32_t n = b->n[LOCAL_QUEUE];
    struct quota_local *locals = arena_zeroed(&b->l->store->arena, (size_t)n + 1, sizeof *locals);
    if (!locals) return no_memory(b->l);
    for (int32_t i = 0; i < n; i++) {
        const struct raw_object *o = b->of[LOCAL_QUEUE][i];
        if (!is_good(&o->spec.queue)) continue;
        int32_t queue = object_find(b, CLUSTER_QUEUE, o, &o->spec.queue);
        if (queue < 0) continue;
        locals[b->set->spec.local_n++] = (struct quota_local){
            .space = is_good(&o->metadata.space) ? o->metadata.space.text : "default",
            .name = name_of(o),
            .queue = queue,
            .stopped = number_or(&o->spec.stop, RAW_STOP_NONE) != RAW_STOP_NONE,
        };
    }
    b->set->spec.locals = locals;
    return STATUS_OK;
}

static enum status read_flavors(struct build *b)
{
    struct quota_spec *spec = &b->set->spec;
    int32_t n = b->n[RESOURCE_FLAVOR];
    struct quota_flavor *flavors =
        arena_zeroed(&b->l->store->arena, (size_t)n + 1, sizeof *flavors);
    if (!flavors) return no_memory(b->l);
    for (int32_t i = 0; i < n; i++) {
        flavors[i].name = name_of(b->of[RESOURCE_FLAVOR][i]);
        flavors[i].by_node = b->of[RESOURCE_FLAVOR][i]->spec.topology.state != VALUE_ABSENT;
    }
    if (n > QUOTA_FLAVORS_MAX)
        manifest_complain(b->l, b->of[RESOURCE_FLAVOR][QUOTA_FLAVORS_MAX],
                          b->of[RESOURCE_FLAVOR][QUOTA_FLAVORS_MAX]->self.at, NULL, NULL,
                          "more than %d flavors", QUOTA_FLAVORS_MAX);
    spec->flavors = flavors;
    spec->flavor_n = n < QUOTA_FLAVORS_MAX ? n : QUOTA_FLAVORS_MAX;
    b->set->flavor_from = b->of[RESOURCE_FLAVOR];
    return STATUS_OK;
}

/* ---- what is there and decides nothing ---- */

static void warn_of_others(struct build *b)
{
    static const struct {
        size_t offset;
        const char *key, *why;
    } fields[] = {
        { offsetof(struct raw_spec, fair), "fairSharing", "quotas are reclaimed by priority" },
        { offsetof(struct raw_spec, checks), "admissionChecks", "every check is passed at once" },
        { offsetof(struct raw_spec, scope), "admissionScope", "queues are served by priority" },
        { offsetof(struct raw_spec, taints), "nodeTaints", "pools say their taints themselves" },
    };
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++)
        for (size_t i = 0; i < b->set->manifests.n; i++) {
            const struct raw_object *o = &b->set->manifests.objects[i];
            const struct value *v =
                (const struct value *)((const char *)&o->spec + fields[f].offset);
            if (v->state == VALUE_ABSENT) continue;
            source_report(o->source, b->l->diagnostics, SEVERITY_WARNING, v->at, NULL, NULL,
                          "'%s' is not simulated: %s", fields[f].key, fields[f].why);
            break;
        }
}

enum status kueue_build(struct loading *l, struct kueue_set *set)
{
    struct build b = { .l = l, .set = set };
    enum status status = sort_objects(&b);
    if (!status) status = read_flavors(&b);
    if (!status) status = read_tree(&b);
    if (status) return status;
    struct quota_queue *queues =
        arena_zeroed(&l->store->arena, (size_t)set->spec.queue_n + 1, sizeof *queues);
    if (!queues) return no_memory(l);
    for (int32_t i = 0; !status && i < set->spec.queue_n; i++)
        status = read_queue(&b, i, &queues[i]);
    for (int32_t i = 0; !status && i < b.n[COHORT]; i++)
        status = read_groups(&b, b.of[COHORT][i], b.limits[set->spec.queue_n + i], NULL);
    set->spec.queues = queues;
    if (!status) status = read_locals(&b);
    if (!status) warn_of_others(&b);
    return status;
}
