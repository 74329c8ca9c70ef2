/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of spot capacity. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/interruptions/log_reader.h"

/* ---- skypilot: {"metadata": {"gap_seconds": 300}, "data": [0, 0, 1, ...], "prices": [...]} ----
 */

bool is_skypilot(const char *line, size_t n)
{
    (void)n;
    return *line == '{' && (strstr(line, "\"gap_seconds\"") || strstr(line, "\"data\""));
}

/* How long an element looks, for its underline. */
static size_t width_of(const char *at)
{
    size_t n = at ? strcspn(at, ",] \t\r\n}") : 0;
    return n ? n : 1;
}

static enum status element_error(struct log_reader *r, const char *text, const char *key, size_t i,
                                 const char *what)
{
    const char *at = log_json_element(text, key, i);
    return log_error_at(r, text, at, width_of(at), "element %zu of '%s' %s", i + 1, key, what);
}

static enum status skypilot_list(struct log_reader *r, const char *text, const json_t *list,
                                 const char *key, size_t series, int64_t gap_us)
{
    bool price = strcmp(key, "prices") == 0;
    double most = price ? 1e6 : SERIES_NODES_MAX;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct series *s = &r->log->series[series];
        const json_t *value = json_array_get(list, i);
        double x = json_number_value(value);
        if (json_is_null(value)) {
            if (s->n) s->repaired[REPAIR_MISSING]++;
            continue;
        }
        if (!json_is_number(value)) return element_error(r, text, key, i, "is not a number");
        if (!(x >= 0)) return element_error(r, text, key, i, "is negative");
        if (x > most) return element_error(r, text, key, i, "is beyond all reason");
        if (!price && x != floor(x)) return element_error(r, text, key, i, "is no whole number");
        if (!series_add_step(s, (int64_t)i * gap_us, price ? llround(x * 1e9) : (int64_t)x))
            return log_full(r);
    }
    r->log->series[series].end_us = (int64_t)json_array_size(list) * gap_us;
    return STATUS_OK;
}

static enum status skypilot_object(struct log_reader *r, const char *text, const json_t *json)
{
    const json_t *gap = json_object_get(json_object_get(json, "metadata"), "gap_seconds"),
                 *data = json_object_get(json, "data"), *prices = json_object_get(json, "prices");
    double gap_s = json_number_value(gap);
    int64_t gap_us = r->options->gap_us;
    if (gap_us == 0 && !(json_is_number(gap) && gap_s >= 1e-3 && gap_s <= 1e7)) {
        const char *at = log_json_value(text, "gap_seconds", 0);
        return log_error_at(r, text, at, width_of(at),
                            gap ? "'gap_seconds' is not a number of seconds, 0.001 to 10,000,000"
                                : "there is no 'gap_seconds' in 'metadata': --gap says it");
    }
    if (gap_us == 0) gap_us = llround(gap_s * US_PER_S);
    if (!json_is_array(data)) {
        const char *at = log_json_value(text, "data", 0);
        return log_error_at(r, text, at, width_of(at),
                            data ? "'data' is not a list" : "there is no 'data'");
    }
    if (prices && !json_is_null(prices) && !json_is_array(prices)) {
        const char *at = log_json_value(text, "prices", 0);
        return log_error_at(r, text, at, width_of(at), "'prices' is not a list");
    }
    if (json_is_array(prices) && json_array_size(prices) != json_array_size(data)) {
        const char *at = log_json_value(text, "prices", 0);
        return log_error_at(r, text, at, 1, "%zu prices for %zu counts", json_array_size(prices),
                            json_array_size(data));
    }
    /* us-east-1a_v100_1.json: zone and type stand in the name. */
    const char *stem;
    size_t n = log_stem(r, &stem), zone = strcspn(stem, "_");
    if (zone > n) zone = n;
    const char *type = zone < n ? stem + zone + 1 : "";
    size_t type_n = zone < n ? n - zone - 1 : 0;
    if (!interruptions_series(r->log, SERIES_CAPACITY, stem, zone, type, type_n))
        return log_full(r);
    enum status status = skypilot_list(r, text, data, "data", 0, gap_us);
    if (status != STATUS_OK || !json_is_array(prices)) return status;
    if (!interruptions_series(r->log, SERIES_PRICE, stem, zone, type, type_n)) return log_full(r);
    return skypilot_list(r, text, prices, "prices", 1, gap_us);
}

enum status read_skypilot(struct log_reader *r)
{
    char *text;
    json_t *json;
    enum status status = log_json(r, &text, &json);
    if (json) status = skypilot_object(r, text, json);
    json_decref(json);
    free(text);
    return status;
}

/* ---- Nodes by name, for logs that say who comes and goes ---- */

