/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes come and go, and who asks for them. */
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "scenarios/karpenter/nodepools.h"
#include "scenarios/loading.h"

#define DAY_US (24 * US_PER_HOUR)

/* ---- pools ---- */

/* The median and, where sigma is said, a lognormal of it; no time is none. The ranges of the keys
 * are within those of the distributions. */
static void resolve_time(struct loading *l, int64_t us, const struct value *sigma,
                         const char *nothing, struct duration *d)
{
    struct error err;
    int64_t ppm = value_or(sigma, 0);
    if (us == 0 && ppm > 0) loading_complain(l, sigma->at, NULL, NULL, "%s", nothing);
    else if (ppm > 0) (void)duration_lognormal((double)us, (double)ppm / 1e6, d, &err);
    else if (us > 0) (void)duration_constant(us, d, &err);
}

static void resolve_boot(struct loading *l, const struct raw_pool *raw, struct pool_spec *pool)
{
    const struct value *boots[] = { &raw->boot, &raw->boot_sigma, &raw->billing,
                                    &raw->provisioning.self };
    static const char *const names[] = { "boot", "boot_sigma", "billing", "provisioning" };
    bool comes = raw->min_nodes.state != VALUE_ABSENT || pool_is_limited(raw);
    for (size_t i = 0; i < 4 && !comes; i++)
        if (boots[i]->state != VALUE_ABSENT)
            loading_complain(l, boots[i]->at, "say 'min_nodes'", NULL,
                             "'%s' says nothing of a pool whose nodes are always there", names[i]);
    if (!comes) return;
    resolve_time(l, value_or(&raw->boot, 4 * 60 * US_PER_S), &raw->boot_sigma,
                 "'boot_sigma' says nothing of boots of no time", &pool->boot);
}

/* Who provides them. */
static void resolve_people(struct loading *l, const struct raw_pool *raw, struct pool_spec *pool)
{
    const struct raw_provisioning *people = &raw->provisioning;
    if (people->how.state != VALUE_GOOD) return;
    pool->provisioning.way = &provisioning_ways[people->how.number];
    resolve_time(l, value_or(&people->lead, 0), &people->lead_sigma,
                 "'lead_sigma' says nothing of a lead of no time", &pool->provisioning.lead);
}

static bool resolve_pool(struct loading *l, const struct raw_pool *raw, struct pool_spec *pool)
{
    int64_t least = value_or(&raw->min_nodes, pool->nodes);
    resolve_boot(l, raw, pool);
    resolve_people(l, raw, pool);
    if (raw->min_nodes.state != VALUE_GOOD || raw->nodes.state != VALUE_GOOD) return false;
    if (least > pool->nodes) {
        loading_complain(l, raw->min_nodes.at, NULL, NULL,
                         "'min_nodes' must not be more than 'nodes' (%d)", pool->nodes);
        return false;
    }
    if (least == pool->nodes) {
        loading_complain(l, raw->min_nodes.at, "leave it out, or let it be fewer", NULL,
                         "'min_nodes' is all of 'nodes': none come and go");
        return false;
    }
    pool->elastic_nodes = pool->nodes - (int32_t)least;
    return true;
}

/* The Cluster Autoscaler leaves jobs alone then; Karpenter is refused. */
static bool knows_no_costs(const struct raw_fleet *raw)
{
    return value_or(&raw->scheduler.ties, TIES_ARRIVAL) == TIES_PREVIOUS;
}

/* As autoscaler_drains has it of what this becomes. */
bool fleet_drains(const struct raw_fleet *raw, const struct queue_order *order)
{
    const struct raw_autoscaler *a = &raw->autoscaler;
    const struct raw_scheduler *s = &raw->scheduler;
    const struct autoscaler *kind =
        a->name.state == VALUE_GOOD ? autoscalers[a->name.number] : NULL;
    if (kind == &autoscaler_cluster && (!value_or(&a->safe_to_evict, 1) || knows_no_costs(raw)))
        return false;
    if (value_or(&s->gpu_sharing, SHARING_NONE) != SHARING_NONE ||
        value_or(&s->anti_affinity, APART_NONE) != APART_NONE ||
        value_or(&s->exclusive, EXCLUSIVE_NONE) != EXCLUSIVE_NONE)
        return false;
    return order ? autoscaler_drains_under(kind, order) : kind && kind->drains;
}

