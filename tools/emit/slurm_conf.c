/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm: what of slurm.conf a plan knows, to be included by the site's own (ClusterName, hosts,
 * authentication, accounting are its), and after a line of its own the gres.conf beside it.
 *
 *      pool                NodeName lines: those always there, then those that are powered down
 *      queue of a pool     PartitionName: the nodes of its pools and of those for everybody
 *      order               SchedulerType, SchedulerParameters, PriorityType and weights
 *      slurm-power-save    SuspendTime, ResumeTimeout, rates
 *
 * Fields: slurm.schedmd.com/slurm.conf.html and gres.conf.html, of 22.05. Tests: the slurmctld
 * and slurmd of Slurm 22.05 read both.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "models/autoscaling/autoscaler.h"
#include "tools/emit/emit_parts.h"

enum { QUEUES_MAX = 512, DEVICES_AMD = 128 /* /dev/dri/renderD128 is the first */ };
#define US INT64_C(1000000)

struct queues { /* that pools name or the scheduler weighs, each once */
    int32_t n;
    const char *name[QUEUES_MAX];
    bool everybody; /* some pool names none */
};

/* ---- whether it can be said ---- */

static const char *order_of(const struct emit *e) { return e->fleet->scheduler.order->name; }

static bool backfills(const struct emit *e)
{
    return e->fleet->scheduler.order->backfills != BACKFILL_NONE;
}

static enum status add_queue(struct emit *e, struct queues *q, const char *name)
{
    for (int32_t k = 0; k < q->n; k++)
        if (strcmp(q->name[k], name) == 0) return STATUS_OK;
    if (!emit_is_word(name, 60) || strcasecmp(name, "default") == 0 || strcasecmp(name, "all") == 0)
        return emit_refuse(e, -1, "'%.60s' is no name of a partition", name);
    if (q->n == QUEUES_MAX) return emit_refuse(e, -1, "it has more than %d queues", QUEUES_MAX);
    q->name[q->n++] = name;
    return STATUS_OK;
}

static enum status find_queues(struct emit *e, struct queues *q)
{
    const struct share_options *share = &e->fleet->scheduler.share;
    enum status status = STATUS_OK;
    *q = (struct queues){ .n = 0 };
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        const struct name_list *list = &e->fleet->pools[p].queues;
        q->everybody |= list->n == 0;
        for (int32_t i = 0; i < list->n && !status; i++) status = add_queue(e, q, list->text[i]);
    }
    for (size_t i = 0; i < share->partition_n && q->everybody && !status; i++)
        status = add_queue(e, q, share->partitions[i].name);
    return status;
}

static enum status check_pool(struct emit *e, int32_t p)
{
    const struct pool_spec *pool = &e->fleet->pools[p];
    const struct autoscaler *by = e->fleet->autoscaler.kind;
    if (pool->group > 0)
        return emit_refuse(e, p, "its nodes are of whichever type there is: a NodeName is of one");
    if (pool->tenants.n > 0)
        return emit_refuse(e, p,
                           "it is for some tenants alone: accounts have partitions; give it "
                           "'queues'");
    for (int32_t t = 0; t < pool->marks.taint_n; t++)
        if (pool->marks.taints[t].effect != TAINT_PREFER_NO_SCHEDULE)
            return emit_refuse(e, p, "it has taints, which Slurm has not");
    if (pool->type.cpu_milli < 1000)
        return emit_refuse(e, p, "the cores of %.60s are not known", pool->type.name);
    if (pool->type.gpus > 0 && !emit_gpu_resource(pool))
        return emit_refuse(e, p, "%.60s is no GPU that gres.conf knows", pool->type.gpu_model);
    if (!emit_is_word(pool->type.name, 60))
        return emit_refuse(e, p, "'%.60s' cannot be a feature of a node", pool->type.name);
    if (pool->elastic_nodes > 0 && (!by || strcmp(by->name, "slurm-power-save") != 0))
        return emit_refuse(e, p, "its nodes come and go by %s: Slurm's own is slurm-power-save",
                           by ? by->name : "nobody");
    return STATUS_OK;
}

/* Times that slurm.conf has in whole minutes, and in whole seconds. */
static enum status check_times(struct emit *e)
{
    const struct scheduler_spec *s = &e->fleet->scheduler;
    const struct power_save_options *o = &e->fleet->autoscaler.power_save;
    const int64_t minutes[] = { s->share.age_max_us, s->share.half_life_us, s->share.period_us,
                                s->backfill.window_us };
    const int64_t seconds[] = { s->backfill.interval_us,       s->backfill.resolution_us,
                                s->backfill.sched_interval_us, s->backfill.sched_delay_us,
                                o->resume_timeout_us,          o->suspend_time_us };
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++)
        if (minutes[i] % (60 * US))
            return emit_refuse(e, -1,
                               "age_max, half_life, calc_period and bf_window are in whole "
                               "minutes there");
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        if (seconds[i] > 0 && seconds[i] % US)
            return emit_refuse(e, -1,
                               "times of the scheduler and of power saving are in whole "
                               "seconds there");
    return STATUS_OK;
}

