/* SPDX-License-Identifier: Apache-2.0 */
#include "models/world.h"

#include <stdlib.h>
#include <string.h>

#include "models/parts.h"
#include "models/scheduling/racks.h"
#include "models/scheduling/scored.h"
#include "models/scheduling/whose.h"
#include "models/timeslice.h"
#include "models/world_state.h"
#include "sim/large.h"

/* Simulated time may not pass this: 146,000 years, half of what microseconds in 63 bits hold. */
#define TIME_LIMIT_US (INT64_MAX / 2)

const char *reject_reason_text(enum reject_reason reason)
{
    static const char *const texts[REJECT_N] = {
        [REJECT_GPUS] = "asks for more GPUs than any pool has",
        [REJECT_GPU_TYPE] = "asks for a GPU type no pool has",
        [REJECT_CPUS] = "asks for more cores a node than any pool has",
        [REJECT_MEMORY] = "asks for more memory a node than any pool has",
        [REJECT_NO_POOL] = "is of a tenant or a queue that no pool is for",
        [REJECT_SELECTOR] = "selects nodes that no pool has",
        [REJECT_TAINT] = "does not tolerate the taints of any pool that it may use",
        [REJECT_NO_START] = "has no recorded start to replay",
        [REJECT_NO_QUEUE] = "names no queue of Kueue's manifests",
        [REJECT_LOCAL_STOPPED] = "is of a LocalQueue that is stopped",
        [REJECT_STOPPED] = "is of a ClusterQueue that is stopped",
        [REJECT_PODS] = "has pods that no pool has room for",
        [REJECT_QUOTA] = "asks for more than its ClusterQueue can ever have",
        [REJECT_LIMIT] = "asks for more than a limit ever allows",
        [REJECT_SUBMIT_LIMIT] = "comes while as many are submitted as a limit allows",
    };
    return texts[reason];
}

/* ---- the clock ---- */

/* In GPU-microseconds; each area is cut to whole ones, so that samples add up. */
static int64_t area_since(unsigned __int128 now, unsigned __int128 then)
{
    return (int64_t)(now / GPU_WHOLE - then / GPU_WHOLE);
}

/* GPU time bought since the last sample. */
static int64_t bought_since(struct world *w, int64_t time_us)
{
    struct elastic *e = w->elastic;
    if (!e) return w->options->sample_us * fleet_spec_gpus(w->fleet);
    unsigned __int128 area =
        e->held_area + (unsigned __int128)(time_us - w->now_us) * (uint64_t)e->held_gpus;
    int64_t bought = (int64_t)(area - e->sampled_area);
    e->sampled_area = area;
    return bought;
}

/* Nodes by state, in time O(pools). */
static struct node_counts count_nodes(const struct world *w)
{
    struct node_counts n = { .busy = w->busy_nodes };
    for (int32_t p = 0; p < w->fleet->pool_n; p++) {
        const struct pool *pool = &w->pools[p];
        const struct lifecycle_pool *life = w->elastic ? &w->elastic->nodes.pools[p] : NULL;
        n.idle += pool->up_n;
        n.down += (life ? life->ready_n : pool->node_n) - pool->up_n;
        n.booting += life ? life->booting.n : 0;
        bool counted = p > 0 && fleet_same_group(&w->fleet->pools[p], &w->fleet->pools[p - 1]);
        int32_t leaving = life ? life->leaving_n : 0;
        n.absent += life ? (counted ? 0 : pool->node_n) - lifecycle_held(life) - leaving : 0;
        n.idle += leaving;
    }
    n.idle -= n.busy;
    return n;
}

/* A job comes to a node (+1), or leaves it. */
static void count_job(struct world *w, int32_t node, int sign)
{
    if (!w->jobs_on) return;
    w->busy_nodes -= w->jobs_on[node] > 0;
    w->jobs_on[node] += sign;
    w->busy_nodes += w->jobs_on[node] > 0;
}

static void sample_emit(struct world *w, int64_t time_us)
{
    /* What is held does not change between events, so the area up to the sample is exact. */
    unsigned __int128 area =
        w->busy_area + (unsigned __int128)(time_us - w->now_us) * (uint64_t)w->busy_milli;
    struct sample_record record = { .time_us = time_us,
                                    .queued_jobs = w->scheduler.waiting_n,
                                    .queued_gpus = (w->queued_milli + GPU_WHOLE - 1) / GPU_WHOLE,
                                    .running_jobs = w->running.n,
                                    .busy_gpu_us = area_since(area, w->sampled_area),
                                    .bought_gpu_us = bought_since(w, time_us),
                                    .nodes = count_nodes(w) };
    w->sampled_area = area;
    w->obs->sample(w->obs->context, &record);
}

/* Time of nodes that are down. */
static void count_down(struct world *w, int64_t to_us)
{
    int64_t from_us = w->now_us < w->books_us ? w->now_us : w->books_us;
    if (to_us > w->books_us) to_us = w->books_us;
    for (int32_t p = 0; p < w->fleet->pool_n; p++) {
        const struct pool *pool = &w->pools[p];
        int32_t there = w->elastic ? w->elastic->nodes.pools[p].ready_n : pool->node_n;
        w->down_gpu_us[p] += (__int128)(to_us - from_us) * (there - pool->up_n) * pool->gpus;
    }
}

