/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Karpenter's disruption loop: which nodes go, and what comes in their place; nodes that expire.
 *
 *      look --> command --- 15 s ---> validated --> delete: drained at once
 *                                                   replace: launched, and drained once that is
 *                                                   ready
 *
 * One command is validated at a time; any number wait for their replacements.
 */
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/karpenter_trial.h"

enum { CANDIDATES_MAX = 100 };

void karpenter_disrupt_free(struct karpenter *k)
{
    for (int32_t i = 0; i < k->command_n; i++) free(k->commands[i].nodes);
    free(k->commands);
    free(k->validating.nodes);
    free(k->nodes);
    free(k->chosen);
    free(k->moved);
}

static int64_t poll_from(const struct karpenter *k, int64_t time_us)
{
    int64_t poll_us = k->options->poll_us;
    return (time_us + poll_us - 1) / poll_us * poll_us;
}

/* ---- methods ---- */

static void command_set(struct autoscaler_view *v, const struct karpenter_node *nodes, int32_t n,
                        enum karpenter_reason reason, const struct karpenter_outcome *o)
{
    struct karpenter *k = v->state;
    struct karpenter_node *copy = malloc((size_t)n * sizeof *copy);
    if (!copy) {
        v->failed = true;
        return;
    }
    memcpy(copy, nodes, (size_t)n * sizeof *copy);
    k->validating = (struct karpenter_command){ .nodes = copy,
                                                .n = n,
                                                .reason = reason,
                                                .replaces = o->replaces,
                                                .options = o->options,
                                                .nodepool = o->nodepool,
                                                .decided_us = v->now_us };
}

