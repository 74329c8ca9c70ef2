/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the loader: what the steps from raw YAML values to struct scenario share.
 *
 *     source -> yaml_tree -> struct raw_scenario -> resolve_* -> struct scenario
 *
 * Each step reports what is wrong and goes on, so that one load finds every error. Whatever a
 * scenario hands out lives in the store's arena. Only files of scenarios/ include this.
 */
#ifndef SCENARIOS_LOADING_H
#define SCENARIOS_LOADING_H

#include "models/reliability/interruptions.h"
#include "models/workload/bootstrap.h"
#include "scenarios/pricebook.h"
#include "scenarios/scenario.h"
#include "scenarios/schema.h"

/* What of a workload is taken, and how much of it. */
struct shape {
    int64_t from_us, to_us; /* submitted in [from, to); to = 0: no end */
    const char *const *tenants;
    size_t tenant_n; /* 0: all */
    int64_t jobs_ppm, load_ppm;
    double run_factor, run_deviation; /* on all run times; of a factor on each, 0: none */
};

struct store { /* scenario->store */
    struct arena arena;
    struct pricebook book;
    bool has_book;
    struct shape slice; /* window and tenants; a trace is cut once, a draw each time */
};

struct cached_book;

struct loading {
    struct scenario *scenario;
    struct scenario_cache *cache;             /* NULL: everything is read here */
    const struct cached_book *book;           /* of the cache, once it is known */
    const struct scenario_settings *settings; /* NULL: none */
    struct store *store;
    struct raw_scenario raw;
    const struct source *source;
    bool is_point; /* of a sweep: the section `vary` was looked at before */
    struct diagnostics *diagnostics;
    struct error *err;
    int64_t as_of_days;
    struct kueue_set *kueue_sets;         /* read so far; scenarios/kueue */
    struct karpenter_set *karpenter_sets; /* scenarios/karpenter */
    struct hourly *hourly;                /* what changes with the hour; loading_hours.c */
    size_t hourly_n;
    struct log_known *logs;     /* read so far; loading_log.c */
    size_t outage_n;            /* that they came to */
    const char *default_region; /* NULL: none */
    struct place region_at;
};

