/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/policy.h"

#include <stddef.h>
#include <string.h>

#include "models/scheduling/engine.h"
#include "models/scheduling/scored.h"

/* ---- keys ---- */

static int64_t key_run(const struct workload *w, uint32_t job) { return w->run_us[job]; }
static int64_t key_longest(const struct workload *w, uint32_t job) { return -w->run_us[job]; }
static int64_t key_gpus(const struct workload *w, uint32_t job) { return w->gpu_milli[job]; }
static int64_t key_most_gpus(const struct workload *w, uint32_t job) { return -w->gpu_milli[job]; }

static int64_t key_service(const struct workload *w, uint32_t job)
{
    return service_of(w->run_us[job], w->gpu_milli[job]);
}

/* Jobs without a deadline come last. */
static int64_t key_deadline(const struct workload *w, uint32_t job)
{
    return w->deadline_us[job] == -1 ? INT64_MAX : w->deadline_us[job];
}

static int64_t key_priority(const struct workload *w, uint32_t job)
{
    return -(int64_t)w->priority[job];
}

/* ---- the tables ---- */

const struct queue_order queue_orders[] = {
    { "fifo", "first come, first served; a head that does not fit blocks everyone behind it",
      "textbook; Slurm sched/builtin", NULL, &engine_strict, BACKFILL_NONE, RANK_NONE },
    { "fifo-skip", "in order of arrival, passing over jobs that do not fit now",
      "Tiresias simulator 'fit first' (NSDI'19); YARN capacity scheduler", NULL, &engine_skip,
      BACKFILL_NONE, RANK_NONE },
    { "sjf", "shortest true run time first; a head that does not fit blocks",
      "Schrage and Miller 1966; Helios simulator (SC'21)", key_run, &engine_strict, BACKFILL_NONE,
      RANK_NONE },
    { "sjf-skip", "shortest true run time first, passing over jobs that do not fit now", "textbook",
      key_run, &engine_skip, BACKFILL_NONE, RANK_NONE },
    { "ljf", "longest true run time first; a head that does not fit blocks", "Alea 4 (LJF)",
      key_longest, &engine_strict, BACKFILL_NONE, RANK_NONE },
    { "smallest-first", "fewest GPUs first; a head that does not fit blocks",
      "Tiresias simulator 'smallest first' (NSDI'19)", key_gpus, &engine_strict, BACKFILL_NONE,
      RANK_NONE },
    { "largest-first", "most GPUs first; a head that does not fit blocks",
      "first fit decreasing, as bin packing orders its items", key_most_gpus, &engine_strict,
      BACKFILL_NONE, RANK_NONE },
    { "shortest-service", "least GPU time (run time x GPUs) first; a head that does not fit blocks",
      "SAF, smallest area first; Helios QSSF (SC'21) but for jobs that come to an empty queue",
      key_service, &engine_strict, BACKFILL_NONE, RANK_NONE },
    { "qssf",
      "least predicted GPU time first; jobs that come to an empty queue by fewest GPUs; a head "
      "that "
      "does not fit blocks",
      "Helios (SC'21), section 4.2: quasi shortest service first", NULL, &engine_qssf,
      BACKFILL_NONE, RANK_NONE },
    { "edf", "earliest deadline first, jobs without one last; a head that does not fit blocks",
      "Liu and Layland 1973", key_deadline, &engine_strict, BACKFILL_NONE, RANK_NONE },
    { "priority",
      "highest priority first, then in order of arrival; a head that does not fit blocks",
      "Slurm priority/basic; kube-scheduler PrioritySort without preemption", key_priority,
      &engine_strict, BACKFILL_NONE, RANK_NONE },
    { "priority-skip",
      "highest priority first, then in order of arrival, passing over jobs that do not fit now",
      "kube-scheduler PrioritySort without preemption: an unschedulable pod steps aside",
      key_priority, &engine_skip, BACKFILL_NONE, RANK_NONE },
    { "coscheduling",
      "highest priority first, pod after pod; a gang's pods hold their nodes until the last has "
      "one, "
      "or give up after permit_timeout",
      "kube-scheduler with the coscheduling plugin's Permit", key_priority, &engine_coscheduling,
      BACKFILL_NONE, RANK_NONE },
    { "multifactor",
      "highest sum of weighted factors first: age, fair share, size, partition, QOS; a head that "
      "does not fit blocks",
      "Slurm priority/multifactor", NULL, &engine_multifactor, BACKFILL_NONE, RANK_NONE },
    { "fair-share",
      "the tenant first that holds, and has held of late, least for its shares; a head that does "
      "not fit blocks",
      "LSF dynamic user priority; HTCondor user priority; half-life as Slurm's", NULL,
      &engine_fair_share, BACKFILL_NONE, RANK_NONE },
    { "fair-share-skip",
      "the tenant first that holds, and has held of late, least for its shares, passing over jobs "
      "that do not fit now",
      "as fair-share; YARN fair scheduler", NULL, &engine_fair_share_skip, BACKFILL_NONE,
      RANK_NONE },
    { "drf",
      "dominant resource fairness: the tenant of the least dominant share first; a head that does "
      "not fit blocks",
      "Ghodsi et al., NSDI'11, algorithm 1", NULL, &engine_drf, BACKFILL_NONE, RANK_NONE },
    { "drf-skip", "dominant resource fairness, passing over jobs that do not fit now",
      "Ghodsi et al., NSDI'11; Mesos offers", NULL, &engine_drf_skip, BACKFILL_NONE, RANK_NONE },
    { "easy", "fifo with EASY backfill: later jobs may pass a blocked head if they do not delay it",
      "Lifka 1995; Mu'alem and Feitelson 2001", NULL, &engine_easy, BACKFILL_EASY, RANK_NONE },
    { "conservative",
      "every job is promised a start when it comes; later jobs may pass it if they delay no "
      "promise",
      "Mu'alem and Feitelson 2001; pyss cons", NULL, &engine_conservative, BACKFILL_CONSERVATIVE,
      RANK_NONE },
    { "slurm-backfill",
      "highest priority first; at each bf_interval those behind a blocked job start if they delay "
      "no "
      "planned start",
      "Slurm sched/backfill", key_priority, &engine_slurm_backfill, BACKFILL_SLURM, RANK_NONE },
    { "srtf",
      "shortest remaining time first, preemptive; passing over jobs that do not fit what is left",
      "Schrage and Miller 1966 (SRPT); Tiresias simulator 'shortest' (NSDI'19)", NULL, &engine_rank,
      BACKFILL_NONE, RANK_WORK_LEFT },
    { "srsf",
      "least remaining GPU time (time x GPUs) first, preemptive; passing over jobs that do not fit",
      "Tiresias (NSDI'19), section 3: shortest remaining service first", NULL, &engine_rank,
      BACKFILL_NONE, RANK_SERVICE_LEFT },
    { "sjf-preempt",
      "shortest run time first, preemptive; passing over jobs that do not fit what is left",
      "PSJF: Harchol-Balter 2013, chapter 32", NULL, &engine_rank, BACKFILL_NONE, RANK_WORK },
    { "las",
      "least attained service: the level of least time on GPUs first, preemptive, in order of "
      "arrival in it; passing over jobs that do not fit",
      "Tiresias simulator 'dlas' (NSDI'19)", NULL, &engine_rank, BACKFILL_NONE, RANK_ATTAINED },
    { "las-2d",
      "least attained GPU service: the level of least time x GPUs first, preemptive, in order of "
      "arrival in it; passing over jobs that do not fit",
      "Tiresias (NSDI'19), section 3.2: discretized 2D-LAS", NULL, &engine_rank, BACKFILL_NONE,
      RANK_ATTAINED_SERVICE },
    { "gittins-2d",
      "levels of attained GPU time in the order of their Gittins index, from the run times of the "
      "whole trace; others are preempted",
      "Tiresias (NSDI'19), 2D-Gittins; Gittins 1979", NULL, &engine_rank, BACKFILL_NONE,
      RANK_GITTINS },
    { "smallest-preempt",
      "fewest GPUs first, then in order of arrival, preemptive; passing over jobs that do not fit",
      "Tiresias simulator 'sjf' (NSDI'19)", NULL, &engine_rank, BACKFILL_NONE, RANK_GPUS },
    { "priority-preempt",
      "highest priority first, preempting lower ones; passing over jobs that do not fit",
      "preemptive-resume priority: White and Christie 1958", NULL, &engine_rank, BACKFILL_NONE,
      RANK_PRIORITY },
    { "priority-evict",
      "highest priority first; a head that does not fit stops running jobs of lower priority, "
      "lowest "
      "and last started first, if it fits then; else it blocks",
      "kube-scheduler preemption; Slurm preempt/qos with preempt_youngest_first", key_priority,
      &engine_evict, BACKFILL_NONE, RANK_EVICT },
    { "kueue",
      "highest priority first in each ClusterQueue, within its quota and what it may borrow; quota "
      "is reclaimed by preemption",
      "Kueue v1beta2: classic preemption, flavor fungibility, cohort trees", NULL, &engine_kueue,
      BACKFILL_NONE, RANK_EVICT },
    { "elastic-fifo",
      "in order of arrival, each with its fewest GPUs; what is left goes to who came first, up to "
      "its most; sizes change as jobs come and go",
      "Volcano gangs of minAvailable pods and more; PyTorch elastic jobs", NULL, &engine_elastic,
      BACKFILL_NONE, RANK_SIZE_FIFO },
    { "elastic-max-min",
      "in order of arrival, each with its fewest GPUs; what is left goes to who has fewest",
      "max-min fairness: Bertsekas and Gallager 1992; EQUI: Edmonds 1999", NULL, &engine_elastic,
      BACKFILL_NONE, RANK_SIZE_MAX_MIN },
    { "optimus",
      "in order of arrival, each with its fewest GPUs; what is left goes where a GPU saves most of "
      "the remaining time",
      "Optimus (EuroSys'18), section 4.1: marginal gain", NULL, &engine_elastic, BACKFILL_NONE,
      RANK_SIZE_MARGINAL },
    { "gavel-fifo",
      "in rounds: in order of arrival each job has the fastest pool with GPUs left; one that finds "
      "none blocks",
      "Gavel (OSDI'20): FIFO with performance", NULL, &engine_rounds, BACKFILL_NONE,
      RANK_SHARES_FIFO },
    { "gavel-isolated", "in rounds: each of n jobs has 1/n of every pool",
      "Gavel (OSDI'20): isolated", NULL, &engine_rounds, BACKFILL_NONE, RANK_SHARES_ISOLATED },
    { "gavel-max-min-agnostic",
      "in rounds: the least time x GPUs of a job is as large as can be, whatever the GPU",
      "Gavel (OSDI'20): LAS, heterogeneity-agnostic", NULL, &engine_rounds, BACKFILL_NONE,
      RANK_SHARES_ANY },
    { "gavel-max-min",
      "in rounds: the least speed x GPUs of a job, against equal time on all pools, is as large as "
      "can be",
      "Gavel (OSDI'20), section 4.1: LAS, heterogeneity-aware", NULL, &engine_rounds, BACKFILL_NONE,
      RANK_SHARES_MAX_MIN },
    { "gavel-finish-time-fairness",
      "in rounds: the largest finish time, against that with 1/n of every pool, is as small as can "
      "be",
      "Themis (NSDI'20); Gavel (OSDI'20), section 4.2", NULL, &engine_rounds, BACKFILL_NONE,
      RANK_SHARES_FINISH_TIME },
    { "gavel-min-makespan", "in rounds: the last job ends as early as can be",
      "Gavel (OSDI'20), section 4.2: makespan", NULL, &engine_rounds, BACKFILL_NONE,
      RANK_SHARES_MAKESPAN },
    { "gavel-max-throughput", "in rounds: the most work is done, whoever it is for",
      "Gavel (OSDI'20): max sum throughput", NULL, &engine_rounds, BACKFILL_NONE,
      RANK_SHARES_THROUGHPUT },
    { "gavel-max-throughput-per-cost",
      "in rounds: the most work for the price of the GPUs it is done on, whoever it is for",
      "Gavel (OSDI'20), section 4.2: max sum throughput normalized by cost", NULL, &engine_rounds,
      BACKFILL_NONE, RANK_SHARES_WORTH },
    { NULL, NULL, NULL, NULL, NULL, BACKFILL_NONE, RANK_NONE },
};

