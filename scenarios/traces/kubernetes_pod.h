/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One Pod object of the Kubernetes API: what it asks for, when it held it, which GPUs it accepts.
 *
 * Requests, as the scheduler counts them (kubernetes.io/docs/concepts/workloads/pods/
 * init-containers, "Resource sharing within containers"; .../sidecar-containers): the larger of
 * what all containers and sidecars (init containers that restart always) ask together, and of what
 * any init container asks with the sidecars started before it; plus the pod's overhead. A limit
 * stands for a request that is not given. What the pod as a whole asks for (spec.resources) goes
 * before what its containers do.
 *
 * Times: a pod holds what it asks for from the moment it is scheduled until it has succeeded or
 * failed, through pulled images, init containers and restarts. Scheduled is the transition of the
 * condition PodScheduled; where that is gone, status.startTime, or the first start of a container.
 * Ended is the last end of a container, where it has none (evicted, lost with its node) the last
 * transition of a condition.
 */
#ifndef SCENARIOS_TRACES_KUBERNETES_POD_H
#define SCENARIOS_TRACES_KUBERNETES_POD_H

#include <jansson.h>

#include "scenarios/traces/formats.h"

/* In thousandths: of a GPU, of a core, of a byte. Sums stop at 2^60. */
struct pod_amounts {
    int64_t gpu, cpu, memory;
};

struct pod {
    struct pod_amounts asks;
    bool slices, shares; /* MIG slices, counted; shares of GPUs, which cannot be */
    int64_t created_us, start_us, end_us;
    bool started, over, ended; /* scheduled; succeeded or failed; and when is known */
    enum job_status status;
};

int64_t pod_amount_add(int64_t a, int64_t b);

/* false: the pod has no creationTimestamp. */
bool pod_read(const json_t *item, struct pod *pod);

/* GPU models of node selectors and required node affinities, as '|'-separated words; "" any. */
void pod_gpu_types(const json_t *item, char types[IMPORT_TYPES_MAX]);

/* Node selectors and required node affinities, but for those that name GPU models, as the text of
 * models/scheduling/node_selector.h; tolerations, but for those of the node's own conditions, which
 * each pod is given. false: too long for text, which is empty then. */
enum { POD_TEXT_MAX = 4096 };
bool pod_node_selector(const json_t *item, char text[POD_TEXT_MAX]);
bool pod_tolerations(const json_t *item, char text[POD_TEXT_MAX]);

/* metadata.labels or metadata.annotations under `key`; NULL where neither has it. */
const char *pod_label(const json_t *item, const char *key);

#endif