void world_clock_advance(struct world *w, int64_t to_us)
{
    while (w->next_sample_us < to_us) {
        sample_emit(w, w->next_sample_us);
        int64_t next_us = w->next_sample_us + w->options->sample_us;
        bool goes_on = next_us <= w->books_us && ++w->sample_n < WORLD_SAMPLES_MAX;
        w->next_sample_us = goes_on ? next_us : INT64_MAX;
    }
    uint64_t dt = (uint64_t)(to_us - w->now_us);
    if (w->queued_milli > 0 && w->now_us < w->books_us) {
        int64_t idle = w->up_gpus * GPU_WHOLE - (w->busy_milli - w->leaving_milli);
        if (idle > w->queued_milli) idle = w->queued_milli;
        uint64_t in_books = to_us < w->books_us ? dt : (uint64_t)(w->books_us - w->now_us);
        w->idle_area += (unsigned __int128)in_books * (uint64_t)idle;
    }
    if (w->clock.changes) count_down(w, to_us);
    if (w->elastic)
        w->elastic->held_area += (unsigned __int128)dt * (uint64_t)w->elastic->held_gpus;
    w->busy_area += (unsigned __int128)dt * (uint64_t)w->busy_milli;
    w->queue_area += (unsigned __int128)dt * (uint64_t)w->scheduler.waiting_n;
    w->now_us = to_us;
}

/* ---- jobs ---- */

/* Jobs that take turns, each shorter than a restart, never end; this many preemptions without an
 * arrival, an end, or any work that is kept are taken for that. */
enum { FRUITLESS_MAX = 1000000 };

static void job_reject(struct world *w, uint32_t job, enum reject_reason reason)
{
    w->result->rejected++;
    w->result->rejected_by[reason]++;
    w->start_us[job] = w->end_us[job] = -1;
    if (w->obs && w->obs->job) {
        struct job_record record = { .job = job,
                                     .outcome = OUTCOME_REJECTED,
                                     .reason = reject_reason_text(reason),
                                     .gpu_milli = w->workload->gpu_milli[job],
                                     .start_us = -1,
                                     .end_us = -1,
                                     .pool = -1,
                                     .first_node = -1 };
        w->obs->job(w->obs->context, &record);
    }
}

static bool is_scattered(const struct pool *p, const struct demand *d, int32_t piece_n)
{
    return d->gpus > 0 && p->gpus > 0 && piece_n > (d->gpus + p->gpus - 1) / p->gpus;
}

static bool crosses_racks(const struct pool *p, const struct piece *pieces, int32_t n)
{
    return p->rack_nodes > 0 && n > 1 && racks_of(p, pieces, n) > racks_fewest(p, n);
}

/* How fast a job of that demand is on these nodes of the pool for where they lie. */
static double speed_there(const struct world *w, uint32_t job, const struct demand_entry *d,
                          int32_t pool, const struct piece *pieces, int32_t n)
{
    uint32_t class = w->workload->class_[job];
    double speed = 1;
    if (w->scattered_speed && is_scattered(&w->pools[pool], &d->demand, n))
        speed *= w->scattered_speed[class];
    if (w->cross_rack_speed && crosses_racks(&w->pools[pool], pieces, n))
        speed *= w->cross_rack_speed[class];
    return speed;
}

/* How long it runs there. */
static int64_t run_on_us(const struct world *w, uint32_t job, const struct demand_entry *d,
                         int32_t pool, const struct piece *pieces, int32_t n)
{
    int64_t us = scaled_us(d, pool, w->workload->run_us[job]);
    double speed = speed_there(w, job, d, pool, pieces, n);
    if (speed == 1) return us;
    double longer = (double)us / speed + 0.5;
    return longer < (double)(INT64_MAX / 2) ? (int64_t)longer : INT64_MAX / 2;
}

/* ---- jobs that may be sized: all else is said of the GPUs that a job asks for ---- */

/* The demand it comes with: what it needs at least. UINT32_MAX on lack of memory. */
uint32_t world_demand_on_arrival(struct world *w, uint32_t job)
{
    uint32_t asked = demand_of_job(&w->demands, job);
    if (w->fallback) return world_fallback_demand(w, job, asked);
    if (!w->elasticity || asked == UINT32_MAX) return asked;
    struct size_range sizes = sizes_of(w->elasticity, w->workload, job, &w->demands.entries[asked]);
    return demand_of_share(&w->demands, asked, sizes.least);
}

/* What it counts for in the queue. */
static int64_t waiting_milli(struct world *w, uint32_t job, const struct demand *d)
{
    if (!w->elasticity) return demand_milli(d);
    /* It has come, so that its demands are known, and no memory is needed. */
    return demand_milli(&w->demands.entries[world_demand_on_arrival(w, job)].demand);
}

/* Its pace on what it is given. */
static double pace_on(struct world *w, uint32_t job, const struct demand *d)
{
    int64_t asked = (w->workload->gpu_milli[job] + GPU_WHOLE - 1) / GPU_WHOLE;
    if (!w->elasticity || asked == d->gpus) return 1;
    return elasticity_pace(w->elasticity, w->workload->class_[job], asked, d->gpus);
}

/* When a job that has its running slot ends; of one that has a slice of a GPU others' ends change,
 * too, and the latest is returned. */
static int64_t set_end(struct world *w, uint32_t slot, const struct piece *piece, int64_t stay_us)
{
    const struct running_job *j = &w->running.slots[slot];
    if (w->timeslice && w->demands.entries[j->demand].demand.part_milli) {
        struct timeslice_gpu gpu = { j->pool, piece->node, __builtin_ctz(piece->mask) };
        return timeslice_join(w->timeslice, slot, gpu, w->workload->gpu_milli[j->job], stay_us,
                              w->now_us, &w->ends);
    }
    events_set(&w->ends, slot, w->now_us + stay_us);
    return w->now_us + stay_us;
}

/* Whether the job, which starts for so long, fails by itself; *stay_us is the time until then. A
 * time of 0 in the list is none. */
static bool fails_first(const struct world *w, uint32_t job, const struct demand *d, int32_t pool,
                        const struct progress *progress, int64_t *stay_us)
{
    int64_t mtbf_us = gpu_cost_us(&w->fleet->pools[pool].failures.job_mtbf, d->gpus);
    if (mtbf_us == 0) return false;
    uint64_t starts = (uint64_t)progress_stops(progress);
    double us = random_exponential_of(random_unit(w->key, RANDOM_JOB_FAILURE, job, starts)) *
                (double)mtbf_us;
    if (us >= (double)*stay_us) return false;
    *stay_us = us < 1 ? 1 : (int64_t)us;
    return true;
}

