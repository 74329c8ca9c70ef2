/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/slow_state.h"

#include <stdlib.h>
#include <string.h>

int slow_gpus(const struct slow *s, size_t j)
{
    return s->size[j] ? s->size[j] : s->w->gpu_milli[j] / 1000;
}

int slow_gpus_left(const struct slow *s, size_t j)
{
    int gpus = slow_gpus(s, j);
    for (int k = 0; s->state[j] == RUNNING && k < s->node_n; k++)
        if (s->down[k] && s->held[j][k] > 0) gpus -= s->held[j][k];
    return gpus;
}

int slow_gpus_up(const struct slow *s, int pool)
{
    int gpus = 0;
    for (int k = 0; k < s->node_n; k++)
        if (s->pool_of[k] == pool && !s->down[k]) gpus += s->fleet->pools[pool].gpus;
    return gpus;
}

int64_t slow_estimate(const struct slow *s, size_t j)
{
    const struct backfill_options *o = &s->fleet->backfill;
    int64_t us = s->w->limit_us[j];
    if (us < 0 || o->estimates == ESTIMATES_PERFECT)
        us = s->has_outages ? slow_stay(s, j) : s->w->run_us[j];
    return o->estimate_ppm ? us * o->estimate_ppm / 1000000 : us;
}
static int node_end(const struct slow *s, int pool)
{
    return s->first[pool] + s->fleet->pools[pool].nodes;
}

/* One node of the pool for g GPUs by the placement rule, -1 = none. */
static int pick_node(const struct slow *s, const int *room, int pool, int g)
{
    const char *rule = s->fleet->placement ? s->fleet->placement : "first-fit";
    int best = -1;
    for (int k = s->first[pool]; k < node_end(s, pool); k++) {
        if (room[k] < g) continue;
        if (best < 0) best = k;
        else if (strcmp(rule, "pack") == 0 && room[k] < room[best]) best = k;
        else if (strcmp(rule, "spread") == 0 && room[k] > room[best]) best = k;
    }
    return best;
}

int slow_node(const struct slow *s, int pool, int gpus)
{
    return pick_node(s, s->room, pool, gpus);
}

/* The node of a rack (or of any, where it is -1) with the least room for g GPUs, of those that are
 * not taken but for the first `but` empty ones; -1 = none. */
static int tightest(const struct slow *s, const int *room, int pool, int rack, int g, int but,
                    const int *take)
{
    int per_rack = s->fleet->rack_nodes ? s->fleet->rack_nodes : s->node_n, best = -1;
    for (int k = s->first[pool]; k < node_end(s, pool); k++) {
        if (rack >= 0 && (k - s->first[pool]) / per_rack != rack) continue;
        if (take[k] || (room[k] == s->fleet->pools[pool].gpus && but-- > 0)) continue;
        if (room[k] >= g && (best < 0 || room[k] < room[best])) best = k;
    }
    return best;
}

/* A gang on several nodes, in the fewest racks. */
static int place_in_racks(struct slow *s, const int *room, int pool, int g, int *take)
{
    int per_node = s->fleet->pools[pool].gpus, nodes = s->fleet->pools[pool].nodes;
    int per_rack = s->fleet->rack_nodes ? s->fleet->rack_nodes : s->node_n;
    int racks = (nodes + per_rack - 1) / per_rack, used[4096] = { 0 };
    int whole = g / per_node, rest = g % per_node, node = -1;
    s->picked = -1;
    while (whole > 0) {
        int best = -1, best_rank = 0, best_empty = 0;
        for (int r = 0; r < racks; r++) {
            int empty = 0;
            for (int k = r * per_rack; k < nodes && k < (r + 1) * per_rack; k++)
                empty += room[s->first[pool] + k] == per_node;
            if (used[r] || empty == 0) continue;
            /* 3: holds all; 2: holds all whole nodes; 1: holds some. */
            int rank = empty < whole ? 1 : 2;
            if (rank == 2 && (rest == 0 || tightest(s, room, pool, r, rest, whole, take) >= 0))
                rank = 3;
            int is_better = rank > 1 ? empty < best_empty : empty > best_empty;
            if (rank < best_rank || (rank == best_rank && !is_better)) continue;
            best = r;
            best_rank = rank;
            best_empty = empty;
        }
        if (best < 0) return 0;
        used[best] = 1;
        for (int k = best * per_rack; k < nodes && k < (best + 1) * per_rack && whole > 0; k++) {
            if (room[s->first[pool] + k] != per_node) continue;
            take[s->first[pool] + k] = per_node;
            if (s->picked < 0) s->picked = s->first[pool] + k;
            whole--;
        }
    }
    for (int r = 0; r < racks && rest > 0; r++) {
        int other = used[r] ? tightest(s, room, pool, r, rest, 0, take) : -1;
        if (other >= 0 && (node < 0 || room[other] < room[node])) node = other;
    }
    if (rest > 0 && node < 0) node = tightest(s, room, pool, -1, rest, 0, take);
    if (rest > 0 && node < 0) return 0;
    if (rest > 0) take[node] = rest;
    return 1;
}

