/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "models/workload/workload.h"

enum status names_init(struct names *names)
{
    memset(names, 0, sizeof *names);
    return names_add(names, "", 0) == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

void names_free(struct names *names)
{
    for (uint32_t i = 0; i < names->n; i++) free(names->text[i]);
    free(names->text);
    free(names->slot);
    memset(names, 0, sizeof *names);
}

static uint32_t hash(const char *text, size_t length)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a, then the high bits folded in */
    for (size_t i = 0; i < length; i++) h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(h ^ h >> 32);
}

static int grow(struct names *names)
{
    if (names->n == names->capacity) {
        uint32_t capacity = names->capacity ? 2 * names->capacity : 16;
        char **text = realloc(names->text, capacity * sizeof *text);
        if (!text) return 0;
        names->text = text;
        names->capacity = capacity;
    }
    if (2 * (names->n + 1) > names->slot_n) {
        uint32_t slot_n = names->slot_n ? 2 * names->slot_n : 32;
        uint32_t *slot = calloc(slot_n, sizeof *slot);
        if (!slot) return 0;
        for (uint32_t i = 0; i < names->n; i++) {
            uint32_t at = hash(names->text[i], strlen(names->text[i])) & (slot_n - 1);
            while (slot[at]) at = (at + 1) & (slot_n - 1);
            slot[at] = i + 1;
        }
        free(names->slot);
        names->slot = slot;
        names->slot_n = slot_n;
    }
    return 1;
}

uint32_t names_find(const struct names *names, const char *text, size_t length)
{
    /* Most rows have no name, or the one before. */
    if (names->n == 0) return UINT32_MAX;
    if (length == 0) return 0;
    if (strncmp(names->text[names->last], text, length) == 0 &&
        names->text[names->last][length] == '\0')
        return names->last;
    uint32_t mask = names->slot_n - 1;
    for (uint32_t at = hash(text, length) & mask; names->slot[at]; at = (at + 1) & mask) {
        const char *known = names->text[names->slot[at] - 1];
        if (strlen(known) == length && memcmp(known, text, length) == 0) return names->slot[at] - 1;
    }
    return UINT32_MAX;
}

uint32_t names_add(struct names *names, const char *text, size_t length)
{
    uint32_t known = names_find(names, text, length);
    if (known != UINT32_MAX) return names->last = known;
    if (!grow(names)) return UINT32_MAX;
    char *copy = malloc(length + 1);
    if (!copy) return UINT32_MAX;
    memcpy(copy, text, length);
    copy[length] = '\0';
    uint32_t at = hash(text, length) & (names->slot_n - 1);
    while (names->slot[at]) at = (at + 1) & (names->slot_n - 1);
    names->text[names->n] = copy;
    names->slot[at] = ++names->n;
    return names->last = names->n - 1;
}
