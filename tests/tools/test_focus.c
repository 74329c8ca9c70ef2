/* SPDX-License-Identifier: Apache-2.0 */
/* The bill of fleets as FOCUS rows: on demand, owned, with commitments. Its sums are the bill's, it
 * keeps the rules, and no cell of it is a formula. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/shell.h"
#include "tests/support.h"

#include "reports/csv_cells.h"
#include "reports/focus_columns.h"

static void exits(int code, const char *command, const char *said)
{
    char *out, *err;
    int got = sh(command, &out, &err);
    if (got != code || (said && !strstr(out, said) && !strstr(err, said)))
        fail_msg("%s: exit %d, not %d\n%s%s", command, got, code, out, err);
    free(out);
    free(err);
}

/* "-12.345678" in millionths, which are all it may have. */
static int64_t micro_of(const char *text)
{
    char *end;
    int64_t whole = strtoll(text, &end, 10), part = 0, unit = 100000;
    for (end += *end == '.'; *end; end++, unit /= 10) {
        if (unit == 0) assert_int_equal(*end, '0');
        part += unit * (*end - '0');
    }
    return *text == '-' ? whole * 1000000 - part : whole * 1000000 + part;
}

struct read_bill {
    int64_t rows, billed, effective, held, idle, unused, purchased, fleet;
};

/* Sums of all rows; nothing that a spreadsheet would compute. */
static void read_bill(const char *csv, struct read_bill *b)
{
    static struct csv_cells cells;
    int at[FOCUS_COLUMN_N], own = FOCUS_COLUMN_N;
    FILE *in = fopen(scratch_path(csv), "rb");
    assert_non_null(in);
    *b = (struct read_bill){ 0 };
    csv_cells_init(&cells, in);
    assert_int_equal(csv_cells_next(&cells), CSV_ROW);
    assert_int_equal(cells.n, FOCUS_COLUMN_N + 4);
    for (int c = 0; c < FOCUS_COLUMN_N; c++) {
        assert_string_equal(cells.cell[c].text, focus_columns[c].name);
        at[c] = c;
    }
    assert_string_equal(cells.cell[own + 1].text, "x_JobsCost");
    enum csv_row row;
    while ((row = csv_cells_next(&cells)) == CSV_ROW) {
        assert_int_equal(cells.n, FOCUS_COLUMN_N + 4);
        int64_t effective = micro_of(cells.cell[at[FOCUS_EffectiveCost]].text),
                billed = micro_of(cells.cell[at[FOCUS_BilledCost]].text);
        bool purchase = strcmp(cells.cell[at[FOCUS_ChargeCategory]].text, "Purchase") == 0;
        b->rows++;
        b->effective += effective;
        b->billed += billed;
        if (purchase) b->purchased += billed;
        if (strcmp(cells.cell[at[FOCUS_CommitmentDiscountStatus]].text, "Unused") == 0)
            b->unused += effective;
        b->held += micro_of(cells.cell[own + 1].text);
        b->idle += micro_of(cells.cell[own + 2].text);
        b->fleet += micro_of(cells.cell[own + 3].text);
        for (size_t c = 0; c < cells.n; c++) {
            const char *text = cells.cell[c].text;
            bool number =
                (c < FOCUS_COLUMN_N && focus_columns[c].type == FOCUS_DECIMAL) || (int)c > own;
            if (!number && *text && strchr("=+-@\t\r", *text)) fail_msg("a formula: %s", text);
        }
    }
    assert_int_equal(row, CSV_END);
    csv_cells_free(&cells);
    fclose(in);
}

