/* SPDX-License-Identifier: Apache-2.0 */
/* Inside tools/plan: a search under way. */
#ifndef TOOLS_PLAN_SEARCH_PARTS_H
#define TOOLS_PLAN_SEARCH_PARTS_H

#include "tools/plan/plan.h"

/* Candidates that differ in the number of nodes, which rises, and in what they have committed to.
 * Point first + i * step has number i of nodes, and the least levels of commitments. */
struct line {
    int64_t first, step;
    int64_t n;
    int32_t fleet;
    double bound_usd;               /* no candidate costs less */
    char first_id[65], last_id[65]; /* two lines with the same are one */
    uint32_t levels;                /* bits: which of search.levels the fleet has */
    int32_t mix;                    /* of search.mixes: its instance types */
};

struct level { /* a dimension of vary: how much is committed to */
    int64_t step, n;
};
enum level_by { LEVEL_BY_BOUND, LEVEL_BY_BILL };

struct search {
    struct plan *plan;
    size_t line_n, capacity;
    struct line *lines; /* by their bounds */
    int level_n;
    struct level levels[VARY_KEYS_MAX];
    int32_t mix_n, mix; /* the one that is looked at; -1: all */
    char **mixes;       /* "p4d.24xlarge p5.48xlarge": the pools' types, in their order */
    void *known;        /* a tree of <search.h>: what lines there are */
    struct plan_candidate **found; /* [line_n]: the best of each; NULL */
    enum plan_goal goal;
    double most_wait_s; /* of the mean p95 wait, beside the targets; INFINITY */
    double keep_usd;    /* the second least cost that is known to meet the targets; INFINITY */
    struct error *err;
};

/* levels.c: which dimensions are levels; whether a point has the least of all; and of the points
 * that have other levels than `point`, which has the least, the one whose bill is the least, or its
 * bound: without simulating. */
void search_find_levels(struct search *s);
bool search_is_lowest(const struct search *s, int64_t point);
enum status search_best_levels(struct search *s, const struct line *line, int64_t point,
                               enum level_by by, struct plan_candidate **best);
/* lines.c: whether a path ends so. */
bool search_ends_with(const char *text, const char *end);
/* lines.c: all lines of the points of vary, and how many candidates they have. */
enum status search_find_lines(struct search *s);
/* search.c: the scenario at a point; -1: as it stands. */
enum status search_load(struct search *s, int64_t point, struct scenario *scenario);
/* search.c: the candidate at a point, looked at before or new; it is the plan's. */
enum status search_candidate(struct search *s, int64_t point, int32_t fleet,
                             struct plan_candidate **found);
/* search.c: the best of each line, for a goal and a longest wait. */
enum status search_lines(struct search *s, enum plan_goal goal, double most_wait_s);
/* search.c: the same of the mixes that no line's best is of, dear as they are: what may be better
 * where prices are others. */
enum status search_other_mixes(struct search *s);
/* choice.c: the plan and its runner-up among the best of the lines. */
enum status search_choose(struct search *s);
/* frontier.c: what lies between the cheapest and the fastest. */
enum status search_frontier(struct search *s);

#endif
