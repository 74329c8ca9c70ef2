/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of holes for so many GPUs: until when a profile has none, for jobs of every length.
 *
 *      until |            ____________
 *            |      _____|                  no hole for length or more starts before until
 *            |_____|
 *            +------------------------> length
 *
 * By classes of length, four to each doubling: of a class is known what is so of its shortest. So
 * what is known of a job is one look at a table. What is taken of the profile leaves all that true;
 * what is freed must be said, and is of no matter where it is freed after all that is known: at no
 * such time are they free both just before and after (hole_classes_clear).
 */
#ifndef MODELS_SCHEDULING_HOLE_CLASSES_H
#define MODELS_SCHEDULING_HOLE_CLASSES_H

#include <stdint.h>

enum { HOLE_CLASSES = 256 };

struct hole_classes {
    int64_t until_us[HOLE_CLASSES]; /* rising; of classes up to the top one */
    uint32_t top;                   /* of the longest job that was asked about */
};

/* The class of a length of 1 or more. */
static inline uint32_t hole_class(int64_t length_us)
{
    uint32_t doublings = 63 - (uint32_t)__builtin_clzll((uint64_t)length_us);
    return 4 * doublings + ((uint32_t)((uint64_t)length_us << 2 >> doublings) & 3);
}

/* The shortest length of a class. */
static inline int64_t hole_class_shortest(uint32_t class)
{
    return (int64_t)((4 + (uint64_t) class % 4) << class / 4 >> 2);
}

/* Nothing is known, but that there is nothing before now_us. */
static inline void hole_classes_begin(struct hole_classes *h, int64_t now_us)
{
    h->top = 0;
    h->until_us[0] = now_us;
}

/* There are jobs of that class. */
static inline void hole_classes_reach(struct hole_classes *h, uint32_t class)
{
    for (; h->top < class; h->top++) h->until_us[h->top + 1] = h->until_us[h->top];
}

/* There is nothing before now_us. */
static inline void hole_classes_advance(struct hole_classes *h, int64_t now_us)
{
    for (uint32_t i = 0; i <= h->top && h->until_us[i] < now_us; i++) h->until_us[i] = now_us;
}

/* No hole of length_us or more starts in [from_us, until_us). */
static inline void hole_classes_note(struct hole_classes *h, int64_t length_us, int64_t from_us,
                                     int64_t until_us)
{
    uint32_t i = hole_class(length_us), top = h->top;
    i += hole_class_shortest(i) < length_us;
    while (i <= top && h->until_us[i] < from_us) i++;
    for (; i <= top && h->until_us[i] < until_us; i++) h->until_us[i] = until_us;
}

/* The lowest class of which more is known than until since_us; beyond the top one: none. */
static inline uint32_t hole_classes_beyond(const struct hole_classes *h, int64_t since_us)
{
    uint32_t low = 0;
    for (uint32_t n = h->top + 1, half; n > 1; n -= half) {
        half = n / 2;
        low += h->until_us[low + half - 1] <= since_us ? half : 0;
    }
    return low + (h->until_us[low] <= since_us);
}

/* From since_us on there may be holes of the classes from lowest, of which more is known, up to
 * that one. */
static inline void hole_classes_forget(struct hole_classes *h, uint32_t lowest, uint32_t class,
                                       int64_t since_us)
{
    for (uint32_t i = lowest; i <= class && i <= h->top; i++) h->until_us[i] = since_us;
}

/* There is no lack between since_us and until_us, or there are few: what is known until some time
 * between them, of the class lowest or a longer one, is known until since_us alone. */
static inline void hole_classes_clear(struct hole_classes *h, uint32_t lowest, int64_t since_us,
                                      int64_t until_us)
{
    for (uint32_t i = lowest; i <= h->top && h->until_us[i] <= until_us; i++)
        h->until_us[i] = since_us;
}

/* Until when anything at all is known. */
static inline int64_t hole_classes_last(const struct hole_classes *h)
{
    return h->until_us[h->top];
}

#endif