struct node {
    size_t series; /* of log->series */
    uint32_t number;
    bool named, up, start_known;
    int64_t since_us, seen_us;
};

struct roll {
    struct names names;
    struct node *nodes; /* by name */
    size_t capacity;
    int64_t *count; /* [SERIES_MAX] nodes up, by series */
};

static bool roll_init(struct roll *roll)
{
    memset(roll, 0, sizeof *roll);
    roll->count = calloc(SERIES_MAX, sizeof *roll->count);
    return names_init(&roll->names) == STATUS_OK && roll->count;
}

static void roll_free(struct roll *roll)
{
    names_free(&roll->names);
    free(roll->nodes);
    free(roll->count);
}

/* The node of this name, made where it is new; NULL without memory. */
static struct node *roll_node(struct roll *roll, const char *name, size_t n)
{
    uint32_t k = names_add(&roll->names, name, n);
    if (k == UINT32_MAX) return NULL;
    if (k >= roll->capacity) {
        size_t capacity = roll->capacity ? 2 * roll->capacity : 64;
        while (capacity <= k) capacity *= 2;
        struct node *grown = realloc(roll->nodes, capacity * sizeof *grown);
        if (!grown) return NULL;
        memset(grown + roll->capacity, 0, (capacity - roll->capacity) * sizeof *grown);
        roll->nodes = grown;
        roll->capacity = capacity;
    }
    return &roll->nodes[k];
}

static bool node_ends(struct log_reader *r, struct roll *roll, struct node *node, int64_t at_us,
                      enum life_end end)
{
    struct series *s = &r->log->series[node->series];
    node->up = false;
    roll->count[node->series]--;
    return series_add_life(s, &(struct life){ .from_us = node->since_us,
                                              .to_us = at_us,
                                              .node = node->number,
                                              .up = true,
                                              .start_known = node->start_known,
                                              .end = end });
}

/* start_known: it came now; else it was there before. */
static bool node_begins(struct log_reader *r, struct roll *roll, struct node *node, size_t series,
                        int64_t at_us, bool start_known)
{
    struct series *s = &r->log->series[series];
    *node = (struct node){ series, s->node_n++, true, true, start_known, at_us, at_us };
    return ++roll->count[series] <= SERIES_NODES_MAX;
}

static bool count_now(struct log_reader *r, const struct roll *roll, size_t series, int64_t at_us)
{
    return series_add_step(&r->log->series[series], at_us, roll->count[series]);
}

/* An end to reading: every further node would be one too many. */
static enum status too_many_nodes(struct log_reader *r)
{
    return error_set(r->err, STATUS_BAD_INPUT, "%s:%llu: more than %d nodes at once", r->in.path,
                     (unsigned long long)r->in.line, SERIES_NODES_MAX);
}

/* A new run: nobody knows who is left. at_us: of the last moment before it. */
static bool run_ends(struct log_reader *r, struct roll *roll, int64_t at_us)
{
    for (uint32_t k = 0; k < roll->names.n && k < roll->capacity; k++)
        if (roll->nodes[k].up && !node_ends(r, roll, &roll->nodes[k], at_us, LIFE_CUT))
            return false;
    return true;
}

static bool run_begins(struct log_reader *r, struct roll *roll, int64_t at_us)
{
    for (size_t i = 0; i < r->log->series_n; i++) {
        r->log->series[i].repaired[REPAIR_BACKWARDS]++;
        if (!series_add_cut(&r->log->series[i], at_us) || !count_now(r, roll, i, at_us))
            return false;
    }
    return true;
}

/* ---- bamboo: ms,add|remove,node ---- */

bool is_bamboo(const char *line, size_t n)
{
    size_t digits = strspn(line, "0123456789");
    (void)n;
    return digits &&
           (strncmp(line + digits, ",add,", 5) == 0 || strncmp(line + digits, ",remove,", 8) == 0);
}

static enum status bamboo_row(struct log_reader *r, struct roll *roll)
{
    int64_t us, before = r->last_us;
    bool cut, add;
    if (r->field_n != 3)
        return log_error(r, NULL, "%zu fields, not time, add or remove, node", r->field_n);
    if (!field_time(&r->fields[0], 1000, &us) || us < 0)
        return log_error(r, &r->fields[0], "'%s' is not a time in milliseconds", r->fields[0].text);
    add = strcmp(r->fields[1].text, "add") == 0;
    if (!add && strcmp(r->fields[1].text, "remove") != 0)
        return log_error(r, &r->fields[1], "'%s' is neither add nor remove", r->fields[1].text);
    if (r->fields[2].n == 0) return log_error(r, &r->fields[2], "the node has no name");
    us = log_clock(r, us, &cut);
    if (cut && !(run_ends(r, roll, before) && run_begins(r, roll, us))) return log_full(r);
    struct series *s = &r->log->series[0];
    struct node *node = roll_node(roll, r->fields[2].text, r->fields[2].n);
    if (!node) return log_full(r);
    if (node->up == add) {
        s->repaired[REPAIR_STRANGER]++;
        return STATUS_OK;
    }
    if (add && !node_begins(r, roll, node, 0, us, true)) return too_many_nodes(r);
    if (!add && !node_ends(r, roll, node, us, LIFE_ENDED)) return log_full(r);
    return count_now(r, roll, 0, us) ? STATUS_OK : log_full(r);
}

