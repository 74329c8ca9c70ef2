/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity of a scenario: canonical JSON (sorted keys, no spaces, integers only) of all that
 * decides its results, as resolved. Two files that mean the same have the same hash; a trace counts
 * by its content.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/pricing/metering.h"
#include "models/scheduling/quota.h"
#include "scenarios/hash.h"
#include "scenarios/loading.h"
#include "scenarios/option_values.h"

static json_t *owned_json(const struct owned_terms *o)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "capex_usd_micro",
                     (json_int_t)o->capex_usd_micro, "salvage_usd_micro",
                     (json_int_t)o->salvage_usd_micro, "life_us", (json_int_t)o->life_us,
                     "power_usd_nano_per_kwh", (json_int_t)o->power_usd_nano_per_kwh, "pue_ppm",
                     (json_int_t)o->pue_ppm, "busy_watts", (json_int_t)o->busy_watts, "idle_watts",
                     (json_int_t)o->idle_watts, "space_staff_usd_nano_per_hour",
                     (json_int_t)o->space_staff_usd_nano_per_hour);
}

/* Only where there are some, so that a scenario without them keeps its hash. */
static void add_names(json_t *pool, const char *key, const struct name_list *names)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < names->n; i++) json_array_append_new(all, json_string(names->text[i]));
    if (names->n > 0) json_object_set(pool, key, all);
    json_decref(all);
}

static json_t *duration_json(const struct duration *d)
{
    return json_pack("{s:s, s:f, s:f}", "family", duration_families[d->kind].name, "scale_us",
                     d->scale_us, "shape", d->shape);
}

/* From so many GPUs, so many microseconds, ... */
static json_t *costs_json(const struct gpu_costs *costs)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < costs->n; i++) {
        json_array_append_new(all, json_integer((json_int_t)costs->at[i].from_gpus));
        json_array_append_new(all, json_integer((json_int_t)costs->at[i].us));
    }
    return all;
}

/* What a log came to: as identity, so that the file may lie anywhere. */
static json_t *outages_json(const struct outage *log, size_t n)
{
    struct sha256 hash;
    char hex[65];
    sha256_init(&hash);
    for (size_t i = 0; i < n; i++) {
        const int64_t row[3] = { log[i].down_us, log[i].up_us, log[i].node };
        sha256_add(&hash, row, sizeof row);
    }
    sha256_end(&hash, hex);
    return json_string(hex);
}

static json_t *failures_json(const struct failure_spec *f)
{
    json_t *failures = json_object();
    if (f->by_node) json_object_set_new(failures, "node", duration_json(&f->node));
    if (f->by_gpu) json_object_set_new(failures, "gpus", duration_json(&f->gpus));
    if (f->log_n > 0) json_object_set_new(failures, "log_sha256", outages_json(f->log, f->log_n));
    if (f->by_node || f->by_gpu) json_object_set_new(failures, "repair", duration_json(&f->repair));
    if (f->job_mtbf.n > 0) json_object_set_new(failures, "job_mtbf", costs_json(&f->job_mtbf));
    return failures;
}

static json_t *prices_json(const struct price_trace *prices)
{
    struct sha256 hash;
    char hex[65];
    sha256_init(&hash);
    for (size_t i = 0; i < prices->n; i++) {
        const int64_t row[2] = { prices->step[i].at_us, prices->step[i].usd_nano_per_hour };
        sha256_add(&hash, row, sizeof row);
    }
    sha256_end(&hash, hex);
    return json_string(hex);
}

