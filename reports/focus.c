/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/focus.h"

#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reports/escape.h"
#include "reports/focus_columns.h"

#define HOUR_US INT64_C(3600000000)
#define NANO    INT64_C(1000000000)

/* Hours of one charge that become a row. */
struct stretch {
    int32_t pool, commitment, service; /* -1: none; pool: of a service nothing */
    char kind[24];                     /* of table charge, or of service; "" of a purchase */
    int32_t from, to;                  /* hours, to exclusive; from == to: there is none */
    __int128 node_us;
    int64_t each_us, each_usd_micro;        /* of its first hour */
    int64_t jobs_usd_micro, idle_usd_micro; /* of a service: no job's */
};

struct export
{
    const struct report_data *data;
    const struct report_fleet *fleet;
    FILE *out;
    double t0_unix_s;           /* of second 0 */
    int64_t into_s, end_s;      /* second 0 in its clock hour; end of the books, from second 0 */
    char *cell[FOCUS_COLUMN_N]; /* of the row: NULL is null */
    bool failed;
};

/* ---- cells ---- */

static void put(struct export *e, enum focus_column column, const char *text)
{
    if (!*text) return; /* null, never an empty string */
    e->cell[column] = strdup(text);
    e->failed |= !e->cell[column];
}

static void put_decimal(struct export *e, enum focus_column column, __int128 value, int digits)
{
    char text[64];
    int64_t unit = 1;
    for (int i = 0; i < digits; i++) unit *= 10;
    bool below = value < 0;
    __int128 size = below ? -value : value;
    snprintf(text, sizeof text, "%s%lld.%0*lld", below ? "-" : "", (long long)(size / unit), digits,
             (long long)(size % unit));
    put(e, column, text);
}

static void put_micro(struct export *e, enum focus_column column, int64_t usd_micro)
{
    put_decimal(e, column, usd_micro, 6);
}

static void put_time(struct export *e, enum focus_column column, int64_t unix_s)
{
    struct tm tm;
    char text[32];
    time_t t = (time_t)unix_s;
    if (!gmtime_r(&t, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        e->failed = true;
    else put(e, column, text);
}

/* The calendar month, UTC, that `unix_s` lies in. */
static void put_month(struct export *e, int64_t unix_s)
{
    struct tm tm;
    time_t t = (time_t)unix_s;
    if (!gmtime_r(&t, &tm)) {
        e->failed = true;
        return;
    }
    tm.tm_mday = 1;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    put_time(e, FOCUS_BillingPeriodStart, (int64_t)timegm(&tm));
    tm.tm_mon++;
    put_time(e, FOCUS_BillingPeriodEnd, (int64_t)timegm(&tm));
}

static __int128 rounded(__int128 numerator, __int128 denominator)
{
    return (numerator + denominator / 2) / denominator;
}

/* ---- what is said of a row ---- */

static const struct {
    const char *provider, *name, *service;
} providers[] = {
    { "aws", "AWS", "Amazon Elastic Compute Cloud" },
    { "gcp", "Google Cloud", "Compute Engine" },
    { "azure", "Microsoft Azure", "Virtual Machines" },
    { NULL, NULL, NULL },
};

static void put_issuer(struct export *e, const char *name, const char *service)
{
    put(e, FOCUS_ProviderName, name);
    put(e, FOCUS_PublisherName, name);
    put(e, FOCUS_InvoiceIssuerName, name);
    put(e, FOCUS_ServiceName, service);
}

static const char *provider_name(const char *provider)
{
    for (int i = 0; providers[i].provider; i++)
        if (strcmp(providers[i].provider, provider) == 0) return providers[i].name;
    return *provider ? provider : "Unknown provider";
}

static void put_provider(struct export *e, const char *provider, bool owned)
{
    const char *service = owned ? "Owned GPU nodes" : "GPU instances";
    for (int i = 0; !owned && providers[i].provider; i++)
        if (strcmp(providers[i].provider, provider) == 0) service = providers[i].service;
    put_issuer(e, owned ? "Own hardware" : provider_name(provider), service);
    put(e, FOCUS_ServiceCategory, "Compute");
    put(e, FOCUS_ServiceSubcategory, "Virtual Machines");
}

/* "a/b", or "a/b/c". */
static void put_path(struct export *e, enum focus_column column, const char *a, const char *b,
                     const char *c)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) {
        e->failed = true;
        return;
    }
    fprintf(out, "%s/%s%s%s", a, b, *c ? "/" : "", c);
    e->failed |= fclose(out) != 0;
    if (text) put(e, column, text);
    free(text);
}

