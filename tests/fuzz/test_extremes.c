/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios that are odd rather than damaged: every value the largest or smallest it may be, traces
 * of such jobs. What loads must run to its end with every invariant kept, or be refused by name. */
#include <stdlib.h>
#include <string.h>

#include "models/world.h"
#include "scenarios/scenario.h"
#include "tests/mutation.h"
#include "tests/support.h"

static const char *const windows[] = { NULL,
                                       NULL,
                                       NULL,
                                       "1 us",
                                       "1 s",
                                       "90 min",
                                       "7 days",
                                       "10 years",
                                       "2026-03-01 .. 2026-03-02",
                                       "1970-01-01 .. 9999-12-31",
                                       "2026-03-01 .. 9999-12-31" };
static const char *const percents[] = { NULL,       NULL,        "1%",   "50%",
                                        "99.9999%", "100.0001%", "333%", "10000%" };
static const char *const counts[] = { "1", "1", "2", "3", "17", "64", "255" };
static const char *const instances[] = { "p3.2xlarge", "p3.16xlarge", "p4d.24xlarge", "p5.48xlarge",
                                         "dgx-a100",   "tiny",        "huge",         "cpus" };
static const char *const money[] = { "$0", "$1", "$200k", "$1M", "$90M" };
static const char *const lives[] = { "1 day", "4 years", "50 years" };
static const char *const orders[] = { "fifo", "fifo-skip", "sjf", "smallest-first", "easy" };
static const char *const placings[] = { "first-fit", "pack", "spread", "random" };
static const char *const gangs_[] = { "fewest-nodes", "anywhere" };
static const char *const energies[] = { "$0 per kWh", "$0.12 per kWh", "$1000 per kWh" };
static const char *const watts[] = { "0 W", "1 W", "700 W", "1 MW" };
static const char *const rates[] = { "$0 per hour", "$1.20 per hour", "$30k per hour" };
static const char *const times[] = { "0",         "0",     "0.000001", "1",   "59.999999",
                                     "3600",      "86400", "1e6",      "1e9", "3162239999.999999",
                                     "3162240000" };
static const char *const sizes[] = { "0", "0.001", "0.5", "0.999", "1",  "1",          "2",
                                     "7", "8",     "9",   "16",    "64", "999999.999", "1000000" };
static const char *const types[] = { "", "", "", "A100", "V100-SXM2", "H100|A100", "none", "|" };
static const char *const classes[] = { "", "all", "language-model", "nlp-encoder", "x" };
static const char *const cores[] = { "", "", "1", "8", "1000.5", "1000000000" };
static const char *const mib[] = { "", "", "1", "1024", "1000000", "1000000000000" };

#define PICK(m, list) (list)[mutator_below(m, sizeof(list) / sizeof *(list))]

static const char table[] = "instance,provider,gpu,gpus,cpus,memory_gib,watts,source\n"
                            "tiny,us,A100,1,0.5,0.5,0,x\nhuge,us,H100,65535,1000000,1000000,"
                            "1000000,x\ncpus,us,,0,64,8,,x\n";
static const char prices[] = "instance,region,market,valid_from,usd_per_hour,source\n"
                             "tiny,us-east-1,on-demand,1970-01-01,0.000000001,x\n"
                             "huge,us-east-1,on-demand,1970-01-01,39000,x\n"
                             "cpus,us-east-1,on-demand,1970-01-01,0,x\n"
                             "dgx-a100,us-east-1,on-demand,1970-01-01,30,x\n";
static const char factors[] = "class,gpu,baseline_gpu,gpus,factor\nall,A100,V100-SXM2,1,10000\n"
                              "all,H100,V100-SXM2,1,0.0001\n";

static void write_tables(void)
{
    write_text(scratch_path("table.csv"), table);
    write_text(scratch_path("prices.csv"), prices);
    write_text(scratch_path("factors.csv"), factors);
}

static void put(FILE *out, const char *key, const char *value)
{
    if (value) fprintf(out, "  %s: %s\n", key, value);
}

