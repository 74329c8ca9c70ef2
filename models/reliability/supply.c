/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/supply.h"

#include <stdlib.h>
#include <string.h>

const struct supply_answer_kind supply_answers[] = {
    [ANSWER_DRAIN] = { "drain", "its jobs leave at once" },
    [ANSWER_CORDON] = { "cordon", "its jobs run on until it is gone, and no new ones come" },
    [ANSWER_IGNORE] = { "ignore", "nothing" },
    { NULL, NULL },
};

enum phase {
    HAD,
    SIGNALED, /* had, and the signal has come */
    TAKEN,    /* had, and another's chance takes it now */
    GOING,
    OUT
};

bool supply_expected(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (supply_is_limited(&fleet->pools[p].supply)) return true;
    return false;
}

/* ---- draws ---- */

enum draw { DRAW_UP, DRAW_DOWN, DRAW_BATCH }; /* and as many after it as a batch has nodes */

/* A draw of a node's present turn. */
static uint64_t turn_draw(const struct supply *s, uint32_t number, uint64_t which)
{
    return ((uint64_t)s->nodes[number].turn << 24) + which;
}

static int64_t draw_us(const struct supply *s, const struct duration *d, uint32_t number,
                       enum draw which)
{
    return duration_draw(d, s->key, RANDOM_SUPPLY, number, turn_draw(s, number, which));
}

/* Beyond what time can hold nothing happens. */
static int64_t later(int64_t now_us, int64_t us)
{
    return us < EVENT_NONE - now_us ? now_us + us : EVENT_NONE;
}

static int64_t notice_us(const struct supply_spec *spec)
{
    return spec->takes_back ? spec->notice_us : 0;
}

/* From a node's notice, when its own event comes: before that, with its signal. */
static int64_t first_told_us(const struct supply_spec *spec, int64_t told_us, int64_t now_us)
{
    if (!supply_heeds_signals(spec) || told_us == EVENT_NONE) return told_us;
    return told_us - now_us > spec->rebalance_us ? told_us - spec->rebalance_us : now_us;
}

static bool can_be_had(const struct supply_node *n) { return n->phase <= SIGNALED; }

/* ---- by a log ---- */

/* The outage that is on, or the next one; NULL: there is none any more. */
static const struct outage *outage_at(const struct supply_spec *spec, struct supply_node *n,
                                      int64_t now_us)
{
    for (;;) {
        if (n->next >= spec->log_n) return NULL;
        const struct outage *o = &spec->log[n->next];
        if (later(n->lap_us, o->up_us) > now_us) return o;
        if (n->next + 1 < spec->log_n && o[1].node == o->node) {
            n->next++;
            continue;
        }
        if (spec->log_us == 0) {
            n->next = SIZE_MAX;
            return NULL;
        }
        n->lap_us += spec->log_us;
        while (n->next > 0 && spec->log[n->next - 1].node == o->node) n->next--;
    }
}

/* ---- a node ---- */

/* It can be had from now on, if the log has nothing against it. */
static void begin(struct supply *s, const struct supply_spec *spec, uint32_t number, int64_t now_us)
{
    struct supply_node *n = &s->nodes[number];
    int64_t us = EVENT_NONE;
    n->phase = HAD;
    if (spec->log_n > 0) {
        const struct outage *o = outage_at(spec, n, now_us);
        /* A request failed, and it is out meanwhile; or one round of the log ends with it out, and
         * the next begins so. */
        if (o && n->lap_us + o->down_us <= now_us && now_us > 0) {
            n->phase = OUT;
            us = later(n->lap_us, o->up_us);
        } else if (o) {
            n->gone_us = n->lap_us + o->down_us;
            us = n->gone_us - notice_us(spec);
            if (us < now_us) us = now_us;
        }
    } else if (spec->by_node) {
        us = draw_us(s, &spec->up, number, DRAW_UP) - notice_us(spec);
        us = later(now_us, us > 0 ? us : 0);
        n->gone_us = later(us, notice_us(spec));
    }
    n->told_us = us;
    events_set(&s->changes, number, n->phase == HAD ? first_told_us(spec, us, now_us) : us);
}

/* Others go with it. The size of a batch is geometric: each draw below 1 - 1 / mean adds one. */
static void take_others(struct supply *s, const struct supply_spec *spec, int32_t pool,
                        int32_t node, int64_t now_us)
{
    uint32_t base = (uint32_t)s->base[pool];
    double more = 1 - 1e6 / (double)spec->batch_ppm;
    int32_t nodes = s->fleet->pools[pool].nodes, at = node;
    for (uint64_t i = 0; i + 1 < (uint64_t)nodes; i++) {
        uint32_t number = base + (uint32_t)node;
        if (random_unit(s->key, RANDOM_SUPPLY, number, turn_draw(s, number, DRAW_BATCH + i)) > more)
            return;
        do at = at + 1 < nodes ? at + 1 : 0;
        while (at != node && !can_be_had(&s->nodes[base + (uint32_t)at]));
        if (at == node) return;
        s->nodes[base + (uint32_t)at].phase = TAKEN;
        events_set(&s->changes, base + (uint32_t)at, now_us);
    }
}

static void go(struct supply *s, const struct supply_spec *spec, uint32_t number, int64_t now_us)
{
    struct supply_node *n = &s->nodes[number];
    n->phase = GOING;
    if (spec->log_n > 0) {
        const struct outage *o = &spec->log[n->next];
        n->gone_us = later(n->lap_us, o->down_us);
        n->back_us = later(n->lap_us, o->up_us);
    } else {
        n->gone_us = later(now_us, notice_us(spec));
        n->back_us = later(n->gone_us, draw_us(s, &spec->down, number, DRAW_DOWN));
    }
    events_set(&s->changes, number, n->gone_us);
}

