/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gang queue: jobs of k servers each on C servers, first come, first served, head of line
 * blocking; one replication of it in integers, the same on CPU, vector unit and GPU.
 *
 *      batch --> jobs --> class (servers, law of the run) --> arrival --> start --> counts
 *         '---- gaps on the clock of the rate, hours of the week stretched ----'
 *
 * A job starts when all jobs before it have started and k servers are free: the recursion of Kiefer
 * and Wolfowitz (1955) for many servers at once. Two ways of it give the same starts to the bit:
 *
 *      sorted   when each server comes free, in order; f[i] = min(max(f[i], end), f[i + k])
 *      ring     the ends of the running jobs, in order, and how many servers are idle
 *
 * The first is one pass over C words without a branch that depends on the data, the second touches
 * about as many entries as jobs run. These are also the starts that the full simulator's fifo gives
 * the same jobs on a pool of the same size (tests/models/montecarlo/test_queue_world.c).
 *
 * Chance: job j of a replication has four words of its own (class, run, gap), and batch b has as
 * many, by Philox; neither knows the fleet, so that fleets are compared on the same jobs. Jobs of a
 * batch are of one class, and each run is, by a chance given, drawn by the batch's word instead of
 * its own: so they are as long as each other more often than not, and all laws stay what they are.
 *
 * Time is in ticks, 32 bits from the start of the replication; what would go beyond is told by
 * queue_result.beyond, never wrapped. Sums are of 64 bits and hold 2^31 jobs of the longest wait.
 * queue.h makes models that pass every check and runs them; queue_laws.h owns what they point to.
 */
#ifndef MODELS_MONTECARLO_QUEUE_MODEL_H
#define MODELS_MONTECARLO_QUEUE_MODEL_H

#include "models/montecarlo/alias.h"
#include "models/montecarlo/law.h"
#include "models/montecarlo/log_bucket.h"
#include "models/montecarlo/philox.h"

enum {
    QUEUE_SERVERS_MAX = 65535,
    QUEUE_CLASS_BITS = 4,
    QUEUE_CLASSES_MAX = 1 << QUEUE_CLASS_BITS,
    QUEUE_BATCH_JOBS_MAX = 65535,
    QUEUE_WEEK_HOURS = 168,
    QUEUE_STRETCH_BITS = 20,
};

/* All that the function reads. Pointers are borrowed; the same words at another place will do. */
struct queue_model {
    uint32_t servers;       /* C */
    uint32_t running_max;   /* at most so many jobs run at once: of the smallest on all servers */
    uint32_t jobs, warm_up; /* of a replication; the first warm_up of them are not counted */
    uint32_t late_after;    /* ticks; a job that waits longer is late */
    uint32_t seed[2];       /* key of Philox */
    uint32_t antithetic;    /* 1: replications 2i and 2i + 1 are mirrored */
    uint32_t gap_scale;     /* ticks = law x scale / 2^32, to the nearest: between batches */
    uint32_t spread_scale;  /* within a batch */
    uint32_t batch_n;       /* rows of batches, each as likely as the others */
    uint32_t alike;         /* chance, in 2^-31, that a job's run is drawn by its batch's word */
    uint32_t run_long;      /* runs are drawn by long laws */
    uint32_t hour_ticks;    /* 0: the rate is constant */
    uint32_t first_hour;    /* of the week, in which a replication begins */
    const uint32_t *class_bins; /* alias_draw of QUEUE_CLASS_BITS */
    const uint32_t *classes;    /* pairs: servers (0: rejected), scale of the run */
    const uint32_t *run;        /* a law for each class */
    const uint32_t *gap;        /* a short law */
    const uint32_t *batches;    /* pairs: class and jobs << 16, word of the run (0: drawn); NULL */
    const uint32_t *spread;     /* a short law; read where there are batches */
    const uint32_t *week;       /* pairs: where an hour begins on the clock of the rate, how much
                                   it is stretched, in 2^-20; one more with the end of the week */
};