static void write_trace(struct mutator *m)
{
    FILE *out = fopen(scratch_path("trace.csv"), "w");
    assert_non_null(out);
    if (mutator_below(m, 2)) fputs("# t0_unix_s=1772323200\n", out);
    fputs("submit_s,run_s,gpus,gpu_type,cpus,mem_mib,class,limit_s,start_s,tenant\n", out);
    for (uint64_t j = 1 + mutator_below(m, 40); j > 0; j--) {
        const char *submit = PICK(m, times);
        fprintf(out, "%s,%s,%s,%s,%s,%s,%s,%s,%s,t%d\n", submit, PICK(m, times), PICK(m, sizes),
                PICK(m, types), PICK(m, cores), PICK(m, mib), PICK(m, classes),
                mutator_below(m, 3) ? "" : PICK(m, times), mutator_below(m, 3) ? submit : "",
                (int)mutator_below(m, 3));
    }
    assert_int_equal(fclose(out), 0);
}

static void write_pool(struct mutator *m, FILE *out, int number)
{
    bool own = mutator_below(m, 3) == 0;
    fprintf(out, "      - {name: p%d, instance: %s, nodes: %s, buy: %s", number, PICK(m, instances),
            PICK(m, counts), own ? "owned" : "on-demand");
    if (own)
        fprintf(out,
                ", capex: %s, salvage: $0, life: %s, power: %s, pue: 10, busy_watts: 1 MW, "
                "idle_watts: %s, space_and_staff: %s",
                PICK(m, money), PICK(m, lives), PICK(m, energies), PICK(m, watts), PICK(m, rates));
    fputs("}\n", out);
}

static void write_scenario(struct mutator *m)
{
    FILE *out = fopen(scratch_path("extremes.yaml"), "w");
    assert_non_null(out);
    fputs("seatrial: 1\nprices: {as_of: 2026-07-20, region: us-east-1, instances: table.csv, book: "
          "prices.csv, performance: factors.csv}\nworkload:\n  trace: trace.csv\n",
          out);
    put(out, "window", PICK(m, windows));
    bool replay = mutator_below(m, 8) == 0;
    put(out, "scale_jobs", replay ? NULL : PICK(m, percents));
    put(out, "scale_load", replay ? NULL : PICK(m, percents));
    if (mutator_below(m, 2)) put(out, "reference_gpu", "V100-SXM2");
    if (mutator_below(m, 4) == 0) put(out, "tenants", "[t0, t1]");
    fputs("run:\n", out);
    put(out, "books", mutator_below(m, 2) ? "drained" : "window");
    if (replay) put(out, "replay", "recorded");
    fprintf(out, "fleets:\n  f:\n    scheduler: {order: %s, placement: %s, gang: %s}\n    pools:\n",
            PICK(m, orders), PICK(m, placings), PICK(m, gangs_));
    for (int p = (int)mutator_below(m, 3); p >= 0; p--) write_pool(m, out, p);
    assert_int_equal(fclose(out), 0);
}

static void add_cost(void *context, const struct job_record *record)
{
    assert_true(record->cost_usd_micro >= 0);
    ++*(int64_t *)context;
}

static void check_result(const struct world_result *r)
{
    for (int32_t p = 0; p < r->pool_n; p++) {
        const struct pool_result *pool = &r->pools[p];
        __int128 sum = 0;
        for (int k = 0; k < CHARGE_KIND_N; k++) {
            assert_true(pool->charge[k].jobs_usd_micro >= 0);
            assert_true(pool->charge[k].idle_usd_micro >= 0);
            sum += pool->charge[k].jobs_usd_micro + (__int128)pool->charge[k].idle_usd_micro;
        }
        assert_true(sum == pool->cost_usd_micro && pool->energy_wh >= 0);
        assert_true(pool->busy_gpu_us >= 0 && pool->busy_gpu_us <= pool->bought_gpu_us);
    }
}

static void run(const struct scenario *s)
{
    const struct workload *w;
    struct workload copy;
    struct world_result r;
    struct error err = { STATUS_OK, "" };
    double *speed = NULL;
    int64_t jobs = 0;
    bool owned;
    struct observer obs = { .context = &jobs, .job = add_cost };
    enum status status = scenario_workload(s, 0, &copy, &w, &owned, &err);
    check_outcome(status, &err, NULL);
    if (status != STATUS_OK) return;
    check_workload(w);
    status = scenario_speed(s, w, &s->fleets[0], &speed, &err);
    check_outcome(status, &err, NULL);
    if (status == STATUS_OK) {
        struct world_options o = { .books_us = s->books_drained   ? 0
                                               : s->window_us > 0 ? s->window_us
                                                                  : w->span_us,
                                   .speed = speed,
                                   .replay_recorded = s->replay_recorded };
        status = world_run(w, &s->fleets[0], &o, &obs, &r, &err);
        check_outcome(status, &err, NULL);
        if (status == STATUS_OK) {
            assert_int_equal(jobs, w->job_n);
            check_result(&r);
            world_result_free(&r);
        }
        free(speed);
    }
    if (owned) workload_free(&copy);
}

