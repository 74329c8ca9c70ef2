/* SPDX-License-Identifier: Apache-2.0 */
/* Plans that choose what to commit to: against trying all, against the newsvendor's and the
 * break-even's closed forms; and what lies between the cheapest fleet and the fastest. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/interval.h"
#include "sim/random.h"
#include "tests/shell.h"
#include "tests/support.h"

/* What a command prints. */
static char *printed(const char *command, int code)
{
    char *out, *err;
    int status = sh(command, &out, &err);
    if (status != code) fail_msg("%s: exit %d\n%s%s", command, status, out, err);
    free(err);
    return out;
}

static json_t *plan_of(const char *options)
{
    char command[300];
    json_error_t where;
    snprintf(command, sizeof command, "$S plan p.yaml --json --no-changes %s", options);
    char *out = printed(command, 0);
    json_t *plan = json_loads(out, 0, &where);
    if (!plan) fail_msg("%s: %s", command, where.text);
    free(out);
    return plan;
}

static json_int_t searched(const json_t *plan, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(plan, "searched"), key));
}

static double mean_of(const json_t *candidate, const char *metric)
{
    return json_real_value(
        json_object_get(json_object_get(json_object_get(candidate, "metrics"), metric), "mean"));
}

static json_int_t point_of(const json_t *candidate)
{
    return json_integer_value(json_object_get(candidate, "point"));
}

/* ---- Against trying all ---- */

enum { POINTS_MAX = 1000, REPLICATIONS = 6 };
struct tried { /* all points of a sweep, whole */
    int n;
    struct mean_interval cost[POINTS_MAX], wait_s[POINTS_MAX];
};

static void read_metric(sqlite3 *file, const char *metric, struct mean_interval *to, int *n)
{
    sqlite3_stmt *q;
    assert_int_equal(
        sqlite3_prepare_v2(file,
                           "SELECT point_id, value FROM metric JOIN metric_def USING (metric_id) "
                           "WHERE metric = ?1 ORDER BY point_id, replication",
                           -1, &q, NULL),
        SQLITE_OK);
    sqlite3_bind_text(q, 1, metric, -1, SQLITE_STATIC);
    double values[REPLICATIONS];
    size_t m = 0;
    int point = 0;
    *n = 0;
    for (int row = sqlite3_step(q);; row = sqlite3_step(q)) {
        int next = row == SQLITE_ROW ? sqlite3_column_int(q, 0) : -1;
        if (m > 0 && next != point) {
            to[point] = interval_of_mean(values, m);
            m = 0;
            ++*n;
        }
        if (row != SQLITE_ROW) break;
        assert_true(next < POINTS_MAX && m < REPLICATIONS);
        point = next;
        values[m++] = sqlite3_column_double(q, 1);
    }
    sqlite3_finalize(q);
}

static void try_all(struct tried *all)
{
    sqlite3 *file;
    int n;
    free(printed("rm -f all.db*; $S sweep p.yaml -o all.db -q", 0));
    assert_int_equal(sqlite3_open(scratch_path("all.db"), &file), SQLITE_OK);
    read_metric(file, "cost_usd_per_month", all->cost, &all->n);
    read_metric(file, "p95_wait_s", all->wait_s, &n);
    assert_int_equal(n, all->n);
    sqlite3_close(file);
}

/* The cheapest that surely waits at most target_s, and whose mean is at most mean_s; of equals the
 * one that waits less. -1: none. */
static int cheapest(const struct tried *all, double target_s, double mean_s)
{
    int best = -1;
    for (int p = 0; p < all->n; p++) {
        if (!(all->wait_s[p].mean + all->wait_s[p].half <= target_s) ||
            all->wait_s[p].mean > mean_s)
            continue;
        if (best < 0 || all->cost[p].mean < all->cost[best].mean ||
            (all->cost[p].mean == all->cost[best].mean &&
             all->wait_s[p].mean < all->wait_s[best].mean))
            best = p;
    }
    return best;
}

static void write_space(const char *fleet, const char *vary, const char *slo, int seed)
{
    char text[3000];
    snprintf(text, sizeof text,
             "seatrial: 1\n"
             "workload: {synth: {like: itp, jobs: 200, days: 3 days, load: 30 GPUs}}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1, book: plans.csv}\n"
             "slo: {%s}\n"
             "fleets:\n  f:\n%s"
             "run: {replications: %d, seed: %d}\n"
             "vary:\n%s",
             slo, fleet, REPLICATIONS, seed, vary);
    write_text(scratch_path("p.yaml"), text);
    write_text(scratch_path("plans.csv"),
               "instance,region,market,valid_from,usd_per_hour,source\n"
               "p3.16xlarge,us-east-1,compute-savings-plan,2026-07-20,17.5,the test's\n");
}

