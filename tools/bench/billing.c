/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A year of 10,000 nodes billed: a million node lives metered at a price that changes every hour,
 * they and ten million holds of GPUs entered into ledgers of eight pools, and commitments poured
 * over 8,760 hours. Then a thousand levels of a Savings Plan, and of reserved instances, on the
 * same usage. Lives and holds are drawn before the clock starts. Best of three.
 */
#include <string.h>

#include "models/pricing/commitments.h"
#include "models/pricing/ledger.h"
#include "models/pricing/metering.h"
#include "models/pricing/money.h"
#include "tools/bench/bench.h"

enum { NODES = 10000, GPUS = 8, POOLS = 8, HOURS = 8760, LEVELS = 1000, RUNS = 3 };

static const char *const instances[POOLS] = { "p4d.24xlarge", "p5.48xlarge",  "p5.4xlarge",
                                              "g6.12xlarge",  "g6.48xlarge",  "g6e.12xlarge",
                                              "g6e.48xlarge", "g4dn.12xlarge" };

struct hold {
    int64_t from_us, to_us;
    int32_t pool, gpu_milli;
};

struct inputs {
    struct node_life *lives;
    struct hold *holds;
    int64_t life_n, hold_n;
    struct price_trace prices;
};

static double unit(int64_t i, uint64_t draw)
{
    return random_unit(random_key(17, 0), RANDOM_TEST, (uint64_t)i, draw);
}

static struct inputs draw_inputs(int64_t life_n, int64_t hold_n)
{
    struct inputs in = { malloc((size_t)life_n * sizeof *in.lives),
                         malloc((size_t)hold_n * sizeof *in.holds),
                         life_n,
                         hold_n,
                         { 0 } };
    struct price_step steps[HOURS];
    struct price_repairs repairs;
    struct error err = { STATUS_OK, "" };
    if (!in.lives || !in.holds) exit(1);
    /* As many lives as keep 10,000 nodes up: mean NODES x year / lives. */
    double mean_h = (double)NODES * HOURS / (double)life_n;
    for (int64_t i = 0; i < life_n; i++) {
        int64_t from = (int64_t)(unit(i, 0) * HOURS * (double)HOUR_US);
        double span = random_exponential_of(unit(i, 1)) * mean_h * (double)HOUR_US;
        in.lives[i] = (struct node_life){ from, from + (int64_t)span,
                                          unit(i, 2) < 0.2 ? ENDED_BY_PROVIDER : ENDED_BY_USER };
    }
    mean_h = 0.7 * (double)NODES * GPUS * HOURS / (double)hold_n / 2;
    for (int64_t i = 0; i < hold_n; i++) {
        int64_t from = (int64_t)(unit(i, 3) * HOURS * (double)HOUR_US);
        double span = random_exponential_of(unit(i, 4)) * mean_h * (double)HOUR_US;
        in.holds[i] = (struct hold){ from, from + (int64_t)span, (int32_t)(i % POOLS), 2000 };
    }
    for (int h = 0; h < HOURS; h++)
        steps[h] = (struct price_step){ h * HOUR_US, (int64_t)(unit(h, 5) * 2e10) };
    bench_need(price_trace_init(&in.prices, steps, HOURS, &repairs, &err), &err);
    return in;
}

static struct commitment commitment(enum commitment_kind kind, const char *instance, int64_t count,
                                    double usd)
{
    return (struct commitment){ .kind = kind,
                                .of = { "aws", "us-east-1", "", instance, 0, 0, 0 },
                                .count = count,
                                .usd_nano_per_hour = (int64_t)(usd * 1e9),
                                .to_us = HOURS * HOUR_US };
}

