/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet of several parts (parts.h): a world for each, on as many threads as there are at hand,
 * and then one world in which all of them have run.
 *
 *      part 0   events ........ log, records, samples --.
 *      part 1   events ....                              >-- merged in an order that no thread
 *      part 2   events ..........                       --'   decides, then world_summarize
 *
 * Times, areas and counts are those of the jobs and nodes, whatever world they were in; records of
 * jobs go to the observer by end, then by number. What is idle while jobs wait is counted part by
 * part. The longest queue is that of all parts together, each counted after the arrivals of an
 * instant and before its pass.
 */
#include <stdlib.h>
#include <string.h>

#include "models/parts.h"
#include "models/world_state.h"

struct part_run {
    struct workload workload;
    struct fleet_spec fleet;
    struct world_options options;
    struct observer observer;
    struct world_result result;
    struct world world;
    double *speed;
    struct job_record *jobs; /* in the order in which they ended */
    size_t job_n;
    struct sample_record *samples;
    size_t sample_n, sample_capacity;
    struct queue_log log;
    bool failed; /* no memory for a sample */
    enum status status;
    struct error err;
};

static void keep_job(void *context, const struct job_record *record)
{
    struct part_run *run = context;
    run->jobs[run->job_n++] = *record;
}

static void keep_sample(void *context, const struct sample_record *record)
{
    struct part_run *run = context;
    if (run->sample_n == run->sample_capacity) {
        size_t capacity = run->sample_capacity ? 2 * run->sample_capacity : 256;
        struct sample_record *samples = realloc(run->samples, capacity * sizeof *samples);
        if (!samples) {
            run->failed = true;
            return;
        }
        run->samples = samples;
        run->sample_capacity = capacity;
    }
    run->samples[run->sample_n++] = *record;
}

bool queue_log_most(struct queue_log *log, int64_t time_us, int64_t waiting_n)
{
    if (log->n > 0 && log->steps[log->n - 1].time_us == time_us) {
        struct queue_step *last = &log->steps[log->n - 1];
        if (waiting_n > last->most) last->most = waiting_n;
        return true;
    }
    if (log->n == log->capacity) {
        size_t capacity = log->capacity ? 2 * log->capacity : 256;
        struct queue_step *steps = realloc(log->steps, capacity * sizeof *steps);
        if (!steps) return false;
        log->steps = steps;
        log->capacity = capacity;
    }
    log->steps[log->n++] = (struct queue_step){ time_us, waiting_n, waiting_n };
    return true;
}

void queue_log_after(struct queue_log *log, int64_t waiting_n)
{
    struct queue_step *last = &log->steps[log->n - 1];
    last->after = waiting_n;
    if (waiting_n > last->most) last->most = waiting_n; /* by preemption */
}

/* ---- before ---- */

static enum status part_init(struct part_run *run, const struct world *whole,
                             const struct parts *parts, int32_t k)
{
    bool ids = whole->options->replay_recorded; /* which says whose start does not fit */
    int32_t pool_n = parts->pool_n[k];
    size_t classes = whole->workload->classes.n;
    run->fleet = *whole->fleet;
    run->fleet.pool_n = pool_n;
    run->fleet.pools = calloc((size_t)pool_n, sizeof *run->fleet.pools);
    bool good = run->fleet.pools &&
                workload_part(whole->workload, parts->job[k], parts->job_n[k], ids, &run->workload);
    for (int32_t p = 0; good && p < pool_n; p++)
        run->fleet.pools[p] = whole->fleet->pools[parts->pool[k][p]];
    run->options = *whole->options;
    run->options.part = (uint32_t)k;
    if (good && whole->options->speed) {
        run->speed = malloc((classes * (size_t)pool_n + 1) * sizeof *run->speed);
        good = run->speed != NULL;
        for (size_t i = 0; good && i < classes * (size_t)pool_n; i++)
            run->speed[i] =
                whole->options->speed[i / (size_t)pool_n * (size_t)whole->fleet->pool_n +
                                      (size_t)parts->pool[k][i % (size_t)pool_n]];
        run->options.speed = run->speed;
    }
    run->observer.context = run;
    if (whole->obs && whole->obs->job) {
        run->jobs = malloc((parts->job_n[k] + 1) * sizeof *run->jobs);
        good = good && run->jobs;
        run->observer.job = keep_job;
    }
    if (whole->obs && whole->obs->sample) run->observer.sample = keep_sample;
    if (good) return STATUS_OK;
    return error_set(&run->err, STATUS_NO_MEMORY, "no memory for a part of %zu jobs",
                     parts->job_n[k]);
}

