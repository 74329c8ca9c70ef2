/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/availability.h"

#include "models/fleet/nodeset.h"
#include "sim/events.h"
#include <stdlib.h>

/* By place: since when it is out; -1: it is had. Outages are by place, in order of time. */
struct places {
    int64_t n, used;
    int64_t *out_us;
    struct outage *log;
    size_t log_n, capacity;
    bool failed, full;
};

static bool places_init(struct places *p, int64_t n)
{
    *p = (struct places){ .n = n };
    p->out_us = calloc((size_t)n + 1, sizeof *p->out_us);
    return p->out_us != NULL;
}

static void places_free(struct places *p)
{
    free(p->out_us);
    free(p->log);
}

static void add(struct places *p, int64_t place, int64_t from_us, int64_t to_us)
{
    if (from_us >= to_us || p->failed || p->full) return;
    if (p->log_n == AVAILABILITY_OUTAGES_MAX) {
        p->full = true;
        return;
    }
    if (p->log_n == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 256;
        struct outage *log = realloc(p->log, capacity * sizeof *log);
        if (!log) {
            p->failed = true;
            return;
        }
        p->log = log;
        p->capacity = capacity;
    }
    p->log[p->log_n++] = (struct outage){ from_us, to_us, (int32_t)place };
}

static void is_had(struct places *p, int64_t place, int64_t now_us)
{
    if (place >= p->used) p->used = place + 1;
    if (place >= p->n || p->out_us[place] < 0) return;
    add(p, place, p->out_us[place], now_us);
    p->out_us[place] = -1;
}

static void is_out(struct places *p, int64_t place, int64_t now_us)
{
    if (place < p->n && p->out_us[place] < 0) p->out_us[place] = now_us;
}

static void all_end(struct places *p, int64_t end_us)
{
    for (int64_t i = 0; i < p->n; i++)
        if (p->out_us[i] >= 0) add(p, i, p->out_us[i], end_us);
}

/* ---- counts ---- */

static void of_counts(struct places *p, const struct series *s, int64_t from_us)
{
    int64_t now = 0;
    for (size_t i = 0; i < s->n && !p->full; i++) {
        int64_t at_us = s->at_us[i] > from_us && i > 0 ? s->at_us[i] - from_us : 0;
        int64_t value = s->value[i] > 0 ? s->value[i] : 0;
        if (value > p->used) p->used = value;
        if (value > p->n) value = p->n;
        for (; now < value; now++) is_had(p, now, at_us);
        while (now > value) is_out(p, --now, at_us);
    }
}

/* ---- lives ---- */

struct life_time {
    int64_t from_us, to_us;
    size_t i;
};

