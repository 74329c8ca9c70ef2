/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/metering.h"

#include <stdlib.h>
#include <string.h>

#include "models/pricing/money.h"

#define S_US      INT64_C(1000000)
#define MINUTE_US (60 * S_US)

#define TIME_MAX  (INT64_C(1) << 60)
#define PRICE_MAX (INT64_C(1000000) * 1000000000)

const struct billing_rule billing_rules[] = {
    { "ec2", "by the second, at least 60 s at each start", S_US, MINUTE_US, 0,
      "EC2 user guide (June 2023), on-demand instances: Linux and Windows", "aws" },
    { "ec2-spot", "by the second, at least 60 s; free if EC2 interrupts it in the first hour", S_US,
      MINUTE_US, HOUR_US,
      "EC2 user guide (June 2023), billing for interrupted spot instances: Linux and Windows",
      NULL },
    { "gce", "by the second, at least 60 s", S_US, MINUTE_US, 0,
      "Google Cloud, per-second billing, 2017-09-26", "gcp" },
    { "minute", "by the minute", MINUTE_US, 0, 0,
      "docs.lambda.ai, public cloud, billing: one-minute increments", "lambda" },
    { "hour", "by the hour", HOUR_US, 0, 0, "EC2 until October 2017; some GPU clouds", NULL },
    { NULL, NULL, 0, 0, 0, NULL, NULL },
};

const struct billing_rule *billing_rule_find(const char *name)
{
    for (const struct billing_rule *r = billing_rules; r->name; r++)
        if (strcmp(r->name, name) == 0) return r;
    return NULL;
}

const struct billing_rule *billing_rule_of(const char *provider)
{
    for (const struct billing_rule *r = billing_rules; r->name; r++)
        if (r->provider && strcmp(r->provider, provider) == 0) return r;
    return &billing_rules[0];
}

int64_t meter_billed_us(const struct billing_rule *rule, const struct node_life *life)
{
    int64_t used = life->to_us - life->from_us, over = used % rule->granularity_us;
    if (life->ended_by == ENDED_BY_PROVIDER && used < rule->free_us) return 0;
    if (over) used += rule->granularity_us - over;
    return used < rule->minimum_us ? rule->minimum_us : used;
}

/* ---- prices over time ---- */

struct numbered { /* a step, and which it was: what sorting keeps of equals */
    struct price_step step;
    size_t i;
};

static int compare_steps(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    if (x->step.at_us != y->step.at_us) return x->step.at_us < y->step.at_us ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

static enum status check_steps(const struct price_step *steps, size_t n, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (steps[i].usd_nano_per_hour < 0)
            return error_set(err, STATUS_BAD_INPUT, "price %zu of a trace is negative", i + 1);
        if (steps[i].usd_nano_per_hour > PRICE_MAX)
            return error_set(err, STATUS_BAD_INPUT, "price %zu of a trace is above $1M an hour",
                             i + 1);
        if (steps[i].at_us < -TIME_MAX || steps[i].at_us > TIME_MAX)
            return error_set(err, STATUS_BAD_INPUT, "time %zu of a price trace is out of range",
                             i + 1);
    }
    if (n > 0) return STATUS_OK;
    return error_set(err, STATUS_BAD_INPUT, "a price trace without prices");
}

enum status price_trace_init(struct price_trace *trace, const struct price_step *steps, size_t n,
                             struct price_repairs *repairs, struct error *err)
{
    *trace = (struct price_trace){ NULL, NULL, 0 };
    *repairs = (struct price_repairs){ 0, 0 };
    enum status status = check_steps(steps, n, err);
    if (status != STATUS_OK) return status;
    struct numbered *sorted = malloc(n * sizeof *sorted);
    trace->step = malloc(n * sizeof *trace->step);
    trace->until = malloc(n * sizeof *trace->until);
    if (!sorted || !trace->step || !trace->until) {
        free(sorted);
        price_trace_free(trace);
        return error_set(err, STATUS_NO_MEMORY, "no memory for %zu prices", n);
    }
    int64_t latest = steps[0].at_us;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (struct numbered){ steps[i], i };
        if (steps[i].at_us < latest) repairs->backwards++;
        else latest = steps[i].at_us;
    }
    if (repairs->backwards > 0) qsort(sorted, n, sizeof *sorted, compare_steps);
    for (size_t i = 0; i < n; i++) {
        if (trace->n > 0 && trace->step[trace->n - 1].at_us == sorted[i].step.at_us) {
            trace->n--;
            repairs->twice++;
        }
        trace->step[trace->n++] = sorted[i].step;
    }
    free(sorted);
    trace->until[0] = 0;
    for (size_t i = 1; i < trace->n; i++)
        trace->until[i] =
            trace->until[i - 1] + (__int128)trace->step[i - 1].usd_nano_per_hour *
                                      (trace->step[i].at_us - trace->step[i - 1].at_us);
    return STATUS_OK;
}

enum status price_trace_by_hour(const struct price_trace *trace, const struct price_part *part,
                                struct price_trace *hourly, struct error *err)
{
    struct price_repairs none;
    struct price_step *steps = malloc((size_t)part->hours * sizeof *steps);
    size_t n = 0;
    if (!steps) return error_set(err, STATUS_NO_MEMORY, "no memory for %d hours", part->hours);
    __int128 round = price_trace_cost(trace, part->from_us, part->from_us + part->round_us);
    __int128 before = 0; /* what the part costs from second 0 to the hour */
    for (int32_t h = 0; h < part->hours; h++) {
        int64_t at_us = h * HOUR_US - part->into_hour_us, to_us = at_us + HOUR_US;
        int64_t us = at_us > 0 ? HOUR_US : to_us; /* hour 0 is known from second 0 on */
        int64_t rest_us = to_us % part->round_us;
        __int128 until = to_us / part->round_us * round +
                         price_trace_cost(trace, part->from_us, part->from_us + rest_us);
        int64_t mean = (int64_t)((until - before + us / 2) / us);
        before = until;
        if (n == 0 || steps[n - 1].usd_nano_per_hour != mean)
            steps[n++] = (struct price_step){ at_us, mean };
    }
    enum status status = price_trace_init(hourly, steps, n, &none, err);
    free(steps);
    return status;
}

void price_trace_free(struct price_trace *trace)
{
    free(trace->step);
    free(trace->until);
    *trace = (struct price_trace){ NULL, NULL, 0 };
}

/* What it costs from step 0 to an instant; below 0 before step 0. */
static __int128 cost_until(const struct price_trace *trace, int64_t at_us)
{
    size_t low = 0, high = trace->n; /* the last step at or before it lies in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (trace->step[middle].at_us <= at_us) low = middle;
        else high = middle;
    }
    return trace->until[low] +
           trace->step[low].usd_nano_per_hour * ((__int128)at_us - trace->step[low].at_us);
}

__int128 price_trace_cost(const struct price_trace *trace, int64_t from_us, int64_t to_us)
{
    return cost_until(trace, to_us) - cost_until(trace, from_us);
}

__int128 meter_cost(const struct billing_rule *rule, const struct node_life *life,
                    const struct price_trace *trace)
{
    return price_trace_cost(trace, life->from_us, life->from_us + meter_billed_us(rule, life));
}

__int128 meter_cost_constant(const struct billing_rule *rule, const struct node_life *life,
                             int64_t usd_nano_per_hour)
{
    return (__int128)usd_nano_per_hour * meter_billed_us(rule, life);
}
