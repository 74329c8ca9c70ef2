/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/option_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/scheduling/quota.h"
#include "scenarios/units.h"

#define DAY_US INT64_C(86400000000)

enum kind { WORD, COUNT, PPM, DURATION, FILES, LIST, COSTS, CURVES, LIMITS, COUNTS, PPMS };

static void show(enum kind kind, struct option_value *v)
{
    if (kind == WORD) snprintf(v->text, sizeof v->text, "%s", v->word);
    else if (kind == DURATION) duration_write(v->number, v->text, sizeof v->text);
    else if (kind == PPM) snprintf(v->text, sizeof v->text, "%.10g", (double)v->number / 1e6);
    else snprintf(v->text, sizeof v->text, "%" PRId64, v->number);
}

/* "3250 s, 7200 s" */
static void show_thresholds(const struct level_options *levels, char *text, size_t size)
{
    size_t n = 0;
    for (int32_t i = 0; i < levels->threshold_n && n < size; i++) {
        char one[32];
        duration_write(levels->threshold_us[i], one, sizeof one);
        n += (size_t)snprintf(text + n, size - n, "%s%s", i ? ", " : "", one);
    }
}

/* "7 s, 30 s from 2 GPUs" */
static void show_costs(const struct gpu_costs *costs, char *text, size_t size)
{
    size_t n = 0;
    for (int32_t i = 0; i < costs->n && n < size; i++) {
        char one[32];
        duration_write(costs->at[i].us, one, sizeof one);
        n += (size_t)snprintf(text + n, size - n, "%s%s", i ? ", " : "", one);
        if (costs->at[i].from_gpus > 0 && n < size)
            n += (size_t)snprintf(text + n, size - n, " from %" PRId64 " GPUs",
                                  costs->at[i].from_gpus);
    }
}

/* "ml 3, bio 0.5" */
static void show_numbers(struct option_value *v, double unit)
{
    size_t n = 0, size = sizeof v->text;
    for (int64_t i = 0; i < v->number && n < size; i++)
        n += (size_t)snprintf(v->text + n, size - n, "%s%s %.10g", i ? ", " : "",
                              v->numbers[i].name, (double)v->numbers[i].number / unit);
}

/* "all 0.8, vision 1.9 on 2 GPUs, 3.5 on 4 GPUs" */
static void show_curves(struct option_value *v)
{
    size_t n = 0, size = sizeof v->text;
    for (int64_t i = 0; i < v->number && n < size; i++) {
        const struct speedup_curve *c = &v->curves[i];
        n += (size_t)snprintf(v->text + n, size - n, "%s%s", i ? ", " : "", c->name);
        if (c->point_n == 0 && n < size)
            n += (size_t)snprintf(v->text + n, size - n, " %.10g", (double)c->exponent_ppm / 1e6);
        for (int32_t k = 0; k < c->point_n && n < size; k++)
            n += (size_t)snprintf(v->text + n, size - n, "%s %.10g on %" PRId64 " GPUs",
                                  k ? "," : "", (double)c->point[k].ppm / 1e6, c->point[k].gpus);
    }
}

/* "queue batch: gpus 64, jobs 100; all: wall_per_job 2 days" */
static void show_limits(const struct limit_options *limits, char *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < limits->n && n < size; i++) {
        const struct limit_entry *e = &limits->entries[i];
        const char *const names[] = { e->queue, e->tenant, e->user };
        static const char *const kinds[] = { "queue", "tenant", "user" };
        const char *between = i ? "; " : "";
        for (int k = 0; k < 3; k++) {
            if (!names[k] || n >= size) continue;
            n += (size_t)snprintf(text + n, size - n, "%s%s %s", between, kinds[k], names[k]);
            between = " ";
        }
        if (!e->queue && !e->tenant && !e->user && n < size)
            n += (size_t)snprintf(text + n, size - n, "%sall", between);
        between = ": ";
        for (int k = 0; k < LIMIT_N; k++) {
            char most[32];
            if (e->most[k] == 0 || n >= size) continue;
            if (k == LIMIT_WALL_PER_JOB) duration_write(e->most[k], most, sizeof most);
            else snprintf(most, sizeof most, "%" PRId64, e->most[k]);
            n += (size_t)snprintf(text + n, size - n, "%s%s %s", between, limit_names[k], most);
            between = ", ";
        }
    }
}

