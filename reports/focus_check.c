/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/focus_check.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/csv_cells.h"
#include "reports/escape.h"
#include "reports/focus_columns.h"

typedef __int128 wide;
#define PICO ((wide)1000000000000) /* a unit, in the fixed point of amounts */

enum rule {
    RULE_CSV,
    RULE_MANDATORY,
    RULE_NAME,
    RULE_CELLS,
    RULE_NULL,
    RULE_EMPTY,
    RULE_NUMBER,
    RULE_TIME,
    RULE_PERIOD,
    RULE_CURRENCY,
    RULE_VALUE,
    RULE_TAGS,
    RULE_NEGATIVE,
    RULE_LIST_COST,
    RULE_CONTRACTED_COST,
    RULE_TAX,
    RULE_FREQUENCY,
    RULE_PRICING,
    RULE_COVERED,
    RULE_PURCHASE,
    RULE_COMMITMENT,
    RULE_STATUS,
    RULE_QUANTITY,
    RULE_CONSUMED,
    RULE_PAIR,
    RULE_RESERVATION,
    RULE_SUM,
    RULE_N
};

const struct focus_rule focus_rules[] = {
    [RULE_CSV] = { "csv", "the file must be CSV", "RFC 4180" },
    [RULE_MANDATORY] = { "mandatory-column", "a mandatory column must be there",
                         "columns/ (feature level Mandatory)" },
    [RULE_NAME] = { "column-name",
                    "a column is one of FOCUS 1.2, in PascalCase, or begins with x_; each is there "
                    "once",
                    "attributes/column_naming_and_ordering" },
    [RULE_CELLS] = { "cells", "a row must have a cell for each column", "RFC 4180" },
    [RULE_NULL] = { "not-null", "must not be null", "columns/ (Allows nulls)" },
    [RULE_EMPTY] = { "null",
                     "no value must be null: an empty cell, without quotes or a word for it",
                     "attributes/null_handling" },
    [RULE_NUMBER] = { "number",
                      "must be a number: digits, one point, a minus, an exponent, and no more",
                      "attributes/numeric_format" },
    [RULE_TIME] = { "time", "must be a time in UTC, YYYY-MM-DDTHH:mm:ssZ",
                    "attributes/datetime_format" },
    [RULE_PERIOD] = { "period", "a period must end after it starts",
                      "columns/chargeperiodstart, columns/billingperiodstart" },
    [RULE_CURRENCY] = { "currency", "must be a code of ISO 4217", "attributes/currency_format" },
    [RULE_VALUE] = { "allowed-value", "must be one of the values allowed",
                     "columns/ (Allowed values)" },
    [RULE_TAGS] = { "tags", "must be a flat JSON object", "attributes/key_value_format" },
    [RULE_NEGATIVE] = { "unit-price", "must not be below 0",
                        "columns/listunitprice, columns/contractedunitprice" },
    [RULE_LIST_COST] = { "list-cost", "ListCost must be ListUnitPrice x PricingQuantity",
                         "columns/listcost" },
    [RULE_CONTRACTED_COST] = { "contracted-cost",
                               "ContractedCost must be ContractedUnitPrice x PricingQuantity",
                               "columns/contractedcost" },
    [RULE_TAX] = { "tax", "must be null of a tax", "columns/pricingquantity" },
    [RULE_FREQUENCY] = { "frequency", "a purchase is not Usage-Based", "columns/chargefrequency" },
    [RULE_PRICING] = { "pricing",
                       "PricingCategory must be Committed where, and only where, a commitment "
                       "covers usage",
                       "columns/pricingcategory" },
    [RULE_COVERED] = { "covered-billed",
                       "BilledCost must be 0 of usage that a commitment covers; a part that it "
                       "does not cover is another row",
                       "columns/billedcost" },
    [RULE_PURCHASE] = { "purchase-effective",
                        "EffectiveCost must be 0 of a purchase that pays for later usage",
                        "columns/effectivecost" },
    [RULE_COMMITMENT] = { "commitment",
                          "Category and Type must be there where, and only where, there is a "
                          "CommitmentDiscountId",
                          "columns/commitmentdiscountid" },
    [RULE_STATUS] = { "commitment-status",
                      "CommitmentDiscountStatus must be there of usage with a "
                      "CommitmentDiscountId, and not without one",
                      "columns/commitmentdiscountstatus" },
    [RULE_QUANTITY] = { "commitment-quantity",
                        "CommitmentDiscountQuantity must be above 0 with a CommitmentDiscountId, "
                        "and null without one",
                        "columns/commitmentdiscountquantity" },
    [RULE_CONSUMED] = { "consumed",
                        "ConsumedQuantity must be there of usage, unless it is Unused, and null of "
                        "all else",
                        "columns/consumedquantity" },
    [RULE_PAIR] = { "pair", "must be null where, and only where, the other is",
                    "columns/pricingunit, columns/consumedunit, columns/commitmentdiscountunit, "
                    "columns/resourcename, columns/regionname, columns/subaccountname" },
    [RULE_RESERVATION] = { "reservation-status",
                           "CapacityReservationStatus must be there of usage with a "
                           "CapacityReservationId, and not without one",
                           "columns/capacityreservationstatus" },
    [RULE_SUM] = { "commitment-sum",
                   "EffectiveCost of a commitment's usage, Used and Unused, must be BilledCost of "
                   "its purchases",
                   "columns/effectivecost" },
    [RULE_N] = { NULL, NULL, NULL },
};

