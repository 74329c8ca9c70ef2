/* SPDX-License-Identifier: Apache-2.0 */
/* From laws, a fleet and a load to the integers of the model. */
#include <math.h>
#include <string.h>

#include "models/montecarlo/alias_table.h"
#include "models/montecarlo/queue.h"

#define WORD       0x1p32
#define HOUR_US    3600e6
#define LATE_US    HOUR_US
#define MARGIN     8 /* of the time that a replication should take */
#define GAP_TICKS  0x1p31
#define TICK_US_TO INT64_C(1000000000000)

void queue_options_init(struct queue_options *o, uint32_t servers)
{
    *o = (struct queue_options){ .servers = servers,
                                 .jobs = 10000,
                                 .warm_up = 1000,
                                 .demand = 1,
                                 .speed = 1,
                                 .late_us = LATE_US,
                                 .seed = 1 };
}

static enum status check(const struct queue_laws *laws, const struct queue_options *o,
                         struct error *err)
{
    if (laws->class_n == 0 || !(laws->gap.mean_us > 0))
        return error_set(err, STATUS_BAD_INPUT, "a gang queue needs a law of gaps and a class");
    if (o->servers == 0 || o->servers > QUEUE_SERVERS_MAX)
        return error_set(err, STATUS_BAD_INPUT, "%u servers; 1 to %d can be", o->servers,
                         QUEUE_SERVERS_MAX);
    if (o->jobs == 0 || o->jobs > QUEUE_JOBS_MAX || o->warm_up >= o->jobs)
        return error_set(err, STATUS_BAD_INPUT,
                         "%u jobs, %u of them not counted; 1 to %d can be, and one must count",
                         o->jobs, o->warm_up, QUEUE_JOBS_MAX);
    if (!(o->demand > 0 && o->demand <= 1e6) || !(o->speed > 0 && o->speed <= 1e6))
        return error_set(err, STATUS_BAD_INPUT,
                         "demand %g, speed %g; each is above 0 and at most a million", o->demand,
                         o->speed);
    if (!(o->late_us >= 0))
        return error_set(err, STATUS_BAD_INPUT, "a wait is late after %g us", o->late_us);
    if (laws->weekly && o->first_hour >= QUEUE_WEEK_HOURS)
        return error_set(err, STATUS_BAD_INPUT, "hour %u of the week; 0 to %d can be",
                         o->first_hour, QUEUE_WEEK_HOURS - 1);
    return STATUS_OK;
}

/* Longest of the times that must fit, where a replication takes as long as it should. */
static double longest_us(const struct queue_laws *laws, const struct queue_options *o,
                         double offered)
{
    double gap = queue_laws_mean_gap_us(laws) / o->demand, run = 0;
    double span = o->jobs * gap * fmax(offered / o->servers, o->backlog ? 0 : 1);
    for (uint32_t c = 0; c < laws->class_n; c++)
        if (laws->classes[c].servers <= o->servers) run = fmax(run, laws->classes[c].run.top_us);
    double most = MARGIN * span + 2 * run / o->speed;
    if (!o->backlog && laws->weekly) most = fmax(most, 2.0 * QUEUE_WEEK_HOURS * HOUR_US);
    double longest_gap = fmax(laws->gap.top_us, laws->batches ? laws->spread.top_us : 0);
    return o->backlog ? most : fmax(most, longest_gap / o->demand * (WORD / GAP_TICKS));
}

/* The finest tick of 1, 2 or 5 times a power of ten for such a time; 0: there is none. */
static int64_t tick_for(double longest)
{
    static const int64_t steps[] = { 1, 2, 5 };
    for (int64_t ten = 1; ten < TICK_US_TO; ten *= 10)
        for (int s = 0; s < 3; s++)
            if (longest / (double)(ten * steps[s]) < WORD) return ten * steps[s];
    return 0;
}

static uint32_t ticks(double us, int64_t tick_us)
{
    return (uint32_t)fmin(floor(us / (double)tick_us + 0.5), WORD - 1);
}

