/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/options.h"

#include <string.h>

#include "models/scheduling/engine.h"
#include "models/scheduling/policy.h"

const struct choice shadow_rules[] = {
    [SHADOW_ENDS_BY] = { "ends-by", "a job that ends exactly at the shadow time may pass the head",
                         "Mu'alem and Feitelson 2001; pyss" },
    [SHADOW_ENDS_BEFORE] = { "ends-before",
                             "a job must end before the shadow time to pass the head",
                             "simulators whose test is <" },
    { NULL, NULL, NULL },
};

const struct choice extra_rules[] = {
    [EXTRA_ALL_FREED] = { "all-freed", "all that is freed at the shadow time counts as extra",
                          "pyss" },
    [EXTRA_AS_NEEDED] = { "as-needed",
                          "jobs that end at the shadow time are freed in order of arrival, up to "
                          "the one that makes the head fit",
                          "Mu'alem and Feitelson 2001, figure 2" },
    { NULL, NULL, NULL },
};

const struct choice scan_rules[] = {
    [SCAN_ARRIVAL] = { "arrival", "who came first is looked at first", "Lifka 1995" },
    [SCAN_SHORTEST] = { "shortest-estimate",
                        "the shortest estimate is looked at first, ties in order of arrival",
                        "SJBF: Tsafrir, Etsion and Feitelson 2007; pyss" },
    { NULL, NULL, NULL },
};

const struct choice estimate_rules[] = {
    [ESTIMATES_LIMITS] = { "limits", "the user's time limit; the run time where there is none",
                           "Slurm; Mu'alem and Feitelson 2001" },
    [ESTIMATES_PERFECT] = { "perfect", "the true run time, which no scheduler knows",
                            "Mu'alem and Feitelson 2001, section 4" },
    { NULL, NULL, NULL },
};

const struct choice predictor_rules[] = {
    [PREDICTOR_HISTORY] = { "history",
                            "a guess from jobs that have ended: of the same user, class and GPUs, "
                            "else of fewer of these",
                            "the rolling estimate of Helios (SC'21), section 4.2" },
    [PREDICTOR_PERFECT] = { "perfect", "the true run time, which no scheduler knows",
                            "Helios simulator (SC'21)" },
    { NULL, NULL, NULL },
};

const struct choice sharing_rules[] = {
    [SHARING_NONE] = { "none", "who asks for a part of a GPU holds the whole of it",
                       "nvidia.com/gpu of Kubernetes" },
    [SHARING_FRACTIONAL] = { "fractional",
                             "a part of a GPU is held in thousandths; the rest of it serves others",
                             "openb (FGD, ATC'23); no job slows another" },
    [SHARING_MIG] = { "mig",
                      "the smallest MIG instance with enough compute slices, on its fixed slots",
                      "NVIDIA MIG User Guide: A100, H100, H200" },
    [SHARING_TIME] = { "time-slicing",
                       "who asks for one GPU or less has one of its replicas, and its time when "
                       "others do not want it",
                       "NVIDIA k8s-device-plugin: timeSlicing, replicas" },
    { NULL, NULL, NULL },
};

const struct choice apart_rules[] = {
    [APART_NONE] = { "none", "any jobs may be on one node",
                     "as Kubernetes without podAntiAffinity" },
    [APART_TENANT] = { "tenant", "no two jobs of a tenant on one node",
                       "Kubernetes required podAntiAffinity, topologyKey kubernetes.io/hostname" },
    [APART_USER] = { "user", "no two jobs of a user on one node", "as tenant, by another label" },
    [APART_CLASS] = { "class", "no two jobs of a class on one node",
                      "as tenant, by another label" },
    [APART_QUEUE] = { "queue", "no two jobs of a queue on one node",
                      "as tenant, by another label" },
    { NULL, NULL, NULL },
};

const struct choice exclusive_rules[] = {
    [EXCLUSIVE_NONE] = { "none", "a node may be shared by all", "Slurm OverSubscribe=NO" },
    [EXCLUSIVE_TENANT] = { "tenant", "a node has jobs of one tenant at a time",
                           "Slurm --exclusive=mcs, mcs/account; hard multi-tenancy" },
    [EXCLUSIVE_USER] = { "user", "a node has jobs of one user at a time",
                         "Slurm ExclusiveUser=YES, --exclusive=user" },
    [EXCLUSIVE_JOB] = { "job", "a node has one job at a time",
                        "Slurm OverSubscribe=EXCLUSIVE, --exclusive" },
    { NULL, NULL, NULL },
};

