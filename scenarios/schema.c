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
    static const char *const names[] = {"window", "drained", NULL};
    return names[i];
}

static const char *replay_name(size_t i) /* enum raw_replay */
{
    static const char *const names[] = {"scheduler", "recorded", NULL};
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

#define AT(member) offsetof(struct TARGET, member)
#define YEAR_US (INT64_C(8760) * 3600 * 1000000)

#define TARGET raw_synth
static const struct field synth_fields[] = {
    {.key = "like", .kind = FIELD_CHOICE, .offset = AT(like), .required = true, .choice = preset_name},
    {.key = "jobs", .kind = FIELD_SCALAR, .offset = AT(jobs), .required = true, .read = unit_count,
     .least = 1, .most = 100000000, .range = "from 1 to 100000000"},
    {.key = "days", .kind = FIELD_SCALAR, .offset = AT(days), .required = true, .read = unit_duration,
     .least = INT64_C(60000000), .most = 10 * YEAR_US, .range = "from 1 min to 10 years"},
    {.key = "load", .kind = FIELD_SCALAR, .offset = AT(load), .read = unit_gpus,
     .least = 1, .most = INT64_C(1000000000), .range = "from 0.001 to 1000000 GPUs"},
    {.key = NULL},
};
static const struct schema synth_schema = {"synth", synth_fields, sizeof(struct raw_synth), NULL, 0};
#undef TARGET

#define TARGET raw_workload
static const struct field workload_fields[] = {
    {.key = "trace", .kind = FIELD_TEXT, .offset = AT(trace)},
    {.key = "synth", .kind = FIELD_MAP, .offset = AT(synth), .schema = &synth_schema},
    {.key = "reference_gpu", .kind = FIELD_NAME, .offset = AT(reference_gpu)},
    {.key = "window", .kind = FIELD_SCALAR, .offset = AT(window), .read = window_read},
    {.key = "scale_jobs", .kind = FIELD_SCALAR, .offset = AT(scale_jobs), .read = unit_percent,
     .least = 1, .most = INT64_C(100000000), .range = "above 0% and up to 10000%"},
    {.key = "scale_load", .kind = FIELD_SCALAR, .offset = AT(scale_load), .read = unit_percent,
     .least = 10000, .most = INT64_C(100000000), .range = "from 1% to 10000%"},
    {.key = "tenants", .kind = FIELD_TEXTS, .offset = AT(tenants)},
    {.key = NULL},
};
static const char *const workload_also[][2] = {
    {"scale", "scale_jobs"}, {"jobs", "trace"}, {"file", "trace"}, {"gpu", "reference_gpu"}, {"reference", "reference_gpu"},
    {"users", "tenants"}, {"period", "window"}, {"generate", "synth"}, {NULL, NULL},
};
static const struct schema workload_schema = {"workload", workload_fields, sizeof(struct raw_workload), workload_also, 0};
#undef TARGET

#define TARGET raw_prices
static const struct field prices_fields[] = {
    {.key = "as_of", .kind = FIELD_SCALAR, .offset = AT(as_of), .read = unit_date},
    {.key = "region", .kind = FIELD_NAME, .offset = AT(region)},
    {.key = "book", .kind = FIELD_TEXTS, .offset = AT(book)},
    {.key = "instances", .kind = FIELD_TEXTS, .offset = AT(instances)},
    {.key = "performance", .kind = FIELD_TEXTS, .offset = AT(performance)},
    {.key = NULL},
};
static const char *const prices_also[][2] = {{"date", "as_of"}, {"file", "book"}, {"books", "book"}, {"catalog", "instances"}, {NULL, NULL}};
static const struct schema prices_schema = {"prices", prices_fields, sizeof(struct raw_prices), prices_also, 0};
#undef TARGET

#define TARGET raw_slo
#define WAIT(name, i) \
    {.key = name, .kind = FIELD_SCALAR, .offset = AT(wait[i]), .read = unit_duration, .least = 0, .most = 10 * YEAR_US, .range = "up to 10 years"}
static const struct field slo_fields[] = {
    WAIT("p50_wait", 0), WAIT("p90_wait", 1), WAIT("p95_wait", 2), WAIT("p99_wait", 3),
    {.key = "budget", .kind = FIELD_SCALAR, .offset = AT(budget), .read = unit_money_per_month},
    {.key = "utilization", .kind = FIELD_SCALAR, .offset = AT(utilization), .read = unit_percent,
     .least = 0, .most = 1000000, .range = "from 0% to 100%"},
    {.key = NULL},
};
static const char *const slo_also[][2] = {{"cost", "budget"}, {"wait", "p95_wait"}, {"median_wait", "p50_wait"},
                                          {"utilisation", "utilization"}, {NULL, NULL}};
static const struct schema slo_schema = {"slo", slo_fields, sizeof(struct raw_slo), slo_also, 0};
#undef TARGET

#define TARGET raw_pool
static const struct field pool_fields[] = {
    {.key = "name", .kind = FIELD_NAME, .offset = AT(name), .required = true},
    {.key = "instance", .kind = FIELD_NAME, .offset = AT(instance), .required = true},
    {.key = "buy", .kind = FIELD_CHOICE, .offset = AT(buy), .required = true, .choice = purchase_name},
    {.key = "nodes", .kind = FIELD_SCALAR, .offset = AT(nodes), .required = true, .read = unit_count,
     .least = 1, .most = 1000000, .range = "from 1 to 1000000"},
    {.key = "region", .kind = FIELD_NAME, .offset = AT(region)},
    {.key = "capex", .kind = FIELD_SCALAR, .offset = AT(capex), .read = unit_money},
    {.key = "salvage", .kind = FIELD_SCALAR, .offset = AT(salvage), .read = unit_money},
    {.key = "life", .kind = FIELD_SCALAR, .offset = AT(life), .read = unit_duration,
     .least = YEAR_US / 365, .most = 50 * YEAR_US, .range = "from 1 day to 50 years"},
    {.key = "power", .kind = FIELD_SCALAR, .offset = AT(power), .read = unit_money_per_kwh,
     .least = 0, .most = INT64_C(1000000000000), .range = "up to $1000 per kWh"},
    {.key = "pue", .kind = FIELD_SCALAR, .offset = AT(pue), .read = unit_factor,
     .least = 1000000, .most = 10000000, .range = "from 1 to 10"},
    {.key = "busy_watts", .kind = FIELD_SCALAR, .offset = AT(busy_watts), .read = unit_watts,
     .least = 0, .most = 1000000, .range = "up to 1 MW"},
    {.key = "idle_watts", .kind = FIELD_SCALAR, .offset = AT(idle_watts), .read = unit_watts,
     .least = 0, .most = 1000000, .range = "up to 1 MW"},
    {.key = "space_and_staff", .kind = FIELD_SCALAR, .offset = AT(space_and_staff), .read = unit_money_per_hour,
     .least = 0, .most = INT64_C(1000000000000000), .range = "up to $1M per hour"},
    {.key = NULL},
};
static const char *const pool_also[][2] = {
    {"count", "nodes"}, {"replicas", "nodes"}, {"size", "nodes"}, {"number", "nodes"}, {"type", "instance"},
    {"instance_type", "instance"}, {"purchase", "buy"}, {"market", "buy"}, {"price", "capex"}, {"zone", "region"},
    {"electricity", "power"}, {"watts", "busy_watts"}, {"lifetime", "life"}, {"resale", "salvage"}, {NULL, NULL},
};
static const struct schema pool_schema = {"pool", pool_fields, sizeof(struct raw_pool), pool_also, 64};
#undef TARGET

#define TARGET raw_scheduler
static const struct field scheduler_fields[] = {
    {.key = "order", .kind = FIELD_CHOICE, .offset = AT(order), .choice = order_name},
    {.key = "placement", .kind = FIELD_CHOICE, .offset = AT(placement), .choice = placement_name},
    {.key = "gang", .kind = FIELD_CHOICE, .offset = AT(gang), .choice = gang_name},
    {.key = NULL},
};
static const char *const scheduler_also[][2] = {{"queue", "order"}, {"policy", "order"}, {"backfill", "order"}, {NULL, NULL}};
static const struct schema scheduler_schema = {"scheduler", scheduler_fields, sizeof(struct raw_scheduler), scheduler_also, 0};
#undef TARGET

#define TARGET raw_fleet
static const struct field fleet_fields[] = {
    {.key = "scheduler", .kind = FIELD_SHORT, .offset = AT(scheduler), .schema = &scheduler_schema},
    {.key = "placement", .kind = FIELD_CHOICE, .offset = AT(placement), .choice = placement_name},
    {.key = "gang", .kind = FIELD_CHOICE, .offset = AT(gang), .choice = gang_name},
    {.key = "pools", .kind = FIELD_LIST, .offset = AT(pools), .required = true, .schema = &pool_schema},
    {.key = NULL},
};
static const char *const fleet_also[][2] = {{"order", "scheduler"}, {"queue", "scheduler"}, {"nodes", "pools"}, {"policy", "scheduler"}, {NULL, NULL}};
static const struct schema fleet_schema = {"fleet", fleet_fields, sizeof(struct raw_fleet), fleet_also, 64};
#undef TARGET

#define TARGET raw_run
static const struct field run_fields[] = {
    {.key = "baseline", .kind = FIELD_NAME, .offset = AT(baseline)},
    {.key = "replications", .kind = FIELD_SCALAR, .offset = AT(replications), .read = unit_count,
     .least = 1, .most = 10000, .range = "from 1 to 10000"},
    {.key = "seed", .kind = FIELD_SCALAR, .offset = AT(seed), .read = unit_count},
    {.key = "sample", .kind = FIELD_SCALAR, .offset = AT(sample), .read = unit_duration,
     .least = 1000000, .most = YEAR_US, .range = "from 1 s to 1 year"},
    {.key = "books", .kind = FIELD_CHOICE, .offset = AT(books), .choice = books_name},
    {.key = "keep_jobs", .kind = FIELD_SCALAR, .offset = AT(keep_jobs), .read = unit_yes},
    {.key = "replay", .kind = FIELD_CHOICE, .offset = AT(replay), .choice = replay_name},
    {.key = NULL},
};
static const char *const run_also[][2] = {{"runs", "replications"}, {"repetitions", "replications"}, {"reference", "baseline"},
                                          {"step", "sample"}, {"jobs", "keep_jobs"}, {NULL, NULL}};
static const struct schema run_schema = {"run", run_fields, sizeof(struct raw_run), run_also, 0};
#undef TARGET

#define TARGET raw_scenario
static const struct field scenario_fields[] = {
    {.key = "seatrial", .kind = FIELD_SCALAR, .offset = AT(version), .required = true, .read = unit_count},
    {.key = "name", .kind = FIELD_NAME, .offset = AT(name)},
    {.key = "workload", .kind = FIELD_MAP, .offset = AT(workload), .required = true, .schema = &workload_schema},
    {.key = "prices", .kind = FIELD_MAP, .offset = AT(prices), .schema = &prices_schema},
    {.key = "slo", .kind = FIELD_MAP, .offset = AT(slo), .schema = &slo_schema},
    {.key = "fleets", .kind = FIELD_NAMED, .offset = AT(fleets), .required = true, .schema = &fleet_schema},
    {.key = "run", .kind = FIELD_MAP, .offset = AT(run), .schema = &run_schema},
    {.key = NULL},
};
static const char *const scenario_also[][2] = {{"version", "seatrial"}, {"fleet", "fleets"}, {"plans", "fleets"}, {"slos", "slo"},
                                               {"price", "prices"}, {"title", "name"}, {"trace", "workload"}, {NULL, NULL}};
const struct schema scenario_schema = {"scenario", scenario_fields, sizeof(struct raw_scenario), scenario_also, 0};
#undef TARGET