/* Loads and runs extremes.yaml; whether it was loaded. */
static bool load_and_run(void)
{
    struct scenario s;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&d);
    enum status status = scenario_load(scratch_path("extremes.yaml"), NULL, &s, &d, &err);
    check_outcome(status, &err, &d);
    if (status == STATUS_OK) {
        assert_true(s.window_us >= 0 && s.sample_us > 0);
        run(&s);
        scenario_free(&s);
    }
    diagnostics_free(&d);
    return status == STATUS_OK;
}

static uint64_t tried, ran;

static void one(uint64_t input)
{
    struct mutator m = { 401, input, 0 };
    write_trace(&m);
    write_scenario(&m);
    tried++;
    ran += load_and_run();
}

/* Scenarios that once went wrong, with the jobs of their traces. */
static void regressions(void **state)
{
    static const struct {
        const char *workload, *scheduler, *pool, *jobs;
        bool loads;
    } cases[] = {
        /* a run time over a speed of 0.0001 was beyond 63 bits, and the job ended before 0 */
        { "reference_gpu: V100-SXM2", "fifo", "instance: huge, nodes: 1, buy: on-demand",
          "0,3162240000,1,,,\n", true },
        /* the blocked head of an EASY queue asked for no GPU: a division by zero */
        { "scale_jobs: 100%", "easy", "instance: p3.2xlarge, nodes: 1, buy: on-demand",
          "0,100,0,,8,1024\n1,100,0,,8,1024\n2,5,1,,,\n", true },
        /* the bill of eight thousand years is beyond 63 bits of micro-dollars */
        { "window: 1970-01-01 .. 9999-12-31", "fifo",
          "instance: dgx-a100, nodes: 1, buy: owned, capex: $90M, salvage: $0, life: 1 day, power: "
          "$0 per kWh, busy_watts: 1 W, idle_watts: 0 W",
          "0,1,1,,,\n", false },
        { "scale_load: 1%", "fifo", "instance: p4d.24xlarge, nodes: 255, buy: on-demand",
          "0,3162240000,8,,,\n0,3162240000,2040,,,\n", true },
        /* three thousand million samples */
        { "scale_jobs: 100%\nrun: {sample: 1 s}", "fifo",
          "instance: p3.2xlarge, nodes: 1, buy: on-demand", "0,1,1,,,\n3162240000,1,1,,,\n",
          false },
        /* node time that no GPU counts */
        { "scale_load: 100%", "fifo", "instance: cpus, nodes: 1000000, buy: on-demand",
          "0,3162240000,0,,64,\n3162240000,1,0,,1,\n", true },
    };
    (void)state;
    write_tables();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[2000];
        snprintf(text, sizeof text,
                 "# t0_unix_s=1772323200\nsubmit_s,run_s,gpus,gpu_type,cpus,mem_mib\n%s",
                 cases[i].jobs);
        write_text(scratch_path("trace.csv"), text);
        snprintf(
            text, sizeof text,
            "seatrial: 1\nprices: {as_of: 2026-07-20, region: us-east-1, instances: table.csv, "
            "book: prices.csv, performance: factors.csv}\nworkload:\n  trace: trace.csv\n  "
            "%s\nfleets:\n  f:\n    scheduler: %s\n    pools:\n      - {name: p, %s}\n",
            cases[i].workload, cases[i].scheduler, cases[i].pool);
        write_text(scratch_path("extremes.yaml"), text);
        if (load_and_run() != cases[i].loads) fail_msg("%s", text);
    }
}

static void extreme_scenarios(void **state)
{
    (void)state;
    write_tables();
    fuzz("extremes", 2000, one);
    assert_true(2 * ran > tried || tried < 100); /* it is about those that load */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regressions),
        cmocka_unit_test(extreme_scenarios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