static json_t *supply_json(const struct supply_spec *s)
{
    json_t *supply = json_pack("{s:I, s:I, s:I}", "log_outages", (json_int_t)s->log_n, "log_us",
                               (json_int_t)s->log_us, "notice_us",
                               (json_int_t)(s->takes_back ? s->notice_us : 0));
    if (s->log_n > 0) json_object_set_new(supply, "log_sha256", outages_json(s->log, s->log_n));
    if (s->on_notice != ANSWER_DRAIN)
        json_object_set_new(supply, "on_notice", json_string(supply_answers[s->on_notice].name));
    if (supply_heeds_signals(s)) {
        json_object_set_new(supply, "rebalance_us", json_integer(s->rebalance_us));
        json_object_set_new(supply, "on_rebalance",
                            json_string(supply_answers[s->on_rebalance].name));
    }
    if (s->by_node) {
        json_object_set_new(supply, "up", duration_json(&s->up));
        json_object_set_new(supply, "batch_ppm", json_integer(s->batch_ppm));
    }
    if (s->by_region) {
        json_object_set_new(supply, "region_up", duration_json(&s->region_up));
        json_object_set_new(supply, "region", json_string(s->region));
    }
    if (s->by_node || s->by_region) json_object_set_new(supply, "down", duration_json(&s->down));
    if (s->refused_ppm > 0) {
        json_object_set_new(supply, "refused_ppm", json_integer(s->refused_ppm));
        json_object_set_new(supply, "retry_us", json_integer(s->retry_us));
    }
    return supply;
}

/* Labels matter where jobs select by them; Kueue's and Karpenter's say which pools they mean. */
static void add_marks(json_t *pool, const struct node_marks *marks, bool selected)
{
    json_t *labels = json_object(), *taints = json_array();
    for (int32_t i = 0; i < marks->label_n; i++) /* the first of a key holds */
        if (!json_object_get(labels, marks->labels[i].key))
            json_object_set_new(labels, marks->labels[i].key, json_string(marks->labels[i].value));
    for (int32_t i = 0; i < marks->taint_n; i++)
        json_array_append_new(taints,
                              json_pack("[s, s, s]", marks->taints[i].key, marks->taints[i].value,
                                        taint_effects[marks->taints[i].effect]));
    if (selected && marks->label_n > 0) json_object_set(pool, "labels", labels);
    if (marks->taint_n > 0) json_object_set(pool, "taints", taints);
    json_decref(labels);
    json_decref(taints);
}

static json_t *pool_json(const struct pool_spec *p, bool selected)
{
    json_t *pool = json_pack("{s:s, s:s, s:s, s:i, s:I, s:I, s:i, s:s, s:s}", "name", p->name,
                             "instance", p->type.name, "gpu", p->type.gpu_model, "gpus",
                             (int)p->type.gpus, "cpu_milli", (json_int_t)p->type.cpu_milli,
                             "mem_mib", (json_int_t)p->type.mem_mib, "nodes", (int)p->nodes, "buy",
                             p->purchase.option->name, "region", p->purchase.price_region);
    if (p->purchase.owned.life_us) {
        json_object_set_new(pool, "owned", owned_json(&p->purchase.owned));
    } else {
        json_object_set_new(pool, "usd_nano_per_hour", json_integer(p->purchase.usd_nano_per_hour));
        json_object_set_new(pool, "valid_from", json_string(p->purchase.price_valid_from));
    }
    if (p->provisioning.way)
        json_object_set_new(pool, "provisioning",
                            json_pack("{s:s, s:o}", "how", p->provisioning.way->name, "lead",
                                      duration_json(&p->provisioning.lead)));
    /* Only where it matters, and is not what it was before it was a key. */
    const struct billing_rule *billing = p->purchase.billing;
    if (p->elastic_nodes > 0 && billing && billing != billing_rule_find("ec2"))
        json_object_set_new(pool, "billing", json_string(billing->name));
    const struct owned_terms *o = &p->purchase.owned; /* rented nodes: where watts are known */
    if (!o->life_us && o->pue_ppm)
        json_object_set_new(pool, "power",
                            json_pack("{s:I, s:I, s:I}", "pue_ppm", (json_int_t)o->pue_ppm,
                                      "busy_watts", (json_int_t)o->busy_watts, "idle_watts",
                                      (json_int_t)o->idle_watts));
    if (o->carbon_ug_per_kwh >= 0)
        json_object_set_new(pool, "carbon_ug_per_kwh", json_integer(o->carbon_ug_per_kwh));
    if (p->purchase.carbon)
        json_object_set_new(pool, "carbon_sha256", prices_json(p->purchase.carbon));
    if (p->rack_nodes)
        json_object_set_new(pool, "nodes_per_rack", json_integer((json_int_t)p->rack_nodes));
    if (p->failures.by_node || p->failures.by_gpu || p->failures.job_mtbf.n > 0 ||
        p->failures.log_n > 0)
        json_object_set_new(pool, "failures", failures_json(&p->failures));
    if (supply_is_limited(&p->supply)) json_object_set_new(pool, "supply", supply_json(&p->supply));
    if (p->purchase.prices)
        json_object_set_new(pool, "prices_sha256", prices_json(p->purchase.prices));
    if (p->elastic_nodes || supply_is_limited(&p->supply)) {
        json_object_set_new(pool, "elastic_nodes", json_integer((json_int_t)p->elastic_nodes));
        json_object_set_new(pool, "boot_us", json_real(p->boot.scale_us));
        json_object_set_new(pool, "boot_sigma", json_real(p->boot.shape));
    }
    add_names(pool, "tenants", &p->tenants);
    add_names(pool, "queues", &p->queues);
    if (p->group > 0) json_object_set_new(pool, "group", json_integer((json_int_t)p->group));
    if (p->zone) json_object_set_new(pool, "zone", json_string(p->zone));
    add_marks(pool, &p->marks, selected);
    return pool;
}

