/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios and price books, damaged: scenario_load gives a whole scenario or every reason why not,
 * and what it gives runs to its end, every invariant kept. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/world.h"
#include "scenarios/scenario.h"
#include "tests/mutation.h"
#include "tests/support.h"

enum { TABLES = 4 };
static struct seeds scenarios, manifests, nodepools, tables[TABLES];
static const char *const table_names[TABLES] = { "prices.csv", "instances.csv", "performance.csv",
                                                 "services.csv" };

static const char *const words[] = { "seatrial",
                                     "workload",
                                     "trace",
                                     "synth",
                                     "window",
                                     "tenants",
                                     "scale_jobs",
                                     "scale_load",
                                     "reference_gpu",
                                     "prices",
                                     "book",
                                     "instances",
                                     "performance",
                                     "as_of",
                                     "region",
                                     "slo",
                                     "p95_wait",
                                     "budget",
                                     "fleets",
                                     "pools",
                                     "scheduler",
                                     "placement",
                                     "gang",
                                     "name",
                                     "instance",
                                     "buy",
                                     "owned",
                                     "on-demand",
                                     "nodes",
                                     "capex",
                                     "salvage",
                                     "life",
                                     "power",
                                     "run",
                                     "baseline",
                                     "replications",
                                     "sample",
                                     "books",
                                     "drained",
                                     "replay",
                                     "recorded",
                                     "easy",
                                     "fifo-skip",
                                     "random",
                                     "anywhere",
                                     "1%",
                                     "10000%",
                                     "0.0001%",
                                     "10 years",
                                     "1 us",
                                     "1000000",
                                     "$1e9",
                                     "$999999999999999999",
                                     "$10M per hour",
                                     "1970-01-01 .. 9999-12-31",
                                     "2026-01-01 .. 2026-01-02",
                                     "examples/itp-like.csv.gz",
                                     "prices.csv",
                                     "/",
                                     "-",
                                     "on-prem",
                                     "p4d.24xlarge",
                                     "V100-SXM2",
                                     "dgx-a100",
                                     "kueue.x-k8s.io/v1beta1",
                                     "apiVersion",
                                     "ClusterQueue",
                                     "nominalQuota",
                                     "karpenter.sh/v1",
                                     "NodePool",
                                     "consolidateAfter",
                                     "Never",
                                     "0 9 * * mon-fri",
                                     "100%",
                                     "borrowingLimit",
                                     "9Ei",
                                     "1e18",
                                     NULL };

/* Every key there is. */
static const char all_keys[] =
    "seatrial: 1\n"
    "name: all keys\n"
    "workload:\n"
    "  trace: examples/itp-like.csv.gz\n"
    "  reference_gpu: V100-SXM2\n"
    "  window: 2026-03-01 .. 2026-03-09\n"
    "  tenants: [vision, nlp]\n"
    "  scale_jobs: 150%\n"
    "  scale_load: 80%\n"
    "prices:\n"
    "  as_of: 2026-07-20\n"
    "  region: us-east-1\n"
    "  book: [prices.csv]\n"
    "  instances: [instances.csv]\n"
    "  performance: performance.csv\n"
    "  services: services.csv\n"
    "slo: {p50_wait: 1 min, p90_wait: 1 h, p95_wait: 2 h, p99_wait: 1 day, budget: $1M per month, "
    "utilization: 50%}\n"
    "fleets:\n"
    "  rented:\n"
    "    scheduler: {order: easy, placement: spread, gang: anywhere}\n"
    "    pools:\n"
    "      - &p {name: a, instance: box-8, buy: on-demand, nodes: 3, region: here}\n"
    "      - {name: b, instance: p3.16xlarge, buy: on-demand, nodes: 2}\n"
    "      - {name: c, instance: box-8, buy: on-demand, nodes: 3, region: here, min_nodes: 1, "
    "billing: "
    "hour, provisioning: {how: by-hand, lead: 1 h, lead_sigma: 0.5, person_hours: 1.5, "
    "usd_per_hour: "
    "$90 per hour}}\n"
    "    autoscaler: as-needed\n"
    "    commitments:\n"
    "      - {kind: capacity-reservation, instance: p3.16xlarge, count: 3}\n"
    "    services:\n"
    "      - {kind: control-plane, clusters: 2}\n"
    "      - {kind: block-storage, size: 5 TB, product: io2, region: here}\n"
    "      - {kind: lustre, name: scratch, size: 20 TiB, price: $0.145 per GB-month, valid_from: "
    "2026-06-01, source: c3x.dev}\n"
    "      - {kind: egress, per_job: 2 GB, per_gpu_hour: 10 MB, free: 100 GB}\n"
    "  mine:\n"
    "    scheduler: fifo\n"
    "    placement: random\n"
    "    pools:\n"
    "      - {name: dgx, instance: dgx-a100, buy: owned, nodes: 5, capex: $200k, salvage: $20k, "
    "life: 4 years, power: $0.12 per kWh, pue: 1.4, busy_watts: 6.5 kW, idle_watts: 2 kW, "
    "space_and_staff: $1.20 per hour}\n"
    "uncertain: {run_times: 10%, all_run_times: 5%, growth: 10%, spot_prices: 20%, spot_half_life: "
    "2 d}\n"
    "mc: {years: 2, replications: 512, precision: 2%, growth: 10%, growth_sd: 5%, deadline: 6 h, "
    "tolerance: 3%}\n"
    "run: {baseline: mine, replications: 2, seed: 7, sample: 1 h, books: window, keep_jobs: yes, "
    "replay: scheduler}\n";