/* When the hours are, inside the books. */
static void put_periods(struct export *e, const struct stretch *s)
{
    int64_t from_s = (int64_t)s->from * 3600 - e->into_s, to_s = (int64_t)s->to * 3600 - e->into_s;
    if (from_s < 0) from_s = 0;
    if (to_s > e->end_s) to_s = e->end_s;
    if (to_s <= from_s) to_s = from_s + 1;
    int64_t start_s = (int64_t)floor(e->t0_unix_s) + from_s;
    put_time(e, FOCUS_ChargePeriodStart, start_s);
    put_time(e, FOCUS_ChargePeriodEnd, (int64_t)floor(e->t0_unix_s) + to_s);
    put_month(e, start_s);
}

/* Of instances, and not of dollars. */
static bool is_reserved(const struct report_commitment *c)
{
    return strcmp(c->kind, "reserved") == 0 || strcmp(c->kind, "capacity-block") == 0;
}

/* At the price on demand, which is no discount: no commitment in FOCUS' words. */
static bool is_capacity(const struct report_commitment *c)
{
    return strcmp(c->kind, "capacity-reservation") == 0;
}

static void put_commitment(struct export *e, const struct stretch *s, const char *status)
{
    const struct report_commitment *c = &e->fleet->commitments[s->commitment];
    char number[16], name[200];
    bool reserved = is_reserved(c);
    int64_t usd_micro = s->jobs_usd_micro + s->idle_usd_micro,
            per_hour = llround(c->usd_per_hour * 1e6);
    snprintf(number, sizeof number, "commitment-%d", s->commitment);
    if (reserved) snprintf(name, sizeof name, "%lld x %.120s", (long long)c->count, c->instance);
    else
        snprintf(name, sizeof name, "%.60s%s%.100s", c->kind, *c->instance ? " " : "", c->instance);
    put_path(e, FOCUS_CommitmentDiscountId, e->fleet->name, number, "");
    put(e, FOCUS_CommitmentDiscountName, name);
    put(e, FOCUS_CommitmentDiscountCategory, reserved ? "Usage" : "Spend");
    put(e, FOCUS_CommitmentDiscountType,
        strcmp(c->kind, "capacity-block") == 0              ? "Capacity Block"
        : reserved                                          ? "Reserved Instance"
        : strcmp(c->kind, "ec2-instance-savings-plan") == 0 ? "EC2 Instance Savings Plan"
                                                            : "Compute Savings Plan");
    put(e, FOCUS_CommitmentDiscountStatus, status);
    put(e, FOCUS_CommitmentDiscountUnit, reserved ? "Hours" : "USD");
    /* Reserved instances cost the same in each of their hours: so many are what the cost pays. */
    if (!reserved) put_micro(e, FOCUS_CommitmentDiscountQuantity, usd_micro);
    else
        put_decimal(e, FOCUS_CommitmentDiscountQuantity,
                    per_hour > 0 ? rounded((__int128)usd_micro * c->count * NANO, per_hour)
                                 : rounded(s->node_us * NANO, HOUR_US),
                    9);
}

/* What a commitment itself costs: so many of its units at a price each. */
static void put_fee(struct export *e, const struct stretch *s)
{
    const struct report_commitment *c = &e->fleet->commitments[s->commitment];
    int64_t usd_micro = s->jobs_usd_micro + s->idle_usd_micro,
            per_hour = llround(c->usd_per_hour * 1e6);
    bool hours = (is_reserved(c) || is_capacity(c)) && per_hour > 0 && c->count > 0;
    __int128 unit = hours ? rounded((__int128)per_hour * 1000, c->count) : NANO;
    put(e, FOCUS_PricingUnit, hours ? "Hours" : "USD");
    put_decimal(e, FOCUS_PricingQuantity,
                hours ? rounded((__int128)usd_micro * c->count * NANO, per_hour)
                      : (__int128)usd_micro * 1000,
                9);
    put_decimal(e, FOCUS_ListUnitPrice, unit, 9);
    put_decimal(e, FOCUS_ContractedUnitPrice, unit, 9);
    put_micro(e, FOCUS_ListCost, usd_micro);
    put_micro(e, FOCUS_ContractedCost, usd_micro);
    put(e, FOCUS_SkuId, c->kind);
    put_path(e, FOCUS_SkuPriceId, c->kind, *c->instance ? c->instance : "any", c->price_region);
    put(e, FOCUS_RegionId, c->price_region);
    put(e, FOCUS_RegionName, c->price_region);
}