/* Node by node, to the rack with the fewest of the gang's, then with the most that are idle. */
static int place_over_racks(struct slow *s, const int *room, int pool, int g, int *take)
{
    int per_node = s->fleet->pools[pool].gpus, nodes = s->fleet->pools[pool].nodes;
    int per_rack = s->fleet->rack_nodes;
    int used[4096] = { 0 };
    s->picked = -1;
    for (int left = g, part; left > 0; left -= part) {
        int best = -1, best_empty = 0;
        part = left < per_node ? left : per_node;
        for (int k = 0; k < nodes; k++) {
            int node = s->first[pool] + k, rack = k / per_rack, empty = 0;
            if (take[node] > 0 || room[node] < part) continue;
            if (part < per_node) empty = -room[node];
            for (int i = rack * per_rack; part == per_node && i < nodes && i / per_rack == rack;
                 i++)
                empty += room[s->first[pool] + i] == per_node && take[s->first[pool] + i] == 0;
            int best_rack = best < 0 ? -1 : (best - s->first[pool]) / per_rack;
            if (best >= 0 && (used[rack] > used[best_rack] ||
                              (used[rack] == used[best_rack] && empty <= best_empty)))
                continue;
            best = node;
            best_empty = empty;
        }
        if (best < 0) return 0;
        take[best] = part;
        used[(best - s->first[pool]) / per_rack]++;
        if (part == per_node && (s->picked < 0 || best < s->picked)) s->picked = best;
    }
    return 1;
}

/* The node for the g GPUs of a gang that its whole nodes leave over; -1 = none. */
static int pick_rest(const struct slow *s, const int *room, int pool, int g, const int *take)
{
    enum remainder_rule rule = s->fleet->remainder;
    int best = -1, last = -1;
    if (rule == REMAINDER_PLACEMENT) return pick_node(s, room, pool, g);
    for (int k = s->first[pool]; k < node_end(s, pool); k++)
        if (take[k] > 0) last = k;
    for (int k = s->first[pool]; k < node_end(s, pool); k++) {
        if (room[k] < g) continue;
        int is_better = best < 0 || (rule == REMAINDER_PACK && room[k] < room[best]) ||
                        (rule == REMAINDER_SPREAD && room[k] > room[best]) ||
                        (rule == REMAINDER_NEAR && best < last && k > last);
        if (is_better) best = k;
    }
    return best;
}

/* Whether job j may be on the node, beside those that are. */
static int is_welcome(const struct slow *s, size_t j, int node)
{
    const struct workload *w = s->w;
    const struct neighbour_options *o = &s->fleet->neighbours;
    for (size_t i = 0; i < w->job_n; i++) {
        if (s->state[i] != RUNNING || s->held[i][node] == 0) continue;
        if (o->apart == APART_TENANT && w->tenant[j] && w->tenant[i] == w->tenant[j]) return 0;
        if (o->apart == APART_USER && w->user[j] && w->user[i] == w->user[j]) return 0;
        if (o->apart == APART_CLASS && w->class_[j] && w->class_[i] == w->class_[j]) return 0;
        if (o->apart == APART_QUEUE && w->queue[j] && w->queue[i] == w->queue[j]) return 0;
        if (o->exclusive == EXCLUSIVE_TENANT && w->tenant[i] != w->tenant[j]) return 0;
        if (o->exclusive == EXCLUSIVE_USER && w->user[i] != w->user[j]) return 0;
        if (o->exclusive == EXCLUSIVE_JOB) return 0;
    }
    return 1;
}