/* What one replication comes to. Servers x ticks in busy, ticks in all other times. */
struct queue_result {
    uint64_t wait_sum, run_sum, busy;     /* of counted jobs */
    uint32_t jobs, waited, late;          /* counted; of them waited at all; too long */
    uint32_t rejected;                    /* after the warm-up, and not in jobs */
    uint32_t wait_max;                    /* of counted jobs */
    uint32_t first_arrival, last_arrival; /* of counted jobs; all 0 where there is none */
    uint32_t first_start, last_start;
    uint32_t end;    /* the last end of any job */
    uint32_t beyond; /* 1: a time left 32 bits, and nothing else here means anything */
    uint32_t unused;
};

/* Counts of waits by log_bucket_of, one word each. On a device, threads share them, and a kernel
 * adds those of 32 bits up before they can wrap. */
#ifdef __CUDACC__
typedef uint32_t queue_count;
#else
typedef uint64_t queue_count;
#endif

MC_FN void queue_count_add(queue_count *histogram, uint32_t bucket)
{
#ifdef __CUDA_ARCH__
    atomicAdd(histogram + bucket, 1u);
#else
    histogram[bucket]++;
#endif
}

/* ---- chance, one job or batch to a lane ---- */

struct queue_job {
    mc_u32 servers, run, gap;
};

/* What the jobs of a batch share; run: the words of chance of one run. */
struct queue_batch {
    mc_u32 gap, size, class_, run_high, run_low;
};

/* Replication r has the words of draws_of(r), inverted where flip is all ones. */
MC_FN uint32_t queue_draws_of(const struct queue_model *m, uint32_t r)
{
    return m->antithetic ? r >> 1 : r;
}
MC_FN uint32_t queue_flip_of(const struct queue_model *m, uint32_t r)
{
    return m->antithetic ? 0u - (r & 1u) : 0u;
}

/* batch: the job's, where there are batches: its class is the batch's, and so, by chance, is the
 * word of its run. Its gap is that within the batch. */
MC_FN struct queue_job queue_draw_job(const struct queue_model *m, uint32_t draws, uint32_t flip,
                                      mc_u32 job, struct queue_batch batch)
{
    struct mc_words w = mc_philox(mc_all_u32(0), job, mc_all_u32(draws), mc_all_u32(MC_STREAM_JOB),
                                  m->seed[0], m->seed[1]);
    mc_u32 class_ = batch.class_, scale, gap;
    struct queue_job out;
    if (m->batches) {
        mc_i32 alike = mc_less((mc_i32)(w.x[2] >> 1), mc_all_i32((int32_t)m->alike));
        w.x[0] = (mc_u32)mc_pick(alike, (mc_i32)batch.run_high, (mc_i32)w.x[0]);
        w.x[1] = (mc_u32)mc_pick(alike, (mc_i32)batch.run_low, (mc_i32)w.x[1]);
        gap = mc_share(law_draw(m->spread, w.x[3] ^ flip), mc_all_u32(m->spread_scale));
    } else {
        class_ = alias_draw(m->class_bins, QUEUE_CLASS_BITS, w.x[2]);
        gap = mc_share(law_draw(m->gap, w.x[3] ^ flip), mc_all_u32(m->gap_scale));
    }
    mc_gather_16(m->classes, class_, &out.servers, &scale);
    mc_u32 run = m->run_long ? law_draw_long_of(m->run, class_, w.x[0] ^ flip, w.x[1] ^ flip)
                             : law_draw_of(m->run, class_, w.x[0] ^ flip);
    out.run = mc_share(run, scale);
    out.gap = gap;
    return out;
}

/* Where there are batches. */
MC_FN struct queue_batch queue_draw_batch(const struct queue_model *m, uint32_t draws,
                                          uint32_t flip, mc_u32 batch)
{
    struct mc_words w = mc_philox(mc_all_u32(0), batch, mc_all_u32(draws),
                                  mc_all_u32(MC_STREAM_BATCH), m->seed[0], m->seed[1]);
    struct queue_batch out;
    out.gap = mc_share(law_draw(m->gap, w.x[0] ^ flip), mc_all_u32(m->gap_scale));
    mc_u32 what, run;
    mc_gather(m->batches, mc_high(mc_all_u32(m->batch_n), w.x[1]), &what, &run);
    mc_i32 own = mc_less((mc_i32)(run >> 1 | (run & 1u)), mc_all_i32(1));
    out.class_ = what & 0xffffu;
    out.size = what >> 16;
    out.run_high = out.run_low = (mc_u32)mc_pick(own, (mc_i32)w.x[3], (mc_i32)run);
    if (m->run_long) {
        w = mc_philox(mc_all_u32(1), batch, mc_all_u32(draws), mc_all_u32(MC_STREAM_BATCH),
                      m->seed[0], m->seed[1]);
        out.run_low = w.x[0];
    }
    return out;
}

