/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that wait in an order that depends on who they belong to and on what these have used, so
 * that it changes all the time, and is never sorted anew.
 *
 *      line 0:  heap of cells      cell = the jobs of one account in one line, in heaps of their
 * own line 1:  heap of cells             whose order does not change
 *
 * Within a cell only what is fixed of a job and its age tell jobs apart, and ages grow alike, but
 * for jobs that are younger than the last look at the clock and those that have come to age_max:
 *
 *      young   of age 0 still         by what is fixed
 *      aging   by what is fixed and when they came
 *      old     age no longer counts, or never did    by what is fixed
 *
 * The head of a cell is the best of three heads. A cell's place in its line changes with its head,
 * with the clock (then all of them do), and with what its account holds. A line is a demand, for
 * orders in which jobs pass each other, or there is one line. The order is that of the scheduler's
 * (enum share_by):
 *
 *      SHARE_MULTIFACTOR  highest priority                                         multifactor.h
 *      SHARE_FAIR         least (mean GPUs held + GPUs held now) / shares of the tenant  accounts.h
 *      SHARE_DRF          least dominant share / shares of the tenant
 *
 * and of equals the one that came first. A job costs O(log jobs + log accounts); a start or an end
 * O(lines of the tenant x log tenants), but for multifactor O(1); a period that has passed
 * O(accounts + cells), and moving the young O(log jobs) each, once.
 */
#ifndef MODELS_SCHEDULING_SHARE_QUEUE_H
#define MODELS_SCHEDULING_SHARE_QUEUE_H

#include "models/scheduling/engine.h"
#include "models/scheduling/multifactor.h"

struct share_item { /* smaller keys first, then lower numbers */
    __int128 key;
    uint32_t job, demand;
};

struct share_heap {
    struct share_item *items;
    uint32_t n, capacity;
};

enum share_age { AGE_YOUNG, AGE_AGING, AGE_OLD, AGE_N };

struct share_cell {
    uint32_t account, line;
    struct share_heap jobs[AGE_N];
    struct share_item head; /* where it stands in its line */
    enum share_age head_of;
    bool in_young;    /* in the list of cells with young jobs */
    uint32_t at;      /* in the line's heap, UINT32_MAX while nobody waits in it */
    uint32_t sibling; /* the next cell of the account, UINT32_MAX */
};

struct share_line {
    uint32_t *cells; /* a heap */
    uint32_t n, capacity;
};

struct share_held { /* by account, for SHARE_DRF */
    int64_t gpus, cpu_milli, mem_mib;
};

struct share_queue {
    enum share_by by;
    struct accounts accounts;
    struct multifactor multifactor;
    struct share_held *held, all; /* all: of the fleet; 0 where it is not known */
    struct share_cell *cells;
    uint32_t cell_n, cell_capacity;
    uint32_t *slot; /* open addressing by (account, line): cell + 1 */
    uint32_t slot_n;
    uint32_t *first_cell; /* by account */
    struct share_line *lines;
    uint32_t line_n, line_capacity;
    uint32_t *young; /* cells with young jobs */
    uint32_t young_n, young_capacity;
};

bool share_queue_init(struct share_queue *q, const struct scheduler *s, enum share_by by);
void share_queue_free(struct share_queue *q);

/* The job joins the line. false: no memory. */
bool share_queue_push(struct share_queue *q, const struct scheduler *s, uint32_t line, uint32_t job,
                      uint32_t demand);
/* The cell whose head is first in the line, NULL where nobody waits in it. Holds until the next
 * push. */
struct share_cell *share_queue_first(struct share_queue *q, uint32_t line);
/* Takes the head out of its cell. false: no memory. */
bool share_queue_take(struct share_queue *q, const struct scheduler *s, struct share_cell *cell);

/* The clock shows now: what has changed with it. false: no memory. */
bool share_queue_advance(struct share_queue *q, const struct scheduler *s, int64_t now_us);
/* When the order may next change by itself; EVENT_NONE = never. */
int64_t share_queue_next_us(const struct share_queue *q);
/* The job starts to hold what it asks for (+1), or gives it back (-1). false: no memory. */
bool share_queue_hold(struct share_queue *q, const struct scheduler *s, uint32_t job,
                      uint32_t demand, int sign, int64_t now_us);

#endif
