/* SPDX-License-Identifier: Apache-2.0 */
/* What a run keeps of time and money: queried as a person would, its tables agree with each
 * other and with the arithmetic done by hand. */
#include "tests/shell.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void rejected_jobs_are_reported(void **state)
{
    (void)state;
    says("printf 'submit_s,run_s,gpus\\n0,3600,8\\n10,3600,100000\\n20,60,1\\n' > big.csv\n"
         "cat > big.yaml <<Y\nseatrial: 1\nworkload: {trace: big.csv}\nprices: {as_of: 2026-07-20, "
         "region: us-east-1}\nfleets:\n  f: {pools: [{name: p, instance: p4d.24xlarge, buy: "
         "on-demand, nodes: 2}]}\nY\n"
         "$S run big.yaml -o big.db",
         0, NULL, "asks for more GPUs than any pool has");
    assert_int_equal(
        sql(scratch_path("big.db"), "SELECT count(*) FROM job WHERE reason IS NOT NULL"), 1);
    assert_int_equal(sql(scratch_path("big.db"), "SELECT count(*) FROM job WHERE reason IS NULL"),
                     2);
}

/* The books run to the last submission, though the first one comes long after second 0. */
static void a_slice_that_starts_late(void **state)
{
    (void)state;
    EXITS(
        "printf 'submit_s,run_s,gpus,tenant\\n0,100,1,a\\n360000,3600,8,b\\n720000,3600,8,b\\n' > "
        "late.csv\n"
        "cat > late.yaml <<Y\nseatrial: 1\nworkload: {trace: late.csv, tenants: b}\nprices: "
        "{as_of: 2026-07-20, region: us-east-1}\nfleets:\n  f: {pools: [{name: p, instance: "
        "p3.16xlarge, buy: on-demand, nodes: 1}]}\nY\n"
        "$S run late.yaml -o late.db -q",
        0);
    const char *db = scratch_path("late.db");
    assert_int_equal(sql(db, "SELECT books_s FROM run"), 720000);
    assert_int_equal(sql(db, "SELECT sum(usd_micro) FROM charge"), 200 * INT64_C(24480000));
    assert_int_equal(sql(db, "SELECT value FROM metric WHERE metric = 'busy_gpu_hours'"), 8);
}

static void a_seed_on_the_command_line_is_part_of_the_identity(void **state)
{
    (void)state;
    EXITS("$S run $R/scenarios/small.yaml -o s1.db -q && $S run $R/scenarios/small.yaml -o s7.db "
          "-q --seed 7 --replications 2",
          0);
    const char *db = scratch_path("s7.db");
    assert_int_equal(sql(db, "SELECT json_extract(scenario_json, '$.run.seed') FROM run"), 7);
    assert_int_equal(sql(db, "SELECT json_extract(scenario_json, '$.run.replications') FROM run"),
                     2);
    char first[80];
    snprintf(first, sizeof first, "%s",
             sql_text(scratch_path("s1.db"), "SELECT scenario_sha256 FROM run"));
    assert_string_not_equal(sql_text(db, "SELECT scenario_sha256 FROM run"), first);
}

/* Chance in how long people take is chance, too. */
static void people_who_provide_nodes(void **state)
{
    (void)state;
    EXITS(
        "printf 'job_id,submit_s,run_s,gpus\\n1,0,60,1\\n' > one.csv; printf '%s\\n' 'seatrial: 1' "
        "'workload: {trace: one.csv}' 'prices: {as_of: 2026-07-20, region: us-east-1}' 'run: "
        "{replications: 2}' 'fleets:' '  a:' '    autoscaler: as-needed' '    pools: [{name: p, "
        "instance: p3.16xlarge, buy: on-demand, nodes: 2, min_nodes: 1, provisioning: {how: "
        "by-hand, lead: 1 h, lead_sigma: 0.5, person_hours: 1, usd_per_hour: $90 per hour}}]' > "
        "people.yaml",
        0);
    says("$S check people.yaml 2>&1", 0,
         "    people, p, 1 hours a change, $90 per person-hour (from 2026-07-20)\n", NULL);
    EXITS("$S check people.yaml 2>&1 | grep random; test $? = 1", 0);
    says("sed 's/lead_sigma: 0.5, //' people.yaml > steady.yaml; $S check steady.yaml", 0, NULL,
         "all 2 replications are the same: nothing in this scenario is random");
}