static enum status check_order(struct emit *e)
{
    const struct scheduler_spec *s = &e->fleet->scheduler;
    const struct share_options *w = &s->share;
    const int64_t weights[] = { w->weight_age, w->weight_fairshare, w->weight_size,
                                w->weight_partition, w->weight_qos };
    if (strcmp(order_of(e), "fifo") != 0 && strcmp(order_of(e), "multifactor") != 0 &&
        !backfills(e))
        return emit_refuse(e, -1, "Slurm has no queue order like %s", order_of(e));
    for (size_t i = 0; i < 5; i++)
        if (weights[i] < 0 || weights[i] > UINT32_MAX)
            return emit_refuse(e, -1, "a weight is more than 32 bits");
    if (s->neighbours.apart != APART_NONE || s->neighbours.exclusive == EXCLUSIVE_TENANT)
        return emit_refuse(e, -1,
                           "Slurm keeps users and jobs apart, not tenants, classes or "
                           "queues");
    return STATUS_OK;
}

static enum status check(struct emit *e)
{
    struct queues queues;
    enum status status = emit_check_whole_gpus(e);
    if (!status) status = check_order(e);
    if (!status) status = check_times(e);
    for (int32_t p = 0; p < e->fleet->pool_n && !status; p++) status = check_pool(e, p);
    return status ? status : find_queues(e, &queues);
}

/* ---- scheduling ---- */

static void put_backfill(struct emit *e)
{
    const struct backfill_options *o = &e->fleet->scheduler.backfill;
    emit_put(e, "SchedulerType=sched/backfill");
    emit_note(e, "the order %s", order_of(e));
    emit_put(e,
             "SchedulerParameters=bf_interval=%" PRId64 ",bf_window=%" PRId64
             ",bf_resolution=%" PRId64 ",bf_max_job_test=%" PRId64,
             option_or(o->interval_us, SLURM_INTERVAL_US) / US,
             option_or(o->window_us, SLURM_WINDOW_US) / (60 * US),
             option_or(o->resolution_us, SLURM_RESOLUTION_US) / US,
             option_or(o->max_job_test, SLURM_MAX_JOB_TEST));
    emit_put(e,
             ",default_queue_depth=%" PRId64 ",sched_interval=%" PRId64
             ",batch_sched_delay=%" PRId64,
             option_or(o->queue_depth, 100000),
             option_or(o->sched_interval_us, SLURM_SCHED_INTERVAL_US) / US, o->sched_delay_us / US);
    emit_note(e, "options of the plan's scheduler, or Slurm's; default_queue_depth: %s",
              o->queue_depth ? "of the plan" : "the plan looks at all jobs");
    if (e->fleet->scheduler.order->backfills != BACKFILL_SLURM)
        emit_remark(e,
                    "note: the plan simulated %s; Slurm promises a start to each of the jobs it "
                    "tests, at each bf_interval: slurm-backfill simulates that",
                    order_of(e));
}

static void put_priority(struct emit *e)
{
    const struct share_options *o = &e->fleet->scheduler.share;
    bool weighed = share_options_weigh(o);
    emit_put(e, "PriorityType=priority/%s", weighed ? "multifactor" : "basic");
    emit_note(e, "%s", weighed ? "weights of the plan's scheduler" : "the plan weighs nothing");
    if (!weighed) return;
    const struct {
        const char *key;
        int64_t value;
        const char *note;
    } keys[] = {
        { "PriorityWeightAge", o->weight_age, "weight_age" },
        { "PriorityWeightFairshare", o->weight_fairshare, "weight_fairshare" },
        { "PriorityWeightJobSize", o->weight_size, "weight_size" },
        { "PriorityWeightPartition", o->weight_partition, "weight_partition" },
        { "PriorityWeightQOS", o->weight_qos, "weight_qos" },
        { "PriorityMaxAge", option_or(o->age_max_us, SHARE_AGE_MAX_US) / (60 * US),
          "age_max, in minutes" },
        { "PriorityDecayHalfLife", option_or(o->half_life_us, SHARE_HALF_LIFE_US) / (60 * US),
          "half_life, in minutes" },
        { "PriorityCalcPeriod", option_or(o->period_us, SHARE_PERIOD_US) / (60 * US),
          "calc_period, in minutes" },
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        emit_put(e, "%s=%" PRId64, keys[i].key, keys[i].value);
        emit_note(e, "of the plan's scheduler: %s", keys[i].note);
    }
    emit_put(e, "PriorityFavorSmall=%s", o->favor == FAVOR_SMALL ? "YES" : "NO");
    emit_note(e, "favor of the plan's scheduler");
    emit_remark(e, "the weights take an accounting database: without slurmdbd Slurm passes them "
                   "over");
    if (o->fairshare == FAIRSHARE_CLASSIC) {
        emit_put(e, "PriorityFlags=NO_FAIR_TREE");
        emit_note(e, "fairshare of the plan's scheduler");
    }
    if (o->share_n > 0 || o->weight_fairshare > 0)
        emit_remark(e, "left out: shares are of the accounting database (sacctmgr)");
}