/* What is reserved and not used, beside its price: that many hours. */
static void put_capacity(struct export *e, const struct stretch *s)
{
    const struct report_commitment *c = &e->fleet->commitments[s->commitment];
    char number[16];
    int64_t per_hour = llround(c->usd_per_hour * 1e6);
    __int128 hours =
        per_hour > 0
            ? rounded((__int128)(s->jobs_usd_micro + s->idle_usd_micro) * c->count * NANO, per_hour)
            : 0;
    snprintf(number, sizeof number, "commitment-%d", s->commitment);
    put_path(e, FOCUS_CapacityReservationId, e->fleet->name, number, "");
    put(e, FOCUS_CapacityReservationStatus, "Unused");
    put(e, FOCUS_ConsumedUnit, "Hours");
    put_decimal(e, FOCUS_ConsumedQuantity, hours, 9);
}

/* Nodes of a pool by the hour, at their list price; owned nodes at what they cost. */
static void put_nodes(struct export *e, const struct stretch *s)
{
    const struct report_pool *p = &e->fleet->pools[s->pool];
    int64_t usd_micro = s->jobs_usd_micro + s->idle_usd_micro;
    bool listed = p->list_usd_nano_per_hour >= 0;
    __int128 cost = (__int128)usd_micro * 1000, unit = p->list_usd_nano_per_hour;
    if (listed) cost = rounded(unit * s->node_us, HOUR_US);
    else unit = s->node_us > 0 ? rounded(cost * HOUR_US, s->node_us) : 0;
    put(e, FOCUS_PricingUnit, "Hours");
    put_decimal(e, FOCUS_PricingQuantity, rounded(s->node_us * NANO, HOUR_US), 9);
    put_decimal(e, FOCUS_ListUnitPrice, unit, 9);
    put_decimal(e, FOCUS_ContractedUnitPrice, unit, 9);
    put_decimal(e, FOCUS_ListCost, cost, 9);
    put_decimal(e, FOCUS_ContractedCost, cost, 9);
    put(e, FOCUS_ConsumedUnit, "Hours");
    put_decimal(e, FOCUS_ConsumedQuantity, rounded(s->node_us * NANO, HOUR_US), 9);
    put_path(e, FOCUS_ResourceId, e->fleet->name, p->name, "");
    put(e, FOCUS_ResourceName, p->name);
    put(e, FOCUS_ResourceType, "Node pool");
    put(e, FOCUS_SkuId, p->instance);
    put_path(e, FOCUS_SkuPriceId, p->instance, p->price_region, listed ? p->price_market : s->kind);
    put(e, FOCUS_RegionId, p->price_region);
    put(e, FOCUS_RegionName, p->price_region);
}

/* What nodes of a pool cost, and is not paid: it has no price of its own. */
static void put_credit(struct export *e, const struct stretch *s)
{
    const struct report_pool *p = &e->fleet->pools[s->pool];
    int64_t usd_micro = s->jobs_usd_micro + s->idle_usd_micro;
    put_micro(e, FOCUS_ListCost, usd_micro);
    put_micro(e, FOCUS_ContractedCost, usd_micro);
    put_path(e, FOCUS_ResourceId, e->fleet->name, p->name, "");
    put(e, FOCUS_ResourceName, p->name);
    put(e, FOCUS_ResourceType, "Node pool");
    put(e, FOCUS_RegionId, p->price_region);
    put(e, FOCUS_RegionName, p->price_region);
}