/* Fills take[node] for job j in the pool; 0 where it does not fit. room is left as it was. */
static int place(struct slow *s, const int *given, int pool, size_t j, int *take)
{
    int room[4096], per_node = s->fleet->pools[pool].gpus, g = slow_gpus(s, j), k;
    int any = s->fleet->neighbours.apart == APART_NONE &&
              s->fleet->neighbours.exclusive == EXCLUSIVE_NONE;
    memcpy(room, given, sizeof room);
    for (k = s->first[pool]; !any && k < node_end(s, pool); k++)
        if (!is_welcome(s, j, k)) room[k] = -1;
    memset(take, 0, (size_t)s->node_n * sizeof *take);
    if (g <= per_node && (k = pick_node(s, room, pool, g)) >= 0) {
        take[k] = g ? g : -1; /* -1: there, with no GPU */
        s->picked = k;
        return 1;
    }
    if (g == 0) return 0;
    if (s->fleet->gang == GANG_ONE_NODE) return 0;
    if (s->fleet->gang == GANG_FEWEST_RACKS && g > per_node)
        return place_in_racks(s, room, pool, g, take);
    if (s->fleet->gang == GANG_SPREAD_RACKS && g > per_node)
        return place_over_racks(s, room, pool, g, take);
    if (s->fleet->gang != GANG_ANYWHERE) {
        if (g <= per_node) return 0;
        for (int left = g, part; left > 0; left -= part) {
            part = left < per_node ? left : per_node;
            k = part == per_node ? pick_node(s, room, pool, part)
                                 : pick_rest(s, room, pool, part, take);
            if (k < 0) return 0;
            take[k] = part;
            room[k] -= part;
            if (left == g) s->picked = k;
        }
        return 1;
    }
    int in_order = !s->fleet->placement || strcmp(s->fleet->placement, "first-fit") == 0;
    for (int left = g; left > 0;) {
        k = -1;
        for (int i = s->first[pool]; i < node_end(s, pool); i++)
            if (room[i] > 0 && (k < 0 || (!in_order && room[i] > room[k]))) k = i;
        if (k < 0) return 0;
        take[k] = room[k] < left ? room[k] : left;
        if (left == g) s->picked = k;
        left -= take[k];
        room[k] = 0;
    }
    return 1;
}

void slow_set_end(struct slow *s, size_t j)
{
    int64_t stay = slow_stay(s, j), mtbf = 0;
    const struct gpu_costs *list = &s->fleet->job_mtbf;
    for (int32_t i = 0; i < list->n; i++)
        if (slow_gpus(s, j) >= list->at[i].from_gpus) mtbf = list->at[i].us;
    s->will_fail[j] = 0;
    s->end[j] = s->would_end[j] = s->now + stay;
    if (mtbf == 0) return;
    struct random_key key = random_key(s->fleet->seed ? s->fleet->seed : 1, 0);
    double unit = random_unit(key, RANDOM_JOB_FAILURE, j, s->stops[j] + s->failures[j]);
    double us = random_exponential_of(unit) * (double)mtbf;
    if (us >= (double)stay) return;
    s->will_fail[j] = 1;
    s->end[j] = s->now + (us < 1 ? 1 : (int64_t)us);
}

static void start(struct slow *s, size_t j, const int *take)
{
    s->held[j] = malloc((size_t)s->node_n * sizeof *s->held[j]);
    memcpy(s->held[j], take, (size_t)s->node_n * sizeof *s->held[j]);
    for (int k = 0; k < s->node_n; k++)
        if (take[k] > 0) s->room[k] -= take[k];
    s->first_of[j] = s->picked;
    s->state[j] = RUNNING;
    if (!s->has_outages || !s->started[j]) s->start[j] = s->now;
    s->started[j] |= s->has_outages;
    s->since[j] = s->now;
    if (s->has_outages) slow_set_end(s, j);
    else s->end[j] = s->would_end[j] = s->now + s->w->run_us[j];
    s->expected[j] = s->now + slow_estimate(s, j);
}

int slow_may_use(const struct slow *s, size_t j, int pool)
{
    const struct name_list *queues = &s->fleet->queues[pool];
    for (int32_t i = 0; i < queues->n; i++)
        if (strcmp(queues->text[i], s->w->queues.text[s->w->queue[j]]) == 0) return 1;
    return queues->n == 0;
}

int slow_try_but(struct slow *s, size_t j, unsigned closed)
{
    int take[4096];
    for (int p = 0; p < s->pool_n; p++)
        if (!(closed >> p & 1) && slow_may_use(s, j, p) && place(s, s->room, p, j, take)) {
            start(s, j, take);
            return 1;
        }
    return 0;
}

int slow_try(struct slow *s, size_t j) { return slow_try_but(s, j, 0); }

/* ---- EASY ---- */

struct candidate {
    int node, now;
};

static int fewest_now(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->now != y->now ? (x->now > y->now) - (x->now < y->now)
                            : (x->node > y->node) - (x->node < y->node);
}

/* Which GPUs the head gets at the shadow time: what running jobs leave first, then the lowest
 * numbers. */
