/* SPDX-License-Identifier: Apache-2.0 */
/* What makes the nodes of a pool fail. */
#include <math.h>

#include "models/reliability/availability.h"
#include "scenarios/loading.h"

static const double PPM = 1e6;

/* By chance. */
static bool nodes_fail(const struct raw_pool *raw)
{
    return raw->mtbf.state != VALUE_ABSENT || raw->gpu_mtbf.state != VALUE_ABSENT;
}

/* What is left out, or says nothing. */
static bool is_whole(struct loading *l, const struct raw_pool *raw)
{
    bool fails = nodes_fail(raw);
    const struct {
        const char *key;
        const struct value *value;
    } only[] = { { "mtbf_shape", &raw->mtbf_shape },
                 { "repair", &raw->repair },
                 { "repair_sigma", &raw->repair_sigma } };
    for (size_t i = 0; !fails && i < sizeof only / sizeof *only; i++)
        if (only[i].value->state != VALUE_ABSENT)
            loading_complain(l, only[i].value->at, NULL, "say mtbf or gpu_mtbf",
                             "'%s' says nothing here: the nodes of this pool never fail",
                             only[i].key);
    if (fails && raw->repair.state == VALUE_ABSENT)
        loading_complain(l, raw->mtbf.state != VALUE_ABSENT ? raw->mtbf.at : raw->gpu_mtbf.at,
                         "such as repair: 4 h", NULL,
                         "'repair' is missing: how long until a failed node is back");
    return fails && raw->repair.state == VALUE_GOOD && raw->mtbf.state != VALUE_BAD &&
           raw->gpu_mtbf.state != VALUE_BAD && raw->mtbf_shape.state != VALUE_BAD &&
           raw->repair_sigma.state != VALUE_BAD;
}

bool pool_fails(const struct raw_pool *raw)
{
    return nodes_fail(raw) || raw->failure_log.self.state != VALUE_ABSENT ||
           raw->job_mtbf.state != VALUE_ABSENT || pool_is_limited(raw);
}

bool fleet_fails(const struct raw_fleet *raw)
{
    const struct raw_pool *pools = raw->pools.items;
    for (size_t p = 0; p < raw->pools.n; p++)
        if (pool_fails(&pools[p])) return true;
    return false;
}

/* The ranges of the keys are within those of the distributions. */
static void need(struct loading *l, const struct raw_pool *raw, enum status status,
                 const struct error *err)
{
    if (status != STATUS_OK) loading_complain(l, raw->self.at, NULL, NULL, "%s", err->message);
}

void resolve_failures(struct loading *l, const struct raw_pool *raw, const struct pool_spec *pool,
                      struct failure_spec *f)
{
    struct error err = { STATUS_OK, "" };
    double shape = (double)value_or(&raw->mtbf_shape, 1000000) / PPM;
    resolve_costs(l, "job_mtbf", INT64_C(365000) * 86400 * 1000000, &raw->job_mtbf, &f->job_mtbf);
    if (!is_whole(l, raw)) return;
    f->by_node = raw->mtbf.state == VALUE_GOOD;
    f->by_gpu = raw->gpu_mtbf.state == VALUE_GOOD && pool->type.gpus > 0;
    if (f->by_node)
        need(l, raw, duration_weibull_mean(shape, (double)raw->mtbf.number, &f->node, &err), &err);
    /* The first of n Weibull times is one of the same shape, n^(1/shape) times as short. */
    if (f->by_gpu)
        need(l, raw,
             duration_weibull_mean(shape,
                                   (double)raw->gpu_mtbf.number / pow(pool->type.gpus, 1 / shape),
                                   &f->gpus, &err),
             &err);
    need(l, raw,
         duration_lognormal((double)raw->repair.number,
                            (double)value_or(&raw->repair_sigma, 0) / PPM, &f->repair, &err),
         &err);
}

/* ---- a log ---- */

static void check_log(struct loading *l, const struct raw_pool *raw)
{
    const struct {
        const char *key;
        bool is_there;
    } others[] = { { "mtbf", raw->mtbf.state != VALUE_ABSENT },
                   { "gpu_mtbf", raw->gpu_mtbf.state != VALUE_ABSENT },
                   { "min_nodes", raw->min_nodes.state != VALUE_ABSENT },
                   { "supply", raw->supply.self.state != VALUE_ABSENT } };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].is_there)
            loading_complain(l, raw->failure_log.self.at, "leave out one of them", NULL,
                             "'failure_log' and '%s' contradict each other: the log has nodes that "
                             "fail at its times, and are there at all others",
                             others[i].key);
}

enum status resolve_failure_log(struct loading *l, const struct raw_pool *raw,
                                const struct pool_spec *pool, struct failure_spec *f)
{
    const struct raw_failure_log *said = &raw->failure_log;
    const struct log_part part = { &said->log, &said->zone, &said->type, &said->from,
                                   is_good(&raw->zone) ? raw->zone.text : NULL };
    struct availability a;
    enum status status = STATUS_OK;
    int64_t from_us;
    if (said->self.state == VALUE_ABSENT) return STATUS_OK;
    check_log(l, raw);
    if (said->log.state != VALUE_GOOD) return STATUS_OK;
    const struct interruptions *log = loading_log(l, &said->log, &status);
    if (!log) return status;
    const struct series *s = loading_series(l, log, SERIES_FAILURES, &part, pool->type.name);
    if (!s || !loading_begin(l, &part, s, &from_us)) return STATUS_OK;
    status = availability_of_failures(s, from_us, pool->nodes, &a, l->err);
    if (status == STATUS_OK && a.places == 0)
        loading_complain(l, said->log.at, NULL, NULL,
                         "'%.100s' says of no node that it was down, and back", said->log.text);
    if (status == STATUS_OK && a.places > 0 && a.places < pool->nodes)
        loading_warn(l, said->log.at, NULL,
                     "the log is of %lld nodes: the others of pool '%s' never fail",
                     (long long)a.places, pool->name);
    return loading_outages(l, &said->log, status, &a, &f->log, &f->log_n);
}
