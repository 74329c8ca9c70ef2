/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/profile.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    AT_ONCE = 16,  /* steps that are looked at at once */
    AHEAD = 16,    /* places that are never used in front of the first step */
    NEAR = 256,    /* how far a step that says nothing may be for its place to be taken */
    GAP_EVERY = 4, /* steps, where all are laid out anew */
    TOIL_MOST = 4, /* places that are gone over for each step, before all are */
    PAST = 1,      /* the place of who is past: steps lie behind it */
    ALL_FIT = (1 << AT_ONCE) - 1,
};

/* ---- steps by value ---- */

/* Bit i: whether at least gpus are free in the i-th of AT_ONCE steps. */
static inline uint32_t which_fit(const int32_t *free, int32_t gpus)
{
#ifdef __SSE2__
    const __m128i *v = (const __m128i *)free, want = _mm_set1_epi32(gpus);
    __m128i a = _mm_cmplt_epi32(_mm_loadu_si128(v), want);
    __m128i b = _mm_cmplt_epi32(_mm_loadu_si128(v + 1), want);
    __m128i c = _mm_cmplt_epi32(_mm_loadu_si128(v + 2), want);
    __m128i d = _mm_cmplt_epi32(_mm_loadu_si128(v + 3), want);
    __m128i lacks = _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
    return (uint32_t)_mm_movemask_epi8(lacks) ^ ALL_FIT;
#else
    uint32_t bits = 0;
    for (uint32_t i = 0; i < AT_ONCE; i++) bits |= (uint32_t)(free[i] >= gpus) << i;
    return bits;
#endif
}

static inline uint32_t which_lack(const int32_t *free, int32_t gpus)
{
    return which_fit(free, gpus) ^ ALL_FIT;
}

/* The first place at or after k where gpus are free, or, fits = false, where they are not. end, or
 * one whose step begins at before_us or later, where there is none before that. */
static inline uint32_t find_from(const struct profile *p, uint32_t k, int32_t gpus, bool fits,
                                 int64_t before_us)
{
    uint32_t flip = fits ? 0 : ALL_FIT;
    for (; k + AT_ONCE <= p->end && p->from_us[k] < before_us; k += AT_ONCE) {
        uint32_t bits = which_fit(p->free + k, gpus) ^ flip;
        if (bits) return k + (uint32_t)__builtin_ctz(bits);
    }
    while (k < p->end && p->from_us[k] < before_us && (p->free[k] >= gpus) != fits) k++;
    return k;
}

/* The last place before k where gpus are not free; first - 1 where there is none. */
static inline uint32_t find_lack_before(const struct profile *p, uint32_t k, int32_t gpus)
{
    for (;; k -= AT_ONCE) {
        uint32_t lack = which_lack(p->free + k - AT_ONCE, gpus);
        if (lack) return k - AT_ONCE + 31 - (uint32_t)__builtin_clz(lack);
    }
}

/* ---- steps by time ---- */

/* The first place whose step begins at time_us or later; end where there is none. Halving without a
 * branch: which half it is cannot be guessed. */
static uint32_t place_from(const struct profile *p, int64_t time_us)
{
    const int64_t *from = p->from_us + p->first;
    uint32_t n = p->end - p->first;
    for (uint32_t half; n > 1; n -= half) {
        half = n / 2;
        from += from[half - 1] < time_us ? half : 0;
    }
    return (uint32_t)(from - p->from_us) + (*from < time_us);
}

/* The last place whose step holds at time_us, which is not before the first. */
static uint32_t place_at(const struct profile *p, int64_t time_us)
{
    return time_us == INT64_MAX ? p->end - 1 : place_from(p, time_us + 1) - 1;
}

/* ---- memory ---- */

