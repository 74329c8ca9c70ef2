/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/interruptions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/quantile.h"

const char *const series_kind_names[SERIES_KIND_N] = { "capacity", "price", "failures", "carbon",
                                                       "power price" };
const char *const series_kind_units[SERIES_KIND_N] = { "nodes", "nano-dollars per hour", "",
                                                       "mgCO2eq per kWh", "nano-dollars per kWh" };

const struct repair_rule repair_rules[REPAIR_N + 1] = {
    { "backwards", "time ran backwards: a new run begins there, laid behind the one before" },
    { "gap", "more than 10 usual steps without a sample: the value before is held" },
    { "twice", "said twice: counted once" },
    { "missing", "a sample without a value: the value before is held" },
    { "stranger", "a node goes that never came, or comes that is there: passed over" },
    { "overlap", "failures of one node that overlap: down for their union" },
    { "duration", "the length given is not end - start: the length given is believed" },
    { "bare", "an event without the time before it: counted, not fitted" },
    { NULL, NULL },
};

enum status interruptions_init(struct interruptions *log, const char *format)
{
    memset(log, 0, sizeof *log);
    log->format = format;
    log->t0_unix_us = INT64_MIN;
    return names_init(&log->causes);
}

void interruptions_free(struct interruptions *log)
{
    for (size_t i = 0; i < log->series_n; i++) {
        free(log->series[i].zone);
        free(log->series[i].type);
        free(log->series[i].at_us);
        free(log->series[i].value);
        free(log->series[i].cut_us);
        free(log->series[i].lives);
    }
    free(log->series);
    names_free(&log->causes);
    memset(log, 0, sizeof *log);
}

static bool same_text(const char *mine, const char *text, size_t n)
{
    return strncmp(mine, text, n) == 0 && mine[n] == '\0';
}

struct series *interruptions_series(struct interruptions *log, enum series_kind kind,
                                    const char *zone, size_t zone_n, const char *type,
                                    size_t type_n)
{
    for (size_t i = log->series_n; i-- > 0;) {
        struct series *s = &log->series[i];
        if (s->kind == kind && same_text(s->zone, zone, zone_n) && same_text(s->type, type, type_n))
            return s;
    }
    if (log->series_n == SERIES_MAX) return NULL;
    if (log->series_n == log->capacity) {
        size_t capacity = log->capacity ? 2 * log->capacity : 8;
        struct series *grown = realloc(log->series, capacity * sizeof *grown);
        if (!grown) return NULL;
        log->series = grown;
        log->capacity = capacity;
    }
    struct series *s = &log->series[log->series_n];
    *s = (struct series){ .kind = kind,
                          .zone = strndup(zone, zone_n),
                          .type = strndup(type, type_n) };
    log->series_n++;
    return s->zone && s->type ? s : NULL;
}

bool series_add_step(struct series *s, int64_t at_us, int64_t value)
{
    if (s->n == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        if (s->n >= SERIES_SAMPLES_MAX) return false;
        int64_t *at = realloc(s->at_us, capacity * sizeof *at);
        if (at) s->at_us = at;
        int64_t *values = realloc(s->value, capacity * sizeof *values);
        if (values) s->value = values;
        if (!at || !values) return false;
        s->capacity = capacity;
    }
    s->at_us[s->n] = at_us;
    s->value[s->n++] = value;
    return true;
}

bool series_add_cut(struct series *s, int64_t at_us)
{
    int64_t *cut = realloc(s->cut_us, (s->cut_n + 1) * sizeof *cut);
    if (!cut) return false;
    s->cut_us = cut;
    s->cut_us[s->cut_n++] = at_us;
    return true;
}

bool series_add_life(struct series *s, const struct life *life)
{
    if (s->life_n == s->life_capacity) {
        size_t capacity = s->life_capacity ? 2 * s->life_capacity : 64;
        if (s->life_n >= SERIES_SAMPLES_MAX) return false;
        struct life *lives = realloc(s->lives, capacity * sizeof *lives);
        if (!lives) return false;
        s->lives = lives;
        s->life_capacity = capacity;
    }
    s->lives[s->life_n++] = *life;
    if (life->node >= s->node_n) s->node_n = life->node + 1;
    return true;
}

/* ---- Sealing ---- */

struct step {
    int64_t at_us, value;
    size_t place; /* in the log */
};

static int by_time(const void *a, const void *b)
{
    const struct step *p = a, *q = b;
    if (p->at_us != q->at_us) return p->at_us < q->at_us ? -1 : 1;
    return (p->place > q->place) - (p->place < q->place);
}

static int by_node(const void *a, const void *b)
{
    const struct life *p = a, *q = b;
    if (p->node != q->node) return p->node < q->node ? -1 : 1;
    if (p->from_us != q->from_us) return p->from_us < q->from_us ? -1 : 1;
    if (p->to_us != q->to_us) return p->to_us < q->to_us ? -1 : 1;
    if (p->cause != q->cause) return p->cause < q->cause ? -1 : 1;
    return (p->end > q->end) - (p->end < q->end);
}

/* clock: times are of the Unix epoch. */
static enum status two_values(const struct series *s, int64_t at_us, bool clock, struct error *err)
{
    char when[64];
    struct tm tm;
    time_t t = (time_t)(at_us / US_PER_S);
    if (!clock || !gmtime_r(&t, &tm) || !strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm))
        snprintf(when, sizeof when, "second %lld", (long long)(at_us / US_PER_S));
    return error_set(err, STATUS_BAD_INPUT, "%.100s%s%.100s has two values at one moment, %s",
                     s->zone, *s->zone && *s->type ? " " : "", s->type, when);
}

