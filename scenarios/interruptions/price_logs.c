/* SPDX-License-Identifier: Apache-2.0 */
/* Prices of spot nodes and of electricity, and its carbon: a value by the hour, the day, or from
 * one change to the next. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/interruptions/log_reader.h"
#include "scenarios/units.h"

enum { PRICE_USD_MAX = 1000000 };

/* An exact decimal of dollars as nano-dollars, 0 to a million. */
static bool read_usd(const char *text, size_t n, int64_t *usd_nano)
{
    return decimal_read(text, n, 1000000000, usd_nano) &&
           *usd_nano <= PRICE_USD_MAX * INT64_C(1000000000);
}

/* ---- aws-price ---- */

bool is_aws_price(const char *line, size_t n)
{
    (void)n;
    return *line == '{' && strstr(line, "\"SpotPriceHistory\"");
}

static const char *const aws_keys[] = { "AvailabilityZone", "InstanceType", "ProductDescription",
                                        "SpotPrice", "Timestamp" };

/* The text of a member of record i, or an error at it. */
static const char *aws_text(struct log_reader *r, const char *text, const json_t *record, size_t i,
                            int key)
{
    const json_t *value = json_object_get(record, aws_keys[key]);
    if (json_is_string(value) && json_string_length(value) < 200) return json_string_value(value);
    const char *at = value ? log_json_value(text, aws_keys[key], i) : NULL;
    log_error_at(r, text, at, 1, value ? "'%s' of record %zu is no text" : "no '%s' in record %zu",
                 aws_keys[key], i + 1);
    return NULL;
}

static enum status aws_record(struct log_reader *r, const char *text, const json_t *record,
                              size_t i)
{
    const char *of[5];
    char type[410], clock[200];
    int64_t usd_nano, us;
    for (int k = 0; k < 5; k++) {
        of[k] = aws_text(r, text, record, i, k);
        if (!of[k]) return STATUS_OK;
    }
    if (!read_usd(of[3], strlen(of[3]), &usd_nano)) {
        const char *at = log_json_value(text, aws_keys[3], i);
        return log_error_at(r, text, at, strlen(of[3]) + 2,
                            "'%s' is not a price, 0 to 1,000,000 dollars with nine decimals",
                            of[3]);
    }
    snprintf(clock, sizeof clock, "%s", of[4]);
    if (!field_clock(&(struct field){ clock, strlen(clock) }, 0, &us)) {
        const char *at = log_json_value(text, aws_keys[4], i);
        return log_error_at(r, text, at, strlen(of[4]) + 2, "'%s' is not a time", of[4]);
    }
    bool linux_unix = strcmp(of[2], "Linux/UNIX") == 0;
    snprintf(type, sizeof type, "%s%s%s", of[1], linux_unix ? "" : " ", linux_unix ? "" : of[2]);
    struct series *s =
        interruptions_series(r->log, SERIES_PRICE, of[0], strlen(of[0]), type, strlen(type));
    if (!s || !series_add_step(s, us, usd_nano)) return log_full(r);
    s->held = true;
    return STATUS_OK;
}

enum status read_aws_price(struct log_reader *r)
{
    char *text;
    json_t *json, *record;
    size_t i;
    enum status status = log_json(r, &text, &json);
    const json_t *history = json_object_get(json, "SpotPriceHistory");
    r->log->t0_unix_us = 0;
    if (json && !json_is_array(history))
        status = log_error_at(r, text, log_json_value(text, "SpotPriceHistory", 0), 1,
                              "'SpotPriceHistory' is not a list");
    size_t errors = r->diagnostics->errors;
    json_array_foreach(history, i, record)
    {
        if (status == STATUS_OK) status = aws_record(r, text, record, i);
        /* Behind the first mistake, members can no longer be counted to find their places. */
        if (status != STATUS_OK || r->diagnostics->errors > errors) break;
    }
    json_decref(json);
    free(text);
    return status;
}

/* ---- azure-price: Date,NC12,NC24s v3 / 2/24/2020,$0.24552,$0.49104 ---- */

bool is_azure_price(const char *line, size_t n)
{
    (void)n;
    return strncmp(line, "Date,", 5) == 0 && !strchr(line, '(');
}