static bool places_room(struct profile *p, uint32_t n)
{
    if (n <= p->capacity) return true;
    uint32_t capacity = n + n / 2;
    int64_t *from_us = realloc(p->from_us, capacity * sizeof *from_us);
    if (from_us) p->from_us = from_us;
    int32_t *free = realloc(p->free, capacity * sizeof *free);
    if (free) p->free = free;
    uint32_t *name = realloc(p->name, capacity * sizeof *name);
    if (name) p->name = name;
    if (!from_us || !free || !name) return false;
    /* Places without a step are looked at, too, beside those that have one. */
    memset(free + p->capacity, 0, (capacity - p->capacity) * sizeof *free);
    p->capacity = capacity;
    return true;
}

static bool names_room(struct profile *p, uint32_t more)
{
    if (p->spare_n + (p->name_capacity - p->name_n) >= more) return true;
    uint32_t capacity = 2 * (p->name_n + more);
    uint32_t *place = realloc(p->place, capacity * sizeof *place);
    if (place) p->place = place;
    uint32_t *kept = realloc(p->kept, capacity * sizeof *kept);
    if (kept) p->kept = kept;
    uint32_t *spare = realloc(p->spare, capacity * sizeof *spare);
    if (spare) p->spare = spare;
    if (!place || !kept || !spare) return false;
    p->name_capacity = capacity;
    return true;
}

static uint32_t name_take(struct profile *p)
{
    uint32_t name = p->spare_n ? p->spare[--p->spare_n] : p->name_n++;
    p->kept[name] = 0;
    return name;
}

/* ---- places ---- */

static inline void put(struct profile *p, uint32_t k, int64_t from_us, int32_t free, uint32_t name)
{
    p->from_us[k] = from_us;
    p->free[k] = free;
    p->name[k] = name;
    p->place[name] = k;
}

static inline void move(struct profile *p, uint32_t from, uint32_t to)
{
    put(p, to, p->from_us[from], p->free[from], p->name[from]);
}

static inline bool says_nothing(const struct profile *p, uint32_t k)
{
    return p->free[k] == p->free[k - 1] && p->kept[p->name[k]] == 0;
}

static void set_first(struct profile *p, uint32_t first)
{
    p->first = first;
    p->from_us[first - 1] = INT64_MIN;
    p->free[first - 1] = INT32_MIN;
}

/* Lays all steps out anew, without those that say nothing but for one after every fourth. */
static bool lay_out(struct profile *p)
{
    uint32_t n = 1, first = AHEAD + NEAR;
    for (uint32_t k = p->first + 1; k < p->end; k++) n += !says_nothing(p, k);
    if (!places_room(p, first + 2 * n + 2 * NEAR) || !names_room(p, n / GAP_EVERY)) return false;
    /* All to the front, and from there, the last ones first, to where they belong. */
    uint32_t to = AHEAD;
    for (uint32_t k = p->first; k < p->end; k++) {
        if (k > p->first && says_nothing(p, k)) p->spare[p->spare_n++] = p->name[k];
        else move(p, k, to++);
    }
    p->end = first + n + n / GAP_EVERY;
    for (uint32_t i = n; i-- > 0;) {
        uint32_t k = first + i + i / GAP_EVERY;
        if (i % GAP_EVERY == GAP_EVERY - 1)
            put(p, k + 1, p->from_us[AHEAD + i], p->free[AHEAD + i], name_take(p));
        move(p, AHEAD + i, k);
    }
    set_first(p, first);
    p->toil = 0;
    return true;
}

/* A step that begins at time_us is to lie in front of place k, and says what the one before it
 * says; its place. UINT32_MAX: no memory. */
