/* SPDX-License-Identifier: Apache-2.0 */
/* What the pools of a running world use, by clock hour. */
#include <stdlib.h>

#include "models/pricing/money.h"
#include "models/world_state.h"

/* Hours of all pools together that are kept: 64 pools for 7 years. Beyond, there are none: the bill
 * is worked out from totals, as it always is where nothing was committed to. */
enum { POOL_HOURS_MAX = 1 << 22 };

static int64_t into_hour_us(const struct workload *w)
{
    if (w->t0_unix_us == INT64_MIN) return 0; /* not known: it is on the hour */
    int64_t into = w->t0_unix_us % HOUR_US;
    return into < 0 ? into + HOUR_US : into;
}

enum status world_hours_open(struct world *w, struct error *err)
{
    w->ledgers = calloc((size_t)w->fleet->pool_n + 1, sizeof *w->ledgers);
    if (!w->ledgers)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the hours of %d pools",
                         w->fleet->pool_n);
    for (int32_t p = 0; p < w->fleet->pool_n; p++)
        ledger_init(&w->ledgers[p], into_hour_us(w->workload), w->books_us);
    return STATUS_OK;
}

void world_hours_close(struct world *w)
{
    for (int32_t p = 0; w->ledgers && p < w->fleet->pool_n; p++) ledger_free(&w->ledgers[p]);
    free(w->ledgers);
    w->ledgers = NULL;
}

static void add(struct world *w, int32_t pool, enum ledger_kind kind, int64_t from_us,
                int64_t to_us, int64_t milli)
{
    struct error err;
    if (!w->ledgers) return;
    int64_t until_us = to_us < w->books_us ? to_us : w->books_us;
    int64_t most = POOL_HOURS_MAX / w->fleet->pool_n;
    if (most > LEDGER_HOURS_MAX) most = LEDGER_HOURS_MAX;
    enum status status = STATUS_BAD_INPUT;
    if (until_us / HOUR_US < most - 1) /* one more where second 0 lies within an hour */
        status = ledger_add(&w->ledgers[pool], kind, from_us, to_us, milli, &err);
    if (status == STATUS_OK) return;
    if (status == STATUS_NO_MEMORY) w->ledgers_failed = status;
    world_hours_close(w);
}

void world_hours_held(struct world *w, int32_t pool, int64_t from_us, int64_t milli)
{
    add(w, pool, LEDGER_HELD, from_us, w->now_us, milli);
}

void world_hours_bought(struct world *w)
{
    for (int32_t p = 0; p < w->fleet->pool_n && w->ledgers; p++) {
        struct error err;
        if (!w->elastic) {
            add(w, p, LEDGER_BOUGHT, 0, w->result->books_us, w->pools[p].node_n);
            continue;
        }
        add(w, p, LEDGER_BOUGHT, 0, w->result->books_us, 0); /* whether there are too many hours */
        enum status status = w->ledgers ? elastic_ledger(w, p, &w->ledgers[p], &err) : STATUS_OK;
        if (status == STATUS_OK) continue;
        w->ledgers_failed = status;
        world_hours_close(w);
    }
}

static enum ledger_kind lost_by(enum stop_cause cause)
{
    static const enum ledger_kind kinds[STOP_CAUSES] = { [STOP_PREEMPTED] = LEDGER_LOST_PREEMPTED,
                                                         [STOP_FAILED] = LEDGER_LOST_FAILED,
                                                         [STOP_RECLAIMED] = LEDGER_LOST_RECLAIMED };
    return kinds[cause];
}

void world_hours_lost(struct world *w, int32_t pool, int64_t from_us, int64_t milli,
                      int64_t restart_us, enum stop_cause restart, int64_t written_us,
                      int64_t stop_us, const enum stop_cause *stop)
{
    if (restart_us > 0) add(w, pool, lost_by(restart), from_us, from_us + restart_us, milli);
    if (written_us > 0)
        add(w, pool, LEDGER_LOST_CHECKPOINTS, w->now_us - stop_us - written_us, w->now_us - stop_us,
            milli);
    if (stop_us > 0)
        add(w, pool, stop ? lost_by(*stop) : LEDGER_LOST_CHECKPOINTS, w->now_us - stop_us,
            w->now_us, milli);
}

void world_hours_move(struct world *to, int32_t to_pool, struct world *from, int32_t from_pool)
{
    if (from->ledgers_failed) to->ledgers_failed = from->ledgers_failed;
    if (!from->ledgers) world_hours_close(to);
    if (!to->ledgers) return;
    ledger_free(&to->ledgers[to_pool]);
    to->ledgers[to_pool] = from->ledgers[from_pool];
    from->ledgers[from_pool] = (struct ledger){ 0 };
}