static bool note_failure(struct world *w, uint32_t slot, bool fails)
{
    if (slot >= w->fails_n) {
        uint32_t n = 2 * slot + 64;
        bool *grown = realloc(w->fails, n * sizeof *grown);
        if (!grown) return false;
        w->fails = grown;
        w->fails_n = n;
    }
    w->fails[slot] = fails;
    return true;
}

/* The scheduler's callback: takes the pieces and sets the end. */
static uint32_t job_start(void *world, uint32_t job, uint32_t demand, int32_t pool,
                          const struct piece *pieces, int32_t piece_n)
{
    struct world *w = world;
    const struct demand_entry *d = &w->demands.entries[demand];
    struct pool *p = &w->pools[pool];
    struct progress *progress = w->progress ? &w->progress[job] : NULL;
    if (progress)
        progress->pace =
            pace_on(w, job, &d->demand) * speed_there(w, job, d, pool, pieces, piece_n);
    int64_t stay_us = progress ? stretch_us(d, pool, progress, &w->fleet->scheduler.restart)
                               : run_on_us(w, job, d, pool, pieces, piece_n);
    bool fails = w->jobs_fail && fails_first(w, job, &d->demand, pool, progress, &stay_us);
    int64_t end_us = w->now_us + stay_us;
    if (end_us > TIME_LIMIT_US) {
        w->failed_time_us = end_us;
        return RUNNING_NONE;
    }
    uint32_t slot = running_add(&w->running, job, demand, pool, pieces, piece_n, w->now_us);
    if (slot == RUNNING_NONE) return slot;
    if (w->jobs_fail && !note_failure(w, slot, fails)) return RUNNING_NONE;
    if (slot >= w->ends.slots && events_grow(&w->ends, 2 * slot, NULL) != STATUS_OK)
        return RUNNING_NONE;
    end_us = set_end(w, slot, pieces, stay_us);
    if (end_us > TIME_LIMIT_US) {
        w->failed_time_us = end_us;
        return RUNNING_NONE;
    }
    for (int32_t i = 0; i < piece_n; i++) {
        struct share share = piece_share(&d->demand, &pieces[i]);
        pool_shift(p, pieces[i].node, &share, -1);
        count_job(w, p->base + pieces[i].node, +1);
    }
    int64_t milli = demand_milli(&d->demand);
    p->busy_milli += milli;
    w->busy_milli += milli;
    w->queued_milli -= waiting_milli(w, job, &d->demand);
    w->changes_in_row = 0;
    if (w->fallback) world_fallback_starts(w, slot);
    if (w->elastic) {
        elastic_waits(w, job, world_demand_on_arrival(w, job), -1);
        if (!elastic_job(w, slot, +1)) return RUNNING_NONE;
    }
    if (progress && progress->first_start_us < 0) progress->first_start_us = w->now_us;
    w->start_us[job] = progress ? progress->first_start_us : w->now_us;
    w->end_us[job] = end_us; /* or later, where others come to its GPU */
    return slot;
}

static int64_t clip(int64_t time_us, int64_t books_us)
{
    return time_us < books_us ? time_us : books_us;
}

/* A running job leaves its nodes: what it held since it got them is counted, and they are free. */
int64_t world_job_leave(struct world *w, uint32_t slot)
{
    const struct running_job j = w->running.slots[slot];
    const struct piece *pieces = running_pieces(&w->running, slot);
    const struct demand *d = &w->demands.entries[j.demand].demand;
    struct pool *p = &w->pools[j.pool];
    int64_t held_us = clip(w->now_us, w->books_us) - clip(j.start_us, w->books_us);

    events_set(&w->ends, slot, EVENT_NONE);
    if (w->fallback) world_fallback_leaves(w->fallback, j.job);
    if (w->elastic) elastic_job(w, slot, -1);
    if (w->timeslice) timeslice_leave(w->timeslice, slot, w->now_us, &w->ends);
    /* On a large fleet the next job to end is in no cache; it is fetched while this one is dealt
     * with. */
    if (events_next_time(&w->ends) != EVENT_NONE)
        __builtin_prefetch(&w->running.slots[events_next_slot(&w->ends)]);
    for (int32_t i = 0; i < j.piece_n; i++) {
        struct share share = piece_share(d, &pieces[i]);
        int64_t milli = share.gpus * GPU_WHOLE + share.part_milli;
        pool_shift(p, pieces[i].node, &share, +1);
        count_job(w, p->base + pieces[i].node, -1);
        p->node_busy_milli_us[pieces[i].node] += (__int128)held_us * milli;
        if (!pool_node_is_up(p, pieces[i].node)) {
            world_leaving(w, j.pool, -milli);
            elastic_left(w, j.pool, pieces[i].node);
        }
        if (!p->free_cpu) continue;
        p->held_cpu_milli_us += (__int128)held_us * share.cpu_milli;
        p->held_mem_mib_us += (__int128)held_us * share.mem_mib;
    }
    int64_t milli = demand_milli(d);
    p->busy_milli -= milli;
    w->busy_milli -= milli;
    w->job_milli_us += (unsigned __int128)(uint64_t)(w->now_us - j.start_us) * (uint64_t)milli;
    w->pool_busy_milli_us[j.pool] += (__int128)held_us * milli;
    world_hours_held(w, j.pool, j.start_us, milli);
    if (!w->obs || !w->obs->job) return 0;
    int64_t cost = bill_job_usd_micro(&w->fleet->pools[j.pool].purchase, p->gpus, milli,
                                      clip(j.start_us, w->books_us), clip(w->now_us, w->books_us));
    w->jobs_usd_micro += cost;
    return cost;
}