/* All of them, where the text for a person ends somewhere. */
static json_t *numbers_json(const struct option_value *v)
{
    json_t *all = json_object();
    for (int64_t i = 0; i < v->number; i++)
        json_object_set_new(all, v->numbers[i].name,
                            json_integer((json_int_t)v->numbers[i].number));
    return all;
}

/* Points as [GPUs, speed, ...]. */
static json_t *curves_json(const struct option_value *v)
{
    json_t *all = json_object();
    for (int64_t i = 0; i < v->number; i++) {
        const struct speedup_curve *c = &v->curves[i];
        json_t *points = json_array();
        for (int32_t k = 0; k < c->point_n; k++) {
            json_array_append_new(points, json_integer((json_int_t)c->point[k].gpus));
            json_array_append_new(points, json_integer((json_int_t)c->point[k].ppm));
        }
        if (c->point_n > 0) json_object_set(all, c->name, points);
        else json_object_set_new(all, c->name, json_integer((json_int_t)c->exponent_ppm));
        json_decref(points);
    }
    return all;
}

static void add_name(json_t *entry, const char *key, const char *name)
{
    if (name) json_object_set_new(entry, key, json_string(name));
}

static json_t *limits_json(const struct limit_options *limits)
{
    json_t *all = json_array();
    for (size_t i = 0; i < limits->n; i++) {
        const struct limit_entry *e = &limits->entries[i];
        json_t *entry = json_object();
        add_name(entry, "queue", e->queue);
        add_name(entry, "tenant", e->tenant);
        add_name(entry, "user", e->user);
        for (int k = 0; k < LIMIT_N; k++)
            if (e->most[k] > 0)
                json_object_set_new(entry,
                                    k == LIMIT_WALL_PER_JOB ? "wall_per_job_us" : limit_names[k],
                                    json_integer((json_int_t)e->most[k]));
        json_array_append_new(all, entry);
    }
    return all;
}

/* Only what is not the default, so that a scenario that names no option keeps its hash. */
static void add_options(json_t *fleet, const struct scheduler_spec *spec)
{
    struct option_value v;
    for (size_t i = 0; option_value_at(spec, i, &v); i++)
        json_object_set_new(fleet, v.json_key,
                            v.limits    ? limits_json(v.limits)
                            : v.numbers ? numbers_json(&v)
                            : v.curves  ? curves_json(&v)
                            : v.word    ? json_string(v.word)
                                        : json_integer((json_int_t)v.number));
}

/* Which pools the labels of flavors mean: the labels themselves are in no other place. */
static void add_flavors(json_t *fleet, const struct quota_spec *quota)
{
    json_t *flavors = json_object();
    for (int32_t f = 0; f < quota->flavor_n; f++)
        json_object_set_new(flavors, quota->flavors[f].name,
                            json_integer((json_int_t)quota->flavors[f].pools));
    json_object_set_new(fleet, "flavor_pools", flavors);
}