enum status read_bamboo(struct log_reader *r)
{
    struct roll roll;
    const char *stem;
    size_t n = log_stem(r, &stem);
    bool more = true, memory = roll_init(&roll);
    struct series *s = interruptions_series(r->log, SERIES_CAPACITY, "", 0, stem, n);
    enum status status = memory && s ? STATUS_OK : log_full(r);
    if (s) s->held = true;
    while (status == STATUS_OK && (status = log_row(r, ',', &more)) == STATUS_OK && more)
        status = bamboo_row(r, &roll);
    if (status == STATUS_OK && !run_ends(r, &roll, r->last_us)) status = log_full(r);
    roll_free(&roll);
    return status;
}

/* ---- bamboo-counts: 2021-12-11, 11:11:30, 55 ---- */

static bool is_date(const char *p)
{
    for (int i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? p[i] != '-' : !isdigit((unsigned char)p[i])) return false;
    return true;
}

bool is_bamboo_counts(const char *line, size_t n)
{
    return n > 20 && is_date(line) && line[10] == ',' && strchr(line + 11, ':') &&
           strchr(line + 11, ',');
}

static void trim(struct field *f)
{
    while (f->n && (*f->text == ' ' || *f->text == '\t')) f->text++, f->n--;
    while (f->n && (f->text[f->n - 1] == ' ' || f->text[f->n - 1] == '\t')) f->text[--f->n] = '\0';
}

static enum status counts_row(struct log_reader *r)
{
    char clock[64];
    int64_t us, count;
    bool cut;
    struct series *s = &r->log->series[0];
    for (size_t i = 0; i < r->field_n && i < 3; i++) trim(&r->fields[i]);
    if (r->field_n != 3) return log_error(r, NULL, "%zu fields, not date, time, count", r->field_n);
    snprintf(clock, sizeof clock, "%.20s %.20s", r->fields[0].text, r->fields[1].text);
    if (!field_clock(&(struct field){ clock, strlen(clock) }, 0, &us))
        return log_error(r, &r->fields[0], "'%s' is not a date and a time", clock);
    if (!field_scaled(&r->fields[2], 1, &count) || count < 0 || count > SERIES_NODES_MAX)
        return log_error(r, &r->fields[2], "'%s' is not a count of nodes", r->fields[2].text);
    us = log_clock(r, us, &cut);
    if (cut) {
        s->repaired[REPAIR_BACKWARDS]++;
        if (!series_add_cut(s, us)) return log_full(r);
    }
    return series_add_step(s, us, count) ? STATUS_OK : log_full(r);
}

enum status read_bamboo_counts(struct log_reader *r)
{
    const char *stem;
    size_t n = log_stem(r, &stem);
    bool more = true;
    enum status status =
        interruptions_series(r->log, SERIES_CAPACITY, "", 0, stem, n) ? STATUS_OK : log_full(r);
    r->log->t0_unix_us = 0;
    while (status == STATUS_OK && (status = log_row(r, ',', &more)) == STATUS_OK && more)
        status = counts_row(r);
    return status;
}

/* ---- dime: [2020-03-15T10:07:33.000Z] Created instance ... ---- */

bool is_dime(const char *line, size_t n)
{
    return n > 12 && line[0] == '[' && is_date(line + 1) && line[11] == 'T' && strchr(line, ']');
}

/* Takes `words` from the front of *p; false where something else stands there. */
static bool take(char **p, const char *words)
{
    size_t n = strlen(words);
    if (strncmp(*p, words, n) != 0) return false;
    *p += n;
    return true;
}

/* Takes one word. */
static bool take_word(char **p, struct field *word)
{
    *word = (struct field){ *p, strcspn(*p, " ") };
    *p += word->n;
    return word->n > 0;
}

/* "8 GPU(s) of type k80" -> "k80 x8". */
static bool take_gpus(char **p, char type[64])
{
    struct field count, model;
    if (!take_word(p, &count) || !take(p, " GPU(s) of type ") || !take_word(p, &model))
        return false;
    return snprintf(type, 64, "%.*s x%.*s", (int)model.n, model.text, (int)count.n, count.text) <
           64;
}