static const char small_trace[] = "# t0_unix_s=1772323200\n"
                                  "job_id,submit_s,run_s,gpus,tenant,class,start_s,gpu_type\n"
                                  "a,0,3600,8,vision,language-model,5,\n"
                                  "b,60,7200,16,nlp,,90,A100|V100-SXM2\n"
                                  "c,86400,30.5,1,vision,nlp-encoder,86400,\n"
                                  "d,700000,0,0.5,,,,\n";

static const char *const table_seeds[TABLES] = {
    "instance,region,market,valid_from,usd_per_hour,source\n"
    "box-8,here,on-demand,2026-01-01,12.5,quote\n"
    "box-8,here,on-demand,2025-01-01,14,\"an \"\"older\"\" quote\"\n"
    "p3.16xlarge,us-east-1,on-demand,2026-07-20,20,quote\n",
    "instance,provider,gpu,gpus,cpus,memory_gib,watts,source\n"
    "box-8,us,A100,8,96,1152,6500,maker\n"
    "cpu-box,us,,0,64,256,,maker\n",
    "class,gpu,baseline_gpu,gpus,factor\n"
    "all,A100,V100-SXM2,8,2.5\n"
    "language-model,A100,V100-SXM2,,3\n",
    "service,region,valid_from,usd,per,source\n"
    "io2,here,2026-01-01,0.125,GiB-month,quote\n"
    "egress,us-east-1,2026-06-01,0.05,TB,quote\n",
};

static const char quotas[] =
    "seatrial: 1\n"
    "workload: {trace: examples/itp-like.csv.gz}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "fleets:\n"
    "  k:\n"
    "    scheduler: {order: kueue, kueue: manifests.yaml, checkpoint: 1 h}\n"
    "    pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 2, labels: {rack: "
    "r1}}]\n";

static const char manifest[] =
    "apiVersion: kueue.x-k8s.io/v1beta2\n"
    "kind: ResourceFlavor\n"
    "metadata: {name: r1}\n"
    "spec: {nodeLabels: {rack: r1}}\n"
    "---\n"
    "apiVersion: kueue.x-k8s.io/v1beta2\n"
    "kind: ClusterQueue\n"
    "metadata: {name: vision}\n"
    "spec:\n"
    "  cohortName: labs\n"
    "  resourceGroups:\n"
    "  - coveredResources: [nvidia.com/gpu, pods]\n"
    "    flavors:\n"
    "    - name: r1\n"
    "      resources:\n"
    "      - {name: nvidia.com/gpu, nominalQuota: 8, borrowingLimit: 4, lendingLimit: 2}\n"
    "      - {name: pods, nominalQuota: 3}\n"
    "  preemption:\n"
    "    reclaimWithinCohort: Any\n"
    "    withinClusterQueue: LowerPriority\n"
    "    borrowWithinCohort: {policy: LowerPriority, maxPriorityThreshold: 1}\n"
    "---\n"
    "apiVersion: kueue.x-k8s.io/v1beta1\n"
    "kind: ClusterQueue\n"
    "metadata: {name: nlp}\n"
    "spec:\n"
    "  cohort: labs\n"
    "  queueingStrategy: StrictFIFO\n"
    "  flavorFungibility: {whenCanBorrow: Borrow, whenCanPreempt: TryNextFlavor}\n"
    "  resourceGroups:\n"
    "  - coveredResources: [nvidia.com/gpu]\n"
    "    flavors: [{name: r1, resources: [{name: nvidia.com/gpu, nominalQuota: 500m}]}]\n"
    "---\n"
    "apiVersion: kueue.x-k8s.io/v1beta2\n"
    "kind: Cohort\n"
    "metadata: {name: labs}\n"
    "spec: {parentName: top}\n"
    "---\n"
    "apiVersion: kueue.x-k8s.io/v1beta2\n"
    "kind: LocalQueue\n"
    "metadata: {namespace: a, name: b}\n"
    "spec: {clusterQueue: nlp}\n";