static json_t *commitments_json(const struct fleet_spec *f)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < f->commitments.n; i++) {
        const struct fleet_commitment *c = &f->commitments.items[i];
        json_t *rates = json_array();
        for (int32_t p = 0; p < f->pool_n; p++) {
            const struct purchase *buy = &f->pools[p].purchase;
            json_array_append_new(rates, json_integer((json_int_t)buy->ec2_plan_usd_nano_per_hour));
            json_array_append_new(rates,
                                  json_integer((json_int_t)buy->compute_plan_usd_nano_per_hour));
        }
        json_t *one = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:o}", "kind",
                                c->kind->name, "instance", c->terms.of.instance, "region",
                                c->terms.of.region, "count", (json_int_t)c->terms.count,
                                "usd_nano_per_hour", (json_int_t)c->terms.usd_nano_per_hour,
                                "upfront_usd_micro", (json_int_t)c->terms.upfront_usd_micro,
                                "term_us", (json_int_t)c->terms.to_us, "market", c->price_market,
                                "valid_from", c->price_valid_from, "pool_rates", rates);
        if (*c->terms.of.zone) json_object_set_new(one, "zone", json_string(c->terms.of.zone));
        if (c->terms.from_us > 0)
            json_object_set_new(one, "from_us", json_integer((json_int_t)c->terms.from_us));
        json_array_append_new(all, one);
    }
    return all;
}

static json_t *services_json(const struct fleet_spec *f)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < f->services.n; i++) {
        const struct fleet_service *s = &f->services.items[i];
        json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:s}",
                                             "kind", s->kind->name, "name", s->name, "per",
                                             s->per->name, "usd_nano", (json_int_t)s->usd_nano,
                                             "amount", (json_int_t)s->amount, "bytes_per_job",
                                             (json_int_t)s->bytes_per_job, "bytes_per_gpu_hour",
                                             (json_int_t)s->bytes_per_gpu_hour, "free_bytes",
                                             (json_int_t)s->free_bytes, "region", s->price_region,
                                             "valid_from", s->price_valid_from));
    }
    return all;
}

/* Karpenter's, with the pools that each NodePool may use; what else they say is in their files. */
static json_t *karpenter_json(const struct karpenter_options *o)
{
    json_t *pools = json_array();
    for (int32_t i = 0; i < o->n; i++)
        json_array_append_new(pools,
                              json_pack("[s, I]", o->pools[i].name, (json_int_t)o->pools[i].pools));
    return json_pack("{s:I, s:I, s:b, s:b, s:s, s:s, s:o}", "batch_idle_us",
                     (json_int_t)o->batch_idle_us, "batch_max_us", (json_int_t)o->batch_most_us,
                     "spot_to_spot", (int)o->spot_to_spot, "do_not_disrupt", (int)o->do_not_disrupt,
                     "nodepools", o->file ? o->file : "", "sha256", o->sha256 ? o->sha256 : "",
                     "offerings", pools);
}

/* All options, whichever the autoscaler reads: they are its defaults then. */
static json_t *autoscaler_json(const struct autoscaler_spec *a)
{
    json_t *steps = json_array();
    for (int32_t i = 0; i < a->schedule.n; i++)
        json_array_append_new(steps, json_pack("[I, i, i]", (json_int_t)a->schedule.steps[i].at_us,
                                               (int)a->schedule.steps[i].pool,
                                               (int)a->schedule.steps[i].nodes));
    const struct power_save_options *s = &a->power_save;
    const struct tracking_options *t = &a->tracking;
    json_t *all =
        json_pack("{s:s, s:b, s:f, s:o, s:I, s:I, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:i, s:i}",
                  "name", a->kind->name, "one_at_a_time", (int)a->needed.one_at_a_time, "idle_us",
                  a->needed.idle.scale_us, "steps", steps, "suspend_time_us",
                  (json_int_t)s->suspend_time_us, "resume_timeout_us",
                  (json_int_t)s->resume_timeout_us, "resume_rate", (int)s->resume_rate,
                  "suspend_rate", (int)s->suspend_rate, "measure", (int)t->measure, "target_ppm",
                  (json_int_t)t->target_ppm, "wait_us", (json_int_t)t->wait_us, "job_us",
                  (json_int_t)t->job_us, "period_us", (json_int_t)t->period_us, "out_periods",
                  (int)t->out_periods, "in_periods", (int)t->in_periods);
    if (all)
        json_object_set_new(
            all, "cluster",
            json_pack("[i, b, I, I, I, I, I, b, I, I]", (int)a->cluster.expander,
                      (int)a->cluster.gpu_aware, (json_int_t)a->cluster.scan_us,
                      (json_int_t)a->cluster.max_per_scaleup, (json_int_t)a->cluster.provision_us,
                      (json_int_t)a->cluster.unneeded_us, (json_int_t)a->cluster.after_add_us,
                      (int)a->cluster.safe_to_evict, (json_int_t)a->cluster.threshold_ppm,
                      (json_int_t)a->cluster.gpu_threshold_ppm));
    const struct predictive_options *p = &a->predictive;
    if (all)
        json_object_set_new(all, "predictive",
                            json_pack("[i, I, I, I, I, I]", (int)p->method,
                                      (json_int_t)p->period_us, (json_int_t)p->horizon_us,
                                      (json_int_t)p->warm_up_us, (json_int_t)p->quantile_ppm,
                                      (json_int_t)p->headroom_ppm));
    if (all && a->kind == &autoscaler_karpenter)
        json_object_set_new(all, "karpenter", karpenter_json(&a->karpenter));
    return all;
}

