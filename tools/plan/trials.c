/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/trials.h"

#include <stdlib.h>
#include <string.h>

#include "tools/command.h"

/* Whether it is one of the space that meets the targets, and no other by another name. Of those
 * that differ in commitments alone the best one will do; of the plan's own, two more. */
static bool is_rival(const struct trials *t, const struct plan_candidate *c)
{
    int alike = 0;
    if (c->point < 0 || !c->is_simulated || c->all != PLAN_MEETS) return false;
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->of[i]->identity, c->identity) == 0) return false;
        alike += strcmp(t->of[i]->usage, c->usage) == 0;
    }
    return alike == 0 || (alike < 3 && strcmp(t->of[0]->usage, c->usage) == 0);
}

static enum status load(struct trials *t, const struct plan_candidate *c, struct error *err)
{
    enum status status =
        sweep_load_point(t->plan->sweep, c->point, &t->scenarios[t->n], t->plan->diagnostics, err);
    if (!status) t->of[t->n++] = c;
    return status;
}

static bool is_of_new_mix(const struct trials *t, const struct plan_candidate *c)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->of[i]->mix, c->mix) == 0) return false;
    return true;
}

/* The best rivals, until there are n. */
static enum status add_rivals(struct trials *t, size_t n, bool of_new_mix, struct error *err)
{
    struct plan *plan = t->plan;
    enum status status = STATUS_OK;
    while (!status && t->n < n) {
        const struct plan_candidate *next = NULL;
        for (size_t i = 0; i < plan->n; i++)
            if (is_rival(t, plan->seen[i]) && (!of_new_mix || is_of_new_mix(t, plan->seen[i])) &&
                (!next || candidate_is_better(plan, plan->seen[i], next)))
                next = plan->seen[i];
        if (!next) break;
        status = load(t, next, err);
    }
    return status;
}

/* One of each other mix of instances comes first: what wins at other prices is among them. */
enum status trials_init(struct trials *t, struct plan *plan, struct error *err)
{
    *t = (struct trials){ .plan = plan };
    enum status status = load(t, plan->best, err);
    if (!status) status = add_rivals(t, TRIALS_MAX - 3, true, err);
    return status ? status : add_rivals(t, TRIALS_MAX, false, err);
}

static void forget(struct trials *t)
{
    for (size_t i = 0; i < t->made_n; i++) candidate_free(t->made[i].as);
    t->made_n = 0;
}

void trials_free(struct trials *t)
{
    forget(t);
    free(t->made);
    for (size_t i = 0; i < t->n; i++) scenario_free(&t->scenarios[i]);
    memset(t, 0, sizeof *t);
}

void trials_begin(struct trials *t, enum plan_lever lever, const char *subject)
{
    forget(t);
    t->lever = lever;
    t->subject = subject;
}

const struct fleet_spec *trials_fleet(const struct trials *t, size_t who)
{
    return &t->scenarios[who].fleets[t->of[who]->fleet];
}

bool trials_touches(const struct trials *t, size_t who)
{
    return twist_touches(t->lever, t->subject, trials_fleet(t, who));
}

static enum status make_room(struct trials *t, struct error *err)
{
    if (t->made_n < t->capacity) return STATUS_OK;
    size_t capacity = t->capacity ? 2 * t->capacity : 32;
    struct trial *more = realloc(t->made, capacity * sizeof *more);
    if (!more) return error_set(err, STATUS_NO_MEMORY, "no memory for what would change a plan");
    t->made = more;
    t->capacity = capacity;
    return STATUS_OK;
}

enum status trials_at(struct trials *t, size_t who, double factor, const struct plan_candidate **as,
                      struct error *err)
{
    const struct plan_twist twist = { t->lever, t->subject, factor };
    *as = t->of[who];
    if (factor == 1 || !trials_touches(t, who)) return STATUS_OK;
    for (size_t i = 0; i < t->made_n; i++)
        if (t->made[i].who == who && t->made[i].factor == factor) {
            *as = t->made[i].as;
            return STATUS_OK;
        }
    enum status status = make_room(t, err);
    if (status) return status;
    struct trial *made = &t->made[t->made_n++];
    *made = (struct trial){ who, factor, NULL };
    status = candidate_try(t->plan, t->of[who], &twist, &made->as, err);
    *as = made->as;
    progress_set((double)t->plan->replications);
    return status;
}