/* A stretch on GPUs is over, for a cause, or as the job has ended (NULL): of what was held, what
 * was run to be kept is not lost. */
static void stretch_account(struct world *w, struct progress *progress, const struct demand *d,
                            int32_t pool, int64_t held_us, int64_t kept_us,
                            const enum stop_cause *cause)
{
    int64_t lost_us = held_us - kept_us;
    int64_t restart_us = progress->owed_us < held_us ? progress->owed_us : held_us;
    progress->held_us += held_us;
    progress->lost_us += lost_us;
    w->lost_by[progress->cause] += (__int128)restart_us * demand_milli(d);
    int64_t written_us =
        cause ? progress_written_us(&w->fleet->scheduler.restart, d->gpus, held_us - restart_us)
              : 0;
    if (cause)
        w->lost_by[*cause] += (__int128)(lost_us - restart_us - written_us) * demand_milli(d);
    w->lost_milli_us += (__int128)lost_us * demand_milli(d);
    world_hours_lost(w, pool, w->now_us - held_us, demand_milli(d), restart_us, progress->cause,
                     written_us, lost_us - restart_us - written_us, cause);
    if (w->sized_milli_us)
        w->sized_milli_us[progress - w->progress] += (__int128)held_us * demand_milli(d);
}

static void job_end(struct world *w, uint32_t slot)
{
    struct running_job j = w->running.slots[slot];
    const struct demand *d = &w->demands.entries[j.demand].demand;
    const struct pool *p = &w->pools[j.pool];
    int64_t cost = world_job_leave(w, slot), held_us = w->now_us - j.start_us, lost_us = 0;
    uint32_t preemptions = 0;
    int64_t held_milli = demand_milli(d);

    if (w->progress) {
        struct progress *progress = &w->progress[j.job];
        stretch_account(
            w, progress, d, j.pool, held_us,
            time_at_speed(progress->left_us,
                          speed_on(&w->demands.entries[j.demand], j.pool) * progress->pace),
            NULL);
        held_us = progress->held_us;
        lost_us = progress->lost_us;
        cost += progress->cost_usd_micro;
        preemptions = progress->preemptions;
        if (w->sized_milli_us && held_us > 0)
            held_milli = (int64_t)((w->sized_milli_us[j.job] + held_us / 2) / held_us);
    }
    if (w->meters)
        cost += world_services_job(w, w->sized_milli_us ? w->sized_milli_us[j.job]
                                                        : (__int128)held_us * held_milli);
    struct share first = piece_share(d, &running_pieces(&w->running, slot)[0]);
    w->result->finished++;
    w->fruitless = w->changes_in_row = 0;
    w->result->scattered += is_scattered(p, d, j.piece_n);
    w->result->over_racks += crosses_racks(p, running_pieces(&w->running, slot), j.piece_n);
    if (w->timeslice && d->part_milli) {
        w->end_us[j.job] = w->now_us;
        w->beside_us[j.job] =
            held_us - scaled_us(&w->demands.entries[j.demand], j.pool, w->workload->run_us[j.job]);
        w->beside_milli_us += (__int128)w->beside_us[j.job] * d->part_milli;
    } else if (w->scattered_speed || w->cross_rack_speed) /* nothing else makes it longer */
        w->scatter_milli_us += (__int128)(held_us - lost_us -
                                          scaled_us(&w->demands.entries[j.demand], j.pool,
                                                    w->workload->run_us[j.job])) *
                               demand_milli(d);
    if (w->obs && w->obs->job) {
        struct job_record record = { .job = j.job,
                                     .outcome = OUTCOME_FINISHED,
                                     .reason = NULL,
                                     .start_us = w->start_us[j.job],
                                     .end_us = w->now_us,
                                     .held_us = held_us,
                                     .lost_us = lost_us,
                                     .preemptions = preemptions,
                                     .reclaims = w->progress ? w->progress[j.job].reclaims : 0,
                                     .pool = j.pool,
                                     .gpu_milli = held_milli,
                                     .nodes = j.piece_n,
                                     .first_node =
                                         p->base + running_pieces(&w->running, slot)[0].node,
                                     .first_slots = first.slots,
                                     .first_mask = first.mask,
                                     .cost_usd_micro = cost };
        w->obs->job(w->obs->context, &record);
    }
    scheduler_release(&w->scheduler, slot, w->now_us);
    if (w->progress) w->progress[j.job].left_us = 0;
    running_remove(&w->running, slot);
}

/* A running job, which has left its nodes, waits with the work it has left. */
void world_job_stopped(struct world *w, uint32_t slot, int64_t kept_us, enum stop_cause cause)
{
    const struct running_job j = w->running.slots[slot];
    const struct demand_entry *d = &w->demands.entries[j.demand];
    struct progress *progress = &w->progress[j.job];
    int64_t held_us = w->now_us - j.start_us;
    int64_t done_us = progress_work_us(kept_us, speed_on(d, j.pool) * progress->pace);
    stretch_account(w, progress, &d->demand, j.pool, held_us, kept_us, &cause);
    progress->left_us = done_us < progress->left_us ? progress->left_us - done_us : 0;
    progress->owed_us = progress_restart_us(&w->fleet->scheduler.restart, d->demand.gpus,
                                            progress->owed_us - held_us);
    progress->cause = cause;
    w->fruitless = kept_us > 0 ? 0 : w->fruitless + 1;
    if (w->fruitless > FRUITLESS_MAX) w->scheduler.failed = true;
    w->queued_milli += waiting_milli(w, j.job, &d->demand);
    if (w->fallback && !world_fallback_waits(w, j.job)) w->scheduler.failed = true;
    else if (w->elastic && !elastic_waits(w, j.job, world_demand_on_arrival(w, j.job), +1))
        w->scheduler.failed = true;
    running_remove(&w->running, slot);
    clockwork_left(&w->clock, slot);
}

