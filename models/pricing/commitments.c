/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/commitments.h"

#include <stdlib.h>
#include <string.h>

#include "models/pricing/ledger.h"
#include "models/pricing/money.h"
#include "models/pricing/pouring.h"

#define USED_MAX    ((__int128)1 << 52)
#define PRICE_MAX   (INT64_C(1) << 50)
#define UPFRONT_MAX (INT64_C(1) << 53)
#define TIME_MAX    (INT64_C(1) << 60)

const char *commitment_kind_name(enum commitment_kind kind)
{
    static const char *const names[COMMITMENT_KINDS] = {
        "capacity block",     "capacity reservation",      "reserved, zonal",
        "reserved, regional", "EC2 Instance Savings Plan", "Compute Savings Plan"
    };
    return names[kind];
}

/* ---- sizes ---- */

/* EC2 user guide, "Instance size flexibility determined by normalization factor": of xlarge it is
 * 8, of N times that 8 N. */
int64_t size_normalization(const char *size)
{
    static const struct {
        const char *size;
        int64_t quarters;
    } small[] = {
        { "nano", 1 }, { "micro", 2 }, { "small", 4 }, { "medium", 8 }, { "large", 16 },
    };
    char *end;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (strcmp(size, small[i].size) == 0) return small[i].quarters;
    if (strcmp(size, "xlarge") == 0) return 32;
    if (size[0] < '1' || size[0] > '9') return 0;
    long times = strtol(size, &end, 10);
    if (times < 2 || times > 112 || strcmp(end, "xlarge") != 0) return 0; /* 112xlarge: u-24tb1 */
    return 32 * times;
}

static size_t family_n(const char *instance) { return strcspn(instance, "."); }

static const char *size_of(const char *instance)
{
    const char *dot = instance + family_n(instance);
    return *dot ? dot + 1 : "";
}

static int same_family(const struct offering *a, const struct offering *b)
{
    size_t n = family_n(a->instance);
    return n == family_n(b->instance) && strncmp(a->instance, b->instance, n) == 0;
}

int size_is_flexible(const struct offering *of)
{
    static const char *const exempt[] = { "g4ad", "g4dn", "g5", "g5g", "inf1" };
    size_t n = family_n(of->instance);
    if (strcmp(of->provider, "aws") != 0 || !size_normalization(size_of(of->instance))) return 0;
    for (size_t i = 0; i < sizeof exempt / sizeof *exempt; i++)
        if (strlen(exempt[i]) == n && strncmp(of->instance, exempt[i], n) == 0) return 0;
    return 1;
}

/* ---- which lines a commitment covers, and in which order ---- */

int commitment_kind_is_plan(enum commitment_kind kind)
{
    return kind == COMMITMENT_EC2_PLAN || kind == COMMITMENT_COMPUTE_PLAN;
}

int is_plan(const struct commitment *c) { return commitment_kind_is_plan(c->kind); }

static int64_t plan_rate(const struct commitment *c, const struct offering *line)
{
    return c->kind == COMMITMENT_EC2_PLAN ? line->ec2_plan_usd_nano_per_hour
                                          : line->compute_plan_usd_nano_per_hour;
}

static int same(const char *a, const char *b) { return strcmp(a, b) == 0; }

static int same_or_any(const char *said, const char *line) { return !*said || same(said, line); }

static int is_flexible(const struct commitment *c)
{
    return c->kind == COMMITMENT_RESERVED_REGIONAL && size_is_flexible(&c->of);
}

/* What a line burns of the commitment's budget; 0: it is not covered. */
static int64_t burn_of(const struct commitment *c, const struct offering *line)
{
    if (!same(c->of.provider, line->provider)) return 0;
    if (c->kind == COMMITMENT_COMPUTE_PLAN) return plan_rate(c, line);
    if (!same_or_any(c->of.region, line->region)) return 0;
    if (c->kind == COMMITMENT_EC2_PLAN) return same_family(&c->of, line) ? plan_rate(c, line) : 0;
    if (is_flexible(c))
        return same_family(&c->of, line) && size_is_flexible(line)
                   ? size_normalization(size_of(line->instance))
                   : 0;
    if (c->kind == COMMITMENT_RESERVED_ZONAL && !same(c->of.zone, line->zone)) return 0;
    if (c->kind != COMMITMENT_RESERVED_REGIONAL && !same_or_any(c->of.zone, line->zone)) return 0;
    return same(c->of.instance, line->instance);
}