/* FOCUS 1.2, columns/servicecategory and columns/servicesubcategory. */
static const struct {
    const char *kind, *service, *category, *subcategory;
} services[] = {
    { "control-plane", "Kubernetes control plane", "Compute", "Containers" },
    { "object-storage", "Object storage", "Storage", "Object Storage" },
    { "block-storage", "Block storage", "Storage", "Block Storage" },
    { "lustre", "Parallel file system", "Storage", "File System" },
    { "egress", "Data transfer out", "Networking", "Data Transfer" },
    { "people", "Provisioning", "Management and Governance", "Administration" },
    { NULL, "Services", "Other", "Other (Other)" },
};

/* A service by its unit. What was paid of it is what the cost pays at its price. */
static void put_service(struct export *e, const struct stretch *s)
{
    const struct report_service *of = &e->fleet->services[s->service];
    const char *provider = "";
    int64_t usd_micro = s->jobs_usd_micro + s->idle_usd_micro;
    __int128 quantity =
        of->usd_nano > 0 ? rounded((__int128)usd_micro * 1000 * NANO, of->usd_nano) : 0;
    int k = 0;
    while (services[k].kind && strcmp(services[k].kind, of->kind) != 0) k++;
    /* That of a pool in its region: a service is where nodes are. */
    for (int32_t p = e->fleet->pool_n - 1; p >= 0; p--)
        if (strcmp(e->fleet->pools[p].price_region, of->price_region) == 0)
            provider = e->fleet->pools[p].provider;
    bool people = strcmp(of->kind, "people") == 0;
    put_issuer(e, people ? "Own staff" : provider_name(provider), services[k].service);
    put(e, FOCUS_ServiceCategory, services[k].category);
    put(e, FOCUS_ServiceSubcategory, services[k].subcategory);
    put(e, FOCUS_PricingUnit, of->per);
    put_decimal(e, FOCUS_PricingQuantity, quantity, 9);
    put_decimal(e, FOCUS_ListUnitPrice, of->usd_nano, 9);
    put_decimal(e, FOCUS_ContractedUnitPrice, of->usd_nano, 9);
    put_micro(e, FOCUS_ListCost, usd_micro);
    put_micro(e, FOCUS_ContractedCost, usd_micro);
    put(e, FOCUS_ConsumedUnit, of->per);
    put_decimal(e, FOCUS_ConsumedQuantity, quantity, 9);
    put_path(e, FOCUS_ResourceId, e->fleet->name, "services", of->name);
    put(e, FOCUS_ResourceName, of->name);
    put(e, FOCUS_ResourceType, of->kind);
    put(e, FOCUS_SkuId, of->kind);
    put_path(e, FOCUS_SkuPriceId, of->kind, *of->price_region ? of->price_region : "any", of->per);
    put(e, FOCUS_RegionId, of->price_region);
    put(e, FOCUS_RegionName, of->price_region);
}

static void put_tags(struct export *e, const struct stretch *s)
{
    json_t *tags = json_object();
    json_object_set_new(tags, "fleet", json_string(e->fleet->name));
    if (s->service >= 0) {
        json_object_set_new(tags, "service", json_string(e->fleet->services[s->service].name));
    } else if (*s->kind) {
        json_object_set_new(tags, "pool", json_string(e->fleet->pools[s->pool].name));
        json_object_set_new(tags, "gpu_model", json_string(e->fleet->pools[s->pool].gpu_model));
    }
    char *text = json_dumps(tags, JSON_COMPACT);
    json_decref(tags);
    if (text) put(e, FOCUS_Tags, text);
    e->failed |= !text;
    free(text);
}

/* ---- rows ---- */

static void write_header(FILE *out)
{
    for (int c = 0; c < FOCUS_COLUMN_N; c++) fprintf(out, "%s,", focus_columns[c].name);
    fputs("x_ChargeKind,x_JobsCost,x_IdleCost,x_FleetCost\n", out);
}

