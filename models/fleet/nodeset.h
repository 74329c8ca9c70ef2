/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of node numbers that finds its lowest member at once: a bit a node, and above each 64 words
 * a word that says which of them are not empty.
 *
 *      level 2   1 word
 *      level 1   n / 4096 words
 *      level 0   n / 64 words, the members
 *
 * Adding, removing and finding cost one step a level: three up to 262,144 nodes. The words are
 * carved from memory the caller owns (nodeset_words says how many); a set is ready when they are
 * zero.
 */
#ifndef MODELS_FLEET_NODESET_H
#define MODELS_FLEET_NODESET_H

#include <stdint.h>

enum { NODESET_LEVELS_MAX = 5, NODESET_NONE = -1 };

struct nodeset {
    uint64_t *level[NODESET_LEVELS_MAX];
    int top;
};

static inline uint64_t nodeset_words(uint64_t n)
{
    uint64_t words = 0;
    do {
        n = (n + 63) / 64;
        words += n;
    } while (n > 1);
    return words;
}

/* Lays the set for members 0 .. n - 1 over nodeset_words(n) zero words; returns the word after
 * them. */
static inline uint64_t *nodeset_lay(struct nodeset *s, uint64_t n, uint64_t *words)
{
    s->top = -1;
    do {
        n = (n + 63) / 64;
        s->level[++s->top] = words;
        words += n;
    } while (n > 1);
    return words;
}

static inline void nodeset_add(struct nodeset *s, uint32_t i)
{
    for (int k = 0;; k++, i >>= 6) {
        uint64_t *word = &s->level[k][i >> 6], before = *word;
        *word = before | UINT64_C(1) << (i & 63);
        if (before != 0 || k == s->top) return;
    }
}

static inline void nodeset_remove(struct nodeset *s, uint32_t i)
{
    for (int k = 0;; k++, i >>= 6) {
        uint64_t *word = &s->level[k][i >> 6];
        *word &= ~(UINT64_C(1) << (i & 63));
        if (*word != 0 || k == s->top) return;
    }
}

/* The lowest member; NODESET_NONE where there is none. */
static inline int64_t nodeset_first(const struct nodeset *s)
{
    uint64_t i = 0;
    if (s->level[s->top][0] == 0) return NODESET_NONE;
    for (int k = s->top; k >= 0; k--) i = i << 6 | (uint64_t)__builtin_ctzll(s->level[k][i]);
    return (int64_t)i;
}

/* The lowest member at or above `from` of a set laid for n members; NODESET_NONE where there is
 * none. */
static inline int64_t nodeset_next(const struct nodeset *s, uint64_t from, uint64_t n)
{
    uint64_t i = from;
    for (int k = 0; k <= s->top && i < n; k++) {
        uint64_t word = s->level[k][i >> 6] & ~UINT64_C(0) << (i & 63);
        if (word) {
            i = (i & ~UINT64_C(63)) | (uint64_t)__builtin_ctzll(word);
            while (k-- > 0) i = i << 6 | (uint64_t)__builtin_ctzll(s->level[k][i]);
            return (int64_t)i;
        }
        i = (i >> 6) + 1;
        n = (n + 63) / 64;
    }
    return NODESET_NONE;
}

#endif