int commitment_covers(const struct commitment *c, const struct offering *line)
{
    return burn_of(c, line) != 0;
}

/* Below 0: a is covered before b. */
static int compare_lines(const struct commitment *c, const struct offering *a, int64_t burn_a,
                         const struct offering *b, int64_t burn_b)
{
    if (is_plan(c)) { /* the greater saving: 1 - rate / on demand */
        __int128 x = (__int128)burn_a * b->usd_nano_per_hour,
                 y = (__int128)burn_b * a->usd_nano_per_hour;
        if (x != y) return x < y ? -1 : 1;
    }
    return (burn_a > burn_b) - (burn_a < burn_b);
}

static enum status pipe_init(struct pipe *pipe, const struct pouring *p, const struct commitment *c,
                             struct error *err)
{
    *pipe = (struct pipe){ .commitment = c,
                           .unit = is_flexible(c) ? size_normalization(size_of(c->of.instance)) : 1,
                           .level = is_plan(c) ? c->usd_nano_per_hour : c->count };
    pipe->line = malloc((p->line_n + 1) * sizeof *pipe->line);
    pipe->burn = malloc((p->line_n + 1) * sizeof *pipe->burn);
    if (!pipe->line || !pipe->burn)
        return error_set(err, STATUS_NO_MEMORY, "no memory for %zu lines of usage", p->line_n);
    for (size_t l = 0; l < p->line_n; l++) {
        int64_t burn = burn_of(c, p->of[l]);
        size_t at = pipe->n;
        if (burn == 0) continue;
        if (c->kind <= COMMITMENT_CAPACITY_RESERVATION && l >= p->usage->line_n) continue;
        for (; at > 0 &&
               compare_lines(c, p->of[l], burn, p->of[pipe->line[at - 1]], pipe->burn[at - 1]) < 0;
             at--) {
            pipe->line[at] = pipe->line[at - 1];
            pipe->burn[at] = pipe->burn[at - 1];
        }
        pipe->line[at] = l;
        pipe->burn[at] = burn;
        pipe->n++;
    }
    return STATUS_OK;
}

/* ---- time and money of a commitment ---- */

/* [from, to) of its term that lies in the books and in hours [first, last]. */
static void active(const struct usage *u, const struct commitment *c, int64_t first, int64_t last,
                   int64_t *from, int64_t *to)
{
    int64_t start = first * HOUR_US - u->into_hour_us, end = (last + 1) * HOUR_US - u->into_hour_us;
    *from = start > c->from_us ? start : c->from_us;
    *to = end < c->to_us ? end : c->to_us;
    if (*from < 0) *from = 0;
    if (*to > u->end_us) *to = u->end_us;
    if (*to < *from) *to = *from;
}

int64_t commitment_active_us(const struct usage *usage, const struct commitment *c, int32_t hour)
{
    int64_t from, to;
    active(usage, c, hour, hour, &from, &to);
    return to - from;
}

/* What of all that is paid upfront falls on the term up to `at`. */
static __int128 paid_until(const struct commitment *c, int64_t level, int64_t at)
{
    __int128 all = (__int128)c->upfront_usd_micro * level * RATED_USD_MICRO;
    __int128 term = (__int128)c->to_us - c->from_us, gone = (__int128)at - c->from_us;
    return all / term * gone + all % term * gone / term;
}

static __int128 cost_of(const struct usage *u, const struct commitment *c, int64_t level,
                        int64_t first, int64_t last)
{
    int64_t from, to;
    active(u, c, first, last, &from, &to);
    if (c->kind == COMMITMENT_CAPACITY_RESERVATION) return 0; /* its unused part is usage */
    __int128 rate = is_plan(c) ? level : (__int128)level * c->usd_nano_per_hour;
    __int128 cost = rate * (to - from);
    if (c->upfront_usd_micro > 0) cost += paid_until(c, level, to) - paid_until(c, level, from);
    return cost;
}

__int128 commitment_books_cost(const struct usage *usage, const struct commitment *c, int64_t level)
{
    return usage->hours > 0 ? cost_of(usage, c, level, 0, usage->hours - 1) : 0;
}

/* ---- checks ---- */