/* ISO 4217, current codes (list one of the maintenance agency, SIX, 2024). */
static const char currencies[] =
    " AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN "
    "BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN "
    "ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD "
    "JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT "
    "MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
    "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XOF XPF "
    "YER ZAR ZMW ZWL ";

struct commitment_sum {
    char *id;
    wide used, bought; /* pico-units */
    int64_t line;      /* of its first row */
};

struct checking {
    const char *path;
    FILE *out;
    struct focus_findings *findings;
    struct csv_cells csv;
    int column[CSV_CELLS_MAX]; /* by cell: enum focus_column, -1 = an own one */
    size_t cells;              /* of the header */
    int at[FOCUS_COLUMN_N];    /* by column: its cell, -1 = not there */
    wide amount[FOCUS_COLUMN_N];
    bool is_amount[FOCUS_COLUMN_N]; /* of the row, and a number */
    struct commitment_sum *sums;
    size_t sum_n, sum_capacity;
    json_t *numbers; /* by id: which of the sums */
};

/* ---- saying so ---- */

static void say(struct checking *c, int64_t line, int64_t column, enum rule rule,
                const char *format, ...)
{
    char what[300];
    va_list args;
    if (++c->findings->violations > FOCUS_SHOWN_MAX) return;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    escape_terminal(c->out, c->path);
    fprintf(c->out, ":%lld:%lld: %s: ", (long long)line, (long long)column, focus_rules[rule].name);
    escape_terminal(c->out, what);
    fprintf(c->out, "%s%s\n", *what ? " " : "", focus_rules[rule].text);
}

static const struct csv_read_cell *cell_of(const struct checking *c, int column)
{
    return &c->csv.cell[c->at[column]];
}

static void say_of(struct checking *c, int column, enum rule rule)
{
    const struct csv_read_cell *cell = &c->csv.cell[c->at[column] >= 0 ? c->at[column] : 0];
    bool named = strstr(focus_rules[rule].text, focus_columns[column].name) != NULL;
    say(c, cell->line, cell->column, rule, "%s%s", named ? "" : focus_columns[column].name,
        named ? "" : ":");
}

/* ---- cells ---- */

static bool has(const struct checking *c, int column) { return c->at[column] >= 0; }

/* "" of a column there is not. */
static const char *text_of(const struct checking *c, int column)
{
    return has(c, column) ? cell_of(c, column)->text : "";
}

static bool is_null(const struct checking *c, int column) { return !*text_of(c, column); }

static bool is(const struct checking *c, int column, const char *value)
{
    return strcmp(text_of(c, column), value) == 0;
}

static int digits(const char **at)
{
    int n = 0;
    while (isdigit((unsigned char)**at)) {
        ++*at;
        n++;
    }
    return n;
}

/* "-12.5", "3E-2"; into pico-units, what is below them cut off. false: no number, or beyond what
 * money is. */
