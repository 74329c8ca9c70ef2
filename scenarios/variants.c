/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet that names several queue orders or placements is as many fleets, alike in all else:
 *
 *     today: {scheduler: {order: [fifo, easy], placement: [pack, spread]}, ...}
 *
 * is "today / fifo / pack", "today / fifo / spread", "today / easy / pack", "today / easy /
 * spread". Where one order or one placement is named, the name goes without it.
 */
#include <stdio.h>
#include <string.h>

#include "models/fleet/gpu_table.h"
#include "models/scheduling/scored.h"
#include "scenarios/loading.h"

enum { CHOICES_MAX = 64 };

/* An option as the scenario has it. */
struct given {
    const char *key;
    enum value_state state;
    struct place at;
};

static void options_of(const struct raw_scheduler *raw, struct given given[OPTION_N])
{
    const struct given all[OPTION_N] = {
        [OPTION_SHADOW] = { "shadow", raw->shadow.state, raw->shadow.at },
        [OPTION_EXTRA] = { "extra", raw->extra.state, raw->extra.at },
        [OPTION_SCAN] = { "scan", raw->scan.state, raw->scan.at },
        [OPTION_ESTIMATES] = { "estimates", raw->estimates.state, raw->estimates.at },
        [OPTION_ESTIMATE_FACTOR] = { "estimate_factor", raw->estimate_factor.state,
                                     raw->estimate_factor.at },
        [OPTION_BF_INTERVAL] = { "bf_interval", raw->bf_interval.state, raw->bf_interval.at },
        [OPTION_BF_WINDOW] = { "bf_window", raw->bf_window.state, raw->bf_window.at },
        [OPTION_BF_RESOLUTION] = { "bf_resolution", raw->bf_resolution.state,
                                   raw->bf_resolution.at },
        [OPTION_BF_MAX_JOB_TEST] = { "bf_max_job_test", raw->bf_max_job_test.state,
                                     raw->bf_max_job_test.at },
        [OPTION_REMAINDER] = { "remainder", raw->remainder.state, raw->remainder.at },
        [OPTION_ANTI_AFFINITY] = { "anti_affinity", raw->anti_affinity.state,
                                   raw->anti_affinity.at },
        [OPTION_EXCLUSIVE] = { "exclusive", raw->exclusive.state, raw->exclusive.at },
        [OPTION_DEFAULT_QUEUE_DEPTH] = { "default_queue_depth", raw->default_queue_depth.state,
                                         raw->default_queue_depth.at },
        [OPTION_SCHED_INTERVAL] = { "sched_interval", raw->sched_interval.state,
                                    raw->sched_interval.at },
        [OPTION_BATCH_SCHED_DELAY] = { "batch_sched_delay", raw->batch_sched_delay.state,
                                       raw->batch_sched_delay.at },
        [OPTION_LIMITS] = { "limits", raw->limits.state, raw->limits.at },
        [OPTION_GPU_SHARING] = { "gpu_sharing", raw->gpu_sharing.state, raw->gpu_sharing.at },
        [OPTION_REPLICAS] = { "replicas", raw->replicas.state, raw->replicas.at },
        [OPTION_SCATTERED_SPEED] = { "scattered_speed", raw->scattered_speed.state,
                                     raw->scattered_speed.at },
        [OPTION_CROSS_RACK_SPEED] = { "cross_rack_speed", raw->cross_rack_speed.state,
                                      raw->cross_rack_speed.at },
        [OPTION_PREDICTOR] = { "predictor", raw->predictor.state, raw->predictor.at },
        [OPTION_WEIGHT_AGE] = { "weight_age", raw->weight_age.state, raw->weight_age.at },
        [OPTION_WEIGHT_FAIRSHARE] = { "weight_fairshare", raw->weight_fairshare.state,
                                      raw->weight_fairshare.at },
        [OPTION_WEIGHT_SIZE] = { "weight_size", raw->weight_size.state, raw->weight_size.at },
        [OPTION_WEIGHT_PARTITION] = { "weight_partition", raw->weight_partition.state,
                                      raw->weight_partition.at },
        [OPTION_WEIGHT_QOS] = { "weight_qos", raw->weight_qos.state, raw->weight_qos.at },
        [OPTION_FAIRSHARE] = { "fairshare", raw->fairshare.state, raw->fairshare.at },
        [OPTION_FAVOR] = { "favor", raw->favor.state, raw->favor.at },
        [OPTION_AGE_MAX] = { "age_max", raw->age_max.state, raw->age_max.at },
        [OPTION_PARTITIONS] = { "partitions", raw->partitions.state, raw->partitions.at },
        [OPTION_HALF_LIFE] = { "half_life", raw->half_life.state, raw->half_life.at },
        [OPTION_CALC_PERIOD] = { "calc_period", raw->calc_period.state, raw->calc_period.at },
        [OPTION_SHARES] = { "shares", raw->shares.state, raw->shares.at },
        [OPTION_TIES] = { "ties", raw->ties.state, raw->ties.at },
        [OPTION_LAS_THRESHOLDS] = { "las_thresholds", raw->las_thresholds.state,
                                    raw->las_thresholds.at },
        [OPTION_LAS_QUANTUM] = { "las_quantum", raw->las_quantum.state, raw->las_quantum.at },
        [OPTION_LAS_PROMOTE] = { "las_promote", raw->las_promote.state, raw->las_promote.at },
        [OPTION_RESTART_COST] = { "restart_cost", raw->restart_cost.state, raw->restart_cost.at },
        [OPTION_RESTART_CUT] = { "restart_cut", raw->restart_cut.state, raw->restart_cut.at },
        [OPTION_CHECKPOINT] = { "checkpoint", raw->checkpoint.state, raw->checkpoint.at },
        [OPTION_CHECKPOINT_COST] = { "checkpoint_cost", raw->checkpoint_cost.state,
                                     raw->checkpoint_cost.at },
        [OPTION_ROUND] = { "round", raw->round.state, raw->round.at },
        [OPTION_ROUND_SHARES] = { "round_shares", raw->round_shares.state, raw->round_shares.at },
        [OPTION_VICTIMS] = { "victims", raw->victims.state, raw->victims.at },
        [OPTION_PODS] = { "pods", raw->pods.state, raw->pods.at },
        [OPTION_PERMIT_TIMEOUT] = { "permit_timeout", raw->permit_timeout.state,
                                    raw->permit_timeout.at },
        [OPTION_PERMIT_BACKOFF] = { "permit_backoff", raw->permit_backoff.state,
                                    raw->permit_backoff.at },
        [OPTION_ELASTIC_MIN] = { "elastic_min", raw->elastic_min.state, raw->elastic_min.at },
        [OPTION_ELASTIC_MAX] = { "elastic_max", raw->elastic_max.state, raw->elastic_max.at },
        [OPTION_SPEEDUP] = { "speedup", raw->speedup.state, raw->speedup.at },
        [OPTION_KUEUE] = { "kueue", raw->kueue.state, raw->kueue.at },
    };
    memcpy(given, all, sizeof all);
}

