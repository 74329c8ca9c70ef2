/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    _Alignas(max_align_t) char bytes[];
};

enum { BLOCK = 65536 - 64 };

void arena_init(struct arena *arena) { memset(arena, 0, sizeof *arena); }

void arena_free(struct arena *arena)
{
    for (struct arena_block *b = arena->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    arena_init(arena);
}

void *arena_zeroed(struct arena *arena, size_t n, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    if (size && n > (SIZE_MAX / 2) / size) return NULL;
    size_t want = (n * size + align - 1) / align * align;
    if (want == 0) want = align;
    if ((size_t)(arena->end - arena->at) < want) {
        size_t room = want > BLOCK ? want : BLOCK;
        struct arena_block *b = calloc(1, sizeof *b + room);
        if (!b) return NULL;
        b->next = arena->blocks;
        arena->blocks = b;
        arena->at = b->bytes;
        arena->end = b->bytes + room;
    }
    void *made = arena->at;
    arena->at += want;
    return made;
}

char *arena_text(struct arena *arena, const char *text, size_t n)
{
    char *made = arena_zeroed(arena, n + 1, 1);
    if (made && n) memcpy(made, text, n);
    return made;
}
