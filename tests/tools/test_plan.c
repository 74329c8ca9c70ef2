/* SPDX-License-Identifier: Apache-2.0 */
/* Plans against trying all, and against closed forms. */
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/interval.h"
#include "sim/random.h"
#include "tests/shell.h"
#include "tests/support.h"

static void exits(const char *command, int code, const char *said)
{
    char *out, *err;
    int status = sh(command, &out, &err);
    if (status != code || (said && !strstr(out, said) && !strstr(err, said)))
        fail_msg("%s: exit %d, not %d, or no '%s' in\n%s%s", command, status, code,
                 said ? said : "", out, err);
    free(out);
    free(err);
}

static json_t *plan_of(const char *command, int code)
{
    char *out, *err;
    json_error_t where;
    int status = sh(command, &out, &err);
    if (status != code) fail_msg("%s: exit %d\n%s%s", command, status, out, err);
    json_t *plan = json_loads(out, 0, &where);
    if (!plan) fail_msg("%s: %s", command, where.text);
    free(out);
    free(err);
    return plan;
}

static json_int_t whole(const json_t *of, const char *key)
{
    return json_integer_value(json_object_get(of, key));
}

static double mean_of(const json_t *candidate, const char *metric)
{
    return json_real_value(
        json_object_get(json_object_get(json_object_get(candidate, "metrics"), metric), "mean"));
}

/* ---- Against trying all ---- */

struct target {
    const char *metric;
    double target;
    bool at_most;
};

/* Of all points of a sweep the one that is best by `by`, then by `then`, of those whose whole
 * intervals are on the right side of every target; -1. */
static json_int_t best_of_all(const char *db, const struct target *targets, size_t n,
                              const char *by, const char *then)
{
    sqlite3 *file;
    sqlite3_stmt *q;
    json_int_t best = -1;
    double best_by = INFINITY, best_then = INFINITY;
    assert_int_equal(sqlite3_open(scratch_path(db), &file), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(file,
                                        "SELECT value FROM metric JOIN metric_def USING "
                                        "(metric_id) WHERE point_id = ?1 AND metric = ?2 ORDER BY "
                                        "replication",
                                        -1, &q, NULL),
                     SQLITE_OK);
    for (int p = 0;; p++) {
        double means[2] = { NAN, NAN };
        bool meets = true, is_there = false;
        for (size_t t = 0; t < n + 2; t++) {
            double values[100];
            size_t m = 0;
            const char *metric = t < n ? targets[t].metric : t == n ? by : then;
            sqlite3_bind_int(q, 1, p);
            sqlite3_bind_text(q, 2, metric, -1, SQLITE_STATIC);
            while (sqlite3_step(q) == SQLITE_ROW) values[m++] = sqlite3_column_double(q, 0);
            sqlite3_reset(q);
            is_there |= m > 0;
            struct mean_interval of = interval_of_mean(values, m);
            if (t < n)
                meets &= targets[t].at_most ? of.mean + of.half <= targets[t].target
                                            : of.mean - of.half >= targets[t].target;
            else means[t - n] = of.mean;
        }
        if (!is_there) break;
        if (!meets || means[0] > best_by || (means[0] == best_by && means[1] >= best_then))
            continue;
        best = p;
        best_by = means[0];
        best_then = means[1];
    }
    sqlite3_finalize(q);
    sqlite3_close(file);
    return best;
}

static const char space[] =
    "cat > p.yaml <<E\n"
    "seatrial: 1\n"
    "workload: {synth: {like: itp, jobs: 400, days: 5 days, load: 60 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "slo: {SLO}\n"
    "fleets:\n"
    "  f: {scheduler: {order: fifo}, pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, "
    "nodes: 20}]}\n"
    "run: {replications: 10, seed: SEED}\n"
    "vary:\n"
    "  - fleets.f.pools.p.nodes: 8..47\n"
    "  - fleets.f.pools.p.instance: [p4d.24xlarge, p5.48xlarge]\n"
    "  - fleets.f.scheduler.order: [fifo, easy, srsf]\n"
    "E\n";

