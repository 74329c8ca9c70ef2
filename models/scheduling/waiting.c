/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/waiting.h"

#include <stdlib.h>
#include <string.h>

void waiting_heap_init(struct waiting_heap *h, bool ring)
{
    memset(h, 0, sizeof *h);
    h->ring = ring;
}

void waiting_heap_free(struct waiting_heap *h)
{
    free(h->jobs);
    memset(h, 0, sizeof *h);
}

static bool heap_grow(struct waiting_heap *h)
{
    /* A ring that has moved on far enough slides back instead of growing. */
    if (h->ring && h->first >= 1024 && h->first >= h->n) {
        memmove(h->jobs, h->jobs + h->first, h->n * sizeof *h->jobs);
        h->first = 0;
        return true;
    }
    size_t capacity = h->capacity ? 2 * h->capacity : 256;
    struct waiting_job *jobs = realloc(h->jobs, capacity * sizeof *jobs);
    if (!jobs) return false;
    h->jobs = jobs;
    h->capacity = capacity;
    return true;
}

/* Puts a job between those that have come before and after it; there is room for one more. */
static void ring_insert(struct waiting_heap *h, struct waiting_job job)
{
    size_t low = h->first, high = h->first + h->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (waiting_before(&h->jobs[middle], &job)) low = middle + 1;
        else high = middle;
    }
    if (h->first > 0 && low - h->first < h->n / 2) {
        memmove(h->jobs + h->first - 1, h->jobs + h->first, (low - h->first) * sizeof job);
        h->first--;
        low--;
    } else {
        memmove(h->jobs + low + 1, h->jobs + low, (h->first + h->n - low) * sizeof job);
    }
    h->jobs[low] = job;
    h->n++;
}

bool waiting_heap_push(struct waiting_heap *h, struct waiting_job job)
{
    if (h->first + h->n == h->capacity && !heap_grow(h)) return false;
    if (h->ring && h->n > 0 && waiting_before(&job, &h->jobs[h->first + h->n - 1])) {
        ring_insert(h, job);
        return true;
    }
    size_t i = h->first + h->n++;
    if (!h->ring)
        for (; i > 0 && waiting_before(&job, &h->jobs[(i - 1) / 2]); i = (i - 1) / 2)
            h->jobs[i] = h->jobs[(i - 1) / 2];
    h->jobs[i] = job;
    return true;
}

/* A job for the hole at i of a heap, which is no earlier than those above it. */
static void heap_sink(struct waiting_heap *h, size_t i, struct waiting_job job)
{
    for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
        if (child + 1 < h->n && waiting_before(&h->jobs[child + 1], &h->jobs[child])) child++;
        if (!waiting_before(&h->jobs[child], &job)) break;
        h->jobs[i] = h->jobs[child];
    }
    h->jobs[i] = job;
}

void waiting_heap_pop(struct waiting_heap *h)
{
    h->n--;
    if (h->ring) h->first = h->n ? h->first + 1 : 0;
    else heap_sink(h, 0, h->jobs[h->n]);
}

void waiting_heap_remove(struct waiting_heap *h, uint32_t job)
{
    size_t i = h->first;
    while (h->jobs[i].job != job) i++;
    h->n--;
    if (h->ring) {
        memmove(h->jobs + i, h->jobs + i + 1, (h->first + h->n - i) * sizeof *h->jobs);
        if (h->n == 0) h->first = 0;
        return;
    }
    struct waiting_job last = h->jobs[h->n];
    for (; i > 0 && waiting_before(&last, &h->jobs[(i - 1) / 2]); i = (i - 1) / 2)
        h->jobs[i] = h->jobs[(i - 1) / 2];
    if (i < h->n) heap_sink(h, i, last);
}

enum { FEW = 64, MANY = 4096 };

void waiting_line_init(struct waiting_line *l) { memset(l, 0, sizeof *l); }

