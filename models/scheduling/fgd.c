/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/fgd.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/scored.h"
#include "sim/random.h"

/* ---- typical requests ---- */

struct request {
    int64_t cpu_milli, count;
    int32_t milli, gpus;
    uint32_t gpu_type;
};

static int compare_requests(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    if (x->cpu_milli != y->cpu_milli) return x->cpu_milli > y->cpu_milli ? -1 : 1;
    if (x->milli != y->milli) return x->milli > y->milli ? -1 : 1;
    if (x->gpus != y->gpus) return x->gpus > y->gpus ? -1 : 1;
    return (x->gpu_type > y->gpu_type) - (x->gpu_type < y->gpu_type);
}

/* Most frequent first; of equals the largest. */
static int compare_counts(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return compare_requests(a, b);
}

static struct request request_of(const struct workload *w, size_t j, bool share)
{
    int32_t milli = w->gpu_milli[j];
    struct request r = { .cpu_milli = w->cpu_milli[j], .count = 1 };
    bool is_part = share && milli > 0 && milli < GPU_WHOLE;
    r.milli = is_part ? milli : milli > 0 ? GPU_WHOLE : 0;
    r.gpus = is_part ? 1 : (milli + GPU_WHOLE - 1) / GPU_WHOLE;
    r.gpu_type = milli > 0 ? w->gpu_type[j] : 0; /* a CPU job is at home everywhere */
    return r;
}

static int32_t size_number(struct fgd *f, int32_t milli)
{
    for (int32_t i = 0; i < f->size_n; i++)
        if (f->sizes[i] == milli) return i;
    if (f->size_n == FGD_SIZES_MAX) return -1;
    f->sizes[f->size_n] = milli;
    return f->size_n++;
}

/* The pools whose GPUs are of the types asked for. */
static uint64_t pools_of_type(const struct fleet_spec *fleet, const char *types)
{
    uint64_t pools = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (gpu_type_allows(types, fleet->pools[p].type.gpu_model)) pools |= UINT64_C(1) << p;
    return pools;
}

static bool find_typical(struct fgd *f, const struct workload *w, const struct fleet_spec *fleet)
{
    bool share = fleet->scheduler.sharing == SHARING_FRACTIONAL;
    size_t n = w->job_n, kinds = 0;
    struct request *all = malloc((n + 1) * sizeof *all);
    if (!all) return false;
    for (size_t j = 0; j < n; j++) all[j] = request_of(w, j, share);
    qsort(all, n, sizeof *all, compare_requests);
    for (size_t i = 0; i < n; i++) {
        if (kinds > 0 && compare_requests(&all[kinds - 1], &all[i]) == 0) all[kinds - 1].count++;
        else all[kinds++] = all[i];
    }
    qsort(all, kinds, sizeof *all, compare_counts);
    int64_t covered = 0;
    size_t k = 0;
    for (; k < kinds && 100 * covered < 95 * (int64_t)n; k++) covered += all[k].count;
    f->typical = calloc(k + 1, sizeof *f->typical);
    for (size_t i = 0; f->typical && i < k; i++) {
        struct typical t = { all[i].cpu_milli,
                             all[i].milli,
                             all[i].gpus,
                             -1,
                             (double)all[i].count / (double)n / ((double)covered / (double)n),
                             pools_of_type(fleet, w->gpu_types.text[all[i].gpu_type]) };
        if (t.milli > 0 && (t.size = size_number(f, t.milli)) < 0) continue;
        f->typical[f->typical_n++] = t;
    }
    free(all);
    return f->typical != NULL;
}

struct fgd *fgd_new(const struct workload *workload, const struct fleet_spec *fleet, int64_t node_n)
{
    struct fgd *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->before = malloc(((size_t)node_n + 1) * sizeof *f->before);
    if (!f->before || !find_typical(f, workload, fleet)) {
        fgd_free(f);
        return NULL;
    }
    for (int64_t i = 0; i < node_n; i++) fgd_forget(f, (uint32_t)i);
    return f;
}

void fgd_free(struct fgd *f)
{
    if (!f) return;
    free(f->typical);
    free(f->before);
    free(f);
}

/* ---- scores ---- */

double fgd_fragments(const struct fgd *f, int32_t pool, int64_t cpu_free,
                     const uint16_t *free_milli, int32_t gpus)
{
    int32_t enough[FGD_SIZES_MAX], too_little[FGD_SIZES_MAX], left = 0;
    for (int32_t g = 0; g < gpus; g++) left += free_milli[g];
    for (int32_t i = 0; i < f->size_n; i++) {
        int32_t many = 0, sum = 0, size = f->sizes[i];
        for (int32_t g = 0; g < gpus; g++) {
            bool is_enough = free_milli[g] >= size;
            many += is_enough;
            sum += is_enough ? 0 : free_milli[g];
        }
        enough[i] = many;
        too_little[i] = sum;
    }
    /* Summed by what is short, as the simulator does. Where nothing changes but that, the last bits
     * of two sums decide whether a score is 50 or 49, and so which node is taken. */
    enum { BOTH, GPUS, CORES, NO_GPU, NO_GPU_CORES, TYPE, SHORTAGES };
    double lost[SHORTAGES] = { 0 }, fragments = 0;
    for (int32_t i = 0; i < f->typical_n; i++) {
        const struct typical *t = &f->typical[i];
        bool cores = cpu_free >= t->cpu_milli, fits = t->size >= 0 && enough[t->size] >= t->gpus;
        if (t->size < 0) lost[cores ? NO_GPU : NO_GPU_CORES] += t->frequency * left;
        else if (!(t->pools >> pool & 1)) lost[TYPE] += t->frequency * left;
        else if (fits && cores) lost[GPUS] += t->frequency * too_little[t->size];
        else lost[fits ? CORES : cores ? GPUS : BOTH] += t->frequency * left;
    }
    for (int i = 0; i < SHORTAGES; i++) fragments += lost[i];
    return fragments;
}

static int32_t score_of(double fall)
{
    return (int32_t)(100.0 * (1.0 / (1.0 + random_exp(-fall / 1000))));
}

int32_t score_fgd(const struct node_view *v, int *gpu)
{
    const struct demand *d = v->demand;
    struct fgd *f = v->fgd;
    uint16_t milli[GPU_TABLE_GPUS_MAX];
    int64_t cpu_after = v->cpu_free - d->cpu_milli;
    double *before = &f->before[v->number];
    memcpy(milli, v->free_milli, (size_t)v->gpus * sizeof *milli);
    if (*before < 0) *before = fgd_fragments(f, v->pool, v->cpu_free, milli, v->gpus);
    if (!d->part_milli) {
        int64_t left = d->gpus;
        for (int32_t g = 0; left > 0 && g < v->gpus; g++)
            if (milli[g] == GPU_WHOLE) {
                milli[g] = 0;
                left--;
            }
        return score_of(*before - fgd_fragments(f, v->pool, cpu_after, milli, v->gpus));
    }
    int32_t best = -1;
    for (int32_t g = 0; g < v->gpus; g++) {
        bool met = milli[g] < d->part_milli; /* or an equal one, which was as good */
        for (int32_t k = 0; k < g && !met; k++) met = milli[k] == milli[g];
        if (met) continue;
        milli[g] = (uint16_t)(milli[g] - d->part_milli);
        int32_t score = score_of(*before - fgd_fragments(f, v->pool, cpu_after, milli, v->gpus));
        milli[g] = (uint16_t)(milli[g] + d->part_milli);
        if (score <= best) continue;
        best = score;
        *gpu = g;
    }
    return best;
}
