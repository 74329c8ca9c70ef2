/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fifo-skip: every job that fits starts, in order of arrival. Free room only shrinks during a pass,
 * so a demand that did not fit once is out for the rest of it.
 */
#include "models/scheduling/scheduler.h"

/* The demand whose first waiting job arrived first, among those still in the pass. */
static uint32_t first_demand(const struct scheduler *s)
{
    uint32_t best = UINT32_MAX, best_job = UINT32_MAX;
    for (uint32_t i = 0; i < s->active_n; i++) {
        const struct demand_line *l = &s->lines[s->active[i]];
        if (!l->fits_short) continue;
        uint32_t job = l->line.job[l->line.head];
        if (job < best_job) {
            best_job = job;
            best = s->active[i];
        }
    }
    return best;
}

void pass_skip(struct scheduler *s, int64_t now_us)
{
    if (!s->released) {
        /* Nobody who waited before can fit now; only the arrivals are new. */
        for (uint32_t i = 0; i < s->fresh_n && !s->failed; i++) {
            const struct waiting_job *f = &s->fresh[i];
            const struct waiting_line *line = &s->lines[f->demand].line;
            if (!scheduler_try(s, f->job, f->demand, now_us)) continue;
            uint32_t at = line->n;
            while (line->job[--at] != f->job || line->limit[at] == WAITING_GONE) continue;
            scheduler_line_remove(s, f->demand, at);
        }
        return;
    }
    for (uint32_t i = 0; i < s->active_n; i++) s->lines[s->active[i]].fits_short = true;
    for (uint32_t d; (d = first_demand(s)) != UINT32_MAX && !s->failed;) {
        const struct waiting_line *line = &s->lines[d].line;
        if (scheduler_try(s, line->job[line->head], d, now_us))
            scheduler_line_remove(s, d, line->head);
        else s->lines[d].fits_short = false;
    }
}
