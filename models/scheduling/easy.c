/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EASY backfill: the head of the queue holds one reservation (reservation.h), others may start if
 * they respect it. They are looked at in order of arrival, or the shortest estimate first. Sources:
 * Lifka 1995; Mu'alem and Feitelson 2001, section 2.
 *
 * Waiting jobs are kept by demand: what fits now is asked once a demand, and the next job of a
 * demand that may start is found without going over those that may not. A pass after arrivals alone
 * looks at those arrivals.
 */
#include <stdlib.h>

#include "models/scheduling/reservation.h"
#include "models/scheduling/waiting.h"

/* The waiting jobs of one demand, and what one pass knows of it. */
struct easy_line {
    struct waiting_line line;
    uint32_t active_at; /* index in easy.active, UINT32_MAX where nothing waits */
    uint32_t candidate; /* position of its next job to try in this pass */
    bool fits_short, fits_long;
};

struct easy {
    struct easy_line *lines; /* by demand number */
    uint32_t line_n, line_capacity;
    uint32_t *active; /* demands with waiting jobs, in no particular order */
    uint32_t active_n;
    struct waiting_job *fresh; /* arrivals since the last pass; key: where they are in the scan */
    uint32_t fresh_n, fresh_capacity;
    struct reservation reservation;
};

/* Where a job stands in the scan: all alike, or by estimate; ties in order of arrival. */
static int64_t scan_key(const struct scheduler *s, int64_t estimate)
{
    return s->backfill->scan == SCAN_SHORTEST ? estimate : 0;
}

/* ---- the jobs that wait ---- */

static bool lines_room(struct easy *e, uint32_t demand)
{
    if (demand >= e->line_capacity) {
        uint32_t capacity = demand < 32 ? 64 : 2 * demand;
        struct easy_line *lines = realloc(e->lines, capacity * sizeof *lines);
        if (lines) e->lines = lines;
        uint32_t *active = realloc(e->active, capacity * sizeof *active);
        if (active) e->active = active;
        if (!lines || !active) return false;
        e->line_capacity = capacity;
    }
    for (; e->line_n <= demand; e->line_n++) {
        waiting_line_init(&e->lines[e->line_n].line);
        e->lines[e->line_n].active_at = UINT32_MAX;
    }
    return true;
}

static bool easy_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct easy *e = s->state;
    if (!lines_room(e, demand)) return false;
    struct easy_line *l = &e->lines[demand];
    int64_t estimate = estimate_us(s, job);
    if (!waiting_line_push(&l->line, job, estimate)) return false;
    if (l->active_at == UINT32_MAX) {
        l->active_at = e->active_n;
        e->active[e->active_n++] = demand;
    }
    if (e->fresh_n == e->fresh_capacity) {
        uint32_t capacity = e->fresh_capacity ? 2 * e->fresh_capacity : 64;
        struct waiting_job *fresh = realloc(e->fresh, capacity * sizeof *fresh);
        if (!fresh) return false;
        e->fresh = fresh;
        e->fresh_capacity = capacity;
    }
    e->fresh[e->fresh_n++] = (struct waiting_job){ scan_key(s, estimate), job, demand };
    return true;
}

static void line_remove(struct easy *e, uint32_t demand, uint32_t position)
{
    struct easy_line *l = &e->lines[demand];
    waiting_line_remove(&l->line, position);
    if (l->line.live > 0) return;
    uint32_t last = e->active[--e->active_n];
    e->active[l->active_at] = last;
    e->lines[last].active_at = l->active_at;
    l->active_at = UINT32_MAX;
}

/* The job that arrived first of all that wait. */
static uint32_t queue_head(const struct scheduler *s, uint32_t *demand)
{
    struct easy *e = s->state;
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < e->active_n; i++) {
        const struct waiting_line *l = &e->lines[e->active[i]].line;
        if (l->job[l->head] < best) {
            best = l->job[l->head];
            *demand = e->active[i];
        }
    }
    return best;
}

/* ---- backfill ---- */

