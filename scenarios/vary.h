/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section `vary` of a scenario: the points of a sweep. A point is the scenario with other
 * values of some keys.
 *
 *      vary:
 *        - fleets.rented.pools.p4d.nodes: 10..40 by 2            a dimension: 16 values
 *        - workload.synth.load: [200 GPUs, 255 GPUs]             another: crossed, 32 points
 *        - {fleets.*.scheduler.order: [fifo, easy],              keys of one entry go together
 *           run.seed: [1, 2]}
 *
 *      vary: {sample: latin-hypercube, points: 200, of: [ ...the same... ]}
 *
 * A path names keys from the top of the file, between dots; an item of a list goes by its `name` or
 * its number from 0; * is every one; a name with a dot stands in double quotes. Values are whatever
 * may stand behind the key. Point p of crossed dimensions has the last one fastest.
 *
 * A vary belongs to the source it was read from: both must be whole when a point is loaded.
 */
#ifndef SCENARIOS_VARY_H
#define SCENARIOS_VARY_H

#include "scenarios/arena.h"
#include "scenarios/source.h"
#include "scenarios/vary_range.h"
#include "scenarios/yaml_tree.h"

enum { VARY_KEYS_MAX = 32, VARY_TEXT_MAX = 200 };
#define VARY_POINTS_MAX UINT64_C(1000000)

enum vary_way { VARY_CROSSED, VARY_RANDOM, VARY_LATIN_HYPERCUBE };

struct vary_key {
    const char *path; /* as written */
    struct place at;
    int node;       /* of the path, in the document */
    int value_node; /* of its values */
    bool is_range;
    struct vary_range range;
    size_t n;         /* values; 0: a range without steps */
    const int *nodes; /* [n], where it is no range */
};

struct vary_dimension {
    size_t first, key_n; /* of the keys */
    uint64_t n;          /* values; 0: of a range without steps */
};

struct vary {
    struct yaml_tree tree; /* of the source, as it stands: what values are shown from */
    struct arena arena;
    enum vary_way way;
    uint64_t point_n; /* 1 where nothing varies */
    uint64_t seed;    /* of what is drawn */
    size_t key_n, dimension_n;
    struct vary_key keys[VARY_KEYS_MAX];
    struct vary_dimension dimensions[VARY_KEYS_MAX];
    const double *shares; /* [point * dimension_n + dimension], where points are drawn */
};

/* Reads the section of a scenario; one without it has one point, itself. STATUS_BAD_INPUT: what is
 * wrong is in diagnostics, and nothing is left to free. More than VARY_POINTS_MAX points are
 * refused, with their number. */
enum status vary_read(struct vary *vary, const struct source *source,
                      struct diagnostics *diagnostics, struct error *err);
void vary_free(struct vary *vary);

/* Sets the values of a point in a tree of the same source. STATUS_BAD_INPUT: a path leads nowhere.
 */
enum status vary_set(const struct vary *vary, uint64_t point, struct yaml_tree *tree,
                     struct diagnostics *diagnostics, struct error *err);
/* The value of a key at a point, for people: as written, of lists and mappings on one line, at most
 * VARY_TEXT_MAX bytes with the zero. Any thread. */
void vary_text(const struct vary *vary, uint64_t point, size_t key, char text[VARY_TEXT_MAX]);

/* For vary_set.c: which value of a key a point has; of a range without steps its share instead. */
struct vary_choice {
    uint64_t i;
    double share;
};
struct vary_choice vary_choice_of(const struct vary *vary, uint64_t point, size_t key);

#endif