static enum status no_line(struct log_reader *r)
{
    return log_error(r, NULL, "this is no line of such a log");
}

/* A node that is there from now on, or was before it was first named (type ""). */
static enum status dime_begins(struct log_reader *r, struct roll *roll, const struct field *name,
                               const struct field *zone, const char *type, int64_t us)
{
    struct series *s =
        interruptions_series(r->log, SERIES_CAPACITY, zone->text, zone->n, type, strlen(type));
    struct node *node = roll_node(roll, name->text, name->n);
    if (!s || !node) return log_full(r);
    s->held = true;
    size_t series = (size_t)(s - r->log->series);
    if (node->up) { /* a name used again: the one before was lost some time since it was seen */
        s->repaired[REPAIR_STRANGER]++;
        size_t was = node->series;
        if (!node_ends(r, roll, node, node->seen_us, LIFE_CUT) || !count_now(r, roll, was, us))
            return log_full(r);
    }
    if (!node_begins(r, roll, node, series, us, *type != '\0')) return too_many_nodes(r);
    return count_now(r, roll, series, us) ? STATUS_OK : log_full(r);
}

static enum status dime_created(struct log_reader *r, struct roll *roll, char *p, int64_t us)
{
    struct field name, zone;
    char type[64];
    if (!take_word(&p, &name) || !take(&p, " with ") || !take_gpus(&p, type) ||
        !take(&p, " in zone ") || !take_word(&p, &zone))
        return no_line(r);
    return dime_begins(r, roll, &name, &zone, type, us);
}

/* "i-1 running in zone a", "i-1 not running in zone a". */
static enum status dime_seen(struct log_reader *r, struct roll *roll, char *p, int64_t us)
{
    struct field name, zone;
    if (!take_word(&p, &name)) return no_line(r);
    bool gone = take(&p, " not running in zone ");
    if ((!gone && !take(&p, " running in zone ")) || !take_word(&p, &zone)) return no_line(r);
    struct node *node = roll_node(roll, name.text, name.n);
    if (!node) return log_full(r);
    if (!node->named && !gone) return dime_begins(r, roll, &name, &zone, "", us);
    if (!node->named) { /* all that is known of it is that it is not there */
        struct series *s = interruptions_series(r->log, SERIES_CAPACITY, zone.text, zone.n, "", 0);
        if (!s) return log_full(r);
        s->held = node->named = true;
        node->series = (size_t)(s - r->log->series);
        if (!count_now(r, roll, node->series, us)) return log_full(r);
    }
    if (!node->up) {
        r->log->series[node->series].repaired[REPAIR_STRANGER]++;
        return STATUS_OK;
    }
    node->seen_us = us;
    if (!gone) return STATUS_OK;
    return node_ends(r, roll, node, us, LIFE_ENDED) && count_now(r, roll, node->series, us)
               ? STATUS_OK
               : log_full(r);
}

static enum status dime_line(struct log_reader *r, struct roll *roll)
{
    char *p = r->line, stamp[64], type[64];
    int64_t us, before = r->last_us;
    bool cut;
    size_t n = strcspn(p, "]");
    snprintf(stamp, sizeof stamp, "%.*s", (int)(n < 60 ? n : 60), p);
    if (*p != '[' || p[n] != ']' || p[n + 1] != ' ' ||
        !field_clock(&(struct field){ stamp + 1, strlen(stamp + 1) }, 0, &us))
        return log_error(r, NULL, "the line does not begin with a [time]");
    p += n + 2;
    us = log_clock(r, us, &cut);
    if (cut && !(run_ends(r, roll, before) && run_begins(r, roll, us))) return log_full(r);
    if (take(&p, "Created instance ")) return dime_created(r, roll, p, us);
    if (take(&p, "Successfully deleted instance ")) return STATUS_OK;
    if (take(&p, "Instance with ")) /* no capacity, in a zone that is not said */
        return take_gpus(&p, type) && take(&p, " creation failed") ? STATUS_OK : no_line(r);
    return take(&p, "Instance ") ? dime_seen(r, roll, p, us) : no_line(r);
}

enum status read_dime(struct log_reader *r)
{
    struct roll roll;
    bool more = true;
    enum status status = roll_init(&roll) ? STATUS_OK : log_full(r);
    r->log->t0_unix_us = 0;
    while (status == STATUS_OK && (status = log_line(r, &more)) == STATUS_OK && more)
        status = dime_line(r, &roll);
    for (size_t i = 0; status == STATUS_OK && i < r->log->series_n; i++)
        r->log->series[i].end_us = r->last_us;
    if (status == STATUS_OK && !run_ends(r, &roll, r->last_us)) status = log_full(r);
    roll_free(&roll);
    return status;
}