static void put_scheduling(struct emit *e)
{
    const struct scheduler_spec *s = &e->fleet->scheduler;
    bool memory = true;
    for (int32_t p = 0; p < e->fleet->pool_n; p++) memory &= e->fleet->pools[p].type.mem_mib > 0;
    if (backfills(e)) put_backfill(e);
    else {
        emit_put(e, "SchedulerType=sched/builtin");
        emit_note(e, "the order %s: a head that does not fit blocks", order_of(e));
    }
    put_priority(e);
    emit_put(e, "SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU%s%s",
             memory ? "_Memory" : "", s->placement->rule == PLACE_SPREAD ? ",CR_LLN" : "");
    emit_note(e, "jobs share nodes; placement %s%s", s->placement->name,
              memory ? "" : "; memory is not known of all pools");
    if (s->limits.n > 0)
        emit_remark(e, "left out: limits of queues, tenants and users are of the accounting "
                       "database (sacctmgr), with AccountingStorageEnforce=limits");
}

/* ---- nodes ---- */

/* "train-[1-8]", "train-1". */
static struct emit_text range(const char *slug, int32_t from, int32_t to)
{
    struct emit_text out;
    if (from == to) snprintf(out.s, sizeof out.s, "%s-%d", slug, (int)from);
    else snprintf(out.s, sizeof out.s, "%s-[%d-%d]", slug, (int)from, (int)to);
    return out;
}

static void put_nodes(struct emit *e, int32_t p, int32_t from, int32_t to, const char *state)
{
    const struct pool_spec *pool = &e->fleet->pools[p];
    char model[EMIT_SLUG_MAX];
    if (from > to) return;
    emit_put(e, "NodeName=%s CPUs=%" PRId64, range(e->slugs[p], from, to).s,
             pool->type.cpu_milli / 1000);
    if (pool->type.mem_mib > 0) emit_put(e, " RealMemory=%" PRId64, pool->type.mem_mib);
    emit_slug(pool->type.gpu_model, NULL, 0, model);
    if (pool->type.gpus > 0) emit_put(e, " Gres=gpu:%s:%d", model, (int)pool->type.gpus);
    emit_put(e, " Feature=%s,%s Weight=%d State=%s", pool->type.name, pool->purchase.option->name,
             (int)p + 1, state);
    emit_note(e, "%s; size of a node: %s; Weight: the order of pools", emit_pool_text(pool).s,
              pool->type.source);
}

static void put_pools(struct emit *e)
{
    bool gpus = false;
    for (int32_t p = 0; p < e->fleet->pool_n; p++) gpus |= e->fleet->pools[p].type.gpus > 0;
    if (gpus) {
        emit_put(e, "GresTypes=gpu");
        emit_note(e, "nodes of the plan have GPUs");
    }
    emit_remark(e, "RealMemory is what the provider says; a node that finds less, by slurmd -C, is "
                   "drained");
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        const struct pool_spec *pool = &e->fleet->pools[p];
        put_nodes(e, p, 1, emit_base_nodes(pool), "UNKNOWN");
        put_nodes(e, p, emit_base_nodes(pool) + 1, pool->nodes, "CLOUD");
        if (pool->marks.label_n > 0)
            emit_remark(e, "left out: labels of pool '%s' are Kubernetes'", pool->name);
        if (pool->rack_nodes > 0)
            emit_remark(e, "left out: topology.conf: %d nodes of pool '%s' a rack",
                        (int)pool->rack_nodes, pool->name);
    }
}

/* ---- partitions ---- */

static bool is_in(const struct pool_spec *pool, const char *queue)
{
    if (pool->queues.n == 0) return true;
    for (int32_t i = 0; i < pool->queues.n && queue; i++)
        if (strcmp(pool->queues.text[i], queue) == 0) return true;
    return false;
}

