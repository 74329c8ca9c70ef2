/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/runner.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "sim/quantile.h"
#include "tools/board.h"
#include "tools/command.h"
#include "tools/part_targets.h"

#define P(percent) (percent) / 100.0
#define P10(tens)                                                                                  \
    P(tens), P(tens + 1), P(tens + 2), P(tens + 3), P(tens + 4), P(tens + 5), P(tens + 6),         \
        P(tens + 7), P(tens + 8), P(tens + 9)
const double runner_shares[RUNNER_SHARE_N] = { P(1),    P(2),    P(3),    P(4),    P(5),    P(6),
                                               P(7),    P(8),    P(9),    P10(10), P10(20), P10(30),
                                               P10(40), P10(50), P10(60), P10(70), P10(80), P10(90),
                                               0.995,   0.999,   1.0 };

/* What the observer of one run writes to. */
struct capture {
    struct runner_run *run;
    const struct workload *workload;
    int64_t *wait_us; /* by job */
    int64_t *jct_us;  /* likewise; NULL: nobody asks */
    bool keeps_hours;
    bool failed;
};

static void capture_job(void *context, const struct job_record *record)
{
    struct capture *c = context;
    int64_t wait_us = -1;
    if (record->start_us >= 0)
        wait_us = record->end_us - c->workload->submit_us[record->job] - record->held_us;
    c->wait_us[record->job] = wait_us;
    if (c->jct_us)
        c->jct_us[record->job] =
            record->start_us >= 0 ? record->end_us - c->workload->submit_us[record->job] : -1;
    if (c->run->jobs)
        c->run->jobs[record->job] = (struct runner_job){ .start_us = record->start_us,
                                                         .end_us = record->end_us,
                                                         .wait_us = wait_us,
                                                         .held_us = record->held_us,
                                                         .lost_us = record->lost_us,
                                                         .cost_usd_micro = record->cost_usd_micro,
                                                         .gpu_milli = record->gpu_milli,
                                                         .preemptions = record->preemptions,
                                                         .pool = record->pool,
                                                         .nodes = record->nodes,
                                                         .first_node = record->first_node,
                                                         .reason = record->reason };
}

static void capture_node(void *context, const struct node_record *record)
{
    struct capture *c = context;
    struct runner_run *run = c->run;
    if (run->node_n == run->node_capacity) {
        size_t capacity = run->node_capacity ? 2 * run->node_capacity : 1024;
        struct node_record *nodes = realloc(run->nodes, capacity * sizeof *nodes);
        if (!nodes) {
            c->failed = true;
            return;
        }
        run->nodes = nodes;
        run->node_capacity = capacity;
    }
    run->nodes[run->node_n++] = *record;
}

/* Room for one more of *items, of `size` bytes each; NULL where there is none. */
static void *one_more(struct capture *c, void **items, size_t *n, size_t *capacity, size_t size)
{
    if (*n == *capacity) {
        size_t wider = *capacity ? 2 * *capacity : 1024;
        void *more = realloc(*items, wider * size);
        if (!more) {
            c->failed = true;
            return NULL;
        }
        *items = more;
        *capacity = wider;
    }
    return (char *)*items + (*n)++ * size;
}

static void capture_sample(void *context, const struct sample_record *record)
{
    struct capture *c = context;
    struct sample_record *to = one_more(c, (void **)&c->run->samples, &c->run->sample_n,
                                        &c->run->sample_capacity, sizeof *to);
    if (to) *to = *record;
}

static void capture_hour(void *context, const struct hour_record *record)
{
    struct capture *c = context;
    struct runner_run *run = c->run;
    if (run->usage) usage_log_hour(run->usage, record);
    run->hours_over |= run->hour_n >= RUNNER_HOURS_MAX;
    if (!c->keeps_hours || run->hours_over) return;
    struct hour_record *to =
        one_more(c, (void **)&run->hours, &run->hour_n, &run->hour_capacity, sizeof *to);
    if (to) *to = *record;
}

static void capture_hour_charge(void *context, const struct hour_charge_record *record)
{
    struct capture *c = context;
    struct runner_run *run = c->run;
    run->hours_over |= run->hour_charge_n >= (size_t)RUNNER_HOURS_MAX * CHARGE_KIND_N;
    if (run->hours_over) return;
    struct hour_charge_record *to = one_more(c, (void **)&run->hour_charges, &run->hour_charge_n,
                                             &run->hour_charge_capacity, sizeof *to);
    if (to) *to = *record;
}