static enum status order_steps(struct series *s, bool last_wins, bool clock, struct error *err)
{
    bool ordered = true;
    for (size_t i = 1; i < s->n; i++) ordered &= s->at_us[i - 1] < s->at_us[i];
    if (ordered) return STATUS_OK;
    struct step *steps = malloc(s->n * sizeof *steps);
    if (!steps) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu samples", s->n);
    for (size_t i = 0; i < s->n; i++) steps[i] = (struct step){ s->at_us[i], s->value[i], i };
    qsort(steps, s->n, sizeof *steps, by_time);
    size_t kept = 0;
    bool good = true;
    for (size_t i = 0; good && i < s->n; i++) {
        bool again = kept && s->at_us[kept - 1] == steps[i].at_us;
        if (again && !last_wins) {
            good = s->value[kept - 1] == steps[i].value;
            s->repaired[REPAIR_TWICE]++;
            continue;
        }
        kept -= again;
        s->at_us[kept] = steps[i].at_us;
        s->value[kept++] = steps[i].value;
    }
    free(steps);
    s->n = kept;
    return good ? STATUS_OK : two_values(s, s->at_us[kept - 1], clock, err);
}

/* The usual step, and the gaps against it. */
static enum status measure_steps(struct series *s, struct error *err)
{
    static const double half = 0.5;
    if (s->n < 3) {
        s->step_us = s->n == 2 ? s->at_us[1] - s->at_us[0] : 0;
        return STATUS_OK;
    }
    int64_t *gaps = malloc((s->n - 1) * sizeof *gaps);
    if (!gaps) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu samples", s->n);
    for (size_t i = 1; i < s->n; i++) gaps[i - 1] = s->at_us[i] - s->at_us[i - 1];
    enum status status = quantiles_of(gaps, s->n - 1, &half, 1, &s->step_us, err);
    for (size_t i = 0; status == STATUS_OK && !s->held && i < s->n - 1; i++)
        if (gaps[i] / GAP_STEPS > s->step_us ||
            (gaps[i] / GAP_STEPS == s->step_us && gaps[i] % GAP_STEPS)) {
            s->repaired[REPAIR_GAP]++;
            s->gap_us += gaps[i];
        }
    free(gaps);
    return status;
}

/* Sorts lives, numbers their nodes without holes, ends the last life of each. */
static void order_lives(struct series *s)
{
    int64_t until = 0;
    uint32_t node = 0, was = 0;
    if (s->life_n == 0) return;
    qsort(s->lives, s->life_n, sizeof *s->lives, by_node);
    for (size_t i = 0; i < s->life_n; i++) {
        struct life *life = &s->lives[i];
        bool same = i && life->node == was;
        if (i && !same) node++;
        was = life->node;
        life->node = node;
        if (!life->up && same && life->from_us < until) s->repaired[REPAIR_OVERLAP]++;
        if (!same || life->to_us > until) until = life->to_us;
        if (life->end == LIFE_MOVED && (i + 1 == s->life_n || s->lives[i + 1].node != was))
            life->end = LIFE_CUT;
    }
    s->node_n = node + 1;
}

/* By zone and type, "system 2" before "system 10". */
static int by_name(const void *a, const void *b)
{
    const struct series *p = a, *q = b;
    int order = strverscmp(p->zone, q->zone);
    if (order == 0) order = strverscmp(p->type, q->type);
    return order ? order : (int)p->kind - (int)q->kind;
}

static void shift(struct series *s, int64_t t0)
{
    for (size_t i = 0; i < s->n; i++) s->at_us[i] -= t0;
    for (size_t i = 0; i < s->cut_n; i++) s->cut_us[i] -= t0;
    for (size_t i = 0; i < s->life_n; i++) {
        s->lives[i].from_us -= t0;
        s->lives[i].to_us -= t0;
    }
    s->end_us -= t0;
}

enum status interruptions_seal(struct interruptions *log, bool last_wins, struct error *err)
{
    int64_t t0 = INT64_MAX;
    enum status status = STATUS_OK;
    if (log->series_n) qsort(log->series, log->series_n, sizeof *log->series, by_name);
    for (size_t i = 0; status == STATUS_OK && i < log->series_n; i++) {
        struct series *s = &log->series[i];
        status = order_steps(s, last_wins, log->t0_unix_us != INT64_MIN, err);
        if (status == STATUS_OK) status = measure_steps(s, err);
        order_lives(s);
        if (s->end_us == 0 && s->n) s->end_us = s->at_us[s->n - 1] + (s->held ? 0 : s->step_us);
        if (s->n && s->at_us[0] < t0) t0 = s->at_us[0];
        for (size_t k = 0; k < s->life_n; k++) {
            if (s->lives[k].from_us < t0) t0 = s->lives[k].from_us;
            if (s->lives[k].to_us > s->end_us || (k == 0 && s->n == 0))
                s->end_us = s->lives[k].to_us;
        }
    }
    if (status != STATUS_OK || t0 == INT64_MAX) return status;
    /* What counts from its own second 0 keeps it. */
    if (log->t0_unix_us == INT64_MIN) return STATUS_OK;
    log->t0_unix_us = t0;
    for (size_t i = 0; i < log->series_n; i++) shift(&log->series[i], t0);
    return STATUS_OK;
}

bool series_value_at(const struct series *s, int64_t at_us, int64_t *value)
{
    size_t low = 0, high = s->n; /* how many steps begin at or before at_us */
    if (at_us >= s->end_us) return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->at_us[middle] <= at_us) low = middle + 1;
        else high = middle;
    }
    if (low == 0) return false;
    *value = s->value[low - 1];
    return true;
}