static uint32_t insert(struct profile *p, uint32_t k, int64_t time_us)
{
    if (p->toil > TOIL_MOST * (uint64_t)(p->end - p->first)) {
        int64_t before_us = p->from_us[k - 1];
        if (!lay_out(p)) return UINT32_MAX;
        k = place_at(p, before_us) + 1;
    }
    if (!names_room(p, 1)) return UINT32_MAX;
    int32_t free = p->free[k - 1];
    for (uint32_t near = 0; near < NEAR; near++) {
        uint32_t right = k + near, left = k - 1 - near, n = k - p->first;
        bool is_end = right == p->end && right < p->capacity;
        if (is_end || (right < p->end && says_nothing(p, right))) {
            uint32_t name = is_end ? name_take(p) : p->name[right];
            p->end += is_end;
            for (; right > k; right--) move(p, right - 1, right);
            put(p, k, time_us, free, name);
            p->toil += near;
            return k;
        }
        bool is_front = near == n && p->first > AHEAD;
        if (is_front || (near + 1 < n && says_nothing(p, left))) {
            uint32_t name = is_front ? name_take(p) : p->name[left];
            if (is_front) set_first(p, left);
            for (; left + 1 < k; left++) move(p, left + 1, left);
            put(p, k - 1, time_us, free, name);
            p->toil += near;
            return k - 1;
        }
    }
    p->toil = UINT64_MAX;
    return insert(p, k, time_us);
}

uint32_t profile_keep(struct profile *p, int64_t time_us)
{
    uint32_t k = place_from(p, time_us);
    if (k == p->end || p->from_us[k] != time_us) k = insert(p, k, time_us);
    if (k == UINT32_MAX) return PROFILE_NO_ANCHOR;
    p->kept[p->name[k]]++;
    return p->name[k];
}

void profile_let_go(struct profile *p, uint32_t anchor)
{
    if (--p->kept[anchor] == 0 && p->place[anchor] == PAST) p->spare[p->spare_n++] = anchor;
}

/* ---- changes ---- */

bool profile_hold(struct profile *p, int64_t from_us, int64_t to_us, int64_t gpus, uint32_t *from,
                  uint32_t *to)
{
    *from = profile_keep(p, from_us);
    if (*from == PROFILE_NO_ANCHOR) return false;
    *to = profile_keep(p, to_us);
    if (*to == PROFILE_NO_ANCHOR) {
        profile_let_go(p, *from);
        return false;
    }
    uint32_t end = to_us < INT64_MAX ? p->place[*to] : p->end;
    for (uint32_t k = p->place[*from]; k < end; k++) p->free[k] -= (int32_t)gpus;
    return true;
}

bool profile_add(struct profile *p, int64_t from_us, int64_t to_us, int64_t gpus)
{
    uint32_t from, to;
    if (from_us >= to_us || gpus == 0) return true;
    if (!profile_hold(p, from_us, to_us, -gpus, &from, &to)) return false;
    profile_let_go(p, from);
    profile_let_go(p, to);
    return true;
}

/* Takes gpus of the last of the FEW steps from free on, of as many as have them; how many. */
enum { FEW = 8 };
static inline uint32_t take_last(int32_t *free, int32_t gpus)
{
    static const int32_t taken[2 * FEW] = { [FEW] = -1, -1, -1, -1, -1, -1, -1, -1 };
#ifdef __SSE2__
    __m128i *v = (__m128i *)free, want = _mm_set1_epi32(gpus);
    __m128i a = _mm_loadu_si128(v), b = _mm_loadu_si128(v + 1);
    __m128i lacks = _mm_packs_epi32(_mm_cmplt_epi32(a, want), _mm_cmplt_epi32(b, want));
    uint32_t lack = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(lacks, lacks)) & 0xff;
    uint32_t n = (uint32_t)__builtin_clz(lack << 24 | 1U << 23);
    const __m128i *t = (const __m128i *)(taken + n);
    _mm_storeu_si128(v, _mm_sub_epi32(a, _mm_and_si128(_mm_loadu_si128(t), want)));
    _mm_storeu_si128(v + 1, _mm_sub_epi32(b, _mm_and_si128(_mm_loadu_si128(t + 1), want)));
#else
    uint32_t n = 0;
    while (n < FEW && free[FEW - 1 - n] >= gpus) n++;
    for (uint32_t i = 0; i < FEW; i++) free[i] -= taken[n + i] & gpus;