static void reserve_in(struct slow *s, int pool, const int *then, int g)
{
    struct candidate list[4096];
    int n = 0, room[4096], taken[4096] = { 0 }, per_node = s->fleet->pools[pool].gpus;
    memcpy(room, then, sizeof room);
    for (int k = s->first[pool]; k < node_end(s, pool); k++)
        if (then[k] > s->room[k] && !s->down[k]) list[n++] = (struct candidate){ k, s->room[k] };
    qsort(list, (size_t)n, sizeof *list, fewest_now);
    if (s->fleet->gang == GANG_ANYWHERE && g > 0) {
        int left = g;
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < n && left > 0; i++) {
                int part = pass == 0 ? then[list[i].node] - list[i].now : room[list[i].node];
                if (part > left) part = left;
                taken[list[i].node] += part;
                room[list[i].node] -= part;
                left -= part;
            }
        for (int k = s->first[pool]; k < node_end(s, pool) && left > 0; k++) {
            if (s->down[k]) continue;
            int part = room[k] < left ? room[k] : left;
            taken[k] += part;
            left -= part;
        }
    } else {
        int whole = g > per_node ? g / per_node : 0, rest = g - whole * per_node, best = -1,
            best_held = 0;
        for (int i = 0; i < n && whole > 0; i++)
            if (room[list[i].node] == per_node) {
                taken[list[i].node] = per_node;
                room[list[i].node] = 0;
                whole--;
            }
        for (int k = s->first[pool]; k < node_end(s, pool) && whole > 0; k++)
            if (room[k] == per_node) {
                taken[k] = per_node;
                room[k] = 0;
                whole--;
            }
        if (rest > 0) {
            for (int i = 0; i < n; i++) {
                int k = list[i].node, held = list[i].now - (room[k] - rest);
                if (room[k] < rest) continue;
                if (held < 0) held = 0;
                if (best < 0 || held < best_held) best = k, best_held = held;
            }
            for (int k = s->first[pool]; k < node_end(s, pool) && best < 0; k++)
                if (room[k] >= rest) best = k;
            taken[best] += rest;
        }
    }
    for (int k = 0; k < s->node_n; k++) s->left[k] = taken[k] ? then[k] - taken[k] : -1;
    s->reserved_pool = pool;
}

/* The head on the nodes as they are on paper. */
static void reserve_on(struct slow *s, size_t head, const int *then)
{
    int take[4096];
    for (int p = 0; p < s->pool_n && !s->has_reservation; p++)
        if (slow_may_use(s, head, p) && place(s, then, p, head, take)) {
            s->has_reservation = 1;
            s->head = head;
            reserve_in(s, p, then, slow_gpus(s, head));
        }
}

void slow_reserve(struct slow *s, size_t head)
{
    int then[4096], as_needed = s->fleet->backfill.extra == EXTRA_AS_NEEDED;
    memcpy(then, s->room, sizeof then);
    s->shadow = s->now;
    char *gone = calloc(s->w->job_n + 1, 1);
    s->has_reservation = 0;
    while (!s->has_reservation) {
        int64_t next = INT64_MAX;
        for (size_t j = 0; j < s->w->job_n; j++)
            if (s->state[j] == RUNNING && !gone[j] && s->expected[j] < next) next = s->expected[j];
        if (next == INT64_MAX) break;
        if (next > s->shadow) s->shadow = next;
        for (size_t j = 0; j < s->w->job_n && !s->has_reservation; j++)
            if (s->state[j] == RUNNING && !gone[j] && s->expected[j] <= s->shadow) {
                gone[j] = 1;
                for (int k = 0; k < s->node_n; k++)
                    if (s->held[j][k] > 0) then[k] += s->held[j][k];
                if (as_needed) reserve_on(s, head, then);
            }
        if (!as_needed) reserve_on(s, head, then);
    }
    free(gone);
}

static int is_long(const struct slow *s, size_t j, int pool)
{
    int64_t end = s->now + slow_estimate(s, j);
    if (!s->has_reservation || pool != s->reserved_pool) return 0;
    return s->fleet->backfill.shadow == SHADOW_ENDS_BEFORE ? end >= s->shadow : end > s->shadow;
}

int slow_room(struct slow *s, size_t j, int pool, int *take)
{
    int room[4096];
    if (!slow_may_use(s, j, pool)) return 0;
    memcpy(room, s->room, sizeof room);
    for (int k = 0; k < s->node_n; k++)
        if (is_long(s, j, pool) && s->left[k] >= 0 && room[k] > s->left[k]) room[k] = s->left[k];
    return place(s, room, pool, j, take);
}

void slow_start_beside(struct slow *s, size_t j, int pool, const int *take)
{
    for (int k = 0; k < s->node_n; k++)
        if (is_long(s, j, pool) && take[k] > 0 && s->left[k] >= 0) s->left[k] -= take[k];
    start(s, j, take);
}

static void backfill(struct slow *s, size_t j)
{
    int take[4096];
    for (int p = 0; p < s->pool_n; p++)
        if (slow_room(s, j, p, take)) {
            slow_start_beside(s, j, p, take);
            return;
        }
}