static void write_cells(struct export *e, const struct stretch *s, bool purchase)
{
    for (int c = 0; c < FOCUS_COLUMN_N; c++) {
        const char *text = e->cell[c];
        if (text && focus_columns[c].type == FOCUS_DECIMAL) fputs(text, e->out);
        else if (text) escape_csv(e->out, text);
        fputc(',', e->out);
        free(e->cell[c]);
        e->cell[c] = NULL;
    }
    escape_csv(e->out, purchase ? "purchase" : s->kind);
    if (purchase) {
        fputs(",,,\n", e->out);
        return;
    }
    bool service = s->service >= 0;
    const int64_t parts[3] = { s->jobs_usd_micro, service ? 0 : s->idle_usd_micro,
                               service ? s->idle_usd_micro : 0 };
    for (int i = 0; i < 3; i++)
        fprintf(e->out, ",%s%lld.%06lld", parts[i] < 0 ? "-" : "", llabs(parts[i]) / 1000000,
                llabs(parts[i]) % 1000000);
    fputc('\n', e->out);
}

static void write_row(struct export *e, const struct stretch *s)
{
    if (s->from == s->to) return;
    const struct report_pool *p = &e->fleet->pools[s->pool];
    bool purchase = !*s->kind, unused = strcmp(s->kind, "unused commitment") == 0;
    bool capacity = s->commitment >= 0 && is_capacity(&e->fleet->commitments[s->commitment]);
    bool committed = s->commitment >= 0 && !capacity, service = s->service >= 0;
    bool spot = !service && strcmp(p->price_market, "spot") == 0;
    bool owned = !service && !spot && p->list_usd_nano_per_hour < 0;
    bool credit = strcmp(s->kind, "first hours free") == 0;
    int64_t usd_micro = s->jobs_usd_micro + s->idle_usd_micro;
    char text[300];
    if ((usd_micro == 0 && s->node_us == 0) || (capacity && purchase)) return;
    put_micro(e, FOCUS_BilledCost, committed && !purchase ? 0 : usd_micro);
    put_micro(e, FOCUS_EffectiveCost, purchase ? 0 : usd_micro);
    put(e, FOCUS_BillingAccountId, e->fleet->name);
    put(e, FOCUS_BillingAccountName, e->fleet->name);
    put(e, FOCUS_BillingCurrency, "USD");
    put(e, FOCUS_ChargeCategory, purchase ? "Purchase" : credit ? "Credit" : "Usage");
    put(e, FOCUS_ChargeFrequency,
        purchase || strcmp(s->kind, "amortisation") == 0 || strcmp(s->kind, "space and staff") == 0
            ? "Recurring"
            : "Usage-Based");
    put(e, FOCUS_PricingCategory,
        purchase    ? "Standard"
        : committed ? "Committed"
        : spot      ? "Dynamic"
        : owned     ? "Other"
                    : "Standard");
    put_periods(e, s);
    if (!service) put_provider(e, p->provider, owned);
    put_tags(e, s);
    if (capacity) put_capacity(e, s);
    if (committed) put_commitment(e, s, purchase ? "" : unused ? "Unused" : "Used");
    if (service) put_service(e, s);
    else if (purchase || unused) put_fee(e, s);
    else if (credit) put_credit(e, s);
    else put_nodes(e, s);
    if (service)
        snprintf(text, sizeof text, "%.200s, %.60s", e->fleet->services[s->service].name, s->kind);
    else if (purchase || unused)
        snprintf(text, sizeof text, "%s of %.200s", unused ? "Unused part" : "Fee",
                 e->fleet->commitments[s->commitment].kind);
    else snprintf(text, sizeof text, "%.200s, %s", p->instance, s->kind);
    put(e, FOCUS_ChargeDescription, text);
    write_cells(e, s, purchase);
}

/* The day, UTC, in which an hour begins. */
static int64_t day_of(const struct export *e, int32_t hour)
{
    return (int64_t)floor((e->t0_unix_s + (double)((int64_t)hour * 3600 - e->into_s)) / 86400);
}

/* The stretch goes on with this hour, or is written and begins anew with it. */
static void take(struct export *e, struct stretch *s, const struct stretch *hour)
{
    int64_t usd_micro = hour->jobs_usd_micro + hour->idle_usd_micro;
    bool goes_on = s->from < s->to && s->to == hour->from && s->pool == hour->pool &&
                   s->commitment == hour->commitment && s->service == hour->service &&
                   strcmp(s->kind, hour->kind) == 0 && day_of(e, s->from) == day_of(e, hour->from);
    if (goes_on && *s->kind)
        goes_on = hour->node_us > 0 ? hour->node_us == s->each_us
                                    : s->each_us == 0 && llabs(usd_micro - s->each_usd_micro) <= 1;
    if (!goes_on) {
        write_row(e, s);
        *s = *hour;
        s->each_us = (int64_t)hour->node_us;
        s->each_usd_micro = usd_micro;
        return;
    }
    s->to = hour->to;
    s->node_us += hour->node_us;
    s->jobs_usd_micro += hour->jobs_usd_micro;
    s->idle_usd_micro += hour->idle_usd_micro;
}

