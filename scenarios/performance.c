/* SPDX-License-Identifier: Apache-2.0 */
/* How fast one GPU model is against another: chains of measured pairs (see pricebook.h). */
#include <stdlib.h>
#include <string.h>

#include "scenarios/pricebook.h"
#include "sim/random.h"

enum match { MATCH_CLASS, MATCH_ALL, MATCH_ANY };

static bool row_matches(const struct factor_row *f, enum match match, const char *class_,
                        const char *gpu, const char *baseline)
{
    if (strcmp(f->gpu, gpu) != 0 || strcmp(f->baseline, baseline) != 0) return false;
    return match == MATCH_ANY || strcmp(f->class_, match == MATCH_CLASS ? class_ : "all") == 0;
}

/* Speed of gpu over baseline from the rows of this pair in this direction. */
static bool pair_speed(const struct pricebook *book, const char *class_, const char *gpu,
                       const char *baseline, double *speed)
{
    for (enum match match = MATCH_CLASS; match <= MATCH_ANY; match++) {
        int32_t file = -1, gpus = 0, n = 0;
        double product_log = 0, only = 1;
        for (size_t i = 0; i < book->n[PRICEBOOK_PERFORMANCE]; i++) {
            const struct factor_row *f = &book->factors[i];
            if (!row_matches(f, match, class_, gpu, baseline)) continue;
            if (f->file < file || (f->file == file && f->gpus > gpus)) continue;
            if (f->file > file || f->gpus < gpus) {
                n = 0;
                product_log = 0;
            }
            file = f->file;
            gpus = f->gpus;
            product_log += random_log(f->factor);
            only = f->factor;
            n++;
        }
        if (n == 0) continue;
        *speed = n == 1 ? only : random_exp(product_log / n);
        return true;
    }
    return false;
}

/* Names of all GPUs in the factors, each once; returns how many. */
static size_t collect(const struct pricebook *book, const char **names)
{
    size_t n = 0;
    for (size_t i = 0; i < 2 * book->n[PRICEBOOK_PERFORMANCE]; i++) {
        const char *name = i % 2 ? book->factors[i / 2].gpu : book->factors[i / 2].baseline;
        size_t k = 0;
        while (k < n && strcmp(names[k], name) != 0) k++;
        if (k == n) names[n++] = name;
    }
    return n;
}

static size_t number_of(const char *const *names, size_t n, const char *name)
{
    size_t k = 0;
    while (k < n && strcmp(names[k], name) != 0) k++;
    return k;
}

bool pricebook_speed(const struct pricebook *book, const char *class_, const char *gpu,
                     const char *baseline, double *speed)
{
    *speed = 1;
    if (strcmp(gpu, baseline) == 0) return true;
    size_t rows = book->n[PRICEBOOK_PERFORMANCE];
    const char **names = calloc(2 * rows + 1, sizeof *names);
    size_t *from = malloc((2 * rows + 1) * sizeof *from),
           *queue = malloc((2 * rows + 1) * sizeof *queue);
    bool found = false;
    if (names && from && queue) {
        /* Breadth first from the baseline over pairs in either direction: fewest pairs, ties by
         * table order. */
        size_t n = collect(book, names), start = number_of(names, n, baseline),
               goal = number_of(names, n, gpu);
        size_t head = 0, tail = 0;
        for (size_t k = 0; k < n; k++) from[k] = n;
        if (start < n && goal < n) {
            from[start] = start;
            queue[tail++] = start;
        }
        while (head < tail && from[goal] == n) {
            size_t at = queue[head++];
            for (size_t i = 0; i < rows; i++) {
                const struct factor_row *f = &book->factors[i];
                const char *other = strcmp(f->gpu, names[at]) == 0        ? f->baseline
                                    : strcmp(f->baseline, names[at]) == 0 ? f->gpu
                                                                          : NULL;
                if (!other) continue;
                size_t next = number_of(names, n, other);
                if (from[next] < n) continue;
                from[next] = at;
                queue[tail++] = next;
            }
        }
        found = start < n && goal < n && from[goal] < n;
        for (size_t at = goal; found && at != start; at = from[at]) {
            double pair = 1;
            if (pair_speed(book, class_, names[at], names[from[at]], &pair)) *speed *= pair;
            else if (pair_speed(book, class_, names[from[at]], names[at], &pair)) *speed /= pair;
        }
    }
    free(names);
    free(from);
    free(queue);
    return found;
}
