/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/schema.h"

#include <stddef.h>

#include "models/pricing/purchase.h"
#include "models/scheduling/policy.h"
#include "models/workload/synth.h"
#include "scenarios/units.h"

/* ---- Families of names ---- */

static const char *order_name(size_t i) { return queue_orders[i].name; }
static const char *placement_name(size_t i) { return placements[i].name; }
static const char *purchase_name(size_t i) { return purchase_options[i].name; }

static const char *preset_name(size_t i)
{
    return i < (size_t)synth_preset_count() ? synth_preset_name(synth_preset_at((int32_t)i)) : NULL;
}

static const char *gang_name(size_t i) { return gangs[i].name; }

static const char *books_name(size_t i) /* enum raw_books */
{
    static const char *const names[] = { "window", "drained", NULL };
    return names[i];
}

static const char *replay_name(size_t i) /* enum raw_replay */
{
    static const char *const names[] = { "scheduler", "recorded", NULL };
    return names[i];
}

/* The window is a duration or two dates: kept as text, read where the trace is known. */
static bool window_read(const char *text, int64_t *number, struct unit_problem *problem)
{
    bool is_range;
    int64_t from, to;
    *number = 0;
    if (!unit_date_range(text, &is_range, &from, &to, problem)) return false;
    return is_range || unit_duration(text, number, problem);
}

/* ---- Tables ---- */

/* A field of struct TARGET; its key is the member's name. */
#define FIELD(member, kind_)                                                                       \
    .key = #member, .kind = kind_, .offset = offsetof(struct TARGET, member)
#define SCALAR(member, read_) FIELD(member, FIELD_SCALAR), .read = read_
#define RANGED(member, read_, least_, most_, words)                                                \
    SCALAR(member, read_), .least = least_, .most = most_, .range = words
#define CHOICE(member, choice_)        FIELD(member, FIELD_CHOICE), .choice = choice_
#define NESTED(member, kind_, schema_) FIELD(member, kind_), .schema = schema_
#define NEEDED                         .required = true
#define YEAR_US                        (INT64_C(8760) * 3600 * 1000000)

#define TARGET raw_synth
static const struct field synth_fields[] = {
    { CHOICE(like, preset_name), NEEDED },
    { RANGED(jobs, unit_count, 1, 100000000, "from 1 to 100000000"), NEEDED },
    { RANGED(days, unit_duration, INT64_C(60000000), 10 * YEAR_US, "from 1 min to 10 years"),
      NEEDED },
    { RANGED(load, unit_gpus, 1, INT64_C(1000000000), "from 0.001 to 1000000 GPUs") },
    { .key = NULL },
};
static const struct schema synth_schema = { "synth", synth_fields, sizeof(struct raw_synth), NULL,
                                            0 };
#undef TARGET

#define TARGET raw_workload
static const struct field workload_fields[] = {
    { FIELD(trace, FIELD_TEXT) },
    { NESTED(synth, FIELD_MAP, &synth_schema) },
    { FIELD(reference_gpu, FIELD_NAME) },
    { SCALAR(window, window_read) },
    { RANGED(scale_jobs, unit_percent, 1, INT64_C(100000000), "above 0% and up to 10000%") },
    { RANGED(scale_load, unit_percent, 10000, INT64_C(100000000), "from 1% to 10000%") },
    { FIELD(tenants, FIELD_TEXTS) },
    { .key = NULL },
};
static const char *const workload_also[][2] = {
    { "scale", "scale_jobs" },
    { "jobs", "trace" },
    { "file", "trace" },
    { "gpu", "reference_gpu" },
    { "reference", "reference_gpu" },
    { "users", "tenants" },
    { "period", "window" },
    { "generate", "synth" },
    { NULL, NULL },
};
static const struct schema workload_schema = { "workload", workload_fields,
                                               sizeof(struct raw_workload), workload_also, 0 };
#undef TARGET

#define TARGET raw_prices
static const struct field prices_fields[] = {
    { SCALAR(as_of, unit_date) },        { FIELD(region, FIELD_NAME) },
    { FIELD(book, FIELD_TEXTS) },        { FIELD(instances, FIELD_TEXTS) },
    { FIELD(performance, FIELD_TEXTS) }, { .key = NULL },
};
static const char *const prices_also[][2] = { { "date", "as_of" },
                                              { "file", "book" },
                                              { "books", "book" },
                                              { "catalog", "instances" },
                                              { NULL, NULL } };
static const struct schema prices_schema = { "prices", prices_fields, sizeof(struct raw_prices),
                                             prices_also, 0 };
#undef TARGET

#define TARGET raw_slo
#define WAIT(name, i)                                                                              \
    {                                                                                              \
        .key = name, .kind = FIELD_SCALAR, .offset = offsetof(struct TARGET, wait[i]),             \
        .read = unit_duration, .least = 0, .most = 10 * YEAR_US, .range = "up to 10 years"         \
    }
static const struct field slo_fields[] = {
    WAIT("p50_wait", 0),
    WAIT("p90_wait", 1),
    WAIT("p95_wait", 2),
    WAIT("p99_wait", 3),
    { SCALAR(budget, unit_money_per_month) },
    { RANGED(utilization, unit_percent, 0, 1000000, "from 0% to 100%") },
    { .key = NULL },
};
static const char *const slo_also[][2] = { { "cost", "budget" },
                                           { "wait", "p95_wait" },
                                           { "median_wait", "p50_wait" },
                                           { "utilisation", "utilization" },
                                           { NULL, NULL } };