bool option_value_at(const struct scheduler_spec *spec, size_t i, struct option_value *value)
{
    const struct backfill_options *b = &spec->backfill;
    const struct timing_options *t = &spec->timing;
    const struct share_options *s = &spec->share;
    static const struct choice checkpoints[] = { { "at-preemption", NULL, NULL },
                                                 { "never", NULL, NULL } };
    static const struct choice intervals[] = { { "given", NULL, NULL },
                                               { "young", NULL, NULL },
                                               { "daly", NULL, NULL } };
    const struct {
        const char *key, *json_key;
        enum kind kind;
        const void *of; /* WORD: the choices; COUNTS, PPMS: the named numbers, so many as value;
                           COSTS: a struct gpu_costs */
        int64_t value, otherwise;
    } all[] = {
        { "estimates", "estimates", WORD, estimate_rules, b->estimates, 0 },
        { "estimate_factor", "estimate_ppm", PPM, NULL, b->estimate_ppm, 1000000 },
        { "shadow", "shadow", WORD, shadow_rules, b->shadow, 0 },
        { "extra", "extra", WORD, extra_rules, b->extra, 0 },
        { "scan", "scan", WORD, scan_rules, b->scan, 0 },
        { "bf_interval", "bf_interval_us", DURATION, NULL, b->interval_us, SLURM_INTERVAL_US },
        { "bf_window", "bf_window_us", DURATION, NULL, b->window_us, SLURM_WINDOW_US },
        { "bf_resolution", "bf_resolution_us", DURATION, NULL, b->resolution_us,
          SLURM_RESOLUTION_US },
        { "bf_max_job_test", "bf_max_job_test", COUNT, NULL, b->max_job_test, SLURM_MAX_JOB_TEST },
        { "default_queue_depth", "default_queue_depth", COUNT, NULL, b->queue_depth, 0 },
        { "sched_interval", "sched_interval_us", DURATION, NULL, b->sched_interval_us,
          SLURM_SCHED_INTERVAL_US },
        { "batch_sched_delay", "batch_sched_delay_us", DURATION, NULL, b->sched_delay_us, 0 },
        { "limits", "limits", LIMITS, NULL, (int64_t)spec->limits.n, 0 },
        { "predictor", "predictor", WORD, predictor_rules, spec->predictor, 0 },
        { "weight_age", "weight_age", COUNT, NULL, s->weight_age, 0 },
        { "weight_fairshare", "weight_fairshare", COUNT, NULL, s->weight_fairshare, 0 },
        { "weight_size", "weight_size", COUNT, NULL, s->weight_size, 0 },
        { "weight_partition", "weight_partition", COUNT, NULL, s->weight_partition, 0 },
        { "weight_qos", "weight_qos", COUNT, NULL, s->weight_qos, 0 },
        { "fairshare", "fairshare", WORD, fairshare_rules, s->fairshare, 0 },
        { "favor", "favor", WORD, favor_rules, s->favor, 0 },
        { "age_max", "age_max_us", DURATION, NULL, s->age_max_us, SHARE_AGE_MAX_US },
        { "partitions", "partitions", COUNTS, s->partitions, (int64_t)s->partition_n, 0 },
        { "shares", "shares", PPMS, s->shares, (int64_t)s->share_n, 0 },
        { "half_life", "half_life_us", DURATION, NULL, s->half_life_us, SHARE_HALF_LIFE_US },
        { "calc_period", "calc_period_us", DURATION, NULL, s->period_us, SHARE_PERIOD_US },
        { "ties", "ties", WORD, tie_rules, spec->ties, 0 },
        { "las_thresholds", "las_thresholds", LIST, NULL, spec->levels.threshold_n, 0 },
        { "las_quantum", "las_quantum_us", DURATION, NULL, spec->levels.quantum_us, 0 },
        { "las_promote", "las_promote_ppm", PPM, NULL, spec->levels.promote_ppm, 0 },
        { "restart_cost", "restart_cost", COSTS, &spec->restart.cost, spec->restart.cost.n, 0 },
        { "restart_cut", "restart_cut", WORD, restart_rules, spec->restart.cut_short, 0 },
        { "checkpoint", "checkpoint", WORD, checkpoints,
          spec->restart.checkpoint == CHECKPOINT_NEVER, 0 },
        { "checkpoint", "checkpoint_us", DURATION, NULL, spec->restart.interval_us, 0 },
        { "checkpoint", "checkpoint", WORD, intervals, spec->restart.interval, 0 },
        { "checkpoint_cost", "checkpoint_cost", COSTS, &spec->restart.write, spec->restart.write.n,
          0 },
        { "scattered_speed", "scattered_speed", PPMS, spec->scatter.speed, (int64_t)spec->scatter.n,
          0 },
        { "cross_rack_speed", "cross_rack_speed", PPMS, spec->cross_rack.speed,
          (int64_t)spec->cross_rack.n, 0 },
        { "remainder", "remainder", WORD, remainder_rules, spec->remainder, 0 },
        { "anti_affinity", "anti_affinity", WORD, apart_rules, spec->neighbours.apart, 0 },
        { "exclusive", "exclusive", WORD, exclusive_rules, spec->neighbours.exclusive, 0 },
        { "gpu_sharing", "gpu_sharing", WORD, sharing_rules, spec->sharing, 0 },
        { "replicas", "replicas", COUNT, NULL, spec->sharing == SHARING_TIME ? spec->replicas : 0,
          0 },
        { "round", "round_us", DURATION, NULL, spec->rounds.round_us, ROUND_US },
        { "round_shares", "round_shares_us", DURATION, NULL, spec->rounds.shares_us,
          ROUND_SHARES_US },
        { "victims", "victims", WORD, victim_rules, spec->victims, 0 },
        { "pods", "pods", WORD, pods_rules, spec->permit.pods, 0 },
        { "permit_timeout", "permit_timeout_us", DURATION, NULL, spec->permit.timeout_us,
          PERMIT_TIMEOUT_US },
        { "permit_backoff", "permit_backoff_us", DURATION, NULL, spec->permit.backoff_us,
          PERMIT_BACKOFF_US },
        { "elastic_min", "elastic_min", PPMS, spec->elastic.least, (int64_t)spec->elastic.least_n,
          0 },
        { "elastic_max", "elastic_max", PPMS, spec->elastic.most, (int64_t)spec->elastic.most_n,
          0 },
        { "speedup", "speedup", CURVES, spec->elastic.curves, (int64_t)spec->elastic.curve_n, 0 },
        { "kueue", "kueue_sha256", FILES, NULL, spec->quota != NULL, 0 },
        { "events", "events", WORD, event_rules, t->events, 0 },
        { "instant", "instant", WORD, instant_rules, t->instant, 0 },
        { "cycle", "cycle_us", DURATION, NULL, t->cycle_us, 0 },
    };
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        if (all[k].value == 0 || all[k].value == all[k].otherwise || i-- > 0) continue;
        *value = (struct option_value){ .key = all[k].key,
                                        .json_key = all[k].json_key,
                                        .number = all[k].value };
        if (all[k].kind == WORD)
            value->word = ((const struct choice *)all[k].of)[all[k].value].name;
        if (all[k].kind >= LIST) value->word = value->text;
        if (all[k].kind >= COUNTS) value->numbers = all[k].of;
        if (all[k].kind == CURVES) value->curves = all[k].of;
        switch (all[k].kind) {
        case FILES:
            value->word = spec->quota->sha256;
            snprintf(value->text, sizeof value->text, "%s", spec->quota->files);
            break;
        case LIST: show_thresholds(&spec->levels, value->text, sizeof value->text); break;
        case COSTS: show_costs(all[k].of, value->text, sizeof value->text); break;
        case CURVES: show_curves(value); break;
        case LIMITS:
            value->limits = &spec->limits;
            show_limits(&spec->limits, value->text, sizeof value->text);
            break;
        case COUNTS: show_numbers(value, 1); break;
        case PPMS: show_numbers(value, 1e6); break;
        default: show(all[k].kind, value);
        }
        return true;
    }
    return false;
}