static void part_run(struct part_run *run, const struct world *whole, const struct parts *parts,
                     int32_t k)
{
    run->status = part_init(run, whole, parts, k);
    if (run->status != STATUS_OK) return;
    run->world = (struct world){ .workload = &run->workload,
                                 .fleet = &run->fleet,
                                 .options = &run->options,
                                 .obs = &run->observer,
                                 .result = &run->result,
                                 .books_us = whole->books_us,
                                 .log = &run->log };
    run->status = world_replay(&run->world, &run->err);
    if (run->status == STATUS_OK && run->failed)
        run->status = error_set(&run->err, STATUS_NO_MEMORY, "no memory for samples");
}

static void part_free(struct part_run *run)
{
    world_free(&run->world);
    world_result_free(&run->result);
    workload_part_free(&run->workload);
    free(run->fleet.pools);
    free(run->speed);
    free(run->jobs);
    free(run->samples);
    free(run->log.steps);
}

/* ---- after ---- */

static void add_result(struct world_result *to, const struct world_result *from)
{
    to->finished += from->finished;
    to->rejected += from->rejected;
    for (int i = 0; i < REJECT_N; i++) to->rejected_by[i] += from->rejected_by[i];
    to->events += from->events;
    to->passes += from->passes;
    to->fractional += from->fractional;
    to->scattered += from->scattered;
    to->over_racks += from->over_racks;
    to->preemptions += from->preemptions;
    to->node_failures += from->node_failures;
    to->job_failures += from->job_failures;
}

/* What is left of a part's world becomes part of the whole one's. */
static void take_over(struct world *whole, struct part_run *run, const struct parts *parts,
                      int32_t k)
{
    struct world *w = &run->world;
    add_result(whole->result, &run->result);
    for (size_t i = 0; i < parts->job_n[k]; i++) {
        uint32_t j = parts->job[k][i];
        whole->start_us[j] = w->start_us[i];
        whole->end_us[j] = w->end_us[i];
        if (w->progress) whole->progress[j] = w->progress[i];
        else if (whole->progress) /* jobs of other parts are stopped, those of this one never */
            whole->progress[j] = (struct progress){ .held_us = w->end_us[i] - w->start_us[i] };
        if (w->beside_us) whole->beside_us[j] = w->beside_us[i];
    }
    for (int32_t p = 0; p < parts->pool_n[k]; p++) {
        int32_t to = parts->pool[k][p], base = whole->pools[to].base;
        whole->pools[to] = w->pools[p];
        whole->pools[to].base = base;
        whole->pool_busy_milli_us[to] = w->pool_busy_milli_us[p];
        whole->down_gpu_us[to] = w->down_gpu_us[p];
        world_hours_move(whole, to, w, p);
        memset(&w->pools[p], 0, sizeof w->pools[p]); /* moved */
    }
    if (w->now_us > whole->now_us) whole->now_us = w->now_us;
    whole->busy_area += w->busy_area;
    whole->queue_area += w->queue_area;
    whole->idle_area += w->idle_area;
    whole->job_milli_us += w->job_milli_us;
    whole->scatter_milli_us += w->scatter_milli_us;
    whole->beside_milli_us += w->beside_milli_us;
    whole->lost_milli_us += w->lost_milli_us;
    for (int c = 0; c < STOP_CAUSES; c++) whole->lost_by[c] += w->lost_by[c];
    whole->jobs_usd_micro += w->jobs_usd_micro;
    whole->scheduler.waiting_n += w->scheduler.waiting_n;
    whole->scheduler.backfilled += w->scheduler.backfilled;
    whole->scheduler.gang_timeouts += w->scheduler.gang_timeouts;
    whole->scheduler.half_milli_us += w->scheduler.half_milli_us;
    whole->running.n += w->running.n;
}

struct seen_job {
    int64_t time_us;
    uint32_t job;
    const struct job_record *record;
};

static int compare_seen(const void *a, const void *b)
{
    const struct seen_job *x = a, *y = b;
    if (x->time_us != y->time_us) return x->time_us < y->time_us ? -1 : 1;
    return (x->job > y->job) - (x->job < y->job);
}

static enum status tell_jobs(struct world *whole, struct part_run *runs, const struct parts *parts,
                             struct error *err)
{
    size_t n = 0;
    struct seen_job *seen = malloc((whole->workload->job_n + 1) * sizeof *seen);
    if (!seen) return error_set(err, STATUS_NO_MEMORY, "no memory for the records of jobs");
    for (int32_t k = 0; k < parts->n; k++)
        for (size_t i = 0; i < runs[k].job_n; i++) {
            struct job_record *r = &runs[k].jobs[i];
            r->job = parts->job[k][r->job];
            if (r->pool >= 0) {
                int32_t pool = parts->pool[k][r->pool];
                r->first_node += whole->pools[pool].base - runs[k].world.pools[r->pool].base;
                r->pool = pool;
            }
            bool ran = r->outcome == OUTCOME_FINISHED;
            seen[n++] = (struct seen_job){ ran ? r->end_us : whole->workload->submit_us[r->job],
                                           r->job, r };
        }
    qsort(seen, n, sizeof *seen, compare_seen);
    for (size_t i = 0; i < n; i++) whole->obs->job(whole->obs->context, seen[i].record);
    free(seen);
    return STATUS_OK;
}