/* selected: jobs select nodes by their labels. */
static json_t *pools_json(const struct fleet_spec *f, bool selected)
{
    json_t *pools = json_array();
    for (int32_t p = 0; p < f->pool_n; p++)
        json_array_append_new(pools, pool_json(&f->pools[p], selected));
    return pools;
}

static json_t *fleet_json(const struct fleet_spec *f, json_t *pools)
{
    json_t *fleet = json_pack("{s:s, s:s, s:s, s:s, s:O}", "name", f->name, "order",
                              f->scheduler.order->name, "placement", f->scheduler.placement->name,
                              "gang", gangs[f->scheduler.gang].name, "pools", pools);
    if (fleet) add_options(fleet, &f->scheduler);
    if (fleet && f->scheduler.quota) add_flavors(fleet, f->scheduler.quota);
    if (fleet && f->autoscaler.kind && f->autoscaler.kind->pass)
        json_object_set_new(fleet, "autoscaler", autoscaler_json(&f->autoscaler));
    if (fleet && f->fallback.rule != FALLBACK_NONE)
        json_object_set_new(fleet, "fallback",
                            json_pack("{s:s, s:i, s:I}", "name",
                                      fallback_kinds[f->fallback.rule].name, "reclaims",
                                      (int)f->fallback.reclaims, "changeover_us",
                                      (json_int_t)f->fallback.changeover_us));
    if (fleet && f->commitments.n > 0)
        json_object_set_new(fleet, "commitments", commitments_json(f));
    if (fleet && f->services.n > 0) json_object_set_new(fleet, "services", services_json(f));
    return fleet;
}

static json_t *workload_json(const struct scenario *s)
{
    const struct store *store = s->store;
    const struct shape *slice = &store->slice;
    json_t *w = json_pack("{s:I, s:I, s:I, s:I, s:I}", "scale_jobs_ppm",
                          (json_int_t)s->scale_jobs_ppm, "scale_load_ppm",
                          (json_int_t)s->scale_load_ppm, "window_us", (json_int_t)s->window_us,
                          "from_us", (json_int_t)slice->from_us, "to_us", (json_int_t)slice->to_us);
    json_t *tenants = json_array();
    for (size_t i = 0; i < slice->tenant_n; i++)
        json_array_append_new(tenants, json_string(slice->tenants[i]));
    json_object_set_new(w, "tenants", tenants);
    if (s->is_synth) {
        json_object_set_new(w, "like", json_string(synth_preset_name(s->synth.preset)));
        json_object_set_new(w, "jobs", json_integer(s->synth.jobs));
        json_object_set_new(w, "span_us",
                            json_integer((json_int_t)(s->synth.days * 86400e6 + 0.5)));
        json_object_set_new(w, "load_gpu_milli",
                            json_integer((json_int_t)(s->synth.load_gpus * 1000 + 0.5)));
    }
    for (int32_t i = 0; i < s->input_n; i++) {
        if (strcmp(s->inputs[i].role, "trace") == 0)
            json_object_set_new(w, "trace_sha256", json_string(s->inputs[i].sha256));
    }
    if (s->bootstrap) json_object_set_new(w, "bootstrap", json_integer(s->bootstrap));
    if (s->reference_gpu) {
        json_t *tables = json_array();
        for (size_t i = 0; i < store->book.source_n; i++) {
            const char *name = strrchr(store->book.sources[i].path, '/');
            if (i >= store->book.shipped_n || (name && strcmp(name, "/performance.csv") == 0))
                json_array_append_new(tables, json_string(store->book.sources[i].sha256));
        }
        json_object_set_new(w, "reference_gpu", json_string(s->reference_gpu));
        json_object_set_new(w, "performance_sha256", tables);
    }
    return w;
}

