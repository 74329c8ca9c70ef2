/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jobs that wait. Those alike in queue, demand and priority are one line: what is found out of
 * its first job holds for all of them, so that a backlog is not looked at job by job.
 *
 *      queue a    open:  heap of heads of lines, by priority and arrival
 *      tree       parked: lines whose head could not be had, until a release in the tree
 *      rooms      parked: lines whose head lacked room on nodes, until any release
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/kueue.h"

enum { BY_NAMESPACE = -3 };

/* ---- whose queue a job comes to ---- */

static int32_t through(const struct quota_local *local)
{
    return local->stopped ? KUEUE_STOPPED : local->queue;
}

/* The only LocalQueue of that name, else the ClusterQueue of that name. */
static int32_t queue_by_name(const struct quota_spec *spec, const char *name)
{
    int32_t queue = KUEUE_NO_QUEUE, n = 0;
    for (int32_t i = 0; i < spec->local_n; i++) {
        if (strcmp(spec->locals[i].name, name) != 0) continue;
        queue = through(&spec->locals[i]);
        n++;
    }
    if (n > 0) return n > 1 ? BY_NAMESPACE : queue;
    for (int32_t i = 0; i < spec->queue_n; i++)
        if (strcmp(spec->nodes[i].name, name) == 0) return i;
    return KUEUE_NO_QUEUE;
}

static bool name_queues(struct scheduler *s)
{
    struct kueue *k = s->state;
    const struct quota_spec *spec = k->quota.spec;
    const struct workload *w = s->workload;
    k->by_queue = malloc((w->queues.n + 1) * sizeof *k->by_queue);
    k->by_tenant = malloc((w->tenants.n + 1) * sizeof *k->by_tenant);
    if (!k->by_queue || !k->by_tenant) return false;
    for (uint32_t i = 0; i < w->queues.n; i++)
        k->by_queue[i] = queue_by_name(spec, w->queues.text[i]);
    for (uint32_t i = 0; i < w->tenants.n; i++)
        k->by_tenant[i] = queue_by_name(spec, w->tenants.text[i]);
    return true;
}

int32_t kueue_queue_of(const struct scheduler *s, uint32_t job)
{
    const struct kueue *k = s->state;
    const struct quota_spec *spec = k->quota.spec;
    const struct workload *w = s->workload;
    uint32_t queue = w->queue[job], tenant = w->tenant[job];
    if (spec == &quota_unlimited) return 0;
    int32_t found = queue ? k->by_queue[queue] : k->by_tenant[tenant];
    if (found != BY_NAMESPACE) return found;
    const char *name = queue ? w->queues.text[queue] : w->tenants.text[tenant];
    for (int32_t i = 0; i < spec->local_n; i++)
        if (strcmp(spec->locals[i].name, name) == 0 &&
            strcmp(spec->locals[i].space, w->tenants.text[tenant]) == 0)
            return through(&spec->locals[i]);
    return KUEUE_NO_QUEUE;
}

/* ---- lines ---- */

static uint64_t line_hash(int32_t queue, uint32_t demand, int32_t priority)
{
    uint64_t h = ((uint64_t)(uint32_t)queue << 32 | demand) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 29 ^ (uint32_t)priority) * UINT64_C(0xbf58476d1ce4e5b9);
    return h ^ h >> 32;
}

static uint64_t hash_of(const struct kueue_line *l)
{
    return line_hash(l->request.queue, l->request.demand, l->request.priority);
}

/* Room for one more line, with at most half of the slots taken. */
static bool lines_room(struct kueue *k)
{
    if (k->line_n == k->line_capacity) {
        uint32_t capacity = k->line_capacity ? 2 * k->line_capacity : 64;
        struct kueue_line *lines = realloc(k->lines, capacity * sizeof *lines);
        if (!lines) return false;
        k->lines = lines;
        k->line_capacity = capacity;
    }
    if (2 * (k->line_n + 1) <= k->line_slot_n) return true;
    uint32_t n = k->line_slot_n ? 2 * k->line_slot_n : 256;
    uint32_t *slot = calloc(n, sizeof *slot);
    if (!slot) return false;
    free(k->line_slot);
    k->line_slot = slot;
    k->line_slot_n = n;
    for (uint32_t i = 0; i < k->line_n; i++) {
        uint64_t at = hash_of(&k->lines[i]) & (n - 1);
        while (slot[at]) at = (at + 1) & (n - 1);
        slot[at] = i + 1;
    }
    return true;
}

/* That of the job. UINT32_MAX: no memory. */
static uint32_t line_for(struct scheduler *s, int32_t queue, uint32_t job, uint32_t demand)
{
    struct kueue *k = s->state;
    int32_t priority = s->workload->priority[job];
    if (!lines_room(k)) return UINT32_MAX;
    uint64_t at = line_hash(queue, demand, priority) & (k->line_slot_n - 1);
    for (; k->line_slot[at]; at = (at + 1) & (k->line_slot_n - 1)) {
        const struct kueue_line *l = &k->lines[k->line_slot[at] - 1];
        const struct kueue_request *r = &l->request;
        if (r->queue == queue && r->demand == demand && r->priority == priority)
            return k->line_slot[at] - 1;
    }
    struct kueue_line *l = &k->lines[k->line_n];
    *l = (struct kueue_line){ .request = kueue_request_of(s, queue, job, demand),
                              .shown = WAITING_NONE };
    waiting_heap_init(&l->jobs, false);
    k->line_slot[at] = ++k->line_n;
    return k->line_n - 1;
}

