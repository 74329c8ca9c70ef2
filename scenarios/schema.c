/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/schema.h"

#include <stddef.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/fleet/fleet_spec.h"
#include "models/pricing/fleet_bill.h"
#include "models/pricing/purchase.h"
#include "models/pricing/services.h"
#include "models/scheduling/policy.h"
#include "models/workload/synth.h"
#include "scenarios/scenario.h"
#include "scenarios/units.h"

/* ---- Families of names ---- */

static const char *order_name(size_t i) { return queue_orders[i].name; }
static const char *placement_name(size_t i) { return placements[i].name; }
static const char *purchase_name(size_t i) { return purchase_options[i].name; }
static const char *commitment_name(size_t i) { return fleet_commitment_kinds[i].name; }

/* Of nodes that nobody interrupts. */
static const char *billing_name(size_t i)
{
    const struct billing_rule *r = billing_rules;
    for (; r->name; r++)
        if (r->free_us == 0 && i-- == 0) break;
    return r->name;
}

/* Those that a scenario names itself. */
static const char *service_name(size_t i)
{
    return service_kinds[i].unit == SERVICE_PERSON_HOUR ? NULL : service_kinds[i].name;
}

static const char *way_name(size_t i) { return provisioning_ways[i].name; }

static const char *autoscaler_name(size_t i)
{
    return autoscalers[i] ? autoscalers[i]->name : NULL;
}

static const char *measure_name(size_t i) /* enum track_measure */
{
    static const char *const names[] = { "utilization", "queue", NULL };
    return names[i];
}

static const char *method_name(size_t i) /* enum predict_method */
{
    static const char *const names[] = { "hour-of-week", "holt-winters", NULL };
    return names[i];
}

static const char *expander_name(size_t i) /* enum expander */
{
    static const char *const names[] = { "random", "most-pods", "least-nodes", "least-waste",
                                         "price",  "priority",  NULL };
    return names[i];
}

static const char *preset_name(size_t i)
{
    return i < (size_t)synth_preset_count() ? synth_preset_name(synth_preset_at((int32_t)i)) : NULL;
}

static const char *victim_name(size_t i) { return victim_rules[i].name; }
static const char *pods_name(size_t i) { return pods_rules[i].name; }
static const char *gang_name(size_t i) { return gangs[i].name; }
static const char *apart_name(size_t i) { return apart_rules[i].name; }
static const char *exclusive_name(size_t i) { return exclusive_rules[i].name; }
static const char *remainder_name(size_t i) { return remainder_rules[i].name; }
static const char *fallback_name(size_t i) { return fallback_kinds[i].name; }
static const char *answer_name(size_t i) { return supply_answers[i].name; }
static const char *sharing_name(size_t i) { return sharing_rules[i].name; }
static const char *predictor_name(size_t i) { return predictor_rules[i].name; }
static const char *fairshare_name(size_t i) { return fairshare_rules[i].name; }
static const char *favor_name(size_t i) { return favor_rules[i].name; }
static const char *tie_name(size_t i) { return tie_rules[i].name; }
static const char *restart_name(size_t i) { return restart_rules[i].name; }
static const char *shadow_name(size_t i) { return shadow_rules[i].name; }
static const char *extra_name(size_t i) { return extra_rules[i].name; }
static const char *scan_name(size_t i) { return scan_rules[i].name; }
static const char *estimate_name(size_t i) { return estimate_rules[i].name; }
static const char *event_name(size_t i) { return event_rules[i].name; }
static const char *instant_name(size_t i) { return instant_rules[i].name; }

static const char *books_name(size_t i) /* enum raw_books */
{
    static const char *const names[] = { "window", "drained", NULL };
    return names[i];
}

