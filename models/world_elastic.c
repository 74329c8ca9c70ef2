/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes of a world that an autoscaler asks for and gives back.
 *
 * A rented node is bought from its request, which comes after the lead of people who provide it,
 * until it is gone: it runs while its system boots, its images come and it joins. EC2 does not bill
 * the seconds in which an instance is pending (models/pricing/metering.h); no source tells them
 * apart from the boot, so they count. A stay is billed by its pool's rule; what a rule rounds up
 * beyond the end of the books is not in them. That of a spot node is billed until it is gone, its
 * notice, too. Owned nodes are bought all the time: what goes is their power.
 */
#include <stdlib.h>
#include <string.h>

#include "models/pricing/bill.h"
#include "models/pricing/ledger.h"
#include "models/pricing/metering.h"
#include "models/world_state.h"

/* ---- when the autoscaler is asked ---- */

static int64_t interval_us(const struct elastic *e)
{
    return e->kind->interval_us ? e->kind->interval_us(e->view.spec) : 0;
}

/* The first instant at or after a time at which it may be asked. */
static int64_t tick_at(const struct elastic *e, int64_t time_us)
{
    int64_t interval = interval_us(e);
    if (time_us == EVENT_NONE || interval == 0) return time_us;
    int64_t late = time_us % interval;
    if (late) time_us = time_us < EVENT_NONE - interval ? time_us - late + interval : EVENT_NONE;
    return time_us == e->asked_us ? time_us + interval : time_us;
}

void elastic_changed(struct world *w)
{
    struct elastic *e = w->elastic;
    if (e->changed) return;
    e->changed = true;
    int64_t at_us = e->view.ask_changes ? tick_at(e, w->now_us) : EVENT_NONE;
    if (at_us < w->clock.tick_us) w->clock.tick_us = at_us;
}

/* Who waits is also asked within a pass: a drained job waits again, and for a demand that it may
 * have first then. */
static void see_waiting(struct world *w)
{
    struct elastic *e = w->elastic;
    e->view.waiting = e->waiting;
    e->view.demand_n = w->demands.n < e->waiting_capacity ? w->demands.n : e->waiting_capacity;
    e->view.waiting_n = w->scheduler.waiting_n;
}

bool elastic_tick(struct world *w)
{
    struct elastic *e = w->elastic;
    struct autoscaler_view *v = &e->view;
    v->changed = e->changed;
    e->changed = false;
    e->asked_us = v->now_us = w->now_us;
    see_waiting(w);
    v->wake_us = EVENT_NONE;
    v->ask_changes = true;
    uint32_t stays = e->nodes.stay_n;
    if (e->kind->pass) e->kind->pass(v);
    e->changed = false; /* by what it did itself */
    w->clock.tick_us = tick_at(e, v->wake_us);
    /* Each request takes memory, so that fewer of them are taken for never. */
    w->changes_in_row += 1 + 5 * (int64_t)(e->nodes.stay_n - stays);
    if (w->changes_in_row > CHANGES_MAX || v->failed) w->scheduler.failed = true;
    return !w->scheduler.failed;
}

/* ---- what it sees ---- */

bool elastic_waits(struct world *w, uint32_t job, uint32_t demand, int sign)
{
    struct elastic *e = w->elastic;
    if (demand >= e->waiting_capacity) {
        uint32_t capacity = demand < UINT32_MAX / 2 ? 2 * demand + 16 : UINT32_MAX;
        int64_t *waiting = realloc(e->waiting, capacity * sizeof *waiting);
        if (!waiting) return false;
        memset(waiting + e->waiting_capacity, 0,
               (capacity - e->waiting_capacity) * sizeof *waiting);
        e->waiting = waiting;
        e->waiting_capacity = capacity;
    }
    e->waiting[demand] += sign;
    if (e->kind->by_job && sign > 0) pending_comes(&e->pending, job, demand);
    else if (e->kind->by_job) pending_leaves(&e->pending, job);
    elastic_changed(w);
    return true;
}