/* Second 0 is at 22:17 of a day, so that hours are cut and a night is passed. */
static const char scenario[] =
    "cat > plans.csv <<'E'\n"
    "instance,region,market,valid_from,usd_per_hour,source\n"
    "p4d.24xlarge,us-east-1,reserved,2026-07-01,12.3456789,test\n"
    "p4d.24xlarge,us-east-1,compute-savings-plan,2026-07-01,15.1,test\n"
    "p5.48xlarge,us-east-1,compute-savings-plan,2026-07-01,37,test\n"
    "p4d.24xlarge,us-east-1,capacity-block,2026-07-01,14.75,test\n"
    "p5.48xlarge,us-east-1,ec2-instance-savings-plan,2026-07-01,33.000000007,test\n"
    "E\n"
    "printf '# t0_unix_s=1769811423\n# seatrial-trace 1\njob_id,submit_s,run_s,gpus\n' > t.csv\n"
    "for i in $(seq 1 60); do printf '%d,%d,%d,%d\n' $i $((i * 2200)) $((i * 913 % 50000)) $((1 + "
    "i % 8)); done >> t.csv\n"
    "cat > f.yaml <<'E'\n"
    "seatrial: 1\n"
    "workload: {trace: t.csv, window: 40 h}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1, book: plans.csv}\n"
    "run: {replications: 1, baseline: rented}\n"
    "fleets:\n"
    "  rented:\n"
    "    pools: [{name: p4, instance: p4d.24xlarge, buy: on-demand, nodes: 3}]\n"
    "  owned:\n"
    "    pools: [{name: dgx, instance: p4d.24xlarge, buy: owned, nodes: 3, capex: $250k, salvage: "
    "$25k, life: 4 years, power: $0.12 per kWh, pue: 1.4, busy_watts: 6.5 kW, idle_watts: 2 kW, "
    "space_and_staff: $1.20 per hour}]\n"
    "  committed:\n"
    "    pools:\n"
    "      - {name: '=p4', instance: p4d.24xlarge, buy: on-demand, nodes: 3}\n"
    "      - {name: p5, instance: p5.48xlarge, buy: on-demand, nodes: 1}\n"
    "    commitments:\n"
    "      - {kind: reserved, instance: p4d.24xlarge, count: 2}\n"
    "      - {kind: ec2-instance-savings-plan, instance: p5.48xlarge, usd_per_hour: $47.11 per "
    "hour}\n"
    "      - {kind: compute-savings-plan, usd_per_hour: $7 per hour}\n"
    "  reserved:\n"
    "    pools: [{name: p4, instance: p4d.24xlarge, buy: on-demand, nodes: 3}]\n"
    "    commitments:\n"
    "      - {kind: capacity-reservation, instance: p4d.24xlarge, count: 5}\n"
    "      - {kind: reserved, instance: p4d.24xlarge, count: 4}\n"
    "      - {kind: capacity-block, instance: p4d.24xlarge, count: 2, start: 7 h, term: 1 day}\n"
    "  burst:\n"
    "    autoscaler: as-needed\n"
    "    pools: [{name: p4, instance: p4d.24xlarge, buy: on-demand, nodes: 6, min_nodes: 1, "
    "provisioning: {how: by-hand, lead: 20 min, lead_sigma: 0.5, person_hours: 1.25, "
    "usd_per_hour: $77.77 per hour}}]\n"
    "    commitments:\n"
    "      - {kind: reserved, instance: p4d.24xlarge, count: 3}\n"
    "      - {kind: capacity-reservation, instance: p4d.24xlarge, count: 4}\n"
    "  served:\n"
    "    pools: [{name: p4, instance: p4d.24xlarge, buy: on-demand, nodes: 3}]\n"
    "    services:\n"
    "      - {kind: control-plane}\n"
    "      - {kind: lustre, name: '=scratch', size: 1234 GB, price: $0.1450001 per GB-month, "
    "valid_from: 2026-07-01, source: '@test'}\n"
    "      - {kind: egress, per_job: 3 GB, per_gpu_hour: 7 MB, free: 60 GB}\n"
    "E\n"
    "$S run f.yaml -o f.db -q";