static const char *bootstrap_name(size_t i) /* enum bootstrap_blocks_of */
{
    static const char *const names[] = { "none", "day", "weekday", "week", NULL };
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

static bool warm_up_read(const char *text, int64_t *number, struct unit_problem *problem)
{
    *number = strcmp(text, "mser5") == 0 ? WARM_UP_MSER5 : 0;
    return *number != 0 || strcmp(text, "none") == 0 || unit_duration(text, number, problem);
}

/* '40', '40..72', '40..72 by 8': three numbers of 21 bits each, in one. */
enum { NODE_RANGE_BITS = 21 };

struct node_range node_range_of(int64_t number)
{
    int64_t mask = (INT64_C(1) << NODE_RANGE_BITS) - 1;
    return (struct node_range){ number >> 2 * NODE_RANGE_BITS, number >> NODE_RANGE_BITS & mask,
                                number & mask };
}

static bool node_range_read(const char *text, int64_t *number, struct unit_problem *problem)
{
    char part[3][16] = { "", "", "1" };
    int64_t n[3] = { 0 };
    int end = 0;
    if (sscanf(text, " %15[0-9] %n", part[0], &end) == 1 && text[end] == '.') {
        int more = 0;
        sscanf(text + end, ".. %15[0-9] %n", part[1], &more);
        end += more;
        if (more && text[end] == 'b') {
            more = 0;
            sscanf(text + end, "by %15[0-9] %n", part[2], &more);
            end += more;
        }
    } else {
        memcpy(part[1], part[0], sizeof part[1]);
    }
    *problem = (struct unit_problem){ .message = "" };
    for (int i = 0; i < 3; i++) {
        if (text[end] || !*part[i] || !unit_count(part[i], &n[i], problem)) {
            snprintf(problem->message, sizeof problem->message, "is no range of nodes: '%.60s'",
                     text);
            snprintf(problem->note, sizeof problem->note, "such as 40..72, or 40..72 by 8");
            return false;
        }
    }
    if (n[0] > n[1] || n[1] > NODE_RANGE_MAX || n[2] < 1 || n[2] > NODE_RANGE_MAX) {
        snprintf(problem->message, sizeof problem->message, "is no range of nodes: '%.60s'", text);
        snprintf(problem->note, sizeof problem->note,
                 "upwards, to at most %d, by steps of 1 or more", NODE_RANGE_MAX);
        return false;
    }
    *number = n[0] << 2 * NODE_RANGE_BITS | n[1] << NODE_RANGE_BITS | n[2];
    return true;
}

/* ---- Tables ---- */

/* A field of struct TARGET; its key is the member's name. */
#define FIELD(member, kind_)                                                                       \
    .key = #member, .kind = kind_, .offset = offsetof(struct TARGET, member)
#define SCALAR(member, ...) FIELD(member, FIELD_SCALAR), __VA_ARGS__ /* of a type below */
#define RANGED(member, type, least_, most_, words)                                                 \
    SCALAR(member, type), .least = least_, .most = most_, .range = words
#define CHOICE(member, choice_)        FIELD(member, FIELD_CHOICE), .choice = choice_
#define CHOICES(member, choice_)       FIELD(member, FIELD_CHOICES), .choice = choice_
#define NESTED(member, kind_, schema_) FIELD(member, kind_), .schema = schema_
#define PATHS(member)                  FIELD(member, FIELD_TEXTS), .value = "a path or a list of paths"
#define LISTED(key_, member)                                                                       \
    .key = key_, .kind = FIELD_TEXTS, .offset = offsetof(struct TARGET, member),                   \
    .value = "a name or a list of names"
#define NEEDED         .required = true
#define DEFAULT(words) .otherwise = "default: " words
#define OR_ELSE(words) .otherwise = words
#define HELP(words)    .help = words
#define YEAR_US        (INT64_C(8760) * 3600 * 1000000)

/* What a scalar is read as. */
#define COUNT      .read = unit_count, .value = "a whole number"
#define DURATION   .read = unit_duration, .value = "a duration such as 15 min"
#define PERCENT    .read = unit_percent, .value = "a percentage such as 60%"
#define GPU_COUNT  .read = unit_gpus, .value = "a number such as 400 GPUs"
#define FACTOR     .read = unit_factor, .value = "a number such as 1.4"
#define WATTS      .read = unit_watts, .value = "a power such as 6.5 kW"
#define DATE       .read = unit_date, .value = "a date such as 2026-07-20"
#define MONEY      .read = unit_money, .value = "an amount such as $250k"
#define MONEY_RATE .read = unit_money_per_month, .value = "money such as $500k per month"
#define MASS_RATE  .read = unit_mass_per_month, .value = "a mass such as 20 t per month"
#define HOURLY     .read = unit_money_per_hour, .value = "money such as $1.20 per hour"
#define PER_KWH    .read = unit_money_per_kwh, .value = "a price such as $0.12 per kWh"
#define BYTES      .read = unit_size, .value = "a size such as 20 TB"
#define YES_OR_NO  .read = unit_yes, .value = "yes or no"
#define WINDOW                                                                                     \
    .read = window_read, .value = "a duration, or two dates such as 2026-02-01 .. 2026-03-01"

#define WARM_UP .read = warm_up_read, .value = "none, mser5, or a duration such as 1 day"

#define TARGET raw_synth
static const struct field synth_fields[] = {
    { CHOICE(like, preset_name), NEEDED, HELP("the public trace that is imitated") },
    { RANGED(jobs, COUNT, 1, 100000000, "from 1 to 100000000"), NEEDED,
      HELP("how many jobs are drawn, exactly") },
    { RANGED(days, DURATION, INT64_C(60000000), 10 * YEAR_US, "from 1 min to 10 years"), NEEDED,
      HELP("the time over which they arrive") },
    { RANGED(load, GPU_COUNT, 1, INT64_C(1000000000), "from 0.001 to 1000000 GPUs"),
      DEFAULT("run times as drawn"),
      HELP("mean GPUs busy if every job started at once; run times are scaled to it") },
    { .key = NULL },
};
static const struct schema synth_schema = { "synth", synth_fields, sizeof(struct raw_synth), NULL,
                                            0 };
#undef TARGET

#define TARGET raw_workload
static const struct field workload_fields[] = {
    { FIELD(trace, FIELD_TEXT), .value = "a path", OR_ELSE("this or synth is required"),
      HELP("a canonical trace, plain, .gz or .zst") },
    { NESTED(synth, FIELD_MAP, &synth_schema), OR_ELSE("this or trace is required"),
      HELP("jobs drawn anew for each replication") },
    { CHOICE(bootstrap, bootstrap_name), DEFAULT("none"),
      HELP("a trace: each replication is drawn from its days, its days by day of the week, or its "
           "weeks") },
    { FIELD(reference_gpu, FIELD_NAME), DEFAULT("jobs run equally long on every GPU"),
      HELP("the GPU model that run times were measured on") },
    { SCALAR(window, WINDOW), DEFAULT("the whole trace"),
      HELP("the part of the trace that is replayed, and the accounting window") },
    { RANGED(scale_jobs, PERCENT, 1, INT64_C(100000000), "above 0% and up to 10000%"),
      DEFAULT("100%"), HELP("so many of the jobs: some left out, or some taken again") },
    { RANGED(scale_load, PERCENT, 10000, INT64_C(100000000), "from 1% to 10000%"), DEFAULT("100%"),
      HELP("arrivals at this share of their rate: closer together, or farther apart") },
    { FIELD(tenants, FIELD_TEXTS), .value = "a name or a list of names", DEFAULT("all"),
      HELP("only the jobs of these tenants") },
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
    { "resample", "bootstrap" },
    { NULL, NULL },
};
static const struct schema workload_schema = { "workload", workload_fields,
                                               sizeof(struct raw_workload), workload_also, 0 };
#undef TARGET

#define TARGET raw_prices
static const struct field prices_fields[] = {
    { SCALAR(as_of, DATE), DEFAULT("the newest valid_from of all price rows"),
      HELP("the day whose prices hold") },
    { FIELD(region, FIELD_NAME), DEFAULT("the only region that has a price"),
      HELP("where nodes are rented, for pools that do not say it") },
    { PATHS(book), DEFAULT("what ships"), HELP("price rows of your own: prices.csv") },
    { PATHS(instances), DEFAULT("what ships"), HELP("instance types of your own: instances.csv") },
    { PATHS(performance), DEFAULT("what ships"),
      HELP("performance factors of your own: performance.csv") },
    { PATHS(services), DEFAULT("what ships"),
      HELP("prices of services of your own: services.csv") },
    { .key = NULL },
};
static const char *const prices_also[][2] = { { "date", "as_of" },
                                              { "file", "book" },
                                              { "books", "book" },
                                              { "catalog", "instances" },
                                              { NULL, NULL } };
static const struct schema prices_schema = { "prices", prices_fields, sizeof(struct raw_prices),
                                             prices_also, 0 };
#undef TARGET

#define TARGET raw_slo_part
#define WAIT(percent, i)                                                                           \
    {                                                                                              \
        .key = "p" #percent "_wait", .kind = FIELD_SCALAR,                                         \
        .offset = offsetof(struct TARGET, wait[i]), DURATION, .least = 0, .most = 10 * YEAR_US,    \
        .range = "up to 10 years", OR_ELSE("no target"),                                           \
        HELP("the wait that " #percent "% of the jobs may not exceed")                             \
    }
#define JCT(percent, i)                                                                            \
    {                                                                                              \
        .key = "p" #percent "_jct", .kind = FIELD_SCALAR,                                          \
        .offset = offsetof(struct TARGET, jct[i]), DURATION, .least = 0, .most = 10 * YEAR_US,     \
        .range = "up to 10 years", OR_ELSE("no target"),                                           \
        HELP("the time from submission to end that " #percent "% of the jobs may not exceed")      \
    }
static const char *const slo_part_also[][2] = { { "jct", "p95_jct" },
                                                { "completion", "p95_jct" },
                                                { "wait", "p95_wait" },
                                                { "median_wait", "p50_wait" },
                                                { NULL, NULL } };
static const struct field slo_part_fields[] = {
    WAIT(50, 0), WAIT(90, 1), WAIT(95, 2), WAIT(99, 3), JCT(50, 0), JCT(95, 1), { .key = NULL },
};
static const struct schema slo_class_schema = { "class", slo_part_fields,
                                                sizeof(struct raw_slo_part), slo_part_also, 1000 };
static const struct schema slo_tenant_schema = { "tenant", slo_part_fields,
                                                 sizeof(struct raw_slo_part), slo_part_also, 1000 };
static const struct schema slo_queue_schema = { "queue", slo_part_fields,
                                                sizeof(struct raw_slo_part), slo_part_also, 1000 };
#undef TARGET

#define TARGET raw_slo
#define PARTS(what, i)                                                                             \
    {                                                                                              \
        .key = "by_" #what, .kind = FIELD_NAMED, .offset = offsetof(struct TARGET, part[i]),       \
        .schema = &slo_##what##_schema, OR_ELSE("no target"),                                      \
        HELP("targets of the jobs of a " #what ", by its name; at most 8 in all")                  \
    }
static const struct field slo_fields[] = {
    WAIT(50, 0),
    WAIT(90, 1),
    WAIT(95, 2),
    WAIT(99, 3),
    { SCALAR(budget, MONEY_RATE), OR_ELSE("no target"), HELP("the most a fleet may cost") },
    { RANGED(utilization, PERCENT, 0, 1000000, "from 0% to 100%"), OR_ELSE("no target"),
      HELP("the least share of bought GPU time that jobs must hold") },
    JCT(50, 0),
    JCT(95, 1),
    { RANGED(deadlines, PERCENT, 0, 1000000, "from 0% to 100%"), OR_ELSE("no target"),
      HELP("the least share of the jobs with a deadline that must end by it") },
    { SCALAR(co2, MASS_RATE), OR_ELSE("no target"), HELP("the most CO2 of the energy it uses") },
    PARTS(class, 0),
    PARTS(tenant, 1),
    PARTS(queue, 2),
    { .key = NULL },
};
static const char *const slo_also[][2] = { { "cost", "budget" },
                                           { "classes", "by_class" },
                                           { "tenants", "by_tenant" },
                                           { "queues", "by_queue" },
                                           { "jct", "p95_jct" },
                                           { "completion", "p95_jct" },
                                           { "deadline", "deadlines" },
                                           { "carbon", "co2" },
                                           { "wait", "p95_wait" },
                                           { "median_wait", "p50_wait" },
                                           { "utilisation", "utilization" },
                                           { NULL, NULL } };
static const struct schema slo_schema = { "slo", slo_fields, sizeof(struct raw_slo), slo_also, 0 };
#undef TARGET

#define TARGET raw_failure_log
static const struct field failure_log_fields[] = {
    { FIELD(log, FIELD_TEXT), .value = "a path", NEEDED,
      HELP("a log of when nodes were down: seatrial list interruption-logs") },
    { FIELD(zone, FIELD_TEXT), .value = "a text", OR_ELSE("the only one of the log"),
      HELP("the zone that is meant, of a log of several") },
    { FIELD(type, FIELD_TEXT), .value = "a text", OR_ELSE("the pool's instance, or the only one"),
      HELP("the type, or the system, that is meant, of a log of several") },
    { RANGED(from, DURATION, 0, 10 * YEAR_US, "up to 10 years"), DEFAULT("0 s"),
      HELP("what of the log is second 0; after its end no node fails") },
    { .key = NULL },
};
static const char *const failure_log_also[][2] = {
    { "file", "log" }, { "system", "type" }, { "offset", "from" }, { NULL, NULL }
};
static const struct schema failure_log_schema = { "failure_log", failure_log_fields,
                                                  sizeof(struct raw_failure_log), failure_log_also,
                                                  0 };
#undef TARGET

#define TARGET raw_carbon_log
static const struct field carbon_log_fields[] = {
    { FIELD(log, FIELD_TEXT), .value = "a path", NEEDED,
      HELP("a log of a grid's carbon: seatrial list interruption-logs") },
    { FIELD(zone, FIELD_TEXT), .value = "a text", OR_ELSE("the only one of the log"),
      HELP("the zone that is meant") },
    { RANGED(from, DURATION, 0, 10 * YEAR_US, "up to 10 years"), DEFAULT("0 s"),
      HELP("what of the log is second 0; behind its end it begins there again") },
    { .key = NULL },
};
static const char *const carbon_log_also[][2] = {
    { "file", "log" }, { "grid", "zone" }, { "offset", "from" }, { NULL, NULL }
};
static const struct schema carbon_log_schema = { "carbon_log", carbon_log_fields,
                                                 sizeof(struct raw_carbon_log), carbon_log_also,
                                                 0 };
#undef TARGET

#define TARGET raw_supply
static const struct field supply_fields[] = {
    { FIELD(log, FIELD_TEXT), .value = "a path", OR_ELSE("no log"),
      HELP("a log of how many nodes there were: seatrial list interruption-logs") },
    { FIELD(prices, FIELD_TEXT), .value = "a path", OR_ELSE("spot_price, or the price book"),
      HELP("spot: a log of prices, dated") },
    { FIELD(zone, FIELD_TEXT), .value = "a text", OR_ELSE("the only one of the log"),
      HELP("the zone that is meant, of a log of several") },
    { FIELD(type, FIELD_TEXT), .value = "a text", OR_ELSE("the pool's instance, or the only one"),
      HELP("the type that is meant, of a log of several") },
    { RANGED(from, DURATION, 0, 10 * YEAR_US, "up to 10 years"), DEFAULT("0 s"),
      HELP("what of the log is second 0; behind its end it begins there again") },
    { RANGED(nodes_each, COUNT, 1, 1000000, "from 1 to 1000000"), DEFAULT("1"),
      HELP("so many nodes of the pool come and go with one of the log") },
    { RANGED(bid, HOURLY, 1, INT64_C(1000000000000000), "above $0 and up to $1M per hour"),
      OR_ELSE("prices take no node back"),
      HELP("spot: no node can be had while the price is above this") },
    { RANGED(notice, DURATION, 0, YEAR_US / 365, "up to 1 day"), DEFAULT("2 min"),
      HELP("spot: from when jobs are told to when the node is gone") },
    { CHOICE(on_notice, answer_name), DEFAULT("drain"),
      HELP("spot: what is done with a node that is told") },
    { RANGED(rebalance, DURATION, 0, YEAR_US / 365, "up to 1 day"), OR_ELSE("no signal comes"),
      HELP("spot: from a rebalance recommendation to the notice") },
    { CHOICE(on_rebalance, answer_name), OR_ELSE("required for rebalance"),
      HELP("spot: what is done with a node that gets one") },
    { RANGED(up, DURATION, 60000000, 10 * YEAR_US, "from 1 min to 10 years"),
      OR_ELSE("nodes can always be had"),
      HELP("mean time from when a node can be had to when it cannot") },
    { RANGED(up_shape, FACTOR, 200000, 10000000, "from 0.2 to 10"), DEFAULT("1, exponential"),
      HELP("Weibull shape of these times: below 1 the new go most") },
    { RANGED(down, DURATION, 1000000, 10 * YEAR_US, "from 1 s to 10 years"),
      OR_ELSE("required for up and region_up"), HELP("mean time until it can be had again") },
    { RANGED(down_shape, FACTOR, 200000, 10000000, "from 0.2 to 10"), DEFAULT("1, exponential"),
      HELP("Weibull shape of these times") },
    { RANGED(batch, FACTOR, 1000000, 1000000000, "from 1 to 1000"), DEFAULT("1"),
      HELP("nodes that go at one moment, the mean of a geometric number") },
    { RANGED(region_up, DURATION, 60000000, 10 * YEAR_US, "from 1 min to 10 years"),
      OR_ELSE("a region does not go at once"),
      HELP("mean time between moments at which all such pools of a region lose their nodes") },
    { RANGED(refused, PERCENT, 1, 1000000, "above 0% and up to 100%"), DEFAULT("0%"),
      HELP("of requests for a node, those that fail") },
    { RANGED(retry, DURATION, 1000000, YEAR_US / 365, "from 1 s to 1 day"), DEFAULT("3 min"),
      HELP("how long a node cannot be had after such a request") },
    { .key = NULL },
};
static const char *const supply_also[][2] = { { "availability", "log" },
                                              { "trace", "log" },
                                              { "price_log", "prices" },
                                              { "region", "zone" },
                                              { "instance", "type" },
                                              { "offset", "from" },
                                              { "max_price", "bid" },
                                              { "mtbf", "up" },
                                              { "lifetime", "up" },
                                              { "bulk", "batch" },
                                              { "insufficient_capacity", "refused" },
                                              { "warning", "notice" },
                                              { "signal", "rebalance" },
                                              { "on_signal", "on_rebalance" },
                                              { "on_interruption", "on_notice" },
                                              { NULL, NULL } };
static const struct schema supply_schema = { "supply", supply_fields, sizeof(struct raw_supply),
                                             supply_also, 0 };
#undef TARGET

#define TARGET raw_provisioning
static const struct field provisioning_fields[] = {
    { CHOICE(how, way_name), NEEDED, HELP("who changes the size of the pool") },
    { RANGED(lead, DURATION, 0, YEAR_US / 12, "up to 1 month"), NEEDED,
      HELP("median time from when nodes are wanted until they are asked for") },
    { RANGED(lead_sigma, FACTOR, 0, 3000000, "up to 3"), DEFAULT("0: always the same"),
      HELP("sigma of a lognormal of which lead is the median") },
    { RANGED(person_hours, FACTOR, 0, INT64_C(1000000000), "up to 1000"), NEEDED,
      HELP("hours of work for each change, up or down") },
    { RANGED(usd_per_hour, HOURLY, 0, INT64_C(1000000000000000), "up to $1M per hour"), NEEDED,
      HELP("what an hour of work costs") },
    { .key = NULL },
};
static const char *const provisioning_also[][2] = {
    { "kind", "how" },          { "lead_time", "lead" }, { "hours", "person_hours" },
    { "rate", "usd_per_hour" }, { NULL, NULL },
};
static const struct schema provisioning_schema = { "provisioning", provisioning_fields,
                                                   sizeof(struct raw_provisioning),
                                                   provisioning_also, 0 };
#undef TARGET

#define TARGET raw_pool
static const struct field pool_fields[] = {
    { FIELD(name, FIELD_NAME), NEEDED, HELP("its name, once in a fleet") },
    { LISTED("instance", instances), NEEDED,
      HELP("the instance type of its nodes, or several with min_nodes") },
    { CHOICE(buy, purchase_name), NEEDED, HELP("how the nodes are paid") },
    { RANGED(nodes, COUNT, 1, 1000000, "from 1 to 1000000"), NEEDED, HELP("how many nodes") },
    { RANGED(min_nodes, COUNT, 0, 1000000, "up to 1000000"), DEFAULT("nodes"),
      HELP("the fewest that an autoscaler leaves; nodes is the most then") },
    { RANGED(boot, DURATION, 0, YEAR_US / 365, "up to 1 day"), DEFAULT("4 min"),
      HELP("with min_nodes: from the request of a node until jobs can have it") },
    { RANGED(boot_sigma, FACTOR, 0, 3000000, "up to 3"), DEFAULT("0"),
      HELP("with min_nodes: sigma of a lognormal of which boot is the median") },
    { RANGED(spot_price, HOURLY, 1, INT64_C(1000000000000000), "above $0 and up to $1M per hour"),
      OR_ELSE("supply.prices, or a price book's"), HELP("spot: what a node costs") },
    { NESTED(supply, FIELD_MAP, &supply_schema), DEFAULT("all nodes can always be had"),
      HELP("when its nodes can be had, and are taken back") },
    { CHOICE(billing, billing_name), DEFAULT("the provider's"),
      HELP("with min_nodes: how the time of a rented node is rounded up") },
    { NESTED(provisioning, FIELD_MAP, &provisioning_schema),
      DEFAULT("nobody: at once, for nothing"),
      HELP("with min_nodes: people who change the size of the pool") },
    { RANGED(nodes_per_rack, COUNT, 1, 1000000, "from 1 to 1000000"), DEFAULT("one rack for all"),
      HELP("how many nodes, by number, stand in one rack") },
    { FIELD(region, FIELD_NAME), DEFAULT("prices.region"), HELP("where its nodes are rented") },
    { LISTED("zone", zones), DEFAULT("not said"),
      HELP("the zone of its region that they are in, or several with min_nodes") },
    { FIELD(tenants, FIELD_TEXTS), .value = "a name or a list of names", DEFAULT("all"),
      HELP("the tenants it is for: a virtual cluster") },
    { FIELD(queues, FIELD_TEXTS), .value = "a name or a list of names", DEFAULT("all"),
      HELP("the queues it is for: a partition") },
    { FIELD(labels, FIELD_LABELS), .value = "a mapping of texts", DEFAULT("none"),
      HELP("node labels, which jobs select, and Kueue's flavors and NodePools go by") },
    { FIELD(taints, FIELD_TEXTS), .value = "a text or a list of texts", DEFAULT("none"),
      HELP("taints of its nodes, key=value:Effect: for the jobs that tolerate them") },
    { SCALAR(capex, MONEY), OR_ELSE("required for owned nodes"),
      HELP("owned: what a node cost, with its share of network and racks") },
    { SCALAR(salvage, MONEY), DEFAULT("$0"), HELP("owned: what a node sells for in the end") },
    { RANGED(life, DURATION, YEAR_US / 365, 50 * YEAR_US, "from 1 day to 50 years"),
      OR_ELSE("required for owned nodes"), HELP("owned: the time over which it is written off") },
    { RANGED(power, PER_KWH, 0, INT64_C(1000000000000), "up to $1000 per kWh"),
      OR_ELSE("required for owned nodes"), HELP("owned: the price of electricity") },
    { RANGED(pue, FACTOR, 1000000, 10000000, "from 1 to 10"), DEFAULT("1"),
      HELP("power usage effectiveness: energy at the meter over energy of the nodes") },
    { RANGED(busy_watts, WATTS, 0, 1000000, "up to 1 MW"),
      DEFAULT("the instance type's watts, where known"),
      HELP("what a node draws with all GPUs held") },
    { RANGED(idle_watts, WATTS, 0, 1000000, "up to 1 MW"), OR_ELSE("required for owned nodes"),
      HELP("what a node draws with no GPU held") },
    { RANGED(grid_carbon, FACTOR, 0, INT64_C(5000000000), "up to 5000"), DEFAULT("none"),
      HELP("grams of CO2 for a kWh at the meter") },
    { NESTED(carbon_log, FIELD_SHORT, &carbon_log_schema), .value = "a path or a mapping",
      OR_ELSE("grid_carbon"), HELP("the same by the hour, from a log") },
    { RANGED(space_and_staff, HOURLY, 0, INT64_C(1000000000000000), "up to $1M per hour"),
      DEFAULT("$0 per hour"), HELP("owned: rack space and staff of a node") },
    { RANGED(mtbf, DURATION, 60000000, 1000 * YEAR_US, "from 1 min to 1000 years"),
      OR_ELSE("nodes do not fail by themselves"),
      HELP("mean time from when a node is up to its failure") },
    { RANGED(gpu_mtbf, DURATION, 60000000, 1000 * YEAR_US, "from 1 min to 1000 years"),
      OR_ELSE("GPUs do not fail"), HELP("the same of each GPU, whose failure takes its node") },
    { RANGED(mtbf_shape, FACTOR, 200000, 10000000, "from 0.2 to 10"), DEFAULT("1, exponential"),
      HELP("Weibull shape of these times: below 1 the new fail most, above 1 the worn") },
    { RANGED(repair, DURATION, 1000000, YEAR_US, "from 1 s to 1 year"),
      OR_ELSE("required where nodes fail"), HELP("median time until a failed node is back") },
    { RANGED(repair_sigma, FACTOR, 0, 5000000, "up to 5"), DEFAULT("0: always the same"),
      HELP("sigma of the logarithm of repair times, which are lognormal") },
    { FIELD(job_mtbf, FIELD_TEXTS), .value = "a duration, or a list by GPUs",
      DEFAULT("jobs do not fail by themselves"),
      HELP("mean run time of a job until it fails by itself, by its GPUs") },
    { NESTED(failure_log, FIELD_SHORT, &failure_log_schema), .value = "a path or a mapping",
      OR_ELSE("no log of failures"),
      HELP("its nodes fail, and are back, when those of a log did") },
    { .key = NULL },
};
static const char *const pool_also[][2] = {
    { "count", "nodes" },
    { "replicas", "nodes" },
    { "size", "nodes" },
    { "max_nodes", "nodes" },
    { "minimum", "min_nodes" },
    { "boot_time", "boot" },
    { "number", "nodes" },
    { "type", "instance" },
    { "instance_type", "instance" },
    { "purchase", "buy" },
    { "market", "buy" },
    { "price", "capex" },
    { "availability_zone", "zone" },
    { "electricity", "power" },
    { "watts", "busy_watts" },
    { "lifetime", "life" },
    { "resale", "salvage" },
    { "for", "tenants" },
    { "vc", "tenants" },
    { "partition", "queues" },
    { "mttf", "mtbf" },
    { "mttr", "repair" },
    { "failures", "mtbf" },
    { "gpu_mttf", "gpu_mtbf" },
    { "capacity", "supply" },
    { "spot", "supply" },
    { "reclaims", "supply" },
    { NULL, NULL },
};
static const struct schema pool_schema = { "pool", pool_fields, sizeof(struct raw_pool), pool_also,
                                           64 };
#undef TARGET

#define TARGET raw_commitment
static const struct field commitment_fields[] = {
    { CHOICE(kind, commitment_name), NEEDED, HELP("what is committed to") },
    { FIELD(name, FIELD_NAME), DEFAULT("none"), HELP("what paths of `vary` call it") },
    { FIELD(instance, FIELD_NAME), OR_ELSE("required but for compute-savings-plan"),
      HELP("the instance type; ec2-instance-savings-plan: one of the family") },
    { FIELD(region, FIELD_NAME), DEFAULT("prices.region"),
      HELP("where it holds; not of compute-savings-plan") },
    { FIELD(zone, FIELD_NAME), DEFAULT("all of its region"),
      HELP("the one zone where it holds; not of savings plans") },
    { FIELD(market, FIELD_NAME), DEFAULT("the kind's name"),
      HELP("the market of the price book with its prices: one of another term, say") },
    { RANGED(count, COUNT, 0, 1000000, "up to 1000000"), OR_ELSE("required but for savings plans"),
      HELP("how many instances, 0: none; not of savings plans") },
    { RANGED(usd_per_hour, HOURLY, 0, INT64_C(1000000000000000), "up to $1M per hour"),
      OR_ELSE("required for savings plans"),
      HELP("savings plans: what is paid, used or not, at the plan's rates; $0: none") },
    { RANGED(upfront, MONEY, 0, INT64_C(1000000000000), "up to $1M"), DEFAULT("$0"),
      HELP("reserved: what is paid at the start of a term for each, beside its hours") },
    { RANGED(term, DURATION, YEAR_US / 365, 5 * YEAR_US, "from 1 day to 5 years"),
      DEFAULT("1 year; required for capacity-block"),
      HELP("reserved: what is paid upfront is spread over it; capacity-block: how long it is") },
    { RANGED(start, DURATION, 0, 5 * YEAR_US, "up to 5 years"), DEFAULT("0 s"),
      HELP("capacity-block: when it begins, from second 0") },
    { .key = NULL },
};
static const char *const commitment_also[][2] = { { "type", "kind" },
                                                  { "nodes", "count" },
                                                  { "family", "instance" },
                                                  { "instance_type", "instance" },
                                                  { "commitment", "usd_per_hour" },
                                                  { "hourly", "usd_per_hour" },
                                                  { "price", "market" },
                                                  { NULL, NULL } };
static const struct schema commitment_schema = { "commitment", commitment_fields,
                                                 sizeof(struct raw_commitment), commitment_also,
                                                 64 };
#undef TARGET

#define TARGET raw_service
#define SERVICE_BYTES(member, words, ...)                                                          \
    RANGED(member, BYTES, 1, SERVICE_BYTES_MAX, "from 1 B to 1000 PB"), __VA_ARGS__, HELP(words)
static const struct field service_fields[] = {
    { CHOICE(kind, service_name), NEEDED, HELP("what is paid") },
    { FIELD(name, FIELD_NAME), DEFAULT("the kind's name"), HELP("its name, once in a fleet") },
    { FIELD(product, FIELD_NAME), DEFAULT("the kind's name"),
      HELP("the service of the price book whose price it has: one of your own, say") },
    { FIELD(region, FIELD_NAME), DEFAULT("prices.region, else that of the first pool"),
      HELP("where it is") },
    { RANGED(clusters, COUNT, 1, 1000000, "from 1 to 1000000"), DEFAULT("1"),
      HELP("control-plane: how many clusters") },
    { SERVICE_BYTES(size, "storage: how much is stored, or provisioned, all the time",
                    OR_ELSE("required for storage")) },
    { SERVICE_BYTES(per_job, "egress: what a job sends",
                    OR_ELSE("this or per_gpu_hour is required for egress")) },
    { SERVICE_BYTES(per_gpu_hour, "egress: what a job sends for each GPU-hour that it holds",
                    OR_ELSE("this or per_job is required for egress")) },
    { SERVICE_BYTES(free, "egress: so much of each month is free", DEFAULT("none")) },
    { FIELD(price, FIELD_TEXT), .value = "a price such as $0.08 per GB-month",
      DEFAULT("the price book's"), HELP("what it costs, where the price book does not say it") },
    { SCALAR(valid_from, DATE), OR_ELSE("required with price"), HELP("the first day of price") },
    { FIELD(source, FIELD_TEXT), .value = "a text", OR_ELSE("required with price"),
      HELP("where price is known from") },
    { .key = NULL },
};
#undef SERVICE_BYTES
static const char *const service_also[][2] = {
    { "type", "kind" },      { "service", "kind" },       { "capacity", "size" },
    { "count", "clusters" }, { "gb_per_job", "per_job" }, { "free_tier", "free" },
    { "usd", "price" },      { "as_of", "valid_from" },   { NULL, NULL },
};
static const struct schema service_schema = { "service", service_fields, sizeof(struct raw_service),
                                              service_also, 64 };
#undef TARGET

#define TARGET raw_limit
#define MOST(name, limit, words)                                                                   \
    {                                                                                              \
        .key = name, .kind = FIELD_SCALAR, .offset = offsetof(struct TARGET, most[limit]), COUNT,  \
        .least = 1, .most = INT64_C(1000000000), .range = "from 1 to 1000000000",                  \
        OR_ELSE("no limit"), HELP(words)                                                           \
    }
static const struct field limit_fields[] = {
    { FIELD(queue, FIELD_NAME), DEFAULT("any"), HELP("whose jobs these are: of this queue") },
    { FIELD(tenant, FIELD_NAME), DEFAULT("any"), HELP("whose jobs these are: of this tenant") },
    { FIELD(user, FIELD_NAME), DEFAULT("any"), HELP("whose jobs these are: of this user") },
    MOST("gpus", LIMIT_GPUS, "GPUs that all these jobs hold (GrpTRES)"),
    MOST("jobs", LIMIT_JOBS, "how many of these jobs run (GrpJobs)"),
    MOST("submit", LIMIT_SUBMIT, "how many of these jobs wait or run (GrpSubmitJobs)"),
    MOST("gpus_per_user", LIMIT_GPUS_PER_USER, "GPUs that those of one user hold (MaxTRESPerUser)"),
    MOST("jobs_per_user", LIMIT_JOBS_PER_USER, "how many of one user run (MaxJobsPerUser)"),
    MOST("submit_per_user", LIMIT_SUBMIT_PER_USER,
         "how many of one user wait or run (MaxSubmitJobsPerUser)"),
    MOST("gpus_per_tenant", LIMIT_GPUS_PER_TENANT,
         "GPUs that those of one tenant hold (MaxTRESPerAccount)"),
    MOST("jobs_per_tenant", LIMIT_JOBS_PER_TENANT,
         "how many of one tenant run (MaxJobsPerAccount)"),
    MOST("submit_per_tenant", LIMIT_SUBMIT_PER_TENANT,
         "how many of one tenant wait or run (MaxSubmitJobsPerAccount)"),
    MOST("gpus_per_job", LIMIT_GPUS_PER_JOB, "GPUs of one of these jobs (MaxTRESPerJob)"),
    { .key = "wall_per_job",
      .kind = FIELD_SCALAR,
      .offset = offsetof(struct TARGET, most[LIMIT_WALL_PER_JOB]),
      DURATION,
      .least = 1000000,
      .most = 10 * YEAR_US,
      .range = "from 1 s to 10 years",
      OR_ELSE("no limit"),
      HELP("time limit of one of these jobs (MaxWallDurationPerJob)") },
    { .key = NULL },
};
static const char *const limit_also[][2] = { { "partition", "queue" },
                                             { "account", "tenant" },
                                             { "GrpTRES", "gpus" },
                                             { "GrpJobs", "jobs" },
                                             { "GrpSubmitJobs", "submit" },
                                             { "MaxTRESPerUser", "gpus_per_user" },
                                             { "MaxJobsPerUser", "jobs_per_user" },
                                             { "MaxSubmitJobsPerUser", "submit_per_user" },
                                             { "MaxTRESPerAccount", "gpus_per_tenant" },
                                             { "MaxJobsPerAccount", "jobs_per_tenant" },
                                             { "MaxSubmitJobsPerAccount", "submit_per_tenant" },
                                             { "MaxTRESPerJob", "gpus_per_job" },
                                             { "MaxWallDurationPerJob", "wall_per_job" },
                                             { "wall", "wall_per_job" },
                                             { NULL, NULL } };
static const struct schema limit_schema = { "limit", limit_fields, sizeof(struct raw_limit),
                                            limit_also, 1000 };
#undef MOST
#undef TARGET

#define TARGET raw_scheduler
#define WEIGHT(member)                                                                             \
    RANGED(member, COUNT, 0, INT64_C(4294967295), "from 0 to 4294967295"), DEFAULT("0")
static const struct field scheduler_fields[] = {
    { CHOICES(order, order_name), DEFAULT("fifo"), HELP("who is next; a fleet for each") },
    { CHOICES(placement, placement_name), DEFAULT("pack"),
      HELP("which node a job gets; a fleet for each") },
    { CHOICE(gang, gang_name), DEFAULT("fewest-nodes"), HELP("how a gang lies on nodes") },
    { CHOICE(remainder, remainder_name), DEFAULT("placement"),
      HELP("gang: fewest-nodes: which node has what is left of a gang beyond whole nodes") },
    { CHOICE(anti_affinity, apart_name), DEFAULT("none"),
      HELP("orders that do not plan or preempt: two jobs of which are never on one node") },
    { CHOICE(exclusive, exclusive_name), DEFAULT("none"),
      HELP("orders that do not plan or preempt: jobs of which have nodes to themselves") },
    { CHOICE(gpu_sharing, sharing_name), DEFAULT("none"),
      HELP("orders that do not plan or preempt: what a job of less than a GPU holds") },
    { RANGED(replicas, COUNT, REPLICAS_MIN, REPLICAS_MAX, "from 2 to 31"),
      OR_ELSE("required for time-slicing"),
      HELP("gpu_sharing: time-slicing: how many jobs may be on a GPU") },
    { CHOICE(estimates, estimate_name), DEFAULT("limits"),
      HELP("orders that backfill: what is believed of run times") },
    { RANGED(estimate_factor, FACTOR, 1000, INT64_C(1000000000), "from 0.001 to 1000"),
      DEFAULT("1"), HELP("orders that backfill: each estimate is taken times this") },
    { CHOICE(shadow, shadow_name), DEFAULT("ends-by"),
      HELP("easy: whether a job that ends at the shadow time may pass the head") },
    { CHOICE(extra, extra_name), DEFAULT("all-freed"),
      HELP("easy: what is freed at the shadow time and not for the head") },
    { CHOICE(scan, scan_name), DEFAULT("arrival"),
      HELP("easy: who behind the head is looked at first") },
    { RANGED(bf_interval, DURATION, 1000000, YEAR_US, "from 1 s to 1 year"), DEFAULT("30 s"),
      HELP("slurm-backfill: time between backfill passes") },
    { RANGED(bf_window, DURATION, 60000000, 10 * YEAR_US, "from 1 min to 10 years"),
      DEFAULT("1440 min"), HELP("slurm-backfill: how far ahead starts are planned") },
    { RANGED(bf_resolution, DURATION, 1, YEAR_US, "up to 1 year"), DEFAULT("60 s"),
      HELP("slurm-backfill: the grid planned times are rounded to") },
    { RANGED(bf_max_job_test, COUNT, 1, 1000000, "from 1 to 1000000"), DEFAULT("500"),
      HELP("slurm-backfill: how many waiting jobs a backfill pass looks at") },
    { RANGED(default_queue_depth, COUNT, 1, 1000000, "from 1 to 1000000"), DEFAULT("all"),
      HELP("slurm-backfill: after how many waiting jobs the main loop looks at one more") },
    { RANGED(sched_interval, DURATION, 1000000, YEAR_US, "from 1 s to 1 year"), DEFAULT("60 s"),
      HELP("slurm-backfill: time between main loops over the whole queue") },
    { RANGED(batch_sched_delay, DURATION, 0, YEAR_US / 365, "up to 1 day"), DEFAULT("0 s"),
      HELP("slurm-backfill: the least time between two main loops") },
    { NESTED(limits, FIELD_LIST, &limit_schema), DEFAULT("none"),
      HELP("slurm-backfill: what jobs may hold, and how many there may be") },
    { FIELD(scattered_speed, FIELD_NUMBERS), .read = unit_factor, .least = 1000,
      .most = INT64_C(10000000), .range = "from 0.001 to 10",
      .value = "names of classes, or all, with plain numbers", DEFAULT("1 each"),
      HELP("gang: anywhere: how fast a gang is on more nodes than the fewest") },
    { FIELD(cross_rack_speed, FIELD_NUMBERS), .read = unit_factor, .least = 1000,
      .most = INT64_C(10000000), .range = "from 0.001 to 10",
      .value = "names of classes, or all, with plain numbers", DEFAULT("1 each"),
      HELP("pools with racks: how fast a gang is in more racks than the fewest") },
    { CHOICE(predictor, predictor_name), DEFAULT("history"),
      HELP("qssf: what run times are taken to be") },
    { WEIGHT(weight_age),
      HELP("multifactor, slurm-backfill: points of priority of a job of the age age_max") },
    { WEIGHT(weight_fairshare),
      HELP("multifactor, slurm-backfill: points of a user whose fair-share factor is 1") },
    { WEIGHT(weight_size),
      HELP("multifactor, slurm-backfill: points of a job as large as the fleet") },
    { WEIGHT(weight_partition),
      HELP("multifactor, slurm-backfill: points of the partition with the largest number") },
    { WEIGHT(weight_qos),
      HELP("multifactor, slurm-backfill: points of the highest priority in the trace") },
    { CHOICE(fairshare, fairshare_name), DEFAULT("tree"),
      HELP("multifactor, slurm-backfill: how the fair-share factor is worked out") },
    { CHOICE(favor, favor_name), DEFAULT("large"),
      HELP("multifactor, slurm-backfill: whose factor of size is larger") },
    { RANGED(age_max, DURATION, 1000000, 10 * YEAR_US, "from 1 s to 10 years"), DEFAULT("7 days"),
      HELP("multifactor, slurm-backfill: the age from which waiting adds nothing") },
    { FIELD(partitions, FIELD_NUMBERS), .read = unit_count, .least = 0, .most = 65533,
      .range = "from 0 to 65533", .value = "names of queues with whole numbers", DEFAULT("1 each"),
      HELP("multifactor, slurm-backfill: what a queue counts among the others") },
    { FIELD(shares, FIELD_NUMBERS), .read = unit_factor, .least = 1000,
      .most = INT64_C(1000000000000), .range = "from 0.001 to 1000000",
      .value = "names of tenants with plain numbers", DEFAULT("1 each"),
      HELP("orders that look at tenants: what each is to get beside the others") },
    { RANGED(half_life, DURATION, 1000000, 10 * YEAR_US, "from 1 s to 10 years"), DEFAULT("7 days"),
      HELP("orders that keep usage: the time in which it counts half") },
    { RANGED(calc_period, DURATION, 1000000, YEAR_US / 365, "from 1 s to 1 day"), DEFAULT("5 min"),
      HELP("orders that keep usage: how often it, and ages, are worked out") },
    { CHOICE(ties, tie_name), DEFAULT("arrival"),
      HELP("srtf, srsf: who of two jobs with as much left goes first") },
    { FIELD(las_thresholds, FIELD_TEXTS), .value = "a duration or a list of durations",
      DEFAULT("[3250 s, 7200 s]"),
      HELP("las, las-2d, gittins-2d: the time, or time x GPUs, at which a job goes down a level") },
    { RANGED(las_quantum, DURATION, 1000, YEAR_US, "from 1 ms to 1 year"),
      DEFAULT("none: thresholds"),
      HELP("las, las-2d, gittins-2d: a level for each multiple of it, instead") },
    { RANGED(las_promote, FACTOR, 1, INT64_C(1000000000), "from 0.000001 to 1000"),
      DEFAULT("never"),
      HELP("las, las-2d, gittins-2d: a job that waits so many times what it had attained goes to "
           "level 0") },
    { FIELD(restart_cost, FIELD_TEXTS), .value = "a duration, or a list by GPUs", DEFAULT("0 s"),
      HELP("where jobs are stopped: time on GPUs before a stopped one goes on") },
    { CHOICE(restart_cut, restart_name), DEFAULT("whole"),
      HELP("likewise: what a job owes that is stopped in its restart") },
    { FIELD(checkpoint, FIELD_TEXT), .value = "at-preemption, never, young, daly, or a duration",
      DEFAULT("at-preemption"),
      HELP("where jobs are stopped: what is kept of a stopped one's work") },
    { FIELD(checkpoint_cost, FIELD_TEXTS), .value = "a duration, or a list by GPUs", DEFAULT("0 s"),
      HELP("likewise: time a job stands still at each checkpoint") },
    { RANGED(round, DURATION, 1000000, YEAR_US, "from 1 s to 1 year"), DEFAULT("360 s"),
      HELP("gavel orders: the length of a round") },
    { RANGED(round_shares, DURATION, 1000000, YEAR_US, "from 1 s to 1 year"), DEFAULT("1920 s"),
      HELP("gavel orders: the least time between two computations of the shares") },
    { CHOICE(victims, victim_name), DEFAULT("pool"),
      HELP("priority-evict: whom the head of the queue stops") },
    { CHOICE(pods, pods_name), DEFAULT("together"),
      HELP("coscheduling: in which order pods are tried") },
    { RANGED(permit_timeout, DURATION, 1000000, YEAR_US / 365, "from 1 s to 1 day"),
      DEFAULT("60 s"),
      HELP("coscheduling: how long a gang's first pod holds its node for the others") },
    { RANGED(permit_backoff, DURATION, 1000000, YEAR_US / 365, "from 1 s to 1 day"), DEFAULT("1 s"),
      HELP("coscheduling: how long a gang that gave up waits at first; up to ten times this") },
    { FIELD(elastic_min, FIELD_NUMBERS), .read = unit_factor, .least = 1000, .most = 1000000,
      .range = "from 0.001 to 1", .value = "names of classes, or all, with plain numbers",
      DEFAULT("1 each"),
      HELP("orders that size jobs: the fewest GPUs, in parts of those a job asks for") },
    { FIELD(elastic_max, FIELD_NUMBERS), .read = unit_factor, .least = 1000000,
      .most = INT64_C(1000000000), .range = "from 1 to 1000",
      .value = "names of classes, or all, with plain numbers", DEFAULT("1 each"),
      HELP("orders that size jobs: the most GPUs, in parts of those a job asks for") },
    { FIELD(speedup, FIELD_LABELS), .value = "names of classes, or all, with curves",
      DEFAULT("as many times as fast as there are GPUs"),
      HELP("orders that size jobs: how fast a job is on its GPUs, against one") },
    { PATHS(kueue), OR_ELSE("required for the order kueue"),
      HELP("kueue: the manifests of its queues, cohorts and flavors") },
    { CHOICE(events, event_name), DEFAULT("instant"),
      HELP("whether each event is followed by a pass of its own") },
    { CHOICE(instant, instant_name), DEFAULT("ends-first"),
      HELP("what comes first in an instant") },
    { RANGED(cycle, DURATION, 1000, YEAR_US, "from 1 ms to 1 year"),
      DEFAULT("none: a pass follows events at once"), HELP("passes only at multiples of this") },
    { .key = NULL },
};
static const char *const scheduler_also[][2] = {
    { "queue", "order" },
    { "policy", "order" },
    { "backfill", "order" },
    { "estimate", "estimates" },
    { "backfill_order", "scan" },
    { "shadow_test", "shadow" },
    { "bf_depth", "bf_max_job_test" },
    { "queue_depth", "default_queue_depth" },
    { "sched_delay", "batch_sched_delay" },
    { "qos", "limits" },
    { "weights", "shares" },
    { "priority_weight_age", "weight_age" },
    { "priority_weight_fairshare", "weight_fairshare" },
    { "priority_weight_job_size", "weight_size" },
    { "decay", "half_life" },
    { "max_age", "age_max" },
    { "period", "cycle" },
    { "quotas", "kueue" },
    { "elastic", "elastic_min" },
    { "min_gpus", "elastic_min" },
    { "max_gpus", "elastic_max" },
    { "scaling", "speedup" },
    { "manifests", "kueue" },
    { NULL, NULL },
};
static const struct schema scheduler_schema = { "scheduler", scheduler_fields,
                                                sizeof(struct raw_scheduler), scheduler_also, 0 };
#undef TARGET

#define TARGET raw_step
static const struct field step_fields[] = {
    { FIELD(pool, FIELD_NAME), NEEDED, HELP("of which pool") },
    { FIELD(at, FIELD_TEXT), .value = "a time of the week such as mon-fri 08:00", NEEDED,
      HELP("from then on, UTC; of a trace without dates second 0 is a Monday's") },
    { RANGED(nodes, COUNT, 0, 1000000, "up to 1000000"), NEEDED, HELP("so many nodes") },
    { .key = NULL },
};
static const char *const step_also[][2] = { { "from", "at" }, { "time", "at" }, { NULL, NULL } };
static const struct schema step_schema = { "step", step_fields, sizeof(struct raw_step), step_also,
                                           64 };
#undef TARGET

#define TARGET raw_autoscaler
static const struct field autoscaler_fields[] = {
    { CHOICE(name, autoscaler_name), NEEDED, HELP("who asks for nodes") },
    { RANGED(idle_time, DURATION, 0, YEAR_US, "up to 1 year"), DEFAULT("0 s"),
      HELP("as-needed: how long a node is idle before it goes") },
    { SCALAR(one_at_a_time, YES_OR_NO), DEFAULT("no"),
      HELP("as-needed: one node of a pool boots at once") },
    { NESTED(steps, FIELD_LIST, &step_schema), OR_ELSE("required for schedule"),
      HELP("schedule: so many nodes from this time of the week on") },
    { RANGED(suspend_time, DURATION, 0, YEAR_US, "up to 1 year"), DEFAULT("INFINITE: never"),
      HELP("slurm-power-save: how long a node is idle before it goes (SuspendTime)") },
    { RANGED(resume_timeout, DURATION, 1000000, YEAR_US, "from 1 s to 1 year"), DEFAULT("60 s"),
      HELP("slurm-power-save: a node that boots for longer is given up (ResumeTimeout)") },
    { RANGED(resume_rate, COUNT, 0, 1000000, "up to 1000000"), DEFAULT("300"),
      HELP("slurm-power-save: nodes asked for a minute, 0 = any (ResumeRate)") },
    { RANGED(suspend_rate, COUNT, 0, 1000000, "up to 1000000"), DEFAULT("60"),
      HELP("slurm-power-save: nodes that go a minute, 0 = any (SuspendRate)") },
    { CHOICE(measure, measure_name), DEFAULT("utilization"),
      HELP("target-tracking: what is brought to its target") },
    { RANGED(target, PERCENT, 10000, 1000000, "from 1% to 100%"), DEFAULT("70%"),
      HELP("target-tracking: of GPUs held") },
    { RANGED(wait, DURATION, 1000000, YEAR_US, "from 1 s to 1 year"), DEFAULT("10 min"),
      HELP("target-tracking: the acceptable time in the queue") },
    { RANGED(job_time, DURATION, 1000, YEAR_US, "from 1 ms to 1 year"), DEFAULT("1 h"),
      HELP("target-tracking: the mean time of a job") },
    { RANGED(period, DURATION, 1000000, YEAR_US / 365, "from 1 s to 1 day"),
      DEFAULT("1 min; 10 min for predictive"),
      HELP("target-tracking: between two points of the measure; predictive: between two "
           "decisions") },
    { RANGED(out_periods, COUNT, 1, 10000, "from 1 to 10000"), DEFAULT("3"),
      HELP("target-tracking: points in a row before nodes come") },
    { RANGED(in_periods, COUNT, 1, 10000, "from 1 to 10000"), DEFAULT("15"),
      HELP("target-tracking: points in a row before nodes go") },
    { CHOICE(method, method_name), DEFAULT("hour-of-week"),
      HELP("predictive: how the demand is forecast") },
    { RANGED(quantile, PERCENT, 10000, 1000000, "from 1% to 100%"), DEFAULT("90%"),
      HELP("predictive, hour-of-week: of the peaks of this hour in the weeks before") },
    { RANGED(horizon, DURATION, 60000000, YEAR_US / 365, "from 1 min to 1 day"),
      DEFAULT("the longest boot and a period"), HELP("predictive: how far ahead it looks") },
    { RANGED(headroom, PERCENT, 0, 10000000, "up to 1000%"), DEFAULT("15%"),
      HELP("predictive: on top of the forecast") },
    { RANGED(warm_up, DURATION, 0, YEAR_US, "up to 1 year"), DEFAULT("7 days"),
      HELP("predictive: until then the last period's peak is the forecast") },
    { CHOICE(expander, expander_name), DEFAULT("least-waste"),
      HELP("cluster-autoscaler: which of several pools grows") },
    { SCALAR(gpu_aware, YES_OR_NO), DEFAULT("no"),
      HELP("cluster-autoscaler: whether GPUs count in the order of pods; upstream they do not") },
    { RANGED(scan_interval, DURATION, 1000000, YEAR_US / 365, "from 1 s to 1 day"), DEFAULT("10 s"),
      HELP("cluster-autoscaler: time between two scans") },
    { RANGED(max_nodes_per_scaleup, COUNT, 1, 1000000, "from 1 to 1000000"), DEFAULT("1000"),
      HELP("cluster-autoscaler: nodes of one estimate") },
    { RANGED(max_node_provision_time, DURATION, 1000000, YEAR_US / 365, "from 1 s to 1 day"),
      DEFAULT("15 min"), HELP("cluster-autoscaler: a node that boots for longer is given up") },
    { RANGED(scale_down_unneeded_time, DURATION, 0, YEAR_US, "up to 1 year"), DEFAULT("10 min"),
      HELP("cluster-autoscaler: how long a node is unneeded before it goes") },
    { RANGED(scale_down_delay_after_add, DURATION, 0, YEAR_US, "up to 1 year"), DEFAULT("10 min"),
      HELP("cluster-autoscaler: after nodes were asked for none goes") },
    { RANGED(scale_down_utilization_threshold, PERCENT, 10000, 1000000, "from 1% to 100%"),
      DEFAULT("50%"),
      HELP("cluster-autoscaler: a node without GPUs of whose cores and memory less is asked for is "
           "drained") },
    { RANGED(scale_down_gpu_utilization_threshold, PERCENT, 10000, 1000000, "from 1% to 100%"),
      DEFAULT("50%"),
      HELP("cluster-autoscaler: a node of whose GPUs less is asked for is drained") },
    { SCALAR(safe_to_evict, YES_OR_NO), DEFAULT("yes"),
      HELP("cluster-autoscaler: no where jobs have the annotation safe-to-evict: \"false\"") },
    { PATHS(nodepools), OR_ELSE("default: one NodePool for all pools"),
      HELP("karpenter: the manifests of its NodePools") },
    { RANGED(batch_idle, DURATION, 0, YEAR_US / 365, "up to 1 day"), DEFAULT("1 s"),
      HELP("karpenter: a batch of pods ends when none has come for so long "
           "(BATCH_IDLE_DURATION)") },
    { RANGED(batch_max, DURATION, 0, YEAR_US / 365, "up to 1 day"), DEFAULT("10 s"),
      HELP("karpenter: and after so long (BATCH_MAX_DURATION)") },
    { SCALAR(spot_to_spot, YES_OR_NO), DEFAULT("no"),
      HELP("karpenter: the feature gate SpotToSpotConsolidation") },
    { SCALAR(do_not_disrupt, YES_OR_NO), DEFAULT("no"),
      HELP("karpenter: whether jobs have the annotation karpenter.sh/do-not-disrupt") },
    { .key = NULL },
};
static const char *const autoscaler_also[][2] = { { "kind", "name" },
                                                  { "type", "name" },
                                                  { "SuspendTime", "suspend_time" },
                                                  { "ResumeTimeout", "resume_timeout" },
                                                  { "ResumeRate", "resume_rate" },
                                                  { "SuspendRate", "suspend_rate" },
                                                  { "metric", "measure" },
                                                  { "utilization", "target" },
                                                  { "schedule", "steps" },
                                                  { NULL, NULL } };
static const struct schema autoscaler_schema = { "autoscaler", autoscaler_fields,
                                                 sizeof(struct raw_autoscaler), autoscaler_also,
                                                 0 };
#undef TARGET

#define TARGET raw_fallback
static const struct field fallback_fields[] = {
    { CHOICE(name, fallback_name), NEEDED, HELP("when a job has no spot node any more") },
    { RANGED(reclaims, COUNT, 1, 1000000, "from 1 to 1000000"),
      OR_ELSE("required for after-reclaims"),
      HELP("after-reclaims: once it was taken back so often") },
    { RANGED(changeover, DURATION, 0, YEAR_US / 365, "up to 1 day"),
      OR_ELSE("0 s; required for uniform-progress"),
      HELP("safety-net, uniform-progress: from a node that goes to work on another one") },
    { .key = NULL },
};
static const char *const fallback_also[][2] = { { "rule", "name" },
                                                { "kind", "name" },
                                                { "attempts", "reclaims" },
                                                { "delay", "changeover" },
                                                { NULL, NULL } };
static const struct schema fallback_schema = { "fallback", fallback_fields,
                                               sizeof(struct raw_fallback), fallback_also, 0 };
#undef TARGET

#define TARGET raw_fleet
static const struct field fleet_fields[] = {
    { NESTED(scheduler, FIELD_SHORT, &scheduler_schema), .value = "orders' names or a mapping",
      DEFAULT("fifo"), HELP("its queue order, or all its policies and options") },
    { CHOICES(placement, placement_name), DEFAULT("pack"),
      HELP("the same as scheduler.placement") },
    { CHOICE(gang, gang_name), DEFAULT("fewest-nodes"), HELP("the same as scheduler.gang") },
    { NESTED(pools, FIELD_LIST, &pool_schema), NEEDED,
      HELP("its nodes; jobs try the pools in this order") },
    { NESTED(autoscaler, FIELD_SHORT, &autoscaler_schema), .value = "a name or a mapping",
      DEFAULT("static"), HELP("who asks for nodes of pools with min_nodes, and sends them back") },
    { NESTED(fallback, FIELD_SHORT, &fallback_schema), .value = "a name or a mapping",
      DEFAULT("none: spot or not, whichever has room"),
      HELP("when jobs leave spot pools for the others") },
    { NESTED(commitments, FIELD_LIST, &commitment_schema), DEFAULT("none"),
      HELP("what is paid for nodes on demand, used or not, at lower prices") },
    { NESTED(services, FIELD_LIST, &service_schema), DEFAULT("none"),
      HELP("what is paid besides nodes") },
    { FIELD(quotas, FIELD_NUMBERS), .read = unit_count, .least = 0, .most = INT64_C(1000000000),
      .range = "up to 1000000000", .value = "a mapping from families to vCPUs",
      DEFAULT("not checked"), HELP("the most vCPUs of p5, say, in each region and market") },
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

#define TARGET raw_uncertain
static const struct field uncertain_fields[] = {
    { RANGED(run_times, PERCENT, 1000, 10000000, "from 0.1% to 1000%"), DEFAULT("0%"),
      HELP("the standard deviation of a factor on the run time of each job") },
    { RANGED(all_run_times, PERCENT, 1000, 1000000, "from 0.1% to 100%"), DEFAULT("0%"),
      HELP("of a factor on all run times of a replication") },
    { RANGED(growth, PERCENT, 1000, 1000000, "from 0.1% to 100%"), DEFAULT("0%"),
      HELP("of a factor on the number of jobs of a replication; its mean is scale_jobs") },
    { RANGED(prices, PERCENT, 1000, 1000000, "from 0.1% to 100%"), DEFAULT("0%"),
      HELP("of a factor on all prices on demand and on spot markets of a replication") },
    { RANGED(spot_prices, PERCENT, 1000, 3000000, "from 0.1% to 300%"), DEFAULT("0%"),
      HELP("of spot prices around theirs, by market and hour") },
    { RANGED(spot_half_life, DURATION, INT64_C(3600000000), YEAR_US, "from 1 h to 1 year"),
      DEFAULT("1 day"), HELP("until half of a spot price's deviation is gone") },
    { .key = NULL },
};
static const char *const uncertain_also[][2] = { { "run_time", "run_times" },
                                                 { "jobs", "growth" },
                                                 { "demand", "growth" },
                                                 { "price", "prices" },
                                                 { "spot_price", "spot_prices" },
                                                 { "spot", "spot_prices" },
                                                 { NULL, NULL } };
static const struct schema uncertain_schema = { "uncertain", uncertain_fields,
                                                sizeof(struct raw_uncertain), uncertain_also, 0 };
#undef TARGET

#define TARGET raw_precision
#define NARROW(name, i, words)                                                                     \
    {                                                                                              \
        .key = name, .kind = FIELD_SCALAR, .offset = offsetof(struct TARGET, figure[i]), PERCENT,  \
        .least = 1000, .most = 1000000, .range = "from 0.1% to 100%",                              \
        OR_ELSE("as narrow as it gets"), HELP("of " words ", in every fleet")                      \
    }
static const struct field precision_fields[] = {
    /* the first by precision_names */
    NARROW("cost", 0, "the cost per month"),
    NARROW("utilization", 1, "the utilization"),
    NARROW("mean_wait", 2, "the mean wait"),
    NARROW("p50_wait", 3, "the p50 wait"),
    NARROW("p90_wait", 4, "the p90 wait"),
    NARROW("p95_wait", 5, "the p95 wait"),
    NARROW("p99_wait", 6, "the p99 wait"),
    { RANGED(least, COUNT, 2, 10000, "from 2 to 10000"), DEFAULT("10"),
      HELP("so many replications before the intervals are looked at") },
    { RANGED(most, COUNT, 2, 10000, "from 2 to 10000"), DEFAULT("200"),
      HELP("so many at most, narrow or not") },
    { RANGED(batch, COUNT, 1, 1000, "from 1 to 1000"), DEFAULT("10"),
      HELP("so many more before they are looked at again") },
    { .key = NULL },
};
static const char *const precision_also[][2] = { { "min", "least" },     { "max", "most" },
                                                 { "wait", "p95_wait" }, { "step", "batch" },
                                                 { "budget", "cost" },   { NULL, NULL } };
static const struct schema precision_schema = { "precision", precision_fields,
                                                sizeof(struct raw_precision), precision_also, 0 };
#undef TARGET

#define TARGET raw_run
static const struct field run_fields[] = {
    { FIELD(baseline, FIELD_TEXT), .value = "a name", DEFAULT("the first fleet"),
      HELP("the fleet the others are compared with") },
    { RANGED(replications, COUNT, 1, 10000, "from 1 to 10000"),
      DEFAULT("5 where jobs are drawn, 1 for a trace"),
      HELP("how often everything is run, with other draws") },
    { NESTED(precision, FIELD_MAP, &precision_schema), DEFAULT("as many as replications says"),
      HELP("as many replications as make 95% intervals narrow: half of one is at most this share "
           "of its mean") },
    { SCALAR(warm_up, WARM_UP), .least = WARM_UP_MSER5, .most = YEAR_US, .range = "up to 1 year",
      DEFAULT("none"),
      HELP("jobs at the start that are in no wait figure: the queue is empty then") },
    { SCALAR(antithetic, YES_OR_NO), DEFAULT("no"),
      HELP("replications in pairs, of which one draws high where the other draws low") },
    { SCALAR(seed, COUNT), DEFAULT("1"), HELP("the number all draws follow from") },
    { RANGED(sample, DURATION, 1000000, YEAR_US, "from 1 s to 1 year"),
      DEFAULT("1 min, or longer where that is more than 20000 samples"),
      HELP("the step of the time series in the results") },
    { CHOICE(books, books_name), DEFAULT("window"),
      HELP("when the bill ends: with the window, or with a fleet's last job") },
    { SCALAR(keep_jobs, YES_OR_NO), DEFAULT("yes"), HELP("a row for each job in the results") },
    { SCALAR(keep_hours, YES_OR_NO), DEFAULT("yes"),
      HELP("rows for each pool and clock hour in the results") },
    { CHOICE(replay, replay_name), DEFAULT("scheduler"),
      HELP("who starts jobs: the fleet's scheduler, or the trace's recorded starts") },
    { .key = NULL },
};
static const char *const run_also[][2] = { { "runs", "replications" },
                                           { "repetitions", "replications" },
                                           { "reference", "baseline" },
                                           { "step", "sample" },
                                           { "jobs", "keep_jobs" },
                                           { "hours", "keep_hours" },
                                           { NULL, NULL } };
static const struct schema run_schema = { "run", run_fields, sizeof(struct raw_run), run_also, 0 };
#undef TARGET

#define TARGET raw_montecarlo
static const struct field montecarlo_fields[] = {
    { RANGED(years, COUNT, 1, 5, "from 1 to 5"), DEFAULT("1"),
      HELP("how long the fleet is followed") },
    { RANGED(replications, COUNT, 64, 10000000, "from 64 to 10000000"),
      DEFAULT("4096, or 65536 with precision"),
      HELP("how many futures are drawn; with precision, the most of them") },
    { RANGED(precision, PERCENT, 100, 500000, "from 0.01% to 50%"), OR_ELSE("all replications"),
      HELP("they end once the p95 of each yearly bill is known to this share of it") },
    { RANGED(growth, PERCENT, 0, 10000000, "up to 1000%"), DEFAULT("0%"),
      HELP("of demand in a year, its median") },
    { RANGED(growth_sd, PERCENT, 0, 2000000, "up to 200%"), DEFAULT("0%"),
      HELP("how far off that may be: one standard deviation") },
    { RANGED(deadline, DURATION, INT64_C(3600000000), YEAR_US / 12, "from 1 h to 1 month"),
      DEFAULT("1 d"), HELP("work that waits longer misses it") },
    { RANGED(tolerance, PERCENT, 0, 1000000, "from 0% to 100%"), DEFAULT("5%"),
      HELP("the chance of missing a target that a fleet may have") },
    { FIELD(nodes, FIELD_NUMBERS), .read = node_range_read, .value = "ranges of nodes by pool",
      DEFAULT("the nodes that the pools have"),
      HELP("fleets that are compared: each number of nodes of each pool with each other's") },
    { .key = NULL },
};
static const char *const montecarlo_also[][2] = {
    { "horizon", "years" }, { "reps", "replications" }, { "candidates", "nodes" },
    { "pools", "nodes" },   { "risk", "tolerance" },    { NULL, NULL }
};
static const struct schema montecarlo_schema = { "mc", montecarlo_fields,
                                                 sizeof(struct raw_montecarlo), montecarlo_also,
                                                 0 };
#undef TARGET

#define TARGET raw_scenario
static const struct field scenario_fields[] = {
    { SCALAR(seatrial, COUNT), NEEDED, HELP("the version of this format, which is 1") },
    { FIELD(name, FIELD_NAME), DEFAULT("the file's name"), HELP("a title for reports") },
    { NESTED(workload, FIELD_MAP, &workload_schema), NEEDED, HELP("the jobs") },
    { NESTED(prices, FIELD_MAP, &prices_schema), DEFAULT("the tables that ship"),
      HELP("the day, the place, and price books of your own") },
    { NESTED(slo, FIELD_MAP, &slo_schema), OR_ELSE("no targets"),
      HELP("targets that a fleet must meet") },
    { NESTED(fleets, FIELD_NAMED, &fleet_schema), NEEDED,
      HELP("the fleets that are compared, by name; at most 64") },
    { NESTED(uncertain, FIELD_MAP, &uncertain_schema), DEFAULT("as the scenario says it"),
      HELP("what else is drawn for each replication: log-normal factors of mean 1") },
    { NESTED(run, FIELD_MAP, &run_schema), DEFAULT("each key's own"), HELP("how it is run") },
    { NESTED(mc, FIELD_MAP, &montecarlo_schema), DEFAULT("each key's own"),
      HELP("what `seatrial montecarlo` asks") },
    { FIELD(vary, FIELD_ANY), .value = "a list of keys with their values", OR_ELSE("one point"),
      HELP("what `seatrial sweep` varies: keys of this file") },
    { .key = NULL },
};
static const char *const scenario_also[][2] = {
    { "version", "seatrial" }, { "fleet", "fleets" },  { "plans", "fleets" },
    { "slos", "slo" },         { "price", "prices" },  { "title", "name" },
    { "trace", "workload" },   { "montecarlo", "mc" }, { "sweep", "vary" },
    { "grid", "vary" },        { NULL, NULL }
};
const struct schema scenario_schema = { "scenario", scenario_fields, sizeof(struct raw_scenario),
                                        scenario_also, 0 };
#undef TARGET