static void prices_of_two_years(void **state)
{
    (void)state;
    EXITS("sed 's/p3.16xlarge/p4d.24xlarge/; s/as_of: 2026-07-20/as_of: 2020-12-01/' "
          "$R/scenarios/small.yaml > old.yaml; sed 's/p3.16xlarge/p4d.24xlarge/' "
          "$R/scenarios/small.yaml > new.yaml; "
          "$S run old.yaml -o old.db -q && $S run new.yaml -o new.db -q",
          0);
    const char *cost = "SELECT cast(total(usd_micro) AS INTEGER) FROM charge";
    sqlite3_int64 old = sql(scratch_path("old.db"), cost), now = sql(scratch_path("new.db"), cost);
    assert_true(
        old > now + now / 5); /* p4d was 32.77 dollars an hour in 2020, and 21.96 after June 2025 */
    says("$S report old.db -o old.html && grep -o '2020-1[0-9]-[0-9]*' old.html | sort -u", 0,
         "2020-1", NULL);
}

/* 12 h of 10 p4d at $21.957642, of which 6 reserved at $12.50 and 2 in a plan of $30 at $15; a
 * second plan for p5, whose two take 2 x 33 of its $80 an hour. */
/* Dollars and GPU time by hour, by pool, by jobs and idle. */
static void hours_are_the_bill(const char *db)
{
    assert_true(sql(db, "SELECT count(*) FROM hour_charge") > 0);
    assert_int_equal(
        sql(db, "SELECT count(*) FROM (SELECT pool_id FROM hour_charge GROUP BY fleet_id, pool_id, "
                "kind HAVING sum(jobs_usd_micro) <> (SELECT usd_micro FROM charge c WHERE "
                "c.fleet_id = hour_charge.fleet_id AND c.pool_id = hour_charge.pool_id AND "
                "replication = 0 AND c.kind = hour_charge.kind AND use = 'jobs') OR "
                "sum(idle_usd_micro) <> (SELECT usd_micro FROM charge c WHERE c.fleet_id = "
                "hour_charge.fleet_id AND c.pool_id = hour_charge.pool_id AND replication = 0 AND "
                "c.kind = hour_charge.kind AND use = 'idle'))"),
        0);
    assert_int_equal(sql(db, "SELECT sum(jobs_usd_micro + idle_usd_micro) FROM hour_charge"),
                     sql(db,
                         "SELECT round(sum(value) * 1e6) FROM metric WHERE metric = 'cost_usd' AND "
                         "replication = 0"));
    assert_int_equal(
        sql(db, "SELECT count(*) FROM (SELECT sum(held_gpu_us) / 3.6e9 AS held, sum(bought_gpu_us) "
                "/ 3.6e9 AS bought, fleet_id FROM hour GROUP BY fleet_id) h WHERE abs(held - "
                "(SELECT value FROM metric m WHERE m.fleet_id = h.fleet_id AND replication = 0 AND "
                "metric = 'busy_gpu_hours')) > 1e-6 OR abs(bought - (SELECT value FROM metric m "
                "WHERE m.fleet_id = h.fleet_id AND replication = 0 AND metric = "
                "'bought_gpu_hours')) > 1e-6"),
        0);
    /* Each job's cost is rounded down: together they are the jobs' part, less a micro-dollar each.
     */
    assert_true(llabs(sql(db, "SELECT (SELECT sum(usd_micro) FROM charge WHERE use = 'jobs' AND "
                              "replication = 0) - (SELECT sum(usd_micro) FROM job)")) <=
                3 * sql(db, "SELECT count(*) FROM job"));
}

static double money(json_t *fleet, const char *layer, const char *unit)
{
    return json_number_value(
        json_object_get(json_object_get(json_object_get(fleet, "money"), layer), unit));
}

