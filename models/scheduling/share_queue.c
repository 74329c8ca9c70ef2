/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/share_queue.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = UINT32_MAX };

/* ---- heaps of jobs ---- */

static bool item_before(const struct share_item *a, const struct share_item *b)
{
    return a->key != b->key ? a->key < b->key : a->job < b->job;
}

static bool heap_push(struct share_heap *h, struct share_item item)
{
    if (h->n == h->capacity) {
        uint32_t capacity = h->capacity ? 2 * h->capacity : 8;
        struct share_item *items = realloc(h->items, capacity * sizeof *items);
        if (!items) return false;
        h->items = items;
        h->capacity = capacity;
    }
    uint32_t i = h->n++;
    for (; i > 0 && item_before(&item, &h->items[(i - 1) / 2]); i = (i - 1) / 2)
        h->items[i] = h->items[(i - 1) / 2];
    h->items[i] = item;
    return true;
}

static void heap_pop(struct share_heap *h)
{
    struct share_item last = h->items[--h->n];
    uint32_t i = 0;
    for (uint32_t child; (child = 2 * i + 1) < h->n; i = child) {
        if (child + 1 < h->n && item_before(&h->items[child + 1], &h->items[child])) child++;
        if (!item_before(&h->items[child], &last)) break;
        h->items[i] = h->items[child];
    }
    h->items[i] = last;
}

/* ---- heaps of cells ---- */

static bool cell_before(const struct share_queue *q, uint32_t a, uint32_t b)
{
    return item_before(&q->cells[a].head, &q->cells[b].head);
}

static void put(struct share_queue *q, struct share_line *l, uint32_t i, uint32_t cell)
{
    l->cells[i] = cell;
    q->cells[cell].at = i;
}

static void rise(struct share_queue *q, struct share_line *l, uint32_t i, uint32_t cell)
{
    for (; i > 0 && cell_before(q, cell, l->cells[(i - 1) / 2]); i = (i - 1) / 2)
        put(q, l, i, l->cells[(i - 1) / 2]);
    put(q, l, i, cell);
}

static void sink(struct share_queue *q, struct share_line *l, uint32_t i, uint32_t cell)
{
    for (uint32_t child; (child = 2 * i + 1) < l->n; i = child) {
        if (child + 1 < l->n && cell_before(q, l->cells[child + 1], l->cells[child])) child++;
        if (!cell_before(q, l->cells[child], cell)) break;
        put(q, l, i, l->cells[child]);
    }
    put(q, l, i, cell);
}

/* The cell's head has changed. */
static void replace(struct share_queue *q, uint32_t cell)
{
    struct share_line *l = &q->lines[q->cells[cell].line];
    uint32_t i = q->cells[cell].at;
    if (i > 0 && cell_before(q, cell, l->cells[(i - 1) / 2])) rise(q, l, i, cell);
    else sink(q, l, i, cell);
}

static void leave(struct share_queue *q, uint32_t cell)
{
    struct share_line *l = &q->lines[q->cells[cell].line];
    uint32_t i = q->cells[cell].at, last = l->cells[--l->n];
    q->cells[cell].at = NONE;
    if (last == cell) return;
    q->cells[last].at = i;
    l->cells[i] = last;
    replace(q, last);
}

/* ---- where a cell stands ---- */

