/* SPDX-License-Identifier: Apache-2.0 */
/* The fitted figures a synthetic trace is drawn from; for synth*.c only. */
#ifndef MODELS_WORKLOAD_SYNTH_PRESET_H
#define MODELS_WORKLOAD_SYNTH_PRESET_H

#include <stdbool.h>
#include <stdint.h>

#include "models/workload/synth.h"

enum { SYNTH_QUANTILE_N = 10, SYNTH_SIZE_N = 20, SYNTH_WEEK_HOURS = 168 };

/* The probabilities of every quantile table: 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9 %. */
extern const double synth_quantile_p[SYNTH_QUANTILE_N];

/* GPU classes that have a duration table of their own. */
enum synth_class {
    CLASS_CPU,
    CLASS_FRACTION,
    CLASS_1,
    CLASS_2_3,
    CLASS_4_7,
    CLASS_8,
    CLASS_9_16,
    CLASS_17_64,
    CLASS_OVER_64,
    CLASS_N
};
enum synth_class synth_class_of(int32_t gpu_milli);

struct synth_share {
    int32_t gpu_milli;
    double share;
};

struct synth_preset {
    const char *name, *summary, *source;
    bool owned;                      /* made by synth_preset_fit */
    double week[SYNTH_WEEK_HOURS];   /* relative rate of batches, hour 0 = Monday 00:00 */
    double rate_k;                   /* shape of the gamma rate of an hour: small is bursty */
    double size_share[SYNTH_SIZE_N]; /* batches of 1 .. 19 jobs, and of 20 or more */
    double tail_alpha;               /* Pareto exponent of sizes from 20 up to size_most */
    double size_most;
    double gap_s[SYNTH_QUANTILE_N];               /* between two jobs of a batch */
    double noise_sd;                              /* of ln run time inside a batch */
    double duration_s[CLASS_N][SYNTH_QUANTILE_N]; /* all 0: the class does not occur */
    double cpu_cores[SYNTH_QUANTILE_N];           /* per job; all 0: not given */
    double mem_gib[SYNTH_QUANTILE_N];
    int32_t gpu_n, tenant_n;
    const struct synth_share *gpus;
    const double *tenants; /* shares of jobs, falling */
};

/* The value of a quantile table at u in (0, 1]: between its points ln x (log) or x is linear in u.
 */
double synth_quantile(const double table[SYNTH_QUANTILE_N], double u, bool log);

#endif
