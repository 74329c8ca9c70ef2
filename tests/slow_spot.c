/* SPDX-License-Identifier: Apache-2.0 */
/* Spot nodes with a log, which come back at once: a list of what becomes of each, gone through in
 * order. The owner's answers as plainly as they can be said. */
#include <stdlib.h>
#include <string.h>

#include "tests/slow_state.h"

enum { SIGNAL, NOTICE, GONE, BACK };

struct slow_spot_event {
    int64_t time, gone;
    int node, what;
    size_t n; /* in the log */
};

static int compare(const void *a, const void *b)
{
    const struct slow_spot_event *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    if (x->node != y->node) return x->node - y->node;
    return x->n != y->n ? (x->n > y->n) - (x->n < y->n) : x->what - y->what;
}

static const struct supply_spec *spec_of(const struct slow *s, int node)
{
    return &s->fleet->supply[s->pool_of[node]];
}

void slow_spot_init(struct slow *s)
{
    size_t n = 0;
    for (int p = 0; p < s->pool_n; p++) n += 4 * s->fleet->supply[p].log_n;
    s->spot = calloc(n + 1, sizeof *s->spot);
    for (int p = 0; p < s->pool_n; p++)
        for (size_t i = 0; i < s->fleet->supply[p].log_n; i++) {
            const struct supply_spec *spec = &s->fleet->supply[p];
            const struct outage *o = &spec->log[i];
            int64_t told = o->down_us - spec->notice_us, signal = told - spec->rebalance_us;
            int node = s->first[p] + o->node;
            int64_t times[] = { signal > 0 ? signal : 0, told > 0 ? told : 0, o->down_us,
                                o->up_us };
            int heeds = spec->signals && spec->on_rebalance != ANSWER_IGNORE;
            for (int k = heeds ? SIGNAL : NOTICE; k <= BACK; k++)
                s->spot[s->spot_n++] = (struct slow_spot_event){ times[k], o->down_us, node, k, i };
        }
    qsort(s->spot, s->spot_n, sizeof *s->spot, compare);
    for (int k = 0; k < 4096; k++) s->given_back[k] = INT64_MAX;
}

int64_t slow_spot_next(const struct slow *s)
{
    int64_t next = s->spot_at < s->spot_n ? s->spot[s->spot_at].time : INT64_MAX;
    for (int k = 0; k < s->node_n; k++)
        if (s->given_back[k] < next) next = s->given_back[k];
    return next;
}

/* All that run there leave; told: so long ago. */
static void all_leave(struct slow *s, int node, int64_t told, int ran_on)
{
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == RUNNING && s->held[j][node] != 0) slow_reclaim(s, j, told, ran_on);
}

/* When what they write there is written, if they leave now. */
static void note_writing(struct slow *s, const struct slow_spot_event *e)
{
    int64_t longest = 0;
    for (size_t j = 0; j < s->w->job_n; j++) {
        if (s->state[j] != RUNNING || s->held[j][e->node] == 0) continue;
        int64_t write = slow_write_time(s, j);
        if (s->now + write <= e->gone && write > longest) longest = write;
    }
    if (longest > 0 && s->fleet->restart.checkpoint != CHECKPOINT_NEVER)
        s->given_back[e->node] = s->now + longest;
}

static void shut(struct slow *s, int node)
{
    s->down[node] = 1;
    s->changed[node] = s->now;
    s->room[node] -= SLOW_AWAY;
    s->released = s->asked = s->loose = 1;
    s->has_reservation = 0;
    slow_coscheduling_node_goes(s, node);
    if (strcmp(s->fleet->order, "conservative") == 0)
        slow_conservative_relieve(s, s->pool_of[node]);
}

static void answer(struct slow *s, const struct slow_spot_event *e, enum supply_answer answer)
{
    if (answer == ANSWER_IGNORE) return;
    if (answer == ANSWER_DRAIN) all_leave(s, e->node, e->gone - s->now, 0);
    if (!s->down[e->node]) shut(s, e->node);
}

void slow_spot_change(struct slow *s)
{
    int64_t now = slow_spot_next(s);
    if (s->spot_at == s->spot_n || s->spot[s->spot_at].time > now) {
        for (int k = 0; k < s->node_n; k++)
            if (s->given_back[k] == now) s->given_back[k] = INT64_MAX;
        return;
    }
    const struct slow_spot_event *e = &s->spot[s->spot_at++];
    const struct supply_spec *spec = spec_of(s, e->node);
    switch (e->what) {
    case SIGNAL:
        if (spec->on_rebalance == ANSWER_DRAIN) note_writing(s, e);
        answer(s, e, spec->on_rebalance);
        break;
    case NOTICE:
        s->given_back[e->node] = INT64_MAX;
        if (spec->signals) answer(s, e, spec->on_rebalance);
        answer(s, e, spec->on_notice);
        break;
    case GONE:
        if (s->down[e->node]) all_leave(s, e->node, s->now - s->changed[e->node], 1);
        else answer(s, e, ANSWER_DRAIN);
        break;
    case BACK:
        s->down[e->node] = 0;
        s->room[e->node] += SLOW_AWAY;
        s->released = s->asked = s->loose = 1;
        s->has_reservation = 0;
        slow_kueue_node_came(s);
        break;
    }
}