/* queue NULL: jobs that name none of them. */
static void put_partition(struct emit *e, const char *name, const char *queue, bool is_default)
{
    const struct scheduler_spec *s = &e->fleet->scheduler;
    const char *comma = "";
    int64_t factor = 1;
    for (size_t i = 0; i < s->share.partition_n; i++)
        if (strcmp(s->share.partitions[i].name, name) == 0) factor = s->share.partitions[i].number;
    emit_put(e, "PartitionName=%s Nodes=", name);
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        if (!is_in(&e->fleet->pools[p], queue)) continue;
        emit_put(e, "%s%s", comma, range(e->slugs[p], 1, e->fleet->pools[p].nodes).s);
        comma = ",";
    }
    emit_put(e, " Default=%s MaxTime=INFINITE State=UP", is_default ? "YES" : "NO");
    if (s->share.partition_n > 0) emit_put(e, " PriorityJobFactor=%" PRId64, factor);
    if (s->neighbours.exclusive == EXCLUSIVE_JOB) emit_put(e, " OverSubscribe=EXCLUSIVE");
    if (s->neighbours.exclusive == EXCLUSIVE_USER) emit_put(e, " ExclusiveUser=YES");
    emit_note(e, "%s",
              queue ? "pools of this queue, and those for everybody"
                    : "pools that are for everybody");
}

static void put_partitions(struct emit *e)
{
    struct queues q;
    bool main_is_said = false;
    if (find_queues(e, &q)) return;
    for (int32_t i = 0; i < q.n; i++) main_is_said |= strcmp(q.name[i], "main") == 0;
    bool open = q.everybody && !main_is_said;
    if (open) put_partition(e, "main", NULL, true);
    for (int32_t i = 0; i < q.n; i++) put_partition(e, q.name[i], q.name[i], !open && i == 0);
}

/* ---- power saving ---- */

static void put_power_save(struct emit *e)
{
    const struct power_save_options *o = &e->fleet->autoscaler.power_save;
    const char *comma = "";
    if (!emit_is_elastic(e->fleet)) return;
    if (o->suspend_time_us < 0) emit_put(e, "SuspendTime=INFINITE");
    else emit_put(e, "SuspendTime=%" PRId64, o->suspend_time_us / US);
    emit_note(e, "slurm-power-save of the plan, in seconds");
    emit_put(e, "ResumeTimeout=%" PRId64, o->resume_timeout_us / US);
    emit_note(e, "slurm-power-save of the plan, in seconds");
    emit_put(e, "ResumeRate=%d", (int)o->resume_rate);
    emit_note(e, "slurm-power-save of the plan: nodes a minute");
    emit_put(e, "SuspendRate=%d", (int)o->suspend_rate);
    emit_note(e, "slurm-power-save of the plan: nodes a minute");
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        int32_t base = emit_base_nodes(&e->fleet->pools[p]);
        if (base == 0) continue;
        emit_put(e, "%s%s", *comma ? comma : "SuspendExcNodes=", range(e->slugs[p], 1, base).s);
        comma = ",";
    }
    if (*comma) emit_note(e, "nodes of the plan that are always there");
    emit_remark(e, "the site's own, without which nothing is powered down: SuspendProgram, "
                   "ResumeProgram");
}

/* ---- gres.conf ---- */

static void put_gres(struct emit *e)
{
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        const struct pool_spec *pool = &e->fleet->pools[p];
        char model[EMIT_SLUG_MAX];
        int first = pool->type.gpus > 0 && strcmp(emit_gpu_resource(pool), "amd.com/gpu") == 0
                        ? DEVICES_AMD
                        : 0;
        if (pool->type.gpus == 0) continue;
        emit_slug(pool->type.gpu_model, NULL, 0, model);
        emit_put(e, "NodeName=%s Name=gpu Type=%s File=%s", range(e->slugs[p], 1, pool->nodes).s,
                 model, first ? "/dev/dri/renderD" : "/dev/nvidia");
        if (pool->type.gpus == 1) emit_put(e, "%d", first);
        else emit_put(e, "[%d-%d]", first, first + (int)pool->type.gpus - 1);
        emit_note(e, "pool '%s': %d GPUs a node: %s", pool->name, (int)pool->type.gpus,
                  pool->type.source);
    }
}

static void write(struct emit *e)
{
    emit_heading(e, "slurm.conf and gres.conf, in parts,");
    emit_remark(e, "==== slurm.conf: to be included; ClusterName, hosts, authentication and "
                   "accounting are the site's ====");
    put_scheduling(e);
    put_power_save(e);
    put_pools(e);
    put_partitions(e);
    emit_remark(e, "==== gres.conf: a file of its own from here on ====");
    put_gres(e);
}

const struct emit_kind emit_slurm_conf = {
    "slurm-conf",
    "nodes, partitions, scheduling and power saving of slurm.conf; gres.conf",
    "slurm.conf(5), gres.conf(5) of Slurm 22.05",
    check,
    write,
};
