/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alibaba's openb (cluster-trace-gpu-v2023): all nodes with GPUs, 6,212 of them, and its pods in
 * random order, drawn again until they ask for 130 % of the GPUs. How many GPUs a placement leaves
 * without a pod is what FGD's authors found (ATC'23), within the chance of ten orders here and
 * there, and so is which of two leaves fewer. The nodes, too, are numbered at random for each order
 * of pods: of equal nodes the first is taken, and in the file's order alike nodes stand together,
 * which costs clustering and packing 0.8 %. So with four more lists of pods: more that want no GPU,
 * whole ones, parts, or a type (FGD counts as useless what is not of the type, as here).
 */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "tests/openb.h"

enum { SEEDS = 10, GPUS = 6212 };

/* In the order of what they leave on the default list. */
static const struct {
    const char *placement, *policy; /* ours, theirs */
} pairs[] = {
    { "random", "01-Random" },
    { "dot-product", "02-DotProd" },
    { "gpu-clustering", "03-GpuClustering" },
    { "gpu-packing", "04-GpuPacking" },
    { "best-fit", "05-BestFit" },
    { "fgd", "06-FGD" },
};
enum { PLACEMENTS = sizeof pairs / sizeof *pairs };

/* The authors' runs: % of GPUs that are not allocated when pods have asked for 130 %, of ten seeds.
 * workload,sc_policy,tune,seed,total_gpus, then allocated at 0, 1 .. 130 % asked for. */
static void published(const char *list, double left[PLACEMENTS][SEEDS])
{
    char command[1200], *text, *err;
    size_t n[PLACEMENTS] = { 0 };
    snprintf(command, sizeof command,
             "gzip -dc '%s' | grep '^openb_pod_list_%s,' | cut -d , -f 2,136",
             shared_or_skip("oracles/peers/published/fgd_analysis_allo_discrete.csv.gz"), list);
    assert_int_equal(run_command(command, &text, &err), 0);
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        const char *policy = strsep(&line, ",");
        size_t k = 0;
        while (k < PLACEMENTS && strcmp(policy, pairs[k].policy) != 0) k++;
        assert_true(k < PLACEMENTS && n[k] < SEEDS && line);
        left[k][n[k]++] = 100 - atof(line);
    }
    for (size_t k = 0; k < PLACEMENTS; k++) assert_int_equal(n[k], SEEDS);
    free(text);
    free(err);
}

/* name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,... */
static void add_pod(struct workload *w, const struct rows *pods, size_t i, bool specs)
{
    openb_add(w, atoll(pods->cell[i][1]), atoll(pods->cell[i][2]),
              atoi(pods->cell[i][3]) * atoi(pods->cell[i][4]), specs ? pods->cell[i][5] : "");
}