/* What a restart costs is for every order under which something stops jobs. */
static bool has_restarts(const struct raw_fleet *fleet, int k, const struct queue_order *order)
{
    return (k == OPTION_RESTART_COST || k == OPTION_RESTART_CUT || k == OPTION_CHECKPOINT ||
            k == OPTION_CHECKPOINT_COST) &&
           (fleet_fails(fleet) || fleet_drains(fleet, order));
}

/* Why the order cannot have option k, where it is given; NULL: it can, or it need not. */
static const char *refusal(const struct raw_fleet *fleet, const struct given given[OPTION_N], int k,
                           const struct queue_order *order)
{
    if (given[k].state == VALUE_ABSENT || has_restarts(fleet, k, order)) return NULL;
    return options_refusal(order, (enum scheduler_option)k);
}

/* Each option that some order does not know is an error, said of the first such order. */
static void refuse_options(struct loading *l, const struct raw_fleet *fleet,
                           const struct given given[OPTION_N], const int64_t *orders,
                           size_t order_n)
{
    for (int k = 0; k < OPTION_N; k++)
        for (size_t i = 0; i < order_n; i++) {
            const struct queue_order *order = &queue_orders[orders[i]];
            const char *why = refusal(fleet, given, k, order);
            char note[1000];
            if (!why) continue;
            size_t n = (size_t)snprintf(note, sizeof note, "orders that know it: "), known = 0;
            for (const struct queue_order *o = queue_orders; o->name && n < sizeof note; o++)
                if (!refusal(fleet, given, k, o))
                    n += (size_t)snprintf(note + n, sizeof note - n, "%s%s", known++ ? ", " : "",
                                          o->name);
            loading_complain(l, given[k].at, NULL, note,
                             "'%s' is not an option of the order '%s': %s", given[k].key,
                             order->name, why);
            break;
        }
}

