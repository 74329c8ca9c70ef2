/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/option_values.h"

#include <inttypes.h>
#include <stdio.h>

#include "scenarios/units.h"

enum kind { WORD, COUNT, PPM, DURATION };

static void show(enum kind kind, struct option_value *v)
{
    if (kind == WORD) snprintf(v->text, sizeof v->text, "%s", v->word);
    else if (kind == DURATION) duration_write(v->number, v->text, sizeof v->text);
    else if (kind == PPM) snprintf(v->text, sizeof v->text, "%.10g", (double)v->number / 1e6);
    else snprintf(v->text, sizeof v->text, "%" PRId64, v->number);
}

bool option_value_at(const struct scheduler_spec *spec, size_t i, struct option_value *value)
{
    const struct backfill_options *b = &spec->backfill;
    const struct timing_options *t = &spec->timing;
    const struct {
        const char *key, *json_key;
        enum kind kind;
        const struct choice *choices;
        int64_t value, otherwise;
    } all[] = {
        { "estimates", "estimates", WORD, estimate_rules, b->estimates, 0 },
        { "estimate_factor", "estimate_ppm", PPM, NULL, b->estimate_ppm, 1000000 },
        { "shadow", "shadow", WORD, shadow_rules, b->shadow, 0 },
        { "extra", "extra", WORD, extra_rules, b->extra, 0 },
        { "scan", "scan", WORD, scan_rules, b->scan, 0 },
        { "bf_interval", "bf_interval_us", DURATION, NULL, b->interval_us, SLURM_INTERVAL_US },
        { "bf_window", "bf_window_us", DURATION, NULL, b->window_us, SLURM_WINDOW_US },
        { "bf_resolution", "bf_resolution_us", DURATION, NULL, b->resolution_us,
          SLURM_RESOLUTION_US },
        { "bf_max_job_test", "bf_max_job_test", COUNT, NULL, b->max_job_test, SLURM_MAX_JOB_TEST },
        { "ties", "ties", WORD, tie_rules, spec->ties, 0 },
        { "events", "events", WORD, event_rules, t->events, 0 },
        { "instant", "instant", WORD, instant_rules, t->instant, 0 },
        { "cycle", "cycle_us", DURATION, NULL, t->cycle_us, 0 },
    };
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        if (all[k].value == 0 || all[k].value == all[k].otherwise || i-- > 0) continue;
        *value = (struct option_value){ .key = all[k].key,
                                        .json_key = all[k].json_key,
                                        .word = all[k].choices ? all[k].choices[all[k].value].name
                                                               : NULL,
                                        .number = all[k].value };
        show(all[k].kind, value);
        return true;
    }
    return false;
}
