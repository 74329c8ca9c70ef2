/* SPDX-License-Identifier: Apache-2.0 */
/* The fitted figures a synthetic trace is drawn from; for synth*.c only. */
#ifndef MODELS_WORKLOAD_SYNTH_PRESET_H
#define MODELS_WORKLOAD_SYNTH_PRESET_H

#include <stdbool.h>
#include <stdint.h>

#include "models/workload/gpu_class.h"
#include "models/workload/synth.h"

enum {
    SYNTH_QUANTILE_N = 10,
    SYNTH_SIZE_N = 20, /* batches of so many jobs or more are in one share */
    SYNTH_GAP_N = 61,  /* gaps inside a batch: 0 .. 60 s */
    SYNTH_WEEK_HOURS = 168
};

/* The probabilities of every quantile table: 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9 %. */
extern const double synth_quantile_p[SYNTH_QUANTILE_N];

struct synth_share {
    int32_t gpu_milli;
    double share;
};

struct synth_preset {
    const char *name, *summary, *source;
    bool owned;                         /* made by synth_preset_fit */
    double week[SYNTH_WEEK_HOURS];      /* relative rate of batches, hour 0 = Monday 00:00 */
    double rate_k;                      /* shape of the gamma rate of an hour: small is bursty */
    double size_share[SYNTH_SIZE_N];    /* batches of 1 .. 19 jobs, and of 20 or more */
    double tail_size[SYNTH_QUANTILE_N]; /* the sizes of those of 20 or more */
    double gap_share[SYNTH_GAP_N];      /* whole seconds between two jobs of a batch */
    double noise_sd;                    /* of ln run time inside a batch */
    double duration_s[CLASS_N][SYNTH_QUANTILE_N]; /* all 0: the class does not occur */
    double cpu_cores[SYNTH_QUANTILE_N];           /* per job; all 0: not given */
    double mem_gib[SYNTH_QUANTILE_N];
    int32_t gpu_n, tenant_n;
    const struct synth_share *gpus;
    const double *tenants; /* shares of jobs, falling */
};

/* The value of a quantile table at u in (0, 1]: between its points ln x is linear in u, or x where
 * it is 0. */
double synth_quantile(const double table[SYNTH_QUANTILE_N], double u);

#endif