static void write_space(const char *slo, int seed)
{
    char command[3000];
    snprintf(command, sizeof command, "%ssed -i 's/SLO/%s/; s/SEED/%d/' p.yaml", space, slo, seed);
    exits(command, 0, NULL);
}

/* The same as trying all 240, by a tenth of the simulations or fewer. */
static void the_best_of_all(void **state)
{
    static const struct {
        const char *slo, *goal;
        struct target targets[3];
        size_t n;
    } cases[] = {
        { "p95_wait: 6 h", "cheapest", { { "p95_wait_s", 21600, true } }, 1 },
        { "p95_wait: 20 h, p50_wait: 1 min",
          "cheapest",
          { { "p95_wait_s", 72000, true }, { "p50_wait_s", 60, true } },
          2 },
        { "p95_wait: 12 h, utilization: 25%, budget: $500k per month",
          "cheapest",
          { { "p95_wait_s", 43200, true },
            { "utilization", 0.25, false },
            { "cost_usd_per_month", 500000, true } },
          3 },
        { "budget: $400k per month", "fastest", { { "cost_usd_per_month", 400000, true } }, 1 },
    };
    (void)state;
    /* Under sanitizers, which are slow, one of each goal. */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i += getenv("SEATRIAL_SLOW") ? 3 : 1)
        for (int seed = 1; seed <= (int)seeds_or(3); seed++) {
            char command[200];
            bool cheapest = strcmp(cases[i].goal, "cheapest") == 0;
            write_space(cases[i].slo, seed);
            exits("rm -f all.db*; $S sweep p.yaml -o all.db -q", 0, NULL);
            json_int_t best = best_of_all("all.db", cases[i].targets, cases[i].n,
                                          cheapest ? "cost_usd_per_month" : "p95_wait_s",
                                          cheapest ? "p95_wait_s" : "cost_usd_per_month");
            snprintf(command, sizeof command, "$S plan p.yaml --json --no-changes --goal %s",
                     cases[i].goal);
            json_t *plan = plan_of(command, best < 0 ? 1 : 0);
            json_t *found = json_object_get(plan, "plan"),
                   *searched = json_object_get(plan, "searched");
            json_int_t point = best < 0 ? -1 : whole(found, "point");
            if (point != best)
                fail_msg("%s, seed %d: point %lld, and %lld is the best of all", cases[i].slo, seed,
                         (long long)point, (long long)best);
            assert_int_equal(whole(searched, "fleets"), 240);
            assert_true(whole(searched, "simulated") <= 24);
            json_decref(plan);
        }
}

/* The same on any threads. */
static void threads_do_not_show(void **state)
{
    (void)state;
    write_space("p95_wait: 6 h", 1);
    exits(
        "$S plan p.yaml --json -j 1 > one; $S plan p.yaml --json -j 3 > three; cmp one three && $S "
        "plan p.yaml -j 1 > one; $S plan p.yaml -j 3 | cmp - one",
        0, NULL);
}

/* ---- Against closed forms ---- */

/* P(W > t) of M/M/c, in Erlang's formula; a: offered load, t in mean service times. */
static double waits_longer(int c, double a, double t)
{
    double b = 1;
    for (int k = 1; k <= c; k++) b = a * b / (k + a * b);
    double wait = c * b / (c - a * (1 - b));
    return wait * exp(-(c - a) * t);
}

/* Servers by eights, so that the 95th percentile of waits is at most half a service: what Erlang
 * says. */