/* From bought to useful: what the summary says is what the tables hold. */
static void where_the_money_went(void **state)
{
    const char *db = scratch_path("went.db");
    (void)state;
    EXITS("sed -e 's/scheduler: easy/scheduler: {order: las-2d, restart_cost: 5 min, checkpoint: 1 "
          "h, checkpoint_cost: 30 s}/' -e '/placement/d' -e 's/replications: 3/replications: 1/' "
          "$R/scenarios/small.yaml > went.yaml; $S run went.yaml -o went.db -q",
          0);
    json_t *all = json_of("$S report went.db --json"),
           *fleet = json_array_get(json_object_get(all, "fleets"), 1);
    double lost =
        money(fleet, "lost_to_preemptions", "gpu_hours") + money(fleet, "checkpoints", "gpu_hours");
    assert_true(lost > 1);
    assert_true(fabs(money(fleet, "held", "gpu_hours") - lost -
                     money(fleet, "useful", "gpu_hours")) < 1e-6);
    assert_true(fabs(money(fleet, "bought", "usd") - money(fleet, "idle", "usd") -
                     money(fleet, "held", "usd")) < 1e-6);
    assert_int_equal(llround(money(fleet, "bought", "usd") * 1e6),
                     sql(db, "SELECT sum(usd_micro) FROM charge WHERE fleet_id = 1"));
    /* Inside the window; the metric goes on to the last end. */
    assert_true(lost * 1e3 <= (double)sql(db, "SELECT 1e3 * value FROM metric WHERE fleet_id = 1 "
                                              "AND metric = 'gpu_hours_lost'") +
                                  2);
    json_decref(all);
    says("$S report went.db --format money", 0, "Lost to preemptions", NULL);
    EXITS("$S report went.db -o went.html --no-png && grep -q 'From bought to useful' went.html",
          0);
    /* So it is of a file from before nodes were reclaimed. */
    EXITS("cp went.db unspot.db; sqlite3 unspot.db 'ALTER TABLE hour DROP COLUMN "
          "lost_reclaimed_gpu_us' && $S report unspot.db --format money > unspot.txt && $S report "
          "went.db --format money > went.txt && cmp unspot.txt went.txt",
          0);
}

static void co2_of_what_is_known(void **state)
{
    const char *db = scratch_path("co2.db");
    (void)state;
    EXITS(
        "sed -e 's/nodes: 6}/nodes: 6, busy_watts: 6 kW, idle_watts: 2 kW, pue: 1.2, grid_carbon: "
        "400}/;s/replications: 3/replications: 1/' $R/scenarios/small.yaml > co2.yaml; $S run "
        "co2.yaml -o co2.db -q",
        0);
    assert_int_equal(
        sql(db, "SELECT count(*) FROM metric a JOIN metric b USING (fleet_id) WHERE a.metric = "
                "'energy_kwh' AND b.metric = 'co2_kg' AND abs(b.value - 0.4 * a.value) < 0.001 AND "
                "b.value > 100"),
        2);
    /* 6 nodes for a week: 2 kW, and 4 more with all GPUs held. */
    assert_int_equal(
        sql(db,
            "SELECT count(*) FROM metric e JOIN metric u USING (fleet_id) WHERE e.metric = "
            "'energy_kwh' AND u.metric = 'utilization' AND abs(e.value - 1.2 * 6 * 168 * (2 + 4 "
            "* u.value)) < 0.01"),
        2);
    says("$S report co2.db --format money", 0, "CO2 of it", NULL);
    EXITS("$S report co2.db -o co2.html --no-png && grep -q 'Energy and CO' co2.html", 0);
    EXITS("$S run $R/scenarios/small.yaml -o plain.db -q", 0);
    assert_int_equal(sql(scratch_path("plain.db"),
                         "SELECT count(*) FROM metric WHERE metric = 'co2_kg' OR (metric = "
                         "'energy_kwh' AND value > 0)"),
                     0);
    says(
        "sed 's/nodes: 6}/nodes: 6, grid_carbon: 400}/' $R/scenarios/small.yaml > x.yaml; $S check "
        "x.yaml",
        2, NULL, "'idle_watts' is missing in pool 'main': energy of nodes needs it");
}

