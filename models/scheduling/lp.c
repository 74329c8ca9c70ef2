/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GLPK keeps its environment by thread where it is built so (Debian's is: glp_config("TLS")), and
 * in one global place elsewhere; then one thread at a time solves. Nothing of it outlives a call.
 * The primal simplex from the basis of all slacks is feasible at once, and its pivoting depends on
 * the problem alone.
 */
#include "models/scheduling/lp.h"

#include <glpk.h>
#include <stdbool.h>
#include <stdlib.h>

#include "models/scheduling/one_pool.h"

static int column(const struct lp *lp, int32_t c, int32_t p) { return 1 + c * lp->pool_n + p; }

/* Rows: claims, pools, and with least the claims' speeds, in this order; least is the last column.
 */
static bool build(glp_prob *prob, const struct lp *lp, bool least, double largest)
{
    int n = lp->claim_n, m = lp->pool_n, columns = n * m + (least ? 1 : 0);
    int most = columns > n ? columns : n;
    int *index = malloc(((size_t)most + 2) * sizeof *index);
    double *value = malloc(((size_t)most + 2) * sizeof *value);
    if (!index || !value) {
        free(index);
        free(value);
        return false;
    }
    glp_set_obj_dir(prob, GLP_MAX);
    glp_add_rows(prob, n + m + (least ? n : 0));
    glp_add_cols(prob, columns);
    for (int c = 0; c < n; c++)
        for (int p = 0; p < m; p++) {
            bool can = lp->speed[c * m + p] > 0;
            glp_set_col_bnds(prob, column(lp, c, p), can ? GLP_LO : GLP_FX, 0, 0);
        }
    if (least) glp_set_col_bnds(prob, columns, GLP_LO, 0, 0);
    for (int c = 0; c < n; c++) {
        for (int p = 0; p < m; p++) {
            index[1 + p] = column(lp, c, p);
            value[1 + p] = 1;
        }
        glp_set_mat_row(prob, 1 + c, m, index, value);
        glp_set_row_bnds(prob, 1 + c, GLP_UP, 0, (double)lp->claims[c].count);
        if (!least) continue;
        for (int p = 0; p < m; p++)
            value[1 + p] =
                lp->speed[c * m + p] * largest / (lp->claims[c].need * (double)lp->claims[c].count);
        index[1 + m] = columns;
        value[1 + m] = -1;
        glp_set_mat_row(prob, 1 + n + m + c, m + 1, index, value);
        glp_set_row_bnds(prob, 1 + n + m + c, GLP_LO, 0, 0);
    }
    for (int p = 0; p < m; p++) {
        for (int c = 0; c < n; c++) {
            index[1 + c] = column(lp, c, p);
            value[1 + c] = (double)lp->claims[c].gpus;
        }
        glp_set_mat_row(prob, 1 + n + p, n, index, value);
        glp_set_row_bnds(prob, 1 + n + p, GLP_UP, 0, lp->pool_gpu[p]);
    }
    free(index);
    free(value);
    return true;
}

static enum status solve(glp_prob *prob)
{
    glp_smcp how;
    glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    how.meth = GLP_PRIMAL;
    bool good = glp_simplex(prob, &how) == 0 && glp_get_status(prob) == GLP_OPT;
    return good ? STATUS_OK : STATUS_BUG;
}

static void read_shares(glp_prob *prob, const struct lp *lp)
{
    for (int32_t c = 0; c < lp->claim_n; c++)
        for (int32_t p = 0; p < lp->pool_n; p++)
            lp->share[c * lp->pool_n + p] =
                lp_rounded(glp_get_col_prim(prob, column(lp, c, p)) / (double)lp->claims[c].count);
}

static enum status max_min(glp_prob *prob, const struct lp *lp, double *least, bool most_work)
{
    int t = lp->claim_n * lp->pool_n + 1;
    double largest = 0; /* need: in multiples of it the numbers stay near 1 */
    for (int32_t c = 0; c < lp->claim_n; c++)
        if (lp->claims[c].need > largest) largest = lp->claims[c].need;
    if (!build(prob, lp, true, largest)) return STATUS_NO_MEMORY;
    glp_set_obj_coef(prob, t, 1);
    enum status status = solve(prob);
    if (status != STATUS_OK) return status;
    double best = glp_get_col_prim(prob, t);
    *least = best / largest;
    read_shares(prob, lp);
    if (!most_work) return STATUS_OK;
    glp_set_col_bnds(prob, t, GLP_LO, best * (1 - LP_SLACK), 0);
    glp_set_obj_coef(prob, t, 0);
    for (int32_t c = 0; c < lp->claim_n; c++)
        for (int32_t p = 0; p < lp->pool_n; p++)
            glp_set_obj_coef(prob, column(lp, c, p),
                             lp->speed[c * lp->pool_n + p] * (double)lp->claims[c].gpus *
                                 lp_preference(lp, c, p));
    /* Where rounding leaves no room for a better one, the first is kept: it has the same least. */
    if (solve(prob) == STATUS_OK) read_shares(prob, lp);
    return STATUS_OK;
}

static enum status max_sum(glp_prob *prob, const struct lp *lp, const double *value)
{
    if (!build(prob, lp, false, 0)) return STATUS_NO_MEMORY;
    for (int32_t c = 0; c < lp->claim_n; c++)
        for (int32_t p = 0; p < lp->pool_n; p++)
            glp_set_obj_coef(prob, column(lp, c, p),
                             value[c * lp->pool_n + p] * lp_preference(lp, c, p));
    enum status status = solve(prob);
    if (status == STATUS_OK) read_shares(prob, lp);
    return status;
}

/* What is looked for: the largest least, of that the most work, or the largest sum of value. */
struct aim {
    double *least;
    bool most_work;
    const double *value;
};

static enum status in_its_own_problem(const struct lp *lp, const struct aim *aim)
{
    glp_prob *prob = glp_create_prob();
    enum status status =
        aim->value ? max_sum(prob, lp, aim->value) : max_min(prob, lp, aim->least, aim->most_work);
    glp_delete_prob(prob);
    glp_free_env();
    return status;
}

static enum status guarded(const struct lp *lp, const struct aim *aim)
{
    enum status status;
    if (lp->pool_n == 1) return one_pool_solve(lp, aim->least, aim->value);
    if (glp_config("TLS")) return in_its_own_problem(lp, aim);
#pragma omp critical(glpk)
    status = in_its_own_problem(lp, aim);
    return status;
}

enum status lp_max_min(const struct lp *lp, double *least)
{
    return guarded(lp, &(struct aim){ least, false, NULL });
}

enum status lp_max_min_most_work(const struct lp *lp, double *least)
{
    return guarded(lp, &(struct aim){ least, true, NULL });
}

enum status lp_max_sum(const struct lp *lp, const double *value)
{
    return guarded(lp, &(struct aim){ NULL, false, value });
}