void waiting_line_free(struct waiting_line *l)
{
    free(l->job);
    free(l->limit);
    free(l->min64);
    free(l->min4096);
    memset(l, 0, sizeof *l);
}

static void fill_gone(int64_t *x, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) x[i] = WAITING_GONE;
}

/* Each array is grown on its own; one that could not leaves the line as it was, only with spare
 * room. */
static bool line_grow(struct waiting_line *l)
{
    uint32_t old = l->capacity, capacity = old ? 2 * old : FEW;
    uint32_t some = (capacity + FEW - 1) / FEW, few = (capacity + MANY - 1) / MANY;
    uint32_t *job = realloc(l->job, capacity * sizeof *job);
    if (job) l->job = job;
    int64_t *limit = realloc(l->limit, capacity * sizeof *limit);
    if (limit) l->limit = limit;
    int64_t *min64 = realloc(l->min64, some * sizeof *min64);
    if (min64) l->min64 = min64;
    int64_t *min4096 = realloc(l->min4096, few * sizeof *min4096);
    if (min4096) l->min4096 = min4096;
    if (!job || !limit || !min64 || !min4096) return false;
    fill_gone(limit, old, capacity);
    fill_gone(min64, (old + FEW - 1) / FEW, some);
    fill_gone(min4096, (old + MANY - 1) / MANY, few);
    l->capacity = capacity;
    return true;
}

/* Drops the positions of jobs that have left once they are most of the line, so that the line's
 * size follows the jobs that wait, not all that ever did. */
static void line_compact(struct waiting_line *l)
{
    uint32_t to = 0;
    for (uint32_t i = l->head; i < l->n; i++) {
        if (l->limit[i] == WAITING_GONE) continue;
        l->job[to] = l->job[i];
        l->limit[to++] = l->limit[i];
    }
    fill_gone(l->limit, to, l->n);
    fill_gone(l->min64, 0, (l->n + FEW - 1) / FEW);
    fill_gone(l->min4096, 0, (l->n + MANY - 1) / MANY);
    l->n = to;
    l->head = 0;
    for (uint32_t i = 0; i < to; i++) {
        if (l->limit[i] < l->min64[i / FEW]) l->min64[i / FEW] = l->limit[i];
        if (l->limit[i] < l->min4096[i / MANY]) l->min4096[i / MANY] = l->limit[i];
    }
}

static void line_set(struct waiting_line *l, uint32_t i, int64_t limit_us)
{
    l->limit[i] = limit_us;
    if (limit_us < l->min64[i / FEW]) l->min64[i / FEW] = limit_us;
    if (limit_us < l->min4096[i / MANY]) l->min4096[i / MANY] = limit_us;
}

/* Puts a job where it stood: those that came after it move on by one. */
static void line_insert(struct waiting_line *l, uint32_t job, int64_t limit_us)
{
    uint32_t at = l->n - 1, n = l->n;
    while (at > 0 && job < l->job[at - 1]) at--; /* those that have left lie in order, too */
    memmove(l->job + at + 1, l->job + at, (n - 1 - at) * sizeof *l->job);
    memmove(l->limit + at + 1, l->limit + at, (n - 1 - at) * sizeof *l->limit);
    l->job[at] = job;
    l->limit[at] = limit_us;
    if (at < l->head) l->head = at;
    fill_gone(l->min64, at / FEW, (n + FEW - 1) / FEW);
    fill_gone(l->min4096, at / MANY, (n + MANY - 1) / MANY);
    for (uint32_t i = at / MANY * MANY; i < n; i++) line_set(l, i, l->limit[i]);
}

bool waiting_line_push(struct waiting_line *l, uint32_t job, int64_t limit_us)
{
    if (l->n == l->capacity && l->n >= MANY && l->live < l->n / 2) line_compact(l);
    if (l->n == l->capacity && !line_grow(l)) return false;
    uint32_t i = l->n++;
    l->live++;
    if (i > 0 && job < l->job[i - 1]) {
        line_insert(l, job, limit_us);
        return true;
    }
    l->job[i] = job;
    line_set(l, i, limit_us);
    return true;
}