#endif
    return n;
}

uint32_t profile_take_back(struct profile *p, uint32_t anchor, int32_t gpus)
{
    uint32_t k = p->place[anchor], n;
    do {
        n = take_last(p->free + k - FEW, gpus);
        k -= n;
    } while (n == FEW);
    p->kept[anchor]--;
    p->kept[p->name[k]]++;
    return p->name[k];
}

bool profile_move_back(struct profile *p, uint32_t *anchor, int64_t from_us, int32_t gpus,
                       struct change *change)
{
    uint32_t name = *anchor, end = p->place[name], k = end;
    int32_t least = INT32_MAX, most = INT32_MIN;
    while (p->from_us[k - 1] >= from_us) k--;
    if (p->from_us[k] > from_us) {
        if (p->kept[name] == 1 && p->free[end] == p->free[end - 1] + gpus) {
            /* The step at the end will say nothing. It is moved. */
            for (uint32_t i = end; i > k; i--) move(p, i - 1, i);
            put(p, k, from_us, p->free[k - 1], name);
            end++;
        } else {
            k = insert(p, k, from_us);
            if (k == UINT32_MAX) return false;
            end = p->place[name];
        }
    }
    for (uint32_t i = k; i < end; i++) {
        int32_t free = p->free[i];
        if (free < least) least = free;
        if (free > most) most = free;
        p->free[i] = free + gpus;
    }
    *change = (struct change){ k, end, least, most + gpus };
    p->kept[name]--;
    *anchor = p->name[k];
    p->kept[*anchor]++;
    return true;
}

/* ---- questions ---- */

/* How far a search goes at once, in places. */
enum { STRIDE = 16, STRIDE_MAX = 512 };

/* A lack of gpus at a place after k, of a step that begins before before_us: the last one within
 * *stride, which is fitted to that. k: none there. */
static inline uint32_t lack_within(const struct profile *p, uint32_t k, int64_t before_us,
                                   int32_t gpus, uint32_t *stride)
{
    uint32_t n = *stride;
    while (n > 0 && (k + n >= p->end || p->from_us[k + n] >= before_us)) n /= 2;
    *stride = n < STRIDE ? STRIDE : n > STRIDE_MAX / 2 ? STRIDE_MAX : 2 * n;
    if (n == 0) return k;
    uint32_t lack = find_lack_before(p, k + n + 1, gpus);
    return lack > k ? lack : k;
}

static int64_t find_hole(const struct profile *p, uint32_t k, struct hole *h)
{
    int32_t gpus = (int32_t)h->gpus;
    int64_t shortest_us = h->shortest_us > 0 ? h->shortest_us : h->length_us;
    uint32_t stride = STRIDE;
    h->longest_us = shortest_us - 1;
    for (;;) {
        k = find_from(p, k, gpus, true, h->before_us);
        if (k == p->end || p->from_us[k] >= h->before_us) return h->before_us;
        int64_t start = p->from_us[k] > h->from_us ? p->from_us[k] : h->from_us;
        start = profile_on_grid(start, h->grid_us);
        if (start >= h->before_us) return h->before_us;
        int64_t end = start < INT64_MAX - h->length_us ? start + h->length_us : INT64_MAX;
        if (h->own_us > 0 && h->own_us < end) end = h->own_us;
        int64_t least = shortest_us < end - start ? start + shortest_us : end;
        uint32_t lack = lack_within(p, k, least, gpus, &stride);
        if (lack == k) {
            lack = find_from(p, k + 1, gpus, false, end);
            if (lack == p->end || p->from_us[lack] >= end) return start;
            if (p->from_us[lack] - start > h->longest_us) h->longest_us = p->from_us[lack] - start;
        }
        k = lack + 1;
        if (k == p->end) return h->before_us;
    }
}

