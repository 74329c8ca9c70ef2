/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/from_today.h"

enum status plan_from_today(const struct plan *p, struct change_list *list, struct error *err)
{
    struct scenario today, best;
    *list = (struct change_list){ 0, 0, NULL };
    if (!p->best) return STATUS_OK;
    enum status status = sweep_load_point(p->sweep, -1, &today, p->diagnostics, err);
    if (status) return status;
    status = sweep_load_point(p->sweep, p->best->point, &best, p->diagnostics, err);
    if (!status) {
        status = change_list_make(&today.fleets[today.baseline], &best.fleets[p->best->fleet], list,
                                  err);
        scenario_free(&best);
    }
    scenario_free(&today);
    return status;
}