void world_job_preempt(struct world *w, uint32_t slot, bool tell)
{
    const struct running_job j = w->running.slots[slot];
    struct progress *progress = &w->progress[j.job];
    int64_t kept_us =
        progress_kept_us(&w->fleet->scheduler.restart, w->demands.entries[j.demand].demand.gpus,
                         progress->owed_us, w->now_us - j.start_us);
    progress->cost_usd_micro += world_job_leave(w, slot);
    progress->preemptions++;
    w->result->preemptions++;
    if (tell) scheduler_release_failed(&w->scheduler, slot, w->now_us);
    world_job_stopped(w, slot, kept_us, STOP_PREEMPTED);
}

/* The scheduler's callback: the job goes back to the queue with the work it has left. */
static void job_preempt(void *world, uint32_t slot) { world_job_preempt(world, slot, false); }

static enum status job_arrive(struct world *w, uint32_t job, struct error *err)
{
    uint32_t demand = world_demand_on_arrival(w, job);
    if (demand == UINT32_MAX)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the table of demands");
    const struct demand_entry *d = &w->demands.entries[demand];
    w->result->fractional += d->fractional;
    enum reject_reason reason =
        d->demand.pools ? scheduler_refuse(&w->scheduler, job, demand) : d->reason;
    if (reason != REJECT_N) {
        job_reject(w, job, reason);
        return STATUS_OK;
    }
    w->queued_milli += demand_milli(&d->demand);
    w->fruitless = w->changes_in_row = 0;
    if (w->fallback && !world_fallback_waits(w, job))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the table of demands");
    if (w->fallback) demand = world_demand_on_arrival(w, job);
    if (w->elastic && !elastic_waits(w, job, demand, +1))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the demands that wait");
    scheduler_submit(&w->scheduler, job, demand);
    if (w->scheduler.waiting_n > w->result->max_queue)
        w->result->max_queue = w->scheduler.waiting_n;
    return STATUS_OK;
}

/* ---- the two loops ---- */

static enum status start_failure(const struct world *w, struct error *err)
{
    if (w->failed_time_us)
        return error_set(
            err, STATUS_BAD_INPUT,
            "simulated time runs beyond 146,000 years: the fleet is far too small for this trace");
    if (w->fruitless > FRUITLESS_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "%d %s one after another, and no work is left of any: jobs are stopped "
                         "before their restarts or first checkpoints are through",
                         FRUITLESS_MAX,
                         w->clock.supply    ? "reclaims or other stops"
                         : w->clock.changes ? "preemptions or failures"
                                            : "preemptions");
    if (w->changes_in_row > CHANGES_MAX)
        return error_set(
            err, STATUS_BAD_INPUT,
            "nodes fail, come and go again and again, and no job has started: those that "
            "wait need more of them at once than there ever are");
    if (w->scheduler.timeouts_in_row > FRUITLESS_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "gangs gave up %d times one after another, and none has started: they "
                         "hold what the others need, again and again",
                         FRUITLESS_MAX);
    if (w->scheduler.broken) return world_broken(w, err, w->scheduler.broken);
    return error_set(err, STATUS_NO_MEMORY, "out of memory with %u running and %lld waiting jobs",
                     w->running.n, (long long)w->scheduler.waiting_n);
}

/* Jobs wait, nothing runs, and the autoscaler wants nothing. */
static enum status never_enough(const struct world *w, struct error *err)
{
    return error_set(err, STATUS_BAD_INPUT,
                     "%lld jobs wait for nodes for ever: the autoscaler '%s' asks for no more",
                     (long long)w->scheduler.waiting_n, w->elastic->kind->name);
}

static bool stopped(const struct world *w) { return w->options->stop && *w->options->stop; }

static enum status loop_schedule(struct world *w, struct error *err)
{
    uint32_t turns = 0;
    struct events *changes = outages_expected(w->fleet) ? &w->outages.changes : NULL;
    clockwork_init(&w->clock, &w->fleet->scheduler.timing, w->workload, &w->ends, changes,
                   &w->running);
    w->clock.nets = world_fallback_nets(w->fallback);
    enum status status = w->elastic ? elastic_begin(w, err) : STATUS_OK;
    while (status == STATUS_OK) {
        struct turn turn = clockwork_next(&w->clock, w->scheduler.wake_us,
                                          w->scheduler.waiting_n > 0 || w->hit_n > 0);
        if (turn.kind == TURN_OVER) {
            if (w->scheduler.waiting_n > 0 && w->elastic) return never_enough(w, err);
            return w->options->books_us > 0 ? world_stay_empty(w, w->books_us, err) : STATUS_OK;
        }
        if (w->hit_n > 0 && (turn.kind != TURN_END || turn.time_us > w->now_us))
            world_hit_wait_again(w);
        if (turn.time_us > w->now_us) world_clock_advance(w, turn.time_us);
        switch (turn.kind) {
        case TURN_END:
            w->result->events++;
            if (w->jobs_fail && w->fails[turn.which]) {
                status = world_job_fails(w, turn.which, err);
            } else {
                job_end(w, turn.which);
            }
            break;
        case TURN_ARRIVAL:
            w->result->events++;
            status = job_arrive(w, turn.which, err);
            break;
        case TURN_NODE:
            w->result->events++;
            status = world_node_change(w, err);
            if (status == STATUS_OK && w->scheduler.failed) return start_failure(w, err);
            break;
        case TURN_PASS:
            w->result->passes++;
            if (w->log && !queue_log_most(w->log, turn.time_us, w->scheduler.waiting_n))
                return error_set(err, STATUS_NO_MEMORY, "no memory for the length of a queue");
            scheduler_pass(&w->scheduler, turn.time_us);
            if (w->scheduler.failed || w->scheduler.timeouts_in_row > FRUITLESS_MAX)
                return start_failure(w, err);
            if (w->scheduler.waiting_n > w->result->max_queue) /* by preemption */
                w->result->max_queue = w->scheduler.waiting_n;
            if (w->log) queue_log_after(w->log, w->scheduler.waiting_n);
            if ((++turns & 0xfff) == 0 && stopped(w))
                return error_set(err, STATUS_INTERRUPTED, "interrupted");
            break;
        case TURN_SUPPLY:
            w->result->events++;
            status = world_supply_change(w, err);
            if (status == STATUS_OK && w->scheduler.failed) return start_failure(w, err);
            break;
        case TURN_NET:
            w->result->events++;
            status = world_fallback_net(w, err);
            break;
        case TURN_BOOT:
            w->result->events++;
            elastic_boot(w);
            break;
        case TURN_TICK:
            if (!elastic_tick(w)) return start_failure(w, err);
            break;
        case TURN_OVER:
        case TURN_FAILED: return start_failure(w, err);
        }
    }
    return status;
}