static void staffing_by_erlang(void **state)
{
    enum { JOBS = 60000 };
    const double a = 59, mean_s = 3600;
    FILE *f = fopen(scratch_path("mmc.csv"), "w");
    struct random_key key = random_key(5, 0);
    double at = 0;
    int nodes = 8;
    (void)state;
    fprintf(f, "job_id,submit_s,run_s,gpus\n");
    for (uint64_t j = 0; j < JOBS; j++) {
        at += random_exponential_of(random_unit(key, RANDOM_TEST, j, 0)) * mean_s / a;
        fprintf(f, "%d,%.6f,%.6f,1\n", (int)j, at,
                random_exponential_of(random_unit(key, RANDOM_TEST, j, 1)) * mean_s + 1e-6);
    }
    fclose(f);
    while (waits_longer(8 * nodes, a, 0.2) > 0.05) nodes++;
    /* Far from the edge on both sides: chance in the trace does not decide. */
    assert_true(waits_longer(8 * nodes, a, 0.2) < 0.02);
    assert_true(waits_longer(8 * (nodes - 1), a, 0.2) > 0.1);
    exits("cat > e.yaml <<E\n"
          "seatrial: 1\n"
          "workload: {trace: mmc.csv}\n"
          "prices: {as_of: 2026-07-20, region: us-east-1}\n"
          "slo: {p95_wait: 12 min}\n"
          "fleets: {f: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 8}]}}\n"
          "vary: [fleets.f.pools.p.nodes: 8..40]\n"
          "E\n",
          0, NULL);
    json_t *plan = plan_of("$S plan e.yaml --json --no-changes", 0);
    assert_int_equal(whole(json_object_get(plan, "plan"), "nodes"), nodes);
    assert_true(whole(json_object_get(plan, "searched"), "simulated") <= 8);
    json_decref(plan);
}

/* ---- What is said ---- */

/* The demand at which a plan breaks is where the same plan, at that demand, is none any more. */
static void the_demand_it_bears(void **state)
{
    char command[400];
    (void)state;
    write_space("p95_wait: 6 h", 2);
    json_t *plan = plan_of("$S plan p.yaml --json", 0), *changes = json_object_get(plan, "changes");
    double holds = json_real_value(json_object_get(changes, "demand_holds_at")),
           breaks = json_real_value(json_object_get(changes, "demand_breaks_at"));
    json_t *found = json_object_get(plan, "plan");
    assert_true(holds >= 1 && breaks > holds && breaks < holds * 1.011);
    /* A scenario of that fleet alone, at those loads. */
    for (int i = 0; i < 2; i++) {
        const char *params = json_string_value(json_object_get(found, "params"));
        char order[20], instance[30];
        int nodes;
        assert_int_equal(sscanf(params,
                                "fleets.f.pools.p.nodes = %d, fleets.f.pools.p.instance = %29[^,], "
                                "fleets.f.scheduler.order = %19s",
                                &nodes, instance, order),
                         3);
        snprintf(command, sizeof command,
                 "sed -e '/^vary/,$d' -e 's/load: 60 GPUs}/load: 60 GPUs}, scale_load: %.4f%%/; "
                 "s/order: fifo/order: %s/; s/p4d.24xlarge/%s/; s/nodes: 20/nodes: %d/' p.yaml > "
                 "one.yaml; $S run one.yaml -o one.db -q --slo > /dev/null",
                 100 * (i ? breaks : holds), order, instance, nodes);
        exits(command, i ? 1 : 0, NULL);
    }
    json_decref(plan);
}

/* Two antithetic replications are one observation: the plan goes by the same verdict as a run does.
 */
static void pairs_are_one(void **state)
{
    (void)state;
    write_space("p95_wait: 6 h", 1);
    exits(
        "sed -i -e '/^vary/,$d' -e 's/replications: 10/replications: 2, antithetic: yes/; s/nodes: "
        "20/nodes: 40/' p.yaml",
        0, NULL);
    exits("$S run p.yaml -o pair.db -q --slo > /dev/null", 0, NULL);
    exits("$S plan p.yaml --no-changes", 0, "plan ");
}