static bool read_decimal(const char *text, wide *value)
{
    const char *at = text;
    bool below = *at == '-';
    at += below;
    const char *whole = at;
    if (digits(&at) == 0) return false;
    if (*at == '.') {
        at++;
        if (digits(&at) == 0) return false;
    }
    const char *mantissa_end = at;
    long exponent = 0;
    if (*at == 'E' || *at == 'e') {
        char *end;
        at++;
        if (*at != '-' && !isdigit((unsigned char)*at)) return false;
        exponent = strtol(at, &end, 10);
        if (end == at || end[-1] == '-') return false;
        at = end;
    }
    if (*at || exponent < -40 || exponent > 20) return false;
    wide sum = 0;
    long point = 0, places = 0; /* digits behind the point */
    for (const char *d = whole; d < mantissa_end; d++) {
        if (*d == '.') {
            point = 1;
            continue;
        }
        if (point && places >= 24) continue;
        if (sum > (wide)1 << 100) return false;
        sum = sum * 10 + (*d - '0');
        places += point;
    }
    for (long shift = 12 - places + exponent; shift != 0; shift += shift > 0 ? -1 : 1) {
        if (shift < 0) sum /= 10;
        else if (sum > (wide)1 << 100) return false;
        else sum *= 10;
    }
    if (sum > PICO * 1000000000000000) return false;
    *value = below ? -sum : sum;
    return true;
}

static bool is_time(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (strlen(text) != sizeof form - 1) return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i]) return false;
    int year = atoi(text), month = atoi(text + 5), day = atoi(text + 8);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] - (month == 2 && !leap) && atoi(text + 11) < 24 &&
           atoi(text + 14) < 60 && atoi(text + 17) < 60;
}

static bool is_flat_json(const char *text)
{
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL), *value;
    const char *key;
    bool flat = json_is_object(o);
    json_object_foreach(o, key, value)
    {
        flat = flat && !json_is_object(value) && !json_is_array(value);
    }
    json_decref(o);
    return flat;
}

static bool is_listed(const char *list, char around, const char *text)
{
    size_t n = strlen(text);
    if (strchr(text, around)) return false;
    for (const char *at = list; (at = strstr(at, text)) != NULL; at++)
        if (at > list && at[-1] == around && at[n] == around) return true;
    return false;
}

/* Of FOCUS 1.2 too, and not looked into. */
static const char *const other_columns[] = { "BillingAccountType",
                                             "PricingCurrency",
                                             "PricingCurrencyContractedUnitPrice",
                                             "PricingCurrencyEffectiveCost",
                                             "PricingCurrencyListUnitPrice",
                                             "SkuMeter",
                                             "SkuPriceDetails",
                                             "SubAccountType" };