/* Pools whose nodes come as these NodePools say. */
static const char karpenter[] =
    "seatrial: 1\n"
    "workload: {synth: {like: itp, jobs: 60, days: 2 days, load: 8 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "fleets:\n"
    "  k:\n"
    "    scheduler: fifo-skip\n"
    "    autoscaler: {name: karpenter, nodepools: nodepools.yaml}\n"
    "    pools:\n"
    "    - {name: a, instance: p3.16xlarge, buy: on-demand, nodes: 4, min_nodes: 1}\n"
    "    - {name: b, instance: p3.2xlarge, buy: on-demand, nodes: 8, min_nodes: 0}\n";

static const char nodepool[] =
    "apiVersion: karpenter.sh/v1\n"
    "kind: NodePool\n"
    "metadata: {name: a}\n"
    "spec:\n"
    "  weight: 3\n"
    "  template:\n"
    "    spec:\n"
    "      expireAfter: 12h\n"
    "      terminationGracePeriod: 1h\n"
    "      requirements:\n"
    "      - {key: karpenter.k8s.aws/instance-gpu-count, operator: Gt, values: [\"0\"]}\n"
    "      - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}\n"
    "  disruption:\n"
    "    consolidationPolicy: Balanced\n"
    "    consolidateAfter: 30s\n"
    "    budgets:\n"
    "    - {nodes: 50%}\n"
    "    - {nodes: \"0\", schedule: \"0 9 * * mon-fri\", duration: 8h, reasons: [Underutilized]}\n"
    "  limits: {nvidia.com/gpu: 32, cpu: \"200\", memory: 2Ti, nodes: 9}\n";

static int start(void **state)
{
    char command[600];
    (void)state;
    seeds_add(&scenarios, all_keys, sizeof all_keys - 1);
    seeds_add_folder(&scenarios, "scenarios", ".yaml");
    seeds_add_folder(&scenarios, "tests/scenarios/bad", ".yaml");
    seeds_add(&manifests, manifest, sizeof manifest - 1);
    seeds_add_folder(&manifests, "examples/kueue", ".yaml");
    seeds_add_folder(&manifests, "tests/scenarios/bad/kueue", ".yaml");
    seeds_add(&nodepools, nodepool, sizeof nodepool - 1);
    seeds_add_folder(&nodepools, "examples/karpenter", ".yaml");
    seeds_add_folder(&nodepools, "tests/scenarios/bad/karpenter", ".yaml");
    snprintf(command, sizeof command, "mkdir -p '%s'", scratch_path("examples"));
    assert_int_equal(system(command), 0);
    write_text(scratch_path("examples/itp-like.csv.gz"), small_trace);
    for (int t = 0; t < TABLES; t++) {
        char path[60];
        write_text(scratch_path(table_names[t]), table_seeds[t]);
        seeds_add(&tables[t], table_seeds[t], strlen(table_seeds[t]));
        snprintf(path, sizeof path, "scenarios/prices/%s", table_names[t]);
        seeds_add_file(&tables[t], path);
    }
    assert_non_null(freopen("/dev/null", "r", stdin)); /* "-" is the standard input */
    return 0;
}

static int stop(void **state)
{
    (void)state;
    seeds_free(&nodepools);
    seeds_free(&scenarios);
    seeds_free(&manifests);
    for (int t = 0; t < TABLES; t++) seeds_free(&tables[t]);
    return 0;
}

/* ---- What a scenario that loads must be good for ---- */

static void count_job(void *context, const struct job_record *record)
{
    assert_true(record->start_us <= record->end_us && record->cost_usd_micro >= 0);
    ++*(int64_t *)context;
}

