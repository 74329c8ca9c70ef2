/* SPDX-License-Identifier: Apache-2.0 */
#include "models/workload/bootstrap.h"

#include <stdio.h>
#include <stdlib.h>

int64_t bootstrap_blocks(const struct bootstrap *b) { return (b->span_us + 1) / b->block_us; }

/* The block that comes in place k. */
static int64_t draw_block(const struct bootstrap *b, struct random_key key, int64_t k)
{
    int64_t first = k % b->alike, n = (bootstrap_blocks(b) - first + b->alike - 1) / b->alike;
    return first +
           b->alike * (int64_t)random_below(key, RANDOM_BOOTSTRAP, (uint64_t)k, 0, (uint64_t)n);
}

/* The first job of the block, by bisection. */
static size_t first_job(const struct workload *w, int64_t from_us)
{
    size_t low = 0, high = w->job_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->submit_us[middle] < from_us) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Job j, so much later, for the time-th time. */
static enum status add_again(const struct workload *w, size_t j, int64_t later_us, int32_t time,
                             struct workload *out, struct error *err)
{
    struct job_row row;
    char id[300];
    workload_row(w, j, &row);
    row.submit_us += later_us;
    if (row.start_us != -1) row.start_us += later_us;
    if (row.deadline_us != -1) row.deadline_us += later_us;
    if (time > 1 && row.id_n > 0) {
        row.id_n = (size_t)snprintf(id, sizeof id, "%.*s~%d", row.id_n < 256 ? (int)row.id_n : 256,
                                    row.id, (int)time);
        row.id = id;
    }
    return workload_add(out, &row, err);
}

enum status bootstrap_draw(const struct workload *w, const struct bootstrap *b,
                           struct random_key key, struct workload *out, struct error *err)
{
    int64_t blocks = bootstrap_blocks(b);
    int32_t *times = calloc((size_t)blocks + 1, sizeof *times);
    if (!times)
        return error_set(err, STATUS_NO_MEMORY, "no memory for %lld blocks", (long long)blocks);
    enum status status = workload_init(out, err);
    if (status != STATUS_OK) {
        free(times);
        return status;
    }
    out->t0_unix_us = w->t0_unix_us;
    for (int64_t k = 0; status == STATUS_OK && k * b->block_us <= b->span_us; k++) {
        int64_t block = draw_block(b, key, k), to_us = (block + 1) * b->block_us;
        int64_t later_us = (k - block) * b->block_us;
        times[block]++;
        for (size_t j = first_job(w, block * b->block_us);
             status == STATUS_OK && j < w->job_n && w->submit_us[j] < to_us &&
             w->submit_us[j] + later_us <= b->span_us;
             j++)
            status = add_again(w, j, later_us, times[block], out, err);
    }
    free(times);
    if (status == STATUS_OK) status = workload_seal(out, 0, err);
    if (status == STATUS_OK && out->job_n == 0)
        status = error_set(err, STATUS_BAD_INPUT, "the blocks that were drawn hold no job");
    if (status != STATUS_OK) workload_free(out);
    return status;
}

/* GPU-hours of jobs of block `block` that are submitted within so long of its start. */
static double block_gpu_hours(const struct workload *w, const struct bootstrap *b, int64_t block,
                              int64_t within_us)
{
    __int128 gpu_milli_us = 0;
    int64_t from_us = block * b->block_us;
    for (size_t j = first_job(w, from_us); j < w->job_n && w->submit_us[j] - from_us < within_us;
         j++)
        gpu_milli_us += (__int128)w->run_us[j] * w->gpu_milli[j];
    return gpu_hours_of(gpu_milli_us);
}

double bootstrap_mean_gpu_hours(const struct workload *w, const struct bootstrap *b)
{
    double sum = 0;
    for (int64_t rest = 0; rest < b->alike; rest++) { /* places that draw from the same blocks */
        double whole = 0, cut = 0;
        int64_t places = 0, n = 0, cut_us = 0;
        for (int64_t k = rest; k * b->block_us <= b->span_us; k += b->alike) {
            int64_t left_us = b->span_us + 1 - k * b->block_us;
            if (left_us < b->block_us) cut_us = left_us;
            else places++;
        }
        for (int64_t block = rest; block < bootstrap_blocks(b); block += b->alike, n++) {
            whole += block_gpu_hours(w, b, block, b->block_us);
            if (cut_us > 0) cut += block_gpu_hours(w, b, block, cut_us);
        }
        sum += ((double)places * whole + cut) / (double)n;
    }
    return sum;
}
