/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A replication of the gang queue by vectors, to the bit that of queue_model.h: jobs are taken a
 * block at a time, and each stage goes over the whole block.
 *
 *      draws      one job to a lane
 *      arrivals   one after another
 *      starts     one job after another, the sorted vector a register at a time
 *      counts     one job to a lane
 *
 * queue_avx2.c and queue_avx512.c define MC_LANES and include this.
 */
#ifndef MODELS_MONTECARLO_QUEUE_BLOCK_H
#define MODELS_MONTECARLO_QUEUE_BLOCK_H

#include "models/montecarlo/queue_model.h"

#include <stddef.h>

enum {
    QUEUE_BLOCK = 128, /* jobs */
    QUEUE_BLOCK_PAD = 16,
    QUEUE_BLOCK_CHUNK = 128, /* words; looked at before they are gone over */
    QUEUE_BLOCK_WHOLE = 256, /* servers: so few are gone over whole */
};

/* Words that a replication on so many servers needs; at a multiple of 64 bytes. */
static inline size_t queue_block_words(uint32_t servers)
{
    return 2 * (size_t)servers + 4 * QUEUE_BLOCK_PAD;
}

#ifdef MC_LANES

#include <string.h>

struct queue_block {
    uint32_t servers[QUEUE_BLOCK], run[QUEUE_BLOCK], gap[QUEUE_BLOCK];
    uint32_t at[QUEUE_BLOCK], start[QUEUE_BLOCK];
    /* Of each job's batch; batch_gap: of the first job in it, UINT32_MAX of the others. */
    uint32_t batch_gap[QUEUE_BLOCK], class_[QUEUE_BLOCK];
    uint32_t run_high[QUEUE_BLOCK], run_low[QUEUE_BLOCK];
};

/* Batches drawn ahead. */
struct queue_batches {
    uint32_t gap[MC_LANES], size[MC_LANES], class_[MC_LANES];
    uint32_t run_high[MC_LANES], run_low[MC_LANES];
    uint32_t next, at, left; /* the batch after those; which of them has come; jobs left in it */
};

static inline mc_u32 queue_block_from(uint32_t first)
{
    mc_u32 v;
    for (uint32_t i = 0; i < MC_LANES; i++) v[i] = first + i;
    return v;
}

static inline void queue_block_put(uint32_t *at, mc_u32 v) { memcpy(at, &v, sizeof v); }

static inline mc_u32 queue_block_get(const uint32_t *at)
{
    mc_u32 v;
    memcpy(&v, at, sizeof v);
    return v;
}

/* Which batch each job is of. */
static inline void queue_block_batches(const struct queue_model *m, uint32_t draws, uint32_t flip,
                                       struct queue_batches *q, struct queue_block *b, uint32_t n)
{
    for (uint32_t j = 0; j < n; j++) {
        b->batch_gap[j] = UINT32_MAX;
        if (q->left == 0) {
            if (++q->at >= MC_LANES) {
                struct queue_batch batch =
                    queue_draw_batch(m, draws, flip, queue_block_from(q->next));
                queue_block_put(q->gap, batch.gap);
                queue_block_put(q->size, batch.size);
                queue_block_put(q->class_, batch.class_);
                queue_block_put(q->run_high, batch.run_high);
                queue_block_put(q->run_low, batch.run_low);
                q->next += MC_LANES;
                q->at = 0;
            }
            b->batch_gap[j] = q->gap[q->at];
            q->left = q->size[q->at];
        }
        q->left--;
        b->class_[j] = q->class_[q->at];
        b->run_high[j] = q->run_high[q->at];
        b->run_low[j] = q->run_low[q->at];
    }
}

static inline void queue_block_draw(const struct queue_model *m, uint32_t draws, uint32_t flip,
                                    uint32_t first, struct queue_block *b)
{
    struct queue_batch batch = { 0 };
    for (uint32_t i = 0; i < QUEUE_BLOCK; i += MC_LANES) {
        if (m->batches) {
            batch.class_ = queue_block_get(b->class_ + i);
            batch.run_high = queue_block_get(b->run_high + i);
            batch.run_low = queue_block_get(b->run_low + i);
        }
        struct queue_job job = queue_draw_job(m, draws, flip, queue_block_from(first + i), batch);
        queue_block_put(b->servers + i, job.servers);
        queue_block_put(b->run + i, job.run);
        queue_block_put(b->gap + i, job.gap);
    }
    for (uint32_t j = 0; m->batches && j < QUEUE_BLOCK; j++)
        if (b->batch_gap[j] != UINT32_MAX) b->gap[j] = b->batch_gap[j];
}

/* f[-1] is 0, f[servers] and on are UINT32_MAX: a job of no servers changes nothing, and a
 * register may reach beyond the end. */
