/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/plan_emit.h"

#include <stdlib.h>
#include <string.h>

#include "tools/args.h"

static bool kind_read(const char *name, const struct emit_kind **kind)
{
    const char *names[PLAN_EMITS_MAX];
    size_t n = 0;
    *kind = emit_kind_find(name);
    if (*kind) return true;
    for (; emit_kinds[n] && n < PLAN_EMITS_MAX; n++) names[n] = emit_kinds[n]->name;
    args_unknown("kind of manifest", name, names, n, "seatrial list manifests");
    return false;
}

bool plan_emits_read(const struct invocation *in, struct plan_emits *emits)
{
    const char *name;
    *emits = (struct plan_emits){ .n = 0 };
    for (size_t i = 0; (name = invocation_option_at(in, "emit", i)); i++) {
        const char *file = invocation_option_at(in, "emit-file", i);
        if (i == PLAN_EMITS_MAX)
            return command_usage("more than %d times --emit", PLAN_EMITS_MAX), false;
        if (!kind_read(name, &emits->kinds[i])) return false;
        emits->files[i] = file ? file : "-";
        if (strcmp(emits->files[i], "-") == 0) {
            if (emits->to_stdout)
                return command_usage("two manifests on standard output: give each --emit an "
                                     "--emit-file"),
                       false;
            emits->to_stdout = true;
        }
        for (size_t k = 0; k < i; k++)
            if (strcmp(emits->files[k], emits->files[i]) == 0)
                return command_usage("two manifests in one file: '%.200s'", file), false;
        emits->n++;
    }
    if (invocation_option_at(in, "emit-file", emits->n))
        return command_usage("more --emit-file than --emit"), false;
    if (emits->to_stdout && invocation_flag(in, "json"))
        return command_usage("the plan as JSON and a manifest on standard output: give "
                             "--emit-file"),
               false;
    return true;
}

struct manifest {
    char *text;
    size_t size;
    struct output output;
};

/* Into memory, so that a refusal comes before any file. */
static enum status make(const struct emit_kind *kind, const struct scenario *scenario,
                        int32_t fleet, const struct emit_figures *figures, struct manifest *m,
                        struct error *err)
{
    FILE *out = open_memstream(&m->text, &m->size);
    if (!out) return error_set(err, STATUS_NO_MEMORY, "no memory for a manifest");
    enum status status = emit_write(kind, scenario, fleet, figures, out, err);
    if (fclose(out) != 0 && !status)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for a manifest");
    return status;
}

enum status plan_emits_write(const struct plan *plan, const struct plan_emits *emits,
                             const char *command, struct error *err)
{
    const struct plan_candidate *best = plan->best;
    struct manifest all[PLAN_EMITS_MAX] = { 0 };
    struct scenario scenario;
    struct emit_figures figures = { .command = command,
                                    .params = best->params,
                                    .replications = best->replications,
                                    .cost_usd_month = best->of[PLAN_COST],
                                    .wait_p95_s = best->of[PLAN_WAIT],
                                    .utilization = best->of[PLAN_UTILIZATION],
                                    .target_n = plan->target_n,
                                    .targets = plan->targets };
    enum status status =
        sweep_load_point(plan->sweep, best->point, &scenario, plan->diagnostics, err);
    if (status) return status;
    for (size_t i = 0; i < emits->n && !status; i++)
        status = make(emits->kinds[i], &scenario, best->fleet, &figures, &all[i], err);
    for (size_t i = 0; i < emits->n && !status; i++)
        status = output_open(&all[i].output, emits->files[i], err);
    for (size_t i = 0; i < emits->n && !status; i++)
        if (fwrite(all[i].text, 1, all[i].size, all[i].output.file) != all[i].size)
            status = error_set(err, STATUS_IO, "cannot write %s", emits->files[i]);
    for (size_t i = 0; i < emits->n; i++) {
        if (!status) status = output_commit(&all[i].output, err);
        else output_abandon(&all[i].output);
        free(all[i].text);
    }
    scenario_free(&scenario);
    return status;
}