/* The job that the scan behind the head meets after those that were tried; job_n = none. */
static size_t next_in_scan(const struct slow *s, size_t head, const char *tried)
{
    size_t best = s->w->job_n;
    int shortest = s->fleet->backfill.scan == SCAN_SHORTEST;
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && j != head && !tried[j] &&
            (best == s->w->job_n || (shortest && slow_estimate(s, j) < slow_estimate(s, best))))
            best = j;
    return best;
}

static void easy_pass(struct slow *s, size_t head)
{
    size_t j;
    if (s->has_reservation && (s->head != head || s->shadow < s->now)) s->has_reservation = 0;
    if (!s->has_reservation) slow_reserve(s, head);
    char *tried = calloc(s->w->job_n + 1, 1);
    while ((j = next_in_scan(s, head, tried)) < s->w->job_n) {
        tried[j] = 1;
        backfill(s, j);
    }
    free(tried);
}

/* ---- one pass ---- */

static int order_is(const struct slow *s, const char *name)
{
    size_t n = strlen(name);
    const char *order = s->fleet->order ? s->fleet->order : "fifo";
    return strncmp(order, name, n) == 0 && (!order[n] || strcmp(order + n, "-skip") == 0);
}

/* Smaller goes first. */
static double rank(const struct slow *s, size_t j)
{
    double run = (double)s->w->run_us[j], gpus = slow_gpus(s, j);
    if (order_is(s, "sjf")) return run;
    if (order_is(s, "ljf")) return -run;
    if (order_is(s, "smallest-first")) return gpus;
    if (order_is(s, "largest-first")) return -gpus;
    if (order_is(s, "shortest-service")) return run * gpus;
    if (order_is(s, "edf")) return s->w->deadline_us[j] < 0 ? 1e300 : (double)s->w->deadline_us[j];
    if (order_is(s, "priority") || order_is(s, "priority-evict") || order_is(s, "slurm-backfill"))
        return -s->w->priority[j];
    return 0;
}

static int before(const struct slow *s, size_t a, size_t b)
{
    return rank(s, a) != rank(s, b) ? rank(s, a) < rank(s, b) : a < b;
}

/* Every waiting job in order, whether those before it fitted or not. */
static void pass_over(struct slow *s)
{
    size_t n = s->w->job_n, next;
    char *tried = calloc(n + 1, 1);
    do {
        next = n;
        for (size_t j = 0; j < n; j++)
            if (s->state[j] == WAITING && !tried[j] && (next == n || before(s, j, next))) next = j;
        if (next < n) {
            tried[next] = 1;
            slow_try(s, next);
        }
    } while (next < n);
    free(tried);
}

size_t slow_next(const struct slow *s, const char *but)
{
    if (order_is(s, "slurm-backfill") && share_options_weigh(&s->fleet->share))
        return slow_share_next(s, but);
    size_t best = s->w->job_n;
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && !(but && but[j]) &&
            (best == s->w->job_n || before(s, j, best)))
            best = j;
    return best;
}

static void pass(struct slow *s)
{
    size_t n = s->w->job_n, head;
    s->wake = INT64_MAX;
    const struct queue_order *order = queue_order_find(s->fleet->order ? s->fleet->order : "fifo");
    if (rank_by_shares(order->rank)) {
        slow_rounds_pass(s);
        return;
    }
    if (rank_by_size(order->rank)) {
        slow_elastic_pass(s);
        return;
    }
    if (slow_next(s, NULL) == n && !s->fleet->tiresias_wakes) return;
    if (order_is(s, "coscheduling")) {
        slow_coscheduling_pass(s);
        return;
    }
    if (order_is(s, "kueue")) {
        slow_kueue_pass(s);
        return;
    }
    if (order->rank == RANK_EVICT) {
        slow_evict_pass(s);
        return;
    }
    if (order->rank != RANK_NONE) {
        slow_preempt_pass(s);
        return;
    }
    if (order_is(s, "multifactor") || order_is(s, "fair-share") || order_is(s, "drf")) {
        slow_share_pass(s);
        return;
    }
    if (order_is(s, "qssf")) {
        slow_qssf_pass(s);
        return;
    }
    if (order_is(s, "conservative")) {
        slow_conservative_pass(s);
        return;
    }
    if (order_is(s, "slurm-backfill")) {
        slow_slurm_pass(s);
        return;
    }
    if (s->fleet->order && strstr(s->fleet->order, "-skip")) {
        pass_over(s);
        return;
    }
    while ((head = slow_next(s, NULL)) < n && slow_try(s, head)) s->has_reservation = 0;
    if (head < n && order_is(s, "easy")) easy_pass(s, head);
}

/* ---- time ---- */