/* "x_JobsCost", or one of those. */
static bool is_other_name(const char *name)
{
    for (size_t i = 0; i < sizeof other_columns / sizeof *other_columns; i++)
        if (strcmp(name, other_columns[i]) == 0) return true;
    if (strncmp(name, "x_", 2) != 0 || !isalnum((unsigned char)name[2])) return false;
    for (const char *at = name + 2; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_') return false;
    return true;
}

static void check_cell(struct checking *c, int column)
{
    const struct focus_column_def *def = &focus_columns[column];
    const struct csv_read_cell *cell = cell_of(c, column);
    const char *text = cell->text;
    c->is_amount[column] = false;
    if ((!*text && cell->quoted) || strcasecmp(text, "null") == 0 || strcmp(text, "\\N") == 0) {
        say_of(c, column, RULE_EMPTY);
        return;
    }
    if (!*text) {
        bool priced =
            (is(c, FOCUS_ChargeCategory, "Usage") || is(c, FOCUS_ChargeCategory, "Purchase")) &&
            !is(c, FOCUS_ChargeClass, "Correction");
        if (def->null == FOCUS_NEVER_NULL || (def->null == FOCUS_NOT_NULL_PRICED && priced))
            say_of(c, column, RULE_NULL);
        return;
    }
    if (def->null == FOCUS_NOT_NULL_PRICED && is(c, FOCUS_ChargeCategory, "Tax"))
        say_of(c, column, RULE_TAX);
    if (def->values && !is_listed(def->values, '|', text)) say_of(c, column, RULE_VALUE);
    switch (def->type) {
    case FOCUS_TEXT: break;
    case FOCUS_DECIMAL:
        c->is_amount[column] = read_decimal(text, &c->amount[column]);
        if (!c->is_amount[column]) say_of(c, column, RULE_NUMBER);
        break;
    case FOCUS_TIME:
        if (!is_time(text)) say_of(c, column, RULE_TIME);
        break;
    case FOCUS_CURRENCY:
        if (strlen(text) != 3 || !is_listed(currencies, ' ', text))
            say_of(c, column, RULE_CURRENCY);
        break;
    case FOCUS_TAGS:
        if (!is_flat_json(text)) say_of(c, column, RULE_TAGS);
        break;
    }
}

/* ---- rows ---- */

/* Times of that form sort as text does. */
static void check_period(struct checking *c, int start, int end)
{
    const char *a = text_of(c, start), *b = text_of(c, end);
    if (is_time(a) && is_time(b) && strcmp(a, b) >= 0) say_of(c, end, RULE_PERIOD);
}

static void check_product(struct checking *c, int cost, int unit, enum rule rule)
{
    if (!c->is_amount[cost] || !c->is_amount[unit] || !c->is_amount[FOCUS_PricingQuantity] ||
        is(c, FOCUS_ChargeClass, "Correction"))
        return;
    long double u = (long double)c->amount[unit] / 1e12L,
                q = (long double)c->amount[FOCUS_PricingQuantity] / 1e12L,
                of = (long double)c->amount[cost] / 1e12L;
    /* Cost to a micro-dollar, price and quantity each to half of their ninth decimal. */
    if (fabsl(u * q - of) > 1e-6L + (fabsl(u) + fabsl(q)) * 0.5e-9L) say_of(c, cost, rule);
}

/* Of a pair one is null and the other is not. */
static void check_pair(struct checking *c, int a, int b)
{
    if (has(c, a) && has(c, b) && is_null(c, a) != is_null(c, b))
        say_of(c, is_null(c, a) ? a : b, RULE_PAIR);
}

static void check_commitment(struct checking *c, bool usage, bool correction)
{
    bool named = !is_null(c, FOCUS_CommitmentDiscountId);
    static const int with[] = { FOCUS_CommitmentDiscountCategory, FOCUS_CommitmentDiscountType };
    if (!has(c, FOCUS_CommitmentDiscountId)) return;
    for (int i = 0; i < 2; i++)
        if (has(c, with[i]) && is_null(c, with[i]) == named) say_of(c, with[i], RULE_COMMITMENT);
    bool status = !is_null(c, FOCUS_CommitmentDiscountStatus);
    if (has(c, FOCUS_CommitmentDiscountStatus) && (named ? usage && !status : status))
        say_of(c, FOCUS_CommitmentDiscountStatus, RULE_STATUS);
    if (has(c, FOCUS_CommitmentDiscountQuantity) && !correction) {
        bool amount = c->is_amount[FOCUS_CommitmentDiscountQuantity];
        bool must = named && (usage || is(c, FOCUS_ChargeCategory, "Purchase"));
        if (must ? !amount || c->amount[FOCUS_CommitmentDiscountQuantity] <= 0
                 : !is_null(c, FOCUS_CommitmentDiscountQuantity))
            say_of(c, FOCUS_CommitmentDiscountQuantity, RULE_QUANTITY);
    }
    if (has(c, FOCUS_PricingCategory) && usage && !correction &&
        is(c, FOCUS_PricingCategory, "Committed") != named)
        say_of(c, FOCUS_PricingCategory, RULE_PRICING);
    if (named && usage && c->is_amount[FOCUS_BilledCost] && c->amount[FOCUS_BilledCost] != 0)
        say_of(c, FOCUS_BilledCost, RULE_COVERED);
    if (named && is(c, FOCUS_ChargeCategory, "Purchase") && c->is_amount[FOCUS_EffectiveCost] &&
        c->amount[FOCUS_EffectiveCost] != 0)
        say_of(c, FOCUS_EffectiveCost, RULE_PURCHASE);
}

static enum status add_to_sum(struct checking *c, struct error *err)
{
    const char *id = text_of(c, FOCUS_CommitmentDiscountId);
    bool usage = is(c, FOCUS_ChargeCategory, "Usage"),
         purchase = is(c, FOCUS_ChargeCategory, "Purchase");
    if (!*id || (!usage && !purchase)) return STATUS_OK;
    const json_t *known = json_object_get(c->numbers, id);
    size_t i = known ? (size_t)json_integer_value(known) : c->sum_n;
    if (!known) {
        if (c->sum_n == FOCUS_COMMITMENTS_MAX)
            return error_set(err, STATUS_BAD_INPUT, "%s: more than %d commitments", c->path,
                             FOCUS_COMMITMENTS_MAX);
        if (c->sum_n == c->sum_capacity) {
            size_t wider = c->sum_capacity ? 2 * c->sum_capacity : 16;
            struct commitment_sum *more = realloc(c->sums, wider * sizeof *more);
            if (!more) return error_set(err, STATUS_NO_MEMORY, "out of memory");
            c->sums = more;
            c->sum_capacity = wider;
        }
        c->sums[i] =
            (struct commitment_sum){ .id = strdup(id),
                                     .line = cell_of(c, FOCUS_CommitmentDiscountId)->line };
        if (!c->sums[i].id ||
            json_object_set_new_nocheck(c->numbers, id, json_integer((json_int_t)i)) != 0)
            return error_set(err, STATUS_NO_MEMORY, "out of memory");
        c->sum_n++;
    }
    if (usage && c->is_amount[FOCUS_EffectiveCost])
        c->sums[i].used += c->amount[FOCUS_EffectiveCost];
    if (purchase && c->is_amount[FOCUS_BilledCost])
        c->sums[i].bought += c->amount[FOCUS_BilledCost];
    return STATUS_OK;
}

static enum status check_row(struct checking *c, struct error *err)
{
    bool usage = is(c, FOCUS_ChargeCategory, "Usage"),
         correction = is(c, FOCUS_ChargeClass, "Correction");
    for (size_t i = 0; i < c->cells; i++)
        if (c->column[i] >= 0) check_cell(c, c->column[i]);
    check_period(c, FOCUS_ChargePeriodStart, FOCUS_ChargePeriodEnd);
    check_period(c, FOCUS_BillingPeriodStart, FOCUS_BillingPeriodEnd);
    static const int prices[] = { FOCUS_ListUnitPrice, FOCUS_ContractedUnitPrice };
    for (int i = 0; i < 2; i++)
        if (c->is_amount[prices[i]] && c->amount[prices[i]] < 0)
            say_of(c, prices[i], RULE_NEGATIVE);
    check_product(c, FOCUS_ListCost, FOCUS_ListUnitPrice, RULE_LIST_COST);
    check_product(c, FOCUS_ContractedCost, FOCUS_ContractedUnitPrice, RULE_CONTRACTED_COST);
    if (is(c, FOCUS_ChargeCategory, "Purchase") && is(c, FOCUS_ChargeFrequency, "Usage-Based"))
        say_of(c, FOCUS_ChargeFrequency, RULE_FREQUENCY);
    check_commitment(c, usage, correction);
    bool consumes = usage && !is(c, FOCUS_CommitmentDiscountStatus, "Unused");
    if (has(c, FOCUS_ConsumedQuantity) && !correction &&
        is_null(c, FOCUS_ConsumedQuantity) == consumes)
        say_of(c, FOCUS_ConsumedQuantity, RULE_CONSUMED);
    bool reserved = !is_null(c, FOCUS_CapacityReservationId),
         status = !is_null(c, FOCUS_CapacityReservationStatus);
    if (has(c, FOCUS_CapacityReservationStatus) && (reserved ? usage && !status : status))
        say_of(c, FOCUS_CapacityReservationStatus, RULE_RESERVATION);
    check_pair(c, FOCUS_PricingUnit, FOCUS_PricingQuantity);
    check_pair(c, FOCUS_ConsumedUnit, FOCUS_ConsumedQuantity);
    check_pair(c, FOCUS_CommitmentDiscountUnit, FOCUS_CommitmentDiscountQuantity);
    check_pair(c, FOCUS_RegionId, FOCUS_RegionName);
    static const int named[][2] = { { FOCUS_ResourceName, FOCUS_ResourceId },
                                    { FOCUS_ResourceType, FOCUS_ResourceId },
                                    { FOCUS_SubAccountName, FOCUS_SubAccountId } };
    for (int i = 0; i < 3; i++) /* of an id without a name nothing is said */
        if (has(c, named[i][1]) && is_null(c, named[i][1]) && !is_null(c, named[i][0]))
            say_of(c, named[i][0], RULE_PAIR);
    return add_to_sum(c, err);
}

/* ---- the file ---- */

static void check_header(struct checking *c)
{
    c->cells = c->csv.n;
    for (int i = 0; i < FOCUS_COLUMN_N; i++) c->at[i] = -1;
    for (size_t i = 0; i < c->cells; i++) {
        const struct csv_read_cell *cell = &c->csv.cell[i];
        int column = c->column[i] = focus_column_find(cell->text);
        if (column < 0 ? !is_other_name(cell->text) : c->at[column] >= 0) {
            say(c, cell->line, cell->column, RULE_NAME, "'%.80s':", cell->text);
            c->column[i] = -1;
        } else if (column >= 0) {
            c->at[column] = (int)i;
        }
    }
    for (int i = 0; i < FOCUS_COLUMN_N; i++)
        if (focus_columns[i].mandatory && !has(c, i))
            say(c, 1, 1, RULE_MANDATORY, "%s:", focus_columns[i].name);
}

static void check_sums(struct checking *c)
{
    for (size_t i = 0; i < c->sum_n; i++) {
        wide off = c->sums[i].used - c->sums[i].bought;
        if (off <= PICO / 1000000 && off >= -(PICO / 1000000)) continue;
        say(c, c->sums[i].line, 1, RULE_SUM, "%.80s: %.6Lf used, %.6Lf bought:", c->sums[i].id,
            (long double)c->sums[i].used / 1e12L, (long double)c->sums[i].bought / 1e12L);
    }
}

static enum status check_all(struct checking *c, struct error *err)
{
    static const char *const broken[] = { [CSV_UNTERMINATED] = "a quoted cell has no end:",
                                          [CSV_STRAY_QUOTE] = "a quote stands beside text:",
                                          [CSV_NUL] = "there is a zero byte:",
                                          [CSV_TOO_LONG] = "a row is too long:" };
    enum csv_row row = csv_cells_next(&c->csv);
    enum status status = STATUS_OK;
    if (row == CSV_END) say(c, 1, 1, RULE_CSV, "there is no header:");
    if (row == CSV_ROW) check_header(c);
    while (row == CSV_ROW && status == STATUS_OK) {
        row = csv_cells_next(&c->csv);
        if (row != CSV_ROW) break;
        c->findings->rows++;
        memset(c->is_amount, 0, sizeof c->is_amount);
        if (c->csv.n != c->cells)
            say(c, c->csv.cell[0].line, c->csv.cell[0].column, RULE_CELLS,
                "%zu cells, not %zu:", c->csv.n, c->cells);
        else status = check_row(c, err);
    }
    if (row == CSV_IO) return error_set(err, STATUS_IO, "cannot read %s", c->path);
    if (row == CSV_NO_MEMORY) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    if (row != CSV_ROW && row != CSV_END)
        say(c, c->csv.n ? c->csv.cell[c->csv.n - 1].line : c->csv.line,
            c->csv.n ? c->csv.cell[c->csv.n - 1].column : 1, RULE_CSV, "%s", broken[row]);
    if (status == STATUS_OK) check_sums(c);
    return status;
}

enum status focus_check(const char *path, FILE *in, FILE *out, struct focus_findings *findings,
                        struct error *err)
{
    struct checking *c = calloc(1, sizeof *c);
    *findings = (struct focus_findings){ 0, 0 };
    if (c) c->numbers = json_object();
    if (!c || !c->numbers) {
        free(c);
        return error_set(err, STATUS_NO_MEMORY, "out of memory");
    }
    c->path = path;
    c->out = out;
    c->findings = findings;
    csv_cells_init(&c->csv, in);
    enum status status = check_all(c, err);
    if (findings->violations > FOCUS_SHOWN_MAX)
        fprintf(out, "and %lld more\n", (long long)(findings->violations - FOCUS_SHOWN_MAX));
    csv_cells_free(&c->csv);
    for (size_t i = 0; i < c->sum_n; i++) free(c->sums[i].id);
    free(c->sums);
    json_decref(c->numbers);
    free(c);
    return status;
}
