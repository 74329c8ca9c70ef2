/* SPDX-License-Identifier: Apache-2.0 */
/* The quota of vCPUs that a fleet needs. */
#include "tests/support.h"

#include "models/fleet/vcpu_need.h"

#define POOL(name_, provider_, cores, nodes_, buy, region)                                         \
    {                                                                                              \
        .nodes = nodes_, .type = { .name = name_, .provider = provider_, .cpu_milli = cores },     \
        .purchase = {                                                                              \
            .option = purchase_option_find(buy),                                                   \
            .price_region = region                                                                 \
        }                                                                                          \
    }

static void by_region_family_and_market(void **state)
{
    struct pool_spec pools[] = {
        POOL("p5.48xlarge", "aws", 192000, 17, "on-demand", "us-east-1"), /* 17 x 192 = 3264 */
        POOL("p5.4xlarge", "aws", 16000, 2, "on-demand", "us-east-1"),    /* the same: 3296 */
        POOL("p5e.48xlarge", "aws", 192000, 1, "on-demand", "us-east-1"),
        POOL("p5.48xlarge", "aws", 192000, 1, "spot", "us-east-1a"),
        POOL("p5.48xlarge", "aws", 192000, 2, "spot", "us-east-1b"), /* zones of one region */
        POOL("p5.48xlarge", "aws", 192000, 1, "on-demand", "us-west-2"),
        POOL("dgx", "on-prem", 128000, 9, "owned", "on-prem"),        /* none */
        POOL("a3-highgpu-8g", "gcp", 208000, 1, "spot", "europe-w4"), /* no dot: all of it */
        POOL("small", "gcp", 500, 3, "spot", "x"),                    /* 1.5 */
        POOL("gpu_8x", "lambda", 0, 4, "on-demand", ""),
    };
    static const struct {
        const char *family, *region, *market;
        int64_t vcpus;
    } expected[] = {
        { "p5", "us-east-1", "on-demand", 3296 },
        { "p5e", "us-east-1", "on-demand", 192 },
        { "p5", "us-east-1", "spot", 576 },
        { "p5", "us-west-2", "on-demand", 192 },
        { "a3-highgpu-8g", "europe-w4", "spot", 208 },
        { "small", "x", "spot", 2 },
        { "gpu_8x", "", "on-demand", 0 },
    };
    const struct fleet_spec fleet = { .pool_n = 10, .pools = pools };
    struct vcpu_need needs[10];
    (void)state;
    assert_int_equal(fleet_vcpu_needs(&fleet, needs), 7);
    for (int i = 0; i < 7; i++) {
        char text[80];
        snprintf(text, sizeof text, "%.*s", needs[i].family_n, needs[i].instance);
        assert_string_equal(text, expected[i].family);
        snprintf(text, sizeof text, "%.*s", needs[i].region_n, needs[i].region);
        assert_string_equal(text, expected[i].region);
        assert_string_equal(needs[i].market, expected[i].market);
        assert_int_equal(needs[i].vcpus, expected[i].vcpus);
        if (i < 6) assert_null(needs[i].unknown);
    }
    assert_string_equal(needs[6].unknown, "gpu_8x");
}

/* Of a group all nodes may be of the type with the most cores, in each family. */
static void of_a_group_its_largest(void **state)
{
    struct pool_spec pools[] = {
        POOL("p3.8xlarge", "aws", 32000, 10, "on-demand", "us-east-1"),
        POOL("p3.16xlarge", "aws", 64000, 10, "on-demand", "us-east-1"),
        POOL("p4d.24xlarge", "aws", 96000, 10, "on-demand", "us-east-1"),
        POOL("p3.2xlarge", "aws", 8000, 10, "on-demand", "us-east-1"),
        POOL("p3.16xlarge", "aws", 64000, 1, "on-demand", "us-east-1"),
    };
    const struct fleet_spec fleet = { .pool_n = 5, .pools = pools };
    struct vcpu_need needs[5];
    (void)state;
    for (int p = 0; p < 4; p++) pools[p].group = 1;
    assert_int_equal(fleet_vcpu_needs(&fleet, needs), 2);
    assert_int_equal(needs[0].vcpus, 704); /* ten of 64, and one that is in no group */
    assert_int_equal(needs[1].vcpus, 960);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_region_family_and_market),
                                        cmocka_unit_test(of_a_group_its_largest) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