static void sums_are_the_bill(void **state)
{
    static const char *const fleets[] = { "rented",   "owned", "committed",
                                          "reserved", "burst", "served" };
    (void)state;
    exits(0, scenario, NULL);
    assert_true(sql(scratch_path("f.db"), "SELECT min(t_s) < 0 FROM hour"));
    for (int f = 0; f < 6; f++) {
        char command[300], query[500], csv[40];
        struct read_bill b;
        snprintf(csv, sizeof csv, "%s.csv", fleets[f]);
        snprintf(command, sizeof command,
                 "$S report f.db --focus %s --fleet %s && $S check-focus %s", csv, fleets[f], csv);
        exits(0, command, "they keep the rules of FOCUS 1.2");
        read_bill(csv, &b);
        static const struct {
            const char *where, *of_services;
            size_t at;
        } sums[] = {
            { "1", "jobs_usd_micro + fleet_usd_micro", offsetof(struct read_bill, effective) },
            { "1", "jobs_usd_micro + fleet_usd_micro", offsetof(struct read_bill, billed) },
            { "use = 'jobs'", "jobs_usd_micro", offsetof(struct read_bill, held) },
            { "use = 'idle'", "0", offsetof(struct read_bill, idle) },
            { "0", "fleet_usd_micro", offsetof(struct read_bill, fleet) },
        };
        for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
            snprintf(query, sizeof query,
                     "SELECT coalesce((SELECT sum(usd_micro) FROM charge WHERE fleet_id = %d AND "
                     "replication = 0 AND %s), 0) + coalesce((SELECT sum(%s) FROM service_charge "
                     "WHERE fleet_id = %d AND replication = 0), 0)",
                     f, sums[i].where, sums[i].of_services, f);
            int64_t got = *(const int64_t *)(const void *)((const char *)&b + sums[i].at);
            if (got != sql(scratch_path("f.db"), query))
                fail_msg("%s, %s: %lld, not %lld", fleets[f], query, (long long)got,
                         (long long)sql(scratch_path("f.db"), query));
        }
        assert_true(b.rows >= 4 && b.effective > 0);
        /* A capacity reservation is no commitment in FOCUS' words: it is at the price on demand. */
        static const char discounts[] =
            "SELECT coalesce(sum(jobs_usd_micro + idle_usd_micro), 0) FROM hour_charge h JOIN "
            "commitment c USING (fleet_id, commitment_id) WHERE fleet_id = %d AND c.kind <> "
            "'capacity-reservation' AND h.kind IN ('unused commitment', %s)";
        snprintf(query, sizeof query, discounts, f, "''");
        assert_int_equal(b.unused, sql(scratch_path("f.db"), query));
        snprintf(query, sizeof query, discounts, f, "'reserved', 'savings plan'");
        assert_int_equal(b.purchased, sql(scratch_path("f.db"), query));
        /* Where there is none, the bill by pool says the same. */
        static const char by_pool[] = "SELECT coalesce(sum(usd_micro), 0) FROM charge WHERE "
                                      "fleet_id = %d AND replication = 0 AND kind IN (%s)";
        bool has_capacity = f == 3 || f == 4;
        snprintf(query, sizeof query, by_pool, f, "'unused commitment'");
        if (!has_capacity) assert_int_equal(b.unused, sql(scratch_path("f.db"), query));
        snprintf(query, sizeof query, by_pool, f,
                 "'unused commitment', 'reserved', 'savings plan'");
        if (!has_capacity) assert_int_equal(b.purchased, sql(scratch_path("f.db"), query));
        if (f == 3) assert_true(b.unused > 0 && b.billed - b.purchased > 0);
        if (f == 2) assert_true(b.unused > 0 && b.purchased > b.unused);
        /* 40 h x $0.10, and 1234 GB x $0.1450001 x 40 / 730; what 60 jobs send is their own. */
        if (f == 5) assert_int_equal(b.fleet, 4000000 + 9804390);
        else if (f == 4) assert_true(b.fleet > 0 && b.fleet % 97212500 == 0); /* 1.25 x $77.77 */
        else assert_int_equal(b.fleet, 0);
    }
    /* A day and more of nodes that do not change: the night divides it, and the cut hours. */
    exits(0, "cut -d, -f15,14 rented.csv | sort -u | wc -l", "6\n");
}

static void mistakes(void **state)
{
    (void)state;
    exits(2, "$S report f.db --focus x.csv --fleet owed", "Did you mean 'owned'?");
    exits(2, "$S report f.db --fleet owned", "--fleet goes with --focus");
    exits(0, "$S report f.db --focus - | head -1", "BilledCost");
    exits(0, "$S report f.db --focus - 2>/dev/null | $S check-focus -", NULL);
    exits(2, "$S check-focus", "needs a FILE.csv");
    exits(2, "$S check-focus none.csv", "cannot open none.csv");
    exits(1, "sed '2s/USD/USB/' rented.csv > b.csv; $S check-focus b.csv",
          ": currency: BillingCurrency: must be a code of ISO 4217");
    exits(0, "$S check-focus --rules", "commitment-sum");
    exits(2,
          "cp f.db old.db; sqlite3 old.db 'DELETE FROM hour'; $S report old.db --focus x.csv; "
          "r=$?; test -e x.csv && exit 9; exit $r",
          "old.db keeps no hours of fleet 'owned'");
    exits(2,
          "cp f.db older.db; sqlite3 older.db 'DROP TABLE hour; DROP TABLE hour_charge; DROP TABLE "
          "pool_price'; $S report older.db -o older.html --no-png && $S report older.db --focus "
          "x.csv",
          "keeps no hours");
    exits(2,
          "cp f.db bad.db; sqlite3 bad.db 'UPDATE hour_charge SET pool_id = 99 WHERE hour = 3'; $S "
          "report bad.db --focus x.csv",
          "an hour's charge is of nothing there is");
    static const char *const hostile[] = {
        "UPDATE hour_charge SET jobs_usd_micro = 9223372036854775807",
        "UPDATE hour_charge SET idle_usd_micro = -9223372036854775808",
        "UPDATE hour_charge SET node_us = 9223372036854775807",
        "UPDATE pool_price SET usd_nano_per_node_hour = 9223372036854775807",
        "UPDATE commitment SET count = 9223372036854775807",
        ("INSERT INTO service SELECT 2, service_id, name, kind, amount, -1, per, price_region, "
         "price_valid_from, price_source FROM service WHERE fleet_id = 5"),
        "UPDATE commitment SET usd_micro_per_hour = 9223372036854775807",
        "UPDATE hour SET t_s = 1e300",
        "UPDATE node SET down_s = 1e300",
        "UPDATE run SET t0_unix_s = -1e300",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        char command[400];
        snprintf(command, sizeof command,
                 "cp f.db bad.db; sqlite3 bad.db '%s'; $S report bad.db --focus x.csv --fleet "
                 "committed",
                 hostile[i]);
        exits(2, command, "out of range");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_the_bill),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
