/* SPDX-License-Identifier: Apache-2.0 */
/* How fast one GPU model is against another: chains of measured pairs (see pricebook.h). */
#include <stdlib.h>
#include <string.h>

#include "scenarios/pricebook.h"
#include "sim/random.h"

/*
 * The factors as a graph: a model is a node, a row an edge between two. Each node has a list of its
 * edges in the order of the table: edge 2i is row i seen from its GPU, 2i + 1 from its baseline.
 */
enum { NO_EDGE = UINT32_MAX };

enum status factor_graph_build(struct pricebook *book, struct error *err)
{
    struct factor_graph *g = &book->graph;
    size_t rows = book->n[PRICEBOOK_PERFORMANCE];
    if (names_init(&g->models) != STATUS_OK) goto no_memory;
    for (size_t i = 0; i < rows; i++) {
        struct factor_row *f = &book->factors[i];
        f->node[0] = names_add(&g->models, f->gpu, strlen(f->gpu));
        f->node[1] = names_add(&g->models, f->baseline, strlen(f->baseline));
        if (f->node[0] == UINT32_MAX || f->node[1] == UINT32_MAX) goto no_memory;
    }
    g->first = malloc(g->models.n * sizeof *g->first);
    g->next = malloc((2 * rows + 1) * sizeof *g->next);
    if (!g->first || !g->next) goto no_memory;
    for (uint32_t k = 0; k < g->models.n; k++) g->first[k] = NO_EDGE;
    for (uint32_t edge = (uint32_t)(2 * rows); edge-- > 0;) { /* backwards: lists in order */
        uint32_t node = book->factors[edge / 2].node[edge % 2];
        g->next[edge] = g->first[node];
        g->first[node] = edge;
    }
    return STATUS_OK;
no_memory:
    return error_set(err, STATUS_NO_MEMORY, "no memory for performance factors");
}

void factor_graph_free(struct factor_graph *graph)
{
    names_free(&graph->models);
    free(graph->first);
    free(graph->next);
}

enum match { MATCH_CLASS, MATCH_ALL, MATCH_ANY };

static bool class_matches(const struct factor_row *f, enum match match, const char *class_)
{
    return match == MATCH_ANY || strcmp(f->class_, match == MATCH_CLASS ? class_ : "all") == 0;
}

/* Speed of gpu over baseline, two nodes, from the rows of this pair in this direction. */
static bool pair_speed(const struct pricebook *book, const char *class_, uint32_t gpu,
                       uint32_t baseline, double *speed)
{
    const struct factor_graph *g = &book->graph;
    for (enum match match = MATCH_CLASS; match <= MATCH_ANY; match++) {
        int32_t file = -1, gpus = 0, n = 0;
        double product_log = 0, only = 1;
        for (uint32_t edge = g->first[gpu]; edge != NO_EDGE; edge = g->next[edge]) {
            const struct factor_row *f = &book->factors[edge / 2];
            if (edge % 2 || f->node[1] != baseline || !class_matches(f, match, class_)) continue;
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

/* Breadth first over pairs in either direction: fewest pairs, ties by table order. from[k] becomes
 * the node before k on the way from `start`; UINT32_MAX where there is no way. */
static void search(const struct pricebook *book, uint32_t start, uint32_t goal, uint32_t *from,
                   uint32_t *queue)
{
    const struct factor_graph *g = &book->graph;
    size_t head = 0, tail = 0;
    for (uint32_t k = 0; k < g->models.n; k++) from[k] = UINT32_MAX;
    from[start] = start;
    queue[tail++] = start;
    while (head < tail && from[goal] == UINT32_MAX) {
        uint32_t at = queue[head++];
        for (uint32_t edge = g->first[at]; edge != NO_EDGE; edge = g->next[edge]) {
            uint32_t other = book->factors[edge / 2].node[1 - edge % 2];
            if (from[other] != UINT32_MAX) continue;
            from[other] = at;
            queue[tail++] = other;
        }
    }
}

bool pricebook_speed(const struct pricebook *book, const char *class_, const char *gpu,
                     const char *baseline, double *speed)
{
    const struct names *models = &book->graph.models;
    *speed = 1;
    if (strcmp(gpu, baseline) == 0) return true;
    uint32_t start = names_find(models, baseline, strlen(baseline)),
             goal = names_find(models, gpu, strlen(gpu));
    if (start == UINT32_MAX || goal == UINT32_MAX) return false;
    uint32_t *from = malloc(2 * (size_t)models->n * sizeof *from);
    if (!from) return false;
    search(book, start, goal, from, from + models->n);
    bool found = from[goal] != UINT32_MAX;
    for (uint32_t at = goal; found && at != start; at = from[at]) {
        double pair = 1;
        if (pair_speed(book, class_, at, from[at], &pair)) *speed *= pair;
        else if (pair_speed(book, class_, from[at], at, &pair)) *speed /= pair;
    }
    free(from);
    return found;
}