/* ---- arrivals ---- */

/* Where the last arrival was: on the clock of the rate since its week began, and in the hour. */
struct queue_clock {
    uint32_t at, rate_at, week_began, hour, wrapped;
};

MC_FN void queue_clock_init(const struct queue_model *m, struct queue_clock *c)
{
    c->at = c->wrapped = 0;
    c->hour = m->hour_ticks ? m->first_hour : 0;
    c->rate_at = m->hour_ticks ? m->week[2 * c->hour] : 0;
    c->week_began = 0u - c->hour * m->hour_ticks;
}

/* The arrival that comes `gap` after the last one on the clock of the rate. */
MC_FN uint32_t queue_arrive(const struct queue_model *m, struct queue_clock *c, uint32_t gap)
{
    uint32_t before = c->at;
    if (m->hour_ticks) {
        c->rate_at += gap;
        while (c->rate_at >= m->week[2 * c->hour + 2])
            if (++c->hour == QUEUE_WEEK_HOURS) {
                c->hour = 0;
                c->rate_at -= m->week[2 * QUEUE_WEEK_HOURS];
                c->week_began += QUEUE_WEEK_HOURS * m->hour_ticks;
            }
        uint64_t into = (uint64_t)(c->rate_at - m->week[2 * c->hour]) * m->week[2 * c->hour + 1];
        c->at = c->week_began + c->hour * m->hour_ticks + (uint32_t)(into >> QUEUE_STRETCH_BITS);
    } else c->at += gap;
    c->wrapped |= c->at < before;
    return c->at;
}

/* ---- starts ---- */

/* f[i x stride], i < servers: when servers come free, in order; all 0 at first. A job of k servers
 * (1 <= k <= servers) arrives at t and runs for `run`: the end, which may wrap; *start is set. */
MC_FN uint32_t queue_start_sorted(uint32_t *f, uint32_t stride, uint32_t servers, uint32_t t,
                                  uint32_t k, uint32_t run, uint32_t *start)
{
    uint32_t free = f[(k - 1u) * stride], begin = free > t ? free : t, end = begin + run;
    uint32_t i = 0;
    for (; i < servers - k && f[i * stride] < end; i++) {
        uint32_t next = f[(i + k) * stride];
        f[i * stride] = next < end ? next : end;
    }
    for (; i < servers && f[i * stride] < end; i++) f[i * stride] = end;
    *start = begin;
    return end;
}

/* A ring of running jobs, end << 16 | servers, in order of their ends. */
struct queue_ring {
    uint32_t head, tail, idle, now; /* now: the last start */
};

/* The same by a ring: entries at ring[(i & mask) x stride], mask + 1 a power of two, at least
 * running_max. At first r is { 0, 0, servers, 0 }. */
MC_FN uint32_t queue_start_ring(uint64_t *ring, uint32_t mask, uint32_t stride,
                                struct queue_ring *r, uint32_t t, uint32_t k, uint32_t run,
                                uint32_t *start)
{
    uint32_t now = r->now > t ? r->now : t, idle = r->idle, head = r->head;
    while (head != r->tail) {
        uint64_t entry = ring[(head & mask) * stride];
        uint32_t end = (uint32_t)(entry >> 16);
        if (end > now) {
            if (idle >= k) break;
            now = end;
        }
        idle += (uint32_t)entry & 0xffffu;
        head++;
    }
    uint32_t end = now + run, i = r->tail++;
    uint64_t key = (uint64_t)end << 16 | k;
    for (; i != head; i--) {
        uint64_t before = ring[((i - 1u) & mask) * stride];
        if (before <= key) break;
        ring[(i & mask) * stride] = before;
    }
    ring[(i & mask) * stride] = key;
    r->head = head;
    r->idle = idle - k;
    r->now = *start = now;
    return end;
}

/* ---- counts ---- */

