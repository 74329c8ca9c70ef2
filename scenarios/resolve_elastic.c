/* SPDX-License-Identifier: Apache-2.0 */
/* How jobs may be sized, and how fast they are then. */
#include <stdio.h>
#include <string.h>

#include "scenarios/loading.h"
#include "scenarios/units.h"

#define PPM        INT64_C(1000000)
#define GPUS_MAX   INT64_C(1000000)
#define POINT_TEXT "such as 0.8, which is GPUs to that power, or '1.8 on 2 GPUs, 3.1 on 4 GPUs'"

/* "1.8 on 2 GPUs" */
static bool read_point(const char *text, int64_t *ppm, int64_t *gpus)
{
    char speed[64];
    int64_t milli;
    struct unit_problem problem;
    const char *on = strstr(text, " on ");
    if (!on || (size_t)(on - text) >= sizeof speed) return false;
    snprintf(speed, sizeof speed, "%.*s", (int)(on - text), text);
    if (!unit_factor(speed, ppm, &problem) || !unit_gpus(on + 4, &milli, &problem)) return false;
    *gpus = milli / 1000;
    return milli % 1000 == 0;
}

static bool complain_of(struct loading *l, const struct label *label, const char *what)
{
    loading_complain(l, label->value.at, NULL, POINT_TEXT, "the speed-up of '%s' %s",
                     label->key.text, what);
    return false;
}

static bool read_points(struct loading *l, const struct label *label, struct speedup_curve *curve)
{
    const char *at = label->value.text;
    int64_t last_gpus = 1, last_ppm = PPM;
    while (at) {
        char text[128];
        size_t n = strcspn(at, ",");
        int64_t ppm, gpus;
        snprintf(text, sizeof text, "%.*s", (int)(n < sizeof text ? n : sizeof text - 1), at);
        if (!read_point(text + strspn(text, " "), &ppm, &gpus))
            return complain_of(l, label, "must be a power or points");
        if (curve->point_n == SPEEDUP_POINTS_MAX)
            return complain_of(l, label, "has more than 16 points");
        if (gpus <= last_gpus || gpus > GPUS_MAX)
            return complain_of(l, label, "must go from 2 GPUs or more to ever more of them");
        if (ppm < last_ppm || ppm > GPUS_MAX * PPM)
            return complain_of(l, label, "must not fall: it is 1 on 1 GPU");
        curve->point[curve->point_n].gpus = last_gpus = gpus;
        curve->point[curve->point_n++].ppm = last_ppm = ppm;
        at = at[n] ? at + n + 1 : NULL;
    }
    return true;
}

static void read_curve(struct loading *l, const struct label *label, struct speedup_curve *curve)
{
    struct unit_problem problem;
    curve->name = label->key.text;
    if (strstr(label->value.text, " on ")) {
        read_points(l, label, curve);
    } else if (!unit_factor(label->value.text, &curve->exponent_ppm, &problem)) {
        complain_of(l, label, "must be a power or points");
    } else if (curve->exponent_ppm > PPM) {
        complain_of(l, label,
                    "is a power of more than 1: twice the GPUs, and more than twice as fast");
    }
}

enum status resolve_elastic(struct loading *l, const struct raw_scheduler *raw,
                            struct elastic_options *elastic)
{
    enum status status = named_numbers(l, &raw->elastic_min, &elastic->least, &elastic->least_n);
    if (!status) status = named_numbers(l, &raw->elastic_max, &elastic->most, &elastic->most_n);
    if (status || !raw->speedup.items) return status;
    const struct label *labels = raw->speedup.items;
    elastic->curves = arena_zeroed(&l->store->arena, raw->speedup.n + 1, sizeof *elastic->curves);
    if (!elastic->curves) return error_set(l->err, STATUS_NO_MEMORY, "no memory for curves");
    for (size_t i = 0; i < raw->speedup.n; i++)
        if (labels[i].key.state == VALUE_GOOD && labels[i].value.state == VALUE_GOOD)
            read_curve(l, &labels[i], &elastic->curves[elastic->curve_n++]);
    return STATUS_OK;
}