static void capture_service_hour(void *context, const struct service_hour_record *record)
{
    struct capture *c = context;
    struct runner_run *run = c->run;
    run->hours_over |= run->service_hour_n >= RUNNER_HOURS_MAX;
    if (run->hours_over) return;
    struct service_hour_record *to = one_more(c, (void **)&run->service_hours, &run->service_hour_n,
                                              &run->service_hour_capacity, sizeof *to);
    if (to) *to = *record;
}

int64_t runner_books_us(const struct scenario *s, const struct workload *w)
{
    if (s->books_drained) return 0;
    if (s->window_us > 0) return s->window_us;
    return w->submit_us[w->job_n - 1];
}

enum status runner_simulate(const struct scenario *s, uint32_t replication, int32_t fleet,
                            const struct workload *w, bool keep, const volatile int *stop,
                            struct runner_run *run, struct error *err)
{
    const struct fleet_spec *spec = &s->fleets[fleet];
    size_t bytes = (w->job_n + 1) * sizeof(int64_t);
    bool has_parts = s->slo.part_n > 0;
    struct capture capture = { .run = run,
                               .workload = w,
                               .wait_us = malloc(bytes),
                               .jct_us = has_parts ? malloc(bytes) : NULL,
                               .keeps_hours = keep && s->keep_hours };
    struct observer obs = { .context = &capture, .job = capture_job };
    double *speed = NULL;
    enum status status = STATUS_OK;
    if (keep) {
        run->jobs = malloc((w->job_n + 1) * sizeof *run->jobs);
        obs.node = capture_node;
        obs.sample = capture_sample;
        if (s->keep_hours) obs.hour_charge = capture_hour_charge;
        if (s->keep_hours) obs.service_hour = capture_service_hour;
    }
    if (capture.keeps_hours || run->usage) obs.hour = capture_hour;
    if (!capture.wait_us || (has_parts && !capture.jct_us) || (keep && !run->jobs))
        status =
            error_set(err, STATUS_NO_MEMORY, "no memory for the records of %zu jobs", w->job_n);
    if (status == STATUS_OK) status = scenario_speed(s, w, spec, &speed, err);
    struct priced_fleet priced = { 0 };
    run->gpu_hours = workload_gpu_hours(w);
    if (status == STATUS_OK) status = scenario_price(s, replication, fleet, &priced, err);
    struct world_options options = { .seed = s->seed,
                                     .replication = scenario_draws(s, replication),
                                     .books_us = runner_books_us(s, w),
                                     .sample_us = s->sample_us,
                                     .speed = speed,
                                     .stop = stop,
                                     .replay_recorded = s->replay_recorded };
    if (status == STATUS_OK)
        status = world_run(w, &priced.fleet, &options, &obs, &run->result, err);
    if (status == STATUS_OK && capture.failed)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for samples and hours");
    if (status == STATUS_OK && run->usage)
        status = usage_log_end(run->usage, spec, &run->result, err);
    if (status == STATUS_OK && s->warm_up_us != 0)
        status = warm_up_cut(s, w, capture.wait_us, &run->result, &run->warm_up, err);
    if (status == STATUS_OK)
        status = part_targets_find(s, w, capture.wait_us, capture.jct_us, &run->result, err);
    if (status == STATUS_OK)
        status = quantiles_of(capture.wait_us, w->job_n, runner_shares, RUNNER_SHARE_N,
                              run->wait_us, err);
    priced_fleet_free(&priced);
    free(capture.wait_us);
    free(capture.jct_us);
    free(speed);
    return status;
}

/* What the threads share while they run. */
struct crew {
    const struct scenario *scenario;
    const volatile int *stop;
    const struct runner_sink *sink;
    struct runner *runner;
    int32_t to; /* replications from it on are not run now */
    struct board board;
    struct {
        struct workload copy;
        const struct workload *workload;
        bool owned, whole; /* whole: every fleet has run */
    } * loads;             /* by replication */
    bool handing;          /* a thread is at it */
    enum status status;    /* the first failure */
    struct error *err;
    int64_t done;
};

static void crew_failed(struct crew *c, enum status status, const struct error *err)
{
#pragma omp critical(crew)
    if (c->status == STATUS_OK) {
        c->status = status;
        *c->err = *err;
    }
    board_stop(&c->board);
}

static void free_records(struct runner_run *run)
{
    free(run->jobs);
    free(run->nodes);
    free(run->samples);
    free(run->hours);
    free(run->hour_charges);
    free(run->service_hours);
    run->jobs = NULL;
    run->nodes = NULL;
    run->samples = NULL;
    run->hours = NULL;
    run->hour_charges = NULL;
    run->service_hours = NULL;
}

/* Notes that a replication is whole and hands on those whose turn it is; where another thread is
 * doing so, it will find this one. */