static void growth_and_prices(void **state)
{
    (void)state;
    write_space("p95_wait: 6 h", 2);
    exits("sed -i 's/^vary:/mc: {growth: 30%}\\nvary:/; s/, p5.48xlarge//; s/8..47/20..47/' p.yaml",
          0, NULL);
    json_t *plan = plan_of("$S plan p.yaml --json", 0), *changes = json_object_get(plan, "changes");
    double breaks = json_real_value(json_object_get(changes, "demand_breaks_at"));
    assert_float_equal(json_real_value(json_object_get(changes, "months_until_it_breaks")),
                       12 * log(breaks) / log(1.3), 1e-9);
    json_decref(plan);
    /* The price of the plan's instance at which the runner-up, of another, is as cheap. */
    exits("cat > two.yaml <<E\n"
          "seatrial: 1\n"
          "workload: {synth: {like: itp, jobs: 100, days: 5 days, load: 8 GPUs}}\n"
          "prices: {as_of: 2026-07-20, region: us-east-1}\n"
          "slo: {p95_wait: 100 d}\n"
          "fleets:\n"
          "  a: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 9}]}\n"
          "  b: {pools: [{name: p, instance: p5.48xlarge, buy: on-demand, nodes: 9}]}\n"
          "run: {replications: 5}\n"
          "E\n",
          0, NULL);
    plan = plan_of("$S plan two.yaml --json", 0);
    changes = json_object_get(plan, "changes");
    assert_float_equal(json_real_value(json_object_get(
                           json_object_get(changes, "price_runner_up_wins_at"), "p4d.24xlarge")),
                       mean_of(json_object_get(plan, "runner_up"), "cost_usd_per_month") /
                           mean_of(json_object_get(plan, "plan"), "cost_usd_per_month"),
                       1e-9);
    assert_string_equal(json_string_value(json_object_get(json_object_get(plan, "plan"), "fleet")),
                        "a");
    json_decref(plan);
}

static void what_is_refused_and_what_cannot_be(void **state)
{
    (void)state;
    write_space("p95_wait: 6 h", 1);
    exits("grep -v ^slo p.yaml > q.yaml; $S plan q.yaml", 2, "say `slo`");
    exits("sed 's/^vary:/vary: {sample: random, points: 3, of: [fleets.f.pools.p.nodes: 20..29]}/; "
          "/^  - /d' "
          "p.yaml > "
          "q.yaml; $S plan q.yaml",
          2, "`vary` draws some of them");
    exits("$S plan p.yaml --goal best", 2, "cheapest or fastest");
    exits("sed 's/p95_wait: 6 h/p95_wait: 6 h, budget: $100k per month/' p.yaml > q.yaml; $S plan "
          "q.yaml",
          1, "No fleet surely meets the targets");
    exits("sed 's/order: \\[fifo/order: [fifoo/' p.yaml > q.yaml; $S plan q.yaml", 2, "fifoo");
    exits("$S plan p.yaml > /dev/full", 2, "standard output");
}

/* ---- The page ---- */

static char *page_named(const char *name) { return read_file(scratch_path(name), NULL); }

/* Whatever the number of threads the page is the same, and its name is there once it is whole. */
static void the_page(void **state)
{
    (void)state;
    write_space("p95_wait: 6 h", 1);
    exits("sed -i 's/, p5.48xlarge//; s/8..47/20..47/' p.yaml", 0, NULL);
    exits("$S plan p.yaml -j 1 --report page.html && mv page.html one.html && $S plan p.yaml -j 2 "
          "--report page.html && cmp one.html page.html",
          0, "What to change");
    exits("ls page.html.tmp-* 2> /dev/null", 2, NULL);
    char *page = page_named("page.html");
    assert_non_null(strstr(page, "<h1>"));
    assert_non_null(strstr(page, "seatrial plan p.yaml --report page.html"));
    assert_non_null(strstr(page, "id=\"plan-json\""));
    assert_null(strstr(page, "-j 2"));
    free(page);
    /* The picture beside it where there is gnuplot; without it there is a warning and the page. */
    exits("if command -v gnuplot > /dev/null; then test -s page-pareto.png; fi", 0, NULL);
    exits("mkdir -p nothing; PATH=nothing \"$S\" plan p.yaml -q --report bare.html", 0,
          "the report has tables and no charts");
    exits("grep -c 'No chart here' bare.html", 0, "1");
    /* On standard output it is alone. */
    exits(
        "$S plan p.yaml --no-changes --report - 2> said | head -n 1; grep -q 'What to change' said",
        0, "<!DOCTYPE html>");
}

