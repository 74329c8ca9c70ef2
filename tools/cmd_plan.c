/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial plan`: the fleet to have. */
#include <inttypes.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/plan/choices.h"
#include "tools/plan/flips.h"
#include "tools/plan/from_today.h"
#include "tools/plan/plan.h"
#include "tools/plan/plan_emit.h"
#include "tools/plan/plan_report.h"
#include "tools/plan/plan_text.h"
#include "tools/process.h"
#include "tools/shell_word.h"
#include "tools/sweep/sweep_input.h"

static volatile int stop_asked;

static bool goal_of(const struct invocation *in, enum plan_goal *goal)
{
    const char *text = invocation_option(in, "goal");
    *goal = PLAN_CHEAPEST;
    if (!text || strcmp(text, "cheapest") == 0) return true;
    *goal = PLAN_FASTEST;
    if (strcmp(text, "fastest") == 0) return true;
    command_usage("--goal is cheapest or fastest, not '%.60s'", text);
    return false;
}

/* Whether a page can be asked for so, and be written where it is asked for: before anything runs.
 */
static bool report_is_possible(const struct invocation *in, const struct plan_emits *emits)
{
    const char *path = invocation_option(in, "report");
    struct output out;
    struct error err;
    if (!path) return true;
    if (strcmp(path, "-") == 0) {
        if (!invocation_flag(in, "json") && !emits->to_stdout) return true;
        command_usage("the page and something else on standard output: give --report a file");
        return false;
    }
    if (output_open(&out, path, &err) != STATUS_OK) {
        command_fail(&err);
        return false;
    }
    output_abandon(&out);
    return true;
}

/* The command line without what the answer does not hang on; malloc'd, NULL without memory. */
static char *rerun_line(const struct invocation *in)
{
    static const char *const options[] = { "goal",         "confidence", "indifference", "frontier",
                                           "replications", "seed",       "report" };
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    fputs("seatrial plan ", out);
    shell_word(out, invocation_argument(in, 0));
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *value = invocation_option(in, options[i]);
        if (!value) continue;
        fprintf(out, " --%s ", options[i]);
        shell_word(out, value);
    }
    if (invocation_flag(in, "no-changes")) fputs(" --no-changes", out);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

static int report(const struct invocation *in, const struct plan *plan,
                  const struct change_list *changes)
{
    struct error err;
    char *rerun = rerun_line(in);
    if (!rerun) {
        error_set(&err, STATUS_NO_MEMORY, "out of memory");
        return command_fail(&err);
    }
    int code = plan_report_write(plan, changes, invocation_option(in, "report"), rerun,
                                 invocation_flag(in, "quiet"));
    free(rerun);
    return code;
}

/* The table, the manifests where there is a plan, and the page: the table makes room for one of
 * these on standard output. */
static int show(const struct invocation *in, const struct plan *plan,
                const struct plan_emits *emits, struct error *err)
{
    const char *page = invocation_option(in, "report");
    bool is_taken = emits->to_stdout || (page && strcmp(page, "-") == 0);
    struct change_list changes;
    int code = EXIT_YES;
    enum status status = plan_from_today(plan, &changes, err);
    if (status) return command_fail(err);
    if (invocation_flag(in, "json")) status = plan_json(plan, &changes, stdout, err);
    else if (!invocation_flag(in, "quiet")) plan_table(plan, &changes, is_taken ? stderr : stdout);
    if (!status && plan->best && emits->n > 0)
        status = plan_emits_write(plan, emits, invocation_line(in), err);
    if (status) code = command_fail(err);
    else if (page) code = report(in, plan, &changes);
    change_list_free(&changes);
    return code;
}

static int run_plan(const struct invocation *in)
{
    struct sweep sweep;
    struct error err = { STATUS_OK, "" };
    long long threads = omp_get_num_procs(), replications = 0, seed = -1, frontier = 0;
    double sure = 95, indifference = 1;
    int code;
    struct diagnostics diagnostics;
    struct plan_emits emits;
    struct plan plan = { .sweep = &sweep, .stop = &stop_asked, .diagnostics = &diagnostics };
    if (!option_int64(in, "jobs", 1, 1024, &threads) ||
        !option_int64(in, "replications", 1, 100000, &replications) ||
        !option_int64(in, "seed", 0, INT64_MAX, &seed) ||
        !option_int64(in, "frontier", 1, 100, &frontier) ||
        !option_double(in, "confidence", 51, 99.9, &sure) ||
        !option_double(in, "indifference", 0.001, 50, &indifference) || !goal_of(in, &plan.goal) ||
        !plan_emits_read(in, &emits) || !report_is_possible(in, &emits))
        return EXIT_INPUT;
    const struct scenario_settings settings = { .replications = (int32_t)replications,
                                                .seed = seed };
    plan.threads = (int)threads;
    plan.frontier_steps = (int)frontier;
    plan.wants_changes = !invocation_flag(in, "no-changes");
    plan.alpha = 1 - sure / 100;
    plan.delta = indifference / 100;
    process_catch(&stop_asked);
    const struct sweep_points none = { .none = true };
    if (!sweep_input(in, &settings, &none, "Nothing was run.", &sweep, &code)) return code;
    diagnostics_init(&diagnostics);
    enum status status = plan_choices_check(&sweep, &diagnostics)
                             ? plan_find(&plan, &err)
                             : error_set(&err, STATUS_BAD_INPUT, "no choices");
    if (!status && plan.wants_changes) status = plan_find_changes(&plan, &err);
    process_catch(NULL);
    if (diagnostics.errors)
        diagnostics_print(&diagnostics, stderr, invocation_colour(in, stderr), "There is no plan.");
    if (status) code = diagnostics.errors ? EXIT_INPUT : command_fail(&err);
    else code = show(in, &plan, &emits, &err);
    if (code == EXIT_YES && (fflush(stdout) != 0 || ferror(stdout)))
        code = command_usage("cannot write standard output");
    if (code == EXIT_YES && !plan.best) code = EXIT_NO;
    plan_free(&plan);
    diagnostics_free(&diagnostics);
    sweep_free(&sweep);
    return code;
}

static const struct option_spec plan_options[] = {
    { 0, "goal", "GOAL", false,
      "cheapest: that meets the targets (default); fastest: the same, by p95 wait", NULL },
    { 0, "confidence", "PERCENT", false, "of the choice among those that meet them (default 95)",
      NULL },
    { 0, "indifference", "PERCENT", false,
      "differences up to this share of the best do not matter (default 1)", NULL },
    { 0, "frontier", "STEPS", false,
      "look for the cheapest fleets at so many waits between the cheapest and the fastest", NULL },
    { 'j', "jobs", "N", false, "threads (default: all processors); the results do not depend on it",
      NULL },
    { 0, "replications", "N", false, "so many, instead of the scenario's", NULL },
    { 0, "seed", "N", false, "this one, instead of the scenario's", NULL },
    { 0, "no-changes", NULL, false, "do not look for what would change the plan", NULL },
    { 0, "json", NULL, false, "the plan as JSON on standard output", NULL },
    { 0, "emit", "KIND", true, "the plan's fleet as manifests; on standard output, or",
      "manifests" },
    { 0, "emit-file", "FILE", true, "in this file: one for each --emit, in turn", NULL },
    { 0, "report", "FILE.html", false, "draw the plan at once, with a PNG beside it", NULL },
    { 'q', "quiet", NULL, false, "no table", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_plan = {
    "plan",
    "find the cheapest fleet that meets the targets",
    "SCENARIO.yaml",
    1,
    1,
    plan_options,
    "  seatrial plan fleets.yaml                          # of all that its section vary names\n"
    "  seatrial plan fleets.yaml --goal fastest           # within the budget\n"
    "  seatrial plan fleets.yaml --frontier 6             # and what waiting less costs\n"
    "  seatrial plan fleets.yaml --json | jq .plan.params\n"
    "  seatrial plan fleets.yaml --report plan.html       # one page that opens with the decision\n"
    "  seatrial plan fleets.yaml --emit karpenter --emit-file nodepools.yaml\n",
    "Looks for the cheapest fleet that surely meets the scenario's targets (slo), among its fleets "
    "at all points of its section `vary`: by halving along numbers of nodes, and without those "
    "that list prices alone rule out; fleets that differ in commitments alone are simulated once. "
    "Says how many it simulated of how many there are. Among those that meet the targets the "
    "choice is right with the given confidence (Kim and Nelson's procedure KN). "
    "Says what would change the answer: the demand, prices and rate of reclaims at which the plan "
    "breaks, or another fleet that was simulated is better. A plan cannot choose its world: "
    "workload, slo, run and the like are not varied by it (docs/plan.md). "
    "With --emit it writes the fleet as manifests: those of Karpenter, EKS, Slurm or Kueue "
    "(docs/plan-manifests.md). With --report it draws the plan: one self-contained HTML file, "
    "readable without a network and without scripts. "
    "Exits with 1 where no fleet surely meets them, and then writes none.",
    run_plan,
};
