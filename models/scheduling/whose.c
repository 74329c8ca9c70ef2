/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/whose.h"

/* Numbers of names: 0 is the name "", of jobs that are not told apart. */
static uint32_t mark_of(enum apart_rule rule, const struct workload *w, size_t job)
{
    switch (rule) {
    case APART_NONE: return 0;
    case APART_TENANT: return w->tenant[job];
    case APART_USER: return w->user[job];
    case APART_CLASS: return w->class_[job];
    case APART_QUEUE: return w->queue[job];
    }
    return 0;
}

static uint32_t owner_of(enum exclusive_rule rule, const struct workload *w, size_t job)
{
    switch (rule) {
    case EXCLUSIVE_NONE: return 0;
    case EXCLUSIVE_TENANT: return w->tenant[job] + 1;
    case EXCLUSIVE_USER: return w->user[job] + 1;
    case EXCLUSIVE_JOB: return OWNER_ALONE;
    }
    return 0;
}

struct whose whose_of_job(const struct neighbour_options *o, const struct workload *w, size_t job)
{
    return (struct whose){ mark_of(o->apart, w, job), owner_of(o->exclusive, w, job) };
}

uint32_t whose_marks(const struct neighbour_options *o, const struct workload *w)
{
    switch (o->apart) {
    case APART_NONE: return 0;
    case APART_TENANT: return w->tenants.n;
    case APART_USER: return w->users.n;
    case APART_CLASS: return w->classes.n;
    case APART_QUEUE: return w->queues.n;
    }
    return 0;
}

uint32_t whose_owners(const struct neighbour_options *o, const struct workload *w)
{
    switch (o->exclusive) {
    case EXCLUSIVE_NONE:
    case EXCLUSIVE_JOB: return 0;
    case EXCLUSIVE_TENANT: return w->tenants.n;
    case EXCLUSIVE_USER: return w->users.n;
    }
    return 0;
}
