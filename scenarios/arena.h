/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is given back all at once. A loaded scenario owns one arena; every name, table and
 * string that it hands out lives there until scenario_free. Nothing is ever freed alone.
 */
#ifndef SCENARIOS_ARENA_H
#define SCENARIOS_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
    char *at, *end;
};

void arena_init(struct arena *arena);
void arena_free(struct arena *arena);
/* n x size zeroed bytes, aligned for any type; NULL without memory. */
void *arena_zeroed(struct arena *arena, size_t n, size_t size);
/* A terminated copy of n bytes; NULL without memory. */
char *arena_text(struct arena *arena, const char *text, size_t n);

#endif