static void add_nodes(struct node_counts *sum, const struct node_counts *n)
{
    sum->busy += n->busy;
    sum->idle += n->idle;
    sum->booting += n->booting;
    sum->down += n->down;
    sum->absent += n->absent;
}

/* A part that is over has nobody waiting and nothing busy; where nodes fail it goes on. */
static void tell_samples(const struct world *whole, const struct part_run *runs, int32_t n)
{
    size_t most = 0;
    for (int32_t k = 0; k < n; k++)
        if (runs[k].sample_n > most) most = runs[k].sample_n;
    for (size_t i = 0; i < most; i++) {
        struct sample_record sum = { .bought_gpu_us = whole->options->sample_us *
                                                      fleet_spec_gpus(whole->fleet) };
        for (int32_t k = 0; k < n; k++) {
            for (int32_t p = 0; i >= runs[k].sample_n && p < runs[k].fleet.pool_n; p++)
                sum.nodes.idle += runs[k].fleet.pools[p].nodes;
            if (i >= runs[k].sample_n) continue;
            const struct sample_record *s = &runs[k].samples[i];
            sum.time_us = s->time_us;
            sum.queued_jobs += s->queued_jobs;
            sum.queued_gpus += s->queued_gpus;
            sum.running_jobs += s->running_jobs;
            sum.busy_gpu_us += s->busy_gpu_us;
            add_nodes(&sum.nodes, &s->nodes);
        }
        whole->obs->sample(whole->obs->context, &sum);
    }
}

/* The most that waited at once, over the logs of all parts. */
static int64_t longest_queue(const struct part_run *runs, int32_t n)
{
    size_t at[PARTS_MAX] = { 0 };
    int64_t now[PARTS_MAX] = { 0 }, most = 0;
    for (;;) {
        int64_t time = INT64_MAX, sum = 0;
        for (int32_t k = 0; k < n; k++)
            if (at[k] < runs[k].log.n && runs[k].log.steps[at[k]].time_us < time)
                time = runs[k].log.steps[at[k]].time_us;
        if (time == INT64_MAX) return most;
        for (int32_t k = 0; k < n; k++) {
            const struct queue_step *s = &runs[k].log.steps[at[k]];
            bool is_now = at[k] < runs[k].log.n && s->time_us == time;
            sum += is_now && s->most > now[k] ? s->most : now[k];
            if (!is_now) continue;
            now[k] = s->after;
            at[k]++;
        }
        if (sum > most) most = sum;
    }
}

static enum status merge(struct world *whole, struct part_run *runs, const struct parts *parts,
                         struct error *err)
{
    enum status status = world_prepare(whole, err);
    int32_t base = 0;
    if (status != STATUS_OK) return status;
    for (int32_t p = 0; p < whole->fleet->pool_n; p++) {
        whole->pools[p].base = base;
        base += whole->fleet->pools[p].nodes;
    }
    if (whole->obs && whole->obs->job) status = tell_jobs(whole, runs, parts, err);
    int64_t end_us = 0;
    for (int32_t k = 0; k < parts->n; k++)
        if (runs[k].world.now_us > end_us) end_us = runs[k].world.now_us;
    for (int32_t k = 0; status == STATUS_OK && k < parts->n; k++) {
        status = world_stay_empty(&runs[k].world, end_us, err);
        take_over(whole, &runs[k], parts, k);
    }
    whole->result->max_queue = longest_queue(runs, parts->n);
    if (whole->obs && whole->obs->sample) tell_samples(whole, runs, parts->n);
    return status;
}

enum status world_run_parts(struct world *whole, const struct parts *parts, struct error *err)
{
    struct part_run *runs = calloc((size_t)parts->n, sizeof *runs);
    enum status status = STATUS_OK;
    if (!runs) return error_set(err, STATUS_NO_MEMORY, "no memory for %d parts", parts->n);
        /* Within a team of threads, those that have nothing else to do take parts. */
#pragma omp taskgroup
    for (int32_t k = 0; k < parts->n; k++) {
#pragma omp task default(none) firstprivate(k) shared(runs, parts, whole)
        part_run(&runs[k], whole, parts, k);
    }
    for (int32_t k = 0; status == STATUS_OK && k < parts->n; k++) {
        status = runs[k].status;
        if (status != STATUS_OK) *err = runs[k].err;
    }
    if (status == STATUS_OK) status = merge(whole, runs, parts, err);
    for (int32_t k = 0; k < parts->n; k++) part_free(&runs[k]);
    free(runs);
    return status;
}
