/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/warm_up.h"

#include <stdlib.h>

#include "sim/quantile.h"
#include "sim/steady.h"

/* Sets cut->until_us to the submission of the first job that stays; -1 jobs: there is none. */
static enum status find_end(const struct workload *w, const int64_t *wait_us, struct warm_up *cut,
                            struct error *err)
{
    double *series = malloc((w->job_n + 1) * sizeof *series);
    size_t n = 0, left_out;
    if (!series) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu waits", w->job_n);
    for (size_t j = 0; j < w->job_n; j++)
        if (wait_us[j] >= 0) series[n++] = (double)wait_us[j];
    left_out = steady_mser5(series, n);
    free(series);
    cut->jobs = left_out == SIZE_MAX ? -1 : 0;
    if (left_out == SIZE_MAX) return STATUS_OK;
    for (size_t j = 0, ran = 0; j < w->job_n; j++) {
        if (wait_us[j] < 0) continue;
        if (ran++ < left_out) continue;
        cut->until_us = w->submit_us[j];
        break;
    }
    return STATUS_OK;
}

static enum status count_anew(const int64_t *wait_us, size_t n, struct world_result *r,
                              struct error *err)
{
    static const double shares[] = { 0.5, 0.9, 0.95, 0.99, 1 };
    int64_t q[5];
    double sum = 0;
    size_t ran = 0;
    for (size_t j = 0; j < n; j++) {
        if (wait_us[j] < 0) continue;
        sum += (double)wait_us[j] / US_PER_S;
        ran++;
    }
    enum status status = quantiles_of(wait_us, n, shares, 5, q, err);
    if (status != STATUS_OK) return status;
    r->mean_wait_s = sum / (double)ran;
    r->wait_p50_us = q[0];
    r->wait_p90_us = q[1];
    r->wait_p95_us = q[2];
    r->wait_p99_us = q[3];
    r->wait_max_us = q[4];
    return STATUS_OK;
}

enum status warm_up_cut(const struct scenario *s, const struct workload *w, int64_t *wait_us,
                        struct world_result *result, struct warm_up *cut, struct error *err)
{
    int64_t stay = 0;
    *cut = (struct warm_up){ 0, s->warm_up_us > 0 ? s->warm_up_us : 0 };
    if (s->warm_up_us == WARM_UP_MSER5) {
        enum status status = find_end(w, wait_us, cut, err);
        if (status != STATUS_OK || cut->jobs < 0) return status;
    }
    for (size_t j = 0; j < w->job_n; j++) {
        if (wait_us[j] < 0) continue;
        if (w->submit_us[j] < cut->until_us) cut->jobs++;
        else stay++;
    }
    if (cut->jobs == 0 || stay == 0) {
        cut->jobs = stay == 0 ? -1 : 0;
        return STATUS_OK;
    }
    for (size_t j = 0; j < w->job_n; j++)
        if (w->submit_us[j] < cut->until_us) wait_us[j] = -1;
    return count_anew(wait_us, w->job_n, result, err);
}
