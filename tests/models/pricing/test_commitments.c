/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commitments poured over usage: AWS's worked examples, closed forms, a slow pour in other terms.
 *
 *   Savings Plans: docs.aws.amazon.com/savingsplans/latest/userguide/sp-applying.html, as it was
 *     (oracle A) and as it is (oracle B).
 *   Reserved Instances: docs.aws.amazon.com/AWSEC2/latest/UserGuide/apply_ri.html, of June 2023
 *     (awsdocs/amazon-ec2-user-guide, doc_source/apply_ri.md), "Examples of applying Reserved
 *     Instances" and "Instance size flexibility".
 *   Break-even and newsvendor: ../shared/oracles/oracles.json.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "tests/support.h"

#include "models/pricing/commitments.h"
#include "models/pricing/ledger.h"
#include "models/pricing/money.h"
#include "sim/random.h"

#define USD_NANO INT64_C(1000000000)
#define FOREVER  (INT64_C(1) << 60)

enum { LINES = 8 };

/* One hour of usage, in instance-hours. */
struct hour_of {
    struct usage usage;
    struct usage_line lines[LINES];
    __int128 used[LINES];
};

static void use(struct hour_of *h, const char *zone, const char *instance, double quantity,
                double on_demand, double ec2_plan, double compute_plan)
{
    size_t l = h->usage.line_n++;
    assert_true(l < LINES);
    h->used[l] = (__int128)llround(quantity * (double)HOUR_US);
    h->lines[l] =
        (struct usage_line){ { "aws", "us-east-1", zone, instance, llround(on_demand * 1e9),
                               llround(ec2_plan * 1e9), llround(compute_plan * 1e9) },
                             &h->used[l] };
    h->usage.hours = 1;
    h->usage.end_us = INT64_MAX;
    h->usage.lines = h->lines;
}

static struct commitment plan(enum commitment_kind kind, const char *instance, double usd)
{
    return (struct commitment){ .kind = kind,
                                .of = { "aws", "us-east-1", "", instance, 0, 0, 0 },
                                .count = 1,
                                .usd_nano_per_hour = llround(usd * 1e9),
                                .to_us = FOREVER };
}

static struct commitment reserved(const char *zone, const char *instance, int64_t n, double usd)
{
    struct commitment c =
        plan(*zone ? COMMITMENT_RESERVED_ZONAL : COMMITMENT_RESERVED_REGIONAL, instance, usd);
    c.of.zone = zone;
    c.count = n;
    return c;
}

static struct bill pour(const struct usage *usage, const struct commitment *c, size_t n)
{
    struct bill bill;
    struct error err;
    if (commitments_pour(usage, c, n, NULL, &bill, &err) != STATUS_OK) fail_msg("%s", err.message);
    return bill;
}

static void costs(const struct hour_of *h, const struct commitment *c, size_t n, double usd,
                  double unused)
{
    struct bill bill = pour(&h->usage, c, n);
    __int128 lost = 0;
    for (size_t i = 0; i < n; i++) lost += bill.unused[i];
    assert_int_equal(bill.total_usd_micro, llround(usd * 1e6));
    assert_int_equal(rated_usd_micro(bill.total), llround(usd * 1e6));
    assert_int_equal(rated_usd_micro(lost), llround(unused * 1e6));
    bill_free(&bill);
}

/* ---- Savings Plans ---- */

static void savings_plans_as_aws_had_them(void **state)
{
    struct hour_of h = { .usage = { 0 } };
    const struct commitment all = plan(COMMITMENT_COMPUTE_PLAN, "", 25),
                            some = plan(COMMITMENT_COMPUTE_PLAN, "", 19),
                            more = plan(COMMITMENT_COMPUTE_PLAN, "", 30);
    (void)state;
    use(&h, "", "c5.9xlarge", 1, 4, 1, 2);
    use(&h, "", "c5.24xlarge", 1, 10, 6, 8);
    use(&h, "", "Fargate vCPU", 10, 1.5, 0, 1);
    use(&h, "", "Fargate GB", 5, 2, 0, 1);
    costs(&h, NULL, 0, 39, 0);
    costs(&h, &all, 1, 25, 0);
    costs(&h, &more, 1, 30, 5); /* unused commitment is lost */
    costs(&h, &some, 1, 26.50, 0);
    /* With 19: Fargate GB (50%, 1.00) before c5.9xlarge (50%, 2.00), vCPU (33%), then 2 of the 8
     * that c5.24xlarge takes. */
    struct bill bill = pour(&h.usage, &some, 1);
    assert_int_equal(bill.covered[0].used_us, HOUR_US);
    assert_int_equal(bill.covered[1].used_us, HOUR_US / 4);
    assert_int_equal(bill.covered[2].used_us, 10 * HOUR_US);
    assert_int_equal(bill.covered[3].used_us, 5 * HOUR_US);
    assert_int_equal(rated_usd_micro(bill.on_demand[1].rated), 7500000);
    bill_free(&bill);
    /* With 6 the tie decides: 5 of GB, and half of c5.9xlarge. */
    const struct commitment six = plan(COMMITMENT_COMPUTE_PLAN, "", 6);
    bill = pour(&h.usage, &six, 1);
    assert_int_equal(bill.covered[3].used_us, 5 * HOUR_US);
    assert_int_equal(bill.covered[0].used_us, HOUR_US / 2);
    bill_free(&bill);
    /* An EC2 Instance Savings Plan of the family goes first, at its own rates: 1 + 6, then 15. */
    const struct commitment both[] = { plan(COMMITMENT_COMPUTE_PLAN, "", 15),
                                       plan(COMMITMENT_EC2_PLAN, "c5.large", 7) };
    costs(&h, both, 2, 22, 0);
    const struct commitment other = plan(COMMITMENT_EC2_PLAN, "c6.large", 7);
    costs(&h, &other, 1, 39 + 7, 7);
}