/* Returns seconds; used[pool] is filled, checksum is what all cost. */
static double bill_year(const struct inputs *in, __int128 *used[POOLS], double *checksum)
{
    const struct billing_rule *rule = billing_rule_find("ec2-spot");
    struct ledger ledgers[POOLS];
    struct usage_line lines[POOLS];
    struct error err = { STATUS_OK, "" };
    struct bill bill;
    double start = bench_now();
    int64_t spot = 0;
    for (int p = 0; p < POOLS; p++) ledger_init(&ledgers[p], 0, HOURS * HOUR_US);
    for (int64_t i = 0; i < in->life_n; i++) {
        const struct node_life *life = &in->lives[i];
        int64_t to = life->from_us + meter_billed_us(rule, life);
        spot += rated_usd_micro(meter_cost(rule, life, &in->prices));
        bench_need(ledger_add(&ledgers[i % POOLS], LEDGER_BOUGHT, life->from_us, to, 1, &err),
                   &err);
    }
    for (int64_t i = 0; i < in->hold_n; i++)
        bench_need(ledger_add(&ledgers[in->holds[i].pool], LEDGER_HELD, in->holds[i].from_us,
                              in->holds[i].to_us, in->holds[i].gpu_milli, &err),
                   &err);
    for (int p = 0; p < POOLS; p++) {
        static __int128 held[HOURS];
        bench_need(ledger_read(&ledgers[p], LEDGER_BOUGHT, used[p], &err), &err);
        bench_need(ledger_read(&ledgers[p], LEDGER_HELD, held, &err), &err);
        int64_t usd = 5 + 4 * p;
        lines[p] = (struct usage_line){ { "aws", "us-east-1", "a", instances[p], usd * 1000000000,
                                          usd * 550000000, usd * 680000000 },
                                        used[p] };
        ledger_free(&ledgers[p]);
    }
    const struct commitment commitments[] = {
        commitment(COMMITMENT_RESERVED_REGIONAL, "g6.12xlarge", 500, 5),
        commitment(COMMITMENT_RESERVED_REGIONAL, "g4dn.12xlarge", 300, 12),
        commitment(COMMITMENT_EC2_PLAN, "p5.48xlarge", 1, 3000),
        commitment(COMMITMENT_COMPUTE_PLAN, "", 1, 20000),
    };
    const struct usage usage = { HOURS, 0, HOURS * HOUR_US, POOLS, lines };
    bench_need(commitments_pour(&usage, commitments, 4, NULL, &bill, &err), &err);
    double seconds = bench_now() - start;
    *checksum = (double)bill.total_usd_micro / 1e6 + (double)spot / 1e6;
    bill_free(&bill);
    return seconds;
}

static double price_levels(__int128 *const used[POOLS], const struct commitment *others, size_t n,
                           const struct commitment *varied, double step, double *checksum)
{
    static int64_t levels[LEVELS];
    static __int128 total[LEVELS];
    struct usage_line lines[POOLS];
    struct error err = { STATUS_OK, "" };
    for (int p = 0; p < POOLS; p++) {
        int64_t usd = 5 + 4 * p;
        lines[p] = (struct usage_line){ { "aws", "us-east-1", "a", instances[p], usd * 1000000000,
                                          usd * 550000000, usd * (680000000 + 1000000 * p) },
                                        used[p] };
    }
    const struct usage usage = { HOURS, 0, HOURS * HOUR_US, POOLS, lines };
    for (int i = 0; i < LEVELS; i++) levels[i] = (int64_t)(i * step);
    double start = bench_now();
    bench_need(commitments_levels(&usage, others, n, varied, levels, LEVELS, total, &err), &err);
    double seconds = bench_now() - start;
    size_t best = 0;
    for (size_t i = 1; i < LEVELS; i++)
        if (total[i] < total[best]) best = i;
    *checksum = (double)total[best] / (double)RATED_USD + (double)best;
    return seconds;
}

static double least(double a, double b) { return a < b ? a : b; }

int main(int argc, char **argv)
{
    int64_t part = argc > 1 && strcmp(argv[1], "--quick") == 0 ? 10 : 1;
    struct inputs in = draw_inputs(1000000 / part, 10000000 / part);
    __int128 *used[POOLS];
    double year = 1e9, plans = 1e9, reserved = 1e9, sums[3];
    for (int p = 0; p < POOLS; p++)
        if (!(used[p] = calloc(HOURS, sizeof *used[p]))) exit(1);
    const struct commitment others[] = {
        commitment(COMMITMENT_RESERVED_REGIONAL, "g6.12xlarge", 500, 5),
        commitment(COMMITMENT_EC2_PLAN, "p5.48xlarge", 1, 3000),
    };
    const struct commitment plan = commitment(COMMITMENT_COMPUTE_PLAN, "", 1, 0);
    const struct commitment instance =
        commitment(COMMITMENT_RESERVED_REGIONAL, "g6e.12xlarge", 0, 15);
    for (int i = 0; i < RUNS; i++) {
        year = least(year, bill_year(&in, used, &sums[0]));
        plans = least(plans, price_levels(used, others, 2, &plan, 2e11, &sums[1]));
        reserved = least(reserved, price_levels(used, others, 1, &instance, 8, &sums[2]));
    }
    printf("# a year of 10,000 nodes: %lld lives, %lld holds, 8 pools, 4 commitments; seconds\n",
           (long long)in.life_n, (long long)in.hold_n);
    printf("%-44s %8.3f   $%.2f\n", "billed", year, sums[0]);
    printf("%-44s %8.3f   %.6f\n", "1,000 levels of a Savings Plan, 8 lines", plans, sums[1]);
    printf("%-44s %8.3f   %.6f\n", "1,000 levels of reserved instances, 2 lines", reserved,
           sums[2]);
    for (int p = 0; p < POOLS; p++) free(used[p]);
    free(in.lives);
    free(in.holds);
    price_trace_free(&in.prices);
    return 0;
}