static int compare_starts(const void *a, const void *b, void *start)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const int64_t *start_us = start;
    if (start_us[x] != start_us[y]) return start_us[x] < start_us[y] ? -1 : 1;
    return (x > y) - (x < y);
}

/* Replays a recorded schedule: every job starts when it did, wherever there is room for it. */
static enum status loop_replay(struct world *w, struct error *err)
{
    const struct workload *load = w->workload;
    size_t n = load->job_n, arrived = 0, started = 0;
    w->by_start = malloc((n ? n : 1) * sizeof *w->by_start);
    if (!w->by_start)
        return error_set(err, STATUS_NO_MEMORY, "no memory for %zu recorded starts", n);
    size_t with_start = 0;
    for (size_t j = 0; j < n; j++)
        if (load->start_us[j] >= load->submit_us[j]) w->by_start[with_start++] = (uint32_t)j;
    qsort_r(w->by_start, with_start, sizeof *w->by_start, compare_starts, load->start_us);
    for (;;) {
        int64_t now = events_next_time(&w->ends);
        if (arrived < n && load->submit_us[arrived] < now) now = load->submit_us[arrived];
        if (started < with_start && load->start_us[w->by_start[started]] < now)
            now = load->start_us[w->by_start[started]];
        if (now == EVENT_NONE) return STATUS_OK;
        if (now > w->now_us) world_clock_advance(w, now);
        for (; events_next_time(&w->ends) == now; w->result->events++)
            job_end(w, events_next_slot(&w->ends));
        for (; arrived < n && load->submit_us[arrived] == now; arrived++, w->result->events++) {
            uint32_t job = (uint32_t)arrived, demand = demand_of_job(&w->demands, job);
            if (demand == UINT32_MAX || !scheduler_pieces_room(&w->scheduler, demand))
                return start_failure(w, err);
            const struct demand_entry *d = &w->demands.entries[demand];
            w->result->fractional += d->fractional;
            w->start_us[job] = -1;
            if (load->start_us[job] < now) job_reject(w, job, REJECT_NO_START);
            else if (d->demand.pools == 0) job_reject(w, job, d->reason);
            else {
                w->queued_milli += demand_milli(&d->demand);
                if (++w->scheduler.waiting_n > w->result->max_queue)
                    w->result->max_queue = w->scheduler.waiting_n;
            }
        }
        if (w->log && !queue_log_most(w->log, now, w->scheduler.waiting_n))
            return error_set(err, STATUS_NO_MEMORY, "no memory for the length of a queue");
        for (; started < with_start && load->start_us[w->by_start[started]] == now; started++) {
            uint32_t job = w->by_start[started], demand = demand_of_job(&w->demands, job);
            if (w->demands.entries[demand].demand.pools == 0) continue;
            char id[64];
            if (!scheduler_try(&w->scheduler, job, demand, now))
                return error_set(
                    err, STATUS_BAD_INPUT,
                    "recorded schedule: job %s starts at %.6f s on %lld GPUs, but %lld are held "
                    "and it does not fit the rest",
                    workload_job_id(load, job, id, sizeof id), (double)now / US_PER_S,
                    (long long)w->demands.entries[demand].demand.gpus,
                    (long long)(w->busy_milli / GPU_WHOLE));
            if (w->scheduler.failed) return start_failure(w, err);
        }
        if (w->log) queue_log_after(w->log, w->scheduler.waiting_n);
        w->result->passes++;
        if (stopped(w)) return error_set(err, STATUS_INTERRUPTED, "interrupted");
    }
}

/* ---- the whole ---- */

static enum status world_check_input(const struct workload *load, const struct fleet_spec *fleet,
                                     const struct world_options *options, struct error *err)
{
    int64_t nodes = 0;
    if (load->job_n >= UINT32_MAX)
        return error_set(err, STATUS_BAD_INPUT, "more than 4,294,967,294 jobs");
    if (fleet->pool_n < 1 || fleet->pool_n > 64)
        return error_set(err, STATUS_BAD_INPUT, "fleet '%s' has %d pools; 1 to 64 are possible",
                         fleet->name, fleet->pool_n);
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        if (pool->nodes < 1 || pool->type.gpus < 0 || pool->type.gpus > UINT16_MAX)
            return error_set(err, STATUS_BAD_INPUT, "pool '%s': %d nodes of %d GPUs", pool->name,
                             pool->nodes, pool->type.gpus);
        nodes += pool->nodes;
        if (supply_is_limited(&pool->supply) &&
            (options->replay_recorded || pool->failures.log_n > 0 ||
             strcmp(pool->purchase.option->name, "owned") == 0))
            return error_set(err, STATUS_BAD_INPUT,
                             "pool '%s': its nodes cannot always be had; that takes rented ones, "
                             "and neither recorded starts nor a log of failures",
                             pool->name);
        if (supply_cordons(&pool->supply) && !scheduler_can_cordon(fleet->scheduler.order))
            return error_set(err, STATUS_BAD_INPUT,
                             "pool '%s': under the order '%s' no job runs on on a node that is "
                             "cordoned",
                             pool->name, fleet->scheduler.order->name);
        if (pool->elastic_nodes == 0) continue;
        if (pool->elastic_nodes > pool->nodes || pool->elastic_nodes < 0 ||
            options->replay_recorded || pool->failures.log_n > 0 || !fleet->autoscaler.kind ||
            !fleet->autoscaler.kind->pass)
            return error_set(err, STATUS_BAD_INPUT,
                             "pool '%s': %d of %d nodes come and go; that takes an autoscaler, and "
                             "neither recorded starts nor a log of failures",
                             pool->name, pool->elastic_nodes, pool->nodes);
    }
    if (nodes > INT32_MAX)
        return error_set(err, STATUS_BAD_INPUT, "fleet '%s' has too many nodes", fleet->name);
    return STATUS_OK;
}