/* The numbers that a list names; n choices there are. `otherwise` where there is no list. */
static size_t choose(const struct value_list *list, int64_t n, int64_t otherwise,
                     int64_t chosen[CHOICES_MAX])
{
    const struct value *values = list->items;
    size_t kept = 0;
    if (list->state == VALUE_GOOD && values[0].number == CHOICE_ALL)
        for (int64_t i = 0; i < n && i < CHOICES_MAX; i++) chosen[kept++] = i;
    else if (list->state == VALUE_GOOD)
        for (size_t i = 0; i < list->n && i < CHOICES_MAX; i++) chosen[kept++] = values[i].number;
    else chosen[kept++] = otherwise;
    return kept;
}

static bool is_all(const struct value_list *list)
{
    return list->state == VALUE_GOOD && ((const struct value *)list->items)[0].number == CHOICE_ALL;
}

/* An order that adds up factors, and no factor counts. */
static bool weighs_nothing(const struct queue_order *order, const struct given given[OPTION_N],
                           const struct share_options *share)
{
    for (int k = OPTION_WEIGHT_AGE; k <= OPTION_WEIGHT_QOS; k++)
        if (given[k].state == VALUE_BAD) return false; /* it may be meant to count */
    return strcmp(order->name, "multifactor") == 0 && !share_options_weigh(share);
}

static bool lacks_queues(const struct queue_order *order, const struct given given[OPTION_N])
{
    return strcmp(order->name, "kueue") == 0 && given[OPTION_KUEUE].state == VALUE_ABSENT;
}

/* An order that sizes jobs, and no option says how; a trace may (resolve.c). */
static bool sizes_nothing(const struct queue_order *order, const struct given given[OPTION_N])
{
    return rank_by_size(order->rank) && given[OPTION_ELASTIC_MIN].state == VALUE_ABSENT &&
           given[OPTION_ELASTIC_MAX].state == VALUE_ABSENT;
}

void nothing_to_size(struct loading *l, const struct raw_scheduler *raw,
                     const struct queue_order *order)
{
    loading_complain(l, raw->order.at, NULL,
                     "such as elastic_min: {all: 0.25}, down to a quarter of the GPUs that a job "
                     "asks for; or min_gpus in the trace",
                     "the order '%s' has nothing to size: set elastic_min or elastic_max",
                     order->name);
}

static size_t choose_orders(struct loading *l, const struct raw_fleet *fleet,
                            const struct share_options *share, int64_t chosen[CHOICES_MAX])
{
    const struct raw_scheduler *raw = &fleet->scheduler;
    struct given given[OPTION_N];
    int64_t n = 0, fifo = queue_order_find("fifo") - queue_orders;
    while (queue_orders[n].name) n++;
    options_of(raw, given);
    size_t all = choose(&raw->order, n, fifo, chosen), kept = 0;
    if (!is_all(&raw->order)) {
        if (raw->order.state != VALUE_BAD) refuse_options(l, fleet, given, chosen, all);
        for (size_t i = 0; i < all; i++) {
            if (lacks_queues(&queue_orders[chosen[i]], given))
                loading_complain(l, raw->order.at, NULL,
                                 "scheduler: {order: kueue, kueue: [queues.yaml]}",
                                 "the order 'kueue' has no queues: name their manifests");
            if (l->scenario->is_synth && sizes_nothing(&queue_orders[chosen[i]], given))
                nothing_to_size(l, raw, &queue_orders[chosen[i]]);
            if (weighs_nothing(&queue_orders[chosen[i]], given, share))
                loading_complain(l, raw->order.at, NULL,
                                 "set one or more of weight_age, weight_fairshare, weight_size, "
                                 "weight_partition, weight_qos",
                                 "the order 'multifactor' has nothing to add up: its weights are "
                                 "all 0, as Slurm's are by default, which is fifo");
        }
        return all;
    }
    for (size_t i = 0; i < all; i++) {
        bool knows = !weighs_nothing(&queue_orders[chosen[i]], given, share) &&
                     !sizes_nothing(&queue_orders[chosen[i]], given) &&
                     !lacks_queues(&queue_orders[chosen[i]], given) &&
                     !(fleet_refuses_shares(fleet) && rank_by_shares(queue_orders[chosen[i]].rank));
        for (int k = 0; k < OPTION_N; k++)
            knows &= !refusal(fleet, given, k, &queue_orders[chosen[i]]);
        if (knows) chosen[kept++] = chosen[i];
    }
    if (kept == 0)
        loading_complain(l, raw->order.at, NULL, NULL,
                         "no order knows all the options that are given here");
    return kept;
}

