/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/queue_laws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum status queue_laws_init(struct queue_laws *laws, enum law_reach run_reach, struct error *err)
{
    memset(laws, 0, sizeof *laws);
    laws->run_reach = run_reach;
    laws->run = calloc(QUEUE_CLASSES_MAX * law_table_words(run_reach), sizeof *laws->run);
    if (!laws->run) return error_set(err, STATUS_NO_MEMORY, "no memory for the laws of a queue");
    return STATUS_OK;
}

void queue_laws_free(struct queue_laws *laws)
{
    free(laws->run);
    free(laws->batches);
    laws->run = laws->batches = NULL;
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

/* The draw of a class by a word, in microseconds; of a long law its high word. */
static double run_of(const struct queue_laws *laws, uint32_t class_, uint32_t word)
{
    uint32_t run = laws->run_reach == LAW_LONG ? law_draw_long_of(laws->run, class_, word, 0)
                                               : law_draw_of(laws->run, class_, word);
    return run * 0x1p-32 * laws->classes[class_].run.top_us;
}

/* The least word that draws so long a run, or as near as there is; never 0. */
static uint32_t word_for(const struct queue_laws *laws, uint32_t class_, double run_us)
{
    uint32_t low = 1, high = UINT32_MAX;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (run_of(laws, class_, middle) < run_us) low = middle + 1;
        else high = middle;
    }
    return low;
}

enum status queue_laws_batches(struct queue_laws *laws, const struct queue_batch_row *rows,
                               uint32_t n, double alike, struct error *err)
{
    if (n == 0 || !(alike >= 0 && alike <= 1))
        return error_set(err, STATUS_BAD_INPUT, "%u batches, alike with the chance %g", n, alike);
    for (uint32_t i = 0; i < n; i++)
        if (rows[i].class_ >= laws->class_n || rows[i].jobs == 0 ||
            rows[i].jobs > QUEUE_BATCH_JOBS_MAX)
            return error_set(err, STATUS_BAD_INPUT,
                             "a batch of %u jobs of class %u; 1 to %d jobs can be, of %u classes",
                             rows[i].jobs, rows[i].class_, QUEUE_BATCH_JOBS_MAX, laws->class_n);
    uint32_t *words = malloc((size_t)n * 2 * sizeof *words);
    if (!words) return error_set(err, STATUS_NO_MEMORY, "no memory for %u batches", n);
    for (uint32_t c = 0; c < laws->class_n; c++) laws->classes[c].chance = 0;
    for (uint32_t i = 0; i < n; i++) {
        laws->classes[rows[i].class_].chance += rows[i].jobs;
        words[2 * i] = rows[i].jobs << 16 | rows[i].class_;
        words[2 * i + 1] = rows[i].run_us < 0 ? 0 : word_for(laws, rows[i].class_, rows[i].run_us);
    }
    free(laws->batches);
    laws->batches = words;
    laws->batch_n = n;
    laws->alike = alike;
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

static double jobs_of(const struct queue_laws *laws)
{
    double sum = 0;
    for (uint32_t c = 0; c < laws->class_n; c++) sum += laws->classes[c].chance;
    return sum;
}

double queue_laws_batch_mean(const struct queue_laws *laws)
{
    return laws->batches ? jobs_of(laws) / laws->batch_n : 1;
}

double queue_laws_mean_gap_us(const struct queue_laws *laws)
{
    double jobs = queue_laws_batch_mean(laws);
    return (laws->gap.mean_us + (jobs - 1) * laws->spread.mean_us) / jobs;
}

double queue_laws_offered(const struct queue_laws *laws, uint32_t servers_max)
{
    double work = 0;
    for (uint32_t c = 0; c < laws->class_n; c++)
        if (laws->classes[c].servers <= servers_max)
            work +=
                laws->classes[c].chance * laws->classes[c].servers * laws->classes[c].run.mean_us;
    /* Runs that batches have in common may be shorter or longer than their class's. */
    for (uint32_t i = 0; i < laws->batch_n; i++) {
        uint32_t c = laws->batches[2 * i] & 0xffff, jobs = laws->batches[2 * i] >> 16;
        uint32_t word = laws->batches[2 * i + 1];
        if (word && laws->classes[c].servers <= servers_max)
            work += laws->alike * jobs * laws->classes[c].servers *
                    (run_of(laws, c, word) - laws->classes[c].run.mean_us);
    }
    return work / jobs_of(laws) / queue_laws_mean_gap_us(laws);
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
    if (laws->batches) {
        hash = hash_double(laws->spread.top_us, hash);
        hash = law_table_hash(laws->spread_cells, LAW_SHORT, hash);
        hash = hash_double(laws->alike, hash);
        for (uint32_t i = 0; i < 2 * laws->batch_n; i++) hash = hash_double(laws->batches[i], hash);
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
