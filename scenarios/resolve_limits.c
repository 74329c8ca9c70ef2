/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of queues, tenants and users. */
#include <stdio.h>
#include <string.h>

#include "scenarios/loading.h"

static bool is_same(const struct value *a, const struct value *b)
{
    if (a->state != VALUE_GOOD || b->state != VALUE_GOOD) return a->state == b->state;
    return strcmp(a->text, b->text) == 0;
}

static bool is_for_the_same(const struct raw_limit *a, const struct raw_limit *b)
{
    return is_same(&a->queue, &b->queue) && is_same(&a->tenant, &b->tenant) &&
           is_same(&a->user, &b->user);
}

/* A limit that an entry before this one has for the same jobs. */
static void check_twice(const struct loading *l, const struct raw_limit *all, size_t i, int limit)
{
    for (size_t k = 0; k < i; k++)
        if (all[k].most[limit].state != VALUE_ABSENT && is_for_the_same(&all[k], &all[i])) {
            source_report_twice(l->source, l->diagnostics, all[i].most[limit].at,
                                all[k].most[limit].at.line,
                                "'%s' is set twice for the same jobs in 'limits'",
                                limit_names[limit]);
            return;
        }
}

/* What is said of each, of the only one there is. */
static void check_each(const struct loading *l, const struct raw_limit *raw, int limit)
{
    const struct value *one = limit / LIMIT_COUNTS == LIMIT_OF_USER     ? &raw->user
                              : limit / LIMIT_COUNTS == LIMIT_OF_TENANT ? &raw->tenant
                                                                        : NULL;
    char hint[40];
    snprintf(hint, sizeof hint, "say '%s'", limit_names[limit % LIMIT_COUNTS]);
    if (one && one->state != VALUE_ABSENT)
        loading_complain(l, raw->most[limit].at, hint, NULL, "'%s' in a limit for one %s alone",
                         limit_names[limit], one == &raw->user ? "user" : "tenant");
}

enum status resolve_limits(struct loading *l, const struct raw_scheduler *raw,
                           struct limit_options *limits)
{
    const struct raw_limit *all = raw->limits.items;
    if (raw->limits.state != VALUE_GOOD) return STATUS_OK;
    limits->entries = arena_zeroed(&l->store->arena, raw->limits.n + 1, sizeof *limits->entries);
    if (!limits->entries) return error_set(l->err, STATUS_NO_MEMORY, "no memory for limits");
    for (size_t i = 0; i < raw->limits.n; i++) {
        struct limit_entry *e = &limits->entries[limits->n++];
        bool any = false;
        e->queue = all[i].queue.text;
        e->tenant = all[i].tenant.text;
        e->user = all[i].user.text;
        for (int k = 0; k < LIMIT_N; k++) {
            e->most[k] = value_or(&all[i].most[k], 0);
            if (all[i].most[k].state == VALUE_ABSENT) continue;
            any = true;
            check_twice(l, all, i, k);
            check_each(l, &all[i], k);
        }
        if (!any)
            loading_complain(l, all[i].self.at, NULL, "{queue: batch, gpus: 64} does",
                             "limit %zu limits nothing", i + 1);
    }
    return STATUS_OK;
}