int64_t slow_held_since(const struct slow *s, size_t j)
{
    return s->started[j] ? s->since[j] : s->start[j];
}

static void finish(struct slow *s, size_t j)
{
    for (int k = 0; k < s->node_n; k++)
        if (s->held[j][k] > 0) s->room[k] += s->held[j][k];
    s->state[j] = DONE;
    if (order_is(s, "kueue")) slow_kueue_left(s, j);
    s->ended[s->ended_n++] = j;
    if (s->started[j]) s->lost[j] += s->now - s->since[j] - slow_run_time(s, j);
    s->on_gpus[j] += s->now - slow_held_since(s, j);
    s->gpu_us[j] += (s->now - slow_held_since(s, j)) * slow_gpus(s, j);
    s->released = s->asked = 1;
    if (s->expected[j] != s->now) s->has_reservation = 0;
    if (slow_held_until(s, j) > s->now) s->loose = 1;
}

static int possible(const struct slow *s, size_t j)
{
    for (int p = 0; p < s->pool_n; p++) {
        int nodes = s->fleet->gang == GANG_ONE_NODE ? 1 : s->fleet->pools[p].nodes;
        if (slow_may_use(s, j, p) && slow_gpus(s, j) <= nodes * s->fleet->pools[p].gpus) return 1;
    }
    return 0;
}

static void arrive(struct slow *s, size_t j)
{
    slow_elastic_arrive(s, j);
    s->state[j] = possible(s, j) ? WAITING : REFUSED;
    if (s->state[j] == WAITING && order_is(s, "kueue") && !slow_kueue_arrive(s, j))
        s->state[j] = REFUSED;
    if (s->state[j] == WAITING && order_is(s, "coscheduling") && !slow_coscheduling_arrive(s, j))
        s->state[j] = REFUSED;
    if (s->state[j] == WAITING && slow_limits_refuse(s, j)) s->state[j] = REFUSED;
    if (s->state[j] == WAITING) s->asked = s->comer[j] = 1;
    if (s->state[j] == WAITING) slow_preempt_came(s, j);
    if (s->state[j] == WAITING) slow_rounds_came(s, j);
    slow_qssf_arrive(s, j);
}

/* Which node changes next, at what time; -1 = none does. */
static int next_change(const struct slow *s, int64_t *time)
{
    int next = -1;
    *time = INT64_MAX;
    for (int k = 0; k < s->node_n; k++) {
        const struct simulate_outages *o = &s->fleet->outages[s->pool_of[k]];
        for (size_t i = 0; i < o->n; i++) {
            int is_mine = o->log[i].node == k - s->first[s->pool_of[k]];
            int64_t at = s->down[k] ? o->log[i].up_us : o->log[i].down_us;
            if (!is_mine || at <= s->changed[k] || at >= *time) continue;
            *time = at;
            next = k;
        }
    }
    return next;
}

static void join_again(struct slow *s, size_t j)
{
    s->failed[j] = 0;
    slow_preempt_failed(s, j);
    slow_kueue_failed(s, j);
    s->promised[j] = -1;
    s->overdue[j] = 0;
    slow_qssf_arrive(s, j);
}

/* A node of the job fails. */
static void lose_nodes(struct slow *s, size_t j)
{
    slow_fail(s, j);
    join_again(s, j);
}

static void note_early_end(struct slow *s, size_t j)
{
    if (s->expected[j] != s->now) s->has_reservation = 0;
    s->released = s->asked = 1;
    s->loose |= slow_held_until(s, j) > s->now;
}

void slow_reclaim(struct slow *s, size_t j, int64_t told, int ran_on)
{
    note_early_end(s, j);
    slow_lose_to_reclaim(s, j, told, ran_on);
    join_again(s, j);
}

static void fail_by_itself(struct slow *s, size_t j)
{
    note_early_end(s, j);
    slow_fail(s, j);
    s->promised[j] = -1;
    s->failed[j] = 1;
}

static void wait_again(struct slow *s)
{
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->failed[j]) join_again(s, j);
}

static void change(struct slow *s, int node)
{
    s->changed[node] = s->now;
    s->released = s->asked = s->loose = 1;
    s->has_reservation = 0;
    s->down[node] = !s->down[node];
    for (size_t j = 0; s->down[node] && j < s->w->job_n; j++)
        if (s->state[j] == RUNNING && s->held[j][node] != 0) lose_nodes(s, j);
    if (s->down[node]) slow_coscheduling_node_goes(s, node);
    else slow_kueue_node_came(s);
    s->room[node] += s->down[node] ? -SLOW_AWAY : SLOW_AWAY;
    if (s->down[node] && order_is(s, "conservative"))
        slow_conservative_relieve(s, s->pool_of[node]);
}

