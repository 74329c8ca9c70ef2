/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A synthetic trace by the batch-arrival recipe: hours draw numbers of batches, batches draw jobs.
 *
 *   hour h: batches ~ Poisson(Gamma(k, m/k)),  m = mean_per_h x hour_of_week_weight[h mod 168]
 *   batch:  size from its shares (and quantiles from 20 jobs up), gaps inside from their shares;
 * one tenant, one GPU count, one draw of the run time times log-normal noise for each job
 *
 * Batches are essential: plain Poisson arrivals have an hourly Fano factor of 1, the Philly trace
 * 159, its imitation about 120 (tests/models/workload/test_synth.c). What is not imitated: silences
 * and campaigns of days (one hour is like the next, but for the week's profile and long batches);
 * that one tenant's jobs differ from another's; and that the largest batches are of single GPUs and
 * short runs (in Philly 99.6 % of the jobs in batches of 20 or more ask for one GPU): here any GPU
 * count and run time may fall to them, so that the load at infinite capacity peaks higher, in an
 * imitation of Philly at 6 times the offered load, in Philly at 3.3.
 *
 * Batches begin on the days asked for; the last may run over the end by its own length. Submit and
 * run times are whole seconds. Every draw is addressed by (seed, replication, batch, job), never
 * streamed: same seed, same bytes.
 */
#ifndef MODELS_WORKLOAD_SYNTH_H
#define MODELS_WORKLOAD_SYNTH_H

#include <stdint.h>

#include "models/workload/workload.h"
#include "sim/status.h"

struct synth_preset; /* the fitted figures of one trace; see synth_presets.c */

#define SYNTH_LOAD_TOLERANCE 0.005

struct synth_options {
    const struct synth_preset *preset;
    int64_t jobs; /* exact number of jobs made, 1 .. 100,000,000 */
    double days;  /* span, > 0 .. 3660 */
    /* Offered load: GPU time of all jobs / days, fractions of a GPU as such. Run times are scaled
     * to it, within SYNTH_LOAD_TOLERANCE (what whole seconds leave) or it is an error; 0 = as
     * drawn. Jobs that outlast the days are counted whole. */
    double load_gpus;
    uint64_t seed;
    uint32_t replication;
};
void synth_options_init(struct synth_options *options);

/* Presets by name ("philly", "itp", "openb"); NULL: there is none. */
const struct synth_preset *synth_preset_find(const char *name);
const char *synth_preset_name(const struct synth_preset *preset);
const char *synth_preset_summary(const struct synth_preset *preset);
const char *synth_preset_source(const struct synth_preset *preset);
int32_t synth_preset_count(void);
const struct synth_preset *synth_preset_at(int32_t i);
/* A synthetic trace's tenants are called tenant-01, tenant-02, ...: how many a built-in preset has,
 * and the name of the i-th, from 0, into text, which is returned. */
enum { SYNTH_TENANTS_MAX = 32, SYNTH_TENANT_SIZE = 24 };
int32_t synth_tenant_count(const struct synth_preset *preset);
const char *synth_tenant_name(int32_t i, char text[SYNTH_TENANT_SIZE]);
/* Fits a preset to a workload (`trace synth --like FILE`). Caller frees with synth_preset_free,
 * which leaves built-in presets alone. */
enum status synth_preset_fit(const struct workload *w, struct synth_preset **preset,
                             struct error *err);
void synth_preset_free(struct synth_preset *preset);

/* Makes and seals a workload. */
enum status synth_make(const struct synth_options *options, struct workload *w, struct error *err);

#endif
