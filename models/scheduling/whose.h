/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose a job is, as far as it decides beside whom it may be on a node (fleet/neighbours.h).
 *
 *      anti_affinity: user       the mark is its user's number; none where it names no user
 *      exclusive: tenant         the owner is its tenant's; those that name none are one tenant
 *      exclusive: job            all are OWNER_ALONE
 *
 * It is part of a demand (demand.h): whether a job fits now is the same for all jobs that ask for
 * the same and are of the same, and for no others.
 */
#ifndef MODELS_SCHEDULING_WHOSE_H
#define MODELS_SCHEDULING_WHOSE_H

#include "models/fleet/neighbours.h"
#include "models/scheduling/options.h"
#include "models/workload/workload.h"

/* Whether anything is asked of neighbours. */
static inline bool whose_matters(const struct neighbour_options *o)
{
    return o->apart != APART_NONE || o->exclusive != EXCLUSIVE_NONE;
}

/* Whether it can differ from job to job. */
static inline bool whose_differs(const struct neighbour_options *o)
{
    return o->apart != APART_NONE ||
           (o->exclusive != EXCLUSIVE_NONE && o->exclusive != EXCLUSIVE_JOB);
}

struct whose whose_of_job(const struct neighbour_options *o, const struct workload *w, size_t job);
/* No job has a larger mark, or a larger owner but for OWNER_ALONE. */
uint32_t whose_marks(const struct neighbour_options *o, const struct workload *w);
uint32_t whose_owners(const struct neighbour_options *o, const struct workload *w);

#endif