/* ---- a region ---- */

static bool is_of(const struct supply_spec *spec, const char *region)
{
    return spec->by_region && strcmp(spec->region, region) == 0;
}

static void shock_next(struct supply *s, int32_t pool, int64_t now_us)
{
    int64_t us = duration_draw(&s->fleet->pools[pool].supply.region_up, s->key, RANDOM_SUPPLY,
                               s->node_n + (uint32_t)pool, s->shocks[pool]++);
    events_set(&s->changes, s->node_n + (uint32_t)pool, later(now_us, us));
}

/* All that can be had in the region is taken. */
static void shock(struct supply *s, int32_t of, int64_t now_us)
{
    for (int32_t p = 0; p < s->fleet->pool_n; p++) {
        const struct pool_spec *pool = &s->fleet->pools[p];
        if (!is_of(&pool->supply, s->fleet->pools[of].supply.region)) continue;
        for (int32_t n = 0; n < pool->nodes; n++) {
            uint32_t number = (uint32_t)(s->base[p] + n);
            if (!can_be_had(&s->nodes[number])) continue;
            s->nodes[number].phase = TAKEN;
            events_set(&s->changes, number, now_us);
        }
    }
    shock_next(s, of, now_us);
}

/* ---- the whole ---- */

bool supply_init(struct supply *s, const struct fleet_spec *fleet, struct random_key key)
{
    size_t pools = (size_t)fleet->pool_n;
    memset(s, 0, sizeof *s);
    s->fleet = fleet;
    s->key = key;
    s->base = calloc(pools, sizeof *s->base);
    s->shocks = calloc(pools, sizeof *s->shocks);
    if (!s->base || !s->shocks) return false;
    for (size_t p = 0; p < pools; p++) {
        s->base[p] = (int32_t)s->node_n;
        s->node_n += (uint32_t)fleet->pools[p].nodes;
    }
    s->nodes = calloc(s->node_n, sizeof *s->nodes);
    if (!s->nodes || events_init(&s->changes, s->node_n + (uint32_t)pools, NULL) != STATUS_OK)
        return false;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct supply_spec *spec = &fleet->pools[p].supply;
        bool first = spec->by_region;
        for (int32_t q = 0; q < p && first; q++)
            first = !is_of(&fleet->pools[q].supply, spec->region);
        if (first) shock_next(s, p, 0);
        for (int32_t n = 0; n < fleet->pools[p].nodes; n++)
            s->nodes[s->base[p] + n].next = SIZE_MAX;
        for (size_t i = spec->log_n; i-- > 0;) /* the first of each node is left */
            s->nodes[s->base[p] + spec->log[i].node].next = i;
        for (int32_t n = 0; n < fleet->pools[p].nodes; n++)
            begin(s, spec, (uint32_t)(s->base[p] + n), 0);
    }
    return true;
}

void supply_free(struct supply *s)
{
    events_free(&s->changes);
    free(s->nodes);
    free(s->base);
    free(s->shocks);
}

struct supply_change supply_take(struct supply *s)
{
    uint32_t number = events_next_slot(&s->changes);
    int64_t now_us = events_next_time(&s->changes);
    struct supply_change change = { .kind = SUPPLY_NOTHING };
    if (number >= s->node_n) {
        shock(s, (int32_t)(number - s->node_n), now_us);
        return change;
    }
    while (change.pool + 1 < s->fleet->pool_n && (uint32_t)s->base[change.pool + 1] <= number)
        change.pool++;
    change.node = (int32_t)number - s->base[change.pool];
    const struct supply_spec *spec = &s->fleet->pools[change.pool].supply;
    struct supply_node *n = &s->nodes[number];
    switch ((enum phase)n->phase) {
    case HAD:
        if (supply_heeds_signals(spec)) {
            n->phase = SIGNALED;
            events_set(&s->changes, number, n->told_us);
            change.kind = SUPPLY_SIGNAL;
            break;
        }
        /* fall through */
    case SIGNALED:
        if (spec->by_node && spec->batch_ppm > 1000000)
            take_others(s, spec, change.pool, change.node, now_us);
        /* fall through */
    case TAKEN:
        go(s, spec, number, now_us);
        change.kind = SUPPLY_NOTICE;
        break;
    case GOING:
        n->phase = OUT;
        events_set(&s->changes, number, n->back_us);
        change.kind = SUPPLY_GONE;
        break;
    case OUT:
        n->turn++;
        begin(s, spec, number, now_us);
        if (n->phase == HAD) change.kind = SUPPLY_BACK;
        break;
    }
    change.gone_us = n->gone_us;
    return change;
}

/* A draw of a request; those of turns are far below. */
static const uint64_t ASKED = UINT64_C(1) << 55;

bool supply_refuses(struct supply *s, int32_t pool, int32_t node, int64_t now_us)
{
    const struct supply_spec *spec = &s->fleet->pools[pool].supply;
    uint32_t number = (uint32_t)(s->base[pool] + node);
    if (spec->refused_ppm == 0) return false;
    if (random_unit(s->key, RANDOM_SUPPLY, number, ASKED + s->nodes[number].asked++) * 1e6 >
        (double)spec->refused_ppm)
        return false;
    s->nodes[number].phase = OUT;
    events_set(&s->changes, number, later(now_us, spec->retry_us));
    return true;
}