bool fleet_refuses_shares(const struct raw_fleet *raw)
{
    const struct value *name = &raw->autoscaler.name;
    return name->state == VALUE_GOOD && autoscalers[name->number] == &autoscaler_karpenter;
}

/* ---- options ---- */

/* Options that another autoscaler than the fleet's has. */
static void refuse_others(struct loading *l, const struct raw_autoscaler *raw, const char *kind)
{
    const struct {
        const char *key, *kind;
        enum value_state state;
        struct place at;
    } keys[] = {
        { "idle_time", "as-needed", raw->idle_time.state, raw->idle_time.at },
        { "one_at_a_time", "as-needed", raw->one_at_a_time.state, raw->one_at_a_time.at },
        { "steps", "schedule", raw->steps.state, raw->steps.at },
        { "suspend_time", "slurm-power-save", raw->suspend_time.state, raw->suspend_time.at },
        { "resume_timeout", "slurm-power-save", raw->resume_timeout.state, raw->resume_timeout.at },
        { "resume_rate", "slurm-power-save", raw->resume_rate.state, raw->resume_rate.at },
        { "suspend_rate", "slurm-power-save", raw->suspend_rate.state, raw->suspend_rate.at },
        { "measure", "target-tracking", raw->measure.state, raw->measure.at },
        { "target", "target-tracking", raw->target.state, raw->target.at },
        { "wait", "target-tracking", raw->wait.state, raw->wait.at },
        { "job_time", "target-tracking", raw->job_time.state, raw->job_time.at },
        { "out_periods", "target-tracking", raw->out_periods.state, raw->out_periods.at },
        { "in_periods", "target-tracking", raw->in_periods.state, raw->in_periods.at },
        { "method", "predictive", raw->method.state, raw->method.at },
        { "quantile", "predictive", raw->quantile.state, raw->quantile.at },
        { "horizon", "predictive", raw->horizon.state, raw->horizon.at },
        { "headroom", "predictive", raw->headroom.state, raw->headroom.at },
        { "warm_up", "predictive", raw->warm_up.state, raw->warm_up.at },
        { "expander", "cluster-autoscaler", raw->expander.state, raw->expander.at },
        { "gpu_aware", "cluster-autoscaler", raw->gpu_aware.state, raw->gpu_aware.at },
        { "scan_interval", "cluster-autoscaler", raw->scan_interval.state, raw->scan_interval.at },
        { "max_nodes_per_scaleup", "cluster-autoscaler", raw->max_nodes_per_scaleup.state,
          raw->max_nodes_per_scaleup.at },
        { "max_node_provision_time", "cluster-autoscaler", raw->max_node_provision_time.state,
          raw->max_node_provision_time.at },
        { "scale_down_unneeded_time", "cluster-autoscaler", raw->scale_down_unneeded_time.state,
          raw->scale_down_unneeded_time.at },
        { "scale_down_delay_after_add", "cluster-autoscaler", raw->scale_down_delay_after_add.state,
          raw->scale_down_delay_after_add.at },
        { "scale_down_utilization_threshold", "cluster-autoscaler",
          raw->scale_down_utilization_threshold.state, raw->scale_down_utilization_threshold.at },
        { "scale_down_gpu_utilization_threshold", "cluster-autoscaler",
          raw->scale_down_gpu_utilization_threshold.state,
          raw->scale_down_gpu_utilization_threshold.at },
        { "safe_to_evict", "cluster-autoscaler", raw->safe_to_evict.state, raw->safe_to_evict.at },
        { "nodepools", "karpenter", raw->nodepools.state, raw->nodepools.at },
        { "batch_idle", "karpenter", raw->batch_idle.state, raw->batch_idle.at },
        { "batch_max", "karpenter", raw->batch_max.state, raw->batch_max.at },
        { "spot_to_spot", "karpenter", raw->spot_to_spot.state, raw->spot_to_spot.at },
        { "do_not_disrupt", "karpenter", raw->do_not_disrupt.state, raw->do_not_disrupt.at },
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].state != VALUE_ABSENT && strcmp(keys[i].kind, kind) != 0)
            loading_complain(l, keys[i].at, NULL, NULL,
                             "'%s' is an option of the autoscaler '%s', not of '%s'", keys[i].key,
                             keys[i].kind, kind);
    if (raw->period.state != VALUE_ABSENT && strcmp(kind, "target-tracking") != 0 &&
        strcmp(kind, "predictive") != 0)
        loading_complain(l, raw->period.at, NULL, NULL,
                         "'period' is an option of the autoscalers 'target-tracking' and "
                         "'predictive', not of '%s'",
                         kind);
}