static enum status check_offering(const struct offering *of, struct error *err)
{
    const int64_t rates[] = { of->usd_nano_per_hour, of->ec2_plan_usd_nano_per_hour,
                              of->compute_plan_usd_nano_per_hour };
    for (int i = 0; i < 3; i++) {
        if (rates[i] < 0 || rates[i] > PRICE_MAX)
            return error_set(err, STATUS_BAD_INPUT,
                             "a price of '%s' is negative or above $1M an hour", of->instance);
        if (rates[i] > rates[0])
            return error_set(err, STATUS_BAD_INPUT,
                             "'%s' costs more with a savings plan than on demand", of->instance);
    }
    return STATUS_OK;
}

static enum status check_commitment(const struct commitment *c, struct error *err)
{
    const char *what = NULL;
    if (c->from_us >= c->to_us || c->from_us < -TIME_MAX || c->to_us > TIME_MAX)
        what = "ends before it begins, or out of range";
    else if (c->count < 0 || c->count > POUR_COUNT_MAX || (is_plan(c) && c->count != 1))
        what = "is of too many instances";
    else if (c->usd_nano_per_hour < 0 || c->usd_nano_per_hour > PRICE_MAX ||
             c->upfront_usd_micro < 0 || c->upfront_usd_micro > UPFRONT_MAX)
        what = "has a price that is negative or too large";
    else if ((is_plan(c) || c->kind == COMMITMENT_CAPACITY_RESERVATION) && c->upfront_usd_micro > 0)
        what = "has nothing to pay upfront beside its rate";
    else if (c->kind == COMMITMENT_CAPACITY_RESERVATION && c->usd_nano_per_hour > 0)
        what = "has no price but that on demand";
    if (what)
        return error_set(err, STATUS_BAD_INPUT, "a commitment (%s) %s",
                         commitment_kind_name(c->kind), what);
    return check_offering(&c->of, err);
}

static enum status check_all(const struct usage *u, const struct commitment *c, size_t n,
                             struct error *err)
{
    __int128 sum = 0;
    enum status status;
    if (u->hours < 0 || u->hours > LEDGER_HOURS_MAX || u->line_n > POUR_LINES_MAX ||
        n > POUR_COMMITMENTS_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "more than %d hours, %d lines of usage or %d commitments to bill",
                         LEDGER_HOURS_MAX, POUR_LINES_MAX, POUR_COMMITMENTS_MAX);
    for (size_t l = 0; l < u->line_n; l++) {
        if ((status = check_offering(&u->lines[l].of, err)) != STATUS_OK) return status;
        for (int32_t h = 0; h < u->hours && sum <= POUR_RATED_MAX; h++) {
            __int128 used = u->lines[l].used_us[h];
            if (used < 0 || used > USED_MAX)
                return error_set(err, STATUS_BAD_INPUT,
                                 "more of '%s' is used in an hour than can be billed",
                                 u->lines[l].of.instance);
            sum += used * u->lines[l].of.usd_nano_per_hour;
        }
    }
    for (size_t i = 0; i < n && sum <= POUR_RATED_MAX; i++) {
        if ((status = check_commitment(&c[i], err)) != STATUS_OK) return status;
        sum +=
            commitment_books_cost(u, &c[i], is_plan(&c[i]) ? c[i].usd_nano_per_hour : c[i].count);
        if (c[i].kind == COMMITMENT_CAPACITY_RESERVATION)
            sum += (__int128)c[i].of.usd_nano_per_hour * c[i].count * u->hours * HOUR_US;
    }
    if (sum <= POUR_RATED_MAX) return STATUS_OK;
    return error_set(err, STATUS_BAD_INPUT,
                     "usage and commitments cost more than can be counted ($9 trillion)");
}

/* ---- pouring ---- */