/* The page does not show the plan's rate of a Fargate GB (this copy of it lacks that cell). Its
 * total of 47.13 implies it: (47.13 - 2.80 - 8.20 - 12.00 - 19.125) / 1600 = 0.003128125. What is
 * tested here is that all the rest adds up to that total, and the order. */
static void savings_plans_as_aws_has_them(void **state)
{
    const double gb = (47.13 - 4 * 0.70 - 8.20 - 400 * 0.03 - 1.5e6 * 0.00001275) / 1600;
    struct hour_of h = { .usage = { 0 } };
    const struct commitment all = plan(COMMITMENT_COMPUTE_PLAN, "", 47.13),
                            three = plan(COMMITMENT_COMPUTE_PLAN, "", 2.80 + 12.00),
                            less = plan(COMMITMENT_COMPUTE_PLAN, "", 47.13 - 19.125 / 2);
    (void)state;
    assert_true(fabs(gb - 0.003128125) < 1e-12);
    use(&h, "", "r5.4xlarge", 4, 1.00, 0, 0.70);
    use(&h, "", "m5.24xlarge", 1, 10.00, 0, 8.20);
    use(&h, "", "Fargate vCPU", 400, .04, 0, .03);
    use(&h, "", "Fargate GB", 1600, .004, 0, gb); /* its price on demand is not in the text, too */
    use(&h, "", "Lambda GB-s", 1.5e6 / 3600, 3600 * .000015, 0, 3600 * .00001275);
    costs(&h, &all, 1, 47.13, 0);
    struct bill bill = pour(&h.usage, &three, 1); /* 30%, then 25%; 22%, 18% and 15% are left */
    assert_int_equal(bill.covered[0].used_us, 4 * HOUR_US);
    assert_int_equal(bill.covered[2].used_us, 400 * HOUR_US);
    assert_int_equal(bill.on_demand[0].used_us + bill.on_demand[2].used_us, 0);
    assert_int_equal(bill.on_demand[4].used_us, h.used[4]);
    bill_free(&bill);
    costs(&h, &less, 1, 47.13 - 19.125 / 2 + 22.5 / 2, 0); /* Lambda is last: 15% */
}

/* ---- Reserved Instances ---- */

/* Scenario 1: zonal by zone, 4 m4.large for 2 m4.xlarge, c4.large for half of a c4.xlarge. */
static void reserved_scenario_1(void **state)
{
    struct hour_of h = { .usage = { 0 } };
    (void)state;
    use(&h, "us-east-1a", "m3.large", 4, 1, 0, 0);
    use(&h, "us-east-1b", "m4.xlarge", 2, 2, 0, 0);
    use(&h, "us-east-1c", "c4.xlarge", 1, 3, 0, 0);
    const struct commitment c[] = { reserved("us-east-1a", "m3.large", 4, 0.5),
                                    reserved("", "m4.large", 4, 0.5),
                                    reserved("", "c4.large", 1, 0.75) };
    costs(&h, c, 3, 4 * 0.5 + 4 * 0.5 + 0.75 + 3 / 2.0, 0);
    struct bill bill = pour(&h.usage, c, 3);
    assert_int_equal(bill.covered[0].used_us, 4 * HOUR_US);
    assert_int_equal(bill.covered[3 + 1].used_us, 2 * HOUR_US);
    assert_int_equal(bill.covered[6 + 2].used_us, HOUR_US / 2);
    bill_free(&bill);
    /* In another zone the zonal ones cover nothing. */
    h.lines[0].of.zone = "us-east-1b";
    costs(&h, c, 3, 4 + 4 * 0.5 + 4 * 0.5 + 0.75 + 3 / 2.0, 4 * 0.5);
}

/* Scenario 2: an m3.2xlarge covers 2 m3.large, then one of 2 m3.xlarge. */
static void reserved_scenario_2(void **state)
{
    struct hour_of h = { .usage = { 0 } };
    (void)state;
    use(&h, "us-east-1a", "m3.xlarge", 2, 2, 0, 0);
    use(&h, "us-east-1b", "m3.large", 2, 1, 0, 0);
    const struct commitment c = reserved("", "m3.2xlarge", 1, 2.5);
    struct bill bill = pour(&h.usage, &c, 1);
    assert_int_equal(bill.covered[1].used_us, 2 * HOUR_US);
    assert_int_equal(bill.covered[0].used_us, HOUR_US);
    assert_int_equal(bill.on_demand[0].used_us, HOUR_US);
    assert_int_equal(rated_usd_micro(bill.covered[0].rated), 1250000); /* half of its units */
    assert_int_equal(bill.total_usd_micro, 4500000);
    bill_free(&bill);
}

