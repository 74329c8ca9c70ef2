/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/condition_input.h"

#include <stdlib.h>
#include <string.h>

#include "reports/metrics.h"
#include "scenarios/units.h"

enum { METRICS_MOST = 256, NAME_MOST = 64 };

/* Names besides those of the metrics and those without their unit. */
static const struct {
    const char *name, *metric;
} others[] = { { "cost", METRIC_COST_MONTH },
               { "cost_per_month", METRIC_COST_MONTH },
               { "cost_per_useful_gpu_hour", METRIC_COST_USEFUL_GPU_HOUR },
               { "idle_cost", METRIC_COST_IDLE_MONTH },
               { "slowdown", METRIC_SLOWDOWN },
               { "fairness", METRIC_FAIRNESS },
               { "rejected", METRIC_JOBS_REJECTED } };
enum { OTHER_N = sizeof others / sizeof *others };

/* "p95_wait" of "p95_wait_s". */
static size_t short_length(const char *name)
{
    size_t n = strlen(name);
    return n > 2 && strcmp(name + n - 2, "_s") == 0 ? n - 2 : n;
}

static int metric_named(const char *name)
{
    for (int i = 0; i < OTHER_N; i++)
        if (strcmp(name, others[i].name) == 0) return metric_index(others[i].metric);
    for (int m = 0; metric_defs[m].name; m++) {
        size_t n = short_length(metric_defs[m].name);
        if (strcmp(name, metric_defs[m].name) == 0 ||
            (strlen(name) == n && strncmp(name, metric_defs[m].name, n) == 0))
            return m;
    }
    return -1;
}

/* The names of a person, for a hint. */
static const char *near_metric(char hint[HINT_MAX], const char *name)
{
    static char shorts[METRICS_MOST][NAME_MOST];
    const char *words[METRICS_MOST + OTHER_N];
    size_t n = 0;
    for (int i = 0; i < OTHER_N; i++) words[n++] = others[i].name;
    for (int m = 0; metric_defs[m].name && m < METRICS_MOST; m++) {
        snprintf(shorts[m], NAME_MOST, "%.*s", (int)short_length(metric_defs[m].name),
                 metric_defs[m].name);
        words[n++] = shorts[m];
    }
    did_you_mean(hint, name, words, n);
    return hint;
}

static size_t characters(const char *from, const char *to)
{
    size_t n = 0;
    for (; from < to && *from; n++) utf8_next(&from);
    return n;
}

