/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan decides, in a sentence. */
#include <math.h>
#include <string.h>

#include "reports/chart.h"
#include "reports/format.h"
#include "reports/plan_parts.h"

const char *plan_role(const struct plan_data *d, int32_t fleet)
{
    if (fleet == d->pick) return fleet == d->today ? "plan, and today" : "plan";
    if (fleet == d->today) return "today";
    if (fleet == d->next) return "runner-up";
    if (fleet == d->fewer) return "fewer nodes";
    return d->fleets[fleet].on_frontier ? "frontier" : "";
}

bool plan_is_clear(const struct mean_interval *by)
{
    return fabs(by->mean) > (isnan(by->half) ? 0 : by->half);
}

/* As long as a heading bears; a fleet that varies is not told by its name alone. */
static const char *title_of(const struct plan_data *d)
{
    const struct planned_fleet *pick = &d->fleets[d->pick];
    bool has_own_name = strcmp(pick->name, d->fleets[d->today].name) != 0;
    return has_own_name && strlen(pick->name) <= 40 ? pick->name : "The plan";
}

static char *cheapest(const struct plan_data *d)
{
    const struct planned_fleet *pick = &d->fleets[d->pick], *today = &d->fleets[d->today];
    const struct mean_interval *by = &d->from_today.cost_share;
    if (!plan_is_clear(by))
        return chart_text("%s costs %s a month, not clearly other than today\u2019s %s",
                          title_of(d), format_usd(pick->cost.mean).s,
                          format_usd(today->cost.mean).s);
    struct format_text share = format_percent_interval(fabs(by->mean), by->half);
    if (by->mean > 0)
        return chart_text("%s costs %s more than today: %s a month instead of %s", title_of(d),
                          share.s, format_usd(pick->cost.mean).s, format_usd(today->cost.mean).s);
    return chart_text("%s saves %s: %s a month instead of %s", title_of(d), share.s,
                      format_usd(pick->cost.mean).s, format_usd(today->cost.mean).s);
}

/* The change of a wait, or that there is none to be seen. */
static char *fastest(const struct plan_data *d)
{
    const struct planned_fleet *pick = &d->fleets[d->pick], *today = &d->fleets[d->today];
    if (!plan_is_clear(&d->from_today.wait))
        return chart_text("%s has a p95 wait of %s, not clearly other than today\u2019s %s",
                          title_of(d), format_duration(pick->wait.mean).s,
                          format_duration(today->wait.mean).s);
    return chart_text("%s has a p95 wait of %s instead of %s, at %s a month", title_of(d),
                      format_duration(pick->wait.mean).s, format_duration(today->wait.mean).s,
                      format_usd(pick->cost.mean).s);
}

char *plan_answer(const struct plan_data *d)
{
    if (d->pick < 0)
        return chart_text("None of %s fleets surely meets %s", format_count((double)d->space).s,
                          d->target_n == 1 ? "the target" : "every target");
    if (d->pick == d->today)
        return chart_text("Today\u2019s fleet is the %s that surely meets %s: %s a month",
                          d->is_fastest ? "fastest" : "cheapest",
                          d->target_n == 1 ? "the target" : "every target",
                          format_usd(d->fleets[d->pick].cost.mean).s);
    return d->is_fastest ? fastest(d) : cheapest(d);
}