/* Scenario 3, the purchasing account: 2 c4.xlarge cover the two, not the 2xlarge. */
static void reserved_scenario_3(void **state)
{
    struct hour_of h = { .usage = { 0 } };
    (void)state;
    use(&h, "us-east-1b", "m4.2xlarge", 1, 4, 0, 0);
    use(&h, "us-east-1a", "m4.xlarge", 2, 2, 0, 0);
    use(&h, "us-east-1b", "c4.2xlarge", 1, 4, 0, 0);
    use(&h, "us-east-1a", "c4.xlarge", 2, 2, 0, 0);
    const struct commitment c[] = { reserved("", "m4.xlarge", 4, 1),
                                    reserved("", "c4.xlarge", 2, 1) };
    struct bill bill = pour(&h.usage, c, 2);
    assert_int_equal(bill.on_demand[0].used_us + bill.on_demand[1].used_us, 0);
    assert_int_equal(bill.on_demand[2].used_us, HOUR_US);
    assert_int_equal(bill.on_demand[3].used_us, 0);
    assert_int_equal(bill.total_usd_micro, 6000000 + 4000000);
    bill_free(&bill);
}

/* Scenario 4, all accounts as one: zonal ones are applied first, so that none is lost. */
static void reserved_scenario_4(void **state)
{
    struct hour_of h = { .usage = { 0 } };
    (void)state;
    use(&h, "us-east-1a", "m4.xlarge", 1, 2, 0, 0);
    use(&h, "us-east-1b", "m4.xlarge", 1, 2, 0, 0);
    const struct commitment c[] = { reserved("", "m4.xlarge", 1, 1),
                                    reserved("us-east-1a", "m4.xlarge", 1, 1) };
    costs(&h, c, 2, 2, 0);
}

static double covered_by(const char *reserved_type, const char *used_type, double used)
{
    struct hour_of h = { .usage = { 0 } };
    const struct commitment c = reserved("", reserved_type, 1, 1);
    use(&h, "us-east-1a", used_type, used, 1, 0, 0);
    struct bill bill = pour(&h.usage, &c, 1);
    double share = (double)bill.covered[0].used_us / (double)HOUR_US / used;
    bill_free(&bill);
    return share;
}

static void sizes_of_a_family(void **state)
{
    static const struct {
        const char *size;
        double factor;
    } table[] = { { "nano", .25 },     { "micro", .5 },     { "small", 1 },
                  { "medium", 2 },     { "large", 4 },      { "xlarge", 8 },
                  { "2xlarge", 16 },   { "3xlarge", 24 },   { "4xlarge", 32 },
                  { "6xlarge", 48 },   { "8xlarge", 64 },   { "9xlarge", 72 },
                  { "10xlarge", 80 },  { "12xlarge", 96 },  { "16xlarge", 128 },
                  { "18xlarge", 144 }, { "24xlarge", 192 }, { "32xlarge", 256 },
                  { "56xlarge", 448 }, { "112xlarge", 896 } };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(size_normalization(table[i].size), (int64_t)(4 * table[i].factor));
    assert_int_equal(size_normalization("metal"), 0);
    assert_int_equal(size_normalization("xlarge2"), 0);
    assert_int_equal(size_normalization("1xlarge"), 0);
    assert_int_equal(size_normalization("99999999999999999999xlarge"), 0);
    assert_int_equal(size_normalization(""), 0);
    assert_true(covered_by("t2.medium", "t2.small", 2) == 1);
    assert_true(covered_by("t2.medium", "t2.large", 1) == 0.5);
    assert_true(covered_by("t2.medium", "t3.small", 1) == 0);
    assert_true(covered_by("p4d.24xlarge", "p4de.24xlarge", 1) == 0);
    /* Not flexible in size, though in zone. */
    static const char *const exempt[][2] = { { "g4ad.2xlarge", "g4ad.xlarge" },
                                             { "g4dn.2xlarge", "g4dn.xlarge" },
                                             { "g5.2xlarge", "g5.xlarge" },
                                             { "g5g.2xlarge", "g5g.xlarge" },
                                             { "inf1.2xlarge", "inf1.xlarge" } };
    for (size_t i = 0; i < sizeof exempt / sizeof *exempt; i++) {
        assert_true(covered_by(exempt[i][0], exempt[i][1], 1) == 0);
        assert_true(covered_by(exempt[i][0], exempt[i][0], 1) == 1);
    }
    assert_true(covered_by("g6.2xlarge", "g6.xlarge", 2) == 1);
}

/* ---- capacity ---- */

static void capacity_is_paid_used_or_not(void **state)
{
    struct hour_of h = { .usage = { 0 } };
    struct commitment c = { .kind = COMMITMENT_CAPACITY_RESERVATION,
                            .of = { "aws", "us-east-1", "us-east-1a", "p4d.24xlarge", 20 * USD_NANO,
                                    0, 10 * USD_NANO },
                            .count = 5,
                            .to_us = FOREVER };
    (void)state;
    use(&h, "us-east-1a", "p4d.24xlarge", 3, 20, 0, 10);
    use(&h, "us-east-1b", "p4d.24xlarge", 1, 20, 0, 10);
    costs(&h, &c, 1, 5 * 20 + 20, 0);
    struct bill bill = pour(&h.usage, &c, 1);
    assert_int_equal(bill.line_n, 3); /* the last is what lies unused */
    assert_int_equal(bill.on_demand[2].used_us, 2 * HOUR_US);
    bill_free(&bill);
    /* Reserved instances and savings plans apply to it, used or not. */
    const struct commitment with[] = { c, reserved("us-east-1a", "p4d.24xlarge", 4, 12),
                                       plan(COMMITMENT_COMPUTE_PLAN, "", 5) };
    costs(&h, with, 3, 4 * 12 + 5 + (6 - 4 - 0.5) * 20, 0);
    /* Two reservations of the same: what fills one does not fill the other. */
    const struct commitment two[] = { c, c };
    costs(&h, two, 2, 10 * 20 + 20, 0);
}

