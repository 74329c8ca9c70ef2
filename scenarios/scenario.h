/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario: one question, fully resolved. What a YAML file, its price books and its trace say,
 * checked and turned into the plain structs that models/ runs on; immutable once loaded.
 *
 * scenario_load either gives a whole scenario or every error at once in `diagnostics`.
 */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/fleet_spec.h"
#include "models/workload/synth.h"
#include "models/workload/workload.h"
#include "scenarios/diagnostics.h"
#include "sim/status.h"

enum { SCENARIO_VERSION = 1, SCENARIO_FLEETS_MAX = 64 };

/* A target of a part of the jobs: those of a class, a tenant or a queue. */
enum slo_part_of { SLO_CLASS, SLO_TENANT, SLO_QUEUE, SLO_PART_KINDS };
enum { SLO_PARTS_MAX = 8, SLO_MEASURES = 6 };
struct slo_part {
    enum slo_part_of of;
    const char *name; /* of the class, tenant or queue */
    int measure;      /* by slo_measure_names */
    int64_t most_us;
};
extern const char *const slo_part_names[SLO_PART_KINDS];  /* "class", "tenant", "queue" */
extern const char *const slo_measure_names[SLO_MEASURES]; /* "p50_wait" ... "p95_jct" */

struct slo {
    /* -1 = not set. Waits in microseconds, share in parts per million, money in micro-dollars per
     * month of 730 hours. */
    int64_t wait_us[4]; /* p50, p90, p95, p99 */
    int64_t budget_usd_micro_per_month;
    int64_t utilization_ppm; /* at least this share of bought GPU time busy */
    int64_t jct_us[2];       /* p50, p95, from submission to end */
    int64_t deadlines_ppm;   /* at least this share of the jobs with a deadline ends by it */
    int64_t co2_g_per_month; /* of 730 hours */
    int32_t part_n;
    struct slo_part parts[SLO_PARTS_MAX]; /* as the file has them */
};
extern const char *const slo_wait_names[4]; /* "p50_wait", "p90_wait", "p95_wait", "p99_wait" */

/* What `seatrial montecarlo` asks (models/montecarlo). Shares in parts per million. */
enum { MONTECARLO_CANDIDATES_MAX = 4096 };
struct montecarlo_range { /* of the nodes of a pool, in each fleet that has it */
    const char *pool;
    int64_t least, most, step;
};
struct montecarlo_spec {
    bool is_said; /* the scenario has the key */
    int32_t years;
    int64_t replications;              /* the most, where precision_ppm is not 0 */
    int64_t precision_ppm;             /* of the p95 of a yearly bill; 0: none */
    int64_t growth_ppm, growth_sd_ppm; /* of demand in a year */
    int64_t deadline_us, tolerance_ppm;
    size_t range_n;
    struct montecarlo_range *ranges;
};

/* How narrow the intervals must be before a run ends: run.precision. The most replications are
 * scenario.replications. */
enum { PRECISION_N = 7 };
struct precision {
    bool asked;
    /* By figure, half width / mean in parts per million; -1 = not asked. */
    int64_t share_ppm[PRECISION_N];
    int32_t least, batch; /* replications before the first look, and between two looks */
};
/* "cost", "utilization", "mean_wait", "p50_wait", ... */
extern const char *const precision_names[PRECISION_N];

/* What of a replication is drawn anew, beside its jobs and what nodes do by chance: standard
 * deviations, in parts per million, of factors that are log-normal with mean 1; 0 = as it is. */
struct uncertain {
    int64_t run_times_ppm;     /* of the run time of each job by itself */
    int64_t all_run_times_ppm; /* of all run times of a replication together */
    int64_t growth_ppm;        /* of the number of jobs */
    int64_t prices_ppm;        /* of prices on demand and on spot markets together */
    int64_t spot_prices_ppm;   /* of spot prices, by market and clock hour: price_path.h */
    int64_t spot_half_life_us;
};

enum { WARM_UP_MSER5 = -1 };

enum bootstrap_blocks_of { BOOTSTRAP_NONE, BOOTSTRAP_DAY, BOOTSTRAP_WEEKDAY, BOOTSTRAP_WEEK };

struct scenario_input { /* one file that was read, for provenance */
    char *role;         /* "scenario", "trace", "price book" */
    char *path;
    char sha256[65];
    int64_t bytes;
};

struct scenario {
    char *path; /* as given; "-" for stdin */
    char *name;
    char *json;      /* canonical JSON of the scenario as resolved: its identity */
    char sha256[65]; /* of json */
    /* Of what determines the figures of a replication: json without how many there are, what is
     * kept and asked of them, and names that are only shown. */
    char figures_sha256[65];

    /* Workload: either read from a trace or made by the generator, anew for each replication. */
    bool is_synth;
    struct synth_options synth;
    struct workload trace; /* where !is_synth */
    bool trace_is_shared;  /* it is a scenario_cache's */
    char *trace_path;      /* as written, NULL where synth */
    char *reference_gpu;   /* GPU model the trace's run times were measured on; NULL = no scaling */
    int64_t scale_jobs_ppm; /* 1000000 = as it is; applied per replication by scenario_workload */
    int64_t scale_load_ppm; /* arrivals closer together by this factor */
    enum bootstrap_blocks_of bootstrap; /* of a trace: the replications are drawn from its blocks */
    int64_t span_us;                    /* that the trace covers, before its load is scaled */
    int64_t window_us; /* length of the accounting window from t0, 0 = to the last submission */