/* Starts the job if that cannot delay the head. */
static bool backfill_try(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    struct easy *e = s->state;
    uint64_t pools = scheduler_demand(s, demand)->pools;
    for (int32_t p = 0; p < s->pool_n; p++)
        if (pools >> p & 1 && reservation_try_in(s, &e->reservation, job, demand, p, now_us))
            return true;
    return false;
}

/* The next job of a demand that may start: any where one that outlasts the shadow time fits, else
 * one that does not outlast it. `from` is WAITING_NONE where a job of it has been tried in vain and
 * the shortest come first: those behind it can do no better. */
static uint32_t next_candidate(const struct scheduler *s, uint32_t demand, uint32_t from,
                               int64_t now_us)
{
    struct easy *e = s->state;
    const struct easy_line *l = &e->lines[demand];
    const struct demand_entry *d = &s->demands->entries[demand];
    int64_t room = reservation_room_us(s, &e->reservation, now_us), most = room;
    bool shortest = s->backfill->scan == SCAN_SHORTEST;
    if (from == WAITING_NONE || !l->fits_short) return WAITING_NONE;
    if (l->fits_long)
        return shortest ? waiting_line_least(&l->line)
                        : waiting_line_find(&l->line, from, WAITING_GONE);
    if (room < 0) return WAITING_NONE;
    /* On the reference GPU, with a microsecond to spare for rounding; the exact test follows. */
    int32_t pool = e->reservation.pool;
    double longest = d->speed ? (double)room * d->speed[pool] : 0;
    if (d->speed) most = longest < 9e18 ? (int64_t)longest + 2 : INT64_MAX;
    for (uint32_t at = from;; at++) {
        at = shortest ? waiting_line_least(&l->line) : waiting_line_find(&l->line, at, most);
        if (at == WAITING_NONE || scaled_us(d, pool, l->line.limit[at]) <= room) return at;
        if (shortest) return WAITING_NONE;
    }
}

/* What fits now, demand by demand: without holds, and with them. */
static void demands_look(struct scheduler *s)
{
    struct easy *e = s->state;
    uint64_t others = ~(UINT64_C(1) << e->reservation.pool), reserved = ~others;
    for (uint32_t i = 0; i < e->active_n; i++) {
        struct easy_line *l = &e->lines[e->active[i]];
        l->fits_short = scheduler_fits(s, e->active[i], ~UINT64_C(0));
    }
    reservation_hold(s, &e->reservation);
    for (uint32_t i = 0; i < e->active_n; i++) {
        struct easy_line *l = &e->lines[e->active[i]];
        l->fits_long = l->fits_short && (scheduler_fits(s, e->active[i], others) ||
                                         scheduler_fits(s, e->active[i], reserved));
    }
    reservation_lift(s, &e->reservation);
}

/* The same for one demand, after a start. */
static void demand_look_again(struct scheduler *s, uint32_t demand)
{
    struct easy *e = s->state;
    struct easy_line *l = &e->lines[demand];
    l->fits_short = l->fits_short && scheduler_fits(s, demand, ~UINT64_C(0));
    if (!l->fits_short) l->fits_long = false;
    if (!l->fits_long) return;
    reservation_hold(s, &e->reservation);
    l->fits_long = scheduler_fits(s, demand, ~UINT64_C(0));
    reservation_lift(s, &e->reservation);
}

/* The demand whose candidate the scan meets first, UINT32_MAX where there is none. */
static uint32_t first_in_scan(const struct scheduler *s)
{
    struct easy *e = s->state;
    struct waiting_job best = { 0, UINT32_MAX, UINT32_MAX };
    for (uint32_t i = 0; i < e->active_n; i++) {
        const struct easy_line *l = &e->lines[e->active[i]];
        if (l->candidate == WAITING_NONE) continue;
        struct waiting_job job = { scan_key(s, l->line.limit[l->candidate]),
                                   l->line.job[l->candidate], e->active[i] };
        if (best.demand == UINT32_MAX || waiting_before(&job, &best)) best = job;
    }
    return best.demand;
}

