/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The FGD simulator (Weng et al., ATC'23) on an eighth of Alibaba's openb: 304 nodes, 2,718 pods
 * one by one, a third more than there is room for. Node and GPUs of each of 8,154 decisions.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/openb.h"

static uint16_t mask_of(const char *text)
{
    uint16_t mask = 0;
    while (*text) {
        char *end;
        long gpu = strtol(text, &end, 10);
        if (end == text) break;
        mask |= (uint16_t)(1u << gpu);
        text = *end ? end + 1 : end;
    }
    return mask;
}

/* tie_rank,node,cpu_milli,memory_mib,gpus,model; seq,pod,cpu_milli,memory_mib,num_gpu,gpu_milli;
 * seq,pod,node,gpu_index */
static void decisions(const char *file, const char *placement)
{
    struct openb_fleet fleet;
    struct openb_places places;
    struct workload w;
    struct error err;
    char path[200];
    size_t unplaced = 0;
    struct rows nodes = read_rows(shared_or_skip("oracles/peers/fgd-openb-small/nodes.csv"));
    struct rows pods =
        read_rows(shared_or_skip("oracles/peers/fgd-openb-small/pods_in_submit_order.csv"));
    snprintf(path, sizeof path, "oracles/peers/fgd-openb-small/%s", file);
    struct rows theirs = read_rows(shared_or_skip(path));
    assert_int_equal(nodes.n, 304);
    assert_int_equal(pods.n, 2718);
    assert_int_equal(theirs.n, pods.n);
    for (size_t i = 0; i < nodes.n; i++) assert_int_equal(atoi(nodes.cell[i][0]), i);
    openb_fleet_of(&nodes, 2, 3, 4, 5, &fleet);
    openb_workload_init(&w);
    for (size_t i = 0; i < pods.n; i++)
        openb_add(&w, atoll(pods.cell[i][2]), atoll(pods.cell[i][3]),
                  atoi(pods.cell[i][4]) * atoi(pods.cell[i][5]), "");
    assert_int_equal(workload_seal(&w, INT64_MIN, &err), STATUS_OK);
    openb_run(&fleet, &w, placement, 1, &places);
    for (size_t i = 0; i < pods.n; i++) {
        const char *node = places.node[i] < 0 ? "" : nodes.cell[places.node[i]][1];
        if (strcmp(node, theirs.cell[i][2]) != 0 || places.mask[i] != mask_of(theirs.cell[i][3]))
            fail_msg("%s, pod %zu %s: on '%s', GPUs %#x; peer '%s', %s", placement, i,
                     pods.cell[i][1], node, places.mask[i], theirs.cell[i][2], theirs.cell[i][3]);
        unplaced += places.node[i] < 0;
    }
    assert_true(unplaced > 100);
    openb_places_free(&places);
    openb_fleet_free(&fleet);
    workload_free(&w);
    rows_free(&nodes);
    rows_free(&pods);
    rows_free(&theirs);
}

static void best_fit(void **state)
{
    (void)state;
    decisions("bestfit.csv", "best-fit");
}

static void gpu_packing(void **state)
{
    (void)state;
    decisions("packing.csv", "gpu-packing");
}

static void fgd(void **state)
{
    (void)state;
    decisions("fgd.csv", "fgd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_fit),
        cmocka_unit_test(gpu_packing),
        cmocka_unit_test(fgd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