    struct slo slo;
    int32_t fleet_n;
    struct fleet_spec *fleets; /* at most SCENARIO_FLEETS_MAX, by name */
    int32_t baseline;          /* index of the fleet the others are compared with */

    int32_t replications; /* >= 1; with precision, the most */
    struct precision precision;
    struct uncertain uncertain;
    int64_t warm_up_us; /* jobs submitted before are in no wait; WARM_UP_MSER5: by the rule */
    bool antithetic;    /* replications 2i and 2i + 1 are a pair: sim/random.h */
    uint64_t seed;
    int64_t sample_us;  /* sampling step, default 5 min... chosen from the span */
    bool books_drained; /* run: books: drained */
    bool keep_jobs;     /* per-job rows in the results file */
    bool keep_hours;    /* and rows by pool and clock hour */
    bool replay_recorded;

    struct montecarlo_spec montecarlo;
    int64_t sweep_points; /* of the section `vary`; 0: there is none */

    char *price_as_of; /* ISO date the prices were taken at */
    int32_t input_n;
    struct scenario_input *inputs;

    void *store; /* the loader's memory: names, rows, strings */
};

/* What a command line says instead of the file. */
struct scenario_settings {
    int32_t replications; /* 0 = the file's */
    int64_t seed;         /* -1 = the file's */
    double load;          /* arrivals so many times as fast as the file has them; 0 = as it has */
};

/* Loads path ("-" = stdin) and all it names; settings may be NULL. STATUS_BAD_INPUT: see
 * diagnostics (at least one error is in it). On success there may be warnings. On failure nothing
 * is left to free. */
enum status scenario_load(const char *path, const struct scenario_settings *settings,
                          struct scenario *scenario, struct diagnostics *diagnostics,
                          struct error *err);
void scenario_free(struct scenario *scenario);

/*
 * A point of a sweep: the scenario of a source with the values that vary.h gives it. cache may be
 * NULL; with one, what points have in common (price books, traces) is read once for all of them,
 * and the cache must outlive the scenario. Any thread.
 */
struct vary;
struct source;
struct scenario_cache;
struct scenario_cache *scenario_cache_new(void); /* NULL without memory */
void scenario_cache_free(struct scenario_cache *cache);
enum status scenario_load_point(const struct source *source, const struct vary *vary,
                                uint64_t point, const struct scenario_settings *settings,
                                struct scenario_cache *cache, struct scenario *scenario,
                                struct diagnostics *diagnostics, struct error *err);

/* As figures_sha256, of one fleet without its name: what the figures of that fleet follow from. */
enum status scenario_fleet_identity(const struct scenario *scenario, int32_t fleet, char hex[65]);
/* The same without what the fleet has committed to: what it uses follows from it. */
enum status scenario_usage_identity(const struct scenario *scenario, int32_t fleet, char hex[65]);

/* The number by which a replication's draws go: random_key's. */
uint32_t scenario_draws(const struct scenario *scenario, uint32_t replication);

/* The workload of one replication: the trace, blocks of it, or a fresh synthetic draw, with
 * scale_jobs, scale_load and what is uncertain applied. *owned says whether the caller must
 * workload_free it (scenario->trace itself is handed out where nothing changes it). Deterministic
 * in (scenario, replication). */
enum status scenario_workload(const struct scenario *scenario, uint32_t replication,
                              struct workload *copy, const struct workload **workload, bool *owned,
                              struct error *err);

/* The mean of the GPU-hours that a replication's jobs ask for, where it is known: of blocks of a
 * trace; NAN elsewhere. What is uncertain has the mean 1, and does not change it. */
double scenario_mean_gpu_hours(const struct scenario *scenario);

/* A fleet at the prices of one replication: the scenario's own where they are certain. */
struct priced_fleet {
    struct fleet_spec fleet;
    struct pool_spec *pools; /* owned, as is the next; NULL: the scenario's */
    struct price_trace *traces;
};
enum status scenario_price(const struct scenario *scenario, uint32_t replication, int32_t fleet,
                           struct priced_fleet *priced, struct error *err);
void priced_fleet_free(struct priced_fleet *priced);
/* Whether the prices of the fleet's pool are drawn for each replication. Those on demand of a fleet
 * with commitments never are: what it has committed to goes by the list. */
bool scenario_price_is_uncertain(const struct scenario *scenario, int32_t fleet, int32_t pool);

/* What else than chance in the fleets is drawn for each replication, in words: "days of the trace,
 * each run time ±30%". false: nothing, but for jobs that are synthetic. */
bool scenario_redraws(const struct scenario *scenario, char *text, size_t size);

/* speed[class * pool_n + pool] for world_options (malloc'd, caller frees; NULL where every factor
 * is 1). */
enum status scenario_speed(const struct scenario *scenario, const struct workload *workload,
                           const struct fleet_spec *fleet, double **speed, struct error *err);

#endif