/* As an integer that grows with it: a number that is not negative. */
static int64_t grows_with(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double part_of(int64_t held, int64_t all)
{
    return all > 0 ? (double)held / (double)all : 0;
}

static __int128 tenant_key(const struct share_queue *q, uint32_t tenant)
{
    const struct share_held *h = &q->held[tenant];
    double gpus = part_of(h->gpus, q->all.gpus), share = gpus;
    if (q->by == SHARE_FAIR) {
        share = accounts_mean_gpus(&q->accounts, tenant) + (double)h->gpus;
    } else {
        double cpu = part_of(h->cpu_milli, q->all.cpu_milli);
        double mem = part_of(h->mem_mib, q->all.mem_mib);
        if (cpu > share) share = cpu;
        if (mem > share) share = mem;
    }
    return grows_with(share / q->accounts.shares[tenant]);
}

/* The priority of the first job of that age, less its account's fair share, as a key. */
static __int128 aged_key(const struct share_queue *q, const struct share_cell *c,
                         enum share_age age)
{
    const struct multifactor *m = &q->multifactor;
    __int128 key = c->jobs[age].items[0].key;
    if (age == AGE_AGING) return key - m->age_rate * q->accounts.calc_us;
    return age == AGE_OLD ? key - m->age_rate * m->age_max_us : key;
}

/* Those first in the heap that have come to age_max grow old. false: no memory. */
static bool grow_old(struct share_queue *q, const struct scheduler *s, struct share_cell *c)
{
    const struct multifactor *m = &q->multifactor;
    struct share_heap *aging = &c->jobs[AGE_AGING];
    while (aging->n > 0) {
        struct share_item item = aging->items[0];
        int64_t submit_us = s->workload->submit_us[item.job];
        if (q->accounts.calc_us - submit_us < m->age_max_us) break;
        heap_pop(aging);
        item.key -= m->age_rate * submit_us;
        if (!heap_push(&c->jobs[AGE_OLD], item)) return false;
    }
    return true;
}

/* Finds the cell's head; false where it is empty. */
static bool find_head(struct share_queue *q, struct share_cell *c)
{
    const struct multifactor *m = &q->multifactor;
    bool any = false;
    for (int age = 0; age < AGE_N; age++) {
        if (c->jobs[age].n == 0) continue;
        struct share_item item = c->jobs[age].items[0];
        item.key = q->by == SHARE_MULTIFACTOR ? aged_key(q, c, (enum share_age)age)
                                              : tenant_key(q, c->account);
        if (any && !item_before(&item, &c->head)) continue;
        c->head = item;
        c->head_of = (enum share_age)age;
        any = true;
    }
    if (any && q->by == SHARE_MULTIFACTOR)
        c->head.key -= (__int128)m->age_max_us * m->fairshare[c->account];
    return any;
}

/* ---- cells ---- */

static uint32_t hash_of(uint32_t account, uint32_t line)
{
    uint64_t h = ((uint64_t)account << 32 | line) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 32);
}

static uint32_t find_slot(const struct share_queue *q, uint32_t account, uint32_t line)
{
    uint32_t at = hash_of(account, line) & (q->slot_n - 1);
    for (; q->slot[at]; at = (at + 1) & (q->slot_n - 1)) {
        const struct share_cell *c = &q->cells[q->slot[at] - 1];
        if (c->account == account && c->line == line) break;
    }
    return at;
}

static bool lines_room(struct share_queue *q, uint32_t line)
{
    if (line >= q->line_capacity) {
        uint32_t capacity = 2 * line + 16;
        struct share_line *lines = realloc(q->lines, capacity * sizeof *lines);
        if (!lines) return false;
        q->lines = lines;
        q->line_capacity = capacity;
    }
    for (; q->line_n <= line; q->line_n++) q->lines[q->line_n] = (struct share_line){ 0 };
    return true;
}

/* Room for one more cell, the slots at most half full. */
static bool cells_room(struct share_queue *q)
{
    if (q->cell_n == q->cell_capacity) {
        uint32_t capacity = q->cell_capacity ? 2 * q->cell_capacity : 64;
        struct share_cell *cells = realloc(q->cells, capacity * sizeof *cells);
        if (cells) q->cells = cells;
        uint32_t *young = realloc(q->young, capacity * sizeof *young);
        if (young) q->young = young;
        if (!cells || !young) return false;
        q->cell_capacity = capacity;
    }
    if (2 * (q->cell_n + 1) <= q->slot_n) return true;
    uint32_t slot_n = q->slot_n ? 2 * q->slot_n : 128;
    uint32_t *slot = calloc(slot_n, sizeof *slot);
    if (!slot) return false;
    free(q->slot);
    q->slot = slot;
    q->slot_n = slot_n;
    for (uint32_t c = 0; c < q->cell_n; c++)
        slot[find_slot(q, q->cells[c].account, q->cells[c].line)] = c + 1;
    return true;
}