/* Errors and warnings in the scenario file; hint and note may be NULL. */
void loading_complain(const struct loading *l, struct place at, const char *hint, const char *note,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));
void loading_warn(const struct loading *l, struct place at, const char *hint, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
/* The path that a path in the scenario file means, malloc'd; NULL without memory. */
char *loading_path(const struct loading *l, const char *written);
/* Whether the file at such a path can be read; complained of where it cannot. */
bool loading_can_read(const struct loading *l, struct place at, const char *path);
/* Notes a file for provenance; once, however often it is named. */
enum status loading_input(struct loading *l, const char *role, const char *path, const char *sha256,
                          int64_t bytes);
/* A log of interruptions, each of which is read once; NULL: it is complained of, or *status is not
 * STATUS_OK. */
const struct interruptions *loading_log(struct loading *l, const struct value *file,
                                        enum status *status);
void loading_logs_free(struct loading *l);
/* What of a log is meant, as the scenario says it. */
struct log_part {
    const struct value *file, *zone, *type, *from;
    const char *own_zone; /* of the pool, where the log knows it and none is named; NULL: none */
};
/* The series of its kind, of the zone and the type that are named, or the pool's own; what
 * was mended in it is warned of. NULL: complained of. */
const struct series *loading_series(struct loading *l, const struct interruptions *log,
                                    enum series_kind kind, const struct log_part *part,
                                    const char *instance);
/* Where it is taken up; false: beyond its end. */
bool loading_begin(struct loading *l, const struct log_part *part, const struct series *s,
                   int64_t *from_us);
/* Its values from from_us on, x scale, become means of clock hours, said again behind its end: *to
 * is set by resolve_hours. *mean is that over one round; -1: complained of. */
struct price_trace;
enum status loading_hours(struct loading *l, const struct log_part *part, const struct series *s,
                          int64_t from_us, int64_t scale, const struct price_trace **to,
                          int64_t *mean);
/* Outages that were read with `status` become the scenario's, and `a` is freed. Complained of at
 * the file: STATUS_BAD_INPUT, or that with those of all its pools they are more than
 * LOADING_OUTAGES_MAX. */
enum { LOADING_OUTAGES_MAX = 1 << 23 };
struct availability;
enum status loading_outages(struct loading *l, const struct value *file, enum status status,
                            struct availability *a, const struct outage **log, size_t *n);
/* A key of a mapping whose 'kind' says which keys it has. */
struct kind_key {
    const char *key;
    const struct value *value;
    bool wanted, useless; /* not both */
};
/* Complains of those that are missing, and of those that the kind knows nothing of. false: of some,
 * or a value is bad. */
bool check_kind_keys(const struct loading *l, struct place self, const char *kind,
                     const struct kind_key *keys, size_t n);
/* A region as it is said, or by default that of the prices, or `otherwise`. */
const char *loading_region(const struct loading *l, const struct value *said,
                           const char *otherwise);
/* The value's number, or `otherwise` where it is not there. */
int64_t value_or(const struct value *value, int64_t otherwise);

/* The steps, in order. STATUS_OK also where errors were reported. */
enum status resolve_prices(struct loading *l);
enum status resolve_workload(struct loading *l);
enum status resolve_fleets(struct loading *l);
/* Of resolve_fleets: adds a fleet to the scenario, once for each of its orders and placements;
 * everything else of it is resolved. Sets raw->first. */
enum status variants_add(struct loading *l, struct raw_fleet *raw, struct fleet_spec *fleet);
/* An order that sizes jobs, and all have one size. */
void nothing_to_size(struct loading *l, const struct raw_scheduler *raw,
                     const struct queue_order *order);
/* Of resolve_fleets. */
/* Of resolve_fleets: what the file says of several instance types and zones becomes pools of one.
 */
enum status expand_pools(struct loading *l, struct raw_fleet *raw);
/* Labels and taints of a pool; and those labels alone that a list says, behind those it has. */
enum status resolve_marks(struct loading *l, const struct raw_pool *raw, struct node_marks *marks);
enum status loading_labels(struct loading *l, const struct value_list *list,
                           struct node_marks *marks);
/* Once the jobs are known: warns of labels that no pool has, of taints that no job bears. */
enum status check_marks(struct loading *l);
/* Sets fleet->commitments, and of its pools what they pay with them. */
enum status resolve_commitments(struct loading *l, const struct raw_fleet *raw,
                                struct fleet_spec *fleet);
/* Its pools fit the quotas of vCPUs that it says. */
enum status resolve_quotas(struct loading *l, const struct raw_fleet *raw,
                           const struct fleet_spec *fleet);
/* Sets fleet->services; its pools and commitments are known. */
enum status resolve_services(struct loading *l, const struct raw_fleet *raw,
                             struct fleet_spec *fleet);
/* Sets fleet->autoscaler, and of its pools which nodes come and go, and how they boot. */
enum status resolve_autoscaler(struct loading *l, const struct raw_fleet *raw,
                               struct fleet_spec *fleet);
/* The type of the name, NULL: complained of. */
const struct instance_type *loading_instance(struct loading *l, const struct value *raw);
void resolve_nodes(struct loading *l, const struct raw_scheduler *raw, struct scheduler_spec *spec);
/* Of the trace: false where a fleet tells jobs apart by what none of them names. */
bool neighbours_are_named(struct loading *l, size_t tenants, size_t users, size_t classes,
                          size_t queues);
void resolve_levels(struct loading *l, const struct raw_scheduler *raw,
                    struct level_options *levels);
enum status resolve_scatter(struct loading *l, const struct raw_scheduler *raw,
                            const struct scheduler_spec *spec, struct scatter_options *scatter);
enum status resolve_racks(struct loading *l, const struct raw_scheduler *raw,
                          struct scatter_options *cross_rack);
enum status resolve_share(struct loading *l, const struct raw_scheduler *raw,
                          struct share_options *share);
/* Names and their numbers, in the arena; a name the trace does not have is found later. */
enum status named_numbers(struct loading *l, const struct value_list *list,
                          struct named_number **numbers, size_t *n);
enum status resolve_elastic(struct loading *l, const struct raw_scheduler *raw,
                            struct elastic_options *elastic);
enum status resolve_limits(struct loading *l, const struct raw_scheduler *raw,
                           struct limit_options *limits);
/* Whether nodes of the pool, of some pool, are said to fail, or to be taken back. */
bool pool_fails(const struct raw_pool *raw);
bool fleet_fails(const struct raw_fleet *raw);
/* Whether nodes of the pool cannot always be had. */
bool pool_is_limited(const struct raw_pool *raw);
/* When they can, and prices that change; pool: all else is resolved. Then check_regions, once all
 * pools of a fleet are. */
enum status resolve_supply(struct loading *l, const struct raw_pool *raw, struct pool_spec *pool);
void check_regions(struct loading *l, const struct raw_fleet *raw, const struct fleet_spec *fleet);
/* Whether an order that is chosen lets jobs run on on nodes that are cordoned. */
void check_cordons(struct loading *l, const struct raw_fleet *raw, const struct fleet_spec *fleet,
                   const struct queue_order *order);
/* fleet->fallback, once all pools are; and whether an order that is chosen can. */
void resolve_fallback(struct loading *l, const struct raw_fleet *raw, struct fleet_spec *fleet);
void check_fallback(struct loading *l, const struct raw_fleet *raw, const struct fleet_spec *fleet,
                    const struct queue_order *order);
/* What changes with the hour, once second 0 is known. */
enum status resolve_hours(struct loading *l);
void free_hours(struct loading *l);
/* purchase->carbon; the pool's watts are known. */
enum status resolve_carbon(struct loading *l, const struct raw_pool *raw,
                           struct purchase *purchase);
/* Whether its autoscaler may stop jobs; under an order, or under some (NULL). */
bool fleet_drains(const struct raw_fleet *raw, const struct queue_order *order);
/* Whether its autoscaler bears no order by shares. */
bool fleet_refuses_shares(const struct raw_fleet *raw);
/* pool: its type is known. */
void resolve_failures(struct loading *l, const struct raw_pool *raw, const struct pool_spec *pool,
                      struct failure_spec *failures);
/* When they fail by a log. */
enum status resolve_failure_log(struct loading *l, const struct raw_pool *raw,
                                const struct pool_spec *pool, struct failure_spec *failures);
/* "7 s", or ["7 s", "30 s from 2 GPUs"]; most_us: 1 day, 30 days, or 1000 years. */
void resolve_costs(struct loading *l, const char *key, int64_t most_us,
                   const struct value_list *list, struct gpu_costs *costs);
void resolve_restart(struct loading *l, const struct raw_scheduler *raw,
                     struct restart_options *restart);
/* checkpoint: young, or daly, once the pools are known. */
void resolve_interval(struct loading *l, const struct raw_scheduler *raw, struct fleet_spec *fleet);
void resolve_slo(struct loading *l);
/* Of resolve_slo: targets of a class, a tenant or a queue. */
void resolve_slo_parts(struct loading *l);
void resolve_run(struct loading *l);
/* scenario->montecarlo; the fleets are known. */
enum status resolve_montecarlo(struct loading *l);
/* scenario->uncertain and ->bootstrap; fleets are known. */
void resolve_uncertain(struct loading *l);
/* The span of a trace that is drawn from, and whether it has enough blocks; it is read. */
void resolve_bootstrap(struct loading *l);
/* Whether replications differ by what is uncertain. */
bool is_uncertain(const struct scenario *s);
/* How a trace is drawn from, where it is. */
struct bootstrap scenario_bootstrap(const struct scenario *s);
/* scenario->replications, ->precision and ->antithetic. */
void resolve_replications(struct loading *l);
/* Reads the trace: only when all else is right. */
enum status resolve_trace(struct loading *l);
/* cache.c. The book that these lists of files make: read, settled, and its files noted as inputs.
 * Of a cache it is one for all who name the same files. */
enum status loading_book(struct loading *l);
/* The trace at a path with GPU names of the book into scenario->trace. *read false: complained of.
 */
enum status loading_trace(struct loading *l, const char *path, bool *read);
/* Of resolve_prices: adds the user's tables to a book; no errors: STATUS_OK. */
enum status loading_tables(struct loading *l, struct pricebook *book, struct arena *arena);
/* Of resolve_trace: reads it anew. */
enum status loading_read_trace(struct loading *l, const char *path, char sha256[65], int64_t *bytes,
                               bool *read);
/* The sampling step, once the span is known: where none is given, the shortest of a few that gives
 * at most 20,000 samples over the window. */
void resolve_sample(struct loading *l);
/* scenario->json and its hash. */
enum status scenario_identify(struct scenario *scenario, struct error *err);

/* A sealed copy of `in` as the shape says; `replication` addresses the draws of jobs_ppm. */
enum status workload_shape(const struct workload *in, const struct shape *shape, uint64_t seed,
                           uint32_t replication, struct workload *out, struct error *err);
/* GPU types that jobs ask for, in the words of the book: "V100" becomes every model that goes by
 * it. */
enum status workload_name_gpus(struct workload *w, const struct pricebook *book, struct error *err);

#endif