const struct choice remainder_rules[] = {
    [REMAINDER_PLACEMENT] = { "placement", "as the placement picks a node; by a score, as pack",
                              "as for every other node of the gang" },
    [REMAINDER_FIRST_FIT] = { "first-fit", "the lowest-numbered node that fits",
                              "Tiresias simulator (NSDI'19), yarn placement" },
    [REMAINDER_PACK] = { "pack", "the node left with the fewest free GPUs", "best fit, textbook" },
    [REMAINDER_SPREAD] = { "spread", "the node with the most free GPUs: an idle one, if there is",
                           "Helios simulator (SC'21), consolidate" },
    [REMAINDER_NEAR] = { "near",
                         "the next node after the gang's whole ones; behind the last, the lowest",
                         "nodes in a row, as Slurm's topology/flat knows them" },
    { NULL, NULL, NULL },
};

const struct choice fairshare_rules[] = {
    [FAIRSHARE_TREE] = { "tree",
                         "Fair Tree: users of the tenant that has used least for its shares stand "
                         "before all others",
                         "Slurm since 19.05" },
    [FAIRSHARE_CLASSIC] = { "classic", "2^(-effective usage / shares)",
                            "Slurm PriorityFlags=NO_FAIR_TREE" },
    { NULL, NULL, NULL },
};

const struct choice favor_rules[] = {
    [FAVOR_LARGE] = { "large", "the larger the job, the larger the factor of size",
                      "Slurm PriorityFavorSmall=NO" },
    [FAVOR_SMALL] = { "small", "the smaller the job, the larger the factor of size",
                      "Slurm PriorityFavorSmall=YES" },
    { NULL, NULL, NULL },
};

const struct choice tie_rules[] = {
    [TIES_ARRIVAL] = { "arrival", "the job that came first", "as in every other order" },
    [TIES_PREVIOUS] = { "previous", "the job that was before the other at the last pass",
                        "Tiresias simulator (NSDI'19): a stable sort of one list" },
    [TIES_WAITING] = { "waiting",
                       "the job that waits; of two the one that waits for longer, or that "
                       "started first",
                       "Helios simulator (SC'21): the queue is listed before those that run" },
    { NULL, NULL, NULL },
};

const struct choice restart_rules[] = {
    [RESTART_WHOLE] = { "whole", "a job stopped in its restart has one whole restart before it",
                        "a checkpoint is loaded from its beginning" },
    [RESTART_ADDS_UP] = { "adds-up",
                          "a job stopped in its restart also has the rest of it before it",
                          "Helios simulator (SC'21)" },
    { NULL, NULL, NULL },
};

const struct choice victim_rules[] = {
    [VICTIMS_POOL] = { "pool", "the least urgent of a pool first, of equals the last started",
                       "Slurm preempt/qos with preempt_youngest_first" },
    [VICTIMS_NODE] = { "node", "those of the node on which they are least urgent, and fewest",
                       "kube-scheduler: defaultpreemption" },
    { NULL, NULL, NULL },
};

const struct choice pods_rules[] = {
    [PODS_TOGETHER] = { "together", "all pods of a gang, then those of the next",
                        "the coscheduling plugin's queue sort" },
    [PODS_IN_TURN] = { "in-turn", "a pod of each gang, round after round",
                       "kube-scheduler's queue, where a pod that was tried goes behind the "
                       "others" },
    { NULL, NULL, NULL },
};

const struct choice event_rules[] = {
    [EVENTS_INSTANT] = { "instant", "one pass after all events of an instant", "Batsim" },
    [EVENTS_SINGLE] = { "single", "a pass after each event", "pyss" },
    { NULL, NULL, NULL },
};

const struct choice instant_rules[] = {
    [INSTANT_ENDS_FIRST] = { "ends-first", "jobs that end before jobs that are submitted",
                             "Helios simulator (SC'21)" },
    [INSTANT_SUBMISSIONS_FIRST] = { "submissions-first",
                                    "jobs that are submitted before jobs that end", "pyss" },
    { NULL, NULL, NULL },
};

const char *const limit_names[LIMIT_N] = {
    [LIMIT_GPUS] = "gpus",
    [LIMIT_JOBS] = "jobs",
    [LIMIT_SUBMIT] = "submit",
    [LIMIT_GPUS_PER_USER] = "gpus_per_user",
    [LIMIT_JOBS_PER_USER] = "jobs_per_user",
    [LIMIT_SUBMIT_PER_USER] = "submit_per_user",
    [LIMIT_GPUS_PER_TENANT] = "gpus_per_tenant",
    [LIMIT_JOBS_PER_TENANT] = "jobs_per_tenant",
    [LIMIT_SUBMIT_PER_TENANT] = "submit_per_tenant",
    [LIMIT_GPUS_PER_JOB] = "gpus_per_job",
    [LIMIT_WALL_PER_JOB] = "wall_per_job",
};

