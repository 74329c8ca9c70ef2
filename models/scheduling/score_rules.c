/* SPDX-License-Identifier: Apache-2.0 */
/* How good a node is for a request that fits it. The rules in words: docs/models.md, Placements. */
#include "models/scheduling/scored.h"

/* More than any number of thousandths that a node has. */
enum { MILLI_MOST = 1 << 16 };

static int32_t left_after(const struct node_view *v)
{
    return v->left_milli - (int32_t)demand_milli(v->demand);
}

int32_t score_first_fit(const struct node_view *v, int *gpu)
{
    (void)v;
    (void)gpu;
    return 0;
}

int32_t score_pack(const struct node_view *v, int *gpu)
{
    (void)gpu;
    return MILLI_MOST - left_after(v);
}

int32_t score_spread(const struct node_view *v, int *gpu)
{
    (void)gpu;
    return left_after(v);
}

/* Protean (OSDI'20) as FGD's simulator has it: cores and GPUs left after, each as a part of the
 * largest node's, count alike. */
int32_t score_best_fit(const struct node_view *v, int *gpu)
{
    (void)gpu;
    double cpu = v->cpu_most > 0
                     ? 0.5 * (double)(v->cpu_free - v->demand->cpu_milli) / (double)v->cpu_most
                     : 0;
    double left =
        v->gpus_most > 0 ? 0.5 * (double)left_after(v) / ((double)v->gpus_most * GPU_WHOLE) : 0;
    int32_t score = (int32_t)((1 - (cpu + left)) * 100);
    return score > 0 ? score : 0;
}

/* FGD's simulator, after Gandiva: GPUs that are in use already are best, then idle ones of a node
 * that is in use, then an idle node. */
int32_t score_gpu_packing(const struct node_view *v, int *gpu)
{
    const struct demand *d = v->demand;
    (void)gpu;
    if (demand_milli(d) == 0) return 0;
    if (v->whole == v->gpus) return 33 - v->gpus > v->gpus ? 33 - v->gpus : v->gpus;
    int32_t idle_used = (int32_t)d->gpus;
    int32_t tightest = MILLI_MOST;
    for (int32_t g = 0; d->part_milli && g < v->gpus; g++)
        if (v->free_milli[g] >= d->part_milli && v->free_milli[g] < tightest)
            tightest = v->free_milli[g];
    if (tightest == GPU_WHOLE) idle_used = 1;
    if (idle_used > 0) return 50 - idle_used > 33 ? 50 - idle_used : 33;
    int32_t score = 100 - tightest * 100 / GPU_WHOLE / 10;
    return score > 50 ? score : 50;
}

/* FGD's simulator, after the affinity of Gandiva: requests of one kind together, a kind being a
 * number of GPUs, or any part of one. */
int32_t score_gpu_clustering(const struct node_view *v, int *gpu)
{
    const struct demand *d = v->demand;
    int kinds = 0, base;
    (void)gpu;
    if (demand_milli(d) == 0) return 0;
    for (int k = 0; k < GPU_KINDS; k++) kinds += v->requests[k] > 0;
    if (v->requests[d->part_milli ? 0 : d->gpus] > 0) base = kinds == 1 ? 75 : 50;
    else base = kinds == 0 ? 25 : 0;
    int32_t most = v->gpus_most * GPU_WHOLE;
    return base + 25 * (most - v->left_milli) / most;
}

/* Tetris (SIGCOMM'14) turned around, as FGD's simulator has it: what is asked for times what is
 * free, each as a part of the largest node's; the smaller the better. */
int32_t score_dot_product(const struct node_view *v, int *gpu)
{
    const struct demand *d = v->demand;
    (void)gpu;
    double cpu = (double)v->cpu_most, most = (double)v->gpus_most * GPU_WHOLE, product = 0;
    if (cpu > 0) product += (double)v->cpu_free / cpu * ((double)d->cpu_milli / cpu);
    if (most > 0) product += (double)v->left_milli / most * ((double)demand_milli(d) / most);
    return (int32_t)(100 * (1 - product / 2));
}

/* ---- kube-scheduler ---- */

struct resource {
    int64_t used,
        capacity; /* with the request; capacity 0 = the node has none, or it is not known */
};

enum { RESOURCES = 3 };

static void resources_of(const struct node_view *v, struct resource r[RESOURCES])
{
    const struct demand *d = v->demand;
    int64_t gpu = (int64_t)v->gpus * GPU_WHOLE;
    r[0] = (struct resource){ v->cpu_milli - v->cpu_free + d->cpu_milli, v->cpu_milli };
    r[1] = (struct resource){ v->mem_mib - v->mem_free + d->mem_mib, v->mem_mib };
    r[2] = (struct resource){ gpu - left_after(v), gpu };
}

/* Mean of a score of each resource that the node has, all of the same weight. */
static int32_t mean_of(const struct node_view *v, bool of_free)
{
    struct resource r[RESOURCES];
    int64_t sum = 0, n = 0;
    resources_of(v, r);
    for (int i = 0; i < RESOURCES; i++) {
        if (r[i].capacity == 0) continue;
        sum += (of_free ? r[i].capacity - r[i].used : r[i].used) * 100 / r[i].capacity;
        n++;
    }
    return n > 0 ? (int32_t)(sum / n) : 0;
}

int32_t score_least_allocated(const struct node_view *v, int *gpu)
{
    (void)gpu;
    return mean_of(v, true);
}

int32_t score_most_allocated(const struct node_view *v, int *gpu)
{
    (void)gpu;
    return mean_of(v, false);
}

int32_t score_ratio(int64_t used, int64_t capacity, int32_t most)
{
    return capacity > 0 ? (int32_t)(used * 100 / capacity * most / 100) : 0;
}

int32_t score_ratios_mean(const int32_t *score, const int32_t *weight, int n)
{
    int32_t sum = 0, weights = 0;
    for (int i = 0; i < n; i++) {
        sum += score[i] * weight[i];
        weights += weight[i];
    }
    return weights > 0 ? (2 * sum + weights) / (2 * weights) : 0;
}

int32_t score_requested_to_capacity(const struct node_view *v, int *gpu)
{
    /* A large weight on GPUs, as that page recommends for extended resources. */
    static const int32_t weights[RESOURCES] = { 1, 1, 5 };
    struct resource r[RESOURCES];
    int32_t score[RESOURCES], weight[RESOURCES];
    int n = 0;
    (void)gpu;
    resources_of(v, r);
    for (int i = 0; i < RESOURCES; i++) {
        if (r[i].capacity == 0) continue;
        score[n] = score_ratio(r[i].used, r[i].capacity, 100);
        weight[n++] = weights[i];
    }
    return score_ratios_mean(score, weight, n);
}