bool elastic_job(struct world *w, uint32_t slot, int sign)
{
    const struct running_job *j = &w->running.slots[slot];
    const struct piece *pieces = running_pieces(&w->running, slot);
    struct residents *residents = w->elastic->kind->by_job ? &w->elastic->residents : NULL;
    int32_t base = w->pools[j->pool].base;
    for (int32_t i = 0; i < j->piece_n; i++) {
        struct lifecycle_node *n = lifecycle_node(&w->elastic->nodes, j->pool, pieces[i].node);
        if (sign > 0 && n->is_idle) n->busy_us = w->now_us;
        if (sign > 0) lifecycle_job_comes(&w->elastic->nodes, j->pool, pieces[i].node);
        else lifecycle_job_leaves(&w->elastic->nodes, j->pool, pieces[i].node, w->now_us);
        n->touched_us = w->now_us;
        if (!residents) continue;
        if (sign < 0) residents_leave(residents, base + pieces[i].node, slot);
        else if (!residents_come(residents, base + pieces[i].node, slot)) return false;
    }
    elastic_changed(w);
    return true;
}

/* ---- what it does ---- */

static bool is_owned(const struct world *w, int32_t pool)
{
    return strcmp(w->fleet->pools[pool].purchase.option->name, "owned") == 0;
}

static void holds(void *world, int32_t pool, int nodes)
{
    struct world *w = world;
    struct elastic *e = w->elastic;
    int64_t held = lifecycle_held(&e->nodes.pools[pool]) + e->nodes.pools[pool].draining_n;
    if (held > e->most[pool] && w->now_us < w->books_us) e->most[pool] = held;
    int64_t *changed_us = nodes > 0 ? &e->grown_us[pool] : &e->shrunk_us[pool];
    if (*changed_us != w->now_us) world_services_change(w, pool);
    *changed_us = w->now_us;
    if (!is_owned(w, pool)) e->held_gpus += (int64_t)nodes * w->pools[pool].gpus;
}

/* Nobody is on the node; it is not there any more. */
static void node_leaves(struct world *w, int32_t pool, int32_t node)
{
    scheduler_node_leaves(&w->scheduler, pool, node, w->now_us);
    pool_take_down(&w->pools[pool], node);
    w->up_gpus -= w->pools[pool].gpus;
    if (w->clock.changes) outages_leave(&w->outages, (uint32_t)(w->pools[pool].base + node));
    scheduler_node_changed(&w->scheduler, pool, -1, w->now_us);
}

/* Where it fails, the node cannot be had for a while. */
static bool refuses(void *world, int32_t pool)
{
    struct world *w = world;
    struct lifecycle *nodes = &w->elastic->nodes;
    int32_t node = lifecycle_next(nodes, pool);
    if (!w->clock.supply || node < 0 || !supply_refuses(&w->supply, pool, node, w->now_us))
        return false;
    lifecycle_close(nodes, pool, node);
    return true;
}

void elastic_remove(struct world *w, int32_t pool, int32_t node)
{
    lifecycle_remove(&w->elastic->nodes, pool, node, w->now_us,
                     w->pools[pool].node_busy_milli_us[node]);
    node_leaves(w, pool, node);
    holds(w, pool, -1);
    w->clock.pass_us = clockwork_tick(&w->clock, w->now_us);
}

static void removes(void *world, int32_t pool, int32_t node) { elastic_remove(world, pool, node); }

static bool drains(void *world, int32_t pool, int32_t node)
{
    struct world *w = world;
    bool good = world_node_drained(w, pool, node);
    see_waiting(w);
    return good;
}