static void hours_by_pool(void **state)
{
    (void)state;
    EXITS("$S run $R/scenarios/small.yaml -o hours.db -q", 0);
    hours_are_the_bill(scratch_path("hours.db"));
    EXITS("sed 's/replications: 3/keep_hours: no/' $R/scenarios/small.yaml > nohours.yaml; "
          "$S run nohours.yaml -o nohours.db -q",
          0);
    assert_int_equal(sql(scratch_path("nohours.db"), "SELECT count(*) FROM hour"), 0);
    assert_int_equal(sql(scratch_path("nohours.db"), "SELECT count(*) FROM hour_charge"), 0);
}

static void commitments_are_billed(void **state)
{
    const char *db = scratch_path("committed.db");
    (void)state;
    EXITS("printf '%s\\n' instance,region,market,valid_from,usd_per_hour,source "
          "p4d.24xlarge,us-east-1,reserved,2026-07-01,12.50,test "
          "p4d.24xlarge,us-east-1,compute-savings-plan,2026-07-01,15,test "
          "p5.48xlarge,us-east-1,compute-savings-plan,2026-07-01,37,test "
          "p5.48xlarge,us-east-1,ec2-instance-savings-plan,2026-07-01,33,test > plans.csv; "
          "printf '%s\\n' 'seatrial: 1' 'workload: {synth: {like: itp, jobs: 50, days: 12 h}}' "
          "'prices: {as_of: 2026-07-20, region: us-east-1, book: plans.csv}' "
          "'run: {replications: 1}' 'fleets:' '  a:' '    pools:' "
          "'      - {name: p4, instance: p4d.24xlarge, buy: on-demand, nodes: 10}' "
          "'      - {name: p5, instance: p5.48xlarge, buy: on-demand, nodes: 2}' "
          "'    commitments:' "
          "'      - {kind: reserved, instance: p4d.24xlarge, count: 6}' "
          "'      - {kind: ec2-instance-savings-plan, instance: p5.48xlarge, usd_per_hour: $80 per "
          "hour}' "
          "'      - {kind: compute-savings-plan, usd_per_hour: $30 per hour}' > committed.yaml; "
          "$S run committed.yaml -o committed.db -q && $S report committed.db -o committed.html",
          0);
    const struct {
        const char *where;
        sqlite3_int64 usd_micro;
    } lines[] = {
        { "kind = 'reserved' AND pool_id = 0", 6 * 12500000LL * 12 },
        { "kind = 'savings plan' AND pool_id = 0", 30 * 1000000LL * 12 },
        { "kind = 'on-demand' AND pool_id = 0", 2 * 21957642LL * 12 },
        { "kind = 'savings plan' AND pool_id = 1", 66 * 1000000LL * 12 },
        { "kind = 'unused commitment' AND pool_id = 1 AND use = 'idle'", 14 * 1000000LL * 12 },
        { "kind = 'on-demand' AND pool_id = 1", 0 },
        { "1", (6 * 12500000LL + 110 * 1000000LL + 2 * 21957642LL) * 12 },
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char query[200];
        snprintf(query, sizeof query, "SELECT coalesce(sum(usd_micro), 0) FROM charge WHERE %s",
                 lines[i].where);
        if (sql(db, query) != lines[i].usd_micro)
            fail_msg("%s: %lld", query, (long long)sql(db, query));
    }
    assert_int_equal(sql(db, "SELECT round(value * 1e6) FROM metric WHERE metric = 'cost_usd'"),
                     lines[6].usd_micro);
    assert_int_equal(sql(db, "SELECT count(*) FROM commitment"), 3);
    hours_are_the_bill(db);
    /* An hour of 10 and 2 nodes, with a plan of $80. */
    assert_int_equal(sql(db, "SELECT sum(node_us) FROM hour_charge WHERE pool_id = 0 AND hour = 3"),
                     10 * 3600000000LL);
    assert_int_equal(sql(db, "SELECT sum(jobs_usd_micro + idle_usd_micro) FROM hour_charge WHERE "
                             "hour = 3 AND commitment_id = 1"),
                     80 * 1000000LL);
    says("grep -o '6 x p4d.24xlarge, reserved</td><td>$75.* an hour' committed.html", 0, "$75",
         NULL);
    /* Files of before there were any are read as ever. */
    EXITS("cp committed.db before.db && sqlite3 before.db 'DROP TABLE commitment' && $S report "
          "before.db -o before.html",
          0);
    says("$S check committed.yaml", 0,
         "    6 x p4d.24xlarge reserved, $75 per hour (reserved, from "
         "2026-07-01)\n",
         NULL);
}

