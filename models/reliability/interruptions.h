/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a log says of nodes that come and go, and of prices: one form for all logs.
 *
 *      value                      ___            steps: value[i] holds from at_us[i] to at_us[i +
 * 1], 16      ____             |   |           the last until end_us; before at_us[0] nothing is 9
 * ___|    |      ______|   |___        known 0          |_____|      | at 0    at 2         cut
 * cut: the log was taken up again; what was up or down before it is not followed beyond it
 *
 *      node 0   |=====x  |===>                   lives: from_us to_us of one node, up or down, and
 *      node 1     |=============x                how it ended
 *
 * A series is one zone and type of one kind. A log of counts gives steps; one that names its nodes
 * gives lives, and steps where it tells of all of them. Times are microseconds from t0, the first
 * moment any series of the log knows of.
 *
 * A value that a rule has changed is counted by rule: nothing is mended in silence.
 *
 * The struct owns every array and text.
 */
#ifndef MODELS_RELIABILITY_INTERRUPTIONS_H
#define MODELS_RELIABILITY_INTERRUPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/workload/workload.h"
#include "sim/status.h"

enum series_kind {
    SERIES_CAPACITY,    /* nodes there are */
    SERIES_PRICE,       /* nano-dollars per node-hour */
    SERIES_FAILURES,    /* lives only */
    SERIES_CARBON,      /* milligrams of CO2 equivalent per kWh */
    SERIES_POWER_PRICE, /* nano-dollars per kWh; may be below zero */
    SERIES_KIND_N
};
extern const char *const series_kind_names[SERIES_KIND_N]; /* "capacity", ... */
extern const char *const series_kind_units[SERIES_KIND_N]; /* "nodes", "nano-dollars per hour" */

enum repair {
    REPAIR_BACKWARDS,
    REPAIR_GAP,
    REPAIR_TWICE,
    REPAIR_MISSING,
    REPAIR_STRANGER,
    REPAIR_OVERLAP,
    REPAIR_DURATION,
    REPAIR_BARE,
    REPAIR_N
};
/* The rule in words, ended by a NULL name: "backwards", "time ran backwards: a new run begins". */
struct repair_rule {
    const char *name, *rule;
};
extern const struct repair_rule repair_rules[REPAIR_N + 1];

/* A gap is a step of more than this many usual steps; the value before it is held through it. */
enum { GAP_STEPS = 10 };

enum life_end {
    LIFE_ENDED, /* up: interrupted; down: repaired */
    LIFE_MOVED, /* the next life of this node goes on with it */
    LIFE_CUT    /* not followed further */
};

struct life {
    int64_t from_us, to_us;
    uint32_t node;  /* numbered in the series from 0, as first named */
    uint32_t cause; /* in `causes`; 0 = not given */
    bool up, start_known;
    enum life_end end;
};

struct series {
    enum series_kind kind;
    char *zone, *type; /* "" = the log does not say */
    size_t n, capacity;
    int64_t *at_us, *value;
    int64_t end_us;
    int64_t step_us; /* the usual step (median); 0 where there are fewer than two */
    bool held;       /* a value holds until the next record by the log's own rule: no gaps */
    size_t cut_n;
    int64_t *cut_us; /* rising, each the start of a step */
    size_t life_n, life_capacity;
    struct life *lives; /* by node, then from_us */
    uint32_t node_n;
    uint64_t repaired[REPAIR_N];
    int64_t gap_us; /* time inside gaps */
};

struct interruptions {
    const char *format;
    int64_t t0_unix_us; /* INT64_MIN: the log knows no wall clock */
    size_t series_n, capacity;
    struct series *series;
    struct names causes;
};

/* The most a log may hold. */
enum { SERIES_MAX = 4096, SERIES_NODES_MAX = 65536 };
#define SERIES_SAMPLES_MAX (UINT64_C(1) << 22)

enum status interruptions_init(struct interruptions *log, const char *format);
void interruptions_free(struct interruptions *log);

/* The series of this kind, zone and type, made where it is new; NULL without memory, or where there
 * are SERIES_MAX. Valid until the next call. */
struct series *interruptions_series(struct interruptions *log, enum series_kind kind,
                                    const char *zone, size_t zone_n, const char *type,
                                    size_t type_n);
/* false: no memory, or more than SERIES_SAMPLES_MAX. */
bool series_add_step(struct series *s, int64_t at_us, int64_t value);
bool series_add_cut(struct series *s, int64_t at_us);
bool series_add_life(struct series *s, const struct life *life);

/*
 * Brings a log that is read to the form above: series by zone and type, steps by time (those of one
 * moment in the order of the log), lives by node; counts gaps and overlaps; counts times from t0.
 * Steps of one moment and one value are one; of two values, the later in the log where `last_wins`,
 * else STATUS_BAD_INPUT. A series without an end of its own (end_us 0) ends one usual step behind
 * its last sample, or at its last sample where a value is `held`.
 */
enum status interruptions_seal(struct interruptions *log, bool last_wins, struct error *err);

/* The value at a time (the step's that holds it): false before the first and from end_us on. */
bool series_value_at(const struct series *s, int64_t at_us, int64_t *value);

#endif