static void run_fleet(const struct scenario *s, const struct workload *w, int32_t f)
{
    int64_t jobs = 0;
    struct observer obs = { .context = &jobs, .job = count_job };
    struct world_options o = { .seed = s->seed,
                               .books_us = s->books_drained   ? 0
                                           : s->window_us > 0 ? s->window_us
                                                              : w->span_us,
                               .replay_recorded = s->replay_recorded };
    struct world_result r;
    struct error err = { STATUS_OK, "" };
    double *speed = NULL;
    enum status status = scenario_speed(s, w, &s->fleets[f], &speed, &err);
    check_outcome(status, &err, NULL);
    if (status != STATUS_OK) return;
    o.speed = speed;
    status = world_run(w, &s->fleets[f], &o, &obs, &r, &err);
    check_outcome(status, &err, NULL);
    if (status == STATUS_OK) {
        assert_int_equal(jobs, w->job_n);
        for (int32_t p = 0; p < r.pool_n; p++)
            assert_true(r.pools[p].cost_usd_micro >= 0 &&
                        r.pools[p].busy_gpu_us <= r.pools[p].bought_gpu_us);
        world_result_free(&r);
    }
    free(speed);
}

static int64_t nodes_of(const struct fleet_spec *fleet)
{
    int64_t nodes = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++) nodes += fleet->pools[p].nodes;
    return nodes;
}

static void run_small(const struct scenario *s)
{
    const struct workload *w;
    struct workload copy;
    struct error err = { STATUS_OK, "" };
    bool owned;
    int64_t jobs = s->is_synth ? s->synth.jobs : (int64_t)s->trace.job_n;
    if (jobs > 300 || s->scale_jobs_ppm > 10000000) return;
    enum status status = scenario_workload(s, 0, &copy, &w, &owned, &err);
    check_outcome(status, &err, NULL);
    if (status != STATUS_OK) return;
    check_workload(w);
    for (int32_t f = 0; f < s->fleet_n; f++)
        if (nodes_of(&s->fleets[f]) <= 300) run_fleet(s, w, f);
    if (owned) workload_free(&copy);
}

static void check_scenario(const struct scenario *s)
{
    json_t *json = json_loads(s->json, 0, NULL);
    assert_true(json_is_object(json));
    json_decref(json);
    assert_int_equal(strlen(s->sha256), 64);
    assert_true(s->name[0] && s->fleet_n >= 1 && s->replications >= 1 && s->sample_us > 0);
    assert_true(s->baseline >= 0 && s->baseline < s->fleet_n);
    assert_true(s->window_us >= 0);
    for (int32_t f = 0; f < s->fleet_n; f++) {
        assert_true(s->fleets[f].pool_n >= 1);
        for (int32_t p = 0; p < s->fleets[f].pool_n; p++)
            assert_true(s->fleets[f].pools[p].nodes >= 1 && s->fleets[f].pools[p].purchase.option);
    }
    if (!s->is_synth) check_workload(&s->trace);
}

static void load(const char *path)
{
    struct scenario s;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&d);
    enum status status = scenario_load(path, NULL, &s, &d, &err);
    check_outcome(status, &err, &d);
    assert_true(status != STATUS_BAD_INPUT || d.errors > 0);
    if (status == STATUS_OK) {
        check_scenario(&s);
        run_small(&s);
        scenario_free(&s);
    }
    diagnostics_free(&d);
}

static void load_text(const void *bytes, size_t n)
{
    write_file(scratch_path("scenario.yaml"), bytes, n);
    load(scratch_path("scenario.yaml"));
}

/* ---- Targets ---- */

static void one_scenario(uint64_t input)
{
    size_t n;
    char *bytes = mutated(301, input, &scenarios, words, &n);
    load_text(bytes, n);
    free(bytes);
}

static void one_manifest(uint64_t input)
{
    size_t n;
    char *bytes = mutated(302, input, &manifests, words, &n);
    write_file(scratch_path("manifests.yaml"), bytes, n);
    free(bytes);
    load_text(quotas, sizeof quotas - 1);
}

static void one_nodepool(uint64_t input)
{
    size_t n;
    char *bytes = mutated(303, input, &nodepools, words, &n);
    write_file(scratch_path("nodepools.yaml"), bytes, n);
    free(bytes);
    load_text(karpenter, sizeof karpenter - 1);
}

static void one_price_book(uint64_t input)
{
    size_t t = input % TABLES, n;
    char *bytes = mutated(310 + t, input, &tables[t], words, &n);
    write_file(scratch_path(table_names[t]), bytes, n);
    free(bytes);
    load_text(all_keys, sizeof all_keys - 1);
    write_text(scratch_path(table_names[t]), table_seeds[t]);
}