/* The number of the cell, NONE on lack of memory. */
static uint32_t cell_of(struct share_queue *q, uint32_t account, uint32_t line)
{
    if (q->slot_n > 0) {
        uint32_t known = q->slot[find_slot(q, account, line)];
        if (known) return known - 1;
    }
    if (!lines_room(q, line) || !cells_room(q)) return NONE;
    uint32_t c = q->cell_n++;
    q->cells[c] = (struct share_cell){
        .account = account, .line = line, .at = NONE, .sibling = q->first_cell[account]
    };
    q->first_cell[account] = c;
    q->slot[find_slot(q, account, line)] = c + 1;
    return c;
}

/* ---- the queue ---- */

bool share_queue_init(struct share_queue *q, const struct scheduler *s, enum share_by by)
{
    memset(q, 0, sizeof *q);
    q->by = by;
    if (!accounts_init(&q->accounts, s->workload, s->share, by == SHARE_MULTIFACTOR)) return false;
    q->first_cell = malloc((q->accounts.n + 1) * sizeof *q->first_cell);
    q->held = calloc(q->accounts.n + 1, sizeof *q->held);
    if (!q->first_cell || !q->held) return false;
    for (uint32_t i = 0; i < q->accounts.n; i++) q->first_cell[i] = NONE;
    for (int32_t k = 0; k < s->pool_n; k++) {
        const struct pool *p = &s->pools[k];
        q->all.gpus += (int64_t)p->node_n * p->gpus;
        q->all.cpu_milli += p->node_n * p->cpu_milli;
        q->all.mem_mib += p->node_n * p->mem_mib;
    }
    return by != SHARE_MULTIFACTOR || multifactor_init(&q->multifactor, s, &q->accounts);
}

void share_queue_free(struct share_queue *q)
{
    for (uint32_t c = 0; c < q->cell_n; c++)
        for (int age = 0; age < AGE_N; age++) free(q->cells[c].jobs[age].items);
    for (uint32_t l = 0; l < q->line_n; l++) free(q->lines[l].cells);
    if (q->by == SHARE_MULTIFACTOR) multifactor_free(&q->multifactor);
    accounts_free(&q->accounts);
    free(q->held);
    free(q->cells);
    free(q->slot);
    free(q->first_cell);
    free(q->lines);
    free(q->young);
}

bool share_queue_push(struct share_queue *q, const struct scheduler *s, uint32_t line, uint32_t job,
                      uint32_t demand)
{
    const struct multifactor *m = &q->multifactor;
    uint32_t number = cell_of(q, q->accounts.of_job[job], line);
    if (number == NONE) return false;
    struct share_cell *c = &q->cells[number];
    struct share_item item = { 0, job, demand };
    enum share_age age = AGE_OLD;
    if (q->by == SHARE_MULTIFACTOR) {
        item.key = -(__int128)m->age_max_us * multifactor_fixed(m, s, job, demand);
        if (m->age_rate > 0) age = AGE_YOUNG;
    }
    if (age == AGE_YOUNG && s->workload->submit_us[job] < q->accounts.calc_us) {
        age = AGE_AGING; /* it was taken out, and comes back */
        item.key += m->age_rate * s->workload->submit_us[job];
    }
    if (age == AGE_YOUNG && !c->in_young) q->young[q->young_n++] = number;
    c->in_young |= age == AGE_YOUNG;
    if (!heap_push(&c->jobs[age], item) || !grow_old(q, s, c)) return false;
    find_head(q, c);
    if (c->at != NONE) {
        replace(q, number);
        return true;
    }
    struct share_line *l = &q->lines[line];
    if (l->n == l->capacity) {
        uint32_t capacity = l->capacity ? 2 * l->capacity : 16;
        uint32_t *cells = realloc(l->cells, capacity * sizeof *cells);
        if (!cells) return false;
        l->cells = cells;
        l->capacity = capacity;
    }
    rise(q, l, l->n++, number);
    return true;
}

