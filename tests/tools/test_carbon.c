/* SPDX-License-Identifier: Apache-2.0 */
/* CO2 by a log of the grid, from the scenario to the results: by hand, and a real year against awk
 * over the same hours. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static char *sh(const char *before, const char *command)
{
    char line[6000], *out, *err, *program = realpath(seatrial_path(), NULL);
    assert_non_null(program);
    snprintf(line, sizeof line, "S='%s' G='%s'; cd '%s'; export LC_ALL=C.UTF-8\n%s\n", program,
             before, scratch_dir(), command);
    int status = run_command(line, &out, &err);
    if (status != 0) fail_msg("%s: exit %d\n%s%s", command, status, out, err);
    free(program);
    free(err);
    return out;
}

static const char two_hours[] =
    "printf 'Datetime (UTC),Zone Id,Carbon (direct),Carbon (LCA)\\n2024-01-01 "
    "00:00:00,A,90,100\\n2024-01-01 01:00:00,A,350,400\\n' > grid.csv\n"
    "printf 'job_id,submit_s,run_s,gpus\\n1,0,3600,4\\n' > t.csv\n"
    "P='{name: p4, instance: p4d.24xlarge, buy: on-demand, nodes: 1, busy_watts: 6 kW, idle_watts: "
    "2 kW, pue: 1.5'\n"
    "cat > c.yaml <<E\n"
    "seatrial: 1\n"
    "workload: {trace: t.csv, window: 2 h}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "run: {replications: 1}\n"
    "fleets:\n"
    "  log: {pools: [$P, carbon_log: grid.csv}]}\n"
    "  later: {pools: [$P, carbon_log: {log: grid.csv, zone: A, from: 1 h}}]}\n"
    "  flat: {pools: [$P, grid_carbon: 100}]}\n"
    "  committed:\n"
    "    pools: [$P, carbon_log: grid.csv}]\n"
    "    commitments: [{kind: capacity-reservation, instance: p4d.24xlarge, count: 1}]\n"
    "E\n"
    "$S run c.yaml -o c.db -q > /dev/null && sqlite3 c.db \"SELECT group_concat(CAST(round(value * "
    "1000) AS INTEGER), ' ') FROM (SELECT value FROM metric WHERE metric = 'co2_kg' ORDER BY "
    "fleet_id)\"";

/* 6 kWh in the first hour, 3 kWh in the second: of 100 g and 400 g; of 400 g, and behind the log's
 * end 400 g again; of 100 g. */
static void two_hours_of_two_factors(void **state)
{
    (void)state;
    char *out = sh("", two_hours);
    assert_string_equal(out, "1800 3600 900 1800\n");
    free(out);
}

/* The last day of California's year, twice; clock hours are cut by second 0, so that each is of two
 * hours of the log. */
static const char year[] =
    "printf '# t0_unix_s=1769901300\\n# seatrial-trace 1\\njob_id,submit_s,run_s,gpus\\n' > y.csv\n"
    "for i in $(seq 1 40); do printf '%d,%d,%d,%d\\n' $i $((i * 3700)) $((i * 913 % 50000)) $((1 + "
    "i % 8)); done >> y.csv\n"
    "cat > y.yaml <<E\n"
    "seatrial: 1\n"
    "workload: {trace: y.csv, window: 48 h}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "run: {replications: 1}\n"
    "fleets:\n"
    "  a:\n"
    "    pools: [{name: p4, instance: p4d.24xlarge, buy: on-demand, nodes: 2, busy_watts: 6 kW, "
    "idle_watts: 2 kW, carbon_log: {log: $G, from: 8760 h}}]\n"
    "E\n"
    "$S run y.yaml -o y.db -q > /dev/null || exit 1\n"
    "gzip -cd $G | awk -F, 'NR > 1 {print $6}' > grams\n"
    /* Watt-hours, and the hour's start. */
    "sqlite3 -separator ' ' y.db 'SELECT t_s, (2000.0 * bought_node_us + 500.0 * held_gpu_us) / "
    "3.6e9 FROM hour ORDER BY hour' > wh\n"
    "awk 'NR == FNR {g[n++] = $1; next} {from = $1 < 0 ? 0 : $1; to = $1 + 3600; mean = 0\n"
    "  for (s = from; s < to; s = next_s) {next_s = (int(s / 3600) + 1) * 3600; if (next_s > to) "
    "next_s = to\n"
    "    mean += g[8760 + int(s / 3600) % 24] * (next_s - s) / (to - from)}\n"
    "  sum += mean * $2 / 1000} END {printf \"%.3f \", sum}' grams wh\n"
    "sqlite3 y.db \"SELECT value * 1000 FROM metric WHERE metric = 'co2_kg'\"";

static void a_real_grid(void **state)
{
    (void)state;
    char path[1000], *end;
    const char *log = shared_or_skip("data/carbon/US-CAL-CISO_2024_hourly.csv.gz");
    char *whole = realpath(log, NULL);
    assert_non_null(whole);
    snprintf(path, sizeof path, "%s", whole);
    free(whole);
    char *out = sh(path, year);
    double expected = strtod(out, &end), got = strtod(end, NULL);
    /* Each hour is off by less than a watt-hour of it, at less than 1000 g for a kWh. */
    if (!(expected > 1000) || fabs(expected - got) > 49) fail_msg("%s", out);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hours_of_two_factors),
        cmocka_unit_test(a_real_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