static const struct schema slo_schema = { "slo", slo_fields, sizeof(struct raw_slo), slo_also, 0 };
#undef TARGET

#define TARGET raw_pool
static const struct field pool_fields[] = {
    { FIELD(name, FIELD_NAME), NEEDED },
    { FIELD(instance, FIELD_NAME), NEEDED },
    { CHOICE(buy, purchase_name), NEEDED },
    { RANGED(nodes, unit_count, 1, 1000000, "from 1 to 1000000"), NEEDED },
    { FIELD(region, FIELD_NAME) },
    { SCALAR(capex, unit_money) },
    { SCALAR(salvage, unit_money) },
    { RANGED(life, unit_duration, YEAR_US / 365, 50 * YEAR_US, "from 1 day to 50 years") },
    { RANGED(power, unit_money_per_kwh, 0, INT64_C(1000000000000), "up to $1000 per kWh") },
    { RANGED(pue, unit_factor, 1000000, 10000000, "from 1 to 10") },
    { RANGED(busy_watts, unit_watts, 0, 1000000, "up to 1 MW") },
    { RANGED(idle_watts, unit_watts, 0, 1000000, "up to 1 MW") },
    { RANGED(space_and_staff, unit_money_per_hour, 0, INT64_C(1000000000000000),
             "up to $1M per hour") },
    { .key = NULL },
};
static const char *const pool_also[][2] = {
    { "count", "nodes" },   { "replicas", "nodes" },    { "size", "nodes" },
    { "number", "nodes" },  { "type", "instance" },     { "instance_type", "instance" },
    { "purchase", "buy" },  { "market", "buy" },        { "price", "capex" },
    { "zone", "region" },   { "electricity", "power" }, { "watts", "busy_watts" },
    { "lifetime", "life" }, { "resale", "salvage" },    { NULL, NULL },
};
static const struct schema pool_schema = { "pool", pool_fields, sizeof(struct raw_pool), pool_also,
                                           64 };
#undef TARGET

#define TARGET raw_scheduler
static const struct field scheduler_fields[] = {
    { CHOICE(order, order_name) },
    { CHOICE(placement, placement_name) },
    { CHOICE(gang, gang_name) },
    { .key = NULL },
};
static const char *const scheduler_also[][2] = {
    { "queue", "order" }, { "policy", "order" }, { "backfill", "order" }, { NULL, NULL }
};
static const struct schema scheduler_schema = { "scheduler", scheduler_fields,
                                                sizeof(struct raw_scheduler), scheduler_also, 0 };
#undef TARGET

#define TARGET raw_fleet
static const struct field fleet_fields[] = {
    { NESTED(scheduler, FIELD_SHORT, &scheduler_schema) },
    { CHOICE(placement, placement_name) },
    { CHOICE(gang, gang_name) },
    { NESTED(pools, FIELD_LIST, &pool_schema), NEEDED },
    { .key = NULL },
};
static const char *const fleet_also[][2] = { { "order", "scheduler" },
                                             { "queue", "scheduler" },
                                             { "nodes", "pools" },
                                             { "policy", "scheduler" },
                                             { NULL, NULL } };
static const struct schema fleet_schema = { "fleet", fleet_fields, sizeof(struct raw_fleet),
                                            fleet_also, 64 };
#undef TARGET

#define TARGET raw_run
static const struct field run_fields[] = {
    { FIELD(baseline, FIELD_NAME) },
    { RANGED(replications, unit_count, 1, 10000, "from 1 to 10000") },
    { SCALAR(seed, unit_count) },
    { RANGED(sample, unit_duration, 1000000, YEAR_US, "from 1 s to 1 year") },
    { CHOICE(books, books_name) },
    { SCALAR(keep_jobs, unit_yes) },
    { CHOICE(replay, replay_name) },
    { .key = NULL },
};
static const char *const run_also[][2] = {
    { "runs", "replications" }, { "repetitions", "replications" }, { "reference", "baseline" },
    { "step", "sample" },       { "jobs", "keep_jobs" },           { NULL, NULL }
};
static const struct schema run_schema = { "run", run_fields, sizeof(struct raw_run), run_also, 0 };
#undef TARGET

#define TARGET raw_scenario
static const struct field scenario_fields[] = {
    { SCALAR(seatrial, unit_count), NEEDED },
    { FIELD(name, FIELD_NAME) },
    { NESTED(workload, FIELD_MAP, &workload_schema), NEEDED },
    { NESTED(prices, FIELD_MAP, &prices_schema) },
    { NESTED(slo, FIELD_MAP, &slo_schema) },
    { NESTED(fleets, FIELD_NAMED, &fleet_schema), NEEDED },
    { NESTED(run, FIELD_MAP, &run_schema) },
    { .key = NULL },
};
static const char *const scenario_also[][2] = { { "version", "seatrial" }, { "fleet", "fleets" },
                                                { "plans", "fleets" },     { "slos", "slo" },
                                                { "price", "prices" },     { "title", "name" },
                                                { "trace", "workload" },   { NULL, NULL } };
const struct schema scenario_schema = { "scenario", scenario_fields, sizeof(struct raw_scenario),
                                        scenario_also, 0 };
#undef TARGET
