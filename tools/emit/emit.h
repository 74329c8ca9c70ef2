/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet as the configuration of who is to provide it: one file a format, one table of them.
 *
 *      scenario, fleet -- check -- is it the same fleet there? -- write -- manifest
 *      figures ----------------------------------------------------'  (in comments)
 *
 * A format that cannot say what makes the fleet what it is refuses it, with the reason, before
 * anything is written; what is somebody else's to say (the scheduler's, the biller's) is named in
 * the heading as left out. Every value that the fleet decides has a comment that says where it
 * comes from. Names of the scenario are untrusted: emit_text.h.
 */
#ifndef TOOLS_EMIT_EMIT_H
#define TOOLS_EMIT_EMIT_H

#include <stdio.h>

#include "scenarios/scenario.h"
#include "sim/interval.h"
#include "tools/run_metrics.h"

/* What comments cite. Strings are borrowed. Figures that are not known: NAN. */
struct emit_figures {
    const char *command; /* the command line */
    const char *params;  /* values of the point the fleet was found at; "" = none */
    int32_t replications;
    struct mean_interval cost_usd_month; /* 95 % */
    struct mean_interval wait_p95_s;
    struct mean_interval utilization; /* a share */
    size_t target_n;
    const struct run_target *targets;
};

struct emit;
struct emit_kind {
    const char *name;    /* "karpenter" */
    const char *summary; /* one line for `seatrial list manifests` */
    const char *source;  /* the upstream page of its fields */
    enum status (*check)(struct emit *e);
    void (*write)(struct emit *e);
};
/* All formats, ended by NULL; to add one, add its file and its line. */
extern const struct emit_kind *const emit_kinds[];
const struct emit_kind *emit_kind_find(const char *name); /* NULL if unknown */

/* Writes the manifest of a fleet of a loaded scenario; 0 <= fleet < fleet_n. STATUS_BAD_INPUT where
 * the format cannot say the fleet: then nothing was written. STATUS_IO: `out` took not all. */
enum status emit_write(const struct emit_kind *kind, const struct scenario *scenario, int32_t fleet,
                       const struct emit_figures *figures, FILE *out, struct error *err);

#endif
