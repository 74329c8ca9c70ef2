/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must not be, for a job of CI that guards a fleet: "cost > +5%", "p95_wait > 2 h".
 *
 * A condition limits a figure itself, or how far it lies from the reference: in its unit, or as a
 * share of the reference. It holds where the whole 95 % interval lies beyond the limit, does not
 * where none of it does, and cannot be told where the limit lies inside. With one replication there
 * is no interval and the figure decides, as it does for targets (estimate_verdict).
 */
#ifndef REPORTS_CONDITION_H
#define REPORTS_CONDITION_H

#include "reports/contrast.h"

enum condition_relation {
    CONDITION_ABOVE,
    CONDITION_AT_LEAST,
    CONDITION_BELOW,
    CONDITION_AT_MOST,
    CONDITION_RELATION_N
};
/* ">", ">=", "<", "<=" */
extern const char *const condition_relations[CONDITION_RELATION_N];

enum condition_of { CONDITION_VALUE, CONDITION_DIFFERENCE, CONDITION_RELATIVE };

struct condition {
    const char *text; /* as written; the caller's */
    int metric;
    enum condition_relation relation;
    enum condition_of of;
    double limit; /* in the metric's unit; RELATIVE: a share of the reference */
};

enum condition_answer { CONDITION_HOLDS, CONDITION_DOES_NOT, CONDITION_CANNOT_TELL };
/* "holds", "does not hold", "cannot tell" */
extern const char *const condition_answers[];

struct condition_finding {
    enum condition_answer answer;
    double value, low, high; /* what was limited, and its interval: NAN where there is none */
};

/* The condition's metric is one of contrasts->metrics. */
struct condition_finding condition_ask(const struct condition *condition,
                                       const struct contrasts *contrasts,
                                       const struct contrast *contrast);

/* All that is asked, of all contrasts. */
struct conditions {
    size_t n;
    const struct condition *list;
    bool unless_sure; /* what cannot be told fails, too */
};
bool condition_fails(const struct conditions *conditions, const struct condition_finding *finding);
bool conditions_fail(const struct conditions *conditions, const struct contrasts *contrasts);

#endif