static int64_t tick(const struct slow *s, int64_t time)
{
    int64_t cycle = s->fleet->timing.cycle_us;
    return cycle == 0 || time == INT64_MAX ? time : (time + cycle - 1) / cycle * cycle;
}

/* Of the jobs that end at `time`, the one that started first, then the one that came first; those
 * that start meanwhile, and run for no time, come when the others are through. */
static size_t next_end(const struct slow *s, int64_t time)
{
    size_t n = s->w->job_n, best = n;
    for (int round = 0; round < 2 && best == n; round++)
        for (size_t j = 0; j < n; j++) {
            if (s->state[j] != RUNNING || s->end[j] != time) continue;
            if (round > 0) s->ends_now[j] = 1;
            if (s->ends_now[j] && (best == n || slow_held_since(s, j) < slow_held_since(s, best)))
                best = j;
        }
    return best;
}

/* One event, or one pass; 0 where there is nothing left. */
static int turn(struct slow *s)
{
    const struct timing_options *timing = &s->fleet->timing;
    size_t n = s->w->job_n, end = n, arrival = n;
    for (size_t j = 0; j < n; j++) {
        if (s->state[j] == COMING &&
            (arrival == n || s->w->submit_us[j] < s->w->submit_us[arrival]))
            arrival = j;
        if (s->state[j] == RUNNING && (end == n || s->end[j] < s->end[end])) end = j;
    }
    int64_t ends = end < n ? s->end[end] : INT64_MAX;
    int64_t arrives = arrival < n ? s->w->submit_us[arrival] : INT64_MAX;
    int64_t event = ends < arrives ? ends : arrives, due = tick(s, s->wake), changes;
    int node = next_change(s, &changes), waits = 0;
    for (size_t j = 0; j < n; j++) waits |= s->state[j] == WAITING;
    int is_spot = slow_spot_next(s) < changes;
    if (is_spot) changes = slow_spot_next(s);
    if (event == INT64_MAX && !waits) changes = INT64_MAX;
    if (changes < event) event = changes;
    if (s->pass_at < due) due = s->pass_at;
    if (due < event || (timing->events == EVENTS_SINGLE && s->pass_at != INT64_MAX)) {
        wait_again(s);
        s->now = due;
        s->pass_at = INT64_MAX;
        pass(s);
        s->released = 0;
        return 1;
    }
    if (event == INT64_MAX) return 0;
    int first = timing->instant == INSTANT_SUBMISSIONS_FIRST,
        arrival_is_next = arrives == event && (first || (ends > event && changes > event));
    if (event > s->now || arrival_is_next || ends != event) wait_again(s);
    s->now = event;
    if (s->pass_at == INT64_MAX) s->pass_at = tick(s, event);
    if (arrival_is_next) arrive(s, arrival);
    else if (ends == event) {
        size_t j = next_end(s, ends);
        if (s->will_fail[j]) fail_by_itself(s, j);
        else finish(s, j);
    } else if (is_spot) slow_spot_change(s);
    else change(s, node);
    return 1;
}