/* What cannot be written is said before anything runs, and nothing half is left. */
static void the_page_that_cannot_be(void **state)
{
    (void)state;
    write_space("p95_wait: 6 h", 1);
    exits("$S plan p.yaml --report nowhere/page.html", 2, "nowhere/page.html");
    exits("$S plan p.yaml --report /dev/full", 2, "No space left");
    exits("$S plan p.yaml --report - --json", 2, "standard output");
    exits("$S plan p.yaml --report - --emit kueue", 2, "standard output");
    exits("mkdir shut; echo old > shut/page.html; chmod a-w shut; $S plan p.yaml -q --report "
          "shut/page.html; code=$?; chmod u+w shut; ls shut | grep tmp && exit 9; "
          "test $(id -u) -eq 0 || test $code -eq 2",
          0, NULL);
    /* Without a plan there is a page that says so, and the exit code of "no". */
    exits("sed 's/p95_wait: 6 h/p95_wait: 6 h, budget: $100k per month/' p.yaml > q.yaml; $S plan "
          "q.yaml --report no.html",
          1, NULL);
    char *page = page_named("no.html");
    assert_non_null(strstr(page, "surely meets every target</h1>"));
    assert_non_null(strstr(page, "Nothing can be recommended"));
    free(page);
}

/* The list of changes adds up to the simulated bill where all nodes are always there. */
static void what_to_change(void **state)
{
    (void)state;
    write_space("p95_wait: 6 h", 1);
    json_t *plan = plan_of("$S plan p.yaml --no-changes --json", 0),
           *list = json_object_get(plan, "change_list"), *row;
    size_t i;
    double sum = 0;
    assert_true(json_array_size(list) >= 2);
    json_array_foreach(list, i, row)
    {
        const char *sign = json_string_value(json_object_get(row, "sign"));
        double usd = json_real_value(json_object_get(row, "usd_per_month"));
        sum += usd;
        assert_true(strchr("-+~", *sign) != NULL);
        assert_true(*sign != '-' || usd < 0);
        assert_true(*sign != '+' || usd > 0);
    }
    assert_float_equal(
        -sum,
        json_real_value(json_object_get(json_object_get(plan, "saves_usd_per_month"), "mean")), 1);
    json_decref(plan);
}

/* Names run nowhere. */
static void a_hostile_name(void **state)
{
    (void)state;
    write_space("p95_wait: 6 h", 1);
    exits("sed -i -e '/^vary/,$d' -e \"s/  f: {/  '<script>alert(1)<\\/script>': {/; s/seatrial: "
          "1/seatrial: 1\\nname: '<img src=x onerror=alert(1)>'/; s/nodes: 20/nodes: 40/\" p.yaml",
          0, NULL);
    exits("$S plan p.yaml -q --report bad.html", 0, NULL);
    char *page = page_named("bad.html");
    assert_null(strstr(page, "<script>alert"));
    assert_null(strstr(page, "<img"));
    assert_non_null(strstr(page, "&lt;img src=x"));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_of_all),
        cmocka_unit_test(threads_do_not_show),
        cmocka_unit_test(staffing_by_erlang),
        cmocka_unit_test(the_demand_it_bears),
        cmocka_unit_test(pairs_are_one),
        cmocka_unit_test(growth_and_prices),
        cmocka_unit_test(what_is_refused_and_what_cannot_be),
        cmocka_unit_test(the_page),
        cmocka_unit_test(the_page_that_cannot_be),
        cmocka_unit_test(what_to_change),
        cmocka_unit_test(a_hostile_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
