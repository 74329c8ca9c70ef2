/* SPDX-License-Identifier: Apache-2.0 */
/* How many replications there are, a number or as many as make intervals narrow; and of what in
 * them figures are made. */
#include "scenarios/loading.h"

enum { LEAST = 10, MOST = 200, BATCH = 10 };

const char *const precision_names[PRECISION_N] = { "cost",     "utilization", "mean_wait",
                                                   "p50_wait", "p90_wait",    "p95_wait",
                                                   "p99_wait" };

static void resolve_precision(struct loading *l, const struct raw_precision *raw)
{
    struct scenario *s = l->scenario;
    struct precision *p = &s->precision;
    bool any = false;
    for (int i = 0; i < PRECISION_N; i++) {
        p->share_ppm[i] = value_or(&raw->figure[i], -1);
        any |= is_there(&raw->figure[i]);
    }
    p->asked = true;
    p->batch = (int32_t)value_or(&raw->batch, BATCH);
    s->replications = (int32_t)value_or(&raw->most, MOST);
    p->least = (int32_t)value_or(&raw->least, LEAST < s->replications ? LEAST : s->replications);
    if (!any)
        loading_complain(l, raw->self.at, NULL, "for example p95_wait: 5%",
                         "'precision' names no figure that is to be known so well");
    if (p->least > s->replications)
        loading_complain(l, raw->least.at, NULL, NULL, "'least' is more than 'most', which is %d",
                         s->replications);
}

void resolve_replications(struct loading *l)
{
    struct scenario *s = l->scenario;
    const struct raw_run *raw = &l->raw.run;
    s->warm_up_us = value_or(&raw->warm_up, 0);
    s->antithetic = value_or(&raw->antithetic, 0) != 0;
    s->replications = (int32_t)value_or(&raw->replications,
                                        s->is_synth || is_uncertain(s) ? 5 + s->antithetic : 1);
    if (is_there(&raw->precision.self) && is_there(&raw->replications))
        loading_complain(l, raw->replications.at, NULL, NULL,
                         "'replications' and 'precision' exclude each other: 'precision' has "
                         "'least' and 'most'");
    else if (is_good(&raw->precision.self)) resolve_precision(l, &raw->precision);
    if (l->settings && l->settings->replications > 0) {
        s->replications = l->settings->replications;
        s->precision.asked = false;
    }
    const struct precision *p = &s->precision;
    if (s->antithetic && (s->replications % 2 || (p->asked && (p->least % 2 || p->batch % 2))))
        loading_complain(l, raw->antithetic.at, NULL, NULL,
                         "'antithetic' makes pairs: replications must be an even number%s",
                         p->asked ? ", and 'least', 'most' and 'batch', too" : "");
}