static void crew_hand_on(struct crew *c, int32_t replication)
{
    int32_t fleets = c->scenario->fleet_n, next;
    bool mine;
#pragma omp critical(handing)
    {
        c->loads[replication].whole = true;
        mine = !c->handing;
        c->handing = true;
    }
    while (mine) {
#pragma omp critical(handing)
        {
            next = c->runner->handed;
            mine = next < c->to && c->loads[next].whole;
            if (mine) c->runner->handed++;
            else c->handing = false;
        }
        if (!mine) return;
        struct error err = { STATUS_OK, "" };
        enum status status = c->sink->replication(c->sink->context, c->runner, next, &err);
        for (int32_t f = 0; f < fleets; f++)
            free_records(&c->runner->runs[(int64_t)next * fleets + f]);
        if (status == STATUS_OK) continue;
        crew_failed(c, status, &err);
        return; /* nothing more is to be handed on: `handing` stays set */
    }
}

static enum status crew_run(struct crew *c, struct board_task task, struct error *err)
{
    const struct scenario *s = c->scenario;
    int32_t r = task.replication;
    int64_t pair = (int64_t)r * s->fleet_n + task.fleet, now_done;
    enum status status = runner_simulate(s, (uint32_t)r, task.fleet, c->loads[r].workload, r == 0,
                                         c->stop, &c->runner->runs[pair], err);
    bool last = board_ran(&c->board, r);
    if (last && c->loads[r].owned) workload_free(&c->loads[r].copy);
    if (status != STATUS_OK) return status;
#pragma omp atomic capture
    now_done = ++c->done;
    progress_set((double)now_done);
    if (last && c->sink) crew_hand_on(c, r);
    return STATUS_OK;
}

static void crew_work(struct crew *c)
{
    for (struct board_task task; board_take(&c->board, &task);) {
        struct error err = { STATUS_OK, "" };
        enum status status;
        int32_t r = task.replication;
        if (task.fleet < 0) {
            status = scenario_workload(c->scenario, (uint32_t)r, &c->loads[r].copy,
                                       &c->loads[r].workload, &c->loads[r].owned, &err);
            if (status == STATUS_OK) board_made(&c->board, r);
        } else {
            status = crew_run(c, task, &err);
        }
        if (status != STATUS_OK) crew_failed(c, status, &err);
    }
}

enum status runner_init(struct runner *runner, const struct scenario *scenario,
                        const struct workload *first, int32_t from, struct error *err)
{
    int64_t pairs = (int64_t)scenario->replications * scenario->fleet_n;
    *runner = (struct runner){ .scenario = scenario, .first = first, .ran = from, .handed = from };
    runner->runs = calloc((size_t)pairs, sizeof *runner->runs);
    return runner->runs
               ? STATUS_OK
               : error_set(err, STATUS_NO_MEMORY, "no memory for %lld runs", (long long)pairs);
}

enum status runner_run(struct runner *runner, int32_t to, int threads, const volatile int *stop,
                       const struct runner_sink *sink, struct error *err)
{
    const struct scenario *scenario = runner->scenario;
    int32_t from = runner->ran, fleets = scenario->fleet_n;
    struct crew crew = {
        .scenario = scenario, .stop = stop, .sink = sink, .runner = runner, .to = to, .err = err
    };
    crew.loads = calloc((size_t)to + 1, sizeof *crew.loads);
    if (threads <= 0) threads = omp_get_num_procs();
    if (!crew.loads || board_init(&crew.board, from, to, fleets, threads) != STATUS_OK) {
        free(crew.loads);
        return error_set(err, STATUS_NO_MEMORY, "no memory for %d replications", to);
    }
    if (from == 0) {
        crew.loads[0].workload = runner->first;
        board_made(&crew.board, 0);
    }
    progress_begin("Simulating", (double)((int64_t)(to - from) * fleets));
#pragma omp parallel num_threads(threads)
    crew_work(&crew);
    progress_end();
    /* After a failure some workloads have runs that never came. */
    for (int32_t r = from; r < to; r++)
        if (board_has(&crew.board, r) && crew.loads[r].owned) workload_free(&crew.loads[r].copy);
    free(crew.loads);
    board_free(&crew.board);
    for (int64_t i = (int64_t)from * fleets; i < (int64_t)to * fleets; i++)
        runner->events += runner->runs[i].result.events;
    runner->ran = to;
    return crew.status;
}

void runner_free(struct runner *runner)
{
    int64_t pairs =
        runner->scenario ? (int64_t)runner->scenario->replications * runner->scenario->fleet_n : 0;
    for (int64_t i = 0; runner->runs && i < pairs; i++) {
        world_result_free(&runner->runs[i].result);
        free_records(&runner->runs[i]);
    }
    free(runner->runs);
    memset(runner, 0, sizeof *runner);
}
