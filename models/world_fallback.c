/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that have spot nodes alone, or none: models/reliability/fallback.h. */
#include <stdlib.h>
#include <string.h>

#include "models/world_state.h"

enum { ANY, SPOT, NO_SPOT }; /* pools that a job may have now */

struct fallback {
    uint64_t spot;      /* pools */
    uint8_t *only;      /* by job */
    uint32_t *caught;   /* uniform-progress, by job: the slot of one that is to leave other nodes
                           before it ends; else RUNNING_NONE */
    struct events nets; /* by job that waits for spot nodes: when it has waited long enough; by job
                           that is to leave others: when */
};

static bool by_progress(const struct world *w)
{
    return w->fleet->fallback.rule == FALLBACK_UNIFORM_PROGRESS;
}

enum status world_fallback_init(struct world *w, struct error *err)
{
    size_t n = w->workload->job_n ? w->workload->job_n : 1;
    if (w->fleet->fallback.rule == FALLBACK_NONE || w->options->replay_recorded) return STATUS_OK;
    struct fallback *f = w->fallback = calloc(1, sizeof *f);
    if (f) f->only = calloc(n, sizeof *f->only);
    if (f && by_progress(w)) f->caught = malloc(n * sizeof *f->caught);
    if (!f || !f->only || (by_progress(w) && !f->caught) ||
        events_init(&f->nets, (uint32_t)n, NULL) != STATUS_OK)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the fallbacks of %zu jobs", n);
    for (size_t j = 0; f->caught && j < n; j++) f->caught[j] = RUNNING_NONE;
    for (int32_t p = 0; p < w->fleet->pool_n; p++)
        if (strcmp(w->fleet->pools[p].purchase.option->name, "spot") == 0)
            f->spot |= UINT64_C(1) << p;
    if (by_progress(w)) w->placing.first = f->spot;
    return STATUS_OK;
}

void world_fallback_free(struct fallback *f)
{
    if (!f) return;
    events_free(&f->nets);
    free(f->only);
    free(f->caught);
    free(f);
}

struct events *world_fallback_nets(struct fallback *f) { return f ? &f->nets : NULL; }

uint32_t world_fallback_demand(struct world *w, uint32_t job, uint32_t demand)
{
    const struct fallback *f = w->fallback;
    if (demand == UINT32_MAX || f->only[job] == ANY) return demand;
    return demand_of_pools(&w->demands, demand, f->only[job] == SPOT ? f->spot : ~f->spot);
}

/* When its work and two changeovers fill the time to its deadline, on other nodes. */
static int64_t net_us(const struct world *w, uint32_t job, const struct demand_entry *d,
                      struct progress progress)
{
    uint64_t others = d->demand.pools & ~w->fallback->spot;
    int64_t deadline_us = w->workload->deadline_us[job];
    if (deadline_us < 0 || others == 0) return EVENT_NONE;
    progress.pace = 1;
    int64_t need_us =
        stretch_us(d, __builtin_ctzll(others), &progress, &w->fleet->scheduler.restart);
    need_us += 2 * w->fleet->fallback.changeover_us;
    return deadline_us > need_us ? deadline_us - need_us : 0;
}

/* ---- uniform progress ---- */

/* Where a job should be: from nothing to all its work, while its time goes by. */
struct line {
    int64_t from_us, time_us, work_us;
};

static struct line line_of(const struct workload *load, uint32_t job)
{
    return (struct line){ load->submit_us[job], load->deadline_us[job] - load->submit_us[job],
                          load->run_us[job] };
}

/* Whether who has done so much is there at that moment, or ahead. */
static bool line_holds(const struct line *l, int64_t done_us, int64_t at_us)
{
    return (__int128)done_us * l->time_us >= (__int128)l->work_us * (at_us - l->from_us);
}

/* From when on who has done so much, and does no more, is behind. */
static int64_t line_passes_us(const struct line *l, int64_t done_us)
{
    if (l->work_us == 0) return EVENT_NONE;
    return l->from_us + (int64_t)((__int128)done_us * l->time_us / l->work_us) + 1;
}

/* A stretch on other nodes, and how it would be left: after so many checkpoints, or, where work is
 * saved at a stop, microseconds of run. */
struct stretch {
    int64_t start_us, run_us, step_us, period_us; /* of a step: run, and with what is written */
    double speed;
};

static int64_t held_us(const struct progress *p, const struct stretch *s, int64_t steps)
{
    return p->owed_us + steps * s->period_us;
}

static int64_t left_us(const struct progress *p, const struct stretch *s, int64_t steps)
{
    int64_t done_us = progress_work_us(steps * s->step_us, s->speed);
    return done_us < p->left_us ? p->left_us - done_us : 0;
}

static bool is_ahead(const struct world *w, uint32_t job, const struct stretch *s, int64_t steps)
{
    const struct line line = line_of(w->workload, job);
    const struct progress *p = &w->progress[job];
    int64_t at_us = s->start_us + held_us(p, s, steps);
    return line_holds(&line, line.work_us - left_us(p, s, steps),
                      at_us + 2 * w->fleet->fallback.changeover_us);
}

/* The fewest steps after which it is ahead, 0 where it is not before it ends. It starts behind, and
 * either gains with every step, or never. */
static int64_t steps_to_lead(const struct world *w, uint32_t job, const struct stretch *s)
{
    int64_t behind = 0, ahead = (s->run_us - 1) / s->step_us;
    if (ahead <= 0 || !is_ahead(w, job, s, ahead)) return 0;
    while (ahead - behind > 1) {
        int64_t middle = behind + (ahead - behind) / 2;
        if (is_ahead(w, job, s, middle)) ahead = middle;
        else behind = middle;
    }
    return ahead;
}

