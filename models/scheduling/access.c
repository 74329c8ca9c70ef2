/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/access.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/node_selector.h"

static void open_to(uint64_t *pools, const struct names *names, const struct name_list *list,
                    int32_t pool)
{
    uint64_t bit = UINT64_C(1) << pool;
    for (uint32_t i = 0; list->n == 0 && i < names->n; i++) pools[i] |= bit;
    for (int32_t k = 0; k < list->n; k++) {
        uint32_t i = names_find(names, list->text[k], strlen(list->text[k]));
        if (i != UINT32_MAX) pools[i] |= bit;
    }
}

/* What is required of labels that no pool has is passed over. */
static void drop_unknown(struct node_selector *s, const struct fleet_spec *fleet)
{
    for (int32_t t = 0; t < s->n; t++) {
        struct selector_term *term = &s->terms[t];
        int32_t n = 0;
        for (int32_t i = 0; i < term->n; i++)
            if (fleet_knows_label(fleet, term->requirements[i].key))
                term->requirements[n++] = term->requirements[i];
        term->n = n;
    }
}

bool access_selectors(const struct names *selectors, const struct fleet_spec *fleet,
                      uint64_t *pools)
{
    for (uint32_t i = 0; i < selectors->n; i++) {
        struct node_selector s;
        const char *why;
        pools[i] = 0;
        if (!node_selector_read(selectors->text[i], &s, &why) && !why) return false;
        drop_unknown(&s, fleet);
        for (int32_t p = 0; p < fleet->pool_n; p++)
            if (node_selector_takes(&s, &fleet->pools[p])) pools[i] |= UINT64_C(1) << p;
        node_selector_free(&s);
    }
    return true;
}

bool access_tolerations(const struct names *tolerations, const struct fleet_spec *fleet,
                        uint64_t *pools)
{
    for (uint32_t i = 0; i < tolerations->n; i++) {
        struct tolerations t;
        const char *why;
        pools[i] = 0;
        if (!tolerations_read(tolerations->text[i], &t, &why) && !why) return false;
        for (int32_t p = 0; p < fleet->pool_n; p++)
            if (tolerations_bear(&t, &fleet->pools[p])) pools[i] |= UINT64_C(1) << p;
        tolerations_free(&t);
    }
    return true;
}

bool access_init(struct access *a, const struct workload *workload, const struct fleet_spec *fleet)
{
    bool closed = workload->selectors.n > 1;
    *a = (struct access){ .all = ~UINT64_C(0) >> (64 - fleet->pool_n) };
    for (int32_t p = 0; p < fleet->pool_n; p++)
        closed |=
            fleet->pools[p].tenants.n + fleet->pools[p].queues.n + fleet->pools[p].marks.taint_n >
            0;
    if (!closed) return true;
    a->tenant = calloc(workload->tenants.n + 1, sizeof *a->tenant);
    a->queue = calloc(workload->queues.n + 1, sizeof *a->queue);
    a->selector = calloc(workload->selectors.n + 1, sizeof *a->selector);
    a->tolerations = calloc(workload->tolerations.n + 1, sizeof *a->tolerations);
    if (!a->tenant || !a->queue || !a->selector || !a->tolerations ||
        !access_selectors(&workload->selectors, fleet, a->selector) ||
        !access_tolerations(&workload->tolerations, fleet, a->tolerations))
        return false;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        open_to(a->tenant, &workload->tenants, &fleet->pools[p].tenants, p);
        open_to(a->queue, &workload->queues, &fleet->pools[p].queues, p);
    }
    return true;
}

bool access_is_uniform(const struct access *a, const struct workload *w)
{
    uint64_t differs = 0;
    for (size_t j = 1; a->tenant && j < w->job_n; j++)
        differs |= access_pools(a, w, j) ^ access_pools(a, w, 0);
    return differs == 0;
}

enum no_access access_why_none(const struct access *a, const struct workload *w, size_t job)
{
    uint64_t pools = a->tenant[w->tenant[job]] & a->queue[w->queue[job]];
    if (!pools) return ACCESS_NOBODY;
    return pools & a->selector[w->selector[job]] ? ACCESS_TAINT : ACCESS_SELECTOR;
}

void access_free(struct access *a)
{
    free(a->tenant);
    free(a->queue);
    free(a->selector);
    free(a->tolerations);
    *a = (struct access){ 0 };
}