enum status pouring_init(struct pouring *p, const struct usage *usage,
                         const struct commitment *commitments, size_t n,
                         const struct commitment *varied, struct error *err)
{
    *p = (struct pouring){ .usage = usage, .line_n = usage->line_n };
    enum status status = check_all(usage, commitments, n, err);
    if (status == STATUS_OK && varied) status = check_commitment(varied, err);
    if (status != STATUS_OK) return status;
    size_t pipe_n = n + (varied != NULL);
    p->of = calloc(usage->line_n + n + 1, sizeof *p->of);
    p->pipes = calloc(pipe_n + 1, sizeof *p->pipes);
    p->number = calloc(pipe_n + 1, sizeof *p->number);
    p->idle_line = calloc(pipe_n + 1, sizeof *p->idle_line);
    p->left = calloc(usage->line_n + n + 1, sizeof *p->left);
    p->unreserved = calloc(usage->line_n + n + 1, sizeof *p->unreserved);
    if (!p->of || !p->pipes || !p->number || !p->idle_line || !p->left || !p->unreserved) {
        pouring_free(p);
        return error_set(err, STATUS_NO_MEMORY, "no memory for %zu commitments", n);
    }
    for (size_t l = 0; l < usage->line_n; l++) p->of[l] = &usage->lines[l].of;
    for (int kind = 0; kind < COMMITMENT_KINDS; kind++)
        for (size_t i = 0; i < n; i++) {
            if (commitments[i].kind != (enum commitment_kind)kind) continue;
            if (kind == COMMITMENT_CAPACITY_RESERVATION) {
                p->idle_line[p->pipe_n] = p->line_n;
                p->of[p->line_n++] = &commitments[i].of;
            }
            p->number[p->pipe_n++] = i;
        }
    for (size_t i = 0; i < pipe_n && status == STATUS_OK; i++)
        status = pipe_init(&p->pipes[i], p, i < n ? &commitments[p->number[i]] : varied, err);
    if (status != STATUS_OK) pouring_free(p);
    return status;
}

void pouring_free(struct pouring *p)
{
    for (size_t i = 0; p->pipes && i <= p->pipe_n; i++) { /* one more where one is varied */
        free(p->pipes[i].line);
        free(p->pipes[i].burn);
    }
    free(p->of);
    free(p->pipes);
    free(p->number);
    free(p->idle_line);
    free(p->left);
    free(p->unreserved);
    *p = (struct pouring){ 0 };
}

__int128 poured_saves(const struct poured *left, __int128 burnt, int64_t burn,
                      int64_t usd_nano_per_hour)
{
    __int128 saved = burnt / burn * usd_nano_per_hour + burnt % burn * usd_nano_per_hour / burn;
    return saved < left->rated ? saved : left->rated;
}

static void pour_pipe(struct pouring *p, size_t i, int32_t hour,
                      const struct pour_observer *observer, struct bill *bill)
{
    const struct pipe *pipe = &p->pipes[i];
    const struct commitment *c = pipe->commitment;
    int64_t time = commitment_active_us(p->usage, c, hour);
    __int128 budget = (__int128)pipe->level * pipe->unit * time, burnt = 0, borne = 0;
    __int128 cost = cost_of(p->usage, c, pipe->level, hour, hour);
    for (size_t k = 0; k < pipe->n && burnt < budget; k++) {
        struct poured *left = &p->left[pipe->line[k]], what = *left;
        __int128 room = budget - burnt, saved = left->rated;
        if (left->used_us == 0) continue;
        if (left->used_us * pipe->burn[k] <= room) {
            burnt += left->used_us * pipe->burn[k];
        } else {
            what.used_us = room / pipe->burn[k];
            saved =
                poured_saves(left, room, pipe->burn[k], p->of[pipe->line[k]]->usd_nano_per_hour);
            burnt = budget;
        }
        what.rated = (is_plan(c) ? burnt : rated_share(cost, burnt, budget)) - borne;
        borne += what.rated;
        left->used_us -= what.used_us;
        left->rated -= saved;
        struct poured *sum = &bill->covered[pipe->line[k] * bill->commitment_n + p->number[i]];
        sum->used_us += what.used_us;
        sum->rated += what.rated;
        if (observer && observer->covered)
            observer->covered(observer->context, hour, pipe->line[k], p->number[i], &what);
    }
    if (cost == borne) return;
    bill->unused[p->number[i]] += cost - borne;
    if (observer && observer->unused)
        observer->unused(observer->context, hour, p->number[i], cost - borne);
}

/* What of a capacity reservation no usage fills, as usage of its own. */
static void pour_reservation(struct pouring *p, size_t i, int32_t hour)
{
    const struct pipe *pipe = &p->pipes[i];
    __int128 free_us =
        (__int128)pipe->level * commitment_active_us(p->usage, pipe->commitment, hour);
    for (size_t k = 0; k < pipe->n; k++) {
        __int128 *usage = &p->unreserved[pipe->line[k]],
                 filled = *usage < free_us ? *usage : free_us;
        *usage -= filled;
        free_us -= filled;
    }
    p->left[p->idle_line[i]] =
        (struct poured){ free_us, free_us * pipe->commitment->of.usd_nano_per_hour };
}