/* Days of a step: "mon", "mon-fri", "daily"; false: none. */
static bool read_days(const char *text, size_t n, int *from, int *to)
{
    static const char days[7][4] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
    *from = *to = -1;
    if (n == 5 && strncmp(text, "daily", 5) == 0) {
        *from = 0;
        *to = 6;
        return true;
    }
    if (n != 3 && (n != 7 || text[3] != '-')) return false;
    for (int d = 0; d < 7; d++) {
        if (strncmp(text, days[d], 3) == 0) *from = d;
        if (strncmp(text + n - 3, days[d], 3) == 0) *to = d;
    }
    return *from >= 0 && *to >= 0;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* "mon-fri 08:00"; over the end of the week, too. */
static bool read_time(const char *text, int *from, int *to, int64_t *of_day_us)
{
    size_t n = strcspn(text, " ");
    if (!read_days(text, n, from, to) || text[n] != ' ') return false;
    const char *t = text + n + 1;
    if (strlen(t) != 5 || !is_digit(t[0]) || !is_digit(t[1]) || t[2] != ':' || !is_digit(t[3]) ||
        !is_digit(t[4]))
        return false;
    int hour = 10 * (t[0] - '0') + t[1] - '0', minute = 10 * (t[3] - '0') + t[4] - '0';
    *of_day_us = (hour * INT64_C(60) + minute) * 60 * US_PER_S;
    return hour < 24 && minute < 60;
}

static int32_t pool_of(struct loading *l, const struct fleet_spec *fleet, const struct value *name)
{
    if (name->state != VALUE_GOOD) return -1;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (strcmp(fleet->pools[p].name, name->text) == 0) return p;
    loading_complain(l, name->at, NULL, NULL, "fleet '%s' has no pool '%.64s'", fleet->name,
                     name->text);
    return -1;
}

static void add_step(struct schedule_options *o, struct week_step *steps, struct week_step step)
{
    int32_t at = o->n++;
    for (; at > 0 && steps[at - 1].at_us > step.at_us; at--) steps[at] = steps[at - 1];
    steps[at] = step;
}

static enum status resolve_schedule(struct loading *l, const struct raw_autoscaler *raw,
                                    const struct fleet_spec *fleet, struct schedule_options *o)
{
    const struct raw_step *all = raw->steps.items;
    if (raw->steps.state == VALUE_ABSENT)
        loading_complain(l, raw->self.at, NULL, NULL,
                         "'steps' is missing: the autoscaler 'schedule' needs it");
    if (raw->steps.state != VALUE_GOOD) return STATUS_OK;
    struct week_step *steps = arena_zeroed(&l->store->arena, 7 * raw->steps.n + 1, sizeof *steps);
    if (!steps) return error_set(l->err, STATUS_NO_MEMORY, "no memory for a schedule");
    for (size_t i = 0; i < raw->steps.n; i++) {
        int from, to;
        int64_t of_day_us;
        int32_t pool = pool_of(l, fleet, &all[i].pool);
        if (all[i].at.state != VALUE_GOOD || all[i].nodes.state != VALUE_GOOD) continue;
        if (!read_time(all[i].at.text, &from, &to, &of_day_us)) {
            loading_complain(l, all[i].at.at, "such as mon-fri 08:00 or daily 20:00", NULL,
                             "'at' must be a day or days and a time, not '%.60s'", all[i].at.text);
            continue;
        }
        if (pool >= 0 &&
            (all[i].nodes.number > fleet->pools[pool].nodes ||
             all[i].nodes.number < fleet->pools[pool].nodes - fleet->pools[pool].elastic_nodes)) {
            loading_complain(l, all[i].nodes.at, NULL, NULL,
                             "'nodes' of a step must be from %d to %d, as pool '%s' says",
                             fleet->pools[pool].nodes - fleet->pools[pool].elastic_nodes,
                             fleet->pools[pool].nodes, fleet->pools[pool].name);
            continue;
        }
        for (int day = from; pool >= 0; day = (day + 1) % 7) {
            add_step(o, steps,
                     (struct week_step){ day * DAY_US + of_day_us, pool,
                                         (int32_t)all[i].nodes.number });
            if (day == to) break;
        }
    }
    o->steps = steps;
    return STATUS_OK;
}

static void resolve_predictive(struct loading *l, const struct raw_autoscaler *raw,
                               struct autoscaler_spec *spec)
{
    struct predictive_options *o = &spec->predictive;
    predictive_defaults(o);
    if (spec->kind != &autoscaler_predictive) return;
    o->method = (enum predict_method)value_or(&raw->method, o->method);
    o->period_us = value_or(&raw->period, o->period_us);
    o->quantile_ppm = value_or(&raw->quantile, o->quantile_ppm);
    o->horizon_us = value_or(&raw->horizon, o->horizon_us);
    o->headroom_ppm = value_or(&raw->headroom, o->headroom_ppm);
    o->warm_up_us = value_or(&raw->warm_up, o->warm_up_us);
    if (o->period_us < 5 * 60 * US_PER_S || o->period_us % (60 * US_PER_S) != 0 ||
        US_PER_HOUR % o->period_us != 0)
        loading_complain(l, raw->period.at, NULL, NULL,
                         "'period' of the autoscaler 'predictive' must be 5, 6, 10, 12, 15, 20, 30 "
                         "or 60 min: an hour has a whole number of them");
    if (o->method == PREDICT_HOLT_WINTERS && raw->quantile.state != VALUE_ABSENT)
        loading_complain(l, raw->quantile.at, "such as headroom: 20%", NULL,
                         "'quantile' is an option of the method 'hour-of-week'");
}

/* Orders that give jobs to pools by shares of all their nodes, those that are not there, too. */
static void refuse_shares(struct loading *l, const struct raw_scheduler *raw)
{
    const struct value *orders = raw->order.items;
    for (size_t i = 0; i < raw->order.n; i++)
        if (orders[i].state == VALUE_GOOD && orders[i].number >= 0 &&
            rank_by_shares(queue_orders[orders[i].number].rank))
            loading_complain(l, orders[i].at, NULL, NULL,
                             "the order '%s' gives jobs to pools by itself, and Karpenter does not "
                             "know to which: they would wait for ever",
                             queue_orders[orders[i].number].name);
}

/* Leads and boots that always take longer than the autoscaler waits: no node would ever come. */
static void check_boots(struct loading *l, const struct raw_pool *pools,
                        const struct fleet_spec *fleet)
{
    const struct autoscaler_spec *spec = &fleet->autoscaler;
    bool slurm = spec->kind == &autoscaler_slurm_power_save;
    bool karpenter = spec->kind == &autoscaler_karpenter;
    int64_t most_us = slurm       ? spec->power_save.resume_timeout_us
                      : karpenter ? spec->karpenter.registration_us
                                  : spec->cluster.provision_us;
    if (!slurm && !karpenter && spec->kind != &autoscaler_cluster) return;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct duration *boot = &fleet->pools[p].boot,
                              *lead = &fleet->pools[p].provisioning.lead;
        if (fleet->pools[p].elastic_nodes == 0 || boot->kind != DURATION_CONSTANT ||
            lead->kind != DURATION_CONSTANT || lead->scale_us + boot->scale_us <= (double)most_us)
            continue;
        loading_complain(l, pools[p].boot.state == VALUE_GOOD ? pools[p].boot.at : pools[p].self.at,
                         slurm       ? "let 'resume_timeout' be longer"
                         : karpenter ? "it waits for 15 min"
                                     : "let 'max_node_provision_time' be longer",
                         NULL, "nodes of pool '%s' boot for longer than %s waits: none ever comes",
                         fleet->pools[p].name, spec->kind->name);
    }
}