/* Nobody's jobs are; and it decides what the sizes are worth. */
static void warn_of_linear_speed(struct loading *l, const struct raw_scheduler *raw,
                                 const int64_t *orders, size_t n)
{
    for (size_t i = 0; i < n && raw->speedup.state == VALUE_ABSENT; i++)
        if (rank_by_size(queue_orders[orders[i]].rank)) {
            loading_warn(l, raw->order.at,
                         "set 'speedup', such as speedup: {all: 0.8}, GPUs to that power",
                         "every job is taken to be twice as fast on twice the GPUs");
            return;
        }
}

static size_t choose_placements(struct loading *l, const struct raw_fleet *raw,
                                int64_t chosen[CHOICES_MAX])
{
    const struct value_list *inside = &raw->scheduler.placement, *beside = &raw->placement;
    int64_t n = 0;
    while (placements[n].name) n++;
    if (inside->state != VALUE_ABSENT && beside->state != VALUE_ABSENT)
        source_report_twice(l->source, l->diagnostics, beside->at, inside->at.line,
                            "'placement' is set in 'scheduler' and beside it");
    return choose(beside->state == VALUE_GOOD ? beside : inside, n,
                  placement_find("pack") - placements, chosen);
}

/* Those of 'all' that the gang rule allows; of a list, that each may be. */
static size_t check_placements(struct loading *l, const struct raw_fleet *raw,
                               const struct fleet_spec *fleet, int64_t chosen[CHOICES_MAX],
                               size_t n)
{
    const struct value_list *list =
        raw->placement.state == VALUE_GOOD ? &raw->placement : &raw->scheduler.placement;
    bool by_choice = list->state == VALUE_ABSENT || is_all(list);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct scheduler_spec spec = fleet->scheduler;
        spec.placement = &placements[chosen[i]];
        bool is_good = !scheduler_looks_at_gpus(&spec) || spec.gang != GANG_ANYWHERE;
        bool by_slots = spec.sharing == SHARING_MIG || spec.sharing == SHARING_TIME;
        if (by_slots && spec.placement->score == score_fgd) {
            if (!by_choice)
                loading_complain(l, ((const struct value *)list->items)[i].at, NULL,
                                 "every other placement does, and fgd with gpu_sharing: fractional",
                                 "the placement 'fgd' knows nothing of %s",
                                 spec.sharing == SHARING_MIG ? "MIG instances" : "replicas");
            continue;
        }
        if (!is_good && spec.sharing != SHARING_NONE) {
            loading_complain(l, raw->scheduler.gpu_sharing.at, NULL,
                             "gang: fewest-nodes and gang: one-node can",
                             "'gang: anywhere' counts whole GPUs, wherever they are");
            return n;
        }
        if (!is_good && !by_choice)
            loading_complain(l, ((const struct value *)list->items)[i].at, NULL,
                             "gang: fewest-nodes and gang: one-node do",
                             "the placement '%s' picks single nodes, which 'gang: anywhere' does "
                             "not ask for",
                             spec.placement->name);
        if (is_good || !by_choice) chosen[kept++] = chosen[i];
    }
    return kept;
}