/* Its head is among those of its queue. */
static bool show(struct kueue *k, uint32_t line)
{
    struct kueue_line *l = &k->lines[line];
    uint32_t job = waiting_heap_head(&l->jobs)->job;
    if (l->shown == job) return true;
    l->shown = job;
    return waiting_heap_push(&k->queues[l->request.queue].open,
                             (struct waiting_job){ -(int64_t)l->request.priority, job, line });
}

uint32_t kueue_wait(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct kueue *k = s->state;
    int32_t queue = kueue_queue_of(s, job);
    uint32_t line = line_for(s, queue, job, demand);
    if (line == UINT32_MAX) return line;
    struct kueue_line *l = &k->lines[line];
    if (!waiting_heap_push(&l->jobs, (struct waiting_job){ 0, job, demand })) return UINT32_MAX;
    l->parked = NULL;
    k->trees[k->tree_of[queue]].active = true;
    return show(k, line) ? line : UINT32_MAX;
}

uint32_t kueue_head(struct kueue *k, int32_t queue)
{
    struct waiting_heap *open = &k->queues[queue].open;
    for (const struct waiting_job *head; (head = waiting_heap_head(open));) {
        struct kueue_line *l = &k->lines[head->demand];
        if (!l->parked && l->jobs.n > 0 && waiting_heap_head(&l->jobs)->job == head->job)
            return head->demand;
        if (l->shown == head->job) l->shown = WAITING_NONE;
        waiting_heap_pop(open);
    }
    return UINT32_MAX;
}

bool kueue_leave(struct kueue *k, uint32_t line)
{
    struct kueue_line *l = &k->lines[line];
    waiting_heap_pop(&l->jobs);
    return l->jobs.n == 0 || show(k, line);
}

bool kueue_park(struct kueue *k, uint32_t line, bool for_rooms)
{
    struct kueue_line *l = &k->lines[line];
    struct kueue_parked *p = for_rooms ? &k->rooms : &k->trees[k->tree_of[l->request.queue]].parked;
    if (p->n == p->capacity) {
        uint32_t capacity = p->capacity ? 2 * p->capacity : 16;
        uint32_t *lines = realloc(p->lines, capacity * sizeof *lines);
        if (!lines) return false;
        p->lines = lines;
        p->capacity = capacity;
    }
    l->parked = p;
    p->lines[p->n++] = line;
    return true;
}

/* Some of them have been opened by an arrival, and some of these parked again, here or there. */
static bool open_parked(struct kueue *k, struct kueue_parked *p)
{
    while (p->n > 0) {
        uint32_t line = p->lines[--p->n];
        struct kueue_line *l = &k->lines[line];
        if (l->parked != p) continue;
        l->parked = NULL;
        k->trees[k->tree_of[l->request.queue]].active = true;
        if (l->jobs.n > 0 && !show(k, line)) return false;
    }
    return true;
}

bool kueue_open(struct kueue *k, int32_t queue)
{
    struct kueue_tree *tree = &k->trees[k->tree_of[queue]];
    tree->active = tree->released = k->released = true;
    for (int32_t node = 0; k->awaits_nodes && node < k->quota.spec->node_n; node++)
        k->trees[node].active |= k->trees[node].awaits_nodes;
    k->awaits_nodes = false;
    return open_parked(k, &tree->parked) && open_parked(k, &k->rooms);
}

bool kueue_lines_init(struct scheduler *s)
{
    struct kueue *k = s->state;
    const struct quota_spec *spec = k->quota.spec;
    k->queues = calloc((size_t)spec->queue_n + 1, sizeof *k->queues);
    k->trees = calloc((size_t)spec->node_n + 1, sizeof *k->trees);
    k->tree_of = calloc((size_t)spec->node_n + 1, sizeof *k->tree_of);
    if (!k->queues || !k->trees || !k->tree_of) return false;
    for (int32_t i = 0; i < spec->node_n; i++) k->tree_of[i] = quota_root(spec, i);
    for (int32_t i = 0; i < spec->queue_n; i++) waiting_heap_init(&k->queues[i].open, false);
    return name_queues(s);
}

void kueue_lines_free(struct kueue *k)
{
    const struct quota_spec *spec = k->quota.spec;
    for (int32_t i = 0; k->queues && i < spec->queue_n; i++) {
        waiting_heap_free(&k->queues[i].open);
        free(k->queues[i].classes);
    }
    for (int32_t i = 0; k->trees && i < spec->node_n; i++) free(k->trees[i].parked.lines);
    for (uint32_t i = 0; i < k->line_n; i++) waiting_heap_free(&k->lines[i].jobs);
    free(k->rooms.lines);
    free(k->queues);
    free(k->trees);
    free(k->tree_of);
    free(k->lines);
    free(k->line_slot);
    free(k->by_queue);
    free(k->by_tenant);
}
