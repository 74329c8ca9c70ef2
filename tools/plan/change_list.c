/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/change_list.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/pricing/money.h"
#include "reports/format.h"
#include "scenarios/option_values.h"

/* A row to fill; NULL: no memory. */
static struct change_row *add(struct change_list *list, char sign)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct change_row *more = realloc(list->rows, capacity * sizeof *more);
        if (!more) return NULL;
        list->rows = more;
        list->capacity = capacity;
    }
    struct change_row *row = &list->rows[list->n++];
    *row = (struct change_row){ .sign = sign, .usd = NAN };
    return row;
}

static double signed_usd(char sign, double usd) { return sign == '-' ? -usd : usd; }

/* ---- Nodes ---- */

/* Pools of a fleet that are the same purchase: least nodes that are always there, most that may be.
 */
struct purchase_row {
    const struct pool_spec *like;
    int64_t least, most;
    double usd; /* a month; NAN: list prices do not say it */
};

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static bool same_purchase(const struct pool_spec *a, const struct pool_spec *b)
{
    return same_text(a->type.name, b->type.name) && a->purchase.option == b->purchase.option &&
           same_text(a->purchase.price_region, b->purchase.price_region) &&
           same_text(a->purchase.price_market, b->purchase.price_market) &&
           same_text(a->zone, b->zone) &&
           a->purchase.usd_nano_per_hour == b->purchase.usd_nano_per_hour &&
           (a->elastic_nodes > 0) == (b->elastic_nodes > 0) && (a->group > 0) == (b->group > 0);
}

static bool is_bought_as(const struct pool_spec *pool, const char *option)
{
    return strcmp(pool->purchase.option->name, option) == 0;
}

/* What a month of the pool costs, where all of it is always there and its list price is all. */
static double list_usd(const struct fleet_spec *fleet, const struct pool_spec *pool)
{
    if (pool->elastic_nodes || pool->group || supply_is_limited(&pool->supply) ||
        pool->purchase.prices || is_bought_as(pool, "owned") ||
        (is_bought_as(pool, "on-demand") && fleet->commitments.n > 0))
        return NAN;
    return (double)pool->nodes * (double)pool->purchase.usd_nano_per_hour / 1e9 *
           SERVICE_MONTH_HOURS;
}

/* Of so many pools at most; how many. */
static int32_t purchases_of(const struct fleet_spec *fleet, struct purchase_row *rows)
{
    int32_t n = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        int64_t least = pool->group ? 0 : pool->nodes - pool->elastic_nodes;
        int32_t i = 0;
        while (i < n && !same_purchase(rows[i].like, pool)) i++;
        if (i == n) rows[n++] = (struct purchase_row){ pool, 0, 0, 0 };
        rows[i].least += least;
        /* A group has no more than its largest pool. */
        if (pool->group) rows[i].most = pool->nodes > rows[i].most ? pool->nodes : rows[i].most;
        else rows[i].most += pool->nodes;
        rows[i].usd += list_usd(fleet, pool);
    }
    return n;
}

static bool is_among(const struct purchase_row *row, const struct purchase_row *others, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (same_purchase(row->like, others[i].like) && row->least == others[i].least &&
            row->most == others[i].most)
            return true;
    return false;
}

static bool add_purchase(struct change_list *list, char sign, const struct purchase_row *p)
{
    const struct pool_spec *pool = p->like;
    const char *region = pool->purchase.price_region ? pool->purchase.price_region : "",
               *place = pool->zone ? pool->zone : region;
    char count[64];
    struct change_row *row = add(list, sign);
    if (!row) return false;
    if (p->least == p->most) snprintf(count, sizeof count, "%" PRId64, p->most);
    else snprintf(count, sizeof count, "%" PRId64 "..%" PRId64, p->least, p->most);
    snprintf(row->text, sizeof row->text, "%s node%s %.120s %s%s%.100s%s", count,
             p->least == 1 && p->most == 1 ? "" : "s", pool->type.name, pool->purchase.option->name,
             !*place                         ? ""
             : strcmp(place, "on-prem") == 0 ? ", "
                                             : " in ",
             place, pool->group ? ", one of a group" : "");
    row->usd = signed_usd(sign, p->usd);
    return true;
}

static bool add_purchases(struct change_list *list, char sign, const struct purchase_row *mine,
                          int32_t n, const struct purchase_row *others, int32_t other_n)
{
    for (int32_t i = 0; i < n; i++)
        if (!is_among(&mine[i], others, other_n) && !add_purchase(list, sign, &mine[i]))
            return false;
    return true;
}

