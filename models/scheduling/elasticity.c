/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/elasticity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/workload.h"

enum { PPM_ONE = 1000000, GPUS_MAX = 1000000, SIZES = 256 };

struct elastic_class {
    int64_t least_ppm, most_ppm;
    const struct speedup_curve *curve;
    const int64_t *ppm; /* [SIZES] the curve at the sizes that are asked for over and over */
};

struct elasticity {
    struct speedup_curve linear;
    int64_t *ppm;                   /* of the curves that are given, and of this one */
    struct elastic_class classes[]; /* by number */
};

int64_t speedup_ppm(const struct speedup_curve *curve, int64_t gpus)
{
    int64_t from = 1, from_ppm = PPM_ONE;
    if (curve->point_n == 0)
        return curve->exponent_ppm == PPM_ONE
                   ? gpus * PPM_ONE
                   : llround(pow((double)gpus, (double)curve->exponent_ppm / PPM_ONE) * PPM_ONE);
    for (int32_t i = 0; i < curve->point_n; i++) {
        int64_t to = curve->point[i].gpus, to_ppm = curve->point[i].ppm;
        if (gpus <= to) return from_ppm + (to_ppm - from_ppm) * (gpus - from) / (to - from);
        from = to;
        from_ppm = to_ppm;
    }
    return from_ppm;
}

static const struct speedup_curve *curve_of(const struct elastic_options *o, const char *class_,
                                            const struct speedup_curve *otherwise)
{
    const struct speedup_curve *curve = otherwise;
    for (size_t i = 0; i < o->curve_n; i++)
        if (strcmp(o->curves[i].name, "all") == 0) curve = &o->curves[i];
    for (size_t i = 0; i < o->curve_n; i++)
        if (strcmp(o->curves[i].name, class_) == 0) curve = &o->curves[i];
    return curve;
}

static void tabulate(const struct speedup_curve *curve, int64_t *ppm)
{
    for (int64_t gpus = 1; gpus < SIZES; gpus++) ppm[gpus] = speedup_ppm(curve, gpus);
}

struct elasticity *elasticity_new(const struct elastic_options *o, const struct workload *workload)
{
    uint32_t n = workload->classes.n;
    struct elasticity *e = malloc(sizeof *e + n * sizeof e->classes[0]);
    if (!e) return NULL;
    e->linear = (struct speedup_curve){ .name = "all", .exponent_ppm = PPM_ONE };
    e->ppm = calloc((o->curve_n + 1) * SIZES, sizeof *e->ppm);
    if (!e->ppm) {
        free(e);
        return NULL;
    }
    for (size_t i = 0; i < o->curve_n; i++) tabulate(&o->curves[i], e->ppm + i * SIZES);
    tabulate(&e->linear, e->ppm + o->curve_n * SIZES);
    for (uint32_t c = 0; c < n; c++) {
        const char *name = workload->classes.text[c];
        const struct speedup_curve *curve = curve_of(o, name, &e->linear);
        size_t at = curve == &e->linear ? o->curve_n : (size_t)(curve - o->curves);
        e->classes[c] =
            (struct elastic_class){ named_number_of(o->least, o->least_n, name, PPM_ONE),
                                    named_number_of(o->most, o->most_n, name, PPM_ONE), curve,
                                    e->ppm + at * SIZES };
    }
    return e;
}

void elasticity_free(struct elasticity *e)
{
    if (e) free(e->ppm);
    free(e);
}

struct size_range elasticity_range(const struct elasticity *e, uint32_t class_, int64_t asked)
{
    const struct elastic_class *c = &e->classes[class_];
    struct size_range r = { (asked * c->least_ppm + PPM_ONE - 1) / PPM_ONE,
                            asked * c->most_ppm / PPM_ONE };
    if (r.most > GPUS_MAX) r.most = GPUS_MAX;
    if (r.most < asked) r.most = asked;
    return r;
}

static int64_t ppm_of(const struct elastic_class *c, int64_t gpus)
{
    return gpus > 0 && gpus < SIZES ? c->ppm[gpus] : speedup_ppm(c->curve, gpus);
}

double elasticity_pace(const struct elasticity *e, uint32_t class_, int64_t asked, int64_t gpus)
{
    const struct elastic_class *c = &e->classes[class_];
    if (gpus == asked) return 1;
    return (double)ppm_of(c, gpus) / (double)ppm_of(c, asked);
}