void slow_schedule(const struct workload *w, const struct simulate_fleet *fleet,
                   struct schedule *out)
{
    struct slow *s = calloc(1, sizeof *s);
    size_t n = w->job_n;
    *s = (struct slow){ .w = w, .fleet = fleet };
    for (int p = 0; p < SIMULATE_POOLS_MAX; p++)
        s->has_outages |= fleet->outages[p].n > 0 || fleet->supply[p].log_n > 0;
    s->has_outages |= fleet->job_mtbf.n > 0;
    for (int k = 0; k < 4096; k++) s->changed[k] = -1;
    for (; s->pool_n < SIMULATE_POOLS_MAX && fleet->pools[s->pool_n].nodes > 0; s->pool_n++) {
        s->first[s->pool_n] = s->node_n;
        for (int k = 0; k < fleet->pools[s->pool_n].nodes; k++, s->node_n++) {
            s->pool_of[s->node_n] = s->pool_n;
            s->room[s->node_n] = fleet->pools[s->pool_n].gpus;
        }
    }
    s->state = calloc(n + 1, sizeof *s->state);
    s->first_of = calloc(n + 1, sizeof *s->first_of);
    s->held = calloc(n + 1, sizeof *s->held);
    s->start = calloc(n + 1, sizeof *s->start);
    s->end = calloc(n + 1, sizeof *s->end);
    s->expected = calloc(n + 1, sizeof *s->expected);
    s->ends_now = calloc(n + 1, sizeof *s->ends_now);
    s->comer = calloc(n + 1, sizeof *s->comer);
    s->promised = calloc(n + 1, sizeof *s->promised);
    s->promised_pool = calloc(n + 1, sizeof *s->promised_pool);
    s->overdue = calloc(n + 1, sizeof *s->overdue);
    for (size_t j = 0; j < n; j++) s->promised[j] = -1;
    s->ended = calloc(n + 1, sizeof *s->ended);
    s->fresh = calloc(n + 1, sizeof *s->fresh);
    s->service = calloc(n + 1, sizeof *s->service);
    s->used = calloc(n + 1, sizeof *s->used);
    s->work_left = calloc(n + 1, sizeof *s->work_left);
    s->since = calloc(n + 1, sizeof *s->since);
    s->started = calloc(n + 1, sizeof *s->started);
    s->list = calloc(n + 1, sizeof *s->list);
    s->level = calloc(n + 1, sizeof *s->level);
    s->attained = calloc(n + 1, sizeof *s->attained);
    s->gone = calloc(n + 1, sizeof *s->gone);
    s->stops = calloc(n + 1, sizeof *s->stops);
    s->failures = calloc(n + 1, sizeof *s->failures);
    s->will_fail = calloc(n + 1, sizeof *s->will_fail);
    s->failed = calloc(n + 1, sizeof *s->failed);
    s->would_end = calloc(n + 1, sizeof *s->would_end);
    s->owed = calloc(n + 1, sizeof *s->owed);
    s->turn = calloc(n + 1, sizeof *s->turn);
    s->lost = calloc(n + 1, sizeof *s->lost);
    s->queued = calloc(n + 1, sizeof *s->queued);
    s->on_gpus = calloc(n + 1, sizeof *s->on_gpus);
    s->gpu_us = calloc(n + 1, sizeof *s->gpu_us);
    s->size = calloc(n + 1, sizeof *s->size);
    s->blocked = n;
    s->kueue = calloc(n + 1, sizeof *s->kueue);
    s->gang = calloc(n + 1, sizeof *s->gang);
    slow_spot_init(s);
    slow_rounds_init(s);
    slow_levels_init(s);
    memcpy(s->work_left, w->run_us, n * sizeof *s->work_left);
    s->wake = s->pass_at = s->backfill_at = s->main_at = s->full_at = INT64_MAX;
    s->last_main = -fleet->backfill.sched_delay_us;
    while (turn(s)) continue;
    memset(out, 0, sizeof *out);
    out->n = n;
    out->start_us = s->start;
    out->end_us = s->end;
    out->first_node = calloc(n + 1, sizeof *out->first_node);
    out->nodes = calloc(n + 1, sizeof *out->nodes);
    out->preemptions = s->stops;
    out->lost_us = s->lost;
    out->wait_us = calloc(n + 1, sizeof *out->wait_us);
    out->gpu_milli = calloc(n + 1, sizeof *out->gpu_milli);
    out->result.gang_timeouts = s->gang_timeouts;
    out->result.half_placed_gpu_hours = (double)s->half_placed_gpu_us / 3.6e9;
    for (size_t j = 0; j < n; j++) {
        int64_t on_gpus = s->on_gpus[j], milli = 1000 * s->gpu_us[j];
        out->wait_us[j] = s->state[j] == REFUSED ? -1 : s->end[j] - w->submit_us[j] - on_gpus;
        out->gpu_milli[j] = on_gpus ? (milli + on_gpus / 2) / on_gpus : 1000 * slow_gpus(s, j);
        if (s->state[j] == REFUSED) out->gpu_milli[j] = w->gpu_milli[j];
        out->result.preemptions += s->stops[j];
    }
    for (size_t j = 0; j < n; j++) {
        if (s->state[j] == REFUSED) s->start[j] = s->end[j] = out->first_node[j] = -1;
        if (s->held[j]) out->first_node[j] = s->first_of[j];
        for (int k = s->node_n; s->held[j] && k-- > 0;) out->nodes[j] += s->held[j][k] != 0;
        free(s->held[j]);
        free(s->gang[j].node);
        free(s->gang[j].since);
    }
    free(s->first_of);
    free(s->held);
    free(s->expected);
    free(s->ends_now);
    free(s->comer);
    free(s->promised);
    free(s->ended);
    free(s->fresh);
    free(s->service);
    free(s->used);
    free(s->work_left);
    free(s->since);
    free(s->started);
    free(s->list);
    free(s->level);
    free(s->attained);
    free(s->gone);
    free(s->owed);
    free(s->failures);
    free(s->will_fail);
    free(s->failed);
    free(s->would_end);
    free(s->queued);
    free(s->on_gpus);
    free(s->gpu_us);
    free(s->size);
    free(s->turn);
    free(s->kueue);
    free(s->gang);
    free(s->spot);
    free(s->share);
    free(s->received);
    free(s->behind);
    free(s->promised_pool);
    free(s->overdue);
    free(s->state);
    free(s);
}
