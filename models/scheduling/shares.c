/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/shares.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/lp.h"

static int64_t gpus_of_pools(const struct share_problem *q)
{
    int64_t gpus = 0;
    for (int32_t p = 0; p < q->pool_n; p++) gpus += (int64_t)q->pool_gpu[p];
    return gpus;
}

/* W[p] / (n g), or where a job would have more than 1 of all pools, W[p] / all GPUs. In whole
 * millionths, half up. */
static void share_isolated(const struct share_problem *q)
{
    int64_t gpus = gpus_of_pools(q);
    for (size_t i = 0; i < q->job_n * (size_t)q->pool_n; i++) {
        __int128 whole = (__int128)q->jobs[i / (size_t)q->pool_n].gpus * (__int128)q->job_n;
        __int128 part = (__int128)q->pool_gpu[i % (size_t)q->pool_n];
        if (whole < gpus) whole = gpus;
        int64_t ppm = (int64_t)((2000000 * part + whole) / (2 * whole));
        q->share[i] = q->speed[i] > 0 ? (double)ppm / 1e6 : 0;
    }
}

static bool share_fifo(const struct share_problem *q)
{
    double *room = malloc((size_t)q->pool_n * sizeof *room);
    if (!room) return false;
    memcpy(room, q->pool_gpu, (size_t)q->pool_n * sizeof *room);
    memset(q->share, 0, q->job_n * (size_t)q->pool_n * sizeof *q->share);
    for (size_t j = 0; j < q->job_n; j++) {
        const double *speed = q->speed + j * (size_t)q->pool_n;
        int32_t best = -1;
        for (int32_t p = 0; p < q->pool_n; p++)
            if (speed[p] > 0 && room[p] >= (double)q->jobs[j].gpus &&
                (best < 0 || speed[p] > speed[best]))
                best = p;
        if (best < 0) break;
        room[best] -= (double)q->jobs[j].gpus;
        q->share[j * (size_t)q->pool_n + (size_t)best] = 1;
    }
    free(room);
    return true;
}

/* ---- linear programs ---- */

struct programs {
    struct claim *claims;
    double *speed, *share;
    uint32_t *claim_of; /* by job */
    struct lp lp;
};

static double speed_at(const double *speed, const double *share, int32_t pool_n)
{
    double sum = 0;
    for (int32_t p = 0; p < pool_n; p++) sum += speed[p] * share[p];
    return sum;
}

/* Speed where the time on each pool is in proportion to its GPUs. */
static double speed_equal(const struct share_problem *q, const double *speed)
{
    double gpus = 0, sum = 0;
    for (int32_t p = 0; p < q->pool_n; p++) {
        gpus += q->pool_gpu[p];
        sum += q->pool_gpu[p] * speed[p];
    }
    return gpus > 0 ? sum / gpus : 0;
}

static bool alike(enum rank_by rule)
{
    return rule == RANK_SHARES_MAX_MIN || rule == RANK_SHARES_ANY ||
           rule == RANK_SHARES_THROUGHPUT || rule == RANK_SHARES_WORTH;
}

/* The number of the demand's claim, a new one where it has none. Few demands: a scan. */
static int32_t claim_for(struct programs *g, const struct share_problem *q, size_t j,
                         uint32_t *demand_of, bool by_demand)
{
    int32_t n = g->lp.claim_n;
    for (int32_t c = 0; by_demand && c < n; c++)
        if (demand_of[c] == q->jobs[j].demand) return c;
    demand_of[n] = q->jobs[j].demand;
    g->claims[n] = (struct claim){ .gpus = q->jobs[j].gpus, .need = 1 };
    g->lp.claim_n++;
    return n;
}

static bool programs_init(struct programs *g, const struct share_problem *q, enum rank_by rule)
{
    size_t n = q->job_n, cells = n * (size_t)q->pool_n;
    uint32_t *demand_of = malloc(n * sizeof *demand_of);
    memset(g, 0, sizeof *g);
    g->claims = calloc(n, sizeof *g->claims);
    g->speed = calloc(cells, sizeof *g->speed);
    g->share = calloc(cells, sizeof *g->share);
    g->claim_of = calloc(n, sizeof *g->claim_of);
    g->lp = (struct lp){ 0, q->pool_n, g->claims, g->speed, q->pool_gpu, g->share };
    if (!demand_of || !g->claims || !g->speed || !g->share || !g->claim_of) {
        free(demand_of);
        return false;
    }
    for (size_t j = 0; j < n; j++) {
        int32_t c = claim_for(g, q, j, demand_of, alike(rule));
        g->claim_of[j] = (uint32_t)c;
        g->claims[c].count++;
        for (int32_t p = 0; p < q->pool_n; p++) {
            double speed = q->speed[j * (size_t)q->pool_n + (size_t)p];
            g->speed[c * q->pool_n + p] = rule == RANK_SHARES_ANY && speed > 0 ? 1 : speed;
        }
    }
    free(demand_of);
    return true;
}

static void programs_free(struct programs *g)
{
    free(g->claims);
    free(g->speed);
    free(g->share);
    free(g->claim_of);
}

static enum status find_max_min(struct programs *g, const struct share_problem *q)
{
    double least;
    for (int32_t c = 0; c < g->lp.claim_n; c++)
        g->claims[c].need = speed_equal(q, g->speed + c * q->pool_n) / (double)g->claims[c].gpus;
    return lp_max_min_most_work(&g->lp, &least);
}