/* Three digits of it are enough to be told. */
static void write_mean(const struct duration *d, char *text, size_t size)
{
    int64_t us = (int64_t)duration_mean(d), unit = 1;
    while (us / unit >= 1000) unit *= 10;
    us = (us + unit / 2) / unit * unit;
    int64_t days = us / DAY_US;
    if (days >= 10) snprintf(text, size, "%" PRId64 " days", days);
    else duration_write(us, text, size);
}

void supply_write(const struct supply_spec *s, char *text, size_t size)
{
    static const char *const done[] = { "drained", "cordoned", "left alone" }; /* by answer */
    char up[40], down[40], region[40];
    const char *goes = s->takes_back ? "taken back" : "not to be had";
    size_t n = 0;
    text[0] = '\0';
    if (s->log_n > 0) n = (size_t)snprintf(text, size, ", %s by a log", goes);
    if (s->by_node || s->by_region) {
        struct duration each = s->up;
        each.scale_us *= 1e6 / (double)s->batch_ppm;
        if (s->by_node) write_mean(&each, up, sizeof up);
        if (s->by_region) write_mean(&s->region_up, region, sizeof region);
        write_mean(&s->down, down, sizeof down);
        n = (size_t)snprintf(text, size, ", %s %s%s%s%s%s for %s", goes, s->by_node ? "every " : "",
                             s->by_node ? up : "", s->by_node && s->by_region ? ", and " : "",
                             s->by_region ? "all at once every " : "", s->by_region ? region : "",
                             down);
    }
    if (s->refused_ppm > 0 && n < size)
        n += (size_t)snprintf(text + n, size - n, ", %g%% of requests fail",
                              (double)s->refused_ppm / 1e4);
    if (supply_heeds_signals(s) && n < size) {
        duration_write(s->rebalance_us, up, sizeof up);
        n += (size_t)snprintf(text + n, size - n, ", %s %s before the notice",
                              done[s->on_rebalance], up);
    }
    if (s->on_notice != ANSWER_DRAIN && n < size)
        snprintf(text + n, size - n, ", %s at the notice", done[s->on_notice]);
}

void failures_write(const struct failure_spec *f, char *text, size_t size)
{
    char node[40] = "", gpus[40] = "", repair[40], jobs[200];
    text[0] = '\0';
    if (f->job_mtbf.n > 0) {
        show_costs(&f->job_mtbf, jobs, sizeof jobs);
        snprintf(text, size, ", jobs fail every %s", jobs);
    }
    if (f->log_n > 0) snprintf(text + strlen(text), size - strlen(text), ", nodes fail by a log");
    if (!f->by_node && !f->by_gpu) return;
    if (f->by_node) write_mean(&f->node, node, sizeof node);
    if (f->by_gpu) write_mean(&f->gpus, gpus, sizeof gpus);
    duration_write((int64_t)f->repair.scale_us, repair, sizeof repair);
    size_t n = strlen(text);
    snprintf(text + n, size - n, ", nodes fail %s%s%s%s%s, for %s%s", f->by_node ? "every " : "",
             node, f->by_node && f->by_gpu ? ", and " : "", f->by_gpu ? "by a GPU every " : "",
             gpus, repair, f->repair.shape > 0 ? " in the median" : "");
}