static json_t *montecarlo_json(const struct montecarlo_spec *m)
{
    json_t *ranges = json_array();
    for (size_t i = 0; i < m->range_n; i++)
        json_array_append_new(ranges, json_pack("{s:s, s:I, s:I, s:I}", "pool", m->ranges[i].pool,
                                                "least", (json_int_t)m->ranges[i].least, "most",
                                                (json_int_t)m->ranges[i].most, "step",
                                                (json_int_t)m->ranges[i].step));
    return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "years", (int)m->years,
                     "replications", (json_int_t)m->replications, "precision_ppm",
                     (json_int_t)m->precision_ppm, "growth_ppm", (json_int_t)m->growth_ppm,
                     "growth_sd_ppm", (json_int_t)m->growth_sd_ppm, "deadline_us",
                     (json_int_t)m->deadline_us, "tolerance_ppm", (json_int_t)m->tolerance_ppm,
                     "nodes", ranges);
}

static json_t *uncertain_json(const struct uncertain *u)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "run_times_ppm",
                     (json_int_t)u->run_times_ppm, "all_run_times_ppm",
                     (json_int_t)u->all_run_times_ppm, "growth_ppm", (json_int_t)u->growth_ppm,
                     "prices_ppm", (json_int_t)u->prices_ppm, "spot_prices_ppm",
                     (json_int_t)u->spot_prices_ppm, "spot_half_life_us",
                     (json_int_t)u->spot_half_life_us);
}

static json_t *precision_json(const struct precision *p)
{
    json_t *shares = json_array();
    for (int i = 0; i < PRECISION_N; i++)
        json_array_append_new(shares, json_integer((json_int_t)p->share_ppm[i]));
    return json_pack("{s:o, s:i, s:i}", "share_ppm", shares, "least", (int)p->least, "batch",
                     (int)p->batch);
}

