/* SPDX-License-Identifier: Apache-2.0 */
/* Limits, written plainly: nothing is counted as it changes; who is there is gone through anew for
 * each question. */
#include <string.h>

#include "tests/slow_state.h"

static int is_named(const char *name, const struct names *names, uint32_t number)
{
    return !name || strcmp(name, names->text[number]) == 0;
}

static int is_for(const struct slow *s, const struct limit_entry *e, size_t j)
{
    return is_named(e->queue, &s->w->queues, s->w->queue[j]) &&
           is_named(e->tenant, &s->w->tenants, s->w->tenant[j]) &&
           is_named(e->user, &s->w->users, s->w->user[j]);
}

enum what { GPUS, JOBS, SUBMITTED };

/* Of the others that the entry is for: all, those of j's user, or those of its tenant. */
static int64_t used(const struct slow *s, const struct limit_entry *e, size_t j, char whose,
                    enum what what)
{
    int64_t sum = 0;
    for (size_t k = 0; k < s->w->job_n; k++) {
        if (k == j || !is_for(s, e, k)) continue;
        if (whose == 'u' && s->w->user[k] != s->w->user[j]) continue;
        if (whose == 't' && s->w->tenant[k] != s->w->tenant[j]) continue;
        if (s->state[k] == RUNNING) sum += what == GPUS ? slow_gpus(s, k) : 1;
        if (s->state[k] == WAITING && what == SUBMITTED) sum++;
    }
    return sum;
}

static int within(int64_t amount, int64_t most) { return most == 0 || amount <= most; }

int slow_limits_refuse(const struct slow *s, size_t j)
{
    int64_t gpus = slow_gpus(s, j), wall = s->w->limit_us[j];
    if (wall < 0) wall = s->w->run_us[j];
    for (size_t i = 0; i < s->fleet->limits.n; i++) {
        const struct limit_entry *e = &s->fleet->limits.entries[i];
        if (!is_for(s, e, j)) continue;
        if (!within(gpus, e->most[LIMIT_GPUS]) || !within(gpus, e->most[LIMIT_GPUS_PER_USER]) ||
            !within(gpus, e->most[LIMIT_GPUS_PER_TENANT]) ||
            !within(gpus, e->most[LIMIT_GPUS_PER_JOB]) ||
            !within(wall, e->most[LIMIT_WALL_PER_JOB]) ||
            !within(1 + used(s, e, j, 'a', SUBMITTED), e->most[LIMIT_SUBMIT]) ||
            !within(1 + used(s, e, j, 'u', SUBMITTED), e->most[LIMIT_SUBMIT_PER_USER]) ||
            !within(1 + used(s, e, j, 't', SUBMITTED), e->most[LIMIT_SUBMIT_PER_TENANT]))
            return 1;
    }
    return 0;
}

int slow_limits_hold(const struct slow *s, size_t j)
{
    int64_t gpus = slow_gpus(s, j);
    int by_gpus = 0;
    for (size_t i = 0; i < s->fleet->limits.n; i++) {
        const struct limit_entry *e = &s->fleet->limits.entries[i];
        if (!is_for(s, e, j)) continue;
        if (!within(1 + used(s, e, j, 'a', JOBS), e->most[LIMIT_JOBS]) ||
            !within(1 + used(s, e, j, 'u', JOBS), e->most[LIMIT_JOBS_PER_USER]) ||
            !within(1 + used(s, e, j, 't', JOBS), e->most[LIMIT_JOBS_PER_TENANT]))
            return 1;
        by_gpus |= !within(gpus + used(s, e, j, 'a', GPUS), e->most[LIMIT_GPUS]) ||
                   !within(gpus + used(s, e, j, 'u', GPUS), e->most[LIMIT_GPUS_PER_USER]) ||
                   !within(gpus + used(s, e, j, 't', GPUS), e->most[LIMIT_GPUS_PER_TENANT]);
    }
    return by_gpus ? 2 : 0;
}