struct share_cell *share_queue_first(struct share_queue *q, uint32_t line)
{
    return line < q->line_n && q->lines[line].n > 0 ? &q->cells[q->lines[line].cells[0]] : NULL;
}

bool share_queue_take(struct share_queue *q, const struct scheduler *s, struct share_cell *cell)
{
    uint32_t number = (uint32_t)(cell - q->cells);
    heap_pop(&cell->jobs[cell->head_of]);
    if (!grow_old(q, s, cell)) return false;
    if (find_head(q, cell)) replace(q, number);
    else leave(q, number);
    return true;
}

/* All cells have changed: their heads are found anew, then the heaps are. */
static bool stand_anew(struct share_queue *q, const struct scheduler *s)
{
    for (uint32_t i = 0; i < q->line_n; i++) {
        struct share_line *l = &q->lines[i];
        for (uint32_t k = 0; k < l->n; k++) {
            struct share_cell *c = &q->cells[l->cells[k]];
            if (!grow_old(q, s, c)) return false;
            find_head(q, c);
        }
        for (uint32_t k = l->n / 2; k-- > 0;) sink(q, l, k, l->cells[k]);
    }
    return true;
}

bool share_queue_advance(struct share_queue *q, const struct scheduler *s, int64_t now_us)
{
    const struct multifactor *m = &q->multifactor;
    if (q->by == SHARE_DRF || !accounts_advance(&q->accounts, now_us)) return true;
    for (uint32_t i = 0; i < q->young_n; i++) {
        struct share_cell *c = &q->cells[q->young[i]];
        struct share_heap *young = &c->jobs[AGE_YOUNG];
        for (uint32_t k = 0; k < young->n; k++) {
            struct share_item item = young->items[k];
            item.key += m->age_rate * s->workload->submit_us[item.job];
            if (!heap_push(&c->jobs[AGE_AGING], item)) return false;
        }
        young->n = 0;
        c->in_young = false;
    }
    q->young_n = 0;
    if (q->by == SHARE_MULTIFACTOR) multifactor_weigh(&q->multifactor, &q->accounts);
    return stand_anew(q, s);
}

int64_t share_queue_next_us(const struct share_queue *q)
{
    const struct multifactor *m = &q->multifactor;
    if (q->by == SHARE_DRF) return EVENT_NONE;
    if (q->by == SHARE_MULTIFACTOR && m->age_rate == 0 && m->fairshare_weight == 0)
        return EVENT_NONE;
    return q->accounts.calc_us + q->accounts.period_us;
}

bool share_queue_hold(struct share_queue *q, const struct scheduler *s, uint32_t job,
                      uint32_t demand, int sign, int64_t now_us)
{
    const struct demand *d = scheduler_demand(s, demand);
    uint32_t account = q->accounts.of_job[job];
    struct share_held *h = &q->held[account];
    if (!share_queue_advance(q, s, now_us)) return false;
    h->gpus += sign * d->gpus;
    h->cpu_milli += sign * d->cpu_milli;
    h->mem_mib += sign * d->mem_mib;
    if (q->by != SHARE_DRF) accounts_hold(&q->accounts, account, sign * d->gpus, now_us);
    if (q->by == SHARE_MULTIFACTOR) return true;
    for (uint32_t c = q->first_cell[account]; c != NONE; c = q->cells[c].sibling)
        if (q->cells[c].at != NONE) {
            q->cells[c].head.key = tenant_key(q, account);
            replace(q, c);
        }
    return true;
}
