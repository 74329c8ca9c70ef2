/* SPDX-License-Identifier: Apache-2.0 */
/* Options that say which nodes a job may have, beside its placement. */
#include "scenarios/loading.h"

void resolve_nodes(struct loading *l, const struct raw_scheduler *raw, struct scheduler_spec *spec)
{
    spec->remainder = (enum remainder_rule)value_or(&raw->remainder, REMAINDER_PLACEMENT);
    if (raw->remainder.state != VALUE_ABSENT && spec->gang != GANG_FEWEST_NODES)
        loading_complain(l, raw->remainder.at, NULL, "gang: fewest-nodes asks for one",
                         "'remainder' says nothing here: 'gang: %s' %s", gangs[spec->gang].name,
                         gang_knows_racks(spec->gang) ? "places it by rack" : "leaves none");
}
