/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/choices.h"

#include <string.h>

enum { SEGMENTS = 7, SEGMENT_BYTES = 100 };

struct path {
    char at[SEGMENTS][SEGMENT_BYTES]; /* "" past the end */
};

/* Keys of a section, and whose they are. */
struct world_part {
    const char *key, *whose;
};

/* At the top of the file. */
static const struct world_part sections[] = {
    { "workload", "its demand" },
    { "slo", "its targets" },
    { "prices", "its prices" },
    { "uncertain", "what is uncertain" },
    { "run", "how it is simulated" },
    { "mc", "how it is simulated" },
    { "name", "a name" },
    { NULL, NULL },
};

/* Of a pool. */
static const struct world_part of_pool[] = {
    { "spot_price", "its prices" },
    { "capex", "its prices" },
    { "salvage", "its prices" },
    { "life", "its prices" },
    { "power", "its prices" },
    { "space_and_staff", "its prices" },
    { "pue", "what its nodes draw" },
    { "busy_watts", "what its nodes draw" },
    { "idle_watts", "what its nodes draw" },
    { "grid_carbon", "its grid" },
    { "carbon_log", "its grid" },
    { "boot", "how long its nodes take" },
    { "boot_sigma", "how long its nodes take" },
    { "mtbf", "how often nodes fail" },
    { "gpu_mtbf", "how often nodes fail" },
    { "mtbf_shape", "how often nodes fail" },
    { "job_mtbf", "how often jobs fail" },
    { "repair", "how often nodes fail" },
    { "repair_sigma", "how often nodes fail" },
    { "failure_log", "how often nodes fail" },
    { "supply", "when nodes can be had" },
    { NULL, NULL },
};

/* Of `supply`: what is a choice all the same. */
static const char *const answers[] = { "bid", "on_notice", "on_rebalance" };

/* Of `scheduler`: what jobs are like. */
static const struct world_part of_scheduler[] = {
    { "estimates", "what its users say" },
    { "estimate_factor", "what its users say" },
    { "restart_cost", "how long its jobs take" },
    { "checkpoint_cost", "how long its jobs take" },
    { "scattered_speed", "how long its jobs take" },
    { "cross_rack_speed", "how long its jobs take" },
    { "speedup", "how long its jobs take" },
    { NULL, NULL },
};

/* a."b.c".d in its parts; what is no path is complained of when it is set. */
static void split(const char *text, struct path *path)
{
    memset(path, 0, sizeof *path);
    for (int i = 0; i < SEGMENTS && *text; i++) {
        bool quoted = *text == '"';
        size_t n = 0;
        for (text += quoted; *text && *text != (quoted ? '"' : '.'); text++)
            if (n < SEGMENT_BYTES - 1) path->at[i][n++] = *text;
        text += quoted && *text;
        text += *text == '.';
    }
}

static const char *whose(const struct world_part *parts, const char *key)
{
    for (; parts->key; parts++)
        if (strcmp(parts->key, key) == 0) return parts->whose;
    return NULL;
}

/* Whose a key of a fleet is; NULL: it is a choice. */
static const char *of_fleet(const struct path *path)
{
    if (strcmp(path->at[2], "scheduler") == 0) return whose(of_scheduler, path->at[3]);
    if (strcmp(path->at[2], "pools") != 0) return NULL;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(path->at[4], "supply") == 0 && strcmp(path->at[5], answers[i]) == 0) return NULL;
    return whose(of_pool, path->at[4]);
}

static bool is_choice(const struct path *path)
{
    if (strcmp(path->at[0], "fleets") == 0) return !of_fleet(path);
    return strcmp(path->at[0], "prices") == 0 && strcmp(path->at[1], "region") == 0;
}

/* Whether one of the keys that rise together is a choice. */
static bool goes_with_choice(const struct vary *v, const struct vary_dimension *d)
{
    for (size_t k = d->first; k < d->first + d->key_n; k++) {
        struct path path;
        split(v->keys[k].path, &path);
        if (is_choice(&path)) return true;
    }
    return false;
}

bool plan_choices_check(const struct sweep *sweep, struct diagnostics *diagnostics)
{
    const struct vary *v = &sweep->vary;
    bool good = true;
    for (size_t d = 0; d < v->dimension_n; d++) {
        const struct vary_dimension *dimension = &v->dimensions[d];
        bool with_choice = goes_with_choice(v, dimension);
        for (size_t k = dimension->first; k < dimension->first + dimension->key_n; k++) {
            struct path path;
            split(v->keys[k].path, &path);
            bool of_a_fleet = strcmp(path.at[0], "fleets") == 0;
            if (is_choice(&path) || (of_a_fleet && with_choice)) continue;
            const char *what = of_a_fleet ? of_fleet(&path) : whose(sections, path.at[0]);
            if (!what) continue; /* no key of a scenario: said when it is set */
            source_report(&sweep->source, diagnostics, SEVERITY_ERROR, v->keys[k].at,
                          "sweep it instead: seatrial sweep",
                          of_a_fleet ? "it may stand in one entry with a choice, such as a zone"
                                     : NULL,
                          "a plan cannot choose %s ('%.100s')", what, v->keys[k].path);
            good = false;
        }
    }
    return good;
}
