/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as manifests: `--emit KIND`, with `--emit-file FILE` for each of them in turn; one without
 * a file goes to standard output. All are written, or none.
 */
#ifndef TOOLS_PLAN_PLAN_EMIT_H
#define TOOLS_PLAN_PLAN_EMIT_H

#include "tools/command.h"
#include "tools/emit/emit.h"
#include "tools/plan/plan.h"

enum { PLAN_EMITS_MAX = 8 };
struct plan_emits { /* borrowed of the command line */
    size_t n;
    const struct emit_kind *kinds[PLAN_EMITS_MAX];
    const char *files[PLAN_EMITS_MAX]; /* "-": standard output, one at most */
    bool to_stdout;
};

/* What the command line asks for; false after saying what is wrong with it. */
bool plan_emits_read(const struct invocation *in, struct plan_emits *emits);
/* The best candidate of a plan that has one. STATUS_BAD_INPUT where a format cannot say it: then
 * nothing was written. */
enum status plan_emits_write(const struct plan *plan, const struct plan_emits *emits,
                             const char *command, struct error *err);

#endif