void pouring_hour(struct pouring *p, size_t pipe_n, int32_t hour,
                  const struct pour_observer *observer, struct bill *bill)
{
    size_t i = 0;
    for (size_t l = 0; l < p->usage->line_n; l++) {
        __int128 used = p->usage->lines[l].used_us[hour];
        p->left[l] = (struct poured){ used, used * p->of[l]->usd_nano_per_hour };
    }
    for (; i < pipe_n && p->pipes[i].commitment->kind == COMMITMENT_CAPACITY_BLOCK; i++)
        pour_pipe(p, i, hour, observer, bill);
    for (size_t l = 0; l < p->usage->line_n; l++) p->unreserved[l] = p->left[l].used_us;
    for (; i < pipe_n && p->pipes[i].commitment->kind == COMMITMENT_CAPACITY_RESERVATION; i++)
        pour_reservation(p, i, hour);
    for (; i < pipe_n; i++) pour_pipe(p, i, hour, observer, bill);
}

static enum status add_up(const struct pouring *p, struct bill *bill, __int128 cost,
                          struct error *err)
{
    __int128 usd = 0;
    bill->total = 0;
    for (size_t i = 0; i < bill->line_n * bill->commitment_n; i++) {
        bill->total += bill->covered[i].rated;
        usd += rated_usd_micro(bill->covered[i].rated);
    }
    for (size_t i = 0; i < bill->commitment_n; i++) {
        bill->total += bill->unused[i];
        usd += rated_usd_micro(bill->unused[i]);
    }
    for (size_t i = 0; i < p->pipe_n; i++)
        cost += commitment_books_cost(p->usage, p->pipes[i].commitment, p->pipes[i].level);
    for (size_t l = 0; l < bill->line_n; l++) {
        bill->total += bill->on_demand[l].rated;
        usd += rated_usd_micro(bill->on_demand[l].rated);
    }
    if (bill->total != cost)
        return error_set(err, STATUS_BUG,
                         "invariant broken: the bill = its commitments and what is on demand");
    if (usd >= INT64_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "usage and commitments cost more than can be counted ($9 trillion)");
    bill->total_usd_micro = (int64_t)usd;
    return STATUS_OK;
}

void bill_free(struct bill *bill)
{
    free(bill->covered);
    free(bill->on_demand);
    free(bill->unused);
    *bill = (struct bill){ 0 };
}

static enum status bill_init(struct bill *bill, size_t line_n, size_t commitment_n,
                             struct error *err)
{
    *bill = (struct bill){ .line_n = line_n, .commitment_n = commitment_n };
    bill->covered = calloc(line_n * commitment_n + 1, sizeof *bill->covered);
    bill->on_demand = calloc(line_n + 1, sizeof *bill->on_demand);
    bill->unused = calloc(commitment_n + 1, sizeof *bill->unused);
    if (bill->covered && bill->on_demand && bill->unused) return STATUS_OK;
    bill_free(bill);
    return error_set(err, STATUS_NO_MEMORY, "no memory for a bill of %zu lines", line_n);
}

enum status commitments_pour(const struct usage *usage, const struct commitment *commitments,
                             size_t n, const struct pour_observer *observer, struct bill *bill,
                             struct error *err)
{
    struct pouring p;
    __int128 on_demand = 0; /* added up hour by hour, the lines beside it line by line */
    *bill = (struct bill){ 0 };
    enum status status = pouring_init(&p, usage, commitments, n, NULL, err);
    if (status == STATUS_OK) status = bill_init(bill, p.line_n, n, err);
    for (int32_t h = 0; h < usage->hours && status == STATUS_OK; h++) {
        pouring_hour(&p, p.pipe_n, h, observer, bill);
        for (size_t l = 0; l < p.line_n; l++) {
            if (p.left[l].rated == 0 && p.left[l].used_us == 0) continue;
            on_demand += p.left[l].rated;
            bill->on_demand[l].used_us += p.left[l].used_us;
            bill->on_demand[l].rated += p.left[l].rated;
            if (observer && observer->on_demand)
                observer->on_demand(observer->context, h, l, &p.left[l]);
        }
    }
    if (status == STATUS_OK) status = add_up(&p, bill, on_demand, err);
    pouring_free(&p);
    if (status != STATUS_OK) bill_free(bill);
    return status;
}