static void backfill_all(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    demands_look(s);
    for (uint32_t i = 0; i < e->active_n; i++) {
        struct easy_line *l = &e->lines[e->active[i]];
        l->candidate = next_candidate(s, e->active[i], l->line.head, now_us);
    }
    while (!s->failed) {
        uint32_t demand = first_in_scan(s);
        if (demand == UINT32_MAX) return;
        struct easy_line *l = &e->lines[demand];
        uint32_t at = l->candidate, from = at + 1;
        if (backfill_try(s, l->line.job[at], demand, now_us)) {
            s->backfilled++;
            l->candidate = WAITING_NONE;
            line_remove(e, demand, at);
            if (l->line.live == 0) continue;
        } else if (s->backfill->scan == SCAN_SHORTEST) {
            from = WAITING_NONE;
        }
        demand_look_again(s, demand);
        l->candidate = next_candidate(s, demand, from, now_us);
    }
}

static int compare_fresh(const void *a, const void *b)
{
    return waiting_before(b, a) - waiting_before(a, b);
}

static void backfill_fresh(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    if (e->fresh_n > 1 && s->backfill->scan == SCAN_SHORTEST)
        qsort(e->fresh, e->fresh_n, sizeof *e->fresh, compare_fresh);
    for (uint32_t i = 0; i < e->fresh_n && !s->failed; i++) {
        const struct waiting_job *f = &e->fresh[i];
        const struct waiting_line *line = &e->lines[f->demand].line;
        if (!backfill_try(s, f->job, f->demand, now_us)) continue;
        s->backfilled++;
        uint32_t at = line->n;
        while (line->job[--at] != f->job || line->limit[at] == WAITING_GONE) continue;
        line_remove(e, f->demand, at);
    }
}

static void pass(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    struct reservation *r = &e->reservation;
    /* The head only changes when it starts, and it can only start after a release; a shadow time
     * that has passed (a job outlived its estimate) makes another reservation, under which anyone
     * may fit. */
    if (r->stands && r->shadow_us < now_us) r->stands = false;
    if (r->stands && !s->released) {
        backfill_fresh(s, now_us);
        return;
    }
    for (;;) {
        uint32_t demand = UINT32_MAX, head = queue_head(s, &demand);
        if (head == UINT32_MAX || s->failed) {
            r->stands = false;
            return;
        }
        if (head != r->head) r->stands = false;
        r->head = head;
        r->head_demand = demand;
        if (!scheduler_try(s, head, demand, now_us)) break;
        r->stands = false;
        line_remove(e, demand, e->lines[demand].line.head);
    }
    if (!r->stands) reservation_make(s, r, now_us);
    if (!s->failed) backfill_all(s, now_us); /* whoever fits, where no reservation stands */
}

static void easy_pass(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    pass(s, now_us);
    e->fresh_n = 0;
}

static void easy_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct easy *e = s->state;
    if (!reservation_started(s, &e->reservation, slot, now_us)) s->failed = true;
}

/* An end as expected is what the reservation counted on; an earlier or later one makes it void. */
static void easy_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct easy *e = s->state;
    if (!reservation_released(&e->reservation, slot, now_us)) e->reservation.stands = false;
}

static void easy_node_changed(struct scheduler *s, int32_t pool, int sign, int64_t now_us)
{
    (void)pool, (void)sign, (void)now_us;
    ((struct easy *)s->state)->reservation.stands = false;
}

static bool easy_init(struct scheduler *s)
{
    struct easy *e = s->state;
    return reservation_init(&e->reservation);
}

static void easy_free(struct scheduler *s)
{
    struct easy *e = s->state;
    for (uint32_t i = 0; i < e->line_n; i++) waiting_line_free(&e->lines[i].line);
    free(e->lines);
    free(e->active);
    free(e->fresh);
    reservation_free(&e->reservation);
}

const struct scheduler_engine engine_easy = {
    .state_size = sizeof(struct easy),
    .init = easy_init,
    .free = easy_free,
    .submit = easy_submit,
    .pass = easy_pass,
    .started = easy_started,
    .released = easy_released,
    .node_changed = easy_node_changed,
};
