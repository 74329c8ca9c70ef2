/* SPDX-License-Identifier: Apache-2.0 */
/* A bill that keeps the rules of FOCUS, and one for each rule that breaks it: one cell is changed,
 * and what is said is the rule and the cell's place. */
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

#include "reports/csv_cells.h"
#include "reports/focus_check.h"
#include "reports/focus_columns.h"

enum { USAGE, USED, UNUSED, PURCHASE, ROWS };

struct bill {
    const char *name[FOCUS_COLUMN_N + 1]; /* as the header has them */
    const char *cell[ROWS][FOCUS_COLUMN_N + 1];
};

static void set(struct bill *b, int row, enum focus_column column, const char *text)
{
    b->cell[row][column] = text;
}

/* A node for 24 hours at $2; one that a reserved instance of $1 covers for 20 hours, and 4 unused;
 * and the purchase of it. */
static void whole(struct bill *b)
{
    static const struct {
        enum focus_column column;
        const char *text[ROWS];
    } cells[] = {
        { FOCUS_BilledCost, { "48", "0", "0.00", "24.0" } },
        { FOCUS_EffectiveCost, { "48", "20", "4", "0" } },
        { FOCUS_ListCost, { "48.000000", "40", "4", "24" } },
        { FOCUS_ContractedCost, { "4.8E1", "40", "4", "24" } },
        { FOCUS_ListUnitPrice, { "2", "2", "1", "1" } },
        { FOCUS_ContractedUnitPrice, { "2", "2", "1", "1" } },
        { FOCUS_PricingQuantity, { "24", "20", "4", "24" } },
        { FOCUS_PricingUnit, { "Hours", "Hours", "Hours", "Hours" } },
        { FOCUS_PricingCategory, { "Standard", "Committed", "Committed", "Standard" } },
        { FOCUS_ConsumedQuantity, { "24", "20", "", "" } },
        { FOCUS_ConsumedUnit, { "Hours", "Hours", "", "" } },
        { FOCUS_ChargeCategory, { "Usage", "Usage", "Usage", "Purchase" } },
        { FOCUS_ChargeFrequency, { "Usage-Based", "Usage-Based", "Usage-Based", "Recurring" } },
        { FOCUS_CommitmentDiscountId, { "", "ri-1", "ri-1", "ri-1" } },
        { FOCUS_CommitmentDiscountCategory, { "", "Usage", "Usage", "Usage" } },
        { FOCUS_CommitmentDiscountType, { "", "Reserved", "Reserved", "Reserved" } },
        { FOCUS_CommitmentDiscountStatus, { "", "Used", "Unused", "" } },
        { FOCUS_CommitmentDiscountQuantity, { "", "20", "4", "24" } },
        { FOCUS_CommitmentDiscountUnit, { "", "Hours", "Hours", "Hours" } },
        { FOCUS_ResourceId, { "n-1", "n-2", "", "" } },
        { FOCUS_ResourceName, { "one", "", "", "" } },
        { FOCUS_ResourceType, { "Node", "Node", "", "" } },
    };
    for (int c = 0; c < FOCUS_COLUMN_N; c++)
        for (int r = 0; r < ROWS; r++) {
            const char *text = "";
            b->name[c] = focus_columns[c].name;
            if (focus_columns[c].type == FOCUS_TIME) text = "2026-01-01T00:00:00Z";
            else if (focus_columns[c].null != FOCUS_MAY_BE_NULL) text = "some";
            set(b, r, (enum focus_column)c, text);
            for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
                if (cells[i].column == (enum focus_column)c)
                    set(b, r, (enum focus_column)c, cells[i].text[r]);
        }
    for (int r = 0; r < ROWS; r++) {
        set(b, r, FOCUS_ChargePeriodEnd, "2026-01-02T00:00:00Z");
        set(b, r, FOCUS_BillingPeriodEnd, "2026-02-01T00:00:00Z");
        set(b, r, FOCUS_BillingCurrency, "USD");
        set(b, r, FOCUS_ServiceCategory, "Compute");
        set(b, r, FOCUS_Tags, "\"{\"\"team\"\":\"\"a, b\"\",\"\"prod\"\":true}\"");
        b->cell[r][FOCUS_COLUMN_N] = "mine";
    }
    b->name[FOCUS_COLUMN_N] = "x_Own";
}

/* malloc'd. Without the column `left_out`; -1: with all. */
static char *text_of(const struct bill *b, int left_out)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    for (int r = -1; r < ROWS; r++)
        for (int c = 0; c <= FOCUS_COLUMN_N; c++) {
            if (c == left_out) continue;
            fputs(r < 0 ? b->name[c] : b->cell[r][c], out);
            fputc(c < FOCUS_COLUMN_N ? ',' : '\n', out);
        }
    assert_int_equal(fclose(out), 0);
    return text;
}