/* multinodeconsolidation.go: the longest beginning of the line that can go at once. */
static bool consolidate_many(struct autoscaler_view *v, int32_t n)
{
    struct karpenter *k = v->state;
    struct karpenter_outcome best = { 0 };
    int32_t low = 1, high = (n < CANDIDATES_MAX ? n : CANDIDATES_MAX) - 1, best_n = 0;
    while (low <= high && !v->failed) {
        int32_t middle = (low + high) / 2;
        struct karpenter_outcome o = karpenter_try_out(v, k->chosen, middle + 1);
        if (o.good) {
            best = o;
            best_n = middle + 1;
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    if (best_n == 0 || v->failed) return false;
    command_set(v, k->chosen, best_n, KARPENTER_UNDERUTILIZED, &best);
    return true;
}

static bool consolidate_one(struct autoscaler_view *v, int32_t n)
{
    struct karpenter *k = v->state;
    for (int32_t i = 0; i < n && !v->failed; i++) {
        if (karpenter_stays(v, &k->chosen[i])) continue;
        struct karpenter_outcome o = karpenter_try_out(v, &k->chosen[i], 1);
        if (!o.good) continue;
        command_set(v, &k->chosen[i], 1, KARPENTER_UNDERUTILIZED, &o);
        return true;
    }
    return false;
}

static void look(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    static const struct karpenter_outcome deleted = { .good = true };
    k->unsettled = false;
    k->poll_us = EVENT_NONE;
    if (!k->options->plain && (karpenter_no_move(v) || karpenter_still_stay(v))) return;
    k->stay_n = 0;
    struct karpenter_survey s = karpenter_look_around(v);
    if (v->failed) return;
    int64_t later_us = s.later_us;
    if (!k->options->plain && karpenter_none_goes(v, &s)) {
        if (later_us != EVENT_NONE) k->poll_us = poll_from(k, later_us);
        return;
    }
    s.later_us = EVENT_NONE;
    int32_t n = karpenter_choose(v, KARPENTER_EMPTY, &s);
    if (n > 0) command_set(v, k->chosen, n, KARPENTER_EMPTY, &deleted);
    if (n > 0 || v->failed) return;
    if (!s.blocked && k->busy_n > 0) {
        n = karpenter_choose(v, KARPENTER_UNDERUTILIZED, &s);
        if (!k->options->plain && karpenter_chosen_stay(v, n)) k->stay_n = n;
        else if (consolidate_many(v, n) || (!v->failed && consolidate_one(v, n))) return;
    }
    if (s.constrained && s.later_us < later_us) later_us = s.later_us;
    if (later_us != EVENT_NONE) k->poll_us = poll_from(k, later_us);
}

/* ---- commands ---- */

static bool is_still_there(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct lifecycle_node *l = lifecycle_node(v->nodes, n->pool, n->node);
    return l->state != NODE_ABSENT && l->stay == n->stay;
}

static void mark(struct autoscaler_view *v, const struct karpenter_command *c, bool going)
{
    struct karpenter *k = v->state;
    for (int32_t i = 0; i < c->n; i++)
        if (is_still_there(v, &c->nodes[i]))
            k->going[karpenter_number(v, c->nodes[i].pool, c->nodes[i].node)] = going;
}

/* Launches what is to come, or lets the nodes go at once. Takes the command's memory. */
static void execute(struct autoscaler_view *v, struct karpenter_command c)
{
    struct karpenter *k = v->state;
    c.decided_us = v->now_us;
    if (c.replaces) c.by = karpenter_launch(v, c.nodepool, c.options);
    if (!c.replaces) {
        for (int32_t i = 0; i < c.n && !v->failed; i++)
            autoscaler_drain(v, c.nodes[i].pool, c.nodes[i].node);
    } else if (c.by.node >= 0) {
        if (k->command_n == k->command_capacity) {
            int32_t capacity = 2 * k->command_capacity + 8;
            struct karpenter_command *grown =
                realloc(k->commands, (size_t)capacity * sizeof *grown);
            if (!grown) v->failed = true;
            else {
                k->commands = grown;
                k->command_capacity = capacity;
            }
        }
        if (!v->failed) {
            mark(v, &c, true);
            k->commands[k->command_n++] = c;
            return;
        }
    }
    free(c.nodes);
}

/* The candidate that it is now, empty or not as before; NULL: none. */
static const struct karpenter_node *candidate_of(const struct karpenter *k,
                                                 const struct karpenter_command *c, int32_t i)
{
    bool empty = c->reason == KARPENTER_EMPTY;
    const struct karpenter_node *nodes = empty ? k->nodes : karpenter_busy(k), *n = &c->nodes[i];
    for (size_t at = 0; at < (empty ? k->empty_n : k->busy_n); at++)
        if (nodes[at].pool == n->pool && nodes[at].node == n->node && nodes[at].stay == n->stay)
            return &nodes[at];
    return NULL;
}

/* Those of its nodes that may still go, as they are now. */
static void keep_candidates(struct autoscaler_view *v, struct karpenter_command *c)
{
    struct karpenter *k = v->state;
    struct karpenter_survey ignored = { .later_us = EVENT_NONE };
    int32_t kept = 0;
    karpenter_allow(v, c->reason, &ignored);
    for (int32_t i = 0; i < c->n; i++) {
        const struct karpenter_node *now = candidate_of(k, c, i);
        if (now && karpenter_is_allowed(k, now)) c->nodes[kept++] = *now;
    }
    c->n = kept;
}

/* validation.go: of empty nodes those that still are go; all else is to be as it was. */
static void validate(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    struct karpenter_command c = k->validating;
    int32_t n = c.n;
    k->validating = (struct karpenter_command){ 0 };
    struct karpenter_survey s = karpenter_look_around(v);
    if (!v->failed) keep_candidates(v, &c);
    bool good = !v->failed && c.n > 0;
    if (good && c.reason != KARPENTER_EMPTY) {
        good = c.n == n && !s.blocked;
        struct karpenter_outcome o =
            good ? karpenter_try_out(v, c.nodes, c.n) : (struct karpenter_outcome){ 0 };
        c.options &= o.options;
        good = o.good && o.replaces == c.replaces && (!c.replaces || c.options);
    }
    k->unsettled = true;
    k->poll_us = good ? v->now_us : poll_from(k, v->now_us + 1);
    if (good) execute(v, c);
    else free(c.nodes);
}

/* Whether a job has come to the node since the command was given. */
static bool has_new_job(const struct autoscaler_view *v, const struct karpenter_node *n,
                        int64_t since_us)
{
    const struct residents *r = v->residents;
    uint32_t i = r->first[karpenter_number(v, n->pool, n->node)];
    for (; i != RESIDENT_NONE; i = r->all[i].after)
        if (v->running->slots[r->all[i].slot].start_us > since_us) return true;
    return false;
}

static void finish(struct autoscaler_view *v, struct karpenter_command *c)
{
    struct karpenter *k = v->state;
    mark(v, c, false);
    for (int32_t i = 0; i < c->n && is_still_there(v, &c->by) && !v->failed; i++)
        if (is_still_there(v, &c->nodes[i]) && !has_new_job(v, &c->nodes[i], c->decided_us))
            autoscaler_drain(v, c->nodes[i].pool, c->nodes[i].node);
    free(c->nodes);
    k->unsettled = true;
}

/* Commands whose replacements are ready, or will not come. */
static void finish_commands(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    int32_t kept = 0;
    for (int32_t i = 0; i < k->command_n; i++) {
        struct karpenter_command *c = &k->commands[i];
        if (is_still_there(v, &c->by) &&
            lifecycle_node(v->nodes, c->by.pool, c->by.node)->state == NODE_BOOTING)
            k->commands[kept++] = *c;
        else finish(v, c);
    }
    k->command_n = kept;
}

/* ---- nodes that expire ---- */

/* Takes away a node whose time is over; false: it stays for now, until *at_us where that is known.
 */
static bool expire_node(struct autoscaler_view *v, const struct karpenter_pool *pool, int32_t p,
                        int32_t node, int64_t due_us, int64_t *at_us)
{
    const struct karpenter *k = v->state;
    const struct lifecycle_node *l = lifecycle_node(v->nodes, p, node);
    *at_us = EVENT_NONE;
    if (l->state == NODE_BOOTING) {
        autoscaler_cancel(v, p, node);
        return true;
    }
    if (l->jobs > 0 && k->options->do_not_disrupt) {
        if (pool->grace_us < 0) return false;
        *at_us = due_us + pool->grace_us;
        if (*at_us > v->now_us) return false;
        *at_us = EVENT_NONE;
    }
    return autoscaler_drain(v, p, node);
}

static void expire(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    k->expires_us = EVENT_NONE;
    k->overdue = false;
    for (int32_t p = 0; p < v->pool_n; p++)
        for (int32_t node = 0; node < v->pools[p].node_n && !v->failed; node++) {
            const struct lifecycle_node *l = lifecycle_node(v->nodes, p, node);
            int32_t owner = k->owner[karpenter_number(v, p, node)];
            if (owner < 0 || l->state == NODE_ABSENT || k->pools[owner].expire_us < 0) continue;
            int64_t due_us = v->nodes->stays[l->stay].requested_us + k->pools[owner].expire_us,
                    at_us = due_us;
            if (due_us <= v->now_us) {
                if (expire_node(v, &k->pools[owner], p, node, due_us, &at_us)) {
                    k->unsettled = k->stale = true;
                    continue;
                }
                k->overdue = true;
            }
            if (at_us < k->expires_us) k->expires_us = at_us;
        }
}

/* ---- the loop ---- */

void karpenter_disrupt(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    if (k->command_n > 0) finish_commands(v);
    if (!v->failed && (k->expires_us <= v->now_us || (k->overdue && v->changed))) expire(v);
    if (!v->failed && k->validating.n > 0 &&
        k->validating.decided_us + k->options->validate_us <= v->now_us)
        validate(v);
    if (v->failed) return;
    bool is_near = k->poll_us - v->now_us < k->options->poll_us;
    if (k->validating.n == 0 && k->unsettled && !is_near) k->poll_us = poll_from(k, v->now_us);
    if (k->validating.n == 0 && k->poll_us <= v->now_us) look(v);
    autoscaler_wake(v, k->validating.n > 0 ? k->validating.decided_us + k->options->validate_us
                                           : k->poll_us);
    autoscaler_wake(v, k->expires_us);
}