static void loads(const char *text, struct scenario *s)
{
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    write_text(scratch_path("scenario.yaml"), text);
    diagnostics_init(&d);
    if (scenario_load(scratch_path("scenario.yaml"), NULL, s, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stderr, 0, NULL);
        fail_msg("%s", err.message);
    }
    diagnostics_free(&d);
}

static void seeds_are_good(void **state)
{
    struct scenario s;
    (void)state;
    loads(all_keys, &s);
    assert_int_equal(s.trace.job_n, 3);
    scenario_free(&s);
    write_text(scratch_path("manifests.yaml"), manifest);
    loads(quotas, &s);
    assert_non_null(s.fleets[0].scheduler.quota);
    scenario_free(&s);
    write_text(scratch_path("nodepools.yaml"), nodepool);
    loads(karpenter, &s);
    assert_int_equal(s.fleets[0].autoscaler.karpenter.n, 1);
    scenario_free(&s);
}

/* A chain of thousands of factors and many pools took twenty seconds: every pair was looked for in
 * the whole table. */
static void long_chains_of_factors(void **state)
{
    enum { LINKS = 4800, POOLS = 64 };
    struct scenario s;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    double *speed;
    clock_t start = clock();
    FILE *factors = fopen(scratch_path("performance.csv"), "w"),
         *types = fopen(scratch_path("instances.csv"), "w"),
         *prices = fopen(scratch_path("prices.csv"), "w"),
         *yaml = fopen(scratch_path("scenario.yaml"), "w");
    (void)state;
    assert_true(factors && types && prices && yaml);
    fputs("class,gpu,baseline_gpu,gpus,factor\n", factors);
    for (int i = 0; i < LINKS; i++) fprintf(factors, "all,g%d,g%d,1,1.001\n", i, i + 1);
    fputs("instance,gpu,gpus\n", types);
    fputs("instance,region,market,valid_from,usd_per_hour,source\n", prices);
    fputs("seatrial: 1\nworkload: {trace: examples/itp-like.csv.gz, reference_gpu: g4800}\n"
          "prices: {region: here, instances: instances.csv, book: prices.csv, performance: "
          "performance.csv}\nfleets:\n  f:\n    pools:\n",
          yaml);
    for (int i = 0; i < POOLS; i++) {
        fprintf(types, "x%d,g%d,1\n", i, LINKS - 10 * i);
        fprintf(prices, "x%d,here,on-demand,2026-01-01,1,x\n", i);
        fprintf(yaml, "      - {name: p%d, instance: x%d, buy: on-demand, nodes: 1}\n", i, i);
    }
    assert_int_equal(fclose(factors) | fclose(types) | fclose(prices) | fclose(yaml), 0);
    diagnostics_init(&d);
    if (scenario_load(scratch_path("scenario.yaml"), NULL, &s, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stderr, 0, NULL);
        fail_msg("%s", err.message);
    }
    assert_int_equal(scenario_speed(&s, &s.trace, &s.fleets[0], &speed, &err), STATUS_OK);
    for (int p = 0; p < POOLS; p++) {
        double expected = pow(1.001, 10 * p);
        assert_true(fabs(speed[p] / expected - 1) < 1e-12);
    }
    double took = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (took > (getenv("SEATRIAL_SLOW") ? 20 : 2)) fail_msg("%.1f s", took);
    free(speed);
    scenario_free(&s);
    diagnostics_free(&d);
    for (int t = 0; t < TABLES; t++) write_text(scratch_path(table_names[t]), table_seeds[t]);
}

static void damaged_scenarios(void **state)
{
    (void)state;
    fuzz("scenario", 2500, one_scenario);
}

static void damaged_price_books(void **state)
{
    (void)state;
    fuzz("price book", 1000, one_price_book);
}

static void damaged_manifests(void **state)
{
    (void)state;
    fuzz("manifest", 1500, one_manifest);
}

static void damaged_nodepools(void **state)
{
    (void)state;
    fuzz("NodePool", 1000, one_nodepool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_good),    cmocka_unit_test(long_chains_of_factors),
        cmocka_unit_test(damaged_scenarios), cmocka_unit_test(damaged_price_books),
        cmocka_unit_test(damaged_manifests), cmocka_unit_test(damaged_nodepools),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