const struct placement placements[] = {
    { "first-fit", "the lowest-numbered node that fits", "textbook", PLACE_FIRST_FIT,
      score_first_fit },
    { "pack", "the node left with the fewest free GPUs", "best fit, textbook", PLACE_PACK,
      score_pack },
    { "spread", "the node with the most free GPUs", "worst fit, textbook", PLACE_SPREAD,
      score_spread },
    { "random", "any node that fits, each as likely", "textbook", PLACE_RANDOM, score_first_fit },
    { "best-fit", "the node left with the least cores and GPUs, which count alike",
      "Protean (OSDI'20); FGD simulator BestFit (ATC'23)", PLACE_SCORED, score_best_fit },
    { "dot-product", "the node where what is free least resembles what is asked for",
      "Tetris (SIGCOMM'14); FGD simulator DotProd", PLACE_SCORED, score_dot_product },
    { "gpu-packing", "GPUs in use first, then idle ones of a node in use, then an idle node",
      "Gandiva (OSDI'18); FGD simulator GpuPacking", PLACE_SCORED, score_gpu_packing },
    { "gpu-clustering", "nodes that serve requests of as many GPUs, the fullest first",
      "Gandiva (OSDI'18); FGD simulator GpuClustering", PLACE_SCORED, score_gpu_clustering },
    { "fgd", "the node whose free GPUs become least useless to the requests of the workload",
      "fragmentation gradient descent, ATC'23", PLACE_SCORED, score_fgd },
    { "least-allocated", "the most of cores, memory and GPUs free, in parts of the node's own",
      "kube-scheduler NodeResourcesFit, LeastAllocated", PLACE_SCORED, score_least_allocated },
    { "most-allocated", "the least of cores, memory and GPUs free, in parts of the node's own",
      "kube-scheduler NodeResourcesFit, MostAllocated", PLACE_SCORED, score_most_allocated },
    { "requested-to-capacity", "as most-allocated, with GPUs weighing five times",
      "kube-scheduler NodeResourcesFit, RequestedToCapacityRatio", PLACE_SCORED,
      score_requested_to_capacity },
    { NULL, NULL, NULL, PLACE_PACK, NULL },
};