void elastic_boot(struct world *w)
{
    struct node_at at = lifecycle_take_due(&w->elastic->nodes);
    if (lifecycle_node(&w->elastic->nodes, at.pool, at.node)->state == NODE_DRAINING) {
        elastic_gone(w, at.pool, at.node);
        return;
    }
    pool_bring_up(&w->pools[at.pool], at.node);
    w->up_gpus += w->pools[at.pool].gpus;
    if (w->clock.changes)
        outages_join(&w->outages, at.pool, (uint32_t)(w->pools[at.pool].base + at.node), w->now_us);
    scheduler_node_changed(&w->scheduler, at.pool, +1, w->now_us);
    elastic_changed(w);
}

/* ---- the whole ---- */

bool elastic_init(struct world *w, struct random_key key)
{
    const struct autoscaler *kind = w->fleet->autoscaler.kind;
    if (!kind) kind = autoscalers[0];
    struct elastic *e = w->elastic = calloc(1, sizeof *e);
    if (!e) return false;
    e->kind = kind;
    e->asked_us = -1;
    e->most = calloc((size_t)w->fleet->pool_n, sizeof *e->most);
    e->grown_us = calloc((size_t)w->fleet->pool_n, sizeof *e->grown_us);
    e->shrunk_us = calloc((size_t)w->fleet->pool_n, sizeof *e->shrunk_us);
    e->view = (struct autoscaler_view){ .spec = &w->fleet->autoscaler,
                                        .fleet = w->fleet,
                                        .workload = w->workload,
                                        .pools = w->pools,
                                        .pool_n = w->fleet->pool_n,
                                        .demands = &w->demands,
                                        .pending = kind->by_job ? &e->pending : NULL,
                                        .residents = kind->by_job ? &e->residents : NULL,
                                        .running = &w->running,
                                        .ends = &w->ends,
                                        .nodes = &e->nodes,
                                        .key = key,
                                        .can_drain = autoscaler_drains(w->fleet),
                                        .ask_changes = true,
                                        .state = calloc(1, kind->state_size + 1),
                                        .holds = holds,
                                        .removes = removes,
                                        .refuses = refuses,
                                        .drains = drains,
                                        .world = w };
    if (!lifecycle_init(&e->nodes, w->fleet, key) || !e->most || !e->grown_us || !e->shrunk_us ||
        !e->view.state)
        return false;
    size_t nodes = 0;
    for (int32_t p = 0; p < w->fleet->pool_n; p++) {
        nodes += (size_t)w->pools[p].node_n;
        e->grown_us[p] = e->shrunk_us[p] = -1;
        e->held_gpus += w->pools[p].gpus *
                        (int64_t)(is_owned(w, p) ? w->pools[p].node_n : e->nodes.pools[p].least);
    }
    if (kind->by_job &&
        (!pending_init(&e->pending, w->workload->job_n) || !residents_init(&e->residents, nodes)))
        return false;
    return !kind->init || kind->init(&e->view);
}

enum status elastic_begin(struct world *w, struct error *err)
{
    struct lifecycle *nodes = &w->elastic->nodes;
    w->clock.boots = &nodes->boots;
    for (int32_t p = 0; p < w->fleet->pool_n; p++)
        for (int32_t n = nodes->pools[p].least; n < w->pools[p].node_n; n++) node_leaves(w, p, n);
    if (supply_expected(w->fleet)) w->clock.supply = &w->supply.changes;
    while (w->clock.supply && events_next_time(w->clock.supply) == 0) /* who was never there */
        if (world_supply_change(w, err) != STATUS_OK) return err->status;
    for (int32_t p = 0; p < w->fleet->pool_n; p++)
        w->elastic->most[p] = lifecycle_held(&nodes->pools[p]);
    elastic_changed(w);
    return STATUS_OK;
}

bool elastic_keep_least(struct world *w, int32_t pool)
{
    struct autoscaler_view *v = &w->elastic->view;
    const struct lifecycle_pool *p = &v->nodes->pools[pool];
    v->now_us = w->now_us;
    if (lifecycle_held(p) < p->least) autoscaler_add(v, pool, p->least - lifecycle_held(p));
    return !v->failed;
}

