/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/queue_laws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/alias_table.h"

enum status queue_laws_init(struct queue_laws *laws, enum law_reach run_reach, struct error *err)
{
    memset(laws, 0, sizeof *laws);
    laws->run_reach = run_reach;
    laws->batch_mean = 1;
    laws->run = calloc(QUEUE_CLASSES_MAX * law_table_words(run_reach), sizeof *laws->run);
    if (!laws->run) return error_set(err, STATUS_NO_MEMORY, "no memory for the laws of a queue");
    return STATUS_OK;
}

void queue_laws_free(struct queue_laws *laws)
{
    free(laws->run);
    laws->run = NULL;
}

/* The law in a table, as large as 32 bits allow: at first as if it went no further than the least
 * chance that a table tells, then, where its mean beyond that is more, half as large, and so on. */
static enum status table_of(uint32_t *cells, enum law_reach reach, struct queue_law_source from,
                            struct queue_law *law, struct error *err)
{
    double least = reach == LAW_LONG ? 0x1p-65 : 0x1p-33, moment[5], top;
    if (from.quantile) top = from.quantile(1 - least, least, from.context);
    else top = from.n > 0 ? (double)from.sorted[from.n - 1] : 0;
    if (!(top >= 0 && top < 1e300 && from.unit_us > 0))
        return error_set(err, STATUS_BAD_INPUT, "a law reaches %g units of %g us", top,
                         from.unit_us);
    double scale = top > 0 ? 4294967295.0 / top : 1;
    for (int halved = 0;; halved++, scale /= 2) {
        enum status status =
            from.quantile ? law_table_make(cells, reach, from.quantile, from.context, scale, err)
                          : law_table_sample(cells, reach, from.sorted, from.n, scale, err);
        if (status == STATUS_OK) break;
        if (status != STATUS_BAD_INPUT || halved == 40) return status;
    }
    law_table_moments(cells, reach, scale / from.unit_us, 0, moment);
    law->mean_us = moment[1];
    law->top_us = 0x1p32 / scale * from.unit_us;
    return STATUS_OK;
}

enum status queue_laws_gap(struct queue_laws *laws, struct queue_law_source from, struct error *err)
{
    return table_of(laws->gap_cells, LAW_SHORT, from, &laws->gap, err);
}

enum status queue_laws_spread(struct queue_laws *laws, struct queue_law_source from,
                              struct error *err)
{
    return table_of(laws->spread_cells, LAW_SHORT, from, &laws->spread, err);
}

enum status queue_laws_batches(struct queue_laws *laws, const uint32_t *sizes,
                               const double *weights, uint32_t n, struct error *err)
{
    double sum = 0, jobs = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (sizes[i] == 0) return error_set(err, STATUS_BAD_INPUT, "a batch of no jobs");
        sum += weights[i];
        jobs += weights[i] * sizes[i];
    }
    enum status status =
        alias_table_make(laws->batch_bins, QUEUE_BATCH_BITS, sizes, weights, n, err);
    if (status) return status;
    laws->batched = true;
    laws->batch_mean = jobs / sum;
    return STATUS_OK;
}

enum status queue_laws_week(struct queue_laws *laws, const double weights[QUEUE_WEEK_HOURS],
                            struct error *err)
{
    double sum = 0, kept = 0;
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++) {
        if (!(weights[h] >= 0))
            return error_set(err, STATUS_BAD_INPUT, "hour %d of the week has the weight %g", h,
                             weights[h]);
        sum += weights[h];
    }
    if (!(sum > 0 && sum < INFINITY))
        return error_set(err, STATUS_BAD_INPUT, "the weights of the week come to %g", sum);
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++) {
        laws->week[h] = weights[h] * QUEUE_WEEK_HOURS < 1e-3 * sum ? 0 : weights[h];
        kept += laws->week[h];
    }
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++) laws->week[h] *= QUEUE_WEEK_HOURS / kept;
    laws->weekly = true;
    return STATUS_OK;
}

enum status queue_laws_class(struct queue_laws *laws, uint32_t servers, double chance,
                             struct queue_law_source run, struct error *err)
{
    if (laws->class_n == QUEUE_CLASSES_MAX)
        return error_set(err, STATUS_BAD_INPUT, "more than %d classes of jobs", QUEUE_CLASSES_MAX);
    if (servers == 0 || servers > QUEUE_SERVERS_MAX || !(chance >= 0 && chance < INFINITY))
        return error_set(err, STATUS_BAD_INPUT, "a class of %u servers with the weight %g", servers,
                         chance);
    struct queue_class *c = &laws->classes[laws->class_n];
    *c = (struct queue_class){ .servers = servers, .chance = chance };
    enum status status = table_of(laws->run + laws->class_n * law_table_words(laws->run_reach),
                                  laws->run_reach, run, &c->run, err);
    if (status == STATUS_OK) laws->class_n++;
    return status;
}

double queue_laws_mean_gap_us(const struct queue_laws *laws)
{
    return (laws->gap.mean_us + (laws->batch_mean - 1) * laws->spread.mean_us) / laws->batch_mean;
}

double queue_laws_offered(const struct queue_laws *laws, uint32_t servers_max)
{
    double sum = 0, work = 0;
    for (uint32_t c = 0; c < laws->class_n; c++) {
        sum += laws->classes[c].chance;
        if (laws->classes[c].servers <= servers_max)
            work +=
                laws->classes[c].chance * laws->classes[c].servers * laws->classes[c].run.mean_us;
    }
    return work / sum / queue_laws_mean_gap_us(laws);
}

static uint64_t hash_double(double value, uint64_t hash)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int byte = 0; byte < 8; byte++)
        hash = (hash ^ (bits >> 8 * byte & 255u)) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t queue_laws_hash(const struct queue_laws *laws)
{
    uint64_t hash = law_table_hash(laws->gap_cells, LAW_SHORT, 0);
    hash = hash_double(laws->gap.top_us, hash);
    if (laws->batched) {
        hash = hash_double(laws->spread.top_us, hash);
        hash = law_table_hash(laws->spread_cells, LAW_SHORT, hash);
        for (uint32_t i = 0; i < sizeof laws->batch_bins / sizeof *laws->batch_bins; i++)
            hash = hash_double(laws->batch_bins[i], hash);
    }
    for (int h = 0; laws->weekly && h < QUEUE_WEEK_HOURS; h++)
        hash = hash_double(laws->week[h], hash);
    for (uint32_t c = 0; c < laws->class_n; c++) {
        hash = hash_double(laws->classes[c].servers, hash);
        hash = hash_double(laws->classes[c].chance, hash);
        hash = hash_double(laws->classes[c].run.top_us, hash);
        hash =
            law_table_hash(laws->run + c * law_table_words(laws->run_reach), laws->run_reach, hash);
    }
    return hash;
}