/* ---- reading ---- */

static const char usage_sql[] =
    "SELECT pool_id, kind, commitment_id, hour, node_us, jobs_usd_micro, idle_usd_micro, -1 FROM "
    "hour_charge WHERE fleet_id = ?1 AND replication = 0 ORDER BY pool_id, kind, commitment_id, "
    "hour";
/* What is paid for a commitment is what its usage and its unused part cost together. */
static const char purchase_sql[] =
    "SELECT min(pool_id), '', commitment_id, hour, 0, sum(jobs_usd_micro), sum(idle_usd_micro), "
    "-1 FROM hour_charge WHERE fleet_id = ?1 AND replication = 0 AND commitment_id >= 0 GROUP BY "
    "commitment_id, hour ORDER BY commitment_id, hour";
static const char service_sql[] =
    "SELECT 0, kind, -1, hour, 0, jobs_usd_micro, fleet_usd_micro, service_id FROM service_hour "
    "JOIN service USING (fleet_id, service_id) WHERE fleet_id = ?1 AND replication = 0 ORDER BY "
    "service_id, hour";
/* When hour 0 began, and when the fleet's books end. */
static const char times_sql[] =
    "SELECT (SELECT t_s FROM hour WHERE fleet_id = ?1 AND hour = 0 LIMIT 1), (SELECT max(down_s) "
    "FROM node WHERE fleet_id = ?1)";

static enum status bad_file(const struct export *e, const char *why, struct error *err)
{
    return error_set(err, STATUS_BAD_INPUT, "%s is damaged: %s", e->data->path, why);
}

/* Beyond what a run can write; below it no product here leaves 128 bits. */
#define AMOUNT_MAX (INT64_C(1) << 53)
#define COUNT_MAX  (INT64_C(1) << 20)

static bool is_amount(int64_t x) { return x >= -AMOUNT_MAX && x <= AMOUNT_MAX; }

static enum status check_prices(const struct export *e, struct error *err)
{
    bool good = true;
    for (int32_t p = 0; p < e->fleet->pool_n; p++)
        good &= e->fleet->pools[p].list_usd_nano_per_hour >= -1 &&
                e->fleet->pools[p].list_usd_nano_per_hour <= AMOUNT_MAX;
    for (int32_t c = 0; c < e->fleet->commitment_n; c++) {
        const struct report_commitment *of = &e->fleet->commitments[c];
        good &= of->count >= 0 && of->count <= COUNT_MAX && of->usd_per_hour >= 0 &&
                of->usd_per_hour < 1e12;
    }
    for (int32_t i = 0; i < e->fleet->service_n; i++)
        good &= e->fleet->services[i].usd_nano >= 0 && e->fleet->services[i].usd_nano <= AMOUNT_MAX;
    return good ? STATUS_OK : bad_file(e, "a price is out of range", err);
}