void elastic_gone(struct world *w, int32_t pool, int32_t node)
{
    lifecycle_gone(&w->elastic->nodes, pool, node, w->now_us,
                   w->pools[pool].node_busy_milli_us[node]);
    holds(w, pool, -1);
}

void elastic_left(struct world *w, int32_t pool, int32_t node)
{
    struct lifecycle *l = &w->elastic->nodes;
    const struct lifecycle_node *n = lifecycle_node(l, pool, node);
    if (n->state != NODE_DRAINING || n->jobs > 0) return;
    if (w->clock.changes) outages_leave(&w->outages, (uint32_t)(w->pools[pool].base + node));
    if (l->stays[n->stay].told_us < 0) elastic_gone(w, pool, node);
}

void elastic_free(struct elastic *e)
{
    if (!e) return;
    if (e->kind->free && e->view.state) e->kind->free(&e->view);
    free(e->view.state);
    lifecycle_free(&e->nodes);
    free(e->waiting);
    pending_free(&e->pending);
    residents_free(&e->residents);
    free(e->most);
    free(e->grown_us);
    free(e->shrunk_us);
    free(e);
}

/* ---- the books ---- */

static int64_t inside(int64_t time_us, int64_t books_us)
{
    return time_us < books_us ? time_us : books_us;
}

/* What is billed of a stay, inside the books. */
static int64_t billed_us(const struct world *w, const struct stay *s)
{
    const struct pool_spec *spec = &w->fleet->pools[s->pool];
    const struct billing_rule *rule =
        spec->purchase.billing ? spec->purchase.billing : billing_rule_of(spec->type.provider);
    int64_t books_us = w->result->books_us;
    struct node_life life = { s->requested_us, inside(s->gone_us, books_us), ENDED_BY_USER };
    if (life.from_us >= life.to_us) return 0;
    return inside(life.from_us + meter_billed_us(rule, &life), books_us) - life.from_us;
}

/* Of that, what is free: all of the life of a spot node that its provider ends soon. */
static int64_t free_us(const struct world *w, const struct stay *s, int64_t books_us)
{
    const struct pool_spec *pool = &w->fleet->pools[s->pool];
    struct node_life life = { s->requested_us, s->gone_us, ENDED_BY_PROVIDER };
    if (s->told_us < 0 || s->gone_us > books_us || s->gone_us <= s->requested_us ||
        strcmp(pool->type.provider, "aws") != 0)
        return 0;
    bool is_free = meter_billed_us(billing_rule_find("ec2-spot"), &life) == 0;
    return is_free ? billed_us(w, s) : 0;
}

struct pool_time elastic_time(const struct world *w, int32_t pool)
{
    const struct elastic *e = w->elastic;
    int64_t books_us = w->result->books_us;
    struct pool_time t = { 0 };
    for (uint32_t i = 0; i < e->nodes.stay_n; i++) {
        const struct stay *s = &e->nodes.stays[i];
        if (s->pool != pool || s->requested_us >= books_us) continue;
        int64_t gone_us = inside(s->gone_us, books_us);
        t.bought_us += gone_us - s->requested_us;
        t.booting_us +=
            (s->ready_us >= 0 ? inside(s->ready_us, books_us) : gone_us) - s->requested_us;
        t.billed_us += billed_us(w, s);
        t.free_us += free_us(w, s, books_us);
        t.started += i >= e->nodes.first_n;
    }
    if (!is_owned(w, pool)) return t;
    __int128 all_us = (__int128)w->pools[pool].node_n * books_us;
    t.off_us = all_us - t.bought_us;
    t.bought_us = t.billed_us = all_us;
    return t;
}

