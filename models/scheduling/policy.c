/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/policy.h"

#include <stddef.h>
#include <string.h>

const struct queue_order queue_orders[] = {
    { "fifo", "first come, first served; a head that does not fit blocks everyone behind it",
      "textbook; Slurm sched/builtin", ORDER_KEY_SUBMIT, false, false },
    { "fifo-skip", "in order of arrival, passing over jobs that do not fit now",
      "Tiresias simulator 'fit first' (NSDI'19); YARN capacity scheduler", ORDER_KEY_SUBMIT, true,
      false },
    { "sjf", "shortest true run time first; a head that does not fit blocks",
      "Schrage and Miller 1966; Helios simulator (SC'21)", ORDER_KEY_RUN, false, false },
    { "smallest-first", "fewest GPUs first; a head that does not fit blocks",
      "Tiresias simulator 'smallest first' (NSDI'19)", ORDER_KEY_GPUS, false, false },
    { "easy", "fifo with EASY backfill: later jobs may pass a blocked head if they do not delay it",
      "Lifka 1995; Mu'alem and Feitelson 2001", ORDER_KEY_SUBMIT, false, true },
    { NULL, NULL, NULL, ORDER_KEY_SUBMIT, false, false },
};

const struct placement placements[] = {
    { "first-fit", "the lowest-numbered node that fits", "textbook", PLACE_FIRST_FIT },
    { "pack", "best fit: the node left with the fewest free GPUs",
      "textbook; kube-scheduler MostAllocated", PLACE_PACK },
    { "spread", "worst fit: the node with the most free GPUs",
      "textbook; kube-scheduler LeastAllocated", PLACE_SPREAD },
    { "random", "any node that fits, each as likely", "textbook", PLACE_RANDOM },
    { NULL, NULL, NULL, PLACE_PACK },
};

const struct gang gangs[] = {
    [GANG_FEWEST_NODES] = { "fewest-nodes",
                            "whole nodes and one remainder; one node where the gang fits one",
                            "Philly (ATC'19); Tiresias 'consolidate' (NSDI'19)" },
    [GANG_ANYWHERE] = { "anywhere", "any free GPUs of one pool, however scattered",
                        "GPU counts without nodes, as most trace simulators keep them" },
    { NULL, NULL, NULL },
};

const struct queue_order *queue_order_find(const char *name)
{
    for (const struct queue_order *o = queue_orders; o->name; o++)
        if (strcmp(o->name, name) == 0) return o;
    return NULL;
}

const struct placement *placement_find(const char *name)
{
    for (const struct placement *p = placements; p->name; p++)
        if (strcmp(p->name, name) == 0) return p;
    return NULL;
}
