/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/events.h"

#include <stdlib.h>
#include <string.h>

#include "sim/large.h"

static enum status events_allocate(struct events *e, uint32_t slots, struct error *err)
{
    if (slots < 8) slots = 8;
    if (slots > UINT32_C(1) << 30)
        return error_set(err, STATUS_NO_MEMORY, "an event queue of %u slots is too large", slots);
    uint64_t size[EVENTS_LEVELS_MAX], total = 0, n = slots;
    int levels = 0;
    for (;; levels++) {
        n = (n + 7) / 8 * 8;
        size[levels] = n;
        total += n;
        if (n == 8) break;
        n /= 8;
    }
    int64_t *memory = large_alloc(total * sizeof *memory);
    if (!memory) return error_set(err, STATUS_NO_MEMORY, "no memory for %u events", slots);
    for (uint64_t i = 0; i < total; i++) memory[i] = EVENT_NONE;
    memset(e, 0, sizeof *e);
    e->memory = memory;
    e->top = levels;
    e->slots = (uint32_t)size[0];
    e->root = EVENT_NONE;
    e->next = EVENT_NO_SLOT;
    for (int k = 0; k <= levels; k++) {
        e->level[k] = memory;
        memory += size[k];
    }
    return STATUS_OK;
}

enum status events_init(struct events *e, uint32_t slots, struct error *err)
{
    memset(e, 0, sizeof *e);
    return events_allocate(e, slots, err);
}

void events_free(struct events *e)
{
    free(e->memory);
    memset(e, 0, sizeof *e);
}

enum status events_grow(struct events *e, uint32_t slots, struct error *err)
{
    struct events larger;
    if (slots <= e->slots) return STATUS_OK;
    enum status status = events_allocate(&larger, slots, err);
    if (status != STATUS_OK) return status;
    for (uint32_t s = 0; s < e->slots; s++)
        if (e->level[0][s] != EVENT_NONE) events_set(&larger, s, e->level[0][s]);
    events_free(e);
    *e = larger;
    return STATUS_OK;
}

/* Those below entry i of level k. */
static uint32_t due_below(const struct events *e, int k, uint32_t i, uint32_t *slots, uint32_t most,
                          uint32_t n)
{
    const int64_t *g = e->level[k] + 8 * (uint64_t)i;
    for (uint32_t j = 0; j < 8; j++) {
        if (g[j] != e->root) continue;
        if (k > 0) n = due_below(e, k - 1, 8 * i + j, slots, most, n);
        else if (n++ < most) slots[n - 1] = 8 * i + j;
    }
    return n;
}

uint32_t events_due(const struct events *e, uint32_t *slots, uint32_t most)
{
    return e->root == EVENT_NONE ? 0 : due_below(e, e->top, 0, slots, most, 0);
}