/* ---- Commitments ---- */

static bool same_commitment(const struct fleet_commitment *a, const struct fleet_commitment *b)
{
    const struct commitment *x = &a->terms, *y = &b->terms;
    return x->kind == y->kind && same_text(x->of.instance, y->of.instance) &&
           same_text(x->of.region, y->of.region) && same_text(x->of.zone, y->of.zone) &&
           same_text(a->price_market, b->price_market) && x->count == y->count &&
           x->usd_nano_per_hour == y->usd_nano_per_hour &&
           x->upfront_usd_micro == y->upfront_usd_micro && x->from_us == y->from_us &&
           x->to_us == y->to_us;
}

/* "12 months"; "14 days". */
static void write_term(int64_t us, char *text, size_t size)
{
    double hours = (double)us / (double)HOUR_US, months = hours / SERVICE_MONTH_HOURS;
    if (months >= 1 && fabs(months - round(months)) < 1e-9)
        snprintf(text, size, "%.0f month%s", months, months < 1.5 ? "" : "s");
    else snprintf(text, size, "%.3g days", hours / 24);
}

static bool is_reserved(const struct commitment *c)
{
    return c->kind == COMMITMENT_RESERVED_REGIONAL || c->kind == COMMITMENT_RESERVED_ZONAL;
}

/* Whether the length of its term is known. Of reserved instances at the prices of another market a
 * year is only what the scenario did not say otherwise: those may be prices for three. It names no
 * term of a Savings Plan, and a capacity reservation has none. */
static bool knows_term(const struct fleet_commitment *c)
{
    const struct commitment *t = &c->terms;
    bool is_said = t->to_us - t->from_us != 8760 * HOUR_US || t->upfront_usd_micro > 0;
    return t->kind == COMMITMENT_CAPACITY_BLOCK ||
           (is_reserved(t) && (is_said || same_text(c->price_market, c->kind->name)));
}

static bool add_commitment(struct change_list *list, char sign, const struct fleet_commitment *c)
{
    const struct commitment *t = &c->terms;
    double usd = (double)fleet_commitment_usd_micro_per_hour(c) / 1e6,
           hours = (double)(t->to_us - t->from_us) / (double)HOUR_US;
    char text[300], term[40];
    struct change_row *row = add(list, sign);
    if (!row) return false;
    fleet_commitment_text(c, text, sizeof text);
    snprintf(row->text, sizeof row->text, "%s%s%.64s", text,
             *t->of.zone || !*t->of.region ? "" : " in ", *t->of.zone ? "" : t->of.region);
    /* Of a reservation what is used is paid as nodes on demand; a block is paid once. */
    if (t->kind != COMMITMENT_CAPACITY_RESERVATION && t->kind != COMMITMENT_CAPACITY_BLOCK)
        row->usd = signed_usd(sign, usd * SERVICE_MONTH_HOURS);
    if (!knows_term(c)) {
        if (is_reserved(t))
            snprintf(row->note, sizeof row->note,
                     sign == '+' ? "for its term, used or not" : "not before its term ends");
        return true;
    }
    write_term(t->to_us - t->from_us, term, sizeof term);
    if (sign == '+')
        snprintf(row->note, sizeof row->note, "commits %s for %s", format_usd(usd * hours).s, term);
    else snprintf(row->note, sizeof row->note, "not before its term of %s ends", term);
    return true;
}

/* Those of mine that the others have not: of equal ones each counts. */
static bool add_commitments(struct change_list *list, char sign,
                            const struct fleet_commitments *mine,
                            const struct fleet_commitments *others)
{
    for (int32_t i = 0; i < mine->n; i++) {
        int32_t had = 0, has = 0;
        for (int32_t k = 0; k <= i; k++) had += same_commitment(&mine->items[k], &mine->items[i]);
        for (int32_t k = 0; k < others->n; k++)
            has += same_commitment(&others->items[k], &mine->items[i]);
        if (had > has && !add_commitment(list, sign, &mine->items[i])) return false;
    }
    return true;
}

/* ---- Services ---- */

static bool same_service(const struct fleet_service *a, const struct fleet_service *b)
{
    char x[120], y[120];
    fleet_service_text(a, x, sizeof x);
    fleet_service_text(b, y, sizeof y);
    return a->kind == b->kind && same_text(a->name, b->name) && a->usd_nano == b->usd_nano &&
           strcmp(x, y) == 0;
}

