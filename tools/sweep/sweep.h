/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sweep: a scenario with its section `vary`, and all that names its points.
 *
 *      scenario text and what the files that it reads as it stands hold, settings, program
 *                                      -- identity: shards of one sweep agree in it
 *      each point, resolved ------------- sha256: its figures follow from nothing else, and a point
 *                                         that is in a results file is never run again
 *
 * Point p of n shards belongs to shard p % n.
 */
#ifndef TOOLS_SWEEP_SWEEP_H
#define TOOLS_SWEEP_SWEEP_H

#include "scenarios/scenario.h"
#include "scenarios/source.h"
#include "scenarios/vary.h"

struct sweep {
    struct source source; /* the scenario's text, read once */
    char *name;           /* the scenario's */
    struct vary vary;
    struct scenario_settings settings;
    struct scenario_cache *cache;
    char identity[65];
    char today[65]; /* what the sha256 of a point is that is the scenario as it stands */
    int64_t point_n;
    char (*sha256)[65]; /* [point_n], once sweep_look has seen them; else "" */
};

/* Reads the scenario and its points' values; whatever is wrong is in diagnostics. On failure
 * nothing is left to free. settings may be NULL. */
enum status sweep_open(const char *path, const struct scenario_settings *settings,
                       struct sweep *sweep, struct diagnostics *diagnostics, struct error *err);
void sweep_free(struct sweep *sweep);

/* point -1: the scenario as it stands. */
enum status sweep_load_point(const struct sweep *sweep, int64_t point, struct scenario *scenario,
                             struct diagnostics *diagnostics, struct error *err);
/* Resolves the points of a shard (shards 0: all) and keeps their hashes: a sweep of which one point
 * is wrong is refused before anything runs. *worst: the point where it stopped. */
enum status sweep_look(struct sweep *sweep, int64_t shard, int64_t shards, int threads,
                       const volatile int *stop, int64_t *worst, struct diagnostics *diagnostics,
                       struct error *err);
/* "fleets.a.pools.p.nodes = 12, workload.synth.load = 200 GPUs"; malloc'd, NULL without memory. */
char *sweep_point_text(const struct sweep *sweep, int64_t point);
/* "nodes=12, load=200 GPUs": as the tables of sweeps name it; likewise. */
char *sweep_point_name(const struct sweep *sweep, int64_t point);

#endif