/* Speeds by class, NULL where none are given. */
static enum status speeds_init(const struct world *w, const struct scatter_options *o,
                               double **speeds, struct error *err)
{
    const struct names *classes = &w->workload->classes;
    if (o->n == 0 || w->options->replay_recorded) return STATUS_OK;
    double *speed = *speeds = malloc((classes->n + 1) * sizeof *speed);
    if (!speed) return error_set(err, STATUS_NO_MEMORY, "no memory for classes");
    for (uint32_t c = 0; c < classes->n; c++)
        speed[c] = (double)named_number_of(o->speed, o->n, classes->text[c], 1000000) / 1e6;
    return STATUS_OK;
}

static enum status scatter_init(struct world *w, struct error *err)
{
    const struct scheduler_spec *spec = &w->fleet->scheduler;
    enum status status = speeds_init(w, &spec->scatter, &w->scattered_speed, err);
    return status ? status : speeds_init(w, &spec->cross_rack, &w->cross_rack_speed, err);
}

static enum status progress_init(struct world *w, struct error *err)
{
    size_t n = w->workload->job_n;
    w->progress = large_alloc((n ? n : 1) * sizeof *w->progress);
    if (!w->progress)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the progress of %zu jobs", n);
    for (size_t j = 0; j < n; j++)
        w->progress[j] =
            (struct progress){ .left_us = w->workload->run_us[j], .pace = 1, .first_start_us = -1 };
    return STATUS_OK;
}

static enum status elasticity_init(struct world *w, struct error *err)
{
    const struct scheduler_spec *spec = &w->fleet->scheduler;
    size_t n = w->workload->job_n;
    if (!rank_by_size(spec->order->rank) || w->options->replay_recorded) return STATUS_OK;
    w->elasticity = elasticity_new(&spec->elastic, w->workload);
    w->sized_milli_us = calloc(n ? n : 1, sizeof *w->sized_milli_us);
    if (!w->elasticity || !w->sized_milli_us)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the sizes of %zu jobs", n);
    return STATUS_OK;
}

enum status world_prepare(struct world *w, struct error *err)
{
    size_t n = w->workload->job_n ? w->workload->job_n : 1, pool_n = (size_t)w->fleet->pool_n;
    const struct scheduler_spec *spec = &w->fleet->scheduler;
    w->pools = calloc(pool_n, sizeof *w->pools);
    w->pool_busy_milli_us = calloc(pool_n, sizeof *w->pool_busy_milli_us);
    w->down_gpu_us = calloc(pool_n, sizeof *w->down_gpu_us);
    w->result->pools = calloc(pool_n, sizeof *w->result->pools);
    w->start_us = large_alloc(n * sizeof *w->start_us);
    w->end_us = large_alloc(n * sizeof *w->end_us);
    if (!w->pools || !w->pool_busy_milli_us || !w->down_gpu_us || !w->result->pools ||
        !w->start_us || !w->end_us)
        return error_set(err, STATUS_NO_MEMORY, "no memory to replay %zu jobs", w->workload->job_n);
    w->result->pool_n = w->fleet->pool_n;
    w->up_gpus = fleet_spec_gpus(w->fleet);
    if (spec->sharing == SHARING_TIME && !w->options->replay_recorded &&
        !(w->beside_us = calloc(n, sizeof *w->beside_us)))
        return error_set(err, STATUS_NO_MEMORY, "no memory to replay %zu jobs", n);
    enum status status = world_hours_open(w, err);
    if (status == STATUS_OK) status = world_services_open(w, err);
    if (status != STATUS_OK) return status;
    w->jobs_fail = job_failures_expected(w->fleet) && !w->options->replay_recorded;
    bool stops = spec->order->rank != RANK_NONE || outages_expected(w->fleet) ||
                 supply_expected(w->fleet) || w->fleet->fallback.rule != FALLBACK_NONE ||
                 w->jobs_fail || autoscaler_drains(w->fleet);
    return stops && !w->options->replay_recorded ? progress_init(w, err) : STATUS_OK;
}

/* Who may not be beside whom; recorded starts are as they were. */
static enum status neighbours_init(struct world *w, const struct neighbour_options *options,
                                   struct error *err)
{
    uint32_t marks = whose_marks(options, w->workload), owners = whose_owners(options, w->workload);
    for (int32_t p = 0; whose_matters(options) && p < w->fleet->pool_n; p++)
        if (!(w->pools[p].neighbours = neighbours_new(w->pools[p].node_n, marks, owners)))
            return error_set(err, STATUS_NO_MEMORY, "no memory for who is on which node");
    return STATUS_OK;
}