/* The first index in [from, to) whose value is at most `most`, else `to`. */
static uint32_t scan(const int64_t *x, uint32_t from, uint32_t to, int64_t most)
{
    while (from < to && x[from] > most) from++;
    return from;
}

uint32_t waiting_line_find(const struct waiting_line *l, uint32_t from, int64_t most)
{
    if (most >= WAITING_GONE) most = WAITING_GONE - 1;
    uint32_t i = from > l->head ? from : l->head;
    while (i < l->n) {
        /* To the end of this block of 64, then over blocks of 64, then over blocks of 4,096. */
        uint32_t end = (i / FEW + 1) * FEW < l->n ? (i / FEW + 1) * FEW : l->n;
        i = scan(l->limit, i, end, most);
        if (i < end) return i;
        if (i == l->n) return WAITING_NONE;
        uint32_t block = i / FEW, blocks = (l->n + FEW - 1) / FEW;
        uint32_t edge = (block + MANY / FEW - 1) / (MANY / FEW) * (MANY / FEW);
        if (edge > blocks) edge = blocks;
        block = scan(l->min64, block, edge, most);
        if (block == edge && edge < blocks) {
            uint32_t many = scan(l->min4096, edge / (MANY / FEW), (l->n + MANY - 1) / MANY, most);
            if (many == (l->n + MANY - 1) / MANY) return WAITING_NONE;
            block = scan(l->min64, many * (MANY / FEW), blocks, most);
        }
        i = block * FEW;
    }
    return WAITING_NONE;
}

/* The index of the least of x[from .. to). */
static uint32_t least_of(const int64_t *x, uint32_t from, uint32_t to)
{
    uint32_t best = from;
    for (uint32_t i = from + 1; i < to; i++)
        if (x[i] < x[best]) best = i;
    return best;
}

static uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

uint32_t waiting_line_least(const struct waiting_line *l)
{
    if (l->live == 0) return WAITING_NONE;
    uint32_t blocks = (l->n + FEW - 1) / FEW, per_many = MANY / FEW;
    uint32_t many = least_of(l->min4096, l->head / MANY, (l->n + MANY - 1) / MANY);
    uint32_t few = least_of(l->min64, many * per_many, lesser((many + 1) * per_many, blocks));
    return least_of(l->limit, few * FEW, lesser((few + 1) * FEW, l->n));
}

void waiting_line_remove(struct waiting_line *l, uint32_t position)
{
    uint32_t block = position / FEW, many = position / MANY;
    l->limit[position] = WAITING_GONE;
    l->live--;
    if (l->live == 0) {
        fill_gone(l->min64, l->head / FEW, (l->n + FEW - 1) / FEW);
        fill_gone(l->min4096, l->head / MANY, (l->n + MANY - 1) / MANY);
        l->n = l->head = 0;
        return;
    }
    int64_t least = WAITING_GONE;
    uint32_t end = (block + 1) * FEW < l->n ? (block + 1) * FEW : l->n;
    for (uint32_t i = block * FEW; i < end; i++)
        if (l->limit[i] < least) least = l->limit[i];
    if (least != l->min64[block]) {
        l->min64[block] = least;
        uint32_t blocks = (l->n + FEW - 1) / FEW;
        uint32_t last = (many + 1) * (MANY / FEW) < blocks ? (many + 1) * (MANY / FEW) : blocks;
        least = WAITING_GONE;
        for (uint32_t b = many * (MANY / FEW); b < last; b++)
            if (l->min64[b] < least) least = l->min64[b];
        l->min4096[many] = least;
    }
    while (l->head < l->n && l->limit[l->head] == WAITING_GONE) l->head++;
}