static int compare_lives(const void *a, const void *b)
{
    const struct life_time *x = a, *y = b;
    if (x->from_us != y->from_us) return x->from_us < y->from_us ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

/* Whether each node comes and goes, and nothing else. */
static bool names_its_nodes(const struct series *s)
{
    for (size_t i = 0; i < s->life_n; i++)
        if (!s->lives[i].up || s->lives[i].end == LIFE_MOVED) return false;
    return s->life_n > 0;
}

/* Each takes the lowest of the places that were free before it began; ends: by place, of the life
 * in it. */
static void place_lives(struct places *p, const struct life_time *lives, size_t n,
                        struct events *ends, struct nodeset *free_places)
{
    for (size_t i = 0; i < n; i++) {
        while (events_next_time(ends) < lives[i].from_us) {
            nodeset_add(free_places, events_next_slot(ends));
            events_set(ends, events_next_slot(ends), EVENT_NONE);
        }
        int64_t place = (int64_t)nodeset_first(free_places);
        if (place == NODESET_NONE) { /* more of them than the pool has nodes */
            p->used = p->n + 1;
            continue;
        }
        nodeset_remove(free_places, (uint32_t)place);
        events_set(ends, (uint32_t)place, lives[i].to_us);
        is_had(p, place, lives[i].from_us);
        is_out(p, place, lives[i].to_us);
    }
}

static enum status of_lives(struct places *p, const struct series *s, int64_t from_us,
                            struct error *err)
{
    struct life_time *lives = malloc((s->life_n + 1) * sizeof *lives);
    uint64_t *words = calloc(nodeset_words((uint64_t)p->n), sizeof *words);
    struct events ends = { 0 };
    struct nodeset free_places;
    size_t n = 0;
    for (size_t i = 0; lives && i < s->life_n; i++) {
        int64_t begin_us = s->lives[i].from_us - from_us, end_us = s->lives[i].to_us - from_us;
        if (begin_us < 0) begin_us = 0;
        if (end_us > begin_us) lives[n++] = (struct life_time){ begin_us, end_us, i };
    }
    if (lives) qsort(lives, n, sizeof *lives, compare_lives);
    bool good = lives && words && events_init(&ends, (uint32_t)p->n, NULL) == STATUS_OK;
    if (good) {
        nodeset_lay(&free_places, (uint64_t)p->n, words);
        for (int64_t i = 0; i < p->n; i++) nodeset_add(&free_places, (uint32_t)i);
        place_lives(p, lives, n, &ends, &free_places);
    }
    events_free(&ends);
    free(lives);
    free(words);
    return good ? STATUS_OK
                : error_set(err, STATUS_NO_MEMORY, "no memory for %zu lives of nodes", s->life_n);
}

/* ---- the nodes of a pool ---- */

static int compare_outages(const void *a, const void *b)
{
    const struct outage *x = a, *y = b;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    return (x->down_us > y->down_us) - (x->down_us < y->down_us);
}

/* Each place for its nodes. */
static enum status spread(struct places *p, int32_t nodes, int64_t each, struct availability *a,
                          struct error *err)
{
    size_t n = 0;
    if (p->failed) return error_set(err, STATUS_NO_MEMORY, "no memory for outages");
    if (p->log_n > 1) qsort(p->log, p->log_n, sizeof *p->log, compare_outages);
    for (size_t i = 0; i < p->log_n; i++) {
        int64_t first = p->log[i].node * each;
        n += (size_t)(first + each < nodes ? each : nodes - first);
    }
    if (p->full || n > AVAILABILITY_OUTAGES_MAX)
        return error_set(err, STATUS_BAD_INPUT, "more than %d times at which a node is out",
                         AVAILABILITY_OUTAGES_MAX);
    a->log = malloc((n + 1) * sizeof *a->log);
    if (!a->log) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu outages", n);
    for (size_t i = 0, next; i < p->log_n; i = next) {
        for (next = i; next < p->log_n && p->log[next].node == p->log[i].node;) next++;
        int64_t first = p->log[i].node * each;
        for (int64_t node = first; node < first + each && node < nodes; node++)
            for (size_t k = i; k < next; k++) {
                a->log[a->n] = p->log[k];
                a->log[a->n++].node = (int32_t)node;
            }
    }
    a->places = p->used;
    return STATUS_OK;
}

enum status availability_of_capacity(const struct series *s, int64_t from_us, int32_t nodes,
                                     int64_t nodes_each, struct availability *a, struct error *err)
{
    struct places p;
    enum status status = STATUS_OK;
    *a = (struct availability){ .log_us = s->end_us - from_us };
    if (!places_init(&p, (nodes + nodes_each - 1) / nodes_each))
        return error_set(err, STATUS_NO_MEMORY, "no memory for %d nodes", nodes);
    if (names_its_nodes(s)) status = of_lives(&p, s, from_us, err);
    else of_counts(&p, s, from_us);
    all_end(&p, a->log_us);
    if (status == STATUS_OK) status = spread(&p, nodes, nodes_each, a, err);
    places_free(&p);
    return status;
}

enum status availability_of_prices(const struct series *s, int64_t from_us, int32_t nodes,
                                   int64_t bid_usd_nano, int64_t notice_us, struct availability *a,
                                   struct error *err)
{
    struct places p;
    *a = (struct availability){ .log_us = s->end_us - from_us };
    if (!places_init(&p, 1)) return error_set(err, STATUS_NO_MEMORY, "no memory for a price");
    is_had(&p, 0, 0);
    for (size_t i = 0; i < s->n; i++) {
        int64_t at_us = s->at_us[i] > from_us && i > 0 ? s->at_us[i] - from_us : 0;
        if (s->value[i] > bid_usd_nano) {
            is_out(&p, 0, at_us > 0 ? at_us + notice_us : 0);
            continue;
        }
        /* Who was told goes, even if the price is low again by then. */
        bool told = p.out_us[0] >= at_us && p.out_us[0] > 0;
        is_had(&p, 0, told ? p.out_us[0] + 1 : at_us);
    }
    all_end(&p, a->log_us);
    enum status status = spread(&p, nodes, nodes, a, err);
    places_free(&p);
    return status;
}

enum status availability_of_failures(const struct series *s, int64_t from_us, int32_t nodes,
                                     struct availability *a, struct error *err)
{
    *a = (struct availability){ .log_us = s->end_us - from_us };
    a->log = malloc((s->life_n + 1) * sizeof *a->log);
    if (!a->log) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu failures", s->life_n);
    for (size_t i = 0; i < s->life_n; i++) {
        const struct life *life = &s->lives[i];
        int64_t down_us = life->from_us - from_us, up_us = life->to_us - from_us;
        if (life->up || up_us <= 0 || up_us <= down_us) continue;
        if (life->node >= a->places) a->places = life->node + INT64_C(1);
        if (life->node >= (uint32_t)nodes) continue;
        if (down_us < 0) down_us = 0;
        struct outage *last = a->n > 0 ? &a->log[a->n - 1] : NULL;
        if (last && last->node == (int32_t)life->node && down_us <= last->up_us) {
            if (up_us > last->up_us) last->up_us = up_us;
            continue;
        }
        a->log[a->n++] = (struct outage){ down_us, up_us, (int32_t)life->node };
    }
    return STATUS_OK;
}

void availability_free(struct availability *a)
{
    free(a->log);
    *a = (struct availability){ NULL, 0, 0, 0 };
}