/* Work that is nearly done still counts as a microsecond of it. */
static double left_us(const struct share_job *j) { return j->left_us > 1 ? j->left_us : 1; }

static enum status find_makespan(struct programs *g, const struct share_problem *q)
{
    double least, most = 1;
    for (size_t j = 0; j < q->job_n; j++)
        if (left_us(&q->jobs[j]) > most) most = left_us(&q->jobs[j]);
    for (size_t j = 0; j < q->job_n; j++) g->claims[j].need = left_us(&q->jobs[j]) / most;
    return lp_max_min_most_work(&g->lp, &least);
}

static enum status find_throughput(struct programs *g, const struct share_problem *q, bool for_cost)
{
    size_t n = (size_t)g->lp.claim_n * (size_t)q->pool_n;
    double *value = malloc(n * sizeof *value);
    if (!value) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        size_t c = i / (size_t)q->pool_n, p = i % (size_t)q->pool_n;
        value[i] = g->speed[i] * (double)g->claims[c].gpus;
        if (for_cost) value[i] /= q->pool_price[p];
    }
    enum status status = lp_max_sum(&g->lp, value);
    free(value);
    return status;
}

/* ---- finish times ---- */

/* What each job would need from now on if it had 1 / n of every pool. */
static void alone(const struct share_problem *q, double *alone_us)
{
    double gpus = (double)gpus_of_pools(q), n = (double)q->job_n;
    for (size_t j = 0; j < q->job_n; j++) {
        double part = gpus / (n * (double)q->jobs[j].gpus);
        double speed = speed_equal(q, q->speed + j * (size_t)q->pool_n);
        if (part < 1) speed *= part;
        alone_us[j] = q->jobs[j].in_system_us + left_us(&q->jobs[j]) / speed;
    }
}

/* The speeds that a largest rho of `rho` needs. */
static void needs_of(struct programs *g, const struct share_problem *q, const double *alone_us,
                     double rho)
{
    for (size_t j = 0; j < q->job_n; j++) {
        double rest_us = rho * alone_us[j] - q->jobs[j].in_system_us;
        g->claims[j].need = left_us(&q->jobs[j]) / (rest_us > 1e-3 ? rest_us : 1e-3);
    }
}

static double largest_rho(const struct programs *g, const struct share_problem *q,
                          const double *alone_us)
{
    double largest = 0;
    for (size_t j = 0; j < q->job_n; j++) {
        size_t at = j * (size_t)q->pool_n;
        double speed = speed_at(g->speed + at, g->share + at, q->pool_n);
        double rho = (q->jobs[j].in_system_us + left_us(&q->jobs[j]) / speed) / alone_us[j];
        if (!(rho <= largest)) largest = rho;
    }
    return largest;
}

/* Newton's method for the least of many ratios (Crouzeix, Ferland and Schaible, 1985): the shares
 * that are best for the needs of one rho have a smaller one, until it falls by less than a
 * millionth. 1 is always possible: a part of every pool. */
static enum status find_finish_time(struct programs *g, const struct share_problem *q)
{
    enum { STEPS_MAX = 100 };
    double *alone_us = malloc(q->job_n * sizeof *alone_us), rho = 1, least;
    enum status status = STATUS_OK;
    if (!alone_us) return STATUS_NO_MEMORY;
    alone(q, alone_us);
    for (int step = 0; status == STATUS_OK && step < STEPS_MAX; step++) {
        needs_of(g, q, alone_us, rho);
        if ((status = lp_max_min(&g->lp, &least)) != STATUS_OK) break;
        double next = largest_rho(g, q, alone_us);
        if (!(next < rho * (1 - 1e-6))) break;
        rho = next;
    }
    if (status == STATUS_OK) {
        needs_of(g, q, alone_us, rho);
        status = lp_max_min_most_work(&g->lp, &least);
    }
    free(alone_us);
    return status;
}

enum status shares_find(enum rank_by rule, const struct share_problem *q)
{
    struct programs g;
    enum status status = STATUS_NO_MEMORY;
    if (q->job_n == 0) return STATUS_OK;
    if (rule == RANK_SHARES_FIFO) return share_fifo(q) ? STATUS_OK : STATUS_NO_MEMORY;
    if (rule == RANK_SHARES_ISOLATED) {
        share_isolated(q);
        return STATUS_OK;
    }
    if (programs_init(&g, q, rule)) {
        if (rule == RANK_SHARES_MAKESPAN) status = find_makespan(&g, q);
        else if (rule == RANK_SHARES_FINISH_TIME) status = find_finish_time(&g, q);
        else if (rule == RANK_SHARES_THROUGHPUT) status = find_throughput(&g, q, false);
        else if (rule == RANK_SHARES_WORTH) status = find_throughput(&g, q, true);
        else status = find_max_min(&g, q);
    }
    for (size_t j = 0; status == STATUS_OK && j < q->job_n; j++)
        memcpy(q->share + j * (size_t)q->pool_n,
               g.share + (size_t)g.claim_of[j] * (size_t)q->pool_n,
               (size_t)q->pool_n * sizeof *q->share);
    programs_free(&g);
    return status;
}
