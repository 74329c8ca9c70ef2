/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/condition.h"

#include <math.h>

const char *const condition_relations[CONDITION_RELATION_N] = { ">", ">=", "<", "<=" };
const char *const condition_answers[] = { "holds", "does not hold", "cannot tell" };

static bool is_beyond(enum condition_relation relation, double x, double limit)
{
    switch (relation) {
    case CONDITION_ABOVE: return x > limit;
    case CONDITION_AT_LEAST: return x >= limit;
    case CONDITION_BELOW: return x < limit;
    case CONDITION_AT_MOST:
    case CONDITION_RELATION_N: break;
    }
    return x <= limit;
}

/* More than nothing is beyond any share of it. */
static double of_nothing(double x) { return x > 0 ? INFINITY : x < 0 ? -INFINITY : x; }

static struct condition_finding limited(const struct condition *c, const struct contrast_figure *f)
{
    const struct difference *d = &f->difference;
    struct condition_finding found = { CONDITION_CANNOT_TELL, NAN, NAN, NAN };
    switch (c->of) {
    case CONDITION_VALUE:
        found.value = f->value.mean;
        found.low = f->value.mean - f->value.half;
        found.high = f->value.mean + f->value.half;
        break;
    case CONDITION_DIFFERENCE:
        found.value = d->mean;
        found.low = d->mean - d->half;
        found.high = d->mean + d->half;
        break;
    case CONDITION_RELATIVE:
        found.value = d->relative;
        found.low = d->relative_low;
        found.high = d->relative_high;
        break;
    }
    if (c->of == CONDITION_RELATIVE && d->a == 0) {
        found.value = of_nothing(d->mean);
        found.low = of_nothing(d->mean - d->half);
        found.high = of_nothing(d->mean + d->half);
    }
    return found;
}

/* One observation of the side or, where it is compared, of either. */
static bool is_single(const struct condition *c, const struct contrast *of)
{
    const struct report_data *a = of->reference->data, *b = of->side->data;
    int32_t n = a->replications / (a->antithetic ? 2 : 1),
            m = b->replications / (b->antithetic ? 2 : 1);
    return m == 1 || (n == 1 && (of->paired || c->of != CONDITION_VALUE));
}

struct condition_finding condition_ask(const struct condition *c, const struct contrasts *all,
                                       const struct contrast *of)
{
    struct condition_finding found = limited(c, contrast_figure(all, of, c->metric));
    double low = found.low, high = found.high;
    if (isnan(found.value)) return found;
    if (isnan(low) && is_single(c, of)) low = high = found.value;
    if (isnan(low)) return found;
    bool first = is_beyond(c->relation, low, c->limit),
         last = is_beyond(c->relation, high, c->limit);
    found.answer = first && last     ? CONDITION_HOLDS
                   : !first && !last ? CONDITION_DOES_NOT
                                     : CONDITION_CANNOT_TELL;
    return found;
}

bool condition_fails(const struct conditions *all, const struct condition_finding *found)
{
    return found->answer == CONDITION_HOLDS ||
           (all->unless_sure && found->answer == CONDITION_CANNOT_TELL);
}

bool conditions_fail(const struct conditions *all, const struct contrasts *contrasts)
{
    for (size_t i = 0; i < all->n; i++)
        for (size_t c = 0; c < contrasts->n; c++) {
            struct condition_finding found =
                condition_ask(&all->list[i], contrasts, &contrasts->list[c]);
            if (condition_fails(all, &found)) return true;
        }
    return false;
}