/* Something is wrong with text[at .. at + width). */
static bool wrong(struct diagnostics *problems, size_t i, const char *text, const char *at,
                  size_t bytes, const char *message, const char *hint, const char *note)
{
    size_t width = characters(at, at + bytes);
    struct diagnostic d = { .severity = SEVERITY_ERROR,
                            .file = "--fail-if",
                            .line = i + 1,
                            .column = characters(text, at) + 1,
                            .width = width ? width : 1,
                            .source_line = (char *)text,
                            .message = (char *)message,
                            .hint = (char *)(hint && *hint ? hint : NULL),
                            .note = (char *)(note && *note ? note : NULL) };
    diagnostics_add(problems, &d);
    return false;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static const char *past_spaces(const char *at) { return at + strspn(at, " \t"); }

/* A limit in the metric's unit; text has no sign. */
static bool read_limit(int metric, const char *text, double *limit, struct unit_problem *problem)
{
    const char *unit = metric_defs[metric].unit;
    int64_t value = 0;
    bool good;
    if (strcmp(unit, "USD/month") == 0 && strstr(text, "per"))
        good = unit_money_per_month(text, &value, problem);
    else if (strncmp(unit, "USD", 3) == 0) good = unit_money(text, &value, problem);
    else if (strcmp(unit, "s") == 0) good = unit_duration(text, &value, problem);
    else if (strcmp(unit, "share") == 0) good = unit_percent(text, &value, problem);
    else good = unit_factor(text, &value, problem);
    *limit = (double)value / 1e6;
    return good;
}

/* "3 points": percentage points; false: it is not that. */
static bool read_points(const char *text, double *limit)
{
    static const char *const words[] = { "points", "point" };
    struct unit_problem problem;
    char number[NAME_MOST];
    int64_t ppm;
    size_t n = strcspn(text, " p");
    const char *word = past_spaces(text + n);
    if (n == 0 || n >= sizeof number || (strcmp(word, words[0]) && strcmp(word, words[1])))
        return false;
    snprintf(number, sizeof number, "%.*s", (int)n, text);
    if (!unit_factor(number, &ppm, &problem)) return false;
    *limit = (double)ppm / 1e8;
    return true;
}

/* What stands behind the relation; it has no spaces at its ends. */
static bool read_bound(const char *limit, struct condition *c, struct unit_problem *problem)
{
    bool is_signed = *limit == '+' || *limit == '-';
    const char *bare = is_signed ? past_spaces(limit + 1) : limit;
    double sign = *limit == '-' ? -1 : 1;
    bool is_share = strcmp(metric_defs[c->metric].unit, "share") == 0;
    size_t n = strlen(bare);
    int64_t ppm;
    c->of = is_signed ? CONDITION_DIFFERENCE : CONDITION_VALUE;
    if (is_signed && n > 0 && bare[n - 1] == '%') {
        c->of = CONDITION_RELATIVE;
        if (!unit_percent(bare, &ppm, problem)) return false;
        c->limit = sign * (double)ppm / 1e6;
        return true;
    }
    if (!is_signed && n > 0 && bare[n - 1] == '%' && !is_share) {
        snprintf(problem->message, sizeof problem->message,
                 "is of the figure itself, which is no percentage");
        snprintf(problem->hint, sizeof problem->hint, "did you mean '+%.40s', of the reference?",
                 bare);
        return false;
    }
    bool good = is_signed && is_share && read_points(bare, &c->limit);
    if (!good) good = read_limit(c->metric, bare, &c->limit, problem);
    c->limit *= sign;
    return good;
}

bool condition_read(const char *text, size_t i, struct condition *c, struct diagnostics *problems)
{
    char name[NAME_MOST], hint[HINT_MAX], message[300];
    const char *at = past_spaces(text), *end = at;
    struct unit_problem problem = { "", "", "" };
    *c = (struct condition){ .text = at };
    while (is_name(*end)) end++;
    size_t n = (size_t)(end - at);
    if (n == 0)
        return wrong(problems, i, text, at, 0, "a condition begins with a metric",
                     "for example 'cost > +5%'", "see: seatrial list metrics");
    snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), at);
    c->metric = n < sizeof name ? metric_named(name) : -1;
    if (c->metric < 0) {
        snprintf(message, sizeof message, "unknown metric '%s'", name);
        return wrong(problems, i, text, at, n, message, near_metric(hint, name),
                     "see: seatrial list metrics");
    }
    at = past_spaces(end);
    size_t length = strspn(at, "<>=!");
    int relation = 0;
    while (relation < CONDITION_RELATION_N &&
           (strlen(condition_relations[relation]) != length ||
            strncmp(at, condition_relations[relation], length) != 0))
        relation++;
    if (relation == CONDITION_RELATION_N)
        return wrong(problems, i, text, at, length ? length : 1,
                     "behind the metric stands >, >=, < or <=", NULL, NULL);
    c->relation = (enum condition_relation)relation;
    at = past_spaces(at + length);
    char *limit = strdup(at);
    if (!limit) return wrong(problems, i, text, at, 0, "no memory", NULL, NULL);
    for (n = strlen(limit); n > 0 && (limit[n - 1] == ' ' || limit[n - 1] == '\t'); n--)
        limit[n - 1] = '\0';
    bool good = n > 0 && read_bound(limit, c, &problem);
    if (!good && n == 0) {
        snprintf(message, sizeof message, "the limit is missing");
    } else if (!good) {
        snprintf(message, sizeof message, "the limit %s", problem.message);
    }
    free(limit);
    return good || wrong(problems, i, text, at, n, message, problem.hint, problem.note);
}