static inline void queue_block_start(uint32_t *f, uint32_t servers, struct queue_block *b,
                                     uint32_t n)
{
    for (uint32_t j = 0; j < n; j++) {
        uint32_t k = b->servers[j], t = b->at[j], free = f[(ptrdiff_t)k - 1];
        uint32_t start = free > t ? free : t, end = start + b->run[j];
        mc_u32 ends = mc_all_u32(end);
        b->start[j] = start;
        for (uint32_t chunk = 0; chunk < servers; chunk += QUEUE_BLOCK_CHUNK) {
            if (servers > QUEUE_BLOCK_WHOLE && f[chunk] >= end) break;
            uint32_t to = chunk + QUEUE_BLOCK_CHUNK < servers ? chunk + QUEUE_BLOCK_CHUNK : servers;
            for (uint32_t i = chunk; i < to; i += MC_LANES) {
                mc_u32 here, ahead;
                memcpy(&here, f + i, sizeof here);
                memcpy(&ahead, f + i + k, sizeof ahead);
                here = mc_least(mc_most(here, ends), ahead);
                memcpy(f + i, &here, sizeof here);
            }
        }
    }
}

/* Sums of a block over jobs from `from` on, where a rejected job has neither run nor wait. */
static inline void queue_block_count(const struct queue_model *m, const struct queue_block *b,
                                     uint32_t from, uint32_t n, queue_count *histogram,
                                     struct queue_result *r)
{
    uint64_t wait_sum = 0, run_sum = 0, busy = 0;
    uint32_t wait_max = 0, waited = 0, late = 0, rejected = 0;
    for (uint32_t j = from; j < n; j++) {
        uint32_t wait = b->start[j] - b->at[j], run = b->servers[j] ? b->run[j] : 0;
        wait_sum += wait;
        run_sum += run;
        busy += (uint64_t)run * b->servers[j];
        waited += wait > 0;
        late += wait > m->late_after;
        rejected += b->servers[j] == 0;
        wait_max = wait > wait_max ? wait : wait_max;
    }
    for (uint32_t j = from; waited && j < n; j++)
        if (b->start[j] > b->at[j])
            queue_count_add(histogram, log_bucket_of(b->start[j] - b->at[j]));
    r->wait_sum += wait_sum;
    r->run_sum += run_sum;
    r->busy += busy;
    r->waited += waited;
    r->late += late;
    r->rejected += rejected;
    if (wait_max > r->wait_max) r->wait_max = wait_max;
    uint32_t first = from, last = n;
    while (first < n && b->servers[first] == 0) first++;
    while (last > first && b->servers[last - 1] == 0) last--;
    if (first == last) return;
    if (r->jobs == 0) {
        r->first_arrival = b->at[first];
        r->first_start = b->start[first];
    }
    r->last_arrival = b->at[last - 1];
    r->last_start = b->start[last - 1];
    r->jobs += n - from - rejected;
}

/* words: queue_block_words(m->servers) of them. */
static inline void queue_block_replication(const struct queue_model *m, uint32_t replication,
                                           uint32_t *words, queue_count *histogram,
                                           struct queue_result *out)
{
    uint32_t draws = queue_draws_of(m, replication), flip = queue_flip_of(m, replication);
    uint32_t *f = words + QUEUE_BLOCK_PAD, end, wrapped;
    struct queue_batches batches = { .at = MC_LANES };
    struct queue_clock clock;
    struct queue_block b = { .class_ = { 0 } }; /* the last block's jobs beyond the end, too */
    queue_clock_init(m, &clock);
    queue_result_init(out);
    memset(words, 0, (QUEUE_BLOCK_PAD + (size_t)m->servers) * sizeof *words);
    memset(f + m->servers, 0xff, ((size_t)m->servers + 3 * QUEUE_BLOCK_PAD) * sizeof *f);
    for (uint32_t first = 0; first < m->jobs && !out->beyond; first += QUEUE_BLOCK) {
        uint32_t n = m->jobs - first < QUEUE_BLOCK ? m->jobs - first : QUEUE_BLOCK;
        if (m->batches) queue_block_batches(m, draws, flip, &batches, &b, n);
        queue_block_draw(m, draws, flip, first, &b);
        for (uint32_t j = 0; j < n; j++) b.at[j] = queue_arrive(m, &clock, b.gap[j]);
        queue_block_start(f, m->servers, &b, n);
        end = wrapped = 0;
        for (uint32_t j = 0; j < n; j++) {
            uint32_t served = b.servers[j] > 0, e = b.start[j] + b.run[j];
            wrapped |= (e < b.start[j]) & served;
            e &= 0u - served;
            end = e > end ? e : end;
        }
        out->beyond = wrapped | clock.wrapped;
        if (end > out->end) out->end = end;
        uint32_t from = m->warm_up > first ? m->warm_up - first : 0;
        if (from < n) queue_block_count(m, &b, from, n, histogram, out);
    }
}

#endif

#endif
