/* SPDX-License-Identifier: Apache-2.0 */
/* qssf and its guesses, written plainly: who has ended is gone through anew for each guess. */
#include "tests/slow_state.h"

#include <stdlib.h>

/* Whether job k tells something of job j when this much must be the same. */
static int alike(const struct workload *w, size_t j, size_t k, int level)
{
    int same_user = w->tenant[j] == w->tenant[k] && w->user[j] == w->user[k];
    int same_gpus = w->gpu_milli[j] == w->gpu_milli[k];
    if (level == 0) return same_user && same_gpus && w->class_[j] == w->class_[k];
    if (level == 1) return same_user && same_gpus;
    if (level == 2) return same_user;
    return level == 4 || same_gpus;
}

static int64_t guess(const struct slow *s, size_t j)
{
    const struct workload *w = s->w;
    for (int level = 0; level < 5; level++) {
        int64_t sum = 0, n = 0, recent = 0;
        for (size_t i = 0; i < s->ended_n; i++) {
            size_t k = s->ended[i];
            if (!alike(w, j, k, level)) continue;
            recent = n == 0 ? w->run_us[k] : (recent + w->run_us[k]) / 2;
            sum += w->run_us[k];
            n++;
        }
        if (n > 0) return level == 0 ? recent : sum / n;
    }
    return 0;
}

void slow_qssf_arrive(struct slow *s, size_t j)
{
    int64_t us = s->fleet->predictor == PREDICTOR_PERFECT ? s->w->run_us[j] : guess(s, j);
    s->fresh[j] = 1;
    s->service[j] = us * slow_gpus(s, j);
}

void slow_qssf_pass(struct slow *s)
{
    size_t n = s->w->job_n, head;
    int old = 0;
    for (size_t j = 0; j < n; j++) old |= s->state[j] == WAITING && !s->fresh[j];
    do {
        head = n;
        for (size_t j = 0; j < n; j++) {
            if (s->state[j] != WAITING) continue;
            int64_t service = old ? s->service[j] : 0;
            int64_t least = old && head < n ? s->service[head] : 0;
            if (head == n || service < least ||
                (service == least && slow_gpus(s, j) < slow_gpus(s, head)))
                head = j;
        }
    } while (head < n && slow_try(s, head));
    for (size_t j = 0; j < n; j++) s->fresh[j] = 0;
}