/* Two pools of three nodes for 12 h, in zones a and b: what is reserved in a zone is of its pool,
 * what is reserved in the region of the first; a capacity reservation in a zone that one pool
 * has not filled is unused there. */
static void zonal_commitments(void **state)
{
    const char *db = scratch_path("zonal.db");
    (void)state;
    EXITS("printf '%s\n' instance,region,market,valid_from,usd_per_hour,source "
          "p4d.24xlarge,us-east-1,reserved,2026-07-01,12.50,test > zonal.csv; "
          "printf '%s\n' 'seatrial: 1' 'workload: {synth: {like: itp, jobs: 50, days: 12 h}}' "
          "'prices: {as_of: 2026-07-20, region: us-east-1, book: zonal.csv}' "
          "'run: {replications: 1}' 'fleets:' > zonal.yaml; "
          "for c in 'zonal reserved us-east-1b' 'regional reserved' "
          "'held capacity-reservation us-east-1b'; do set -- $c; printf '%s\n' \"  $1:\" "
          "'    pools:' "
          "'      - {name: a, instance: p4d.24xlarge, zone: us-east-1a, buy: on-demand, nodes: 3}' "
          "'      - {name: b, instance: p4d.24xlarge, zone: us-east-1b, buy: on-demand, nodes: 3}' "
          "'    commitments:' "
          "\"      - {kind: $2, instance: p4d.24xlarge, count: 4${3:+, zone: $3}}\" >> zonal.yaml; "
          "done; $S run zonal.yaml -o zonal.db -q",
          0);
    const struct {
        const char *where;
        sqlite3_int64 usd_micro;
    } lines[] = {
        { "name = 'zonal' AND kind = 'reserved' AND pool_id = 0", 0 },
        { "name = 'zonal' AND kind = 'reserved' AND pool_id = 1", 3 * 12500000LL * 12 },
        { "name = 'zonal' AND kind = 'unused commitment' AND pool_id = 1", 12500000LL * 12 },
        { "name = 'zonal' AND kind = 'on-demand' AND pool_id = 0", 3 * 21957642LL * 12 },
        { "name = 'regional' AND kind = 'reserved' AND pool_id = 0", 3 * 12500000LL * 12 },
        { "name = 'regional' AND kind = 'reserved' AND pool_id = 1", 12500000LL * 12 },
        { "name = 'regional' AND kind = 'unused commitment'", 0 },
        { "name = 'held' AND kind = 'on-demand'", 6 * 21957642LL * 12 },
        { "name = 'held' AND kind = 'unused commitment' AND pool_id = 1", 21957642LL * 12 },
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char query[200];
        snprintf(query, sizeof query,
                 "SELECT coalesce(sum(usd_micro), 0) FROM charge JOIN fleet USING (fleet_id) WHERE "
                 "%s",
                 lines[i].where);
        if (sql(db, query) != lines[i].usd_micro)
            fail_msg("%s: %lld", query, (long long)sql(db, query));
    }
    hours_are_the_bill(db);
    says("$S check zonal.yaml", 0, "    4 x p4d.24xlarge reserved in us-east-1b, $50 per hour",
         NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejected_jobs_are_reported),
        cmocka_unit_test(a_slice_that_starts_late),
        cmocka_unit_test(a_seed_on_the_command_line_is_part_of_the_identity),
        cmocka_unit_test(people_who_provide_nodes),
        cmocka_unit_test(prices_of_two_years),
        cmocka_unit_test(where_the_money_went),
        cmocka_unit_test(co2_of_what_is_known),
        cmocka_unit_test(hours_by_pool),
        cmocka_unit_test(commitments_are_billed),
        cmocka_unit_test(zonal_commitments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