static enum status read_hours(struct export *e, sqlite3 *db, const char *sql, struct error *err)
{
    sqlite3_stmt *q = NULL;
    struct stretch open = { .from = 0, .to = 0 };
    enum status status = STATUS_OK;
    int code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
    if (code == SQLITE_OK) code = sqlite3_bind_int(q, 1, e->fleet->id);
    while (code == SQLITE_OK && status == STATUS_OK && (code = sqlite3_step(q)) == SQLITE_ROW) {
        struct stretch hour = { .pool = sqlite3_column_int(q, 0),
                                .commitment = sqlite3_column_int(q, 2),
                                .from = sqlite3_column_int(q, 3),
                                .node_us = sqlite3_column_int64(q, 4),
                                .jobs_usd_micro = sqlite3_column_int64(q, 5),
                                .idle_usd_micro = sqlite3_column_int64(q, 6),
                                .service = sqlite3_column_int(q, 7) };
        const char *kind = (const char *)sqlite3_column_text(q, 1);
        snprintf(hour.kind, sizeof hour.kind, "%s", kind ? kind : "");
        code = SQLITE_OK;
        bool of_any = hour.pool >= 0 && hour.pool < e->fleet->pool_n && hour.commitment >= -1 &&
                      hour.commitment < e->fleet->commitment_n && hour.service >= -1 &&
                      hour.service < e->fleet->service_n && hour.from >= 0 && hour.from < INT32_MAX;
        if (!of_any) status = bad_file(e, "an hour's charge is of nothing there is", err);
        else if (hour.node_us < 0 || hour.node_us > AMOUNT_MAX || !is_amount(hour.jobs_usd_micro) ||
                 !is_amount(hour.idle_usd_micro))
            status = bad_file(e, "an hour's charge is out of range", err);
        hour.to = hour.from + 1;
        if (status == STATUS_OK) take(e, &open, &hour);
    }
    if (status == STATUS_OK && code != SQLITE_DONE)
        status = error_set(err, STATUS_BAD_INPUT, "%s cannot be read: %s", e->data->path,
                           sqlite3_errmsg(db));
    if (status == STATUS_OK) write_row(e, &open);
    sqlite3_finalize(q);
    return status;
}

/* Midnight of "2026-07-20", in seconds of the Unix epoch; 0 for another text. */
static double midnight_of(const char *day)
{
    struct tm tm = { 0 };
    const char *end = strptime(day, "%Y-%m-%d", &tm);
    return end && !*end ? (double)timegm(&tm) : 0;
}

static enum status read_times(struct export *e, sqlite3 *db, struct error *err)
{
    sqlite3_stmt *q = NULL;
    enum status status = STATUS_OK;
    bool known = sqlite3_prepare_v2(db, times_sql, -1, &q, NULL) == SQLITE_OK &&
                 sqlite3_bind_int(q, 1, e->fleet->id) == SQLITE_OK &&
                 sqlite3_step(q) == SQLITE_ROW && sqlite3_column_type(q, 0) != SQLITE_NULL;
    if (!known)
        status = error_set(err, STATUS_BAD_INPUT,
                           "%s keeps no hours of fleet '%s': its scenario says run.keep_hours: no, "
                           "or it is of an older Seatrial",
                           e->data->path, e->fleet->name);
    double into_s = known ? -sqlite3_column_double(q, 0) : 0,
           end_s = known ? ceil(sqlite3_column_double(q, 1)) : 0;
    e->t0_unix_s =
        isnan(e->data->t0_unix_s) ? midnight_of(e->data->price_as_of) : floor(e->data->t0_unix_s);
    if (known && (!(into_s >= 0 && into_s <= 3600) || !(end_s >= 0 && end_s < 1e11) ||
                  !(fabs(e->t0_unix_s) < 1e11)))
        status = bad_file(e, "its times are out of range", err);
    if (status == STATUS_OK) {
        e->into_s = (int64_t)into_s;
        e->end_s = (int64_t)end_s;
    }
    sqlite3_finalize(q);
    return status;
}

enum status focus_write(const struct report_data *data, int32_t fleet, FILE *out, struct error *err)
{
    struct export e = { .data = data, .fleet = &data->fleets[fleet], .out = out };
    sqlite3 *db = NULL;
    enum status status = STATUS_OK;
    if (sqlite3_open_v2(data->path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        status = error_set(err, STATUS_IO, "cannot open %s: %s", data->path, sqlite3_errmsg(db));
    if (db) sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (db) sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (status == STATUS_OK) status = check_prices(&e, err);
    if (status == STATUS_OK) status = read_times(&e, db, err);
    if (status == STATUS_OK) write_header(out);
    if (status == STATUS_OK) status = read_hours(&e, db, usage_sql, err);
    if (status == STATUS_OK) status = read_hours(&e, db, purchase_sql, err);
    if (status == STATUS_OK && e.fleet->service_n > 0)
        status = read_hours(&e, db, service_sql, err);
    sqlite3_close(db);
    if (status == STATUS_OK && e.failed)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for a row, or a time no calendar has");
    return status;
}
