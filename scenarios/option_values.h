/* SPDX-License-Identifier: Apache-2.0 */
/* The small print of a scheduler that is not the default, as keys and values: for identities and
 * summaries. And of pools whose nodes fail. */
#ifndef SCENARIOS_OPTION_VALUES_H
#define SCENARIOS_OPTION_VALUES_H

#include <stddef.h>

#include "models/reliability/failures.h"
#include "models/reliability/supply_spec.h"
#include "models/scheduling/policy.h"

struct option_value {
    const char *key;                    /* "cycle", as the scenario says it */
    const char *json_key;               /* "cycle_us", with the unit of number */
    const char *word;                   /* the choice; NULL where the value is a number */
    int64_t number;                     /* of numbers: how many */
    const struct named_number *numbers; /* NULL where the value is one thing. Borrowed, as these: */
    const struct speedup_curve *curves; /* NULL where it is none of them */
    const struct limit_options *limits; /* likewise */
    char text[400];                     /* the value for a person: "30 s" */
};

/* Option i of those that are not the default; false past the last. */
bool option_value_at(const struct scheduler_spec *spec, size_t i, struct option_value *value);

/* ", jobs fail every 30 days, nodes fail every 45 days, and by a GPU every 90 days, for 4 h in the
 * median"; "" where they do not. At most 400 bytes are needed. */
void failures_write(const struct failure_spec *failures, char *text, size_t size);
/* ", taken back every 6 h for 20 min"; "" where all can always be had. At most 300 bytes. */
void supply_write(const struct supply_spec *supply, char *text, size_t size);

#endif