static const char two_commitments[] =
    "    commitments:\n"
    "      - {kind: reserved, instance: p3.16xlarge, count: 1}\n"
    "      - {kind: reserved, instance: p3.16xlarge, count: 1, market: reserved-3y}\n";

static const char with_a_plan[] =
    "    commitments:\n"
    "      - {kind: reserved, instance: p3.16xlarge, count: 1}\n"
    "      - {kind: compute-savings-plan, usd_per_hour: $25 per hour}\n";

/* The same point as trying all, nodes there always or as they are needed; and not one simulation
 * more than the same space without commitments takes. */
static void levels_take_no_simulation(void **state)
{
    static struct tried all;
    static const struct {
        const char *fleet, *vary;
        bool plan; /* the second commitment is a Savings Plan */
    } cases[] = {
        { "    pools: [{name: p, instance: p3.16xlarge, buy: on-demand, nodes: 12}]\n",
          "  - fleets.f.pools.p.nodes: 6..16\n"
          "  - fleets.f.scheduler.order: [fifo, sjf]\n",
          false },
        { "    autoscaler: as-needed\n"
          "    pools: [{name: p, instance: p3.16xlarge, buy: on-demand, nodes: 12, min_nodes: 0, "
          "boot: 4 min}]\n",
          "  - fleets.f.pools.p.nodes: 8..14 by 3\n"
          "  - fleets.f.scheduler.order: [fifo, sjf]\n",
          false },
        { "    autoscaler: as-needed\n"
          "    pools: [{name: p, instance: p3.16xlarge, buy: on-demand, nodes: 12, min_nodes: 2, "
          "boot: 4 min}]\n",
          "  - fleets.f.pools.p.nodes: [9, 12]\n", true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int seed = 1; seed <= (int)seeds_or(2); seed++) {
            char fleet[1000], vary[1000];
            write_space(cases[i].fleet, cases[i].vary, "p95_wait: 20 h", seed);
            json_t *plain = plan_of("");
            snprintf(fleet, sizeof fleet, "%s%s", cases[i].fleet,
                     cases[i].plan ? with_a_plan : two_commitments);
            snprintf(vary, sizeof vary, "%s  - fleets.f.commitments.0.count: 0..4 by 4\n%s",
                     cases[i].vary,
                     cases[i].plan ? "  - fleets.f.commitments.1.usd_per_hour: $0 per hour..$175 "
                                     "per hour by $25 per hour\n"
                                   : "  - fleets.f.commitments.1.count: 0..12 by 4\n");
            write_space(fleet, vary, "p95_wait: 20 h", seed);
            try_all(&all);
            json_t *plan = plan_of("");
            json_int_t point = point_of(json_object_get(plan, "plan"));
            int best = cheapest(&all, 72000, INFINITY);
            if (point != best)
                fail_msg("case %d, seed %d: point %lld, and %d is the best of all", (int)i, seed,
                         (long long)point, best);
            if (mean_of(json_object_get(plan, "plan"), "cost_usd_per_month") != all.cost[best].mean)
                fail_msg("case %d, seed %d: its bill is not that of its run", (int)i, seed);
            assert_int_equal(searched(plan, "fleets"), all.n);
            assert_true(searched(plan, "rebilled") > 0);
            /* And today's, which has a number of nodes of its own. */
            assert_true(searched(plan, "simulated") <= searched(plain, "fleets") + 1);
            json_decref(plan);
            json_decref(plain);
        }
}

/* A budget that one level keeps and another does not: what ended early for its bill is looked at
 * again for another bill. */
static void a_budget_by_level(void **state)
{
    static struct tried all;
    char fleet[1000];
    int found = 0;
    (void)state;
    snprintf(fleet, sizeof fleet,
             "    pools: [{name: p, instance: p3.16xlarge, buy: on-demand, nodes: 12}]\n%s",
             two_commitments);
    for (int kusd = 60; kusd <= 140; kusd += 20) {
        char slo[100], command[200];
        snprintf(slo, sizeof slo, "p95_wait: 40 h, budget: $%dk per month", kusd);
        write_space(fleet,
                    "  - fleets.f.pools.p.nodes: 8..14\n"
                    "  - fleets.f.commitments.1.count: [0, 10, 2]\n",
                    slo, 1);
        try_all(&all);
        int best = cheapest(&all, 144000, INFINITY);
        if (best >= 0 && all.cost[best].mean > kusd * 1e3) best = -1;
        snprintf(command, sizeof command, "$S plan p.yaml --json --no-changes");
        char *out = printed(command, best < 0 ? 1 : 0);
        json_t *plan = json_loads(out, 0, NULL);
        if (best >= 0) {
            assert_int_equal(point_of(json_object_get(plan, "plan")), best);
            found++;
        }
        json_decref(plan);
        free(out);
    }
    assert_true(found > 0 && found < 5);
}

/* ---- Closed forms ---- */

static void write_prices(double reserved)
{
    char text[500];
    snprintf(text, sizeof text,
             "instance,region,market,valid_from,usd_per_hour,source\n"
             "p3.2xlarge,us-east-1,on-demand,2026-07-20,1.00,the test's\n"
             "p3.2xlarge,us-east-1,reserved,2026-07-20,%.4f,the test's\n",
             reserved);
    write_text(scratch_path("prices.csv"), text);
}

static void write_as_needed(int nodes, int levels)
{
    char text[2000];
    snprintf(text, sizeof text,
             "seatrial: 1\n"
             "workload: {trace: jobs.csv}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1, book: prices.csv}\n"
             "slo: {p95_wait: 1 h}\n"
             "fleets:\n"
             "  f:\n"
             "    autoscaler: as-needed\n"
             "    commitments: [{kind: reserved, instance: p3.2xlarge, count: 1}]\n"
             "    pools: [{name: p, instance: p3.2xlarge, buy: on-demand, nodes: %d, min_nodes: "
             "0, boot: 0 s}]\n"
             "vary: [fleets.f.commitments.0.count: 0..%d]\n",
             nodes, levels);
    write_text(scratch_path("p.yaml"), text);
}

/* One job of a quarter of a day a day: an instance is reserved where that costs less than a quarter
 * of its price on demand, and not where it costs more. */
static void reserved_at_the_break_even(void **state)
{
    static const struct {
        double reserved;
        int count;
    } cases[] = { { 0.249, 1 }, { 0.251, 0 } };
    FILE *f = fopen(scratch_path("jobs.csv"), "w");
    (void)state;
    fprintf(f, "job_id,submit_s,run_s,gpus\n");
    for (int day = 0; day < 40; day++) fprintf(f, "%d,%d,21600,1\n", day, day * 86400);
    fprintf(f, "40,%d,1,1\n", 40 * 86400); /* the books end here */
    fclose(f);
    for (size_t i = 0; i < 2; i++) {
        write_prices(cases[i].reserved);
        write_as_needed(1, 3);
        json_t *plan = plan_of("");
        assert_int_equal(point_of(json_object_get(plan, "plan")), cases[i].count);
        assert_int_equal(searched(plan, "simulated"), 1);
        assert_float_equal(mean_of(json_object_get(plan, "plan"), "cost_usd_per_month"),
                           730 * fmin(cases[i].reserved, 0.25), 0.5);
        json_decref(plan);
    }
}

/* What the hours of a run of the plan's fleet cost a month with `count` reserved of them, at $1 on
 * demand. */
static double cost_of_hours(const double *used, int hours, int count, double reserved)
{
    double over = 0;
    for (int h = 0; h < hours; h++) over += fmax(0, used[h] - count);
    return 730 * (reserved * count + over / hours);
}

/*
 * Poisson demand (M/G/inf): nodes come and go with jobs. The best number to reserve is the least r
 * with P(N <= r) >= 1 - reserved / on demand, and costs p_r r + p_o E[(N - r)+] an hour: case
 * newsvendor-01 of the oracles, mean 20, prices 0.55 and 1. The plan's is the best for the hours
 * of its trace, exactly, and that of the closed form within chance.
 */
static void the_newsvendors_number(void **state)
{
    enum { MEAN = 20, HOURS = 60000, SERVICE = 40, BATCHES = 30, EXACT = 19 };
    const double reserved = 0.55, exact_usd = 12.756449081002465;
    static double used[HOURS];
    struct random_key key = random_key(11, 0);
    FILE *f = fopen(scratch_path("jobs.csv"), "w");
    (void)state;
    fprintf(f, "job_id,submit_s,run_s,gpus\n");
    /* It begins as it goes on: as many jobs as there are on the mean arrive at once, Poisson. */
    int64_t n = 0;
    double at = 0, weight = 1;
    for (int first = -1; weight >= exp(-MEAN); first++) {
        if (first >= 0)
            fprintf(
                f, "%lld,0,%.3f,1\n", (long long)n++,
                3600.0 * SERVICE *
                        random_exponential_of(random_unit(key, RANDOM_TEST, 3, (uint32_t)first)) +
                    1);
        weight *= random_unit(key, RANDOM_TEST, 2, (uint32_t)(first + 1));
    }
    for (uint64_t j = 0;; j++) {
        at += random_exponential_of(random_unit(key, RANDOM_TEST, j, 0)) * SERVICE / MEAN;
        if (at >= HOURS) break;
        fprintf(f, "%lld,%.3f,%.3f,1\n", (long long)n++, 3600 * at,
                3600.0 * SERVICE * random_exponential_of(random_unit(key, RANDOM_TEST, j, 1)) + 1);
    }
    fprintf(f, "%lld,%d,1,1\n", (long long)n, HOURS * 3600);
    fclose(f);
    write_prices(reserved);
    write_as_needed(80, 40);
    json_t *plan = plan_of("");
    json_int_t count = point_of(json_object_get(plan, "plan"));
    double usd = mean_of(json_object_get(plan, "plan"), "cost_usd_per_month");
    assert_int_equal(searched(plan, "simulated"), 1);
    json_decref(plan);

    sqlite3 *file;
    sqlite3_stmt *q;
    free(printed("$S run p.yaml -o hours.db -q > /dev/null", 0));
    assert_int_equal(sqlite3_open(scratch_path("hours.db"), &file), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(file, "SELECT hour, bought_node_us FROM hour", -1, &q, NULL), SQLITE_OK);
    while (sqlite3_step(q) == SQLITE_ROW)
        if (sqlite3_column_int(q, 0) < HOURS)
            used[sqlite3_column_int(q, 0)] = sqlite3_column_double(q, 1) / 3.6e9;
    sqlite3_finalize(q);
    sqlite3_close(file);
    int best = 0;
    for (int r = 1; r <= 40; r++)
        if (cost_of_hours(used, HOURS, r, reserved) < cost_of_hours(used, HOURS, best, reserved))
            best = r;
    assert_int_equal(count, best);
    assert_float_equal(usd, cost_of_hours(used, HOURS, best, reserved), 1e-4 * usd);

    double batch[BATCHES];
    for (int b = 0; b < BATCHES; b++)
        batch[b] = cost_of_hours(used + b * (HOURS / BATCHES), HOURS / BATCHES, EXACT, reserved);
    struct mean_interval of = interval_of_mean(batch, BATCHES);
    /* Four standard errors, of an interval of 2.045 of them. */
    assert_float_equal(of.mean, 730 * exact_usd, of.half * 4 / 2.045);
    assert_true(of.half < 0.02 * of.mean);
    assert_true(llabs((long long)count - EXACT) <= 1);
}

/* ---- The frontier ---- */

/* At each step the cheapest of all that surely meet the targets and wait no longer than the one
 * that is named, from the cheapest of all to the fastest of all. */
static void the_frontier_of_all(void **state)
{
    static struct tried all;
    (void)state;
    for (int seed = 1; seed <= (int)seeds_or(3); seed++) {
        double least_s = INFINITY;
        int at = 0;
        write_space("    pools: [{name: p, instance: p3.16xlarge, buy: on-demand, nodes: 12}]\n",
                    "  - fleets.f.pools.p.nodes: 6..25\n"
                    "  - fleets.f.scheduler.order: [fifo, sjf, easy]\n",
                    "p95_wait: 20 h", seed);
        try_all(&all);
        json_t *plan = plan_of("--frontier 4"), *frontier = json_object_get(plan, "frontier");
        size_t n = json_array_size(frontier);
        assert_true(n >= 2 && n <= 6);
        for (size_t i = 0; i < n; i++) {
            at = (int)point_of(json_array_get(frontier, i));
            int best = cheapest(&all, 72000, all.wait_s[at].mean);
            if (all.cost[at].mean != all.cost[best].mean)
                fail_msg("seed %d: point %d is on the frontier, and %d betters it", seed, at, best);
            assert_true(all.wait_s[at].mean < least_s);
            least_s = all.wait_s[at].mean;
            if (i == 0) assert_int_equal(at, point_of(json_object_get(plan, "plan")));
        }
        for (int p = 0; p < all.n; p++)
            if (all.wait_s[p].mean + all.wait_s[p].half <= 72000)
                assert_true(all.wait_s[p].mean >= all.wait_s[at].mean);
        json_decref(plan);
    }
    /* Its page is made again by the line that stands on it. */
    free(printed(
        "$S plan p.yaml --frontier 4 --no-changes -q --report f.html; sed -n 's/.*>seatrial "
        "\\(plan p.yaml [^<]*\\)<.*/\\1/p' f.html > again; cp f.html before.html; $S $(cat "
        "again) -q && cmp f.html before.html && grep -e '--frontier 4' again",
        0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_take_no_simulation),  cmocka_unit_test(a_budget_by_level),
        cmocka_unit_test(reserved_at_the_break_even), cmocka_unit_test(the_newsvendors_number),
        cmocka_unit_test(the_frontier_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