static void blocks_are_prepaid(void **state)
{
    struct hour_of h = { .usage = { 0 } };
    /* Two p5 for four hours, $400 each; the books see one of these hours. */
    const struct commitment block = { .kind = COMMITMENT_CAPACITY_BLOCK,
                                      .of = { "aws", "us-east-1", "", "p5.48xlarge", 0, 0, 0 },
                                      .count = 2,
                                      .upfront_usd_micro = 400000000,
                                      .from_us = -HOUR_US,
                                      .to_us = 3 * HOUR_US };
    const struct commitment with_plan[] = { plan(COMMITMENT_COMPUTE_PLAN, "", 10), block };
    (void)state;
    use(&h, "us-east-1a", "p5.48xlarge", 3, 55, 0, 40);
    costs(&h, &block, 1, 200 + 55, 0);
    costs(&h, with_plan, 2, 200 + 10 + 55 * 0.75, 0); /* no plan for what is in the block */
    h.used[0] = HOUR_US;
    costs(&h, &block, 1, 200, 100);
}

/* What runs in a block fills no reservation, and what of a reservation lies unused is in no block.
 */
static void a_block_beside_a_reservation(void **state)
{
    const __int128 used[2] = { HOUR_US, HOUR_US };
    const struct usage_line line = { { "aws", "us-east-1", "", "p5.48xlarge", 55 * USD_NANO, 0, 0 },
                                     used };
    const struct usage u = { 2, 0, 2 * HOUR_US, 1, &line };
    struct commitment c[] = { reserved("", "p5.48xlarge", 2, 0),
                              reserved("", "p5.48xlarge", 2, 0) };
    (void)state;
    c[0].kind = COMMITMENT_CAPACITY_RESERVATION;
    c[0].of.usd_nano_per_hour = 55 * USD_NANO;
    c[1].kind = COMMITMENT_CAPACITY_BLOCK;
    c[1].upfront_usd_micro = 200000000;
    c[1].to_us = 2 * HOUR_US;
    struct bill bill = pour(&u, c, 2);
    assert_int_equal(bill.covered[1].used_us, 2 * HOUR_US);
    assert_int_equal(rated_usd_micro(bill.covered[1].rated), 200000000); /* one of two, two hours */
    assert_int_equal(rated_usd_micro(bill.unused[1]), 200000000);
    assert_int_equal(bill.on_demand[1].used_us, 4 * HOUR_US); /* all of the reservation */
    assert_int_equal(bill.total_usd_micro, 400000000 + 4 * 55000000);
    bill_free(&bill);
}

/* ---- terms ---- */

static void terms_begin_and_end_within_hours(void **state)
{
    enum { N = 4 };
    const __int128 used[N] = { HOUR_US / 2, HOUR_US, HOUR_US, HOUR_US };
    const struct usage_line line = {
        { "aws", "us-east-1", "", "p4d.24xlarge", 20 * USD_NANO, 0, 0 }, used
    };
    /* Second 0 is half past; the books end at half past three, a term of two hours from 01:15 has
     * $7 upfront and $3 an hour. */
    const struct usage u = { N, HOUR_US / 2, 3 * HOUR_US, 1, &line };
    struct commitment c = reserved("", "p4d.24xlarge", 1, 3);
    (void)state;
    c.from_us = HOUR_US * 3 / 4;
    c.to_us = HOUR_US * 11 / 4;
    c.upfront_usd_micro = 7000000;
    struct bill bill = pour(&u, &c, 1);
    assert_int_equal(bill.covered[0].used_us, 2 * HOUR_US);
    assert_int_equal(rated_usd_micro(bill.covered[0].rated + bill.unused[0]), 13000000);
    assert_int_equal(bill.on_demand[0].used_us, HOUR_US * 3 / 2);
    bill_free(&bill);
    c.to_us = HOUR_US * 19 / 4; /* four hours, of which the books see 2.25 */
    bill = pour(&u, &c, 1);
    assert_int_equal(rated_usd_micro(bill.covered[0].rated + bill.unused[0]),
                     6750000 + 7000000 * 9 / 16);
    bill_free(&bill);
}