/* What is said of a text; malloc'd. */
static char *said_of(const char *text, struct focus_findings *findings)
{
    char *said = NULL;
    size_t n = 0;
    struct error err = { STATUS_OK, "" };
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r"),
         *out = open_memstream(&said, &n);
    assert_true(in && out);
    if (focus_check("bill.csv", in, out, findings, &err) != STATUS_OK) fail_msg("%s", err.message);
    fclose(in);
    assert_int_equal(fclose(out), 0);
    return said;
}

/* The column, from 1, at which a cell begins. */
static size_t place_of(const struct bill *b, int row, int column)
{
    size_t at = 1;
    for (int c = 0; c < column; c++) at += strlen(b->cell[row][c]) + 1;
    return at;
}

static bool tested[64];

static void note(const char *rule)
{
    for (int i = 0; focus_rules[i].name; i++)
        if (strcmp(focus_rules[i].name, rule) == 0) {
            tested[i] = true;
            return;
        }
    fail_msg("no rule %s", rule);
}

static void all_is_well(void **state)
{
    struct bill b;
    struct focus_findings findings;
    (void)state;
    whole(&b);
    char *text = text_of(&b, -1), *said = said_of(text, &findings);
    assert_string_equal(said, "");
    assert_int_equal(findings.violations, 0);
    assert_int_equal(findings.rows, ROWS);
    free(said);
    free(text);
}