static void inflated(struct workload *w, const struct rows *pods, uint64_t seed, bool specs)
{
    struct random_key key = random_key(seed, 0);
    size_t *order = malloc(pods->n * sizeof *order);
    int64_t milli = 0;
    struct error err;
    assert_non_null(order);
    openb_workload_init(w);
    for (size_t i = 0; i < pods->n; i++) {
        size_t k = (size_t)random_below(key, RANDOM_TEST, i, 0, i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    for (size_t i = 0; 10 * milli < 13 * INT64_C(1000) * GPUS; i++) {
        size_t at = i < pods->n ? order[i] : random_below(key, RANDOM_TEST, i, 0, pods->n);
        add_pod(w, pods, at, specs);
        milli += w->gpu_milli[w->job_n - 1];
    }
    free(order);
    assert_int_equal(workload_seal(w, INT64_MIN, &err), STATUS_OK);
}

/* Per cent of all GPUs. Checks that no node and no GPU holds more than it has. */
static double unallocated(const struct openb_fleet *fleet, const struct workload *w,
                          const struct openb_places *places)
{
    int64_t held = 0;
    int32_t(*gpu)[GPU_TABLE_GPUS_MAX] = calloc(fleet->node_n, sizeof *gpu);
    int64_t *cpu = calloc(fleet->node_n, sizeof *cpu), *mem = calloc(fleet->node_n, sizeof *mem);
    assert_true(gpu && cpu && mem);
    for (size_t j = 0; j < places->n; j++) {
        int32_t node = places->node[j], milli = w->gpu_milli[j];
        if (node < 0) continue;
        int32_t n = __builtin_popcount(places->mask[j]);
        assert_int_equal(n, (milli + 999) / 1000);
        held += milli;
        cpu[node] += w->cpu_milli[j];
        mem[node] += w->mem_mib[j];
        for (int g = 0; g < GPU_TABLE_GPUS_MAX; g++)
            if (places->mask[j] >> g & 1) gpu[node][g] += milli / n;
    }
    for (int32_t k = 0; k < fleet->spec.pool_n; k++)
        for (int32_t i = 0; i < fleet->pools[k].nodes; i++) {
            const struct instance_type *type = &fleet->pools[k].type;
            int32_t node = fleet->rank[k][i];
            assert_true(cpu[node] <= type->cpu_milli && mem[node] <= type->mem_mib);
            for (int g = 0; g < GPU_TABLE_GPUS_MAX; g++)
                assert_true(gpu[node][g] <= (g < type->gpus ? 1000 : 0));
        }
    free(gpu);
    free(cpu);
    free(mem);
    return 100 - (double)held / 10 / GPUS;
}

/* Rows in random order. */
static void shuffle(struct rows *r, uint64_t seed)
{
    for (size_t i = r->n; i-- > 1;) {
        size_t k = (size_t)random_below(random_key(seed, 1), RANDOM_TEST, i, 0, i + 1);
        char *row[ROW_FIELDS];
        memcpy(row, r->cell[i], sizeof row);
        memcpy(r->cell[i], r->cell[k], sizeof row);
        memcpy(r->cell[k], row, sizeof row);
    }
}

/* Two means of ten are 3 errors apart once in 130 times (t of 18 degrees of freedom): in none of 6
 * that is likely enough; of 30 one would be in a fifth of all runs. 4.2: once in 1,900 times, and
 * in one run of 60. */
static void as_published(const char *list, bool specs, double most_errors)
{
    double left[PLACEMENTS][SEEDS], theirs[PLACEMENTS][SEEDS], mean[PLACEMENTS];
    char path[200];
    snprintf(path, sizeof path, "data/kubernetes/openb/openb_pod_list_%s.csv.gz", list);
    published(list, theirs);
    struct rows nodes =
        read_rows(shared_or_skip("data/kubernetes/openb/openb_node_list_gpu_node.csv.gz"));
    struct rows pods = read_rows(shared_or_skip(path));
    assert_int_equal(nodes.n, 1213);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct workload w;
        struct openb_fleet fleet;
        shuffle(&nodes, seed);
        openb_fleet_of(&nodes, 1, 2, 3, 4, &fleet);
        assert_int_equal(fleet_spec_gpus(&fleet.spec), GPUS);
        inflated(&w, &pods, seed, specs);
        for (int k = 0; k < PLACEMENTS; k++) {
            struct openb_places places;
            openb_run(&fleet, &w, pairs[k].placement, seed, &places);
            left[k][seed] = unallocated(&fleet, &w, &places);
            openb_places_free(&places);
        }
        workload_free(&w);
        openb_fleet_free(&fleet);
    }
    for (int k = 0; k < PLACEMENTS; k++) {
        double variance =
            gsl_stats_variance(left[k], 1, SEEDS) + gsl_stats_variance(theirs[k], 1, SEEDS);
        double their_mean = gsl_stats_mean(theirs[k], 1, SEEDS), error = sqrt(variance / SEEDS);
        mean[k] = gsl_stats_mean(left[k], 1, SEEDS);
        print_message("%-10s %-16s %.2f %% unallocated, published %.2f, standard error %.2f\n",
                      list, pairs[k].placement, mean[k], their_mean, error);
        assert_true(fabs(mean[k] - their_mean) < most_errors * error);
        /* Elsewhere two of theirs are the other way round, or too near each other. */
        if (strcmp(list, "default") == 0) assert_true(k == 0 || mean[k] < mean[k - 1]);
    }
    rows_free(&nodes);
    rows_free(&pods);
}

static void default_list(void **state)
{
    (void)state;
    as_published("default", false, 3);
}

static void more_cpu_pods(void **state)
{
    (void)state;
    if (getenv("SEATRIAL_SLOW")) skip(); /* two lists go the same ways */
    as_published("cpu100", false, 4.2);
}

static void more_whole_gpus(void **state)
{
    (void)state;
    if (getenv("SEATRIAL_SLOW")) skip(); /* two lists go the same ways */
    as_published("multigpu20", false, 4.2);
}

static void more_shares(void **state)
{
    (void)state;
    if (getenv("SEATRIAL_SLOW")) skip(); /* two lists go the same ways */
    as_published("gpushare40", false, 4.2);
}

static void more_types(void **state)
{
    (void)state;
    as_published("gpuspec33", true, 4.2);
}

/* Its other lists, under every placement there is: nothing is given out twice. */
static void every_list_under_every_placement(void **state)
{
    static const char *const lists[] = { "default", "gpushare40", "gpuspec33", "multigpu20",
                                         "cpu100" };
    struct openb_fleet fleet;
    (void)state;
    if (getenv("SEATRIAL_SLOW")) skip(); /* two lists go the same ways */
    struct rows nodes =
        read_rows(shared_or_skip("data/kubernetes/openb/openb_node_list_all_node.csv.gz"));
    openb_fleet_of(&nodes, 1, 2, 3, 4, &fleet);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char path[200];
        struct workload w;
        snprintf(path, sizeof path, "data/kubernetes/openb/openb_pod_list_%s.csv.gz", lists[i]);
        struct rows pods = read_rows(shared_or_skip(path));
        inflated(&w, &pods, i + 1, strcmp(lists[i], "gpuspec33") == 0);
        for (const struct placement *p = placements; p->name; p++) {
            struct openb_places places;
            openb_run(&fleet, &w, p->name, i + 1, &places);
            double left = unallocated(&fleet, &w, &places);
            assert_true(left > 0 && left < 30);
            openb_places_free(&places);
        }
        workload_free(&w);
        rows_free(&pods);
    }
    openb_fleet_free(&fleet);
    rows_free(&nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_list),    cmocka_unit_test(more_cpu_pods),
        cmocka_unit_test(more_whole_gpus), cmocka_unit_test(more_shares),
        cmocka_unit_test(more_types),      cmocka_unit_test(every_list_under_every_placement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