MC_FN void queue_result_init(struct queue_result *r)
{
    r->wait_sum = r->run_sum = r->busy = 0;
    r->jobs = r->waited = r->late = r->rejected = r->wait_max = 0;
    r->first_arrival = r->last_arrival = r->first_start = r->last_start = 0;
    r->end = r->beyond = r->unused = 0;
}

/* One job that is counted. */
MC_FN void queue_result_add(const struct queue_model *m, struct queue_result *r, uint32_t arrival,
                            uint32_t start, uint32_t run, uint32_t servers)
{
    uint32_t wait = start - arrival;
    r->wait_sum += wait;
    r->run_sum += run;
    r->busy += (uint64_t)run * servers;
    r->waited += wait > 0;
    r->late += wait > m->late_after;
    if (wait > r->wait_max) r->wait_max = wait;
    if (r->jobs++ == 0) {
        r->first_arrival = arrival;
        r->first_start = start;
    }
    r->last_arrival = arrival;
    r->last_start = start;
}

#ifndef MC_LANES

/* ---- a replication, one job after another ---- */

/* What is drawn ahead of a job: its batch, where there are batches. */
struct queue_source {
    struct queue_clock clock;
    struct queue_batch batch;
    uint32_t draws, flip, next, left; /* next: batch; left: jobs of the last */
};

MC_FN void queue_source_init(const struct queue_model *m, uint32_t replication,
                             struct queue_source *s)
{
    queue_clock_init(m, &s->clock);
    s->draws = queue_draws_of(m, replication);
    s->flip = queue_flip_of(m, replication);
    s->next = s->left = 0;
    s->batch.gap = s->batch.size = s->batch.class_ = s->batch.run_high = s->batch.run_low = 0;
}

/* Job j, which comes after all before it: *at is its arrival. */
MC_FN struct queue_job queue_source_next(const struct queue_model *m, struct queue_source *s,
                                         uint32_t j, uint32_t *at)
{
    uint32_t begins = m->batches && s->left == 0;
    if (begins) {
        s->batch = queue_draw_batch(m, s->draws, s->flip, s->next++);
        s->left = s->batch.size;
    }
    s->left--;
    struct queue_job job = queue_draw_job(m, s->draws, s->flip, j, s->batch);
    if (begins) job.gap = s->batch.gap;
    *at = queue_arrive(m, &s->clock, job.gap);
    return job;
}

/* Where a replication keeps its state: entry i at [i x stride], so that threads of a device can
 * interleave theirs. sorted: `servers` words. ring: mask + 1 entries, a power of two >=
 * running_max. */
struct queue_store {
    uint32_t *sorted; /* NULL: by the ring */
    uint64_t *ring;   /* read where sorted is NULL */
    uint32_t mask, stride;
};

/* One replication. histogram: LOG_BUCKET_N counts of waits of counted jobs, added to; but not
 * waits of nothing: there are jobs - waited of these, too many for threads to share a word. */
MC_FN void queue_replication(const struct queue_model *m, uint32_t replication,
                             const struct queue_store *store, queue_count *histogram,
                             struct queue_result *out)
{
    struct queue_source source;
    struct queue_ring ring = { 0, 0, m->servers, 0 };
    struct queue_result r;
    queue_source_init(m, replication, &source);
    queue_result_init(&r);
    if (store->sorted)
        for (uint32_t i = 0; i < m->servers; i++) store->sorted[i * store->stride] = 0;
    for (uint32_t j = 0; j < m->jobs && !r.beyond; j++) {
        uint32_t at, start;
        struct queue_job job = queue_source_next(m, &source, j, &at);
        r.beyond = source.clock.wrapped;
        if (job.servers == 0) {
            r.rejected += j >= m->warm_up;
            continue;
        }
        uint32_t end = store->sorted ? queue_start_sorted(store->sorted, store->stride, m->servers,
                                                          at, job.servers, job.run, &start)
                                     : queue_start_ring(store->ring, store->mask, store->stride,
                                                        &ring, at, job.servers, job.run, &start);
        r.beyond |= end < start;
        if (end > r.end) r.end = end;
        if (j < m->warm_up) continue;
        queue_result_add(m, &r, at, start, job.run, job.servers);
        if (start > at) queue_count_add(histogram, log_bucket_of(start - at));
    }
    *out = r;
}

#endif

#endif
