/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/simulate.h"

#include <stdlib.h>
#include <string.h>

void simulate_workload_init(struct workload *w)
{
    struct error err = { STATUS_OK, "" };
    if (workload_init(w, &err) != STATUS_OK) fail_msg("%s", err.message);
}

void simulate_add(struct workload *w, int64_t submit_us, int32_t gpus, int64_t run_us,
                  int64_t limit_us, int64_t start_us)
{
    struct job_row row;
    struct error err = { STATUS_OK, "" };
    job_row_init(&row);
    row.submit_us = submit_us;
    row.gpu_milli = gpus * 1000;
    row.run_us = run_us;
    row.limit_us = limit_us;
    row.start_us = start_us;
    if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
}

void simulate_add_singles(struct workload *w, int n, int64_t submit_us, int64_t run_us)
{
    for (int i = 0; i < n; i++) simulate_add(w, submit_us, 1, run_us, -1, -1);
}

void simulate_seal(struct workload *w)
{
    struct error err = { STATUS_OK, "" };
    if (workload_seal(w, 0, &err) != STATUS_OK) fail_msg("%s", err.message);
}

static void keep(void *context, const struct job_record *r)
{
    struct schedule *s = context;
    s->start_us[r->job] = r->start_us;
    s->end_us[r->job] = r->end_us;
    s->first_node[r->job] = r->first_node;
    s->nodes[r->job] = r->nodes;
    s->wait_us[r->job] = r->start_us < 0 ? -1 : r->end_us - s->submit_us[r->job] - r->held_us;
    s->preemptions[r->job] = r->preemptions;
    s->reclaims[r->job] = r->reclaims;
    s->lost_us[r->job] = r->lost_us;
    s->gpu_milli[r->job] = r->gpu_milli;
}

static void keep_stay(void *context, const struct node_record *record)
{
    struct schedule *s = context;
    /* Room doubles where it is full, at each power of two: under sanitizers each realloc copies. */
    if ((s->stay_n & (s->stay_n - 1)) == 0)
        s->stays = realloc(s->stays, (s->stay_n ? 2 * s->stay_n : 1) * sizeof *s->stays);
    assert_non_null(s->stays);
    s->stays[s->stay_n++] = *record;
}

static void keep_sample(void *context, const struct sample_record *record)
{
    struct schedule *s = context;
    s->samples = realloc(s->samples, (s->sample_n + 1) * sizeof *s->samples);
    assert_non_null(s->samples);
    s->samples[s->sample_n++] = *record;
}

enum status simulate_status(const struct workload *w, const struct simulate_fleet *fleet,
                            struct schedule *out, struct error *err)
{
    struct pool_spec pools[SIMULATE_POOLS_MAX];
    static const char *const names[SIMULATE_POOLS_MAX] = { "a", "b", "c", "d", "e", "f", "g", "h",
                                                           "i", "j", "k", "l", "m", "n", "o", "p" };
    struct fleet_spec spec = { .name = "test", .pools = pools };
    struct world_options options = { .books_us = fleet->books_us,
                                     .sample_us = fleet->sample_us,
                                     .seed = fleet->seed ? fleet->seed : 1,
                                     .replay_recorded = fleet->replay_recorded,
                                     .speed = fleet->speed };
    struct observer obs = { .context = out, .job = keep, .sample = keep_sample };