const struct gang gangs[] = {
    [GANG_FEWEST_NODES] = { "fewest-nodes",
                            "whole nodes and one remainder; one node where the gang fits one",
                            "Philly (ATC'19); Tiresias 'consolidate' (NSDI'19)" },
    [GANG_ANYWHERE] = { "anywhere", "any free GPUs of one pool, however scattered",
                        "GPU counts without nodes, as most trace simulators keep them" },
    [GANG_ONE_NODE] = { "one-node", "one node, or never: a request for more is rejected",
                        "a Kubernetes pod" },
    [GANG_FEWEST_RACKS] = { "fewest-racks",
                            "as fewest-nodes, in as few racks as can be, the fullest that will do",
                            "Philly (ATC'19), locality by rack; Kueue topology-aware scheduling" },
    [GANG_SPREAD_RACKS] = { "spread-racks",
                            "as fewest-nodes, as many of each rack, so that a rack's loss is small",
                            "Kubernetes topologySpreadConstraints, maxSkew 1, ScheduleAnyway" },
    { NULL, NULL, NULL },
};

const struct queue_order *queue_order_find(const char *name)
{
    for (const struct queue_order *o = queue_orders; o->name; o++)
        if (strcmp(o->name, name) == 0) return o;
    return NULL;
}

bool scheduler_knows_run_times(const struct scheduler_spec *spec)
{
    const struct queue_order *order = spec->order;
    if (order->engine == &engine_qssf) return spec->predictor == PREDICTOR_PERFECT;
    return order->key == key_run || order->key == key_longest || order->key == key_service ||
           order->rank == RANK_WORK_LEFT || order->rank == RANK_SERVICE_LEFT ||
           order->rank == RANK_WORK || order->rank == RANK_SIZE_MARGINAL;
}

bool scheduler_predicts_run_times(const struct scheduler_spec *spec)
{
    return spec->order->engine == &engine_qssf && spec->predictor == PREDICTOR_HISTORY;
}

bool scheduler_places_pods(const struct scheduler_spec *spec)
{
    return spec->order->engine->by_pod;
}

const struct placement *placement_find(const char *name)
{
    for (const struct placement *p = placements; p->name; p++)
        if (strcmp(p->name, name) == 0) return p;
    return NULL;
}

bool scheduler_looks_at_gpus(const struct scheduler_spec *spec)
{
    return spec->sharing != SHARING_NONE || spec->placement->rule == PLACE_SCORED;
}