int64_t named_number_of(const struct named_number *numbers, size_t n, const char *name,
                        int64_t otherwise)
{
    int64_t number = otherwise;
    for (size_t i = 0; i < n; i++)
        if (strcmp(numbers[i].name, "all") == 0) number = numbers[i].number;
    for (size_t i = 0; i < n; i++)
        if (strcmp(numbers[i].name, name) == 0) number = numbers[i].number;
    return number;
}

const char *options_refusal(const struct queue_order *order, enum scheduler_option option)
{
    enum backfill backfill = order->backfills;
    if (option == OPTION_GPU_SHARING || option == OPTION_REPLICAS)
        return order->engine == &engine_strict || order->engine == &engine_skip ||
                       order->engine == &engine_qssf
                   ? NULL
                   : "this order counts whole GPUs";
    if (option == OPTION_ANTI_AFFINITY || option == OPTION_EXCLUSIVE) {
        if (order->engine->by_pod) return "this order places pods, not jobs";
        return order->backfills == BACKFILL_NONE && order->rank == RANK_NONE
                   ? NULL
                   : "this order counts on all that is free, whoever is beside it";
    }
    if (option == OPTION_REMAINDER)
        return order->engine->by_pod ? "in this order each pod finds a node of its own" : NULL;
    if (option == OPTION_SCATTERED_SPEED || option == OPTION_CROSS_RACK_SPEED)
        return order->rank == RANK_NONE
                   ? NULL
                   : "this order takes running jobs to be as fast wherever their gangs lie";
    if (option == OPTION_PREDICTOR)
        return order->engine == &engine_qssf ? NULL : "this order predicts no run times";
    if (option >= OPTION_WEIGHT_AGE && option <= OPTION_SHARES) {
        enum share_by by = backfill == BACKFILL_SLURM ? SHARE_MULTIFACTOR : order->engine->share;
        if (option == OPTION_SHARES)
            return by != SHARE_NONE ? NULL : "this order does not look at tenants";
        if (option == OPTION_HALF_LIFE || option == OPTION_CALC_PERIOD)
            return by == SHARE_MULTIFACTOR || by == SHARE_FAIR ? NULL : "this order keeps no usage";
        return by == SHARE_MULTIFACTOR ? NULL : "this order does not add up factors";
    }
    if (option == OPTION_TIES)
        return order->rank == RANK_WORK_LEFT || order->rank == RANK_SERVICE_LEFT
                   ? NULL
                   : "ranks never change here, so ties go to who came first";
    if (option == OPTION_RESTART_COST || option == OPTION_RESTART_CUT ||
        option == OPTION_CHECKPOINT || option == OPTION_CHECKPOINT_COST)
        return order->rank != RANK_NONE
                   ? NULL
                   : "this order preempts nobody, and no node fails, is taken back or is drained";
    if (option == OPTION_LAS_THRESHOLDS || option == OPTION_LAS_QUANTUM ||
        option == OPTION_LAS_PROMOTE)
        return rank_by_level(order->rank) ? NULL : "only las, las-2d and gittins-2d have levels";
    if (option == OPTION_ROUND || option == OPTION_ROUND_SHARES)
        return rank_by_shares(order->rank) ? NULL : "only the gavel orders work in rounds";
    if (option == OPTION_ELASTIC_MIN || option == OPTION_ELASTIC_MAX || option == OPTION_SPEEDUP)
        return rank_by_size(order->rank) ? NULL : "in this order a job has the GPUs it asks for";
    if (option == OPTION_VICTIMS)
        return order->engine == &engine_evict ? NULL
                                              : "only priority-evict has a choice of victims";
    if (option == OPTION_KUEUE)
        return order->engine == &engine_kueue ? NULL : "only kueue has ClusterQueues";
    if (option == OPTION_PODS || option == OPTION_PERMIT_TIMEOUT || option == OPTION_PERMIT_BACKOFF)
        return order->engine == &engine_coscheduling ? NULL
                                                     : "in this order gangs start at once or not";
    if (option == OPTION_SHADOW || option == OPTION_EXTRA || option == OPTION_SCAN)
        return backfill == BACKFILL_EASY ? NULL : "only easy has one head that others may pass";
    if (option == OPTION_ESTIMATES || option == OPTION_ESTIMATE_FACTOR)
        return backfill != BACKFILL_NONE ? NULL : "this order does not believe in estimates";
    if (backfill == BACKFILL_SLURM) return NULL;
    if (option == OPTION_LIMITS) return "only slurm-backfill has limits";
    if (option >= OPTION_DEFAULT_QUEUE_DEPTH && option <= OPTION_BATCH_SCHED_DELAY)
        return "only slurm-backfill has Slurm's main loop";
    return "only slurm-backfill has a backfill thread";
}
