/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/limits.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = UINT32_MAX };

/* ---- entries ---- */

/* Whether the entry has a limit on those counts: enum limit, of the first of them. */
static bool counts_of(const struct limit_entry *e, int whose)
{
    for (int k = 0; k < LIMIT_COUNTS; k++)
        if (e->most[whose * LIMIT_COUNTS + k] > 0) return true;
    return false;
}

static uint32_t number_of(const struct names *names, const char *name)
{
    return name ? names_find(names, name, strlen(name)) : NONE;
}

static bool is_for(const struct limits *l, const struct limit_place *p, uint32_t job)
{
    const struct workload *w = l->workload;
    return (p->any_queue || p->queue == w->queue[job]) &&
           (p->any_tenant || p->tenant == w->tenant[job]) &&
           (p->any_user || p->user == w->user[job]);
}

/* What the entry counts the job in; NULL: in nothing of that kind. */
static struct limit_count *count_of(const struct limits *l, size_t entry, int whose, uint32_t job)
{
    const struct limit_place *p = &l->places[entry];
    size_t at = p->first[whose];
    if (at == SIZE_MAX) return NULL;
    if (whose == LIMIT_OF_USER) at += l->workload->user[job];
    if (whose == LIMIT_OF_TENANT) at += l->workload->tenant[job];
    return &l->counts[at];
}

static void mark(bool *named, uint32_t number)
{
    if (number != NONE) named[number] = true;
}

bool limits_init(struct limits *l, const struct workload *w, const struct limit_options *o)
{
    size_t n = 0, members[LIMIT_WHOSE] = { 1, w->users.n, w->tenants.n };
    *l = (struct limits){ .workload = w, .options = o };
    l->places = calloc(o->n + 1, sizeof *l->places);
    l->queue_named = calloc(w->queues.n + 1, sizeof *l->queue_named);
    l->tenant_named = calloc(w->tenants.n + 1, sizeof *l->tenant_named);
    l->user_named = calloc(w->users.n + 1, sizeof *l->user_named);
    if (!l->places || !l->queue_named || !l->tenant_named || !l->user_named) return false;
    for (size_t i = 0; i < o->n; i++) {
        const struct limit_entry *e = &o->entries[i];
        struct limit_place *p = &l->places[i];
        *p = (struct limit_place){ .queue = number_of(&w->queues, e->queue),
                                   .tenant = number_of(&w->tenants, e->tenant),
                                   .user = number_of(&w->users, e->user),
                                   .any_queue = !e->queue,
                                   .any_tenant = !e->tenant,
                                   .any_user = !e->user };
        mark(l->queue_named, p->queue);
        mark(l->tenant_named, p->tenant);
        mark(l->user_named, p->user);
        for (int whose = 0; whose < LIMIT_WHOSE; whose++) {
            bool any = counts_of(e, whose);
            p->first[whose] = any ? n : SIZE_MAX;
            if (any) n += members[whose];
            l->of_gpus |= e->most[whose * LIMIT_COUNTS + LIMIT_GPUS] > 0;
        }
        l->of_users |= p->first[LIMIT_OF_USER] != SIZE_MAX;
        l->of_tenants |= p->first[LIMIT_OF_TENANT] != SIZE_MAX;
    }
    l->counts = calloc(n + 1, sizeof *l->counts);
    return l->counts != NULL;
}

void limits_free(struct limits *l)
{
    free(l->places);
    free(l->counts);
    free(l->queue_named);
    free(l->tenant_named);
    free(l->user_named);
    *l = (struct limits){ 0 };
}

/* ---- questions ---- */

/* As estimates do: the run time where no limit is given. */
static int64_t wall_us(const struct workload *w, uint32_t job)
{
    return w->limit_us[job] >= 0 ? w->limit_us[job] : w->run_us[job];
}

/* Whether some count of the job, with so many more, is beyond the limit of that kind. */
static bool is_over(const struct limits *l, uint32_t job, int kind, int64_t more)
{
    for (size_t i = 0; i < l->options->n; i++) {
        if (!is_for(l, &l->places[i], job)) continue;
        for (int whose = 0; whose < LIMIT_WHOSE; whose++) {
            int64_t most = l->options->entries[i].most[whose * LIMIT_COUNTS + kind];
            if (most > 0 && count_of(l, i, whose, job)->used[kind] + more > most) return true;
        }
    }
    return false;
}

enum reject_reason limits_refuse(const struct limits *l, uint32_t job, int64_t gpus)
{
    int64_t wall = wall_us(l->workload, job);
    for (size_t i = 0; i < l->options->n; i++) {
        const int64_t *most = l->options->entries[i].most;
        if (!is_for(l, &l->places[i], job)) continue;
        if (most[LIMIT_WALL_PER_JOB] > 0 && wall > most[LIMIT_WALL_PER_JOB]) return REJECT_LIMIT;
        if (most[LIMIT_GPUS_PER_JOB] > 0 && gpus > most[LIMIT_GPUS_PER_JOB]) return REJECT_LIMIT;
        for (int whose = 0; whose < LIMIT_WHOSE; whose++) {
            int64_t gpus_most = most[whose * LIMIT_COUNTS + LIMIT_GPUS];
            if (gpus_most > 0 && gpus > gpus_most) return REJECT_LIMIT;
        }
    }
    return is_over(l, job, LIMIT_SUBMIT, 1) ? REJECT_SUBMIT_LIMIT : REJECT_N;
}

/* A job without GPUs is held by no limit on them, as they are never beyond it. */
enum limit_hold limits_hold(const struct limits *l, uint32_t job, int64_t gpus)
{
    if (is_over(l, job, LIMIT_JOBS, 1)) return HOLD_JOBS;
    return is_over(l, job, LIMIT_GPUS, gpus) ? HOLD_GPUS : HOLD_NONE;
}

struct limit_who limits_who(const struct limits *l, uint32_t job)
{
    const struct workload *w = l->workload;
    uint32_t queue = w->queue[job], tenant = w->tenant[job], user = w->user[job];
    return (struct limit_who){
        .queue = l->queue_named[queue] ? queue : NONE,
        .tenant = l->of_tenants || l->tenant_named[tenant] ? tenant : NONE,
        .user = l->of_users || l->user_named[user] ? user : NONE,
    };
}

/* ---- counting ---- */

static void add(struct limits *l, uint32_t job, int kind, int64_t n)
{
    for (size_t i = 0; i < l->options->n; i++) {
        if (!is_for(l, &l->places[i], job)) continue;
        for (int whose = 0; whose < LIMIT_WHOSE; whose++) {
            struct limit_count *count = count_of(l, i, whose, job);
            if (count) count->used[kind] += n;
        }
    }
}

void limits_submit(struct limits *l, uint32_t job) { add(l, job, LIMIT_SUBMIT, 1); }

void limits_start(struct limits *l, uint32_t job, int64_t gpus)
{
    add(l, job, LIMIT_JOBS, 1);
    add(l, job, LIMIT_GPUS, gpus);
}

void limits_end(struct limits *l, uint32_t job, int64_t gpus)
{
    add(l, job, LIMIT_SUBMIT, -1);
    add(l, job, LIMIT_JOBS, -1);
    add(l, job, LIMIT_GPUS, -gpus);
}
