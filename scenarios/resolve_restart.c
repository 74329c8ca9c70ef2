/* SPDX-License-Identifier: Apache-2.0 */
/* What preemption costs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/loading.h"
#include "scenarios/units.h"

#define DAY_US INT64_C(86400000000)

static const int64_t cost_most_us = 30 * DAY_US, write_most_us = DAY_US;

static bool read_duration(struct loading *l, const char *key, const struct value *value,
                          const char *text, int64_t most_us, int64_t *us)
{
    struct unit_problem problem;
    if (!unit_duration(text, us, &problem)) {
        loading_complain(l, value->at, problem.hint[0] ? problem.hint : NULL,
                         problem.note[0] ? problem.note : NULL, "'%s' %s", key, problem.message);
        return false;
    }
    if (*us <= most_us) return true;
    loading_complain(l, value->at, NULL, NULL, "'%s' must be at most %s", key,
                     most_us == DAY_US       ? "1 day"
                     : most_us > 30 * DAY_US ? "1000 years"
                                             : "30 days");
    return false;
}

/* "30 s", or "30 s from 2 GPUs". */
static bool read_cost(struct loading *l, const char *key, int64_t most_us,
                      const struct value *value, int64_t *us, int64_t *from)
{
    char text[64];
    struct unit_problem problem;
    const char *where = strstr(value->text, " from ");
    size_t n = where ? (size_t)(where - value->text) : strlen(value->text);
    *from = 0;
    if (where) {
        int64_t milli;
        if (!unit_gpus(where + 6, &milli, &problem) || milli <= 0 || milli % 1000 != 0) {
            loading_complain(l, value->at, NULL, NULL,
                             "'%s' must say from how many GPUs, as '30 s from 2 GPUs'", key);
            return false;
        }
        *from = milli / 1000;
    }
    snprintf(text, sizeof text, "%.*s", (int)(n < sizeof text ? n : sizeof text - 1), value->text);
    return read_duration(l, key, value, text, most_us, us);
}

void resolve_costs(struct loading *l, const char *key, int64_t most_us,
                   const struct value_list *list, struct gpu_costs *costs)
{
    const struct value *values = list->items;
    if (list->state != VALUE_GOOD) return;
    if (list->n > GPU_COSTS_MAX) {
        loading_complain(l, list->at, NULL, NULL, "'%s' has %zu entries; 1 to %d are possible", key,
                         list->n, GPU_COSTS_MAX);
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        int64_t us, from;
        if (values[i].state != VALUE_GOOD || !read_cost(l, key, most_us, &values[i], &us, &from))
            continue;
        if (costs->n > 0 && from <= costs->at[costs->n - 1].from_gpus) {
            loading_complain(l, values[i].at, NULL, "such as [7 s, 30 s from 2 GPUs]",
                             "'%s' must go from fewer GPUs to more", key);
            continue;
        }
        costs->at[costs->n].from_gpus = from;
        costs->at[costs->n++].us = us;
    }
}

static void resolve_checkpoint(struct loading *l, const struct value *value,
                               struct restart_options *restart)
{
    if (strcmp(value->text, "at-preemption") == 0) return;
    if (strcmp(value->text, "never") == 0) {
        restart->checkpoint = CHECKPOINT_NEVER;
        return;
    }
    bool young = strcmp(value->text, "young") == 0;
    if (young || strcmp(value->text, "daly") == 0) {
        restart->checkpoint = CHECKPOINT_INTERVAL;
        restart->interval = young ? INTERVAL_YOUNG : INTERVAL_DALY;
        return;
    }
    struct unit_problem problem;
    int64_t us;
    if (!unit_duration(value->text, &us, &problem)) {
        loading_complain(l, value->at, problem.hint[0] ? problem.hint : NULL,
                         "or at-preemption, never, young, or daly", "'checkpoint' %s",
                         problem.message);
    } else if (us < 1000000 || us > cost_most_us) {
        loading_complain(l, value->at, NULL, NULL, "'checkpoint' must be from 1 s to 30 days");
    } else {
        restart->checkpoint = CHECKPOINT_INTERVAL;
        restart->interval_us = us;
    }
}

void resolve_restart(struct loading *l, const struct raw_scheduler *raw,
                     struct restart_options *restart)
{
    *restart = (struct restart_options){ .cut_short = (enum restart_rule)value_or(&raw->restart_cut,
                                                                                  RESTART_WHOLE) };
    resolve_costs(l, "restart_cost", cost_most_us, &raw->restart_cost, &restart->cost);
    resolve_costs(l, "checkpoint_cost", write_most_us, &raw->checkpoint_cost, &restart->write);
    if (raw->checkpoint.state == VALUE_GOOD) resolve_checkpoint(l, &raw->checkpoint, restart);
    if (raw->checkpoint_cost.state != VALUE_ABSENT && raw->checkpoint.state != VALUE_BAD &&
        restart->checkpoint != CHECKPOINT_INTERVAL)
        loading_complain(l, raw->checkpoint_cost.at, NULL,
                         "such as checkpoint: 1 h; the time to save at a preemption is part of "
                         "restart_cost",
                         "'checkpoint_cost' is of checkpoints at an interval, and 'checkpoint' is "
                         "not one");
}

/* From when a node is up to its failure, by whatever comes first. Both times are Weibull of one
 * shape k: so is the first of them, and its mean m is 1/m^k = 1/a^k + 1/b^k. */
static double mean_up_us(const struct failure_spec *f)
{
    double a = f->by_node ? duration_mean(&f->node) : 0,
           b = f->by_gpu ? duration_mean(&f->gpus) : 0;
    double k = f->by_node ? f->node.shape : f->gpus.shape;
    if (a == 0 || b == 0) return a + b;
    return pow(pow(a, -k) + pow(b, -k), -1 / k);
}

void resolve_interval(struct loading *l, const struct raw_scheduler *raw, struct fleet_spec *fleet)
{
    struct restart_options *restart = &fleet->scheduler.restart;
    if (restart->interval == INTERVAL_GIVEN) return;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct failure_spec *f = &fleet->pools[p].failures;
        double mtbf_us = f->by_node || f->by_gpu ? mean_up_us(f) : 0;
        if (mtbf_us == 0 || (restart->node_mtbf_us > 0 && mtbf_us >= restart->node_mtbf_us))
            continue;
        restart->node_mtbf_us = mtbf_us;
        restart->node_gpus = fleet->pools[p].type.gpus;
    }
    if (restart->node_mtbf_us == 0)
        loading_complain(l, raw->checkpoint.at, NULL, "say mtbf or gpu_mtbf of a pool",
                         "'checkpoint: %s' goes by how often nodes fail, and none of this fleet do",
                         raw->checkpoint.text);
    if (restart->write.n == 0 && raw->checkpoint_cost.state == VALUE_ABSENT)
        loading_complain(l, raw->checkpoint.at, "such as checkpoint_cost: 1 min", NULL,
                         "'checkpoint: %s' weighs what checkpoints cost: 'checkpoint_cost' is "
                         "missing",
                         raw->checkpoint.text);
}
