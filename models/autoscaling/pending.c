/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/pending.h"

#include <stdlib.h>

#include "sim/large.h"

bool pending_init(struct pending *p, size_t jobs)
{
    *p = (struct pending){ .jobs = large_alloc((jobs ? jobs : 1) * sizeof *p->jobs),
                           .first = PENDING_NONE,
                           .last = PENDING_NONE };
    return p->jobs != NULL;
}

void pending_free(struct pending *p) { free(p->jobs); }

void pending_comes(struct pending *p, uint32_t job, uint32_t demand)
{
    p->jobs[job] = (struct pending_job){ p->last, PENDING_NONE, demand, ++p->come_n };
    if (p->last != PENDING_NONE) p->jobs[p->last].after = job;
    else p->first = job;
    p->last = job;
}

void pending_leaves(struct pending *p, uint32_t job)
{
    const struct pending_job *j = &p->jobs[job];
    if (j->before != PENDING_NONE) p->jobs[j->before].after = j->after;
    else p->first = j->after;
    if (j->after != PENDING_NONE) p->jobs[j->after].before = j->before;
    else p->last = j->before;
}