/* When a job that has just started on other nodes leaves them, EVENT_NONE: it ends there. */
static int64_t leaves_us(const struct world *w, const struct running_job *j)
{
    const struct restart_options *restart = &w->fleet->scheduler.restart;
    const struct demand_entry *d = &w->demands.entries[j->demand];
    struct progress after = w->progress[j->job];
    int64_t gpus = d->demand.gpus;
    struct stretch s = { j->start_us, 0, 1, 1, speed_on(d, j->pool) * after.pace };
    s.run_us = time_at_speed(after.left_us, s.speed);
    if (restart->checkpoint == CHECKPOINT_NEVER) return EVENT_NONE;
    if (restart->checkpoint == CHECKPOINT_INTERVAL) {
        s.step_us = progress_interval_us(restart, gpus);
        s.period_us = s.step_us + gpu_cost_us(&restart->write, gpus);
    }
    int64_t steps = steps_to_lead(w, j->job, &s);
    if (steps == 0) return EVENT_NONE;
    int64_t stay_us = held_us(&after, &s, steps), at_us = j->start_us + stay_us;
    after.left_us = left_us(&after, &s, steps);
    after.owed_us = progress_restart_us(restart, gpus, after.owed_us - stay_us);
    return net_us(w, j->job, d, after) > at_us ? at_us : EVENT_NONE;
}

/* A job that waits has no other nodes until it is behind; its net lies at net_us. */
static void decide_by_progress(struct world *w, uint32_t job, int64_t net_us)
{
    struct fallback *f = w->fallback;
    const struct line line = line_of(w->workload, job);
    int64_t behind_us = line_passes_us(&line, line.work_us - w->progress[job].left_us);
    bool is_behind = behind_us <= w->now_us;
    f->only[job] = is_behind ? ANY : SPOT;
    events_set(&f->nets, job, is_behind || net_us < behind_us ? net_us : behind_us);
}

/* ---- all of them ---- */

static void decide(struct world *w, uint32_t job, uint32_t demand)
{
    struct fallback *f = w->fallback;
    const struct fallback_spec *spec = &w->fleet->fallback;
    const struct demand_entry *d = &w->demands.entries[demand];
    bool any_spot = (d->demand.pools & f->spot) != 0, any_other = (d->demand.pools & ~f->spot) != 0;
    if (f->only[job] == NO_SPOT || !any_spot || !any_other) return;
    if (spec->rule == FALLBACK_AFTER_RECLAIMS) {
        f->only[job] = w->progress[job].reclaims >= (uint32_t)spec->reclaims ? NO_SPOT : SPOT;
        return;
    }
    int64_t at_us = net_us(w, job, d, w->progress[job]);
    f->only[job] = at_us <= w->now_us ? NO_SPOT : SPOT;
    if (by_progress(w) && f->only[job] == SPOT && at_us != EVENT_NONE)
        decide_by_progress(w, job, at_us);
    else events_set(&f->nets, job, f->only[job] == SPOT ? at_us : EVENT_NONE);
}

bool world_fallback_waits(struct world *w, uint32_t job)
{
    struct fallback *f = w->fallback;
    uint8_t was = f->only[job];
    f->only[job] = ANY; /* its whole demand */
    uint32_t whole = world_demand_on_arrival(w, job);
    f->only[job] = was;
    if (whole == UINT32_MAX) return false;
    decide(w, job, whole);
    return world_demand_on_arrival(w, job) != UINT32_MAX;
}

void world_fallback_starts(struct world *w, uint32_t slot)
{
    struct fallback *f = w->fallback;
    const struct running_job *j = &w->running.slots[slot];
    bool may_leave = f->only[j->job] == ANY && w->workload->deadline_us[j->job] >= 0 &&
                     w->demands.entries[j->demand].demand.pools & f->spot &&
                     !(f->spot >> j->pool & 1);
    int64_t at_us = by_progress(w) && may_leave ? leaves_us(w, j) : EVENT_NONE;
    if (at_us != EVENT_NONE) f->caught[j->job] = slot;
    events_set(&f->nets, j->job, at_us);
}

void world_fallback_leaves(struct fallback *f, uint32_t job)
{
    if (!f->caught || f->caught[job] == RUNNING_NONE) return;
    f->caught[job] = RUNNING_NONE;
    events_set(&f->nets, job, EVENT_NONE);
}

/* It goes on waiting, with its pools decided anew. */
static bool waits_on(struct world *w, uint32_t job)
{
    uint32_t demand = world_demand_on_arrival(w, job);
    events_set(&w->fallback->nets, job, EVENT_NONE);
    scheduler_withdraw(&w->scheduler, job, demand);
    if (w->elastic) elastic_waits(w, job, demand, -1);
    if (!world_fallback_waits(w, job)) return false;
    return !w->elastic || elastic_waits(w, job, world_demand_on_arrival(w, job), +1);
}

enum status world_fallback_net(struct world *w, struct error *err)
{
    struct fallback *f = w->fallback;
    uint32_t job = events_next_slot(&f->nets);
    bool good = true;
    if (f->caught && f->caught[job] != RUNNING_NONE) world_job_preempt(w, f->caught[job], true);
    else good = waits_on(w, job);
    if (!good) return error_set(err, STATUS_NO_MEMORY, "no memory for the demands that wait");
    scheduler_submit_again(&w->scheduler, job, world_demand_on_arrival(w, job), w->now_us);
    if (w->scheduler.waiting_n > w->result->max_queue)
        w->result->max_queue = w->scheduler.waiting_n;
    return w->scheduler.failed ? error_set(err, STATUS_NO_MEMORY, "no memory for jobs that wait")
                               : STATUS_OK;
}