/* Single GPUs are bits of a word. */
static void check_gpus(struct loading *l, const struct raw_fleet *raw,
                       const struct fleet_spec *fleet, const int64_t *places, size_t n)
{
    const struct raw_pool *pools = raw->pools.items;
    struct scheduler_spec one = fleet->scheduler, *spec = &one;
    size_t i = 0;
    for (; i < n; i++) {
        one.placement = &placements[places[i]];
        if (scheduler_looks_at_gpus(&one)) break;
    }
    for (int32_t p = 0; spec->sharing == SHARING_MIG && p < fleet->pool_n; p++)
        if (fleet->pools[p].type.gpus > 0 && !mig_has(fleet->pools[p].type.gpu_model))
            loading_complain(l, pools[p].instance.at, NULL, "A100, H100 and H200 can",
                             "gpu_sharing: mig: a %s cannot be cut into these instances",
                             fleet->pools[p].type.gpu_model);
    for (int32_t p = 0; i < n && p < fleet->pool_n; p++)
        if (fleet->pools[p].type.gpus > GPU_TABLE_GPUS_MAX)
            loading_complain(l, pools[p].self.at, NULL, NULL,
                             "a node of '%s' has %d GPUs; %s tells at most %d of a node apart",
                             fleet->pools[p].type.name, fleet->pools[p].type.gpus,
                             spec->sharing != SHARING_NONE ? "gpu_sharing" : spec->placement->name,
                             GPU_TABLE_GPUS_MAX);
}

static enum status add_one(struct loading *l, const struct raw_fleet *raw,
                           const struct fleet_spec *fleet, const char *order, const char *placement)
{
    struct scenario *s = l->scenario;
    char name[2 * NAME_BYTES_MAX + 100];
    int n = snprintf(name, sizeof name, "%s%s%s%s%s", fleet->name, order ? " / " : "",
                     order ? order : "", placement ? " / " : "", placement ? placement : "");
    for (int32_t f = 0; f < s->fleet_n; f++)
        if (strcmp(s->fleets[f].name, name) == 0)
            loading_complain(l, raw->self.at, NULL, NULL, "two fleets are called '%s'", name);
    s->fleets[s->fleet_n] = *fleet;
    s->fleets[s->fleet_n].name = arena_text(&l->store->arena, name, (size_t)n);
    if (!s->fleets[s->fleet_n++].name)
        return error_set(l->err, STATUS_NO_MEMORY, "no memory for a name");
    return STATUS_OK;
}

enum status variants_add(struct loading *l, struct raw_fleet *raw, struct fleet_spec *fleet)
{
    int64_t orders[CHOICES_MAX], places[CHOICES_MAX];
    size_t order_n = choose_orders(l, raw, &fleet->scheduler.share, orders),
           place_n = choose_placements(l, raw, places);
    warn_of_linear_speed(l, &raw->scheduler, orders, order_n);
    for (size_t i = 0; i < order_n; i++) check_fallback(l, raw, fleet, &queue_orders[orders[i]]);
    for (size_t i = 0; i < order_n; i++) check_cordons(l, raw, fleet, &queue_orders[orders[i]]);
    place_n = check_placements(l, raw, fleet, places, place_n);
    check_gpus(l, raw, fleet, places, place_n);
    enum status status = STATUS_OK;
    raw->first = l->scenario->fleet_n;
    if ((size_t)l->scenario->fleet_n + order_n * place_n > SCENARIO_FLEETS_MAX) {
        loading_complain(l, raw->self.at, NULL, NULL,
                         "fleet '%s' is %zu fleets, one for each order and placement; with them "
                         "there are more than %d",
                         fleet->name, order_n * place_n, SCENARIO_FLEETS_MAX);
        l->raw.fleets.state = VALUE_BAD; /* not all of them are known by name */
        return STATUS_OK;
    }
    for (size_t i = 0; i < order_n; i++)
        for (size_t k = 0; status == STATUS_OK && k < place_n; k++) {
            fleet->scheduler.order = &queue_orders[orders[i]];
            fleet->scheduler.placement = &placements[places[k]];
            status = add_one(l, raw, fleet, order_n > 1 ? fleet->scheduler.order->name : NULL,
                             place_n > 1 ? fleet->scheduler.placement->name : NULL);
        }
    return status;
}