static void one_cell_is_wrong(void **state)
{
    static const struct {
        int row;
        enum focus_column column;
        const char *text, *rule;
        int said; /* how many times */
    } cases[] = {
        { USAGE, FOCUS_BilledCost, "", "not-null", 1 },
        { USAGE, FOCUS_ListUnitPrice, "", "not-null", 1 },
        { PURCHASE, FOCUS_SkuId, "", "not-null", 1 },
        { USAGE, FOCUS_BillingAccountName, "\"\"", "null", 1 },
        { USAGE, FOCUS_ChargeClass, "NULL", "null", 1 },
        { USAGE, FOCUS_BilledCost, "\"1,048\"", "number", 1 },
        { USAGE, FOCUS_BilledCost, "+48", "number", 1 },
        { USAGE, FOCUS_BilledCost, "48.", "number", 1 },
        { USAGE, FOCUS_BilledCost, "$48", "number", 1 },
        { USAGE, FOCUS_BilledCost, "48 ", "number", 1 },
        { USAGE, FOCUS_BilledCost, "4.8e+1", "number", 1 },
        { USAGE, FOCUS_BilledCost, "nan", "number", 1 },
        { USAGE, FOCUS_BilledCost, "1E999999999999", "number", 1 },
        { USAGE, FOCUS_ChargePeriodStart, "2026-01-01 00:00:00", "time", 1 },
        { USAGE, FOCUS_ChargePeriodStart, "2026-01-01T00:00:00+01:00", "time", 1 },
        { USAGE, FOCUS_ChargePeriodStart, "2026-02-29T00:00:00Z", "time", 1 },
        { USAGE, FOCUS_ChargePeriodEnd, "2026-01-01T00:00:00Z", "period", 1 },
        { USAGE, FOCUS_BillingPeriodEnd, "2025-12-31T00:00:00Z", "period", 1 },
        { USAGE, FOCUS_BillingCurrency, "Dollars", "currency", 1 },
        { USAGE, FOCUS_BillingCurrency, "usd", "currency", 1 },
        { USAGE, FOCUS_BillingCurrency, "SD ", "currency", 1 },
        { USAGE, FOCUS_ServiceCategory, "Computers", "allowed-value", 1 },
        { USAGE, FOCUS_ServiceCategory, "Machine Learning", "allowed-value", 1 },
        { USAGE, FOCUS_ChargeClass, "correction", "allowed-value", 1 },
        { USAGE, FOCUS_Tags, "team=a", "tags", 1 },
        { USAGE, FOCUS_Tags, "\"{\"\"team\"\":{\"\"a\"\":1}}\"", "tags", 1 },
        { USAGE, FOCUS_Tags, "[]", "tags", 1 },
        { USAGE, FOCUS_ListCost, "48.000002", "list-cost", 1 },
        { USAGE, FOCUS_ContractedCost, "47", "contracted-cost", 1 },
        { PURCHASE, FOCUS_ChargeFrequency, "Usage-Based", "frequency", 1 },
        { USED, FOCUS_PricingCategory, "Standard", "pricing", 1 },
        { USAGE, FOCUS_PricingCategory, "Committed", "pricing", 1 },
        { USED, FOCUS_BilledCost, "0.01", "covered-billed", 1 },
        { UNUSED, FOCUS_BilledCost, "4", "covered-billed", 1 },
        { PURCHASE, FOCUS_EffectiveCost, "24", "purchase-effective", 1 },
        { USED, FOCUS_CommitmentDiscountType, "", "commitment", 1 },
        { USAGE, FOCUS_CommitmentDiscountCategory, "Spend", "commitment", 1 },
        { USED, FOCUS_CommitmentDiscountStatus, "", "commitment-status", 1 },
        { USAGE, FOCUS_CommitmentDiscountStatus, "Used", "commitment-status", 1 },
        { USED, FOCUS_CommitmentDiscountQuantity, "0", "commitment-quantity", 1 },
        { PURCHASE, FOCUS_CommitmentDiscountQuantity, "-24", "commitment-quantity", 1 },
        { UNUSED, FOCUS_ConsumedQuantity, "4", "consumed", 2 }, /* and it has no unit */
        { USAGE, FOCUS_ConsumedUnit, "", "pair", 1 },
        { PURCHASE, FOCUS_RegionId, "r", "pair", 1 },
        { PURCHASE, FOCUS_ResourceName, "n", "pair", 1 },
        { USAGE, FOCUS_CapacityReservationStatus, "Used", "reservation-status", 1 },
        { USAGE, FOCUS_CapacityReservationId, "cr-1", "reservation-status", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bill b;
        struct focus_findings findings;
        char expected[100];
        int column = cases[i].column;
        whole(&b);
        set(&b, cases[i].row, cases[i].column, cases[i].text);
        char *text = text_of(&b, -1), *said = said_of(text, &findings);
        if (strcmp(cases[i].rule, "pair") == 0 && cases[i].row == PURCHASE &&
            column == FOCUS_RegionId)
            column = FOCUS_RegionName; /* the one that is null */
        if (strcmp(cases[i].rule, "reservation-status") == 0)
            column = FOCUS_CapacityReservationStatus;
        snprintf(expected, sizeof expected, "bill.csv:%d:%zu: %s: ", cases[i].row + 2,
                 place_of(&b, cases[i].row, column), cases[i].rule);
        if (!strstr(said, expected) || findings.violations != cases[i].said)
            fail_msg("%s = '%s': expected %d with\n%sand there is\n%s", focus_columns[column].name,
                     cases[i].text, cases[i].said, expected, said);
        note(cases[i].rule);
        free(said);
        free(text);
    }
}

/* A tax has no quantity, unit, price or category of one. */
static void a_tax_has_no_price(void **state)
{
    static const enum focus_column priced[] = { FOCUS_PricingQuantity,     FOCUS_PricingUnit,
                                                FOCUS_ListUnitPrice,       FOCUS_PricingCategory,
                                                FOCUS_ContractedUnitPrice, FOCUS_SkuId,
                                                FOCUS_SkuPriceId,          FOCUS_ConsumedQuantity,
                                                FOCUS_ConsumedUnit };
    struct bill b;
    struct focus_findings findings;
    (void)state;
    whole(&b);
    set(&b, USAGE, FOCUS_ChargeCategory, "Tax");
    for (size_t i = 0; i < sizeof priced / sizeof *priced; i++) set(&b, USAGE, priced[i], "");
    char *text = text_of(&b, -1), *said = said_of(text, &findings);
    assert_string_equal(said, "");
    free(said);
    free(text);
    set(&b, USAGE, FOCUS_ListUnitPrice, "2");
    text = text_of(&b, -1);
    said = said_of(text, &findings);
    assert_non_null(strstr(said, ": tax: ListUnitPrice: must be null of a tax"));
    assert_int_equal(findings.violations, 1);
    note("tax");
    free(said);
    free(text);
}

/* A price below 0 whose product is right. */
static void prices_are_not_negative(void **state)
{
    struct bill b;
    struct focus_findings findings;
    (void)state;
    whole(&b);
    set(&b, USAGE, FOCUS_ListUnitPrice, "-2");
    set(&b, USAGE, FOCUS_ListCost, "-48");
    char *text = text_of(&b, -1), *said = said_of(text, &findings);
    assert_non_null(strstr(said, ": unit-price: ListUnitPrice: must not be below 0"));
    assert_int_equal(findings.violations, 1);
    note("unit-price");
    free(said);
    free(text);
}

/* An hour of the commitment is in no row. */
static void a_commitment_adds_up(void **state)
{
    struct bill b;
    struct focus_findings findings;
    (void)state;
    whole(&b);
    set(&b, UNUSED, FOCUS_EffectiveCost, "3.999998");
    char *text = text_of(&b, -1), *said = said_of(text, &findings);
    assert_string_equal(said,
                        "bill.csv:3:1: commitment-sum: ri-1: 23.999998 used, 24.000000 "
                        "bought: EffectiveCost of a commitment's usage, Used and Unused, must "
                        "be BilledCost of its purchases\n");
    note("commitment-sum");
    free(said);
    free(text);
}

/* Corrections may be what they are. */
static void corrections_are_free(void **state)
{
    struct bill b;
    struct focus_findings findings;
    (void)state;
    whole(&b);
    set(&b, USAGE, FOCUS_ChargeClass, "Correction");
    set(&b, USAGE, FOCUS_ListCost, "-3");
    set(&b, USAGE, FOCUS_PricingQuantity, "");
    set(&b, USAGE, FOCUS_PricingUnit, "");
    set(&b, USAGE, FOCUS_SkuId, "");
    char *text = text_of(&b, -1), *said = said_of(text, &findings);
    assert_string_equal(said, "");
    free(said);
    free(text);
}

static void columns_are_there(void **state)
{
    (void)state;
    int mandatory = 0;
    for (int c = 0; c < FOCUS_COLUMN_N; c++) {
        struct bill b;
        struct focus_findings findings;
        char expected[100];
        whole(&b);
        char *text = text_of(&b, c), *said = said_of(text, &findings);
        snprintf(expected, sizeof expected,
                 "bill.csv:1:1: mandatory-column: %s: ", focus_columns[c].name);
        assert_int_equal(strstr(said, expected) != NULL, focus_columns[c].mandatory);
        mandatory += focus_columns[c].mandatory;
        free(said);
        free(text);
    }
    assert_int_equal(mandatory, 21);
    note("mandatory-column");
}

static void names_are_known(void **state)
{
    static const char *const wrong[] = { "billedcost", "My Column", "Own", "x_", "BilledCost", "" };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct bill b;
        struct focus_findings findings;
        whole(&b);
        b.name[FOCUS_COLUMN_N] = wrong[i];
        char *text = text_of(&b, -1), *said = said_of(text, &findings);
        assert_non_null(strstr(said, ": column-name: "));
        assert_int_equal(findings.violations, 1);
        free(said);
        free(text);
    }
    note("column-name");
}