static void set_if_said(json_t *object, const char *key, int64_t value)
{
    if (value >= 0) json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void sha256_text(const char *text, char hex[65])
{
    struct sha256 h;
    sha256_init(&h);
    sha256_add(&h, text, strlen(text));
    sha256_end(&h, hex);
}

/* What is left of a scenario's JSON when all is taken out that no figure of a replication hangs on;
 * malloc'd. */
static char *figures_json(json_t *all)
{
    static const char *const of_all[] = { "name", "slo", "mc" }, *const of_run[] = {
        "baseline", "replications", "keep_jobs", "keep_hours", "precision"
    };
    json_t *run = json_object_get(all, "run");
    for (size_t i = 0; i < sizeof of_all / sizeof *of_all; i++) json_object_del(all, of_all[i]);
    for (size_t i = 0; i < sizeof of_run / sizeof *of_run; i++) json_object_del(run, of_run[i]);
    return json_dumps(all, JSON_SORT_KEYS | JSON_COMPACT);
}

/* Targets of parts: their limits are of the targets, and what is asked for is a figure of a
 * replication like any other. */
static void set_parts(json_t *all, json_t *slo, const struct slo *said)
{
    if (said->part_n == 0) return;
    json_t *asked = json_array(), *most = json_array();
    for (int32_t i = 0; i < said->part_n; i++) {
        const struct slo_part *part = &said->parts[i];
        json_array_append_new(asked, json_pack("[s, s, s]", slo_part_names[part->of], part->name,
                                               slo_measure_names[part->measure]));
        json_array_append_new(most, json_integer((json_int_t)part->most_us));
    }
    json_object_set_new(all, "parts", asked);
    json_object_set_new(slo, "parts_us", most);
}

enum status scenario_identify(struct scenario *s, struct error *err)
{
    json_t *fleets = json_array(), *waits = json_array(), *pools = NULL;
    for (int32_t f = 0; f < s->fleet_n; f++) {
        /* A fleet's orders and placements share its pools, whose logs are long to hash. */
        if (f == 0 || s->fleets[f].pools != s->fleets[f - 1].pools) {
            json_decref(pools);
            pools = pools_json(&s->fleets[f], s->trace.selectors.n > 1);
        }
        json_array_append_new(fleets, fleet_json(&s->fleets[f], pools));
    }
    json_decref(pools);
    for (int i = 0; i < 4; i++) json_array_append_new(waits, json_integer(s->slo.wait_us[i]));
    json_t *slo = json_pack("{s:o, s:I, s:I}", "wait_us", waits, "budget_usd_micro_per_month",
                            (json_int_t)s->slo.budget_usd_micro_per_month, "utilization_ppm",
                            (json_int_t)s->slo.utilization_ppm);
    /* Only where they are said, so that a scenario from before they were keys keeps its hash. */
    set_if_said(slo, "jct_p50_us", s->slo.jct_us[0]);
    set_if_said(slo, "jct_p95_us", s->slo.jct_us[1]);
    set_if_said(slo, "deadlines_ppm", s->slo.deadlines_ppm);
    set_if_said(slo, "co2_g_per_month", s->slo.co2_g_per_month);
    json_t *run =
        json_pack("{s:i, s:i, s:I, s:I, s:s, s:s, s:b}", "baseline", (int)s->baseline,
                  "replications", (int)s->replications, "seed", (json_int_t)s->seed, "sample_us",
                  (json_int_t)s->sample_us, "books", s->books_drained ? "drained" : "window",
                  "replay", s->replay_recorded ? "recorded" : "scheduler", "keep_jobs",
                  s->keep_jobs);
    if (s->precision.asked) json_object_set_new(run, "precision", precision_json(&s->precision));
    if (s->antithetic) json_object_set_new(run, "antithetic", json_true());
    if (s->warm_up_us)
        json_object_set_new(run, "warm_up_us", json_integer((json_int_t)s->warm_up_us));
    /* Only where it is off, so that a scenario from before it was a key keeps its hash. */
    if (!s->keep_hours) json_object_set_new(run, "keep_hours", json_false());
    json_t *all = json_pack("{s:i, s:s, s:o, s:s, s:o, s:o, s:o}", "seatrial", SCENARIO_VERSION,
                            "name", s->name, "workload", workload_json(s), "price_as_of",
                            s->price_as_of, "slo", slo, "fleets", fleets, "run", run);
    /* Only where they are said, for the same reason. */
    set_parts(all, slo, &s->slo);
    if (s->montecarlo.is_said) json_object_set_new(all, "mc", montecarlo_json(&s->montecarlo));
    if (all && is_uncertain(s))
        json_object_set_new(all, "uncertain", uncertain_json(&s->uncertain));
    s->json = all ? json_dumps(all, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    char *figures = s->json ? figures_json(all) : NULL;
    json_decref(all);
    if (!figures) return error_set(err, STATUS_NO_MEMORY, "no memory for the scenario's JSON");
    sha256_text(s->json, s->sha256);
    sha256_text(figures, s->figures_sha256);
    free(figures);
    return STATUS_OK;
}

/* The fleet alone, without its name and, where asked, without what it has committed to. */
static enum status identity_of(const struct scenario *s, int32_t fleet, bool with_commitments,
                               char hex[65])
{
    json_t *all = json_loads(s->json, 0, NULL),
           *one = json_incref(json_array_get(json_object_get(all, "fleets"), (size_t)fleet));
    json_object_del(one, "name");
    if (!with_commitments) json_object_del(one, "commitments");
    if (all) json_object_set_new(all, "fleets", one);
    char *figures = all ? figures_json(all) : NULL;
    json_decref(all);
    if (!figures) return STATUS_NO_MEMORY;
    sha256_text(figures, hex);
    free(figures);
    return STATUS_OK;
}

enum status scenario_fleet_identity(const struct scenario *s, int32_t fleet, char hex[65])
{
    return identity_of(s, fleet, true, hex);
}

enum status scenario_usage_identity(const struct scenario *s, int32_t fleet, char hex[65])
{
    return identity_of(s, fleet, false, hex);
}
