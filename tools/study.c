/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/study.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Futures between two looks at whether they are enough. */
enum { BATCH = 4096, WAIT_JOBS_MOST = 10000, WAITS_LEAST = 64, WAITS_MOST = 256 };

static void tell(const struct study_watch *watch, const char *what, double share)
{
    if (watch && watch->progress) watch->progress(watch->context, what, share);
}

/* ---- values ---- */

static enum status make_room(struct study *st, uint32_t futures, struct error *err)
{
    size_t n = st->candidates.n;
    if ((uint64_t)n * futures > STUDY_VALUES_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "%zu fleets in %" PRIu32 " futures are more than %d values", n, futures,
                         STUDY_VALUES_MAX);
    bool good = (st->values = calloc(n, sizeof *st->values)) != NULL;
    for (size_t c = 0; c < n && good; c++) {
        struct study_values *v = &st->values[c];
        good = (v->cost_usd_micro = malloc(futures * sizeof *v->cost_usd_micro)) &&
               (v->late = malloc(futures * sizeof *v->late)) &&
               (v->backlog_gpu_h = malloc(futures * sizeof *v->backlog_gpu_h)) &&
               (v->backlog_mean_gpu_h = malloc(futures * sizeof *v->backlog_mean_gpu_h)) &&
               (v->unserved_gpu_h = malloc(futures * sizeof *v->unserved_gpu_h)) &&
               (v->utilization = malloc(futures * sizeof *v->utilization));
    }
    for (int i = 0; i < STUDY_CONTROL_N && good; i++)
        good = (st->control[i] = malloc(futures * sizeof *st->control[i])) != NULL;
    return good ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory for %zu fleets", n);
}

/* What rows of one scenario's fleet are taken into. */
struct taking {
    struct study *study;
    size_t first; /* candidate of the block's fleet 0 */
    int64_t done;
};

static float share_of(int64_t part, int64_t whole)
{
    return whole > 0 ? (float)((double)part / (double)whole) : 0;
}

static void take(void *context, const struct fleet_year_block *b)
{
    struct taking *t = context;
    struct study *st = t->study;
    size_t c = t->first + b->fleet;
    const struct study_values *v = &st->values[c];
    const struct fleet_year_world *world = &st->worlds[st->candidates.items[c].of];
    const struct fleet_year_fleet *fleet = &st->fleets[c];
    const double q8 = 1.0 / 256, years = (double)world->hours / FLEET_YEAR_HOURS;
    for (uint32_t i = 0; i < b->n; i++) {
        const int64_t *f = b->rows[i].field;
        uint32_t at = b->first + i;
        int64_t bought = (int64_t)fleet->reserved_q8 * world->hours + f[FLEET_YEAR_ON_DEMAND] +
                         f[FLEET_YEAR_SPOT];
        v->cost_usd_micro[at] = (int64_t)((double)f[FLEET_YEAR_COST] / years);
        v->late[at] = share_of(f[FLEET_YEAR_LATE], world->hours);
        v->backlog_gpu_h[at] = (float)((double)f[FLEET_YEAR_BACKLOG] * q8);
        v->backlog_mean_gpu_h[at] =
            (float)((double)f[FLEET_YEAR_BACKLOG_HOURS] / (double)world->hours);
        v->unserved_gpu_h[at] = (float)((double)f[FLEET_YEAR_UNSERVED] * q8 / years);
        v->utilization[at] =
            share_of(f[FLEET_YEAR_SERVED] + f[FLEET_YEAR_TRAINED], bought);
        st->hash += fleet_year_row_hash(&b->rows[i], (uint32_t)c, at);
        if (c > 0) continue;
        for (int k = 0; k < 4; k++)
            st->control[k][at] = (double)f[FLEET_YEAR_Z_GROWTH + k] / 65536;
        st->control[4][at] = (double)f[FLEET_YEAR_DEMAND] / 65536 / world->hours;
    }
    t->done += b->n;
}