static enum status world_init(struct world *w, struct error *err)
{
    int32_t pool_n = w->fleet->pool_n, base = 0;
    bool track = workload_asks_cpu_or_memory(w->workload);
    bool by_gpu = !w->options->replay_recorded && scheduler_looks_at_gpus(&w->fleet->scheduler);
    bool mig = by_gpu && w->fleet->scheduler.sharing == SHARING_MIG;
    enum status status = world_prepare(w, err);
    if (status == STATUS_OK) status = scatter_init(w, err);
    if (status == STATUS_OK) status = elasticity_init(w, err);
    if (status != STATUS_OK) return status;
    for (int32_t p = 0; p < pool_n; p++) {
        status = pool_init(&w->pools[p], &w->fleet->pools[p], base, track, by_gpu, mig, err);
        if (status != STATUS_OK) return status;
        base += w->pools[p].node_n;
    }
    const struct scheduler_spec *spec = &w->fleet->scheduler;
    static const struct neighbour_options any = { APART_NONE, EXCLUSIVE_NONE };
    const struct neighbour_options *near = w->options->replay_recorded ? &any : &spec->neighbours;
    if ((status = neighbours_init(w, near, err)) != STATUS_OK) return status;
    uint64_t seed = w->options->seed + w->options->part * UINT64_C(0x9e3779b97f4a7c15);
    w->placing = (struct placing){ .rule = spec->placement->rule,
                                   .gang = spec->gang,
                                   .remainder = spec->remainder,
                                   .seed = seed,
                                   .replication = w->options->replication };
    if (by_gpu && !(w->placing.scored =
                        scored_new(spec->placement, w->fleet, w->workload,
                                   random_key(seed, w->options->replication), w->pools, pool_n)))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the scores of nodes");
    if (w->beside_us && !(w->timeslice = timeslice_new(w->pools, pool_n)))
        return error_set(err, STATUS_NO_MEMORY, "no memory for who shares which GPU");
    if (w->options->replay_recorded) w->placing.gang = GANG_ANYWHERE;
    enum gang_rule gang = scheduler_places_pods(spec) ? GANG_ANYWHERE : w->placing.gang;
    if ((status = demand_table_init(&w->demands, w->workload, w->fleet, w->pools, gang,
                                    w->options->speed, by_gpu ? spec->sharing : SHARING_NONE, near,
                                    err)) != STATUS_OK ||
        (status = running_init(&w->running, err)) != STATUS_OK ||
        (status = events_init(&w->ends, 64, err)) != STATUS_OK)
        return status;
    w->key = random_key(seed, w->options->replication);
    if (outages_expected(w->fleet) && !outages_init(&w->outages, w->fleet, w->key))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the outages of nodes");
    if (supply_expected(w->fleet) && !supply_init(&w->supply, w->fleet, w->key))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the supply of nodes");
    if (lifecycle_expected(w->fleet) && !elastic_init(w, w->key))
        return error_set(err, STATUS_NO_MEMORY, "no memory for nodes that come and go");
    if ((status = world_fallback_init(w, err)) != STATUS_OK) return status;
    w->next_sample_us =
        w->options->sample_us > 0 && w->obs && w->obs->sample ? w->options->sample_us : INT64_MAX;
    if (w->next_sample_us != INT64_MAX && !(w->jobs_on = calloc((size_t)base, sizeof *w->jobs_on)))
        return error_set(err, STATUS_NO_MEMORY, "no memory for the samples of nodes");
    return scheduler_init(&w->scheduler, w->workload, spec, &w->placing, w->pools, pool_n,
                          &w->demands, &w->running, job_start, job_preempt, w->progress,
                          w->elasticity, w, err);
}

void world_free(struct world *w)
{
    scheduler_free(&w->scheduler);
    events_free(&w->ends);
    running_free(&w->running);
    demand_table_free(&w->demands);
    for (int32_t p = 0; w->pools && p < w->fleet->pool_n; p++) pool_free(&w->pools[p]);
    free(w->pools);
    scored_free(w->placing.scored);
    free(w->pool_busy_milli_us);
    world_hours_close(w);
    world_services_close(w);
    free(w->down_gpu_us);
    free(w->hit);
    free(w->fails);
    free(w->jobs_on);
    outages_free(&w->outages);
    supply_free(&w->supply);
    elastic_free(w->elastic);
    world_fallback_free(w->fallback);
    free(w->start_us);
    free(w->end_us);
    free(w->by_start);
    free(w->scattered_speed);
    free(w->cross_rack_speed);
    free(w->progress);
    timeslice_free(w->timeslice);
    free(w->beside_us);
    elasticity_free(w->elasticity);
    free(w->sized_milli_us);
    clockwork_free(&w->clock);
}

enum status world_replay(struct world *w, struct error *err)
{
    enum status status = world_init(w, err);
    if (status != STATUS_OK) return status;
    return w->options->replay_recorded ? loop_replay(w, err) : loop_schedule(w, err);
}

/* One world, or one for each part of the fleet. */
static enum status run_whole(struct world *w, struct error *err)
{
    struct access access;
    struct parts parts = { 0 };
    enum status status;
    bool good = access_init(&access, w->workload, w->fleet) &&
                parts_find(&parts, w->workload, w->fleet, &access);
    access_free(&access);
    if (!good) status = error_set(err, STATUS_NO_MEMORY, "no memory for the parts of a fleet");
    else if (parts.n == 1) status = world_replay(w, err);
    else status = world_run_parts(w, &parts, err);
    parts_free(&parts);
    return status;
}

enum status world_run(const struct workload *workload, const struct fleet_spec *fleet,
                      const struct world_options *options, const struct observer *obs,
                      struct world_result *result, struct error *err)
{
    struct world w = {
        .workload = workload, .fleet = fleet, .options = options, .obs = obs, .result = result
    };
    memset(result, 0, sizeof *result);
    enum status status = world_check_input(workload, fleet, options, err);
    w.books_us = options->books_us > 0 ? options->books_us : INT64_MAX;
    if (status == STATUS_OK) status = run_whole(&w, err);
    if (status == STATUS_OK) status = world_summarize(&w, err);
    world_free(&w);
    if (status != STATUS_OK) world_result_free(result);
    return status;
}

void world_result_free(struct world_result *result)
{
    free(result->pools);
    free(result->services);
    memset(result, 0, sizeof *result);
}