/* "2/24/2020" at noon of nowhere: midnight UTC. */
static bool us_date(const char *text, int64_t *us)
{
    char iso[16];
    int month, day, year, end = 0;
    int64_t days;
    if (sscanf(text, "%2d/%2d/%4d%n", &month, &day, &year, &end) != 3 || text[end] != '\0' ||
        month < 1 || day < 1 || year < 1970)
        return false;
    snprintf(iso, sizeof iso, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
    if (!date_read(iso, 10, &days)) return false;
    *us = days * 86400 * US_PER_S;
    return true;
}

static enum status azure_cell(struct log_reader *r, size_t column, int64_t us)
{
    const struct field *f = &r->fields[column];
    struct series *s = &r->log->series[column - 1];
    int64_t usd_nano;
    if (field_missing(f)) {
        if (s->n) s->repaired[REPAIR_MISSING]++;
        return STATUS_OK;
    }
    size_t sign = *f->text == '$';
    if (!read_usd(f->text + sign, f->n - sign, &usd_nano))
        return log_error(r, f, "'%s' is not a price in dollars", f->text);
    return series_add_step(s, us, usd_nano) ? STATUS_OK : log_full(r);
}

enum status read_azure_price(struct log_reader *r)
{
    const char *region;
    size_t region_n = log_stem(r, &region);
    bool more;
    enum status status = log_row(r, ',', &more);
    r->log->t0_unix_us = 0;
    if (status != STATUS_OK) return status;
    size_t columns = r->field_n;
    if (columns < 2 || strcmp(r->fields[0].text, "Date") != 0)
        return log_error(r, NULL, "the first line is not Date and sizes");
    for (size_t c = 1; c < columns; c++) {
        const struct field *f = &r->fields[c];
        size_t before = r->log->series_n;
        if (!interruptions_series(r->log, SERIES_PRICE, region, region_n, f->text, f->n))
            return log_full(r);
        if (r->log->series_n == before) return log_error(r, f, "column '%s' stands twice", f->text);
    }
    while (status == STATUS_OK && (status = log_row(r, ',', &more)) == STATUS_OK && more) {
        int64_t us;
        if (r->field_n != columns) {
            status = log_error(r, NULL, "%zu fields, not %zu", r->field_n, columns);
        } else if (!us_date(r->fields[0].text, &us)) {
            status = log_error(r, &r->fields[0], "'%s' is not a date, month/day/year",
                               r->fields[0].text);
        } else {
            for (size_t c = 1; status == STATUS_OK && c < columns; c++)
                status = azure_cell(r, c, us);
        }
    }
    return status;
}

/* ---- carbon and power-price: a row an hour ---- */

bool is_carbon(const char *line, size_t n)
{
    (void)n;
    return strncmp(line, "Datetime (UTC),", 15) == 0 && strstr(line, "Carbon");
}

bool is_power_price(const char *line, size_t n)
{
    (void)n;
    return strncmp(line, "Datetime (UTC),", 15) == 0 && strstr(line, "Price (USD/MWh)");
}

/* The column whose name begins and ends so: between them stands a subscript that some write as 2.
 */
static int column_like(const struct log_reader *r, const char *begin, const char *end)
{
    for (size_t i = 0; i < r->field_n; i++) {
        const struct field *f = &r->fields[i];
        size_t n = strlen(end);
        if (strncmp(f->text, begin, strlen(begin)) == 0 && f->n >= n &&
            strcmp(f->text + f->n - n, end) == 0)
            return (int)i;
    }
    return -1;
}

static enum status hourly_row(struct log_reader *r, int column, size_t columns, int64_t scale,
                              int64_t least)
{
    struct series *s = &r->log->series[0];
    const struct field *f = &r->fields[column];
    int64_t us, value;
    if (r->field_n != columns)
        return log_error(r, NULL, "%zu fields, not %zu", r->field_n, columns);
    if (!field_clock(&r->fields[0], 0, &us))
        return log_error(r, &r->fields[0], "'%s' is not a time", r->fields[0].text);
    if (field_missing(f)) {
        if (s->n) s->repaired[REPAIR_MISSING]++;
        return STATUS_OK;
    }
    if (!field_scaled(f, scale, &value) || value < least || value > scale * PRICE_USD_MAX)
        return log_error(r, f, "'%s' is not %s", f->text,
                         least < 0 ? "a price in dollars per MWh" : "a carbon intensity in g/kWh");
    return series_add_step(s, us, value) ? STATUS_OK : log_full(r);
}

static enum status hourly(struct log_reader *r, enum series_kind kind, const char *begin,
                          const char *end, int64_t scale, int64_t least)
{
    bool more;
    enum status status = log_row(r, ',', &more);
    if (status != STATUS_OK) return status;
    int column = column_like(r, begin, end), zone = log_column(r, "Zone Id");
    size_t columns = r->field_n, stem_n;
    const char *stem;
    stem_n = log_stem(r, &stem);
    if (column < 0) return log_error(r, NULL, "there is no column '%s...%s'", begin, end);
    r->log->t0_unix_us = 0;
    while (status == STATUS_OK && (status = log_row(r, ',', &more)) == STATUS_OK && more) {
        struct field name = { (char *)stem, stem_n };
        if (zone >= 0 && (size_t)zone < r->field_n) name = r->fields[zone];
        if (r->log->series_n == 0 && !interruptions_series(r->log, kind, name.text, name.n, "", 0))
            return log_full(r);
        if (zone >= 0 && (size_t)zone < r->field_n &&
            strcmp(r->log->series[0].zone, name.text) != 0)
            status = log_error(r, &r->fields[zone], "zone '%s' in the log of zone '%s'", name.text,
                               r->log->series[0].zone);
        else status = hourly_row(r, column, columns, scale, least);
    }
    return status;
}

enum status read_carbon(struct log_reader *r)
{
    return hourly(r, SERIES_CARBON, "Carbon", r->options->direct ? "(direct)" : "(LCA)", 1000, 0);
}

/* A dollar per MWh is a million nano-dollars per kWh. */
enum status read_power_price(struct log_reader *r)
{
    return hourly(r, SERIES_POWER_PRICE, "Price (USD/MWh)", "", 1000000,
                  -INT64_C(1000000) * PRICE_USD_MAX);
}