static bool has_groups(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (fleet->pools[p].group > 0) return true;
    return false;
}

enum status resolve_autoscaler(struct loading *l, const struct raw_fleet *raw,
                               struct fleet_spec *fleet)
{
    const struct raw_autoscaler *a = &raw->autoscaler;
    struct autoscaler_spec *spec = &fleet->autoscaler;
    const struct raw_pool *pools = raw->pools.items;
    const struct autoscaler *kind = autoscalers[value_or(&a->name, 0)];
    bool any = false;
    spec->kind = kind;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        bool comes = resolve_pool(l, &pools[p], &fleet->pools[p]);
        any |= pools[p].min_nodes.state != VALUE_ABSENT;
        if (comes && !kind->pass && a->name.state != VALUE_BAD)
            loading_complain(l, pools[p].min_nodes.at, "such as autoscaler: slurm-power-save", NULL,
                             "'min_nodes' of a fleet without an autoscaler");
        if (comes && l->raw.run.replay.state == VALUE_GOOD &&
            l->raw.run.replay.number == REPLAY_RECORDED)
            loading_complain(l, pools[p].min_nodes.at, NULL, NULL,
                             "'min_nodes' and 'replay: recorded' contradict each other: recorded "
                             "starts had their nodes");
    }
    if (a->name.state != VALUE_GOOD) return STATUS_OK;
    if (kind == &autoscaler_target_tracking && has_groups(fleet))
        loading_complain(
            l, a->name.at, NULL,
            "as-needed, slurm-power-save, cluster-autoscaler, predictive and karpenter "
            "can",
            "'target-tracking' sizes each pool by itself, and cannot choose among "
            "instance types or zones of one");
    if (!any && kind->pass)
        loading_complain(l, a->name.at, "say 'min_nodes' of a pool", NULL,
                         "the autoscaler '%s' has nothing to scale: all nodes are always there",
                         kind->name);
    refuse_others(l, a, kind->name);
    power_save_defaults(&spec->power_save);
    tracking_defaults(&spec->tracking);
    struct power_save_options *s = &spec->power_save;
    struct tracking_options *t = &spec->tracking;
    spec->needed.one_at_a_time = value_or(&a->one_at_a_time, 0);
    spec->needed.idle.scale_us = (double)value_or(&a->idle_time, 0);
    s->suspend_time_us = value_or(&a->suspend_time, s->suspend_time_us);
    s->resume_timeout_us = value_or(&a->resume_timeout, s->resume_timeout_us);
    s->resume_rate = (int32_t)value_or(&a->resume_rate, s->resume_rate);
    s->suspend_rate = (int32_t)value_or(&a->suspend_rate, s->suspend_rate);
    t->measure = (enum track_measure)value_or(&a->measure, t->measure);
    t->target_ppm = value_or(&a->target, t->target_ppm);
    t->wait_us = value_or(&a->wait, t->wait_us);
    t->job_us = value_or(&a->job_time, t->job_us);
    t->period_us = value_or(&a->period, t->period_us);
    t->out_periods = (int32_t)value_or(&a->out_periods, t->out_periods);
    t->in_periods = (int32_t)value_or(&a->in_periods, t->in_periods);
    cluster_autoscaler_defaults(&spec->cluster);
    struct cluster_autoscaler_options *c = &spec->cluster;
    c->expander = (enum expander)value_or(&a->expander, c->expander);
    c->gpu_aware = value_or(&a->gpu_aware, 0);
    c->scan_us = value_or(&a->scan_interval, c->scan_us);
    c->max_per_scaleup = value_or(&a->max_nodes_per_scaleup, c->max_per_scaleup);
    c->provision_us = value_or(&a->max_node_provision_time, c->provision_us);
    c->unneeded_us = value_or(&a->scale_down_unneeded_time, c->unneeded_us);
    c->after_add_us = value_or(&a->scale_down_delay_after_add, c->after_add_us);
    c->threshold_ppm = value_or(&a->scale_down_utilization_threshold, c->threshold_ppm);
    c->gpu_threshold_ppm = value_or(&a->scale_down_gpu_utilization_threshold, c->gpu_threshold_ppm);
    c->safe_to_evict = value_or(&a->safe_to_evict, c->safe_to_evict);
    karpenter_defaults(&spec->karpenter);
    struct karpenter_options *k = &spec->karpenter;
    k->batch_idle_us = value_or(&a->batch_idle, k->batch_idle_us);
    k->batch_most_us = value_or(&a->batch_max, k->batch_most_us);
    k->spot_to_spot = value_or(&a->spot_to_spot, 0);
    k->do_not_disrupt = value_or(&a->do_not_disrupt, 0);
    check_boots(l, pools, fleet);
    resolve_predictive(l, a, spec);
    if (kind == &autoscaler_karpenter) {
        refuse_shares(l, &raw->scheduler);
        return karpenter_resolve(l, raw, fleet, k);
    }
    return kind == &autoscaler_schedule ? resolve_schedule(l, a, fleet, &spec->schedule)
                                        : STATUS_OK;
}