static bool add_services(struct change_list *list, char sign, const struct fleet_services *mine,
                         const struct fleet_services *others)
{
    for (int32_t i = 0; i < mine->n; i++) {
        const struct fleet_service *s = &mine->items[i];
        char amount[120];
        bool there = false;
        for (int32_t k = 0; k < others->n; k++) there |= same_service(s, &others->items[k]);
        if (there) continue;
        struct change_row *row = add(list, sign);
        if (!row) return false;
        fleet_service_text(s, amount, sizeof amount);
        snprintf(row->text, sizeof row->text, "%.100s: %s of %s", s->name, amount, s->kind->name);
        if (!service_is_metered(s))
            row->usd =
                signed_usd(sign, (double)service_usd_nano_per_hour(s) / 1e9 * SERVICE_MONTH_HOURS);
    }
    return true;
}

/* ---- Settings ---- */

static bool add_setting(struct change_list *list, const char *what, const char *from,
                        const char *to)
{
    if (strcmp(from, to) == 0) return true;
    struct change_row *row = add(list, '~');
    if (!row) return false;
    snprintf(row->text, sizeof row->text, "%.60s %.150s -> %.150s", what, from, to);
    return true;
}

/* The value of a scheduler's option that is not the default; NULL. */
static const char *option_of(const struct scheduler_spec *spec, const char *key,
                             struct option_value *room)
{
    for (size_t i = 0; option_value_at(spec, i, room); i++)
        if (strcmp(room->key, key) == 0) return room->text;
    return NULL;
}

static bool add_options(struct change_list *list, const struct scheduler_spec *from,
                        const struct scheduler_spec *to)
{
    struct option_value a, b;
    char what[80];
    bool good = true;
    for (size_t i = 0; good && option_value_at(from, i, &a); i++) {
        const char *then = option_of(to, a.key, &b);
        snprintf(what, sizeof what, "scheduler's %.50s", a.key);
        good = add_setting(list, what, a.text, then ? then : "the default");
    }
    for (size_t i = 0; good && option_value_at(to, i, &b); i++) {
        snprintf(what, sizeof what, "scheduler's %.50s", b.key);
        if (!option_of(from, b.key, &a)) good = add_setting(list, what, "the default", b.text);
    }
    return good;
}

static const char *autoscaler_name(const struct fleet_spec *fleet)
{
    return fleet->autoscaler.kind ? fleet->autoscaler.kind->name : autoscalers[0]->name;
}

static bool add_settings(struct change_list *list, const struct fleet_spec *from,
                         const struct fleet_spec *to)
{
    const struct scheduler_spec *a = &from->scheduler, *b = &to->scheduler;
    return add_setting(list, "scheduler", a->order->name, b->order->name) &&
           add_setting(list, "placement", a->placement->name, b->placement->name) &&
           add_setting(list, "gang", gangs[a->gang].name, gangs[b->gang].name) &&
           add_options(list, a, b) &&
           add_setting(list, "autoscaler", autoscaler_name(from), autoscaler_name(to)) &&
           add_setting(list, "fallback", fallback_kinds[from->fallback.rule].name,
                       fallback_kinds[to->fallback.rule].name);
}

enum status change_list_make(const struct fleet_spec *from, const struct fleet_spec *to,
                             struct change_list *list, struct error *err)
{
    size_t from_n = (size_t)from->pool_n + 1, to_n = (size_t)to->pool_n + 1;
    struct purchase_row *old = malloc(from_n * sizeof *old), *new = malloc(to_n * sizeof *new);
    bool good = old && new;
    *list = (struct change_list){ 0, 0, NULL };
    if (good) {
        int32_t old_n = purchases_of(from, old), new_n = purchases_of(to, new);
        good = add_purchases(list, '-', old, old_n, new, new_n) &&
               add_commitments(list, '-', &from->commitments, &to->commitments) &&
               add_services(list, '-', &from->services, &to->services) &&
               add_purchases(list, '+', new, new_n, old, old_n) &&
               add_commitments(list, '+', &to->commitments, &from->commitments) &&
               add_services(list, '+', &to->services, &from->services) &&
               add_settings(list, from, to);
    }
    free(old);
    free(new);
    if (good) return STATUS_OK;
    change_list_free(list);
    return error_set(err, STATUS_NO_MEMORY, "no memory for what to change");
}

void change_list_free(struct change_list *list)
{
    free(list->rows);
    *list = (struct change_list){ 0, 0, NULL };
}