static void rows_are_whole(void **state)
{
    struct bill b;
    struct focus_findings findings;
    (void)state;
    whole(&b);
    b.cell[USED][FOCUS_COLUMN_N] = "mine,too";
    char *text = text_of(&b, -1), *said = said_of(text, &findings);
    assert_non_null(strstr(said, "bill.csv:3:1: cells: "));
    note("cells");
    free(said);
    free(text);
}

static void it_is_csv(void **state)
{
    static const char *const texts[] = { "a,b\n\"x", "a\n\"x\"y\n", "a\nx\"y\n", "" };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct focus_findings findings;
        char *said = said_of(texts[i], &findings);
        assert_non_null(strstr(said, "bill.csv:2:1: csv: "));
        free(said);
    }
    note("csv");
}

static void no_rule_is_untested(void **state)
{
    (void)state;
    for (int i = 0; focus_rules[i].name; i++)
        if (!tested[i]) fail_msg("rule %s has no test", focus_rules[i].name);
}

/* Of many violations so many are shown, and all are counted. */
static void many_are_counted(void **state)
{
    char *text = NULL;
    size_t n = 0;
    struct focus_findings findings;
    FILE *out = open_memstream(&text, &n);
    (void)state;
    assert_non_null(out);
    fputs("BilledCost,x_1\n", out);
    for (int i = 0; i < 1000; i++) fputs("x,1\n", out);
    fclose(out);
    char *said = said_of(text, &findings);
    assert_int_equal(findings.violations, 20 + 1000);
    assert_non_null(strstr(said, "and 820 more\n"));
    free(said);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),          cmocka_unit_test(one_cell_is_wrong),
        cmocka_unit_test(a_tax_has_no_price),   cmocka_unit_test(prices_are_not_negative),
        cmocka_unit_test(a_commitment_adds_up), cmocka_unit_test(corrections_are_free),
        cmocka_unit_test(columns_are_there),    cmocka_unit_test(names_are_known),
        cmocka_unit_test(rows_are_whole),       cmocka_unit_test(it_is_csv),
        cmocka_unit_test(no_rule_is_untested),  cmocka_unit_test(many_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