enum status elastic_ledger(const struct world *w, int32_t pool, struct ledger *ledger,
                           struct error *err)
{
    const struct lifecycle *nodes = &w->elastic->nodes;
    int64_t books_us = w->result->books_us;
    bool owned = is_owned(w, pool);
    enum status status =
        owned ? ledger_add(ledger, LEDGER_BOUGHT, 0, books_us, w->pools[pool].node_n, err)
              : STATUS_OK;
    for (uint32_t i = 0; i < nodes->stay_n && status == STATUS_OK; i++) {
        const struct stay *s = &nodes->stays[i];
        if (s->pool != pool || s->requested_us >= books_us) continue;
        int64_t us = owned ? inside(s->gone_us, books_us) - s->requested_us : billed_us(w, s);
        if (us > 0)
            status = ledger_add(ledger, owned ? LEDGER_ON : LEDGER_BOUGHT, s->requested_us,
                                s->requested_us + us, 1, err);
        if (status == STATUS_OK && (us = free_us(w, s, books_us)) > 0)
            status = ledger_add(ledger, LEDGER_FREE, s->requested_us, s->requested_us + us, 1, err);
    }
    return status;
}

static void tell(const struct world *w, int32_t pool, int32_t node, struct node_record record,
                 const struct pool_usage *usage)
{
    struct charge_line lines[CHARGE_KIND_N];
    record.node = w->pools[pool].base + node;
    record.pool = pool;
    record.busy_gpu_us = (int64_t)usage->busy_gpu_us;
    bill_pool(&w->fleet->pools[pool].purchase, usage, lines);
    for (int k = 0; k < CHARGE_KIND_N; k++)
        record.cost_usd_micro += lines[k].jobs_usd_micro + lines[k].idle_usd_micro;
    w->obs->node(w->obs->context, &record);
}

/* Owned nodes: one record each, of all the time; what is off is off. */
static void tell_owned(const struct world *w, int32_t pool, const __int128 *on_us)
{
    const struct pool *p = &w->pools[pool];
    int64_t books_us = w->result->books_us;
    for (int32_t node = 0; node < p->node_n; node++) {
        struct pool_usage usage = { .gpus_per_node = p->gpus,
                                    .node_us = books_us,
                                    .busy_gpu_us = p->node_busy_milli_us[node] / GPU_WHOLE,
                                    .off_us = books_us - on_us[node] };
        tell(w, pool, node, (struct node_record){ .down_us = books_us }, &usage);
    }
}

enum status elastic_tell_nodes(const struct world *w, int32_t pool, struct error *err)
{
    const struct lifecycle *nodes = &w->elastic->nodes;
    const struct pool *p = &w->pools[pool];
    int64_t books_us = w->result->books_us;
    /* By node: what was told of it so far; owned, how long it was on. */
    __int128 *told = calloc((size_t)p->node_n, sizeof *told);
    bool owned = is_owned(w, pool);
    if (!told) return error_set(err, STATUS_NO_MEMORY, "no memory for the records of nodes");
    for (uint32_t i = 0; i < nodes->stay_n; i++) {
        const struct stay *s = &nodes->stays[i];
        if (s->pool != pool || s->requested_us >= books_us || s->gone_us == s->requested_us)
            continue;
        int64_t gone_us = inside(s->gone_us, books_us);
        if (owned) {
            told[s->node] += gone_us - s->requested_us;
            continue;
        }
        __int128 busy = s->ready_us < 0 ? told[s->node] : s->busy_milli_us;
        if (s->gone_us == INT64_MAX) busy = p->node_busy_milli_us[s->node];
        struct pool_usage usage = { .gpus_per_node = p->gpus,
                                    .node_us = billed_us(w, s),
                                    .busy_gpu_us = (busy - told[s->node]) / GPU_WHOLE,
                                    .free_us = free_us(w, s, books_us) };
        told[s->node] = busy;
        bill_rate_life(&w->fleet->pools[pool].purchase, s->requested_us, &usage);
        struct node_record record = { .up_us = s->requested_us,
                                      .down_us = gone_us,
                                      .ready_us = s->ready_us <= gone_us ? s->ready_us : -1 };
        tell(w, pool, s->node, record, &usage);
    }
    if (owned) tell_owned(w, pool, told);
    free(told);
    return STATUS_OK;
}