int64_t profile_find(const struct profile *p, struct hole *h)
{
    if (h->from_us < h->before_us) return find_hole(p, place_at(p, h->from_us), h);
    h->longest_us = h->shortest_us > 0 ? h->shortest_us - 1 : h->length_us - 1;
    return h->before_us;
}

struct change profile_change(const struct profile *p, int64_t from_us, int64_t to_us)
{
    return (struct change){ place_at(p, from_us), place_from(p, to_us), INT32_MIN, INT32_MAX };
}

int64_t profile_since_at(const struct profile *p, uint32_t k, int64_t gpus)
{
    return p->from_us[find_lack_before(p, k, (int32_t)gpus) + 1];
}

bool profile_stretches(const struct profile *p, const struct change *change, int64_t gpus,
                       int64_t before_us, struct stretches *found)
{
    int64_t to_us = change->to < p->end ? p->from_us[change->to] : INT64_MAX;
    uint32_t k = find_from(p, change->from, (int32_t)gpus, true, to_us);
    if (k >= change->to) return false;
    found->since_us = profile_since_at(p, k, gpus);
    k = find_from(p, change->to, (int32_t)gpus, false, before_us);
    found->until_us = k < p->end ? p->from_us[k] : INT64_MAX;
    return true;
}

int64_t profile_free_at(const struct profile *p, int64_t time_us)
{
    return p->free[place_at(p, time_us)];
}

int64_t profile_lack(const struct profile *p, int64_t from_us, int64_t *until_us)
{
    uint32_t k = find_from(p, place_at(p, from_us), 0, false, INT64_MAX), next = k + 1;
    if (k == p->end) return INT64_MAX;
    while (next < p->end && p->free[next] == p->free[k]) next++;
    *until_us = next < p->end ? p->from_us[next] : INT64_MAX;
    return p->from_us[k] > from_us ? p->from_us[k] : from_us;
}

void profile_advance(struct profile *p, int64_t now_us)
{
    uint32_t now = place_at(p, now_us);
    for (uint32_t k = p->first; k < now; k++) {
        uint32_t name = p->name[k];
        p->place[name] = PAST;
        if (p->kept[name] == 0) p->spare[p->spare_n++] = name;
    }
    set_first(p, now);
    p->from_us[now] = now_us;
}

/* ---- life ---- */

bool profile_init(struct profile *p, int64_t gpus)
{
    memset(p, 0, sizeof *p);
    if (!places_room(p, AHEAD + 2 * NEAR) || !names_room(p, NEAR)) return false;
    for (uint32_t k = 0; k < AHEAD; k++) p->free[k] = INT32_MIN;
    p->end = AHEAD + NEAR + 1;
    put(p, AHEAD + NEAR, INT64_MIN, (int32_t)gpus, name_take(p));
    set_first(p, AHEAD + NEAR);
    return true;
}

bool profile_copy(struct profile *p, const struct profile *from)
{
    uint32_t named = from->name_n > 0 ? from->name_n : 1;
    p->name_n = p->spare_n = 0;
    if (!places_room(p, from->end + NEAR) || !names_room(p, named)) return false;
    uint32_t first = from->first - 1, n = from->end - first;
    memcpy(p->from_us + first, from->from_us + first, n * sizeof *p->from_us);
    memcpy(p->free + first, from->free + first, n * sizeof *p->free);
    memcpy(p->name + first, from->name + first, n * sizeof *p->name);
    memcpy(p->place, from->place, from->name_n * sizeof *p->place);
    memcpy(p->kept, from->kept, from->name_n * sizeof *p->kept);
    memcpy(p->spare, from->spare, from->spare_n * sizeof *p->spare);
    p->first = from->first;
    p->end = from->end;
    p->toil = from->toil;
    p->name_n = from->name_n;
    p->spare_n = from->spare_n;
    return true;
}

void profile_free(struct profile *p)
{
    free(p->from_us);
    free(p->free);
    free(p->name);
    free(p->place);
    free(p->kept);
    free(p->spare);
    memset(p, 0, sizeof *p);
}