/* Where the hours begin on the clock of the rate, whose week is as long as the other. */
static void week_of(const struct queue_laws *laws, uint32_t hour_ticks, uint32_t *week)
{
    double sum = 0;
    week[0] = 0;
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++) {
        sum += laws->week[h];
        week[2 * h + 2] = (uint32_t)floor(sum * hour_ticks + 0.5);
        uint32_t width = week[2 * h + 2] - week[2 * h];
        week[2 * h + 1] =
            width ? (uint32_t)(((uint64_t)hour_ticks << QUEUE_STRETCH_BITS) / width) : 0;
    }
    week[2 * QUEUE_WEEK_HOURS + 1] = 0;
}

enum status queue_plan_make(struct queue_plan *plan, const struct queue_laws *laws,
                            const struct queue_options *o, struct error *err)
{
    uint32_t number[QUEUE_CLASSES_MAX];
    double weight[QUEUE_CLASSES_MAX], sum = 0, fits = 0;
    enum status status = check(laws, o, err);
    if (status) return status;
    memset(plan, 0, sizeof *plan);
    for (uint32_t c = 0; c < laws->class_n; c++) {
        number[c] = c;
        weight[c] = laws->classes[c].chance;
        sum += weight[c];
        fits += laws->classes[c].servers <= o->servers ? weight[c] : 0;
    }
    if (!(fits > 0))
        return error_set(err, STATUS_BAD_INPUT, "no job fits on %u servers", o->servers);
    plan->rejected = 1 - fits / sum;
    plan->offered = queue_laws_offered(laws, o->servers) * o->demand / o->speed;
    plan->tick_us = tick_for(longest_us(laws, o, plan->offered));
    double gap = queue_laws_mean_gap_us(laws) / o->demand;
    if (plan->tick_us == 0 || (!o->backlog && gap < 16 * (double)plan->tick_us))
        return error_set(err, STATUS_BAD_INPUT,
                         "%u jobs, one each %.3g s, need ticks of %.3g s to stay below 2^32 of "
                         "them; at most a sixteenth of that gap can be: ask for fewer jobs or less "
                         "load",
                         o->jobs, gap / 1e6, (double)plan->tick_us / 1e6);
    status =
        alias_table_make(plan->class_bins, QUEUE_CLASS_BITS, number, weight, laws->class_n, err);
    if (status) return status;
    uint32_t smallest = o->servers;
    for (uint32_t c = 0; c < laws->class_n; c++) {
        const struct queue_class *k = &laws->classes[c];
        if (k->servers < smallest) smallest = k->servers;
        plan->classes[2 * c] = k->servers <= o->servers ? k->servers : 0;
        plan->classes[2 * c + 1] = ticks(k->run.top_us / o->speed, plan->tick_us);
    }
    bool weekly = laws->weekly && !o->backlog;
    uint32_t hour_ticks = weekly ? ticks(HOUR_US, plan->tick_us) : 0;
    if (weekly && (double)hour_ticks * (double)plan->tick_us != HOUR_US)
        return error_set(err, STATUS_BAD_INPUT,
                         "an hour of the week is not a whole number of ticks of %.3g s: ask for "
                         "fewer jobs",
                         (double)plan->tick_us / 1e6);
    if (weekly) week_of(laws, hour_ticks, plan->week);
    plan->model = (struct queue_model){
        .servers = o->servers,
        .running_max = o->servers / smallest,
        .jobs = o->jobs,
        .warm_up = o->warm_up,
        .late_after = (uint32_t)fmin(floor(o->late_us / (double)plan->tick_us), WORD - 1),
        .seed = { (uint32_t)o->seed, (uint32_t)(o->seed >> 32) },
        .antithetic = o->antithetic,
        .gap_scale = o->backlog ? 0 : ticks(laws->gap.top_us / o->demand, plan->tick_us),
        .spread_scale = o->backlog || !laws->batches
                            ? 0
                            : ticks(laws->spread.top_us / o->demand, plan->tick_us),
        .alike = (uint32_t)fmin(floor(laws->alike * 0x1p31 + 0.5), 0x1p31 - 1),
        .run_long = laws->run_reach == LAW_LONG,
        .hour_ticks = hour_ticks,
        .first_hour = weekly ? o->first_hour : 0,
        .class_bins = plan->class_bins,
        .classes = plan->classes,
        .run = laws->run,
        .gap = laws->gap_cells,
        .batches = laws->batches,
        .batch_n = laws->batch_n,
        .spread = laws->spread_cells,
        .week = weekly ? plan->week : NULL,
    };
    return STATUS_OK;
}
