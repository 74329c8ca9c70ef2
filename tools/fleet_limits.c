/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fleet_limits.h"

#include <stdlib.h>

enum status fleet_limits_find(const struct scenario *s, const struct workload *w, int32_t fleet,
                              struct fleet_limits *limits, struct error *err)
{
    const struct fleet_spec *of = &s->fleets[fleet];
    int64_t window_us = s->window_us > 0 ? s->window_us : w->submit_us[w->job_n - 1];
    double *speed = NULL;
    enum status status = STATUS_OK;
    *limits = (struct fleet_limits){ .saturation = { 0, 1 } };
    if (!s->replay_recorded) {
        status = scenario_speed(s, w, of, &speed, err);
        if (status == STATUS_OK)
            status = saturation_find(w, of, speed, window_us, &limits->saturation, err);
        free(speed);
    }
    return status == STATUS_OK ? restart_tail_find(w, of, &limits->tail, err) : status;
}

const char *fleet_limits_moment(const struct fleet_limits *limits)
{
    static const char *const moments[] = {
        [TAIL_FINITE] = NULL, [TAIL_NO_VARIANCE] = "variance", [TAIL_NO_MEAN] = "mean"
    };
    return moments[limits->tail.worst];
}