static void reserved_against_on_demand(void **state)
{
    static const struct {
        const char *id;
        double upfront, hourly, on_demand;
        int32_t term_hours;
        double utilization, hours, effective;
    } oracles[] = {
        { "breakeven-01", 0, 0.62, 1, 8760, 0.62, 5431.2, 0.62 },
        { "breakeven-02", 8000, 0.2, 2.5, 8760, 0.44529680365296803, 3900.8, 1.11324200913242 },
        { "breakeven-04", 0, 1.89, 3.0, 26280, 0.63, 16556.4, 1.89 },
        { "breakeven-05", 12000, 0.5, 3.2, 8760, 0.584332191780822, 5118.75, 1.86986301369863 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof oracles / sizeof *oracles; i++) {
        int32_t n = oracles[i].term_hours;
        __int128 *used = calloc((size_t)n, sizeof *used);
        const struct usage_line line = { { "aws", "us-east-1", "", "p4d.24xlarge",
                                           llround(oracles[i].on_demand * 1e9), 0, 0 },
                                         used };
        const struct usage u = { n, 0, n * HOUR_US, 1, &line };
        struct commitment c = reserved("", "p4d.24xlarge", 1, oracles[i].hourly);
        c.to_us = n * HOUR_US;
        c.upfront_usd_micro = llround(oracles[i].upfront * 1e6);
        /* In its term it costs this, used or not; and what that much usage costs on demand. */
        for (int over = -1; over <= 1; over++) {
            int64_t us = llround((oracles[i].hours + over) * (double)HOUR_US);
            for (int32_t h = 0; h < n; h++, us -= us < HOUR_US ? us : HOUR_US)
                used[h] = us < HOUR_US ? us : HOUR_US;
            struct bill with = pour(&u, &c, 1), without = pour(&u, NULL, 0);
            int64_t more = with.total_usd_micro - without.total_usd_micro;
            assert_int_equal(more, -over * llround(oracles[i].on_demand * 1e6));
            double effective = (double)with.total_usd_micro / 1e6 / n;
            if (fabs(effective / oracles[i].effective - 1) > 1e-9)
                fail_msg("%s: %.12g an hour", oracles[i].id, effective);
            if (over == 0 && fabs((double)without.total_usd_micro / 1e6 / n / oracles[i].on_demand /
                                      oracles[i].utilization -
                                  1) > 1e-9)
                fail_msg("%s: utilization", oracles[i].id);
            bill_free(&with);
            bill_free(&without);
        }
        free(used);
    }
}

/* ---- how much to commit: the newsvendor (Arrow, Harris, Marschak 1951) ---- */

static size_t cheapest(const __int128 *total, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (total[i] < total[best]) best = i;
    return best;
}

static double per_hour(__int128 total, int32_t hours)
{
    return (double)total / (double)RATED_USD / hours;
}

static void reserve_for_poisson_demand(void **state)
{
    enum { HOURS = 100000, LEVELS = 320 };
    static const struct {
        const char *id;
        double mean, reserved, on_demand;
        size_t best;
        double cost, cost_less_5, cost_more_5, all_on_demand;
    } oracles[] = {
        { "newsvendor-01", 20, 0.55, 1, 19, 12.756449081002465, 13.845547116328467,
          13.687600740401747, 20 },
        { "newsvendor-02", 100, 0.4, 1, 102, 43.878690411449114, 44.44518045621151,
          44.26217440151949, 100 },
        { "newsvendor-04", 50, 0.7, 1, 46, 37.423846175471404, 38.00035155877975, 38.05376700711269,
          50 },
        { "newsvendor-05", 200, 0.35, 0.9, 204, 74.89364114358044, 75.18405405967226,
          75.20170365036279, 180 },
    };
    static int64_t levels[LEVELS];
    __int128 *used = malloc(HOURS * sizeof *used), total[LEVELS];
    struct error err;
    (void)state;
    for (size_t i = 0; i < LEVELS; i++) levels[i] = (int64_t)i;
    for (size_t i = 0; i < sizeof oracles / sizeof *oracles; i++) {
        int64_t n = 0; /* hour h has the (h + 1/2) / HOURS quantile of demand */
        for (int32_t h = 0; h < HOURS; h++) {
            while (gsl_cdf_poisson_P((unsigned)n, oracles[i].mean) < (h + 0.5) / HOURS) n++;
            used[h] = n * HOUR_US;
        }
        const struct usage_line line = { { "aws", "us-east-1", "", "p4d.24xlarge",
                                           llround(oracles[i].on_demand * 1e9), 0, 0 },
                                         used };
        const struct usage u = { HOURS, 0, INT64_MAX, 1, &line };
        const struct commitment c = reserved("", "p4d.24xlarge", 1, oracles[i].reserved);
        if (commitments_levels(&u, NULL, 0, &c, levels, LEVELS, total, &err) != STATUS_OK)
            fail_msg("%s", err.message);
        size_t best = cheapest(total, LEVELS);
        assert_int_equal(best, oracles[i].best);
        const double expected[] = { oracles[i].cost, oracles[i].cost_less_5, oracles[i].cost_more_5,
                                    oracles[i].all_on_demand },
                     seen[] = { per_hour(total[best], HOURS), per_hour(total[best - 5], HOURS),
                                per_hour(total[best + 5], HOURS), per_hour(total[0], HOURS) };
        for (int k = 0; k < 4; k++)
            if (fabs(seen[k] / expected[k] - 1) > 2e-5)
                fail_msg("%s, %d: %.9g, not %.9g", oracles[i].id, k, seen[k], expected[k]);
    }
    free(used);
}

static void commit_for_normal_demand(void **state)
{
    enum { HOURS = 50000, LEVELS = 401 };
    static const struct {
        const char *id;
        double mean, sd, reserved, on_demand, best, cost;
    } oracles[] = {
        { "newsvendor-07", 100, 20, 0.55, 1, 97.48677306289852, 62.91609756975233 },
        { "newsvendor-08", 40, 10, 0.4, 1, 42.533471031358, 19.863425334968603 },
    };
    const double step = 0.01;
    static int64_t levels[LEVELS];
    __int128 *used = malloc(HOURS * sizeof *used), total[LEVELS];
    struct error err;
    (void)state;
    for (size_t i = 0; i < sizeof oracles / sizeof *oracles; i++) {
        double z = gsl_cdf_ugaussian_Pinv(1 - oracles[i].reserved / oracles[i].on_demand);
        double best = oracles[i].mean + oracles[i].sd * z;
        assert_true(fabs(best / oracles[i].best - 1) < 1e-9);
        for (int32_t h = 0; h < HOURS; h++) {
            double x = oracles[i].mean + gsl_cdf_gaussian_Pinv((h + 0.5) / HOURS, oracles[i].sd);
            used[h] = llround(fmax(x, 0) * (double)HOUR_US);
        }
        for (int k = 0; k < LEVELS; k++) /* dollars an hour, at the plan's rate */
            levels[k] = llround((best + (k - LEVELS / 2) * step) * oracles[i].reserved * 1e9);
        const struct usage_line line = { { "aws", "us-east-1", "", "p4d.24xlarge",
                                           llround(oracles[i].on_demand * 1e9), 0,
                                           llround(oracles[i].reserved * 1e9) },
                                         used };
        const struct usage u = { HOURS, 0, INT64_MAX, 1, &line };
        const struct commitment c = plan(COMMITMENT_COMPUTE_PLAN, "", 0);
        if (commitments_levels(&u, NULL, 0, &c, levels, LEVELS, total, &err) != STATUS_OK)
            fail_msg("%s", err.message);
        int off = (int)cheapest(total, LEVELS) - LEVELS / 2;
        if (abs(off) > 1) fail_msg("%s: %d steps from the optimum", oracles[i].id, off);
        double cost = per_hour(total[LEVELS / 2], HOURS);
        /* pr r + po E[(N - r)+], which is pr mu + po sd phi(z) at the optimum. */
        double overflow =
            oracles[i].sd * (gsl_cdf_ugaussian_P(-z) * -z + exp(-z * z / 2) / sqrt(2 * M_PI));
        double closed = oracles[i].reserved * best + oracles[i].on_demand * overflow;
        if (fabs(cost / closed - 1) > 1e-5 || fabs(closed / oracles[i].cost - 1) > 1e-9)
            fail_msg("%s: %.9g, closed form %.9g, not %.9g", oracles[i].id, cost, closed,
                     oracles[i].cost);
    }
    free(used);
}

/* ---- the same by another way ---- */

enum { R_HOURS = 5, R_LINES = 5, R_COMMITMENTS = 6 };

struct random_case {
    struct usage usage;
    struct usage_line lines[R_LINES];
    __int128 used[R_LINES][R_HOURS];
    struct commitment commitments[R_COMMITMENTS];
    size_t n;
};

static uint64_t draw(uint64_t round, uint64_t *i, uint64_t most)
{
    return random_below(random_key(31, 0), RANDOM_TEST, round, (*i)++, most);
}

/* Families a and b of two sizes each, and one thing that has no size. */
static void random_case(struct random_case *r, uint64_t round)
{
    static const char *const types[R_LINES] = { "a.large", "a.xlarge", "b.xlarge", "b.4xlarge",
                                                "box" };
    uint64_t i = 0;
    *r = (struct random_case){ .usage = { R_HOURS, 0, R_HOURS * HOUR_US, R_LINES, NULL } };
    for (size_t l = 0; l < R_LINES; l++) {
        int64_t price = 10 + (int64_t)draw(round, &i, 90);
        int64_t ec2 = l < 4 ? 1 + (int64_t)draw(round, &i, (uint64_t)price) : 0,
                compute = 1 + (int64_t)draw(round, &i, (uint64_t)price);
        r->lines[l] =
            (struct usage_line){ { "aws", "us-east-1", draw(round, &i, 2) ? "x" : "y", types[l],
                                   price * USD_NANO, ec2 * USD_NANO, compute * USD_NANO },
                                 r->used[l] };
        for (int h = 0; h < R_HOURS; h++)
            r->used[l][h] = (__int128)draw(round, &i, 40) * HOUR_US / 4;
    }
    r->n = draw(round, &i, R_COMMITMENTS + 1);
    for (size_t k = 0; k < r->n; k++) {
        enum commitment_kind kind =
            (enum commitment_kind)(COMMITMENT_RESERVED_ZONAL + draw(round, &i, 4));
        struct commitment c = plan(kind, types[draw(round, &i, 4)], (double)draw(round, &i, 200));
        if (kind == COMMITMENT_RESERVED_ZONAL) c.of.zone = draw(round, &i, 2) ? "x" : "y";
        if (kind < COMMITMENT_EC2_PLAN) {
            c.count = (int64_t)draw(round, &i, 6);
            c.upfront_usd_micro = (int64_t)draw(round, &i, 1000000000);
            c.from_us = (int64_t)draw(round, &i, 3) * HOUR_US;
            c.to_us = c.from_us + 1 + (int64_t)draw(round, &i, 9 * (uint64_t)HOUR_US);
        }
        r->commitments[k] = c;
    }
}

/* Slow and plain, in floating point: in each hour the commitment takes, again and again, a little
 * of whatever line is its best now. Returns dollars. */
static double slow_hour(const struct random_case *r, int h)
{
    double left[R_LINES], usd = 0;
    for (int l = 0; l < R_LINES; l++) left[l] = (double)r->used[l][h] / (double)HOUR_US;
    for (int kind = 0; kind < COMMITMENT_KINDS; kind++)
        for (size_t k = 0; k < r->n; k++) {
            const struct commitment *c = &r->commitments[k];
            if ((int)c->kind != kind) continue;
            double from = fmax((double)h, (double)c->from_us / (double)HOUR_US),
                   to = fmin(h + 1.0, (double)c->to_us / (double)HOUR_US),
                   time = fmax(to - from, 0), rate = (double)c->usd_nano_per_hour / 1e9;
            bool by_money = kind >= COMMITMENT_EC2_PLAN;
            bool flexible = kind == COMMITMENT_RESERVED_REGIONAL;
            double term = (double)(c->to_us - c->from_us) / (double)HOUR_US;
            double budget = time * (by_money ? rate : (double)c->count);
            usd += time * (by_money ? rate
                                    : (double)c->count *
                                          (rate + (double)c->upfront_usd_micro / 1e6 / term));
            if (flexible) budget *= (double)size_normalization(strchr(c->of.instance, '.') + 1);
            for (;;) {
                int best = -1;
                double best_key = 0, best_burn = 0;
                for (int l = 0; l < R_LINES; l++) {
                    const struct offering *of = &r->lines[l].of;
                    bool family = of->instance[0] == c->of.instance[0] && of->instance[1] == '.';
                    double burn = 1, key = 0, od = (double)of->usd_nano_per_hour / 1e9;
                    if (left[l] < 1e-12) continue;
                    if (kind == COMMITMENT_RESERVED_ZONAL &&
                        (strcmp(of->zone, c->of.zone) != 0 ||
                         strcmp(of->instance, c->of.instance) != 0))
                        continue;
                    if (kind != COMMITMENT_RESERVED_ZONAL && kind != COMMITMENT_COMPUTE_PLAN &&
                        !family)
                        continue;
                    if (flexible)
                        key = burn = (double)size_normalization(strchr(of->instance, '.') + 1);
                    if (kind == COMMITMENT_EC2_PLAN)
                        burn = (double)of->ec2_plan_usd_nano_per_hour / 1e9;
                    if (kind == COMMITMENT_COMPUTE_PLAN)
                        burn = (double)of->compute_plan_usd_nano_per_hour / 1e9;
                    if (by_money) key = burn / od + burn * 1e-9;
                    if (best >= 0 && key >= best_key) continue;
                    best = l;
                    best_key = key;
                    best_burn = burn;
                }
                if (best < 0 || budget < 1e-12) break;
                double take = fmin(fmin(left[best], budget / best_burn), 0.25);
                left[best] -= take;
                budget -= take * best_burn;
            }
        }
    for (int l = 0; l < R_LINES; l++)
        usd += left[l] * (double)r->lines[l].of.usd_nano_per_hour / 1e9;
    return usd;
}

struct hours_seen {
    __int128 rated[R_HOURS];
    size_t calls;
};

static void see_covered(void *context, int32_t hour, size_t line, size_t commitment,
                        const struct poured *what)
{
    struct hours_seen *seen = context;
    assert_true(line < R_LINES && commitment < R_COMMITMENTS && what->used_us >= 0);
    seen->rated[hour] += what->rated;
    seen->calls++;
}

static void see_on_demand(void *context, int32_t hour, size_t line, const struct poured *what)
{
    struct hours_seen *seen = context;
    assert_true(line < R_LINES && what->used_us >= 0 && what->rated >= 0);
    seen->rated[hour] += what->rated;
}

static void see_unused(void *context, int32_t hour, size_t commitment, __int128 rated)
{
    struct hours_seen *seen = context;
    assert_true(commitment < R_COMMITMENTS && rated > 0);
    seen->rated[hour] += rated;
}

static void the_same_as_the_slow_pour(void **state)
{
    size_t covered = 0;
    (void)state;
    for (uint64_t round = 0; round < 400; round++) {
        struct random_case r;
        struct hours_seen seen = { { 0 }, 0 };
        const struct pour_observer observer = { &seen, see_covered, see_on_demand, see_unused };
        struct bill bill;
        struct error err;
        __int128 sum = 0;
        random_case(&r, round);
        r.usage.lines = r.lines;
        if (commitments_pour(&r.usage, r.commitments, r.n, &observer, &bill, &err) != STATUS_OK)
            fail_msg("%s", err.message);
        for (int h = 0; h < R_HOURS; h++) {
            double usd = (double)seen.rated[h] / (double)RATED_USD, slow = slow_hour(&r, h);
            if (fabs(usd - slow) > 1e-6)
                fail_msg("round %d, hour %d: $%.9f, not $%.9f", (int)round, h, usd, slow);
            sum += seen.rated[h];
        }
        assert_true(sum == bill.total); /* hour by hour and line by line, to the last digit */
        for (size_t l = 0; l < R_LINES; l++) {
            __int128 used = bill.on_demand[l].used_us, all = 0;
            for (size_t k = 0; k < r.n; k++) used += bill.covered[l * r.n + k].used_us;
            for (int h = 0; h < R_HOURS; h++) all += r.used[l][h];
            assert_true(used == all);
        }
        covered += seen.calls;
        bill_free(&bill);
    }
    assert_true(covered > 2000);
}

static void levels_are_what_pouring_each_gives(void **state)
{
    enum { LEVELS = 9 };
    int compared = 0;
    (void)state;
    for (uint64_t round = 0; round < 300; round++) {
        struct random_case r;
        int64_t levels[LEVELS];
        __int128 total[LEVELS];
        struct error err;
        random_case(&r, round);
        r.usage.lines = r.lines;
        if (r.n == 0) continue;
        struct commitment *varied = &r.commitments[r.n - 1];
        bool by_money = varied->kind >= COMMITMENT_EC2_PLAN;
        for (int64_t i = 0; i < LEVELS; i++)
            levels[i] = by_money ? i * i * 7 * USD_NANO / 3 : i * (i + 1) / 3;
        enum status status = commitments_levels(&r.usage, r.commitments, r.n - 1, varied, levels,
                                                LEVELS, total, &err);
        for (size_t k = 0; k + 1 < r.n; k++)
            if (r.commitments[k].kind > varied->kind) {
                assert_int_equal(status, STATUS_BAD_INPUT);
                goto next;
            }
        if (status != STATUS_OK) fail_msg("%s", err.message);
        for (int i = 0; i < LEVELS; i++) {
            if (by_money) varied->usd_nano_per_hour = levels[i];
            else varied->count = levels[i];
            struct bill bill = pour(&r.usage, r.commitments, r.n);
            if (bill.total != total[i]) fail_msg("round %d, level %d", (int)round, i);
            bill_free(&bill);
            compared++;
        }
    next:;
    }
    assert_true(compared > 900);
}

/* ---- what is refused ---- */

static void refused(const struct hour_of *h, struct commitment c, const char *words)
{
    struct bill bill;
    struct error err;
    if (commitments_pour(&h->usage, &c, 1, NULL, &bill, &err) != STATUS_BAD_INPUT)
        fail_msg("not refused: %s", words);
    if (!strstr(err.message, words)) fail_msg("'%s', not '%s'", err.message, words);
}

static void what_cannot_be_is_refused(void **state)
{
    struct hour_of h = { .usage = { 0 } };
    struct commitment ri = reserved("", "p4d.24xlarge", 1, 3),
                      sp = plan(COMMITMENT_COMPUTE_PLAN, "", 1), c;
    (void)state;
    use(&h, "", "p4d.24xlarge", 1, 20, 0, 10);
    c = ri;
    c.to_us = c.from_us;
    refused(&h, c, "ends before it begins");
    c = ri;
    c.count = POUR_COUNT_MAX + 1;
    refused(&h, c, "too many instances");
    c = ri;
    c.usd_nano_per_hour = -1;
    refused(&h, c, "negative or too large");
    c = ri;
    c.upfront_usd_micro = INT64_MAX;
    refused(&h, c, "negative or too large");
    c = sp;
    c.upfront_usd_micro = 1;
    refused(&h, c, "nothing to pay upfront");
    c = ri;
    c.kind = COMMITMENT_CAPACITY_RESERVATION;
    refused(&h, c, "no price but that on demand");
    c = reserved("", "p4d.24xlarge", POUR_COUNT_MAX, 1000000);
    c.upfront_usd_micro = INT64_C(1) << 53;
    c.to_us = 2;
    refused(&h, c, "more than can be counted");
    h.lines[0].of.compute_plan_usd_nano_per_hour = 21 * USD_NANO;
    refused(&h, ri, "costs more with a savings plan");
    h.lines[0].of.compute_plan_usd_nano_per_hour = -1;
    refused(&h, ri, "negative or above");
    h.lines[0].of.compute_plan_usd_nano_per_hour = 0;
    h.used[0] = ((__int128)1 << 52) + 1;
    refused(&h, ri, "more of 'p4d.24xlarge' is used");
    h.used[0] = -1;
    refused(&h, ri, "more of 'p4d.24xlarge' is used");
    h.used[0] = 0;
    h.usage.hours = LEDGER_HOURS_MAX + 1;
    refused(&h, ri, "hours");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(savings_plans_as_aws_had_them),
        cmocka_unit_test(savings_plans_as_aws_has_them),
        cmocka_unit_test(reserved_scenario_1),
        cmocka_unit_test(reserved_scenario_2),
        cmocka_unit_test(reserved_scenario_3),
        cmocka_unit_test(reserved_scenario_4),
        cmocka_unit_test(sizes_of_a_family),
        cmocka_unit_test(capacity_is_paid_used_or_not),
        cmocka_unit_test(blocks_are_prepaid),
        cmocka_unit_test(a_block_beside_a_reservation),
        cmocka_unit_test(terms_begin_and_end_within_hours),
        cmocka_unit_test(reserved_against_on_demand),
        cmocka_unit_test(reserve_for_poisson_demand),
        cmocka_unit_test(commit_for_normal_demand),
        cmocka_unit_test(the_same_as_the_slow_pour),
        cmocka_unit_test(levels_are_what_pouring_each_gives),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