    for (; spec.pool_n < SIMULATE_POOLS_MAX && fleet->pools[spec.pool_n].nodes > 0; spec.pool_n++)
        pools[spec.pool_n] =
            (struct pool_spec){ .name = names[spec.pool_n],
                                .type = { .name = "node",
                                          .provider = "test",
                                          .gpu_model = "",
                                          .gpus = fleet->pools[spec.pool_n].gpus,
                                          .source = "" },
                                .nodes = fleet->pools[spec.pool_n].nodes,
                                .elastic_nodes = fleet->coming[spec.pool_n],
                                .boot = fleet->boot,
                                .provisioning = fleet->provisioning,
                                .rack_nodes = fleet->rack_nodes,
                                .queues = fleet->queues[spec.pool_n],
                                .purchase = { .option = purchase_option_find("on-demand"),
                                              .usd_nano_per_hour = 1000000000,
                                              .billing = fleet->billing } };
    for (int32_t p = 0; p < spec.pool_n; p++) {
        struct failure_spec *f = &pools[p].failures;
        if (fleet->kinds[p]) {
            pools[p].type = fleet->kinds[p]->type;
            pools[p].type.gpus = fleet->pools[p].gpus;
            pools[p].purchase = fleet->kinds[p]->purchase;
            pools[p].group = fleet->kinds[p]->group;
            pools[p].zone = fleet->kinds[p]->zone;
            pools[p].marks = fleet->kinds[p]->marks;
        }
        if (fleet->failures) *f = *fleet->failures;
        if (fleet->outages[p].n > 0) f->log = fleet->outages[p].log;
        f->log_n = fleet->outages[p].n;
        f->job_mtbf = fleet->job_mtbf;
        pools[p].supply = fleet->supply[p];
        if (!supply_is_limited(&pools[p].supply)) continue;
        pools[p].type.provider = "aws"; /* whose spot nodes are free if they go soon */
        if (!pools[p].supply.takes_back) continue;
        pools[p].purchase.option = purchase_option_find("spot");
        pools[p].purchase.prices = fleet->prices;
    }
    for (int p = 0; p < spec.pool_n; p++)
        if (fleet->coming[p] > 0 || supply_is_limited(&fleet->supply[p])) obs.node = keep_stay;
    spec.autoscaler = fleet->autoscaler;
    spec.fallback = fleet->fallback;
    spec.services = fleet->services;
    spec.scheduler.order = queue_order_find(fleet->order ? fleet->order : "fifo");
    spec.scheduler.placement = placement_find(fleet->placement ? fleet->placement : "first-fit");
    spec.scheduler.gang = fleet->gang;
    spec.scheduler.sharing = fleet->sharing;
    spec.scheduler.replicas = fleet->replicas;
    spec.scheduler.remainder = fleet->remainder;
    spec.scheduler.neighbours = fleet->neighbours;
    spec.scheduler.scatter = fleet->scatter;
    spec.scheduler.cross_rack = fleet->cross_rack;
    spec.scheduler.predictor = fleet->predictor;
    spec.scheduler.share = fleet->share;
    spec.scheduler.ties = fleet->ties;
    spec.scheduler.victims = fleet->victims;
    spec.scheduler.levels = fleet->levels;
    spec.scheduler.restart = fleet->restart;
    spec.scheduler.rounds = fleet->rounds;
    spec.scheduler.permit = fleet->permit;
    spec.scheduler.elastic = fleet->elastic;
    spec.scheduler.quota = fleet->quota;
    spec.scheduler.limits = fleet->limits;
    spec.scheduler.backfill = fleet->backfill;
    spec.scheduler.timing = fleet->timing;
    if (!spec.scheduler.order || !spec.scheduler.placement)
        fail_msg("no order '%s' or placement '%s'", fleet->order, fleet->placement);

    out->n = w->job_n;
    out->stays = NULL;
    out->stay_n = 0;
    out->samples = NULL;
    out->sample_n = 0;
    out->start_us = calloc(w->job_n + 1, sizeof *out->start_us);
    out->end_us = calloc(w->job_n + 1, sizeof *out->end_us);
    out->first_node = calloc(w->job_n + 1, sizeof *out->first_node);
    out->nodes = calloc(w->job_n + 1, sizeof *out->nodes);
    out->wait_us = calloc(w->job_n + 1, sizeof *out->wait_us);
    out->preemptions = calloc(w->job_n + 1, sizeof *out->preemptions);
    out->reclaims = calloc(w->job_n + 1, sizeof *out->reclaims);
    out->lost_us = calloc(w->job_n + 1, sizeof *out->lost_us);
    out->gpu_milli = calloc(w->job_n + 1, sizeof *out->gpu_milli);
    out->submit_us = w->submit_us;
    memset(&out->result, 0, sizeof out->result);
    return world_run(w, &spec, &options, &obs, &out->result, err);
}

void simulate(const struct workload *w, const struct simulate_fleet *fleet, struct schedule *out)
{
    struct error err = { STATUS_OK, "" };
    if (simulate_status(w, fleet, out, &err) != STATUS_OK) fail_msg("%s", err.message);
}

void simulate_once(struct workload *w, const struct simulate_fleet *fleet, struct schedule *out)
{
    simulate_seal(w);
    simulate(w, fleet, out);
    workload_free(w);
}

void schedule_free(struct schedule *s)
{
    free(s->start_us);
    free(s->end_us);
    free(s->first_node);
    free(s->nodes);
    free(s->wait_us);
    free(s->preemptions);
    free(s->reclaims);
    free(s->lost_us);
    free(s->gpu_milli);
    free(s->stays);
    free(s->samples);
    world_result_free(&s->result);
}
