/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kueue's quotas: 100,000 jobs of 1 to 16 GPUs on 1,000 nodes of 8, at loads below and above what
 * they can do, in fifteen ClusterQueues that share a cohort or stand alone, with reclaim or
 * without. fifo-skip is what the same costs without quotas. And pods that wait for each other. One
 * thread; the best of three where it is short.
 */
#include <stdio.h>
#include <string.h>

#include "models/scheduling/quota.h"
#include "tools/bench/bench.h"

enum { QUEUES = 15, COHORT = QUEUES };

/* Shares of the GPUs, in per cent, much as Philly's virtual clusters have them. */
static const int share[QUEUES] = { 40, 17, 11, 8, 5, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1 };
static struct quota_flavor flavor = { "any", UINT64_MAX, false };
static const int32_t flavors[] = { 0 };
static const struct quota_group group = { 1 << QUOTA_GPU, 1, flavors };

static char names[QUEUES][8];
static struct quota_limits limits[QUEUES + 1][QUOTA_RESOURCES];
static struct quota_node nodes[QUEUES + 1];
static struct quota_queue queues[QUEUES];
static struct quota_spec quota = { .flavor_n = 1,
                                   .queue_n = QUEUES,
                                   .node_n = QUEUES + 1,
                                   .flavors = &flavor,
                                   .queues = queues,
                                   .nodes = nodes };

static void make_quotas(bool share_a_cohort, enum quota_preempt reclaim,
                        enum quota_strategy strategy, bool by_node)
{
    flavor.by_node = by_node;
    for (int q = 0; q <= QUEUES; q++) {
        for (int r = 0; r < QUOTA_RESOURCES; r++)
            limits[q][r] = (struct quota_limits){ 0, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT };
        nodes[q] = (struct quota_node){ "labs", -1, limits[q] };
        if (q == COHORT) continue;
        nodes[q] = (struct quota_node){ names[q], share_a_cohort ? COHORT : -1, limits[q] };
        limits[q][QUOTA_GPU].nominal = (int64_t)80000 * share[q];
        queues[q] = (struct quota_queue){ .group_n = 1,
                                          .groups = &group,
                                          .strategy = strategy,
                                          .when_can_preempt = TRY_NEXT_FLAVOR,
                                          .reclaim = reclaim,
                                          .threshold = INT64_MAX };
    }
}

/* Each job belongs to a tenant, who is called as a queue is; more of them to the large ones. */
static void name_tenants(struct workload *w)
{
    uint32_t tenant[100];
    for (int q = 0, at = 0; q < QUEUES; q++) {
        snprintf(names[q], sizeof names[q], "q%d", q);
        uint32_t id = names_add(&w->tenants, names[q], strlen(names[q]));
        for (int i = 0; i < share[q]; i++) tenant[at++] = id;
    }
    for (size_t j = 0; j < w->job_n; j++)
        w->tenant[j] = tenant[(j * UINT64_C(0x9e3779b97f4a7c15) >> 33) % 100];
}

static void run(const char *what, double load, const struct workload *w,
                const struct scheduler_spec *spec)
{
    struct world_result result;
    double best = 1e9;
    for (int r = 0; r < 3 && (r == 0 || best < 1); r++) {
        if (r) world_result_free(&result);
        double t = bench_world_of(w, 1000, 8, *spec, &result);
        if (t < best) best = t;
    }
    printf("%-34s %6.1f %12lld %12lld %12.0f %10.2f   %.6g s waited\n", what, load,
           (long long)result.max_queue, (long long)result.preemptions, best * 1e4, best,
           result.mean_wait_s * (double)result.finished);
    fflush(stdout);
    world_result_free(&result);
}

int main(void)
{
    static const struct {
        const char *what, *order;
        bool quotas, cohort;
        enum quota_preempt reclaim;
        enum quota_strategy strategy;
        bool by_node;
    } cases[] = {
        { "fifo-skip", "fifo-skip", false, false, PREEMPT_NEVER, BEST_EFFORT_FIFO, false },
        { "coscheduling", "coscheduling", false, false, PREEMPT_NEVER, BEST_EFFORT_FIFO, false },
        { "kueue: each alone", "kueue", true, false, PREEMPT_NEVER, BEST_EFFORT_FIFO, false },
        { "kueue: a cohort", "kueue", true, true, PREEMPT_NEVER, BEST_EFFORT_FIFO, false },
        { "kueue: a cohort, StrictFIFO", "kueue", true, true, PREEMPT_NEVER, STRICT_FIFO, false },
        { "kueue: a cohort, reclaim", "kueue", true, true, PREEMPT_ANY, BEST_EFFORT_FIFO, false },
        { "kueue: a cohort, reclaim, Strict", "kueue", true, true, PREEMPT_ANY, STRICT_FIFO,
          false },
        { "kueue: a cohort, reclaim, topology", "kueue", true, true, PREEMPT_ANY, BEST_EFFORT_FIFO,
          true },
    };
    printf("# 100,000 jobs of 1 to 16 GPUs on 1,000 nodes of 8 GPUs, 15 ClusterQueues; "
           "processor time of the thread\n");
    printf("%-34s %6s %12s %12s %12s %10s   %s\n", "order", "load", "most waiting", "preemptions",
           "ns a job", "CPU s", "checksum");
    for (int i = 0; i < 3; i++) {
        struct workload w;
        double load = (double[]){ 0.9, 1.0, 1.3 }[i];
        bench_workload(&w, 100000, 8000, load, 16, 0);
        name_tenants(&w);
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
            struct scheduler_spec spec = { .order = queue_order_find(cases[c].order) };
            make_quotas(cases[c].cohort, cases[c].reclaim, cases[c].strategy, cases[c].by_node);
            if (cases[c].quotas) spec.quota = &quota;
            run(cases[c].what, load, &w, &spec);
        }
        workload_free(&w);
    }
    return 0;
}
